"""What do the events of the Calendar API say of meetings?

They are turned into what iCalendar says (`connectors.ical_events`), so that series, exceptions and zones come out as in
every calendar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from connectors.contract import Attendance, Attendee, Interaction, Party, RemoteId
from connectors.google_answers import text_of
from connectors.ical import meetings
from connectors.ical_events import LONGEST_SUBJECT, LONGEST_TEXT, Event
from connectors.series import BROKEN, Moment, Plan
from connectors.zones import Zones

FAR: Final = timedelta(days=4_000)
"""A series with an end that has no further instance within this has ended."""

MEETINGS: Final = ("default", "fromGmail", "outOfOffice", "")
"""Kinds of events that may be meetings, and absences, on which the user is left in peace; birthdays, focus time and
working places are neither."""

NOBODY: Final = ("@group.calendar.google.com", "@resource.calendar.google.com", "@import.calendar.google.com")
"""How the addresses of calendars and rooms end."""

_STATUS: Final[Mapping[str, Attendance]] = {
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "tentative",
}


@dataclass(slots=True)
class Got:
    """What some events say."""

    found: tuple[Interaction, ...] = ()
    texts: dict[RemoteId, str] = field(default_factory=dict)
    gone: tuple[RemoteId, ...] = ()
    missed: tuple[tuple[RemoteId, str], ...] = ()
    uid: str = ""
    goes_on: bool = False  # more instances come with time

    def add(self, more: "Got") -> None:
        """What others say, too."""
        self.found += more.found
        self.texts |= more.texts
        self.gone += more.gone
        self.missed += more.missed


class Events:
    """Reads events. `zone` is where times are at home whose zone nobody names; with `texts`, descriptions are read."""

    def __init__(self, zone: tzinfo, *, texts: bool) -> None:
        self._zones, self._texts = Zones((), zone), texts

    def read(self, name: RemoteId, items: Sequence[Mapping[str, Any]], until: datetime) -> Got:
        """What a meeting, or a series with its exceptions, says of meetings; called after `name`."""
        own = next((one for one in items if one.get("id") == name and one.get("status") != "cancelled"), None)
        rest = [one for one in items if one is not own and one.get("id") != name]
        uid = next((uid for one in (own or {}, *rest) if (uid := text_of(one, "iCalUID"))), name)
        events: list[Event] = []
        missed: list[tuple[RemoteId, str]] = []
        master: Event | None = None
        for item in [*([own] if own else []), *rest]:
            try:
                event = self._cancelled(item, master) if item.get("status") == "cancelled" else self._one(item, uid)
            except BROKEN:
                missed.append((str(item["id"]), "a meeting: its time cannot be read"))
                continue
            master = event if item is own else master
            events += [event] if event else []
        reading = meetings(events, until)

        def called(remote: RemoteId) -> RemoteId:
            return name + remote[len(uid) :].replace("/", "_", 1)

        got = Got(
            tuple(replace(one, id=called(one.id)) for one in reading.found),
            {called(remote): text for remote, text in reading.texts.items()},
            missed=(*missed, *((called(remote), why) for remote, why in reading.missed)),
            uid=uid,
        )
        if master and master.plan.repeats:
            got.goes_on = _endless(master.plan) or len(meetings(events, until + FAR).found) > len(got.found)
        return got

    def _one(self, item: Mapping[str, Any], uid: str) -> Event:
        """Raises one of BROKEN where there is no start to be read."""
        start = self._moment(item["start"])
        original = item.get("originalStartTime")
        sequence = item.get("sequence")
        organiser = _party(item.get("organizer")) or _party(item.get("creator"))
        return Event(
            place=f"the meeting of {start:%Y-%m-%d %H:%M}",
            uid=uid,
            plan=self._plan(item, start, self._moment(original) if original else None),
            sequence=sequence if isinstance(sequence, int) else 0,
            subject=" ".join(text_of(item, "summary").split())[:LONGEST_SUBJECT],
            organiser=organiser,
            attendees=_attendees(item.get("attendees")),
            text=text_of(item, "description")[:LONGEST_TEXT] if self._texts else "",
        )

    def _cancelled(self, item: Mapping[str, Any], master: Event | None) -> Event | None:
        """An instance that does not take place, of which Google says no more than when it was to be."""
        if master is None or not item.get("originalStartTime"):
            return None
        at = self._moment(item["originalStartTime"])
        plan = Plan(at, at + master.plan.lasts, recurrence=at)
        return replace(master, plan=plan, cancelled=True, text="")

    def _plan(self, item: Mapping[str, Any], start: Moment, original: Moment | None) -> Plan:
        lines = item.get("recurrence")
        rules: list[str] = []
        added: list[tuple[Moment, timedelta | None]] = []
        removed: list[Moment] = []
        for line in lines if isinstance(lines, list) else ():
            said, _, values = str(line).partition(":")
            name = said.upper().partition(";")[0]
            if name == "RRULE":
                rules.append(values)
            elif name in ("RDATE", "EXDATE"):
                given = dict(one.partition("=")[::2] for one in said.split(";")[1:])
                moments = [self._zones.moment(given, one.partition("/")[0], _zone(start)) for one in values.split(",")]
                added += [(one, None) for one in moments] if name == "RDATE" else []
                removed += moments if name == "EXDATE" else []
        return Plan(start, self._end(item, start), original, False, tuple(rules), tuple(added), tuple(removed))

    def _end(self, item: Mapping[str, Any], start: Moment) -> Moment:
        """Exclusive. An end that is missing, broken or before the start is the shortest that there is."""
        least = start if isinstance(start, datetime) else start + timedelta(days=1)
        try:
            end = self._moment(item["end"])
        except BROKEN:
            return least
        same = isinstance(end, datetime) == isinstance(start, datetime)
        return max(least, end) if same else least

    def _moment(self, told: Mapping[str, Any]) -> Moment:
        """A start or an end: a day, or a time on the clock of its zone. Raises one of BROKEN."""
        if told.get("date"):
            return date.fromisoformat(told["date"])
        at = datetime.fromisoformat(told["dateTime"])
        zone = self._zones.zone(told["timeZone"]) if told.get("timeZone") else None
        if at.tzinfo is None:
            return at.replace(tzinfo=zone or UTC)
        return at.astimezone(zone) if zone else at


def _zone(start: Moment) -> tzinfo | None:
    return start.tzinfo if isinstance(start, datetime) else None


def _party(told: Any) -> Party | None:
    """A person; None for a calendar, a room, or nobody."""
    address = text_of(told, "email").strip().lower() if isinstance(told, dict) else ""
    if not address or "@" not in address or address.endswith(NOBODY):
        return None
    name = " ".join(text_of(told, "displayName").split())[:200]
    return Party(address, "" if name.lower() == address else name)


def _attendees(told: Any) -> tuple[Attendee, ...]:
    """Those asked, each once, and what they said; rooms are not asked."""
    asked: dict[str, Attendee] = {}
    for one in told if isinstance(told, list) else ():
        party = None if isinstance(one, dict) and one.get("resource") else _party(one)
        if party:
            asked.setdefault(party.address, Attendee(party, _STATUS.get(text_of(one, "responseStatus"), "unknown")))
    return tuple(asked.values())


def _endless(plan: Plan) -> bool:
    return any("UNTIL=" not in rule.upper() and "COUNT=" not in rule.upper() for rule in plan.rules)
