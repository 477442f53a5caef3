"""An HTTP server on loopback that says what it is told to, byte by byte: also what no server should.

    with Web() as web:
        web.serve("/mine.ics", b"BEGIN:VCALENDAR...", ETag='"1"')
        web.act = CUT                       # the next answers break off in their middle

`asked` are the requests that came. With `tls`, a certificate for localhost, and for no other name, is made on the way.
"""

import contextlib
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, Final, Literal, Self, cast

from tests.servers import needs

Act = Literal["", "cut", "stall", "drip", "drip headers", "reset", "hang up"]

CUT: Final[Act] = "cut"  # half of the body, then the connection is closed
STALL: Final[Act] = "stall"  # half of the body, then nothing, for ever
DRIP: Final[Act] = "drip"  # the body a byte every 20 ms, for ever
DRIP_HEADERS: Final[Act] = "drip headers"  # a header a byte every 20 ms, for ever
RESET: Final[Act] = "reset"  # half of the body, then RST
HANG_UP: Final[Act] = "hang up"  # no answer at all

DRIPS: Final = 0.02


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What it is told."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: bool = True  # whether it says how long the body is


Answering = Callable[[Request], Reply]


class Web:
    """Listens on `port` of loopback for as long as it is entered."""

    def __init__(self, *, tls: bool = False, greeting: bytes = b"") -> None:
        self.asked: list[Request] = []
        self.act: Act = ""
        self.acts = 1_000_000
        self.answer: Answering | None = None
        self.greeting = greeting  # instead of HTTP
        self._pages: dict[str, Reply] = {}
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._folder = tempfile.TemporaryDirectory(prefix="auld-web-")
        self._tls = self._context() if tls else None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    @property
    def ca(self) -> Path:
        """The certificate that is to be trusted."""
        return Path(self._folder.name) / "web.pem"

    def url(self, path: str = "/", host: str = "localhost") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def serve(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        """A page; `_` in the name of a header is `-`. With an ETag or Last-Modified it is told to be unchanged."""
        self._pages[path] = Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._folder.cleanup()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            if self.greeting:
                client.sendall(self.greeting)
                return
            if self._tls:
                plain = client
                client = self._tls.wrap_socket(plain, server_side=True)
                self._open.add(client)
                self._open.discard(plain)
            with client.makefile("rb") as lines:
                while request := _request(cast(BinaryIO, lines)):
                    self.asked.append(request)
                    if not self._reply(client, self._said(request)):
                        return
        except (OSError, ValueError):
            pass
        finally:
            self._open.discard(client)
            client.close()

    def _said(self, request: Request) -> Reply:
        if self.answer:
            return self.answer(request)
        page = self._pages.get(request.path, Reply(404, b"no such page"))
        etag, changed = page.headers.get("ETag"), page.headers.get("Last-Modified")
        since = request.headers.get("if-modified-since")
        if etag and request.headers.get("if-none-match") == etag:
            return Reply(304, headers=page.headers)
        if changed and since and not etag and parsedate_to_datetime(since) >= parsedate_to_datetime(changed):
            return Reply(304, headers=page.headers)
        return page

    def _reply(self, client: socket.socket, reply: Reply) -> bool:
        act, self.acts = (self.act if self.acts > 0 else ""), self.acts - 1
        if act == HANG_UP:
            return False
        head = f"HTTP/1.1 {reply.status} Said\r\n"
        if reply.length and reply.status != 304:
            head += f"Content-Length: {len(reply.body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        if not reply.length:
            head += "Connection: close\r\n"
        if act == DRIP_HEADERS:
            return self._drip(client, head.encode())
        half = len(reply.body) // 2
        client.sendall(head.encode() + b"\r\n" + (reply.body[:half] if act else reply.body))
        if act == DRIP:
            return self._drip(client, b"")
        if act == STALL:
            self._over.wait()
        if act == RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not act and reply.length

    def _drip(self, client: socket.socket, first: bytes) -> bool:
        client.sendall(first)
        while not self._over.wait(DRIPS):
            client.sendall(b"x")
        return False

    def _context(self) -> ssl.SSLContext:
        """A certificate that signs itself, for the name localhost."""
        made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        key = self.ca.with_suffix(".key")
        command = [needs("openssl", "openssl"), *made, *named, "-keyout", str(key), "-out", str(self.ca)]
        subprocess.run(command, capture_output=True, check=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        return context


def _request(lines: BinaryIO) -> Request | None:
    """The next request of a connection, None at its end."""
    read = lines.readline
    first = read(65_536).decode("latin-1").split()
    if len(first) < 2:
        return None
    headers: dict[str, str] = {}
    while (line := read(65_536).decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    size = int(headers.get("content-length", "0"))
    body = lines.read(size) if size else b""
    return Request(first[0], first[1], headers, body)
