"""Which meetings stand in the calendars of this account at Microsoft?

**Which calendars.** The user's own; with `calendars`, those of these names, also other people's and holidays.

**How a calendar is read.** Graph tells changes only within a window that is fixed when it is first asked. Ours reaches
from REACH before the first of this month to AHEAD after the last, and moves when the month does: then the calendar is
listed anew, and what the window has left behind goes. Of an instance of a series Graph's delta tells hardly more than
when it is; the rest, and the UID by which other calendars know it, is its series' own, asked for once a round.

**What is gone.** What delta calls removed. That an instance of a series was deleted it does not say: once a day, and
where anything of a series has changed or something was removed, the window is read as a whole, and what is not in it
goes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final, Literal, TypeAlias

from config.settings import near
from connectors.contract import (
    Cursor,
    CursorLost,
    Interaction,
    NeedsUser,
    Page,
    RemoteId,
    Stream,
    TryLater,
)
from connectors.graph import Api, Body, Refused, rows, segment, text_of
from connectors.outlook_meetings import FIELDS, INSTANCES, Meetings, content, doubtful, lacks, owner
from connectors.series import AHEAD

REACH: Final = timedelta(days=400)
"""So far back meetings are read: a year, and the month before it (`sync.md`, section 4)."""

PAGE: Final = 100
"""Meetings to a page."""

FETCHED: Final = 20
"""Single meetings to a page, asked for in one batch."""

WHOLE: Final = 1_000
"""Meetings to a page where the window is read as a whole, the most that Graph gives: nearly always one page. Of more,
the next begins one too late where one is deleted meanwhile; the next day's reading brings back what was passed over."""

KEPT_FOR: Final = timedelta(days=1)
"""A link that brings nothing new is kept so long (see `connectors.outlook_mail`); then all of the window is read."""

READER: Final = 1
"""To be raised when meetings are read differently: a pull then lists everything again."""

_DUE: Final = "due"

Found: TypeAlias = Body | Literal["gone"] | None
"""An item that was asked for by its id: there, gone, or not answered."""


