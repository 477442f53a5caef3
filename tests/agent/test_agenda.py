"""A calendar says when the user is off, and when their week is full; other people's days off say nothing."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.agenda import FULL, Entry, day_off, taken, working_days

ZONE = ZoneInfo("Europe/London")
DAY = date(2026, 5, 12)  # a Tuesday


def at(day: date, hour: float = 0, zone: ZoneInfo | None = ZONE) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone or UTC)
    return int((midnight + timedelta(hours=hour)).timestamp())


def whole(subject: str, first: date = DAY, days: int = 1, **told: object) -> Entry:
    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    return Entry(subject, start, start + days * 86_400, whole_days=True, **told)  # type: ignore[arg-type]


def meeting(day: date, begins: float, ends: float, others: int = 3) -> Entry:
    return Entry("Review", at(day, begins), at(day, ends), others=others)


@pytest.mark.parametrize(
    "subject",
    [
        "Vacation", "Holiday in Wales", "Out of Office", "OOO - Crete", "Bank Holiday", "PTO",
        "Urlaub Italien", "Feiertag (Fronleichnam)", "Congés", "Jour férié", "Vacaciones en familia", "Día festivo",
        "Ferie", "Fuori ufficio", "Férias", "Vakantie", "Vrije dag", "Święto", "Urlop", "Semester", "Helgdag",
        "Отпуск", "Выходной", "夏季休暇", "祝日", "年假",
    ],
)  # fmt: skip
def test_a_day_off_in_the_user_s_calendar(subject: str) -> None:
    assert day_off([whole(subject)], DAY, ZONE, ["Anna Weber", "Bob Miller"]) == subject


@pytest.mark.parametrize(
    "subject",
    [
        "Anna Urlaub", "Annas Urlaub", "Anna’s vacation", "Vacation Bob", "OOO: Miller", "Holiday party", "Holiday Inn",
        "Plan vacation", "Urlaubsplanung", "School holidays", "Vacances scolaires", "Semester begins", "Offsite",
        "Board meeting", "", "Officer training", "PTO meeting minutes",
    ],
)  # fmt: skip
def test_no_day_off_of_the_user_s(subject: str) -> None:
    assert day_off([whole(subject)], DAY, ZONE, ["Anna Weber", "Bob Miller"]) == ""


def test_somebody_who_is_called_so_takes_nobody_s_holiday_away() -> None:
    assert day_off([whole("Holiday")], DAY, ZONE, ["Billie Holiday", "Urlaub AG"])


def test_somebody_else_s_entry_is_no_day_off_of_the_user_s() -> None:
    assert day_off([whole("Vacation", mine=False)], DAY, ZONE) == ""


@pytest.mark.parametrize(
    ("name", "off"),
    [
        ("Holidays in United Kingdom", True),
        ("feiertage-bayern.ics", True),
        ("Jours fériés en France", True),
        ("School holidays", False),
        ("Work", False),
        ("日本の祝日", True),
    ],
)
def test_a_calendar_of_holidays_holds_nothing_else(name: str, off: bool) -> None:
    entry = whole("Early May bank day", mine=False, calendars=("home", name))

    assert bool(day_off([entry], DAY, ZONE)) is off


def test_it_lasts_as_the_calendar_says_and_no_longer() -> None:
    entry = whole("Vacation", DAY - timedelta(days=3), days=4)

    off = [bool(day_off([entry], DAY + timedelta(days=n), ZONE)) for n in range(-4, 2)]
    assert off == [False, True, True, True, True, False]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata"])
def test_a_whole_day_is_that_day_wherever_the_user_is(zone: str) -> None:
    assert day_off([whole("Vacation")], DAY, ZoneInfo(zone))
    assert not day_off([whole("Vacation")], DAY + timedelta(days=1), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("begins", "ends", "off"), [(0, 24, True), (9, 17, True), (8, 12, False), (14, 24, False)], ids=str
)
def test_an_absence_with_hours_counts_where_it_covers_the_working_day(begins: float, ends: float, off: bool) -> None:
    entry = Entry("Out of office", at(DAY, begins), at(DAY, ends))

    assert bool(day_off([entry], DAY, ZONE)) is off


def test_the_next_five_working_days_go_over_the_weekend() -> None:
    assert [day.day for day in working_days(date(2026, 5, 14))] == [14, 15, 18, 19, 20]
    assert [day.day for day in working_days(date(2026, 5, 16))] == [18, 19, 20, 21, 22]


def test_meetings_that_overlap_count_once_and_evenings_not() -> None:
    entries = [meeting(DAY, 9, 11), meeting(DAY, 10, 12), meeting(DAY, 10.5, 11), meeting(DAY, 16, 20)]

    assert taken(entries, DAY, ZONE) == pytest.approx(4 / 40)


def test_what_one_does_alone_and_whole_days_are_no_meetings() -> None:
    entries = [meeting(DAY, 9, 17, others=0), whole("Fair", others=5), meeting(DAY + timedelta(days=4), 9, 17)]

    assert taken(entries, DAY, ZONE) == 0.0


def test_a_full_week() -> None:
    full = [meeting(day, 9, 14) for day in working_days(DAY)]

    assert taken(full, DAY, ZONE) == pytest.approx(25 / 40)
    assert taken(full, DAY, ZONE) >= FULL > taken(full[:4], DAY, ZONE)


@given(st.lists(st.tuples(st.integers(-3, 9), st.floats(0, 24), st.floats(0, 60)), max_size=20))
def test_a_share_is_never_above_all(spans: list[tuple[int, float, float]]) -> None:
    entries = [meeting(DAY + timedelta(days=n), begins, begins + lasts) for n, begins, lasts in spans]

    assert 0.0 <= taken(entries, DAY, ZONE) <= 1.0


@given(st.text(max_size=60))
def test_no_title_is_too_odd(subject: str) -> None:
    day_off([whole(subject, calendars=(subject,))], DAY, ZONE, [subject])
