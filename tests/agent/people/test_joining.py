"""One human behind several addresses: joined with a reason, apart where two are meant."""

from collections.abc import Sequence
from typing import Any

import pytest

from agent.model import Person, Statement
from agent.people.joining import Beside, Trace, group, inherit
from connectors.contract import Card

ADA = "ada.lovelace@loom.example"
ADA_SHORT = "alovelace@loom.example"
ADA_HOME = "ada.lovelace@home.example"
ME = "me@self.example"


def trace(address: str, *names: str, **counts: Any) -> Trace:
    """An address that wrote three mails to the user and got some back."""
    return Trace(address, dict.fromkeys(names, 3), **{"sent": 3, "to_user": 3, "from_user": 2, "received": 2, **counts})


def people(*found: Trace, said: Sequence[Statement] = (), own: Sequence[str] = (ME,)) -> list[set[str]]:
    """The addresses of each person."""
    grouped = group({each.address: each for each in found}, said, own)
    return sorted((set(person.addresses) for person in grouped), key=min)


def stated(verb: str, *addresses: str, at: int = 1) -> Statement:
    return Statement(id=at, at=at, verb=verb, addresses=addresses)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (trace(ADA, "Ada Lovelace"), trace(ADA_HOME, "Lovelace, Ada")),
        (trace(ADA, "Ada B. Lovelace"), trace(ADA_HOME, "Ada Lovelace")),
        (trace(ADA, "Ada Lovelace"), trace(ADA_SHORT)),
        (trace(ADA), trace(ADA_HOME)),
        (trace(ADA, "Ada Lovelace"), trace("countess@home.example", "ADA LOVELACE (E-mail)")),
        (trace("m.o@loom.example", "Łucja Óska"), trace("lo@home.example", "Lucja Oska")),
        (
            trace(ADA, "Ada Lovelace", beside={"ada_l@gmail.com": Beside(3, wrote=2)}),
            trace("ada_l@gmail.com", "Ada Lovelace", beside={ADA: Beside(3, wrote=1)}),
        ),
        (trace("y@loom.example", "山田 太郎"), trace("yamada@home.example", "山田 太郎")),
        (trace(ADA, "Ada Lovelace"), trace("alovelace2@loom.example")),
        (trace(ADA, "Ada Lovelace"), trace("lovelace@loom.example")),
        (trace(ADA, "Ada B. Lovelace"), trace("b..lovelace@loom.example")),
        (trace("ada.van@loom.example", "Ada van Berg"), trace("avanberg@loom.example")),
        (trace("bill.iii@loom.example", "Weber III, Bill"), trace("bill.weber@loom.example", "Bill Weber")),
        (trace("mary.evans@loom.example"), trace("ann.evans@loom.example", "Mary Ann Evans")),
        (trace("news.loom@loom.example", sent=9, bulk=9), trace("loom.news@loom.example", sent=9, bulk=9)),
    ],
    ids=[
        "both ways to write a name",
        "a middle initial on one side",
        "spelled after the only one",
        "names in the addresses alone",
        "capitals and a note",
        "accents or none",
        "mail from work to home and back",
        "a name in Han script",
        "a number, and nobody else of the name",
        "the family name alone",
        "the given name was lost, the middle one is known",
        "a family name in two words",
        "the third of the name",
        "now by the first name, now by the middle one",
        "a machine's words turned round",
    ],
)
def test_one_name_makes_one_person(one: Trace, other: Trace) -> None:
    assert people(one, other) == [{one.address, other.address}]


@pytest.mark.parametrize(
    "found",
    [
        (trace(ADA, "Ada B. Lovelace"), trace(ADA_HOME, "Ada C. Lovelace")),
        (trace(ADA, "Ada Lovelace Sr."), trace(ADA_HOME, "Ada Lovelace Jr.")),
        (trace(ADA, "Ada Lovelace"), trace("anna.lovelace@loom.example", "Anna Lovelace")),
        (trace("ada@loom.example", "Ada"), trace("ada@home.example", "Ada")),
        (trace(ADA, "Ada Lovelace"), trace("anna.lovelace@loom.example"), trace(ADA_SHORT)),
        (trace(ADA, "Ada Lovelace"), trace("alovelace@gmail.com")),
        (trace(ADA, "Ada Lovelace"), trace("anna.lovelace@loom.example"), trace("alovelace2@loom.example")),
        (trace(ADA, "Ada Lovelace"), trace("anna.lovelace@loom.example"), trace("lovelace@loom.example")),
        (trace(ADA, "Ada Lovelace"), trace("b..lovelace@loom.example")),
        (trace(ADA, "Ada C. Lovelace"), trace("b..lovelace@loom.example")),
        (
            trace(ADA, "Ada Lovelace", beside={"lovelace@loom.example": Beside(2)}),
            trace("lovelace@loom.example", beside={ADA: Beside(2)}),
        ),
        (trace(ADA, "Ada Lovelace"), trace("grace.hopper@loom.example", "Ada Lovelace")),
        (
            trace(ADA, "Ada Lovelace", beside={ADA_HOME: Beside(3, wrote=2)}),
            trace(ADA_HOME, "Ada Lovelace", beside={ADA: Beside(3, wrote=1)}),
        ),
    ],
    ids=[
        "two middle initials",
        "mother and daughter",
        "two given names",
        "a given name alone",
        "spelled after two",
        "spelled so among strangers",
        "a number, and two of the name",
        "a family name alone, and two of the name",
        "a middle initial that nobody is known to have",
        "another middle initial",
        "somebody wrote to both at once",
        "a name that the address denies",
        "they write to one another",
    ],
)
def test_two_humans_stay_two(found: tuple[Trace, ...]) -> None:
    assert people(*found) == sorted(({each.address} for each in found), key=min)


