"""How mails end is remembered by keyed hashes, and goes with whoever and whatever is forgotten."""

from pathlib import Path

import pytest

from agent.store import habits
from agent.store.store import LaneClosed, Store, Whom
from nlp.repeated import lines_of
from tests.agent.store.generated import ADA, BOB, INBOX, NOW, dump, mail, page
from tests.agent.store.test_crash import Killed, die_before, opened

MOTTO = "Weaving since 1820"


def habit(store: Store, *texts: str) -> dict[bytes, frozenset[int]]:
    return {f"{n}".encode(): lines_of(text, store.key) for n, text in enumerate(texts)}


def keep(store: Store, account: str = "home", number: int = 1) -> None:
    store.record(account, INBOX, page(mail(number)), habits={BOB.address: habit(store, MOTTO)}, at=NOW)


def test_it_comes_back_as_it_was_kept(store: Store) -> None:
    keep(store)

    assert store.habits("home", [BOB.address, ADA.address]) == {BOB.address: habit(store, MOTTO)}


def test_each_account_has_its_own(store: Store) -> None:
    keep(store)

    assert store.habits("work", [BOB.address]) == {}


def test_neither_line_nor_address_stands_in_it(store: Store) -> None:
    keep(store)

    told = str(dump(store)["habit"]).lower()
    assert BOB.address not in told
    assert "weaving" not in told


def test_of_whom_the_page_shows_nothing_it_keeps_nothing(store: Store) -> None:
    store.record("home", INBOX, page(mail(1)), habits={ADA.address: habit(store, MOTTO)}, at=NOW)

    assert store.habits("home", [ADA.address]) == {}


def test_with_the_account_it_goes_and_the_others_stay(store: Store) -> None:
    keep(store)
    keep(store, "work", 2)
    store.remove_account("work")

    assert store.habits("home", [BOB.address])
    assert len(dump(store)["habit"]) == 1


def test_whoever_is_forgotten_takes_all_of_it_along(store: Store) -> None:
    keep(store)
    store.erase(Whom(frozenset({"zoe@weavers.example"}), frozenset(), frozenset({ADA.address})))

    assert dump(store)["habit"] == []


def test_of_whoever_was_forgotten_none_is_kept(store: Store) -> None:
    store.erase(Whom(frozenset({BOB.address}), frozenset({"Bob Example"}), frozenset({ADA.address})))
    keep(store)

    assert dump(store)["habit"] == []


def test_where_there_are_too_many_the_oldest_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(habits, "MOST", 2)
    with store.writing():
        for at, name in enumerate(("b", "a", "c")):
            store.keep_habits(1, {name: habit(store, MOTTO)}, at)
        kept = {name for name in "abc" if store._sender(name) in str(dump(store)["habit"])}

    assert kept == {"a", "c"}


def test_a_closed_lane_keeps_none(store: Store) -> None:
    keep(store)
    store.close_lane("home")
    with pytest.raises(LaneClosed):
        store.record("home", INBOX, page(mail(2)), habits={BOB.address: {}}, at=NOW, lane=1)

    assert store.habits("home", [BOB.address]) == {BOB.address: habit(store, MOTTO)}


def test_whoever_dies_with_the_page_has_kept_none(tmp_path: Path) -> None:
    for statement in range(2, 40):
        with opened(tmp_path / str(statement)) as store:
            die_before(store, statement)
            try:
                keep(store)
            except Killed:
                pass
            else:
                break
        with opened(tmp_path / str(statement)) as store:
            assert bool(dump(store)["habit"]) == bool(store.cursor("home", INBOX.id))
    else:
        pytest.fail("it never ended")
