"""The digest lands in the user's own inbox, once a day, with a password that stands nowhere in the clear."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from agent import demo
from agent.mailing import Mailing
from agent.worker import main as work_of
from config import keys
from tests.profiles import MORNING, Profile, Said
from tests.servers.dovecot import Dovecot, User
from tests.servers.proxy import STALL, Proxy
from tests.servers.smtp import Post, running

ME = demo.ME

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs these tests has a keyring of their own, which is none of their business."""
    monkeypatch.setattr(keys, "ALLOWED", {})


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.user()


@pytest.fixture
def inboxed(nora: Profile, user: User) -> Profile:
    """Nora's profile with her mailbox on a server, into which her digest goes."""
    put(nora, via="append")
    add(nora, account(user, user.server.imap_port))
    return nora


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Post]:
    with running(tmp_path) as made:
        yield made


def account(user: User, port: int) -> str:
    return (
        f'\n[accounts.home]\nkind = "imap"\naddress = "{ME}"\nuser = "{user.name}"\nhost = "127.0.0.1"\nport = {port}\n'
        'security = "none"\n\n[secrets]\nfile = true\n'
    )


def add(profile: Profile, text: str) -> None:
    profile.config.write_text(profile.config.read_text() + text)


def put(profile: Profile, via: str) -> None:
    profile.config.write_text(re.sub(r'via = "\w+"', f'via = "{via}"', profile.config.read_text()))


def login(profile: Profile, *args: str, password: str = "secret") -> Said:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        return profile.run("login", *args)


def inbox(user: User) -> list[Message]:
    with user.signed_in("INBOX") as client:
        return [message_from_bytes(mail[b"BODY[]"]) for mail in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]


def mailing(profile: Profile) -> Mailing | None:
    with profile.opened() as (_, store):
        return store.mailing()


def test_it_is_in_the_inbox_once_however_often_it_is_asked_for(inboxed: Profile, user: User) -> None:
    login(inboxed, "home")

    assert inboxed.tell("digest") == f"The digest is in the inbox of {user.name}.\n"
    assert inboxed.tell("digest").startswith("Today's digest was sent at 07:00.")

    [mail] = inbox(user)
    assert "Three people to write to" in str(mail["Subject"])
    inboxed.at += DAY
    inboxed.tell("digest")
    assert len(inbox(user)) == 2


def test_without_a_password_the_remedy_is_told(inboxed: Profile, user: User) -> None:
    said = inboxed.run("digest")

    assert (said.code, said.out) == (4, "")
    assert "No password is kept for home. `auld login home` asks for it." in said.err
    login(inboxed, "home")
    assert inboxed.tell("digest").startswith("The digest is in the inbox")


def test_the_way_is_tried_without_counting(inboxed: Profile, user: User) -> None:
    login(inboxed, "home")

    assert inboxed.tell("digest", "--test") == f"The test is in the inbox of {user.name}.\n"
    inboxed.tell("digest", "--test")
    inboxed.tell("digest")

    subjects = [str(mail["Subject"]).partition(" - ")[0] for mail in inbox(user)]
    assert subjects == ["Test", "Test", "Three people to write to"]
    text = inbox(user)[0].as_string()
    assert text.count("This is a test of the way") == 2  # in the text and in the HTML
    assert len({mail["Message-ID"] for mail in inbox(user)}) >= 2


def test_over_the_weeks_each_morning_that_has_something_to_say_has_one_digest(inboxed: Profile, user: User) -> None:
    login(inboxed, "home")
    worth: list[str] = []
    for _ in range(8):
        named = inboxed.names()
        if named or inboxed.at.weekday() == 0:
            worth.append(inboxed.at.date().isoformat())
        for _ in range(2):
            said = inboxed.tell("digest")
            assert ("no mail was sent" in said) is (worth[-1:] != [inboxed.at.date().isoformat()])
        if len(worth) == 3 and "*@*" not in inboxed.config.read_text():  # from now on there is nobody left
            inboxed.config.write_text(inboxed.config.read_text().replace("never = [", 'never = ["*@*", '))
        inboxed.at += DAY

    sent = [parsedate_to_datetime(mail["Date"]).date().isoformat() for mail in inbox(user)]
    assert sent == worth
    assert "2026-05-18" in sent  # a Monday, with nobody in it or with somebody
    assert 1 < len(sent) < 8


