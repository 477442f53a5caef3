"""Names are read as people write them, and compared as far as both go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.people.names import (
    Agreement,
    Name,
    agree,
    best,
    clean,
    completed,
    fits,
    organisation,
    parsed,
    shown,
    spelled,
)


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Lovelace, Ada", "Ada Lovelace"),
        ('"Lovelace, Ada B."', "Ada B. Lovelace"),
        ("ADA LOVELACE", "Ada Lovelace"),
        ("ada.lovelace", "Ada Lovelace"),
        ("Ada Lovelace (E-mail)", "Ada Lovelace"),
        ("Ada Lovelace/LON/LOOM@LOOM", "Ada Lovelace"),
        ("Ada Lovelace via Weavers", "Ada Lovelace"),
        ("Ada Lovelace, PhD", "Ada Lovelace"),
        ("'Ada Lovelace'", "Ada Lovelace"),
        ("<ada@loom.example>", ""),
        ("ada@loom.example", ""),
        ("12345", ""),
        ("Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("東京 太郎", "東京 太郎"),
    ],
)  # fmt: skip
def test_display_names_are_cleaned(display: str, name: str) -> None:
    assert clean(display) == name


@pytest.mark.parametrize(
    ("display", "name"),
    [
        ("Ada", None),
        ("Dr. Ada B. Lovelace", Name("ada", "lovelace", ("b",))),
        ("Zoë O'Hara", Name("zoe", "ohara")),
        ("山田太郎", Name("田太郎", "山")),
        ("Weaver 2000", None),
    ],
)
def test_display_names_are_parsed(display: str, name: Name | None) -> None:
    assert parsed(display) == name


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ada Lovelace", "ada lovelace", "same"),
        ("Ada B Lovelace", "Ada Lovelace", "same"),
        ("Ada B Lovelace", "Ada Babbage Lovelace", "same"),
        ("Ada B Lovelace", "Ada C Lovelace", "clash"),
        ("A Lovelace", "Ada Lovelace", "initials"),
        ("Dan Example", "Daniel Example", "same"),
        ("Bob Example", "Robert Example", "same"),
        ("Ada Lovelace", "Ada Byron", "clash"),
        ("Bob Example Jr", "Bob Example Sr", "clash"),
    ],
)
def test_names_agree_as_far_as_both_go(one: str, other: str, expected: Agreement) -> None:
    first, second = parsed(one), parsed(other)

    assert first is not None
    assert second is not None
    assert agree(first, second) == agree(second, first) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ada.lovelace@x.example", "same"),
        ("adalovelace@x.example", "same"),
        ("lovelace_ada@x.example", "same"),
        ("alovelace@x.example", "initials"),
        ("alovela@x.example", "initials"),
        ("alovelace2+tag@x.example", "initials"),
        ("adal@x.example", "initials"),
        ("a.lovelace@x.example", "initials"),
        ("countess@x.example", "open"),
        ("grace.hopper@x.example", "clash"),
        ("alo@x.example", "open"),
    ],
)
def test_addresses_are_spelled_after_names(address: str, expected: Agreement) -> None:
    assert fits(Name("ada", "lovelace"), address) == expected


def test_addresses_spell_names() -> None:
    assert spelled("ada.b.lovelace77@x.example") == Name("ada", "lovelace", ("b",))
    assert spelled("alovelace@x.example") is None


@pytest.mark.parametrize(
    ("address", "domain"),
    [("a@mail.loom.co.uk", "loom.co.uk"), ("a@ect.loom.example", "loom.example"), ("a@localhost", "localhost")],
)
def test_the_organisation_is_the_registered_domain(address: str, domain: str) -> None:
    assert organisation(address) == domain


def test_the_best_name_is_the_full_one_most_often_given() -> None:
    assert best({"Ada": 9, "Lovelace, Ada": 2, "Ada Lovelace": 1, "A. Byron": 2}) == "Ada Lovelace"
    assert best({}) == ""
    assert shown("ada.lovelace+news@loom.example") == "Ada Lovelace"


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_name_is_too_odd(display: str, address: str) -> None:
    name = parsed(display)
    clean(display)
    shown(address)
    spelled(address)
    if name is not None:
        assert agree(name, name) != "clash"
        fits(name, address)


@pytest.mark.parametrize(
    ("name", "address", "shown"),
    [
        ("Lovelace", "ada.lovelace@x.example", "Ada Lovelace"),
        ("Ada", "ada.lovelace@x.example", "Ada Lovelace"),
        ("Lovelace Ada", "ada.lovelace@x.example", "Ada Lovelace"),
        ("Ada King", "ada.lovelace@x.example", "Ada King"),
        ("Ada", "a.lovelace@x.example", "Ada"),
        ("Ada", "ada@x.example", "Ada"),
        ("", "ada.lovelace@x.example", ""),
    ],
    ids=["family name", "given name", "turned round", "another name", "an initial only", "spells no more", "no name"],
)
def test_half_a_name_is_completed_from_the_address(name: str, address: str, shown: str) -> None:
    assert completed(name, address) == shown
