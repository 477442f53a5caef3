"""How does the user open their Google account, and give the consent back?

The browser comes back to a port of this machine (RFC 8252), with a secret that only we know (PKCE, RFC 7636).
"""

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from connectors import google_answers, google_api, google_line
from connectors.consent import AccessToken, Consent, Fresh
from connectors.contract import NeedsUser, Session, TryLater
from connectors.google_answers import text_of
from connectors.google_client import client
from connectors.google_scopes import CALENDARS, METADATA, READING, WIDER, missing, named, scopes
from connectors.google_tokens import CONNECTIONS, ENDED, LASTS, TESTING, Held, granted_by
from connectors.redirect import Redirect

if TYPE_CHECKING:
    from connectors.google import Options
    from connectors.google_api import Endpoints


PARTING: Final = 10.0
"""Seconds that giving a consent back may take: whoever opts out does not wait for Google."""


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
    granted = granted_by(told) or frozenset(wanted)
    _check(granted, wanted)
    refresh = text_of(told, "refresh_token")
    if not refresh:
        what = "Google let auld in for an hour, and gave nothing that lasts."
        raise NeedsUser(what, f"Remove auld at {CONNECTIONS}, then sign in again.")
    address = _signed_in(text_of(told, "access_token"), granted, now, at)
    if address and not same_mailbox(address, options.address):
        what = f"You signed in as {address}, and this account is {options.address}."
        raise NeedsUser(what, f'Sign in as {options.address}, or write `address = "{address}"`. Nothing was kept.')
    held = Held(refresh, who.id, who.secret, address or options.address, tuple(sorted(granted)), now)
    return Consent(address, held.text(), held.scopes, (_warning(now),))


def _code(came: Mapping[str, str]) -> str:
    """What is to be exchanged for tokens. Raises NeedsUser."""
    error = came.get("error")
    if error in ENDED and error != "access_denied":
        raise NeedsUser(*ENDED[error])
    if error or not came.get("code"):
        raise NeedsUser("You did not allow it at Google, so that nothing was kept.", "Sign in again to allow it.")
    return came["code"]


def _check(granted: Collection[str], wanted: Collection[str]) -> None:
    """Raises NeedsUser where a box was not ticked, or Google mixes in more than was asked."""
    if lacking := missing(wanted, granted):
        what = f"You did not allow auld {named(lacking)}. Nothing was kept."
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
            raise NeedsUser(*ENDED[no.error]) from None
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
