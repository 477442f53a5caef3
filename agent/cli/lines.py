"""How do commands speak? Plain lines that a pipe can read, and JSON where it is asked for.

Names and subjects come from strangers' mail: none of them may move the cursor, colour the screen or break a line.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

VERSION = 1
"""Of the JSON: it may gain keys, and never loses or changes one."""

LONGEST = 400
"""Characters of a line; what is longer was not written by a person."""

GAP = 2
"""Columns between two columns."""

F = TypeVar("F", bound=Callable[..., Any])


def as_json(command: F) -> F:
    """Gives a reading command its `--json`."""
    return click.option("--json", "json_", is_flag=True, help="Print JSON for programs.")(command)


def out(data: Mapping[str, Any]) -> None:
    """Prints the data as JSON."""
    click.echo(json.dumps({"v": VERSION, **data}, ensure_ascii=False, indent=1))


def say(line: str) -> None:
    """Prints one line; its indent stays, and nothing in it moves the cursor."""
    from agent.digest.plain import clean

    indent = line[: len(line) - len(line.lstrip(" "))]
    click.echo(indent + clean(line, LONGEST))


def table(rows: Iterable[Sequence[object]], heads: Sequence[str]) -> None:
    """Prints columns side by side; the last one takes what room is left."""
    from agent.digest.plain import clean, columns

    cells = [list(heads), *[[clean(str(c), LONGEST) for c in row] for row in rows]]
    widths = [max(columns(row[i]) for row in cells) for i in range(len(heads) - 1)]
    room = max(shutil.get_terminal_size((100, 24)).columns - sum(widths) - GAP * len(widths), 20)
    for row in cells:
        last = row[-1] if len(row[-1]) <= room else row[-1][: room - 1] + "…"
        padded = [cell + " " * (width - columns(cell) + GAP) for cell, width in zip(row, widths, strict=False)]
        click.echo(("".join(padded) + last).rstrip())
