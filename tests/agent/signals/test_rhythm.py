from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from agent.model import DAY, Contact, Standing
from agent.signals import rhythm


def tie(last: int, gap: float | None = 20.0, days: int = 6, first: int = 0) -> Standing:
    return Standing(1, first=first * DAY, last=last * DAY, gap=gap, days=days)


def test_a_contact_day_is_a_local_date_and_counts_once() -> None:
    evening, night = 1_000_000_800, 1_000_000_800 + 6 * 3600  # 02:00 and 08:00 UTC, 9 September 2001
    contacts = [Contact(evening, "me", 1), Contact(night, "them", 2)]

    assert len(rhythm.contact_days(contacts, UTC)) == 1
    assert len(rhythm.contact_days(contacts, ZoneInfo("America/New_York"))) == 2


@pytest.mark.parametrize(
    ("days", "gap"),
    [([], None), ([1, 2, 9], None), ([1, 3, 13, 14], 2.0), ([1, 3, 7, 17, 27], 7.0)],
    ids=["never", "three days only", "four days", "the middle of an even number"],
)
def test_the_usual_gap_is_the_median_and_needs_four_days(days: list[int], gap: float | None) -> None:
    assert rhythm.usual_gap(days) == gap


def test_what_is_usual_for_the_user_is_the_median_of_the_ties_that_have_a_rhythm() -> None:
    ties = [tie(9, 3.0), tie(9, 10.0), tie(9, None), tie(9, 30.0)]

    assert rhythm.others_gap(ties) == 10.0
    assert rhythm.others_gap([tie(9, None)]) == rhythm.COMMON_GAP


@pytest.mark.parametrize(
    ("standing", "usual"),
    [
        (tie(100, 20.0), 20.0),
        (tie(100, None, days=1, first=100), 8.0),
        (tie(64, None, days=2), 8 ** (2 / 3) * 64 ** (1 / 3)),
        (tie(128, None, days=3), 8 ** (1 / 3) * 64 ** (2 / 3)),
    ],
    ids=["has a rhythm", "one contact day", "two", "three"],
)
def test_with_few_days_the_gap_leans_on_the_others_the_less_the_more_there_are(
    standing: Standing, usual: float
) -> None:
    assert rhythm.leaning(standing, 8.0) == pytest.approx(usual)


@pytest.mark.parametrize(
    ("silent", "gap", "usual", "pool"),
    [
        (29, 20.0, 20.0, ""),
        (30, 20.0, 20.0, "keeping up"),
        (30, 31.0, 31.0, ""),
        (160, 20.0, 20.0, "keeping up"),
        (161, 20.0, 20.0, "reviving"),
        (60, 5.0, 5.0, ""),
        (90, 5.0, 5.0, "reviving"),
        (60, None, 20.0, "keeping up"),
        (90, None, 20.0, "reviving"),
    ],
    ids=[
        "too soon",
        "a month, past its gap",
        "not yet its gap",
        "eight gaps",
        "beyond eight gaps",
        "beyond eight, but no quarter",
        "beyond eight and a quarter",
        "few contacts, two months",
        "few contacts, a quarter",
    ],
)
def test_a_tie_is_kept_up_or_revived_or_left_alone(silent: int, gap: float | None, usual: float, pool: str) -> None:
    standing, now = tie(100, gap, days=6 if gap else 2), (100 + silent) * DAY

    assert rhythm.silence(standing, now) == silent
    assert rhythm.keeping_up(standing, now, usual) is (pool == "keeping up")
    assert rhythm.reviving(standing, now, usual) is (pool == "reviving")
