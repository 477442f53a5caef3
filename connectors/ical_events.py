"""What does one VEVENT say: when it is planned, and who takes part?"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeAlias

from connectors.contract import Attendance, Attendee, Party
from connectors.ical_lines import Property
from connectors.series import BROKEN, Moment, Plan
from connectors.zones import Zones

LONGEST_SUBJECT = 500
"""Characters of a summary that are kept: outlook shows 255, and a whole document pasted there is no subject."""

LONGEST_TEXT = 20_000
"""Characters of a description that are read for marks: minutes of a meeting fit, an attached log does not."""

LONGEST_UID = 255
"""A longer UID, or one with control characters, is replaced by its hash (RFC 7986 advises at most 255 octets)."""

_NO_PEOPLE = frozenset({"ROOM", "RESOURCE"})
_STATUS: Mapping[str, Attendance] = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

_ESCAPED = re.compile(r"\\([\\;,:\"nN])")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")
_GAPS = re.compile(r"[\s\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: when it is planned, and who takes part."""

    place: str  # "event 17", for the user who looks for it in the file
    uid: str
    plan: Plan
    sequence: int = 0
    subject: str = ""
    organiser: Party | None = None
    attendees: tuple[Attendee, ...] = ()
    cancelled: bool = False
    text: str = ""


def event_of(
    place: str, properties: Mapping[str, list[Property]], zones: Zones, cancelled: bool, *, texts: bool
) -> Event:
    """The event that has these properties; without `texts`, less its description. Raises one of BROKEN."""
    organiser = next((_party(*p) for p in properties.get("ORGANIZER", ())), None)
    plan = _plan(properties, zones)
    subject = _GAPS.sub(" ", _text(properties, "SUMMARY")).strip()[:LONGEST_SUBJECT]
    sequence = _text(properties, "SEQUENCE").strip()
    return Event(
        place=place,
        uid=uid_of(properties) or _hash(repr((plan.start, plan.end, plan.recurrence, subject, organiser))),
        plan=plan,
        sequence=int(sequence) if re.fullmatch(r"[0-9]{1,9}", sequence) else 0,
        subject=subject,
        organiser=organiser,
        attendees=_attendees(properties.get("ATTENDEE", ())),
        cancelled=cancelled or _text(properties, "STATUS").strip().upper() == "CANCELLED",
        text=_text(properties, "DESCRIPTION")[:LONGEST_TEXT] if texts else "",
    )


def _plan(properties: Mapping[str, list[Property]], zones: Zones) -> Plan:
    """When: raises one of BROKEN where there is no start to be read."""
    [start_of] = properties["DTSTART"]
    start = zones.moment(*start_of)
    home = start.tzinfo if isinstance(start, datetime) else None

    def near(params: Mapping[str, Any], value: str) -> Moment:
        return zones.moment(params, value, home)

    recurrence = next(iter(properties.get("RECURRENCE-ID", ())), None)
    return Plan(
        start=start,
        end=_end(start, properties, near),
        recurrence=near(*recurrence) if recurrence else None,
        onwards=recurrence is not None and str(recurrence[0].get("RANGE", "")).upper() == "THISANDFUTURE",
        rules=tuple(value for _, value in properties.get("RRULE", ()) if value.strip()),
        added=tuple(_added(properties.get("RDATE", ()), near)),
        removed=tuple(_removed(properties.get("EXDATE", ()), near)),
    )


Near: TypeAlias = Callable[[Mapping[str, Any], str], Moment]


def _end(start: Moment, properties: Mapping[str, list[Property]], near: Near) -> Moment:
    """When it ends, exclusive. An end that is missing, broken or before the start is the shortest that RFC 5545 has."""
    least = start if isinstance(start, datetime) else start + timedelta(days=1)
    try:
        end = _said_end(start, properties, near)
    except BROKEN:
        return least
    if end is None:
        return least
    if isinstance(start, datetime):
        aware = end if isinstance(end, datetime) else datetime.combine(end, time(), start.tzinfo)
        return max(start, aware, key=lambda moment: moment.astimezone(UTC))
    return max(least, end.date() if isinstance(end, datetime) else end)


