"""The digest is sent by the user's account at Microsoft to itself, once, and by a right that reads nothing."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

import pytest

from agent.digest.compose import as_mail
from agent.outputs import Unsure
from agent.outputs.graph import Graph, addressed
from connectors.contract import NeedsUser, Session, TryLater
from tests.agent.digest.samples import ADA, MADE_AT, ME, digest_of
from tests.connectors.microsofts import House, endpoints, house, letter, options
from tests.fakes.microsoft import UNAVAILABLE, Microsoft, error, throttled
from tests.fakes.plumbing import CUT, HANG_UP, STALL, html, says

DIGEST = digest_of(ADA)
MAIL = as_mail(DIGEST, ME, MADE_AT)
NOW = datetime(2024, 6, 1, 5, 30, tzinfo=UTC)
SEND = "POST /v1.0/me/sendMail"


@pytest.fixture(scope="module")
def microsoft() -> Iterator[Microsoft]:
    with Microsoft() as made:
        yield made


@pytest.fixture
def home(microsoft: Microsoft) -> Iterator[House]:
    before = len(microsoft.breaches)
    yield house(microsoft, scopes=("Mail.ReadBasic", "Mail.Send"))
    microsoft.heal()
    assert microsoft.breaches[before:] == []


def way(home: House, *, said: list[str] | None = None, silence: float = 5.0, **more: Any) -> Graph:
    return Graph(
        options(home.fake, home.user, **more),
        home.box,
        Session(time.monotonic, silence=silence),
        NOW,
        said.append if said is not None else print,
        endpoints(home.fake),
    )


def inbox(home: House) -> list[Any]:
    return home.user.mail.within("inbox")


def test_it_goes_to_the_own_address_and_arrives_unread(home: House) -> None:
    said: list[str] = []
    told: list[int] = []

    way(home, said=said).deliver(DIGEST, MAIL, lambda: told.append(len(inbox(home))))

    [mail] = inbox(home)
    assert not mail.read
    assert not mail.draft
    assert mail.message_id == f"<{DIGEST.message_id}>"
    assert (mail.message["To"], mail.message["From"]) == (home.user.address, f"auld <{home.user.address}>")
    assert told == [0]
    assert said == [f"The digest is on its way to {home.user.address}."]


def test_whatever_stands_in_the_mail_it_goes_to_nobody_else() -> None:
    odd = b"FROM: eve@example.org\r\nTo: eve@example.org,\r\n\tbob@example.org\r\nCc: bob@example.org\r\n"
    odd += b"bcc: x@example.org\r\nSubject: To: nobody\r\n\r\nTo: this stays\r\n"

    mail = message_from_bytes(addressed(odd, "ada@example.org"))

    assert {name.lower() for name in mail} == {"from", "to", "subject"}
    assert (mail["From"], mail["To"], mail["Subject"]) == ("auld <ada@example.org>", "ada@example.org", "To: nobody")
    assert mail.get_payload() == "To: this stays\r\n"


def test_all_else_of_the_mail_is_as_it_was() -> None:
    before, after = message_from_bytes(MAIL), message_from_bytes(addressed(MAIL, "ada@example.org"))

    names = [name for name in before if name not in ("From", "To")]
    assert [name for name in after if name not in ("From", "To")] == names
    assert [after[name] for name in names] == [before[name] for name in names]
    assert MAIL.partition(b"\r\n\r\n")[2] == addressed(MAIL, "ada@example.org").partition(b"\r\n\r\n")[2]


def test_whether_it_arrived_is_seen_by_its_message_id(home: House) -> None:
    home.user.deliver(letter(message_id=f"<x{DIGEST.message_id}>"))
    assert way(home).arrived(DIGEST.message_id) is None, "it may be on its way"

    way(home).deliver(DIGEST, MAIL)

    assert way(home).arrived(DIGEST.message_id) is True


def test_where_no_mail_may_be_read_nobody_can_tell(microsoft: Microsoft) -> None:
    home = house(microsoft, scopes=("Calendars.ReadBasic", "Mail.Send"))
    chosen: dict[str, Any] = {"mail": False, "calendar": True}

    way(home, **chosen).deliver(DIGEST, MAIL)

    assert len(inbox(home)) == 1
    assert way(home, **chosen).arrived(DIGEST.message_id) is None


def test_F7_graph_without_the_right_to_send_the_user_is_asked_and_nothing_is_handed_over(microsoft: Microsoft) -> None:
    home = house(microsoft, scopes=("Mail.ReadBasic",))
    told: list[bool] = []

    with pytest.raises(NeedsUser, match="no consent"):
        way(home).deliver(DIGEST, MAIL, lambda: told.append(True))

    assert told == []


@pytest.mark.parametrize("fault", [UNAVAILABLE, throttled("90"), html(200), CUT, HANG_UP, STALL], ids=lambda _: None)
def test_F3_graph_trouble_before_it_was_handed_over_is_tried_later(home: House, fault: Any) -> None:
    home.fake.graph.at("mailFolders/inbox", fault)
    told: list[bool] = []

    with pytest.raises(TryLater) as trouble:
        way(home, silence=0.4).deliver(DIGEST, MAIL, lambda: told.append(True))

    assert not isinstance(trouble.value, Unsure)
    assert (told, inbox(home)) == ([], [])


@pytest.mark.parametrize(
    "fault", [HANG_UP, html(502), says(500), error(503, "ServiceUnavailable"), error(504, "UnknownError")]
)
def test_F3_graph_a_cut_after_it_was_handed_over_is_looked_up_and_never_handed_over_again(
    home: House, fault: Any
) -> None:
    home.fake.graph.at(SEND, fault)

    with pytest.raises(Unsure, match="did not say whether it keeps it"):
        way(home, silence=0.4).deliver(DIGEST, MAIL)

    assert home.asked(SEND) == 1
    home.fake.heal()
    assert way(home).arrived(DIGEST.message_id) is (True if inbox(home) else None)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (throttled("5"), TryLater, "asks us to wait"),
        (error(403, "ErrorAccessDenied"), NeedsUser, "with the right Mail.Send"),
        (error(403, "ErrorSendAsDenied"), TryLater, "for now"),
        (error(400, "ErrorSendAsDenied"), NeedsUser, "does not let this account send as"),
        (error(400, "ErrorInvalidRecipients"), TryLater, "does not take the digest (400 errorinvalidrecipients)"),
        (error(403, "ErrorQuotaExceeded"), NeedsUser, "full"),
        (error(403, "ErrorMessageSubmissionBlocked"), NeedsUser, "locked"),
    ],
)
def test_a_plain_no_is_no_doubt(home: House, fault: Any, kind: type[Exception], words: str) -> None:
    home.fake.graph.at(SEND, fault)

    with pytest.raises(kind) as trouble:
        way(home).deliver(DIGEST, MAIL)

    assert not isinstance(trouble.value, Unsure)
    assert words in str(trouble.value)
    assert inbox(home) == []
    assert home.asked(SEND) == 1
