"""The loop, with a clock of ours: whoever hangs is ended, whoever slept catches up once."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from agent import config_file, wiring
from agent.daemon import Daemon, Hands, refused
from agent.schedule import DAY, HOUR, ROUND, STALLED, Task
from agent.store.store import Chosen, Store
from tests.agent.store.generated import NOW

BUSY = "import time; print('{\"page\": 5}', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {BUSY}"
SICK = 'import sys; print(\'{"trouble": "the disk is full"}\'); sys.exit(1)'


@dataclass
class Bench:
    """A daemon that one steps through by hand."""

    path: Path
    at: datetime = NOW
    steady: float = 1_000.0
    code: str = BUSY
    begun: list[Task] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    config: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        self.daemon = Daemon(
            Hands(
                store=self.path,
                clock=lambda: self.at,
                steady=lambda: self.steady,
                zone=lambda _: UTC,
                config=lambda: self.config,
                opted_in=lambda: ("home",),
                argv=self.argv,
                log=self.said.append,
            )
        )

    def argv(self, task: Task) -> list[str]:
        self.begun.append(task)
        return [sys.executable, "-c", self.code]

    def later(self, seconds: float, *, asleep: bool = False) -> float:
        """A step after so much time; `asleep`: the machine slept through it."""
        self.at += timedelta(seconds=seconds)
        self.steady += 0 if asleep else seconds
        return self.daemon.step()

    def until(self, so: Callable[[], object]) -> None:
        """Step on the spot until that is so: real processes take real time."""
        end = time.monotonic() + 60
        while not so():
            assert time.monotonic() < end, self.said
            time.sleep(0.02)
            self.daemon.step()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Store.open(tmp_path / "auld.db") as store:
        store.accept([Chosen("home", "imap")], {"file": [1, 1]}, "", at=NOW)
    one = Bench(tmp_path / "auld.db")
    try:
        yield one
    finally:
        one.daemon._end_all()


HOME = Task("round", "home")


def begin(bench: Bench) -> None:
    """Let the round begin, and say its first page."""
    bench.later(60)
    assert bench.begun == [HOME]
    bench.until(lambda: bench.daemon.running[HOME].last)


def test_a_worker_without_a_page_for_ten_minutes_is_ended(bench: Bench) -> None:
    begin(bench)
    bench.later(STALLED - 1)
    assert not bench.daemon.running[HOME].ended

    bench.later(1)
    bench.until(lambda: not bench.daemon.running)
    assert "round of account 1: ended, it brought no page for 10 minutes, after" in bench.said[-1]


def test_one_that_does_not_listen_is_killed(bench: Bench) -> None:
    bench.code = DEAF
    begin(bench)
    bench.later(STALLED)
    time.sleep(0.2)
    assert bench.daemon.running

    bench.later(1.5)
    bench.until(lambda: not bench.daemon.running)


def test_one_that_goes_on_for_half_an_hour_is_ended(bench: Bench) -> None:
    begin(bench)
    for _ in range(4):
        bench.later(ROUND / 4 - 1)
        bench.daemon.running[HOME].paged = bench.steady
    bench.later(4)
    bench.until(lambda: not bench.daemon.running)

    assert "it ran for 30 minutes" in bench.said[-1]


def test_what_an_account_was_ended_for_waits_before_it_begins_again(bench: Bench) -> None:
    begin(bench)
    bench.later(STALLED)
    bench.until(lambda: not bench.daemon.running)
    bench.later(59)
    assert len(bench.begun) == 1

    bench.later(1)
    assert len(bench.begun) == 2


def test_what_cannot_be_done_is_tried_ever_more_rarely(bench: Bench) -> None:
    bench.code = SICK
    begun = []
    for _ in range(60):
        count = len(bench.begun)
        bench.later(30)
        bench.until(lambda: not bench.daemon.running)
        if len(bench.begun) > count:
            begun.append(bench.at)
    waits = [(b - a).seconds for a, b in pairwise(begun)]

    assert waits == sorted(waits)
    assert waits[0] == 60
    assert waits[-1] >= 240
    assert "round of account 1: trouble after" in bench.said[-1]
    assert "disk" not in str(bench.said)


def test_an_account_that_the_file_no_longer_names_is_left_at_once(bench: Bench) -> None:
    begin(bench)
    bench.config = (2, 2)
    bench.daemon.step()
    assert bench.begun == [HOME, Task("check")]
    assert not bench.daemon.running[HOME].ended

    bench.daemon.hands = Hands(
        **{name: getattr(bench.daemon.hands, name) for name in Hands.__slots__} | {"opted_in": tuple}
    )
    bench.daemon.step()
    assert bench.daemon.running[HOME].ended == "ended, the account was opted out,"


def test_a_damaged_store_ends_nobody_and_begins_nothing(bench: Bench) -> None:
    begin(bench)
    for each in bench.path.parent.glob("auld.db*"):
        each.write_bytes(b"no database" * 1000)
    bench.later(30)

    assert not bench.daemon.running[HOME].ended
    assert bench.begun == [HOME]


def test_a_refused_config_is_one_sentence_with_where_and_what_to_do() -> None:
    said = refused({"refused": 3, "lines": [0, 2, 8]})

    assert said == (
        "config.toml has 3 problems (lines 2, 8) and is not taken; what held before still does."
        " `auld config check` says what to mend."
    )
    assert refused({"refused": 1, "lines": ["a secret"]}).startswith("config.toml has 1 problem and is not taken;")
    assert refused({"done": "accepted"}) == ""


class TestSleep:
    """With real workers and a real store."""

    @pytest.fixture
    def asleep(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        monkeypatch.setenv("AULD_HOME", str(tmp_path))
        names = ("one", "two")
        for name in names:
            (tmp_path / f"{name}.json").write_text('{"folders": {"inbox": [1, 2, 3]}}')
        told = "".join(f'[accounts.{name}]\nkind = "scripted"\nscript = "{name}.json"\n' for name in names)
        (tmp_path / "config.toml").write_text(told)

        class Real(Bench):
            def argv(self, task: Task) -> list[str]:
                self.begun.append(task)
                return [sys.executable, "-m", "tests.agent.scripted", *wiring.worker_argv(task, self.at)[3:]]

        one = Real(tmp_path / "auld.db")
        one.config = config_file.looked_at(tmp_path / "config.toml")
        try:
            yield one
        finally:
            one.daemon._end_all()

    def settle(self, bench: Bench, seconds: int = 90) -> Counter[str]:
        """What began in the next so many seconds."""
        bench.begun.clear()
        for _ in range(seconds // 10):
            bench.later(10)
            bench.until(lambda: not bench.daemon.running)
        return Counter(f"{task.what} {task.name}".strip() for task in bench.begun if task.what != "learn")

    def test_a_night_is_one_round_for_each_account(self, asleep: Bench) -> None:
        assert self.settle(asleep, 120) == {"check": 1, "round one": 1, "round two": 1}

        asleep.later(10 * HOUR, asleep=True)
        assert "the clock moved by 36000 s" in str(asleep.said)
        assert self.settle(asleep) == {"round one": 1, "round two": 1}

    def test_a_clock_that_is_put_back_stops_nothing(self, asleep: Bench) -> None:
        self.settle(asleep, 120)
        asleep.later(-400 * DAY, asleep=True)

        assert self.settle(asleep) == {"round one": 1, "round two": 1}
