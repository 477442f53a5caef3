from dataclasses import replace

import pytest

from agent.model import DAY, Fact
from agent.signals.meanwhile import meanwhile, settled
from tests.agent.tales import ADA, ME, NOW, mail

BOB, EVE = "bob@loom.example", "eve@else.example"
ASKED = mail(1, 9, subject="The warp", to=(ME, BOB))


def later(days: float, sender: str, to: str, *cc: str, subject: str = "Re: The warp", **more: object) -> Fact:
    at = ASKED.at + int(days * DAY)
    return replace(mail(2, 8), at=at, sender=sender, to=(to,), cc=cc, subject=subject, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "is_settled"),
    [
        (later(1, BOB, ADA, ME), True),
        (later(1, BOB, ADA, ME, subject="On your question"), True),
        (later(1, BOB, ADA), False),
        (later(1, BOB, ME, ADA), False),
        (later(1, EVE, ADA, ME), False),
        (later(-1, BOB, ADA, ME), False),
        (later(1, BOB, ADA, ME, evidence=("automatic",)), False),
        (later(1, ME, EVE, subject="Fwd: The warp"), True),
        (later(1, ME, "me.home@else.example", subject="Fwd: The warp"), True),
        (later(1, ME, EVE, subject="The warp"), True),
        (later(1, ME, EVE, subject="Fwd: The weft"), False),
        (later(4, ME, EVE, subject="Fwd: The warp"), False),
        (later(1, ME, EVE, subject="Re: The warp"), False),
    ],
    ids=[
        "another who was asked answers them",
        "under another subject",
        "without the user",
        "another writes to the user",
        "somebody who was not asked",
        "before it was asked",
        "a machine",
        "the user passed it on",
        "a short word of an address is nobody's name",
        "under the very subject",
        "something else was passed on",
        "days later",
        "the user wrote to another",
    ],
)
def test_a_question_is_settled_where_another_answered_it_or_it_was_passed_on(since: Fact, is_settled: bool) -> None:
    assert settled(ASKED, meanwhile([since], frozenset({ME}))) is is_settled


def test_what_the_user_sends_home_is_not_passed_on() -> None:
    own = frozenset({"nora.lind@loom.example"})
    home = later(1, "nora.lind@loom.example", "lind77@post.example", subject="Fwd: The warp")

    assert not settled(ASKED, meanwhile([home], own))
    assert settled(ASKED, meanwhile([replace(home, to=("kim.lind@loom.example",))], own)), "a colleague of that name"
    assert settled(ASKED, meanwhile([replace(home, to=("kim@post.example",))], own))


def test_a_round_to_many_answers_nobody() -> None:
    many = later(1, BOB, ADA, ME, *(f"p{n}@else.example" for n in range(10)))

    assert not settled(ASKED, meanwhile([many], frozenset({ME})))
    assert many.at < NOW