def worker(profile: Profile, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """What a worker of the daemon says and how it ends."""
    with profile.entered(), redirect_stdout(io.StringIO()) as out:
        code = work_of(["check", "--now", profile.at.isoformat()]) or work_of([*words, "--now", profile.at.isoformat()])
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_daemon_s_worker_sends_it_and_is_done_for_the_day(inboxed: Profile, user: User) -> None:
    code, said = worker(inboxed, "digest")
    assert (code, said[-1]["state"], inbox(user)) == (0, "waiting", [])  # there is no password yet

    login(inboxed, "home")
    inboxed.at += timedelta(minutes=10)
    code, said = worker(inboxed, "digest")
    assert (code, said[-1]["state"], len(inbox(user))) == (0, "sent", 1)
    assert user.name not in json.dumps(said)

    inboxed.at += timedelta(hours=1)
    assert worker(inboxed, "digest")[1][-1]["state"] == "sent"
    assert len(inbox(user)) == 1


def test_status_says_what_became_of_it(inboxed: Profile) -> None:
    worker(inboxed, "digest")

    assert "not sent yet. No password is kept for home. `auld login home` asks for it." in inboxed.tell("status")


KILLED = """
import sys
from datetime import datetime
from agent import wiring
at = datetime.fromisoformat(sys.argv[1])
wiring.now = lambda: at
sys.argv = ["auld", "digest"]
from agent.cli import main
main()
"""


def test_F1_killed_between_sending_and_marking_it_is_there_once(inboxed: Profile, user: User, dovecot: Dovecot) -> None:
    login(inboxed, "home")
    with Proxy(dovecot.imap_port) as proxy:
        proxy.at(rb"OK \[APPENDUID", STALL)
        config = inboxed.config.read_text()
        inboxed.config.write_text(config.replace(f"port = {dovecot.imap_port}", f"port = {proxy.port}"))
        there = {**os.environ, "AULD_HOME": str(inboxed.home), "TZ": "Europe/London", "DBUS_SESSION_BUS_ADDRESS": ""}
        with subprocess.Popen([sys.executable, "-c", KILLED, MORNING.isoformat()], env=there) as process:
            end = time.monotonic() + 30
            while not inbox(user) and process.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
        inboxed.config.write_text(config)
    left = mailing(inboxed)
    assert left
    assert (left.state, len(inbox(user))) == ("sending", 1)

    inboxed.at += timedelta(minutes=1)
    assert inboxed.tell("digest").startswith("Today's digest was sent at 07:00.")

    assert len(inbox(user)) == 1
    assert inboxed.tell("later", "1").startswith("Ada Weber: later until")


def test_it_goes_through_the_mail_server_that_the_user_names(nora: Profile, server: Post) -> None:
    put(nora, via="smtp")
    add(nora, f'\n[smtp]\nhost = "localhost"\nport = {server.port}\nuser = "nora"\n\n[secrets]\nfile = true\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(server.ca))
        wrong = login(nora, "smtp", "--check", password="wrong")
        assert (wrong.code, "refused the sign-in of nora (535)" in wrong.err) == (4, True)

        assert login(nora, "smtp", "--check", password=server.password).out.endswith("smtp: signed in.\n")
        assert server.received == []
        address = nora.json("config", "show")["settings"]["me"]["addresses"][0]
        assert nora.tell("digest", "--test") == (
            f"The test is on its way to {address}.\n"
            "auld cannot look whether it arrives: see whether it comes into your inbox.\n"
        )
        nora.tell("digest")
        nora.tell("digest")

    _, mail = server.received
    assert (mail.recipients, mail.user) == ((mail.sender,), "nora")


def test_a_test_that_was_sent_is_looked_for_until_it_arrives(inboxed: Profile, user: User, server: Post) -> None:
    """The mail server hands it on to the mailbox after a while, as they do."""

    def handed_on() -> None:
        end = time.monotonic() + 30
        while not server.received and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1.5)  # so that the first look is in vain
        user.append(server.received[0].content)

    put(inboxed, via="smtp")
    add(inboxed, f'\n[smtp]\nhost = "localhost"\nport = {server.port}\nuser = "nora"\n')
    carrier = threading.Thread(target=handed_on)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(server.ca))
        login(inboxed, "smtp", password=server.password)
        blind = inboxed.tell("digest", "--test")
        assert blind.endswith(
            "auld cannot look whether it arrives: No password is kept for home. `auld login home` asks for it.\n"
        )
        server.received.clear()
        login(inboxed, "home")
        carrier.start()
        said = inboxed.tell("digest", "--test")
    carrier.join()

    assert said.endswith("It has arrived.\n")
    assert [str(mail["Subject"]).partition(" - ")[0] for mail in inbox(user)] == ["Test"]


