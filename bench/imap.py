"""Is a mailbox on a server read as quickly as it should be? Beside a raw drain of the same fields, and mbsync.

    python bench/imap.py [--messages 100000] [--rounds 3]

A Dovecot of its own on loopback, its index warm; every way is a process of its own, and they take turns. `round` is a
first round with its store; `connector` the same without one; `slowly` reads by IMAPClient's parser. Ratios are the
result. What is not installed is skipped, and said.
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.mailbox import mails
from bench.speed import Spent, in_turns, ran, say, seconds
from tests.servers.dovecot import User, running
from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from connectors.imap import Imap

DRAIN, MBSYNC, PEAK, FIRST, MOVED = 15.0, 0.35, 120.0, 1.0, 0.02
"""The bars: times a raw drain, of mbsync's time, MB, seconds to the first page, of a first round's requests."""

BODY = 20_000
"""Bytes of a text, on average: they are never asked for, but mbsync fetches them."""

_MBSYNC = """FSync no

IMAPAccount a
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None

IMAPStore far
Account a

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState {folder}/state-
"""


def connector(port: int, user: str, *, quick: bool = True) -> "Imap":
    from connectors.contract import Credential, Session
    from connectors.imap import Imap, Options

    options = Options(kind="imap", address="ada@ada.example", host="127.0.0.1", port=port, security="none")
    session = Session(time.monotonic)
    return Imap(options, now=datetime.now(UTC), session=session, credential=Credential(user, "secret"), quick=quick)


def drain(port: int, user: str) -> Spent:
    """The same fields of the same mails, read into nothing, without the start of a program: what the server costs."""
    from connectors.imap import FIELDS

    begun, busy = time.perf_counter(), time.process_time()
    with socket.create_connection(("127.0.0.1", port)) as wire:
        for command in (
            f"a LOGIN {user} secret",
            "b EXAMINE INBOX",
            f"c UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS ({FIELDS})])",
        ):
            wire.sendall(command.encode() + b"\r\n")
            end, last = b"\r\n" + command[:1].encode() + b" OK", b""
            while end not in last:
                last = last[-200:] + wire.recv(1 << 18)
    return Spent(time.perf_counter() - begun, time.process_time() - busy, 0.0)


def read(port: int, user: str, *, quick: bool = True) -> None:
    """Every page of the inbox, and nothing done with it."""
    begun, reading = time.monotonic(), connector(port, user, quick=quick)
    [inbox] = [stream for stream in reading.streams() if stream.role == "\\Inbox"]
    for page in reading.pull(inbox, None):
        if begun:
            print(f"first {time.monotonic() - begun:.2f} found {len(page.found)}")
            begun = 0.0


def first_round(port: int, user: str) -> None:
    """Every page of the inbox into a store of its own."""
    from agent.store.store import Store

    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
        reading = connector(port, user)
        [inbox] = [stream for stream in reading.streams() if stream.role == "\\Inbox"]
        for page in reading.pull(inbox, None):
            store.record("home", inbox, page, {}, at=datetime.now(UTC))
            if begun and (told := os.environ.get("AULD_FIRST")):
                Path(told).write_text(str(time.monotonic() - begun))
                begun = 0.0


def by_mbsync(user: User, folder: Path) -> Spent:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rc = folder / "rc"
    port, name = user.server.imap_port, user.name
    rc.write_text(_MBSYNC.format(port=port, user=name, password=user.password, folder=folder))
    return ran(["mbsync", "-q", "-c", rc, "all"])


def moved(user: User) -> None:
    """What one mail costs that was moved to another folder, in requests and seconds."""
    from tests.connectors.kept import Kept

    user.create("Friends")
    with Proxy(user.server.imap_port) as proxy:

        def rounds(kept: dict[str, Kept]) -> tuple[int, float]:
            proxy.commands.clear()
            begun, reading = time.monotonic(), connector(proxy.port, user.name)
            for stream in reading.streams():
                kept.setdefault(stream.id, Kept()).round(reading, stream)
            reading.close()
            return len(proxy.commands), time.monotonic() - begun

        kept: dict[str, Kept] = {}
        first, _ = rounds(kept)
        idle, quiet = rounds(kept)
        user.move([len(kept["INBOX"].items) // 2], "INBOX", "Friends")
        again, took = rounds(kept)
        assert len(kept["Friends"].items) == len(kept["INBOX"].gone) == 1
    say("an idle round", f"{idle} requests, {quiet:.2f} s")
    share = (again - idle) / first
    say(
        "one mail moved, beyond that",
        f"{again - idle} of {first}, {took:.2f} s",
        share,
        f"<= {MOVED}",
        met=share <= MOVED,
    )


def itself(doing: str, user: User) -> list[str | Path]:
    return [sys.executable, Path(__file__), "--do", doing, str(user.server.imap_port), user.name]


def measured(messages: int, rounds: int, body: int) -> None:
    with running() as server, tempfile.TemporaryDirectory() as folder:
        user, first = server.user(), Path(folder) / "first"
        letters = mails(messages, body=body, people=2_500, two_way=800, end=datetime.now(UTC))
        user.fill(letter.partition("\n")[2].replace("\n", "\r\n").encode() for letter in letters)
        drain(server.imap_port, user.name)  # warms the index
        ways = {
            "drain": lambda: drain(server.imap_port, user.name),
            "connector": lambda: ran(itself("read", user)),
            "slowly": lambda: ran(itself("slowly", user)),
            "round": lambda: ran(itself("round", user), AULD_FIRST=str(first)),
        }
        if shutil.which("mbsync"):
            ways["mbsync"] = lambda: by_mbsync(user, Path(folder) / "mbsync")
        else:
            print("mbsync is not installed (apt-get install isync): not compared")
        spent = in_turns(rounds, **ways)
        report(spent, float(first.read_text()))
        moved(user)


def report(spent: dict[str, Spent], first: float) -> None:
    floor = spent["drain"].wall
    say("a raw drain of the same fields", seconds(spent["drain"]))
    say("the connector alone / the drain", seconds(spent["connector"]), spent["connector"].wall / floor)
    say("the same by IMAPClient's parser", seconds(spent["slowly"]), spent["slowly"].wall / floor)
    ratio = spent["round"].wall / floor
    say("a first round with its store / the drain", seconds(spent["round"]), ratio, f"<= {DRAIN}", met=ratio <= DRAIN)
    if "mbsync" in spent:
        ratio = spent["round"].wall / spent["mbsync"].wall
        say("  / mbsync", seconds(spent["mbsync"]), ratio, f"<= {MBSYNC}", met=ratio <= MBSYNC)
    peak = spent["round"].peak
    say("  its peak", f"{peak:.0f} MB", bar=f"<= {PEAK:.0f}", met=peak <= PEAK)
    say("  its first page", f"{first:.2f} s", bar=f"<= {FIRST:.0f}", met=first <= FIRST)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--body", type=int, default=BODY)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--do", nargs=3, default=None, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.do:
        doing, port, user = args.do
        ways = {"read": read, "round": first_round, "slowly": lambda p, u: read(p, u, quick=False)}
        ways[doing](int(port), user)
    else:
        measured(args.messages, args.rounds, args.body)


if __name__ == "__main__":
    main()
