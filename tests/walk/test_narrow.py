"""Forty columns, no colour and no terminal are fine for whatever one asks; programs get their JSON all the same."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.lines import fitted
from agent.digest.plain import columns
from tests.docs.pages import READING
from tests.profiles import MORNING, Profile, demo_profile

NARROW = 40

CODES = {"doctor": (0, 1), "open": (0,)}
"""The doctor ends with 1 where something is wrong, as it says."""

COLUMNS_OF_A_TABLE = re.compile(r"\S {2,}\S.*\S {2,}\S")
"""Two gaps in a line: it is no sentence, which any screen may break."""


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """The demo's profile on a small screen, with something of everything."""
    profile = demo_profile(tmp_path_factory.mktemp("narrow") / "home")
    profile.tell("note", "Clara", "has a loom at home, and 北京 on her mind")
    profile.tell("pause", "3")
    profile.columns = NARROW
    return profile


@pytest.mark.parametrize("command", READING)
def test_a_reading_command_says_it_within_forty_columns(
    command: str, narrow: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = narrow.run(*command.split())

    assert said.code in CODES.get(command.split()[0], (0,)), said.err
    assert said.out
    assert "\x1b" not in said.out + said.err
    assert said.err == ""
    tables = [line for line in said.out.splitlines() if COLUMNS_OF_A_TABLE.search(line) and not line.startswith(" ")]
    assert [line for line in tables if columns(line) > NARROW and not command.startswith("export")] == []


@pytest.mark.parametrize("command", READING)
def test_programs_get_the_same_json_whatever_the_screen(command: str, narrow: Profile) -> None:
    said = narrow.run(*command.split(), "--json")

    assert said.code in CODES.get(command.split()[0], (0,)), said.err
    data = json.loads(said.out)
    assert data["v"] == 1
    assert len(data) > 1


def test_the_digest_itself_fits(narrow: Profile) -> None:
    lines = narrow.tell("digest", "--via", "stdout").splitlines()

    assert "Ada Weber" in " ".join(lines)
    assert [line for line in lines if columns(line) > NARROW and len(line.split()) > 1] == []


def test_what_a_pipe_reads_is_not_broken_into_lines(nora: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe has no width: only a screen that says how narrow it is has one."""
    line = "word " * 19 + "end"
    monkeypatch.delenv("COLUMNS", raising=False)

    assert fitted(line) == line
    monkeypatch.setenv("COLUMNS", "40")
    assert [columns(one) <= NARROW for one in fitted(line).splitlines()] == [True] * 3
    monkeypatch.setenv("COLUMNS", "1")
    assert " ".join(fitted(f"    {line}").split()) == line


PROGRAM = """
import sys
from datetime import datetime
from agent import wiring
at = datetime.fromisoformat(sys.argv.pop(1))
wiring.now = lambda: at
from agent.cli import main
main()
"""


@pytest.mark.parametrize("command", ["status", "digest", "people --most 3", "why Ada", "doctor", "connectors list"])
def test_the_real_program_without_a_terminal(command: str, narrow: Profile, tmp_path: Path) -> None:
    there = {key: value for key, value in os.environ.items() if key not in ("TERM", "COLUMNS", "LINES")}
    there |= {"AULD_HOME": str(narrow.home), "TZ": "Europe/London", "NO_COLOR": "1", "COLUMNS": str(NARROW)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, MORNING.isoformat(), *command.split()],
        env=there,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=tmp_path,
        timeout=60,
        check=False,
    )

    assert done.returncode in CODES.get(command.split()[0], (0,)), done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stdout.decode("utf-8").strip()
