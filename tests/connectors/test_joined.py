"""Several connectors are one: each stream goes to the part that has it, and the part sees its own name of it."""

from collections.abc import Iterator, Sequence

import pytest

from connectors.contract import Connector, Cursor, Exact, Page, RemoteId, Stream
from connectors.joined import Joined
from connectors.memory import Memory
from tests.connectors.contract import ConnectorContract
from tests.connectors.test_memory import INBOX, MAILS, mail


class Answering(Memory):
    """It can be asked for single items."""

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        yield Page((), cursor, gone=tuple(f"{stream.id}/{each}" for each in ids))


class TestJoined(ConnectorContract):
    @pytest.fixture
    def connector(self) -> Connector:
        return Joined({"mail": Memory({INBOX: MAILS})})


def test_streams_are_called_after_their_parts() -> None:
    joined = Joined({"mail": Memory({INBOX: MAILS}), "calendar": Memory({INBOX: [mail(7, "Lunch")]})})

    assert [stream.id for stream in joined.streams()] == ["mail:inbox", "calendar:inbox"]
    assert {stream.role for stream in joined.streams()} == {INBOX.role}
    found = [one.subject for page in joined.pull(joined.streams()[1], None) for one in page.found]
    assert found == ["Lunch"]


def test_single_items_are_asked_of_the_part_that_can_tell() -> None:
    joined = Joined({"mail": Answering({INBOX: MAILS}), "calendar": Memory({INBOX: []})})
    mails, calendar = joined.streams()

    assert isinstance(joined, Exact)
    assert [page.gone for page in joined.fetch(mails, {"v": 1}, ["7"])] == [("inbox/7",)]
    assert list(joined.fetch(calendar, {"v": 1}, ["7"])) == []
