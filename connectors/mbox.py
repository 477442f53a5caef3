"""What mail is in this archive? Mbox files of any size: plain, compressed, in a zip, or in a folder.

A file is read in pieces from front to back, so memory does not grow with it (and it may shrink meanwhile, which would
kill a process that had mapped it). Only the first part of each message is kept, and dropped again.

**Where a message begins.** At a line `From SENDER DATE` that a header line follows. Behind an empty line any header
will do, and a `From ` with an address or nothing behind it. Some programs leave the empty line out: then the header
must be one with which mails begin. So `From the beginning, ...`, `>From ` (mboxrd) and a quoted `From x@y Mon Jan 1
...` with prose below it stay text. Content-Length is not believed.

**Files that are still being written.** The last message is held back for the next pull when the file grew while it was
read, or when it ends in the middle of a line and was written to in the last `STILL` seconds. One that was cut short
anyway is read again from its beginning once there is more of it.
"""

import bz2
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final, Literal, NamedTuple, cast

from config.settings import Account
from connectors import headers
from connectors.contract import Cursor, Interaction, NeedsUser, Page, RemoteId, Stream

CHUNK: Final = 256 << 10
"""Bytes asked for at once: as much as stays in a processor's cache while it is searched."""

KEEP: Final = 64 << 10
KEEP_WITH_TEXT: Final = 256 << 10
"""Bytes of a message that are looked at: its header and the beginning of its text. The rest is attachments."""

LOOK: Final = 4 << 10
"""A separator and the header line behind it are shorter than this."""

PAGE: Final = 2_000
"""Messages to a page: some 200 ms of work between two commits. Half of it makes the store write a tenth more."""

PAGE_BYTES: Final = 512 << 20
"""A page ends after so much of the file in any case, so that a kill costs little."""

PREFIX: Final = 64 << 10
SEAM: Final = 1 << 10
"""By hashes of so much of its beginning, and of the message before the cursor, a file is known again."""

STILL: Final = 2.0
"""Seconds without a write after which a file counts as finished (`sync.md`, F4)."""

MARKED: Final = 1_024
"""Bytes of a text that its fingerprint rests on: two mails that agree so far, and in their headers, are one."""

MARKED_IN: Final = MARKED * 5 // 4
"""Bytes that usually hold so many: one in six is white space."""

LONGEST_TEXT: Final = 64 << 10
"""Characters of a text that are read for its meaning; behind them come quotations and logs."""

LEFT_OUT: Final = frozenset(("\\Drafts", "\\Junk"))
"""An unsent draft is no interaction, nor is spam. Deleted mail stays: it was a contact all the same."""

_BROKEN = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, OSError)


class Options(Account):
    """`[accounts.NAME]` with `kind = "mbox"`."""

    kind: Literal["mbox"]
    path: Path
    """An mbox file, also as .gz, .xz, .bz2 or .zip, or a folder of them (macOS Mail's `Name.mbox` too)."""


# -------------------------------------------------------------------------------------------- where a message begins

_FROM: Final = b"\nFrom "
_DATED = rb"""From\ (?:[^\n]{0,300}?[ ])??
    (?: (?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?[ ]+)?
        (?: (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ ]+\d{1,2},?[ ]+(?:\d{4}[ ]+)?\d{1,2}:\d\d
          | \d{1,2}[ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ ]\d{2,4},?[ ]+\d{1,2}:\d\d )
      | \d{4}-\d\d-\d\d[ T]\d\d:\d\d )
    [^\n]{0,100}\n(?:>From[ ][^\n]{0,998}\n)?"""
