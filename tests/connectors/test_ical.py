"""What iCalendar bytes say, event by event."""

import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Attendee, Interaction, Meeting, Party
from connectors.ical import Reading, read
from connectors.ical_events import LONGEST_SUBJECT
from connectors.ical_lines import NotACalendar, short, whole
from connectors.series import MOST

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


def event(*lines: str, start: str | None = "DTSTART:20260105T100000Z", uid: str = "one") -> str:
    """A VEVENT; a line given wins over the default of the same name."""
    default = [f"UID:{uid}"] if uid else []
    return "\r\n".join(["BEGIN:VEVENT", *default, *([start] if start else []), *lines, "END:VEVENT"])


def calendar(*components: str, head: str = "VERSION:2.0") -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", head, *components, "END:VCALENDAR", ""]).encode()


def told(*components: str, zone: str = "UTC", until: datetime = UNTIL) -> Reading:
    return read(calendar(*components), until=until, zone=ZoneInfo(zone))


def only(*lines: str, start: str | None = "DTSTART:20260105T100000Z", zone: str = "UTC") -> Interaction:
    [one] = told(event(*lines, start=start), zone=zone).found
    return one


def meeting(one: Interaction) -> Meeting:
    assert one.meeting is not None
    return one.meeting


def starts(reading: Reading) -> list[str]:
    return [meeting(one).start.isoformat() for one in reading.found]


def test_a_meeting_is_seen_from_outside() -> None:
    one = only(
        "DTEND:20260105T110000Z",
        "SUMMARY:Looms\\, spindles\\nand wool",
        'ORGANIZER;CN="Example, Ada":MAILTO:Ada@Example.org',
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@example.org",
        "ATTENDEE;PARTSTAT=DECLINED:Mailto:cleo%40example.org",
        "ATTENDEE;CN=dan@example.org;PARTSTAT=TENTATIVE:mailto:dan@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;CUTYPE=INDIVIDUAL:mailto:eve@example.org",
        "ATTENDEE;CUTYPE=ROOM;CN=Blue room:mailto:blue@example.org",
        "ATTENDEE;CUTYPE=RESOURCE:mailto:projector@example.org",
        "ATTENDEE:mailto:BOB@example.org",
        "ATTENDEE;EMAIL=fay@example.org:urn:uuid:1234",
        "ATTENDEE;CN=Nobody:invalid:nomail",
    )
    ada = Party("ada@example.org", "Example, Ada")
    asked = (
        Attendee(Party("bob@example.org", "Bob"), "accepted"),
        Attendee(Party("cleo@example.org"), "declined"),
        Attendee(Party("dan@example.org"), "tentative"),
        Attendee(Party("eve@example.org"), "unknown"),
        Attendee(Party("fay@example.org"), "unknown"),
    )
    start = datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert one == Interaction(
        id="one",
        sent=start,
        dated_by="start",
        sender=ada,
        to=tuple(attendee.party for attendee in asked),
        subject="Looms, spindles and wool",
        meeting=Meeting("one", start, start + timedelta(hours=1), organiser=ada, attendees=asked),
    )


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (["DTEND:20260105T113000Z"], "2026-01-05T11:30:00+00:00"),
        (["DURATION:PT1H30M"], "2026-01-05T11:30:00+00:00"),
        ([], "2026-01-05T10:00:00+00:00"),
        (["DTEND:20260105T093000Z"], "2026-01-05T10:00:00+00:00"),
        (["DURATION:-PT1H"], "2026-01-05T10:00:00+00:00"),
        (["DTEND:tomorrow"], "2026-01-05T10:00:00+00:00"),
        (["DTEND;VALUE=DATE:20260106"], "2026-01-06T00:00:00+00:00"),
    ],
    ids=["end", "duration", "no end", "end before start", "negative", "unreadable end", "a day as end"],
)
def test_an_end_that_cannot_be_is_the_start(lines: list[str], end: str) -> None:
    assert meeting(only(*lines)).end.isoformat() == end


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ([], date(2026, 1, 6)),
        (["DTEND;VALUE=DATE:20260108"], date(2026, 1, 8)),
        (["DTEND;VALUE=DATE:20260105"], date(2026, 1, 6)),
        (["DURATION:P2D"], date(2026, 1, 7)),
        (["DTEND:20260107T120000Z"], date(2026, 1, 7)),
    ],
    ids=["no end", "three days", "end on the same day", "duration", "a time as end"],
)
def test_a_whole_day_is_dates(lines: list[str], end: date) -> None:
    one = only(*lines, start="DTSTART;VALUE=DATE:20260105", zone="Asia/Kolkata")
    assert (meeting(one).start, meeting(one).end) == (date(2026, 1, 5), end)
    assert one.sent == datetime(2026, 1, 5, tzinfo=UTC)


