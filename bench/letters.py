"""What stands in a mailbox, read by the standard library alone? The judge must not share the eyes of the accused."""

import lzma
import mailbox
import re
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property
from pathlib import Path
from typing import Any

FEW = 10
"""A mail to more people than this is an announcement, and no contact of two."""

BY_ITSELF = re.compile(
    r"^\s*(?:out of (?:the )?office|auto(?:matic)?[- ]?(?:reply|response)|undeliverable|returned mail|delivery|read:|"
    r"not read:|message recall)|\bautoreply\b",
    re.IGNORECASE,
)
"""No human wrote a mail of such a subject."""

PREFIX = re.compile(r"^(?:\s*(?:re|fw|fwd|aw|wg)\s*(?:\[\d+\])?\s*:)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the standard library reads it."""

    at: datetime
    sender: str
    people: frozenset[str]  # To, Cc and Bcc
    to: tuple[str, ...]
    open: frozenset[str]  # To and Cc
    subject: str
    text: str
    draft: bool

    @property
    def matter(self) -> str:
        """The subject without what answering and forwarding put before it."""
        return PREFIX.sub("", self.subject).strip().casefold()

    @property
    def forward(self) -> bool:
        """Whether it passes on somebody else's mail."""
        return bool(re.match(r"\s*(?:fw|fwd|wg)\s*:", self.subject, re.IGNORECASE))


@dataclass
class Box:
    """A mailbox and whose it is."""

    mail: Sequence[Letter]
    own: frozenset[str]
    zone: tzinfo

    @cached_property
    def of(self) -> dict[str, list[Letter]]:
        """All in which an address stands, oldest first."""
        found: dict[str, list[Letter]] = defaultdict(list)
        for letter in sorted(self.mail, key=lambda m: m.at):
            for address in {letter.sender, *letter.people}:
                found[address].append(letter)
        return found

    @cached_property
    def at(self) -> dict[int, list[Letter]]:
        """All mails, by their second."""
        found: dict[int, list[Letter]] = defaultdict(list)
        for letter in self.mail:
            found[int(letter.at.timestamp())].append(letter)
        return found

    def with_(self, theirs: Collection[str], until: datetime) -> list[Letter]:
        """All before `until` in which one of these addresses stands, oldest first, each once."""
        some = {id(m): m for address in theirs for m in self.of.get(address, ()) if m.at < until}
        return sorted(some.values(), key=lambda m: m.at)

    def between(self, theirs: Collection[str], until: datetime) -> list[Letter]:
        """What passed between the owner and one person, sent by the one to the other and few others."""
        return [m for m in self.with_(theirs, until) if self.passes(m, theirs)]

    def passes(self, m: Letter, theirs: Collection[str]) -> bool:
        """Whether one of the two wrote it to the other, by hand."""
        if m.draft or len(m.people) > FEW or BY_ITSELF.search(m.subject):
            return False
        if m.sender in self.own:
            return not m.people.isdisjoint(theirs)
        return m.sender in theirs and not m.open.isdisjoint(self.own)

    def day(self, m: Letter) -> date:
        """The owner's day on which it was sent."""
        return m.at.astimezone(self.zone).date()


def letters(path: Path) -> list[Letter]:
    """The mails of a packed mbox."""
    with tempfile.NamedTemporaryFile(suffix=".mbox") as plain:
        plain.write(lzma.decompress(path.read_bytes()))
        plain.flush()
        return [letter for message in mailbox.mbox(plain.name) for letter in read(message)]


def read(message: Any) -> Iterator[Letter]:
    """The mail, if it has a date."""
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    to, cc, bcc = (addresses(message.get_all(name, [])) for name in ("To", "Cc", "Bcc"))
    sender = next(iter(addresses([message.get("From", "")])), "")
    raw = str(message.get("Subject", ""))
    with suppress(UnicodeDecodeError, LookupError):
        raw = str(make_header(decode_header(raw)))
    folder = str(message.get("X-Folder", "")).casefold()
    body = message.get_payload(decode=True) if not message.is_multipart() else b""
    text = bytes(body or b"").decode("latin-1")
    yield Letter(
        at, sender, frozenset((*to, *cc, *bcc)), to, frozenset((*to, *cc)), " ".join(raw.split()), text,
        "draft" in folder,
    )  # fmt: skip


def addresses(fields: Iterable[Any]) -> tuple[str, ...]:
    """The addresses of these header fields, lower-cased."""
    return tuple(a.lower() for _, a in getaddresses([str(f) for f in fields]) if a)
