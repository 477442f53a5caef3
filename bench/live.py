"""How is auld measured at a mail server? Profiles whose mail lies on one, workers at work, a line that is slow."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from bench.speed import HOUSE, ME, Spent
from tests.servers.dovecot import User

PASSWORD = ("/bin/echo", "secret")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the mailbox of an account is."""

    user: str
    port: int
    password: Sequence[str] = PASSWORD


def usual(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment in which bytecode is kept, as it is for a user."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | dict(environ)


def profile(folder: Path, accounts: Mapping[str, Door], more: str = "", me: str = ME) -> dict[str, str]:
    """An environment with a fresh profile in which these mailboxes are opted in, and nothing is read yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    told = f'[me]\naddresses = ["{me}"]\ntimezone = "UTC"\n{more}'
    for name, door in accounts.items():
        told += (
            f'\n[accounts.{name}]\nkind = "imap"\naddress = "{me}"\nuser = "{door.user}"\nhost = "127.0.0.1"\n'
            f'port = {door.port}\nsecurity = "none"\nsecret_command = {json.dumps(list(door.password))}\n'
        )
    config = folder / "config.toml"
    config.write_text(told)
    config.chmod(0o600)
    environ = {"AULD_HOME": str(folder), "PYTHONPATH": str(HOUSE)}
    worked(environ, "check")
    return environ


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker took, when it told of its first page (seconds after it was begun), and what it said last."""

    spent: Spent
    first: float
    last: Mapping[str, Any]


def worked(environ: Mapping[str, str], *words: str) -> Worked:
    """A worker as the daemon begins it, to its end. Raises RuntimeError where it fails."""
    begun, first, last = time.perf_counter(), 0.0, {}
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "agent.worker", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=usual(environ), cwd=HOUSE,
        )  # fmt: skip
        assert child.stdout
        for line in child.stdout:
            last = json.loads(line)
            if not first and last.get("page"):
                first = time.perf_counter() - begun
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.stdout.close()
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode or last.get("bug"):
            said.seek(0)
            raise RuntimeError(f"{words}: {last} {said.read().decode(errors='replace')[-2_000:]}")
    return Worked(Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_000), first, last)


def share(user: User, more: User, count: int) -> None:
    """The newest so many mails of one user for another too, without a copy; before that one signs in."""
    maildir = more.home / "Maildir"
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
    for file in sorted((user.home / "Maildir" / "cur").iterdir())[-count:]:
        os.link(file, maildir / "cur" / file.name)
    more.server.own(more.home)


def private(pid: int) -> float:
    """MB that a process has for itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1_000


# ---------------------------------------------------------------------------------------------------------- far away


@contextmanager
def far(upstream: int, seconds: float) -> Iterator[tuple[int, list[bytes]]]:
    """(a port behind which a server of loopback is so many seconds away and back, the lines that it was told)."""
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, upstream, seconds / 2, said), daemon=True).start()
        yield listening.getsockname()[1], said
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, upstream: int, late: float, said: list[bytes]) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            server = socket.create_connection(("127.0.0.1", upstream))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _carry(client, server, late, said)
            _carry(server, client, late, None)


def _carry(source: socket.socket, to: socket.socket, late: float, said: list[bytes] | None) -> None:
    """Everything arrives so much later, however much of it is on its way."""
    way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()

    def take() -> None:
        some = b"-"
        while some:
            try:
                some = source.recv(1 << 18)
            except OSError:
                some = b""
            if said is not None:
                said.extend(some.splitlines())
            way.put((time.monotonic() + late, some))

    def bring() -> None:
        while True:
            due, some = way.get()
            time.sleep(max(0.0, due - time.monotonic()))
            with suppress(OSError):
                if not some:
                    to.shutdown(socket.SHUT_WR)
                    return
                to.sendall(some)

    for work in (take, bring):
        threading.Thread(target=work, daemon=True).start()
