"""Drafts, put into the user's own Drafts folder: they lie there, and nothing here can send them."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent.outputs.append import put
from connectors.contract import Credential, NeedsUser, Session, TryLater

if TYPE_CHECKING:
    from connectors.imap import Options
    from connectors.imap_line import Line

FOLDER = "\\Drafts"

WHERE = (FOLDER, "\\Sent", "\\Trash")
"""Where a draft may be that was put before: the user may have sent it, or thrown it away."""

FLAGS = ("\\Draft", "\\Seen")
"""Unfinished (RFC 3501, 2.3.2), and nothing new to look at."""


@dataclass(frozen=True, slots=True)
class Drawer:
    """The Drafts folder over one connection, with the folders in which a draft may have come to lie."""

    line: "Line"
    host: str
    folders: dict[str, list[str]]  # use -> names
    now: datetime

    def put(self, mail: bytes) -> None:
        """Put one there. Raises NeedsUser and TryLater, of which Unsure alone means that it may lie there."""
        put(self.line, self.host, mail, self.now, self.folders[FOLDER][0], FLAGS, what="a draft")

    def has(self, message_id: str) -> bool:
        """Whether it lies there, or was sent or thrown away since. Raises TryLater where nobody can tell."""
        from connectors.imap_refusals import Gone

        for name in (name for use in WHERE for name in self.folders.get(use, ())):
            try:
                self.line.examine(name)
            except Gone:
                continue
            found = self.line.search(f'HEADER Message-ID "<{message_id}>"')
            if found is None:
                raise TryLater(f"{self.host} does not say whether a draft is there.")
            if found:
                return True
        return False


class Drafts:
    """The Drafts folder of one account."""

    def __init__(
        self,
        account: "Options",
        credential: Callable[[], Credential],
        session: Session,
        now: datetime,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._account, self._credential, self._session, self._now, self._tls = account, credential, session, now, tls

    @property
    def address(self) -> str:
        """Whose drafts they are: from this one they are sent."""
        return self._account.address

    @contextmanager
    def opened(self) -> Iterator[Drawer]:
        """Raises NeedsUser where there is no such folder."""
        from connectors.imap_folders import use_of
        from connectors.imap_line import Door, Line
        from connectors.imap_refusals import Gone

        account = self._account
        door = Door(account.host, account.door, account.security, self._tls)
        line = Line(door, self._credential(), self._session, lambda: self._now)
        try:
            folders: dict[str, list[str]] = {}
            for each in line.folders():
                if not each.flags & {"\\noselect", "\\nonexistent"}:
                    folders.setdefault(use_of(each), []).append(each.name)
            if FOLDER not in folders:
                what = f"{account.host} shows no folder for drafts."
                raise NeedsUser(what, "Make one in your mail program, or write drafts = false into [digest].")
            try:
                line.examine(folders[FOLDER][0])  # a server that has no time for us says so now
            except Gone:
                raise TryLater(f"{account.host} does not open its folder for drafts.") from None
            yield Drawer(line, account.host, folders, self._now)
        finally:
            line.hang_up()
