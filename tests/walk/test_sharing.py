"""From a feed, the shelf and a mail to oneself to the one person whom a link fits, and never to anybody else."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.profiles import MORNING, Profile
from tests.servers.web import Reply, Web
from tests.walk.mailboxes import ME, Letter, mbox

ADA = "Ada Weber <ada@loom.example>"
BO = "Bo Lind <bo@paper.example>"
CARLA = "Carla Ruiz <carla@client.example>"

LOOMS, PAPER = "The wide loom of Bern, rebuilt at last", "Rag paper by hand: a second look"
HERON = "Rag paper for Project Heron: the sample sheets"


def talks(who: str, subjects: tuple[str, ...], silent: int, more: tuple[tuple[str, str], ...] = ()) -> Iterator[Letter]:
    """Three threads, each begun by them and answered; the last so many days ago."""
    for n, subject in enumerate(subjects):
        at = MORNING - timedelta(days=silent + 30 * (len(subjects) - 1 - n))
        key = f"{n}.{who[:3].lower()}"
        me, them = f"Me Myself <{ME}>", who
        yield Letter(f"{key}.a@mail.example", at - timedelta(hours=4), them, me, subject)
        answers = (("In-Reply-To", f"<{key}.a@mail.example>"), *more)
        yield Letter(f"{key}.b@mail.example", at, me, them, f"Re: {subject}", headers=answers)


def mailbox() -> list[Letter]:
    """Ada on looms, Bo on paper, and a client on paper as well."""
    fillers = [
        Letter(f"f{n}@mail.example", MORNING - timedelta(days=9 * n + 1), f"Me <{ME}>", "Kit <kit@kit.example>", "Tea")
        for n in range(40)
    ]
    return sorted(
        [
            *talks(ADA, ("Wide loom", "The wide loom again", "A wide loom for the barn", "Wide loom, the bill"), 40),
            *talks(BO, ("Rag paper", "The rag paper trial", "Rag paper and size", "More rag paper"), 20),
            *talks(CARLA, ("Copper plates", "The copper plates", "Copper plates, again", "More copper plates"), 50),
            *fillers,
        ],
        key=lambda letter: letter.at,
    )


def feed(*entries: tuple[str, str, datetime]) -> bytes:
    """An RSS feed of these (title, link, date)."""
    rows = "".join(
        f"<item><title>{title}</title><link>{link}</link><pubDate>{format_datetime(at)}</pubDate></item>"
        for title, link, at in entries
    )
    return f"<rss version='2.0'><channel><title>The Thread</title>{rows}</channel></rss>".encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as found:
        yield found


@pytest.fixture
def profile(tmp_path: Path, web: Web) -> Profile:
    """Somebody with an archive and two feeds."""
    made = Profile(tmp_path / "home")
    made.write(
        old_mbox=mbox(mailbox()),
        config_toml=f'''
[me]
addresses = ["{ME}"]
timezone = "Europe/London"

[accounts.old]
kind = "mbox"
path = "old.mbox"
read = "text"

[accounts.reading]
kind = "feeds"
private = true
urls = ["{web.url("/thread.xml")}", "{web.url("/sick.xml")}"]

[boundaries]
confidential = ["*@client.example", "Project Heron"]
''',
    )
    web.serve(
        "/thread.xml",
        feed(
            (LOOMS, "https://thread.example/wide-loom", MORNING - timedelta(days=2)),
            (HERON, "https://thread.example/heron", MORNING - timedelta(days=1)),
            ("An old tale of the wide loom", "https://thread.example/old", MORNING - timedelta(days=90)),
        ),
        ETag='"1"',
    )
    web.serve("/sick.xml", b"<html>Sorry", 500)
    return made


def given(profile: Profile) -> dict[str, str]:
    """Who is to get which link this morning."""
    return {one["name"]: one["gift"]["url"] for one in profile.json("digest")["proposals"] if one["gift"]["url"]}


def test_the_one_whom_it_concerns_gets_the_entry_of_a_feed(profile: Profile, web: Web) -> None:
    profile.run("sync")

    assert given(profile) == {"Ada Weber": "https://thread.example/wide-loom"}
    text = profile.tell("digest")
    assert f"“{LOOMS}”, from The Thread, 10 May" in text
    assert "Say what you make of it." in text
    assert "Heron" not in text
    assert {request.path for request in web.asked} == {"/thread.xml", "/sick.xml"}, "no page is fetched"


def test_a_sick_feed_is_told_and_harms_no_other(profile: Profile) -> None:
    said = profile.tell("sync")

    assert "reading: 3 read, 3 new, 1 could not be read (localhost is out of order (500" in said
    assert "reading (feeds): ok · last complete round 2026-05-12 06:00 · 3 items · 1 could not be read yet" in (
        profile.tell("status")
    )
    assert given(profile) != {}


def test_feeds_that_cannot_be_read_hold_nobody_back(profile: Profile, web: Web) -> None:
    web.answer = lambda request: Reply(500)
    profile.tell("shelf", "add", "https://thread.example/wide-loom", "--title", LOOMS)
    done = profile.run("sync")

    assert "reading: localhost is out of order" in done.out + done.err
    assert given(profile) == {"Ada Weber": "https://thread.example/wide-loom"}
    profile.at += timedelta(days=1)
    assert profile.names() == ["Ada Weber"]


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ((("Sensitivity", "Company-Confidential"),), "The thread"),
        ((), "The thread (confidential)"),
        ((("Cc", "Carla Ruiz <carla@client.example>"),), "The thread"),
        ((), "The thread on Project Heron"),
    ],
    ids=["its headers", "its subject", "who stands in it", "its words"],
)
def test_what_a_mail_holds_in_confidence_never_appears(
    profile: Profile, web: Web, headers: tuple[tuple[str, str], ...], subject: str
) -> None:
    web.serve("/thread.xml", feed())
    sender, at = "The Thread <letter@thread.example>", MORNING - timedelta(days=3)
    text = "Read: The wide loom in pictures, part two <https://thread.example/pictures>"
    bulk = (("List-Unsubscribe", "<mailto:x@thread.example>"), ("Precedence", "bulk"))
    public = Letter("n1@thread.example", at, sender, f"Me <{ME}>", "The thread on looms", text, bulk)
    secret = Letter("n1@thread.example", at, sender, f"Me <{ME}>", subject, text, (*bulk, *headers))

    for letter, found in ((public, {"Ada Weber": "https://thread.example/pictures"}), (secret, {})):
        home = Profile(profile.home.parent / letter.subject.replace(" ", "-"), profile.at)
        home.write(old_mbox=mbox([*mailbox(), letter]), config_toml=profile.config.read_bytes())
        home.run("sync")
        assert given(home) == found


def test_what_lies_on_the_shelf_goes_to_whom_it_fits_without_any_request(profile: Profile, web: Web) -> None:
    profile.run("sync")
    web.asked.clear()
    profile.tell("shelf", "add", "https://paper.example.org/rag", "--title", PAPER)
    profile.tell("shelf", "add", "https://paper.example.org/heron", "--title", HERON, "--note", "for Bo")

    assert web.asked == []
    told = profile.tell("why", "Bo Lind")
    gifts = given(profile)
    assert len(gifts) == 1, "one link stands in a digest"
    assert "heron" not in f"{gifts} {told}".lower()


def test_a_link_is_offered_once_and_the_next_one_has_its_turn(profile: Profile) -> None:
    profile.run("sync")
    profile.tell("shelf", "add", "https://paper.example.org/rag", "--title", PAPER)
    offered: list[tuple[str, str]] = []
    for _ in range(21):
        offered += list(given(profile).items())
        profile.tell("digest")
        profile.at += timedelta(days=1)

    assert sorted(set(offered)) == sorted(
        {("Ada Weber", "https://thread.example/wide-loom"), ("Bo Lind", "https://paper.example.org/rag")}
    )
    assert len(offered) == len(set(offered)), "nobody is offered a link twice"


def test_who_has_it_already_is_not_given_it(profile: Profile) -> None:
    had = Letter(
        "had@mail.example", MORNING - timedelta(days=41), ADA, f"Me <{ME}>, Kit <kit@kit.example>", "Look at this",
        "Did you see http://www.thread.example/wide-loom/?utm_source=mail by any chance?",
    )  # fmt: skip
    profile.write(old_mbox=mbox([*mailbox(), had]))
    profile.run("sync")

    assert given(profile) == {}


def test_a_topic_that_is_not_to_be_brought_up_is_not(profile: Profile) -> None:
    config = profile.config.read_text("utf-8")
    profile.config.write_text(config + 'never = ["topic: wide loom"]\n', "utf-8")
    profile.run("sync")

    assert given(profile) == {}
    assert "loom" not in " ".join(one["gift"]["says"] for one in profile.json("digest")["proposals"]).lower()


def test_a_past_morning_sees_nothing_that_came_later(profile: Profile) -> None:
    profile.run("sync")
    profile.tell("shelf", "add", "https://paper.example.org/rag", "--title", PAPER, "--note", "for Ada and for Bo")

    before = profile.json("digest", "--now", (MORNING - timedelta(days=3)).date().isoformat())
    assert [one["gift"]["url"] for one in before["proposals"] if one["gift"]["url"]] == []


def test_feeds_that_were_opted_out_give_nothing(profile: Profile) -> None:
    profile.run("sync")
    assert given(profile) != {}

    profile.config.write_text(profile.config.read_text("utf-8").replace('"feeds"', '"feeds"\nenabled = false'), "utf-8")

    assert given(profile) == {}


def test_a_feed_that_takes_an_entry_back_takes_it_from_the_digest(profile: Profile, web: Web) -> None:
    profile.run("sync")
    web.serve("/thread.xml", feed(("Of something else altogether", "https://thread.example/x", MORNING)), ETag='"2"')
    profile.run("sync")

    assert given(profile) == {}


def test_hostile_entries_do_no_harm(profile: Profile, web: Web) -> None:
    evil = "The wide loom \u202e &lt;script&gt;alert(1)&lt;/script&gt; of Bern"
    web.answer = lambda request: Reply(
        200,
        feed(
            (evil, "https://thread.example/wide", MORNING), ("The wide loom, a script", "javascript:alert(1)", MORNING)
        ),
    )
    profile.run("sync")

    text = profile.tell("digest")
    assert "https://thread.example/wide" in text
    assert not {"\u202e", "<script", "javascript:"} & {
        mark for mark in ("\u202e", "<script", "javascript:") if mark in text
    }
