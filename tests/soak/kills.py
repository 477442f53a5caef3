"""Rounds that are killed by SIGKILL at random moments, and gone on with, end like one that was left in peace."""

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from agent import wiring, worker
from agent.store.store import Store
from tests.agent.dumps import Told, canonical, differences
from tests.faults.houses import BEGINNING, HOUR, NOW
from tests.faults.sources import ME, Source
from tests.faults.test_crash_points import change, fill
from tests.profiles import Profile
from tests.walk.daemons import env

AT = (NOW + HOUR).isoformat()

MOST = 6
"""So often one round is killed before it is let go on to its end."""


class Worker:
    """The process that forks workers."""

    def __init__(self, profile: Profile, more: Mapping[str, str]) -> None:
        program = [sys.executable, "-m", "tests.soak.zygote"]
        self._zygote = subprocess.Popen(
            program,
            env={**env(profile), **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def round(self, after: float | None = None) -> int:
        """A round, killed after so many seconds if it goes on for so long; gives its exit code, -9 where it was."""
        assert self._zygote.stdin
        assert self._zygote.stdout
        self._zygote.stdin.write(f"sick {AT}\n")
        self._zygote.stdin.flush()
        process = int(self._zygote.stdout.readline())
        if after is not None:
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return int(self._zygote.stdout.readline())

    def close(self) -> None:
        self._zygote.communicate(timeout=30)


@dataclass
class Killing:
    """One kind of source, two stores from which a round may begin, and how each looks after a round in peace."""

    source: Source
    home: Path
    dice: Random
    kills: int = 0
    rounds: int = 0
    whole: dict[str, Told] = field(default_factory=dict)
    lasts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def begun(self) -> Iterator["Killing"]:
        profile = Profile(self.home)
        profile.write(
            config_toml=f'[me]\naddresses = ["{ME}"]\ntimezone = "UTC"\n\n[secrets]\nfile = true\n\n'
            f"[accounts.sick]\n{self.source.section()}"
        )
        self.source.straight()
        self.worker = Worker(profile, self.source.where)
        try:
            with profile.entered(), redirect_stdout(io.StringIO()):
                assert worker.main(["check", "--now", AT]) == 0
                if self.source.where:  # behind a sign-in
                    wiring.house(os.environ).secrets().keep("sick", self.source.secret)
            self._keep("empty")
            self.source.put(*BEGINNING)
            fill(self.source)
            assert self.worker.round() == 0
            self._keep("read before")
            change(self.source)
            for start in ("empty", "read before"):
                self._again(start)
                began = time.monotonic()
                assert self.worker.round() == 0
                self.lasts[start] = time.monotonic() - began
                self.whole[start] = self._told()
            yield self
        finally:
            self.worker.close()

    def cycle(self) -> None:
        """One round that is killed a few times, and then left in peace."""
        start = self.dice.choice(("empty", "read before"))
        self._again(start)
        for _ in range(self.dice.randint(1, MOST)):
            code = self.worker.round(self.dice.uniform(0, 1.1 * self.lasts[start]))
            assert code in (0, -signal.SIGKILL), code
            self.kills += code == -signal.SIGKILL
            if code == 0:
                break
        assert self.worker.round() == 0
        assert differences(self._told(), self.whole[start]) == {}
        self.rounds += 1

    @property
    def store(self) -> Path:
        return self.home / "auld.db"

    def _keep(self, start: str) -> None:
        with Store.open(self.store) as store:
            store.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.store, self.home / f"{start}.kept")

    def _again(self, start: str) -> None:
        for old in self.home.glob("auld.db*"):
            old.unlink()
        shutil.copy(self.home / f"{start}.kept", self.store)

    def _told(self) -> Told:
        with Store.open(self.store) as store:
            assert store.one("PRAGMA integrity_check") == "ok"
            return canonical(store, ledger={"tries", "reason"})  # a try within the same second is no further one


Making = Callable[[], Source]


@contextmanager
def killing(make: Making, home: Path, seed: int) -> Iterator[Killing]:
    """A source of that kind, ready for its rounds to be killed."""
    source = make()
    try:
        with Killing(source, home, Random(seed)).begun() as one:
            yield one
    finally:
        source.close()
