"""What a connector may spend, and what is never shown."""

import pytest

from connectors.contract import Credential, Session, TryLater


def test_a_session_waits_no_longer_than_its_round_lasts() -> None:
    times = iter([0.0, 85.0, 101.0])
    session = Session(lambda: next(times), ends=100.0, silence=30.0)

    assert [session.wait(), session.wait()] == [30.0, 15.0]
    with pytest.raises(TryLater, match="took too long"):
        session.wait()


def test_a_pause_is_taken_where_the_round_has_room_for_it() -> None:
    rested: list[float] = []
    session = Session(lambda: 90.0, ends=100.0, rest=rested.append)

    session.pause(9.5)
    session.pause(0)
    with pytest.raises(TryLater, match="next round"):
        session.pause(10.0)

    assert rested == [9.5]


def test_a_secret_is_not_shown() -> None:
    assert "hunter2" not in repr(Credential("ada", "hunter2"))
