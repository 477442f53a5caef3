from dataclasses import replace

import pytest

from agent.model import DAY, Contact, Fact, Side, Standing, Thread
from agent.signals.initiative import (
    Initiative,
    Manners,
    Trend,
    after_pauses,
    beginnings,
    initiative,
    manners,
    surely_above,
    surely_more,
    trend,
)

ME, ADA, BOB = "me@home.example", "ada@home.example", "bob@home.example"


def mail(number: int, sender: str, day: int = 0, subject: str = "looms") -> Fact:
    to = (ADA,) if sender == ME else (ME,)
    return Fact(number, day * DAY, sender, to=to, subject=subject)


def contact(fact: Fact) -> Contact:
    return Contact(fact.at, "me" if fact.sender == ME else "them", fact.id)


def meeting(number: int, by: Side, day: int) -> Contact:
    return Contact(day * DAY, by, number, meeting=True)


def test_whoever_wrote_a_threads_first_mail_began() -> None:
    asked, answer, theirs = mail(1, ME), mail(2, ADA), mail(3, ADA)
    threads = [Thread(1, (asked, answer), ME), Thread(2, (theirs,), ADA)]

    assert initiative([contact(m) for m in (asked, answer, theirs)], threads, None) == Initiative(1, 1, 0)


@pytest.mark.parametrize(
    ("first", "opened_by", "counted"),
    [
        (mail(1, ME, subject="Fwd: looms"), "", Initiative()),
        (replace(mail(1, ADA), evidence=("automatic",)), "", Initiative()),
        (mail(1, ADA, subject="Re: looms"), "", Initiative(unknown=1)),
        (mail(1, BOB), BOB, Initiative()),
    ],
    ids=["a forward", "a machine", "an answer to what we do not have", "a third one"],
)
def test_what_is_not_seen_to_be_begun_by_one_of_the_two_counts_for_neither(
    first: Fact, opened_by: str, counted: Initiative
) -> None:
    known = [] if first.sender == BOB else [contact(first)]

    assert initiative(known, [Thread(1, (first,), opened_by)], None) == counted


def test_who_wrote_first_after_a_pause_began_and_a_thread_opened_so_counts_once() -> None:
    mails = [mail(1, ME, 0), mail(2, ADA, 1), mail(3, ADA, 40)]
    threads = [Thread(1, tuple(mails[:2]), ME), Thread(2, (mails[2],), ADA)]

    assert initiative([contact(m) for m in mails], threads, None) == Initiative(1, 1, 0)
    assert initiative([contact(m) for m in mails], [], None) == Initiative(0, 1, 0)


@pytest.mark.parametrize(("usual", "ended"), [(None, [2]), (10.0, [2]), (20.0, [])])
def test_a_pause_is_thirty_days_and_three_usual_gaps(usual: float | None, ended: list[int]) -> None:
    contacts = [contact(mail(1, ME, 0)), contact(mail(2, ADA, 30)), contact(mail(3, ME, 59))]

    assert [one.fact for one in after_pauses(contacts, usual)] == ended


def test_a_series_of_meetings_is_begun_once() -> None:
    weekly = [meeting(n, "me", 7 * n) for n in range(5)]

    assert initiative([*weekly, meeting(9, "them", 29)], [], None) == Initiative(1, 1, 0)
    assert initiative([meeting(1, "me", 0), meeting(2, "me", 31)], [], None) == Initiative(2, 0, 0)
    assert initiative([meeting(1, "other", 0)], [], None) == Initiative()


@pytest.mark.parametrize(
    ("standing", "manner"),
    [
        (Standing(1, mine=9, theirs=6, began_mine=6, asked=6, answered=6), "answers but never begins"),
        (Standing(1, mine=9, theirs=9, began_mine=20, began_theirs=1, asked=9, answered=8), "always me"),
        (Standing(1, mine=9, theirs=2, began_mine=6, asked=5, answered=0), "does not answer"),
        (Standing(1, mine=5, theirs=0, began_mine=5, unanswered=5), "does not answer"),
        (Standing(1, mine=9, theirs=9, began_mine=4, began_theirs=4, asked=4, answered=4), "both"),
        (Standing(1, mine=1, theirs=1, began_mine=1, asked=1, answered=1), "too few to tell"),
        (Standing(1, mine=2, began_mine=2, unanswered=2), "too few to tell"),
        (Standing(1, mine=3, theirs=3, began_mine=3, asked=3, answered=3), "too few to tell"),
    ],
    ids=[
        "answers",
        "one exception",
        "asked in vain",
        "never wrote",
        "both begin",
        "one thread",
        "two words",
        "three times",
    ],
)
def test_the_manners_of_two_people_are_told_apart(standing: Standing, manner: str) -> None:
    assert manners(standing).manner == manner


