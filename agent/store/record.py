# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""How does a page become facts: whole or not at all, and the same when it comes twice?"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from agent.model import Marks
from agent.store.file import StoreFile
from agent.store.keys import SIZE, identity
from agent.store.words import spaced
from connectors.contract import Card, Cursor, Evidence, Interaction, Item, Page, Party, RemoteId, Stream

EVIDENCE: Final[tuple[Evidence, ...]] = ("list", "automatic", "bulk", "ours")
"""The bits of a mail's evidence, from the lowest."""

RETRIES = (60, 600, 3_600, 21_600, 86_400, 86_400)
"""Seconds until what was missed is asked for again; after the seventh try it is parked (`sync.md`, 5.5)."""

PARENTS = 40
"""More References than this are the longest threads' tails, or nonsense: the nearest and the first are kept."""

HELD_SHARE, HELD_FEWEST, HELD_FOR = 0.2, 50, 3_600
"""A full listing that lacks more than a fifth and more than 50 of what was there is believed only when another one,
an hour later, says so too (`sync.md`, 5.6)."""

Own = tuple[str, str, int]
"""What hangs on one placement: recipients, labels, evidence, packed."""

_BIT = {name: 1 << bit for bit, name in enumerate(EVIDENCE)}
_CONTENT = (
    "meeting, at, sender, subject, message_id, parents, thread, marks, uid, ends, whole_days, recurring, cancelled,"
    " declined"
)
_SENDER, _SUBJECT, _MESSAGE_ID, _PARENTS, _THREAD, _MARKS = 2, 3, 4, 5, 6, 7
_ITEM = f"id, recipients, labels, evidence, mixed, keys, {_CONTENT}"
_WRITE_ITEM = f"INSERT OR REPLACE INTO item ({_ITEM}) VALUES ({', '.join('?' * 20)})"
_WRITE_PLACEMENT = "INSERT OR REPLACE INTO placement VALUES (?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a page brought, in interactions."""

    found: int
    new: int  # not known before
    merged: int  # copies of what was known
    missed: int
    gone: int = 0  # placements that the source no longer has
    held: int = 0  # placements that a listing lacks, but too many at once to believe it


@dataclass(frozen=True, slots=True)
class Missed:
    """Something that the source has and that could not be read."""

    account: str
    stream: str
    remote_id: RemoteId
    reason: str
    tries: int
    next_try: int | None  # POSIX seconds; None = parked


@dataclass(slots=True)
class _Sighting:
    remote: RemoteId
    keys: tuple[bytes, ...]
    own: Own
    content: tuple[Any, ...]
    item: int = 0


