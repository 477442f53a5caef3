"""Whatever is done to a real server in whatever order: mails or meetings come, go and move, the network breaks,
workers die; then the store is right. The rules are the same for each kind of server; `Served` is what they need of one.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Protocol

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from agent.pull import Toured, tour
from agent.store.store import Store
from connectors.contract import Connector, Session
from tests.agent.store.generated import NOW
from tests.agent.store.test_crash import Killed, die_before
from tests.faults.test_machine import fresh_store

STEPS = int(os.environ.get("AULD_SOAK") or 300) // 10
LONGEST = 15
PLACES = (0, 1, 2)
WHEN = datetime(2024, 3, 1, tzinfo=UTC)


class Served(Protocol):
    """A server with three places, each of which holds what is numbered: its subject is "Looms NUMBER"."""

    def there(self) -> set[int]:
        """What stands anywhere."""
        ...

    def deliver(self, place: int, numbers: range) -> None: ...

    def expunge(self, place: int, share: int) -> None:
        """So many are deleted."""
        ...

    def move(self, one: int, other: int, number: int, *, keep: bool) -> None:
        """So many go elsewhere, or, where they are kept, are there too."""
        ...

    def renumber(self, place: int) -> None:
        """What a cursor says of that place is no longer good."""
        ...

    def recreate(self) -> None:
        """The second place is deleted and made anew."""
        ...

    def cut_at(self, answer: int) -> None:
        """From now on, such an answer breaks off."""
        ...

    def leave_out(self, after: int) -> None:
        """From now on, one item is left out of an answer, after so many that are not."""
        ...

    def heal(self) -> None: ...

    def connector(self, at: datetime, session: Session) -> Connector: ...

    def close(self) -> None: ...


class Machine(RuleBasedStateMachine):
    """A server, a network, a store."""

    make: ClassVar[Callable[[], Served]]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="auld-machine-")
        self.path = fresh_store(Path(self.folder.name))
        self.store = Store.open(self.path, key=b"k" * 32)
        self.server, self.at, self.number = type(self).make(), NOW, 0
        self.sure: set[int] = set()

    def teardown(self) -> None:
        self.store.close()
        self.server.close()
        self.folder.cleanup()

    def stored(self) -> set[int]:
        return {int(subject.split()[-1]) for (subject,) in self.store.rows("SELECT subject FROM item")}

    @rule(place=st.sampled_from(PLACES), number=st.integers(1, 6))
    def deliver(self, place: int, number: int) -> None:
        self.server.deliver(place, range(self.number + 1, self.number + number + 1))
        self.number += number

    @rule(place=st.sampled_from(PLACES), share=st.integers(0, 3))
    def expunge(self, place: int, share: int) -> None:
        self.server.expunge(place, share)

    @rule(one=st.sampled_from(PLACES), other=st.sampled_from(PLACES), keep=st.booleans(), number=st.integers(1, 4))
    def move_or_copy(self, one: int, other: int, keep: bool, number: int) -> None:
        if one != other:
            self.server.move(one, other, number, keep=keep)

    @rule(place=st.sampled_from(PLACES))
    def renumber(self, place: int) -> None:
        self.server.renumber(place)

    @rule()
    def recreate(self) -> None:
        self.server.recreate()

    @rule(answer=st.integers(1, 60))
    def round_that_is_cut(self, answer: int) -> None:
        self.server.heal()
        self.server.cut_at(answer)
        self.round()
        self.server.heal()

    @rule(after=st.integers(0, 6))
    def round_with_a_gap(self, after: int) -> None:
        self.server.leave_out(after)
        self.round()
        self.server.heal()

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
        session = Session(lambda: 0.0, rest=lambda _: None)
        return tour("home", lambda: self.server.connector(self.at, session), self.store, lambda: self.at, 0.5)

    @rule()
    def quiet(self) -> None:
        for hours in (1, 2, 24, 2, 25, 8 * 24, 2):
            self.at += timedelta(hours=hours)
            done = self.toured()
        assert done.ended.state == "ok", done.ended
        assert self.stored() == self.server.there()
        assert self.store.ledger("home") == []

    @invariant()
    def nothing_is_gone_without_evidence(self) -> None:
        stored, there = self.stored(), self.server.there()
        self.sure &= there
        assert self.sure <= stored, self.sure - stored
        self.sure |= stored & there


def run(made: Callable[[], Served]) -> None:
    """Some dozens of rules here, a thousand in `make soak`."""

    class Made(Machine):
        make = staticmethod(made)

    run_state_machine_as_test(
        Made,
        settings=settings(
            max_examples=max(STEPS // LONGEST, 1),
            stateful_step_count=LONGEST,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
