"""What is worth a mail in the morning, and what is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent import work
from agent.mailing import State
from agent.outputs.file import File
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


def test_a_test_is_told_from_the_digest_and_from_another_test(nora: Profile) -> None:
    with nora.opened() as (house, store):
        made = work.make(store, house.settings, nora.at, house.zone, past=False)
        first, mail = work.sample(made, store.key, house.me, nora.at)
        second, _ = work.sample(made, store.key, house.me, nora.at + timedelta(seconds=1))

    assert len({made.digest.message_id, first.message_id, second.message_id}) == 3
    assert first.subject.startswith("Test - ")
    assert mail.count(b"This is a test of the way that the digest takes.") == 2
    assert first.proposals == made.digest.proposals
