# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""On which item does a sighting stand, and how are items kept when copies come, change and go?"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.store.habits import Habits
from agent.store.keys import SIZE
from agent.store.lately import Lately
from agent.store.merging import Kept, State, absorb, everybody, identify, see
from agent.store.sighted import AT, CONTENT, MARKS, SENDER, SUBJECT, UNREAD, Own, Sighting
from agent.store.words import spaced

_ITEM = f"id, recipients, labels, evidence, mixed, keys, {CONTENT}"
_WRITE_ITEM = f"INSERT OR REPLACE INTO item ({_ITEM}) VALUES ({', '.join('?' * 20)})"
_MAIL = 6 + MARKS
"""So many of these columns say something of a mail whose text was not read; the others are left to their defaults."""

_WRITE_MAIL = f"INSERT INTO item ({', '.join(_ITEM.split(', ')[:_MAIL])}) VALUES ({', '.join('?' * _MAIL)})"
_WRITE_NEW_PLACEMENT = "INSERT INTO placement (stream, remote, item, listing) VALUES (?, ?, ?, ?)"
_WRITE_PLACEMENT = "INSERT OR REPLACE INTO placement VALUES (?, ?, ?, ?, ?, ?, ?)"
_WRITE_KEY = "INSERT OR REPLACE INTO identity VALUES (?, ?)"
"""Keys are handed over as bytearrays where there are many: for bytes, sqlite3 looks for an adapter each time."""

_WRITE_POSTING = "INSERT OR IGNORE INTO posting VALUES (?, ?)"

_ITEMS = 1 << 36
"""Party and item stand in one number, the party this many times."""

_WRITE_POSTINGS = f"INSERT OR IGNORE INTO posting SELECT value / {_ITEMS}, value % {_ITEMS} FROM json_each(?)"
"""All of a page at once, in half the time of a statement for each: a mail has five."""


@dataclass(slots=True)
class Round:
    """The stream whose page is written, and what writing it touches."""

    stream: int
    listing: int
    held_at: int | None  # when a sweep was first held
    ends: bool  # a listing ends here, or the source says that it has not changed since one that was held
    counts: bool  # a listing ends here that is not the last one told again
    live: bool = False  # what is gone at its source is gone here, mails too
    whole: bool = False  # the listing began at the very beginning
    later: bool = False  # what goes, goes at the end of the round
    now: int = 0  # for a fortnight it is remembered with whom a mail passed that vanishes; 0: it is not
    parties: set[int] = field(default_factory=set)
    new: int = 0
    merged: int = 0


