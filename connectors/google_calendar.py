"""Which meetings stand in these Google calendars?

Each calendar is a stream. The first round lists all of it, the later ones ask by a sync token for what changed, with
the same parameters each time; a token that Google no longer knows (410) begins a new listing, at whose end the engine
sweeps what is gone. What was cancelled comes as a bare id.

**Series** come as masters and exceptions, and are worked out here (`connectors.series`, as for every calendar) up to a
Monday at least AHEAD from now. Whatever changes in a series, all of it is read again, since an exception alone does not
say what the others are; when a week has passed, those that go on are read again for the instances that it has brought.
The cursor keeps the starts of each series, packed, so that what it no longer has is gone (docs/decisions/
google-series.md). An instance is named as Google names it, `MASTER_20260105T100000Z`; one that was cancelled is kept,
as a meeting that did not take place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from config.settings import near
from connectors.contract import Cursor, CursorLost, Interaction, NeedsUser, Page, RemoteId, Stream, TryLater
from connectors.google_answers import Refused, text_of
from connectors.google_api import Api, Ask
from connectors.google_events import MEETINGS, Events, Got
from connectors.packed import kept, packed, remembered, unpacked
from connectors.series import window

PAGE: Final = 500
"""Events to a page: small enough to be stored at once, large enough that a calendar of years is a few pages."""

RESTARTS: Final = 3
"""How often a listing whose page token was refused is begun anew."""

OUTAGE: Final = 5
"""So many series that Google does not show: it is not they that are broken."""

SICK: Final = (400, 500, 502, 503, 504)
"""What Google says of something that it has and cannot show."""

READER: Final = 2
"""To be raised when events are read differently: a pull then lists everything again."""

MINE: Final = ("owner", "writer", "writerWithoutPrivateAccess")
"""The calendars into which the user writes; those of holidays and of other people are only shown."""

SHOWN: Final = (
    "id,status,iCalUID,recurringEventId,originalStartTime,start,end,recurrence,summary,sequence,eventType,"
    "creator(email,displayName),organizer(email,displayName),"
    "attendees(email,displayName,responseStatus,resource)"
)
"""What is asked for of an event. Places, links, files, reminders and notes are none of our business."""

_LIST: Final = {"items": list}


class _Ended(Exception):  # noqa: N818 - the calendar is no more
    pass


class GoogleCalendar:
    """The calendars of one account. Raises NeedsUser, TryLater and CursorLost, and nothing else."""

    def __init__(
        self,
        api: Api,
        chosen: Sequence[str] = (),
        *,
        now: datetime,
        zone: tzinfo = UTC,
        texts: bool = False,
        page: int = PAGE,
    ) -> None:
        self._api, self._chosen, self._texts, self._page = api, tuple(chosen), texts, page
        self._events = Events(zone, texts=texts)
        self._until, self._today = window(now), now.astimezone(UTC).date().isoformat()
        self._shown = SHOWN + (",description" if texts else "")

    def streams(self) -> Sequence[Stream]:
        """The calendars that were chosen by name; else the user's own that are ticked in Google's list."""
        entries = [one for one in self._api.calendars() if not one.get("deleted")]
        if not entries:
            raise TryLater("Google names no calendar, and every account has one.")
        named = [(one, _name(one)) for one in entries]
        named.sort(key=lambda each: (not each[0].get("primary"), each[1].casefold(), each[0]["id"]))
        if self._chosen:
            names = tuple(name for _, name in named)
            if absent := [name for name in self._chosen if name not in names]:
                raise NeedsUser(
                    f"There is no calendar {absent[0]!r} in this Google account.{near(absent[0], names)}",
                    f"Correct `calendars`; there are: {', '.join(dict.fromkeys(names))}.",
                )
            return tuple(Stream(one["id"], name) for one, name in named if name in self._chosen)
        return tuple(
            Stream(one["id"], name)
            for one, name in named
            if one.get("primary") or (one.get("accessRole") in MINE and one.get("selected"))
        )

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new or changed, and what is gone. Without the calendar: nothing."""
        said = _Said.of(cursor, f"{READER} {self._texts}", self._until)
        try:
            yield from self._pull(stream, said)
        except _Ended:
            return

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """These meetings; a series that is asked for by its own name, with all its instances."""
        for at in range(0, len(ids), self._page):
            found: list[Interaction] = []
            gone: list[RemoteId] = []
            missed: list[tuple[RemoteId, str]] = []
            texts: dict[RemoteId, str] = {}
            for one in ids[at : at + self._page]:
                try:
                    event = self._event(stream, one)
                    if event is None:
                        gone.append(one)
                        continue
                    if "recurrence" in event:
                        got = self._events.read(one, self._family(stream, one, text_of(event, "iCalUID")), self._until)
                        gone += [] if got.missed else [one]  # in its place its instances stand
                    else:
                        got = self._events.read(text_of(event, "recurringEventId") or one, [event], FOREVER)
                except Refused as no:
                    got = Got(missed=((one, f"a meeting: Google does not show it ({no.status})"),))
                found += got.found
                missed += got.missed
                texts |= got.texts
            yield Page(tuple(found), cursor, texts, tuple(gone), tuple(missed))

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every meeting that the calendar has now."""
        try:
            for page in self._pull(stream, _Said.of(None, "", self._until)):
                yield from (one.id for one in page.found)
        except _Ended:
            raise TryLater(f"{stream.name}: Google does not show this calendar.") from None

    # ------------------------------------------------------------------------------------------------------- one pull

    def _pull(self, stream: Stream, said: "_Said") -> Iterator[Page]:
        """The pages of a listing, or of what changed; the series among it; what the moved window brings of others."""
        said = replace(said, todo={**dict.fromkeys(said.late, ""), **said.todo}, late=())
        families: _Families | None = {} if said.listing and not said.token and not said.listed else None
        quiet, refused = True, 0
        while not said.listed:
            try:
                told = self._page_of(stream, said)
            except Refused:
                refused += 1
                if not said.token or refused > RESTARTS:
                    raise TryLater(f"{stream.name}: Google refuses the pages that it offers itself.") from None
                said, families = replace(said, token=""), {} if said.listing else None
                continue
            got, said = self._take(told, said, families)
            said = said.after(told, self._today, moved=bool(told["items"]))
            if told["items"]:
                quiet = False
                yield Page(got.found, said.rested().cursor(), got.texts, got.gone, got.missed)
        if said.until < self._until:
            said = replace(said, until=self._until, again=tuple(one for one in said.series if said.goes_on(one)))
        while said.todo or said.again:
            got, said = self._series(stream, said, families)
            quiet = False
            yield Page(got.found, said.rested().cursor(), got.texts, got.gone, got.missed)
        if said.listing:
            yield Page((), replace(said, listing=False).rested().cursor(), complete=True, progress=1.0)
        elif quiet:
            yield Page((), said.rested().cursor())

    def _page_of(self, stream: Stream, said: "_Said") -> dict[str, Any]:
        """The next page. Raises CursorLost, _Ended; Refused where it is begun anew from the first one."""
        fields = f"kind,nextPageToken,nextSyncToken,items({self._shown})"
        request = self._api.calendar.events().list(
            calendarId=stream.id,
            showDeleted=True,
            singleEvents=False,
            maxResults=self._page,
            syncToken=said.sync or None,
            pageToken=said.token or None,
            fields=fields,
        )
        try:
            told = self._api.ask(Ask(request, 1, _LIST, "calendar#events"), (400, 404, 410))
        except Refused as no:
            if no.status == 404:
                raise _Ended from None
            if said.sync and (no.status == 410 or not said.token):
                raise CursorLost(f"{stream.name}: Google no longer knows what changed since the last round.") from None
            raise
        if not (text_of(told, "nextPageToken") or text_of(told, "nextSyncToken")):
            raise TryLater(f"{stream.name}: Google shows a part of the calendar and not how it goes on.")
        if not all(isinstance(one, dict) and text_of(one, "id") for one in told["items"]):
            raise TryLater(f"{stream.name}: Google answers with something that is no calendar.")
        return told

    def _take(self, told: Mapping[str, Any], said: "_Said", families: "_Families | None") -> tuple[Got, "_Said"]:
        """A page's single meetings; its series are noted for later."""
        got, series, todo = Got(), dict(said.series), dict(said.todo)
        for item in told["items"]:
            master = item["id"] if "recurrence" in item else text_of(item, "recurringEventId")
            if master and (text_of(item, "eventType") in MEETINGS):
                todo[master] = text_of(item, "iCalUID") or todo.get(master, "")
                if families is not None:
                    families.setdefault(master, {})[item["id"]] = item
                continue
            before = _instances(item["id"], series.pop(item["id"], None))
            todo.pop(item["id"], None)
            if families is not None:
                families.pop(item["id"], None)
            if item.get("status") == "cancelled":
                got.gone += (item["id"], *before)
            elif text_of(item, "eventType") in MEETINGS:
                got.add(self._events.read(item["id"], [item], FOREVER))
                got.gone += tuple(one for one in before if one != item["id"])
        return got, replace(said, series=series, todo=todo)

    def _series(self, stream: Stream, said: "_Said", families: "_Families | None") -> tuple[Got, "_Said"]:
        """Some of the series that are to be read, about a page of their instances."""
        got, series, late = Got(), dict(said.series), list(said.late)
        todo, again = dict(said.todo), [one for one in said.again if one not in said.todo]
        while (todo or again) and len(got.found) < self._page:
            more = not todo
            master = again.pop(0) if more else next(iter(todo))
            known = series.get(master, {})
            uid = todo.pop(master, "") or (known.get("uid", f"{master}@google.com") if known else "")
            try:
                items = self._family(stream, master, uid) if families is None else [*families.get(master, {}).values()]
            except Refused as no:
                late.append(master)
                if len(late) >= OUTAGE:
                    raise TryLater(f"{stream.name}: Google does not show its series ({no.status}).") from None
                got.missed += ((master, f"a series: Google does not show it ({no.status})"),)
                continue
            one = self._events.read(master, items, said.until)
            before = _instances(master, known)
            now = [each.id for each in one.found]
            if more:
                one.found = tuple(each for each in one.found if each.id not in set(before))
            one.gone = () if one.missed else tuple(each for each in before if each not in set(now))
            if one.missed:
                now = list(dict.fromkeys([*before, *now]))
            series.pop(master, None)
            if now:
                series[master] = _entry(master, now, one)
            got.add(one)
        return got, replace(said, series=series, todo=todo, again=tuple(again), late=tuple(late))

    # --------------------------------------------------------------------------------------------------- one of a kind

    def _event(self, stream: Stream, id_: RemoteId) -> dict[str, Any] | None:
        """One event; None where it is no more. Raises Refused where it is there and not to be had."""
        request = self._api.calendar.events().get(calendarId=stream.id, eventId=id_, fields=f"kind,{self._shown}")
        try:
            told = self._api.ask(Ask(request, 1, {"id": str}, "calendar#event"), (404, 410, *SICK))
        except Refused as no:
            if no.status in SICK:
                raise
            return None
        return None if told.get("status") == "cancelled" else told

    def _family(self, stream: Stream, master: RemoteId, uid: str) -> list[dict[str, Any]]:
        """A series and all its exceptions, as they are now. Raises Refused where they are not to be had."""
        if not uid:
            event = self._event(stream, master)
            uid = text_of(event or {}, "iCalUID")
            if not uid:
                return [event] if event else []
        found: dict[str, dict[str, Any]] = {}
        token, seen = None, set[str]()
        while True:
            request = self._api.calendar.events().list(
                calendarId=stream.id,
                iCalUID=uid,
                showDeleted=True,
                singleEvents=False,
                maxResults=250,
                pageToken=token,
                fields=f"kind,nextPageToken,items({self._shown})",
            )
            told = self._api.ask(Ask(request, 1, _LIST, "calendar#events"), (404, 410, *SICK))
            for item in told["items"]:
                if isinstance(item, dict) and master in (item.get("id"), item.get("recurringEventId")):
                    found[item["id"]] = item
            token = text_of(told, "nextPageToken")
            if not token or token in seen:
                return list(found.values())
            seen.add(token)


