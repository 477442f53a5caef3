"""F21 to F26: very much at once, sick neighbours, sleep and clocks, keyrings, opting out in mid-round."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from agent import wiring
from agent.pull import tour
from config import keys
from connectors.contract import Session
from tests.faults.houses import HOUR, NINA, House
from tests.faults.scenarios import beside, opted_out, rolf, slept
from tests.faults.sources import Contact, File
from tests.profiles import Profile


def very_many(house: House, number: int = 600) -> None:
    """More than a few pages: all are there, once, and the next round brings nothing."""
    house.source.page = 200
    house.source.put(*(Contact(f"many{n}", NINA, house.at - timedelta(days=100, hours=n)) for n in range(number)))
    assert house.tour().pulled.new == number + 8
    house.whole()
    assert house.tour().pulled.found == 0


def test_F21_caldav_many_hundreds_come_once(caldav: House) -> None:
    very_many(caldav, 250)


def test_F21_ics_url_many_hundreds_come_once(ics_url: House) -> None:
    very_many(ics_url)


def test_F21_ics_many_hundreds_come_once(ics: House) -> None:
    very_many(ics)


def test_F21_mbox_a_message_larger_than_memory_should_hold_is_read_past(mbox: House) -> None:
    import tracemalloc

    assert isinstance(mbox.source, File)
    with mbox.source.path.open("ab") as file:
        file.write(b"x" * 63 + b"\n")
        file.truncate(200 << 20)  # holes cost no disk
        file.seek(0, 2)
        file.write(b"\n\n" + mbox.source.content().replace(b"Matter ", b"Matter later-").replace(b"@mail", b"@later"))
    tracemalloc.start()
    assert mbox.tour().ended.state == "ok"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 32 << 20
    assert len([key for key in mbox.kept() if key.startswith("later-")]) == 8


def test_F23_imap_a_hanging_server_holds_nobody_up(imap: House, tmp_path: Path) -> None:
    beside(imap, tmp_path, "stall")


def test_F23_caldav_a_hanging_server_holds_nobody_up(caldav: House, tmp_path: Path) -> None:
    beside(caldav, tmp_path, "stall")


def test_F23_ics_url_a_hanging_link_holds_nobody_up(ics_url: House, tmp_path: Path) -> None:
    beside(ics_url, tmp_path, "stall")


def test_F23_ics_another_account_writes_at_the_same_time(ics: House, tmp_path: Path) -> None:
    beside(ics, tmp_path, None)


def test_F23_mbox_another_account_writes_at_the_same_time(mbox: House, tmp_path: Path) -> None:
    beside(mbox, tmp_path, None)


def test_F24_imap_a_month_of_sleep_and_a_clock_put_back(imap: House) -> None:
    slept(imap)


def test_F24_caldav_a_month_of_sleep_and_a_clock_put_back(caldav: House) -> None:
    slept(caldav)


def test_F24_ics_url_a_month_of_sleep_and_a_clock_put_back(ics_url: House) -> None:
    slept(ics_url)


def test_F24_ics_a_month_of_sleep_and_a_clock_put_back(ics: House) -> None:
    slept(ics)


def test_F24_mbox_a_month_of_sleep_and_a_clock_put_back(mbox: House) -> None:
    slept(mbox)


@contextmanager
def profiled(house: House, home: Path) -> Iterator[wiring.House]:
    """The account in a config whose password is kept under a key."""
    profile = Profile(home, house.at)
    section = "\n".join(line for line in house.source.section().splitlines() if not line.startswith("secret_command"))
    profile.write(config_toml=f"[secrets]\nfile = true\n\n[accounts.sick]\n{section}\n")
    with profile.entered():
        yield wiring.house({"AULD_HOME": str(home)})


def locked(house: House, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the key no server is asked, others go on, the remedy is told; with the key again all is there."""
    monkeypatch.setattr(keys, "ALLOWED", {})  # no keyring of this machine is asked
    with profiled(house, home) as profile:
        profile.secrets().keep("sick", house.source.secret)

        def ask() -> str:
            session = Session(time.monotonic, ends=time.monotonic() + 20)
            done = tour("sick", lambda: profile.connect("sick", house.at, session), house.store, lambda: house.at, 0.5)
            house.digest()
            assert done.ended.state == "ok" or done.ended.remedy
            return done.ended.state

        house.source.straight()
        assert ask() == "ok"
        house.whole()
        house.shown, house.read_at = dict(house.source.there), house.at
        house.source.put(rolf(house))
        key = profile.paths.key.read_bytes()
        profile.paths.key.unlink()
        house.at += HOUR
        before = house.kept()
        assert ask() == "sign in"
        assert house.kept() == before
        house.at += 60 * HOUR
        assert ask() == "sign in"
        assert house.named == ()
        profile.paths.key.write_bytes(key)
        profile.paths.key.chmod(0o600)
        house.at += HOUR
        assert ask() == "ok"
        house.whole()
        assert "Rolf Auer" not in house.named


def test_F25_imap_without_its_key_it_waits(imap: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(imap, tmp_path / "home", monkeypatch)


def test_F25_caldav_without_its_key_it_waits(caldav: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked(caldav, tmp_path / "home", monkeypatch)


def test_F26_imap_opted_out_in_mid_round_nothing_more_is_written(imap: House) -> None:
    opted_out(imap)


def test_F26_caldav_opted_out_in_mid_round_nothing_more_is_written(caldav: House) -> None:
    opted_out(caldav)


def test_F26_ics_url_opted_out_in_mid_round_nothing_more_is_written(ics_url: House) -> None:
    opted_out(ics_url)


def test_F26_ics_opted_out_in_mid_round_nothing_more_is_written(ics: House) -> None:
    opted_out(ics)


def test_F26_mbox_opted_out_in_mid_round_nothing_more_is_written(mbox: House) -> None:
    opted_out(mbox)
