"""Do the topics that are shown of a person come up again, are phrases good ones, and how quickly are they found?

Mailing lists: the topics of the first half of a contact's threads against the threads of the second half; Inspec's
abstracts with their keyphrases. `python bench/nlp_topics.py`
"""

import io
import json
import lzma
import os
import random
import re
import tarfile
import time
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

from nlp import language, tidy, topics

DATA = Path(os.environ.get("AULD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
INSPEC = DATA / "labelled" / "keyphrase_hulth_wan.tar.xz"
FEWEST = 10
"""Threads of a contact that is looked at."""


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


def touching() -> tuple[float, float]:
    """How many later threads of a contact their ten shown topics touch, and how many those of a contact who had no part
    in the thread (the mean over all such)."""
    people, names = contacts()
    subjects = sorted({subject for threads in people.values() for _, subject in threads})
    learned = dict(zip(subjects, topics.phrases(subjects, names), strict=True))
    past = {person: rows[: len(rows) // 2] for person, rows in people.items()}
    there: defaultdict[str, set[str]] = defaultdict(set)
    for person, rows in people.items():
        for thread, _ in rows:
            there[thread].add(person)
    numbers = {person: n for n, person in enumerate(sorted(past))}
    counts = {
        numbers[p]: {term: (n, 0) for term, n in Counter(t for _, s in rows for t in set(learned[s])).items()}
        for p, rows in past.items()
    }
    spread = Counter(term for found in counts.values() for term in found)
    best = {p: {term for term, *_ in rows[:10]} for p, rows in topics.distinctive(counts, spread, len(counts)).items()}
    own = other = total = 0.0
    for person, rows in people.items():
        for thread, subject in rows[len(rows) // 2 :]:
            held = {part for term in learned[subject] for part in (term, *term.split())}
            strangers = [best[numbers[p]] for p in people if p not in there[thread]]
            own += not held.isdisjoint(best[numbers[person]])
            other += sum(not held.isdisjoint(theirs) for theirs in strangers) / len(strangers)
            total += 1
    return own / total, other / total


def inspec() -> tuple[float, float]:
    """F1@10 on the Inspec abstracts, phrases ranked by the sum of their words' counts x rarity; and abstracts a
    second."""
    documents: dict[str, str] = {}
    gold: dict[str, set[str]] = {}
    with tarfile.open(INSPEC) as archive:
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
    topics.candidates("warm the word lists")
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
    return 2 * hits / (said + true), len(rows) / spent


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
    if sorted((DATA / "rlists").glob("*.jsonl.xz")):
        own, other = touching()
        print(f"top-10 topics touch later threads {own:.3f} (.30), strangers' {other:.3f}, lift {own / other:.1f} (6)")
    else:
        print(f"skipped: no lists in {DATA / 'rlists'}")
    if INSPEC.exists():
        score, rate = inspec()
        print(f"Inspec F1@10 {score:.3f} (.31), {rate:,.0f}/s (1,000)")
    else:
        print(f"skipped: {INSPEC} is absent")
    speed()


if __name__ == "__main__":
    main()
