"""How much passed between the two, month by month?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from agent.model import Contact
from agent.words import MONTHS

SPAN = 24
"""Months that are shown: the same season twice, and still wide enough on a phone."""


@dataclass(frozen=True, slots=True)
class Month:
    """What passed in one month of the user's calendar."""

    year: int
    number: int  # 1 to 12
    mine: int = 0  # mails of the user's
    theirs: int = 0
    met: int = 0  # meetings, and what the user logged: a call, a coffee

    @property
    def name(self) -> str:
        """'March 2001'."""
        return f"{MONTHS[self.number - 1]} {self.year}"


def first_of(now: int, zone: tzinfo) -> int:
    """When the first of the months begins that are shown at `now`, in POSIX seconds."""
    year, month = divmod(_ordinal(now, zone) - SPAN + 1, 12)
    return int(datetime(max(year, 1), month + 1, 1, tzinfo=zone).timestamp())


def months(passed: Iterable[Contact], now: int, zone: tzinfo) -> tuple[Month, ...]:
    """The last `SPAN` months up to that of `now`, oldest first, the empty ones too. What lies outside is left out."""
    last = _ordinal(now, zone)
    counts = [[0, 0, 0] for _ in range(SPAN)]
    for contact in passed:
        place = _ordinal(contact.at, zone) - last + SPAN - 1
        if 0 <= place < SPAN:
            counts[place][2 if contact.meeting else 0 if contact.by == "me" else 1] += 1
    return tuple(
        Month(ordinal // 12, ordinal % 12 + 1, *counted) for ordinal, counted in enumerate(counts, last - SPAN + 1)
    )


def sums(shown: Sequence[Month]) -> tuple[int, int, int]:
    """The mails of the user's, theirs, and how often the two met in all these months."""
    return sum(m.mine for m in shown), sum(m.theirs for m in shown), sum(m.met for m in shown)


def _ordinal(at: int, zone: tzinfo) -> int:
    day = datetime.fromtimestamp(at, zone)
    return day.year * 12 + day.month - 1
