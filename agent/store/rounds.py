# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""How do the rounds over each account go: which are allowed, how did they end, what is doubted, what is to be done?"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from agent.schedule import Ended, Lane, Next, after, backoff
from agent.store.items import Round
from agent.store.leaving import HELD_FOR, LEAVING, SWEPT, VANISHED
from agent.store.record import LaneClosed, Recording
from agent.store.sighted import clean
from connectors.contract import RemoteId, Stream

BUDGET = 86_400
"""A stream is listed anew once in so many seconds: a server that forgets every time would be asked for all of its mail
every time (`sync.md`, F9)."""

AUDIT = 7 * 86_400
"""Seconds between two audits of a stream (`sync.md`, 5.7)."""

_OFF = "UPDATE account SET enabled = 0, lane = lane + enabled, off_at = coalesce(off_at, ?) WHERE name = ?"

_LANE = [one.name for one in fields(Lane) if one.name != "asked_at"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An account as the config file names it."""

    name: str
    kind: str
    archive: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Watched:
    """A stream, as the engine needs to know it."""

    id: RemoteId
    listed_at: int | None  # when a listing of it ended; None where none did, or a new one goes on
    degraded: str  # why it is only looked over; "" = it is followed
    reset_at: int | None
    held_at: int | None
    audited_at: int | None


class Rounds(Recording):
    """The store's door for whoever runs rounds. Moments are POSIX seconds, or aware."""

    # What the user chose

    def accept(self, accounts: Iterable[Chosen], config: Mapping[str, Any], text: str, *, at: datetime) -> None:
        """Keep a config that was found good: its accounts, what the daemon must know of it, and its text.

        `config` holds `file` (time of change and size), `timezone`, and, where a digest is wanted, `at_minute` and
        `days`.

        An account that is not there or is off may not be written to from now on.
        """
        moment = int(at.timestamp())
        with self.writing() as connection:
            write = connection.exec_driver_sql
            known = dict(self.rows("SELECT name, enabled FROM account"))
            chosen = {
                one.name: one for one in accounts if one.enabled or one.name in known
            }  # else there is nothing yet
            for one in chosen.values():
                write(
                    "INSERT INTO account (name, kind, archive) VALUES (?, ?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, archive = excluded.archive",
                    (one.name, one.kind, int(one.archive)),
                )
            for name in known.keys() | chosen.keys():
                if name in chosen and chosen[name].enabled:
                    if not known.get(name, 1):
                        write("UPDATE account SET enabled = 1, off_at = NULL, next_at = NULL WHERE name = ?", (name,))
                else:
                    write(_OFF, (moment, name))
            for key, value in (("config", {**config, "at": moment}), ("config_problem", "")):
                write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value).encode()))
            write("INSERT OR REPLACE INTO meta VALUES ('config_text', ?)", (text.encode(),))

    def refuse(self, problem: str, seen: Sequence[int], on: Collection[str] | None, *, at: datetime) -> None:
        """A config file that changed is not good: the one before holds; `seen` tells the file that was looked at.

        `on` names the accounts that are on even in this one, as far as it can be read (None: it cannot): whatever else
        is wrong with it, one that is off is left alone from now on.
        """
        with self.writing() as connection:
            for (name,) in self.rows("SELECT name FROM account WHERE enabled = 1").fetchall():
                if on is not None and name not in on:
                    connection.exec_driver_sql(_OFF, (int(at.timestamp()), name))
            kept = self.one("SELECT value FROM meta WHERE name = 'config'")
            config = {**(json.loads(kept) if kept else {}), "file": list(seen)}
            for key, value in (("config", config), ("config_problem", problem)):
                connection.exec_driver_sql(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value).encode())
                )

    def accepted(self) -> str | None:
        """The text of the config that holds; None where none was accepted yet."""
        kept = self.one("SELECT value FROM meta WHERE name = 'config_text'")
        return None if kept is None else bytes(kept).decode()

    def ask(self, accounts: Iterable[str], *, at: datetime) -> None:
        """The user wants these read now."""
        with self.writing():
            rows = [(name, int(at.timestamp())) for name in accounts]
            self.write_many("INSERT OR REPLACE INTO request VALUES (?, ?)", rows)

    # A round

    def lane(self, account: str) -> Lane | None:
        """How an account stands; None where it is not known."""
        row = self.rows(f"SELECT {', '.join(_LANE)} FROM account WHERE name = ?", (account,)).fetchone()
        return Lane(**dict(zip(_LANE, row, strict=True))) if row else None

    def begin_round(self, account: str, *, at: datetime, dice: float) -> Lane:
        """A round begins: it counts as failed until it ended. Gives how the account stood, with its new generation.

        A round that still goes on, as after a daemon that was killed, cannot write any more. Raises LaneClosed.
        """
        moment = int(at.timestamp())
        with self.writing() as connection:
            lane = self.lane(account)
            if lane is None or not lane.enabled:
                raise LaneClosed(f"{account} is not opted in.")
            connection.exec_driver_sql(
                "UPDATE account SET begun_at = ?, failures = failures + 1, next_at = ?, bound = 0, lane = lane + 1,"
                " first_at = coalesce(first_at, ?) WHERE id = ?",
                (moment, moment + backoff(lane.failures + 1, dice), moment, lane.id),
            )
            # All of them, also one that a clock since put back has dated into the future.
            connection.exec_driver_sql("DELETE FROM request WHERE account = ?", (account,))
        self.begin_counting()
        return replace(lane, lane=lane.lane + 1)

    def end_round(self, lane: Lane, how: Ended, *, complete: bool, at: datetime, dice: float) -> Next:
        """A round ended so; `complete`: it brought all there was.

        `lane` is what `begin_round` gave, `dice` a number from 0 to 1. Raises LaneClosed.
        """
        moment = int(at.timestamp())
        with self.writing() as connection:
            self.check_lane(lane.name, lane.lane)
            begun = self.one("SELECT begun_at FROM account WHERE id = ?", (lane.id,))
            follows = after(replace(lane, begun_at=begun), how, moment, dice)
            if lane.ended_at is None or (complete and lane.complete_at is None):
                self.set_number("arrived_at", moment)
            self.forget_lately(moment)
            connection.exec_driver_sql(
                "UPDATE account SET ended_at = ?, since = CASE state WHEN ? THEN coalesce(since, ?) ELSE ? END,"
                " state = ?, why = ?, remedy = ?, failures = ?, limited = ?, bound = ?, refused_at = ?, next_at = ?,"
                " complete_at = CASE WHEN ? THEN ? ELSE complete_at END WHERE id = ?",
                (
                    moment, follows.state, moment, moment, follows.state, how.why, how.remedy, follows.failures,
                    int(follows.limited), int(follows.bound), follows.refused_at, follows.next_at, complete, moment,
                    lane.id,
                ),
            )  # fmt: skip
        return follows

    def see_streams(self, lane: Lane, streams: Sequence[Stream], *, at: datetime) -> None:
        """The source names these; of the others it is counted for how many rounds it did not. Raises LaneClosed."""
        known = self.rows("SELECT remote, name, role, lacking FROM stream WHERE account = ?", (lane.id,)).fetchall()
        if {(stream.id, clean(stream.name), stream.role, 0) for stream in streams} == set(known):
            return  # as nearly always: then there is nothing to write
        with self.writing() as connection:
            self.check_lane(lane.name, lane.lane)
            for stream in streams:
                self.name_stream(lane.id, stream)
            named = json.dumps([stream.id for stream in streams])
            connection.exec_driver_sql(
                "UPDATE stream SET lacking = 0, lacking_at = NULL WHERE account = ? AND lacking > 0"
                " AND remote IN (SELECT value FROM json_each(?))",
                (lane.id, named),
            )
            connection.exec_driver_sql(
                "UPDATE stream SET lacking = lacking + 1, lacking_at = coalesce(lacking_at, ?) WHERE account = ?"
                " AND remote NOT IN (SELECT value FROM json_each(?))",
                (int(at.timestamp()), lane.id, named),
            )

    def end_streams(self, lane: Lane, *, at: datetime) -> int:
        """The round has looked everywhere: what the source did not name for three rounds has ended.

        Gives how many placements went. Where more than 50 items would go, it must have been away for an hour. Raises
        LaneClosed.
        """
        moment, removed = int(at.timestamp()), 0
        lacking = self.rows(
            "SELECT id, lacking_at FROM stream WHERE account = ? AND lacking >= ?", (lane.id, VANISHED)
        ).fetchall()
        for number, since in lacking:
            if self.alone(number) and moment < since + HELD_FOR:
                continue
            with self.writing():
                self.check_lane(lane.name, lane.lane)
                going = Round(number, 0, None, ends=False, counts=False, live=not lane.archive, now=moment)
                removed += self.end_stream(going)
                self.mark_stale(going.parties)
        return removed

    def let_leave(self, lane: Lane, streams: Sequence[Stream], *, at: datetime) -> tuple[int, int]:
        """The round has looked everywhere: what is gone from these and did not show elsewhere goes.

        Gives how many were taken away, and how many are held. Raises LaneClosed.
        """
        moment, gone, held = int(at.timestamp()), 0, 0
        known = dict(self.rows("SELECT remote, id FROM stream WHERE account = ?", (lane.id,)).fetchall())
        for number in [known[stream.id] for stream in streams if stream.id in known]:
            if not self.leaving(number, LEAVING) and not self.leaving(number, SWEPT):
                continue
            with self.writing():
                self.check_lane(lane.name, lane.lane)
                going = Round(number, 0, None, ends=False, counts=False, live=not lane.archive, now=moment)
                taken, doubted = self.let_go(going, self.leaving(number, LEAVING), moment, sure=False)
                swept, _ = self.let_go(going, self.leaving(number, SWEPT), moment, sure=True)
                self.mark_stale(going.parties)
            gone, held = gone + swept + taken, held + doubted
        return gone, held

    def watched(self, account: str, stream: RemoteId) -> Watched | None:
        """How a stream stands; None where it is not known."""
        row = self.rows(
            "SELECT remote, CASE whole WHEN 0 THEN complete_at END, degraded, reset_at, held_at, audited_at FROM stream"
            " WHERE account = (SELECT id FROM account WHERE name = ?) AND remote = ?",
            (account, stream),
        ).fetchone()
        return Watched(*row) if row else None

    # A cursor is lost

    def reset(self, lane: Lane, stream: Stream, reason: str, *, at: datetime) -> bool:
        """The source no longer knows the cursor: a new listing begins, and until it ends the old rows serve.

        False where that was so within a day already: then the stream is degraded. Raises LaneClosed.
        """
        moment = int(at.timestamp())
        with self.writing() as connection:
            self.check_lane(lane.name, lane.lane)
            number, _, _, _, _, _ = self._stream(lane.name, stream)
            last = self.one("SELECT reset_at FROM stream WHERE id = ?", (number,))
            if last is not None and 0 <= moment - last < BUDGET:
                connection.exec_driver_sql("UPDATE stream SET degraded = ? WHERE id = ?", (reason, number))
                return False
            connection.exec_driver_sql(
                "UPDATE stream SET cursor = NULL, listing = listing + 1, epoch = listing + 1, whole = 1,"
                " held_at = NULL, progress = 0, degraded = '', reset_at = ? WHERE id = ?",
                (moment, number),
            )
            for table in ("ledger", "suspect"):  # their ids mean nothing any more
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE stream = ?", (number,))
        return True

    def follow(self, lane: Lane, stream: RemoteId) -> None:
        """A stream that was degraded can be followed again."""
        with self.writing() as connection:
            self.check_lane(lane.name, lane.lane)
            connection.exec_driver_sql(
                "UPDATE stream SET degraded = '' WHERE account = ? AND remote = ?", (lane.id, stream)
            )

    # A second look

    def due_again(self, account: str, stream: RemoteId, *, at: datetime, parked: bool = False) -> list[RemoteId]:
        """What was missed and is to be asked for now; with `parked`, also what is only asked for by audits."""
        also = " OR ledger.next_at IS NULL" if parked else ""
        return [
            remote
            for (remote,) in self.rows(
                "SELECT ledger.remote FROM ledger JOIN stream ON stream.id = ledger.stream"
                " JOIN account ON account.id = stream.account WHERE account.name = ? AND stream.remote = ?"
                f" AND (ledger.next_at <= ?{also}) ORDER BY ledger.remote",
                (account, stream, int(at.timestamp())),
            )
        ]

    def suspects(self, account: str, stream: RemoteId, *, at: datetime) -> list[RemoteId]:
        """What was said to be gone an hour ago or longer, and was not believed."""
        return [
            remote
            for (remote,) in self.rows(
                "SELECT suspect.remote FROM suspect JOIN stream ON stream.id = suspect.stream"
                " JOIN account ON account.id = stream.account WHERE account.name = ? AND stream.remote = ?"
                " AND suspect.at > ? AND suspect.at <= ? ORDER BY suspect.remote",
                (account, stream, LEAVING, int(at.timestamp()) - HELD_FOR),
            )
        ]

    def known_ids(self, account: str, stream: RemoteId) -> set[RemoteId]:
        """All that we have of a stream and that is not about to go, or know of and could not read."""
        return {
            remote
            for (remote,) in self.rows(
                "WITH one AS (SELECT stream.id, epoch FROM stream JOIN account ON account.id = stream.account"
                " WHERE account.name = ? AND stream.remote = ?)"
                " SELECT remote FROM placement, one WHERE placement.stream = one.id AND placement.listing >= one.epoch"
                " AND remote NOT IN (SELECT suspect.remote FROM suspect WHERE suspect.stream = one.id AND at <= ?)"
                " UNION SELECT remote FROM card, one WHERE card.stream = one.id"
                " UNION SELECT remote FROM shelf, one WHERE shelf.stream = one.id"
                " UNION SELECT remote FROM ledger, one WHERE ledger.stream = one.id",
                (account, stream, LEAVING),
            )
        }

    def audited(self, lane: Lane, stream: RemoteId, repaired: int, *, at: datetime) -> int:
        """An audit ended that repaired so much; gives how many placements went because it agreed with a listing that
        was held. Raises LaneClosed."""
        moment = int(at.timestamp())
        with self.writing() as connection:
            self.check_lane(lane.name, lane.lane)
            number, listing, held_at = self.rows(
                "SELECT id, listing, held_at FROM stream WHERE account = ? AND remote = ?", (lane.id, stream)
            ).fetchone()
            connection.exec_driver_sql(
                "UPDATE stream SET audited_at = ?, repaired = repaired + ? WHERE id = ?", (moment, repaired, number)
            )
            if held_at is None or moment < held_at + HELD_FOR:
                return 0
            going = Round(number, listing - 1, held_at, ends=True, counts=False, live=not lane.archive, now=moment)
            gone = self.settle(going)
            self.mark_stale(going.parties)
        return gone

    def alone(self, stream: int) -> bool:
        """Whether more than a few items show in this stream only."""
        return bool(
            self.one(
                "SELECT count(*) > 50 FROM (SELECT 1 FROM placement WHERE stream = ? AND NOT EXISTS (SELECT 1 FROM"
                " placement AS other WHERE other.item = placement.item AND other.stream != placement.stream) LIMIT 51)",
                (stream,),
            )
        )

    # What the user is told of it

    def lanes(self) -> list[Lane]:
        """How the accounts stand that may be seen, by name."""
        rows = self.rows(f"SELECT {', '.join(_LANE)} FROM account ORDER BY name").fetchall()
        lanes = [Lane(**dict(zip(_LANE, row, strict=True))) for row in rows]
        return [lane for lane in lanes if self.visible is None or lane.name in self.visible]

    def said_of(self, account: str) -> str:
        """Why an account is not read, and what to do, in sentences; "" where it is."""
        row = self.rows("SELECT why, remedy FROM account WHERE name = ?", (account,)).fetchone()
        return " ".join(filter(None, row)) if row else ""

    def unlisted(self) -> dict[str, int]:
        """The live accounts of which a listing goes on that began at the very beginning, with their last page."""
        return dict(
            self.rows(
                "SELECT account.name, max(page_at) FROM stream JOIN account ON account.id = stream.account"
                " WHERE archive = 0 GROUP BY account.id HAVING max(whole) AND max(page_at) IS NOT NULL"
            )
        )

    def parties_of(self, accounts: Collection[str]) -> dict[str, frozenset[str]]:
        """The addresses that appear in each of these accounts."""
        found: dict[str, frozenset[str]] = {}
        for account in accounts:
            found[account] = frozenset(
                address
                for (address,) in self.rows(
                    "SELECT DISTINCT address FROM party JOIN posting ON posting.party = party.id WHERE posting.item IN"
                    " (SELECT item FROM placement WHERE stream IN (SELECT stream.id FROM stream JOIN account"
                    " ON account.id = stream.account WHERE account.name = ?))",
                    (account,),
                )
            )
        return found
