"""Does our protocol give the baselines' own figures, and does our ranking beat them? Over AULD_DATA.

usage: python bench/backtest.py [enron|enron_extra|eu|texts ...] [--check]
       --check also runs the data's own script and compares every baseline, to rounding.
"""

import argparse
import gzip
import lzma
import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.backtest import Mailbox, backtest
from agent.backtest.foretelling import Answers
from agent.backtest.tables import OURS, Table, table
from agent.baselines import Event
from agent.model import DAY
from agent.moments import Stood
from bench.data import data

MOST = 10
FILES = {
    "eu": ("email-Eu-core-temporal.txt.gz", 50, 180),
    "texts": ("text-Reality.txt.xz", 30, 120),
}

MOST_BESIDE = 30
"""Whoever stands with more than so many others in a mail is not looked for in an edge list: it has no announcements."""

Mailboxes = dict[str, Mailbox]


def mailboxes(name: str) -> Mailboxes:
    """The open mailboxes of one data set, as the data's own script cuts them."""
    return enron("events_extra" if name == "enron_extra" else "events") if name.startswith("enron") else egos(name)


def enron(folder: str) -> Mailboxes:
    """One owner a file."""
    found: Mailboxes = {}
    for path in sorted((data() / "enron" / "open" / folder).glob("*.tsv.xz")):
        with lzma.open(path, "rt") as lines:
            next(lines)
            rows = [line.rstrip("\n").split("\t") for line in lines]
        beside: dict[tuple[float, str], set[str]] = defaultdict(set)
        for t, _, who, _, _, mail in rows:
            beside[float(t), mail].add(who)
        found[path.name.removesuffix(".tsv.xz")] = numbered(
            {
                (float(t), way, who)
                for t, way, who, n, role, _ in rows
                if int(n) <= MOST and (way, role) != ("in", "other")
            },
            [(t, people) for (t, _), people in beside.items()],
        )
    return found


def egos(name: str) -> Mailboxes:
    """Mailboxes out of an edge list: people with enough mail each way over long enough; the open half of them."""
    file, least, days = FILES[name]
    path = data() / "temporal" / file
    mails: dict[tuple[str, float], set[str]] = defaultdict(set)
    with (gzip.open if file.endswith("gz") else lzma.open)(path, "rt") as lines:
        for line in lines:
            if line[:1] not in "#%\n":
                sender, receiver, moment = line.split()[:3]
                mails[sender, float(moment)].add(receiver)
    ego: dict[str, set[tuple[float, str, str]]] = defaultdict(set)
    beside: dict[str, list[tuple[float, set[str]]]] = defaultdict(list)
    for (sender, at), everybody in mails.items():
        receivers = everybody - {sender}
        if len(receivers) <= MOST_BESIDE:
            for one in (sender, *receivers):
                beside[one].append((at, {sender, *receivers} - {one}))
        if 0 < len(receivers) <= MOST:
            for receiver in receivers:
                ego[sender].add((at, "out", receiver))
                ego[receiver].add((at, "in", sender))
    able = sorted(owner for owner, found in ego.items() if enough(found, least, days))
    random.Random(20010802).shuffle(able)
    return {owner: numbered(ego[owner], beside[owner]) for owner in sorted(able[: (len(able) + 1) // 2][:200])}


def enough(found: set[tuple[float, str, str]], least: int, days: int) -> bool:
    """At least so many events each way, and sent ones over so many days."""
    sent = [at for at, way, _ in found if way == "out"]
    return len(sent) >= least and len(found) - len(sent) >= least and max(sent) - min(sent) >= days * DAY


def numbered(found: set[tuple[float, str, str]], beside: Sequence[tuple[float, set[str]]]) -> Mailbox:
    """People as numbers, in the order of their names, which is the order in which the script draws for ties."""
    number = {who: place for place, who in enumerate(sorted({who for _, _, who in found}))}
    events = [Event(at, "in" if way == "in" else "out", number[who]) for at, way, who in found]
    stood = [Stood(at, tuple(sorted(number[who] for who in people if who in number))) for at, people in beside]
    return Mailbox.of(events, (one for one in stood if one.people))


def show(of: Table) -> None:
    """One table, the best ten rankings and all of ours."""
    print(f"\nlabel {of.label}, silent > {of.silent:.0f} d: {of.mailboxes} mailboxes, {of.windows} windows ", end="")
    print(f"({of.skipped} skipped), {of.candidates} candidates, {of.positives} came true, base rate {of.base_rate:.3f}")
    print(f"{'ranking':34s}  AUC  [ 95 %    ]   P@5   MAP  [ 95 %    ]")
    for place, row in enumerate(of.rows):
        if place < 10 or row.ahead or row.name in of.best:
            auc, p5, precision = row.quality
            spans = [f"[{span.low:.3f} {span.high:.3f}]" for span in (row.auc, row.map)]
            print(f"{row.name:34s} {auc:.3f} {spans[0]} {p5:.3f} {precision:.3f} {spans[1]}")
    for row in of.rows:
        for figure, best, span in zip(("AUC", "P@5", "MAP"), of.best, row.ahead or (), strict=False):
            print(f"  {row.name} ahead of `{best}` in {figure}: {span.mean:+.3f} [{span.low:+.3f} {span.high:+.3f}]")


def show_answers(of: Answers) -> None:
    """Who foretells an answer, and do the numbers mean what they say."""
    print(f"\nthe owner writes after >= {of.silent:.0f} d: {of.asked} mails, {of.came} {of.outcome}")
    for place, (name, span) in enumerate(of.auc):
        if place < 6 or name in OURS:
            print(f"  {name:34s} AUC {span.mean:.3f} [{span.low:.3f} {span.high:.3f}]")
    print("  welcome by fifths, foretold / seen: " + ", ".join(f"{told:.2f}/{seen:.2f}" for told, seen in of.fifths))


def check(name: str, found: Mailboxes) -> bool:
    """Every baseline of both labels against the data's own script, to its three decimals."""
    same = True
    for label in ("A", "B"):
        script = [sys.executable, str(data() / "backtest_baselines.py"), "--set", name, "--label", label]
        out = subprocess.run(script, capture_output=True, text=True, check=True).stdout
        row = re.compile(r"^(.{38}) +(\d\.\d{3}) \[.*?\] +(\d\.\d{3}) \[.*?\] +(\d\.\d{3})$", re.MULTILINE)
        theirs = {said.strip(): tuple(figures) for said, *figures in row.findall(out)}
        ours = {
            row.name: tuple(f"{figure:.3f}" for figure in row.quality)
            for row in table(found, "A" if label == "A" else "B").rows
            if row.ahead is None
        }
        wrong = [said for said in theirs.keys() | ours.keys() if theirs.get(said) != ours.get(said)]
        print(f"check {name} {label}: {len(theirs) - len(wrong)} of {len(theirs)} baselines agree", *wrong, sep="\n  ")
        same &= not wrong and bool(theirs)
    return same


def main() -> int:
    """Print everything; 1 where the protocol differs from the script's."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", nargs="*", default=["enron"])
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    same = True
    for name in chosen.sets:
        print(f"== {name}")
        found = mailboxes(name)
        if chosen.check:
            same &= check(name, found)
        report = backtest(found)
        for of in report.tables:
            show(of)
        for told in report.answers:
            show_answers(told)
        print(f"\n{report.verdict}")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
