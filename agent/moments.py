"""By which moments of the user's own past can a ranking be judged, and what was known then?

Cut-offs stand every 30 days from 40 % to 90 % of the span of what the user sent (its 1st to 99th percentile).
Candidates are those with two mails each way before the cut and none in the last `silent` days. Label A: the user
writes to them within 60 days; B: and writes before they do. Whatever is known at a moment is older than it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Literal, NamedTuple, TypeAlias

from agent.baselines import Event
from agent.model import DAY, Contact, Person, Standing, Tie
from agent.signals.rhythm import leaning, others_gap
from agent.signals.standing import standing

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
    usual: float
    answered: bool


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


def askings(owner: str, mails: Sequence[Event], silent: float) -> Iterator[Asked]:
    """Each mail of the user's that broke a silence, where the 30 days after it are known (sorted events)."""
    known: dict[int, list[Event]] = defaultdict(list)
    knowledge, others, fresh = Knowledge(), 0.0, float("-inf")
    for number, mail in enumerate(mails):
        past = known[mail.person]
        if mail.way == "out" and past and mail.at - past[-1].at >= silent * DAY and mail.at + ANSWER <= mails[-1].at:
            if mail.at >= fresh:
                others = others_gap(knowledge.standings(known).values())
                fresh = mail.at + STEP
            stands = knowledge.standings({mail.person: past})[mail.person]
            yield Asked(owner, mail.at, stands, leaning(stands, others), _answered(mails, number))
        past.append(mail)


def _answered(mails: Sequence[Event], number: int) -> bool:
    """They wrote within 30 days after the mail that stands at `number`."""
    asked = mails[number]
    for later in range(number + 1, len(mails)):
        mail = mails[later]
        if mail.at > asked.at + ANSWER:
            break
        if mail.person == asked.person and mail.way == "in":
            return True
    return False
