"""What does Microsoft answer? Its sign-in and Graph's mail and calendars, on loopback, to the letter of the documents.

    with Microsoft() as fake:
        ada = fake.user("ada@example.org")
        ada.deliver(raw, at=yesterday)
        fake.authority("common"), fake.graph.url + "/v1.0", fake.ca      # where, and whom to trust
        fake.graph.at(r"messages/delta", throttled("2.128"), times=1)    # the next such answer
        ...
        assert fake.breaches == []                                       # nobody asked what is not documented

It is made from the documents alone and shares nothing with the connectors: whatever they understand wrongly, shows.
"""

import contextlib
import json
import random
import re
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, Self
from urllib.parse import unquote

from tests.fakes import graph_calendar as calendar
from tests.fakes import graph_mail as mail
from tests.fakes.graph_calendar import Calendars
from tests.fakes.graph_mail import Mailbox
from tests.fakes.graph_schema import (
    USER,
    Ask,
    Many,
    Prefer,
    Query,
    Record,
    Refused,
    Said,
    bad,
    flaws,
    shown,
    utc,
)
from tests.fakes.https import Authority
from tests.fakes.microsoft_identity import CONSUMERS, App, Login, Person
from tests.fakes.plumbing import Act, Answer, Asked, Fault, Server

CLIENT: Final = "5b1f9e0c-2f5e-4c53-9d0b-7a3d1f6c0a11"
TENANT: Final = "7f3a52b4-0d6e-4b93-8a77-51c2a9de4410"

AT_ONCE: Final = 4
"""Requests in flight of one app at one mailbox (Outlook service limits)."""

QUOTA, WINDOW = 10_000, timedelta(minutes=10)
"""Requests of one app at one mailbox within that time (Outlook service limits)."""

PARTS: Final = 20
"""Requests in one batch."""

JSON: Final = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


class User(Person):
    """Somebody with a mailbox and calendars."""

    def __init__(self, address: str, name: str, tenant: str, clock: Callable[[], datetime]) -> None:
        super().__init__(address, name, tenant, str(uuid.uuid5(uuid.NAMESPACE_URL, address)))
        self.mail = Mailbox(address, clock)
        self.deliver, self.move, self.copy = self.mail.deliver, self.mail.move, self.mail.copy
        self.bin, self.delete, self.mark = self.mail.bin, self.mail.delete, self.mail.mark
        self.calendars = Calendars(address, name, clock)

    def shown(self) -> dict[str, Any]:
        given, _, family = self.name.partition(" ")
        return {
            "id": self.oid,
            "displayName": self.name,
            "givenName": given,
            "surname": family,
            "mail": self.address,
            "userPrincipalName": self.address,
            "jobTitle": None,
            "mobilePhone": None,
            "officeLocation": None,
            "preferredLanguage": None,
            "businessPhones": [],
        }


# -------------------------------------------------------------------------------------------------------------- routes

Handler = Callable[[User, Ask], Said]


@dataclass(frozen=True)
class Route:
    """A method of Graph: how it is asked for, what may be asked with it, and with which rights (any of them)."""

    method: str
    path: str
    does: Handler
    of: Record
    options: tuple[str, ...]
    rights: tuple[str, ...]

    def match(self, method: str, segments: list[str]) -> dict[str, str] | None:
        wanted = self.path.split("/")
        if method != self.method or len(wanted) != len(segments):
            return None
        named: dict[str, str] = {}
        for want, has in zip(wanted, segments, strict=True):
            if want.startswith("{"):
                named[want.strip("{}")] = has
            elif want.lower() != has.lower():
                return None
        return named


def _me(user: User, ask: Ask) -> Said:
    return Said(shown(USER, user.shown(), ask.query.select), of=USER)


def _with_mail(does: Callable[[Mailbox, Ask], Said]) -> Handler:
    return lambda user, ask: does(user.mail, ask)


def _with_calendars(does: Callable[[Calendars, Ask], Said]) -> Handler:
    return lambda user, ask: does(user.calendars, ask)


ROUTES: Final = (
    Route("GET", "me", _me, USER, ("$select",), ("User.Read",)),
    *(Route(method, path, _with_mail(does), *more) for method, path, does, *more in mail.ROUTES),
    *(Route(method, path, _with_calendars(does), *more) for method, path, does, *more in calendar.ROUTES),
)


