"""When does a series of meetings take place, and which of its instances were changed?

The rules are expanded by dateutil on the clock of the wall, so that ten o'clock stays ten o'clock through the change of
the clocks. recurring-ical-events, which the tests compare with, works a rule out before anyone can count it, so that an
absurd one costs minutes and gigabytes; and it forgets which instance a THISANDFUTURE change has moved.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import TypeAlias

Moment: TypeAlias = datetime | date
"""An aware time, or a whole day."""

AHEAD = timedelta(days=180)
"""How far ahead of now series are worked out: as far as Graph's calendar view; few talks are planned beyond it."""

MOST = 1_500
"""Instances of one series that are kept, the newest before the end of the window: six years of every working day."""

LOOKED_AT = 20_000
"""Instances of one rule that are worked out at all: 54 years of every day. What repeats more often is no meeting."""

BROKEN = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What icalendar, dateutil and datetime raise on input that is not what it should be."""

_CYCLE = 400
"""The Gregorian calendar repeats itself after so many years, to the day of the week."""

_PARTS = frozenset(
    {"FREQ", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}
    | {"BYMONTH", "BYSETPOS", "WKST"}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """When one VEVENT says that it is. Its times are aware; of a whole day, all are dates."""

    start: Moment
    end: Moment
    recurrence: Moment | None = None  # the original start of the instance that it changes
    onwards: bool = False  # THISANDFUTURE
    rules: tuple[str, ...] = ()
    added: tuple[tuple[Moment, timedelta | None], ...] = ()  # with their own length, where they have one
    removed: tuple[Moment, ...] = ()

    @property
    def repeats(self) -> bool:
        """Whether it is more, or less, than its one start."""
        return bool(self.rules or self.added or self.removed)

    @property
    def lasts(self) -> timedelta:
        """From start to end by the clock that ticks."""
        return _tick(self.end) - _tick(self.start)


@dataclass(frozen=True, slots=True)
class Change:
    """A VEVENT with a RECURRENCE-ID; of two for one instance the higher sequence holds."""

    plan: Plan
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One instance: whose plan holds for it, when it was to be at first, and when it is."""

    plan: Plan
    original: Moment
    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True)
class Happening:
    """The instances of a series, oldest original start first, and what could not be worked out, in sentences."""

    found: tuple[Occurrence, ...]
    troubles: tuple[str, ...] = ()


def occurrences(master: Plan | None, changes: Iterable[Change], until: datetime) -> Happening:
    """The instances whose original start is before `until` (aware): at most MOST, the newest, and all changed ones.

    Without `master`, the changes stand for themselves. Raises one of BROKEN on dates that no calendar has.
    """
    ordered = sorted(changes, key=lambda change: change.sequence)
    if master is None:
        lone = {_tick(c.plan.recurrence): c.plan for c in ordered if c.plan.recurrence is not None}
        return Happening(tuple(_changed(plan) for at, plan in sorted(lone.items()) if at < until))
    wall = _Wall(master)
    horizon = wall.of(until)
    starts, troubles = _starts(master, wall, horizon)
    gone = {wall.of(moment) for moment in master.removed}
    gone_days = {moment for moment in master.removed if not isinstance(moment, datetime)}
    exact = {wall.of(c.plan.recurrence): c.plan for c in ordered if c.plan.recurrence is not None}
    onwards = sorted((at, plan) for at, plan in exact.items() if plan.onwards) if exact else []
    return Happening(
        tuple(
            _changed(exact[at], wall.moment(at)) if at in exact else _planned(at, master, onwards, wall)
            for at in sorted({*starts, *exact})
            if at < horizon and at not in gone and at.date() not in gone_days
        ),
        troubles,
    )


def window(now: datetime) -> datetime:
    """The end of the window in which the series of a live calendar are worked out: a Monday at least AHEAD from now, so
    that it moves once a week."""
    day = (now.astimezone(UTC) + AHEAD).date()
    return datetime.combine(day + timedelta(days=7 - day.weekday()), time(), UTC)


