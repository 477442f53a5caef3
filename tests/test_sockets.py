"""auld connects to the hosts of the accounts that the user named, and to no other; it does not even try."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import sockets
from tests.connectors.test_carddav import vcard
from tests.servers import dovecot as mail
from tests.servers import radicale
from tests.servers.dovecot import Dovecot
from tests.servers.web import Web
from tests.walk.mailboxes import ME, calendar, event, letters, mbox

AWAY = "192.0.2.1"
"""Kept free for documentation (RFC 5737): nobody's."""

NOW = datetime(2026, 5, 12, 7, tzinfo=UTC)

SYNC = """\
import json, socket, sys

allowed = {tuple(pair) for pair in json.loads(sys.argv[1])}
hosts = {host for host, _ in allowed}
kept, other = [], []

def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        if args[1] is None or args[0].family not in (socket.AF_INET, socket.AF_INET6):
            other.append(event)
            return
        pair = tuple(args[1][:2])
    elif event == "socket.getaddrinfo":
        pair = args[0] if isinstance(args[0], str) else args[0].decode(), int(args[1] or 0)
    elif event.startswith("socket.getho") and event != "socket.gethostname" or event == "socket.getnameinfo":
        other.append(f"{event} {args!r}")
        raise OSError("not here")
    else:
        return
    if pair in allowed:
        kept.append([event, *pair])
    else:
        other.append(f"{event} {pair!r}")
        raise OSError("not here")

sys.addaudithook(watch)
from agent.cli import main

sys.argv = ["auld", "sync"]
try:
    main()
except SystemExit as end:
    code = end.code
sys.stdout.flush()
print("\\n" + json.dumps({"code": code, "kept": kept, "other": other}))
"""
"""A sync under a hook that no library can go around: it allows these pairs of host and port alone, and notes all."""


@dataclass(frozen=True)
class Reached:
    """What a sync printed, where it went, and where else it tried to go."""

    said: str
    code: int
    kept: set[tuple[str, int]]
    other: list[str]


