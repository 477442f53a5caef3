"""What does this address answer: whole, in time, and from where it was meant?

Every connector that speaks HTTP does so through here. https only (http to this machine itself, where the user allows
it); the name is resolved once, every address behind it is looked at, and the connection goes to the address that was
looked at, so that no second look at the name can send it elsewhere. Of the environment only SSL_CERT_FILE counts, by
which OpenSSL knows an authority of the user's own. Errors name the host and never the path: the path of a calendar's
private link is its password.
"""

import socket
import ssl
import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from urllib.parse import SplitResult, urljoin, urlsplit

from pydantic import BeforeValidator, ValidationInfo

from connectors.contract import Credential, NeedsUser, Session, TryLater, own_authority

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

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

FAMILIES: Mapping[str, str] = {"caldav.icloud.com": ".icloud.com", "contacts.icloud.com": ".icloud.com"}
"""Hosts that keep each user's calendars on a host of its own (p12-caldav.icloud.com): the sign-in goes there too."""

AGENT = "auld"
"""Some servers refuse requests without a name, some those of Python's libraries."""

Address: TypeAlias = IPv4Address | IPv6Address

_MOVED = frozenset({301, 302, 303, 307, 308})
_NAT64 = int(IPv6Address("64:ff9b::"))


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
        self._door = _Door(private)
        self._http = requests.Session()
        self._http.get_redirect_target = lambda _: None  # type: ignore[method-assign, assignment] # it would read all of it
        self._http.trust_env = False  # else .netrc would sign in, and a proxy or REQUESTS_CA_BUNDLE would read along
        self._http.cookies = RequestsCookieJar(_no_cookies())
        self._http.headers.update({"User-Agent": AGENT, "Accept-Encoding": "gzip"})
        adapter = _adapter(self._door, trusted)
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
            signs = credential if _same(first, at) else None
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


def checked(url: str, *, private: bool = False) -> str:
    """The address as it is asked for: `webcal:` is https. Raises NeedsUser for what is none, or is not safe."""
    try:
        parts = urlsplit(url.strip())
        scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme, parts.scheme)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = scheme = ""
    if scheme not in ("https", "http") or not host:
        raise NeedsUser("That is no web address.", "Set `url` to one that begins with https://.")
    if parts.username or parts.password:
        raise NeedsUser(f"The address at {host} holds a user name.", "Leave it out of `url`, and set `user`.")
    if scheme == "http" and not (private and _loopback(host)):
        raise NeedsUser(f"{host} would be asked without encryption.", "Write https:// in `url`.")
    return parts._replace(scheme=scheme, fragment="").geturl()


def _address(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        try:
            return checked(value, private=bool(info.data.get("private")))
        except NeedsUser as no:
            raise ValueError(str(no)) from None
    return value


WebAddress: TypeAlias = Annotated[str, BeforeValidator(_address)]
"""An address in the config. A field `private` before it in the same section says whether this machine is allowed."""


def host_of(url: str) -> str:
    """The part of an address that may be shown."""
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"


def said(status: int) -> str:
    """A status as a person reads it: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def _same(one: SplitResult, other: SplitResult) -> bool:
    """Whether what signs in at `one` may be shown to `other`: same host, port and scheme, or a family that is known."""
    if (one.scheme, one.hostname, _port(one)) == (other.scheme, other.hostname, _port(other)):
        return True
    family = FAMILIES.get(one.hostname or "")
    return bool(family and other.scheme == "https" and _port(other) == 443 and (other.hostname or "").endswith(family))


def may_sign(home: str, url: str) -> bool:
    """Whether the sign-in at `home` also goes to `url`."""
    return _same(urlsplit(home), urlsplit(url))


def _port(parts: SplitResult) -> int:
    return parts.port or {"https": 443, "http": 80}[parts.scheme]


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


# ---- where a connection goes -----------------------------------------------------------------------------------------


class _Door:
    """Opens connections to addresses that were looked at, and can shut all that are open."""

    def __init__(self, private: bool) -> None:
        self.private = private
        self._twins: set[socket.socket] = set()

    def open(self, host: str, port: int, wait: float | None, plain: bool) -> tuple[socket.socket, socket.socket]:
        """A connection, and its twin by which it can be shut from outside, whatever TLS makes of the first."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TryLater(f"{host} cannot be found; perhaps this machine is offline.") from None
        for *_, where in found:
            self._look(host, ip_address(str(where[0]).partition("%")[0]), plain)
        for family, kind, protocol, _, where in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(wait)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(where)
            except OSError:
                sock.close()
                continue
            twin = sock.dup()
            self._twins.add(twin)
            return sock, twin
        raise TryLater(f"{host} cannot be reached.")

    def shut(self) -> None:
        """End everything that is open: whoever reads gets an end, at once."""
        for twin in list(self._twins):
            try:
                twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def forget(self, twin: socket.socket) -> None:
        """The connection was closed."""
        self._twins.discard(twin)
        twin.close()

    def _look(self, host: str, address: Address, plain: bool) -> None:
        """Raises NeedsUser for an address that is not the user's to reach without saying so."""
        for one in _embedded(address):
            own = one.is_loopback or (one.is_private and not one.is_link_local and not one.is_unspecified)
            if plain and not one.is_loopback:
                raise NeedsUser(f"{host} would be asked without encryption.", "Write https:// in `url`.")
            if one.is_global and not one.is_multicast and not one.is_reserved:
                continue
            if not own:
                raise NeedsUser(f"{host} is at {one}, which is no server's address.", "Correct `url`.")
            if not self.private:
                raise NeedsUser(
                    f"{host} is at {one}, within your own network.", "If that is meant, set `private = true` there."
                )


def _embedded(address: Address) -> Iterator[Address]:
    """The address and those that it carries inside: an IPv6 address may stand for an IPv4 one."""
    yield address
    if isinstance(address, IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if int(address) >> 32 == _NAT64 >> 32:
            inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
        yield from (one for one in inner if one is not None)


def _adapter(door: _Door, trusted: Path | None) -> "HTTPAdapter":
    """An adapter of requests whose connections all go through `door`."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Checked(HTTPConnection):
        """A connection that goes where its door lets it."""

        plain = True
        twin: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            wait = self.timeout if isinstance(self.timeout, int | float) else None
            sock, self.twin = door.open(self._dns_host, self.port or 443, wait, self.plain)
            return sock

        def close(self) -> None:
            super().close()
            if self.twin is not None:
                door.forget(self.twin)
                self.twin = None

    class Encrypted(Checked, HTTPSConnection):
        plain = False

    class Pool(HTTPConnectionPool):
        ConnectionCls = Checked

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

        def __init__(self, *told: Any, **more: Any) -> None:
            super().__init__(*told, **{**more, "ssl_context": ssl.create_default_context(cafile=trusted)})

    class Believing(HTTPAdapter):
        """Who is believed stands in the context: requests would add every authority of its own list."""

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
            conn.cert_reqs = "CERT_REQUIRED"

    adapter = Believing()
    adapter.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": EncryptedPool}
    return adapter


def _no_cookies() -> Any:
    """A calendar needs no cookie, and nobody is to be known again by one."""
    from http.cookiejar import DefaultCookiePolicy

    return DefaultCookiePolicy(allowed_domains=[])