class Graph(Server):
    """graph.microsoft.com, on loopback."""

    def __init__(self, login: Login, clock: Callable[[], datetime], authority: Authority | None) -> None:
        super().__init__(authority.context if authority else None)
        self.login, self.clock = login, clock
        self.mutable: list[str] = []  # requests for items that did not ask for immutable ids
        self.at_once, self.quota = AT_ONCE, QUOTA
        self.most_in_flight = 0  # of one app at one mailbox
        self.throttled = 0  # answers with 429 because of the limits
        self.retry_after = "10"
        self._seats: dict[str, int] = {}
        self._times: dict[str, deque[datetime]] = {}
        self._dice = random.Random(4)

    # ------------------------------------------------------------------------------------------------------- the limits

    def take(self, asked: Asked) -> tuple[Answer, Act]:
        """Within the limits of the service."""
        key = asked.headers.get("authorization", "")
        with self._lock, contextlib.suppress(LookupError):
            if found := self.login.whose(key.partition(" ")[2]):
                key = f"{found[0].address} {found[1]}"
        with self._seated(key, _parts(asked)) as free:
            if not free:
                self.throttled += 1
                return self._error(asked, _over(self.retry_after)), ""
            return super().take(asked)

    @contextlib.contextmanager
    def _seated(self, key: str, wanted: int) -> Iterator[int]:
        """As many of the mailbox's places as are free, at most `wanted`."""
        with self._lock:
            taken = self._seats.get(key, 0)
            mine = min(wanted, max(0, self.at_once - taken))
            self._seats[key] = taken + mine
            self.most_in_flight = max(self.most_in_flight, taken + max(mine, 1))
        try:
            yield mine
        finally:
            with self._lock:
                self._seats[key] -= mine

    def _counted(self, key: str) -> None:
        now = self.clock()
        times = self._times.setdefault(key, deque())
        while times and now - times[0] > WINDOW:
            times.popleft()
        if len(times) >= self.quota:
            self.throttled += 1
            raise _over(str(max(1, int((times[0] + WINDOW - now).total_seconds()))))
        times.append(now)

    # ------------------------------------------------------------------------------------------------------ the answers

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            try:
                if re.fullmatch(r"/v1\.0/\$batch", unquote(asked.path)):
                    return self._batch(asked)
                return self._answer(asked)
            except Refused as refused:
                return self._error(asked, refused)

    def _answer(self, asked: Asked) -> Answer:
        person, client, scopes = self._signed_in(asked)
        assert isinstance(person, User)
        self._counted(f"{person.address} {client}")
        accepted = asked.headers.get("accept", "*/*")
        if not any(one in accepted for one in ("*/*", "application/json", "application/*")):
            raise bad("NotAcceptable", "The requested media type is not supported.", 406)
        route, named = self._route(asked)
        prefer = Prefer.read(asked.headers.get("prefer", ""))
        rights = frozenset(one.lower() for one in scopes)
        if not rights & {one.lower() for one in route.rights}:
            code = "Authorization_RequestDenied" if route.path == "me" else "ErrorAccessDenied"
            raise Refused(403, code, "Access is denied. Check credentials and try again.")
        if route.of.name in ("message", "event") and not prefer.immutable and asked.method == "GET":
            self.mutable.append(asked.shown)
        query = Query.read(asked.parameters, route.options, route.of)
        base = f"{self.url}/v1.0"
        ask = Ask(named, query, prefer, rights, self.clock(), base, asked.body, asked.headers.get("content-type", ""))
        said = route.does(person, ask)
        self._look_at(said, asked)
        applied = [f"odata.maxpagesize={prefer.page}"] if prefer.page else []
        applied += ['IdType="ImmutableId"'] if prefer.immutable else []
        headers = [*self._usual(asked), *([("Preference-Applied", ", ".join(applied))] if applied else [])]
        if said.value is None:
            return Answer(said.status, b"", tuple(headers))
        body = json.dumps(said.value, ensure_ascii=False).encode()
        return Answer(said.status, body, (("Content-Type", JSON), *headers))

    def _signed_in(self, asked: Asked) -> tuple[Person, str, frozenset[str]]:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or not token:
            raise bad("InvalidAuthenticationToken", "Access token is empty.", 401)
        try:
            found = self.login.whose(token)
        except LookupError:
            said = "CompactToken parsing failed with error code: 80049217"
            raise Refused(401, "InvalidAuthenticationToken", said) from None
        if found is None:
            said = "Lifetime validation failed, the token is expired."
            raise Refused(401, "InvalidAuthenticationToken", said)
        return found

    def _route(self, asked: Asked) -> tuple[Route, dict[str, str]]:
        path = re.sub(r"\('([^']*)'\)", r"/\1", unquote(asked.path))
        version, _, rest = path.strip("/").partition("/")
        segments = [one.removesuffix("()") for one in rest.rstrip("/").split("/")]
        if version != "v1.0":
            raise bad("BadRequest", f"Invalid version: {version}.")
        others = False
        for route in ROUTES:
            named = route.match(asked.method, segments)
            if named is not None:
                return route, named
            others = others or route.match(route.method, segments) is not None
        if others:
            raise bad("Request_BadRequest", "Specified HTTP method is not allowed for the request target.", 405)
        raise bad("BadRequest", f"Resource not found for the segment '{segments[-1]}'.")

    def _look_at(self, said: Said, asked: Asked) -> None:
        """What the fake itself says is to be as documented."""
        if said.of is None:
            return
        value = said.value["value"] if said.many else said.value
        for flaw in flaws(Many(said.of) if said.many else said.of, value):
            self.breach(f"the fake's own answer to {asked.method} {asked.path}: {flaw}")

    def _usual(self, asked: Asked) -> list[tuple[str, str]]:
        told = str(uuid.uuid4())
        mine = asked.headers.get("client-request-id", told)
        return [("request-id", told), ("client-request-id", mine), ("Date", format_datetime(self.clock(), usegmt=True))]

    def _error(self, asked: Asked, refused: Refused) -> Answer:
        if refused.breaches:
            self.breach(f"{asked.shown}: {refused}")
        headers = [*self._usual(asked), *refused.headers]
        if refused.status == 401:
            headers.append(("WWW-Authenticate", 'Bearer realm="", authorization_uri="https://login/authorize"'))
        inner = {"date": utc(self.clock()).rstrip("Z"), "request-id": headers[0][1], "client-request-id": headers[1][1]}
        told = {"error": {"code": refused.code, "message": refused.message, "innerError": inner}}
        return Answer(refused.status, json.dumps(told).encode(), (("Content-Type", "application/json"), *headers))

    # -------------------------------------------------------------------------------------------------------- batches

    def _batch(self, asked: Asked) -> Answer:
        if asked.method != "POST" or not asked.headers.get("content-type", "").startswith("application/json"):
            raise bad("BadRequest", "A batch is posted as application/json.")
        self._signed_in(asked)
        try:
            parts = json.loads(asked.body)["requests"]
            ids = [str(part["id"]).lower() for part in parts]
        except (ValueError, KeyError, TypeError):
            raise bad("BadRequest", "Invalid batch payload format.") from None
        if not 0 < len(parts) <= PARTS:
            raise bad("BadRequest", f"Number of batch request steps exceeds the maximum value of {PARTS}.")
        if len(set(ids)) != len(ids):
            raise bad("BadRequest", "Duplicate request id.")
        answers: dict[str, Answer] = {}
        for part in parts:
            wrong = [name for name in part if name not in ("id", "method", "url", "headers", "body", "dependsOn")]
            if wrong or not isinstance(part["id"], str) or not str(part.get("url", "")).startswith("/"):
                raise bad("BadRequest", "Invalid batch payload format.")
            needed = [answers.get(one) for one in part.get("dependsOn", ())]
            failed = any(one is None or one.status >= 400 for one in needed)
            answers[part["id"]] = self._failed(asked) if failed else self._part(asked, part)
        told = [
            {
                "id": name,
                "status": one.status,
                "headers": dict(one.headers),
                **({"body": _body(one)} if one.body else {}),
            }
            for name, one in answers.items()
        ]
        self._dice.shuffle(told)
        return Answer(200, json.dumps({"responses": told}).encode(), (("Content-Type", JSON), *self._usual(asked)))

    def _part(self, batch: Asked, part: Mapping[str, Any]) -> Answer:
        path, _, query = str(part["url"]).partition("?")
        headers = {name.lower(): str(value) for name, value in part.get("headers", {}).items()}
        body = part.get("body", "")
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        mine = {"authorization": batch.headers.get("authorization", ""), **headers}
        asked = Asked(str(part["method"]).upper(), f"/v1.0{path}", query, mine, content)
        met = [each for each in self._faults if each.hit(f"PART {asked.shown}")]
        for each in met:
            if each.do:
                each.do()
            elif each.fault.instead:
                return each.fault.instead
        try:
            said = self._answer(asked)
        except Refused as refused:
            said = self._error(asked, refused)
        for each in met:
            said = each.fault.change(said) if each.fault.change else said
        return said

    def _failed(self, asked: Asked) -> Answer:
        return self._error(asked, Refused(424, "FailedDependency", "A request that this one depends on failed."))


