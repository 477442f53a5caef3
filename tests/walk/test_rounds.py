"""Workers and commands do the same rounds, and an account that was taken out is deleted after a day."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import connectors
from agent import config_file, schedule, wiring, worker
from agent.schedule import Moment, Task
from agent.store.glance import glance, plan
from agent.store.store import LaneClosed, Store
from tests.agent.scripted import KIND
from tests.profiles import MORNING, ZONE, Profile
from tests.walk.daemons import config, script

NOW = int(MORNING.timestamp())


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    for kind, target in KIND.items():
        monkeypatch.setitem(connectors.KINDS, kind, target)
    monkeypatch.setenv("AULD_HOME", str(tmp_path / "home"))
    profile = Profile(tmp_path / "home")
    profile.write(config_toml=config("loft", "hall"))
    script(profile, "loft")
    script(profile, "hall", folders={"inbox": [1, 2, 50]})
    return profile


def work(task: Task, at: int = NOW, *, expect: int = 0) -> None:
    """Do it, as a worker does at that moment."""
    assert worker.main(wiring.worker_argv(task, datetime.fromtimestamp(at, UTC))[3:]) == expect


def due(home: Profile, at: int) -> list[str]:
    found = plan(home.home / "auld.db")
    moment = Moment(at, ZONE, at - 3_600, config_file.looked_at(home.config))
    return [f"{task.what} {task.name}".strip() for task in schedule.due(found, moment)]


def test_an_empty_profile_begins_with_its_config(home: Profile) -> None:
    assert due(home, NOW) == ["check"]
    work(Task("check"))
    assert sorted(due(home, NOW)) == ["round hall", "round loft"]


def test_a_round_says_its_pages_and_its_end(home: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    work(Task("check"))
    capsys.readouterr()
    work(Task("round", "loft"))
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [one["page"] for one in said[:-1]] == [5, 10, 15, 20]
    assert said[-1]["done"] == "ok"
    assert due(home, NOW + 10) == ["learn", "round hall"]


def test_a_long_first_reading_is_learned_after_its_first_round_and_at_its_end(home: Profile) -> None:
    home.write(config_toml=config("loft"))
    work(Task("check"))
    learned = []
    for at, page in enumerate([1, 1, 1, 9, 9]):
        now = NOW + at * 15 * schedule.MINUTE
        script(home, "loft", folders={"inbox": list(range(1, 21 + at))}, trouble=["later", page])
        work(Task("round", "loft"), now)
        learned.append("learn" in due(home, now + 1))
        if learned[-1]:
            work(Task("learn"), now + 1)

    assert learned == [True, False, False, True, False]


def test_a_worker_whose_daemon_was_killed_ends_and_blames_nobody(home: Profile) -> None:
    work(Task("check"))
    read, write = os.pipe()
    os.close(read)
    argv = wiring.worker_argv(Task("round", "loft"))[3:]
    code = subprocess.run([sys.executable, "-m", "tests.agent.scripted", *argv], stdout=write, check=False, timeout=60)
    os.close(write)
    [one] = [one for one in glance(home.home / "auld.db").accounts if one.name == "loft"]

    assert code.returncode != 0
    assert (one.items, one.state) == (5, "")


def test_a_second_round_of_an_account_ends_the_first(home: Profile) -> None:
    work(Task("check"))
    with Store.open(home.home / "auld.db") as store:
        lane = store.begin_round("loft", at=MORNING, dice=0)
        work(Task("round", "loft"))
        with pytest.raises(LaneClosed, match="read by another auld"):
            store.check_lane("loft", lane.lane)


def test_an_account_that_is_not_on_is_not_read(home: Profile) -> None:
    work(Task("check"))
    work(Task("round", "nobody"), expect=worker.CLOSED)


def test_a_bad_edit_keeps_what_was(home: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    work(Task("check"))
    home.write(config_toml="nonsense")
    assert due(home, NOW) == ["check"]
    work(Task("check"))

    assert json.loads(capsys.readouterr().out.splitlines()[-1])["refused"] > 0
    assert "nonsense" not in (Store.open(home.home / "auld.db").accepted() or "")
    assert due(home, NOW)[0].startswith("round")
    work(Task("round", "loft"))
    assert "does not hold" in home.tell("status")


class TestTakenOut:
    """An account that was taken out of the file by hand."""

    @pytest.fixture
    def out(self, home: Profile) -> Profile:
        work(Task("check"))
        for name in ("loft", "hall"):
            work(Task("round", name))
        home.write(config_toml=config("loft"))
        work(Task("check"))
        return home

    def test_is_kept_for_a_day(self, out: Profile) -> None:
        assert "remove hall" not in due(out, NOW + schedule.DAY - 1)
        work(Task("remove", "loft"), expect=worker.CLOSED)
        assert {one.name for one in glance(out.home / "auld.db").accounts} == {"hall", "loft"}

    def test_is_deleted_after_a_day(self, out: Profile) -> None:
        assert due(out, NOW + schedule.DAY)[0] == "remove hall"
        work(Task("remove", "hall"), NOW + schedule.DAY)

        assert {one.name: one.items for one in glance(out.home / "auld.db").accounts} == {"loft": 20}
        assert "remove hall" not in due(out, NOW + schedule.DAY)

    def test_that_comes_back_within_the_day_is_as_it_was(self, out: Profile) -> None:
        out.write(config_toml=config("loft", "hall"))
        work(Task("check"))

        assert {one.name: one.items for one in glance(out.home / "auld.db").accounts} == {"loft": 20, "hall": 3}
        assert "remove hall" not in due(out, NOW + 2 * schedule.DAY)


def test_a_damaged_store_is_said_in_words(home: Profile, capsys: pytest.CaptureFixture[str]) -> None:
    work(Task("check"))
    for each in home.home.glob("auld.db*"):
        each.write_bytes(b"no database" * 1_000)
    capsys.readouterr()
    work(Task("round", "loft"), expect=worker.FAILED)

    assert "this is no database. Move the file away" in json.loads(capsys.readouterr().out)["trouble"]
    assert due(home, NOW) == []
    assert "not a database" in home.tell("status")
