"""What do these iCalendar bytes say: who was asked to meet whom, when, and did it take place?

One place for files, addresses and CalDAV. icalendar's component parser refuses a whole calendar for one bad line, so
the text is cut into its VEVENTs here and each is read alone, by icalendar's own lines, values and zones. How often a
series takes place is worked out in `connectors.series`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, TypeAlias

from connectors.contract import Attendance, Attendee, Interaction, Meeting, Party, RemoteId
from connectors.series import BROKEN, Change, Moment, Occurrence, Plan, occurrences
from connectors.zones import Zones

LONGEST_SUBJECT = 500
"""Characters of a summary that are kept: outlook shows 255, and a whole document pasted there is no subject."""

LONGEST_TEXT = 20_000
"""Characters of a description that are read for marks: minutes of a meeting fit, an attached log does not."""

LONGEST_UID = 255
"""A longer UID, or one with control characters, is replaced by its hash (RFC 7986 advises at most 255 octets)."""

_KEPT = frozenset(
    {"UID", "SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
    | {"ORGANIZER", "ATTENDEE", "STATUS", "SEQUENCE"}
)
_SEVERAL = frozenset({"ATTENDEE", "RRULE", "RDATE", "EXDATE"})
_NO_PEOPLE = frozenset({"ROOM", "RESOURCE"})
_STATUS: Mapping[str, Attendance] = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}

# The first lookbehinds keep a megabyte of bare line ends linear, as in icalendar's own pattern.
_FOLD = re.compile(rb"(?:(?<!\n)\r\n|(?<![\r\n])\n)(?:\r?\n)*[ \t]")
_ESCAPED = re.compile(r"\\([\\;,:\"nN])")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")
_PLAIN = re.compile(r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=[^\x00-\x1f\x7f\";:,\\^%]+)*):(.*)", re.DOTALL)
_GAPS = re.compile(r"[\s\x00-\x1f\x7f]+")

Miss: TypeAlias = tuple[RemoteId, str]
Property: TypeAlias = tuple[Mapping[str, Any], str]


class NotACalendar(ValueError):  # noqa: N818 - it says what the bytes are
    """These bytes hold neither a VCALENDAR nor a VEVENT."""


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a calendar gave: its meetings in the order of the file, their descriptions, and what could not be read."""

    found: tuple[Interaction, ...] = ()
    missed: tuple[Miss, ...] = ()
    texts: Mapping[RemoteId, str] = field(default_factory=dict)


def read(data: bytes, *, until: datetime, zone: tzinfo = UTC, texts: bool = False) -> Reading:
    """All meetings of one calendar; series up to `until` (aware). Raises NotACalendar."""
    events, missed = parse(data, zone=zone, texts=texts)
    reading = meetings(events, until)
    return Reading(reading.found, (*missed, *reading.missed), reading.texts)


def parse(data: bytes, *, zone: tzinfo = UTC, texts: bool = False, name: str = "") -> tuple[list[Event], list[Miss]]:
    """Every VEVENT that can be read, and the others with the reason. Raises NotACalendar.

    `zone` is where floating times and unknown zone names are at home; `name` stands before "event 17" in a miss.
    """
    calendar = _cut(_lines(data))
    zones = Zones(calendar.zones, zone)
    events: list[Event] = []
    missed: list[Miss] = []
    for number, (lines, cancelled) in enumerate(calendar.events, start=1):
        place = f"{name} event {number}".strip()
        properties = _properties(lines)
        try:
            events.append(_event(place, properties, zones, cancelled, texts=texts))
        except BROKEN:
            missed.append((_uid(properties) or place, f"{place}: {_trouble(properties)}"))
    return events, missed


