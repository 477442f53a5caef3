"""How does one say a time, a while or a list to a person?"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
"""Up to twelve a number is written out, as in print."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""Own tables, since `strftime` follows the locale of the process and the digest's bytes must not."""


def number(n: int) -> str:
    """'three', or '14' where print would write figures."""
    return NUMBERS[n] if 0 <= n < len(NUMBERS) else str(n)


def count(n: int, thing: str) -> str:
    """'one mail', 'three mails'."""
    return f"{number(n)} {thing}{'' if n == 1 else 's'}"


def while_(days: float) -> str:
    """A length of time in the unit that one would use: 'nine weeks', 'five months', 'two years'."""
    if days < 1.5:
        return "a day"
    if days < 14:
        return count(round(days), "day")
    if days < 60:
        return count(round(days / 7), "week")
    if days < 700:
        return count(round(days / 30.44), "month")
    return count(round(days / 365.25), "year")


def every(days: float) -> str:
    """A rhythm: 'every day', 'every three weeks'."""
    if days < 1.5:
        return "nearly every day"
    if 6 <= days < 9:
        return "about every week"
    if 26 <= days < 45:
        return "about once a month"
    return f"about every {while_(days)}"


def local(at: int, zone: tzinfo) -> date:
    """The local day of a time in POSIX seconds."""
    return datetime.fromtimestamp(at, zone).date()


def since(at: int, now: int, zone: tzinfo) -> str:
    """How long ago a day was, counted in days of the calendar: 'nine days', 'seven weeks'."""
    return while_((local(now, zone) - local(at, zone)).days)


def on(at: int, now: int, zone: tzinfo) -> str:
    """A day as one says it at `now`: '12 August', or with its year where that is not obvious."""
    day, today = local(at, zone), local(now, zone)
    said = f"{day.day} {MONTHS[day.month - 1]}"
    near = day.year == today.year or (today - day).days < 183
    return said if near else f"{said} {day.year}"


def month(at: int, now: int, zone: tzinfo) -> str:
    """'March', or 'March 2001' where the year is not this one."""
    day, today = local(at, zone), local(now, zone)
    return MONTHS[day.month - 1] if day.year == today.year else f"{MONTHS[day.month - 1]} {day.year}"


def long_day(day: date) -> str:
    """'Tuesday, 14 August 2001'."""
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def clipped(text: str, most: int = 80) -> str:
    """At most `most` characters, cut between words, with an ellipsis where something is missing."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[most // 2 :] else head).rstrip(" ,;:-") + "…"


CALLED = 40
"""Characters of what one calls a person: a longer name is a sentence, and would leave no room for ours."""


def first_name(name: str) -> str:
    """What one calls a person: the first word of the name that is not an initial; a family name alone is nobody's."""
    said = name.split()
    words = [word for word in said if len(word.strip(".")) > 1]
    return clipped(words[0] if words and (len(said) == 1 or words[0] != said[-1]) else name, CALLED)