class OutlookCalendar:
    """The calendars behind `api`. `address` is the user's own; `chosen` are names; `texts`: descriptions are read, too.

    Raises the three kinds of trouble.
    """

    def __init__(
        self,
        api: Api,
        *,
        now: datetime,
        zone: tzinfo = UTC,
        address: str = "",
        chosen: tuple[str, ...] = (),
        texts: bool = False,
        right: str = "Calendars.ReadBasic",
        page: int = PAGE,
        whole: int = WHOLE,
    ) -> None:
        self._api, self._now, self._chosen, self._texts, self._right = api, now, chosen, texts, right
        self._home, self._own, self._meetings = zone, address, Meetings(zone, address)
        self._select = FIELDS + (",body" if texts else "")
        plain = ('outlook.body-content-type="text"',) if texts else ()
        self._prefer: tuple[str, ...] = plain
        self._paged, self._whole = (f"odata.maxpagesize={page}", *plain), whole
        self._base = now.astimezone(UTC).date().replace(day=1)
        self._masters: dict[RemoteId, Found] = {}

    # ----------------------------------------------------------------------------------------------- the calendars

    def streams(self) -> Sequence[Stream]:
        """The calendars that were chosen, or all of the user's own, the usual one first. Raises NeedsUser."""
        found = list(
            self._api.all("/me/calendars?$select=id,name,owner,canEdit,isDefaultCalendar&$top=100", right=self._right)
        )
        if self._chosen:
            names = tuple(dict.fromkeys(text_of(one, "name") for one in found))
            absent = [name for name in self._chosen if name not in names]
            if absent:
                raise NeedsUser(
                    f"{self._api.host} has no calendar {absent[0]} of yours.{near(absent[0], names)}",
                    f"Correct `calendars`; there are: {', '.join(names)}.",
                )
            found = [one for one in found if text_of(one, "name") in self._chosen]
        else:
            mine = {owner(one) for one in found if one.get("isDefaultCalendar") is True} | {self._own} - {""}
            found = [one for one in found if owner(one) in mine and one.get("canEdit") is not False]
        found.sort(
            key=lambda one: (one.get("isDefaultCalendar") is not True, text_of(one, "name").casefold(), one["id"])
        )
        return tuple(Stream(one["id"], text_of(one, "name")) for one in found)

    # ------------------------------------------------------------------------------------------------------ a pull

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The meetings that are new or changed, and those that are gone. Without the calendar: nothing."""
        said = _Said.of(cursor, self._reader, self._base)
        try:
            yield from self._pull(stream, said)
        except Refused as no:
            if no.status == 404:
                return
            if no.status == 400 and said.link:
                raise CursorLost(f"{stream.name}: Microsoft no longer knows how far it was read.") from None
            raise TryLater(f"{self._api.host} does not show {stream.name} ({no}).") from None

    def _pull(self, stream: Stream, said: "_Said") -> Iterator[Page]:
        if said.ended and said.again:
            yield from self._again(stream, said)
            return
        ask = said.link or f"{self._view(stream, 'calendarView/delta')}"
        first, due = True, not said.listing and not said.fresh(self._now)
        while True:
            body = self._api.get(ask, right=self._right, prefer=self._paged)
            listed = rows(body)
            following, last = self._api.link(body, "@odata.nextLink"), self._api.link(body, "@odata.deltaLink")
            if following == ask or not (following or last):
                raise TryLater(f"{self._api.host} does not say how {stream.name} goes on.")
            if first and said.ended and not listed and not following and not due:
                yield Page((), said.cursor())
                return
            whole = said.listing and not following
            doubted = not said.listing and (due or any(doubtful(row) for row in listed))
            said = said.after(following or last, self._now, ended=not following, doubted=doubted)
            yield self._shown(stream, listed, said, whole=whole)
            if not following:
                break
            ask, first = following, False
        if said.again:
            yield from self._again(stream, said)

    def _again(self, stream: Stream, said: "_Said") -> Iterator[Page]:
        """All that is in the window now, so that what is not goes."""
        ask = said.again
        if ask == _DUE:
            ask = f"{self._view(stream, 'calendarView')}&$select={self._select}&$top={self._whole}"
        while ask:
            body = self._api.get(ask, right=self._right, prefer=self._prefer)
            following = self._api.link(body, "@odata.nextLink")
            if following == ask:
                raise TryLater(f"{self._api.host} sends us round in a circle.")
            said = replace(said, again=following, day=said.day if following else self._now.isoformat(timespec="hours"))
            yield self._shown(stream, rows(body), said, whole=not following)
            ask = following

    def _view(self, stream: Stream, what: str) -> str:
        start = self._base - REACH
        end = (self._base + timedelta(days=31)).replace(day=1) + AHEAD
        return (
            f"/me/calendars/{segment(stream.id)}/{what}"
            f"?startDateTime={start.isoformat()}T00:00:00Z&endDateTime={end.isoformat()}T00:00:00Z"
        )

    @property
    def _reader(self) -> str:
        return f"{READER} {self._home} {self._texts}"

    # --------------------------------------------------------------------------------------------- single meetings

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """Pages with each of `ids` found, gone or missed again."""
        for start in range(0, len(ids), FETCHED):
            asked = self._exactly(stream, ids[start : start + FETCHED])
            there = {remote: row for remote, row in asked.items() if isinstance(row, Mapping)}
            page = self._told(stream, there, cursor)
            yield replace(
                page,
                gone=(*page.gone, *(remote for remote, row in asked.items() if row == "gone")),
                missed=(*page.missed, *((remote, _SILENT) for remote, row in asked.items() if row is None)),
            )

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every meeting in the window. Raises TryLater where there is no such calendar."""
        path = f"{self._view(stream, 'calendarView')}&$select=id&$top={WHOLE}"
        try:
            for row in self._api.all(path, right=self._right):
                yield row["id"]
        except Refused as no:
            raise TryLater(f"{self._api.host} does not list {stream.name} ({no}).") from None

    def _exactly(self, stream: Stream, ids: Sequence[RemoteId]) -> dict[RemoteId, Found]:
        calendar = f"/me/calendars/{segment(stream.id)}/events"
        paths = [f"{calendar}/{segment(remote)}?$select={self._select}" for remote in ids]
        found: dict[RemoteId, Found] = {}
        for remote, said in zip(ids, self._api.batch(paths, right=self._right, prefer=self._prefer), strict=True):
            if said is not None and said.status in (404, 410):
                found[remote] = "gone"
            else:
                found[remote] = said.body if said and said.status == 200 and said.body and said.body.get("id") else None
        return found

    # ---------------------------------------------------------------------------------------------------- one page

    def _shown(self, stream: Stream, listed: Iterable[Body], said: "_Said", *, whole: bool) -> Page:
        """What a page of Graph says. Of what stands there twice, the last word holds."""
        latest = {row["id"]: row for row in listed}
        gone = tuple(remote for remote, row in latest.items() if "@removed" in row)
        there = {remote: row for remote, row in latest.items() if "@removed" not in row}
        page = self._told(stream, there, said.cursor())
        return replace(page, gone=(*gone, *page.gone), complete=whole, progress=1.0 if whole else None)

    def _told(self, stream: Stream, there: Mapping[RemoteId, Body], cursor: Cursor) -> Page:
        """The meetings that these rows show, with what their series say of them."""
        thin = [remote for remote, row in there.items() if row.get("type") != "occurrence" and lacks(row)]
        filled = self._exactly(stream, thin) if thin else {}
        gone = tuple(remote for remote, row in filled.items() if row == "gone")
        missed = [(remote, _SILENT) for remote, row in filled.items() if row is None]
        known = {r: there[r] if r not in filled else filled[r] for r in there}
        whole = {remote: row for remote, row in known.items() if isinstance(row, Mapping)}
        for remote, row in whole.items():
            if row.get("type") == "seriesMaster":
                self._masters[remote] = row
        self._learn(stream, whole.values())
        found: list[Interaction] = []
        texts: dict[RemoteId, str] = {}
        told: set[str] = set()  # a description is said once, not once a week
        for remote, row in whole.items():
            if row.get("type") == "seriesMaster":
                continue
            try:
                one, series = self._meetings.meeting(remote, row, self._series(row))
            except ValueError as why:
                missed.append((remote, f"{stream.name}: {why}"))
                continue
            found.append(one)
            if self._texts and series not in told and (text := content({**self._series(row), **row})):
                told.add(series)
                texts[remote] = text
        return Page(tuple(found), cursor, texts, gone, tuple(missed))

    def _learn(self, stream: Stream, there: Iterable[Body]) -> None:
        """Ask for the series that these are instances of, unless this round has."""
        wanted = {text_of(row, "seriesMasterId") for row in there if row.get("type") in INSTANCES} - {""}
        unknown = sorted(wanted - self._masters.keys())
        if unknown:
            self._masters.update(self._exactly(stream, unknown))

    def _series(self, row: Body) -> Body:
        found = self._masters.get(text_of(row, "seriesMasterId"))
        return found if isinstance(found, Mapping) else {}


