"""What would Google say? A fake of its sign-in, of Gmail and of Google Calendar, as strict as its documents.

    with Google() as fake:
        ada = fake.user("ada@example.org")
        ada.deliver(mail)
        grant = fake.consents.consent(ada.address, GMAIL_METADATA)     # as if she had been at the pages
        ...                                                            # the real client, with fake.url as its root
        assert fake.breaches == [] and fake.crashes == []

A request that is not as the discovery documents say gets the documented error and an entry in `breaches`. Quota is
counted by `clock`, which a test may hold in its hand (`Clock`).
"""

import json
import random
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import cache
from typing import Any

from tests.fakes import google_batch
from tests.fakes import google_errors as say
from tests.fakes.discovery import Api, Found, RefusedError
from tests.fakes.google_calendar import Calendars
from tests.fakes.google_consent import Access, Consents
from tests.fakes.google_errors import ProblemError
from tests.fakes.google_mail import Call, Gmail, Mail, Mailbox
from tests.fakes.plumbing import PAGE, Answer, Asked, Server

AUTH = "https://www.googleapis.com/auth/"
GMAIL_METADATA = f"{AUTH}gmail.metadata"
GMAIL_READONLY = f"{AUTH}gmail.readonly"
GMAIL_INSERT = f"{AUTH}gmail.insert"
EVENTS_READONLY = f"{AUTH}calendar.events.readonly"
CALENDAR_LIST_READONLY = f"{AUTH}calendar.calendarlist.readonly"

COSTS = {
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
    "gmail.users.labels.get": 1,
    "gmail.users.history.list": 2,
    "gmail.users.messages.list": 5,
    "gmail.users.threads.list": 10,
    "gmail.users.messages.get": 20,
    "gmail.users.messages.insert": 25,
    "gmail.users.threads.get": 40,
}
"""Quota units, for projects made since May 2026."""

UNITS = 6_000
"""A user's quota units in a minute, for the same projects."""

REQUESTS = 600
"""A user's requests to the calendar in a minute."""

AT_ONCE = 50
"""Requests of a user in flight, parts of a batch counted; reported: a batch of 100 is too many, 25 never are."""

COOLS = 10.0
"""Seconds for which only half as many are allowed after there were too many."""

MINUTE = 60.0


@cache
def apis() -> tuple[Api, ...]:
    return Api("gmail", "v1"), Api("calendar", "v3")


