"""`auld log`: what passed beside mail and calendar."""

from datetime import date, datetime, time, tzinfo

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import say
from agent.cli.say import meant

VERBS = {"me": "log mine", "them": "log theirs", None: "log"}
"""Who called or wrote, and what is kept of it."""

NOON = time(12)
"""When it was, where only the day is told: at noon it is that day in every zone nearby."""


@click.command("log")
@click.argument("who", metavar="NUMBER|NAME")
@click.argument("text", nargs=-1)
@click.option("--day", metavar="DAY", help="When it was, such as 2026-05-09; today, unless told otherwise.")
@click.option("--by", type=click.Choice(["me", "them"]), metavar="me|them", help="Who called, asked or wrote.")
def log_(who: str, text: tuple[str, ...], day: str | None, by: str | None) -> None:
    """Log a call, a coffee or a letter: it counts as a contact of that day.

    A name of several words stands in quotes: auld log "Ada Weber" coffee at the pier --day 2026-05-09
    """
    from agent.cli.home import known, learn
    from agent.words import local, long_day

    with known() as (house, store, present):
        at = int(present.timestamp())
        person = meant(who, store, at)
        when = moment_of(day, house.zone, present)
        said = " ".join(text)
        store.say(VERBS[by], person.addresses, text=said, until=when, at=at)
        learn(house, store, present, anew=True)
        about = f", {said}" if said else ""
        say(f"{person.name}: logged for {long_day(local(when, house.zone))}{about}. `auld undo` takes it back.")


def moment_of(day: str | None, zone: tzinfo, present: datetime) -> int:
    """The moment of a contact on that day, in POSIX seconds. Raises Ends where there can have been none."""
    now = int(present.timestamp())
    if day is None:
        return now
    try:
        at = int(datetime.combine(date.fromisoformat(day), NOON, zone).timestamp())
    except (ValueError, OverflowError):
        raise Ends(f"--day {day}: not a day. Write 2026-05-09.", USAGE) from None
    today = present.astimezone(zone).date()
    if date.fromisoformat(day) > today:
        raise Ends(f"--day {day} is still to come: log it when it has been.", USAGE)
    if at <= 0:
        raise Ends(f"--day {day} is too long ago to be kept.", USAGE)
    return min(at, now)