class Items(Lately, Habits):
    """The part of the store's door that tells copies from mails."""

    def place(self, going: Round, sightings: list[Sighting]) -> None:
        """Put every sighting on its item: a new one, a known one, or one that it makes of several."""
        before = self.placed(going.stream, [sighting.remote for sighting in sightings])
        owners = self._owners([key for sighting in sightings for key in sighting.keys])
        first_new = (self.one("SELECT seq FROM sqlite_sequence WHERE name = 'item'") or 0) + 1
        joined = identify(sightings, owners, first_new)
        fresh: list[Sighting] = []
        other: list[Sighting] = []
        counts: dict[int, int] = {}
        for sighting in sightings:
            counts[sighting.item] = counts.get(sighting.item, 0) + 1
        for sighting in sightings:
            plain = sighting.item >= first_new and counts[sighting.item] == 1 and sighting.remote not in before
            (fresh if plain else other).append(sighting)
        going.new += len({sighting.item for sighting in sightings if sighting.item >= first_new})
        self._add(going, fresh)
        if other or joined:
            self._fold(going, other, before, first_new, joined)

    def _owners(self, keys: list[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for start in range(0, len(keys), 5_000):  # SQLite takes 32,766 values
            some = [bytearray(key) for key in keys[start : start + 5_000]]
            found.update(self.rows(f"SELECT key, item FROM identity WHERE key IN ({','.join('?' * len(some))})", some))
        return found

    def placed(self, stream: int, remotes: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Which items the remote ids stand for, and in which listing they were last seen."""
        found = self.rows(
            "SELECT remote, item, listing FROM placement"
            " WHERE stream = ? AND remote IN (SELECT value FROM json_each(?))",
            (stream, json.dumps(list(remotes))),
        )
        return {remote: (item, listing) for remote, item, listing in found}

    def _add(self, going: Round, fresh: list[Sighting]) -> None:
        """The straight way: sightings of which each is an item of its own, never seen before."""
        stream, listing = going.stream, going.listing
        mails: list[tuple[Any, ...]] = []
        others: list[tuple[Any, ...]] = []
        postings: list[int] = []
        for sighting in fresh:
            row = (sighting.item, *sighting.own, 0, b"".join(sighting.keys), *sighting.content)
            if sighting.content[MARKS:] == UNREAD:
                mails.append(row[:_MAIL])
            else:
                others.append(row)
            postings += [party * _ITEMS + sighting.item for party in sighting.parties]
            going.parties |= sighting.parties
        self.write_many(_WRITE_MAIL, mails)
        self.write_many(_WRITE_ITEM, others)
        self.write_many(_WRITE_NEW_PLACEMENT, sorted((stream, s.remote, s.item, listing) for s in fresh))
        self.write_many(_WRITE_KEY, sorted((bytearray(k), s.item) for s in fresh for k in s.keys))
        self.connection.exec_driver_sql(_WRITE_POSTINGS, (json.dumps(sorted(postings)),))

    def _fold(
        self,
        going: Round,
        sightings: list[Sighting],
        before: Mapping[str, tuple[int, int]],
        first_new: int,
        joined: Mapping[int, int],
    ) -> None:
        """The other way: copies, changes, sightings that were there before, items that turn out to be one."""
        stood = {before[sighting.remote][0] for sighting in sightings if sighting.remote in before}
        old = {sighting.item for sighting in sightings} | stood | joined.keys() | set(joined.values())
        kept = self._kept(number for number in old if number < first_new)
        was = {number: one.state() for number, one in kept.items()}
        for loser, winner in joined.items():
            if loser in kept:
                absorb(kept[winner], kept.pop(loser))
        for sighting in sightings:
            place = (going.stream, sighting.remote)
            if sighting.remote in before:
                there = before[sighting.remote][0]
                there = joined.get(there, there)
                if there != sighting.item:
                    kept[there].placements.pop(place, None)
            elif sighting.item < first_new:
                going.merged += 1
            one = kept.setdefault(sighting.item, Kept(sighting.own, b"", sighting.content))
            see(one, place, sighting, going.listing, follow=going.live)
        going.merged += sum(1 for s in sightings if s.item >= first_new) - len(
            {s.item for s in sightings if s.item >= first_new}
        )
        self._write(going, kept, was)

    def _kept(self, items: Iterable[int]) -> dict[int, Kept]:
        wanted = json.dumps(list(items))
        kept: dict[int, Kept] = {}
        for row in self.rows(f"SELECT {_ITEM} FROM item WHERE id IN (SELECT value FROM json_each(?))", (wanted,)):
            kept[row[0]] = Kept(row[1:4], row[5], row[6:], row[4])
        for item, stream, remote, listing, recipients, labels, evidence in self.rows(
            "SELECT item, stream, remote, listing, recipients, labels, evidence FROM placement"
            " WHERE item IN (SELECT value FROM json_each(?))",
            (wanted,),
        ):
            one = kept[item]
            own = one.own if recipients is None else (recipients, labels, evidence)
            one.placements[stream, remote] = (own, listing)
        return kept

    def _write(self, going: Round, kept: Mapping[int, Kept], was: Mapping[int, State]) -> None:
        """Write the items that are not as they were; those that nothing shows any more vanish."""
        items, placements, keys, less, more, deleted = [], [], [], [], [], []
        for number in sorted(kept.keys() | was.keys()):
            one = kept.get(number)
            before = everybody(was[number][0][0], was[number][1]) if number in was else set()
            if one is None or not one.placements:
                self._vanish(number, was, merged=one is None)
                own, content, *_ = was[number]
                if going.live and one is not None and not content[0]:
                    deleted.append((content[SENDER], own[0], content[AT]))
                less += [(party, number) for party in before]
                going.parties |= before
                continue
            self._unite(one)
            now = (one.own, one.content, one.keys, one.placements)
            if was.get(number) == now:
                continue
            after = everybody(one.own[0], one.content)
            less += [(party, number) for party in before - after]
            more += [(party, number) for party in after - before]
            if number not in was or was[number][:2] != now[:2]:
                going.parties |= before | after
            items.append((number, *one.own, one.mixed, one.keys, *one.content))
            keys += [(one.keys[i : i + SIZE], number) for i in range(0, len(one.keys), SIZE)]
            for (stream, remote), (own, listing) in one.placements.items():
                placements.append((stream, remote, number, listing, *((None,) * 3 if own == one.own else own)))
            self._reword(number, was, one)
        if deleted and going.now:
            self.note_lately(going.stream, deleted, going.now)
        self.write_many("DELETE FROM posting WHERE party = ? AND item = ?", less)
        self.write_many(_WRITE_ITEM, items)
        self.write_many(_WRITE_PLACEMENT, placements)
        self.write_many(_WRITE_KEY, keys)
        self.write_many(_WRITE_POSTING, more)

    def _unite(self, one: Kept) -> None:
        """What the item shows is the union of what its placements say."""
        owns = sorted({own for own, _ in one.placements.values()}, key=lambda own: (-len(own[0]), own))
        one.mixed = int(len(owns) > 1)
        one.own = owns[0] if len(owns) == 1 else self.union(owns)

    def union(self, owns: Iterable[Own]) -> Own:
        """All recipients, labels and evidence together; an address stands once in each field."""
        fields: tuple[dict[str, str], ...] = ({}, {}, {})
        labels: set[str] = set()
        evidence = 0
        for recipients, some, bits in owns:
            for known, parties in zip(fields, recipients.split(";"), strict=True):
                for party in parties.split():
                    known.setdefault(self.address(int(party)), party)
            labels.update(some.split("\n"))
            evidence |= bits
        packed = ";".join(" ".join(known.values()) for known in fields)
        return packed, "\n".join(sorted(labels - {""})), evidence

    def _vanish(self, number: int, was: Mapping[int, State], merged: bool) -> None:
        write = self.connection.exec_driver_sql
        _, content, keys, _ = was[number]
        self._unword(number, content[SUBJECT])
        write("DELETE FROM item WHERE id = ?", (number,))
        self.write_many(
            "DELETE FROM identity WHERE key = ?", [(keys[i : i + SIZE],) for i in range(0, len(keys), SIZE)]
        )
        if not merged:
            write("DELETE FROM placement WHERE item = ?", (number,))

    def _reword(self, number: int, was: Mapping[int, State], one: Kept) -> None:
        """A meeting got another subject: the full text follows, if it has come that far."""
        if number in was and was[number][1][SUBJECT] != one.content[SUBJECT] and number <= self.number("worded"):
            self._unword(number, was[number][1][SUBJECT])
            self.connection.exec_driver_sql(
                "INSERT INTO subject_words (rowid, words) VALUES (?, ?)", (number, spaced(one.content[SUBJECT]))
            )

    def _unword(self, number: int, subject: str) -> None:
        if subject and number <= self.number("worded"):
            self.connection.exec_driver_sql(
                "INSERT INTO subject_words (subject_words, rowid, words) VALUES ('delete', ?, ?)",
                (number, spaced(subject)),
            )

    def remove(self, going: Round, placed: Mapping[str, tuple[int, int]]) -> int:
        """Take placements away, with evidence; what no other placement shows goes too."""
        if not placed:
            return 0
        kept = self._kept({item for item, _ in placed.values()})
        was = {number: one.state() for number, one in kept.items()}
        for remote, (item, _) in placed.items():
            del kept[item].placements[going.stream, remote]
        self.write_many(
            "DELETE FROM placement WHERE stream = ? AND remote = ?", [(going.stream, remote) for remote in placed]
        )
        self._write(going, kept, was)
        return len(placed)