def _said_end(start: Moment, properties: Mapping[str, list[Property]], near: Near) -> Moment | None:
    from icalendar import vDuration

    for params, value in properties.get("DTEND", ()):
        return near(params, value)
    for _, value in properties.get("DURATION", ()):
        lasts: timedelta = vDuration.from_ical(value.strip().upper())  # type: ignore[no-untyped-call]
        if isinstance(start, datetime):  # whole days follow the clock on the wall, hours the clock that ticks
            days = start + timedelta(days=lasts.days)
            return (days.astimezone(UTC) + (lasts - timedelta(days=lasts.days))).astimezone(start.tzinfo)
        return start + lasts
    return None


def _added(properties: Iterable[Property], near: Near) -> Iterator[tuple[Moment, timedelta | None]]:
    """RDATE: further starts, a period with its own length. What cannot be read is left out."""
    from icalendar import vDuration

    for params, values in properties:
        for value in values.split(","):
            begins, _, ends = value.partition("/")
            try:
                start = near(params, begins)
                length = None
                if ends.strip().upper().startswith(("P", "+P")):
                    length = vDuration.from_ical(ends.strip().upper())  # type: ignore[no-untyped-call]
                elif ends:
                    stop = near(params, ends)
                    if isinstance(start, datetime) and isinstance(stop, datetime):
                        length = stop.astimezone(UTC) - start.astimezone(UTC)
            except BROKEN:
                continue
            yield start, length if length is None or length >= timedelta(0) else None


def _removed(properties: Iterable[Property], near: Near) -> Iterator[Moment]:
    for params, values in properties:
        for value in values.split(","):
            try:
                yield near(params, value)
            except BROKEN:
                continue


def _attendees(properties: Iterable[Property]) -> tuple[Attendee, ...]:
    """Those asked, each once; rooms and projectors are not asked."""
    asked: dict[str, Attendee] = {}
    for params, value in properties:
        party = _party(params, value)
        if party and str(params.get("CUTYPE", "")).upper() not in _NO_PEOPLE:
            status = _STATUS.get(str(params.get("PARTSTAT", "")).upper(), "unknown")
            asked.setdefault(party.address, Attendee(party, status))
    return tuple(asked.values())


def _party(params: Mapping[str, Any], value: str) -> Party | None:
    """The address behind `mailto:` in any case, else the EMAIL parameter (RFC 7986); None where there is neither."""
    from urllib.parse import unquote

    for said in (value.strip(), str(params.get("EMAIL", ""))):
        bare = re.sub(r"(?i)^(?:mailto:\s*)+", "", said).partition("?")[0].strip("<>\"' ")
        address = unquote(bare) if "%" in bare else bare
        if len(address) <= 320 and _ADDRESS.fullmatch(address):
            name = _GAPS.sub(" ", str(params.get("CN", ""))).strip("\"' ")[:200]
            return Party(address.lower(), "" if name.lower() in {address.lower(), said.lower()} else name)
    return None


def _text(properties: Mapping[str, list[Property]], name: str) -> str:
    value = next((value for _, value in properties.get(name, ())), "")
    return _ESCAPED.sub(lambda hit: "\n" if hit[1] in "nN" else hit[1], value)


def uid_of(properties: Mapping[str, list[Property]]) -> str:
    """As it stands there, or by its hash where it is too long or holds control characters."""
    uid = _text(properties, "UID").strip()
    return _hash(uid) if len(uid) > LONGEST_UID or not uid.isprintable() else uid


def _hash(text: str) -> str:
    return "sha256-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def trouble_of(properties: Mapping[str, list[Property]]) -> str:
    """What is wrong with an event that is none."""
    return "its start cannot be read" if "DTSTART" in properties else "it has no start"
