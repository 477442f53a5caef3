"""What did the server answer to a FETCH? Read in one go over IMAPClient's connection, several times as fast as it does.

IMAPClient looks at every byte of an answer in Python; here an answer of the usual shape is cut by a few searches, and
only an odd one goes to IMAPClient's own parser. Answers belong to a mail by the UID that stands in them, never by their
order: one without a UID says nothing. This module is the only one that uses the inner names of imaplib and IMAPClient;
where they are not as expected, and with `quick=False`, everything goes IMAPClient's own way.
"""

import imaplib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

Piece: TypeAlias = bytes | tuple[bytes, bytes]
"""A part of an answer, as imaplib has them: a line, or a line that announces a literal, with the literal."""

LONGEST_LINE: Final = 1_000_000
"""As imaplib has it: a longer line is no answer."""

LARGEST_LITERAL: Final = 8 << 20
"""Bytes of the largest header that is read at all; a line that announces more is damaged."""


class Seen(NamedTuple):
    """What one answer says of one mail. What it leaves out is None."""

    uid: int
    header: bytes | None
    internal: datetime | None
    size: int


class Refused(Exception):  # noqa: N818 - what the server said
    """The server's NO; `answers` may have come before it."""


_USUAL = re.compile(
    rb"\* \d+ FETCH \(UID (\d+) RFC822\.SIZE (\d+) INTERNALDATE \"([^\"]+)\" BODY\[[^\]\"\\]*\] \{(\d{1,7})\}\r\n"
)
"""How nearly every server answers when it is asked for these in this order; behind the literal only a `)` follows."""

_END = b")\r\n"


def mails(client: Any, uids: str, fields: str, *, quick: bool = True) -> tuple[list[Seen], str]:
    """(the headers of these mails, with their dates of arrival and sizes; the server's NO, or "").

    `uids` is a set as IMAP writes it, `fields` the names of headers. Raises imaplib.IMAP4.error and OSError.
    """
    return _seen(responses(client, uids, _items(fields), quick=quick))


def asked(client: Any, uids: str, fields: str) -> bytes | None:
    """Ask as `mails` does, and leave the answer for `answered`: nothing else may be asked before that.

    Gives the command's tag; None where it cannot be done so. Raises OSError.
    """
    return _sent(client._imap, uids, _items(fields)) if _as_expected(client._imap) else None


def answered(client: Any, tag: bytes) -> tuple[list[Seen], str]:
    """The answer to what was `asked`."""
    return _seen(_read(client._imap, tag))


def _items(fields: str) -> str:
    return f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS ({fields})])"


def _seen(answers: Iterable[list[Piece] | Seen]) -> tuple[list[Seen], str]:
    found: list[Seen] = []
    try:
        for answer in answers:
            seen = answer if isinstance(answer, Seen) else _odd(answer)
            if seen is not None:
                found.append(seen)
    except Refused as no:
        return found, str(no)
    return found, ""


def structures(client: Any, uids: str) -> dict[int, Any]:
    """The BODYSTRUCTURE of each mail for which the server has one that can be read."""
    return {
        uid: said[b"BODYSTRUCTURE"]
        for uid, said in _parsed(client, uids, "(UID BODYSTRUCTURE)")
        if b"BODYSTRUCTURE" in said
    }


def parts(client: Any, uids: str, number: str, size: int) -> dict[int, bytes]:
    """The first `size` bytes of one part of each mail, still encoded."""
    found: dict[int, bytes] = {}
    for uid, said in _parsed(client, uids, f"(UID BODY.PEEK[{number}]<0.{size}>)"):
        for name, value in said.items():
            if name.startswith(b"BODY[") and isinstance(value, bytes):
                found[uid] = value
    return found


def fields_of(client: Any, uids: str, fields: str) -> dict[int, bytes]:
    """Single headers of each mail."""
    return {
        uid: value
        for uid, said in _parsed(client, uids, f"(UID BODY.PEEK[HEADER.FIELDS ({fields})])")
        for name, value in said.items()
        if name.startswith(b"BODY[") and isinstance(value, bytes)
    }


def _parsed(client: Any, uids: str, items: str) -> Iterator[tuple[int, Mapping[bytes, Any]]]:
    try:
        for pieces in responses(client, uids, items):
            said = parsed(pieces) if isinstance(pieces, list) else {}
            if isinstance(said.get(b"UID"), int):
                yield said[b"UID"], said
    except Refused:  # what has come has come; the rest is missed
        return


# --------------------------------------------------------------------------------------------------- off the wire


def responses(client: Any, uids: str, items: str, *, quick: bool = True) -> Iterator[list[Piece] | Seen]:
    """Every FETCH answer to `UID FETCH uids items`: read already where it is of the usual shape, else in pieces.

    Raises Refused after the last where the server says NO.
    """
    imap = client._imap
    if quick and _as_expected(imap):
        yield from _read(imap, _sent(imap, uids, items))
    else:
        yield from _by_library(imap, uids, items)


def _as_expected(imap: Any) -> bool:
    """Whether imaplib has the inner names that are used here."""
    return all(hasattr(imap, name) for name in ("_new_tag", "tagged_commands", "file", "send"))


def _sent(imap: Any, uids: str, items: str) -> bytes:
    tag: bytes = imap._new_tag()
    imap.send(b"%b UID FETCH %b %b\r\n" % (tag, uids.encode(), items.encode()))
    return tag