_AFTER_BLANK = re.compile(
    rb"(?:" + _DATED + rb"|From[ ](?:-|[^\s@]+@[^\s@]+)?[ ]?\r?\n) [!-9;-~]{1,76}[ \t]*:", re.IGNORECASE | re.VERBOSE
)
_AFTER_TEXT = re.compile(
    _DATED
    + rb"""(?:return-path|received|message-id|date|from|to|cc|subject|delivered-to|mime-version|content-type|sender
    |reply-to|status|x-[a-z0-9-]{1,60})[ \t]*:""",
    re.IGNORECASE | re.VERBOSE,
)
_MAIL = re.compile(rb"(?:[!-9;-~]{1,76}:[^\n]*\r?\n(?:[ \t][^\n]*\n)*)*?(?:from|date|message-id|received)[ \t]*:", re.I)
_BLANK = re.compile(rb"\r?\n\r?\n")


class Raw(NamedTuple):
    """One message as it stands in the file: its bytes from `start` to `end`, of which `head` are the first."""

    start: int
    end: int
    head: bytes


def begins(buffer: bytes | bytearray, at: int, end: int) -> bool:
    """Whether a message begins with the `From ` line at `at`; `end` is where the buffer ends."""
    before = buffer[max(at - 4, 0) : at]
    blank = before.endswith((b"\n\n", b"\n\r\n")) or not before.strip()
    return (_AFTER_BLANK if blank else _AFTER_TEXT).match(buffer, at, end) is not None


def messages(fill: Callable[[memoryview], int], base: int = 0, keep: int = KEEP) -> Iterator[Raw]:
    """The messages of a file whose reading goes on at `base`, where one begins.

    `fill` puts the next bytes into a buffer and gives their number, as `readinto` does. One buffer is used throughout.
    """
    buffer = bytearray(CHUNK + keep + LOOK)
    view, head = memoryview(buffer), b""
    start = base  # of the message that is being read; `base` is where the buffer begins
    looked, filled, ended = 0, 0, False
    while True:
        at = buffer.find(_FROM, looked, filled)
        if at >= 0 and (ended or at + LOOK <= filled):
            looked = at + 1
            if begins(buffer, looked, filled):
                end = base + looked
                yield Raw(start, end, head or bytes(view[start - base : min(looked, start - base + keep)]))
                start, head = end, b""
            continue
        if ended:
            break
        looked = at if at >= 0 else max(looked, filled - len(_FROM))
        if not head and filled - (start - base) > keep:
            head = bytes(view[start - base : start - base + keep])
        first = max(looked - 4, 0) if head else start - base
        view[: filled - first] = view[first:filled]
        base, looked, filled = base + first, looked - first, filled - first
        got = fill(view[filled:])
        ended, filled = not got, filled + got
    if base + filled > start:
        yield Raw(start, base + filled, head or bytes(view[start - base : min(filled, start - base + keep)]))


# ----------------------------------------------------------------------------------------------- what a message says


def fingerprint(head: bytes, at: int = 0) -> bytes:
    """A hash (16 bytes) of the first MARKED bytes of the text at `at` that are neither white space nor `>`.

    So it is the same for a copy with other line ends, with `>From` quoted or not, or with an empty line more. It is a
    hash, never text: nothing can be read back from it.
    """
    text = b""
    while at < len(head) and len(text) < MARKED:
        text += head[at : at + MARKED_IN].translate(None, b" \t\r\n\f\v>")
        at += MARKED_IN
    return blake2b(text[:MARKED], digest_size=16).digest()


def split(head: bytes) -> tuple[bytes, bytes, int]:
    """(the `From ` line, the header, where the text begins) of a message."""
    at = head.find(b"\n") + 1 if head.startswith(b"From ") else 0
    if head.startswith((b"\n", b"\r\n"), at):
        return head[:at], b"", at
    end = head.find(b"\n\n", at)
    header = head[at:end] if end >= 0 else head[at:]
    if b"\r" in header and (blank := _BLANK.search(head, at)):
        return head[:at], head[at : blank.start()], blank.end()
    return head[:at], header, end + 2 if end >= 0 else len(head)


def text_of(head: bytes) -> str:
    """The words of a message: its text/plain part, else its text/html as HTML; "" where it has none."""
    html = ""
    message = message_from_bytes(head[: 2 * LONGEST_TEXT], policy=compat32)
    for part in message.walk():
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not part.is_multipart() and not _attached(part):
            words = _decoded(part)
            if kind == "text/plain" and words.strip():
                return words
            html = html or words
    return html


