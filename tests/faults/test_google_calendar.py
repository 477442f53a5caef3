"""F1 to F26 at Google Calendar: the same stories as everywhere, and what only happens there."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors import google_api
from tests.fakes import google_errors as say
from tests.fakes import plumbing
from tests.fakes.google_calendar import Calendar, moment
from tests.fakes.plumbing import TRUNCATED, Fault
from tests.faults.conftest import Building
from tests.faults.deaths import FEW, SOME
from tests.faults.google_sources import API, GoogleDiary
from tests.faults.houses import DAY, HOUR, NINA, ROLF, House
from tests.faults.scenarios import (
    beside,
    damaged,
    deleted,
    emptied,
    full,
    lost,
    opted_out,
    passes,
    read,
    rolf,
    slept,
    twins,
)
from tests.faults.sources import Contact, Source, given
from tests.faults.test_content import numbers
from tests.faults.test_crash_points import THIRTY, change, dies_everywhere
from tests.faults.test_gmail import noticed
from tests.faults.test_life import locked, very_many

HOURS = 3_600

pytestmark = [  # whoever dies leaves connections open, and nobody is there to close them
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def diary(build: Building) -> House:
    return build(GoogleDiary)


def of(house: House) -> GoogleDiary:
    found: GoogleDiary = given(house.source, GoogleDiary)
    return found


def filled(source: Source) -> None:
    """About thirty meetings, one of them a series, one in a second calendar."""
    diary = given(source, GoogleDiary)
    diary.more["n05"] = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]}
    diary.put(*THIRTY)
    diary.user.calendars.add("Work").put_event(THIRTY[3].at + DAY, **diary.fields(THIRTY[3]))


def changed(source: Source) -> None:
    """Some come, some go; one of the series is moved and another called off; one goes to the other calendar."""
    change(source)
    diary = given(source, GoogleDiary)
    series = diary.shown()["n05"]["id"]
    diary.calendar.cancel_at(series, THIRTY[5].at + 7 * DAY)
    moved = THIRTY[5].at + 15 * DAY
    diary.calendar.except_at(series, THIRTY[5].at + 14 * DAY, start=moment(moved), end=moment(moved + HOUR))
    work = next(one for one in diary.user.calendars.all.values() if one.summary == "Work")
    diary.calendar.move(diary.shown()["n07"]["id"], work)


def forgotten(source: Source) -> None:
    """No token is good any more, and what went is not even told of."""
    change(source)
    for one in given(source, GoogleDiary).user.calendars.all.values():
        one.purge()


# ------------------------------------------------------------------------------------------------------------ F1 to F7


def test_F1_google_calendar_a_first_round_is_whole_wherever_one_dies(diary: House, tmp_path: Path) -> None:
    assert dies_everywhere(diary, tmp_path, (), filled, step=SOME) > 30


def test_F1_google_calendar_a_round_that_brings_and_takes_is_whole_wherever_one_dies(
    diary: House, tmp_path: Path
) -> None:
    assert dies_everywhere(diary, tmp_path, (filled,), changed, step=SOME) > 20


def test_F1_google_calendar_an_expired_token_is_whole_wherever_one_dies(diary: House, tmp_path: Path) -> None:
    assert dies_everywhere(diary, tmp_path, (filled,), forgotten, step=FEW, settle=2) > 30


def test_F2_google_calendar_a_full_disk_loses_nothing(diary: House, tmp_path: Path) -> None:
    full(diary, tmp_path)


def test_F2_google_calendar_a_damaged_store_is_rebuilt_from_the_server(diary: House, template: Path) -> None:
    damaged(diary, template)


def test_F3_google_calendar_a_cut_in_mid_answer_passes(diary: House) -> None:
    passes(diary, "cut")


def test_F3_google_calendar_a_reset_passes(diary: House) -> None:
    passes(diary, "reset")


def test_F4_google_calendar_silence_passes(diary: House) -> None:
    passes(diary, "stall", quick=True)


def test_F4_google_calendar_dripping_passes(diary: House) -> None:
    passes(diary, "drip", quick=True)


def test_F5_google_calendar_a_server_that_says_wait_is_waited_for(diary: House) -> None:
    at = int(diary.at.timestamp())
    assert abs((passes(diary, "throttled", ("waiting",)).follows.next_at or 0) - at - 2 * HOURS) < 5


def test_F5_google_calendar_being_throttled_for_a_moment_is_not_noticed(diary: House) -> None:
    of(diary).fake.at("/events", Fault(say.rate_limited(403, retry_after="0.1")), times=2)
    read(diary)


def test_F6_google_calendar_a_server_out_of_order_passes(diary: House) -> None:
    passes(diary, "broken")


def test_F7_google_calendar_a_consent_that_was_taken_back_is_told_at_once(diary: House) -> None:
    noticed(diary, of(diary).fake)


# ----------------------------------------------------------------------------------------------------------- F8 to F13


def test_F8_google_calendar_an_expired_token_with_half_of_it_new_heals_in_one_round(diary: House) -> None:
    lost(diary)


def test_F8_google_calendar_what_went_while_the_token_expired_goes(diary: House) -> None:
    """Of what was deleted long ago a full listing says nothing."""
    read(diary)
    diary.source.drop("old0", "old4")
    of(diary).calendar.purge()
    assert diary.round(HOUR).ended.state == "ok"
    diary.whole()
    before = len(of(diary).fake.calls)
    diary.round(HOUR)
    assert len(of(diary).fake.calls) - before == 2, "the list of calendars, and what changed in the one"


def test_F9_google_calendar_tokens_that_are_never_good_are_done_without(diary: House) -> None:
    read(diary)
    for n in range(4):
        diary.source.harm("lost")
        diary.source.put(Contact(f"n{n}", NINA, diary.at - timedelta(days=40 + n)))
        assert diary.round(HOUR).ended.state == "ok"
        diary.whole()
    assert diary.store.one("SELECT count(*) FROM stream WHERE reset_at IS NOT NULL") == 1
    diary.source.put(rolf(diary))
    diary.round(DAY)
    diary.round(HOUR)
    diary.whole()


@pytest.mark.parametrize(
    "answer",
    [say.backend_error(500), say.not_found("Not Found"), say.invalid("Bad Request")],
    ids=["500", "404", "400"],
)
def test_F10_google_calendar_a_series_that_is_not_shown_holds_nobody_up(diary: House, answer: plumbing.Answer) -> None:
    """It is listed, and cannot be asked for, for days: what comes meanwhile comes in."""
    read(diary)
    source = of(diary)
    source.more["rolf"] = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=1"]}
    source.put(rolf(diary), Contact("other", NINA, diary.at - 2 * DAY))
    source.fake.at("iCalUID=rolf", Fault(answer))
    diary.unread = {"rolf"}
    diary.round(HOUR)
    assert "other" in diary.kept()
    source.put(Contact("later", NINA, diary.at - DAY))
    diary.round(HOUR)
    assert "later" in diary.kept()
    source.heal()
    diary.unread = set()
    diary.round(HOUR)
    diary.round(HOUR)
    diary.whole()
    assert "Rolf Auer" not in diary.named


def test_F11_google_calendar_a_time_that_cannot_be_read_is_told_and_the_others_come(diary: House) -> None:
    read(diary)
    source = of(diary)
    source.put(rolf(diary))
    source.calendar.put_event(diary.at, id_="strange", **source.fields(Contact("strange", NINA, diary.at)))
    odd = Fault(change=lambda true: plumbing.Answer(true.status, strange(true.body), true.headers))
    source.fake.at("/events", odd)
    assert diary.round(HOUR).ended.state == "ok"
    diary.whole()
    assert len(diary.store.ledger("sick")) == 1
    assert "Rolf Auer" not in diary.named


def strange(body: bytes) -> bytes:
    """The start of the event called strange is no time."""
    told = json.loads(body)
    for one in told.get("items", []):
        if one.get("id") == "strange":
            one["start"] = {"dateTime": "soon"}
    return json.dumps(told).encode()


@pytest.mark.parametrize("lie", ["empty", "repeated"])
def test_F12_google_calendar_pages_that_are_empty_or_come_twice_are_followed(diary: House, lie: str) -> None:
    pager = of(diary).user.calendars.pager
    pager.empty, pager.repeats = (3, False) if lie == "empty" else (0, True)
    read(diary)
    diary.source.put(rolf(diary), *(Contact(f"n{n}", NINA, diary.at - timedelta(days=50 + n)) for n in range(9)))
    diary.source.drop("old0")
    assert diary.round(HOUR).ended.state == "ok"
    diary.whole()


def test_F12_google_calendar_a_page_that_is_refused_begins_the_listing_again(diary: House) -> None:
    source = of(diary)
    source.put(*(Contact(f"n{n}", NINA, diary.at - timedelta(days=50 + n)) for n in range(9)))
    source.fake.when("pageToken", source.fake.forget_pages)
    read(diary)
    source.put(rolf(diary), *(Contact(f"m{n}", NINA, diary.at - timedelta(days=50 + n)) for n in range(9)))
    source.fake.when("syncToken.*pageToken|pageToken.*syncToken", source.fake.forget_pages)
    assert diary.round(HOUR).ended.state == "ok"
    diary.whole()


def test_F12_google_calendar_a_meeting_that_goes_while_the_calendar_is_listed_is_no_harm(diary: House) -> None:
    diary.source.put(*(Contact(f"n{n}", NINA, diary.at - timedelta(days=50 + n)) for n in range(12)))
    left = ["n3", "n7", "n9"]
    of(diary).fake.when("pageToken", lambda: diary.source.drop(left.pop()) if left else None, times=9)
    diary.round()
    diary.source.heal()
    diary.round(HOUR)
    diary.whole()
    assert left == []


def test_F13_google_calendar_one_that_is_suddenly_empty_is_not_believed(diary: House) -> None:
    emptied(diary)


def test_F13_google_calendar_one_that_lists_nothing_is_not_believed(diary: House) -> None:
    """Nothing is listed, not even the calendar, and the tokens have expired too."""
    diary.source.put(*(Contact(f"many{n}", NINA, diary.at - timedelta(days=40 + n)) for n in range(70)))
    read(diary)
    before = diary.kept()
    diary.source.harm("empty")
    diary.source.harm("lost")
    for _ in range(2):
        diary.round(timedelta(minutes=20))
        assert diary.kept() == before
    diary.source.heal()
    diary.round(HOUR)
    diary.round(2 * HOUR)
    diary.whole()


# ---------------------------------------------------------------------------------------------------------- F14 to F20


def work(house: House) -> Calendar:
    """A second calendar."""
    return of(house).user.calendars.add("Work")


def test_F14_google_calendar_what_is_moved_to_another_is_the_same_meeting(diary: House) -> None:
    other = work(diary)
    read(diary)
    before = numbers(diary)
    source = of(diary)
    source.calendar.move(source.shown()["otto"]["id"], other)
    diary.round(HOUR)

    diary.whole()
    assert numbers(diary) == before


def test_F14_google_calendar_what_is_put_off_is_the_same_meeting(diary: House) -> None:
    diary.source.put(rolf(diary))
    read(diary)
    source = of(diary)
    later = diary.at - timedelta(minutes=30)
    source.calendar.change(source.shown()["rolf"]["id"], start=moment(later), end=moment(later + HOUR))
    diary.round(HOUR)

    diary.whole()
    assert diary.store.one("SELECT at FROM item WHERE subject = 'Matter rolf'") == int(later.timestamp())


def test_F15_google_calendar_what_was_deleted_goes(diary: House) -> None:
    deleted(diary)


def test_F16_google_calendar_a_meeting_in_two_calendars_and_two_accounts_is_one(diary: House) -> None:
    source = of(diary)
    work(diary).put_event(source.there["otto"].at, id_="copy", **source.fields(source.there["otto"]))
    twins(diary)


def test_F16_google_calendar_a_meeting_that_is_in_a_file_too_is_one(diary: House, ics: House) -> None:
    read(ics)
    before = numbers(ics)
    file, ics.source = ics.source, diary.source
    ics.opt_in()
    done = ics.round(HOUR)
    ics.source = file

    assert done.ended.state == "ok"
    assert numbers(ics) == before


def test_F17_google_calendar_meetings_without_an_uid_of_their_own_are_told_apart(diary: House) -> None:
    source = of(diary)
    one, other = rolf(diary, "bare1", bare=True), Contact("bare2", NINA, diary.at - 2 * DAY, bare=True)
    source.put(one, other)
    read(diary)
    source.put(Contact("more", NINA, diary.at - 3 * DAY))
    diary.round(HOUR)
    diary.whole()
    assert diary.named == ()


@pytest.mark.parametrize(
    ("start", "at"),
    [
        ({"dateTime": "2026-02-26T09:00:00+01:00"}, "2026-02-26T08:00:00+00:00"),
        ({"dateTime": "2026-02-26T09:00:00+05:30", "timeZone": "Asia/Kolkata"}, "2026-02-26T03:30:00+00:00"),
        ({"dateTime": "2026-02-26T09:00:00Z", "timeZone": "Nowhere/Land"}, "2026-02-26T09:00:00+00:00"),
        ({"date": "2026-02-26"}, "2026-02-26T00:00:00+00:00"),
    ],
    ids=["offset", "zone", "unknown zone", "a whole day"],
)
def test_F18_google_calendar_every_zone_has_its_place(diary: House, start: dict[str, str], at: str) -> None:
    source = of(diary)
    made = source.calendar.put_event(diary.at - DAY, id_="zone", **source.fields(Contact("zone", ROLF, diary.at)))
    source.calendar.change(made["id"], start=start, end=start)
    diary.round()

    assert diary.store.one("SELECT at FROM item WHERE subject = 'Matter zone'") == int(
        datetime.fromisoformat(at).timestamp()
    )


def test_F19_google_calendar_of_a_series_only_what_was_held_counts(diary: House) -> None:
    """Held: a first one, and one that was put off. Not held: one that was called off before, one called off later."""
    source = of(diary)
    began = (diary.at - 28 * DAY).replace(hour=9)
    source.more["weekly"] = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]}
    source.put(Contact("weekly", ROLF, began))
    series = source.shown()["weekly"]["id"]
    source.calendar.cancel_at(series, began + 14 * DAY)
    late = began + 22 * DAY
    source.calendar.except_at(series, began + 21 * DAY, start=moment(late), end=moment(late + HOUR))
    diary.round()

    def times() -> list[int]:
        held = "SELECT at FROM item WHERE subject = 'Matter weekly' AND NOT cancelled ORDER BY at"
        return [at for (at,) in diary.store.rows(held)]

    assert times() == [int(each.timestamp()) for each in (began, began + 7 * DAY, late)]
    source.calendar.cancel_at(series, began + 7 * DAY)
    diary.round(HOUR)
    assert times() == [int(each.timestamp()) for each in (began, late)]
    del source.more["weekly"]
    source.drop("weekly")
    diary.round(HOUR)
    diary.whole()


def test_F20_google_calendar_one_that_is_renamed_stays_and_one_that_is_lost_ends(diary: House) -> None:
    other = work(diary)
    away = Contact("away", NINA, diary.at - 90 * DAY)
    other.put_event(away.at, id_="away", **of(diary).fields(away))
    assert diary.round().ended.state == "ok"
    of(diary).user.calendars.rename(other.id, "Looms")
    diary.round(HOUR)
    assert "away" in diary.kept()
    of(diary).user.calendars.remove(other.id)
    kept = [(diary.round(HOUR), "away" in diary.kept())[1] for _ in range(3)]

    assert kept == [True, True, False]
    diary.whole()


# ---------------------------------------------------------------------------------------------------------- F21 to F26


def test_F21_google_calendar_many_hundreds_come_once(diary: House) -> None:
    very_many(diary)


@pytest.mark.parametrize(
    "fault",
    [plumbing.html(200, "Sign in"), TRUNCATED, plumbing.portal("/portal"), plumbing.says(200, b"{}")],
    ids=["html", "truncated", "captive portal", "an empty object"],
)
def test_F22_google_calendar_what_is_no_answer_passes(
    diary: House, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    source = of(diary)
    monkeypatch.setattr(source, "harm", lambda _: source.fake.at(API, fault))
    passes(diary, "nonsense")


def test_F23_google_calendar_a_hanging_server_holds_nobody_up(diary: House, tmp_path: Path) -> None:
    beside(diary, tmp_path, "stall")


def test_F24_google_calendar_a_month_of_sleep_and_a_clock_put_back(diary: House) -> None:
    slept(diary)


def test_F25_google_calendar_without_its_key_it_waits(
    diary: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_api, "GOOGLE", google_api.Endpoints.at(of(diary).fake.url))
    locked(diary, tmp_path / "home", monkeypatch)


def test_F26_google_calendar_opted_out_in_mid_round_nothing_more_is_written(diary: House) -> None:
    opted_out(diary)
