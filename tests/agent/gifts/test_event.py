from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.gifts.event import event, events, speaks
from agent.model import DAY, Almanac, Event, Fact, Morning, Person, Tie
from tests.agent.tales import ADA, ME, MORNING, NOW, OWN, PERSON, mail, stands, talk, tie

FAIR = "Rag paper fair, Basel"
MANY = tuple(f"guest{n}@house{n}.example" for n in range(12))
COLLEAGUES = tuple(f"colleague{n}@home.example" for n in range(12))
GUESTS = tuple(f"guest{n}@client.example" for n in range(12))


def entry(title: str = FAIR, days: float = 10, people: Sequence[str] = (), number: int = 50) -> Fact:
    """Something in the user's calendar, so many days after NOW."""
    return Fact(number, NOW + int(days * DAY), ME, tuple(people), subject=title, meeting=True)


def found(*facts: Fact, recurring: Sequence[int] = ()) -> list[str]:
    return [one.title for one in events(facts, (), recurring, OWN, NOW, UTC)]


def morning(*facts: Fact) -> Morning:
    return replace(MORNING, almanac=Almanac(events=events(facts, (), (), OWN, NOW, UTC)))


def paper(*more: str, ago: float = 60, person: Person = PERSON) -> Tie:
    """A tie that spoke of rag paper twice, and of this."""
    threads = [talk(mail(n, ago + n, "me" if n % 2 else "them", title))
               for n, title in enumerate(("Rag paper", "The rag paper from Basel", *more), 1)]  # fmt: skip
    return tie(*reversed(threads), person=person)


def says(of: Tie, *facts: Fact) -> str:
    gift = event(of, stands(of), morning(*facts or (entry(),)))
    return gift.says if gift else ""


def test_an_event_fits_what_the_two_wrote_about() -> None:
    gift = event(paper(), stands(paper()), morning(entry()))

    assert gift is not None
    assert gift.says == (
        "“Rag paper fair, Basel” is on Friday, 15 March in your calendar; you two wrote about rag paper. "
        "Ask whether Ada goes."
    )
    assert gift.opener == "Hi Ada,\n\n“Rag paper fair, Basel” is on Friday, 15 March. Are you going? "
    assert gift.subject == FAIR
    assert [c.fact for c in gift.cites] == [1]


@pytest.mark.parametrize(
    "facts",
    [
        (entry("Rag paper order"),),
        (entry(days=2),),
        (entry(days=31),),
        (entry(people=(ADA,)),),
        (entry(people=("bruno@mill.example", "clara@mill.example")),),
        (entry(people=(*MANY, ADA)),),
        (replace(entry(), cancelled=True),),
        (replace(entry(), declined=(ME,)),),
        (replace(entry(), meeting=False),),
        (entry("Ada Weber at the rag paper fair"),),
        (entry("Rag paper fair, internal preparation"),),
    ],
    ids=["no event", "too soon", "too far", "a date of the two", "a date of a few", "they are in it", "cancelled",
         "declined", "a mail", "about them", "behind closed doors"],
)  # fmt: skip
def test_some_entries_are_nothing_to_speak_of(facts: Sequence[Fact]) -> None:
    assert says(paper(), *facts) == ""


def test_one_of_a_series_is_no_event() -> None:
    assert found(entry()) == [FAIR]
    assert found(entry(), recurring=[50]) == []


def test_two_entries_of_one_event_are_one() -> None:
    assert found(entry(), entry(FAIR.upper(), days=11, number=51)) == [FAIR]


@pytest.mark.parametrize(
    ("people", "whom", "told"),
    [
        (MANY, ADA, True),
        (COLLEAGUES, ADA, False),
        (COLLEAGUES, "ada@home.example", True),
        (GUESTS, ADA, False),
        (GUESTS, "ada@client.example", True),
        ((*GUESTS, *COLLEAGUES), ADA, False),
        ((*MANY, *COLLEAGUES), ADA, True),
    ],
    ids=["open to all", "of one's own company", "to a colleague", "of another company", "to one of that company",
         "of two companies", "with outsiders"],
)  # fmt: skip
def test_what_a_company_holds_for_itself_stays_in_it(people: Sequence[str], whom: str, told: bool) -> None:
    of = paper(person=replace(PERSON, addresses=(whom,)))

    assert bool(says(of, entry(people=people))) is told


@pytest.mark.parametrize(
    "of",
    [
        tie(talk(mail(1, 60, subject="Rag paper")), talk(mail(2, 50, subject="The loom"))),
        tie(talk(mail(1, 60, subject="Paper")), talk(mail(2, 50, subject="Paper, again"))),
        paper(ago=400),
        tie(),
    ],
    ids=["once only", "one word", "long ago", "nothing at all"],
)
def test_chance_is_no_topic(of: Tie) -> None:
    assert says(of) == ""


@pytest.mark.parametrize(
    "title",
    [FAIR, "Hand loom exhibition, Zurich", "Ausstellung Handweberei Leipzig", "Salon du livre ancien",
     "Feria del papel artesanal", "Mostra di carta antica", "Wystawa papieru czerpanego"],
    ids=["a fair", "an exhibition", "German", "French", "Spanish", "Italian", "Polish"],
)  # fmt: skip
def test_what_is_open_to_many_calls_itself_so(title: str) -> None:
    assert speaks(title)


@pytest.mark.parametrize(
    "title",
    ["", "Fair", "Job interview at the book fair", "Lunch with Elena", "Church festival choir", "Team conference call",
     "Rag paper", "Court market hearing", "Customer workshop paper", "Dentist", "Birthday concert of Ada"],
    ids=["nothing", "its sort alone", "an interview", "a lunch", "religion", "a call", "no event", "a court",
         "a customer", "health", "a birthday"],
)  # fmt: skip
def test_what_is_private_or_small_is_not(title: str) -> None:
    assert not speaks(title)


def test_a_whole_day_is_that_day_in_every_zone() -> None:
    midnight = int(datetime(2024, 3, 15, tzinfo=UTC).timestamp())
    whole = replace(entry(), at=midnight)
    zone = ZoneInfo("America/Los_Angeles")

    [one] = events([whole], {50}, (), OWN, NOW, zone)
    [timed] = events([whole], (), (), OWN, NOW, zone)
    assert (one.day, timed.day) == (datetime(2024, 3, 15, tzinfo=UTC).date(), one.day - timedelta(days=1))


def test_a_hostile_title_is_clipped_and_breaks_nothing() -> None:
    title = "Rag paper fair " + "<b>\n\u202e" * 3_000
    gift = event(paper(), stands(paper()), morning(entry(title)))

    assert gift is not None
    assert len(gift.says) < 250
    assert "\n" not in gift.says
    assert isinstance(morning(entry()).almanac.events[0], Event)