def _body(one: Answer) -> Any:
    try:
        return json.loads(one.body)
    except ValueError:
        return one.body.decode("utf-8", "replace")


def _parts(asked: Asked) -> int:
    """How many of the mailbox's places a request needs."""
    if not asked.path.endswith("batch"):
        return 1
    try:
        return max(1, min(AT_ONCE, len(json.loads(asked.body)["requests"])))
    except (ValueError, KeyError, TypeError):
        return 1


def _over(after: str) -> Refused:
    said = "Application is over its MailboxConcurrency limit."
    return Refused(429, "ApplicationThrottled", said, headers=(("Retry-After", after),))


# -------------------------------------------------------------------------------------------------------------- faults


def error(status: int, code: str, message: str = "", **headers: str) -> Fault:
    """An error as Graph has them; `_` in the name of a header is `-`."""
    told = {"error": {"code": code, "message": message, "innerError": {"request-id": str(uuid.uuid4())}}}
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Fault(Answer(status, json.dumps(told).encode(), (("Content-Type", "application/json"), *named)))


def throttled(after: str = "10") -> Fault:
    """429, with a Retry-After in seconds, in fractions of them ("2.128") or as a date."""
    named = {"Retry_After": after} if after else {}
    return error(429, "TooManyRequests", "Please retry again later.", **named)


