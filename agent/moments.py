"""By which moments of the user's own past can a ranking be judged, and what was known then?

Cut-offs stand every 30 days from 40 % to 90 % of the span of what the user sent (its 1st to 99th percentile).
Candidates are those with two mails each way before the cut and none in the last `silent` days. Label A: the user
writes to them within 60 days; B: and writes before they do. Whatever is known at a moment is older than it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from itertools import permutations, takewhile
from math import exp, log, log1p
from typing import Literal, NamedTuple, TypeAlias

from agent.baselines import Event
from agent.model import DAY, Contact, Fact, Person, Standing, Tie
from agent.ranking import WELCOME, Around, Cases
from agent.signals.contacts import MOST_RECIPIENTS
from agent.signals.reciprocity import FLOW, flow
from agent.signals.rhythm import LONG, silence
from agent.signals.standing import HALF_LIVES, standing

Label: TypeAlias = Literal["A", "B"]
Past: TypeAlias = Mapping[int, Sequence[Event]]
"""For each person the events before a cut-off, oldest first."""

HORIZON = 60 * DAY
STEP = 30 * DAY

FEWEST_SENT = 20
"""With fewer mails sent, a mailbox has no span to speak of."""

FEWEST_CANDIDATES = 5
"""Five people are to be named, so there must be five."""

EACH_WAY = 2
"""Mails each way before somebody is a candidate: two two-way exchanges."""

ANSWER = 30 * DAY
"""Who has not answered by then will hardly do so."""

LIFE = 90 * DAY
"""A contact lives on if in the quarter after a word there are two exchanges each way."""

MONTH = HALF_LIVES.index(30.0)
"""Whoever was written with a month ago counts half for how lively a person's company is."""


class Stood(NamedTuple):
    """A mail of any sort, and everybody but the user who stood in it."""

    at: float
    people: tuple[int, ...]


class Mailbox(NamedTuple):
    """One user's past: the mails between them and each person, and who else stood in which mail."""

    events: Sequence[Event]  # sorted, each once
    stood: Sequence[Stood]  # sorted; at least the events' own people

    @classmethod
    def of(cls, events: Iterable[Event], stood: Iterable[Stood] = ()) -> "Mailbox":
        """Whatever was handed in, in order; every event is also a mail that its person stood in."""
        tidy = sorted(set(events))
        return cls(tidy, sorted({*stood, *(Stood(mail.at, (mail.person,)) for mail in tidy)}))


class Window(NamedTuple):
    """One cut-off: what the candidates' past was then, and whose label came true."""

    cut: float
    past: Past
    came: Mapping[int, bool]

    @property
    def usable(self) -> bool:
        """Enough candidates, and both outcomes among them."""
        return len(self.came) >= FEWEST_CANDIDATES and len(set(self.came.values())) == 2


class Asked(NamedTuple):
    """The user broke a silence: what stood then, and whether they answered within 30 days."""

    owner: str
    at: float
    standing: Standing
    around: Around
    past: Sequence[Event]  # what had passed between the two, oldest first
    answered: bool
    lives: bool | None  # two exchanges each way in the 90 days after; None where their end is not known


def mailbox(ties: Iterable[Tie], stood: Iterable[Stood] = ()) -> Mailbox:
    """The user's past from their ties, and from who `stood` in which mail where that is known."""
    return Mailbox.of(events(ties), stood)


def stood(facts: Iterable[Fact], people: Iterable[Person], own: frozenset[str]) -> Iterator[Stood]:
    """Who stood in which mail or meeting."""
    whose = {address: person.id for person in people for address in person.addresses if address not in own}
    for fact in facts:
        there = {whose[address] for address in (fact.sender, *fact.recipients) if address in whose}
        if there:
            yield Stood(fact.at, tuple(sorted(there)))


def events(ties: Iterable[Tie]) -> list[Event]:
    """The mails of the user's ties, oldest first, equal ones once; meetings have no direction and are left out."""
    found = {
        Event(contact.at, "out" if contact.by == "me" else "in", tie.person.id)
        for tie in ties
        for contact in tie.contacts
        if not contact.meeting
    }
    return sorted(found)


def windows(mails: Sequence[Event], label: Label, silent: float) -> Iterator[Window]:
    """Every cut-off of one mailbox (sorted events), usable or not."""
    for cut in cuts(mails):
        past = candidates(mails, cut, silent)
        yield Window(cut, past, outcomes(mails, cut, past, label))


def cuts(mails: Sequence[Event]) -> Iterator[float]:
    """The cut-offs (POSIX seconds): the span is known in advance, but feeds no score."""
    sent = [mail.at for mail in mails if mail.way == "out"]
    if len(sent) < FEWEST_SENT:
        return
    start, end = sent[int(0.01 * (len(sent) - 1))], sent[int(0.99 * (len(sent) - 1))]
    cut = start + 0.40 * (end - start)
    while cut <= start + 0.90 * (end - start) and cut + HORIZON <= end:
        yield cut
        cut += STEP


def candidates(mails: Sequence[Event], cut: float, silent: float) -> Past:
    """Who could have been proposed at `cut`, with what was known of them then."""
    past = before(mails, cut)
    return {who: known for who, known in past.items() if cut - known[-1].at > silent * DAY and both_ways(known)}


def both_ways(known: Iterable[Event]) -> bool:
    """Enough mails each way to call it an exchange."""
    ways = [mail.way for mail in known]
    return min(ways.count("in"), ways.count("out")) >= EACH_WAY


