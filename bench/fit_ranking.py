"""Which weights does open mail give to the features of `agent.ranking`, and what are they worth on unseen owners?

The weights that it prints stand, rounded, in `agent/ranking.py`. Cross-validated by owner: whoever is judged was not in
the fit. `likely` is fitted by comparing the people of one moment (so that an owner's level says nothing), mail at large
and mail inside one institute weighing alike; its level is then set by mail at large. `welcome` is fitted on mail at
large alone, where the institute's answers come twice as often, and judged on the institute as on any unseen owner.
`refit` is what `agent.ranking.tuned` makes of each owner's own past, judged on the part that came after.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from agent.measures import Quality, auc, judge, mean
from agent.moments import Asked, Knowledge, Scene, askings, before, lessons, windows
from agent.ranking import EARLIER, FEWEST_CASES, LASTING, LIKELY, WELCOME, Cases, Model, doubt, tuned
from agent.signals.rhythm import DEEP, LONG
from bench.backtest import Mailboxes, mailboxes

AT_LARGE, INSIDE = ("enron", "enron_extra"), ("eu",)
FOLDS, SEEDS = 9, (5, 6, 7)
RIDGE = 10.0
"""A little: the features are few and the cases many."""


class Moment(NamedTuple):
    """One window: of whom, how much of each feature for each candidate, what came of it."""

    name: str
    owner: str
    amounts: np.ndarray
    came: np.ndarray


def moments(name: str, found: Mailboxes) -> Iterator[Moment]:
    """Every window with a candidate, label A."""
    for owner, box in found.items():
        knowledge, scene = Knowledge(), Scene(box)
        for window in windows(box.events, "A", LONG):
            known = knowledge.standings(before(box.events, window.cut))
            scene.at(window.cut)
            people = sorted(window.past)
            rows = [LIKELY.amounts(known[who], int(window.cut), scene.around(who, window.cut, known)) for who in people]
            if rows:
                yield Moment(name, f"{name}:{owner}", np.array(rows), np.array([window.came[who] for who in people]))


def compared(cases: Sequence[Moment]) -> np.ndarray:
    """Weights that tell who came among the people of one moment; each moment counts by the root of its size."""
    told = [case for case in cases if 0 < case.came.sum() < len(case.came)]
    at_large = sum(case.name in AT_LARGE for case in told)
    worth = (len(told) - at_large) / at_large or 1.0
    every = np.vstack([case.amounts for case in told])
    middle, spread = every.mean(axis=0), every.std(axis=0) + 1e-9
    b = np.zeros(every.shape[1])
    for _ in range(30):
        pull, bend = -RIDGE * b, RIDGE * np.eye(len(b))
        for case in told:
            x, came = (case.amounts - middle) / spread, case.came.sum()
            share = 3.0 * len(x) ** -0.5 * (worth if case.name in AT_LARGE else 1.0)
            p = np.exp(x @ b - (x @ b).max())
            p /= p.sum()
            expected = p @ x
            pull += share * (case.came @ x - came * expected)
            bend += share * came * ((x * p[:, None]).T @ x - np.outer(expected, expected))
        b += np.linalg.solve(bend, pull)
    weights: np.ndarray = b / spread
    return weights


def level(weights: np.ndarray, cases: Sequence[Moment]) -> float:
    """The base with which as many come as did, at large."""
    scores = np.concatenate([case.amounts @ weights for case in cases if case.name in AT_LARGE])
    came = np.concatenate([case.came for case in cases if case.name in AT_LARGE]).mean()
    low, high = -20.0, 20.0
    for _ in range(60):
        base = (low + high) / 2
        low, high = (base, high) if (1 / (1 + np.exp(-base - scores))).mean() < came else (low, base)
    return base


def fit(cases: Cases) -> np.ndarray:
    """Base and weights, by Newton's method with a ridge on standardised features."""
    x, y = np.array([amounts for amounts, _ in cases]), np.array([float(came) for _, came in cases])
    middle, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - middle) / spread])
    ridge = RIDGE * np.eye(z.shape[1])
    ridge[0, 0] = 0.0
    b = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ b))
        b += np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + ridge, z.T @ (y - p) - ridge @ b)
    weights = b[1:] / spread
    return np.concatenate([[b[0] - weights @ middle], weights])


