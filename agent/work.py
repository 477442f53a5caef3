"""What happens in the morning, in order: propose, compose, deliver. Pulled and learned it is by now."""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from heapq import merge
from typing import Any

from agent.boundaries import Rules
from agent.digest.compose import as_mail, compose
from agent.fresh import learn, studied
from agent.gifts import NEWS_AGE
from agent.learn import Studied, noted, threads_in
from agent.model import DAY, FORTNIGHT, Coverage, Digest, Fact, Morning, Person, Shown, Standing, Tie
from agent.news import news
from agent.propose import Known, Outcome, propose
from agent.pull import Pulled, pull
from agent.signals.contacts import contacts
from agent.signals.rhythm import others_gap
from agent.store.store import Store
from agent.words import local, long_day
from config.settings import Settings

__all__ = ["Made", "Pulled", "Remembered", "deliver", "learn", "make", "pull", "studied"]

SILENT = 3 * 365
"""Days for which it is looked up whether the user's own mail is there; longer silences are not proposed to end."""

REMEMBERED = 400
"""Days for which shown digests can still hold something back: a quarter, and room to spare."""


@dataclass(frozen=True, slots=True)
class Made:
    """A morning: what was known, what was proposed, and the mail that says so."""

    known: Known
    morning: Morning
    rules: Rules
    outcome: Outcome
    digest: Digest


class Remembered:
    """The present's knowledge, read from the store as it is asked for."""

    def __init__(self, store: Store, until: int) -> None:
        self.own = frozenset(store.own())
        self.notices = tuple(store.notices())
        self._store, self._until = store, until
        self._people = {person.id: person for person in store.people()}
        self._standings = store.standings()
        self._notes = store.stated(until)

    def people(self) -> Sequence[Person]:
        """Everybody who is known."""
        return list(self._people.values())

    def standings(self) -> Sequence[Standing]:
        """How everybody stands with whom there was a contact."""
        return self._standings

    def tie(self, person: int) -> Tie:
        """All that passed with one person, read from the facts."""
        store, whom = self._store, self._people[person]
        met = list(store.facts(until=self._until, addresses=whom.addresses))
        passed = contacts(whom, met, self.own, store.threads_of([f.id for f in met]), self._until)
        within = store.facts_of({c.thread for c in passed if c.thread})
        among = [f for f in met if f.id in within]
        others = store.facts(until=self._until, ids=within.keys() - {f.id for f in among})
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in merge(among, others, key=lambda f: (f.at, f.id)):
            members[within[fact.id]].append(fact)
        threads = threads_in(passed, members, store.opened_by(members))
        return Tie(whom, passed, threads, store.topics(person), noted(whom, self._notes))

    def open_talk(self, standing: Standing) -> Tie:
        """Of the tie that stands so only the threads that they ended: a few mails, where the whole may be thousands."""
        store, whom = self._store, self._people[standing.person]
        within = store.facts_of([thread for thread, _ in standing.open])
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in store.facts(until=self._until, ids=within):
            members[within[fact.id]].append(fact)
        passed = contacts(whom, [f for mails in members.values() for f in mails], self.own, within, self._until)
        return Tie(whom, passed, threads_in(passed, members, store.opened_by(members)))


def morning_of(known: Known, store: Store, at: int, zone: tzinfo) -> Morning:
    """What holds for every tie on the morning of `at`, in POSIX seconds."""
    people = {a: person for person in known.people() for a in person.addresses}
    recent = store.facts(until=at, since=at - NEWS_AGE * DAY, marked=True)
    written = store.written(known.own, at - SILENT * DAY, at, FORTNIGHT)
    return Morning(at, zone, known.own, others_gap(known.standings()), news(recent, people, known.own), written)


def make(store: Store, settings: Settings, now: datetime, zone: tzinfo, *, past: bool) -> Made:
    """The digest of a morning. Of a past one, everything is studied anew from what was there by then."""
    at = int(now.timestamp())
    known: Known
    if past:
        known = Studied(studied(store, settings.me.addresses, zone, at), store.stated(at))
    else:
        known = Remembered(store, at)
    morning = morning_of(known, store, at, zone)
    day = local(at, zone)
    shown = tuple(s for s in store.shown(at - REMEMBERED * DAY, at) if s.day != day)
    rules = Rules(settings.boundaries.never, tuple(store.stated(at)), shown)
    newest = newest_of(store, at) if past else at
    coverage = [replace(c, end=min(c.end, newest)) for c in store.coverage() if c.start <= at]
    outcome = propose(known, morning, rules, settings.digest.people, coverage)
    digest = compose(
        outcome.proposals,
        day=day,
        me=next(iter(settings.me.addresses), ""),
        zone=zone,
        key=store.key,
        lines=known.notices,
        silent_because=outcome.silent_because,
        archive_ends=ends(coverage, morning),
    )
    return Made(known, morning, rules, outcome, digest)


def newest_of(store: Store, until: int) -> int:
    """When the last thing passed before `until`: that more came later is not known on that morning."""
    for since in (until - NEWS_AGE * DAY, 0):  # nearly always it was lately
        if last := deque(store.facts(until=until, since=since), maxlen=1):
            return last[0].at
    return 0


def ends(coverage: Sequence[Coverage], morning: Morning) -> str:
    """How far the archives reach, where that is not up to now: what came after, nobody saw."""
    if not coverage or not all(c.archive for c in coverage):
        return ""
    end = max(c.end for c in coverage)
    if morning.now - end < DAY:
        return ""
    return f"Your archive ends on {long_day(local(end, morning.zone))}; what came after it is not seen."


def deliver(
    store: Store,
    made: Made,
    me: str,
    now: datetime,
    output: Callable[..., None],
    folder: Any,
    echo: Callable[[str], None],
) -> None:
    """Hand the digest to an output; the store marks the day before and after, so that a crash is seen."""
    digest, at = made.digest, int(now.timestamp())
    rows = [
        Shown(digest.day, slot, p.kind, p.person.addresses, p.gift.says, at)
        for slot, p in enumerate(made.outcome.proposals, 1)
    ]
    store.mark_shown(digest.day, rows, digest.message_id, at=at)
    output(digest, as_mail(digest, me, now), folder=folder, echo=echo)
    store.mark_delivered(digest.day, at=at)
