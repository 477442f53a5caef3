"""How does an account at Google stay open, once the user has opened it?

What is kept is the refresh token with its client and the day of the consent. Renewing is one request and a table of
answers of our own (`renewed`): only the user can bring a consent back, everything else passes.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from connectors import google_answers, google_api, google_line
from connectors.consent import AccessToken, Kept
from connectors.contract import NeedsUser, Session, TryLater
from connectors.google_answers import text_of
from connectors.google_scopes import missing, named

if TYPE_CHECKING:
    from connectors.google_api import Endpoints


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


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a renewal brought."""

    secret: str = field(repr=False)
    lasts: float  # seconds
    scopes: frozenset[str] = frozenset()
    refresh: str = field(default="", repr=False)  # a new refresh token, where Google gave one


ENDED: Final = {
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
        return Renewed(secret, _lasts(told), granted_by(told), text_of(told, "refresh_token"))
    error, said = text_of(told, "error"), text_of(told, "error_description")
    if status in (400, 401, 403):
        if error == "invalid_grant" and not _CLOCK.search(said):
            raise ended(held, now, text_of(told, "error_subtype"))
        if error in ENDED:
            raise NeedsUser(*ENDED[error])
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


def granted_by(told: Mapping[str, Any]) -> frozenset[str]:
    """The scopes that an answer says are granted."""
    said = told.get("scope")
    return frozenset(
        said.split() if isinstance(said, str) else map(str, said) if isinstance(said, list | tuple) else ()
    )


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
            raise NeedsUser(f"The consent at Google does not cover {named(lacking)}.", AGAIN)
        if got.refresh and got.refresh != held.refresh:
            kept = Held(got.refresh, held.client_id, held.client_secret, held.address, held.scopes, held.since)
            self._kept.keep(kept.text())
        self._until = self._session.clock() + max(got.lasts - EARLY, 1.0)
        return AccessToken(got.secret, at + timedelta(seconds=got.lasts), granted)
