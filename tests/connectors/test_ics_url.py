"""The connector over a calendar behind a private link, from a server that misbehaves byte by byte."""

import json
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from connectors.contract import Connector, Cursor, Interaction, NeedsUser, Page, Session, TryLater
from connectors.ics import Ics, Options
from tests.connectors.contract import SENT, ConnectorContract
from tests.servers.web import CUT, DRIP, HANG_UP, RESET, STALL, Act, Reply, Request, Web

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
LINK = "/private-0123456789abcdef/basic.ics"


def event(uid: str, *lines: str, start: str = "20260105T100000Z") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start}", *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", *events, "END:VCALENDAR", ""]).encode()


MINE = calendar(event("a"), event("b", "RRULE:FREQ=WEEKLY;COUNT=2"), event("c"))
EVERYTHING = ["a", "b/20260105T100000Z", "b/20260112T100000Z", "c"]


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as found:
        found.serve(LINK, MINE, ETag='"1"')
        yield found


def connector(
    web: Web,
    *,
    now: datetime = NOW,
    read: str = "headers",
    page: int = 500,
    zone: str = "UTC",
    silence: float = 5.0,
    lasts: float = 30.0,
) -> Ics:
    options = Options.model_validate({"kind": "ics", "url": web.url(LINK), "private": True, "read": read})
    session = Session(time.monotonic, ends=time.monotonic() + lasts, silence=silence)
    return Ics(options, now=now, session=session, page=page, zone=ZoneInfo(zone))


def pages(ics: Ics, cursor: Cursor | None = None) -> list[Page]:
    [stream] = ics.streams()
    return list(ics.pull(stream, cursor))


def ids(read: list[Page]) -> list[str]:
    return [one.id for page in read for one in page.found if isinstance(one, Interaction)]


def quiet(read: list[Page]) -> bool:
    """Whether nothing comes of this: nothing found, nothing gone, nothing to be swept."""
    return not any(page.found or page.gone or page.complete for page in read)


