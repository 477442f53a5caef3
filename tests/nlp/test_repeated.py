"""Which lines does a sender write again and again?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import repeated
from nlp.repeated import FEWEST_REPEATS, LINES, MAILS

SECRET = b"k" * 32
MOTTO = "Weaving since 1820"

HABITS = st.dictionaries(
    st.binary(max_size=8), st.frozensets(st.integers(0, 2**32 - 1), max_size=LINES), max_size=MAILS
)


def written(*texts: str) -> dict[bytes, frozenset[int]]:
    return {f"{n}".encode(): repeated.lines_of(text, SECRET) for n, text in enumerate(texts)}


def left(text: str, *before: str) -> str:
    return repeated.without(text, repeated.often({}, written(*before, text)), SECRET)


def test_a_line_that_one_sender_repeats_is_dropped() -> None:
    assert left(f"One.\n{MOTTO}", f"Two.\n{MOTTO}", f"Three.\n{MOTTO}") == "One."


def test_twice_is_a_coincidence() -> None:
    assert left(f"One.\n{MOTTO}", f"Two.\n{MOTTO}") == f"One.\n{MOTTO}"


def test_numbers_spaces_and_capitals_make_no_other_line() -> None:
    assert left("One.\nRoom  12", "Two.\nroom 7", "Three.\nROOM 130") == "One."


def test_it_must_stand_in_a_share_of_what_is_remembered() -> None:
    others = [f"Number {chr(97 + n) * 9}." for n in range(MAILS - FEWEST_REPEATS)]

    assert MOTTO in left(f"One.\n{MOTTO}", f"Two.\n{MOTTO}", f"Three.\n{MOTTO}", *others)


def test_a_question_that_is_asked_again_is_asked() -> None:
    again = "Are you coming?"

    assert left(f"{again}\nOne.", f"{again}\nTwo.", f"{again}\nThree.") == f"{again}\nOne."


def test_below_all_that_is_new_it_is_a_motto() -> None:
    motto = "Have you woven today?"

    assert left(f"One.\n{motto}", f"Two.\n{motto}", f"Three.\n{motto}") == "One."


def test_a_mail_of_nothing_new_keeps_its_question() -> None:
    mail = f"Are you coming?\n{MOTTO}"

    assert left(mail, mail, mail) == "Are you coming?"


def test_the_same_mail_again_is_not_counted_twice() -> None:
    one = written(f"One.\n{MOTTO}")

    habit = repeated.learned(repeated.learned(repeated.learned({}, one), one), one)

    assert habit == one
    assert not repeated.often(habit, one)


def test_only_the_latest_mails_are_remembered() -> None:
    habit: dict[bytes, frozenset[int]] = {}
    for n in range(MAILS + 5):
        habit = repeated.learned(habit, {bytes((n,)): frozenset((n,))})

    assert list(habit) == [bytes((n,)) for n in range(5, MAILS + 5)]


def test_of_a_long_mail_the_end_is_remembered() -> None:
    text = "\n".join(chr(97 + n // 26) + chr(97 + n % 26) + "x" for n in range(300))

    assert len(repeated.lines_of(text, SECRET)) == LINES
    assert repeated.lines_of(text, SECRET) == repeated.lines_of("\n".join(text.split("\n")[-LINES:]), SECRET)


def test_another_key_gives_other_hashes() -> None:
    assert repeated.lines_of(MOTTO, SECRET).isdisjoint(repeated.lines_of(MOTTO, b"other"))


@pytest.mark.parametrize("text", ["", "\n\n", "ab", "\ud800", "- - -"], ids=["empty", "blank", "short", "half", "rule"])
def test_no_text_is_too_odd(text: str) -> None:
    assert repeated.without(text, repeated.lines_of(MOTTO, SECRET), SECRET) == text.strip()


@given(HABITS)
def test_a_habit_is_packed_and_comes_back(habit: dict[bytes, frozenset[int]]) -> None:
    assert repeated.unpacked(repeated.packed(habit)) == habit


@given(st.lists(st.text(st.sampled_from("ab?\n "), max_size=40), max_size=8))
def test_what_is_left_are_lines_of_the_mail_in_their_order(texts: list[str]) -> None:
    often = repeated.often({}, written(*texts))
    for text in texts:
        lines = iter([line.strip() for line in text.split("\n")])
        left = repeated.without(text, often, SECRET)
        assert all(line.strip() in lines for line in left.split("\n") if line.strip())
