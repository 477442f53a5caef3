"""A mailbox and a calendar at Microsoft: the same contacts in each, at a fake as strict as the documents of Graph.

    outlook = OutlookBox()
    outlook.put(Contact("k1", OTTO, at))
    outlook.harm("refused")                  # every sign-in so far is worth nothing; `heal` is a new one
    connector = outlook.connector(now, session)

What a request did wrong stands in `outlook.fake.breaches`, and fails the test when the source is closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msal

from connectors.consent import AccessToken, Tokens
from connectors.contract import Connector, Session
from connectors.graph import Api, Endpoints
from connectors.joined import Joined
from connectors.microsoft import Options
from connectors.microsoft_tokens import MicrosoftTokens
from connectors.outlook_calendar import OutlookCalendar
from connectors.outlook_mail import OutlookMail
from tests.connectors.boxes import Box
from tests.fakes.graph_calendar import Event
from tests.fakes.graph_mail import Mail
from tests.fakes.microsoft import UNAVAILABLE, Microsoft, User, throttled
from tests.fakes.plumbing import CUT, DRIP, RESET, STALL, html
from tests.faults.houses import NOW
from tests.faults.sources import ME, Contact, Harm, Source

GRAPH = " /v1"
"""Every request to Graph."""

SPARE = ("drafts", "deleteditems", "junkemail", "outbox")
"""Folders that auld leaves out: without them a round has fewer reads to die at."""

HOUR = timedelta(hours=1)

NEVER_FULL = 1_000_000
"""Initial deltas a day, requests in ten minutes: whoever dies at each point of a round begins it a hundred times."""


class Hand:
    """The time at Microsoft: that of the last round."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Given:
    """A token that nobody has to ask for."""

    secret: str

    def access(self, *, refused: bool = False) -> AccessToken:
        assert not refused
        return AccessToken(self.secret, datetime(2100, 1, 1, tzinfo=UTC))


class AtMicrosoft(Source):
    """Whatever a sign-in at Microsoft opens."""

    kind = "microsoft"
    scopes: ClassVar[tuple[str, ...]]
    HARMS: ClassVar = {
        "cut": CUT,
        "reset": RESET,
        "stall": STALL,
        "drip": DRIP,
        "throttled": throttled("7200"),
        "broken": UNAVAILABLE,
        "nonsense": html(200, "Sign in"),
    }

    def __init__(self) -> None:
        super().__init__()
        self.clock = Hand()
        self.fake = Microsoft(self.clock).__enter__()
        self.fake.graph.quota = NEVER_FULL
        self.user: User = self.fake.user(ME, "Me Myself")
        self.user.mail.capacity = self.user.calendars.capacity = NEVER_FULL
        self.kept = Box()
        self.signed_in = True
        self.token = ""
        self.sign_in()

    def sign_in(self) -> None:
        """The user consents, again."""
        self.user.trouble, self.signed_in = "", True
        cache = msal.SerializableTokenCache()
        cache.add(
            {
                "client_id": self.fake.client_id,
                "scope": list(self.scopes),
                "token_endpoint": f"{self.fake.authority()}/oauth2/v2.0/token",
                "response": self.fake.signed_in(self.user, *self.scopes),
                "grant_type": "authorization_code",
            }
        )
        self.kept.value = cache.serialize()

    def harm(self, what: Harm) -> None:
        if what == "refused":
            self.user.revoke()
            self.signed_in = False
        elif what == "lost":
            self.lose()
        else:
            self.fake.graph.at(GRAPH, self.HARMS[what])

    def lose(self) -> None:
        """No link is good any more."""
        raise NotImplementedError

    def heal(self) -> None:
        self.fake.heal()
        if not self.signed_in:
            self.sign_in()

    def straight(self) -> None:
        self.user.lasts = NEVER_FULL
        self.token = self.fake.signed_in(self.user, *self.scopes)["access_token"]

    def tokens(self, now: datetime, session: Session) -> Tokens:
        if self.token:
            return Given(self.token)
        options = Options.model_validate(
            {"kind": "microsoft", "address": ME, "client_id": self.fake.client_id, **self.parts()}
        )
        return MicrosoftTokens(options, kept=self.kept, now=now, session=session, endpoints=self.endpoints())

    def parts(self) -> dict[str, bool]:
        """Which parts of the account are on."""
        return {"mail": "Mail.ReadBasic" in self.scopes, "calendar": "Calendars.ReadBasic" in self.scopes}

    def endpoints(self) -> Endpoints:
        return Endpoints(graph=f"{self.fake.graph.url}/v1.0", login=self.fake.login.url, trusted=self.fake.ca)

    def api(self, now: datetime, session: Session) -> Api:
        self.clock.now = now
        return Api(self.tokens(now, session), now=now, session=session, endpoints=self.endpoints())

    @property
    def secret(self) -> str:  # type: ignore[override]
        return self.kept.value

    @property
    def where(self) -> Mapping[str, str]:  # type: ignore[override]
        at = self.endpoints()
        return {"AULD_TESTS_MICROSOFT": f"{at.graph} {at.login} {at.trusted}"}

    def section(self) -> str:
        told = "".join(f"{name} = {str(on).lower()}\n" for name, on in self.parts().items())
        return f'kind = "microsoft"\naddress = "{ME}"\nclient_id = "{self.fake.client_id}"\n{told}'

    def close(self) -> None:
        self.fake.close()
        assert (self.fake.breaches, self.fake.graph.throttled) == ([], 0)
        assert self.fake.most_in_flight <= 4


