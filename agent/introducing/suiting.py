"""Which two people who do not know each other would be glad to?

Two suit each other where one asked for what the other knows, or where both care about something that hardly anybody
else in the mailbox does. How sure that is, is how far the one stands before the next: below `SURE`, silence.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log
from statistics import median
from typing import TypeAlias

from agent.gifts.question import NO_MATTER
from agent.model import DAY, Fact, Person, Standing, Topic
from agent.people.names import FREEMAIL, organisation, parsed
from agent.signals.asked import NO_QUESTION
from agent.signals.contacts import MOST_RECIPIENTS, by_hand
from agent.signals.interests import subject_terms
from nlp import asks, tidy
from nlp.match import Known as Past
from nlp.match import known, margin, ranking
from nlp.words import sensitive

NEED_AGE = 90
"""Days for which a need is one: what was asked for longer ago was found, or given up."""

YEAR = 365
"""Days: who was not in contact for longer is too far away to be asked for something, and a topic too old to care."""

EXCHANGES = 2
"""Mails each way that make an acquaintance, as everywhere (`proposals.reconnect`)."""

RARE, RAREST = log(10), log(30)
"""Rarity of a topic (log of people by those who share it): one in ten, or one in thirty. What more of them write about
is the user's own matter; a single word tells only where hardly anybody uses it, or with another one."""

FIT = 0.2
"""Cosine of a need with what somebody knows, or of two people's topics; below it, silence."""

SURE = 0.25
"""How far the one who fits must be ahead of the next (`nlp.match.margin`)."""

TITLE = 3.0
"""A word of the subject says more of a need than one of its text (as of a piece of news)."""

MATTERED: frozenset[str] = frozenset({"request", "question"})
"""What a text does that needs something."""


@dataclass(frozen=True, slots=True)
class Need:
    """A mail that asks for something, and the words that say what."""

    fact: Fact
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Known:
    """One who may take part, with what the user knows of them."""

    person: Person
    standing: Standing
    topics: tuple[Topic, ...]
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Two who suit each other: the first is asked first."""

    first: Person
    second: Person
    terms: tuple[str, ...]  # the topics by which they do, the most telling first
    score: float  # the likeness, 0 to 1
    sure: float  # how far the second is ahead of others for the first, 0 to 1
    need: Fact | None = None  # the first's mail that asks for what the second knows

    @property
    def pair(self) -> frozenset[int]:
        """The two, by number."""
        return frozenset((self.first.id, self.second.id))


def allowed(people: Iterable[Person]) -> list[Person]:
    """Those who may take part: whom the user called work. Unknown counts as personal (product.md, "Decided")."""
    return [person for person in people if person.sphere == "work" and person.kind == "person"]


def warm(standing: Standing, now: int) -> bool:
    """A real exchange each way, and a word from them within a year."""
    exchanged = min(standing.mine, standing.theirs) >= EXCHANGES
    return exchanged and now - standing.last_theirs <= YEAR * DAY


def kin(one: Person, other: Person) -> bool:
    """Whether they work for one organisation, or have one family name: they need nobody to introduce them."""
    firms = [{organisation(a) for a in who.addresses} - FREEMAIL for who in (one, other)]
    names = [parsed(who.name) for who in (one, other)]
    return bool(firms[0] & firms[1]) or bool(names[0] and names[1] and names[0].last == names[1].last)


def together(one: Collection[Fact], other: Collection[Fact], threads: Mapping[int, int]) -> Fact | None:
    """The newest mail or meeting, or the newest of a thread, in which both stood, in whatever role; `threads` maps a
    fact's id to its thread's.
    """
    ids, within = {f.id for f in one}, {threads[f.id] for f in one if f.id in threads}
    shared = [f for f in other if f.id in ids or threads.get(f.id) in within]
    return max(shared, key=lambda f: (f.at, f.id), default=None)


# What suits whom


def needs(facts: Iterable[Fact], person: Person, own: frozenset[str], company: frozenset[str], now: int) -> list[Need]:
    """What this person asked the user for lately, newest first; `company` are the domains of the user's own."""
    found = []
    for fact in facts:
        if fact.meeting or fact.sender not in person.addresses or not 0 <= now - fact.at <= NEED_AGE * DAY:
            continue
        if len(fact.recipients) > MOST_RECIPIENTS or own.isdisjoint((*fact.to, *fact.cc)) or not by_hand(fact):
            continue
        if wants(fact) and not kept_inside(fact, company):
            found.append(Need(fact, wanted(fact)))
    return sorted(found, key=lambda need: (-need.fact.at, need.fact.id))


def wants(fact: Fact) -> bool:
    """Whether a mail asks for something that one may speak of."""
    subject = tidy.subject(fact.subject)
    if tidy.is_forward(fact.subject) or sensitive(subject) or NO_QUESTION.search(subject) or NO_MATTER.search(subject):
        return False
    if fact.marks is None:
        return not tidy.is_reply(fact.subject) and asks.subject_asks(fact.subject)
    return not MATTERED.isdisjoint(fact.marks.asks) and "that day" not in fact.marks.signs


def wanted(fact: Fact) -> Mapping[str, float]:
    """The words of a need, those of its subject counted more."""
    found: dict[str, float] = dict(fact.marks.terms) if fact.marks else {}
    for term in subject_terms(fact.subject):
        found[term] = found.get(term, 0.0) + TITLE
    return found


