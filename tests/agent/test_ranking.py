from dataclasses import replace
from math import exp
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import DAY, Standing
from agent.ranking import LIKELY, WELCOME, Around, doubt, lasting, likely, tuned, welcome

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


AROUND = Around(unseen=40.0)

arounds = st.builds(Around, st.floats(0, 40_000), st.floats(0, 20), st.floats(-10, 10))


@given(ties, st.integers(0, 40_000 * DAY), arounds)
def test_all_are_probabilities(tie: Standing, now: int, around: Around) -> None:
    assert 0.0 <= likely(tie, now, around) <= 1.0
    assert 0.0 <= welcome(tie, now, around) <= 1.0
    assert 0.0 <= lasting(tie, now, around) <= 1.0


@given(ties, st.integers(0, 9000), st.integers(1, 9000), st.floats(0, 9000), st.floats(0, 9000))
def test_the_most_overdue_never_comes_first(
    tie: Standing, silent: int, longer: int, unseen: float, later_unseen: float
) -> None:
    sooner, later = tie.last + silent * DAY, tie.last + (silent + longer) * DAY
    fresh, gone = Around(min(unseen, later_unseen)), Around(max(unseen, later_unseen))

    assert likely(tie, later, gone) <= likely(tie, sooner, fresh)
    assert welcome(tie, later, gone) <= welcome(tie, sooner, fresh)
    assert lasting(tie, later, gone) <= lasting(tie, sooner, fresh)


def test_whoever_wrote_more_is_likelier_to_answer() -> None:
    by_theirs = [welcome(replace(TIE, theirs=theirs), NOW, AROUND) for theirs in (0, 1, 6, 40)]

    assert by_theirs == sorted(set(by_theirs))
    assert welcome(replace(TIE, mine=60), NOW, AROUND) < welcome(TIE, NOW, AROUND)


def test_with_whom_one_spoke_on_many_days_and_in_turns_it_lives_on() -> None:
    assert lasting(replace(TIE, days=40), NOW, AROUND) > lasting(TIE, NOW, AROUND)
    assert lasting(replace(TIE, mine=40), NOW, AROUND) < lasting(TIE, NOW, AROUND)


def test_where_much_comes_in_more_is_answered_and_whoever_was_seen_lately_is_there() -> None:
    assert welcome(TIE, NOW, Around(40.0, flow=1.0)) > welcome(TIE, NOW, Around(40.0, flow=-1.0))
    assert welcome(TIE, NOW, Around(2.0)) > welcome(TIE, NOW, AROUND)
    assert likely(TIE, NOW, Around(40.0, company=3.0)) > likely(TIE, NOW, AROUND)


def test_days_with_contact_make_a_tie_likely() -> None:
    assert likely(replace(TIE, days=3), NOW, AROUND) < likely(replace(TIE, days=30), NOW, AROUND)


def test_with_nobody_one_never_wrote_to_contact_is_not_likely() -> None:
    assert likely(Standing(1), NOW, AROUND) == 0.0


class TestRefit:
    """A user whose past is long and speaks otherwise gets weights of their own."""

    @staticmethod
    def past(n: int, *, loyal: bool) -> list[tuple[list[float], bool]]:
        """Mails that broke a silence: answered by those who write little, where `loyal`; else as the model says."""
        dice = Random(4)
        found = []
        for _ in range(n):
            amounts = [dice.uniform(0, 4), dice.uniform(0, 4), dice.uniform(0, 6), dice.uniform(-1, 1)]
            odds = (
                3.0 - 2.0 * amounts[0]
                if loyal
                else WELCOME.base + sum(f.weight * amount for f, amount in zip(WELCOME.features, amounts, strict=True))
            )
            found.append((amounts, dice.random() < 1 / (1 + exp(-odds))))
        return found

    def test_it_is_kept_where_it_foretells_better_what_came_later(self) -> None:
        cases = self.past(300, loyal=True)
        weights = tuned(WELCOME, cases)

        assert len(weights) == len(WELCOME.weights)
        assert weights[1] < 0 < WELCOME.features[0].weight
        assert doubt(WELCOME.weighing(weights), cases) < doubt(WELCOME, cases)
        assert tuned(WELCOME, cases) == weights

    @pytest.mark.parametrize("n", [0, 5, 35])
    def test_a_short_past_changes_nothing(self, n: int) -> None:
        assert tuned(WELCOME, self.past(n, loyal=True)) == ()

    def test_nor_does_one_in_which_everybody_answered(self) -> None:
        assert tuned(WELCOME, [(amounts, True) for amounts, _ in self.past(300, loyal=True)]) == ()

    def test_no_past_makes_silence_speak_for_somebody(self) -> None:
        gone = [([1.0, 1.0, day / 10, 0.0], day > 30) for day in range(60)] * 3
        weights = tuned(WELCOME, gone)

        assert weights
        assert all(w <= 0 for w, f in zip(weights[1:], WELCOME.features, strict=True) if f.falls)

    def test_welcome_goes_by_the_weights_that_it_is_given(self) -> None:
        assert welcome(TIE, NOW, AROUND, WELCOME.weights) == welcome(TIE, NOW, AROUND)
        assert welcome(TIE, NOW, AROUND, (0.0,) * len(WELCOME.weights)) == 0.5


def test_every_feature_has_a_sentence_of_its_own() -> None:
    says = [feature.says for model in (LIKELY, WELCOME) for feature in model.features]

    assert len(set(says)) == len(says)
    assert all(sentence.endswith(".") for sentence in says)