def _read(imap: Any, tag: bytes) -> Iterator[list[Piece] | Seen]:
    """Every answer to the command of that tag. Raises Refused after the last where the server says NO."""
    readline, read, usual = imap.file.readline, imap.file.read, _USUAL.fullmatch
    while True:
        line = readline(LONGEST_LINE)
        if found := usual(line):
            size = int(found[4])
            header = read(size)
            line = readline(LONGEST_LINE)
            if line == _END:
                yield Seen(int(found[1]), header, arrived(found[3]), int(found[2]))
                continue
            if len(header) < size:
                raise imaplib.IMAP4.abort("the connection ended")
            yield _without_beginning([(found[0][:-2], header), *_whole(line, readline, read)])
        elif line.startswith(b"* ") and line.endswith(_NEWLINE):
            if line[2:6].upper() == b"BYE ":
                raise imaplib.IMAP4.abort(line[6:].decode("utf-8", "replace").strip())
            pieces = _whole(line, readline, read)
            if _FETCH.match(line):
                yield _without_beginning(pieces)
        else:
            break
    _ended(imap, tag, line)


_NEWLINE = b"\r\n"
_FETCH = re.compile(rb"\* (\d+) FETCH (?=\()", re.IGNORECASE)
_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


def _ended(imap: Any, tag: bytes, line: bytes) -> None:
    """What the line that follows the answers says. Raises Refused for a NO."""
    if not line.endswith(_NEWLINE):
        raise imaplib.IMAP4.abort("the connection ended")
    if not line.startswith(tag + b" "):
        raise imaplib.IMAP4.abort("this is not IMAP")
    imap.tagged_commands.pop(tag, None)
    status, _, said = line[len(tag) + 1 :].decode("utf-8", "replace").strip().partition(" ")
    if status == "NO":
        raise Refused(said)
    if status != "OK":
        raise imaplib.IMAP4.error(f"FETCH command error: {status} {said}")


def _without_beginning(pieces: list[Piece]) -> list[Piece]:
    """As imaplib has them: `17 (UID ...` for `* 17 FETCH (UID ...`."""
    first, *rest = pieces
    if isinstance(first, tuple):
        return [(_FETCH.sub(rb"\1 ", first[0], count=1), first[1]), *rest]
    return [_FETCH.sub(rb"\1 ", first, count=1), *rest]


def _whole(line: bytes, readline: Any, read: Any) -> list[Piece]:
    """One answer with all its literals."""
    pieces: list[Piece] = []
    while announced := _LITERAL.search(line):
        size = int(announced[1])
        if size > LARGEST_LITERAL:
            raise imaplib.IMAP4.abort("the server announces a header that is far too long")
        literal = read(size)
        if len(literal) < size:
            raise imaplib.IMAP4.abort("the connection ended")
        pieces.append((line[:-2], literal))
        line = readline(LONGEST_LINE)
    if not line.endswith(_NEWLINE):
        raise imaplib.IMAP4.abort("the connection ended")
    pieces.append(line[:-2])
    return pieces


def _by_library(imap: Any, uids: str, items: str) -> Iterator[list[Piece]]:
    """The same by imaplib, which gives the pieces of all answers in one list."""
    tag = imap._command("UID", "FETCH", uids, items)
    status, said = imap._command_complete("FETCH", tag)
    found = imap.untagged_responses.pop("FETCH", [])
    pieces: list[Piece] = []
    for piece in found:
        pieces.append(piece)
        if not isinstance(piece, tuple):
            yield pieces
            pieces = []
    if status == "NO":
        raise Refused(b" ".join(each for each in said if each).decode("utf-8", "replace"))


# -------------------------------------------------------------------------------------------------- what it says


def _odd(pieces: list[Piece]) -> Seen | None:
    """Any answer, by IMAPClient's parser; None where it has no UID, or cannot be understood."""
    said = parsed(pieces)
    uid, size = said.get(b"UID"), said.get(b"RFC822.SIZE")
    if not isinstance(uid, int):
        return None
    header = next((said[name] or b"" for name in said if name.startswith(b"BODY[HEADER")), None)
    internal = said.get(b"INTERNALDATE")
    return Seen(
        uid,
        header if isinstance(header, bytes) else None,
        internal.astimezone(UTC) if isinstance(internal, datetime) and internal.tzinfo else None,
        size if isinstance(size, int) else 0,
    )


def parsed(pieces: list[Piece]) -> Mapping[bytes, Any]:
    """One answer by IMAPClient's parser, name -> value; nothing where it cannot be understood."""
    from imapclient.response_parser import parse_fetch_response

    try:
        found = parse_fetch_response(list(pieces), normalise_times=False, uid_is_key=False)
    except (imaplib.IMAP4.error, ValueError, TypeError, IndexError, KeyError, AssertionError, RecursionError):
        return {}
    return next(iter(found.values()), {})


_MONTHS: Final = {month: n for n, month in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


@lru_cache(maxsize=64)
def _day(text: bytes) -> tuple[int, int, int]:
    return int(text[7:11]), _MONTHS[text[3:6].lower()], int(text[:2])


@lru_cache(maxsize=64)
def _offset(zone: bytes) -> timedelta:
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return -size if zone[:1] == b"-" else size


def arrived(text: bytes) -> datetime | None:
    """An INTERNALDATE (` 1-Mar-2024 12:00:00 +0100`) in UTC; None where it is none."""
    try:
        year, month, day = _day(text[:11])
        local = datetime(year, month, day, int(text[12:14]), int(text[15:17]), int(text[18:20]), 0, UTC)
        return local if text[21:] == b"+0000" else local - _offset(text[21:26])
    except (ValueError, KeyError, OverflowError):
        return None
