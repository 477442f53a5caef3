"""What Google's answers mean: the user is asked only for what the user can mend, and nothing else is ever believed."""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import CursorLost, NeedsUser, Session, Trouble, TryLater
from connectors.google_answers import Refusal, later, meaning, unreachable
from connectors.google_api import BATCH, Api, Ask, Endpoints
from connectors.google_pace import Pace
from tests.connectors.googles import METADATA, NOW, Home
from tests.fakes import google_errors as say
from tests.fakes import plumbing
from tests.fakes.google_consent import refusal
from tests.fakes.plumbing import CUT, DRIP, HANG_UP, RESET, STALL, TRUNCATED, Answer, Fault, html, portal, says

HOUR = timedelta(hours=1)


@pytest.fixture
def home() -> Iterator[Home]:
    with Home(METADATA) as made:
        yield made
        assert made.fake.crashes == []


def gives(answer: Answer) -> Fault:
    return Fault(answer)


def first(home: Home, **more: Any) -> None:
    """Ask for the newest mails of the mailbox."""
    session = home.session(**more)
    next(iter(home.gmail(session=session).pull(home.gmail().streams()[0], None)))


# ------------------------------------------------------------------------------------------- the table: the sign-in

TOKEN: dict[str, tuple[Fault, type[Trouble], str]] = {
    "revoked": (gives(refusal("invalid_grant", "Token has been expired or revoked.")), NeedsUser, "consent"),
    "revoked, without a word": (gives(Answer.json({"error": "invalid_grant"}, 400)), NeedsUser, "consent"),
    "revoked, 401": (gives(refusal("invalid_grant", "Bad Request", 401)), NeedsUser, "consent"),
    "second factor": (
        gives(refusal("invalid_grant", "reauth related error (invalid_rapt)", error_subtype="invalid_rapt")),
        NeedsUser,
        "organisation",
    ),
    "consent withdrawn": (gives(refusal("access_denied", "Account restricted", 403)), NeedsUser, "withdrawn"),
    "the administrator": (gives(refusal("admin_policy_enforced", "")), NeedsUser, "administrator"),
    "another organisation": (gives(refusal("org_internal", "")), NeedsUser, "organisation"),
    "client deleted": (gives(refusal("deleted_client", "The OAuth client was deleted.", 401)), NeedsUser, "deleted"),
    "client off": (gives(refusal("disabled_client", "The OAuth client was disabled.", 401)), NeedsUser, "off"),
    "client unknown": (gives(refusal("invalid_client", "The OAuth client was not found.", 401)), NeedsUser, "client"),
    "client not allowed": (gives(refusal("unauthorized_client", "Unauthorized", 401)), NeedsUser, "client"),
    "clock skew": (
        gives(refusal("invalid_grant", "Invalid JWT: Token must be a short-lived token. Check your iat and exp")),
        TryLater,
        "",
    ),
    "429": (says(429, b'{"error": "rate_limit_exceeded"}', Content_Type="application/json"), TryLater, "pause"),
    "429 in words": (says(429, b"slow down"), TryLater, "pause"),
    "500": (says(500, b'{"error": "internal_failure"}', Content_Type="application/json"), TryLater, "500"),
    "502 page": (html(502, "Bad Gateway"), TryLater, "502"),
    "503 in words": (says(503, b"Service Unavailable"), TryLater, "503"),
    "503 that says revoked": (gives(refusal("invalid_grant", "", 503)), TryLater, "503"),
    "504 empty": (says(504), TryLater, "504"),
    "internal failure, 400": (gives(refusal("internal_failure", "Backend Error")), TryLater, ""),
    "temporarily unavailable": (gives(refusal("temporarily_unavailable", "")), TryLater, ""),
    "server error, 400": (gives(refusal("server_error", "")), TryLater, ""),
    "our own mistake": (gives(refusal("invalid_request", "Missing parameter")), TryLater, ""),
    "a page, 200": (html(200, "Welcome to the hotel"), TryLater, "not Google"),
    "a page, 401": (html(401, "Sign in to this network"), TryLater, "not Google"),
    "a page, 403": (html(403, "Blocked by your company"), TryLater, "not Google"),
    "a hotel": (portal("/portal"), TryLater, "not Google"),
    "a list": (gives(Answer.json(["access_token"])), TryLater, ""),
    "a text": (gives(Answer.json("access_token")), TryLater, ""),
    "nothing at all": (says(200), TryLater, ""),
    "an empty object": (gives(Answer.json({})), TryLater, ""),
    "a token that is none": (gives(Answer.json({"access_token": 5, "expires_in": 3599})), TryLater, ""),
    "an error of another kind": (gives(Answer.json({"error": {"code": 400}}, 400)), TryLater, ""),
    "truncated": (TRUNCATED, TryLater, ""),
    "cut": (CUT, TryLater, "reached"),
    "reset": (RESET, TryLater, "reached"),
    "hung up on": (HANG_UP, TryLater, "reached"),
    "silence": (STALL, TryLater, "in time"),
    "dripping": (DRIP, TryLater, ""),
}


