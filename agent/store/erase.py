# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""How is a person forgotten, so that no byte of the file still tells of them?"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.signals.logged import FOUND
from agent.store.forget import Forgetting
from agent.store.forgotten import Forgotten, Hints, full_names, hashes, packed, unpacked
from agent.store.learned import OF_ALL
from agent.store.leaving import BATCH
from agent.store.words import spaced

TEXTS = (
    ("item", "subject"),
    ("item", "labels"),
    ("placement", "labels"),
    ("card", "note"),
    ("card", "organisation"),
    ("shelf", "title"),
    ("shelf", "source"),
    ("shelf", "note"),
    ("account", "why"),
    ("statement", "text"),
    ("shown", "gift"),
)
"""Where their name may stand in what is about others."""

ROOMY = 256 << 20
"""Bytes of a store that is rebuilt in memory; a larger one is rebuilt in a temporary file, which has no name."""

_ROW = "id, meeting, sender, recipients, declined, subject, labels, marks"


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody who is to be forgotten: all that they are known by, and the user's own addresses."""

    addresses: frozenset[str]
    names: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    @property
    def hints(self) -> Hints:
        """What to cut out of texts."""
        return Hints(self.addresses, self.names)


@dataclass(frozen=True, slots=True)
class Erased:
    """What goes, counted."""

    mails: int = 0
    meetings: int = 0
    shared: int = 0  # mails and meetings with others, in which only they are left out
    cards: int = 0
    notes: int = 0
    said: int = 0  # what else the user said of them
    shown: int = 0  # proposals in past digests


