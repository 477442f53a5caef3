from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.gifts.question import question
from agent.model import DAY, FORTNIGHT, Contact, Person, Shown, Statement
from agent.signals.taste import (
    ASKS_HOW,
    DIGESTS,
    FEWEST,
    LEAST,
    MOST,
    Choice,
    Taste,
    answered_days,
    choices,
    idle_days,
    learned,
    taken,
    taste,
    traits,
)
from tests.agent.tales import MORNING, NOW, mail, stands, talk, tie

BOB = Person(1, "Bob", ("bob@works.example",))
EVA = Person(2, "Eva", ("eva@gmail.com",))
PEOPLE = {a: p for p in (BOB, EVA) for a in p.addresses}
DAY_ONE = date(2024, 1, 1)
"""A Monday."""


def seen(ago: float, person: Person = BOB, slot: int = 1, gift: str = "a link", kind: str = "reconnect") -> Shown:
    at = NOW - int(ago * DAY)
    return Shown(DAY_ONE + timedelta(days=400 - int(ago)), slot, kind, person.addresses, gift, at)


def said(verb: str, ago: float, person: Person = BOB) -> Statement:
    return Statement(1, NOW - int(ago * DAY), verb, person.addresses)


def word(ago: float, by: str = "me") -> Contact:
    return Contact(NOW - int(ago * DAY), by, int(ago * 100) + 1)  # type: ignore[arg-type]


def chosen(yes: int, no: int, **what: str) -> list[Choice]:
    return [Choice(DAY_ONE, what, n < yes) for n in range(yes + no)]


@pytest.mark.parametrize(
    ("statements", "passed", "took"),
    [
        ([], [], None),
        ([], [word(29)], True),
        ([], [word(29, "them")], None),
        ([], [word(31)], None),
        ([], [word(15)], None),
        ([said("done", 29)], [], True),
        ([said("log", 29)], [], True),
        ([said("later", 29)], [], False),
        ([said("later", 29)], [word(20)], True),
        ([said("never", 29)], [], False),
        ([said("note", 29)], [], None),
        ([said("later", 15)], [], None),
        ([said("later", 29, EVA)], [], None),
    ],
    ids=["left alone", "wrote", "they wrote", "wrote before", "wrote too late", "done", "logged", "later",
         "later, and wrote", "never", "a note", "said too late", "said of another"],
)  # fmt: skip
def test_what_became_of_a_proposal(statements: list[Statement], passed: list[Contact], took: bool | None) -> None:
    assert taken(seen(30), statements, passed) is took


class TestChoices:
    def test_what_was_left_alone_is_left_only_beside_something_that_was_not(self) -> None:
        alone, beside = seen(30), seen(30, EVA, 2)

        assert choices([alone, beside], [], PEOPLE, {}, NOW) == []
        made = choices([alone, beside], [said("done", 29, EVA)], PEOPLE, {}, NOW)
        assert [(c.traits["from"], c.took) for c in made] == [("company", False), ("own", True)]

    def test_before_a_fortnight_is_over_nobody_is_left(self) -> None:
        made = choices([seen(9), seen(9, EVA, 2)], [said("done", 8, EVA)], PEOPLE, {}, NOW)

        assert [c.traits["from"] for c in made] == ["own"]

    def test_the_silence_is_the_one_of_that_morning(self) -> None:
        passed = {1: [word(400), word(29)]}
        [made] = choices([seen(30)], [], PEOPLE, passed, NOW)

        assert made.traits == {"kind": "reconnect", "from": "company", "silence": "long", "gift": "other"}

    def test_whoever_stood_in_nothing_for_half_a_year_was_silent_for_long(self) -> None:
        [made] = choices([seen(30)], [said("done", 29)], PEOPLE, {}, NOW)

        assert made.traits["silence"] == "long"

    def test_a_question_that_stood_above_a_digest_is_no_proposal(self) -> None:
        assert choices([seen(30, slot=0)], [said("done", 29)], PEOPLE, {}, NOW) == []

    def test_who_is_forgotten_teaches_nothing(self) -> None:
        assert choices([seen(30)], [said("done", 29)], {}, {}, NOW) == []

    def test_a_mere_question_is_known_by_its_sentence(self) -> None:
        matter = [mail(n, 90 - 8 * n, "me" if n % 2 else "them", "Rigid heddle") for n in range(1, 8)]
        of = tie(talk(*matter), topics=["heddle"])
        gift = question(of, stands(of), MORNING)

        assert gift is not None
        assert gift.says.startswith(ASKS_HOW)


