"""What can only this person tell? A question from the last big matter of the two."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.gifts.cited import cite
from agent.model import DAY, Fact, Gift, Morning, Standing, Thread, Tie
from agent.signals.contacts import ending
from agent.signals.interests import subject_terms
from agent.words import clipped, first_name, month
from nlp import asks, tidy

MATTER_AGE, LONE_AGE = 365, 183
"""Days: a matter older than a year is no longer one, nor one that never came up elsewhere after half a year."""

LASTING = 14
"""Days: what came and went within a fortnight was a task, and is over."""

EACH_WAY = 2
"""Mails each way that make a matter, and threads that make a topic (design.md, "last big matter")."""

HOUR, ZONES = 3_600, 14
"""Seconds; and how many hours two zones of one mail's copies may lie apart."""

BIG = 5
"""Mails between two that make a matter big by itself, whether or not it came up in another thread."""

NO_MATTER = re.compile(
    r"\d{4,}|\d+[/.-]\d+|\.(?:docx?|xlsx?|pdf|pptx?|zip)\b|\b(?:announc|congrat|winner|welcome|happy|birthday|farewell|"
    r"invitation|invite|holiday|thank|sorry|oops|correction|revised|draft|attached|list|form|forms|signature|"
    r"resume|r[ée]sum[ée]|application|address|phone|number|password|ticket|payment|expense|deal|invoice|estate of|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|september|october|"
    r"november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight|week|weekend|"
    r"funeral|condolence|obituar|death|passed away|divorce|lay-?offs?|terminat|resign|severance)",
    re.IGNORECASE,
)
"""A number, a file or an occasion in the subject: the paper that a matter leaves, and not the matter. And what hurts:
nobody wants to be asked what became of it.
"""


def passed_between(tie: Tie, thread: Thread, own: frozenset[str]) -> list[Fact]:
    """The mails of a thread that went straight from one of the two to the other, in To."""
    contacts = {c.fact for c in tie.contacts if c.thread == thread.id}
    theirs = frozenset(tie.person.addresses)
    return [m for m in thread.mails if m.id in contacts and not (theirs if m.sender in own else own).isdisjoint(m.to)]


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that the two worked out together: its name, and the mails that passed between them about it."""

    name: str
    mails: tuple[Fact, ...]

    def worked_out(self, own: frozenset[str]) -> bool:
        """Two mails each way, over a fortnight or more, and nothing left with the user."""
        mine = sum(m.sender in own for m in self.mails)
        both = min(mine, len(self.mails) - mine) >= EACH_WAY
        return both and self.mails[-1].at - self.mails[0].at >= LASTING * DAY and theirs_to_tell(self.mails[-1], own)


def last_big_matter(tie: Tie, morning: Morning) -> Matter | None:
    """What the two spoke of last, if it is big: two mails each way, no forward, no logistics, and of a topic of theirs
    or long by itself.
    """
    thread = next((t for t in reversed(tie.threads) if tie.contacts and t.id == tie.contacts[-1].thread), None)
    if not thread or not weighty(thread) or names_them(thread.subject, tie):
        return None
    matter = Matter(tidy.subject(thread.subject), once(passed_between(tie, thread, morning.own)))
    end = ending(thread)
    if not matter.worked_out(morning.own) or not end or end.at > matter.mails[-1].at:
        return None  # it went on with others
    known = (t.term for t in tie.topics if t.threads >= EACH_WAY)
    lone = subject_terms(thread.subject).isdisjoint(known)
    age = (morning.now - matter.mails[-1].at) / DAY
    if age > (LONE_AGE if lone else MATTER_AGE) or (lone and len(matter.mails) < BIG):
        return None
    return matter


def theirs_to_tell(mail: Fact, own: frozenset[str]) -> bool:
    """Whether a matter's last mail leaves the next word to the other: the user wrote it, or it is known to ask nothing
    and not to close the matter with thanks. Who owes something had better not ask how things stand.
    """
    if mail.sender in own:
        return True
    if mail.marks is None:
        return False
    asked = {"request", "question"} & {*mail.marks.asks} or "waits" in mail.marks.signs
    return not asked and mail.marks.asks != ("thanks",)


def once(mails: Iterable[Fact]) -> tuple[Fact, ...]:
    """Each mail once: an archive may hold a copy whose date was shifted by a zone."""
    kept: list[Fact] = []
    for mail in mails:
        copies = (m for m in kept if (m.sender, m.subject) == (mail.sender, mail.subject))
        if not any((mail.at - m.at) % HOUR == 0 and mail.at - m.at <= ZONES * HOUR for m in copies):
            kept.append(mail)
    return tuple(kept)


def names_them(subject: str, tie: Tie) -> bool:
    """Whether a subject is about the person themselves: one does not ask Ada what came of "Ada's office"."""
    named = {word for word in re.split(r"[^\w]+", tie.person.name.lower()) if len(word) > 2}
    return not named.isdisjoint(re.split(r"[^\w]+", subject.lower()))


def weighty(thread: Thread) -> bool:
    """Whether a thread's subject names something that one could ask after."""
    subject = thread.subject
    if tidy.is_forward(subject) or asks.is_logistics(subject) or asks.is_auto_reply(subject):
        return False
    return not NO_MATTER.search(subject)


def question(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A question that only this person can answer, from the last big matter."""
    matter = last_big_matter(tie, morning)
    if not matter:
        return None
    subject = clipped(matter.name, 60)
    when = month(matter.mails[-1].at, morning.now, morning.zone)
    return Gift(
        kind="question",
        says=f"Ask how things stand with “{subject}”: you two last wrote about it in {when}.",
        opener=f"Hi {first_name(tie.person.name)},\n\nI was thinking of “{subject}”. How do things stand? ",
        cites=(cite(matter.mails[-1], morning.own, tie),),
        subject=subject,
    )
