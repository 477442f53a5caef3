"""The digest, put into the user's own Gmail: it is inserted as IMAP appends, and goes through no mail server.

Its right, `gmail.insert`, allows nothing else: not to read, not to send.
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agent.model import Digest
from agent.outputs import Unsure, called, nothing
from connectors import google_api
from connectors.consent import Kept
from connectors.contract import Session, TryLater
from connectors.google_scopes import INSERT, METADATA, READONLY
from connectors.google_tokens import GoogleTokens

if TYPE_CHECKING:
    from connectors.google import Options

INSERTED = 25
"""Quota units of an insertion, and of what is asked to find it again (`sync.md`, 4)."""

LISTED, SHOWN = 5, 20

RECENT = timedelta(hours=36)
"""Whoever looks for a digest looks on the same morning; what is older than this is another day's."""

LOOKED_AT = 200
"""Mails among which it is looked for at most, where Gmail may not be asked for it by its Message-ID."""


class Gmail:
    """The inbox of one account."""

    def __init__(
        self,
        account: "Options",
        kept: Kept,
        session: Session,
        now: datetime,
        echo: Callable[[str], None],
        endpoints: google_api.Endpoints | None = None,
    ) -> None:
        self._account, self._kept, self._session, self._now, self._echo = account, kept, session, now, echo
        self._endpoints = endpoints

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Insert the mail, unread and arrived now."""
        with self._api() as api:
            api.ready()
            raw = base64.urlsafe_b64encode(mail).decode()
            request = api.users.messages().insert(
                userId="me",
                internalDateSource="receivedTime",
                body={"raw": raw, "labelIds": ["INBOX", "UNREAD"]},
                fields="id",
            )
            about_to()
            try:
                api.ask(google_api.Ask(request, INSERTED, {"id": str}), once=True)
            except TryLater as trouble:
                if 400 <= api.status < 500:
                    raise
                what = f"Gmail was given the digest and did not say whether it keeps it ({trouble.what})"[:200]
                raise Unsure(what) from None
        self._echo(f"{called(digest)} is in the inbox of {self._account.address}.")

    def arrived(self, message_id: str) -> bool | None:
        """Whether it lies in the mailbox, wherever the user has put it since; None where the consent is not to read."""
        with self._api() as api:
            if READONLY in api.scopes and METADATA not in api.scopes:
                return bool(_listed(api, q=f"rfc822msgid:{message_id}"))
            if METADATA in api.scopes:
                return self._among_recent(api, message_id)
        return None

    def _among_recent(self, api: google_api.Api, message_id: str) -> bool:
        """Under gmail.metadata there is no searching: the newest mails are looked at, until they are too old."""
        newest = _listed(api, maxResults=LOOKED_AT)
        for start in range(0, len(newest), google_api.BATCH):
            some = newest[start : start + google_api.BATCH]
            answers = api.batch({one: _shown(api, one) for one in some})
            if answers.missed:
                raise TryLater("Gmail does not say whether the digest arrived.")
            found = list(answers.found.values())
            if any(_named(one, message_id) for one in found):
                return True
            if found and all(_older(one, self._now - RECENT) for one in found):
                return False
        return False

    @contextmanager
    def _api(self) -> Iterator[google_api.Api]:
        tokens = GoogleTokens(self._kept, self._session, now=self._now, wanted=(INSERT,), endpoints=self._endpoints)
        api = google_api.Api(tokens, self._session, now=self._now, endpoints=self._endpoints, units=self._account.units)
        try:
            yield api
        finally:
            api.close()


def _listed(api: google_api.Api, **asked: Any) -> list[str]:
    """Ids, the newest first, those thrown away among them."""
    request = api.users.messages().list(
        userId="me", includeSpamTrash=True, fields="messages(id),resultSizeEstimate", **asked
    )
    told = api.ask(google_api.Ask(request, LISTED, {"resultSizeEstimate": int}))
    rows = told.get("messages", [])
    return [one["id"] for one in rows if isinstance(one, dict) and isinstance(one.get("id"), str)]


def _shown(api: google_api.Api, id_: str) -> google_api.Ask:
    request = api.users.messages().get(
        userId="me", id=id_, format="metadata", metadataHeaders=["Message-ID"], fields="id,internalDate,payload/headers"
    )
    return google_api.Ask(request, SHOWN, {"id": str})


def _named(told: dict[str, Any], message_id: str) -> bool:
    headers = told.get("payload", {}).get("headers", [])
    return any(one.get("value", "").strip() == f"<{message_id}>" for one in headers)


def _older(told: dict[str, Any], than: datetime) -> bool:
    said = str(told.get("internalDate", ""))
    return said.isdecimal() and int(said) < than.timestamp() * 1_000
