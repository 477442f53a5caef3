"""Each formula against a count by hand."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from agent import retrospect
from agent.model import DAY, Contact, Fact, Person, Shown, Statement, Tie
from agent.retrospect import Quarter, Span

Q2 = Quarter(2024, 2)
SPAN = Q2.span(UTC)
LATER = SPAN.end + 200 * DAY
ME = "me@works.example"


def day(month: int, of: int, year: int = 2024) -> int:
    return int(datetime(year, month, of, 12, tzinfo=UTC).timestamp())


def with_(number: int, *passed: tuple[str, int], meeting: Sequence[int] = (), domain: str = "loom.example") -> Tie:
    """A tie of (who wrote, when), oldest first, with meetings."""
    contacts = [Contact(at, by, at) for by, at in passed]  # type: ignore[arg-type]
    contacts += [Contact(at, "other", -at, meeting=True) for at in meeting]
    person = Person(number, f"N{number}", (f"n{number}@{domain}",))
    return Tie(person, tuple(sorted(contacts, key=lambda c: c.at)))


class TestQuarters:
    @pytest.mark.parametrize(
        ("on", "quarter"),
        [
            (date(2024, 1, 1), "2024-Q1"),
            (date(2024, 3, 31), "2024-Q1"),
            (date(2024, 4, 1), "2024-Q2"),
            (date(2024, 12, 31), "2024-Q4"),
        ],
    )
    def test_a_day_lies_in_one(self, on: date, quarter: str) -> None:
        assert str(Quarter.of(on)) == quarter

    def test_they_follow_each_other(self) -> None:
        assert (Quarter(2024, 4).next, Quarter(2024, 1).before) == (Quarter(2025, 1), Quarter(2023, 4))

    @pytest.mark.parametrize("text", ["2024-Q2", "2024q2", " 2024-q2 "])
    def test_one_is_read(self, text: str) -> None:
        assert Quarter.read(text) == Q2

    @pytest.mark.parametrize(
        "text", ["", "2024", "2024-Q5", "0000-Q1", "9999-Q4", "1969-Q4", "2024-Q2x", "２０２４-Q9"]
    )
    def test_or_not(self, text: str) -> None:
        assert Quarter.read(text) is None

    def test_it_begins_and_ends_at_midnight_of_the_users(self) -> None:
        span = Q2.span(ZoneInfo("Europe/London"))

        assert span.start == int(datetime(2024, 3, 31, 23, tzinfo=UTC).timestamp())
        assert (span.has(span.start), span.has(span.end)) == (True, False)


class TestReciprocated:
    def test_counted_by_hand(self) -> None:
        ties = [
            with_(1, ("me", day(5, 1)), ("them", day(5, 2))),  # wrote back
            with_(2, ("me", day(5, 1)), ("them", day(7, 20))),  # within 30 days after the quarter
            with_(3, ("me", day(5, 1)), ("them", day(9, 1))),  # too late
            with_(4, ("them", day(4, 1)), ("me", day(5, 1))),  # not since
            with_(5, ("them", day(5, 1))),  # the user did not write
            with_(6, ("me", day(2, 1)), ("them", day(5, 1))),  # nor here, in this quarter
        ]

        assert retrospect.reciprocated(ties, SPAN, LATER) == (2, 4)

    def test_who_was_written_to_a_moment_ago_has_time(self) -> None:
        ties = [with_(1, ("me", day(5, 1))), with_(2, ("me", day(5, 1)), ("them", day(5, 2)))]

        assert retrospect.reciprocated(ties, SPAN, day(5, 10)) == (1, 1)
        assert retrospect.reciprocated(ties, SPAN, day(6, 10)) == (1, 2)


class TestProposals:
    @staticmethod
    def shown(number: int, at: int, slot: int = 1) -> Shown:
        return Shown(date(2024, 5, 1), slot, "reconnect", (f"n{number}@loom.example",), "", at)

    def test_counted_by_hand(self) -> None:
        ties = [
            with_(1, ("me", day(5, 3)), ("them", day(5, 20))),  # answered
            with_(2, ("me", day(5, 3)), ("them", day(6, 20))),  # too late
            with_(3, ("me", day(5, 20)), ("them", day(5, 21))),  # not written on within a fortnight
            with_(4, ("them", day(5, 21))),  # not written on
            with_(5, ("me", day(8, 3)), ("them", day(8, 4))),  # of another quarter
        ]
        shown = [self.shown(n, day(5, 1)) for n in (1, 2, 3, 4)] + [self.shown(5, day(8, 1))]

        assert retrospect.answered_proposals(ties, shown, SPAN, LATER) == (1, 2)

    def test_one_letter_counts_once_however_often_it_was_proposed(self) -> None:
        ties = [with_(1, ("me", day(5, 13)), ("them", day(5, 20)))]
        twice = [self.shown(1, day(5, 1)), self.shown(1, day(5, 9)), self.shown(1, day(5, 9), slot=0)]

        assert retrospect.answered_proposals(ties, twice, SPAN, LATER) == (1, 1)

    def test_an_answer_may_still_come(self) -> None:
        ties = [with_(1, ("me", day(5, 3)))]

        assert retrospect.answered_proposals(ties, [self.shown(1, day(5, 1))], SPAN, day(5, 20)) == (0, 0)

    def test_who_was_forgotten_is_not_counted(self) -> None:
        assert retrospect.answered_proposals([], [self.shown(1, day(5, 1))], SPAN, LATER) == (0, 0)


class TestSilences:
    def test_before_and_after_counted_by_hand(self) -> None:
        ties = [
            with_(1, ("them", day(3, 20)), ("me", day(5, 1)), ("them", day(5, 2))),  # before and after
            with_(2, ("me", day(3, 20)), ("me", day(5, 1)), ("them", day(7, 20))),  # after
            with_(3, ("them", day(3, 20)), ("me", day(5, 1)), ("them", day(8, 20))),  # before; later than 90 days
            with_(4, ("them", day(4, 20)), ("me", day(5, 1))),  # it was no silence
            with_(5, ("me", day(5, 1)), ("them", day(5, 2))),  # the first word ever
            with_(6, ("them", day(3, 1)), ("them", day(5, 1)), ("me", day(5, 2))),  # they broke it
        ]

        assert retrospect.before_and_after(ties, SPAN, LATER) == (2, 2, 3)

    def test_what_lived_on_counted_by_hand(self) -> None:
        old = ("them", day(1, 1))
        ties = [
            with_(1, old, ("me", day(5, 1)), ("them", day(5, 2)), ("me", day(5, 3)), ("them", day(6, 1))),
            with_(2, old, ("me", day(5, 1)), ("them", day(5, 2)), ("me", day(5, 3))),  # one answer is not enough
            with_(3, old, ("me", day(5, 1)), ("them", day(5, 2)), meeting=[day(6, 1)]),  # a call is one of each
            with_(4, old, ("me", day(5, 1)), ("them", day(5, 2)), ("me", day(5, 3)), ("them", day(8, 9))),  # too late
            with_(5, ("them", day(3, 1)), ("me", day(5, 1))),  # no three months
        ]

        assert retrospect.lived(ties, SPAN, LATER) == (2, 4)

    def test_what_needs_ninety_days_is_not_judged_before(self) -> None:
        ties = [with_(1, ("them", day(1, 1)), ("me", day(5, 1)))]

        assert retrospect.lived(ties, SPAN, day(7, 1)) == (0, 0)
        assert retrospect.lived(ties, SPAN, day(8, 1)) == (0, 1)


PEOPLE = {f"n{n}@loom.example": Person(n, f"N{n}", (f"n{n}@loom.example",)) for n in range(1, 6)}


class TestIntroductions:
    @staticmethod
    def step(step: object, *numbers: int, at: int) -> Statement:
        text = step if isinstance(step, str) and step.startswith("{") else json.dumps({"step": step})
        return Statement(1, at, "introduce", tuple(f"n{n}@loom.example" for n in numbers), text)

    @staticmethod
    def mail(at: int, *numbers: int) -> Fact:
        return Fact(at, at, ME, tuple(f"n{n}@loom.example" for n in numbers))

    def test_counted_by_hand(self) -> None:
        said = [self.step("made", 1, 2, at=day(5, 1)), self.step("made", 3, 4, at=day(5, 1)),
                self.step("yes", 1, 5, at=day(5, 1)), self.step("made", 2, 5, at=day(8, 1))]  # fmt: skip
        made = retrospect.introduced(said, PEOPLE)
        facts = [self.mail(day(8, 20), 1, 2), self.mail(day(6, 1), 3, 4), self.mail(day(9, 1), 3)]

        assert retrospect.introductions_lived(made, facts, PEOPLE, SPAN, LATER) == (1, 2)

    def test_a_mail_to_both_after_both_agreed_is_one_too(self) -> None:
        texts = {n: json.dumps({"step": "yes", "who": f"n{n}@loom.example"}) for n in (1, 2)}
        yes = [self.step(texts[n], 1, 2, at=day(5, n)) for n in (1, 2)]
        agreed = retrospect.agreed(yes, PEOPLE)
        mails = [self.mail(day(*when), 1, 2) for when in ((4, 30), (5, 3), (5, 9))]

        assert agreed == {(1, 2): day(5, 2)}
        assert retrospect.written_to_both(agreed, mails, PEOPLE, {ME}) == {(1, 2): day(5, 3)}
        assert retrospect.written_to_both(agreed, mails, PEOPLE, {"other@x.example"}) == {}
        assert retrospect.agreed(yes[:1], PEOPLE) == {}
        no = self.step(texts[1].replace("yes", "no"), 1, 2, at=day(5, 4))
        assert retrospect.agreed([*yes, no], PEOPLE) == {}

    @pytest.mark.parametrize("text", ["{", "{}", '{"step": 3}', "made", "[]", '{"step": null}', "null", ""])
    def test_what_cannot_be_read_is_no_introduction(self, text: str) -> None:
        said = Statement(1, day(5, 1), "introduce", ("n1@loom.example", "n2@loom.example"), text)

        assert retrospect.introduced([said], PEOPLE) == {}

    def test_nor_one_of_somebody_who_was_forgotten(self) -> None:
        assert retrospect.introduced([self.step("made", 1, 9, at=day(5, 1))], PEOPLE) == {}


class TestEmployers:
    def test_ones_own_domain_is_an_employers_where_others_are(self) -> None:
        own = [ME, "me@gmail.com", "me@mine.example"]
        people = [with_(1, domain="works.example").person, with_(2, domain="mail.works.example").person,
                  with_(3, domain="gmail.com").person, with_(4, domain="mine.example").person]  # fmt: skip

        assert retrospect.employers(own, people) == {"works.example"}

    def test_counted_by_hand(self) -> None:
        both = [("me", day(5, 1)), ("them", day(5, 2))]
        ties = [
            with_(1, *both, domain="works.example"),
            with_(2, *both),
            with_(3, ("me", day(5, 1))),  # one way
            with_(4, ("me", day(2, 1)), ("them", day(2, 2))),  # not in this quarter
            with_(5, ("me", day(2, 1)), ("them", day(2, 2)), meeting=[day(5, 1)]),  # met in it
        ]

        assert retrospect.outside(ties, SPAN, {"works.example"}) == (2, 3)


@pytest.mark.parametrize("span", [Span(0, 0), SPAN])
def test_of_nothing_there_is_nothing(span: Span) -> None:
    assert retrospect.reciprocated([], span, LATER) == (0, 0)
    assert retrospect.before_and_after([], span, LATER) == (0, 0, 0)
    assert retrospect.lived([], span, LATER) == (0, 0)
    assert retrospect.outside([], span, ()) == (0, 0)
