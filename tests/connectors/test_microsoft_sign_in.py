"""The user lets us in at Microsoft, and we stay in: real msal, over TLS, against a fake of the token service."""

import itertools
import json
import logging
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from connectors import graph
from connectors.consent import Consent
from connectors.contract import NeedsUser, Session, TryLater
from connectors.microsoft import Options
from connectors.microsoft_sign_in import revoke, scopes, sign_in
from connectors.microsoft_tokens import MicrosoftTokens
from tests.connectors.boxes import Box
from tests.connectors.microsofts import NOW, House, endpoints, letter, options, signed_in
from tests.fakes.microsoft import Microsoft as Fake
from tests.fakes.microsoft import User
from tests.fakes.microsoft_identity import TROUBLES
from tests.fakes.plumbing import CUT, HANG_UP, STALL, html, portal, says

CLIENT = "5b1f9e0c-2f5e-4c53-9d0b-7a3d1f6c0a11"


NUMBERS = itertools.count(1)


def somebody(fake: Fake) -> User:
    """Who has not consented to anything yet."""
    return fake.user(f"eva{next(NUMBERS)}@example.org", "Eva Example")


def sign(fake: Fake, user: User, *, by: str = "", answer: str = "accept", **more: Any) -> Consent:
    """Sign in as a user does in a browser; `by` is whoever sits there."""
    wanted = {k: more.pop(k) for k in ("mail", "calendar", "read", "tenant", "sign_in", "rights") if k in more}
    who = fake.user(by) if by else user
    more.setdefault("show", lambda _: None)
    more.setdefault("browse", fake.browser(who, answer))
    more.setdefault("timeout", 20.0)
    return sign_in(options(fake, user, **wanted), now=NOW, endpoints=endpoints(fake), **more)


def tokens(fake: Fake, user: User, box: Box, **more: Any) -> MicrosoftTokens:
    session = more.pop("session", None) or Session(time.monotonic)
    return MicrosoftTokens(options(fake, user, **more), kept=box, now=NOW, session=session, endpoints=endpoints(fake))


# ---------------------------------------------------------------------------------------------------------- the rights


@pytest.mark.parametrize(
    ("chosen", "digest", "asked"),
    [
        ({}, False, ("Mail.ReadBasic",)),
        ({"calendar": True}, False, ("Mail.ReadBasic", "Calendars.ReadBasic")),
        ({"mail": False, "calendar": True}, False, ("Calendars.ReadBasic",)),
        ({"read": "text", "calendar": True}, False, ("Mail.Read", "Calendars.Read")),
        ({"rights": "read"}, False, ("Mail.Read",)),
        ({}, True, ("Mail.ReadBasic", "Mail.Send")),
    ],
    ids=["mail", "both", "calendar", "texts", "more where basic does not do", "with the digest"],
)
def test_the_narrowest_rights_are_asked_for(chosen: dict[str, Any], digest: bool, asked: tuple[str, ...]) -> None:
    given = {"kind": "microsoft", "address": "ada@example.org", "client_id": CLIENT, **chosen}

    assert scopes(Options.model_validate(given), digest=digest) == asked


