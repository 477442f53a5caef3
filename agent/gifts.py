"""What is there to give, and to whom?

Three gifts so far: an answer that is owed, a piece of news from the user's own mail, and a question that only this
person can answer. No gift, no proposal (001.1, "value or silence").
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from agent.model import DAY, Citation, Fact, Gift, Morning, News, Side, Standing, Thread, Tie, Topic
from agent.signals.asked import OWED_FROM, OWED_TO, asked_days
from agent.signals.contacts import ending
from agent.signals.interests import subject_terms
from agent.words import clipped, first_name, month, on
from nlp import asks, tidy, topics
from nlp.match import fit

WRONG_CLOCK = 3_600
"""Seconds by which an answer may be stamped before its question, where two clocks differ."""

FRESH = 14.0
"""Days in which an open question loses half its urgency."""

FEW = 3
"""An answer is owed when the user is one of at most so many recipients; in a larger round somebody else may answer."""

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

NEWS_AGE = 30
"""Days: what is older is no news."""

NEWS_FIT = 0.25
"""Cosine of a piece's terms with a person's; below it, silence."""

Gifts = Callable[[Tie, Standing, Morning], Gift | None]


def side(fact: Fact, own: frozenset[str], tie: Tie) -> Side:
    """Who wrote it: the user, this person, or a third."""
    if fact.sender in own:
        return "me"
    return "them" if fact.sender in tie.person.addresses else "other"


def cite(fact: Fact, own: frozenset[str], tie: Tie) -> Citation:
    """The fact as something that the user can look up."""
    return Citation(fact.id, fact.at, side(fact, own, tie), tidy.subject(fact.subject) or fact.subject)


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
        ):
            continue
        if OWED_FROM <= age <= asked_days(mail, thread, morning.own):
            return mail
    return None


def moved_on(tie: Tie, asked: Fact) -> bool:
    """Whether they wrote again: the question was settled, or their newest mail says it anew."""
    return any(c.by == "them" and c.at > asked.at for c in tie.contacts)


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
    return Gift(
        kind="answer",
        says=f"Answer {first_name(tie.person.name)}’s mail “{subject}”.",
        opener=f"Hi {first_name(tie.person.name)},\n\nyou asked me on {day} about “{subject}”: ",
        cites=(cite(mail, morning.own, tie),),
        subject=f"Re: {subject}",
    )


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


def news(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A piece from the user's own mail that fits what this person cares about, and that they have not seen."""
    theirs = frozenset(tie.person.addresses)
    fresh = [n for n in morning.news if n.at >= morning.now - NEWS_AGE * DAY and theirs.isdisjoint(n.seen_by)]
    fits = sorted(((fitness(n, tie.topics), n.at, n) for n in fresh), key=lambda f: f[:2], reverse=True)
    if not fits or fits[0][0] < NEWS_FIT:
        return None
    piece = fits[0][2]
    shared = shared_topic(piece, (t for t in tie.threads if morning.now - t.mails[-1].at <= MATTER_AGE * DAY))
    if not shared:
        return None
    title, said = clipped(piece.title, 90), [piece.title, *(t.subject for t in tie.threads)]
    return Gift(
        kind="link",
        says=f"“{title}”, from {piece.source}, {on(piece.at, morning.now, morning.zone)}: "
        f"you two wrote about {topics.shown(shared, said)}. Say what you make of it.",
        opener=f"Hi {first_name(tie.person.name)},\n\nthis made me think of you: {title} {piece.url}".rstrip() + "\n\n",
        cites=(Citation(piece.fact, piece.at, "other", piece.subject),),
        url=piece.url,
        subject=title,
    )


def fitness(piece: News, known: Sequence[Topic]) -> float:
    """How well a piece fits what a person cares about, 0 to 1; a term that is new to them counts as a middling one."""
    rarity = {t.term: t.weight / t.threads for t in known}
    if not rarity or rarity.keys().isdisjoint(piece.terms):
        return 0.0
    middle = median(rarity.values())
    return fit(piece.terms, {t.term: t.threads for t in known}, dict.fromkeys(piece.terms, middle) | rarity)


def shared_topic(piece: News, threads: Iterable[Thread]) -> str:
    """What the piece's title names and two of these threads or more were about, or "".

    A single word is chance unless there are two of them.
    """
    common = Counter(term for t in threads for term in subject_terms(t.subject) & piece.about)
    shared = sorted((term for term, n in common.items() if n >= EACH_WAY), key=lambda term: (-common[term], term))
    telling = [term for term in shared if " " in term]
    if telling:
        return telling[0]
    return shared[0] if len(shared) >= 2 else ""


def first(tie: Tie, standing: Standing, morning: Morning, gifts: Iterable[Gifts]) -> Gift | None:
    """The first gift that there is, in the order given."""
    return next((gift for give in gifts if (gift := give(tie, standing, morning))), None)
