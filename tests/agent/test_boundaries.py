from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from agent.boundaries import FEW, PUT_OFF, SELDOM, Case, Rules, cold_favour, fewer, held, matches, silent_since
from agent.model import DAY, FORTNIGHT, Gift, Person, Pool, Shown, Standing, Statement
from tests.agent.tales import ADA, ME, MORNING, NOW, PERSON

QUIET = Standing(7, first=NOW - 400 * DAY, last=NOW - 60 * DAY, last_theirs=NOW - 60 * DAY, mine=5, theirs=5, days=8)


def reason(standing: Standing = QUIET, pool: Pool = "keeping up", person: Person = PERSON, **rules: object) -> str:
    return held(Case(person, standing, pool), Rules(**rules), MORNING)  # type: ignore[arg-type]


def said(verb: str, ago: float, until: int = 0) -> Statement:
    return Statement(1, NOW - int(ago * DAY), verb, (ADA,), until=until)


def shown(ago: float) -> Shown:
    at = NOW - int(ago * DAY)
    return Shown(datetime.fromtimestamp(at, UTC).date(), 1, "reconnect", (ADA,), "a gift", at)


def test_nothing_holds_back_somebody_who_went_quiet() -> None:
    assert reason() == ""


def test_the_user_is_not_told_to_write_to_themselves() -> None:
    assert reason(person=Person(1, "Me", (ME,))) == "This is you."


@pytest.mark.parametrize("kind", ["machine", "list", "broadcast"])
def test_only_people_are_written_to(kind: str) -> None:
    assert f"a {kind}, not a person" in reason(person=replace(PERSON, kind=kind))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        (ADA, True),
        ("*@loom.example", True),
        ("loom.example", True),
        ("ada weber", True),
        ("Ada", False),
        ("example.loom", False),
        ("*@other.example", False),
    ],
    ids=str,
)
def test_never_takes_addresses_patterns_domains_and_names(pattern: str, meant: bool) -> None:
    assert matches(pattern, PERSON) is meant
    assert bool(reason(never=(pattern,))) is meant


def test_a_domain_means_its_subdomains_and_no_domain_that_ends_alike() -> None:
    assert matches("example.org", Person(1, "A", ("a@mail.example.org",)))
    assert not matches("example.org", Person(1, "A", ("a@notexample.org",)))


def test_never_is_remembered_with_its_day() -> None:
    assert reason(statements=(said("never", 30),)) == "You said never, on 4 February."


def test_what_was_said_of_somebody_else_holds_nobody_back() -> None:
    other = Statement(1, NOW - DAY, "never", ("bob@else.example",))
    assert reason(statements=(other,)) == ""


def test_later_holds_until_its_day_and_no_longer() -> None:
    assert "not before 15 March" in reason(statements=(said("later", 4, until=NOW + 10 * DAY),))
    assert reason(statements=(said("later", 30, until=NOW - DAY),)) == ""


def test_done_counts_as_a_contact() -> None:
    assert reason(statements=(said("done", 3),)).startswith("You said done")
    assert reason(statements=(said("done", 45),)) == ""


def test_done_closes_the_questions_that_were_open_then_and_no_later_one() -> None:
    asked = replace(QUIET, last=NOW - 5 * DAY, open=((3, NOW - 5 * DAY),))
    assert reason(asked, "owed", statements=(said("done", 2),)).startswith("You said done")
    assert reason(asked, "owed", statements=(said("done", 6),)) == ""


def test_a_conversation_that_goes_on_needs_no_word_but_an_answer_does() -> None:
    fresh = replace(QUIET, last=NOW - 5 * DAY)
    assert reason(fresh) == "You were in contact five days ago."
    assert reason(fresh, "owed") == ""


def test_a_person_is_proposed_once_a_week() -> None:
    assert "once a week is enough" in reason(shown=(shown(3),))
    assert reason(shown=(shown(8),)) == ""


def test_what_was_left_alone_twice_rests_for_a_quarter() -> None:
    assert "left alone" in reason(shown=(shown(10), shown(20)))
    assert reason(shown=(shown(100), shown(120))) == ""


def test_a_mail_of_the_users_since_then_makes_the_showings_count_no_more() -> None:
    wrote = replace(QUIET, last_mine=NOW - 35 * DAY)
    assert reason(wrote, shown=(shown(40), shown(50))) == ""


def test_one_stops_pushing_after_two_unanswered_and_still_answers() -> None:
    mute = replace(QUIET, unanswered=2)
    assert "It reopens when they write." in reason(mute)
    assert reason(mute, "owed") == ""
    assert reason(replace(mute, unanswered=1)) == ""


def test_the_day_of_a_showing_is_a_date() -> None:
    assert shown(0).day == date(2024, 3, 5)


