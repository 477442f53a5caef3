"""Which lines does a sender write again and again: signatures, mottos, footers?

A sender's latest mails are known by the hashes of their lines, each mail under a name of its own: the same mail again
changes nothing, and nothing is ever counted up. What stands in enough of them says nothing in the next one.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import TypeAlias

Habit: TypeAlias = Mapping[bytes, frozenset[int]]
"""A sender's latest mails, oldest first: what stands for a mail, and the hashes of its lines."""

MAILS = 16
"""Mails of one sender that are remembered: enough for two signatures at once, and a new one is learned in a week."""

LINES = 24
"""Lines at the end of a mail that are: nobody has a longer signature."""

FEWEST_REPEATS = 3
"""A line of one sender that stands in fewer mails than this may be a coincidence."""

SHARE_REPEATED = 0.25
"""And it must stand in this share of those that are remembered: who writes from a telephone signs otherwise there."""

SIZE = 4
"""Bytes of a hash: among the few hundred lines of one sender, chance finds two alike once in ten million."""

_DIGITS = re.compile(r"\d+")
_ASKS = re.compile(r"[?？؟]")


def lines_of(text: str, secret: bytes) -> frozenset[int]:
    """The hashes of the last lines of a tidied text."""
    return frozenset(_hash(key, secret) for line in _written(text)[-LINES:] if (key := _key(line)))


def learned(habit: Habit, more: Mapping[bytes, frozenset[int]]) -> dict[bytes, frozenset[int]]:
    """The habit with these mails in it, each once, the oldest dropped where there are too many."""
    known = {**habit, **more}
    return dict(list(known.items())[-MAILS:])


def often(habit: Habit, more: Mapping[bytes, frozenset[int]]) -> frozenset[int]:
    """The hashes of the lines that stand again and again in what is known and in these mails."""
    mails = {**habit, **more}
    counts = Counter(line for lines in mails.values() for line in lines)
    enough = max(FEWEST_REPEATS, SHARE_REPEATED * len(mails))
    return frozenset(line for line, times in counts.items() if times >= enough)


def without(text: str, repeated: Collection[int], secret: bytes) -> str:
    """A tidied text without these lines. What asks stays, unless it stands below all that is new: a question asked
    again is asked, and a motto may have a question mark.
    """
    if not repeated:
        return text
    lines = text.split("\n")
    old = [bool(key := _key(line)) and _hash(key, secret) in repeated for line in lines]
    end = max((n for n, line in enumerate(lines) if line.strip() and not old[n]), default=len(lines))
    kept = [line for n, line in enumerate(lines) if not old[n] or (n < end and _ASKS.search(line))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _written(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _key(line: str) -> str:
    """What two spellings of a line have in common, or "" for what is too short to tell anything."""
    key = " ".join(_DIGITS.sub("0", line.casefold()).split())
    return key if len(key) > 2 else ""


def _hash(key: str, secret: bytes) -> int:
    said = key.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(said, digest_size=SIZE, key=secret, person=b"auld line").digest(), "big")


def packed(habit: Habit) -> bytes:
    """A habit as bytes: each mail its name's length, its name, the number of its lines, and these."""
    return b"".join(
        bytes((len(name), *name, len(lines))) + b"".join(line.to_bytes(SIZE, "big") for line in sorted(lines))
        for name, lines in habit.items()
    )


def unpacked(raw: bytes) -> dict[bytes, frozenset[int]]:
    """The same again."""
    habit: dict[bytes, frozenset[int]] = {}
    at = 0
    while at < len(raw):
        start = at + 1 + raw[at]
        end = start + 1 + raw[start] * SIZE
        lines = (int.from_bytes(raw[n : n + SIZE], "big") for n in range(start + 1, end, SIZE))
        habit[raw[at + 1 : start]] = frozenset(lines)
        at = end
    return habit
