"""What is worth a mail in the morning, and what is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent import work
from agent.config_file import options_of
from agent.mailing import State
from agent.model import Shown
from agent.outputs.file import File
from agent.store.store import Store
from config.load import parse
from connectors import KINDS
from tests.profiles import Profile

DAY = timedelta(days=1)


def mornings(nora: Profile, lines: Sequence[tuple[str, ...]], *, named: bool = False) -> list[State]:
    """What becomes of the digests from Tuesday on: with these lines on sick accounts, and with people or without."""
    with nora.opened() as (house, store):
        made = work.make(store, house.settings, nora.at, house.zone, past=False)
        outcome = made.outcome if named else replace(made.outcome, proposals=())
        found: list[State] = []
        for days, told in enumerate(lines):
            at = nora.at + days * DAY
            digest = replace(made.digest, day=at.date(), message_id=f"{days}@auld.invalid")
            today = replace(made, outcome=outcome, digest=digest, lines=told)
            output = File(house.paths.digests, lambda text: None)
            found.append(work.send(store, lambda today=today: today, house.me, at, house.zone, "file", output).state)  # type: ignore[misc]
        return found


def test_people_are_worth_a_mail(nora: Profile) -> None:
    assert mornings(nora, [(), ()], named=True) == ["sent", "sent"]


def test_nothing_is_not_except_on_Mondays(nora: Profile) -> None:
    assert mornings(nora, [()] * 8) == ["silent"] * 6 + ["sent", "silent"]


def test_on_a_quiet_day_not_even_that_it_still_runs_is_sent_nor_that_an_account_is_sick(nora: Profile) -> None:
    with nora.opened() as (house, store):
        made = work.make(store, house.settings, nora.at, house.zone, past=False)
        found: list[State] = []
        for days, quiet in ((0, True), (6, True), (7, False)):  # Tuesday, Monday, Tuesday
            at = nora.at + days * DAY
            digest = replace(made.digest, day=at.date(), message_id=f"{days}@auld.invalid")
            empty = replace(made.outcome, proposals=())
            today = replace(made, outcome=empty, digest=digest, lines=(SICK,), quiet="Today is quiet." * quiet)
            output = File(house.paths.digests, lambda text: None)
            found.append(work.send(store, lambda today=today: today, house.me, at, house.zone, "file", output).state)  # type: ignore[misc]

    assert found == ["silent", "silent", "sent"], "what is to be said is said on the day after"


SICK, OTHER = "home was last read to its end on 3 May.", "work was never read to its end."


@pytest.mark.parametrize(
    ("lines", "states"),
    [
        ([(SICK,), (SICK,), (f"{SICK} Sign in.",)], ["sent", "silent", "silent"]),
        ([(SICK,), (SICK, OTHER), (SICK, OTHER)], ["sent", "sent", "silent"]),
        ([(SICK,), (), (SICK,)], ["sent", "silent", "sent"]),
    ],
    ids=["the same", "another one", "again after it was well"],
)
def test_an_account_is_worth_one_when_it_falls_sick(
    nora: Profile, lines: Sequence[tuple[str, ...]], states: list[State]
) -> None:
    assert mornings(nora, lines) == states


@pytest.mark.parametrize(("digests", "people"), [(9, 3), (10, 1), (19, 1), (20, 0)])
def test_whoever_never_answers_gets_fewer_and_is_told(nora: Profile, digests: int, people: int) -> None:
    """Tuesday is no day for a digest any more after twenty without an answer."""
    with nora.opened() as (house, store):
        for ago in range(1, digests + 1):
            at = nora.at - ago * DAY
            mark(store, at, mailed=True)
        made = work.make(store, house.settings, nora.at, house.zone, past=False)

    assert len(made.digest.proposals) == people
    assert ("One person at most for now, as ten digests had no answer." in made.digest.text) is (people == 1)
    assert ("there is one on Mondays only" in " ".join(made.digest.text.split())) is (people == 0)


def test_one_word_brings_them_back(nora: Profile) -> None:
    with nora.opened() as (house, store):
        for ago in range(1, 21):
            mark(store, nora.at - ago * DAY, mailed=True)
        store.say("done", ["x@example.org"], at=int((nora.at - DAY / 2).timestamp()))
        made = work.make(store, house.settings, nora.at, house.zone, past=False)

    assert len(made.digest.proposals) == 3


def test_what_was_read_on_a_screen_needs_no_answer(nora: Profile) -> None:
    with nora.opened() as (house, store):
        for ago in range(1, 21):
            mark(store, nora.at - ago * DAY, mailed=False)
        made = work.make(store, house.settings, nora.at, house.zone, past=False)

    assert len(made.digest.proposals) == 3


def mark(store: Store, at: datetime, *, mailed: bool) -> None:
    """A digest of that day, with a person in it whom nobody else knows."""
    when, day = int(at.timestamp()), at.date()
    one = Shown(day, 1, "revive", (f"{when}@strangers.example",), "", when)
    store.mark_shown(day, [one], f"{day}@auld.invalid", at=when, mailed=mailed)
    store.mark_delivered(day, at=when)


IMAP = 'kind = "imap"\nhost = "imap.example.org"'
GOOGLE = 'kind = "google"\nclient = "client.json"'
MICROSOFT = 'kind = "microsoft"\nclient_id = "0f0f0f0f-0f0f-0f0f-0f0f-0f0f0f0f0f0f"'


@pytest.mark.parametrize(
    ("account", "via", "read"),
    [
        (IMAP, "append", True),
        (GOOGLE, "append", False),
        (f'{GOOGLE}\nread = "text"', "append", True),
        (f'{MICROSOFT}\nread = "text"', "append", False),
        (f'{MICROSOFT}\nread = "text"', "file", False),
        ('kind = "mbox"\npath = "a.mbox"\nread = "text"', "file", False),
    ],
    ids=["IMAP", "Google, headers", "Google", "into an inbox at Microsoft", "Microsoft", "an archive"],
)
def test_it_offers_to_be_answered_in_words_where_they_are_read(account: str, via: str, read: bool) -> None:
    address = 'address = "nora@example.org"\n' if "mbox" not in account else ""
    text = f'[me]\naddresses = ["nora@example.org"]\n[accounts.home]\n{address}{account}\n'
    text += f'[digest]\nvia = "{via}"\n'

    assert work.replies_are_read(parse(text, options_of, KINDS)) is read


@pytest.mark.parametrize(
    ("account", "heard"),
    [
        (IMAP, True),
        (MICROSOFT, True),
        (f"{GOOGLE}\nmail = false\ncalendar = true", False),
        (f"{IMAP}\nenabled = false", False),
        ('kind = "mbox"\npath = "a.mbox"', False),
    ],
    ids=["IMAP", "Microsoft", "a calendar", "one that is off", "an archive"],
)
def test_it_has_buttons_where_somebody_hears_them(account: str, heard: bool) -> None:
    address = 'address = "nora@example.org"\n' if "mbox" not in account else ""
    text = f'[me]\naddresses = ["nora@example.org"]\n[accounts.home]\n{address}{account}\n'

    assert work.answers_are_heard(parse(text, options_of, KINDS)) is heard


def test_a_test_is_told_from_the_digest_and_from_another_test(nora: Profile) -> None:
    with nora.opened() as (house, store):
        made = work.make(store, house.settings, nora.at, house.zone, past=False)
        first, mail = work.sample(made, store.key, house.me, nora.at)
        second, _ = work.sample(made, store.key, house.me, nora.at + timedelta(seconds=1))

    assert len({made.digest.message_id, first.message_id, second.message_id}) == 3
    assert first.subject.startswith("Test - ")
    assert mail.count(b"This is a test of the way that the digest takes.") == 2
    assert first.proposals == made.digest.proposals
