from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from agent.gifts.occasion import BIRTHDAY, WORK, occasions, whose
from agent.model import DAY, Almanac, Fact, Occasion, Person, Standing
from agent.proposals import occasion as proposal
from connectors.contract import Card
from tests.agent.tales import ADA, ME, MORNING, NOW, OWN, PERSON, mail, stands, talk, tie

TODAY = date(2024, 3, 5)
"""The day of NOW, a Tuesday."""

BEN = Person(8, "Ben Ott", ("ben@mill.example",))
LI = Person(9, "王小明", ("li@mill.example",))
EXCHANGED = Standing(7, mine=2, theirs=2, last=NOW - DAY, last_mine=NOW - DAY, last_theirs=NOW - DAY)


def card(born: date | None, addresses: Sequence[str] = (ADA,), name: str = "Ada Weber", number: int = 1) -> Card:
    return Card(f"card-{number}", name, tuple(addresses), birthday=born)


def found(
    cards: Iterable[Card] = (),
    calendar: Iterable[Fact] = (),
    people: Sequence[Person] = (PERSON, BEN, LI),
    today: date = TODAY,
    days: int = 1,
) -> dict[int, Occasion]:
    return occasions(cards, calendar, people, [today + timedelta(days=n) for n in range(days)], OWN)


def whole_day(title: str, day: date = TODAY, people: Sequence[str] = ()) -> Fact:
    at = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return Fact(70, at, ME, tuple(people), subject=title, meeting=True)


def test_a_birthday_stands_on_a_card() -> None:
    assert found([card(date(1974, 3, 5))]) == {7: Occasion("birthday", TODAY, "your address book", 50)}
    assert found([card(date(1974, 3, 6))]) == {}


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1604, 3, 5), 0),
        (date(1974, 3, 5), 50),
        (date(1975, 3, 5), 0),
        (date(1904, 3, 5), 0),
        (date(2014, 3, 5), 0),
        (date(2034, 3, 5), 0),
        (date(1, 3, 5), 0),
    ],
    ids=["no year", "round", "not round", "too old to be true", "a child", "not yet born", "year one"],
)
def test_an_age_is_said_only_where_it_is_known_and_round(born: date, age: int) -> None:
    assert found([card(born)])[7].age == age


def test_where_a_program_begins_to_count_nobody_was_born() -> None:
    assert found([card(date(1970, 1, 1))], today=date(2024, 1, 1)) == {}
    assert found([card(date(1604, 1, 1))], today=date(2024, 1, 1)).keys() == {7}


@pytest.mark.parametrize(
    ("today", "leap"),
    [(date(2024, 2, 29), False), (date(2023, 2, 28), True), (date(2024, 2, 28), None), (date(2023, 3, 1), None),
     (date(1900, 2, 28), True)],
    ids=["in a leap year", "in a common year", "the day before", "the day after", "in a century's year"],
)  # fmt: skip
def test_who_was_born_on_a_leap_day_has_one_day_each_year(today: date, leap: bool | None) -> None:
    one = found([card(date(1604, 2, 29))], today=today).get(7)

    assert (one.leap if one else None) is leap


def test_of_two_cards_the_one_with_a_year_tells_more() -> None:
    both = [card(date(1604, 3, 5)), card(date(1974, 3, 5), number=2)]

    assert found(both)[7].age == found(reversed(both))[7].age == 50


def test_where_two_cards_differ_nobody_knows() -> None:
    assert found([card(date(1974, 3, 5)), card(date(1974, 5, 3), number=2)]) == {}
    assert found([card(date(1974, 3, 5)), card(date(1964, 3, 5), number=2)])[7].age == 0


@pytest.mark.parametrize(
    ("one", "people", "whose_"),
    [
        (card(TODAY, ["ADA@Loom.example"]), (PERSON,), {7}),
        (card(TODAY, []), (PERSON,), {7}),
        (card(TODAY, ["ada@private.example"]), (PERSON,), {7}),
        (card(TODAY, [], "Áda  WEBER"), (PERSON,), {7}),
        (card(TODAY, [], "Ada"), (replace(PERSON, name="Ada"),), set()),
        (card(TODAY, []), (PERSON, replace(PERSON, id=8, addresses=("ada@other.example",))), set()),
        (card(TODAY, []), (replace(PERSON, kind="machine"),), set()),
        (card(TODAY, [ME]), (PERSON,), set()),
        (card(None), (PERSON,), set()),
    ],
    ids=["by address", "by full name", "by name, as the address is unknown", "spelled otherwise", "a given name",
         "two of one name", "a machine", "the user's own card", "no birthday"],
)  # fmt: skip
def test_a_card_is_somebodys_by_address_or_by_a_full_name_of_one(
    one: Card, people: Sequence[Person], whose_: set[int]
) -> None:
    born = one if one.birthday is None else replace(one, birthday=date(1604, 3, 5))

    assert found([born], people=people).keys() == whose_


@pytest.mark.parametrize(
    "title",
    [
        "Ada Weber's birthday",
        "Ada Weber’s 50th Birthday",
        "Birthday: Ada Weber",
        "🎂 Ada Weber (1974)",
        "Geburtstag von Ada Weber",
        "Ada Webers Geburtstag",
        "Ada Weber hat Geburtstag",
        "Anniversaire d'Ada Weber",
        "Cumpleaños de Ada Weber",
        "Compleanno di Ada Weber",
        "Aniversário da Ada Weber",
        "Verjaardag van Ada Weber",
        "Ada Weber is jarig",
        "Ada Weber fyller år",
        "Urodziny: Ada Weber",
        "День рождения: Ada Weber",
        "Ada Weberの誕生日",
    ],
)
def test_a_birthday_in_a_calendar_is_known_in_many_languages(title: str) -> None:
    assert BIRTHDAY.search(title)
    assert whose(title, BIRTHDAY, {"ada weber": 7, "ben ott": 8}) == 7


