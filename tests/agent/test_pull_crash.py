"""Whoever dies before any statement of a round, and goes on with the next, ends where one ends who did not die."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.pull import tour
from agent.store.store import Store
from tests.agent.dumps import canonical
from tests.agent.scripted import Scripted
from tests.agent.store.generated import NOW
from tests.agent.store.test_crash import Killed, die_before, opened
from tests.agent.test_pull import begun

FOLDERS = {"inbox": list(range(1, 12)), "sent": [20, 21, 22, 5]}
LATER = NOW + timedelta(days=8)

ROUNDS: dict[str, dict[str, Any]] = {
    "what is new, moved and gone": {"folders": {"inbox": [*range(3, 12), 40, 41], "sent": [20, 21, 22, 5, 2]}},
    "a reset with half of it new": {"epoch": 2, "folders": {"inbox": [*range(6, 12), *range(30, 35)], "sent": [20, 5]}},
    "what was missed is there": {"bad": []},
    "an audit that finds what was left out": {"hidden": []},
    "a folder is gone for the third time": {"folders": {"inbox": FOLDERS["inbox"]}},
}


def round_(store: Store, script: dict[str, Any], at: datetime) -> None:
    done = tour("home", lambda: Scripted(script), store, lambda: at, 0.5)
    assert done.ended.state == "ok", done


def prepared(path: Path, name: str) -> dict[str, Any]:
    """A store before the round of that name; gives the script of that round."""
    script: dict[str, Any] = {"folders": FOLDERS, "page": 4, "bad": [7], "hidden": [9]}
    with opened(path) as store:
        begun(store)
        round_(store, script, NOW)
        if "third" in name:
            for _ in range(2):
                round_(store, script | ROUNDS[name], NOW)
    return script | ROUNDS[name]


def first(path: Path) -> dict[str, Any]:
    with opened(path) as store:
        begun(store)
    return {"folders": FOLDERS, "page": 4, "bad": [7]}


@pytest.mark.parametrize("name", ["the first of all", *ROUNDS], ids=["the first of all", *ROUNDS])
def test_a_round_is_whole_wherever_one_dies_and_goes_on(tmp_path: Path, name: str) -> None:
    start = tmp_path / "start.db"
    script = prepared(start, name) if name in ROUNDS else first(start)
    at = LATER if "audit" in name else NOW + timedelta(hours=1)
    shutil.copy(start, tmp_path / "whole.db")
    with opened(tmp_path / "whole.db") as store:
        seen = die_before(store, 0)
        round_(store, dict(script), at)
        statements = seen()
        round_(store, dict(script), at)
        whole = canonical(store)

    for statement in range(1, statements + 1):
        path = tmp_path / "dies.db"
        for old in tmp_path.glob("dies.db*"):
            old.unlink()
        shutil.copy(start, path)
        with opened(path) as store:
            die_before(store, statement)
            with pytest.raises(Killed):
                round_(store, dict(script), at)
        with opened(path) as store:
            round_(store, dict(script), at)
            round_(store, dict(script), at)
            assert canonical(store) == whole, statement
    assert statements > 10
