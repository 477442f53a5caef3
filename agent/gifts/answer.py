"""Which answer is owed?"""

import re

from agent.gifts.cited import cite
from agent.model import DAY, Fact, Gift, Morning, Standing, Thread, Tie
from agent.signals.asked import OWED_FROM, OWED_TO, asked_days
from agent.signals.contacts import ending
from agent.signals.meanwhile import settled
from agent.words import clipped, first_name, local, on
from nlp import tidy

WRONG_CLOCK = 3_600
"""Seconds by which an answer may be stamped before its question, where two clocks differ."""

FRESH = 14.0
"""Days in which an open question loses half its urgency."""

THANKS = re.compile(r"\b(?:thanks?|thx|danke|dank|merci|gracias|grazie|obrigad[oa]|tak|tack|takk)\b", re.IGNORECASE)
"""Under such a subject something new was asked: to name it would read as if thanks had to be answered."""

FEW = 3
"""An answer is owed when the user is one of at most so many recipients; in a larger round somebody else may answer."""


def owed(tie: Tie, standing: Standing, morning: Morning) -> Fact | None:
    """The newest mail of theirs to which an answer is owed."""
    waiting = {thread for thread, _ in standing.open}
    theirs = set(tie.person.addresses)
    ends = [(mail, t) for t in tie.threads if t.id in waiting and (mail := ending(t)) and mail.sender in theirs]
    for mail, thread in sorted(ends, key=lambda pair: pair[0].at, reverse=True):
        age = (morning.now - mail.at) / DAY
        first = len(mail.recipients) <= FEW and mail.to[:1] and mail.to[0] in morning.own
        if (
            not first
            or mail.at < standing.last_mine
            or moved_on(tie, mail)
            or answered_before(thread, mail, morning.own)
            or settled(mail, morning.meanwhile)
            or passed(mail, morning)
        ):
            continue
        if OWED_FROM <= age <= asked_days(mail, thread, morning.own):
            return mail
    return None


def moved_on(tie: Tie, asked: Fact) -> bool:
    """Whether they wrote again: the question was settled, or their newest mail says it anew."""
    return any(c.by == "them" and c.at > asked.at for c in tie.contacts)


def passed(asked: Fact, morning: Morning) -> bool:
    """Whether all days that the question named are over: whatever it was about has taken place."""
    days = asked.marks.dates if asked.marks else ()
    return bool(days) and max(days) < local(morning.now, morning.zone)


def answered_before(thread: Thread, asked: Fact, own: frozenset[str]) -> bool:
    """Whether the user's "Re:" stands a little before the question that opened the thread: a clock is wrong."""
    if tidy.is_reply(asked.subject):
        return False
    near = (m for m in thread.mails if m.sender in own and asked.at - WRONG_CLOCK <= m.at <= asked.at)
    return any(tidy.is_reply(m.subject) for m in near)


def urgency(standing: Standing, morning: Morning) -> float:
    """How fresh the newest open question is, 1 (just now) to 0."""
    ages = [(morning.now - at) / DAY for _, at in standing.open]
    fresh = [age for age in ages if OWED_FROM <= age <= OWED_TO]
    return float(0.5 ** (min(fresh) / FRESH)) if fresh else 0.0


def answer(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """The answer that this person waits for."""
    mail = owed(tie, standing, morning)
    if not mail:
        return None
    subject = clipped(tidy.subject(mail.subject))
    day = on(mail.at, morning.now, morning.zone)
    named = f"of {day}" if THANKS.search(subject) else f"“{subject}”"
    return Gift(
        kind="answer",
        says=f"Answer {first_name(tie.person.name)}’s mail {named}.",
        opener=f"Hi {first_name(tie.person.name)},\n\nyou asked me on {day} about “{subject}”: ",
        cites=(cite(mail, morning.own, tie),),
        subject=f"Re: {subject}",
    )
