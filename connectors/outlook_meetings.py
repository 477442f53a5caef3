"""What does Graph say of a meeting?"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from connectors.contract import Attendance, Attendee, Interaction, Meeting, Party, RemoteId
from connectors.graph import Body, text_of
from connectors.ical_events import LONGEST_SUBJECT, LONGEST_TEXT
from connectors.series import Moment
from connectors.zones import Zones

FIELDS: Final = (
    "subject,organizer,attendees,isCancelled,isAllDay,start,end,type,seriesMasterId,iCalUId,responseStatus,"
    "originalStart"
)
_NEEDED: Final = ("subject", "start", "end", "isAllDay")
INSTANCES: Final = ("occurrence", "exception")
_STATUS: Final[Mapping[str, Attendance]] = {
    "accepted": "accepted",
    "declined": "declined",
    "tentativelyAccepted": "tentative",
}
_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")


class Meetings:
    """Reads rows of Graph. `zone` is where times without one are at home; `own` is the user's own address."""

    def __init__(self, zone: tzinfo, own: str) -> None:
        self._zones, self._home, self._own = Zones([], zone), zone, own

    def meeting(self, remote: RemoteId, row: Body, series: Body) -> tuple[Interaction, str]:
        """(the meeting, its UID); `series` is that of an instance. Raises ValueError with what is wrong with it."""
        repeated = row.get("type") in INSTANCES
        if repeated and not series:
            raise ValueError("Microsoft shows an instance, and not its series")
        whole = {**series, **{name: value for name, value in row.items() if value is not None}}
        days = whole.get("isAllDay") is True
        start, end = self._moment(row.get("start"), days), self._moment(row.get("end"), days)
        if start is None:
            raise ValueError("its start cannot be read")
        original = self._original(whole, series, start) if repeated else None
        organiser = _party(whole.get("organizer"))
        attendees = self._attendees(whole, organiser)
        uid = text_of(series, "iCalUId") or text_of(row, "iCalUId")
        sent = start if isinstance(start, datetime) else datetime.combine(start, time(), UTC)
        meeting = Meeting(
            uid=uid,
            start=start,
            end=end if end is not None and type(end) is type(start) else start,
            original_start=original,
            organiser=organiser,
            attendees=attendees,
            cancelled=whole.get("isCancelled") is True,
            recurring=repeated,
        )
        one = Interaction(
            id=remote,
            sent=sent,
            dated_by="start",
            sender=organiser,
            to=tuple(each.party for each in attendees),
            subject=" ".join(text_of(whole, "subject").split())[:LONGEST_SUBJECT],
            meeting=meeting,
        )
        return one, uid or remote

    def _original(self, row: Body, series: Body, start: Moment) -> Moment:
        """When the instance was to be at first. One that only repeats the series is where it was to be."""
        told = row.get("originalStart")
        try:
            first = datetime.fromisoformat(told) if isinstance(told, str) else None
        except ValueError:
            first = None
        if first is None:
            return start
        first = (first if first.tzinfo else first.replace(tzinfo=UTC)).astimezone(UTC)
        return first.date() if series.get("isAllDay") is True else first.replace(microsecond=0)

    def _moment(self, value: object, days: bool) -> Moment | None:
        """A dateTimeTimeZone in UTC, or the day where it lasts whole days; None where it cannot be read."""
        said = value.get("dateTime") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not isinstance(said, str):
            return None
        try:
            if days:
                return date.fromisoformat(said[:10])
            local = datetime.fromisoformat(said[:26])
            named = value.get("timeZone")
            zone = self._zones.zone(named) if isinstance(named, str) and named else UTC
            aware = local if local.tzinfo else local.replace(tzinfo=zone or self._home)
            return aware.astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            return None

    def _attendees(self, row: Body, organiser: Party | None) -> tuple[Attendee, ...]:
        """Those asked, each once, without rooms. What the user answered stands beside the list, not in it."""
        asked: dict[str, Attendee] = {}
        listed = row.get("attendees")
        for each in listed if isinstance(listed, list) else ():
            party = _party(each)
            if party and isinstance(each, Mapping) and each.get("type") != "resource":
                asked.setdefault(party.address, Attendee(party, _answer(each.get("status"))))
        own = _answer(row.get("responseStatus"))
        if self._own and own != "unknown" and (organiser is None or organiser.address != self._own):
            known = asked.get(self._own)
            asked[self._own] = Attendee(known.party if known else Party(self._own), own)
        return tuple(asked.values())


def lacks(row: Body) -> bool:
    """Whether an item is told of, and not what is needed of it."""
    needed = (*_NEEDED, "originalStart") if row.get("type") == "exception" else _NEEDED
    return any(name not in row for name in needed)


def doubtful(row: Body) -> bool:
    """Whether what is said of an item may leave unsaid that an instance of a series was deleted."""
    return "@removed" in row or row.get("type") != "singleInstance"


def _answer(status: object) -> Attendance:
    said = status.get("response") if isinstance(status, Mapping) else None
    return _STATUS.get(said, "unknown") if isinstance(said, str) else "unknown"


def _party(value: object) -> Party | None:
    """The person of a recipient or an attendee; None where Graph names no address."""
    who = value.get("emailAddress") if isinstance(value, Mapping) else None
    address = who.get("address") if isinstance(who, Mapping) else None
    if not isinstance(who, Mapping) or not isinstance(address, str) or len(address) > 320:
        return None
    if not _ADDRESS.fullmatch(address):
        return None
    name = " ".join(text_of(who, "name").split())[:200]
    return Party(address.lower(), "" if name.lower() == address.lower() else name)


def owner(calendar: Body) -> str:
    """Whose calendar it is, by the address; "" where Graph does not say."""
    owner = calendar.get("owner")
    return text_of(owner, "address").lower() if isinstance(owner, Mapping) else ""


def content(row: Body) -> str:
    """What the description says."""
    body = row.get("body")
    return text_of(body, "content")[:LONGEST_TEXT] if isinstance(body, Mapping) else ""
