"""What did the user say, and what were they shown? Both hang on addresses, so that they survive regrouping."""

import json
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from agent import drafted
from agent.drafted import Drafted
from agent.mailing import Mailing, unpacked
from agent.model import Shown, Statement
from agent.signals.logged import FOUND
from agent.store import tables
from agent.store.learned import LearnedKept
from agent.store.words import spaced

_said = tables.statement.c
_digest = tables.digest.c
_shown = tables.shown.c
_mailed = tables.mailed.c
_heard = tables.heard.c

LATE_COPY = 3_600
"""Seconds for which it is not said that an answer was not obeyed: the copy that counts may lie at another account,
whose round comes within the hour."""


class Stated(LearnedKept):
    """The store's door for statements and for the digests that were delivered. Moments are POSIX seconds."""

    def say(self, verb: str, addresses: Sequence[str], text: str = "", until: int = 0, *, at: int) -> int:
        """Keep what the user said of these addresses; gives the statement's id."""
        with self.writing() as connection:
            number: int = connection.execute(
                insert(tables.statement)
                .values(at=at, verb=verb, addresses=json.dumps(list(addresses)), text=text, until=until)
                .returning(_said.id)
            ).scalar_one()
            if verb in FOUND:
                connection.exec_driver_sql(
                    "INSERT INTO note_words (rowid, words) VALUES (?, ?)", (number, spaced(text))
                )
        return number

    def stated(self, until: int) -> list[Statement]:
        """What held at `until`, oldest first: said by then, and not undone by then."""
        query = (
            select(_said.id, _said.at, _said.verb, _said.addresses, _said.text, _said.until)
            .where(_said.at <= until, or_(_said.undone_at.is_(None), _said.undone_at > until))
            .order_by(_said.at, _said.id)
        )
        return [_statement(*row) for row in self.connection.execute(query)]

    def undo(self, at: int) -> Statement | None:
        """Take back the latest statement that holds; None where there is none."""
        with self.writing() as connection:
            row = connection.execute(
                select(_said.id, _said.at, _said.verb, _said.addresses, _said.text, _said.until)
                .where(_said.undone_at.is_(None))
                .order_by(_said.id.desc())
                .limit(1)
            ).first()
            if row is None:
                return None
            connection.execute(update(tables.statement).where(_said.id == row.id).values(undone_at=at))
        return _statement(*row)

    def mark_shown(
        self, day: date, proposals: Collection[Shown], message_id: str, *, at: int, mailed: bool = False
    ) -> None:
        """Before a digest is delivered: what stands in it, so that after a crash we know what to look for. `mailed`:
        it is a mail, whose links will mean these people whatever is shown later on that day.
        """
        with self.writing() as connection:
            _mark_shown(connection, day, self._remembered(proposals), message_id, at, mailed=mailed)

    def mark_delivered(self, day: date, *, at: int) -> None:
        """After a digest was delivered: no second one on that day."""
        with self.writing() as connection:
            _mark_delivered(connection, day, at)

    # The digest as a mail, which goes out once a day

    def mailing(self) -> Mailing | None:
        """How far the latest digest came that was to be sent; None where none was yet."""
        kept = self.one("SELECT value FROM meta WHERE name = 'mailing'")
        return unpacked(kept) if kept is not None else None

    def keep_mailing(self, mailing: Mailing) -> None:
        """How far it is now."""
        with self.writing() as connection:
            _keep(connection, mailing)

    def drafted(self) -> Drafted | None:
        """How far the drafts of the latest digest are; None where none were wanted yet."""
        kept = self.one("SELECT value FROM meta WHERE name = 'drafted'")
        return drafted.unpacked(kept) if kept is not None else None

    def keep_drafted(self, drafts: Drafted) -> None:
        """How far they are now."""
        with self.writing() as connection:
            connection.exec_driver_sql("INSERT OR REPLACE INTO meta VALUES ('drafted', ?)", (drafts.packed(),))

    def mark_sending(self, mailing: Mailing, proposals: Collection[Shown]) -> None:
        """From now on it may have arrived: kept before the first byte leaves."""
        with self.writing() as connection:
            some = self._remembered(proposals)
            _mark_shown(connection, mailing.day, some, mailing.message_id, mailing.at, mailed=True)
            _keep(connection, mailing)

    def mark_sent(self, mailing: Mailing) -> None:
        """It arrived, at `mailing.at`."""
        with self.writing() as connection:
            _mark_delivered(connection, mailing.day, mailing.at)
            _keep(connection, mailing)

    def mark_unsent(self, mailing: Mailing) -> None:
        """It was not taken: what stood in it was shown to nobody."""
        with self.writing() as connection:
            day = mailing.day.isoformat()
            waiting = delete(tables.digest).where(_digest.day == day, _digest.delivered_at.is_(None))
            if connection.execute(waiting).rowcount:
                connection.execute(delete(tables.shown).where(_shown.day == day))
            connection.execute(delete(tables.mailed).where(_mailed.day == day))
            _keep(connection, mailing)

    def marked(self, day: date) -> str | None:
        """The Message-ID under which that day's digest was, or was about to be, delivered."""
        found = self.connection.execute(select(_digest.message_id).where(_digest.day == day.isoformat())).first()
        return found[0] if found else None

    def delivered(self, day: date) -> bool:
        """Whether that day's digest was delivered."""
        query = select(_digest.delivered_at).where(_digest.day == day.isoformat())
        return self.connection.execute(query).scalar() is not None

    def shown(self, since: int, until: int, *, questions: bool = False) -> list[Shown]:
        """What was proposed in the digests delivered from `since` to `until`, oldest first, by slot; or what was asked
        of the user in them.
        """
        query = (
            select(_shown.day, _shown.slot, _shown.kind, _shown.addresses, _shown.gift, _shown.at)
            .join(tables.digest, _digest.day == _shown.day)
            .where(_digest.delivered_at >= since, _digest.delivered_at <= until)
            .where(_shown.slot == 0 if questions else _shown.slot > 0)
            .order_by(_shown.day, _shown.slot)
        )
        return [
            Shown(date.fromisoformat(day), slot, kind, tuple(json.loads(addresses)), gift, at)
            for day, slot, kind, addresses, gift, at in self.connection.execute(query)
        ]

    def delivered_days(self, until: int) -> list[date]:
        """The days of the digests that were delivered by then, the earliest first."""
        query = select(_digest.day).where(_digest.delivered_at <= until).order_by(_digest.day)
        return [date.fromisoformat(day) for (day,) in self.connection.execute(query)]

    def last_shown(self, until: int) -> list[Shown]:
        """What the last digest delivered by `until` proposed: the numbers that `auld later 2` means."""
        query = select(_digest.delivered_at).where(_digest.delivered_at <= until).order_by(_digest.day.desc()).limit(1)
        last = self.connection.execute(query).scalar()
        return self.shown(last, last) if last is not None else []

    def _remembered(self, proposals: Collection[Shown]) -> list[Shown]:
        """Without those who were forgotten while the digest was made."""
        forgotten = self.forgotten()
        return [one for one in proposals if not any(map(forgotten.knows, one.addresses))] if forgotten else [*proposals]


