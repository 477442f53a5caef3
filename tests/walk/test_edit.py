"""A newcomer edits the config: what is there to begin with, and what is taken."""

import io
import os
from pathlib import Path

import pytest

from tests.profiles import Profile

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the editor is a shell script")

UNCOMMENT = r"""s/^# \([a-z]* = \)/\1/; s/^# \[/[/"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A profile without anything, whose user edits by the script that `edited_by` wrote."""
    monkeypatch.setenv("VISUAL", str(tmp_path / "editor"))
    return Profile(tmp_path / "home")


def edited_by(home: Profile, script: str) -> None:
    editor = home.home.parent / "editor"
    editor.write_text(f'#!/bin/sh\n{script} "$1"\n')
    editor.chmod(0o755)


def test_a_new_file_holds_a_mailbox_that_only_waits_to_be_uncommented(home: Profile) -> None:
    edited_by(home, f"sed -i -e '{UNCOMMENT}'")

    assert home.tell("config", "edit") == f"{home.config} is written.\n"
    assert home.tell("config", "check") == f"{home.config} is fine: 1 on, 0 off.\n"
    settings = home.json("config", "show")["settings"]
    assert settings["accounts"]["home"]["kind"] == "imap"
    assert settings["digest"]["via"] == "append"


def test_as_it_is_it_opts_nothing_in(home: Profile) -> None:
    edited_by(home, "sed -i -e '$a # mine'")
    home.tell("config", "edit")

    assert home.tell("config", "check").endswith("is fine: 0 on, 0 off.\n")


def test_whoever_changes_nothing_has_no_file(home: Profile) -> None:
    edited_by(home, "touch")

    assert home.tell("config", "edit") == "Nothing was changed.\n"
    assert not home.config.exists()
    assert "`auld config edit` begins it" in home.tell("config", "show")
    assert "`auld config edit` begins it" in home.run("config", "check").err


def test_what_is_wrong_is_told_and_not_taken(home: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))  # not again
    edited_by(home, f"sed -i -e '{UNCOMMENT}; s/imap/imop/'")
    said = home.run("config", "edit")

    assert "Did you mean `imap`?" in said.err
    assert not home.config.exists()
