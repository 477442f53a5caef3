"""What became of a quarter: who wrote back, what lived on, how much hangs on one employer?

Each formula gives (so many, of so many); `agent.review` says them. Whoever was written to a moment ago has time, so
that nobody is counted before a month, or what takes 90 days before those, is over.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

from agent.baselines import Event
from agent.model import DAY, FORTNIGHT, Contact, Fact, Person, Shown, Statement, Tie
from agent.moments import ANSWER, LIFE, both_ways
from agent.people.names import FREEMAIL, organisation
from agent.signals.contacts import by_hand
from agent.signals.rhythm import DEEP, LONG

COLLEAGUES = 2
"""So many others with an address there make a domain an employer's, and not one's own."""

_QUARTER = re.compile(r"(\d{4})-?[Qq]([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a year."""

    year: int
    number: int  # 1 to 4

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter of a day."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def read(cls, text: str) -> "Quarter | None":
        """`2026-Q3`, or None where it is none."""
        found = _QUARTER.fullmatch(text.strip())
        return cls(int(found[1]), int(found[2])) if found and 1970 <= int(found[1]) < 9999 else None

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def start(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> "Quarter":
        """The quarter after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        """The quarter before it."""
        return Quarter.of(self.start - timedelta(days=1))

    def span(self, zone: tzinfo) -> "Span":
        """From its first second to the first one after it, in POSIX seconds."""
        begins, ends = (int(datetime.combine(q.start, time(), zone).timestamp()) for q in (self, self.next))
        return Span(begins, ends)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, and without, `end`; POSIX seconds."""

    start: int
    end: int

    def has(self, at: int) -> bool:
        """Whether a moment lies in it."""
        return self.start <= at < self.end


def words_of_mine(tie: Tie) -> list[int]:
    """When the user wrote to them, oldest first."""
    return [contact.at for contact in tie.contacts if contact.by == "me" and not contact.meeting]


def wrote(tie: Tie, after: int, until: int) -> bool:
    """Whether they wrote after one moment and up to another."""
    return any(c.by == "them" and not c.meeting and after < c.at <= until for c in tie.contacts)


def reciprocated(ties: Iterable[Tie], span: Span, now: int) -> tuple[int, int]:
    """Of those whom the user wrote to: how many wrote, too, from that first word on to 30 days after the quarter."""
    so = of = 0
    for tie in ties:
        first = next((at for at in words_of_mine(tie) if span.has(at)), None)
        if first is None:
            continue
        back = wrote(tie, first, min(span.end + ANSWER, now))
        if back or now - first >= ANSWER:  # who was written to yesterday has time
            so, of = so + back, of + 1
    return so, of


def answered_proposals(ties: Iterable[Tie], shown: Iterable[Shown], span: Span, now: int) -> tuple[int, int]:
    """Of the proposals of the quarter on which the user wrote within a fortnight: how many were answered in 30 days."""
    by_address = {address: tie for tie in ties for address in tie.person.addresses}
    seen: set[tuple[int, int]] = set()
    so = of = 0
    for one in shown:
        tie = next((by_address[a] for a in one.addresses if a in by_address), None)
        if tie is None or not one.slot or not span.has(one.at):
            continue
        word = next((at for at in words_of_mine(tie) if one.at < at <= one.at + FORTNIGHT), None)
        if word is None or (tie.person.id, word) in seen:
            continue
        seen.add((tie.person.id, word))
        back = wrote(tie, word, min(word + ANSWER, now))
        if back or now - word >= ANSWER:
            so, of = so + back, of + 1
    return so, of


def broken_silences(ties: Iterable[Tie], span: Span, silent: float, now: int) -> list[tuple[Tie, int]]:
    """The user's first word to each after so many days of silence, where the 90 days after it are over."""
    found = []
    for tie in ties:
        for before, contact in zip(tie.contacts, tie.contacts[1:], strict=False):
            mine = contact.by == "me" and not contact.meeting and span.has(contact.at)
            if mine and contact.at - before.at >= silent * DAY and contact.at + LIFE <= now:
                found.append((tie, contact.at))
                break
    return found


def before_and_after(ties: Iterable[Tie], span: Span, now: int) -> tuple[int, int, int]:
    """Of those to whom the user wrote after a month of silence: how many wrote in the 90 days before, and after."""
    words = broken_silences(ties, span, LONG, now)
    before = sum(wrote(tie, at - LIFE, at) for tie, at in words)
    return before, sum(wrote(tie, at, at + LIFE) for tie, at in words), len(words)


def lived(ties: Iterable[Tie], span: Span, now: int) -> tuple[int, int]:
    """Of the contacts that the user revived after three months: how many lived on, with two exchanges each way in 90
    days (a call that was logged, or a meeting, is one of each).
    """
    words = broken_silences(ties, span, DEEP, now)
    return sum(both_ways(exchanges(tie, at)) for tie, at in words), len(words)


def exchanges(tie: Tie, at: int) -> list[Event]:
    """What passed from a moment to the end of 90 days, as mails each way."""
    passed = [c for c in tie.contacts if at <= c.at <= at + LIFE]
    return [Event(c.at, way, tie.person.id) for c in passed for way in _ways(c)]


def _ways(contact: Contact) -> Sequence[Literal["in", "out"]]:
    if contact.meeting:
        return ("in", "out")
    return ("out",) if contact.by == "me" else ("in",)


def introduced(statements: Iterable[Statement], people: Mapping[str, Person]) -> dict[tuple[int, int], int]:
    """The two of each introduction that the user made, and when."""
    made: dict[tuple[int, int], int] = {}
    for one in statements:
        if one.verb != "introduce" or _step(one.text) != "made":
            continue
        both = sorted({people[address].id for address in one.addresses if address in people})
        if len(both) == 2:
            made[both[0], both[1]] = one.at
    return made


def agreed(statements: Iterable[Statement], people: Mapping[str, Person]) -> dict[tuple[int, int], int]:
    """The two of each introduction to which both said yes, and since when."""
    said: dict[tuple[int, int], dict[int, tuple[str, int]]] = defaultdict(dict)
    for one in statements:
        both = sorted({people[address].id for address in one.addresses if address in people})
        who = _kept(one.text, "who") if one.verb == "introduce" else ""
        if len(both) == 2 and who in people:
            said[both[0], both[1]][people[who].id] = (_step(one.text), one.at)
    return {
        pair: max(at for _, at in each.values())
        for pair, each in said.items()
        if len(each) == 2 and all(step == "yes" for step, _ in each.values())
    }


def written_to_both(
    agreed: Mapping[tuple[int, int], int], facts: Iterable[Fact], people: Mapping[str, Person], own: Collection[str]
) -> dict[tuple[int, int], int]:
    """The two to whom the user wrote one mail after both had said yes, which introduced them, and when first."""
    found: dict[tuple[int, int], int] = {}
    for fact in facts if agreed else ():
        if fact.sender in own and by_hand(fact):
            there = {people[address].id for address in fact.recipients if address in people}
            for pair, at in agreed.items():
                if there.issuperset(pair) and fact.at >= at:
                    found[pair] = min(found.get(pair, fact.at), fact.at)
    return found


def _step(text: str) -> str:
    return _kept(text, "step")


def _kept(text: str, name: str) -> str:
    try:
        kept = json.loads(text)
    except ValueError:
        return ""
    return str(kept.get(name, "")) if isinstance(kept, dict) else ""


def introductions_lived(
    made: Mapping[tuple[int, int], int], facts: Iterable[Fact], people: Mapping[str, Person], span: Span, now: int
) -> tuple[int, int]:
    """Of the introductions of the quarter: in how many the two still stood in one mail or meeting of the user's more
    than 90 days later. Where they write without a copy, nobody can tell.
    """
    due = {pair: at for pair, at in made.items() if span.has(at) and at + LIFE <= now}
    alive = set()
    for fact in facts if due else ():
        there = {people[address].id for address in (fact.sender, *fact.recipients) if address in people}
        alive |= {pair for pair, at in due.items() if there.issuperset(pair) and fact.at > at + LIFE}
    return len(alive), len(due)


def employers(own: Collection[str], people: Iterable[Person]) -> frozenset[str]:
    """The domains at which the user works: their own, where others have addresses, too."""
    mine = {organisation(address) for address in own} - FREEMAIL
    there = Counter(where for p in people for where in {organisation(a) for a in p.addresses} & mine)
    return frozenset(where for where, others in there.items() if others >= COLLEAGUES)


def outside(ties: Iterable[Tie], span: Span, where: Collection[str]) -> tuple[int, int]:
    """Of those with whom something passed in the quarter, and ever both ways: how many are not of one's employer."""
    so = of = 0
    for tie in ties:
        sides = {contact.by for contact in tie.contacts if not contact.meeting}
        if sides >= {"me", "them"} and any(span.has(contact.at) for contact in tie.contacts):
            of += 1
            so += not {organisation(address) for address in tie.person.addresses} & set(where)
    return so, of
