"""What has changed in this collection of a DAV server since the last pull?

The way of a pull that calendars and address books share. The cursor keeps the etag of every resource whose content
is stored: a listing, however it came about, is compared with these, so that a crash costs one listing and no content,
and a token that the server no longer knows costs one listing too (`sync.md`, faults 24 and 25).

A resource is named by the last part of its href. What stands in it is `name`, or `name/part` where it holds several
things (the instances of a series). The cursor keeps those parts, packed, so that all of them go with their resource.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from connectors.contract import Card, Cursor, Interaction, Page, RemoteId, TryLater
from connectors.dav import Dav, Vanished
from connectors.dav_answers import NONE, Content, Refused
from connectors.packed import hashed, kept, packed, remembered, unpacked

CHUNK = 50
"""Resources asked for at once (`sync.md`, F21); servers that refuse a hundred are known, none that refuse fifty."""

REFUSALS = 2
"""So many refused tokens in a row, and the server is one without tokens: from then on it is asked for etags."""

READER = 1
"""To be raised when resources are read or named differently: a pull then lists everything again."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one resource says. `again`: more of it comes with time, as of a series that goes on."""

    found: tuple[Interaction | Card, ...] = ()
    missed: tuple[str, ...] = ()  # the reasons
    texts: Mapping[RemoteId, str] = field(default_factory=dict)
    again: bool = False


Read: TypeAlias = Callable[[str, bytes, datetime], Piece]
"""Turns a resource (its name, its bytes, the end of the window for series) into what it says. All ids are the name, or
begin with it and a slash."""


@dataclass(slots=True)
class _Known:
    """What a cursor says."""

    reader: str
    until: datetime  # the end of the window up to which series are known
    epoch: int = 1
    listing: bool = True  # the first listing is not done
    token: str = ""
    ctag: str = ""
    refused: int = 0  # tokens, in a row
    etags: dict[str, str] = field(default_factory=dict)  # name -> hash of the etag of what is stored
    parts: dict[str, str] = field(default_factory=dict)  # name -> its parts, packed; those that are read again

    @classmethod
    def of(cls, cursor: Cursor | None, reader: str, until: datetime) -> "_Known":
        """What it says; of another way of reading, nothing but its epoch."""
        return cls(**remembered(cursor, reader, until))

    def cursor(self) -> Cursor:
        """As the store keeps it; what says nothing is left out."""
        return kept(self)

    def ids(self, name: str) -> list[RemoteId]:
        """Everything that is stored of a resource: itself, where the cursor does not tell it apart into parts."""
        if name not in self.parts:
            return [name]
        return [f"{name}/{part}" if part else name for part in unpacked(self.parts[name])]

    def keep(self, name: str, etag: str, piece: Piece | None, more: bool) -> list[RemoteId]:
        """Note what was read of a resource; gives back what it held before and holds no longer.

        With `more`, what it held stays, whether it was shown now or not. Without a piece nothing of it was read: the
        ledger asks for it by its name.
        """
        before = self.ids(name) if name in self.etags else []
        now = [one.id for one in piece.found] if piece else [name]
        kept = list(dict.fromkeys([*before, *now])) if more else now
        self.etags[name] = hashed(etag)
        if kept != [name] or piece is None or piece.again or piece.missed:
            self.parts[name] = packed([each.removeprefix(name).removeprefix("/") for each in kept])
        else:
            self.parts.pop(name, None)
        return [each for each in before if each not in set(kept)]

    def drop(self, name: str) -> list[RemoteId]:
        """Forget a resource; gives back what it held."""
        held = self.ids(name)
        self.etags.pop(name, None)
        self.parts.pop(name, None)
        return held


@dataclass(frozen=True, slots=True)
class _News:
    """What is to be read, and what is gone; and where the next pull begins."""

    etags: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    token: str = ""
    ctag: str = ""


def pull(
    dav: Dav, path: str, cursor: Cursor | None, read: Read, *, reader: str, until: datetime, chunk: int = CHUNK
) -> Iterator[Page]:
    """What is new in a collection. `reader` is what else decides how resources are read; `until` ends the window.

    A collection that is no more ends quietly, with no page. Raises TryLater and NeedsUser.
    """
    reader = f"{READER} {reader}"
    known = _Known.of(cursor, reader, until)
    try:
        news = _news(dav, path, known)
        yield from _pages(dav, path, known, news, read, until, chunk)
        if known.until < until:  # a listing of another week was gone on with
            yield from pull(dav, path, known.cursor(), read, reader=reader.partition(" ")[2], until=until, chunk=chunk)
    except Vanished:
        return


