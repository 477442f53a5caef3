from dataclasses import replace

import pytest

from agent.gifts import first
from agent.gifts.link import link, noted_for
from agent.model import DAY, Gift, Link, Marks, Morning, News, Tie
from agent.sharing.news import chosen
from tests.agent.tales import ADA, ME, MORNING, NOW, PERSON, mail, stands, talk, tie

LONG = (mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me"))

PIECE = News(
    fact=90,
    at=NOW - 5 * DAY,
    title="How the loom came to Bern",
    subject="The weekly thread",
    source="The Thread",
    terms={"wide loom": 2.0, "loom": 4.0, "bern": 2.0},
    about=frozenset({"wide loom", "loom", "bern"}),
    seen_by=frozenset({ME, "letter@thread.example"}),
    url="https://thread.example/loom",
)
LAID = chosen("https://bern.example/loom", "The loom of Bern", "", NOW - 5 * DAY)

WIDE = tie(
    talk(mail(20, 70, subject="The wide loom again")),
    talk(*(replace(m, subject="The wide loom") for m in LONG)),
    topics=["loom"],
)


def gift_of(*pieces: News, of: Tie = WIDE, morning: Morning = MORNING) -> Gift | None:
    return link(of, stands(of), replace(morning, news=pieces))


def passed_on(*pieces: News, of: Tie = WIDE, morning: Morning = MORNING) -> str:
    gift = gift_of(*pieces, of=of, morning=morning)
    return gift.says if gift else ""


def test_news_is_given_to_whom_it_concerns() -> None:
    assert passed_on(PIECE) == (
        "“How the loom came to Bern”, from The Thread, 29 February: you two wrote about wide loom. "
        "Say what you make of it."
    )


@pytest.mark.parametrize(
    "piece",
    [
        replace(PIECE, seen_by=frozenset({ME, ADA})),
        replace(PIECE, at=NOW - 40 * DAY),
        replace(PIECE, about=frozenset({"bern"})),
        replace(PIECE, about=frozenset({"loom"})),
        replace(PIECE, terms={"bern": 3.0, **{f"word{n}": 9.0 for n in range(60)}}, about=frozenset({"bern"})),
    ],
    ids=["they have it", "old", "the title is about something else", "one everyday word", "nothing shared"],
)
def test_news_that_does_not_fit_is_not_given(piece: News) -> None:
    assert passed_on(piece) == ""


def test_the_best_fitting_piece_is_taken() -> None:
    vague = replace(
        PIECE, fact=91, title="Bern and its wide loom", terms={"wide loom": 1.0, "bern": 9.0, "council": 9.0}
    )

    assert "How the loom came to Bern" in passed_on(vague, PIECE)


@pytest.mark.parametrize("piece", [PIECE, LAID, replace(PIECE, by="feed", fact=0)], ids=["mail", "shelf", "feed"])
def test_the_users_own_comment_is_asked_for_and_never_written(piece: News) -> None:
    gift = gift_of(piece)

    assert gift is not None
    assert gift.says.endswith("Say what you make of it.")
    assert gift.opener.startswith(f"Hi Ada,\n\nI came upon “{piece.title}”. {piece.url}\n\n")
    assert gift.opener.endswith("What I make of it: "), "there is room, and nothing in it"
    assert bool(gift.cites) is (piece.by == "mail")


# ---- never what they had, or what was offered for them ---------------------------------------------------------------

WITH_IT = Marks(links=(Link("http://www.thread.example/loom/?utm_source=x", "Look at this"),))
UNDER_ITS_NAME = Marks(links=(Link("https://elsewhere.example/7", "How the loom came to Bern!"),))


@pytest.mark.parametrize(
    "of",
    [
        replace(WIDE, threads=(*WIDE.threads, talk(mail(30, 400, marks=WITH_IT)))),
        replace(WIDE, threads=(*WIDE.threads, talk(mail(30, 400, "me", marks=WITH_IT)))),
        replace(WIDE, threads=(*WIDE.threads, talk(mail(30, 400, marks=UNDER_ITS_NAME)))),
        replace(WIDE, threads=(*WIDE.threads, talk(mail(30, 400, "me", "Re: How the loom came to Bern")))),
        replace(WIDE, had=frozenset({"thread.example/loom"})),
        replace(WIDE, had=frozenset({"how the loom came to bern"})),
    ],
    ids=["they sent it", "they got it", "under its title", "in a subject", "in a mail to many", "titled there"],
)
def test_what_they_sent_or_got_already_is_not_given(of: Tie) -> None:
    assert passed_on(PIECE, of=of) == ""


def test_a_link_is_offered_for_a_person_once() -> None:
    says = passed_on(PIECE)

    assert passed_on(PIECE, morning=replace(MORNING, offered={ADA: (f"{says} {PIECE.url}",)})) == ""
    assert passed_on(PIECE, morning=replace(MORNING, offered={"bo@post.example": (says,)})) != ""
    retitled = replace(PIECE, title="The way of the loom to Bern")
    assert passed_on(retitled, morning=replace(MORNING, offered={ADA: (f"{says} {PIECE.url}",)})) == ""


def test_the_next_best_is_given_where_the_best_is_known() -> None:
    second = replace(
        PIECE, title="Of wide looms and how to mend them", url="https://thread.example/mend", at=PIECE.at - 9
    )

    assert "Of wide looms" in passed_on(PIECE, second, of=replace(WIDE, had=frozenset({"thread.example/loom"})))


# ---- the shelf -------------------------------------------------------------------------------------------------------


def test_of_what_the_user_chose_one_word_will_do_if_it_is_theirs() -> None:
    assert passed_on(LAID) == (
        "“The loom of Bern”, which you shelved on 29 February: you two wrote about loom. Say what you make of it."
    )
    assert passed_on(replace(LAID, by="feed", source="Bern")) == ""
    assert passed_on(LAID, of=replace(WIDE, topics=())) == ""


def test_the_shelf_waits_for_half_a_year() -> None:
    assert passed_on(replace(LAID, at=NOW - 100 * DAY)) != ""
    assert passed_on(replace(LAID, at=NOW - 200 * DAY)) == ""


def test_the_users_note_says_what_it_is_about() -> None:
    noted = chosen("https://bern.example/7", "A day in Bern", "on the wide loom", NOW - 5 * DAY)

    assert passed_on(noted) == (
        "“A day in Bern”, which you shelved on 29 February with the note “on the wide loom”: "
        "you two wrote about wide loom. Say what you make of it."
    )


def test_whom_the_note_names_gets_it_whatever_they_wrote_about() -> None:
    noted = chosen("https://tides.example/a", "A century of gauges", "for Ada", NOW - 5 * DAY)
    bare = tie(talk(mail(1, 70, "me"), mail(2, 66)))

    assert passed_on(noted, of=bare) == (
        "“A century of gauges”, which you shelved on 29 February with the note “for Ada”. Say what you make of it."
    )
    assert passed_on(noted, of=replace(bare, person=replace(PERSON, name="Bo Lind"))) == ""


@pytest.mark.parametrize(
    ("note", "name", "named"),
    [
        ("for Ada", "Ada Weber", True),
        ("Perhaps Ada Weber would like it", "Ada Weber", True),
        ("für Ada, wegen der Uhr", "Ada Weber", True),
        ("For Will", "Will Hart", True),
        ("Will be useful", "Will Hart", False),
        ("for Adam", "Ada Weber", False),
        ("for ada", "Ada Weber", False),
        ("", "Ada Weber", False),
        ("for ", "", False),
        ("for (x+)+", "(x+)+ Weber", True),
    ],
    ids=["for", "in full", "German", "a word as a name", "a mere word", "longer", "small", "none", "nobody", "hostile"],
)
def test_a_note_names_somebody(note: str, name: str, named: bool) -> None:
    piece = chosen("https://tides.example/a", "A century of gauges", note, NOW)

    assert noted_for(piece, name) is named


def test_a_topic_that_is_not_to_be_brought_up_makes_no_gift() -> None:
    morning = replace(MORNING, news=(PIECE,), unwelcome=("loom",))

    assert first(WIDE, stands(WIDE), morning, [link]) is None
    assert first(WIDE, stands(WIDE), replace(morning, unwelcome=("golf",)), [link]) is not None
