"""Every contact stands in its month, and none is lost or counted twice."""

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import DAY, Contact
from agent.page.months import SPAN, Month, first_of, months, sums

NOW = int(datetime(2026, 3, 31, 22, 30, tzinfo=UTC).timestamp())
LONDON, TOKYO = ZoneInfo("Europe/London"), ZoneInfo("Asia/Tokyo")

contacts = st.builds(
    Contact,
    at=st.integers(NOW - 1_200 * DAY, NOW - 1),
    by=st.sampled_from(["me", "them", "other"]),
    fact=st.integers(1, 9),
    meeting=st.booleans(),
)


def at(text: str, zone: ZoneInfo = LONDON) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


@given(st.lists(contacts, max_size=60))
def test_the_bars_are_a_count_by_hand(passed: list[Contact]) -> None:
    by_hand: Counter[tuple[int, int, str]] = Counter()
    for contact in passed:
        day = datetime.fromtimestamp(contact.at, LONDON)
        side = "met" if contact.meeting else "mine" if contact.by == "me" else "theirs"
        by_hand[day.year, day.month, side] += 1

    for month in months(passed, NOW, LONDON):
        for side in ("mine", "theirs", "met"):
            assert getattr(month, side) == by_hand[month.year, month.number, side]


@given(st.lists(contacts, max_size=60))
def test_what_is_read_is_what_is_shown(passed: list[Contact]) -> None:
    begins = first_of(NOW, TOKYO)

    assert sum(sums(months(passed, NOW, TOKYO))) == sum(contact.at >= begins for contact in passed)


def test_the_months_end_with_this_one_and_none_is_missing() -> None:
    shown = months((), NOW, LONDON)

    assert (len(shown), shown[0].name, shown[-1].name) == (SPAN, "April 2024", "March 2026")
    assert len({(month.year, month.number) for month in shown}) == SPAN


@pytest.mark.parametrize(
    ("zone", "month"), [(LONDON, "March 2026"), (TOKYO, "April 2026")], ids=["London", "Tokyo, a day later"]
)
def test_a_month_is_one_of_the_users_calendar(zone: ZoneInfo, month: str) -> None:
    assert months((), NOW, zone)[-1].name == month


def test_the_first_second_of_a_month_is_in_it() -> None:
    passed = [Contact(at(moment), "me", 1) for moment in ("2026-03-01T00:00:00", "2026-02-28T23:59:59")]

    assert [month.mine for month in months(passed, NOW, LONDON)][-2:] == [1, 1]
    assert first_of(NOW, LONDON) == at("2024-04-01T00:00:00")


def test_what_lies_before_them_is_left_out() -> None:
    assert sums(months([Contact(at("2024-03-31T23:59:59"), "me", 1)], NOW, LONDON)) == (0, 0, 0)


def test_a_meeting_is_no_mail() -> None:
    assert months([Contact(NOW - 1, "me", 1, meeting=True)], NOW, LONDON)[-1] == Month(2026, 3, met=1)
