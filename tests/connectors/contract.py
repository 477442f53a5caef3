"""The promise that every connector keeps. Subclass it, serve SENT, and give the connector a page of two.

    class TestMemory(ConnectorContract):
        @pytest.fixture
        def connector(self) -> Connector:
            return Memory({INBOX: [...]}, page=2)

A subclass whose source shows no subjects in this order overrides `said`.
"""

import json
from collections.abc import Iterable
from datetime import timedelta

import pytest

from connectors.contract import Connector, Interaction, Page, Stream

SENT = ("A first word", "A second word", "A third word", "A fourth word", "A fifth word")
"""The subjects (of meetings: the summaries) of what the source has, oldest first, all in one stream."""


class ConnectorContract:
    """Subclass me for each connector; serve SENT from its service."""

    SENT = SENT

    @pytest.fixture
    def connector(self) -> Connector:
        raise NotImplementedError("serve SENT from a connector")

    @pytest.fixture
    def stream(self, connector: Connector) -> Stream:
        """The stream in which SENT stands."""
        [stream] = connector.streams()
        return stream

    def said(self, pages: Iterable[Page]) -> list[str]:
        """The subjects of what the pages brought."""
        return [each.subject for page in pages for each in page.found if isinstance(each, Interaction)]

    def test_is_a_connector(self, connector: Connector) -> None:
        assert isinstance(connector, Connector)

    def test_names_its_streams_alike_each_time(self, connector: Connector) -> None:
        first, second = connector.streams(), connector.streams()

        assert list(first) == list(second)
        assert len({stream.id for stream in first}) == len(first)

    def test_brings_everything_once(self, connector: Connector, stream: Stream) -> None:
        assert sorted(self.said(connector.pull(stream, None))) == sorted(self.SENT)

    def test_only_the_last_page_is_complete(self, connector: Connector, stream: Stream) -> None:
        pages = list(connector.pull(stream, None))

        assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]

    def test_goes_on_after_a_crash_at_any_page(self, connector: Connector, stream: Stream) -> None:
        """Whoever stops after one page loses nothing, and gets nothing twice."""
        pages = list(connector.pull(stream, None))

        for stop in range(len(pages)):
            rest = connector.pull(stream, pages[stop].cursor)
            assert sorted(self.said(pages[: stop + 1]) + self.said(rest)) == sorted(self.SENT)

    def test_a_cursor_survives_a_trip_through_json(self, connector: Connector, stream: Stream) -> None:
        first = next(iter(connector.pull(stream, None)))
        stored = json.loads(json.dumps(first.cursor))

        assert {"v", "epoch"} <= stored.keys()
        assert self.said(connector.pull(stream, stored)) == self.said(connector.pull(stream, first.cursor))

    def test_a_second_pull_adds_nothing(self, connector: Connector, stream: Stream) -> None:
        *_, last = connector.pull(stream, None)
        again = list(connector.pull(stream, last.cursor))

        assert self.said(again) == []
        assert again, "the last page may be empty, but has a cursor"
        assert self.said(connector.pull(stream, again[-1].cursor)) == []

    def test_an_id_is_stable_and_nobody_elses(self, connector: Connector, stream: Stream) -> None:
        first = [each.id for page in connector.pull(stream, None) for each in page.found]
        second = [each.id for page in connector.pull(stream, None) for each in page.found]

        assert first == second
        assert len(set(first)) == len(first)

    def test_audit_lists_what_a_pull_brings(self, connector: Connector, stream: Stream) -> None:
        brought = {each.id for page in connector.pull(stream, None) for each in page.found}

        assert brought <= set(connector.audit(stream))

    def test_every_time_is_in_utc(self, connector: Connector, stream: Stream) -> None:
        found = [each for page in connector.pull(stream, None) for each in page.found if isinstance(each, Interaction)]

        for each in found:
            assert each.sent.utcoffset() == timedelta(0)
            assert each.received is None or each.received.utcoffset() == timedelta(0)

    def test_every_address_is_lower_case_and_none_is_empty(self, connector: Connector, stream: Stream) -> None:
        for page in connector.pull(stream, None):
            for each in page.found:
                if isinstance(each, Interaction):
                    people = (*each.to, *each.cc, *each.bcc, *([each.sender] if each.sender else []))
                    assert all(who.address and who.address == who.address.lower() for who in people)

    def test_texts_belong_to_what_was_found(self, connector: Connector, stream: Stream) -> None:
        for page in connector.pull(stream, None):
            assert page.texts.keys() <= {each.id for each in page.found}

    def test_progress_only_grows_and_ends_at_one(self, connector: Connector, stream: Stream) -> None:
        shares = [page.progress for page in connector.pull(stream, None) if page.progress is not None]

        assert shares == sorted(shares)
        assert not shares or (shares[0] >= 0 and shares[-1] == 1)
