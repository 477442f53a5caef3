"""Whom did the user lose sight of, and would still be glad to hear from?"""

from agent.model import DAY, Morning, Pool, Proposal, Standing, Tie
from agent.proposals.reconnect import EXCHANGES
from agent.proposals.sentences import NOTHING_TO_GIVE, a_word, lasting_now
from agent.signals.rhythm import leaning, reviving

POOL: Pool = "reviving"

ACQUAINTED = 90
"""Days between the first and the last contact: what lasted for less was an errand, and no acquaintance to revive."""

NEEDS = NOTHING_TO_GIVE


def fits(standing: Standing, morning: Morning) -> bool:
    """A real acquaintance once, and a silence beyond all upkeep."""
    exchanged = min(standing.mine, standing.theirs) >= EXCHANGES
    lasted = standing.last - standing.first >= ACQUAINTED * DAY
    return exchanged and lasted and reviving(standing, morning.now, leaning(standing, morning.usual))


def weight(standing: Standing, morning: Morning) -> float:
    """A revival is worth what becomes of it: how likely the contact would live on."""
    return lasting_now(standing, morning)


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """A first word after a long time, with something to give and no favour asked."""
    return a_word("revive", POOL, tie, standing, morning)
