"""One person's Google account on the fake, and our connectors to it: for tests of mail, calendar and sign-in.

    with Home() as home:
        home.deliver("A word", sender="bob@example.com")
        connector = home.gmail(page=2)

The clock of the fake is the clock of the session: what waits for the vendor moves it, and nothing else does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Self

from connectors.contract import Session
from connectors.gmail import Gmail
from connectors.google_api import Api, Endpoints
from connectors.google_calendar import GoogleCalendar
from connectors.google_scopes import CALENDARS, EVENTS, INSERT, METADATA, READONLY
from connectors.google_tokens import GoogleTokens, Held
from tests.fakes.google import Clock, Google
from tests.fakes.google_calendar import Calendars
from tests.fakes.google_mail import Mail

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = "ada@example.org"
BOB = "Bob Example <bob@example.com>"

INBOX = ("INBOX", "UNREAD", "CATEGORY_PERSONAL")
SENT = ("SENT",)


class Kept:
    """A `connectors.consent.Kept` in memory, which counts."""

    def __init__(self, value: str) -> None:
        self.value = value
        self.keeps: list[str] = []
        self.locks = 0
        self.open = False

    def get(self) -> str:
        return self.value

    def keep(self, value: str) -> None:
        assert self.open, "only who has the lock keeps"
        self.keeps.append(value)
        self.value = value

    @contextmanager
    def locked(self) -> Iterator[None]:
        assert not self.open
        self.locks += 1
        self.open = True
        try:
            yield
        finally:
            self.open = False


def letter(
    subject: str = "A word",
    *,
    sender: str = BOB,
    to: str = f"Ada <{ADA}>",
    at: datetime = NOW - timedelta(days=1),
    text: str = "Some words.\n",
    answers: str = "",
    **more: str,
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = sender, to, subject, format_datetime(at)
    named = more.pop("message_id", f"{abs(hash((subject, at)))}@mail.example")
    if named:
        mail["Message-ID"] = f"<{named}>"
    if answers:
        mail["In-Reply-To"] = mail["References"] = f"<{answers}>"
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


class Home:
    """The account of ADA, with a consent that was given a minute ago."""

    def __init__(self, *scopes: str, units: int | None = 6_000, now: datetime = NOW) -> None:
        self.clock = Clock(now)
        self.fake = Google(self.clock)
        self.ada = self.fake.user(ADA)
        self.fake.quota(units)
        self.units = units or 1_000_000
        self.scopes = scopes or (METADATA, EVENTS, CALENDARS)
        self.consent()
        self.rested: list[float] = []
        self.ends = float("inf")
        self.made: list[Api] = []

    def consent(self, *, since: timedelta = timedelta(minutes=1)) -> None:
        """She was at the pages so long ago."""
        grant = self.fake.consents.consent(ADA, *self.scopes)
        told = self.fake.consents
        held = Held(grant.refresh, told.client_id, told.client_secret, ADA, self.scopes, self.now - since)
        self.grant, self.kept = grant, Kept(held.text())

    def __enter__(self) -> Self:
        self.fake.__enter__()
        return self

    def __exit__(self, *told: object) -> None:
        for one in self.made:
            one.close()
        self.fake.__exit__(*told)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def rest(self, seconds: float) -> None:
        self.rested.append(seconds)
        self.clock.pass_by(seconds)

    def session(self, **more: Any) -> Session:
        return Session(self.clock, more.pop("ends", self.ends), rest=self.rest, **more)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints.at(self.fake.url)

    def tokens(self, session: Session | None = None, *wanted: str) -> GoogleTokens:
        session = session or self.session()
        return GoogleTokens(self.kept, session, now=self.now, wanted=wanted, endpoints=self.endpoints)

    def api(self, session: Session | None = None, **more: Any) -> Api:
        session = session or self.session()
        more = {"units": self.units} | more
        made = Api(self.tokens(session), session, now=self.now, endpoints=self.endpoints, **more)
        self.made.append(made)
        return made

    def gmail(self, *, session: Session | None = None, texts: bool = False, **more: Any) -> Gmail:
        return Gmail(self.api(session), texts=texts, **more)

    @property
    def calendars(self) -> Calendars:
        return self.ada.calendars

    def calendar(self, *chosen: str, session: Session | None = None, **more: Any) -> GoogleCalendar:
        return GoogleCalendar(self.api(session), chosen, now=self.now, **more)

    def deliver(
        self, subject: str = "A word", *labels: str, at: datetime = NOW - timedelta(days=1), **more: str
    ) -> Mail:
        return self.ada.deliver(letter(subject, at=at, **more), labels or INBOX, at)

    def thread(
        self, subject: str, mails: int, *, mine: bool = False, at: datetime = NOW - timedelta(days=2)
    ) -> list[Mail]:
        """A thread of so many mails; with `mine`, the second one is the user's."""
        first = f"{abs(hash(subject))}@mail.example"
        made = [self.deliver(subject, at=at, message_id=first)]
        for number in range(1, mails):
            when = at + timedelta(minutes=number)
            labels = SENT if mine and number == 1 else INBOX
            who = f"Ada <{ADA}>" if labels == SENT else BOB
            named = f"{number}.{first}"
            made.append(self.deliver(f"Re: {subject}", *labels, at=when, sender=who, answers=first, message_id=named))
        return made

    def calls(self, name: str = "") -> list[str]:
        """The methods that were called, in order."""
        return [one.method.removeprefix("gmail.users.") for one in self.fake.calls if name in one.method]

    def kind(self) -> None:
        """Nothing was asked that the documents do not allow."""
        assert self.fake.breaches == []
        assert self.fake.crashes == []


__all__ = [
    "ADA",
    "BOB",
    "CALENDARS",
    "EVENTS",
    "INBOX",
    "INSERT",
    "METADATA",
    "NOW",
    "READONLY",
    "SENT",
    "Home",
    "Kept",
]
