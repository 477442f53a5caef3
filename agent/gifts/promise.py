"""What did the user promise, and not send since?

Precision before recall: it is shown as a debt. Whatever may have been the thing itself (a later mail to them, a
meeting, their thanks, an answer that nobody read) closes a promise.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta, tzinfo

from agent.gifts.cited import cite
from agent.model import DAY, Fact, Gift, Morning, Person, Standing, Tie
from agent.signals.asked import NO_QUESTION, NO_SUBJECT, THAT_DAY
from agent.signals.contacts import by_hand
from agent.words import clipped, first_name, local, on
from nlp import asks, tidy
from nlp.words import sensitive

DUE_FROM, DUE_TO = 3, 60
"""Days after which a promise without a day counts as late, and after which keeping it would surprise (design.md)."""

FEW = 3
"""What is said to more people than this is a plan, and promised to nobody."""

FRESH = 14.0
"""Days in which a promise loses half its urgency."""

_ASKED = frozenset({"request", "question"})


def promises(
    facts: Iterable[Fact], people: Mapping[str, Person], own: frozenset[str], now: int, zone: tzinfo
) -> dict[int, Fact]:
    """For each person (by number) the newest mail in which the user promised them something that is still open.

    `facts` are all of the last `DUE_TO` days, oldest first; `people` says who is behind an address.
    """
    mine: dict[int, Fact] = {}
    asking: set[int] = set()  # who was asked something in the same mail: the next word is theirs
    wrote = 0
    for fact in facts:
        if fact.meeting:
            if not fact.cancelled:
                _close(mine, fact, people)
            continue
        if fact.sender not in own:
            _heard(mine, asking, fact, people)
            continue
        if not by_hand(fact):
            continue
        wrote = fact.at
        _close(mine, fact, people)
        whom = promised(fact, people, own)
        if whom is not None:
            mine[whom] = fact
            asking = asking | {whom} if asks_back(fact) else asking - {whom}
    return {
        person: fact
        for person, fact in mine.items()
        if person not in asking and wrote > fact.at and is_due(fact, now, zone)
    }


def promised(fact: Fact, people: Mapping[str, Person], own: frozenset[str]) -> int | None:
    """To whom (by number) the user promised something in this mail of theirs; None where nobody is to be reminded."""
    marks, subject = fact.marks, tidy.subject(fact.subject)
    if marks is None or "sends" not in marks.signs or not {"assistant", "mailing"}.isdisjoint(marks.signs):
        return None
    if not fact.to or fact.to[0] in own or len(set(fact.recipients) - own) > FEW:
        return None
    if tidy.is_forward(fact.subject) or asks.is_logistics(fact.subject) or asks.names_a_day(fact.subject):
        return None
    if NO_SUBJECT.match(subject) or NO_QUESTION.search(subject) or THAT_DAY.search(subject) or sensitive(subject):
        return None
    person = people.get(fact.to[0])
    return person.id if person and person.kind == "person" else None


def asks_back(fact: Fact) -> bool:
    """Whether a mail that promises asks something, too: what was promised may wait for the answer."""
    return bool(fact.marks and ("waits" in fact.marks.signs or not _ASKED.isdisjoint(fact.marks.asks)))


def is_due(fact: Fact, now: int, zone: tzinfo) -> bool:
    """Whether the promise of this mail should have been kept by now."""
    day = named_day(fact, zone)
    if day:
        return day <= local(now, zone) <= day + timedelta(days=DUE_TO)
    return DUE_FROM <= (now - fact.at) / DAY <= DUE_TO


def named_day(fact: Fact, zone: tzinfo) -> date | None:
    """The last day that the mail names and that was still to come; None where it names none."""
    written = local(fact.at, zone)
    return max((day for day in (fact.marks.dates if fact.marks else ()) if day > written), default=None)


def urgency(fact: Fact, now: int) -> float:
    """How fresh a promise is, 1 (just now) to 0."""
    return float(0.5 ** ((now - fact.at) / DAY / FRESH))


def promise(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """What the user promised this person."""
    mail = morning.almanac.promises.get(tie.person.id)
    if not mail:
        return None
    name, subject = first_name(tie.person.name), clipped(tidy.subject(mail.subject))
    day = on(mail.at, morning.now, morning.zone)
    return Gift(
        kind="promise",
        says=f"Send {name} what you promised, or a line on when it will come.",
        opener=f"Hi {name},\n\nhere is what I promised you on {day}: ",
        cites=(cite(mail, morning.own, tie),),
        subject=f"Re: {subject}",
    )


def _close(mine: dict[int, Fact], fact: Fact, people: Mapping[str, Person]) -> None:
    """Whatever was promised to those in this mail or meeting, or about its matter, may be done with it."""
    reached = {people[a].id for a in (fact.sender, *fact.recipients) if a in people}
    matter = tidy.subject(fact.subject).casefold()
    for person, before in list(mine.items()):
        if person in reached or (matter and tidy.subject(before.subject).casefold() == matter):
            del mine[person]


def _heard(mine: dict[int, Fact], asking: set[int], fact: Fact, people: Mapping[str, Person]) -> None:
    """They wrote: what they were asked is answered, and thanks close a promise, as does a mail that nobody read."""
    sender = people.get(fact.sender)
    if sender is None or sender.id not in mine:
        return
    asking.discard(sender.id)
    if by_hand(fact) and (fact.marks is None or "thanks" in fact.marks.asks):
        del mine[sender.id]
