"""The same at Microsoft: mail in Outlook and meetings in its calendars, over Graph. And what only happens there: links
that are forgotten, pages in any order, series of which one takes place elsewhere.
"""

import os
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from agent.pull import Toured, tour
from agent.store.store import Store
from connectors.contract import Connector, Session
from tests.agent.store.generated import NOW
from tests.agent.store.test_crash import Killed, die_before
from tests.fakes.graph_calendar import Event, Rule
from tests.fakes.microsoft import UNAVAILABLE
from tests.fakes.plumbing import CUT, HANG_UP
from tests.faults.houses import DAY, HOUR, NINA
from tests.faults.machines import WHEN, run
from tests.faults.microsoft_sources import GRAPH, AtMicrosoft, OutlookBox, OutlookDiary
from tests.faults.sources import Contact
from tests.faults.test_machine import fresh_store
from tests.servers.dovecot import letter

STEPS = int(os.environ.get("AULD_SOAK") or 300) // 10
LONGEST = 15
FOLDERS = ("inbox", "sentitems", "archive")
MINUTES = timedelta(minutes=1)


class Served:
    """What mail and calendars have in common."""

    source: AtMicrosoft

    def cut_at(self, answer: int) -> None:
        self.source.fake.graph.at(GRAPH, CUT, times=1, after=(answer - 1) % 12)

    def heal(self) -> None:
        self.source.heal()

    def connector(self, at: datetime, session: Session) -> Connector:
        return self.source.connector(at, session)

    def close(self) -> None:
        self.source.close()


class ServedMail(Served):
    """A mailbox with three folders."""

    def __init__(self) -> None:
        self.source: OutlookBox = OutlookBox()
        self.source.straight()
        self.mail = self.source.user.mail
        self.folders = [self.mail.folder("inbox"), self.mail.make_folder("Kept"), self.mail.folder("sentitems")]

    def there(self) -> set[int]:
        return {int(mail.subject.split()[-1]) for mail in self.mail.mails.values()}

    def deliver(self, place: int, numbers: range) -> None:
        for n in numbers:
            when = WHEN + timedelta(hours=n)
            self.mail.deliver(letter(f"Looms {n}", at=when), self.folders[place].id, when)

    def expunge(self, place: int, share: int) -> None:
        for mail in self.mail.within(self.folders[place].id)[:share]:
            self.mail.delete(mail)

    def move(self, one: int, other: int, number: int, *, keep: bool) -> None:
        for mail in self.mail.within(self.folders[one].id)[:number]:
            (self.mail.copy if keep else self.mail.move)(mail, self.folders[other].id)

    def renumber(self, place: int) -> None:
        self.mail.forget_sync_state(self.folders[place].id)

    def recreate(self) -> None:
        self.mail.delete_folder(self.folders[1].id)
        self.folders[1] = self.mail.make_folder("Kept")

    def leave_out(self, after: int) -> None:
        """Delta tells ids alone, and one of the mails that are then asked for is not answered."""
        self.mail.lies.add("no headers in delta")
        self.source.fake.graph.at("PART .*messages/", UNAVAILABLE, times=5, after=after)

    def heal(self) -> None:
        super().heal()
        self.mail.lies.clear()


class ServedMeetings(Served):
    """Three calendars of one account."""

    def __init__(self) -> None:
        self.source: OutlookDiary = OutlookDiary()
        self.source.straight()
        self.calendars = self.source.user.calendars
        self.places = [self.calendars.calendar(), self.calendars.make("Kept"), self.calendars.make("Sent")]

    def within(self, place: int) -> list[Event]:
        return [one for one in self.calendars.events.values() if one.calendar is self.places[place]]

    def there(self) -> set[int]:
        return {int(one.subject.split()[-1]) for one in self.calendars.events.values()}

    def deliver(self, place: int, numbers: range) -> None:
        for n in numbers:
            starts = NOW + timedelta(hours=n)  # within sight for as long as the machine runs
            self.calendars.add(
                f"Looms {n}", starts, starts + HOUR, people=[NINA], calendar=self.places[place].id, uid=f"n{n}@cal"
            )

    def expunge(self, place: int, share: int) -> None:
        for one in self.within(place)[:share]:
            self.calendars.delete(one)

    def move(self, one: int, other: int, number: int, *, keep: bool) -> None:
        """Outlook moves a meeting by writing it anew."""
        for event in self.within(one)[:number]:
            self.calendars.add(
                event.subject, event.start, event.end, people=event.guests, calendar=self.places[other].id,
                uid=event.uid,
            )  # fmt: skip
            if not keep:
                self.calendars.delete(event)

    def renumber(self, place: int) -> None:
        self.calendars.forget_sync_state(self.places[place].id)

    def recreate(self) -> None:
        self.calendars.remove(self.places[1].id)
        self.places[1] = self.calendars.make("Kept")

    def leave_out(self, after: int) -> None:
        """A calendar leaves nothing out; a page comes twice instead."""
        self.calendars.lies = {"repeated"} if after % 2 else {"shuffled"}


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_done_to_an_outlook_mailbox_in_whatever_order() -> None:
    run(ServedMail)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_done_to_outlook_calendars_in_whatever_order() -> None:
    run(ServedMeetings)


