"""Which day does a sentence mean that was written on a certain day: "by Friday", "d'ici la fin du mois", "am 12."?

Read in sentences that ask, offer or promise, whose days lie ahead. Precision comes first: what may be yesterday's is
none, and of two readings the later is taken ("next Friday", "next week"), so that nobody is late too early.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeAlias

from nlp import daynames, words

FARTHEST = 270
"""Days ahead up to which a day without its year is believed: what is farther away is more likely past."""

LONGEST_PHRASE = 6
"""Words of the longest phrase that is known."""

Found: TypeAlias = tuple[int, date | None]
"""Where what was read ends, and the day that it means, if any."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*['’]?|\d+(?:[:-]?[^\W\d_]+)?|[^\w\s]")


def days(sentence: str, written: date) -> tuple[date, ...]:
    """The days after `written` that the sentence means, in order of time; none named with their year."""
    said = _TOKEN.findall(sentence.replace("’", "'"))
    low = [word.lower() for word in said]
    found = {day for day in _meant(said, low, written) if written < day}
    return tuple(sorted(found))


def _meant(said: Sequence[str], low: Sequence[str], written: date) -> Iterator[date]:
    at = 0
    while at < len(low):
        end, day = at + 1, None
        for reading in (_phrase, _weekday, _count, _of_month):
            if found := reading(said, low, at, written):
                end, day = found
                break
        if day:
            yield day
        at = end


def _phrase(said: Sequence[str], low: Sequence[str], at: int, written: date) -> Found | None:
    for length in range(min(LONGEST_PHRASE, len(low) - at), 0, -1):
        meaning = daynames.PHRASES.get(tuple(low[at : at + length]))
        if meaning:
            end = at + length
            if tuple(low[at:end]) in daynames.NEXT_WEEKS and (later := _day_of(low, end, written)):
                return later
            return (end, None) if low[at] == "mañana" and not _is_tomorrow(low, at) else (end, meaning(written))
    if said[at] == "morgen" and not (at and low[at - 1] in ("am", "guten", "goede", "jeden", "der", "den", "dieser")):
        return at + 1, written + timedelta(1)  # in capitals it is a greeting, or the early day
    return None


def _is_tomorrow(low: Sequence[str], at: int) -> bool:
    return not (at and low[at - 1] in ("la", "esta", "cada", "una", "buena"))


def _day_of(low: Sequence[str], at: int, written: date) -> Found | None:
    """A weekday right behind "next week"."""
    at += at < len(low) and low[at] in ("on", "am", "le", "el", "na", "op", "på", ",")
    number = _number(low, at)
    return None if number is None else (at + 1, _of_next_week(number, written))


def _of_next_week(weekday: int, written: date) -> date:
    return written + timedelta(7 - written.weekday() + weekday)


def _number(low: Sequence[str], at: int) -> int | None:
    """Which weekday stands here, from 0 for Monday."""
    if at >= len(low):
        return None
    before = low[at - 1] if at else ""
    if low[at] in daynames.SHORT and before in ("by", "on", "next", "before", "until"):
        return daynames.SHORT[low[at]]
    if low[at] in daynames.FEIRA and before in ("na", "até", "nesta", "próxima"):
        return daynames.FEIRA[low[at]]
    return daynames.WEEKDAY.get(low[at], daynames.WEEKDAY.get(daynames.PART_OF_DAY.sub("", low[at])))


def _weekday(said: Sequence[str], low: Sequence[str], at: int, written: date) -> Found | None:
    number = _number(low, at)
    if number is None:
        return None
    before, end = low[max(0, at - 4) : at], at + 1
    after = low[end : end + 3]
    last = before[-1] if before else ""
    if last in daynames.NOT_AHEAD or (after and after[0] in daynames.OVER) or _dated(said, low, end):
        return end, None
    joined = 1 if after and after[0] in ("of", "in", "de", "della", "da", "der", ",") else 0
    for start in {end, end + joined}:
        for length in range(LONGEST_PHRASE, 1, -1):
            if tuple(low[start : start + length]) in daynames.NEXT_WEEKS:
                return start + length, _of_next_week(number, written)
    ahead = (number - written.weekday()) % 7
    if last in daynames.NEXT or after[:1] == ["prochain"] or after[:1] == ["próximo"] or after[:1] == ["prossimo"]:
        return end, _of_next_week(number, written)
    if after[:2] in (["que", "viene"], ["que", "vem"]):
        return end, _of_next_week(number, written)
    told = daynames.BY.isdisjoint(before[-2:]) and (any(map(daynames.TOLD.match, before)) or _looks_back(low))
    return end, None if told or not ahead else written + timedelta(ahead)


