"""What happens, in order: pull, learn, propose, compose, deliver."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from agent.boundaries import Rules
from agent.digest.compose import as_mail, compose
from agent.gifts import NEWS_AGE
from agent.learn import Learned, Studied, noted, spread_of, study, threads_in, weighed
from agent.model import DAY, Coverage, Digest, Fact, Morning, Person, Shown, Standing, Tie
from agent.news import news
from agent.own import GIVEN
from agent.propose import Known, Outcome, propose
from agent.signals.contacts import contacts
from agent.signals.rhythm import others_gap
from agent.store.learned import Learned as Kept
from agent.store.store import Store
from agent.words import local, long_day
from config.settings import Settings
from connectors.contract import Connector, Page, RemoteId

REMEMBERED = 400
"""Days for which shown digests can still hold something back: a quarter, and room to spare."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a round over one account brought."""

    account: str
    found: int = 0
    new: int = 0
    missed: int = 0


def pull(
    account: str,
    connector: Connector,
    store: Store,
    at: datetime,
    mark: Callable[[str], Any] | None = None,
    progress: Callable[[Pulled, float | None], None] = lambda *_: None,
) -> Pulled:
    """Bring what is new; each page is safe before the next is asked for. Raises connectors.contract.Trouble."""
    done = Pulled(account)
    for stream in connector.streams():
        for page in connector.pull(stream, store.cursor(account, stream.id)):
            kept = store.record(account, stream, page, marks_of(page, mark), at=at)
            done = Pulled(account, done.found + kept.found, done.new + kept.new, done.missed + kept.missed)
            progress(done, page.progress)
    return done


def marks_of(page: Page, mark: Callable[[str], Any] | None) -> Mapping[RemoteId, Any]:
    """The page's texts as marks; the texts themselves go no further."""
    return {key: mark(text) for key, text in page.texts.items()} if mark else {}


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
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in store.facts(until=self._until, ids=within):
            members[within[fact.id]].append(fact)
        threads = threads_in(passed, members, store.opened_by(members))
        return Tie(whom, passed, threads, store.topics(person), noted(whom, self._notes))


def morning_of(known: Known, now: datetime, zone: tzinfo, recent: Sequence[Fact]) -> Morning:
    """What holds for every tie this morning; `recent` are the facts that may hold news."""
    people = {a: person for person in known.people() for a in person.addresses}
    at = int(now.timestamp())
    return Morning(at, zone, known.own, others_gap(known.standings()), news(recent, people, known.own))


def learn(store: Store, given: Sequence[str], zone: tzinfo, at: datetime, *, anew: bool = False) -> tuple[str, ...]:
    """Learn what the facts say, if any are new (or `anew`, since the user said who is who); gives the notices."""
    now = int(at.timestamp())
    fresh = store.learned_anything() and not store.stale() and not renamed(store.own(), given)
    if fresh and not anew and not came_due(store, now):
        return store.notices()
    upto = store.generation()
    learned = studied(store, given, zone, now)
    store.save_learned(kept(learned), upto=upto, at=now)
    return learned.notices


def came_due(store: Store, now: int) -> bool:
    """Whether something that was still to come when it was last learned, a meeting, has passed since."""
    return any(True for _ in store.facts(since=store.learned_at() + 1, until=now))


def renamed(own: Mapping[str, str], given: Sequence[str]) -> bool:
    """Whether the user gave other addresses of their own than those that were learned with."""
    return {a for a, why in own.items() if why == GIVEN} != {a.lower() for a in given}


def kept(learned: Learned) -> Kept:
    """What was learned, as the store keeps it."""
    spread, people = spread_of(learned.counts), len(learned.counts)
    return Kept(
        people=learned.people,
        own=learned.own,
        notices=learned.notices,
        standings=learned.standings,
        topics={person: weighed(learned.counts, person, spread, people) for person in learned.counts},
        threads=learned.threads,
        opened_by=learned.openers,
    )


def studied(store: Store, given: Sequence[str], zone: tzinfo, until: int) -> Learned:
    """What the facts before `until` say."""
    return study(
        list(store.facts(until=until)),
        store.names(until=until),
        given=given,
        statements=store.stated(until),
        zone=zone,
        until=until,
        before=store.people(),
    )


def make(store: Store, settings: Settings, now: datetime, zone: tzinfo, *, past: bool) -> Made:
    """The digest of a morning. Of a past one, everything is studied anew from what was there by then."""
    at = int(now.timestamp())
    known: Known
    if past:
        known = Studied(studied(store, settings.me.addresses, zone, at), store.stated(at))
    else:
        known = Remembered(store, at)
    recent = list(store.facts(until=at, since=at - NEWS_AGE * DAY))
    morning = morning_of(known, now, zone, recent)
    day = local(at, zone)
    shown = tuple(s for s in store.shown(at - REMEMBERED * DAY, at) if s.day != day)
    rules = Rules(settings.boundaries.never, tuple(store.stated(at)), shown)
    coverage = [replace(c, end=min(c.end, at)) for c in store.coverage() if c.start <= at]
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
