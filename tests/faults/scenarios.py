"""What happens to a source and to the store, and how it must end: the same stories for each kind of source.

Every round in them is followed by the digest of that moment (`House.round`), which must name nobody who was in contact.
"""

import resource
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from agent import fresh, work
from agent.pull import Toured, tour
from agent.store.store import Chosen, LaneClosed, Store, StoreTrouble
from connectors.contract import Cursor, Page, Session, Stream
from tests.agent.dumps import differences
from tests.faults.houses import DAY, HOUR, NINA, ROLF, SETTINGS, House
from tests.faults.sources import Archive, Contact, Harm

PASSING = ("waiting", "offline", "limited")
"""How a round ends that will go better by itself."""


def read(house: House) -> House:
    """The first round: all is well."""
    assert house.round().ended.state == "ok"
    house.whole()
    return house


def rolf(house: House, key: str = "rolf", **more: Any) -> Contact:
    """Rolf, of whom nothing was heard for half a year, is in contact an hour before now."""
    return Contact(key, ROLF, house.at - HOUR, **more)


def passes(house: House, harm: Harm, states: Collection[str] = PASSING, *, quick: bool = False) -> Toured:
    """A fault comes and goes: at the first round of all, and after a good one, for three days; Rolf writes meanwhile.

    Gives how the first round ended that met it.
    """
    house.silence, house.lasts = (0.3, 1.0) if quick else (5.0, 20.0)
    house.source.harm(harm)
    first = house.round()
    assert first.ended.state in states, first.ended
    assert not house.named or house.source.archive, "nobody is named while an account is coming in"
    house.source.heal()
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" in house.named
    house.source.put(rolf(house))
    before = house.kept()
    house.source.harm(harm)
    assert house.round(HOUR).ended.state in states
    house.round(3 * DAY)
    assert house.kept() == before, "nothing is taken away, and nothing half comes in"
    if not house.source.archive:
        assert house.named == (), "who is not up to date names nobody"
    house.source.heal()
    assert house.round(6 * HOUR).ended.state == "ok"
    house.whole()
    assert "Rolf Auer" not in house.named
    return first


def refused(house: House) -> None:
    """The sign-in is turned down: tried twice, then told, and never again at once."""
    read(house)
    house.source.put(rolf(house))
    house.source.harm("refused")
    once, twice = house.round(HOUR), house.round(HOUR)
    assert (once.follows.state, twice.follows.state) == ("waiting", "sign in")
    at = int(house.at.timestamp())
    assert twice.follows.next_at is not None
    assert twice.follows.next_at - at >= 6 * 3_600
    assert twice.ended.remedy
    house.round(3 * DAY)
    assert house.named == ()
    house.source.heal()
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" not in house.named


def full(house: House, tmp_path: Path) -> None:
    """There is no room for the store: the page is rolled back, and said; with room again, all comes."""
    read(house)
    before = house.dump()
    house.source.put(rolf(house), *(Contact(f"many{n}", NINA, house.at - timedelta(days=40 + n)) for n in range(40)))
    house.at += HOUR
    house.store.connection.exec_driver_sql(f"PRAGMA max_page_count = {house.store.one('PRAGMA page_count')}")
    assert "the disk is full; nothing was lost" in told(house)
    assert {"rolf", *(f"many{n}" for n in range(40))} - set(house.kept()), "it was full before all had come"
    assert {row[0] for row in before["item"]} <= {row[0] for row in house.dump()["item"]}
    house.store.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    house.round(HOUR)
    house.whole()
    assert house.store.one("PRAGMA integrity_check") == "ok"


def told(house: House, path: Path | None = None) -> str:
    """What is said of the store, with which rounds cannot go on."""
    try:
        if path:
            house.store = Store.open(path, key=b"k" * 32)
        for _ in range(9):
            house.tour()
    except StoreTrouble as trouble:
        return str(trouble)
    finally:
        if path:
            house.store.close()
    return ""


