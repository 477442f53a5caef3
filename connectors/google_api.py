"""How is Google asked, at its pace?

`Api` is Google's own client library with three things around it. It keeps the pace of the vendor's quota by itself
(`Pace`), as the library would ask on and on and does not know Retry-After. It believes no answer that is not of the
kind that was asked for: the library gives the text of a hotel's sign-in page as if it were the mail. And every refusal
goes through one table (`connectors.google_answers`).
"""

import json
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from config.settings import loopback
from connectors.contract import Session, TryLater
from connectors.google_answers import HOST, Refusal, Refused, meaning
from connectors.google_line import connections, forget, hush, told
from connectors.google_pace import MINUTE, REQUESTS, UNITS, Pace, rest

if TYPE_CHECKING:
    from connectors.consent import Tokens


BATCH: Final = 25
"""Requests in a batch: of 100 most are refused, of 25 none (`sync.md`, fault 5)."""

TRIES: Final = 4
"""How often a part of a batch is asked for before it is said to be missed."""

STRAINED: Final = 8
"""How often in a row Google may say that a batch is too much, before the round is ended."""

OUTAGE: Final = 5
"""So many requests of which none was answered: it is not they that are broken."""

UNANSWERED: Final = 599
"""The status of a part of a batch that came without an answer."""

WAITS: Final = 64.0
"""Seconds that are waited within a round, at most, when a vendor asks for a pause; longer ones end the round."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where Google is. Never from the config: whoever could change it would get the tokens."""

    authorize: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    revoke: str = "https://oauth2.googleapis.com/revoke"
    gmail: str = "https://gmail.googleapis.com/"
    calendar: str = "https://www.googleapis.com/"

    def __post_init__(self) -> None:
        """Raises ValueError where a token would go through the net in the clear."""
        for one in fields(self):
            told = urlsplit(getattr(self, one.name))
            if told.scheme != "https" and not (told.scheme == "http" and loopback(told.hostname or "")):
                raise ValueError(f"{one.name}: not https")

    @classmethod
    def at(cls, root: str) -> "Endpoints":
        """All of them at one server, as at a test's."""
        root = root.rstrip("/")
        return cls(f"{root}/o/oauth2/v2/auth", f"{root}/token", f"{root}/revoke", f"{root}/", f"{root}/")


