"""Which servers does a domain name for its mailboxes? One question by the DNS (RFC 6186), as Python asks it nowhere.

It goes to the name servers that this machine asks anyway. What comes back is not signed: whoever calls shows it to the
user, and the server's certificate still has to hold for the name in it.
"""

import secrets
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

RESOLV = Path("/etc/resolv.conf")
"""Where Unix names its name servers; elsewhere nobody is asked."""

DOOR = 53

SILENCE = 3.0
"""Seconds for one name server; they answer in a tenth."""

LARGEST = 4_096
"""Bytes of an answer by UDP; two servers take two hundred."""

SRV, IN = 33, 1

HOPS = 20
"""Pointers that are followed within one name: more is a circle (RFC 1035, 4.1.4)."""


def mailboxes(domain: str, service: str = "_imaps") -> Sequence[tuple[str, int]]:
    """(host, port) of the servers for this service, the most preferred first; none where none is said to be."""
    for server in nameservers():
        try:
            return sorted_out(_answer(server, f"{service}._tcp.{domain}"))
        except (OSError, ValueError, IndexError, struct.error):  # silent, or it says what makes no sense
            continue
    return []


def nameservers() -> Sequence[str]:
    """The name servers of this machine, as numbers."""
    try:
        lines = RESOLV.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    named = [
        words[1].partition("%")[0] for line in lines if (words := line.split())[:1] == ["nameserver"] and words[1:]
    ]
    return [one for one in named if _is_number(one)]


def sorted_out(found: Sequence[tuple[int, int, int, str]]) -> Sequence[tuple[str, int]]:
    """(priority, weight, port, host), in the order in which they are to be tried; "." says that there is none."""
    wanted = sorted(found, key=lambda one: (one[0], -one[1]))
    return [(host, port) for _, _, port, host in wanted if host and port]


def _answer(server: str, name: str) -> Sequence[tuple[int, int, int, str]]:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    number = secrets.randbelow(1 << 16)
    question = b"".join(_label(part) for part in name.split(".")) + b"\0" + struct.pack(">HH", SRV, IN)
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.connect((server, DOOR))  # what others send is not taken
        line.send(struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question)
        ends = time.monotonic() + SILENCE
        while (left := ends - time.monotonic()) > 0:
            line.settimeout(left)
            told = line.recv(LARGEST)
            if told[:2] == struct.pack(">H", number) and told[12 : 12 + len(question)].lower() == question.lower():
                return list(records(told))
    raise TimeoutError


def _label(part: str) -> bytes:
    raw = part.encode("ascii")
    if not 0 < len(raw) < 64:
        raise ValueError(part)
    return bytes([len(raw)]) + raw


def records(told: bytes) -> Iterator[tuple[int, int, int, str]]:
    """(priority, weight, port, host) of each SRV record of an answer. Raises ValueError, IndexError, struct.error."""
    _, flags, questions, answers, _, _ = struct.unpack_from(">HHHHHH", told)
    if not flags & 0x8000 or flags & 0x000F:  # no answer, or one that says that there is none
        return
    at = 12
    for _ in range(questions):
        at = _name(told, at)[1] + 4
    for _ in range(answers):
        _, at = _name(told, at)
        kind, _, _, size = struct.unpack_from(">HHIH", told, at)
        at += 10
        if kind == SRV:
            priority, weight, port = struct.unpack_from(">HHH", told, at)
            yield priority, weight, port, _name(told, at + 6)[0]
        at += size


def _name(told: bytes, at: int) -> tuple[str, int]:
    """The name that begins at a byte, and where it ends there."""
    parts: list[str] = []
    end, hops = 0, 0
    while (size := told[at]) != 0:
        if size & 0xC0 == 0xC0:
            end, hops = end or at + 2, hops + 1
            at = struct.unpack_from(">H", told, at)[0] & 0x3FFF
            if hops > HOPS:
                raise ValueError("a name without end")
            continue
        parts.append(told[at + 1 : at + 1 + size].decode("ascii").lower())
        at += size + 1
        if len(parts) > 127:
            raise ValueError("a name without end")
    return ".".join(parts), end or at + 1


def _is_number(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False