def test_a_name_without_initial_joins_neither_of_two() -> None:
    found = [
        trace(ADA, "Ada Lovelace"),
        trace("ab@x.example", "Ada B Lovelace"),
        trace("ac@y.example", "Ada C Lovelace"),
    ]

    assert people(*found) == sorted(({each.address} for each in found), key=min)


def test_each_join_has_its_reason() -> None:
    [ada] = group({t.address: t for t in (trace(ADA, "Ada Lovelace"), trace(ADA_SHORT))}, [], [ME])

    assert ada.joined == (f"{ADA_SHORT} is spelled after Ada Lovelace, the only one at loom.example whom it fits.",)


class TestStatements:
    """What the user says goes before what the names say."""

    def test_different_undoes_a_join(self) -> None:
        found = trace(ADA, "Ada Lovelace"), trace(ADA_HOME, "Ada Lovelace")

        assert people(*found, said=[stated("different", ADA, ADA_HOME)]) == [{ADA_HOME}, {ADA}]

    def test_same_joins_what_no_name_does(self) -> None:
        found = trace(ADA, "Ada Lovelace"), trace("countess@home.example")

        assert people(*found, said=[stated("same", ADA, "countess@home.example")]) == [{ADA, "countess@home.example"}]

    @pytest.mark.parametrize(
        ("verbs", "persons"), [(("same", "different"), 2), (("different", "same"), 1)], ids=["split", "joined"]
    )
    def test_the_later_word_holds(self, verbs: tuple[str, str], persons: int) -> None:
        found = trace(ADA, "Ada Lovelace"), trace(ADA_HOME, "Ada Lovelace")
        said = [stated(verb, ADA, ADA_HOME, at=at) for at, verb in enumerate(verbs, 1)]

        assert len(people(*found, said=said)) == persons

    def test_a_split_holds_for_what_is_joined_by_word(self) -> None:
        other = "countess@home.example"
        found = trace(ADA, "Ada Lovelace"), trace(ADA_HOME, "Ada Lovelace"), trace(other)

        together = people(*found, said=[stated("different", ADA, ADA_HOME), stated("same", ADA, other, at=2)])

        assert together == [{ADA_HOME}, {ADA, other}]

    def test_spheres_are_stated_and_never_guessed(self) -> None:
        found = {ADA: trace(ADA, "Ada Lovelace"), "b@b.example": trace("b@b.example", "Bob Example")}

        ada, bob = group(found, [stated("work", ADA), stated("personal", ADA, at=2)], [ME])

        assert (ada.sphere, bob.sphere) == ("personal", "unknown")


def test_the_user_is_nobody_else() -> None:
    found = trace(ME, "Mary Example"), trace("mary.example@loom.example", "Mary Example"), trace(ADA, "Ada Lovelace")

    assert people(*found) == [{ADA}]


def test_the_address_to_write_to_is_the_one_last_used() -> None:
    found = trace(ADA, "Ada Lovelace", last_sent=100), trace(ADA_HOME, "Ada Lovelace", last_sent=200)

    [ada] = group({each.address: each for each in found}, [], [ME])

    assert ada.addresses == (ADA_HOME, ADA)


@pytest.mark.parametrize(
    ("address", "names", "shown"),
    [
        (ADA, {"Lovelace, Ada": 2, "ada.lovelace": 9}, "Ada Lovelace"),
        (ADA, {}, "Ada Lovelace"),
        ("x@loom.example", {"'Ada Lovelace'": 1}, "Ada Lovelace"),
        ("x@loom.example", {"x@loom.example": 1}, "X"),
    ],
    ids=["a full name before a short one", "made of the address", "quotes", "an address is no name"],
)
def test_people_are_called_by_their_best_name(address: str, names: dict[str, int], shown: str) -> None:
    [person] = group({address: Trace(address, names, sent=1, to_user=1, from_user=1)}, [], [ME])

    assert person.name == shown


