"""Whose birthday or work anniversary is it?"""

from agent.gifts.occasion import occasion
from agent.model import DAY, Morning, Occasion, Pool, Proposal, Standing, Tie
from agent.proposals.reconnect import EXCHANGES
from agent.proposals.sentences import made, who_wrote_last
from agent.words import DAYS, MONTHS, clipped, first_name, local

POOL: Pool = "keeping up"

NEEDS = "No birthday or work anniversary of theirs is near."

ACQUAINTED = 3 * 365
"""Days: to whom one has not written for longer than this, a wish out of the blue would look like a list."""

TODAY = 10.0
"""What is of this day goes before all that any other day would do for."""


def fits(standing: Standing, morning: Morning) -> bool:
    """It is their day, and there was a real exchange in the last years."""
    exchanged = min(standing.mine, standing.theirs) >= EXCHANGES
    lately = min(standing.last_mine, standing.last_theirs) >= morning.now - ACQUAINTED * DAY
    return standing.person in morning.almanac.occasions and exchanged and lately


def weight(standing: Standing, morning: Morning) -> float:
    """It is of today, or of the days until the next digest."""
    return TODAY


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """A wish, and where the day stands."""
    gift, day = occasion(tie, standing, morning), morning.almanac.occasions.get(standing.person)
    if not gift or not day:
        return None
    name = clipped(first_name(tie.person.name), 40)
    why = f"{said(day, name, morning)}; {lower(who_wrote_last(tie, morning), name)}."
    return made("occasion", POOL, tie, standing, morning, why, gift)


def said(day: Occasion, name: str, morning: Morning) -> str:
    """'Ada’s 50th birthday is today, 14 August (your address book)'."""
    which = f"{day.age}th birthday" if day.age else day.name
    ahead = (day.day - local(morning.now, morning.zone)).days
    when = "today" if not ahead else "tomorrow" if ahead == 1 else f"on {DAYS[day.day.weekday()]}"
    date = f"{day.day.day} {MONTHS[day.day.month - 1]}"
    if day.leap:
        date = "29 February, which this year does not have"
        when = "kept today" if not ahead else f"kept {when}"
    return f"{name}’s {which} is {when}, {date} ({day.source})"


def lower(sentence: str, name: str) -> str:
    """The sentence as the second half of another; a name keeps its capital."""
    return sentence if sentence.startswith(name) else sentence[:1].lower() + sentence[1:]
