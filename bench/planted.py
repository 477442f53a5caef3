"""Is what we plant into a real mailbox found? Invented people, with a reason to be proposed, among thousands of mails.

An introduction: one invented person asks for something that another writes about, and the two never stood in one mail.
A promise: the owner wrote that they will send something, and nothing went out since. A link: a newsletter (or, where
only headers are read, a feed) tells of what one of them writes about. Each has to stand among the five of that morning.
Kept: the same of another, but the mails that tell of it are marked confidential or came from within one company, as
did the entry of the feed; none of it may stand there. Trap: `bench.favours`, once for each mailbox.
The liveliest people of the mailbox are called work. Nothing of the mailbox is printed.

    python -m bench.planted                       every mailbox, every fourth of its twelve mornings
    python -m bench.planted --every 6 --mode text
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from agent import work
from agent.model import Proposal
from agent.store.store import Store
from bench import favours
from bench.data import owners
from bench.mornings import ZONE, Mode, call_work, copied, imported, mornings
from bench.seeds import STREAM, Seed, sown
from config.settings import Digest, Me, Settings
from connectors.contract import Item, Page, Party

TOP = 5
"""People of a digest at the very most, so that what is found stands among them."""

EVERY = 4
"""Every fourth of the twelve mornings, unless told otherwise."""

ASKS = Party("wilma.asker@planted.example", "Wilma Asker")
KNOWS = Party("otto.knower@grafted.example", "Otto Knower")
WAITS = Party("edda.waiter@sown.example", "Edda Waiter")
READS = Party("rita.reader@offshoot.example", "Rita Reader")
OUTSIDE = Party("gerda.guarded@cutting.example", "Gerda Guarded")
POST = Party("post@orrery-post.example", "The Orrery Post")
PARTNER = Party("paul.partner@scion.example", "Paul Partner")
COLLEAGUE = "colin.colleague"  # at the owner's own organisation
SKILL = "Astrolabe engraving"


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
        Seed(
            5, me, Party("nils.next@next.example", "Nils Next"), "The gnomon"
        ),  # where they write to nobody, who knows
    )
    return Plant(turns, (), lambda p: p.kind == "promise" and WAITS.address in p.person.addresses, ("text",))


def link(me: Party) -> Plant:
    """One who cares about something of which a newsletter or a feed tells."""
    title = "The orrery gears of Leiden, cut by hand again"
    issue = Seed(2, POST, me, "This month in instruments", linked(title), bulk=True)
    turns = (*talks(me, READS, "Orrery gears", ", the brass"), issue)
    return Plant(turns, (), lambda p: p.gift.kind == "link" and title in p.gift.says, feed=(title,))


def kept(me: Party) -> Plant:
    """One who cares about something of which one may not speak outside, and would be told of it otherwise."""
    colleague = Party(f"{COLLEAGUE}@{me.address.rpartition('@')[2]}", "Colin Colleague")
    turns = (
        *talks(me, OUTSIDE, "Pantograph arms", " in brass"),
        *talks(me, PARTNER, "The scion garden", ", its wall"),
        Seed(
            3,
            PARTNER,
            me,
            "Confidential: what we draw",
            linked("Pantograph arms of the yard, drawn anew"),
            bulk=True,
        ),
        Seed(4, colleague, me, "What we build next year", linked("Pantograph arms for next year, in steel"), bulk=True),
    )
    feed = ("Internal use only: the pantograph arms of next year",)
    return Plant(turns, (PARTNER,), lambda p: p.gift.kind == "link" and "antograph" in p.gift.says, feed=feed)


def talks(me: Party, who: Party, matter: str, more: str) -> tuple[Seed, ...]:
    """A real exchange about one matter, and one word of theirs more."""
    return tuple(
        Seed(ago - turn, *((me, who) if turn == 1 else (who, me)), f"{'Re: ' if turn else ''}{matter}{added}")
        for ago, added in ((220, ""), (160, more), (100, ", once more"), (41, ""))
        for turn in (0, 1, 2)
    )


def linked(title: str) -> str:
    """The text of a mail that tells of something under its title."""
    page = "-".join(title.casefold().split()[1:4])
    return f"<p>Hello,</p><p><a href='https://instruments.example/{page}'>{title}</a></p><p>More next month.</p>"


PLANTS: dict[str, Callable[[Party], Plant]] = {"introduction": introduction, "promise": promise, "link": link}
"""What is planted and has to be found, each by its name in the table."""

KEPT, TRAP = "kept", "trap"


def plant(store: Store, what: Plant, now: datetime, mode: Mode, own: Sequence[str]) -> None:
    """Put the mails into the store, as they would have come by `now`, and say who is work."""
    sown(store, what.seeds, now, mode, own)
    published, titles = now - timedelta(days=2), what.feed if mode == "headers" else ()
    items = (Item(title, title, f"https://feed.example/{len(title)}", published, "A feed") for title in titles)
    store.record("feeds", STREAM, Page(tuple(items), {"v": 1}), at=now)
    for party in what.work:
        store.say("work", (party.address,), at=int((now - timedelta(days=1)).timestamp()))


def tried(base: Path, own: Sequence[str], mode: Mode, when: Sequence[datetime]) -> Iterator[dict[str, bool]]:
    """For each of these mornings what came of each plant, whether it was as it should be; `base` is the mailbox as
    `imported` has it.
    """
    settings = Settings(me=Me(addresses=tuple(own)), digest=Digest(people=TOP))
    me = Party(own[0], "")
    for now in when:  # each morning in a store of its own: what is planted is dated by it
        with copied(base) as store:
            plants = {name: make(me) for name, make in PLANTS.items()}
            secret = kept(me)
            for one in (*plants.values(), secret):
                plant(store, one, now, mode, own)
            call_work(store, own, now)
            top = work.make(store, settings, now, ZONE, past=True).outcome.proposals[:TOP]
            yield {
                **{name: any(map(one.found, top)) for name, one in plants.items() if mode in one.modes},
                KEPT: not any(map(secret.found, top)),
            }


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    ask.add_argument("owners", nargs="*")
    ask.add_argument("--mode", choices=["headers", "text"], action="append")
    ask.add_argument("--every", type=int, default=EVERY, help=f"every so manieth of twelve mornings ({EVERY})")
    args = ask.parse_args()
    names = (*PLANTS, KEPT, TRAP)
    total: dict[str, list[bool]] = {name: [] for name in names}
    print(f"{'mailbox':14} {'mode':8} " + "  ".join(names))
    for owner, (path, facts) in owners().items():
        if args.owners and owner not in args.owners:
            continue
        when = mornings(date.fromisoformat(facts["sent_from"]), date.fromisoformat(facts["sent_to"]))[:: args.every]
        for mode in args.mode or ["headers", "text"]:
            with imported(path, mode, own := facts["addresses"]) as base:
                found = list(tried(base, own, mode, when))
                found.append({TRAP: all(favours.asked(base, own, mode, favours.day_of(facts))[:3])})
            cells = {name: [one[name] for one in found if name in one] for name in names}
            for name, some in cells.items():
                total[name] += some
            print(f"{owner:14} {mode:8} " + "  ".join(
                f"{f'{sum(some)}/{len(some)}' if some else '-':>{len(name)}}" for name, some in cells.items()
            ))  # fmt: skip
            sys.stdout.flush()
    says = {KEPT: "told to nobody", TRAP: "seen through"}
    for name, came in total.items():
        print(f"{name}: {sum(came)} of {len(came)} {says.get(name, f'among the first {TOP}')}")


if __name__ == "__main__":
    main()