OWN_ZONE = "\r\n".join(
    (
        "BEGIN:VTIMEZONE",
        "TZID:{name}",
        "BEGIN:STANDARD",
        "DTSTART:16010101T000000",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0200",
        "END:STANDARD",
        "END:VTIMEZONE",
    )
)


@pytest.mark.parametrize(
    ("start", "zones", "hour"),
    [
        ("DTSTART:20260105T100000Z", [], 10),
        ("DTSTART:20260105T100000", [], 15),
        ("DTSTART;TZID=Europe/Athens:20260105T100000", [], 8),
        ('DTSTART;TZID="W. Europe Standard Time":20260105T100000', [], 9),
        ("DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20260105T100000", [], 9),
        ("DTSTART;TZID=Customized Time Zone:20260105T100000", [OWN_ZONE], 8),
        ("DTSTART;TZID=America/New_York:20260105T100000", [OWN_ZONE], 8),
        ("DTSTART;TZID=Nowhere/At_all:20260105T100000", [], 15),
        ("DTSTART;TZID=Europe:20260105T100000", [], 15),
        ("DTSTART;TZID=../../etc/passwd:20260105T100000", [], 15),
    ],
    ids=[
        "UTC",
        "floating",
        "IANA",
        "Windows",
        "path",
        "defined in the file",
        "defined in the file though IANA",
        "unknown",
        "a folder of zones",
        "outside the zones",
    ],
)
def test_no_time_is_left_floating(start: str, zones: list[str], hour: int) -> None:
    name = start.partition("TZID=")[2].partition(":")[0]
    reading = told(*(zone.format(name=name) for zone in zones), event(start=start), zone="America/New_York")
    assert [one.sent for one in reading.found] == [datetime(2026, 1, 5, hour, tzinfo=UTC)]


SOUND = ("TZID:Mine", "BEGIN:STANDARD", "DTSTART:20000101T000000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0100")


@pytest.mark.parametrize(
    "broken",
    [
        ["TZID:Mine"],
        ["TZID:Mine", "BEGIN:STANDARD", "DTSTART:20000101T000000", "TZOFFSETFROM:+9900", "TZOFFSETTO:+9900"],
        [*SOUND, "RRULE:FREQ=SECONDLY", "END:STANDARD"],
    ],
    ids=["empty", "no such offset", "changed every second"],
)
def test_a_zone_that_cannot_be_used_is_unknown(broken: list[str]) -> None:
    zone = "\r\n".join(["BEGIN:VTIMEZONE", *broken, "END:VTIMEZONE"])
    reading = told(zone, event(start="DTSTART;TZID=Mine:20260105T100000"), zone="Asia/Kolkata")
    assert [one.sent.hour for one in reading.found] == [4]


def test_two_calendars_may_give_one_name_to_two_zones() -> None:
    meets = event(start="DTSTART;TZID=Mine:20260105T100000")
    first = told(OWN_ZONE.format(name="Mine"), meets)
    second = told(OWN_ZONE.format(name="Mine").replace("+0200", "-0500"), meets)
    assert [one.sent.hour for one in first.found + second.found] == [8, 15]


