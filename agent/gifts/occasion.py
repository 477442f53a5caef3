"""Whose day is it, as the user's address books and calendars have it?

A birthday is a card's or stands in a calendar as a whole day named after somebody; a work anniversary stands in a
calendar only. The ANNIVERSARY of a vCard is a wedding day, which is for the two to remember: it is not read. A name
stands for somebody only where it is a full one that nobody else here has.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from agent.model import Citation, Fact, Gift, Morning, Occasion, Person, Standing, Tie
from agent.people import names
from agent.words import clipped, first_name
from connectors.contract import Card

EARLIEST = 1900
"""A birth year before this is a program's word for "unknown" (Apple writes 1604), as are its first days of a year."""

DEFAULTS = frozenset({date(1900, 1, 1), date(1904, 1, 1), date(1970, 1, 1), date(1601, 1, 1), date(1, 1, 1)})
"""Where the clocks of programs begin: nobody's birthday."""

OLDEST = 105
"""Years: a card with an earlier year is in error, and says no age."""

ROUND = 10
"""Only an age that people celebrate is said."""

_BIRTHDAY = (
    r"birthdays?|b-?day|geburtstag|anniversaire|anniv|cumplea[ñn]os|compleanno|anivers[áa]rio|verjaardag|jarig|"
    r"f[øö]dselsdag|f[öø]delsedag|bursdag|fyller [åa]r|urodziny|narozeniny|narodeniny|syntym[äa]p[äa]iv[äa]|"
    r"sz[üu]let[ée]snap|день рождения|рождения|день народження|誕生日|生日|생일"
)
_WORK = (
    r"(?:work|service|company|job) anniversary|years? of service|dienstjubil[äa]um|firmenjubil[äa]um|"
    r"betriebsjubil[äa]um|arbeitsjubil[äa]um|anniversaire (?:professionnel|de travail|d['’]entr[ée]e)|"
    r"aniversario (?:laboral|de trabajo)|anniversario (?:di lavoro|lavorativo)|"
    r"anivers[áa]rio (?:de trabalho|de empresa)|"
    r"(?:werk|dienst)jubileum|arbetsjubileum|jubileusz pracy|трудовой юбилей|勤続記念日|入社記念日|入职周年|入职纪念日|"
    r"근속 기념일|\b\d{1,2} (?:years|jahre|ans|años|anni|anos|jaar|år) (?:at|with|bei|chez|en|presso|na|bij|hos|på)\b.*"
)
_FILLER = (
    r"happy|it['’]?s|is|has|hat|heute|de|di|da|do|du|d|del|della|dela|von|van|vom|of|for|für|the|der|die|das|le|la|l|el|"
    r"il|o|a|e|s|es|est|ist|är|har|om|at|u|á|の|的|님|의|turns?|wird|years?|jahre|ans|años|anni|anos|jaar|år|lat|"
    r"st|nd|rd|th|er|ème|º|ª"
)
BIRTHDAY = re.compile(rf"(?<![^\W_])(?:{_BIRTHDAY})(?![^\W_])|誕生日|生日|생일|🎂", re.IGNORECASE)
WORK = re.compile(_WORK, re.IGNORECASE)
"""How a whole day in a calendar is titled in ten languages and some."""

MOST_WORDS = 5
"""Of a name in a title."""

_EMPTY = re.compile(rf"(?:(?:{_FILLER})(?![^\W\d_])|[\W\d_])*", re.IGNORECASE)
"""What may be left of such a title: anything more says that it is somebody else's day, or a party."""

_OWNING = r"(?:s|さんの|の|的|님의|의)"
"""How a name owns what follows; apostrophes are folded away."""

_ELIDED = re.compile(r"\b([dl])['’](?=[^\W\d_])", re.IGNORECASE)
"""As in "anniversaire d'Ada"; of D'Angelo it is a part of the name."""

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
"""A name that is written without a gap."""

LONGEST = 120
"""Characters of a title in which a name is looked for."""


def occasions(
    cards: Iterable[Card],
    calendar: Iterable[Fact],
    people: Collection[Person],
    days: Sequence[date],
    own: frozenset[str],
) -> dict[int, Occasion]:
    """For each person (by number) what falls on one of `days`, the first that does.

    `calendar` are the whole-day events of these days.
    """
    named = by_name(people)
    found: dict[int, list[Occasion]] = defaultdict(list)
    for person, one in (*_on_cards(cards, people, named, days, own), *_in_calendars(calendar, named, days, own)):
        found[person].append(one)
    return {person: min(some, key=_first) for person, some in found.items()}


def _first(one: Occasion) -> tuple[bool, date, bool]:
    """A birthday before a work anniversary, the sooner before the later, and the one that tells more."""
    return one.name != "birthday", one.day, not one.age


def by_name(people: Iterable[Person]) -> dict[str, int]:
    """Folded full name -> the number of the one person who bears it."""
    bearers: dict[str, list[int]] = defaultdict(list)
    for person in people:
        if person.kind == "person" and (full := full_name(person.name)):
            bearers[full].append(person.id)
    return {name: numbers[0] for name, numbers in bearers.items() if len(numbers) == 1}


