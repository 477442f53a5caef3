"""How well does this text fit a person's terms?

Two scores, since neither is enough: the centroid of all a person's threads is best for each person alike, the three
nearest threads are best over all mails. Terms are those of `topics.terms`: all words match better than noun phrases,
which are for showing. The margin to the runner-up says how sure one may be.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from math import sqrt
from typing import TypeAlias

Terms: TypeAlias = Mapping[str, float]

NEAREST = 3
"""Past threads whose likeness is averaged: measured, MRR .230 against .168 for the centroid."""

CENTROID_SHARE = 0.6
"""How much the centroid weighs in the blend; the rest is the nearest threads. More favours people with few threads."""


def fit(terms: Terms, profile: Terms, idf: Terms) -> float:
    """The likeness of a text and a person's terms, 0 (no word in common) to 1: the cosine of counts x rarity."""
    return _cosine(_weighted(terms, idf), _weighted(profile, idf))


def nearest(terms: Terms, threads: Iterable[Terms], idf: Terms) -> float:
    """The mean likeness of the three past threads that are most like the text, 0 to 1; absent ones count as 0."""
    query = _weighted(terms, idf)
    likeness = (_cosine(query, _weighted(thread, idf)) for thread in threads if not query.keys().isdisjoint(thread))
    return sum(nlargest(NEAREST, likeness)) / NEAREST


def best(
    terms: Terms,
    profiles: Mapping[int, Terms],
    idf: Terms,
    threads: Mapping[int, Sequence[Terms]] | None = None,
) -> tuple[int, float, float] | None:
    """The person whom a text fits best: (person, score, margin to the runner-up); None where no word is shared.

    With the `threads` of each person, the score is the blend of centroid and nearest threads.
    """
    ranked = ranking(terms, profiles, idf, threads)
    if not ranked:
        return None
    person, score = ranked[0]
    return person, score, score - (ranked[1][1] if len(ranked) > 1 else 0.0)


def ranking(
    terms: Terms,
    profiles: Mapping[int, Terms],
    idf: Terms,
    threads: Mapping[int, Sequence[Terms]] | None = None,
) -> list[tuple[int, float]]:
    """Everybody who shares a word with the text, best first."""
    query = _weighted(terms, idf)
    found: list[tuple[int, float]] = []
    for person, profile in profiles.items():
        if query.keys().isdisjoint(profile):
            continue
        score = _cosine(query, _weighted(profile, idf))
        if threads is not None:
            near = nearest(terms, threads.get(person, ()), idf)
            score = CENTROID_SHARE * score + (1 - CENTROID_SHARE) * near
        found.append((person, score))
    return sorted(found, key=lambda row: (-row[1], row[0]))


def _weighted(terms: Terms, idf: Terms) -> dict[str, float]:
    """Each term's weight. A term that nobody is known to share tells nothing of anybody, and has none."""
    return {term: count * idf[term] for term, count in terms.items() if term in idf}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    if len(other) < len(one):
        one, other = other, one
    shared = sum(weight * other[term] for term, weight in one.items() if term in other)
    if not shared:
        return 0.0
    return shared / sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
