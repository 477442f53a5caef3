"""What stands in a calendar that lies on the disk (one .ics file, a folder of them, a packed export) or behind a link?

The whole calendar is one stream. A listing covers all of it and ends with `complete=True`: what the store knows and the
listing does not name was deleted. Where one file of several cannot be read, nobody knows what stands in it, and the
listing is not complete. `gone` names only what was missed before and is not any more. The cursor holds the hash of the
bytes and the end of the window up to which series are worked out. While the bytes stay the same, a later pull only
brings the instances by which the window has moved since.

A link is asked for by what its server said last (ETag, Last-Modified), unless the bytes are needed. Whatever else it
answers, nothing is taken for deleted unless a whole calendar came. The link is a password: errors name its host.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator

from config.settings import Account
from connectors.contract import Cursor, NeedsUser, Page, RemoteId, Session, Stream, TryLater
from connectors.disk import LARGEST, File, files, there
from connectors.ical import Miss, Reading, meetings, parse
from connectors.ical_events import Event
from connectors.ical_lines import NotACalendar
from connectors.series import AHEAD
from connectors.web import Fetched, Web
from connectors.web_addresses import WebAddress, host_of

PAGE = 500
"""Meetings to a page: small enough to be stored at once, large enough that a calendar of years is a few pages."""

ENDS = (".ics", ".ical", ".ifb")
"""How the names of calendars end."""

READER = 1
"""To be raised when calendars are read differently: a pull then lists everything again."""

_STAMP = re.compile(rb"(?im)^DTSTAMP[:;][^\r\n]*")
"""When an event was written out: some servers set it anew with each answer, and nothing of it is read."""


class Options(Account):
    """The keys of an account with `kind = "ics"`."""

    kind: Literal["ics"]
    path: Path | None = None
    private: bool = False  # whether the link may lead into the user's own network; before `url`, which asks for it
    url: WebAddress = ""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (not self.url):
            raise ValueError("needs either `path` (a file or folder) or `url` (a private link), and not both.")
        return self

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The link is a password."""
        yield from ((name, host_of(self.url) if name == "url" and self.url else value) for name, value in self)


