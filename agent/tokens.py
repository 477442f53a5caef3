"""Which names can only this profile have given to its own mails and answers?

Each is an HMAC-SHA256 of what it stands for, under the profile's key: the same inputs give the same bytes, and without
the key nobody can guess one.
"""

import hmac
from datetime import date

HOST = "auld.invalid"
"""The right side of our Message-IDs: RFC 2606 keeps `.invalid` free for ever, so it is nobody's."""

LENGTH = 32
"""Hex digits kept: 128 bits, beyond any guessing, and short enough for a subject."""


def message_id(key: bytes, day: date, test: str = "") -> str:
    """The Message-ID of the digest of `day`, or of a test of its way that `test` tells apart; no angle brackets."""
    named = ("test", day.isoformat(), test) if test else ("digest", day.isoformat())
    return f"{_sealed(key, *named)}@{HOST}"


def draft_id(key: bytes, day: date, slot: int, address: str) -> str:
    """The Message-ID of the draft for one person of the digest of `day`; no angle brackets. It is sent on to others:
    so it names nobody but the user's own domain, as those of mail programs do.
    """
    return f"{_sealed(key, 'draft', day.isoformat(), str(slot))}@{address.rpartition('@')[2]}"


def subject(key: bytes, day: date, slot: int, action: str) -> str:
    """The subject of the mail to oneself that gives this answer."""
    return f"auld {action} {slot} {day.isoformat()} {_sealed(key, 'action', day.isoformat(), str(slot), action)}"


def action(key: bytes, day: date, slot: int, action: str) -> str:
    """The token for one answer (`later`, `never`, ...) to one slot of the digest of `day`."""
    return _sealed(key, "action", day.isoformat(), str(slot), action)


def check(key: bytes, token: str, day: date, slot: int, action: str) -> bool:
    """Whether `token` is the one for this answer, compared in constant time."""
    told = _sealed(key, "action", day.isoformat(), str(slot), action)
    return hmac.compare_digest(told.encode(), token.encode("utf-8", "surrogatepass"))


def _sealed(key: bytes, *parts: str) -> str:
    """The HMAC of the parts, each led by its length, so that no two lists of parts give the same bytes."""
    said = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, said, "sha256").hexdigest()[:LENGTH]