def _mark_shown(
    connection: Connection, day: date, proposals: Collection[Shown], message_id: str, at: int, *, mailed: bool
) -> None:
    rows = [
        {
            "day": day.isoformat(),
            "slot": one.slot,
            "kind": one.kind,
            "addresses": json.dumps(one.addresses),
            "gift": one.gift,
            "at": one.at,
        }
        for one in proposals
    ]
    marked = upsert(tables.digest).values(day=day.isoformat(), message_id=message_id, marked_at=at)
    connection.execute(marked.on_conflict_do_update(["day"], set_={"message_id": message_id, "marked_at": at}))
    connection.execute(delete(tables.shown).where(_shown.day == day.isoformat()))
    if rows:
        connection.execute(insert(tables.shown), rows)
    if mailed:
        connection.execute(delete(tables.mailed).where(_mailed.day == day.isoformat()))
    kept = [{name: row[name] for name in ("day", "slot", "addresses")} for row in rows if row["slot"]]
    if mailed and kept:
        connection.execute(insert(tables.mailed), kept)


def _mark_delivered(connection: Connection, day: date, at: int) -> None:
    connection.execute(update(tables.digest).where(_digest.day == day.isoformat()).values(delivered_at=at))
    untold = update(tables.heard).where(_heard.why != "", _heard.told == "", _heard.at <= at - LATE_COPY)
    connection.execute(untold.values(told=day.isoformat()))


def _keep(connection: Connection, mailing: Mailing) -> None:
    connection.exec_driver_sql("INSERT OR REPLACE INTO meta VALUES ('mailing', ?)", (mailing.packed(),))


def _statement(number: int, at: int, verb: str, addresses: str, text: str, until: int) -> Statement:
    return Statement(number, at, verb, tuple(json.loads(addresses)), text, until)
