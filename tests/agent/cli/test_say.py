"""What the user says holds, is told back, and can be taken back."""

import os
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from agent import demo
from tests.profiles import MORNING, Profile

ATELIER, PRINTS = "hana.sato@atelier.example", "hana.sato@satoprints.example"


@pytest.fixture
def shown(nora: Profile) -> Profile:
    """The demo's profile after a digest was delivered: Ada, Tomás and Ruth."""
    assert nora.names() == ["Ada Weber", "Tomás Ibarra", "Ruth Okafor"]
    nora.tell("digest")
    return nora


class TestTheDigest:
    def test_the_same_morning_again_shows_the_same_and_counts_as_one_day(self, nora: Profile) -> None:
        first = nora.tell("digest")
        nora.at += timedelta(minutes=40)

        assert nora.tell("digest") == first
        with nora.opened() as (_, store):
            until = int(nora.at.timestamp())
            assert [one.slot for one in store.shown(0, until)] == [1, 2, 3]

    def test_on_the_next_day_nobody_of_it_is_proposed_again(self, shown: Profile) -> None:
        shown.at += timedelta(days=1)

        assert not set(shown.names()) & {"Ada Weber", "Tomás Ibarra", "Ruth Okafor"}
        assert "Proposed on 12 May; once a week is enough." in shown.tell("why", "Ada")

    def test_neither_a_dry_run_nor_json_counts(self, nora: Profile) -> None:
        nora.tell("digest", "--dry-run")
        nora.json("digest")

        assert nora.run("never", 1).code == 2
        assert nora.json("status")["last_digest"] is None

    def test_via_file_it_is_a_mail_for_the_users_eyes_only(self, nora: Profile) -> None:
        said = nora.tell("digest", "--via", "file")
        path = nora.home / "digests" / "2026-05-12.eml"
        mail = message_from_bytes(path.read_bytes(), policy=default)

        assert said == f"The digest is in {path}\n"
        assert mail["Subject"] == "Three people to write to - Tuesday, 12 May 2026"
        assert (mail["To"], mail["Auto-Submitted"]) == (demo.ME, "auto-generated")
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert "Ada Weber" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert not mail.defects
        if os.name == "posix":
            assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    def test_a_test_says_so_and_takes_the_place_of_no_digest(self, nora: Profile) -> None:
        nora.tell("digest", "--via", "file")
        digests = nora.home / "digests"
        before = (digests / "2026-05-12.eml").read_bytes()

        assert nora.tell("digest", "--test", "--via", "file") == f"The test is in {digests / '2026-05-12-test.eml'}\n"
        assert (digests / "2026-05-12.eml").read_bytes() == before
        assert b"This is a test of the way" in (digests / "2026-05-12-test.eml").read_bytes()

    def test_a_test_on_the_screen_says_how_to_choose_another_way(self, nora: Profile) -> None:
        said = nora.tell("digest", "--test")

        assert said.startswith("This is a test of the way")
        assert said.endswith('"append", "smtp").\n')

    def test_the_config_says_where_it_goes(self, nora: Profile) -> None:
        nora.config.write_text(nora.config.read_text("utf-8").replace('"stdout"', '"file"'), "utf-8")

        assert nora.tell("digest").startswith("The digest is in ")
        assert nora.tell("digest", "--via", "stdout").startswith("Three people to write to")


