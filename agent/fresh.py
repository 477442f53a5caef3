"""Is what was learned still so? If not, it is learned again.

What learns is imported only where there is something to learn: most commands only ask.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from agent.store.learned import Learned as Kept
from agent.store.store import Store

if TYPE_CHECKING:
    from agent.learn import Learned


def learn(store: Store, given: Sequence[str], zone: tzinfo, at: datetime, *, anew: bool = False) -> tuple[str, ...]:
    """Learn what the facts say, if any are new (or `anew`, since the user said who is who); gives the notices."""
    now = int(at.timestamp())
    fresh = store.learned_anything() and not store.stale() and not renamed(store.own(), given)
    if fresh and not anew and not came_due(store, now):
        return store.notices()
    while True:  # again, where somebody was forgotten meanwhile
        upto = store.generation()
        learned = studied(store, given, zone, now)
        if store.save_learned(kept(learned), upto=upto, at=now):
            return learned.notices


def came_due(store: Store, now: int) -> bool:
    """Whether something that was still to come when it was last learned, a meeting, has passed since; or the clock was
    put back, so that what has not yet passed was learned as past.
    """
    before = store.learned_at()
    return before > now or any(True for _ in store.facts(since=before + 1, until=now))


def renamed(own: Mapping[str, str], given: Sequence[str]) -> bool:
    """Whether the user gave other addresses of their own than those that were learned with."""
    from agent.people.own import GIVEN

    return {a for a, why in own.items() if why == GIVEN} != {a.lower() for a in given}


def kept(learned: "Learned") -> Kept:
    """What was learned, as the store keeps it."""
    from agent.learn import spread_of, weighed

    spread, people = spread_of(learned.counts), len(learned.counts)
    return Kept(
        people=learned.people,
        own=learned.own,
        notices=learned.notices,
        standings=learned.standings,
        topics={person: weighed(learned.counts, person, spread, people) for person in learned.counts},
        threads=learned.threads,
        opened_by=learned.openers,
        weights=learned.weights,
    )


def studied(store: Store, given: Sequence[str], zone: tzinfo, until: int) -> "Learned":
    """What the facts before `until` say."""
    from agent.learn import study

    return study(
        list(store.facts(until=until)),
        store.names(until=until),
        given=given,
        statements=store.stated(until),
        zone=zone,
        until=until,
        before=store.people(),
        cards=store.cards(),
    )
