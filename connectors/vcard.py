"""Who stands in an address book that lies on the disk: a .vcf file, a folder of them, or a packed export?

The whole book is one stream, and a listing covers all of it and ends with `complete=True`: cards that the store has
and the listing does not name were deleted. Where a file of several cannot be read, nobody knows who stands in it, and
the listing is not complete. `gone` names only what was missed before and is not any more. The cursor holds the hash of
the bytes, so that a book that has not changed costs one empty page.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from config.settings import Account
from connectors.cards import Miss, NotAnAddressBook, parse
from connectors.contract import Card, Cursor, NeedsUser, Page, RemoteId, Stream
from connectors.disk import File, files, there

PAGE = 500
"""Cards to a page."""

READER = 1
"""To be raised when cards are read differently: a pull then lists everything again."""

ENDS = (".vcf", ".vcard")


class Options(Account):
    """The keys of an account with `kind = "vcard"`."""

    kind: Literal["vcard"]
    path: Path


class Vcard:
    """Reads the address book at `options.path`."""

    def __init__(self, options: Options, *, page: int = PAGE) -> None:
        self._path = options.path.expanduser()
        self._page = page

    def streams(self) -> Sequence[Stream]:
        """The one address book. Raises NeedsUser where there is none."""
        there(self._path, "the address book")
        return (Stream("contacts", self._path.name),)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """All cards where the book is new or changed, else one empty page. Raises NeedsUser."""
        books = list(files(self._path, ENDS))
        digest = _hash(books)
        kept: Mapping[str, Any] = cursor or {}
        same = kept.get("v") == 1 and kept.get("hash") == digest
        if same and "done" not in kept:
            yield Page((), kept)
            return
        epoch, first = (kept["epoch"], kept["done"]) if same else (int(kept.get("epoch", 0)) + 1, 0)
        cards, missed, whole = self._cards(books)
        before, now = list(kept.get("missed", ())), [remote for remote, _ in missed]
        still = list(dict.fromkeys(now if whole else [*before, *now]))
        back = set(before) - set(still) - {card.id for card in cards}
        for at in range(first, max(len(cards), first + 1), self._page):
            done = at + self._page
            last = done >= len(cards)
            here: dict[str, Any] = {"v": 1, "epoch": epoch, "hash": digest}
            if told := still if last else before:
                here["missed"] = told
            yield Page(
                found=tuple(cards[at:done]),
                cursor=here if last else {**here, "done": done},
                gone=tuple(sorted(back)) if last else (),
                missed=tuple(missed) if last else (),
                complete=last and whole,
                progress=1.0 if last else done / len(cards),
            )

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every card that the book has now."""
        for card in self._cards(list(files(self._path, ENDS)))[0]:
            yield card.id

    def _cards(self, books: Sequence[File]) -> tuple[list[Card], list[Miss], bool]:
        """Every card of every file, what was missed, and whether every file could be read.

        A bad file among others is missed; where all are bad, the user is asked.
        """
        found: dict[RemoteId, Card] = {}
        missed: list[Miss] = []
        troubles: list[str] = []
        for book in books:
            try:
                if book.trouble:
                    raise NotAnAddressBook(book.trouble)
                cards, lost = parse(book.data)
            except NotAnAddressBook as no:
                troubles.append(str(no) or "this is no address book: it has no BEGIN:VCARD.")
                missed.append((book.name, f"{book.name}: {troubles[-1]}"))
                continue
            missed += [(f"{book.name} {remote}".strip(), f"{book.name} {reason}".strip()) for remote, reason in lost]
            for card in cards:
                found.setdefault(card.id, card)
        if len(troubles) == len(books):
            what = troubles[0] if troubles else "there is no .vcf file in it."
            raise NeedsUser(
                f"{self._path}: {what}", "Export the address book again as vCard (.vcf), or correct `path`."
            )
        return list(found.values()), missed, not troubles


def _hash(books: Sequence[File]) -> str:
    digest = hashlib.sha256(f"{READER}".encode())
    for book in books:
        digest.update(repr((book.name, book.trouble, hashlib.sha256(book.data).digest())).encode())
    return digest.hexdigest()
