"""Which event in the user's calendar would this person care about, too?

Only what is open to many is spoken of: a fair, a lecture, a concert, by a word of its title. A meeting of a few is
theirs, and what a company holds for itself stays in it (001.3).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

from agent.gifts.cited import cite
from agent.model import DAY, Event, Fact, Gift, Morning, Standing, Thread, Tie
from agent.people.names import FREEMAIL, organisation
from agent.signals.company import companies
from agent.signals.contacts import MOST_PEOPLE
from agent.signals.interests import subject_terms, terms_within
from agent.words import DAYS, MONTHS, clipped, first_name
from nlp import asks, tidy, topics
from nlp.words import sensitive

AHEAD_FROM, AHEAD_TO = 3, 30
"""Days: sooner nobody can arrange to come, later it is too early to ask."""

OFTEN, RECENT = 2, 365
"""Threads that make a topic (once is chance), and the days in which they lie: what was long ago may matter no more."""

TELLING = 2
"""Words of a title that say what an event is about, beside the word for its sort."""

OPEN = re.compile(
    r"\b(?:fairs?|exhibitions?|expo|conference|congress|symposium|festival|concert|recital|lectures?|talks?|show|market|"
    r"workshop|open (?:day|house|studio)|book launch|reading|premi[eè]re|vernissage|summit|meetup|convention|hackathon|"
    r"messe|ausstellung|konferenz|kongress|tagung|fest|konzert|vortrag|vorträge|markt|lesung|buchmesse|tag der offenen|"
    r"salon|foire|exposition|conf[ée]rence|colloque|congr[èe]s|concert|march[ée]|f[êe]te|"
    r"feria|exposici[óo]n|conferencia|congreso|concierto|mercado|charla|jornadas|"
    r"fiera|mostra|conferenza|convegno|concerto|mercato|feira|exposi[çc][ãa]o|confer[êe]ncia|congresso|palestra|"
    r"beurs|tentoonstelling|conferentie|congres|lezing|m[äa]ssa|utst[äa]llning|konferens|f[öo]rel[äa]sning|konsert|"
    r"targi|wystawa|konferencja|koncert|wyk[łl]ad)\b|"
    r"(?:messe|ausstellung|konferenz|kongress|tagung|konzert|markt|beurs|tentoonstelling|utst[äa]llning|konferens)\b|"
    r"выставк|ярмарк|конференц|концерт|лекци|展覧会|展示会|会議|講演|フェア|展览|博览会|会议|讲座|音乐会|전시회|박람회|학회|강연",
    re.IGNORECASE,
)
"""What is open to many calls itself so, in ten languages and some."""

CLOSED = re.compile(
    r"\b(?:interview|court|lawyer|attorney|appraisal|salary|birthday|wedding|funeral|anniversary|party|private|privat|"
    r"priv[ée]|privado|privato|confidential|vertraulich|internal|intern|interne|interno|school|parents?|kids?|team|board|"
    r"staff|client|customer|investors?|offsite|retreat|bewerbung|vorstellungsgespr[äa]ch|hochzeit|geburtstag|schule|"
    r"call|meeting|standup|review|sync|prep|deadline|dry run|rehearsal)\b",
    re.IGNORECASE,
)
"""And what is not, says so too."""


def events(facts: Iterable[Fact], whole: Collection[int], recurring: Collection[int], own: frozenset[str], now: int,
           zone: tzinfo) -> tuple[Event, ...]:  # fmt: skip
    """What of the meetings ahead (`facts`) one may speak of, the soonest first; `whole` and `recurring` are the ids of
    those that last whole days, and of those that are one of a series.
    """
    company = companies(own)
    found: dict[str, Event] = {}
    for fact in facts:
        others = frozenset(a for a in (fact.sender, *fact.recipients) if a and a not in own)
        title = " ".join(tidy.subject(fact.subject).split())
        day = datetime.fromtimestamp(fact.at, UTC if fact.id in whole else zone).date()
        ahead = (day - datetime.fromtimestamp(now, zone).date()).days
        if not fact.meeting or fact.cancelled or not own.isdisjoint(fact.declined) or fact.id in recurring:
            continue
        if not AHEAD_FROM <= ahead <= AHEAD_TO or 0 < len(others) < MOST_PEOPLE or not speaks(title):
            continue
        inside = within({organisation(a) for a in others}, company)
        about = terms_within(title)
        found.setdefault(title.casefold(), Event(fact.id, fact.at, day, title, about, others, inside))
    return tuple(found.values())


def within(parts: Collection[str], company: frozenset[str]) -> frozenset[str]:
    """The organisations that keep an event to themselves, by those that take part: the user's own, or one other, or
    both; none where people of several come, or nobody is named.
    """
    guests = frozenset(parts) - company
    return company | guests if parts and len(guests) <= 1 and guests.isdisjoint(FREEMAIL) else frozenset()


def speaks(title: str) -> bool:
    """Whether a title names an event that is open to many, and says what it is about."""
    if not OPEN.search(title) or CLOSED.search(title) or asks.is_logistics(title) or sensitive(title):
        return False
    words = {term for term in subject_terms(OPEN.sub(" ", title)) if " " not in term}
    return len(words) >= TELLING


def suits(one: Event, tie: Tie) -> bool:
    """Whether this person may be told of it: they are not in it by now, nor is it about them, nor kept from them."""
    theirs = frozenset(tie.person.addresses)
    if not theirs.isdisjoint(one.people) or (one.inside and not {organisation(a) for a in theirs} <= one.inside):
        return False
    named = {word for word in re.split(r"[^\w]+", tie.person.name.casefold()) if len(word) > 2}
    return named.isdisjoint(re.split(r"[^\w]+", one.title.casefold()))


def shared(one: Event, threads: Iterable[Thread]) -> tuple[str, Fact] | None:
    """What the event's title names and two of these threads or more were about, as one would say it, and the newest
    mail that was; None where there is nothing but chance.
    """
    about: Counter[str] = Counter()
    last: dict[str, Fact] = {}
    told = []
    for thread in threads:
        common = subject_terms(thread.subject) & one.about
        about.update(common)
        told.append(thread.subject)
        for term in common:
            last[term] = max(last.get(term, thread.mails[-1]), thread.mails[-1], key=lambda m: (m.at, m.id))
    often = sorted((term for term, n in about.items() if n >= OFTEN), key=lambda term: (-about[term], term))
    telling = [term for term in often if " " in term]
    words = telling[:1] or beside(often, one.title)
    if not words:
        return None
    return topics.shown(words[0], [*told, one.title]), last[words[0] if words[0] in last else words[0].split()[0]]


def beside(words: Collection[str], title: str) -> list[str]:
    """Two of these words that stand beside each other in the title, as one term."""
    said = re.findall(r"[^\W_]+", title.casefold())
    known: Mapping[str, str] = {form: word for word in words for form in (word, f"{word}s", f"{word}en", f"{word}n")}
    return [
        f"{known[one]} {known[other]}" for one, other in pairwise(said)
        if one in known and other in known and known[one] != known[other]
    ]  # fmt: skip


def event(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """The soonest event in the user's calendar that fits what the two wrote about."""
    lately = [t for t in tie.threads if morning.now - t.mails[-1].at <= RECENT * DAY]
    for one in morning.almanac.events:
        found = shared(one, lately) if suits(one, tie) else None
        if not found:
            continue
        topic, mail = found
        name, title = first_name(tie.person.name), clipped(one.title, 80)
        day = f"{DAYS[one.day.weekday()]}, {one.day.day} {MONTHS[one.day.month - 1]}"
        return Gift(
            kind="event",
            says=f"“{title}” is on {day} in your calendar; you two wrote about {topic}. Ask whether {name} goes.",
            opener=f"Hi {name},\n\n“{title}” is on {day}. Are you going? ",
            cites=(cite(mail, morning.own, tie),),
            subject=title,
        )
    return None