def test_an_apostrophe_may_be_a_part_of_the_name() -> None:
    assert whose("Paula D'Angelo's birthday", BIRTHDAY, {"paula dangelo": 7}) == 7


def test_a_name_without_a_gap_is_found_too() -> None:
    assert found(calendar=[whole_day("王小明的生日")]).keys() == {9}


@pytest.mark.parametrize(
    "title",
    [
        "Ada's birthday",
        "Ada Weber's mother's birthday",
        "Ada Weber's birthday party",
        "Anniversaire de mariage d'Ada Weber",
        "Ada Weber and Ben Ott: birthday",
        "Birthday",
        "Ada Weber",
        "Buy a birthday present for Ada Weber",
        "Adam Weberling's birthday",
        "",
    ],
    ids=["a given name", "her mother's", "a party", "a wedding day", "of two", "of nobody", "no birthday", "an errand",
         "a longer name", "nothing"],
)  # fmt: skip
def test_a_title_that_says_more_or_less_means_nobody(title: str) -> None:
    assert found(calendar=[whole_day(title)]) == {}


def test_an_entry_to_which_others_are_asked_is_a_party() -> None:
    title = "Ada Weber's birthday"

    assert found(calendar=[whole_day(title)]).keys() == {7}
    assert found(calendar=[whole_day(title, people=("ben@mill.example",))]) == {}
    assert found(calendar=[replace(whole_day(title), cancelled=True)]) == {}
    assert found(calendar=[whole_day(title, date(2024, 3, 6))]) == {}


@pytest.mark.parametrize(
    "title",
    ["Ada Weber: work anniversary", "Ada Webers Dienstjubiläum", "Ada Weber – 10 years at the guild",
     "Anniversaire professionnel : Ada Weber"],
    ids=["English", "German", "years", "French"],
)  # fmt: skip
def test_a_work_anniversary_stands_in_a_calendar(title: str) -> None:
    assert WORK.search(title)
    one = found(calendar=[whole_day(title)])[7]

    assert (one.name, one.source) == ("work anniversary", "your calendar")
    assert one.cite is not None
    assert (one.cite.fact, one.cite.subject) == (70, title)


def test_a_birthday_goes_before_a_work_anniversary_and_today_before_tomorrow() -> None:
    work, tomorrow = whole_day("Ada Weber: work anniversary"), whole_day("Birthday: Ada Weber", date(2024, 3, 6))

    assert found(calendar=[work, tomorrow], days=2)[7].name == "birthday"
    assert found([card(date(1604, 3, 6))], [whole_day("Birthday: Ada Weber")], days=2)[7].day == TODAY


def said(one: Occasion) -> str:
    of = tie(talk(mail(1, 90, "me"), mail(2, 89)), talk(mail(3, 40)))
    made = proposal.propose(of, stands(of), replace(MORNING, almanac=Almanac(occasions={7: one})))
    assert made is not None
    assert made.pool == "keeping up"
    return made.why


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (Occasion("birthday", TODAY, "your address book"), "Ada’s birthday is today, 5 March (your address book)"),
        (Occasion("birthday", TODAY, "your calendar", 50), "Ada’s 50th birthday is today, 5 March (your calendar)"),
        (
            Occasion("birthday", date(2024, 3, 6), "your calendar"),
            "Ada’s birthday is tomorrow, 6 March (your calendar)",
        ),
        (
            Occasion("birthday", date(2024, 3, 8), "your calendar"),
            "Ada’s birthday is on Friday, 8 March (your calendar)",
        ),
        (
            Occasion("birthday", TODAY, "your address book", leap=True),
            "Ada’s birthday is kept today, 29 February, which this year does not have (your address book)",
        ),
        (
            Occasion("work anniversary", TODAY, "your calendar"),
            "Ada’s work anniversary is today, 5 March (your calendar)",
        ),
    ],
    ids=["today", "round", "tomorrow", "on a day", "a leap day", "at work"],
)
def test_it_is_said_with_its_day_and_where_it_stands(one: Occasion, why: str) -> None:
    assert said(one) == f"{why}; Ada wrote last, on 25 January."


@pytest.mark.parametrize(
    ("standing", "wanted"),
    [
        (EXCHANGED, True),
        (replace(EXCHANGED, person=8), False),
        (replace(EXCHANGED, theirs=1), False),
        (replace(EXCHANGED, last_theirs=NOW - 4 * 365 * DAY), False),
    ],
    ids=["an acquaintance", "somebody else", "one mail of theirs", "years ago"],
)
def test_a_wish_is_for_those_with_whom_there_was_an_exchange(standing: Standing, wanted: bool) -> None:
    morning = replace(MORNING, almanac=Almanac(occasions={7: Occasion("birthday", TODAY, "your calendar")}))

    assert proposal.fits(standing, morning) is wanted
    assert proposal.weight(standing, morning) > 1


def test_hostile_names_break_nothing() -> None:
    hostile = "Ada\n\u202e<b>" + "x" * 10_000 + " Weber"
    person = replace(PERSON, name=hostile)

    assert found([card(date(1974, 3, 5), name=hostile)], people=[person]).keys() == {7}
    assert found(calendar=[whole_day(f"{hostile}'s birthday")], people=[person]) == {}