def _attached(part: "Message[Any, Any]") -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _decoded(part: "Message[Any, Any]") -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        words = payload.decode(str(part.get_content_charset("utf-8")))
    except (LookupError, ValueError):  # no such charset, or not in it
        words = headers.guessed(payload)
    return words.encode("utf-8", "replace").decode()[:LONGEST_TEXT]


def _plain_text(head: bytes) -> str:
    """`text_of`, which asks the standard library's parser; on a message that it cannot stand there is no text."""
    try:
        return text_of(re.sub(rb"(?m)^>(>*From )", rb"\1", head))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""


# -------------------------------------------------------------------------------------------------- files and folders

_PACKED: Final[tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...]] = (
    (b"\x1f\x8b", lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file))),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
    (b"BZh", bz2.BZ2File),
)
_ENDINGS: Final = (".zip", ".gz", ".xz", ".bz2", ".mbox", ".mbx", ".eml")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the messages of one stream stand: a file, or a member of a zip."""

    path: Path
    member: str = ""

    @contextmanager
    def opened(self) -> Iterator[tuple[IO[bytes], Callable[[], float]]]:
        """Its bytes, unpacked, and how much of it is read, 0 to 1. Raises OSError and what the unpackers raise."""
        with ExitStack() as stack:
            packed: IO[bytes] = stack.enter_context(self.path.open("rb"))
            size = os.fstat(packed.fileno()).st_size
            if self.member:
                archive = stack.enter_context(zipfile.ZipFile(packed))
                packed = stack.enter_context(archive.open(self.member))
                size = archive.getinfo(self.member).file_size
            content = stack.enter_context(_unpacked(packed))
            yield content, lambda: min(packed.tell() / max(size, 1), 1.0)

    def head(self) -> bytes:
        """Its first bytes, unpacked."""
        with self.opened() as (content, _):
            return _exactly(content, PREFIX)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    magic = file.read(6)
    file.seek(0)
    for start, unpack in _PACKED:
        if magic.startswith(start):
            return unpack(file)
    return file


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _exactly(content: IO[bytes], size: int) -> bytes:
    found = b""
    while len(found) < size and (more := content.read(size - len(found))):
        found += more
    return found


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins so holds mail: an mbox, or (`.eml`) one single message."""
    start = _first(head)
    return begins(head, start, len(head)) if head.startswith(b"From ", start) else bool(_MAIL.match(head, start))


def _first(head: bytes) -> int:
    """Where the first message begins, behind a byte order mark and empty lines."""
    return len(head) - len(head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))


def _plain_name(name: str) -> str:
    """A file's name without its endings, so that a file keeps its stream when it is packed."""
    while (ending := next((e for e in _ENDINGS if name.lower().endswith(e)), None)) and len(name) > len(ending):
        name = name[: -len(ending)]
    return name


# ------------------------------------------------------------------------------------------------------ the connector


