"""A mailbox without end: an IMAP server of a few lines, for what no real one can be filled with in a test.

It knows what a reader asks (CAPABILITY, LOGIN, LIST, STATUS, EXAMINE, UID SEARCH, UID FETCH) and invents mail number n
when it is asked for. Numbers above `highest` and those divisible by `hole` do not exist.
"""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

_COMMAND = re.compile(rb"(\S+) (UID \w+|\w+) ?(.*?)\r?\n", re.DOTALL)


@dataclass
class Endless:
    """Listens on `port` of loopback for as long as it is entered."""

    highest: int
    hole: int = 0
    asked: list[bytes] = field(default_factory=list)
    longest: int = 0
    """Bytes of the longest line that it said."""

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def __len__(self) -> int:
        return self.highest - (self.highest // self.hole if self.hole else 0)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(OSError):
            client.sendall(b"* OK here\r\n")
            while found := _COMMAND.match(lines.readline()):
                tag, verb, rest = found.groups()
                self.asked.append(verb + b" " + rest)
                for said in self._answers(verb.upper(), rest):
                    self.longest = max(self.longest, len(said))
                    client.sendall(said)
                client.sendall(tag + b" OK done\r\n")

    def _answers(self, verb: bytes, rest: bytes) -> Iterator[bytes]:
        if verb == b"CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif verb == b"LIST":
            yield b'* LIST () "/" INBOX\r\n'
        elif verb == b"STATUS":
            yield b"* STATUS INBOX (MESSAGES %d UIDNEXT %d UIDVALIDITY 1)\r\n" % (len(self), self.highest + 1)
        elif verb == b"EXAMINE":
            yield b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT %d] x\r\n" % (len(self), self.highest + 1)
        elif verb == b"UID SEARCH":
            yield b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._named(rest.split()[-1])) + b"\r\n"
        elif verb == b"UID FETCH":
            yield from map(self._mail, self._named(rest.split()[0]))

    def _named(self, uids: bytes) -> Iterator[int]:
        for part in uids.split(b","):
            first, _, last = part.partition(b":")
            for uid in range(int(first), min(int(last or first), self.highest) + 1):
                if not self.hole or uid % self.hole:
                    yield uid

    def _mail(self, uid: int) -> bytes:
        return _MAIL % (uid, uid, len(_HEADER % (uid, uid)), _HEADER % (uid, uid))


_HEADER = (
    b"From: bob@example.org\r\nTo: ada@example.org\r\nSubject: Number %d\r\n"
    b"Date: Mon, 03 Jan 2022 10:00:00 +0000\r\nMessage-ID: <%d@example.org>\r\n\r\n"
)
_MAIL = (
    b'* %d FETCH (UID %d RFC822.SIZE 900 INTERNALDATE "03-Jan-2022 10:00:00 +0000"'
    b" BODY[HEADER.FIELDS (DATE)] {%d}\r\n%b)\r\n"
)
