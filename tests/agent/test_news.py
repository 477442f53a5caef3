from dataclasses import replace

import pytest

from agent.model import Fact, Link, Marks, Person
from agent.news import is_title, news

ME = "me@mill.example"
OWN = frozenset({ME})
LETTER = Fact(
    1,
    1_700_000_000,
    "letter@tides.example",
    (ME,),
    subject="The tide letter, spring",
    evidence=("bulk",),
    marks=Marks(links=(Link("https://tides.example/a", "A century of tide gauges"),), terms={"gauge": 3}),
)


def pieces(fact: Fact, people: dict[str, Person] | None = None) -> list[tuple[str, str]]:
    return [(n.title, n.url) for n in news([fact], people or {}, OWN)]


def test_a_link_with_a_title_can_be_passed_on() -> None:
    assert pieces(LETTER) == [("A century of tide gauges", "https://tides.example/a")]


def test_a_letter_without_links_is_passed_on_by_its_subject() -> None:
    plain = replace(LETTER, marks=Marks(terms={"gauge": 3}), subject="Sandbanks move east this spring")

    assert pieces(plain) == [("Sandbanks move east this spring", "")]
    assert pieces(replace(plain, evidence=())) == [], "a person's letter is for the user"


def test_a_humans_mail_is_a_letter_even_if_it_was_never_answered() -> None:
    plain = replace(LETTER, marks=Marks(terms={"gauge": 3}), subject="Sandbanks move east this spring", evidence=())
    lawyer = Person(3, "Tom Reed", ("letter@tides.example",), "broadcast")
    robot = replace(lawyer, kind="machine")

    assert pieces(plain, {"letter@tides.example": lawyer}) == []
    assert pieces(plain, {"letter@tides.example": robot}) != []
    assert pieces(replace(plain, to=(ME, "tom@reed.example")), {"letter@tides.example": robot}) == []
    assert pieces(replace(plain, subject="The settlement agreement is executed now"), {}) == []


def test_the_source_is_called_by_its_name() -> None:
    person = Person(3, "The Tide Letter", ("letter@tides.example",), "broadcast")
    [piece] = news([LETTER], {"letter@tides.example": person}, OWN)

    assert piece.source == "The Tide Letter"


def test_terms_of_the_title_weigh_more() -> None:
    [piece] = news([LETTER], {}, OWN)

    assert piece.terms["gauge"] > 3
    assert "gauge" in piece.about


@pytest.mark.parametrize(
    "fact",
    [
        replace(LETTER, marks=None),
        replace(LETTER, sender=ME),
        replace(LETTER, sender="bob@mill.example"),
        replace(LETTER, sender="boss@eu.mill.example"),
        replace(LETTER, meeting=True),
    ],
    ids=["headers only", "one's own", "a colleague's", "the company's", "a meeting"],
)
def test_nothing_of_ones_own_house_is_news(fact: Fact) -> None:
    assert pieces(fact) == []


def test_two_at_the_same_public_host_are_no_colleagues() -> None:
    fact = replace(LETTER, sender="pen.friend@gmail.com", to=("me@gmail.com",))

    assert [n.title for n in news([fact], {}, frozenset({"me@gmail.com"}))] == ["A century of tide gauges"]


@pytest.mark.parametrize(
    "title",
    [
        "click here",
        "Click here to read the whole story",
        "Save 20 % on all looms today",
        "Your account statement is here",
    ],
    ids=str,
)
def test_buttons_and_pitches_are_no_titles(title: str) -> None:
    assert not is_title(title)
