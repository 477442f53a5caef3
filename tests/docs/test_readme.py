"""The documents run: what they show is what auld prints, and what they name is there."""

import os
import re
import shlex
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from typing import get_args

import pytest

import connectors
from agent import config_file, outputs
from agent.cli import COMMANDS
from agent.cli.ends import CODES
from config.paths import paths
from config.settings import INBOXES, Digest
from tests.docs.blocks import HOUSE, MADE, cut, fenced, pages, really, steps

BIN = Path(sys.executable).parent

PAGES = pages()

MENTIONED = re.compile(r"`auld (?P<command>[a-z]+)")

LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")

WRITTEN = sorted(
    str(page.relative_to(HOUSE))
    for page in (
        HOUSE / "CONTRIBUTING.md",
        HOUSE / "CHANGELOG.md",
        *HOUSE.glob("README.md"),
        *HOUSE.glob("docs/**/*.md"),
    )
)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_show_what_the_commands_print(name: str) -> None:
    for step, printed in really(PAGES[name]):
        assert step.shown == printed, f"{name} shows something else of `{step.command}`: `make docs` writes it anew"


def test_no_command_of_the_first_steps_goes_wrong() -> None:
    printed = {step.command: text for step, text in really(PAGES["README.md"])}

    assert printed["make demo"].startswith("Three people to write to\n")
    assert "1. Ada Weber" in printed["auld digest"]
    assert printed["auld later 2"].startswith("Tomás Ibarra: later until ")
    assert printed["auld never 3"].startswith("Ruth Okafor: never.")
    assert printed["auld undo"].startswith("Taken back: never")
    assert "archive (mbox, an archive)" in printed["auld status"]


def test_what_is_cut_off_was_there() -> None:
    assert cut("one\ntwo\nthree", "thr") == "one\ntwo"
    with pytest.raises(AssertionError):
        cut("one\ntwo", "three")


@pytest.mark.parametrize(
    "line", [line for page in PAGES.values() for sh in fenced(page, "sh") for line in sh.split("\n")]
)
def test_every_line_for_the_shell_works(line: str) -> None:
    command = line.partition("#")[0].strip()
    if command.startswith("make "):
        assert would_do(command)
    elif command.startswith(". .venv/"):
        there = command.replace(".venv/bin", str(BIN))
        done = subprocess.run(["sh", "-c", f"{there} && auld --help"], capture_output=True, text=True, check=True)
        assert "Should auld acquaintance be forgot?" in done.stdout
    elif command.startswith("auld "):
        words = shlex.split(command)[1:]
        named = [*takewhile(lambda word: word != "home" and "@" not in word and not word.startswith("-"), words)]
        done = subprocess.run([BIN / "auld", *words, "--help"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith(f"Usage: auld {' '.join(named)}")
    else:
        assert command == "", f"nothing runs this line: {line}"


def would_do(target: str) -> str:
    """The commands behind a target of make, which knows nothing of the make that may have started these tests."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        [*target.split(), "--dry-run"], cwd=HOUSE, capture_output=True, text=True, check=True, env=outside
    )
    return done.stdout.rstrip()


@pytest.mark.parametrize(("target", "command"), MADE.items())
def test_make_comes_down_to_the_command_that_is_run_here(target: str, command: str) -> None:
    assert would_do(target).endswith(f"bin/{command}")


@pytest.mark.parametrize("kind", sorted(connectors.KINDS))
def test_each_kind_of_account_has_a_heading(kind: str) -> None:
    assert f"\n### {kind}\n" in PAGES["README.md"]


def test_each_setting_of_the_page_loads(tmp_path: Path) -> None:
    found = paths({"AULD_HOME": str(tmp_path)}).make()
    for block in fenced(PAGES["README.md"], "toml"):
        found.config.write_text(block, "utf-8")
        settings = config_file.chosen(found)

        assert settings.accounts, "a block that opts in or out names an account"
        assert "archive" not in settings.enabled


@pytest.mark.parametrize("name", WRITTEN)
def test_every_command_that_is_named_exists(name: str) -> None:
    mentioned = {found["command"] for found in MENTIONED.finditer((HOUSE / name).read_text("utf-8"))}

    assert mentioned <= {*COMMANDS, *NOT_YET.get(name, ())}


NOT_YET: dict[str, tuple[str, ...]] = {}
"""Commands that a page names because they are still to come."""


def test_the_guide_shows_every_command() -> None:
    shown = {step.command.split()[1] for page in PAGES.values() for step in steps(page)}

    alone = {"sync", "demo", "login", "daemon"}  # a grown archive, `make demo`, a server, somebody who stops it
    alone |= {"init", "doctor", "completion"}  # a server, this very machine, a script of a shell
    assert set(COMMANDS) - shown <= alone


def test_every_exit_code_stands_in_the_guide() -> None:
    for code in {0, 1, 2, 130, *CODES.values()}:
        assert f"\n| {code} | " in PAGES["docs/guide.md"]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_link_within_the_house_leads_somewhere(name: str) -> None:
    page = HOUSE / name
    for found in LINK.finditer(page.read_text("utf-8")):
        target = (page.parent / found["path"]).resolve() if found["path"] else page
        assert target.exists(), found[0]
        if found["anchor"]:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert found["anchor"] in {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}


def test_the_places_are_the_true_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    where = paths({})
    if sys.platform == "linux":
        for path in (where.config, where.store):
            assert f"`~/{path.relative_to(tmp_path)}`" in PAGES["README.md"]
    own = paths({"AULD_HOME": str(tmp_path)})
    for path in (own.config, own.store):
        assert f"| `{path.relative_to(tmp_path)}` |" in PAGES["README.md"]


def test_the_ways_of_delivery_are_those_that_the_page_names() -> None:
    ways = get_args(Digest.model_fields["via"].annotation)
    assert set(ways) == outputs.KINDS.keys() - (set(INBOXES.values()) - {"append"})  # "append" is each inbox's own
    for way in ways:
        assert f'"{way}"' in PAGES["README.md"]


def test_every_test_that_the_threat_model_names_exists() -> None:
    model = (HOUSE / "docs/decisions/threat-model.md").read_text("utf-8")
    rows = [line for line in model.splitlines() if line.startswith("| ") and not line.startswith("| what could")]
    written = "\n".join(path.read_text("utf-8") for path in (HOUSE / "tests").rglob("*.py"))

    assert len(rows) > 20
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, f"no test holds this: {row}"
        assert [name for name in named if f"def {name}(" not in written] == []


def test_every_decision_is_listed_and_has_its_three_parts() -> None:
    folder = HOUSE / "docs/decisions"
    listed = (folder / "README.md").read_text("utf-8")
    for page in folder.glob("[a-z]*.md"):
        assert f"]({page.name})" in listed
        if page.name != "threat-model.md":
            parts = re.findall(r"^\*\*(\w+)\.\*\*", page.read_text("utf-8"), re.MULTILINE)
            assert parts == ["Context", "Decision", "Consequences"], page.name
