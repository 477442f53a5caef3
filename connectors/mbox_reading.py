"""How far is this file of mail read, and what comes next?

**Files that are still being written.** The last message is held back for the next pull when the file grew while it was
read, or when it ends in the middle of a line and was written to in the last `STILL` seconds. One that was cut short
anyway is read again from its beginning once there is more of it.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import IO, Final, NamedTuple, cast

from connectors.contract import Cursor, Interaction, NeedsUser, Page, RemoteId, Stream
from connectors.copies import fingerprint
from connectors.headers import interaction
from connectors.headers_dates import Undated
from connectors.headers_fields import fields
from connectors.mbox_files import BROKEN, Place, exactly
from connectors.mbox_messages import KEEP, KEEP_WITH_TEXT, LOOK, Raw, beginning, begins, messages, split
from connectors.mbox_text import words

PAGE: Final = 2_000
"""Messages to a page: some 200 ms of work between two commits. Half of it makes the store write a tenth more."""

PAGE_BYTES: Final = 512 << 20
"""A page ends after so much of the file in any case, so that a kill costs little."""

SEAM: Final = 1 << 10
"""Bytes of the message before the cursor by whose hash a file is known again."""

STILL: Final = 2.0
"""Seconds without a write after which a file counts as finished (`sync.md`, F4)."""

LEFT_OUT: Final = frozenset(("\\Drafts", "\\Junk"))
"""An unsent draft is no interaction, nor is spam. Deleted mail stays: it was a contact all the same."""


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
class Reading:
    """One pull of one stream."""

    place: Place
    stream: Stream
    now: datetime
    page: int
    with_texts: bool

    def pages(self, cursor: Cursor | None) -> Iterator[Page]:
        """What comes behind the cursor. Raises NeedsUser where the file is gone."""
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
            mail = interaction(fields(header), size=raw.end - raw.start, from_line=line, fingerprint=mark, labels=role)
        except Undated as why:
            name = blake2b(header + mark, digest_size=12).hexdigest()
            batch.missed.append((name, f"{self.stream.name}, byte {raw.start}: no usable date ({why})"))
            return
        if not LEFT_OUT.isdisjoint(mail.labels):
            return
        batch.found.append(mail)
        if self.with_texts and (said := words(header + b"\n\n" + raw.head[text:])):
            batch.texts[mail.id] = said

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
        first = beginning(prefix)
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
            if _hash(exactly(content, min(SEAM, offset - last))) != cursor["seam"]:
                return first
            content.seek(offset - 4)
            around = exactly(content, 4 + LOOK)
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
        except BROKEN as error:
            raise _Broken(type(error).__name__) from error

    return fill


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