def meetings(events: Iterable[Event], until: datetime) -> Reading:
    """The meetings that these events plan: single ones, and of a series those first planned before `until`."""
    families: dict[str, list[Event]] = {}
    for event in events:
        families.setdefault(event.uid, []).append(event)
    found: dict[RemoteId, Interaction] = {}
    missed: list[Miss] = []
    texts: dict[RemoteId, str] = {}
    for family in families.values():
        try:
            held = _held(family, until, missed)
        except BROKEN:
            missed.append((family[0].uid, f"{family[0].place}: its dates cannot be worked out"))
            continue
        told: set[str] = set()  # a description is said once, not once a week
        for event, interaction in held:
            found.setdefault(interaction.id, interaction)
            if event.text and event.place not in told:
                told.add(event.place)
                texts[interaction.id] = event.text
    return Reading(tuple(found.values()), tuple(missed), texts)


# ---- from bytes to VEVENTs -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Calendar:
    """The lines of each VEVENT with whether its calendar cancels it, and the lines of each VTIMEZONE."""

    events: list[tuple[list[str], bool]] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)


def _lines(data: bytes) -> Iterator[str]:
    """The unfolded lines. A fold may stand inside a UTF-8 character, so it is undone before decoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    for line in _FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf")).split(b"\n"):
        try:
            yield line.decode().strip("\r\x00 \t")
        except UnicodeDecodeError:
            yield line.decode("cp1252", "replace").strip("\r\x00 \t")


def _cut(lines: Iterable[str]) -> _Calendar:
    """The VEVENTs and VTIMEZONEs, also of a calendar that is cut off or closes the wrong component."""
    calendar = _Calendar()
    inside: list[str] = []
    seen = cancelled = False
    for line in lines:
        name, _, value = line.partition(":")
        word, value = _word(name), value.strip().upper()
        if word == "BEGIN":
            seen = seen or value in {"VCALENDAR", "VEVENT"}
            if value in {"VCALENDAR", "VEVENT", "VTIMEZONE"}:
                inside = [] if value == "VCALENDAR" else [value]
                cancelled = cancelled and value != "VCALENDAR"
                _open(calendar, value, cancelled)
            elif inside:
                inside.append(value)
        elif word == "END" and value in inside:
            del inside[inside.index(value) :]
        elif word == "METHOD" and not inside:
            cancelled = value == "CANCEL"
        elif inside == ["VEVENT"] and word in _KEPT:
            calendar.events[-1][0].append(line)
        if line and (inside[:1] == ["VTIMEZONE"] or (word == "END" and value == "VTIMEZONE")) and calendar.zones:
            calendar.zones[-1].append(line)
    if not seen:
        raise NotACalendar
    return calendar


def _open(calendar: _Calendar, component: str, cancelled: bool) -> None:
    if component == "VEVENT":
        calendar.events.append(([], cancelled))
    elif component == "VTIMEZONE":
        calendar.zones.append([])


def _word(name: str) -> str:
    return name.partition(";")[0].replace(" ", "").replace("\t", "").upper()


def _properties(lines: Iterable[str]) -> dict[str, list[Property]]:
    """Name -> its occurrences, with parameters and raw value. A line that is none is left out."""
    properties: dict[str, list[Property]] = {}
    for line in lines:
        try:
            name, params, value = _plain(line) or _parts(line)
        except BROKEN:
            continue
        known = properties.setdefault(name.upper(), [])
        if not known or name.upper() in _SEVERAL:
            known.append((params, value))
    return properties


def _parts(line: str) -> tuple[str, Mapping[str, Any], str]:
    """Name, parameters and raw value, as icalendar reads them. Raises ValueError."""
    from icalendar.parser import Contentline

    parts: tuple[str, Mapping[str, Any], str] = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    return parts


def _plain(line: str) -> tuple[str, Mapping[str, Any], str] | None:
    """The same for a line without quotes, lists or escapes in its parameters; it more than halves a calendar's time."""
    if not (hit := _PLAIN.fullmatch(line)):
        return None
    pairs = [pair.partition("=") for pair in hit[2].split(";")[1:]]
    params = {name.upper(): value.strip() for name, _, value in pairs}
    return (hit[1], params, hit[3]) if len(params) == len(pairs) and all(params.values()) else None


