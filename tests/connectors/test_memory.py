"""The in-memory connector keeps the contract, and so may be trusted as a fake."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Connector, CursorLost, Interaction, Party, Stream
from connectors.memory import Memory
from tests.connectors.contract import SENT, ConnectorContract

INBOX = Stream("inbox", "Inbox", "\\Inbox")
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def mail(number: int, subject: str) -> Interaction:
    return Interaction(
        id=str(number),
        sent=BEGIN + timedelta(days=number),
        dated_by="date",
        sender=Party("bob@bob.example", "Bob"),
        to=(Party("ada@ada.example"),),
        subject=subject,
    )


MAILS = [mail(number, subject) for number, subject in enumerate(SENT)]


class TestMemory(ConnectorContract):
    @pytest.fixture
    def connector(self) -> Connector:
        return Memory({INBOX: MAILS}, texts={"1": "Hello"})

    def test_brings_what_was_added_later(self) -> None:
        memory = Memory({INBOX: MAILS})
        *_, last = memory.pull(INBOX, None)
        memory.add(INBOX, mail(9, "Later"))

        assert self.said(memory.pull(INBOX, last.cursor)) == ["Later"]

    def test_says_once_what_is_gone(self) -> None:
        memory = Memory({INBOX: MAILS})
        *_, last = memory.pull(INBOX, None)
        memory.remove(INBOX, "1")
        [after] = memory.pull(INBOX, last.cursor)

        assert after.gone == ("1",)
        assert [page.gone for page in memory.pull(INBOX, after.cursor)] == [()]
        assert "1" not in memory.audit(INBOX)

    def test_may_forget_its_cursors(self) -> None:
        memory = Memory({INBOX: MAILS})
        first = next(memory.pull(INBOX, None))
        memory.reset()

        with pytest.raises(CursorLost):
            next(memory.pull(INBOX, first.cursor))
        assert self.said(memory.pull(INBOX, None)) == list(SENT)

    def test_has_one_empty_page_for_an_empty_stream(self) -> None:
        [page] = Memory({INBOX: []}).pull(INBOX, None)

        assert (page.found, page.complete) == ((), True)
