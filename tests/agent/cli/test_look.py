"""What `people`, `person`, `why`, `find`, `status`, `backtest` and `config` show."""

import io
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from agent import demo
from agent.cli import look
from agent.cli.say import named
from agent.model import Person, Side
from agent.signals.initiative import Trend
from agent.store.store import Learned
from tests.profiles import MORNING, Profile
from tests.walk.mailboxes import ME, Letter, letters, mbox

ADA = "ada.weber@guild.example"

READING = {
    "digest": ("digest", "--dry-run"),
    "digest of a past day": ("digest", "--now", "2026-04-14"),
    "status": ("status",),
    "people": ("people",),
    "machines": ("people", "--kind", "machine"),
    "person": ("person", "Ada"),
    "why": ("why", "Ada"),
    "why of a past day": ("why", "Ada", "--now", "2026-04-14"),
    "find": ("find", "loom"),
    "backtest": ("backtest",),
    "config check": ("config", "check"),
    "config show": ("config", "show"),
}


@pytest.mark.parametrize("args", READING.values(), ids=READING)
def test_every_reading_command_speaks_plainly_and_in_json(args: tuple[str, ...], demo_home: Profile) -> None:
    plain, data = demo_home.tell(*args), demo_home.tell(*args, "--json")

    assert "\x1b" not in plain + data
    assert plain.strip()
    assert next(iter(json.loads(data).items())) == ("v", 1)


def test_plain_may_be_asked_for(demo_home: Profile) -> None:
    assert demo_home.tell("--plain", "people") == demo_home.tell("people")


class TestPeople:
    def test_the_latest_contact_comes_first(self, demo_home: Profile) -> None:
        people = demo_home.json("people")["people"]

        assert people[0]["name"] == "Peter Novak"
        assert [one["last"] for one in people] == sorted((one["last"] for one in people), reverse=True)

    def test_no_more_than_asked_for_are_listed_and_the_rest_is_counted(self, demo_home: Profile) -> None:
        said = demo_home.tell("people", "--most", 3)

        assert len(said.splitlines()) == 5
        assert said.splitlines()[-1] == "… and 20 more (--most 23 shows all)"
        assert demo_home.json("people", "--most", 3)["all"] == 23

    def test_machines_are_listed_apart(self, demo_home: Profile) -> None:
        names = {one["name"] for one in demo_home.json("people", "--kind", "machine")["people"]}

        assert {"Parcels", "The Tide Letter"} <= names

    def test_of_nobody_it_says_what_to_do(self, tmp_path: Path) -> None:
        assert "auld import FILE" in Profile(tmp_path / "new").tell("people")

    def test_twenty_thousand_people_are_listed_and_named_quickly(self, tmp_path: Path) -> None:
        """A bound that only something quadratic would break, not a measurement."""
        profile = Profile(tmp_path / "home")
        crowd = [Person(n, f"Guest Number{n}", (f"guest{n}@crowd.example",)) for n in range(1, 20_001)]
        with profile.opened() as (_, store):
            store.save_learned(Learned(crowd), upto=0, at=int(MORNING.timestamp()))
            begun = time.process_time()

            assert named("Number777 Guest", store).id == 777
            assert time.process_time() - begun < 10


class TestPerson:
    def test_a_person_is_told_in_lines_that_can_be_checked(self, demo_home: Profile) -> None:
        said = demo_home.tell("person", "hana")

        assert said.startswith("Hana Sato <hana.sato@satoprints.example>\n")
        assert "  also hana.sato@atelier.example\n" in said
        assert "have one name, Hana Sato" in said
        assert "in touch about every three weeks" in said

    @pytest.mark.parametrize(
        "who", ["Ada", "ada weber", "ADA", "weber ada", ADA, ADA.upper(), "ada.weber", "  Ada   Weber "]
    )
    def test_one_may_be_called_by_any_part_of_a_name(self, who: str, demo_home: Profile) -> None:
        assert demo_home.json("person", who)["addresses"] == [ADA]

    def test_where_a_name_fits_several_the_candidates_are_listed(self, demo_home: Profile) -> None:
        said = demo_home.run("person", "Anna")

        assert said.code == 2
        assert said.err == (
            "2 people could be 'Anna'; give the address:\n"
            "  Anna Schmidt <anna.schmidt@glass.example>\n"
            "  Anna Schmidt <anna.schmidt@northbank.example>\n"
        )
        assert demo_home.json("person", demo.BANK)["addresses"] == [demo.BANK]

    def test_ones_own_address_is_told_to_be_that(self, demo_home: Profile) -> None:
        assert demo_home.run("person", demo.HOME).err == f"{demo.HOME} is your own address.\n"

    def test_meetings_are_told(self, demo_home: Profile) -> None:
        said = demo_home.tell("person", "Elena")

        assert "(you met)" in said
        assert "one meeting" in said

    def test_who_begins_is_told(self, demo_home: Profile) -> None:
        said = demo_home.tell("person", "Ruth")

        assert "  who began: you never, they " in said