@contextmanager
def longest(size: int) -> Iterator[None]:
    """No file of this process may grow beyond that, as under a quota."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def damaged(house: House, template: Path) -> None:
    """The database is damaged: it is said and left as it is; moved aside, all comes again from the source."""
    read(house)
    whole, path = house.kept(), house.store.path
    house.store.connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    house.store.close()
    content = bytearray(path.read_bytes())
    content[8_192:] = b"\xff" * (len(content) - 8_192)
    path.write_bytes(content)
    house.at += HOUR
    said = told(house, path)
    assert "the file is damaged. Keep a copy of it, move it away" in said
    aside = path.with_suffix(".damaged")
    path.rename(aside)
    kept = aside.read_bytes()
    path.write_bytes(template.read_bytes())  # the other accounts come again from their sources too
    house.store = Store.open(path, key=b"k" * 32)
    house.opt_in()
    house.read_at = None
    house.round(HOUR)
    assert house.kept() == whole
    assert aside.read_bytes() == kept


def lost(house: House) -> None:
    """The cursor is lost and half of what there is is new: it heals in one round, and nothing else changes."""
    old = [Contact(f"half{n}", NINA, house.at - timedelta(days=200 + n)) for n in range(20)]
    house.source.put(*old)
    read(house)

    def digest() -> Any:
        fresh.learn(house.store, SETTINGS.me.addresses, UTC, house.at)
        return work.make(house.store, SETTINGS, house.at, UTC, past=False).outcome.proposals

    before = digest()
    numbers = {row[0]: row[1] for row in house.store.rows("SELECT subject, id FROM item")}
    house.source.drop(*(one.key for one in old[:10]))
    house.source.put(*(Contact(f"new{n}", NINA, house.at - timedelta(days=250 + n)) for n in range(10)))
    house.source.harm("lost")
    assert house.round(HOUR).ended.state == "ok"
    house.whole()
    house.at -= HOUR
    assert [(one.person.name, one.pool, one.gift.kind) for one in digest()] == [
        (one.person.name, one.pool, one.gift.kind) for one in before
    ]
    house.at += HOUR
    now = {row[0]: row[1] for row in house.store.rows("SELECT subject, id FROM item")}
    assert {s: n for s, n in now.items() if s in numbers} == {s: n for s, n in numbers.items() if s in now}


def emptied(house: House) -> None:
    """All at once there is nothing any more: it is not believed, and when it is all back nothing ever happened."""
    house.source.put(*(Contact(f"many{n}", NINA, house.at - timedelta(days=40 + n)) for n in range(70)))
    read(house)
    before = house.kept()
    away = dict(house.source.there)
    house.source.drop(*away)
    first = house.round(HOUR)
    assert house.kept() == before
    house.round(timedelta(minutes=20))
    assert house.kept() == before
    if house.source.kind != "mbox":
        assert first.pulled.held == len(before)
    house.source.put(*away.values())
    house.round(HOUR)
    house.round(2 * HOUR)
    assert house.kept() == before


def deleted(house: House) -> None:
    """What was deleted at its source goes, and nothing else."""
    read(house)
    house.source.drop("old0", "old4")
    assert house.round(HOUR).ended.state == "ok"
    house.whole()


def twins(house: House) -> None:
    """The same source a second time, as another account: nothing counts twice, and what one has is not gone."""
    read(house)
    once, names = house.kept(), set(house.store.names())
    kind = "ics" if house.source.kind == "ics_url" else house.source.kind
    session = Session(time.monotonic)
    accounts = [Chosen(name, kind, house.source.archive) for name in ("sick", "twin")]
    house.store.accept([Chosen("post", "mbox", archive=True), *accounts], {"file": [1, 1]}, "", at=house.at)
    house.store.visible = None
    done = tour("twin", lambda: house.source.connector(house.at, session), house.store, lambda: house.at, 0.5)

    assert (done.ended.state, done.pulled.new) == ("ok", 0)
    assert house.kept() == once
    assert set(house.store.names()) == names
    house.opt_in()
    house.round(HOUR)
    house.whole()


def bare(house: House) -> None:
    """What has no id of its own is known again by what it says, and two of them stay two."""
    one, other = rolf(house, "bare1", bare=True), Contact("bare2", NINA, house.at - 2 * DAY, bare=True)
    house.source.put(one, other)
    read(house)
    house.source.put(Contact("more", NINA, house.at - 3 * DAY))
    house.round(HOUR)
    house.whole()
    assert house.named == ()


def beside(house: House, tmp_path: Path, harm: Harm | None) -> None:
    """While the sick one hangs, another account's round goes on as if there were none, with no lock in its way."""
    read(house)
    (tmp_path / "well").mkdir()
    well = Archive(tmp_path / "well")
    well.put(*(Contact(f"well{n}", NINA, house.at - timedelta(days=90 + n)) for n in range(12)))
    house.store.accept(
        [Chosen("post", "mbox", archive=True), Chosen("sick", house.source.kind, house.source.archive),
         Chosen("well", "mbox", archive=True)], {"file": [1, 1]}, "", at=house.at,
    )  # fmt: skip
    house.source.put(rolf(house), *(Contact(f"many{n}", NINA, house.at - timedelta(days=40 + n)) for n in range(60)))
    if harm:
        house.source.harm(harm)
    house.silence, house.lasts = 1.0, 1.5
    mine, ended = house.store, []

    def sick() -> None:
        with Store.open(mine.path, key=b"k" * 32) as store:
            house.store = store
            ended.append(house.tour().ended.state)

    beside = threading.Thread(target=sick)
    beside.start()
    began = time.monotonic()
    done = tour("well", lambda: well.connector(house.at, Session(time.monotonic)), mine, lambda: house.at, 0.5)
    took = time.monotonic() - began
    beside.join()
    house.store, mine.visible = mine, None

    assert (done.ended.state, done.pulled.new) == ("ok", 12)
    assert not harm or took < 1.0, "it did not wait for the other"
    assert ended[0] in (PASSING if harm else ("ok",))
    house.source.heal()
    house.round(6 * HOUR)
    assert sorted({*house.source.there, *well.there}) == house.kept()


