"""How does a person let a program in at Google, and how is that taken back?

`Consents` is Google's OAuth 2.0 server: the pages on which a person chooses an account and ticks what is allowed, the
token endpoint, revocation. `go_through` is that person without a browser; with `hand` set, the pages carry a script
that does the same, so that a headless browser comes through by itself.
"""

import base64
import hashlib
import html
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes.plumbing import Answer, Asked

LIFE = 3599
"""Seconds of an access token."""

TESTING = 7 * 86_400
"""Seconds for which a consent is good while the project's state is "Testing"."""

CODE = 600
"""Seconds of an authorization code."""

ALIASES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
IDENTITY = frozenset({"openid", *ALIASES.values()})
"""Scopes for which there is no box to tick."""

ASKING = frozenset(
    (
        "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
        "login_hint", "access_type", "include_granted_scopes", "enable_granular_consent", "prompt", "nonce", "hd",
    )
)  # fmt: skip
"""The parameters of the authorization endpoint that are documented."""

TOKEN = frozenset(
    ("client_id", "client_secret", "grant_type", "code", "code_verifier", "redirect_uri", "refresh_token", "scope")
)


@dataclass(frozen=True)
class Hand:
    """What the person at the pages does."""

    account: str
    scopes: frozenset[str] | None = None  # what is ticked; None is everything
    deny: bool = False


@dataclass
class Grant:
    """One person's consent to one client."""

    address: str
    client: str
    scopes: frozenset[str]
    refresh: str = field(repr=False)
    at: float = 0.0
    dead: bool = False
    withdrawn: frozenset[str] = frozenset()

    @property
    def open(self) -> frozenset[str]:
        return self.scopes - self.withdrawn


@dataclass
class Access:
    """One access token."""

    grant: Grant
    expires: float
    scopes: frozenset[str]


@dataclass
class _Code:
    grant: Grant
    redirect: str
    challenge: str
    method: str
    nonce: str
    expires: float
    used: bool = False