CHANGES: Mapping[str, tuple[str, list[int]]] = {
    # the day before the clocks change, and ten o'clock in UTC on that day and the next
    "UTC": ("20260328", [10, 10]),
    "Asia/Kolkata": ("20260328", [4, 4]),
    "America/New_York": ("20260307", [15, 14]),
    "Australia/Lord_Howe": ("20260404", [23, 23]),  # half an hour: 23:00 and 23:30 of the day before
    "Pacific/Apia": ("20111229", [20, 20]),  # 30 December 2011 never was
}


@pytest.mark.parametrize("zone", CHANGES)
def test_ten_o_clock_stays_ten_o_clock(zone: str) -> None:
    first, hours = CHANGES[zone]
    lines = ["RRULE:FREQ=DAILY;COUNT=3"]
    named = told(event(*lines, start=f"DTSTART;TZID={zone}:{first}T100000"))
    floating = told(event(*lines, start=f"DTSTART:{first}T100000"), zone=zone)
    assert named == floating
    assert [one.sent.hour for one in named.found][:2] == hours
    walls = [one.sent.astimezone(ZoneInfo(zone)) for one in named.found]
    assert {wall.hour for wall in walls} == {10}
    assert len(walls) == (2 if zone == "Pacific/Apia" else 3)


def test_a_time_that_the_clocks_leave_out_is_an_hour_later() -> None:
    one = only(start="DTSTART;TZID=America/New_York:20260308T023000")
    assert one.sent == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_a_series_has_an_id_for_each_instance_of_its_own() -> None:
    reading = told(event("RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:Tea"))
    assert [one.id for one in reading.found] == ["one/20260105T100000Z", "one/20260112T100000Z"]
    assert [meeting(one).original_start for one in reading.found] == [one.sent for one in reading.found]
    assert all(meeting(one).recurring for one in reading.found)


def test_an_instance_keeps_its_id_when_it_is_moved() -> None:
    reading = told(
        event("RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260119T100000Z"),
        event("RECURRENCE-ID:20260112T100000Z", "SUMMARY:later", start="DTSTART:20260114T150000Z"),
    )
    assert [(one.id, one.subject) for one in reading.found] == [
        ("one/20260105T100000Z", ""),
        ("one/20260112T100000Z", "later"),
    ]
    assert reading.found[1].sent == datetime(2026, 1, 14, 15, tzinfo=UTC)


def test_from_here_onwards_moves_the_rest_and_keeps_their_ids() -> None:
    reading = told(
        event("RRULE:FREQ=WEEKLY;COUNT=4", "DTEND:20260105T110000Z"),
        event(
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260119T100000Z",
            "DTEND:20260120T143000Z",
            start="DTSTART:20260120T140000Z",
        ),
    )
    assert [one.id[4:12] for one in reading.found] == ["20260105", "20260112", "20260119", "20260126"]
    assert [one[8:16] for one in starts(reading)] == ["05T10:00", "12T10:00", "20T14:00", "27T14:00"]
    assert meeting(reading.found[3]).end == datetime(2026, 1, 27, 14, 30, tzinfo=UTC)


def test_a_cancelled_instance_is_kept_as_cancelled() -> None:
    reading = told(
        event("RRULE:FREQ=DAILY;COUNT=3"),
        event("RECURRENCE-ID:20260106T100000Z", "STATUS:CANCELLED", start="DTSTART:20260106T100000Z"),
    )
    assert [meeting(one).cancelled for one in reading.found] == [False, True, False]


@pytest.mark.parametrize(
    "data",
    [calendar(event("STATUS:cancelled")), calendar(event(), head="METHOD:CANCEL")],
    ids=["by its status", "by its calendar"],
)
def test_a_meeting_may_be_cancelled_as_a_whole(data: bytes) -> None:
    [one] = read(data, until=UNTIL).found
    assert meeting(one).cancelled