# ---- from a VEVENT to an Event ---------------------------------------------------------------------------------------


def _event(
    place: str, properties: Mapping[str, list[Property]], zones: Zones, cancelled: bool, *, texts: bool
) -> Event:
    organiser = next((_party(*p) for p in properties.get("ORGANIZER", ())), None)
    plan = _plan(properties, zones)
    subject = _GAPS.sub(" ", _text(properties, "SUMMARY")).strip()[:LONGEST_SUBJECT]
    sequence = _text(properties, "SEQUENCE").strip()
    return Event(
        place=place,
        uid=_uid(properties) or _hash(repr((plan.start, plan.end, plan.recurrence, subject, organiser))),
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


def _uid(properties: Mapping[str, list[Property]]) -> str:
    uid = _text(properties, "UID").strip()
    return _hash(uid) if len(uid) > LONGEST_UID or not uid.isprintable() else uid


def _hash(text: str) -> str:
    return "sha256-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _trouble(properties: Mapping[str, list[Property]]) -> str:
    return "its start cannot be read" if "DTSTART" in properties else "it has no start"


# ---- from Events to Interactions -------------------------------------------------------------------------------------


def _held(family: list[Event], until: datetime, missed: list[Miss]) -> list[tuple[Event, Interaction]]:
    """The meetings of one UID. Only its latest version counts; several of one version are several meetings."""
    masters = [event for event in family if event.plan.recurrence is None]
    latest = max((event.sequence for event in masters), default=0)
    masters = list(
        {(event.plan, event.subject): event for event in reversed(masters) if event.sequence == latest}.values()
    )[::-1]
    masters.sort(key=lambda event: not event.plan.repeats)  # exceptions belong to the series; the sort is stable
    changes = [(Change(event.plan, event.sequence), event) for event in family if event.plan.recurrence is not None]
    held = []
    for place, master in enumerate(masters or [None]):
        mine = changes if place == 0 else []
        by_plan = {id(change.plan): event for change, event in mine}
        if master and not mine and not master.plan.repeats:
            held.append((master, _single(master, first=place == 0)))
            continue
        happening = occurrences(master.plan if master else None, [change for change, _ in mine], until)
        if master:
            missed += [(master.uid, f"{master.place}: {trouble}") for trouble in happening.troubles]
        for one in happening.found:
            event = by_plan.get(id(one.plan), master)
            if event:
                held.append((event, _instance(event, one)))
    return held


def _single(event: Event, *, first: bool) -> Interaction:
    start, end = _utc(event.plan.start), _utc(event.plan.end)
    return _interaction(event, event.uid if first else f"{event.uid}/{_stamp(start)}", start, end, None)


def _instance(event: Event, one: Occurrence) -> Interaction:
    original = _utc(one.original)
    return _interaction(event, f"{event.uid}/{_stamp(original)}", _utc(one.start), _utc(one.end), original)


def _interaction(event: Event, remote: RemoteId, start: Moment, end: Moment, original: Moment | None) -> Interaction:
    sent = start if isinstance(start, datetime) else datetime.combine(start, time(), UTC)
    return Interaction(
        id=remote,
        sent=sent,
        dated_by="start",
        sender=event.organiser,
        to=tuple(attendee.party for attendee in event.attendees),
        subject=event.subject,
        meeting=Meeting(
            uid=event.uid,
            start=start,
            end=end,
            original_start=original,
            organiser=event.organiser,
            attendees=event.attendees,
            cancelled=event.cancelled,
            recurring=original is not None,
        ),
    )


def _utc(moment: Moment) -> Moment:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _stamp(moment: Moment) -> str:
    """Compact and sortable, as iCalendar writes it."""
    return moment.strftime("%Y%m%dT%H%M%SZ" if isinstance(moment, datetime) else "%Y%m%d")
