"""Whatever a server does and whatever is done to it, in any order: at every step nothing is taken away without
evidence, and once all is quiet the store is what the server is (`sync.md`, section 6).
"""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
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

from agent.pull import Toured, tour
from agent.store.store import Chosen, LaneClosed, Store
from tests.agent.dumps import Told, canonical, differences
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


CHANGES = st.tuples(
    st.sampled_from(("deliver", "deliver", "move", "move", "copy", "expunge", "recreate", "renumber", "delete")),
    st.sampled_from(FOLDERS),
    st.sampled_from(FOLDERS),
    st.integers(1, 9),
)
"""What other programs do at the server: what, where, where else, to how many."""


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
        self.rounds = 0  # since all was quiet
        self.left: Told | None = None  # how the store was when the user opted out

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize(numbers=st.lists(st.integers(2, 14), min_size=2, max_size=3))
    def begin(self, numbers: list[int]) -> None:
        for folder, number in zip(FOLDERS, numbers, strict=False):
            self.server.create(folder)
            self.deliver(folder, number)

    # What other programs do at the server

    def change(self, what: str, one: str, other: str, number: int, dice: Random) -> None:
        folders = self.server.folders
        if one not in folders or what == "recreate":
            self.server.create(one)
        mails = folders[one].mails
        some = dice.sample(sorted(mails), min(number, len(mails)))
        if what == "deliver":
            self.deliver(one, number)
        elif what == "renumber":
            self.server.renumber(one)
        elif what == "delete" and one != "inbox":
            del folders[one]
        elif what == "expunge":
            for uid in some:
                del mails[uid]
        elif what in ("move", "copy") and other in folders:
            for uid in some:
                folders[other].add(mails[uid] if what == "copy" else mails.pop(uid))

    def deliver(self, folder: str, number: int) -> None:
        for _ in range(number):
            self.numbers += 1
            self.server.folders[folder].add(self.numbers)

    # What goes wrong

    @rule(share=st.integers(0, 3))
    def omit(self, share: int) -> None:
        """Some of what is there, the newest too, is listed and not shown from now on."""
        self.server.omits = {number for number in range(self.numbers + 20) if share and number % (2 * share) == 1}

    @rule(minutes=st.sampled_from((1, 15, 60, 1_500, 12_000)))
    def wait(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(
        changes=st.lists(CHANGES, min_size=1, max_size=4),
        fault=st.sampled_from(("", "cut", "killed", "opted out")),
        point=st.integers(0, 45),
        dice=st.randoms(use_true_random=False),
    )
    def round(self, changes: list[tuple[str, str, str, int]], fault: str, point: int, dice: Random) -> None:
        """The mailbox changes; then a round, to which something happens at some point: a request, or a statement."""
        for change in changes:
            self.change(*change, dice)
        self.rounds += 1
        self.opt(True)
        if fault == "cut":
            self.server.cut_after = point // 3
        elif fault == "killed":
            die_before(self.store, point + 1)
        elif fault == "opted out":
            self.leave_before(point + 1)
        with suppress(Killed, LaneClosed):
            self.toured()
        self.server.cut_after = None
        self.again()
        if self.left is not None:
            assert differences(canonical(self.store), self.left) == {}, "after an opt-out nothing is written"
            self.left = None

    def leave_before(self, point: int) -> None:
        """The user opts out in another process, at the first moment after so many statements when nobody writes."""
        count = 0

        def before(*_: Any) -> None:
            nonlocal count
            count += 1
            if count >= point and self.left is None and not self.store._driver.in_transaction:
                with Store.open(self.path, key=b"k" * 32) as other:
                    other.accept([], {"file": [1, 1]}, "", at=self.at)
                    self.left = canonical(other)

        event.listen(self.store.connection.engine, "before_cursor_execute", before)

    def again(self) -> None:
        """Whatever held the store is gone; the next one opens it."""
        self.store.close()
        self.store = Store.open(self.path, key=b"k" * 32)
        self.on = bool(self.store.one("SELECT enabled FROM account"))

    def opt(self, on: bool) -> None:
        self.store.accept([Chosen("home", "imap", enabled=on)], {"file": [1, 1]}, "", at=self.at)
        self.on = on

    def toured(self, later: timedelta = timedelta(minutes=1)) -> Toured:
        self.at += later
        return tour("home", lambda: Reading(self.server), self.store, lambda: self.at, 0.5)

    @precondition(lambda self: self.rounds >= 3)
    @rule()
    def quiet(self) -> None:
        """No more faults: after days of rounds the store is what the server is."""
        self.rounds = 0
        self.opt(True)
        omitted, self.server.omits = self.server.omits, set()
        for hours in (1, 1, 2, 24, 2, 25, 8 * 24, 2):
            done = self.toured(timedelta(hours=hours))
        assert done.ended.state == "ok", done.ended
        assert set(self.stored()) == self.server.there()
        shown = sum(len(folder.mails) for folder in self.server.folders.values())
        assert self.store.one("SELECT count(*) FROM placement") == shown
        assert self.store.ledger("home") == []
        before, self.server.asked = canonical(self.store), 0
        self.toured()
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
        self.sure = (self.sure & there) - self.server.omits  # what was moved and is not shown may be anything
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
