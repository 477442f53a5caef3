"""Which piece from outside fits what this person cares about, and is new to them?"""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from agent.model import DAY, Citation, Gift, Morning, News, Standing, Thread, Tie, Topic
from agent.signals.interests import subject_terms
from agent.words import clipped, first_name, on
from nlp import topics
from nlp.match import fit

NEWS_AGE = 30
"""Days: what is older is no news."""

NEWS_FIT = 0.25
"""Cosine of a piece's terms with a person's; below it, silence."""

OFTEN = 2
"""Threads that make a topic: once is chance."""

RECENT = 365
"""Days: what the two wrote about longer ago may no longer matter to them."""


def link(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A piece from the user's own mail that fits what this person cares about, and that they have not seen."""
    theirs = frozenset(tie.person.addresses)
    fresh = [n for n in morning.news if n.at >= morning.now - NEWS_AGE * DAY and theirs.isdisjoint(n.seen_by)]
    fits = sorted(((fitness(n, tie.topics), n.at, n) for n in fresh), key=lambda f: f[:2], reverse=True)
    if not fits or fits[0][0] < NEWS_FIT:
        return None
    piece = fits[0][2]
    shared = shared_topic(piece, (t for t in tie.threads if morning.now - t.mails[-1].at <= RECENT * DAY))
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
    shared = sorted((term for term, n in common.items() if n >= OFTEN), key=lambda term: (-common[term], term))
    telling = [term for term in shared if " " in term]
    if telling:
        return telling[0]
    return shared[0] if len(shared) >= 2 else ""
