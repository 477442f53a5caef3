"""What stands in the calendars of a Microsoft account: by Graph's delta, from a fake that leaves out what it does."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import (
    Attendee,
    Connector,
    CursorLost,
    Exact,
    Interaction,
    Meeting,
    NeedsUser,
    Page,
    Party,
    Session,
    Stream,
    TryLater,
)
from connectors.outlook_calendar import OutlookCalendar
from tests.connectors.contract import SENT, ConnectorContract
from tests.connectors.kept import Kept
from tests.connectors.microsofts import NOW, House
from tests.fakes.graph_calendar import Event, Guest, Rule
from tests.fakes.microsoft import error
from tests.fakes.plumbing import html, says

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
MONDAY = datetime(2024, 6, 3, 9, tzinfo=UTC)


def main(calendar: OutlookCalendar) -> Stream:
    return calendar.streams()[0]


def read(calendar: OutlookCalendar, kept: Kept | None = None) -> Kept:
    """A round over the usual calendar."""
    return (kept or Kept()).round(calendar, main(calendar))


def swept(calendar: OutlookCalendar, kept: Kept) -> set[str]:
    """What a round leaves where a whole listing takes away what it lacks, as the store does."""
    pages = list(calendar.pull(main(calendar), kept.cursor))
    kept.take(pages)
    if any(page.complete for page in pages):
        there = {each.id for page in pages for each in page.found}
        for name in [name for name in kept.items if name not in there]:
            del kept.items[name]
    return set(kept.items)


def meeting(one: Interaction) -> Meeting:
    assert one.meeting is not None
    return one.meeting


def weekly(home: House, **more: Any) -> Event:
    more.setdefault("people", ["Bob Example <bob@example.org>"])
    return home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR, rule=Rule(count=4), **more)


class TestOutlookCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, home: House) -> Connector:
        for n, subject in enumerate(SENT):
            home.user.calendars.add(subject, MONDAY + n * WEEK, MONDAY + n * WEEK + HOUR)
        return home.calendar(page=2)

    @pytest.fixture
    def stream(self, connector: OutlookCalendar) -> Stream:
        return main(connector)


class TestASeries(ConnectorContract):
    SENT = ("Looms",) * 4  # type: ignore[assignment]

    @pytest.fixture
    def connector(self, home: House) -> Connector:
        weekly(home)
        return home.calendar(page=2)

    @pytest.fixture
    def stream(self, connector: OutlookCalendar) -> Stream:
        return main(connector)


# ----------------------------------------------------------------------------------------------------- the calendars


def test_the_usual_calendar_comes_first_and_others_by_name(home: House) -> None:
    home.user.calendars.make("work")
    home.user.calendars.make("Allotment")

    assert [stream.name for stream in home.calendar().streams()] == ["Calendar", "Allotment", "work"]


def test_only_ones_own_calendars_are_read_unless_others_are_chosen(home: House) -> None:
    def shared(answer: Any) -> Any:
        told = answer.told()
        other = {"name": "Bob Example", "address": "bob@example.org"}
        mine = told["value"][0]["owner"]
        told["value"] += [
            {**told["value"][0], "id": "b" * 40, "name": "Bob's", "isDefaultCalendar": False, "owner": other},
            {"id": "h" * 40, "name": "Holidays", "isDefaultCalendar": False, "canEdit": False, "owner": mine},
        ]
        return answer.json(told)

    home.fake.graph.at(r"GET /v1\.0/me/calendars\?", changed(shared))

    assert [stream.name for stream in home.calendar().streams()] == ["Calendar"]
    assert [stream.name for stream in home.calendar(chosen=("Bob's", "Holidays")).streams()] == ["Bob's", "Holidays"]


def changed(change: Any) -> Any:
    from tests.fakes.plumbing import Fault

    return Fault(change=change)


def test_a_calendar_that_is_not_there_is_the_users_to_mend(home: House) -> None:
    with pytest.raises(NeedsUser) as trouble:
        home.calendar(chosen=("Calendr",)).streams()

    assert "Did you mean `Calendar`?" in trouble.value.what
    assert "there are: Calendar." in trouble.value.remedy


def test_F20_graph_calendar_that_went_has_nothing_to_say(home: House) -> None:
    home.user.calendars.make("Work")
    calendar = home.calendar()
    work = calendar.streams()[1]
    home.user.calendars.remove("Work")

    assert list(calendar.pull(work, None)) == []
    with pytest.raises(TryLater, match="does not list Work"):
        list(calendar.audit(work))


# ----------------------------------------------------------------------------------------------- what a meeting says


def test_who_met_whom_when_and_what_about(home: House) -> None:
    event = home.user.calendars.add(
        "Looms  and yarn",
        MONDAY,
        MONDAY + HOUR,
        organizer="Bob Example <Bob@example.org>",
        people=[Guest("Carol", "carol@example.org", "declined"), Guest("Dora", "dora@example.org", "notResponded")],
    )

    [one] = read(home.calendar()).items.values()

    assert (one.id, one.subject, one.sender) == (event.key, "Looms and yarn", Party("bob@example.org", "Bob Example"))
    assert (one.sent, one.dated_by) == (MONDAY, "start")
    assert one.to == (Party("carol@example.org", "Carol"), Party("dora@example.org", "Dora"))
    assert one.meeting == Meeting(
        uid=event.uid or "",
        start=MONDAY,
        end=MONDAY + HOUR,
        organiser=Party("bob@example.org", "Bob Example"),
        attendees=(
            Attendee(Party("carol@example.org", "Carol"), "declined"),
            Attendee(Party("dora@example.org", "Dora"), "unknown"),
        ),
    )


@pytest.mark.parametrize(("response", "status"), [("declined", "declined"), ("tentativelyAccepted", "tentative")])
def test_what_the_user_answered_is_known(home: House, response: str, status: str) -> None:
    me = home.user.address
    event = home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR, organizer="Bob <bob@example.org>")
    event.guests = (Guest("Ada", me.upper(), response),)

    [one] = read(home.calendar()).items.values()

    assert meeting(one).attendees == (Attendee(Party(me, "Ada"), status),)  # type: ignore[arg-type]


def test_F18_graph_all_day_meetings_are_days(home: House) -> None:
    home.user.calendars.add("Fair", date(2024, 6, 5), date(2024, 6, 7))

    [one] = read(home.calendar()).items.values()

    assert (meeting(one).start, meeting(one).end) == (date(2024, 6, 5), date(2024, 6, 7))
    assert one.sent == datetime(2024, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "there"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Lord Howe Standard Time", "Australia/Lord_Howe"),
        ("Europe/London", "Europe/London"),
        ("Zone of nobody", "America/New_York"),
    ],
)
def test_F18_graph_zones_by_the_names_of_windows(home: House, zone: str, there: str) -> None:
    """Graph is asked for UTC; should it answer in another zone, that is understood."""
    home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR)

    def elsewhere(answer: Any) -> Any:
        told = answer.told()
        for row in told["value"]:
            row["start"]["timeZone"] = row["end"]["timeZone"] = zone
        return answer.json(told)

    home.fake.graph.at("calendarView/delta", changed(elsewhere))

    [one] = read(home.calendar(zone=ZoneInfo("America/New_York"))).items.values()

    assert meeting(one).start == MONDAY.replace(tzinfo=ZoneInfo(there)).astimezone(UTC)


def test_a_cancelled_meeting_is_kept_as_cancelled(home: House) -> None:
    home.user.calendars.cancel(home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR))

    [one] = read(home.calendar()).items.values()

    assert meeting(one).cancelled


def test_F11_graph_nulls_in_a_meeting_are_tolerated(home: House) -> None:
    home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR)
    home.user.calendars.lies |= {"nulls"}

    [one] = read(home.calendar()).items.values()

    assert (one.subject, one.sender, meeting(one).start) == ("", None, MONDAY)


def test_F11_graph_a_meeting_without_a_start_is_missed_and_the_others_are_not(home: House) -> None:
    odd = home.user.calendars.add("Odd", MONDAY, MONDAY + HOUR, nulls=True)
    home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR)

    kept = read(home.calendar())

    assert kept.subjects == ["Looms"]
    assert kept.ledger == {odd.key: "Calendar: its start cannot be read"}


def test_texts_come_only_where_they_are_asked_for_and_once_for_a_series(open_home: House) -> None:
    home = open_home
    home.user.calendars.lies |= {"no masters"}
    weekly(home)

    def told(answer: Any) -> Any:
        said = answer.told()
        for part in said.get("responses", ()):
            part["body"]["body"] = {"contentType": "text", "content": "Bring yarn."}
        return answer.json(said)

    home.fake.graph.at(r"\$batch", changed(told))

    assert read(home.calendar(right="Calendars.Read")).texts == {}
    assert list(read(home.calendar(texts=True, right="Calendars.Read")).texts.values()) == ["Bring yarn."]


# -------------------------------------------------------------------------------------------------------------- series


@pytest.mark.parametrize("lie", ["", "no masters"])
def test_F19_graph_bare_occurrences_are_filled_from_their_series(home: House, lie: str) -> None:
    home.user.calendars.lies |= {lie} - {""}
    event = weekly(home)

    found = list(read(home.calendar()).items.values())

    assert [each.subject for each in found] == ["Looms"] * 4
    assert {meeting(each).uid for each in found} == {event.uid}
    assert [meeting(each).original_start for each in found] == [MONDAY + n * WEEK for n in range(4)]
    assert all(meeting(each).recurring and each.to == (Party("bob@example.org", "Bob Example"),) for each in found)
    assert home.asked(r"\$batch") == (1 if lie else 0)


def test_F10_graph_a_series_is_asked_for_once_a_round(home: House) -> None:
    home.user.calendars.lies |= {"no masters"}
    for n in range(25):
        home.user.calendars.add(f"Series {n}", MONDAY, MONDAY + HOUR, rule=Rule(count=3))

    assert len(read(home.calendar(page=200)).items) == 75
    assert home.asked(r"\$batch") == 2


def test_a_series_that_began_before_the_window_is_whole(home: House) -> None:
    years_ago = MONDAY - 150 * WEEK
    event = home.user.calendars.add("Looms", years_ago, years_ago + HOUR, rule=Rule())

    found = list(read(home.calendar()).items.values())

    assert {(each.subject, meeting(each).uid) for each in found} == {("Looms", event.uid)}
    assert all(NOW - timedelta(days=440) < each.sent < NOW + timedelta(days=230) for each in found)


def test_F19_graph_an_instance_that_was_moved_keeps_its_original_start(home: House) -> None:
    event = weekly(home)
    calendar = home.calendar()
    kept = read(calendar)
    home.user.calendars.shift(event, MONDAY + WEEK, MONDAY + WEEK + 3 * HOUR, subject="Looms, later")

    kept.round(calendar, main(calendar))

    [moved] = [each for each in kept.items.values() if each.subject == "Looms, later"]
    assert len(kept.items) == 4
    assert meeting(moved).original_start == MONDAY + WEEK
    assert (moved.sent, meeting(moved).uid) == (MONDAY + WEEK + 3 * HOUR, event.uid)


def test_F19_graph_a_cancelled_instance_is_kept_as_cancelled(home: House) -> None:
    event = weekly(home)
    home.user.calendars.cancel(event, MONDAY + WEEK)

    found = read(home.calendar()).items.values()

    assert [meeting(each).cancelled for each in sorted(found, key=lambda each: each.sent)] == [
        False,
        True,
        False,
        False,
    ]


def test_a_series_of_whole_days(home: House) -> None:
    home.user.calendars.add("Fair", date(2024, 6, 5), date(2024, 6, 6), rule=Rule("daily", count=2))

    found = read(home.calendar()).items.values()

    assert sorted((meeting(each).original_start, meeting(each).start) for each in found) == [
        (date(2024, 6, 5), date(2024, 6, 5)),
        (date(2024, 6, 6), date(2024, 6, 6)),
    ]


def test_F10_graph_an_instance_whose_series_does_not_answer_is_missed_and_asked_for_again(home: House) -> None:
    home.user.calendars.lies |= {"no masters"}
    weekly(home)
    home.fake.graph.at(r"\$batch", says(200, b'{"responses": []}'), times=1)

    kept = read(home.calendar())

    assert (len(kept.ledger), kept.gone) == (4, [])
    assert set(kept.ledger.values()) == {"Calendar: Microsoft shows an instance, and not its series"}
    calendar = home.calendar()
    kept.retry(calendar, main(calendar))
    assert (len(kept.items), kept.ledger) == (4, {})


# ------------------------------------------------------------------------------------------------------- what is gone


def test_F15_graph_a_meeting_that_was_deleted_is_gone(home: House) -> None:
    one = home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR)
    home.user.calendars.add("Yarn", MONDAY, MONDAY + HOUR)
    calendar = home.calendar()
    kept = read(calendar)
    home.user.calendars.delete(one)

    kept.round(calendar, main(calendar))

    assert (kept.gone, kept.subjects) == ([one.key], ["Yarn"])


def test_F15_graph_with_a_series_all_its_instances_go(home: House) -> None:
    event = weekly(home)
    home.user.calendars.add("Yarn", MONDAY, MONDAY + HOUR)
    calendar = home.calendar()
    kept = read(calendar)
    home.user.calendars.delete(event)

    assert len(swept(calendar, kept)) == 1


def test_F19_graph_an_instance_that_was_deleted_without_a_sign_goes_within_a_day(home: House) -> None:
    event = weekly(home)
    kept = read(home.calendar())
    home.user.calendars.drop(event, MONDAY + WEEK)

    assert len(swept(home.calendar(), kept)) == 4, "no delta ever says so"
    home.now += timedelta(hours=25)
    assert len(swept(home.calendar(), kept)) == 3


def test_F19_graph_an_instance_that_was_deleted_goes_at_once_where_its_series_changed(home: House) -> None:
    event = weekly(home)
    calendar = home.calendar()
    kept = read(calendar)
    home.user.calendars.drop(event, MONDAY + WEEK)
    home.user.calendars.change(event, subject="Looms and yarn")

    assert len(swept(home.calendar(), kept)) == 3
    assert {each.subject for each in kept.items.values()} == {"Looms and yarn"}


def test_the_audit_tells_of_a_deleted_instance_and_an_exact_question_proves_it(home: House) -> None:
    event = weekly(home)
    calendar = home.calendar()
    kept = read(calendar)
    home.user.calendars.drop(event, MONDAY + WEEK)

    absent = kept.items.keys() - set(calendar.audit(main(calendar)))
    pages = list(calendar.fetch(main(calendar), kept.cursor or {}, sorted(absent)))

    assert isinstance(calendar, Exact)
    assert [page.gone for page in pages] == [tuple(absent)]
    assert len(absent) == 1


def test_single_meetings_are_found_with_their_series(home: House) -> None:
    event = weekly(home)
    kept = read(home.calendar())
    calendar = home.calendar()

    [page] = calendar.fetch(main(calendar), {"v": 1}, list(kept.items))

    found = {each.id: each for each in page.found}
    assert found == kept.items
    assert (page.gone, page.missed, page.cursor) == ((), (), {"v": 1})
    assert {meeting(each).uid for each in found.values() if isinstance(each, Interaction)} == {event.uid}


def test_F13_graph_an_empty_delta_of_a_calendar_takes_nothing_away(home: House) -> None:
    weekly(home)
    calendar = home.calendar()
    stream = main(calendar)
    kept = read(calendar)
    home.user.calendars.lies |= {"empty"}

    kept.take(calendar.pull(stream, kept.cursor))

    assert (len(kept.items), kept.gone) == (4, [])


# --------------------------------------------------------------------------------------------------------- the window


def test_the_window_moves_with_the_month_and_leaves_behind_what_is_too_old(home: House) -> None:
    old = datetime(2023, 4, 30, 9, tzinfo=UTC)
    home.user.calendars.add("Long ago", old, old + HOUR)
    home.user.calendars.add("Looms", MONDAY, MONDAY + HOUR)
    far = NOW + timedelta(days=215)
    home.user.calendars.add("Far", far, far + HOUR)
    kept = read(home.calendar())
    assert kept.subjects == ["Long ago", "Looms"]

    home.now = datetime(2024, 7, 2, tzinfo=UTC)
    swept(home.calendar(), kept)

    assert kept.subjects == ["Far", "Looms"]
    assert max(home.user.calendars.initial.values()) <= 2


def test_at_least_half_a_year_ahead_is_always_within_it(home: House) -> None:
    for day in (1, 15, 30):
        now = datetime(2024, 6, day, 23, tzinfo=UTC)
        home.now = now
        home.user.calendars.add(f"{day}", now + timedelta(days=179), now + timedelta(days=179) + HOUR)

        assert f"{day}" in read(home.calendar()).subjects


# ------------------------------------------------------------------------------------------------------- how it goes on


def test_an_idle_round_asks_one_question_and_has_nothing_to_write(home: House) -> None:
    weekly(home)
    kept = read(home.calendar())
    calendar = home.calendar()
    stream = main(calendar)
    before = home.asked()

    assert list(calendar.pull(stream, kept.cursor)) == [Page((), kept.cursor or {})]
    assert home.asked() - before == 1


def test_F1_graph_a_round_that_died_goes_on_wherever_it_was(home: House) -> None:
    event = weekly(home)
    for n in range(4):
        home.user.calendars.add(f"Yarn {n}", MONDAY + n * HOUR, MONDAY + (n + 1) * HOUR)
    kept = read(home.calendar(page=2))
    home.user.calendars.change(event, subject="Looms and yarn")
    home.user.calendars.drop(event, MONDAY)
    home.user.calendars.add("Silk", MONDAY, MONDAY + HOUR)

    last: Page | None = None
    for _ in range(9):  # each process dies after one page
        calendar = home.calendar(page=2, whole=3)
        last = next(iter(calendar.pull(main(calendar), kept.cursor)))
        kept.take([last])

    assert last is not None
    assert (last.found, kept.completed) == ((), 2)
    assert kept.subjects.count("Silk") == 1
    assert max(home.user.calendars.initial.values()) == 1


def test_F12_graph_empty_pages_of_a_calendar_are_followed(home: House) -> None:
    weekly(home)
    home.user.calendars.empty_pages = 50

    assert len(read(home.calendar()).items) == 4


@pytest.mark.parametrize("lie", ["shuffled", "repeated"])
def test_F12_graph_the_order_of_a_calendars_pages_does_not_matter(home: House, lie: str) -> None:
    for n in range(9):
        home.user.calendars.add(f"Yarn {n}", MONDAY + n * HOUR, MONDAY + (n + 1) * HOUR)
    home.user.calendars.lies |= {lie}

    assert len(read(home.calendar(page=2)).items) == 9


@pytest.mark.parametrize("lie", ["loops", "foreign links"])
def test_a_calendars_links_that_lead_nowhere_end_the_round(home: House, lie: str) -> None:
    for n in range(9):
        home.user.calendars.add(f"Yarn {n}", MONDAY, MONDAY + HOUR)
    home.user.calendars.lies |= {lie}
    ticks = itertools.count()
    calendar = home.calendar(Session(lambda: float(next(ticks)), ends=1_000.0), page=2)
    stream = Stream(home.user.calendars.calendar().id, "Calendar")

    with pytest.raises(TryLater):
        list(calendar.pull(stream, None))


def test_F8_graph_a_cursor_of_a_calendar_that_is_forgotten_is_lost(home: House) -> None:
    weekly(home)
    calendar = home.calendar()
    kept = read(calendar)
    home.user.calendars.forget_sync_state("")

    with pytest.raises(CursorLost):
        list(calendar.pull(main(calendar), kept.cursor))


def test_F12_graph_a_calendars_cursor_lost_in_mid_round_restarts_it(home: House) -> None:
    for n in range(9):
        home.user.calendars.add(f"Yarn {n}", MONDAY, MONDAY + HOUR)
    home.user.calendars.forget_sync_state("", on_page=3)

    kept = read(home.calendar(page=2))

    assert (kept.resets, len(kept.items)) == (1, 9)


@pytest.mark.parametrize(
    "fault",
    [html(200), html(502), says(200, b'{"value": {}}'), error(500, "InternalServerError")],
    ids=["a page for people", "the same as an error", "no list", "an error"],
)
def test_F22_graph_what_is_no_calendar_takes_nothing_away(home: House, fault: Any) -> None:
    weekly(home)
    calendar = home.calendar()
    stream = main(calendar)
    kept = read(calendar)
    home.fake.graph.at("calendarView", fault)

    with pytest.raises(TryLater):
        kept.round(calendar, stream)
    assert len(kept.items) == 4


def found(pages: Iterator[Page]) -> list[Interaction]:
    return [each for page in pages for each in page.found if isinstance(each, Interaction)]


def test_a_cursor_is_plain_json_with_the_links_of_graph_alone(home: House) -> None:
    weekly(home)
    kept = read(home.calendar())

    assert json.loads(json.dumps(kept.cursor))["link"].startswith(home.fake.graph.url)
