"""The mailbox on a server, against a real Dovecot."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Connector, Credential, Exact, Interaction, Page, Session, Stream
from connectors.imap import Imap, Options
from tests.connectors.contract import SENT, ConnectorContract
from tests.servers.dovecot import Dovecot, User, letter

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)

Opening = Callable[..., Imap]


@pytest.fixture
def ada(dovecot: Dovecot) -> User:
    return dovecot.user()


@pytest.fixture
def opened() -> Iterator[Opening]:
    """Connectors that are closed after the test: `opened(user, port=proxy.port, page=2)`."""
    made: list[Imap] = []

    def open_(user: User, *, port: int = 0, read: str = "headers", session: Session | None = None, **more: Any) -> Imap:
        options = Options(
            kind="imap",
            address="ada@example.org",
            user=user.name,
            host="127.0.0.1",
            port=port or user.server.imap_port,
            security="none",
            read=read,
        )
        more.setdefault("credential", Credential(user.name, user.password))
        made.append(Imap(options, now=NOW, session=session or Session(time.monotonic), **more))
        return made[-1]

    yield open_
    for each in made:
        each.close()


def inbox(connector: Imap) -> Stream:
    return next(stream for stream in connector.streams() if stream.role == "\\Inbox")


def said(pages: list[Page]) -> list[str]:
    return [each.subject for page in pages for each in page.found if isinstance(each, Interaction)]


class TestImap(ConnectorContract):
    @pytest.fixture
    def connector(self, ada: User, opened: Opening) -> Connector:
        for number, subject in enumerate(SENT):
            at = datetime(2024, 1, 1, tzinfo=UTC) + number * DAY
            ada.append(letter(subject, at=at), "Sent", at=at)
        return opened(ada, page=2)

    @pytest.fixture
    def stream(self, connector: Connector) -> Stream:
        return connector.streams()[0]


class TestImapWithTexts(TestImap):
    @pytest.fixture
    def connector(self, ada: User, opened: Opening) -> Connector:
        for subject in SENT:
            ada.append(letter(subject, text=f"{subject}, at length.\n"), "Sent")
        return opened(ada, page=2, read="text")


def test_a_live_connector_can_be_asked_for_single_items(ada: User, opened: Opening) -> None:
    assert isinstance(opened(ada), Exact)
