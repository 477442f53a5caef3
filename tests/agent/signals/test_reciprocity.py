from dataclasses import replace
from datetime import UTC

import pytest

from agent.model import DAY, Contact, Fact, Standing, Thread
from agent.signals.reciprocity import answer_rate, asked_and_answered, flow, share_of_theirs, unanswered_days

ME, ADA = "me@home.example", "ada@home.example"
OWN, THEIRS = frozenset({ME}), frozenset({ADA, "ada@work.example"})

QUESTION = Fact(1, 10, ME, to=(ADA,))
ANSWER = Fact(2, 20, "ada@work.example", to=(ME,))


@pytest.mark.parametrize(
    ("mails", "opened_by", "counts"),
    [
        ((QUESTION, ANSWER), ME, (1, 1)),
        ((QUESTION,), ME, (1, 0)),
        ((QUESTION, replace(ANSWER, sender="bob@home.example")), ME, (1, 0)),
        ((QUESTION, replace(ANSWER, evidence=("automatic",))), ME, (1, 0)),
        ((replace(QUESTION, cc=("b@x.example", "c@x.example", "d@x.example")), ANSWER), ME, (0, 0)),
        ((replace(QUESTION, subject="Fwd: looms"),), "", (0, 0)),
        ((ANSWER, QUESTION), ADA, (0, 0)),
        ((replace(QUESTION, to=("bob@home.example",)), ANSWER), ME, (0, 0)),
    ],
    ids=[
        "answered",
        "not answered",
        "somebody else answered",
        "a machine answered",
        "to four people",
        "a forward",
        "they began",
        "sent to somebody else",
    ],
)
def test_what_called_for_an_answer_is_counted_with_its_answer(
    mails: tuple[Fact, ...], opened_by: str, counts: tuple[int, int]
) -> None:
    assert asked_and_answered([Thread(1, mails, opened_by)], THEIRS, OWN) == counts


def test_one_mail_alone_does_not_say_everything() -> None:
    assert share_of_theirs(Standing(1)) == 0.5
    assert share_of_theirs(Standing(1, mine=1)) == 0.25
    assert share_of_theirs(Standing(1, mine=0, theirs=99)) > 0.99


def test_the_rate_of_answers_is_unknown_where_none_was_called_for() -> None:
    assert answer_rate(Standing(1)) is None
    assert answer_rate(Standing(1, asked=4, answered=1)) == 0.25


def test_days_without_an_answer_count_from_their_last_mail() -> None:
    def at(day: float, by: str) -> Contact:
        return Contact(int(day * DAY), "me" if by == "me" else "them", 0)

    met = Contact(9 * DAY, "them", 0, meeting=True)

    assert unanswered_days([at(1, "me"), at(2, "them"), at(3, "me"), at(3.5, "me"), at(8, "me"), met], UTC) == 2
    assert unanswered_days([at(1, "me"), at(2, "them")], UTC) == 0


def test_flow_is_nought_where_as_much_comes_as_goes_and_few_mails_say_little() -> None:
    assert flow(0, 0) == flow(40, 40) == 0
    assert flow(80, 20) == pytest.approx(-flow(20, 80))
    assert flow(80, 20) > flow(8, 2) > 0