UNAVAILABLE: Final = error(503, "ServiceUnavailable", "The service is temporarily unavailable.")
TIMED_OUT: Final = error(504, "UnknownError", "")
FAILED: Final = error(500, "InternalServerError", "An internal server error occurred.")


class Microsoft:
    """Both servers, and the people who have accounts there."""

    def __init__(self, clock: Callable[[], datetime] | None = None, *, tls: bool = False) -> None:
        """`tls`: Graph too speaks https; its sign-in always does."""
        self.clock = clock or (lambda: datetime.now(UTC))
        self.https = Authority.shared()
        self.login = Login(self.clock, self.https)
        self.graph = Graph(self.login, self.clock, self.https if tls else None)
        self.client_id = CLIENT
        self.login.apps[CLIENT] = App(CLIENT)
        self.ca = self.https.ca

    def __enter__(self) -> Self:
        self.login.__enter__()
        self.graph.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.graph.close()
        self.login.close()

    @property
    def breaches(self) -> list[str]:
        """Where a request broke what is documented, and where the fake did."""
        return [*self.login.breaches, *self.login.crashes, *self.graph.breaches, *self.graph.crashes]

    @property
    def most_in_flight(self) -> int:
        """Of one app at one mailbox."""
        return self.graph.most_in_flight

    @property
    def secrets(self) -> frozenset[str]:
        """Every code and token that was ever given out: none of them belongs into a log."""
        return frozenset(self.login.given)

    def authority(self, tenant: str = "common") -> str:
        """Where to sign in."""
        return f"{self.login.url}/{tenant}"

    def user(self, address: str, name: str = "", *, personal: bool = False, tenant: str = TENANT) -> User:
        """Somebody with an account; the same one where there is one already."""
        if address not in self.login.people:
            where = CONSUMERS if personal else tenant
            self.login.tenants.add(where)
            shown = name or address.partition("@")[0].title()
            self.login.people[address] = User(address, shown, where, self.clock)
        found = self.login.people[address]
        assert isinstance(found, User)
        return found

    def app(self, client_id: str, **more: Any) -> App:
        """Another registration."""
        self.login.apps[client_id] = App(client_id, **more)
        return self.login.apps[client_id]

    def signed_in(self, user: User, *scopes: str) -> dict[str, Any]:
        """As if the user had signed in and granted these: the answer of the token endpoint, with its tokens."""
        return self.login.granted(user, self.client_id, *scopes)

    def expire_access(self) -> None:
        """Every access token given out so far is too old."""
        self.login.expire_access()

    def browser(self, user: User, answer: str = "accept") -> Callable[[str], bool]:
        """Opens a page as a browser does, at once; the user signs in there meanwhile, and accepts or cancels."""

        def browse(url: str) -> bool:
            threading.Thread(target=self.login.visit, args=(url, user.address, answer), daemon=True).start()
            return True

        return browse

    def heal(self) -> None:
        """No more faults on the wire."""
        self.login.heal()
        self.graph.heal()

    def asked(self, pattern: str = "") -> list[str]:
        """The requests that Graph got, those that the pattern is found in."""
        return [line for line, _ in self.graph.log if re.search(pattern, line)]
