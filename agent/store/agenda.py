# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""What stands in the user's calendars for some days?"""

import json
from collections import defaultdict
from collections.abc import Collection

from agent.agenda import LONGEST, Entry
from agent.model import DAY
from agent.store.learned import LearnedKept


def agenda(store: LearnedKept, since: int, until: int) -> list[Entry]:
    """Everything that goes on between these moments (POSIX seconds) and was neither cancelled nor declined, oldest
    first; of the accounts that may be seen.
    """
    only, accounts = store.only_visible("item.id")
    rows = store.rows(
        "SELECT id, at, coalesce(ends, at), whole_days, subject FROM item WHERE meeting = 1 AND cancelled = 0"
        f" AND at > ? AND at < ? AND coalesce(ends, at) > ?{only} ORDER BY at, id",
        [since - LONGEST * DAY, until, since, *accounts],
    ).fetchall()
    own = frozenset(store.own())
    facts = {fact.id: fact for fact in store.facts(until=until, ids=[row[0] for row in rows])} if rows else {}
    shown = _calendars(store, [row[0] for row in rows])
    found = []
    for number, at, ends, whole_days, subject in rows:
        fact = facts.get(number)
        if fact is None or not own.isdisjoint(fact.declined):
            continue
        people = {fact.sender, *fact.recipients} - {""}
        mine = not people or not own.isdisjoint(people)
        found.append(Entry(subject, at, ends, bool(whole_days), mine, len(people - own), shown.get(number, ())))
    return found


def _calendars(store: LearnedKept, items: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Under which names of calendars and of accounts each of these is shown; of those that may be seen."""
    found: dict[int, list[str]] = defaultdict(list)
    for item, account, stream in store.rows(
        "SELECT item, account.name, stream.name FROM placement JOIN stream ON stream.id = placement.stream"
        " JOIN account ON account.id = stream.account WHERE item IN (SELECT value FROM json_each(?))"
        " ORDER BY stream.id",
        (json.dumps(list(items)),),
    ):
        if store.visible is None or account in store.visible:
            found[item] += [account, stream]
    return {item: tuple(names) for item, names in found.items()}
