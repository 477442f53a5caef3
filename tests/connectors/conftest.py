"""A mailbox of one's own on a real server, and connectors to it that are closed after the test."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Credential, Session
from connectors.imap import Imap, Options
from tests.servers.dovecot import Dovecot, User
from tests.servers.proxy import Proxy

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def ada(dovecot: Dovecot) -> User:
    return dovecot.user()


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[Proxy]:
    """Between the connector and the server: whatever a network may do."""
    with Proxy(dovecot.imap_port) as made:
        yield made


@pytest.fixture
def opened() -> Iterator[Callable[..., Imap]]:
    """A connector to a user's mailbox: `opened(ada, port=proxy.port, page=2)`."""
    made: list[Imap] = []

    def open_(user: User, *, port: int = 0, read: str = "headers", session: Session | None = None, **more: Any) -> Imap:
        options = Options.model_validate(
            {
                "kind": "imap",
                "address": "ada@example.org",
                "user": user.name,
                "host": "127.0.0.1",
                "port": port or user.server.imap_port,
                "security": "none",
                "read": read,
            }
        )
        more.setdefault("credential", Credential(user.name, user.password))
        made.append(Imap(options, now=NOW, session=session or Session(time.monotonic), **more))
        return made[-1]

    yield open_
    for each in made:
        each.close()
