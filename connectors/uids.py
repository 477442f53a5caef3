"""Which numbers of a folder are meant? Sets of UIDs as a server and a cursor write them: "1:4,7,9:100"."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Range = tuple[int, int]
"""From the first to the last, both meant."""


@dataclass(frozen=True, slots=True)
class Uids:
    """A set of UIDs, as small as the number of its gaps: a mailbox of a million mails may be "1:1000000"."""

    ranges: tuple[Range, ...] = ()  # in order; neighbours are one range

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Uids":
        """Those of single numbers, in any order."""
        return cls(_joined([(number, number) for number in sorted(numbers)]))

    @classmethod
    def between(cls, first: int, last: int) -> "Uids":
        """All from the first to the last; none where the last comes before the first."""
        return cls(((first, last),)) if first <= last else cls()

    @classmethod
    def read(cls, text: str) -> "Uids":
        """What `str` made."""
        pairs = (part.partition(":")[::2] for part in text.split(",") if part)
        return cls(tuple((int(first), int(last or first)) for first, last in pairs))

    def __str__(self) -> str:
        return ",".join(f"{first}:{last}" if first < last else str(first) for first, last in self.ranges)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        at = bisect_right(self.ranges, number, key=lambda each: each[0]) - 1
        return at >= 0 and number <= self.ranges[at][1]

    def __or__(self, other: "Uids") -> "Uids":
        return Uids(_joined(sorted((*self.ranges, *other.ranges)))) if other.ranges else self

    def __sub__(self, other: "Uids") -> "Uids":
        left: list[Range] = []
        cuts, at = other.ranges, 0
        for first, last in self.ranges:
            while at < len(cuts) and cuts[at][1] < first:
                at += 1
            cut = at
            while cut < len(cuts) and cuts[cut][0] <= last:
                if first < cuts[cut][0]:
                    left.append((first, cuts[cut][0] - 1))
                first = cuts[cut][1] + 1
                cut += 1
            if first <= last:
                left.append((first, last))
        return Uids(tuple(left))

    @property
    def last(self) -> int:
        """The highest; 0 where there is none."""
        return self.ranges[-1][1] if self.ranges else 0

    def newest(self, width: int) -> "Uids":
        """The highest range, cut to its highest `width` numbers."""
        if not self.ranges:
            return self
        first, last = self.ranges[-1]
        return Uids(((max(first, last - width + 1), last),))

    def texts(self, longest: int) -> Iterator[str]:
        """The set in pieces of at most about `longest` characters, as command lines take them."""
        text, pieces = "", str(self).split(",") if self.ranges else []
        for piece in pieces:
            if text and len(text) + len(piece) >= longest:
                yield text
                text = ""
            text = f"{text},{piece}" if text else piece
        if text:
            yield text


NONE = Uids()


def _joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    out: list[Range] = []
    for first, last in ranges:
        if out and first <= out[-1][1] + 1:
            if last > out[-1][1]:
                out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
    return tuple(out)
