"""Who might be introduced to whom this morning, and whose word does it wait for?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.gifts.cited import side
from agent.gifts.introduction import ASKED, telling
from agent.introducing.circle import Circle
from agent.introducing.consents import Progress, begun, progress, whose_turn
from agent.introducing.suiting import Match, by_topic
from agent.model import DAY, FORTNIGHT, Citation, Fact, Introduction, Person, Tie
from agent.signals.interests import subject_terms
from nlp import tidy, topics

LOOKED_UP = 12
"""So many pairs are looked up in the mail; whoever stands lower suits each other less."""

MOST = 3
"""Introductions of a morning; of those that begin there is one, the likeliest."""

SHOWINGS = 2
"""What was proposed so often and left alone is not wanted."""

WAITING = 60 * DAY
"""Seconds for which somebody who was asked, and did not answer, is not asked about anybody else."""


@dataclass(frozen=True, slots=True)
class State:
    """How far it is with two people: also by what the user did."""

    first: Person
    second: Person
    progress: Progress
    turn: Person | None = None  # who is to be asked next
    met: Fact | None = None  # a mail or a meeting in which both stood, or the newest of such a thread
    answered: int = 0  # when they wrote to the user after they were asked
    shows: bool = True  # whether it is known that they were asked, and not only that the user wrote to them
    match: Match | None = None

    @property
    def begun(self) -> bool:
        """Whether anything was said or done about it."""
        return bool(self.progress.asked or self.progress.made)

    @property
    def agreed(self) -> bool:
        """Whether both said yes."""
        return len(self.progress.agreed) == 2

    @property
    def made(self) -> int:
        """When they were introduced; 0 = not yet. A mail of the user's to both, after both agreed, introduced them."""
        return self.progress.made or (self.met.at if self.met and self.agreed else 0)

    @property
    def pair(self) -> frozenset[int]:
        """The two, by number."""
        return frozenset((self.first.id, self.second.id))


def state(circle: Circle, one: Person, other: Person, match: Match | None = None) -> State:
    """How far it is with these two."""
    so_far = progress(one, other, circle.rules.statements)
    first, second = (match.first, match.second) if match else (one, other)
    guessed = set()
    for who in (first, second):
        if who.id not in so_far.asked:
            at, shows = asked(circle, who, other if who is one else one, so_far)
            so_far = replace(so_far, asked={**so_far.asked, who.id: at}) if at else so_far
            guessed |= set() if shows else {who.id}
    if so_far.asked:
        first, second = sorted((first, second), key=lambda p: so_far.asked.get(p.id, circle.morning.now + 1))
    turn = whose_turn(first, second, so_far)
    met = circle.met(one, other)
    if met and len(so_far.agreed) == 2:
        met = introduced(circle, one, other, max(so_far.agreed.values())) or met
    at = so_far.asked.get(turn.id, 0) if turn else 0
    answered = heard(circle, turn, at) if turn and at else 0
    return State(first, second, so_far, turn, met, answered, not turn or turn.id not in guessed, match)


def heard(circle: Circle, who: Person, since: int) -> int:
    """When somebody first wrote to the user after that; 0 = not yet."""
    return next((f.at for f in circle.talks(who) if f.at > since and f.sender in who.addresses), 0)


def asked(circle: Circle, who: Person, other: Person, so_far: Progress) -> tuple[int, bool]:
    """When the user wrote to somebody after it was proposed to ask them, or said done (0 = not yet); and whether that
    mail was the one that was proposed.
    """
    shown = circle.showings(who, other, so_far.agreed.get(other.id, 0))
    if not shown:
        return 0, True
    wrote = [f for f in circle.talks(who) if f.sender in circle.morning.own and f.at > shown[0].at]
    asking = [f.at for f in wrote if tidy.subject(f.subject) == ASKED]
    said = [s.at for s in circle.rules.said(who, "done") if s.at > shown[0].at]
    return min(asking or (*(f.at for f in wrote), *said), default=0), bool(asking)


def introduced(circle: Circle, one: Person, other: Person, since: int) -> Fact | None:
    """The user's own mail to both since then."""
    theirs, own = set(other.addresses), circle.morning.own
    to_both = [f for f in circle.facts(one) if f.at >= since and f.sender in own and theirs & set(f.recipients)]
    return to_both[0] if to_both else None


def introductions(circle: Circle) -> tuple[Introduction, ...]:
    """The introductions of this morning that wait for the user: those under way, then the likeliest new ones."""
    if len(circle.people) < 2:
        return ()
    found: list[Introduction] = []
    busy: set[int] = set()
    began = False
    for one in states(circle):
        if len(found) >= MOST or busy & one.pair:
            continue
        step = next_step(circle, one)
        if step and not one.begun and (began or circle.held(step.to)):
            continue
        began = began or (step is not None and not one.begun)
        if step:
            found.append(step)
        if step or waits(one, circle.morning.now):
            busy |= one.pair
    return tuple(found)


