"""`python -m tests.soak [SOURCE ...] [--kills 1000] [--minutes M] [--seed N] [--steps 10000]`: what is run at night.

1. Each connector's worker is killed so often at random moments, or for so many minutes in all, whichever is sooner.
2. Every crash point of every kind of round, and the random server with faults, kills and opt-outs for so many steps.

It ends at the first thing that is not as it should be, and says with which seed.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.faults.google_sources import GmailBox, GoogleDiary
from tests.faults.microsoft_sources import OutlookBox, ReadableDiary
from tests.faults.sources import Archive, Calendar, Calendars, Link, Mailbox, Source
from tests.servers import dovecot, radicale
from tests.soak.kills import killing

TESTS = (
    *("tests/faults/test_crash_points.py", "tests/faults/test_machine.py", "tests/faults/test_machine_imap.py"),
    *("tests/faults/test_machine_google.py", "tests/faults/test_gmail.py", "tests/faults/test_google_calendar.py"),
    *("tests/faults/test_machine_graph.py", "tests/faults/test_graph.py"),
)

SOURCES = {
    one.__name__: one
    for one in (Mailbox, Calendars, Link, Calendar, Archive, GmailBox, GoogleDiary, OutlookBox, ReadableDiary)
}


def main() -> int:
    """Run all of it; gives the exit code."""
    said = argparse.ArgumentParser(prog="python -m tests.soak")
    said.add_argument("sources", nargs="*", choices=[*SOURCES, []], help="which to kill (default: all)")
    said.add_argument("--kills", type=int, default=1_000, help="for each connector")
    said.add_argument("--minutes", type=float, default=600.0, help="for all kills together")
    said.add_argument("--steps", type=int, default=10_000, help="of the random server; 0: neither it nor crash points")
    said.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    asked = said.parse_args()
    print(f"seed {asked.seed}", flush=True)
    kill([SOURCES[name] for name in asked.sources or SOURCES], asked.kills, 60 * asked.minutes, asked.seed)
    return tried(asked.steps, asked.seed) if asked.steps else 0


def kill(kinds: Sequence[type[Source]], most: int, seconds: float, seed: int) -> None:
    """Kill workers of each kind; prints what held."""
    print(f"{'source':<12} {'kills':>6} {'rounds':>7} {'seconds':>8}  lost, doubled or different", flush=True)
    with ExitStack() as ends:
        mail, cal = ends.enter_context(dovecot.running()), ends.enter_context(radicale.running())
        for kind in kinds:
            with tempfile.TemporaryDirectory(prefix="auld-soak-") as folder:
                files = Path(folder) / "files"
                files.mkdir()
                made: dict[type[Source], Callable[[], Source]] = {
                    Mailbox: lambda: Mailbox(mail),
                    Calendars: lambda: Calendars(cal),
                    Link: Link,
                    GmailBox: GmailBox,
                    GoogleDiary: GoogleDiary,
                    OutlookBox: OutlookBox,
                    ReadableDiary: ReadableDiary,
                    Calendar: lambda files=files: Calendar(files),  # type: ignore[misc]
                    Archive: lambda files=files: Archive(files),  # type: ignore[misc]
                }
                began = time.monotonic()
                with killing(made[kind], Path(folder) / "home", seed) as one:
                    while one.kills < most and time.monotonic() - began < seconds / len(kinds):
                        one.cycle()
                took = time.monotonic() - began
            print(f"{kind.__name__:<12} {one.kills:>6} {one.rounds:>7} {took:>8.0f}  0", flush=True)


def tried(steps: int, seed: int) -> int:
    """The tests that go further in a soak."""
    more = {**os.environ, "AULD_SOAK": str(steps)}
    return subprocess.call([sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", *TESTS], env=more)


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    sys.exit(main())
