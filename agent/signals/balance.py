"""Who did what for whom, and is there something that the user owes?

Nobody keeps accounts among friends, and nothing of this is ever shown as a number. It is asked in one place: before
the user asks somebody for something (001.9, 001.11).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.model import DAY, Contact, Fact, Side, Thread, Tie
from agent.signals.initiative import after_pauses
from nlp import asks, tidy

Way: TypeAlias = Literal["answered", "thanked", "offered", "began"]

WORTH: dict[Way, float] = {"answered": 1.0, "thanked": 1.0, "offered": 0.5, "began": 0.25}
"""An answer that was asked for, and whatever earned thanks, is a favour done. An offer or a promise is one begun; a
first word after a silence that asks nothing is attention."""

HALF = 365.0
"""Days in which a favour counts half: what was done ten years ago binds nobody."""

OWED = 0.5
"""So much more than was given must have been received before one speaks of a debt: a favour that is a year old."""

LOPSIDED = 1.5
"""And so many times as much: those who do a hundred things for each other do not count three."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that one of the two did for the other, and the mail that shows it."""

    way: Way
    by: Side  # "me" or "them"
    at: int
    fact: int
    subject: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What the user gave and received, each decayed to the day of asking; and the deeds, oldest first."""

    given: float = 0.0
    received: float = 0.0
    deeds: tuple[Deed, ...] = ()

    @property
    def owes(self) -> bool:
        """Whether the user received more of late than they gave."""
        return _more(self.received, self.given)

    @property
    def helped(self) -> bool:
        """Whether the user gave more of late than they received."""
        return _more(self.given, self.received)

    def last(self, by: Side) -> Deed | None:
        """The newest favour of one side that a sentence may name; a mere first word is none."""
        return next((deed for deed in reversed(self.deeds) if deed.by == by and deed.way != "began"), None)


def balance(tie: Tie, now: int, usual: float | None = None) -> Balance:
    """What the two did for each other before `now`, in POSIX seconds; `usual` is their usual gap in days."""
    passed = {contact.fact: contact for contact in tie.contacts if not contact.meeting}
    deeds = [deed for thread in tie.threads for deed in done_in(thread, passed)]
    known = {deed.fact for deed in deeds}
    deeds += [deed for deed in first_words(tie, usual) if deed.fact not in known]
    deeds = sorted((deed for deed in deeds if deed.at <= now), key=lambda deed: (deed.at, deed.fact))
    given, received = (sum(weight(deed, now) for deed in deeds if deed.by == side) for side in ("me", "them"))
    return Balance(given, received, tuple(deeds))


def weight(deed: Deed, now: int) -> float:
    """What a deed counts at `now`."""
    return WORTH[deed.way] * float(0.5 ** ((now - deed.at) / DAY / HALF))


def done_in(thread: Thread, passed: dict[int, Contact]) -> Iterator[Deed]:
    """What each side did for the other in one thread: one thing at the most, however many mails it took."""
    best: dict[Side, Deed] = {}
    asked: set[Side] = set()
    for mail in thread.mails:
        contact = passed.get(mail.id)
        if contact is None:
            continue
        by = contact.by
        other: Side = "them" if by == "me" else "me"
        if other in asked:
            asked.discard(other)
            _keep(best, Deed("answered", by, mail.at, mail.id, tidy.subject(mail.subject)))
        said = mail.marks.asks if mail.marks else ()
        if "thanks" in said:
            _keep(best, Deed("thanked", other, mail.at, mail.id, tidy.subject(mail.subject)))
        if "promise" in said or "offer" in said:
            _keep(best, Deed("offered", by, mail.at, mail.id, tidy.subject(mail.subject)))
        if asks_for_something(mail, thread):
            asked.add(by)
    yield from best.values()


def _keep(best: dict[Side, Deed], deed: Deed) -> None:
    """Of the things done in a thread the one that counts most; of equal ones the first."""
    if deed.by not in best or WORTH[deed.way] > WORTH[best[deed.by].way]:
        best[deed.by] = deed


def asks_for_something(mail: Fact, thread: Thread) -> bool:
    """Whether a mail asks its reader for something: by its text where that was read, else by its subject, which speaks
    for the thread's first mail alone.
    """
    if mail.marks is not None:
        return not {"request", "question"}.isdisjoint(mail.marks.asks)
    return mail.id == thread.mails[0].id and thread.opened_by == mail.sender and asks.subject_asks(mail.subject)


def first_words(tie: Tie, usual: float | None) -> Iterator[Deed]:
    """The words that ended a silence and asked nothing."""
    mails = {mail.id: (mail, thread) for thread in tie.threads for mail in thread.mails}
    for contact in after_pauses([c for c in tie.contacts if not c.meeting], usual):
        mail, thread = mails.get(contact.fact, (None, None))
        if mail and thread and not asks_for_something(mail, thread):
            yield Deed("began", contact.by, contact.at, contact.fact, tidy.subject(mail.subject))


def asked_lately(tie: Tie, own: frozenset[str], since: int) -> int:
    """In how many threads the user asked this person for something since then."""
    passed = {contact.fact for contact in tie.contacts}
    return sum(
        any(m.sender in own and m.at >= since and m.id in passed and asks_for_something(m, t) for m in t.mails)
        for t in tie.threads
    )


def _more(one: float, other: float) -> bool:
    return one - other >= OWED and one >= LOPSIDED * other
