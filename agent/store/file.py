"""How is the store's file opened, and how is it written without ever being half written?"""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from agent.store import tables
from agent.store.sighted import Parties

BUSY = 60
"""Seconds to wait for another writer: with 60 no lock error was left, the longest wait being 11.5 s
(Mailspring#2726)."""

CACHE = 64_000
"""KiB of SQLite's page cache while writing: it holds the inner pages of all indexes of a million messages."""

MAP = 1 << 30
"""Bytes of the file that reading may map: a million facts are read in order of time, all over the file. Writing gains
nothing by it, and would look as if its memory grew with the file."""


LOG = 8_000
"""Pages of the write-ahead log (32 MB) before it is copied into the file: in a store of a million messages each page of
mails touches two thousand of them, many the same ones, and SQLite's own 1,000 would copy after every one."""


class StoreTrouble(Exception):  # noqa: N818 - a state of the file, not an error of the program
    """The file cannot be used. Its text is for the user: where, what, and what to do."""

    def __init__(self, path: Path, what: str, remedy: str) -> None:
        super().__init__(f"{path}: {what} {remedy}")
        self.path, self.what, self.remedy = path, what, remedy


class StoreFile:
    """The open file: short write transactions, and reads that need none."""

    visible: frozenset[str] | None = None
    """The accounts whose facts may be read; None: all of them. What the user opted out is hidden at once."""

    def __init__(self, path: Path, connection: Connection, key: bytes) -> None:
        self.path = path
        self.connection = connection
        self.key = key
        self._driver: sqlite3.Connection = _driver(connection)
        self._parties = Parties()
        self._addresses: list[str] = [""]
        self._numbered = 0  # how often parties were forgotten, so that their numbers may mean others now

    @classmethod
    def open(cls, path: Path, key: bytes | None = None) -> Self:
        """Open the store at `path`, make it where there is none, and bring its tables up to date.

        `key` hashes what identifies a mail; without one, the store makes its own and keeps it. Raises StoreTrouble.
        """
        path = Path(path)
        with _told(path):
            _private(path)
            connection = _connect(path)
            try:
                _prepare(path, connection)
                return cls(path, connection, key or _kept_key(connection))
            except BaseException:
                connection.close()
                connection.engine.dispose()
                raise

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
        self.connection.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One short write transaction: all of it, or nothing. Raises StoreTrouble."""
        with _told(self.path):
            self.connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.exec_driver_sql("COMMIT")
            except BaseException:
                self._forget_parties()
                self._roll_back()
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read inside is of one moment, whatever others write meanwhile."""
        with _told(self.path):
            self.connection.exec_driver_sql("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """The rows of a read, as plain tuples: ten thousand times a second an ORM's rows would be too dear."""
        with _told(self.path):
            return self._driver.execute(sql, values)

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.rows(sql, values).fetchone()
        return row[0] if row else None

    def write_many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write many rows; nothing where there are none (an empty list would write a row of defaults)."""
        if rows:
            self.connection.exec_driver_sql(sql, rows if isinstance(rows, list) else list(rows))

    def map(self) -> None:
        """Let the file be mapped from now on, before much of it is read."""
        self.rows(f"PRAGMA mmap_size = {MAP}").fetchone()

    def number(self, name: str, default: int = 0) -> int:
        """A number that the store keeps about itself."""
        value = self.one("SELECT value FROM meta WHERE name = ?", (name,))
        return int(value) if value is not None else default

    def set_number(self, name: str, value: int) -> None:
        """Keep a number about the store itself."""
        self.connection.exec_driver_sql("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, str(value).encode()))

    def parties(self) -> Parties:
        """The numbers of all addresses and names. Only for a write transaction, which keeps those that are new."""
        numbered = self.number("parties")
        if numbered != self._numbered:
            self._forget_parties()
            self._numbered = numbered
        known = self._parties
        for number, address, name in self.rows("SELECT id, address, name FROM party WHERE id > ?", (known.last,)):
            known[address, name] = known.last = number
        known.new = []
        return known

    def address(self, party: int) -> str:
        """The address of a party; the same text object for the same address."""
        if party >= len(self._addresses):
            known = self._addresses
            shared = {address: address for address in known}
            for number, address in self.rows("SELECT id, address FROM party WHERE id >= ? ORDER BY id", (len(known),)):
                known.extend([""] * (number - len(known)))
                known.append(shared.setdefault(address, address))
        return self._addresses[party]

    def _roll_back(self) -> None:
        """An interrupt closes the connection, and with it the transaction: then there is nothing left to do."""
        with suppress(sqlite3.ProgrammingError):
            if self._driver.in_transaction:
                self._driver.rollback()

    def _forget_parties(self) -> None:
        self._parties = Parties()
        self._addresses = [""]


def _private(path: Path) -> None:
    """Make the file, for its owner's eyes only; SQLite gives -wal and -shm the same rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


def _connect(path: Path) -> Connection:
    """A connection that begins nothing by itself: `writing` says BEGIN IMMEDIATE (`sync.md` 2.5)."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, timeout=BUSY, isolation_level=None),
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
    )
    return engine.connect()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(type(driver))
    return driver


def _prepare(path: Path, connection: Connection) -> None:
    """Set the file up, and make or mend its tables."""
    pragma = connection.exec_driver_sql
    tables_there = pragma("SELECT count(*) FROM sqlite_master").scalar_one()
    if tables_there and pragma("PRAGMA application_id").scalar_one() != tables.APPLICATION:
        raise StoreTrouble(path, "this is another program's database.", "Name another place for auld's data.")
    for setting in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"cache_size = -{CACHE}",
        f"wal_autocheckpoint = {LOG}",
        f"journal_size_limit = {LOG * 4096}",
        "temp_store = MEMORY",
    ):
        pragma(f"PRAGMA {setting}")
    version = pragma("PRAGMA user_version").scalar_one()
    if version > tables.HEAD:
        raise StoreTrouble(
            path,
            f"a newer auld wrote this (its tables are version {version}, this one knows {tables.HEAD}).",
            "Install the newer auld again.",
        )
    if not tables_there:
        _create(connection)
    elif version < tables.HEAD:
        from agent.store.migrations import upgrade  # alembic costs a third of a second

        upgrade(connection)


def _create(connection: Connection) -> None:
    """All tables at once; a test holds this equal to what the migrations make."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
            tables.metadata.create_all(connection, checkfirst=False)
            for table in tables.FULL_TEXT:
                connection.exec_driver_sql(table)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (f"{tables.HEAD:04}",))
            connection.exec_driver_sql(f"PRAGMA application_id = {tables.APPLICATION}")
            connection.exec_driver_sql(f"PRAGMA user_version = {tables.HEAD}")
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        _driver(connection).rollback()
        raise


