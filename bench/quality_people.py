"""The rows of `bench/quality.py` on people: who is likely, who would answer, who is human, who is the same.

`likely` and `welcome` are cross-validated by owner where the row says "unseen"; everything else is what the code does.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from agent.backtest.foretelling import FOR, answers
from agent.backtest.report import QUESTIONS
from agent.backtest.tables import OURS, Table, table, trials
from agent.measures import Quality, mean, span
from agent.signals.rhythm import DEEP, LONG
from bench import fit_ranking, initiative, people
from bench.backtest import Mailboxes, mailboxes
from bench.quality import Figure, Row

SETS = ("enron", "enron_extra", "eu", "texts")
LIKELY_FLOORS = {"enron": (0.734, 0.342, 0.553), "eu": (0.73, 0.442, 0.69)}
FIGURES = ("AUC", "P@5", "MAP")


def over(rival: float) -> float:
    """The floor for whoever is to stand above a rival, as printed."""
    return round(rival, 3) + 0.001


@cache
def boxes(name: str) -> Mailboxes:
    """One data set, read once."""
    return mailboxes(name)


@cache
def fitted() -> dict[str, Mailboxes]:
    """What the weights are fitted on."""
    return {name: boxes(name) for name in (*fit_ranking.AT_LARGE, *fit_ranking.INSIDE)}


@cache
def unseen() -> dict[str, Quality]:
    """`likely` on owners that the fit never saw."""
    return fit_ranking.measure_likely(fitted(), aloud=False)


def likely(name: str) -> Iterator[Figure]:
    """The three figures at once, then what the weights in the code reach."""
    for what, reached, floor in zip(FIGURES, unseen()[name], LIKELY_FLOORS[name], strict=True):
        yield Figure(f"unseen owners, {what}", reached, floor)
    found = table(boxes(name), "A")
    for place, what in enumerate(FIGURES):
        best = found.row(found.best[place])
        yield Figure(f"weights in the code, {what}", found.row("likely").quality[place])
        yield Figure(f"best single rule, {what}: {best.name}", best.quality[place])


def pooled() -> Iterator[Figure]:
    """All owners of all sets together: ours against the rule that is best over all of them."""
    maps: dict[str, list[float]] = defaultdict(list)
    for name in SETS:
        for rankings in trials(boxes(name), "A")[1].values():
            for ranking, qualities in rankings.items():
                maps[ranking].append(mean(qualities).map)
    ours = maps["likely"]
    rules = {name: figures for name, figures in maps.items() if name not in OURS}
    best = max(rules, key=lambda name: sum(rules[name]))
    ahead = span([mine - other for mine, other in zip(ours, rules[best], strict=True)])
    yield Figure("owners", len(ours), form=".0f")
    yield Figure(f"MAP ahead of the best rule, {best}", ahead.mean, form="+.4f")
    yield Figure("its 95 % interval begins at", ahead.low, 0.0001, form="+.4f")


def welcome() -> Iterator[Figure]:
    """Unseen owners; the refit on later mails of the same owners."""
    for name, (area, _, worst) in fit_ranking.measure_welcome(fitted(), aloud=False).items():
        asked = name == "enron"
        yield Figure(f"{name}: unseen owners, AUC", area, 0.72 if asked else None)
        yield Figure(f"{name}: worst fifth is off by", worst, 0.05 if asked else None, at_most=True)
    for name, (owners, kept, lost, area) in fit_ranking.measure_refit(fitted()).items():
        yield Figure(f"{name}: refitted on their own past, of {owners} owners", kept, form=".0f")
        yield Figure(f"{name}: log loss on what came later is less by", lost, form="+.4f")
        yield Figure(f"{name}: AUC on what came later", area, form="+.3f")


def revived() -> Iterator[Figure]:
    """After 90 days: each outcome, ours against the best simple rule; and what lives on, of unseen owners."""
    for outcome, silent in QUESTIONS:
        if silent != DEEP:
            continue
        found = answers(boxes("enron"), outcome, silent)
        ours = next(area for name, area in found.auc if name == FOR[outcome])
        name, best = next((name, area) for name, area in found.auc if name not in OURS)
        yield Figure(f"{outcome}: AUC [{ours.low:.3f} {ours.high:.3f}]", ours.mean, over(best.mean))
        yield Figure(f"  best rule, {name} [{best.low:.3f} {best.high:.3f}]", best.mean)
        if outcome == "lived on":
            unseen_owners = fit_ranking.measure_lasting({name: boxes(name) for name in fit_ranking.AT_LARGE})
            yield Figure("  unseen owners, AUC", unseen_owners, over(best.mean))


def reopened() -> Iterator[Figure]:
    """Label B: whom the owner writes to first."""
    yield from above(table(boxes("enron"), "B", LONG))
    yield from above(table(boxes("enron"), "A", DEEP), "silent 90 d, ")
    yield from above(table(boxes("enron"), "B", DEEP), "silent 90 d, ")


def above(found: Table, what: str = "") -> Iterator[Figure]:
    """Ours against the best rule of each figure, with paired intervals."""
    ours = found.row("likely")
    for place, name in enumerate(FIGURES):
        best = found.row(found.best[place])
        assert ours.ahead
        gain = ours.ahead[place]
        yield Figure(
            f"{what}label {found.label}, {name} (ahead by {gain.mean:+.3f} [{gain.low:+.3f} {gain.high:+.3f}])",
            ours.quality[place],
            None if what else over(best.quality[place]),
        )
        yield Figure(f"  best rule, {best.name}", best.quality[place])


@cache
def read(*kinds: str) -> dict[str, people.Box]:
    """The mailboxes, read once."""
    return people.boxes_of(*kinds)


def kinds() -> Iterator[Figure]:
    """Machines, lists and broadcasts."""
    for way in (False, True):
        found, how = people.ham(read=way), "texts read" if way else "headers alone"
        yield Figure(f"{how}: hard ham caught", found.hard, people.HARD_HAM if way else None)
        yield Figure(f"{how}: direct mails of people misjudged", found.direct, people.DIRECT, at_most=True)
        yield Figure(f"{how}: list posts of people misjudged", found.listed, people.LISTED, at_most=True)
    said = people.senders(read("open", "special"))
    right = sum(times for (label, kind), times in said.items() if label == kind)
    yield Figure("labelled senders, accuracy", right / sum(said.values()), people.SENDERS)


def identity() -> Iterator[Figure]:
    """Joins against the map."""
    counts = people.joins(read("open"))
    yield Figure("precision", counts["right"] / counts["joined"], people.JOINS)
    yield Figure("recall", counts["found"] / counts["pairs"], people.JOINED)
    yield Figure("owners joined with another owner", counts["owners"], 0, at_most=True, form=".0f")


def began() -> Iterator[Figure]:
    """What is said of who begins, and who answers, held against what came next."""
    rows = list(initiative.seen(read("open")))
    found = initiative.held(rows)
    everybody, sided, mute = found[""], found["one-sided"], found["does not answer"]
    yield Figure(f"one-sided: the user begins next, of {sided.times}", sided.mine, over(everybody.mine))
    yield Figure("  whoever it is", everybody.mine)
    yield Figure(
        "does not answer: writes within a fortnight", mute.heard, round(everybody.heard, 3) - 0.001, at_most=True
    )
    yield Figure("  whoever it is", everybody.heard)
    yield Figure("  both begin", found["both"].heard)
    times, right, before = initiative.turned(rows)
    yield Figure(f"changed of late: the same one begins next, of {times}", right, over(before))
    yield Figure("  who began mostly over all the past", before)


EVENTS, EDGES = ("enron/open/events", "enron/open/events_extra"), ("temporal",)
ROWS = [
    Row("likely, label A, Enron", (*EVENTS, *EDGES), lambda: likely("enron")),
    Row("likely, label A, email-Eu", (*EVENTS, *EDGES), lambda: likely("eu")),
    Row("likely, all sets pooled", (*EVENTS, *EDGES), pooled),
    Row("welcome: will they answer, silent 30 d", (*EVENTS, *EDGES), welcome),
    Row("welcome: silent 90 d, Enron", EVENTS, revived),
    Row("label B, the owner re-opens, Enron", EVENTS, reopened),
    Row("machine, list, broadcast", ("spamassassin.tar.xz", "labelled/enron_senders.tsv", "enron/open/mbox"), kinds),
    Row("who begins, and who answers", ("enron/open/mbox",), began),
    Row("identity joins", ("enron/identity_map.tsv", "enron/open/mbox"), identity),
]
