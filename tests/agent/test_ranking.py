from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import DAY, Standing
from agent.ranking import LIKELY, WELCOME, likely, welcome

TIE = Standing(1, first=1, last=100 * DAY, last_mine=100 * DAY, last_theirs=90 * DAY, mine=6, theirs=6, days=8, gap=9.0)
NOW = 140 * DAY

ties = st.builds(
    Standing,
    person=st.just(1),
    first=st.just(1),
    last=st.integers(1, 20_000 * DAY),
    mine=st.integers(0, 10**6),
    theirs=st.integers(0, 10**6),
    days=st.integers(0, 10**4),
    gap=st.none() | st.floats(1, 4000),
)


@given(ties, st.integers(0, 40_000 * DAY), st.floats(1, 4000))
def test_both_are_probabilities(tie: Standing, now: int, usual: float) -> None:
    assert 0.0 <= likely(tie, now, usual) <= 1.0
    assert 0.0 <= welcome(tie, now, usual) <= 1.0


@given(ties, st.integers(0, 9000), st.integers(1, 9000), st.floats(1, 4000))
def test_the_most_overdue_never_comes_first(tie: Standing, silent: int, longer: int, usual: float) -> None:
    sooner, later = tie.last + silent * DAY, tie.last + (silent + longer) * DAY

    assert likely(tie, later, usual) <= likely(tie, sooner, usual)
    assert welcome(tie, later, usual) == welcome(tie, sooner, usual)


def test_whoever_wrote_more_is_likelier_to_answer() -> None:
    by_theirs = [welcome(replace(TIE, theirs=theirs), NOW, 9.0) for theirs in (0, 1, 6, 40)]

    assert by_theirs == sorted(set(by_theirs))
    assert welcome(replace(TIE, mine=60), NOW, 9.0) < welcome(TIE, NOW, 9.0)


def test_a_burst_of_mails_says_less_than_days_with_contact() -> None:
    burst, steady = replace(TIE, mine=20, theirs=20, days=3), replace(TIE, mine=20, theirs=20, days=30)

    assert likely(burst, NOW, 9.0) < likely(steady, NOW, 9.0)


def test_with_nobody_one_never_wrote_to_contact_is_not_likely() -> None:
    assert likely(Standing(1), NOW, 14.0) == 0.0
    assert welcome(Standing(1), NOW, 14.0) == pytest.approx(0.18, abs=0.01)


def test_every_feature_has_a_sentence_of_its_own() -> None:
    says = [feature.says for model in (LIKELY, WELCOME) for feature in model.features]

    assert len(set(says)) == len(says)
    assert all(sentence.endswith(".") for sentence in says)
