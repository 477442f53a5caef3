"""With whom is the usual pace about to slip?"""

from agent.model import Morning, Pool, Proposal, Standing, Tie
from agent.proposals.sentences import a_word
from agent.signals.rhythm import keeping_up, leaning

POOL: Pool = "keeping up"

EXCHANGES = 2
"""Two mails each way make an acquaintance; the backtest draws the same line."""

WHEN = (
    "You two are not at the point where a word would be upkeep: in touch, too few mails each way, or silent for long."
)
NEEDS = "no news in your mail fits what they care about, and no big matter of yours is recent"


def fits(standing: Standing, morning: Morning) -> bool:
    """A real exchange, silent for a month or more, but not beyond upkeep."""
    exchanged = min(standing.mine, standing.theirs) >= EXCHANGES
    return exchanged and keeping_up(standing, morning.now, leaning(standing, morning.usual))


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """A word now, with something to give."""
    return a_word("reconnect", POOL, tie, standing, morning)