class TestANumberOfTheLastDigest:
    def test_later_holds_the_person_until_then(self, shown: Profile) -> None:
        said = shown.tell("later", 2)

        assert said == "Tomás Ibarra: later until Tuesday, 26 May 2026. `auld undo` takes it back.\n"
        assert shown.tell("why", 2) == "Tomás Ibarra\n  You said later: not before 26 May.\n"
        assert "Tomás Ibarra" not in shown.names()

    @pytest.mark.parametrize(
        ("args", "day"),
        [(("--days", "3"), "Friday, 15 May 2026"), (("--not-now",), "Tuesday, 11 August 2026")],
        ids=["three days", "a quarter"],
    )
    def test_later_may_be_another_day(self, args: tuple[str, ...], day: str, shown: Profile) -> None:
        assert f" until {day}." in shown.tell("later", 1, *args)

    def test_after_later_the_person_comes_back(self, nora: Profile) -> None:
        nora.tell("later", "Ruth", "--days", 2)
        assert "Ruth Okafor" not in nora.names()
        nora.at += timedelta(days=2, minutes=1)

        assert "Ruth Okafor" in nora.names()

    def test_never_is_for_ever(self, shown: Profile) -> None:
        shown.tell("never", 3, "--because", "an old quarrel")
        shown.at += timedelta(days=12)

        assert "Ruth Okafor" not in shown.names()
        assert "You said never, on 12 May." in shown.tell("why", "Ruth")

    def test_done_counts_as_a_contact(self, shown: Profile) -> None:
        shown.tell("done", 3)
        shown.tell("done", 1)

        assert "You said done, on 12 May." in shown.tell("why", 3)
        assert "You said done, on 12 May." in shown.tell("why", 1)

    def test_a_number_that_was_not_there_is_told(self, shown: Profile) -> None:
        said = shown.run("later", 4)

        assert said == ("", "There is no number 4 in the last digest (it had 1, 2, 3). A name will do, too.\n", 2)

    def test_it_means_the_digest_that_was_read_whatever_was_said_since(self, shown: Profile) -> None:
        shown.tell("never", 1)

        assert shown.tell("later", 2).startswith("Tomás Ibarra: ")

    def test_it_means_the_newest_digest(self, shown: Profile) -> None:
        shown.at += timedelta(days=1)
        names = shown.names()
        shown.tell("digest")

        assert shown.tell("later", 1).startswith(f"{names[0]}: ")


class TestUndo:
    @pytest.mark.parametrize(
        "said",
        [("later", "Ruth"), ("never", "Ruth"), ("done", "Ruth"), ("person", "Ruth", "merge", "Clara"),
         ("person", "Hana", "split", ATELIER), ("person", demo.HOME, "not-mine"),
         ("person", "sofia@skerry.example", "mine"), ("person", "Ruth", "work")],
        ids=" ".join,
    )  # fmt: skip
    def test_all_is_as_before(self, said: tuple[str, ...], nora: Profile) -> None:
        before = nora.json("digest"), nora.json("people"), nora.json("status")["own"], nora.tell("why", "Ruth")
        nora.tell(*said)
        assert before != (
            nora.json("digest"),
            nora.json("people"),
            nora.json("status")["own"],
            nora.tell("why", "Ruth"),
        )

        nora.tell("undo")

        assert before == (
            nora.json("digest"),
            nora.json("people"),
            nora.json("status")["own"],
            nora.tell("why", "Ruth"),
        )

    def test_a_note_is_found_no_more(self, nora: Profile) -> None:
        nora.tell("note", "Ada", "golf")

        assert nora.tell("undo") == "Taken back: note, said of Ada Weber (golf).\n"
        assert nora.tell("find", "golf") == "Nothing found.\n"

    def test_it_goes_back_step_by_step(self, nora: Profile) -> None:
        nora.tell("later", "Ruth")
        nora.tell("never", "Ada")

        assert "never, said of Ada Weber" in nora.tell("undo")
        assert "later, said of Ruth Okafor" in nora.tell("undo")
        assert nora.tell("undo") == "There is nothing to take back.\n"


