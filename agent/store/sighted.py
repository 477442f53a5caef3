"""What does a sighting say, in the form in which it is kept? Parties are numbers, lists are text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from agent.model import Marks
from agent.store.keys import identity
from connectors.contract import Evidence, Interaction, Meeting, Party, RemoteId

EVIDENCE: Final[tuple[Evidence, ...]] = ("list", "automatic", "bulk", "ours", "confidential")
"""The bits of a mail's evidence, from the lowest."""

MOST_PARENTS = 40
"""More References than this are the longest threads' tails, or nonsense: the nearest and the first are kept."""

CONTENT = (
    "meeting, at, sender, subject, message_id, parents, thread, marks, uid, ends, whole_days, recurring, cancelled,"
    " declined"
)
"""The columns of an item that all its copies share; the numbers below are places in it."""

AT, SENDER, SUBJECT, MESSAGE_ID, PARENTS, THREAD, MARKS = 1, 2, 3, 4, 5, 6, 7

Own = tuple[str, str, int]
"""What hangs on one placement: recipients, labels, evidence, packed."""

_NO_MEETING = (None, None, 0, 0, 0, None)

UNREAD = (None, *_NO_MEETING)
"""From MARKS on, the columns of a mail whose text was not read: as they are by default."""


@dataclass(slots=True)
class Sighting:
    """One interaction on one page, ready to be kept; `item` is found out afterwards."""

    remote: RemoteId
    keys: tuple[bytes, ...]
    own: Own
    content: tuple[Any, ...]
    parties: set[int]
    item: int = 0


class Parties(dict[tuple[str, str], int]):
    """The number of every address and name; whoever is asked for and unknown gets the next one, and is `new`."""

    def __init__(self) -> None:
        self.last = 0
        self.new: list[tuple[int, str, str]] = []

    def __missing__(self, pair: tuple[str, str]) -> int:
        plain = clean(pair[0]), clean(pair[1])
        if plain != pair:
            number = self[pair] = self[plain]
            return number
        self.last += 1
        self[pair] = self.last
        self.new.append((self.last, *pair))
        return self.last

    def numbers(self, parties: Iterable[Party]) -> list[int]:
        """Of each that has an address."""
        return [self[party.address, party.name] for party in parties if party.address]


def sighting(seen: Interaction, marks: Marks | None, parties: Parties, secret: bytes) -> Sighting:
    """What one interaction says, packed."""
    at = int(seen.sent.timestamp())
    sender = parties[seen.sender.address, seen.sender.name] if seen.sender and seen.sender.address else 0
    asked: tuple[Party, ...] = seen.to
    of_meeting: tuple[Any, ...] = _NO_MEETING
    if seen.meeting is not None:
        asked = (*asked, *(attendee.party for attendee in seen.meeting.attendees))
        of_meeting = _of_meeting(seen.meeting, at, parties)
    to = parties.numbers(asked) if asked else []
    cc = parties.numbers(seen.cc) if seen.cc else []
    bcc = parties.numbers(seen.bcc) if seen.bcc else []
    everybody = {sender, *to, *cc, *bcc}
    everybody.discard(0)
    recipients = f"{' '.join(map(str, to))};{' '.join(map(str, cc))};{' '.join(map(str, bcc))}"
    content = (
        int(seen.meeting is not None),
        at,
        sender,
        clean(seen.subject),
        line(seen.message_id),
        _parents(seen),
        line(seen.thread) if seen.thread else "",
        _packed_marks(marks) if marks is not None else None,
        *of_meeting,
    )
    own = recipients, _labels(seen.labels), _evidence(seen.evidence) if seen.evidence else 0
    return Sighting(seen.id, identity(seen, at, secret), own, content, everybody)


def clean(text: str) -> str:
    """Text that SQLite takes: half a surrogate pair, as hostile headers have it, is none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def line(text: str) -> str:
    """Text that stands on one line of a list."""
    return clean(text.replace("\n", " ") if "\n" in text else text)


def _of_meeting(meeting: Meeting, at: int, parties: Parties) -> tuple[Any, ...]:
    lasts = (meeting.end - meeting.start).total_seconds() if type(meeting.end) is type(meeting.start) else 0
    declined = parties.numbers(attendee.party for attendee in meeting.attendees if attendee.status == "declined")
    return (
        line(meeting.uid),
        at + int(lasts),
        int(not isinstance(meeting.end, datetime)),
        int(meeting.recurring),
        int(meeting.cancelled),
        " ".join(map(str, declined)) or None,
    )


@lru_cache(maxsize=4_096)  # a mailbox has few sets of labels
def _labels(labels: tuple[str, ...]) -> str:
    return "\n".join(sorted({line(label) for label in labels}))


def _evidence(names: tuple[Evidence, ...]) -> int:
    return sum(1 << EVIDENCE.index(name) for name in set(names))


def _parents(seen: Interaction) -> str:
    """In-Reply-To, then References from the nearest, one to a line."""
    if not seen.references or seen.references == (seen.in_reply_to,):
        return line(seen.in_reply_to)
    found = list(dict.fromkeys(line(name) for name in (seen.in_reply_to, *reversed(seen.references)) if name))
    return "\n".join(found if len(found) <= MOST_PARENTS else [*found[: MOST_PARENTS - 1], found[-1]])


def _packed_marks(marks: Marks) -> str:
    """Marks that say nothing are kept too: the text was read, and it asked nothing."""
    packed: dict[str, Any] = {
        "asks": marks.asks,
        "links": [(link.url, link.title) for link in marks.links],
        "terms": dict(marks.terms),
        "dates": [day.isoformat() for day in marks.dates],
        "signs": marks.signs,
    }
    return json.dumps({name: kept for name, kept in packed.items() if kept}, ensure_ascii=False)
