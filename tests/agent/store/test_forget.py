"""An account leaves without a trace, and what others show stays."""

from pathlib import Path

import pytest

from agent.model import Person
from agent.store.store import Chosen, LaneClosed, Learned, Store
from connectors.contract import Card, Party, Stream
from tests.agent.store.generated import ADA, BOB, EVE, EVER, INBOX, NOW, dump, mail, meeting, page
from tests.agent.store.test_crash import Killed, die_before, opened

SENT = Stream("sent", "Sent")
ZOE = Party("zoe@example.org", "Zoe")


def fill(store: Store) -> None:
    """Two accounts that share a mail."""
    store.accept([Chosen("home", "imap"), Chosen("work", "imap")], {}, "", at=NOW)
    store.record("home", INBOX, page(mail(1), mail(2), meeting(1)), at=NOW)
    store.record("work", INBOX, page(mail(2, labels=("Work",), bcc=(ZOE,)), mail(3, sender=ZOE)), at=NOW)
    store.record("work", SENT, page(Card("c", "Zoe", (ZOE.address,)), missed=(("x", "of Zoe"),)), at=NOW)
    store.link()
    store.index()


def learned(store: Store) -> None:
    found = Learned([Person(1, "Zoe", (ZOE.address,))], {ADA.address: "given"}, topics={1: ()})
    store.save_learned(found, upto=store.generation(), at=int(NOW.timestamp()))


def test_what_only_it_showed_is_gone(store: Store) -> None:
    fill(store)
    learned(store)

    assert store.remove_account("work")
    assert [fact.subject for fact in store.facts(until=EVER)] == ["Looms 1", "Looms 2", "Fitting 1"]
    assert "zoe" not in str(dump(store)).lower()
    assert store.find("zoe", until=EVER) == []
    assert store.find("looms 3", until=EVER) == []
    assert [hit.text for hit in store.find("looms 2", until=EVER)] == ["Looms 2"]


def test_what_both_showed_is_as_the_other_shows_it(store: Store) -> None:
    fill(store)
    store.remove_account("work")
    [fact] = [fact for fact in store.facts(until=EVER) if fact.subject == "Looms 2"]

    assert (fact.recipients, fact.labels) == ((ADA.address,), ("INBOX",))


def test_it_is_learned_anew(store: Store) -> None:
    fill(store)
    learned(store)
    store.remove_account("work")

    assert not store.learned_anything()
    assert store.people() == []


def test_a_store_without_it_is_as_if_it_had_never_been(store: Store, tmp_path: Path) -> None:
    fill(store)
    store.remove_account("work")
    with opened(tmp_path / "other.db") as other:
        other.accept([Chosen("home", "imap")], {}, "", at=NOW)
        other.record("home", INBOX, page(mail(1), mail(2), meeting(1)), at=NOW)
        assert [fact.subject for fact in other.facts(until=EVER)] == [f.subject for f in store.facts(until=EVER)]
        assert other.names() == store.names()


def test_a_round_that_goes_on_cannot_write(store: Store) -> None:
    fill(store)
    lane = store.begin_round("work", at=NOW, dice=0)
    store.remove_account("work")

    with pytest.raises(LaneClosed):
        store.record("work", INBOX, page(mail(9)), at=NOW, lane=lane.lane)
    assert store.lane("work") is None


def test_an_unknown_one_is_not_removed(store: Store) -> None:
    assert not store.remove_account("nobody")


def test_numbers_of_people_that_are_given_anew_mislead_no_other_process(store: Store, tmp_path: Path) -> None:
    fill(store)
    with opened(store.path) as other:
        list(other.facts(until=EVER))
        other.record("home", INBOX, page(mail(4), cursor=2), at=NOW)
        store.remove_account("work")
        store.record("home", INBOX, page(mail(5, sender=EVE, to=(Party("new@example.org"),)), cursor=3), at=NOW)
        other.record("home", INBOX, page(mail(6, sender=ZOE, to=(BOB,)), cursor=4), at=NOW)

    with opened(store.path) as fresh:
        told = {fact.subject: (fact.sender, fact.to) for fact in fresh.facts(until=EVER)}
    assert told["Looms 5"] == (EVE.address, ("new@example.org",))
    assert told["Looms 6"] == (ZOE.address, (BOB.address,))


def test_it_is_all_or_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "whole.db") as store:
        fill(store)
        seen = die_before(store, 0)
        store.remove_account("work")
        whole, statements = dump(store), seen()
    for statement in range(1, statements + 1):
        path = tmp_path / f"{statement}.db"
        with opened(path) as store:
            fill(store)
            before = dump(store)
            die_before(store, statement)
            with pytest.raises(Killed):
                store.remove_account("work")
        with opened(path) as store:
            assert dump(store) == before
            store.remove_account("work")
            assert dump(store) == whole
    assert statements > 15