def test_whoever_writes_of_their_own_is_not_said_not_to_answer() -> None:
    """They may answer in a thread of theirs."""
    silent = Standing(1, mine=8, theirs=2, began_mine=5, began_theirs=2, asked=5)

    assert manners(silent).manner == "does not answer"
    assert manners(replace(silent, theirs=3)).manner == "both"


def begun(*sides: str, day: int = 0) -> list[Contact]:
    """Beginnings a week apart: m is the user's, t theirs."""
    return [Contact((day + 7 * n) * DAY, "me" if s == "m" else "them", day + n) for n, s in enumerate("".join(sides))]


NOW = 2_000 * DAY


@pytest.mark.parametrize(
    ("before", "recent", "found"),
    [
        ("tttttm", "mmmmmt", Trend("me", (5, 6), (1, 6))),
        ("mmmmmt", "tttttm", Trend("them", (1, 6), (5, 6))),
        ("tmtmtm", "mmmmmm", Trend("me", (6, 6), (3, 6))),
        ("mmmmmm", "mmmmmm", None),
        ("tmtmtm", "mmmmtm", None),
        ("tttttttttttttttttttttttttttttttttttttttttttttttttt", "tttttmmm", None),
        ("tttttt", "mm", None),
        ("tt", "mmmmmmmm", None),
        ("", "mmmmmm", None),
    ],
    ids=["me now", "them now", "both before", "as ever", "by chance", "still they", "few now", "few before", "new"],
)
def test_a_change_is_named_where_it_is_sure(before: str, recent: str, found: Trend | None) -> None:
    assert trend([*begun(before, day=100), *begun(recent, day=1_800)], NOW) == found


def test_what_comes_after_now_and_what_others_began_is_no_change() -> None:
    """A past morning sees nothing later."""
    ours = [*begun("tttttm", day=100), *begun("mmmmmt", day=1_800)]

    assert trend([*ours, meeting(9_999, "other", 1_990), *begun("tttttttt", day=2_001)], NOW) == trend(ours, NOW)


def test_beginnings_are_the_contacts_that_initiative_counts() -> None:
    mails = [mail(1, ME, 0), mail(2, ADA, 1), mail(3, ADA, 40)]
    threads = [Thread(1, tuple(mails[:2]), ME), Thread(2, (mails[2],), ADA)]

    found = beginnings([contact(m) for m in mails], threads, None)

    assert [(one.fact, one.by) for one in found] == [(1, "me"), (3, "them")]


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [((0, 0), (0, 0), 0.5), ((3, 3), (3, 3), 0.5), ((2, 3), (5, 1), 0.91375), ((0, 5_000), (5_000, 0), 1.0)],
    ids=["nothing seen", "the same", "more", "thousands"],
)
def test_how_surely_it_happens_more_often(one: tuple[int, int], other: tuple[int, int], sure: float) -> None:
    assert surely_more(one, other) == pytest.approx(sure, abs=1e-4)
    assert surely_more(other, one) == pytest.approx(1 - sure, abs=1e-4)


def test_more_of_the_same_makes_surer() -> None:
    few = manners(Standing(1, mine=4, theirs=4, began_mine=4, asked=4, answered=4))
    many = manners(Standing(1, mine=20, theirs=20, began_mine=20, asked=20, answered=20))

    assert few == Manners("answers but never begins", pytest.approx(1 - 0.8**5))
    assert many.sure > 0.98 > few.sure


def test_before_anything_is_seen_every_share_is_as_likely() -> None:
    assert surely_above(0.8, 0, 0) == pytest.approx(0.2)
    assert surely_above(0.5, 7, 7) == pytest.approx(0.5)


def test_thousands_of_beginnings_are_not_too_many() -> None:
    both = manners(Standing(1, mine=9_000, theirs=9_000, began_mine=4_000, began_theirs=4_000))

    assert both == Manners("both", pytest.approx(1.0))
    assert surely_above(0.8, 5_000, 0) == pytest.approx(1.0)
