"""How does the user let us in at Microsoft, and how do we stay in?

By authorization code with PKCE in the user's own browser, or by a device code where there is none; msal speaks to the
token service through `connectors.web`, so that silence, size, redirects and certificates are looked after as
everywhere. What is kept is msal's cache without access tokens and without the token that tells the user's name. A
refresh token is new each time: it is on the disk before the access token that came with it is used.

What the token service answers is told apart by our own table: `NeedsUser` only where the user can mend it.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from config.settings import loopback
from connectors import graph
from connectors.consent import AccessToken, Consent, Kept
from connectors.contract import NeedsUser, Session, Trouble, TryLater
from connectors.graph import Api, Endpoints, Refused
from connectors.web import Web
from connectors.web_addresses import host_of

if TYPE_CHECKING:
    from connectors.microsoft import Options

SPARE: Final = timedelta(minutes=5)
"""An access token that ends sooner is renewed first: a page may take that long."""

LARGEST: Final = 1 << 20
"""Bytes of one answer of the token service: they have some thousand."""

LONGEST_FORM: Final = 64 << 10
"""Bytes of what the browser brings: a code has about a thousand."""

LOOKED_AT: Final = 20
"""Mails of Sent in which the account's own address is looked for."""

KEPT: Final = ("RefreshToken", "Account", "AppMetadata")
"""The parts of msal's cache that are kept."""

TAKE_BACK: Final = (
    "The sign-in is forgotten here. To take the consent back at Microsoft as well, remove auld at "
    "https://account.live.com/consent/Manage (a private account) or https://myaccount.microsoft.com (work or school)."
)

_AGAIN: Final = "Sign in again with `auld login`."


def scopes(options: "Options", *, digest: bool = False) -> tuple[str, ...]:
    """The rights that are asked for: the narrowest that do. `digest`: auld sends its digest to this address."""
    basic = "" if options.read == "text" or options.rights == "read" else "Basic"
    asked = []
    if options.mail:
        asked.append(f"Mail.Read{basic}")
    if options.calendar:
        asked.append(f"Calendars.Read{basic}")
    if digest:
        asked.append("Mail.Send")
    return tuple(asked)


def revoke(_: str = "") -> str:
    """What to tell whoever opts out. Microsoft has no address at which a program like this could give a token back."""
    return TAKE_BACK


# ---------------------------------------------------------------------------------------------------------- signing in


def sign_in(
    options: "Options",
    *,
    now: datetime,
    show: Callable[[str], None],
    browse: Callable[[str], bool],
    digest: bool = False,
    port: int = 0,
    timeout: float = 300.0,
    endpoints: Endpoints | None = None,
) -> Consent:
    """Let the user sign in and consent, within `timeout` seconds. `port` is the one of this machine that the browser
    is sent back to; 0 takes any. Raises NeedsUser and TryLater.
    """
    session = Session(time.monotonic, time.monotonic() + timeout)
    client = _Client(options, "", now=now, session=session, endpoints=endpoints)
    asked = scopes(options, digest=digest)
    with _odd():
        if options.sign_in == "device":
            result = _by_device(client, asked, show, session)
        else:
            result = _by_browser(client, asked, show, browse, port, session)
    if "access_token" not in result:
        raise trouble(result, options)
    granted = _granted(result)
    given = {right.lower() for right in granted}
    if lacking := [right for right in asked if right.lower() not in given]:
        raise NeedsUser(f"Microsoft did not give the right {', '.join(lacking)}.", "Sign in again, and consent to it.")
    if not client.renewable:
        raise NeedsUser(
            "Microsoft gave a sign-in that ends within the hour.", "Sign in again, and consent to all of it."
        )
    token = AccessToken(str(result["access_token"]), now + timedelta(hours=1), granted)
    _whose(options, result, Api(_Once(token), now=now, session=session, endpoints=endpoints))
    return Consent(options.address, client.kept(), tuple(sorted(granted)), _notes(options))


