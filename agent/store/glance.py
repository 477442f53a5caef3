"""How do the accounts and the store stand, at a glance? Standard library only: `status` and the daemon read this."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

APPLICATION, SCHEMA = 0x61756C64, 1
"""As in `tables`, which would import SQLAlchemy; a test holds them equal."""

BUSY = 5
"""Seconds to wait for the file; a reader of a WAL file hardly ever waits."""


@dataclass(frozen=True, slots=True)
class AccountGlance:
    """One account; moments are POSIX seconds, None where there is none yet."""

    name: str
    kind: str
    archive: bool
    streams: int
    items: int
    newest: int | None
    last_page: int | None
    missed: int  # what could not be read yet
    parked: int  # of these, what is no longer tried


@dataclass(frozen=True, slots=True)
class Glance:
    """What there is, without opening it for writing. `trouble` says why no more could be seen; "" = all is well."""

    trouble: str = ""
    missing: bool = False  # there is no store yet
    behind: bool = False  # an older auld wrote it: the next `sync` brings it up to date
    accounts: tuple[AccountGlance, ...] = ()
    people: int = 0  # persons, neither machines nor lists
    others: int = 0
    stale: int = 0  # addresses that wait to be learned
    learned_at: int = 0
    learned_from: tuple[str, ...] = ()  # the accounts, of which some may be off by now
    last_digest: date | None = None
    own: tuple[tuple[str, str], ...] = ()  # (address, reason)
    notices: tuple[str, ...] = ()


def glance(path: Path) -> Glance:
    """How the store at `path` stands; whatever is wrong with it is said in the value, never raised."""
    if not Path(path).exists():
        return Glance(missing=True)
    try:
        with closing(
            sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY)
        ) as connection:
            return _look(connection)
    except sqlite3.Error as error:
        return Glance(trouble=f"{path}: {error}. `auld sync` says what to do.")


def _look(connection: sqlite3.Connection) -> Glance:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return Glance(missing=True)
        return Glance(trouble="the file is another program's database.")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA:
        return Glance(trouble="a newer auld wrote the store. Install it again.")
    if version < SCHEMA:
        return Glance(behind=True)
    connection.execute("BEGIN")  # all of it of one moment
    kinds = dict(connection.execute("SELECT kind, count(*) FROM person GROUP BY kind"))
    digest = connection.execute("SELECT max(day) FROM digest WHERE delivered_at IS NOT NULL").fetchone()[0]
    learned = connection.execute("SELECT value FROM meta WHERE name = 'learned_at'").fetchone()
    sight = connection.execute("SELECT value FROM meta WHERE name = 'learned_from'").fetchone()
    return Glance(
        accounts=tuple(AccountGlance(row[0], row[1], bool(row[2]), *row[3:]) for row in connection.execute(_ACCOUNTS)),
        people=kinds.pop("person", 0),
        others=sum(kinds.values()),
        stale=connection.execute("SELECT count(DISTINCT address) FROM stale JOIN party ON party.id = party").fetchone()[
            0
        ],
        learned_at=int(learned[0]) if learned else 0,
        learned_from=tuple(json.loads(sight[0])["seen"]) if sight else (),
        last_digest=date.fromisoformat(digest) if digest else None,
        own=tuple(connection.execute("SELECT address, reason FROM own ORDER BY rowid")),
        notices=tuple(says for (says,) in connection.execute("SELECT says FROM notice ORDER BY id")),
    )


_ACCOUNTS = """
SELECT name, kind, archive,
    (SELECT count(*) FROM stream WHERE stream.account = account.id),
    (SELECT count(*) FROM placement WHERE stream IN (SELECT id FROM stream WHERE stream.account = account.id)),
    (SELECT max(last) FROM stream WHERE stream.account = account.id),
    (SELECT max(page_at) FROM stream WHERE stream.account = account.id),
    (SELECT count(*) FROM ledger WHERE stream IN (SELECT id FROM stream WHERE stream.account = account.id)),
    (SELECT count(*) FROM ledger WHERE next_at IS NULL
        AND stream IN (SELECT id FROM stream WHERE stream.account = account.id))
FROM account ORDER BY name
"""
