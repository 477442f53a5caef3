"""Which meetings stand in the calendars of this CalDAV server?

Each calendar is a stream, named by its path. A meeting is called after the resource that holds it ("a.ics", or
"a.ics/20260105T100000Z" for an instance of a series), so that a deleted resource takes all its instances along.
Series are worked out up to a Monday at least AHEAD from now; when a week has passed, those that are known are read
again for the instances that the week has brought.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal

from connectors.contract import Credential, Cursor, Page, RemoteId, Session, Stream
from connectors.dav import Dav, Served
from connectors.dav_answers import CALENDAR, Refused
from connectors.dav_pull import CHUNK, Piece, exact, listed, pull
from connectors.ical import meetings, parse
from connectors.ical_lines import NotACalendar
from connectors.series import window
from connectors.web import Web

_REPEATS = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
"""What makes instances of a meeting; a resource without any of these holds one."""


class Options(Served):
    """The keys of an account with `kind = "caldav"`."""

    kind: Literal["caldav"]
    calendars: tuple[str, ...] = ()  # by the names that are shown; none: all of them


class CalDav:
    """Reads the calendars that the sign-in opens. `zone` is where floating times and unknown zones are at home."""

    def __init__(
        self,
        options: Options,
        *,
        now: datetime,
        session: Session,
        credential: Credential,
        zone: tzinfo = UTC,
        page: int = CHUNK,
        trusted: Path | None = None,
    ) -> None:
        web = Web(session, now=now, private=options.private, trusted=trusted)
        self._dav = Dav(options.url, CALENDAR, credential, web)
        self._chosen = options.calendars
        self._texts = options.read == "text"
        self._zone, self._page = zone, page
        self._until = window(now)

    def streams(self) -> Sequence[Stream]:
        """The calendars that were chosen. Raises NeedsUser where there are none."""
        return self._dav.chosen(self._chosen, "calendars")

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The meetings that are new or changed, and those that are gone; some resources to a page."""
        reader = f"{self._zone} {self._texts}"
        return pull(self._dav, stream.id, cursor, self._read, reader=reader, until=self._until, chunk=self._page)

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """These meetings, with the other instances of their series."""
        return exact(self._dav, stream.id, cursor, ids, self._read, self._until, self._page)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every meeting that the calendar has now. Only what repeats is read, where the server can tell it apart.

        Raises TryLater and NeedsUser.
        """
        names = listed(self._dav, stream.id)
        series: dict[str, list[RemoteId]] = {}
        try:
            for name, content in self._dav.holding(stream.id, "VEVENT", _REPEATS):
                series[name] = self._ids(name, content.data)
        except Refused:
            series = {}
            for start in range(0, len(names), self._page):
                some = list(names)[start : start + self._page]
                for name, content in self._dav.contents(stream.id, some).items():
                    series[name] = self._ids(name, content.data)
        for name in names:
            yield from series.get(name, [name])

    def _ids(self, name: str, data: bytes) -> list[RemoteId]:
        piece = self._read(name, data, self._until)
        return [name] if piece.missed else [one.id for one in piece.found]

    def _read(self, name: str, data: bytes, until: datetime) -> Piece:
        """What one resource says of meetings; tasks and journals say nothing."""
        try:
            events, missed = parse(data, zone=self._zone, texts=self._texts, name=name)
        except NotACalendar:
            return Piece(missed=(f"{name}: this is no calendar: it has no BEGIN:VCALENDAR.",))
        reading = meetings(events, until)
        uid = events[0].uid if events else ""

        def called(remote: RemoteId) -> RemoteId:
            """The first UID is called after the resource: there should be no other one in it."""
            if remote == uid or remote.startswith(f"{uid}/"):
                return name + remote[len(uid) :]
            return f"{name}/{remote}"

        found = tuple(replace(one, id=called(one.id)) for one in reading.found)
        return Piece(
            found=found,
            missed=tuple(dict.fromkeys(reason for _, reason in (*missed, *reading.missed))),
            texts={called(remote): text for remote, text in reading.texts.items()},
            again=any(event.plan.repeats or event.plan.recurrence is not None for event in events),
        )
