"""How do Gmail and Google Calendar stand behind one sign-in? As one account, of which only what is on is imported."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from config.settings import Consented
from connectors import google_api, google_pace
from connectors.contract import Connector, Session
from connectors.google_scopes import scopes
from connectors.google_tokens import GoogleTokens
from connectors.joined import Joined

if TYPE_CHECKING:
    from connectors.consent import Kept


class Options(Consented):
    """The keys of an account with `kind = "google"`."""

    kind: Literal["google"]
    client: Path  # the JSON of a "Desktop app" client of the user's own project; read at the sign-in alone
    units: Annotated[int, Field(ge=600, le=1_000_000)] = google_pace.UNITS  # what Google allows a user a minute


class Google(Joined):
    """The mailbox and the calendars of one Google account. Raises NeedsUser, TryLater and CursorLost."""

    def __init__(
        self,
        options: Options,
        *,
        now: datetime,
        session: Session,
        kept: "Kept",
        zone: tzinfo = UTC,
        endpoints: google_api.Endpoints | None = None,
    ) -> None:
        tokens = GoogleTokens(kept, session, now=now, wanted=scopes(options), endpoints=endpoints)
        self._api = google_api.Api(tokens, session, now=now, endpoints=endpoints, units=options.units)
        texts = options.read == "text"
        parts: dict[str, Connector] = {}
        if options.mail:
            from connectors.gmail import Gmail

            parts["mail"] = Gmail(self._api, texts=texts)
        if options.calendar:
            from connectors.google_calendar import GoogleCalendar

            parts["calendar"] = GoogleCalendar(self._api, options.calendars, now=now, zone=zone, texts=texts)
        super().__init__(parts)

    def close(self) -> None:
        """End the connections."""
        self._api.close()
