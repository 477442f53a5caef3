"""How does the user open their Google account, and how does it stay open?

The user's own project at Google has a client of the type "Desktop app"; its JSON file is read once, at the sign-in. The
browser comes back to a port of this machine (RFC 8252), with a secret that only we know (PKCE, RFC 7636). What is kept
is the refresh token with its client and the day of the consent. Renewing is one request and a table of answers of our
own (`renewed`): only the user can bring a consent back, everything else passes.
"""

import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connectors import google_answers, google_api, google_line
from connectors.consent import AccessToken, Consent, Fresh, Kept
from connectors.contract import NeedsUser, Session, TryLater
from connectors.redirect import Redirect

if TYPE_CHECKING:
    from connectors.google import Options
    from connectors.google_api import Endpoints

_SCOPE: Final = "https://www.googleapis.com/auth/"

METADATA: Final = _SCOPE + "gmail.metadata"
READONLY: Final = _SCOPE + "gmail.readonly"
INSERT: Final = _SCOPE + "gmail.insert"
EVENTS: Final = _SCOPE + "calendar.events.readonly"
CALENDARS: Final = _SCOPE + "calendar.calendarlist.readonly"

WHAT: Final[Mapping[str, str]] = {
    METADATA: "the headers of your mail",
    READONLY: "your mail",
    INSERT: "putting the digest into your inbox",
    EVENTS: "the events in your calendars",
    CALENDARS: "the list of your calendars",
}
"""What a scope opens, in the user's words."""

WIDER: Final[Mapping[str, frozenset[str]]] = {
    METADATA: frozenset({READONLY}),
    EVENTS: frozenset({_SCOPE + "calendar.readonly", _SCOPE + "calendar.events", _SCOPE + "calendar"}),
    CALENDARS: frozenset({_SCOPE + "calendar.readonly", _SCOPE + "calendar"}),
}
"""What opens as much: an older consent need not be given anew because less is wanted now."""

READING: Final = frozenset({READONLY, _SCOPE + "gmail.modify", "https://mail.google.com/"})
"""Beside one of these Google still forbids what it forbids under gmail.metadata (`sync.md`, fault 4)."""

TESTING: Final = timedelta(days=7)
"""So long lives the consent of a project that its owner has not published."""

ROUGHLY: Final = timedelta(days=1)
"""A laptop is not always awake when it ends."""

AGAIN: Final = "Sign in again with `auld login`."
PUBLISH: Final = (
    "Publish the project (console.cloud.google.com, Google Auth Platform, Audience, Publish app), then sign in again "
    "with `auld login`."
)
CONNECTIONS: Final = "https://myaccount.google.com/connections"

LASTS: Final = 3_600.0
"""Seconds that an access token is good for, where Google does not say."""

EARLY: Final = 300.0
"""Seconds before its end at which a token is renewed: the longest batch is over by then."""

PARTING: Final = 10.0
"""Seconds that giving a consent back may take: whoever opts out does not wait for Google."""


def scopes(options: "Options", *, digest: bool = False) -> tuple[str, ...]:
    """What is asked of Google for such an account, and no more; `digest`: the digest is put into its inbox."""
    mail = (READONLY if options.read == "text" else METADATA,) if options.mail else ()
    calendar = (EVENTS, CALENDARS) if options.calendar else ()
    return (*mail, *calendar, *((INSERT,) if digest else ()))


def missing(wanted: Collection[str], granted: Collection[str]) -> tuple[str, ...]:
    """Those that were wanted, and that nothing granted covers."""
    return tuple(one for one in wanted if one not in granted and not WIDER.get(one, frozenset()) & set(granted))


# ------------------------------------------------------------------------------------------------- the client's file


@dataclass(frozen=True, slots=True)
class Client:
    """What the user's own project is known by. Google calls the second a secret; in a desktop app it is none."""

    id: str
    secret: str = field(repr=False)


def client(path: Path) -> Client:
    """The client in the file that Google offers for download. Raises NeedsUser."""
    make = 'Make one in your project (console.cloud.google.com, Clients, Create client, type "Desktop app").'
    try:
        told = json.loads(path.expanduser().read_bytes())
    except FileNotFoundError:
        raise NeedsUser(
            f"{path}: there is no such file.", "Download the client's JSON, and correct `client`."
        ) from None
    except OSError as trouble:
        what = f"{path}: it cannot be read ({trouble.strerror})."
        raise NeedsUser(what, "Let your user read it, or correct `client`.") from None
    except ValueError:
        raise NeedsUser(f"{path}: this is no JSON.", "Download the client's JSON again.") from None
    told = told if isinstance(told, dict) else {}
    if "web" in told:
        raise NeedsUser(f'{path}: this is a client of type "Web application", which cannot sign in here.', make)
    if told.get("type") == "service_account":
        raise NeedsUser(f"{path}: this is the key of a service account, which has no mailbox of yours.", make)
    inner = told.get("installed")
    named = inner if isinstance(inner, dict) else {}
    if not all(isinstance(named.get(key), str) and named[key] for key in ("client_id", "client_secret")):
        raise NeedsUser(f'{path}: this is no client of type "Desktop app".', make)
    return Client(named["client_id"], named["client_secret"])