class TestWhy:
    @pytest.mark.parametrize(
        ("who", "words"),
        [
            ("Ada", "Proposed today: "),
            ("Peter", "You were in contact"),
            ("Victor", "Your config says never: Victor Crane"),
            ("Parcels", "is a machine, not a person"),
            ("Mia", "Your last mails had no answer."),
            ("Lars", "There is nothing to give"),
        ],
    )
    def test_the_reason_is_told(self, who: str, words: str, demo_home: Profile) -> None:
        assert words in demo_home.tell("why", who)
        assert words in " ".join(demo_home.json("why", who)["reasons"])

    def test_before_the_first_mail_nobody_knew_each_other(self, demo_home: Profile) -> None:
        assert demo_home.tell("why", "Ada", "--now", "2024-05-14") == "Ada Weber\n  You did not know each other yet.\n"


class TestFind:
    def test_a_note_leads_to_its_person_before_all_else(self, nora: Profile) -> None:
        nora.tell("note", "Clara", "plays", "golf", "on Sundays")
        nora.tell("note", "Ada", "met at the golf club")
        hits = nora.json("find", "golf")["hits"]

        assert [(hit["kind"], hit["name"]) for hit in hits] == [("note", "Ada Weber"), ("note", "Clara Jensen")]
        assert "Clara Jensen: plays golf on Sundays" in nora.tell("find", "golf")
        assert "note: plays golf on Sundays" in nora.tell("person", "Clara")

    def test_the_noted_person_stands_before_subjects_with_the_word(self, nora: Profile) -> None:
        nora.tell("note", "Peter", "has a loom at home")

        assert nora.json("find", "loom")["hits"][0]["name"] == "Peter Novak"

    def test_people_and_subjects_are_found(self, demo_home: Profile) -> None:
        assert demo_home.json("find", "weber")["hits"][0]["text"] == "Ada Weber"
        assert {"kind": "subject", "text": "Loom drawings"}.items() <= demo_home.json("find", "loom drawings")["hits"][
            -1
        ].items()

    def test_all_words_have_to_be_there(self, demo_home: Profile) -> None:
        assert demo_home.tell("find", "loom", "submarine") == "Nothing found.\n"

    @pytest.mark.parametrize("odd", ['"', "*", "a OR", "NEAR(", "'; DROP TABLE item", "-"])
    def test_signs_are_no_language(self, odd: str, demo_home: Profile) -> None:
        assert demo_home.run("find", "--", odd).code == 0


class TestStatus:
    def test_it_tells_the_accounts_the_people_and_the_own_addresses(self, demo_home: Profile) -> None:
        said = demo_home.tell("status")

        assert "mail (mbox, an archive): 833 items up to 2026-05-07, read on 2026-05-12" in said
        assert f"yours: {demo.HOME} (Its name is yours" in said
        assert "last digest: none yet" in said

    def test_of_an_empty_home_it_says_what_to_do(self, tmp_path: Path) -> None:
        profile = Profile(tmp_path / "none")

        assert "`auld demo` shows one" in profile.tell("status")
        assert profile.json("status")["missing"] is True
        assert not profile.home.exists()

    def test_an_account_that_was_not_read_yet_is_named(self, nora: Profile) -> None:
        with nora.config.open("a", encoding="utf-8") as file:
            file.write('\n[accounts.club]\nkind = "mbox"\npath = "club.mbox"\n')

        assert "club: not read yet, `auld sync` does it" in nora.tell("status")

    def test_the_last_digest_is_told(self, nora: Profile) -> None:
        nora.tell("digest")

        assert "last digest: 2026-05-12" in nora.tell("status")


