from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.almanac import AHEAD, almanac_of, until_next
from agent.gifts.opportunity import VERB, noted
from agent.model import Almanac, Marks, Person, Standing, Topic
from agent.store.store import Store
from connectors.contract import Attendee, Card, Interaction, Meeting, Page, Party, Stream

ME, ADA = "me@home.example", "ada@loom.example"
OWN, PERSON = frozenset({ME}), Person(7, "Ada Weber", (ADA,))
MORNING = datetime(2024, 3, 5, 7, tzinfo=UTC)
NOW = int(MORNING.timestamp())
SENDS = Marks(asks=("promise",), signs=("sends",))


@dataclass
class Village:
    """One person of whom it is known what they care about."""

    own: frozenset[str] = OWN
    cares: tuple[Topic, ...] = ()
    asked: list[int] = field(default_factory=list)

    def people(self) -> Sequence[Person]:
        return [PERSON]

    def standings(self) -> Sequence[Standing]:
        return [Standing(7, mine=3, theirs=3, last=NOW)]

    def topics(self, person: int) -> tuple[Topic, ...]:
        self.asked.append(person)
        return self.cares


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as opened:
        yield opened


def mail(ago: float, to: str, marks: Marks | None = None, subject: str = "Paper makers") -> tuple[Interaction, Marks]:
    at = MORNING - timedelta(days=ago)
    id_ = f"{ago}.{to}"
    return Interaction(id_, at, "date", Party(ME), (Party(to),), subject=subject, message_id=id_), marks or Marks()


def entry(title: str, start: datetime | date, asked: Sequence[str] = (), *, recurring: bool = False) -> Interaction:
    begins = start if isinstance(start, datetime) else datetime(start.year, start.month, start.day, tzinfo=UTC)
    length = timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1)
    people = tuple(Attendee(Party(a)) for a in asked)
    meeting = Meeting(title, start, start + length, attendees=people, recurring=recurring)
    id_ = f"{title} {start}"
    return Interaction(id_, begins, "start", Party(ME), tuple(p.party for p in people), subject=title, meeting=meeting)


def keep(store: Store, *found: Interaction | Card | tuple[Interaction, Marks], account: str = "home") -> None:
    items = tuple(one[0] if isinstance(one, tuple) else one for one in found)
    marks = {one[0].id: one[1] for one in found if isinstance(one, tuple)}
    store.record(account, Stream("all", "All"), Page(items, {"v": 1, "epoch": 1}), marks, at=MORNING)


def today(
    store: Store, at: int = NOW, zone: tzinfo = UTC, *, past: bool = False, village: Village | None = None
) -> Almanac:
    return almanac_of(village or Village(), store, at, zone, lambda day: day.weekday() < 5, texts=True, past=past)


def test_of_an_empty_store_nothing_is_known(store: Store) -> None:
    assert today(store) == today(store, past=True) == Almanac()


def test_everything_of_a_day_is_found(store: Store) -> None:
    keep(
        store,
        mail(10, ADA, SENDS),
        mail(1, "third@loom.example", subject="Yarn"),
        Card("c", "Ada Weber", (ADA,), birthday=date(1604, 3, 5)),
        entry("Rag paper fair, Basel", MORNING + timedelta(days=9)),
    )
    store.say(VERB, [ADA], noted(1, "offered", "A stall"), at=NOW - 5)
    found = today(store)

    assert [fact.subject for fact in found.promises.values()] == ["Paper makers"]
    assert found.occasions[7].source == "your address book"
    assert found.errands[7].step == "ask"
    assert [one.title for one in found.events] == ["Rag paper fair, Basel"]


