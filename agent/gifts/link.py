"""Which piece fits what this person cares about, is new to them, and was never offered to them?

The user's own comment is asked for, and never written for them: the first line leaves room for it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from agent.model import DAY, Citation, Gift, Morning, News, Standing, Thread, Tie, Topic
from agent.sharing.links import known_by, same, within
from agent.sharing.news import NEWS_AGE, SHELF_AGE
from agent.signals.interests import subject_terms
from agent.words import clipped, first_name, on
from nlp import tidy, topics
from nlp.match import fit

NEWS_FIT = 0.25
"""Cosine of a piece's terms with a person's; below it, silence."""

SHELF_FIT = 0.12
"""The same for what the user chose: that it is worth sharing need not be guessed, only with whom; and a title with a
short note has too few words for more.
"""

OFTEN = 2
"""Threads that make a topic: once is chance."""

RECENT = 365
"""Days: what the two wrote about longer ago may no longer matter to them."""

LOOKED_AT = 200
"""Threads, the newest, in which a shared topic is looked for: whoever has more shows it in these."""

TITLE, NOTE, SOURCE = 90, 80, 40
"""Characters of a title, of the user's own note and of whoever wrote it in a sentence."""

_FOR = r"\b(?:for|to|für|an|pour|à|para|a|per|voor|aan|til|för|dla|для)"
"""Before a name it says to whom something is to be given."""


def link(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A piece that fits what this person cares about, or that the user noted for them, and that they never had."""
    known = frozenset(t.term for t in tie.topics)
    theirs = frozenset(tie.person.addresses)
    young = [piece for piece in morning.news if fresh(piece, morning.now) and theirs.isdisjoint(piece.seen_by)]
    meant = [piece for piece in young if noted_for(piece, tie.person.name)]
    near = [piece for piece in young if not known.isdisjoint(piece.terms)]
    if not meant and not near:
        return None
    had = had_before(tie)
    gone = [gift for address in theirs for gift in morning.offered.get(address, ())]
    for piece in reversed(meant):
        if new(piece, had, gone):
            return given(piece, "", tie, morning)
    often = recurring([t for t in tie.threads if morning.now - t.mails[-1].at <= RECENT * DAY])
    fits = ((fitness(piece, tie.topics), piece.at, piece) for piece in near if not often.keys().isdisjoint(piece.about))
    for score, _, piece in sorted(fits, key=lambda fitting: fitting[:2], reverse=True):
        least = SHELF_FIT if piece.by == "shelf" else NEWS_FIT
        shared = shared_topic(piece, often, known)
        if score >= least and shared and new(piece, had, gone):
            return given(piece, shared, tie, morning)
    return None


def fresh(piece: News, now: int) -> bool:
    """Whether it is young enough for what it is."""
    return piece.at >= now - (SHELF_AGE if piece.by == "shelf" else NEWS_AGE) * DAY


def had_before(tie: Tie) -> frozenset[str]:
    """The links and titles that this person wrote or got, as `agent.sharing.links` knows them again."""
    subjects = (known_by(tidy.subject(thread.subject)) for thread in tie.threads)
    return tie.had | within(mail for thread in tie.threads for mail in thread.mails) | frozenset(subjects)


def new(piece: News, had: frozenset[str], offered: Iterable[str]) -> bool:
    """Whether a piece is neither among what they had, by its link or its title, nor was offered for them."""
    keys = {same(piece.url), known_by(piece.title)} - {""}
    return keys.isdisjoint(had) and not any(offers(gift, piece) for gift in offered)


def offers(gift: str, piece: News) -> bool:
    """Whether a gift of an earlier digest, as it is remembered, was this piece."""
    if f"“{clipped(piece.title, TITLE)}”" in gift:
        return True
    return bool(piece.url) and any(same(word) == same(piece.url) for word in gift.split() if "://" in word)


def noted_for(piece: News, name: str) -> bool:
    """Whether the user's note says that it is for somebody of this name: in full, or by the first after a "for"."""
    if not piece.note or not name.strip():
        return False
    first = re.escape(first_name(name))
    full = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", piece.note) if " " in name else None
    return bool(full or re.search(rf"(?i:{_FOR}) {first}(?!\w)", piece.note))


def given(piece: News, shared: str, tie: Tie, morning: Morning) -> Gift:
    """The piece as a gift, because the two wrote about `shared`, or because the user noted whom it is for ("")."""
    name, title = first_name(tie.person.name), clipped(piece.title, TITLE)
    said = [piece.title, *(t.subject for t in tie.threads)]
    day = on(piece.at, morning.now, morning.zone)
    if piece.by == "shelf":
        noted = f" with the note “{clipped(piece.note, NOTE)}”" if piece.note else ""
        where = f"which you shelved on {day}{noted}"
    else:
        where = f"from {clipped(piece.source, SOURCE)}, {day}"
    because = f": you two wrote about {topics.shown(shared, said)}" if shared else ""
    return Gift(
        kind="link",
        says=f"“{title}”, {where}{because}. Say what you make of it.",
        opener=f"Hi {name},\n\nI came upon “{title}”. {piece.url}".rstrip() + "\n\nWhat I make of it: ",
        cites=(Citation(piece.fact, piece.at, "other", piece.subject),) if piece.by == "mail" else (),
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


def recurring(threads: Sequence[Thread]) -> Counter[str]:
    """The terms of the subjects of two of these threads or more, with how many."""
    found = Counter(term for t in threads[-LOOKED_AT:] for term in subject_terms(t.subject))
    return Counter({term: n for term, n in found.items() if n >= OFTEN})


def shared_topic(piece: News, often: Counter[str], known: Iterable[str] = ()) -> str:
    """What the piece's title names and two threads of theirs or more were about, or "".

    A single word is chance unless there are two of them; of what the user chose one will do, if it is one by which this
    person is known from others.
    """
    shared = sorted((term for term in piece.about if term in often), key=lambda term: (-often[term], term))
    telling = [term for term in shared if " " in term]
    if telling:
        return telling[0]
    if piece.by == "shelf":
        return next((term for term in shared if term in set(known)), shared[0] if len(shared) >= 2 else "")
    return shared[0] if len(shared) >= 2 else ""
