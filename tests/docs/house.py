"""`docs/map.md`: where everything lives, from the first line of each module."""

import ast
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]

ROOMS = ("config", "connectors", "nlp", "agent")

WAY = (
    ("a round begins", ("agent/daemon.py", "agent/schedule.py", "agent/worker.py")),
    ("a source is read", ("connectors/contract.py", "connectors/imap.py", "connectors/headers.py", "agent/pull.py")),
    ("a text becomes marks", ("agent/texts.py", "nlp/marks.py")),
    ("a page becomes facts", ("agent/store/record.py",)),
    ("facts become people and ties", ("agent/learn.py", "agent/people/joining.py", "agent/signals/standing.py")),
    ("a morning is judged", ("agent/morning.py", "agent/propose.py", "agent/boundaries.py", "agent/ranking.py")),
    ("something is found to give", ("agent/gifts/answer.py", "agent/proposals/reply.py")),
    ("it is written and sent", ("agent/digest/compose.py", "agent/post.py", "agent/outputs/append.py")),
    ("the answer is heard", ("agent/decisions.py", "agent/store/stated.py")),
)
"""In which order one meets the modules who follows a mail."""


def page() -> str:
    """The whole page."""
    way = "\n".join(f"{n}. {what}: {', '.join(map(linked, where))}" for n, (what, where) in enumerate(WAY, 1))
    head = "# Where everything lives\n\nEach module answers one question, which is its first line. A test compares.\n"
    return "\n".join((head, f"## The way of a message\n\n{way}\n", *map(table, rooms())))


def table(room: Path) -> str:
    """One room: what it is for, and the question of each of its modules."""
    name, about = room.relative_to(HOUSE), question(room / "__init__.py")
    rows = (f"| {linked(str(one.relative_to(HOUSE)))} | {question(one)} |" for one in modules(room))
    said = f"{about}\n\n" if len(about) > 1 else ""
    return f"## `{name}/`\n\n{said}| module | its question |\n|---|---|\n" + "\n".join(rows) + "\n"


def rooms() -> Iterator[Path]:
    """The folders with modules, the outer before the inner."""
    for top in ROOMS:
        yield from sorted(one for one in (HOUSE / top, *(HOUSE / top).rglob("*")) if one.is_dir() and modules(one))


def modules(room: Path) -> list[Path]:
    """The modules of one room, by name; the numbered steps of the store's schema have no question."""
    return [one for one in sorted(room.glob("*.py")) if one.stem != "__init__" and not one.stem[0].isdigit()]


def question(module: Path) -> str:
    """The first paragraph of a module's docstring, in one line."""
    said = ast.get_docstring(ast.parse(module.read_text("utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split()).replace("|", "\\|")


def linked(module: str) -> str:
    """A module as a link from `docs/`."""
    return f"[{Path(module).stem}](../{module})"
