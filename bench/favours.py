"""Does `auld ask` fall into the favour trap? Three invented people who know the same, in each real mailbox.

One is warm; one did more for the owner of late than the owner for them; one has been silent for years. The warm one has
to stand first, before everybody of the mailbox, too; of the second it has to be said that something is owed, of the
third that something be given first. Beside it how long an answer takes. Nothing of the mailbox is printed.

    python bench/favours.py                      every mailbox, headers only
    python bench/favours.py farmer-d --mode text
"""

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent import favours, fresh, work
from agent.boundaries import Rules
from agent.cli.ask import lore_of
from agent.morning import morning_of
from bench.data import owners
from bench.mornings import ZONE, Mode, copied, imported
from bench.seeds import Seed, sown
from connectors.contract import Party

NEED, SKILL = "somebody who knows about astrolabe engraving", "Astrolabe engraving"
WARM = Party("wim.warm@planted.example", "Wim Warm")
OWED = Party("olga.owed@grafted.example", "Olga Owed")
COLD = Party("kurt.cold@sown.example", "Kurt Cold")

COUNTED = ("first", "owed said", "cold said", "seconds")


def seeds(me: Party) -> tuple[Seed, ...]:
    """All three wrote about the skill, both ways; one of them helped twice since; one is silent."""
    found = []
    for who, since in ((WARM, 30), (OWED, 30), (COLD, 1_400)):
        for ago in (180, 90, 0):
            found += [
                Seed(since + ago + 1, me, who, f"{SKILL}, part {ago}"),
                Seed(since + ago, who, me, f"Re: {SKILL}, part {ago}"),
            ]
    for ago in (60, 40):
        asked = f"Could you send me the star tables of {ago}?"
        found += [
            Seed(ago, me, OWED, asked, "Hello,\n\ncould you please send me the star tables?\n"),
            Seed(ago - 1, OWED, me, f"Re: {asked}", "Here they are."),
        ]
    return tuple(found)


def asked(base: Path, own: list[str], mode: Mode, now: datetime) -> tuple[bool, bool, bool, float]:
    """Whether each of the three is as it should be, and how many seconds the answer took; `base` is the mailbox as
    `imported` has it.
    """
    at = int(now.timestamp())
    with copied(base) as store:
        sown(store, seeds(Party(own[0], "")), now, mode, own)
        fresh.learn(store, own, ZONE, now)
        begun = time.perf_counter()
        known = work.Remembered(store, at)
        lore = lore_of(NEED, store, known, store.stated(at))
        found = favours.helpers(NEED, lore, known, morning_of(known, store, at, ZONE), Rules(), 5).helpers
        took = time.perf_counter() - begun
    by = {one.person.addresses[0]: one for one in found}
    owed, cold = by.get(OWED.address), by.get(COLD.address)
    first = bool(found) and found[0].person.addresses[0] == WARM.address
    return first, bool(owed and owed.owes), bool(cold and cold.cold), took


def day_of(facts: dict[str, Any]) -> datetime:
    """The last morning of a mailbox, by what the inventory says of it."""
    return datetime.fromisoformat(facts["sent_to"]).replace(hour=8, tzinfo=ZONE)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    ask.add_argument("owners", nargs="*")
    ask.add_argument("--mode", choices=["headers", "text"], default="headers")
    args = ask.parse_args()
    print(f"{'mailbox':14} " + "  ".join(COUNTED))
    all_of: list[tuple[bool, bool, bool, float]] = []
    for owner, (path, facts) in owners().items():
        if args.owners and owner not in args.owners:
            continue
        with imported(path, args.mode, facts["addresses"]) as base:
            row = asked(base, facts["addresses"], args.mode, day_of(facts))
        all_of.append(row)
        print(f"{owner:14} " + "  ".join(f"{cell!s:>{len(name)}.5}" for name, cell in zip(COUNTED, row, strict=True)))
        sys.stdout.flush()
    if all_of:
        n = len(all_of)
        said_ = ", ".join(f"{name} {sum(bool(row[k]) for row in all_of)} of {n}" for k, name in enumerate(COUNTED[:3]))
        print(f"{said_}; slowest answer {max(row[3] for row in all_of):.2f} s")


if __name__ == "__main__":
    main()
