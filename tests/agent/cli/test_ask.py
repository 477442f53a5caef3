"""Whom could one ask? From the same mailbox as all the rest."""

import pytest

from tests.profiles import Profile


def test_who_could_help_is_told_with_what_shows_it(nora: Profile) -> None:
    told = nora.tell("ask", "somebody", "who", "restores", "copperplate").splitlines()

    assert told[0] == "Ivan Petrov <ivan.petrov@plates.example>"
    assert told[1] == ("  You two wrote about it in ten conversations, last on 2 April: “Copperplate restoration”.")
    assert len([line for line in told if not line.startswith(" ")]) == 1


def test_it_says_when_nobody_stands_out(nora: Profile) -> None:
    told = nora.tell("ask", "tax lawyer in Lisbon")

    assert told.startswith("Nobody stands out for this. This one comes nearest:\nInês Costa")
    assert told.endswith("Nothing that you have says who knows of tax or lawyer.\n")


def test_it_says_when_nobody_speaks_of_it(nora: Profile) -> None:
    assert nora.tell("ask", "zither") == (
        "Nobody you know speaks of that: no topic, no note and no card of theirs names it.\n"
    )


def test_a_note_or_a_log_helps_to_find_somebody(nora: Profile) -> None:
    nora.tell("note", "Tomás", "plays the zither")
    nora.tell("log", "Clara", "she is learning the zither, too")

    assert {one["name"] for one in nora.json("ask", "zither")["people"]} == {"Tomás Ibarra", "Clara Jensen"}


def test_neither_those_of_never_nor_machines_are_asked(nora: Profile) -> None:
    nora.tell("never", "Ivan")

    assert "Ivan Petrov" not in [one["name"] for one in nora.json("ask", "copperplate")["people"]]


def test_nothing_of_it_is_kept(nora: Profile) -> None:
    with nora.opened() as (_, store):
        before = store.stated(int(nora.at.timestamp()))
    nora.tell("ask", "loom")

    with nora.opened() as (_, store):
        assert store.stated(int(nora.at.timestamp())) == before


def test_as_data(nora: Profile) -> None:
    found = nora.json("ask", "loom", "--most", 1)

    assert (found["need"], found["clear"], found["unknown"]) == ("loom", True, [])
    [ada] = found["people"]
    assert (ada["name"], ada["owes"], ada["cold"]) == ("Ada Weber", False, False)
    assert ada["evidence"][0]["subject"] == "The loom and its width"


@pytest.mark.parametrize("need", ["", "   ", "loom " * 200], ids=["nothing", "blank", "a letter"])
def test_a_need_is_a_few_words(nora: Profile, need: str) -> None:
    said = nora.run("ask", need)

    assert (said.code, said.out) == (2, "")
    assert "in a few words" in said.err
