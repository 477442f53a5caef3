"""Will they be in touch anyway, would a word be welcome, and would the contact live on?

Three small logistic models. Their weights were fitted on public mail and rounded; `bench/fit_ranking.py` prints them
again, with how well they do on owners whom the fit never saw. None puts the most overdue first: on real mail that
is worse than chance, so no amount of silence speaks for anybody. Where the user's own past is long enough and says
otherwise, `welcome` leans on it (`tuned`).
"""

from collections.abc import Callable, Sequence
from math import exp, log, log1p
from typing import NamedTuple

from agent.model import Standing
from agent.signals.rhythm import silence
from agent.signals.standing import HALF_LIVES

__all__ = [
    "HALF_LIVES", "LASTING", "LIKELY", "WELCOME", "Around", "Feature", "Model",
    "lasting", "likely", "tuned", "welcome",
]  # fmt: skip


class Around(NamedTuple):
    """What holds at a moment beside what passed between the two."""

    unseen: float = 0.0  # days since they stood in any mail of the user's, whoever wrote it
    company: float = 0.0  # how lively the user's contact is with those who stand in mails beside them, as a logarithm
    flow: float = 0.0  # mails that lately came to the user for each one that went out, as a logarithm


class Feature(NamedTuple):
    """One reason of a model: a sentence, its weight, and its amount from (standing, silence in days, around)."""

    says: str
    weight: float
    amount: Callable[[Standing, float, Around], float]
    falls: bool = False  # grows with silence, so that no mailbox may turn it into a reason for somebody


class Model(NamedTuple):
    """What is so with all features at nought (log odds), and the features."""

    base: float
    features: tuple[Feature, ...]

    def chance(self, standing: Standing, now: int, around: Around) -> float:
        """The probability, 0 to 1."""
        odds = self.base
        for feature, amount in zip(self.features, self.amounts(standing, now, around), strict=True):
            odds += feature.weight * amount
        return 1.0 / (1.0 + exp(-odds)) if odds > LEAST_ODDS else 0.0

    def amounts(self, standing: Standing, now: int, around: Around) -> list[float]:
        """How much there is of each feature."""
        quiet = max(silence(standing, now), 1.0)
        return [feature.amount(standing, quiet, around) for feature in self.features]

    @property
    def weights(self) -> tuple[float, ...]:
        """The base, and the weight of each feature."""
        return self.base, *(feature.weight for feature in self.features)

    def weighing(self, weights: Sequence[float]) -> "Model":
        """The same features with other weights, the base first."""
        base, *others = weights
        return Model(base, tuple(f._replace(weight=weight) for f, weight in zip(self.features, others, strict=True)))


LEAST_ODDS = -700.0
"""Below these log odds `exp` overflows, and nobody can tell the chance from none."""

AT_LEAST = 0.5
"""Days: whoever stood in a mail this very morning did so half a day ago."""

LIKELY = Model(
    -1.15,
    (
        Feature("Each doubling of the silence makes it less likely.", -0.09, lambda _, quiet, __: log(quiet), True),
        Feature("So does each month of it.", -0.13, lambda _, quiet, __: quiet / 30, True),
        Feature("The more days with contact there were, the likelier.", 0.30, lambda tie, _, __: log1p(tie.days)),
        Feature("The more of the mails the user wrote, the likelier.", 0.19, lambda tie, _, __: wrote_more(tie)),
        Feature("The longer they stood in no mail at all, the less likely.", -0.11, lambda _, __, at: unseen(at), True),
        Feature("The livelier those who stand beside them, the likelier.", 0.11, lambda _, __, at: at.company),
    ),
)

WELCOME = Model(
    -0.73,
    (
        Feature("The more they wrote, the likelier they answer.", 0.55, lambda tie, _, __: log1p(tie.theirs)),
        Feature("The more the user wrote beside that, the less.", -0.04, lambda tie, _, __: log1p(tie.mine)),
        Feature("Whoever stood in no mail for long may be gone.", -0.17, lambda _, __, at: unseen(at), True),
        Feature("The more mail comes in for each one sent, the more answers do.", 0.47, lambda _, __, at: at.flow),
    ),
)


LASTING = Model(
    -1.81,
    (
        Feature("The more days with contact there were, the likelier.", 0.65, lambda tie, _, __: log1p(tie.days)),
        Feature("The more of the mails the user wrote, the less likely.", -0.23, lambda tie, _, __: wrote_more(tie)),
        Feature("Whoever stood in no mail for long may be gone.", -0.16, lambda _, __, at: unseen(at), True),
        Feature("The more mail comes in for each one sent, the likelier.", 0.15, lambda _, __, at: at.flow),
    ),
)


