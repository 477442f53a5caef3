"""How does a fake of a vendor speak HTTP? On loopback, a thread to a connection, and badly when it is told to.

    class Google(Server):
        def answer(self, asked): return Answer.json({"kind": "..."})

    with Google() as fake:
        fake.at(r"GET /gmail/v1/.*history", CUT, times=1)      # the next such answer breaks off in its middle
        fake.at(r"/token", says(503, b"<html>", content_type="text/html"))
        fake.when(r"messages/", lambda: box.deliver(mail))     # it happens just before the answer is made
        fake.heal()

`log` are the requests that came, without any secret. What the fake itself did wrong stands in `crashes`.
"""

import contextlib
import json
import re
import select
import socket
import ssl
import struct
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

Act = Literal["", "cut", "stall", "drip", "reset", "hang up"]
Headers = Sequence[tuple[str, str]]

DRIPS = 0.02
FOREVER = 1_000_000

SECRETS = frozenset(
    ("access_token", "oauth_token", "token", "code", "code_verifier", "client_secret", "refresh_token", "device_code")
)
"""Parameters whose values are not written into a log."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str  # as it was written, without the query
    query: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in small letters
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of an urlencoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def shown(self) -> str:
        """The request's line, without secrets: what a fault's pattern is looked up in."""
        query = urlencode([(name, "..." if name in SECRETS else value) for name, value in self.parameters])
        return f"{self.method} {self.path}{'?' if query else ''}{query}"


@dataclass(frozen=True)
class Answer:
    """What is said to it."""

    status: int = 200
    body: bytes = b""
    headers: Headers = ()

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Headers = ()) -> "Answer":
        return cls(status, json.dumps(value).encode(), (("Content-Type", "application/json; charset=UTF-8"), *headers))

    @classmethod
    def html(cls, text: str, status: int = 200, headers: Headers = ()) -> "Answer":
        return cls(status, text.encode(), (("Content-Type", "text/html; charset=UTF-8"), *headers))

    def told(self) -> Any:
        """The JSON of the body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Fault:
    """What becomes of an answer: another one `instead`, a `change` of the true one, a way in which it is sent."""

    instead: Answer | None = None  # the request is not looked at
    change: Callable[[Answer], Answer] | None = None
    act: Act = ""


