"""How would simple rules rank the same people? What our ranking has to beat."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Literal, NamedTuple, TypeAlias

from agent.model import DAY

Way: TypeAlias = Literal["in", "out"]


class Event(NamedTuple):
    """A mail between the user and one person: when (POSIX seconds), from them (`in`) or to them (`out`), and who."""

    at: float
    way: Way
    person: int


HALF_LIVES = (7, 14, 30, 60, 90, 180, 365)
"""Days: the paces at which the decaying baselines forget. Named apart, so that the best one can be seen."""

RECENT, ACTIVE = "most recent", "most active days"
RANK_SUM, RANDOM = "rank sum: recent + active days", "random"


def baselines(past: Mapping[int, Sequence[Event]], cut: float) -> dict[str, dict[int, float]]:
    """For each simple rule each person's score, higher first; `past` holds their events before `cut`, oldest first."""
    single = {person: _scores(events, cut) for person, events in sorted(past.items())}
    names = next(iter(single.values()), {})
    by_rule = {name: {person: scores[name] for person, scores in single.items()} for name in names}
    if by_rule:
        recent, active = _ranks(by_rule[RECENT]), _ranks(by_rule[ACTIVE])
        by_rule[RANK_SUM] = {person: recent[person] + active[person] for person in single}
        by_rule[RANDOM] = dict.fromkeys(single, 0.0)
    return by_rule


def _scores(events: Sequence[Event], cut: float) -> dict[str, float]:
    n, received = len(events), sum(event.way == "in" for event in events)
    sent = n - received
    gap = (cut - events[-1].at) / DAY
    days = sorted({int(event.at // DAY) for event in events})
    usual = max(median([later - earlier for earlier, later in pairwise(days)] or [1]), 1.0)
    mine_last = events[-1].way == "out"
    return {
        RECENT: -gap,
        "least recent": gap,
        "most frequent": n,
        "most sent-to": sent,
        ACTIVE: len(days),
        "overdue ratio, high first": gap / usual,
        "overdue ratio, low first": -gap / usual,
        "reciprocity (min/max)": min(received, sent) / max(received, sent),
        "longest known": cut - events[0].at,
        "owner wrote last": float(mine_last),
        "owner owes a reply": float(not mine_last),
        "share of mail sent by owner": sent / n,
    } | _decayed(events, cut)


def _decayed(events: Sequence[Event], cut: float) -> dict[str, float]:
    scores = {}
    for half in HALF_LIVES:
        rate = log(2) / half
        fading = [-rate * (cut - event.at) / DAY for event in events]
        top = fading[-1]  # taken out of the sum, so that nothing underflows into a tie
        scores[f"frequency x decay of gap, {half} d"] = log(len(events)) + top
        scores[f"sum of decayed events, {half} d"] = top + log(sum(exp(value - top) for value in fading))
    return scores


def _ranks(scores: Mapping[int, float]) -> dict[int, float]:
    """Mid-ranks, the lowest score first."""
    ordered = sorted(scores.values())
    return {who: (bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 for who, value in scores.items()}