def test_further_dates_and_periods_belong_to_the_series() -> None:
    reading = told(
        event(
            "DTEND:20260105T110000Z",
            "RDATE:20260107T100000Z,garbage,20260108T100000Z",
            "RDATE;VALUE=PERIOD:20260109T100000Z/PT3H",
        )
    )
    assert [one[8:10] for one in starts(reading)] == ["05", "07", "08", "09"]
    assert [meeting(one).end.isoformat()[11:13] for one in reading.found] == ["11", "11", "11", "13"]


def test_of_two_versions_the_later_counts() -> None:
    reading = told(event("SEQUENCE:1", "SUMMARY:new", start="DTSTART:20260106T100000Z"), event("SUMMARY:old"))
    assert [one.subject for one in reading.found] == ["new"]


def test_several_meetings_under_one_uid_are_several() -> None:
    reading = told(event(), event(start="DTSTART:20260107T100000Z"))
    assert [one.id for one in reading.found] == ["one", "one/20260107T100000Z"]


def test_a_changed_instance_without_its_series_stands_alone() -> None:
    [one] = told(event("RECURRENCE-ID:20260105T100000Z", start="DTSTART:20260106T100000Z")).found
    assert (one.id, meeting(one).recurring) == ("one/20260105T100000Z", True)


def test_without_a_uid_the_id_follows_from_what_is_said() -> None:
    said = calendar(event("SUMMARY:Tea", uid=""), event("SUMMARY:Coffee", uid=""))
    first, again = read(said, until=UNTIL), read(said, until=UNTIL)
    assert [one.id for one in first.found] == [one.id for one in again.found]
    assert len({one.id for one in first.found}) == 2


def test_a_uid_without_end_is_cut_to_a_hash() -> None:
    [one] = told(event(uid="x" * 100_000)).found
    assert len(one.id) < 100


def test_a_subject_has_an_end_and_no_control_characters() -> None:
    assert only("SUMMARY:a\x00b\\n\\nc" + "d" * 9_999).subject == ("a b c" + "d" * 9_999)[:LONGEST_SUBJECT]


def test_descriptions_come_only_when_asked_for_and_once_a_series() -> None:
    data = calendar(event("DESCRIPTION:See https://example.org\\nsoon", "RRULE:FREQ=DAILY;COUNT=3"))
    assert read(data, until=UNTIL).texts == {}
    assert read(data, until=UNTIL, texts=True).texts == {"one/20260105T100000Z": "See https://example.org\nsoon"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (event(start=None), "it has no start"),
        (event(start="DTSTART:20261345T100000Z"), "its start cannot be read"),
        (event(start="DTSTART:soon"), "its start cannot be read"),
        (event(start="DTSTART;TZID=America/New_York:99991231T235959"), "its dates cannot be worked out"),
        (event(start="DTSTART;TZID=Asia/Kolkata:00010101T000000"), "its dates cannot be worked out"),
    ],
    ids=["no start", "13th month", "no date at all", "after the last year", "before the first year"],
)
def test_a_bad_event_costs_itself_alone(bad: str, reason: str) -> None:
    reading = told(event(uid="a"), bad, event(uid="b"))
    assert [one.id for one in reading.found] == ["a", "b"]
    assert reading.missed == (("one", f"event 2: {reason}"),)


def test_a_nameless_bad_event_is_named_by_its_place() -> None:
    assert told(event(), event(uid="", start=None)).missed == (("event 2", "event 2: it has no start"),)


@pytest.mark.parametrize("year", ["16010101", "99991230"])
def test_odd_years_are_years(year: str) -> None:
    assert only(start=f"DTSTART:{year}T100000Z").sent.strftime("%Y%m%d") == year


