"""Gmail, through Google's own client library, against a fake that is as strict as Google's documents."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.contract import Connector, Exact
from tests.connectors.contract import SENT as SUBJECTS
from tests.connectors.contract import ConnectorContract
from tests.connectors.googles import NOW, READONLY, SENT, Home


@pytest.fixture
def home() -> Iterator[Home]:
    with Home() as made:
        yield made
        made.kind()


class TestGmail(ConnectorContract):
    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            home.deliver(subject, *(SENT if number % 2 else ()), at=NOW - timedelta(days=9 - number))
        return home.gmail(page=2)


class TestGmailWithTexts(TestGmail):
    @pytest.fixture
    def home(self) -> Iterator[Home]:
        with Home(READONLY) as made:
            yield made
            made.kind()

    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            home.deliver(subject, at=NOW - timedelta(days=9 - number), text=f"{subject}, at length.\n")
        return home.gmail(page=2, texts=True)


def test_a_live_connector_can_be_asked_for_single_items(home: Home) -> None:
    assert isinstance(home.gmail(), Exact)
