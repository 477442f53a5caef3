"""Would our ranking have been right about the user's own past, and better than a simple rule?

`agent.moments` says by which moments. Figures are means over windows, then over mailboxes; intervals come from a
bootstrap over mailboxes (over windows where there is one mailbox), paired where two rankings are compared.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import Any, Literal, TypeAlias

from agent.baselines import RANDOM, RANK_SUM, RECENT, baselines
from agent.measures import Quality, Span, auc, judge, mean, span
from agent.model import Standing
from agent.moments import (
    Asked,
    Knowledge,
    Label,
    Mailbox,
    Scene,
    Window,
    askings,
    before,
    lessons,
    mailbox,
    stood,
    windows,
)
from agent.ranking import WELCOME, Around, lasting, likely, tuned, welcome
from agent.signals.reciprocity import share_of_theirs
from agent.signals.rhythm import DEEP, LONG

__all__ = [
    "Answers", "Mailbox", "Report", "Row", "Table",
    "answers", "as_json", "backtest", "mailbox", "printed", "stood", "table",
]  # fmt: skip

Score: TypeAlias = Callable[[Standing, int, Around], float]
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

OURS: Mapping[str, Score] = {"likely": likely, "welcome": welcome, "lasting": lasting}
"""Our own rankings; each stands in the tables beside the simple ones."""

FOR: Mapping[Outcome, str] = {"answered": "welcome", "lived on": "lasting", "answered or lived on": "welcome"}
"""Which of ours is there to foretell an outcome."""

SEED = 7
"""Of the draws that break ties."""

AUC_RESAMPLES = 200
"""For the interval of an AUC over all cases, which is dear to draw again."""

FEWEST_WINDOWS = 5
"""Fewer windows than this say nothing of one user's own ranking."""


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


@dataclass(frozen=True, slots=True)
class Answers:
    """After `silent` days or more the user wrote: what came of it? Figures over all such mails."""

    outcome: Outcome
    silent: float
    asked: int
    came: int
    auc: tuple[tuple[str, Span], ...]  # best first; the mean is over all mails, the interval by owner
    fifths: tuple[tuple[float, float], ...]  # shares foretold and seen, by fifths of `welcome`, the lowest first


@dataclass(frozen=True, slots=True)
class Report:
    """What the past says of the rankings; `verdict` says it in plain words."""

    tables: tuple[Table, ...]
    answers: tuple[Answers, ...]
    verdict: str
    refitted: bool | None = None  # whether `welcome` leans on the user's own past; None for many mailboxes


TABLES: Sequence[tuple[Label, float]] = (("A", LONG), ("B", LONG), ("A", DEEP), ("B", DEEP))
QUESTIONS: Sequence[tuple[Outcome, float]] = (
    ("answered", LONG),
    ("answered", DEEP),
    ("lived on", DEEP),
    ("answered or lived on", DEEP),
)
"""Silences of 90 days and more stand apart: they are the hard case, and the valuable one."""


def backtest(mailboxes: Mapping[str, Mailbox]) -> Report:
    """Every table for these mailboxes, by owner; for one user, a mapping with one entry."""
    tables = tuple(table(mailboxes, label, silent) for label, silent in TABLES)
    found = tuple(answers(mailboxes, outcome, silent) for outcome, silent in QUESTIONS)
    refitted = None
    if len(mailboxes) == 1:
        [box] = mailboxes.values()
        refitted = bool(tuned(WELCOME, lessons(box)))
    return Report(tables, found, verdict(tables[0]), refitted)


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


def verdict(table: Table) -> str:
    """In plain words: does our ranking beat the simplest one, the most recent first, for these mailboxes?"""
    if table.windows < FEWEST_WINDOWS:
        return f"There is too little mail to test on: {table.windows} usable moments; {FEWEST_WINDOWS} would be needed."
    row = table.row("likely")
    units = (
        f"over {table.windows} moments of your past" if table.mailboxes == 1 else f"over {table.mailboxes} mailboxes"
    )
    gain = row.quality.map - table.row(RECENT).quality.map
    if gain <= 0:
        return f"Our ranking was no better than simply taking the most recent first, {units}."
    assert row.ahead is not None
    if row.ahead[2].low > 0:
        return f"Our ranking was better than every simple rule, {units}."
    return f"Our ranking was better than taking the most recent first, but not surely, {units}."