def _kept_key(connection: Connection) -> bytes:
    """The store's own key: made once, by whoever comes first."""
    connection.exec_driver_sql("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (secrets.token_bytes(32),))
    return bytes(connection.exec_driver_sql("SELECT value FROM meta WHERE name = 'key'").scalar_one())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in the user's words what SQLite says in its own."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError, OSError) as error:
        trouble = _trouble(path, error.orig if isinstance(error, DBAPIError) else error)
        if trouble is None:
            raise
        raise trouble from error


def _trouble(path: Path, error: BaseException | None) -> StoreTrouble | None:
    said = str(error)
    if "not a database" in said:
        return StoreTrouble(path, "this is no database.", "Move the file away, or name another place for auld's data.")
    if "malformed" in said or "corrupt" in said:
        return StoreTrouble(
            path, "the file is damaged.", "Keep a copy of it, move it away, and run `auld sync` to build it anew."
        )
    if "disk is full" in said or "No space left" in said:
        return StoreTrouble(path, "the disk is full; nothing was lost.", "Make room and try again.")
    if "disk I/O error" in said:  # a quota, a failing disk
        return StoreTrouble(path, "the disk does not take what is written.", "See whether it is full or failing.")
    if "locked" in said:
        return StoreTrouble(path, f"another auld has been writing for {BUSY} seconds.", "Wait for it, or end it.")
    if isinstance(error, OSError) or "unable to open" in said or "readonly" in said:
        return StoreTrouble(path, f"it cannot be opened ({said}).", "See who owns the file and its folder.")
    return None
