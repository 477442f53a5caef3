"""What is logged counts as a contact, in every place that asks for one."""

from datetime import timedelta

import pytest

from tests.profiles import Profile


def test_what_is_logged_is_told_back_and_stands_in_the_portrait(nora: Profile) -> None:
    said = nora.tell("log", "Clara", "coffee", "at", "the", "pier", "--day", "2026-05-09")

    assert said == ("Clara Jensen: logged for Saturday, 9 May 2026, coffee at the pier. `auld undo` takes it back.\n")
    told = nora.tell("person", "Clara")
    assert "last contact 9 May (you logged it)" in told
    assert "  logged: 9 May, coffee at the pier\n" in told
    assert "no meetings" in told


def test_who_was_just_spoken_to_is_not_proposed(nora: Profile) -> None:
    assert "Tomás Ibarra" in nora.names()

    nora.tell("log", "Tomás", "--by", "them")

    assert "Tomás Ibarra" not in nora.names()
    assert "You were in contact a day ago." in nora.tell("why", "Tomás")


def test_a_call_settles_an_open_question(nora: Profile) -> None:
    assert "Ada Weber" in nora.names()

    nora.tell("log", "Ada", "the", "wide", "loom", "--day", "2026-05-08")

    assert "Ada Weber" not in nora.names()
    assert "You were in contact since." in nora.tell("why", "Ada")


def test_it_can_be_taken_back(nora: Profile) -> None:
    before = nora.tell("person", "Tomás"), nora.names()
    nora.tell("log", "Tomás", "a letter", "--by", "me")

    assert nora.tell("undo") == "Taken back: log mine, said of Tomás Ibarra (a letter).\n"
    assert (nora.tell("person", "Tomás"), nora.names()) == before


def test_a_past_morning_knows_of_it_only_from_when_it_was_said(nora: Profile) -> None:
    nora.tell("log", "Tomás", "--day", "2026-05-01")
    then = (nora.at - timedelta(days=1)).date().isoformat()

    assert "You were in contact" not in nora.tell("why", "Tomás", "--now", then)


def test_it_is_forgotten_with_the_person_and_their_name_in_what_is_about_others(nora: Profile) -> None:
    nora.tell("log", "Tomás", "he spoke of Clara Jensen")
    nora.tell("log", "Clara", "coffee")
    nora.tell("forget", "Clara", "--yes")

    with nora.opened() as (_, store):
        said = store.stated(int(nora.at.timestamp()) + 1)
    assert [s.verb for s in said] == ["log"]
    assert "Clara" not in said[0].text
    assert "Jensen" not in said[0].text


def test_its_words_are_found(nora: Profile) -> None:
    nora.tell("log", "Tomás", "he", "moves", "to", "Lisbon")

    assert "Tomás Ibarra: he moves to Lisbon" in nora.tell("find", "moves", "Lisbon")
    nora.tell("forget", "Clara", "--yes")
    assert "Tomás Ibarra: he moves to Lisbon" in nora.tell("find", "moves", "Lisbon")
    nora.tell("undo")
    assert "he moves" not in nora.tell("find", "moves")


def test_it_follows_who_is_one_person_and_who_is_two(nora: Profile) -> None:
    clara, bruno = "clara.jensen@print.example", "bruno@kellerpaper.example"
    nora.tell("log", bruno, "coffee", "--day", "2026-05-09")
    nora.tell("person", clara, "merge", bruno)
    assert "logged: 9 May, coffee" in nora.tell("person", clara)

    nora.tell("person", clara, "split", bruno)
    assert "logged" not in nora.tell("person", clara)
    assert "logged: 9 May, coffee" in nora.tell("person", bruno)

    nora.tell("undo")
    assert "logged: 9 May, coffee" in nora.tell("person", clara)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-05-13", "is still to come"),
        ("yesterday", "not a day"),
        ("2026-02-30", "not a day"),
        ("0001-01-01", "too long ago"),
        ("1969-12-31", "too long ago"),
    ],
)
def test_a_day_that_cannot_be_is_refused(nora: Profile, day: str, says: str) -> None:
    said = nora.run("log", "Clara", "--day", day)

    assert (said.code, said.out) == (2, "")
    assert says in said.err
