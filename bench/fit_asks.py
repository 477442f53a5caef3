"""Which words ask? Fits the weights of `nlp.wanting` on Parakweet's training sentences, and says how they do.

    python bench/fit_asks.py            the figures, cross-validated on the training sentences and on the test ones
    python bench/fit_asks.py --write    and `nlp/wanting.json`

The data set is Apache-2.0 (ParakweetLabs/EmailIntentDataSet). A run of words needs `FEWEST` sentences to be looked at.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from bench import nlp_asks
from nlp import asks, wanting

FEWEST, RIDGE, KEPT, ROUNDS, STEP, FOLDS = 6, 8.0, 1_200, 250, 0.05, 5
"""Sentences of a run; the penalty of its square; the heaviest that are kept; and how it is fitted."""

NOTHING = frozenset({"*", "* *", "<", ">"})
"""Runs without a common word."""

Floats: TypeAlias = npt.NDArray[np.float64]
Rows: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]


def told(sentence: str) -> frozenset[str]:
    """What tells of a sentence: its runs, and whether a rule says that it asks."""
    runs = frozenset(wanting.runs(wanting.common(wanting.words_of(sentence)))) - NOTHING
    return runs | {wanting.RULE} if asks.is_request(sentence) else runs


def rows_of(sentences: Sequence[frozenset[str]], place: dict[str, int]) -> Rows:
    """Which run stands in which sentence: (sentences, runs), and how many sentences there are."""
    pairs = [(n, place[run]) for n, runs in enumerate(sentences) for run in runs if run in place]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1], len(sentences)


def odds(rows: Rows, weights: Floats) -> Floats:
    """The log odds of each sentence; the last weight is what all have."""
    sentence, run, n = rows
    found: Floats = np.bincount(sentence, weights[run], minlength=n) + weights[-1]
    return found


def fitted(rows: Rows, wanted: Floats, runs: int) -> Floats:
    """Logistic regression with a ridge, by Adam."""
    sentence, run, _ = rows
    weights, first, second = np.zeros(runs + 1), np.zeros(runs + 1), np.zeros(runs + 1)
    for turn in range(1, ROUNDS + 1):
        off = 1 / (1 + np.exp(-odds(rows, weights))) - wanted
        slope = np.append(np.bincount(run, off[sentence], minlength=runs) + RIDGE * weights[:-1], off.sum())
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        weights -= STEP * (first / (1 - 0.9**turn)) / (np.sqrt(second / (1 - 0.999**turn)) + 1e-8)
    return weights


def said(name: str, wanted: Floats, sure: Floats) -> None:
    """Print the recall at each of some precisions, and from which odds on."""
    order = np.argsort(-sure)
    hits = np.cumsum(wanted[order])
    precision, recall = hits / np.arange(1, len(order) + 1), hits / wanted.sum()
    for least in (0.85, 0.88, 0.9, 0.92):
        best = int(np.flatnonzero(precision >= least).max(initial=0))
        print(f"{name:16} P {least:.2f}: R {recall[best]:.3f} from {sure[order][best]:5.2f}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write nlp/wanting.json")
    write = parser.parse_args().write
    if not nlp_asks.ARCHIVE.exists():
        print(f"skipped: {nlp_asks.ARCHIVE} is absent")
        return
    known, asked = nlp_asks.sentences("train"), nlp_asks.sentences("test")
    runs = [told(sentence) for _, sentence in known]
    often = Counter(run for found in runs for run in found)
    place = {run: n for n, run in enumerate(sorted(run for run, count in often.items() if count >= FEWEST))}
    wanted = np.array([float(wants) for wants, _ in known])
    fold = np.random.default_rng(0).integers(0, FOLDS, len(known))
    sure = np.zeros(len(known))
    for each in range(FOLDS):
        rest, held = np.flatnonzero(fold != each), np.flatnonzero(fold == each)
        weights = fitted(rows_of([runs[n] for n in rest], place), wanted[rest], len(place))
        sure[held] = odds(rows_of([runs[n] for n in held], place), weights)
    said("cross-validated", wanted, sure)
    weights = fitted(rows_of(runs, place), wanted, len(place))
    kept = sorted(place, key=lambda run: -abs(weights[place[run]]))[:KEPT]
    table = {"": round(float(weights[-1]), 2)} | {run: round(float(weights[place[run]]), 2) for run in sorted(kept)}
    if write:
        file = Path(wanting.__file__).with_suffix(".json")
        file.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        wanting._weights.cache_clear()
    if Path(wanting.__file__).with_suffix(".json").exists():
        test = np.array([asks.odds(sentence) for _, sentence in asked])
        said("test, as kept", np.array([float(wants) for wants, _ in asked]), test)


if __name__ == "__main__":
    main()
