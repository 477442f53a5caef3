"""What can a network do to an answer? Cut it, stall it, let it drip, rewrite it, reset it: a TCP proxy on loopback.

What the server says is taken apart into whole answers (a line with its literals, as IMAP has them; for other protocols
simply lines), so that a fault can be put on one of them:

    with Proxy(dovecot.imap_port) as proxy:
        proxy.at(rb"\\* 17 FETCH", leave_out)      # one answer never arrives
        proxy.at(rb"FETCH", CUT, after=30)         # the 31st is cut in its middle, and so is every connection later
        proxy.heal()

`commands` are the lines that the client sent, `answers` the number of answers passed on since the last `heal`.
"""

import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal, Self

Answer = bytes
Rewriting = Callable[[Answer], Answer]
Fault = Literal["cut", "stall", "drip", "reset"]

CUT: Final[Fault] = "cut"  # half of the answer, then the connection is closed
STALL: Final[Fault] = "stall"  # half of the answer, then nothing, for ever
DRIP: Final[Fault] = "drip"  # the answer and all that follow, a byte every 50 ms
RESET: Final[Fault] = "reset"  # half of the answer, then RST

DRIPS: Final = 0.05
"""Seconds between two bytes: a socket's timeout never fires on it."""

_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


def leave_out(answer: Answer) -> Answer:
    """The answer never arrives."""
    return b""


def replaced(old: bytes, new: bytes) -> Rewriting:
    """The answer with `old` (a pattern) replaced."""
    return lambda answer: re.sub(old, new, answer)


@dataclass
class _Rule:
    pattern: re.Pattern[bytes]
    act: Fault | Rewriting
    after: int = 0
    times: int | None = None


@dataclass
class Proxy:
    """Listens on `port` of loopback for as long as it is entered."""

    upstream: int
    greeting: bytes = b""
    """Instead of talking to the server: say this, and close."""
    commands: list[bytes] = field(default_factory=list)
    connections: int = 0
    answers: int = 0
    delay: float = 0.0
    """Seconds by which each packet from the server comes later."""

    def __post_init__(self) -> None:
        self._rules: list[_Rule] = []
        self._cut_at: int | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.drop()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    # ------------------------------------------------------------------------------------------------------- faults

    def at(self, pattern: bytes, act: Fault | Rewriting, *, after: int = 0, times: int | None = None) -> None:
        """Do this to the answers that the pattern is found in: to all but the first `after`, at most `times`."""
        self._rules.append(_Rule(re.compile(pattern, re.DOTALL), act, after, times))

    def cut_at(self, answer: int) -> None:
        """Close the connection in the middle of this answer (the first is 1), counted since the last `heal`."""
        self._cut_at = answer

    def heal(self) -> None:
        """No more faults; counts begin anew."""
        self._rules, self._cut_at, self.delay, self.greeting = [], None, 0.0, b""
        self.commands, self.answers, self.connections = [], 0, 0

    def drop(self) -> None:
        """Close every connection now."""
        with self._lock:
            for each in self._open:
                _end(each)

    @property
    def wires(self) -> int:
        """How many connections there are now."""
        with self._lock:
            return len(self._open) // 2

    def asked(self, word: bytes) -> list[bytes]:
        """The commands that begin so, behind their tag."""
        return [line for line in self.commands if re.match(rb"\S+ " + word, line, re.IGNORECASE)]

    # ------------------------------------------------------------------------------------------------------ the wires

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            if not select.select([self._listening], [], [], 0.05)[0]:
                continue
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            if self.greeting:
                client.sendall(self.greeting)
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.upstream))
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open |= {client, server}
            secret = threading.Event()  # from STARTTLS on nobody can look inside
            self._start(self._up, client, server, secret)
            self._start(self._down, client, server, secret)

    def _up(self, client: socket.socket, server: socket.socket, secret: threading.Event) -> None:
        with client.makefile("rb") as lines, suppress(OSError, ValueError):
            while not secret.is_set() and (line := lines.readline(1 << 20)):
                self.commands.append(line.rstrip(b"\r\n"))
                if re.match(rb"\S+ STARTTLS", line, re.IGNORECASE):
                    secret.set()
                server.sendall(line)
            while more := lines.read1(1 << 16):
                server.sendall(more)
        _end(server)

    def _down(self, client: socket.socket, server: socket.socket, secret: threading.Event) -> None:
        with server.makefile("rb") as source, suppress(OSError, ValueError):
            while answer := _answer(source.readline, source.read):
                if self.delay:
                    time.sleep(self.delay)
                if not self._pass_on(client, answer):
                    break
                if secret.is_set() and not answer.startswith(b"*"):
                    while more := source.read1(1 << 16):
                        client.sendall(more)
        for each in (client, server):
            _end(each)
        with self._lock:
            self._open -= {client, server}
        for each in (client, server):
            each.close()

    def _pass_on(self, client: socket.socket, answer: Answer) -> bool:
        self.answers += 1
        fault: Fault | None = CUT if self.answers == self._cut_at else None
        for rule in self._rules:
            if rule.times == 0 or not rule.pattern.search(answer):
                continue
            if rule.after:
                rule.after -= 1
                continue
            rule.times = None if rule.times is None else rule.times - 1
            if callable(rule.act):
                answer = rule.act(answer)
            else:
                fault = rule.act
        if fault is None:
            client.sendall(answer)
            return not answer.startswith(b"* BYE")  # who says so hangs up
        return self._harm(client, answer, fault)

    def _harm(self, client: socket.socket, answer: Answer, fault: Fault) -> bool:
        if fault == DRIP:
            for at in range(len(answer)):
                client.sendall(answer[at : at + 1])
                if self._over.wait(DRIPS):
                    return False
            return True
        client.sendall(answer[: len(answer) // 2])
        if fault == STALL:
            self._over.wait()
        if fault == RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        return False


def _answer(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> Answer:
    """One line with the literals that it announces; b"" at the end."""
    said = line = readline()
    while literal := _LITERAL.search(line):
        line = read(int(literal[1]))
        said += line
        line = readline()
        said += line
    return said


def _end(wire: socket.socket) -> None:
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