@pytest.mark.parametrize(("fault", "trouble", "words"), TOKEN.values(), ids=TOKEN.keys())
def test_only_a_consent_that_is_gone_is_for_the_user(
    home: Home, fault: Fault, trouble: type[Trouble], words: str
) -> None:
    home.fake.at("POST /token", fault)

    with pytest.raises(trouble) as caught:
        first(home, silence=0.3)

    assert words in str(caught.value)
    assert len([line for line, _ in home.fake.log if "/token" in line]) == 1, "it is not asked again"
    assert home.kept.keeps == []


# --------------------------------------------------------------------------------------------- the table: the mailbox

API: dict[str, tuple[Fault, type[Trouble] | None, str]] = {
    "limit, 429, long": (gives(say.rate_limited(retry_after="3600")), TryLater, "limit"),
    "limit, 403, long": (gives(say.rate_limited(403, "userRateLimitExceeded", "3600")), TryLater, "limit"),
    "limit of the day": (gives(say.rate_limited(403, "dailyLimitExceeded")), TryLater, "today"),
    "limit of bytes": (gives(say.bandwidth(f"{NOW + 5 * HOUR:%Y-%m-%dT%H:%M:%S.123Z}")), TryLater, "limit"),
    "less than was asked for": (gives(say.insufficient()), NeedsUser, "consent"),
    "only headers, and more was asked": (
        gives(say.forbidden("Metadata scope doesn't allow format FULL")),
        NeedsUser,
        "consent",
    ),
    "a mixture of scopes": (
        gives(say.forbidden("Metadata scope does not support 'q' parameter")),
        NeedsUser,
        "consent",
    ),
    "the API is off": (gives(say.not_enabled()), NeedsUser, "switched on"),
    "the administrator": (gives(say.domain_policy()), NeedsUser, "administrator"),
    "no Gmail": (gives(say.error(400, "Mail service not enabled", "failedPrecondition")), NeedsUser, "no Gmail"),
    "another 400": (gives(say.error(400, "Precondition check failed.", "failedPrecondition")), TryLater, "400"),
    "another 403": (gives(say.forbidden("Delegation denied")), TryLater, "403"),
    "a 403 without a reason": (says(403), TryLater, "403"),
    "a page, 403": (html(403, "Blocked"), TryLater, "403"),
    "a page, 200": (html(200, "Welcome to the hotel"), TryLater, "no answer"),
    "a hotel": (portal("/portal"), TryLater, "between"),
    "500": (gives(say.backend_error(500)), TryLater, "500"),
    "502 page": (html(502, "Bad Gateway"), TryLater, "502"),
    "503": (gives(say.backend_error()), TryLater, "503"),
    "503, long": (says(503, b"", Retry_After="1800"), TryLater, "503"),
    "404 page": (html(404, "Not Found"), TryLater, "404"),
    "401 for ever": (gives(say.unauthenticated()), TryLater, "token"),
    "a list": (gives(Answer.json(["messages"])), TryLater, "no answer"),
    "a text": (gives(Answer.json("messages")), TryLater, "no answer"),
    "nothing at all": (says(200, b""), TryLater, "no answer"),
    "no content": (says(204), TryLater, "no answer"),
    "an empty object": (gives(Answer.json({})), TryLater, "no answer"),
    "something else's answer": (gives(Answer.json({"kind": "calendar#events", "items": []})), TryLater, "no answer"),
    "an error, 200": (gives(Answer.json({"error": {"code": 404, "message": "Not Found"}})), TryLater, "no answer"),
    "no JSON": (says(200, b"\xff\xfe\x00", Content_Type="application/json"), TryLater, "no answer"),
    "truncated": (TRUNCATED, TryLater, "no answer"),
    "cut": (CUT, TryLater, "reached"),
    "reset": (RESET, TryLater, "reached"),
    "hung up on": (HANG_UP, TryLater, "reached"),
    "silence": (STALL, TryLater, "in time"),
    "dripping": (DRIP, TryLater, ""),
}