@dataclass(slots=True)
class _Kept:
    """An item as it is kept, with everything that shows it; `placements` maps (stream, remote id) to (own, listing)."""

    own: Own
    keys: bytes
    content: tuple[Any, ...]
    mixed: int = 0
    placements: dict[tuple[int, str], tuple[Own, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Round:
    """The stream whose page is written, and what writing it touches."""

    stream: int
    listing: int
    held_at: int | None  # when a sweep was first held
    ends: bool  # a listing ends here, or the source says that it has not changed since one that was held
    counts: bool  # a listing ends here that is not the last one told again
    parties: set[int] = field(default_factory=set)
    new: int = 0
    merged: int = 0


class Recording(StoreFile):
    """The store's door for what connectors bring."""

    def account(self, name: str, kind: str, archive: bool = False) -> None:
        """Make an account known. An archive has no rounds, but an interval that it covers."""
        with self.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO account (name, kind, archive) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, archive = excluded.archive",
                (name, kind, int(archive)),
            )

    def record(
        self, account: str, stream: Stream, page: Page, marks: Mapping[RemoteId, Marks] | None = None, *, at: datetime
    ) -> Recorded:
        """Keep a page and its cursor, in one short transaction; the same page again changes nothing.

        `at` is when the page came. Raises StoreTrouble.
        """
        moment = int(at.timestamp())
        seen = {found.id: found for found in page.found if isinstance(found, Interaction)}
        with self.writing():
            going = self._begin(account, stream, page)
            number = going.stream
            self._meet(seen.values())
            self._place(going, [self._sighting(one, (marks or {}).get(one.id)) for one in seen.values()])
            self._keep_others(number, page)
            gone = self._remove(going, self._placed(number, page.gone))
            self._note_missed(number, page, moment)
            swept, held = self._sweep(going, moment) if going.ends else (0, 0)
            self._advance(going, page, seen.values(), moment)
            self._mark_stale(going.parties)
        return Recorded(len(seen), going.new, going.merged, len(page.missed), gone + swept, held)

    def cursor(self, account: str, stream: str) -> Cursor | None:
        """How far a stream is read; None: not at all."""
        kept = self.one(
            "SELECT cursor FROM stream JOIN account ON account.id = stream.account"
            " WHERE account.name = ? AND remote = ?",
            (account, stream),
        )
        return json.loads(kept) if kept is not None else None

    def ledger(self, account: str) -> list[Missed]:
        """What an account has and we could not read yet."""
        found = self.rows(
            "SELECT stream.name, ledger.remote, reason, tries, next_at FROM ledger"
            " JOIN stream ON stream.id = ledger.stream JOIN account ON account.id = stream.account"
            " WHERE account.name = ? ORDER BY stream.id, ledger.remote",
            (account,),
        )
        return [Missed(account, *row) for row in found]

    # The page's own parts

    def _begin(self, account: str, stream: Stream, page: Page) -> _Round:
        number, listing, cursor, held_at = self._stream(account, stream)
        again = cursor == _packed_cursor(page) and bool(page.complete or not page.found)
        if again and listing > 1:
            listing -= 1  # nothing new: the source tells of the listing that ended before
        ends = (again and held_at is not None) or (page.complete and not again)
        return _Round(number, listing, held_at, ends, counts=page.complete and not again)

    def _stream(self, account: str, stream: Stream) -> tuple[int, int, str | None, int | None]:
        write = self.connection.exec_driver_sql
        write("INSERT OR IGNORE INTO account (name) VALUES (?)", (account,))
        owner = self.one("SELECT id FROM account WHERE name = ?", (account,))
        write(
            "INSERT INTO stream (account, remote, name, role) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account, remote) DO UPDATE SET name = excluded.name, role = excluded.role",
            (owner, stream.id, _clean(stream.name), stream.role),
        )
        number, listing, cursor, held_at = self.rows(
            "SELECT id, listing, cursor, held_at FROM stream WHERE account = ? AND remote = ?", (owner, stream.id)
        ).fetchone()
        return number, listing, cursor, held_at

    def _meet(self, seen: Iterable[Interaction]) -> None:
        """Give a number to every address and name that is new."""
        known = self._parties
        new = {pair for one in seen for pair in _pairs(one)} - known.keys()
        if not new:
            return
        wanted = json.dumps(list({address for address, _ in new}))
        for number, address, name in self.rows(
            "SELECT id, address, name FROM party WHERE address IN (SELECT value FROM json_each(?))", (wanted,)
        ):
            known[address, name] = str(number)
            self._addresses[number] = address
        new -= known.keys()
        last = self.one("SELECT max(id) FROM party") or 0
        rows = [(number, *pair) for number, pair in enumerate(sorted(new), last + 1)]
        self.write_many("INSERT INTO party VALUES (?, ?, ?)", rows)
        for number, address, name in rows:
            known[address, name] = str(number)
            self._addresses[number] = address

    def _sighting(self, seen: Interaction, marks: Marks | None) -> _Sighting:
        at = int(seen.sent.timestamp())
        sender = int(self._number(seen.sender)) if seen.sender and seen.sender.address else 0
        evidence = 0
        for name in seen.evidence:
            evidence |= _BIT[name]
        own = (self._recipients(seen), "\n".join(sorted({_line(label) for label in seen.labels})), evidence)
        parents = "\n".join(_parents(seen))
        content: tuple[Any, ...] = (
            0,
            at,
            sender,
            _clean(seen.subject),
            _line(seen.message_id),
            parents,
            _line(seen.thread),
            _packed_marks(marks) if marks else None,
            None,
            None,
            0,
            0,
            0,
            None,
        )
        if seen.meeting is not None:
            content = (1, *content[1:8], *self._meeting(seen))
        return _Sighting(seen.id, identity(seen, at, self.key), own, content)

    def _meeting(self, seen: Interaction) -> tuple[Any, ...]:
        meeting = seen.meeting
        assert meeting is not None
        ends = meeting.end
        whole_days = not isinstance(ends, datetime)
        last = seen.sent.timestamp() + (
            (meeting.end - meeting.start).total_seconds() if type(meeting.end) is type(meeting.start) else 0
        )
        declined = " ".join(
            self._number(a.party) for a in meeting.attendees if a.status == "declined" and a.party.address
        )
        return (
            _line(meeting.uid),
            int(last),
            int(whole_days),
            int(meeting.recurring),
            int(meeting.cancelled),
            declined or None,
        )

    def _number(self, party: Party) -> str:
        return self._parties[_pair(party)]

    def _recipients(self, seen: Interaction) -> str:
        """Party ids: "to;cc;bcc". Those asked to a meeting are `to`."""
        number = self._parties
        to = seen.to
        if seen.meeting is not None:
            to = (*to, *(attendee.party for attendee in seen.meeting.attendees))
        fields = (to, seen.cc, seen.bcc)
        return ";".join(
            [" ".join([number[_pair(p)] for p in parties if p.address]) if parties else "" for parties in fields]
        )

    # Who is who

    def _place(self, going: _Round, sightings: list[_Sighting]) -> None:
        """Put every sighting on its item: a new one, a known one, or one that it makes of several."""
        before = self._placed(going.stream, [sighting.remote for sighting in sightings])
        owners = self._owners([key for sighting in sightings for key in sighting.keys])
        known_keys = set(owners)
        first_new = (self.one("SELECT seq FROM sqlite_sequence WHERE name = 'item'") or 0) + 1
        joined = _identify(sightings, owners, first_new)
        fresh: list[_Sighting] = []
        other: list[_Sighting] = []
        counts: dict[int, int] = {}
        for sighting in sightings:
            counts[sighting.item] = counts.get(sighting.item, 0) + 1
        for sighting in sightings:
            plain = sighting.item >= first_new and counts[sighting.item] == 1 and sighting.remote not in before
            (fresh if plain else other).append(sighting)
        going.new += len({sighting.item for sighting in sightings if sighting.item >= first_new})
        self._add(going, fresh)
        if other or joined:
            self._fold(going, other, before, known_keys, first_new, joined)

    def _owners(self, keys: list[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for start in range(0, len(keys), 5_000):  # SQLite takes 32,766 values
            some = keys[start : start + 5_000]
            found.update(self.rows(f"SELECT key, item FROM identity WHERE key IN ({','.join('?' * len(some))})", some))
        return found

    def _placed(self, stream: int, remotes: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Which items the remote ids stand for, and in which listing they were last seen."""
        found = self.rows(
            "SELECT remote, item, listing FROM placement"
            " WHERE stream = ? AND remote IN (SELECT value FROM json_each(?))",
            (stream, json.dumps(list(remotes))),
        )
        return {remote: (item, listing) for remote, item, listing in found}

    def _add(self, going: _Round, fresh: list[_Sighting]) -> None:
        """The straight way: sightings of which each is an item of its own, never seen before."""
        stream, listing = going.stream, going.listing
        postings: list[tuple[int, int]] = []
        for sighting in fresh:
            parties = _everybody(sighting.own[0], sighting.content)
            postings += [(party, sighting.item) for party in parties]
            going.parties |= parties
        postings.sort()
        self.write_many(_WRITE_ITEM, [(s.item, *s.own, 0, b"".join(s.keys), *s.content) for s in fresh])
        self.write_many(_WRITE_PLACEMENT, sorted((stream, s.remote, s.item, listing, None, None, None) for s in fresh))
        self.write_many(
            "INSERT OR REPLACE INTO identity VALUES (?, ?)", sorted((k, s.item) for s in fresh for k in s.keys)
        )
        self.write_many("INSERT OR IGNORE INTO posting VALUES (?, ?)", postings)

    def _fold(
        self,
        going: _Round,
        sightings: list[_Sighting],
        before: Mapping[str, tuple[int, int]],
        known_keys: set[bytes],
        first_new: int,
        joined: Mapping[int, int],
    ) -> None:
        """The other way: copies, changes, sightings that were there before, items that turn out to be one."""
        stood = {before[sighting.remote][0] for sighting in sightings if sighting.remote in before}
        old = {sighting.item for sighting in sightings} | stood | joined.keys() | set(joined.values())
        kept = self._kept(number for number in old if number < first_new)
        was = {number: (one.own, one.content, one.keys, dict(one.placements)) for number, one in kept.items()}
        for loser, winner in joined.items():
            if loser in kept:
                _absorb(kept[winner], kept.pop(loser))
        for sighting in sightings:
            place = (going.stream, sighting.remote)
            if sighting.remote in before:
                there = before[sighting.remote][0]
                there = joined.get(there, there)
                if there != sighting.item:
                    kept[there].placements.pop(place, None)
            elif sighting.item < first_new:
                going.merged += 1
            one = kept.setdefault(sighting.item, _Kept(sighting.own, b"", sighting.content))
            _see(one, place, sighting, going.listing)
        going.merged += sum(1 for s in sightings if s.item >= first_new) - len(
            {s.item for s in sightings if s.item >= first_new}
        )
        self._write(going, kept, was)

    def _kept(self, items: Iterable[int]) -> dict[int, _Kept]:
        wanted = json.dumps(list(items))
        kept: dict[int, _Kept] = {}
        for row in self.rows(f"SELECT {_ITEM} FROM item WHERE id IN (SELECT value FROM json_each(?))", (wanted,)):
            kept[row[0]] = _Kept(row[1:4], row[5], row[6:], row[4])
        for item, stream, remote, listing, recipients, labels, evidence in self.rows(
            "SELECT item, stream, remote, listing, recipients, labels, evidence FROM placement"
            " WHERE item IN (SELECT value FROM json_each(?))",
            (wanted,),
        ):
            one = kept[item]
            own = one.own if recipients is None else (recipients, labels, evidence)
            one.placements[stream, remote] = (own, listing)
        return kept

    def _write(self, going: _Round, kept: Mapping[int, _Kept], was: Mapping[int, Any]) -> None:
        """Write the items that are not as they were; those that nothing shows any more vanish."""
        items, placements, keys, less, more = [], [], [], [], []
        for number in sorted(kept.keys() | was.keys()):
            one = kept.get(number)
            before = _everybody(was[number][0][0], was[number][1]) if number in was else set()
            if one is None or not one.placements:
                self._vanish(number, was, merged=one is None)
                less += [(party, number) for party in before]
                going.parties |= before
                continue
            self._unite(one)
            now = (one.own, one.content, one.keys, one.placements)
            if was.get(number) == now:
                continue
            after = _everybody(one.own[0], one.content)
            less += [(party, number) for party in before - after]
            more += [(party, number) for party in after - before]
            if number not in was or was[number][:2] != now[:2]:
                going.parties |= before | after
            items.append((number, *one.own, one.mixed, one.keys, *one.content))
            keys += [(one.keys[i : i + SIZE], number) for i in range(0, len(one.keys), SIZE)]
            for (stream, remote), (own, listing) in one.placements.items():
                placements.append((stream, remote, number, listing, *((None,) * 3 if own == one.own else own)))
            self._reword(number, was, one)
        self.write_many("DELETE FROM posting WHERE party = ? AND item = ?", less)
        self.write_many(_WRITE_ITEM, items)
        self.write_many(_WRITE_PLACEMENT, placements)
        self.write_many("INSERT OR REPLACE INTO identity VALUES (?, ?)", keys)
        self.write_many("INSERT OR IGNORE INTO posting VALUES (?, ?)", more)

    def _unite(self, one: _Kept) -> None:
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

    def _vanish(self, number: int, was: Mapping[int, Any], merged: bool) -> None:
        write = self.connection.exec_driver_sql
        _, content, keys, _ = was[number]
        self._unword(number, content[_SUBJECT])
        write("DELETE FROM item WHERE id = ?", (number,))
        self.write_many(
            "DELETE FROM identity WHERE key = ?", [(keys[i : i + SIZE],) for i in range(0, len(keys), SIZE)]
        )
        if not merged:
            write("DELETE FROM placement WHERE item = ?", (number,))

    def _reword(self, number: int, was: Mapping[int, Any], one: _Kept) -> None:
        """A meeting got another subject: the full text follows, if it has come that far."""
        if number in was and was[number][1][_SUBJECT] != one.content[_SUBJECT] and number <= self.number("worded"):
            self._unword(number, was[number][1][_SUBJECT])
            self.connection.exec_driver_sql(
                "INSERT INTO subject_words (rowid, words) VALUES (?, ?)", (number, spaced(one.content[_SUBJECT]))
            )

    def _unword(self, number: int, subject: str) -> None:
        if number <= self.number("worded"):
            self.connection.exec_driver_sql(
                "INSERT INTO subject_words (subject_words, rowid, words) VALUES ('delete', ?, ?)",
                (number, spaced(subject)),
            )

    # What goes

    def _remove(self, going: _Round, placed: Mapping[str, tuple[int, int]]) -> int:
        """Take placements away, with evidence; what no other placement shows goes too."""
        if not placed:
            return 0
        kept = self._kept({item for item, _ in placed.values()})
        was = {number: (one.own, one.content, one.keys, dict(one.placements)) for number, one in kept.items()}
        for remote, (item, _) in placed.items():
            del kept[item].placements[going.stream, remote]
        self.write_many(
            "DELETE FROM placement WHERE stream = ? AND remote = ?", [(going.stream, remote) for remote in placed]
        )
        self._write(going, kept, was)
        return len(placed)

    def _sweep(self, going: _Round, moment: int) -> tuple[int, int]:
        """A full listing ended: meetings that it lacks are gone, unless they are too many. Mail is never swept."""
        placed = {
            remote: (item, listing)
            for remote, item, listing in self.rows(
                "SELECT remote, item, placement.listing FROM placement JOIN item ON item.id = item"
                " WHERE stream = ? AND listing < ? AND meeting = 1",
                (going.stream, going.listing),
            )
        }
        there = self.one("SELECT count(*) FROM placement WHERE stream = ?", (going.stream,))
        since = going.held_at
        write = self.connection.exec_driver_sql
        many = len(placed) > HELD_FEWEST and len(placed) > HELD_SHARE * there
        if many and (since is None or moment < since + HELD_FOR):
            write("UPDATE stream SET held_at = ? WHERE id = ?", (moment if since is None else since, going.stream))
            return 0, len(placed)
        write("UPDATE stream SET held_at = NULL WHERE id = ?", (going.stream,))
        return self._remove(going, placed), 0

    # What else stands on a page

    def _keep_others(self, stream: int, page: Page) -> None:
        self.write_many(
            "INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    stream,
                    card.id,
                    _clean(card.name),
                    "\n".join(_line(address) for address in card.addresses),
                    _clean(card.note),
                    card.birthday.isoformat() if card.birthday else "",
                    _clean(card.organisation),
                )
                for card in page.found
                if isinstance(card, Card)
            ],
        )
        self.write_many(
            "INSERT OR REPLACE INTO shelf VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    stream,
                    item.id,
                    _clean(item.title),
                    item.url,
                    int(item.published.timestamp()) if item.published else None,
                    _clean(item.source),
                    _clean(item.note),
                )
                for item in page.found
                if isinstance(item, Item)
            ],
        )
        for table in ("card", "shelf"):
            self.write_many(
                f"DELETE FROM {table} WHERE stream = ? AND remote = ?", [(stream, remote) for remote in page.gone]
            )

    def _note_missed(self, stream: int, page: Page, moment: int) -> None:
        """What came after all leaves the ledger; what did not is tried again, ever more rarely."""
        read = [one.id for one in page.found]
        if self.one("SELECT 1 FROM ledger WHERE stream = ? LIMIT 1", (stream,)):
            self.write_many(
                "DELETE FROM ledger WHERE stream = ? AND remote = ?",
                [(stream, remote) for remote in (*read, *page.gone)],
            )
        for remote, reason in page.missed:
            row = self.rows(
                "SELECT tries, tried_at FROM ledger WHERE stream = ? AND remote = ?", (stream, _clean(remote))
            ).fetchone()
            if row and row[1] >= moment:
                continue
            tries = row[0] + 1 if row else 1
            after = moment + RETRIES[tries - 1] if tries <= len(RETRIES) else None
            self.connection.exec_driver_sql(
                "INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?, ?, ?)",
                (stream, _clean(remote), _clean(reason), tries, moment, after),
            )

    def _advance(self, going: _Round, page: Page, seen: Iterable[Interaction], moment: int) -> None:
        """The cursor, with what the stream is now known to cover; a date in the future is a wrong clock."""
        stream, cursor = going.stream, _packed_cursor(page)
        dates = [at for at in (int(one.sent.timestamp()) for one in seen) if at <= moment]
        self.connection.exec_driver_sql(
            "UPDATE stream SET cursor = ?, page_at = ?, progress = coalesce(?, progress),"
            " first = min(coalesce(first, ?), ?), last = max(coalesce(last, ?), ?) WHERE id = ?",
            (cursor, moment, page.progress, *((min(dates),) * 2 + (max(dates),) * 2 if dates else (None,) * 4), stream),
        )
        if going.counts:
            self.connection.exec_driver_sql(
                "UPDATE stream SET listing = listing + 1, complete_at = ?, progress = 1.0 WHERE id = ?",
                (moment, stream),
            )

    def _mark_stale(self, parties: Iterable[int]) -> None:
        addresses = {self.address(party) for party in parties}
        if addresses:
            generation = self.number("generation") + 1
            self.set_number("generation", generation)
            self.write_many(
                "INSERT OR REPLACE INTO stale VALUES (?, ?)", [(address, generation) for address in sorted(addresses)]
            )


def _identify(sightings: list[_Sighting], owners: dict[bytes, int], first_new: int) -> dict[int, int]:
    """Give every sighting its item; what shares a key is one. Returns which items became part of which others."""
    into: dict[int, int] = {}

    def last(item: int) -> int:
        while item in into:
            item = into[item]
        return item

    next_new = first_new
    for sighting in sightings:
        found = {last(owners[key]) for key in sighting.keys if key in owners}
        if found:
            sighting.item = min(found)
            into.update((item, sighting.item) for item in found if item != sighting.item)
        else:
            sighting.item, next_new = next_new, next_new + 1
        for key in sighting.keys:
            owners[key] = sighting.item
    if into:
        for sighting in sightings:
            sighting.item = last(sighting.item)
    return {item: last(item) for item in into}


def _see(one: _Kept, place: tuple[int, str], sighting: _Sighting, listing: int) -> None:
    """A further sighting of an item. Mails do not change; of a meeting the latest word counts."""
    stood = one.placements.get(place)
    meeting = sighting.content[0]
    one.placements[place] = (sighting.own, stood[1] if stood and not meeting else listing)
    one.keys = _joined_keys(one.keys, b"".join(sighting.keys))
    if meeting:
        marks = sighting.content[_MARKS] or one.content[_MARKS]
        one.content = (*sighting.content[:_MARKS], marks, *sighting.content[_MARKS + 1 :])
    else:
        one.content = _same_mail(one.content, sighting.content)


def _absorb(winner: _Kept, loser: _Kept) -> None:
    """Two items turn out to be one."""
    winner.placements |= loser.placements
    winner.keys = _joined_keys(winner.keys, loser.keys)
    winner.content = _same_mail(winner.content, loser.content)


def _same_mail(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """What two copies know of a mail, whichever came first."""
    if one == other:
        return one
    both = list(one)
    for column in (_MESSAGE_ID, _THREAD):
        both[column] = min(filter(None, (one[column], other[column])), default="")
    both[_PARENTS] = max(one[_PARENTS], other[_PARENTS], key=lambda text: (len(text), text))
    both[_MARKS] = one[_MARKS] or other[_MARKS]
    return tuple(both)


def _joined_keys(one: bytes, other: bytes) -> bytes:
    if one == other:
        return one
    both = one + other
    return b"".join(sorted({both[i : i + SIZE] for i in range(0, len(both), SIZE)}))


def _everybody(recipients: str, content: tuple[Any, ...]) -> set[int]:
    parties = set(map(int, recipients.replace(";", " ").split()))
    if content[_SENDER]:
        parties.add(content[_SENDER])
    return parties


def _pairs(seen: Interaction) -> Iterable[tuple[str, str]]:
    parties = [*seen.to, *seen.cc, *seen.bcc]
    if seen.sender:
        parties.append(seen.sender)
    if seen.meeting is not None:
        parties += [attendee.party for attendee in seen.meeting.attendees]
    return [_pair(party) for party in parties if party.address]


def _pair(party: Party) -> tuple[str, str]:
    address, name = party.address, party.name
    if address.isascii() and name.isascii():
        return address, name
    return _clean(address), _clean(name)


def _parents(seen: Interaction) -> list[str]:
    """In-Reply-To, then References from the nearest."""
    if not seen.references:
        return [_line(seen.in_reply_to)] if seen.in_reply_to else []
    named = (seen.in_reply_to, *reversed(seen.references))
    found = list(dict.fromkeys(_line(name) for name in named if name))
    return found if len(found) <= PARENTS else [*found[: PARENTS - 1], found[-1]]


def _packed_cursor(page: Page) -> str:
    return json.dumps(page.cursor, sort_keys=True)


def _packed_marks(marks: Marks) -> str | None:
    if not (marks.asks or marks.links or marks.terms or marks.dates):
        return None
    return json.dumps(
        {
            "asks": marks.asks,
            "links": [(link.url, link.title) for link in marks.links],
            "terms": dict(marks.terms),
            "dates": [day.isoformat() for day in marks.dates],
        },
        separators=(",", ":"),
    )


def _clean(text: str) -> str:
    """Text that SQLite takes: half a surrogate pair, as hostile headers have it, is none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _line(text: str) -> str:
    """Text that stands on one line of a list."""
    return _clean(text.replace("\n", " ") if "\n" in text else text)
