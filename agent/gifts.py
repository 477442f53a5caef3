"""What is there to give, and to whom?

Three gifts so far: an answer that is owed, a piece of news from the user's own mail, and a question that only this
person can answer. No gift, no proposal (001.1, "value or silence").
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from agent.model import DAY, Citation, Fact, Gift, Morning, News, Side, Standing, Thread, Tie, Topic
from agent.signals.contacts import ending
from agent.signals.interests import subject_terms
from agent.words import clipped, count, first_name, month, on
from nlp import asks, tidy, topics
from nlp.match import fit

OWED_FROM, OWED_TO = 3, 60
"""Days after which a question counts as waiting, and after which an answer would only be a curiosity (design.md)."""

QUESTION_TO, PRESSING_TO = 30, 6
"""Days that a question stays open in practice, and one about a day or a meeting. A mere request is none: what was asked
for at work and not refused was mostly done without a word (read off open mailboxes)."""

NO_QUESTION = re.compile(
    r"\b(?:meeting|mtg|conference call|lunch|dinner|interviews?|schedule|agenda|resign|lay-?offs?|terminat|funeral|"
    r"survey)",
    re.IGNORECASE,
)
"""What is over when its day is, and what nobody should be reminded of in a morning's mail."""

FRESH = 14.0
"""Days in which an open question loses half its urgency."""

FEW = 3
"""An answer is owed when the user is one of at most so many recipients; in a larger round somebody else may answer."""

MATTER_AGE = 365
"""Days: a matter older than a year is no longer one."""

LAST_PHASE = 180
"""Days: the last big matter lies at most so long before the last contact, or later talk has overtaken it."""

EACH_WAY = 2
"""Mails each way that make a matter, and threads that make a topic (design.md, "last big matter")."""

AROUND_A_TOPIC = 3
"""Mails in all, both ways, that make a matter of several threads on one topic: subjects change while a talk goes on."""

