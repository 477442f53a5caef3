"""How does a request come to Google, and what if no answer comes?

The connections are httplib2's, as Google's libraries want them; each answer is watched, none is followed elsewhere, and
what may be done only once is asked only once.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from config.settings import loopback
from connectors.contract import Session, Trouble, TryLater
from connectors.google_answers import HOST, unreachable

DRIPPING: Final = 4
"""So many silences may one answer take altogether: a server that drips is never silent."""

NONSENSE: Final = (AttributeError, LookupError, TypeError, ValueError)
"""What the library raises on answers that no server should give."""

_LOUD: Final = (
    "googleapiclient", "google_auth_httplib2", "google.auth", "google_auth_oauthlib", "requests_oauthlib", "oauthlib",
    "urllib3",
)  # fmt: skip
"""These write addresses, answers and even tokens into their logs."""


def hush() -> None:
    """Let the libraries below write no logs."""
    import logging

    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@contextmanager
def told(line: Any, session: Session) -> Iterator[None]:
    """Every way in which an answer fails to come on these connections of httplib2, in words."""
    import httplib2
    from google.auth.exceptions import GoogleAuthError
    from googleapiclient.errors import Error

    late = threading.Event()
    dog = threading.Timer(min(DRIPPING * session.silence, session.left(), threading.TIMEOUT_MAX), _end, (line, late))
    dog.daemon = True
    dog.start()
    try:
        yield
    except Trouble:
        raise
    except (OSError, HTTPException, httplib2.HttpLib2Error, Error, GoogleAuthError, *NONSENSE) as trouble:
        forget(line)
        if late.is_set():
            raise TryLater(f"{HOST} takes too long over one answer.") from OSError("too slow")
        if isinstance(trouble, httplib2.ServerNotFoundError):
            raise TryLater(f"{HOST} cannot be found.") from OSError("no such name")
        if isinstance(trouble, OSError | HTTPException | httplib2.HttpLib2Error):
            raise unreachable(trouble) from OSError("no answer")
        raise TryLater(f"{HOST} answers with something that is no answer.") from None
    finally:
        dog.cancel()


def _end(line: Any, late: threading.Event) -> None:
    """From another thread: against a server that drips, no timeout of a socket helps."""
    late.set()
    for connection in list(line.connections.values()):
        if connection.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def forget(line: Any) -> None:
    """A connection that failed once is not used again."""
    with suppress(OSError):
        line.close()
    line.connections.clear()


def believed() -> str | None:
    """The file of authorities that this machine believes, SSL_CERT_FILE before all; None: those that came with us."""
    return ssl.get_default_verify_paths().cafile


def posted(url: str, form: Mapping[str, str], session: Session) -> tuple[int, bytes, str]:
    """(status, body, Retry-After) of a form's answer; it is sent once. Raises TryLater where no answer comes."""
    hush()
    line = connections(session.wait(), direct=loopback(urlsplit(url).hostname or ""))
    line.once = True
    sort = {"content-type": "application/x-www-form-urlencoded"}
    try:
        with told(line, session):
            answer, body = line.request(url, "POST", urlencode(form), sort)
            return int(answer.status), body, answer.get("retry-after", "")
    finally:
        forget(line)


def connections(wait: float, *, direct: bool) -> Any:
    """The connections of httplib2, without its habit of asking again where the first connection ended in silence."""
    import httplib2

    class Line(httplib2.Http):  # type: ignore[misc, unused-ignore]
        once = False  # what is asked may not be asked twice

        def _conn_request(self, conn: Any, *told: Any) -> Any:
            connect, tries = conn.connect, [1, 0]

            def connected() -> None:
                if self.once and not tries.pop(0):
                    raise ConnectionAbortedError("it would be done twice")
                connect()

            conn.connect = connected
            try:
                return super()._conn_request(conn, *told)
            finally:
                conn.connect = connect

    made = Line(timeout=wait, ca_certs=believed(), **({"proxy_info": None} if direct else {}))
    made.follow_redirects = False  # to whom would the token go?
    return made
