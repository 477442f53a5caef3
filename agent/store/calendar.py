"""Which meetings begin in some days, also in those still to come? None of those is contact."""

import json
from dataclasses import dataclass

from agent.model import Fact
from agent.store.facts import Facts


@dataclass(frozen=True, slots=True)
class Dated:
    """Meetings, oldest first, and which of them (by id) last whole days, and are one of a series."""

    facts: tuple[Fact, ...]
    whole_days: frozenset[int]
    recurring: frozenset[int]


def dated(store: Facts, since: int, until: int) -> Dated:
    """What begins from `since` to `until` (POSIX seconds, both included) in the calendars that may be seen; a whole day
    begins at its midnight in UTC.
    """
    found = tuple(fact for fact in store.facts(since=since, until=until) if fact.meeting)
    rows = store.rows(
        "SELECT id, whole_days, recurring FROM item WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps([fact.id for fact in found]),),
    ).fetchall()
    return Dated(found, frozenset(n for n, whole, _ in rows if whole), frozenset(n for n, _, again in rows if again))
