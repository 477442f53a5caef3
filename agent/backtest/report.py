"""What does the past say of our rankings, in tables and in plain words?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.backtest.foretelling import Answers, Outcome, answers
from agent.backtest.tables import Table, table
from agent.baselines import RECENT
from agent.moments import Label, Mailbox, lessons
from agent.ranking import WELCOME, tuned
from agent.signals.rhythm import DEEP, LONG

FEWEST_WINDOWS = 5
"""Fewer windows than this say nothing of one user's own ranking."""


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
