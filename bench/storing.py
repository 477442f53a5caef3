"""How much does the store cost beside SQLite's own speed, and does it keep it when the mailbox grows?

    python bench/storing.py            50,000 messages: ours beside raw executemany of the same rows (`speed.md`, P10)
    python bench/storing.py 1000000    the same, and what reading costs at that size

The messages are generated: 4.1 recipients each, few people get most of them, four mails to a thread.
"""

import gc
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from agent.store import tables
from agent.store.file import CACHE, LOG
from agent.store.store import Learned, Store
from connectors.contract import Interaction, Page, Party, Stream

PAGE = 1_000
EVER = 1 << 40
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STEMS, ENDINGS = ("loom", "weft", "warp", "yarn", "felt", "silk", "wool", "dye"), ("ing", "ers", "age", "ish")
WORDS = [stem + ending for stem in STEMS for ending in ENDINGS]
COPIED = ("party", "item", "placement", "identity", "posting", "stale")
"""The tables that grow with the mail: raw SQLite writes the same rows of them."""


def mails(first: int, count: int, people: int) -> list[Interaction]:
    """These messages: the same ones each time."""
    dice = random.Random(first)
    known = [Party(f"person{n}@{'abcdefgh'[n % 8]}.example.org", f"Person Number {n}") for n in range(people)]
    often = list(accumulate(1 / (n + 1) ** 0.8 for n in range(people)))
    start = datetime(2015, 1, 1, tzinfo=UTC)
    made = []
    for n in range(first, first + count):
        sender, *to = dice.choices(known, cum_weights=often, k=1 + dice.choice((1, 2, 3, 4, 5, 6, 8)))
        answers = (f"{n - 1}.abcdefghijkl@mail.example.org",) if n % 4 else ()
        subject = " ".join(random.Random(n // 4).choices(WORDS, k=4))
        made.append(
            Interaction(
                id=f"{n:x}",
                sent=start + timedelta(seconds=n * 137),
                dated_by="date",
                sender=sender,
                to=tuple(to[:2]),
                cc=tuple(to[2:]),
                subject=f"Re: {subject}" if answers else subject,
                message_id=f"{n}.abcdefghijkl@mail.example.org",
                in_reply_to="".join(answers),
                references=answers,
                labels=("INBOX",),
                fingerprint=n.to_bytes(16, "big"),
            )
        )
    return made


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def record(store: Store, seen: list[Interaction], at: int, account: str = "home") -> None:
    for first in range(0, len(seen), PAGE):
        page = Page(tuple(seen[first : first + PAGE]), {"v": 1, "at": at + first + PAGE})
        store.record(account, Stream("inbox", "Inbox"), page, at=NOW)


def raw(path: Path, rows: dict[str, list[tuple[object, ...]]], pages: int) -> None:
    """The same rows into the same tables, by sqlite3 alone, in as many transactions."""
    connection = sqlite3.connect(path, isolation_level=None)
    with Store.open(path.with_suffix(".schema")) as empty:
        for (sql,) in empty.rows("SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'"):
            if "_words" not in sql:
                connection.execute(sql)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{CACHE}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG}")
    parts = {name: list(split(some, pages)) for name, some in rows.items()}
    clock, processor = time.perf_counter(), time.process_time()
    for page in range(pages):
        connection.execute("BEGIN IMMEDIATE")
        for name, some in parts.items():
            if some[page]:
                connection.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(some[page][0]))})", some[page])
        connection.execute("COMMIT")
    connection.close()
    RAW[:] = [time.perf_counter() - clock, time.process_time() - processor]


RAW: list[float] = []


def split(rows: list[tuple[object, ...]], parts: int) -> Iterator[list[tuple[object, ...]]]:
    size = -(-len(rows) // parts)
    for first in range(0, size * parts, size):
        yield rows[first : first + size]


def copied(store: Store) -> dict[str, list[tuple[object, ...]]]:
    order = {"item": "id", "placement": "item", "identity": "item", "posting": "item, party", "party": "id"}
    return {name: store.rows(f"SELECT * FROM {name} ORDER BY {order.get(name, '1')}").fetchall() for name in COPIED}


def say(what: str, took: tuple[float, float], count: int, note: str = "") -> None:
    print(f"{what:<34}{took[0]:>8.2f} s {took[1]:>8.2f} cpu s {count / took[1]:>10,.0f} per cpu s  {note}", flush=True)


def main(count: int) -> None:
    people = max(2_500, count // 50)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "ours.db") as store:
        spent = [0.0, 0.0]
        first = (0.0, 0.0)
        for start in range(0, count, 50_000):
            seen = mails(start, min(50_000, count - start), people)
            gc.freeze()  # the messages made here are no work of the store's
            took = timed(lambda seen=seen, start=start: record(store, seen, start))  # type: ignore[misc]
            first = first if any(first) else took
            gc.unfreeze()
            spent = [a + b for a, b in zip(spent, took, strict=True)]
        whole = (spent[0], spent[1])
        say(f"record {count:,}", whole, count)
        if count > 50_000:
            say("  the last 50,000 of them", took, len(seen), f"{took[1] / first[1]:.2f} x the first")
        else:
            raw(Path(folder) / "raw.db", copied(store), count // PAGE)
            say("raw executemany, same rows", (RAW[0], RAW[1]), count)
            print(f"  ours / raw: {RAW[1] / whole[1]:.2f} (bar: 0.60 or more)")
        again = seen[:20_000]
        say("the same 20,000 again", timed(lambda: record(store, again, 0)), len(again))
        say("copies of 20,000 in an archive", timed(lambda: record(store, again, 0, "copy")), len(again))
        words = timed(store.index)
        say("full text", words, count, f"+{words[1] / whole[1]:.0%} (bar: 40 % or less)")
        say("links", timed(store.link), count)
        read(store, count)


def read(store: Store, count: int) -> None:
    """What the other rooms wait for."""
    say("facts", timed(lambda: sum(1 for _ in store.facts(until=EVER))), count)
    say("names", timed(store.names), count)
    say("facts of one address", timed(lambda: list(store.facts(until=EVER, addresses=["person40@a.example.org"]))), 1)
    say("related to one address", timed(lambda: store.related(["person2000@a.example.org"])), 1)
    for words in ("looming", "loom", "wefters yarnage silkish"):
        say(f"find {words}", timed(lambda words=words: store.find(words, EVER)), 1)  # type: ignore[misc]
    say("coverage", timed(store.coverage), 1)
    say("save nothing learned", timed(lambda: store.save_learned(Learned(), upto=store.generation(), at=1)), 1)
    print(f"{store.path.stat().st_size / 1e6:,.0f} MB, tables of version {tables.HEAD}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
