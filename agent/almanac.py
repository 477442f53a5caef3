"""What is of this day alone: promises that are due, birthdays, events ahead, opportunities on their way?"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from agent.gifts.event import AHEAD_TO, events
from agent.gifts.occasion import occasions
from agent.gifts.opportunity import errands, opportunities
from agent.gifts.promise import DUE_TO, promises
from agent.model import DAY, Almanac, Event, Fact, Person, Standing, Topic
from agent.store.calendar import dated
from agent.store.store import Store
from agent.words import local

AHEAD = 3
"""Days: a wish is proposed on the day itself, and before days without a digest, as a Friday is before its weekend."""


class Acquaintances(Protocol):
    """What is asked of what was learned."""

    own: frozenset[str]

    def people(self) -> Sequence[Person]: ...
    def standings(self) -> Sequence[Standing]: ...
    def topics(self, person: int) -> tuple[Topic, ...]: ...


def almanac_of(
    known: Acquaintances,
    store: Store,
    at: int,
    zone: tzinfo,
    wanted: Callable[[date], bool],
    *,
    texts: bool,
    past: bool,
) -> Almanac:
    """The almanac of the morning of `at`, in POSIX seconds; `wanted` says on which days there is a digest, and `texts`
    whether any text was read: without one nobody knows of a promise.

    On a `past` morning nothing ahead is known: the store does not know when something was put into a calendar.
    Address books have no past; what stands in them now is taken for what stood there then.
    """
    people = {a: person for person in known.people() for a in person.addresses}
    days = until_next(local(at, zone), wanted)
    calendar = of_the_day(store, days, at if past else None)
    noted = opportunities(store.stated(at))
    lately = store.facts(until=at, since=at - DUE_TO * DAY) if texts else ()
    return Almanac(
        promises=promises(lately, people, known.own, at, zone),
        occasions=occasions(store.cards(), calendar, known.people(), days, known.own),
        errands=errands(noted, known.people(), known.standings(), known.topics),
        events=() if past else ahead(store, known.own, at, zone),
    )


def until_next(today: date, wanted: Callable[[date], bool]) -> list[date]:
    """Today, and the days that follow it without a digest."""
    days = [today]
    while len(days) <= AHEAD and not wanted(tomorrow := days[-1] + timedelta(days=1)):
        days.append(tomorrow)
    return days


def of_the_day(store: Store, days: list[date], before: int | None) -> list[Fact]:
    """The whole days in the user's calendars that begin on one of these, if need be only those that began `before`."""
    first, last = (int(datetime.combine(day, time(), UTC).timestamp()) for day in (days[0], days[-1]))
    found = dated(store, first, last if before is None else min(last, before))
    return [fact for fact in found.facts if fact.id in found.whole_days]


def ahead(store: Store, own: frozenset[str], at: int, zone: tzinfo) -> tuple[Event, ...]:
    """The events of the next weeks that one may speak of."""
    found = dated(store, at, at + (AHEAD_TO + 1) * DAY)
    return events(found.facts, found.whole_days, found.recurring, own, at, zone)
