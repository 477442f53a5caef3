"""What Graph answers, told apart by a table of our own: over real HTTP where it can be, with every answer it has."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.consent import AccessToken
from connectors.contract import CursorLost, NeedsUser, Session, TryLater
from connectors.graph import MICROSOFT as REAL
from connectors.graph import MOST, WINDOW, Api, Endpoints, Refused, Said, error, rows, segment
from tests.connectors.microsofts import NOW, House, letter
from tests.fakes.microsoft import UNAVAILABLE, throttled
from tests.fakes.microsoft import error as answers
from tests.fakes.plumbing import CUT, HANG_UP, RESET, STALL, TRUNCATED, html, portal, says

RIGHT = "Mail.ReadBasic"


def told(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


# ----------------------------------------------------------------------------------------------------- the error table


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said(410, told("SyncStateNotFound")), CursorLost, "how far"),
        (Said(410, told("SyncStateInvalid")), CursorLost, "how far"),
        (Said(410, told("resyncRequired")), CursorLost, "how far"),
        (Said(410, None), CursorLost, "how far"),
        (Said(400, told("SyncStateNotFound")), CursorLost, "how far"),
        (Said(400, told("ErrorInvalidSyncStateData")), CursorLost, "how far"),
        (Said(404, told("fullSyncRequired")), CursorLost, "how far"),
        (Said(429, told("TooManyRequests")), TryLater, "wait (429)"),
        (Said(429, told("ApplicationThrottled")), TryLater, "wait (429)"),
        (Said(429, None), TryLater, "wait (429)"),
        (Said(403, told("ErrorMailboxConcurrency")), TryLater, "wait (403)"),
        (Said(403, told("ErrorTooManyObjectsOpened")), TryLater, "wait (403)"),
        (Said(503, told("ServiceUnavailable")), TryLater, "wait (503)"),
        (Said(503, None), TryLater, "wait (503)"),
        (Said(504, told("UnknownError")), TryLater, "wait (504)"),
        (Said(509, None), TryLater, "wait (509)"),
        (Said(408, None), TryLater, "wait (408)"),
        (Said(500, told("InternalServerError")), TryLater, "out of order (500)"),
        (Said(502, None), TryLater, "out of order (502)"),
        (Said(507, told("insufficientStorage")), TryLater, "out of order (507)"),
        (Said(424, told("FailedDependency")), TryLater, "out of order (424)"),
        (Said(401, told("InvalidAuthenticationToken")), TryLater, "renewed a moment ago"),
        (Said(401, None), TryLater, "in place of"),
        (Said(403, None), TryLater, "in place of"),
        (Said(404, None), TryLater, "in place of"),
        (Said(302, None), TryLater, "in place of"),
        (Said(511, None), TryLater, "out of order (511)"),
        (Said(407, told("proxy")), TryLater, "does not let us in for now"),
        (Said(403, told("ErrorAccessDenied")), NeedsUser, "with the right Mail.ReadBasic"),
        (Said(403, told("AccessDenied")), NeedsUser, "with the right Mail.ReadBasic"),
        (Said(403, told("Authorization_RequestDenied")), NeedsUser, "with the right Mail.ReadBasic"),
        (Said(403, told("ErrorQuotaExceeded")), NeedsUser, "Make room"),
        (Said(403, told("ErrorAccountSuspend")), NeedsUser, "locked"),
        (Said(403, told("SomethingNew")), TryLater, "for now (403 somethingnew)"),
        (Said(404, told("MailboxNotEnabledForRESTAPI")), NeedsUser, "no mailbox of this account"),
        (Said(404, told("MailboxNotSupportedForRESTAPI")), NeedsUser, "no mailbox of this account"),
        (Said(404, told("ErrorNonExistentMailbox")), NeedsUser, "no mailbox of this account"),
        (Said(404, told("ErrorItemNotFound")), Refused, "404"),
        (Said(404, told("ErrorFolderNotFound")), Refused, "404"),
        (Said(400, told("ErrorInvalidIdMalformed")), Refused, "400"),
        (Said(405, told("Request_BadRequest")), Refused, "405"),
        (Said(400, {"error": "odd"}), Refused, "400"),
        (Said(400, {"error": {"code": 7}}), Refused, "400"),
        (Said(400, {}), Refused, "400"),
    ],
    ids=lambda value: f"{value.status} {value.code}" if isinstance(value, Said) else None,
)
def test_what_an_answer_means(said: Said, kind: type[Exception], words: str) -> None:
    found = error(said, RIGHT)

    assert type(found) is kind
    assert words in str(found)


def test_the_users_words_never_stand_in_an_error() -> None:
    found = error(Said(404, told("ErrorItemNotFound", "ada@example.org: AAMkAD")), RIGHT)

    assert "ada" not in str(found)


@pytest.mark.parametrize("right", ["Mail.Read", "Mail.Send"])
def test_where_there_is_no_wider_right_none_is_named(right: str) -> None:
    found = error(Said(403, told("ErrorAccessDenied")), right)

    assert isinstance(found, NeedsUser)
    assert found.remedy == "Sign in again with `auld login`."


# ---------------------------------------------------------------------------------------------------------- over a wire


def asked(home: House, **more: Any) -> Any:
    return home.api(home.session(**more)).get("/me/calendar?$select=owner", right="Calendars.ReadBasic")


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("2.128", 2.128), ("1", 1.0), ("0", 0.0), ("Mon, 10 Jun 2024 12:00:30 GMT", 30.0)],
    ids=["a fraction", "a second", "at once", "a date"],
)
def test_F5_graph_a_short_rest_is_taken_within_the_round(home: House, after: str, seconds: float) -> None:
    home.fake.graph.at("me/calendar", throttled(after), times=1)

    assert asked(home)["owner"]["address"] == home.user.address
    assert home.rests == [pytest.approx(seconds, abs=0.5)]


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("90", 90), ("3600.5", 3_600), ("999999999", 86_400), ("Tue, 11 Jun 2024 00:00:00 GMT", 43_200)],
    ids=["a minute and a half", "an hour and a bit", "years", "at midnight"],
)
def test_F5_graph_a_long_rest_ends_the_round_until_then(home: House, after: str, seconds: int) -> None:
    home.fake.graph.at("me/calendar", throttled(after))

    with pytest.raises(TryLater) as trouble:
        asked(home)

    assert trouble.value.until is not None
    assert abs(trouble.value.until - NOW - timedelta(seconds=seconds)) < timedelta(seconds=2)
    assert home.rests == []


@pytest.mark.parametrize("after", ["", "soon", "nan", "-5"])
def test_F5_graph_a_rest_that_is_not_told_is_left_to_the_schedule(home: House, after: str) -> None:
    home.fake.graph.at("me/calendar", throttled(after))

    with pytest.raises(TryLater, match="asks us to wait"):
        asked(home)


def test_F5_graph_one_second_for_ever_ends_too(home: House) -> None:
    """A Retry-After of 1 each time (msgraph-sdk-javascript#297)."""
    home.fake.graph.at("me/calendar", throttled("1"))

    with pytest.raises(TryLater, match="asks us to wait"):
        asked(home)
    assert home.rests == [pytest.approx(1.0, abs=0.2)] * 4


def test_a_rest_that_the_round_has_no_time_for_ends_it_at_once(home: House) -> None:
    home.fake.graph.at("me/calendar", throttled("50"))

    with pytest.raises(TryLater, match="limit"):
        asked(home, ends=time.monotonic() + 20)
    assert home.rests == []


@pytest.mark.parametrize(
    "fault",
    [
        UNAVAILABLE,
        answers(500, "InternalServerError"),
        html(200),
        html(403, "Blocked"),
        html(503),
        portal("/portal"),
        portal("http://elsewhere.example/portal"),
        says(200, b"[]"),
        says(200, b"null"),
        says(200, b""),
        says(204),
        says(200, b'{"value": [}'),
        TRUNCATED,
        CUT,
        HANG_UP,
        RESET,
        STALL,
    ],
    ids=lambda fault: None,
)
def test_F6_F22_graph_whatever_else_comes_back_passes(home: House, fault: Any) -> None:
    home.fake.graph.at("me/calendar", fault)

    with pytest.raises(TryLater):
        asked(home, silence=0.3)


def test_the_token_is_shown_to_nobody_that_a_redirect_names(home: House) -> None:
    home.fake.graph.at("me/calendar", says(302, b"", Location="/v1.0/me/elsewhere"))

    with pytest.raises(TryLater):
        asked(home)
    assert home.asked("elsewhere") == 0


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/v1.0/me",
        "http://127.0.0.1:1/v1.0/me",
        "{graph}.example/v1.0/me",
        "{graph}@elsewhere.example/v1.0/me",
        "{graph}/beta/me",
        "{graph}/v1.0",
        "",
    ],
)
def test_a_link_that_is_not_graphs_own_is_not_asked(home: House, link: str) -> None:
    before = home.asked()

    with pytest.raises(TryLater, match="not its own"):
        home.api().get(link.replace("{graph}", home.fake.graph.url), right=RIGHT)
    assert home.asked() == before