class Ics:
    """Reads the calendar at `options.path` or `options.url`. `zone` is where floating times and unknown zones are at
    home; `session` is needed for a link, and `trusted` are certificates to believe there instead of the system's."""

    def __init__(
        self,
        options: Options,
        *,
        now: datetime,
        zone: tzinfo = UTC,
        session: Session | None = None,
        page: int = PAGE,
        trusted: Path | None = None,
    ) -> None:
        self._url = options.url
        self._path = options.path.expanduser() if options.path else Path()
        self._texts = options.read == "text"
        self._zone = zone
        self._page = page
        self._until = datetime.combine((now.astimezone(UTC) + AHEAD).date(), time(), UTC)  # moves once a day
        if self._url:
            assert session, "a link is asked within a round"
            self._web = Web(session, now=now, private=options.private, trusted=trusted)

    def streams(self) -> Sequence[Stream]:
        """The one calendar. Raises NeedsUser where there is no such file; a link is not asked here."""
        if self._url:
            return (Stream("calendar", host_of(self._url)),)
        there(self._path, "the calendar")
        return (Stream("calendar", self._path.name),)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """All meetings where the calendar is new or changed; else what the moved window brings, or one empty page.

        Raises NeedsUser where nothing of it can be read, or the link no longer holds; TryLater.
        """
        yield from self._pull(_Said.of(cursor))

    def _pull(self, said: "_Said") -> Iterator[Page]:
        fetched = self._fetched(said) if self._url else None
        if self._url and fetched is None:
            yield Page((), said.cursor())
            return
        digest = self._hash(fetched)
        if said.digest != digest:
            said = _Said(digest, self._until, said.epoch + 1, done=0, missed=said.missed)
        elif said.done is None:
            if said.until >= self._until:
                yield Page((), said.by(fetched, self._reader).cursor())
                return
            said = _Said(digest, self._until, said.epoch, since=said.until, done=0, missed=said.missed)
        said = said.by(fetched, self._reader)
        events, missed, whole = self._events(fetched)
        yield from _pages(_reading(events, missed, said), said, self._page, whole)
        if said.until < self._until:  # a listing of another day was gone on with
            yield from self._pull(replace(said, done=None, since=None))

    def _fetched(self, said: "_Said") -> Fetched | None:
        """What the link leads to, None where it is what is known already and nothing more is wanted of it."""
        known = said.done is None and said.until >= self._until and said.reader == self._reader
        validators = {"etag": said.etag, "modified": said.modified} if known else {}
        fetched = self._web.fetch(self._url, limit=LARGEST, **validators)
        if fetched and not _ended(fetched.body):
            raise TryLater(f"{host_of(self._url)} answers with something that is no whole calendar.")
        return fetched

    @property
    def _reader(self) -> str:
        return f"{READER} {self._zone} {self._texts}"

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every meeting that the calendar has now."""
        events, _, _ = self._events(self._fetched(_Said()) if self._url else None)
        for one in meetings(events, self._until).found:
            yield one.id

    def _files(self, fetched: Fetched | None) -> Iterator[File]:
        return iter([File("", fetched.body)]) if fetched else files(self._path, ENDS)

    def _hash(self, fetched: Fetched | None) -> str:
        """A hash of everything that decides what is read."""
        digest = hashlib.sha256(self._reader.encode())
        if fetched:
            digest.update(_STAMP.sub(b"", fetched.body))
            return digest.hexdigest()
        for file in files(self._path, ENDS):
            digest.update(repr((file.name, file.trouble, hashlib.sha256(file.data).digest())).encode())
        return digest.hexdigest()

    def _events(self, fetched: Fetched | None) -> tuple[list[Event], list[Miss], bool]:
        """Every event of every file, what was missed, and whether every file could be read.

        A bad file among others is missed; where all are bad, the user is asked.
        """
        events: list[Event] = []
        missed: list[Miss] = []
        troubles: list[str] = []
        seen = 0
        for file in self._files(fetched):
            seen += 1
            try:
                if file.trouble:
                    raise NotACalendar(file.trouble)
                if b"BEGIN:VCALENDAR" in file.data.upper() and not _ended(file.data):
                    raise NotACalendar("it is not whole: the end of the calendar is missing.")
                found, lost = parse(file.data, zone=self._zone, texts=self._texts, name=file.name)
            except NotACalendar as no:
                troubles.append(str(no) or "this is no calendar: it has no BEGIN:VCALENDAR.")
                missed.append((file.name, f"{file.name}: {troubles[-1]}"))
                continue
            events += found
            missed += lost
        if len(troubles) == seen and fetched:
            raise TryLater(f"{host_of(self._url)} answers with something that is no calendar.")
        if len(troubles) == seen:
            what = troubles[0] if troubles else "there is no .ics file in it."
            raise NeedsUser(
                f"{self._path}: {what}", "Export the calendar again as iCalendar (.ics), or correct `path`."
            )
        return events, missed, not troubles


def _ended(body: bytes) -> bool:
    """Whether a calendar is there to its end: what is cut off is no evidence that the rest was deleted."""
    return b"END:VCALENDAR" in body[-1_000:].upper()


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says: which bytes, up to when series are known, and where a listing stands that is not done.

    `since` is the end of the window that the store knows already, where only the instances beyond it are listed.
    """

    digest: str = ""
    until: datetime = _NEVER
    epoch: int = 0
    since: datetime | None = None
    done: int | None = None
    etag: str = ""
    modified: str = ""
    reader: str = ""
    missed: tuple[RemoteId, ...] = ()  # by the last listing that ended

    @classmethod
    def of(cls, cursor: Cursor | None) -> "_Said":
        """A cursor of another version says nothing but its epoch."""
        kept: Mapping[str, Any] = cursor or {}
        if kept.get("v") != 1:
            return cls(epoch=int(kept.get("epoch", 0)))
        since = kept.get("since")
        return cls(
            digest=kept["hash"],
            until=datetime.fromisoformat(kept["until"]),
            epoch=kept["epoch"],
            since=datetime.fromisoformat(since) if since else None,
            done=kept.get("done"),
            etag=kept.get("etag", ""),
            modified=kept.get("modified", ""),
            reader=kept.get("reader", ""),
            missed=tuple(kept.get("missed", ())),
        )

    def by(self, fetched: Fetched | None, reader: str) -> "_Said":
        """The same with what tells next time whether the link leads to something new."""
        if fetched is None:
            return self
        return replace(self, etag=fetched.etag, modified=fetched.modified, reader=reader)

    def cursor(self, done: int | None = None) -> Cursor:
        """As the store keeps it; `done` meetings are listed, None when all are."""
        kept: dict[str, Any] = {"v": 1, "epoch": self.epoch, "hash": self.digest, "until": self.until.isoformat()}
        if self.reader:
            kept |= {"etag": self.etag, "modified": self.modified, "reader": self.reader}
        if self.missed:
            kept["missed"] = list(self.missed)
        if done is not None:
            kept["done"] = done
            if self.since:
                kept["since"] = self.since.isoformat()
        return kept


def _reading(events: list[Event], missed: list[Miss], said: _Said) -> Reading:
    """Everything, or what lies beyond the window that is known."""
    reading = meetings(events, said.until)
    if said.since is None:
        return Reading(reading.found, (*missed, *reading.missed), reading.texts)
    known = {one.id for one in meetings(events, said.since).found}
    return Reading(tuple(one for one in reading.found if one.id not in known))


def _pages(reading: Reading, said: _Said, page: int, whole: bool) -> Iterator[Page]:
    """The pages that are left of a listing; what was missed comes with the last. `whole`: every file could be read."""
    found, first = reading.found, said.done or 0
    ended = replace(said, missed=_still_missed(reading, said, whole))
    back = set(said.missed) - set(ended.missed) - {one.id for one in found}
    for at in range(first, max(len(found), first + 1), page):
        done = at + page
        last = done >= len(found)
        batch = found[at:done]
        yield Page(
            found=batch,
            cursor=ended.cursor() if last else said.cursor(done),
            texts={one.id: reading.texts[one.id] for one in batch if one.id in reading.texts},
            gone=tuple(sorted(back)) if last else (),
            missed=reading.missed if last else (),
            complete=last and said.since is None and whole,
            progress=1.0 if last else done / len(found),
        )


def _still_missed(reading: Reading, said: _Said, whole: bool) -> tuple[RemoteId, ...]:
    """What is missed once this listing has ended; in a file that cannot be read may stand what was missed before."""
    if said.since is not None:  # it only looked beyond the window
        return said.missed
    missed = [remote for remote, _ in reading.missed]
    return tuple(dict.fromkeys(missed if whole else [*said.missed, *missed]))