class Mbox:
    """The mail archive at `options.path`. Raises NeedsUser where there is none that can be read."""

    def __init__(self, options: Options, *, now: datetime, page: int = PAGE) -> None:
        self.path = options.path.expanduser()
        self.now, self.page = now, page
        self.texts = options.read == "text"
        self.ignored: tuple[str, ...] = ()
        """After `streams`: what else stood in the folder or zip, and is no mail."""
        self._places: dict[str, Place] = {}

    def streams(self) -> Sequence[Stream]:
        """One to a file; Drafts and Junk of a folder or zip are left aside."""
        try:
            return self._streams()
        except FileNotFoundError:
            raise NeedsUser(f"{self.path}: there is no such file.", "Check `path`; was it moved?") from None
        except PermissionError as error:
            raise NeedsUser(
                f"{error.filename or self.path}: it may not be read.", "Give yourself the right to read it."
            ) from None
        except (*_BROKEN, RuntimeError, NotImplementedError) as error:  # a zip with a password, an odd packing
            raise NeedsUser(
                f"{self.path}: it cannot be unpacked ({type(error).__name__}).", "Unpack it, and give what was inside."
            ) from None

    def _streams(self) -> list[Stream]:
        self._places, ignored = {}, []
        several = self.path.is_dir() or _is_zip(self.path)
        found: list[Stream] = []
        for name, place in self._candidates():
            role = headers.special_use(Path(name).name)
            head = place.head()
            if (head.strip() and not is_mbox(head)) or (several and not head):
                ignored.append(place.member or str(place.path.relative_to(self.path)) if several else name)
            elif not (several and role in LEFT_OUT):
                stream = Stream(name if several else "mail", name, role)
                self._places[stream.id] = place
                found.append(stream)
        self.ignored = tuple(ignored)
        if not found:
            raise NeedsUser(
                f"{self.path}: no mail was found in it (a mail archive begins with a line `From ...`).",
                "Export your mail as mbox (Google Takeout: Mail; Thunderbird, Apple Mail: its mailbox file).",
            )
        return found

    def _candidates(self) -> Iterator[tuple[str, Place]]:
        if self.path.is_dir():
            for path in sorted(p for p in self.path.rglob("*") if p.is_file() and not p.name.startswith(".")):
                inside = path.relative_to(self.path)
                if inside.name == "mbox":  # macOS Mail: Name.mbox/mbox
                    inside = inside.parent if len(inside.parts) > 1 else Path(self.path.name)
                yield _plain_name(inside.as_posix()), Place(path)
        elif _is_zip(self.path):
            with zipfile.ZipFile(self.path) as archive:
                for member in archive.namelist():
                    if not member.endswith("/"):
                        inner = member.removesuffix("/mbox")
                        yield _plain_name(inner), Place(self.path, member)
        else:
            yield _plain_name(self.path.name), Place(self.path)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Pages of about `page` messages. A cursor that no longer fits begins anew: ids come from the content."""
        if stream.id not in self._places:
            self.streams()
        place = self._places.get(stream.id)
        if place is None:
            raise NeedsUser(f"{self.path}: `{stream.name}` is no longer in it.", "Check `path`; was it moved?")
        yield from _Reading(place, stream, self.now, self.page, self.texts).pages(cursor)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """The ids of all messages; for a file there is no cheaper way than to read it."""
        for page in self.pull(stream, None):
            yield from (found.id for found in page.found)


@dataclass(slots=True)
class _Batch:
    """What the next page will hold."""

    found: list[Interaction] = field(default_factory=list)
    texts: dict[RemoteId, str] = field(default_factory=dict)
    missed: list[tuple[RemoteId, str]] = field(default_factory=list)
    seen: int = 0
    begun: int = 0  # where in the file


class _Done(NamedTuple):
    """How far the file is read: behind the message at `last`, which begins with `head`."""

    offset: int
    last: int
    head: bytes
    seam: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One pull of one stream."""

    place: Place
    stream: Stream
    now: datetime
    page: int
    with_texts: bool

    def pages(self, cursor: Cursor | None) -> Iterator[Page]:
        try:
            yield from self._pages(cursor)
        except FileNotFoundError:
            raise NeedsUser(f"{self.place.path}: it is gone.", "Check `path`; was it moved?") from None
        except PermissionError:
            raise NeedsUser(f"{self.place.path}: it may not be read.", "Give yourself the right to read it.") from None

    def _pages(self, cursor: Cursor | None) -> Iterator[Page]:
        prefix = self.place.head()
        at = self._resume(cursor, prefix)
        size = self.place.path.stat().st_size
        batch, last, broken = _Batch(begun=at), None, ""
        done = _Done(at, at, b"")
        if cursor and at == cursor.get("offset"):
            done = _Done(at, cursor["last"], b"", cursor["seam"])
        with self.place.opened() as (content, share):
            content.seek(at)
            source = messages(_guarded(content), at, KEEP_WITH_TEXT if self.with_texts else KEEP)
            while True:
                try:
                    raw = next(source, None)
                except _Broken as error:
                    raw, broken = None, str(error)
                if last is not None and (raw is not None or not self._unfinished(last, size, broken)):
                    self._add(batch, last)
                    done = _Done(last.end, last.start, last.head)
                last = raw
                if raw is None:
                    break
                if batch.seen >= self.page or raw.start - batch.begun > PAGE_BYTES:
                    yield self._page(batch, prefix, done, share())
                    batch = _Batch(begun=raw.start)
        if broken:
            batch.missed.append(
                (f"{self.stream.id}@{done.offset}", f"the file breaks off behind byte {done.offset}: {broken}")
            )
        yield self._page(batch, prefix, done, 1.0, complete=True)

    def _page(self, batch: _Batch, prefix: bytes, done: _Done, share: float, *, complete: bool = False) -> Page:
        length = min(len(prefix), done.offset)
        cursor = {
            "v": 1,
            "epoch": 1,  # what is no longer in a file is not gone: nothing is ever swept
            "offset": done.offset,
            "last": done.last,
            "seam": done.seam or _hash(done.head[:SEAM]),
            "prefix": _hash(prefix[:length]),
            "length": length,
            "texts": self.with_texts,  # who opts in to texts later has the whole file read again
        }
        return Page(
            found=tuple(batch.found),
            cursor=cursor,
            texts=batch.texts,
            missed=tuple(batch.missed),
            complete=complete,
            progress=share,
        )

    def _add(self, batch: _Batch, raw: Raw) -> None:
        batch.seen += 1
        line, header, text = split(raw.head)
        mark = fingerprint(raw.head, text)
        role = (self.stream.role,) if self.stream.role else ()
        try:
            mail = headers.interaction(
                headers.fields(header), size=raw.end - raw.start, from_line=line, fingerprint=mark, labels=role
            )
        except headers.Undated as why:
            name = blake2b(header + mark, digest_size=12).hexdigest()
            batch.missed.append((name, f"{self.stream.name}, byte {raw.start}: no usable date ({why})"))
            return
        if not LEFT_OUT.isdisjoint(mail.labels):
            return
        batch.found.append(mail)
        if self.with_texts and (words := _plain_text(header + b"\n\n" + raw.head[text:])):
            batch.texts[mail.id] = words

    def _unfinished(self, last: Raw, size: int, broken: str) -> bool:
        """Whether the last message may still grow; see the head of this module."""
        if broken:
            return True
        stat = self.place.path.stat()
        if stat.st_size != size:
            return True
        quiet = self.now.timestamp() - stat.st_mtime
        return 0 <= quiet < STILL and last.end - last.start <= KEEP and not last.head.endswith(b"\n")

    def _resume(self, cursor: Cursor | None, prefix: bytes) -> int:
        """Where to go on: at the cursor, at the message before it if that has grown, or at the beginning."""
        first = _first(prefix)
        if (
            not cursor
            or cursor.get("v") != 1
            or cursor["offset"] <= first
            or self.with_texts > cursor.get("texts", False)
        ):
            return first
        offset, last = int(cursor["offset"]), int(cursor["last"])
        if _hash(prefix[: cursor["length"]]) != cursor["prefix"]:
            return first
        with self.place.opened() as (content, _):
            content.seek(last)
            if _hash(_exactly(content, min(SEAM, offset - last))) != cursor["seam"]:
                return first
            content.seek(offset - 4)
            around = _exactly(content, 4 + LOOK)
        if len(around) < 4:  # it has shrunk since
            return first
        return offset if len(around) == 4 or begins(around, 4, len(around)) else last


class _Broken(Exception):  # noqa: N818 - a state of the file
    """What is packed breaks off."""


def _guarded(content: IO[bytes]) -> Callable[[memoryview], int]:
    readinto = cast(io.BufferedIOBase, content).readinto

    def fill(space: memoryview) -> int:
        try:
            return readinto(space)
        except _BROKEN as error:
            raise _Broken(type(error).__name__) from error

    return fill


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