class Consents:
    """Who let which client in."""

    def __init__(self, url: Callable[[], str], clock: Callable[[], float], breach: Callable[[str], None]) -> None:
        self._url, self._clock, self._breach = url, clock, breach
        self.client_id = "1234-auld.apps.googleusercontent.com"
        self.client_secret = "GOCSPX-made-for-tests"
        self.people: dict[str, str] = {}  # sub by address
        self.grants: list[Grant] = []
        self.access: dict[str, Access] = {}
        self.testing = False  # the project's state: consents die after seven days
        self.rotates = False  # each renewal brings another refresh token, and the one before is void
        self.hand: Hand | None = None
        self.granted = 0  # access tokens given out
        self._codes: dict[str, _Code] = {}
        self._asked: dict[str, dict[str, str]] = {}
        self._key: Any = None

    # what a test does

    def client(self, kind: str = "installed") -> dict[str, Any]:
        """The JSON that a person downloads from the console; kind "web" is the wrong one."""
        return {
            kind: {
                "client_id": self.client_id,
                "project_id": "auld-1234",
                "auth_uri": f"{self._url()}/o/oauth2/auth",
                "token_uri": f"{self._url()}/token",
                "auth_provider_x509_cert_url": f"{self._url()}/oauth2/v1/certs",
                "client_secret": self.client_secret,
                "redirect_uris": ["http://localhost"],
            }
        }

    def consent(self, address: str, *scopes: str) -> Grant:
        """A consent that was given before the test begins."""
        grant = Grant(address, self.client_id, frozenset(scopes), _secret("1//0"), self._clock())
        self.grants.append(grant)
        return grant

    def token(self, grant: Grant) -> str:
        """An access token."""
        token = _secret("ya29.")
        self.granted += 1
        self.access[token] = Access(grant, self._clock() + LIFE, grant.open)
        return token

    def revoke(self, address: str) -> None:
        """The person takes every consent back."""
        for grant in self.grants:
            grant.dead |= grant.address == address

    def withdraw(self, address: str, *scopes: str) -> None:
        """The person takes a part back."""
        for grant in self.grants:
            if grant.address == address:
                grant.withdrawn |= set(scopes)

    def expire(self) -> None:
        """Every access token is past its time."""
        for one in self.access.values():
            one.expires = self._clock() - 1

    def good(self, token: str) -> Access | None:
        """What a token opens; None where it is unknown, expired or taken back."""
        one = self.access.get(token)
        if one is None or self.ended(one.grant) or one.expires <= self._clock():
            return None
        return Access(one.grant, one.expires, one.scopes - one.grant.withdrawn)

    def ended(self, grant: Grant) -> bool:
        return grant.dead or (self.testing and self._clock() >= grant.at + TESTING)

    # what is asked of it

    def answer(self, asked: Asked) -> Answer | None:
        """What is said at one of its addresses, None at any other."""
        routes: dict[tuple[str, str], Callable[[Asked], Answer]] = {
            ("GET", "/o/oauth2/auth"): self._begin,
            ("GET", "/o/oauth2/v2/auth"): self._begin,
            ("POST", "/o/oauth2/v2/chosen"): self._chosen,
            ("POST", "/o/oauth2/v2/warned"): self._warned,
            ("POST", "/o/oauth2/v2/granted"): self._granted,
            ("POST", "/token"): self._token,
            ("POST", "/revoke"): self._revoke,
            ("GET", "/tokeninfo"): self._info,
            ("POST", "/tokeninfo"): self._info,
            ("GET", "/v1/userinfo"): self._person,
            ("GET", "/oauth2/v3/certs"): self._certs,
        }
        route = routes.get((asked.method, asked.path))
        return route(asked) if route else None

    def _begin(self, asked: Asked) -> Answer:
        told = dict(asked.parameters)
        if unknown := told.keys() - ASKING:
            self._breach(f"authorization: unknown {sorted(unknown)}")
        if problem := self._wrong(told):
            self._breach(f"authorization: {problem}")
            return _page(f"Error 400: {problem.partition(':')[0]}", f"<p>{html.escape(problem)}</p>", 400)
        session = secrets.token_urlsafe(12)
        self._asked[session] = told
        people = sorted(self.people, key=lambda one: (one != told.get("login_hint"), one))
        boxes = "".join(_box("radio", "account", one, "required") for one in people)
        return self._form("Choose an account", "chosen", session, f'{boxes}<button id="next">Next</button>', "choose()")

    def _wrong(self, told: Mapping[str, str]) -> str:
        """What is wrong with a request for consent."""
        to = urlsplit(told.get("redirect_uri", ""))
        if told.get("client_id") != self.client_id:
            return "invalid_client: The OAuth client was not found."
        if to.scheme != "http" or to.hostname not in ("127.0.0.1", "localhost", "::1"):
            return "redirect_uri_mismatch: an installed app is answered on loopback"
        if told.get("response_type") != "code":
            return "unsupported_response_type: not code"
        if not told.get("scope"):
            return "invalid_request: Missing required parameter: scope"
        if "code_challenge" in told and told.get("code_challenge_method", "plain") not in ("plain", "S256"):
            return "invalid_request: Invalid code_challenge_method"
        if told.get("access_type", "online") not in ("online", "offline"):
            return "invalid_request: Invalid parameter value for access_type"
        if unknown := [
            one for one in told.get("prompt", "").split() if one not in ("none", "consent", "select_account")
        ]:
            return f"invalid_request: Invalid prompt: {unknown}"
        if unknown := [one for one in self._scopes(told) if not self._exists(one)]:
            return f"invalid_scope: Some requested scopes were invalid: {unknown}"
        return ""

    def _scopes(self, told: Mapping[str, str]) -> list[str]:
        return [ALIASES.get(one, one) for one in dict.fromkeys(told["scope"].split())]

    def _exists(self, scope: str) -> bool:
        return scope in IDENTITY or scope.startswith(("https://www.googleapis.com/auth/", "https://mail.google.com/"))

    def _chosen(self, asked: Asked) -> Answer:
        told = self._asked.get(asked.form.get("session", ""))
        account = asked.form.get("account", "")
        if told is None or account not in self.people:
            return _page("Something went wrong", "", 400)
        told["account"] = account
        body = '<p>Google hasn\'t verified this app.</p><button id="next">Continue</button>'
        return self._form("Google hasn't verified this app", "warned", asked.form["session"], body, "next()")

    def _warned(self, asked: Asked) -> Answer:
        told = self._asked.get(asked.form.get("session", ""))
        if told is None or "account" not in told:
            return _page("Something went wrong", "", 400)
        ticked = [one for one in self._scopes(told) if one not in IDENTITY]
        kind = "checkbox" if len(ticked) > 1 else "hidden"  # one scope alone has no box
        boxes = "".join(_box(kind, "scope", one) for one in ticked)
        buttons = (
            '<button id="next" name="go" value="yes">Continue</button>'
            '<button id="deny" name="go" value="no">Cancel</button>'
        )
        who = html.escape(told["account"])
        return self._form(
            f"auld wants to access your Google Account {who}",
            "granted",
            asked.form["session"],
            boxes + buttons,
            "grant()",
        )

    def _granted(self, asked: Asked) -> Answer:
        told = self._asked.pop(asked.form.get("session", ""), None)
        if told is None or "account" not in told:
            return _page("Something went wrong", "", 400)
        back = {"state": told["state"]} if "state" in told else {}
        back["iss"] = "https://accounts.google.com"
        if asked.form.get("go") == "no":
            return self._back(told, {"error": "access_denied"} | back)
        asked_for = self._scopes(told)
        ticked = set(parse_qs(asked.body.decode()).get("scope", [])) | IDENTITY
        given = [one for one in asked_for if one in ticked]
        if told.get("include_granted_scopes") == "true":
            had = [grant.scopes for grant in self.grants if grant.address == told["account"] and not self.ended(grant)]
            given += sorted(frozenset().union(*had) - set(given))
        grant = Grant(told["account"], told["client_id"], frozenset(given), _secret("1//0"), self._clock())
        code = _secret("4/0A")
        self._codes[code] = _Code(
            grant,
            told["redirect_uri"],
            told.get("code_challenge", ""),
            told.get("code_challenge_method", "plain"),
            told.get("nonce", ""),
            self._clock() + CODE,
        )
        return self._back(told, back | {"code": code, "scope": " ".join(given), "authuser": "0", "prompt": "consent"})

    def _back(self, told: Mapping[str, str], said: Mapping[str, str]) -> Answer:
        to = told["redirect_uri"]
        return Answer.html("", 302, (("Location", f"{to}{'&' if '?' in to else '?'}{urlencode(said)}"),))

    def _form(self, title: str, to: str, session: str, body: str, does: str) -> Answer:
        hidden = f'<input type="hidden" name="session" value="{session}">'
        form = f'<form method="post" action="/o/oauth2/v2/{to}">{hidden}{body}</form>'
        return _page(title, form + self._script(does))

    def _script(self, does: str) -> str:
        if self.hand is None:
            return ""
        hand: dict[str, Any] = {"account": self.hand.account, "scopes": None, "deny": self.hand.deny}
        if self.hand.scopes is not None:
            hand["scopes"] = sorted(self.hand.scopes)
        return (
            f"<script>const hand = {json.dumps(hand)};\n"
            "const next = () => document.getElementById('next').click();\n"
            "const choose = () => { for (const one of document.getElementsByName('account'))"
            " one.checked = one.value === hand.account; next(); };\n"
            "const grant = () => { for (const one of document.getElementsByName('scope'))"
            " one.checked = hand.scopes === null || hand.scopes.includes(one.value);"
            " document.getElementById(hand.deny ? 'deny' : 'next').click(); };\n"
            f"{does};</script>"
        )

    def _token(self, asked: Asked) -> Answer:
        told = asked.form
        if unknown := told.keys() - TOKEN:
            self._breach(f"token: unknown {sorted(unknown)}")
        if not asked.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            self._breach("token: not a form")
        if told.get("client_id") != self.client_id or told.get("client_secret") != self.client_secret:
            return refusal("invalid_client", "The OAuth client was not found.", 401)
        if told.get("grant_type") == "authorization_code":
            return self._exchange(told)
        if told.get("grant_type") == "refresh_token":
            return self._renew(told)
        self._breach("token: grant_type")
        return refusal("unsupported_grant_type", f"Invalid grant_type: {told.get('grant_type', '')}")

    def _exchange(self, told: Mapping[str, str]) -> Answer:
        code = self._codes.get(told.get("code", ""))
        if code is None:
            return refusal("invalid_grant", "Malformed auth code.")
        if code.used or code.expires <= self._clock():
            code.grant.dead |= code.used  # somebody else has it too
            return refusal("invalid_grant", "Bad Request")
        if told.get("redirect_uri") != code.redirect:
            self._breach("token: redirect_uri")
            return refusal("redirect_uri_mismatch", "Bad Request")
        if problem := _pkce(code, told.get("code_verifier", "")):
            self._breach(f"token: {problem}")
            return refusal("invalid_grant", problem)
        code.used = True
        self.grants.append(code.grant)
        said = self._given(code.grant) | {"refresh_token": code.grant.refresh}
        if self.testing:
            said["refresh_token_expires_in"] = TESTING - 1
        if "openid" in code.grant.open:
            said["id_token"] = self._id_token(code.grant, code.nonce)
        return Answer.json(said)

    def _renew(self, told: Mapping[str, str]) -> Answer:
        met = [grant for grant in self.grants if secrets.compare_digest(grant.refresh, told.get("refresh_token", ""))]
        if not met or self.ended(met[0]) or not met[0].open:
            return refusal("invalid_grant", "Token has been expired or revoked.")
        [grant] = met
        if wanted := set(told.get("scope", "").split()) - grant.open:
            return refusal("invalid_scope", f"Some requested scopes were invalid: {sorted(wanted)}")
        said = self._given(grant)
        if self.rotates:
            grant.refresh = said["refresh_token"] = _secret("1//0")
        if "openid" in grant.open:
            said["id_token"] = self._id_token(grant, "")
        return Answer.json(said)

    def _given(self, grant: Grant) -> dict[str, Any]:
        return {
            "access_token": self.token(grant),
            "expires_in": LIFE,
            "scope": " ".join(sorted(grant.open)),
            "token_type": "Bearer",
        }

    def _revoke(self, asked: Asked) -> Answer:
        token = asked.form.get("token") or dict(asked.parameters).get("token", "")
        grants = [grant for grant in self.grants if grant.refresh == token]
        if found := self.access.get(token):
            grants.append(found.grant)
        live = [grant for grant in grants if not self.ended(grant)]
        if not live:
            return refusal("invalid_token", "Token expired or revoked")
        live[0].dead = True
        return Answer.json({})

    def _info(self, asked: Asked) -> Answer:
        told = dict(asked.parameters) | asked.form
        access = self.good(told.get("access_token", ""))
        if access is None:
            return refusal("invalid_token", "Invalid Value")
        grant = access.grant
        said = {
            "azp": grant.client,
            "aud": grant.client,
            "scope": " ".join(sorted(access.scopes)),
            "exp": str(int(access.expires)),
            "expires_in": str(int(access.expires - self._clock())),
            "access_type": "offline",
        }
        if ALIASES["email"] in access.scopes:
            said |= {"email": grant.address, "email_verified": "true"}
        return Answer.json(said)

    def _person(self, asked: Asked) -> Answer:
        access = self.good(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if access is None:
            return refusal("invalid_request", "Invalid Credentials", 401)
        said: dict[str, Any] = {"sub": self.people[access.grant.address]}
        if ALIASES["email"] in access.scopes:
            said |= {"email": access.grant.address, "email_verified": True}
        return Answer.json(said)

    def _id_token(self, grant: Grant, nonce: str) -> str:
        """Signed with the key at /oauth2/v3/certs."""
        now = int(self._clock())
        claims: dict[str, Any] = {
            "iss": "https://accounts.google.com",
            "azp": grant.client,
            "aud": grant.client,
            "sub": self.people.get(grant.address, "0"),
            "iat": now,
            "exp": now + LIFE,
        }
        if ALIASES["email"] in grant.open:
            claims |= {"email": grant.address, "email_verified": True}
        if nonce:
            claims["nonce"] = nonce
        head = {"alg": "RS256", "kid": "auld", "typ": "JWT"}
        signed = ".".join(_b64(json.dumps(part).encode()) for part in (head, claims))
        return f"{signed}.{_b64(self.key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def key(self) -> Any:
        if self._key is None:
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key

    def _certs(self, asked: Asked) -> Answer:
        public = self.key().public_key().public_numbers()
        numbers = {"n": public.n, "e": public.e}
        shown = {name: _b64(one.to_bytes((one.bit_length() + 7) // 8, "big")) for name, one in numbers.items()}
        return Answer.json({"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "auld"} | shown]})


def refusal(error: str, description: str, status: int = 400, **more: str) -> Answer:
    """An error of the token endpoint, say `error_subtype="invalid_rapt"`."""
    return Answer.json({"error": error, "error_description": description} | more, status)


def _pkce(code: _Code, verifier: str) -> str:
    """What is wrong with the verifier, "" for nothing."""
    if not code.challenge:
        return ""
    if not verifier:
        return "Missing code verifier."
    hashed = _b64(hashlib.sha256(verifier.encode()).digest()) if code.method == "S256" else verifier
    return "" if 43 <= len(verifier) <= 128 and hashed == code.challenge else "Invalid code verifier."


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _secret(begins: str) -> str:
    return begins + secrets.token_urlsafe(32)


def _box(kind: str, name: str, value: str, more: str = "") -> str:
    shown = html.escape(value)
    return f'<p><label><input type="{kind}" name="{name}" value="{shown}" {more}> {shown}</label></p>'


def _page(title: str, body: str, status: int = 200) -> Answer:
    return Answer.html(
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>',
        status,
    )


# The person


class _Form(HTMLParser):
    """The form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str, str]] = []  # type, name, value
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = has["action"]
        elif tag in ("input", "button") and "name" in has:
            self.fields.append((has.get("type", tag), has["name"], has["value"]))

    def filled(self, hand: Hand) -> list[tuple[str, str]]:
        """What is sent where the person does that."""
        sent = []
        for kind, name, value in self.fields:
            ticked = hand.scopes is None or value in hand.scopes
            pressed = value == ("no" if hand.deny else "yes")
            chosen = {"radio": value == hand.account, "checkbox": ticked, "button": pressed, "hidden": True}
            if chosen[kind]:
                sent.append((name, value))
        return sent


def go_through(url: str, hand: Hand) -> str:
    """Open that address, do what is to be done on each page, and go back to the program; gives the last page."""
    status, to, page = _open(url)
    while status == 200 and "<form" in page:
        form = _Form(page)
        at = urlsplit(url)
        url = f"{at.scheme}://{at.netloc}{form.action}"
        status, to, page = _open(url, urlencode(form.filled(hand)))
    return _open(to)[2] if status == 302 else page


def _open(url: str, body: str | None = None) -> tuple[int, str, str]:
    at = urlsplit(url)
    connection = HTTPConnection(at.hostname or "", at.port or 80, timeout=10)
    try:
        path = f"{at.path or '/'}?{at.query}"
        sort = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request("GET" if body is None else "POST", path, body, sort)
        said = connection.getresponse()
        return said.status, said.headers.get("Location", ""), said.read().decode("utf-8", "replace")
    finally:
        connection.close()
