"""Looking back is for oneself: it is told, kept, and taken back."""

from datetime import timedelta

import pytest

from tests.profiles import Profile


def test_the_last_quarter_is_looked_back_on(nora: Profile) -> None:
    told = nora.tell("review").splitlines()

    assert told[0] == "Looking back on 2026-Q1:"
    assert told[1] == "  All wrote back: of 21 people you wrote to, all wrote to you."
    assert told[2].startswith("  Too little to tell of proposals that you wrote on (none), ")
    assert told[-1] == "How was it for you? `auld review --satisfied 4 --pressed no` keeps it, for yourself."


def test_what_the_user_says_of_it_is_kept_and_can_be_taken_back(nora: Profile) -> None:
    assert "You were satisfied: 4 of 5." in nora.tell("review", "--satisfied", 4, "--pressed", "no")
    assert "You did not feel pressed." in nora.tell("review")
    assert "satisfied" not in nora.tell("review", "--quarter", "2026-Q2").replace("--satisfied", "")

    assert nora.tell("undo") == "Taken back: review (2026-Q1: satisfied 4, pressed no).\n"
    assert "You were satisfied" not in nora.tell("review")


def test_as_data(nora: Profile) -> None:
    found = nora.json("review", "--satisfied", 5)

    assert (found["quarter"], found["satisfied"], found["pressed"]) == ("2026-Q1", 5, None)
    assert {name: value for name, value in found["findings"][0].items() if name != "says"} == {
        "about": "reciprocated",
        "so": 21,
        "of": 21,
    }


def test_a_quarter_that_goes_on_says_so(nora: Profile) -> None:
    assert nora.tell("review", "--quarter", "2026-Q2").startswith("Looking back on 2026-Q2, as far as it has come:\n")


@pytest.mark.parametrize(
    ("quarter", "says"), [("2026-Q3", "has not begun"), ("spring", "not a quarter. Write 2026-Q1.")]
)
def test_others_are_refused(nora: Profile, quarter: str, says: str) -> None:
    said = nora.run("review", "--quarter", quarter)

    assert (said.code, said.out) == (2, "")
    assert says in said.err


def test_an_old_quarter_has_nothing_and_says_so(nora: Profile) -> None:
    assert "Too little to tell of people you wrote to (none)" in nora.tell("review", "--quarter", "1999-Q1")


def test_the_first_digest_of_a_quarter_mentions_it_once(nora: Profile) -> None:
    line = "A new quarter: `auld review` looks back on 2026-Q2."
    nora.tell("digest")
    nora.at += timedelta(days=51)  # 2 July

    assert line in nora.tell("digest")
    assert line in nora.tell("digest")  # the same morning
    nora.at += timedelta(days=1)
    assert line not in nora.tell("digest")
