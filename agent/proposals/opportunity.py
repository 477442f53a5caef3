"""With whom does something that was offered go on: who is asked, to whom is it passed on, who is thanked?"""

from agent.gifts.opportunity import SHOWN, opportunity
from agent.model import Errand, Morning, Pool, Proposal, Standing, Tie
from agent.proposals.sentences import made, who_wrote_last
from agent.sharing.discretion import unwelcome
from agent.words import clipped, first_name, on

POOL: Pool = "owed"

NEEDS = "Nothing that you noted with `auld opportunity` asks for a word to them."


def fits(standing: Standing, morning: Morning) -> bool:
    """They offered something, or it would suit them."""
    return standing.person in morning.almanac.errands


def weight(standing: Standing, morning: Morning) -> float:
    """As much as a fresh question; whom it suits best comes first."""
    errand = morning.almanac.errands.get(standing.person)
    return errand.fit if errand else 0.0


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """The next step, and how far it has come."""
    gift, errand = opportunity(tie, standing, morning), morning.almanac.errands.get(standing.person)
    if not gift or not errand or not tie.contacts or unwelcome(gift, morning.unwelcome):
        return None
    why = f"{said(errand, clipped(first_name(tie.person.name), 40), morning)} {who_wrote_last(tie, morning)}."
    return made("opportunity", POOL, tie, standing, morning, why, gift)


def said(errand: Errand, name: str, morning: Morning) -> str:
    """How far the opportunity has come, in a sentence."""
    says = clipped(errand.about.says, SHOWN)
    noted, day = (on(at, morning.now, morning.zone) for at in (errand.about.offered, errand.about.at))
    if errand.step == "ask":
        return f"{name} offered “{says}”, as you noted on {noted}."
    if errand.step == "thank":
        return f"On {day} you passed on what {name} offered: “{says}”."
    return f"“{says}” may be passed on since {day}, and fits what you two write about."
