"""Would our ranking have been right about the user's own past, and better than a simple rule?

The protocol, the same for every data set: cut-offs every 30 days from 40 % to 90 % of the span of what the user sent
(its 1st to 99th percentile). Candidates are those with two mails each way before the cut and none in the last
`silent` days. Label A: the user writes to them within 60 days; B: and writes before they do. Scores read only what is
older than the cut. Figures are means over windows, then over mailboxes; intervals come from a bootstrap over
mailboxes (over windows where there is one mailbox), paired where two rankings are compared.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice, pairwise
from random import Random
from statistics import fmean
from typing import Literal, NamedTuple, TypeAlias

from agent.baselines import RECENT, Event, baselines
from agent.measures import Quality, Span, auc, judge, mean, span
from agent.model import DAY, Contact, Person, Standing, Tie
from agent.ranking import likely, welcome
from agent.signals.reciprocity import share_of_theirs
from agent.signals.rhythm import DEEP, LONG, leaning, others_gap
from agent.signals.standing import standing

Label: TypeAlias = Literal["A", "B"]
Score: TypeAlias = Callable[[Standing, int, float], float]
FORETELLING: Mapping[str, Callable[["Asked"], float]] = {
    "welcome": lambda one: welcome(one.standing, int(one.at), one.usual),
    "likely": lambda one: likely(one.standing, int(one.at), one.usual),
    "share of theirs": lambda one: share_of_theirs(one.standing),
    "shorter silence": lambda one: one.standing.last - one.at,
    "most frequent": lambda one: one.standing.mine + one.standing.theirs,
    "they wrote last": lambda one: float(one.standing.last_theirs == one.standing.last),
}
"""What could foretell an answer: ours, and single features beside it."""

Past: TypeAlias = Mapping[int, Sequence[Event]]
"""For each person the events before a cut-off, oldest first."""

OURS: Mapping[str, Score] = {"likely": likely, "welcome": welcome}
"""Our own rankings; each stands in the tables beside the simple ones."""

HORIZON = 60 * DAY
STEP = 30 * DAY

FEWEST_SENT = 20
"""With fewer mails sent, a mailbox has no span to speak of."""

FEWEST_CANDIDATES = 5
"""Five people are to be named, so there must be five."""

EACH_WAY = 2
"""Mails each way before somebody is a candidate: two two-way exchanges."""

SEED = 7
"""Of the draws that break ties."""

ANSWER = 30 * DAY
"""Who has not answered by then will hardly do so."""

AUC_RESAMPLES = 200
"""For the interval of an AUC over all cases, which is dear to draw again."""

FEWEST_WINDOWS = 5
"""Fewer windows than this say nothing of one user's own ranking."""


class Window(NamedTuple):
    """One cut-off: what the candidates' past was then, and whose label came true."""

    cut: float
    past: Past
    came: Mapping[int, bool]

    @property
    def usable(self) -> bool:
        """Enough candidates, and both outcomes among them."""
        return len(self.came) >= FEWEST_CANDIDATES and len(set(self.came.values())) == 2


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking in a table; for ours, also how far it is ahead of the best baseline of each figure (paired)."""

    name: str
    quality: Quality
    auc: Span
    map: Span
    ahead: tuple[Span, Span, Span] | None = None  # in AUC, P@5, MAP


@dataclass(frozen=True, slots=True)
class Table:
    """All rankings on one label, for ties of at least `silent` days; the rows stand best first, by MAP."""

    label: Label
    silent: float
    mailboxes: int
    windows: int
    skipped: int
    candidates: int
    positives: int
    base_rate: float  # mean over mailboxes
    best: tuple[str, str, str]  # the baselines that are best in AUC, in P@5, in MAP
    rows: tuple[Row, ...]

    def row(self, name: str) -> Row:
        """The row of one ranking."""
        return next(row for row in self.rows if row.name == name)


class Asked(NamedTuple):
    """The user broke a silence: what stood then, and whether they answered within 30 days."""

    owner: str
    at: float
    standing: Standing
    usual: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """After `silent` days or more the user wrote: who answered? Figures over all such mails."""

    silent: float
    asked: int
    answered: int
    auc: tuple[tuple[str, Span], ...]  # best first; the mean is over all mails, the interval by owner
    fifths: tuple[tuple[float, float], ...]  # shares foretold and seen, by fifths of `welcome`, the lowest first


@dataclass(frozen=True, slots=True)
class Report:
    """What the past says of the rankings; `verdict` says it in plain words."""

    tables: tuple[Table, ...]
    answers: tuple[Answers, ...]
    verdict: str


def events(ties: Iterable[Tie]) -> list[Event]:
    """The mails of the user's ties, oldest first, equal ones once; meetings have no direction and are left out."""
    found = {
        Event(contact.at, "out" if contact.by == "me" else "in", tie.person.id)
        for tie in ties
        for contact in tie.contacts
        if not contact.meeting
    }
    return sorted(found)


