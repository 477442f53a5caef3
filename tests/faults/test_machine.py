"""Whatever a server does and whatever is done to it, in any order: at every step nothing is taken away without
evidence, and once all is quiet the store is what the server is (`sync.md`, section 6).
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event

from agent.pull import tour
from agent.store.store import Chosen, LaneClosed, Store
from tests.agent.dumps import canonical, differences
from tests.agent.store.generated import NOW
from tests.agent.store.test_crash import Killed, die_before
from tests.faults.mailserver import MailServer, Reading

STEPS = int(os.environ.get("AULD_SOAK") or 300)
"""Rules in all: some hundreds here, ten thousand in `make soak`."""

LONGEST = 25
FOLDERS = ("inbox", "kept", "old")
FAST = "/dev/shm"

_TEMPLATE: list[Path] = []


def fresh_store(folder: Path) -> Path:
    """A store that knows the account, copied from one that was made once."""
    if not _TEMPLATE:
        made = Path(tempfile.mkdtemp(prefix="auld-machine-")) / "template.db"
        with Store.open(made, key=b"k" * 32) as store:
            store.accept([Chosen("home", "imap")], {"file": [1, 1]}, "", at=NOW)
        _TEMPLATE.append(made)
    path = folder / "auld.db"
    shutil.copy(_TEMPLATE[0], path)
    return path


class Machine(RuleBasedStateMachine):
    """A server, a store, the time, and what must be in the store by now."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(
            tempfile.mkdtemp(prefix="auld-machine-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
        )
        self.path = fresh_store(self.folder)
        self.store = Store.open(self.path, key=b"k" * 32)
        self.server, self.at, self.numbers, self.on = MailServer(), NOW, 0, True
        self.sure: set[int] = set()  # stored, and on the server ever since
        self.cursors: dict[tuple[str, int], int] = {}

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(number=st.integers(0, 12))
    def begin(self, number: int) -> None:
        self.server.create("inbox")
        self.deliver("inbox", number)

    # What other programs do at the server

    @rule(folder=st.sampled_from(FOLDERS), number=st.integers(1, 9))
    def deliver(self, folder: str, number: int) -> None:
        for _ in range(number if folder in self.server.folders else 0):
            self.numbers += 1
            self.server.folders[folder].add(self.numbers)

    @rule(folder=st.sampled_from(FOLDERS))
    def create(self, folder: str) -> None:
        if folder not in self.server.folders:
            self.server.create(folder)

    @rule(folder=st.sampled_from(FOLDERS[1:]))
    def delete(self, folder: str) -> None:
        self.server.folders.pop(folder, None)

    @rule(folder=st.sampled_from(FOLDERS))
    def recreate(self, folder: str) -> None:
        if folder in self.server.folders:
            self.server.create(folder)

    @rule(folder=st.sampled_from(FOLDERS))
    def renumber(self, folder: str) -> None:
        if folder in self.server.folders:
            self.server.renumber(folder)

    @rule(folder=st.sampled_from(FOLDERS), data=st.data())
    def expunge(self, folder: str, data: st.DataObject) -> None:
        for uid in self.some(folder, data):
            del self.server.folders[folder].mails[uid]

    @rule(one=st.sampled_from(FOLDERS), other=st.sampled_from(FOLDERS), keep=st.booleans(), data=st.data())
    def move_or_copy(self, one: str, other: str, keep: bool, data: st.DataObject) -> None:
        if other not in self.server.folders:
            return
        for uid in self.some(one, data):
            number = self.server.folders[one].mails[uid]
            if not keep:
                del self.server.folders[one].mails[uid]
            self.server.folders[other].add(number)

    def some(self, folder: str, data: st.DataObject) -> list[int]:
        mails = self.server.folders[folder].mails if folder in self.server.folders else {}
        return data.draw(st.lists(st.sampled_from(sorted(mails)), max_size=6, unique=True)) if mails else []

    # What goes wrong

    @rule(numbers=st.sets(st.integers(1, 60), max_size=8))
    def omit(self, numbers: set[int]) -> None:
        self.server.omits = numbers

    @rule(minutes=st.sampled_from((1, 15, 60, 1_500, 12_000)))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @precondition(lambda self: self.on)
    @rule(after=st.integers(0, 12))
    def round_that_is_cut(self, after: int) -> None:
        self.server.cut_after = after
        self.round()
        self.server.cut_after = None

    @precondition(lambda self: self.on)
    @rule(statement=st.integers(1, 90))
    def round_that_is_killed(self, statement: int) -> None:
        die_before(self.store, statement)
        with suppress(Killed):
            self.round()
        self.store.close()
        self.store = Store.open(self.path, key=b"k" * 32)

    @precondition(lambda self: self.on)
    @rule(statement=st.integers(5, 60))
    def opt_out_in_mid_round(self, statement: int) -> None:
        count, after = 0, None

        def before(*_: Any) -> None:
            nonlocal count, after
            count += 1
            if count >= statement and after is None and not self.store._driver.in_transaction:
                with Store.open(self.path, key=b"k" * 32) as other:
                    other.accept([], {"file": [1, 1]}, "", at=self.at)
                    after = canonical(other)

        event.listen(self.store.connection.engine, "before_cursor_execute", before)
        try:
            self.round()
        except LaneClosed:
            self.on = False
            assert after is not None
            assert differences(canonical(self.store), after) == {}, "after an opt-out nothing is written"
        self.store.close()
        self.store = Store.open(self.path, key=b"k" * 32)
        self.on = bool(self.store.one("SELECT enabled FROM account"))

    @rule(on=st.booleans())
    def opt(self, on: bool) -> None:
        self.store.accept([Chosen("home", "imap", enabled=on)], {"file": [1, 1]}, "", at=self.at)
        self.on = on

    @precondition(lambda self: self.on)
    @rule()
    def round(self) -> None:
        self.at += timedelta(minutes=1)
        tour("home", lambda: Reading(self.server), self.store, lambda: self.at, 0.5)

    @precondition(lambda self: self.on)
    @rule()
    def quiet(self) -> None:
        """No more faults: after two days of rounds the store is what the server is."""
        omitted, self.server.omits = self.server.omits, set()
        for hours in (1, 1, 2, 24, 2, 25, 8 * 24, 2):
            self.at += timedelta(hours=hours)
            done = tour("home", lambda: Reading(self.server), self.store, lambda: self.at, 0.5)
        assert done.ended.state == "ok", done.ended
        assert set(self.stored()) == self.server.there()
        shown = Counter(number for folder in self.server.folders.values() for number in folder.mails.values())
        assert self.store.one("SELECT count(*) FROM placement") == sum(shown.values())
        assert self.store.ledger("home") == []
        before, self.server.asked = canonical(self.store), 0
        tour("home", lambda: Reading(self.server), self.store, lambda: self.at, 0.5)
        assert self.server.asked <= 1 + len(self.server.folders), "one request a folder, and one for their names"
        assert differences(canonical(self.store), before) == {}, "an idle round writes nothing but that it was"
        self.server.omits = omitted

    # What holds at every step

    def stored(self) -> list[int]:
        return sorted(int(subject.split()[1]) for (subject,) in self.store.rows("SELECT subject FROM item"))

    @invariant()
    def no_item_stands_twice(self) -> None:
        stored = self.stored()
        assert len(stored) == len(set(stored))
        assert not self.store.rows("SELECT 1 FROM item WHERE id NOT IN (SELECT item FROM placement)").fetchall()
        assert not self.store.rows("SELECT 1 FROM placement WHERE item NOT IN (SELECT id FROM item)").fetchall()

    @invariant()
    def nothing_is_gone_without_evidence(self) -> None:
        stored, there = set(self.stored()), self.server.there()
        self.sure &= there
        assert self.sure <= stored, self.sure - stored
        self.sure |= stored & there

    @invariant()
    def no_cursor_goes_back_within_an_epoch(self) -> None:
        for remote, kept in self.store.rows("SELECT remote, cursor FROM stream WHERE cursor IS NOT NULL").fetchall():
            cursor = json.loads(kept)
            before = self.cursors.get((remote, cursor["epoch"]), 0)
            assert cursor["next"] >= before
            self.cursors[remote, cursor["epoch"]] = cursor["next"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_whatever_a_server_does_in_whatever_order() -> None:
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=max(STEPS // LONGEST, 1),
            stateful_step_count=LONGEST,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
