import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.backtest import Report, as_json, backtest, printed
from agent.backtest.foretelling import Answers
from agent.backtest.shown import AS_THEY_ARE, REFITTED
from agent.backtest.tables import OURS, ours, table
from agent.baselines import RANDOM, RECENT, Event, baselines
from agent.measures import Span
from agent.model import DAY, Contact, Fact, Person, Tie
from agent.moments import (
    Knowledge,
    Mailbox,
    Scene,
    Stood,
    Window,
    askings,
    before,
    candidates,
    cuts,
    events,
    lessons,
    outcomes,
    standing_of,
    stood,
    windows,
)
from agent.ranking import WELCOME, tuned

DAYS = 500


def mailbox(seed: int, people: int = 25) -> list[Event]:
    """A life of letters: each person has busy and silent months, some answer and some do not."""
    dice = Random(seed)
    found = set()
    for person in range(people):
        answers, day = dice.random(), dice.uniform(0, 60)
        while day < DAYS:
            for _ in range(dice.randrange(1, 5)):
                found.add(Event(round(day * DAY), "out", person))
                if dice.random() < answers:
                    found.add(Event(round((day + dice.uniform(0.1, 5)) * DAY), "in", person))
                day += dice.uniform(1, 9)
            day += dice.expovariate(1 / dice.choice((10, 60, 150)))
    return sorted(found)


MAILS = mailbox(1)
BOX = Mailbox.of(MAILS)


@pytest.fixture(scope="module")
def report() -> Report:
    return backtest({"me": BOX})


def scores(mails: Sequence[Event], cut: float) -> dict[str, dict[int, float]]:
    known = candidates(mails, cut, 30.0)
    window = Window(cut, known, dict.fromkeys(known, False))
    box = Mailbox.of(mails)
    return baselines(known, cut) | ours(box, window, Knowledge(), Scene(box))