def _by_browser(
    client: "_Client",
    asked: tuple[str, ...],
    show: Callable[[str], None],
    browse: Callable[[str], bool],
    port: int,
    session: Session,
) -> Mapping[str, Any]:
    with _waiting(port) as (redirect, answers):
        flow = client.app.initiate_auth_code_flow(
            list(asked),
            redirect_uri=redirect,
            login_hint=client.options.address,
            prompt="select_account",
            response_mode="form_post",
        )
        url = flow["auth_uri"]
        show(f"Sign in at Microsoft in your browser. Should it not open by itself, open this address there:\n{url}")
        Thread(
            target=browse, args=(url,), daemon=True
        ).start()  # one in the terminal comes back when the user leaves it
        while True:
            try:
                answer = answers.get(timeout=max(session.left(), 0.01))
            except Empty:
                raise NeedsUser("Nobody signed in in time.", "Try again with `auld login`.") from None
            if answer.get("state") == flow["state"]:
                break
    if "error" in answer:
        return answer
    result: Mapping[str, Any] = client.app.acquire_token_by_auth_code_flow(flow, answer)
    return result


def _by_device(
    client: "_Client", asked: tuple[str, ...], show: Callable[[str], None], session: Session
) -> Mapping[str, Any]:
    flow = client.app.initiate_device_flow(list(asked))
    if "user_code" not in flow:
        return dict(flow)
    show(f"Open {flow['verification_uri']} on any device, and enter the code {flow['user_code']} there.")
    try:
        result: Mapping[str, Any] = client.app.acquire_token_by_device_flow(
            flow, exit_condition=lambda _: not session.left()
        )
    except TryLater:
        if session.left():
            raise
        result = {"error": "expired_token"}
    return {"error": "expired_token"} if result.get("error") in ("authorization_pending", "slow_down") else result


