"""Signing in at Google: a browser that comes back to this machine, a consent that is kept, renewed, lost, returned."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.contract import NeedsUser, TryLater
from connectors.google import Google, Options
from connectors.google_client import client
from connectors.google_scopes import CALENDARS, EVENTS, INSERT, METADATA, READONLY, missing, scopes
from connectors.google_sign_in import revoke, same_mailbox, sign_in
from connectors.google_tokens import Held, ended
from tests.connectors.googles import ADA, NOW, Home
from tests.fakes.google_consent import Hand, go_through, refusal
from tests.fakes.plumbing import CUT, Fault, html, portal, says

DAY = timedelta(days=1)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # of the vendor's library, for fakes on loopback
    with Home() as made:
        yield made
        made.kind()


@pytest.fixture
def options(home: Home, tmp_path: Path) -> Options:
    path = tmp_path / "client.json"
    path.write_text(json.dumps(home.fake.consents.client()))
    return Options.model_validate({"kind": "google", "address": ADA, "client": path, "calendar": True})


class Browser:
    """One who goes through Google's pages, in another thread, as a browser does."""

    def __init__(self, hand: Hand, before: Callable[[str], None] = lambda _: None) -> None:
        self.hand, self.before = hand, before
        self.page, self.url = "", ""
        self._thread: threading.Thread | None = None

    def __call__(self, url: str) -> bool:
        self.url = url
        self._thread = threading.Thread(target=self._go)
        self._thread.start()
        return True

    def _go(self) -> None:
        self.before(self.url)
        self.page = go_through(self.url, self.hand)

    def done(self) -> str:
        assert self._thread
        self._thread.join(10)
        return self.page

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


def signed_in(home: Home, options: Options, hand: Hand | None = None, **more: Any) -> tuple[Any, Browser, list[str]]:
    browser, said = Browser(hand or Hand(ADA), more.pop("before", lambda _: None)), list[str]()
    told: dict[str, Any] = {
        "now": home.now,
        "show": said.append,
        "browse": browser,
        "endpoints": home.endpoints,
        "timeout": 10.0,
    }
    try:
        return sign_in(options, **(told | more)), browser, said
    finally:
        if browser.url:
            browser.done()


# ------------------------------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("more", "digest", "asked"),
    [
        ({}, False, (METADATA,)),
        ({"read": "text"}, False, (READONLY,)),
        ({"calendar": True}, False, (METADATA, EVENTS, CALENDARS)),
        ({"mail": False, "calendar": True}, False, (EVENTS, CALENDARS)),
        ({}, True, (METADATA, INSERT)),
        ({"mail": False, "calendar": True, "read": "text"}, True, (EVENTS, CALENDARS, INSERT)),
    ],
    ids=["mail", "its text", "mail and calendar", "calendar", "and the digest", "calendar and the digest"],
)
def test_only_what_is_used_is_asked_for(more: dict[str, Any], digest: bool, asked: tuple[str, ...]) -> None:
    options = Options.model_validate({"kind": "google", "address": ADA, "client": "/nowhere", **more})

    assert scopes(options, digest=digest) == asked
    assert not {METADATA, READONLY} <= set(asked), "never both"


@pytest.mark.parametrize(
    ("wanted", "granted", "lacking"),
    [
        ((METADATA,), (METADATA,), ()),
        ((METADATA,), (READONLY,), ()),
        ((READONLY,), (METADATA,), (READONLY,)),
        ((EVENTS, CALENDARS), ("https://www.googleapis.com/auth/calendar.readonly",), ()),
        ((METADATA, INSERT), (METADATA,), (INSERT,)),
    ],
    ids=["the same", "more", "less", "as much", "not to insert"],
)
def test_what_a_wider_consent_covers_is_not_asked_for_anew(
    wanted: tuple[str, ...], granted: tuple[str, ...], lacking: tuple[str, ...]
) -> None:
    assert missing(wanted, granted) == lacking


