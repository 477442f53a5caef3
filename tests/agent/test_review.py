from datetime import date

import pytest

from agent import review
from agent.model import Statement
from agent.retrospect import Quarter
from agent.review import Own, due, felt, in_lines, kept, said_of, share

Q3 = Quarter(2026, 3)


def said(text: str, verb: str = "review") -> Statement:
    return Statement(1, 0, verb, (), text)


@pytest.mark.parametrize(
    ("so", "of", "word"),
    [
        (12, 12, "All"), (11, 12, "Nearly all"), (9, 12, "Most"), (6, 12, "About half"), (3, 12, "Some"),
        (1, 12, "Few"), (0, 12, "None"), (1, 1, "All"),
    ],
)  # fmt: skip
def test_a_share_is_a_word(so: int, of: int, word: str) -> None:
    assert share(so, of) == word


def test_a_sentence_has_its_base_in_words() -> None:
    assert review.mutual(9, 12).says == "Most wrote back: of twelve people you wrote to, nine wrote to you."
    assert review.answered(0, 6).says == "None were answered: of six proposals that you wrote on, none within a month."
    assert review.revived(2, 6).says == (
        "Some of the contacts that you revived lived on: of six in the quarter before, two went to and fro for the "
        "next 90 days."
    )
    assert review.introduced(1, 1).says == (
        "All of your introductions lived on, as far as you were in copy: of one introduction in the quarter before, in "
        "one the two still stood in one mail more than 90 days later."
    )


def test_where_much_hangs_on_one_employer_it_is_said() -> None:
    assert "Much hangs" in review.outside(1, 10, ["works.example"]).says
    assert "Much hangs" not in review.outside(2, 10, ["works.example"]).says


def test_a_word_of_ones_own_makes_a_difference_or_not() -> None:
    assert review.changed(2, 6, 9).says.startswith("More people wrote after a word of yours than before it: of nine")
    assert review.changed(6, 6, 9).says.startswith("No more people wrote")


def test_too_little_is_said_once() -> None:
    found = [review.mutual(9, 12), review.answered(1, 1), review.revived(0, 0)]

    assert in_lines(found) == [
        "Most wrote back: of twelve people you wrote to, nine wrote to you.",
        "Too little to tell of proposals that you wrote on (one) and contacts that you revived in the quarter before "
        "(none).",
    ]


@pytest.mark.parametrize("own", [Own(4, pressed=False), Own(1, pressed=True), Own(5), Own(pressed=True)])
def test_what_the_user_says_is_kept_and_read_again(own: Own) -> None:
    assert said_of(Q3, [said(kept(Q3, own))]) == own
    assert said_of(Q3.before, [said(kept(Q3, own))]) == Own()


def test_the_latest_word_on_each_question_holds() -> None:
    words = [said(kept(Q3, Own(2, pressed=True))), said(kept(Q3, Own(4))), said("4", "note")]

    assert said_of(Q3, words) == Own(4, pressed=True)


@pytest.mark.parametrize("text", ["", "2026-Q3", "2026-Q3: satisfied 9", "satisfied 4", "2026-Q3: pressed maybe"])
def test_what_cannot_be_read_says_nothing(text: str) -> None:
    assert said_of(Q3, [said(text)]) == Own()


def test_how_it_felt() -> None:
    assert felt(Own(4, pressed=False), Own(3)) == [
        "You were satisfied: 4 of 5, after 3 in the quarter before.",
        "You did not feel pressed.",
    ]
    assert "auld pause" in felt(Own(pressed=True), Own())[0]
    assert felt(Own(), Own(3)) == []


@pytest.mark.parametrize(
    ("day", "delivered", "says"),
    [
        (date(2026, 7, 1), [date(2026, 6, 30)], True),
        (date(2026, 7, 2), [date(2026, 6, 30), date(2026, 7, 1)], False),
        (date(2026, 7, 1), [date(2026, 6, 30), date(2026, 7, 1)], True),
        (date(2026, 8, 14), [date(2026, 1, 2)], True),
        (date(2026, 7, 1), [], False),
        (date(2026, 6, 30), [date(2026, 6, 29)], False),
        (date(2027, 1, 4), [date(2026, 12, 31)], True),
    ],
    ids=["a new quarter", "said before", "the same morning again", "after a long pause", "the first digest ever",
         "the same quarter", "a new year"],
)  # fmt: skip
def test_the_first_digest_of_a_quarter_says_that_one_may_look_back(
    day: date, delivered: list[date], says: bool
) -> None:
    assert bool(due(day, delivered)) is says


def test_it_names_the_quarter_that_is_over() -> None:
    assert due(date(2026, 7, 1), [date(2026, 6, 30)]) == "A new quarter: `auld review` looks back on 2026-Q2."
