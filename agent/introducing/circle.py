"""Who takes part in introductions, and what passed with them? Read once, and when it is asked for.

Only those whom the user called work take part, so that little is read; where there are none, nothing is.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from agent.boundaries import Case, Rules, held, is_no_person, is_the_user, nameless, never, not_yet, stop_pushing
from agent.gifts.introduction import called
from agent.introducing.suiting import NEED_AGE, Known, Match, allowed, matches, needs, together, warm
from agent.model import DAY, Fact, Morning, Person, Shown, Standing, Topic
from agent.propose import Known as Everybody
from agent.signals.company import companies
from agent.signals.contacts import MOST_RECIPIENTS, by_hand
from agent.store.store import Store

KIND = "introduce"

MOST_PEOPLE = 60
"""So many of those who are allowed are looked at, the latest contact first."""

APART = (is_the_user, is_no_person, never, not_yet, stop_pushing, nameless)
"""The boundaries that keep somebody out of an introduction, whoever would be written to."""


class Acquaintances(Everybody, Protocol):
    """What is asked of what was learned, beside what a morning asks of it."""

    def topics(self, person: int) -> tuple[Topic, ...]: ...
    def threads_of(self, facts: Collection[int]) -> Mapping[int, int]: ...


class Circle:
    """Those who may take part, and what passed with them, read once and when it is asked for."""

    def __init__(self, known: Acquaintances, store: Store, morning: Morning, rules: Rules) -> None:
        self.morning, self.rules = morning, rules
        self._known, self._store = known, store
        self._standings = {s.person: s for s in known.standings()}
        people = [p for p in allowed(known.people()) if p.id in self._standings and p.addresses]
        self.people = sorted(people, key=lambda p: (-self._standings[p.id].last, p.id))[:MOST_PEOPLE]
        self._facts: dict[int, list[Fact]] = {}
        self._matches: list[Match] | None = None
        self._cards: dict[str, str] | None = None

    def facts(self, person: Person) -> list[Fact]:
        """All in which this person stands; what lies in the drafts was never sent."""
        if person.id not in self._facts:
            found = self._store.facts(until=self.morning.now, addresses=person.addresses)
            self._facts[person.id] = [f for f in found if "\\Drafts" not in f.labels or "\\Sent" in f.labels]
        return self._facts[person.id]

    def talks(self, person: Person) -> list[Fact]:
        """The mails that passed between the user and this person, and few others."""
        own, theirs = self.morning.own, set(person.addresses)
        return [
            f
            for f in self.facts(person)
            if by_hand(f)
            and not f.meeting
            and len(f.recipients) <= MOST_RECIPIENTS
            and (f.sender in theirs if own & set(f.recipients) else f.sender in own)
        ]

    def met(self, one: Person, other: Person) -> Fact | None:
        """Where the two stood together, last."""
        ids = {f.id for who in (one, other) for f in self.facts(who)}
        return together(self.facts(one), self.facts(other), self._known.threads_of(ids))

    def rests(self, person: Person) -> str:
        """Why this person takes no part at present; "" where they may."""
        return held(Case(person, self.standing(person), "keeping up", KIND), self.rules, self.morning, APART)

    def held(self, person: Person) -> str:
        """Why nothing is proposed to write to this person; "" where nothing speaks against it."""
        return held(Case(person, self.standing(person), "keeping up", KIND), self.rules, self.morning)

    def standing(self, person: Person) -> Standing:
        """How it stands with them."""
        return self._standings.get(person.id, Standing(person.id))

    def employers(self, person: Person) -> tuple[str, ...]:
        """For whom this person works, as the address book says."""
        if self._cards is None:
            self._cards = {a.lower(): c.organisation for c in self._store.cards() for a in c.addresses}
        return tuple({self._cards[a]: None for a in person.addresses if self._cards.get(a)})

    def everybody(self) -> Sequence[Person]:
        """All who are known."""
        return self._known.people()

    def matches(self, also: Sequence[Person] = ()) -> list[Match]:
        """Who suits whom, of those who take part and of `also`."""
        if also:
            return self._fitting(also)
        if self._matches is None:
            self._matches = self._fitting()
        return self._matches

    def _fitting(self, also: Sequence[Person] = ()) -> list[Match]:
        some = [p for p in (*self.people, *also) if warm(self.standing(p), self.morning.now) and not self.rests(p)]
        if len(some) < 2:
            return []
        now, own = self.morning.now, self.morning.own
        addresses = [a for p in some for a in p.addresses]
        recent = list(self._store.facts(until=now, since=now - NEED_AGE * DAY, addresses=addresses))
        company = companies(own)
        return matches(
            [
                Known(p, self.standing(p), self._known.topics(p.id), tuple(needs(recent, p, own, company, now)))
                for p in some
            ],
            now,
        )

    def showings(self, to: Person, other: Person, since: int) -> list[Shown]:
        """When this step was shown, oldest first: the sentence names the other."""
        named = re.compile(rf"(?<!\w){re.escape(called(other))}(?!\w)")
        mine = [s for s in self.rules.showings(to) if s.kind == KIND and s.at >= since and named.search(s.gift)]
        return mine[::-1]
