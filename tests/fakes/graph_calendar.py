"""What stands in the calendars of a Microsoft account, and how is it shown? Events, series, and what changed since.

    lunch = ada.calendars.add("Lunch", start, end, people=["Otto Brand <otto@brand.example>"])
    stand_up = ada.calendars.add("Stand-up", start, end, rule=Rule("weekly", days=("monday",)))
    ada.calendars.shift(stand_up, second, second + HOUR)      # one of them is moved: an exception
    ada.calendars.drop(stand_up, third)                       # one of them is deleted: no delta ever says so

In a delta an occurrence has nothing but its ids, its type, its start and its end, and a series is never split over two
pages (docs-contrib#34, #5602; docs PR#4501). The reported lies are words in `lies`.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parseaddr
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule
from dateutil.rrule import weekday as _weekday

from tests.fakes.graph_mail import listed, made, token_of
from tests.fakes.graph_schema import CALENDAR, EVENT, USUAL, Ask, Refused, Said, bad, gone, shown, utc

LIES: Final = {
    "shuffled": "the pages of a delta come in any order",
    "repeated": "each page of a delta says again the last item of the one before",
    "ends early": "the first page of a delta has a deltaLink though more is there",
    "empty": "listings and deltas of events show nothing at all",
    "no calendars": "there seems to be no calendar",
    "no masters": "a delta never gives the master of a series, only its occurrences",
    "nulls": "whatever may be null is null",
    "foreign links": "the links lead to another host",
    "loops": "a nextLink leads to the page that it stands in",
}

BASIC: Final = ("Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite")
FULL: Final = ("Calendars.Read", "Calendars.ReadWrite")
SECRET: Final = ("body", "bodyPreview")
"""What Calendars.ReadBasic never shows, beside attachments and extensions."""

CALENDARS: Final = ("$select", "$top", "$skip", "$filter", "$orderby")
LISTED: Final = ("$select", "$top", "$skip", "$filter", "$orderby", "$count")
VIEW: Final = (*LISTED, "startDateTime", "endDateTime")
DELTA: Final = ("startDateTime", "endDateTime", "$skiptoken", "$deltatoken")

WINDOWS: Final = {
    "UTC": "UTC",
    "W. Europe Standard Time": "Europe/Berlin",
    "GMT Standard Time": "Europe/London",
    "Eastern Standard Time": "America/New_York",
    "Pacific Standard Time": "America/Los_Angeles",
    "India Standard Time": "Asia/Kolkata",
    "Lord Howe Standard Time": "Australia/Lord_Howe",
    "Samoa Standard Time": "Pacific/Apia",
}
"""Time zones as Exchange calls them, and who else calls them how."""

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS: Final[dict[str, Any]] = {"daily": DAILY, "weekly": WEEKLY, "absoluteMonthly": MONTHLY, "absoluteYearly": YEARLY}
CAPACITY: Final = 50
FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)

When = datetime | date
"""Aware; or a date, of what lasts whole days."""


@dataclass(frozen=True)
class Rule:
    """When a series takes place."""

    kind: str = "weekly"
    interval: int = 1
    days: tuple[str, ...] = ()
    count: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Guest:
    """Who is asked, and what they answered."""

    name: str
    address: str
    response: str = "accepted"


@dataclass
class Calendar:
    """A calendar, and what happened in it."""

    id: str
    name: str
    default: bool = False
    log: list[tuple[int, str, str, datetime | None]] = field(default_factory=list, repr=False)
    generation: int = 0


@dataclass
class Event:
    """A meeting, or a series of them."""

    key: str  # its immutable id
    calendar: Calendar
    subject: str
    start: When
    end: When
    organizer: Guest
    guests: tuple[Guest, ...] = ()
    uid: str | None = ""
    zone: str = "UTC"
    rule: Rule | None = None
    cancelled: bool = False
    version: int = 1
    nulls: bool = False
    created: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    modified: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    exceptions: dict[datetime, "Event"] = field(default_factory=dict)  # by their original starts
    dropped: set[datetime] = field(default_factory=set)

    @property
    def id(self) -> str:
        return made("AAMkAD", self.key, self.calendar.id)

    @property
    def long(self) -> timedelta:
        return _aware(self.end) - _aware(self.start)

    def originals(self, before: datetime) -> Iterator[datetime]:
        """When the series takes place, as its rule has it, until then."""
        assert self.rule
        zone = ZoneInfo("UTC" if not isinstance(self.start, datetime) else WINDOWS[self.zone])
        first = _aware(self.start).astimezone(zone).replace(tzinfo=None)
        rule = self.rule
        days = [_weekday(DAYS.index(day)) for day in rule.days] or None
        until = datetime.combine(rule.until, time.max) if rule.until else None
        for local in rrule(
            KINDS[rule.kind], first, interval=rule.interval, byweekday=days, count=rule.count, until=until
        ):
            at = local.replace(tzinfo=zone).astimezone(UTC)
            if at >= before:
                return
            yield at

    def pattern(self) -> dict[str, Any] | None:
        if self.rule is None:
            return None
        rule, begins = self.rule, self.start if not isinstance(self.start, datetime) else self._local().date()
        ends = "numbered" if rule.count else "endDate" if rule.until else "noEnd"
        days = list(rule.days) if rule.kind == "weekly" else []
        if rule.kind == "weekly" and not days:
            days = [DAYS[begins.weekday()]]
        return {
            "pattern": {
                "type": rule.kind,
                "interval": rule.interval,
                "month": begins.month if rule.kind == "absoluteYearly" else 0,
                "dayOfMonth": begins.day if rule.kind.startswith("absolute") else 0,
                "daysOfWeek": days,
                "firstDayOfWeek": "sunday",
                "index": "first",
            },
            "range": {
                "type": ends,
                "startDate": str(begins),
                "endDate": str(rule.until or date(1, 1, 1)),
                "recurrenceTimeZone": self.zone,
                "numberOfOccurrences": rule.count or 0,
            },
        }

    def _local(self) -> datetime:
        return _aware(self.start).astimezone(ZoneInfo(WINDOWS[self.zone]))


def _aware(when: When) -> datetime:
    return when.astimezone(UTC) if isinstance(when, datetime) else datetime.combine(when, time(), UTC)


@dataclass(frozen=True)
class Instance:
    """What a view shows: an event, or one of a series."""

    event: Event  # of an occurrence: the master
    original: datetime | None = None
    exception: Event | None = None

    @property
    def start(self) -> datetime:
        if self.exception:
            return _aware(self.exception.start)
        return self.original or _aware(self.event.start)

    @property
    def end(self) -> datetime:
        return self.start + (self.exception or self.event).long

    @property
    def kind(self) -> str:
        if self.original is None:
            return "seriesMaster" if self.event.rule else "singleInstance"
        return "exception" if self.exception else "occurrence"

    def id(self, immutable: bool) -> str:
        if self.original is None:
            return self.event.key if immutable else self.event.id
        return made("AAkALgAAAAAAHYQDEapmEc2byACqAAAA" if immutable else "AAMkAD", self.event.key, self.original)


@dataclass(frozen=True)
class State:
    """What a token of a delta stands for. The window is fixed in it."""

    calendar: str
    start: datetime
    end: datetime
    upto: int
    generation: int
    pending: tuple[tuple[str, datetime | None], ...] | None  # which event, and which exception alone
    fresh: bool = True  # the initial round
    page: int = 1
    empty: int = 0


class Calendars:
    """The calendars of one user. Whoever calls these methods is another program at work."""

    def __init__(self, owner: str, name: str, clock: Callable[[], datetime]) -> None:
        self.owner, self.name, self.clock = owner, name, clock
        self.lies: set[str] = set()
        self.left_out: set[str] = set()
        self.empty_pages = 0
        self.initial: Counter[tuple[str, str]] = Counter()
        self.capacity = CAPACITY
        self.calendars: dict[str, Calendar] = {}
        self.events: dict[str, Event] = {}
        self._states: dict[str, State] = {}
        self._forget_at: dict[str, tuple[int, str]] = {}
        self._code: dict[str, str] = {}
        self._tick = 0
        self.make("Calendar", default=True)

    # ------------------------------------------------------------------------------------------- what others do in it

    def make(self, name: str, *, default: bool = False) -> Calendar:
        """A new calendar."""
        new = Calendar(made("AAMkAD", self.owner, name, secrets.token_hex(4)), name, default)
        self.calendars[new.id] = new
        return new

    def calendar(self, name: str = "") -> Calendar:
        """By its name or id; the default one. Raises LookupError."""
        for one in self.calendars.values():
            if name in (one.name, one.id) or (one.default and not name):
                return one
        raise LookupError(name)

    def remove(self, name: str) -> None:
        """A calendar, with all that is in it: from now on 404."""
        old = self.calendar(name)
        self.events = {key: one for key, one in self.events.items() if one.calendar is not old}
        del self.calendars[old.id]

    def add(
        self,
        subject: str,
        start: When,
        end: When,
        *,
        people: Iterable[str | Guest] = (),
        organizer: str = "",
        calendar: str = "",
        **more: Any,
    ) -> Event:
        """A new event; `organizer` is the owner where nobody is named."""
        guests = tuple(one if isinstance(one, Guest) else Guest(*parseaddr(one)) for one in people)
        by = Guest(*parseaddr(organizer)) if organizer else Guest(self.name, self.owner)
        key = made("AAkALgAAAAAAHYQDEapmEc2byACqAA", self.owner, len(self.events), secrets.token_hex(8))
        now = self.clock()
        event = Event(key, self.calendar(calendar), subject, start, end, by, guests, created=now, modified=now, **more)
        if event.uid == "":
            event.uid = "040000008200E00074C5B7101A82E008" + hashlib.sha256(key.encode()).hexdigest().upper()[:48]
        self.events[key] = event
        self._note(event, "changed")
        return event

    def change(self, event: Event, **fields: Any) -> None:
        """It is another one now: an event, or a whole series."""
        for name, value in fields.items():
            setattr(event, name, value)
        self._touch(event)
        self._note(event, "changed")

    def cancel(self, event: Event, original: datetime | None = None) -> None:
        """Its organiser called it off, or one of the series: it stays and says so."""
        if original is None:
            self.change(event, cancelled=True)
        else:
            one = event.exceptions.get(original)
            self.shift(event, original, one.start if one else original, cancelled=True)

    def shift(self, event: Event, original: datetime, start: When, **fields: Any) -> Event:
        """One of a series takes place at another time, or is otherwise unlike the others."""
        fields.setdefault("end", _aware(start) + event.long)
        one = replace(event, start=start, rule=None, exceptions={}, dropped=set(), **fields)
        self._touch(one)
        event.exceptions[original] = one
        self._note(event, "exception", original)
        return one

    def drop(self, event: Event, original: datetime) -> None:
        """One of a series is deleted."""
        event.exceptions.pop(original, None)
        event.dropped.add(original)
        self._touch(event)
        self._note(event, "dropped", original)

    def delete(self, event: Event) -> None:
        self._note(event, "deleted")
        del self.events[event.key]

    def leave_out(self, *events: Event) -> None:
        """Listings and deltas do not show these, though they are there."""
        self.left_out |= {one.key for one in events}

    def forget_sync_state(
        self, calendar: str | None = None, *, on_page: int | None = None, code: str = "SyncStateNotFound"
    ) -> None:
        """Every link given out so far, of that calendar or of all, leads to 410; or the one to that page, once."""
        for one in [self.calendar(calendar)] if calendar is not None else list(self.calendars.values()):
            if on_page:
                self._forget_at[one.id] = (on_page, code)
            else:
                one.generation += 1
                self._code[one.id] = code

    def _touch(self, event: Event) -> None:
        event.version += 1
        event.modified = self.clock()

    def _note(self, event: Event, what: str, original: datetime | None = None) -> None:
        self._tick += 1
        event.calendar.log.append((self._tick, event.key, what, original))

    # ------------------------------------------------------------------------------------------------ what Graph says

    def find_calendar(self, ask: Ask) -> Calendar:
        named = ask.named.get("calendar", "")
        for one in self.calendars.values():
            if named == one.id or (one.default and not named):
                return one
        if len(named) < 30:
            raise bad("ErrorInvalidIdMalformed", "Id is malformed.")
        raise gone()

    def find(self, named: str) -> Instance:
        for event in self.events.values():
            whole = Instance(event)
            if named in (whole.id(True), whole.id(False)):
                return whole
            if event.rule:
                for one in self._instances(event, FAR, 3_000):
                    if named in (one.id(True), one.id(False)):
                        return one
        if len(named) < 30:
            raise bad("ErrorInvalidIdMalformed", "Id is malformed.")
        raise gone()

    def _instances(self, event: Event, before: datetime, most: int = 100_000) -> Iterator[Instance]:
        """All that takes place until then; what was moved from later to earlier too."""
        if event.rule is None:
            yield Instance(event)
            return
        for number, original in enumerate(event.originals(before + timedelta(days=400))):
            if number >= most:
                return
            if original not in event.dropped:
                yield Instance(event, original, event.exceptions.get(original))

    def _view(self, calendar: Calendar, start: datetime, end: datetime) -> list[Instance]:
        """What takes place within a window, each by itself."""
        found = [
            one
            for event in self.events.values()
            if event.calendar is calendar and event.key not in self.left_out
            for one in self._instances(event, end)
            if _within(one, start, end)
        ]
        return sorted(found, key=lambda one: one.start)

    def whole(self, one: Instance, ask: Ask) -> dict[str, Any]:
        """All that Graph has of it."""
        event, immutable = one.exception or one.event, ask.prefer.immutable
        mine = event.organizer.address.lower() == self.owner.lower()
        answers = {guest.address.lower(): guest.response for guest in event.guests}
        uid = event.uid
        if uid and one.original is not None:
            # each occurrence has another one, in which the bytes of its date stand
            digest = hashlib.sha256(f"{uid}{one.original}".encode()).hexdigest().upper()
            uid = "040000008200E00074C5B7101A82E008" + digest[:48]
        told: dict[str, Any] = {
            "@odata.etag": f'W/"DwAAABYAAAC{event.version:08d}"',
            "id": one.id(immutable),
            "createdDateTime": utc(event.created),
            "lastModifiedDateTime": utc(event.modified),
            "changeKey": f"DwAAABYAAAC{event.version:08d}",
            "categories": [],
            "transactionId": None,
            "originalStartTimeZone": event.zone,
            "originalEndTimeZone": event.zone,
            "iCalUId": uid,
            "reminderMinutesBeforeStart": 15,
            "isReminderOn": True,
            "hasAttachments": False,
            "subject": event.subject,
            "bodyPreview": "",
            "body": {"contentType": "html", "content": ""},
            "importance": "normal",
            "sensitivity": "normal",
            "isAllDay": not isinstance(event.start, datetime),
            "isCancelled": event.cancelled,
            "isOrganizer": mine,
            "responseRequested": True,
            "seriesMasterId": None if one.original is None else Instance(one.event).id(immutable),
            "showAs": "busy",
            "type": one.kind,
            "webLink": f"https://outlook.office365.com/owa/?itemid={one.id(False)}&exvsurl=1&path=/calendar/item",
            "onlineMeetingUrl": None,
            "isOnlineMeeting": False,
            "onlineMeetingProvider": "unknown",
            "allowNewTimeProposals": True,
            "isDraft": False,
            "hideAttendees": False,
            "responseStatus": _answered("organizer" if mine else answers.get(self.owner.lower(), "none")),
            "start": _shown(one.start, event, ask.prefer.zone),
            "end": _shown(one.end, event, ask.prefer.zone),
            "location": {"displayName": "", "locationType": "default", "uniqueIdType": "unknown"},
            "locations": [],
            "recurrence": event.pattern() if one.original is None else None,
            "attendees": [
                {
                    "type": "required",
                    "status": _answered(guest.response),
                    "emailAddress": {"name": guest.name or guest.address, "address": guest.address},
                }
                for guest in event.guests
            ],
            "organizer": {
                "emailAddress": {"name": event.organizer.name or event.organizer.address,
                                 "address": event.organizer.address}
            },
        }  # fmt: skip
        if one.original is not None:
            told["originalStart"] = utc(one.original)
        if event.nulls or "nulls" in self.lies:
            keep = ("id", "type", "seriesMasterId", *(() if event.nulls else ("start", "end")))
            told = {
                name: value if name in keep or isinstance(value, list) or name[0] == "@" else None
                for name, value in told.items()
            }
        return told

    def given(self, one: Instance, ask: Ask, *, view: bool = False) -> dict[str, Any]:
        """An event as this request may see it."""
        never = [] if ask.may(*FULL) else list(SECRET)
        if view and ask.query.select:
            never += ["createdDateTime", "lastModifiedDateTime"]  # documented: no $select of these in a view
        if set(ask.query.select) & set(SECRET) and not ask.may(*FULL):
            raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return shown(EVENT, self.whole(one, ask), ask.query.select, never)

    def get_calendars(self, ask: Ask) -> Said:
        found = [] if "no calendars" in self.lies else [self.shown_calendar(one) for one in self.calendars.values()]
        return listed(ask, found, "me/calendars", CALENDAR)

    def get_calendar(self, ask: Ask) -> Said:
        return Said(shown(CALENDAR, self.shown_calendar(self.find_calendar(ask)), ask.query.select), of=CALENDAR)

    def shown_calendar(self, one: Calendar) -> dict[str, Any]:
        return {
            "id": one.id,
            "name": one.name,
            "color": "auto",
            "hexColor": "",
            "isDefaultCalendar": one.default,
            "changeKey": f"DwAAABYAAAC{one.generation:08d}",
            "canShare": True,
            "canViewPrivateItems": True,
            "canEdit": True,
            "allowedOnlineMeetingProviders": ["teamsForBusiness"],
            "defaultOnlineMeetingProvider": "teamsForBusiness",
            "isTallyingResponses": True,
            "isRemovable": not one.default,
            "owner": {"name": self.name, "address": self.owner},
        }

    def get_events(self, ask: Ask) -> Said:
        """Single events and masters, without a window."""
        calendar = self.find_calendar(ask)
        found = [one for one in self.events.values() if one.calendar is calendar and one.key not in self.left_out]
        told = [] if "empty" in self.lies else [self.given(Instance(one), ask) for one in found]
        return listed(ask, told, _path(calendar, "events"), EVENT, cut=False)

    def get_event(self, ask: Ask) -> Said:
        return Said(self.given(self.find(ask.named["event"]), ask), of=EVENT)

    def get_instances(self, ask: Ask) -> Said:
        """The occurrences and exceptions of a series within a window."""
        start, end = ask.query.moment("startDateTime"), ask.query.moment("endDateTime")
        event = self.find(ask.named["event"]).event
        found = [one for one in self._instances(event, end) if _within(one, start, end)]
        told = [self.given(one, ask, view=True) for one in found]
        return listed(ask, told, f"me/events('{ask.named['event']}')/instances", EVENT, cut=False)

    def get_view(self, ask: Ask) -> Said:
        """All that takes place within a window."""
        calendar = self.find_calendar(ask)
        start, end = ask.query.moment("startDateTime"), ask.query.moment("endDateTime")
        found = [] if "empty" in self.lies else self._view(calendar, start, end)
        if ask.query.order == (("start/dateTime", True),):
            found.reverse()
        told = [self.given(one, ask, view=True) for one in found]
        return listed(ask, told, _path(calendar, "calendarView"), EVENT, cut=False)

    # ---------------------------------------------------------------------------------------------------------- delta

    def delta(self, ask: Ask) -> Said:
        """A page of what changed within a window since the token, or of all that is in it."""
        calendar = self.find_calendar(ask)
        told = {name: value for name, value in ask.query.more.items() if name.endswith("token")}
        if not told:
            return self._page(ask, calendar, self._begun(ask, calendar))
        if len(told) > 1 or len(ask.query.more) > 1:
            raise bad("ErrorInvalidUrlQuery", "A link of a delta is to be used as it was given.")
        [token] = told.values()
        if token not in self._states or self._states[token].calendar != calendar.id:
            raise bad("BadRequest", "Badly formed token.")
        state = self._states[token]
        self._still_known(ask, calendar, state)
        if state.pending is None:
            changes = dict.fromkeys(
                (key, original if what == "exception" else None)
                for tick, key, what, original in calendar.log
                if tick > state.upto and what != "dropped"
            )
            pending = tuple(changes)
            state = replace(state, upto=self._tick, pending=pending, fresh=False, page=1, empty=self.empty_pages)
        return self._page(ask, calendar, state)

    def _begun(self, ask: Ask, calendar: Calendar) -> State:
        start, end = ask.query.moment("startDateTime"), ask.query.moment("endDateTime")
        if end <= start:
            raise bad("ErrorInvalidParameter", "The window ends before it begins.")
        self.initial[calendar.id, f"{ask.now:%Y-%m-%d}"] += 1
        if self.initial[calendar.id, f"{ask.now:%Y-%m-%d}"] > self.capacity:
            raise Refused(403, "ErrorQuotaExceeded", "The mailbox is full.")
        keys = [
            (event.key, None)
            for event in self.events.values()
            if event.calendar is calendar and any(_within(one, start, end) for one in self._instances(event, end))
        ]
        if "shuffled" in self.lies:
            keys.sort(key=lambda one: hashlib.sha256(one[0].encode()).digest())
        return State(calendar.id, start, end, self._tick, calendar.generation, tuple(keys), empty=self.empty_pages)

    def _still_known(self, ask: Ask, calendar: Calendar, state: State) -> None:
        at, code = self._forget_at.get(calendar.id, (0, ""))
        if at == state.page:
            del self._forget_at[calendar.id]
            calendar.generation += 1
            self._code[calendar.id] = code
        if state.generation != calendar.generation:
            where = f"{ask.base}/{_path(calendar, 'calendarView')}/delta"
            said = f"The sync state generation is not found; generation={state.generation}."
            code = self._code.get(calendar.id, "SyncStateNotFound")
            raise Refused(410, code, said, headers=(("Location", where),))

    def _page(self, ask: Ask, calendar: Calendar, state: State) -> Said:
        assert state.pending is not None
        size = ask.prefer.page or USUAL
        if "empty" in self.lies and state.fresh:
            state = replace(state, pending=())
        if state.empty:
            return self._linked(ask, calendar, [], replace(state, empty=state.empty - 1, page=state.page + 1))
        items: list[dict[str, Any]] = []
        taken = 0
        for key, original in state.pending or ():
            if taken and len(items) >= size:
                break
            items += self._unit(ask, state, key, original)
            taken += 1
        rest = (state.pending or ())[taken:]
        if "repeated" in self.lies and rest and taken > 1:
            rest = ((state.pending or ())[taken - 1], *rest)
        if "ends early" in self.lies and state.fresh:
            rest = ()
        if "loops" in self.lies and rest:
            return self._linked(ask, calendar, items, state)
        if not rest:
            return self._linked(ask, calendar, items, replace(state, pending=None, fresh=False, page=1))
        return self._linked(ask, calendar, items, replace(state, pending=rest, page=state.page + 1))

    def _unit(self, ask: Ask, state: State, key: str, original: datetime | None) -> list[dict[str, Any]]:
        """What is said of an event: all of a series at once, or one exception."""
        event = self.events.get(key)
        if event is None:
            gone_id = key if ask.prefer.immutable else made("AAMkAD", key, state.calendar)
            return [] if state.fresh else [_removed(gone_id)]
        if key in self.left_out:
            return []
        within = [one for one in self._instances(event, state.end) if _within(one, state.start, state.end)]
        if original is not None:
            within = [one for one in within if one.original == original]
            if not within:
                return [_removed(Instance(event, original).id(ask.prefer.immutable))]
        if not within:
            # documented: what lies outside the window and changed is said to be deleted
            return [_removed(Instance(event).id(ask.prefer.immutable))]
        said = [self._bare(one, ask) if one.kind == "occurrence" else self._full(one, ask) for one in within]
        begins = state.start <= _aware(event.start) < state.end
        if event.rule and original is None and begins and "no masters" not in self.lies:
            said.append(self._full(Instance(event), ask))
        return said

    def _full(self, one: Instance, ask: Ask) -> dict[str, Any]:
        return {"@odata.type": "#microsoft.graph.event", **self.given(one, ask)}

    def _bare(self, one: Instance, ask: Ask) -> dict[str, Any]:
        whole = self.whole(one, ask)
        keep = ("@odata.etag", "id", "seriesMasterId", "type", "start", "end")
        return {"@odata.type": "#microsoft.graph.event", **{name: whole[name] for name in keep}}

    def _linked(self, ask: Ask, calendar: Calendar, items: list[dict[str, Any]], state: State) -> Said:
        name = "deltatoken" if state.pending is None else "skiptoken"
        token = token_of(self.owner, state)
        self._states[token] = state
        base = "https://elsewhere.example/v1.0" if "foreign links" in self.lies else ask.base
        path = _path(calendar, "calendarView") if "calendar" in ask.named else "me/calendarView"
        note = "@odata.nextLink" if name == "skiptoken" else "@odata.deltaLink"
        told: Mapping[str, Any] = {
            "@odata.context": f"{ask.base}/$metadata#Collection(event)",
            note: f"{base}/{path}/delta?${name}={token}",
            "value": items,
        }
        return Said(told, of=EVENT, many=True)


def _path(calendar: Calendar, what: str) -> str:
    return f"me/calendars('{calendar.id}')/{what}"


def _within(one: Instance, start: datetime, end: datetime) -> bool:
    return one.start < end and (one.end > start or one.start >= start)


def _removed(named: str) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.event", "id": named, "@removed": {"reason": "deleted"}}


def _answered(response: str) -> dict[str, Any]:
    return {"response": response, "time": "0001-01-01T00:00:00Z"}


def _shown(at: datetime, event: Event, zone: str) -> dict[str, str]:
    """A time as the request wants it; a whole day has no zone, whatever it says."""
    if zone not in WINDOWS and zone not in WINDOWS.values():
        raise bad("ErrorInvalidRequest", f"The time zone '{zone}' is not known.")
    local = at if not isinstance(event.start, datetime) else at.astimezone(ZoneInfo(WINDOWS.get(zone, zone)))
    return {"dateTime": f"{local:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": zone}


def _routes(path: str) -> tuple[tuple[Any, ...], ...]:
    """What there is of a calendar."""
    return (
        ("GET", f"{path}/events", Calendars.get_events, EVENT, LISTED, BASIC),
        ("GET", f"{path}/events/{{event}}", Calendars.get_event, EVENT, ("$select",), BASIC),
        ("GET", f"{path}/calendarView", Calendars.get_view, EVENT, VIEW, BASIC),
        ("GET", f"{path}/calendarView/delta", Calendars.delta, EVENT, DELTA, BASIC),
    )


ROUTES: Final[tuple[tuple[Any, ...], ...]] = (
    ("GET", "me/calendars", Calendars.get_calendars, CALENDAR, CALENDARS, BASIC),
    ("GET", "me/calendars/{calendar}", Calendars.get_calendar, CALENDAR, ("$select",), BASIC),
    ("GET", "me/calendar", Calendars.get_calendar, CALENDAR, ("$select",), BASIC),
    *_routes("me/calendars/{calendar}"),
    *_routes("me/calendar"),
    *_routes("me"),
    ("GET", "me/events/{event}/instances", Calendars.get_instances, EVENT, VIEW, BASIC),
)
"""How it is asked for, what answers, of which resource, with which options, with which rights (any of them)."""
