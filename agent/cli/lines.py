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

LEAST, INDENT = 20, 4
"""Columns that the last one of a table needs beside the others; and by which it is indented where it stands below."""

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
    """Prints columns side by side; the last one takes what room is left, or a line of its own on a narrow screen."""
    from agent.digest.plain import clean, columns

    cells = [list(heads), *[[clean(str(c), LONGEST) for c in row] for row in rows]]
    widths = [max(columns(row[i]) for row in cells) for i in range(len(heads) - 1)]
    screen = shutil.get_terminal_size((100, 24)).columns
    room = screen - sum(widths) - GAP * len(widths)
    beside = room >= LEAST
    for row in cells:
        last = _cut(row[-1], room if beside else max(screen - INDENT, LEAST))
        padded = [cell + " " * (width - columns(cell) + GAP) for cell, width in zip(row, widths, strict=False)]
        click.echo(("".join(padded) + (last if beside else "")).rstrip())
        if not beside and last:
            click.echo(" " * INDENT + last)


def fitted(text: str, usual: int = 78) -> str:
    """A text that was folded for a screen of the usual width, folded for this one where it is narrower."""
    from agent.digest.plain import columns, fold

    screen = max(shutil.get_terminal_size((100, 24)).columns, LEAST)
    if screen >= usual:
        return text
    lines: list[str] = []
    before = ""
    for line in text.split("\n"):
        word = line.split()[:1]
        goes_on = bool(before and word) and _indent(before) == _indent(line) and columns(f"{before} {word[0]}") > usual
        lines.append(f"{lines.pop()} {line.lstrip()}" if goes_on else line)
        before = line
    return "\n".join(fold(line, screen, " " * _indent(line)) if columns(line) > screen else line for line in lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _cut(text: str, room: int) -> str:
    """As much of it as fits into so many columns."""
    from agent.digest.plain import columns

    if columns(text) <= room:
        return text
    while text and columns(text) > room - 1:
        text = text[:-1]
    return f"{text}…"
