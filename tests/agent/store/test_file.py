"""The file is private, kept up to date, and says in plain words what is wrong with it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agent.store import glance, tables
from agent.store.store import Store, StoreTrouble
from tests.agent.store.generated import EVER, INBOX, NOW, mail, page, subjects


def schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    return [(kind, name, table, "".join((sql or "").split())) for kind, name, table, sql in found]


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "auld.db"
    with Store.open(path) as store:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == {"auld.db": 0o600, "auld.db-wal": 0o600, "auld.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_it_makes_a_key_once_and_keeps_it(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as first, Store.open(tmp_path / "a.db") as second:
        assert first.key == second.key
        assert len(first.key) == 32


def test_what_is_written_is_there_the_next_time(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        store.record("home", INBOX, page(mail(1)), at=NOW)
    with Store.open(tmp_path / "a.db") as store:
        assert subjects(store) == ["Looms 1"]
        assert store.record("home", INBOX, page(mail(1)), at=NOW).new == 0


class TestMigrations:
    def test_they_make_what_a_new_store_has(self, tmp_path: Path) -> None:
        Store.open(tmp_path / "new.db").close()
        with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
            connection.execute(f"PRAGMA application_id = {tables.APPLICATION}")
            connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")

        with Store.open(tmp_path / "old.db") as store:
            store.record("home", INBOX, page(mail(1)), at=NOW)
            assert len(list(store.facts(until=EVER))) == 1
            assert store.one("PRAGMA user_version") == tables.HEAD

        plain = [row for row in schema(tmp_path / "old.db") if "alembic" not in row[1]]
        assert plain == [row for row in schema(tmp_path / "new.db") if "alembic" not in row[1]]

    def test_the_newest_is_the_head(self) -> None:
        files = sorted((Path(tables.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))

        assert int(files[-1].name[:4]) == tables.HEAD

    def test_an_up_to_date_store_does_without_alembic(self, tmp_path: Path) -> None:
        code = "import sys; from agent.store.store import Store; from pathlib import Path\n"
        code += "Store.open(Path(sys.argv[1])).close(); assert 'alembic' not in sys.modules"
        for _ in ("new", "old"):
            subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.db")], check=True)


def test_glance_knows_the_same_schema() -> None:
    assert (glance.APPLICATION, glance.SCHEMA) == (tables.APPLICATION, tables.HEAD)


class TestTrouble:
    """Where, what, and what to do."""

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        path.write_text("From somebody\n" * 400)

        with pytest.raises(StoreTrouble, match=r"a\.db: this is no database\. Move the file away"):
            Store.open(path)
        assert path.read_text().startswith("From somebody")

    def test_the_database_of_another_program(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE theirs (x)")

        with pytest.raises(StoreTrouble, match="another program's database"):
            Store.open(path)

    def test_a_store_of_a_newer_auld(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        Store.open(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {tables.HEAD + 1}")

        with pytest.raises(StoreTrouble, match=r"newer auld wrote this .* Install the newer auld again"):
            Store.open(path)

    def test_a_damaged_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.db"
        with Store.open(path) as store:
            store.record("home", INBOX, page(*map(mail, range(300))), at=NOW)
        content = bytearray(path.read_bytes())
        content[8192 : len(content)] = b"\xff" * (len(content) - 8192)
        path.write_bytes(content)

        with pytest.raises(StoreTrouble, match=r"damaged\. Keep a copy of it"), Store.open(path) as store:
            list(store.facts(until=EVER))

    def test_a_full_disk(self, tmp_path: Path) -> None:
        many = page(*map(mail, range(2_000)))
        with Store.open(tmp_path / "a.db") as store:
            store.record("home", INBOX, page(mail(1)), at=NOW)
            store.connection.exec_driver_sql(f"PRAGMA max_page_count = {store.one('PRAGMA page_count') + 4}")
            with pytest.raises(StoreTrouble, match=r"the disk is full; nothing was lost\. Make room"):
                store.record("home", INBOX, many, at=NOW)
            assert subjects(store) == ["Looms 1"]

            store.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
            assert store.record("home", INBOX, many, at=NOW).new == 1_999

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        with pytest.raises(StoreTrouble, match="See who owns the file"):
            Store.open(tmp_path)
