"""Which link is this, however it is written?"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from agent.model import Fact

_TRACKS = re.compile(
    r"utm_|(?:fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ref|ref_src|source|campaign|cmp|cmpid|ns_\w+|amp)$"
)
"""Parameters by which it is known who sent somebody to a page; the page is the same without them."""

_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_ENDING = re.compile(r"\.(?:html?|php|aspx?|pdf|md|txt)$", re.IGNORECASE)
_OWN = frozenset(
    {"local", "localhost", "localdomain", "lan", "home", "internal", "intranet", "corp", "private", "arpa"}
)
"""Top-level names that no registry gives out (RFC 6762, appendix G; ICANN keeps `internal`)."""

_GAP = re.compile(r"[\W_]+")

LETTERS = 3
"""A last part of a path with fewer letters, or with more digits than letters, names nothing."""


@lru_cache(maxsize=1 << 14)
def same(url: str) -> str:
    """What two ways to write one link have in common: without scheme, `www.`, marks of where one came from, fragment
    and closing slash. "" for what is no web link.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").removeprefix("www.").rstrip("."), parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    path = unquote(_INDEX.sub("/", parts.path)).rstrip("/")
    asked = [(name, value) for name, value in parse_qsl(parts.query, True) if not _TRACKS.match(name.lower())]
    query = f"?{urlencode(sorted(asked))}" if asked else ""
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"{place}{path}{query}"


def internal(url: str) -> bool:
    """Whether a link leads into somebody's own network, where nobody else can follow it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.rpartition(".")[2] in _OWN


@lru_cache(maxsize=1 << 14)
def known_by(title: str) -> str:
    """What two ways to write one title have in common: its letters and digits."""
    return _GAP.sub(" ", title.casefold()).strip()


def within(facts: Iterable[Fact]) -> frozenset[str]:
    """The links that stood in these mails, under their addresses and under their titles."""
    links = [link for fact in facts if fact.marks for link in fact.marks.links]
    return frozenset(known for link in links for known in (same(link.url), known_by(link.title)) if known)


def readable(url: str) -> str:
    """A title made of the address: the last part of its path that says something, or else its host."""
    parts = urlsplit(url)
    for part in reversed(parts.path.split("/")):
        plain = " ".join(_GAP.sub(" ", _ENDING.sub("", unquote(part))).split())
        letters = sum(c.isalpha() for c in plain)
        if letters >= LETTERS and letters >= sum(c.isdigit() for c in plain):
            return plain[0].upper() + plain[1:]
    return (parts.hostname or url).removeprefix("www.")
