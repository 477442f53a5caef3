"""How does a file that names people come to lie on the disk? For the user's eyes only, and whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def keep(path: Path, text: Iterable[str]) -> None:
    """Write the pieces of a text to `path`, 0600 from its first byte, in place of what was there. Raises OSError."""
    path = path.expanduser().resolve()  # through a link, the file behind it
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
