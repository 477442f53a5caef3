"""A round over a live account heals what the source does to it, loses nothing, and says what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agent.pull import Toured, tour
from agent.store.store import Chosen, LaneClosed, Store
from connectors.contract import Session
from tests.agent.scripted import Scripted
from tests.agent.store.generated import NOW, dump, subjects

HOUR = timedelta(hours=1)


@dataclass
class House:
    """A store, and a source whose script is changed between rounds."""

    store: Store
    script: dict[str, Any]
    at: datetime = NOW
    rounds: list[Toured] = field(default_factory=list)

    def round(self, later: timedelta = timedelta(), **script: Any) -> Toured:
        """A round after so much time, with these keys of the script changed."""
        self.at += later
        self.script.update(script)
        done = tour("home", lambda: Scripted(self.script), self.store, lambda: self.at, 0.5)
        self.rounds.append(done)
        return done

    def numbers(self) -> list[int]:
        """The mails that we have, by number."""
        return sorted(int(subject.split()[1]) for subject in subjects(self.store))

    def asked(self) -> list[str]:
        """What the source was asked since the last time."""
        asked: list[str] = self.script.pop("asked", [])
        return asked


def begun(store: Store) -> None:
    store.accept([Chosen("home", "scripted")], {"file": [1, 1]}, "", at=NOW)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as store:
        begun(store)
        yield House(store, {"folders": {"inbox": list(range(1, 13)), "sent": list(range(20, 25))}})


BOTH = [*range(1, 13), *range(20, 25)]


class TestARound:
    def test_brings_everything_once(self, home: House) -> None:
        first, again = home.round(), home.round(HOUR)

        assert home.numbers() == BOTH
        assert (first.pulled.found, first.pulled.new, again.pulled.found) == (17, 17, 0)
        assert (first.ended.state, first.follows.failures) == ("ok", 0)

    def test_an_idle_one_asks_once_for_each_folder(self, home: House) -> None:
        home.round()
        home.asked()
        home.round(HOUR)

        assert home.asked() == ["streams", "pull inbox", "pull sent"]

    def test_follows_what_comes_and_goes(self, home: House) -> None:
        home.round()
        home.round(HOUR, folders={"inbox": [*range(3, 13), 99], "sent": list(range(20, 25))})

        assert home.numbers() == [*range(3, 13), *range(20, 25), 99]

    def test_a_mail_that_is_moved_stays_one_item(self, home: House) -> None:
        home.round()
        home.round(HOUR, folders={"inbox": list(range(2, 13)), "sent": [1, *range(20, 25)]})

        assert home.numbers() == BOTH

    def test_is_kept_as_failed_until_it_ends(self, home: House) -> None:
        home.store.begin_round("home", at=NOW, dice=0.5)
        lane = home.store.lane("home")

        assert lane is not None
        assert (lane.failures, lane.begun_at, lane.ended_at) == (1, int(NOW.timestamp()), None)
        assert lane.next_at
        home.round(HOUR)
        lane = home.store.lane("home")
        assert lane is not None
        assert (lane.failures, lane.next_at) == (0, None)


class TestTrouble:
    @pytest.mark.parametrize(
        ("trouble", "state", "why"),
        [
            (["later", 0, ""], "waiting", "The server wants peace."),
            (["later", 0, "2025-06-02T09:00:00+00:00"], "waiting", "The server wants peace."),
            (["offline", 0], "offline", "imap.example.org cannot be reached."),
            (["refused", 0], "waiting", "The server refuses the password."),
            (["bug", 1], "resting", "a bug of auld's own (RuntimeError at pull.py"),
        ],
        ids=["throttled", "until a time", "offline", "refused once", "a bug"],
    )
    def test_is_kept_in_words(self, home: House, trouble: list[Any], state: str, why: str) -> None:
        done = home.round(trouble=trouble)

        assert done.follows.state == state
        assert done.ended.why.startswith(why)
        assert "secret" not in str(dump(home.store)["account"])
        assert why in str(dump(home.store)["account"])

    def test_what_came_before_it_stays(self, home: House) -> None:
        home.round(trouble=["later", 2])
        assert home.numbers() == [*range(3, 13)]

        home.round(HOUR, trouble=None)
        assert home.numbers() == BOTH

    def test_the_source_says_when_to_come_again(self, home: House) -> None:
        done = home.round(trouble=["later", 0, "2025-06-02T09:00:00+00:00"])

        assert done.follows.next_at == int(NOW.timestamp()) + 7200
        assert done.follows.bound

    def test_a_password_refused_twice_needs_the_user(self, home: House) -> None:
        states = [home.round(timedelta(minutes=5 * n), trouble=["refused", 0]).follows.state for n in range(3)]

        assert states == ["waiting", "waiting", "sign in"]
        assert home.round(HOUR, trouble=None).follows.state == "ok"
        assert home.round(HOUR, trouble=["refused", 0]).follows.state == "waiting"

    def test_a_long_listing_is_many_rounds(self, home: House) -> None:
        seconds = iter(range(100))
        session = Session(lambda: float(next(seconds)), ends=2.0)
        done = tour(
            "home", lambda: Scripted(home.script | {"trouble": ["spent", 1]}, session=session),
            home.store, lambda: home.at, 0.5, session=session,
        )  # fmt: skip

        assert (done.ended.state, done.follows.limited, done.follows.next_at) == ("limited", True, None)
        assert home.round(trouble=None).follows.state == "ok"
        assert home.numbers() == BOTH

    def test_a_server_that_names_no_folder_is_not_believed(self, home: House) -> None:
        home.round()
        for _ in range(5):
            done = home.round(HOUR, folders={})

        assert done.ended.state == "waiting"
        assert home.numbers() == BOTH


class TestReset:
    def test_a_lost_cursor_heals_in_one_round(self, home: House) -> None:
        home.round()
        before = {row[0] for row in home.store.rows("SELECT id FROM item")}
        done = home.round(HOUR, epoch=2, folders={"inbox": [*range(7, 13), *range(50, 56)], "sent": range(20, 25)})

        assert done.ended.state == "ok"
        assert home.numbers() == [*range(7, 13), *range(20, 25), *range(50, 56)]
        assert len(before & {row[0] for row in home.store.rows("SELECT id FROM item")}) == 11  # the same items
        assert {row[0].partition(":")[0] for row in home.store.rows("SELECT remote FROM placement")} == {"2"}

    def test_the_old_rows_serve_until_the_new_listing_ends(self, home: House) -> None:
        home.round()
        home.round(HOUR, epoch=2, trouble=["later", 1])
        assert home.numbers() == BOTH

        home.round(HOUR, trouble=None, folders={"inbox": [12], "sent": [20]})
        assert home.numbers() == [12, 20]

    def test_there_is_one_a_day(self, home: House) -> None:
        home.round()
        home.round(HOUR, epoch=2)
        home.asked()
        done = home.round(HOUR, epoch=3)

        assert home.numbers() == BOTH
        assert done.ended.state == "ok"
        assert "anew" in str(dump(home.store)["stream"])
        assert [what for what in home.asked() if what.startswith("pull")] == ["pull inbox", "pull sent"]

        home.round(timedelta(days=1))
        assert {row[0].partition(":")[0] for row in home.store.rows("SELECT remote FROM placement")} == {"3"}
        assert "anew" not in str(dump(home.store)["stream"])

    def test_a_server_that_forgets_at_once_is_only_looked_over(self, home: House) -> None:
        home.round()
        for _ in range(10):
            home.round(HOUR, trouble=["lost", 0], epoch=1)

        assert home.numbers() == BOTH

    def test_what_can_neither_be_followed_nor_looked_over_is_not_complete(self, home: House) -> None:
        home.round()
        home.round(HOUR, epoch=2)
        last = home.at
        done = home.round(HOUR, epoch=3)
        lane = home.store.lane("home")

        assert done.ended.state == "ok"
        assert lane is not None
        assert lane.complete_at == int(last.timestamp())

    def test_a_degraded_stream_is_followed_by_audits(self, home: House) -> None:
        home.round()
        home.round(HOUR, epoch=2)
        home.store.connection.exec_driver_sql(
            "UPDATE stream SET degraded = 'x', reset_at = ?", (int(home.at.timestamp()),)
        )
        home.asked()
        home.round(HOUR, folders={"inbox": [*range(2, 13), 60], "sent": range(20, 25)})

        assert home.asked()[1:3] == ["audit inbox", "fetch inbox 1"]
        assert home.numbers() == [*range(2, 13), *range(20, 25), 60]


class TestGuard:
    MANY = tuple(range(1, 101))

    def begun(self, home: House) -> None:
        home.round(folders={"inbox": self.MANY, "sent": [200]}, page=30)

    def test_too_much_gone_at_once_is_held_for_an_hour(self, home: House) -> None:
        self.begun(home)
        done = home.round(HOUR, folders={"inbox": self.MANY[:20], "sent": [200]})
        assert (done.pulled.gone, done.pulled.held) == (0, 80)
        assert len(home.numbers()) == 101

        home.round(HOUR / 2)
        assert len(home.numbers()) == 101

        assert home.round(HOUR / 2).pulled.gone == 80
        assert home.numbers() == [*self.MANY[:20], 200]

    def test_what_comes_back_meanwhile_was_never_gone(self, home: House) -> None:
        self.begun(home)
        home.round(HOUR, folders={"inbox": self.MANY[:20], "sent": [200]})
        home.round(HOUR / 2, folders={"inbox": self.MANY, "sent": [200]})
        home.round(HOUR)

        assert len(home.numbers()) == 101
        assert not dump(home.store)["suspect"]

    def test_a_fifth_is_believed(self, home: House) -> None:
        home.round(folders={"inbox": list(range(300)), "sent": [400]}, page=50)
        done = home.round(HOUR, folders={"inbox": list(range(60, 300)), "sent": [400]})

        assert (done.pulled.gone, done.pulled.held) == (60, 0)

    def test_fifty_are_believed(self, home: House) -> None:
        self.begun(home)

        assert home.round(HOUR, folders={"inbox": self.MANY[:50], "sent": [200]}).pulled.gone == 50

    def test_what_was_moved_is_not_gone(self, home: House) -> None:
        self.begun(home)
        home.round(HOUR, folders={"inbox": self.MANY, "sent": [200, *self.MANY[20:]]})
        done = home.round(HOUR, folders={"inbox": self.MANY[:20], "sent": [200, *self.MANY[20:]]})

        assert (done.pulled.gone, done.pulled.held) == (80, 0)
        assert len(home.numbers()) == 101

    def test_a_new_listing_that_lacks_too_much_is_held_until_an_audit_agrees(self, home: House) -> None:
        self.begun(home)
        done = home.round(HOUR, epoch=2, folders={"inbox": self.MANY[:20], "sent": [200]})
        assert done.pulled.held == 80
        assert len(home.numbers()) == 101

        home.round(HOUR)
        assert home.numbers() == [*self.MANY[:20], 200]

    def test_a_new_listing_that_lied_is_repaired(self, home: House) -> None:
        self.begun(home)
        home.round(HOUR, epoch=2, hidden=self.MANY[20:])
        assert len(home.numbers()) == 101

        done = home.round(HOUR, hidden=[])
        assert len(home.numbers()) == 101
        home.round(HOUR)
        assert not home.store.rows("SELECT 1 FROM placement WHERE remote LIKE '1:%'").fetchall()
        assert done.ended.state == "ok"


class TestLedger:
    def test_what_cannot_be_read_is_asked_for_again_and_parked(self, home: House) -> None:
        home.round(bad=[7])
        home.asked()
        tries = [home.at]
        for _ in range(9 * 24 * 60):
            if len(tries) > 8:
                break
            home.at += timedelta(minutes=1)
            if home.store.due_again("home", "inbox", at=home.at):
                home.round()
                tries.append(home.at)
        [missed] = home.store.ledger("home")

        assert [(b - a) // timedelta(minutes=1) for a, b in pairwise(tries)] == [
            1, 10, 60, 360, 1440, 1440
        ]  # fmt: skip
        assert (missed.tries, missed.next_try, missed.reason) == (7, None, "it cannot be read")
        assert 7 not in home.numbers()
        assert len(home.numbers()) == 16

    def test_what_comes_after_all_is_there(self, home: House) -> None:
        home.round(bad=[7])
        home.round(timedelta(minutes=1), bad=[])

        assert home.numbers() == BOTH
        assert home.store.ledger("home") == []

    def test_silence_is_no_evidence(self, home: House) -> None:
        home.round(bad=[7])
        home.round(timedelta(minutes=1), silent=[7])

        [missed] = home.store.ledger("home")
        assert (missed.tries, missed.reason) == (2, "it was asked for and not answered")

    def test_what_is_parked_is_asked_for_by_audits(self, home: House) -> None:
        home.round(bad=[7])
        home.store.connection.exec_driver_sql("UPDATE ledger SET next_at = NULL, tries = 7")
        home.round(timedelta(days=1), bad=[])
        assert 7 not in home.numbers()

        home.round(timedelta(days=6))
        assert home.numbers() == BOTH


class TestAudit:
    WEEK = timedelta(days=7)

    def test_comes_once_a_week(self, home: House) -> None:
        home.round()
        home.asked()
        days = [day for day in range(1, 22) if home.round(timedelta(days=1)) and "audit inbox" in home.asked()]

        assert days == [7, 14, 21]

    def test_finds_what_the_server_left_out(self, home: House) -> None:
        home.round(hidden=[3, 4])
        assert 3 not in home.numbers()

        done = home.round(self.WEEK)
        assert home.numbers() == BOTH
        assert done.pulled.repaired == 2
        assert home.store.one("SELECT sum(repaired) FROM stream") == 2

    def test_what_is_absent_gets_a_second_look(self, home: House) -> None:
        home.round()
        home.store.connection.exec_driver_sql("UPDATE stream SET cursor = replace(cursor, '[1, 2, 3,', '[')")
        done = home.round(self.WEEK, folders={"inbox": [*range(4, 13)], "sent": list(range(20, 25))})

        assert done.pulled.repaired == 3
        assert home.numbers() == [*range(4, 13), *range(20, 25)]


class TestFolders:
    def test_one_that_is_gone_for_three_rounds_has_ended(self, home: House) -> None:
        home.round()
        only = {"inbox": list(range(1, 13))}
        counts = [len((home.round(HOUR, folders=only), home.numbers())[1]) for _ in range(4)]

        assert counts == [17, 17, 12, 12]
        assert home.store.cursor("home", "sent") is None

    def test_one_that_is_back_was_never_gone(self, home: House) -> None:
        home.round()
        both, only = home.script["folders"], {"inbox": list(range(1, 13))}
        for folders in (only, only, both, only, only, both):
            home.round(HOUR, folders=folders)

        assert home.numbers() == BOTH

    def test_a_big_one_must_be_gone_for_an_hour(self, home: House) -> None:
        home.round(folders={"inbox": [1], "big": list(range(100, 200))}, page=50)
        for _ in range(4):
            home.round(timedelta(minutes=15), folders={"inbox": [1]})
        assert len(home.numbers()) == 101

        home.round(timedelta(minutes=15))
        assert home.numbers() == [1]

    def test_what_was_moved_out_of_it_stays(self, home: House) -> None:
        home.round()
        for _ in range(4):
            home.round(HOUR, folders={"inbox": [*range(1, 13), 20, 21]})

        assert home.numbers() == [*range(1, 13), 20, 21]


class TestOptOut:
    def test_nothing_is_begun_for_an_account_that_is_off(self, home: House) -> None:
        home.store.accept([Chosen("home", "scripted", enabled=False)], {}, "", at=NOW)

        with pytest.raises(LaneClosed):
            home.round()

    @pytest.mark.parametrize("page", range(4))
    def test_after_it_no_page_is_written(self, home: House, page: int) -> None:
        class Leaving(Scripted):
            def _stumble(self) -> None:
                if self.pages == page:
                    home.store.accept([], {}, "", at=NOW)

        with pytest.raises(LaneClosed):
            tour("home", lambda: Leaving(home.script), home.store, lambda: NOW, 0.5)

        assert len(home.numbers()) == [0, 5, 10, 12][page]

    def test_whoever_comes_back_does_not_reopen_an_old_round(self, home: House) -> None:
        lane = home.store.begin_round("home", at=NOW, dice=0)
        home.store.accept([], {}, "", at=NOW)
        home.store.accept([Chosen("home", "scripted")], {}, "", at=NOW)

        with pytest.raises(LaneClosed):
            home.store.check_lane("home", lane.lane)
        assert home.round().ended.state == "ok"
