"""What does a store hold, whenever and in how many rounds it came in? Two stores that were brought the same are equal.

Left out are run records and clock columns (they tell when something was found, and not what) and the numbers that count
transactions.
"""

from typing import Any

from agent.store.store import Store
from tests.agent.store.generated import dump

CLOCKS = {
    "account": {"first_at", "begun_at", "ended_at", "complete_at", "since", "next_at", "failures", "off_at", "limited",
                "bound", "refused_at", "lane", "state", "why", "remedy"},
    "stream": {"page_at", "complete_at", "reset_at", "audited_at", "lacking_at", "held_at", "listing", "epoch",
               "repaired"},
    "ledger": {"tried_at", "next_at"},
    "placement": {"listing"},
}  # fmt: skip

COUNTERS = ("meta", "stale", "sqlite_sequence")

Told = dict[str, list[tuple[Any, ...]]]


def canonical(store: Store, **also: set[str]) -> Told:
    """The whole database, table by table; `also` leaves out more columns of a table."""
    told = dump(store)
    for table, clocks in CLOCKS.items():
        clocks = clocks | also.get(table, set())
        names = [name for (_, name, *_) in store.rows(f"PRAGMA table_info({table})")]
        kept = [place for place, name in enumerate(names) if name not in clocks]
        told[table] = sorted((tuple(row[n] for n in kept) for row in told[table]), key=repr)
    for table in COUNTERS:
        told.pop(table, None)
    return told


def differences(one: Told, other: Told) -> dict[str, Any]:
    """What stands in one and not in the other, by table; of rows that answer each other only what differs."""
    found: dict[str, Any] = {}
    for table in one:
        here, there = ([row for row in mine if row not in theirs]
                       for mine, theirs in ((one[table], other[table]), (other[table], one[table])))  # fmt: skip
        if len(here) == len(there):
            found[table] = [
                [(a, b) for a, b in zip(x, y, strict=True) if a != b] for x, y in zip(here, there, strict=True)
            ]
        else:
            found[table] = here[:5], there[:5]
    return {table: rows for table, rows in found.items() if rows}
