"""How does auld run by itself? A loop that looks what is due, has workers do it, and ends those that do not end.

It knows the schedule and a glance at the store, and nothing heavier: whatever a worker loads goes with it. Clock, paths
and the workers' arguments are handed in. Its log names accounts by their row numbers, and never what stands in mail.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from agent import schedule
from agent.schedule import Moment, Plan, Task
from agent.store import glance

GRACE = 1.0
"""Seconds in which workers that were told to end may do so; the daemon itself ends within two."""

LINE = 64 * 1024
"""Bytes of one line of a worker; what is longer is no line of ours."""

COUNTS = ("page", "found", "new", "missed", "gone", "held", "repaired", "accounts", "share")
"""What of a worker's lines may stand in a log: numbers, and nothing that somebody wrote."""

Clock = Callable[[], datetime]


@dataclass(slots=True)
class Running:
    """A worker, with when it began and last showed a page, by the steady clock."""

    task: Task
    process: "subprocess.Popen[bytes]"
    began: float
    paged: float
    rest: bytes = b""
    silent: bool = False  # it closed its end
    last: dict[str, Any] = field(default_factory=dict)
    ended: str = ""  # why we ended it
    told: float = 0.0  # when


@dataclass(frozen=True, slots=True)
class Hands:
    """What the daemon is handed: by what it sees and acts."""

    store: Path
    clock: Clock
    steady: Callable[[], float]  # seconds, standing still while the machine sleeps
    zone: Callable[[str], tzinfo]
    config: Callable[[], tuple[int, int]]  # by what a changed config file is known
    opted_in: Callable[[], Collection[str] | None]  # the accounts that are on in the file as it is now; None: who knows
    argv: Callable[[Task], Sequence[str]]
    log: Callable[[str], None]
    notify: Callable[[str], None] = lambda _: None  # systemd, where it listens


