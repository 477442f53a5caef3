"""Which collections does this sign-in open at a DAV server, and what stands in them?

Four verbs on `connectors.web`: PROPFIND, and REPORT as sync-collection, calendar-multiget and addressbook-multiget.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from config.settings import SignedIn, near
from connectors.contract import Credential, NeedsUser, Stream, TryLater
from connectors.dav_answers import (
    CTAG,
    DAV,
    NONE,
    Content,
    Delta,
    Kind,
    Refused,
    Resource,
    content,
    members,
    parsed,
    responses,
)
from connectors.web import Web
from connectors.web_addresses import WebAddress, host_of, may_sign

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from connectors.web import Answer

TRUNCATED = 1_000
"""Parts of one listing that are asked for; of a hundred resources each, that is a calendar of a lifetime."""

HOPELESS = 3
"""When a request for many fails and the first few for one fail too, the server is down, not a resource broken."""


class Served(SignedIn):
    """The keys of every account on such a server."""

    private: bool = False  # whether the server may stand in the user's own network; before `url`, which asks for it
    url: WebAddress


class Vanished(TryLater):
    """The collection is no more; a pull of it ends, and the others go on."""


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

    def chosen(self, names: Collection[str], key: str) -> tuple[Stream, ...]:
        """Those of these names, or all where none is named; `key` is where the user names them. Raises NeedsUser."""
        found = self.collections()
        there = tuple(dict.fromkeys(stream.name for stream in found))
        if absent := [name for name in names if name not in there]:
            raise NeedsUser(
                f"There is no {self.kind.name} {absent[0]!r} at {self.host}.{near(absent[0], there)}",
                f"Correct `{key}`; there are: {', '.join(there)}.",
            )
        return tuple(stream for stream in found if not names or stream.name in names)

    @property
    def host(self) -> str:
        """The server, as it may be shown."""
        return host_of(self._url)

    def state(self, path: str) -> tuple[str, str]:
        """The collection's sync-token and ctag, "" for what it has not. Raises Vanished."""
        wanted = f'<D:sync-token/><C:getctag xmlns:C="{CTAG}"/>'
        try:
            found = self._propfind(path, wanted, depth=0)
        except Refused as no:
            if no.status not in NONE:
                raise TryLater(f"{self.host} answers {no}.") from None
            found = []
        if not found or found[0].status in NONE:
            raise Vanished(f"{self.host} no longer has this {self.kind.name}.")
        return found[0].text(f"{DAV}sync-token"), found[0].text(f"{{{CTAG}}}getctag")

    def etags(self, path: str) -> dict[str, str]:
        """Every resource of the collection by its name; "" where the server says no more of it. Raises Refused."""
        found = self._propfind(path, "<D:getetag/><D:resourcetype/>", depth=1)
        return {name: r.text(f"{DAV}getetag") for name, r in members(path, found) if r.status not in (404, 410)}

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
            found = list(responses(root))
            for name, resource in members(path, found):
                if resource.status in (404, 410):
                    gone[name] = None
                    etags.pop(name, None)
                else:
                    etags[name] = resource.text(f"{DAV}getetag")
                    gone.pop(name, None)
            after = (root.findtext(f"{DAV}sync-token") or "").strip()
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
            if no.status in NONE:
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
            for name, resource in members(path, responses(self._multistatus("REPORT", path, body, depth=1))):
                yield name, content(resource, tag)

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
        return any(here.href_in(tag) for tag in (f"{DAV}current-user-principal", self.kind.tag(self.kind.home)))

    def _homes(self, here: Resource) -> list[str]:
        """Where the user's collections lie."""
        tag = self.kind.tag(self.kind.home)
        homes = here.href_in(tag)
        for principal in here.href_in(f"{DAV}current-user-principal") if not homes else ():
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
        return Stream(parts.path if own else found.href, found.text(f"{DAV}displayname") or path or self.host)

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
        return [replace(r, href=urljoin(at, r.href)) for r in responses(root)]

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
        answered = {unquote(n): r for n, r in members(path, responses(self._multistatus("REPORT", path, body, 1)))}
        return {n: content(answered[unquote(n)], tag) if unquote(n) in answered else Content() for n in names}

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
        return parsed(answer.body), answer.url

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
