"""The hook itself, with the standard library alone: every Python that a test starts imports this as it begins."""

import os
import socket
import sys
from ipaddress import ip_address
from typing import Any

NOTED = "AULD_TESTS_REACHED"
"""The file in which is noted what was tried."""

LOOKED_UP = "AULD_TESTS_LOOK_UP"
"""Hosts that a test looks up in order not to find them."""

TO = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOK_UPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")

NAMES = ("", "localhost", "ip6-localhost")
"""Of this machine."""


def hook() -> None:
    """Set the hook, once to a process."""
    if not getattr(sys, "auld_is_watched", False):
        sys.auld_is_watched = True  # type: ignore[attr-defined]
        sys.addaudithook(watch)


def watch(event: str, args: tuple[Any, ...]) -> None:
    """Refuses what leads away from this machine."""
    if event[:7] != "socket." or NOTED not in os.environ:
        return
    if event in TO:
        host = of_address(args[0], args[1])
    elif event in LOOK_UPS:
        host = args[0][0] if event == "socket.getnameinfo" else args[0]
    else:
        return
    name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host or "")
    if here(name) or (event == "socket.getaddrinfo" and is_number(name)):  # a number is not looked up
        return
    if name not in os.environ.get(LOOKED_UP, "").split():
        note(f"{event} {name} (process {os.getpid()})")
    if event in LOOK_UPS:
        raise socket.gaierror(socket.EAI_NONAME, f"no network in tests: {name}")
    raise ConnectionRefusedError(f"no network in tests: {name}")


def of_address(one: Any, address: Any) -> Any:
    """The host of a socket's address; "" of what is no network: a file, the kernel."""
    if address is None or one.family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    return address[0]


def here(name: str) -> bool:
    """Whether that is this machine."""
    if name.lower() in NAMES or name.lower().endswith(".localhost"):
        return True
    try:
        found = ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback or found.is_unspecified


def is_number(name: str) -> bool:
    """Whether that is an address as numbers."""
    try:
        return bool(ip_address(name.partition("%")[0]))
    except ValueError:
        return False


def note(line: str) -> None:
    """One line in the file of notes, whole even where several processes write."""
    handle = os.open(os.environ[NOTED], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


if __name__ == "sitecustomize" and NOTED in os.environ:
    hook()
