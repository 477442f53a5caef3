"""What may be wrong is found, and what is said to mend it does."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent import demo, wiring
from agent.cli import COMMANDS, checks
from agent.cli.ends import ERROR
from agent.cli.service import here
from connectors.imap import Imap
from tests.profiles import MORNING, Profile
from tests.servers.dovecot import Dovecot, User, letter


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a service, whoever runs this."""
    (tmp_path / "you").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "you"))
    monkeypatch.setattr("config.keys.ALLOWED", {})
    return tmp_path / "you"


@pytest.fixture
def mailbox(dovecot: Dovecot, tmp_path: Path) -> tuple[User, Profile]:
    """A mailbox on a server that was read, and its profile."""
    user, profile = dovecot.user(), Profile(tmp_path / "home", MORNING)
    user.append(letter("Looms", at=MORNING - timedelta(days=2)))
    profile.write(
        config_toml=f"""
[me]
addresses = ["{demo.ME}"]
timezone = "Europe/London"

[accounts.loft]
kind = "imap"
address = "{demo.ME}"
host = "127.0.0.1"
port = {dovecot.imap_port}
security = "none"
user = "{user.name}"
secret_command = ["echo", "{user.password}"]
"""
    )
    profile.config.chmod(0o600)
    profile.tell("sync")
    return user, profile


def looked(profile: Profile, *flags: str) -> dict[str, dict[str, Any]]:
    """What was looked at, by name."""
    said = profile.run("doctor", "--json", *flags)
    data = json.loads(said.out)
    assert (said.code == ERROR) == (data["wrong"] > 0)
    return {one["name"]: one for one in data["checks"]}


def wrong(profile: Profile, *flags: str) -> dict[str, str]:
    """What is not well, and what mends it."""
    return {name: one["do"] for name, one in looked(profile, *flags).items() if not one["ok"]}


def test_all_is_well_in_the_demo(nora: Profile) -> None:
    said = nora.tell("doctor")

    assert all(line.startswith("ok    ") for line in said.splitlines())
    assert len(said.splitlines()) >= 12


def test_before_the_first_step_the_first_step_is_named(tmp_path: Path) -> None:
    said = Profile(tmp_path / "none").run("doctor")

    assert said.code == ERROR
    assert said.out.startswith(f"look  config: {tmp_path}/none/config.toml is not there yet. `auld init ")
    assert not (tmp_path / "none").exists()


def config_broken(profile: Profile) -> None:
    profile.config.write_text("[accounts.mail\n")


def all_off(profile: Profile) -> None:
    text = profile.config.read_text()
    profile.config.write_text(text.replace('kind = "', 'enabled = false\nkind = "'))


def store_open(profile: Profile) -> None:
    (profile.home / "auld.db").chmod(0o644)


def store_gone(profile: Profile) -> None:
    (profile.home / "auld.db").unlink()


def store_damaged(profile: Profile) -> None:
    path = profile.home / "auld.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(path.read_bytes())
    raw[4_096 * 3 : 4_096 * 9] = b"\x5a" * (4_096 * 6)
    path.write_bytes(raw)


def clock_back(profile: Profile) -> None:
    profile.at = MORNING - timedelta(days=3)


def mailed(profile: Profile) -> None:
    text = profile.config.read_text().partition("[digest]")[0]
    profile.config.write_text(f'{text}\n[digest]\nvia = "file"\n')


def sender_unknown(profile: Profile) -> None:
    text = re.sub(r"^addresses = .*$", "addresses = []", profile.config.read_text(), flags=re.MULTILINE)
    profile.config.write_text(text)


def not_read(profile: Profile) -> None:
    profile.config.write_text(profile.config.read_text() + '\n[accounts.more]\nkind = "mbox"\npath = "more.mbox"\n')


