"""What is new in the feeds that the user follows: by their addresses, and by those in an OPML file?

Each feed is a stream, and a listing of what it shows now: what it no longer shows, it no longer says. A feed that is
sick is noted and harms no other; only where every feed is, the account is. An entry without a date is dated by when it
first appeared; those that were there from the beginning stay without one. The cursor holds a hash of the entries, what
the server said last (ETag, Last-Modified), and when undated entries came.

An address may hold a secret (feeds for members do), so that errors name the host alone.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator

from config.settings import Account
from connectors import entries
from connectors.contract import Cursor, Item, NeedsUser, Page, RemoteId, Session, Stream, Trouble, TryLater
from connectors.web import Answer, Web, said
from connectors.web_addresses import WebAddress, checked, host_of

PAGE = 200
"""Entries to a page; most feeds are one."""

LARGEST = 5 * 1024 * 1024
"""Bytes of a feed, unpacked: the largest that show their whole archive have some three."""

LONGEST = 60.0
"""Seconds for one feed: among a hundred, one that drips must not take the round of the others."""

LARGEST_OPML = 10 * 1024 * 1024

MOST_FEEDS = 1_000
"""More than anybody reads; a round asks each of them."""

READER = 1
"""To be raised when feeds are read differently: a pull then lists everything again."""

WHOLE = "feed"
"""The remote id of a feed that could not be read."""


class Options(Account):
    """The keys of an account with `kind = "feeds"`."""

    kind: Literal["feeds"]
    private: bool = False  # whether an address may lead into the user's own network; before `urls`, which asks for it
    urls: tuple[WebAddress, ...] = ()
    opml: Path | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.urls and self.opml is None:
            raise ValueError("needs `urls` (a list of feeds) or `opml` (a file that lists them), or both.")
        return self

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """An address may hold a secret."""
        yield from ((name, [host_of(url) for url in self.urls] if name == "urls" else value) for name, value in self)


class Feeds:
    """Reads the feeds at `options.urls` and those that `options.opml` lists."""

    def __init__(
        self, options: Options, *, now: datetime, session: Session, page: int = PAGE, trusted: Path | None = None
    ) -> None:
        self._options, self._now, self._session, self._page, self._trusted = options, now, session, page, trusted
        self._listed: dict[str, tuple[str, Stream]] = {}
        self._well = False  # whether any feed could be read

    def streams(self) -> Sequence[Stream]:
        """The feeds, as they are listed. Raises NeedsUser where the OPML file cannot be read. No feed is asked here."""
        if not self._listed:
            for url, title in [*((url, "") for url in self._options.urls), *self._of_opml()][:MOST_FEEDS]:
                key = hashlib.blake2b(url.encode(), digest_size=8).hexdigest()
                self._listed.setdefault(key, (url, Stream(key, title or host_of(url))))
        return tuple(stream for _, stream in self._listed.values())

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """The entries of a feed where they are new or changed; else one empty page, with the reason where it is sick.

        Raises the trouble of the last feed where all of them are sick, and TryLater where the round is over.
        """
        known = _Said.of(cursor)
        if known.until and self._now < known.until:
            yield Page((), known.cursor())
            return
        try:
            feed, known = self._read(stream, known)
        except Trouble as trouble:
            self._session.wait()
            yield self._sick(stream, known, trouble)
            return
        self._well = True
        if feed is None:
            yield Page((), known.cursor(), gone=(WHOLE,) if known.well_again else ())
            return
        yield from _pages(feed, known, self._page)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every entry that the feed shows now."""
        feed, _ = self._read(stream, _Said())
        yield from (item.id for item in (feed.items if feed else ()))

    def _sick(self, stream: Stream, known: "_Said", trouble: Trouble) -> Page:
        if stream == self.streams()[-1] and not self._well:
            raise trouble
        until = trouble.until if isinstance(trouble, TryLater) else None
        sick = replace(known, sick=True, until=until)
        reason = str(trouble) if stream.name in str(trouble) else f"{stream.name}: {trouble}"
        return Page((), sick.cursor(), missed=((WHOLE, reason),))

    def _read(self, stream: Stream, known: "_Said") -> tuple[entries.Feed | None, "_Said"]:
        """The feed with its undated entries dated, None where it is what is known already; and what is known now."""
        self.streams()
        if stream.id not in self._listed:
            raise NeedsUser(f"{stream.name} is not among the feeds any more.", "Look at `urls` and `opml`.")
        url = self._listed[stream.id][0]
        answer = self._asked(url, known)
        if answer is None:
            return None, replace(known, sick=False, until=None, well_again=known.sick)
        host = host_of(url)
        try:
            feed = entries.read(answer.body, answer.url, answer.headers.get("content-type", ""), self._now)
        except entries.NotAFeed as no:
            if no.elsewhere:
                raise NeedsUser(
                    f"{host} answers with a page, and no feed.", f"Its feed is at {no.elsewhere}."
                ) from None
            raise TryLater(f"{host} answers with something that is no feed.") from None
        feed, came = _dated(feed, known, self._now)
        feed = replace(feed, items=tuple(replace(one, source=one.source or stream.name) for one in feed.items))
        digest = _digest(feed)
        told = replace(
            known,
            sick=False,
            until=None,
            well_again=known.sick,
            came=came,
            etag=answer.headers.get("etag", ""),
            modified=answer.headers.get("last-modified", ""),
        )
        if told.digest != digest:
            return feed, replace(told, digest=digest, epoch=known.epoch + 1, done=0)
        return (feed if known.done is not None else None), told

    def _asked(self, url: str, known: "_Said") -> Answer | None:
        """What the server answers, None where nothing has changed. Raises NeedsUser, TryLater."""
        ends = min(self._session.ends, self._session.clock() + LONGEST)
        web = Web(
            replace(self._session, ends=ends), now=self._now, private=self._options.private, trusted=self._trusted
        )
        headers = {"Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml, */*"}
        if known.digest and known.done is None:
            validators = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
            headers |= {name: value for name, value in validators.items() if value}
        answer = web.ask("GET", url, headers=headers, limit=LARGEST)
        host = host_of(url)
        if answer.status == HTTPStatus.NOT_MODIFIED and len(headers) > 1:
            return None
        if answer.status in (401, 403, 404, 410):
            raise NeedsUser(
                f"{host} has no feed for us there (it answers {said(answer.status)}).",
                "Correct its address, or take it out of `urls` or the OPML file.",
            )
        web.unless_it_passes(answer)
        if answer.status != HTTPStatus.OK:
            raise TryLater(f"{host} answers {said(answer.status)}.")
        return answer

    def _of_opml(self) -> Iterator[tuple[str, str]]:
        """(address, title) of each feed that the file lists. Raises NeedsUser."""
        path = self._options.opml
        if path is None:
            return
        remedy = "Export your feeds again as OPML, or correct `opml`."
        try:
            if path.stat().st_size > LARGEST_OPML:
                raise NeedsUser(f"{path}: this is too large for a list of feeds.", remedy)
            body = path.read_bytes()
        except OSError as error:
            raise NeedsUser(f"{path}: {error.strerror}.", remedy) from None
        seen = False
        for url, title in _outlines(body, str(path), remedy):
            seen = True
            yield self._safe(url), title
        if not seen and not self._options.urls:
            raise NeedsUser(f"{path}: no feed stands in it.", remedy)

    def _safe(self, url: str) -> str:
        """Lists are old, and what was http then is https now; what is neither stays, and is sick."""
        for one in (url, "https" + url[4:] if url[:5].lower() == "http:" else url):
            try:
                return checked(one, private=self._options.private)
            except NeedsUser:
                continue
        return url


