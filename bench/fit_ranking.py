"""Which weights does open mail give to the features of `agent.ranking`, and what are they worth on unseen owners?

The weights that it prints stand, rounded, in `agent/ranking.py`. Owners are weighted by the root of their windows (or
mails), so that no busy one decides alone. Cross-validated by owner: whoever is judged was not in the fit.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from agent.measures import Quality, auc, judge, mean
from agent.model import Standing
from agent.moments import Knowledge, askings, before, windows
from agent.ranking import LIKELY, WELCOME, Model
from agent.signals.rhythm import LONG, leaning, others_gap, silence
from bench.backtest import mailboxes

SETS = ("enron", "enron_extra", "eu")
FOLDS = 9
RIDGE = 3.0
"""A little: the features are few and the cases many."""


class Cases(NamedTuple):
    """One window, or one mail that broke a silence: of whom, how much of each feature, what came of it."""

    owner: str
    amounts: np.ndarray
    came: np.ndarray


def amounts(model: Model, standing: Standing, now: float, usual: float) -> list[float]:
    """The features of one case as the model sees them."""
    quiet = max(silence(standing, int(now)), 1.0)
    return [feature.amount(standing, quiet, usual) for feature in model.features]


def apart(name: str) -> float:
    """The last column: mail inside one institute is answered, and taken up again, more than mail at large.

    So it may set the slopes, but not the level, which is that of the Enron owners.
    """
    return float(name == "eu")


def likely_cases(name: str) -> Iterator[Cases]:
    """Every window with a candidate, label A."""
    for owner, mails in mailboxes(name).items():
        knowledge = Knowledge()
        for window in windows(mails, "A", LONG):
            if not window.past:
                continue
            known = knowledge.standings(before(mails, window.cut))
            others = others_gap(known.values())
            rows = [
                [*amounts(LIKELY, known[who], window.cut, leaning(known[who], others)), apart(name)]
                for who in sorted(window.past)
            ]
            yield Cases(f"{name}:{owner}", np.array(rows), np.array([window.came[who] for who in sorted(window.past)]))


def welcome_cases(name: str) -> Iterator[Cases]:
    """Every mail of the owner's that broke a silence of 30 days; answered within 30 days or not."""
    for owner, mails in mailboxes(name).items():
        for asked in askings(owner, mails, LONG):
            row = [*amounts(WELCOME, asked.standing, asked.at, asked.usual), apart(name)]
            yield Cases(f"{name}:{owner}", np.array([row]), np.array([asked.answered]))


def fit(cases: Sequence[Cases], share: Callable[[Cases, int], float]) -> np.ndarray:
    """Base and weights, by Newton's method with a ridge on standardised features."""
    busy = Counter(case.owner for case in cases)
    x = np.vstack([case.amounts for case in cases])
    y = np.concatenate([case.came for case in cases]).astype(float)
    w = np.concatenate([np.full(len(case.came), share(case, busy[case.owner])) for case in cases])
    w *= len(w) / w.sum()
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    ridge = RIDGE * np.eye(z.shape[1])
    ridge[0, 0] = 0.0
    b = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ b))
        step = np.linalg.solve((z * (w * p * (1 - p))[:, None]).T @ z + ridge, z.T @ (w * (y - p)) - ridge @ b)
        b += step
    weights = b[1:] / spread
    return np.concatenate([[b[0] - weights @ middle], weights])


def unseen(cases: Sequence[Cases], share: Callable[[Cases, int], float]) -> list[tuple[Cases, np.ndarray]]:
    """Each case with the chances that a fit without its owner gives."""
    owners = sorted({case.owner for case in cases})
    Random(5).shuffle(owners)
    found = []
    for fold in range(FOLDS):
        out = set(owners[fold::FOLDS])
        b = fit([case for case in cases if case.owner not in out], share)
        found += [(case, 1 / (1 + np.exp(-(b[0] + case.amounts @ b[1:])))) for case in cases if case.owner in out]
    return found


def by_fifths(told: np.ndarray, seen: np.ndarray) -> str:
    """Foretold / seen."""
    order = np.argsort(told, kind="stable")
    return " ".join(f"{told[part].mean():.2f}/{seen[part].mean():.2f}" for part in np.array_split(order, 5))


def by_window(case: Cases, _: int) -> float:
    """The root of a window's size."""
    return float(len(case.came) ** -0.5)


def by_owner(_: Cases, busy: int) -> float:
    """The root of an owner's cases."""
    return float(busy**-0.5)


def judged(judgements: Sequence[tuple[Cases, np.ndarray]]) -> Quality:
    """The protocol's figures: means over windows, then over owners."""
    dice = Random(7)
    owners: dict[str, list[Quality]] = {}
    for case, told in judgements:
        if len(case.came) >= 5 and 0 < case.came.sum() < len(case.came):
            pairs = [(float(chance), bool(came)) for chance, came in zip(told, case.came, strict=True)]
            owners.setdefault(case.owner, []).append(judge(pairs, dice))
    return mean([mean(of) for of in owners.values()])


def say(model: Model, name: str, weights: np.ndarray) -> None:
    """Fitted weights beside those in the code."""
    print(f"{name}: base {weights[0]:+.3f} (in the code {model.base:+.2f})")
    for feature, weight in zip(model.features, weights[1:], strict=False):
        print(f"  {weight:+.3f} (in the code {feature.weight:+.2f})  {feature.says}")


def main() -> None:
    """Fit both, judge both."""
    cases = [case for name in SETS for case in likely_cases(name)]
    say(LIKELY, "likely", fit(cases, by_window))
    done = unseen(cases, by_window)
    for name in SETS:
        mine = [pair for pair in done if pair[0].owner.startswith(f"{name}:")]
        told, seen = np.concatenate([told for _, told in mine]), np.concatenate([case.came for case, _ in mine])
        figures = " ".join(f"{figure:.3f}" for figure in judged(mine))
        print(f"  {name:12s} unseen owners, AUC P@5 MAP: {figures}; by fifths {by_fifths(told, seen)}")
    cases = [case for name in SETS for case in welcome_cases(name)]
    say(WELCOME, "welcome", fit(cases, by_owner))
    done = unseen(cases, by_owner)
    for name in SETS:
        mine = [pair for pair in done if pair[0].owner.startswith(f"{name}:")]
        told, seen = np.concatenate([told for _, told in mine]), np.concatenate([case.came for case, _ in mine])
        area = auc([(float(chance), bool(came)) for chance, came in zip(told, seen, strict=True)])
        print(f"  {name:12s} unseen owners, AUC: {area:.3f}; by fifths {by_fifths(told, seen)}")


if __name__ == "__main__":
    main()