GOOGLE = Endpoints()
"""The real ones; looked up when they are needed."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose mailbox it is, and how it stands."""

    address: str
    history: str
    mails: int


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what the library made of it, what it costs, and what its answer must hold."""

    request: Any
    cost: int
    has: Mapping[str, type]
    kind: str = ""


@dataclass(slots=True)
class Answers:
    """What became of many requests, by name."""

    found: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)  # the status, where it was expected
    missed: dict[str, str] = field(default_factory=dict)  # why no answer came that is one


class Api:
    """Gmail and Google Calendar, for one account and one thread. Raises NeedsUser, TryLater and Refused."""

    def __init__(
        self,
        tokens: "Tokens",
        session: Session,
        *,
        now: datetime,
        endpoints: Endpoints | None = None,
        units: int = UNITS,
    ) -> None:
        self._tokens, self._session, self._now, self._began = tokens, session, now, session.clock()
        self._endpoints = endpoints or GOOGLE
        self._paces = {"gmail": Pace(session, units), "calendar": Pace(session, REQUESTS)}
        self._size = BATCH
        self.status = 0  # of the answer that came last; 0 while none came, or none that is one
        self._renewed = -MINUTE + session.clock()

    @cached_property
    def _credentials(self) -> Any:
        """Google's own, which know no date: how old a token is, `Tokens` knows, and a 401 says the rest."""
        from google.oauth2.credentials import Credentials

        return Credentials(self._tokens.access().secret, refresh_handler=self._refreshed)  # type: ignore[no-untyped-call]

    def _refreshed(self, _: object, scopes: object) -> tuple[str, datetime]:
        """After a 401; one for all parts of a batch that was refused."""
        if self._session.clock() - self._renewed >= MINUTE:
            self._tokens.access(refused=True)
            self._renewed = self._session.clock()
        return self._tokens.access().secret, datetime.max  # noqa: DTZ901 - google-auth counts in naive UTC

    @cached_property
    def _http(self) -> Any:
        from google_auth_httplib2 import AuthorizedHttp

        hush()
        http = connections(self._session.wait(), direct=loopback(urlsplit(self._endpoints.gmail).hostname or ""))
        return AuthorizedHttp(self._credentials, http=http, max_refresh_attempts=1)

    def _service(self, name: str, version: str, root: str) -> Any:
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        document = json.loads(get_static_doc(name, version))
        document |= {"rootUrl": root, "baseUrl": root + document["servicePath"], "mtlsRootUrl": root}
        return build_from_document(document, http=self._http)

    @cached_property
    def users(self) -> Any:
        """Gmail, as the library has it."""
        return self._service("gmail", "v1", self._endpoints.gmail).users()

    @cached_property
    def messages(self) -> Any:
        """Its mails. The library makes anew what one asks it for: once is enough."""
        return self.users.messages()

    @cached_property
    def threads(self) -> Any:
        """Its threads."""
        return self.users.threads()

    @cached_property
    def calendar(self) -> Any:
        """Google Calendar, as the library has it."""
        return self._service("calendar", "v3", self._endpoints.calendar)

    @property
    def scopes(self) -> frozenset[str]:
        """What the token opens."""
        return self._tokens.access().scopes

    def now(self) -> datetime:
        """The present by the session's clock."""
        return self._now + timedelta(seconds=self._session.clock() - self._began)

    def close(self) -> None:
        """End the connections, if there are any."""
        if "_http" in self.__dict__:
            self._http.close()

    # ---- single requests

    def profile(self) -> Profile:
        """1 unit."""
        has = {"emailAddress": str, "historyId": str, "messagesTotal": int}
        told = self.ask(Ask(self.users.getProfile(userId="me"), 1, has))
        if not told["historyId"].isdecimal():
            raise TryLater(f"{HOST} answers with something that is no answer.")
        return Profile(told["emailAddress"].lower(), told["historyId"], told["messagesTotal"])

    def calendars(self) -> list[dict[str, Any]]:
        """What the user sees in the list of their calendars."""
        found: list[dict[str, Any]] = []
        token, seen = None, set[str]()
        while True:
            request = self.calendar.calendarList().list(
                maxResults=250,
                pageToken=token,
                showHidden=True,
                fields="kind,nextPageToken,items(id,summary,summaryOverride,accessRole,primary,selected,deleted,timeZone)",
            )
            told = self.ask(Ask(request, 1, {"items": list}, "calendar#calendarList"))
            found += [one for one in told["items"] if isinstance(one, dict) and isinstance(one.get("id"), str)]
            token = told.get("nextPageToken")
            if not isinstance(token, str) or not token:
                return found
            if token in seen:
                raise TryLater(f"{HOST} shows the same page of calendars again and again.")
            seen.add(token)

    def ask(self, one: Ask, expected: Sequence[int] = (), *, once: bool = False) -> dict[str, Any]:
        """The answer to one request, after a pause where Google asks for a short one. Raises Refused for `expected`.

        `once`: it is not asked again, as it would be done twice.
        """
        for tried in range(TRIES):
            no, told = self._asked(one, once=once)
            if no is None:
                return _expected(told, one)
            if no.status in expected and not no.limited:
                raise Refused(no.status)
            if once or not no.limited or tried == TRIES - 1:
                raise meaning(no, self.now())
            self._heed(no, tried)
        raise AssertionError("the last try ends it")

    def ready(self) -> None:
        """All that can be done before a request: the token is there, and good. Raises NeedsUser, TryLater."""
        self._freshen()

    def _asked(self, one: Ask, *, once: bool = False) -> tuple[Refusal | None, Any]:
        from googleapiclient.errors import HttpError

        self._pay(one)
        self.status = 0
        self._http.http.once = once
        if once:
            self._forget()  # a connection that went stale would be one try too many
        with self._told():
            try:
                told = one.request.execute(http=self._http)
            except HttpError as no:
                self.status = int(no.resp.status)
                return self._refusal(no), None
        self.status = 200 if isinstance(told, dict) else 0
        return None, told

    def _refusal(self, no: Any) -> Refusal:
        headers = {str(name).lower(): str(value) for name, value in no.resp.items()}
        return Refusal.of(int(no.resp.status), no.content, headers, self.now())

    def _pay(self, *several: Ask) -> None:
        name = str(several[0].request.methodId).partition(".")[0]
        self._paces[name].spend(sum(one.cost for one in several))
        self._freshen()

    def _freshen(self) -> None:
        """A token that is about to end is not used any more; a socket waits as long as the round allows."""
        self._credentials.token = self._tokens.access().secret
        http, wait = self._http.http, self._session.wait()
        http.timeout = wait
        for connection in http.connections.values():
            connection.timeout = wait
            if connection.sock is not None:
                connection.sock.settimeout(wait)

    def _heed(self, no: Refusal, tried: int) -> None:
        """Pause as long as Google asks, or ever longer. Raises TryLater where that is too long for a round."""
        seconds = (no.until - self.now()).total_seconds() if no.until else 2.0**tried
        if seconds > WAITS:
            raise meaning(no, self.now())
        rest(self._session, seconds)

    def _told(self) -> AbstractContextManager[None]:
        return told(self._http.http, self._session)

    def _forget(self) -> None:
        forget(self._http.http)

    # ---- many at once, of Gmail

    def batch(self, asks: Mapping[str, Ask], expected: Sequence[int] = (404,)) -> Answers:
        """The answers to all of these, and what became of the others.

        So many go at once as Google likes at the moment: half as many after it said no, then slowly more again. Only
        what failed is asked for again. Raises NeedsUser, and TryLater where it is not a single one that fails.
        """
        got, waiting, tries, strained = Answers(), deque(asks), Counter[str](), 0
        while waiting:
            some = self._some(waiting, asks)
            limited = failed = None
            for name, said in self._sent({name: asks[name] for name in some}).items():
                if isinstance(said, dict):
                    got.found[name] = said
                elif said.status in expected:
                    got.refused[name] = said.status
                elif said.limited:
                    limited = said if limited is None or limited.until is None else limited
                    waiting.append(name)
                elif not said.passes and said.status != 400:
                    raise meaning(said, self.now())
                else:
                    failed = said
                    tries[name] += 1
                    if tries[name] < TRIES:
                        waiting.append(name)
                    else:
                        got.missed[name] = f"{HOST} does not show it ({said.status})"
            strained = 0 if limited is None else strained + 1
            if failed and len(got.missed) >= OUTAGE and not (got.found or got.refused):
                raise meaning(failed, self.now())
            if limited:
                self._size = max(self._size // 2, 1)
                if strained > STRAINED:
                    raise meaning(limited, self.now())
                self._heed(limited, strained - 1)
            else:
                self._size = min(self._size + 1, BATCH)
                rest(self._session, 1.0 if failed else 0.0)
        return got

    def _some(self, waiting: deque[str], asks: Mapping[str, Ask]) -> list[str]:
        """As many as may go at once, by their number and by what they cost."""
        some, left = [waiting.popleft()], self._paces["gmail"].most
        left -= asks[some[0]].cost
        while waiting and len(some) < self._size and asks[waiting[0]].cost <= left:
            left -= asks[waiting[0]].cost
            some.append(waiting.popleft())
        return some

    def _sent(self, asks: Mapping[str, Ask]) -> dict[str, "dict[str, Any] | Refusal"]:
        """The answer, or the refusal, to each."""
        from googleapiclient.errors import HttpError

        self._pay(*asks.values())
        came: dict[str, dict[str, Any] | Refusal] = {}

        def take(name: str, told: Any, no: Any) -> None:
            try:
                came[name] = self._refusal(no) if no is not None else _expected(told, asks[name])
            except TryLater as nonsense:
                came[name] = Refusal(UNANSWERED, said=nonsense.what)

        batch = _batch(f"{self._endpoints.gmail}batch")
        for name, one in asks.items():
            batch.add(one.request, callback=take, request_id=name)
        with self._told():
            try:
                batch.execute(http=self._http)
            except HttpError as no:  # of the whole batch
                if str(no.resp.get("content-type", "")).startswith("multipart/mixed"):
                    return dict.fromkeys(asks, Refusal(UNANSWERED))  # a batch, and no part of it was answered
                refusal = self._refusal(no)
                if not refusal.limited:
                    raise meaning(refusal, self.now()) from None
                return dict.fromkeys(asks, refusal)
        return came


def _batch(uri: str) -> Any:
    """Google's own batch, in which a part may be left without an answer."""
    import httplib2
    from googleapiclient.http import BatchHttpRequest

    class Batch(BatchHttpRequest):  # type: ignore[misc, unused-ignore]
        def _execute(self, http: Any, order: list[str], requests: Mapping[str, Any]) -> None:
            super()._execute(http, order, requests)
            for name in order:
                if name not in self._responses:
                    self._responses[name] = (httplib2.Response({"status": str(UNANSWERED)}), b"")

    return Batch(batch_uri=uri)


def _expected(told: Any, one: Ask) -> dict[str, Any]:
    """The answer, if it is of the kind that was asked for. Raises TryLater: it says nothing, and never "none"."""
    known = isinstance(told, dict) and all(isinstance(told.get(name), kind) for name, kind in one.has.items())
    if not known or (one.kind and told.get("kind") != one.kind):
        raise TryLater(f"{HOST} answers with something that is no answer.")
    answer: dict[str, Any] = told
    return answer
