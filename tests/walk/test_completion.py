"""A shell completes the words of auld, and at no key is much imported for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import COMMANDS
from tests.profiles import Profile
from tests.walk.test_opt_out import HEAVY

BIN = Path(sys.executable).parent


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_is_printed_is_a_script_of_that_shell(shell: str, tmp_path: Path) -> None:
    script = Profile(tmp_path / "home").tell("completion", shell)

    assert "_AULD_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True, capture_output=True)


def completed(words: str, home: Path) -> list[str]:
    """What bash is told at the last of these words."""
    environ = {
        **os.environ, "AULD_HOME": str(home), "_AULD_COMPLETE": "bash_complete",
        "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1),
    }  # fmt: skip
    done = subprocess.run([BIN / "auld"], env=environ, capture_output=True, text=True, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("auld do", ["doctor", "done"]),
        ("auld connectors e", ["enable"]),
        ("auld init --vi", ["--via"]),
        ("auld init --via a", ["append"]),
        ("auld nothing", []),
    ],
)
def test_bash_is_told_what_fits(words: str, found: list[str], tmp_path: Path) -> None:
    assert completed(words, tmp_path / "home") == found
    assert not (tmp_path / "home").exists()


def test_all_commands_are_offered(tmp_path: Path) -> None:
    assert set(completed("auld ", tmp_path / "home")) == set(COMMANDS)


def test_little_is_imported_for_it() -> None:
    code = (
        "import sys\nfrom agent.cli.commands import cli\n"
        "import click\nfound = cli.shell_complete(click.Context(cli), 'd')\nassert found\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not set(done.stdout.split()) & set(HEAVY)
