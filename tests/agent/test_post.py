"""The digest reaches the user once: whatever dies, refuses or is silent between the two marks."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent import post
from agent.digest.compose import as_mail
from agent.mailing import Mailing
from agent.model import Digest
from agent.outputs import Unsure, nothing
from agent.outputs.file import File
from agent.post import Letter
from agent.store.store import Store
from config.keys import NoSecret
from connectors.contract import NeedsUser, Trouble, TryLater
from tests.agent.digest.samples import ADA, ME, digest_of

DAY = date(2001, 8, 14)
AT = datetime(2001, 8, 14, 7, tzinfo=UTC)
DIGEST = digest_of(ADA)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as opened:
        yield opened


@dataclass
class Inbox:
    """An inbox in memory. `before` and `behind` raise what goes wrong, until they are empty."""

    mails: list[str] = field(default_factory=list)
    before: list[Exception] = field(default_factory=list)
    behind: list[Exception] = field(default_factory=list)
    looks: list[Exception] = field(default_factory=list)
    blind: bool = False
    takes: bool = True
    tries: int = 0

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        self.tries += 1
        if self.before:
            raise self.before.pop(0)
        about_to()
        if self.takes:
            self.mails.append(digest.message_id)
        if self.behind:
            raise self.behind.pop(0)

    def arrived(self, message_id: str) -> bool | None:
        if self.looks:
            raise self.looks.pop(0)
        return None if self.blind else message_id in self.mails


def letter(_: Mailing | None = None) -> Letter:
    return Letter(DIGEST, as_mail(DIGEST, ME, AT))


def send(store: Store, inbox: Inbox, at: datetime = AT, *, via: str = "append", at_once: bool = False) -> Mailing:
    return post.send(store, at.date(), via, inbox, letter, at, at_once=at_once)


def slots(store: Store) -> int:
    return len(store.shown(0, 2**40))


def test_it_is_sent_once_however_often_one_starts(store: Store) -> None:
    inbox = Inbox()
    for minutes in (0, 1, 60, 600):
        assert send(store, inbox, AT + minutes * MINUTE).state == "sent"

    assert inbox.mails == [DIGEST.message_id]
    assert (slots(store), store.delivered(DAY)) == (1, True)


def test_it_is_marked_before_it_leaves_and_after_it_arrived(store: Store) -> None:
    seen: list[tuple[str | None, bool, str]] = []

    class Watched(Inbox):
        def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
            seen.append((store.marked(DAY), store.delivered(DAY), state(store)))
            about_to()
            seen.append((store.marked(DAY), store.delivered(DAY), state(store)))

    send(store, Watched())

    assert seen == [(None, False, ""), (DIGEST.message_id, False, "sending")]
    assert (store.delivered(DAY), state(store)) == (True, "sent")


def state(store: Store) -> str:
    last = store.mailing()
    return last.state if last else ""


def test_a_morning_with_nothing_to_say_sends_nothing_and_looks_no_more(store: Store) -> None:
    made: list[int] = []

    def silent(_: Mailing | None) -> Letter:
        made.append(1)
        return Letter(DIGEST, b"")

    inbox = Inbox()
    for minutes in (0, 15):
        done = post.send(store, DAY, "append", inbox, silent, AT + minutes * MINUTE)

    assert (done.state, inbox.tries, len(made), store.marked(DAY)) == ("silent", 0, 1, None)


@pytest.mark.parametrize("takes", [True, False], ids=["it had arrived", "it had not"])
def test_F1_whoever_died_while_sending_into_the_inbox_looks_there_first(store: Store, takes: bool) -> None:
    inbox = Inbox(takes=takes, behind=[KeyboardInterrupt()])  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        send(store, inbox)
    assert (state(store), slots(store)) == ("sending", 0)

    inbox.takes = True
    assert send(store, inbox, AT + MINUTE).state == "sent"

    assert inbox.mails == [DIGEST.message_id]
    assert inbox.tries == (1 if takes else 2)
    assert slots(store) == 1


@pytest.mark.parametrize(
    ("blind", "takes", "ends"),
    [(True, True, "unsure"), (True, False, "unsure"), (False, True, "sent"), (False, False, "unsure")],
    ids=["no inbox, arrived", "no inbox, not", "an inbox, arrived", "an inbox, not there"],
)
def test_F1_by_SMTP_none_is_better_than_two(store: Store, blind: bool, takes: bool, ends: str) -> None:
    inbox = Inbox(takes=takes, blind=blind, behind=[KeyboardInterrupt()])  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        send(store, inbox, via="smtp")

    for minutes in (1, 20, 300):
        assert send(store, inbox, AT + minutes * MINUTE, via="smtp").state == ends
    assert inbox.tries == 1
    assert store.delivered(DAY) is (ends == "sent")
    assert send(store, inbox, AT + 24 * HOUR, via="smtp").state == "sent"  # and the next morning is a morning


def test_F1_what_was_cut_off_yesterday_is_settled_before_today(store: Store) -> None:
    inbox = Inbox(behind=[KeyboardInterrupt()])  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        send(store, inbox)

    assert send(store, inbox, AT + 24 * HOUR).day == DAY + timedelta(days=1)

    assert store.delivered(DAY)
    assert len(inbox.mails) == 2


def test_silence_after_it_was_handed_over_is_looked_up_later(store: Store) -> None:
    inbox = Inbox(behind=[Unsure("cut")], looks=[TryLater("offline")])

    assert send(store, inbox).state == "sending"
    assert send(store, inbox, AT + MINUTE).state == "sending"  # not yet
    assert inbox.looks
    assert send(store, inbox, AT + 6 * MINUTE).state == "sending"  # the inbox cannot be looked into
    assert send(store, inbox, AT + 30 * MINUTE).state == "sent"
    assert (len(inbox.mails), inbox.tries) == (1, 1)


def test_what_passes_is_tried_again_in_the_same_morning(store: Store) -> None:
    inbox = Inbox(before=[TryLater("offline"), TryLater("offline")])
    states = [send(store, inbox, AT + minutes * MINUTE).state for minutes in range(0, 31, 5)]

    assert states == ["waiting", "waiting", "waiting", "sent", "sent", "sent", "sent"]
    assert inbox.tries == 3


def test_what_does_not_pass_is_given_up_by_noon_and_the_next_day_begins_anew(store: Store) -> None:
    inbox = Inbox(before=[TryLater("offline")] * 100)
    for minutes in range(0, 17 * 60, 5):  # till midnight
        last = send(store, inbox, AT + minutes * MINUTE)

    assert last.state == "given up"
    assert datetime.fromtimestamp(last.at, UTC).hour <= 13
    assert inbox.tries < 15
    assert slots(store) == 0
    inbox.before.clear()
    assert send(store, inbox, AT + 24 * HOUR).state == "sent"


def test_F7_a_refused_sign_in_is_tried_twice_and_then_told(store: Store) -> None:
    inbox = Inbox(before=[NeedsUser("Wrong password.", "Sign in.")] * 9)
    for minutes in range(0, 600, 5):
        last = send(store, inbox, AT + minutes * MINUTE)

    assert (last.state, last.why, last.remedy, inbox.tries) == ("given up", "Wrong password.", "Sign in.", 2)


def test_F25_a_locked_keyring_is_looked_at_until_it_is_open(store: Store) -> None:
    locked = NeedsUser("Your keyring is locked.", "Unlock it.")
    locked.__cause__ = NoSecret(locked.what, locked.remedy, passes=True)
    inbox = Inbox(before=[locked] * 9)
    for minutes in range(0, 240, 10):
        last = send(store, inbox, AT + minutes * MINUTE)

    assert (last.state, inbox.tries) == ("sent", 10)


@pytest.mark.parametrize("trouble", [TryLater("busy"), NeedsUser("Full.", "Make room.")], ids=["later", "the user"])
def test_what_was_refused_behind_the_mark_was_shown_to_nobody(store: Store, trouble: Trouble) -> None:
    inbox = Inbox(takes=False, behind=[trouble])

    assert send(store, inbox).state == "waiting"
    assert (store.marked(DAY), slots(store)) == (None, 0)
    inbox.takes = True
    assert send(store, inbox, AT + HOUR).state == "sent"


def test_the_user_need_not_wait_and_tries_again_what_was_given_up(store: Store) -> None:
    inbox = Inbox(before=[NeedsUser("Wrong password.", "Sign in.")] * 3)
    send(store, inbox)
    assert send(store, inbox, AT + MINUTE, at_once=True).state == "waiting"
    assert send(store, inbox, AT + HOUR).state == "given up"

    assert send(store, inbox, AT + 2 * HOUR, at_once=True).state == "sent"
    assert send(store, inbox, AT + 2 * HOUR, at_once=True).state == "sent"
    assert len(inbox.mails) == 1


def test_what_was_read_on_the_screen_is_not_the_mail(store: Store) -> None:
    store.mark_shown(DAY, post.shown(DIGEST, 1), DIGEST.message_id, at=1)
    store.mark_delivered(DAY, at=1)
    inbox = Inbox()

    assert send(store, inbox).state == "sent"
    assert len(inbox.mails) == 1


DIE = """
import os, sys
from pathlib import Path
from agent import post
from agent.outputs.file import File
from agent.store.store import Store
from tests.agent.test_post import AT, DAY, letter

