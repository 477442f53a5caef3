"""What holds for all that is proposed because of a day or a matter of its own."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from agent.boundaries import Case, Rules, held
from agent.digest.compose import compose
from agent.gifts.event import events
from agent.model import DAY, Almanac, Errand, Fact, Marks, Morning, Occasion, Opportunity, Proposal, Shown, Statement
from agent.proposals import KINDS
from agent.proposals.sentences import welcome_now
from agent.propose import WELCOME, propose, why
from tests.agent.tales import ADA, ME, MORNING, NOW, OWN, PERSON, mail, stands, talk, tie
from tests.agent.test_propose import QUIET, Village, moved

SAYS = "A stall at the rag paper fair"
MAIL = mail(50, 10, "me", "Paper makers", marks=Marks(asks=("promise",), signs=("sends",)))
TIE = tie(talk(mail(1, 90, "me"), mail(2, 89)), talk(mail(3, 60, "me"), mail(4, 59)), talk(MAIL))
NOTED = Opportunity(1, (ADA,), SAYS, NOW - 9 * DAY, at=NOW - 9 * DAY)
BIRTHDAY = Occasion("birthday", date(2024, 3, 5), "your address book")

DAYS = {
    "promise": Almanac(promises={7: MAIL}),
    "opportunity": Almanac(errands={7: Errand("ask", NOTED)}),
    "occasion": Almanac(occasions={7: BIRTHDAY}),
}


def morning(kind: str) -> Morning:
    return replace(MORNING, almanac=DAYS[kind])


def reason(kind: str, **rules: Any) -> str:
    return held(Case(PERSON, stands(TIE), KINDS[kind].POOL, kind), Rules(**rules), morning(kind))


def said(verb: str, ago: float, until: int = 0) -> Statement:
    return Statement(1, NOW - int(ago * DAY), verb, (ADA,), until=until)


def shown(kind: str, ago: float) -> Shown:
    return Shown(date(2024, 2, 1), 1, kind, (ADA,), "", NOW - int(ago * DAY))


@pytest.mark.parametrize("kind", DAYS)
def test_it_is_proposed_while_a_conversation_goes_on(kind: str) -> None:
    assert KINDS[kind].fits(stands(TIE), morning(kind))
    assert reason(kind) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_needs_is_a_sentence(kind: str) -> None:
    needs = KINDS[kind].NEEDS

    assert needs[0].isupper()
    assert needs.endswith(".")
    assert 20 < len(needs) < 140


@pytest.mark.parametrize("kind", DAYS)
@pytest.mark.parametrize(
    "rules",
    [
        {"never": ("Ada Weber",)},
        {"statements": (said("never", 40),)},
        {"statements": (said("later", 1, until=NOW + DAY),)},
        {"statements": (said("done", 1),)},
        {"shown": (shown("reconnect", 5),)},
    ],
    ids=["never", "said never", "later", "done", "shown this week"],
)
def test_every_boundary_holds_it_back(kind: str, rules: dict[str, Any]) -> None:
    assert reason(kind, **rules)


@pytest.mark.parametrize(("kind", "ago"), [("promise", 11), ("opportunity", 10), ("occasion", 4)])
def test_what_was_done_before_is_not_what_is_meant(kind: str, ago: float) -> None:
    assert reason(kind, statements=(said("done", ago),)) == ""


@pytest.mark.parametrize(
    ("kind", "ago", "why_not"),
    [("promise", 9, True), ("promise", 11, False), ("occasion", 0.5, True), ("occasion", 2, False)],
    ids=["after the promise", "before it", "today", "two days ago"],
)
def test_a_mail_that_was_deleted_since_may_have_been_it(kind: str, ago: float, why_not: bool) -> None:
    day = replace(morning(kind), deleted={ADA: NOW - int(ago * DAY)})

    assert bool(held(Case(PERSON, stands(TIE), KINDS[kind].POOL, kind), Rules(), day)) is why_not


def test_a_wish_needs_no_word_where_one_went_out_today() -> None:
    wrote = replace(stands(TIE), last_mine=NOW - 3_600)

    assert "within a day" in held(Case(PERSON, wrote, "keeping up", "occasion"), Rules(), morning("occasion"))


def test_whoever_was_written_to_after_an_opportunity_was_proposed_waits_for_the_next_step() -> None:
    wrote = replace(stands(TIE), last_mine=NOW - 7 * DAY)
    case = Case(PERSON, wrote, "owed", "opportunity")
    seen = Rules(shown=(shown("opportunity", 8),))

    assert held(case, seen, morning("opportunity")) == (
        "You wrote to them since; `auld opportunity 1` and how it went goes on from there."
    )
    assert held(replace(case, standing=stands(TIE)), seen, morning("opportunity")) == ""
    assert held(case, Rules(shown=(shown("reconnect", 8),)), morning("opportunity")) == ""


def made(kind: str) -> Proposal:
    proposal = KINDS[kind].propose(TIE, stands(TIE), morning(kind))
    assert proposal is not None
    return proposal


@pytest.mark.parametrize("kind", ["promise", "opportunity"])
def test_nothing_is_said_of_what_the_user_does_not_want_to_bring_up(kind: str) -> None:
    unwanted = replace(morning(kind), unwelcome=("paper",))

    assert KINDS[kind].propose(TIE, stands(TIE), unwanted) is None


@pytest.mark.parametrize("kind", DAYS)
def test_why_says_what_is_proposed_and_what_came_before_it(kind: str) -> None:
    village, one = Village(moved(TIE, 7, "Ada")), made(kind)

    assert why(PERSON, village, morning(kind), Rules(), [one]) == [f"Proposed today: {one.why} {one.gift.says}"]
    assert "others come first today" in why(PERSON, village, morning(kind), Rules(), [])[0]


@pytest.mark.parametrize("kind", DAYS)
def test_the_digest_shows_no_day_that_is_not_of_its_sentence(kind: str) -> None:
    one = made(kind)
    digest = compose([one], day=date(2024, 3, 5), me=ME, zone=MORNING.zone, key=b"k" * 32)

    assert one.why in " ".join(digest.text.split())
    assert "mailto:" in digest.html


class TestTheMorning:
    @pytest.mark.parametrize(("kind", "wanted"), [("promise", True), ("opportunity", True), ("occasion", False)])
    def test_what_they_wait_for_is_welcome_however_seldom_they_answer(self, kind: str, wanted: bool) -> None:
        cool = replace(morning(kind), weights=(-9.0, 0.0, 0.0, 0.0, 0.0))
        found = propose(Village(moved(TIE, 7, "Quinn")), cool, Rules(), 3).proposals

        assert welcome_now(stands(TIE), cool) < WELCOME
        assert [p.kind for p in found] == [kind] * wanted

    def test_a_birthday_goes_before_a_word_to_somebody_who_went_quiet(self) -> None:
        village = Village(moved(QUIET, 1, "Quinn"), moved(QUIET, 2, "Odile"))
        day = replace(MORNING, almanac=Almanac(occasions={2: BIRTHDAY}))
        found = propose(village, day, Rules(), 1).proposals

        assert [(p.person.name, p.kind) for p in found] == [("Odile", "occasion")]

    def test_two_birthdays_stand_beside_each_other_and_a_person_stands_once(self) -> None:
        village = Village(moved(QUIET, 1, "Quinn"), moved(QUIET, 2, "Odile"))
        day = replace(MORNING, almanac=Almanac(occasions={1: BIRTHDAY, 2: BIRTHDAY}))

        assert [p.kind for p in propose(village, day, Rules(), 5).proposals] == ["occasion", "occasion"]

    def test_a_question_is_no_end_of_birthdays(self) -> None:
        village = Village(*(moved(QUIET, n, name) for n, name in enumerate(("Quinn", "Odile", "Pat"), 1)))
        day = replace(MORNING, almanac=Almanac(occasions={3: BIRTHDAY}), texts=False)
        found = propose(village, day, Rules(), 5).proposals

        assert {p.gift.kind for p in found} == {"occasion", "question"}

    def test_one_fair_is_spoken_of_to_one_person_a_day(self) -> None:
        fair = Fact(90, NOW + 9 * DAY, ME, subject="Hand loom fair", meeting=True)
        paper = [talk(mail(n, 300 - 20 * n, "me" if n % 2 else "them", "Hand loom")) for n in range(1, 12)]
        of = tie(*paper)
        village = Village(moved(of, 1, "Quinn"), moved(of, 2, "Odile"))
        day = replace(MORNING, almanac=Almanac(events=events([fair], (), (), OWN, NOW, MORNING.zone)), texts=False)

        assert [p.gift.kind for p in propose(village, day, Rules(), 5).proposals] == ["event"]
