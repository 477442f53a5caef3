from datetime import date

import pytest

from agent import tokens

KEY = b"a profile's own key"
DAY = date(2001, 8, 14)


def test_the_same_day_has_the_same_message_id() -> None:
    assert tokens.message_id(KEY, DAY) == tokens.message_id(KEY, DAY)


def test_a_message_id_is_known_beforehand_to_nobody_without_the_key() -> None:
    ours, host = tokens.message_id(KEY, DAY).split("@")

    assert host == "auld.invalid"
    assert len(ours) == 32
    assert ours != tokens.message_id(b"another key", DAY).split("@")[0]


@pytest.mark.parametrize(
    ("key", "day", "slot", "action"),
    [
        (b"another key", DAY, 2, "later"),
        (KEY, date(2001, 8, 15), 2, "later"),
        (KEY, DAY, 3, "later"),
        (KEY, DAY, 2, "never"),
    ],
    ids=["another profile", "another day", "another slot", "another action"],
)
def test_a_token_is_good_for_one_answer_alone(key: bytes, day: date, slot: int, action: str) -> None:
    token = tokens.action(KEY, DAY, 2, "later")

    assert tokens.check(KEY, token, DAY, 2, "later")
    assert not tokens.check(key, token, day, slot, action)


@pytest.mark.parametrize(
    "token", ["", "later", "ä", "\udcff", "0" * 32], ids=["none", "word", "umlaut", "broken", "zeros"]
)
def test_what_is_no_token_is_refused_and_never_raises(token: str) -> None:
    assert not tokens.check(KEY, token, DAY, 2, "later")


def test_parts_do_not_run_into_one_another() -> None:
    assert tokens.action(KEY, DAY, 1, "2later") != tokens.action(KEY, DAY, 12, "later")
