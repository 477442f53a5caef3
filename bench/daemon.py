"""Does the daemon stay small, end at once, and keep sick accounts from the healthy ones? A real one, at a real server.

    python bench/daemon.py [idle stop lag month] [--messages 20000] [--idle 60] [--hours 12] [--days 30]

`idle`: the memory of `auld daemon` before and after it read and learned a mailbox, and what it costs while nothing is
due. `stop`: SIGTERM in the middle of a first sync, to the daemon and to `auld sync`; then it goes on. `lag`: five
accounts, of which one drips, one is throttled, one refuses the password and one is slow; how long the healthy one waits
from when its round is due until it has ended, and how long it does alone. `month`: thirty days, a round an hour (or
`--every` so many) and a digest into the own inbox.

For `lag` and `month` the daemon's loop, its workers, the store and the servers are real, and its clock is ours: it
leaps to the next thing that is due while nothing runs, and runs forty times as fast while only the two accounts run
that do nothing but wait.
"""

import argparse
import gc
import json
import mmap
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.daemon import Daemon
    from agent.schedule import Task
    from tests.servers.dovecot import Dovecot, User

PARTS = ("idle", "stop", "lag", "month")

SMALL, BACK, BUSY = 25.0, 3.0, 0.1
"""The bars of an idle daemon: MB of its own, MB more after a round, percent of a processor."""

ENDS = 2.0
"""Seconds in which whoever is told to end has ended."""

LAG = 1.2
"""How much longer the healthy account may wait beside four sick ones than alone."""

GROWN = 1.1
"""How much memory the last day of a month may take of the tenth's."""

PACE = 40
"""How many times as fast the clock runs while all that runs only waits."""

WAITS = ("drip", "slow")

FEW = 20
"""Mails of each sick account: what one of them takes does not hang on how many it has."""

START = datetime(2026, 5, 12, 6, tzinfo=UTC)

# ---------------------------------------------------------------------------------------- a clock that can be put ahead


