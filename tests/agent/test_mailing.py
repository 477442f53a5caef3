"""At most one digest goes out on a local day: what may be sent, what waits, and until when."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.mailing import (
    LONGEST,
    PATIENCE,
    REFUSED,
    SHORTEST,
    Mailing,
    State,
    begun,
    closed,
    later,
    over,
    refused,
    says,
    unpacked,
    waits,
)

MONDAY, TUESDAY, WEDNESDAY = date(2025, 6, 2), date(2025, 6, 3), date(2025, 6, 4)
AT = int(datetime(2025, 6, 3, 7, tzinfo=UTC).timestamp())
HOUR, DAY = 3_600, 86_400


def mailing(state: State = "waiting", day: date = TUESDAY, **more: Any) -> Mailing:
    return Mailing(day, state, **{"at": AT, "via": "append", "first": AT, **more})


@pytest.mark.parametrize(
    ("last", "is_over"),
    [
        (None, False),
        (mailing("sent", MONDAY, at=AT - DAY), False),
        (mailing("sending", MONDAY, at=AT - DAY), False),
        (mailing("waiting"), False),
        (mailing("sending"), False),
        (mailing("sent"), True),
        (mailing("silent"), True),
        (mailing("given up"), True),
        (mailing("unsure"), True),
        (mailing("sent", WEDNESDAY, at=AT - HOUR), True),
        (mailing("sent", WEDNESDAY, at=AT + 30 * DAY), False),
    ],
    ids=[
        "none yet",
        "yesterday's was sent",
        "yesterday's was cut off",
        "waits",
        "is being sent",
        "sent",
        "nothing to say",
        "given up",
        "nobody can tell",
        "a later date had its own, in another zone",
        "a later date, by a clock that was wrong",
    ],
)
def test_what_was_decided_of_a_day_is_not_decided_again(last: Mailing | None, is_over: bool) -> None:
    assert over(last, TUESDAY, AT) is is_over


def test_it_waits_a_while_and_not_for_ever() -> None:
    tried = later(mailing(), AT, "offline")

    assert [waits(tried, TUESDAY, AT + seconds) for seconds in (0, SHORTEST - 1, SHORTEST)] == [True, True, False]
    assert not waits(later(mailing(first=AT + 30 * DAY), AT + 30 * DAY, "offline"), TUESDAY, AT)  # a clock put back
    assert not waits(mailing("sent"), TUESDAY, AT)


def test_the_pauses_grow_and_end_after_the_morning() -> None:
    now, tried, pauses = AT, mailing(), []
    while tried.state == "waiting":
        tried = later(tried, now, "offline")
        pauses.append((tried.next - now) // 60)
        now = tried.next

    assert pauses[:5] == [5, 10, 20, 40, 60]
    assert (max(pauses), tried.state) == (LONGEST // 60, "given up")
    assert PATIENCE - LONGEST <= tried.at - AT <= PATIENCE


def test_a_source_that_names_a_time_is_not_asked_before() -> None:
    assert later(mailing(), AT, "wait", AT + 2 * HOUR).next == AT + 2 * HOUR
    assert later(mailing(), AT, "wait", AT + 7 * HOUR).state == "given up"


def test_a_refusal_is_tried_once_more_and_no_third_time() -> None:
    first = refused(mailing(), AT, "wrong password", "sign in")
    second = refused(first, first.next, "wrong password", "sign in")

    assert (first.state, first.next - AT, second.state) == ("waiting", REFUSED, "given up")


def test_a_locked_keyring_is_looked_at_all_morning() -> None:
    now, tried, looks = AT, mailing(), 0
    while tried.state == "waiting":
        tried, looks = closed(tried, now, "Your keyring is locked.", "Unlock it."), looks + 1
        now = tried.next

    assert looks == 37
    assert tried.refused == 0


def test_what_may_have_arrived_is_never_called_not_sent() -> None:
    sending = mailing("sending")

    assert refused(refused(sending, AT, "no", "do"), AT, "no", "do").state == "unsure"
    assert later(sending, AT + PATIENCE, "offline").state == "unsure"


def test_it_begins_anew_with_a_new_day() -> None:
    tried = later(mailing(), AT, "offline")

    assert begun(tried, TUESDAY, "smtp", AT + HOUR).first == AT
    assert begun(tried, WEDNESDAY, "append", AT + DAY) == Mailing(
        WEDNESDAY, "waiting", AT + DAY, "append", first=AT + DAY
    )


def test_it_survives_being_packed() -> None:
    one = mailing("sending", message_id="a@b", tries=2, why="Zoë", told=("home", "work"))

    assert unpacked(one.packed()) == one


@pytest.mark.parametrize(
    ("one", "begins"),
    [
        (mailing("sent"), ""),
        (mailing("silent"), ""),
        (mailing("waiting"), ""),
        (mailing("waiting", why="Offline.", remedy=""), "digest of 2025-06-03: not sent yet. Offline."),
        (
            mailing("given up", why="No.", remedy="Sign in."),
            "digest of 2025-06-03: not sent. No. Sign in. `auld digest`",
        ),
        (mailing("unsure"), "digest of 2025-06-03: auld was stopped while it was sent"),
    ],
    ids=["sent", "silent", "not tried yet", "waiting", "given up", "unsure"],
)
def test_what_is_said_of_it(one: Mailing, begins: str) -> None:
    assert says(one).startswith(begins)
    assert bool(says(one)) == bool(begins)


ZONES = ["Europe/London", "America/New_York", "Pacific/Honolulu", "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Apia"]


@pytest.mark.parametrize("journey", range(6))
def test_wherever_one_travels_each_date_has_one_digest_and_none_is_passed_over(journey: int) -> None:
    """The zone changes every 29 hours; what is due at an hour is sent."""
    last: Mailing | None = None
    sent: list[date] = []
    lived: list[date] = []  # the dates of which the user saw an hour from seven on
    begin = datetime(2025, 6, 1, tzinfo=UTC)
    for hour in range(24 * 60):
        now = begin + timedelta(hours=hour)
        local = now.astimezone(ZoneInfo(ZONES[(hour // 29 + journey) % len(ZONES)]))
        if local.hour < 7:
            continue
        lived.append(local.date())
        if not over(last, local.date(), int(now.timestamp())):
            last = Mailing(local.date(), "sent", int(now.timestamp()))
            sent.append(local.date())

    assert sent == sorted(set(lived))
    assert len(sent) > 50