# ------------------------------------------------------------------------------------------------------- what is kept


@dataclass(frozen=True, slots=True)
class Held:
    """A consent as it is kept."""

    refresh: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    address: str
    scopes: tuple[str, ...]
    since: datetime  # of the consent; aware

    def text(self) -> str:
        """To be kept."""
        return json.dumps({"v": 1, **asdict(self), "since": self.since.isoformat()})

    @classmethod
    def of(cls, text: str) -> "Held":
        """Raises NeedsUser where it was not made here."""
        try:
            told = json.loads(text)
            if told["v"] != 1:
                raise ValueError(told["v"])
            since = datetime.fromisoformat(told["since"])
            return cls(
                str(told["refresh"]),
                str(told["client_id"]),
                str(told["client_secret"]),
                str(told["address"]),
                tuple(map(str, told["scopes"])),
                since,
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            raise NeedsUser("What is kept for this account is no sign-in at Google.", AGAIN) from None


# ----------------------------------------------------------------------------------------------------------- renewing


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a renewal brought."""

    secret: str = field(repr=False)
    lasts: float  # seconds
    scopes: frozenset[str] = frozenset()
    refresh: str = field(default="", repr=False)  # a new refresh token, where Google gave one


_ENDED: Final = {
    "access_denied": ("Google no longer lets auld in: the consent was withdrawn.", AGAIN),
    "admin_policy_enforced": ("The administrator of your organisation does not allow auld.", "Ask them to allow it."),
    "org_internal": ("The project at Google is for members of its organisation alone.", "Use a client of your own."),
    "deleted_client": ("The client of your project at Google was deleted.", "Make a new one, then `auld login`."),
    "disabled_client": ("The client of your project at Google is switched off.", "Switch it on, then `auld login`."),
    "invalid_client": (
        "Google does not know the client any more, or its secret.",
        "Download it anew, then `auld login`.",
    ),
    "unauthorized_client": (
        "The client of your project at Google may not do this.",
        "Make a new one, then `auld login`.",
    ),
}
"""What only the user can mend; their own project among it."""

_CLOCK: Final = re.compile(r"short-lived|\biat\b|\bexp\b|clock", re.IGNORECASE)
"""What Google says of a request that comes from a computer whose clock is wrong."""


def renewed(status: int, body: bytes, retry_after: str = "", *, held: Held, now: datetime) -> Renewed:
    """What the token endpoint's answer means. Raises NeedsUser where the user can help, else TryLater."""
    told = google_answers.parsed(body)
    if not isinstance(told, dict):
        raise TryLater(_odd(status), google_answers.later(retry_after, now))
    secret = told.get("access_token")
    if status == 200 and isinstance(secret, str) and secret:
        return Renewed(secret, _lasts(told), _granted(told), _string(told.get("refresh_token")))
    error, said = _string(told.get("error")), _string(told.get("error_description"))
    if status in (400, 401, 403):
        if error == "invalid_grant" and not _CLOCK.search(said):
            raise ended(held, now, _string(told.get("error_subtype")))
        if error in _ENDED:
            raise NeedsUser(*_ENDED[error])
    raise TryLater(_odd(status), google_answers.later(retry_after, now))


def ended(held: Held, now: datetime, subtype: str = "") -> NeedsUser:
    """What to tell of a consent that is gone; the most likely cause first."""
    if subtype in ("invalid_rapt", "rapt_required"):
        return NeedsUser("Your organisation asks you to sign in at Google again from time to time.", AGAIN)
    if abs(now - held.since - TESTING) <= ROUGHLY:
        what = 'The consent at Google ended after seven days, as those of a project marked "Testing" do.'
        return NeedsUser(what, PUBLISH)
    what = "The consent at Google is gone: it was withdrawn, or your password was changed"
    if now - held.since > TESTING + ROUGHLY:
        return NeedsUser(f'{what}, or your project is marked "Testing" and forgets after seven days.', AGAIN)
    return NeedsUser(f"{what}.", AGAIN)


def _odd(status: int) -> str:
    if status == 429:
        return "Google asks for a pause before it lets auld in."
    if status >= 500:
        return f"Google cannot let auld in at the moment ({status})."
    return f"What answers the sign-in is not Google, or is not well ({status})."


def _lasts(told: Mapping[str, Any]) -> float:
    try:
        return float(told.get("expires_in", LASTS))
    except (TypeError, ValueError):
        return LASTS


def _granted(told: Mapping[str, Any]) -> frozenset[str]:
    said = told.get("scope")
    return frozenset(
        said.split() if isinstance(said, str) else map(str, said) if isinstance(said, list | tuple) else ()
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


class GoogleTokens:
    """The access tokens of one account (a `connectors.consent.Tokens`). One lives in memory, for an hour, and nowhere
    else; its age is measured on the session's clock, since the clock on the wall may be wrong."""

    def __init__(
        self,
        kept: Kept,
        session: Session,
        *,
        now: datetime,
        wanted: Collection[str] = (),
        endpoints: "Endpoints | None" = None,
    ) -> None:
        self._kept, self._session, self._now, self._wanted = kept, session, now, tuple(wanted)
        self._endpoints = endpoints or google_api.GOOGLE
        self._began = session.clock()
        self._token: AccessToken | None = None
        self._until = 0.0

    def access(self, *, refused: bool = False) -> AccessToken:
        """A token that is good for some minutes. Raises NeedsUser, TryLater."""
        if self._token is None or refused or self._session.clock() >= self._until:
            with self._kept.locked():
                self._token = self._renew()
        return self._token

    def _renew(self) -> AccessToken:
        held = Held.of(self._kept.get())
        form = {
            "client_id": held.client_id,
            "client_secret": held.client_secret,
            "refresh_token": held.refresh,
            "grant_type": "refresh_token",
        }
        status, body, retry_after = google_line.posted(self._endpoints.token, form, self._session)
        at = self._now + timedelta(seconds=self._session.clock() - self._began)
        got = renewed(status, body, retry_after, held=held, now=at)
        granted = got.scopes or frozenset(held.scopes)
        if lacking := missing(self._wanted, granted):
            raise NeedsUser(f"The consent at Google does not cover {_named(lacking)}.", AGAIN)
        if got.refresh and got.refresh != held.refresh:
            kept = Held(got.refresh, held.client_id, held.client_secret, held.address, held.scopes, held.since)
            self._kept.keep(kept.text())
        self._until = self._session.clock() + max(got.lasts - EARLY, 1.0)
        return AccessToken(got.secret, at + timedelta(seconds=got.lasts), granted)


def _named(some: Collection[str]) -> str:
    names = [WHAT.get(one, one) for one in some]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def revoke(kept_text: str, endpoints: "Endpoints | None" = None) -> str:
    """Give a consent back, as well as that can be done, and say what became of it."""
    try:
        held = Held.of(kept_text)
        status, body, _ = google_line.posted(
            (endpoints or google_api.GOOGLE).revoke,
            {"token": held.refresh},
            Session(time.monotonic, time.monotonic() + PARTING),
        )
    except (NeedsUser, TryLater):
        return f"Google could not be told that the consent is over: remove auld at {CONNECTIONS}."
    told = google_answers.parsed(body)
    done = status == 200 and (isinstance(told, dict) or not body.strip())
    if done or (status == 400 and isinstance(told, dict) and told.get("error") == "invalid_token"):
        return "Google was told that the consent is over."
    return f"Google does not say that the consent is over: look at {CONNECTIONS}."


# --------------------------------------------------------------------------------------------------------- signing in


def sign_in(
    options: "Options",
    *,
    now: datetime,
    show: Callable[[str], None],
    browse: Callable[[str], bool],
    digest: bool = False,
    port: int = 0,
    timeout: float = 300.0,
    endpoints: "Endpoints | None" = None,
) -> Consent:
    """Let the user sign in with a browser: on this machine, or with `port` forwarded to it from another one.

    `show` prints a line, `browse` opens a browser and says whether it could. Raises NeedsUser, TryLater; then nothing
    was kept, and nothing is taken back at Google either, since that would end this account's consent of before.
    """
    from google_auth_oauthlib.flow import InstalledAppFlow

    google_line.hush()
    at = endpoints or google_api.GOOGLE
    who, wanted = client(options.client), scopes(options, digest=digest)
    known = {"client_id": who.id, "client_secret": who.secret, "auth_uri": at.authorize, "token_uri": at.token}
    with Redirect(port) as back:
        flow = InstalledAppFlow.from_client_config({"installed": known}, list(wanted), redirect_uri=back.address)
        url, state = flow.authorization_url(prompt="consent", login_hint=options.address)
        back.state = state
        opened = browse(url)
        show("Sign in with the browser that opens." if opened else f"Open this page in a browser:\n{url}")
        code = _code(back.came(timeout))
    told = _exchanged(flow, code)
    granted = _granted(told) or frozenset(wanted)
    _check(granted, wanted)
    refresh = _string(told.get("refresh_token"))
    if not refresh:
        what = "Google let auld in for an hour, and gave nothing that lasts."
        raise NeedsUser(what, f"Remove auld at {CONNECTIONS}, then sign in again.")
    address = _signed_in(_string(told.get("access_token")), granted, now, at)
    if address and not same_mailbox(address, options.address):
        what = f"You signed in as {address}, and this account is {options.address}."
        raise NeedsUser(what, f'Sign in as {options.address}, or write `address = "{address}"`. Nothing was kept.')
    held = Held(refresh, who.id, who.secret, address or options.address, tuple(sorted(granted)), now)
    return Consent(address, held.text(), held.scopes, (_warning(now),))


def _code(came: Mapping[str, str]) -> str:
    """What is to be exchanged for tokens. Raises NeedsUser."""
    error = came.get("error")
    if error in _ENDED and error != "access_denied":
        raise NeedsUser(*_ENDED[error])
    if error or not came.get("code"):
        raise NeedsUser("You did not allow it at Google, so that nothing was kept.", "Sign in again to allow it.")
    return came["code"]


def _check(granted: Collection[str], wanted: Collection[str]) -> None:
    """Raises NeedsUser where a box was not ticked, or Google mixes in more than was asked."""
    if lacking := missing(wanted, granted):
        what = f"You did not allow auld {_named(lacking)}. Nothing was kept."
        raise NeedsUser(what, "Sign in again, and tick every box.")
    if METADATA in granted and READING & set(granted):
        what = "Google mixes this consent with an older one, and under both it refuses what each allows."
        raise NeedsUser(what, f"Remove auld at {CONNECTIONS}, then sign in again.")


def _warning(now: datetime) -> str:
    day = (now + TESTING).date().isoformat()
    return (
        f'If your project at Google is marked "Testing", this consent ends on {day}; it lasts once you publish the '
        "project (console.cloud.google.com, Google Auth Platform, Audience)."
    )


def same_mailbox(one: str, other: str) -> bool:
    """Whether both are addresses of one mailbox: Gmail reads over dots, over what follows a plus, and has two names."""
    return _plain(one) == _plain(other)


def _plain(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    if domain not in ("gmail.com", "googlemail.com"):
        return f"{local}@{domain}"
    return local.partition("+")[0].replace(".", "") + "@gmail.com"


def _exchanged(flow: Any, code: str) -> Mapping[str, Any]:
    """What Google gives for the code. Raises NeedsUser, TryLater."""
    import requests
    from oauthlib.oauth2 import OAuth2Error

    try:
        told = flow.fetch_token(code=code, include_client_id=True, timeout=30, verify=google_line.believed() or True)
    except Warning as fewer:  # other scopes than were asked for: we look at them ourselves
        told = getattr(fewer, "token", None)
    except OAuth2Error as no:
        if no.error in ("invalid_client", "unauthorized_client", "deleted_client"):
            raise NeedsUser(*_ENDED[no.error]) from None
        if no.error == "redirect_uri_mismatch":
            what = "Google does not send the browser back to this machine for this client."
            raise NeedsUser(what, 'Make a client of type "Desktop app".') from None
        if no.error == "invalid_grant":
            raise NeedsUser("Google no longer takes this sign-in.", "Start it again.") from None
        raise TryLater("Google does not finish the sign-in at the moment.") from None
    except (requests.RequestException, OSError) as trouble:
        raise google_answers.unreachable(trouble) from OSError("no answer")
    except (ValueError, TypeError, AttributeError, KeyError):
        raise TryLater("What answers the sign-in is not Google.") from None
    if not isinstance(told, Mapping) or not told.get("access_token"):
        raise TryLater("What answers the sign-in is not Google.")
    return told


def _signed_in(secret: str, granted: frozenset[str], now: datetime, at: "Endpoints") -> str:
    """The address of whoever signed in, lower-cased; "" where the consent does not let us ask."""
    session = Session(time.monotonic, time.monotonic() + 60)
    tokens = Fresh(AccessToken(secret, now + timedelta(seconds=LASTS), granted), "Google")
    api = google_api.Api(tokens, session, now=now, endpoints=at)
    try:
        if granted & {METADATA, *READING}:
            return api.profile().address
        if granted & {CALENDARS, *WIDER[CALENDARS]}:
            return next((one["id"].lower() for one in api.calendars() if one.get("primary")), "")
    finally:
        api.close()
    return ""
