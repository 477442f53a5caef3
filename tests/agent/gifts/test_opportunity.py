from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gifts.opportunity import (
    NEXT,
    RECEIVERS,
    VERB,
    errands,
    in_words,
    next_number,
    noted,
    opportunities,
    suited,
)
from agent.model import Almanac, Errand, Opportunity, Person, Standing, Statement, Topic
from agent.proposals import opportunity as proposal
from tests.agent.tales import ADA, MORNING, NOW, PERSON, mail, stands, talk, tie

BEN = Person(8, "Ben Ott", ("ben@mill.example",))
KNOWN = (PERSON, BEN)
EXCHANGED = [Standing(number, mine=3, theirs=3, last=NOW) for number in (7, 8)]
SAYS = "A stall at the rag paper fair"
PAPER = (Topic("rag paper", 12.0, 6, NOW), Topic("ink", 4.0, 2, NOW))


def said(*texts: str, addresses: tuple[str, ...] = (ADA,)) -> list[Statement]:
    return [Statement(n, NOW + n, VERB, addresses, text) for n, text in enumerate(texts, 1)]


def going(*states: str) -> list[Statement]:
    """An opportunity of Ada's, and how it went on."""
    return said(noted(1, "offered", SAYS), *(noted(1, state) for state in states))


def of(*states: str) -> Opportunity:
    [one] = opportunities(going(*states))
    return one


def test_a_note_is_an_opportunity_of_its_giver() -> None:
    assert of() == Opportunity(1, (ADA,), SAYS, NOW + 1, "offered", NOW + 1)


def test_it_goes_from_the_note_to_the_thanks() -> None:
    assert [of(*("asked", "yes", "passed", "thanked")[:n]).state for n in range(5)] == [
        "offered", "asked", "yes", "passed", "thanked",
    ]  # fmt: skip
    assert of("asked", "yes").at == NOW + 3


def test_those_to_whom_it_went_stand_beside_it() -> None:
    to = Statement(9, NOW + 9, VERB, BEN.addresses, noted(1, "to"))
    [passed] = opportunities([*going("yes"), to, *said(noted(1, "passed"))])
    [named] = opportunities([*going("yes"), to])

    assert passed.receivers == (BEN.addresses,)
    assert named.receivers == ()


@given(st.lists(st.sampled_from(["asked", "yes", "no", "passed", "thanked", "to", "offered", "nonsense"]), max_size=8))
def test_nothing_is_passed_on_before_its_giver_said_yes(states: list[str]) -> None:
    one = of(*states)
    last = max((n for n, state in enumerate(states) if state == "offered"), default=-1)  # noted anew under its number

    if one.state in ("passed", "thanked"):
        assert "yes" in states[last + 1 :]
    assert one.state in NEXT


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", "{}", '{"id": "x"}', '{"id": 3}', '{"id": 1, "state": 5}'])
def test_a_text_that_was_cut_is_passed_over(text: str) -> None:
    assert opportunities(said(text)) == []
    assert [one.state for one in opportunities([*going("asked"), *said(text)])] == ["asked"]


def test_no_number_is_given_twice_while_anything_is_said_of_it() -> None:
    assert next_number([]) == 1
    assert next_number(going("asked")) == 2
    assert next_number(said(noted(4, "to"))) == 5


def test_a_statement_is_told_in_words() -> None:
    assert [in_words(one) for one in going("asked")] == [f"1: offered, {SAYS}", "1: asked"]


def next_of(*states: str, people: tuple[Person, ...] = KNOWN, standings: list[Standing] = EXCHANGED) -> dict[int, str]:
    topics = {8: PAPER}
    found = errands([of(*states)], people, standings, lambda number: topics.get(number, ()))
    return {number: errand.step for number, errand in found.items()}


@pytest.mark.parametrize(
    ("states", "steps"),
    [
        ((), {7: "ask"}),
        (("asked",), {}),
        (("asked", "no"), {}),
        (("asked", "yes"), {8: "pass on"}),
        (("yes", "passed"), {7: "thank"}),
        (("yes", "passed", "thanked"), {}),
    ],
    ids=["noted", "asked", "refused", "agreed", "passed on", "thanked"],
)
def test_each_step_is_somebodys(states: tuple[str, ...], steps: dict[int, str]) -> None:
    assert next_of(*states) == steps


