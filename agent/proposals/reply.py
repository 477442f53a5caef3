"""To whom does the user owe an answer?"""

from agent.gifts.answer import answer, owed, urgency
from agent.gifts.introduction import answered_by
from agent.model import DAY, Morning, Pool, Proposal, Standing, Tie
from agent.proposals.sentences import made
from agent.signals.asked import OWED_FROM, OWED_TO
from agent.words import first_name, on, since

POOL: Pool = "owed"

NEEDS = "No open question of theirs is recent and addressed to you."


def fits(standing: Standing, morning: Morning) -> bool:
    """Somebody whom the user writes to has asked, in a thread that is not closed, and the two were silent since."""
    silent = (morning.now - standing.last) / DAY >= OWED_FROM
    waiting = any(OWED_FROM <= (morning.now - at) / DAY <= OWED_TO for _, at in standing.open)
    return silent and waiting and standing.mine > 0


def weight(standing: Standing, morning: Morning) -> float:
    """Questions that are still fresh come first."""
    return urgency(standing, morning)


def propose(tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """Answer, and say to what."""
    gift = answer(tie, standing, morning)
    if not gift or answered_by(gift, tie.person, morning):
        return None
    mail = gift.cites[0]
    day = on(mail.at, morning.now, morning.zone)
    waited = since(mail.at, morning.now, morning.zone)
    name, seen = first_name(tie.person.name), owed(tie, standing, morning)
    asked = f"{name} asked you something on {day}, {waited} ago"
    if seen and seen.marks is None:  # only its subject was read
        asked = f"{name} wrote on {day}, {waited} ago, and the subject asks something of you"
    elif seen and any(seen in thread.mails and thread.opened_by in morning.own for thread in tie.threads):
        asked = f"You wrote first; {name} asked you something back on {day}, {waited} ago"
    return made("reply", POOL, tie, standing, morning, f"{asked}. It may still be open.", gift)
