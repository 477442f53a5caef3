"""What stands behind a sign-in at Microsoft: a mailbox, calendars, or both?

No library of Microsoft's is imported before the first token is asked for, and of the two parts only what is on.
"""

import re
from datetime import UTC, datetime, tzinfo
from typing import Literal

from pydantic import field_validator

from config.settings import Consented, shown
from connectors.consent import Kept
from connectors.contract import Connector, Session
from connectors.graph import Api, Endpoints
from connectors.joined import Joined
from connectors.microsoft_tokens import MicrosoftTokens

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TENANTS = ("common", "consumers", "organizations")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class Options(Consented):
    """`[accounts.NAME]` with `kind = "microsoft"`."""

    kind: Literal["microsoft"]
    client_id: str
    """Of the app registration: docs/microsoft.md says how one is made."""
    tenant: str = "common"
    """"consumers" for private accounts, the id or domain of an organisation, or "common" for either."""
    sign_in: Literal["browser", "device"] = "browser"
    rights: Literal["basic", "read"] = "basic"
    """"read" asks for the right to read texts where Microsoft does not let us in without; none is read for that."""

    @field_validator("client_id")
    @classmethod
    def _an_id(cls, value: str) -> str:
        plain = value.strip().lower()
        if not _ID.fullmatch(plain):
            raise ValueError(
                f"{shown(value)} is not the id of an app. It looks like 00000000-0000-0000-0000-000000000000."
            )
        return plain

    @field_validator("tenant")
    @classmethod
    def _a_tenant(cls, value: str) -> str:
        plain = value.strip().lower()
        if plain not in _TENANTS and not _ID.fullmatch(plain) and not _DOMAIN.fullmatch(plain):
            raise ValueError(f'{shown(value)} is not "common", "consumers", "organizations", an id or a domain.')
        return plain


class Microsoft(Joined):
    """The mailbox and the calendars of one account, as far as they are on. `zone` is home to unknown zones."""

    def __init__(
        self,
        options: Options,
        *,
        now: datetime,
        session: Session,
        kept: Kept,
        zone: tzinfo = UTC,
        endpoints: Endpoints | None = None,
    ) -> None:
        tokens = MicrosoftTokens(options, kept=kept, now=now, session=session, endpoints=endpoints)
        api = Api(tokens, now=now, session=session, endpoints=endpoints)
        basic = "" if options.read == "text" or options.rights == "read" else "Basic"
        parts: dict[str, Connector] = {}
        if options.mail:
            from connectors.outlook_mail import OutlookMail

            parts["mail"] = OutlookMail(api, now=now, texts=options.read == "text", right=f"Mail.Read{basic}")
        if options.calendar:
            from connectors.outlook_calendar import OutlookCalendar

            parts["calendar"] = OutlookCalendar(
                api,
                now=now,
                zone=zone,
                address=options.address,
                chosen=options.calendars,
                texts=options.read == "text",
                right=f"Calendars.Read{basic}",
            )
        super().__init__(parts)
