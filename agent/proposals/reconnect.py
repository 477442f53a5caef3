"""With whom is the usual pace about to slip?"""

from agent.model import Morning, Pool, Proposal, Standing, Tie
from agent.proposals.sentences import NOTHING_TO_GIVE, a_word
from agent.signals.rhythm import keeping_up, leaning

POOL: Pool = "keeping up"

EXCHANGES = 2
"""Two mails each way make an acquaintance; the backtest draws the same line."""

NEEDS = NOTHING_TO_GIVE


def fits(standing: Standing, morning: Morning) -> bool:
    """A real exchange, silent for a month or more, but not beyond upkeep."""
    exchanged = min(standing.mine, standing.theirs) >= EXCHANGES
    return exchanged and keeping_up(standing, morning.now, leaning(standing, morning.usual))


def weight(standing: Standing, morning: Morning) -> float:
    """One day is as good as another."""
    return 1.0


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """A word now, with something to give."""
    return a_word("reconnect", POOL, tie, standing, morning)
