from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any

import pytest

from agent.gifts.promise import DUE_TO, promise, promises
from agent.model import Almanac, Fact, Marks, Morning, Person
from agent.proposals import promise as proposal
from tests.agent.tales import ADA, ME, MORNING, NOW, OWN, PERSON, mail, stands, talk, tie

BEN = Person(8, "Ben", ("ben@loom.example",))
SHOP = Person(9, "Shop", ("shop@loom.example",), "machine")
PEOPLE = {p.addresses[0]: p for p in (PERSON, BEN, SHOP)}
SENDS = Marks(asks=("promise",), signs=("sends",))
READ = Marks()


def said(ago: float = 10, subject: str = "Paper makers", **how: Any) -> Fact:
    """The user's mail to Ada, in which they promise something."""
    return mail(1, ago, "me", subject, **{"marks": SENDS, **how})


def wrote(ago: float, by: str = "me", subject: str = "Something else", **how: Any) -> Fact:
    return mail(int(1000 - ago * 10), ago, by, subject, **{"marks": READ, **how})


LIVES = wrote(1, to=("third@loom.example",))
"""The user still writes, so that their own mail of these days is there."""


def waiting(*facts: Fact) -> dict[int, Fact]:
    return promises(sorted((*facts, LIVES), key=lambda f: f.at), PEOPLE, OWN, NOW, UTC)


def test_a_promise_is_open_where_nothing_went_to_them_since() -> None:
    assert waiting(said()) == {PERSON.id: said()}


@pytest.mark.parametrize(
    "later",
    [
        wrote(5),
        wrote(5, cc=(ADA,), to=("third@loom.example",)),
        wrote(5, subject="Re: Paper makers", to=("third@loom.example",)),
        wrote(5, "them", marks=Marks(asks=("thanks",))),
        wrote(5, "them", marks=None),
        replace(wrote(5, to=(ADA,)), meeting=True),
    ],
    ids=["a mail", "a copy", "the same matter, to another", "their thanks", "an unread mail of theirs", "a meeting"],
)
def test_whatever_may_have_been_it_closes_a_promise(later: Fact) -> None:
    assert waiting(said(), later) == {}


@pytest.mark.parametrize(
    "later",
    [
        wrote(5, to=("third@loom.example",)),
        wrote(5, "them"),
        replace(wrote(5, to=(ADA,)), meeting=True, cancelled=True),
        replace(wrote(5), labels=("\\Drafts",)),
    ],
    ids=["a mail to another", "a mail of theirs without thanks", "a cancelled meeting", "a draft"],
)
def test_and_nothing_else_does(later: Fact) -> None:
    assert waiting(said(), later) == {PERSON.id: said()}


@pytest.mark.parametrize(
    ("ago", "dates", "open_"),
    [
        (2, (), False),
        (4, (), True),
        (DUE_TO - 1, (), True),
        (DUE_TO + 1, (), False),
        (10, (date(2024, 3, 8),), False),
        (10, (date(2024, 3, 5),), True),
        (2, (date(2024, 3, 4),), True),
        (2, (date(2024, 2, 1),), False),
    ],
    ids=["too soon", "due", "old", "too old", "a day to come", "its very day", "its day is over", "a day long before"],
)
def test_it_is_due_after_its_day_or_after_three(ago: float, dates: Sequence[date], open_: bool) -> None:
    marks = replace(SENDS, dates=tuple(dates))

    assert bool(waiting(said(ago, marks=marks))) is open_


@pytest.mark.parametrize(
    "how",
    [
        {"marks": Marks(asks=("promise",))},
        {"marks": None},
        {"marks": replace(SENDS, signs=("sends", "assistant"))},
        {"marks": replace(SENDS, asks=("request", "promise"))},
        {"subject": "Fwd: Paper makers"},
        {"subject": "Lunch on Friday"},
        {"subject": "Chemotherapy"},
        {"subject": ""},
        {"to": (ADA, "1@x.example", "2@x.example", "3@x.example")},
        {"to": (ME,)},
        {"to": ("shop@loom.example",)},
        {"to": ("stranger@loom.example",)},
        {"to": ()},
        {"cc": ("1@x.example", "2@x.example", "3@x.example")},
    ],
    ids=["kept elsewhere", "unread", "an assistant's", "asks, too", "a forward", "logistics", "health", "no subject",
         "a round", "oneself", "a machine", "a stranger", "nobody", "a round in copy"],
)  # fmt: skip
def test_some_promises_are_nobody_to_be_reminded_of(how: dict[str, Any]) -> None:
    of = replace(said(**how), to=()) if how.get("to") == () else said(**how)

    assert waiting(of) == {}


def test_a_promise_that_asked_something_is_open_once_they_answered() -> None:
    asked = said(marks=replace(SENDS, asks=("question", "promise")))

    assert waiting(asked) == {}
    assert waiting(asked, wrote(7, "them")) == {PERSON.id: asked}


def test_where_the_users_own_mail_ends_nobody_knows() -> None:
    assert promises([said()], PEOPLE, OWN, NOW, UTC) == {}


def test_it_is_said_with_its_day_and_its_matter() -> None:
    before = talk(mail(100, 90), mail(101, 89, "me"))
    day = replace(SENDS, dates=(date(2024, 3, 1),))
    of = tie(before, talk(said(marks=day)))
    morning = replace(MORNING, almanac=Almanac(promises={PERSON.id: said(marks=day)}))
    made = proposal.propose(of, stands(of), morning)

    assert proposal.fits(stands(of), morning)
    assert made is not None
    assert (made.kind, made.pool, made.rest) == ("promise", "owed", "")
    assert made.why == (
        "On 24 February, ten days ago, you promised Ada something in “Paper makers”, by 1 March. "
        "No mail went to Ada since."
    )
    assert made.gift.says == "Send Ada what you promised, or a line on when it will come."
    assert made.gift.opener == "Hi Ada,\n\nhere is what I promised you on 24 February: "
    assert made.gift.subject == "Re: Paper makers"
    assert [c.fact for c in made.gift.cites] == [1]


@pytest.mark.parametrize("morning", [MORNING, replace(MORNING, almanac=Almanac(promises={8: said()}))])
def test_without_a_promise_there_is_nothing_to_keep(morning: Morning) -> None:
    of = tie(talk(mail(100, 90), said()))

    assert not proposal.fits(stands(of), morning)
    assert proposal.weight(stands(of), morning) == 0.0
    assert promise(of, stands(of), morning) is None


def test_of_two_promises_the_newer_counts_and_a_fresh_one_comes_first() -> None:
    newer = replace(said(4), id=2)

    assert waiting(said(10), newer) == {PERSON.id: newer}
    old, new = (replace(MORNING, almanac=Almanac(promises={7: p})) for p in (said(30), newer))
    standing = stands(tie(talk(mail(100, 90), said())))
    assert 0 < proposal.weight(standing, old) < proposal.weight(standing, new) <= 1


def test_a_mail_of_the_future_is_no_debt() -> None:
    assert waiting(said(-1)) == {}
