"""The digest, as a mail in a file that any mail program opens."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from agent.model import Digest


def deliver(digest: Digest, mail: bytes, *, folder: Path, echo: Callable[[str], None]) -> None:
    """Write `DAY.eml` into `folder`, for the user's eyes only: whole, or not at all. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / f"{digest.day.isoformat()}.eml"
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
    echo(f"The digest is in {path}")
