from dataclasses import replace

import pytest

from agent.model import Fact, Person, Thread
from agent.signals.contacts import beginning, contacts, forwarded, passed

ME = "me@home.example"
ADA, ADA_AT_WORK = "ada@home.example", "ada@work.example"
OWN = frozenset({ME, "me@work.example"})
PERSON = Person(1, "Ada", (ADA, ADA_AT_WORK))
NOW = 1_000_000
CROWD = tuple(f"guest{n}@home.example" for n in range(10))

MINE = Fact(1, 100, ME, to=(ADA,))
THEIRS = Fact(2, 200, ADA_AT_WORK, cc=("me@work.example",))
MEETING = Fact(3, 300, "host@home.example", to=(ADA,), meeting=True)


def found(*facts: Fact) -> list[tuple[int, str]]:
    return [(contact.fact, contact.by) for contact in contacts(PERSON, facts, OWN, {}, NOW)]


@pytest.mark.parametrize(
    ("fact", "by"),
    [
        (MINE, "me"),
        (THEIRS, "them"),
        (replace(MINE, to=(), bcc=(ADA,)), "me"),
        (replace(MINE, to=(ADA, *CROWD[:9])), "me"),
        (replace(MINE, labels=("\\Drafts", "\\Sent")), "me"),
        (MEETING, "other"),
        (replace(MEETING, sender=ADA, to=(ME,)), "them"),
        (replace(MEETING, sender=ME), "me"),
        (replace(MEETING, to=(ADA, *CROWD[:5])), "other"),
    ],
    ids=[
        "mine",
        "theirs, at other addresses",
        "my blind copy",
        "to ten people",
        "a draft that was sent",
        "a third one's meeting, the user unnamed",
        "their meeting",
        "my meeting",
        "a meeting of eight",
    ],
)
def test_it_is_contact(fact: Fact, by: str) -> None:
    assert found(fact) == [(fact.id, by)]


def test_what_its_sender_marked_private_was_written_by_hand() -> None:
    assert found(replace(THEIRS, evidence=("confidential",))) == [(THEIRS.id, "them")]
    assert found(replace(THEIRS, evidence=("confidential", "list"))) == []


@pytest.mark.parametrize(
    "fact",
    [
        replace(MINE, to=("bob@home.example",)),
        replace(THEIRS, cc=("bob@home.example",)),
        replace(THEIRS, cc=(), bcc=(ME,)),
        replace(THEIRS, sender="bob@home.example", to=(ME, ADA)),
        replace(MINE, to=(ADA, *CROWD)),
        replace(THEIRS, evidence=("list",)),
        replace(THEIRS, evidence=("automatic",)),
        replace(MINE, evidence=("ours",)),
        replace(MINE, labels=("\\Drafts",)),
        replace(MINE, at=NOW),
        replace(MEETING, at=NOW + 1),
        replace(MEETING, cancelled=True),
        replace(MEETING, declined=(ADA,)),
        replace(MEETING, declined=(ME,)),
        replace(MEETING, to=(ADA, *CROWD[:6])),
        replace(MEETING, to=("bob@home.example",)),
    ],
    ids=[
        "to somebody else",
        "from them to somebody else",
        "their blind copy",
        "both only copied",
        "to eleven people",
        "through a list",
        "by a machine",
        "our own digest",
        "an unsent draft",
        "not yet",
        "a meeting to come",
        "a cancelled meeting",
        "they declined",
        "the user declined",
        "a meeting of nine",
        "a meeting without them",
    ],
)
def test_it_is_no_contact(fact: Fact) -> None:
    assert found(fact) == []


def test_contacts_stand_oldest_first_with_their_threads_and_meetings_have_none() -> None:
    made = contacts(PERSON, [MEETING, THEIRS, MINE], OWN, {1: 7, 2: 7, 3: 9}, NOW)

    assert [(contact.at, contact.thread, contact.meeting) for contact in made] == [
        (100, 7, False),
        (200, 7, False),
        (300, 0, True),
    ]


@pytest.mark.parametrize(
    ("subject", "is_one"),
    [("Fwd: looms", True), ("WG: Webstuhl", True), ("Re: Fwd: looms", False), ("Re: looms", False), ("looms", False)],
)
def test_a_forward_is_known_by_its_subject_and_an_answer_to_one_is_none(subject: str, is_one: bool) -> None:
    assert forwarded(subject) is is_one


def test_a_thread_begins_with_the_first_mail_that_a_human_wrote() -> None:
    passed_on = replace(MINE, subject="Fwd: looms")
    machine = replace(THEIRS, evidence=("automatic",))
    word = replace(THEIRS, id=9)

    assert beginning(Thread(1, (passed_on, machine, word), ADA)) == word
    assert beginning(Thread(1, (passed_on, machine), "")) is None


def test_what_passed_is_counted_once_for_every_person() -> None:
    many = replace(MINE, to=CROWD, cc=(ADA,))
    letter = replace(THEIRS, evidence=("bulk",))
    three = replace(MINE, to=(ADA, CROWD[0]), cc=("me@work.example", CROWD[1]))

    assert passed([MINE, THEIRS, three], OWN) == (1, 4)
    assert passed([many, letter, MEETING, Fact(9, 5, ADA, to=CROWD[:2])], OWN) == (0, 0)
