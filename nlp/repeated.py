"""Which lines does a sender write again and again: signatures, mottos, footers?"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_SPACE = re.compile(r"\s+")
FEWEST_REPEATS = 3
"""A line of one sender that stands in fewer mails than this may be a coincidence."""

SHARE_REPEATED = 0.04
"""And it must stand in this share of the sender's mails. Both measured: 5.8 % of lines go, topics become readable."""


def _line_key(line: str) -> str:
    return _SPACE.sub(" ", re.sub(r"\d+", "0", line.casefold())).strip()


@dataclass(frozen=True, slots=True)
class Repeated:
    """The lines that a sender writes again and again: signatures, mottos, footers."""

    lines: Mapping[str, frozenset[str]]

    def without(self, sender: str, body: str) -> str:
        """`body` without the repeated lines of `sender`."""
        known = self.lines.get(sender)
        return "\n".join(line for line in body.split("\n") if _line_key(line) not in known) if known else body


def repeated_lines(messages: Iterable[tuple[str, str]]) -> Repeated:
    """What to drop, from (sender, tidied text) pairs."""
    mails: Counter[str] = Counter()
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sender, body in messages:
        mails[sender] += 1
        seen[sender].update({key for line in body.split("\n") if len(key := _line_key(line)) > 2})
    often = {
        sender: frozenset(key for key, n in lines.items() if n >= max(FEWEST_REPEATS, SHARE_REPEATED * mails[sender]))
        for sender, lines in seen.items()
    }
    return Repeated({sender: lines for sender, lines in often.items() if lines})