class Leaping:
    """A present that the processes of one profile share: the steady clock, and how far it was put ahead."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("dd", time.monotonic(), 0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 16)

    def steady(self) -> float:
        """Seconds since the beginning."""
        began, ahead = struct.unpack("dd", self._shared[:16])
        return float(time.monotonic() - began + ahead)

    def leap(self, seconds: float) -> None:
        _, ahead = struct.unpack("dd", self._shared[:16])
        self._shared[8:16] = struct.pack("d", ahead + seconds)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.steady())


def work(clock: Path, *words: str) -> int:
    """A worker, as `python -m agent.worker`, on that clock."""
    from agent import wiring, worker

    gc.set_threshold(worker.AT_ONCE, 20, 20)
    leaping = Leaping(clock)
    wiring.clock = lambda _=None: leaping.now  # type: ignore[assignment]
    return worker.main(list(words))


def watch(home: Path, until: float, every: int = 0) -> int:
    """The daemon's loop on that clock, until so many seconds have passed; what it sees is told in lines of JSON.

    `every`: seconds from one round of an account to the next, where that is not as the schedule has it.
    """
    from agent import config_file, schedule, wiring
    from agent.daemon import Daemon, Hands, _signals
    from config.sections import switched_on

    if every:
        schedule.INTERVALS["imap"] = every
    clock, config = home / "clock", home / "config.toml"
    leaping = Leaping(clock)

    def argv(task: "Task") -> list[str]:
        name = [task.name] if task.name else []
        return [sys.executable, str(Path(__file__)), "--do", "work", str(clock), task.what, *name]

    hands = Hands(
        store=home / "auld.db",
        clock=leaping.now,
        steady=leaping.steady,
        zone=wiring.zone,
        config=lambda: config_file.looked_at(config),
        opted_in=lambda: switched_on(config),
        argv=argv,
        log=lambda line: tell(at=leaping.steady(), said=line),
    )
    gc.freeze()
    daemon, days = Daemon(hands), 0
    with _signals(lambda: None) as wake:
        while leaping.steady() < until:
            if leaping.steady() // 86_400 > days:
                days += 1
                tell(day=days, private=private(), descriptors=descriptors(), threads=threading.active_count())
            follow(daemon, leaping, wake)
        daemon._end_all()
    return 0


def follow(daemon: "Daemon", leaping: Leaping, wake: int) -> None:
    """One look; then wait as long as it takes, or not at all."""
    before, due = set(daemon.running), waiting(daemon)
    seconds = daemon.step()
    for task in daemon.running.keys() - before:
        tell(begun=str(task.name or task.what), at=leaping.steady(), due=due.get(task.name))
    for task in before - daemon.running.keys():
        tell(ended=str(task.name or task.what), at=leaping.steady())
    if not daemon.running:
        leaping.leap(seconds)
    elif all(task.name in WAITS for task in daemon.running):
        daemon._wait(seconds / PACE, wake)
        leaping.leap(seconds - seconds / PACE)
    else:
        daemon._wait(seconds, wake)


def waiting(daemon: "Daemon") -> dict[str, float]:
    """When the next round of each account is due, by the steady clock."""
    from agent import schedule
    from agent.store import glance

    now, steady = daemon.hands.clock().timestamp(), daemon.hands.steady()
    lanes = glance.plan(daemon.hands.store).lanes
    return {lane.name: schedule.starts(lane, int(now), daemon.woke) - now + steady for lane in lanes}


def tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def private(pid: str | int = "self") -> float:
    """MB that a process has for itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1_000


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def watched(
    environ: Mapping[str, str], until: float, between: Callable[[dict[str, Any]], None], every: int = 0
) -> None:
    """The loop in a process of its own; what it tells is handed over while it goes on."""
    from bench.live import usual

    home = Path(environ["AULD_HOME"])
    argv = [sys.executable, str(Path(__file__)), "--do", "watch", str(home), str(until), str(every)]
    with subprocess.Popen(argv, env=usual(environ), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        for line in child.stdout:
            between(json.loads(line))
    if child.returncode:
        raise RuntimeError(f"the loop ended with {child.returncode}")


# --------------------------------------------------------------------------------------------------------- the real one


@contextmanager
def running(environ: Mapping[str, str], *words: str) -> Iterator["subprocess.Popen[str]"]:
    """`auld WORDS`, ended at last."""
    from bench.live import usual
    from bench.speed import AULD

    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [AULD, *words], env=usual(environ), stdin=subprocess.DEVNULL, stdout=said, stderr=said, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def until(seen: Callable[[], bool], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > end:
            raise RuntimeError(f"not within {seconds} s")
        time.sleep(0.02)


def items(environ: Mapping[str, str]) -> int:
    from agent.store.glance import glance

    return sum(one.items for one in glance(Path(environ["AULD_HOME"]) / "auld.db").accounts)


def children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processor(pid: int) -> float:
    """Seconds of the processor that a process and the children that it waited for have taken: its own alone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(server: "Dovecot", folder: Path, messages: int, seconds: float) -> None:
    from agent.store.glance import glance
    from bench.imap import door, filled
    from bench.live import profile
    from bench.speed import say

    user = filled(server, messages, 300)
    environ = profile(folder / "idle", door(user))
    with running(environ, "daemon") as process:
        store = Path(environ["AULD_HOME"]) / "auld.db"
        until(lambda: private(process.pid) > 5)
        time.sleep(1)
        before = private(process.pid)
        until(lambda: items(environ) == messages)
        until(lambda: glance(store).learned_at > 0 and not children(process.pid))
        after = private(process.pid)
        say("an idle daemon, of its own", f"{before:.1f} MB", None, f"<= {SMALL:.0f}", met=before <= SMALL)
        more = after - before
        what = f"after a round of {messages:,} and learning"
        say(what, f"{after:.1f} MB", more, f"<= +{BACK:.0f} MB", met=more <= BACK and after <= SMALL)
        begun, busy = time.monotonic(), processor(process.pid)
        time.sleep(seconds)
        part = 100 * (processor(process.pid) - busy) / (time.monotonic() - begun)
        say(f"its share of a processor in {seconds:.0f} s", f"{part:.2f} %", None, f"<= {BUSY} %", met=part <= BUSY)


def stop(server: "Dovecot", folder: Path, messages: int) -> None:
    from bench.imap import door, filled
    from bench.live import profile
    from bench.speed import say

    user = filled(server, messages, 300)
    for words in (("daemon",), ("sync",)):
        environ = profile(folder / "stop", door(user))
        with running(environ, *words) as process:
            until(lambda environ=environ: items(environ) >= messages // 4)  # type: ignore[misc]
            workers = children(process.pid)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            took = time.monotonic() - begun
            kept = items(environ)
            left = [one for one in workers if Path(f"/proc/{one}").exists()]
        if left or not messages // 4 <= kept < messages:
            raise RuntimeError(f"{left} {kept}")
        say(f"auld {words[0]} ends in mid-sync", f"{took:.2f} s", None, f"<= {ENDS:.0f} s", met=took <= ENDS)
        with running(environ, "sync") as process:
            process.wait(300)
        there = items(environ)
        say("  and the next one goes on", f"{kept:,} -> {there:,}", None, f"= {messages:,}", met=there == messages)


# ------------------------------------------------------------------------------------------------------- sick accounts


def lag(server: "Dovecot", folder: Path, hours: float) -> None:
    from bench.live import Door, profile
    from bench.speed import say
    from tests.servers.proxy import DRIP, Proxy

    with ExitStack() as stack:
        drips, slow, throttles = (stack.enter_context(Proxy(server.imap_port)) for _ in range(3))
        drips.at(rb"FETCH", DRIP)
        slow.delay = 0.2
        throttles.greeting = b"* BYE [UNAVAILABLE] Too many connections, try again later\r\n"
        found = {}
        for name, sick in (("alone", False), ("together", True), ("alone again", False), ("together again", True)):
            doors = {"healthy": Door(mailbox(server).name, server.imap_port)}
            if sick:
                doors |= {
                    "drip": Door(mailbox(server, FEW).name, drips.port),
                    "throttled": Door(mailbox(server, FEW).name, throttles.port),
                    "revoked": Door(mailbox(server, FEW).name, server.imap_port, ("/bin/echo", "wrong")),
                    "slow": Door(mailbox(server, FEW).name, slow.port),
                }
            environ = profile(folder / name.replace(" ", "-"), doors)
            found[name] = lags(environ, hours)
    alone = found["alone"].waits + found["alone again"].waits
    together = found["together"].waits + found["together again"].waits
    say(f"rounds in {2 * hours:.0f} hours of the healthy one", f"{len(alone)}, {len(together)}")
    for what, of in (("mean", mean), ("median", median), ("99th of 100", lambda all_: ranked(all_, 0.99))):
        one, five = of(alone), of(together)
        ratio = five / one
        met = ratio <= LAG if what != "median" else None
        say(f"its lag, {what}: alone, beside four", f"{one:.2f} s, {five:.2f} s", ratio, f"<= {LAG}", met=met)
    rounds = found["together"].rounds + found["together again"].rounds
    say("rounds of the others", ", ".join(f"{name} {n}" for name, n in rounds.items() if name != "healthy"))


class Lags:
    """What the healthy account waited for its rounds, and how often each account was read."""

    def __init__(self, settled: float) -> None:
        self.settled = settled  # seconds after which it is steady
        self.waits: list[float] = []
        self.rounds: Counter[str] = Counter()
        self.due: float | None = None

    def __call__(self, line: dict[str, Any]) -> None:
        if "begun" in line:
            self.rounds[line["begun"]] += 1
        if line.get("begun") == "healthy":
            self.due = line["due"]
        if line.get("ended") == "healthy" and self.due is not None and self.due > self.settled:
            self.waits.append(line["at"] - self.due)


def lags(environ: Mapping[str, str], hours: float) -> Lags:
    settled = 1_800.0
    seen = Lags(settled)
    watched(environ, settled + hours * 3_600, seen)
    return seen


def mailbox(server: "Dovecot", messages: int = 400) -> "User":
    """A user with a few mails."""
    from bench.mailbox import mails

    user = server.user()
    letters = mails(messages, body=300, people=60, two_way=20, end=START)
    user.fill(letter.partition("\n")[2].replace("\n", "\r\n").encode() for letter in letters)
    return user


def ranked(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


# -------------------------------------------------------------------------------------------------------------- a month


def month(server: "Dovecot", folder: Path, days: int, every: float) -> None:
    """Thirty days of a mailbox in which a mail comes each day."""
    from agent import demo
    from bench.live import Door, profile
    from bench.speed import say
    from tests.servers.dovecot import letter

    user = server.user()
    letters = demo.mailbox(START).split(b"\nFrom ")
    user.append_all(one.partition(b"\n")[2].replace(b"\n", b"\r\n") for one in letters)
    doors = {"nora": Door(user.name, server.imap_port)}
    environ = profile(folder / "month", doors, more='\n[digest]\nvia = "append"\n', me=demo.ME)
    said: list[str] = []
    seen: list[dict[str, Any]] = []

    def between(line: dict[str, Any]) -> None:
        said.append(line.get("said", ""))
        if "day" in line:
            seen.append(line)
            at = START + timedelta(days=line["day"])
            user.append(letter(f"Day {line['day']}", sender="Bob <bob@bob.example>", to=f"Nora <{demo.ME}>", at=at))

    watched(environ, days * 86_400 + 7_200, between, int(every * 3_600))
    then, last = seen[min(9, len(seen) - 1)], seen[-1]
    grown = last["private"] / then["private"]
    size = f"{then['private']:.1f} -> {last['private']:.1f} MB"
    say(f"the daemon's memory, day {then['day']} -> {last['day']}", size, grown, f"<= {GROWN}", met=grown <= GROWN)
    for what in ("descriptors", "threads"):
        say(f"  its {what}", f"{then[what]} -> {last[what]}", None, "the same", met=then[what] == last[what])
    locked = sum("locked" in line for line in said)
    say("  'database is locked'", f"{locked}", None, "0", met=not locked)
    kept = digests(user)
    most = max(Counter(kept).values(), default=0)
    say("digests in the inbox, mornings", f"{len(kept)}, {len(set(kept))}", most, "<= 1 each", met=most == 1)
    print(f"  tasks: {dict(Counter(line.partition(':')[0] for line in said if ': ' in line))}")


def digests(user: "User") -> list[str]:
    """The day of each digest in the inbox."""
    import re

    from agent.tokens import HOST

    found = []
    with user.signed_in("INBOX") as client:
        for uid, said in client.fetch(client.search(["HEADER", "Message-ID", HOST]), ["BODY[HEADER]"]).items():
            header = said[b"BODY[HEADER]"].decode("utf-8", "replace")
            day = re.search(r"^Date: (.{16})", header, re.MULTILINE)
            found.append(day[1] if day else str(uid))
    return found


def measured(args: argparse.Namespace, parts: tuple[str, ...]) -> None:
    from bench.speed import say
    from tests.servers.dovecot import running as dovecot

    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    say("", "", None, "bar")
    with dovecot() as server, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if "idle" in parts:
            idle(server, folder, args.messages, args.idle)
        if "stop" in parts:
            stop(server, folder, args.messages)
        if "lag" in parts:
            lag(server, folder, args.hours)
        if "month" in parts:
            month(server, folder, args.days, args.every)
    print(f"load {os.getloadavg()[0]:.1f} after")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (default: all)")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--idle", type=float, default=60, help="seconds to look at an idle daemon")
    parser.add_argument("--hours", type=float, default=12)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--every", type=float, default=1, help="hours from one round of the month to the next")
    args = parser.parse_args()
    if sys.platform != "linux":
        print("skipped: this looks into /proc")
        return
    measured(args, tuple(args.parts) or PARTS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--do"]:
        doing, where, *more = sys.argv[2:]
        sys.exit(work(Path(where), *more) if doing == "work" else watch(Path(where), float(more[0]), int(more[1])))
    main()