def parts(owners: Sequence[str], seed: int) -> Iterator[set[str]]:
    """The owners in folds."""
    mixed = sorted(set(owners))
    Random(seed).shuffle(mixed)
    yield from (set(mixed[fold::FOLDS]) for fold in range(FOLDS))


def judged(cases: Sequence[Moment], chances: Sequence[np.ndarray]) -> Quality:
    """The protocol's figures: means over windows, then over owners."""
    dice = Random(7)
    owners: dict[str, list[Quality]] = {}
    for case, told in zip(cases, chances, strict=True):
        if len(case.came) >= 5 and 0 < case.came.sum() < len(case.came):
            pairs = [(float(chance), bool(came)) for chance, came in zip(told, case.came, strict=True)]
            owners.setdefault(case.owner, []).append(judge(pairs, dice))
    return mean([mean(of) for of in owners.values()])


def by_fifths(told: np.ndarray, seen: np.ndarray) -> str:
    """Foretold / seen."""
    order = np.argsort(told, kind="stable")
    return " ".join(f"{told[part].mean():.2f}/{seen[part].mean():.2f}" for part in np.array_split(order, 5))


def say(model: Model, name: str, weights: np.ndarray) -> None:
    """Fitted weights beside those in the code."""
    print(f"{name}: base {weights[0]:+.3f} (in the code {model.base:+.2f})")
    for feature, weight in zip(model.features, weights[1:], strict=True):
        print(f"  {weight:+.3f} (in the code {feature.weight:+.2f})  {feature.says}")


def measure_likely(found: dict[str, Mailboxes], *, aloud: bool = True) -> dict[str, Quality]:
    """Fit, and judge on unseen owners: the mean over three ways to part them."""
    cases = [case for name, boxes in found.items() for case in moments(name, boxes)]
    if aloud:
        weights = compared(cases)
        say(LIKELY, "likely", np.concatenate([[level(weights, cases)], weights]))
    rounds: dict[str, list[Quality]] = {name: [] for name in found}
    for seed in SEEDS:
        chances: dict[int, np.ndarray] = {}
        for out in parts([case.owner for case in cases], seed):
            b = compared([case for case in cases if case.owner not in out])
            chances.update({id(case): case.amounts @ b for case in cases if case.owner in out})
        for name, rows in rounds.items():
            mine = [case for case in cases if case.name == name]
            rows.append(judged(mine, [chances[id(case)] for case in mine]))
    return {name: mean(rows) for name, rows in rounds.items()}


def measure_welcome(found: dict[str, Mailboxes], *, aloud: bool = True) -> dict[str, tuple[float, str, float]]:
    """Fit at large; for each set the AUC on unseen owners, the fifths, and how far the worst of these is off."""
    told = {f"{name}:{owner}": lessons(box) for name, boxes in found.items() for owner, box in boxes.items()}
    at_large = [owner for owner in told if owner.split(":")[0] in AT_LARGE]
    if aloud:
        say(WELCOME, "welcome", fit([case for owner in at_large for case in told[owner]]))
    pairs: dict[str, list[tuple[float, bool]]] = {name: [] for name in found}
    for out in parts(list(told), SEEDS[0]):
        b = fit([case for owner in at_large if owner not in out for case in told[owner]])
        for owner in sorted(out):
            chances = [1 / (1 + np.exp(-b[0] - np.array(amounts) @ b[1:])) for amounts, _ in told[owner]]
            pairs[owner.split(":")[0]] += [
                (float(chance), came) for chance, (_, came) in zip(chances, told[owner], strict=True)
            ]
    result = {}
    for name, rows in pairs.items():
        foretold, seen = np.array([chance for chance, _ in rows]), np.array([came for _, came in rows])
        parted = np.array_split(np.argsort(foretold, kind="stable"), 5)
        worst = max(abs(foretold[part].mean() - seen[part].mean()) for part in parted)
        result[name] = auc(rows), by_fifths(foretold, seen), float(worst)
    return result


