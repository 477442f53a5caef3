"""What is there to give, and to whom?

Three gifts so far: an answer that is owed, a piece of news from the user's own mail, and a question that only this
person can answer. No gift, no proposal (001.1, "value or silence").
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from agent.model import DAY, Citation, Fact, Gift, Morning, News, Side, Standing, Thread, Tie, Topic
from agent.signals.interests import subject_terms
from agent.words import clipped, count, first_name, month, on
from nlp import asks, tidy
from nlp.match import fit

OWED_FROM, OWED_TO = 3, 60
"""Days after which a question counts as waiting, and after which an answer would only be a curiosity (design.md)."""

FEW = 3
"""An answer is owed when the user is one of at most so many recipients; in a larger round somebody else may answer."""

MATTER_AGE = 540
"""Days: a matter older than a year and a half is no longer one."""

LAST_PHASE = 180
"""Days: the last big matter lies at most so long before the last contact, or later talk has overtaken it."""

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


def asks_something(mail: Fact, thread: Thread) -> bool:
    """Whether the mail waits for an answer: by its text's marks where those were made, else by its subject.

    A subject is the question of whoever opened the thread; "Re:" before it makes it an answer.
    """
    if asks.is_logistics(mail.subject) or tidy.is_forward(mail.subject):
        return False
    if mail.marks is not None:
        return not {"request", "question"}.isdisjoint(mail.marks.asks)
    return asks.subject_asks(mail.subject) and thread.opened_by == mail.sender


def owed(tie: Tie, standing: Standing, morning: Morning) -> tuple[Thread, Fact] | None:
    """The newest thread in which an answer to this person is owed, with the mail that asks."""
    waiting = {thread for thread, _ in standing.open}
    theirs = set(tie.person.addresses)
    for thread in reversed(tie.threads):
        mail = thread.mails[-1]
        age = (morning.now - mail.at) / DAY
        if thread.id not in waiting or mail.sender not in theirs or not OWED_FROM <= age <= OWED_TO:
            continue
        alone = len(mail.recipients) <= FEW and not morning.own.isdisjoint(mail.to)
        if alone and mail.at >= standing.last_mine and asks_something(mail, thread):
            return thread, mail
    return None


def answer(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """The answer that this person waits for."""
    found = owed(tie, standing, morning)
    if not found:
        return None
    _, mail = found
    subject = clipped(tidy.subject(mail.subject) or "(no subject)")
    day = on(mail.at, morning.now, morning.zone)
    return Gift(
        kind="answer",
        says=f"Your answer to “{subject}”.",
        opener=f"Hi {first_name(tie.person.name)},\n\nyou asked me on {day} about “{subject}”: ",
        cites=(cite(mail, morning.own, tie),),
        subject=f"Re: {subject}",
    )


def passed_between(tie: Tie, thread: Thread, own: frozenset[str]) -> list[Fact]:
    """The mails of a thread that count as contact between the user and this person."""
    contacts = {c.fact for c in tie.contacts if c.thread == thread.id}
    return [mail for mail in thread.mails if mail.id in contacts]


def last_big_matter(tie: Tie, morning: Morning) -> tuple[Thread, list[Fact]] | None:
    """The newest thread with two mails each way that is no forward, no logistics, and holds a topic of theirs."""
    if not tie.contacts:
        return None
    known = {t.term for t in tie.topics if t.threads >= 2}
    oldest = max(morning.now - MATTER_AGE * DAY, tie.contacts[-1].at - LAST_PHASE * DAY)
    for thread in reversed(tie.threads):
        if thread.mails[-1].at < oldest:
            continue
        subject = thread.subject
        if tidy.is_forward(subject) or asks.is_logistics(subject) or known.isdisjoint(subject_terms(subject)):
            continue
        mails = passed_between(tie, thread, morning.own)
        mine = sum(m.sender in morning.own for m in mails)
        if mine >= 2 and len(mails) - mine >= 2:
            return thread, mails
    return None


def question(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A question that only this person can answer, from the last big matter."""
    found = last_big_matter(tie, morning)
    if not found:
        return None
    thread, mails = found
    subject = clipped(tidy.subject(thread.subject), 60)
    when = month(mails[-1].at, morning.now, morning.zone)
    return Gift(
        kind="question",
        says=f"Ask what became of “{subject}”: {count(len(mails), 'mail')} between you two, the last in {when}.",
        opener=f"Hi {first_name(tie.person.name)},\n\nI was thinking of “{subject}” the other day. What became of it? ",
        cites=(cite(mails[-1], morning.own, tie),),
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
    shared = shared_topic(piece, tie.topics)
    if not shared:
        return None
    title = clipped(piece.title, 90)
    return Gift(
        kind="link",
        says=f"“{title}”, which came to you from {piece.source} on {on(piece.at, morning.now, morning.zone)}: "
        f"{shared.term} is a matter of theirs too. Say what you make of it.",
        opener=f"Hi {first_name(tie.person.name)},\n\nthis made me think of you: {title} {piece.url}".rstrip() + "\n\n",
        cites=(Citation(piece.fact, piece.at, "other", piece.title),),
        url=piece.url,
        subject=title,
    )


def fitness(piece: News, topics: Sequence[Topic]) -> float:
    """How well a piece fits what a person cares about, 0 to 1; a term that is new to them counts as a middling one."""
    rarity = {t.term: t.weight / t.threads for t in topics}
    if not rarity or rarity.keys().isdisjoint(piece.terms):
        return 0.0
    middle = median(rarity.values())
    return fit(piece.terms, {t.term: t.threads for t in topics}, dict.fromkeys(piece.terms, middle) | rarity)


def shared_topic(piece: News, topics: Sequence[Topic]) -> Topic | None:
    """The strongest topic of the person, in two threads or more, that the piece is about."""
    return next((t for t in topics if t.threads >= 2 and t.term in piece.terms), None)


def first(tie: Tie, standing: Standing, morning: Morning, gifts: Iterable[Gifts]) -> Gift | None:
    """The first gift that there is, in the order given."""
    return next((gift for give in gifts if (gift := give(tie, standing, morning))), None)
