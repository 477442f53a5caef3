"""What would auld have proposed on past mornings of real mailboxes, and does every claim hold?

Twelve working mornings for each mailbox, from 60 % of the span in which its owner sent mail; each digest is remembered
as shown, as it would be. Each sentence is checked against the mailbox by a reader of its own (`bench.claims`), as is
each bound; all proposals are printed to `--out`, to be read by people. The table counts mornings, gifts and pools.

    python -m bench.mornings                      every mailbox, headers and text
    python -m bench.mornings --work --mode text   the liveliest 40 of each mailbox are called work
    python -m bench.mornings --days 5 ward-k      each morning and the four working days after it
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args, get_type_hints
from zoneinfo import ZoneInfo

from agent import post, wiring, work
from agent.model import Gift
from agent.pull import tour
from agent.store.store import Store
from agent.texts import Mark
from bench.claims import Seen, crossed, quoted, together, wrong
from bench.data import owners
from bench.letters import Box, letters
from config.settings import Me, Settings
from connectors.contract import Connector
from connectors.mbox import Mbox, Options

Mode: TypeAlias = Literal["headers", "text"]

MORNINGS, FROM_SHARE = 12, 0.6
ZONE = ZoneInfo("America/Chicago")
FRIDAY = 4

LIVELY = 40
"""So many of the mailbox are called work, those of the latest contact: so many one would say it of, in time."""

EXCHANGES = 3
"""Mails each way of theirs, at the least."""

GIFTS: tuple[str, ...] = get_args(get_type_hints(Gift)["kind"])


@dataclass(slots=True)
class Count:
    """What the mornings of one mailbox came to."""

    mornings: int = 0
    spoke: int = 0
    proposals: int = 0
    gifts: Counter[str] = field(default_factory=Counter)
    pools: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    crossed: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0

    def add(self, other: "Count") -> None:
        """Count these, too."""
        for name in ("mornings", "spoke", "proposals", "unexplained"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("gifts", "pools", "wrong", "crossed"):
            getattr(self, name).update(getattr(other, name))


def mornings(start: date, end: date) -> list[datetime]:
    """Twelve working mornings, at seven, spread evenly over the last part of the span."""
    first = start + (end - start) * FROM_SHARE
    days = [first + (end - first) * i / (MORNINGS - 1) for i in range(MORNINGS)]
    working = [d - timedelta(days=max(0, d.weekday() - FRIDAY)) for d in days]
    return [datetime.combine(d, time(7), ZONE) for d in working]


def with_the_next(some: Sequence[datetime], days: int) -> list[datetime]:
    """These mornings, and those of the working days after each, until there are `days` of each."""
    found: set[date] = set()
    for morning in some:
        day, left = morning.date(), days
        while left:
            if day.weekday() <= FRIDAY:
                found.add(day)
                left -= 1
            day += timedelta(days=1)
    return [datetime.combine(day, time(7), ZONE) for day in sorted(found)]


def tried(
    path: Path,
    facts: dict[str, Any],
    mode: Mode,
    out: Any,
    given: Sequence[str] | None = None,
    days: int = 1,
    *,
    called: bool = False,
) -> Count:
    """The mornings of one mailbox; `called`: the liveliest are work."""
    box = Box(letters(path), frozenset(facts["addresses"]), ZONE)
    settings = Settings(me=Me(addresses=tuple(given or facts["addresses"])))
    most = settings.digest.people
    count, before = Count(), list[Seen]()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
        pulled(store, path, mode, settings.me.addresses)
        when = mornings(date.fromisoformat(facts["sent_from"]), date.fromisoformat(facts["sent_to"]))
        for now in with_the_next(when, days):
            if called:
                call_work(store, settings.me.addresses, now)
            made = work.make(store, settings, now, ZONE, past=True)
            at, digest = int(now.timestamp()), made.digest
            store.mark_shown(digest.day, post.shown(digest, at), digest.message_id, at=at)
            store.mark_delivered(digest.day, at=at)
            count.mornings += 1
            count.spoke += bool(made.outcome.proposals)
            count.unexplained += not made.outcome.proposals and not made.outcome.silent_because
            print(f"\n######## {facts['owner']} · {mode} · {now:%Y-%m-%d}\n{digest.text}", file=out)
            count.crossed.update(over := list(together(made.outcome.proposals, digest.html, box.own, most)))
            for p in made.outcome.proposals:
                count.proposals += 1
                count.gifts[p.gift.kind] += 1
                count.pools[p.pool] += 1
                claims, bounds = list(wrong(p, now, box)), list(crossed(p, now, box, before))
                count.wrong.update(claims)
                count.crossed.update(bounds)
                print(f"   [{p.kind} {p.welcome:.2f} {p.person.addresses[0]}]", *over, *claims, *bounds, file=out)
            before += [Seen(now, frozenset(p.person.addresses), quoted(p)) for p in made.outcome.proposals]
    return count


@contextmanager
def imported(path: Path, mode: Mode, own: Sequence[str]) -> Iterator[Path]:
    """A mailbox in a store that may be copied as often as one likes."""
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "auld.db") as store:
            pulled(store, path, mode, own)
        yield Path(folder) / "auld.db"


@contextmanager
def copied(base: Path) -> Iterator[Store]:
    """The same store once more, to do with as one likes."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(shutil.copy(base, folder))) as store:
        yield store


