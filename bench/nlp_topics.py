"""Do a person's past subjects tell what they will write about, and how quickly are they learned?

Mailing lists: a contact's first half of threads is the profile, a thread of the second half the query; all contacts are
ranked. Micro MRR favours the busy, macro MRR counts each contact alike. `python bench/nlp_topics.py`
"""

import io
import json
import lzma
import os
import random
import re
import statistics
import tarfile
import time
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

from nlp import language, match, tidy, topics

DATA = Path(os.environ.get("AULD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FEWEST = 10
"""Threads of a contact that is ranked."""

QUERIES = 1_500


def contacts() -> tuple[dict[str, list[tuple[str, str]]], frozenset[str]]:
    """For each poster, their threads in order of time as (thread, subject); and the tokens of everybody's names."""
    first: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    names: set[str] = set()
    for path in sorted((DATA / "rlists").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                r = json.loads(line)
                names.update(re.findall(r"[^\W\d_]{2,}", (r["from_name"] or "").lower()))
                seen = (r["date"] or "", r["subject"] or "")
                threads = first[r["from_email_hash"]]
                threads[r["thread_id"]] = min(seen, threads.get(r["thread_id"], seen))
    found = {}
    for person, threads in first.items():
        if len(threads) >= FEWEST:
            rows = sorted((date, thread, subject) for thread, (date, subject) in threads.items())
            found[person] = [(thread, subject) for _, thread, subject in rows]
    return found, frozenset(names)


def bag(subject: str, names: frozenset[str]) -> dict[str, float]:
    """The words of a subject that are matched, once each."""
    return dict.fromkeys(topics.terms(subject, names), 1.0)


def ranks() -> None:
    """Print how well contacts are found from the subjects of their later threads."""
    people, names = contacts()
    if not people:
        print(f"skipped: no lists in {DATA / 'rlists'}")
        return
    subjects = sorted({subject for threads in people.values() for _, subject in threads})
    learned = dict(zip(subjects, topics.phrases(subjects, names), strict=True))
    ids = {person: n for n, person in enumerate(sorted(people))}
    past = {ids[p]: rows[: len(rows) // 2] for p, rows in people.items()}
    later = {ids[p]: rows[len(rows) // 2 :] for p, rows in people.items()}
    words = {s: bag(s, names) for s in subjects}
    bags = {p: [words[s] for _, s in rows] for p, rows in past.items()}
    profiles = {p: dict(sum((Counter(b) for b in rows), Counter())) for p, rows in bags.items()}
    shared = Counter(term for profile in profiles.values() for term in profile)
    rarity = topics.idf(shared, len(profiles))
    others: defaultdict[str, set[int]] = defaultdict(set)
    for p, rows in later.items():
        for thread, _ in rows:
            others[thread].add(p)
    queries = [(p, thread, s) for p, rows in later.items() for thread, s in rows]
    random.Random(1).shuffle(queries)
    queries = queries[:QUERIES]
    print(f"{len(people)} contacts, {len(queries)} queries")
    for name, threads in (("centroid", None), ("centroid + nearest", bags)):
        by_person: defaultdict[int, list[float]] = defaultdict(list)
        sure: list[tuple[float, bool]] = []
        for p, thread, subject in queries:
            query = words[subject]
            ranked = [
                row
                for row in match.ranking(query, profiles, rarity, threads)
                if row[0] == p or row[0] not in others[thread]
            ]
            place = next((n for n, (who, _) in enumerate(ranked, 1) if who == p), 0)
            by_person[p].append(1 / place if place else 1 / len(people))
            margin = ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0) if ranked else 0.0
            sure.append((margin, place == 1))
        micro = statistics.mean(x for xs in by_person.values() for x in xs)
        macro = statistics.mean(statistics.mean(xs) for xs in by_person.values())
        widest = sorted(sure, reverse=True)[: len(sure) // 10]
        print(
            f"{name:20} MRR {micro:.3f} (.23)  macro {macro:.3f} (.205)  "
            f"top-1 at widest 10 % {statistics.mean(hit for _, hit in widest):.3f} (.45)"
        )
    touching(past, later, learned, len(people))


def touching(
    past: dict[int, list[tuple[str, str]]],
    later: dict[int, list[tuple[str, str]]],
    learned: dict[str, tuple[str, ...]],
    total: int,
) -> None:
    """Print how many later threads of a contact their ten shown topics touch, against another contact's topics."""
    counts = {
        p: {term: (n, 0) for term, n in Counter(t for _, s in rows for t in set(learned[s])).items()}
        for p, rows in past.items()
    }
    with_term = Counter(term for c in counts.values() for term in c)
    best = {p: [term for term, *_ in rows[:10]] for p, rows in topics.distinctive(counts, with_term, total).items()}
    order = sorted(best)
    own = other = n = 0
    for at, p in enumerate(order):
        stranger = order[(at + len(order) // 2) % len(order)]
        for _, subject in later[p]:
            found = set(learned[subject])
            held = found | {word for term in found for word in term.split()}
            own += bool(held & set(best[p]))
            other += bool(held & set(best[stranger]))
            n += 1
    print(
        f"top-10 topics touch later threads {own / n:.3f} (.30), a stranger's {other / n:.3f}, "
        f"lift {own / max(1, other):.1f} (6)"
    )


def inspec() -> None:
    """Print F1@10 on the Inspec abstracts: phrases ranked by the sum of their words' counts x rarity."""
    outer = DATA / "labelled" / "keyphrase_hulth_wan.tar.xz"
    if not outer.exists():
        print(f"skipped: {outer} is absent")
        return
    documents: dict[str, str] = {}
    gold: dict[str, set[str]] = {}
    with tarfile.open(outer) as archive:
        [member] = [m for m in archive.getmembers() if m.name.endswith("Hulth2003.tar.gz")]
        file = archive.extractfile(member)
        assert file is not None
        with tarfile.open(fileobj=io.BytesIO(file.read())) as inner:
            packed = inner.extractfile("Hulth2003/Test.zip")
            assert packed is not None
            zipped = zipfile.ZipFile(io.BytesIO(packed.read()))
    for entry in zipped.namelist():
        name, text = Path(entry), " ".join(zipped.read(entry).decode("utf-8", "replace").split())
        if name.suffix == ".abstr":
            documents[name.stem] = text
        elif name.suffix == ".uncontr":
            gold[name.stem] = {stemmed(phrase) for phrase in text.split(";") if phrase.strip()}
    started = time.process_time()
    rows = {name: topics.candidates(text) for name, text in documents.items()}
    spent = time.process_time() - started
    share = Counter(word for found in rows.values() for word in {w for phrase in found for w in phrase.split()})
    rarity = topics.idf(share, len(rows))
    hits = said = true = 0
    for key, found in rows.items():
        words = Counter(w for phrase in found for w in phrase.split())
        score = {phrase: sum(words[w] * rarity[w] for w in phrase.split()) for phrase in found}
        top = list(dict.fromkeys(stemmed(p) for p in sorted(score, key=lambda p: (-score[p], p))))[:10]
        hits, said, true = hits + len(set(top) & gold[key]), said + len(top), true + len(gold[key])
    print(
        f"Inspec, {len(rows)} abstracts: F1@10 {2 * hits / (said + true):.3f} (.31), {len(rows) / spent:,.0f}/s (1,000)"
    )


def stemmed(phrase: str) -> str:
    """A phrase without the endings in which two spellings of it differ."""
    return " ".join(
        re.sub(r"(?:ies|y|es|s|e|ing|ed|ation|ations)$", "", word) for word in re.findall(r"\w+", phrase.lower())
    )


def speed() -> None:
    """Print subjects a second, beside spaCy's blank tokenizer on invented subjects."""
    rng = random.Random(2)
    nouns = sorted(language.parts()["noun"])
    subjects = [f"Re: {' '.join(rng.choices(nouns, k=3))} of the {rng.choice(nouns)} {n}" for n in range(10_000)]
    topics.phrases(subjects[:10])
    started = time.process_time()
    topics.phrases(subjects)
    ours = len(subjects) / (time.process_time() - started)
    import spacy

    blank = spacy.blank("en")
    bodies = [" ".join(tidy.subject(s) for s in subjects[n : n + 25]) for n in range(0, len(subjects), 25)]
    started = time.process_time()
    list(blank.pipe(bodies))
    theirs = len(bodies) / (time.process_time() - started)
    print(f"{ours:,.0f} distinct subjects/s; {ours / theirs:.0f} times the blank tokenizer's bodies of 150 words (10)")


def main() -> None:
    """Print the tables."""
    ranks()
    inspec()
    speed()


if __name__ == "__main__":
    main()
