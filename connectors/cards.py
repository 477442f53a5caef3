"""What do these vCard bytes say of people: their name, addresses, birthday, organisation, and a note?

One place for address books in files and on servers; vCard 2.1, 3.0 and 4.0, also where a file mixes them, as exports
do. Properties that we have no use for (photos, keys, telephones) are passed over without being unpacked.
"""

import binascii
import hashlib
import quopri
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from connectors.contract import Card, RemoteId

NO_YEAR = 1604
"""The year of a birthday whose year nobody knows, as Apple writes it: a leap year in which nobody we write to was
born."""

LONGEST_NOTE = 2_000
"""Characters of a note that are kept: a page of what one wants to know of a person, and no pasted file."""

LONGEST_NAME = 200
"""Characters of a name or an organisation."""

LONGEST_ID = 255
"""A longer UID, or one with control characters, is replaced by its hash (as `connectors.ical` has it)."""

MOST_ADDRESSES = 50
"""Addresses of one card; more is a list, or nonsense."""

Miss: TypeAlias = tuple[RemoteId, str]
Params: TypeAlias = Mapping[str, Sequence[str]]
"""Name in capitals -> values; what stands without a name (vCard 2.1) is under ""."""

_KEPT = frozenset({"FN", "N", "NICKNAME", "ORG", "EMAIL", "NOTE", "BDAY", "UID", "KIND", "VERSION"}) | frozenset(
    {"X-ADDRESSBOOKSERVER-KIND", "X-ABSHOWAS"}
)
_ADDRESS = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_GAPS = re.compile(r"[\s\x00-\x1f\x7f]+")
_NAME = re.compile(rb"\s*(?:[A-Za-z0-9_-]+\.)?([A-Za-z0-9-]+)\s*(?=[;:])")
_PARAM = re.compile(rb";((?:[^\";:]|\"[^\"]*\")*)")
_DAY = re.compile(r"(?:(\d{4})|-)-?(\d{2})-?(\d{2})(?:[T ].*)?", re.DOTALL)


class NotAnAddressBook(ValueError):  # noqa: N818 - it says what the bytes are
    """These bytes hold no VCARD."""


@dataclass(frozen=True, slots=True)
class _Property:
    params: Params
    raw: bytes

    @property
    def text(self) -> str:
        """The value as text, with its escapes."""
        said = {word.upper() for word in (*self.params.get("ENCODING", ()), *self.params.get("", ()))}
        raw = self.raw
        if "QUOTED-PRINTABLE" in said:
            raw = quopri.decodestring(raw)
        elif said & {"B", "BASE64"}:
            try:
                raw = b64decode(re.sub(rb"\s", b"", raw))
            except (binascii.Error, ValueError):
                raw = b""
        for charset in (*self.params.get("CHARSET", ()), "utf-8"):
            try:
                return raw.decode(charset)
            except (LookupError, UnicodeDecodeError, ValueError):
                continue
        return raw.decode("cp1252", "replace")


@dataclass(slots=True)
class _Lines:
    """The lines of one card, and whether its end was seen."""

    lines: list[bytes] = field(default_factory=list)
    whole: bool = False


def parse(data: bytes) -> tuple[list[Card], list[Miss]]:
    """Every card that can be read, each with its own id, and the others with the reason. Raises NotAnAddressBook.

    Groups of people are no cards. An id is the card's UID, else made of what it says.
    """
    cards: dict[RemoteId, Card] = {}
    missed: list[Miss] = []
    number = 0
    for number, each in enumerate(_cut(_lines(data)), start=1):
        place = f"card {number}"
        properties = _properties(each.lines)
        if _group(properties):
            continue
        card = _card(properties)
        if not each.whole:
            missed.append((card.id if card else place, f"{place}: it is cut off"))
        elif card is None:
            missed.append((place, f"{place}: it has neither a name nor an address"))
        elif cards.get(card.id) != card:
            card = _once(card, cards)
            cards[card.id] = card
    if not number:
        raise NotAnAddressBook
    return list(cards.values()), missed


def _once(card: Card, cards: Mapping[RemoteId, Card]) -> Card:
    """The card under an id that is nobody else's."""
    ids = (card.id if n == 1 else f"{card.id}/{n}" for n in range(1, len(cards) + 2))
    free = next(one for one in ids if one not in cards)
    return Card(free, card.name, card.addresses, card.note, card.birthday, card.organisation)


# ---- from bytes to properties ----------------------------------------------------------------------------------------


