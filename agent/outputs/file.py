"""The digest, as a mail in a file that any mail program opens."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from agent.model import Digest
from agent.outputs import called, nothing


class File:
    """`DAY.eml` in a folder; a test beside it, so that it takes the place of no digest."""

    def __init__(self, folder: Path, echo: Callable[[str], None]) -> None:
        self._folder, self._echo = folder, echo

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Write the mail for the user's eyes only: whole, or not at all. Raises OSError."""
        folder = self._folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        path = folder / f"{digest.day.isoformat()}{'-test' if digest.test else ''}.eml"
        about_to()
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".", suffix=".eml")  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(mail)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
        self._echo(f"{called(digest)} is in {path}")

    def arrived(self, message_id: str) -> bool | None:
        """Never: a second one replaces the first, and so harms nobody."""
        return False
