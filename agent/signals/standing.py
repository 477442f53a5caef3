"""How does this acquaintance stand, as of the last contact?"""

from collections.abc import Iterable
from datetime import tzinfo
from math import exp, log

from agent.model import DAY, Contact, Standing, Thread, Tie
from agent.signals.asked import OWED_TO, asked_days
from agent.signals.contacts import ending, forwarded
from agent.signals.initiative import initiative
from agent.signals.reciprocity import FEW, asked_and_answered, unanswered_days
from agent.signals.rhythm import contact_days, usual_gap

HALF_LIVES = (7.0, 30.0, 180.0)
"""Days in which a contact counts half: a week, a month, half a year. Between them lies every pace that people keep."""

MOST_OPEN = 5
"""More open threads than this with one person say nothing new; the newest are kept."""


def standing(tie: Tie, zone: tzinfo, own: frozenset[str]) -> Standing:
    """What the signals say of `tie`. `zone` says which day a contact fell on; `own` are the user's addresses.

    Without threads (only events are known) nothing is said of questions, answers and open threads.
    """
    if not tie.contacts:
        return Standing(tie.person.id)
    theirs = frozenset(tie.person.addresses)
    mails = [contact for contact in tie.contacts if not contact.meeting]
    by_me = [contact.at for contact in mails if contact.by == "me"]
    by_them = [contact.at for contact in mails if contact.by == "them"]
    days = contact_days(tie.contacts, zone)
    gap = usual_gap(days)
    begun = initiative(tie.contacts, tie.threads, gap)
    asked, answered = asked_and_answered(tie.threads, theirs, own)
    return Standing(
        person=tie.person.id,
        first=tie.contacts[0].at,
        last=tie.contacts[-1].at,
        last_mine=by_me[-1] if by_me else 0,
        last_theirs=by_them[-1] if by_them else 0,
        mine=len(by_me),
        theirs=len(by_them),
        meetings=len(tie.contacts) - len(mails),
        days=len(days),
        gap=gap,
        began_mine=begun.mine,
        began_theirs=begun.theirs,
        asked=asked,
        answered=answered,
        unanswered=unanswered_days(tie.contacts, zone),
        warmth=warmth(tie.contacts),
        open=open_threads(tie.threads, theirs, own),
    )


def warmth(contacts: tuple[Contact, ...]) -> tuple[float, ...]:
    """For each half-life the log of the contacts' sum, each decayed to the last one (so it is never below 0)."""
    last = contacts[-1].at
    rates = [log(2) / (half * DAY) for half in HALF_LIVES]
    ages = [last - contact.at for contact in contacts]
    return tuple(log(sum(exp(-rate * age) for age in ages)) for rate in rates)


def open_threads(threads: Iterable[Thread], theirs: frozenset[str], own: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """(thread, POSIX seconds of its last mail) where that mail is theirs, to the user and few others, and asks
    something; newest first. What lies too far before the last one is owed no more, whatever the day.
    """
    ends = [(thread, mail) for thread in threads if (mail := ending(thread)) and mail.sender in theirs]
    newest = max((mail.at for _, mail in ends), default=0)
    found = []
    for thread, mail in ends:
        if mail.at < newest - OWED_TO * DAY or forwarded(mail.subject):
            continue
        if own.isdisjoint(mail.to) or len(mail.recipients) > FEW:
            continue
        if asked_days(mail, thread, own):
            found.append((thread.id, mail.at))
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0]))[:MOST_OPEN])
