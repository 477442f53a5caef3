"""What does Microsoft Graph answer: whole, in time, and as what it should be?

One request at a time. Of a batch Graph itself works on four parts at once and no more, which is all that it allows one
program at one mailbox; so a second request beside it would only be refused. Nothing here knows what a mail is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlsplit

from config.settings import loopback
from connectors.consent import Tokens
from connectors.contract import Credential, CursorLost, NeedsUser, Session, TryLater
from connectors.web import Answer, Web
from connectors.web_addresses import host_of

Body: TypeAlias = Mapping[str, Any]

IMMUTABLE: Final = 'IdType="ImmutableId"'
"""On every request: a mail keeps its id when it is moved."""

PARTS: Final = 20
"""The most that Graph takes in one batch."""

SHORT: Final = 60.0
"""Seconds that are waited within a round; who asks for more is left alone until then."""

TRIES: Final = 4
"""Times that one thing is asked for while Graph says to wait a little: some say "1 second" for ever."""

WINDOW: Final = 600.0
MOST: Final = 9_500
"""Requests in so many seconds: Graph allows 10,000 to one program at one mailbox, and the digest is to get through."""

_WAIT = frozenset({408, 425, 429, 503, 504, 509})
_THROTTLED = frozenset(
    """applicationthrottled toomanyrequests errorserverbusy errortoomanyobjectsopened errorexceededconnectioncount
    errormailboxconcurrency activitylimitreached""".split()  # noqa: SIM905 - a list to be read
)
_NO_MAILBOX = frozenset(
    """mailboxnotenabledforrestapi mailboxnotsupportedforrestapi resterror.mailboxnotenabledforrestapi
    errornonexistentmailbox errormailboxnotfound""".split()  # noqa: SIM905
)
_DENIED = frozenset(
    """erroraccessdenied accessdenied authorization_requestdenied errorinsufficientpermissions
    insufficientprivileges""".split()  # noqa: SIM905
)
_FULL = frozenset(("errorquotaexceeded", "quotaexceeded", "errormailboxquotaexceeded"))
_LOCKED = frozenset(
    ("erroraccountsuspend", "erroraccountsuspendshowtierupgrade", "accountsuspended", "errormessagesubmissionblocked")
)
_LOST = ("syncstate", "resyncrequired", "fullsyncrequired")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where Microsoft is. Plain http is for this machine alone."""

    graph: str = "https://graph.microsoft.com/v1.0"
    login: str = "https://login.microsoftonline.com"
    trusted: Path | None = None  # certificates to believe instead of the system's


MICROSOFT = Endpoints()
"""The real ones: never a setting, as whoever can move them can have the tokens."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, or one part of the answer to a batch. `body` is None where it is no JSON object."""

    status: int
    body: Body | None = field(default=None, repr=False)
    after: str = ""  # Retry-After
    host: str = "graph.microsoft.com"

    @property
    def code(self) -> str:
        """What Graph calls the error, in small letters."""
        error = self.body.get("error") if self.body else None
        code = error.get("code") if isinstance(error, Mapping) else error
        return code.lower() if isinstance(code, str) else ""

    @property
    def waits(self) -> bool:
        """Whether it says: not now."""
        return self.status in _WAIT or self.code in _THROTTLED


