"""What did the user make of the digests so far?"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from agent.model import DAY, Contact, Fact, Person, Shown, Statement
from agent.propose import Known
from agent.signals.contacts import contacts
from agent.signals.logged import logged, merged
from agent.signals.taste import DIGESTS, FEWEST, LONG_SILENT, Taste, answered_days, choices, taste
from agent.store.store import Store

ENOUGH = 2 * min(DIGESTS, FEWEST)
"""Fewer proposals than this teach nothing, so that nothing is read."""


def taste_of(
    known: Known, store: Store, shown: Sequence[Shown], stated: Collection[Statement], at: int, today: date
) -> Taste:
    """Whom and when the user likes to be told of, by what they were `shown` before `at`, in POSIX seconds, which is
    some moment of `today`.
    """
    if len(shown) < ENOUGH:
        return Taste()
    people = {address: person for person in known.people() for address in person.addresses}
    seen = {people[a].id: people[a] for one in shown for a in one.addresses if a in people}
    since = min(one.at for one in shown) - LONG_SILENT * DAY
    passed, said = passed_with(seen, known, store, since, at), logged(stated, people.values(), at)
    both = {number: merged(some, said.get(number, ())) for number, some in passed.items()}
    return taste(choices(shown, stated, people, both, at), answered_days(shown, stated, people, both, at), today)


def passed_with(
    people: Mapping[int, Person], known: Known, store: Store, since: int, at: int
) -> dict[int, Sequence[Contact]]:
    """The contacts with each of these people from `since` to `at`, from one look at the facts."""
    whose = {address: person.id for person in people.values() for address in person.addresses}
    met: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(until=at, since=max(since, 0), addresses=whose):
        for number in {whose[address] for address in (fact.sender, *fact.recipients) if address in whose}:
            met[number].append(fact)
    return {number: contacts(person, met[number], known.own, {}, at) for number, person in people.items()}
