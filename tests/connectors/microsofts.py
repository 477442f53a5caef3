"""A user of the Microsoft fake, and connectors that read what is theirs through the real msal and requests."""

import itertools
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import msal

from connectors.contract import Session
from connectors.graph import Api, Endpoints
from connectors.microsoft import Microsoft, Options
from connectors.microsoft_tokens import MicrosoftTokens
from connectors.outlook_calendar import OutlookCalendar
from connectors.outlook_mail import OutlookMail
from tests.connectors.boxes import Box
from tests.fakes.microsoft import Microsoft as Fake
from tests.fakes.microsoft import User

NOW = datetime(2024, 6, 10, 12, tzinfo=UTC)

_NUMBERS = itertools.count(1)


def endpoints(fake: Fake) -> Endpoints:
    return Endpoints(graph=f"{fake.graph.url}/v1.0", login=fake.login.url, trusted=fake.ca)


def options(fake: Fake, user: User, **more: Any) -> Options:
    told = {"kind": "microsoft", "address": user.address, "client_id": fake.client_id, **more}
    return Options.model_validate(told)


def signed_in(fake: Fake, user: User, *scopes: str) -> Box:
    """What is kept after the user consented to these."""
    said = fake.signed_in(user, *scopes)
    cache = msal.SerializableTokenCache()
    cache.add(
        {
            "client_id": fake.client_id,
            "scope": list(scopes),
            "token_endpoint": f"{fake.authority()}/oauth2/v2.0/token",
            "response": said,
            "grant_type": "authorization_code",
        }
    )
    return Box(cache.serialize())


@dataclass
class House:
    """One user with a mailbox at the fake; what they let auld read is `scopes`."""

    fake: Fake
    user: User
    scopes: tuple[str, ...] = ("Mail.ReadBasic", "Calendars.ReadBasic")
    now: datetime = NOW
    rests: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.box = signed_in(self.fake, self.user, *self.scopes)
        self._before = len(self.fake.asked())

    def _options(self, **more: Any) -> Options:
        """What asks for the rights that were granted."""
        more.setdefault("mail", any(one.startswith("Mail.") for one in self.scopes))
        more.setdefault("calendar", any(one.startswith("Calendars.") for one in self.scopes))
        more.setdefault("rights", "read" if any(one.endswith(".Read") for one in self.scopes) else "basic")
        return options(self.fake, self.user, **more)

    def session(self, **more: Any) -> Session:
        more.setdefault("rest", self.rests.append)
        return Session(time.monotonic, **more)

    def api(self, session: Session | None = None, **more: Any) -> Api:
        session = session or self.session()
        tokens = MicrosoftTokens(
            self._options(**more),
            kept=self.box,
            now=self.now,
            session=session,
            endpoints=endpoints(self.fake),
        )
        return Api(tokens, now=self.now, session=session, endpoints=endpoints(self.fake))

    def mail(self, session: Session | None = None, **more: Any) -> OutlookMail:
        return OutlookMail(self.api(session), now=self.now, **more)

    def calendar(self, session: Session | None = None, **more: Any) -> OutlookCalendar:
        more.setdefault("address", self.user.address)
        return OutlookCalendar(self.api(session), now=self.now, **more)

    def account(self, session: Session | None = None, **more: Any) -> Microsoft:
        return Microsoft(
            self._options(**more),
            now=self.now,
            session=session or self.session(),
            kept=self.box,
            endpoints=endpoints(self.fake),
        )

    def asked(self, pattern: str = "") -> int:
        """How many requests Graph has got since that the pattern is found in."""
        return sum(1 for one in self.fake.asked()[self._before :] if re.search(pattern, one))


def house(fake: Fake, **more: Any) -> House:
    """Somebody new."""
    return House(fake, fake.user(f"ada{next(_NUMBERS)}@example.org", "Ada Weaver"), **more)


def letter(
    subject: str = "A word",
    *,
    sender: str = "Bob Example <bob@example.org>",
    to: str = "ada@example.org",
    at: datetime = NOW,
    message_id: str = "",
    text: str = "Dear Ada, how are you?",
    **more: str,
) -> EmailMessage:
    """A mail as it came over the wire; `_` in the name of a header is `-`."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, at
    mail["Message-ID"] = message_id or f"<{next(_NUMBERS)}@mail.example.org>"
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail
