"""What has changed in these collections of a DAV server, and what stands in it?

Four verbs on `connectors.web` (PROPFIND, and REPORT as sync-collection, calendar-multiget and addressbook-multiget),
and the way of a pull that calendars and address books share. The cursor keeps the etag of every resource whose content
is stored: a listing, however it came about, is compared with these, so that a crash costs one listing and no content,
and a token that the server no longer knows costs one listing too (`sync.md`, faults 24 and 25).

A resource is named by the last part of its href. What stands in it is `name`, or `name/part` where it holds several
things (the instances of a series). The cursor keeps those parts, packed, so that all of them go with their resource.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

from connectors.contract import Card, Credential, Cursor, Interaction, NeedsUser, Page, RemoteId, Stream, TryLater
from connectors.web import Web, host_of, may_sign, said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from connectors.web import Answer

CHUNK = 50
"""Resources asked for at once (`sync.md`, F21); servers that refuse a hundred are known, none that refuse fifty."""

REFUSALS = 2
"""So many refused tokens in a row, and the server is one without tokens: from then on it is asked for etags."""

TRUNCATED = 1_000
"""Parts of one listing that are asked for; of a hundred resources each, that is a calendar of a lifetime."""

HOPELESS = 3
"""When a request for many fails and the first few for one fail too, the server is down, not a resource broken."""

READER = 1
"""To be raised when resources are read or named differently: a pull then lists everything again."""

_NONE = frozenset({403, 404, 410})
_DAV = "{DAV:}"
_CTAG = "http://calendarserver.org/ns/"
_CONTROL = bytes(set(range(32)) - {9, 10, 13})
"""What XML forbids and some servers send all the same, inside a summary that was pasted."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells calendars from address books."""

    name: str  # as the user calls one
    service: str  # of /.well-known/
    namespace: str
    home: str
    collection: str
    report: str
    data: str
    component: str = ""  # what such a collection must be able to hold, where it says what it can

    def tag(self, name: str) -> str:
        """The name as ElementTree has it."""
        return f"{{{self.namespace}}}{name}"


CALENDAR = Kind(
    "calendar",
    "caldav",
    "urn:ietf:params:xml:ns:caldav",
    "calendar-home-set",
    "calendar",
    "calendar-multiget",
    "calendar-data",
    "VEVENT",
)
ADDRESSBOOK = Kind(
    "address book",
    "carddav",
    "urn:ietf:params:xml:ns:carddav",
    "addressbook-home-set",
    "addressbook",
    "addressbook-multiget",
    "address-data",
)


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """The server does not do what was asked, whatever its reason; there may be another way."""

    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(words or said(status))
        self.status = status


class Vanished(TryLater):
    """The collection is no more; a pull of it ends, and the others go on."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One response of a multistatus: where, how it went, and the properties that it has."""

    href: str
    status: int
    properties: Mapping[str, "Element"]

    def text(self, tag: str) -> str:
        """A property's text, "" where there is none."""
        found = self.properties.get(tag)
        return (found.text or "").strip() if found is not None else ""

    def href_in(self, tag: str) -> list[str]:
        """The hrefs inside a property."""
        found = self.properties.get(tag)
        hrefs = [] if found is None else [(each.text or "").strip() for each in found.iter(f"{_DAV}href")]
        return [href for href in hrefs if href]

    def has(self, kind: Kind) -> bool:
        """Whether this is a collection of that kind, with room for what we read."""
        types = self.properties.get(f"{_DAV}resourcetype")
        if types is None or types.find(kind.tag(kind.collection)) is None:
            return False
        able = self.properties.get(kind.tag(f"supported-{kind.collection}-component-set"))
        names = [] if able is None else [str(each.get("name", "")).upper() for each in able]
        return not kind.component or not names or kind.component in names


