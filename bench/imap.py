"""Is a mailbox on a server read as quickly as it should be? Beside a raw drain of the same fields, and mbsync.

    python bench/imap.py [first moved far] [--messages 100000] [--rounds 3]

A Dovecot of its own on loopback, its index warm. `first`: the first sync, by the worker that the daemon begins, its
start included, beside others that read the same; all take turns. `moved`: what an idle round asks, and what one mail
costs that was moved. `far`: the same sync from 40 ms away. Ratios are the result. What is not installed is skipped,
and said.
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.live import Door, Worked, far, profile, share, usual, worked
from bench.mailbox import mails
from bench.speed import Spent, in_turns, ran, say, seconds
from tests.servers.dovecot import Dovecot, User, running
from tests.servers.proxy import Proxy

if TYPE_CHECKING:
    from connectors.imap import Imap

PARTS = ("first", "moved", "far")

DRAIN, MBSYNC, BARE, PEAK, FLAT, FIRST = 15.0, 0.35, 0.9, 120.0, 10.0, 1.0
"""The bars of a first sync: times a raw drain, of mbsync's time, of IMAPClient's; MB, more MB for twice as many mails;
seconds to the first page."""

IDLE, WORK = 6, 0.3
"""Those of an idle round: requests beside one for each stream, seconds of work beside imports."""

MOVED, TOOK = 0.02, 24.0
"""Those of a moved mail: of a first sync's requests, seconds."""

RTT, DISTANT, AWAY, COMMANDS = 0.040, 20_000, 3.5, 20
"""From so far away, so many mails: times a raw drain, commands beside one for each 500 mails."""

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
    from connectors.imap_mails import FIELDS

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


def bare(port: int, user: str) -> None:
    """The same fields by IMAPClient alone."""
    from imapclient import IMAPClient

    from connectors.imap import PAGE
    from connectors.imap_mails import FIELDS

    with IMAPClient("127.0.0.1", port, ssl=False) as client:
        client.plain_login(user, "secret")
        client.select_folder("INBOX", readonly=True)
        uids = client.search()
        for start in range(0, len(uids), PAGE):
            client.fetch(
                uids[start : start + PAGE], ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"]
            )


def idle(_: int, __: str) -> None:
    """The seconds of a round that finds nothing, everything imported: the second of two in one process."""
    from agent import worker

    for _ in range(2):
        begun = time.monotonic()
        with redirect_stdout(StringIO()):
            worker.main(["round", "home"])
    print(time.monotonic() - begun)


def by_mbsync(user: User, folder: Path, *, again: bool = False) -> Spent:
    if not again:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    rc = folder / "rc"
    port, name = user.server.imap_port, user.name
    rc.write_text(_MBSYNC.format(port=port, user=name, password=user.password, folder=folder))
    return ran(["mbsync", "-q", "-c", rc, "all"])


def itself(doing: str, user: User) -> list[str | Path]:
    return [sys.executable, Path(__file__), "--do", doing, str(user.server.imap_port), user.name]


def door(user: User, port: int = 0) -> dict[str, Door]:
    return {"home": Door(user.name, port or user.server.imap_port)}


def filled(server: Dovecot, messages: int, body: int) -> User:
    """A user with so many mails, the server's index warm."""
    user = server.user()
    letters = mails(messages, body=body, people=2_500, two_way=800, end=datetime.now(UTC))
    user.fill(letter.partition("\n")[2].replace("\n", "\r\n").encode() for letter in letters)
    drain(server.imap_port, user.name)
    return user


# ------------------------------------------------------------------------------------------------- the first sync


