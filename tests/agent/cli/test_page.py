"""`auld open`: one page for the user's eyes only, true to the mail, and gone with whoever is forgotten."""

import html
import os
import re
import stat
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent import work
from agent.cli import page as command
from agent.page import today
from agent.page.months import first_of
from agent.propose import why
from tests.profiles import MORNING, ZONE, Profile
from tests.walk.mailboxes import ME, Letter, letters, mbox

AULD = Path(sys.executable).with_name("auld")
PAGE = "acquaintances.html"

HEADLESS = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}

CONFIG = f"""\
[me]
addresses = ["{ME}"]
timezone = "Europe/London"

[accounts.mail]
kind = "mbox"
path = "mail.mbox"
"""


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def opened(profile: Profile, *args: object) -> str:
    """What the page says after `auld open ARGS`."""
    said = profile.tell("open", *args)
    path = profile.home / "state" / PAGE
    assert said == f"Your page is {path}\n"
    return path.read_text("utf-8")


def people(page: str) -> dict[str, str]:
    """Each person on the page, with all that is told of them."""
    parts = page.split('<details class="person">')[1:]
    return {html.unescape(re.findall(r'<bdi class="name">(.*?)</bdi>', part)[0]): html.unescape(part) for part in parts}


def table(part: str) -> dict[str, tuple[int, int, int]]:
    """The months of one person, as the page has them."""
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(\d+)</td><td>(\d+)</td><td>(\d+)</td>', part)
    return {month: (int(mine), int(theirs), int(met)) for month, mine, theirs, met in rows}


def mailbox(home: Path, some: list[Letter]) -> Profile:
    """A profile that has read these mails."""
    profile = Profile(home)
    profile.write(config_toml=CONFIG, mail_mbox=mbox(some))
    profile.tell("sync")
    return profile


class TestTheFile:
    def test_only_the_user_can_read_it_and_nothing_is_left_beside_it(self, nora: Profile) -> None:
        before = os.umask(0)
        try:
            opened(nora)
            opened(nora)
        finally:
            os.umask(before)
        path = nora.home / "state" / PAGE

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [one.name for one in path.parent.iterdir() if "acquaint" in one.name] == [PAGE]

    def test_it_takes_the_place_of_the_last_one_at_once(self, nora: Profile) -> None:
        path = nora.home / "state" / PAGE
        path.parent.mkdir(exist_ok=True)
        path.write_text("an older one", "utf-8")
        with path.open(encoding="utf-8") as older:
            opened(nora)

            assert older.read() == "an older one"
        assert "an older one" not in path.read_text("utf-8")

    def test_it_goes_where_one_wants_it(self, nora: Profile, tmp_path: Path) -> None:
        path = tmp_path / "page.html"

        assert nora.tell("open", "--to", path) == f"Your page is {path}\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not (nora.home / "state" / PAGE).exists()

    def test_a_folder_that_is_not_there_is_said(self, nora: Profile, tmp_path: Path) -> None:
        said = nora.run("open", "--to", tmp_path / "no" / "page.html")

        assert (said.code, said.err) == (2, f"{tmp_path / 'no'}: there is no such folder.\n")

    def test_programs_are_told_where_it_is(self, nora: Profile) -> None:
        data = nora.json("open")

        assert data == {"page": str(nora.home / "state" / PAGE), "people": 22, "left_out": 0}

    def test_nothing_is_remembered_of_having_shown_it(self, nora: Profile) -> None:
        opened(nora)

        with nora.opened() as (_, store):
            assert store.last_shown(2**40) == []

    def test_the_same_morning_gives_the_same_bytes(self, nora: Profile) -> None:
        assert opened(nora) == opened(nora)


class TestTheBrowser:
    @pytest.fixture
    def browser(self, tmp_path: Path) -> Path:
        """A browser that notes which pages it was to show."""
        program = tmp_path / "browser"
        program.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/shown\n', "utf-8")
        program.chmod(0o700)
        return program

    def run(self, profile: Profile, *args: str, **environ: str) -> None:
        told = {**HEADLESS, "AULD_HOME": str(profile.home), **environ}
        subprocess.run([AULD, "open", *args], env=told, check=True, timeout=60, stdin=subprocess.DEVNULL)

    @pytest.mark.skipif(sys.platform != "linux", reason="screens are named otherwise elsewhere")
    def test_it_is_opened_where_there_is_a_screen(self, nora: Profile, browser: Path, tmp_path: Path) -> None:
        self.run(nora, BROWSER=str(browser))
        self.run(nora, "--no-browser", BROWSER=str(browser), DISPLAY=":9")
        assert not (tmp_path / "shown").exists()

        self.run(nora, BROWSER=str(browser), DISPLAY=":9")
        assert (tmp_path / "shown").read_text("utf-8") == (nora.home / "state" / PAGE).as_uri() + "\n"


