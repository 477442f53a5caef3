"""What stands in a feed: RSS, Atom or JSON Feed, as whoever wrote it, well or badly, or to do harm?

Nothing before the root element is handed to the parser: entities, which are how XML explodes, are declared there, and
no feed needs them. What is not well-formed is read by feedparser's other way, which takes any soup and is slow at it,
so that only little of it is taken.
"""

import calendar
import codecs
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from io import BytesIO
from typing import Any
from unicodedata import category
from urllib.parse import quote, urljoin, urlsplit

from connectors.contract import Item

MOST = 500
"""Entries of one feed that are read, the first ones: a feed names its newest first, and shows some tens."""

MOST_SOUP = 256 * 1024
"""Bytes of what is not well-formed: that much, made to be slow, takes three seconds."""

MOST_ELEMENTS, MOST_ATTRIBUTES = 50_000, 40
"""Elements of a feed, a hundred to an entry; and what one of them may carry. 5 MB of empty ones take a minute."""

LONGEST_TITLE, LONGEST_NOTE, LONGEST_URL = 200, 300, 1_000
"""Characters. What is longer is cut, and a longer address is no address that anybody would pass on."""

LONGEST_HTML = 8_000
"""Characters of a summary that are looked at: the first sentences are wanted."""

PROLOGUE = 64 * 1024
"""Characters before the root element: comments and a stylesheet, or an attack."""

ENCODINGS = re.compile(
    r"utf-?8|utf-?16(?:[bl]e)?|us-ascii|ascii|iso-?8859-\d+|latin-?1|windows-\d+|cp125\d|koi8-[ru]|"
    r"shift[_-]jis|euc-(?:jp|kr)|iso-2022-jp|gb2312|gbk|gb18030|big5",
    re.IGNORECASE,
)
"""In which a feed may say that it is written; Python knows others, some of which take for ever (punycode)."""

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel)(?=[\s>/])", re.IGNORECASE)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})["']""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_NEWS_ELSEWHERE = re.compile(r"<link\b[^<>]{0,500}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SENTENCE = re.compile(r".{40,}?[.!?…。！？](?=\s|$|(?<=[。！？]))")


class NotAFeed(Exception):  # noqa: N818 - an answer, not an error
    """What came is no feed; `elsewhere` is where a page says that its feed is, or ""."""

    def __init__(self, elsewhere: str = "") -> None:
        super().__init__(elsewhere)
        self.elsewhere = elsewhere


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's name and its entries in its own order; those without a date have `published=None`.

    `whole`: it is well-formed, so that nothing of it is lacking.
    """

    title: str
    items: tuple[Item, ...]
    whole: bool = True


def read(body: bytes, url: str, content_type: str, now: datetime) -> Feed:
    """The feed in these bytes, which came from `url`. A date after `now` is none. Raises NotAFeed."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _of_json(body, url, now)
    text = decoded(body, content_type)
    root = _ROOT.search(text, 0, PROLOGUE)
    if not root:
        raise NotAFeed(_elsewhere(text[:PROLOGUE], url))
    plain = ("<?xml version='1.0' encoding='utf-8'?>\n" + text[root.start() :]).encode("utf-8", "replace")
    whole = _well_formed(plain)
    if not whole and len(plain) > MOST_SOUP:
        raise NotAFeed
    return _of_xml(plain, url, now, whole=whole)