class TestIcsBehindALink(ConnectorContract):
    @pytest.fixture
    def connector(self, web: Web) -> Connector:
        who = ("ORGANIZER:mailto:Ada@Example.org", "ATTENDEE:mailto:Bob@Example.org", "DESCRIPTION:More of it")
        web.serve(LINK, calendar(*(event(f"u{n}", f"SUMMARY:{said}", *who) for n, said in enumerate(SENT))), ETag="1")
        return connector(web, read="text", page=2)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({}, "either `path`"),
        ({"path": "a.ics", "url": "https://cal.example/a"}, "either `path`"),
        ({"url": "http://cal.example/a"}, "without encryption"),
        ({"url": "http://localhost/a"}, "without encryption"),
        ({"url": "cal.example/a"}, "no web address"),
    ],
    ids=["neither", "both", "no encryption", "this machine, unsaid", "no address"],
)
def test_it_is_either_a_path_or_a_link(given: dict[str, str], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        Options.model_validate({"kind": "ics", **given})


def test_a_webcal_link_is_a_https_link() -> None:
    assert Options(kind="ics", url="webcal://cal.example/a").url == "https://cal.example/a"


def test_a_first_pull_lists_everything(web: Web) -> None:
    read = pages(connector(web))

    assert ids(read) == EVERYTHING
    assert [page.complete for page in read] == [True]


def test_the_calendar_goes_by_the_name_of_its_host(web: Web) -> None:
    [stream] = connector(web).streams()

    assert (stream.name, web.asked) == ("localhost", [])


def test_an_idle_round_is_one_small_request(web: Web) -> None:
    cursor = pages(connector(web))[-1].cursor
    web.asked.clear()

    [page] = pages(connector(web), json.loads(json.dumps(cursor)))

    assert quiet([page])
    assert page.cursor == cursor
    assert [(r.method, r.headers["if-none-match"]) for r in web.asked] == [("GET", '"1"')]


def test_a_calendar_that_changed_is_listed_again(web: Web) -> None:
    [first] = pages(connector(web))
    web.serve(LINK, calendar(event("a"), event("d")), ETag='"2"')

    [second] = pages(connector(web), first.cursor)

    assert ids([second]) == ["a", "d"]
    assert second.complete
    assert second.cursor["epoch"] == first.cursor["epoch"] + 1


def test_a_series_grows_when_a_day_has_passed_though_nothing_changed(web: Web) -> None:
    web.serve(LINK, calendar(event("e", "RRULE:FREQ=DAILY")), ETag='"1"')
    first = pages(connector(web))

    later = pages(connector(web, now=NOW + timedelta(days=1)), first[-1].cursor)

    assert len(ids(later)) == 1
    assert not later[-1].complete


def test_a_calendar_that_is_read_differently_is_asked_for_whole(web: Web) -> None:
    first = pages(connector(web))

    assert ids(pages(connector(web, zone="Asia/Kolkata"), first[-1].cursor)) == EVERYTHING


def test_the_audit_asks_for_the_whole_calendar(web: Web) -> None:
    ics = connector(web)
    [stream] = ics.streams()

    assert sorted(ics.audit(stream)) == EVERYTHING


# ---- faults


def test_F1_ics_url_a_listing_that_dies_goes_on_where_it_was(web: Web) -> None:
    whole = pages(connector(web, page=1))
    for stop in range(len(whole)):
        rest = pages(connector(web, page=1), whole[stop].cursor)
        assert ids(whole[: stop + 1]) + ids(rest) == EVERYTHING


@pytest.mark.parametrize("act", [CUT, RESET, HANG_UP])
def test_F3_ics_url_a_cut_answer_leaves_the_last_good_copy(web: Web, act: Act) -> None:
    cursor = pages(connector(web))[-1].cursor
    web.serve(LINK, calendar(*(event(f"n{n}") for n in range(100))), ETag='"2"')
    web.act = act

    for said in (None, cursor):
        with pytest.raises(TryLater):
            pages(connector(web), said)


def test_F3_ics_url_a_copy_that_ends_early_is_none_though_its_length_is_right(web: Web) -> None:
    web.serve(LINK, MINE[: len(MINE) // 2])

    with pytest.raises(TryLater, match="no whole calendar"):
        pages(connector(web))


@pytest.mark.parametrize("act", [STALL, DRIP])
def test_F4_ics_url_silence_and_dripping_end_with_the_last_good_copy_kept(web: Web, act: Act) -> None:
    web.serve(LINK, b"BEGIN:VCALENDAR\r\n" + b"X" * 100_000)
    web.act = act

    began = time.monotonic()
    with pytest.raises(TryLater):
        pages(connector(web, silence=0.3, lasts=0.6))
    assert time.monotonic() - began < 2


def test_F4_ics_url_an_endless_calendar_ends_at_the_cap(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.ics.LARGEST", 2**20)
    web.answer = lambda _: Reply(body=b"BEGIN:VCALENDAR\r\n" + b"X" * 2_000_000, length=False)

    with pytest.raises(TryLater, match="more than 1 MB"):
        pages(connector(web))


def test_F5_ics_url_a_throttled_link_says_when(web: Web) -> None:
    web.serve(LINK, b"", 429, Retry_After="90")

    with pytest.raises(TryLater) as caught:
        pages(connector(web))
    assert caught.value.until is not None
    assert abs((caught.value.until - NOW).total_seconds() - 90) < 2


@pytest.mark.parametrize("status", [500, 502, 503, 504, 418, 204, 206])
def test_F6_ics_url_a_server_out_of_order_leaves_the_last_good_copy(web: Web, status: int) -> None:
    cursor = pages(connector(web))[-1].cursor
    web.serve(LINK, b"", status)

    with pytest.raises(TryLater):
        pages(connector(web), cursor)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_F7_ics_url_a_link_that_no_longer_holds_is_the_users_to_mend(web: Web, status: int) -> None:
    web.serve(LINK, b"<html>", status)

    with pytest.raises(NeedsUser, match=r"The link at localhost is no longer valid .* set `url`"):
        pages(connector(web))


@pytest.mark.parametrize("headers", [{}, {"Last_Modified": "Sun, 01 Mar 2026 07:00:00 GMT"}], ids=["none", "a date"])
def test_F8_ics_url_without_an_etag_a_date_or_the_content_tells(web: Web, headers: dict[str, str]) -> None:
    web.serve(LINK, MINE, 200, **headers)
    cursor = pages(connector(web))[-1].cursor

    assert quiet(pages(connector(web), cursor))
    web.serve(
        LINK, calendar(event("a")), 200, **({"Last_Modified": "Sun, 01 Mar 2026 09:00:00 GMT"} if headers else {})
    )
    assert ids(pages(connector(web), cursor)) == ["a"]


def test_F8_ics_url_stamps_that_are_made_for_each_answer_change_nothing(web: Web) -> None:
    stamped = 0

    def answer(_: Request) -> Reply:
        nonlocal stamped
        stamped += 1
        return Reply(body=calendar(event("a", f"DTSTAMP:20260301T0800{stamped:02}Z")))

    web.answer = answer
    cursor = pages(connector(web))[-1].cursor

    assert quiet(pages(connector(web), cursor))
    assert stamped == 2


def test_F11_ics_url_one_bad_event_fails_and_the_others_are_stored(web: Web) -> None:
    web.serve(LINK, calendar(event("a"), event("bad", start="soon"), event("c")))

    [page] = pages(connector(web))

    assert ids([page]) == ["a", "c"]
    assert [remote for remote, _ in page.missed] == ["bad"]


@pytest.mark.parametrize("body", [b"", b"\r\n \r\n"], ids=["nothing", "blanks"])
def test_F13_ics_url_an_answer_of_nothing_is_no_evidence(web: Web, body: bytes) -> None:
    refuses(web, body)


@pytest.mark.parametrize(
    "body",
    [b"<html><body>Sign in</body></html>", b"{}", b"\x1f\x8b", b"END:VCALENDAR", b"BEGIN:VCALENDAR"],
    ids=["a web page", "json", "noise", "only an end", "only a beginning"],
)
def test_F22_ics_url_what_is_no_calendar_is_no_evidence(web: Web, body: bytes) -> None:
    refuses(web, body)


def refuses(web: Web, body: bytes) -> None:
    """With this as the answer, neither a first pull nor a later one brings or ends anything."""
    cursor = pages(connector(web))[-1].cursor
    web.serve(LINK, body)
    for said in (None, cursor):
        with pytest.raises(TryLater):
            pages(connector(web), said)


def test_F13_ics_url_an_empty_calendar_is_a_full_listing_for_the_store_to_judge(web: Web) -> None:
    cursor = pages(connector(web))[-1].cursor
    web.serve(LINK, calendar(), ETag='"2"')

    [page] = pages(connector(web), cursor)

    assert (page.found, page.gone, page.complete) == ((), (), True)


def test_F15_ics_url_what_the_new_copy_lacks_is_left_out_of_a_full_listing(web: Web) -> None:
    cursor = pages(connector(web))[-1].cursor
    web.serve(LINK, calendar(event("a"), event("c")), ETag='"2"')

    [page] = pages(connector(web), cursor)

    assert (ids([page]), page.complete) == (["a", "c"], True)


def test_F17_ics_url_a_meeting_without_uid_keeps_its_id(web: Web) -> None:
    bare = event("x", "SUMMARY:No name").replace("UID:x\r\n", "")
    web.serve(LINK, calendar(bare, event("a")))
    first = ids(pages(connector(web)))
    web.serve(LINK, calendar(event("a"), bare))

    assert sorted(ids(pages(connector(web)))) == sorted(first)


def test_F18_ics_url_floating_times_are_at_home_in_the_users_zone(web: Web) -> None:
    web.serve(LINK, calendar(event("a", start="20260105T100000")))

    [page] = pages(connector(web, zone="Asia/Kolkata"))

    [one] = page.found
    assert isinstance(one, Interaction)
    assert one.sent == datetime(2026, 1, 5, 4, 30, tzinfo=UTC)


def test_F19_ics_url_a_series_has_its_exceptions(web: Web) -> None:
    off = event("b", "RECURRENCE-ID:20260112T100000Z", "STATUS:CANCELLED", start="20260112T100000Z")
    web.serve(LINK, calendar(event("b", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20260119T100000Z"), off))

    [page] = pages(connector(web))

    assert ids([page]) == ["b/20260105T100000Z", "b/20260112T100000Z"]
    assert [one.meeting.cancelled for one in page.found if isinstance(one, Interaction) and one.meeting] == [
        False,
        True,
    ]


def test_F21_ics_url_tens_of_thousands_come_in_pages(web: Web) -> None:
    web.serve(LINK, calendar(*(event(f"n{n}") for n in range(3_000))))

    read = pages(connector(web))

    assert [len(page.found) for page in read] == [500] * 6
    assert [page.complete for page in read] == [False] * 5 + [True]


def test_the_link_stands_in_no_error_and_in_no_repr(web: Web) -> None:
    secret = "0123456789abcdef"
    options = Options.model_validate({"kind": "ics", "url": web.url(LINK), "private": True})
    assert secret not in repr(options)
    assert secret not in str(options)
    for status in (404, 500, 200, 302):
        web.serve(LINK, b"no", status, Location=f"http://10.0.0.1{LINK}")
        with pytest.raises((NeedsUser, TryLater)) as caught:
            pages(connector(web))
        assert secret not in "".join(traceback.format_exception_only(caught.value))
    with pytest.raises(ValidationError) as refused:
        Options.model_validate({"kind": "ics", "url": f"http://cal.example{LINK}"})
    assert secret not in refused.value.errors()[0]["msg"]


def test_a_calendar_on_the_disk_needs_no_session(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(MINE)

    assert ids(pages(Ics(Options(kind="ics", path=tmp_path / "a.ics"), now=NOW))) == EVERYTHING


def test_F16_ics_url_a_meeting_keeps_the_uid_by_which_its_copies_are_known(web: Web) -> None:
    [page] = pages(connector(web))

    assert [one.meeting.uid for one in page.found if isinstance(one, Interaction) and one.meeting] == [
        "a",
        "b",
        "b",
        "c",
    ]
