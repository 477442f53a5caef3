from dataclasses import replace
from datetime import UTC
from math import exp, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import DAY, Contact, Fact, Marks, Person, Standing, Thread, Tie
from agent.signals.standing import HALF_LIVES, MOST_OPEN, open_threads, standing, warmth

ME, ADA = "me@home.example", "ada@home.example"
OWN, THEIRS = frozenset({ME}), frozenset({ADA})
PERSON = Person(7, "Ada", (ADA,))

QUESTION = Fact(1, 0, ME, to=(ADA,), subject="looms")
ASKS = Marks(asks=("question",), signs=("waits",))
ANSWER = Fact(2, 10 * DAY, ADA, to=(ME,), subject="Re: looms", marks=ASKS)
LETTER = Fact(3, 50 * DAY, ADA, to=(ME,), subject="sheds", marks=ASKS)


def contact(fact: Fact) -> Contact:
    return Contact(fact.at, "me" if fact.sender == ME else "them", fact.id, 1)


def test_every_field_follows_from_the_tie() -> None:
    threads = (Thread(1, (QUESTION, ANSWER), ME), Thread(2, (LETTER,), ADA))
    met = Contact(60 * DAY, "me", 4, meeting=True)
    tie = Tie(PERSON, (contact(QUESTION), contact(ANSWER), contact(LETTER), met), threads)

    found = standing(tie, UTC, OWN)

    assert replace(found, warmth=()) == Standing(
        person=7,
        first=0,
        last=60 * DAY,
        last_mine=0,
        last_theirs=50 * DAY,
        mine=1,
        theirs=2,
        meetings=1,
        days=4,
        gap=10.0,
        began_mine=2,
        began_theirs=1,
        asked=1,
        answered=1,
        unanswered=0,
        open=((2, 50 * DAY), (1, 10 * DAY)),
    )


def test_nothing_is_said_of_a_tie_without_contact() -> None:
    assert standing(Tie(PERSON, ()), UTC, OWN) == Standing(7)


def test_warmth_is_the_log_of_what_is_left_of_each_contact() -> None:
    made = (Contact(0, "me", 1), Contact(30 * DAY, "me", 2))

    assert warmth(made) == pytest.approx([log(1 + 2 ** (-30 / half)) for half in HALF_LIVES])


@given(st.lists(st.integers(0, 4000 * DAY), min_size=1, max_size=40))
def test_warmth_lies_between_one_contact_and_all_of_them(times: list[int]) -> None:
    made = tuple(Contact(at, "me", number) for number, at in enumerate(sorted(times)))

    assert all(0.999 <= exp(value) <= len(made) + 0.001 for value in warmth(made))


@pytest.mark.parametrize(
    "mails",
    [
        (ANSWER, replace(QUESTION, at=11 * DAY)),
        (replace(ANSWER, evidence=("list",)),),
        (replace(ANSWER, subject="Fwd: looms"),),
        (replace(ANSWER, to=("bob@home.example",), cc=(ME,)),),
        (replace(ANSWER, cc=("b@x.example", "c@x.example", "d@x.example")),),
        (replace(ANSWER, marks=Marks()),),
        (ANSWER, Fact(5, 12 * DAY, "bob@home.example", to=(ME, ADA))),
    ],
    ids=[
        "the user answered",
        "a list",
        "a forward",
        "only copied",
        "to four people",
        "nothing asked",
        "somebody else wrote since",
    ],
)
def test_a_thread_is_not_open(mails: tuple[Fact, ...]) -> None:
    assert open_threads([Thread(1, mails, ADA)], THEIRS, OWN) == ()


def test_a_machines_answer_leaves_a_thread_open() -> None:
    away = replace(QUESTION, at=11 * DAY, evidence=("automatic",))

    assert open_threads([Thread(1, (ANSWER, away), ADA)], THEIRS, OWN) == ((1, 10 * DAY),)


def test_the_newest_open_threads_are_kept() -> None:
    threads = [Thread(n, (replace(ANSWER, at=n),), ADA) for n in range(1, 9)]

    assert open_threads(threads, THEIRS, OWN) == tuple((n, n) for n in range(8, 8 - MOST_OPEN, -1))


def test_what_lies_two_months_before_the_last_is_owed_no_more() -> None:
    old, new = Thread(1, (ANSWER,), ADA), Thread(2, (replace(ANSWER, at=71 * DAY),), ADA)

    assert open_threads([old, new], THEIRS, OWN) == ((2, 71 * DAY),)