# --------------------------------------------------------------------------------------- what only happens at Microsoft


class Machine(RuleBasedStateMachine):
    """An account, a network, a store."""

    kind: ClassVar[type[AtMicrosoft]]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="auld-machine-")
        self.path = fresh_store(Path(self.folder.name))
        self.store = Store.open(self.path, key=b"k" * 32)
        self.source, self.at, self.number = self.kind(), NOW, 0
        self.source.straight()
        self.user = self.source.user
        self.sure: set[object] = set()  # stored, and at the source ever since

    def teardown(self) -> None:
        self.store.close()
        self.source.close()
        self.folder.cleanup()

    def there(self) -> set[object]:
        """What the source has: pairs of a subject and a time, or numbers."""
        raise NotImplementedError

    def stored(self) -> list[object]:
        """The same as the store has it: doubles show."""
        raise NotImplementedError

    @rule()
    def forget(self) -> None:
        """No link given out so far is good any more."""
        self.source.lose()

    @rule(after=st.integers(0, 12), how=st.sampled_from((CUT, HANG_UP)))
    def round_that_is_cut(self, after: int, how: object) -> None:
        """From this request on no answer comes whole."""
        self.source.fake.graph.at(GRAPH, how, after=after)  # type: ignore[arg-type]
        self.toured()
        self.source.heal()

    @rule(statement=st.integers(1, 90))
    def round_that_is_killed(self, statement: int) -> None:
        die_before(self.store, statement)
        with suppress(Killed):
            self.toured()
        self.store.close()
        self.store = Store.open(self.path, key=b"k" * 32)

    @rule()
    def round(self) -> None:
        self.toured()

    def toured(self) -> Toured:
        self.at += 2 * MINUTES
        session = Session(lambda: 0.0)
        return tour("home", lambda: self.source.connector(self.at, session), self.store, lambda: self.at, 0.5)

    @rule()
    def quiet(self) -> None:
        for hours in (1, 2, 24, 2, 25, 8 * 24, 2):
            self.at += timedelta(hours=hours)
            done = self.toured()
        assert done.ended.state == "ok", done.ended
        assert set(self.stored()) == self.there()
        assert self.store.ledger("home") == []
        before = len(self.source.fake.asked())
        assert self.toured().pulled.found == 0
        streams = int(self.store.one("SELECT count(*) FROM stream"))
        assert len(self.source.fake.asked()) - before <= streams + 1, "one request each, and one for their names"

    @invariant()
    def nothing_is_gone_without_evidence(self) -> None:
        stored, there = self.stored(), self.there()
        assert len(stored) == len(set(stored)), "no item stands twice"
        self.sure &= there
        assert self.sure <= set(stored), self.sure - set(stored)
        self.sure |= set(stored) & there