class _Wall:
    """The clock on the wall where a series is at home: naive times, whole days at midnight."""

    def __init__(self, plan: Plan) -> None:
        self.whole_days = not isinstance(plan.start, datetime)
        self._zone: tzinfo = (plan.start.tzinfo if isinstance(plan.start, datetime) else None) or UTC
        self._lengths = {self.of(start): length for start, length in plan.added if length is not None}

    def of(self, moment: Moment) -> datetime:
        """This moment as that clock shows it."""
        if not isinstance(moment, datetime):
            return datetime.combine(moment, time())
        if self.whole_days:
            return datetime.combine(moment.date(), time())
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def moment(self, at: datetime) -> Moment:
        """The moment when that clock shows `at`."""
        return at.date() if self.whole_days else at.replace(tzinfo=self._zone)

    def length(self, at: datetime, plan: Plan) -> timedelta:
        """How long the instance lasts."""
        return self._lengths.get(at, plan.lasts)


def _changed(plan: Plan, original: Moment | None = None) -> Occurrence:
    first = original if original is not None else plan.recurrence
    return Occurrence(plan, first if first is not None else plan.start, plan.start, plan.end)


def _planned(at: datetime, master: Plan, onwards: list[tuple[datetime, Plan]], wall: _Wall) -> Occurrence:
    """An instance by the series' own plan, or by the last change from there onwards, moved as far as that one was."""
    since, plan = next(((since, plan) for since, plan in reversed(onwards) if since < at), (at, master))
    moved = wall.of(plan.start) - since if plan is not master else timedelta(0)
    start = wall.moment(at + moved)
    return Occurrence(plan, wall.moment(at), start, _after(start, wall.length(at, plan)))


def _after(start: Moment, length: timedelta) -> Moment:
    """The end of what begins then: by the clock that ticks, or in whole days."""
    return (start.astimezone(UTC) if isinstance(start, datetime) else start) + length


def _tick(moment: Moment) -> datetime:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def _starts(plan: Plan, wall: _Wall, horizon: datetime) -> tuple[list[datetime], tuple[str, ...]]:
    """The original starts on the wall, the newest MOST, and what is wrong with the rules."""
    first = wall.of(plan.start)
    starts = {wall.of(start) for start, _ in plan.added}
    troubles: list[str] = []
    over = 0
    for rule in plan.rules:
        try:
            parts = _parts(rule)
            last = _last(parts.pop("UNTIL", ""), wall)
            over += last < first
            batch = list(islice(_expand(parts, first, horizon, last), LOOKED_AT))
        except BROKEN:
            troubles.append("how it repeats cannot be read")
            continue
        if len(batch) == LOOKED_AT:
            troubles.append(f"it repeats more than {LOOKED_AT:,} times")
        starts.update(batch)
    if not plan.rules or over < len(plan.rules):  # a rule that ends before it begins: every instance was deleted
        starts.add(first)
    return sorted(at for at in starts if at < horizon)[-MOST:], tuple(troubles)


def _parts(rule: str) -> dict[str, str]:
    """The parts of a rule that RFC 5545 has. Raises ValueError for what is no rule of meetings."""
    pairs = (part.partition("=") for part in rule.upper().replace(" ", "").split(";"))
    parts = {name: value for name, _, value in pairs if value and (name in _PARTS or name == "UNTIL")}
    if parts.get("FREQ") not in {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"}:
        raise ValueError("nobody meets by the minute")
    if int(parts.get("INTERVAL", "1")) < 1:
        raise ValueError("an interval of nothing never ends")
    if int(parts.get("COUNT", "1")) < 1:
        del parts["COUNT"]
    return parts


def _last(until: str, wall: _Wall) -> datetime:
    """The last moment of a rule on the wall; a day counts until its end."""
    from icalendar import vDDDTypes

    if not until:
        return datetime.max  # noqa: DTZ901 - on the wall
    last: Moment = vDDDTypes.from_ical(until)  # type: ignore[no-untyped-call]
    if not isinstance(last, datetime):
        return datetime.combine(last, time.max)
    return wall.of(last) if last.tzinfo is not None else last


def _expand(parts: Mapping[str, str], first: datetime, horizon: datetime, last: datetime) -> Iterator[datetime]:
    """The starts of a rule from `first` to `last`, and before `horizon`.

    dateutil looks for the next instance until the year 9999. The rule is therefore worked out in the last cycle
    before that year, which has the same days of the week: one that never happens again (30 February) ends after 400
    years, not after 8,000.
    """
    from dateutil.rrule import rrulestr

    if first >= horizon:
        return
    later = (9_999 - horizon.year) // _CYCLE * _CYCLE
    rule = rrulestr(
        ";".join(f"{name}={value}" for name, value in parts.items()), dtstart=first.replace(year=first.year + later)
    )
    for shifted in rule:
        at = shifted.replace(year=shifted.year - later)
        if at >= horizon or at > last:
            return
        yield at
