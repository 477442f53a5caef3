"""Days without a digest mean what the user wrote, and what means nothing is told apart with its near word."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import ConfigProblems, parse
from config.quiet import DAYS, quiet
from config.settings import WEEK, Boundaries


def options_of(kind: str) -> None:
    return None


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigProblems) as caught:
        parse(text, options_of, folder=Path())
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("said", "inside", "outside"),
    [
        ("2026-12-24", [date(2026, 12, 24)], [date(2026, 12, 23), date(2027, 12, 24)]),
        ("12-25", [date(2026, 12, 25), date(2031, 12, 25)], [date(2026, 12, 24)]),
        (
            "2026-12-24..2027-01-06",
            [date(2026, 12, 24), date(2027, 1, 1), date(2027, 1, 6)],
            [date(2026, 12, 23), date(2027, 1, 7), date(2025, 12, 28)],
        ),
        ("12-24..01-06", [date(2030, 12, 31), date(2031, 1, 6)], [date(2031, 1, 7), date(2031, 12, 23)]),
        ("07-01..07-31", [date(2026, 7, 1), date(2027, 7, 31)], [date(2026, 6, 30), date(2026, 8, 1)]),
        ("fridays", [date(2026, 5, 15)], [date(2026, 5, 14)]),
        ("Fri", [date(2026, 5, 15)], [date(2026, 5, 16)]),
        ("02-29", [date(2028, 2, 29)], [date(2027, 2, 28), date(2027, 3, 1)]),
    ],
    ids=["a day", "each year", "a range", "over New Year", "each July", "each week", "in short", "a leap day"],
)
def test_it_falls_on_these_days_and_not_on_those(said: str, inside: list[date], outside: list[date]) -> None:
    assert all(quiet(said).falls_on(day) for day in inside)
    assert not any(quiet(said).falls_on(day) for day in outside)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 400), st.integers(-10, 410))
def test_a_range_holds_just_what_lies_between_its_ends(first: date, length: int, step: int) -> None:
    said = f"{first.isoformat()}..{(first + timedelta(days=length)).isoformat()}"

    assert quiet(said).falls_on(first + timedelta(days=step)) is (0 <= step <= length)


def test_the_days_of_the_week_are_those_of_the_settings() -> None:
    assert DAYS == WEEK


def test_a_date_of_TOML_is_as_good_as_a_text() -> None:
    settings = parse('[boundaries]\nquiet = [2026-12-24, "Fridays"]\n', options_of)

    assert settings.boundaries == Boundaries(quiet=("2026-12-24", "fridays"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"fridya"', '"fridya" is no day. Did you mean `friday`?'),
        ('"christmas"', '"christmas" is no day. Write 2026-12-24, 12-24 for each year, '),
        ('"24.12."', '"24.12." is no day. Write 2026-12-24'),
        ('"2026-02-30"', '"2026-02-30" is not in the calendar.'),
        ('"02-30"', '"02-30" is not in the calendar.'),
        ('"2027-01-06..2026-12-24"', '"2027-01-06..2026-12-24" ends before it begins.'),
        ('"2026-12-24..01-06"', "has a year at one end alone."),
        ('""', '"" is no day.'),
        ("1225", "1225 is not a text in quotes."),
        ("2026-12-24T07:00:00", "is not a text in quotes."),
        (f'"{"x" * 900}"', f'"{"x" * 40}…" is no day.'),
    ],
    ids=[
        "a slip", "a name", "the local way", "no such day", "in no year", "backwards", "half a year", "empty",
        "a number", "a moment", "a letter",
    ],
)  # fmt: skip
def test_what_is_no_day_is_told_with_its_line(written: str, said: str) -> None:
    [problem] = problems(f'[boundaries]\nnever = []\nquiet = [\n  "12-25",\n  {written},\n]\n')

    assert problem.startswith("line 5: boundaries.quiet[2]: ")
    assert said in problem


def test_the_same_twice_is_told() -> None:
    assert problems('[boundaries]\nquiet = ["Friday", "friday"]\n') == [
        'line 2: boundaries.quiet: "friday" stands there twice.'
    ]


def test_days_on_which_no_digest_ever_comes_are_told() -> None:
    [problem] = problems('[digest]\ndays = ["friday"]\n[boundaries]\nquiet = ["fridays"]\n')

    assert problem.startswith("line 4: boundaries.quiet: with these days no digest ever comes.")
