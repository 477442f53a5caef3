"""How good is a ranking, and how sure is that?"""

from collections.abc import Sequence
from random import Random
from statistics import fmean
from typing import NamedTuple, TypeAlias

Judged: TypeAlias = Sequence[tuple[float, bool]]
"""Pairs of a score (higher first) and whether it came true; both outcomes occur."""

PLACES = 5
"""How many from above P@5 looks at."""

DRAWS = 20
"""Ties are broken at random; the mean of so many draws."""

RESAMPLES, SEED = 1000, 11
"""For an interval: so many samples with replacement, always the same ones."""


class Quality(NamedTuple):
    """The area under the ROC curve, the share of hits among the first five, the average precision."""

    auc: float
    p5: float
    map: float


class Span(NamedTuple):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


def judge(judged: Judged, dice: Random) -> Quality:
    """All three figures of one ranking; ties count half, or are drawn for."""
    precision, hits = _precision(judged, dice)
    return Quality(auc(judged), hits, precision)


def auc(judged: Judged) -> float:
    """The chance that one that came true stands above one that did not; ties count half."""
    ordered = sorted(judged)
    n, positives = len(ordered), sum(came for _, came in ordered)
    ranks, i = 0.0, 0
    while i < n:
        j = i
        while j < n and ordered[j][0] == ordered[i][0]:
            j += 1
        ranks += (i + j + 1) / 2 * sum(came for _, came in ordered[i:j])
        i = j
    return (ranks - positives * (positives + 1) / 2) / (positives * (n - positives))


def mean(qualities: Sequence[Quality]) -> Quality:
    """The mean of each of the three figures."""
    return Quality(*(fmean(column) for column in zip(*qualities, strict=True)))


def span(values: Sequence[float]) -> Span:
    """The mean of `values` with its interval by resampling them; of paired differences, a paired interval."""
    dice = Random(SEED)  # noqa: S311 - statistics
    n = len(values)
    means = sorted(fmean(dice.choices(values, k=n)) for _ in range(RESAMPLES))
    return Span(fmean(values), means[RESAMPLES * 25 // 1000], means[RESAMPLES * 975 // 1000 - 1])


def _precision(judged: Judged, dice: Random) -> tuple[float, float]:
    average = first = 0.0
    for _ in range(DRAWS):
        drawn = sorted(((score, dice.random(), came) for score, came in judged), key=lambda one: (-one[0], one[1]))
        hits, precision = 0, 0.0
        for place, (_, _, came) in enumerate(drawn, 1):
            if came:
                hits += 1
                precision += hits / place
        average += precision / hits
        first += sum(came for _, _, came in drawn[:PLACES]) / PLACES
    return average / DRAWS, first / DRAWS
