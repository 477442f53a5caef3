from dataclasses import replace

import pytest

from agent.model import DAY, Marks, Standing
from agent.proposals import KINDS
from tests.agent.tales import MORNING, NOW, mail, stands, talk, tie

KNOWN = Standing(7, first=NOW - 500 * DAY, last=NOW - 60 * DAY, mine=6, theirs=6, days=10, gap=14.0, began_theirs=3)
ASKS = Marks(signs=("waits",))
LONG = (mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me"))


def fitting(standing: Standing) -> set[str]:
    return {name for name, kind in KINDS.items() if kind.fits(standing, MORNING)}


@pytest.mark.parametrize(
    ("standing", "kinds"),
    [
        (KNOWN, {"reconnect"}),
        (replace(KNOWN, last=NOW - 20 * DAY), set()),
        (replace(KNOWN, last=NOW - 200 * DAY), {"revive"}),
        (replace(KNOWN, first=NOW - 260 * DAY, last=NOW - 200 * DAY), set()),
        (replace(KNOWN, theirs=1), set()),
        (replace(KNOWN, last=NOW - 9 * DAY, open=((3, NOW - 9 * DAY),)), {"reply"}),
        (replace(KNOWN, last=NOW - 2 * DAY, open=((3, NOW - 9 * DAY),)), set()),
        (replace(KNOWN, last=NOW - 9 * DAY, open=((3, NOW - 9 * DAY),), mine=0), set()),
    ],
    ids=[
        "quiet",
        "in touch",
        "long quiet",
        "an errand, long ago",
        "one mail of theirs",
        "asked",
        "talked since",
        "a stranger asks",
    ],
)
def test_a_tie_fits_the_kind_for_its_silence(standing: Standing, kinds: set[str]) -> None:
    assert fitting(standing) == kinds


def test_of_two_revivals_the_one_that_would_live_on_goes_first() -> None:
    long_quiet = replace(KNOWN, last=NOW - 200 * DAY)
    weight = KINDS["revive"].weight

    assert weight(replace(long_quiet, days=40), MORNING) > weight(long_quiet, MORNING) > 0
    assert weight(replace(long_quiet, last=NOW - 900 * DAY), MORNING) < weight(long_quiet, MORNING)


def test_a_reply_says_who_asked_when_and_what() -> None:
    of = tie(talk(mail(1, 90, "me"), mail(2, 89)), talk(mail(3, 9, subject="The warp", marks=ASKS)))
    made = KINDS["reply"].propose(of, stands(of), MORNING)

    assert made is not None
    assert made.why == "Ada asked you something on 25 February, nine days ago. It may still be open."
    assert made.pool == "owed"
    assert made.rest == ""


def test_a_reply_says_who_began_it() -> None:
    of = tie(talk(mail(1, 12, "me", "The warp"), mail(3, 9, subject="Re: The warp", marks=ASKS)))
    made = KINDS["reply"].propose(of, stands(of), MORNING)

    assert made is not None
    assert (
        made.why == "You wrote first; Ada asked you something back on 25 February, nine days ago. It may still be open."
    )


def test_a_reconnection_says_who_wrote_last_and_the_usual_pace() -> None:
    before = [talk(mail(10 + n, 200 - 10 * n, "me" if n % 2 else "them", f"Weave {n}")) for n in range(12)]
    of = tie(*before, talk(*LONG), topics=["loom", "wide loom"])
    made = KINDS["reconnect"].propose(of, stands(of), MORNING)

    assert made is not None
    assert made.why.startswith("You wrote last, on 15 January; you used to be in touch about every ")
    assert made.why.endswith("it has been seven weeks.")
    assert made.context == "in your mail since August 2023, about wide loom"
    assert [c.fact for c in made.cites] == [4]


@pytest.mark.parametrize("name", ["reconnect", "revive"])
def test_no_gift_no_proposal(name: str) -> None:
    of = tie(talk(mail(1, 60, "me"), mail(2, 59)))

    assert KINDS[name].propose(of, stands(of), MORNING) is None


def test_where_the_other_never_begins_it_offers_to_let_it_rest() -> None:
    begun = [talk(mail(100 + n, 300 - 30 * n, "me", f"Weave {n}"), mail(200 + n, 299 - 30 * n)) for n in range(7)]
    of = tie(*begun, talk(mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me")), topics=["loom"])
    made = KINDS["reconnect"].propose(of, stands(of), MORNING)

    assert made is not None
    assert made.rest == "So far it was nearly always you who began. Letting it rest is fine, too."
