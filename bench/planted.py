"""Is what we plant into a real mailbox found? Invented people, with a reason to be proposed, among thousands of mails.

An introduction: one invented person asks for something that another writes about, and the two never stood in one mail.
Both are called work, and so are the liveliest people of the mailbox. A promise: the owner wrote that they will send
something, and nothing went out since. Each has to stand among the five of that morning.
Nothing of the mailbox is printed.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from agent import wiring, work
from agent.model import Proposal
from agent.store.store import Store
from agent.texts import said
from bench.data import owners
from bench.mornings import ZONE, mornings, pulled
from config.settings import Digest, Me, Settings
from connectors.contract import Interaction, Item, Page, Party, Stream

Mode: TypeAlias = Literal["headers", "text"]

TOP = 5
"""People of a digest at the very most, so that what is found stands among them."""

EVERY = 4
"""Every fourth of the twelve mornings, unless told otherwise."""

LIVELY = 40
"""So many of the mailbox are called work, those of the latest contact: so many one would say it of, in time."""

EXCHANGES = 3
"""Mails each way of theirs, at the least."""

STREAM = Stream("planted", "planted")

ASKS = Party("wilma.asker@planted.example", "Wilma Asker")
KNOWS = Party("otto.knower@grafted.example", "Otto Knower")
WAITS = Party("edda.waiter@sown.example", "Edda Waiter")
READS = Party("rita.reader@offshoot.example", "Rita Reader")
SKILL = "Astrolabe engraving"


@dataclass(frozen=True, slots=True)
class Seed:
    """One invented mail: how many days before the morning, from whom to whom, and what stands in it."""

    ago: float
    sender: Party
    to: Party
    subject: str
    text: str = "As we said."


@dataclass(frozen=True, slots=True)
class Plant:
    """What is planted for one owner, whom of it the user calls work, and what has to be proposed of it."""

    seeds: tuple[Seed, ...]
    work: tuple[Party, ...]
    found: Callable[[Proposal], bool]
    modes: tuple[Mode, ...] = ("headers", "text")  # where it can be seen at all
    feed: tuple[str, ...] = ()  # titles of what stood in a feed two days before the morning


def introduction(me: Party) -> Plant:
    """One who asks for what another knows, both in a real exchange with the owner."""
    turns = (
        Seed(200, ASKS, me, "The observatory roof"),
        Seed(199, me, ASKS, "Re: The observatory roof"),
        Seed(90, ASKS, me, "The observatory dome"),
        Seed(89, me, ASKS, "Re: The observatory dome"),
        Seed(
            9, ASKS, me, "Who knows about astrolabe engraving?",
            "Hello,\n\nour astrolabe lost its star names. Do you know anybody who still does astrolabe engraving, and"
            " could you recommend somebody?\n",
        ),
        *(
            Seed(ago - half, *((KNOWS, me) if half else (me, KNOWS)), f"{'Re: ' if half else ''}{SKILL}{more}")
            for ago, more in ((220, ""), (120, ", the tools"), (30, " in brass"))
            for half in (0, 1)
        ),
    )  # fmt: skip
    theirs = {ASKS.address, KNOWS.address}
    return Plant(turns, (ASKS, KNOWS), lambda p: p.kind == "introduce" and not theirs.isdisjoint(p.person.addresses))


def promise(me: Party) -> Plant:
    """One to whom the owner promised something by mail, which a text alone tells."""
    turns = (
        Seed(160, WAITS, me, "The sundial on the wall"),
        Seed(159, me, WAITS, "Re: The sundial on the wall"),
        Seed(70, me, WAITS, "Sundial mottoes"),
        Seed(68, WAITS, me, "Re: Sundial mottoes"),
        Seed(12, me, WAITS, "Sundial makers", "Hello,\n\nI will send you the list of sundial makers.\n"),
    )
    return Plant(turns, (), lambda p: p.kind == "promise" and WAITS.address in p.person.addresses, ("text",))


def link(me: Party) -> Plant:
    """One who cares about something of which a feed tells."""
    turns = (
        Seed(ago - turn, *((me, READS) if turn == 1 else (READS, me)), f"{'Re: ' if turn else ''}{more}")
        for ago, more in (
            (220, "Orrery gears"),
            (160, "Orrery gears, the brass"),
            (100, "Orrery"),
            (41, "Orrery gears"),
        )
        for turn in (0, 1, 2)
    )
    title = "The orrery gears of Leiden, cut by hand again"
    return Plant(tuple(turns), (), lambda p: p.gift.kind == "link" and title in p.gift.says, feed=(title,))


PLANTS: dict[str, Callable[[Party], Plant]] = {"introduction": introduction, "promise": promise, "link": link}
"""What is planted, each by its name in the table."""


def plant(store: Store, what: Plant, now: datetime, mode: Mode, own: Sequence[str]) -> None:
    """Put the mails into the store, as they would have come by `now`, and say who is work."""
    found = [mail(number, seed, now - timedelta(days=seed.ago)) for number, seed in enumerate(what.seeds)]
    texts = {one.id: seed.text for one, seed in zip(found, what.seeds, strict=True)} if mode == "text" else {}
    page = Page(tuple(found), {"v": 1}, texts=texts)
    store.account("planted", "mbox", archive=True)
    marks = said(page, wiring.marker(own), store, "planted").marks
    store.record("planted", STREAM, page, marks, at=now)
    published = now - timedelta(days=2)
    items = (Item(title, title, f"https://feed.example/{len(title)}", published, "A feed") for title in what.feed)
    store.record("feeds", STREAM, Page(tuple(items), {"v": 1}), at=now)
    for party in what.work:
        store.say("work", (party.address,), at=int((now - timedelta(days=1)).timestamp()))


def call_work(store: Store, own: Sequence[str], now: datetime) -> None:
    """Call the liveliest of the mailbox work."""
    until = int(now.timestamp())
    learned = work.studied(store, own, ZONE, until)
    people = {person.id: person for person in learned.people if person.kind == "person"}
    lively = [s for s in learned.standings if s.person in people and min(s.mine, s.theirs) >= EXCHANGES]
    for standing in sorted(lively, key=lambda s: -s.last)[:LIVELY]:
        store.say("work", people[standing.person].addresses, at=until - 1)


def mail(number: int, seed: Seed, at: datetime) -> Interaction:
    """The mail as a connector gives it."""
    invented = (ASKS, KNOWS, WAITS, READS)
    return Interaction(
        id=f"{seed.subject} {number}",
        sent=at,
        dated_by="date",
        sender=seed.sender,
        to=(seed.to,),
        subject=seed.subject,
        message_id=f"{len(seed.subject)}.{number}.{at.timestamp():.0f}@planted.example",
        labels=("\\Inbox",) if seed.sender in invented else ("\\Sent",),
    )


def tried(path: Path, own: Sequence[str], mode: Mode, when: Sequence[datetime]) -> Iterator[dict[str, bool]]:
    """For each of these mornings whether each plant stands in the digest."""
    settings = Settings(me=Me(addresses=tuple(own)), digest=Digest(people=TOP))
    for now in when:  # each morning in a store of its own: what is planted is dated by it
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
            pulled(store, path, mode, own)
            plants = {name: make(Party(own[0], "")) for name, make in PLANTS.items()}
            for one in plants.values():
                plant(store, one, now, mode, own)
            call_work(store, own, now)
            made = work.make(store, settings, now, ZONE, past=True)
            yield {
                name: any(map(one.found, made.outcome.proposals[:TOP]))
                for name, one in plants.items()
                if mode in one.modes
            }


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    ask.add_argument("owners", nargs="*")
    ask.add_argument("--mode", choices=["headers", "text"], action="append")
    ask.add_argument("--every", type=int, default=EVERY, help=f"every so manieth of twelve mornings ({EVERY})")
    args = ask.parse_args()
    boxes = owners()
    total: dict[str, list[bool]] = {name: [] for name in PLANTS}
    print(f"{'mailbox':14} {'mode':8} " + "  ".join(PLANTS))
    for owner, (path, facts) in boxes.items():
        if args.owners and owner not in args.owners:
            continue
        when = mornings(date.fromisoformat(facts["sent_from"]), date.fromisoformat(facts["sent_to"]))[:: args.every]
        for mode in args.mode or ["headers", "text"]:
            found = list(tried(path, facts["addresses"], mode, when))
            for name in PLANTS:
                total[name] += [one[name] for one in found if name in one]
            seen = {name: [one[name] for one in found if name in one] for name in PLANTS}
            print(f"{owner:14} {mode:8} " + "  ".join(f"{sum(some)}/{len(some)}" for some in seen.values()))
            sys.stdout.flush()
    for name, came in total.items():
        print(f"{name}: {sum(came)} of {len(came)} among the first {TOP}")


if __name__ == "__main__":
    main()
