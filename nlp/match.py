"""How well does this text fit a person's terms?

Two scores, since neither is enough: the centroid of all a person's threads is best for each person alike, the three
nearest threads are best over all mails. How many threads somebody has breaks ties. Terms are those of `topics.terms`:
all words match better than noun phrases, which are for showing. The margin to the runner-up says how sure one may be.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import exp, log, sqrt
from typing import TypeAlias

Terms: TypeAlias = Mapping[str, float]

NEAREST = 3
"""Past threads whose likeness is averaged: on mailing lists MRR .258 against .213 for the centroid."""

CENTROID_SHARE = 0.6
"""How much the centroid weighs in the blend; the rest is the nearest threads. More favours people with few threads."""

OFTEN = 0.005
"""What each e-fold of threads adds: with more, those who write most are found for everything (MRR .25 to .29, and macro
.222 to .227; with four times as much macro falls below .20)."""

BELIEF = 0.1
"""How far apart two scores are when one is e times as likely. It changes no rank, only what is a wide margin: of the
widest tenth, 42 % are right instead of 40 %."""


def fit(terms: Terms, profile: Terms, idf: Terms) -> float:
    """The likeness of a text and a person's terms, 0 (no word in common) to 1: the cosine of counts x rarity."""
    one, other = _unit(terms, idf), _unit(profile, idf)
    return sum(weight * other[term] for term, weight in one.items() if term in other)


@dataclass(frozen=True, slots=True)
class Known:
    """What all people's threads were about, ready to be asked."""

    idf: Terms
    centroids: Mapping[str, Sequence[tuple[int, float]]]  # term -> (person, weight)
    threads: Mapping[str, Sequence[tuple[int, float]]]  # term -> (thread, weight)
    owners: Sequence[int]  # thread -> person
    held: Mapping[int, int]  # person -> threads
    people: int


def known(profiles: Mapping[int, Terms], idf: Terms, threads: Mapping[int, Sequence[Terms]] | None = None) -> Known:
    """The terms of each person, with how rare each term is; the `threads` of each are compared one by one."""
    centroids: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    single: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    owners: list[int] = []
    for person, profile in profiles.items():
        for term, weight in _unit(profile, idf).items():
            centroids[term].append((person, weight))
        for thread in (threads or {}).get(person, ()):
            for term, weight in _unit(thread, idf).items():
                single[term].append((len(owners), weight))
            owners.append(person)
    held = {person: len(rows) for person, rows in (threads or {}).items()}
    return Known(idf, centroids, single, owners, held, len(profiles))


def ranking(terms: Terms, past: Known) -> list[tuple[int, float]]:
    """Everybody who shares a word with the text, best first, with a score."""
    scores = _added(_unit(terms, past.idf), past.centroids)
    if past.owners:
        near: defaultdict[int, list[float]] = defaultdict(list)
        for thread, alike in likeness(terms, past).items():
            near[past.owners[thread]].append(alike)
        for person, score in scores.items():
            nearest = sum(nlargest(NEAREST, near[person])) / NEAREST
            often = OFTEN * log(max(1, past.held.get(person, 1)))
            scores[person] = CENTROID_SHARE * score + (1 - CENTROID_SHARE) * nearest + often
    return sorted(scores.items(), key=lambda row: (-row[1], row[0]))


def likeness(terms: Terms, past: Known) -> dict[int, float]:
    """How like the text each past thread is that shares a word with it, 0 to 1."""
    return _added(_unit(terms, past.idf), past.threads)


def best(terms: Terms, past: Known) -> tuple[int, float, float] | None:
    """The person whom a text fits best: (person, score, margin to the runner-up); None where no word is shared.

    The margin is a difference of shares in what there is to believe, 0 to 1.
    """
    ranked = ranking(terms, past)
    return (*ranked[0], margin([score for _, score in ranked], past.people)) if ranked else None


def margin(scores: Sequence[float], people: int) -> float:
    """How far the first of these scores, best first, is ahead of the second: 0 to 1. Each of the `people` has a share
    in what there is to believe, with a score or without.
    """
    rest = people - len(scores)
    if not scores or (len(scores) < 2 and not rest):
        return float(len(scores))
    shares = [exp((score - scores[0]) / BELIEF) for score in scores]
    nothing = exp(-scores[0] / BELIEF)
    return (shares[0] - (shares[1] if len(shares) > 1 else nothing)) / (sum(shares) + rest * nothing)


def _unit(terms: Terms, idf: Terms) -> dict[str, float]:
    """Each term's weight, of length 1. A term that nobody is known to share tells nothing of anybody, and has none."""
    weights = {term: count * idf[term] for term, count in terms.items() if term in idf}
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()} if length else {}


def _added(query: Terms, index: Mapping[str, Sequence[tuple[int, float]]]) -> dict[int, float]:
    found: defaultdict[int, float] = defaultdict(float)
    for term, weight in query.items():
        for who, theirs in index.get(term, ()):
            found[who] += weight * theirs
    return found
