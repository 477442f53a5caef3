"""The pages that are made from the program say what the program says."""

import json
import re

import pytest

from agent.cli import COMMANDS
from tests.docs.pages import AGAIN, DOCS, EXIT_CODES, PAGES, READING, commands
from tests.profiles import Profile

PAGE = DOCS / "json.md"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_the_program_says(page: str, nora: Profile) -> None:
    assert (DOCS / page).read_text("utf-8") == PAGES[page](nora), f"Look at the difference; then: {AGAIN}"


def test_every_example_is_json_with_its_version() -> None:
    examples = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    assert len(examples) == len(READING)
    assert {json.loads(example)["v"] for example in examples} == {1}


def test_every_command_that_takes_json_has_an_example(demo_home: Profile) -> None:
    page = PAGE.read_text("utf-8")
    taking = [one for one in commands() if "--json" in demo_home.tell(*one.split(), "--help")]

    assert len(taking) == len(READING)
    assert all(f"## `auld {command}" in page for command in taking)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_heading(command: str) -> None:
    assert f"## `auld {command}`" in (DOCS / "commands.md").read_text("utf-8")


def test_the_exit_codes_are_those_of_the_program() -> None:
    from agent.cli import ends

    codes = {ends.OK, ends.ERROR, ends.USAGE, ends.PARTIAL, ends.SIGN_IN, ends.INVALID, ends.LOCKED, ends.INTERRUPTED}

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", EXIT_CODES, re.MULTILINE)} == codes
