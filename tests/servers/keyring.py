"""A real keyring without a screen: gnome-keyring in a session bus of its own, open, locked or absent."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from tests.servers import needs

HOUSE = Path(__file__).resolve().parents[2]

PROGRAMS = {"dbus-run-session": "dbus", "gnome-keyring-daemon": "gnome-keyring", "secret-tool": "libsecret-tools"}
"""What has to be installed -> in which Debian package it comes."""

OPEN = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
CLOSE = "secret-tool lock --collection=login; "

State = Literal["open", "locked", "never opened", "no bus"]
BEFORE: dict[State, str] = {"open": OPEN, "locked": OPEN + CLOSE, "never opened": "", "no bus": ""}


class Desktop:
    """The home and the runtime folder of somebody with a keyring. `run` is one sign-in; what was kept stays."""

    def __init__(self, folder: Path) -> None:
        self.home, self.runtime = folder / "home", folder / "run"
        for each in (self.home, self.runtime):
            each.mkdir(mode=0o700, parents=True)

    def run(self, code: str, state: State = "open", **environ: str) -> str:
        """What this Python prints, run while the keyring is in that state."""
        return self.shell(BEFORE[state] + '"$0" -W error -c "$1"', code, state=state, **environ)

    def shell(self, script: str, code: str, *, state: State = "open", **environ: str) -> str:
        """What a shell script prints; `$0` is our Python and `$1` the code."""
        known = {k: v for k, v in os.environ.items() if k != "DBUS_SESSION_BUS_ADDRESS" and not k.startswith("XDG_")}
        there = {
            **known,
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PYTHONPATH": str(HOUSE),
            **environ,
        }
        session = [] if state == "no bus" else ["dbus-run-session", "--"]
        done = subprocess.run(
            [*session, "sh", "-c", script, sys.executable, code],
            env=there,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    """A desktop with a real keyring; skipped where there is none, and failed in CI."""
    for program, package in PROGRAMS.items():
        needs(program, package)
    return Desktop(tmp_path / "desktop")
