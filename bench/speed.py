"""Is auld as quick as it promises? Each bar in one run, start-up included, beside what it is measured with.

    python bench/speed.py                      all of it: a quarter of an hour
    python bench/speed.py import learn start   some of it (import, learn, start, large)

Every figure is the median of `--rounds` runs of real processes, taken in turns with what they are compared to, on a
warm cache. Ratios are the result; the seconds depend on the machine. What is not installed is skipped, and said.

`import` and `learn` read a generated mbox of 50,000 messages of 20 KB; `large` a million short ones with 20,000
addresses and 3,000 people who write both ways, the last of them today.
"""

import argparse
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from agent.cli import AT_ONCE

ME = "ada@ada.example"
PARTS = ("import", "learn", "start", "large")
AULD = Path(sys.executable).with_name("auld")
HOUSE = Path(__file__).resolve().parent.parent

GREP, MU, NOTMUCH, SUBJECTS, START, LARGE = 12.0, 0.2, 0.07, 5_000.0, 6.0, 2.0
"""The bars: times grep, shares of mu index and notmuch new, subjects a second, times python -c pass, seconds."""

FLAT = 64.0
"""MB more at the peak for five times the messages: SQLite's page cache fills so far (agent.store.file.CACHE) and no
further; a million messages take as much."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took: seconds on the clock, seconds of the processor, MB at its peak."""

    wall: float
    cpu: float
    peak: float


def ran(argv: Sequence[str | Path], **environ: str) -> Spent:
    """What running this takes. Raises RuntimeError where it fails.

    Bytecode is kept, as it is for a user: without it each run would compile auld before it runs.
    """
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        child = subprocess.Popen(argv, stdout=said, stderr=subprocess.STDOUT, env=usual | environ, cwd=HOUSE)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise RuntimeError(f"{argv} ended with {child.returncode}: {said.read().decode(errors='replace')[-2_000:]}")
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_000)