def backtest(mailboxes: Mapping[str, Iterable[Event]]) -> Report:
    """Every table for these mailboxes (owner: events in any order); for one user, a mapping with one entry."""
    tidy = {owner: sorted(set(mails)) for owner, mails in mailboxes.items()}
    asked: tuple[tuple[Label, float], ...] = (("A", LONG), ("B", LONG), ("A", DEEP), ("B", DEEP))
    tables = tuple(table(tidy, label, silent) for label, silent in asked)
    return Report(tables, tuple(answers(tidy, silent) for silent in (LONG, DEEP)), verdict(tables[0]))


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


def ours(mails: Sequence[Event], window: Window, knowledge: Knowledge) -> dict[str, dict[int, float]]:
    """Our own scores for the candidates of a window."""
    known = knowledge.standings(before(mails, window.cut))
    others = others_gap(known.values())
    now = int(window.cut)
    return {
        name: {who: score(known[who], now, leaning(known[who], others)) for who in sorted(window.past)}
        for name, score in OURS.items()
    }


def table(mailboxes: Mapping[str, Sequence[Event]], label: Label, silent: float = LONG) -> Table:
    """All rankings on one label; `mailboxes` hold sorted events, each once."""
    dice, our_dice = Random(SEED), Random(SEED)  # noqa: S311 - two: the baselines' draws do not depend on ours
    used: dict[str, list[Window]] = {}
    trials: dict[str, dict[str, list[Quality]]] = {}
    skipped = 0
    for owner, mails in mailboxes.items():
        knowledge = Knowledge()
        trial: dict[str, list[Quality]] = defaultdict(list)
        for window in windows(mails, label, silent):
            if not window.usable:
                skipped += 1
                continue
            used.setdefault(owner, []).append(window)
            for throw, rankings in (
                (dice, baselines(window.past, window.cut)),
                (our_dice, ours(mails, window, knowledge)),
            ):
                for name, scores in rankings.items():
                    trial[name].append(judge([(score, window.came[who]) for who, score in scores.items()], throw))
        if trial:
            trials[owner] = trial
    return _table(label, silent, used, trials, skipped)


def _table(
    label: Label,
    silent: float,
    used: Mapping[str, Sequence[Window]],
    trials: Mapping[str, Mapping[str, Sequence[Quality]]],
    skipped: int,
) -> Table:
    units = _units(trials)
    best = _best(units)
    rows = [_row(name, units, best) for name in units]
    came = [[sum(window.came.values()) for window in of] for of in used.values()]
    sizes = [[len(window.came) for window in of] for of in used.values()]
    shares = [fmean(hits / size for hits, size in zip(*pair, strict=True)) for pair in zip(came, sizes, strict=True)]
    return Table(
        label,
        silent,
        mailboxes=len(used),
        windows=sum(map(len, came)),
        skipped=skipped,
        candidates=sum(map(sum, sizes)),
        positives=sum(map(sum, came)),
        base_rate=fmean(shares) if shares else 0.0,
        best=best,
        rows=tuple(sorted(rows, key=lambda row: -row.quality.map)),
    )


def _units(trials: Mapping[str, Mapping[str, Sequence[Quality]]]) -> dict[str, list[Quality]]:
    """For each ranking what the bootstrap draws from: a figure for each mailbox, or for each window of the only one."""
    names = next(iter(trials.values()), {})
    if len(trials) == 1:
        [only] = trials.values()
        return {name: list(only[name]) for name in names}
    return {name: [mean(trials[owner][name]) for owner in sorted(trials)] for name in names}


