"""`auld review`: look back on a quarter, for oneself alone."""

from datetime import date
from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say

if TYPE_CHECKING:
    from datetime import datetime

    from agent.retrospect import Quarter
    from agent.review import Finding, Own
    from agent.store.store import Store
    from agent.wiring import House


@click.command("review")
@click.option("--quarter", metavar="QUARTER", help="Such as 2026-Q3; the last one that is over, unless told otherwise.")
@click.option("--satisfied", type=click.IntRange(1, 5), metavar="1-5", help="How satisfied you are; kept for yourself.")
@click.option("--pressed", type=click.Choice(["yes", "no"]), metavar="yes|no", help="Whether you felt pressed.")
@as_json
def review_(quarter: str | None, satisfied: int | None, pressed: str | None, json_: bool) -> None:
    """Look back on a quarter: what came back, and what lived on.

    It stays on this machine, and there is nothing to compare it with. `auld undo` takes back what you say of it.
    """
    from agent.cli.home import known
    from agent.review import VERB, Own, felt, in_lines, kept, said_of
    from agent.words import local

    with known() as (house, store, present):
        at = int(present.timestamp())
        meant = quarter_of(quarter, local(at, house.zone))
        own = Own(satisfied or 0, None if pressed is None else pressed == "yes")
        if own != Own():
            store.say(VERB, (), kept(meant, own), at=at)
        stated = store.stated(at)
        told = looked_back(house, store, present, meant)
        says, earlier = said_of(meant, stated), said_of(meant.before, stated)
        if json_:
            out(data(meant, told, says))
            return
        ended = meant.next.start <= local(at, house.zone)
        say(f"Looking back on {meant}{'' if ended else ', as far as it has come'}:")
        for sentence in (*in_lines(told), *felt(says, earlier)):
            say(f"  {sentence}")
        if says == Own():
            say("How was it for you? `auld review --satisfied 4 --pressed no` keeps it, for yourself.")


def quarter_of(text: str | None, today: date) -> "Quarter":
    """The quarter that is meant. Raises Ends."""
    from agent.retrospect import Quarter

    present = Quarter.of(today)
    if text is None:
        return present.before
    found = Quarter.read(text)
    if found is None:
        raise Ends(f"--quarter {text}: not a quarter. Write {present.before}.", USAGE)
    if found > present:
        raise Ends(f"--quarter {text} has not begun.", USAGE)
    return found


def looked_back(house: "House", store: "Store", present: "datetime", quarter: "Quarter") -> "list[Finding]":
    """What can be told of a quarter, from all that passed."""
    from agent import retrospect, review
    from agent.fresh import studied

    at = int(present.timestamp())
    learned = studied(store, house.settings.me.addresses, house.zone, at)
    ties = [tie for tie in learned.ties if tie.person.kind == "person"]
    stated = store.stated(at)
    people = {address: tie.person for tie in ties for address in tie.person.addresses}
    both = (*retrospect.introduced(stated, people), *retrospect.agreed(stated, people))
    pairs = {number for pair in both for number in pair}
    them = {address for address, person in people.items() if person.id in pairs}
    facts = store.facts(until=at, addresses=them) if them else ()
    span = quarter.span(house.zone)
    shown = store.shown(span.start, span.end)
    return review.findings(ties, shown, stated, facts, learned.own, quarter, house.zone, at)


def data(quarter: "Quarter", told: "list[Finding]", own: "Own") -> dict[str, object]:
    """A quarter as plain data; `satisfied` is 0 and `pressed` null where nothing was said."""
    return {
        "quarter": str(quarter),
        "findings": [{"about": one.about, "so": one.so, "of": one.of, "says": one.says} for one in told],
        "satisfied": own.satisfied,
        "pressed": own.pressed,
    }
