"""Which mails does this folder of a mail server hold, and what do they say?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from connectors import parts as parts_of
from connectors.contract import CursorLost, Interaction, RemoteId, Stream
from connectors.copies import fingerprint
from connectors.fetching import Seen
from connectors.headers import interaction
from connectors.headers_dates import Undated, doubted, settled
from connectors.headers_evidence import answers_ours
from connectors.headers_fields import EXPORTED, WANTED, fields
from connectors.imap_line import LONGEST_SET, Box, Line
from connectors.imap_said import renumbered
from connectors.uids import NONE, Uids

ANSWER = 900_000
"""Bytes of a SEARCH's answer: imaplib takes no line above 1,000,000."""

FIELDS: Final = " ".join(sorted(name.upper() for name in WANTED - EXPORTED - {"received"}))
"""What is asked for of each header. Received lines are many and long: only where a date is in doubt."""


class Got(NamedTuple):
    """What became of the mails that were asked for."""

    found: tuple[Interaction, ...]
    texts: Mapping[RemoteId, str]
    missed: tuple[tuple[RemoteId, str], ...]


class _Text(NamedTuple):
    words: str
    mark: bytes


class Opened:
    """A folder as it was when it had this epoch (UIDVALIDITY); it is opened again where the connection had to be.

    Everything raises CursorLost where the folder was renumbered, and what a Line raises. With `texts` the text of each
    mail is read.
    """

    def __init__(self, line: Callable[[], Line], stream: Stream, epoch: int, *, texts: bool) -> None:
        self._lines, self._stream, self._epoch, self._texts = line, stream, epoch, texts

    def search(self, uids: str) -> list[int] | None:
        """Those of these UIDs that there are; None where no answer came."""
        return self._line().search(f"UID {uids} UNDRAFT" if self._stream.role == "\\All" else f"UID {uids}")

    def listed(self, todo: Uids, exists: int, most: int, first: int = 0) -> Iterator[tuple[Uids, list[int] | None]]:
        """(a window of `todo`, the UIDs in it, or None where no answer came, which says nothing), newest first.

        No answer has more than `most` UIDs, as no window is wider unless there are so few mails at all; the first one
        is `first` wide.
        """
        while todo:
            window = todo.newest(first or (most if exists > most else todo.last))
            [(low, high)], first = window.ranges, 0
            there = self.search(str(window))
            yield window, there and [uid for uid in there if low <= uid <= high]
            todo -= window

    def compared(self, known: Uids, box: Box) -> tuple[Uids, Uids, bool]:
        """(what two listings lack, what was not known and is there, whether every question was answered).

        A listing that has exactly what the server counted needs no second one: one mail that was moved among 96,000
        is to cost 2 % of a first sync's requests (`sync.md`, section 7), and that is four.
        """
        there, sure = NONE, True
        everything = Uids.between(1, box.next - 1)
        for _, listed in self.listed(everything, box.exists, _most(box.next)):
            sure = sure and listed is not None
            there = there | Uids.of(listed or [])
        absent, gone = known - there, NONE
        if sure and len(there) == box.exists:
            return absent, there - known, sure
        for text in absent.texts(LONGEST_SET):
            still = self.search(text)
            sure = sure and still is not None
            if still is not None:
                gone = gone | (Uids.read(text) - Uids.of(still))
        return gone, there - known, sure

    def mails(self, uids: Uids, then: Uids = NONE) -> Got:
        """What these mails say; `then` are those that are asked for next."""
        line, stream, wanted = self._line(), self._stream, set(uids)
        answers = line.mails(uids, FIELDS, then)
        seen = {each.uid: each for each in answers if each.header is not None and each.uid in wanted}
        said = _texts(line, Uids.of(seen)) if self._texts and seen else {}
        labels = (stream.name, stream.role) if stream.role else (stream.name,)
        found: dict[int, Interaction] = {}
        missed: list[tuple[RemoteId, str]] = []
        for uid in sorted(wanted, reverse=True):
            try:
                if (each := seen.get(uid)) is None:
                    raise Undated("the server lists it and does not show it")
                found[uid] = _interaction(each, self._epoch, labels, said[uid].mark if uid in said else b"")
            except Undated as why:
                missed.append((f"{self._epoch}.{uid}", f"{stream.name}: {why}"))
        _settle_dates(line, found)
        if not self._texts and stream.role == "\\Sent":
            ours = Uids.of(uid for uid, mail in found.items() if answers_ours(mail))
            said = _texts(line, ours) if ours else {}
        texts = {mail.id: said[uid].words for uid, mail in found.items() if uid in said and said[uid].words}
        return Got(tuple(found.values()), texts, tuple(missed))

    def _line(self) -> Line:
        """The connection, with the folder open, and still the one that it was."""
        line = self._lines()
        if line.selected != self._stream.id and line.examine(self._stream.id).epoch != self._epoch:
            raise CursorLost(renumbered(self._stream))
        return line


def _settle_dates(line: Line, found: dict[int, Interaction]) -> None:
    """Where Date and the server's date disagree, the last hop decides; without its word, the server."""
    odd = Uids.of(uid for uid, mail in found.items() if doubted(mail.sent, mail.received))
    hops = line.headers(odd, "RECEIVED") if odd else {}
    for uid in odd:
        found[uid] = settled(found[uid], fields(hops.get(uid, b"")))


def _texts(line: Line, uids: Uids) -> dict[int, _Text]:
    """The text part of each mail that has one, and nothing else of it."""
    where: dict[str, dict[int, parts_of.Part]] = {}
    for uid, structure in line.structures(uids).items():
        if uid in uids and (part := parts_of.text_part(structure)) is not None:
            where.setdefault(part.number, {})[uid] = part
    found: dict[int, _Text] = {}
    for number, wanted in where.items():
        for uid, raw in line.parts(Uids.of(wanted), number, parts_of.LARGEST).items():
            if (part := wanted.get(uid)) is not None:
                mark = fingerprint(raw) if part.alone else b""
                found[uid] = _Text(parts_of.words(raw, part), mark)
    return found


def _interaction(seen: Seen, epoch: int, labels: tuple[str, ...], mark: bytes) -> Interaction:
    """Raises Undated."""
    return interaction(
        fields(seen.header or b""),
        id=f"{epoch}.{seen.uid}",
        size=seen.size,
        internal=seen.internal,
        fingerprint=mark,
        labels=labels,
    )


def _most(following: int) -> int:
    """How many UIDs below `following` fit into one answer."""
    return ANSWER // (len(str(following)) + 1)