left = 0

class Mortal(File):
    def deliver(self, digest, mail, about_to):
        step()
        super().deliver(digest, mail, lambda: (step(), about_to(), step()))
        step()

def step():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)

def send(home):
    with Store.open(home / "auld.db", key=b"k" * 32) as store:
        step()
        post.send(store, DAY, "file", Mortal(home / "digests", lambda text: None), letter, AT)
        step()

for folder in sys.argv[1:]:
    child = os.fork()
    if not child:
        left = int(Path(folder).name)
        send(Path(folder))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each step dies in a child of its own")
def test_F1_killed_at_any_step_it_is_there_once_in_the_end(tmp_path: Path) -> None:
    homes = [tmp_path / str(step) for step in range(7)]
    for home in homes:
        home.mkdir()
    done = subprocess.run([sys.executable, "-c", DIE, *homes], timeout=60, capture_output=True, text=True)

    assert done.stdout.split() == ["-9"] * 6 + ["0"], done.stderr
    for home in homes:
        with Store.open(home / "auld.db", key=b"k" * 32) as store:
            last = post.send(store, DAY, "file", File(home / "digests", print), letter, AT + MINUTE)

            assert (last.state, store.delivered(DAY), slots(store)) == ("sent", True, 1)
        assert [file.name for file in (home / "digests").iterdir() if file.name[0] != "."] == ["2001-08-14.eml"]


def test_the_latest_mailing_is_handed_to_whoever_writes_the_letter(store: Store) -> None:
    handed: list[Mailing | None] = []

    def telling(last: Mailing | None) -> Letter:
        handed.append(last)
        return replace(letter(), told=("home",))

    for days in range(2):
        post.send(store, DAY + timedelta(days=days), "append", Inbox(), telling, AT + days * 24 * HOUR)

    assert [last.told if last else None for last in handed] == [None, ("home",)]
