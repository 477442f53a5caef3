"""Each proposal gets its draft once, whatever dies, refuses or is silent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import drafted, drafting
from agent.drafted import Drafted
from agent.mailing import Mailing
from agent.model import Digest, Shown
from agent.outputs import Unsure
from agent.store.store import Store
from connectors.contract import NeedsUser, TryLater
from tests.agent.digest.samples import ADA, ME, RUTH, TOMAS, digest_of

DAY = date(2001, 8, 14)
AT = datetime(2001, 8, 14, 7, tzinfo=UTC)
DIGEST = digest_of(ADA, TOMAS, RUTH)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as opened:
        yield opened


class Killed(BaseException):
    """The process dies."""


@dataclass
class Folder:
    """A Drafts folder in memory. Each act of `acts` is what becomes of one APPEND; then all go well."""

    acts: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    ever: list[str] = field(default_factory=list)
    closed: int = 0  # how often it does not open
    address = ME

    @contextmanager
    def opened(self) -> Iterator["Folder"]:
        if self.closed:
            self.closed -= 1
            raise TryLater("The server is away.")
        yield self

    def put(self, mail: bytes) -> None:
        act = self.acts.pop(0) if self.acts else "kept"
        if act in ("refused", "killed before"):
            raise TryLater("Not now.") if act == "refused" else Killed
        named = str(message_from_bytes(mail)["Message-ID"]).strip("<>")
        self.there.append(named)
        self.ever.append(named)
        if act == "kept and cut":
            raise Unsure("The connection ended.")
        if act == "killed after":
            raise Killed

    def has(self, message_id: str) -> bool:
        return message_id in self.there


def sent(store: Store, at: datetime = AT) -> Callable[[], Mailing]:
    """The digest goes out, as `post.send` has it."""

    def send() -> Mailing:
        done = Mailing(DAY, "sent", int(at.timestamp()), "append", "x@auld.invalid")
        if store.mailing() is None:
            slots = enumerate(DIGEST.proposals, 1)
            shown = [Shown(DAY, slot, one.kind, one.person.addresses, "", done.at) for slot, one in slots]
            store.mark_sending(done, shown)
            store.mark_sent(done)
        return done

    return send


def go(store: Store, folder: Folder, at: datetime = AT, digest: Digest = DIGEST) -> None:
    drafts: Any = folder
    drafting.around(sent(store, at), store, drafts, DAY, lambda: digest, at)


def kept(store: Store) -> Drafted:
    found = store.drafted()
    assert found
    return found


def test_there_is_one_for_each_and_no_more(store: Store) -> None:
    folder = Folder()
    for minutes in range(3):
        go(store, folder, AT + minutes * MINUTE)

    assert len(folder.there) == len(set(folder.there)) == 3
    assert kept(store) == Drafted(DAY, int(AT.timestamp()), put=(1, 2, 3), over=True)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["kept", "refused", "kept and cut", "killed before", "killed after"]), max_size=6),
    st.integers(0, 2),
)
def test_whatever_goes_wrong_none_is_put_twice_and_at_last_all_are_there(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str], closed: int
) -> None:
    with Store.open(tmp_path_factory.mktemp("one") / "auld.db", key=b"k" * 32) as store:
        folder, at = Folder(acts, closed=closed), AT
        for _ in range(14):
            try:
                go(store, folder, at)
            except Killed:
                at += MINUTE
            at = max(at + MINUTE, datetime.fromtimestamp(kept(store).next, UTC))
            if kept(store).over:
                break

        assert len(folder.ever) == len(set(folder.ever)), "never twice"
        if at < AT + timedelta(hours=5):
            assert len(folder.ever) == 3


def test_who_was_written_to_before_it_could_be_put_gets_none(store: Store) -> None:
    folder = Folder(closed=1)
    go(store, folder)
    assert (folder.there, kept(store).tries, kept(store).says) == (
        [], 1, "drafts of 2001-08-14: not all are there yet. The server is away."
    )  # fmt: skip

    go(store, folder, AT + 10 * MINUTE, digest=digest_of(TOMAS, RUTH))

    assert len(folder.there) == 2
    assert kept(store).says == ""


def test_somebody_who_was_in_no_mail_gets_none(store: Store) -> None:
    folder = Folder(closed=1)
    go(store, folder)
    other = replace(TOMAS, person=replace(TOMAS.person, addresses=("bob@elsewhere.example",)))
    go(store, folder, AT + 10 * MINUTE, digest=digest_of(other))

    assert folder.there == []


def test_a_server_that_stays_away_is_left_alone_after_the_morning(store: Store) -> None:
    folder, at, tries = Folder(closed=99), AT, 0
    while not kept(store).over if store.drafted() else True:
        go(store, folder, at)
        tries += 1
        at = datetime.fromtimestamp(kept(store).next, UTC)

    assert 5 < tries < 14
    assert kept(store).says.startswith("drafts of 2001-08-14: not all are there. ")


def test_what_needs_the_user_is_not_tried_again(store: Store) -> None:
    class Full(Folder):
        def put(self, mail: bytes) -> None:
            raise NeedsUser("Your mailbox is full.", "Make room.")

    go(store, Full())

    assert kept(store).over
    assert kept(store).says == "drafts of 2001-08-14: not all are there. Your mailbox is full. Make room."


@pytest.mark.parametrize("state", ["waiting", "sending", "silent", "given up", "unsure"])
def test_before_the_digest_is_there_nothing_is_put(state: Any) -> None:
    wanted, now = Drafted(DAY, 1), int(AT.timestamp())

    assert not drafted.due(wanted, Mailing(DAY, state, now), DAY, now)
    assert drafted.due(wanted, Mailing(DAY, "sent", now), DAY, now)


def test_those_of_yesterday_are_left(store: Store) -> None:
    now = int(AT.timestamp())
    yesterday = DAY - timedelta(days=1)

    assert not drafted.due(Drafted(yesterday), Mailing(yesterday, "sent", now), DAY, now)
    assert not drafted.due(Drafted(DAY), Mailing(yesterday, "sent", now), DAY, now)
    assert not drafted.due(None, Mailing(DAY, "sent", now), DAY, now)


def test_a_clock_that_was_put_back_does_not_hold_them_for_ever() -> None:
    now = int(AT.timestamp())

    assert not drafted.due(Drafted(DAY, next=now + 60), Mailing(DAY, "sent", now), DAY, now)
    assert drafted.due(Drafted(DAY, next=now + 90 * 86_400), Mailing(DAY, "sent", now), DAY, now)


def test_it_is_kept_as_it_was() -> None:
    full = Drafted(DAY, 1, (1, 2), 3, 4, 5, over=True, why="a", remedy="b")

    assert drafted.unpacked(full.packed()) == full