def _dated(said: Sequence[str], low: Sequence[str], at: int) -> bool:
    """Whether a date follows a weekday: then that is the day, and the weekday only its name."""
    while at < len(low) and low[at] in (",", "(", "the", "den", "dem", "le", "el", "il", "de"):
        at += 1
    if at >= len(low) or not daynames.NTH.match(low[at]):
        return bool(_month(said, low, at))
    behind = low[at + 1] if at + 1 < len(low) else ""
    return bool(behind in ("/", ".", "-", "of") or _month(said, low, at + 1) or daynames.ORDINAL.match(low[at]))


def _looks_back(low: Sequence[str]) -> bool:
    """Whether a sentence tells of the last days."""
    return not daynames.BEHIND.isdisjoint(low) or not daynames.LAST_WEEKS.isdisjoint(pairwise(low))


def _count(said: Sequence[str], low: Sequence[str], at: int, written: date) -> Found | None:
    """ "in two weeks", "dans trois jours" """
    for lang, begins in daynames.BEGINS.items():
        if low[at] not in begins:
            continue
        start = at + 1
        while (
            start < len(low)
            and low[start] in daynames.FILLING
            and start < at + 3
            and low[start] not in daynames.COUNT[lang]
        ):
            start += 1
        if start + 1 >= len(low):
            continue
        count = (
            int(low[start])
            if low[start].isdecimal() and len(low[start]) < 3
            else daynames.COUNT[lang].get(low[start], 0)
        )
        if count and (unit := daynames.UNIT[lang].get(low[start + 1])):
            return start + 2, written + timedelta(count * unit)
    return None


def _of_month(said: Sequence[str], low: Sequence[str], at: int, written: date) -> Found | None:
    """ "12 May", "May 12th", "the 12th" """
    nth = daynames.NTH.match(low[at])
    if nth:
        end = at + 1
        end += end < len(low) and low[end] == "."
        end += end < len(low) and low[end] in ("of", "de")
        if (month := _month(said, low, end)) and not _year_follows(low, end + 1):
            return end + 1, _next(int(nth[1]), month, written)
        if end + 1 < len(low) and low[end] in daynames.AND and low[end + 1][0].isdigit():
            return at + 1, None  # "the 10th and 11th of May"
        return at + 1, _of_this_month(low, said, at, int(nth[1]), written)
    month = _month(said, low, at)
    if month and _ends(low, at) and not _year_follows(low, at + 1):
        return at + 1, _last_of(month, written)
    if not month or not said[at][0].isupper() or at + 1 >= len(low):
        return None
    nth = daynames.NTH.match(low[at + 1])
    if not nth or _year_follows(low, at + 2):
        return None
    if low[at] in daynames.CAPITAL and at + 2 < len(low) and low[at + 2] not in daynames.GOES_ON:
        return None  # "May 13 people come?"
    return at + 2, _next(int(nth[1]), month, written)


def _ends(low: Sequence[str], at: int) -> bool:
    """Whether what stands before says that the end is meant: "end of", "Ende", "fin de"."""
    before = [word for word in low[max(0, at - 2) : at] if word not in daynames.OF]
    return bool(before) and before[-1] in daynames.END


def _last_of(month: int, written: date) -> date | None:
    """The next time that this month ends, where that is not far away."""
    year = written.year + (month < written.month)
    return _next(monthrange(year, month)[1], month, written)


def _month(said: Sequence[str], low: Sequence[str], at: int) -> int:
    """Which month stands here, or 0."""
    if at >= len(low) or (low[at] in daynames.CAPITAL and not said[at][0].isupper()):
        return 0
    return words.MONTHS.get(low[at], 0)


def _year_follows(low: Sequence[str], at: int) -> bool:
    return any(word.isdecimal() and len(word) == 4 for word in low[at : at + 2])


def _next(day: int, month: int, written: date) -> date | None:
    """The next time that this day of this month comes, where that is not far away."""
    for year in (written.year, written.year + 1):
        if 1 <= day <= monthrange(year, month)[1] and (found := date(year, month, day)) > written:
            return found if (found - written).days <= FARTHEST else None
    return None


def _of_this_month(low: Sequence[str], said: Sequence[str], at: int, day: int, written: date) -> date | None:
    end = at + 1
    dotted = end < len(low) and low[end] == "."
    follows = low[end + 1] if dotted and end + 1 < len(low) else low[end] if end < len(low) else "."
    leads = any(tuple(low[at - length : at]) in daynames.TO_A_DAY for length in (1, 2, 3) if at >= length)
    if daynames.ORDINAL.match(low[at]):
        leads = at > 0 and low[at - 1] == "the"
    verb = dotted and end + 1 < len(said) and said[end + 1][0].islower()  # "am 12. schicke ich es"
    if not leads or not (follows in daynames.GOES_ON or verb):
        return None
    year, month = (written.year, written.month) if day > written.day else divmod(written.year * 12 + written.month, 12)
    month += day <= written.day
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None
