"""What the DNS says of a domain's mailboxes, asked of a name server on loopback."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from connectors import srv


def name(text: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".") if part) + b"\0"


def record(host: bytes, port: int = 993, priority: int = 0, weight: int = 0, kind: int = srv.SRV) -> bytes:
    data = struct.pack(">HHH", priority, weight, port) + host
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, srv.IN, 60, len(data)) + data


def reply(asked: bytes, *records: bytes, flags: int = 0x8180) -> bytes:
    return asked[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + asked[12:] + b"".join(records)


Answers = Callable[[bytes], list[bytes]]


class NameServer:
    """Answers each question by UDP with what it is told to."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answers: Answers = lambda asked: [reply(asked)]
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self.port: int = self._line.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            told, whom = self._line.recvfrom(4_096)
            if not told:
                return
            self.asked.append(told)
            for one in self.answers(told):
                self._line.sendto(one, whom)

    def believed(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        """Be the one that this machine asks."""
        (folder / "resolv.conf").write_text("# mine\nsearch example\nnameserver nonsense\nnameserver 127.0.0.1\n")
        patch.setattr(srv, "RESOLV", folder / "resolv.conf")
        patch.setattr(srv, "DOOR", self.port)
        patch.setattr(srv, "SILENCE", 0.5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._line.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    with NameServer() as found:
        found.believed(monkeypatch, tmp_path)
        yield found


def test_the_servers_come_as_they_are_preferred(server: NameServer) -> None:
    server.answers = lambda asked: [
        reply(
            asked,
            record(name("c.example"), 1993, priority=20),
            record(name("b.example"), priority=10, weight=1),
            record(name("A.example"), priority=10, weight=5),
        )
    ]

    assert srv.mailboxes("fernhill.example") == [("a.example", 993), ("b.example", 993), ("c.example", 1993)]
    assert name("_imaps._tcp.fernhill.example") in server.asked[0]


def test_a_name_may_point_to_one_before(server: NameServer) -> None:
    pointed = b"\x04mail\xc0" + bytes([12 + len(b"\x06_imaps\x04_tcp")])
    server.answers = lambda asked: [reply(asked, record(pointed))]

    assert srv.mailboxes("fernhill.example") == [("mail.fernhill.example", 993)]


@pytest.mark.parametrize(
    "answers",
    [
        lambda asked: [reply(asked, record(b"\0", 0))],
        lambda asked: [reply(asked, flags=0x8183)],
        lambda asked: [reply(asked)],
        lambda asked: [reply(asked, record(name("a.example"), kind=1))],
        lambda asked: [],
        lambda asked: [b"x"],
        lambda asked: [reply(asked, record(name("a.example")))[:-9]],
        lambda asked: [bytes([asked[0] ^ 1]) + reply(asked, record(name("a.example")))[1:]],
        lambda asked: [reply(asked, record(name("a.example"))).replace(b"fernhill", b"othermen")],
        lambda asked: [reply(asked, b"\xc0" + bytes([len(asked)]))],
    ],
    ids=[
        "it is said that there is none", "no such name", "no record", "another record", "silence", "a byte",
        "cut off", "the answer to another", "of another name", "a name that points to itself",
    ],
)  # fmt: skip
def test_without_a_sound_answer_there_is_none(server: NameServer, answers: Answers) -> None:
    server.answers = answers

    assert srv.mailboxes("fernhill.example") == []


def test_the_true_answer_behind_a_wrong_one_is_taken(server: NameServer) -> None:
    server.answers = lambda asked: [
        bytes([asked[0] ^ 1]) + reply(asked, record(name("evil.example")))[1:],
        reply(asked, record(name("a.example"))),
    ]

    assert srv.mailboxes("fernhill.example") == [("a.example", 993)]


@pytest.mark.parametrize("domain", ["", "a..b", "x" * 64 + ".example", "grün.example"])
def test_what_is_no_domain_is_not_asked_for(server: NameServer, domain: str) -> None:
    assert srv.mailboxes(domain) == []
    assert server.asked == []


def test_where_no_name_server_is_named_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(srv, "RESOLV", tmp_path / "none")

    assert srv.mailboxes("fernhill.example") == []
