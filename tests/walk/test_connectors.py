"""Accounts are listed, switched on and switched off in the very file that the user edits; what goes goes at once."""

import io
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from agent import demo
from agent.cli.connectors import opt_out
from agent.store.store import LaneClosed
from config.secrets import Secrets, Sources
from tests.profiles import MORNING, Profile
from tests.walk.mailboxes import ME, letters, mbox
from tests.walk.test_forget import found_in
from tests.walk.test_opt_out import HEAVY, loaded

CONFIG = f"""\
# Whose mail it is.
[me]
addresses = ["{demo.ME}", "{ME}"]

[accounts.club]   # the choir
kind = "mbox"
path = "club.mbox"

# Work, for as long as it lasts.
[accounts.job]
kind = "mbox"
path = "job.mbox"

[accounts.later]
kind = "ics"
path = "later.ics"
enabled = false   # not yet
"""

ADA = ("ada.weber@guild.example", "Ada Weber", "loom and its width")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile with two mailboxes that know different people, both read, and a digest in a file."""
    profile = Profile(tmp_path_factory.mktemp("connectors") / "home")
    archives = profile.home.parent
    profile.write(config_toml=CONFIG.replace('path = "', 'path = "../'))
    (archives / "job.mbox").write_bytes(demo.mailbox(MORNING))
    (archives / "club.mbox").write_bytes(mbox(letters(80)))
    profile.tell("sync")
    profile.tell("digest", "--via", "file")
    profile.tell("note", "Ada", "has a loom at home")
    return profile


@pytest.fixture
def two(read: Profile, tmp_path: Path) -> Profile:
    for name in ("job.mbox", "club.mbox"):
        (tmp_path / name).write_bytes((read.home.parent / name).read_bytes())
    return read.copy(tmp_path / "home")


def by_hand(profile: Profile, old: str, new: str) -> None:
    """Edit the config file as the user does."""
    text = profile.config.read_text("utf-8")
    assert old in text
    profile.config.write_text(text.replace(old, new), "utf-8")


def states(profile: Profile) -> dict[str, tuple[bool, str]]:
    return {one["name"]: (one["enabled"], one["state"]) for one in profile.json("connectors", "list")["accounts"]}


class TestList:
    def test_every_account_of_the_config_is_there_with_its_state(self, two: Profile) -> None:
        club, job, later = two.tell("connectors", "list").splitlines()[1:]

        assert club.split()[:3] == ["club", "mbox", "on"]
        assert "80 items up to" in club
        assert job.split()[:3] == ["job", "mbox", "on"]
        assert later.split()[:3] == ["later", "ics", "off"]
        assert "nothing is kept" in later

    def test_one_that_was_never_read_says_so(self, two: Profile) -> None:
        by_hand(two, "enabled = false   # not yet", "enabled = true")

        assert states(two)["later"] == (True, "not read yet")

    def test_one_that_was_switched_off_by_hand_says_when_it_goes(self, two: Profile) -> None:
        by_hand(two, "[accounts.job]\n", "[accounts.job]\nenabled = false\n")
        assert states(two)["job"][1].endswith("hidden, and deleted after a day")
        two.tell("people")

        assert re.search(r"items, since 2026-05-12 \d\d:00, deleted a day later$", states(two)["job"][1])

    def test_one_whose_section_is_gone_is_listed_for_as_long_as_it_is_kept(self, two: Profile) -> None:
        text = two.config.read_text("utf-8")
        two.config.write_text(text[: text.index("# Work")] + text[text.index("[accounts.later]") :], "utf-8")
        two.tell("people")

        on, state = states(two)["job"]
        assert not on
        assert state.startswith("no section; ")
        two.at += timedelta(days=1)
        two.tell("people")
        assert "job" not in states(two)

    def test_one_that_was_never_read_is_not_said_to_be_deleted_later(self, two: Profile) -> None:
        by_hand(two, "enabled = false   # not yet", "enabled = true")
        two.run("sync")  # there is no such file
        by_hand(two, "enabled = true", "enabled = false")
        two.tell("people")

        assert states(two)["later"] == (False, "nothing is kept")
        assert "later" not in two.tell("status")

    def test_one_that_was_never_read_goes_with_its_section(self, two: Profile) -> None:
        by_hand(two, "enabled = false   # not yet", "enabled = true")
        two.run("sync")
        text = two.config.read_text("utf-8")
        two.config.write_text(text[: text.index("[accounts.later]")], "utf-8")
        two.tell("people")

        assert states(two).keys() == {"club", "job"}

    def test_without_a_config_the_way_in_is_told(self, tmp_path: Path) -> None:
        ways = Profile(tmp_path / "none").tell("connectors", "list")
        assert "`auld init you@example.org`" in ways.splitlines()[0]
        assert "auld import" in ways

    def test_a_config_that_cannot_be_read_says_so(self, two: Profile) -> None:
        two.config.write_text("[", "utf-8")

        assert "`auld config check` says why" in two.run("connectors", "list").err

    @pytest.mark.parametrize("args", [("connectors", "list"), ("connectors", "list", "--json")], ids=" ".join)
    def test_it_is_light(self, args: tuple[str, ...], two: Profile) -> None:
        assert not loaded(two.home, *args) & (set(HEAVY) - {"rich"})


class TestDisable:
    def test_the_change_is_shown_and_comments_stay(self, two: Profile) -> None:
        before = two.config.read_text("utf-8")
        said = two.tell("connectors", "disable", "job", "--yes")

        assert "    +enabled = false\n" in said
        assert sum(line.startswith("    +") for line in said.splitlines()) == 1
        after = two.config.read_text("utf-8")
        assert after.replace('job.mbox"\nenabled = false\n', 'job.mbox"\n') == before

    def test_it_says_what_goes_and_that_it_is_for_good(self, two: Profile) -> None:
        said = two.tell("connectors", "disable", "job", "--yes")

        assert "All that was read of job (" in said
        assert "and its password if one is kept.\nThis cannot be undone." in said
        assert said.endswith("job is off, and deleted.\n")

    def test_no_byte_of_it_is_left_but_what_the_user_said(self, two: Profile) -> None:
        assert found_in(two.home, ADA)
        two.tell("undo")
        two.tell("forget", "--account", "job", "--yes")

        assert found_in(two.home, ADA) == {}

    def test_what_the_user_said_of_people_stays(self, two: Profile) -> None:
        two.tell("connectors", "disable", "job", "--yes")
        with two.opened() as (_, store):
            assert [one.text for one in store.stated(1 << 40)] == ["has a loom at home"]

    def test_what_another_account_shows_stays(self, two: Profile) -> None:
        two.tell("connectors", "disable", "job", "--yes")

        assert {one["name"] for one in two.json("people")["people"]} == {
            f"Friend {letter} Miller" for letter in "ABCDEFGHIJKL"
        }
        assert states(two)["job"] == (False, "nothing is kept")

    def test_its_password_goes_and_the_others_stay(self, two: Profile) -> None:
        kept = Secrets(two.home / "auld.secrets", Sources(file=two.home / "auld.key"))
        kept.keep("job", "one")
        kept.keep("club", "two")

        two.tell("connectors", "disable", "job", "--yes")

        assert list(kept.names()) == ["club"]

    def test_a_round_that_goes_on_can_write_no_more(self, two: Profile) -> None:
        with two.opened() as (_, store):
            lane = store.begin_round("job", at=two.at, dice=0.5)
            two.tell("connectors", "disable", "job", "--yes")

            with pytest.raises(LaneClosed):
                store.check_lane(lane.name, lane.lane)

    def test_one_that_is_off_already_is_deleted_at_once(self, two: Profile) -> None:
        by_hand(two, "[accounts.job]\n", "[accounts.job]\nenabled = false\n")
        before = two.config.read_text("utf-8")

        two.tell("connectors", "disable", "job", "--yes")

        assert two.config.read_text("utf-8") == before
        assert states(two)["job"] == (False, "nothing is kept")

    @pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("", 2), ("y\n", 0)], ids=["no", "nobody", "yes"])
    def test_it_asks(self, answer: str, code: int, two: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
        before = two.config.read_text("utf-8")
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))

        said = two.run("connectors", "disable", "job")

        assert said.code == code
        assert (two.config.read_text("utf-8") == before) is bool(code)
        assert states(two)["job"][0] is bool(code)

    def test_an_account_that_there_is_not_is_named_with_the_near_one(self, two: Profile) -> None:
        said = two.run("connectors", "disable", "jop", "--yes")

        assert (said.code, "Did you mean `job`?" in said.err) == (1, True)

    def test_a_config_with_a_mistake_is_not_touched(self, two: Profile) -> None:
        by_hand(two, 'kind = "mbox"', 'kind = "mbux"')
        before = two.config.read_text("utf-8")

        assert two.run("connectors", "disable", "job", "--yes").code == 5
        assert two.config.read_text("utf-8") == before

    def test_once_disabled_and_enabled_it_is_read_anew(self, two: Profile) -> None:
        before = two.json("people")["people"]
        two.tell("connectors", "disable", "job", "--yes")
        said = two.tell("connectors", "enable", "job")
        two.tell("sync")

        assert "    -enabled = false\n    +enabled = true\n" in said
        assert said.endswith("job is on. `auld sync` reads it.\n")
        assert {one["name"] for one in two.json("people")["people"]} == {one["name"] for one in before}
        assert two.tell("connectors", "enable", "job") == "job is on already.\n"


class TestByHand:
    @pytest.mark.parametrize("command", ["sync", "digest", "people"])
    def test_after_a_day_it_is_deleted_by_whatever_is_run(self, command: str, two: Profile) -> None:
        two.tell("undo")
        by_hand(two, "[accounts.job]\n", "[accounts.job]\nenabled = false\n")
        two.tell(command)
        two.at += timedelta(hours=23)
        two.tell(command)
        assert found_in(two.home, ADA[:1])["auld.db"]
        two.at += timedelta(hours=1)
        two.tell(command)

        assert states(two)["job"] == (False, "nothing is kept")
        assert found_in(two.home, ADA) == {}

    def test_whoever_opts_in_again_within_the_day_has_lost_nothing(self, two: Profile) -> None:
        before = two.json("people")
        by_hand(two, "[accounts.job]\n", "[accounts.job]\nenabled = false\n")
        two.tell("people")
        two.at += timedelta(hours=23)
        by_hand(two, "enabled = false\nkind", "kind")
        two.tell("people")
        two.at += timedelta(hours=23)
        two.tell("sync")

        assert [one["name"] for one in two.json("people")["people"]] == [one["name"] for one in before["people"]]

    def test_status_says_since_when_it_is_off(self, two: Profile) -> None:
        by_hand(two, "[accounts.job]\n", "[accounts.job]\nenabled = false\n")
        two.tell("people")

        assert re.search(r"^job: off since 2026-05-12 \d\d:00, deleted a day later$", two.tell("status"), re.MULTILINE)


def test_a_running_daemon_of_another_process_is_woken(two: Profile, tmp_path: Path) -> None:
    """It ends what it reads for that account; here: something that waits for the signal, under the daemon's lock."""
    script = (
        "import fcntl, os, signal, sys\n"
        "from pathlib import Path\n"
        "state = Path(sys.argv[1]); state.mkdir(exist_ok=True)\n"
        "lock = open(state / 'daemon.lock', 'w'); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "signal.signal(signal.SIGUSR1, lambda *_: (print('woken', flush=True), os._exit(0)))\n"
        "(state / 'daemon.pid').write_text(str(os.getpid())); print('ready', flush=True)\n"
        "while True: signal.pause()\n"
    )
    waiting = subprocess.Popen(
        [sys.executable, "-c", script, str(two.home / "state")], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    try:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "ready\n"
        with two.entered():
            opt_out("job", yes=True)
        assert waiting.stdout.readline() == "woken\n"
    finally:
        waiting.kill()
        waiting.wait()
        if waiting.stdout:
            waiting.stdout.close()
