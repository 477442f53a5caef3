"""What the user lays on the shelf is there, is never fetched, and can be taken back."""

from datetime import timedelta

import pytest

from agent import demo
from tests.profiles import Profile

GAUGES = "https://tides.example/2026/a-century-of-gauges.html"


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Somebody who has nothing yet."""
    return Profile(tmp_path_factory.mktemp("bare"))


def test_an_empty_shelf_says_how_to_begin(bare: Profile) -> None:
    assert bare.tell("shelf", "list") == "Nothing lies on the shelf. `auld shelf add URL` lays something there.\n"
    assert bare.json("shelf", "list") == {"shelf": []}


def test_a_link_is_laid_there_and_its_title_is_said_to_be_made_up(bare: Profile) -> None:
    said = bare.tell("shelf", "add", GAUGES)

    assert said.startswith("1: “A century of gauges”. `auld undo` takes it back.\n  No page is fetched, so")
    assert bare.tell("shelf", "list") == f"1. “A century of gauges”, 2026-05-12\n   {GAUGES}\n"


def test_a_title_and_a_note_are_kept(bare: Profile) -> None:
    assert "fetched" not in bare.tell("shelf", "add", GAUGES, "--title", "Gauges,  old", "--note", "for Ada")

    [one] = bare.json("shelf", "list")["shelf"]
    assert (one["number"], one["title"], one["titled"], one["note"], one["url"]) == (
        1, "Gauges, old", True, "for Ada", GAUGES,
    )  # fmt: skip


def test_the_same_link_lies_there_once_with_what_was_said_last(bare: Profile) -> None:
    bare.tell("shelf", "add", GAUGES, "--note", "for Ada")
    bare.tell(
        "shelf", "add", "http://www.tides.example/2026/a-century-of-gauges.html?utm_source=x", "--title", "Gauges"
    )

    [one] = bare.json("shelf", "list")["shelf"]
    assert (one["number"], one["title"], one["note"]) == (1, "Gauges", "for Ada")


def test_what_is_taken_off_is_gone_and_comes_back_by_undo(bare: Profile) -> None:
    bare.tell("shelf", "add", GAUGES)
    bare.tell("shelf", "add", "tides.example/sands")

    assert bare.tell("shelf", "remove", 1) == "Taken off: “A century of gauges”. `auld undo` puts it back.\n"
    assert [one["number"] for one in bare.json("shelf", "list")["shelf"]] == [2], "a number stays with its link"
    assert bare.run("shelf", "remove", 1).code == 2
    assert bare.tell("undo") == f"Taken back: unshelf ({GAUGES}).\n"
    assert [one["number"] for one in bare.json("shelf", "list")["shelf"]] == [1, 2]
    assert bare.tell("undo") == "Taken back: shelf (https://tides.example/sands).\n"
    assert bare.tell("undo") == f"Taken back: shelf ({GAUGES}).\n"
    assert bare.tell("undo") == "There is nothing to take back.\n"
    assert bare.json("shelf", "list") == {"shelf": []}


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("javascript:alert(1)", "not a link"),
        ("file:///etc/passwd", "not a link"),
        ("gauges", "not a link"),
        ("ada@tides.example", "not a link"),
        ("https://tides.example/a b", "not a link"),
        ("https://tides.example/\u202egnp", "not a link"),
        ("https://tides.example/\x1b[2J", "not a link"),
        ("https://ada:secret@tides.example/", "not for others"),
        ("https://tides.example/" + "a" * 2_000, "1000 are the most"),
        ("", "not a link"),
    ],
    ids=["a script", "a file", "a word", "an address", "a gap", "turned about", "a screen cleared", "a password",
         "endless", "nothing"],
)  # fmt: skip
def test_what_is_no_link_to_pass_on_is_not_kept(bare: Profile, link: str, why: str) -> None:
    done = bare.run("shelf", "add", link)

    assert (done.code, done.out) == (2, "")
    assert why in done.err
    assert bare.json("shelf", "list") == {"shelf": []}


def test_a_note_without_end_is_not_kept(bare: Profile) -> None:
    assert "At most 300 characters" in bare.run("shelf", "add", GAUGES, "--note", "x" * 301).err


def test_what_the_config_keeps_back_is_said_at_once(bare: Profile) -> None:
    bare.write(config_toml='[boundaries]\nconfidential = ["Project Heron"]\nnever = ["topic: golf"]\n')

    assert "`confidential` in your config keeps it back" in bare.tell("shelf", "add", "https://x.example/project-heron")
    assert "your config says never: topic: golf" in bare.tell("shelf", "add", "https://x.example/golf-in-may")


def test_a_long_link_can_be_copied_from_a_narrow_screen(bare: Profile) -> None:
    link = "https://tides.example/" + "a" * 900
    bare.tell("shelf", "add", link)

    assert link in bare.tell("shelf", "list")


def test_an_earlier_moment_knows_nothing_of_it(nora: Profile) -> None:
    nora.tell("shelf", "add", GAUGES)
    with nora.opened() as (_, store):
        at = int(nora.at.timestamp())
        assert [said.verb for said in store.stated(at)] == ["shelf"]
        assert store.stated(at - 1) == []


def test_who_is_forgotten_is_cut_out_of_the_shelf(nora: Profile) -> None:
    nora.tell("shelf", "add", GAUGES, "--note", "for Ada Weber, and Clara")
    nora.tell("shelf", "add", "https://x.example/by-ada-weber", "--title", "Looms, by Ada Weber")

    nora.run("forget", "Ada Weber", "--yes")

    shelf = nora.json("shelf", "list")["shelf"]
    assert not any("Weber" in f"{one['title']} {one['note']} {one['url']}" for one in shelf)
    assert nora.home.joinpath("auld.db").read_bytes().count(b"for Ada Weber") == 0


def test_what_one_mails_to_oneself_lies_there_too(nora: Profile) -> None:
    letter = (
        f"From auld Mon May 11 08:00:00 2026\nFrom: Nora Lind <{demo.ME}>\nTo: <{demo.ME}>\n"
        "Date: Mon, 11 May 2026 08:00:00 +0000\nSubject: Read this: rag paper\nMessage-ID: <self@nora.example>\n\n"
        "https://paper.example/rags-to-sheets\n\n"
    )
    box = nora.home / "demo.mbox"
    box.write_bytes(box.read_bytes().rstrip(b"\n") + b"\n\n" + letter.encode())
    nora.tell("sync")

    [one] = nora.json("shelf", "list")["shelf"]
    assert (one["number"], one["url"]) == (None, "https://paper.example/rags-to-sheets")
    assert "mailed to yourself, 2026-05-11" in nora.tell("shelf", "list")

    nora.tell("shelf", "remove", one["url"])
    assert nora.json("shelf", "list") == {"shelf": []}
    nora.at += timedelta(hours=1)
    nora.tell("undo")
    assert len(nora.json("shelf", "list")["shelf"]) == 1
