"""Whoever is forgotten is in no file of the profile any more, and does not come back; seen from outside."""

import base64
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.cli.foreground import running
from tests.profiles import MORNING, Profile, Said
from tests.walk.mailboxes import ME, Letter, calendar, event, letters, mbox

ZOE, OTHER = "zoe.quill@weavers.example", "zq@looms.example"

TRACES = (ZOE, OTHER, "Quill", "velloran", "brindlewick", "tatting", "zorvath")
"""Of her: addresses, name, and words that only mails with her and notes on her have."""

CONFIG = f"""\
[me]
addresses = ["{ME}"]
timezone = "Europe/London"

[accounts.club]
kind = "mbox"
path = "../club.mbox"
read = "text"

[accounts.plans]
kind = "ics"
path = "../plans.ics"
"""


def hers() -> list[Letter]:
    """Three years of mails with Zoë, so that she is proposed; and mails with others in which she has a part."""
    found = []
    for number in range(40):
        at = MORNING - timedelta(days=900 - 20 * number)
        them, me = f"Zoë Quill <{ZOE if number % 9 else OTHER}>", f"Me Myself <{ME}>"
        sender, to = (them, me) if number % 2 else (me, them)
        text = "Could you tell me about the tatting frame? The zorvath shuttle is here."
        found.append(Letter(f"z{number}.{ZOE}", at, sender, to, f"The velloran shuttle {number}", text))
    at = MORNING - timedelta(days=50)
    us = f"Me Myself <{ME}>, Zoë Quill <{ZOE}>"
    found.append(Letter("all", at, f"Zoë Quill <{ZOE}>", f"{us}, bee@hive.example", "Brindlewick for all"))
    found.append(Letter("b1", at, "Bo Bee <bee@hive.example>", us, "Supper with Zoë Quill", f"Hi Zoë, ask {OTHER}."))
    found.append(Letter("b2", at, "Bo Bee <bee@hive.example>", f"Me <{ME}>", "Zoë Quill is back", "She is."))
    text = "Could you please send me the measures of the zorvath shuttle?"
    mine = f"Me Myself <{ME}>"
    found.append(Letter("q", MORNING - timedelta(days=9), f"Zoë Quill <{ZOE}>", mine, "Velloran measures?", text))
    for days in range(1, 140, 5):  # so that it can be told that the two were silent
        me, bee = f"Me Myself <{ME}>", "Bo Bee <bee@hive.example>"
        found.append(Letter(f"o{days}", MORNING - timedelta(days=days), me, bee, f"Honey {days}"))
    return found


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile that has read all of it, has a digest in a file, and notes."""
    folder = tmp_path_factory.mktemp("forget")
    (folder / "club.mbox").write_bytes(mbox(sorted([*letters(60), *hers()], key=lambda one: one.at)))
    asked = [ZOE, "bee@hive.example"]
    plans = [event("alone", MORNING - timedelta(days=70), [ZOE]), event("three", MORNING - timedelta(days=60), asked)]
    (folder / "plans.ics").write_bytes(calendar(plans))
    profile = Profile(folder / "home")
    profile.write(config_toml=CONFIG)
    profile.tell("sync")
    profile.tell("note", "Bo", "sister in law of Zoë Quill")
    profile.tell("digest", "--via", "file")
    profile.tell("note", ZOE, "tatting champion")
    profile.tell("never", ZOE, "--because", "zorvath")
    return profile


@pytest.fixture
def profile(read: Profile, tmp_path: Path) -> Profile:
    """A copy of it; the archive lies beside."""
    for name in ("club.mbox", "plans.ics"):
        (tmp_path / name).write_bytes((read.home.parent / name).read_bytes())
    return read.copy(tmp_path / "home")


def found_in(home: Path, words: tuple[str, ...] = TRACES) -> dict[str, list[str]]:
    """In which files of the profile one of these words can be read: plain, upper, lower, in UTF-16 or in base64."""
    found: dict[str, list[str]] = {}
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.name == "config.toml":
            continue
        raw = path.read_bytes()
        low = raw.lower()
        for word in words:
            folded = word.lower()
            forms = {folded.encode(), folded.encode("utf-16-le"), folded.encode("utf-16-be")}
            coded = {base64.b64encode(b" " * pad + form.encode())[4:-4] for pad in range(3) for form in (word, folded)}
            if any(form in low for form in forms) or any(form and form in raw for form in coded):
                found.setdefault(path.name, []).append(word)
    return found


def forget(profile: Profile, *args: str) -> Said:
    return profile.run("forget", *args, "--yes")


class TestAPerson:
    def test_before_she_is_found_in_the_store_and_the_digest(self, profile: Profile) -> None:
        found = found_in(profile.home)

        assert found["auld.db"] == list(TRACES)
        assert found["2026-05-12.eml"]

    def test_afterwards_no_file_has_a_byte_of_her(self, profile: Profile) -> None:
        said = forget(profile, "zoe")

        assert (said.code, said.err) == (0, "")
        assert found_in(profile.home) == {}
        assert list((profile.home / "digests").iterdir()) == []

    def test_what_goes_is_said_beforehand_in_numbers(self, profile: Profile) -> None:
        said = forget(profile, "zoe").out

        assert "42 mails that they wrote, or that only they got" in said
        assert "1 meeting with you alone" in said
        assert "2 mails and meetings of several: their part" in said
        assert "1 note of yours" in said
        assert "1 digest in a file" in said
        assert "This cannot be undone." in said
        assert "velloran" not in said

    def test_nobody_knows_her_any_more(self, profile: Profile) -> None:
        before = {one["name"] for one in profile.json("people")["people"]}
        forget(profile, "zoe")

        assert before - {one["name"] for one in profile.json("people")["people"]} == {"Zoë Quill"}
        assert profile.run("person", "zoe").code == 2
        assert profile.tell("find", "velloran") == "Nothing found.\n"
        assert "Supper with …" in profile.tell("find", "supper")

    @pytest.mark.parametrize("again", ["sync", "a new account", "the store is kept, the account read anew"])
    def test_reading_the_same_mailbox_again_does_not_bring_her_back(self, again: str, profile: Profile) -> None:
        forget(profile, "zoe")
        if again == "a new account":
            copy = profile.home.parent / "other.mbox"
            copy.write_bytes((profile.home.parent / "club.mbox").read_bytes())
            profile.tell("import", copy, "--read", "text")
        elif again != "sync":
            forget(profile, "--account", "club")
            profile.tell("connectors", "enable", "club")
        profile.tell("sync")
        profile.tell("digest", "--via", "file")

        assert found_in(profile.home) == {}
        assert len(profile.json("people")["people"]) == 13

    def test_another_program_that_has_the_store_open_does_no_harm(self, profile: Profile) -> None:
        with closing(sqlite3.connect(profile.home / "auld.db", isolation_level=None)) as other:
            other.execute("SELECT count(*) FROM item").fetchone()
            said = forget(profile, "zoe")

            assert said.code == 0
            assert found_in(profile.home) == {}

    def test_one_that_reads_what_was_is_told_of_and_the_next_sync_ends_the_work(
        self, profile: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from agent.store import file

        monkeypatch.setattr(file, "BUSY", 0.1)
        with closing(sqlite3.connect(profile.home / "auld.db", isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM item").fetchone()
            said = forget(profile, "zoe")

        assert said.code == 3
        assert "Another program still reads the store" in said.err
        profile.tell("sync")
        assert found_in(profile.home) == {}

    @pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
    def test_a_daemon_that_runs_goes_on_and_brings_nobody_back(self, profile: Profile) -> None:
        from tests.walk.daemons import daemon

        profile.at = datetime.now(UTC)
        with daemon(profile) as one:
            one.until(lambda: running(profile.home / "state") == one.process.pid)
            said = forget(profile, "zoe")
            assert (said.code, said.err) == (0, "")
            assert found_in(profile.home) == {}
            profile.tell("sync")

            assert one.process.poll() is None
            assert found_in(profile.home) == {}

    def test_an_address_that_is_not_known_yet_never_comes_in(self, profile: Profile) -> None:
        assert "nothing is known of them yet" in forget(profile, "new@later.example").out
        letter = Letter("n", MORNING - timedelta(days=1), "New <new@later.example>", f"Me <{ME}>", "Hello from afar")
        archive = profile.home.parent / "later.mbox"
        archive.write_bytes(mbox([letter, *letters(20, seed=3)]))
        profile.tell("import", archive)

        assert found_in(profile.home, ("new@later", "from afar")) == {}

    def test_the_number_in_the_last_digest_will_do(self, profile: Profile) -> None:
        assert "Zoë Quill is forgotten." in forget(profile, "1").out

    def test_who_is_not_sure_changes_nothing(self, profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
        import io

        for answer, code in (("n\n", 1), ("", 2)):
            monkeypatch.setattr("sys.stdin", io.StringIO(answer))
            before = found_in(profile.home)
            said = profile.run("forget", "zoe")

            assert (said.code, "nothing was changed" in said.err.lower()) == (code, True)
            assert found_in(profile.home) == before

    def test_where_the_config_names_her_it_is_said_and_left_alone(self, profile: Profile) -> None:
        text = CONFIG + '\n[boundaries]\nnever = ["Zoë Quill"]\n'
        profile.write(config_toml=text)

        said = forget(profile, "zoe").out

        assert said.count(f"{profile.config} ") == 2
        assert "line 15" in said
        assert profile.config.read_text("utf-8") == text

    def test_ones_own_address_is_not_forgotten(self, profile: Profile) -> None:
        said = forget(profile, ME)

        assert (said.code, said.err) == (2, f"{ME} is your own address. `auld forget --all` forgets everything.\n")

    @pytest.mark.parametrize(
        "args",
        [(), ("zoe", "--all"), ("--account", "club", "--all"), ("nobody",)],
        ids=["nobody", "two", "both", "unknown"],
    )
    def test_what_is_not_clear_is_not_done(self, args: tuple[str, ...], profile: Profile) -> None:
        assert forget(profile, *args).code == 2
        assert found_in(profile.home)


class TestEverything:
    def test_only_the_config_stays(self, profile: Profile) -> None:
        said = profile.tell("forget", "--all", "--yes")

        assert [path.name for path in profile.home.rglob("*")] == ["config.toml"]
        assert f"{profile.config} stays" in said
        assert profile.run("status").out.startswith("club: not read yet")

    def test_what_is_not_of_auld_stays(self, profile: Profile) -> None:
        for name in ("auld.db.backup", "archive.mbox", "logs/router.txt"):
            (profile.home / name).write_text("mine")

        profile.tell("forget", "--all", "--yes")

        names = {str(path.relative_to(profile.home)) for path in profile.home.rglob("*") if path.is_file()}
        assert names == {"config.toml", "auld.db.backup", "archive.mbox", "logs/router.txt"}

    def test_passwords_go_with_their_key(self, profile: Profile) -> None:
        from config.secrets import Secrets, Sources

        path = profile.home / "auld.secrets"
        secrets = Secrets(path, Sources(file=profile.home / "auld.key"))
        secrets.keep("home", "one")
        secrets.keep("work", "two")
        assert (profile.home / "auld.key").exists()

        profile.tell("forget", "--all", "--yes")

        assert [each.name for each in profile.home.iterdir()] == ["config.toml"]

    def test_a_store_that_cannot_be_read_goes_as_well(self, profile: Profile) -> None:
        (profile.home / "auld.db").write_bytes(b"no database at all")
        (profile.home / "auld.secrets").write_bytes(b"nothing of the kind")
        (profile.home / "auld.secrets").chmod(0o600)

        profile.tell("forget", "--all", "--yes")

        assert [each.name for each in profile.home.iterdir()] == ["config.toml"]

    def test_a_daemon_that_runs_is_not_robbed(self, profile: Profile) -> None:
        from config.locks import held

        with held(profile.home / "state" / "daemon.lock"):
            said = profile.run("forget", "--all", "--yes")

        assert said.code == 6
        assert "The daemon runs" in said.err
        assert (profile.home / "auld.db").exists()
