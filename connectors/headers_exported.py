"""Which names does an exported file keep aside, because its addresses lost them?"""

import re
from functools import lru_cache

from connectors.contract import Party
from connectors.headers_fields import Fields
from connectors.headers_words import decoded

_EXCHANGE = re.compile(
    r"""\s*(?: (?P<exchange>[^<"]{0,200}?)\s*</O=[^>]*>             # Last, First </O=ORG/OU=UNIT/CN=RECIPIENTS/CN=X>
      | "(?P<quoted>[^"]*)"\s*(?:<(?P<a>[^>]*)>)?             # "Last, First" <x@example.org>
      | (?P<plain>[^<",]*?)\s*<(?P<b>[^>]*)>                  # First Last <First Last/UNIT/ORG@ORG>
      | (?P<bare>[^<",]+) )
    (?:\s*@\s*\w+)?(?:\s*<[^>]*>)?\s*(?:,|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?<=\w)@\w+$")


@lru_cache(maxsize=4_096)
def kept_names(value: str) -> tuple[tuple[str, str], ...] | None:
    """The (name, address or "") entries of an X-From, X-To or X-cc; None where they cannot be told apart."""
    text = decoded(value)
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        entry = _EXCHANGE.match(text, at)
        if not entry:
            return None
        name = entry["exchange"] or entry["quoted"] or entry["plain"] or entry["bare"] or ""
        if entry["exchange"] and _more_than_one(entry["exchange"]):
            return None
        found.append((_kept(name), (entry["a"] or entry["b"] or "").strip().lower()))
        at = entry.end()
    return tuple(found)


def _more_than_one(name: str) -> bool:
    """`Last, First` is one; another comma is only a title (`Last, First, Jr.`) or somebody else: too hard to tell."""
    return name.count(",") > 1


def _kept(name: str) -> str:
    name = _DOMAIN.sub("", name.strip(" '\"")) if " " in name else name.strip(" '\"")
    return "" if "@" in name or "/" in name or not any(c.isalpha() for c in name) else name.strip()


def named(people: tuple[Party, ...], kept: str) -> tuple[Party, ...]:
    """The same people with the names that an export kept, where their number agrees and nothing speaks against it."""
    if not kept.strip() or all(p.name for p in people):
        return people
    entries = kept_names(kept)
    if entries is None or len(entries) != len(people):
        return people
    return tuple(
        Party(who.address, name) if name and not who.name and _fits(who, name, address, len(people)) else who
        for who, (name, address) in zip(people, entries, strict=True)
    )


def _fits(who: Party, name: str, address: str, many: int) -> bool:
    """Alone, or the same address stands beside the name, or a part of the name stands in the address."""
    if "@" in address and "." in address.partition("@")[2]:
        return address == who.address
    local = who.address.partition("@")[0]
    return many == 1 or any(len(part) > 2 and part in local for part in re.split(r"[^\w]+", name.lower()))


def with_kept_names(
    found: Fields, author: Party | None, to: tuple[Party, ...], cc: tuple[Party, ...]
) -> tuple[Party | None, tuple[Party, ...], tuple[Party, ...]]:
    """The author, To and Cc, with the names that stand aside."""
    if author is not None and not author.name:
        entries = kept_names(found["x-from"])
        if entries and entries[0][0]:
            author = Party(author.address, entries[0][0])
    return author, named(to, found.get("x-to", "")), named(cc, found.get("x-cc", ""))