def first(user: User, folder: Path, messages: int, rounds: int) -> None:
    """The first sync, beside others that read the same."""
    port, by = user.server.imap_port, folder / "mbsync"
    found: list[Worked] = []

    def sync() -> Spent:
        environ = profile(folder / "first", door(user))
        found.append(worked(environ, "round", "home"))
        if found[-1].last["found"] != messages:
            raise RuntimeError(f"{found[-1].last}")
        return found[-1].spent

    ways: dict[str, Callable[[], Spent]] = {
        "drain": lambda: drain(port, user.name),
        "sync": sync,
        "connector": lambda: ran(itself("read", user)),
        "bare": lambda: ran(itself("bare", user)),
    }
    if mbsync := shutil.which("mbsync"):
        ways["mbsync"] = lambda: by_mbsync(user, by)
    else:
        print("mbsync is not installed (apt-get install isync): not compared")
    spent = in_turns(rounds, **ways)
    ours, floor = spent["sync"], spent["drain"].wall
    say("a raw drain of the same fields", seconds(spent["drain"]))
    say("the connector alone / the drain", seconds(spent["connector"]), spent["connector"].wall / floor)
    against(f"first sync of {messages:,} / the drain", ours, spent["drain"], DRAIN)
    against("  / IMAPClient.fetch of the same", ours, spent["bare"], BARE)
    if mbsync:
        against("  / mbsync", ours, spent["mbsync"], MBSYNC)
    half = user.server.user()
    share(user, half, messages // 2)
    drain(port, half.name)
    less = worked(profile(folder / "half", door(half)), "round", "home").spent.peak
    say("  its peak", f"{ours.peak:.0f} MB", None, f"<= {PEAK:.0f}", met=ours.peak <= PEAK)
    more = ours.peak - less
    say("  more than for half as many", f"{less:.0f} -> {ours.peak:.0f} MB", more, f"<= {FLAT:.0f}", met=more <= FLAT)
    page = median(one.first for one in found)
    say("  its first page", f"{page:.2f} s", None, f"<= {FIRST:.0f} s", met=page <= FIRST)
    at_rest(user, folder, by if mbsync else None, rounds)


def against(what: str, ours: Spent, theirs: Spent, bar: float) -> None:
    """A row: ours beside theirs on the clock, which is what counts, and by the processor."""
    ratio = ours.wall / theirs.wall
    say(what, seconds(ours), ratio, f"<= {bar}", met=ratio <= bar)
    if theirs.peak:  # a process of its own
        say("    in processor time", seconds(theirs), ours.cpu / theirs.cpu)


def at_rest(user: User, folder: Path, by: Path | None, rounds: int) -> None:
    """The round after that, in which nothing has come."""
    environ = profile(folder / "rest", door(user))
    worked(environ, "round", "home")
    took = median(float(told(itself("idle", user), environ)) for _ in range(rounds))
    say("an idle round, beside imports", f"{took:.2f} s", None, f"<= {WORK} s", met=took <= WORK)
    ours = in_turns(rounds, it=lambda: worked(environ, "round", "home").spent)["it"]
    if by:
        theirs = in_turns(rounds, it=lambda: by_mbsync(user, by, again=True))["it"]
        against("  as a process / mbsync, which found nothing", ours, theirs, 1.0)
    else:
        say("  as a process", seconds(ours))


def told(argv: list[str | Path], environ: dict[str, str]) -> str:
    import subprocess

    return subprocess.run(argv, env=usual(environ), capture_output=True, text=True, check=True).stdout


# ------------------------------------------------------------------------------------------------- a mail is moved


def moved(user: User, folder: Path, messages: int) -> None:
    """What an idle round asks, and what one mail costs beside that, which was moved to another folder."""
    with Proxy(user.server.imap_port) as proxy:
        environ = profile(folder / "moved", door(user, proxy.port))

        def asked() -> tuple[int, Worked]:
            proxy.heal()
            done = worked(environ, "round", "home")
            return len(proxy.commands), done

        whole, _ = asked()
        quiet, _ = asked()
        streams = sum(b"STATUS" in command for command in proxy.commands)
        most = streams + IDLE
        say(f"an idle round of {streams} streams", f"{quiet} requests", None, f"<= {most}", met=quiet <= most)
        user.create("Friends")
        before, _ = asked()
        user.move([messages // 2], "INBOX", "Friends")
        requests, done = asked()
        if done.last["gone"] != 1 or done.last["found"] != 1:
            raise RuntimeError(f"{done.last}")
        more = requests - before
        part = more / whole
        say(f"one of {messages:,} moved, beyond that", f"{more} of {whole}", part, f"<= {MOVED}", met=part <= MOVED)
        took = done.spent.wall
        say("  in time", seconds(done.spent), None, f"<= {TOOK:.0f} s", met=took <= TOOK)


# -------------------------------------------------------------------------------------------------------- far away


def distant(user: User, folder: Path, rounds: int) -> None:
    """The first sync from 40 ms away."""
    with far(user.server.imap_port, RTT) as (port, said):

        def sync() -> Spent:
            environ = profile(folder / "far", door(user, port))
            said.clear()
            return worked(environ, "round", "home").spent

        spent = in_turns(rounds, drain=lambda: drain(port, user.name), sync=sync)
        most = DISTANT // 500 + COMMANDS
        say(f"a raw drain of {DISTANT:,} from {RTT * 1000:.0f} ms away", seconds(spent["drain"]))
        against("  first sync / the drain", spent["sync"], spent["drain"], AWAY)
        say("  its commands", f"{len(said)}", None, f"<= {most}", met=len(said) <= most)


def measured(parts: tuple[str, ...], messages: int, rounds: int, body: int) -> None:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    say("", "wall, cpu", None, "bar")
    with running() as server, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        user = filled(server, messages, body)
        if "far" in parts:
            other = server.user()
            share(user, other, DISTANT)
            drain(server.imap_port, other.name)
            distant(other, folder, rounds)
        if "first" in parts:
            first(user, folder, messages, rounds)
        if "moved" in parts:
            moved(user, folder, messages)
    print(f"load {os.getloadavg()[0]:.1f} after")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (default: all)")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--body", type=int, default=BODY)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--do", nargs=3, default=None, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.do:
        doing, port, user = args.do
        {"read": read, "bare": bare, "idle": idle}[doing](int(port), user)
    else:
        measured(tuple(args.parts) or PARTS, args.messages, args.rounds, args.body)


if __name__ == "__main__":
    main()
