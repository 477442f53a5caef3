"""Whoever dies before any statement or at any read of a round, and goes on, ends where one ends who did not die."""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.store.store import Store
from tests.agent.dumps import Told, canonical, differences
from tests.agent.store.test_crash import Killed, die_before
from tests.faults.deaths import die_at_read
from tests.faults.houses import HOUR, NINA, NOW, OTTO, PIA, ROLF, House
from tests.faults.sources import Calendars, Contact, Link, Mailbox, Source

EACH = 1 if os.environ.get("AULD_SOAK") else 3
"""Of later rounds each third point is tried here, and each one in `make soak`; of first rounds always each one."""

THIRTY = tuple(
    Contact(f"n{n:02}", (OTTO, ROLF, NINA, PIA)[n % 4], NOW - timedelta(days=60 - n), mine=n % 3 == 0)
    for n in range(20)
)
"""With what stands there from the beginning, about thirty."""

pytestmark = [  # whoever dies leaves connections open, and nobody is there to close them
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def fill(source: Source) -> None:
    """About thirty contacts, one that cannot be read and one without an id; Radicale shows no such event."""
    strange = replace(THIRTY[0], key="odd", odd=True), replace(THIRTY[1], key="bare", bare=True)
    source.put(*THIRTY, *(() if isinstance(source, Calendars) else strange))
    if isinstance(source, Calendars | Link):
        source.more["n05"] = ("RRULE:FREQ=WEEKLY;COUNT=3",)


def change(source: Source) -> None:
    """What may become of them: some come, some go, a few are moved to another folder or change."""
    source.drop("n01", "n02", "old3")
    source.put(*(Contact(f"m{n}", ROLF, NOW - timedelta(days=9 - n)) for n in range(9)))
    if isinstance(source, Mailbox):
        source.user.create("Old")
        source.user.move(source.user.uids()[:4], "INBOX", "Old")
        source.user.copy(source.user.uids()[:2], "INBOX", "Old")


def renumber(source: Source) -> None:
    """The cursor is lost, and half of what there is is new."""
    change(source)
    if isinstance(source, Mailbox):
        source.user.set_uid_validity(424_242)
    elif isinstance(source, Calendars):
        source.user.forget_tokens("work")


Change = Callable[[Source], None]


def rounds(house: House, path: Path, settle: int) -> Told:
    """Go on, as the next workers do; what is known then."""
    with Store.open(path, key=b"k" * 32) as store:
        house.store = store
        for _ in range(settle):
            assert house.tour().ended.state == "ok"
        told = canonical(store)
        house.store.connection.exec_driver_sql("INSERT INTO subject_words (subject_words) VALUES ('integrity-check')")
        assert store.one("PRAGMA quick_check") == "ok"
    return told


def begun(house: House, before: Iterable[Change], then: Change, path: Path) -> None:
    """The store before the round that is to die."""
    for step in before:
        step(house.source)
        house.tour()
    house.store.close()
    then(house.source)
    house.at += HOUR
    shutil.copy(house.store.path, path)


def again(start: Path, path: Path) -> Path:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(start, path)
    return path


def dies_everywhere(
    house: House, tmp_path: Path, before: Iterable[Change], then: Change, *, step: int = 1, settle: int = 1
) -> int:
    """Die at every point of the round after `then`; gives how many there were. After `settle` rounds all is quiet."""
    start, path = tmp_path / "start.db", tmp_path / "dies.db"
    house.source.page = 10
    house.source.straight()
    begun(house, before, then, start)
    with Store.open(again(start, path), key=b"k" * 32) as store, die_at_read(0, tmp_path / "files") as reads:
        house.store = store
        statements = die_before(store, 0)
        assert house.tour().ended.state == "ok"
        count, read = statements(), reads()
    whole = rounds(house, again(start, path), settle)
    for point in range(1, count + 1, step):
        with Store.open(again(start, path), key=b"k" * 32) as store:
            house.store = store
            die_before(store, point)
            with pytest.raises(Killed):
                house.tour()
        told = rounds(house, path, settle)
        assert differences(told, whole) == {}, f"statement {point} of {count}"
    for point in range(1, read + 1, step):
        with Store.open(again(start, path), key=b"k" * 32) as store, die_at_read(point, tmp_path / "files") as reads:
            house.store = store
            with suppress(Killed):
                house.tour()
            assert reads() <= point, "answers may come in fewer pieces, but whoever was to die is dead"
        told = rounds(house, path, settle)
        assert differences(told, whole) == {}, f"read {point} of {read}"
    house.store = Store.open(path, key=b"k" * 32)
    return count + read


def test_F1_imap_a_first_round_is_whole_wherever_one_dies(imap: House, tmp_path: Path) -> None:
    assert dies_everywhere(imap, tmp_path, (), fill) > 50


def test_F1_imap_a_round_that_brings_moves_and_takes_is_whole_wherever_one_dies(imap: House, tmp_path: Path) -> None:
    assert dies_everywhere(imap, tmp_path, (fill,), change, step=EACH) > 30


def test_F1_imap_a_folder_that_is_numbered_anew_is_whole_wherever_one_dies(imap: House, tmp_path: Path) -> None:
    assert dies_everywhere(imap, tmp_path, (fill,), renumber, step=EACH) > 30


def test_F1_caldav_a_first_round_is_whole_wherever_one_dies(caldav: House, tmp_path: Path) -> None:
    assert dies_everywhere(caldav, tmp_path, (), fill) > 30


def test_F1_caldav_a_round_that_brings_and_takes_is_whole_wherever_one_dies(caldav: House, tmp_path: Path) -> None:
    assert dies_everywhere(caldav, tmp_path, (fill,), change, step=EACH) > 20


def test_F1_caldav_a_forgotten_token_is_whole_wherever_one_dies(caldav: House, tmp_path: Path) -> None:
    assert dies_everywhere(caldav, tmp_path, (fill,), renumber, step=EACH, settle=2) > 20


def test_F1_ics_url_a_first_round_is_whole_wherever_one_dies(ics_url: House, tmp_path: Path) -> None:
    assert dies_everywhere(ics_url, tmp_path, (), fill) > 20


def test_F1_ics_url_a_round_that_brings_and_takes_is_whole_wherever_one_dies(ics_url: House, tmp_path: Path) -> None:
    assert dies_everywhere(ics_url, tmp_path, (fill,), change, step=EACH) > 20


def test_F1_ics_a_first_round_is_whole_wherever_one_dies(ics: House, tmp_path: Path) -> None:
    assert dies_everywhere(ics, tmp_path, (), fill) > 20


def test_F1_ics_a_round_that_brings_and_takes_is_whole_wherever_one_dies(ics: House, tmp_path: Path) -> None:
    assert dies_everywhere(ics, tmp_path, (fill,), change, step=EACH) > 20


def test_F1_mbox_a_first_round_is_whole_wherever_one_dies(mbox: House, tmp_path: Path) -> None:
    assert dies_everywhere(mbox, tmp_path, (), fill) > 20


def test_F1_mbox_a_round_that_brings_is_whole_wherever_one_dies(mbox: House, tmp_path: Path) -> None:
    assert dies_everywhere(mbox, tmp_path, (fill,), change, step=EACH) > 20
