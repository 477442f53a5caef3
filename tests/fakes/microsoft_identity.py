"""How does Microsoft's identity platform give and take back tokens? Its endpoints for public clients, over https.

    fake.login.at(r"/token", says(503, b"..."))        # faults as of any server of the fakes
    ada.trouble = "mfa"                                # what the token endpoint says of her from now on (`TROUBLES`)

Documented in the pages on the v2.0 endpoints (authorization code with PKCE, device code, refresh) and in the list of
AADSTS codes.
"""

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes import microsoft_consent as pages
from tests.fakes.https import Authority
from tests.fakes.plumbing import Answer, Asked, Server

CONSUMERS: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts (documented)."""

GRAPH: Final = "https://graph.microsoft.com/"
ALWAYS: Final = frozenset({"openid", "profile", "offline_access", "email"})
RIGHTS: Final = (
    *("User.Read", "Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite", "Mail.Send"),
    *("Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"),
)
KNOWN: Final = {name.lower(): name for name in (*RIGHTS, *ALWAYS)}

LASTS: Final = 3_599
"""Seconds that an access token lasts."""

CODE_LASTS: Final = timedelta(minutes=10)
DEVICE_LASTS: Final = timedelta(minutes=15)
REFRESH_LASTS: Final = timedelta(days=90)

PKCE: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"


@dataclass(frozen=True)
class Trouble:
    """An error of the token endpoint."""

    error: str
    code: int
    text: str
    suberror: str = ""
    status: int = 400
    heals: bool = True  # by signing in again


TROUBLES: Final[Mapping[str, Trouble]] = {
    "revoked": Trouble(
        "invalid_grant", 50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed. "
        "The user might have changed or reset their password.", "bad_token",
    ),
    "invalid": Trouble("invalid_grant", 70000, "The provided grant is invalid or malformed.", "bad_token"),
    "expired": Trouble(
        "invalid_grant", 700082, "The refresh token has expired due to inactivity.", "token_expired"
    ),
    "used": Trouble("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.", "bad_token"),
    "mfa": Trouble(
        "interaction_required", 50076, "Due to a configuration change made by your administrator, or because you moved "
        "to a new location, you must use multi-factor authentication to access the resource.", "basic_action",
    ),
    "mfa enrolment": Trouble(
        "interaction_required", 50079, "You must enroll in multi-factor authentication to access the resource.",
        "basic_action",
    ),
    "conditional access": Trouble(
        "interaction_required", 53003, "Access has been blocked by Conditional Access policies.", "message_only",
        heals=False,
    ),
    "consent": Trouble(
        "invalid_grant", 65001, "The user or administrator has not consented to use the application.",
        "consent_required",
    ),
    "admin consent": Trouble(
        "invalid_grant", 90094, "An administrator of the organization has to grant consent.", "consent_required",
        heals=False,
    ),
    "disabled": Trouble("invalid_grant", 50057, "The user account is disabled.", heals=False),
    "password expired": Trouble("invalid_grant", 50055, "The password is expired.", "basic_action"),
    "device blocked": Trouble(
        "access_denied", 530032, "Blocked by security policy: the device code flow is not allowed.", heals=False
    ),
    "confirmation": Trouble(
        "interaction_required", 50199, "For security reasons, user confirmation is required for this request."
    ),
    "bad client": Trouble(
        "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or "
        "'client_secret'.", status=401, heals=False,
    ),
    "unknown app": Trouble(
        "unauthorized_client", 700016, "Application was not found in the directory.", heals=False
    ),
    "wrong tenant": Trouble(
        "invalid_grant", 50020, "User account from identity provider does not exist in tenant.", heals=False
    ),
    "unknown tenant": Trouble("invalid_request", 90002, "Tenant not found.", heals=False),
    "throttled": Trouble("temporarily_unavailable", 90055, "There were too many requests.", status=429, heals=False),
    "unavailable": Trouble(
        "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.", status=503, heals=False
    ),
    "broken": Trouble("server_error", 90000, "An unexpected error occurred.", status=500, heals=False),
}  # fmt: skip
"""What a token endpoint may say, in the words that tests use."""


@dataclass
class App:
    """A registration."""

    client_id: str
    name: str = "auld"
    public: bool = True  # "Allow public client flows"
    redirects: tuple[str, ...] = ("http://localhost", "http://127.0.0.1")


@dataclass
class Person:
    """Somebody who can sign in."""

    address: str
    name: str
    tenant: str
    oid: str
    consents: dict[str, set[str]] = field(default_factory=dict)  # by app
    trouble: str = ""  # what the token endpoint says from now on
    generation: int = 0  # of what was granted; older grants are worth nothing
    needs_admin: frozenset[str] = frozenset()  # scopes that only an administrator may grant
    lasts: int = LASTS

    def revoke(self) -> None:
        """Every sign-in so far is worth nothing, as after a change of the password."""
        self.generation += 1

    def withdraw(self, *scopes: str) -> None:
        """The user takes back what was granted, in the account's own pages: all, or those scopes."""
        for granted in self.consents.values():
            granted -= {one for one in granted if not scopes or one in scopes}

    def require_mfa(self) -> None:
        self.trouble = "mfa"


