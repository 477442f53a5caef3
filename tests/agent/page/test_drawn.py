"""The pictures say the numbers that they are drawn from, and hold nothing but our own words."""

import re
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import Standing
from agent.page import drawn
from agent.page.drawn import FULL, LEAST, UP
from agent.page.months import Month

counts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 3)), min_size=24, max_size=24)


def year(some: list[tuple[int, int, int]]) -> list[Month]:
    return [Month(2000 + n // 12, n % 12 + 1, *one) for n, one in enumerate(some)]


def bars(picture: str, side: str) -> dict[int, float]:
    """Which months have a bar, and how many pixels high it is."""
    found = fromstring(picture).find(f".//path[@class='{side} bars']")
    assert found is not None
    left = drawn.WIDTH - 24 * drawn.STEP + drawn.BAR / 2
    drawn_ = re.findall(r"M([\d.]+) \d+v(-?[\d.]+)", found.get("d", ""))
    return {round((float(x) - left) / drawn.STEP): float(high) for x, high in drawn_}


@given(counts)
def test_each_bar_is_as_high_as_its_number(some: list[tuple[int, int, int]]) -> None:
    shown = year(some)
    picture = drawn.by_month(shown, "so many")
    top = max([FULL, *(m.mine for m in shown), *(m.theirs for m in shown)])

    for side, way in (("mine", -1), ("theirs", 1)):
        found = bars(picture, side)
        assert set(found) == {n for n, month in enumerate(shown) if getattr(month, side)}
        for n, high in found.items():
            wanted = max(getattr(shown[n], side) * UP / top, LEAST)
            assert high * way == pytest.approx(wanted, rel=0.01, abs=0.06)


@given(counts)
def test_there_is_a_dot_for_each_month_in_which_the_two_met(some: list[tuple[int, int, int]]) -> None:
    picture = drawn.by_month(year(some), "so many")

    assert picture.count("<circle") == sum(met > 0 for _, _, met in some)


@pytest.mark.parametrize(
    ("mine", "theirs", "widths"),
    [(3, 1, [253, 85]), (0, 5, [340]), (2, 0, [340]), (4_000, 1, [332, 6])],
    ids=["three to one", "only they", "only you", "one among thousands"],
)
def test_who_began_is_split_as_often_as_each_did(mine: int, theirs: int, widths: list[int]) -> None:
    picture = drawn.began(Standing(1, began_mine=mine, began_theirs=theirs), "so often")

    assert [int(bar.get("width", "")) for bar in fromstring(picture).iter("rect")] == widths


@given(st.floats(1, 4_000), st.floats(0, 9_000))
def test_the_gap_and_the_silence_have_one_scale(usual: float, quiet: float) -> None:
    picture = fromstring(drawn.paces(usual, quiet, "so long"))
    one, other = (int(bar.get("width", "")) for bar in picture.iter("rect"))

    pixels = (drawn.WIDTH - 84) / max(usual, quiet)

    assert [one, other] == [pytest.approx(max(days * pixels, 2), abs=0.51) for days in (usual, quiet)]


def test_every_picture_says_in_words_what_it_shows_and_holds_nothing_else() -> None:
    for picture in (
        drawn.by_month(year([(1, 2, 3)] * 24), "<b>"),
        drawn.began(Standing(1, began_mine=1), "<b>"),
        drawn.paces(1.0, 2.0, "<b>"),
    ):
        root = fromstring(picture)
        assert root.get("role") == "img"
        assert root.findtext("title") == "<b>"
        assert {one.tag for one in root.iter()} <= {"svg", "title", "text", "path", "rect", "circle"}
