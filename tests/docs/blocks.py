"""What does a page of the documents show, and what does auld really say there?

A block of a page that begins with ```console holds commands (`$ ...`) and what they print. All of a page run in order
in one empty profile, at the same morning, with the archive of an invented person beside it. `until="..."` behind the
word console ends what is shown of the last command before the line that begins so. `make docs` writes them anew.
"""

import io
import re
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agent import demo, wiring
from agent.cli import cli
from agent.cli.ends import run

HOUSE = Path(__file__).resolve().parents[2]

PAGES = ("README.md", "docs/guide.md")

MORNING = datetime(2024, 3, 5, 7, tzinfo=UTC)
"""A Tuesday: the moment at which every page stands still."""

YOU = "nora@example.org"

HOME = "/home/you"
"""What the pages say for the folder in which they run."""

MADE = {"make demo": "auld demo"}
"""What a command of the pages comes down to, once everything is installed; the Makefile is held to it."""

_BLOCK = re.compile(r"^```console(?: until=\"(?P<until>[^\"]+)\")?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a page, and what the page says that it prints."""

    command: str
    shown: str
    until: str = ""


def steps(page: str) -> list[Step]:
    """Every command of a page, in order."""
    return [step for block in _BLOCK.finditer(page) for step in _of_block(block["body"], block["until"] or "")]


def _of_block(body: str, until: str) -> Iterator[Step]:
    _, *parts = re.split(r"^\$ ", body, flags=re.MULTILINE)
    for number, part in enumerate(parts, 1):
        command, _, shown = part.partition("\n")
        yield Step(command, shown.strip("\n"), until if number == len(parts) else "")


def fenced(page: str, language: str) -> list[str]:
    """The blocks of a page in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@contextmanager
def standing_still(folder: Path) -> Iterator[Path]:
    """A machine of one's own in `folder`: its home, its clock, its zone, and an archive of mail and meetings."""
    for name, made in (("archive.mbox", demo.mailbox), ("calendar.ics", demo.calendar)):
        (folder / name).write_bytes(made(MORNING).replace(demo.ME.encode(), YOU.encode()))
    with pytest.MonkeyPatch.context() as machine:
        for name, value in {"HOME": str(folder), "TZ": "UTC", "COLUMNS": "80"}.items():
            machine.setenv(name, value)
        machine.delenv("AULD_HOME", raising=False)
        machine.chdir(folder)
        machine.setattr(wiring, "now", lambda: MORNING)
        machine.setattr(wiring, "zone", lambda name: UTC)
        time.tzset()
        yield folder
    time.tzset()


def said(command: str, folder: Path, environ: dict[str, str]) -> str:
    """What a command prints, on either channel. `export NAME=VALUE` holds for the commands behind it."""
    words = shlex.split(MADE.get(command, command), comments=True)
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        environ[name] = value.replace("~", str(folder), 1)
        return ""
    assert words[0] == "auld", f"only auld itself is run here: {command}"
    with pytest.MonkeyPatch.context() as machine:
        for name, value in environ.items():
            machine.setenv(name, value)
        machine.setattr(sys, "argv", words)
        with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed), pytest.raises(SystemExit) as end:
            run(cli)
    assert not end.value.code, f"{command} ends with {end.value.code}: {printed.getvalue()}"
    return printed.getvalue().replace(str(folder), HOME).strip("\n")


def cut(printed: str, until: str) -> str:
    """What is shown of it: the lines before the one that begins with `until`."""
    if not until:
        return printed
    lines = printed.splitlines()
    kept = list(takewhile(lambda line: not line.startswith(until), lines))
    assert len(kept) < len(lines), f"no line begins with {until!r}"
    return "\n".join(kept).strip("\n")


@cache
def really(page: str) -> list[tuple[Step, str]]:
    """Every command of a page with what it really prints, in an empty profile of its own."""
    environ: dict[str, str] = {}
    with TemporaryDirectory() as made, standing_still(Path(made).resolve()) as folder:
        return [(step, cut(said(step.command, folder, environ), step.until)) for step in steps(page)]


def rewritten(page: str) -> str:
    """The page with what its commands really print."""
    printed = iter(really(page))

    def anew(block: re.Match[str]) -> str:
        head = block[0].partition("\n")[0]
        told = [next(printed) for _ in _of_block(block["body"], "")]
        parts = [f"$ {step.command}\n{text}".strip("\n") for step, text in told]
        return f"{head}\n{_joined(parts)}\n```"

    return _BLOCK.sub(anew, page)


def _joined(parts: list[str]) -> str:
    """Commands that print something stand apart from the next one by an empty line."""
    return "".join(part + ("" if last else "\n\n" if "\n" in part else "\n") for part, last in _lasts(parts))


def _lasts(parts: list[str]) -> Iterator[tuple[str, bool]]:
    for number, part in enumerate(parts, 1):
        yield part, number == len(parts)


def pages() -> Mapping[str, str]:
    """The pages by name."""
    return {name: (HOUSE / name).read_text("utf-8") for name in PAGES}


def write() -> None:
    """Write what the commands really print into the pages."""
    for name, page in pages().items():
        (HOUSE / name).write_text(rewritten(page), "utf-8")


if __name__ == "__main__":
    write()