@dataclass(frozen=True, slots=True)
class Delta:
    """What a sync-collection says: the etags of what is new or changed, the names of what is gone, the new token."""

    etags: Mapping[str, str]
    gone: tuple[str, ...]
    token: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a resource gave, or why it gave nothing; `absent` where the server says that there is no such resource."""

    data: bytes = b""
    etag: str = ""
    absent: bool = False
    trouble: str = "the server says nothing of it"


class Dav:
    """The collections of one kind that one sign-in opens."""

    def __init__(self, url: str, kind: Kind, credential: Credential, web: "Web") -> None:
        self._url, self.kind, self._credential, self._web = url, kind, credential, web

    def collections(self) -> list[Stream]:
        """Every collection of the kind: the one at the address itself, else those of the user who signs in.

        Raises NeedsUser where there is none.
        """
        here = self._entrance()
        if here is not None and here.has(self.kind):
            return [self._stream(here)]
        homes = self._homes(here) if here is not None else []
        found = {r.href: r for home in homes for r in self._listed(home) if r.has(self.kind)}
        if not found:
            raise NeedsUser(
                f"There is no {self.kind.name} for {self._credential.user} at {self.host}.",
                f"Set `url` to the address of the {self.kind.name} itself.",
            )
        return [self._stream(found[href]) for href in sorted(found)]

    @property
    def host(self) -> str:
        """The server, as it may be shown."""
        return host_of(self._url)

    def state(self, path: str) -> tuple[str, str]:
        """The collection's sync-token and ctag, "" for what it has not. Raises Vanished."""
        wanted = f'<D:sync-token/><C:getctag xmlns:C="{_CTAG}"/>'
        try:
            found = self._propfind(path, wanted, depth=0)
        except Refused as no:
            if no.status not in _NONE:
                raise TryLater(f"{self.host} answers {no}.") from None
            found = []
        if not found or found[0].status in _NONE:
            raise Vanished(f"{self.host} no longer has this {self.kind.name}.")
        return found[0].text(f"{_DAV}sync-token"), found[0].text(f"{{{_CTAG}}}getctag")

    def etags(self, path: str) -> dict[str, str]:
        """Every resource of the collection by its name; "" where the server says no more of it. Raises Refused."""
        found = self._propfind(path, "<D:getetag/><D:resourcetype/>", depth=1)
        return {name: r.text(f"{_DAV}getetag") for name, r in _members(path, found) if r.status not in (404, 410)}

    def changes(self, path: str, token: str) -> Delta:
        """What has changed since `token`; everything for "". Raises Refused."""
        etags: dict[str, str] = {}
        gone: dict[str, None] = {}
        for _ in range(TRUNCATED):
            body = (
                f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{escape(token)}</D:sync-token>'
                "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
            )
            root = self._multistatus("REPORT", path, body, depth=0)
            found = list(_responses(root))
            for name, resource in _members(path, found):
                if resource.status in (404, 410):
                    gone[name] = None
                    etags.pop(name, None)
                else:
                    etags[name] = resource.text(f"{_DAV}getetag")
                    gone.pop(name, None)
            after = (root.findtext(f"{_DAV}sync-token") or "").strip()
            cut = any(r.status == 507 for r in found)
            if not after or (cut and after == token):
                raise Refused(507)
            token = after
            if not cut:
                return Delta(etags, tuple(gone), token)
        raise Refused(507)

    def contents(self, path: str, names: Sequence[str]) -> dict[str, Content]:
        """What these resources hold, each by its name, also where there is nothing to be had.

        Where the server fails over them together, each is asked for alone: one that is broken costs only itself.
        Raises TryLater where the server fails over each, and Vanished.
        """
        try:
            return self._contents(path, names)
        except Refused as no:
            if no.status in _NONE:
                self.state(path)
        found: dict[str, Content] = {}
        for done, name in enumerate(names, start=1):
            try:
                found |= self._contents(path, [name])
            except Refused as no:
                found[name] = Content(trouble=f"the server answers {no}")
            if done >= HOPELESS and not any(one.data for one in found.values()):
                raise TryLater(f"{self.host} shows nothing of what it lists.")
        return found

    def holding(self, path: str, component: str, properties: Iterable[str]) -> Iterator[tuple[str, Content]]:
        """The resources with any of these iCalendar properties. Raises Refused."""
        tag = self.kind.tag(self.kind.data)
        for wanted in properties:
            body = (
                f'<C:calendar-query xmlns:D="DAV:" xmlns:C="{self.kind.namespace}"><D:prop><D:getetag/>'
                f'<C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter'
                f' name="{component}"><C:prop-filter name="{wanted}"/></C:comp-filter></C:comp-filter></C:filter>'
                "</C:calendar-query>"
            )
            for name, resource in _members(path, _responses(self._multistatus("REPORT", path, body, depth=1))):
                yield name, _content(resource, tag)

    # How the server is found

    def _entrance(self) -> Resource | None:
        """What stands at the address, or where the server's well-known address leads; None where nothing does."""
        bare = urlsplit(self._url).path in ("", "/")
        known = urljoin(self._url, f"/.well-known/{self.kind.service}")
        seen: Resource | None = None
        refused: Refused | None = None
        for at in (known, self._url) if bare else (self._url, known):
            try:
                here = next(iter(self._propfind(at, self._wanted(), depth=0)), None)
            except Refused as no:
                refused = no
                continue
            if here is not None and (here.has(self.kind) or self._leads(here)):
                return here
            seen = seen or here
        if seen is None and refused is not None:
            if refused.status == 403:
                raise NeedsUser(
                    f"{self.host} does not let {self._credential.user} see anything ({refused}).",
                    "Check `url` and `user`; some servers want a password made for this app alone.",
                )
            if not 400 <= refused.status < 500:
                raise TryLater(f"{self.host} answers {refused}.")
        return seen

    def _leads(self, here: Resource) -> bool:
        return any(here.href_in(tag) for tag in (f"{_DAV}current-user-principal", self.kind.tag(self.kind.home)))

    def _homes(self, here: Resource) -> list[str]:
        """Where the user's collections lie."""
        tag = self.kind.tag(self.kind.home)
        homes = here.href_in(tag)
        for principal in here.href_in(f"{_DAV}current-user-principal") if not homes else ():
            try:
                for found in self._propfind(self._at(here.href, principal), self._wanted(), depth=0):
                    homes += [self._at(found.href, home) for home in found.href_in(tag)]
            except Refused:
                continue
        return list(dict.fromkeys(self._at(here.href, home) for home in homes)) or [here.href]

    def _listed(self, home: str) -> list[Resource]:
        try:
            return self._propfind(home, self._wanted(), depth=1)
        except Refused as no:
            if not 400 <= no.status < 500:
                raise TryLater(f"{self.host} answers {no}.") from None
            raise NeedsUser(f"{self.host} does not list your {self.kind.name}s ({no}).", "Check `url`.") from None

    def _wanted(self) -> str:
        kind = self.kind
        return (
            f'<D:resourcetype/><D:displayname/><D:current-user-principal/><C:{kind.home} xmlns:C="{kind.namespace}"/>'
            f'<C:supported-{kind.collection}-component-set xmlns:C="{kind.namespace}"/>'
        )

    def _stream(self, found: Resource) -> Stream:
        """Its id is the path, or the whole address where that is on another host."""
        parts = urlsplit(found.href)
        here = urlsplit(self._url)
        own = (parts.scheme, parts.netloc) == (here.scheme, here.netloc)
        path = unquote(parts.path).rstrip("/").rpartition("/")[2]
        return Stream(parts.path if own else found.href, found.text(f"{_DAV}displayname") or path or self.host)

    def _at(self, base: str, href: str) -> str:
        """A whole address. Raises NeedsUser where it is on a host to which the sign-in must not go."""
        url = urljoin(urljoin(self._url, base), href)
        if not may_sign(self._url, url):
            raise NeedsUser(
                f"{self.host} says that your {self.kind.name}s are at {host_of(url)}.",
                "Where you trust that host with your password too, set `url` to its address.",
            )
        return url

    # How it is asked

    def _propfind(self, url: str, wanted: str, *, depth: int) -> list[Resource]:
        body = f'<D:propfind xmlns:D="DAV:"><D:prop>{wanted}</D:prop></D:propfind>'
        root, at = self._asked("PROPFIND", url, body, depth)
        return [replace(r, href=urljoin(at, r.href)) for r in _responses(root)]

    def _contents(self, path: str, names: Sequence[str]) -> dict[str, Content]:
        """The same, together. Raises Refused."""
        prefix = path if path.endswith("/") else path + "/"
        hrefs = "".join(f"<D:href>{escape(urlsplit(prefix + name).path)}</D:href>" for name in names)
        kind = self.kind
        body = (
            f'<C:{kind.report} xmlns:D="DAV:" xmlns:C="{kind.namespace}"><D:prop><D:getetag/><C:{kind.data}/>'
            f"</D:prop>{hrefs}</C:{kind.report}>"
        )
        tag = kind.tag(kind.data)
        answered = {unquote(n): r for n, r in _members(path, _responses(self._multistatus("REPORT", path, body, 1)))}
        return {n: _content(answered[unquote(n)], tag) if unquote(n) in answered else Content() for n in names}

    def _multistatus(self, method: str, path: str, body: str, depth: int) -> "Element":
        return self._asked(method, path, body, depth)[0]

    def _asked(self, method: str, url: str, body: str, depth: int) -> "tuple[Element, str]":
        """The multistatus, and the address that gave it. Raises Refused."""
        answer = self._web.ask(
            method,
            self._at("", url),
            headers={"Content-Type": 'application/xml; charset="utf-8"', "Depth": str(depth)},
            body=f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'.encode(),
            credential=self._credential,
        )
        self._refused(answer)
        return self._parsed(answer.body), answer.url

    def _refused(self, answer: "Answer") -> None:
        if answer.status == 401:
            raise NeedsUser(
                f"{self.host} does not accept the password of {self._credential.user}.",
                "Sign in again; some servers want a password made for this app alone.",
            )
        if answer.status in (429, 503):
            self._web.unless_it_passes(answer)
        if answer.status == 200 and b"<html" in answer.body[:2_000].lower():
            raise TryLater(f"{self.host} answers with a web page; perhaps a network wants you to sign in first.")
        if answer.status != 207:
            raise Refused(answer.status)

    def _parsed(self, body: bytes) -> "Element":
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring

        try:
            try:
                root: Element = fromstring(body, forbid_dtd=True)
            except ParseError:
                root = fromstring(body.translate(None, _CONTROL), forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            raise Refused(207, "something that is not XML as it should be") from None
        if root.tag != f"{_DAV}multistatus":
            raise Refused(207, "something that is no list of anything")
        return root


def _responses(root: "Element") -> Iterator[Resource]:
    """The responses of a multistatus, with the properties that were found."""
    for response in root.iter(f"{_DAV}response"):
        href = (response.findtext(f"{_DAV}href") or "").strip()
        status = _status(response.findtext(f"{_DAV}status"))
        properties: dict[str, Element] = {}
        for part in response.iter(f"{_DAV}propstat"):
            its = _status(part.findtext(f"{_DAV}status")) or 200
            status = status or its
            if 200 <= its < 300:
                status = 200
                properties |= {each.tag: each for prop in part.iter(f"{_DAV}prop") for each in prop}
        yield Resource(href, status or 200, properties)


def _status(line: str | None) -> int:
    found = re.search(r"\b([1-5][0-9]{2})\b", line or "")
    return int(found[1]) if found else 0


def _members(path: str, found: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """What lies in the collection, each by the last part of its href; the collection itself is none of it."""
    own = unquote(_path(path)).rstrip("/")
    for resource in found:
        href = _path(resource.href)
        types = resource.properties.get(f"{_DAV}resourcetype")
        folder = types is not None and types.find(f"{_DAV}collection") is not None
        if href and not href.endswith("/") and unquote(href) != own and not folder:
            yield href.rpartition("/")[2], resource


def _path(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""


def _content(resource: Resource, tag: str) -> Content:
    if resource.status in (404, 410):
        return Content(absent=True, trouble="the server lists it, and says that there is no such thing")
    data = resource.text(tag).encode("utf-8", "replace")
    if not data:
        return Content(trouble=f"the server answers {said(resource.status)} and shows nothing")
    return Content(data, resource.text(f"{_DAV}getetag"))


# ---- a pull ----------------------------------------------------------------------------------------------------------


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
        """A cursor of another version or another way of reading says nothing but its epoch."""
        kept: Mapping[str, Any] = cursor or {}
        if kept.get("v") != 1 or kept.get("reader") != reader:
            return cls(reader, until, epoch=int(kept.get("epoch", 0)) + 1)
        return cls(
            reader,
            datetime.fromisoformat(kept["until"]),
            kept["epoch"],
            kept.get("listing", False),
            kept.get("token", ""),
            kept.get("ctag", ""),
            kept.get("refused", 0),
            dict(kept["etags"]),
            dict(kept.get("parts", {})),
        )

    def cursor(self) -> Cursor:
        """As the store keeps it; what says nothing is left out."""
        kept: dict[str, Any] = {"v": 1, "epoch": self.epoch, "reader": self.reader, "until": self.until.isoformat()}
        more = {"listing": self.listing, "token": self.token, "ctag": self.ctag, "refused": self.refused}
        return kept | {k: v for k, v in more.items() if v} | {"etags": dict(self.etags), "parts": dict(self.parts)}

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
        if no.status in _NONE:
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


def hashed(etag: str) -> str:
    """Eight characters that stand for an etag in the cursor; a weak one is as good as a strong one here."""
    plain = etag.strip().removeprefix("W/")
    return base64.b64encode(hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=6).digest()).decode()


_TIME = "%Y%m%dT%H%M%SZ"
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


def packed(parts: Sequence[str]) -> str:
    """The parts of a resource in few characters: the instances of a series lie at distances that repeat."""
    if not parts:
        return ""
    times = sorted(_seconds(part) for part in parts if _stamped(part))
    others = sorted(part for part in parts if not _stamped(part))
    steps = [b - a for a, b in pairwise([0, *times])]
    text = "\n".join([" ".join(map(str, steps)), *others])
    return base64.b85encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode()


def unpacked(text: str) -> list[str]:
    """The parts that `packed` made it of."""
    if not text:
        return []
    steps, *others = zlib.decompress(base64.b85decode(text)).decode("utf-8", "surrogatepass").split("\n")
    times = [(_SINCE + timedelta(seconds=at)).strftime(_TIME) for at in accumulate(map(int, steps.split()))]
    return [*times, *others]


def _stamped(part: str) -> bool:
    return re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", part) is not None


def _seconds(part: str) -> int:
    return int((datetime.strptime(part, _TIME).replace(tzinfo=UTC) - _SINCE).total_seconds())
