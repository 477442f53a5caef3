"""Which mail is this, and which does it answer?"""

import re
from typing import Final

from connectors.headers_words import decoded

LONGEST_ID: Final = 998
"""RFC 5322 allows no longer line; a longer one is an attack or a broken program, and its beginning says enough."""

MOST_REFERENCES: Final = 100
"""The newest of them; those before are found by the mails between."""

_ANGLES = re.compile(r"<([^<>]+)>")


def ids(value: str, most: int = MOST_REFERENCES) -> tuple[str, ...]:
    """The Message-IDs of a value, without their brackets; the newest `most` of them."""
    found = _ANGLES.findall(value) or [word for word in value.split() if "@" in word]
    return tuple(dict.fromkeys(plain_id(each) for each in found[-most:] if not each.isspace()))


def plain_id(value: str) -> str:
    """An id as it is kept: cut, readable, and without white space."""
    value = value[:LONGEST_ID]
    if not value.isascii() or not value.isprintable():
        value = decoded(value)
    return "".join(value.split())


def message_id_of(value: str) -> str:
    """The Message-ID of a value, without its brackets."""
    found = _ANGLES.search(value)
    return plain_id(found[1] if found else value)


def parent(value: str) -> str:
    """Of an In-Reply-To, which may hold prose and somebody's address beside the id: the last one in brackets."""
    found = _ANGLES.findall(value)
    return plain_id(found[-1]) if found else plain_id(value) if "@" in value and len(value.split()) == 1 else ""
