"""Whoever dies while a page is written loses nothing, doubles nothing, and leaves no half page."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from agent.store.store import Store
from connectors.contract import Stream
from tests.agent.store.generated import ADA, EVE, EVER, INBOX, NOW, dump, mail, meeting, page

SENT = Stream("sent", "Sent")

BEFORE = [
    (INBOX, page(*map(mail, range(6)), meeting(1), meeting(2), missed=(("m9", "cut off"),), complete=True)),
    (SENT, page(mail(1, bcc=(EVE,), fingerprint=b"t"), mail(7, message_id="", fingerprint=b"7"), mail(7, id="x"))),
]

PAGES = {
    "new mails": (INBOX, page(*map(mail, range(10, 14)), cursor=2, missed=(("m20", "no date"),))),
    "copies": (SENT, page(mail(2, cc=(EVE,), labels=("\\Sent",)), mail(3), mail(3, id="again"), cursor=2)),
    "two that were one": (SENT, page(mail(7, id="y", fingerprint=b"7"), cursor=2)),
    "gone and changed": (INBOX, page(mail(4, labels=("Archive",)), gone=("m2", "m3"), cursor=2)),
    "a listing without one": (INBOX, page(meeting(1, subject="Moved", sent=NOW), cursor=2, complete=True)),
    "what was missed": (INBOX, page(mail(9), cursor=2)),
}


class Killed(BaseException):
    """As if the process had been interrupted here."""


class FailedError(Exception):
    """As if this statement could not be done."""


def die_before(store: Store, statement: int, how: type[BaseException] = Killed) -> Callable[[], int]:
    """Let the store die before this statement, counted from 1; gives how many there were so far."""
    count = 0

    def before(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == statement:
            raise how

    event.listen(store.connection.engine, "before_cursor_execute", before)
    return lambda: count


def opened(path: Path) -> Store:
    return Store.open(path, key=b"k" * 32)


def begun(path: Path) -> None:
    with opened(path) as store:
        for stream, found in BEFORE:
            store.record("home", stream, found, at=NOW)
        store.index()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_or_absent_wherever_one_dies(tmp_path: Path, name: str) -> None:
    stream, told = PAGES[name]
    begun(tmp_path / "whole.db")
    with opened(tmp_path / "whole.db") as store:
        absent = dump(store)
        seen = die_before(store, 0)
        store.record("home", stream, told, at=NOW)
        whole, statements = dump(store), seen()

    for statement in range(1, statements + 1):
        path = tmp_path / f"{statement}.db"
        begun(path)
        with opened(path) as store:
            die_before(store, statement)
            with pytest.raises(Killed):
                store.record("home", stream, told, at=NOW)
        with opened(path) as store:
            assert dump(store) == absent
            store.record("home", stream, told, at=NOW)
            assert dump(store) == whole
            assert store.one("PRAGMA integrity_check") == "ok"
            store.connection.exec_driver_sql("INSERT INTO subject_words (subject_words) VALUES ('integrity-check')")
    assert statements > 5


def test_a_store_that_failed_goes_on_with_the_next_page(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as store:
        die_before(store, 6, FailedError)
        with pytest.raises(FailedError):
            store.record("home", INBOX, page(mail(1, sender=EVE)), at=NOW)
        store.record("home", INBOX, page(mail(2)), at=NOW)
        [fact] = store.facts(until=EVER)

        assert (fact.subject, fact.to) == ("Looms 2", (ADA.address,))
        assert EVE.address not in store.names()


WRITER = """
import sys
from pathlib import Path
from agent.store.store import Store
from tests.agent.store.generated import INBOX, NOW, mail, page
name, path = sys.argv[1], Path(sys.argv[2])
with Store.open(path, key=b"k" * 32) as store:
    start = (store.cursor(name, "inbox") or {"at": 0})["at"]
    for n in range(start, int(sys.argv[3])):
        store.record(name, INBOX, page(mail(2 * n), mail(2 * n + 1, id=name), cursor=n + 1), at=NOW)
        print(n, flush=True)
"""


def writer(path: Path, name: str, pages: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", WRITER, name, str(path), str(pages)], stdout=subprocess.PIPE)


def test_a_killed_process_leaves_whole_pages(tmp_path: Path) -> None:
    path, pages = tmp_path / "a.db", 60
    for kills in range(1, 5):
        with writer(path, "home", pages) as process:
            assert process.stdout
            for _ in range(3 * kills):
                process.stdout.readline()
            time.sleep(0.001 * kills)
            process.kill()
        with opened(path) as store:
            reached = store.cursor("home", "inbox")
            facts = list(store.facts(until=EVER))
            assert reached is not None
            assert len(facts) == reached["at"] + 1  # the second mail of each page replaces the one before it
    with writer(path, "home", pages) as process:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with opened(path) as store:
        assert len(list(store.facts(until=EVER))) == pages + 1


def test_two_processes_write_without_a_lock_error(tmp_path: Path) -> None:
    path, pages = tmp_path / "a.db", 80
    opened(path).close()
    with writer(path, "home", pages) as one, writer(path, "work", pages) as other:
        for process in (one, other):
            process.communicate(timeout=120)
            assert process.returncode == 0
    with opened(path) as store:
        assert len(list(store.facts(until=EVER))) == pages + 1
        assert store.names()[ADA.address] == {"Ada": pages + 1}
        assert not store.rows("SELECT address, name FROM party GROUP BY 1, 2 HAVING count(*) > 1").fetchall()
