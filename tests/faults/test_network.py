"""F2 to F7, F22: the disk, the network, the server's moods, the password."""

import os
from pathlib import Path

import pytest

from connectors.contract import NeedsUser
from tests.faults.houses import HOUR, House
from tests.faults.scenarios import damaged, full, longest, passes, read, refused, rolf, told
from tests.faults.sources import File, letter

HOURS = 3_600


def test_F2_imap_a_full_disk_loses_nothing(imap: House, tmp_path: Path) -> None:
    full(imap, tmp_path)


def test_F2_caldav_a_full_disk_loses_nothing(caldav: House, tmp_path: Path) -> None:
    full(caldav, tmp_path)


def test_F2_ics_url_a_full_disk_loses_nothing(ics_url: House, tmp_path: Path) -> None:
    full(ics_url, tmp_path)


def test_F2_ics_a_full_disk_loses_nothing(ics: House, tmp_path: Path) -> None:
    full(ics, tmp_path)


def test_F2_mbox_a_full_disk_loses_nothing(mbox: House, tmp_path: Path) -> None:
    full(mbox, tmp_path)


def test_F2_mbox_a_quota_loses_nothing(mbox: House) -> None:
    read(mbox)
    mbox.source.put(rolf(mbox))
    log = Path(f"{mbox.store.path}-wal")
    with longest(log.stat().st_size + 100):
        assert "See whether it is full" in told(mbox)
    mbox.round(HOUR)
    mbox.whole()
    assert mbox.store.one("PRAGMA integrity_check") == "ok"


def test_F2_imap_a_damaged_store_is_rebuilt_from_the_server(imap: House, template: Path) -> None:
    damaged(imap, template)


def test_F2_caldav_a_damaged_store_is_rebuilt_from_the_server(caldav: House, template: Path) -> None:
    damaged(caldav, template)


def test_F2_ics_url_a_damaged_store_is_rebuilt_from_the_link(ics_url: House, template: Path) -> None:
    damaged(ics_url, template)


def test_F2_ics_a_damaged_store_is_rebuilt_from_the_file(ics: House, template: Path) -> None:
    damaged(ics, template)


def test_F2_mbox_a_damaged_store_is_rebuilt_from_the_archive(mbox: House, template: Path) -> None:
    damaged(mbox, template)


def test_F3_imap_a_cut_in_mid_answer_passes(imap: House) -> None:
    passes(imap, "cut")


def test_F3_imap_a_reset_passes(imap: House) -> None:
    passes(imap, "reset")


def test_F3_caldav_a_cut_in_mid_answer_passes(caldav: House) -> None:
    passes(caldav, "cut")


def test_F3_caldav_a_reset_passes(caldav: House) -> None:
    passes(caldav, "reset")


def test_F3_ics_url_a_cut_in_mid_answer_passes(ics_url: House) -> None:
    passes(ics_url, "cut")


def test_F3_ics_a_file_that_is_cut_short_takes_nothing_away(ics: House) -> None:
    cut_short(ics, 0.5)


def test_F3_mbox_a_file_that_is_cut_short_takes_nothing_away(mbox: House) -> None:
    cut_short(mbox, 0.5)


def cut_short(house: House, share: float) -> None:
    read(house)
    before = house.kept()
    assert isinstance(house.source, File)
    house.source.write(house.source.content()[: int(len(house.source.content()) * share)])
    house.round(HOUR)
    assert set(before) <= set(house.kept())
    house.source.put(rolf(house))
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" not in house.named


def test_F4_imap_silence_passes(imap: House) -> None:
    passes(imap, "stall", quick=True)


def test_F4_imap_dripping_passes(imap: House) -> None:
    passes(imap, "drip", quick=True)


def test_F4_caldav_silence_passes(caldav: House) -> None:
    passes(caldav, "stall", quick=True)


def test_F4_caldav_dripping_passes(caldav: House) -> None:
    passes(caldav, "drip", quick=True)


def test_F4_ics_url_silence_passes(ics_url: House) -> None:
    passes(ics_url, "stall", quick=True)


def test_F4_ics_url_dripping_passes(ics_url: House) -> None:
    passes(ics_url, "drip", quick=True)


