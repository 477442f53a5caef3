"""What is of one day alone, from the files to the digest: a promise, a fair, a birthday, something that was offered."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.profiles import MORNING, Profile
from tests.walk.mailboxes import ME, Letter, calendar, mbox

NORA = f"Nora Lind <{ME}>"
ADA, BRUNO, CLARA, DORA, EMIL = (
    "Ada Weber <ada@guild.example>",
    "Bruno Keller <bruno@paper.example>",
    "Clara Jensen <clara@print.example>",
    "Dora Falk <dora@looms.example>",
    "Emil Roth <emil@roth.example>",
)
SMALL = "It came on Tuesday, and everybody was pleased."

CONFIG = f"""\
[me]
addresses = ["{ME}"]
timezone = "Europe/London"
[accounts.mail]
kind = "mbox"
path = "mail.mbox"
read = "text"
[accounts.days]
kind = "ics"
path = "days.ics"
[accounts.book]
kind = "vcard"
path = "book.vcf"
[digest]
people = 5
"""


def talk(them: str, ago: int, subject: str, turns: str, last: str = SMALL) -> Iterator[Letter]:
    """A thread: "m" is the user's turn, "t" theirs, two hours apart."""
    for turn, who in enumerate(turns):
        sender, to = (NORA, them) if who == "m" else (them, NORA)
        at = MORNING - timedelta(days=ago) + timedelta(hours=2 * turn)
        answer = (("In-Reply-To", f"<{ago}.{turn - 1}.{them.split()[0]}@x.example>"),) if turn else ()
        text = last if turn == len(turns) - 1 else SMALL
        title = f"Re: {subject}" if turn else subject
        yield Letter(f"{ago}.{turn}.{them.split()[0]}@x.example", at, sender, to, title, text, answer)


def letters() -> list[Letter]:
    found: list[Letter] = []
    for them, subjects, until in (
        (ADA, ("Indigo", "Madder roots", "Indigo vats"), 20),
        (BRUNO, ("Watermarks", "Deckle edges", "Moulds"), 70),
        (CLARA, ("Rag paper", "Rag paper from Basel", "Ink"), 50),
        (DORA, ("Dobby looms", "Hand looms", "Dobby looms again"), 5),
        (EMIL, ("Sheep", "Wool", "Sheep dogs"), 12),
    ):
        for nth, ago in enumerate(range(300, until - 1, -20)):
            found += talk(them, ago, subjects[nth % 3], "tmt" if nth % 2 else "mtm")
    found += talk(BRUNO, 30, "Paper makers of the valley", "tm", "I will send you the list of paper makers.")
    found += talk("Otto Amt <otto@amt.example>", 4, "Something else", "mt")
    found += talk("Otto Amt <otto@amt.example>", 2, "One thing more", "m")
    return sorted(found, key=lambda letter: letter.at)


def whole_day(uid: str, day: date, title: str, *more: str) -> list[str]:
    return ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"SUMMARY:{title}", *more, "END:VEVENT"]


def days() -> bytes:
    today = MORNING.date()
    return calendar([
        whole_day("fair", today + timedelta(days=12), "Rag paper fair\\, Basel"),
        whole_day("emil", date(1990, today.month, today.day), "Emil Roth's birthday", "RRULE:FREQ=YEARLY"),
        whole_day("other", date(1990, today.month, today.day), "Emil Roth's mother's birthday", "RRULE:FREQ=YEARLY"),
    ])  # fmt: skip


BOOK = f"BEGIN:VCARD\nVERSION:3.0\nFN:Ada Weber\nEMAIL:ada@guild.example\nBDAY:1976-{MORNING:%m-%d}\nEND:VCARD\n"


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    profile = Profile(tmp_path_factory.mktemp("occasions") / "home")
    profile.write(mail_mbox=mbox(letters()), days_ics=days(), book_vcf=BOOK, config_toml=CONFIG)
    profile.tell("sync")
    return profile


@pytest.fixture
def profile(read: Profile, tmp_path: Path) -> Profile:
    return read.copy(tmp_path / "home")


def proposals(profile: Profile) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in profile.json("digest")["proposals"]}


def test_each_is_proposed_with_its_evidence(profile: Profile) -> None:
    found = proposals(profile)

    assert {name: (one["kind"], one["pool"], one["gift"]["kind"]) for name, one in found.items()} == {
        "Bruno Keller": ("promise", "owed", "promise"),
        "Ada Weber": ("occasion", "keeping up", "occasion"),
        "Emil Roth": ("occasion", "keeping up", "occasion"),
        "Clara Jensen": ("reconnect", "keeping up", "event"),
    }
    assert found["Bruno Keller"]["why"] == (
        "On 12 April, four weeks ago, you promised Bruno something in “Paper makers of the valley”. "
        "No mail went to Bruno since."
    )
    assert found["Ada Weber"]["why"].startswith("Ada’s 50th birthday is today, 12 May (your address book); ")
    assert found["Emil Roth"]["why"].startswith("Emil’s birthday is today, 12 May (your calendar); ")
    assert found["Clara Jensen"]["gift"]["says"] == (
        "“Rag paper fair, Basel” is on Sunday, 24 May in your calendar; you two wrote about rag paper. "
        "Ask whether Clara goes."
    )


