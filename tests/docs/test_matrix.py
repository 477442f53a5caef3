"""The page of the fault matrix is what the tests are named, and no cell that could happen is without one."""

from pathlib import Path

from tests.docs.matrix import cells, matrix_page, missing

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fault-matrix.md"


def test_the_page_is_as_the_tests_are() -> None:
    assert PAGE.read_text("utf-8") == matrix_page(), "write it anew: python -m tests.docs.matrix"


def test_every_cell_that_could_happen_has_a_test() -> None:
    assert missing() == []


def test_no_test_stands_for_two_cells() -> None:
    named = [(cell, words) for cell, tests in cells().items() for words in tests]

    assert len(named) == len(set(named))