@dataclass(frozen=True)
class Grant:
    """What somebody granted to an app."""

    address: str
    client_id: str
    scopes: frozenset[str]
    generation: int
    at: datetime
    nonce: str = ""
    redirect: str = ""
    challenge: str = ""
    used: bool = False


@dataclass
class Device:
    """A sign-in by a code that is entered elsewhere."""

    user_code: str
    client_id: str
    scopes: frozenset[str]
    at: datetime
    grant: Grant | None = None
    denied: str = ""
    polled: int = 0


class Refusal(Exception):  # noqa: N818 - a word of the vendor
    """What the token endpoint refuses, by a word of TROUBLES or as an error of its own."""

    def __init__(self, trouble: str | Trouble, *, breaches: bool = False) -> None:
        self.trouble = TROUBLES[trouble] if isinstance(trouble, str) else trouble
        super().__init__(self.trouble.text)
        self.breaches = breaches


def wrong(text: str, code: int = 900144, error: str = "invalid_request") -> Refusal:
    """The request is not what is documented."""
    return Refusal(Trouble(error, code, text, heals=False), breaches=True)


AUTHORIZE: Final = frozenset(
    {
        *("client_id", "response_type", "redirect_uri", "scope", "response_mode", "state", "nonce", "prompt"),
        *("login_hint", "domain_hint", "code_challenge", "code_challenge_method", "claims", "client_info"),
        *("max_age", "ui_locales", "haschrome", "client-request-id"),
    }
)

TOKEN: Final = {
    "authorization_code": {"code", "redirect_uri", "code_verifier"},
    "refresh_token": {"refresh_token"},
    "urn:ietf:params:oauth:grant-type:device_code": {"device_code"},
}
OPTIONAL: Final = frozenset(
    {"client_id", "grant_type", "code", "scope", "client_info", "claims", "tenant", "client-request-id", "nonce"}
)


