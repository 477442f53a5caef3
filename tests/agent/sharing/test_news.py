from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.model import DAY, Fact, Link, Marks, News, Person, Statement
from agent.sharing.news import MOST, MOST_OF_ONE, NEWS_AGE, SHELF_AGE, gathered, is_title, news
from agent.sharing.shelf import ADD, REMOVE, Shelved, packed
from connectors.contract import Item

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


# ---- letters: what was said within one company, or in private, stays there -------------------------------------------

ADA = "ada@loom.example"
WORK = Person(4, "Ada Weber", (ADA,), sphere="work")
FRIEND = Person(5, "Bo Lind", ("bo@gmail.com",), sphere="work")
WRITTEN = replace(LETTER, sender="bo@gmail.com", to=(ME, "cy@post.example"), evidence=())


def passes(fact: Fact, sender: Person | None = FRIEND) -> bool:
    return bool(pieces(fact, {fact.sender: sender} if sender else {}))


def test_a_letter_from_somebody_known_from_work_may_hold_news() -> None:
    assert passes(WRITTEN)


@pytest.mark.parametrize(
    ("fact", "sender"),
    [
        (replace(WRITTEN, sender=ADA, to=(ME,)), WORK),
        (replace(WRITTEN, sender=ADA, to=(ME, "cy@loom.example", "di@eu.loom.example")), WORK),
        (WRITTEN, replace(FRIEND, sphere="unknown")),
        (WRITTEN, replace(FRIEND, sphere="personal")),
        (WRITTEN, None),
        (replace(WRITTEN, subject="Confidential: the sands"), FRIEND),
        (replace(WRITTEN, evidence=("confidential",)), FRIEND),
        (replace(LETTER, evidence=("bulk", "confidential")), None),
        (replace(LETTER, subject="[Internal] The tide letter"), None),
    ],
    ids=[
        "one of another company", "all of another company", "nobody knows from where", "a friend", "a stranger",
        "marked in its subject", "marked in its headers", "a marked publication", "an internal one",
    ],
)  # fmt: skip
def test_what_was_said_in_confidence_is_no_news(fact: Fact, sender: Person | None) -> None:
    assert not passes(fact, sender)


# ---- all together ----------------------------------------------------------------------------------------------------

NOW = LETTER.at + 5 * DAY
GAUGES = Item(
    "1", "A hundred years of tide gauges", "https://feed.example/a", datetime.fromtimestamp(NOW - DAY, UTC), "Tides"
)
LAID = Shelved(1, NOW - 40 * DAY, "https://sands.example/wandering-sandbanks", "", "for Ada")


def said(one: Shelved, verb: str = ADD, number: int = 1) -> Statement:
    return Statement(number, one.at, verb, (), packed(one))


def all_of(
    facts: Sequence[Fact] = (),
    items: Sequence[Item] = (),
    statements: Sequence[Statement] = (),
    confidential: Sequence[str] = (),
    unwelcome: Sequence[str] = (),
) -> list[News]:
    found = gathered(facts, {}, OWN, items, statements, now=NOW, confidential=confidential, unwelcome=unwelcome)
    return list(found)


def test_mail_feed_and_shelf_come_together_the_oldest_first() -> None:
    found = all_of([LETTER], [GAUGES], [said(LAID)])

    assert [(piece.by, piece.title, piece.source, piece.note) for piece in found] == [
        ("shelf", "Wandering sandbanks", "", "for Ada"),
        ("mail", "A century of tide gauges", "letter@tides.example", ""),
        ("feed", "A hundred years of tide gauges", "Tides", ""),
    ]


