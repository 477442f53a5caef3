"""How is a report of the past told: on a terminal, and as JSON?"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agent.backtest.foretelling import FOR, Answers, Outcome
from agent.backtest.report import Report
from agent.backtest.tables import OURS, Row, Table
from agent.measures import Quality


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
