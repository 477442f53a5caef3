"""In which files is the mail of an archive, and what do they hold when unpacked?"""

import bz2
import gzip
import lzma
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

PREFIX: Final = 64 << 10
"""Bytes of its beginning by whose hash a file is known again."""

BROKEN = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, OSError)
"""What opening and unpacking raise."""

_PACKED: Final[tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...]] = (
    (b"\x1f\x8b", lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file))),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
    (b"BZh", bz2.BZ2File),
)
_ENDINGS: Final = (".zip", ".gz", ".xz", ".bz2", ".mbox", ".mbx", ".eml")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the messages of one stream stand: a file, or a member of a zip."""

    path: Path
    member: str = ""

    @contextmanager
    def opened(self) -> Iterator[tuple[IO[bytes], Callable[[], float]]]:
        """Its bytes, unpacked, and how much of it is read, 0 to 1. Raises OSError and what the unpackers raise."""
        with ExitStack() as stack:
            packed: IO[bytes] = stack.enter_context(self.path.open("rb"))
            size = os.fstat(packed.fileno()).st_size
            if self.member:
                archive = stack.enter_context(zipfile.ZipFile(packed))
                packed = stack.enter_context(archive.open(self.member))
                size = archive.getinfo(self.member).file_size
            content = stack.enter_context(_unpacked(packed))
            yield content, lambda: min(packed.tell() / max(size, 1), 1.0)

    def head(self) -> bytes:
        """Its first bytes, unpacked."""
        with self.opened() as (content, _):
            return exactly(content, PREFIX)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    magic = file.read(6)
    file.seek(0)
    for start, unpack in _PACKED:
        if magic.startswith(start):
            return unpack(file)
    return file


def is_zip(path: Path) -> bool:
    """Whether there are files in it."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def exactly(content: IO[bytes], size: int) -> bytes:
    """So many bytes; fewer only where there are no more."""
    found = b""
    while len(found) < size and (more := content.read(size - len(found))):
        found += more
    return found


def plain_name(name: str) -> str:
    """A file's name without its endings, so that a file keeps its stream when it is packed."""
    while (ending := next((e for e in _ENDINGS if name.lower().endswith(e)), None)) and len(name) > len(ending):
        name = name[: -len(ending)]
    return name
