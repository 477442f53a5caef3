"""Who might be glad to meet somebody else whom the user knows, and is asked first?"""

from agent.gifts.introduction import introduction
from agent.model import Morning, Pool, Proposal, Standing, Tie
from agent.proposals.sentences import made, who_wrote_last

POOL: Pool = "keeping up"

NEEDS = "There is nobody to introduce them to."

RARE, PROMISED = 5.0, 8.0
"""Two who suit each other are rare, one pair a morning at most, and the user let both take part; what they agreed to is
waited for. So they come before nearly anything else of their pool, whoever is welcome there.
"""


def fits(standing: Standing, morning: Morning) -> bool:
    """Somebody whose turn it is to be asked, or to be introduced."""
    return any(one.to.id == standing.person for one in morning.introductions)


def weight(standing: Standing, morning: Morning) -> float:
    """What both agreed to comes first."""
    found = next((one for one in morning.introductions if one.to.id == standing.person), None)
    return PROMISED if found and (found.agreed or found.step == "introduce") else RARE


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """Ask, or introduce."""
    gift = introduction(tie, standing, morning)
    if not gift or not tie.contacts:
        return None
    return made("introduce", POOL, tie, standing, morning, f"{who_wrote_last(tie, morning)}.", gift)
