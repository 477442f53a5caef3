"""A real CalDAV and CardDAV server on loopback: Radicale, within this process, its collections in memory where there is
a file system for it.

Start it once for a session of tests; each test asks it for a user of its own:

    ada = radicale.user()
    ada.make("work")
    ada.put("work", "a.ics", calendar(event("a")))

Whoever writes to the collections here is another program at work: HTTP requests of its own. `radicale.asked` are the
requests that came; `radicale.lie` may answer in Radicale's place.
"""

import base64
import io
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest

Environ = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""

Lie = Callable[[Environ, Callable[[], Reply]], Reply | None]
"""Sees a request and can have Radicale's true answer; gives another one, or None for the true one."""


@dataclass
class User:
    """One user, and another program that works in the collections."""

    server: "Radicale"
    name: str
    password: str

    @property
    def url(self) -> str:
        """Where the collections lie."""
        return f"{self.server.url}/{self.name}/"

    def make(self, collection: str, shown: str = "", *, kind: str = "VEVENT") -> str:
        """A new calendar, of that component, or an address book (`kind="VCARD"`); gives its path."""
        book = kind == "VCARD"
        space = "carddav" if book else "caldav"
        kinds = (
            ""
            if book
            else f'<C:supported-calendar-component-set><C:comp name="{kind}"/></C:supported-calendar-component-set>'
        )
        body = (
            f'<D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:{space}"><D:set><D:prop><D:resourcetype>'
            f"<D:collection/><C:{'addressbook' if book else 'calendar'}/></D:resourcetype>{kinds}"
            f"<D:displayname>{shown or collection}</D:displayname></D:prop></D:set></D:mkcol>"
        )
        self._does("MKCOL", f"/{self.name}/{collection}/", body.encode())
        return f"/{self.name}/{collection}/"

    def put(self, collection: str, name: str, data: bytes) -> None:
        self._does("PUT", f"/{self.name}/{collection}/{name}", data)

    def fill(self, collection: str, resources: Iterable[tuple[str, bytes]]) -> None:
        """Many resources, or such as Radicale would refuse: by file."""
        for name, data in resources:
            (self.folder(collection) / name).write_bytes(data)

    def delete(self, collection: str, name: str = "") -> None:
        """A resource, or the whole collection."""
        self._does("DELETE", f"/{self.name}/{collection}/{name}")

    def move(self, collection: str, name: str, to: str) -> None:
        there = f"{self.server.url}/{self.name}/{collection}/{to}"
        self._does("MOVE", f"/{self.name}/{collection}/{name}", more={"Destination": there, "Host": self.server.host})

    def forget_tokens(self, collection: str) -> None:
        """The server no longer knows any sync-token of the collection."""
        shutil.rmtree(self.folder(collection) / ".Radicale.cache" / "sync-token", ignore_errors=True)

    def folder(self, collection: str) -> Path:
        return self.server.base / "collection-root" / self.name / collection

    def change_password(self, password: str) -> None:
        self.password = password
        self.server.sign_up(self.name, password)

    def _does(self, method: str, path: str, body: bytes = b"", more: dict[str, str] | None = None) -> None:
        token = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            kind = "text/vcard" if b"BEGIN:VCARD" in body else "text/calendar" if method == "PUT" else "application/xml"
            headers = {"Authorization": f"Basic {token}", "Content-Type": kind, **(more or {})}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status < 300, f"{method} {path}: {answer.status} {said[:300]!r}"
        finally:
            connection.close()


@dataclass
class Radicale:
    """A running server. `asked` are the requests that came, as "METHOD path", those of other programs included."""

    base: Path
    port: int = 0
    asked: list[str] = field(default_factory=list)
    lie: Lie | None = None
    _passwords: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def user(self, name: str = "") -> User:
        """A new user without collections."""
        name = name or f"user{next(self._numbers)}"
        self.sign_up(name, "secret")
        return User(self, name, "secret")

    def sign_up(self, name: str, password: str) -> None:
        self._passwords[name] = password
        (self.base / "users").write_text("".join(f"{user}:{word}\n" for user, word in self._passwords.items()))

    def heal(self) -> None:
        """No more lies; what was asked is forgotten."""
        self.lie, self.asked = None, []


@contextmanager
def running() -> Iterator[Radicale]:
    """A Radicale for as long as it is entered."""
    if find_spec("radicale") is None:
        said = "radicale is not installed (pip install radicale)"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    fast = Path("/dev/shm")
    base = Path(tempfile.mkdtemp(prefix="auld-radicale-", dir=fast if fast.is_dir() else None))
    server = Radicale(base)
    try:
        (base / "users").write_text("")
        with _Server(("127.0.0.1", 0), _Handler) as httpd:
            httpd.set_app(_app(server))
            server.port = httpd.server_port
            thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield server
            finally:
                httpd.shutdown()
                thread.join()
    finally:
        shutil.rmtree(base, ignore_errors=True)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        self.address_family = self.socket.family
        super().server_bind()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class _Handler(WSGIRequestHandler):
    disable_nagle_algorithm = True

    def address_string(self) -> str:
        return "loopback"

    def log_message(self, *_: object) -> None:
        pass


def _app(server: Radicale) -> Callable[[Environ, Any], Iterable[bytes]]:
    from radicale import config
    from radicale.app import Application

    chosen = config.load()
    chosen.update(
        {
            "auth": {
                "type": "htpasswd",
                "htpasswd_filename": str(server.base / "users"),
                "htpasswd_encryption": "plain",
                "htpasswd_cache": "False",
                "delay": "0",
            },
            "storage": {"filesystem_folder": str(server.base), "_filesystem_fsync": "False"},
            "logging": {"level": "critical"},
        },
        "tests",
        privileged=True,
    )
    true = Application(chosen)

    def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["auld.body"] = body
        server.asked.append(f"{environ['REQUEST_METHOD']} {path}")

        def truth() -> Reply:
            return _asked(true, environ)

        if server.lie:
            environ.pop("HTTP_ACCEPT_ENCODING", None)  # who rewrites wants to read
        status, headers, said = (server.lie(environ, truth) if server.lie else None) or truth()
        start_response(f"{status} Said", [*headers.items(), ("Content-Length", str(len(said)))])
        return [said]

    return app


def _asked(app: Any, environ: Environ) -> Reply:
    """What Radicale itself answers."""
    got: list[tuple[int, dict[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        plain = {name: value for name, value in headers if name.lower() != "content-length"}
        got.append((int(status.split()[0]), plain))

    body = environ["auld.body"]
    given = {**environ, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    said = b"".join(app(given, start))
    return (*got[-1], said)
