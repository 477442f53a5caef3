"""What the user opts out is gone at once, and what is off, or not asked for, is never even imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent import demo
from tests.profiles import MORNING, Profile
from tests.walk.mailboxes import ME, Letter, event, letters, mbox

HEAVY = (
    "alembic",
    "googleapiclient",
    "icalendar",
    "jinja2",
    "keyring",
    "msal",
    "pydantic",
    "recurring_ical_events",
    "requests",
    "rich",
    "spacy",
    "sqlalchemy",
    "tomlkit",
)

LOADED = """
import json, sys
from agent.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
print()
print(json.dumps([code, sorted(sys.modules)]))
"""


def loaded(home: Path, *args: str) -> set[str]:
    """What a process has imported after `auld ARGS`, which ended well."""
    environ = {**os.environ, "AULD_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *args],
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.stderr == ""
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    return set(modules)


def off(profile: Profile, account: str) -> None:
    """Opt the account out, as a user does."""
    text = profile.config.read_text("utf-8")
    profile.config.write_text(
        text.replace(f"[accounts.{account}]\n", f"[accounts.{account}]\nenabled = false\n"), "utf-8"
    )


class TestOptedOut:
    @pytest.fixture(scope="class")
    @staticmethod
    def two(tmp_path_factory: pytest.TempPathFactory) -> Profile:
        """A profile with two mailboxes that know different people, and were both read."""
        profile = Profile(tmp_path_factory.mktemp("two") / "home")
        profile.write(config_toml=CONFIG, job_mbox=demo.mailbox(MORNING), club_mbox=mbox(letters(80)))
        profile.tell("sync")
        return profile

    @pytest.fixture
    def gone(self, two: Profile, tmp_path: Path) -> Profile:
        """The same after the demo's mailbox was opted out; nothing was run since."""
        profile = two.copy(tmp_path / "home")
        off(profile, "job")
        return profile

    def test_both_were_there(self, two: Profile) -> None:
        assert "Clara Jensen" in two.names()
        assert {"Ada Weber", "Friend A Miller"} <= {one["name"] for one in two.json("people")["people"]}

    def test_nobody_of_it_is_proposed(self, gone: Profile) -> None:
        assert "Clara" not in gone.tell("digest")
        assert "Clara" not in gone.tell("digest", "--now", "2026-04-12")

    def test_nobody_of_it_is_listed(self, gone: Profile) -> None:
        names = {one["name"] for one in gone.json("people")["people"]}

        assert names == {f"Friend {letter} Miller" for letter in "ABCDEFGHIJKL"}
        assert gone.run("person", "Ada").code == 2

    def test_nothing_of_it_is_found(self, gone: Profile) -> None:
        assert gone.tell("find", "loom") == gone.tell("find", "Weber") == "Nothing found.\n"

    def test_status_shows_neither_it_nor_what_was_learned_from_it(self, gone: Profile) -> None:
        said = gone.tell("status")

        assert "job" not in said
        assert demo.HOME not in said
        assert "club (mbox, an archive): 80 items" in said
        assert [one["name"] for one in gone.json("status")["accounts"]] == ["club"]

    def test_once_learned_again_status_counts_those_who_are_left(self, gone: Profile) -> None:
        gone.tell("sync")

        assert gone.json("status")["people"] == 12

    def test_it_is_not_pulled(self, gone: Profile) -> None:
        (gone.home / "job.mbox").unlink()

        assert gone.tell("sync").startswith("club: ")
        assert gone.run("sync", "job").err == "job is off. Leave out `enabled = false` in [accounts.job] to opt in.\n"

    def test_opted_in_again_all_of_it_is_back(self, gone: Profile, two: Profile) -> None:
        gone.tell("digest")
        gone.config.write_text(gone.config.read_text("utf-8").replace("enabled = false\n", ""), "utf-8")

        assert gone.names() == two.names()
        assert gone.json("people") == two.json("people")

    def test_a_section_that_is_deleted_is_off_too(self, two: Profile, tmp_path: Path) -> None:
        profile = two.copy(tmp_path / "home")
        profile.config.write_text(CONFIG.split("[accounts.job]")[0], "utf-8")

        assert "Ada" not in profile.tell("people")
        told = [line for line in profile.tell("status").splitlines() if "job" in line]
        assert all(line.startswith("job: off since ") for line in told)

    def test_what_two_accounts_have_stays_as_the_other_has_it(self, tmp_path: Path) -> None:
        shared = Letter("s@s.example", MORNING, "Ann Bee <ann@a.example>", f"Me <{ME}>", "Shared matters")
        profile = Profile(tmp_path / "home")
        profile.write(config_toml=CONFIG, job_mbox=mbox([shared]), club_mbox=mbox([shared, *letters(5)]))
        profile.tell("sync")
        off(profile, "job")

        assert "Shared matters" in profile.tell("find", "shared")


