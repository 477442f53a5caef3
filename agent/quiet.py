"""Is there no digest today because the user said so: by a quiet day in the config, or by a pause?

Standard library only: the daemon asks this each time it looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from agent.words import long_day
from config.quiet import Quiet

VERB, OFF = "pause", "off"
"""The verb of a statement that pauses, and the text of one that ends the pause."""


@dataclass(frozen=True, slots=True)
class Pause:
    """No digest until then, in POSIX seconds; 0: until the user says otherwise. `day` is the first one after it."""

    until: int = 0
    day: str = ""  # ISO

    def holds(self, now: int) -> bool:
        """Whether it goes on at that moment."""
        return not self.until or now < self.until

    @property
    def says(self) -> str:
        """One sentence for the user, and what ends it."""
        until = f" until {long_day(date.fromisoformat(self.day))}" if self.day else ""
        return f"You said pause: no digest{until}. `auld pause off` ends it."


def pause_of(said: Iterable[tuple[str, int]]) -> Pause | None:
    """The pause that the last of these statements leaves, each as its text and its `until`, oldest first."""
    last = None
    for text, until in said:
        last = None if text == OFF else Pause(until, text)
    return last


def because(day: date, now: int, days: Iterable[Quiet], pause: Pause | None) -> str:
    """Why no digest is sent on this day, in a sentence; "" where one may be."""
    if pause is not None and pause.holds(now):
        return pause.says
    found = next((one for one in days if one.falls_on(day)), None)
    return f"Your config says that today is quiet: {found.said}." if found else ""
