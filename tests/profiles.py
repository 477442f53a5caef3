"""A profile as a user has it, driven through the real program. Only the clock is ours."""

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from agent import demo, wiring
from agent.cli import cli
from agent.cli.ends import run
from agent.cli.home import opened
from agent.store.store import Store
from agent.wiring import House

ZONE = ZoneInfo("Europe/London")
MORNING = datetime(2026, 5, 12, 7, tzinfo=ZONE)
"""A Tuesday."""

TEXT, HEADERS = 'read = "text"', 'read = "headers"'


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    out: str
    err: str
    code: int


@dataclass
class Profile:
    """A folder for AULD_HOME, and the moment at which its commands are run."""

    home: Path
    at: datetime = MORNING
    columns: int = 100  # of the screen

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    def run(self, *args: object) -> Said:
        """Run `auld ARGS`, and give what it said, however it ended."""
        out, err = io.StringIO(), io.StringIO()
        with self.entered(), redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
            run(cli, [str(arg) for arg in args])
        assert isinstance(end.value.code, int)
        return Said(out.getvalue(), err.getvalue(), end.value.code)

    def tell(self, *args: object) -> str:
        """Run `auld ARGS`, which is to end well; what it printed."""
        said = self.run(*args)
        assert (said.code, said.err) == (0, ""), said
        return said.out

    def json(self, *args: object) -> dict[str, Any]:
        """Run `auld ARGS --json`; the data, of which the version was checked."""
        data: dict[str, Any] = json.loads(self.tell(*args, "--json"))
        assert data.pop("v") == 1
        return data

    def names(self) -> list[str]:
        """Who is proposed this morning."""
        return [one["name"] for one in self.json("digest")["proposals"]]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The environment and the clock of this profile."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AULD_HOME", str(self.home))
            patch.setenv("COLUMNS", str(self.columns))
            patch.setenv("TZ", "Europe/London")
            patch.setattr(wiring, "now", lambda: self.at)
            yield

    @contextmanager
    def opened(self) -> Iterator[tuple[House, Store]]:
        """The house and the store, as the commands open them."""
        with self.entered(), opened({**os.environ, "AULD_HOME": str(self.home)}) as (house, store):
            yield house, store

    def write(self, **files: bytes | str) -> None:
        """Put these files into the folder; `_` in a name stands for the last dot."""
        self.home.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = self.home / ".".join(name.rsplit("_", 1))
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def copy(self, home: Path) -> "Profile":
        """The same profile in another folder."""
        shutil.copytree(self.home, home)
        return Profile(home, self.at)


def demo_profile(home: Path, at: datetime = MORNING, *, read: str = TEXT) -> Profile:
    """The demo's profile of that moment, read and learned."""
    profile = Profile(home, at)
    config = demo.CONFIG.replace("[me]\n", '[me]\ntimezone = "Europe/London"\n').replace(TEXT, read)
    profile.write(demo_mbox=demo.mailbox(at), demo_ics=demo.calendar(at), config_toml=config)
    profile.tell("sync")
    return profile