def before(mails: Sequence[Event], cut: float) -> dict[int, list[Event]]:
    """The events before `cut` by person, oldest first."""
    past = defaultdict(list)
    for mail in mails[: bisect_left(mails, cut, key=lambda mail: mail.at)]:
        past[mail.person].append(mail)
    return dict(past)


def outcomes(mails: Sequence[Event], cut: float, people: Iterable[int], label: Label) -> dict[int, bool]:
    """For each of `people` whether the label came true after `cut`."""
    wanted = dict.fromkeys(people, False)
    opened: dict[int, bool] = {}
    for mail in mails[bisect_left(mails, cut, key=lambda mail: mail.at) :]:
        if mail.at >= cut + HORIZON:
            break
        if mail.person in wanted:
            mine = mail.way == "out"
            first = opened.setdefault(mail.person, mine)
            wanted[mail.person] |= mine and (label == "A" or first)
    return wanted


class Knowledge:
    """What the signals say of each person from their first n events: nothing else can reach a score.

    A standing does not depend on the present, so one that was worked out serves until there is a new event.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, Standing]] = {}

    def standings(self, past: Past) -> dict[int, Standing]:
        """The standing of each person in `past`, as of their last event in it."""
        for who, known in past.items():
            if self._seen.get(who, (0, None))[0] != len(known):
                self._seen[who] = len(known), standing_of(who, known)
        return {who: self._seen[who][1] for who in past}


def standing_of(person: int, known: Sequence[Event]) -> Standing:
    """What the signals say of one person from events alone (oldest first); days are counted in UTC."""
    made = tuple(
        Contact(int(mail.at), "me" if mail.way == "out" else "them", number) for number, mail in enumerate(known)
    )
    return standing(Tie(Person(person, "", ()), made), UTC, frozenset())


class Scene:
    """What stood around each tie at one moment after the other (they may only go forward)."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box
        self._mails = self._stood = 0  # how many of each were before the moment
        self._lately: dict[str, list[float]] = {"in": [], "out": []}
        self._seen: dict[int, float] = {}
        self._beside: dict[int, dict[int, float]] = defaultdict(dict)

    def at(self, moment: float) -> None:
        """Take in what was before `moment`."""
        mails, stood = self._box
        while self._mails < len(mails) and mails[self._mails].at < moment:
            self._lately[mails[self._mails].way].append(mails[self._mails].at)
            self._mails += 1
        while self._stood < len(stood) and stood[self._stood].at < moment:
            self._take(stood[self._stood])
            self._stood += 1

    def _take(self, mail: Stood) -> None:
        people = set(mail.people)
        self._seen.update(dict.fromkeys(people, mail.at))
        if 1 < len(people) <= MOST_RECIPIENTS:
            share = 1.0 / (len(people) - 1)
            for one, other in permutations(people, 2):
                self._beside[one][other] = min(self._beside[one].get(other, 0.0) + share, 1.0)

    def flow(self, moment: float) -> float:
        """How much came in, for what went out, in the last 30 days."""
        came, went = (len(times) - bisect_left(times, moment - FLOW * DAY) for times in self._lately.values())
        return flow(came, went)

    def unseen(self, person: int, moment: float) -> float:
        """Days since a person stood in any mail."""
        return (moment - self._seen.get(person, 0.0)) / DAY

    def company(self, person: int, moment: float, known: Mapping[int, Standing]) -> float:
        """How lively the contact with those is who stand in mails beside a person; of `known` people."""
        lively = sum(
            share * _lively(known[other], moment)
            for other, share in sorted(self._beside.get(person, {}).items())
            if other in known
        )
        return log1p(lively)

    def around(self, person: int, moment: float, known: Mapping[int, Standing]) -> Around:
        """All of it, for one person."""
        return Around(self.unseen(person, moment), self.company(person, moment, known), self.flow(moment))


def _lively(standing: Standing, moment: float) -> float:
    """The contacts with somebody who is not silent, each halved for every month since, as a logarithm."""
    quiet = silence(standing, int(moment))
    return log1p(exp(standing.warmth[MONTH] - log(2) * quiet / HALF_LIVES[MONTH])) if quiet <= LONG else 0.0


def askings(owner: str, box: Mailbox, silent: float) -> Iterator[Asked]:
    """Each mail of the user's that broke a silence, where the 30 days after it are known."""
    mails = box.events
    known: dict[int, list[Event]] = defaultdict(list)
    by_person: dict[int, list[Event]] = defaultdict(list)
    for mail in mails:
        by_person[mail.person].append(mail)
    scene, knowledge = Scene(box), Knowledge()
    for mail in mails:
        past = known[mail.person]
        if mail.way == "out" and past and mail.at - past[-1].at >= silent * DAY and mail.at + ANSWER <= mails[-1].at:
            scene.at(mail.at)
            stands = knowledge.standings({mail.person: past})[mail.person]
            around = scene.around(mail.person, mail.at, {})
            after = by_person[mail.person][len(past) + 1 :]
            lives = both_ways([mail, *within(after, mail.at + LIFE)]) if mail.at + LIFE <= mails[-1].at else None
            answered = any(later.way == "in" for later in within(after, mail.at + ANSWER))
            yield Asked(owner, mail.at, stands, around, tuple(past), answered, lives)
        past.append(mail)


def within(mails: Iterable[Event], end: float) -> list[Event]:
    """The mails up to `end`."""
    return list(takewhile(lambda mail: mail.at <= end, mails))


def lessons(box: Mailbox) -> Cases:
    """What the user's own past can teach `welcome`: the amounts of its features when a silence was broken, and whether
    there was an answer.
    """
    return [(WELCOME.amounts(one.standing, int(one.at), one.around), one.answered) for one in askings("", box, LONG)]
