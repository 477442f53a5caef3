# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""What do we know of what passed, up to a moment?"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from itertools import compress, pairwise
from typing import Any

from agent.model import Coverage, Fact, Link, Marks
from agent.store.keys import links
from agent.store.rounds import Rounds
from agent.store.sighted import EVIDENCE, Own
from connectors.contract import Card, Evidence, Item

COLUMNS = (
    "id, at, sender, recipients, labels, evidence, subject, message_id, parents, thread, meeting, cancelled, declined,"
    " marks, mixed"
)

REMEMBERED = 200_000
"""Lists of recipients and labels that are unpacked once only; beyond that many the memory starts again."""

SHARE = 3
"""When more than a third of all mails hang together, learning all of them anew is the shorter way."""

LINKED = 50_000
"""Mails that are linked in one transaction."""

ALONE = 365 * 86_400
"""A handful of mails a year or more away from all the others have wrong dates."""

STRAYS = 1_000
"""More such mails than this are not looked for, however large the mailbox."""

Sides = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


class Facts(Rounds):
    """The store's door for who reads facts; `until` bounds every read."""

    def facts(
        self,
        *,
        until: int,
        since: int = 0,
        addresses: Collection[str] | None = None,
        ids: Collection[int] | None = None,
        marked: bool = False,
        by: Collection[str] | None = None,
    ) -> Iterator[Fact]:
        """Facts from `since` to `until` (both included), oldest first; streamed, so that a million fit.

        `addresses`: only those in which one of them takes part; `ids`: only these; `marked`: only those whose text
        was read; `by`: only mails that one of these sent, and meetings.
        """
        where = ["at <= ?"] + ["marks IS NOT NULL"] * marked
        values: list[Any] = [until]
        order = "at, id"
        if since:
            where.append("at >= ?")
            values.append(since)
        if addresses is not None:
            where.append(
                "id IN (SELECT posting.item FROM posting WHERE party IN"
                " (SELECT id FROM party WHERE address IN (SELECT value FROM json_each(?))))"
            )
            values.append(_list(addresses))
        if ids is not None:
            where.append("id IN (SELECT value FROM json_each(?))")
            values.append(_list(ids))
        if addresses is not None or ids is not None:
            order = "+at, id"  # else SQLite would walk through all of them in order of time
        if by is not None:
            where.append(
                "(meeting OR sender IN (SELECT id FROM party WHERE address IN (SELECT value FROM json_each(?))))"
            )
            values.append(_list(by))
        hidden = self._hidden()
        only, accounts = self.only_visible("item.id")
        values += accounts
        self.map()
        sql = f"SELECT {COLUMNS} FROM item WHERE {' AND '.join(where)}{only} ORDER BY {order}"
        return self._unpacked(sql, values, hidden)

    def written(self, by: Collection[str], since: int, until: int, span: int) -> frozenset[int]:
        """The spans of so many seconds (numbered from 1970) in which one of these addresses sent a mail."""
        only, values = self.only_visible("item.id")
        rows = self.rows(  # each span is read only as far as its first such mail
            "WITH RECURSIVE span (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM span WHERE number < ?)"
            " SELECT number FROM span WHERE EXISTS (SELECT 1 FROM item WHERE at >= max(number * ?, ?)"
            " AND at <= min(number * ? + ? - 1, ?) AND meeting = 0 AND sender IN"
            f" (SELECT id FROM party WHERE address IN (SELECT value FROM json_each(?))){only})",
            [since // span, until // span, span, since, span, span, until, _list(by), *values],
        )
        return frozenset(number for (number,) in rows)

    def names(self, until: int | None = None) -> dict[str, dict[str, int]]:
        """In how many facts (up to `until`; None: all) each address was seen with each name ("" = without one)."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        only, values = self.only_visible("posting.item")
        if until is not None:
            only += " AND (SELECT at FROM item WHERE item.id = posting.item) <= ?"
            values.append(until)
        for address, name, times in self.rows(
            "SELECT address, name, times FROM party JOIN"
            f" (SELECT party, count(*) AS times FROM posting WHERE true{only} GROUP BY party) ON party = party.id"
            " ORDER BY party.id",
            values,
        ):
            found[address][name] = times
        return dict(found)

    def coverage(self) -> list[Coverage]:
        """From when to when each account that may be read is known, by account name."""
        found = []
        for number, name, archive in self.rows("SELECT id, name, archive FROM account ORDER BY name").fetchall():
            if self.visible is not None and name not in self.visible:
                continue
            first, last = self.rows(
                "SELECT min(first), max(last) FROM stream WHERE account = ? AND first IS NOT NULL", (number,)
            ).fetchone()
            if first is not None:
                start, end = (self._edge(number, first, last, newest=newest) for newest in (False, True))
                found.append(Coverage(name, start, end, bool(archive)))
        return found

    def cards(self) -> list[Card]:
        """What the address books say that may be read."""
        accounts = self._hidden()
        only = "" if not accounts else f" WHERE account.name IN ({', '.join('?' * len(accounts))})"
        return [
            Card(remote, name, tuple(_lines(addresses)), note, _day(birthday), organisation)
            for remote, name, addresses, note, birthday, organisation in self.rows(
                "SELECT card.remote, card.name, addresses, note, birthday, organisation FROM card"
                " JOIN stream ON stream.id = card.stream JOIN account ON account.id = stream.account"
                f"{only} ORDER BY stream, card.remote",
                accounts,
            )
        ]

    def shelf(self, since: int | None = None, until: int | None = None) -> list[Item]:
        """What the accounts that may be read have to share; with a bound only what has a date, within it."""
        accounts = self._hidden()
        where, values = ["true"], list[Any](accounts)
        if accounts:
            where.append(f"account.name IN ({', '.join('?' * len(accounts))})")
        for moment, bound in ((since, "published >= ?"), (until, "published <= ?")):
            if moment is not None:
                where.append(bound)
                values.append(moment)
        return [
            Item(remote, title, url, None if at is None else datetime.fromtimestamp(at, UTC), source, note)
            for remote, title, url, at, source, note in self.rows(
                "SELECT shelf.remote, title, url, published, source, note FROM shelf"
                " JOIN stream ON stream.id = shelf.stream JOIN account ON account.id = stream.account"
                f" WHERE {' AND '.join(where)} ORDER BY stream, shelf.remote",
                values,
            )
        ]

    def related(self, addresses: Collection[str]) -> set[int] | None:
        """The mails of these addresses with all that may stand in one thread with them, however far it goes.

        None where that is more than a third of all mails. Brings the index of links up to date first.
        """
        self.link()
        most = self.one("SELECT count(*) FROM item") // SHARE
        found: set[int] = set()
        asked: set[int] = set()
        new = {
            row[0]
            for row in self.rows(
                "SELECT item FROM posting JOIN item ON item.id = posting.item WHERE meeting = 0 AND party IN"
                " (SELECT id FROM party WHERE address IN (SELECT value FROM json_each(?)))",
                (_list(addresses),),
            )
        }
        while new:
            found |= new
            if len(found) > most:
                return None
            hashes = {
                number
                for subject, message_id, parents, thread in self.rows(
                    "SELECT subject, message_id, parents, thread FROM item"
                    " WHERE id IN (SELECT value FROM json_each(?))",
                    (_list(new),),
                )
                for number in links(subject, message_id, _lines(parents), thread)
            } - asked
            asked |= hashes
            new = {
                row[0]
                for row in self.rows(
                    "SELECT link.item FROM link JOIN item ON item.id = link.item"
                    " WHERE hash IN (SELECT value FROM json_each(?))",
                    (_list(hashes),),
                )
            } - found
        return found

    def link(self) -> None:
        """Note by what mails may hang together, for those that came since the last time."""
        while True:
            done = self.number("linked")
            rows = self.rows(
                "SELECT id, meeting, subject, message_id, parents, thread FROM item WHERE id > ? ORDER BY id LIMIT ?",
                (done, LINKED),
            ).fetchall()
            if not rows:
                return
            pairs = [
                (number, item)
                for item, meeting, subject, message_id, parents, thread in rows
                if not meeting
                for number in links(subject, message_id, _lines(parents), thread)
            ]
            with self.writing():
                self.write_many("INSERT OR IGNORE INTO link VALUES (?, ?)", sorted(pairs))
                self.set_number("linked", rows[-1][0])

    def only_visible(self, item: str) -> tuple[str, list[Any]]:
        """A condition on `item`, a column, with its values: nothing where no account is hidden."""
        hidden = self._hidden()
        return (f" AND {_SEEN.format(item=item)}", [_list(hidden)]) if hidden else ("", [])

    def _hidden(self) -> list[str]:
        """The visible accounts, if there is one that is not; else none need be asked for."""
        if self.visible is None:
            return []
        known = {name for (name,) in self.rows("SELECT name FROM account")}
        return [] if known <= self.visible else [*sorted(known & self.visible), ""]

    def _unpacked(self, sql: str, values: list[Any], hidden: list[str]) -> Iterator[Fact]:
        sides: dict[str, Sides] = {}
        tags: dict[str, tuple[str, ...]] = {"": ()}
        bits = {number: _evidence(number) for number in range(1 << len(EVIDENCE))}
        sender_of = {0: ""}
        for (
            number, at, sender, recipients, labels, evidence, subject, message_id, parents, thread, meeting, cancelled,
            declined, marks, mixed,
        ) in self.rows(sql, values):  # fmt: skip
            if mixed and hidden:
                recipients, labels, evidence = self._seen(number, hidden)
            people = sides.get(recipients)
            if people is None:
                if len(sides) > REMEMBERED:
                    sides.clear()
                people = sides[recipients] = self._sides(recipients)
            shown = tags.get(labels)
            if shown is None:
                shown = tags[labels] = tuple(labels.split("\n"))
            by = sender_of.get(sender)
            if by is None:
                by = sender_of[sender] = self.address(sender)
            yield Fact(
                number,
                at,
                by,
                people[0],
                people[1],
                people[2],
                subject,
                message_id,
                tuple(parents.split("\n")) if parents else (),
                thread,
                shown,
                bits[evidence],
                meeting == 1,
                cancelled == 1,
                self._field(declined) if declined else (),
                _marks(marks) if marks else None,
            )

    def _seen(self, item: int, accounts: list[str]) -> Own:
        """What the placements show that are not hidden."""
        return self.union(
            self.rows(
                "SELECT coalesce(placement.recipients, item.recipients), coalesce(placement.labels, item.labels),"
                " coalesce(placement.evidence, item.evidence) FROM placement JOIN item ON item.id = placement.item"
                " JOIN stream ON stream.id = placement.stream JOIN account ON account.id = stream.account"
                " WHERE placement.item = ? AND account.name IN (SELECT value FROM json_each(?))"
                " ORDER BY placement.stream, placement.remote",
                (item, _list(accounts)),
            ).fetchall()
        )

    def _sides(self, recipients: str) -> Sides:
        to, cc, bcc = recipients.split(";")
        return self._field(to), self._field(cc) if cc else (), self._field(bcc) if bcc else ()

    def _field(self, parties: str) -> tuple[str, ...]:
        if not parties:
            return ()
        numbers, known = parties.split(), self._addresses
        try:
            found = [known[int(number)] for number in numbers]
        except IndexError:  # somebody has come since they were read
            found = [self.address(int(number)) for number in numbers]
        return tuple(found if len(set(found)) == len(found) else dict.fromkeys(found))

    def _edge(self, account: int, first: int, last: int, *, newest: bool) -> int:
        """Where an account's mail really begins or ends: a thousandth of it may have wrong dates."""
        way = "DESC" if newest else "ASC"
        dates: list[int] = [
            at
            for (at,) in self.rows(
                "SELECT at FROM item WHERE at BETWEEN ? AND ? AND EXISTS (SELECT 1 FROM placement JOIN stream"
                " ON stream.id = placement.stream WHERE placement.item = item.id AND account = ?)"
                f" ORDER BY at {way} LIMIT ?",
                (first, last, account, 2 + STRAYS),
            )
        ]
        if not dates:
            return last if newest else first
        far = [abs(later - earlier) > ALONE for later, earlier in pairwise(dates)]
        if any(far):  # else it need not be counted how many there are
            del far[self._strays(account) + 1 :]
        return next(reversed(list(compress(dates[1:], far))), dates[0])

    def _strays(self, account: int) -> int:
        """How many mails of an account may have wrong dates."""
        count: int = self.one(
            "SELECT count(*) FROM placement JOIN stream ON stream.id = placement.stream WHERE account = ?", (account,)
        )
        return min(count // 1_000, STRAYS)


_SEEN = (
    "EXISTS (SELECT 1 FROM placement JOIN stream ON stream.id = placement.stream"
    " JOIN account ON account.id = stream.account WHERE placement.item = {item}"
    " AND account.name IN (SELECT value FROM json_each(?)))"
)


def _evidence(bits: int) -> tuple[Evidence, ...]:
    return tuple(name for bit, name in enumerate(EVIDENCE) if bits & 1 << bit)


def _marks(packed: str) -> Marks:
    kept = json.loads(packed)
    return Marks(
        asks=tuple(kept.get("asks", ())),
        links=tuple(Link(url, title) for url, title in kept.get("links", ())),
        terms=kept.get("terms", {}),
        dates=tuple(date.fromisoformat(day) for day in kept.get("dates", ())),
        signs=tuple(kept.get("signs", ())),
    )


def _list(values: Collection[Any]) -> str:
    return json.dumps(list(values))


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
