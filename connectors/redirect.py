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

SIGNED_IN: Final = "You are signed in. This page can be closed; auld goes on where you started it."
NOT_OURS: Final = "This is not the page that you came from. Go back to where you started auld."


class Redirect:
    """A port of this machine, to which a vendor sends the browser back. Nobody else is listened to."""

    def __init__(self, port: int = 0) -> None:
        self.state = ""
        self._came: dict[str, str] = {}
        self._arrived = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # browsers open connections that they never use

            def do_GET(self) -> None:
                ours = outer._take(self.path)
                text = (SIGNED_IN if ours else NOT_OURS).encode()
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
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Redirect":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, path: str) -> bool:
        """Whether a request is the answer to ours: it knows the state that we gave."""
        told = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if not self.state or told.get("state") != self.state or not ("code" in told or "error" in told):
            return False
        if not self._arrived.is_set():
            self._came = told
            self._arrived.set()
        return True

    def came(self, timeout: float) -> dict[str, str]:
        """What the browser brought: a `code`, or an `error`. Raises NeedsUser."""
        if not self._arrived.wait(timeout):
            raise NeedsUser(f"Nobody signed in within {timeout / 60:.0f} minutes.", "Start the sign-in again.")
        return self._came
