"""Who wrote a mail, and to whom?

What mail programs usually write is read at a glance; everything else goes to the standard library, whose answers the
glance must equal (tests and `bench/reading.py` compare them).
"""

import email.utils
import re
from functools import lru_cache
from inspect import signature
from typing import Any, Final, TypeAlias

from connectors.contract import Party
from connectors.headers_fields import Fields
from connectors.headers_words import decoded, eight_bit

Pairs: TypeAlias = list[tuple[str, str]]

MOST_PARTIES: Final = 5_000
LONGEST_LIST: Final = 200_000
"""Characters of an address list: more people than this are no interaction, and the library grows slow on them."""

_ENTRY = re.compile(
    r"""[ \t\n]*
    (?: (?: "(?P<quoted>[^"\\\r]*)" [ \t\n]* | (?P<plain>[^"(),:;<>@\[\]\\\r]*?) )
        <(?P<angle>[a-z0-9!\#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+)>
      | (?P<bare>[a-z0-9!\#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+) )
    [ \t\n]*""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_LENIENT: Final[dict[str, Any]] = (
    {"strict": False} if "strict" in signature(email.utils.getaddresses).parameters else {}
)
"""Newer Pythons answer nothing at all for a list with one odd entry, unless told otherwise."""


def pairs(value: str) -> Pairs:
    """The (raw name, raw address) pairs of an address list; groups and comments are understood."""
    found: Pairs = []
    for text in _chunks(value):
        pair = _pair(text)
        if pair is None:
            return pairs_by_library(value)
        found.append(pair)
    return found


def _chunks(value: str) -> list[str]:
    """An address list cut at its commas; those in quotes are none."""
    return value.split(",") if '"' not in value else _CHUNK.findall(value)


_CHUNK = re.compile(r'(?:[^,"]+|"[^"]*"|")+')


def _pair(text: str) -> tuple[str, str] | None:
    """One entry of a list; None where it takes more than a glance."""
    entry = _ENTRY.fullmatch(text)
    return (entry[1] or entry[2] or "", entry[3] or entry[4]) if entry else None


def pairs_by_library(value: str) -> Pairs:
    """The same by `email.utils.getaddresses`: the fallback and the oracle of `pairs`."""
    try:
        return email.utils.getaddresses([value[:LONGEST_LIST]], **_LENIENT)
    except (ValueError, IndexError, TypeError, RecursionError):  # it has raised each of these on hostile lists
        return [("", found) for found in _LOOSE.findall(value)]


_LOOSE = re.compile(r"[^\s<>,;:\"'()@]+@[^\s<>,;:\"'()@]+")


def _party(name: str, address: str) -> Party | None:
    address = address if address.isascii() else eight_bit(address)
    address = address.strip("'\"<> \t\r\n")
    if " " in address or "\t" in address:  # `Bob bob@example.org`, without the brackets
        words = address.split()
        found = [word for word in words if "@" in word]
        if len(found) == 1:
            address, name = found[0].strip("'\"<>"), name or " ".join(word for word in words if word not in found)
    address = address.lower()
    if not address or not address.isprintable():
        return None
    shown = decoded(name)
    while len(shown) > 1 and shown[0] in "'\"" and shown[-1] == shown[0]:
        shown = shown[1:-1].strip()
    return Party(address, "" if shown.lower() == address else shown)


@lru_cache(maxsize=8_192)  # a mailbox repeats its people: the newest few thousand answer nine lookups in ten
def _glance(text: str) -> Party | None:
    pair = _pair(text)
    return _party(*pair) if pair else None


def parties(value: str) -> tuple[Party, ...]:
    """Those of an address list, each address once, in order; entries that are no address are left out."""
    if "," not in value:  # nearly every From, and most To
        party = _glance(value)
        return (party,) if party is not None else parties_by_library(value)
    each: dict[str, Party] = {}
    for text in _chunks(value):
        party = _glance(text)
        if party is None:
            return parties_by_library(value)
        each.setdefault(party.address, party)
    return tuple(each.values())


def parties_by_library(value: str) -> tuple[Party, ...]:
    """The same by the library: the fallback and the oracle of `parties`."""
    each: dict[str, Party] = {}
    for name, address in pairs_by_library(value)[:MOST_PARTIES]:
        party = _party(name, address)
        if party is not None and "@" in party.address and " " not in party.address:
            each.setdefault(party.address, party)
    return tuple(each.values())


def sender(found: Fields) -> Party | None:
    """The first author; where From is missing or empty, who sent or resent it. A local user needs no domain."""
    for name in ("from", "sender", "resent-from"):
        value = found.get(name)
        if value:
            authors = parties(value)
            if authors:
                return authors[0]
            for shown, address in pairs(value):
                party = _party(shown, address)
                if party is not None and " " not in party.address:
                    return party
    return None
