"""Who was forgotten, and what is left of a mail or a meeting without them? No SQL here.

Nothing is kept of them but keyed hashes, of each address and of each name of two words or more, so that the next pull
does not bring them back: an address or a name that comes in can be told, and those that are kept cannot be read.
"""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import unquote

from agent.model import Marks
from agent.store.keys import SIZE, hidden
from connectors.contract import Card, Interaction, Item, Meeting, Party

Found = TypeVar("Found")

ADDRESS = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+")
"""What looks like an address in running text; not as wide as mail servers are, lest it take in what stands around."""

WORD = re.compile(r"\w+(?:['’.-]\w+)*")

EDGE = re.compile(r"[._+=-]")

BREAK = re.compile(r"[\W_]+")

PART = re.compile(r"[^\W_\d]+")

MOST_WORDS = 5
"""A longer name is told by its first five words: each more is another hash for each word of each subject."""

REMEMBERED = 100_000
"""Answers that are kept in memory: a mailbox has about as many addresses."""

SHORTEST = 3
"""Letters of a part of a name that is cut out of what one wrote with them: "Jo" and "de" are in too many words."""

GAP = "…"
"""What stands where something was cut out."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Addresses and names that are known in the clear just now: those of one mail, or of whoever is being forgotten."""

    addresses: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """What to cut out: the parts of the names and of the addresses before the @."""
        said = (*self.names, *(address.partition("@")[0].replace(".", " ") for address in self.addresses))
        parts = {word for one in said for word in re.split(r"[\W_\d]+", one.casefold())}
        return frozenset(word for word in parts if len(word) >= SHORTEST)


NOTHING = Hints()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Who was forgotten, as a pull and a search can tell them; `own` are the user's addresses."""

    hashes: frozenset[bytes] = frozenset()
    own: frozenset[str] = frozenset()
    secret: bytes = b""
    _told: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    _named: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)
    _cuts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def knows(self, what: str) -> bool:
        """Whether this address, or this name, is one of theirs."""
        told = self._told.get(what)
        if told is None:
            told = kept(self._told, what, hidden(plain(what), self.secret) in self.hashes)
        return told

    def left(self, seen: Interaction) -> tuple[Interaction, Hints] | None:
        """What is left of a mail or a meeting, and what to cut out of its text; None where that is nothing.

        What they wrote goes, whoever else got it; and what passed between the user and them alone.
        """
        everybody = parties_of(seen)
        theirs = [party for party in everybody if self.knows(party.address)]
        if not theirs:
            return self._cut(seen, NOTHING), NOTHING
        addresses = frozenset(party.address for party in theirs)
        if seen.meeting is None and seen.sender and seen.sender.address in addresses:
            return None
        others = {party.address for party in everybody} - addresses - self.own - {""}
        received = {party.address for party in everybody if party is not seen.sender} - addresses
        if not others or (seen.meeting is None and not received):
            return None
        hints = Hints(addresses, frozenset(party.name for party in theirs if party.name))
        return self._cut(seen, hints), hints

    def _cut(self, seen: Interaction, hints: Hints) -> Interaction:
        gone = hints.addresses
        if not gone and self._fits(seen):
            return seen
        return replace(
            seen,
            sender=None if not seen.sender or seen.sender.address in gone else self._called(seen.sender),
            to=self._others(seen.to, gone),
            cc=self._others(seen.cc, gone),
            bcc=self._others(seen.bcc, gone),
            subject=self.cut(seen.subject, hints),
            labels=tuple(self.cut(label, hints) for label in seen.labels),
            message_id="" if self.names_one(seen.message_id) else seen.message_id,
            in_reply_to="" if self.names_one(seen.in_reply_to) else seen.in_reply_to,
            references=tuple(name for name in seen.references if not self.names_one(name)),
            meeting=self._meeting(seen.meeting, gone),
        )

    def _meeting(self, meeting: Meeting | None, gone: frozenset[str]) -> Meeting | None:
        if meeting is None:
            return None
        organiser = meeting.organiser
        return replace(
            meeting,
            uid="" if self.names_one(meeting.uid) else meeting.uid,
            organiser=None if organiser and organiser.address in gone else organiser,
            attendees=tuple(
                replace(one, party=self._called(one.party))
                for one in meeting.attendees
                if one.party.address not in gone
            ),
        )

    def _others(self, parties: tuple[Party, ...], gone: frozenset[str]) -> tuple[Party, ...]:
        return tuple(self._called(party) for party in parties if party.address not in gone)

    def _fits(self, seen: Interaction) -> bool:
        """Whether nothing is to be cut out of what others wrote, as is nearly always so."""
        ids = (seen.message_id, seen.in_reply_to, *seen.references, seen.meeting.uid if seen.meeting else "")
        return (
            self.cut(seen.subject) == seen.subject
            and not any(map(self.names_one, ids))
            and all(self.cut_name(party.name) == party.name for party in parties_of(seen))
            and all(self._once(label) == label for label in seen.labels)
        )

    def _called(self, party: Party) -> Party:
        """Another party; where their name is part of its name ("Ada Weber via Docs"), it is cut out."""
        name = self.cut_name(party.name)
        return party if name == party.name else replace(party, name=name)

    def cut_name(self, name: str) -> str:
        """Another's name. Whoever has the very same one is somebody else, and keeps it."""
        return name if not name or self.knows(name) else self._once(name)

    def _once(self, text: str) -> str:
        """What is left of a text that comes again and again."""
        cut = self._cuts.get(text)
        return kept(self._cuts, text, self.cut(text)) if cut is None else cut

    def card(self, card: Card) -> Card | None:
        """What is left of a card; None where it is theirs."""
        if any(self.knows(address) for address in card.addresses) or (not card.addresses and self.knows(card.name)):
            return None
        return replace(card, note=self.cut(card.note), organisation=self.cut(card.organisation))

    def others(self, found: Iterable[Any]) -> tuple[Any, ...]:
        """What is left of the cards and the things to share on a page; whatever else stands on it is not given."""
        cards = [self.card(one) for one in found if isinstance(one, Card)]
        items = [
            replace(one, title=self.cut(one.title), source=self.cut(one.source), note=self.cut(one.note))
            for one in found
            if isinstance(one, Item) and not self.leads_to_one(one.url)
        ]
        return *(card for card in cards if card), *items

    def marks(self, marks: Marks | None, hints: Hints) -> Marks | None:
        """The marks of a mail's text without what names them."""
        if marks is None:
            return None
        links = [replace(link, title=self.cut(link.title, hints)) for link in marks.links if self._fine(link.url)]
        parts = hints.words
        terms = {term: count for term, count in marks.terms.items() if term.casefold() not in parts}
        return replace(marks, links=tuple(links), terms=terms)

    def packed_marks(self, packed: str, hints: Hints) -> str:
        """As `marks`, for marks as they are kept."""
        said = json.loads(packed)
        if links := said.get("links"):
            said["links"] = [[url, self.cut(title, hints)] for url, title in links if self._fine(url)]
        if terms := said.get("terms"):
            parts = hints.words
            said["terms"] = {term: n for term, n in terms.items() if term.casefold() not in parts}
        return json.dumps({name: some for name, some in said.items() if some}, ensure_ascii=False)

    def leads_to_one(self, url: str) -> bool:
        """Whether a link names them, as in "https://press.example/by-zoe-quill"."""
        words = BREAK.sub(" ", unquote(url))
        return not self._fine(url) or self.cut(words) != words

    def _fine(self, url: str) -> bool:
        return not any(self.knows(found) for found in ADDRESS.findall(unquote(url)))

    def names_one(self, name: str) -> bool:
        """Whether a Message-ID or the like ends with one of the addresses, as in "20240301.zoe@weavers.example"."""
        told = self._named.get(name)
        if told is None:
            local, at, host = name.lower().partition("@")
            starts = [0, *(found.end() for found in EDGE.finditer(local))] if at else []
            ends = any(hidden(f"{local[start:]}@{host}", self.secret) in self.hashes for start in starts)
            told = kept(self._named, name, ends)
        return told

    def cut(self, text: str, hints: Hints = NOTHING) -> str:
        """The text without their addresses and full names; and without any part of the names in `hints`."""
        if not text:
            return text
        spans = [found.span() for found in ADDRESS.finditer(text) if self.knows(found[0])] if "@" in text else []
        words = [(*found.span(), found[0].casefold()) for found in WORD.finditer(text)]
        for begin in range(len(words) - 1):
            name = words[begin][2]
            for _, end, word in words[begin + 1 : begin + MOST_WORDS]:
                name = f"{name} {word}"
                if hidden(name, self.secret) in self.hashes:
                    spans.append((words[begin][0], end))
        if parts := hints.words:
            spans += [found.span() for found in PART.finditer(text) if found[0].casefold() in parts]
            spans += [found.span() for name in hints.names if name for found in re.finditer(re.escape(name), text)]
        return without(text, spans)