def printed(report: Report) -> str:
    """The report as lines for a terminal: what it says first, then the figures that it rests on."""
    parts = [report.verdict]
    if report.refitted is not None and any(of.auc for of in report.answers):
        parts.append(REFITTED if report.refitted else AS_THEY_ARE)
    parts += [_printed_table(of) for of in report.tables if of.windows]
    parts += [_printed_answers(of) for of in report.answers if of.auc]
    return "\n\n".join(parts)


REFITTED = "Who would answer is foretold by weights refitted on your own past: they did better on its later part."
AS_THEY_ARE = (
    "Who would answer is foretold by the weights that auld came with: your past is too short for weights of its own, or"
    " they did no better on its later part."
)


def _printed_table(of: Table) -> str:
    question = "Whom did you write to" if of.label == "A" else "Whom did you write to first"
    lines = [
        f"{question} within 60 days, of those silent for over {of.silent:.0f} days?",
        f"{of.windows} moments, {of.candidates} candidates, {of.positives} came true.",
        f"{'ranking':34s} {'AUC':>5s} {'P@5':>5s} {'MAP':>5s}  95 % of MAP",
    ]
    for row in of.rows:
        mark = "*" if row.ahead else " "
        figures = " ".join(f"{figure:.3f}" for figure in row.quality)
        lines.append(f"{mark} {row.name:32s} {figures}  {row.map.low:.3f} to {row.map.high:.3f}")
    for row in of.rows:
        for figure, best, gain in zip(Quality._fields, of.best, row.ahead or (), strict=False):
            gained = f"{gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
            lines.append(f"{row.name} against the best simple rule by {figure}, {best}: {gained}")
    return "\n".join(lines)


ASKED: Mapping[Outcome, str] = {
    "answered": "Who answered within 30 days",
    "lived on": "With whom did the contact live on (two mails each way in 90 days)",
    "answered or lived on": "Who answered, or with whom did the contact live on",
}
SHOWN = 8
"""So many rules are shown beside ours; the others are worse."""


def _printed_answers(of: Answers) -> str:
    lines = [
        f"{ASKED[of.outcome]} when you wrote after {of.silent:.0f} days or more?",
        f"{of.asked} mails, {of.came} came true.",
        f"{'foretold by':34s} {'AUC':>5s}  95 %",
    ]
    shown = [row for place, row in enumerate(of.auc) if place < SHOWN or row[0] in OURS]
    for name, area in shown:
        mark = "*" if name in OURS else " "
        lines.append(f"{mark} {name:32s} {area.mean:.3f}  {area.low:.3f} to {area.high:.3f}")
    ours_area = next(area for name, area in of.auc if name == FOR[of.outcome])
    best, rival = next((name, area) for name, area in of.auc if name not in OURS)
    if rival.mean >= ours_area.mean:
        lines.append(f"Our ranking was no better here than a simple rule, `{best}`.")
    told = ", ".join(f"{foretold:.0%} {seen:.0%}" for foretold, seen in of.fifths)
    lines.append(f"welcome by fifths, foretold and seen: {told}")
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain values for `--json`."""
    return {
        "verdict": report.verdict,
        "refitted": report.refitted,
        "tables": [
            asdict(of) | {"rows": [_row_as_json(row) for row in of.rows], "best": list(of.best)} for of in report.tables
        ],
        "answers": [
            {
                "outcome": of.outcome,
                "silent": of.silent,
                "asked": of.asked,
                "came_true": of.came,
                "auc": [{"name": name} | area._asdict() for name, area in of.auc],
                "welcome_by_fifths": [{"foretold": foretold, "seen": seen} for foretold, seen in of.fifths],
            }
            for of in report.answers
        ],
    }


def _row_as_json(row: Row) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": row.name, **row.quality._asdict()}
    figures["map_interval"], figures["auc_interval"] = list(row.map[1:]), list(row.auc[1:])
    if row.ahead:
        figures["ahead_of_best"] = {
            figure: gain._asdict() for figure, gain in zip(Quality._fields, row.ahead, strict=True)
        }
    return figures