class Login(Server):
    """login.microsoftonline.com, on loopback."""

    def __init__(self, clock: Callable[[], datetime], authority: Authority) -> None:
        super().__init__(authority.context)
        self.clock, self.authority = clock, authority
        self.people: dict[str, Person] = {}
        self.apps: dict[str, App] = {}
        self.given: set[str] = set()  # every secret that was ever given out
        self.strict = False  # a refresh token that was used is worth nothing; Microsoft's stay good for a while
        self.old_refreshes = 0  # how often an old refresh token was used though a newer one was given out
        self.hand = ""  # "accept", "cancel": the pages press their own buttons
        self.tenants = {CONSUMERS}
        self._access: dict[str, tuple[Grant, datetime]] = {}
        self._refresh: dict[str, Grant] = {}
        self._spent: set[str] = set()
        self._codes: dict[str, Grant] = {}
        self.devices: dict[str, Device] = {}
        self._flows: dict[str, dict[str, str]] = {}

    # ------------------------------------------------------------------------------------------------ for the tests

    def granted(self, person: Person, client_id: str, *scopes: str) -> dict[str, Any]:
        """As if the person had signed in and granted these: what the token endpoint would have answered."""
        wanted = self._scopes(" ".join(scopes) + " openid profile offline_access")
        person.consents.setdefault(client_id, set()).update(wanted)
        return self._tokens(
            Grant(person.address, client_id, wanted, person.generation, self.clock()), {"client_info": "1"}
        )

    def expire_access(self) -> None:
        """Every access token given out so far is too old."""
        with self._lock:
            self._access = {token: (grant, self.clock()) for token, (grant, _) in self._access.items()}

    def whose(self, token: str) -> tuple[Person, str, frozenset[str]] | None:
        """Who may what with an access token. Raises LookupError where it was never given out; None: it is too old."""
        grant, until = self._access[token]
        person = self.people[grant.address]
        return (person, grant.client_id, grant.scopes) if self.clock() < until else None

    def enter(self, user_code: str, address: str, *, accept: bool = True) -> None:
        """What a user does with a code: enter it elsewhere, and sign in there."""
        [device] = [one for one in self.devices.values() if one.user_code == user_code]
        self._enter(device, self.people[address], accept)

    def visit(self, url: str, address: str, answer: str = "accept") -> str:
        """What a user does in a browser: choose the account, press the button, be sent back. Gives the last page."""
        with self._browser() as browser:
            page, form = self._pressed(browser, url, address, answer)
            return browser.post(form.action, data=form.fields, timeout=10).text if form else page

    def came_back(self, url: str, address: str, answer: str = "accept") -> dict[str, str]:
        """The same, without an app that listens: what it would have been sent."""
        with self._browser() as browser:
            page, form = self._pressed(browser, url, address, answer)
            assert form, page
            return form.fields

    def _browser(self) -> requests.Session:
        browser = requests.Session()
        browser.trust_env, browser.verify = False, str(self.authority.ca)
        return browser

    def _pressed(self, browser: requests.Session, url: str, address: str, answer: str) -> tuple[str, "Form | None"]:
        """The last page of the sign-in, and its form that leads back to the app, if any."""
        said = browser.get(url, timeout=10)
        for _ in range(6):
            form = next((one for one in Forms.on(said.text) if one.fields.get("login") in (None, address)), None)
            if form is None or not form.action.startswith("/"):
                return said.text, form
            fields = form.fields | ({"answer": answer} if form.asks else {})
            said = browser.post(urljoin(said.url, form.action), data=fields, timeout=10)
        return said.text, None

    # ------------------------------------------------------------------------------------------------- what it serves

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            try:
                return self._answer(asked)
            except Refusal as refusal:
                if refusal.breaches:
                    self.breach(f"{asked.method} {asked.path}: {refusal}")
                return self._error(refusal.trouble)

    def _answer(self, asked: Asked) -> Answer:
        tenant, _, what = asked.path.strip("/").partition("/")
        if what == "v2.0/.well-known/openid-configuration" and asked.method == "GET":
            return self._configuration(self._tenant(tenant))
        if what == "discovery/v2.0/keys" and asked.method == "GET":
            return Answer.json({"keys": [self._public()]})
        if what == "oauth2/v2.0/authorize" and asked.method in ("GET", "POST"):
            return self._authorize(
                self._tenant(tenant), dict(asked.parameters) if asked.method == "GET" else asked.form
            )
        if what == "login" and asked.method == "POST":
            return self._chosen(tenant, asked.form)
        if what == "consent" and asked.method == "POST":
            return self._consented(tenant, asked.form)
        if what == "oauth2/v2.0/token" and asked.method == "POST":
            return self._token(self._tenant(tenant), self._form(asked))
        if what == "oauth2/v2.0/devicecode" and asked.method == "POST":
            return self._device(self._tenant(tenant), self._form(asked))
        if asked.path == "/common/oauth2/deviceauth":
            return (
                self._code_entered(asked.form)
                if asked.method == "POST"
                else Answer.html(pages.code_page("/common/oauth2/deviceauth", self._waiting() if self.hand else ""))
            )
        self.breach(f"{asked.method} {asked.path}: there is no such endpoint")
        return Answer.html(pages.said("Sorry", "The page cannot be found."), 404)

    def _tenant(self, named: str) -> str:
        """Raises Refusal where there is no such tenant."""
        if named == "consumers":
            return CONSUMERS
        if named in ("common", "organizations") or named in self.tenants:
            return named
        for person in self.people.values():
            if person.address.partition("@")[2].lower() == named.lower() and person.tenant != CONSUMERS:
                return person.tenant
        raise Refusal("unknown tenant")

    def _configuration(self, tenant: str) -> Answer:
        base = f"{self.url}/{tenant}"
        issuer = "{tenantid}" if tenant in ("common", "organizations") else tenant
        return Answer.json(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"https://login.microsoftonline.com/{issuer}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
                "cloud_instance_name": "microsoftonline.com",
                "msgraph_host": "graph.microsoft.com",
            }
        )

    def _form(self, asked: Asked) -> dict[str, str]:
        if not asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            raise wrong("The request must be sent as application/x-www-form-urlencoded.", 900_144)
        pairs = parse_qsl(asked.body.decode(), keep_blank_values=True)
        if len({name for name, _ in pairs}) != len(pairs):
            raise wrong("A parameter was sent twice.")
        return dict(pairs)

    def _app(self, client_id: str) -> App:
        if client_id not in self.apps:
            raise Refusal("unknown app")
        return self.apps[client_id]

    def _scopes(self, text: str) -> frozenset[str]:
        found = set()
        for one in text.split():
            short = one[len(GRAPH) :] if one.lower().startswith(GRAPH) else one
            if short.lower() not in KNOWN:
                raise wrong(f"The scope '{one}' does not exist or is not valid.", 70_011, "invalid_scope")
            found.add(KNOWN[short.lower()])
        if not found:
            raise wrong("The request must contain the parameter 'scope'.")
        return frozenset(found)

    # ---------------------------------------------------------------------------------------------------- in a browser

    def _authorize(self, tenant: str, told: dict[str, str]) -> Answer:
        for name in told:
            if name not in AUTHORIZE and not name.lower().startswith("x-"):
                self.breach(f"authorize: there is no parameter {name}")
        app = self.apps.get(told.get("client_id", ""))
        if app is None:
            return self._page("unknown app")
        where = urlsplit(told.get("redirect_uri", ""))
        if f"{where.scheme}://{where.hostname}" not in app.redirects:
            return Answer.html(pages.said("Sorry", "AADSTS50011: The redirect URI does not match."))
        try:
            scopes = self._scopes(told.get("scope", ""))
        except Refusal as refusal:
            self.breach(f"authorize: {refusal}")
            return self._back(told, {"error": "invalid_scope", "error_description": f"AADSTS70011: {refusal}"})
        if told.get("response_type") != "code" or not told.get("nonce" if "openid" in scopes else "state"):
            self.breach("authorize: response_type is code, and an id_token needs a nonce")
        if told.get("code_challenge_method") != "S256" or len(told.get("code_challenge", "")) != 43:
            self.breach("authorize: a public client sends a code_challenge with S256")
        if not told.get("state"):
            self.breach("authorize: no state")
        flow = secrets.token_urlsafe(16)
        self._flows[flow] = told
        hint = told.get("login_hint", "").lower()
        if told.get("prompt") == "none":
            return self._back(told, {"error": "login_required", "error_description": "AADSTS50058: Not signed in."})
        if told.get("prompt") != "select_account" and hint in self.people:
            return self._chosen(tenant, {"ctx": flow, "login": hint})
        accounts = sorted(self.people)
        first = (hint if hint in self.people else accounts[0]) if self.hand and accounts else ""
        return Answer.html(pages.chooser(f"/{tenant}/login", {"ctx": flow}, accounts, first))

    def _chosen(self, tenant: str, form: Mapping[str, str]) -> Answer:
        told, person = self._flows[form["ctx"]], self.people[form["login"]]
        if not self._lives_in(person, tenant):
            return self._page("wrong tenant")
        if person.trouble and not TROUBLES[person.trouble].heals:
            trouble = TROUBLES[person.trouble]
            said = f"AADSTS{trouble.code}: {trouble.text}"
            return self._back(told, {"error": "access_denied", "error_description": said})
        wanted = self._scopes(told["scope"])
        granted = person.consents.get(told["client_id"], set())
        if wanted & person.needs_admin and not wanted <= granted:
            text = "AADSTS90094: An administrator of the organization has to grant consent."
            return self._back(told, {"error": "access_denied", "error_description": text})
        if wanted <= granted and told.get("prompt") != "consent":
            return self._accepted(told, person, wanted)
        fields = {"ctx": form["ctx"], "signed": person.address}
        name = self.apps[told["client_id"]].name
        return Answer.html(pages.asking(f"/{tenant}/consent", fields, name, sorted(wanted), self.hand))

    def _consented(self, tenant: str, form: Mapping[str, str]) -> Answer:
        told, person = self._flows.pop(form["ctx"]), self.people[form["signed"]]
        if form.get("answer") != "accept":
            text = "AADSTS65004: User declined to consent to access the app."
            return self._back(told, {"error": "access_denied", "error_subcode": "cancel", "error_description": text})
        wanted = self._scopes(told["scope"])
        person.consents.setdefault(told["client_id"], set()).update(wanted)
        return self._accepted(told, person, wanted)

    def _accepted(self, told: Mapping[str, str], person: Person, scopes: frozenset[str]) -> Answer:
        person.trouble = ""
        code = self._secret("0.A")
        self._codes[code] = Grant(
            person.address, told["client_id"], scopes, person.generation, self.clock(), told.get("nonce", ""),
            told["redirect_uri"], told.get("code_challenge", ""),
        )  # fmt: skip
        return self._back(told, {"code": code, "session_state": str(uuid.uuid4())})

    def _back(self, told: Mapping[str, str], fields: dict[str, str]) -> Answer:
        fields = fields | ({"state": told["state"]} if "state" in told else {})
        where = told["redirect_uri"]
        if told.get("response_mode", "query") == "form_post":
            return Answer.html(pages.back(where, fields))
        sign = "#" if told.get("response_mode") == "fragment" else "?"
        return Answer(302, b"", (("Location", f"{where}{sign}{urlencode(fields)}"),))

    def _page(self, trouble: str) -> Answer:
        one = TROUBLES[trouble]
        return Answer.html(
            pages.said("Sorry, but we're having trouble signing you in.", f"AADSTS{one.code}: {one.text}")
        )

    def _lives_in(self, person: Person, tenant: str) -> bool:
        if tenant == "organizations":
            return person.tenant != CONSUMERS
        return tenant in ("common", person.tenant) or (tenant == "consumers" and person.tenant == CONSUMERS)

    # ------------------------------------------------------------------------------------------------------ device code

    def _device(self, tenant: str, form: Mapping[str, str]) -> Answer:
        app = self._app(form.get("client_id", ""))
        if not app.public:
            raise Refusal("bad client")
        code, secret = secrets.token_hex(4).upper()[:9], self._secret("DAQ")
        self.devices[secret] = Device(code, app.client_id, self._scopes(form.get("scope", "")), self.clock())
        where = f"{self.url}/common/oauth2/deviceauth"
        text = f"To sign in, use a web browser to open the page {where} and enter the code {code} to authenticate."
        return Answer.json(
            {
                "user_code": code,
                "device_code": secret,
                "verification_uri": where,
                "expires_in": int(DEVICE_LASTS.total_seconds()),
                "interval": 1,  # 5 at Microsoft's; a test has no time
                "message": text,
            }
        )

    def _waiting(self) -> str:
        return next((one.user_code for one in self.devices.values() if not one.grant), "")

    def _code_entered(self, form: Mapping[str, str]) -> Answer:
        address, code = form.get("login", ""), form.get("otc", "").strip().upper()
        device = next((one for one in self.devices.values() if one.user_code == code), None)
        if device is None:
            return Answer.html(pages.said("Enter code", "That code didn't work."))
        if not address:
            first = sorted(self.people)[0] if self.hand else ""
            return Answer.html(pages.chooser("/common/oauth2/deviceauth", {"otc": code}, sorted(self.people), first))
        if "answer" not in form:
            fields = {"otc": code, "login": address}
            page = pages.asking("/common/oauth2/deviceauth", fields, "auld", sorted(device.scopes), self.hand)
            return Answer.html(page)
        self._enter(device, self.people[address], form["answer"] == "accept")
        return Answer.html(pages.said("auld", "You have signed in. You may now close this window."))

    def _enter(self, device: Device, person: Person, accept: bool) -> None:
        if not accept:
            device.denied = "authorization_declined"
        elif person.trouble and not TROUBLES[person.trouble].heals:
            device.denied = person.trouble
        else:
            person.trouble = ""
            person.consents.setdefault(device.client_id, set()).update(device.scopes)
            device.grant = Grant(person.address, device.client_id, device.scopes, person.generation, self.clock())

    # ------------------------------------------------------------------------------------------------ token endpoint

    def _token(self, tenant: str, form: Mapping[str, str]) -> Answer:
        kind = form.get("grant_type", "")
        if kind not in TOKEN:
            raise wrong(f"The grant type '{kind}' is not supported.", 70_003, "unsupported_grant_type")
        for name in TOKEN[kind] | {"client_id"}:
            if name not in form:
                raise wrong(f"The request body must contain the following parameter: '{name}'.")
        for name in form:
            if name not in TOKEN[kind] | OPTIONAL and not name.startswith("x-"):
                raise wrong(f"There is no parameter '{name}' for this grant.")
        app = self._app(form["client_id"])
        if not app.public:
            raise Refusal("bad client")
        if kind == "authorization_code":
            return Answer.json(self._tokens(self._redeemed(form), form))
        if kind == "refresh_token":
            return Answer.json(self._refreshed(tenant, form))
        return self._polled(form)

    def _redeemed(self, form: Mapping[str, str]) -> Grant:
        grant = self._codes.get(form["code"])
        if grant is None or self.clock() - grant.at > CODE_LASTS or grant.client_id != form["client_id"]:
            raise Refusal("invalid")
        if grant.used:
            raise Refusal("used", breaches=True)
        self._codes[form["code"]] = replace(grant, used=True)
        if form["redirect_uri"] != grant.redirect:
            raise wrong("The redirect URI is not the one of the authorization request.", 50_011, "invalid_grant")
        verifier = form["code_verifier"]
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if not 43 <= len(verifier) <= 128 or not set(verifier) <= set(PKCE) or digest != grant.challenge:
            raise wrong("The Code_Verifier does not match the code_challenge.", 501_481, "invalid_grant")
        return grant

    def _refreshed(self, tenant: str, form: Mapping[str, str]) -> dict[str, Any]:
        token = form["refresh_token"]
        grant = self._refresh.get(token)
        if grant is None or grant.client_id != form["client_id"]:
            raise Refusal("invalid")
        person = self.people[grant.address]
        if person.trouble:
            raise Refusal(person.trouble)
        if grant.generation != person.generation:
            raise Refusal("revoked")
        if self.clock() - grant.at > REFRESH_LASTS:
            raise Refusal("expired")
        if not self._lives_in(person, tenant):
            raise Refusal("wrong tenant")
        if token in self._spent:
            self.old_refreshes += 1
            if self.strict:
                raise Refusal("invalid")
        wanted = self._scopes(form["scope"]) if form.get("scope") else grant.scopes
        if not wanted - ALWAYS <= person.consents.get(grant.client_id, set()):
            raise Refusal("consent")
        self._spent.add(token)
        return self._tokens(replace(grant, scopes=wanted | {"offline_access"}, at=self.clock(), nonce=""), form)

    def _polled(self, form: Mapping[str, str]) -> Answer:
        device = self.devices.get(form["device_code"])
        if device is None or device.client_id != form["client_id"]:
            raise wrong("The device code is not known.", 70_000, "bad_verification_code")
        device.polled += 1
        if device.denied in TROUBLES:
            raise Refusal(device.denied)
        if device.denied:
            raise Refusal(Trouble(device.denied, 70_018, "The end user denied the authorization request."))
        if self.clock() - device.at > DEVICE_LASTS:
            raise Refusal(Trouble("expired_token", 70_020, "The device code has expired."))
        if device.grant is None:
            text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
            raise Refusal(Trouble("authorization_pending", 70_016, text))
        del self.devices[form["device_code"]]
        return Answer.json(self._tokens(device.grant, form))

    def _tokens(self, grant: Grant, form: Mapping[str, str]) -> dict[str, Any]:
        person = self.people[grant.address]
        personal = person.tenant == CONSUMERS
        access = self._secret("EwB4A8l6BAAU" if personal else "eyJ0eXAiOiJKV1QiLCJub25jZSI6I.")
        self._access[access] = (grant, self.clock() + timedelta(seconds=person.lasts))
        rights = sorted(grant.scopes - ALWAYS)
        told: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join([GRAPH + one for one in rights] if personal else [*rights, "profile", "openid", "email"]),
            "expires_in": person.lasts,
            "ext_expires_in": person.lasts,
            "access_token": access,
        }
        if "offline_access" in grant.scopes:
            refresh = self._secret("M.C5" if personal else "1.A")
            self._refresh[refresh] = replace(grant, nonce="", redirect="", challenge="")
            told["refresh_token"] = refresh
        if "openid" in grant.scopes:
            told["id_token"] = self._id_token(person, grant)
        if form.get("client_info") == "1":
            info = {"uid": person.oid, "utid": person.tenant}
            told["client_info"] = _encoded(json.dumps(info).encode())
        return told

    def _id_token(self, person: Person, grant: Grant) -> str:
        now = int(self.clock().timestamp())
        claims = {
            "aud": grant.client_id,
            "iss": f"https://login.microsoftonline.com/{person.tenant}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + 3_600,
            "name": person.name,
            "preferred_username": person.address,
            "email": person.address,
            "oid": person.oid,
            "sub": hashlib.sha256(f"{person.oid}{grant.client_id}".encode()).hexdigest()[:43],
            "tid": person.tenant,
            "ver": "2.0",
            **({"nonce": grant.nonce} if grant.nonce else {}),
        }
        head = {"typ": "JWT", "alg": "RS256", "kid": "auld-test"}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        return f"{signed}.{_encoded(_key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def _public(self) -> dict[str, str]:
        numbers = _key().public_key().public_numbers()
        modulus = numbers.n.to_bytes(256, "big")
        return {"kty": "RSA", "use": "sig", "kid": "auld-test", "n": _encoded(modulus), "e": "AQAB"}

    def _secret(self, prefix: str) -> str:
        made = prefix + secrets.token_urlsafe(48)
        self.given.add(made)
        return made

    def _error(self, trouble: Trouble) -> Answer:
        now, trace, correlation = self.clock(), uuid.uuid4(), uuid.uuid4()
        stamp = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
        told: dict[str, Any] = {
            "error": trouble.error,
            "error_description": (
                f"AADSTS{trouble.code}: {trouble.text} Trace ID: {trace} Correlation ID: {correlation} "
                f"Timestamp: {stamp}"
            ),
            "error_codes": [trouble.code],
            "timestamp": stamp,
            "trace_id": str(trace),
            "correlation_id": str(correlation),
            "error_uri": f"https://login.microsoftonline.com/error?code={trouble.code}",
        }
        if trouble.suberror:
            told["suberror"] = trouble.suberror
        if trouble.code in (50076, 50079):
            told["claims"] = '{"access_token":{"capolids":{"essential":true,"values":["a-policy"]}}}'
        waits = [("Retry-After", "60")] if trouble.status == 429 else []
        return Answer.json(told, trouble.status, waits)


@cache
def _key() -> rsa.RSAPrivateKey:
    """What id_tokens are signed with: one for all, as it takes a while to find one."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class Form:
    """A form of a page."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    asks: bool = False  # it can be accepted and cancelled


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    @classmethod
    def on(cls, page: str) -> list[Form]:
        reader = cls()
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(told.get("action", "")))
        elif tag == "input" and self.found and told.get("name"):
            self.found[-1].fields[told["name"]] = told.get("value", "")
        elif tag == "button" and self.found and told.get("name") == "answer":
            self.found[-1].asks = True