class TestWhoIsWho:
    def ids(self, profile: Profile) -> dict[str, int]:
        with profile.opened() as (_, store):
            return {address: person.id for person in store.people() for address in person.addresses}

    def test_merged_they_are_one_and_keep_an_id(self, nora: Profile) -> None:
        before = self.ids(nora)

        said = nora.tell("person", demo.GLASS, "merge", demo.BANK)
        after = self.ids(nora)

        assert said.startswith("Anna Schmidt is one person: ")
        assert after[demo.GLASS] == after[demo.BANK]
        assert after[demo.GLASS] in (before[demo.GLASS], before[demo.BANK])
        assert {a: i for a, i in after.items() if "schmidt" not in a} == {
            a: i for a, i in before.items() if "schmidt" not in a
        }
        assert nora.json("person", "Anna")["mine"] == 4  # two of them went to both addresses

    def test_split_they_are_two_and_one_keeps_the_id(self, nora: Profile) -> None:
        before = self.ids(nora)

        said = nora.tell("person", "Hana", "split", ATELIER.upper())
        after = self.ids(nora)

        assert said == f"{ATELIER} is Hana Sato, another person. `auld undo` takes it back.\n"
        assert after[ATELIER] != after[PRINTS]
        assert before[ATELIER] in (after[ATELIER], after[PRINTS])
        assert nora.run("person", "Hana").code == 2

    def test_one_address_is_split_off_and_the_others_stay_together(self, nora: Profile) -> None:
        nora.tell("person", "Hana", "merge", "Peter")
        nora.tell("person", ATELIER, "split", "peter.novak@survey.example")

        assert set(nora.json("person", "Hana")["addresses"]) == {ATELIER, PRINTS}

    def test_merged_again_after_a_split_they_are_one(self, nora: Profile) -> None:
        nora.tell("person", "Hana", "split", ATELIER)
        nora.tell("person", ATELIER, "merge", PRINTS)

        assert set(nora.json("person", "Hana")["addresses"]) == {ATELIER, PRINTS}

    def test_a_split_passes_never_to_both(self, nora: Profile) -> None:
        nora.tell("never", "Hana")
        nora.tell("person", "Hana", "split", ATELIER)

        assert "You said never" in nora.tell("why", ATELIER)
        assert "You said never" in nora.tell("why", PRINTS)

    @pytest.mark.parametrize("sphere", ["work", "personal"])
    def test_a_class_is_kept_and_can_be_taken_back_by_another_word(self, sphere: str, nora: Profile) -> None:
        nora.tell("person", "Ada", sphere)
        assert nora.json("person", "Ada")["sphere"] == sphere
        assert f"  {sphere}, as you said\n" in nora.tell("person", "Ada")

        nora.tell("person", "Ada", "unknown")

        assert nora.json("person", "Ada")["sphere"] == "unknown"

    def test_what_was_said_survives_learning_anew(self, nora: Profile) -> None:
        nora.tell("person", demo.GLASS, "merge", demo.BANK)
        with nora.opened() as (_, store):
            store.drop_learned()

        assert set(nora.json("person", "Anna")["addresses"]) == {demo.GLASS, demo.BANK}

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (("Ada", "merge"), "Merge with whom?"),
            (("Ada", "merge", "Zora"), "Nobody here is called 'Zora'."),
            (("Ada", "merge", "ada.weber@guild.example"), "Ada Weber is one person already"),
            (("Ada", "split"), "Ada Weber has one address only"),
            (("Hana", "split", "hana@x.example"), f"Hana Sato has: {PRINTS}, {ATELIER}"),
            (("Ada", "marry", "Bruno"), "is not one of"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_a_slip_is_told(self, args: tuple[str, ...], words: str, demo_home: Profile) -> None:
        said = demo_home.run("person", *args)

        assert said.code == 2
        assert words in said.err


class TestOnesOwnAddresses:
    def test_one_that_was_found_wrongly_can_be_denied(self, nora: Profile) -> None:
        assert demo.HOME in dict(nora.json("status")["own"])

        said = nora.tell("person", demo.HOME, "not-mine")

        assert said == f"{demo.HOME} is not yours from now on. `auld undo` takes it back.\n"
        assert demo.HOME not in dict(nora.json("status")["own"])
        assert nora.json("person", demo.HOME)["kind"] == "person"

    def test_one_that_was_not_found_can_be_told(self, nora: Profile) -> None:
        nora.tell("person", "Sofia@Skerry.example", "mine")

        assert dict(nora.json("status")["own"])["sofia@skerry.example"] == "You said so."
        assert nora.run("person", "sofia@skerry.example").err == "sofia@skerry.example is your own address.\n"

    def test_a_denied_one_can_be_claimed_again(self, nora: Profile) -> None:
        nora.tell("person", demo.HOME, "not-mine")
        nora.tell("person", demo.HOME, "mine")

        assert demo.HOME in dict(nora.json("status")["own"])

    def test_it_is_learned_once_and_not_again_with_every_command(self, nora: Profile) -> None:
        nora.tell("person", "sofia@skerry.example", "mine")
        with nora.opened() as (_, store):
            learned = store.learned_at()
        nora.at += timedelta(hours=1)
        nora.tell("people")

        with nora.opened() as (_, store):
            assert store.learned_at() == learned

    @pytest.mark.parametrize(
        ("args", "words"),
        [
            ((demo.ME, "not-mine"), "take it out there"),
            ((demo.ME, "mine"), "is known to be yours: You gave it."),
            (("ada.weber@guild.example", "not-mine"), "is not taken for yours"),
            (("Ada", "mine"), "Which address?"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_a_slip_is_told(self, args: tuple[str, ...], words: str, demo_home: Profile) -> None:
        said = demo_home.run("person", *args)

        assert said.code == 2
        assert words in said.err


def test_the_morning_is_the_same_for_all_these() -> None:
    """The dates above are counted from it."""
    assert f"{MORNING:%A %d %B %Y}" == "Tuesday 12 May 2026"
