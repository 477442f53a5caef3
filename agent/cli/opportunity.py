"""`auld opportunity`: what somebody offered, from the note to the thanks. Nobody hears of it before the giver's yes."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say
from agent.cli.say import meant, named

if TYPE_CHECKING:
    from agent.model import Opportunity, Statement
    from agent.store.store import Store

STATES = ("asked", "yes", "no", "passed", "thanked")
"""How an opportunity goes on, as one says it."""

DIGITS = 9
"""Of a number that may be meant."""

LONGEST = 300
"""Characters of what is noted; the rest belongs into a mail."""

NEXT = {
    "offered": "ask first, then say: auld opportunity {n} asked",
    "asked": "when there is an answer: auld opportunity {n} yes, or no",
    "yes": "when you passed it on: auld opportunity {n} passed NAME",
    "no": "it stays with you",
    "passed": "when you said thanks: auld opportunity {n} thanked",
    "thanked": "done",
}
"""What is next in each state."""

HOW = """\
    auld opportunity Ada "A stall at the fair"   note what Ada offers
    auld opportunity 1 asked                     you asked Ada whether it may be passed on
    auld opportunity 1 yes                       Ada agreed (or: no)
    auld opportunity 1 passed Bruno              you passed it on
    auld opportunity 1 thanked                   you thanked Ada"""


@click.command("opportunity")
@click.argument("words", nargs=-1, metavar="[GIVER TEXT | NUMBER STATE]")
@as_json
def opportunity_(words: tuple[str, ...], json_: bool) -> None:
    """Note what somebody offered, and pass it on once they said yes; without words, list all.

    \b
    auld opportunity Ada "A stall at the fair"   note what Ada offers
    auld opportunity 1 asked                     you asked whether it may be passed on
    auld opportunity 1 yes                       Ada agreed (or: no)
    auld opportunity 1 passed Bruno              you passed it on
    auld opportunity 1 thanked                   you thanked Ada
    """
    from agent.cli.home import known
    from agent.gifts.opportunity import opportunities

    with known() as (house, store, present):
        at = int(present.timestamp())
        noted = opportunities(store.stated(at))
        if not words and json_:
            out({"opportunities": [described(one, store) for one in noted]})
        elif not words:
            for line in listed(noted, store, at, house.zone):
                say(line)
        elif words[0].isdecimal():
            say(moved(int(words[0][:DIGITS]), words[1:], noted, store, at))
        else:
            text = " ".join(" ".join(words[1:]).split())
            say(offered(words[0], text.encode("utf-8", "replace").decode(), store, at))


def offered(who: str, text: str, store: "Store", at: int) -> str:
    """Keeps what this person offers, and says so. Raises Ends."""
    from agent.gifts.opportunity import VERB, next_number, noted

    if not text:
        raise Ends(f'What do they offer? auld opportunity "{who}" "A stall at the fair"', USAGE)
    if len(text) > LONGEST:
        raise Ends(f"At most {LONGEST} characters are kept of it; that were {len(text)}.", USAGE)
    giver = named(who, store)
    number = next_number(store.stated(at))
    store.say(VERB, giver.addresses, text=noted(number, "offered", text), at=at)
    return f"{number}: {giver.name} offers “{text}”. {hint(number, 'offered')} `auld undo` takes it back."


def moved(number: int, words: Sequence[str], noted: "Sequence[Opportunity]", store: "Store", at: int) -> str:
    """Keeps how far an opportunity has come, and says what is next. Raises Ends."""
    from agent.gifts.opportunity import NEXT as FOLLOWS
    from agent.gifts.opportunity import VERB
    from agent.gifts.opportunity import noted as text_of

    state, who = (words[0] if words else ""), " ".join(words[1:])
    one = next((some for some in noted if some.number == number), None)
    if one is None:
        raise Ends(f"There is no opportunity {number}. `auld opportunity` lists them.", USAGE)
    if state not in STATES:
        raise Ends(f"How does it go on? One of: {', '.join(STATES)}. As in: auld opportunity {number} asked", USAGE)
    giver = name_of(one.giver, store)
    if state not in FOLLOWS[one.state]:
        raise Ends(cannot(state, one, giver), USAGE)
    if state == "passed":
        if not who:
            raise Ends(f"To whom? auld opportunity {number} passed NAME", USAGE)
        receiver = meant(who, store, at)
        if not set(receiver.addresses).isdisjoint(one.giver):
            raise Ends(f"{receiver.name} offered it. To whom did you pass it on?", USAGE)
        store.say(VERB, receiver.addresses, text=text_of(number, "to"), at=at)
    elif who:
        raise Ends(f"Only `passed` takes a name: auld opportunity {number} {state}", USAGE)
    store.say(VERB, one.giver, text=text_of(number, state), at=at)
    return f"{number}: “{one.says}”: {state}. {hint(number, state)} `auld undo` takes it back."


def whole(back: "Statement", store: "Store", at: int) -> None:
    """With a step that was taken back goes what it consisted of: to whom it was passed on is a statement of its own."""
    from agent.gifts.opportunity import in_words

    held = store.stated(at)
    number, _, state = in_words(back).partition(": ")
    if state == "passed" and held and held[-1].verb == back.verb and in_words(held[-1]) == f"{number}: to":
        store.undo(at)


def cannot(state: str, one: "Opportunity", giver: str) -> str:
    """Why it cannot go on so."""
    if state == "passed" and one.state in ("offered", "asked", "no"):
        said = f"{giver} said no" if one.state == "no" else f"{giver} has not said yes yet"
        return f"{said}: nobody hears of it before. After the yes: auld opportunity {one.number} yes"
    return f"It is at “{one.state}”, and cannot be “{state}”. {hint(one.number, one.state)}"


def hint(number: int, state: str) -> str:
    """What is next, as a sentence."""
    said = NEXT[state].format(n=number)
    return f"{said[:1].upper()}{said[1:]}."


def listed(noted: "Sequence[Opportunity]", store: "Store", at: int, zone: tzinfo) -> list[str]:
    """All of them, two lines each."""
    from agent.words import on

    if not noted:
        return ["Nothing is noted. So one does it:", *HOW.splitlines()]
    lines = []
    for one in noted:
        whom = [name_of(some, store) for some in one.receivers]
        state = f"{one.state} to {', '.join(whom)}" if one.state == "passed" and whom else one.state
        lines.append(f"{one.number}  {name_of(one.giver, store)}: “{one.says}”")
        lines.append(f"   {state} on {on(one.at, at, zone)}; {NEXT[one.state].format(n=one.number)}")
    return lines


def name_of(addresses: Sequence[str], store: "Store") -> str:
    """Who is behind these addresses, by name where there is one."""
    person = next((some for a in addresses if (some := store.person_of(a))), None)
    return person.name if person else addresses[0]


def described(one: "Opportunity", store: "Store") -> dict[str, object]:
    """An opportunity as plain data; times are POSIX seconds, UTC."""
    return {
        "number": one.number,
        "state": one.state,
        "since": one.at,
        "offered": one.offered,
        "text": one.says,
        "giver": {"name": name_of(one.giver, store), "addresses": list(one.giver)},
        "receivers": [{"name": name_of(some, store), "addresses": list(some)} for some in one.receivers],
    }
