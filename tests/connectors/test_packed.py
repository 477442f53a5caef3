"""What is known of a calendar fits into a cursor, and comes out of it as it went in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.packed import hashed, kept, packed, remembered, unpacked

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """As much as such a cursor has, of every kind."""

    reader: str
    until: datetime
    epoch: int = 1
    listing: bool = True
    token: str = ""
    etags: Mapping[str, str] = field(default_factory=dict)
    late: tuple[str, ...] = ()


def test_what_is_kept_is_remembered() -> None:
    known = Known("1 UTC", NOW, 3, False, "t", {"a.ics": "x"}, ("b.ics",))

    assert Known(**remembered(json.loads(json.dumps(kept(known))), "1 UTC", NOW + timedelta(days=7))) == known


def test_what_says_nothing_is_left_out() -> None:
    assert kept(Known("1 UTC", NOW, listing=False)) == {"v": 1, "reader": "1 UTC", "until": NOW.isoformat(), "epoch": 1}


def test_another_way_of_reading_knows_nothing_but_the_epoch() -> None:
    later = NOW + timedelta(days=7)
    cursor = kept(Known("1 UTC", NOW, 3, False, "t"))

    assert Known(**remembered(cursor, "2 UTC", later)) == Known("2 UTC", later, 4)
    assert Known(**remembered({**cursor, "v": 2}, "1 UTC", later)) == Known("1 UTC", later, 4)
    assert Known(**remembered(None, "1 UTC", later)) == Known("1 UTC", later, 1)


def test_the_cursor_that_was_read_is_not_written_into() -> None:
    cursor = kept(Known("1 UTC", NOW, etags={"a.ics": "x"}))

    remembered(cursor, "1 UTC", NOW)["etags"]["b.ics"] = "y"

    assert cursor["etags"] == {"a.ics": "x"}


def test_thousands_of_instances_take_little_room_in_the_cursor() -> None:
    stamps = [(NOW + timedelta(days=n)).strftime("%Y%m%dT%H%M%SZ") for n in range(1_500)]
    odd = ["20260105", "another/uid"]

    assert unpacked(packed([*stamps, *odd])) == [*stamps, *odd]
    assert len(packed(stamps)) < 120
    assert unpacked(packed([])) == []


def test_a_weak_etag_is_as_good_as_a_strong_one() -> None:
    assert hashed('W/"1"') == hashed(' "1"') != hashed('"2"')