def test_a_past_morning_knows_nothing_that_is_ahead(profile: Profile) -> None:
    said = profile.json("digest", "--now", "2026-05-11")

    assert not [one for one in said["proposals"] if one["gift"]["kind"] in ("occasion", "event")]
    assert [one["name"] for one in said["proposals"] if one["kind"] == "promise"] == ["Bruno Keller"]


def test_what_was_offered_goes_its_way(profile: Profile) -> None:
    assert profile.tell("opportunity").startswith("Nothing is noted.")
    said = profile.tell("opportunity", "Dora", "A stall at the rag paper fair")
    assert said.startswith("1: Dora Falk offers “A stall at the rag paper fair”. Ask first")
    asked = proposals(profile)["Dora Falk"]
    assert asked["kind"] == "opportunity"
    assert "Clara" not in asked["gift"]["opener"]

    early = profile.run("opportunity", 1, "passed", "Clara")
    assert (early.code, early.out) == (2, "")
    assert early.err.startswith("Dora Falk has not said yes yet: nobody hears of it before.")

    profile.tell("opportunity", 1, "asked")
    assert "Dora Falk" not in proposals(profile)
    assert profile.run("opportunity", 1, "passed", "Clara").code == 2
    profile.tell("opportunity", 1, "yes")
    offered = proposals(profile)["Clara Jensen"]
    assert offered["kind"] == "opportunity"
    assert "Dora" not in offered["gift"]["opener"]

    profile.tell("opportunity", 1, "passed", "Clara")
    found = proposals(profile)
    assert found["Dora Falk"]["gift"]["opener"].endswith("I have passed it on. ")
    assert "Clara" not in found["Dora Falk"]["gift"]["opener"]
    profile.tell("opportunity", 1, "thanked")
    assert "Dora Falk" not in proposals(profile)
    [one] = profile.json("opportunity")["opportunities"]
    assert (one["state"], [to["name"] for to in one["receivers"]]) == ("thanked", ["Clara Jensen"])


def test_a_step_is_taken_back(profile: Profile) -> None:
    profile.tell("opportunity", "Dora", "A stall at the rag paper fair")
    profile.tell("opportunity", 1, "yes")
    profile.tell("opportunity", 1, "passed", "Ada")

    assert profile.tell("undo") == "Taken back: opportunity, said of Dora Falk (1: passed).\n"
    profile.tell("opportunity", 1, "passed", "Clara")
    [one] = profile.json("opportunity")["opportunities"]
    assert [to["name"] for to in one["receivers"]] == ["Clara Jensen"]
    told = [profile.tell("undo") for _ in range(3)]
    assert [line.partition("(")[2] for line in told] == [
        "1: passed).\n",
        "1: yes).\n",
        "1: offered, A stall at the rag paper fair).\n",
    ]
    assert profile.tell("undo") == "There is nothing to take back.\n"


def test_whoever_is_forgotten_is_in_no_opportunity(profile: Profile) -> None:
    profile.tell("opportunity", "Dora", "A stall with Clara Jensen")
    profile.tell("opportunity", "Emil", "A lamb")
    profile.tell("opportunity", 1, "yes")
    profile.tell("opportunity", 1, "passed", "Clara")

    profile.tell("forget", "Clara Jensen", "--yes")
    assert "Clara" not in profile.tell("opportunity")
    profile.tell("forget", "Dora Falk", "--yes")
    [left] = profile.json("opportunity")["opportunities"]
    assert (left["number"], left["giver"]["name"]) == (2, "Emil Roth")
    assert b"Clara Jensen" not in (profile.home / "auld.db").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Dora",), "What do they offer?"),
        (("Nobody", "a thing"), "Nobody here is called"),
        (("7", "yes"), "There is no opportunity 7."),
        (("1",), "How does it go on?"),
        (("1", "maybe"), "How does it go on?"),
        (("1", "thanked"), "It is at “offered”, and cannot be “thanked”."),
        (("1", "yes", "Clara"), "Only `passed` takes a name"),
        (("Dora", "x" * 301), "At most 300 characters"),
        (("9" * 5_000, "yes"), "There is no opportunity 999999999."),
        (("", "yes"), "Nobody here is called"),
    ],
    ids=[
        "no words",
        "a stranger",
        "no such number",
        "no state",
        "no known state",
        "a leap",
        "a name too many",
        "long",
        "a huge number",
        "nobody",
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(profile: Profile, words: tuple[str, ...], told: str) -> None:
    profile.tell("opportunity", "Dora", "A stall")
    said = profile.run("opportunity", *words)

    assert (said.code, said.out) == (2, "")
    assert told in said.err


def test_hostile_words_break_neither_screen_nor_store(profile: Profile) -> None:
    profile.tell("opportunity", "Dora", '\udcff\x1b[31m\u202e\n\t<b>A stall</b> {"id": 7}')

    for said in (profile.tell("opportunity"), profile.tell("digest"), profile.tell("undo")):
        assert not {"\x1b", "\u202e"} & set(said)
        assert "A stall" in said


def test_why_tells_of_each(profile: Profile) -> None:
    profile.tell("opportunity", "Dora", "A stall at the rag paper fair")

    assert "you promised Bruno something" in profile.tell("why", "Bruno")
    assert "birthday is today" in profile.tell("why", "Ada")
    assert "Dora offered" in profile.tell("why", "Dora")
