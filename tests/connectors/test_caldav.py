"""The connector over CalDAV, against a real Radicale; where it must lie, a word is put into its mouth."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from connectors import KINDS
from connectors.caldav import CalDav, Options
from connectors.contract import (
    Connector,
    Credential,
    Cursor,
    Exact,
    Interaction,
    NeedsUser,
    Page,
    Session,
    Stream,
    TryLater,
)
from connectors.series import window
from tests.connectors.contract import SENT, ConnectorContract
from tests.servers.radicale import Environ, Lie, Radicale, Reply, User, running

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=3"


def event(uid: str, *lines: str, start: str = "20260105T100000Z") -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", *lines, "END:VEVENT"]
    )


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//", *events, "END:VCALENDAR", ""]).encode()


def single(uid: str, *lines: str, start: str = "20260105T100000Z") -> bytes:
    return calendar(event(uid, f"SUMMARY:About {uid}", *lines, start=start))


@pytest.fixture(scope="module")
def server() -> Iterator[Radicale]:
    with running() as found:
        yield found


@pytest.fixture
def radicale(server: Radicale) -> Iterator[Radicale]:
    server.heal()
    yield server
    server.heal()


@pytest.fixture
def ada(radicale: Radicale) -> User:
    """A user with the calendar "work", in which two meetings and a series of three stand."""
    user = radicale.user()
    user.make("work", "Work")
    user.put("work", "a.ics", single("a"))
    user.put("work", "b.ics", single("b", WEEKLY))
    user.put("work", "c.ics", single("c"))
    return user


SERIES = ["b.ics/20260105T100000Z", "b.ics/20260112T100000Z", "b.ics/20260119T100000Z"]
EVERYTHING = ["a.ics", *SERIES, "c.ics"]


def connector(
    user: User,
    *,
    url: str = "",
    now: datetime = NOW,
    page: int = 50,
    read: str = "headers",
    calendars: tuple[str, ...] = (),
    silence: float = 5.0,
) -> CalDav:
    options = Options.model_validate(
        {
            "kind": "caldav",
            "address": "ada@example.org",
            "user": user.name,
            "url": url or user.server.url,
            "private": True,
            "read": read,
            "calendars": calendars,
        }
    )
    session = Session(time.monotonic, silence=silence)
    signs = Credential(user.name, user.password)
    return CalDav(options, now=now, session=session, credential=signs, zone=ZoneInfo("Europe/London"), page=page)


def pages(dav: CalDav, cursor: Cursor | None = None, stream: Stream | None = None) -> list[Page]:
    return list(dav.pull(stream or dav.streams()[0], cursor))


def found(read: list[Page]) -> list[Interaction]:
    return [one for page in read for one in page.found if isinstance(one, Interaction)]


def ids(read: list[Page]) -> list[str]:
    return [one.id for one in found(read)]


def gone(read: list[Page]) -> list[str]:
    return [remote for page in read for remote in page.gone]


def missed(read: list[Page]) -> list[str]:
    return [remote for page in read for remote, _ in page.missed]


def what(environ: Environ) -> str:
    """The request in one word: the method, or which report."""
    named = re.search(rb"<[A-Z]:(sync-collection|calendar-multiget|calendar-query)", environ["auld.body"])
    return named[1].decode() if named else f"{environ['REQUEST_METHOD']}"


def says(request: str, status: int, body: bytes = b"", times: int = 1_000, **headers: str) -> Lie:
    """Answers these requests so."""
    left = [times]

    def lie(environ: Environ, _: object) -> Reply | None:
        if what(environ) != request or not left[0]:
            return None
        left[0] -= 1
        return status, {name.replace("_", "-"): value for name, value in headers.items()}, body

    return lie


def rewrites(request: str, old: bytes, new: bytes) -> Lie:
    """The true answer with a pattern replaced."""

    def lie(environ: Environ, truth: Callable[[], Reply]) -> Reply | None:
        if what(environ) != request:
            return None
        status, headers, body = truth()
        return status, headers, re.sub(old, new, body, flags=re.DOTALL)

    return lie


RESPONSE = rb"<response>(?:(?!</response>).)*?%s(?:(?!</response>).)*?</response>"
"""The response of a multistatus that holds these words."""


class TestCalDav(ConnectorContract):
    @pytest.fixture
    def connector(self, radicale: Radicale) -> Connector:
        user = radicale.user()
        user.make("work")
        who = ("ORGANIZER:mailto:Ada@Example.org", "ATTENDEE:mailto:Bob@Example.org", "DESCRIPTION:More of it")
        for n, said in enumerate(SENT):
            user.put("work", f"u{n}.ics", calendar(event(f"u{n}", f"SUMMARY:{said}", *who)))
        return connector(user, page=2, read="text")


class TestCalDavWithoutTokens(TestCalDav):
    """The same from a server that knows no sync-collection."""

    @pytest.fixture
    def connector(self, radicale: Radicale) -> Connector:
        user = radicale.user()
        user.make("work")
        for n, said in enumerate(SENT):
            user.put("work", f"u{n}.ics", calendar(event(f"u{n}", f"SUMMARY:{said}")))
        radicale.lie = says("sync-collection", 415)
        return connector(user, page=2)


def test_it_is_a_connector_that_the_config_knows(ada: User) -> None:
    module, name = KINDS["caldav"].split(":")
    assert (module, name) == (CalDav.__module__, CalDav.__name__)
    assert isinstance(connector(ada), Exact)


def test_importing_it_imports_no_vendor_library() -> None:
    code = (
        "import sys, connectors.caldav;"
        " print([m for m in ('icalendar', 'requests', 'urllib3', 'defusedxml') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"password": "x"}, "password"),
        ({"url": "ftp://dav.example"}, "https"),
        ({"url": "http://dav.example"}, "https"),
        ({"url": "https://ada:secret@dav.example"}, "user"),
    ],
    ids=["a password in the file", "another protocol", "no encryption", "a password in the address"],
)
def test_options_that_are_not_safe_are_refused(more: dict[str, str], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        Options.model_validate({"kind": "caldav", "address": "a@b.example", "url": "https://dav.example", **more})


# ---- what there is


def test_each_calendar_is_a_stream_and_nothing_else_is(ada: User) -> None:
    ada.make("home", "At home")
    ada.make("todo", kind="VTODO")
    ada.make("people", kind="VCARD")

    streams = connector(ada).streams()

    assert [(s.id, s.name) for s in streams] == [
        (f"/{ada.name}/home/", "At home"),
        (f"/{ada.name}/work/", "Work"),
    ]


@pytest.mark.parametrize("where", ["", "/", "/{name}/", "/{name}/work/", "/{name}/work"])
def test_the_calendars_are_found_from_any_address(ada: User, where: str) -> None:
    dav = connector(ada, url=ada.server.url + where.format(name=ada.name))

    assert [s.id for s in dav.streams()] == [f"/{ada.name}/work/"]


def test_only_the_calendars_that_were_chosen_are_read(ada: User) -> None:
    ada.make("home", "At home")

    assert [s.name for s in connector(ada, calendars=("At home",)).streams()] == ["At home"]
    with pytest.raises(NeedsUser, match=r"no calendar 'At hom'.*Did you mean `At home`.*there are: At home, Work"):
        connector(ada, calendars=("At hom",)).streams()


def test_where_there_is_no_calendar_the_user_is_asked(radicale: Radicale) -> None:
    with pytest.raises(NeedsUser, match=r"There is no calendar for user\d+ at 127\.0\.0\.1"):
        connector(radicale.user()).streams()


def test_a_first_pull_lists_everything(ada: User) -> None:
    read = pages(connector(ada))

    assert ids(read) == EVERYTHING
    assert [page.complete for page in read] == [True]
    assert gone(read) == missed(read) == []


def test_a_meeting_keeps_the_uid_of_its_calendar(ada: User) -> None:
    assert [one.meeting.uid for one in found(pages(connector(ada))) if one.meeting] == ["a", "b", "b", "b", "c"]


def test_an_idle_round_is_one_request_for_each_stream_and_few_to_find_them(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    dav = connector(ada)
    ada.server.heal()
    [stream] = dav.streams()
    assert len(ada.server.asked) <= 6

    ada.server.heal()
    [page] = dav.pull(stream, cursor)

    assert ada.server.asked == [f"REPORT /{ada.name}/work/"]
    assert (page.found, page.gone, page.cursor) == ((), (), cursor)


def test_an_idle_round_without_tokens_is_one_request_too(ada: User) -> None:
    ada.server.lie = says("sync-collection", 415)
    cursor = None
    for _ in range(3):
        cursor = pages(connector(ada), cursor)[-1].cursor
    dav = connector(ada)
    [stream] = dav.streams()
    ada.server.asked.clear()

    [page] = dav.pull(stream, cursor)

    assert ada.server.asked == [f"PROPFIND /{ada.name}/work/"]
    assert (page.found, page.cursor) == ((), cursor)


# ---- what changes


@pytest.fixture(params=[200, 415], ids=["with tokens", "without tokens"])
def way(request: pytest.FixtureRequest, radicale: Radicale) -> None:
    """With and without sync-collection: the same comes out."""
    if request.param != 200:
        radicale.lie = says("sync-collection", request.param)


@pytest.mark.usefixtures("way")
def test_what_is_new_comes_alone(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.put("work", "d.ics", single("d"))

    read = pages(connector(ada), cursor)

    assert (ids(read), gone(read)) == (["d.ics"], [])
    assert not read[-1].complete
    assert ids(pages(connector(ada), read[-1].cursor)) == []


@pytest.mark.usefixtures("way")
def test_a_change_comes_with_the_same_id(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.put("work", "a.ics", single("a", start="20260106T100000Z"))

    [moved] = found(pages(connector(ada), cursor))

    assert (moved.id, moved.sent) == ("a.ics", datetime(2026, 1, 6, 10, tzinfo=UTC))


@pytest.mark.usefixtures("way")
def test_F15_caldav_what_was_deleted_is_gone_with_all_its_instances(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.delete("work", "a.ics")
    ada.delete("work", "b.ics")

    read = pages(connector(ada), json.loads(json.dumps(cursor)))

    assert ids(read) == []
    assert {"a.ics", *SERIES} <= set(gone(read))
    assert "c.ics" not in gone(read)
    assert gone(pages(connector(ada), read[-1].cursor)) == []


@pytest.mark.usefixtures("way")
def test_F19_caldav_a_series_that_changes_loses_the_instances_that_it_no_longer_has(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.put("work", "b.ics", single("b", "RRULE:FREQ=WEEKLY;COUNT=2", "EXDATE:20260105T100000Z"))

    read = pages(connector(ada), cursor)

    assert ids(read) == ["b.ics/20260112T100000Z"]
    assert gone(read) == ["b.ics/20260105T100000Z", "b.ics/20260119T100000Z"]


def test_F19_caldav_an_instance_that_was_moved_or_cancelled_keeps_its_id(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    moved = event("b", "RECURRENCE-ID:20260112T100000Z", "SUMMARY:Later", start="20260113T150000Z")
    off = event("b", "RECURRENCE-ID:20260119T100000Z", "STATUS:CANCELLED", start="20260119T100000Z")
    ada.put("work", "b.ics", calendar(event("b", WEEKLY), moved, off))

    read = pages(connector(ada), cursor)

    by_id = {one.id: one for one in found(read)}
    assert list(by_id) == SERIES
    assert by_id[SERIES[1]].sent == datetime(2026, 1, 13, 15, tzinfo=UTC)
    assert [one.meeting.cancelled for one in by_id.values() if one.meeting] == [False, False, True]
    assert gone(read) == []


def test_F19_caldav_a_lone_instance_of_somebody_elses_series_is_a_meeting(ada: User) -> None:
    ada.put("work", "x.ics", calendar(event("x", "RECURRENCE-ID:20260112T100000Z", start="20260113T150000Z")))

    assert "x.ics/20260112T100000Z" in ids(pages(connector(ada)))


def test_an_endless_series_grows_by_a_week_when_a_week_has_passed(ada: User) -> None:
    ada.put("work", "e.ics", single("e", "RRULE:FREQ=WEEKLY"))
    first = pages(connector(ada))
    [same] = pages(connector(ada, now=NOW + timedelta(hours=1)), first[-1].cursor)
    later = pages(connector(ada, now=NOW + timedelta(days=7)), same.cursor)

    assert window(NOW + timedelta(days=7)) - window(NOW) == timedelta(days=7)
    assert (same.found, same.cursor) == ((), first[-1].cursor)
    assert len(ids(later)) == 1
    assert ids(later)[0] not in ids(first)
    assert not later[-1].complete
    assert gone(later) == []
    ada.delete("work", "e.ics")
    assert set(gone(pages(connector(ada, now=NOW + timedelta(days=7)), later[-1].cursor))) >= {
        remote for remote in ids(first) + ids(later) if remote.startswith("e.ics")
    }


def test_a_series_that_begins_beyond_the_window_comes_when_it_is_time(ada: User) -> None:
    ada.put("work", "f.ics", single("f", "RRULE:FREQ=YEARLY", start="20270105T100000Z"))
    first = pages(connector(ada))
    later = pages(connector(ada, now=NOW + timedelta(days=200)), first[-1].cursor)

    assert [i for i in ids(first) if i.startswith("f")] == []
    assert ids(later) == ["f.ics/20270105T100000Z"]


def test_the_account_is_listed_anew_when_it_is_read_differently(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor

    read = pages(connector(ada, read="text"), cursor)

    assert ids(read) == EVERYTHING
    assert read[-1].complete
    assert read[-1].cursor["epoch"] == cursor["epoch"] + 1


# ---- single items, and everything


def test_single_meetings_can_be_asked_for(ada: User) -> None:
    dav = connector(ada)
    [stream] = dav.streams()
    cursor = pages(dav)[-1].cursor
    ada.delete("work", "c.ics")

    [page] = dav.fetch(stream, cursor, [SERIES[1], "b.ics/20270101T100000Z", "c.ics", "a.ics"])

    assert set(ids([page])) == {*SERIES, "a.ics"}
    assert set(page.gone) == {"c.ics", "b.ics/20270101T100000Z"}
    assert page.missed == ()
    assert page.cursor == cursor


@pytest.mark.parametrize("query", [True, False], ids=["by a query", "where queries are refused"])
def test_an_audit_names_every_instance(ada: User, query: bool) -> None:
    dav = connector(ada)
    [stream] = dav.streams()
    if not query:
        ada.server.lie = says("calendar-query", 501)

    assert sorted(dav.audit(stream)) == EVERYTHING


# ---- faults


def test_F1_caldav_a_round_that_dies_goes_on_at_the_chunk_where_it_died(ada: User) -> None:
    whole = pages(connector(ada, page=1))
    assert len(whole) == 3

    for stop in range(len(whole)):
        ada.server.asked.clear()
        rest = pages(connector(ada, page=1), json.loads(json.dumps(whole[stop].cursor)))
        assert ids(whole[: stop + 1] + rest) == EVERYTHING
        assert sum(line.startswith("REPORT") for line in ada.server.asked) <= 1 + 2 - stop
        assert rest[-1].cursor["etags"] == whole[-1].cursor["etags"]


def test_F1_caldav_what_changes_while_a_round_is_dead_is_not_lost(ada: User) -> None:
    first = pages(connector(ada, page=1))[0]
    ada.put("work", "a.ics", single("a", start="20260106T100000Z"))
    ada.delete("work", "b.ics")
    ada.put("work", "d.ics", single("d"))

    rest = pages(connector(ada, page=1), first.cursor)

    assert ids(rest) == ["a.ics", "c.ics", "d.ics"]
    assert rest[-1].complete


@pytest.mark.parametrize("status", [400, 403, 405, 409, 415, 418, 422, 500, 501, 502])
def test_F8_caldav_a_token_that_is_refused_costs_one_listing(ada: User, status: int) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.put("work", "d.ics", single("d"))
    ada.delete("work", "b.ics")
    ada.server.lie = says("sync-collection", status)

    read = pages(connector(ada), cursor)

    assert (ids(read), set(gone(read)) >= set(SERIES)) == (["d.ics"], True)
    ada.server.heal()
    assert pages(connector(ada), read[-1].cursor)[-1].found == ()
    assert sum("REPORT" in line for line in ada.server.asked) == 1, "the new token holds"


@pytest.mark.parametrize("status", [403, 415, 418, 500])
def test_F8_caldav_the_empty_token_may_be_refused_too(ada: User, status: int) -> None:
    ada.server.lie = says("sync-collection", status)

    read = pages(connector(ada))

    assert ids(read) == EVERYTHING
    assert read[-1].complete


def test_F8_caldav_radicale_itself_forgets_a_token(ada: User) -> None:
    cursor = dict(pages(connector(ada))[-1].cursor)
    ada.put("work", "d.ics", single("d"))
    cursor["token"] = "http://radicale.org/ns/sync/" + "0" * 64

    read = pages(connector(ada), cursor)

    assert ids(read) == ["d.ics"]
    assert read[-1].cursor["token"] not in ("", cursor["token"])


def test_F9_caldav_a_server_that_refuses_every_token_is_asked_for_none(ada: User) -> None:
    ada.server.lie = says("sync-collection", 403)
    cursor: Cursor | None = None
    for _ in range(4):
        ada.server.asked.clear()
        read = pages(connector(ada), cursor)
        cursor = read[-1].cursor

    assert ids(read) == []
    assert not any(line.startswith("REPORT") for line in ada.server.asked)


def test_F10_caldav_a_resource_that_is_listed_and_not_shown_is_missed_and_the_others_come(ada: User) -> None:
    """vdirsyncer stopped at such a calendar for ten years (fault 24)."""
    ada.server.lie = rewrites("calendar-multiget", RESPONSE % rb"a\.ics", b"")

    read = pages(connector(ada))

    assert ids(read) == [*SERIES, "c.ics"]
    assert [page.missed for page in read] == [(("a.ics", "a.ics: the server says nothing of it"),)]
    ada.server.heal()
    dav = connector(ada)
    assert ids(list(dav.fetch(dav.streams()[0], read[-1].cursor, ["a.ics"]))) == ["a.ics"]


@pytest.mark.parametrize("status", [b"404 Not Found", b"403 Forbidden", b"500 Oh"])
def test_F10_caldav_a_resource_that_is_listed_and_then_denied_is_missed_and_never_gone(
    ada: User, status: bytes
) -> None:
    denied = b"<response><href>/%s/work/a.ics</href><status>HTTP/1.1 %s</status></response>" % (
        ada.name.encode(),
        status,
    )
    ada.server.lie = rewrites("calendar-multiget", RESPONSE % rb"a\.ics", denied)

    dav = connector(ada)
    [stream] = dav.streams()
    read = pages(dav)
    again = list(dav.fetch(stream, read[-1].cursor, ["a.ics"]))

    assert (missed(read), ids(read)) == (["a.ics"], [*SERIES, "c.ics"])
    assert (missed(again), gone(again)) == (["a.ics"], [])
    assert pages(dav, read[-1].cursor)[0].missed == (), "the ledger asks again, not every round"


@pytest.mark.parametrize("request_", ["sync-collection", "PROPFIND"])
def test_F10_caldav_a_listing_that_stumbles_over_one_resource_is_no_evidence_of_its_end(
    ada: User, request_: str
) -> None:
    cursor = pages(connector(ada))[-1].cursor
    broken = b"<response><href>/%s/work/a.ics</href><status>HTTP/1.1 500 Oh</status></response>" % ada.name.encode()
    stumbles = rewrites(request_, RESPONSE % rb"a\.ics", broken)
    refuses = says("sync-collection", 403)
    tokens = request_ == "sync-collection"
    ada.put("work", "a.ics", single("a", start="20260106T100000Z"))
    ada.server.lie = stumbles if tokens else lambda *told: refuses(*told) or stumbles(*told)

    read = pages(connector(ada), cursor)

    assert (ids(read), gone(read)) == (["a.ics"], [])


def test_F10_caldav_one_broken_resource_costs_only_itself(ada: User) -> None:
    def lie(environ: Environ, _: object) -> Reply | None:
        return (500, {}, b"oops") if b"/c.ics" in environ["auld.body"] else None

    ada.server.lie = lie
    read = pages(connector(ada))

    assert ids(read) == ["a.ics", *SERIES]
    assert missed(read) == ["c.ics"]


def test_F11_caldav_one_bad_event_fails_and_the_others_are_stored(ada: User) -> None:
    bad = calendar(event("bad").replace("DTSTART:20260105T100000Z", "DTSTART:soon"))
    ada.fill("work", [("bad.ics", bad), ("no.ics", b"BEGIN:VCARD\r\nEND:VCARD\r\n")])
    ada.server.lie = rewrites(
        "calendar-multiget", rb"DTSTART:20260105T100000Z(\s+DTSTAMP:\S+\s+SUMMARY:About a)", rb"DTSTART:soon\1"
    )

    read = pages(connector(ada))

    assert ids(read) == [*SERIES, "c.ics"]
    assert "a.ics" in missed(read)
    reasons = dict(one for page in read for one in page.missed)
    assert "its start cannot be read" in reasons["a.ics"]


def test_F11_caldav_a_control_character_does_not_stop_a_calendar(ada: User) -> None:
    ada.server.lie = rewrites("calendar-multiget", b"About a", b"About\x0b a\x00")

    read = pages(connector(ada))

    assert ids(read) == EVERYTHING
    assert found(read)[0].subject == "About a"


def test_F12_caldav_a_listing_that_is_cut_short_is_followed_to_its_end(ada: User) -> None:
    asked: list[bytes] = []

    def lie(environ: Environ, truth: Callable[[], Reply]) -> Reply | None:
        if what(environ) != "sync-collection":
            return None
        asked.append(environ["auld.body"])
        status, headers, body = truth()
        if len(asked) > 1:
            body = re.sub(rb"<sync-token>.*?</sync-token>", b"<sync-token>t:end</sync-token>", body)
            return status, headers, re.sub(RESPONSE % rb"a\.ics", b"", body, flags=re.DOTALL)
        for name in (rb"b\.ics", rb"c\.ics"):
            body = re.sub(RESPONSE % name, b"", body, flags=re.DOTALL)
        more = b"<response><href>/%s/work/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
        body = body.replace(b"</multistatus>", more % ada.name.encode() + b"</multistatus>")
        return status, headers, re.sub(rb"<sync-token>.*?</sync-token>", b"<sync-token>t:1</sync-token>", body)

    def truthful(environ: Environ, truth: Callable[[], Reply]) -> Reply | None:
        if b"t:1" in environ["auld.body"]:
            environ["auld.body"] = environ["auld.body"].replace(b"t:1", b"")
        return lie(environ, truth)

    ada.server.lie = truthful
    read = pages(connector(ada))

    assert len(asked) == 2
    assert ids(read)[0] == "a.ics"
    assert read[-1].complete


def test_F12_caldav_a_listing_that_is_cut_short_for_ever_is_not_followed_for_ever(ada: User) -> None:
    more = b"<response><href>/x/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
    same = b"<sync-token>t:1</sync-token></multistatus>"
    ada.server.lie = rewrites("sync-collection", rb"</multistatus>", more + b"</multistatus>")

    def lie(environ: Environ, truth: Callable[[], Reply]) -> Reply | None:
        if what(environ) != "sync-collection":
            return None
        status, headers, body = truth()
        body = re.sub(rb"<sync-token>.*?</sync-token>", b"", body).replace(b"</multistatus>", more + same)
        return (status, headers, body) if b"t:1" not in environ["auld.body"] else (207, headers, body)

    ada.server.lie = lie
    read = pages(connector(ada))

    assert ids(read) == EVERYTHING
    assert sum(line.startswith("REPORT") for line in ada.server.asked) < 10


def test_F14_caldav_a_resource_that_is_renamed_comes_anew_with_its_uid_and_goes_where_it_was(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.move("work", "a.ics", "z.ics")

    read = pages(connector(ada), cursor)

    [one] = found(read)
    assert (one.id, one.meeting and one.meeting.uid, gone(read)) == ("z.ics", "a", ["a.ics"])


def test_F16_caldav_one_meeting_in_two_calendars_has_one_uid(ada: User) -> None:
    ada.make("home")
    ada.put("home", "other.ics", single("a"))
    dav = connector(ada)
    home, work = dav.streams()

    both = [*found(pages(dav, None, home)), *found(pages(dav, None, work))]

    assert [one.id for one in both if one.meeting and one.meeting.uid == "a"] == ["other.ics", "a.ics"]


def test_F17_caldav_a_meeting_without_uid_is_told_apart_by_its_content(ada: User) -> None:
    ada.server.lie = rewrites("calendar-multiget", rb"UID:a\s", b"")

    [one] = [one for one in found(pages(connector(ada))) if one.id == "a.ics"]

    assert one.meeting is not None
    assert one.meeting.uid.startswith("sha256-")


def test_F18_caldav_unknown_zones_and_whole_days_have_their_place(ada: User) -> None:
    ada.put(
        "work", "z.ics", calendar(event("z").replace("DTSTART:", "DTSTART;TZID=Nowhere/Land:").replace("00Z", "00"))
    )
    ada.put("work", "d.ics", calendar(event("d").replace("DTSTART:20260105T100000Z", "DTSTART;VALUE=DATE:20260705")))

    by_id = {one.id: one for one in found(pages(connector(ada)))}

    assert by_id["z.ics"].sent == datetime(2026, 1, 5, 10, tzinfo=UTC), "London in winter, the user's own zone"
    assert by_id["d.ics"].meeting
    assert str(by_id["d.ics"].meeting.start) == "2026-07-05"


def test_F5_caldav_whoever_is_told_to_wait_waits_as_long_as_that(ada: User) -> None:
    for status, after, seconds in ((429, "2.5", 2.5), (503, "Sun, 01 Mar 2026 09:00:00 GMT", 3_600)):
        ada.server.lie = says("PROPFIND", status, Retry_After=after)
        with pytest.raises(TryLater, match="asks us to wait") as caught:
            connector(ada).streams()
        assert caught.value.until is not None
        assert abs((caught.value.until - NOW).total_seconds() - seconds) < 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_F6_caldav_a_server_that_is_out_of_order_is_asked_later(ada: User, status: int) -> None:
    dav = connector(ada)
    [stream] = dav.streams()
    cursor = pages(dav)[-1].cursor
    ada.server.lie = lambda *_: (status, {}, b"<html>Sorry</html>")

    with pytest.raises(TryLater):
        dav.streams()
    for said in (None, cursor):
        with pytest.raises(TryLater):
            list(dav.pull(stream, said))
    with pytest.raises(TryLater):
        list(dav.audit(stream))
    with pytest.raises(TryLater):
        list(dav.fetch(stream, cursor, ["a.ics", "b.ics", "c.ics", "d.ics"]))


def test_F7_caldav_a_password_that_does_not_hold_is_the_users_to_mend(ada: User) -> None:
    dav = connector(ada)
    [stream] = dav.streams()
    ada.change_password("another")

    with pytest.raises(NeedsUser, match="does not accept the password"):
        dav.streams()
    with pytest.raises(NeedsUser, match="does not accept the password"):
        list(dav.pull(stream, None))


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Sign in to the hotel</body></html>", b"{}", b"<a/>", b"<a", b"\xff"]
)
@pytest.mark.parametrize("status", [200, 207])
def test_F22_caldav_an_answer_of_the_wrong_kind_is_no_evidence(ada: User, status: int, body: bytes) -> None:
    dav = connector(ada)
    [stream] = dav.streams()
    cursor = pages(dav)[-1].cursor
    ada.server.lie = lambda *_: (status, {"Content-Type": "text/html"}, body)

    for act in (lambda: dav.streams(), lambda: list(dav.pull(stream, cursor)), lambda: list(dav.audit(stream))):
        with pytest.raises(TryLater):
            act()


def test_F22_caldav_entities_are_never_unfolded(ada: User) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><D:multistatus xmlns:D="DAV:">&a;</D:multistatus>'
    dav = connector(ada)
    [stream] = dav.streams()
    ada.server.lie = lambda *_: (207, {}, bomb)

    with pytest.raises(TryLater, match="XML"):
        list(dav.pull(stream, None))


def test_F13_caldav_a_calendar_that_is_suddenly_empty_says_so_by_name(ada: User) -> None:
    """Whether that is believed is the store's to decide; here everything is named that would go."""
    cursor = pages(connector(ada))[-1].cursor
    for name in ("a.ics", "b.ics", "c.ics"):
        ada.delete("work", name)

    read = pages(connector(ada), cursor)

    assert set(gone(read)) >= set(EVERYTHING)
    assert not any(page.complete for page in read)


