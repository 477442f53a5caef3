"""What does a mail say, as the Gmail API gives it whole? Its text part, and nothing that is attached."""

import base64
import codecs
from collections.abc import Iterator, Mapping
from contextlib import suppress
from email.message import Message
from typing import Any, Final

from connectors import parts as parts_of
from connectors.copies import fingerprint
from connectors.gmail_changes import strings

ESCAPE: Final = b"\x1b"
"""By this the Japanese charsets change their alphabet: they are UTF-8 to the eye, and no words."""

UNPACKED: Final = ("7bit", "8bit", "binary")
"""How a text is sent whose bytes are those that an archive shows."""


def pairs(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The names and values of its headers."""
    said = part.get("headers")
    if not isinstance(said, list):
        return []
    return [(one["name"], one["value"]) for one in said if strings(one, "name", "value")]


def text(payload: Mapping[str, Any]) -> tuple[str, bytes]:
    """(the words of the text part, the mark by which an archive knows it), empty where there is none."""
    leaves = [leaf for leaf in _leaves(payload, 0) if _packed(leaf)]
    plain = [leaf for leaf in leaves if leaf.get("mimeType") == "text/plain"]
    if not leaves:
        return "", b""
    part = (plain or leaves)[0]
    try:
        raw = base64.urlsafe_b64decode(_packed(part) + "=" * (-len(_packed(part)) % 4))
    except ValueError:
        return "", b""
    about = Message()
    for name, value in pairs(part):
        if name.lower() in ("content-type", "content-transfer-encoding"):
            about[name] = value
    whole = part is payload and str(about.get("content-transfer-encoding", "7bit")).lower() in UNPACKED
    words = _words(raw[: parts_of.LARGEST], str(about.get_content_charset("")))
    return words, fingerprint(raw) if whole else b""


def _words(raw: bytes, charset: str) -> str:
    """In UTF-8 where it can be, as Gmail gives most texts whatever their header says; else as the header says."""
    if ESCAPE not in raw:
        with suppress(UnicodeDecodeError):  # a letter that was cut off at the end is none
            return codecs.getincrementaldecoder("utf-8")("strict").decode(raw)[: parts_of.LARGEST]
    return parts_of.words(raw, parts_of.Part("1", False, "8bit", charset, len(raw) + 1, False))


def _packed(part: Mapping[str, Any]) -> str:
    body = part.get("body")
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, str) else ""


def _leaves(part: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    """The text parts that are no attachments."""
    inner = part.get("parts")
    if isinstance(inner, list) and depth < parts_of.DEEPEST:
        for one in inner:
            if isinstance(one, dict):
                yield from _leaves(one, depth + 1)
    elif part.get("mimeType") in ("text/plain", "text/html") and not part.get("filename"):
        said = {name.lower(): value.lower() for name, value in pairs(part)}
        if not said.get("content-disposition", "").startswith("attachment"):
            yield part
