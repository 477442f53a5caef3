"""How may a round die? Before any of its statements, and at any of its reads from a server or a file.

A death is an exception that nobody catches: the transaction is rolled back as by SQLite itself, and store, connector
and connection are thrown away. That a SIGKILL does no worse is held by `test_kills.py` and `make soak`.
"""

import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.agent.store.test_crash import Killed

Count = Callable[[], int]

SOAK = bool(os.environ.get("AULD_SOAK"))
SOME, FEW = (1, 1) if SOAK else (9, 17)
"""Behind a vendor's sign-in each so manieth point of a round is tried in CI, and each one in `make soak`."""


@contextmanager
def die_at_read(read: int, below: Path) -> Iterator[Count]:
    """Let this thread die before this read of a socket, or of a file below that folder; gives how many there were."""
    mine, count = threading.get_ident(), 0

    def before() -> None:
        nonlocal count
        if threading.get_ident() == mine:
            count += 1
            if count == read:
                raise Killed

    class Dying(io.FileIO):
        def readinto(self, space: Any) -> int | None:
            before()
            return super().readinto(space)

        def readall(self) -> bytes:
            before()
            return super().readall()

    true_open, true_read = io.open, socket.SocketIO.readinto

    def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if mode == "rb" and below in Path(str(file)).parents:
            return io.BufferedReader(Dying(file, "rb"))
        return true_open(file, mode, *more, **named)

    def readinto(wire: socket.SocketIO, space: Any) -> int | None:
        before()
        return true_read(wire, space)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", opened)
        patch.setattr(socket.SocketIO, "readinto", readinto)
        yield lambda: count
