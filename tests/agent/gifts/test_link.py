from dataclasses import replace

import pytest

from agent.gifts.link import link
from agent.model import DAY, News, Tie
from tests.agent.tales import ADA, ME, MORNING, NOW, mail, stands, talk, tie

LONG = (mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me"))

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
    gift = link(known, stands(known), replace(MORNING, news=pieces))
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