def full_name(name: str) -> str:
    """A name folded to compare, "" where it is not a full one: "Ada" may be anybody."""
    words = _words(names.fold(name[:LONGEST]))
    return " ".join(words) if len(words) > 1 or any(map(_CJK.fullmatch, words)) else ""


def _words(folded: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", folded)


def _on_cards(
    cards: Iterable[Card],
    people: Iterable[Person],
    named: Mapping[str, int],
    days: Sequence[date],
    own: frozenset[str],
) -> Iterator[tuple[int, Occasion]]:
    """The birthdays of the cards; where two cards of one person name different days, nobody knows which is right."""
    owners = {address: person.id for person in people for address in person.addresses}
    born: dict[int, set[date]] = defaultdict(set)
    bearing: dict[str, set[date]] = defaultdict(set)  # where no address is known, by the full name
    for card in cards:
        theirs = {address.lower() for address in card.addresses}
        if card.birthday is None or card.birthday in DEFAULTS or not own.isdisjoint(theirs):
            continue
        known = {owners[address] for address in theirs if address in owners}
        for person in known:
            born[person].add(card.birthday)
        if not known and (full := full_name(card.name)):
            bearing[full].add(card.birthday)
    for full, some in bearing.items():
        if full in named:
            born[named[full]] |= some
    for person, some in born.items():
        if len({(one.month, one.day) for one in some}) == 1:
            years = {one.year for one in some if one.year >= EARLIEST}
            year = years.pop() if len(years) == 1 else 0
            yield from ((person, one) for one in _birthdays(next(iter(some)), year, days))


def _birthdays(born: date, year: int, days: Iterable[date]) -> Iterator[Occasion]:
    """The birthday, if it falls on one of these days. One of 29 February is kept on the 28th in a common year."""
    for day in days:
        leap = (born.month, born.day) == (2, 29) and not _leaps(day.year)
        if (day.month, day.day) == ((2, 28) if leap else (born.month, born.day)):
            age = day.year - year if year else 0
            said = age if age % ROUND == 0 and ROUND < age <= OLDEST else 0
            yield Occasion("birthday", day, "your address book", said, leap)
            return


def _leaps(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _in_calendars(
    calendar: Iterable[Fact], named: Mapping[str, int], days: Collection[date], own: frozenset[str]
) -> Iterator[tuple[int, Occasion]]:
    """The whole days that are called after somebody, and to which nobody is asked."""
    for fact in calendar:
        day = datetime.fromtimestamp(fact.at, UTC).date()
        title = " ".join(fact.subject.split())
        if fact.cancelled or day not in days or not own.issuperset(fact.recipients) or len(title) > LONGEST:
            continue
        for name, pattern in (("work anniversary", WORK), ("birthday", BIRTHDAY)):
            if pattern.search(title):
                person = whose(title, pattern, named)
                if person is not None:
                    cited = Citation(fact.id, fact.at, "me" if fact.sender in own else "other", fact.subject)
                    yield person, Occasion(name, day, "your calendar", cite=cited)  # type: ignore[arg-type]
                break


def whose(title: str, pattern: re.Pattern[str], named: Mapping[str, int]) -> int | None:
    """Whom a title means that holds one full name and, beside it, nothing but the words of its day."""
    bare = pattern.sub(" ", title)
    found = _called(names.fold(bare), named) or _called(names.fold(_ELIDED.sub(r"\1 ", bare)), named)
    return found.pop() if len(found) == 1 else None


def _called(rest: str, named: Mapping[str, int]) -> set[int]:
    """Everybody of whom the rest of a title says the name, and nothing else."""
    words = _words(rest)
    found = set()
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + MOST_WORDS) + 1):
            for last in {words[end - 1], re.sub(rf"{_OWNING}$", "", words[end - 1])}:
                name = " ".join((*words[start : end - 1], last))
                if name in named and _nothing_else(rest, name):
                    found.add(named[name])
    return found


def _nothing_else(title: str, name: str) -> bool:
    """Whether a title without this name, perhaps in its owning form, says nothing more."""
    spelled = r"\W+".join(map(re.escape, name.split()))
    left, times = re.subn(rf"(?<![^\W\d_]){spelled}{_OWNING}?(?![^\W\d_])", " ", title)
    return times == 1 and _EMPTY.fullmatch(left) is not None


def occasion(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """A word for this person's day."""
    day = morning.almanac.occasions.get(tie.person.id)
    if not day:
        return None
    name = clipped(first_name(tie.person.name), 40)
    birthday = day.name == "birthday"
    return Gift(
        kind="occasion",
        says=f"A birthday wish to {name}, in a line or two."
        if birthday
        else f"A line to {name} on their work anniversary.",
        opener=f"Hi {name},\n\n{'happy birthday!' if birthday else 'congratulations on your work anniversary!'} ",
        cites=(day.cite,) if day.cite else (),
        subject="Happy birthday" if birthday else "Your work anniversary",
    )
