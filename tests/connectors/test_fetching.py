"""An answer to FETCH says the same however a server spells it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors.contract import Stream
from connectors.fetching import arrived
from connectors.imap import Imap
from tests.connectors.kept import Kept
from tests.servers.dovecot import User, letter
from tests.servers.proxy import Proxy, Rewriting, replaced

INBOX = Stream("INBOX", "INBOX", "\\Inbox")
USUAL = rb'\(UID (\d+) RFC822.SIZE (\d+) INTERNALDATE ("[^"]*") BODY(\[[^\]]*\])'


def before(more: bytes) -> Rewriting:
    return lambda answer: more + answer


@pytest.mark.parametrize(
    "spelling",
    [
        lambda answer: answer,
        replaced(USUAL, rb"(BODY\4 {0}\r\n INTERNALDATE \3 FLAGS (\\Seen) UID \1 RFC822.SIZE \2 BODY\4"),
        replaced(USUAL, rb'(INTERNALDATE \3 X-ODD ("a" (b NIL)) RFC822.SIZE \2 UID \1 BODY\4'),
        replaced(rb"\)\r\n\Z", rb" FLAGS (\\Seen))\r\n"),
        replaced(rb"BODY\[HEADER\.FIELDS \([^\]]*\]", rb'BODY[HEADER.FIELDS ("From" "To")]'),
        before(b"* 3 FETCH (FLAGS (\\Seen))\r\n"),
        before(b"* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n"),
        before(b"* 7 EXISTS\r\n* OK [ALERT] Still here\r\n"),
        before(b"* 2 FETCH (UID 99 RFC822.SIZE 5 INTERNALDATE NIL BODY[HEADER.FIELDS (A)] {2}\r\n\r\n)\r\n"),
    ],
    ids=[
        "usual",
        "repeated",
        "other order",
        "flags behind",
        "quoted names",
        "no UID",
        "flags",
        "news",
        "another",
    ],
)
@pytest.mark.parametrize("quick", [True, False], ids=["quick", "library"])
def test_each_spelling_of_an_answer_is_understood(
    ada: User, opened: Callable[..., Imap], proxy: Proxy, spelling: Rewriting, quick: bool
) -> None:
    ada.fill(letter(name) for name in ("One", "Two", "Three"))
    whole = Kept().round(opened(ada), INBOX)
    proxy.at(rb"FETCH \(UID", spelling)

    assert Kept().round(opened(ada, port=proxy.port, quick=quick), INBOX) == whole
    assert len(whole.items) == 3


def test_case_does_not_matter(ada: User, opened: Callable[..., Imap], proxy: Proxy) -> None:
    """To imaplib it does."""
    ada.append(letter("One"))
    proxy.at(rb"FETCH \(UID", replaced(rb"FETCH", rb"Fetch"))

    assert Kept().round(opened(ada, port=proxy.port), INBOX).subjects == ["One"]


def test_a_header_may_come_as_a_string(ada: User, opened: Callable[..., Imap], proxy: Proxy) -> None:
    ada.append(letter("One"))
    proxy.at(rb"FETCH \(UID", replaced(rb"(?s)\{\d+\}.*", b'"Subject: \\"Two\\"")\r\n'))

    assert Kept().round(opened(ada, port=proxy.port), INBOX).subjects == ['"Two"']


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (b"01-Mar-2024 12:00:00 +0000", datetime(2024, 3, 1, 12, tzinfo=UTC)),
        (b" 1-Mar-2024 12:00:00 +0530", datetime(2024, 3, 1, 6, 30, tzinfo=UTC)),
        (b"31-dec-1999 23:59:59 -0800", datetime(2000, 1, 1, 7, 59, 59, tzinfo=UTC)),
        (b"31-Foo-1999 23:59:59 -0800", None),
        (b"32-Dec-1999 23:59:59 -0800", None),
        (b"", None),
        (b"01-Jan-0001 00:00:00 +1400", None),
    ],
    ids=["usual", "one digit", "west", "no month", "no day", "nothing", "before all time"],
)
def test_an_arrival_is_read_in_utc(text: bytes, when: datetime | None) -> None:
    assert arrived(text) == when
