"""How do the accounts and the store stand, at a glance? Standard library only: `status` and the daemon read this."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from agent import drafted
from agent.mailing import says, unpacked
from agent.quiet import VERB, Pause, pause_of
from agent.schedule import Lane, Mornings, Plan
from config.quiet import spans

APPLICATION, SCHEMA = 0x61756C64, 5
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
    enabled: bool = True
    off_at: int | None = None  # since when it is off
    state: str = ""
    why: str = ""
    remedy: str = ""
    since: int | None = None  # since when it is in that state
    first_at: int | None = None  # when its first round began
    begun_at: int | None = None
    ended_at: int | None = None
    complete_at: int | None = None  # when a round last brought all there was
    next_at: int | None = None  # not before then; None: as its kind has it
    limited: bool = False
    held: int = 0  # what is said to be gone, and not believed yet
    degraded: str = ""  # why some of it is only looked over
    progress: float | None = None  # how much of a listing that goes on is read, 0 to 1


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
    mailing: str = ""  # what there is to say of a digest that is not in the inbox; "" = all is well
    drafts: str = ""  # what there is to say of drafts that could not be put; "" = all is well
    pause: Pause | None = None  # until when the user wants no digest; it may be over
    own: tuple[tuple[str, str], ...] = ()  # (address, reason)
    notices: tuple[str, ...] = ()
    off: tuple[tuple[str, int], ...] = ()  # accounts that are off, with since when; they are deleted after a day
    config_problem: str = ""  # why the config file as it is now does not hold


def glance(path: Path) -> Glance:
    """How the store at `path` stands; whatever is wrong with it is said in the value, never raised."""
    if not Path(path).exists():
        return Glance(missing=True)
    try:
        with closing(_opened(path)) as connection:
            return _look(connection)
    except sqlite3.Error as error:
        return Glance(trouble=f"{path}: {error}. `auld sync` says what to do.")


def plan(path: Path) -> Plan:
    """What there is to do, for the schedule: a look that costs the same however much mail there is."""
    if not Path(path).exists():
        return Plan()
    try:
        with closing(_opened(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            return _plan(connection) if version == SCHEMA else Plan()
    except sqlite3.Error as error:
        return Plan(trouble=str(error))


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY)


def _plan(connection: sqlite3.Connection) -> Plan:
    connection.execute("BEGIN")
    kept = dict(connection.execute(_META))
    config = json.loads(kept.get("config", "{}"))
    mornings = None
    if "days" in config:
        mornings = Mornings(config["at_minute"], frozenset(config["days"]), spans(config.get("quiet", ())))
    return Plan(
        lanes=tuple(_lane(row) for row in connection.execute(_LANES)),
        mornings=mornings,
        mailing=unpacked(kept["mailing"]) if "mailing" in kept else None,
        drafted=drafted.unpacked(kept["drafted"]) if "drafted" in kept else None,
        pause=pause_of(connection.execute(_PAUSES)),
        timezone=config.get("timezone", ""),
        stale=connection.execute("SELECT EXISTS (SELECT 1 FROM stale)").fetchone()[0] == 1,
        learned_at=int(kept.get("learned_at", 0)),
        arrived_at=int(kept.get("arrived_at", 0)),
        config=tuple(config["file"]) if "file" in config else None,
    )


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
    problem = connection.execute("SELECT value FROM meta WHERE name = 'config_problem'").fetchone()
    mailing = connection.execute("SELECT value FROM meta WHERE name = 'mailing'").fetchone()
    drafts = connection.execute("SELECT value FROM meta WHERE name = 'drafted'").fetchone()
    return Glance(
        accounts=tuple(_account(row) for row in connection.execute(_ACCOUNTS)),
        people=kinds.pop("person", 0),
        others=sum(kinds.values()),
        stale=connection.execute("SELECT count(DISTINCT address) FROM stale JOIN party ON party.id = party").fetchone()[
            0
        ],
        learned_at=int(learned[0]) if learned else 0,
        learned_from=tuple(json.loads(sight[0])["seen"]) if sight else (),
        last_digest=date.fromisoformat(digest) if digest else None,
        mailing=says(unpacked(mailing[0])) if mailing else "",
        drafts=drafted.unpacked(drafts[0]).says if drafts else "",
        pause=pause_of(connection.execute(_PAUSES)),
        own=tuple(connection.execute("SELECT address, reason FROM own ORDER BY rowid")),
        notices=tuple(says for (says,) in connection.execute("SELECT says FROM notice ORDER BY id")),
        off=tuple(connection.execute(_OFF)),
        config_problem=json.loads(problem[0]) if problem else "",
    )


def _lane(row: Sequence[Any]) -> Lane:
    kept = dict(zip(_LANE, row, strict=True))
    return Lane(**(kept | {name: bool(kept[name]) for name in ("archive", "enabled", "limited", "bound")}))


def _account(row: Sequence[Any]) -> AccountGlance:
    kept = dict(zip(_FIELDS, row, strict=True))
    kept |= {name: bool(kept[name]) for name in ("archive", "enabled", "limited")}
    return AccountGlance(**(kept | {"degraded": kept["degraded"] or ""}))


_FIELDS = [one.name for one in fields(AccountGlance)]
_LANE = [one.name for one in fields(Lane)]

_ACCOUNTS = """
SELECT name, kind, archive,
    (SELECT count(*) FROM stream WHERE stream.account = account.id),
    (SELECT count(*) FROM placement WHERE stream IN (SELECT id FROM stream WHERE stream.account = account.id))
        + (SELECT count(*) FROM shelf WHERE stream IN (SELECT id FROM stream WHERE stream.account = account.id)),
    (SELECT max(last) FROM stream WHERE stream.account = account.id),
    (SELECT max(page_at) FROM stream WHERE stream.account = account.id),
    (SELECT count(*) FROM ledger WHERE stream IN (SELECT id FROM stream WHERE stream.account = account.id)),
    (SELECT count(*) FROM ledger WHERE ledger.next_at IS NULL
        AND stream IN (SELECT id FROM stream WHERE stream.account = account.id)),
    enabled, off_at, state, why, remedy, since, first_at, begun_at, ended_at, complete_at, next_at, limited,
    (SELECT count(*) FROM suspect WHERE stream IN (SELECT id FROM stream WHERE stream.account = account.id)),
    (SELECT max(degraded) FROM stream WHERE stream.account = account.id),
    (SELECT avg(CASE WHEN whole THEN coalesce(stream.progress, 0) ELSE 1 END) FROM stream
        WHERE stream.account = account.id HAVING max(whole))
FROM account ORDER BY name
"""

_LANES = f"""
SELECT {", ".join(name for name in _LANE if name != "asked_at")},
    (SELECT at FROM request WHERE request.account = account.name)
FROM account ORDER BY id
"""  # noqa: S608 - the names of our own columns

_OFF = """
SELECT name, off_at FROM account WHERE enabled = 0 AND off_at IS NOT NULL
    AND EXISTS (SELECT 1 FROM stream WHERE stream.account = account.id) ORDER BY name
"""
"""Of one that was never read there is nothing to delete."""

_PAUSES = f"SELECT text, until FROM statement WHERE verb = '{VERB}' AND undone_at IS NULL ORDER BY id"  # noqa: S608

_META = "SELECT name, value FROM meta WHERE name IN ('config', 'learned_at', 'arrived_at', 'mailing', 'drafted')"
