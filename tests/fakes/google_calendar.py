"""What do a person's Google calendars hold, and what does the Calendar API say of them?

`Calendar` is the model: events as the API writes them, series with exceptions, and a version for each change, of which
sync tokens speak. `Calendars` answers the methods of the API from all of a person's.
"""

import copy
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.fakes import google_errors as say
from tests.fakes.google_errors import ProblemError
from tests.fakes.google_mail import Call
from tests.fakes.google_pages import BadTokenError, Pager

Event = dict[str, Any]

WITHOUT_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
)  # fmt: skip
"""Parameters that may not stand beside a syncToken; documented."""

NO_TOKEN_AFTER = ("iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin")
"""Parameters of a listing at whose end no syncToken is given; Google's own sample lists with timeMin and gets one."""

AHEAD = timedelta(days=730)
"""How far a series without an end is written out, where singleEvents asks for it."""

MOST_EVENTS, MOST_CALENDARS = 2_500, 250


def at(value: Event) -> datetime:
    """A start or an end as a moment."""
    if "date" in value:
        return datetime.combine(date.fromisoformat(value["date"]), datetime.min.time(), UTC)
    return datetime.fromisoformat(value["dateTime"])


def moment(when: datetime | date, zone: str = "") -> Event:
    """A start or an end as the API writes it."""
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    return {"dateTime": when.isoformat()} | ({"timeZone": zone} if zone else {})


@dataclass
class Calendar:
    """One calendar."""

    id: str
    summary: str
    owner: str
    clock: Callable[[], float] = field(repr=False)
    zone: str = "Europe/Berlin"
    role: str = "owner"
    primary: bool = False
    hidden: bool = False
    deleted: bool = False
    events: dict[str, Event] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)  # of each event's last change
    version: int = 0
    expired: int = 0  # sync tokens up to here are no longer good
    entry: int = 0  # the version of its entry in the list of calendars
    bare: bool = True  # cancelled events carry nothing but what is promised

    def put_event(
        self,
        start: datetime | date,
        *,
        end: datetime | date | None = None,
        summary: str = "",
        id_: str = "",
        organizer: Event | None = None,
        attendees: list[Event] | None = None,
        recurrence: list[str] | None = None,
        zone: str = "",
        **more: Any,
    ) -> Event:
        """A new event, or a new state of an old one; `more` are further fields of the resource."""
        id_ = id_ or secrets.token_hex(13)
        lasts = timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1)
        made: Event = self.events.get(id_, {"created": self._now()}) | {
            "id": id_,
            "iCalUID": f"{id_}@google.com",
            "status": "confirmed",
            "summary": summary,
            "start": moment(start, zone or (self.zone if recurrence else "")),
            "end": moment(end or start + lasts, zone or (self.zone if recurrence else "")),
            "creator": {"email": self.owner, "self": True},
            "organizer": organizer or {"email": self.owner, "self": True},
            "eventType": "default",
            "reminders": {"useDefault": True},
            "sequence": 0,
        }
        if attendees:
            made["attendees"] = attendees
        if recurrence:
            made["recurrence"] = recurrence
        return self._store(made | more)

    def put(self, event: Event) -> Event:
        """An event as the resource that it is."""
        return self._store(copy.deepcopy(event))

    def change(self, id_: str, **fields: Any) -> Event:
        """Some fields of an event are others now."""
        return self._store(self.events[id_] | fields)

    def cancel(self, id_: str) -> None:
        """An event is deleted; of a series, all of it with its exceptions."""
        for one in [key for key, event in self.events.items() if event.get("recurringEventId") == id_]:
            del self.events[one], self.versions[one]
        self._store(self.events[id_] | {"status": "cancelled"})

    delete = cancel

    def except_at(self, series: str, start: datetime | date, /, **fields: Any) -> Event:
        """One of a series is another: moved, renamed, or with `status="cancelled"` not at all."""
        master = self.events[series]
        lasts = at(master["end"]) - at(master["start"])
        made = {key: value for key, value in master.items() if key != "recurrence"} | {
            "id": instance_id(series, start),
            "recurringEventId": series,
            "originalStartTime": moment(start, self.zone if isinstance(start, datetime) else ""),
            "start": moment(start, self.zone),
            "end": moment(start + lasts, self.zone),
        }
        return self._store(made | fields)

    def cancel_at(self, series: str, start: datetime | date) -> Event:
        return self.except_at(series, start, status="cancelled")

    def move(self, id_: str, to: "Calendar") -> Event:
        """To another calendar: the same id there, cancelled here."""
        event = copy.deepcopy(self.events[id_])
        self.cancel(id_)
        return to._store(event)

    def purge(self) -> None:
        """What was deleted long ago is not even told of any more; nobody's token reaches back that far."""
        for key in [key for key, event in self.events.items() if event["status"] == "cancelled"]:
            del self.events[key], self.versions[key]
        self.expire_sync_tokens()

    def expire_sync_tokens(self) -> None:
        self.version += 1
        self.expired = self.version

    def _store(self, event: Event) -> Event:
        self.version += 1
        made = event | {"kind": "calendar#event", "updated": self._now(), "etag": f'"{self.version}{self.id[:4]}"'}
        made["htmlLink"] = f"https://www.google.com/calendar/event?eid={made['id']}"
        self.events[made["id"]] = made
        self.versions[made["id"]] = self.version
        return made

    def _now(self) -> str:
        return f"{datetime.fromtimestamp(self.clock(), UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def instance_id(series: str, start: datetime | date) -> str:
    if isinstance(start, datetime):
        return f"{series}_{start.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{series}_{start:%Y%m%d}"