@pytest.mark.parametrize("where", ["GET /gmail/v1/users/me/profile", "GET /gmail/v1/users/me/messages"])
@pytest.mark.parametrize(("fault", "trouble", "words"), API.values(), ids=API.keys())
def test_what_cannot_be_believed_passes_and_only_rights_are_for_the_user(
    home: Home, where: str, fault: Fault, trouble: type[Trouble], words: str
) -> None:
    home.deliver("A word")
    home.fake.at(where, fault)

    with pytest.raises(trouble) as caught:
        list(home.gmail(session=home.session(silence=0.15)).pull(home.gmail().streams()[0], None))

    assert words in str(caught.value)
    assert "@" not in str(caught.value)
    assert home.kept.value not in str(caught.value)


def test_the_tables_are_long_enough() -> None:
    assert len(TOKEN) + len(API) >= 40


@pytest.mark.parametrize(
    "fault", [CUT, RESET, HANG_UP, STALL, DRIP], ids=["cut", "reset", "hung up", "silence", "drip"]
)
def test_a_line_that_is_down_is_said_to_be_down(home: Home, fault: Fault) -> None:
    """So that the account counts as offline: what it was raised from is the network's."""
    home.fake.at("GET /gmail", fault)

    with pytest.raises(TryLater) as caught:
        first(home, silence=0.15)

    assert isinstance(caught.value.__cause__, OSError)


def test_nobody_at_home_is_offline(home: Home) -> None:
    home.fake.close()
    for asked in (lambda: first(home), lambda: home.tokens().access()):
        with pytest.raises(TryLater) as caught:
            asked()
        assert isinstance(caught.value.__cause__, OSError)