def slept(house: House) -> None:
    """The machine sleeps for a month, and its clock is put back for a week: one round each, and all is there."""
    read(house)
    house.at += 30 * DAY
    house.source.put(Contact("rolf", ROLF, house.at - 3 * DAY), Contact("pia", NINA, house.at - 2 * DAY))
    if not house.source.archive:
        assert house.digest() == (), "before the round nobody knows what came"
    assert house.round().ended.state == "ok"
    house.whole()
    assert house.named == ()
    house.source.put(Contact("later", NINA, house.at - HOUR))
    assert house.round(-7 * DAY).ended.state == "ok"
    assert house.round(HOUR).ended.state == "ok"
    house.whole()


class Leaving:
    """The connector of a house whose user opts out while its n-th page is on the way."""

    def __init__(self, house: House, page: int, session: Session) -> None:
        self.house, self.page = house, page
        self.true = house.source.connector(house.at, session)
        self.left: Any = None

    def streams(self) -> Sequence[Stream]:
        return self.true.streams()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        for number, page in enumerate(self.true.pull(stream, cursor)):
            if number == self.page:
                self.house.opt_in(False)
                self.left = self.house.dump()
            yield page

    def audit(self, stream: Stream) -> Iterator[str]:
        return self.true.audit(stream)

    def close(self) -> None:
        getattr(self.true, "close", lambda: None)()


def opted_out(house: House) -> None:
    """Opted out in mid-round: nothing is written from then on, nobody of it is named, and back in all is there."""
    house.source.put(*(Contact(f"many{n}", NINA, house.at - timedelta(days=40 + n)) for n in range(8)))
    pages = 0
    for page in range(9):
        leaving: list[Leaving] = []

        def connect(page: int = page, leaving: list[Leaving] = leaving) -> Leaving:
            leaving.append(Leaving(house, page, Session(time.monotonic)))
            return leaving[0]

        try:
            tour("sick", connect, house.store, lambda: house.at, 0.5)
        except LaneClosed:
            pages += 1
            assert differences(house.dump(), leaving[0].left) == {}
            assert not {"otto", "old0"} & set(house.kept()), "hidden at once"
            house.opt_in()
            house.at += HOUR
        else:
            break
    assert pages >= 2
    house.round(HOUR)
    house.whole()