def test_what_one_mails_to_oneself_lies_on_the_shelf() -> None:
    links = (Link("https://sands.example/wandering", ""), Link("https://sands.example/b", "On sands, again"))
    note = replace(LETTER, sender=ME, to=(ME,), evidence=(), subject="Sandbanks for Ada", marks=Marks(links=links))

    assert [(p.by, p.title, p.note, p.url) for p in all_of([note])] == [
        ("shelf", "On sands, again", "Sandbanks for Ada", "https://sands.example/b"),
        ("shelf", "Sandbanks for Ada", "", "https://sands.example/wandering"),
    ]
    assert all_of([replace(note, to=(ME, ADA))]) == []
    assert all_of([replace(note, evidence=("ours",))]) == [], "one of our own digests"
    assert all_of([replace(note, subject="Confidential")]) == []


@pytest.mark.parametrize(
    ("item", "statement"),
    [
        (replace(GAUGES, published=None), None),
        (replace(GAUGES, published=datetime.fromtimestamp(NOW - (NEWS_AGE + 1) * DAY, UTC)), None),
        (replace(GAUGES, published=datetime.fromtimestamp(NOW + 1, UTC)), None),
        (replace(GAUGES, title="Sale: 20 % off all gauges today"), None),
        (replace(GAUGES, title="Gauges"), None),
        (replace(GAUGES, title="How a cancer diagnosis changes the day"), None),
        (replace(GAUGES, title="Confidential: the sands move east"), None),
        (replace(GAUGES, url="https://wiki.mill.internal/gauges"), None),
        (None, said(replace(LAID, at=NOW - (SHELF_AGE + 1) * DAY))),
    ],
    ids=[
        "without a date",
        "an old entry",
        "of tomorrow",
        "a pitch",
        "no title",
        "a sensitive matter",
        "marked",
        "within a network",
        "long on the shelf",
    ],
)
def test_what_is_not_new_or_not_worth_it_is_left_out(item: Item | None, statement: Statement | None) -> None:
    assert all_of(items=[item] if item else [], statements=[statement] if statement else []) == []


def test_a_link_is_there_once_and_the_users_choice_comes_first() -> None:
    same = replace(LAID, url="https://feed.example/a?utm_source=x")

    assert [piece.by for piece in all_of(items=[GAUGES], statements=[said(same)])] == ["shelf"]


def test_what_was_taken_off_is_not_proposed_whatever_brought_it() -> None:
    off = replace(LAID, url=GAUGES.url, at=NOW)

    assert all_of(items=[GAUGES], statements=[said(off, REMOVE)]) == []
    assert len(all_of(items=[GAUGES], statements=[said(replace(off, at=NOW - 9 * DAY), REMOVE)])) == 1, "it came anew"


@pytest.mark.parametrize(
    "line", ["tides.example", "*@tides.example", "letter@tides.example", "Tide Gauges", "feed.example"], ids=str
)
def test_what_the_config_calls_confidential_is_passed_on_to_nobody(line: str) -> None:
    found = all_of([LETTER], [GAUGES], confidential=[line])

    assert len(found) < 2
    assert not any(line.lower().strip("*@") in f"{p.title} {p.url} {p.source}".lower() for p in found)


def test_a_topic_that_is_not_to_be_brought_up_is_left_out() -> None:
    assert all_of([LETTER], [GAUGES], [said(LAID)], unwelcome=["tide gauge", "sandbank"]) == []


def test_whoever_stood_in_a_mail_with_the_link_has_seen_it() -> None:
    other = replace(LETTER, id=2, to=(ME, ADA), marks=Marks(links=(Link("http://www.feed.example/a/", "x"),)))

    [piece] = [piece for piece in all_of([other], [GAUGES]) if piece.by == "feed"]

    assert ADA in piece.seen_by


def test_a_feed_that_never_rests_does_not_drown_the_others() -> None:
    flood = [
        Item(f"{n}", f"Word number {n} of the flood", f"https://flood.example/{n}", GAUGES.published, f"Flood {n % 50}")
        for n in range(3_000)
    ]

    found = all_of(items=[*flood, GAUGES])

    assert len(found) == MOST
    assert sum(piece.source == "Flood 7" for piece in found) <= MOST_OF_ONE