class OutlookBox(AtMicrosoft):
    """A user's mail: what the user wrote stands in Sent Items."""

    scopes = ("Mail.ReadBasic",)

    def mails(self) -> dict[str, Mail]:
        """By key."""
        return {mail.subject.partition("Matter ")[2]: mail for mail in self.user.mail.mails.values()}

    def changed(self) -> None:
        shown = self.mails()
        for key in shown.keys() - self.there.keys() - {""}:
            self.user.delete(shown[key])
        for key, one in self.there.items():
            if key not in shown:
                mail = self.user.deliver(one.mail(), "sentitems" if one.mine else "inbox", one.at, read=one.mine)
                mail.nulls = one.odd

    def lose(self) -> None:
        self.user.mail.forget_sync_state()

    def straight(self) -> None:
        super().straight()
        for name in SPARE:
            self.user.mail.delete_folder(name)

    def connector(self, now: datetime, session: Session) -> Connector:
        return Joined({"mail": OutlookMail(self.api(now, session), now=now, page=self.page)})


class OutlookDiary(AtMicrosoft):
    """A user's calendar."""

    scopes = ("Calendars.ReadBasic",)

    def __init__(self) -> None:
        super().__init__()
        self.more: dict[str, dict[str, Any]] = {}  # of an event, by key

    def events(self) -> dict[str, Event]:
        """By key."""
        return {event.subject.split()[-1]: event for event in self.user.calendars.events.values()}

    def changed(self) -> None:
        shown = self.events()
        for key in shown.keys() - self.there.keys():
            self.user.calendars.delete(shown[key])
        for key, one in self.there.items():
            if key not in shown:
                self.enter(one)

    def enter(self, one: Contact, calendar: str = "") -> Event:
        """Write it into a calendar."""
        me = f"Me Myself <{ME}>"
        organizer, other = (me, one.who) if one.mine else (one.who, me)
        event = self.user.calendars.add(
            one.subject, one.at, one.at + HOUR, organizer=organizer, people=[other], calendar=calendar,
            uid=None if one.bare else f"{one.key}@cal.example", **self.more.get(one.key, {}),
        )  # fmt: skip
        event.nulls = one.odd
        return event

    def lose(self) -> None:
        self.user.calendars.forget_sync_state()

    def connector(self, now: datetime, session: Session) -> Connector:
        return Joined({"calendar": OutlookCalendar(self.api(now, session), now=now, address=ME, page=self.page)})


class ReadableDiary(OutlookDiary):
    """One in which every meeting can be read: where the clock goes on while a window is read twice, a miss counts once
    or twice, and neither is wrong."""

    def put(self, *contacts: Contact) -> None:
        super().put(*(one for one in contacts if not one.odd))
