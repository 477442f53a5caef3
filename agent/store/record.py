# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""How does a page become facts: whole or not at all, and the same when it comes twice?"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agent.model import Marks
from agent.store.forgotten import NOBODY, Forgotten, unpacked
from agent.store.items import Round
from agent.store.keys import identity
from agent.store.leaving import Leaving
from agent.store.sighted import AT, SENDER, Parties, Sighting, clean, line, sighting
from connectors.contract import Card, Cursor, Interaction, Item, Page, RemoteId, Stream
from nlp.repeated import Habit

RETRIES = (60, 600, 3_600, 21_600, 86_400, 86_400)
"""Seconds until what was missed is asked for again; after the seventh try it is parked (`sync.md`, 5.5)."""


class LaneClosed(Exception):  # noqa: N818 - an answer, not an error
    """The account was opted out or forgotten since the round began, or another round began: this one writes no more."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a page brought, in interactions, cards and things to share."""

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


class Recording(Leaving):
    """The store's door for what connectors bring."""

    _forgotten = NOBODY

    def account(self, name: str, kind: str, archive: bool = False) -> None:
        """Make an account known. An archive has no rounds, but an interval that it covers."""
        with self.writing() as connection:
            connection.exec_driver_sql(
                "INSERT INTO account (name, kind, archive) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, archive = excluded.archive",
                (name, kind, int(archive)),
            )

    def record(
        self,
        account: str,
        stream: Stream,
        page: Page,
        marks: Mapping[RemoteId, Marks] | None = None,
        *,
        habits: Mapping[str, Habit] | None = None,
        at: datetime,
        lane: int | None = None,
        exact: bool = False,
        sure: bool = False,
    ) -> Recorded:
        """Keep a page and its cursor, in one short transaction; the same page again changes nothing.

        `at` is when the page came; `lane` the generation that `begin_round` gave. `exact`: single items were asked
        for, so that the page says nothing of the rest; `sure`: what it calls gone was called so before. What a page of
        a round calls gone, or a listing lacks, goes at its end (`Rounds.let_leave`). `habits`: how the senders' latest
        mails end, this page's with them. Raises StoreTrouble, LaneClosed.
        """
        moment = int(at.timestamp())
        marked = marks or {}
        seen = {found.id: found for found in page.found if isinstance(found, Interaction)}
        with self.writing():
            self.check_lane(account, lane)
            going = self._begin(account, stream, page, exact=exact, later=lane is not None)
            going.now = moment
            number = going.stream
            parties = self.parties()
            if forgotten := self.forgotten():
                sightings = list(self._without(seen.values(), marked, parties, forgotten))
            else:
                sightings = [sighting(one, marked.get(one.id), parties, self.key) for one in seen.values()]
            self.write_many("INSERT INTO party VALUES (?, ?, ?)", parties.new)
            self.place(going, sightings)
            if habits:
                self._keep_known_habits(account, habits, sightings, moment)
            cards = self._keep_others(going, replace(page, found=forgotten.others(page.found)) if forgotten else page)
            gone, doubted = 0, 0
            if page.gone and going.later and not sure:
                gone = self.let_go_later(going, page.gone)
            elif page.gone:
                gone, doubted = self.let_go(going, page.gone, moment, sure=sure)
            self.forget_suspects(number, seen)
            if len(sightings) < len(seen):
                absent = seen.keys() - {one.remote for one in sightings}
                # Of whoever was forgotten nothing stays.
                self.remove(replace(going, now=0), self.placed(number, absent))
            self._note_missed(number, page, moment)
            swept, held = self.sweep(going, moment) if going.ends else (0, 0)
            if not exact:
                self._advance(going, page, [one.content[AT] for one in sightings], moment)
            self.mark_stale(going.parties)
        return Recorded(len(seen) + cards, going.new, going.merged, len(page.missed), gone + swept, doubted + held)

    def _keep_known_habits(
        self, account: str, habits: Mapping[str, Habit], sightings: Iterable[Sighting], moment: int
    ) -> None:
        """Remember how their mails end: of nobody who was forgotten."""
        there = {self.address(one.content[SENDER]) for one in sightings if one.content[SENDER]}
        owner = self.one("SELECT id FROM account WHERE name = ?", (account,))
        self.keep_habits(owner, {who: habit for who, habit in habits.items() if who in there}, moment)

    def forgotten(self) -> Forgotten:
        """Who was forgotten, so that they are not brought back."""
        kept = self.one("SELECT value FROM meta WHERE name = 'forgotten'")
        if not kept:
            return NOBODY
        own = {address for (address,) in self.rows("SELECT address FROM own")}
        own.update(json.loads(self.one("SELECT value FROM meta WHERE name = 'forgotten_by'") or "[]"))
        now = Forgotten(unpacked(kept), frozenset(own), self.key)
        if now != self._forgotten:  # else what it has told by now serves again
            self._forgotten = now
        return self._forgotten

    def _without(
        self, seen: Iterable[Interaction], marked: Mapping[RemoteId, Marks], parties: Parties, forgotten: Forgotten
    ) -> Iterator[Sighting]:
        """What is left of these without those who were forgotten; copies of one mail stay one."""
        for one in seen:
            if kept := forgotten.left(one):
                left, hints = kept
                found = sighting(left, forgotten.marks(marked.get(one.id), hints), parties, self.key)
                found.keys = identity(one, found.content[AT], self.key)
                yield found

    def check_lane(self, account: str, lane: int | None) -> None:
        """Raises LaneClosed where a round of that generation may not write any more."""
        if lane is None:
            return
        row = self.rows("SELECT lane, enabled FROM account WHERE name = ?", (account,)).fetchone()
        if row is None or not row[1]:
            raise LaneClosed(f"{account} was opted out; what it brings is not kept.")
        if row[0] != lane:
            raise LaneClosed(f"{account} is read by another auld since; this one ends.")

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
            "SELECT stream.name, ledger.remote, reason, tries, ledger.next_at FROM ledger"
            " JOIN stream ON stream.id = ledger.stream JOIN account ON account.id = stream.account"
            " WHERE account.name = ? ORDER BY stream.id, ledger.remote",
            (account,),
        )
        return [Missed(account, *row) for row in found]

    # The page's own parts

    def _begin(self, account: str, stream: Stream, page: Page, *, exact: bool, later: bool) -> Round:
        number, listing, cursor, held_at, whole, archive = self._stream(account, stream)
        if exact:
            return Round(number, listing, held_at, ends=False, counts=False, live=not archive, later=later)
        again = not whole and cursor == _packed_cursor(page) and bool(page.complete or not page.found)
        if again and listing > 1:
            listing -= 1  # nothing new: the source tells of the listing that ended before
        elif archive and cursor is not None and json.loads(cursor).get("epoch") != page.cursor.get("epoch"):
            listing += 1  # it is listed anew: what a listing saw that did not end is no longer seen
            self.connection.exec_driver_sql("UPDATE stream SET listing = ? WHERE id = ?", (listing, number))
        ends = (again and held_at is not None) or (page.complete and not again)
        counts = page.complete and not again
        return Round(number, listing, held_at, ends, counts, live=not archive, whole=bool(whole), later=later)

    def _stream(self, account: str, stream: Stream) -> tuple[int, int, str | None, int | None, int, int]:
        write = self.connection.exec_driver_sql
        write("INSERT OR IGNORE INTO account (name) VALUES (?)", (account,))
        owner, archive = self.rows("SELECT id, archive FROM account WHERE name = ?", (account,)).fetchone()
        self.name_stream(owner, stream)
        number, listing, cursor, held_at, whole = self.rows(
            "SELECT id, listing, cursor, held_at, whole FROM stream WHERE account = ? AND remote = ?",
            (owner, stream.id),
        ).fetchone()
        return number, listing, cursor, held_at, whole, archive

    def name_stream(self, owner: int, stream: Stream) -> None:
        """Make a stream of the account with this number known."""
        self.connection.exec_driver_sql(
            "INSERT INTO stream (account, remote, name, role) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account, remote) DO UPDATE SET name = excluded.name, role = excluded.role",
            (owner, stream.id, clean(stream.name), stream.role),
        )

    # What else stands on a page

    def _keep_others(self, going: Round, page: Page) -> int:
        """The cards and things to share; gives how many."""
        stream = going.stream
        shared = [found for found in page.found if isinstance(found, Item)]
        cards = [found for found in page.found if isinstance(found, Card)]
        before = self.carded(stream, [*(card.id for card in cards), *page.gone])
        self.write_many(
            "INSERT OR REPLACE INTO card VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    stream,
                    card.id,
                    clean(card.name),
                    "\n".join(line(address) for address in card.addresses),
                    clean(card.note),
                    card.birthday.isoformat() if card.birthday else "",
                    clean(card.organisation),
                    going.listing,
                )
                for card in cards
            ],
        )
        going.new += len(shared) - self._on_shelf(stream, shared)
        self.write_many(
            "INSERT OR REPLACE INTO shelf VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    stream,
                    item.id,
                    clean(item.title),
                    item.url,
                    int(item.published.timestamp()) if item.published else None,
                    clean(item.source),
                    clean(item.note),
                    going.listing,
                )
                for item in shared
            ],
        )
        for table in ("card", "shelf"):
            self.write_many(
                f"DELETE FROM {table} WHERE stream = ? AND remote = ?", [(stream, remote) for remote in page.gone]
            )
        after = self.carded(stream, before.keys() | {card.id for card in cards})
        changed = [remote for remote in before.keys() | after.keys() if before.get(remote) != after.get(remote)]
        going.parties |= self.on_cards(
            carded[remote] for carded in (before, after) for remote in changed if remote in carded
        )
        going.new += len({card.id for card in cards} - before.keys())
        return len(cards) + len(shared)

    def _on_shelf(self, stream: int, items: Iterable[Item]) -> int:
        """How many of these things to share are known."""
        asked = (stream, json.dumps([item.id for item in items]))
        known: int = self.one(
            "SELECT count(*) FROM shelf WHERE stream = ? AND remote IN (SELECT value FROM json_each(?))", asked
        )
        return known

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
                "SELECT tries, tried_at FROM ledger WHERE stream = ? AND remote = ?", (stream, clean(remote))
            ).fetchone()
            if row and row[1] >= moment:
                continue
            tries = row[0] + 1 if row else 1
            after = moment + RETRIES[tries - 1] if tries <= len(RETRIES) else None
            self.connection.exec_driver_sql(
                "INSERT OR REPLACE INTO ledger VALUES (?, ?, ?, ?, ?, ?)",
                (stream, clean(remote), clean(reason), tries, moment, after),
            )

    def _advance(self, going: Round, page: Page, seen: Iterable[int], moment: int) -> None:
        """The cursor, with what the stream is now known to cover; a date in the future is a wrong clock."""
        stream, cursor = going.stream, _packed_cursor(page)
        dates = [at for at in seen if at <= moment]
        self.connection.exec_driver_sql(
            "UPDATE stream SET cursor = ?, page_at = ?, progress = coalesce(?, progress) WHERE id = ?",
            (cursor, moment, page.progress, stream),
        )
        if dates:
            self.connection.exec_driver_sql(
                "UPDATE stream SET first = min(coalesce(first, ?1), ?1), last = max(coalesce(last, ?2), ?2)"
                " WHERE id = ?3",
                (min(dates), max(dates), stream),
            )
        if going.counts:
            self.connection.exec_driver_sql(
                "UPDATE stream SET listing = listing + 1, complete_at = ?, progress = 1.0, whole = 0 WHERE id = ?",
                (moment, stream),
            )


def _packed_cursor(page: Page) -> str:
    return json.dumps(page.cursor, sort_keys=True)
