"""A mailbox and a calendar at Google: the same contacts in each, at a fake that is as strict as Google's documents.

    gmail = GmailBox()
    gmail.put(Contact("k1", OTTO, at))
    gmail.harm("refused")                    # the consent is taken back; `heal` gives another one
    connector = gmail.connector(now, session)

What a request did wrong stands in `gmail.fake.breaches`, and fails the test when the source is closed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from connectors.contract import Connector, Session
from connectors.gmail import Gmail
from connectors.google_api import Api, Endpoints
from connectors.google_calendar import GoogleCalendar
from connectors.google_tokens import GoogleTokens, Held
from connectors.joined import Joined
from tests.connectors.boxes import Box
from tests.fakes import google_errors as say
from tests.fakes import plumbing
from tests.fakes.google import CALENDAR_LIST_READONLY, EVENTS_READONLY, GMAIL_METADATA, Clock, Google
from tests.fakes.google_calendar import Event
from tests.fakes.google_mail import Mail
from tests.fakes.plumbing import CUT, DRIP, HANG_UP, RESET, STALL, Fault
from tests.faults.houses import NOW
from tests.faults.sources import ME, Contact, Harm, Source

UNITS = 1_000_000
"""Here nobody waits for a quota; that it is kept, the connector's own tests look at."""

API = r" /(batch|gmail|calendar)\b"
"""Every request but those for tokens."""


class Signed(Joined):
    """Parts behind one sign-in, as connectors.google joins them, with pages as small as a test wants them."""

    def __init__(self, api: Api, parts: Mapping[str, Connector]) -> None:
        super().__init__(parts)
        self.api = api

    def close(self) -> None:
        self.api.close()


class AtGoogle(Source):
    """Whatever a consent at Google opens."""

    kind = "google"
    scopes: ClassVar[tuple[str, ...]]
    mail: ClassVar[bool]
    HARMS: ClassVar = {
        "cut": CUT,
        "reset": RESET,
        "stall": STALL,
        "drip": DRIP,
        "throttled": Fault(say.rate_limited(retry_after="7200")),
        "broken": plumbing.html(503),
        "nonsense": plumbing.html(200, "Sign in"),
    }

    def __init__(self) -> None:
        super().__init__()
        self.fake = Google(Clock(NOW)).__enter__()
        self.user = self.fake.user(ME)
        self.fake.quota(None)
        self.kept = Box()
        self.sign_in()

    def sign_in(self) -> None:
        """The user consents, again."""
        grant = self.fake.consents.consent(ME, *self.scopes)
        client = self.fake.consents
        self.kept.value = Held(grant.refresh, client.client_id, client.client_secret, ME, self.scopes, NOW).text()

    def harm(self, what: Harm) -> None:
        if what == "refused":
            self.fake.consents.revoke(ME)
        elif what == "empty":
            self.fake.hollow()
        elif what == "omitted":
            self.omit()
        elif what == "lost":
            self.lose()
        else:
            self.fake.at(API, self.HARMS[what])

    def omit(self) -> None:
        """What came last is listed and not shown."""
        raise NotImplementedError

    def lose(self) -> None:
        """No cursor is good any more."""
        raise NotImplementedError

    def heal(self) -> None:
        self.fake.heal()
        self.fake.hollow(False)
        if self.fake.consents.ended(self.fake.consents.grants[-1]):
            self.sign_in()

    def api(self, now: datetime, session: Session) -> Api:
        at = Endpoints.at(self.fake.url)
        tokens = GoogleTokens(self.kept, session, now=now, wanted=self.scopes, endpoints=at)
        return Api(tokens, session, now=now, endpoints=at, units=UNITS)

    @property
    def secret(self) -> str:  # type: ignore[override]
        return self.kept.value

    @property
    def where(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"AULD_TESTS_GOOGLE": self.fake.url}

    def section(self) -> str:
        return (
            f'kind = "google"\naddress = "{ME}"\nclient = "/nowhere/client.json"\nunits = {UNITS}\n'
            f"mail = {str(bool(self.mail)).lower()}\ncalendar = {str(not self.mail).lower()}\n"
        )

    def close(self) -> None:
        self.fake.close()
        assert (self.fake.breaches, self.fake.crashes) == ([], [])


class GmailBox(AtGoogle):
    """A user's mail."""

    scopes = (GMAIL_METADATA,)
    mail = True

    def mails(self) -> dict[str, Mail]:
        """By key."""
        named = {str(mail.parsed()["Subject"]): mail for mail in self.user.mail.mails.values()}
        return {subject.split()[-1]: mail for subject, mail in named.items() if subject.startswith("Matter")}

    def changed(self) -> None:
        shown = self.mails()
        for key in shown.keys() - self.there.keys():
            self.user.mail.delete(shown[key].id)
        for key, one in self.there.items():
            if key not in shown:
                self.user.mail.deliver(one.mail(), ["SENT"] if one.mine else ["INBOX", "UNREAD"], one.at)

    def omit(self) -> None:
        self.fake.at(f"/(messages|threads)/{self.mails()['rolf'].id}", HANG_UP)

    def lose(self) -> None:
        self.user.mail.forget_history()

    def connector(self, now: datetime, session: Session) -> Connector:
        api = self.api(now, session)
        return Signed(api, {"mail": Gmail(api, page=self.page)})


class GoogleDiary(AtGoogle):
    """A user's calendar."""

    scopes = (EVENTS_READONLY, CALENDAR_LIST_READONLY)
    mail = False

    def __init__(self) -> None:
        super().__init__()
        self.more: dict[str, dict[str, Any]] = {}  # fields of an event, by key
        self.calendar = self.user.calendars.primary

    def shown(self) -> dict[str, Event]:
        """By key, what is not cancelled and no instance of a series."""
        live = [one for one in self.calendar.events.values() if one["status"] != "cancelled"]
        return {one["summary"].split()[-1]: one for one in live if "recurringEventId" not in one}

    def changed(self) -> None:
        shown = self.shown()
        for key in shown.keys() - self.there.keys():
            self.calendar.cancel(shown[key]["id"])
        for key, one in self.there.items():
            if key not in shown:
                self.calendar.put_event(one.at, id_=f"k{key.encode().hex()}", **self.fields(one))

    def fields(self, one: Contact) -> dict[str, Any]:
        """An event that Contact.event would be."""
        organiser, other = (ME, one.address) if one.mine else (one.address, ME)
        name = one.who.partition("<")[0].strip()
        uid = {} if one.bare else {"iCalUID": f"{one.key}@cal.example"}
        more: dict[str, Any] = {
            "summary": one.subject,
            "organizer": {"email": organiser, "displayName": "Me Myself" if one.mine else name, "self": one.mine},
            "attendees": [
                {"email": other, "displayName": name if one.mine else "Me Myself", "responseStatus": "accepted"}
            ],
        }
        return more | uid | self.more.get(one.key, {})

    def omit(self) -> None:
        raise NotImplementedError("a calendar shows what it lists")

    def lose(self) -> None:
        self.user.calendars.expire_sync_tokens()

    def connector(self, now: datetime, session: Session) -> Connector:
        api = self.api(now, session)
        return Signed(api, {"calendar": GoogleCalendar(api, now=now, page=self.page)})
