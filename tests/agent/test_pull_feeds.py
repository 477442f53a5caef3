"""Rounds over feeds, from a real server into a real store."""

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agent.pull import Toured, tour
from agent.store.record import LaneClosed
from agent.store.store import Chosen, Store
from connectors.contract import Session
from connectors.feeds import Feeds, Options
from tests.agent.dumps import canonical
from tests.agent.store.generated import NOW
from tests.agent.store.test_crash import Killed, die_before, opened
from tests.connectors.test_feeds import LOOMS, TIDES, entry, rss
from tests.servers.web import STALL, Reply, Web


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as found:
        found.serve(TIDES, rss(*(entry(f"Word {n} of the tides") for n in range(9))), ETag='"1"')
        found.serve(LOOMS, rss(entry("How the loom came to Bern"), title="The Thread"), ETag='"1"')
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path / "auld.db") as found:
        begun(found)
        yield found


def begun(store: Store) -> None:
    store.accept([Chosen("reading", "feeds")], {"file": [1, 1]}, "", at=NOW)


def round_(store: Store, web: Web, at: datetime = NOW, *, page: int = 4, silence: float = 5.0) -> Toured:
    urls = [web.url(TIDES), web.url(LOOMS)]
    options = Options.model_validate({"kind": "feeds", "private": True, "urls": urls})
    session = Session(time.monotonic, time.monotonic() + 30, silence=silence)
    return tour("reading", lambda: Feeds(options, now=at, session=session, page=page), store, lambda: at, 0.5)


def titles(store: Store) -> list[str]:
    return sorted(item.title for item in store.shelf())


def test_a_round_brings_the_entries_and_the_next_one_nothing(store: Store, web: Web) -> None:
    first = round_(store, web)
    assert (first.ended.state, first.pulled.found, first.pulled.new) == ("ok", 10, 10)
    before = canonical(store)

    second = round_(store, web, NOW + timedelta(hours=1))

    assert (second.ended.state, second.pulled.found) == ("ok", 0)
    assert canonical(store) == before


def test_whoever_dies_before_any_statement_of_a_round_goes_on_with_the_next(tmp_path: Path, web: Web) -> None:
    with opened(tmp_path / "start.db") as store:
        begun(store)
    shutil.copy(tmp_path / "start.db", tmp_path / "whole.db")
    with opened(tmp_path / "whole.db") as store:
        seen = die_before(store, 0)
        round_(store, web)
        statements = seen()
        whole = titles(store)

    for statement in range(1, statements + 1, 3):
        for old in tmp_path.glob("dies.db*"):
            old.unlink()
        shutil.copy(tmp_path / "start.db", tmp_path / "dies.db")
        with opened(tmp_path / "dies.db") as store:
            die_before(store, statement)
            with pytest.raises(Killed):
                round_(store, web)
        with opened(tmp_path / "dies.db") as store:
            round_(store, web)
            assert titles(store) == whole, statement
    assert statements > 10


def test_a_sick_feed_stands_in_the_ledger_until_it_is_well(store: Store, web: Web) -> None:
    looms = Reply(200, rss(entry("How the loom came to Bern"), title="The Thread"))
    web.answer = lambda request: Reply(500) if request.path == TIDES else looms
    done = round_(store, web)
    assert (done.ended.state, titles(store)) == ("ok", ["How the loom came to Bern"])
    assert [missed.remote_id for missed in store.ledger("reading")] == ["feed"]

    web.answer = None
    round_(store, web, NOW + timedelta(hours=1))

    assert len(titles(store)) == 10
    assert store.ledger("reading") == []


def test_what_was_read_stays_while_a_feed_is_sick(store: Store, web: Web) -> None:
    round_(store, web)
    web.answer = lambda request: Reply(404)

    done = round_(store, web, NOW + timedelta(hours=1))

    assert done.ended.state == "sign in"
    assert "no feed for us there" in done.ended.why
    assert len(titles(store)) == 10


def test_a_feed_that_hangs_holds_up_no_other(store: Store, web: Web) -> None:
    web.act, web.acts = STALL, 1

    done = round_(store, web, silence=0.3)

    assert (done.ended.state, titles(store)) == ("ok", ["How the loom came to Bern"])


def test_a_feed_that_is_emptied_is_empty(store: Store, web: Web) -> None:
    round_(store, web)
    web.serve(TIDES, rss(), ETag='"2"')

    round_(store, web, NOW + timedelta(hours=1))

    assert titles(store) == ["How the loom came to Bern"]


def test_a_feed_that_is_followed_no_more_goes_with_its_entries(store: Store, web: Web) -> None:
    round_(store, web)
    options = Options.model_validate({"kind": "feeds", "private": True, "urls": [web.url(LOOMS)]})

    for hour in range(1, 5):
        at = NOW + timedelta(hours=hour)
        feeds = Feeds(options, now=at, session=Session(time.monotonic))
        tour("reading", lambda feeds=feeds: feeds, store, lambda at=at: at, 0.5)  # type: ignore[misc]

    assert titles(store) == ["How the loom came to Bern"]


def test_a_clock_that_is_put_back_harms_nothing(store: Store, web: Web) -> None:
    round_(store, web, NOW + timedelta(days=30))
    web.serve(TIDES, rss(entry("A new word", on="")), ETag='"2"')

    done = round_(store, web, NOW)

    assert done.ended.state == "ok"
    assert "A new word" in titles(store)


def test_an_account_that_was_opted_out_in_mid_round_writes_no_more(store: Store, web: Web) -> None:
    def answered(_: object) -> Reply:
        with opened(store.path) as other:
            other.accept([Chosen("reading", "feeds", enabled=False)], {"file": [1, 2]}, "", at=NOW)
        return Reply(200, rss(entry("Too late")))

    web.answer = answered
    with pytest.raises(LaneClosed):
        round_(store, web)

    assert titles(store) == []
