"""How fast may Google be asked, and how long is a pause?"""

from typing import Final

from connectors.contract import Session

UNITS: Final = 6_000
"""Gmail's quota units a user and minute, for projects made since May 2026 (`sync.md`, 4)."""

REQUESTS: Final = 600
"""The calendar's requests a user and minute (`sync.md`, 4)."""

BURST: Final = 1 / 12
"""The share of a minute's quota that may be spent at once: a batch of 25 mails, of 6,000 units."""

STEADY: Final = 0.99 * (1 - BURST)
"""The share of it that is spent in a minute besides. Both together are never more than all of it in any minute, however
the vendor cuts its minutes, with a hundredth for requests that are slower on their way than others."""

MINUTE: Final = 60.0


class Pace:
    """Spends `units` a minute, and never more in any minute, by waiting in time."""

    def __init__(self, session: Session, units: int) -> None:
        self._session = session
        self._rate = units * STEADY / MINUTE
        self._paid = session.clock()  # until when everything that was spent is paid
        self.most = units * BURST  # that may be spent at once

    def spend(self, cost: float) -> None:
        """Wait until so many units may be spent. Raises TryLater where the round is over before."""
        start = max(self._paid, self._session.clock())
        self._paid = start + cost / self._rate
        rest(self._session, self._paid - self.most / self._rate - self._session.clock())


def rest(session: Session, seconds: float) -> None:
    """Keep a pace. Where the round would be over before, it is over now: all its time was used."""
    if seconds <= 0:
        return
    if seconds >= session.left():
        session.rest(session.left())
        session.wait()
    session.pause(seconds)
