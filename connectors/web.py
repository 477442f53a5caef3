"""What does this address answer: whole, in time, and from where it was meant?

Every connector that speaks HTTP does so through here.
"""

import ssl
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from connectors.contract import Credential, NeedsUser, Session, TryLater, own_authority
from connectors.web_addresses import checked, host_of, same_house
from connectors.web_door import Door, adapter_of

if TYPE_CHECKING:
    import requests

LARGEST = 50 * 1024 * 1024
"""Bytes of one answer, unpacked (`sync.md`, F21): some 100,000 meetings. More is no calendar, or a bomb."""

LONGEST = 300.0
"""Seconds that one answer may take from the first byte to the last: 50 MB over a line of 1.4 Mbit/s. A server that
drips is never silent for long; this is what ends it."""

REDIRECTS = 5
"""More is a circle: browsers go on to 20, calendars need one or two (`.well-known`, then the host that serves)."""

LONGEST_WAIT = timedelta(hours=24)
"""The longest that a server may ask to be left alone (`sync.md`, 5.8); some say a year."""

CHUNK = 64 * 1024
"""Bytes read at once: between two chunks the clock and the size are looked at."""

AGENT = "auld"
"""Some servers refuse requests without a name, some those of Python's libraries."""

_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers by their lower-case names, the unpacked body, and the address at last."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document, with what tells next time whether it has changed."""

    body: bytes = field(repr=False)
    etag: str = ""
    modified: str = ""


