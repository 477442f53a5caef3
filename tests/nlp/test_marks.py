"""What did a mail say that may be kept?"""

from datetime import date

import pytest

from nlp import marks

MAIL = """Hello Ada,

could you look at the ribbon loom by March 12, 2024? The museum wrote of it:
https://mill.example/looms/ribbon
Thanks for the yarn!

Bob

On 3 May 2023, Ada <ada@example.org> wrote:
> Old news: https://old.example/page of 2 May 2022
"""


def test_a_mail_leaves_marks() -> None:
    found = marks.mark(MAIL, names=frozenset({"ada", "bob"}))

    assert found.asks == ("request", "question", "thanks")
    assert [link.url for link in found.links] == ["https://mill.example/looms/ribbon"]
    assert found.dates == (date(2024, 3, 12),)
    assert {"ribbon", "loom", "museum", "yarn"} <= found.terms.keys()
    assert not {"ada", "bob", "hello", "old", "news"} & found.terms.keys()


def test_html_names_its_links() -> None:
    found = marks.mark('<p>See <a href="https://mill.example/a">the ribbon loom</a>.</p><blockquote>Why?</blockquote>')

    assert found.links == (marks.Link("https://mill.example/a", "the ribbon loom"),)
    assert found.asks == ()


def test_the_line_names_a_bare_link() -> None:
    assert marks.mark("A history of ribbons: https://mill.example/h.").links == (
        marks.Link("https://mill.example/h", "A history of ribbons"),
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://mill.example/unsubscribe?u=1",
        "https://mill.example/login",
        "https://zoom.us/j/123456",
        "https://mill.example/pixel.gif",
        "https://user@mill.example/a",
        "https://clinic.example/chemotherapy",
        "ftp://mill.example/a",
        "https://localhost/a",
        "http://[broken/a",
    ],
)
def test_links_that_nobody_shares_are_dropped(url: str) -> None:
    assert marks.mark(f"Look: {url}").links == ()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on 2024-03-12", date(2024, 3, 12)),
        ("on 12 March 2024", date(2024, 3, 12)),
        ("March 12th, 2024", date(2024, 3, 12)),
        ("am 12. März 2024", date(2024, 3, 12)),
        ("am 12.3.2024", date(2024, 3, 12)),
        ("le 12 mars 2024", date(2024, 3, 12)),
        ("el 12 de marzo de 2024", date(2024, 3, 12)),
        ("25/3/2024", date(2024, 3, 25)),
        ("3/25/2024", date(2024, 3, 25)),
        ("2024年3月12日", date(2024, 3, 12)),
    ],
)
def test_a_day_named_in_full_is_a_date(text: str, day: date) -> None:
    assert marks.dates(text) == (day,)


@pytest.mark.parametrize("text", ["3/4/2024", "31 February 2024", "March 12", "version 2024.3", ""])
def test_what_may_be_two_days_or_none_is_no_date(text: str) -> None:
    assert marks.dates(text) == ()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("I will send you the pattern by Friday.", [15]),
        ("Could you send me the pattern by Friday? The fair is on May 20.", [15]),
        ("We wove on Friday.", []),
        ("I will send you the pattern by Friday, and the rest on 20 May 2026.", [15, 20]),
        ("Ich schicke dir das Muster bis Freitag.", [15]),
    ],
    ids=["promised", "asked, and told", "told", "in full, too", "German"],
)
def test_a_day_that_is_meant_is_a_date_where_something_is_asked_or_promised(text: str, days: list[int]) -> None:
    found = marks.mark(text, written=date(2026, 5, 12))

    assert found.dates == tuple(date(2026, 5, day) for day in days)
    assert marks.mark(text).dates == tuple(day for day in found.dates if day.day == 20 and "2026" in text)


def test_an_empty_mail_leaves_nothing() -> None:
    assert marks.mark("") == marks.Marks()


def is_nora(name: str) -> bool:
    return name == "nora"


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Nora,\n\nwhat width is the loom?", ("waits",)),
        ("Hi Nora and Tom,\n\nwhat width is the loom?", ("waits",)),
        ("Tom,\n\nwhat width is the loom?", ("waits", "to another")),
        ("Hello Tom and Ada -\n\nwhat width is the loom?", ("waits", "to another")),
        ("What width is the loom?", ("waits",)),
        ("Nora,\n\ncan you come over on Thursday?", ("waits", "pressing")),
        ("Nora,\n\nare you free for lunch?", ("waits", "pressing")),
        ("Nora,\n\nare you in today?", ("waits", "that day", "pressing")),
        ("It is wide.\n\n-----Original Message-----\nFrom: Holm, Lars\nHow wide?", ("to another",)),
        ("It is.\n\n-----Original Message-----\nFrom: Lindqvist, Nora\nIs it wide?", ()),
        ("Nora,\n\nI fly over tomorrow. Are you around?", ("waits", "that day", "pressing")),
        ("Nora,\n\nI am there from the 3rd to the 9th. Will you show me the loom?", ("waits", "pressing")),
        ("Nora,\n\nwill you drive home on the eve of Thanksgiving?", ("waits", "pressing")),
        ("Nora,\n\nI hear that Ada comes on Wed. Will you show her the loom?", ("waits", "pressing")),
        ("It is wide...Now, Doris, what do you want to weave?", ()),
        ("Doris - could you tell me what to weave?", ("to another",)),
        ("Also, what do you want to weave?", ("waits",)),
        ("Now, Nora, what do you want to weave?", ("waits",)),
        ("Do you want a copy of it?", ()),
        ("Are you kidding?", ()),
        ("Nora,\n\nI was there on Thursday. What width is the loom?", ("waits",)),
        ("Nora,\n\nwhat width is the loom?\n\nTilda\nAssistant to Ada Weber", ("waits", "assistant")),
        ("Nora,\n\nwhat width is the loom?\n\n> Tilda\n> Assistant to Ada Weber", ("waits",)),
    ],
    ids=[
        "to the user",
        "to the user and another",
        "to another",
        "to two others",
        "to nobody by name",
        "about a day",
        "about a lunch",
        "about that day",
        "an answer to another",
        "an answer to the user",
        "about a day named just before",
        "about a week named just before",
        "about a feast",
        "about a day cut short",
        "asks another in passing",
        "asks another by name",
        "only looks like a name",
        "asks the user by name",
        "an offer",
        "no question at all",
        "a day told, not asked about",
        "from an assistant",
        "an assistant quoted",
    ],
)
def test_signs_speak_against_an_answer_that_waits(text: str, signs: tuple[str, ...]) -> None:
    assert marks.mark(text, is_me=is_nora).signs == signs


def test_who_is_not_known_by_name_is_never_another() -> None:
    assert marks.mark("Tom,\n\nwhat width is the loom?").signs == ("waits",)
