"""How well does this text fit a person's terms?"""

import pytest

from nlp import match

IDF = {"loom": 2.0, "yarn": 1.5, "boat": 2.0, "sail": 1.5, "price": 0.1}
WEAVER, SAILOR = {"loom": 5.0, "yarn": 2.0, "price": 3.0}, {"boat": 4.0, "sail": 3.0, "price": 4.0}


def test_the_same_terms_fit_wholly() -> None:
    assert match.fit(WEAVER, WEAVER, IDF) == pytest.approx(1.0)


def test_no_shared_word_is_no_fit() -> None:
    assert match.fit({"loom": 1}, {"boat": 3}, IDF) == 0.0


def test_a_word_that_everybody_uses_hardly_counts() -> None:
    assert match.fit({"price": 1, "boat": 1}, WEAVER, IDF) < 0.1


def test_a_word_of_nobody_counts_nothing() -> None:
    assert match.fit({"zither": 1}, {"zither": 1}, IDF) == 0.0


def test_the_best_person_comes_with_a_margin() -> None:
    found = match.best({"loom": 1, "price": 1}, match.known({1: SAILOR, 2: WEAVER}, IDF))

    assert found is not None
    person, score, margin = found
    assert person == 2
    assert 0 < margin < 1
    assert 0 < score < 1


def test_three_past_threads_count_beside_all_of_them() -> None:
    once = match.known({2: WEAVER}, IDF, {2: [{"loom": 1}, {"yarn": 1}]})
    thrice = match.known({2: WEAVER}, IDF, {2: [{"loom": 1}] * 3})

    [(_, one)] = match.ranking({"loom": 1}, once)
    [(_, three)] = match.ranking({"loom": 1}, thrice)

    assert three > one + 0.2


def test_of_two_who_fit_alike_comes_first_who_writes_more() -> None:
    threads = {1: [{"loom": 1.0}] * 3, 2: [{"loom": 1.0}] * 30}

    ranked = match.ranking({"loom": 1}, match.known({1: {"loom": 3.0}, 2: {"loom": 30.0}}, IDF, threads))

    assert [person for person, _ in ranked] == [2, 1]


def test_who_writes_more_does_not_come_before_who_fits() -> None:
    threads = {1: [{"loom": 1.0}] * 3, 2: [{"loom": 1.0, "boat": 1.0, "sail": 1.0}] * 300}

    ranked = match.ranking({"loom": 1}, match.known({1: threads[1][0], 2: threads[2][0]}, IDF, threads))

    assert [person for person, _ in ranked] == [1, 2]


def test_silence_where_no_word_is_shared() -> None:
    assert match.best({"zither": 1}, match.known({1: SAILOR, 2: WEAVER}, IDF)) is None


@pytest.mark.parametrize(
    ("scores", "margin"), [([], 0.0), ([0.4], 1.0), ([0.4, 0.4], 0.0)], ids=["nobody", "one alone", "two alike"]
)
def test_a_margin_says_how_far_ahead_the_first_is(scores: list[float], margin: float) -> None:
    assert match.margin(scores, len(scores)) == margin


def test_a_weak_score_is_no_wide_margin_where_there_are_many_others() -> None:
    assert match.margin([0.1], 200) < 0.1 < 0.9 < match.margin([0.9], 200)


def test_a_margin_shrinks_with_many_who_are_nearly_as_good() -> None:
    assert match.margin([0.5, 0.4, 0.4, 0.4], 4) < match.margin([0.5, 0.4], 2)
