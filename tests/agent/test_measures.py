from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.measures import Quality, auc, judge, mean, span

judgements = st.lists(st.tuples(st.integers(0, 5).map(float), st.booleans()), min_size=2).filter(
    lambda judged: len({came for _, came in judged}) == 2
)


@given(judgements)
def test_the_area_is_the_share_of_pairs_in_the_right_order(judged: list[tuple[float, bool]]) -> None:
    came = [score for score, yes in judged if yes]
    stayed = [score for score, yes in judged if not yes]
    pairs = [(high > low) + (high == low) / 2 for high in came for low in stayed]

    assert auc(judged) == pytest.approx(sum(pairs) / len(pairs))


def test_a_perfect_ranking_is_perfect_and_a_reversed_one_is_not() -> None:
    good = [(float(score), score >= 5) for score in range(10)]
    bad = [(-score, came) for score, came in good]

    assert judge(good, Random(1)) == Quality(1.0, 1.0, pytest.approx(1.0))
    assert judge(bad, Random(1)) == Quality(0.0, 0.0, pytest.approx((1 / 6 + 2 / 7 + 3 / 8 + 4 / 9 + 5 / 10) / 5))


def test_ties_are_drawn_for_and_the_same_dice_draw_the_same() -> None:
    tied = [(0.0, place < 5) for place in range(10)]

    assert judge(tied, Random(1)) == judge(tied, Random(1))
    assert 0.3 < judge(tied, Random(1)).p5 < 0.7


def test_a_mean_is_taken_figure_by_figure() -> None:
    assert mean([Quality(0.0, 0.2, 0.4), Quality(1.0, 0.4, 0.6)]) == pytest.approx((0.5, 0.3, 0.5))


def test_an_interval_holds_its_mean_and_narrows_with_more_values() -> None:
    few, many = span([0.0, 1.0] * 5), span([0.0, 1.0] * 500)

    assert few.low < few.mean == 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert span([0.25] * 4) == (0.25, 0.25, 0.25)