class Erasing(Forgetting):
    """The store's door for forgetting a person, and for leaving no trace of whatever was forgotten."""

    def known_as(self, addresses: Collection[str]) -> frozenset[str]:
        """The names that go with these addresses, as mail, address books and what was learned have them."""
        asked = (_json(addresses),)
        among = "address IN (SELECT value FROM json_each(?))"
        found = {name for (name,) in self.rows(f"SELECT name FROM party WHERE {among}", asked)}
        found.update(
            name
            for (name,) in self.rows(
                f"SELECT name FROM person JOIN person_address ON person.id = person WHERE {among}", asked
            )
        )
        found.update(name for _, _, name in self._cards(Whom(frozenset(addresses))))
        return frozenset(found - {""})

    def erasable(self, whom: Whom) -> Erased:
        """What would go; nothing is changed."""
        gone, shared = self._sorted(whom)
        asked = (_json(whom.addresses),)
        told = "EXISTS (SELECT 1 FROM json_each(addresses) WHERE value IN (SELECT value FROM json_each(?)))"
        notes, said = self.rows(
            f"SELECT coalesce(sum(verb = 'note'), 0), coalesce(sum(verb != 'note'), 0) FROM statement WHERE {told}",
            asked,
        ).fetchone()
        meetings = sum(row[1] for row in gone)
        shown = self.one(f"SELECT count(*) FROM shown WHERE {told}", asked)
        return Erased(len(gone) - meetings, meetings, len(shared), len(list(self._cards(whom))), notes, said, shown)

    def erase(self, whom: Whom) -> Erased:
        """Forget somebody: what they wrote, what passed with them alone, and they themselves in all the rest.

        One transaction, with keyed hashes in it that keep the next pull from bringing them back. `cleanse` afterwards
        takes the last bytes away. Raises StoreTrouble.
        """
        self.rows("PRAGMA secure_delete = ON").fetchone()
        with self.writing():
            counted = self.erasable(whom)
            forgotten = self._keep_hashes(whom)
            gone, shared = self._sorted(whom)
            self._remove_items([row[0] for row in gone])
            theirs = self._numbers(whom.addresses)
            for row in shared:
                self._leave_out(row, theirs, forgotten, whom)
            self.write_many("DELETE FROM posting WHERE party = ?", [(party,) for party in theirs])
            self.write_many(
                "DELETE FROM card WHERE stream = ? AND remote = ?", [card[:2] for card in self._cards(whom)]
            )
            self._remove_said(whom)
            self.forget_lately(addresses=whom.addresses)
            self.forget_habits()
            self._cut_texts(forgotten, whom)
            self._cut_names(forgotten, whom)
            self.forget_parties()
            self._drop_cache()
        return counted

    def hide_removed(self) -> None:
        """After an account was removed: what was shown of people whom nothing shows any more goes, and what the user
        said of them and took back; and all indexes."""
        unknown = "NOT EXISTS (SELECT 1 FROM json_each(addresses) JOIN party ON address = value)"
        with self.writing() as connection:
            for table in ("shown", "mailed"):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE {unknown}")
            connection.exec_driver_sql(f"DELETE FROM statement WHERE undone_at IS NOT NULL AND {unknown}")
            self._drop_cache()

    def cleanse(self) -> bool:
        """Write the file anew and empty its log, so that nothing deleted is left in either.

        False where somebody still reads what was there before: then the log could not be emptied. Raises StoreTrouble.
        """
        self.rows("PRAGMA secure_delete = ON").fetchone()
        if self.path.stat().st_size > ROOMY:
            self.rows("PRAGMA temp_store = FILE")
        self.rows("VACUUM")
        busy, _, _ = self.rows("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self.rows("PRAGMA temp_store = MEMORY")
        if busy:
            return False
        with self.writing():
            self.set_number("unclean", 0)
        return not self.rows("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def unclean(self) -> bool:
        """Whether something was forgotten of which bytes may be left."""
        return bool(self.number("unclean"))

    def everybody(self) -> set[str]:
        """Every address that is known."""
        return {address for (address,) in self.rows("SELECT DISTINCT address FROM party")}

    def folders_named(self, whom: Whom) -> list[str]:
        """The folders and calendars that the user named after them; these names are the user's own."""
        names = full_names(whom.names)
        found = [name for (name,) in self.rows("SELECT name FROM stream ORDER BY id")]
        return [name for name in found if full_names([name]) & names or name.casefold() in whom.addresses]

    def agrees(self, enabled: Collection[str]) -> bool:
        """Whether the accounts that are on by this are those that were on by the config that was accepted last."""
        return all((name in enabled) == bool(on) for name, on in self.rows("SELECT name, enabled FROM account"))

    def off_since(self, moment: int) -> list[str]:
        """The accounts that were off by then, and are still."""
        return [
            name
            for (name,) in self.rows(
                "SELECT name FROM account WHERE enabled = 0 AND off_at <= ? ORDER BY id", (moment,)
            )
        ]

    # Whom it concerns

    def _numbers(self, addresses: Collection[str]) -> set[int]:
        found = self.rows("SELECT id FROM party WHERE address IN (SELECT value FROM json_each(?))", (_json(addresses),))
        return {party for (party,) in found}

    def _sorted(self, whom: Whom) -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
        """The items in which they take part: those that go, and those that stay without them."""
        theirs, own = self._numbers(whom.addresses), self._numbers(whom.own)
        gone: list[Sequence[Any]] = []
        shared: list[Sequence[Any]] = []
        for row in self.rows(
            f"SELECT {_ROW} FROM item WHERE id IN (SELECT item FROM posting WHERE party IN"
            " (SELECT value FROM json_each(?))) ORDER BY id",
            (_json(theirs),),
        ).fetchall():
            _, meeting, sender, recipients = row[:4]
            received = set(map(int, recipients.replace(";", " ").split()))
            alone = not (received | {sender}) - theirs - own - {0}
            wrote = not meeting and (sender in theirs or not received - theirs)
            (gone if alone or wrote else shared).append(row)
        return gone, shared

    def _cards(self, whom: Whom) -> Iterator[tuple[int, str, str]]:
        """The stream, the remote id and the name of each card that is theirs."""
        names = full_names(whom.names)
        for stream, remote, name, listed in self.rows("SELECT stream, remote, name, addresses FROM card").fetchall():
            there = {address for address in listed.lower().split("\n") if address}
            if there & whom.addresses or (not there and full_names([name]) & names):
                yield stream, remote, name

    # What is done

    def _keep_hashes(self, whom: Whom) -> Forgotten:
        """Note whom to leave out from now on."""
        write = self.connection.exec_driver_sql
        kept = unpacked(self.one("SELECT value FROM meta WHERE name = 'forgotten'") or b"")
        kept |= hashes(whom.addresses, whom.names, self.key)
        by = {*json.loads(self.one("SELECT value FROM meta WHERE name = 'forgotten_by'") or "[]"), *whom.own}
        write("INSERT OR REPLACE INTO meta VALUES ('forgotten', ?)", (packed(kept),))
        write("INSERT OR REPLACE INTO meta VALUES ('forgotten_by', ?)", (json.dumps(sorted(by)).encode(),))
        return self.forgotten()

    def _remove_items(self, items: Sequence[int]) -> None:
        for start in range(0, len(items), BATCH):
            some = [(item,) for item in items[start : start + BATCH]]
            for table, column in (
                ("placement", "item"), ("posting", "item"), ("identity", "item"), ("link", "item"), ("item", "id"),
            ):  # fmt: skip
                self.write_many(f"DELETE FROM {table} WHERE {column} = ?", some)

    def _leave_out(self, row: Sequence[Any], theirs: set[int], forgotten: Forgotten, whom: Whom) -> None:
        """A mail or a meeting with others, as it is without them."""
        number, _, sender, recipients, declined, subject, labels, marks = row
        hints = whom.hints
        self.write_many(
            "UPDATE item SET sender = ?, recipients = ?, declined = ?, subject = ?, labels = ?, marks = ? WHERE id = ?",
            [
                (
                    0 if sender in theirs else sender,
                    _others(recipients, theirs),
                    _others(declined, theirs) or None if declined else None,
                    forgotten.cut(subject, hints),
                    "\n".join(forgotten.cut(label, hints) for label in labels.split("\n")),
                    forgotten.packed_marks(marks, hints) if marks else marks,
                    number,
                )
            ],
        )
        self.write_many(
            "UPDATE placement SET recipients = ?, labels = ? WHERE stream = ? AND remote = ?",
            [
                (_others(some, theirs), "\n".join(forgotten.cut(label, hints) for label in own.split("\n")), *place)
                for *place, some, own in self.rows(
                    "SELECT stream, remote, recipients, labels FROM placement"
                    " WHERE item = ? AND recipients IS NOT NULL",
                    (number,),
                ).fetchall()
            ],
        )

    def _remove_said(self, whom: Whom) -> None:
        told = "EXISTS (SELECT 1 FROM json_each(addresses) WHERE value IN (SELECT value FROM json_each(?)))"
        for table in ("statement", "shown", "mailed"):
            self.connection.exec_driver_sql(f"DELETE FROM {table} WHERE {told}", (_json(whom.addresses),))

    def _cut_texts(self, forgotten: Forgotten, whom: Whom) -> None:
        """Take their addresses and full names out of what is about others."""
        needles = tuple(max(name.split(), key=len) for name in full_names(whom.names))

        def mentions(text: str | None) -> bool:
            if not text:
                return False
            low = text.casefold()
            return any(needle in low for needle in (*needles, *whom.addresses)) and forgotten.cut(text) != text

        def shorn(text: str) -> str:
            return forgotten.cut(text)

        def remarked(marks: str) -> str:
            return forgotten.packed_marks(marks, Hints())

        def unnamed(ids: str) -> str:
            return "\n".join(one for one in ids.split("\n") if not forgotten.names_one(one))

        def within(ids: str | None) -> bool:
            low = ids.lower() if ids else ""
            return any(address in low for address in whom.addresses)

        self._driver.create_function("within", 1, within, deterministic=True)
        self._driver.create_function("unnamed", 1, unnamed, deterministic=True)
        self._driver.create_function("mentions", 1, mentions, deterministic=True)
        self._driver.create_function("shorn", 1, shorn, deterministic=True)
        self._driver.create_function("remarked", 1, remarked, deterministic=True)
        self._driver.create_function("leads_to_one", 1, forgotten.leads_to_one, deterministic=True)
        write = self.connection.exec_driver_sql
        write("DELETE FROM shelf WHERE leads_to_one(url)")
        url = "CASE WHEN json_valid(text) THEN json_extract(text, '$.url') ELSE text END"
        write(f"DELETE FROM statement WHERE verb IN ('shelf', 'unshelf') AND leads_to_one(coalesce({url}, ''))")
        for table, column in TEXTS:
            write(f"UPDATE {table} SET {column} = shorn({column}) WHERE mentions({column})")
        write("UPDATE item SET marks = remarked(marks) WHERE mentions(marks)")
        for column in ("message_id", "parents", "uid"):
            write(f"UPDATE item SET {column} = unnamed({column}) WHERE within({column})")
        for table in ("ledger", "suspect"):
            why = " OR mentions(reason)" if table == "ledger" else ""
            write(f"DELETE FROM {table} WHERE mentions(remote){why}")

    def _cut_names(self, forgotten: Forgotten, whom: Whom) -> None:
        """Names of others that have theirs in them, such as "Ada Weber via Docs"."""
        for number, address, name in self.rows("SELECT id, address, name FROM party WHERE mentions(name)").fetchall():
            cut = forgotten.cut_name(name)
            if address in whom.addresses or cut == name:
                continue
            while self.one("SELECT 1 FROM party WHERE address = ? AND name = ?", (address, cut)):
                cut += " "
            self.write_many("UPDATE party SET name = ? WHERE id = ?", [(cut, number)])

    def _drop_cache(self) -> None:
        """What was learned, and every index of words, which would keep the words of what is gone."""
        write = self.connection.exec_driver_sql
        for table in OF_ALL:
            write(f"DELETE FROM {table}")
        for table in ("person_words", "note_words"):
            write(f"DELETE FROM {table}")
            write(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
        self.write_many(
            "INSERT INTO note_words (rowid, words) VALUES (?, ?)",
            [
                (n, spaced(text))
                for n, verb, text in self.rows("SELECT id, verb, text FROM statement").fetchall()
                if verb in FOUND
            ],
        )
        write("INSERT INTO subject_words (subject_words) VALUES ('delete-all')")
        write("DELETE FROM stale WHERE party NOT IN (SELECT id FROM party)")
        for name, value in (("worded", 0), ("learned_at", 0), ("unclean", 1)):
            self.set_number(name, value)


def _others(packed_parties: str, theirs: set[int]) -> str:
    """Packed parties without these."""
    return ";".join(
        " ".join(party for party in field.split() if int(party) not in theirs) for field in packed_parties.split(";")
    )


def _json(values: Collection[Any]) -> str:
    return json.dumps(sorted(values))