def instances(master: Event, until: datetime) -> Iterator[tuple[str, Event]]:
    """The occurrences of a series: their ids and what is different from the master."""
    start, end = at(master["start"]), at(master["end"])
    whole_day = "date" in master["start"]
    zone = ZoneInfo(master["start"].get("timeZone", "UTC"))
    first = start.replace(tzinfo=None) if whole_day else start.astimezone(zone).replace(tzinfo=None)
    rule = rrulestr("\n".join(_local(line, zone) for line in master["recurrence"]), dtstart=first, forceset=True)
    for one in rule:
        begins: datetime | date = one.date() if whole_day else one.replace(tzinfo=zone)
        if at(moment(begins)) > until:
            return
        ends = begins + (end - start)
        yield (
            instance_id(master["id"], begins),
            {
                "id": instance_id(master["id"], begins),
                "recurringEventId": master["id"],
                "originalStartTime": moment(begins, str(zone) if not whole_day else ""),
                "start": moment(begins, str(zone) if not whole_day else ""),
                "end": moment(ends, str(zone) if not whole_day else ""),
            },
        )


def _local(line: str, zone: ZoneInfo) -> str:
    """A line of a recurrence, its moments without a zone."""
    name, _, value = line.partition(":")

    def told(met: re.Match[str]) -> str:
        utc = datetime.strptime(met[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"{utc.astimezone(zone):%Y%m%dT%H%M%S}"

    return f"{name.partition(';')[0]}:{re.sub(r'[0-9]{8}T[0-9]{6}Z', told, value)}"


@dataclass(frozen=True)
class _Token:
    calendar: str
    version: int
    same: tuple[Any, ...]  # the parameters that may not change


class Calendars:
    """The answers of the Calendar API for one person."""

    def __init__(self, address: str, clock: Callable[[], float], breach: Callable[[str], None]) -> None:
        self.address, self.clock, self.breach = address, clock, breach
        self.all: dict[str, Calendar] = {}
        self.pager = Pager()
        self.hollow = False  # everything is empty at once
        self.unfetchable: set[str] = set()  # ids of events: listed, and 404 when they are asked for
        self.version = 0
        self._tokens: dict[str, _Token] = {}
        self._list_expired = 0
        self.primary = self.add(address, address, primary=True)
        self.answers: dict[str, Callable[[Call], Any]] = {
            "calendar.calendarList.list": self.calendar_list,
            "calendar.calendarList.get": self.entry,
            "calendar.events.list": self.events,
            "calendar.events.get": self.event,
        }

    def add(self, summary: str, id_: str = "", **more: Any) -> Calendar:
        """Another calendar."""
        id_ = id_ or f"{hashlib.sha256(summary.encode()).hexdigest()[:26]}@group.calendar.google.com"
        self.version += 1
        self.all[id_] = Calendar(id_, summary, self.address, self.clock, entry=self.version, **more)
        return self.all[id_]

    def remove(self, id_: str) -> None:
        """A calendar is deleted, or the person leaves it."""
        self.version += 1
        self.all[id_].deleted, self.all[id_].entry = True, self.version

    def rename(self, id_: str, summary: str) -> None:
        self.version += 1
        self.all[id_].summary, self.all[id_].entry = summary, self.version

    def expire_sync_tokens(self) -> None:
        """Of every calendar, and of their list."""
        for one in self.all.values():
            one.expire_sync_tokens()
        self.version += 1
        self._list_expired = self.version

    def answer(self, call: Call) -> Any:
        """What is said to a call; raises ProblemError."""
        if call.method not in self.answers:
            self.breach(f"{call.method}: the fake does not have it")
            raise ProblemError(say.not_found("Not Found"))
        return self.answers[call.method](call)

    # the list of calendars

    def calendar_list(self, call: Call) -> Any:
        since = self._since(call, "", self._list_expired, ("minAccessRole", "showOwnOrganizationOnly"))
        deleted = since is not None or call.yes("showDeleted")
        hidden = since is not None or call.yes("showHidden")
        roles = ("freeBusyReader", "reader", "writer", "owner")
        least = roles.index(call.one("minAccessRole", "freeBusyReader"))
        rows = [
            (one.id, self._entry(one))
            for one in self.all.values()
            if (since is None or one.entry > since)
            and (deleted or not one.deleted)
            and (hidden or not one.hidden)
            and roles.index(one.role) >= least
        ]
        most = self._most(call, 100, MOST_CALENDARS)
        return {"kind": "calendar#calendarList", "etag": f'"p{self.version}"'} | self._page(
            call, [] if self.hollow else rows, most, lambda: _Token("", self.version, self._same(call))
        )

    def entry(self, call: Call) -> Any:
        return self._entry(self._calendar(call))

    def _entry(self, one: Calendar) -> Event:
        made = {
            "kind": "calendar#calendarListEntry",
            "etag": f'"{one.entry}"',
            "id": one.id,
            "summary": one.summary,
            "timeZone": one.zone,
            "accessRole": one.role,
            "selected": True,
            "defaultReminders": [],
        }
        for name in ("primary", "hidden", "deleted"):
            if getattr(one, name):
                made[name] = True
        return made

    # events

    def events(self, call: Call) -> Any:
        calendar = self._calendar(call)
        since = self._since(call, calendar.id, calendar.expired, WITHOUT_TOKEN)
        self._times(call)
        most = self._most(call, 250, MOST_EVENTS)
        rows = [] if self.hollow else list(self._rows(call, calendar, since))
        told = {
            "kind": "calendar#events",
            "etag": f'"e{calendar.version}"',
            "summary": calendar.summary,
            "updated": calendar._now(),
            "timeZone": calendar.zone,
            "accessRole": calendar.role,
            "defaultReminders": [],
        }
        gives = not any(name in call.values for name in NO_TOKEN_AFTER)
        token = (lambda: _Token(calendar.id, calendar.version, self._same(call))) if gives else None
        return told | self._page(call, rows, most, token)

    def event(self, call: Call) -> Any:
        calendar = self._calendar(call)
        id_ = call.path["eventId"]
        if id_ in calendar.events and id_ not in self.unfetchable:
            return self._seen(calendar.events[id_], calendar)
        series, _, _ = id_.rpartition("_")
        if (master := calendar.events.get(series)) and "recurrence" in master and id_ not in self.unfetchable:
            for key, differs in instances(master, self._until(call)):
                if key == id_:
                    return self._seen(self._instance(master, differs), calendar)
        raise ProblemError(say.not_found("Not Found"))

    def _rows(self, call: Call, calendar: Calendar, since: int | None) -> Iterator[tuple[Any, Event]]:
        cancelled = since is not None or call.yes("showDeleted") or "updatedMin" in call.values
        for event in list(self._expanded(call, calendar, since)):
            version = calendar.versions.get(event["id"], calendar.versions.get(event.get("recurringEventId", ""), 0))
            if event["status"] == "cancelled" and not cancelled and not self._cancelled_instance(event, call):
                continue
            if not self._wanted(call, calendar, event):
                continue
            key = (
                (at(event["start"]).timestamp(), event["id"])
                if call.one("orderBy") == "startTime"
                else (version, event["id"])
            )
            yield key, self._seen(event, calendar)

    def _cancelled_instance(self, event: Event, call: Call) -> bool:
        """Cancelled instances of a series are shown even where deleted events are not."""
        return "recurringEventId" in event and not call.yes("singleEvents")

    def _expanded(self, call: Call, calendar: Calendar, since: int | None) -> Iterator[Event]:
        """Events, and of series their instances where that is asked for."""
        changed = {key for key, version in calendar.versions.items() if since is None or version > since}
        for key in sorted(changed):
            event = calendar.events[key]
            if not call.yes("singleEvents") or "recurrence" not in event:
                yield event
                continue
            for id_, differs in instances(event, self._until(call)):
                if id_ not in calendar.events:
                    yield self._instance(event, differs)

    def _instance(self, master: Event, differs: Event) -> Event:
        return {key: value for key, value in master.items() if key != "recurrence"} | differs

    def _until(self, call: Call) -> datetime:
        last = call.one("timeMax")
        return datetime.fromisoformat(last) if last else datetime.fromtimestamp(self.clock(), UTC) + AHEAD

    def _wanted(self, call: Call, calendar: Calendar, event: Event) -> bool:
        kinds = call.values.get("eventTypes")
        if kinds and event.get("eventType", "default") not in kinds:
            return False
        if (uid := call.one("iCalUID")) and event.get("iCalUID") != uid:
            return False
        if "q" in call.values and call.one("q").lower() not in str(event).lower():
            return False
        if (least := call.one("updatedMin")) and event["updated"] < least.replace("+00:00", "Z"):
            return False
        return self._within(call, event)

    def _within(self, call: Call, event: Event) -> bool:
        low, high = call.one("timeMin"), call.one("timeMax")
        if high and at(event["start"]) >= datetime.fromisoformat(high):
            return False
        if not low or "start" not in event:
            return True
        least = datetime.fromisoformat(low)
        if "recurrence" not in event:
            return at(event["end"]) > least
        lasts = at(event["end"]) - at(event["start"])
        return any(
            at(one["start"]) + lasts > least for _, one in instances(event, max(self._until(call), least + AHEAD))
        )

    def _seen(self, event: Event, calendar: Calendar) -> Event:
        """An event as it is shown."""
        if event["status"] == "cancelled" and calendar.bare:
            promised = ["kind", "etag", "id", "status"]
            if "recurringEventId" in event:
                promised += ["recurringEventId", "originalStartTime"]
            return {name: event[name] for name in promised}
        if calendar.role == "freeBusyReader":
            named = (
                "kind",
                "etag",
                "id",
                "status",
                "start",
                "end",
                "recurrence",
                "recurringEventId",
                "originalStartTime",
            )
            return {name: event[name] for name in named if name in event} | {"visibility": "private"}
        return event

    # what both lists share

    def _calendar(self, call: Call) -> Calendar:
        id_ = call.path["calendarId"]
        found = self.primary if id_ == "primary" else self.all.get(id_)
        if found is None or found.deleted:
            raise ProblemError(say.not_found("Not Found"))
        return found

    def _same(self, call: Call) -> tuple[Any, ...]:
        """The parameters that must stay as they were."""
        free = {"syncToken", "pageToken", "maxResults", "showDeleted", "alt", "fields", "prettyPrint", *WITHOUT_TOKEN}
        return tuple(sorted((name, tuple(values)) for name, values in call.values.items() if name not in free))

    def _since(self, call: Call, calendar: str, expired: int, excluded: tuple[str, ...]) -> int | None:
        """The version of a sync token; raises ProblemError where it is no good."""
        if "syncToken" not in call.values:
            return None
        beside = [name for name in excluded if name in call.values]
        if call.one("showDeleted") == "false" or call.one("showHidden") == "false":
            beside.append("showDeleted=false")
        if beside:
            self.breach(f"{call.method}: syncToken beside {beside}")
            raise ProblemError(
                say.error(400, "Sync token cannot be used with these parameters.", "invalid", "calendar")
            )
        token = self._tokens.get(call.one("syncToken"))
        if token is None or token.calendar != calendar:
            self.breach(f"{call.method}: a syncToken that was not given for this")
            raise ProblemError(say.error(400, "Invalid sync token value.", "invalid", where="syncToken"))
        if token.version < expired:
            raise ProblemError(say.full_sync_required())
        if token.same != self._same(call):
            self.breach(f"{call.method}: other parameters than those of the first listing")
            raise ProblemError(say.error(400, "Sync token parameters do not match.", "invalid", where="syncToken"))
        return token.version

    def _times(self, call: Call) -> None:
        low, high = call.one("timeMin"), call.one("timeMax")
        if low and high and datetime.fromisoformat(low) >= datetime.fromisoformat(high):
            self.breach(f"{call.method}: timeMin is not before timeMax")
            raise ProblemError(say.error(400, "The specified time range is empty.", "timeRangeEmpty", "calendar"))
        if call.one("orderBy") == "startTime" and not call.yes("singleEvents"):
            self.breach(f"{call.method}: orderBy=startTime without singleEvents")
            raise ProblemError(say.error(400, "The requested ordering is not available.", "badRequest"))

    def _most(self, call: Call, usual: int, most: int) -> int:
        asked = int(call.one("maxResults", str(usual)))
        if asked > most:
            self.breach(f"{call.method}: maxResults={asked}")
        return min(asked, most)

    def _page(self, call: Call, rows: list[tuple[Any, Event]], most: int, token: Callable[[], _Token] | None) -> Event:
        try:
            items, following = self.pager.page(call.question, call.one("pageToken") or None, rows, most)
        except BadTokenError:
            raise ProblemError(say.error(400, "Invalid page token value.", "invalid", where="pageToken")) from None
        if following:
            return {"items": items, "nextPageToken": following}
        if token is None:
            return {"items": items}
        made = token()
        given = f"C{hashlib.sha256(repr(made).encode()).hexdigest()[:20]}="  # the same at the same state
        self._tokens[given] = made
        return {"items": items, "nextSyncToken": given}
