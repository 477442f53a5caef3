"""The connector over calendars on the disk."""

import gzip
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from connectors import KINDS
from connectors.contract import Connector, Cursor, Interaction, NeedsUser, Page
from connectors.ics import LARGEST, PAGE, Ics, Options
from connectors.series import AHEAD
from tests.connectors.contract import SENT, ConnectorContract

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def event(uid: str, *lines: str, start: str = "20260105T100000Z") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", *events, "END:VCALENDAR", ""]).encode()


def connector(path: Path, *, now: datetime = NOW, read: str = "headers", zone: str = "UTC") -> Ics:
    return Ics(Options.model_validate({"kind": "ics", "path": path, "read": read}), now=now, zone=ZoneInfo(zone))


def pages(ics: Ics, cursor: Cursor | None = None) -> list[Page]:
    [stream] = ics.streams()
    return list(ics.pull(stream, cursor))


def found(read: list[Page]) -> list[Interaction]:
    return [one for page in read for one in page.found if isinstance(one, Interaction)]


def ids(read: list[Page]) -> list[str]:
    return [one.id for one in found(read)]


class TestIcs(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        path = tmp_path / "sent.ics"
        who = ("ORGANIZER:mailto:Ada@Example.org", "ATTENDEE:mailto:Bob@Example.org", "DESCRIPTION:More of it")
        path.write_bytes(calendar(*(event(f"u{n}", f"SUMMARY:{said}", *who) for n, said in enumerate(SENT))))
        return Ics(Options(kind="ics", path=path, read="text"), now=NOW, page=2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.ics"
    path.write_bytes(calendar(event("a"), event("b", "RRULE:FREQ=WEEKLY;COUNT=2"), event("c")))
    return path


EVERYTHING = ["a", "b/20260105T100000Z", "b/20260112T100000Z", "c"]


def test_it_is_a_connector_that_the_config_knows(file: Path) -> None:
    module, name = KINDS["ics"].split(":")
    assert (module, name) == (Ics.__module__, Ics.__name__)
    assert isinstance(connector(file), Connector)


def test_its_options_are_those_of_an_account() -> None:
    with pytest.raises(ValidationError, match="hosts"):
        Options.model_validate({"kind": "ics", "path": "x", "hosts": 1})
    with pytest.raises(ValidationError, match="kind"):
        Options.model_validate({"kind": "mbox", "path": "x"})


def test_importing_it_imports_no_vendor_library() -> None:
    code = "import sys, connectors.ics; print([m for m in ('icalendar', 'dateutil') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_first_pull_lists_everything(file: Path) -> None:
    read = pages(connector(file))
    assert ids(read) == EVERYTHING
    assert [page.complete for page in read] == [True]
    assert all(page.gone == () and page.missed == () and page.texts == {} for page in read)


def test_what_it_yields_is_frozen(file: Path) -> None:
    [page] = pages(connector(file))
    with pytest.raises(FrozenInstanceError):
        page.complete = False  # type: ignore[misc]


def test_a_second_pull_brings_nothing_and_sweeps_nothing(file: Path) -> None:
    [first] = pages(connector(file))
    [second] = pages(connector(file), first.cursor)
    assert (second.found, second.complete, second.cursor) == ((), False, first.cursor)


def test_a_touched_file_with_the_same_bytes_is_the_same(file: Path) -> None:
    [first] = pages(connector(file))
    file.write_bytes(file.read_bytes())
    assert ids(pages(connector(file), first.cursor)) == []


def test_a_changed_file_is_listed_again_in_a_new_epoch(file: Path) -> None:
    [first] = pages(connector(file))
    file.write_bytes(calendar(event("a"), event("d")))
    [second] = pages(connector(file), first.cursor)
    assert ids([second]) == ["a", "d"]
    assert second.complete
    assert second.cursor["epoch"] == first.cursor["epoch"] + 1


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.ics"
    path.write_bytes(calendar(*(event(f"u{n}") for n in range(2 * PAGE + 7)), event("bad", "DTSTART:x", start="x")))
    return path


def test_it_goes_on_after_every_page(long: Path) -> None:
    whole = pages(connector(long))
    assert [len(page.found) for page in whole] == [PAGE, PAGE, 7]
    assert [page.complete for page in whole] == [False, False, True]
    for n, page in enumerate(whole):
        assert ids(whole[: n + 1]) + ids(pages(connector(long), page.cursor)) == ids(whole)
    assert whole[-1].progress == 1.0


def test_what_was_missed_comes_with_the_last_page(long: Path) -> None:
    whole = pages(connector(long))
    assert [page.missed for page in whole] == [(), (), (("bad", f"event {2 * PAGE + 8}: its start cannot be read"),)]
    assert pages(connector(long), whole[0].cursor)[-1].missed == whole[-1].missed


def test_a_file_that_changes_in_the_middle_is_listed_from_its_start(long: Path) -> None:
    first = pages(connector(long))[0]
    long.write_bytes(calendar(event("only")))
    assert ids(pages(connector(long), first.cursor)) == ["only"]


@pytest.fixture
def weekly(tmp_path: Path) -> Path:
    path = tmp_path / "weekly.ics"
    path.write_bytes(calendar(event("w", "RRULE:FREQ=WEEKLY"), event("single", start="20300101T100000Z")))
    return path


def test_the_window_ends_half_a_year_ahead(weekly: Path) -> None:
    series = [one for one in found(pages(connector(weekly))) if one.id != "single"]
    end = NOW + AHEAD
    assert end - timedelta(days=8) < max(one.sent for one in series) < end


def test_the_window_moves_and_brings_only_what_is_new(weekly: Path) -> None:
    [first] = pages(connector(weekly))
    [second] = pages(connector(weekly, now=NOW + timedelta(days=21)), first.cursor)
    assert len(second.found) == 3
    assert not second.complete
    fresh = pages(connector(weekly, now=NOW + timedelta(days=21)))
    assert sorted(ids([first]) + ids([second])) == sorted(ids(fresh))
    assert ids(pages(connector(weekly, now=NOW + timedelta(days=21)), second.cursor)) == []


def test_the_window_does_not_move_within_a_day_nor_back(weekly: Path) -> None:
    [first] = pages(connector(weekly))
    for later in (timedelta(hours=15), timedelta(days=-40)):
        assert ids(pages(connector(weekly, now=NOW + later), first.cursor)) == []


def test_a_listing_broken_off_yesterday_ends_and_goes_on_to_today(tmp_path: Path) -> None:
    path = tmp_path / "daily.ics"
    path.write_bytes(calendar(event("d", "RRULE:FREQ=DAILY", start="20240101T100000Z")))
    first = pages(connector(path))[0]
    tomorrow = NOW + timedelta(days=1)
    rest = pages(connector(path, now=tomorrow), first.cursor)
    assert ids([first, *rest]) == ids(pages(connector(path, now=tomorrow)))
    assert [page.complete for page in rest] == [True, False]


def test_another_zone_of_the_user_is_another_reading(tmp_path: Path) -> None:
    path = tmp_path / "floating.ics"
    path.write_bytes(calendar(event("f", start="20260105T100000")))
    [first] = pages(connector(path))
    [second] = pages(connector(path, zone="Asia/Kolkata"), first.cursor)
    assert [one.sent.hour for one in found([first, second])] == [10, 4]


def test_texts_come_only_where_the_user_said_so(tmp_path: Path) -> None:
    path = tmp_path / "text.ics"
    path.write_bytes(calendar(event("t", "DESCRIPTION:Could you bring the loom?")))
    assert [page.texts for page in pages(connector(path))] == [{}]
    assert [page.texts for page in pages(connector(path, read="text"))] == [{"t": "Could you bring the loom?"}]


def test_the_audit_names_what_there_is(file: Path) -> None:
    ics = connector(file)
    [stream] = ics.streams()
    assert list(ics.audit(stream)) == EVERYTHING


def packed(path: Path, data: bytes) -> Iterator[Path]:
    zipped = path / "export.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("Takeout/Calendar/me.ics", data)
        archive.writestr("Takeout/readme.txt", b"nothing")
    yield zipped
    for suffix, pack in ((".gz", gzip.compress), (".xz", lzma.compress)):
        file = path / f"mine.ics{suffix}"
        file.write_bytes(pack(data))
        yield file


def test_packed_calendars_are_read_as_they_are(file: Path, tmp_path: Path) -> None:
    for path in packed(tmp_path, file.read_bytes()):
        assert ids(pages(connector(path))) == EVERYTHING


def test_a_folder_is_one_calendar(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".cache").mkdir()
    (tmp_path / "b.ics").write_bytes(calendar(event("b", "RRULE:FREQ=DAILY;COUNT=2")))
    moved = event("b", "RECURRENCE-ID:20260106T100000Z", start="20260108T100000Z")
    (tmp_path / "sub" / "a.ICS").write_bytes(calendar(moved, event("a")))
    (tmp_path / "bad.ics").write_bytes(b"<html>")
    (tmp_path / "worse.ics").write_bytes(calendar(event("w", start="x")))
    (tmp_path / ".cache" / "x.ics").write_bytes(calendar(event("hidden")))
    (tmp_path / "notes.txt").write_bytes(calendar(event("no")))
    [page] = pages(connector(tmp_path))
    assert {one.id: one.sent.day for one in found([page])} == {
        "a": 5,
        "b/20260105T100000Z": 5,
        "b/20260106T100000Z": 8,
    }
    assert page.missed == (
        ("bad.ics", "bad.ics: this is no calendar: it has no BEGIN:VCALENDAR."),
        ("w", "worse.ics event 1: its start cannot be read"),
    )


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("x.ics", b"", "no calendar"),
        ("x.ics", b"<!doctype html><title>Sign in</title>", "no calendar"),
        ("x.zip", b"PK\x03\x04 broken", "cannot be read"),
        ("x.gz", gzip.compress(b"BEGIN:VCALENDAR" * 99)[:-20], "cannot be read"),
        ("x.gz", gzip.compress(b"BEGIN:VCALENDAR" * 99)[:20] + b"x" * 40, "cannot be read"),
        ("x.ics.xz", b"not packed at all", "cannot be read"),
        ("x.ics", b" " * (LARGEST + 1), "larger than 50 MB"),
        ("x.gz", gzip.compress(b" " * (LARGEST + 1), 1), "larger than 50 MB"),
    ],
    ids=["empty", "a web page", "a broken zip", "a cut gz", "a spoilt gz", "no xz", "too large", "a bomb"],
)
def test_what_is_no_calendar_needs_the_user(tmp_path: Path, name: str, data: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(NeedsUser, match=what) as said:
        pages(connector(path))
    assert str(path) in said.value.what
    assert "(.ics)" in said.value.remedy


def test_a_file_that_is_not_there_needs_the_user(tmp_path: Path) -> None:
    with pytest.raises(NeedsUser, match="no such file"):
        connector(tmp_path / "gone.ics").streams()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ics")
    with pytest.raises(NeedsUser, match="neither a file nor a folder"):
        pages(connector(tmp_path / "pipe.ics"))


def test_a_folder_without_calendars_needs_the_user(tmp_path: Path) -> None:
    with pytest.raises(NeedsUser, match=r"no \.ics file"):
        pages(connector(tmp_path))


def test_a_file_that_goes_away_during_a_pull_needs_the_user(file: Path) -> None:
    ics = connector(file)
    [stream] = ics.streams()
    file.unlink()
    with pytest.raises(NeedsUser, match="no such file"):
        list(ics.pull(stream, None))


def test_an_empty_calendar_is_a_complete_listing_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.ics"
    path.write_bytes(calendar())
    assert [(page.found, page.complete) for page in pages(connector(path))] == [((), True)]
