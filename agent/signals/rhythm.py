"""How often are these two in touch, and how long is this silence, for them?"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise
from math import exp, log
from statistics import median

from agent.model import DAY, Contact, Standing

FEWEST = 4
"""With fewer contact days than this, two people have no rhythm yet."""

LONG = 30.0
"""Days without contact from which a tie is silent: below it people are simply in touch (the backtest's line)."""

DEEP = 90.0
"""Days without contact from which writing again is a revival: a quarter."""

MAINTAINED = 8.0
"""Beyond so many usual gaps the chance of contact within 30 days falls below .14, from .47 inside the first one
(measured on real mail, `shared/product.md`): it is no longer upkeep.
"""

PAUSE = 3.0
"""So many usual gaps without contact (and 30 days) make a pause that somebody has to end."""

COMMON_GAP = 14.0
"""The usual gap in days where no tie of the user's has one yet: a fortnight, which the first few ties replace."""


def contact_days(contacts: Iterable[Contact], zone: tzinfo) -> list[int]:
    """The local dates with a contact, as ordinals, ascending, each once."""
    when = datetime.fromtimestamp
    return sorted({when(contact.at, zone).toordinal() for contact in contacts})


def usual_gap(days: Sequence[int]) -> float | None:
    """The median number of days between contact days (ascending ordinals); None while there are too few."""
    if len(days) < FEWEST:
        return None
    return float(median(later - earlier for earlier, later in pairwise(days)))


def others_gap(standings: Iterable[Standing]) -> float:
    """What is usual for this user: the median of the usual gaps of all ties that have one."""
    gaps = [standing.gap for standing in standings if standing.gap is not None]
    return median(gaps) if gaps else COMMON_GAP


def leaning(standing: Standing, others: float) -> float:
    """The usual gap in days; with too few contact days it leans on `others`, the less the more of them there are."""
    if standing.gap is not None:
        return standing.gap
    if standing.days < 2:
        return others
    own = max((standing.last - standing.first) / DAY / (standing.days - 1), 1.0)
    trust = (standing.days - 1) / (FEWEST - 1)
    return exp(trust * log(own) + (1 - trust) * log(others))


def silence(standing: Standing, now: int) -> float:
    """Days since the last contact, whoever made it."""
    return (now - standing.last) / DAY


def gaps_silent(standing: Standing, now: int, usual: float) -> float:
    """The present silence in usual gaps: 1.0 is on time, 3.0 is long."""
    return silence(standing, now) / max(usual, 1.0)


def keeping_up(standing: Standing, now: int, usual: float) -> bool:
    """The tie is silent, but so that a word now would be upkeep."""
    quiet = silence(standing, now)
    if quiet < LONG or (standing.gap is None and quiet >= DEEP):
        return False
    return 1.0 <= gaps_silent(standing, now, usual) <= MAINTAINED


def reviving(standing: Standing, now: int, usual: float) -> bool:
    """The silence is so long, for these two or for anybody, that a word now would be a revival."""
    if silence(standing, now) < DEEP:
        return False
    return standing.gap is None or gaps_silent(standing, now, usual) > MAINTAINED
