"""What is there that could be passed on: what came by mail, what feeds say, what lies on the shelf?

Of mails only accounts with `read = "text"` have any: a link needs a text, and so does knowing what a newsletter is
about. What the user mailed to nobody but themselves lies on the shelf. What is not to be passed on is left out here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from agent.model import DAY, Fact, News, Person, Statement
from agent.people.names import FREEMAIL, organisation
from agent.sharing.discretion import kept, marked, touched
from agent.sharing.links import internal, known_by, readable, same
from agent.sharing.shelf import on_shelf, taken_off
from agent.signals.company import companies
from agent.signals.interests import subject_terms
from connectors.contract import Item
from nlp import asks, tidy, topics
from nlp.words import sensitive

NEWS_AGE = 30
"""Days: what is older is no news."""

SHELF_AGE = 182
"""Days that what lies on the shelf waits for somebody: the user chose it, and it is no news."""

MOST, MOST_OF_ONE = 500, 25
"""Pieces of feeds that are looked at, the newest; of one feed, so that one that never rests does not drown the rest."""

TITLE_WORDS = 4
"""Fewer words than this are no title that one would pass on ("click here", "read more")."""

SUBJECT_WEIGHT = 3.0
"""A word of the title says more of a piece than one of its text."""

PITCH = re.compile(
    r"\b(?:click|following link|this link|log ?in|password|unsubscribe|subscri|website rules|terms|privacy|free|save|"
    r"sale|offer|discount|deal of|order|buy|shop|win|prize|gift card|special|limited time|today only|% off|cash|earn|"
    r"rewards?|receipt|confirmation|invoice|your account|statement|survey|register|registration|webinar|newsletter|"
    r"digest|alert|reminder)\b|[$€£]|!!",
    re.IGNORECASE,
)
"""What sells or administers is no news to hand on."""

PUBLISHED = frozenset({"bulk", "list"})
"""What its headers say of a mail that is a publication by itself, too."""

CIRCLE = 10
"""A mail that names two to so many people is a letter among them, whoever wrote it."""

AT_LAW = re.compile(
    r"\b(?:agreement|settlement|contract|lawsuit|litigation|defendants?|plaintiffs?|privileged|"
    r"confidential|draft|executed|term sheet|nda)\b",
    re.IGNORECASE,
)
"""What was signed or is fought over is nobody's news."""

OFFERED = frozenset({"machine", "list"})
"""Kinds of sender whose mail is a publication by itself, with or without a link; what a human writes is a letter, even
one whom the user never answered."""


def gathered(
    facts: Sequence[Fact],
    people: Mapping[str, Person],
    own: frozenset[str],
    items: Iterable[Item] = (),
    statements: Sequence[Statement] = (),
    *,
    now: int,
    confidential: Sequence[str] = (),
    unwelcome: Sequence[str] = (),
) -> tuple[News, ...]:
    """All that could be passed on at `now`, oldest first, each link once; of what the config calls `confidential`
    nothing is, nor what is about an `unwelcome` topic. `facts` are those whose text was read, `items` those of feeds.
    """
    off = taken_off(statements)
    found = [*shelf(statements, now), *to_oneself(facts, own), *news(facts, people, own), *of_feeds(items, now)]
    stood = who_stood(facts, {same(piece.url) for piece in found})
    at = {fact.id: fact for fact in facts}
    once: dict[str, News] = {}
    for piece in found:
        key = same(piece.url) or known_by(piece.title)
        fact = at.get(piece.fact)
        parties = (fact.sender, *fact.recipients) if fact else ()
        said = (piece.title, piece.subject, piece.note, piece.url)
        secret = kept(confidential, parties, (*said, piece.source, fact.subject if fact else ""))
        inside = bool(piece.url) and internal(piece.url)
        if key not in once and off.get(key, -1) < piece.at and not (secret or inside or touched(unwelcome, *said)):
            once[key] = replace(piece, seen_by=piece.seen_by | stood.get(key, frozenset()))
    return tuple(sorted(once.values(), key=lambda piece: (piece.at, piece.fact, piece.title)))


def who_stood(facts: Iterable[Fact], links: set[str]) -> dict[str, frozenset[str]]:
    """Who wrote or got a mail with one of these links in it."""
    stood: defaultdict[str, set[str]] = defaultdict(set)
    for fact in facts:
        for link in fact.marks.links if fact.marks else ():
            if (key := same(link.url)) in links:
                stood[key].update((fact.sender, *fact.recipients))
    return {key: frozenset(some) for key, some in stood.items()}


def shelf(statements: Iterable[Statement], now: int) -> Iterator[News]:
    """What the user laid there, not too long ago."""
    for one in on_shelf(statements):
        if one.at >= now - SHELF_AGE * DAY:
            yield chosen(one.url, one.title or readable(one.url), one.note, one.at)