_SILENT: Final = "Microsoft lists it and does not show it"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says: of which window, the link to go on with, and whether the window is to be read as a whole."""

    reader: str
    base: date
    link: str = ""
    listing: bool = True
    ended: bool = False  # the link is for the next round
    again: str = ""  # the whole window is due to be read, or the link where that goes on
    day: str = ""  # when the window was last read as a whole

    @classmethod
    def of(cls, cursor: Cursor | None, reader: str, base: date) -> "_Said":
        """Nothing where the calendar is to be listed from the beginning, as when the window has moved."""
        if not cursor or (cursor.get("v"), cursor.get("reader"), cursor.get("base")) != (1, reader, base.isoformat()):
            return cls(reader, base)
        return cls(reader, base, cursor["link"], cursor["listing"], cursor["ended"], cursor["again"], cursor["day"])

    def fresh(self, now: datetime) -> bool:
        """Whether the link may be kept for another round, and the window believed."""
        return not self.again and bool(self.day) and timedelta() <= now - datetime.fromisoformat(self.day) < KEPT_FOR

    def after(self, link: str, now: datetime, *, ended: bool, doubted: bool) -> "_Said":
        """The same after a page."""
        again = _DUE if doubted else self.again
        day = now.isoformat(timespec="hours") if self.listing and ended else self.day
        return replace(self, link=link, listing=self.listing and not ended, ended=ended, again=again, day=day)

    def cursor(self) -> Cursor:
        """As the store keeps it."""
        kept: dict[str, Any] = {
            "v": 1,
            "epoch": 1,  # ids mean the same for ever
            "reader": self.reader,
            "base": self.base.isoformat(),
            "link": self.link,
            "listing": self.listing,
            "ended": self.ended,
            "again": self.again,
            "day": self.day,
        }
        return kept