def test_the_sign_in_imports_no_library_of_the_vendor() -> None:
    program = (
        "import sys, connectors.google, connectors.google_sign_in; "
        "print(sorted({m.partition('.')[0] for m in sys.modules} & "
        "{'google', 'googleapiclient', 'google_auth_oauthlib', 'httplib2', 'oauthlib', 'requests', 'msal'}), "
        "'connectors.google_calendar' in sys.modules, 'connectors.gmail' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[] False False"


@pytest.mark.parametrize(("mail", "calendar"), [(True, False), (False, True)], ids=["mail", "calendar"])
def test_only_what_is_on_is_imported(mail: bool, calendar: bool) -> None:
    program = f"""
import sys, time
from datetime import datetime, UTC
from connectors.contract import Session
from connectors.google import Google, Options
options = Options.model_validate(
    {{"kind": "google", "address": "a@b.example", "client": "/x", "mail": {mail}, "calendar": {calendar}}})
Google(options, now=datetime(2026, 1, 1, tzinfo=UTC), session=Session(time.monotonic), kept=None).close()
names = ("connectors.gmail", "connectors.google_calendar", "msal", "connectors.graph", "connectors.microsoft")
print([name in sys.modules for name in names])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == str([mail, calendar, False, False, False])


# ------------------------------------------------------------------------------------------------- the client's file


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"web": {"client_id": "x", "client_secret": "y"}}', "Web application"),
        ('{"type": "service_account", "private_key": "x"}', "service account"),
        ('{"installed": {"client_id": "x"}}', "Desktop app"),
        ('{"installed": []}', "Desktop app"),
        ("[]", "Desktop app"),
        ("{", "no JSON"),
        ("\xff\xfe", "no JSON"),
    ],
    ids=["a web client", "a service account", "no secret", "no table", "a list", "cut off", "bytes"],
)
def test_a_file_that_is_no_desktop_client_is_told_apart(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "client.json"
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(NeedsUser, match=words):
        client(path)


def test_a_file_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(NeedsUser, match="no such file"):
        client(tmp_path / "client.json")
    with pytest.raises(NeedsUser, match="cannot be read"):
        client(tmp_path)


# --------------------------------------------------------------------------------------------------------- the browser


def test_a_browser_signs_in_and_what_is_kept_opens_the_account(home: Home, options: Options) -> None:
    home.deliver("A word")
    consent, browser, said = signed_in(home, options)

    assert consent.address == ADA
    assert set(consent.scopes) == {METADATA, EVENTS, CALENDARS}
    assert "You are signed in" in browser.page
    assert said == ["Sign in with the browser that opens."]
    held = Held.of(consent.kept)
    assert (held.address, held.since) == (ADA, home.now)
    home.kept.value = consent.kept
    connector = Google(options, now=home.now, session=home.session(), kept=home.kept, endpoints=home.endpoints)
    streams = connector.streams()
    assert [one.id for one in streams] == ["mail:all", f"calendar:{ADA}"]
    assert sum(len(page.found) for page in connector.pull(streams[0], None)) == 1
    connector.close()


def test_the_code_is_bound_to_this_machine_by_a_secret(home: Home, options: Options) -> None:
    _, browser, _ = signed_in(home, options)
    asked = browser.asked

    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 20
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert (asked["access_type"], asked["prompt"], asked["login_hint"]) == ("offline", "consent", ADA)
    assert "include_granted_scopes" not in asked
    assert set(asked["scope"].split()) == {METADATA, EVENTS, CALENDARS}


def test_the_user_is_told_that_a_project_in_testing_forgets(home: Home, options: Options) -> None:
    consent, _, _ = signed_in(home, options)

    assert len(consent.notes) == 1
    assert "Testing" in consent.notes[0]
    assert "2026-06-08" in consent.notes[0]


def test_where_no_browser_opens_its_page_is_shown_and_a_port_can_be_forwarded(home: Home, options: Options) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    pages: list[str] = []

    def show(text: str) -> None:
        url = text.split()[-1]
        threading.Thread(target=lambda: pages.append(go_through(url, Hand(ADA)))).start()

    consent = sign_in(
        options, now=NOW, show=show, browse=lambda _: False, port=port, timeout=10, endpoints=home.endpoints
    )

    assert consent.address == ADA
    assert any(f"127.0.0.1%3A{port}" in line for line, _ in home.fake.log)


def test_a_port_that_is_taken_is_said(home: Home, options: Options) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(NeedsUser, match="taken"):
        signed_in(home, options, port=taken.getsockname()[1])


def test_nobody_else_can_answer_for_the_browser(home: Home, options: Options) -> None:
    """Another program of this machine, or a page in the browser, knows no state; nor is a favicon an answer."""
    seen: list[int] = []

    def meddle(url: str) -> None:
        back = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0])
        for path in ("/favicon.ico", "/", "/?code=4/0Aevil&state=guess", "/?error=access_denied", "/?code=x"):
            line = HTTPConnection(str(back.hostname), back.port or 0, timeout=5)
            line.request("GET", path)
            seen.append(line.getresponse().status)
            line.close()

    with socket.socket() as idle:  # browsers open connections that they never use

        def first(url: str) -> None:
            back = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0])
            idle.connect((str(back.hostname), back.port or 0))
            meddle(url)

        consent, _, _ = signed_in(home, options, before=first)

    assert seen == [404] * 5
    assert consent.address == ADA


def test_who_does_not_come_back_is_not_waited_for_for_ever(home: Home, options: Options) -> None:
    with pytest.raises(NeedsUser, match="Nobody signed in"):
        sign_in(options, now=NOW, show=print, browse=lambda _: True, timeout=0.05, endpoints=home.endpoints)


def test_who_says_no_has_said_no(home: Home, options: Options) -> None:
    with pytest.raises(NeedsUser, match="did not allow"):
        signed_in(home, options, Hand(ADA, deny=True))


@pytest.mark.parametrize(
    ("ticked", "words"),
    [
        (frozenset({METADATA, EVENTS}), "the list of your calendars"),
        (frozenset({METADATA}), "the events in your calendars and the list of your calendars"),
        (frozenset({EVENTS, CALENDARS}), "the headers of your mail"),
    ],
    ids=["one box", "two boxes", "no mail"],
)
def test_a_box_that_was_not_ticked_is_named(home: Home, options: Options, ticked: frozenset[str], words: str) -> None:
    with pytest.raises(NeedsUser, match=words):
        signed_in(home, options, Hand(ADA, scopes=ticked))
    assert not home.grant.dead, "the consent of before goes on"


def test_somebody_elses_account_is_not_kept(home: Home, options: Options) -> None:
    home.fake.user("eve@example.org")

    with pytest.raises(NeedsUser) as caught:
        signed_in(home, options, Hand("eve@example.org"))

    assert caught.value.what == f"You signed in as eve@example.org, and this account is {ADA}."
    assert 'address = "eve@example.org"' in caught.value.remedy


def test_a_calendar_alone_knows_whose_it_is(home: Home, options: Options) -> None:
    home.fake.user("eve@example.org")
    alone = options.model_copy(update={"mail": False})

    assert signed_in(home, alone)[0].address == ADA
    with pytest.raises(NeedsUser, match=r"eve@example\.org"):
        signed_in(home, alone, Hand("eve@example.org"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ada.lovelace@gmail.com", "AdaLovelace@googlemail.com", True),
        ("ada+auld@gmail.com", "ada@gmail.com", True),
        ("ada.lovelace@example.org", "adalovelace@example.org", False),
        ("ada@example.org", "Ada@Example.org", True),
        ("ada@gmail.com", "eve@gmail.com", False),
    ],
)
def test_gmail_has_several_names_for_one_mailbox(one: str, other: str, same: bool) -> None:
    assert same_mailbox(one, other) is same


def test_a_consent_that_google_mixes_with_an_older_one_is_refused(home: Home, options: Options) -> None:
    def mixed(answer: Any) -> Any:
        told = json.loads(answer.body)
        told["scope"] += f" {READONLY}"
        return replace(answer, body=json.dumps(told).encode())

    home.fake.at("POST /token", Fault(change=mixed))

    with pytest.raises(NeedsUser, match="mixes"):
        signed_in(home, options)


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault(refusal("invalid_grant", "Malformed auth code.")), NeedsUser),
        (Fault(refusal("invalid_client", "", 401)), NeedsUser),
        (Fault(refusal("redirect_uri_mismatch", "Bad Request")), NeedsUser),
        (Fault(refusal("internal_failure", "")), TryLater),
        (says(503, b"Service Unavailable"), TryLater),
        (html(200, "Welcome to the hotel"), TryLater),
        (portal("/portal"), TryLater),
        (CUT, TryLater),
    ],
    ids=["code", "client", "redirect", "failure", "503", "a page", "a hotel", "cut"],
)
def test_a_sign_in_that_is_not_finished_keeps_nothing(
    home: Home, options: Options, fault: Fault, trouble: type[Exception]
) -> None:
    home.fake.at("POST /token", fault)

    with pytest.raises(trouble) as caught:
        signed_in(home, options)

    assert "4/0A" not in str(caught.value)


def test_a_consent_without_anything_that_lasts_is_not_kept(home: Home, options: Options) -> None:
    def brief(answer: Any) -> Any:
        told = json.loads(answer.body)
        del told["refresh_token"]
        return replace(answer, body=json.dumps(told).encode())

    home.fake.at("POST /token", Fault(change=brief))

    with pytest.raises(NeedsUser, match="nothing that lasts"):
        signed_in(home, options)


# -------------------------------------------------------------------------------------------------------- what is kept


def test_no_secret_is_shown(home: Home) -> None:
    held = Held.of(home.kept.value)

    for shown in (repr(held), repr(home.tokens().access()), repr(client_of(home))):
        assert held.refresh not in shown
        assert held.client_secret not in shown
        assert "ya29" not in shown


def client_of(home: Home) -> Any:
    from connectors.google_client import Client

    return Client(home.fake.consents.client_id, home.fake.consents.client_secret)


@pytest.mark.parametrize("text", ["", "hunter2", "{}", '{"v": 2}', "[]", '{"v": 1, "since": 5}'])
def test_what_was_not_kept_by_a_sign_in_is_for_the_user(home: Home, text: str) -> None:
    home.kept.value = text

    with pytest.raises(NeedsUser, match="no sign-in at Google"):
        home.tokens().access()


def test_one_process_renews_at_a_time_and_only_when_it_must(home: Home) -> None:
    tokens = home.tokens()
    first = tokens.access()

    assert tokens.access() is first
    assert home.kept.locks == 1
    assert first.expires - home.now > timedelta(minutes=50)
    assert first.scopes >= {METADATA}
    assert tokens.access(refused=True).secret != first.secret


def test_F23_gmail_a_new_refresh_token_is_kept_before_it_is_used(home: Home) -> None:
    home.fake.consents.rotates = True
    tokens = home.tokens()
    tokens.access()

    assert len(home.kept.keeps) == 1
    assert Held.of(home.kept.value).since == Held.of(home.kept.keeps[0]).since
    other = home.tokens()
    other.access()
    tokens.access(refused=True)
    assert len(home.kept.keeps) == 3, "who finds that another process has renewed takes its token"


def test_a_config_that_wants_more_than_the_consent_covers_says_what(home: Home) -> None:
    with pytest.raises(NeedsUser, match="does not cover your mail"):
        home.tokens(None, READONLY).access()


# ---------------------------------------------------------------------------------------------------- when it is gone


@pytest.mark.parametrize(
    ("days", "testing"),
    [(0.5, False), (3, False), (6.1, True), (7, True), (7.9, True), (8.5, False), (90, False)],
)
def test_F7_gmail_a_consent_that_ends_after_seven_days_names_the_cause_first(
    home: Home, days: float, testing: bool
) -> None:
    home.consent(since=timedelta(days=days))
    home.grant.dead = True

    with pytest.raises(NeedsUser) as caught:
        home.tokens().access()

    assert ('"Testing"' in caught.value.what.partition(":")[0]) is testing
    assert ("Publish" in caught.value.remedy) is testing
    assert "auld login" in caught.value.remedy


def test_F7_gmail_a_project_in_testing_forgets_by_itself(home: Home) -> None:
    home.fake.consents.testing = True
    home.tokens().access()
    home.clock.pass_by(7 * 86_400 + 60)

    with pytest.raises(NeedsUser, match="seven days"):
        home.tokens().access()


def test_F7_gmail_a_revoked_consent_costs_one_request_a_round(home: Home) -> None:
    home.grant.dead = True
    options = Options.model_validate({"kind": "google", "address": ADA, "client": "/nowhere", "calendar": True})
    connector = Google(options, now=home.now, session=home.session(), kept=home.kept, endpoints=home.endpoints)

    with pytest.raises(NeedsUser):
        connector.streams()

    assert [line for line, _ in home.fake.log] == ["POST /token"]


def test_a_clock_that_was_put_back_does_not_hide_the_cause(home: Home) -> None:
    held = replace(Held.of(home.kept.value), since=NOW + DAY)

    assert ended(held, NOW).what.startswith("The consent at Google is gone")


# ------------------------------------------------------------------------------------------------------ given back


def test_a_consent_is_given_back(home: Home) -> None:
    said = revoke(home.kept.value, home.endpoints)

    assert said == "Google was told that the consent is over."
    assert home.grant.dead
    assert revoke(home.kept.value, home.endpoints) == said, "it is over already"


@pytest.mark.parametrize("fault", [says(503), html(200, "Hotel"), CUT], ids=["503", "a page", "cut"])
def test_who_cannot_be_told_is_named_with_what_the_user_can_do(home: Home, fault: Fault) -> None:
    home.fake.at("POST /revoke", fault)
    said = revoke(home.kept.value, home.endpoints)

    assert "myaccount.google.com" in said
    assert not home.grant.dead or fault is CUT


def test_what_is_no_consent_cannot_be_given_back(home: Home) -> None:
    assert "could not be told" in revoke("hunter2", home.endpoints)
