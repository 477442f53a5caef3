"""Whole rounds over a real Radicale into a real store, through a network that does what networks do."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.model import Fact
from agent.pull import Toured, tour
from agent.store.store import Chosen, Store
from connectors.caldav import CalDav, Options
from connectors.contract import Credential, Session
from tests.connectors.test_caldav import RESPONSE, calendar, event, rewrites, says, single
from tests.servers.proxy import CUT, DRIP, RESET, STALL, Fault, Proxy
from tests.servers.radicale import Radicale, User, running

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
EVER = 1 << 40
HOUR = timedelta(hours=1)
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=3"


@pytest.fixture(scope="module")
def server() -> Iterator[Radicale]:
    with running() as found:
        yield found


@dataclass
class House:
    """A store, a user's calendars, and a network between the two."""

    store: Store
    user: User
    proxy: Proxy
    at: datetime = NOW
    page: int = 50
    silence: float = 5.0
    lasts: float = 30.0

    def connector(self) -> CalDav:
        options = Options.model_validate(
            {
                "kind": "caldav",
                "address": "ada@example.org",
                "user": self.user.name,
                "url": f"http://127.0.0.1:{self.proxy.port}/{self.user.name}/",
                "private": True,
            }
        )
        session = Session(time.monotonic, ends=time.monotonic() + self.lasts, silence=self.silence)
        signs = Credential(self.user.name, self.user.password)
        return CalDav(options, now=self.at, session=session, credential=signs, page=self.page)

    def round(self, later: timedelta = timedelta()) -> Toured:
        self.at += later
        return tour("cal", self.connector, self.store, lambda: self.at, 0.5)

    def subjects(self) -> list[str]:
        """Of all meetings that are kept, in order of the alphabet: doubles show."""
        return sorted(fact.subject for fact in self.store.facts(until=EVER))


@pytest.fixture
def build(server: Radicale, tmp_path: Path) -> Iterator[Callable[[], House]]:
    """Another house each time, with calendars of its own that say the same."""
    server.heal()
    opened: list[House] = []

    def built() -> House:
        user = server.user()
        user.make("work", "Work")
        user.put("work", "a.ics", single("a"))
        user.put("work", "b.ics", single("b", WEEKLY))
        user.put("work", "c.ics", single("c"))
        store = Store.open(tmp_path / f"{len(opened)}.db", key=b"k" * 32).__enter__()
        store.accept([Chosen("cal", "caldav")], {"file": [1, 1]}, "", at=NOW)
        house = House(store, user, Proxy(server.port).__enter__())
        opened.append(house)
        return house

    yield built
    for house in opened:
        house.proxy.__exit__()
        house.store.__exit__(None, None, None)
    server.heal()


@pytest.fixture
def home(build: Callable[[], House]) -> House:
    return build()


def facts(store: Store) -> list[Fact]:
    """What is kept, without the numbers that it got."""
    return sorted((replace(fact, id=0) for fact in store.facts(until=EVER)), key=lambda fact: (fact.at, fact.subject))


ALL = ["About a", "About b", "About b", "About b", "About c"]


def test_a_round_brings_everything_once_and_the_next_nothing(home: House) -> None:
    first, again = home.round(), home.round(HOUR)

    assert home.subjects() == ALL
    assert (first.pulled.found, again.pulled.found, again.ended.state) == (5, 0, "ok")


def test_an_audit_has_nothing_to_repair(home: House) -> None:
    home.user.put("work", "t.ics", calendar(event("t").replace("VEVENT", "VTODO")))
    home.user.put("work", "e.ics", single("e", "RRULE:FREQ=WEEKLY"))
    home.round()
    home.user.server.asked.clear()

    audited = home.round(timedelta(days=8))

    assert any("work" in line for line in home.user.server.asked)
    assert (audited.pulled.repaired, audited.pulled.gone, audited.ended.state) == (0, 0, "ok")
    assert home.store.ledger("cal") == []


def test_F10_caldav_what_was_missed_comes_from_the_ledger(home: House) -> None:
    home.user.server.lie = rewrites("calendar-multiget", RESPONSE % rb"b\.ics", b"")
    home.round()
    assert (home.subjects(), len(home.store.ledger("cal"))) == (["About a", "About c"], 1)
    home.user.server.heal()

    home.round(timedelta(minutes=2))

    assert home.subjects() == ALL
    assert home.store.ledger("cal") == []


def test_F15_caldav_a_series_that_came_from_the_ledger_goes_when_it_is_deleted(home: House) -> None:
    home.user.server.lie = rewrites("calendar-multiget", RESPONSE % rb"b\.ics", b"")
    home.round()
    home.user.server.heal()
    home.round(timedelta(minutes=2))
    home.user.delete("work", "b.ics")

    home.round(timedelta(days=8))

    assert home.subjects() == ["About a", "About c"]


