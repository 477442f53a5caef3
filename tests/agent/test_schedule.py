"""What is due follows from what is seen, the clock and the dice, and from nothing else."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.mailing import Mailing
from agent.quiet import Pause
from agent.schedule import (
    AGAIN,
    DAY,
    HOUR,
    LONGEST,
    MINUTE,
    REST,
    ROUND,
    SHORTEST,
    SPREAD,
    STALLED,
    TWICE_A_DAY,
    Ended,
    Lane,
    Moment,
    Mornings,
    Plan,
    Task,
    after,
    backoff,
    due,
    ended_for,
    look_in,
    overdue,
    rounds,
    starts,
    woken,
)
from config.quiet import spans

NOW = int(datetime(2026, 5, 12, 12, tzinfo=UTC).timestamp())  # a Tuesday
SEEN = (1, 1)


def lane(number: int = 1, **told: Any) -> Lane:
    """An account that was read to its end a minute ago."""
    usual: dict[str, Any] = {
        "state": "ok",
        "begun_at": NOW - MINUTE,
        "ended_at": NOW - MINUTE,
        "complete_at": NOW - MINUTE,
    }
    return new(number, **(usual | told))


def new(number: int = 1, **told: Any) -> Lane:
    """An account that was never read."""
    usual: dict[str, Any] = {"id": number, "name": f"a{number}", "kind": "imap"}
    return Lane(**(usual | told))


def plan(*lanes: Lane, **told: Any) -> Plan:
    usual: dict[str, Any] = {"config": SEEN}
    return Plan(lanes, **(usual | told))


def moment(now: int = NOW, *running: Task, **told: Any) -> Moment:
    usual: dict[str, Any] = {"zone": UTC, "woke": now - DAY, "config": SEEN, "running": frozenset(running)}
    return Moment(now, **(usual | told))


def names(tasks: list[Task]) -> list[str]:
    return [f"{task.what} {task.name}".strip() for task in tasks]


class TestRounds:
    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            ({}, False),
            ({"begun_at": NOW - 15 * MINUTE}, True),
            ({"begun_at": NOW - 15 * MINUTE, "kind": "ics"}, False),
            ({"begun_at": NOW - HOUR, "kind": "ics"}, True),
            ({"begun_at": NOW - HOUR, "archive": True}, False),
            ({"begun_at": NOW - DAY, "archive": True}, True),
            ({"begun_at": None}, True),
            ({"begun_at": NOW - DAY, "enabled": False}, False),
            ({"next_at": NOW + 1, "failures": 1}, False),
            ({"next_at": NOW, "failures": 1}, True),
            ({"asked_at": NOW}, True),
            ({"asked_at": NOW, "next_at": NOW + HOUR, "failures": 3}, True),
            ({"asked_at": NOW, "next_at": NOW + HOUR, "failures": 3, "bound": True}, False),
            ({"state": "limited", "limited": True}, True),
            ({"next_at": NOW + 3 * DAY, "failures": 1}, True),
            ({"begun_at": NOW + 300 * DAY}, True),
        ],
        ids=[
            "read a minute ago", "a quarter of an hour ago", "an address, a quarter of an hour ago",
            "an address, an hour ago", "an archive, an hour ago", "an archive, a day ago", "never", "opted out",
            "backing off", "after that", "asked for", "asked for while backing off",
            "asked for while the server wants peace", "more of a long listing", "the clock was put back",
            "begun in the future",
        ],
    )  # fmt: skip
    def test_it_is_due(self, told: dict[str, Any], expected: bool) -> None:
        assert bool(due(plan(lane(**told)), moment())) is expected

    def test_two_run_at_once(self) -> None:
        assert len(due(plan(*map(new, range(1, 6))), moment())) == 2

    def test_none_runs_twice(self) -> None:
        assert names(due(plan(new(1), new(2)), moment(NOW, Task("round", "a1")))) == ["round a2"]

    def test_of_the_sick_ones_one_runs_at_once(self) -> None:
        sick = [new(n, failures=2, next_at=NOW - HOUR) for n in (1, 2)]

        assert names(due(plan(*sick), moment())) == ["round a1"]
        assert names(due(plan(*sick, new(3)), moment())) == ["round a3", "round a1"]
        assert names(due(plan(*sick, new(3)), moment(NOW, Task("round", "a1")))) == ["round a3"]

    def test_a_long_one_counts_as_sick(self) -> None:
        long = new(1, limited=True, state="limited", begun_at=NOW - HOUR, ended_at=NOW)

        assert names(due(plan(long, new(2, failures=2)), moment(NOW, Task("round", "a2")))) == []

    def test_one_that_goes_on_is_not_sick_for_that(self) -> None:
        """It stands as failed until it ends, for the case that its worker dies."""
        going, failing = new(1, failures=1), new(2, failures=1)

        assert names(due(plan(going, failing), moment(NOW, Task("round", "a1")))) == ["round a2"]

    def test_what_was_asked_for_comes_first(self) -> None:
        assert names(due(plan(new(1), new(2), new(3, asked_at=NOW)), moment()))[0] == "round a3"

    def test_whoever_waits_longest_comes_first(self) -> None:
        waiting = [lane(n, begun_at=NOW - n * HOUR) for n in (1, 3, 2)]

        assert names(due(plan(*waiting), moment())) == ["round a3", "round a2"]

    def test_after_a_start_or_a_resume_they_are_spread(self) -> None:
        lanes = [lane(n, begun_at=NOW - DAY) for n in range(40)]
        begun = [starts(one, NOW, NOW) - NOW for one in lanes]

        assert min(begun) >= 0
        assert max(begun) < SPREAD
        assert len(set(begun)) > 20

    def test_what_failed_without_a_word_waits(self) -> None:
        failed = {Task("round", "a1"): NOW + MINUTE}

        assert not due(plan(new(1)), moment(failed=failed))
        assert due(plan(new(1)), moment(NOW + MINUTE, failed=failed))


class TestOthers:
    def test_a_changed_config_is_looked_at_before_anything_else(self) -> None:
        changed = moment(config=(2, 1))

        assert names(due(plan(lane(), stale=True), changed)) == ["check"]

    def test_a_config_that_vanished_is_a_change(self) -> None:
        assert names(due(plan(lane()), moment(config=(0, 0)))) == ["check"]

    def test_one_at_a_time(self) -> None:
        assert due(plan(lane(), stale=True), moment(NOW, Task("check"), config=(2, 1))) == []

    def test_what_came_in_is_learned_once_an_hour(self) -> None:
        assert names(due(plan(lane(), stale=True, learned_at=NOW - HOUR), moment())) == ["learn"]
        assert due(plan(lane(), stale=True, learned_at=NOW - HOUR + 1), moment()) == []
        assert due(plan(lane(), learned_at=0), moment()) == []

    @pytest.mark.parametrize(
        ("arrived", "learned", "tasks"),
        [
            (NOW - MINUTE, NOW - 5 * MINUTE, ["learn"]),
            (NOW - MINUTE, NOW, []),
            (0, NOW - 5 * MINUTE, []),
            (NOW + DAY, NOW - 5 * MINUTE, []),
        ],
        ids=["not learned", "learned since", "nothing arrived", "by a clock that was put back"],
    )
    def test_where_a_first_reading_ended_it_is_learned_at_once(
        self, arrived: int, learned: int, tasks: list[str]
    ) -> None:
        assert names(due(plan(lane(), stale=True, learned_at=learned, arrived_at=arrived), moment())) == tasks

    def test_an_account_that_is_off_for_a_day_is_removed(self) -> None:
        off = lane(enabled=False, off_at=NOW - DAY)

        assert names(due(plan(off), moment())) == ["remove a1"]
        assert due(plan(replace(off, off_at=NOW - DAY + 1)), moment()) == []

    def test_what_failed_is_tried_again_later(self) -> None:
        task = Task("learn")

        assert not due(plan(lane(), stale=True), moment(failed={task: NOW + 5}))
        assert due(plan(lane(), stale=True), moment(failed={task: NOW - 5}))


LONDON = ZoneInfo("Europe/London")
SEVEN = Mornings(7 * 60, frozenset(range(5)))


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = LONDON) -> int:
    """A moment in May 2026; the 12th is a Tuesday."""
    return int(datetime(2026, 5, day, hour, minute, tzinfo=zone).timestamp())


class TestDigest:
    def due(self, now: int, mornings: Mornings = SEVEN, *lanes: Lane, **told: Any) -> bool:
        fresh = lanes or (lane(begun_at=now - 2 * MINUTE, complete_at=now - MINUTE),)
        seen = plan(*fresh, mornings=mornings, mailing=told.pop("mailing", None), pause=told.pop("pause", None))
        return Task("digest") in due(seen, moment(now, **({"zone": LONDON} | told)))

    @pytest.mark.parametrize(
        ("now", "expected"),
        [(at(12, 6, 59), False), (at(12, 7), True), (at(12, 23, 59), True), (at(16, 7), False), (at(18, 7), True)],
        ids=["a minute before", "at its time", "late", "a Saturday", "a Monday"],
    )
    def test_it_is_due(self, now: int, expected: bool) -> None:
        assert self.due(now) is expected

    @pytest.mark.parametrize("state", ["sent", "silent", "given up"])
    def test_it_comes_once_a_day(self, state: Any) -> None:
        sent = Mailing(date(2026, 5, 12), state, at(12, 7))

        assert not self.due(at(12, 8), mailing=sent)
        assert self.due(at(13, 8), mailing=sent)

    def test_what_did_not_leave_is_tried_again_when_it_is_time(self) -> None:
        waiting = Mailing(date(2026, 5, 12), "waiting", at(12, 7), next=at(12, 7, 30))

        assert not self.due(at(12, 7, 29), mailing=waiting)
        assert self.due(at(12, 7, 30), mailing=waiting)

    @pytest.mark.parametrize(
        ("quiet", "expected"),
        [("2026-05-12", False), ("05-12", False), ("2026-05-01..2026-05-12", False), ("tuesdays", False),
         ("2026-05-13", True), ("05-13..05-11", True), ("monday", True)],
        ids=str,
    )  # fmt: skip
    def test_on_a_quiet_day_there_is_none(self, quiet: str, expected: bool) -> None:
        assert self.due(at(12, 8), replace(SEVEN, quiet=spans([quiet]))) is expected

    def test_the_quiet_day_is_the_users(self) -> None:
        apia, quiet = ZoneInfo("Pacific/Apia"), replace(SEVEN, quiet=spans(["2026-05-12"]))

        assert not self.due(at(12, 8, zone=apia), quiet, zone=apia)
        assert self.due(at(13, 8, zone=apia), quiet, zone=apia)

    def test_in_a_pause_there_is_none_and_after_it_one_that_day(self) -> None:
        assert not self.due(at(12, 8), pause=Pause())
        assert not self.due(at(12, 8), pause=Pause(at(13, 0)))
        assert self.due(at(12, 8), pause=Pause(at(12, 8)))
        assert self.due(at(12, 8), pause=Pause(at(12, 0)))

    def test_the_day_is_the_users(self) -> None:
        apia = ZoneInfo("Pacific/Apia")

        assert self.due(at(12, 7, zone=apia), zone=apia)
        assert not self.due(at(12, 6, zone=apia), zone=apia)

    def test_nobody_wants_one(self) -> None:
        assert due(plan(lane()), moment(at(12, 8), zone=LONDON)) == []

    def test_after_a_week_of_sleep_there_is_one(self) -> None:
        sent = Mailing(date(2026, 5, 13), "sent", at(13, 7))
        digests = 0
        for minutes in range(0, 300, 5):
            now = at(20, 9) + minutes * MINUTE
            if self.due(now, woke=at(20, 9) - HOUR, mailing=sent):
                sent, digests = Mailing(date(2026, 5, 20), "sent", now), digests + 1

        assert digests == 1

    def test_it_waits_for_the_rounds_after_a_resume_but_not_for_long(self) -> None:
        now = at(12, 9)
        asleep = lane(begun_at=now - 2 * DAY, complete_at=now - 2 * DAY)

        assert not self.due(now, SEVEN, asleep, woke=now)
        assert not self.due(now + 300, SEVEN, asleep, woke=now, running=frozenset({Task("round", "a1")}))
        assert self.due(now + 300, SEVEN, replace(asleep, begun_at=now + 200), woke=now)
        assert self.due(now + 600, SEVEN, asleep, woke=now)

    def test_it_waits_for_a_round_that_goes_on(self) -> None:
        now = at(12, 7, 1)
        going = lane(begun_at=now - 60, complete_at=now - DAY, failures=1, next_at=now + HOUR)

        assert not self.due(now, SEVEN, going, running=frozenset({Task("round", "a1")}))

    def test_before_a_mailbox_was_read_once_there_is_none(self) -> None:
        now = at(12, 22)
        reading = lane(begun_at=now - 2 * HOUR, complete_at=None, failures=1, next_at=now + HOUR)

        assert not self.due(now, SEVEN, reading, running=frozenset({Task("round", "a1")}))
        assert self.due(now, SEVEN, replace(reading, failures=3)), "one that fails is not waited for"

    def test_it_does_not_wait_for_the_sick(self) -> None:
        now = at(12, 7)

        assert self.due(now, SEVEN, lane(failures=4, next_at=now - 5))


class TestAfterARound:
    def test_a_good_one_clears_all(self) -> None:
        sick = lane(failures=5, bound=True, refused_at=NOW - DAY, next_at=NOW)
        follows = after(sick, Ended("ok"), NOW, 0.5)

        assert (follows.state, follows.failures, follows.bound, follows.next_at) == ("ok", 0, False, None)
        assert follows.refused_at is None

    def test_one_that_took_long_counts_as_long(self) -> None:
        assert after(lane(begun_at=NOW - 61), Ended("ok"), NOW, 0).limited
        assert not after(lane(begun_at=NOW - 60), Ended("ok"), NOW, 0).limited

    def test_one_that_ran_out_of_time_goes_on_at_once(self) -> None:
        follows = after(lane(), Ended("limited"), NOW, 0)
        again = lane(state=follows.state, limited=follows.limited, ended_at=NOW)

        assert due(plan(again), moment())

    def test_backing_off_is_fair_and_bounded(self) -> None:
        dice = Random(1)
        waits = [[backoff(failures, dice.random()) for _ in range(400)] for failures in range(1, 30)]

        assert min(map(min, waits)) == SHORTEST
        assert max(map(max, waits)) <= LONGEST
        assert max(waits[-1]) > 0.95 * LONGEST
        assert sum(waits[-1]) / 400 == pytest.approx(LONGEST / 2, rel=0.1)
        assert sum(waits[5]) > sum(waits[2])

    def test_the_source_has_the_last_word_for_a_day(self) -> None:
        soon = after(lane(), Ended("waiting", until=NOW + 5), NOW, 1)
        late = after(lane(failures=9), Ended("waiting", until=NOW + 9 * DAY), NOW, 0)

        assert (soon.next_at, soon.bound) == (NOW + 5, True)
        assert late.next_at == NOW + DAY

    def test_the_user_is_needed_after_two_refusals_ten_minutes_apart(self) -> None:
        first = after(lane(), Ended("sign in", "refused"), NOW, 0)
        once = lane(refused_at=first.refused_at, failures=first.failures)
        soon = after(once, Ended("sign in"), NOW + 60, 0)
        then = after(once, Ended("sign in"), NOW + AGAIN, 0)

        assert (first.state, first.next_at) == ("waiting", NOW + AGAIN)
        assert (soon.state, soon.next_at) == ("waiting", NOW + AGAIN)
        assert (then.state, then.next_at) == ("sign in", NOW + AGAIN + TWICE_A_DAY)

    def test_F25_a_locked_keyring_is_looked_at_again_soon_and_asks_no_server(self) -> None:
        one = lane()
        for look in range(5):
            follows = after(one, Ended("sign in", "Your keyring is locked.", unasked=True), NOW + look * AGAIN, 0)
            assert (follows.state, follows.next_at) == ("sign in", NOW + (look + 1) * AGAIN)
            assert (follows.bound, follows.refused_at) == (False, None)
            one = replace(one, failures=follows.failures, next_at=follows.next_at)

    def test_a_revoked_account_is_asked_for_twice_a_day(self) -> None:
        one, tries, now = lane(begun_at=None), Counter[int](), NOW
        while now < NOW + 4 * DAY:
            if due(plan(one), moment(now)):
                tries[(now - NOW) // DAY] += 1
                follows = after(one, Ended("sign in"), now, 0.5)
                one = replace(one, begun_at=now, failures=follows.failures, refused_at=follows.refused_at,
                              next_at=follows.next_at)  # fmt: skip
            now += 30

        assert tries[0] <= 3
        assert max(tries[day] for day in (1, 2, 3)) <= 2

    def test_trouble_in_between_does_not_make_a_refusal_forgotten(self) -> None:
        refused = lane(refused_at=NOW - AGAIN, failures=1)

        assert after(refused, Ended("offline"), NOW, 0).refused_at == NOW - AGAIN

    def test_after_a_bug_it_rests(self) -> None:
        assert after(lane(), Ended("resting"), NOW, 0).next_at == NOW + REST


@pytest.mark.parametrize(
    ("now", "paged", "says"),
    [(STALLED - 1, 0, ""), (STALLED, 0, "no page"), (ROUND - 1, ROUND - 2, ""), (ROUND, ROUND - 1, "30 minutes")],
    ids=["quiet", "quiet for too long", "busy", "busy for too long"],
)
def test_a_worker_is_ended(now: float, paged: float, says: str) -> None:
    assert says in ended_for(0, paged, now)
    assert bool(says) == bool(ended_for(0, paged, now))


@pytest.mark.parametrize(
    ("wall", "steady", "expected"),
    [(30, 30, False), (89, 30, False), (3_600, 30, True), (-3_600, 30, True)],
    ids=["awake", "a correction", "asleep", "put back"],
)
def test_it_knows_when_the_machine_slept(wall: float, steady: float, expected: bool) -> None:
    assert woken(NOW + wall, NOW, steady) is expected


def test_it_looks_again_in_time() -> None:
    assert look_in(plan(lane(begun_at=NOW)), moment()) == 30
    assert look_in(plan(lane(begun_at=NOW - 15 * MINUTE + 7)), moment()) == 7
    assert look_in(plan(lane()), moment(NOW, Task("round", "a1"))) == 1
    assert look_in(plan(new(failures=1, next_at=NOW)), moment()) == 1


def test_the_digest_tells_of_live_accounts_that_were_not_complete_for_a_day() -> None:
    lanes = [lane(1), lane(2, complete_at=NOW - DAY - 1), new(3), new(4, archive=True), new(5, enabled=False)]

    assert [one.name for one in overdue(lanes, NOW)] == ["a2", "a3"]


TAKES = {"healthy": 4, "drip": STALLED, "throttled": 2, "revoked": 2, "slow": 200}
"""Seconds of a round."""


class TestIsolation:
    """Five accounts, of which four are dripping, throttled, revoked and slow."""

    def ended(self, name: str, began: int) -> Ended:
        if name == "throttled":
            return Ended("waiting", until=began + HOUR)
        return Ended({"drip": "waiting", "revoked": "sign in"}.get(name, "ok"))  # type: ignore[arg-type]

    def lags(self, *names: str) -> list[int]:
        """Of the healthy one, in steady state: seconds from when a round is due until it ended."""
        lanes = {name: new(number, name=name) for number, name in enumerate(names)}
        going: dict[str, tuple[int, int]] = {}  # name -> (when it was due, when it began)
        found, dice, begins = [], Random(7), NOW
        for now in range(begins, begins + 3 * DAY, 2):
            for name, (ready, began) in list(going.items()):
                if now - began >= TAKES[name]:
                    del going[name]
                    one = lanes[name]
                    follows = after(one, self.ended(name, began), now, dice.random())
                    lanes[name] = replace(
                        one, state=follows.state, failures=follows.failures, limited=follows.limited, ended_at=now,
                        bound=follows.bound, refused_at=follows.refused_at, next_at=follows.next_at,
                    )  # fmt: skip
                    if name == "healthy" and began > begins + DAY:
                        found.append(now - ready)
            running = frozenset(Task("round", name) for name in going)
            for task in rounds(tuple(lanes.values()), Moment(now, UTC, begins, SEEN, running)):
                going[task.name] = (starts(lanes[task.name], now, begins), now)
                lanes[task.name] = replace(lanes[task.name], begun_at=now)
        return found

    def test_the_healthy_one_does_not_wait_for_them(self) -> None:
        alone, together = self.lags("healthy"), self.lags(*TAKES)

        assert len(together) == pytest.approx(len(alone), rel=0.01)
        assert sum(together) / len(together) <= 1.2 * sum(alone) / len(alone)
        assert sorted(together)[int(0.99 * len(together))] <= 1.2 * max(alone)