def measure_lasting(found: dict[str, Mailboxes], *, aloud: bool = False) -> float:
    """Fit on silences of a month at large; the AUC on those of a quarter, of Enron's owners that were not in the fit:
    the mean over three ways to part them.
    """
    rows = {
        silent: [one for name in AT_LARGE for owner, box in found[name].items() for one in askings(owner, box, silent)]
        for silent in (LONG, DEEP)
    }
    taught, asked = (_lived(rows[silent]) for silent in (LONG, DEEP))
    if aloud:
        say(LASTING, "lasting", fit([case for _, case in taught]))
    judged_ = [(owner, case) for owner, case in asked if owner in found[AT_LARGE[0]]]
    areas = []
    for seed in SEEDS:
        told: list[tuple[float, bool]] = []
        for out in parts([owner for owner, _ in judged_], seed):
            b = fit([case for owner, case in taught if owner not in out])
            told += [(float(np.array(amounts) @ b[1:]), came) for owner, (amounts, came) in judged_ if owner in out]
        areas.append(auc(told))
    return float(np.mean(areas))


def _lived(rows: Sequence[Asked]) -> list[tuple[str, tuple[list[float], bool]]]:
    """Whose it is, the amounts of the features, and whether the contact lived on, where that is known."""
    return [
        (one.owner, (LASTING.amounts(one.standing, int(one.at), one.around), one.lives))
        for one in rows
        if one.lives is not None
    ]


def measure_refit(found: dict[str, Mailboxes]) -> dict[str, tuple[int, int, float, float]]:
    """For each set: owners with past enough, of these refitted, and the gain on the later part in log loss and AUC."""
    result = {}
    told = {f"{name}:{owner}": lessons(box) for name, boxes in found.items() for owner, box in boxes.items()}
    at_large = {owner: cases for owner, cases in told.items() if owner.split(":")[0] in AT_LARGE}
    for name in found:
        gains, refitted = [], 0
        for owner, cases in told.items():
            early = int(len(cases) * EARLIER)
            later = cases[early:]
            if not owner.startswith(f"{name}:") or len({came for _, came in later}) < 2 or early < 1:
                continue
            others = [case for other, mine in at_large.items() if other != owner for case in mine]
            start = WELCOME.weighing([float(weight) for weight in fit(others)])
            weights = tuned(start, cases[:early])
            if early >= FEWEST_CASES:
                refitted += bool(weights)
                model = start.weighing(weights) if weights else start
                gains.append((doubt(start, later) - doubt(model, later), _auc(model, later) - _auc(start, later)))
        lost, area = (float(np.mean(column)) for column in zip(*gains, strict=True)) if gains else (0.0, 0.0)
        result[name] = len(gains), refitted, lost, area
    return result


def _auc(model: Model, cases: Cases) -> float:
    return auc([(float(np.array(model.weights[1:]) @ np.array(amounts)), came) for amounts, came in cases])


def main() -> None:
    """Fit all three, judge all three."""
    found = {name: mailboxes(name) for name in (*AT_LARGE, *INSIDE)}
    for name, quality in measure_likely(found).items():
        print(f"  {name:12s} unseen owners, AUC P@5 MAP: " + " ".join(f"{figure:.3f}" for figure in quality))
    for name, (area, fifths, worst) in measure_welcome(found).items():
        print(f"  {name:12s} unseen owners, AUC {area:.3f}; by fifths {fifths}, off by {worst:.3f} at most")
    print(f"  silent a quarter, unseen owners of Enron: lives on, AUC {measure_lasting(found, aloud=True):.3f}")
    for name, (owners, kept, lost, area) in measure_refit(found).items():
        print(
            f"  {name:12s} refit: {owners} owners with past enough, {kept} refitted; later log loss {lost:+.4f} less,",
            end="",
        )
        print(f" AUC {area:+.3f}")


if __name__ == "__main__":
    main()