class TestConfig:
    def test_a_sound_file_is_called_fine(self, demo_home: Profile) -> None:
        assert demo_home.tell("config", "check") == f"{demo_home.config} is fine: 2 on, 0 off.\n"

    def test_problems_come_as_data_too(self, tmp_path: Path) -> None:
        profile = Profile(tmp_path)
        profile.write(config_toml="[digest]\npeopel = 3\n")

        said = profile.run("config", "check", "--json")

        assert said.code == 5
        assert json.loads(said.out)["problems"] == [
            {"line": 2, "where": "digest.peopel", "what": "unknown setting. Did you mean `people`?"}
        ]

    def test_show_prints_the_file_and_where_it_lies(self, demo_home: Profile) -> None:
        said = demo_home.tell("config", "show")

        assert said.startswith(f"# {demo_home.config}\n[me]\n")
        assert demo_home.json("config", "show")["settings"]["digest"]["people"] == 3

    def test_without_a_file_they_say_so(self, tmp_path: Path) -> None:
        profile = Profile(tmp_path)

        assert "not there yet" in profile.tell("config", "show")
        assert profile.run("config", "check").code == 1

    @pytest.mark.parametrize(
        ("script", "code", "people"),
        [("s/people = 3/people = 2/", 0, 2), ("s/people = 3/people = 9/", 5, 3), ("s/xyzzy//", 0, 3)],
        ids=["sound", "not sound", "nothing"],
    )
    def test_edit_takes_only_what_is_sound(
        self, script: str, code: int, people: int, nora: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EDITOR", f"sed -i '{script}'")
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers

        said = nora.run("config", "edit")

        assert said.code in (code, 130)
        assert nora.json("config", "show")["settings"]["digest"]["people"] == people


class TestStrangersWords:
    """Names and subjects are written by anybody: none of them draws on the screen or breaks a line."""

    NAME, SUBJECT = "Eve\x1b[31m\x07\u202ered", "A \x1b]0;title\x07 \x9b2J loom\u2028more"

    @pytest.fixture(scope="class")
    @staticmethod
    def hostile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
        own = TestStrangersWords
        profile = Profile(tmp_path_factory.mktemp("hostile") / "home")
        at = MORNING - timedelta(days=3)
        pairs = [(f'"{own.NAME}" <eve@e.example>', f"<{ME}>"), (f"<{ME}>", "<eve@e.example>")] * 4
        mails = [Letter(f"{n}@e.example", at - timedelta(days=9 * n), *p, own.SUBJECT) for n, p in enumerate(pairs)]
        profile.write(mail_mbox=mbox([*mails, *letters(20)]))
        profile.tell("import", profile.home / "mail.mbox", "--me", ME)
        return profile

    @pytest.mark.parametrize(
        "args",
        [
            ("people",),
            ("person", "eve@e.example"),
            ("why", "eve@e.example"),
            ("find", "loom"),
            ("later", "eve@e.example"),
            ("digest",),
        ],
        ids=lambda args: args[0],
    )
    def test_nothing_but_letters_comes_through(self, args: tuple[str, ...], hostile: Profile) -> None:
        said = hostile.tell(*args)

        assert all(letter == "\n" or letter.isprintable() for letter in said), ascii(said)


@pytest.mark.parametrize(
    ("mostly", "said"),
    [
        ("me", ["  lately it is mostly you who begin: you began 6 of 7 times in the last year, 2 of 9 before"]),
        ("them", ["  lately it is mostly they who begin: you began 6 of 7 times in the last year, 2 of 9 before"]),
        (None, []),
    ],
    ids=["you", "they", "as ever"],
)
def test_what_changed_is_said_with_its_numbers(mostly: Side | None, said: list[str]) -> None:
    assert look.lately(Trend(mostly, (6, 7), (2, 9)) if mostly else None) == said
