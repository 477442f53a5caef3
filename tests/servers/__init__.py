"""Real servers on loopback, and a proxy that gives them the faults that networks have.

A program that is not installed skips the tests that need it, and says so; under `CI=true` its absence is a failure.
"""

import os
import shutil
import socket

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
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
