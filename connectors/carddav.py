"""Who stands in the address books of this CardDAV server?

Each address book is a stream, named by its path; a card is called after the resource that holds it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from connectors.cards import NotAnAddressBook, parse
from connectors.contract import Credential, Cursor, Page, RemoteId, Session, Stream
from connectors.dav import Dav, Served
from connectors.dav_answers import ADDRESSBOOK
from connectors.dav_pull import CHUNK, Piece, exact, listed, pull
from connectors.web import Web

READER = "cards 1"
"""To be raised when cards are read differently: a pull then lists everything again."""

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Cards do not repeat: there is no window that moves."""


class Options(Served):
    """The keys of an account with `kind = "carddav"`."""

    kind: Literal["carddav"]
    books: tuple[str, ...] = ()  # by the names that are shown; none: all of them


class CardDav:
    """Reads the address books that the sign-in opens."""

    def __init__(
        self,
        options: Options,
        *,
        now: datetime,
        session: Session,
        credential: Credential,
        page: int = CHUNK,
        trusted: Path | None = None,
    ) -> None:
        web = Web(session, now=now, private=options.private, trusted=trusted)
        self._dav = Dav(options.url, ADDRESSBOOK, credential, web)
        self._chosen = options.books
        self._page = page

    def streams(self) -> Sequence[Stream]:
        """The address books that were chosen. Raises NeedsUser where there are none."""
        return self._dav.chosen(self._chosen, "books")

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The cards that are new or changed, and those that are gone; some to a page."""
        return pull(self._dav, stream.id, cursor, _read, reader=READER, until=_ALWAYS, chunk=self._page)

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """These cards."""
        return exact(self._dav, stream.id, cursor, ids, _read, _ALWAYS, self._page)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every card that the address book has now. Raises TryLater and NeedsUser."""
        yield from listed(self._dav, stream.id)


def _read(name: str, data: bytes, _: datetime) -> Piece:
    """What one resource says; it should hold one card."""
    try:
        cards, missed = parse(data)
    except NotAnAddressBook:
        return Piece(missed=(f"{name}: this is no card: it has no BEGIN:VCARD.",))
    found = tuple(replace(card, id=f"{name}/{n}" if n else name) for n, card in enumerate(cards))
    return Piece(found, tuple(f"{name} {reason}" for _, reason in missed))