@contextmanager
def _waiting(port: int) -> Iterator[tuple[str, "Queue[dict[str, str]]"]]:
    """(where the browser is sent back to, what it brings). Only this machine can reach it."""
    answers: Queue[dict[str, str]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # browsers open connections that they never use

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LONGEST_FORM:
                self._say(400, "This is not an answer of the sign-in.")
                return
            form = dict(parse_qsl(self.rfile.read(int(length)).decode("utf-8", "replace")))
            if "state" not in form or not ({"code", "error"} & form.keys()):
                self._say(400, "This is not an answer of the sign-in.")
                return
            done = "auld is signed in." if "code" in form else "auld was not let in."
            self._say(200, f"{done} You can close this page, and go back to the terminal.")
            answers.put(form)

        def do_GET(self) -> None:
            self._say(404, "Here auld waits for the sign-in at Microsoft.")

        def _say(self, status: int, text: str) -> None:
            body = f"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>auld</title><p>{text}</p></html>".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """What the browser asks for holds the code."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError:
        raise NeedsUser(f"Port {port} of this machine is taken.", "Choose another one.") from None
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}", answers
    finally:
        server.shutdown()
        server.server_close()


def _whose(options: "Options", result: Mapping[str, Any], api: Api) -> None:
    """Whether it is the account that was asked for. Raises NeedsUser.

    The name of an account may be another one of its addresses, or none. No right is asked for only to find that out:
    what may be read anyway tells it, the sender of what was sent, or the owner of the calendar.
    """
    claims = result.get("id_token_claims")
    told = [claims.get(name) for name in ("preferred_username", "email", "upn")] if isinstance(claims, Mapping) else []
    names = {name.lower() for name in told if isinstance(name, str)}
    if options.address in names or options.address in _addresses(options, api):
        return
    who = next((name.lower() for name in told if isinstance(name, str)), "another account")
    raise NeedsUser(
        f"You signed in as {who}, and this account is {options.address}.",
        f'Sign in as {options.address}; or, if both are one mailbox, write `address = "{who}"`.',
    )


def _addresses(options: "Options", api: Api) -> frozenset[str]:
    basic = "" if options.read == "text" or options.rights == "read" else "Basic"
    found: list[object] = []
    try:
        if options.mail:
            path = f"/me/mailFolders/sentitems/messages?$select=from,sender&$top={LOOKED_AT}"
            for row in graph.rows(api.get(path, right=f"Mail.Read{basic}")):
                found += [_part(row.get(name), "emailAddress") for name in ("from", "sender")]
        if options.calendar:
            found.append(api.get("/me/calendar?$select=owner", right=f"Calendars.Read{basic}").get("owner"))
    except Refused:
        pass  # no such folder: then it says nothing
    return frozenset(str(_part(who, "address")).lower() for who in found)


def _part(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _notes(options: "Options") -> tuple[str, ...]:
    if options.tenant == "consumers" or options.sign_in == "browser":
        return ()
    return ("A device code is for whoever holds it: enter none that you did not ask for yourself.",)


@dataclass(frozen=True, slots=True)
class _Once:
    """The token that came with the sign-in."""

    token: AccessToken

    def access(self, *, refused: bool = False) -> AccessToken:
        if refused:
            raise TryLater("Microsoft does not take a sign-in that it gave a moment ago.")
        return self.token


# ----------------------------------------------------------------------------------------------------------- staying in


class MicrosoftTokens:
    """Access tokens of one account, from what is kept of its consent. `digest`: those that may send the digest."""

    def __init__(
        self,
        options: "Options",
        *,
        kept: Kept,
        now: datetime,
        session: Session,
        endpoints: Endpoints | None = None,
        digest: bool = False,
    ) -> None:
        self._options, self._kept, self._endpoints = options, kept, endpoints
        self._now, self._session, self._began = now, session, session.clock()
        self._asked = scopes(options, digest=digest)
        self._token: AccessToken | None = None

    def access(self, *, refused: bool = False) -> AccessToken:
        """A token that is good for some minutes; a new one where the one before was `refused`."""
        token = self._token
        if token is None or refused or token.expires - SPARE <= self._at():
            with self._kept.locked():
                token = self._token = self._renewed(self._kept.get())
        return token

    def _renewed(self, kept: str) -> AccessToken:
        """Under the lock: whoever renews beside us has kept the newest refresh token before we read it."""
        with _odd():
            client = _Client(self._options, kept, now=self._at(), session=self._session, endpoints=self._endpoints)
            result = client.silently(self._asked)
        if result is None:
            raise NeedsUser("This account is not signed in at Microsoft.", _AGAIN)
        if "access_token" not in result:
            raise trouble(result, self._options)
        self._kept.keep(client.kept())
        seconds = float(str(result.get("expires_in", 0)))
        return AccessToken(str(result["access_token"]), self._at() + timedelta(seconds=seconds), _granted(result))

    def _at(self) -> datetime:
        return self._now + timedelta(seconds=self._session.clock() - self._began)


class _Client:
    """msal, with its cache and our own way to the token service."""

    def __init__(
        self, options: "Options", kept: str, *, now: datetime, session: Session, endpoints: Endpoints | None
    ) -> None:
        import msal

        logging.getLogger("msal").setLevel(logging.CRITICAL + 1)  # it would log answers that it cannot read
        at = endpoints or graph.MICROSOFT
        self.options = options
        self._cache = msal.SerializableTokenCache()
        try:
            self._cache.deserialize(json.dumps(dict(json.loads(kept or "{}"))))
        except (ValueError, TypeError):
            raise NeedsUser("What was kept of the sign-in cannot be read.", _AGAIN) from None
        self.app = msal.PublicClientApplication(
            options.client_id,
            authority=f"{at.login}/{options.tenant}",
            http_client=_Http(options, at, Web(session, now=now, private=_here(at), trusted=at.trusted)),
            token_cache=self._cache,
            instance_discovery=False,
        )

    def silently(self, asked: tuple[str, ...]) -> Mapping[str, Any] | None:
        """What the token service answers to the refresh token; None where there is none for this client."""
        accounts = self.app.get_accounts()
        if not accounts or not self.renewable:
            return None
        result = self.app.acquire_token_silent_with_error(list(asked), accounts[0], force_refresh=True)
        return result or {}

    @property
    def renewable(self) -> bool:
        """Whether there is a refresh token for this client."""
        tokens = json.loads(self._cache.serialize()).get("RefreshToken", {})
        return any(token.get("client_id") == self.options.client_id for token in tokens.values())

    def kept(self) -> str:
        """What is to be kept."""
        whole = json.loads(self._cache.serialize())
        return json.dumps({name: whole[name] for name in KEPT if name in whole})


def _here(at: Endpoints) -> bool:
    return loopback(host_of(at.login))


class _Http:
    """The door to the token service, in the shape that msal wants. It raises TryLater for what is no answer."""

    def __init__(self, options: "Options", at: Endpoints, web: Web) -> None:
        self._options, self._login, self._web = options, urlsplit(at.login).netloc, web
        self.host = host_of(at.login)

    def get(self, url: str, params: object = None, headers: Any = None, **_: object) -> "_Answer":
        answer = self._ask("GET", url, params, headers, None)
        if answer.status_code != 200:  # msal would call it a wrong address
            raise trouble(json.loads(answer.text), self._options)
        return answer

    def post(self, url: str, params: object = None, data: object = None, headers: Any = None, **_: object) -> "_Answer":
        body = urlencode(data) if isinstance(data, Mapping) else str(data or "")
        told = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, params, told, body.encode())

    def close(self) -> None:
        """Nothing is left open that would not close by itself."""

    def _ask(self, method: str, url: str, params: object, headers: Any, body: bytes | None) -> "_Answer":
        if urlsplit(url).netloc != self._login:
            raise TryLater(f"{self.host} sends us elsewhere.")
        if isinstance(params, Mapping) and params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        try:
            answer = self._web.ask(method, url, headers=headers, body=body, limit=LARGEST, follow=False)
        except NeedsUser as elsewhere:
            raise TryLater(f"{self.host} cannot be reached from this network: {elsewhere.what}") from None
        if answer.status in (408, 429) or answer.status >= 500:
            until = self._web.until(answer.headers.get("retry-after", ""))
            raise TryLater(f"{self.host} asks us to wait ({answer.status}).", until)
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise TryLater(f"Something answers in place of {self.host} ({answer.status}): it is no JSON.")
        return _Answer(answer.status, json.dumps(said), {})


@dataclass(frozen=True, slots=True)
class _Answer:
    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """What is worse than 4xx was raised before."""


@contextmanager
def _odd() -> Iterator[None]:
    """What msal stumbles over in an answer is no reason to ask the user for anything."""
    try:
        yield
    except Trouble:
        raise
    except Exception as stumbled:
        raise TryLater(f"The sign-in service of Microsoft answers oddly ({type(stumbled).__name__}).") from None


def _granted(result: Mapping[str, Any]) -> frozenset[str]:
    """The rights by their short names: Microsoft puts an address before them, or does not."""
    return frozenset(one.rpartition("/")[2] for one in str(result.get("scope", "")).split())


# ---------------------------------------------------------------------------------------------------- what went wrong

_SECOND = "Microsoft wants a second proof that it is you"
_CHANGED = "The password of this account was changed, or it was signed out everywhere"
_ENDED = "The sign-in has ended: it was not used for long, or was taken back"
_CONSENT = "Microsoft has no consent from you for what auld reads"
_ADMIN = "Your organisation does not let auld in without its administrator"
_ASK = "Ask the administrator to approve the app of your `client_id`, or opt this account out."
_DEVICE = "Your organisation does not allow signing in by a device code"
_ACCOUNT = "Microsoft does not let this account in"
_REGISTERED = "Compare `client_id` and `tenant` with your app registration (docs/microsoft.md says how it is made)."
_TENANT = 'Write `tenant = "consumers"` for a private account, else the id of your organisation, as the app has it.'

CODES: Final[Mapping[int, tuple[str, str]]] = {
    **dict.fromkeys((50072, 50074, 50076, 50078, 50079, 50158, 50199, 500121, 50203), (_SECOND, _AGAIN)),
    **dict.fromkeys((50132, 50133, 50173, 50013), (_CHANGED, _AGAIN)),
    **dict.fromkeys((70000, 70008, 70043, 700082, 700084, 50058, 54005), (_ENDED, _AGAIN)),
    **dict.fromkeys((65001, 65004, 650051), (_CONSENT, _AGAIN)),
    **dict.fromkeys(
        (90093, 90094, 90095, 90097, 50105, 53000, 53001, 53002, 53003, 53004, 530003, 650052, 900941), (_ADMIN, _ASK)
    ),
    **dict.fromkeys((530032, 530033, 530034, 530035, 53011), (_ADMIN, _ASK)),
    50020: (f"{_ACCOUNT}: it is unknown to the organisation in `tenant`", _TENANT),
    50034: (f"{_ACCOUNT}: there is none of that name", "Look at `address`."),
    50053: (f"{_ACCOUNT}: it is locked after too many wrong passwords", "Wait, or reset the password at Microsoft."),
    50055: (f"{_ACCOUNT}: its password is too old", "Change it at Microsoft, and sign in again."),
    50057: (f"{_ACCOUNT}: it is switched off", "Ask your administrator."),
    50011: (
        "The app registration does not know where the browser is to come back to",
        'Add the redirect address http://localhost under "Mobile and desktop applications".',
    ),
    7000218: (
        "The app registration is not one of a program on the user's own machine",
        'Set "Allow public client flows" to Yes under Authentication.',
    ),
    **dict.fromkeys(
        (50194, 9002331, 9002332, 9002346, 500207), ("The app is for other accounts than this one", _TENANT)
    ),
    **dict.fromkeys((90002, 900023, 90013, 9001023), ("There is no organisation of that name", _TENANT)),
    **dict.fromkeys(
        (700016, 7000112, 700011, 700038, 900144, 650053, 70011, 70001, 500113, 500117, 9002325),
        ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    ),
}
"""What the token service means by a number that the user can do something about, and what that is."""

PASSING: Final = frozenset((90033, 90024, 90006, 90009, 50196, 50089, 40008, 40010, 70016, 80001, 80002, 80005, 90055))
"""Numbers of what passes by itself."""

_DEVICE_BLOCKED: Final = frozenset((530032, 530033, 530034, 530035, 53003, 53011, 50199, 7000024))
_PASSES: Final = frozenset(
    ("temporarily_unavailable", "server_error", "service_unavailable", "slow_down", "authorization_pending")
)
_SUBERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "consent_required": (_CONSENT, _AGAIN),
    "message_only": (_ADMIN, _ASK),
    "protection_policy_required": (_ADMIN, _ASK),
    "user_password_expired": (f"{_ACCOUNT}: its password is too old", "Change it at Microsoft, and sign in again."),
    "basic_action": (_SECOND, _AGAIN),
    "additional_action": (_SECOND, _AGAIN),
}
_ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "consent_required": (_CONSENT, _AGAIN),
    "access_denied": (_CONSENT, _AGAIN),
    "authorization_declined": (_CONSENT, _AGAIN),
    "interaction_required": (_SECOND, _AGAIN),
    "login_required": (_ENDED, _AGAIN),
    "invalid_grant": (_ENDED, _AGAIN),
    "expired_token": ("Nobody signed in in time", "Try again with `auld login`."),
    "code_expired": ("Nobody signed in in time", "Try again with `auld login`."),
    "unauthorized_client": ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    "invalid_client": ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    "invalid_scope": ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    "invalid_tenant": ("There is no organisation of that name", _TENANT),
}


def trouble(result: Mapping[str, Any], options: "Options") -> NeedsUser | TryLater:
    """What an answer of the token service means that holds no token. What it says in words is not shown: it names
    people."""
    said = str(result.get("error") or "")
    codes = [*_numbers(result.get("error_codes")), *_numbers(_spelled(result.get("error_description")))]
    if said in _PASSES or any(code in PASSING for code in codes):
        return TryLater(f"The sign-in service of Microsoft is out of order ({_shown(said, codes)}).")
    if options.sign_in == "device" and any(code in _DEVICE_BLOCKED for code in codes):
        return NeedsUser(f"{_DEVICE} ({_shown(said, codes)}).", 'Write `sign_in = "browser"`, and sign in again.')
    found = next((CODES[code] for code in codes if code in CODES), None)
    found = found or _SUBERRORS.get(str(result.get("suberror") or "")) or _ERRORS.get(said)
    if found is None:
        return TryLater(f"The sign-in service of Microsoft does not let us in for now ({_shown(said, codes)}).")
    return NeedsUser(f"{found[0]} ({_shown(said, codes)}).", found[1])


def _spelled(text: object) -> list[int]:
    """The numbers in "AADSTS50076: Due to a configuration change ..."."""
    words = text.replace(":", " ").split() if isinstance(text, str) else []
    return [int(word[6:]) for word in words if word.startswith("AADSTS") and word[6:].isdecimal()]


def _numbers(codes: object) -> list[int]:
    return [code for code in codes if type(code) is int] if isinstance(codes, list) else []


def _shown(said: str, codes: list[int]) -> str:
    if codes:
        return f"AADSTS{codes[0]}"
    return "".join(c for c in said if c.isalnum() or c == "_")[:40] or "no reason given"
