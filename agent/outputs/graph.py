"""The digest, sent by the user's own account at Microsoft to itself.

Graph puts a finished mail into a folder only as a draft, which nobody can answer, and with a right to everything in
the mailbox; so it is sent. Its right, `Mail.Send`, neither reads nor deletes, and it goes to the account's own address
alone (docs/decisions/a-digest-at-microsoft.md).
"""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from agent.model import Digest
from agent.outputs import Unsure, called, nothing
from connectors.consent import Kept
from connectors.contract import NeedsUser, Session, TryLater
from connectors.graph import Api, Endpoints, Refused, rows
from connectors.microsoft_tokens import MicrosoftTokens

if TYPE_CHECKING:
    from connectors.microsoft import Options

RIGHT = "Mail.Send"

_HEADER = re.compile(rb"^(From|To|Cc|Bcc|Sender):[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)
_BREAK = re.compile(rb"\r?\n\r?\n")


class Graph:
    """The address of one account, from which and to which the digest goes."""

    def __init__(
        self,
        account: "Options",
        kept: Kept,
        session: Session,
        now: datetime,
        echo: Callable[[str], None],
        endpoints: Endpoints | None = None,
    ) -> None:
        self._account, self._echo = account, echo
        tokens = MicrosoftTokens(account, kept=kept, now=now, session=session, endpoints=endpoints, digest=True)
        self._api = Api(tokens, now=now, session=session, endpoints=endpoints)

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Send the mail, to the account's own address and to no other."""
        ready = base64.b64encode(addressed(mail, self._account.address))
        self._look()
        about_to()
        try:
            said = self._api.hand_over("/me/sendMail", ready, "text/plain")
        except TryLater as cut:
            raise Unsure(f"Microsoft took the digest and did not say whether it keeps it ({cut.what})"[:200]) from None
        if said.status >= 500:
            raise Unsure(f"Microsoft took the digest and did not say whether it keeps it ({said.status}).")
        if said.status != 202:
            raise self._refused(self._api.refusal(said, RIGHT))
        self._echo(f"{called(digest)} is on its way to {self._account.address}.")

    def arrived(self, message_id: str) -> bool | None:
        """Whether it lies in the mailbox, or was sent; None where it is not found: it may be on its way, or Microsoft
        may have given it another Message-ID."""
        if not self._account.mail:
            return None
        asked = quote(f"internetMessageId eq '<{message_id}>'".replace("+", "%2B"), safe="")
        try:
            found = self._api.get(f"/me/messages?$filter={asked}&$select=id&$top=1", right="Mail.ReadBasic")
        except Refused as no:
            raise TryLater(f"Microsoft does not say whether the digest arrived ({no}).") from None
        return True if rows(found) else None

    def _look(self) -> None:
        """Is there a mailbox that has time for us? What is wrong with it shows before anything is handed over."""
        path = "/me/mailFolders/inbox?$select=id" if self._account.mail else "/me/calendar?$select=id"
        try:
            self._api.get(path, right="Mail.ReadBasic" if self._account.mail else "Calendars.ReadBasic")
        except Refused as no:
            raise TryLater(f"Microsoft does not show your mailbox ({no}).") from None

    def _refused(self, why: Exception) -> Exception:
        if not isinstance(why, Refused):
            return why
        if "sendas" in why.code:
            return NeedsUser(
                f"Microsoft does not let this account send as {self._account.address}.",
                "Set `address` of the account to the one that it sends from.",
            )
        return TryLater(f"Microsoft does not take the digest ({why}).")


def addressed(mail: bytes, address: str) -> bytes:
    """The same mail from this address to this address, and to nobody else, whatever stood there."""
    there = _BREAK.search(mail)
    end = there.start() if there else len(mail)
    head = _HEADER.sub(b"", mail[:end] + b"\r\n")
    own = address.encode()
    return b"From: auld <" + own + b">\r\nTo: " + own + b"\r\n" + head[:-2] + mail[end:]
