"""To whom did the user promise something that did not go out since?"""

from agent.gifts.promise import named_day, promise, urgency
from agent.model import Morning, Pool, Proposal, Standing, Tie
from agent.proposals.sentences import made
from agent.sharing.discretion import unwelcome
from agent.words import MONTHS, clipped, first_name, local, on, since
from nlp import tidy

POOL: Pool = "owed"

NEEDS = "No promise of yours to them is recent and still open."


def fits(standing: Standing, morning: Morning) -> bool:
    """Something was promised, and nothing of the user's went to them since."""
    mail = morning.almanac.promises.get(standing.person)
    return mail is not None and standing.theirs > 0 and standing.last_mine <= mail.at


def weight(standing: Standing, morning: Morning) -> float:
    """Promises that are still fresh come first."""
    mail = morning.almanac.promises.get(standing.person)
    return urgency(mail, morning.now) if mail else 0.0


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """Keep it, and say which."""
    gift, mail = promise(tie, standing, morning), morning.almanac.promises.get(standing.person)
    if not gift or not mail or unwelcome(gift, morning.unwelcome):
        return None
    name, subject = first_name(tie.person.name), clipped(tidy.subject(mail.subject))
    day, ago = on(mail.at, morning.now, morning.zone), since(mail.at, morning.now, morning.zone)
    due = named_day(mail, morning.zone)
    what = f"On {day}, {ago} ago, you promised {name} something in “{subject}”"
    if due == local(morning.now, morning.zone):
        what += ", for today"
    elif due:
        what += f", by {due.day} {MONTHS[due.month - 1]}"
    why = f"{what}. No mail went to {name} since."
    return made("promise", POOL, tie, standing, morning, why, gift)
