"""Will they be in touch anyway, and would a word be welcome?

Two small logistic models. Their weights were fitted on public mail and rounded; `bench/fit_ranking.py` prints them
again, with how well they do on owners whom the fit never saw. Neither puts the most overdue first: on real mail that
is worse than chance, so silence speaks only against `likely`, and says nothing of `welcome`.
"""

from collections.abc import Callable
from math import exp, log, log1p
from typing import NamedTuple

from agent.model import Standing
from agent.signals.rhythm import silence
from agent.signals.standing import HALF_LIVES

__all__ = ["HALF_LIVES", "LIKELY", "WELCOME", "Feature", "Model", "likely", "welcome"]


class Feature(NamedTuple):
    """One reason of a model: a sentence, its weight, and its amount from (standing, silence in days, usual gap)."""

    says: str
    weight: float
    amount: Callable[[Standing, float, float], float]


class Model(NamedTuple):
    """What is so with all features at nought (log odds), and the features."""

    base: float
    features: tuple[Feature, ...]

    def chance(self, standing: Standing, now: int, usual: float) -> float:
        """The probability, 0 to 1."""
        quiet = max(silence(standing, now), 1.0)
        odds = self.base + sum(feature.weight * feature.amount(standing, quiet, usual) for feature in self.features)
        return 1.0 / (1.0 + exp(-odds)) if odds > LEAST_ODDS else 0.0


LEAST_ODDS = -700.0
"""Below these log odds `exp` overflows, and nobody can tell the chance from none."""

LIKELY = Model(
    2.25,
    (
        Feature("Each doubling of the silence makes it less likely.", -0.93, lambda _, quiet, __: log(quiet)),
        Feature("So does each month of it.", -0.05, lambda _, quiet, __: quiet / 30),
        Feature("The more days with contact there were, the likelier.", 0.59, lambda tie, _, __: log1p(tie.days)),
        Feature("Many mails on few days were a burst, and bursts end.", -0.34, lambda tie, _, __: log1p(mails(tie))),
        Feature("The more of the mails the user wrote, the likelier.", 0.20, lambda tie, _, __: wrote_more(tie)),
    ),
)

WELCOME = Model(
    -1.54,
    (
        Feature("The more they wrote, the likelier they answer.", 0.75, lambda tie, _, __: log1p(tie.theirs)),
        Feature("The more the user wrote beside that, the less.", -0.22, lambda tie, _, __: log1p(tie.mine)),
    ),
)


def likely(standing: Standing, now: int, usual: float) -> float:
    """How likely (0 to 1) the user writes to them within 60 days anyway; `usual` is the tie's usual gap in days."""
    return LIKELY.chance(standing, now, usual) if standing.last else 0.0


def welcome(standing: Standing, now: int, usual: float) -> float:
    """How likely (0 to 1) they answer within 30 days if the user writes now after a silence; this orders each pool."""
    return WELCOME.chance(standing, now, usual)


def mails(standing: Standing) -> int:
    """All that was written between the two."""
    return standing.mine + standing.theirs


def wrote_more(standing: Standing) -> float:
    """How many times more mails the user wrote than they did, as a logarithm; half a mail is granted to each."""
    return log((standing.mine + 0.5) / (standing.theirs + 0.5))
