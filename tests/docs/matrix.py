"""Which cells of the fault matrix have a test? `docs/fault-matrix.md`, made from the names of the tests."""

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

FAULTS = {
    1: "killed at any point",
    2: "disk full, database damaged",
    3: "cut in mid-answer",
    4: "silence, dripping",
    5: "throttled",
    6: "out of order, maintenance",
    7: "sign-in refused",
    8: "cursor no longer valid",
    9: "cursor lost every time",
    10: "an answer omits an item",
    11: "an item that cannot be read",
    12: "listings that rot, repeat, end early",
    13: "all at once empty",
    14: "moved, renamed",
    15: "deleted",
    16: "copies",
    17: "id missing or used twice",
    18: "clocks, zones, odd dates",
    19: "series of meetings",
    20: "folder or file made anew, lost",
    21: "very many, very large",
    22: "the wrong kind of answer",
    23: "sick neighbours, one database",
    24: "sleep, clocks put on and back",
    25: "keyring locked or absent",
    26: "opted out in mid-round",
}

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "IMAP": ("imap",),
    "CalDAV": ("caldav",),
    "ICS by link": ("ics_url",),
    "ICS file": ("ics",),
    "mbox": ("mbox",),
    "Gmail": ("gmail",),
    "Google Calendar": ("google_calendar",),
    "Microsoft Graph": ("graph",),
}

FILES = {5, 6, 9, 10, 12, 14, 25}
"""What cannot happen to a file."""

NEVER: Mapping[str, set[int]] = {
    "IMAP": {19},
    "CalDAV": set(),
    "ICS by link": {9, 10, 12, 14, 25},
    "ICS file": FILES,
    "mbox": FILES | {19},
    "Gmail": {19},
    "Google Calendar": set(),
    "Microsoft Graph": set(),
}
"""What cannot happen to a source, so that there is nothing to try."""

_NAMED = re.compile(r"def test_F(\d+)_(ics_url|imap|caldav|ics|mbox|gmail|google_calendar|graph)_(\w+)\(")


def cells() -> dict[tuple[int, str], list[str]]:
    """The tests of each cell, by fault and kind of source."""
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for fault, kind, words in _NAMED.findall(path.read_text("utf-8")):
            found[int(fault), kind].append(words.replace("_", " "))
    return found


def missing() -> list[str]:
    """The cells that could happen and have no test."""
    found = cells()
    return [
        f"F{fault} {column}"
        for fault in FAULTS
        for column, kinds in COLUMNS.items()
        if fault not in NEVER[column] and not any(found.get((fault, kind)) for kind in kinds)
    ]


def matrix_page() -> str:
    """The whole page."""
    found = cells()
    lines = [
        "# The fault matrix\n",
        "What may go wrong with a source, and how many tests hold auld to what it then has to do. A test is named",
        "after its cell: `pytest -k F13_imap` tries what is done where an IMAP mailbox is all at once empty. In",
        "`tests/faults` a digest follows every round: it may name nobody who was in contact within a fortnight.",
        "– means that it cannot happen there. This page is made from the tests (`python -m tests.docs.matrix`).\n",
        f"| fault | {' | '.join(COLUMNS)} |",
        f"|---|{'---|' * len(COLUMNS)}",
    ]
    for fault, words in FAULTS.items():
        row = []
        for column, kinds in COLUMNS.items():
            tests = [words for kind in kinds for words in found.get((fault, kind), ())]
            row.append("–" if fault in NEVER[column] and not tests else str(len(tests)))
        lines.append(f"| F{fault} {words} | {' | '.join(row)} |")
    lines.append("")
    for fault, words in FAULTS.items():
        lines.append(f"## F{fault}: {words}\n")
        for column, kinds in COLUMNS.items():
            tests = [words for kind in kinds for words in found.get((fault, kind), ())]
            lines += [f"- **{column}**: {words}" for words in tests]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    (TESTS.parent / "docs" / "fault-matrix.md").write_text(matrix_page(), "utf-8")
