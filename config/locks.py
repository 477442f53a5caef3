"""Who may go on, and who has to wait? A lock beside the thing it guards; it ends with the process that holds it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.paths import OWN_FILE, folder


class Held(Exception):  # noqa: N818 - a state of the machine, not an error of the program
    """Another process is at it. Its text is for the user."""


@contextmanager
def held(path: Path, *, wait: bool = True, what: str = "This") -> Iterator[None]:
    """Hold the lock at `path`, which stays there: removing it would let two processes hold two locks of one name.

    Without `wait`, raises Held where another holds it, in a sentence that begins with `what`.
    """
    folder(path.parent)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, OWN_FILE)
    try:
        _lock(handle, path, wait, what)
        yield
    finally:
        os.close(handle)  # lets go of it, too


def _lock(handle: int, path: Path, wait: bool, what: str) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if isinstance(error, BlockingIOError | PermissionError):
            raise Held(
                f"{what} is being done by another auld just now ({path.name}). Wait until it has ended."
            ) from None
        raise
