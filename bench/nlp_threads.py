"""Do we find who began a conversation, with headers and without, and is a million mails quick?

Mailing lists whose In-Reply-To is the truth (their subjects have lost "Re:"). `python bench/nlp_threads.py`
"""

import json
import lzma
import os
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nlp import threads, tidy

DATA = Path(os.environ.get("AULD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
MILLION = int(os.environ.get("AULD_BENCH_MAILS", "1000000"))


@dataclass(frozen=True, slots=True)
class Mail:
    """What `nlp.threads` needs to know."""

    id: int
    at: int
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str = ""
    parents: tuple[str, ...] = ()
    thread: str = ""


def read(path: Path) -> tuple[list[Mail], dict[int, str]]:
    """The mails of a list, and the true thread of each."""
    mails, truth = [], {}
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for n, line in enumerate(file):
            r = json.loads(line)
            said = (r["in_reply_to"] or "").strip("<> ")
            parents = tuple(re.findall(r"[^<>\s\"]+@[^<>\s\"]+", said)[:1]) or ((said,) if said else ())
            at = int(datetime.fromisoformat(r["date"]).timestamp()) if r["date"] else 0
            message_id = (r["message_id"] or "").strip("<> ")
            mails.append(Mail(n, at, r["from_email_hash"], (r["list"],), r["subject"] or "", message_id, parents))
            truth[n] = r["thread_id"]
    return mails, truth


def groups(mails: Iterable[Mail], truth: dict[int, str]) -> list[list[Mail]]:
    """The true threads of two mails and more, whose first mail is there."""
    found: defaultdict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        found[truth[mail.id]].append(mail)
    whole = [sorted(g, key=lambda m: (m.at, m.id)) for g in found.values() if len(g) > 1]
    return [g for g in whole if sum(not m.parents for m in g) == 1]


def chained(group: list[Mail]) -> bool:
    """Whether the headers tell all of a thread: each answer names a mail of it, and its first mail neither passes
    something on nor says itself that it is an answer ("AW: ", whose program forgot the header).

    The lists' own threads also hold what was put there by its subject.
    """
    known = {m.message_id for m in group}
    [root] = [m for m in group if not m.parents]
    begins = not (tidy.is_forward(root.subject) or tidy.is_reply(root.subject))
    return begins and all(m.parents[0] in known for m in group if m is not root)


def agreement(gold: list[list[Mail]], ours: list[tuple[Mail, ...]]) -> int:
    """The true threads whose beginner is the beginner of our thread that holds most of them."""
    of = {mail.id: n for n, group in enumerate(ours) for mail in group}
    right = 0
    for group in gold:
        [root] = [m for m in group if not m.parents]
        most = Counter(of[m.id] for m in group).most_common(1)[0][0]
        right += threads.opener(ours[most]) == root.sender
    return right


def generated(n: int) -> list[Mail]:
    """`n` mails of 20,000 people, half of them with headers, a third of them answers."""
    rng = random.Random(1)
    mails: list[Mail] = []
    for i in range(n):
        other = f"p{min(rng.randrange(20_000), rng.randrange(20_000))}@example.org"
        if mails and rng.random() < 0.35:
            old = mails[rng.randrange(max(0, i - 2_000), i)]
            parents = (old.message_id,) if old.message_id else ()
            subject, other = f"Re: {old.subject.removeprefix('Re: ')}", old.sender
        else:
            parents, subject = (), f"subject {rng.randrange(300_000)} of {rng.choice(('looms', 'boats', 'bees'))}"
        message_id = f"{i}@example.org" if i % 2 else ""
        mails.append(Mail(i, 1_000_000_000 + i * 60, other, ("me@example.org",), subject, message_id, parents))
    return mails


def began() -> tuple[float, float]:
    """The share of threads whose beginner is found: without headers, and by headers where they tell."""
    total = Counter[str]()
    for path in sorted((DATA / "rlists").glob("*.jsonl.xz")):
        mails, truth = read(path)
        gold = groups(mails, truth)
        told = [g for g in gold if chained(g)]
        without = agreement(gold, threads.assemble(replace(m, message_id="", parents=()) for m in mails))
        headers = agreement(told, threads.assemble(mails))
        total.update(all=len(gold), told=len(told), without=without, headers=headers)
    return total["without"] / total["all"], total["headers"] / total["told"]


def main() -> None:
    """Print the figures."""
    if sorted((DATA / "rlists").glob("*.jsonl.xz")):
        without, headers = began()
        print(f"who began: without headers {without:.3f} (at least .88); with {headers:.3f} (exact)")
    else:
        print(f"skipped: no lists in {DATA / 'rlists'}")
    mails = generated(MILLION)
    started = time.process_time()
    found = threads.assemble(mails, frozenset({"me@example.org"}))
    print(f"{len(mails):,} mails -> {len(found):,} threads in {time.process_time() - started:.1f} s (at most 15)")


if __name__ == "__main__":
    main()