@pytest.mark.parametrize(
    ("harm", "name", "mends"),
    [
        (config_broken, "config", "auld config check"),
        (all_off, "config", "auld connectors enable mail"),
        (store_open, "file modes", "chmod 600 "),
        (store_gone, "store", "auld sync"),
        (store_damaged, "store", "mv "),
        (clock_back, "clock", "timedatectl "),
        (mailed, "daemon", "auld service install"),
        (sender_unknown, "digest", "auld config edit"),
        (not_read, "more: last round", "auld sync more"),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)
def test_each_harm_is_found_and_named_with_what_mends_it(
    harm: Callable[[Profile], None], name: str, mends: str, nora: Profile
) -> None:
    harm(nora)

    assert wrong(nora)[name].startswith(mends)


def test_every_command_that_it_names_exists() -> None:
    source = Path(checks.__file__).read_text("utf-8")
    named = {part.split('"')[0].split()[0] for part in source.split('"auld ')[1:]}

    assert named
    assert named <= set(COMMANDS)


def test_nobody_is_named(nora: Profile) -> None:
    store_open(nora)
    people = nora.json("people")["people"]
    said = nora.run("doctor").out + nora.run("doctor", "--json").out

    for one in people:
        assert one["name"] not in said
        assert not any(address in said for address in one["addresses"])
    assert demo.ME not in said
    assert "loom" not in said.lower()


class TestAnAccount:
    def test_it_is_well_but_for_the_daemon(self, mailbox: tuple[User, Profile]) -> None:
        assert wrong(mailbox[1]) == {"daemon": "auld service install"}

    def test_nothing_is_connected_to_unless_it_is_asked_for(
        self, mailbox: tuple[User, Profile], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, profile = mailbox
        called: list[str] = []
        really = Imap.streams
        monkeypatch.setattr(Imap, "streams", lambda self: called.append("streams") or really(self))

        assert "loft: server" not in looked(profile)
        assert called == []
        assert looked(profile, "--online")["loft: server"]["ok"]
        assert called == ["streams"]

    def test_a_password_that_no_longer_holds_is_seen_online(self, mailbox: tuple[User, Profile]) -> None:
        user, profile = mailbox
        profile.config.write_text(profile.config.read_text().replace(f'"{user.password}"', '"another"'))

        assert wrong(profile, "--online")["loft: server"] == "auld login loft --check"

    def test_a_server_that_is_away_is_seen_online(self, mailbox: tuple[User, Profile], dovecot: Dovecot) -> None:
        _, profile = mailbox
        profile.config.write_text(profile.config.read_text().replace(f"port = {dovecot.imap_port}", "port = 9"))

        assert wrong(profile, "--online")["loft: server"] == "auld sync loft"

    def test_after_two_days_without_a_round_it_is_late(self, mailbox: tuple[User, Profile]) -> None:
        _, profile = mailbox
        profile.at = MORNING + timedelta(days=3)

        assert wrong(profile)["loft: last round"] == "auld daemon"

    def test_a_program_that_is_not_there_is_missed_and_none_is_run(
        self, mailbox: tuple[User, Profile], tmp_path: Path
    ) -> None:
        _, profile = mailbox
        ran = tmp_path / "ran"
        profile.config.write_text(profile.config.read_text().replace('["echo",', f'["touch", "{ran}",'))
        assert looked(profile)["loft: sign-in"]["ok"]
        assert not ran.exists()

        profile.config.write_text(profile.config.read_text().replace('"touch"', '"/nowhere/pass"'))
        assert wrong(profile)["loft: sign-in"] == "auld config edit"

    def test_without_a_keyring_and_a_password_both_are_missed(self, mailbox: tuple[User, Profile]) -> None:
        _, profile = mailbox
        lines = [line for line in profile.config.read_text().splitlines() if "secret_command" not in line]
        profile.config.write_text("\n".join(lines) + "\n")
        found = wrong(profile)
        assert found["keyring"] == "auld config edit"
        assert found["loft: sign-in"] == "auld login loft"

        profile.config.write_text("\n".join([*lines, "[secrets]", "file = true", ""]))
        assert "keyring" not in wrong(profile)


class TestTheService:
    def test_that_of_this_program_is_well_and_another_is_not(self, nora: Profile) -> None:
        with nora.entered():
            found = here()
        found.file.parent.mkdir(parents=True)
        found.file.write_text(found.text)
        assert looked(nora)["service"]["says"] == "It starts this program."

        found.file.write_text(found.text.replace("daemon", "demon"))
        assert wrong(nora)["service"] == "auld service install"

    def test_that_of_another_profile_is_left_alone(self, nora: Profile) -> None:
        with Profile(nora.home.parent / "other").entered():
            found = here()
        found.file.parent.mkdir(parents=True)
        found.file.write_text(found.text)

        assert "another profile" in looked(nora)["service"]["says"]


def test_a_machine_without_a_time_zone_is_told_so(
    mailbox: tuple[User, Profile], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, profile = mailbox
    monkeypatch.setattr(wiring, "LOCALTIME", tmp_path / "none")
    assert "time zone" not in wrong(profile)

    profile.config.write_text(profile.config.read_text().replace('timezone = "Europe/London"\n', ""))
    assert wrong(profile)["time zone"] == "auld config edit"
