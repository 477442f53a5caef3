"""Where is the measuring data? `AULD_DATA`, or `../shared/data` beside the checkout; without it a bench says so."""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]


def data() -> Path:
    """The folder of measuring data; ends the bench with a plain word where there is none."""
    found = Path(os.environ.get("AULD_DATA", ROOT.parent / "shared" / "data"))
    if not found.is_dir():
        skipped(f"no data at {found} (set AULD_DATA)")
    return found


def absent(needs: Iterable[str]) -> str:
    """Which of these files or folders is not there, in words; "" where all are. "$NAME" is a file that a variable
    names.
    """
    root = Path(os.environ.get("AULD_DATA", ROOT.parent / "shared" / "data"))
    for need in needs:
        path = Path(os.environ.get(need[1:], "")) if need.startswith("$") else root / need
        if not path.exists() or path == Path():
            return f"no {path} ({need} is not set)" if path == Path() else f"{path} is absent"
    return ""


def skipped(why: str) -> NoReturn:
    """End this bench without a figure."""
    print(f"skipped: {why}")
    sys.exit(0)


def owners(kind: str = "open") -> dict[str, tuple[Path, dict[str, Any]]]:
    """The mailboxes of `enron/open` or `enron/special`: name -> (mbox file, what the inventory says)."""
    root = data() / "enron"
    inventory = json.loads((root / "inventory.json").read_text())
    files = sorted((root / kind / "mbox").glob("*.mbox.xz"))
    return {f.name.split(".")[0]: (f, inventory[f.name.split(".")[0]]) for f in files}
