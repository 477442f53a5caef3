"""Which files lie there: one, a folder of them, or a packed export?

One place for calendars and address books, which are small enough to be held in memory one at a time.
"""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from connectors.contract import NeedsUser

LARGEST = 50 * 1024 * 1024
"""Bytes of one file, unpacked: some 100,000 meetings. More is no calendar and no address book, or a bomb."""

_PACKED: Mapping[str, Callable[[Path], Any]] = {".gz": gzip.open, ".xz": lzma.open}
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What the unpackers raise; RuntimeError is a zip with a password."""


@dataclass(frozen=True, slots=True)
class File:
    """One file: its name within the account ("" where there is only one), and its bytes or why there are none."""

    name: str
    data: bytes = b""
    trouble: str = ""


def there(path: Path, what: str) -> None:
    """Raises NeedsUser where nothing is at `path`; `what` is what should be."""
    try:
        path.stat()
    except OSError as error:
        raise NeedsUser(f"{path}: {_why(error)}", f"Correct `path`, or put {what} back there.") from None


def files(path: Path, ends: tuple[str, ...]) -> Iterator[File]:
    """The files there, in the order of their names; of a folder or a zip, those whose names end so."""
    try:
        if path.is_dir():
            for file in sorted(file for file in path.rglob("*") if file.suffix.lower() in ends):
                name = file.relative_to(path)
                if file.is_file() and not any(part.startswith(".") for part in name.parts):
                    yield _opened(name.as_posix(), file.open, "rb")
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in sorted(archive.namelist()):
                    if member.lower().endswith(ends):
                        yield _opened(member, archive.open, member)
        elif not path.is_file() and path.exists():  # a pipe would be waited for
            yield File("", trouble="it is neither a file nor a folder.")
        else:
            opener = _PACKED.get(path.suffix.lower())
            yield _opened("", opener, path) if opener else _opened("", path.open, "rb")
    except _UNREADABLE as error:
        yield File("", trouble=_why(error))


def _opened(name: str, opener: Callable[..., IO[bytes]], *where: object) -> File:
    try:
        with opener(*where) as stream:
            data = stream.read(LARGEST + 1)
    except _UNREADABLE as error:
        return File(name, trouble=_why(error))
    if len(data) > LARGEST:
        return File(name, trouble=f"it is larger than {LARGEST // 2**20} MB.")
    return File(name, data)


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file."
    if isinstance(error, PermissionError):
        return "it may not be read."
    return f"it cannot be read ({type(error).__name__})."