class Clock:
    """A clock in a test's hand: it stands still until it is moved."""

    def __init__(self, at: datetime | float) -> None:
        self.at = at.timestamp() if isinstance(at, datetime) else at

    def __call__(self) -> float:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Meter:
    """What one user's requests have cost."""

    limit: int | None
    units: int = 0
    requests: int = 0
    refused: int = 0  # for their number
    flying: int = 0
    most: int = 0  # in flight at once, parts of a batch counted
    by_minute: Counter[int] = field(default_factory=Counter)
    cools_until: float = 0.0
    _window: deque[tuple[float, int]] = field(default_factory=deque)
    _in_window: int = 0

    def take(self, now: float, cost: int) -> bool:
        """Whether that may still be spent."""
        while self._window and self._window[0][0] <= now - MINUTE:
            self._in_window -= self._window.popleft()[1]
        if self.limit is not None and self._in_window + cost > self.limit:
            self.refused += 1
            return False
        self._window.append((now, cost))
        self._in_window += cost
        self.units += cost
        self.requests += 1
        self.by_minute[int(now // MINUTE)] += cost
        return True


@dataclass(frozen=True)
class Called:
    """One call of a method that was answered."""

    method: str
    user: str
    status: int
    units: int
    parameters: tuple[tuple[str, str], ...]
    batch: bool
    at: float


class User:
    """One person's account."""

    def __init__(self, fake: "Google", address: str) -> None:
        self.address = address
        self._consents = fake.consents
        self.mail = Mailbox(fake.clock, seed=len(fake.users))
        self.gmail = Gmail(self.mail, address, fake.breach)
        self.calendars = Calendars(address, fake.clock, fake.breach)
        self.meter = Meter(UNITS)
        self.calendar_meter = Meter(REQUESTS)

    def deliver(
        self,
        mail: bytes | EmailMessage,
        labels: Iterable[str] = ("INBOX", "UNREAD", "CATEGORY_PERSONAL"),
        at: datetime | None = None,
    ) -> Mail:
        return self.mail.deliver(mail, labels, at)

    def send(self, mail: bytes | EmailMessage, at: datetime | None = None) -> Mail:
        return self.mail.deliver(mail, ("SENT",), at)

    # what becomes of cursors and consents

    def forget_history(self) -> None:
        self.mail.forget_history()

    def expire_sync_tokens(self) -> None:
        self.calendars.expire_sync_tokens()

    def revoke(self) -> None:
        """Every consent is taken back."""
        self._consents.revoke(self.address)

    def withdraw_scope(self, *scopes: str) -> None:
        self._consents.withdraw(self.address, *scopes)

    def expire_access(self) -> None:
        """The access tokens of all users are past their time."""
        self._consents.expire()


class Google(Server):
    """The fake."""

    def __init__(
        self, clock: Callable[[], float] = time.time, *, tls: ssl.SSLContext | None = None, seed: int = 0
    ) -> None:
        super().__init__(tls)
        self.clock = clock
        self.users: dict[str, User] = {}
        self.consents = Consents(lambda: self.url, clock, self.breach)
        self.calls: list[Called] = []  # one for each call of a method, parts of batches too
        self.in_order = False  # whether the parts of a batch are answered in the order in which they were asked
        self.at_once: int | None = AT_ONCE
        self.rate_answer: Callable[[], Answer] = say.rate_limited
        self._dice = random.Random(seed)

    def user(self, address: str) -> User:
        """Somebody with an account."""
        if address not in self.users:
            self.users[address] = User(self, address)
            self.consents.people[address] = str(10**20 + len(self.users))
        return self.users[address]

    def quota(self, units: int | None) -> None:
        """From now on so many units a minute; None is no limit."""
        for user in self.users.values():
            user.meter.limit = units
            user.calendar_meter.limit = None if units is None else REQUESTS

    def hollow(self, on: bool = True) -> None:
        """Everything of everybody's is empty at once."""
        for user in self.users.values():
            user.gmail.hollow = user.calendars.hollow = on

    def forget_pages(self) -> None:
        """Every page token that was given out is refused."""
        for user in self.users.values():
            user.gmail.pager.forget()
            user.calendars.pager.forget()

    @property
    def units(self) -> int:
        """Gmail's, of all users."""
        return sum(user.meter.units for user in self.users.values())

    @property
    def refused(self) -> int:
        """How often somebody was told to wait."""
        return sum(user.meter.refused + user.calendar_meter.refused for user in self.users.values())

    def answer(self, asked: Asked) -> Answer:
        said = self.consents.answer(asked)
        if said is not None:
            return said
        if asked.path == "/portal":
            return Answer.html(PAGE.format("Welcome to the hotel"))
        if asked.path == "/batch" or asked.path.startswith("/batch/"):
            return self._batch(asked)
        return self._api(asked)

    # a batch

    def _batch(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return say.not_found()
        try:
            parts = google_batch.parts(asked)
        except google_batch.NoBatchError as trouble:
            self.breach(f"batch: {trouble}")
            return say.error(400, str(trouble), "badRequest")
        if len(parts) > google_batch.MOST:
            self.breach(f"a batch of {len(parts)}")
            return say.error(400, "The batch request has too many parts.", "badRequest")
        answers = [(name, self._part(asked.path, part, n)) for n, (name, part) in enumerate(parts)]
        if not self.in_order:
            self._dice.shuffle(answers)
        return google_batch.joined([(name, said) for name, said in answers if said is not None])

    def _part(self, path: str, asked: Asked, place: int) -> Answer | None:
        """The answer to a part of a batch; None is none at all."""
        fault = self.fault(asked)
        if fault and fault.act:
            return None
        if fault and fault.instead:
            return fault.instead
        below = path.removeprefix("/batch").strip("/")
        if not asked.path.startswith(f"/{below or 'gmail/v1'}/") or asked.path.startswith("/batch"):
            self.breach(f"batch {path}: a part for another API")
            return say.not_found()
        said = self._api(asked, place)
        return fault.change(said) if fault and fault.change else said

    # a call

    def _api(self, asked: Asked, place: int | None = None) -> Answer:
        found = next((met for api in apis() if (met := api.find(asked.method, asked.path))), None)
        if found is None:
            self.breach(f"{asked.method} {asked.path}: there is no such method")
            return Answer.html(PAGE.format("Error 404 (Not Found)!!1"), 404)
        access = self._let_in(asked)
        if access is None:
            return say.unauthenticated()
        user = self.user(access.grant.address)
        cost = COSTS.get(found.id, 1)
        said = self._counted(found, asked, access, user, cost, place)
        self.calls.append(
            Called(found.id, user.address, said.status, cost, tuple(asked.parameters), place is not None, self.clock())
        )
        return said

    def _let_in(self, asked: Asked) -> Access | None:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if any(name in ("access_token", "oauth_token") for name, _ in asked.parameters):
            self.breach("a token in an address")
        if scheme.lower() != "bearer" or not token:
            self.breach("no bearer token")
            return None
        return self.consents.good(token)

    def _counted(self, found: Found, asked: Asked, access: Access, user: User, cost: int, place: int | None) -> Answer:
        """The answer, where there is room for it."""
        gmail = found.id.startswith("gmail.")
        meter = user.meter if gmail else user.calendar_meter
        with self._lock:
            meter.flying += 1
            at_once = meter.flying + (place or 0)
            meter.most = max(meter.most, at_once)
        try:
            with self._lock:  # one after the other, so that a mailbox is whole while it is looked at
                if self._crowded(meter, at_once):
                    return say.too_many_at_once()
                return self._looked_at(found, asked, access, user, meter, cost)
        finally:
            with self._lock:
                meter.flying -= 1

    def _crowded(self, meter: Meter, at_once: int) -> bool:
        if self.at_once is None:
            return False
        now = self.clock()
        if at_once <= (self.at_once // 2 if now < meter.cools_until else self.at_once):
            return False
        meter.refused += 1
        meter.cools_until = now + COOLS
        return True

    def _looked_at(self, found: Found, asked: Asked, access: Access, user: User, meter: Meter, cost: int) -> Answer:
        if not access.scopes & set(found.method["scopes"]):
            if not access.grant.scopes & set(found.method["scopes"]):
                self.breach(f"{found.id}: its scope was never asked for")
            return say.insufficient(" ".join(found.method["scopes"]))
        try:
            values = found.check(asked.parameters)
        except RefusedError as trouble:
            self.breach(f"{found.id}: {trouble.what}")
            return say.invalid(trouble.what, trouble.name)
        if not meter.take(self.clock(), cost):
            return self.rate_answer()
        try:
            told = self._told(found, Call(found.id, values, dict(found.path), access.scopes, asked, found.upload), user)
        except ProblemError as trouble:
            return trouble.answer
        if problems := found.api.answer_problems(found.method, told):
            raise AssertionError(f"{found.id}: {problems}")
        if fields := values.get("fields"):
            told = found.api.selected(fields[0], found.method["response"]["$ref"]).of(told)
        return Answer.json(told)

    def _told(self, found: Found, call: Call, user: User) -> Any:
        if not found.id.startswith("gmail."):
            return user.calendars.answer(call)
        if "request" in found.method and not call.upload:
            self._body(found, call.asked)
        return user.gmail.answer(call)

    def _body(self, found: Found, asked: Asked) -> None:
        """Raises ProblemError where the body is not as described."""
        try:
            body = json.loads(asked.body or b"{}")
        except ValueError:
            self.breach(f"{found.id}: the body is no JSON")
            raise ProblemError(say.invalid("Invalid JSON payload received.")) from None
        ref = found.method["request"]["$ref"]
        if problems := list(found.api.problems({"$ref": ref}, body, ref)):
            self.breach(f"{found.id}: {problems}")
            raise ProblemError(say.invalid(f"Invalid JSON payload received. {problems[0]}"))