@pytest.mark.parametrize(
    "data",
    [
        calendar(event(), event("no colon here", uid="two")),
        calendar(event()) + calendar(event(uid="two")),
        calendar(event(), event(uid="two")).replace(b"END:VCALENDAR", b""),
        calendar(event(), event(uid="two"))[:-30],
        (event() + "\r\n" + event(uid="two")).encode(),
        calendar(event(), event(uid="two")).replace(b"\r\n", b"\n"),
        calendar(event(), event(uid="two")).replace(b"\r\n", b"\r"),
        calendar(event(), event(uid="two")).replace(b"VEVENT", b"vevent"),
        calendar(event(), event(uid="two")).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + calendar(event(), event(uid="two")),
        calendar(event(), "END:VTODO", event("BEGIN:VALARM", "UID:three", "END:VALARM", uid="two")),
        calendar(event(), "BEGIN:VTIMEZONE", "END:VTIMEZONE", "X\x01:\\", event(uid="two")),
    ],
    ids=[
        "a line that is none",
        "two calendars",
        "never closed",
        "cut off",
        "without a calendar",
        "LF",
        "CR",
        "lower case",
        "UTF-16",
        "BOM",
        "stray END and an alarm",
        "an empty zone",
    ],
)
def test_a_damaged_calendar_gives_what_it_has(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [one.id for one in read(data, until=UNTIL).found] == ["one", "two"]


def test_a_fold_may_stand_inside_a_character() -> None:
    data = calendar(event("SUMMARY:東京")).replace("東京".encode(), b"\xe6\x9d\r\n \xb1\xe4\xba\xac")
    assert [one.subject for one in read(data, until=UNTIL).found] == ["東京"]


def test_a_calendar_of_the_nineties_is_not_utf_8() -> None:
    data = calendar(event("SUMMARY:Café")).decode().encode("latin-1")
    assert [one.subject for one in read(data, until=UNTIL).found] == ["Café"]


@pytest.mark.parametrize(
    "data", [b"", b"<html>BEGIN</html>", b"From: a@example.org\n\nBEGIN:\n"], ids=["0", "HTML", "?"]
)
def test_what_is_no_calendar_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NotACalendar):
        read(data, until=UNTIL)


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        ("FREQ=SECONDLY", 1),
        ("FREQ=MINUTELY;COUNT=1000000000", 1),
        ("FREQ=HOURLY", MOST),
        ("FREQ=DAILY;COUNT=1000000000", MOST),
        ("FREQ=DAILY;INTERVAL=0", 1),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 1),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=WE", 1),
        ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=1,2,3,4,5,6;BYSECOND=1,2,3", MOST),
        ("FREQ=NEVER", 1),
        ("BYDAY=MO", 1),
        ("FREQ=WEEKLY;BYDAY=XX", 1),
    ],
)
def test_no_rule_hangs(rule: str, most: int) -> None:
    reading = told(event(f"RRULE:{rule}", start="DTSTART:20010101T100000Z"))
    assert 1 <= len(reading.found) <= most


def test_of_a_series_without_end_the_newest_are_kept() -> None:
    reading = told(event("RRULE:FREQ=DAILY", start="DTSTART:20010101T100000Z"))
    assert len(reading.found) == MOST
    assert max(one.sent for one in reading.found) == UNTIL - timedelta(hours=14)


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;UNTIL=20260107T100000Z", ["05", "06", "07"]),
        ("FREQ=DAILY;UNTIL=20260107T095959Z", ["05", "06"]),
        ("FREQ=DAILY;UNTIL=20260107", ["05", "06", "07"]),
        ("FREQ=DAILY;UNTIL=20260104T100000Z", []),
    ],
    ids=["to the minute", "a second before", "a day", "before it began: all were deleted"],
)
def test_a_series_ends_when_it_says(rule: str, days: list[str]) -> None:
    assert [one[8:10] for one in starts(told(event(f"RRULE:{rule}")))] == days


def test_a_day_taken_out_takes_its_meeting_out() -> None:
    reading = told(event("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260106"))
    assert [one[8:10] for one in starts(reading)] == ["05", "07"]


# ---- beside recurring-ical-events -----------------------------------------------------------------------------------

ZONES = ["UTC", *CHANGES, "Europe/London"]
FREQUENCY = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=3, unique=True)

WALL = (datetime(2025, 1, 1), datetime(2026, 11, 30))  # noqa: DTZ001 - on the wall of any zone


