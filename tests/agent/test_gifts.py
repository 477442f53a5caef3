from dataclasses import replace
from datetime import date

import pytest

from agent import gifts
from agent.model import DAY, Fact, Marks, News, Tie
from tests.agent.tales import ADA, ME, MORNING, NOW, mail, stands, talk, tie

ASKS = Marks(asks=("question",), signs=("waits",))


def answer(of: Tie) -> str:
    gift = gifts.answer(of, stands(of), MORNING)
    return gift.says if gift else ""


def test_an_answer_is_owed_to_a_question_in_the_text() -> None:
    asked = tie(talk(mail(1, 90, "me"), mail(2, 89)), talk(mail(3, 9, subject="The warp", marks=ASKS)))

    assert answer(asked) == "Answer Ada’s mail “The warp”."


def test_the_answer_goes_under_the_subject_that_it_answers() -> None:
    of = tie(talk(mail(3, 9, subject="The warp", marks=ASKS)))
    gift = gifts.answer(of, stands(of), MORNING)

    assert gift is not None
    assert gift.subject == "Re: The warp"
    assert gift.opener.startswith("Hi Ada,\n\nyou asked me on 25 February")
    assert [(c.fact, c.by, c.subject) for c in gift.cites] == [(3, "them", "The warp")]


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