class Refused(Exception):  # noqa: N818 - what Graph said
    """Graph does not do what was asked for: 404, 400 and their like. Whoever asked knows what that means."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


def error(said: Said, right: str, until: datetime | None = None) -> Exception:
    """What an answer means that is none: one of the three kinds of trouble, or Refused. `right` is what it takes."""
    host, status, code = said.host, said.status, said.code
    if status == 410 or any(word in code for word in _LOST):
        return CursorLost(f"{host} no longer knows how far we had read.")
    if said.waits:
        return TryLater(f"{host} asks us to wait ({status}).", until)
    if status >= 500 or status == 424:
        return TryLater(f"{host} is out of order ({status}).", until)
    if said.body is None:
        return TryLater(f"Something answers in place of {host} ({status}); perhaps this network asks for a sign-in.")
    return _about_the_account(code, host) or _denied(said, right) or Refused(status, code)


def _about_the_account(code: str, host: str) -> NeedsUser | None:
    if code in _NO_MAILBOX:
        return NeedsUser(
            f"{host} knows no mailbox of this account.",
            'It may lie on a server of your company: that is read by `kind = "imap"`. Or sign in to another account.',
        )
    if code in _FULL:
        return NeedsUser("Your mailbox at Microsoft is full.", "Make room in it.")
    if code in _LOCKED:
        return NeedsUser("Microsoft has locked this account.", "Sign in at outlook.com, and follow what it says there.")
    return None


def _denied(said: Said, right: str) -> NeedsUser | TryLater | None:
    if said.status == 401:
        return TryLater(f"{said.host} does not take a sign-in that was renewed a moment ago.")
    if said.status == 403 and said.code in _DENIED:
        remedy = "Sign in again with `auld login`."
        if right.endswith("ReadBasic"):
            more = right.removesuffix("Basic")
            remedy = (
                f'The right {more} may be needed here: write `rights = "read"`, and sign in again with `auld login`. '
                "No text is read for all that."
            )
        return NeedsUser(f"{said.host} does not let us read with the right {right}.", remedy)
    if said.status in (403, 407, 451):
        return TryLater(f"{said.host} does not let us in for now ({said.status} {said.code}).")
    return None


def segment(remote: str) -> str:
    """An id as a part of a path."""
    return quote(remote, safe="")


def text_of(row: Body, name: str) -> str:
    """The text under this name, "" where there is none; half a character in it is a question mark."""
    value = row.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def rows(body: Body) -> list[Body]:
    """The items of a list. Raises TryLater where they are none."""
    value = body.get("value")
    if not isinstance(value, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), str) for row in value
    ):
        raise TryLater("Microsoft Graph answers with something that is no list of items.")
    return value


class Api:
    """Graph, for one account and one round. `now` is when the round began."""

    def __init__(self, tokens: Tokens, *, now: datetime, session: Session, endpoints: Endpoints | None = None) -> None:
        self._tokens, self._session = tokens, session
        self._at = endpoints or MICROSOFT
        self.host = host_of(self._at.graph)
        self._web = Web(session, now=now, private=loopback(self.host), trusted=self._at.trusted)
        self._now, self._began = now, session.clock()
        self._since, self._spent = self._began, 0

    def get(self, path: str, *, right: str, prefer: Sequence[str] = ()) -> Body:
        """What stands at this path, or behind this link that Graph gave. Raises Trouble and Refused."""
        return self._whole(self._asked("GET", self._url(path), prefer), right)

    def hand_over(self, path: str, body: bytes, kind: str) -> Said:
        """What Graph says to this body of that kind, whatever it is. It is handed over once: an answer that stays away
        is TryLater, and it may have been taken all the same."""
        return self._asked("POST", self._url(path), (), body, kind, once=True)

    def refusal(self, said: Said, right: str) -> Exception:
        """What an answer means that is none: Trouble or Refused."""
        return self._error(said, right)

    def all(self, path: str, *, right: str, prefer: Sequence[str] = ()) -> Iterator[Body]:
        """The items of a list, page after page."""
        link = path
        while link:
            body = self.get(link, right=right, prefer=prefer)
            yield from rows(body)
            link, before = self.link(body, "@odata.nextLink"), link
            if link == before:
                raise TryLater(f"{self.host} sends us round in a circle.")

    def link(self, body: Body, name: str) -> str:
        """A link that Graph gave, "" where there is none. Raises TryLater where it leads elsewhere."""
        link = body.get(name)
        if link is None:
            return ""
        if not isinstance(link, str) or not self._own(link):
            raise TryLater(f"{self.host} sends us elsewhere.")
        return link

    def batch(self, paths: Sequence[str], *, right: str, prefer: Sequence[str] = ()) -> list[Said | None]:
        """The answer to each: 200, or a refusal (404, 400); None where none came. Raises Trouble."""
        found: list[Said | None] = []
        for start in range(0, len(paths), PARTS):
            found += self._portion(paths[start : start + PARTS], right, prefer)
        return found

    # ------------------------------------------------------------------------------------------------- one batch

    def _portion(self, paths: Sequence[str], right: str, prefer: Sequence[str]) -> list[Said | None]:
        """Up to PARTS of them; only those that failed are asked for again."""
        answers: dict[int, Said] = {}
        left = list(range(len(paths)))
        for again in range(TRIES):
            answers.update(self._parts([(at, paths[at]) for at in left], right, prefer))
            left = [at for at in left if at in answers and (answers[at].waits or answers[at].status >= 424)]
            rest = max((self._rest(answers[at]) for at in left), default=0.0)
            if not left or rest > SHORT or again == TRIES - 1:
                break
            self._session.pause(max(rest, 2.0**again))
        if left and len(left) == len(paths):
            raise self._error(answers[left[0]], right)
        return [None if at in left else self._part(answers.get(at), right) for at in range(len(paths))]

    def _part(self, said: Said | None, right: str) -> Said | None:
        """A part whose answer can be used; the rest is trouble. What is neither is silence."""
        if said is None or (said.status < 400 and said.body is None):
            return None
        if said.status >= 400:
            trouble = self._error(said, right)
            if not isinstance(trouble, Refused):
                raise trouble
        return said

    def _parts(self, asked: Sequence[tuple[int, str]], right: str, prefer: Sequence[str]) -> dict[int, Said]:
        headers = {"Prefer": ", ".join((IMMUTABLE, *prefer))}
        requests = [{"id": str(at), "method": "GET", "url": path, "headers": headers} for at, path in asked]
        body = json.dumps({"requests": requests}).encode()
        whole = self._whole(self._asked("POST", self._url("/$batch"), (), body, parts=len(asked)), right)
        responses = whole.get("responses")
        if not isinstance(responses, list):
            raise TryLater(f"{self.host} answers a batch with something else.")
        wanted = {str(at): at for at, _ in asked}
        return {wanted[one["id"]]: self._said(one) for one in responses if _is_part(one, wanted)}

    def _said(self, part: Body) -> Said:
        headers = part.get("headers")
        named = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
        body = part.get("body")
        return Said(part["status"], body if isinstance(body, dict) else None, named.get("retry-after", ""), self.host)

    # ----------------------------------------------------------------------------------------------- one request

    def _url(self, path: str) -> str:
        """Raises TryLater for a link that is not Graph's own: it would be shown the token."""
        if path.startswith("/"):
            return self._at.graph + path
        if not self._own(path):
            raise TryLater(f"{self.host} is asked for what is not its own.")
        return path

    def _own(self, link: str) -> bool:
        try:
            there, home = urlsplit(link), urlsplit(self._at.graph)
        except ValueError:
            return False
        return (there.scheme, there.netloc) == (home.scheme, home.netloc) and there.path.startswith(home.path + "/")

    def _whole(self, said: Said, right: str) -> Body:
        if said.status >= 300:
            raise self._error(said, right)
        if said.body is None:
            raise TryLater(f"{self.host} answers with something that is no JSON; perhaps it comes from this network.")
        return said.body

    def _error(self, said: Said, right: str) -> Exception:
        return error(said, right, self._web.until(said.after))

    def _asked(
        self,
        method: str,
        url: str,
        prefer: Sequence[str],
        body: bytes | None = None,
        kind: str = "application/json",
        parts: int = 1,
        *,
        once: bool = False,
    ) -> Said:
        """The answer, after a short rest where Graph asks for one, and with a new token where it wants one."""
        headers = {"Prefer": ", ".join((IMMUTABLE, *prefer)), "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = kind
        token, renewed, rested = self._tokens.access(), False, 0
        while True:
            self._keep_pace(parts)
            said = self._answered(method, url, headers, body, token.secret, again=not once)
            if said.status == 401 and not renewed:
                token, renewed = self._tokens.access(refused=True), True
            elif said.waits and said.after and not once and rested < TRIES and self._rest(said) <= SHORT:
                rested += 1
                self._session.pause(self._rest(said))
            else:
                return said

    def _answered(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, secret: str, *, again: bool
    ) -> Said:
        shown = Credential("", secret, "token")
        try:
            answer = self._web.ask(method, url, headers=headers, body=body, credential=shown, follow=False, again=again)
        except NeedsUser as elsewhere:  # the name leads into the own network: a portal, or a company's proxy
            raise TryLater(f"{self.host} cannot be reached from this network: {elsewhere.what}") from None
        return Said(answer.status, _json(answer), answer.headers.get("retry-after", ""), self.host)

    def _rest(self, said: Said) -> float:
        """Seconds that it asks for, 0 where it does not say."""
        until = self._web.until(said.after)
        now = self._now + timedelta(seconds=self._session.clock() - self._began)
        return max(0.0, (until - now).total_seconds()) if until else 0.0

    def _keep_pace(self, parts: int) -> None:
        """At most MOST requests in a WINDOW; each part of a batch counts as one."""
        if self._spent + parts > MOST:
            self._session.pause(max(0.0, self._since + WINDOW - self._session.clock()))
        if self._spent + parts > MOST or self._session.clock() >= self._since + WINDOW:
            self._since, self._spent = self._session.clock(), 0
        self._spent += parts


def _is_part(one: object, wanted: Mapping[str, int]) -> bool:
    return isinstance(one, dict) and one.get("id") in wanted and type(one.get("status")) is int


def _json(answer: Answer) -> Body | None:
    """The object that the answer is, None where it is none."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