class TestLeakGuard:
    """No score changes when the future does."""

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 50), st.floats(100, 450), st.data())
    def test_no_score_changes_when_the_future_is_cut_off_or_replaced(
        self, seed: int, day: float, data: st.DataObject
    ) -> None:
        mails, cut = mailbox(seed, people=12), day * DAY
        kept = [mail for mail in mails if mail.at < cut]
        later = st.builds(Event, st.floats(cut, cut + 200 * DAY), st.sampled_from(["in", "out"]), st.integers(0, 15))
        other = sorted({*kept, *data.draw(st.lists(later, max_size=60))})

        assert scores(mails, cut) == scores(kept, cut) == scores(other, cut)

    def test_no_foretold_answer_changes_when_the_future_does(self) -> None:
        asked = list(askings("me", BOX, 30.0))
        for one in asked[:: max(1, len(asked) // 10)]:
            kept = [mail for mail in MAILS if mail.at <= one.at]
            end = Event(one.at + 40 * DAY, "out", 999)
            again = next(a for a in askings("me", Mailbox.of([*kept, end]), 30.0) if a[:3] == one[:3])

            assert (again.standing, again.around, again.past) == (one.standing, one.around, one.past)
            assert not again.answered

    def test_what_is_known_at_one_moment_does_not_depend_on_having_looked_at_another(self) -> None:
        knowledge = Knowledge()
        for cut in cuts(MAILS):
            past_then = before(MAILS, cut)

            assert knowledge.standings(past_then) == {who: standing_of(who, known) for who, known in past_then.items()}


class TestMoments:
    def test_cut_offs_stand_every_thirty_days_in_the_middle_of_the_span(self) -> None:
        found = list(cuts(MAILS))
        sent = [mail.at for mail in MAILS if mail.way == "out"]

        assert found
        assert {round(later - earlier) for earlier, later in pairwise(found)} == {30 * DAY}
        assert sent[0] + 0.39 * (sent[-1] - sent[0]) < found[0] < found[-1] < sent[-1] - 59 * DAY

    def test_who_sent_hardly_anything_has_no_span(self) -> None:
        assert list(cuts([Event(day * DAY, "out", 1) for day in range(19)])) == []
        assert list(cuts([Event(day * DAY, "in", 1) for day in range(900)])) == []

    @pytest.mark.parametrize(
        ("mails", "there"),
        [
            ([(1, "in"), (2, "out"), (3, "in"), (4, "out")], True),
            ([(1, "in"), (2, "out"), (3, "out"), (4, "out")], False),
            ([(1, "in"), (2, "out"), (3, "in"), (70, "out")], False),
            ([(1, "in"), (2, "out"), (3, "in"), (100, "out")], False),
        ],
        ids=["two each way", "they wrote once", "silent for 30 days only", "the second answer is to come"],
    )
    def test_a_candidate_has_two_exchanges_and_is_silent(self, mails: list[tuple[int, str]], there: bool) -> None:
        made = [Event(day * DAY, "in" if way == "in" else "out", 5) for day, way in mails]

        assert (5 in candidates(made, 100 * DAY, 30.0)) is there

    @pytest.mark.parametrize(
        ("mails", "a", "b"),
        [
            ([(0, "out")], True, True),
            ([(5, "in"), (6, "out")], True, False),
            ([(5, "out"), (6, "in")], True, True),
            ([(5, "in")], False, False),
            ([(60, "out")], False, False),
            ([(-1, "in"), (59, "out")], True, True),
        ],
        ids=["at once", "answered them", "wrote first", "they wrote", "too late", "what was before does not count"],
    )
    def test_labels_say_who_wrote_and_who_wrote_first(self, mails: list[tuple[int, str]], a: bool, b: bool) -> None:
        made = [Event((100 + day) * DAY, "in" if way == "in" else "out", 5) for day, way in mails]

        assert outcomes(made, 100 * DAY, [5], "A") == {5: a}
        assert outcomes(made, 100 * DAY, [5], "B") == {5: b}

    def test_an_asking_breaks_a_silence_and_its_next_month_is_known(self) -> None:
        made = [
            Event(0, "in", 1),
            Event(10 * DAY, "out", 1),  # no silence yet
            Event(50 * DAY, "out", 1),
            Event(80 * DAY, "in", 1),
            Event(120 * DAY, "out", 1),
            Event(155 * DAY, "in", 1),  # too late for an answer
            Event(190 * DAY, "out", 1),  # the month after it is not known
        ]

        found = askings("me", Mailbox.of(made), 30.0)
        assert [(one.at / DAY, one.answered, one.lives) for one in found] == [(50, True, False), (120, False, None)]

    def test_a_contact_lives_on_with_two_mails_each_way_in_the_quarter_after(self) -> None:
        made = [Event(day * DAY, way, 1) for day, way in ((0, "in"), (100, "out"), (101, "in"), (150, "out"))]  # type: ignore[arg-type]
        lived, ended = Event(189 * DAY, "in", 1), Event(191 * DAY, "in", 1)

        for last, lives in ((lived, True), (ended, False)):
            box = Mailbox.of([*made, last, Event(300 * DAY, "in", 2)])
            assert [one.lives for one in askings("me", box, 90.0)] == [lives]

    def test_windows_with_few_candidates_or_one_outcome_are_not_usable(self) -> None:
        assert Window(0, {}, {1: True, 2: False, 3: False, 4: False, 5: False}).usable
        assert not Window(0, {}, {1: True, 2: False, 3: False, 4: False}).usable
        assert not Window(0, {}, dict.fromkeys(range(9), False)).usable


class TestReport:
    def test_our_rankings_stand_beside_every_baseline_with_what_they_are_ahead(self) -> None:
        of = table({"me": BOX}, "A")

        assert of.windows == sum(window.usable for window in windows(MAILS, "A", 30.0)) > 4
        assert {RECENT, RANDOM, *OURS} < {row.name for row in of.rows}
        assert {row.name for row in of.rows if row.ahead} == set(OURS)
        assert not set(of.best) & set(OURS)
        best = of.row(of.best[2])
        ahead = of.row("likely").ahead
        assert ahead is not None
        assert ahead[2].mean == pytest.approx(of.row("likely").quality.map - best.quality.map)

    def test_chance_is_a_half_and_the_reverse_of_a_ranking_mirrors_it(self) -> None:
        of = table({"me": BOX}, "A")

        assert of.row(RANDOM).quality.auc == 0.5
        assert of.row(RECENT).quality.auc + of.row("least recent").quality.auc == pytest.approx(1.0)

    def test_two_runs_print_the_same_and_order_and_copies_do_not_matter(self, report: Report) -> None:
        shuffled = MAILS + MAILS[:50]
        Random(3).shuffle(shuffled)

        assert printed(report) == printed(backtest({"me": Mailbox.of(shuffled)}))

    def test_several_owners_count_alike(self) -> None:
        one, other = table({"a": BOX}, "B"), table({"b": Mailbox.of(mailbox(2))}, "B")
        both = table({"a": BOX, "b": Mailbox.of(mailbox(2))}, "B")

        assert both.mailboxes == 2
        assert both.windows == one.windows + other.windows
        mean = (one.row(RECENT).quality.auc + other.row(RECENT).quality.auc) / 2
        assert both.row(RECENT).quality.auc == pytest.approx(mean)

    def test_fifths_of_the_foretold_hold_every_mail_in_order(self, report: Report) -> None:
        [month, quarter, lived, either] = report.answers

        assert month.asked > quarter.asked > 5
        foretold = [told for told, _ in month.fifths]
        assert foretold == sorted(foretold)
        assert len(foretold) == 5
        assert (lived.outcome, either.outcome) == ("lived on", "answered or lived on")
        assert either.came >= lived.came

    def test_every_simple_rule_that_ranks_one_person_foretells_too(self, report: Report) -> None:
        names = {name for name, _ in report.answers[0].auc}

        assert {*OURS, RECENT, "most theirs", "reciprocity (min/max)"} < names
        assert RANDOM not in names

    def test_it_says_whether_the_users_own_past_was_learned_from(self, report: Report) -> None:
        assert report.refitted is bool(tuned(WELCOME, lessons(BOX)))
        assert (REFITTED in printed(report), AS_THEY_ARE in printed(report)) == (
            report.refitted,
            not report.refitted,
        )
        assert backtest({"a": BOX, "b": Mailbox.of(mailbox(2))}).refitted is None

    def test_it_says_where_a_simple_rule_foretells_answers_as_well(self) -> None:
        areas = (("share of theirs", Span(0.7, 0.6, 0.8)), ("welcome", Span(0.6, 0.5, 0.7)))
        said = "Our ranking was no better here than a simple rule, `share of theirs`."
        told = [Answers("answered", 30.0, 9, 5, rows, ((0.2, 0.3),)) for rows in (areas, areas[1:] + areas[:1])]
        better = Answers("answered", 30.0, 9, 5, (("welcome", Span(0.8, 0.7, 0.9)), areas[0]), ((0.2, 0.3),))

        texts = [printed(Report((), (of,), "", None)) for of in (*told, better)]
        assert [said in text for text in texts] == [True, True, False]

    def test_a_young_mailbox_is_said_to_be_too_small(self) -> None:
        report = backtest({"me": Mailbox.of(MAILS[:30])})

        assert report.verdict.startswith("There is too little mail to test on")
        assert printed(report) == report.verdict
        assert printed(backtest({"me": Mailbox.of([])})).startswith("There is too little mail")

    def test_it_says_so_where_ours_is_no_better_than_recency(self) -> None:
        """Whoever always turns to whom they wrote last needs no ranking but that."""
        box = Mailbox.of(last_first())
        of = table({"me": box}, "A")

        assert of.row(RECENT).quality.map == pytest.approx(1.0)
        assert "no better than simply taking the most recent first" in backtest({"me": box}).verdict

    def test_the_report_is_plain_json(self, report: Report) -> None:
        told = as_json(report)

        assert json.loads(json.dumps(told)) == told
        assert {row["name"] for row in told["tables"][0]["rows"]} >= {RECENT, *OURS}

    def test_events_are_the_mails_of_the_ties_each_once(self) -> None:
        contacts = (
            Contact(5, "them", 1),
            Contact(5, "them", 2),
            Contact(9, "me", 3),
            Contact(10, "other", 4, meeting=True),
        )

        assert events([Tie(Person(3, "Ada", ("ada@home.example",)), contacts)]) == [(5, "in", 3), (9, "out", 3)]


class TestScene:
    """What stands around a tie at a moment."""

    def test_whoever_stood_in_a_mail_to_many_was_seen(self) -> None:
        box = Mailbox.of([Event(0, "in", 1)], [Stood(50 * DAY, (1, 2))])
        scene = Scene(box)

        scene.at(40 * DAY)
        assert scene.unseen(1, 40 * DAY) == 40
        scene.at(60 * DAY)
        assert scene.unseen(1, 60 * DAY) == 10

    def test_company_is_lively_where_the_user_is_in_touch_with_those_beside(self) -> None:
        beside = [Stood(1.0, (1, 2))]
        box = Mailbox.of([Event(0, "in", 1), *(Event(day * DAY, "in", 2) for day in range(1, 40))], beside)
        scene, knowledge = Scene(box), Knowledge()
        scene.at(45 * DAY)
        known = knowledge.standings(before(box.events, 45 * DAY))

        assert scene.company(1, 45 * DAY, known) > 1
        assert scene.company(1, 90 * DAY, known) == 0  # they are silent by then
        assert scene.company(2, 45 * DAY, known) == 0  # so is the other one

    def test_a_mail_to_very_many_makes_no_company(self) -> None:
        box = Mailbox.of([Event(5 * DAY, "in", 2)], [Stood(1.0, tuple(range(12)))])
        scene = Scene(box)
        scene.at(9 * DAY)

        assert scene.company(1, 9 * DAY, Knowledge().standings(before(box.events, 9 * DAY))) == 0

    def test_flow_counts_the_last_month_only(self) -> None:
        box = Mailbox.of([Event(day * DAY, "in" if day < 50 else "out", 1) for day in range(100)])
        scene = Scene(box)
        scene.at(45 * DAY)
        early = scene.flow(45 * DAY)
        scene.at(95 * DAY)

        assert early > 0 > scene.flow(95 * DAY) == pytest.approx(-early)

    def test_people_stand_in_mails_under_any_of_their_addresses_and_the_user_in_none(self) -> None:
        ada, bob = Person(1, "Ada", ("ada@home.example", "ada@work.example")), Person(2, "Bob", ("bob@home.example",))
        facts = [
            Fact(1, 10, "ada@work.example", to=("me@home.example",), cc=("bob@home.example",)),
            Fact(2, 20, "me@home.example", to=("me@home.example",)),
        ]

        assert list(stood(facts, [ada, bob], frozenset({"me@home.example"}))) == [(10, (1, 2))]

    def test_the_past_teaches_what_came_of_each_broken_silence(self) -> None:
        taught = lessons(BOX)

        assert len(taught) == len(list(askings("me", BOX, 30.0))) > 50
        assert {came for _, came in taught} == {True, False}


def last_first() -> list[Event]:
    """Those with whom there was much are gone for ever; to the others, with whom there was little, the user returns."""
    found = []
    for gone in range(10):
        found += [Event((2 * day + gone / 10) * DAY, way, gone) for day in range(30) for way in ("in", "out")]
    for back in range(100, 140):
        start = 10 * (back - 100) + 70
        found += [Event((start + hour / 24) * DAY, way, back) for hour in (1, 2) for way in ("in", "out")]
        found += [Event(day * DAY, "out", back) for day in range(start + 75, DAYS, 20)]
    return sorted(found)