def kept_inside(fact: Fact, company: frozenset[str]) -> bool:
    """Said among people who are all of the user's company: it stays there."""
    return bool(company) and {organisation(a) for a in (fact.sender, *fact.recipients)} <= company


def matches(some: Sequence[Known], now: int) -> list[Match]:
    """The pairs that suit each other, a need before a shared interest, the surest first."""
    cares = {one.person.id: lately(one.topics, now) for one in some}
    rarity = rarities(topic for topics in cares.values() for topic in topics)
    if not rarity:
        return []
    people = {one.person.id: one for one in some}
    found: dict[frozenset[int], Match] = {}
    past = known(profiled(cares), rarity)
    for match in (*by_need(people, cares, rarity, past), *by_interest(people, cares, rarity, past)):
        found.setdefault(match.pair, match)
    return list(found.values())


def lately(topics: Iterable[Topic], now: int) -> tuple[Topic, ...]:
    """Those of two threads and more that came up within a year, and may be spoken of."""
    return tuple(t for t in topics if t.threads >= 2 and now - t.last <= YEAR * DAY and not sensitive(t.term))


def rarities(topics: Iterable[Topic]) -> dict[str, float]:
    """How rare each topic is in the user's mailbox: the log of people by those who share it."""
    return {topic.term: topic.weight / topic.threads for topic in topics}


Cares: TypeAlias = Mapping[int, Sequence[Topic]]


def by_need(people: Mapping[int, Known], cares: Cares, rarity: Mapping[str, float], past: Past) -> list[Match]:
    """For each need the one who knows best what it asks for."""
    middle = median(rarity.values())
    phrases = {term: term.split() for term in rarity if " " in term}
    found = []
    for asker in people.values():
        for need in asker.needs:
            terms = dict(need.terms)
            words = {word for term in terms for word in term.split()}
            for phrase, parts in phrases.items():  # a text's terms are single words
                if words.issuperset(parts):
                    terms.setdefault(phrase, max(terms.get(part, 1.0) for part in parts))
            best = foremost(asker, terms, replace(past, idf=dict.fromkeys(terms, middle) | dict(rarity)), people)
            if best:
                shared = telling(terms, cares[best[0]], rarity)
                if shared:
                    found.append(Match(asker.person, people[best[0]].person, shared, *best[1:], need.fact))
    return sorted(found, key=lambda m: (-m.sure * m.score, -(m.need.at if m.need else 0), sorted(m.pair)))


def by_interest(people: Mapping[int, Known], cares: Cares, rarity: Mapping[str, float], past: Past) -> list[Match]:
    """Each two who fit each other better than anybody else; the one who answers likelier comes first."""
    profiles = profiled(cares)
    best = {who: foremost(people[who], profile, past, people) for who, profile in profiles.items()}
    found = []
    for one, other in combinations(sorted(best), 2):
        there, back = best[one], best[other]
        if not there or not back or (there[0], back[0]) != (other, one):
            continue
        shared = telling(profiles[one], cares[other], rarity)
        if shared:
            first, second = sorted((one, other), key=lambda who: (-answers(people[who].standing), who))
            sure = min(there[2], back[2])
            found.append(Match(people[first].person, people[second].person, shared, min(there[1], back[1]), sure))
    return sorted(found, key=lambda m: (-m.sure * m.score, sorted(m.pair)))


def profiled(cares: Cares) -> dict[int, dict[str, float]]:
    """The terms of each who has any."""
    return {who: {t.term: float(t.threads) for t in topics} for who, topics in cares.items() if topics}


def foremost(
    asker: Known, terms: Mapping[str, float], past: Past, people: Mapping[int, Known]
) -> tuple[int, float, float] | None:
    """Who fits these terms best, of those who are no kin of the asker: (number, score, how far ahead)."""
    me = asker.person
    ranked = [(who, score) for who, score in ranking(terms, past) if who != me.id and not kin(me, people[who].person)]
    sure = margin([score for _, score in ranked], max(past.people - 1, len(ranked)))
    if not ranked or ranked[0][1] < FIT or sure < SURE:
        return None
    return (*ranked[0], sure)


def telling(terms: Collection[str], cares: Iterable[Topic], rarity: Mapping[str, float]) -> tuple[str, ...]:
    """The shared topics, the most telling first, where they tell something; else none."""
    shared = [t.term for t in cares if t.term in terms and rarity[t.term] >= RARE]
    shared.sort(key=lambda term: (" " not in term, -rarity[term], term))
    enough = len(shared) > 1 or any(" " in term or rarity[term] >= RAREST for term in shared)
    return tuple(shared) if enough else ()


def answers(standing: Standing) -> float:
    """How much came back from somebody: who answers likelier is asked first."""
    return (standing.theirs + 1) / (standing.mine + standing.theirs + 2)


def by_topic(facts: Iterable[Fact], terms: Iterable[str]) -> tuple[str, Fact] | None:
    """The first of these topics that the mails name, with the newest that does."""
    mails = [f for f in facts if not f.meeting and not sensitive(f.subject)]
    of: dict[str, list[Fact]] = defaultdict(list)
    for fact in mails:
        for term in subject_terms(fact.subject):
            of[term].append(fact)
    return next(((term, max(of[term], key=lambda f: f.at)) for term in terms if term in of), None)
