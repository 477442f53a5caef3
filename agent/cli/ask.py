"""`auld ask`: who could help?"""

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say
from agent.signals.logged import FOUND
from agent.words import listed

if TYPE_CHECKING:
    from agent.favours import Help, Helper, Lore
    from agent.model import Statement
    from agent.propose import Known
    from agent.store.store import Store

FEW = 3
"""People who are named, unless told otherwise: it is to be one who is asked."""

LONGEST = 400
"""Characters of a need; what is longer is a letter."""


@click.command("ask")
@click.argument("need", nargs=-1, required=True)
@click.option(
    "--most", type=click.IntRange(1, 20), default=FEW, metavar="N", help=f"So many people at the most ({FEW})."
)
@as_json
def ask_(need: tuple[str, ...], most: int, json_: bool) -> None:
    """Tell who could help you with something, and what to heed before you ask them.

    Nothing is sent, and the question is not kept: auld ask somebody who restores copperplates
    """
    from agent import favours, work
    from agent.boundaries import Rules
    from agent.cli.home import known
    from agent.morning import morning_of

    wanted = " ".join(" ".join(need).split())
    if not wanted or len(wanted) > LONGEST:
        raise Ends(f"Say what you need in a few words, {LONGEST} characters at the most.", USAGE)
    with known() as (house, store, present):
        at = int(present.timestamp())
        remembered = work.Remembered(store, at)
        stated = store.stated(at)
        found = favours.helpers(
            wanted,
            lore_of(wanted, store, remembered, stated),
            remembered,
            morning_of(remembered, store, at, house.zone),
            Rules(house.settings.boundaries.never, tuple(stated)),
            most,
        )
        if json_:
            out(
                {
                    "need": wanted,
                    "clear": found.clear,
                    "unknown": list(found.unknown),
                    "people": [*map(data, found.helpers)],
                }
            )
            return
        for line in told(found):
            say(line)


def lore_of(need: str, store: "Store", known: "Known", stated: "list[Statement]") -> "Lore":
    """What is known of what people know, as far as it may touch the need."""
    from agent.favours import Lore, needed

    whose = {address: person.id for person in known.people() for address in person.addresses}
    notes: defaultdict[int, list[str]] = defaultdict(list)
    cards: defaultdict[int, list[str]] = defaultdict(list)
    for said in stated:
        if said.verb in FOUND:
            for person in {whose[address] for address in said.addresses if address in whose}:
                notes[person].append(said.text)
    for card in store.cards():
        for person in {whose[address.lower()] for address in card.addresses if address.lower() in whose}:
            cards[person] += filter(None, (card.organisation, card.note))
    people, topics = store.knowing(needed(need))
    return Lore(max(people, len(notes), len(cards)), topics, notes, cards)


def told(found: "Help") -> list[str]:
    """The answer in lines."""
    lines = []
    if not found.helpers:
        lines.append("Nobody you know speaks of that: no topic, no note and no card of theirs names it.")
    elif not found.clear:
        nearest = "These come nearest:" if len(found.helpers) > 1 else "This one comes nearest:"
        lines.append(f"Nobody stands out for this. {nearest}")
    for helper in found.helpers:
        lines.append(f"{helper.person.name} <{helper.person.addresses[0]}>")
        lines += [f"  {sentence}" for sentence in helper.says]
    if found.unknown and found.helpers:
        lines.append(f"Nothing that you have says who knows of {listed(found.unknown, 'or')}.")
    return lines


def data(helper: "Helper") -> dict[str, object]:
    """One person as plain data; times are POSIX seconds, UTC."""
    return {
        "name": helper.person.name,
        "addresses": list(helper.person.addresses),
        "says": list(helper.says),
        "owes": helper.owes,
        "cold": helper.cold,
        "evidence": [{"at": c.at, "by": c.by, "subject": c.subject} for c in helper.cites],
    }