def test_a_host_that_is_not_found_is_offline(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AULD_TESTS_LOOK_UP", "mail.invalid")
    session = home.session()
    ends = Endpoints(token=home.endpoints.token, gmail="https://mail.invalid/")
    api = Api(home.tokens(session), session, now=NOW, endpoints=ends)

    with pytest.raises(TryLater, match="cannot be found") as caught:
        api.profile()

    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize("error", ["certificate is not yet valid", "self-signed certificate"])
def test_a_certificate_that_nobody_vouches_for_may_be_a_wrong_clock(error: str) -> None:
    inner = ssl.SSLCertVerificationError(1, error)
    inner.verify_message, inner.verify_code = error, 9
    outer = OSError("could not connect")
    outer.__cause__ = inner

    assert "clock" in unreachable(outer).what


# --------------------------------------------------------------------------------------------------------- the pause


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("120", NOW + timedelta(minutes=2)),
        ("2.128", NOW + timedelta(seconds=2.128)),
        ("0", NOW),
        ("-5", NOW),
        ("Mon, 01 Jun 2026 12:05:00 GMT", NOW + timedelta(minutes=5)),
        ("Mon, 01 Jun 2026 11:05:00 GMT", NOW),
        ("Mon, 01 Jun 2020 11:05:00 -0000", NOW),
        ("Mon, 01 Jun 2037 12:05:00 GMT", NOW + timedelta(days=1)),
        ("1e99", NOW + timedelta(days=1)),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_pause_may_be_seconds_or_a_date_and_is_never_longer_than_a_day(said: str, until: datetime | None) -> None:
    assert later(said, NOW) == until


@pytest.mark.parametrize("said", ["30", "2.5", "Mon, 01 Jun 2026 12:00:40 GMT", ""])
def test_F5_gmail_a_short_pause_is_made_within_the_round(home: Home, said: str) -> None:
    home.deliver("A word")
    home.fake.at("GET /gmail/v1/users/me/messages", gives(say.rate_limited(retry_after=said)), times=1)

    first(home)

    assert sum(home.rested) >= {"30": 30, "2.5": 2.5, "": 1}.get(said, 39)
    assert [status for line, status in home.fake.log if "/messages" in line][:2] == [429, 200]


@pytest.mark.parametrize(
    ("answer", "until"),
    [
        (say.rate_limited(retry_after="7200"), NOW + 2 * HOUR),
        (say.rate_limited(403, "rateLimitExceeded", "7200"), NOW + 2 * HOUR),
        (say.bandwidth("2026-06-01T17:00:00.123Z"), NOW + 5 * HOUR),
        (say.rate_limited(403, "dailyLimitExceeded"), NOW + HOUR),
        (plumbing.Answer(503, b"", (("Retry-After", "1800"),)), NOW + HOUR / 2),
    ],
    ids=["429", "403", "bytes", "a day's", "maintenance"],
)
def test_F5_gmail_a_long_pause_ends_the_round_until_then(home: Home, answer: Answer, until: datetime) -> None:
    home.fake.at("GET /gmail", gives(answer))

    with pytest.raises(TryLater) as caught:
        first(home)

    assert caught.value.until is not None
    assert abs(caught.value.until - until) < timedelta(seconds=30)
    assert sum(home.rested) < 30


def test_a_limit_that_never_ends_is_not_asked_for_ever(home: Home) -> None:
    home.fake.at("GET /gmail", gives(say.rate_limited()))

    with pytest.raises(TryLater, match="limit"):
        first(home)

    assert len([line for line, _ in home.fake.log if "GET /gmail" in line]) <= 5


# ---------------------------------------------------------------------------------------------------------- the pace


class Watch:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at

    def rest(self, seconds: float) -> None:
        self.at += seconds


def test_no_minute_holds_more_than_the_quota_and_nearly_all_of_it_is_used() -> None:
    watch = Watch()
    pace = Pace(Session(watch, rest=watch.rest), 6_000)
    spent: list[tuple[float, int]] = []
    while watch.at < 600:
        pace.spend(500)
        spent.append((watch.at, 500))
        watch.at += 0.3  # an answer takes its time

    for start in range(0, 540, 7):
        assert sum(cost for at, cost in spent if start <= at < start + 60) <= 6_000
    assert sum(cost for _, cost in spent) >= 0.9 * 6_000 * 10


def test_what_is_little_is_not_waited_for() -> None:
    watch = Watch()
    pace = Pace(Session(watch, rest=watch.rest), 6_000)
    pace.spend(2)
    pace.spend(207)

    assert watch.at == 0


def test_after_a_rest_no_more_than_a_little_is_spent_at_once() -> None:
    watch = Watch()
    pace = Pace(Session(watch, rest=watch.rest), 6_000)
    pace.spend(500)
    watch.at = 1_000.0
    pace.spend(500)
    assert watch.at == 1_000
    pace.spend(100)

    assert 1_001 <= watch.at <= 1_002


def test_a_round_that_waits_for_the_pace_to_its_end_counts_as_one_that_used_all_its_time() -> None:
    watch = Watch()
    session = Session(watch, 3.0, rest=watch.rest)
    pace = Pace(session, 6_000)
    pace.spend(500)

    with pytest.raises(TryLater):
        pace.spend(500)

    assert session.left() == 0


# ------------------------------------------------------------------------------------------------------- many at once


def asks(api: Api, ids: list[str]) -> dict[str, Ask]:
    return {one: Ask(api.users.messages().get(userId="me", id=one, format="minimal"), 20, {"id": str}) for one in ids}


def filled(home: Home, mails: int) -> list[str]:
    home.fake.quota(None)
    home.units = 1_000_000
    return [home.deliver(f"Number {number}").id for number in range(mails)]


def test_a_batch_holds_twenty_five_and_answers_come_in_any_order(home: Home) -> None:
    ids = filled(home, 60)
    api = home.api()
    got = api.batch(asks(api, ids))

    assert set(got.found) == set(ids)
    assert all(got.found[one]["id"] == one for one in ids)
    assert len([line for line, _ in home.fake.log if "/batch" in line]) == 3
    assert home.ada.meter.most <= BATCH
    home.kind()


def test_F5_gmail_only_the_parts_that_failed_are_asked_for_again(home: Home) -> None:
    ids = filled(home, 25)
    home.fake.at("GET /gmail/v1/users/me/messages/", gives(say.rate_limited(retry_after="3")), times=15)
    api = home.api()
    got = api.batch(asks(api, ids))

    assert set(got.found) == set(ids)
    assert len(home.calls("messages.get")) == 25, "15 were refused before they were looked at, and asked for once more"
    assert 3 <= sum(home.rested) <= 12


def test_F5_gmail_a_batch_that_was_too_much_is_halved_and_grows_again_slowly(home: Home) -> None:
    ids = filled(home, 400)
    home.fake.at_once = 10
    api = home.api()
    got = api.batch(asks(api, ids))

    assert set(got.found) == set(ids)
    assert home.fake.refused > 0
    sizes = 400 / len([line for line, _ in home.fake.log if "/batch" in line])
    assert 3 <= sizes <= 12
    home.kind()


def test_F5_gmail_a_whole_batch_that_is_refused_is_asked_for_again_in_halves(home: Home) -> None:
    ids = filled(home, 25)
    home.fake.at("POST /batch", gives(say.rate_limited(retry_after="2.5")), times=2)
    api = home.api()
    got = api.batch(asks(api, ids))

    assert set(got.found) == set(ids)
    assert sum(home.rested) >= 5


def test_F5_gmail_a_limit_in_every_part_ends_the_round(home: Home) -> None:
    ids = filled(home, 25)
    home.fake.at("GET /gmail/v1/users/me/messages/", gives(say.rate_limited(retry_after="7200")))
    api = home.api()

    with pytest.raises(TryLater) as caught:
        api.batch(asks(api, ids))

    assert caught.value.until is not None
    assert caught.value.until > NOW + HOUR


@pytest.mark.parametrize(
    "fault",
    [
        gives(say.backend_error()),
        gives(say.error(400, "Invalid id value", "invalidArgument")),
        html(200, "Oops"),
        TRUNCATED,
        gives(Answer.json({"id": 7})),
        HANG_UP,
    ],
    ids=["503", "400", "a page", "truncated", "another kind", "no part at all"],
)
def test_F10_gmail_a_part_that_never_comes_right_is_missed_and_the_others_come(home: Home, fault: Fault) -> None:
    ids = filled(home, 10)
    home.fake.at(f"GET /gmail/v1/users/me/messages/{ids[3]}", fault)
    api = home.api()
    got = api.batch(asks(api, ids))

    assert set(got.found) == {*ids} - {ids[3]}
    assert set(got.missed) == {ids[3]}
    assert ids[3] not in got.missed[ids[3]]


def test_F10_gmail_a_part_that_comes_at_the_second_time_is_there(home: Home) -> None:
    ids = filled(home, 10)
    home.fake.at(f"GET /gmail/v1/users/me/messages/{ids[3]}", HANG_UP, times=1)
    home.fake.at(f"GET /gmail/v1/users/me/messages/{ids[4]}", gives(say.backend_error()), times=2)
    api = home.api()

    assert set(api.batch(asks(api, ids)).found) == set(ids)


def test_F6_gmail_parts_that_all_fail_are_an_outage_and_no_misses(home: Home) -> None:
    ids = filled(home, 10)
    home.fake.at("GET /gmail/v1/users/me/messages/", gives(say.backend_error()))
    api = home.api()

    with pytest.raises(TryLater, match="503"):
        api.batch(asks(api, ids))


@pytest.mark.parametrize(
    "fault",
    [
        html(200, "Welcome"),
        says(200, b""),
        says(200, b"--x--", Content_Type="multipart/mixed; boundary=x"),
        CUT,
    ],
    ids=["a page", "nothing", "no parts", "cut"],
)
def test_F22_gmail_a_batch_that_is_none_is_believed_in_nothing(home: Home, fault: Fault) -> None:
    ids = filled(home, 5)
    home.fake.at("POST /batch", fault)
    api = home.api()

    with pytest.raises(TryLater):
        api.batch(asks(api, ids))


def test_F3_gmail_of_a_batch_that_breaks_off_what_came_is_kept_and_the_rest_asked_for_again(home: Home) -> None:
    ids = filled(home, 20)
    home.fake.at("POST /batch", TRUNCATED, times=2)
    api = home.api()
    got = api.batch(asks(api, ids))

    assert set(got.found) == set(ids)
    assert len(home.calls("messages.get")) < 40


def test_a_right_that_lacks_in_a_part_is_for_the_user(home: Home) -> None:
    ids = filled(home, 5)
    home.fake.at("GET /gmail/v1/users/me/messages/", gives(say.insufficient()))
    api = home.api()

    with pytest.raises(NeedsUser):
        api.batch(asks(api, ids))


# ---------------------------------------------------------------------------------------------------------- the token


def test_a_token_that_google_no_longer_takes_is_renewed_once_for_a_whole_batch(home: Home) -> None:
    ids = filled(home, 25)
    api = home.api()
    api.profile()
    home.fake.consents.access.clear()

    assert set(api.batch(asks(api, ids)).found) == set(ids)
    assert len([line for line, _ in home.fake.log if "/token" in line]) == 2


def test_a_token_is_renewed_before_it_ends(home: Home) -> None:
    api = home.api()
    api.profile()
    home.clock.pass_by(3_400)
    api.profile()

    assert len([line for line, _ in home.fake.log if "/token" in line]) == 2
    assert 401 not in [status for _, status in home.fake.log]


def test_F24_gmail_a_machine_that_slept_gets_a_new_token_when_the_old_one_is_refused(home: Home) -> None:
    """The session's clock stands still in sleep; Google's does not."""
    session = Session(time.monotonic)
    api = home.api(session)
    api.profile()
    home.clock.pass_by(86_400)

    assert api.profile().address == "ada@example.org"
    assert [status for line, status in home.fake.log if "/profile" in line] == [200, 401, 200]


@pytest.mark.parametrize("to", ["http://gmail.example.org/", "ftp://127.0.0.1/", "http://127.0.0.1.example.org/"])
def test_no_token_goes_through_the_net_in_the_clear(to: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Endpoints(gmail=to)


def test_F22_gmail_nobody_else_is_followed(home: Home) -> None:
    """A redirect would take the token along."""
    home.fake.at("GET /gmail", portal("/portal"))

    with pytest.raises(TryLater, match="between"):
        first(home)

    assert not [line for line, _ in home.fake.log if "/portal" in line]


def test_the_libraries_log_nothing(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    home.deliver("Not for the log")
    home.fake.at("GET /gmail/v1/users/me/profile", html(403, "Not for the log"), times=1)
    with pytest.raises(TryLater):
        first(home)
    home.fake.heal()
    first(home)

    assert [record.name for record in caplog.records if not record.name.startswith("faker")] == []


def test_F4_gmail_a_dripping_server_is_given_up_and_leaves_no_thread(home: Home) -> None:
    home.fake.at("GET /gmail", DRIP)
    before = threading.active_count()
    started = time.monotonic()

    with pytest.raises(TryLater, match=r"too long|in time"):  # on a busy machine, a drip may be late
        first(home, silence=0.1)

    assert time.monotonic() - started < 3
    home.fake.hang_up()
    assert _soon(lambda: threading.active_count() <= before + 1)


def _soon(true: Callable[[], bool]) -> bool:
    for _ in range(100):
        if true():
            return True
        time.sleep(0.02)
    return False


def test_a_cursor_is_lost_only_where_google_says_so(home: Home) -> None:
    home.deliver("A word")
    gmail, [stream] = home.gmail(), home.gmail().streams()
    *_, last = gmail.pull(stream, None)
    home.ada.mail.forget_history()

    with pytest.raises(CursorLost):
        list(gmail.pull(stream, last.cursor))


def test_a_refusal_is_read_in_whichever_form_it_comes() -> None:
    for body in (b"", b"{}", b"[]", b'{"error": "x"}', b'{"error": {"errors": 5, "details": ["x"], "message": 7}}'):
        assert isinstance(meaning(Refusal.of(403, body, {}, NOW), NOW), TryLater)
    told = b'{"error": {"details": [{"reason": "RATE_LIMIT_EXCEEDED"}]}}'
    assert Refusal.of(403, told, {"retry-after": "5"}, NOW.astimezone(UTC)).limited
