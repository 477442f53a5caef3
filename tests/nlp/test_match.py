"""How well does this text fit a person's terms?"""

from nlp import match

IDF = {"loom": 2.0, "yarn": 1.5, "boat": 2.0, "sail": 1.5, "price": 0.1}
WEAVER, SAILOR = {"loom": 5.0, "yarn": 2.0, "price": 3.0}, {"boat": 4.0, "sail": 3.0, "price": 4.0}


def test_the_same_terms_fit_wholly() -> None:
    assert match.fit(WEAVER, WEAVER, IDF) == 1.0


def test_no_shared_word_is_no_fit() -> None:
    assert match.fit({"loom": 1}, {"boat": 3}, IDF) == 0.0


def test_a_word_that_everybody_uses_hardly_counts() -> None:
    assert match.fit({"price": 1, "boat": 1}, WEAVER, IDF) < 0.1


def test_a_word_of_nobody_counts_nothing() -> None:
    assert match.fit({"zither": 1}, {"zither": 1}, IDF) == 0.0


def test_the_nearest_threads_are_the_mean_of_three() -> None:
    assert match.nearest({"loom": 1}, [{"loom": 1}, {"boat": 1}], IDF) == 1 / 3


def test_the_best_person_comes_with_a_margin() -> None:
    found = match.best({"loom": 1, "price": 1}, {1: SAILOR, 2: WEAVER}, IDF)

    assert found is not None
    person, score, margin = found
    assert person == 2
    assert 0 < margin < score < 1


def test_past_threads_count_as_well() -> None:
    alone = match.best({"loom": 1}, {2: WEAVER}, IDF)
    both = match.best({"loom": 1}, {2: WEAVER}, IDF, {2: [{"loom": 1}] * 3})

    assert alone is not None
    assert both is not None
    assert both[1] > alone[1]


def test_silence_where_no_word_is_shared() -> None:
    assert match.best({"zither": 1}, {1: SAILOR, 2: WEAVER}, IDF) is None
