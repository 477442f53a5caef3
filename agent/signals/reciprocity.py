"""Do they answer, and how much of it comes from them?"""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from math import log

from agent.model import Contact, Standing, Thread
from agent.signals.contacts import beginning, by_hand

FEW = 3
"""A mail to at most so many people expects an answer of each of them."""


def share_of_theirs(standing: Standing) -> float:
    """The share of the mails between the two that they wrote, 0 to 1; each side is granted half a mail beforehand, so
    that one mail alone does not say everything.
    """
    return (standing.theirs + 0.5) / (standing.mine + standing.theirs + 1.0)


def asked_and_answered(threads: Iterable[Thread], theirs: frozenset[str], own: frozenset[str]) -> tuple[int, int]:
    """How many threads the user began with this person and few others, and how many of these they answered."""
    asked = answered = 0
    for thread in threads:
        first = beginning(thread)
        if first is None or thread.opened_by not in own or first.sender not in own:
            continue
        if len(first.recipients) > FEW or theirs.isdisjoint(first.recipients):
            continue
        asked += 1
        answered += any(mail.sender in theirs and by_hand(mail) and mail.at >= first.at for mail in thread.mails)
    return asked, answered


FLOW, FLOW_HALF = 30, 5.0
"""Days of mail that tell how much comes back at present; and how many mails are granted to each side beforehand."""


def flow(came: int, went: int) -> float:
    """How many mails came in for each one that went out in the last `FLOW` days, as a logarithm: 0 is as many."""
    return log((came + FLOW_HALF) / (went + FLOW_HALF))


def answer_rate(standing: Standing) -> float | None:
    """The share of the user's own threads that they answered; None where none called for an answer."""
    return standing.answered / standing.asked if standing.asked else None


def unanswered_days(contacts: Iterable[Contact], zone: tzinfo) -> int:
    """The local dates on which the user wrote since they last did, or since the user logged a word with them
    (`contacts` oldest first; of a meeting in a calendar nobody knows who spoke).
    """
    run: list[int] = []
    for contact in contacts:
        if contact.meeting:
            if contact.fact < 0 and contact.by != "me":
                run.clear()
            continue
        if contact.by == "them":
            run.clear()
        else:
            run.append(contact.at)
    return len({datetime.fromtimestamp(at, zone).date() for at in run})
