"""A pause keeps the digest away until a day or for good, is told by `status`, and can be taken back."""

from datetime import date, timedelta

import pytest

from agent.cli.ends import Ends
from agent.cli.pause import ends
from tests.profiles import Profile

TUESDAY = date(2026, 5, 12)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", None),
        ("1", date(2026, 5, 13)),
        ("7 days", date(2026, 5, 19)),
        ("2 weeks", date(2026, 5, 26)),
        ("1 week", date(2026, 5, 19)),
        ("2026-05-13", date(2026, 5, 13)),
        ("monday", date(2026, 5, 18)),
        ("tue", date(2026, 5, 19)),
        ("wednesday", date(2026, 5, 13)),
    ],
    ids=lambda one: str(one) or "nothing",
)
def test_until_when(said: str, meant: date | None) -> None:
    assert ends(said, TUESDAY) == meant


@pytest.mark.parametrize(
    "said",
    ["0", "-1", "3651", "99999 weeks", "999999", "2026-05-12", "2025-01-01", "9999-12-31", "until june", "2026-13-01"],
)
def test_what_is_no_day_ahead_is_refused(said: str) -> None:
    with pytest.raises(Ends) as refused:
        ends(said, TUESDAY)
    assert refused.value.code == 2


def test_it_is_told_and_ends_by_itself(nora: Profile) -> None:
    assert nora.tell("pause", "2", "weeks") == (
        "No digest until Tuesday, 26 May 2026. `auld pause off` ends the pause.\n"
    )

    told = "You said pause: no digest until Tuesday, 26 May 2026. `auld pause off` ends it."
    assert told in nora.tell("status").splitlines()
    assert nora.json("status")["pause"]["day"] == "2026-05-26"
    assert nora.json("digest")["quiet"] == told
    assert told in nora.run("doctor").out
    assert nora.names(), "whoever asks for it on the screen sees it"
    nora.at += 14 * DAY
    assert "pause" not in nora.tell("status")
    assert nora.json("digest")["quiet"] == ""


def test_without_a_day_it_goes_on_until_it_is_ended(nora: Profile) -> None:
    nora.tell("pause")
    nora.at += 400 * DAY
    assert "You said pause: no digest. `auld pause off` ends it." in nora.tell("status")

    assert nora.tell("pause", "off").startswith("The pause is over")
    assert "pause" not in nora.tell("status")
    assert nora.tell("pause", "off") == "There is no pause.\n"


def test_undo_takes_back_the_pause_or_its_end(nora: Profile) -> None:
    nora.tell("pause", "7")
    nora.tell("pause", "off")

    assert nora.tell("undo") == "Taken back: pause (off).\n"
    assert "You said pause: no digest until Tuesday, 19 May 2026." in nora.tell("status")
    assert nora.tell("undo") == "Taken back: pause (2026-05-19).\n"
    assert "pause" not in nora.tell("status")


def test_the_last_word_holds(nora: Profile) -> None:
    nora.tell("pause")
    nora.tell("pause", "thursday")

    assert "no digest until Thursday, 14 May 2026." in nora.tell("status")


def test_forgetting_somebody_leaves_it(nora: Profile) -> None:
    nora.tell("pause", "7")
    nora.tell("forget", "Ada Weber", "--yes")

    assert "You said pause" in nora.tell("status")
