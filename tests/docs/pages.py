"""The pages of `docs/` that are made from the program itself. Write them anew: `python -m tests.docs.pages`."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.cli import COMMANDS
from tests.profiles import Profile, demo_profile

DOCS = Path(__file__).resolve().parents[2] / "docs"
AGAIN = "python -m tests.docs.pages"

READING: dict[str, str] = {
    "digest": "Whom to write to. Nothing is delivered or remembered. All times are POSIX seconds, UTC; 0 is never.",
    "status": "The accounts and the store. `config` says what is wrong with the config file, where something is.",
    "doctor": "What was looked at; `do` is the command that mends it. The exit code is 1 where `wrong` is not 0.",
    "people --most 2": "The people, the latest contact first; `all` is how many there are.",
    "person Ada": "One person.",
    "why Ada": "Why somebody is proposed, or is not: the first reason weighs most.",
    "find loom --most 2": "Notes (with their person), people, subjects.",
    "open": "Where the page was written; `left_out` are people for whom there was no room on it.",
    "opportunity": "What somebody offered, and how far it has come; `since` is when it came so far.",
    "shelf list": "What is worth sharing. What one mailed to oneself has no `number`; `titled`: the title was given.",
    "introduce": "Who might be introduced to whom, and how far it is; `draft` is what to write next, and to whom.",
    "export --mails": "All that is kept; here one thing of each sort. A list that is empty here is empty in the demo.",
    "ask copperplate": "Who could help. `clear`: the first one stands out; `unknown`: words that speak of nobody.",
    "review": "A quarter: `so` many `of` so many. `satisfied` is 0 and `pressed` null where you said nothing of it.",
    "backtest": "The ranking, measured on one's own past. This mailbox is too small for it: no `rows`, no `auc`.",
    "connectors list": "The accounts of the config, then those left in the store; `items` is what is kept of each.",
    "config check": "The accounts that are on and off, or (exit code 5) the problems, each with its line.",
    "config show": "What the config file means, defaults included.",
}
"""Command, and what its JSON is."""

GROUPS = {
    "connectors": ("list", "enable", "disable"),
    "config": ("check", "show", "edit"),
    "shelf": ("add", "list", "remove"),
}

EXIT_CODES = """\
| code | means |
|---|---|
| 0 | all is well |
| 1 | it could not be done; the message says why |
| 2 | the command was not understood |
| 3 | partial: one account failed, the others were read |
| 4 | an account needs you |
| 5 | the config is invalid |
| 6 | another auld is at work |
| 130 | interrupted; what was read so far is kept |
"""


def json_page(demo: Profile) -> str:
    """`docs/json.md`: an example of each reading command's JSON, from the demo's mailbox."""
    parts = [
        "# The JSON of each reading command\n\n"
        'Every reading command takes `--json`. The data begins with its version, `"v": 1`: it may gain keys, and\n'
        "never loses or changes one. The examples are what the demo's mailbox gives on 12 May 2026; a test\n"
        "compares them.\n"
    ]
    demo.tell("note", "Clara", "has a loom at home")
    for command, about in READING.items():
        if command == "opportunity":
            demo.tell("opportunity", "Ada", "A stall at the cloth fair")
        if command == "shelf list":
            demo.tell("shelf", "add", "https://tides.example/a-century-of-gauges", "--note", "for Clara")
        example = demo.tell(*command.split(), "--json").replace(str(demo.home), "/home/nora/auld")
        example = one_of_each(example) if command.startswith("export") else example
        parts.append(f"## `auld {command} --json`\n\n{about}\n\n```json\n{example}```\n")
    return "\n".join(parts)


def one_of_each(example: str) -> str:
    """The same JSON with the first thing of each of its lists."""
    short = {name: value[:1] if isinstance(value, list) else value for name, value in json.loads(example).items()}
    return f"{json.dumps(short, ensure_ascii=False, indent=1)}\n"


def commands_page(demo: Profile) -> str:
    """`docs/commands.md`: the help of each command."""
    parts = [
        "# The commands\n\nWhat `--help` says, compared by a test.\n\n"
        f"```text\n$ auld --help\n{demo.tell('--help')}```\n\n## How a command ends\n\n{EXIT_CODES}"
    ]
    for command in commands():
        parts.append(
            f"## `auld {command}`\n\n```text\n$ auld {command} --help\n{demo.tell(*command.split(), '--help')}```\n"
        )
    return "\n".join(parts)


def commands() -> Iterator[str]:
    """Every command, and behind a group those that are in it."""
    for name in COMMANDS:
        yield name
        yield from (f"{name} {one}" for one in GROUPS.get(name, ()))


def map_page(_: Profile) -> str:
    """`docs/map.md`."""
    from tests.docs.house import page

    return page()


def manual(_: Profile) -> str:
    """`docs/auld.1`."""
    from tests.docs.man import man_page

    return man_page()


PAGES: dict[str, Callable[[Profile], str]] = {
    "json.md": json_page,
    "commands.md": commands_page,
    "auld.1": manual,
    "map.md": map_page,
}

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        for page, made in PAGES.items():
            (DOCS / page).write_text(made(demo_profile(Path(folder) / page)), "utf-8")
