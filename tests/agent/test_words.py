from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from agent import words

NOW = int(datetime(2024, 3, 5, 7, tzinfo=UTC).timestamp())


def at(year: int, month: int, day: int, hour: int = 12) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0.2, "a day"),
        (5, "five days"),
        (13.4, "13 days"),
        (21, "three weeks"),
        (59, "eight weeks"),
        (70, "two months"),
        (400, "13 months"),
        (800, "two years"),
    ],
    ids=str,
)
def test_a_while_is_said_in_the_unit_that_one_would_use(days: float, said: str) -> None:
    assert words.while_(days) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (1, "nearly every day"),
        (7, "about every week"),
        (21, "about every three weeks"),
        (30, "about once a month"),
        (90, "about every three months"),
    ],
    ids=str,
)
def test_a_rhythm_is_said_as_one_says_it(days: float, said: str) -> None:
    assert words.every(days) == said


def test_a_day_has_its_year_only_where_that_is_not_obvious() -> None:
    assert words.on(at(2024, 2, 1), NOW, UTC) == "1 February"
    assert words.on(at(2023, 12, 24), NOW, UTC) == "24 December"
    assert words.on(at(2023, 3, 24), NOW, UTC) == "24 March 2023"


def test_a_day_is_the_day_of_the_users_zone() -> None:
    late = at(2024, 2, 1, 23)
    assert words.on(late, NOW, timezone(timedelta(hours=2))) == "2 February"


def test_a_month_has_its_year_where_it_is_another() -> None:
    assert words.month(at(2024, 1, 9), NOW, UTC) == "January"
    assert words.month(at(2023, 12, 9), NOW, UTC) == "December 2023"


def test_words_do_not_follow_the_locale() -> None:
    assert words.long_day(date(2001, 8, 14)) == "Tuesday, 14 August 2001"


@pytest.mark.parametrize(
    ("given", "said"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")], ids=str
)
def test_a_list_reads_like_one(given: tuple[str, ...], said: str) -> None:
    assert words.listed(given) == said


def test_what_is_long_is_cut_between_words() -> None:
    assert words.clipped("a short one") == "a short one"
    cut = words.clipped("one two three four five six seven", 20)
    assert cut == "one two three four…"
    assert len(words.clipped("x" * 500, 20)) == 20


@pytest.mark.parametrize(
    ("name", "first"),
    [("Ada Weber", "Ada"), ("J. Tomás Ibarra", "Tomás"), ("E. M. Weber", "E. M. Weber"), ("ada", "ada"), ("K.", "K.")],
)
def test_one_is_called_by_the_first_word_that_is_no_initial(name: str, first: str) -> None:
    assert words.first_name(name) == first


def test_a_name_that_fills_a_page_leaves_room_for_our_own_words() -> None:
    assert len(words.first_name("x" * 10_000)) == words.CALLED
    assert len(words.first_name("J. " + "x" * 10_000)) == words.CALLED