def to_oneself(facts: Iterable[Fact], own: frozenset[str]) -> Iterator[News]:
    """The links that the user mailed to nobody but themselves."""
    for fact in facts:
        alone = fact.sender in own and fact.recipients and own.issuperset(fact.recipients)
        if fact.marks is None or fact.meeting or not alone or fact.evidence or marked(fact.subject):
            continue
        subject = tidy.subject(fact.subject)
        for link in fact.marks.links:
            title = link.title or subject or readable(link.url)
            note = "" if known_by(subject) == known_by(title) else subject
            yield replace(chosen(link.url, title, note, fact.at), fact=fact.id, subject=subject)


def chosen(url: str, title: str, note: str, at: int) -> News:
    """A piece that the user chose: what they noted of it says as much as its title."""
    about = frozenset(term for line in (title, note) for term in (subject_terms(line) if line else ()))
    terms = weighted(about, topics.terms(f"{title}\n{note}"))
    return News(0, at, title, "", "", terms, about, frozenset(), url, "shelf", note)


def of_feeds(items: Iterable[Item], now: int) -> Iterator[News]:
    """The newest entries of feeds; those without a date are not known to be new."""
    dated = ((int(item.published.timestamp()), item) for item in items if item.published)
    fresh = [(at, item) for at, item in dated if now - NEWS_AGE * DAY <= at <= now]
    fresh.sort(key=lambda pair: (-pair[0], pair[1].url))
    taken: defaultdict[str, int] = defaultdict(int)
    some: list[tuple[int, Item]] = []
    for at, item in fresh:
        worth = is_title(item.title) and not marked(item.title) and not sensitive(item.title)
        if worth and len(some) < MOST and taken[item.source] < MOST_OF_ONE:
            taken[item.source] += 1
            some.append((at, item))
    named = topics.phrases(item.title for _, item in some)  # at once: a trained model is slow with one
    for (at, item), about in zip(some, map(frozenset, named), strict=True):
        terms = weighted(about, topics.terms(f"{item.title}\n{item.note}"))
        yield News(0, at, item.title, "", item.source, terms, about, frozenset(), item.url, "feed")


def news(facts: Iterable[Fact], people: Mapping[str, Person], own: frozenset[str]) -> tuple[News, ...]:
    """The pieces in these facts, oldest first; `people` says who is behind an address."""
    company = companies(own)
    return tuple(piece for fact in facts for piece in pieces(fact, people, own, company))


def pieces(fact: Fact, people: Mapping[str, Person], own: frozenset[str], company: frozenset[str]) -> Iterator[News]:
    """What this mail holds to pass on. Nothing of one's own, and nothing that was said inside one company (001.3)."""
    if fact.marks is None or fact.meeting or fact.sender in own:
        return
    sender = people.get(fact.sender)
    if confidential(fact, own, company, sender):
        return
    if own.isdisjoint((*fact.to, *fact.cc)) or asks.is_logistics(fact.subject):
        return  # what comes blind is a mass mailing; what arranges is no news
    seen = frozenset((fact.sender, *fact.recipients))
    source = sender.name if sender else fact.sender
    subject = tidy.subject(fact.subject)
    titled = {link.title: link.url for link in fact.marks.links if is_title(link.title)}
    alone = len(fact.recipients) == 1 or len(fact.recipients) > CIRCLE
    published = (alone and sender and sender.kind in OFFERED) or not PUBLISHED.isdisjoint(fact.evidence)
    if not titled and published and is_title(subject):
        titled = {subject: ""}
    for title, url in titled.items():
        about = subject_terms(title)
        yield News(fact.id, fact.at, title, subject, source, weighted(about, fact.marks.terms), about, seen, url)


def is_title(words: str) -> bool:
    """Whether one would pass this on under its name: long enough, and no button, pitch or deed."""
    return len(words.split()) >= TITLE_WORDS and not (PITCH.search(words) or AT_LAW.search(words))


def weighted(about: Iterable[str], terms: Mapping[str, float]) -> Mapping[str, float]:
    """The terms of a piece, those that its title is about counted more."""
    both = dict(terms)
    for term in about:
        both[term] = both.get(term, 0.0) + SUBJECT_WEIGHT
    return both


def confidential(fact: Fact, own: frozenset[str], company: frozenset[str], sender: Person | None = None) -> bool:
    """Marked so, or said by a colleague, or among people of the user's company alone. And letters that passed within
    one company, whichever it is, or come from whoever is not known from work (product.md, "Decided").
    """
    if "confidential" in fact.evidence or marked(fact.subject) or organisation(fact.sender) in company:
        return True
    others = {organisation(a) for a in (fact.sender, *fact.recipients) if a not in own}
    if company and others <= company:
        return True
    if (sender and sender.kind in OFFERED) or not PUBLISHED.isdisjoint(fact.evidence):
        return False
    return sender is None or sender.sphere != "work" or (len(others) == 1 and others.isdisjoint(FREEMAIL))
