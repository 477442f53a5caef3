"""A cue spares a search, and never a find."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import asks, mailings, marks, words
from nlp.cued import Cued

HOUSE = {
    "feet of mailings": mailings._FOOT,
    "pasted articles": asks._PUBLISHED,
    "sensitive pairs": words._TOGETHER,
    "assistants": marks._ASSISTANT,
    "appointments": marks._APPOINTMENT,
}
PAIRS = [
    pytest.param(cues, pattern, id=f"{name}: {cues[0]}") for name, cued in HOUSE.items() for cues, pattern in cued.pairs
]


@pytest.mark.parametrize(("cues", "pattern"), PAIRS)
def test_whatever_matches_holds_a_cue(cues: tuple[str, ...], pattern: re.Pattern[str]) -> None:
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        found = pattern.search(text)
        assert found is None or any(cue in found[0] for cue in cues)

    holds()


def test_a_place_that_matches_is_found() -> None:
    either = Cued(("loom|yarn", r"\b(?:loom|yarn)s?\b"), ("kiln", r"\bkilns?\b"))

    found = either.search("the kilns and the looms")

    assert found is not None
    assert found[0] == "looms"  # the first pattern goes first


def test_a_cue_alone_is_no_match() -> None:
    assert Cued(("loom", r"\bloom\b")).search("it blooms") is None


def test_cues_that_stand_after_one_another_are_each_tried() -> None:
    assert Cued(("loom", r"\bloom\b"), ("kiln", r"\bkiln\b")).search("it blooms beside the kiln") is not None
