"""What mail is in this archive? Mbox files of any size: plain, compressed, in a zip, or in a folder."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from config.settings import Account
from connectors.contract import Cursor, NeedsUser, Page, RemoteId, Stream
from connectors.labels import special_use
from connectors.mbox_files import BROKEN, Place, is_zip, plain_name
from connectors.mbox_messages import is_mbox
from connectors.mbox_reading import LEFT_OUT, PAGE, Reading


class Options(Account):
    """`[accounts.NAME]` with `kind = "mbox"`."""

    kind: Literal["mbox"]
    path: Path
    """An mbox file, also as .gz, .xz, .bz2 or .zip, or a folder of them (macOS Mail's `Name.mbox` too)."""


class Mbox:
    """The mail archive at `options.path`. Raises NeedsUser where there is none that can be read."""

    def __init__(self, options: Options, *, now: datetime, page: int = PAGE) -> None:
        self.path = options.path.expanduser()
        self.now, self.page = now, page
        self.texts = options.read == "text"
        self.ignored: tuple[str, ...] = ()
        """After `streams`: what else stood in the folder or zip, and is no mail."""
        self._places: dict[str, Place] = {}

    def streams(self) -> Sequence[Stream]:
        """One to a file; Drafts and Junk of a folder or zip are left aside."""
        try:
            return self._streams()
        except FileNotFoundError:
            raise NeedsUser(f"{self.path}: there is no such file.", "Check `path`; was it moved?") from None
        except PermissionError as error:
            raise NeedsUser(
                f"{error.filename or self.path}: it may not be read.", "Give yourself the right to read it."
            ) from None
        except (*BROKEN, RuntimeError, NotImplementedError) as error:  # a zip with a password, an odd packing
            raise NeedsUser(
                f"{self.path}: it cannot be unpacked ({type(error).__name__}).", "Unpack it, and give what was inside."
            ) from None

    def _streams(self) -> list[Stream]:
        self._places, ignored = {}, []
        several = self.path.is_dir() or is_zip(self.path)
        found: list[Stream] = []
        for name, place in self._candidates():
            role = special_use(Path(name).name)
            head = place.head()
            if (head.strip() and not is_mbox(head)) or (several and not head):
                ignored.append(place.member or str(place.path.relative_to(self.path)) if several else name)
            elif not (several and role in LEFT_OUT):
                stream = Stream(name if several else "mail", name, role)
                self._places[stream.id] = place
                found.append(stream)
        self.ignored = tuple(ignored)
        if not found:
            raise NeedsUser(
                f"{self.path}: no mail was found in it (a mail archive begins with a line `From ...`).",
                "Export your mail as mbox (Google Takeout: Mail; Thunderbird, Apple Mail: its mailbox file).",
            )
        return found

    def _candidates(self) -> Iterator[tuple[str, Place]]:
        if self.path.is_dir():
            for path in sorted(p for p in self.path.rglob("*") if p.is_file() and not p.name.startswith(".")):
                inside = path.relative_to(self.path)
                if inside.name == "mbox":  # macOS Mail: Name.mbox/mbox
                    inside = inside.parent if len(inside.parts) > 1 else Path(self.path.name)
                yield plain_name(inside.as_posix()), Place(path)
        elif is_zip(self.path):
            with zipfile.ZipFile(self.path) as archive:
                for member in archive.namelist():
                    if not member.endswith("/"):
                        inner = member.removesuffix("/mbox")
                        yield plain_name(inner), Place(self.path, member)
        else:
            yield plain_name(self.path.name), Place(self.path)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Pages of about `page` messages. A cursor that no longer fits begins anew: ids come from the content."""
        if stream.id not in self._places:
            self.streams()
        place = self._places.get(stream.id)
        if place is None:
            raise NeedsUser(f"{self.path}: `{stream.name}` is no longer in it.", "Check `path`; was it moved?")
        yield from Reading(place, stream, self.now, self.page, self.texts).pages(cursor)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """The ids of all messages; for a file there is no cheaper way than to read it."""
        for page in self.pull(stream, None):
            yield from (found.id for found in page.found)