class Mails(Machine):
    """A mailbox."""

    kind = OutlookBox

    def there(self) -> set[object]:
        known = {self.user.mail.folder(name).id for name in FOLDERS}
        return {mail.subject for mail in self.user.mail.mails.values() if mail.folder.id in known}

    def stored(self) -> list[object]:
        return [subject for (subject,) in self.store.rows("SELECT subject FROM item")]

    @rule(folder=st.sampled_from(FOLDERS), number=st.integers(1, 6))
    def deliver(self, folder: str, number: int) -> None:
        for _ in range(number):
            self.number += 1
            came = NOW - timedelta(days=40) + self.number * MINUTES
            self.user.deliver(Contact(f"n{self.number}", NINA, came).mail(), folder, came)

    @rule(folder=st.sampled_from(FOLDERS), share=st.integers(0, 3))
    def delete(self, folder: str, share: int) -> None:
        for mail in self.user.mail.within(folder)[:share]:
            self.user.delete(mail)

    @rule(one=st.sampled_from(FOLDERS), other=st.sampled_from(FOLDERS), keep=st.booleans(), number=st.integers(1, 4))
    def move_or_copy(self, one: str, other: str, keep: bool, number: int) -> None:
        if one != other:
            for mail in self.user.mail.within(one)[:number]:
                (self.user.copy if keep else self.user.move)(mail, other)

    @rule(folder=st.sampled_from(FOLDERS), number=st.integers(1, 3))
    def look_at(self, folder: str, number: int) -> None:
        for mail in self.user.mail.within(folder)[:number]:
            self.user.mark(mail, read=not mail.read)

    @rule(
        lies=st.sets(st.sampled_from(("shuffled", "repeated", "partial", "moves are deletions", "no headers in delta")))
    )
    def lie(self, lies: set[str]) -> None:
        self.user.mail.lies = lies

    @rule(share=st.integers(2, 5))
    def round_with_gaps(self, share: int) -> None:
        """Some of what is there no delta shows in this round, nor in a later one."""
        mails = list(self.user.mail.mails.values())
        self.user.mail.leave_out(*mails[::share])
        self.sure -= {mail.subject for mail in mails[::share]}  # what was moved and is not shown may be anything
        self.toured()
        self.user.mail.left_out.clear()


class Meetings(Machine):
    """A calendar."""

    kind = OutlookDiary

    def there(self) -> set[object]:
        calendars = self.user.calendars
        found = calendars._view(calendars.calendar(), NOW - 100 * DAY, NOW + 100 * DAY)
        return {((one.exception or one.event).subject, int(one.start.timestamp())) for one in found}

    def stored(self) -> list[object]:
        return [(subject, at) for subject, at in self.store.rows("SELECT subject, at FROM item")]

    def some(self, which: int, *, series: bool) -> list[Event]:
        found = [one for one in self.user.calendars.events.values() if (one.rule is not None) == series]
        return found[which % len(found) :][:1] if found else []

    @rule(number=st.integers(1, 4), often=st.integers(1, 4))
    def enter(self, number: int, often: int) -> None:
        for _ in range(number):
            self.number += 1
            starts = NOW - timedelta(days=60 - self.number % 50, hours=self.number % 9)
            self.user.calendars.add(
                f"Matter {self.number}", starts, starts + HOUR, people=[NINA],
                rule=Rule("weekly", count=often) if often > 1 else None,
            )  # fmt: skip

    @rule(which=st.integers(0, 9), series=st.booleans())
    def delete(self, which: int, series: bool) -> None:
        for one in self.some(which, series=series):
            self.user.calendars.delete(one)

    @rule(which=st.integers(0, 9))
    def put_off(self, which: int) -> None:
        for one in self.some(which, series=False):
            self.user.calendars.change(one, start=one.start + HOUR, end=one.end + HOUR)

    @rule(which=st.integers(0, 9), nth=st.integers(0, 3), drop=st.booleans())
    def change_one_of_a_series(self, which: int, nth: int, drop: bool) -> None:
        for one in self.some(which, series=True):
            for original in list(one.originals(NOW + 100 * DAY))[nth : nth + 1]:
                if drop:
                    self.user.calendars.drop(one, original)
                elif original not in one.dropped:
                    self.user.calendars.shift(one, original, original + 2 * HOUR)

    @rule(which=st.integers(0, 9))
    def rename_a_series(self, which: int) -> None:
        for one in self.some(which, series=True):
            self.number += 1
            self.user.calendars.change(one, subject=f"Matter {self.number}")

    @rule(lies=st.sets(st.sampled_from(("shuffled", "repeated", "no masters"))))
    def lie(self, lies: set[str]) -> None:
        self.user.calendars.lies = lies


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("machine", [Mails, Meetings], ids=["mail", "calendar"])
def test_whatever_only_happens_at_microsoft_in_whatever_order(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(STEPS // LONGEST, 1),
            stateful_step_count=LONGEST,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
