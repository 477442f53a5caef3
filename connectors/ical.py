"""What do these iCalendar bytes say: who was asked to meet whom, when, and did it take place?

One place for files, addresses and CalDAV. How often a series takes place is worked out in `connectors.series`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from typing import TypeAlias

from connectors.contract import Interaction, Meeting, RemoteId
from connectors.ical_events import Event, event_of, trouble_of, uid_of
from connectors.ical_lines import cut, properties_of
from connectors.series import BROKEN, Change, Moment, Occurrence, occurrences
from connectors.zones import Zones

Miss: TypeAlias = tuple[RemoteId, str]


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
    calendar = cut(data)
    zones = Zones(calendar.zones, zone)
    events: list[Event] = []
    missed: list[Miss] = []
    for number, (lines, cancelled) in enumerate(calendar.events, start=1):
        place = f"{name} event {number}".strip()
        properties = properties_of(lines)
        try:
            events.append(event_of(place, properties, zones, cancelled, texts=texts))
        except BROKEN:
            missed.append((uid_of(properties) or place, f"{place}: {trouble_of(properties)}"))
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
