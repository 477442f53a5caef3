"""The same on a real IMAP server: mails come, go and move, the network breaks, workers die; then the store is right."""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from agent.pull import Toured, tour
from agent.store.store import Store
from connectors.contract import Session
from tests.agent.store.generated import NOW
from tests.agent.store.test_crash import Killed, die_before
from tests.faults.sources import Mailbox
from tests.faults.test_machine import fresh_store
from tests.servers.dovecot import Dovecot, letter
from tests.servers.proxy import leave_out

STEPS = int(os.environ.get("AULD_SOAK") or 300) // 10
LONGEST = 15
FOLDERS = ("INBOX", "Kept", "Sent")
WHEN = datetime(2024, 3, 1, tzinfo=UTC)


class Machine(RuleBasedStateMachine):
    """A mailbox on the server, a network, a store."""

    dovecot: ClassVar[Dovecot]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="auld-machine-")
        self.path = fresh_store(Path(self.folder.name))
        self.store = Store.open(self.path, key=b"k" * 32)
        self.mailbox, self.at, self.number, self.epoch = Mailbox(self.dovecot), NOW, 0, 4_000
        self.user = self.mailbox.user
        self.user.create("Kept")
        self.sure: set[int] = set()

    def teardown(self) -> None:
        self.store.close()
        self.mailbox.close()
        self.folder.cleanup()

    def there(self) -> set[int]:
        found = set()
        for folder in FOLDERS:
            with self.user.signed_in(folder) as client:
                shown = client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])
                found |= {int(one[b"BODY[HEADER.FIELDS (SUBJECT)]"].split()[-1]) for one in shown.values()}
        return found

    def stored(self) -> set[int]:
        return {int(subject.split()[-1]) for (subject,) in self.store.rows("SELECT subject FROM item")}

    @rule(folder=st.sampled_from(FOLDERS), number=st.integers(1, 6))
    def deliver(self, folder: str, number: int) -> None:
        fresh = range(self.number + 1, self.number + number + 1)
        self.user.append_all([letter(f"Looms {n}", at=WHEN + timedelta(hours=n)) for n in fresh], folder)
        self.number += number

    @rule(folder=st.sampled_from(FOLDERS), share=st.integers(0, 3))
    def expunge(self, folder: str, share: int) -> None:
        if uids := self.user.uids(folder)[:share]:
            self.user.expunge(uids, folder)

    @rule(one=st.sampled_from(FOLDERS), other=st.sampled_from(FOLDERS), keep=st.booleans(), number=st.integers(1, 4))
    def move_or_copy(self, one: str, other: str, keep: bool, number: int) -> None:
        if one != other and (uids := self.user.uids(one)[:number]):
            (self.user.copy if keep else self.user.move)(uids, one, other)

    @rule(folder=st.sampled_from(FOLDERS))
    def renumber(self, folder: str) -> None:
        self.epoch += 1
        self.user.set_uid_validity(self.epoch, folder)

    @rule()
    def recreate(self) -> None:
        self.user.delete("Kept")
        self.user.create("Kept")

    @rule(answer=st.integers(1, 60))
    def round_that_is_cut(self, answer: int) -> None:
        self.mailbox.proxy.heal()
        self.mailbox.proxy.cut_at(answer)
        self.round()
        self.mailbox.heal()

    @rule(after=st.integers(0, 6))
    def round_with_a_gap(self, after: int) -> None:
        self.mailbox.proxy.at(rb"\* \d+ FETCH", leave_out, after=after, times=1)
        self.round()
        self.mailbox.heal()

    @rule(statement=st.integers(1, 90))
    def round_that_is_killed(self, statement: int) -> None:
        die_before(self.store, statement)
        with suppress(Killed):
            self.round()
        self.store.close()
        self.store = Store.open(self.path, key=b"k" * 32)

    @rule()
    def round(self) -> None:
        self.toured()

    def toured(self) -> Toured:
        self.at += timedelta(minutes=2)
        session = Session(lambda: 0.0)
        return tour("home", lambda: self.mailbox.connector(self.at, session), self.store, lambda: self.at, 0.5)

    @rule()
    def quiet(self) -> None:
        for hours in (1, 2, 24, 2, 25, 8 * 24, 2):
            self.at += timedelta(hours=hours)
            done = self.toured()
        assert done.ended.state == "ok", done.ended
        assert self.stored() == self.there()
        assert self.store.ledger("home") == []

    @invariant()
    def nothing_is_gone_without_evidence(self) -> None:
        stored, there = self.stored(), self.there()
        self.sure &= there
        assert self.sure <= stored, self.sure - stored
        self.sure |= stored & there


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_done_to_a_real_mailbox_in_whatever_order(dovecot: Dovecot) -> None:
    Machine.dovecot = dovecot
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=max(STEPS // LONGEST, 1),
            stateful_step_count=LONGEST,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
