"""What does a digest ask of the user? One thing at the most, answered by a command: no mail widens a consent."""

import re
from collections.abc import Iterable, Sequence
from math import log

from agent.boundaries import FEW, WEEK
from agent.gifts.introduction import called
from agent.introducing.circle import Circle
from agent.introducing.pairs import State, other_of, states
from agent.model import DAY, Morning, Person, Question, Shown
from agent.people.names import parsed, spelled
from agent.signals.standing import HALF_LIVES
from agent.words import on

SPHERES = ("work", "personal", "unknown")
"""What one says to such a question."""

DIGESTS = 3
"""Days with a digest before the first question: whoever has just begun has other things to look at."""

TWICE = 2
"""What was left alone twice is not asked again."""

IGNORED = 4
"""After so many questions in a row without an answer there are no more of them."""

LIVELY, RECENT = 5, 60
"""Mails each way, and days since the last contact, of those who are asked about."""

MOST, ALIVE = 10, 3
"""Of so many it is looked whether they suit somebody; about so few one asks without that."""

MONTH = HALF_LIVES.index(30.0)

LONGEST = 40
"""Characters of a name that one would type."""

_TYPED = re.compile(r"[^\W\d_][\w.’' -]*")
_ADDRESS = re.compile(r"\w[\w.+-]*@\w[\w.-]*")


def question(circle: Circle, asked: Sequence[Shown]) -> Question | None:
    """The question of this morning; `asked` are those of digests before, oldest first."""
    return agreed(circle, asked) or sphere(circle, asked)


def agreed(circle: Circle, asked: Sequence[Shown]) -> Question | None:
    """Whether somebody agreed who was asked about an introduction, and wrote since."""
    if len(circle.people) < 2:
        return None
    now, people = circle.morning.now, circle.everybody()
    for one in states(circle):
        if not one.turn or not one.answered or one.met or circle.rests(one.first) or circle.rests(one.second):
            continue
        before = [s.at for s in about(one.turn, asked) if s.kind == "agreed" and s.at > one.progress.asked[one.turn.id]]
        if (
            len(before) < TWICE
            and all(now - at >= WEEK for at in before)
            and (says := whether(one, people, circle.morning))
        ):
            return Question("agreed", one.turn.addresses, says)
    return None


def whether(one: State, people: Iterable[Person], morning: Morning) -> str:
    """The question, with the command that answers it; "" where one of the two cannot be named safely."""
    to = one.turn or one.first
    other = other_of(one, to)
    names = [handle(who, people) for who in (to, other)]
    if not all(names):
        return ""
    wrote, asked = (on(at, morning.now, morning.zone) for at in (one.answered, one.progress.asked[to.id]))
    return (
        f"{called(to)} wrote on {wrote}, after your mail of {asked}. Was it a yes to an introduction to "
        f"{called(other)}? "
        f"`auld introduce {names[0]} {names[1]} --yes {names[0]}` keeps it, `--no` a no."
    )


def sphere(circle: Circle, asked: Sequence[Shown]) -> Question | None:
    """Whether somebody is work or private, of whom it is not known."""
    rules, now = circle.rules, circle.morning.now
    before = [s for s in asked if s.kind == "sphere"]
    if len({s.day for s in rules.shown}) < DIGESTS or rules.unanswered >= FEW:
        return None
    if any(now - s.at < WEEK for s in before) or ignored(circle, before):
        return None
    some = livelies(circle, before)
    if not some:
        return None
    who = likeliest(circle, some)
    name = handle(who, circle.everybody()) if who else ""
    if not who or not name:
        return None
    return Question(
        "sphere",
        who.addresses,
        f"Is {called(who)} work or private? `auld person {name} work` lets auld propose introductions; "
        "until then it counts as private.",
    )


def livelies(circle: Circle, before: Sequence[Shown]) -> list[Person]:
    """The liveliest of those of whom one may ask, and who was asked about less than twice."""
    now, own = circle.morning.now, circle.morning.own
    family = {name.last for name in map(spelled, own) if name and name.full}
    found = []
    for person in circle.everybody():
        standing = circle.standing(person)
        if person.sphere != "unknown" or min(standing.mine, standing.theirs) < LIVELY:
            continue
        if now - standing.last > RECENT * DAY or circle.rests(person) or circle.rules.said(person, *SPHERES):
            continue
        name = parsed(person.name)
        if name and name.last not in family and len(about(person, before)) < TWICE:
            warmth = standing.warmth[MONTH] - log(2) * (now - standing.last) / DAY / HALF_LIVES[MONTH]
            found.append((warmth, person))
    return [person for _, person in sorted(found, key=lambda pair: (-pair[0], pair[1].id))[:MOST]]


def likeliest(circle: Circle, some: Sequence[Person]) -> Person | None:
    """Who suits somebody, else the liveliest who can be named."""
    numbers = {person.id: person for person in some}
    fitting = (who for match in circle.matches(some) for who in (match.first, match.second) if who.id in numbers)
    people = circle.everybody()
    return next((who for who in (*fitting, *some[:ALIVE]) if handle(who, people)), None)


def ignored(circle: Circle, before: Sequence[Shown]) -> bool:
    """Whether the last few questions had no answer."""
    last = before[-IGNORED:]
    return len(last) == IGNORED and not any(
        said.verb in SPHERES and said.at > one.at and not set(said.addresses).isdisjoint(one.addresses)
        for one in last
        for said in circle.rules.statements
    )


def about(person: Person, asked: Iterable[Shown]) -> list[Shown]:
    """The questions that were about this person."""
    return [s for s in asked if not set(person.addresses).isdisjoint(s.addresses)]


def handle(person: Person, people: Iterable[Person]) -> str:
    """What to type for a person: the name in quotes, the address where the name is another's too or odd; "" where
    neither may stand in a command that one copies.
    """
    name = person.name
    alone = sum(other.name.casefold() == name.casefold() for other in people) <= 1
    if alone and len(name) <= LONGEST and _TYPED.fullmatch(name) and " " in name:
        return f'"{name}"'
    return next((a for a in person.addresses if _ADDRESS.fullmatch(a)), "")
