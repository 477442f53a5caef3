"""Thirty days of the daemon, by its schedule and a real store: it grows by nothing, and says one thing each morning."""

import json
import resource
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Literal

import pytest

import connectors
from agent import config_file, demo, schedule, wiring, worker
from agent.schedule import Moment, Task
from agent.store.glance import glance, plan
from config.paths import paths
from config.settings import Account
from connectors.mbox import Mbox
from connectors.mbox import Options as MboxOptions
from tests.agent.scripted import KIND
from tests.profiles import MORNING, ZONE

DAYS = 30


class Options(Account):
    kind: Literal["served"]
    file: Path


class Served(Mbox):
    """A mailbox as a live account has it: read in rounds."""

    def __init__(self, options: Options, *, now: datetime) -> None:
        super().__init__(MboxOptions(kind="mbox", path=options.file, read=options.read), now=now)


def used() -> tuple[int, int, int]:
    """Bytes of memory at the most, open descriptors, threads."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return most, len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AULD_HOME", str(tmp_path))
    monkeypatch.setitem(connectors.KINDS, "served", f"{__name__}:Served")
    for kind, target in KIND.items():
        monkeypatch.setitem(connectors.KINDS, kind, target)
    (tmp_path / "nora.mbox").write_bytes(demo.mailbox(MORNING))
    (tmp_path / "sick.json").write_text(json.dumps({"folders": {"inbox": [1]}, "trouble": ["later", 0]}))
    me = demo.CONFIG.split("[accounts")[0].replace("[me]\n", '[me]\ntimezone = "Europe/London"\n')
    (tmp_path / "config.toml").write_text(
        f'{me}\n[digest]\nvia = "file"\n'
        '[accounts.nora]\nkind = "served"\nfile = "nora.mbox"\nread = "text"\n'
        '[accounts.sick]\nkind = "scripted"\nscript = "sick.json"\n'
    )
    return tmp_path


def test_thirty_days(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = paths()
    now, end = int(MORNING.timestamp()) - 3_600, int((MORNING + timedelta(days=DAYS)).timestamp())
    woke, tasks = now, Counter[str]()
    measured: list[tuple[int, int, int]] = []
    failed: dict[Task, int] = {}
    while now < end:
        seen = plan(found.store)
        moment = Moment(now, ZONE, woke, config_file.looked_at(found.config), frozenset(), failed)
        for task in schedule.due(seen, moment):
            at = datetime.fromtimestamp(now, UTC)
            code = worker.main(wiring.worker_argv(task, at)[3:])
            tasks[task.what] += 1
            assert code == 0, capsys.readouterr()
        if len(measured) < (now - woke) // schedule.DAY:
            measured.append(used())
        waits = [schedule.starts(lane, now, woke) - now for lane in seen.lanes] or [0]
        now += max(30, min(min(waits), 1_800)) if waits else 30
    said = capsys.readouterr()

    assert "locked" not in said.out + said.err
    assert "a bug" not in said.out
    assert tasks["round"] > DAYS * 20
    assert tasks["check"] == 1
    letters = [message_from_bytes(path.read_bytes()) for path in sorted(found.digests.iterdir())]
    days = Counter(date.fromisoformat(path.name[:10]) for path in found.digests.iterdir())
    assert set(days.values()) == {1}
    assert all(day.weekday() < 5 for day in days)
    assert {MORNING.date() + timedelta(days=n) for n in range(DAYS) if (MORNING.weekday() + n) % 7 == 0} <= days.keys()
    assert MORNING.date() in days
    assert len({letter["Message-ID"] for letter in letters}) == len(letters)
    assert sum(one.state == "waiting" for one in glance(found.store).accounts) == 1
    first, last = measured[9], measured[-1]
    assert last[0] <= first[0] * 1.1
    assert last[1:] == first[1:]
