"""How far it is with two people, by what the user said."""

from dataclasses import replace
from typing import Any

import pytest

from agent.introducing.consents import VERB, begun, in_words, progress, statement, whose_turn
from agent.model import DAY, Person, Statement
from tests.agent.introducing.test_suiting import JENSEN, KELLER, WEBER
from tests.agent.tales import ADA, NOW


def said(number: int, step: str, who: Person | None = None, ago: float = 5, **more: Any) -> Statement:
    text = statement(step, who.addresses[0] if who else "", **more)  # type: ignore[arg-type]
    return Statement(number, NOW - int(ago * DAY), VERB, (*WEBER.addresses, *KELLER.addresses), text)


class TestHowFarItIs:
    def test_first_the_one_then_the_other_then_both(self) -> None:
        steps = [said(1, "asked", WEBER), said(2, "yes", WEBER), said(3, "asked", KELLER), said(4, "yes", KELLER)]
        turns = [whose_turn(WEBER, KELLER, progress(WEBER, KELLER, steps[:n])) for n in range(5)]

        assert turns == [WEBER, WEBER, KELLER, KELLER, None]
        assert len(progress(WEBER, KELLER, steps).agreed) == 2
        assert progress(WEBER, KELLER, [*steps, said(5, "made")]).made

    def test_of_what_was_said_the_newest_counts(self) -> None:
        steps = [said(1, "yes", WEBER, 9), said(2, "no", WEBER, 5)]

        assert progress(WEBER, KELLER, steps).declined == {WEBER.id: NOW - 5 * DAY}
        assert progress(WEBER, KELLER, [*steps, said(3, "yes", WEBER, 1)]).declined == {}
        assert whose_turn(WEBER, KELLER, progress(WEBER, KELLER, steps)) is None

    def test_the_words_with_which_somebody_was_asked_stay(self) -> None:
        steps = [said(1, "asked", WEBER, words={ADA: "vellum", "x@y.example": "z"}, need=ADA), said(2, "yes", WEBER)]

        assert progress(WEBER, KELLER, steps).about == {WEBER.id: "vellum"}
        assert progress(WEBER, KELLER, steps).need == WEBER.id

    def test_what_is_said_of_others_or_is_no_step_says_nothing(self) -> None:
        other = replace(said(1, "yes", WEBER), addresses=(*WEBER.addresses, *JENSEN.addresses))
        broken = [
            replace(said(n, "yes", WEBER), text=text)
            for n, text in enumerate(("", "{", "[]", "{}", "7", '{"step": "yes", "words": 3}'))
        ]

        assert progress(WEBER, KELLER, [other, *broken]) == progress(WEBER, KELLER, [])

    def test_pairs_come_by_their_addresses_whoever_these_are_now(self) -> None:
        moved = replace(WEBER, id=77, addresses=("new@x.example", ADA))

        assert begun([moved, KELLER, JENSEN], [said(1, "asked", WEBER)]) == [(moved, KELLER)]
        assert begun([moved], [said(1, "asked", WEBER)]) == []

    @pytest.mark.parametrize(
        ("one", "told"),
        [
            (said(1, "asked", WEBER), f"{ADA} was asked"),
            (said(1, "yes", WEBER), f"{ADA} agreed"),
            (said(1, "no", WEBER), f"{ADA} would rather not"),
            (said(1, "made"), "they were introduced"),
            (replace(said(1, "made"), text="{"), "{"),
        ],
        ids=["asked", "yes", "no", "made", "broken"],
    )
    def test_a_step_can_be_read(self, one: Statement, told: str) -> None:
        assert in_words(one) == told
