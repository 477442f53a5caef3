"""Which mails and meetings are contact between the user and one person?"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from agent.model import BY_A_HUMAN, Contact, Fact, Person, Side, Thread
from nlp import asks, tidy

MOST_RECIPIENTS = 10
"""A mail to more people than this is an announcement (the backtest's protocol draws the line at the same place)."""

MOST_PEOPLE = 8
"""In a larger meeting two people need not have spoken to each other."""

UNSENT = frozenset({"\\Drafts", "\\Junk"})
"""Where a mail lies that nobody sent, or that nobody wanted."""


def contacts(
    person: Person, facts: Iterable[Fact], own: frozenset[str], threads: Mapping[int, int], until: int
) -> tuple[Contact, ...]:
    """The contacts before `until` (POSIX seconds), oldest first; `own` are the user's addresses, `threads` maps a
    fact's id to its thread's.
    """
    theirs = frozenset(person.addresses)
    found = []
    for fact in facts:
        if fact.at >= until:
            continue
        by = _met(fact, theirs, own) if fact.meeting else _wrote(fact, theirs, own)
        if by:
            thread = 0 if fact.meeting else threads.get(fact.id, 0)
            found.append(Contact(fact.at, by, fact.id, thread, fact.meeting))
    return tuple(sorted(found, key=lambda contact: (contact.at, contact.fact)))


def passed(facts: Iterable[Fact], own: frozenset[str]) -> tuple[int, int]:
    """How many mails came to the user, and how many went out, each counted once for every person."""
    came = went = 0
    for fact in facts:
        if fact.meeting or len(fact.recipients) > MOST_RECIPIENTS or not by_hand(fact):
            continue
        if fact.sender in own:
            went += len(set(fact.recipients) - own)
        else:
            came += not (own.isdisjoint(fact.to) and own.isdisjoint(fact.cc))
    return came, went


def by_hand(fact: Fact) -> bool:
    """A mail that a human wrote and sent: no list, no newsletter, no machine, none of our own digests, no draft."""
    if (fact.evidence and fact.evidence != BY_A_HUMAN) or _answered_by_machine(fact.subject):
        return False
    return "\\Sent" in fact.labels or UNSENT.isdisjoint(fact.labels)


_answered_by_machine = lru_cache(1 << 15)(asks.is_auto_reply)
"""Each mail is asked about for each person in it, and its subject is that of its thread."""


def forwarded(subject: str) -> bool:
    """Somebody else's mail was passed on; an answer to such a mail is none."""
    return tidy.is_forward(subject) and not tidy.is_reply(subject)


def beginning(thread: Thread) -> Fact | None:
    """The first mail of a thread that a human wrote, rather than passed on."""
    return next((mail for mail in thread.mails if by_hand(mail) and not forwarded(mail.subject)), None)


def ending(thread: Thread) -> Fact | None:
    """The last mail of a thread that a human wrote."""
    return next((mail for mail in reversed(thread.mails) if by_hand(mail)), None)


def _wrote(fact: Fact, theirs: frozenset[str], own: frozenset[str]) -> Side | None:
    """Who of the two wrote to the other in this mail; None where it is no contact of theirs."""
    by: Side
    if fact.sender in own:
        by, meets = "me", not theirs.isdisjoint(fact.recipients)
    elif fact.sender in theirs:
        by, meets = "them", not (own.isdisjoint(fact.to) and own.isdisjoint(fact.cc))
    else:  # most mails in which somebody is copied
        return None
    return by if meets and len(fact.recipients) <= MOST_RECIPIENTS and by_hand(fact) else None


def _met(fact: Fact, theirs: frozenset[str], own: frozenset[str]) -> Side | None:
    """Who asked for this meeting; None where the two did not meet. The user is there, named or not."""
    people = {fact.sender, *fact.recipients} - own - {""}
    if fact.cancelled or theirs.isdisjoint(people) or len(people) + 1 > MOST_PEOPLE:
        return None
    if not (own.isdisjoint(fact.declined) and theirs.isdisjoint(fact.declined)):
        return None
    if fact.sender in own:
        return "me"
    return "them" if fact.sender in theirs else "other"