def exact(
    dav: Dav, path: str, cursor: Cursor, ids: Sequence[RemoteId], read: Read, until: datetime, chunk: int = CHUNK
) -> Iterator[Page]:
    """Pages with each of `ids` found, gone or missed; with them comes what else their resources hold."""
    known = _Known.of(cursor, str(cursor.get("reader", "")), until)
    asked: dict[str, list[RemoteId]] = {}
    for each in ids:
        asked.setdefault(each.partition("/")[0], []).append(each)
    names = list(asked)
    try:
        for start in range(0, len(names), chunk):
            some = names[start : start + chunk]
            contents = dav.contents(path, some)
            there = listed(dav, path) if any(content.absent for content in contents.values()) else {}
            found: list[Interaction | Card] = []
            gone: list[RemoteId] = []
            missed: list[tuple[RemoteId, str]] = []
            texts: dict[RemoteId, str] = {}
            for name in some:
                content = contents[name]
                if content.data:
                    piece = read(name, content.data, known.until)
                    found += piece.found
                    texts |= piece.texts
                    here = {one.id for one in piece.found}
                    unread = [(name, reason) for reason in piece.missed]
                    missed += unread
                    gone += [] if unread else [each for each in asked[name] if each not in here]
                elif content.absent and name not in there:
                    gone += dict.fromkeys([*asked[name], *known.ids(name)])
                else:
                    missed += [(each, f"{name}: {content.trouble}") for each in asked[name]]
            yield Page(tuple(found), cursor, texts, tuple(gone), tuple(missed))
    except Vanished:
        return


def _news(dav: Dav, path: str, known: _Known) -> _News:
    """What has changed: by the token, or, where the server will not have it, by comparing etags, once."""
    if known.refused < REFUSALS and (known.listing or known.token):
        try:
            delta = dav.changes(path, "" if known.listing else known.token)
        except Refused:
            known.refused += 1
        else:
            known.refused = 0
            fresh = _fresh(delta.etags, known)
            gone = [name for name in delta.gone if name in known.etags]
            if known.listing:
                gone += [name for name in known.etags if name not in delta.etags]
            changed = bool(fresh or gone or known.listing)
            return _News(fresh, tuple(dict.fromkeys(gone)), delta.token if changed else known.token)
    token, ctag = dav.state(path)
    token = token if known.refused < REFUSALS else ""
    if not known.listing and ctag and ctag == known.ctag:
        return _News(token=token, ctag=ctag)
    there = listed(dav, path)
    return _News(_fresh(there, known), tuple(name for name in known.etags if name not in there), token, ctag)


def listed(dav: Dav, path: str) -> dict[str, str]:
    """The etag of every resource, by name. Raises TryLater, and its kind Vanished."""
    try:
        return dav.etags(path)
    except Refused as no:
        if no.status in NONE:
            raise Vanished(f"{dav.host} no longer has this {dav.kind.name}.") from None
        raise TryLater(f"{dav.host} answers {no}.") from None


def _fresh(etags: Mapping[str, str], known: _Known) -> dict[str, str]:
    return {name: etag for name, etag in etags.items() if not etag or known.etags.get(name) != hashed(etag)}


def _pages(dav: Dav, path: str, known: _Known, news: _News, read: Read, until: datetime, chunk: int) -> Iterator[Page]:
    """The resources that are to be read, some to a page; only the last page's cursor begins after all of them."""
    wanted = {name: (etag, False) for name, etag in sorted(news.etags.items())}
    moved = not known.listing and known.until < until
    if moved:
        wanted |= {n: ("", True) for n in known.parts if n not in wanted and n not in news.gone}
    full = known.listing
    names = list(wanted)
    gone = [each for name in news.gone for each in known.drop(name)]
    for start in range(0, max(len(names), 1), chunk):
        some = names[start : start + chunk]
        page = _page(known, {n: wanted[n] for n in some}, dav.contents(path, some) if some else {}, read, until)
        last = start + chunk >= len(names)
        if last:
            known.token, known.ctag, known.listing = news.token, news.ctag, False
            known.until = until if moved else known.until
        yield replace(
            page,
            cursor=known.cursor(),
            gone=(*gone, *page.gone),
            complete=last and full,
            progress=1.0 if last else (start + chunk) / len(names),
        )
        gone = []


def _page(
    known: _Known,
    wanted: Mapping[str, tuple[str, bool]],
    contents: Mapping[str, Content],
    read: Read,
    until: datetime,
) -> Page:
    """What these resources say; `wanted` tells the etag of each, and whether it is only read again."""
    found: list[Interaction | Card] = []
    gone: list[RemoteId] = []
    missed: list[tuple[RemoteId, str]] = []
    texts: dict[RemoteId, str] = {}
    for name, (etag, again) in wanted.items():
        content = contents[name]
        same = again and (not content.etag or hashed(content.etag) == known.etags[name])
        if not content.data:
            if not again:
                missed.append((name, f"{name}: {content.trouble}"))
                known.keep(name, etag, None, more=True)
            continue
        piece = read(name, content.data, until if again else known.until)
        before = set(known.ids(name)) if same else set()
        fresh = [one for one in piece.found if one.id not in before]
        found += fresh
        texts |= {one.id: piece.texts[one.id] for one in fresh if one.id in piece.texts and not same}
        missed += [(name, reason) for reason in piece.missed if not same]
        was = known.etags.get(name, "")
        gone += known.keep(name, content.etag or etag, piece, more=same or bool(piece.missed))
        if same:
            known.etags[name] = was
    return Page(tuple(found), {}, texts, tuple(gone), tuple(missed))