def test_no_library_of_microsofts_is_imported_before_it_is_needed() -> None:
    program = (
        "import sys; import connectors.microsoft, connectors.microsoft_sign_in;"
        "print([m for m in ('msal', 'requests', 'jwt', 'cryptography', 'googleapiclient', 'google.auth',"
        " 'connectors.outlook_calendar', 'connectors.outlook_mail') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_part_that_is_off_is_not_imported(unbroken: Fake) -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from connectors.microsoft import Microsoft, Options;"
        "from connectors.contract import Session;"
        f"o = Options(kind='microsoft', address='a@example.org', client_id='{CLIENT}');"
        "Microsoft(o, now=datetime(2024, 6, 1, tzinfo=UTC), session=Session(lambda: 0.0), kept=None);"
        "print('connectors.outlook_mail' in sys.modules, 'connectors.outlook_calendar' in sys.modules,"
        " 'msal' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "False", "False"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("client_id", "auld", "is not the id of an app"),
        ("tenant", "my company", 'is not "common"'),
        ("sign_in", "phone", "browser"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(key: str, value: str, said: str) -> None:
    given = {"kind": "microsoft", "address": "ada@example.org", "client_id": CLIENT, key: value}

    with pytest.raises(ValueError, match=said):
        Options.model_validate(given)


# ------------------------------------------------------------------------------------------------------ in the browser


def test_the_user_signs_in_in_a_browser_and_stays_in(unbroken: Fake) -> None:
    user = somebody(unbroken)
    told: list[str] = []

    consent = sign(unbroken, user, calendar=True, show=told.append)

    assert (consent.address, consent.scopes[:2]) == (user.address, ("Calendars.ReadBasic", "Mail.ReadBasic"))
    assert "https://" in told[0]
    token = tokens(unbroken, user, Box(consent.kept), calendar=True).access()
    assert {"Mail.ReadBasic", "Calendars.ReadBasic"} <= token.scopes
    assert token.expires > NOW + timedelta(minutes=50)


def test_private_accounts_sign_in_too(unbroken: Fake) -> None:
    user = unbroken.user("nora@outlook.example", personal=True)

    consent = sign(unbroken, user, tenant="consumers")

    assert "Mail.ReadBasic" in consent.scopes
    assert tokens(unbroken, user, Box(consent.kept), tenant="consumers").access().secret


def test_what_is_kept_holds_no_access_token_and_not_the_users_name(unbroken: Fake) -> None:
    user = somebody(unbroken)

    consent = sign(unbroken, user)

    kept = json.loads(consent.kept)
    assert set(kept) == {"RefreshToken", "Account", "AppMetadata"}
    assert user.name not in consent.kept
    assert consent.kept not in repr(consent)


def test_whoever_sits_at_another_account_is_told(unbroken: Fake) -> None:
    user, other = somebody(unbroken), somebody(unbroken)

    with pytest.raises(NeedsUser) as problem:
        sign(unbroken, user, by=other.address)

    assert problem.value.what == f"You signed in as {other.address}, and this account is {user.address}."
    assert f'write `address = "{other.address}"`' in problem.value.remedy


@pytest.mark.parametrize("part", ["mail", "calendar"])
def test_another_name_of_the_same_mailbox_is_known_by_what_may_be_read_anyway(unbroken: Fake, part: str) -> None:
    user = somebody(unbroken)
    alias = f"alias.{user.address}"
    user.deliver(letter(sender=alias), "sentitems", NOW)
    user.calendars.owner = alias
    wanted = Options.model_validate(
        {"kind": "microsoft", "address": alias, "client_id": unbroken.client_id, "mail": part == "mail",
         "calendar": part == "calendar"}
    )  # fmt: skip

    consent = sign_in(
        wanted,
        now=NOW,
        show=lambda _: None,
        browse=unbroken.browser(user),
        endpoints=endpoints(unbroken),
        timeout=20.0,
    )

    assert consent.address == alias
    assert not [one for one in consent.scopes if one.startswith("User")]


def test_whoever_declines_is_told_that_nothing_was_granted(unbroken: Fake) -> None:
    with pytest.raises(NeedsUser, match=r"no consent from you .* \(AADSTS65004\)"):
        sign(unbroken, somebody(unbroken), answer="cancel")


def test_an_administrators_consent_is_named_as_such(unbroken: Fake) -> None:
    user = somebody(unbroken)
    user.needs_admin = frozenset({"Mail.ReadBasic"})

    with pytest.raises(NeedsUser, match=r"without its administrator \(AADSTS90094\)"):
        sign(unbroken, user)


def test_nobody_waits_for_ever(unbroken: Fake) -> None:
    with pytest.raises(NeedsUser, match="Nobody signed in in time"):
        sign(unbroken, somebody(unbroken), browse=lambda _: False, timeout=1.0)


def test_a_browser_that_comes_back_only_when_it_is_left_does_no_harm(unbroken: Fake) -> None:
    user = somebody(unbroken)
    leave = threading.Event()

    def browse(url: str) -> bool:
        unbroken.login.visit(url, user.address)
        return leave.wait(5)

    try:
        assert sign(unbroken, user, browse=browse).address == user.address
    finally:
        leave.set()


def test_what_did_not_come_from_this_sign_in_is_passed_over(unbroken: Fake) -> None:
    """Another page in the browser may post to us, and does not know the state."""
    user = somebody(unbroken)
    said: list[int] = []

    def browse(url: str) -> bool:
        [port] = re.findall(r"localhost%3A(\d+)", url)
        here = f"http://127.0.0.1:{port}"
        with requests.Session() as page:
            page.trust_env = False
            said.append(page.post(here, data={"code": "mine", "state": "guessed"}, timeout=5).status_code)
            said.append(page.post(here, data={"nothing": "of it"}, timeout=5).status_code)
            said.append(page.post(here, data=b"x" * 70_000, timeout=5).status_code)
            said.append(page.get(f"{here}?code=mine", timeout=5).status_code)
        return unbroken.browser(user)(url)

    assert sign(unbroken, user, browse=browse).address == user.address
    assert said == [404] * 4


def test_a_chosen_port_is_used_and_a_taken_one_named(unbroken: Fake) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NeedsUser, match=r"Port \d+ of this machine is taken"):
            sign(unbroken, somebody(unbroken), port=taken.getsockname()[1])
        free = taken.getsockname()[1]
    urls: list[str] = []
    user = somebody(unbroken)

    def browse(url: str) -> bool:
        urls.append(url)
        return unbroken.browser(user)(url)

    sign(unbroken, user, port=free, browse=browse)
    assert f"localhost%3A{free}" in urls[0]


# --------------------------------------------------------------------------------------------------------- by a device


def test_a_code_is_entered_on_another_device(unbroken: Fake) -> None:
    user = somebody(unbroken)
    told: list[str] = []

    def show(text: str) -> None:
        told.append(text)
        code = re.search(r"the code (\w+)", text)
        assert code
        unbroken.login.enter(code[1], user.address)

    consent = sign(unbroken, user, sign_in="device", show=show)

    assert consent.address == user.address
    assert "on any device" in told[0]
    assert consent.notes == ("A device code is for whoever holds it: enter none that you did not ask for yourself.",)


def test_a_code_that_nobody_enters_runs_out(unbroken: Fake) -> None:
    with pytest.raises(NeedsUser, match="Nobody signed in in time"):
        sign(unbroken, somebody(unbroken), sign_in="device", timeout=1.5)


def test_where_device_codes_are_not_allowed_the_browser_is_the_remedy(unbroken: Fake) -> None:
    user = somebody(unbroken)
    user.trouble = "device blocked"

    def show(text: str) -> None:
        code = re.search(r"the code (\w+)", text)
        assert code
        unbroken.login.enter(code[1], user.address)

    with pytest.raises(NeedsUser) as problem:
        sign(unbroken, user, sign_in="device", show=show)

    assert "does not allow signing in by a device code (AADSTS530032)" in problem.value.what
    assert 'sign_in = "browser"' in problem.value.remedy


def test_a_registration_without_public_flows_is_told_what_to_set(unbroken: Fake) -> None:
    app = unbroken.app("11111111-2222-3333-4444-555555555555", public=False)
    user = somebody(unbroken)
    wanted = options(unbroken, user, client_id=app.client_id, sign_in="device")

    with pytest.raises(NeedsUser) as problem:
        sign_in(wanted, now=NOW, show=print, browse=lambda _: False, endpoints=endpoints(unbroken), timeout=5.0)

    assert 'Set "Allow public client flows" to Yes' in problem.value.remedy


# ----------------------------------------------------------------------------------------------------------- staying in


def test_the_rotated_token_is_kept_before_the_new_access_token_is_used(home: House) -> None:
    kept: list[str] = []
    home.fake.graph.when(".", lambda: kept.append(home.box.value))
    before = refresh_token(home.box)

    home.mail().streams()

    assert len(home.box.kept) == 1
    assert kept == [home.box.kept[0]]
    assert refresh_token(home.box) != before


def refresh_token(box: Box) -> str:
    [entry] = json.loads(box.value)["RefreshToken"].values()
    return str(entry["secret"])


def test_a_round_renews_once_and_an_old_token_is_renewed_in_time(home: House) -> None:
    clock = iter([0.0])
    at = [next(clock)]
    session = Session(lambda: at[0])
    asked = tokens(home.fake, home.user, home.box, calendar=True, session=session)

    first = asked.access()
    assert asked.access() is first
    at[0] = 3_598 - 299  # less than five minutes are left
    assert asked.access() is not first
    assert len(home.box.kept) == 2


def test_an_access_token_that_graph_refuses_is_renewed_once(home: House) -> None:
    mail = home.mail()
    stream = mail.streams()[0]
    home.fake.expire_access()

    assert list(mail.pull(stream, None))
    assert len(home.box.kept) == 2


def test_a_token_that_is_refused_again_is_no_reason_to_ask_the_user(home: House) -> None:
    from tests.fakes.microsoft import error

    home.fake.graph.at(".", error(401, "InvalidAuthenticationToken"))

    with pytest.raises(TryLater, match="renewed a moment ago"):
        home.mail().streams()
    assert len(home.box.kept) == 2


def test_F23_graph_two_processes_that_renew_together_lose_no_token(home: House) -> None:
    """The daemon and a command: whoever comes second uses what the first was given."""
    home.fake.login.strict = True  # an old refresh token is worth nothing

    def renew(_: int) -> str:
        return tokens(home.fake, home.user, home.box, calendar=True).access().secret

    with ThreadPoolExecutor(4) as pool:
        secrets = list(pool.map(renew, range(8)))

    assert len(set(secrets)) == 8
    assert len(home.box.kept) == 8
    assert renew(0)


def test_F7_graph_a_revocation_is_noticed_in_the_next_round(home: House) -> None:
    home.mail().streams()
    home.user.revoke()
    mail = home.mail()
    before = len(home.box.kept)

    with pytest.raises(NeedsUser) as problem:
        mail.streams()

    assert "password of this account was changed" in problem.value.what
    assert "auld login" in problem.value.remedy
    assert len(home.box.kept) == before, "what is kept is not touched"


def test_F7_graph_a_consent_that_was_withdrawn_is_given_again_and_nothing_is_lost(home: House) -> None:
    home.user.withdraw()
    with pytest.raises(NeedsUser, match="no consent from you"):
        home.mail().streams()

    home.box.value = sign(home.fake, home.user, calendar=True).kept

    assert home.mail().streams()


@pytest.mark.parametrize("word", sorted(TROUBLES))
def test_F7_graph_what_the_token_service_says_is_the_users_to_mend_or_passes(home: House, word: str) -> None:
    home.user.trouble = word
    passing = {"throttled", "unavailable", "broken"}

    with pytest.raises(TryLater if word in passing else NeedsUser) as problem:
        home.mail().streams()

    assert home.user.address not in str(problem.value)
    assert "Trace ID" not in str(problem.value)
    if word == "throttled":
        assert isinstance(problem.value, TryLater)
        assert problem.value.until is not None
    home.user.trouble = ""
    assert home.mail().streams(), "what was kept still holds"


def test_what_was_kept_for_another_app_asks_for_a_sign_in(home: House) -> None:
    home.box.value = "{}"
    with pytest.raises(NeedsUser, match="not signed in at Microsoft"):
        home.mail().streams()
    for garbled in ("{garbled", "[7]", "7"):
        home.box.value = garbled
        with pytest.raises(NeedsUser, match="cannot be read"):
            home.mail().streams()


FAULTS: dict[str, Any] = {
    "a page for people": html(200),
    "a page for people, 503": html(503),
    "a page for people, 403": html(403, "Blocked by your proxy"),
    "429": says(429, b'{"error": "temporarily_unavailable"}', Retry_After="2.5"),
    "500": says(500, b"oops"),
    "a captive portal": portal("/portal"),
    "half an answer": says(200, b'{"access_token": "x'),
    "a list": says(200, b"[]"),
    "a number": says(200, b"7"),
    "nothing": says(200, b""),
    "an error that nobody knows": says(400, b'{"error": "something_new"}'),
    "an error that is no word": says(400, b'{"error": {"code": 7}, "error_codes": "x", "error_description": []}'),
    "no token": says(200, b"{}"),
    "an id_token that is none": says(200, b'{"access_token": "x", "id_token": "no.thing"}'),
    "cut": CUT,
    "hang up": HANG_UP,
    "stall": STALL,
}


@pytest.mark.parametrize("where", ["/token", "openid-configuration"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_F22_graph_what_is_no_answer_of_the_token_service_is_no_reason_to_sign_in(
    home: House, fault: Any, where: str
) -> None:
    home.fake.login.at(where, fault)

    with pytest.raises(TryLater):
        home.api(home.session(silence=0.4)).get("/me/calendar?$select=owner", right="Calendars.ReadBasic")

    assert home.box.kept == []


def test_offline_is_no_reason_to_sign_in(home: House) -> None:
    away = graph.Endpoints(graph="http://127.0.0.1:9/v1.0", login="https://127.0.0.1:9", trusted=home.fake.ca)
    session = Session(time.monotonic)
    asked = MicrosoftTokens(options(home.fake, home.user), kept=home.box, now=NOW, session=session, endpoints=away)

    with pytest.raises(TryLater, match="cannot be reached"):
        asked.access()


def test_a_token_service_that_nobody_vouches_for_gets_no_token(home: House) -> None:
    untrusted = graph.Endpoints(graph=endpoints(home.fake).graph, login=endpoints(home.fake).login)
    session = Session(time.monotonic)
    asked = MicrosoftTokens(options(home.fake, home.user), kept=home.box, now=NOW, session=session, endpoints=untrusted)

    with pytest.raises(TryLater, match="cannot be trusted"):
        asked.access()
    assert home.fake.login.log == [] or "/token" not in str(home.fake.login.log[-1])


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY"])
def test_the_environment_moves_no_token(home: House, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/nowhere" if "BUNDLE" in name else "http://127.0.0.1:9")

    assert home.mail().streams()


def test_a_configuration_that_sends_the_token_elsewhere_is_not_followed(home: House) -> None:
    def moved(answer: Any) -> Any:
        told = answer.told()
        return answer.json({**told, "token_endpoint": "https://elsewhere.example/common/oauth2/v2.0/token"})

    from tests.fakes.plumbing import Fault

    home.fake.login.at("openid-configuration", Fault(change=moved))

    with pytest.raises(TryLater, match="sends us elsewhere"):
        home.mail().streams()


def test_a_redirect_of_the_token_service_is_not_followed(home: House) -> None:
    home.fake.login.at("/token", says(307, b"", Location=f"{home.fake.login.url}/common/oauth2/v2.0/other"))

    with pytest.raises(TryLater, match="it is no JSON"):
        home.mail().streams()


def test_no_token_is_written_into_any_log(
    unbroken: Fake, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    user = somebody(unbroken)
    box = Box(sign(unbroken, user, calendar=True).kept)
    tokens(unbroken, user, box, calendar=True).access()
    unbroken.login.at("/token", says(400, b'{"error": "invalid_grant", "error_codes": [70000]}'))
    with pytest.raises(NeedsUser):
        tokens(unbroken, user, box, calendar=True).access()
    unbroken.login.heal()

    written = caplog.text + "".join(capfd.readouterr())

    assert not [one for one in unbroken.secrets if one in written]
    assert user.name not in written


def test_taking_the_consent_back_says_where() -> None:
    told = revoke("anything")

    assert "https://account.live.com/consent/Manage" in told
    assert "https://myaccount.microsoft.com" in told


def test_a_box_is_opened_by_what_the_fake_gave(unbroken: Fake) -> None:
    user = somebody(unbroken)

    assert tokens(unbroken, user, signed_in(unbroken, user, "Mail.ReadBasic")).access().secret in unbroken.secrets