@pytest.mark.parametrize(
    ("ben", "standing"),
    [
        (replace(BEN, sphere="personal"), EXCHANGED[1]),
        (replace(BEN, kind="list"), EXCHANGED[1]),
        (BEN, replace(EXCHANGED[1], theirs=1)),
        (BEN, replace(EXCHANGED[1], unanswered=2)),
        (BEN, replace(EXCHANGED[1], person=9)),
    ],
    ids=["called personal", "a list", "hardly known", "does not answer", "never in contact"],
)
def test_it_is_not_passed_on_to(ben: Person, standing: Standing) -> None:
    assert next_of("yes", people=(PERSON, ben), standings=[EXCHANGED[0], standing]) == {}


def test_without_its_giver_nothing_goes_on() -> None:
    assert next_of(people=(BEN,)) == {}
    assert next_of("yes", people=(BEN,)) == {}


@pytest.mark.parametrize(
    ("topics", "suits"),
    [
        (PAPER, True),
        ((Topic("paper", 9.0, 6, NOW), Topic("stall", 9.0, 6, NOW)), True),
        ((Topic("paper", 9.0, 6, NOW),), False),
        ((Topic("rag paper", 2.0, 1, NOW),), False),
        ((Topic("rag paper", 4.0, 2, NOW), *(Topic(f"matter {n}", 30.0, 15, NOW) for n in range(9))), False),
        ((), False),
    ],
    ids=["a phrase", "two words", "one word", "once only", "hardly", "nothing"],
)
def test_it_suits_whoever_cares_about_it(topics: tuple[Topic, ...], suits: bool) -> None:
    assert bool(suited(SAYS, {8: topics})) is suits


def test_it_is_offered_to_the_best_few() -> None:
    many = {n: (Topic("rag paper", float(n), 6, NOW), Topic("ink", 40.0 / n, 2, NOW)) for n in range(1, 9)}
    found = suited(SAYS, many)

    assert len(found) == RECEIVERS
    assert [fit for _, fit in found] == sorted((fit for _, fit in found), reverse=True)
    assert suited("", many) == suited("so it is", many) == []


TIE = tie(talk(mail(1, 90, "me", "Rag paper"), mail(2, 60, subject="Re: Rag paper")))


def proposed(step: str, says: str = SAYS) -> tuple[str, str, str]:
    about = Opportunity(3, ("giver@third.example",), says, NOW - 9 * 86_400, at=NOW - 2 * 86_400)
    morning = replace(MORNING, almanac=Almanac(errands={7: Errand(step, about, 0.7)}))  # type: ignore[arg-type]
    made = proposal.propose(TIE, stands(TIE), morning)
    assert proposal.fits(stands(TIE), morning)
    assert made is not None
    assert made.pool == "owed"
    return made.why, made.gift.says, made.gift.opener


def test_the_giver_is_asked() -> None:
    assert proposed("ask") == (
        f"Ada offered “{SAYS}”, as you noted on 25 February. Ada wrote last, on 5 January.",
        "Ask whether you may pass it on; then `auld opportunity 3 asked`.",
        f"Hi Ada,\n\nyou told me of this: “{SAYS}”. May I pass it on, if I find somebody whom it suits? ",
    )


def test_whom_it_suits_is_told() -> None:
    assert proposed("pass on") == (
        f"“{SAYS}” may be passed on since 3 March, and fits what you two write about. Ada wrote last, on 5 January.",
        "Pass it on, if you think so, too; then `auld opportunity 3 passed` and the name.",
        f"Hi Ada,\n\nthis came my way, and I thought of you: “{SAYS}”. Is it something for you? ",
    )


def test_the_giver_is_thanked() -> None:
    why, says, opener = proposed("thank")

    assert why.startswith(f"On 3 March you passed on what Ada offered: “{SAYS}”. ")
    assert says == "A word of thanks to Ada; then `auld opportunity 3 thanked`."
    assert opener == f"Hi Ada,\n\nthank you for this: “{SAYS}”. I have passed it on. "


@pytest.mark.parametrize("step", ["ask", "pass on", "thank"])
def test_no_draft_names_a_third_person(step: str) -> None:
    assert "third" not in " ".join(proposed(step))


def test_long_words_are_clipped() -> None:
    assert all(len(part) < 400 for part in proposed("pass on", "stall " * 1_000))


def test_without_an_errand_there_is_nothing() -> None:
    assert not proposal.fits(stands(TIE), MORNING)
    assert proposal.weight(stands(TIE), MORNING) == 0.0
    assert proposal.propose(TIE, stands(TIE), MORNING) is None
