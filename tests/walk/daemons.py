"""A daemon as the user runs it, in a process of its own; its workers know the scripted source too."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.store import glance
from tests.profiles import Profile
from tests.walk.mailboxes import ME

HOUSE = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from agent import wiring
from agent.cli.foreground import stay
argv = lambda task, at: [sys.executable, "-m", "tests.agent.scripted", *wiring.worker_argv(task, at)[3:]]
sys.exit(stay(argv=argv))
"""

NAMED = "loft"
"""An account of this name is read first after a start: rounds are spread by the name."""


@dataclass
class Running:
    """A daemon that runs for a profile."""

    profile: Profile
    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    def until(self, seen: Callable[[], Any], seconds: float = 20) -> Any:
        """Wait until that is so, and give what it gave."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := seen():
                return found
            assert self.process.poll() is None, self.log()
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {self.log()}")

    def account(self, name: str = NAMED) -> glance.AccountGlance | None:
        return next((one for one in glance.glance(self.store).accounts if one.name == name), None)

    def items(self, name: str = NAMED) -> int:
        found = self.account(name)
        return found.items if found else 0

    def workers(self) -> list[int]:
        """The processes that the daemon began."""
        tasks = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in tasks.read_text().split()]

    def stop(self) -> float:
        """Tell it to stop; the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        return time.monotonic() - began

    def log(self) -> str:
        """What it said so far."""
        return (self.profile.home / "said.txt").read_text()

    @property
    def store(self) -> Path:
        return self.profile.home / "auld.db"


def env(profile: Profile) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(HOUSE), os.environ.get("PYTHONPATH", ""))))  # the watch of the suite, too
    return {**os.environ, "AULD_HOME": str(profile.home), "PYTHONPATH": path, "TZ": "Europe/London"}


@contextmanager
def daemon(profile: Profile, program: str = PROGRAM, *args: str) -> Iterator[Running]:
    """A daemon for this profile, ended at last."""
    with (profile.home / "said.txt").open("w") as said:
        process = subprocess.Popen([sys.executable, "-c", program, *args], env=env(profile), stderr=said, text=True)
        try:
            yield Running(profile, process)
        finally:
            process.kill()
            process.wait()


def config(*accounts: str, more: str = "") -> str:
    sections = "".join(f'\n[accounts.{name}]\nkind = "scripted"\nscript = "{name}.json"\n' for name in accounts)
    return f'[me]\naddresses = ["{ME}"]\n{more}{sections}'


def script(profile: Profile, name: str = NAMED, **keys: Any) -> None:
    """Write what the source of this account does from now on."""
    path = profile.home / f"{name}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"folders": {"inbox": list(range(1, 21))}} | keys))
    fresh.replace(path)
