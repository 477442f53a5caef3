"""The user's own addresses are found, and nobody else's are taken for them."""

from collections.abc import Mapping

import pytest

from agent.model import Fact
from agent.people.joining import traces
from agent.people.own import GIVEN, own_addresses, owners

ME = "ada.lovelace@loom.example"
BOB = "bob@mill.example"
NAMES: dict[str, Mapping[str, int]] = {ME: {"Ada Lovelace": 9}, BOB: {"Bob Example": 9}}


def sent(sender: str, times: int = 1, to: str = BOB) -> list[Fact]:
    """Mails that lie in the Sent folder."""
    return [Fact(0, n, sender, (to,), labels=("\\Sent",)) for n in range(times)]


def came(*to: str, times: int = 1, sender: str = BOB) -> list[Fact]:
    return [Fact(0, n, sender, to) for n in range(times)]


def found(facts: list[Fact], names: Mapping[str, Mapping[str, int]] | None = None, given: str = ME) -> set[str]:
    """What is found beside the given address."""
    return own_addresses([given], iter(facts), {**NAMES, **(names or {})}).keys() - {given}


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ("ada@home.example", "Lovelace, Ada"),
        ("a.b.lovelace@loom.example", "Ada B. Lovelace"),
        ("alovelace@loom.example", ""),
        ("Ada_Lovelace@loom.example".lower(), ""),
    ],
    ids=["the same name elsewhere", "with a middle initial", "spelled short", "spelled otherwise"],
)
def test_a_namesake_that_writes_from_here_is_the_user(other: str, name: str) -> None:
    assert found(sent(ME, 20) + sent(other, 20), {other: {name: 5}} if name else {}) == {other}


def test_an_address_that_only_receives_is_found_by_the_mails_that_came_through_it() -> None:
    assert found(sent(ME, 5) + came("alovelace@loom.example", times=20)) == {"alovelace@loom.example"}


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        (sent("carol@loom.example", 50), {"carol@loom.example": {"Carol Example": 9}}),
        (sent("anna.lovelace@loom.example", 50), {"anna.lovelace@loom.example": {"Anna Lovelace": 9}}),
        (came("weavers@loom.example", times=50), {"weavers@loom.example": {"The Weavers": 9}}),
        (came(ME, "ada@home.example", times=50), {"ada@home.example": {"Ada Lovelace": 9}}),
        (
            came("ada@home.example", times=20) + came(ME, times=20, sender="ada@home.example"),
            {"ada@home.example": {"Ada Lovelace": 9}},
        ),
        (came("alovelace@loom.example", times=3), {}),
        (came("alovelace2@loom.example", times=20), {}),
        (sent(BOB, 2), {}),
        (sent("ada@home.example", 2), {"ada@home.example": {"Ada Lovelace": 2}}),
        (sent(ME, 30, to="ada@home.example"), {"ada@home.example": {"Ada Lovelace": 9}}),
    ],
    ids=[
        "an assistant",
        "a second owner of the same family",
        "a list through which mail comes",
        "a namesake who is asked beside the user",
        "a namesake who writes to the user",
        "too few mails to tell",
        "a numbered namesake",
        "strays in the Sent folder",
        "two strays of a namesake",
        "a namesake to whom the user writes",
    ],
)
def test_nobody_else_is_taken_for_the_user(facts: list[Fact], names: Mapping[str, Mapping[str, int]]) -> None:
    assert found(sent(ME, 20) + facts, names) == set()


def test_what_is_found_helps_to_find_more() -> None:
    """Mails from a found address to the next one did not come through that."""
    facts = sent(ME, 5) + sent("ada@home.example", 20) + came("ada@home.example", "alovelace@loom.example", times=30)

    assert found(facts, {"ada@home.example": {"Ada Lovelace": 5}}) == {"ada@home.example"}


def test_an_address_without_a_name_is_known_by_who_writes_from_here() -> None:
    facts = sent("lovelace@loom.example", 50) + sent(ME, 50)

    assert found(facts, {"lovelace@loom.example": {"office": 50}}, given="lovelace@loom.example") == {ME}


def test_every_address_has_its_reason() -> None:
    reasons = own_addresses([ME], sent("ada@home.example", 20), {**NAMES, "ada@home.example": {"Ada Lovelace": 1}})

    assert reasons == {
        ME: GIVEN,
        "ada@home.example": "Its name is yours (Ada Lovelace), and 20 of its mails lie in your Sent folder.",
    }


class TestOwners:
    """Who else sends from this mailbox is said."""

    def test_an_assistant_is_named(self) -> None:
        facts = sent(ME, 60) + sent("carol@loom.example", 30)

        assert owners([ME], traces(facts, {"carol@loom.example": {"Example, Carol": 1}}, frozenset([ME]))) == (
            "Mail of somebody else is sent from this mailbox too: 30 mails by Carol Example (carol@loom.example).",
        )

    @pytest.mark.parametrize("times", [9, 50], ids=["a few mails", "a small share"])
    def test_strays_are_not(self, times: int) -> None:
        facts = sent(ME, 60 if times < 10 else 2_000) + sent("carol@loom.example", times)

        assert owners([ME], traces(facts, {}, frozenset([ME]))) == ()
