# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""What leaves the store, and how much of it at once is believed?"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from agent.store.file import StoreFile
from agent.store.items import Items, Round

HELD_SHARE, HELD_FEWEST, HELD_FOR = 0.2, 50, 3_600
"""More than a fifth and more than 50 of what a stream has are gone only when a second look, an hour later, says so
too (`sync.md`, 5.6)."""

BATCH = 2_000
"""Placements that are taken away in one step: each is held in memory with all copies of its mail."""

LEAVING, SWEPT = 0, -1
"""The moments under which is noted what is to go at the end of the round, because the source said so or because a
listing that was believed lacks it: by then it may have shown elsewhere, as what was moved does, and whoever dies in
between has not lost it."""

_MISSED = (
    "EXISTS (SELECT 1 FROM ledger WHERE ledger.stream = placement.stream AND (ledger.remote = placement.remote"
    " OR ledger.remote || '/' = substr(placement.remote, 1, length(ledger.remote) + 1)))"
)
"""A meeting that is there and could not be read this time is not gone; an instance of a series begins with its id."""

VANISHED = 3
"""Rounds in which a source does not name a folder any more, after which it is gone (`sync.md`, F20)."""


class Leaving(Items):
    """The part of the store's door through which things go; silence is no evidence."""

    def __init__(self, *told: Any) -> None:
        StoreFile.__init__(self, *told)
        self._left: dict[int, int] = {}  # stream -> what was taken away from it in this round

    def begin_counting(self) -> None:
        """A round begins: what is gone is counted from here."""
        self._left.clear()

    def let_go(self, going: Round, gone: Sequence[str], moment: int, *, sure: bool) -> tuple[int, int]:
        """The source says that these are gone; gives how many were taken away, and how many are held.

        What another placement still shows is never held: it was moved. `sure`: it was looked at twice by now.
        """
        placed = self.placed(going.stream, gone)
        self.forget_suspects(going.stream, gone)
        last = self._only_here(going.stream, placed)
        before = self._left.get(going.stream, 0)
        if not sure and before + len(last) > HELD_FEWEST:
            there = self._count(going.stream)
            if before + len(last) > HELD_SHARE * (there + before):
                self._suspect(going.stream, last, moment)
                return self._take(going, {r: at for r, at in placed.items() if r not in last}), len(last)
        self._left[going.stream] = before + len(last)
        return self._take(going, placed), 0

    def let_go_later(self, going: Round, gone: Sequence[str]) -> int:
        """The source says in mid-round that these are gone; gives how many were taken away, as they show elsewhere.

        The others are noted, and go when the round has looked everywhere.
        """
        placed = self.placed(going.stream, gone)
        last = self._only_here(going.stream, placed)
        self._suspect(going.stream, last, LEAVING)
        return self._take(going, {r: at for r, at in placed.items() if r not in last})

    def leaving(self, stream: int, why: int) -> list[str]:
        """What is noted to go at the end of the round: LEAVING or SWEPT."""
        return [r for (r,) in self.rows("SELECT remote FROM suspect WHERE stream = ? AND at = ?", (stream, why))]

    def _suspect(self, stream: int, remotes: Iterable[str], moment: int) -> None:
        rows = [(stream, remote, moment) for remote in sorted(remotes)]
        self.write_many("INSERT OR IGNORE INTO suspect VALUES (?, ?, ?)", rows)

    def forget_suspects(self, stream: int, remotes: Iterable[str]) -> None:
        """These were looked at again."""
        if self.one("SELECT 1 FROM suspect WHERE stream = ? LIMIT 1", (stream,)):
            self.write_many(
                "DELETE FROM suspect WHERE stream = ? AND remote = ?", [(stream, remote) for remote in remotes]
            )

    def sweep(self, going: Round, moment: int) -> tuple[int, int]:
        """A full listing ended: what it lacks is gone, unless that is too much at once. An archive loses no mail.

        Gives how many placements were taken away, and how many are held. What shows in this stream under another id,
        as after a reset, is not lost, and its old placement goes without more ado.
        """
        mails = going.counts and going.whole and going.live
        lacking = self._lacking(going.stream, going.listing, mails=mails)
        others = self._others(going.stream, going.listing) if going.counts else 0
        lost = self._unseen(going.stream, going.listing, lacking)
        there = self._count(going.stream)
        many = len(lost) + others > HELD_FEWEST and len(lost) + others > HELD_SHARE * there
        since = going.held_at
        write = self.connection.exec_driver_sql
        if many and (since is None or moment < since + HELD_FOR):
            write("UPDATE stream SET held_at = ? WHERE id = ?", (moment if since is None else since, going.stream))
            return self._take(going, {r: at for r, at in lacking.items() if r not in lost}), len(lost) + others
        if (
            mails
            or not going.live
            or not self._lacking(going.stream, going.listing, mails=True).keys() - lacking.keys()
        ):
            write("UPDATE stream SET held_at = NULL WHERE id = ?", (going.stream,))
        if others:
            self._take_others(going)
        last = self._only_here(going.stream, lacking) if going.later else set()
        self._suspect(going.stream, last, SWEPT)
        return self._take(going, {r: at for r, at in lacking.items() if r not in last}) + others, 0

    def settle(self, going: Round) -> int:
        """A second look agreed with a listing that was held: what it lacked is gone now."""
        self.connection.exec_driver_sql("UPDATE stream SET held_at = NULL WHERE id = ?", (going.stream,))
        self._take_others(going)
        return self._take(going, self._lacking(going.stream, going.listing, mails=going.live))

    def end_stream(self, going: Round) -> int:
        """The folder is no more: all that only it showed goes, and it itself."""
        taken = self._take(going, self._lacking(going.stream, 1 << 62, mails=True))
        going.parties |= self.on_cards(self.carded(going.stream).values())
        self.drop_stream(going.stream)
        return taken

    def drop_stream(self, stream: int) -> None:
        """Its rows, after its placements."""
        for table in ("placement", "ledger", "suspect", "card", "shelf"):
            self.connection.exec_driver_sql(f"DELETE FROM {table} WHERE stream = ?", (stream,))
        self.connection.exec_driver_sql("DELETE FROM stream WHERE id = ?", (stream,))

    def carded(self, stream: int, remotes: Collection[str] | None = None) -> dict[str, tuple[str, str]]:
        """The name and the addresses on the cards of a stream, or on some of them."""
        only = "" if remotes is None else " AND remote IN (SELECT value FROM json_each(?))"
        values = () if remotes is None else (json.dumps(list(remotes)),)
        found = self.rows(f"SELECT remote, name, addresses FROM card WHERE stream = ?{only}", (stream, *values))
        return {remote: (name, addresses) for remote, name, addresses in found}

    def on_cards(self, cards: Iterable[tuple[str, str]]) -> set[int]:
        """The parties whose addresses stand on these cards: who they are is to be learned again."""
        addresses = sorted({address for _, listed in cards for address in listed.split("\n")} - {""})
        if not addresses:
            return set()
        found = self.rows(
            "SELECT id FROM party WHERE address IN (SELECT value FROM json_each(?))", (json.dumps(addresses),)
        )
        return {party for (party,) in found}

    def _take_others(self, going: Round) -> None:
        """The cards and things to share that a listing lacks."""
        going.parties |= self.on_cards(
            (name, addresses)
            for name, addresses in self.rows(
                "SELECT name, addresses FROM card WHERE stream = ? AND listing < ?", (going.stream, going.listing)
            )
        )
        for table in ("card", "shelf"):
            self.connection.exec_driver_sql(
                f"DELETE FROM {table} WHERE stream = ? AND listing < ?", (going.stream, going.listing)
            )

    def mark_stale(self, parties: Iterable[int]) -> None:
        """Something new is known of these: they are to be learned again."""
        if touched := sorted(parties):
            generation = self.number("generation") + 1
            self.set_number("generation", generation)
            self.write_many("INSERT OR REPLACE INTO stale VALUES (?, ?)", [(party, generation) for party in touched])

    def _take(self, going: Round, placed: Mapping[str, tuple[int, int]]) -> int:
        remotes = list(placed)
        return sum(
            self.remove(going, {remote: placed[remote] for remote in remotes[start : start + BATCH]})
            for start in range(0, len(remotes), BATCH)
        )

    def _lacking(self, stream: int, listing: int, *, mails: bool) -> dict[str, tuple[int, int]]:
        """The placements of a stream that were last seen before this listing: meetings, or mails too."""
        only = "" if mails else " AND meeting = 1"
        return {
            remote: (item, seen)
            for remote, item, seen in self.rows(
                "SELECT remote, item, placement.listing FROM placement JOIN item ON item.id = item"
                f" WHERE stream = ? AND listing < ?{only} AND NOT (meeting = 1 AND {_MISSED})",
                (stream, listing),
            )
        }

    def _unseen(self, stream: int, listing: int, lacking: Mapping[str, tuple[int, int]]) -> set[str]:
        """Of those the ones that do not show under another id either."""
        if not lacking:
            return set()
        seen = {
            item
            for (item,) in self.rows("SELECT item FROM placement WHERE stream = ? AND listing >= ?", (stream, listing))
        }
        return {remote for remote, (item, _) in lacking.items() if item not in seen}

    def _only_here(self, stream: int, placed: Mapping[str, tuple[int, int]]) -> set[str]:
        """Of those the ones that nothing else shows: two copies that both go do not keep each other."""
        items = json.dumps(sorted({item for item, _ in placed.values()}))
        elsewhere = {
            item
            for item, there, remote in self.rows(
                "SELECT item, stream, remote FROM placement WHERE item IN (SELECT value FROM json_each(?))", (items,)
            )
            if there != stream or remote not in placed
        }
        return {remote for remote, (item, _) in placed.items() if item not in elsewhere}

    def _others(self, stream: int, listing: int) -> int:
        """Cards and things to share that the listing lacks."""
        count = "SELECT count(*) FROM {} WHERE stream = ? AND listing < ?"
        return sum(self.one(count.format(table), (stream, listing)) for table in ("card", "shelf"))

    def _count(self, stream: int) -> int:
        count = "SELECT count(*) FROM {} WHERE stream = ?"
        return sum(self.one(count.format(table), (stream,)) for table in ("placement", "card", "shelf"))