def test_a_gap_in_the_users_own_mail_is_no_silence() -> None:
    fortnights = range((NOW - 70 * DAY) // FORTNIGHT, NOW // FORTNIGHT + 1)
    here, gap = (replace(MORNING, written=frozenset(n)) for n in (fortnights, [fortnights[0]]))
    case = Case(PERSON, QUIET, "keeping up")

    assert held(case, Rules(), here) == ""
    assert held(case, Rules(), gap).startswith("Much of your own mail since then is not here")
    assert held(replace(case, pool="owed"), Rules(), gap) == ""


def test_a_mere_handle_is_nobody_one_knows() -> None:
    assert reason(person=replace(PERSON, name="4loom")) == "Nobody says who 4loom is."


class TestAMailThatWasDeleted:
    def reason(self, ago: float, pool: Pool = "keeping up", standing: Standing = QUIET) -> str:
        morning = replace(MORNING, deleted={ADA: NOW - int(ago * DAY)})
        return held(Case(PERSON, standing, pool), Rules(), morning)

    def test_counts_as_a_contact_for_a_fortnight(self) -> None:
        assert self.reason(2) == "You were in contact two days ago."
        assert self.reason(14) == ""

    def test_of_somebody_else_says_nothing(self) -> None:
        assert held(Case(PERSON, QUIET, "keeping up"), Rules(), replace(MORNING, deleted={"b@b.example": NOW})) == ""

    def test_may_have_been_the_answer_to_what_is_owed(self) -> None:
        asked = replace(QUIET, last=NOW - 5 * DAY, last_theirs=NOW - 5 * DAY, open=((1, NOW - 5 * DAY),))

        assert self.reason(2, "owed", asked) == "You were in contact since."
        assert self.reason(6, "owed", asked) == ""


class TestWhatIsAlwaysPutOff:
    """What the user answers teaches which kinds they want; it is told, and one mail to somebody makes it good."""

    def told(self, answers: list[str], ago: float = 30, last: float = 3, kind: str = "reconnect") -> str:
        """What is said of somebody else of that kind, after people were shown and answered for so, oldest first."""
        people = [f"p{n}@x.example" for n in range(len(answers))]
        when = [NOW - int((ago - n) * DAY) for n in range(len(answers))]
        when[-1] = NOW - int(last * DAY)
        seen = [replace(shown(0), addresses=(a,), at=at, kind=kind) for a, at in zip(people, when, strict=True)]
        told = [
            Statement(n, at + DAY, verb, (a,))
            for n, (a, at, verb) in enumerate(zip(people, when, answers, strict=True))
            if verb not in ("", "wrote")
        ]
        wrote = {a: at + DAY for a, at, verb in zip(people, when, answers, strict=True) if verb == "wrote"}
        case = Case(PERSON, QUIET, "keeping up", "reconnect")
        return held(case, Rules(statements=tuple(told), shown=tuple(seen), wrote=wrote), MORNING)

    def test_four_in_a_row_make_it_one_a_week(self) -> None:
        assert self.told(["later"] * PUT_OFF) == (
            "You put off the last four proposals of this kind, so that one a week is enough. "
            "Writing to one of them brings the others back."
        )
        assert self.told(["later"] * PUT_OFF, last=8) == ""

    @pytest.mark.parametrize(
        ("answers", "rests"),
        [
            (["later", "not now", "later", "not now"], True),
            (["later", "", "later", "", "later", "later"], True),
            (["wrote", "later", "later", "later", "later"], True),
            (["later"] * 3, False),
            (["later", "later", "later", "wrote"], False),
            (["later", "done", "later", "later"], False),
            (["never"] * 4, False),
            ([""] * 9, False),
        ],
        ids=["mixed", "some ignored", "written to long ago", "too few", "written to", "done", "never", "all ignored"],
    )
    def test_only_what_was_put_off_counts_and_what_was_taken_counts_more(self, answers: list[str], rests: bool) -> None:
        assert bool(self.told(answers)) is rests

    def test_other_kinds_are_as_welcome_as_before(self) -> None:
        assert self.told(["later"] * PUT_OFF, kind="revive") == ""


class TestFewer:
    """Whoever never answers gets fewer digests, not more."""

    @pytest.mark.parametrize(
        ("unanswered", "weekday", "people"),
        [(0, 1, 3), (FEW - 1, 1, 3), (FEW, 1, 1), (SELDOM - 1, 0, 1), (SELDOM, 0, 1), (SELDOM, 1, 0), (99, 4, 0)],
    )
    def test_after_a_fortnight_one_person_and_after_a_month_on_Mondays_alone(
        self, unanswered: int, weekday: int, people: int
    ) -> None:
        today = datetime.fromtimestamp(NOW, MORNING.zone)
        day = today + timedelta(days=weekday - today.weekday())
        morning = replace(MORNING, now=int(day.timestamp()))

        assert fewer(3, Rules(unanswered=unanswered), morning) == people

    def test_any_word_and_any_mail_to_somebody_in_one_counts_as_an_answer(self) -> None:
        seen = [shown(ago) for ago in (9, 7, 5, 3)]

        assert silent_since(seen, (), {}) == 4
        assert silent_since(seen, (said("note", 6),), {}) == 2
        assert silent_since(seen, (), {ADA: NOW - 4 * DAY}) == 1
        assert silent_since(seen, (said("later", 2),), {}) == 0

    def test_what_was_said_and_written_before_does_not(self) -> None:
        seen = [shown(ago) for ago in (9, 7)]

        assert silent_since(seen, (said("later", 10),), {ADA: NOW - 30 * DAY}) == 2

    def test_a_day_counts_once(self) -> None:
        assert silent_since([shown(3), replace(shown(3), slot=2)], (), {}) == 1


class TestWhateverTheKind:
    """A kind of proposal that nobody here has heard of keeps every boundary, too."""

    KINDS = ("reply", "promise", "opportunity", "occasion", "introduce", "share", "reconnect", "revive", "unheard of")

    def held(self, kind: str, standing: Standing = QUIET, person: Person = PERSON, **rules: object) -> str:
        pool: Pool = "owed" if kind in ("reply", "promise", "opportunity") else "keeping up"
        return held(Case(person, standing, pool, kind), Rules(**rules), MORNING)  # type: ignore[arg-type]

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_person_once_a_week_over_all_kinds(self, kind: str) -> None:
        other = replace(shown(6), kind="something else")

        assert "once a week is enough" in self.held(kind, shown=(other,))

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_was_ignored_twice_rests_whatever_it_was(self, kind: str) -> None:
        ignored = (replace(shown(30), kind="reply"), replace(shown(15), kind="occasion"))

        assert self.held(kind, shown=ignored).startswith("Proposed twice and left alone")

    @pytest.mark.parametrize("kind", KINDS)
    def test_never_and_later_hold(self, kind: str) -> None:
        assert self.held(kind, never=("*@loom.example",))
        assert self.held(kind, statements=(said("later", 4, until=NOW + 10 * DAY),))

    @pytest.mark.parametrize("kind", KINDS)
    def test_after_two_mails_without_an_answer_only_what_the_user_owes_is_proposed(self, kind: str) -> None:
        pushed = replace(QUIET, unanswered=2)

        assert bool(self.held(kind, pushed)) is (kind not in ("reply", "promise"))

    @pytest.mark.parametrize("kind", KINDS)
    def test_done_long_ago_holds_nothing(self, kind: str) -> None:
        assert self.held(kind, statements=(said("done", 400),)) == ""

    @pytest.mark.parametrize("sphere", ["personal", "work", "unknown"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_personal_stay_out_of_work_s_proposals(self, kind: str, sphere: str) -> None:
        somebody = replace(PERSON, sphere=sphere)  # type: ignore[arg-type]

        out = sphere == "personal" and kind in ("introduce", "opportunity", "share")
        assert ("personal" in self.held(kind, person=somebody)) is out


@pytest.mark.parametrize(
    ("opener", "subject", "ago", "asks"),
    [
        ("Could you look at my draft? ", "The loom", 400, True),
        ("Could you look at my draft? ", "The loom", 300, False),
        ("I was thinking of “The loom”. How do things stand? ", "The loom", 400, False),
        ("I was thinking of it. How do things stand? ", "Help with the loan", 400, True),
        ("I was thinking of “Could you help?”. How do things stand? ", "The loom", 4000, False),
    ],
    ids=["a favour", "not cold yet", "a question", "a subject that asks", "others' words"],
)
def test_nothing_asks_a_favour_out_of_the_blue(opener: str, subject: str, ago: int, asks: bool) -> None:
    gift = Gift("question", "", opener, (), subject=subject)
    said = cold_favour(gift, replace(QUIET, last=NOW - ago * DAY), MORNING)

    assert bool(said) is asks
    assert not asks or said.endswith("it would ask a favour out of the blue.")


class TestLogged:
    """A call, a coffee or a letter that the user logged."""

    @staticmethod
    def log(ago: float) -> Statement:
        return replace(said("log", ago), until=NOW - int(ago * DAY))

    def test_it_answers_what_was_asked_before_it(self) -> None:
        asked = replace(QUIET, open=((3, NOW - 9 * DAY),))

        assert reason(asked, "owed", statements=(self.log(4),)) == "You were in contact since."
        assert reason(asked, "owed", statements=(self.log(12),)) == ""

    def test_whoever_was_called_was_not_left_alone(self) -> None:
        twice = (shown(40), shown(20))

        assert "left alone" in reason(shown=twice)
        assert reason(shown=twice, statements=(self.log(15),)) == ""

    def test_it_is_no_never_and_no_later(self) -> None:
        assert reason(statements=(self.log(40),)) == ""