def test_F4_mbox_a_message_that_is_being_written_waits(mbox: House) -> None:
    read(mbox)
    last = rolf(mbox)
    assert isinstance(mbox.source, File)
    whole = mbox.source.content() + b"\n" + letter(last)
    mbox.source.path.write_bytes(whole[:-20])
    os.utime(mbox.source.path, (mbox.at.timestamp() - 1, mbox.at.timestamp() - 1))
    mbox.round()
    assert "rolf" not in mbox.kept()
    mbox.source.put(last)
    mbox.round(HOUR)
    mbox.whole()
    assert "Rolf Auer" not in mbox.named


def test_F4_ics_a_calendar_that_is_being_written_takes_nothing_away(ics: House) -> None:
    cut_short(ics, 0.9)


def test_F5_imap_being_throttled_passes(imap: House) -> None:
    first = passes(imap, "throttled", ("waiting",))
    assert first.follows.bound
    assert first.follows.next_at is not None


def test_F5_caldav_a_server_that_says_wait_is_waited_for(caldav: House) -> None:
    at = int(caldav.at.timestamp())
    assert abs((passes(caldav, "throttled", ("waiting",)).follows.next_at or 0) - at - 2 * HOURS) < 5


def test_F5_ics_url_a_link_that_says_wait_is_waited_for(ics_url: House) -> None:
    at = int(ics_url.at.timestamp())
    assert abs((passes(ics_url, "throttled", ("waiting",)).follows.next_at or 0) - at - 2 * HOURS) < 5


def test_F6_imap_maintenance_passes(imap: House) -> None:
    passes(imap, "broken")


def test_F6_caldav_a_server_out_of_order_passes(caldav: House) -> None:
    passes(caldav, "broken")


def test_F6_ics_url_a_server_out_of_order_passes(ics_url: House) -> None:
    passes(ics_url, "broken")


def test_F7_imap_a_refused_password_is_tried_twice_and_told(imap: House) -> None:
    refused(imap)


def test_F7_caldav_a_refused_password_is_tried_twice_and_told(caldav: House) -> None:
    refused(caldav)


def test_F7_ics_url_a_link_that_no_longer_holds_is_told(ics_url: House) -> None:
    refused(ics_url)


def test_F7_ics_a_file_that_may_not_be_read_is_told(ics: House, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden(ics, monkeypatch)


def test_F7_mbox_a_file_that_may_not_be_read_is_told(mbox: House, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden(mbox, monkeypatch)


def forbidden(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may be allowed to read everything: then the system says no through our mouth."""
    read(house)
    before = house.kept()
    assert isinstance(house.source, File)
    true, shut = Path.open, house.source.path

    def opened(path: Path, *more: object, **named: object) -> object:
        if path == shut:
            raise PermissionError(13, "Permission denied", str(path))
        return true(path, *more, **named)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        said = house.round(HOUR)
        assert isinstance(said.error, NeedsUser)
        assert "may not be read" in said.ended.why
        assert said.ended.remedy
        assert house.kept() == before
    house.source.put(rolf(house))
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" not in house.named


def test_F22_imap_what_is_no_imap_passes(imap: House) -> None:
    passes(imap, "nonsense")


def test_F22_caldav_what_is_no_calendar_passes(caldav: House) -> None:
    passes(caldav, "nonsense")


def test_F22_ics_url_what_is_no_calendar_passes(ics_url: House) -> None:
    passes(ics_url, "nonsense")


def test_F22_ics_what_is_no_calendar_is_told_and_takes_nothing_away(ics: House) -> None:
    nonsense(ics)


def test_F22_mbox_what_is_no_archive_is_told_and_takes_nothing_away(mbox: House) -> None:
    nonsense(mbox)


def nonsense(house: House) -> None:
    read(house)
    before = house.kept()
    assert isinstance(house.source, File)
    house.source.write(b"<html><body>Your export has expired</body></html>\n" * 10)
    said = house.round(HOUR)
    assert isinstance(said.error, NeedsUser)
    assert house.kept() == before
    house.source.put(rolf(house))
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" not in house.named