def test_where_nothing_was_read_no_mail_goes_and_that_is_said(tmp_path: Path, server: Post) -> None:
    profile = Profile(tmp_path / "new")
    profile.write(
        config_toml=f'[me]\naddresses = ["{demo.ME}"]\n\n[digest]\nvia = "smtp"\n\n'
        f'[smtp]\nhost = "localhost"\nport = {server.port}\n\n'
        '[accounts.old]\nkind = "mbox"\npath = "old.mbox"\n'
    )

    assert profile.tell("digest").startswith("Nothing has been read yet. `auld sync` reads")
    assert server.received == []


def test_a_server_that_is_away_is_tried_again_and_status_knows(nora: Profile) -> None:
    put(nora, via="smtp")
    add(nora, '\n[smtp]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n')

    said = nora.run("digest")

    assert said.code == 3
    assert "not sent yet. 127.0.0.1:1 cannot be reached (Connection refused)." in said.err
    left = mailing(nora)
    assert left
    assert (left.state, left.tries) == ("waiting", 1)


class TestLogin:
    def test_the_password_stands_in_no_file_and_on_no_screen(self, inboxed: Profile) -> None:
        said = login(inboxed, "home", password="hunter2hunter2")

        assert said == Said("The password of home is kept, encrypted.\n", "", 0)
        for file in inboxed.home.rglob("*"):
            if file.is_file():
                assert b"hunter2" not in file.read_bytes()
                assert file.stat().st_mode & 0o077 == 0 or not file.name.startswith("auld.")

    def test_it_calls_nobody_unless_it_is_told_to(self, inboxed: Profile, user: User) -> None:
        assert login(inboxed, "home", password="wrong").code == 0

        said = login(inboxed, "home", "--check", password="wrong")
        assert (said.code, "does not let" in said.err) == (4, True)
        assert login(inboxed, "home", "--check", password=user.password).out.endswith("home: signed in.\n")

    def test_what_is_forgotten_is_gone(self, inboxed: Profile) -> None:
        login(inboxed, "home")

        assert inboxed.tell("login", "home", "--forget") == "The password of home is forgotten.\n"
        assert inboxed.tell("login", "home", "--forget") == "No password is kept for home.\n"
        assert not (inboxed.home / "auld.secrets").exists()

    def test_a_program_can_tell_it_instead(self, inboxed: Profile, user: User) -> None:
        login(inboxed, "home", password="wrong")
        command = f"{sys.executable} -c 'print(\"{user.password}\")'"

        assert inboxed.tell("login", "home", "--from-command", command, "--check").endswith("home: signed in.\n")

        assert "secret_command = [" in inboxed.config.read_text()
        assert not (inboxed.home / "auld.secrets").exists()
        refused = login(inboxed, "home")
        assert (refused.code, "asks its `secret_command`" in refused.err) == (2, True)

    def test_a_program_that_tells_nothing_changes_nothing(self, inboxed: Profile) -> None:
        before = inboxed.config.read_text()

        said = inboxed.run("login", "home", "--from-command", "false")

        assert (said.code, said.err) == (4, "secret_command: false ended with code 1. Try it in a terminal.\n")
        assert inboxed.config.read_text() == before

    @pytest.mark.parametrize("name", ["hmoe", "archive", "smtp"])
    def test_what_one_cannot_sign_in_to_is_said(self, inboxed: Profile, name: str) -> None:
        said = login(inboxed, name)

        assert (said.code, "There are: home." in said.err) == (2, True)

    def test_an_empty_password_is_none(self, inboxed: Profile) -> None:
        assert login(inboxed, "home", password="").code == 2