def _outlines(body: bytes, path: str, remedy: str) -> Iterator[tuple[str, str]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NeedsUser(f"{path}: this is no OPML file that can be read.", remedy) from None
    for outline in root.iter("outline"):
        told = {name.lower(): value for name, value in outline.attrib.items()}
        if url := told.get("xmlurl", "").strip():
            title = told.get("title") or told.get("text") or ""
            yield url, entries.line(title, entries.LONGEST_TITLE)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says: which entries, and where a listing stands that is not done.

    `came` is when each undated entry appeared, in POSIX seconds; 0 for those that were there from the beginning.
    """

    digest: str = ""
    epoch: int = 0
    done: int | None = None
    etag: str = ""
    modified: str = ""
    came: Mapping[RemoteId, int] = field(default_factory=dict)
    sick: bool = False
    until: datetime | None = None  # not to be asked before then
    well_again: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> "_Said":
        """A cursor of another version, or of another reader, says nothing but its epoch."""
        kept: Mapping[str, Any] = cursor or {}
        if kept.get("v") != 1 or kept.get("reader") != READER:
            return cls(epoch=int(kept.get("epoch", 0)))
        until = kept.get("until")
        return cls(
            digest=kept["hash"],
            epoch=kept["epoch"],
            done=kept.get("done"),
            etag=kept.get("etag", ""),
            modified=kept.get("modified", ""),
            came=kept.get("came", {}),
            sick=kept.get("sick", False),
            until=datetime.fromisoformat(until) if until else None,
        )

    def cursor(self, done: int | None = None) -> Cursor:
        """As the store keeps it; `done` entries are listed, None when all are."""
        kept: dict[str, Any] = {"v": 1, "epoch": self.epoch, "reader": READER, "hash": self.digest}
        told = {"etag": self.etag, "modified": self.modified, "came": dict(self.came), "sick": self.sick}
        kept |= {name: value for name, value in told.items() if value}
        if self.until:
            kept["until"] = self.until.isoformat()
        done = self.done if done is None and self.sick else done
        if done is not None:
            kept["done"] = done
        return kept


def _dated(feed: entries.Feed, known: _Said, now: datetime) -> tuple[entries.Feed, dict[RemoteId, int]]:
    """The feed with a date for each entry that appeared since it was first read, and when undated ones came."""
    first = not known.digest
    undated = [item.id for item in feed.items if item.published is None]
    came = {key: known.came.get(key, 0 if first else int(now.timestamp())) for key in undated}
    items = tuple(
        replace(item, published=datetime.fromtimestamp(came[item.id], UTC)) if came.get(item.id) else item
        for item in feed.items
    )
    return replace(feed, items=items), came


def _digest(feed: entries.Feed) -> str:
    """A hash of everything that is handed on."""
    rows = [
        [one.id, one.title, one.url, one.published.isoformat() if one.published else "", one.source, one.note]
        for one in feed.items
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _pages(feed: entries.Feed, known: _Said, page: int) -> Iterator[Page]:
    """The pages that are left of a listing."""
    items: tuple[Item, ...] = feed.items
    first = known.done or 0
    for at in range(first, max(len(items), first + 1), page):
        done = at + page
        last = done >= len(items)
        yield Page(
            found=items[at:done],
            cursor=replace(known, done=None).cursor() if last else known.cursor(done),
            gone=(WHOLE,) if last and known.well_again else (),
            complete=last and feed.whole,
            progress=1.0 if last else done / len(items),
        )
