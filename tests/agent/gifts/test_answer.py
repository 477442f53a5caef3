from dataclasses import replace
from datetime import date

import pytest

from agent.gifts import answer as answers
from agent.model import Marks, Tie
from tests.agent.tales import ADA, ME, MORNING, mail, stands, talk, tie

ASKS = Marks(asks=("question",), signs=("waits",))


def answer(of: Tie) -> str:
    gift = answers.answer(of, stands(of), MORNING)
    return gift.says if gift else ""


def test_an_answer_is_owed_to_a_question_in_the_text() -> None:
    asked = tie(talk(mail(1, 90, "me"), mail(2, 89)), talk(mail(3, 9, subject="The warp", marks=ASKS)))

    assert answer(asked) == "Answer Ada’s mail “The warp”."


def test_the_answer_goes_under_the_subject_that_it_answers() -> None:
    of = tie(talk(mail(3, 9, subject="The warp", marks=ASKS)))
    gift = answers.answer(of, stands(of), MORNING)

    assert gift is not None
    assert gift.subject == "Re: The warp"
    assert gift.opener.startswith("Hi Ada,\n\nyou asked me on 25 February")
    assert [(c.fact, c.by, c.subject) for c in gift.cites] == [(3, "them", "The warp")]


def test_under_thanks_a_mail_is_named_by_its_day() -> None:
    assert answer(tie(talk(mail(3, 9, subject="Thanks!", marks=ASKS)))) == "Answer Ada’s mail of 25 February."


@pytest.mark.parametrize(
    "marks",
    [
        Marks(),
        Marks(asks=("request",)),
        Marks(asks=("thanks", "offer")),
        Marks(asks=("question",)),
        Marks(signs=("waits", "assistant")),
        Marks(signs=("waits", "to another")),
        Marks(signs=("waits", "that day")),
        Marks(signs=("waits", "pressing")),
        Marks(signs=("waits",), dates=(date(2024, 2, 27),)),
    ],
    ids=[
        "nothing",
        "a request",
        "thanks",
        "a sigh",
        "an assistant's",
        "to another",
        "about that day",
        "about its week",
        "about a day",
    ],
)
def test_what_does_not_wait_for_the_user_is_no_answer_owed(marks: Marks) -> None:
    assert answer(tie(talk(mail(3, 9, subject="The warp", marks=marks)))) == ""


@pytest.mark.parametrize(("ago", "owed"), [(2, False), (4, True), (20, True), (22, False)], ids=str)
def test_a_question_waits_from_the_third_day_for_three_weeks(ago: float, owed: bool) -> None:
    assert bool(answer(tie(talk(mail(3, ago, subject="The warp", marks=ASKS))))) is owed


def test_what_was_about_a_day_is_over_with_it() -> None:
    def about(day: int) -> Marks:
        return replace(ASKS, dates=(date(2024, 2, 20), date(2024, 3, day)))

    assert answer(tie(talk(mail(3, 5, subject="The warp", marks=about(6))))) != ""
    assert answer(tie(talk(mail(3, 5, subject="The warp", marks=about(4))))) == ""


def test_with_headers_only_the_subject_asks() -> None:
    assert answer(tie(talk(mail(3, 9, subject="A question about the warp")))) != ""
    assert answer(tie(talk(mail(3, 9, subject="The warp")))) == ""


def test_an_answer_to_the_users_own_question_asks_nothing() -> None:
    mine = talk(mail(3, 12, "me", "A question about the warp"), mail(4, 9, subject="Re: A question about the warp"))

    assert answer(tie(mine)) == ""


def test_who_was_written_to_since_waits_for_nothing() -> None:
    since = tie(talk(mail(3, 9, subject="The warp", marks=ASKS)), talk(mail(4, 5, "me", "Your weaving")))

    assert answer(since) == ""


def test_in_a_large_round_somebody_else_may_answer() -> None:
    round_ = mail(3, 9, marks=ASKS, to=(ME, "b@x.example", "c@x.example", "d@x.example"))

    assert answer(tie(talk(round_))) == ""


def test_a_copy_asks_others() -> None:
    assert answer(tie(talk(mail(3, 9, marks=ASKS, to=("b@x.example",), cc=(ME,))))) == ""


@pytest.mark.parametrize("subject", ["Fwd: The warp", "Out of Office AutoReply: The warp", "My resignation"], ids=str)
def test_forwards_machines_and_farewells_are_no_questions(subject: str) -> None:
    assert answer(tie(talk(mail(3, 9, subject=subject, marks=ASKS)))) == ""


def test_a_question_about_an_appointment_waits_a_week_at_the_most() -> None:
    assert answer(tie(talk(mail(3, 5, subject="Thursday dinner", marks=ASKS)))) != ""
    assert answer(tie(talk(mail(3, 9, subject="Thursday dinner", marks=ASKS)))) == ""
    assert answer(tie(talk(mail(3, 5, subject="Tomorrow it is", marks=ASKS)))) == ""


def test_who_wrote_again_at_once_has_moved_on() -> None:
    again = tie(talk(mail(3, 9, subject="The warp", marks=ASKS)), talk(mail(4, 8, subject="Never mind")))

    assert answer(again) == ""


def test_a_knock_on_the_door_waits_a_week_at_the_most() -> None:
    assert answer(tie(talk(mail(3, 5, subject="Weaving?")))) != ""
    assert answer(tie(talk(mail(3, 9, subject="Weaving?")))) == ""


@pytest.mark.parametrize("subject", ["", "Re:", "(no subject)", "Mom's surgery", "The estate"], ids=str)
def test_a_mail_without_a_subject_or_with_a_painful_one_is_not_brought_up(subject: str) -> None:
    assert answer(tie(talk(mail(3, 9, subject=subject, marks=ASKS)))) == ""


def test_only_their_newest_mail_can_wait() -> None:
    later = tie(talk(mail(3, 15, subject="The warp", marks=ASKS)), talk(mail(4, 9, subject="Thanks for your call")))

    assert answer(later) == ""


def test_an_answer_that_is_stamped_before_its_question_is_an_answer() -> None:
    asks = mail(3, 9, subject="The warp", marks=ASKS)
    early = replace(mail(4, 9, "me", subject="Re: The warp"), at=asks.at - 1200)

    assert answer(tie(talk(early, asks, opened_by=ADA))) == ""


def test_urgency_halves_in_a_fortnight() -> None:
    fresh, old = (stands(tie(talk(mail(3, ago, marks=ASKS)))) for ago in (4, 18))

    assert answers.urgency(fresh, MORNING) == pytest.approx(2 * answers.urgency(old, MORNING))
    assert answers.urgency(stands(tie(talk(mail(3, 80)))), MORNING) == 0.0
