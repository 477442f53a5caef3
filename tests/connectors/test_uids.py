"""Sets of UIDs are sets, however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.uids import Uids

NUMBERS = st.sets(st.integers(1, 60))


@given(NUMBERS, NUMBERS)
def test_it_is_the_set_that_it_stands_for(one: set[int], other: set[int]) -> None:
    mine, theirs = Uids.of(one), Uids.of(other)

    assert list(mine) == sorted(one)
    assert len(mine) == len(one)
    assert set(mine | theirs) == one | other
    assert set(mine - theirs) == one - other
    assert {number for number in range(70) if number in mine} == one
    assert Uids.read(str(mine)) == mine
    assert mine | theirs == Uids.of(one | other)
    assert mine - theirs == Uids.of(one - other)
    assert bool(mine) == bool(one)


@given(NUMBERS, st.integers(5, 40))
def test_its_pieces_are_short_and_make_the_whole(numbers: set[int], longest: int) -> None:
    pieces = list(Uids.of(numbers).texts(longest))

    assert {number for piece in pieces for number in Uids.read(piece)} == numbers
    assert all(len(piece) <= longest for piece in pieces)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((), ""), ((7,), "7"), ((1, 2, 3, 4, 7, 9, 10), "1:4,7,9:10")],
    ids=["none", "one", "with gaps"],
)
def test_it_is_written_as_imap_writes_it(numbers: tuple[int, ...], text: str) -> None:
    assert str(Uids.of(numbers)) == text


def test_the_newest_come_first() -> None:
    todo = Uids.read("1:10,20:29")

    assert str(todo.newest(4)) == "26:29"
    assert str(todo.newest(100)) == "20:29"
    assert todo.last == 29
    assert str(todo - todo.newest(100)) == "1:10"
    assert not Uids.between(5, 4)