def states(circle: Circle) -> Iterable[State]:
    """Every pair that is under way or might begin: the former first, the likeliest of the latter."""
    fitting = {match.pair: match for match in circle.matches()}
    under_way = begun(circle.people, circle.rules.statements)
    for one, other in under_way:
        yield state(circle, one, other, fitting.pop(frozenset((one.id, other.id)), None))
    for match in list(fitting.values())[:LOOKED_UP]:
        yield state(circle, match.first, match.second, match)


def waits(one: State, now: int) -> bool:
    """Whether somebody of these two was asked lately, so that neither is asked about anybody else."""
    if one.made or one.met or one.progress.declined:
        return False
    last = max((*one.progress.asked.values(), *one.progress.agreed.values()), default=0)
    return bool(last) and now - last < WAITING


def next_step(circle: Circle, one: State) -> Introduction | None:
    """What the user would do next with these two this morning, if it is anything."""
    so_far, now = one.progress, circle.morning.now
    if one.made or one.met or so_far.declined or circle.rests(one.first) or circle.rests(one.second):
        return None
    if one.turn is None:
        shown = [
            s
            for to in (one.first, one.second)
            for s in circle.showings(to, other_of(one, to), max(so_far.agreed.values()))
        ]
        return None if len(shown) >= SHOWINGS else step(circle, one)
    to, other = one.turn, other_of(one, one.turn)
    at = so_far.asked.get(to.id, 0)
    if at:
        quiet = now - at < FORTNIGHT or one.answered or not one.shows or circle.showings(to, other, at + 1)
        return None if quiet else step(circle, one)
    if len(circle.showings(to, other, so_far.agreed.get(other.id, 0))) >= SHOWINGS:
        return None
    return step(circle, one) if one.match or so_far.agreed else None


def other_of(one: State, person: Person) -> Person:
    """The other of the two."""
    return one.second if person.id == one.first.id else one.first


def step(circle: Circle, one: State) -> Introduction | None:
    """The next step with these two, whenever that is; None where nothing is left to do, or nothing shows why."""
    so_far = one.progress
    if so_far.declined or one.made:
        return None
    to = one.turn or one.first
    other = other_of(one, to)
    words, need, cites = reasons(circle, one)
    if one.match and not cites and not one.begun:
        return None
    at = max((cite.at for cite in cites), default=0)
    return Introduction(
        to=to,
        other=other,
        step="introduce" if one.turn is None else "remind" if to.id in so_far.asked and one.shows else "ask",
        need="" if not need else "theirs" if need == to.id else "other's",
        about=words.get(to.id, ""),
        others=words.get(other.id, ""),
        at=at,
        asked=so_far.asked.get(to.id, 0),
        agreed=so_far.agreed.get(other.id, 0),
        cites=cites,
        unsaid=telling(other, circle.employers(other)),
    )


def chance(talks: Sequence[Fact], terms: Sequence[str]) -> bool:
    """Whether all that is shared are words that stand in one and the same mail: these are one thing, and a single word
    is chance.
    """
    if len(terms) < 2 or any(" " in term for term in terms):
        return False
    named = [found[1].id for term in terms if (found := by_topic(talks, [term]))]
    return len(set(named)) < 2


def reasons(circle: Circle, one: State) -> tuple[Mapping[int, str], int, tuple[Citation, ...]]:
    """With which words each would be asked (those that were used, where they were), whose need it is, and what shows
    it.
    """
    so_far, match = one.progress, one.match
    if match is None:
        return so_far.about, so_far.need, ()
    words: dict[int, str] = {}
    cites: list[Fact] = []
    for who in (match.first, match.second):
        talks = circle.talks(who)
        if who is match.second and chance(talks, match.terms):
            break
        if match.need and who is match.first:
            subject = tidy.subject(match.need.subject)
            spoken = {word for term in subject_terms(subject) for word in term.split()}
            named = any(spoken.issuperset(term.split()) for term in match.terms)
            single = next((term for term in match.terms if " " not in term), "")  # a phrase may be the other's alone
            words[who.id] = subject if named else single
            cites.append(match.need)
        elif found := by_topic(talks, match.terms):
            words[who.id] = topics.shown(found[0], (f.subject for f in talks))
            cites.append(found[1])
    if len(cites) < 2:
        return so_far.about, so_far.need, ()
    tie = Tie(one.turn or one.first, ())
    cited = (Citation(f.id, f.at, side(f, circle.morning.own, tie), tidy.subject(f.subject)) for f in cites)
    about = {**words, **{who: said for who, said in so_far.about.items() if said}}
    return about, so_far.need or (match.first.id if match.need else 0), tuple(cited)
