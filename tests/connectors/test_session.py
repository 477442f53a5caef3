"""What a connector may spend, and what is never shown."""

import pytest

from connectors.contract import Credential, Session, TryLater


def test_a_session_waits_no_longer_than_its_round_lasts() -> None:
    times = iter([0.0, 85.0, 101.0])
    session = Session(lambda: next(times), ends=100.0, silence=30.0)

    assert [session.wait(), session.wait()] == [30.0, 15.0]
    with pytest.raises(TryLater, match="took too long"):
        session.wait()


def test_a_secret_is_not_shown() -> None:
    assert "hunter2" not in repr(Credential("ada", "hunter2"))
