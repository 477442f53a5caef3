"""A mail server in memory that is told what to do and what to do wrong: fast enough for ten thousand steps.

It is as an IMAP server is: UIDs within a folder only grow, a folder made anew counts from 1 again under another epoch,
a move gives a new UID, a copy is a second place for the same mail. What the contract promises holds for its connector:
it says what is gone, hands over pages that are whole, and raises nothing but trouble.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Cursor, CursorLost, Page, RemoteId, Stream, TryLater
from tests.agent.store.generated import mail

PAGE = 4


@dataclass
class Folder:
    """Mails by UID."""

    epoch: int
    next: int = 1
    mails: dict[int, int] = field(default_factory=dict)

    def add(self, number: int) -> None:
        self.mails[self.next] = number
        self.next += 1


@dataclass
class MailServer:
    """Folders with numbered mails; `asked` counts requests."""

    folders: dict[str, Folder] = field(default_factory=dict)
    epochs: int = 0
    asked: int = 0
    cut_after: int | None = None  # answers after which the connection breaks
    omits: set[int] = field(default_factory=set)  # mails that are listed and not shown

    def create(self, name: str) -> None:
        self.epochs += 1
        self.folders[name] = Folder(self.epochs)

    def renumber(self, name: str) -> None:
        """The same mails under another UIDVALIDITY."""
        old = self.folders[name].mails
        self.create(name)
        for number in old.values():
            self.folders[name].add(number)

    def there(self) -> set[int]:
        """All mails that show anywhere."""
        return {number for folder in self.folders.values() for number in folder.mails.values()}

    def answer(self) -> None:
        self.asked += 1
        if self.cut_after is not None:
            self.cut_after -= 1
            if self.cut_after < 0:
                raise TryLater("The connection broke.") from ConnectionResetError()


class Reading:
    """The connector to it, for one round."""

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def streams(self) -> Sequence[Stream]:
        self.server.answer()
        return [Stream(name, name.title()) for name in sorted(self.server.folders)]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        self.server.answer()
        if (folder := self.server.folders.get(stream.id)) is None:
            return
        if cursor is not None and cursor["epoch"] != folder.epoch:
            raise CursorLost(f"{stream.name} is counted anew")
        said: dict[str, Any] = dict(cursor or {"v": 1, "epoch": folder.epoch, "next": 1, "known": [], "listing": True})
        there = dict(folder.mails)
        fresh = sorted((uid for uid in there if uid >= said["next"] or uid not in said["known"]), reverse=True)
        known, end = set(said["known"]), folder.next
        for start in range(0, len(fresh), PAGE):
            self.server.answer()
            uids = fresh[start : start + PAGE]
            known |= set(uids)
            yield self._page(folder, uids, {**said, "known": sorted(known)})
        gone = [uid for uid in known if uid not in there]
        done = {**said, "next": end, "known": sorted(known - set(gone)), "listing": False}
        yield Page((), done, gone=tuple(self._id(folder, uid) for uid in gone), complete=said["listing"])

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        self.server.answer()
        if (folder := self.server.folders.get(stream.id)) is None:
            return
        if cursor["epoch"] != folder.epoch:
            raise CursorLost(f"{stream.name} is counted anew")
        uids = [int(one.partition(".")[2]) for one in ids]
        page = self._page(folder, [uid for uid in uids if uid in folder.mails], cursor)
        gone = tuple(self._id(folder, uid) for uid in uids if uid not in folder.mails)
        yield Page(page.found, cursor, gone=gone, missed=page.missed)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        self.server.answer()
        if (folder := self.server.folders.get(stream.id)) is None:
            raise TryLater(f"{stream.name}: there is no such folder.")
        yield from [self._id(folder, uid) for uid in folder.mails]

    def _id(self, folder: Folder, uid: int) -> RemoteId:
        return f"{folder.epoch}.{uid}"

    def _page(self, folder: Folder, uids: Sequence[int], cursor: Cursor) -> Page:
        shown = [uid for uid in uids if folder.mails[uid] not in self.server.omits]
        found = tuple(mail(folder.mails[uid], id=self._id(folder, uid), labels=()) for uid in shown)
        missed = tuple((self._id(folder, uid), "it was not shown") for uid in uids if uid not in shown)
        return Page(found, cursor, missed=missed)
