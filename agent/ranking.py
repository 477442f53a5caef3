"""Will they be in touch anyway, and would a word be welcome?"""

from math import exp, log

from agent.model import Standing
from agent.signals.reciprocity import share_of_theirs
from agent.signals.rhythm import gaps_silent, silence
from agent.signals.standing import HALF_LIVES

__all__ = ["HALF_LIVES", "likely", "welcome"]


def likely(standing: Standing, now: int, usual: float) -> float:
    """How likely (0 to 1) the user writes to them within 60 days; `usual` is the tie's usual gap, own or leaned on."""
    quiet = silence(standing, now)
    return _chance(
        0.5 * log(standing.mine + standing.theirs + 1) - 0.03 * quiet - 0.2 * log(1 + gaps_silent(standing, now, usual))
    )


def welcome(standing: Standing, now: int, usual: float) -> float:
    """How likely (0 to 1) they answer a word from the user now, and so let the tie live on."""
    share = share_of_theirs(standing)
    return _chance(log(share / (1 - share)) - 1.0)


def _chance(odds: float) -> float:
    """The logistic function: log odds to a probability."""
    return 1.0 / (1.0 + exp(-odds)) if odds > -500 else 0.0