CUT = Fault(act="cut")  # half of the body, then the connection is closed
STALL = Fault(act="stall")  # half of the body, then nothing
DRIP = Fault(act="drip")  # half of the body, then a byte every 20 ms, for ever
RESET = Fault(act="reset")  # half of the body, then RST
HANG_UP = Fault(act="hang up")  # no answer at all
TRUNCATED = Fault(change=lambda true: Answer(true.status, true.body[: len(true.body) // 2], true.headers))
"""Half of the body, and the length says that this is all of it."""

PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


def says(status: int, body: bytes = b"", **headers: str) -> Fault:
    """Another answer; `_` in the name of a header is `-`."""
    return Fault(Answer(status, body, tuple((name.replace("_", "-"), value) for name, value in headers.items())))


def html(status: int = 200, title: str = "Service Unavailable") -> Fault:
    """A page for people where JSON was asked for."""
    return Fault(Answer.html(PAGE.format(title), status))


def portal(to: str) -> Fault:
    """A hotel's network sends every request to the page that sells it; `to` is a path of the fake, say "/portal"."""
    return Fault(Answer.html(PAGE.format("Moved"), 302, (("Location", to),)))


@dataclass
class _Set:
    """A fault that is waiting for its requests."""

    where: re.Pattern[str]
    fault: Fault
    skip: int
    left: int
    every: int = 1
    do: Callable[[], object] | None = None
    seen: int = 0

    def hit(self, shown: str) -> bool:
        if self.left <= 0 or not self.where.search(shown):
            return False
        self.seen += 1
        if self.seen <= self.skip or (self.seen - self.skip) % self.every:
            return False
        self.left -= 1
        return True


class Server:
    """Listens on `port` of loopback for as long as it is entered."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, log: int = 1_000_000) -> None:
        self.log: list[tuple[str, int]] = []  # the request's line, the status of its answer
        self.breaches: list[str] = []  # where a request broke the vendor's documented format
        self.crashes: list[str] = []
        self.slow = 0.0  # seconds before each answer
        self.connections = 0
        self.most = 0  # requests in flight at once
        self._flying = 0
        self._faults: list[_Set] = []
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listening.getsockname()[1]
        self.host = "localhost" if tls else "127.0.0.1"

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}"

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def at(self, where: str, fault: Fault, times: int = FOREVER, after: int = 0, every: int = 1) -> None:
        """That becomes of the answers to such requests (`GET /path?query`), after so many of them, so many times."""
        with self._lock:
            self._faults.append(_Set(re.compile(where), fault, after, times, every))

    def when(self, where: str, do: Callable[[], object], times: int = 1, after: int = 0) -> None:
        """That happens before such a request is answered."""
        with self._lock:
            self._faults.append(_Set(re.compile(where), Fault(), after, times, do=do))

    def heal(self) -> None:
        """No more faults."""
        with self._lock:
            self._faults.clear()

    def breach(self, what: str) -> None:
        self.breaches.append(what)

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._over.is_set():
            return
        self._over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def hang_up(self) -> None:
        """Every open connection is closed, as by a server that restarts."""
        with self._lock:
            still = list(self._open)
        for each in still:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        with self._lock:
            self._threads = [each for each in self._threads if each.is_alive()]
            thread.start()
            self._threads.append(thread)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, where = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, client, where)

    def _serve(self, client: socket.socket, where: Any) -> None:
        plain = client
        with self._lock:
            self._open.add(plain)
        try:
            if self._tls:
                client = self._tls.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._open.discard(plain)
                    self._open.add(client)
            _Handler(client, where, self)
        except (OSError, ValueError):
            pass
        except Exception:  # the fake itself is wrong: tests look
            self.crashes.append(traceback.format_exc())
        finally:
            with self._lock:
                self._open -= {plain, client}
            client.close()

    def fault(self, asked: Asked) -> Fault | None:
        """What is to become of the answer; what is to happen before it, happens."""
        with self._lock:
            met = [each for each in self._faults if each.hit(asked.shown)]
        for each in met:
            if each.do:
                each.do()
        return next((each.fault for each in met if not each.do), None)

    def take(self, asked: Asked) -> tuple[Answer, Act]:
        """The answer, and how it is to be sent."""
        fault = self.fault(asked)
        if self.slow:
            time.sleep(self.slow)
        if fault and fault.instead:
            return fault.instead, fault.act
        try:
            said = self.answer(asked)
        except Exception:
            self.crashes.append(traceback.format_exc())
            return Answer(500, b"the fake itself is wrong: see its crashes"), ""
        if fault and fault.change:
            said = fault.change(said)
        return said, fault.act if fault else ""

    def fly(self, more: int) -> None:
        with self._lock:
            self._flying += more
            self.most = max(self.most, self._flying)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # 40 ms a request otherwise
    wbufsize = -1

    def __init__(self, client: socket.socket, where: Any, server: Server) -> None:
        self.fake = server
        super().__init__(client, where, server)  # type: ignore[arg-type]

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def _any(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size) if size else b""
        if len(body) < size:  # whoever asked is dead
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, urlsplit(path).path or "/", query, headers, body)
        self.fake.fly(1)
        try:
            said, act = self.fake.take(asked)
        finally:
            self.fake.fly(-1)
        self.fake.log.append((asked.shown, said.status))
        self._send(said, act)

    def _send(self, said: Answer, act: Act) -> None:
        if act == "hang up":
            self.close_connection = True
            return
        self.wfile.write(f"HTTP/1.1 {said.status} {responses.get(said.status, 'Said')}\r\n".encode())
        for name, value in said.headers:
            self.wfile.write(f"{name}: {value}\r\n".encode("latin-1"))
        body = b"" if self.command == "HEAD" or said.status == 304 else said.body
        self.wfile.write(
            f"Content-Length: {len(said.body)}\r\n\r\n".encode() + (body[: len(body) // 2] if act else body)
        )
        self.wfile.flush()
        if act:
            self.close_connection = True
            self._spoil(act)

    def _spoil(self, act: Act) -> None:
        if act == "stall":
            self._wait()
        elif act == "drip":
            while not self.fake._over.wait(DRIPS):
                self.connection.sendall(b" ")
        elif act == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _wait(self) -> None:
        """Until the client has gone, or the fake."""
        while not self.fake._over.wait(0.05):
            ready, _, _ = select.select([self.connection], [], [], 0)
            if ready:
                return
