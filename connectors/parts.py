"""Which part of a mail is its text, and what does it say? From a BODYSTRUCTURE, without any attachment."""

import binascii
import codecs
import quopri
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from connectors.headers_words import guessed

LARGEST: Final = 64 << 10
"""Bytes of a text that are asked for: behind them come quotations and logs."""

DEEPEST: Final = 20
"""Parts within parts; a mail that goes deeper is an attack."""


class Part(NamedTuple):
    """Where the text of a mail is, and how it is packed."""

    number: str  # as FETCH wants it: "1", "1.2"
    html: bool
    encoding: str
    charset: str
    size: int
    alone: bool  # it is all that the mail has


def text_part(structure: Any) -> Part | None:
    """The text/plain part, else the text/html part; None where the mail has no text or the server talks nonsense."""
    try:
        found = [part for part in _parts(structure, "", 0) if part.size]
    except (TypeError, ValueError, IndexError, AttributeError, RecursionError):
        return None
    return next((part for part in found if not part.html), found[0] if found else None)


def _parts(structure: Any, number: str, depth: int) -> Iterator[Part]:
    if depth > DEEPEST:
        return
    if isinstance(structure[0], list | tuple):
        inner = structure[0] if isinstance(structure[0], list) else structure
        for at, each in enumerate((one for one in inner if isinstance(one, tuple)), 1):
            yield from _parts(each, f"{number}.{at}" if number else str(at), depth + 1)
    elif _word(structure[0]) == "text" and _word(structure[1]) in ("plain", "html") and not _attached(structure[8:]):
        charset = _named(structure[2]).get("charset", "")
        yield Part(
            number or "1", _word(structure[1]) == "html", _word(structure[5]), charset, int(structure[6]), not number
        )


def _word(value: object) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def _named(pairs: object) -> dict[str, str]:
    words = [_word(each) for each in pairs] if isinstance(pairs, tuple) else []
    return dict(zip(words[::2], words[1::2], strict=False))


def _attached(rest: Sequence[object]) -> bool:
    """Whether the disposition, which stands somewhere behind the number of lines, says so."""
    return any(isinstance(each, tuple) and each and _word(each[0]) == "attachment" for each in rest)


def words(raw: bytes, part: Part) -> str:
    """The words of a part whose first bytes these are; HTML stays HTML."""
    cut = len(raw) < part.size
    text = _unpacked(raw, part.encoding)
    try:
        said = codecs.getincrementaldecoder(part.charset or "utf-8")("strict").decode(text, not cut)
    except (LookupError, ValueError):  # no such charset, or not in it
        said = guessed(text)
    return said.encode("utf-8", "replace").decode()[:LARGEST]


def _unpacked(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        letters = b"".join(raw.split())
        try:
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4])
        except ValueError:
            return b""
    return quopri.decodestring(raw) if encoding == "quoted-printable" else raw