def _best(units: Mapping[str, Sequence[Quality]]) -> tuple[str, str, str]:
    rivals = {name: mean(of) for name, of in units.items() if name not in OURS}
    if not rivals:
        return RECENT, RECENT, RECENT
    first, second, third = (max(rivals, key=lambda name: rivals[name][figure]) for figure in range(3))
    return first, second, third


def _row(name: str, units: Mapping[str, Sequence[Quality]], best: tuple[str, str, str]) -> Row:
    own = units[name]
    ahead = None
    if name in OURS:
        first, second, third = (
            span([one[figure] - other[figure] for one, other in zip(own, units[best[figure]], strict=True)])
            for figure in range(3)
        )
        ahead = first, second, third
    return Row(name, mean(own), span([one.auc for one in own]), span([one.map for one in own]), ahead)


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
    for mail in islice(mails, number + 1, None):
        if mail.at > asked.at + ANSWER:
            break
        if mail.person == asked.person and mail.way == "in":
            return True
    return False


def answers(mailboxes: Mapping[str, Sequence[Event]], silent: float) -> Answers:
    """How well our numbers and simple ones foretell who answers; `mailboxes` hold sorted events, each once."""
    asked = [one for owner, mails in mailboxes.items() for one in askings(owner, mails, silent)]
    foretold = {name: [score(one) for one in asked] for name, score in FORETELLING.items()}
    came = [one.answered for one in asked]
    if len(set(came)) < 2:
        return Answers(silent, len(asked), sum(came), (), ())
    owners = [one.owner for one in asked] if len(mailboxes) > 1 else [str(number) for number in range(len(asked))]
    rows = [(name, _auc_span(scores, came, owners)) for name, scores in foretold.items()]
    rows.sort(key=lambda row: -row[1].mean)
    return Answers(silent, len(asked), sum(came), tuple(rows), fifths(foretold["welcome"], came))


def fifths(foretold: Sequence[float], came: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """The shares foretold and seen, by fifths of what was foretold: equal where the numbers mean what they say."""
    ordered = sorted(zip(foretold, came, strict=True))
    edges = [len(ordered) * fifth // 5 for fifth in range(6)]
    parts = [ordered[low:high] for low, high in pairwise(edges) if high > low]
    return tuple((fmean(share for share, _ in part), fmean(seen for _, seen in part)) for part in parts)


def _auc_span(scores: Sequence[float], came: Sequence[bool], owners: Sequence[str]) -> Span:
    """The AUC over all cases, with an interval by drawing owners."""
    by_owner: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for owner, score, seen in zip(owners, scores, came, strict=True):
        by_owner[owner].append((score, seen))
    dice = Random(SEED)  # noqa: S311 - statistics
    groups, drawn = list(by_owner.values()), []
    for _ in range(AUC_RESAMPLES):
        sample = [case for group in dice.choices(groups, k=len(groups)) for case in group]
        if len({seen for _, seen in sample}) == 2:
            drawn.append(auc(sample))
    drawn.sort()
    low, high = (drawn[int(share * (len(drawn) - 1))] for share in (0.025, 0.975))
    return Span(auc(list(zip(scores, came, strict=True))), low, high)


def verdict(table: Table) -> str:
    """In plain words: does our ranking beat the simplest one, the most recent first, for these mailboxes?"""
    if table.windows < FEWEST_WINDOWS:
        return f"There is too little mail to test on: {table.windows} usable moments; {FEWEST_WINDOWS} would be needed."
    row = table.row("likely")
    units = (
        f"over {table.windows} moments of your past" if table.mailboxes == 1 else f"over {table.mailboxes} mailboxes"
    )
    gain = row.quality.map - table.row(RECENT).quality.map
    if gain <= 0:
        return f"Our ranking was no better than simply taking the most recent first, {units}."
    assert row.ahead is not None
    if row.ahead[2].low > 0:
        return f"Our ranking was better than every simple rule, {units}."
    return f"Our ranking was better than taking the most recent first, but not surely, {units}."