def _lines(data: bytes) -> Iterator[bytes]:
    """The unfolded lines. A line goes on after a blank, and, in quoted-printable, after an equals sign at its end."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    said: list[bytes] = []
    soft = False
    for line in data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if soft:
            said[-1] = said[-1][:-1]
            said.append(line)
        elif said and line[:1] in (b" ", b"\t"):
            said.append(line[1:])
        else:
            if said:
                yield b"".join(said)
            said = [line]
        head = said[0].partition(b":")[0].upper()
        soft = line.endswith(b"=") and b"QUOTED-PRINTABLE" in head
    if said:
        yield b"".join(said)


def _cut(lines: Iterable[bytes]) -> Iterator[_Lines]:
    """The cards. One inside another (an AGENT) is none of them; one that begins anew was cut off before."""
    card: _Lines | None = None
    depth = 0
    agent = False
    for line in lines:
        word, _, value = line.partition(b":")
        begins = word.strip().upper().endswith(b"BEGIN") and value.strip().upper() == b"VCARD"
        if begins and card is not None and agent:
            depth += 1
        elif begins:
            if card is not None:
                yield card
            card, depth = _Lines(), 0
        elif card is not None and word.strip().upper() == b"END" and value.strip().upper() == b"VCARD":
            if depth:
                depth -= 1
            else:
                card.whole = True
                yield card
                card = None
        elif card is not None and not depth:
            card.lines.append(line)
        agent = word.strip().upper().startswith(b"AGENT") and not value.strip()
    if card is not None:
        yield card


def _properties(lines: Iterable[bytes]) -> dict[str, list[_Property]]:
    """Name -> its occurrences; `item1.EMAIL` is an EMAIL. A line that is none is left out."""
    properties: dict[str, list[_Property]] = {}
    for line in lines:
        found = _NAME.match(line)
        name = found[1].decode().upper() if found else ""
        if found and name in _KEPT:
            params, value = _params(line, found.end())
            properties.setdefault(name, []).append(_Property(params, value))
    return properties


def _params(line: bytes, at: int) -> tuple[Params, bytes]:
    params: dict[str, list[str]] = {}
    while found := _PARAM.match(line, at):
        name, equals, value = found[1].decode("utf-8", "replace").partition("=")
        known = params.setdefault(name.strip().upper() if equals else "", [])
        known += [word.strip('" ') for word in (value if equals else name).split(",")]
        at = found.end()
    return params, line[at:].partition(b":")[2]


# ---- from properties to a card ---------------------------------------------------------------------------------------


def _group(properties: Mapping[str, list[_Property]]) -> bool:
    kinds = [*properties.get("KIND", ()), *properties.get("X-ADDRESSBOOKSERVER-KIND", ())]
    return any(kind.text.strip().lower() == "group" for kind in kinds)


def _card(properties: Mapping[str, list[_Property]]) -> Card | None:
    """The card, None where nobody could tell whose it is."""
    addresses = tuple(_addresses(properties.get("EMAIL", ())))
    organisation = _line(_first(properties, "ORG", part=0))
    name = (
        _line(_first(properties, "FN"))
        or _full_name(properties)
        or _line(_first(properties, "NICKNAME"))
        or organisation
    )
    if not name and not addresses:
        return None
    note = _plain(_first(properties, "NOTE")).strip()[:LONGEST_NOTE]
    birthday = _birthday(_first(properties, "BDAY").strip())
    uid = _plain(_first(properties, "UID")).strip()
    if not uid or len(uid) > LONGEST_ID or not uid.isprintable():
        said = uid or repr((name, addresses, organisation))
        uid = "sha256-" + hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Card(uid, name, addresses, note, birthday, organisation)


def _first(properties: Mapping[str, list[_Property]], name: str, part: int | None = None) -> str:
    """The first occurrence that says something, with its escapes; of a structured one a part."""
    for each in properties.get(name, ()):
        text = each.text if part is None else _split(each.text)[part]
        if text.strip():
            return text
    return ""


def _full_name(properties: Mapping[str, list[_Property]]) -> str:
    """Given, further and family name, as one says them; N has the family name first."""
    family, given, more, *_ = [*_split(_first(properties, "N")), "", "", ""]
    return _line(" ".join(part for part in (given, more, family) if part.strip()))


def _split(text: str) -> list[str]:
    """The parts of a structured value, between semicolons that are not escaped."""
    return re.split(r"(?<!\\);", text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda hit: "\n" if hit[1] in "nN" else hit[1], text)


def _line(text: str) -> str:
    return _GAPS.sub(" ", _plain(text)).strip()[:LONGEST_NAME].strip()


def _addresses(found: Iterable[_Property]) -> Iterator[str]:
    """Each address once, the preferred ones first."""
    ranked: dict[str, int] = {}
    for each in found:
        bare = re.sub(r"(?i)^(?:mailto:\s*)+", "", _plain(each.text).strip()).strip("<>\"' ")
        if len(bare) <= 320 and _ADDRESS.fullmatch(bare):
            ranked[bare.lower()] = min(ranked.get(bare.lower(), 100), _rank(each.params))
    yield from sorted(ranked, key=lambda address: ranked[address])[:MOST_ADDRESSES]


def _rank(params: Params) -> int:
    """1 is the first to use; without a word on it 100 (RFC 6350, PREF)."""
    for said in params.get("PREF", ()):
        if said.isdecimal() and len(said) <= 3:
            return max(1, min(int(said), 100))
    words = {word.upper() for word in (*params.get("TYPE", ()), *params.get("", ()))}
    return 1 if "PREF" in words else 100


def _birthday(text: str) -> date | None:
    """A day; the year is NO_YEAR where only month and day are known, and None where not even these are."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    try:
        return date(int(found[1] or NO_YEAR), int(found[2]), int(found[3]))
    except ValueError:
        return None
