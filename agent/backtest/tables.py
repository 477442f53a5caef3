"""Whom would each ranking have put first at the moments of the past, and was it right?"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import TypeAlias

from agent.baselines import RECENT, baselines
from agent.measures import Quality, Span, judge, mean, span
from agent.model import Standing
from agent.moments import Knowledge, Label, Mailbox, Scene, Window, before, windows
from agent.ranking import Around, lasting, likely, welcome
from agent.signals.rhythm import LONG

Score: TypeAlias = Callable[[Standing, int, Around], float]

OURS: Mapping[str, Score] = {"likely": likely, "welcome": welcome, "lasting": lasting}
"""Our own rankings; each stands in the tables beside the simple ones."""

SEED = 7
"""Of the draws that break ties."""


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking in a table; for ours, also how far it is ahead of the best baseline of each figure (paired)."""

    name: str
    quality: Quality
    auc: Span
    map: Span
    ahead: tuple[Span, Span, Span] | None = None  # in AUC, P@5, MAP


@dataclass(frozen=True, slots=True)
class Table:
    """All rankings on one label, for ties of at least `silent` days; the rows stand best first, by MAP."""

    label: Label
    silent: float
    mailboxes: int
    windows: int
    skipped: int
    candidates: int
    positives: int
    base_rate: float  # mean over mailboxes
    best: tuple[str, str, str]  # the baselines that are best in AUC, in P@5, in MAP
    rows: tuple[Row, ...]

    def row(self, name: str) -> Row:
        """The row of one ranking."""
        return next(row for row in self.rows if row.name == name)


def ours(mailbox: Mailbox, window: Window, knowledge: Knowledge, scene: Scene) -> dict[str, dict[int, float]]:
    """Our own scores for the candidates of a window; the scene goes forward to it."""
    known = knowledge.standings(before(mailbox.events, window.cut))
    scene.at(window.cut)
    around = {who: scene.around(who, window.cut, known) for who in sorted(window.past)}
    return {
        name: {who: score(known[who], int(window.cut), at) for who, at in around.items()}
        for name, score in OURS.items()
    }


def table(mailboxes: Mapping[str, Mailbox], label: Label, silent: float = LONG) -> Table:
    """All rankings on one label."""
    return _table(label, silent, *trials(mailboxes, label, silent))


Trials: TypeAlias = Mapping[str, Mapping[str, Sequence[Quality]]]
"""Owner -> ranking -> how good it was in each window."""


def trials(
    mailboxes: Mapping[str, Mailbox], label: Label, silent: float = LONG
) -> tuple[dict[str, list[Window]], Trials, int]:
    """The windows used, every ranking in each of them, and how many windows were not usable."""
    dice, our_dice = Random(SEED), Random(SEED)  # noqa: S311 - two: the baselines' draws do not depend on ours
    used: dict[str, list[Window]] = {}
    made: dict[str, dict[str, list[Quality]]] = {}
    skipped = 0
    for owner, box in mailboxes.items():
        knowledge, scene = Knowledge(), Scene(box)
        trial: dict[str, list[Quality]] = defaultdict(list)
        for window in windows(box.events, label, silent):
            if not window.usable:
                skipped += 1
                continue
            used.setdefault(owner, []).append(window)
            for throw, rankings in (
                (dice, baselines(window.past, window.cut)),
                (our_dice, ours(box, window, knowledge, scene)),
            ):
                for name, scores in rankings.items():
                    trial[name].append(judge([(score, window.came[who]) for who, score in scores.items()], throw))
        if trial:
            made[owner] = trial
    return used, made, skipped


def _table(
    label: Label,
    silent: float,
    used: Mapping[str, Sequence[Window]],
    made: Trials,
    skipped: int,
) -> Table:
    units = _units(made)
    best = _best(units)
    rows = [_row(name, units, best) for name in units]
    came = [[sum(window.came.values()) for window in of] for of in used.values()]
    sizes = [[len(window.came) for window in of] for of in used.values()]
    shares = [fmean(hits / size for hits, size in zip(*pair, strict=True)) for pair in zip(came, sizes, strict=True)]
    return Table(
        label,
        silent,
        mailboxes=len(used),
        windows=sum(map(len, came)),
        skipped=skipped,
        candidates=sum(map(sum, sizes)),
        positives=sum(map(sum, came)),
        base_rate=fmean(shares) if shares else 0.0,
        best=best,
        rows=tuple(sorted(rows, key=lambda row: -row.quality.map)),
    )


def _units(trials: Trials) -> dict[str, list[Quality]]:
    """For each ranking what the bootstrap draws from: a figure for each mailbox, or for each window of the only one."""
    names = next(iter(trials.values()), {})
    if len(trials) == 1:
        [only] = trials.values()
        return {name: list(only[name]) for name in names}
    return {name: [mean(trials[owner][name]) for owner in sorted(trials)] for name in names}


def _best(units: Mapping[str, Sequence[Quality]]) -> tuple[str, str, str]:
    rivals = {name: mean(of) for name, of in units.items() if name not in OURS}
    if not rivals:
        return RECENT, RECENT, RECENT
    first, second, third = (max(rivals, key=lambda name: rivals[name][figure]) for figure in range(3))
    return first, second, third


def _row(name: str, units: Mapping[str, Sequence[Quality]], best: tuple[str, str, str]) -> Row:
    own = units[name]
    ahead = None
    if name in OURS:
        first, second, third = (
            span([one[figure] - other[figure] for one, other in zip(own, units[best[figure]], strict=True)])
            for figure in range(3)
        )
        ahead = first, second, third
    return Row(name, mean(own), span([one.auc for one in own]), span([one.map for one in own]), ahead)
