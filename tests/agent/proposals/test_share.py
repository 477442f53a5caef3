from dataclasses import replace

import pytest

from agent.model import DAY, Morning, Standing
from agent.proposals import KINDS, share
from tests.agent.gifts.test_link import LAID, PIECE
from tests.agent.tales import MORNING, NOW, mail, stands, talk, tie

KNOWN = Standing(7, first=NOW - 500 * DAY, last=NOW - 20 * DAY, mine=6, theirs=6, days=10, gap=14.0, began_theirs=3)
READING = replace(MORNING, news=(PIECE,), interested=frozenset({7}))


@pytest.mark.parametrize(
    ("standing", "morning", "fits"),
    [
        (KNOWN, READING, True),
        (replace(KNOWN, last=NOW - 13 * DAY), READING, False),
        (replace(KNOWN, last=NOW - 60 * DAY), READING, False),
        (replace(KNOWN, last=NOW - 200 * DAY), READING, False),
        (replace(KNOWN, last=NOW - 45 * DAY, gap=60.0), READING, True),
        (replace(KNOWN, mine=1), READING, False),
        (KNOWN, MORNING, False),
        (KNOWN, replace(READING, interested=frozenset({8})), False),
    ],
    ids=[
        "a fortnight", "just in contact", "slipping", "lost", "their pace is slow", "no exchange", "no news",
        "news for others",
    ],
)  # fmt: skip
def test_a_link_is_shared_between_two_who_are_not_slipping(standing: Standing, morning: Morning, fits: bool) -> None:
    assert share.fits(standing, morning) is fits


def test_it_says_that_there_is_no_hurry_and_what_there_is() -> None:
    wide = tie(
        talk(mail(1, 90, "me", "The wide loom"), mail(2, 89, subject="Re: The wide loom")),
        talk(mail(3, 30, "me", "A wide loom"), mail(4, 20, subject="Re: A wide loom")),
        topics=["loom"],
    )
    made = KINDS["share"].propose(wide, stands(wide), replace(READING, news=(LAID,)))

    assert made is not None
    assert made.why == "Ada wrote last, on 14 February; there is no hurry, only something that may interest them."
    assert (made.pool, made.gift.kind, made.gift.url) == ("keeping up", "link", LAID.url)


def test_without_something_that_fits_there_is_no_proposal() -> None:
    of = tie(talk(mail(1, 90, "me"), mail(2, 20)))

    assert KINDS["share"].propose(of, stands(of), READING) is None