def test_F20_caldav_a_calendar_that_is_no_more_ends_quietly_and_the_others_go_on(ada: User) -> None:
    ada.make("home")
    dav = connector(ada)
    home, work = dav.streams()
    cursor = pages(dav, None, work)[-1].cursor
    ada.delete("work")

    assert pages(dav, cursor, work) == pages(dav, None, work) == []
    assert len(pages(dav, None, home)) == 1
    assert dav.streams() == (home,)
    with pytest.raises(TryLater, match="no longer has this calendar"):
        list(dav.audit(work))


def test_F20_caldav_a_calendar_that_was_made_anew_is_compared_with_what_was_there(ada: User) -> None:
    cursor = pages(connector(ada))[-1].cursor
    ada.delete("work")
    ada.make("work", "Work")
    ada.put("work", "a.ics", single("a"))
    ada.put("work", "n.ics", single("n"))

    read = pages(connector(ada), cursor)

    assert "n.ics" in ids(read)
    assert set(gone(read)) >= {*SERIES, "c.ics"}
    assert "a.ics" not in gone(read)


def test_F21_caldav_no_more_than_fifty_are_asked_for_at_once(ada: User) -> None:
    ada.fill("work", [(f"n{n:03}.ics", single(f"n{n}")) for n in range(120)])
    sizes: list[int] = []

    def count(environ: Environ, _: object) -> None:
        if what(environ) == "calendar-multiget":
            sizes.append(environ["auld.body"].count(b"href>") // 2)

    ada.server.lie = count
    read = pages(connector(ada))

    assert len(ids(read)) == 125
    assert sizes == [50, 50, 23]


def test_names_that_need_quoting_are_asked_for_as_the_server_wrote_them(ada: User) -> None:
    ada.put("work", "one%20two%40home%26x.ics", single("q"))

    read = pages(connector(ada))

    assert missed(read) == []
    assert len(ids(read)) == 6


def test_secrets_stand_in_no_error(ada: User) -> None:
    ada.password = "hunter2"
    with pytest.raises(NeedsUser) as caught:
        connector(ada).streams()
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value.__context__)
