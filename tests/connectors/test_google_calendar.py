"""Google Calendar, through Google's own client library, against a fake that is as strict as Google's documents."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import Connector, CursorLost, Exact, Interaction, Meeting, NeedsUser, Party, TryLater
from connectors.google_calendar import window
from connectors.ical import read
from tests.connectors.contract import SENT as SUBJECTS
from tests.connectors.contract import ConnectorContract
from tests.connectors.googles import ADA, NOW, Home
from tests.connectors.kept import Kept as Known
from tests.fakes.google_calendar import moment
from tests.fakes.plumbing import Answer, Fault

HOUR = timedelta(hours=1)
CET = ZoneInfo("Europe/Berlin")


@pytest.fixture
def home() -> Iterator[Home]:
    with Home() as made:
        yield made
        made.kind()


class TestGoogleCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            home.calendars.primary.put_event(NOW - timedelta(days=9 - number), summary=subject)
        return home.calendar(page=2)


class TestGoogleCalendarWithSeries(ConnectorContract):
    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            rule = ["RRULE:FREQ=DAILY;COUNT=1"] if number % 2 else None
            home.calendars.primary.put_event(NOW - timedelta(days=9 - number), summary=subject, recurrence=rule)
        return home.calendar(page=2, texts=True)


def test_a_live_connector_can_be_asked_for_single_items(home: Home) -> None:
    assert isinstance(home.calendar(), Exact)


def known(home: Home, kept: Known | None = None, **more: Any) -> Known:
    connector = home.calendar(**more)
    return (kept or Known()).round(connector, connector.streams()[0])


def meeting(one: Interaction) -> Meeting:
    assert one.meeting is not None
    return one.meeting


def starts(kept: Known) -> list[str]:
    return sorted(str(meeting(one).start) for one in kept.items.values())


def guest(address: str, status: str = "accepted", **more: Any) -> dict[str, Any]:
    return {"email": address, "responseStatus": status} | more


# ------------------------------------------------------------------------------------------------------ which calendars


def test_the_users_own_calendars_are_read_unless_others_are_named(home: Home) -> None:
    home.calendars.add("Work")
    home.calendars.add("Holidays", "de.german#holiday@group.v.calendar.google.com", role="reader")
    home.calendars.add("A colleague's", role="freeBusyReader")

    assert [one.name for one in home.calendar().streams()] == [ADA, "Work"]
    assert [one.name for one in home.calendar("Holidays", "Work").streams()] == ["Holidays", "Work"]


def test_a_calendar_that_there_is_not_is_named_with_the_nearest(home: Home) -> None:
    home.calendars.add("Work")

    with pytest.raises(NeedsUser) as caught:
        home.calendar("work").streams()

    assert "'work'" in caught.value.what
    assert "`Work`" in caught.value.what
    assert "Work" in caught.value.remedy


def test_a_calendar_that_is_not_ticked_is_not_read(home: Home) -> None:
    home.calendars.add("Work")

    def unticked(answer: Answer) -> Answer:
        told = answer.told()
        for one in told["items"]:
            one["selected"] = False
        return Answer.json(told)

    home.fake.at("GET .*calendarList", Fault(change=unticked))

    assert [one.name for one in home.calendar().streams()] == [ADA]


def test_F20_google_calendar_a_calendar_that_is_renamed_stays_the_same(home: Home) -> None:
    work = home.calendars.add("Work")
    [_, before] = home.calendar().streams()
    home.calendars.rename(work.id, "Labour")
    [_, after] = home.calendar().streams()

    assert (before.id, before.name, after.name) == (after.id, "Work", "Labour")


def test_F20_google_calendar_a_calendar_that_is_no_more_ends_quietly(home: Home) -> None:
    work = home.calendars.add("Work")
    work.put_event(NOW, summary="A word")
    connector = home.calendar()
    [_, stream] = connector.streams()
    kept = Known().round(connector, stream)
    home.calendars.remove(work.id)
    pages = kept.pages
    kept.round(home.calendar(), stream)

    assert kept.pages == pages
    assert [one.name for one in home.calendar().streams()] == [ADA]
    with pytest.raises(TryLater):
        list(home.calendar().audit(stream))


def test_F13_google_calendar_an_account_without_any_calendar_is_not_believed(home: Home) -> None:
    home.calendars.hollow = True

    with pytest.raises(TryLater, match="names no calendar"):
        home.calendar().streams()


# ------------------------------------------------------------------------------------------------------ what is read


def test_a_meeting_says_who_was_asked_and_what_they_said(home: Home) -> None:
    start = datetime(2026, 5, 20, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    home.calendars.primary.put_event(
        start,
        summary="  Looms,\n and more ",
        id_="looms1",
        iCalUID="looms@example.net",
        organizer={"email": "Bob@Example.com", "displayName": "Bob Example"},
        attendees=[
            guest(ADA, "accepted", self=True),
            guest("bob@example.com", organizer=True, displayName="Bob Example"),
            guest("eve@example.net", "declined"),
            guest("tom@example.net", "needsAction"),
            guest("mia@example.net", "tentative"),
            guest("c_room1@resource.calendar.google.com", resource=True, displayName="Room 1"),
            {"id": "1234", "responseStatus": "accepted"},
        ],
        location="Not asked for",
        description="Not asked for",
        hangoutLink="https://meet.google.com/not-asked-for",
    )
    [one] = known(home).items.values()
    told = meeting(one)

    assert (one.id, one.subject, one.dated_by) == ("looms1", "Looms, and more", "start")
    assert (one.sent, told.start, told.end) == (
        start.astimezone(UTC), start.astimezone(UTC), start.astimezone(UTC) + HOUR,
    )  # fmt: skip
    assert told.organiser == one.sender == Party("bob@example.com", "Bob Example")
    assert told.uid == "looms@example.net"
    assert [(each.party.address, each.status) for each in told.attendees] == [
        (ADA, "accepted"),
        ("bob@example.com", "accepted"),
        ("eve@example.net", "declined"),
        ("tom@example.net", "unknown"),
        ("mia@example.net", "tentative"),
    ]
    asked = {dict(call.parameters).get("fields", "") for call in home.fake.calls if "events" in call.method}
    assert not [fields for fields in asked for word in ("description", "location", "hangout", "*") if word in fields]
    assert "Not asked for" not in str(one)


def test_in_a_calendar_that_belongs_to_nobody_its_maker_calls_the_meeting(home: Home) -> None:
    work = home.calendars.add("Work")
    work.put_event(
        NOW,
        organizer={"email": work.id, "displayName": "Work", "self": True},
        creator={"email": ADA},
        attendees=[guest("bob@example.com")],
    )
    connector = home.calendar("Work")
    [one] = Known().round(connector, connector.streams()[0]).items.values()

    assert one.sender == Party(ADA)


@pytest.mark.parametrize("kind", ["birthday", "focusTime", "workingLocation"])
def test_what_is_no_meeting_is_left_out(home: Home, kind: str) -> None:
    home.calendars.primary.put_event(NOW, eventType=kind)
    home.calendars.primary.put_event(NOW, eventType=kind, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    home.calendars.primary.put_event(NOW, summary="A word", eventType="fromGmail")

    assert known(home).subjects == ["A word"]


def test_an_absence_is_known_as_it_is_called(home: Home) -> None:
    home.calendars.primary.put_event(NOW, summary="Abwesend", eventType="outOfOffice")

    assert known(home).subjects == ["Abwesend"]


def test_texts_are_read_only_where_the_user_says_so_and_once_for_a_series(home: Home) -> None:
    home.calendars.primary.put_event(NOW, summary="One", description="Some words")
    home.calendars.primary.put_event(
        NOW, summary="Series", description="More words", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]
    )

    assert known(home).texts == {}
    assert sorted(known(home, texts=True).texts.values()) == ["More words", "Some words"]


def test_who_opts_in_to_texts_later_has_them_all_read(home: Home) -> None:
    home.calendars.primary.put_event(NOW, summary="One", description="Some words")
    kept = known(home)
    known(home, kept, texts=True)

    assert len(kept.texts) == 1
    assert kept.completed == 2


@pytest.mark.parametrize(
    ("start", "end", "day"),
    [
        ({"date": "2026-05-20"}, {"date": "2026-05-22"}, True),
        (moment(datetime(2026, 5, 20, 10, tzinfo=CET), "Europe/Berlin"), {"dateTime": "2026-05-20T09:30:00Z"}, False),
        ({"dateTime": "2026-05-20T08:00:00Z"}, {}, False),
        ({"dateTime": "2026-05-20T08:00:00Z", "timeZone": "Nowhere/Land"}, {"dateTime": "2026-05-20T07:00:00Z"}, False),
        ({"date": "2026-05-20"}, {"dateTime": "2026-05-20T07:00:00Z"}, True),
    ],
    ids=["whole days", "two zones", "no end", "an end before the start", "mixed"],
)  # fmt: skip
def test_F18_google_calendar_times_are_where_they_are(home: Home, start: Any, end: Any, day: bool) -> None:
    home.calendars.primary.put(
        {"id": "abc1", "status": "confirmed", "start": start, "end": end, "eventType": "default"}
    )
    [one] = known(home).items.values()
    told = meeting(one)

    if day:
        assert told.start == date(2026, 5, 20)
        assert one.sent == datetime(2026, 5, 20, tzinfo=UTC)
        assert told.end in (date(2026, 5, 21), date(2026, 5, 22))
    else:
        assert told.start == datetime(2026, 5, 20, 8, tzinfo=UTC)
        assert isinstance(told.end, datetime)
        assert told.end >= datetime(2026, 5, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [{"start": {}}, {"start": {"dateTime": "soon"}}, {"start": {"date": "2026-02-30"}}, {"start": None}],
    ids=["no start", "words", "no such day", "null"],
)
def test_F11_google_calendar_one_odd_event_is_missed_and_the_others_come(home: Home, odd: dict[str, Any]) -> None:
    home.calendars.primary.put_event(NOW, summary="Fine")
    home.calendars.primary.put_event(NOW, summary="Odd", id_="odd1")

    def bent(answer: Answer) -> Answer:
        told = answer.told()
        told["items"] = [one | odd if one["id"] == "odd1" else one for one in told["items"]]
        return Answer.json(told)

    home.fake.at("GET .*events", Fault(change=bent))
    kept = known(home)

    assert kept.subjects == ["Fine"]
    assert set(kept.ledger) == {"odd1"}
    home.fake.heal()
    connector = home.calendar()
    assert kept.retry(connector, connector.streams()[0]).subjects == ["Fine", "Odd"]


def test_F17_google_calendar_an_event_without_a_uid_is_known_by_its_id(home: Home) -> None:
    home.calendars.primary.put({"id": "abc1", "status": "confirmed", "start": {"date": "2026-05-20"}, "end": {}})
    [one] = known(home).items.values()

    assert meeting(one).uid == "abc1"


# -------------------------------------------------------------------------------------------------------- what changed


def test_an_idle_round_is_one_question_a_calendar(home: Home) -> None:
    home.calendars.primary.put_event(NOW, summary="One")
    home.calendars.primary.put_event(NOW, summary="Series", recurrence=["RRULE:FREQ=WEEKLY"])
    kept = known(home)
    cursor, before = kept.cursor, len(home.fake.calls)
    known(home, kept)

    assert kept.cursor == cursor, "there is nothing to be written"
    assert [call.method for call in home.fake.calls[before:]] == ["calendar.calendarList.list", "calendar.events.list"]


def test_a_token_is_not_older_than_a_day(home: Home) -> None:
    kept = known(home)
    cursor = kept.cursor
    home.clock.pass_by(86_400)
    known(home, kept)

    assert kept.cursor != cursor


def test_what_is_new_changed_and_gone_comes(home: Home) -> None:
    calendar = home.calendars.primary
    one, two = (calendar.put_event(NOW, summary=name) for name in ("One", "Two"))
    kept = known(home)
    calendar.change(one["id"], summary="One and a half")
    calendar.cancel(two["id"])
    calendar.put_event(NOW, summary="Three")
    known(home, kept)

    assert kept.subjects == ["One and a half", "Three"]
    assert kept.gone == [two["id"]]


def test_only_the_same_parameters_are_asked_for(home: Home) -> None:
    kept = known(home)
    home.calendars.primary.put_event(NOW, summary="One")
    known(home, kept)
    [first, second] = [dict(call.parameters) for call in home.fake.calls if call.method == "calendar.events.list"]
    second.pop("syncToken")

    assert first == second
    assert first["showDeleted"] == "true"


def test_F8_google_calendar_a_token_that_is_forgotten_begins_a_new_listing(home: Home) -> None:
    calendar = home.calendars.primary
    gone = calendar.put_event(NOW, summary="Goes")
    calendar.put_event(NOW, summary="Stays")
    kept = known(home)
    calendar.cancel(gone["id"])
    calendar.purge()
    connector = home.calendar()
    [stream] = connector.streams()

    with pytest.raises(CursorLost):
        list(connector.pull(stream, kept.cursor))
    kept.round(connector, stream)
    assert (kept.resets, kept.subjects) == (1, ["Stays"])
    assert kept.completed == 2


def test_F14_google_calendar_what_was_moved_to_another_calendar_keeps_its_uid(home: Home) -> None:
    work = home.calendars.add("Work")
    made = home.calendars.primary.put_event(NOW, summary="A word")
    connector = home.calendar()
    streams = connector.streams()
    kept = [Known().round(connector, stream) for stream in streams]
    home.calendars.primary.move(made["id"], work)
    for each, stream in zip(kept, streams, strict=True):
        each.round(connector, stream)

    assert kept[0].gone == [made["id"]]
    assert [meeting(one).uid for one in kept[1].items.values()] == [made["iCalUID"]]


@pytest.mark.parametrize("times", [1, 2])
def test_F12_google_calendar_a_page_token_that_is_refused_begins_the_listing_anew(home: Home, times: int) -> None:
    everything = filled(home)
    home.fake.when("events.*pageToken", home.calendars.pager.forget, times=times)
    kept = known(home, page=3)

    assert starts(kept) == everything
    assert kept.completed == 1


def test_F12_google_calendar_a_listing_that_refuses_every_page_is_not_asked_for_ever(home: Home) -> None:
    filled(home)
    home.fake.when("events.*pageToken", home.calendars.pager.forget, times=1_000)

    with pytest.raises(TryLater, match="refuses"):
        known(home, page=3)


@pytest.mark.parametrize("lie", ["repeats", "empty"])
def test_F12_google_calendar_pages_that_repeat_or_are_empty_cost_nothing(home: Home, lie: str) -> None:
    everything = filled(home)
    setattr(home.calendars.pager, lie, 20 if lie == "empty" else True)

    assert starts(known(home, page=3)) == everything


def test_F22_google_calendar_a_page_that_does_not_say_how_it_goes_on_is_not_believed(home: Home) -> None:
    filled(home)

    def mute(answer: Answer) -> Answer:
        return Answer.json({name: value for name, value in answer.told().items() if not name.startswith("next")})

    home.fake.at("GET .*events", Fault(change=mute))
    with pytest.raises(TryLater, match="how it goes on"):
        known(home)


@pytest.mark.parametrize(
    "told",
    [{"kind": "calendar#event", "items": []}, {"kind": "calendar#events"}, {"items": []}, []],
    ids=["one event", "no items", "no kind", "a list"],
)
def test_F22_google_calendar_an_answer_of_the_wrong_kind_is_no_evidence(home: Home, told: Any) -> None:
    filled(home)
    kept = known(home)
    home.fake.at("GET .*events", Fault(Answer.json(told)))

    with pytest.raises(TryLater):
        known(home, kept)
    assert kept.gone == []


def filled(home: Home) -> list[str]:
    """Meetings and series; gives the starts of all of them, by the reading of the same as iCalendar."""
    calendar = home.calendars.primary
    for number in range(7):
        calendar.put_event(NOW - timedelta(days=number), summary=f"Number {number}")
    made = calendar.put_event(NOW, summary="Series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=5"])
    calendar.cancel_at(made["id"], NOW + timedelta(days=7))
    calendar.except_at(made["id"], NOW + timedelta(days=14), summary="Moved", start=later(15), end=later(16))
    return sorted(
        [str(NOW - timedelta(days=number)) for number in range(7)]
        + [str(NOW + timedelta(days=days)) for days in (0, 7, 15, 21, 28)]
    )


def later(days: int) -> dict[str, Any]:
    return moment(NOW + timedelta(days=days))


# ------------------------------------------------------------------------------------------------------------- series


def as_ics(home: Home) -> bytes:
    """The same calendar as iCalendar has it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for event in home.calendars.primary.events.values():
        if event["status"] == "cancelled" and "recurringEventId" not in event:
            continue
        lines += ["BEGIN:VEVENT", f"UID:{event['iCalUID']}", f"SUMMARY:{event['summary']}"]
        lines += [f"DTSTART{stamped(event['start'])}", f"DTEND{stamped(event['end'])}", *event.get("recurrence", [])]
        if "originalStartTime" in event:
            lines.append(f"RECURRENCE-ID{stamped(event['originalStartTime'])}")
        lines += [f"STATUS:{event['status'].upper()}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def stamped(told: dict[str, Any]) -> str:
    if "date" in told:
        return f";VALUE=DATE:{told['date'].replace('-', '')}"
    at, zone = datetime.fromisoformat(told["dateTime"]), told.get("timeZone")
    if zone:
        return f";TZID={zone}:{at.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
    return f":{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def told_of(items: Iterable[Interaction]) -> set[tuple[Any, ...]]:
    return {
        (meeting(one).uid, meeting(one).original_start, meeting(one).start, meeting(one).end, one.subject,
         meeting(one).cancelled, meeting(one).recurring)
        for one in items
    }  # fmt: skip


BERLIN = datetime(2026, 3, 2, 10, tzinfo=ZoneInfo("Europe/Berlin"))

SERIES: dict[str, tuple[datetime | date, list[str]]] = {
    "weekly for ever": (BERLIN, ["RRULE:FREQ=WEEKLY"]),
    "daily, counted": (BERLIN, ["RRULE:FREQ=DAILY;COUNT=40"]),
    "until": (BERLIN, ["RRULE:FREQ=WEEKLY;UNTIL=20260601T000000Z"]),
    "workdays": (BERLIN, ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=20"]),
    "without some": (
        BERLIN,
        ["RRULE:FREQ=DAILY;COUNT=10", "EXDATE;TZID=Europe/Berlin:20260304T100000,20260306T100000"],
    ),
    "and some more": (BERLIN, ["RRULE:FREQ=DAILY;COUNT=3", "RDATE;TZID=Europe/Berlin:20260401T100000"]),
    "without some, in UTC": (BERLIN, ["RRULE:FREQ=DAILY;COUNT=10", "EXDATE:20260304T090000Z"]),
    "whole days": (date(2026, 3, 2), ["RRULE:FREQ=MONTHLY;COUNT=4", "EXDATE;VALUE=DATE:20260402"]),
    "yearly": (date(2020, 3, 2), ["RRULE:FREQ=YEARLY"]),
}


@pytest.mark.parametrize(("start", "rules"), SERIES.values(), ids=SERIES.keys())
@pytest.mark.parametrize("page", [1, 500], ids=["page by page", "at once"])
def test_F19_google_calendar_series_come_out_as_in_every_calendar(
    home: Home, start: datetime | date, rules: list[str], page: int
) -> None:
    calendar = home.calendars.primary
    made = calendar.put_event(
        start, summary="Series", recurrence=rules, zone="Europe/Berlin" if len(str(start)) > 10 else ""
    )
    step = timedelta(days=1 if "DAILY" in rules[0] else 7)
    if isinstance(start, datetime):
        calendar.except_at(
            made["id"], start + step, summary="Moved", start=moment(start + step * 1.5, "Europe/Berlin"),
            end=moment(start + step * 1.5 + HOUR, "Europe/Berlin"),
        )  # fmt: skip
    calendar.put_event(NOW, summary="Single")
    kept = known(home, page=page)
    expected = read(as_ics(home), until=window(NOW), zone=UTC)

    assert told_of(kept.items.values()) == told_of(expected.found)
    assert kept.completed == 1


def test_an_instance_is_called_as_google_calls_it(home: Home) -> None:
    calendar = home.calendars.primary
    made = calendar.put_event(BERLIN, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    days = calendar.put_event(date(2026, 3, 2), recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    kept = known(home)

    assert sorted(kept.items) == sorted(
        [f"{made['id']}_202603{day:02}T090000Z" for day in (2, 3, 4)]
        + [f"{days['id']}_202603{day:02}" for day in (2, 3)]
    )


def test_F19_google_calendar_a_cancelled_instance_is_kept_as_one_that_did_not_take_place(home: Home) -> None:
    made = home.calendars.primary.put_event(
        BERLIN, summary="Series", recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=[guest("bob@example.com")]
    )
    kept = known(home)
    home.calendars.primary.cancel_at(made["id"], BERLIN + timedelta(days=1))
    known(home, kept)

    assert [meeting(kept.items[key]).cancelled for key in sorted(kept.items)] == [False, True, False]
    assert all(meeting(one).attendees for one in kept.items.values())
    assert kept.gone == []


@pytest.mark.parametrize("how", ["shorter", "another day", "single", "deleted"])
def test_F19_google_calendar_a_series_loses_the_instances_that_it_no_longer_has(home: Home, how: str) -> None:
    calendar = home.calendars.primary
    made = calendar.put_event(BERLIN, summary="Series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"])
    calendar.except_at(made["id"], BERLIN + timedelta(days=7), summary="Renamed")
    kept = known(home)
    assert len(kept.items) == 6
    if how == "shorter":
        calendar.change(made["id"], recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    elif how == "another day":
        moved = BERLIN + timedelta(days=1)
        calendar.change(made["id"], start=moment(moved, "Europe/Berlin"), end=moment(moved + HOUR, "Europe/Berlin"))
        del calendar.events[f"{made['id']}_20260309T090000Z"], calendar.versions[f"{made['id']}_20260309T090000Z"]
    elif how == "single":
        event = {name: value for name, value in calendar.events[made["id"]].items() if name != "recurrence"}
        del calendar.events[f"{made['id']}_20260309T090000Z"], calendar.versions[f"{made['id']}_20260309T090000Z"]
        calendar.put(event)
    else:
        calendar.cancel(made["id"])
    known(home, kept)
    left = {"shorter": 3, "another day": 6, "single": 1, "deleted": 0}

    assert len(kept.items) == left[how]
    assert told_of(kept.items.values()) == told_of(read(as_ics(home), until=window(NOW)).found)


def test_F19_google_calendar_whichever_instance_changes_the_others_stay_as_they_were(home: Home) -> None:
    calendar = home.calendars.primary
    made = calendar.put_event(BERLIN, summary="Series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    calendar.except_at(made["id"], BERLIN + timedelta(days=7), summary="First change")
    kept = known(home)
    calendar.except_at(made["id"], BERLIN + timedelta(days=14), summary="Second change")
    known(home, kept)

    assert [kept.items[key].subject for key in sorted(kept.items)] == [
        "Series",
        "First change",
        "Second change",
        "Series",
    ]


def test_F19_google_calendar_a_lone_instance_of_somebody_elses_series_is_a_meeting(home: Home) -> None:
    calendar = home.calendars.primary
    made = calendar.put_event(BERLIN, summary="Series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    lone = calendar.except_at(made["id"], BERLIN + timedelta(days=7), summary="Come along")
    del calendar.events[made["id"]], calendar.versions[made["id"]]
    kept = known(home)

    assert list(kept.items) == [lone["id"]]
    assert meeting(kept.items[lone["id"]]).original_start == (BERLIN + timedelta(days=7)).astimezone(UTC)
    calendar.change(lone["id"], summary="Do come along")
    known(home, kept)
    assert kept.subjects == ["Do come along"]


def test_the_window_moves_once_a_week_and_brings_only_what_is_new(home: Home) -> None:
    calendar = home.calendars.primary
    calendar.put_event(BERLIN, summary="For ever", recurrence=["RRULE:FREQ=WEEKLY"])
    calendar.put_event(BERLIN, summary="Over", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    kept = known(home)
    before = len(kept.items)
    home.clock.pass_by(7 * 86_400)
    calls = len(home.fake.calls)
    connector = home.calendar()
    pages = list(connector.pull(connector.streams()[0], kept.cursor))
    kept.take(pages)

    assert [len(page.found) for page in pages] == [1]
    assert len(kept.items) == before + 1
    assert len(home.fake.calls) - calls == 3, "the list, what changed, and the one series that goes on"
    cursor = kept.cursor
    known(home, kept)
    assert kept.cursor == cursor


def test_F21_google_calendar_many_instances_take_little_room_in_the_cursor(home: Home) -> None:
    for number in range(20):
        start = BERLIN - timedelta(days=1_000 + number)
        home.calendars.primary.put_event(start, recurrence=["RRULE:FREQ=DAILY"])
    kept = known(home)

    assert len(kept.items) > 20_000
    assert len(json.dumps(kept.cursor)) < 20 * 250


def test_F1_google_calendar_a_round_that_dies_at_any_page_goes_on(home: Home) -> None:
    everything = filled(home)
    pages = len(list(home.calendar(page=2).pull(home.calendar().streams()[0], None)))
    for stop in range(pages):
        kept = Known()
        connector = home.calendar(page=2)
        reading = connector.pull(connector.streams()[0], None)
        kept.take(islice(reading, stop))
        known(home, kept, page=2)
        assert starts(kept) == everything, stop
        assert kept.completed == 1


def test_F1_google_calendar_what_changes_while_a_round_is_dead_is_not_lost(home: Home) -> None:
    filled(home)
    calendar = home.calendars.primary
    for stop in range(6):
        kept = Known()
        connector = home.calendar(page=2)
        kept.take(islice(connector.pull(connector.streams()[0], None), stop))
        new = calendar.put_event(NOW, summary=f"New {stop}")
        [series] = [one for one in calendar.events.values() if "recurrence" in one]
        calendar.except_at(series["id"], NOW + timedelta(days=21), summary=f"Renamed {stop}")
        known(home, kept, page=2)
        known(home, kept, page=2)

        assert new["id"] in kept.items
        assert f"Renamed {stop}" in kept.subjects
        assert set(kept.items) == set(home.calendar().audit(connector.streams()[0]))


def test_single_items_can_be_asked_for_also_of_series(home: Home) -> None:
    calendar = home.calendars.primary
    single = calendar.put_event(NOW, summary="Single")
    series = calendar.put_event(BERLIN, summary="Series", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    gone = calendar.put_event(NOW, summary="Goes")
    kept = known(home)
    calendar.cancel(gone["id"])
    one = f"{series['id']}_20260303T090000Z"
    connector = home.calendar()
    [page] = connector.fetch(
        connector.streams()[0], kept.cursor or {}, [single["id"], one, gone["id"], "never", series["id"]]
    )
    found = [each.id for each in page.found]

    assert found.count(one) == 2, "alone, and with its series"
    assert set(found) == {single["id"], *(key for key in kept.items if series["id"] in key)}
    assert page.gone == (gone["id"], "never", series["id"])
    assert page.cursor == kept.cursor


def test_audit_lists_every_instance(home: Home) -> None:
    everything = filled(home)
    connector = home.calendar()

    assert len(list(connector.audit(connector.streams()[0]))) == len(everything)
