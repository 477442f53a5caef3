"""For whom, not long silent, has something come that is worth passing on?"""

from agent.gifts import first
from agent.gifts.link import link
from agent.model import Morning, Pool, Proposal, Standing, Tie
from agent.proposals.reconnect import EXCHANGES
from agent.proposals.sentences import made, who_wrote_last
from agent.signals.rhythm import keeping_up, leaning, reviving, silence

POOL: Pool = "keeping up"

NEEDS = "Nothing that could be passed on fits what they care about."

SILENT = 14
"""Days: with whom one was just in contact one can speak of it anyway."""

LATER = 0.6
"""A tie that is about to slip comes before one that only could have a link."""


def fits(standing: Standing, morning: Morning) -> bool:
    """A real exchange, silent for a fortnight but neither slipping nor lost, and news that may interest them."""
    if standing.person not in morning.interested or min(standing.mine, standing.theirs) < EXCHANGES:
        return False
    usual = leaning(standing, morning.usual)
    slipping = keeping_up(standing, morning.now, usual) or reviving(standing, morning.now, usual)
    return silence(standing, morning.now) >= SILENT and not slipping


def weight(standing: Standing, morning: Morning) -> float:
    """One day is as good as another."""
    return LATER


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """Something to read, for no other reason."""
    gift = first(tie, standing, morning, (link,))
    if not gift:
        return None
    why = f"{who_wrote_last(tie, morning)}; there is no hurry, only something that may interest them."
    return made("share", POOL, tie, standing, morning, why, gift)
