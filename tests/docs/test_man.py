"""The man page says what `--help` says, and man can read it."""

import re
import shutil
import subprocess

import click
import pytest

from agent.cli import cli
from tests.docs.man import every, plain
from tests.docs.pages import DOCS

PAGE = DOCS / "auld.1"

ROOT = click.Context(cli, info_name="auld", **cli.context_settings)
EVERY = {name: (command, context) for name, command, context in every(cli, ROOT)}


@pytest.mark.parametrize("name", EVERY)
def test_it_names_every_option_that_the_help_names(name: str) -> None:
    command, context = EVERY[name]
    page = PAGE.read_text("utf-8")
    usage = plain(" ".join(command.collect_usage_pieces(context)))
    _, _, behind = page.partition(f"\n.SS auld {plain(name)} {usage}\n")
    part = re.split(r"^\.S[SH] ", behind, maxsplit=1, flags=re.MULTILINE)[0]
    _, _, listed = command.get_help(context).partition("\nOptions:\n")
    named = set(re.findall(r"^  (-\S.*?)(?:  |$)", listed, re.MULTILINE))

    assert named
    assert all(f".B {plain(one)}" in part for one in named)


def test_it_names_every_command() -> None:
    assert {"init", "connectors add", "person", "completion"} <= EVERY.keys()


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_man_can_read_it() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)], capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