class TestWhoIsOnIt:
    def test_everybody_with_an_exchange_and_nobody_else(self, demo_home: Profile, nora: Profile) -> None:
        known = {
            one["name"]
            for one in demo_home.json("people", "--most", 99)["people"]
            if (one["mine"] and one["theirs"]) or one["meetings"]
        }
        shown = people(opened(nora))

        assert set(shown) == known
        assert not {"The Tide Letter", "Nora Lindqvist"} & set(shown)

    def test_those_with_the_most_days_stay_where_there_is_no_room(
        self, nora: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(command, "MOST", 5)
        page = opened(nora)

        assert len(people(page)) == 5
        assert "17 more are left out" in page
        with nora.opened() as (_, store):
            days = {p.name: s.days for s in store.standings() if (p := store.person(s.person))}
        least = min(days[name] for name in people(page))
        assert all(days[name] <= least for name in days.keys() - people(page).keys())

    def test_with_nothing_read_it_says_the_way_in(self, tmp_path: Path) -> None:
        profile = Profile(tmp_path / "home")

        assert "Nobody yet." in opened(profile)


class TestWhatItTells:
    def test_every_month_is_a_count_by_hand(self, tmp_path: Path) -> None:
        some = letters(700, people=7, start=MORNING - timedelta(days=210))
        by_hand: Counter[tuple[str, str, int]] = Counter()
        for letter in some:
            mine = ME in letter.sender
            them = (letter.to if mine else letter.sender).split(" <")[0]
            by_hand[them, f"{letter.at.astimezone(ZONE):%B %Y}", 0 if mine else 1] += 1
        shown = people(opened(mailbox(tmp_path / "home", some)))

        assert len(shown) == 7
        for name, part in shown.items():
            months = {month for them, month, _ in by_hand if them == name}
            assert table(part) == {m: (by_hand[name, m, 0], by_hand[name, m, 1], 0) for m in months}

    def test_what_is_counted_are_the_contacts_of_the_tie(self, nora: Profile) -> None:
        nora.tell("log", "Ruth", "--day", "2026-05-09", "a long call")
        with nora.opened() as (house, store):
            made = work.make(store, house.settings, MORNING, house.zone, past=False)
            begins = first_of(made.morning.now, house.zone)
            passed = command.passed([person for person, _ in command.acquainted(made)], made, store)
            assert len(passed) == 22
            for number, contacts in passed.items():
                whole = made.known.tie(number).contacts
                assert [(c.at, c.by, c.fact, c.meeting) for c in contacts] == [
                    (c.at, c.by, c.fact, c.meeting) for c in whole if c.at >= begins
                ]

    def test_what_was_logged_counts_as_a_talk(self, nora: Profile) -> None:
        before = people(opened(nora))["Ruth Okafor"]
        nora.tell("log", "Ruth", "--day", "2026-05-09", "a long call")
        after = people(opened(nora))["Ruth Okafor"]

        assert table(before).get("May 2026", (0, 0, 0)) == (0, 0, 0)
        assert table(after)["May 2026"] == (0, 0, 1)
        nora.tell("undo")
        assert table(people(opened(nora))["Ruth Okafor"]) == table(before)

    def test_the_proposals_are_those_of_the_digest(self, nora: Profile) -> None:
        cards = html.unescape(opened(nora).split('<h2 id="people">')[0])
        proposals = nora.json("digest")["proposals"]

        assert len(proposals) == 3
        for one in proposals:
            assert one["name"] in cards
            assert one["why"] in cards
            assert one["gift"]["says"] in cards

    def test_a_note_and_a_never_are_told(self, nora: Profile) -> None:
        nora.tell("note", "Clara", "has a loom at home")
        nora.tell("never", "Bruno Keller")
        shown = people(opened(nora))

        assert "has a loom at home" in shown["Clara Jensen"]
        assert "You said never, on 12 May." in shown["Bruno Keller"]

    def test_why_not_today_is_what_why_says(self, demo_home: Profile) -> None:
        with demo_home.opened() as (house, store):
            made = work.make(store, house.settings, MORNING, house.zone, past=False)
            portraits, _ = command.seen(made, store, store.topics)
            for one in portraits:
                reasons = why(one.person, made.known, made.morning, made.rules, made.outcome.proposals)
                if one.today == today.PROPOSED:
                    assert reasons[0].startswith("Proposed today: ")
                elif one.today != today.OPEN:
                    assert one.today in reasons

    def test_an_account_that_is_off_is_not_counted(self, nora: Profile) -> None:
        assert "calendar is known" in opened(nora)
        nora.config.write_text(nora.config.read_text("utf-8").replace('"ics"', '"ics"\nenabled = false'), "utf-8")
        page = opened(nora)

        assert "calendar is known" not in page
        assert all(met == 0 for part in people(page).values() for _, _, met in table(part).values())

    def test_a_past_morning_knows_nothing_of_later(self, nora: Profile) -> None:
        nora.tell("note", "Clara", "has a loom at home")
        page = opened(nora, "--now", "2026-03-14")

        assert "As of Saturday, 14 March 2026." in page
        assert "has a loom at home" not in page
        assert not re.search(r"(April|May) 2026", page.split("<body")[1])
        months = {month for part in people(page).values() for month in table(part)}
        assert max(datetime.strptime(f"1 {month} +0000", "%d %B %Y %z") for month in months).month == 3

    def test_a_past_morning_that_never_was_is_said(self, nora: Profile) -> None:
        assert nora.run("open", "--now", "yesterday").code == 2


class TestForgetting:
    @pytest.mark.parametrize(
        "words", [("Clara",), ("--account", "mail"), ("--all",)], ids=["a person", "an account", "everything"]
    )
    def test_the_page_goes(self, words: tuple[str, ...], nora: Profile) -> None:
        opened(nora)
        left = nora.home / "state" / f".{PAGE}.abc"
        left.write_text("what a kill left", "utf-8")
        said = nora.run("forget", *words, "--yes")

        assert (said.code, said.err) == (0, "")
        assert not (nora.home / "state" / PAGE).exists()
        assert not left.exists()

    def test_whoever_is_forgotten_is_not_on_the_next_one(self, nora: Profile) -> None:
        before = set(people(opened(nora)))
        nora.tell("forget", "Clara", "--yes")

        assert before - set(people(opened(nora))) == {"Clara Jensen"}
