"""Who suits whom, and who takes part."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent.introducing.suiting import (
    Known,
    Need,
    allowed,
    kin,
    matches,
    needs,
    together,
    warm,
)
from agent.model import DAY, Fact, Kind, Marks, Person, Sphere, Standing, Topic
from tests.agent.tales import ADA, ME, NOW, OWN, mail

ASKS = Marks(asks=("request",), terms={"vellum": 2, "repair": 1})
STANDS = Standing(0, last=NOW - 20 * DAY, last_theirs=NOW - 20 * DAY, mine=5, theirs=5)
RARITY = 3.0


def somebody(number: int, name: str, address: str = "", sphere: Sphere = "work", kind: Kind = "person") -> Person:
    return Person(
        number, name, (address or f"{name.split()[0].lower()}@{name.split()[-1].lower()}.example",), kind, sphere
    )


WEBER = somebody(1, "Ada Weber", ADA)
KELLER = somebody(2, "Bruno Keller")
JENSEN = somebody(3, "Clara Jensen")
IBARRA = somebody(4, "Tomás Ibarra")


def cares(person: Person, *terms: str, rarity: float = RARITY, last: float = 30, asks: Sequence[Fact] = ()) -> Known:
    """Somebody with these topics, of three threads each."""
    topics = tuple(Topic(term, rarity * 3, 3, NOW - int(last * DAY)) for term in terms)
    found = tuple(need for fact in asks for need in needs([fact], person, OWN, frozenset(), NOW))
    return Known(person, replace(STANDS, person=person.id), topics, found)


def pairs(*some: Known) -> list[tuple[str, str]]:
    return [(one.first.name.split()[0], one.second.name.split()[0]) for one in matches(some, NOW)]


ASKED = mail(1, 9, subject="Vellum repair for the charter", marks=ASKS)


class TestWhoTakesPart:
    def test_only_people_whom_the_user_called_work(self) -> None:
        some = [
            WEBER,
            somebody(5, "Eva Berg", sphere="personal"),
            somebody(6, "Finn Dahl", sphere="unknown"),
            somebody(7, "The Desk", kind="machine"),
        ]

        assert allowed(some) == [WEBER]

    @pytest.mark.parametrize(
        ("standing", "there"),
        [
            (STANDS, True),
            (replace(STANDS, theirs=1), False),
            (replace(STANDS, mine=1), False),
            (replace(STANDS, last_theirs=NOW - 400 * DAY), False),
        ],
        ids=["both wrote", "one mail of theirs", "one of the user's", "not a word for a year"],
    )
    def test_only_with_a_real_exchange_within_a_year(self, standing: Standing, there: bool) -> None:
        assert warm(standing, NOW) is there

    @pytest.mark.parametrize(
        ("one", "other", "near"),
        [
            (WEBER, KELLER, False),
            (WEBER, somebody(9, "Zoe Hart", "zoe@mail.loom.example"), True),
            (somebody(8, "A B", "a@gmail.com"), somebody(9, "C D", "c@gmail.com"), False),
            (WEBER, somebody(9, "Karl Weber", "karl@elsewhere.example"), True),
        ],
        ids=["strangers", "one company", "one public host", "one family name"],
    )
    def test_colleagues_and_kin_need_nobody_to_introduce_them(self, one: Person, other: Person, near: bool) -> None:
        assert kin(one, other) is near


class TestTogether:
    def test_in_one_mail_or_one_thread_whoever_wrote_it(self) -> None:
        with_ada, with_bruno, both = mail(1, 9), mail(2, 8, "me"), mail(3, 7)

        assert together([with_ada, both], [with_bruno, both], {}) == both
        assert together([with_ada], [with_bruno], {1: 5, 2: 5}) == with_bruno
        assert together([with_ada], [with_bruno], {1: 5, 2: 6}) is None
        assert together([with_ada], [with_bruno], {}) is None


class TestNeeds:
    @pytest.mark.parametrize(
        ("fact", "found"),
        [
            (ASKED, True),
            (mail(1, 9, subject="Who repairs vellum?"), True),
            (mail(1, 9, subject="Vellum repair"), False),
            (mail(1, 91, subject="Vellum repair", marks=ASKS), False),
            (replace(ASKED, marks=Marks(asks=("thanks",))), False),
            (replace(ASKED, marks=replace(ASKS, signs=("that day",))), False),
            (mail(1, 9, "me", subject="Vellum repair", marks=ASKS), False),
            (mail(1, 9, subject="Fwd: Vellum repair", marks=ASKS), False),
            (mail(1, 9, subject="My surgery on Monday", marks=ASKS), False),
            (mail(1, 9, subject="Vellum repair", to=[ME, *(f"{n}@x.example" for n in range(10))], marks=ASKS), False),
            (replace(ASKED, evidence=("list",)), False),
            (replace(ASKED, to=("other@x.example",)), False),
        ],
        ids=[
            "its text asks", "its subject asks", "no text, and the subject asks nothing", "long ago", "it thanks",
            "it was for that day", "the user's own", "passed on", "health", "to many", "on a list", "not to the user",
        ],
    )  # fmt: skip
    def test_a_need_is_a_mail_that_asked_the_user_lately(self, fact: Fact, found: bool) -> None:
        assert bool(needs([fact], WEBER, OWN, frozenset(), NOW)) is found

    def test_what_is_asked_inside_the_company_stays_there(self) -> None:
        inside = replace(ASKED, sender="ada@home.example")
        colleague = replace(WEBER, addresses=("ada@home.example",))

        assert needs([inside], colleague, OWN, frozenset(), NOW)
        assert needs([inside], colleague, OWN, frozenset({"home.example"}), NOW) == []


class TestMatches:
    def test_a_need_meets_the_one_who_knows(self) -> None:
        [found] = matches([cares(WEBER, asks=[ASKED]), cares(KELLER, "vellum repair"), cares(JENSEN, "maps")], NOW)

        assert (found.first, found.second, found.terms) == (WEBER, KELLER, ("vellum repair",))
        assert found.need == ASKED
        assert 0 < found.score <= 1
        assert 0 < found.sure <= 1

    def test_two_who_care_about_the_same_suit_each_other(self) -> None:
        assert pairs(cares(WEBER, "portolan chart"), cares(KELLER, "portolan chart"), cares(JENSEN, "maps")) == [
            ("Ada", "Bruno")
        ]

    def test_the_one_who_answers_likelier_is_asked_first(self) -> None:
        mute = replace(cares(WEBER, "portolan chart"), standing=replace(STANDS, person=1, theirs=2, mine=9))

        assert pairs(mute, cares(KELLER, "portolan chart")) == [("Bruno", "Ada")]

    def test_a_need_comes_before_a_shared_interest(self) -> None:
        some = [cares(JENSEN, "portolan chart"), cares(IBARRA, "portolan chart"), cares(KELLER, "vellum repair")]

        assert pairs(*some, cares(WEBER, asks=[ASKED])) == [("Ada", "Bruno"), ("Clara", "Tomás")]

    @pytest.mark.parametrize(
        "some",
        [
            [cares(WEBER, "chart"), cares(KELLER, "chart")],
            [cares(WEBER, "portolan chart", rarity=2.0), cares(KELLER, "portolan chart", rarity=2.0)],
            [cares(WEBER, "portolan chart"), cares(KELLER, "portolan chart", last=400)],
            [cares(WEBER, "chemotherapy ward"), cares(KELLER, "chemotherapy ward")],
            [cares(WEBER, "a", "portolan chart"), cares(KELLER, *(f"topic {n}" for n in range(40)), "portolan chart")],
            [cares(WEBER, "portolan chart"), cares(somebody(9, "Karl Weber"), "portolan chart")],
            [cares(WEBER), cares(KELLER)],
            [],
        ],
        ids=[
            "one single word", "everybody's topic", "long ago", "health", "one of forty", "kin", "no topics", "nobody",
        ],
    )  # fmt: skip
    def test_where_it_is_not_clear_there_is_silence(self, some: list[Known]) -> None:
        assert pairs(*some) == []

    def test_where_two_know_the_same_nobody_can_tell_whom_to_ask(self) -> None:
        some = [cares(KELLER, "vellum repair"), cares(somebody(9, "Karl Keller"), "vellum repair")]

        assert pairs(cares(WEBER, asks=[ASKED]), *some) == []

    def test_two_single_words_tell_or_one_that_is_very_rare(self) -> None:
        assert pairs(cares(WEBER, "chart", "portolan"), cares(KELLER, "chart", "portolan"))
        assert pairs(cares(WEBER, "portolan", rarity=3.5), cares(KELLER, "portolan", rarity=3.5))

    def test_each_pair_comes_once(self) -> None:
        again = replace(ASKED, id=2, at=NOW - 8 * DAY)

        assert len(pairs(cares(WEBER, asks=[ASKED, again]), cares(KELLER, "vellum repair"))) == 1


def test_a_need_holds_the_words_of_its_subject_before_all() -> None:
    [need] = needs([ASKED], WEBER, OWN, frozenset(), NOW)

    assert isinstance(need, Need)
    assert need.terms["vellum"] > need.terms["charter"] > 1
