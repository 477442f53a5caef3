"""How do commands speak? Plain lines that a pipe can read, and JSON where it is asked for."""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

VERSION = 1
"""Of the JSON: it may gain keys, and never loses or changes one."""

F = TypeVar("F", bound=Callable[..., Any])


def as_json(command: F) -> F:
    """Gives a reading command its `--json`."""
    return click.option("--json", "json_", is_flag=True, help="Print JSON for programs.")(command)


def out(data: Mapping[str, Any]) -> None:
    """Prints the data as JSON."""
    click.echo(json.dumps({"v": VERSION, **data}, ensure_ascii=False, indent=1))


def table(rows: Iterable[Sequence[object]], heads: Sequence[str]) -> None:
    """Prints columns side by side; the last one takes what room is left."""
    cells = [list(heads), *[[str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads) - 1)]
    room = max(shutil.get_terminal_size((100, 24)).columns - sum(widths) - 2 * len(widths), 20)
    for row in cells:
        last = row[-1] if len(row[-1]) <= room else row[-1][: room - 1] + "…"
        click.echo("  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), last]).rstrip())
