"""Is this a day for a digest at all, and a week for as many people as usual?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from agent import quiet
from agent.agenda import FULL, WORKING_DAYS, day_off, taken
from agent.digest.plain import clean
from agent.model import DAY, Person, Statement
from agent.store.agenda import agenda
from agent.store.store import Store
from agent.words import clipped, local
from config.quiet import spans
from config.settings import Settings

WEEK = 2 * WORKING_DAYS
"""Days of the calendar that five working days can take, a weekend before and one between."""

TITLE = 60
"""Characters of what the calendar calls a day off."""


@dataclass(frozen=True, slots=True)
class Today:
    """Why no digest is sent today, "" where it is; and the share of the next days' working hours spent in meetings."""

    quiet: str = ""
    taken: float = 0.0


def today(
    store: Store, settings: Settings, people: Iterable[Person], stated: Iterable[Statement], at: int, zone: tzinfo
) -> Today:
    """What config, pause and calendar say of the local day of `at`, in POSIX seconds."""
    day = local(at, zone)
    said = quiet.pause_of((one.text, one.until) for one in stated if one.verb == quiet.VERB)
    why = quiet.because(day, at, spans(settings.boundaries.quiet), said)
    begins = int(datetime.combine(day, time(), zone).timestamp())
    entries = agenda(store, begins - DAY, begins + WEEK * DAY)  # whole days are midnights in UTC
    title = "" if why else day_off(entries, day, zone, (one.name for one in people if one.kind == "person"))
    if title:
        why = f"Your calendar says of today: {clipped(clean(title, TITLE), TITLE)}."
    return Today(why, taken(entries, day, zone))


def says(share: float) -> list[str]:
    """Why there is one person at most in a full week."""
    if share < FULL:
        return []
    hours, all_hours = round(share * WORKING_DAYS * 8), WORKING_DAYS * 8
    return [f"One person at most today, as meetings take {hours} of your next {all_hours} working hours."]
