"""How does a header read to a person: encoded words, and 8-bit bytes of which nobody says what they are?"""

import binascii
import re
from types import MappingProxyType
from typing import Final

_WORD = re.compile(r"=\?([^?]*)\?([qQbB])\?(.*?)\?=", re.DOTALL)
_CHARSETS: Final = MappingProxyType({"gb2312": "gb18030", "ks_c_5601-1987": "cp949", "iso-8859-8-i": "iso-8859-8"})
"""What mail programs say, and the superset that they mean."""


def decoded(value: str) -> str:
    """The words of a raw value as a person reads them: encoded words and 8-bit bytes decoded, on one line."""
    if value.isascii():
        if "=?" in value:
            value = _words(value)
    else:
        value = _words(value) if "=?" in value else eight_bit(value)
    if not value.isprintable():
        value = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in value)
    return " ".join(value.split())


def _words(value: str) -> str:
    """RFC 2047. Neighbours of one charset are joined as bytes first: a letter may be cut between two of them."""
    out: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[end : word.start()]
        raw = _unpacked(word[2], word[3])
        if raw is None:
            continue
        if between.strip() or (end == 0 and between):
            out.append(_in_charset(pending, charset) + eight_bit(between))
            pending = b""
        if pending and word[1].lower() != charset:
            out.append(_in_charset(pending, charset))
            pending = b""
        pending, charset, end = pending + raw, word[1].lower(), word.end()
    return "".join(out) + _in_charset(pending, charset) + eight_bit(value[end:])


def _unpacked(how: str, packed: str) -> bytes | None:
    """The bytes of one encoded word; None where it is broken."""
    if how in "qQ":
        raw = packed.replace("_", " ").encode("utf-8", "surrogateescape")
        return _HEX.sub(lambda found: bytes((int(found[1], 16),)), raw)
    try:
        raw = packed.encode("ascii")
        return binascii.a2b_base64(raw + b"==="[: -len(raw) % 4])
    except ValueError:
        return None


_HEX = re.compile(rb"=([0-9a-fA-F]{2})")


def _in_charset(raw: bytes, charset: str) -> str:
    if not raw:
        return ""
    name = charset.partition("*")[0]  # RFC 2231: a language may follow
    try:
        return _whole(raw.decode(_CHARSETS.get(name, name), "replace"))
    except (LookupError, ValueError):  # unknown, or no charset at all
        return guessed(raw)


def eight_bit(value: str) -> str:
    """Text in which 8-bit bytes stand as surrogates, with these decoded."""
    if value.isascii():
        return value
    try:
        return guessed(value.encode("ascii", "surrogateescape"))
    except UnicodeEncodeError:  # it is decoded already: an API gave it
        return _whole(value)


def guessed(raw: bytes) -> str:
    """Text of which nobody says in what charset it is: UTF-8 where it can be, else Windows'."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _whole(text: str) -> str:
    """No lone surrogates: a few charsets make them, and no database takes them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
