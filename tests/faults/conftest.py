"""A house for each kind of source; what was done to a source ends with the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.houses import House, kept, opened
from tests.faults.sources import Archive, Calendar, Calendars, Link, Mailbox, Source
from tests.servers.dovecot import Dovecot
from tests.servers.radicale import Radicale, running

Building = Callable[[Callable[[], Source]], House]


@pytest.fixture(scope="session")
def radicale() -> Iterator[Radicale]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("houses") / "auld.db")


@pytest.fixture
def build(template: Path, tmp_path: Path) -> Iterator[Building]:
    with ExitStack() as ends:
        count = 0

        def built(make: Callable[[], Source]) -> House:
            nonlocal count
            count += 1
            source = make()
            ends.callback(source.close)
            house = opened(template, tmp_path / f"{count}.db", source)
            ends.callback(lambda: house.store.close())
            return house

        yield built


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Where the sources that are files lie."""
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


@pytest.fixture
def imap(build: Building, dovecot: Dovecot) -> House:
    return build(lambda: Mailbox(dovecot))


@pytest.fixture
def caldav(build: Building, radicale: Radicale) -> House:
    return build(lambda: Calendars(radicale))


@pytest.fixture
def ics_url(build: Building) -> House:
    return build(Link)


@pytest.fixture
def ics(build: Building, files: Path) -> House:
    return build(lambda: Calendar(files))


@pytest.fixture
def mbox(build: Building, files: Path) -> House:
    return build(lambda: Archive(files))
