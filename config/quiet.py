"""On which days does the user want no digest? Dates, yearly dates, ranges of them, days of the week. No pydantic."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""As in `config.settings`, which is more than the daemon wants to load; a test holds them equal."""

LEAP = 2000
"""A year with a 29 February: a yearly date is one of some year."""

FORMS = "Write 2026-12-24, 12-24 for each year, 2026-12-24..2027-01-06 for all days between, or friday."

LONGEST = 40
"""Characters of an entry that are shown where it is no day."""

_DATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Days without a digest, as the config names them: one day of the week, or from the first to the last of them."""

    said: str
    weekday: int = -1  # Monday = 0
    first: date | None = None
    last: date | None = None
    yearly: bool = False  # of the two dates only month and day count

    def falls_on(self, day: date) -> bool:
        """Whether this day is one of them. A yearly range may go over the turn of the year."""
        if self.first is None or self.last is None:
            return day.weekday() == self.weekday
        if not self.yearly:
            return self.first <= day <= self.last
        first, here, last = _of_year(self.first), _of_year(day), _of_year(self.last)
        return first <= here <= last if first <= last else here >= first or here <= last


def quiet(said: str) -> Quiet:
    """What one entry of `quiet` in [boundaries] means. Raises ValueError with a sentence for the user."""
    text = said.strip().lower()
    if ".." not in text:
        if text and not text[0].isdigit():
            return Quiet(said, weekday=_weekday(said))
        first = _date(text, said)
        return Quiet(said, first=first, last=first, yearly=len(text) == len("12-24"))
    begins, _, ends = (part.strip() for part in text.partition(".."))
    first, last = _date(begins, said), _date(ends.lstrip("."), said)
    if len(begins) != len(ends.lstrip(".")):
        raise ValueError(f"{_shown(said)} has a year at one end alone. {FORMS}")
    yearly = len(begins) == len("12-24")
    if last < first and not yearly:
        raise ValueError(f"{_shown(said)} ends before it begins.")
    return Quiet(said, first=first, last=last, yearly=yearly)


def spans(said: Iterable[str]) -> tuple[Quiet, ...]:
    """The same for all entries, which were checked before."""
    return tuple(quiet(one) for one in said)


def _date(text: str, said: str) -> date:
    dated, yearly = _DATED.fullmatch(text), _YEARLY.fullmatch(text)
    if not dated and not yearly:
        raise ValueError(f"{_shown(said)} is no day. {FORMS}")
    try:
        return date(*map(int, dated.groups())) if dated else date(LEAP, *map(int, yearly.groups()))  # type: ignore[union-attr]
    except ValueError:
        raise ValueError(f"{_shown(text)} is not in the calendar. {FORMS}") from None


def _weekday(said: str) -> int:
    """Friday, fridays and fri are the same."""
    word = said.strip().lower()
    for number, day in enumerate(DAYS):
        if word in (day, f"{day}s", day[:3]):
            return number
    from difflib import get_close_matches  # the daemon reads what was checked before

    close = get_close_matches(word, DAYS, n=1)
    hint = f"Did you mean `{close[0]}`?" if close else FORMS
    raise ValueError(f"{_shown(said)} is no day. {hint}")


def _shown(said: str) -> str:
    return f'"{said}"' if len(said) <= LONGEST else f'"{said[:LONGEST]}…"'


def _of_year(day: date) -> tuple[int, int]:
    return day.month, day.day