class TestAPastMorning:
    def test_knows_nothing_that_lay_ahead(self, store: Store) -> None:
        keep(
            store,
            entry("Rag paper fair, Basel", MORNING + timedelta(days=9)),
            entry("Ada Weber's birthday", date(2024, 3, 9)),
        )
        friday = NOW + 3 * 86_400

        assert today(store, friday).occasions.keys() == {7}
        assert today(store).events
        assert not today(store, friday, past=True).occasions
        assert not today(store, past=True).events

    def test_knows_the_birthday_that_had_begun(self, store: Store) -> None:
        keep(store, entry("Ada Weber's birthday", date(2024, 3, 5)))

        assert today(store, past=True).occasions.keys() == {7}
        assert not today(store, NOW - 86_400, past=True).occasions

    def test_knows_no_mail_and_no_word_of_later(self, store: Store) -> None:
        keep(store, mail(10, ADA, SENDS), mail(6, "third@loom.example", subject="Yarn"), mail(1, ADA))
        store.say(VERB, [ADA], noted(1, "offered", "A stall"), at=NOW)

        assert not today(store).promises
        assert today(store, NOW - 2 * 86_400, past=True).promises.keys() == {7}
        assert not today(store, NOW - 1, past=True).errands


@pytest.mark.parametrize(
    ("day", "days"),
    [(date(2024, 3, 5), 1), (date(2024, 3, 8), 3), (date(2024, 3, 9), 2), (date(2024, 3, 10), 1)],
    ids=["a Tuesday", "a Friday", "a Saturday", "a Sunday"],
)
def test_a_wish_is_proposed_before_days_without_a_digest(day: date, days: int) -> None:
    assert until_next(day, lambda d: d.weekday() < 5) == [day + timedelta(days=n) for n in range(days)]


def test_but_not_for_longer_than_a_few() -> None:
    assert len(until_next(date(2024, 3, 5), lambda _: False)) == AHEAD + 1


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
def test_a_whole_day_is_the_users_day_in_every_zone(store: Store, zone: str) -> None:
    keep(store, entry("Ada Weber's birthday", date(2024, 3, 5)))
    there = ZoneInfo(zone)

    for day, born in ((4, False), (5, True), (6, False)):
        for hour in (0, 7, 23):
            at = int(datetime(2024, 3, day, hour, 30, tzinfo=there).timestamp())
            assert bool(today(store, at, there).occasions) is born


def test_a_party_at_an_hour_is_no_birthday(store: Store) -> None:
    keep(store, entry("Ada Weber's birthday", datetime(2024, 3, 5, 19, tzinfo=UTC)))

    assert not today(store).occasions


def test_one_of_a_series_is_no_event_but_may_be_a_birthday(store: Store) -> None:
    keep(
        store,
        entry("Rag paper fair, Basel", MORNING + timedelta(days=9), recurring=True),
        entry("Ada Weber's birthday", date(2024, 3, 5), recurring=True),
    )
    found = today(store)

    assert (len(found.events), set(found.occasions)) == (0, {7})


def test_what_lies_ahead_is_no_contact(store: Store) -> None:
    keep(store, entry("Rag paper fair, Basel", MORNING + timedelta(days=9), [ADA]))

    assert list(store.facts(until=NOW)) == []


def test_an_account_that_is_off_says_nothing(store: Store) -> None:
    keep(store, entry("Ada Weber's birthday", date(2024, 3, 5)))
    keep(store, entry("Rag paper fair, Basel", MORNING + timedelta(days=9)), account="other")
    store.visible = frozenset({"home"})

    assert (len(today(store).events), set(today(store).occasions)) == (0, {7})
    store.visible = frozenset({"other"})
    assert (len(today(store).events), set(today(store).occasions)) == (1, set())


def test_where_nobody_knows_the_giver_nobodys_topics_are_looked_up(store: Store) -> None:
    store.say(VERB, ["ben@mill.example"], noted(1, "offered", "Rag paper"), at=NOW - 9)
    store.say(VERB, ["ben@mill.example"], noted(1, "yes"), at=NOW - 8)
    village = Village(cares=(Topic("rag paper", 9.0, 5, NOW),))

    assert today(store, village=village).errands == {}
    assert village.asked == []
