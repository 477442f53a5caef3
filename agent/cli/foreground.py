"""How does `auld daemon` begin? Standard library and platformdirs only: it stays in memory for months."""

import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from agent import config_file, wiring
from agent.cli.overview import LOCK as LOCK
from agent.daemon import Daemon, Hands
from agent.schedule import Task
from config.locks import Held, held
from config.paths import paths, private, supervisor
from config.sections import switched_on

ERROR, LOCKED = 1, 6
"""As `agent.cli.ends` has them: the exit codes where it cannot run, and where another one runs already."""

NOT_THERE = "auld cannot run by itself on Windows yet. Have the Task Scheduler run `auld sync` and `auld digest`."
"""`select` waits for sockets alone there, and there is neither SIGCHLD nor a group of processes to end."""

PID = "daemon.pid"


Argv = Callable[[Task, datetime | None], Sequence[str]]


def stay(start: datetime | None = None, argv: Argv = wiring.worker_argv) -> int:
    """Run the daemon of this profile until it is told to stop; gives the exit code.

    `start`: a present of its own; `argv`: the program that does a task, told `start`'s present.
    """
    if sys.platform == "win32":
        log(NOT_THERE)
        return ERROR
    where = paths().make()
    try:
        with held(where.state / LOCK, wait=False, what="The daemon's work"):
            pid = private(where.state / PID)
            pid.write_text(f"{os.getpid()}\n")
            clock = wiring.clock(start)
            hands = Hands(
                store=where.store,
                clock=clock,
                steady=time.monotonic,
                zone=wiring.zone,
                config=lambda: config_file.looked_at(where.config),
                opted_in=lambda: switched_on(where.config),
                argv=lambda task: argv(task, clock() if start else None),
                log=lambda line: log(f"{clock().isoformat(timespec='seconds')} {line}"),
                notify=notify(supervisor()),
            )
            gc.freeze()
            try:
                return Daemon(hands).run()
            finally:
                pid.unlink(missing_ok=True)
    except Held:
        log("A daemon runs for this profile already; `auld status` tells how it does.")
        return LOCKED


def running(state: Path) -> int:
    """The process id of the daemon that runs for this profile; 0 where none does."""
    try:
        with held(state / LOCK, wait=False):
            return 0
    except Held:
        try:
            return int((state / PID).read_text())
        except (OSError, ValueError):
            return -1


def wake(process: int) -> None:
    """Have the daemon look now; without, it looks within half a minute."""
    if process > 0 and hasattr(signal, "SIGUSR1"):
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGUSR1)


def log(line: str) -> None:
    """One line for whoever keeps the log: the terminal, systemd's journal, a file."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class notify:  # noqa: N801 - reads like a verb where it is called
    """Says to systemd how the service is, where it listens on that socket."""

    def __init__(self, address: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def __call__(self, state: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            try:
                door.sendto(state.encode(), self._address)
            except OSError:
                return
