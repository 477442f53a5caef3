from dataclasses import replace

import pytest

from agent.gifts import question as questions
from agent.model import DAY, Fact, Marks, Tie
from tests.agent.tales import ADA, ME, MORNING, mail, stands, talk, tie

LONG = (mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me"))


def asked(of: Tie) -> str:
    gift = questions.question(of, stands(of), MORNING)
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

    assert len(questions.once(sorted((*LONG, *copies), key=lambda m: m.at))) == len(LONG)


def test_copies_are_no_word_between_the_two() -> None:
    copied = [replace(m, to=("b@x.example",), cc=m.to) for m in LONG]

    assert asked(tie(talk(*copied), topics=["loom"])) == ""
