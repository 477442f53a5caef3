"""How do we stay in at Microsoft, once the user has let us in?

A refresh token is new each time: it is on the disk before the access token that came with it is used.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from connectors.consent import AccessToken, Kept
from connectors.contract import NeedsUser, Session
from connectors.graph import Endpoints
from connectors.microsoft_answers import AGAIN, trouble
from connectors.microsoft_service import TokenService, granted, odd

if TYPE_CHECKING:
    from connectors.microsoft import Options


SPARE: Final = timedelta(minutes=5)
"""An access token that ends sooner is renewed first: a page may take that long."""


def scopes(options: "Options", *, digest: bool = False) -> tuple[str, ...]:
    """The rights that are asked for: the narrowest that do. `digest`: auld sends its digest to this address."""
    asked = []
    if options.mail:
        asked.append(f"Mail.Read{basic(options)}")
    if options.calendar:
        asked.append(f"Calendars.Read{basic(options)}")
    if digest:
        asked.append("Mail.Send")
    return tuple(asked)


def basic(options: "Options") -> str:
    """The end of the name of a right that shows no text, where that is enough."""
    return "" if options.read == "text" or options.rights == "read" else "Basic"


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
        with odd():
            client = TokenService(self._options, kept, now=self._at(), session=self._session, endpoints=self._endpoints)
            result = client.silently(self._asked)
        if result is None:
            raise NeedsUser("This account is not signed in at Microsoft.", AGAIN)
        if "access_token" not in result:
            raise trouble(result, self._options)
        self._kept.keep(client.kept())
        seconds = float(str(result.get("expires_in", 0)))
        return AccessToken(str(result["access_token"]), self._at() + timedelta(seconds=seconds), granted(result))

    def _at(self) -> datetime:
        return self._now + timedelta(seconds=self._session.clock() - self._began)
