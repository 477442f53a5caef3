"""What is there to give, and to whom? One gift to a file.

No gift, no proposal (001.1, "value or silence").
"""

from collections.abc import Callable, Iterable

from agent.model import Gift, Morning, Standing, Tie
from agent.sharing.discretion import unwelcome

Gifts = Callable[[Tie, Standing, Morning], Gift | None]
"""What a file of this room has: the gift of its kind for one person this morning, if there is one."""


def first(tie: Tie, standing: Standing, morning: Morning, gifts: Iterable[Gifts]) -> Gift | None:
    """The first gift that there is, in the order given, and that is about nothing that the user does not bring up."""
    found = (gift for give in gifts if (gift := give(tie, standing, morning)))
    return next((gift for gift in found if not unwelcome(gift, morning.unwelcome)), None)