FOREVER: Final = datetime(9000, 1, 1, tzinfo=UTC)

_Families = dict[RemoteId, dict[RemoteId, dict[str, Any]]]
"""The masters and exceptions of each series, where all of a listing was seen in this round."""


def _name(entry: Mapping[str, Any]) -> str:
    """As the user sees it."""
    return text_of(entry, "summaryOverride") or text_of(entry, "summary") or str(entry["id"])


# ---------------------------------------------------------------------------------------------------------- the cursor


def _instances(master: RemoteId, entry: Mapping[str, Any] | None) -> list[RemoteId]:
    """What is stored of a series."""
    return [f"{master}_{stamp}" if stamp else master for stamp in unpacked(entry["at"])] if entry else []


def _entry(master: RemoteId, now: Iterable[RemoteId], got: Got) -> dict[str, Any]:
    entry: dict[str, Any] = {"at": packed([one.removeprefix(master).removeprefix("_") for one in now])}
    if got.uid != f"{master}@google.com":
        entry["uid"] = got.uid
    return entry | ({"on": 1} if got.goes_on else {})


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says."""

    reader: str
    until: datetime  # the end of the window up to which series are known
    epoch: int = 1
    listing: bool = True  # the first listing is not done
    listed: bool = False  # its pages were read, or those of what changed: series are still to be
    sync: str = ""
    day: str = ""  # when Google gave it
    token: str = ""  # the page that comes next, where one was read
    series: Mapping[RemoteId, Mapping[str, Any]] = field(default_factory=dict)
    todo: Mapping[RemoteId, str] = field(default_factory=dict)  # series that changed, with their UIDs where known
    again: tuple[RemoteId, ...] = ()  # series that go on, for which the window has moved
    late: tuple[RemoteId, ...] = ()  # series that could not be read: the next round asks for them too

    @classmethod
    def of(cls, cursor: Cursor | None, reader: str, until: datetime) -> "_Said":
        """What it says; of another way of reading, nothing but its epoch."""
        return cls(**remembered(cursor, reader, until))

    def cursor(self) -> Cursor:
        """As the store keeps it; what says nothing is left out."""
        return kept(self)

    def after(self, told: Mapping[str, Any], today: str, *, moved: bool) -> "_Said":
        """Behind a page. A token of today is kept where nothing happened, so that there is nothing to write."""
        if token := text_of(told, "nextPageToken"):
            return replace(self, token=token)
        if not moved and self.sync and not self.token and self.day == today:
            return replace(self, listed=True)
        return replace(self, listed=True, token="", sync=text_of(told, "nextSyncToken"), day=today)

    def rested(self) -> "_Said":
        """As it is kept: where nothing is left to be done, the next round asks what changed."""
        return self if self.listing or self.todo or self.again else replace(self, listed=False)

    def goes_on(self, master: RemoteId) -> bool:
        """Whether a series has more instances than are known."""
        return bool(self.series[master].get("on"))