NO_MATTER = re.compile(
    r"\d{4,}|\d+[/.-]\d+|\.(?:docx?|xlsx?|pdf|pptx?|zip)\b|\b(?:announc|congrat|winner|welcome|happy|birthday|farewell|"
    r"invitation|invite|holiday|thank|sorry|oops|correction|revised|draft|attached|list|form|forms|signature|"
    r"resume|r[ée]sum[ée]|application|address|phone|number|password|ticket|payment|expense|deal|invoice|estate of|"
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


def asked_days(mail: Fact, thread: Thread) -> int:
    """For how many days the mail waits for an answer: by its text's marks where those were made, else by its subject.

    A subject is the question of whoever opened the thread; "Re:" before it makes it an answer.
    """
    if tidy.is_forward(mail.subject) or asks.is_auto_reply(mail.subject) or NO_QUESTION.search(mail.subject):
        return 0
    if mail.marks is None:
        asked = asks.subject_asks(mail.subject) and "://" not in mail.subject and thread.opened_by == mail.sender
        return QUESTION_TO if asked else 0
    signs = mail.marks.signs
    if "question" not in mail.marks.asks or "assistant" in signs or "to another" in signs:
        return 0
    return PRESSING_TO if "pressing" in signs or mail.marks.dates else QUESTION_TO


def owed(tie: Tie, standing: Standing, morning: Morning) -> Fact | None:
    """The newest mail of theirs to which an answer is owed."""
    waiting = {thread for thread, _ in standing.open}
    theirs = set(tie.person.addresses)
    ends = [(mail, t) for t in tie.threads if t.id in waiting and (mail := ending(t)) and mail.sender in theirs]
    for mail, thread in sorted(ends, key=lambda pair: pair[0].at, reverse=True):
        age = (morning.now - mail.at) / DAY
        alone = len(mail.recipients) <= FEW and not morning.own.isdisjoint(mail.to)
        if alone and mail.at >= standing.last_mine and OWED_FROM <= age <= asked_days(mail, thread):
            return mail
    return None


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
    subject = clipped(tidy.subject(mail.subject) or "(no subject)")
    day = on(mail.at, morning.now, morning.zone)
    return Gift(
        kind="answer",
        says=f"Your answer to “{subject}”.",
        opener=f"Hi {first_name(tie.person.name)},\n\nyou asked me on {day} about “{subject}”: ",
        cites=(cite(mail, morning.own, tie),),
        subject=f"Re: {subject}",
    )


def passed_between(tie: Tie, thread: Thread) -> list[Fact]:
    """The mails of a thread that count as contact between the user and this person."""
    contacts = {c.fact for c in tie.contacts if c.thread == thread.id}
    return [mail for mail in thread.mails if mail.id in contacts]


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that the two worked out together: its name, and the mails that passed between them about it."""

    name: str
    mails: tuple[Fact, ...]
    scattered: bool = False  # over several threads

    def passed(self, own: frozenset[str], each_way: int, in_all: int) -> bool:
        """So many mails each way, and in all, over more than a day: a quick exchange is no matter."""
        mine = sum(m.sender in own for m in self.mails)
        both = min(mine, len(self.mails) - mine) >= each_way and len(self.mails) >= in_all
        return both and self.mails[-1].at - self.mails[0].at >= DAY


def last_big_matter(tie: Tie, morning: Morning) -> Matter | None:
    """The newest thread with two mails each way that is no forward, no logistics, and holds a topic of theirs; where
    no single thread is that long, the newest topic that several threads make so.
    """
    if not tie.contacts:
        return None
    oldest = max(morning.now - MATTER_AGE * DAY, tie.contacts[-1].at - LAST_PHASE * DAY)
    known = [t.term for t in tie.topics if t.threads >= EACH_WAY]
    recent = [(t, subject_terms(t.subject)) for t in reversed(tie.threads) if t.mails[-1].at >= oldest]
    talks = [(t, terms) for t, terms in recent if weighty(t) and not terms.isdisjoint(known)]
    for thread, _ in talks:
        matter = Matter(tidy.subject(thread.subject), tuple(passed_between(tie, thread)))
        if matter.passed(morning.own, EACH_WAY, 2 * EACH_WAY):
            return matter
    for term in known:
        name = next((tidy.subject(t.subject) for t, terms in talks if term in terms), "")
        about = [t for t, terms in recent if term in terms]
        mails = [m for t in about for m in passed_between(tie, t)]
        matter = Matter(name, tuple(sorted(mails, key=lambda m: (m.at, m.id))), scattered=True)
        if name and len(about) >= 2 and matter.passed(morning.own, 1, AROUND_A_TOPIC):
            return matter
    return None


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
        says=f"Ask what became of “{subject}”: {count(len(matter.mails), 'mail')} between you two, the last in {when}.",
        opener=f"Hi {first_name(tie.person.name)},\n\nI was thinking of “{subject}” the other day. What became of it? ",
        cites=(cite(matter.mails[-1], morning.own, tie),),
        subject=subject,
        weak=matter.scattered,
    )


def news(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A piece from the user's own mail that fits what this person cares about, and that they have not seen."""
    theirs = frozenset(tie.person.addresses)
    fresh = [n for n in morning.news if n.at >= morning.now - NEWS_AGE * DAY and theirs.isdisjoint(n.seen_by)]
    fits = sorted(((fitness(n, tie.topics), n.at, n) for n in fresh), key=lambda f: f[:2], reverse=True)
    if not fits or fits[0][0] < NEWS_FIT:
        return None
    piece = fits[0][2]
    shared = shared_topic(piece, tie.topics)
    if not shared:
        return None
    title, said = clipped(piece.title, 90), [piece.title, *(t.subject for t in tie.threads)]
    return Gift(
        kind="link",
        says=f"“{title}”, from {piece.source}, {on(piece.at, morning.now, morning.zone)}: "
        f"{topics.shown(shared.term, said)} is a matter of theirs too. Say what you make of it.",
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


def shared_topic(piece: News, known: Sequence[Topic]) -> Topic | None:
    """The strongest topic of the person, in two threads or more, that the piece's title names."""
    return next((t for t in known if t.threads >= 2 and t.term in piece.about), None)


def first(tie: Tie, standing: Standing, morning: Morning, gifts: Iterable[Gifts]) -> Gift | None:
    """The first gift that there is, in the order given."""
    return next((gift for give in gifts if (gift := give(tie, standing, morning))), None)
