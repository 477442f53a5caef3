"""The digest that every cell of the matrix is held to would notice: here it is seen to name people."""

import pytest

from tests.faults.houses import DAY, ROLF, House
from tests.faults.sources import Contact

KINDS = ("imap", "caldav", "ics_url", "ics", "mbox")


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest) -> House:
    found: House = request.getfixturevalue(request.param)
    return found


def test_of_a_healthy_source_everything_is_read_and_the_silent_are_named(house: House) -> None:
    done = house.round()
    house.whole()

    assert (done.ended.state, done.pulled.new) == ("ok", len(house.source.there))
    assert set(house.named) == {"Rolf Auer", "Nina Falk"}
    house.source.put(Contact("rolf", ROLF, house.at - DAY))
    house.round(DAY)
    assert set(house.named) == {"Nina Falk"}


def test_whoever_loses_the_last_word_names_somebody_who_was_just_in_contact(house: House) -> None:
    house.round()
    number = house.store.one("SELECT id FROM item WHERE subject = 'Matter otto'")
    for table, column in (("posting", "item"), ("placement", "item"), ("item", "id")):
        house.store.connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column} = ?", (number,))
    with house.store.writing():
        house.store.mark_stale([1])

    with pytest.raises(AssertionError, match="otto"):
        house.digest()
