"""Real servers on loopback, and a proxy that gives them the faults that networks have.

A program that is not installed skips the tests that need it, and says so; under `CI=true` its absence is a failure.
"""

import os
import shutil
import socket
from contextlib import ExitStack

import pytest


def needs(program: str, package: str) -> str:
    """Where the program is. Without it the test is skipped, or, in CI, fails."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")
    if found:
        return found
    said = f"{program} is not installed (apt-get install --no-install-recommends {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(said)
    pytest.skip(said)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    [port] = free_ports(1)
    return port


def free_ports(number: int) -> list[int]:
    """So many different ones: the system may give a port twice as soon as it is let go of."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
