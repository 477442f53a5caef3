"""Whoever appears in an account that is not read up to now is not proposed: they may have written yesterday."""

from datetime import datetime, timedelta

import pytest

from agent.schedule import Ended
from tests.profiles import MORNING, Profile

HOURS, GOOD = timedelta(hours=1), Ended("ok")


@pytest.fixture
def ada(nora: Profile) -> Profile:
    """The demo's profile, as if its mailbox were a live account that was read to its end this morning."""
    live(nora, MORNING)
    return nora


def live(profile: Profile, complete: datetime | None, how: Ended = GOOD) -> None:
    """From now on the mailbox is a live account whose last complete round was then."""
    with profile.opened() as (_, store):
        store.connection.exec_driver_sql("UPDATE account SET archive = 0")
        for name in ("mail", "calendar", *[lane.name for lane in store.lanes()]):
            if lane := store.lane(name):
                begun = store.begin_round(lane.name, at=complete or MORNING, dice=0)
                store.end_round(begun, how, complete=complete is not None, at=complete or MORNING, dice=0)


def test_where_all_is_read_people_are_proposed(ada: Profile) -> None:
    assert ada.names()


def test_after_two_days_without_a_complete_round_nobody_of_it_is_proposed(ada: Profile) -> None:
    names = ada.names()
    ada.at = MORNING + 47 * HOURS
    assert ada.names()

    ada.at = MORNING + 49 * HOURS
    assert ada.names() == []
    why = ada.tell("why", names[0])
    assert "was last read to its end on 12 May." in why
    assert "Nobody can tell whether you two were in contact since." in why


def test_the_digest_tells_of_an_account_that_was_not_complete_for_a_day(ada: Profile) -> None:
    ada.at = MORNING + 25 * HOURS
    live(ada, None, Ended("sign in", "The server refuses the password.", "Run `auld login`."))

    assert "was last read to its end on 12 May. The server refuses the password. Run `auld login`." in " ".join(
        ada.tell("digest", "--dry-run").split()
    )


def test_while_a_new_account_is_coming_in_nobody_is_proposed(ada: Profile) -> None:
    with ada.opened() as (_, store):
        store.connection.exec_driver_sql("UPDATE account SET state = 'limited'")
        store.connection.exec_driver_sql("UPDATE stream SET whole = 1, page_at = ?", (int(MORNING.timestamp()),))

    assert ada.names() == []


def test_a_past_morning_knows_of_no_rounds(ada: Profile) -> None:
    ada.at = MORNING + 90 * 24 * HOURS

    assert ada.json("digest", "--now", MORNING.date().isoformat())["proposals"]


def test_an_archive_has_its_coverage_instead(nora: Profile) -> None:
    nora.at = MORNING + 72 * HOURS

    assert nora.names()


def test_an_account_that_is_off_holds_nobody_back(ada: Profile) -> None:
    ada.at = MORNING + 49 * HOURS
    calendar = ada.config.read_text()
    ada.write(config_toml=calendar.replace('kind = "ics"', 'kind = "ics"\nenabled = false'))

    with ada.opened() as (_, store):
        store.connection.exec_driver_sql("UPDATE account SET archive = 1 WHERE kind = 'mbox'")
    assert ada.names()