LONG = (mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me"))


def asked(of: Tie) -> str:
    gift = gifts.question(of, stands(of), MORNING)
    return gift.says if gift else ""


def test_a_question_comes_from_the_last_big_matter() -> None:
    assert asked(tie(talk(*LONG), topics=["loom"])) == (
        "Ask how things stand with “The loom”: you two last wrote about it in January."
    )


def test_the_newest_matter_is_asked_after() -> None:
    newer = [replace(m, id=m.id + 10, at=m.at + 10 * DAY, subject="The wide loom") for m in LONG]

    assert "“The wide loom”" in asked(tie(talk(*LONG), talk(*newer), topics=["loom"]))


@pytest.mark.parametrize(
    "mails",
    [
        LONG[:2],
        tuple(replace(m, at=LONG[-1].at - n * 4 * DAY) for n, m in zip((3, 2, 1, 0), LONG, strict=True)),
        tuple(replace(m, at=LONG[0].at + n) for n, m in enumerate(LONG)),
        tuple(replace(m, subject="Fwd: The loom") for m in LONG),
        tuple(replace(m, subject="Conference call on the loom") for m in LONG),
        tuple(replace(m, subject="Loom order 40213") for m in LONG),
        tuple(replace(m, subject="Funeral, and the loom") for m in LONG),
        tuple(replace(m, at=m.at - 400 * DAY) for m in LONG),
    ],
    ids=[
        "not two each way",
        "over in twelve days",
        "over in an hour",
        "a forward",
        "logistics",
        "a paper",
        "painful",
        "too old",
    ],
)
def test_what_is_no_big_matter_is_not_asked_after(mails: tuple[Fact, ...]) -> None:
    assert asked(tie(talk(*mails), topics=["loom"])) == ""


def test_a_matter_holds_a_topic_of_theirs() -> None:
    assert asked(tie(talk(*LONG), topics=["concert"])) == ""


def test_five_mails_make_a_matter_by_themselves() -> None:
    assert asked(tie(talk(*LONG, mail(5, 49, "me")), topics=["concert"])) != ""


def test_what_is_about_the_person_is_not_asked_of_them() -> None:
    about = [replace(m, subject="Ada's loom") for m in LONG]

    assert asked(tie(talk(*about), topics=["loom"])) == ""


def test_a_question_about_an_appointment_waits_a_week_at_the_most() -> None:
    assert answer(tie(talk(mail(3, 5, subject="Thursday dinner", marks=ASKS)))) != ""
    assert answer(tie(talk(mail(3, 9, subject="Thursday dinner", marks=ASKS)))) == ""
    assert answer(tie(talk(mail(3, 5, subject="Tomorrow it is", marks=ASKS)))) == ""


def test_when_talk_went_on_to_something_else_the_matter_is_over() -> None:
    assert asked(tie(talk(*LONG), talk(mail(9, 15, subject="The concert")), topics=["loom"])) == ""


THEIRS_LAST = (*LONG[:3], replace(LONG[3], sender=ADA, to=(ME,)))


@pytest.mark.parametrize(
    ("marks", "theirs_to_tell"),
    [
        (Marks(asks=("thanks",)), False),
        (Marks(signs=("waits",)), False),
        (Marks(asks=("request",)), False),
        (None, False),
        (Marks(), True),
    ],
    ids=["mere thanks", "a question to the user", "a request", "nobody knows", "news of it"],
)
def test_who_may_owe_something_does_not_ask_how_things_stand(marks: Marks | None, theirs_to_tell: bool) -> None:
    mails = (LONG[0], LONG[1], replace(LONG[2], sender=ME, to=(ADA,)), replace(THEIRS_LAST[3], marks=marks))

    assert bool(asked(tie(talk(*mails), topics=["loom"]))) is theirs_to_tell


def test_what_went_on_with_others_is_not_asked_after() -> None:
    with_others = mail(9, 40, to=("b@x.example",))

    assert asked(tie(talk(*LONG, with_others), topics=["loom"])) == ""


def test_a_copy_shifted_by_a_zone_is_the_same_mail() -> None:
    copies = [replace(m, id=m.id + 10, at=m.at + 10 * 3_600) for m in LONG]

    assert len(gifts.once(sorted((*LONG, *copies), key=lambda m: m.at))) == len(LONG)


def test_copies_are_no_word_between_the_two() -> None:
    copied = [replace(m, to=("b@x.example",), cc=m.to) for m in LONG]

    assert asked(tie(talk(*copied), topics=["loom"])) == ""


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


PIECE = News(
    fact=90,
    at=NOW - 5 * DAY,
    title="How the loom came to Bern",
    subject="The weekly thread",
    source="The Thread",
    terms={"wide loom": 2.0, "loom": 4.0, "bern": 2.0},
    about=frozenset({"wide loom", "loom", "bern"}),
    seen_by=frozenset({ME, "letter@thread.example"}),
    url="https://thread.example/loom",
)


def passed_on(*pieces: News, of: Tie | None = None) -> str:
    again = mail(20, 70, subject="The wide loom again")
    known = of or tie(talk(again), talk(*(replace(m, subject="The wide loom") for m in LONG)), topics=["loom"])
    gift = gifts.news(known, stands(known), replace(MORNING, news=pieces))
    return gift.says if gift else ""


def test_news_is_given_to_whom_it_concerns() -> None:
    assert passed_on(PIECE) == (
        "“How the loom came to Bern”, from The Thread, 29 February: you two wrote about wide loom. "
        "Say what you make of it."
    )


@pytest.mark.parametrize(
    "piece",
    [
        replace(PIECE, seen_by=frozenset({ME, ADA})),
        replace(PIECE, at=NOW - 40 * DAY),
        replace(PIECE, about=frozenset({"bern"})),
        replace(PIECE, about=frozenset({"loom"})),
        replace(PIECE, terms={"bern": 3.0, **{f"word{n}": 9.0 for n in range(60)}}, about=frozenset({"bern"})),
    ],
    ids=["they have it", "old", "the title is about something else", "one everyday word", "nothing shared"],
)
def test_news_that_does_not_fit_is_not_given(piece: News) -> None:
    assert passed_on(piece) == ""


def test_the_best_fitting_piece_is_taken() -> None:
    vague = replace(
        PIECE, fact=91, title="Bern and its wide loom", terms={"wide loom": 1.0, "bern": 9.0, "council": 9.0}
    )

    assert "How the loom came to Bern" in passed_on(vague, PIECE)


def test_urgency_halves_in_a_fortnight() -> None:
    fresh, old = (stands(tie(talk(mail(3, ago, marks=ASKS)))) for ago in (4, 18))

    assert gifts.urgency(fresh, MORNING) == pytest.approx(2 * gifts.urgency(old, MORNING))
    assert gifts.urgency(stands(tie(talk(mail(3, 80)))), MORNING) == 0.0