@st.composite
def series(draw: st.DrawFn) -> str:
    """A series that starts near a change of the clocks, with instances taken out, added, moved and cancelled."""
    zone = draw(st.sampled_from(ZONES))
    whole_days = draw(st.booleans())
    first = draw(st.datetimes(*WALL)).replace(microsecond=0, second=0)
    rule = f"FREQ={draw(FREQUENCY)};INTERVAL={draw(st.integers(1, 4))}"
    days = draw(DAYS)
    if days:
        rule += f";BYDAY={','.join(days)}"
    rule += draw(st.sampled_from(["", ";COUNT=1", ";COUNT=7", ";COUNT=30"]))

    def dated(name: str, moment: datetime, extra: str = "") -> str:
        if whole_days:
            return f"{name};VALUE=DATE{extra}:{moment:%Y%m%d}"
        return f"{name};TZID={zone}{extra}:{moment:%Y%m%dT%H%M%S}"

    later = st.integers(0, 40).map(lambda days: first + timedelta(days=days))
    lines = [f"RRULE:{rule}"] if draw(st.booleans()) else []
    lines += [dated("EXDATE", moment) for moment in draw(st.lists(later, max_size=3, unique=True))]
    lines += [dated("RDATE", moment) for moment in draw(st.lists(later, max_size=3, unique=True))]
    events = [event(*lines, f"DURATION:P{draw(st.integers(1, 2))}D", start=dated("DTSTART", first))]
    for moment in draw(st.lists(later, max_size=2, unique=True)):
        moved = moment + timedelta(days=draw(st.integers(-3, 3)), minutes=draw(st.integers(0, 300)))
        onwards = draw(st.sampled_from(["", ";RANGE=THISANDFUTURE"]))
        change = [
            dated("RECURRENCE-ID", moment, onwards),
            draw(st.sampled_from(["STATUS:CANCELLED", "STATUS:CONFIRMED"])),
        ]
        events.append(event(*change, start=dated("DTSTART", moved)))
    return "\r\n".join(events)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(series())
def test_the_instances_are_those_of_recurring_ical_events(planned: str) -> None:
    import icalendar
    import recurring_ical_events

    data = calendar(planned)
    oracle = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between((2024, 1, 1), (2027, 1, 1))
    theirs = sorted(
        (start.astimezone(UTC) if isinstance(start, datetime) else start).isoformat()
        for start in (one["DTSTART"].dt for one in oracle)
    )
    ours = read(data, until=UNTIL + timedelta(days=60)).found
    assert len({one.id for one in ours}) == len(ours)
    assert sorted(start for start in starts(Reading(ours)) if start < "2026-12-20") == [
        start for start in theirs if start < "2026-12-20"
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "TZID:Z"])
        | st.builds(
            "{}:{}".format, st.sampled_from(["DTSTART;TZID=Z", "RRULE", "EXDATE", "UID", "ATTENDEE"]), st.text()
        )
        | st.text(),
        max_size=30,
    )
)
def test_no_bytes_raise_anything_but_that_they_are_no_calendar(lines: list[str]) -> None:
    data = "\n".join(["BEGIN:VCALENDAR", *lines]).encode("utf-8", "replace")
    assert isinstance(read(data, until=UNTIL), Reading)


PARAMETER = st.from_regex(r"[A-Za-z-]{1,3} ?= ?[ -~é]{0,5}", fullmatch=True)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["ATTENDEE", "Dtstart", "X-1"]),
    st.lists(PARAMETER, max_size=3),
    st.text('a:;=\\\\ \t"é,', max_size=9),
)
def test_the_short_way_through_a_line_agrees_with_the_long_one(name: str, params: list[str], value: str) -> None:
    line = ";".join([name, *params]) + ":" + value
    glance = short(line)
    if glance:
        name, parameters, value = whole(line)
        assert (glance[0], dict(glance[1]), glance[2]) == (name, {k.upper(): v for k, v in parameters.items()}, value)
