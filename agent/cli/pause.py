"""`auld pause`: no digest until then."""

import re
from datetime import date, datetime, time, timedelta

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import say

FORMS = "Write a day (2027-01-06, monday), a number of days (7, 2 weeks), or `auld pause off`."

LONGEST = 3_650
"""Days; whoever wants none for longer says no day at all."""

_LENGTH = re.compile(r"(\d{1,5}) ?(days?|weeks?)?")


@click.command("pause")
@click.argument("until", nargs=-1, metavar="[DAY|N [days|weeks]|off]")
def pause_(until: tuple[str, ...]) -> None:
    """Send no digest until that day, or until you say `auld pause off`.

    Mail is read as before, and `auld digest --via stdout` shows who there would be.
    """
    from agent import quiet
    from agent.cli.home import opened
    from agent.wiring import now
    from agent.words import long_day

    with opened() as (house, store):
        present = now()
        at, today = int(present.timestamp()), present.astimezone(house.zone).date()
        said = [(one.text, one.until) for one in store.stated(at) if one.verb == quiet.VERB]
        before = quiet.pause_of(said)
        if " ".join(until).lower() == quiet.OFF:
            if before is None or not before.holds(at):
                say("There is no pause.")
                return
            store.say(quiet.VERB, (), quiet.OFF, at=at)
            say("The pause is over: the digest comes as before. `auld undo` takes that back.")
            return
        day = ends(" ".join(until).lower(), today)
        if day is None:
            store.say(quiet.VERB, (), at=at)
            say("No digest until you say `auld pause off`.")
            return
        store.say(
            quiet.VERB, (), day.isoformat(), until=int(datetime.combine(day, time(), house.zone).timestamp()), at=at
        )
        say(f"No digest until {long_day(day)}. `auld pause off` ends the pause.")


def ends(said: str, today: date) -> date | None:
    """The first day on which a digest may come again; None where none is said. Raises Ends."""
    from config.quiet import DAYS

    if not said:
        return None
    if length := _LENGTH.fullmatch(said):
        days = int(length[1]) * (7 if (length[2] or "").startswith("week") else 1)
        if not 1 <= days <= LONGEST:
            raise Ends(f"{said}: a pause lasts a day at least, and {LONGEST:,} at most.", USAGE)
        return today + timedelta(days=days)
    for number, day in enumerate(DAYS):
        if said in (day, day[:3]):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    try:
        day_said = date.fromisoformat(said)
    except ValueError:
        raise Ends(f"{said}: no day and no number of days. {FORMS}", USAGE) from None
    if not today < day_said <= today + timedelta(days=LONGEST):
        raise Ends(f"{said} does not lie ahead, or too far. {FORMS}", USAGE)
    return day_said
