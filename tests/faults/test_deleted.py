"""A mail that the user deletes at once was written all the same: for a fortnight nobody is proposed for it."""

from datetime import timedelta

from agent.model import FORTNIGHT
from agent.store.store import Whom
from tests.faults.houses import HOUR, ROLF, House
from tests.faults.scenarios import rolf
from tests.faults.sources import ME

ADDRESS = ROLF.partition("<")[2].rstrip(">")


def deleted(house: House) -> None:
    """Rolf would be named; he writes, it is read and deleted, and the next round brings that."""
    house.round()
    assert "Rolf Auer" in house.named
    house.source.put(rolf(house))
    house.round(HOUR)
    assert "Rolf Auer" not in house.named
    house.source.drop("rolf")
    house.round(HOUR)
    house.whole()


def remembered(house: House) -> bool:
    return bool(house.store.lately([ADDRESS], int(house.at.timestamp())))


def test_whoever_wrote_is_not_named_until_a_fortnight_is_over(imap: House) -> None:
    deleted(imap)
    assert "Rolf Auer" not in imap.named
    written = imap.store.lately([ADDRESS], int(imap.at.timestamp()))[ADDRESS]

    imap.round(timedelta(seconds=written + FORTNIGHT - 1 - imap.at.timestamp()))
    assert "Rolf Auer" not in imap.named
    imap.round(2 * HOUR)
    assert "Rolf Auer" in imap.named
    assert imap.store.one("SELECT count(*) FROM meta WHERE name = 'lately'") == 0


def test_no_address_and_no_subject_is_kept(imap: House) -> None:
    deleted(imap)

    kept = imap.store.one("SELECT value FROM meta WHERE name = 'lately'").decode()
    assert "rolf" not in kept.lower()
    assert "matter" not in kept.lower()


def test_a_meeting_that_is_deleted_did_not_take_place(ics: House) -> None:
    deleted(ics)

    assert not remembered(ics)
    assert "Rolf Auer" in ics.named


def test_an_opt_out_hides_it_at_once_and_takes_it_away(imap: House) -> None:
    deleted(imap)
    imap.opt_in(False)
    assert not remembered(imap)

    imap.store.remove_account("sick")
    imap.store.visible = None
    assert not remembered(imap)
    assert imap.store.one("SELECT count(*) FROM meta WHERE name = 'lately'") == 0


def test_whoever_is_forgotten_leaves_nothing_of_it(imap: House) -> None:
    deleted(imap)
    assert remembered(imap)
    imap.store.erase(Whom(frozenset([ADDRESS]), frozenset(["Rolf Auer"]), frozenset([ME])))

    assert imap.store.one("SELECT count(*) FROM meta WHERE name = 'lately'") == 0