def test_plain_http_is_for_this_machine_alone() -> None:
    far = Endpoints(graph="http://graph.example/v1.0", login="http://login.example")
    api = Api(Given(), now=NOW, session=Session(time.monotonic), endpoints=far)

    with pytest.raises(TryLater, match="without encryption"):
        api.get("/me", right=RIGHT)


class Given:
    """A token that nobody gave."""

    def access(self, *, refused: bool = False) -> AccessToken:
        return AccessToken("secret", datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.looks_up("graph.microsoft.com")
def test_the_real_ones_are_https() -> None:
    assert Endpoints("https://graph.microsoft.com/v1.0", "https://login.microsoftonline.com", None) == REAL
    with pytest.raises(TryLater, match="offline"):
        Api(Given(), now=NOW, session=Session(time.monotonic)).get("/me", right=RIGHT)


# ------------------------------------------------------------------------------------------------------------- batches


def mails(home: House, count: int) -> list[str]:
    made = [home.user.deliver(letter(f"Word {n}"), at=NOW) for n in range(count)]
    return [f"/me/messages/{segment(one.key)}?$select=subject" for one in made]


def test_a_batch_answers_each_in_its_place(home: House) -> None:
    paths = mails(home, 45)

    said = home.api().batch(paths, right=RIGHT)

    assert [one.body["subject"] for one in said if one and one.body] == [f"Word {n}" for n in range(45)]
    assert home.asked(r"\$batch") == 3
    assert home.fake.most_in_flight <= 4
    assert home.fake.graph.throttled == 0


def test_F10_graph_a_part_that_is_not_there_is_none_and_one_that_is_refused_is_told(home: House) -> None:
    paths = mails(home, 3)
    gone = paths[1].replace("AAkAL", "BBkAL")

    def one_less(answer: Any) -> Any:
        said = answer.told()
        said["responses"] = [one for one in said["responses"] if one["id"] != "2"]
        return answer.json(said)

    from tests.fakes.plumbing import Fault

    home.fake.graph.at(r"\$batch", Fault(change=one_less))

    first, second, third = home.api().batch([paths[0], gone, paths[2]], right=RIGHT)

    assert (first and first.status, second and second.status, third) == (200, 404, None)


@pytest.mark.parametrize(
    "fault",
    [throttled("3"), UNAVAILABLE, answers(424, "FailedDependency"), html(502)],
    ids=["throttled", "unavailable", "another failed", "a page for people"],
)
def test_F5_graph_only_the_parts_that_failed_are_asked_for_again(home: House, fault: Any) -> None:
    paths = mails(home, 20)
    home.fake.graph.at("PART", fault, times=6)

    said = home.api().batch(paths, right=RIGHT)

    assert [one and one.status for one in said] == [200] * 20
    assert home.asked(r"\$batch") == 2
    assert len(home.rests) == 1
    assert home.rests[0] == pytest.approx(3.0 if fault.instead.status == 429 else 1.0, abs=0.3)


def test_F5_graph_parts_that_fail_each_time_are_none_and_all_of_them_are_trouble(home: House) -> None:
    paths = mails(home, 3)
    home.fake.graph.at(rf"PART .*{paths[1].split('?')[0].rpartition('/')[2][:60]}", UNAVAILABLE)
    assert [one and one.status for one in home.api().batch(paths, right=RIGHT)] == [200, None, 200]

    home.fake.graph.at("PART", throttled("90"))
    with pytest.raises(TryLater, match="wait") as trouble:
        home.api().batch(paths, right=RIGHT)
    assert trouble.value.until is not None


def test_trouble_in_one_part_is_trouble(home: House) -> None:
    paths = mails(home, 3)
    home.fake.graph.at("PART", answers(403, "ErrorAccessDenied"), times=1)

    with pytest.raises(NeedsUser):
        home.api().batch(paths, right=RIGHT)


@pytest.mark.parametrize(
    "body",
    [
        b'{"responses": {}}',
        b'{"responses": null}',
        b"{}",
        b'{"responses": [7, {"id": "0"}, {"id": 0, "status": 200}, {"id": "9", "status": 200, "body": {}}]}',
        b'{"responses": [{"id": "0", "status": "200", "body": {}}, {"id": "1", "status": 200, "body": "x"}]}',
    ],
)
def test_F22_graph_a_batch_that_is_none_says_nothing(home: House, body: bytes) -> None:
    paths = mails(home, 2)
    home.fake.graph.at(r"\$batch", says(200, body))

    try:
        assert home.api().batch(paths, right=RIGHT) == [None, None]
    except TryLater:
        assert b'"responses": [' not in body


def test_the_pace_is_kept_before_graph_has_to_say_so(home: House) -> None:
    now = [0.0]

    def rest(seconds: float) -> None:
        home.rests.append(seconds)
        now[0] += seconds

    api = home.api(Session(lambda: now[0], rest=rest))
    for _ in range(MOST // 20):
        api._keep_pace(20)
    assert home.rests == []

    now[0] += 100.0
    api._keep_pace(20)

    assert home.rests == [WINDOW - 100.0]
    api._keep_pace(MOST - 20)
    assert len(home.rests) == 1


@pytest.mark.parametrize("value", [None, {}, [1], [{}], [{"id": 7}], "x"])
def test_what_is_no_list_of_items_is_not_taken_for_an_empty_one(value: Any) -> None:
    with pytest.raises(TryLater):
        rows({"value": value})