def decoded(body: bytes, content_type: str) -> str:
    """The text of a document, in the encoding of its first bytes, its header, its declaration, or one that fits."""
    marked = next((name for mark, name in _BOMS if body.startswith(mark)), "")
    said = _CHARSET.search(content_type)
    declared = _DECLARED.search(body[:1_000])
    named = [said[1] if said else "", declared[1].decode() if declared else "", "utf-8", "windows-1252"]
    for encoding in [marked] if marked else [name for name in named if ENCODINGS.fullmatch(name)]:
        try:
            return body.decode(encoding).lstrip("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode(marked or "utf-8", "replace")


def _well_formed(body: bytes) -> bool:
    """Whether it is. Raises NotAFeed where there is more in it than in any feed."""
    from xml.sax import SAXException
    from xml.sax.handler import ContentHandler
    from xml.sax.xmlreader import AttributesImpl

    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    class Counting(ContentHandler):
        seen = 0

        def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - as SAX calls it
            self.seen += 1
            if self.seen > MOST_ELEMENTS or len(attrs) > MOST_ATTRIBUTES:
                raise NotAFeed

    try:
        parseString(body, Counting(), forbid_dtd=True)
    except (SAXException, DefusedXmlException, ValueError):
        return False
    return True


def _of_xml(body: bytes, url: str, now: datetime, *, whole: bool) -> Feed:
    import feedparser

    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    found = feedparser.parse(BytesIO(body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False)
    if not found.version and not found.entries:
        raise NotAFeed
    title = line(_text(str(dict.get(found.feed, "title") or "")), LONGEST_TITLE)
    items = (_of_entry(dict(entry), url, title, now) for entry in found.entries[:MOST])
    return Feed(title, _once(items), whole)


def _of_entry(entry: Mapping[str, Any], url: str, source: str, now: datetime) -> Item | None:
    said = str(entry.get("summary") or "")
    if not said:
        said = next((str(part.get("value") or "") for part in entry.get("content") or () if part), "")
    dates = (entry.get(name) for name in ("published_parsed", "updated_parsed", "created_parsed"))
    return _item(
        key=str(entry.get("id") or ""),
        title=str(entry.get("title") or ""),
        link=str(entry.get("link") or ""),
        said=said,
        published=_past((_of_struct(date) for date in dates if date), now),
        url=url,
        source=source,
    )


def _of_json(body: bytes, url: str, now: datetime) -> Feed:
    """A JSON Feed (jsonfeed.org), version 1 or 1.1."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAFeed from None
    entries = found.get("items")
    if not isinstance(entries, list) or "jsonfeed.org/version/" not in str(found.get("version")):
        raise NotAFeed
    title = line(_string(found.get("title")), LONGEST_TITLE)
    items = (_of_object(one, url, title, now) for one in entries[:MOST] if isinstance(one, dict))
    return Feed(title, _once(items))


def _of_object(entry: Mapping[str, Any], url: str, source: str, now: datetime) -> Item | None:
    texts = (_string(entry.get(name)) for name in ("summary", "content_text", "content_html"))
    dates = (_of_iso(_string(entry.get(name))) for name in ("date_published", "date_modified"))
    key = entry.get("id")
    return _item(
        key=str(key) if isinstance(key, str | int | float) else "",
        title=_string(entry.get("title")),
        link=_string(entry.get("url")) or _string(entry.get("external_url")),
        said=next(filter(None, texts), ""),
        published=_past(dates, now),
        url=url,
        source=source,
    )


def _item(
    *,
    key: str,
    title: str,
    link: str,
    said: str,
    published: datetime | None,
    url: str,
    source: str,
) -> Item | None:
    """One entry; None where it leads nowhere or says nothing."""
    there = web_link(link, url)
    plain = _text(said)
    named = line(_text(title), LONGEST_TITLE) or line(first_sentences(plain), LONGEST_TITLE)
    if not there or not named:
        return None
    name = blake2b((key or there).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    note = line(first_sentences(plain), LONGEST_NOTE)
    return Item(name, named, there, published, source, "" if note == named else note)


def _once(items: Iterator[Item | None]) -> tuple[Item, ...]:
    kept: dict[str, Item] = {}
    for item in items:
        if item:
            kept.setdefault(item.id, item)
    return tuple(kept.values())


# ---- the parts of an entry -------------------------------------------------------------------------------------------


def web_link(link: str, base: str = "") -> str:
    """The link as an absolute http(s) address in ASCII; "" where it is none, or one that nobody should be given."""
    if not link.strip() or len(link) > LONGEST_URL:
        return ""
    try:
        parts = urlsplit(urljoin(base, "".join(link.split())))
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or parts.password is not None:
        return ""
    if not re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host):
        return ""
    place = f"[{host}]" if ":" in host else host
    netloc = f"{place}:{port}" if port else place
    path, query, fragment = (
        quote(part, safe="%/:=&?~+!$,;'@()*.-_", errors="replace") for part in (parts.path, parts.query, parts.fragment)
    )
    made = parts._replace(netloc=netloc, path=path, query=query, fragment=fragment).geturl()
    return made if len(made) <= LONGEST_URL else ""


def line(text: str, most: int) -> str:
    """Text on one line, without controls and what turns its direction; cut at a word, with an ellipsis."""
    plain = " ".join("".join(c if category(c)[0] != "C" else " " for c in text[: 4 * most]).split())
    if len(plain) <= most:
        return plain
    cut = plain[:most]
    return (cut.rpartition(" ")[0] if " " in cut[most // 2 :] else cut[:-1]).rstrip(" ,;:.-") + "…"


def first_sentences(text: str) -> str:
    """The first sentence of a text, and as many more as make forty characters; the text where it has none."""
    plain = " ".join(text.split())
    found = _SENTENCE.match(plain[:1_000])
    return found[0] if found else plain


def _text(marked_up: str) -> str:
    """HTML, or what might be some, as plain text."""
    some = marked_up[:LONGEST_HTML]
    if "<" not in some:
        return html.unescape(some)
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(some)
    tree.strip_tags(["script", "style", "template", "iframe"])
    return tree.text(separator=" ") or ""


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _of_struct(parts: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parts), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _of_iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before there was a web."""


def _past(dates: Iterator[datetime | None], now: datetime) -> datetime | None:
    """The first of these that may be true."""
    return next((date for date in dates if date and EARLIEST <= date <= now), None)


def _elsewhere(page: str, url: str) -> str:
    """Where a page says that its feed is."""
    for tag in _NEWS_ELSEWHERE.findall(page):
        said = {name.lower(): html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(tag)}
        if re.fullmatch(r"application/(?:rss\+xml|atom\+xml|feed\+json)", said.get("type", "").strip(), re.IGNORECASE):
            return web_link(said.get("href", ""), url)
    return ""
