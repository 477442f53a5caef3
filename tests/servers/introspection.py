"""Which access tokens are good? Dovecot asks a stub on loopback, so that XOAUTH2 is real (RFC 7662)."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass
class Introspection:
    """Answers Dovecot's `introspection_mode = auth`; `tokens` may change at any time."""

    tokens: dict[str, str] = field(default_factory=dict)
    """Access token -> the user that it signs in. Any other token is expired."""
    broken: bool = False
    """Then it answers 500, which Dovecot passes on as [UNAVAILABLE]."""

    def __post_init__(self) -> None:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                user = stub.tokens.get(token)
                said = {"active": user is not None, "email": user or "nobody@example.org"}
                body = json.dumps(said).encode()
                self.send_response(500 if stub.broken else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