CONFIG = f"""\
[me]
addresses = ["{demo.ME}", "{ME}"]

[accounts.club]
kind = "mbox"
path = "club.mbox"

[accounts.job]
kind = "mbox"
path = "job.mbox"
"""


class TestWhatIsImported:
    @pytest.fixture(scope="class")
    @staticmethod
    def small(tmp_path_factory: pytest.TempPathFactory) -> Profile:
        """A small profile with a mailbox and a calendar."""
        profile = Profile(tmp_path_factory.mktemp("small") / "home")
        meeting = "\r\n".join(
            ["BEGIN:VCALENDAR", "VERSION:2.0", *event("a", MORNING, ["a@b.example"]), "END:VCALENDAR", ""]
        )
        profile.write(mail_mbox=mbox(letters(10)), plans_ics=meeting)
        profile.tell("import", profile.home / "mail.mbox", profile.home / "plans.ics", "--me", ME)
        return profile

    @pytest.mark.parametrize("args", [("--help",), ("--version",), ("status",), ("status", "--json")], ids=" ".join)
    def test_help_and_status_are_light(self, args: tuple[str, ...], small: Profile) -> None:
        modules = loaded(small.home, *args)

        assert "agent.cli" in modules
        assert not modules & set(HEAVY)

    def test_status_of_an_empty_home_is_light(self, tmp_path: Path) -> None:
        assert not loaded(tmp_path / "none", "status") & set(HEAVY)

    def test_a_sync_imports_what_the_accounts_need(self, small: Profile) -> None:
        assert {"connectors.mbox", "connectors.ics", "icalendar"} <= loaded(small.home, "sync")

    @pytest.mark.parametrize("command", ["sync", "digest", "people"])
    def test_the_library_of_an_account_that_is_off_is_not_imported(
        self, command: str, small: Profile, tmp_path: Path
    ) -> None:
        """Its section is checked all the same, and for that its connector's options are read."""
        profile = small.copy(tmp_path / "home")
        off(profile, "plans")

        assert not loaded(profile.home, command) & {"icalendar", "recurring_ical_events"}

    @pytest.mark.parametrize(("account", "other"), [("mail", "ics"), ("plans", "mbox")])
    def test_of_a_kind_without_a_section_nothing_is_imported(
        self, account: str, other: str, small: Profile, tmp_path: Path
    ) -> None:
        profile = small.copy(tmp_path / "home")
        head, mail, plans = profile.config.read_text("utf-8").split("[accounts.")
        profile.config.write_text(f"{head}[accounts.{mail if account == 'mail' else plans}", "utf-8")

        assert f"connectors.{other}" not in loaded(profile.home, "sync")

    def test_headers_need_no_language_pipeline(self, small: Profile) -> None:
        assert "nlp.marks" not in loaded(small.home, "sync")

    def test_a_digest_imports_no_vendor(self, small: Profile) -> None:
        assert not loaded(small.home, "digest") & {"googleapiclient", "msal", "requests", "keyring", "icalendar"}