class Web:
    """One account's door to the web. `now` is when the round began; `private` allows the user's own network.

    `trusted` is a file of certificates to believe instead of the system's.
    """

    def __init__(self, session: Session, *, now: datetime, private: bool = False, trusted: Path | None = None) -> None:
        import requests
        from requests.cookies import RequestsCookieJar

        self._session = session
        self._now, self._began = now, session.clock()
        self._door = Door(private)
        self._http = requests.Session()
        self._http.get_redirect_target = lambda _: None  # type: ignore[method-assign, assignment] # it would read all of it
        self._http.trust_env = False  # else .netrc would sign in, and a proxy or REQUESTS_CA_BUNDLE would read along
        self._http.cookies = RequestsCookieJar(_no_cookies())
        self._http.headers.update({"User-Agent": AGENT, "Accept-Encoding": "gzip"})
        adapter = adapter_of(self._door, trusted)
        for scheme in ("https://", "http://"):
            self._http.mount(scheme, adapter)

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        credential: Credential | None = None,
        limit: int = LARGEST,
        follow: bool = True,
        again: bool = True,
    ) -> Answer:
        """The answer to one request, whatever its status; redirects are followed, the sign-in stays with its host.

        Without `follow` a redirect is the answer: a body that holds a secret goes nowhere else. Without `again` what a
        kept connection may have carried to its end is not sent a second time.

        Raises TryLater where there is no whole answer, and NeedsUser where the address is one that we do not ask.
        """
        first = urlsplit(checked(url, private=self._door.private))
        at = first
        for _ in range(REDIRECTS + 1):
            signs = credential if same_house(first, at) else None
            answer = self._once(method, at.geturl(), headers or {}, body, signs, limit, again)
            if not follow or answer.status not in _MOVED or not (there := answer.headers.get("location", "")):
                return answer
            at = urlsplit(checked(urljoin(at.geturl(), there), private=self._door.private))
        raise TryLater(f"{first.hostname} sends us round in a circle.")

    def fetch(self, url: str, *, etag: str = "", modified: str = "", limit: int = LARGEST) -> Fetched | None:
        """The document at `url`, None where it is still the one with these validators. The link is all that is needed.

        Raises NeedsUser where the link no longer holds, TryLater where there is nothing whole to be had.
        """
        validators = {"If-None-Match": etag, "If-Modified-Since": modified}
        answer = self.ask("GET", url, headers={name: said for name, said in validators.items() if said}, limit=limit)
        if answer.status == HTTPStatus.NOT_MODIFIED and (etag or modified):
            return None
        host = host_of(url)
        if answer.status in (401, 403, 404, 410):
            raise NeedsUser(
                f"The link at {host} is no longer valid (it answers {said(answer.status)}).",
                "Copy the calendar's private link anew, and set `url` to it.",
            )
        self.unless_it_passes(answer)
        if answer.status != HTTPStatus.OK:
            raise TryLater(f"{host} answers {said(answer.status)}.")
        if not answer.body.strip():
            raise TryLater(f"{host} answers with nothing.")
        return Fetched(answer.body, answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))

    def unless_it_passes(self, answer: Answer) -> None:
        """Raises TryLater where the server asks to be left alone, or is out of order."""
        host = host_of(answer.url)
        if answer.status in (429, 503):
            until = self.until(answer.headers.get("retry-after", ""))
            raise TryLater(f"{host} asks us to wait ({said(answer.status)}).", until)
        if answer.status >= 500:
            raise TryLater(f"{host} is out of order ({said(answer.status)}).")

    def until(self, after: str) -> datetime | None:
        """What a Retry-After means: seconds, also a fraction of them, or a date; at most a day ahead."""
        now = self._now + timedelta(seconds=self._session.clock() - self._began)
        try:
            seconds = float(after)
            if seconds != seconds:  # "nan" is a float
                return None
            return now + min(LONGEST_WAIT, timedelta(seconds=max(0.0, min(seconds, LONGEST_WAIT.total_seconds()))))
        except ValueError:
            pass
        try:
            date = parsedate_to_datetime(after)
        except (ValueError, TypeError):
            return None
        return min(max(date if date.tzinfo else date.replace(tzinfo=UTC), now), now + LONGEST_WAIT)

    def _once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        credential: Credential | None,
        limit: int,
        twice: bool,
    ) -> Answer:
        """One request, one answer. A connection that was kept open and has been closed meanwhile is opened again."""
        import requests
        from urllib3.exceptions import HTTPError
        from urllib3.exceptions import TimeoutError as Silent

        host = host_of(url)
        signs = {"Authorization": _authorization(credential)} if credential else {}
        self._session.wait()
        for again in (True, False):
            try:
                with self._watched(host):
                    return self._said(method, url, {**headers, **signs}, body, limit)
            except requests.exceptions.SSLError as error:
                raise TryLater(f"{host} cannot be trusted: {_tls(error)}") from None
            except (requests.Timeout, Silent, TimeoutError):
                raise TryLater(f"{host} is silent.") from None
            except (requests.RequestException, HTTPError, OSError, ValueError, zlib.error) as error:
                if not (again and twice and isinstance(error, requests.ConnectionError)):
                    raise TryLater(f"{host} broke off in mid-answer.") from None
        raise AssertionError("the second time returns or raises")

    def _said(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int) -> Answer:
        wait = self._session.wait()
        with self._http.request(
            method,
            url,
            headers=dict(headers),
            data=body,
            timeout=(wait, wait),
            allow_redirects=False,
            stream=True,
            auth=_unsigned,
        ) as response:
            said = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, said, self._body(response, host_of(url), limit), url)

    def _body(self, response: "requests.Response", host: str, limit: int) -> bytes:
        """The body, unpacked; looked at after every chunk."""
        packing = response.headers.get("Content-Encoding", "identity").strip().lower()
        if packing not in ("identity", "gzip", "x-gzip", ""):
            raise TryLater(f"{host} packs its answer in a way that nobody asked for ({packing[:20]}).")
        unpacking = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in packing else None
        parts: list[bytes] = []
        room = limit + 1
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            self._session.wait()
            part = unpacking.decompress(chunk, room) if unpacking else chunk
            parts.append(part)
            room -= len(part)
            if room <= 0:
                raise TryLater(f"{host} sends more than {limit / 2**20:.0f} MB, which is more than is read.")
        if unpacking and parts and not unpacking.eof:
            raise ConnectionError("packed, and not to its end")
        return b"".join(parts)

    @contextmanager
    def _watched(self, host: str) -> Iterator[None]:
        """Ends the connection when the answer takes too long: a timeout sees silence, and who drips is not silent."""
        rang: list[bool] = []

        def end() -> None:
            rang.append(True)
            self._door.shut()

        watch = Timer(min(LONGEST, self._session.left()), end)
        watch.daemon = True
        watch.start()
        try:
            yield
        except Exception as error:
            if rang:
                raise TryLater(f"{host} answers too slowly.") from None
            raise error
        finally:
            watch.cancel()


def said(status: int) -> str:
    """A status as a person reads it: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _authorization(credential: Credential) -> str:
    if credential.kind == "token":
        return f"Bearer {credential.secret}"
    return "Basic " + b64encode(f"{credential.user}:{credential.secret}".encode()).decode()


def _unsigned(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Keeps requests from signing in by itself."""
    return request


def _tls(error: Exception) -> str:
    """Why TLS did not come about, in the words of the library that knows."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            hint = own_authority(seen.verify_code)
            return f"its certificate does not hold ({seen.verify_message}). {hint}".rstrip()
        reason = getattr(seen, "reason", None)
        inner = reason if isinstance(reason, BaseException) else next(iter(getattr(seen, "args", ())), None)
        seen = inner if isinstance(inner, BaseException) and inner is not seen else None
    return "it does not speak TLS as it should."


def _no_cookies() -> Any:
    """A calendar needs no cookie, and nobody is to be known again by one."""
    from http.cookiejar import DefaultCookiePolicy

    return DefaultCookiePolicy(allowed_domains=[])