NOBODY = Forgotten()


def plain(what: str) -> str:
    """An address or a name as it is hashed: the words of a name alone, in their order."""
    text = what.strip().casefold()
    return text if "@" in text else " ".join(WORD.findall(text)[:MOST_WORDS])


def worded(text: str) -> str:
    """A text as names are hashed, so that one can be looked for in it."""
    return " ".join(WORD.findall(text.casefold()))


def full_names(names: Iterable[str]) -> frozenset[str]:
    """The names of two words or more, as they are hashed; those of two the other way round, too ("Weber, Ada").

    A name of one word is none: it would be cut out of everything.
    """
    full = {name for name in map(plain, names) if " " in name and "@" not in name}
    return frozenset(full | {" ".join(reversed(name.split())) for name in full if name.count(" ") == 1})


def hashes(addresses: Iterable[str], names: Iterable[str], secret: bytes) -> frozenset[bytes]:
    """What is kept of whoever is forgotten."""
    return frozenset(hidden(what, secret) for what in (*map(plain, addresses), *full_names(names)))


def packed(some: Collection[bytes]) -> bytes:
    """Hashes as they are kept."""
    return b"".join(sorted(some))


def unpacked(raw: bytes) -> frozenset[bytes]:
    """What `packed` made."""
    return frozenset(raw[start : start + SIZE] for start in range(0, len(raw), SIZE))


def kept(memory: dict[str, Found], what: str, answer: Found) -> Found:
    """An answer that will be asked for again; a memory that is full begins anew."""
    if len(memory) >= REMEMBERED:
        memory.clear()
    memory[what] = answer
    return answer


def parties_of(seen: Interaction) -> list[Party]:
    """Everybody who takes part."""
    meeting = seen.meeting
    asked = [one.party for one in meeting.attendees] if meeting else []
    called = [meeting.organiser] if meeting and meeting.organiser else []
    return [*([seen.sender] if seen.sender else []), *called, *seen.to, *seen.cc, *seen.bcc, *asked]


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with a gap in the place of these spans."""
    rest, at = [], 0
    for begin, end in sorted(spans):
        if begin > at or (begin == 0 and at == 0):
            rest += [text[at:begin], GAP]
        at = max(at, end)
    return "".join((*rest, text[at:])) if rest else text