class TestLearned:
    def test_a_clear_preference_is_learned_both_ways(self) -> None:
        leans = learned([*chosen(12, 3, sphere="work"), *chosen(2, 12, sphere="personal")])

        assert leans["sphere", "work"].effect > 0.5
        assert leans["sphere", "personal"].effect == pytest.approx(-leans["sphere", "work"].effect)

    @pytest.mark.parametrize(("one", "other"), [(FEWEST - 1, 30), (30, FEWEST - 1), (0, 30), (30, 0)])
    def test_with_too_few_on_either_side_nothing_is(self, one: int, other: int) -> None:
        assert learned([*chosen(one, 0, sphere="work"), *chosen(0, other, sphere="personal")]) == {}

    def test_what_may_be_chance_is_not(self) -> None:
        assert learned([*chosen(6, 4, sphere="work"), *chosen(4, 6, sphere="personal")]) == {}

    def test_it_leans_on_what_is_usual(self) -> None:
        """Eight of eight against none of eight, with eight usual ones on each side: 12 of 16 against 4 of 16."""
        leans = learned([*chosen(8, 0, sphere="work"), *chosen(0, 8, sphere="personal")])

        assert leans["sphere", "work"].effect == pytest.approx(1.0986, abs=1e-4)

    def test_no_order_is_swayed_beyond_the_bounds(self) -> None:
        traits_ = {"sphere": "work", "from": "company", "kind": "reply"}
        found = Taste(
            learned([*chosen(50, 0, **traits_), *chosen(0, 50, sphere="personal", **{"from": "own"}, kind="x")])
        )

        assert found.factor(traits_) == MOST
        assert found.factor({"sphere": "personal", "from": "own", "kind": "x"}) == LEAST
        assert found.factor({}) == 1.0

    def test_it_is_said_with_what_it_rests_on(self) -> None:
        found = Taste(learned([*chosen(12, 3, sphere="work"), *chosen(0, 14, sphere="personal")]))

        assert found.says({"sphere": "work"}) == (
            "Of 15 proposals to write to people of your work you took up twelve, of 14 others none. "
            "They come earlier for that."
        )
        assert found.says({"sphere": "personal"}).endswith("They come later for that.")
        assert found.says({"sphere": "unknown"}) == ""

    def test_a_user_without_any_taste_is_hardly_ever_taken_for_one_with_it(self) -> None:
        dice = Random(7)
        moved = 0
        for _ in range(300):
            made = [Choice(DAY_ONE, {"from": dice.choice(["own", "company"])}, dice.random() < 0.4) for _ in range(60)]
            moved += bool(learned(made))

        assert moved <= 300 * 0.07


def digests(**weekdays: Iterable[bool]) -> dict[date, bool]:
    """Week for week, whether the digest of each weekday was answered."""
    names = ["mon", "tue", "wed", "thu", "fri"]
    return {
        DAY_ONE + timedelta(days=7 * week + names.index(name)): yes
        for name, answers in weekdays.items()
        for week, yes in enumerate(answers)
    }


class TestDays:
    def test_a_day_that_is_always_left_alone_is_known(self) -> None:
        assert idle_days(digests(mon=[False] * 6, tue=[True] * 6)) == {0}

    @pytest.mark.parametrize(
        "answered",
        [
            digests(mon=[False] * 5, tue=[True] * 6),
            digests(mon=[True, False, False, False, False, False], tue=[True] * 6),
            digests(mon=[False] * 6),
            digests(mon=[False] * 6, tue=[True] * 5),
            digests(mon=[False] * 6, tue=[True, *[False] * 5]),
            {},
        ],
        ids=["five are few", "one was answered", "no other day", "few others", "all are left", "none"],
    )
    def test_but_not_by_chance_nor_where_no_day_is_answered(self, answered: dict[date, bool]) -> None:
        assert idle_days(answered) == frozenset()

    def test_one_answer_brings_it_back(self) -> None:
        assert idle_days(digests(mon=[*[False] * 6, True], tue=[True] * 7)) == frozenset()

    def test_it_is_said_once(self) -> None:
        mondays = [DAY_ONE + timedelta(days=7 * n + 7) for n in range(1, 12)]
        weeks = [taste([], digests(mon=[False] * n, tue=[True] * n), at) for n, at in enumerate(mondays, 1)]
        told = [bool(one.says_of_day(0)) for one in weeks]

        assert told.index(True) == DIGESTS - 1
        assert told.count(True) == 1
        assert not any(one.says_of_day(1) for one in weeks)
        late = taste([], digests(mon=[False] * 6, tue=[True] * 6), mondays[DIGESTS - 1] + timedelta(days=7))
        assert (late.idle, late.says_of_day(0)) == ({0}, "")
        assert weeks[DIGESTS - 1].says_of_day(0) == (
            "You left the last six digests of a Monday alone, so that there is one person at most on that day for "
            "now. Taking one up brings the others back."
        )

    def test_a_digest_is_left_alone_only_after_a_fortnight(self) -> None:
        assert answered_days([seen(9)], [], PEOPLE, {}, NOW) == {}
        assert set(answered_days([seen(FORTNIGHT / DAY + 1)], [], PEOPLE, {}, NOW).values()) == {False}

    def test_one_answer_answers_the_digest(self) -> None:
        both = [seen(30), seen(30, EVA, 2)]

        assert set(answered_days(both, [said("later", 29, EVA)], PEOPLE, {}, NOW).values()) == {True}


def test_the_traits_of_somebody() -> None:
    assert traits("revive", EVA, 300) == {"kind": "revive", "from": "own", "silence": "long"}
    assert traits("reply", Person(3, "", (), sphere="work"), None) == {"kind": "reply", "sphere": "work"}


TRAITS = st.dictionaries(st.sampled_from(["kind", "from", "sphere", "gift"]), st.sampled_from(["a", "b", "c"]))


@given(st.lists(st.builds(Choice, st.just(DAY_ONE), TRAITS, st.booleans()), max_size=120), TRAITS)
def test_whatever_was_decided_the_bounds_hold_and_the_order_of_deciding_does_not_matter(
    made: list[Choice], what: dict[str, str]
) -> None:
    found = Taste(learned(made))

    assert LEAST <= found.factor(what) <= MOST
    assert found.leans == learned(made[::-1])
    assert bool(found.says(what)) is (max(found.factor(what), 1 / found.factor(what)) >= 1.1)


@given(st.dictionaries(st.dates(date(2020, 1, 1), date(2027, 1, 1)), st.booleans(), max_size=80))
def test_whatever_was_answered_an_idle_day_was_left_alone(answered: dict[date, bool]) -> None:
    found = taste([], answered, date(2027, 1, 2))

    assert found.newly <= found.idle
    for weekday in found.idle:
        own = sorted(day for day in answered if day.weekday() == weekday)
        assert not any(answered[day] for day in own[-DIGESTS:])
