"""How far is a Gmail mailbox read, and which threads come next?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.contract import Cursor, RemoteId


@dataclass(frozen=True, slots=True)
class Thread:
    phase: int  # 0: the user wrote in it; 1: it is in the inbox; 2: neither
    key: str  # its newest mail
    id: str
    ids: tuple[RemoteId, ...]

    @property
    def place(self) -> tuple[int, int, str]:
        """What comes first is smaller but for `key`, which is compared the other way round."""
        return (self.phase, *order(self.key))


def order(id_: RemoteId) -> tuple[int, str]:
    """Ids are hexadecimal numbers that grow."""
    return len(id_), id_


class Plan:
    """All threads in the order in which they are brought."""

    def __init__(self, threads: list[Thread]) -> None:
        by_age = sorted(threads, key=lambda one: order(one.key), reverse=True)
        self._threads = sorted(by_age, key=lambda one: one.phase)  # stable: the newest first in each
        self.count = sum(len(one.ids) for one in threads)

    def portions(self, said: "Said", size: int) -> Iterator[list[Thread]]:
        """What is still to be brought, about so many mails at a time."""
        some: list[Thread] = []
        mails = 0
        for one in self._threads:
            if said.has(one):
                continue
            if some and mails + len(one.ids) > size:
                yield some
                some, mails = [], 0
            some.append(one)
            mails += len(one.ids)
        if some:
            yield some

    def done(self, said: "Said") -> int:
        """How many mails have been brought."""
        return sum(len(one.ids) for one in self._threads if said.has(one))


@dataclass(frozen=True, slots=True)
class Said:
    """What a cursor says. Its epoch is the history id with which a listing began."""

    epoch: int
    anchor: str  # what happened up to there is known, but for what is still to be listed
    token: str = ""  # the page of the history that comes next, where one was read
    listing: bool = False
    phase: int = 0  # of the thread that was brought last
    below: str = ""  # and its newest mail: what is older is still to do
    early: tuple[str, ...] = ()  # threads that were brought before everything was listed
    texts: bool = False

    def has(self, one: Thread) -> bool:
        """Whether a thread was brought already."""
        if one.phase != self.phase:
            return one.phase < self.phase or one.id in self.early
        return (bool(self.below) and order(one.key) >= order(self.below)) or one.id in self.early

    @classmethod
    def of(cls, cursor: Cursor | None) -> "Said | None":
        """None too for a cursor of another version."""
        if not cursor or cursor.get("v") != 1:
            return None
        told = dict(cursor)
        return cls(
            told["epoch"],
            told["anchor"],
            told.get("token", ""),
            told["listing"],
            told.get("phase", 0),
            told.get("below", ""),
            tuple(told.get("early", ())),
            told["texts"],
        )

    def cursor(self) -> Cursor:
        """As the store keeps it."""
        kept: dict[str, Any] = {
            "v": 1, "epoch": self.epoch, "anchor": self.anchor, "listing": self.listing, "texts": self.texts
        }  # fmt: skip
        if self.token:
            kept["token"] = self.token
        if self.listing:
            kept |= {"phase": self.phase, "below": self.below, "early": list(self.early)}
        return kept
