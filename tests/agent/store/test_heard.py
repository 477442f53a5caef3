"""An answer by mail counts once, wherever and however often it is seen."""

from datetime import date

import pytest

from agent.model import Decision, Letter, Shown, Verb
from agent.store.heard import UNDONE
from agent.store.stated import LATE_COPY
from agent.store.store import LaneClosed, Store

MONDAY, TUESDAY = date(2025, 6, 2), date(2025, 6, 3)
BOB, ADA = ("bob@example.net", "b@example.com"), ("ada@example.org",)
HOUR = 3_600


def later(slot: int = 1, verb: Verb = "later", day: date = MONDAY, at: int = 100) -> Decision:
    return Decision(day, slot, verb, BOB, at, at + 50)


def hear(store: Store, mail: str, *decisions: Decision, why: str = "", at: int = 200) -> int:
    return store.hear(mail, decisions, MONDAY, why, at=at)


def said(store: Store, until: int = 10**9) -> list[tuple[str, int, int]]:
    return [(one.verb, one.at, one.until) for one in store.stated(until)]


def mark(store: Store, day: date, at: int, *people: tuple[str, ...], mailed: bool = True) -> None:
    rows = [Shown(day, slot, "revive", addresses, "", at) for slot, addresses in enumerate(people, 1)]
    store.mark_shown(day, rows, f"{day}@auld", at=at, mailed=mailed)
    store.mark_delivered(day, at=at)


class TestADecision:
    def test_it_is_kept_as_what_the_user_said_at_that_moment(self, store: Store) -> None:
        assert hear(store, "a@phone", later(), later(2, "never")) == 2

        assert said(store) == [("later", 100, 150), ("never", 100, 150)]
        assert store.stated(100)[0].addresses == BOB
        assert store.stated(99) == []

    def test_the_same_mail_again_changes_nothing(self, store: Store) -> None:
        hear(store, "a@phone", later())

        assert hear(store, "a@phone", later()) == 0
        assert len(said(store)) == 1

    def test_another_mail_that_says_the_same_changes_nothing(self, store: Store) -> None:
        hear(store, "a@phone", later())

        assert hear(store, "b@phone", later(at=150)) == 0
        assert said(store) == [("later", 100, 150)]
        assert store.unheard(TUESDAY, 10**9) == []

    @pytest.mark.parametrize(
        "other", [later(2), later(verb="never"), later(day=TUESDAY)], ids=["number", "answer", "day"]
    )
    def test_another_answer_is_another(self, store: Store, other: Decision) -> None:
        hear(store, "a@phone", later())

        assert hear(store, "b@phone", other) == 1

    def test_what_was_undone_is_not_redone(self, store: Store) -> None:
        hear(store, "a@phone", later())
        store.undo(300)

        assert hear(store, "a@phone", later()) == 0
        assert store.unheard(TUESDAY, 10**9) == []
        assert hear(store, "b@phone", later()) == 0
        assert said(store) == []
        assert store.unheard(TUESDAY, 10**9) == [(MONDAY, UNDONE)]

    def test_undo_takes_back_the_last_of_them(self, store: Store) -> None:
        hear(store, "a@phone", later(), later(2, "never"))

        taken = store.undo(300)
        assert taken
        assert taken.verb == "never"

    def test_an_account_that_was_closed_decides_nothing(self, store: Store) -> None:
        store.account("home", "imap")
        store.close_lane("home")

        with pytest.raises(LaneClosed):
            store.hear("a@phone", [later()], MONDAY, "", at=200, account="home", lane=1)
        assert said(store) == []


class TestWhatIsNotObeyed:
    def test_it_is_told_by_one_digest(self, store: Store) -> None:
        hear(store, "a@phone", why="it is late", at=0)

        assert store.unheard(MONDAY, HOUR) == [(MONDAY, "it is late")]
        mark(store, MONDAY, HOUR, ADA)
        assert store.unheard(MONDAY, 2 * HOUR) == [(MONDAY, "it is late")], "the same day's digest says the same"
        assert store.unheard(TUESDAY, 24 * HOUR) == []

    def test_it_waits_an_hour_for_a_copy_that_counts(self, store: Store) -> None:
        hear(store, "a@phone", why="it is not in Sent", at=0)
        assert store.unheard(MONDAY, LATE_COPY - 1) == []

        assert hear(store, "a@phone", later()) == 1

        assert store.unheard(MONDAY, 10**9) == []
        assert len(said(store)) == 1

    def test_a_copy_that_does_not_count_changes_nothing(self, store: Store) -> None:
        hear(store, "a@phone", later())
        hear(store, "a@phone", why="it is not in Sent")

        assert store.unheard(MONDAY, 10**9) == []

    def test_nothing_of_the_mail_is_kept(self, store: Store) -> None:
        hear(store, "a-telling-name@phone.example", why="it is late")

        assert "telling" not in str(store.rows("SELECT * FROM heard").fetchall())


class TestLetters:
    def test_a_mail_s_numbers_stay_whatever_a_screen_shows_on_that_day(self, store: Store) -> None:
        mark(store, MONDAY, 10, BOB, ADA)
        mark(store, MONDAY, 20, ADA, mailed=False)

        assert store.letters(MONDAY) == [Letter(MONDAY, f"{MONDAY}@auld", {1: BOB, 2: ADA})]
        assert [one.addresses for one in store.last_shown(99)] == [ADA]

    def test_those_of_before_are_not_asked_for(self, store: Store) -> None:
        mark(store, MONDAY, 10, BOB)
        mark(store, TUESDAY, 20)

        assert store.letters(TUESDAY) == [Letter(TUESDAY, f"{TUESDAY}@auld", {})]

    def test_whoever_was_forgotten_stands_under_no_number(self, store: Store) -> None:
        from agent.store.store import Whom

        mark(store, MONDAY, 10, BOB, ADA)
        hear(store, "a@phone", later())
        store.erase(Whom(frozenset(BOB)))

        assert [dict(one.people) for one in store.letters(MONDAY)] == [{2: ADA}]
        assert said(store) == []
