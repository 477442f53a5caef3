"""Where does the browser come back to, when the user has signed in on a vendor's page? To a port of this machine.

Only the request that knows the state that was given along is listened to (RFC 8252, RFC 6749 10.12): another program of
this machine can knock, and a page in the browser can send there whom it likes.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

from connectors.contract import NeedsUser

LONGEST_FORM: Final = 64 << 10
"""Bytes of a form: a code has about a thousand."""

SIGNED_IN: Final = "You are signed in. This page can be closed; auld goes on where you started it."
NOT_LET_IN: Final = "auld was not let in. This page can be closed; where you started auld, it says what to do."
NOT_OURS: Final = "This is not the page that you came from. Go back to where you started auld."


class Redirect:
    """A port of this machine, to which a vendor sends the browser back. Nobody else is listened to.

    `called` is the address as the vendor wants it said; with `form` the answer comes in a form, else in the address.
    """

    def __init__(self, port: int = 0, *, called: str = "http://127.0.0.1:{port}/", form: bool = False) -> None:
        self.state, self._called = "", called
        self._came: dict[str, str] = {}
        self._arrived = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # browsers open connections that they never use

            def do_GET(self) -> None:
                self._say("" if form else outer._take(urlsplit(self.path).query))

            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                known = form and length.isdecimal() and int(length) <= LONGEST_FORM
                self._say(outer._take(self.rfile.read(int(length)).decode("utf-8", "replace")) if known else "")

            def _say(self, ours: str) -> None:
                text = (ours or NOT_OURS).encode()
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """A code stands in the request."""

        class Server(ThreadingHTTPServer):
            allow_reuse_address = sys.platform != "win32"  # there, it would let another program listen too
            daemon_threads = True

        try:
            self._server = Server(("127.0.0.1", port), Handler)
        except OSError as trouble:
            what = f"Port {port} of this machine is taken ({trouble.strerror})."
            raise NeedsUser(what, "Choose another one.") from None
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """Where the browser is sent."""
        return self._called.format(port=self._server.server_port)

    def __enter__(self) -> "Redirect":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, fields: str) -> str:
        """What to say to a request that is the answer to ours, as it knows the state that we gave; "" to others."""
        told = {name: values[0] for name, values in parse_qs(fields).items()}
        if not self.state or told.get("state") != self.state or not ("code" in told or "error" in told):
            return ""
        if not self._arrived.is_set():
            self._came = told
            self._arrived.set()
        return SIGNED_IN if "code" in told else NOT_LET_IN

    def came(self, timeout: float) -> dict[str, str]:
        """What the browser brought: a `code`, or an `error`. Raises NeedsUser."""
        if not self._arrived.wait(timeout):
            raise NeedsUser("Nobody signed in in time.", "Try again with `auld login`.")
        return self._came
