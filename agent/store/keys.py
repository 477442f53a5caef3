"""When are two sightings one mail or one meeting, and which mails may belong together?

Two copies share at least one key: (Message-ID, sender, date, subject), or (sender, date, subject, text) where the
text was seen. A Message-ID alone is no key: different mails carry the same one (`sync.md`, fault F17).
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import blake2b

from connectors.contract import Interaction, Meeting, Party

SIZE = 16
"""Bytes of a key: 5 of the time, so that an archive read by date fills the index from left to right (a random place
for each would touch a page of the file per key), and 11 of a keyed hash."""

_BEFORE = re.compile(
    r"\A(?:\s|(?:re|fwd?|aw|wg|sv|vs|vb|antw|tr|rv|ref|rif|odp|res|enc|i|r)\s*(?:[\[(]\d+[\])])?\s*[::])+"
)
"""What answering and forwarding put before a subject, in the languages that mail programs speak."""

_TAG = re.compile(r"\[[^\]]{1,40}\]")
"""What a mailing list puts into it."""


def identity(seen: Interaction, at: int, secret: bytes) -> tuple[bytes, ...]:
    """The keys of one sighting, strongest first; `at` is its time in POSIX seconds."""
    if seen.meeting is not None:
        return (_meeting(seen, seen.meeting, at, secret),)
    when = at.to_bytes(5, "big", signed=True)
    about = _bytes(f"{seen.sender.address if seen.sender else ''}\x1f{seen.subject}\x1f")
    by_id, text = seen.message_id, seen.fingerprint
    if by_id and text:
        return when + _hash(secret, about + b"id" + _bytes(by_id)), when + _hash(secret, about + b"text" + text)
    if by_id:
        return (when + _hash(secret, about + b"id" + _bytes(by_id)),)
    if text:
        return (when + _hash(secret, about + b"text" + text),)
    return (when + _hash(secret, about + b"to" + _bytes(" ".join(_addresses(seen)))),)


def hidden(what: str, secret: bytes) -> bytes:
    """What stands for an address or a name of somebody who was forgotten."""
    return blake2b(_bytes(what), digest_size=SIZE, key=secret, person=b"auld forgotten").digest()


def links(subject: str, message_id: str, parents: Iterable[str], thread: str) -> set[int]:
    """Numbers that two mails share when they may be of one thread: by subject, Message-ID or the provider's word."""
    names = [f"id\n{name}" for name in (message_id, *parents) if name]
    if thread:
        names.append(f"thread\n{thread}")
    if plain := bare(subject):
        names.append(f"subject\n{plain}")
    return {int.from_bytes(blake2b(_bytes(name), digest_size=8).digest(), "big", signed=True) for name in names}


def bare(subject: str) -> str:
    """A subject as its thread has it: lower case, without tags and signs of answering or forwarding."""
    return " ".join(_BEFORE.sub("", _TAG.sub(" ", subject.lower())).split())


def _meeting(seen: Interaction, meeting: Meeting, at: int, secret: bytes) -> bytes:
    """A meeting keeps its key when it moves, so that its time is no part of it, save where it has no UID."""
    if meeting.uid:
        return bytes(5) + _hash(secret, _bytes(f"uid\x1f{meeting.uid}\x1f{_moment(meeting.original_start)}"))
    sender = seen.sender.address if seen.sender else ""
    return bytes(5) + _hash(secret, _bytes(f"meeting\x1f{at}\x1f{sender}\x1f{seen.subject}"))


def _moment(when: datetime | date | None) -> str:
    if isinstance(when, datetime):
        return str(int(when.timestamp()))
    return when.isoformat() if when else ""


def _addresses(seen: Interaction) -> list[str]:
    fields: tuple[tuple[Party, ...], ...] = (seen.to, seen.cc)  # Bcc stands on the sender's copy only
    return sorted({party.address for field in fields for party in field})


def _hash(secret: bytes, said: bytes) -> bytes:
    return blake2b(said, digest_size=SIZE - 5, key=secret).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