def in_turns(rounds: int, **ways: Callable[[], Spent]) -> dict[str, Spent]:
    """The medians of several ways that take turns, so that a busy moment of the machine meets all of them."""
    found: dict[str, list[Spent]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return {name: middle(spent) for name, spent in found.items()}


def middle(spent: Sequence[Spent]) -> Spent:
    return Spent(median(s.wall for s in spent), median(s.cpu for s in spent), median(s.peak for s in spent))


def say(what: str, took: str, ratio: float | None = None, bar: str = "", *, met: bool | None = None) -> None:
    """A row of the table."""
    verdict = "" if met is None else "ok" if met else "MISSED"
    print(f"{what:<44}{took:>22}{'' if ratio is None else f'{ratio:.2f}':>10}{bar:>12}  {verdict}", flush=True)


def seconds(spent: Spent) -> str:
    return f"{spent.wall:.2f} s, {spent.cpu:.2f} cpu"


# ------------------------------------------------------------------------------------------------- mailboxes, profiles


def mailbox(path: Path, messages: int, **shape: int) -> Path:
    """A generated mailbox that ends now, unless it is there already."""
    if not path.exists():
        from bench.mailbox import write

        write(path.with_suffix(".part"), messages, end=datetime.now(UTC), **shape)
        path.with_suffix(".part").rename(path)
    return path


def profile(folder: Path, mbox: Path) -> dict[str, str]:
    """An environment with a fresh profile in which this mailbox is opted in, and nothing is read yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    config = folder / "config.toml"
    config.write_text(
        f'[me]\naddresses = ["{ME}"]\ntimezone = "UTC"\n\n[accounts.mail]\nkind = "mbox"\npath = "{mbox}"\n'
    )
    config.chmod(0o600)
    return {"AULD_HOME": str(folder), "PYTHONPATH": str(HOUSE)}


def itself(doing: str) -> list[str | Path]:
    return [sys.executable, Path(__file__), "--do", doing]


def pull() -> None:
    """`auld sync` without its last step, learning."""
    from agent import config_file, wiring
    from agent.cli.accounts import round_of
    from agent.cli.home import opened

    with opened() as (house, store):
        config_file.accept(house.paths, store, wiring.now())
        codes = [round_of(name, house, store) for name in house.settings.enabled]
    sys.exit(max(codes))


def learn() -> None:
    """The last step of `auld sync` alone."""
    from agent import wiring
    from agent.cli.home import learn as learn_all
    from agent.cli.home import opened

    with opened() as (house, store):
        learn_all(house, store, wiring.now(), anew=True)


# -------------------------------------------------------------------------------------------------------------- import


def importing(folder: Path, messages: int, rounds: int) -> None:
    """Reading an archive into the store, beside grep and what two mail indexers take for the same mail."""
    mbox = mailbox(folder / f"{messages}.mbox", messages, body=20_000, people=2_500, two_way=800)
    small = mailbox(folder / f"{messages // 5}.mbox", messages // 5, body=20_000, people=2_500, two_way=800)
    shell = f"grep -c '^From ' '{mbox}' | cat"
    took = in_turns(
        rounds,
        grep=lambda: ran(["sh", "-c", shell]),
        auld=lambda: ran(itself("pull"), **profile(folder / "import", mbox)),
    )
    ours, grep = took["auld"], took["grep"]
    say(f"grep -c '^From ' ({mbox.stat().st_size / 1e6:,.0f} MB)", seconds(grep))
    ratio = ours.wall / grep.wall
    say(f"import {messages:,} messages / grep", seconds(ours), ratio, f"<= {GREP:.0f}", met=ratio <= GREP)
    say("  the same in processor time", "", ours.cpu / grep.cpu)
    less = ran(itself("pull"), **profile(folder / "import", small))
    more = ours.peak - less.peak
    reach = f"{less.peak:.0f} -> {ours.peak:.0f} MB"
    say(f"memory, {messages // 5:,} -> {messages:,} messages", reach, more, f"<= +{FLAT:.0f} MB", met=more <= FLAT)
    for name, bar, peer in (("mu", MU, mu), ("notmuch", NOTMUCH, notmuch)):
        if not shutil.which(name):
            say(f"import / {name}", "skipped: not installed")
            continue
        theirs = peer(maildir(folder / "maildir", mbox), folder / name)
        share = ours.wall / theirs.wall
        say(f"import / {name} ({theirs.wall:.1f} s)", seconds(ours), share, f"<= {bar}", met=share <= bar)


def maildir(folder: Path, mbox: Path) -> Path:
    """The same mail as a maildir, which the indexers want."""
    if folder.exists():
        return folder
    from connectors.mbox_messages import messages

    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    with mbox.open("rb") as file:
        for number, raw in enumerate(messages(file.readinto, keep=10 << 20)):
            (folder / "cur" / f"{number}.1.host:2,S").write_bytes(raw.head.partition(b"\n")[2])
    return folder


def mu(mail: Path, home: Path) -> Spent:
    shutil.rmtree(home, ignore_errors=True)
    ran(["mu", "init", f"--muhome={home}", f"--maildir={mail}", f"--my-address={ME}"])
    return ran(["mu", "index", f"--muhome={home}", "--quiet"])


def notmuch(mail: Path, home: Path) -> Spent:
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(mail / ".notmuch", ignore_errors=True)
    home.mkdir(parents=True)
    config = home / "config"
    config.write_text(f"[database]\npath={mail}\n[user]\nname=Ada\nprimary_email={ME}\n[new]\ntags=new\n")
    return ran(["notmuch", "new", "--quiet"], NOTMUCH_CONFIG=str(config))


# ------------------------------------------------------------------------------------------------- learning, start-up


def learning(folder: Path, messages: int, rounds: int) -> None:
    """Learning all of a mailbox, from the start of the process to its end."""
    mbox = mailbox(folder / f"{messages}.mbox", messages, body=20_000, people=2_500, two_way=800)
    environ = profile(folder / "learn", mbox)
    ran(itself("pull"), **environ)
    took = in_turns(rounds, learn=lambda: ran(itself("learn"), **environ))["learn"]
    rate = messages / took.wall
    say(f"learn {messages:,} messages: subjects a second", seconds(took), rate, f">= {SUBJECTS:,.0f}",
        met=rate >= SUBJECTS)  # fmt: skip


def starting(folder: Path, rounds: int) -> None:
    """The two commands that one asks most often."""
    mbox = mailbox(folder / "500.mbox", 500, body=2_000, people=100, two_way=40)
    environ = profile(folder / "start", mbox)
    ran([AULD, "sync"], **environ)
    took = in_turns(
        7 * rounds,
        bare=lambda: ran([sys.executable, "-c", "pass"], **environ),
        help=lambda: ran([AULD, "--help"], **environ),
        status=lambda: ran([AULD, "status"], **environ),
    )
    say("python -c pass", f"{took['bare'].wall * 1_000:.0f} ms")
    for name, command in (("help", "auld --help"), ("status", "auld status")):
        ratio = took[name].wall / took["bare"].wall
        say(f"{command} / python -c pass", f"{took[name].wall * 1_000:.0f} ms", ratio, f"<= {START:.0f}",
            met=ratio <= START)  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- large


def large(folder: Path, messages: int, rounds: int) -> None:
    """A lifetime of mail: what one asks for must still come at once."""
    mbox = mailbox(folder / f"large-{messages}.mbox", messages, body=300, people=messages // 50, two_way=messages * 3 // 1_000)  # fmt: skip  # noqa: E501
    environ = profile(folder / "large", mbox)
    took = ran(itself("pull"), **environ)
    say(f"import {messages:,} short messages", seconds(took))
    took = ran(itself("learn"), **environ)
    say("learn all of them: subjects a second", seconds(took), messages / took.wall)
    for words in asked(messages):
        once = in_turns(rounds, it=lambda words=words: ran([AULD, *words], **environ))["it"]  # type: ignore[misc]
        say(f"auld {' '.join(words)}", seconds(once), once.wall, f"<= {LARGE:.0f} s", met=once.wall <= LARGE)
    past = (datetime.now(UTC) - timedelta(days=200)).date().isoformat()
    took = ran([AULD, "digest", "--now", past], **environ)
    say("auld digest --now, 200 days ago", seconds(took))
    say("  its memory, and the size of the store", f"{took.peak:,.0f} MB, {store_of(environ):,.0f} MB")


def asked(messages: int) -> Iterator[tuple[str, ...]]:
    yield ("people",)
    yield ("find", "loom")  # in every tenth subject
    yield ("find", "loom", "warp", "saffron")
    yield ("digest",)


def store_of(environ: Mapping[str, str]) -> float:
    return sum(path.stat().st_size for path in Path(environ["AULD_HOME"]).glob("auld.db*")) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (default: all)")
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the generated mailboxes here, and use those that are")
    parser.add_argument("--do", choices=("pull", "learn"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.do:
        gc.set_threshold(AT_ONCE, 20, 20)  # as `auld` does
        {"pull": pull, "learn": learn}[args.do]()
        return
    parts = args.parts or PARTS
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
        say("", "wall, cpu", None, "bar")
        if "start" in parts:
            starting(folder, args.rounds)
        if "import" in parts:
            importing(folder, args.messages, args.rounds)
        if "learn" in parts:
            learning(folder, args.messages, args.rounds)
        if "large" in parts:
            large(folder, args.large, args.rounds)
        print(f"load {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
