"""Google Calendar, through Google's own client library, against a fake that is as strict as Google's documents."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.contract import Connector, Exact
from tests.connectors.contract import SENT as SUBJECTS
from tests.connectors.contract import ConnectorContract
from tests.connectors.googles import NOW, Home


@pytest.fixture
def home() -> Iterator[Home]:
    with Home() as made:
        yield made
        made.kind()


class TestGoogleCalendar(ConnectorContract):
    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            home.calendars.primary.put_event(NOW - timedelta(days=9 - number), summary=subject)
        return home.calendar(page=2)


class TestGoogleCalendarWithSeries(ConnectorContract):
    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            rule = ["RRULE:FREQ=DAILY;COUNT=1"] if number % 2 else None
            home.calendars.primary.put_event(NOW - timedelta(days=9 - number), summary=subject, recurrence=rule)
        return home.calendar(page=2, texts=True)


def test_a_live_connector_can_be_asked_for_single_items(home: Home) -> None:
    assert isinstance(home.calendar(), Exact)