def test_F13_caldav_a_calendar_that_is_suddenly_empty_is_not_believed_at_once(home: House) -> None:
    home.user.fill("work", [(f"n{n:03}.ics", single(f"n{n}")) for n in range(80)])
    home.round()
    assert len(home.subjects()) == 85
    for n in range(80):
        (home.user.folder("work") / f"n{n:03}.ics").unlink()

    held = home.round(HOUR)
    assert (held.pulled.held, len(home.subjects())) == (80, 85)

    home.round(timedelta(hours=2))
    assert home.subjects() == ALL


def test_F13_caldav_what_was_only_away_for_a_while_is_never_lost(home: House) -> None:
    names = [f"n{n:03}.ics" for n in range(80)]
    home.user.fill("work", [(name, single(name)) for name in names])
    home.round()
    away = [(name, (home.user.folder("work") / name).read_bytes()) for name in names]
    for name in names:
        (home.user.folder("work") / name).unlink()
    assert home.round(HOUR).pulled.held == 80
    home.user.fill("work", away)

    home.round(timedelta(hours=2))
    home.round(timedelta(days=8))

    assert len(home.subjects()) == 85


def test_F20_caldav_a_calendar_that_is_deleted_goes_after_three_rounds(home: House) -> None:
    home.user.make("home", "At home")
    home.user.put("home", "h.ics", single("h"))
    home.round()
    home.user.delete("work")

    kept = []
    for _ in range(4):
        home.round(HOUR)
        kept.append(len(home.subjects()))

    assert kept[0] == 6, "one round without it is no evidence"
    assert home.subjects() == ["About h"]


def test_F16_caldav_one_meeting_in_two_calendars_is_one(home: House) -> None:
    home.user.make("home", "At home")
    home.user.put("home", "other.ics", single("a"))
    home.round()

    assert home.subjects() == ALL
    home.user.delete("work", "a.ics")
    home.round(HOUR)
    assert home.subjects() == ALL
    home.user.delete("home", "other.ics")
    home.round(HOUR)
    assert home.subjects() == ALL[1:]


def plain(*_: object) -> None:
    """Nothing is rewritten; but answers come unpacked, so that the proxy sees their lines."""


def test_F3_caldav_cut_at_any_answer_a_round_goes_on_and_ends_the_same(build: Callable[[], House]) -> None:
    """The proxy ends the connection in the middle of a line of the answer: of each 9th."""
    whole = build()
    whole.user.server.lie = plain
    whole.page = 1
    whole.round()
    lines = whole.proxy.answers
    assert lines > 60
    house = build()
    house.page = 1
    for cut in range(1, lines, 9):
        house.proxy.heal()
        house.proxy.cut_at(cut)
        assert house.round(HOUR).ended.state in ("ok", "waiting", "offline"), cut
        assert not Counter(house.subjects()) - Counter(ALL), "nothing doubled, nothing from nowhere"
    house.proxy.heal()
    assert house.round(HOUR).ended.state == "ok"

    assert house.subjects() == ALL
    assert facts(house.store) == facts(whole.store)


@pytest.mark.parametrize("fault", [CUT, RESET])
def test_F3_caldav_an_answer_that_breaks_off_is_asked_for_again_later(home: House, fault: Fault) -> None:
    home.user.server.lie = plain
    home.proxy.at(rb"SUMMARY:About b", fault)
    broken = home.round()
    home.proxy.heal()
    mended = home.round(HOUR)

    assert broken.ended.state in ("waiting", "offline")
    assert (mended.ended.state, home.subjects()) == ("ok", ALL)


@pytest.mark.parametrize("fault", [STALL, DRIP])
def test_F4_caldav_silence_and_dripping_end_and_the_next_round_goes_on(home: House, fault: Fault) -> None:
    home.silence, home.lasts = 0.4, 1.5
    home.user.server.lie = plain
    home.proxy.at(rb"SUMMARY:About b" if fault == STALL else rb".", fault)
    began = time.monotonic()
    broken = home.round()
    assert time.monotonic() - began < 4
    home.proxy.heal()
    mended = home.round(HOUR)

    assert broken.ended.state in ("waiting", "offline", "limited")
    assert (mended.ended.state, home.subjects()) == ("ok", ALL)


def test_F8_caldav_a_lost_token_heals_in_one_round_without_a_reset(home: House) -> None:
    home.round()
    home.user.put("work", "d.ics", single("d"))
    home.user.delete("work", "b.ics")
    home.user.server.lie = says("sync-collection", 403)

    healed = home.round(HOUR)

    assert (healed.ended.state, home.subjects()) == ("ok", ["About a", "About c", "About d"])
    watched = home.store.watched("cal", f"/{home.user.name}/work/")
    assert watched is not None
    assert not watched.degraded
