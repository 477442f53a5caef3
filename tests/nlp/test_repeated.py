"""Which lines does a sender write again and again?"""

from nlp import repeated


def test_a_line_that_one_sender_repeats_is_dropped() -> None:
    mails = [("bob", f"Mail number {word}.\nWeaving since 1820") for word in ("one", "two", "three")]

    found = repeated.repeated_lines(mails)

    assert found.without("bob", mails[0][1]) == "Mail number one."


def test_another_sender_may_write_it() -> None:
    found = repeated.repeated_lines([("bob", "Weaving since 1820")] * 3)

    assert found.without("ada", "Weaving since 1820") == "Weaving since 1820"


def test_twice_is_a_coincidence() -> None:
    found = repeated.repeated_lines([("bob", "See you soon")] * 2)

    assert found.without("bob", "See you soon") == "See you soon"
