"""What does the user's calendar say of today and of the days ahead: is it a holiday, and is the week full?"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WORK = time(9), time(17)
"""The hours of a working day, where nobody says otherwise."""

WORKING_DAYS = 5
"""Monday to Friday; and so many of them are looked ahead."""

FULL = 0.6
"""The share of the working hours ahead that meetings take in a full week: 24 of 40. Managers, who meet most, spend 23 a
week in them (Perlow, Hadley and Eun, Harvard Business Review, July 2017), so that more is much for anybody."""

LONGEST = 400
"""Days that an absence may have lasted and still be found: a year with a child."""

OFF = """
holiday; holidays; bank holiday; public holiday; vacation; annual leave; on leave; out of office; out of the office;
ooo; day off; days off; time off; pto
urlaub; ferien; feiertag; abwesend; nicht im buro; im urlaub
vacances; conges; conge; jour ferie; ferie; absent; absente; absence du bureau; en vacances
vacaciones; festivo; dia festivo; feriado; fuera de la oficina; de vacaciones; dia libre
ferie; vacanza; vacanze; giorno festivo; festa nazionale; fuori ufficio
ferias; folga; fora do escritorio; feriado nacional
vakantie; feestdag; verlof; vrije dag; afwezig; op vakantie
urlop; swieto; dzien wolny; poza biurem; na urlopie
semester; helgdag; semesterledig; franvarande; pa semester; helligdag; ferie; helligdager
отпуск; в отпуске; праздник; выходной
休暇; 祝日; 有給; 年休; 不在
休假; 放假; 假期; 年假; 公休
"""
"""How one calls a day off in a calendar (English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish
with Danish and Norwegian, Russian, Japanese, Chinese), without accents."""

ALONE = frozenset(("absent", "absente", "semester", "ferie", "folga", "pto", "holidays", "ferien"))
"""Words that mean this only as the whole title, or before a place: a semester may begin, and schools have
holidays."""

NOT_YET = """
party feier planning plan planen planung book buchen request antrag shopping deadline dinner lunch gifts cards photos
begins begin start starts beginn approve submit cover school schools schul schule kita kinder kids children
scolaires scolaire escolares escolar scolastiche scolastica schoolvakantie barn inn
"""
"""Beside one of these it is somebody else's, or no day off."""

CALENDARS = """
holiday holidays feiertage feiertag feries festivos feriados festivita festivi feestdagen swieta helgdagar helligdage
helligdager праздники 祝日 节假日 節日
"""
"""How a calendar is called that holds nothing but holidays; those of schools aside."""

_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a calendar of the user's. Moments are POSIX seconds; of whole days, midnights in UTC."""

    subject: str
    start: int
    end: int
    whole_days: bool = False
    mine: bool = True  # nobody is named in it, or the user is
    others: int = 0  # how many others take part
    calendars: tuple[str, ...] = ()  # the names of those that show it


def day_off(entries: Iterable[Entry], day: date, zone: tzinfo, known: Iterable[str] = ()) -> str:
    """The title of what makes this a day off; "" where it is none.

    `known` are the names of others: what has one of them in its title is that person's day off.
    """
    here = [one for one in entries if _covers(one, day, zone)]
    if off := next((one.subject for one in here if _of_holidays(one)), ""):
        return off
    called = [one.subject for one in here if one.mine and _says_off(one.subject)]
    if not called:  # as nearly always: then nobody's name need be looked at
        return ""
    theirs = frozenset(word for name in known for word in _words(name) if len(word) > 2)
    return next((subject for subject in called if not _names(subject, theirs)), "")


def taken(entries: Iterable[Entry], day: date, zone: tzinfo) -> float:
    """The share (0 to 1) of the working hours of five working days, from `day` on, in which the user meets others."""
    spans = sorted((one.start, one.end) for one in entries if one.others and not one.whole_days)
    hours = [_hours(each, zone) for each in working_days(day)]
    met = sum(_within(spans, begins, ends) for begins, ends in hours)
    return met / sum(ends - begins for begins, ends in hours)


def working_days(day: date) -> list[date]:
    """Five of them, from `day` on."""
    ahead = (day + timedelta(days=n) for n in range(2 * WORKING_DAYS))
    return [each for each in ahead if each.weekday() < WORKING_DAYS][:WORKING_DAYS]


def _within(spans: Iterable[tuple[int, int]], begins: float, ends: float) -> float:
    """Seconds from `begins` to `ends` that these cover, however they overlap; they come by their start."""
    covered, reached = 0.0, begins
    for start, end in spans:
        here = min(end, ends) - max(start, reached)
        if here > 0:
            covered, reached = covered + here, min(end, ends)
    return covered


def _hours(day: date, zone: tzinfo) -> tuple[float, float]:
    begins, ends = (datetime.combine(day, hour, zone).timestamp() for hour in WORK)
    return begins, ends


def _covers(one: Entry, day: date, zone: tzinfo) -> bool:
    """Whether it lasts all the working day."""
    if one.whole_days:
        first, end = (datetime.fromtimestamp(at, UTC).date() for at in (one.start, one.end))
        return first <= day < max(end, first + timedelta(days=1))
    begins, ends = _hours(day, zone)
    return one.start <= begins and one.end >= ends


def _of_holidays(one: Entry) -> bool:
    """Whether a calendar shows it that holds nothing but holidays."""
    for name in one.calendars:
        words = set(_words(name))
        named = words & _HOLIDAYS or any(word in name for word in _HOLIDAYS if _CJK.search(word))
        if named and not words & _NOT_YET:
            return one.whole_days
    return False


def _names(subject: str, theirs: Collection[str]) -> bool:
    words = [word for word in _words(subject) if word not in _OF_PHRASES]
    return any(word in theirs or word.removesuffix("s") in theirs for word in words)


def _says_off(subject: str) -> bool:
    words = _words(subject)
    plain = " ".join(words)
    if any(word in _NOT_YET for word in words):
        return False
    if _CJK.search(plain):
        return any(phrase in plain for phrase in _PHRASES if _CJK.search(phrase))
    return any(_stands(phrase, plain) for phrase in _PHRASES)


def _stands(phrase: str, plain: str) -> bool:
    """Whether the title is this phrase, begins with it (and a place follows), or ends with it."""
    if phrase in ALONE:
        return plain == phrase or plain.startswith((f"{phrase} in ", f"{phrase} en ", f"{phrase} a ", f"{phrase} i "))
    return plain == phrase or plain.startswith(f"{phrase} ") or plain.endswith(f" {phrase}")


def _words(text: str) -> list[str]:
    """Its words without case and accents; what belongs to Anna is Anna."""
    flat = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "l").casefold())
    bare = unicodedata.normalize("NFC", "".join(c for c in flat if unicodedata.category(c) != "Mn" or c == "\u3099"))
    return [word for part in bare.replace("’", "'").split() for word in _WORD.findall(part.removesuffix("'s"))]


_PHRASES = frozenset(" ".join(_words(each)) for line in OFF.split("\n") for each in line.split(";") if each.strip())
_OF_PHRASES = frozenset(word for phrase in _PHRASES for word in phrase.split())
_HOLIDAYS, _NOT_YET = frozenset(_words(CALENDARS)), frozenset(_words(NOT_YET))
