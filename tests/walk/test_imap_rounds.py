"""The engine at a real IMAP server: it heals what was done to the mailbox, and changes nothing else."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.pull import Toured, tour
from agent.store.store import Chosen, Store
from connectors.contract import Credential, Session
from connectors.imap import Imap, Options
from tests.agent.store.generated import subjects
from tests.servers.dovecot import Dovecot, User, letter

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class House:
    """A store, and a mailbox on the server."""

    store: Store
    user: User
    at: datetime = NOW

    def round(self, later: timedelta = HOUR, password: str = "") -> Toured:
        """A round over the mailbox after so much time."""
        self.at += later
        session = Session(time.monotonic, ends=time.monotonic() + 60)
        options = Options.model_validate(
            {"kind": "imap", "address": "ada@example.org", "user": self.user.name, "host": "127.0.0.1",
             "port": self.user.server.imap_port, "security": "none"}
        )  # fmt: skip

        def connect() -> Imap:
            credential = Credential(self.user.name, password or self.user.password)
            return Imap(options, now=self.at, session=session, credential=credential, page=20)

        return tour("home", connect, self.store, lambda: self.at, 0.5, session=session)

    def numbers(self) -> list[int]:
        """The mails that we have."""
        return sorted(int(subject.split()[1]) for subject in subjects(self.store))

    def items(self) -> dict[str, int]:
        return dict(self.store.rows("SELECT subject, id FROM item"))


def put(user: User, *numbers: int, folder: str = "INBOX") -> None:
    when = datetime(2024, 3, 1, tzinfo=UTC)
    user.append_all([letter(f"Looms {n}", at=when + timedelta(hours=n)) for n in numbers], folder)


@pytest.fixture
def home(tmp_path: Path, dovecot: Dovecot) -> Iterator[House]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as store:
        store.accept([Chosen("home", "imap")], {}, "", at=NOW)
        one = House(store, dovecot.user())
        put(one.user, *range(60))
        yield one


def test_everything_is_brought_once(home: House) -> None:
    assert home.round().pulled.new == 60
    put(home.user, 60, 61)
    again = home.round()

    assert (again.ended.state, again.pulled.found, again.pulled.new) == ("ok", 2, 2)
    assert home.numbers() == list(range(62))


def test_an_idle_round_writes_nothing_but_that_it_was(home: House) -> None:
    home.round()
    before = home.store.rows("SELECT * FROM stream").fetchall()
    home.round()

    assert home.store.rows("SELECT * FROM stream").fetchall() == before


def test_a_mailbox_that_is_numbered_anew_with_half_of_it_new_heals_in_one_round(home: House) -> None:
    home.round()
    before = home.items()
    home.user.expunge(home.user.uids()[:30])
    put(home.user, *range(100, 130))
    home.user.set_uid_validity(424_242)
    done = home.round()

    assert done.ended.state == "ok"
    assert home.numbers() == [*range(30, 60), *range(100, 130)]
    after = home.items()
    assert all(after[f"Looms {n}"] == before[f"Looms {n}"] for n in range(30, 60))
    assert not home.store.rows("SELECT 1 FROM placement WHERE remote NOT LIKE '424242%'").fetchall()


def test_one_that_is_numbered_anew_every_time_is_looked_over(home: House) -> None:
    home.round()
    for epoch in (1_000, 2_000, 3_000):
        home.user.set_uid_validity(epoch)
        assert home.round().ended.state == "ok"

    assert home.numbers() == list(range(60))
    [(degraded,)] = home.store.rows("SELECT degraded FROM stream WHERE remote = 'INBOX'")
    assert degraded


def test_moved_and_deleted_mails_are_followed(home: House) -> None:
    home.round()
    home.user.create("Old")
    home.user.move(home.user.uids()[:10], "INBOX", "Old")
    home.user.expunge(home.user.uids()[:5])
    home.round()

    assert home.numbers() == [*range(10), *range(15, 60)]


def test_a_mailbox_that_seems_empty_is_believed_after_an_hour(home: House) -> None:
    home.round()
    home.user.expunge(home.user.uids())
    held = home.round()
    assert (held.pulled.held, len(home.numbers())) == (60, 60)

    home.round()
    assert home.numbers() == []


def test_a_folder_that_is_gone_ends_after_three_rounds(home: House) -> None:
    home.user.create("Old")
    put(home.user, 200, 201, folder="Old")
    home.round()
    home.user.delete("Old")
    counts = [(home.round(), len(home.numbers()))[1] for _ in range(3)]

    assert counts == [62, 62, 60]


def test_an_audit_finds_what_was_lost_here(home: House) -> None:
    home.round()
    home.store.connection.exec_driver_sql("DELETE FROM placement WHERE item <= 7")
    home.store.connection.exec_driver_sql("DELETE FROM identity WHERE item <= 7")
    home.store.connection.exec_driver_sql("DELETE FROM item WHERE id <= 7")
    done = home.round(timedelta(days=7))

    assert done.pulled.repaired == 7
    assert home.numbers() == list(range(60))


def test_a_wrong_password_needs_the_user_the_second_time(home: House) -> None:
    first, second = home.round(password="wrong"), home.round(password="wrong")

    assert (first.follows.state, second.follows.state) == ("waiting", "sign in")
    assert home.round().ended.state == "ok"


def test_a_server_that_is_away_is_waited_for(home: House, free_port: int) -> None:
    port, home.user.server.imap_port = home.user.server.imap_port, free_port
    try:
        done = home.round()
    finally:
        home.user.server.imap_port = port

    assert done.follows.state == "offline"
    assert done.follows.next_at
    assert home.round().pulled.new == 60


@pytest.fixture
def free_port() -> int:
    """A port of this machine on which nobody listens."""
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