def likely(standing: Standing, now: int, around: Around) -> float:
    """How likely (0 to 1) the user writes to them within 60 days anyway."""
    return LIKELY.chance(standing, now, around) if standing.last else 0.0


def welcome(standing: Standing, now: int, around: Around, weights: Sequence[float] = ()) -> float:
    """How likely (0 to 1) they answer within 30 days if the user writes now after a silence; this orders each pool.

    `weights` are those that the user's own past asks for (`tuned`), if any.
    """
    return (WELCOME.weighing(weights) if weights else WELCOME).chance(standing, now, around)


def lasting(standing: Standing, now: int, around: Around) -> float:
    """How likely (0 to 1) there are two mails each way in the 90 days after the user writes now after a silence."""
    return LASTING.chance(standing, now, around)


def unseen(around: Around) -> float:
    """The days since they stood in any mail, as a logarithm."""
    return log(max(around.unseen, AT_LEAST))


def wrote_more(standing: Standing) -> float:
    """How many times more mails the user wrote than they did, as a logarithm; half a mail is granted to each."""
    return log((standing.mine + 0.5) / (standing.theirs + 0.5))


Cases = Sequence[tuple[Sequence[float], bool]]
"""Amounts of a model's features, and what came of it; the oldest first."""

LEAN = 20.0
"""How strongly a refit holds on to the weights in the code (a ridge, in cases of full doubt). Of 5 and 20, tried on the
later mails of owners that the fit never saw, 20 foretold better."""

FEWEST_CASES, FEWEST_EACH = 36, 8
"""Fewer mails that broke a silence than this, or fewer that were answered (or were not), say nothing of one user."""

EARLIER = 0.6
"""The share of the user's past that the weights are refitted on, before the rest says whether they are better."""

STEPS = 30
"""Of Newton's method, which needs eight."""


def tuned(model: Model, cases: Cases) -> tuple[float, ...]:
    """The model's weights as the user's own past asks for them, base first; () where it is short, or they were no
    better on its later part. What grows with silence never speaks for somebody.
    """
    came = sum(yes for _, yes in cases)
    if len(cases) < FEWEST_CASES or min(came, len(cases) - came) < FEWEST_EACH:
        return ()
    early = int(len(cases) * EARLIER)
    fitted = _refit(model, cases[:early])
    if doubt(model.weighing(fitted), cases[early:]) >= doubt(model, cases[early:]):
        return ()
    return _refit(model, cases)


def doubt(model: Model, cases: Cases) -> float:
    """How much the model doubted what came: its mean log loss, less is better."""
    lost = 0.0
    for amounts, came in cases:
        odds = _odds(model.weights, amounts)
        lost += log1p(exp(-abs(odds))) + max(-odds if came else odds, 0.0)
    return lost / max(len(cases), 1)


def _odds(weights: Sequence[float], amounts: Sequence[float]) -> float:
    return weights[0] + sum(weight * amount for weight, amount in zip(weights[1:], amounts, strict=True))


def _refit(model: Model, cases: Cases) -> tuple[float, ...]:
    """The weights that the cases ask for, held to those of the model."""
    start = model.weights
    found = list(start)
    size = len(found)
    for _ in range(STEPS):
        pull = [-LEAN * (now - before) for now, before in zip(found, start, strict=True)]
        bend = [[LEAN * (row == column) for column in range(size)] for row in range(size)]
        for amounts, came in cases:
            whole = (1.0, *amounts)
            chance = 1.0 / (1.0 + exp(-max(min(_odds(found, amounts), 30.0), -30.0)))
            for row in range(size):
                pull[row] += whole[row] * (came - chance)
                for column in range(size):
                    bend[row][column] += whole[row] * whole[column] * chance * (1.0 - chance)
        step = _solved(bend, pull)
        found = [now + change for now, change in zip(found, step, strict=True)]
        if max(map(abs, step)) < 1e-9:
            break
    wrong = {place for place, f in enumerate(model.features) if f.falls and found[place + 1] > 0.0}
    if wrong:  # silence speaks for nobody: without these, the others are to fit by themselves
        bare = [([0.0 if i in wrong else a for i, a in enumerate(amounts)], came) for amounts, came in cases]
        held = model.weighing([0.0 if i - 1 in wrong else weight for i, weight in enumerate(start)])
        return _refit(held, bare)
    return tuple(round(weight, 4) for weight in found)


def _solved(rows: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a small symmetric positive system, by elimination."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(rows, right, strict=True)]
    for pivot in range(size):
        for row in range(pivot + 1, size):
            share = rows[row][pivot] / rows[pivot][pivot]
            for column in range(pivot, size + 1):
                rows[row][column] -= share * rows[pivot][column]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (rows[row][size] - known) / rows[row][row]
    return found