class Daemon:
    """One profile's daemon. `run` is all of it; `step` is one look."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.running: dict[Task, Running] = {}
        self.failed: dict[Task, int] = {}
        self.tries: dict[Task, int] = {}
        self.seen = (self._now(), hands.steady())
        self.woke = self.seen[0]
        self.stopping = False

    def run(self) -> int:
        """Go on until somebody says stop; gives the exit code."""
        with _signals(self._stop) as wake:
            self.hands.log("started")
            self.hands.notify("READY=1")
            try:
                while not self.stopping:
                    self._wait(self.step(), wake)
            finally:
                self.hands.notify("STOPPING=1")
                self._end_all()
                self.hands.log("stopped")
        return 0

    def step(self) -> float:
        """Look, end what has to end, begin what is due; gives the seconds until the next look."""
        self.hands.notify("WATCHDOG=1")
        self._tell_sleep()
        for running in list(self.running.values()):
            self._read(running)
            if running.process.poll() is not None:
                self._reap(running)
        plan = glance.plan(self.hands.store)
        self._end_some(plan)
        moment = self._moment(plan)
        for task in schedule.due(plan, moment):
            self._start(task, plan)
        return schedule.look_in(plan, self._moment(plan))

    # Looking

    def _now(self) -> int:
        return int(self.hands.clock().timestamp())

    def _moment(self, plan: Plan) -> Moment:
        zone = self.hands.zone(plan.timezone)
        running = frozenset(self.running)
        return Moment(self._now(), zone, self.woke, self.hands.config(), running, dict(self.failed))

    def _tell_sleep(self) -> None:
        now, steady = self._now(), self.hands.steady()
        before, then = self.seen
        self.seen = now, steady
        if schedule.woken(now, before, steady - then):
            self.woke = now
            self.hands.log(f"the clock moved by {now - before} s: one round for each account that is due")

    def _wait(self, seconds: float, wake: int) -> None:
        pipes = {one.process.stdout.fileno() for one in self.running.values() if one.process.stdout and not one.silent}
        ready, _, _ = select.select([wake, *pipes], [], [], seconds)
        if wake in ready:
            os.read(wake, 512)

    # Workers

    def _start(self, task: Task, plan: Plan) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - our own program
                self.hands.argv(task),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a traceback would show what stands in mail
                start_new_session=True,
            )
        except OSError as error:
            self.hands.log(f"{named(task, plan)}: cannot begin (error {error.errno})")
            self._fail(task)
            return
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
        began = self.hands.steady()
        self.running[task] = Running(task, process, began, began)

    def _read(self, running: Running) -> None:
        """Take in what the worker said so far."""
        if not running.process.stdout or running.silent:
            return
        while True:
            try:
                said = os.read(running.process.stdout.fileno(), LINE)
            except BlockingIOError:
                break
            *lines, rest = (running.rest + said).split(b"\n")
            running.rest = rest[-LINE:]
            for line in lines:
                self._take(running, line)
            if not said:
                running.silent = True
                break

    def _take(self, running: Running, line: bytes) -> None:
        with contextlib.suppress(ValueError):
            said = json.loads(line)
            if isinstance(said, dict):
                running.last = said
                if "page" in said:
                    running.paged = self.hands.steady()

    def _reap(self, running: Running) -> None:
        """A worker has ended: what became of it is noted."""
        task, code = running.task, running.process.returncode
        if running.process.stdout:
            running.process.stdout.close()
        del self.running[task]
        seconds = self.hands.steady() - running.began
        plan = glance.plan(self.hands.store)
        if told := refused(running.last):
            self.hands.log(f"{named(task, plan)}: {told}")
        else:
            how = running.ended or outcome(running.last, code)
            self.hands.log(f"{named(task, plan)}: {how} after {seconds:.1f} s{counts(running.last)}")
        if code == 0 or "closed" in running.last:
            self.failed.pop(task, None)
            self.tries.pop(task, None)
        else:
            self._fail(task)

    def _fail(self, task: Task) -> None:
        tries = self.tries[task] = self.tries.get(task, 0) + 1
        pause = schedule.MINUTE if task.what in ("round", "check") else schedule.RETRY
        self.failed[task] = self._now() + min(pause * tries, schedule.LONGEST)

    def _end_some(self, plan: Plan) -> None:
        """End those that run for too long, bring nothing, or read an account that was opted out."""
        now = self.hands.steady()
        on = {lane.name for lane in plan.lanes if lane.enabled}
        if self.running and plan.config != self.hands.config():
            named = self.hands.opted_in()  # whether the change is good, a worker sees in a moment
            on = on if named is None else on & set(named)
        for running in self.running.values():
            if running.ended:
                if now - running.told > GRACE:
                    _kill(running, signal.SIGKILL)
                continue
            is_round = running.task.what == "round"
            why = schedule.ended_for(running.began, running.paged if is_round else now, now)
            if is_round and not plan.trouble and running.task.name not in on:
                why = "the account was opted out"
            if why:
                running.ended, running.told = f"ended, {why},", now
                _kill(running, signal.SIGTERM)

    def _end_all(self) -> None:
        """End every worker: told first, then made to."""
        for running in self.running.values():
            _kill(running, signal.SIGTERM)
        until = self.hands.steady() + GRACE
        for running in self.running.values():
            try:
                running.process.wait(max(0.0, until - self.hands.steady()))
            except subprocess.TimeoutExpired:
                _kill(running, signal.SIGKILL)
                running.process.wait()
            if running.process.stdout:
                running.process.stdout.close()
        self.running.clear()

    def _stop(self) -> None:
        self.stopping = True


def named(task: Task, plan: Plan) -> str:
    """A task as the log names it: accounts by their row numbers."""
    if not task.name:
        return task.what
    number = next((str(lane.id) for lane in plan.lanes if lane.name == task.name), "?")
    return f"{task.what} of account {number}"


def outcome(last: Mapping[str, Any], code: int) -> str:
    """How a worker ended by itself."""
    if bug := last.get("bug"):
        return str(bug)
    if "closed" in last:
        return "closed"
    if "trouble" in last:
        return "trouble"
    return str(last["done"]) if "done" in last else f"ended with code {code}"


def refused(last: Mapping[str, Any]) -> str:
    """What there is to say of a config file that was not taken: where, and what to do. No word of the file itself."""
    count, lines = last.get("refused"), last.get("lines")
    if not isinstance(count, int):
        return ""
    named = [str(line) for line in lines if isinstance(line, int) and line] if isinstance(lines, list) else []
    where = f" ({'line' if len(named) == 1 else 'lines'} {', '.join(named)})" if named else ""
    problems = "1 problem" if count == 1 else f"{count} problems"
    return (
        f"config.toml has {problems}{where} and is not taken; what held before still does."
        " `auld config check` says what to mend."
    )


def counts(last: Mapping[str, Any]) -> str:
    """The numbers of a worker's last line."""
    told = [f"{last[name]} {name}" for name in COUNTS if isinstance(last.get(name), int | float) and last[name]]
    return f": {', '.join(told)}" if told else ""


def _kill(running: Running, how: signal.Signals) -> None:
    """To the whole group of the worker: what it runs goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(running.process.pid, how)


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[int]:
    """Be woken by signals: the readable end of a pipe that each of them writes to. TERM and INT also say stop."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    before: dict[signal.Signals, Any] = {}
    old = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    try:
        for each in (signal.SIGTERM, signal.SIGINT):
            before[each] = signal.signal(each, lambda *_: stop())
        for each in (signal.SIGUSR1, signal.SIGCHLD):
            before[each] = signal.signal(each, lambda *_: None)
        yield read
    finally:
        signal.set_wakeup_fd(old)
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(read)
        os.close(write)
