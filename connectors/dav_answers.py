"""What does a DAV server say in a multistatus?"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connectors.web import said

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NONE = frozenset({403, 404, 410})
"""What a server answers where it shows no such thing."""

DAV = "{DAV:}"
CTAG = "http://calendarserver.org/ns/"
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
        hrefs = [] if found is None else [(each.text or "").strip() for each in found.iter(f"{DAV}href")]
        return [href for href in hrefs if href]

    def has(self, kind: Kind) -> bool:
        """Whether this is a collection of that kind, with room for what we read."""
        types = self.properties.get(f"{DAV}resourcetype")
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


def parsed(body: bytes) -> "Element":
    """The multistatus in these bytes. Raises Refused where they are none."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        try:
            root: Element = fromstring(body, forbid_dtd=True)
        except ParseError:
            root = fromstring(body.translate(None, _CONTROL), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Refused(207, "something that is not XML as it should be") from None
    if root.tag != f"{DAV}multistatus":
        raise Refused(207, "something that is no list of anything")
    return root


def responses(root: "Element") -> Iterator[Resource]:
    """The responses of a multistatus, with the properties that were found."""
    for response in root.iter(f"{DAV}response"):
        href = (response.findtext(f"{DAV}href") or "").strip()
        status = _status(response.findtext(f"{DAV}status"))
        properties: dict[str, Element] = {}
        for part in response.iter(f"{DAV}propstat"):
            its = _status(part.findtext(f"{DAV}status")) or 200
            status = status or its
            if 200 <= its < 300:
                status = 200
                properties |= {each.tag: each for prop in part.iter(f"{DAV}prop") for each in prop}
        yield Resource(href, status or 200, properties)


def _status(line: str | None) -> int:
    found = re.search(r"\b([1-5][0-9]{2})\b", line or "")
    return int(found[1]) if found else 0


def members(path: str, found: Iterable[Resource]) -> Iterator[tuple[str, Resource]]:
    """What lies in the collection, each by the last part of its href; the collection itself is none of it."""
    own = unquote(_path(path)).rstrip("/")
    for resource in found:
        href = _path(resource.href)
        types = resource.properties.get(f"{DAV}resourcetype")
        folder = types is not None and types.find(f"{DAV}collection") is not None
        if href and not href.endswith("/") and unquote(href) != own and not folder:
            yield href.rpartition("/")[2], resource


def _path(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""


def content(resource: Resource, tag: str) -> Content:
    """What stands in the property of that name."""
    if resource.status in (404, 410):
        return Content(absent=True, trouble="the server lists it, and says that there is no such thing")
    data = resource.text(tag).encode("utf-8", "replace")
    if not data:
        return Content(trouble=f"the server answers {said(resource.status)} and shows nothing")
    return Content(data, resource.text(f"{DAV}getetag"))
