"""A folder of files of which one cannot be read: what stood in it stays until it can be, or is deleted."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.profiles import MORNING, Profile
from tests.walk.mailboxes import ME, calendar, event

ANN, BEN = "ann@a.example", "ben@b.example"
CUT = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n"


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    """Two calendars in a folder, read."""
    profile = Profile(tmp_path / "home")
    profile.write(config_toml=f'[me]\naddresses = ["{ME}"]\n\n[accounts.plans]\nkind = "ics"\npath = "plans"\n')
    (profile.home / "plans").mkdir()
    write(profile, "work", met("w1", ANN), met("w2", ANN))
    write(profile, "club", met("c1", BEN), met("c2", BEN))
    profile.tell("sync")
    assert kept(profile) == 4
    return profile


def met(uid: str, who: str) -> list[str]:
    return event(uid, MORNING - timedelta(days=5), [ME, who])


def write(profile: Profile, name: str, *events: list[str]) -> Path:
    path = profile.home / "plans" / f"{name}.ics"
    path.write_bytes(calendar(events))
    return path


def kept(profile: Profile) -> int:
    [one] = profile.json("status")["accounts"]
    return int(one["items"])


def missed(profile: Profile) -> int:
    [one] = profile.json("status")["accounts"]
    return int(one["missed"])


def test_what_stood_in_a_file_that_cannot_be_read_stays_and_is_told(home: Profile) -> None:
    (home.home / "plans" / "club.ics").write_bytes(CUT)

    assert "1 could not be read (club.ics: " in home.tell("sync")
    assert (kept(home), missed(home)) == (4, 1)
    assert BEN in home.tell("person", BEN)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_one_that_may_not_be_read_is_such_a_file(home: Profile) -> None:
    (home.home / "plans" / "club.ics").chmod(0)

    assert "club.ics: it may not be read" in home.tell("sync")
    assert kept(home) == 4


def test_what_was_deleted_elsewhere_goes_as_soon_as_it_can_be_read_again(home: Profile) -> None:
    (home.home / "plans" / "club.ics").write_bytes(CUT)
    write(home, "work", met("w1", ANN), met("w3", ANN))
    home.tell("sync")
    assert kept(home) == 5
    write(home, "work", met("w1", ANN))
    home.tell("sync")
    assert kept(home) == 5

    write(home, "club", met("c1", BEN))
    home.tell("sync")
    assert (kept(home), missed(home)) == (2, 0)


def test_a_file_that_is_deleted_takes_what_stood_in_it_along(home: Profile) -> None:
    club = home.home / "plans" / "club.ics"
    club.write_bytes(CUT)
    home.tell("sync")
    club.unlink()

    assert home.tell("sync") == "plans: 2 read, 0 new\n"
    assert (kept(home), missed(home)) == (2, 0)


def test_an_event_that_cannot_be_read_any_more_stays_until_it_is_deleted(home: Profile) -> None:
    broken = [line if not line.startswith("DTSTART") else "DTSTART:soon" for line in met("c1", BEN)]
    write(home, "club", broken, met("c2", BEN))
    home.tell("sync")
    assert (kept(home), missed(home)) == (4, 1)

    write(home, "club", met("c2", BEN))
    home.tell("sync")
    assert (kept(home), missed(home)) == (3, 0)


def test_an_address_book_of_several_files_is_read_so_too(tmp_path: Path) -> None:
    home = Profile(tmp_path / "home")
    home.write(config_toml=f'[me]\naddresses = ["{ME}"]\n\n[accounts.people]\nkind = "vcard"\npath = "people"\n')
    folder = home.home / "people"
    folder.mkdir()
    for name in ("ann", "ben"):
        card = (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}\r\nFN:{name.title()}\r\nEMAIL:{name}@a.example\r\nEND:VCARD\r\n"
        )
        (folder / f"{name}.vcf").write_text(card)
    home.tell("sync")
    (folder / "ben.vcf").write_text("nothing")
    home.tell("sync")
    assert cards(home) == {"Ann", "Ben"}
    assert missed(home) == 1

    (folder / "ben.vcf").unlink()
    home.tell("sync")
    assert cards(home) == {"Ann"}
    assert missed(home) == 0


def cards(profile: Profile) -> set[str]:
    with profile.opened() as (_, store):
        return {card.name for card in store.cards()}
