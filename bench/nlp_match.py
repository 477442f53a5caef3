"""Whose thread is this, by what they wrote about before?

Mailing lists: the first half of a contact's threads is known, a thread of the second half is the question, and all
contacts are ranked, without the thread's other people. Once by subjects alone, once with bodies (the question without
what the contact wrote in it). MRR favours the busy, macro MRR counts each contact alike; both must be reached by one
blend. The floors were measured on more lists, so random, how much each writes, centroid and nearest threads stand
beside. `python bench/nlp_match.py`
"""

import json
import lzma
import random
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import nlp_threads
from nlp import match, repeated, threads, topics, zones

FEWEST, QUERIES, SUBJECT, PAGE = 10, 1_500, 3, 200
"""Threads of a contact that is ranked; questions; what a subject's word counts beside a body's; mails of a page."""

Ranked: TypeAlias = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread: its subject, and who wrote which words in it."""

    subject: str
    said: tuple[tuple[str, Mapping[str, int]], ...]  # (sender, terms)
    first: Mapping[str, int]  # sender -> POSIX seconds


@dataclass(frozen=True, slots=True)
class Lists:
    """What is known of all contacts, and what comes later."""

    threads: Sequence[Thread]
    names: frozenset[str]
    past: Mapping[int, Sequence[int]]  # contact -> threads
    later: Mapping[int, Sequence[int]]
    contacts: Mapping[str, int]  # address -> contact


@dataclass(frozen=True, slots=True)
class Scored:
    """How often the right one was found."""

    mrr: float
    macro: float
    sure: float  # the share of right ones among the tenth with the widest margins


def read(bodies: bool) -> Lists:
    """The lists, with the words of the bodies if wanted."""
    everything: list[Thread] = []
    names: set[str] = set()
    for path in sorted((nlp_threads.DATA / "rlists").glob("*.jsonl.xz")):
        mails, _ = nlp_threads.read(path)
        with lzma.open(path, "rt", encoding="utf-8") as file:
            rows = [(r["from_name"] or "", r["body"] or "") for r in map(json.loads, file)]
        for name, _ in rows:
            names.update(re.findall(r"[^\W\d_]{2,}", name.lower()))
        new = [zones.text(body) if bodies else "" for _, body in rows]
        new = left(mails, new)
        for group in threads.assemble(mails):
            first: dict[str, int] = {}
            for mail in group:
                first[mail.sender] = min(mail.at, first.get(mail.sender, mail.at))
            said = tuple((m.sender, topics.terms(new[m.id])) for m in group)
            everything.append(Thread(group[0].subject, said, first))
    return halved(everything, frozenset(names))


def left(mails: Sequence[nlp_threads.Mail], new: list[str]) -> list[str]:
    """The new texts without what their senders always say, as a pull reads them: a page at a time."""
    habits: defaultdict[str, repeated.Habit] = defaultdict(dict)
    found = list(new)
    ordered = sorted(mails, key=lambda mail: mail.at)
    for start in range(0, len(ordered), PAGE):
        more: defaultdict[str, dict[bytes, frozenset[int]]] = defaultdict(dict)
        for mail in ordered[start : start + PAGE]:
            more[mail.sender][mail.id.to_bytes(6, "big")] = repeated.lines_of(new[mail.id], b"")
        often = {sender: repeated.often(habits[sender], lines) for sender, lines in more.items()}
        for mail in ordered[start : start + PAGE]:
            found[mail.id] = repeated.without(new[mail.id], often[mail.sender], b"")
        for sender, lines in more.items():
            habits[sender] = repeated.learned(habits[sender], lines)
    return found


def halved(everything: Sequence[Thread], names: frozenset[str]) -> Lists:
    """Each contact's threads in order of time, cut in the middle."""
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for n, thread in enumerate(everything):
        for sender in thread.first:
            seen[sender].append(n)
    busy = sorted(sender for sender, rows in seen.items() if len(rows) >= FEWEST)
    contacts = {sender: n for n, sender in enumerate(busy)}
    ordered = {n: sorted(seen[s], key=lambda t: everything[t].first[s]) for s, n in contacts.items()}
    past = {n: rows[: len(rows) // 2] for n, rows in ordered.items()}
    later = {n: rows[len(rows) // 2 :] for n, rows in ordered.items()}
    return Lists(everything, names, past, later, contacts)


def terms(thread: Thread, names: frozenset[str], bodies: bool, without: str = "") -> dict[str, float]:
    """What a thread is about."""
    found = Counter(dict.fromkeys(topics.terms(thread.subject, names), SUBJECT))
    for sender, said in thread.said if bodies else ():
        if sender != without:
            found.update({term: n for term, n in said.items() if term not in names})
    return {term: float(n) ** 0.5 for term, n in found.items()} if bodies else dict.fromkeys(found, 1.0)


def questions(lists: Lists) -> list[tuple[int, int]]:
    """(contact, thread), by chance."""
    rows = [(contact, thread) for contact, found in lists.later.items() for thread in found]
    random.Random(1).shuffle(rows)
    return rows[:QUERIES]


def scored(lists: Lists, answers: Iterable[tuple[int, int, Ranked]]) -> Scored:
    """How well these rankings (contact, thread, ranking) find the contact; who is not ranked comes behind by chance."""
    by_contact: defaultdict[int, list[float]] = defaultdict(list)
    sure: list[tuple[float, bool]] = []
    for contact, thread, ranked in answers:
        others = {lists.contacts[s] for s in lists.threads[thread].first if s in lists.contacts} - {contact}
        left = [row for row in ranked if row[0] not in others]
        place = next((n for n, (who, _) in enumerate(left, 1) if who == contact), 0)
        behind = (len(left) + 1 + len(lists.contacts) - len(others)) / 2
        by_contact[contact].append(1 / (place or behind))
        sure.append(
            (match.margin([score for _, score in left if score > 0], len(lists.contacts) - len(others)), place == 1)
        )
    widest = sorted(sure, key=lambda row: -row[0])[: len(sure) // 10]
    return Scored(
        statistics.mean(x for xs in by_contact.values() for x in xs),
        statistics.mean(statistics.mean(xs) for xs in by_contact.values()),
        statistics.mean(hit for _, hit in widest),
    )


def ways(lists: Lists, bodies: bool) -> Iterator[tuple[str, Scored]]:
    """Our blend, and what stands beside it."""
    about = {n: [terms(lists.threads[t], lists.names, bodies) for t in rows] for n, rows in lists.past.items()}
    profiles = {n: dict(sum((Counter(row) for row in rows), Counter())) for n, rows in about.items()}
    rarity = topics.idf(Counter(term for profile in profiles.values() for term in profile), len(profiles))
    address = {n: sender for sender, n in lists.contacts.items()}
    asked = [(c, t, terms(lists.threads[t], lists.names, bodies, address[c])) for c, t in questions(lists)]
    rng = random.Random(2)
    chance = [(c, t, [(n, rng.random()) for n in rng.sample(sorted(profiles), len(profiles))]) for c, t, _ in asked]
    yield "random", scored(lists, chance)
    most = sorted(((n, float(len(rows))) for n, rows in lists.past.items()), key=lambda row: -row[1])
    yield "who writes most", scored(lists, [(c, t, most) for c, t, _ in asked])
    alone = match.known(profiles, rarity)
    yield "centroid", scored(lists, [(c, t, match.ranking(q, alone)) for c, t, q in asked])
    both = match.known(profiles, rarity, about)
    single = replace(both, centroids={})
    nearest = [(c, t, by_nearest(q, single)) for c, t, q in asked]
    yield "nearest threads", scored(lists, nearest)
    yield "ours", scored(lists, [(c, t, with_rest(match.ranking(q, both), most)) for c, t, q in asked])


def by_nearest(query: Mapping[str, float], past: match.Known) -> Ranked:
    """By the three nearest threads alone."""
    near: defaultdict[int, list[float]] = defaultdict(list)
    for thread, likeness in match.likeness(query, past).items():
        near[past.owners[thread]].append(likeness)
    rows = ((who, sum(sorted(found)[-match.NEAREST :]) / match.NEAREST) for who, found in near.items())
    return sorted(rows, key=lambda row: -row[1])


def with_rest(ranked: Ranked, most: Ranked) -> Ranked:
    """Those who share a word; then the others, busiest first, who would not be proposed."""
    there = {who for who, _ in ranked}
    return [*ranked, *((who, 0.0) for who, _ in most if who not in there)]


FLOORS = {False: (0.23, 0.205, 0.46), True: (0.29, 0.25, 0.54)}
"""MRR, macro MRR and top-1 at the widest tenth of margins, by subjects and with bodies."""


def main() -> None:
    """Print the tables."""
    if not sorted((nlp_threads.DATA / "rlists").glob("*.jsonl.xz")):
        print(f"skipped: no lists in {nlp_threads.DATA / 'rlists'}")
        return
    lists = read(bodies=True)
    for bodies, floors in FLOORS.items():
        print(f"{'with bodies' if bodies else 'subjects'}, {len(lists.contacts)} contacts (floors {floors})")
        for name, found in ways(lists, bodies):
            print(f"  {name:16} MRR {found.mrr:.3f}  macro {found.macro:.3f}  widest tenth {found.sure:.3f}")


if __name__ == "__main__":
    main()
