"""What the user said holds from then on until they take it back; what they were shown is known by its morning."""

from datetime import date

from agent.model import Shown, Statement
from agent.store.store import Store

MONDAY, TUESDAY = date(2025, 6, 2), date(2025, 6, 3)


def shown(day: date, slot: int, at: int) -> Shown:
    return Shown(day, slot, "reconnect", ("bob@example.net", "b@example.com"), "a link", at)


def test_a_statement_holds_from_when_it_was_said(store: Store) -> None:
    number = store.say("later", ["bob@example.net"], "after the fair", until=99, at=10)

    assert store.stated(9) == []
    assert store.stated(10) == [Statement(number, 10, "later", ("bob@example.net",), "after the fair", 99)]


def test_undo_takes_back_the_latest_that_holds(store: Store) -> None:
    first = store.say("never", ["a@example.org"], at=1)
    second = store.say("done", ["b@example.org"], at=2)

    taken = [store.undo(5), store.undo(6), store.undo(7)]

    assert [one and one.id for one in taken] == [second, first, None]
    assert store.stated(7) == []


def test_a_past_morning_does_not_know_what_was_undone_later(store: Store) -> None:
    store.say("never", ["a@example.org"], at=1)
    store.undo(5)

    assert [one.verb for one in store.stated(4)] == ["never"]
    assert store.stated(5) == []


def test_only_what_was_delivered_was_shown(store: Store) -> None:
    rows = [shown(MONDAY, 1, 10), shown(MONDAY, 2, 10)]
    store.mark_shown(MONDAY, rows, "m@auld", at=10)
    assert (store.shown(0, 99), store.delivered(MONDAY), store.marked(MONDAY)) == ([], False, "m@auld")

    store.mark_delivered(MONDAY, at=11)

    assert (store.shown(0, 99), store.delivered(MONDAY)) == (rows, True)
    assert (store.shown(0, 10), store.shown(12, 99)) == ([], [])
    assert store.marked(TUESDAY) is None


def test_marking_again_replaces_what_was_marked(store: Store) -> None:
    store.mark_shown(MONDAY, [shown(MONDAY, 1, 10), shown(MONDAY, 2, 10)], "m@auld", at=10)
    store.mark_shown(MONDAY, [shown(MONDAY, 1, 12)], "m@auld", at=12)
    store.mark_delivered(MONDAY, at=13)

    assert store.shown(0, 99) == [shown(MONDAY, 1, 12)]


def test_the_last_digest_is_the_one_that_the_numbers_mean(store: Store) -> None:
    for day, at in ((MONDAY, 10), (TUESDAY, 20)):
        store.mark_shown(day, [shown(day, 1, at)], f"{at}@auld", at=at)
        store.mark_delivered(day, at=at)

    assert store.last_shown(99) == [shown(TUESDAY, 1, 20)]
    assert store.last_shown(19) == [shown(MONDAY, 1, 10)]
    assert store.last_shown(9) == []
