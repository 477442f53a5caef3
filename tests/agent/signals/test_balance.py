from collections.abc import Sequence

import pytest

from agent.model import DAY, Marks, Thread, Tie
from agent.signals.balance import HALF, asked_lately, balance, weight
from tests.agent.tales import NOW, OWN, mail, talk, tie

ASKS, THANKS, OFFERS = Marks(asks=("request",)), Marks(asks=("thanks",)), Marks(asks=("offer",))
NOTHING = Marks()


def they_helped(number: int, ago: float) -> Tie:
    """The user asked for something, and they answered."""
    return tie(*asked_and_answered(number, ago, "me", "them"))


def asked_and_answered(number: int, ago: float, who: str, whom: str, subject: str = "The loom") -> list[Thread]:
    return [
        talk(
            mail(number, ago, who, subject, marks=ASKS),
            mail(number + 1, ago - 1, whom, subject, marks=NOTHING),
        )
    ]


def ways(of: Tie) -> Sequence[tuple[str, str]]:
    return [(deed.way, deed.by) for deed in balance(of, NOW).deeds]


def test_who_answers_what_was_asked_did_something() -> None:
    assert ways(they_helped(1, 9)) == [("answered", "them")]


def test_thanks_say_that_the_other_one_did() -> None:
    assert ways(tie(talk(mail(1, 9, "me", marks=THANKS)))) == [("thanked", "them")]
    assert ways(tie(talk(mail(1, 9, "them", marks=THANKS)))) == [("thanked", "me")]


def test_an_offer_counts_half_a_favour() -> None:
    found = balance(tie(talk(mail(1, 0, "them", marks=OFFERS))), NOW)

    assert (found.given, found.received) == (0.0, 0.5)


def test_a_thread_counts_once_however_many_mails_it_took() -> None:
    turns = [mail(n, 20 - n, "me" if n % 2 else "them", marks=ASKS if n % 2 else THANKS) for n in range(1, 9)]

    assert sorted(ways(tie(talk(*turns)))) == [("answered", "them"), ("thanked", "me")]


def test_with_headers_only_a_subject_asks_for_whoever_opened_the_thread() -> None:
    of = tie(
        talk(mail(1, 9, "me", "Could you send the drawings?"), mail(2, 8, "them", "Re: Could you send the drawings?"))
    )

    assert ways(of) == [("answered", "them")]


def test_a_word_after_a_long_silence_that_asks_nothing_is_worth_something() -> None:
    silent = [talk(mail(1, 400)), talk(mail(2, 9, "me", "A book for you", marks=NOTHING))]

    assert ways(tie(*silent)) == [("began", "me")]


def test_but_not_one_that_asks_for_something() -> None:
    assert ways(tie(talk(mail(1, 400)), talk(mail(2, 9, "me", "The loom", marks=ASKS)))) == []


def test_a_favour_counts_half_after_a_year() -> None:
    [deed] = balance(they_helped(1, HALF), NOW).deeds

    assert weight(deed, deed.at) == 1.0
    assert weight(deed, deed.at + int(HALF * DAY)) == 0.5


def test_sums_of_hand_counted_deeds() -> None:
    of = tie(
        *asked_and_answered(1, HALF + 1, "me", "them"),  # a year ago: .5 received
        *asked_and_answered(3, 1, "them", "me"),  # today: 1 given
        talk(mail(5, 0, "me", marks=THANKS)),  # today: 1 received
    )
    found = balance(of, NOW)

    assert found.given == pytest.approx(1.0)
    assert found.received == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("got", "gave", "owes", "helped"),
    [(1, 0, True, False), (0, 1, False, True), (3, 1, True, False), (10, 9, False, False), (0, 0, False, False)],
    ids=["one favour open", "one favour done", "three to one", "ten to nine is even", "nothing passed"],
)
def test_a_debt_is_a_clear_one(got: int, gave: int, owes: bool, helped: bool) -> None:
    threads = [t for n in range(got) for t in asked_and_answered(10 * n + 1, 9, "me", "them")]
    threads += [t for n in range(gave) for t in asked_and_answered(1000 + 10 * n, 9, "them", "me")]
    found = balance(tie(*threads), NOW)

    assert (found.owes, found.helped) == (owes, helped)


def test_what_is_still_to_come_counts_for_nothing() -> None:
    assert balance(they_helped(1, 9), NOW - 30 * DAY).deeds == ()


def test_how_often_somebody_was_asked_lately() -> None:
    of = tie(*asked_and_answered(1, 9, "me", "them"), *asked_and_answered(3, 90, "me", "them"))

    assert asked_lately(of, OWN, NOW - 60 * DAY) == 1
    assert asked_lately(of, OWN, NOW - 365 * DAY) == 2