def pulled(store: Store, path: Path, mode: Mode, own: Sequence[str]) -> None:
    """Import one mailbox into a store."""
    store.account("mail", "mbox", archive=True)
    connector = Mbox(Options(kind="mbox", path=path, read=mode), now=datetime.now(UTC))
    brought("mail", connector, store, wiring.marker(own, ZONE) if mode == "text" else None)


def brought(account: str, connector: Connector, store: Store, mark: Mark | None = None) -> None:
    """A round over one account; trouble ends the bench."""
    done = tour(account, lambda: connector, store, lambda: datetime.now(UTC), 0.5, mark=mark)
    if done.error:
        raise done.error


def call_work(store: Store, own: Sequence[str], now: datetime) -> None:
    """Call the liveliest of the mailbox work."""
    until = int(now.timestamp())
    learned = work.studied(store, own, ZONE, until)
    people = {person.id: person for person in learned.people if person.kind == "person"}
    lively = [s for s in learned.standings if s.person in people and min(s.mine, s.theirs) >= EXCHANGES]
    for standing in sorted(lively, key=lambda s: -s.last)[:LIVELY]:
        store.say("work", people[standing.person].addresses, at=until - 1)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    ask.add_argument("owners", nargs="*")
    ask.add_argument("--mode", choices=["headers", "text"], action="append")
    ask.add_argument("--set", choices=["open", "special"], action="append")
    ask.add_argument("--work", action="store_true", help=f"the liveliest {LIVELY} of each mailbox are called work")
    ask.add_argument("--days", type=int, default=1, help="so many working days from each of the twelve mornings on")
    ask.add_argument("--out", default="/dev/null", help="where all proposals are printed")
    args = ask.parse_args()
    total: dict[str, Count] = {}
    with Path(args.out).open("w", encoding="utf-8") as out:
        print(f"{'mailbox':11} {'mode':7}  spoke " + "".join(f"{kind[:7]:>8}" for kind in GIFTS)
              + "   owed  keep reviv  wrong crossed")  # fmt: skip
        for kind in args.set or ["open", "special"]:
            for owner, (path, facts) in owners(kind).items():
                for mode in args.mode or ["headers", "text"]:
                    if args.owners and owner not in args.owners:
                        continue
                    count = tried(path, facts, mode, out, days=args.days, called=args.work)
                    total.setdefault(mode, Count()).add(count)
                    print(row(owner, mode, count))
                    sys.stdout.flush()
                    with suppress(OSError):
                        out.flush()
    for mode, count in total.items():
        print(row("all", mode, count))
        n = count.proposals or 1
        print(f"{mode}: {count.proposals} proposals on {count.spoke} of {count.mornings} mornings "
              f"({count.spoke / (count.mornings or 1):.0%} with one at least);",
              ", ".join(f"{k} {v / n:.0%}" for k, v in count.gifts.most_common()), end="; ")  # fmt: skip
        print(f"wrong claims: {count.wrong.total()}, bounds crossed: {count.crossed.total()}, "
              f"silent without a word: {count.unexplained}")  # fmt: skip


def row(owner: str, mode: str, c: Count) -> str:
    """One line of the table."""
    gifts = "".join(f"{c.gifts[kind]:8}" for kind in GIFTS)
    pools = "".join(f"{c.pools[pool]:6}" for pool in ("owed", "keeping up", "reviving"))
    amiss = (c.wrong + c.crossed).most_common(2)
    return (
        f"{owner:11} {mode:7} {c.spoke:3}/{c.mornings:<3}{gifts} {pools} {c.wrong.total():6} {c.crossed.total():7}"
        f" {'; '.join(f'{n} {what}' for what, n in amiss)}"
    ).rstrip()


if __name__ == "__main__":
    main()
