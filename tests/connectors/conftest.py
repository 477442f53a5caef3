"""A mailbox of one's own on a real server or at the fake of a vendor, and connectors that are closed after the test."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Credential, Session
from connectors.imap import Imap, Options
from tests.connectors.microsofts import House, house
from tests.fakes.microsoft import Microsoft
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


@pytest.fixture(scope="session")
def microsoft() -> Iterator[Microsoft]:
    """Microsoft's sign-in and Graph, on loopback; each test asks it for a user of its own."""
    with Microsoft() as made:
        yield made


@pytest.fixture
def unbroken(microsoft: Microsoft) -> Iterator[Microsoft]:
    """The same; nobody may ask for anything in ways that are not documented."""
    before = len(microsoft.breaches)
    yield microsoft
    microsoft.heal()
    assert microsoft.breaches[before:] == []


@pytest.fixture
def home(unbroken: Microsoft) -> House:
    """Somebody with a mailbox and calendars at Microsoft, who consented to the basic rights."""
    return house(unbroken)


@pytest.fixture
def open_home(unbroken: Microsoft) -> House:
    """The same, who consented to texts being read."""
    return house(unbroken, scopes=("Mail.Read", "Calendars.Read"))
