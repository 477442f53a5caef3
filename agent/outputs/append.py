"""The digest, put into the user's own inbox: it passes through no other server, and no filter sorts it away."""

import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from agent.model import Digest
from agent.outputs import Unsure, called, nothing
from connectors.contract import Credential, NeedsUser, Session, TryLater

if TYPE_CHECKING:
    from connectors.imap import Options
    from connectors.imap_line import Line

INBOX = "INBOX"
"""Every server knows it by this name (RFC 3501, 5.1)."""


class Append:
    """The inbox of one account, over a connection of its own for each act."""

    def __init__(
        self,
        account: "Options",
        credential: Callable[[], Credential],
        session: Session,
        now: datetime,
        echo: Callable[[str], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._account, self._credential, self._session = account, credential, session
        self._now, self._echo, self._tls = now, echo, tls

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Append the mail, unread and arrived now."""
        with self._line() as line:
            line.examine(INBOX)  # a server that has no time for us says so before anything is handed over
            about_to()
            put(line, self._account.host, mail, self._now)
        self._echo(f"{called(digest)} is in the inbox of {self._account.login}.")

    def arrived(self, message_id: str) -> bool | None:
        """Whether a mail of that Message-ID lies in the inbox."""
        with self._line() as line:
            line.examine(INBOX)
            found = line.search(f'HEADER Message-ID "<{message_id}>"')
        if found is None:
            raise TryLater(f"{self._account.host} does not say whether the digest arrived.")
        return bool(found)

    @contextmanager
    def _line(self) -> "Iterator[Line]":
        from connectors.imap_line import Door, Line

        account = self._account
        door = Door(account.host, account.door, account.security, self._tls)
        line = Line(door, self._credential(), self._session, lambda: self._now)
        try:
            yield line
        finally:
            line.hang_up()


def put(
    line: "Line",
    host: str,
    mail: bytes,
    at: datetime,
    folder: str = INBOX,
    flags: Sequence[str] = (),
    what: str = "the digest",
) -> None:
    """Append a mail. Raises Unsure where the connection ended before the server said whether it keeps it."""
    from imapclient.exceptions import IMAPClientError

    try:
        line._client.append(folder, mail, flags, at)
    except imaplib.IMAP4.abort as cut:
        raise Unsure(f"{host} took {what} and did not say whether it keeps it ({cut})."[:200]) from None
    except IMAPClientError as no:
        said = " ".join(str(no).split())[:160]
        if "OVERQUOTA" in said.upper():
            raise NeedsUser(f"Your mailbox at {host} is full.", "Make room, or choose another [digest] via.") from None
        raise TryLater(f"{host} does not take {what}: {said}") from None
    except (OSError, ValueError, AttributeError, TypeError) as cut:
        told = f"{host} took {what} and did not say whether it keeps it ({type(cut).__name__})."
        raise Unsure(told) from None
