"""Whom, and when, does this user like to be told of? Learned from what they took up and what they left.

Nothing is counted along the way: it is worked out anew each time from the digests that were delivered, from what the
user said, and from whom they wrote to. Taking a word back takes back what was learned from it. It orders, and no more:
nobody comes in whom a boundary holds, and no order is turned round by more than `MOST`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, log, sqrt
from typing import TypeAlias

from agent.model import DAY, FORTNIGHT, Contact, Person, Shown, Statement
from agent.people.names import FREEMAIL, organisation
from agent.words import DAYS, number

Traits: TypeAlias = Mapping[str, str]
"""What may sway the user, as name -> value: where they write from, work or private, long silent, the kind, the gift."""

LONG_SILENT = 182
"""Days: half a year is long to anybody."""

ASKS_HOW = "Ask how things stand"
"""So begins a gift that brings nothing: a question."""

FEWEST = 8
"""Decisions on both sides before anything is learned; with fewer even a clear preference may be chance."""

PRIOR = 8.0
"""So many decisions of the usual sort are granted to each side beforehand: eight of eight then weigh as twelve of
sixteen."""

SURE = 2.0
"""Standard errors by which two shares must differ: of users without any taste one in twenty-two reaches that."""

LEAST, MOST = 0.5, 2.0
"""What the order of a pool is multiplied with at the least and at the most: taste sways, welcome decides."""

FELT = 1.1
"""A factor nearer to 1 than this moved nobody, and is not spoken of."""

DIGESTS = 6
"""Digests of one weekday, all left alone, after which that day has one person at the most."""

ALIVE = 1 / 3
"""The share of the digests of the other days that must have been answered meanwhile: else it is not the day."""

SETTLED = FORTNIGHT - DAY // 2
"""Seconds after which a digest without an answer was left alone: a fortnight, to the morning and not the minute."""

TOLD = timedelta(days=21)
"""The digest of a weekday that settled last is younger than this on the first such day on which it counts."""

TOOK, PUT_OFF = ("done", "log", "log mine", "log theirs"), ("later", "not now", "never")


@dataclass(frozen=True, slots=True)
class Choice:
    """One proposal that the user saw, and what they made of it."""

    day: date  # of its digest
    traits: Traits
    took: bool


@dataclass(frozen=True, slots=True)
class Lean:
    """What one trait does: of `of` proposals with it the user took up `took`, of `others` without it `took_others`.

    `effect` is half the difference of the log odds, both leaning on what is usual.
    """

    name: str
    value: str
    effect: float
    took: int
    of: int
    took_others: int
    others: int


@dataclass(frozen=True, slots=True)
class Taste:
    """All that was learned; empty where the user decided little, or without any preference."""

    leans: Mapping[tuple[str, str], Lean] = field(default_factory=dict)
    idle: frozenset[int] = frozenset()  # weekdays (0 = Monday) whose digests are left alone
    newly: frozenset[int] = frozenset()  # of these, those that came to be so with their last digest

    def factor(self, traits: Traits) -> float:
        """By how much somebody comes earlier (above 1) or later in their pool."""
        effect = sum(lean.effect for lean in self.of(traits))
        return min(max(exp(effect), LEAST), MOST)

    def of(self, traits: Traits) -> list[Lean]:
        """What was learned of these traits, the strongest first."""
        found = (self.leans.get(trait) for trait in traits.items())
        return sorted((lean for lean in found if lean), key=lambda lean: -abs(lean.effect))

    @property
    def dislikes_questions(self) -> bool:
        """Whether mere questions are left, where something to bring is taken up."""
        lean = self.leans.get(("gift", "question"))
        return lean is not None and lean.effect < 0

    def says(self, traits: Traits) -> str:
        """What was learned, in a sentence, where it moved somebody with these traits; else ""."""
        factor = self.factor(traits)
        if max(factor, 1 / factor) < FELT:
            return ""
        way = "earlier" if factor > 1 else "later"
        leans = [lean for lean in self.of(traits) if (lean.effect > 0) == (factor > 1)]
        return f"{evidence(leans[0])} They come {way} for that."

    def says_of_day(self, weekday: int) -> str:
        """One line, on the first day on which it holds; else ""."""
        if weekday not in self.newly:
            return ""
        return (
            f"You left the last {number(DIGESTS)} digests of a {DAYS[weekday]} alone, so that there is one person at "
            "most on that day for now. Taking one up brings the others back."
        )


def evidence(lean: Lean) -> str:
    """What a lean rests on."""
    theirs, rest = (f"{number(n)}" for n in (lean.of, lean.others))
    took = number(lean.took) if lean.took else "none"
    others = number(lean.took_others) if lean.took_others else "none"
    phrase = PHRASES.get((lean.name, lean.value), f"of the kind “{lean.value}”")
    return f"Of {theirs} proposals {phrase} you took up {took}, of {rest} others {others}."


PHRASES: Mapping[tuple[str, str], str] = {
    ("from", "company"): "to write to an address of a company",
    ("from", "own"): "to write to a private mail address",
    ("sphere", "work"): "to write to people of your work",
    ("sphere", "personal"): "to write to people of your private life",
    ("silence", "long"): "to write after half a year of silence or more",
    ("silence", "short"): "to write after less than half a year of silence",
    ("kind", "reply"): "to answer somebody",
    ("kind", "reconnect"): "to keep up a contact",
    ("kind", "revive"): "to revive a contact",
    ("gift", "question"): "that came with a mere question",
    ("gift", "other"): "that brought something",
}


def traits(kind: str, person: Person, silent: float | None) -> dict[str, str]:
    """What may sway the user about one person; `silent` is the silence in days, None where nobody can tell."""
    found = {"kind": kind}
    if person.addresses:
        found["from"] = "own" if organisation(person.addresses[0]) in FREEMAIL else "company"
    if person.sphere != "unknown":
        found["sphere"] = person.sphere
    if silent is not None:
        found["silence"] = "long" if silent >= LONG_SILENT else "short"
    return found


def choices(
    shown: Iterable[Shown],
    statements: Collection[Statement],
    people: Mapping[str, Person],
    passed: Mapping[int, Sequence[Contact]],
    now: int,
) -> list[Choice]:
    """What the user made of each proposal that they saw before `now`, oldest first.

    `people` are those behind the addresses, `passed` the contacts with each (by id, oldest first) since half a year
    before the first proposal; whoever has none was silent for longer. A proposal was taken
    up if the user wrote, or said that it was done, within a fortnight; it was left if they put it off, or left it
    alone for a fortnight although they took up or put off another one of that digest. Of all others nobody can tell.
    """
    seen = [(one, people[a]) for one in shown if one.slot and (a := _known(one, people))]
    decided = [(one, person, taken(one, statements, passed.get(person.id, ()))) for one, person in seen]
    alive = {one.day for one, _, took in decided if took is not None}
    found = []
    for one, person, took in decided:
        if took is None and (one.day not in alive or now - one.at < SETTLED):
            continue
        before = [contact.at for contact in passed.get(person.id, ()) if contact.at <= one.at]
        silent = (one.at - before[-1]) / DAY if before else LONG_SILENT
        what = traits(one.kind, person, silent)
        if one.kind != "reply":
            what["gift"] = "question" if one.gift.startswith(ASKS_HOW) else "other"
        found.append(Choice(one.day, what, bool(took)))
    return found


def taken(one: Shown, statements: Iterable[Statement], passed: Iterable[Contact]) -> bool | None:
    """Whether the user took a proposal up within a fortnight (True), put it off (False), or neither (None)."""
    until = one.at + FORTNIGHT
    if any(one.at < c.at <= until and c.by == "me" and not c.meeting for c in passed):
        return True
    theirs = set(one.addresses)
    verbs = {s.verb for s in statements if one.at <= s.at <= until and not theirs.isdisjoint(s.addresses)}
    if not verbs.isdisjoint(TOOK):
        return True
    return None if verbs.isdisjoint(PUT_OFF) else False


def learned(made: Sequence[Choice]) -> dict[tuple[str, str], Lean]:
    """What the choices say of each trait of which there are enough, with it and without."""
    found = {}
    for name, value in sorted({trait for choice in made for trait in choice.traits.items()}):
        those = [c.took for c in made if c.traits.get(name) == value]
        others = [c.took for c in made if c.traits.get(name, value) != value]
        if min(len(those), len(others)) < FEWEST or not _differ(those, others):
            continue
        usual = (sum(those) + sum(others) + 1) / (len(those) + len(others) + 2)
        effect = (_odds(those, usual) - _odds(others, usual)) / 2
        found[name, value] = Lean(name, value, effect, sum(those), len(those), sum(others), len(others))
    return found


def _odds(took: Sequence[bool], usual: float) -> float:
    """The log odds of taking up, leaning on what is usual."""
    share = (sum(took) + PRIOR * usual) / (len(took) + PRIOR)
    return log(share / (1 - share))


def _differ(those: Sequence[bool], others: Sequence[bool]) -> bool:
    """Whether the two shares differ by more than chance, each granted half a case either way."""
    yes, no = sum(those) + 0.5, len(those) - sum(those) + 0.5
    also, not_ = sum(others) + 0.5, len(others) - sum(others) + 0.5
    return abs(log(yes / no) - log(also / not_)) >= SURE * sqrt(1 / yes + 1 / no + 1 / also + 1 / not_)


def idle_days(answered: Mapping[date, bool]) -> frozenset[int]:
    """The weekdays whose last few digests were all left alone while those of other days were not.

    `answered` says of each digest that is old enough whether the user took up or put off anything of it.
    """
    found = set()
    for weekday in range(7):
        own = sorted(day for day in answered if day.weekday() == weekday)[-DIGESTS:]
        if len(own) < DIGESTS or any(answered[day] for day in own):
            continue
        others = [answered[day] for day in answered if day >= own[0] and day.weekday() != weekday]
        if len(others) >= DIGESTS and sum(others) >= ALIVE * len(others):
            found.add(weekday)
    return frozenset(found)


def answered_days(
    shown: Iterable[Shown],
    statements: Collection[Statement],
    people: Mapping[str, Person],
    passed: Mapping[int, Sequence[Contact]],
    now: int,
) -> dict[date, bool]:
    """Of each digest whether anything of it was taken up or put off; one that is left alone only after a fortnight."""
    found: dict[date, bool] = {}
    for one in shown:
        if not one.slot:
            continue
        address = _known(one, people)
        took = taken(one, statements, passed.get(people[address].id, ()) if address else ())
        if took is not None:
            found[one.day] = True
        elif now - one.at >= SETTLED:
            found.setdefault(one.day, False)
    return found


def taste(made: Sequence[Choice], answered: Mapping[date, bool], today: date) -> Taste:
    """All that there is to learn."""
    idle = idle_days(answered)
    newly = frozenset(weekday for weekday in idle if _newly(answered, weekday, today))
    return Taste(learned(made), idle, newly)


def _newly(answered: Mapping[date, bool], weekday: int, today: date) -> bool:
    """Whether a weekday was not idle yet before the last digest of it, and that one settled just now."""
    last = max(day for day in answered if day.weekday() == weekday)
    before = {day: yes for day, yes in answered.items() if day < last}
    return today - last < TOLD and weekday not in idle_days(before)


def _known(one: Shown, people: Mapping[str, Person]) -> str:
    """The first of its addresses that is still somebody's, "" where none is."""
    return next((address for address in one.addresses if address in people), "")