def sync(home: Path, *allowed: tuple[str, int]) -> Reached:
    done = subprocess.run(
        [sys.executable, "-c", SYNC, json.dumps(allowed)],
        env={**os.environ, "AULD_HOME": str(home), "TZ": "UTC"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said, _, last = done.stdout.rstrip("\n").rpartition("\n")
    told = json.loads(last)
    kept = {(host, port) for _, host, port in told["kept"]}
    return Reached(said + done.stderr, told["code"], kept, told["other"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "mail.mbox").write_bytes(mbox(letters(5)))
    (folder / "plans.ics").write_bytes(calendar([event("a", NOW - timedelta(days=3), ["a@b.example"])]))
    (folder / "people.vcf").write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEMAIL:a@b.example\r\nEND:VCARD\r\n")
    return folder


def configure(home: Path, *lines: str) -> None:
    text = "\n".join((f'[me]\naddresses = ["{ME}"]', "[accounts.one]", *lines, ""))
    (home / "config.toml").write_text(text, "utf-8")


SECRET = 'secret_command = ["echo", "secret"]'


@pytest.mark.parametrize(
    ("kind", "file"), [("mbox", "mail.mbox"), ("ics", "plans.ics"), ("vcard", "people.vcf")], ids=lambda one: str(one)
)
def test_a_file_is_read_without_any_connection(kind: str, file: str, home: Path) -> None:
    configure(home, f'kind = "{kind}"', f'path = "{file}"')
    found = sync(home)

    assert (found.code, found.kept, found.other) == (0, set(), [])
    assert " new" in found.said


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_mailbox_is_asked_at_its_host_alone(host: str, home: Path, dovecot: Dovecot) -> None:
    user = dovecot.user()
    user.append(mail.letter("Looms"))
    configure(
        home, 'kind = "imap"', f'address = "{ME}"', f'user = "{user.name}"', f'host = "{host}"',
        f"port = {dovecot.imap_port}", 'security = "none"', SECRET,
    )  # fmt: skip
    found = sync(home, *((each, dovecot.imap_port) for each in {host, "127.0.0.1", "::1"}))

    assert (found.code, found.other) == (0, []), found.said
    assert found.kept
    assert "one: 1 read, 1 new" in found.said


@pytest.fixture(scope="module")
def collections() -> Iterator[radicale.Radicale]:
    with radicale.running() as server:
        yield server


@pytest.mark.parametrize("kind", ["caldav", "carddav"])
def test_a_server_of_collections_is_asked_at_its_host_alone(
    kind: str, home: Path, collections: radicale.Radicale
) -> None:
    user = collections.user()
    if kind == "caldav":
        user.make("work")
        user.put("work", "a.ics", calendar([event("a", NOW - timedelta(days=3), ["a@b.example"])]))
    else:
        user.make("friends", kind="VCARD")
        user.put("friends", "a.vcf", vcard("a", "Ada", "EMAIL:a@b.example"))
    configure(
        home, f'kind = "{kind}"', f'address = "{ME}"', f'user = "{user.name}"', f'url = "{user.url}"',
        "private = true", SECRET,
    )  # fmt: skip
    found = sync(home, ("127.0.0.1", collections.port))

    assert (found.code, found.other) == (0, []), found.said
    assert found.kept == {("127.0.0.1", collections.port)}
    assert "one: 1 read, 1 new" in found.said


def test_a_calendar_behind_a_link_is_asked_at_its_host_alone(home: Path) -> None:
    with Web() as web:
        web.serve("/private.ics", (home / "plans.ics").read_bytes(), ETag='"1"')
        configure(home, 'kind = "ics"', f'url = "{web.url("/private.ics", "127.0.0.1")}"', "private = true")
        found = sync(home, ("127.0.0.1", web.port))

    assert (found.code, found.other) == (0, []), found.said
    assert found.kept == {("127.0.0.1", web.port)}


def test_a_link_that_leads_to_another_host_is_not_followed_there(home: Path) -> None:
    """Neither does the watch overlook it: the other host is one of the kind that nobody allowed."""
    with Web() as web, Web() as other:
        web.serve("/private.ics", b"", 302, Location=other.url("/private.ics", "127.0.0.1"))
        configure(home, 'kind = "ics"', f'url = "{web.url("/private.ics", "127.0.0.1")}"', "private = true")
        found = sync(home, ("127.0.0.1", web.port))

    assert found.code != 0
    assert found.kept == {("127.0.0.1", web.port)}
    assert all(str(other.port) in tried for tried in found.other)


def test_a_host_that_was_not_allowed_is_seen(home: Path, dovecot: Dovecot) -> None:
    configure(
        home, 'kind = "imap"', f'address = "{ME}"', 'host = "127.0.0.1"', f"port = {dovecot.imap_port}",
        'security = "none"', SECRET,
    )  # fmt: skip
    found = sync(home)

    assert found.code != 0
    assert any(str(dovecot.imap_port) in tried for tried in found.other)


class TestTheWatchOfTheSuite:
    @pytest.mark.looks_up(AWAY, "nowhere.invalid")
    def test_this_process_reaches_nothing_but_itself(self) -> None:
        with pytest.raises(ConnectionRefusedError, match="no network in tests"):
            socket.create_connection((AWAY, 9), timeout=1)
        with pytest.raises(socket.gaierror, match="no network in tests"):
            socket.getaddrinfo("nowhere.invalid", 9)
        assert socket.getaddrinfo("127.0.0.1", 9)

    @pytest.mark.looks_up(AWAY)
    def test_nor_does_one_that_it_starts(self) -> None:
        code = f"import socket; socket.create_connection(('{AWAY}', 9), timeout=1)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

        assert "ConnectionRefusedError: no network in tests" in done.stderr

    def test_datagrams_and_the_other_look_ups_are_seen_too(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, pytest.raises(ConnectionRefusedError):
            one.sendto(b"", (AWAY, 9))
        with pytest.raises(socket.gaierror):
            socket.gethostbyname("nowhere.invalid")

        first, second = sockets.reached()
        assert first.startswith(f"socket.sendto {AWAY} ")
        assert second.startswith("socket.gethostbyname nowhere.invalid ")

    def test_whoever_swallows_the_error_is_told_of_all_the_same(self) -> None:
        code = (
            f"import contextlib, socket\nwith contextlib.suppress(OSError):\n  socket.create_connection(('{AWAY}', 9))"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

        [tried] = sockets.reached()
        assert tried.startswith(f"socket.connect {AWAY} ")
