"""Would our numbers have foretold what came of a word after a silence?"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import Literal, TypeAlias

from agent.backtest.tables import SEED
from agent.baselines import RANDOM, RANK_SUM, baselines
from agent.measures import Span, auc
from agent.moments import Asked, Mailbox, askings
from agent.ranking import lasting, likely, welcome
from agent.signals.reciprocity import share_of_theirs

Outcome: TypeAlias = Literal["answered", "lived on", "answered or lived on"]
CAME: Mapping[Outcome, Callable[[Asked], bool | None]] = {
    "answered": lambda one: one.answered,
    "lived on": lambda one: one.lives,
    "answered or lived on": lambda one: None if one.lives is None else one.answered or one.lives,
}
"""What may have come of a word after a silence; None where the mailbox ends too early to tell."""

FORETELLING: Mapping[str, Callable[[Asked], float]] = {
    "welcome": lambda one: welcome(one.standing, int(one.at), one.around),
    "lasting": lambda one: lasting(one.standing, int(one.at), one.around),
    "likely": lambda one: likely(one.standing, int(one.at), one.around),
    "most theirs": lambda one: one.standing.theirs,
    "share of theirs": lambda one: share_of_theirs(one.standing),
    "they wrote last": lambda one: float(one.standing.last_theirs == one.standing.last),
    "their last mail is recent": lambda one: one.standing.last_theirs,
}
"""What could foretell an answer: ours, and single features beside it; the baselines of the tables come to them."""

FOR: Mapping[Outcome, str] = {"answered": "welcome", "lived on": "lasting", "answered or lived on": "welcome"}
"""Which of ours is there to foretell an outcome."""

AUC_RESAMPLES = 200
"""For the interval of an AUC over all cases, which is dear to draw again."""


@dataclass(frozen=True, slots=True)
class Answers:
    """After `silent` days or more the user wrote: what came of it? Figures over all such mails."""

    outcome: Outcome
    silent: float
    asked: int
    came: int
    auc: tuple[tuple[str, Span], ...]  # best first; the mean is over all mails, the interval by owner
    fifths: tuple[tuple[float, float], ...]  # shares foretold and seen, by fifths of `welcome`, the lowest first


def answers(mailboxes: Mapping[str, Mailbox], outcome: Outcome, silent: float) -> Answers:
    """How well our numbers and simple ones foretell what comes of a word after a silence."""
    came_of = CAME[outcome]
    every = [one for owner, box in mailboxes.items() for one in askings(owner, box, silent)]
    asked = [one for one in every if came_of(one) is not None]
    came = [bool(came_of(one)) for one in asked]
    if len(set(came)) < 2:
        return Answers(outcome, silent, len(asked), sum(came), (), ())
    foretold = foretelling(asked)
    owners = [one.owner for one in asked] if len(mailboxes) > 1 else [str(number) for number in range(len(asked))]
    rows = [(name, _auc_span(scores, came, owners)) for name, scores in foretold.items()]
    rows.sort(key=lambda row: -row[1].mean)
    return Answers(outcome, silent, len(asked), sum(came), tuple(rows), fifths(foretold["welcome"], came))


def foretelling(asked: Sequence[Asked]) -> dict[str, list[float]]:
    """For each mail that broke a silence what ours and every simple rule say."""
    found = {name: [score(one) for one in asked] for name, score in FORETELLING.items()}
    simple = [baselines({0: one.past}, one.at) for one in asked]
    for name in simple[0]:
        if name not in (RANDOM, RANK_SUM):  # these two rank people of one moment, and nothing else
            found[name] = [scores[name][0] for scores in simple]
    return found


def fifths(foretold: Sequence[float], came: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """The shares foretold and seen, by fifths of what was foretold: equal where the numbers mean what they say."""
    ordered = sorted(zip(foretold, came, strict=True))
    edges = [len(ordered) * fifth // 5 for fifth in range(6)]
    parts = [ordered[low:high] for low, high in pairwise(edges) if high > low]
    return tuple((fmean(share for share, _ in part), fmean(seen for _, seen in part)) for part in parts)


def _auc_span(scores: Sequence[float], came: Sequence[bool], owners: Sequence[str]) -> Span:
    """The AUC over all cases, with an interval by drawing owners."""
    by_owner: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for owner, score, seen in zip(owners, scores, came, strict=True):
        by_owner[owner].append((score, seen))
    dice = Random(SEED)  # noqa: S311 - statistics
    groups, drawn = list(by_owner.values()), []
    for _ in range(AUC_RESAMPLES):
        sample = [case for group in dice.choices(groups, k=len(groups)) for case in group]
        if len({seen for _, seen in sample}) == 2:
            drawn.append(auc(sample))
    drawn.sort()
    low, high = (drawn[int(share * (len(drawn) - 1))] for share in (0.025, 0.975))
    return Span(auc(list(zip(scores, came, strict=True))), low, high)
