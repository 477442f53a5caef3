"""What came to the user from outside that could be passed on?

Only accounts with `read = "text"` have any: a link needs a text, and so does knowing what a newsletter is about.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from agent.model import Fact, News, Person
from agent.signals.company import companies, domain
from agent.signals.interests import subject_terms
from nlp import asks, tidy

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


def news(facts: Iterable[Fact], people: Mapping[str, Person], own: frozenset[str]) -> tuple[News, ...]:
    """The pieces in these facts, oldest first; `people` says who is behind an address."""
    company = companies(own)
    return tuple(piece for fact in facts for piece in pieces(fact, people, own, company))


def pieces(fact: Fact, people: Mapping[str, Person], own: frozenset[str], company: frozenset[str]) -> Iterator[News]:
    """What this mail holds to pass on. Nothing of one's own, and nothing that was said inside one company (001.3)."""
    if fact.marks is None or fact.meeting or fact.sender in own or confidential(fact, own, company):
        return
    if own.isdisjoint((*fact.to, *fact.cc)) or asks.is_logistics(fact.subject):
        return  # what comes blind is a mass mailing; what arranges is no news
    seen = frozenset((fact.sender, *fact.recipients))
    sender = people.get(fact.sender)
    source = sender.name if sender else fact.sender
    subject = tidy.subject(fact.subject)
    titled = {link.title: link.url for link in fact.marks.links if is_title(link.title)}
    alone = len(fact.recipients) == 1 or len(fact.recipients) > CIRCLE
    published = (alone and sender and sender.kind in OFFERED) or not PUBLISHED.isdisjoint(fact.evidence)
    if not titled and published and is_title(subject):
        titled = {subject: ""}
    for title, url in titled.items():
        terms = weighted(title, fact.marks.terms)
        yield News(fact.id, fact.at, title, subject, source, terms, frozenset(subject_terms(title)), seen, url)


def is_title(words: str) -> bool:
    """Whether one would pass this on under its name: long enough, and no button, pitch or deed."""
    return len(words.split()) >= TITLE_WORDS and not (PITCH.search(words) or AT_LAW.search(words))


def weighted(title: str, terms: Mapping[str, float]) -> Mapping[str, float]:
    """The terms of a piece, those of its title counted more."""
    both = dict(terms)
    for term in subject_terms(title):
        both[term] = both.get(term, 0.0) + SUBJECT_WEIGHT
    return both


def confidential(fact: Fact, own: frozenset[str], company: frozenset[str]) -> bool:
    """Said by a colleague, or among people who are all of the user's company: it stays there."""
    others = {a for a in (fact.sender, *fact.recipients) if a not in own}
    return domain(fact.sender) in company or (bool(company) and {domain(a) for a in others} <= company)