def test_machines_are_not_joined_by_name() -> None:
    found = trace("noreply@a.example", "Weaver News"), trace("noreply@b.example", "Weaver News")

    assert len(people(*found)) == 2


def test_grouping_does_not_depend_on_order() -> None:
    found = [
        trace(ADA, "Ada Lovelace"),
        trace(ADA_SHORT),
        trace(ADA_HOME, "Ada B Lovelace"),
        trace("b@b.example", "Bob"),
    ]

    assert group({t.address: t for t in found}, [], [ME]) == group({t.address: t for t in reversed(found)}, [], [ME])


class TestInherit:
    """Ids stay with the humans, whatever the addresses do."""

    def test_the_largest_overlap_keeps_the_id(self) -> None:
        old = [Person(7, "Ada", ("a", "b", "c")), Person(9, "Bob", ("d",))]
        new = [
            Person(1, "Ada?", ("a",)),
            Person(2, "Ada", ("b", "c")),
            Person(3, "New", ("e",)),
            Person(4, "Bob", ("d",)),
        ]

        assert [person.id for person in inherit(old, new)] == [10, 7, 11, 9]

    def test_who_is_joined_takes_one_id(self) -> None:
        old = [Person(7, "Ada", ("a", "b")), Person(9, "Countess", ("c",))]

        assert [person.id for person in inherit(old, [Person(1, "Ada", ("a", "b", "c"))])] == [7]

    def test_the_first_time_counts_from_one(self) -> None:
        assert [person.id for person in inherit([], [Person(5, "A", ("a",)), Person(6, "B", ("b",))])] == [1, 2]


# ---- the address book


def on_card(name: str, *addresses: str, id: str = "") -> Card:  # noqa: A002 - the contract's word
    return Card(id or name, name, addresses)


def booked(*found: Trace, cards: Sequence[Card], said: Sequence[Statement] = ()) -> list[Person]:
    return group({each.address: each for each in found}, said, (ME,), cards)


def test_addresses_on_one_card_are_one_person_under_the_name_on_it() -> None:
    [person] = booked(
        trace("ada_l@gmail.com", "countess"),
        trace(ADA, "A. Lovelace"),
        cards=[on_card("Ada King", ADA, "ada_l@gmail.com")],
    )

    assert person.name == "Ada King"
    assert person.joined == (f"ada_l@gmail.com stands beside {ADA} in your address book.",)


def test_a_married_name_on_one_card_is_no_second_person() -> None:
    old = trace("ada.byron@gmail.com", "Ada Byron")

    assert len(booked(trace(ADA, "Ada Lovelace"), old, cards=[on_card("Ada", ADA, old.address)])) == 1


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ([on_card("The Weavers", ADA, "bob.weaver@home.example")], []),
        ([on_card("Ada Lovelace", ADA, "x@home.example"), on_card("Bob Weaver", "x@home.example")], []),
        ([on_card("Ada Lovelace", ADA, "x@home.example")], [stated("different", ADA, "x@home.example")]),
        ([on_card("All", ADA, "x@home.example", *(f"n{n}@home.example" for n in range(20)))], []),
        ([on_card("Ada Lovelace", ADA, ME)], []),
        ([on_card("Ada Lovelace", ADA, "never.seen@home.example")], []),
    ],
    ids=["a couple", "an address that two share", "the user said so", "a list", "the user's own", "an unknown address"],
)
def test_a_card_does_not_make_one_of_two(cards: Sequence[Card], said: Sequence[Statement]) -> None:
    found = booked(
        trace(ADA, "Ada Lovelace"), trace("bob.weaver@home.example", "Bob Weaver"), trace("x@home.example"), trace(ME),
        cards=cards, said=said,
    )  # fmt: skip

    assert sorted(person.addresses for person in found) == [
        (ADA,),
        ("bob.weaver@home.example",),
        ("x@home.example",),
    ]


def test_an_address_that_stands_on_two_cards_of_one_person_joins_them() -> None:
    cards = [
        on_card("Ada Lovelace", ADA, ADA_HOME, id="1"),
        on_card("Ada B. Lovelace", ADA_HOME, "x@y.example", id="2"),
    ]

    [person] = booked(trace(ADA), trace(ADA_HOME), trace("x@y.example"), cards=cards)

    assert set(person.addresses) == {ADA, ADA_HOME, "x@y.example"}
