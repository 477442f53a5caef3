"""The digest is put into the own inbox of a real server: unread, arrived now, and once."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.digest.compose import as_mail
from agent.outputs import Unsure
from agent.outputs.append import Append
from connectors.contract import Credential, NeedsUser, Session, TryLater
from connectors.imap import Options
from tests.agent.digest.samples import ADA, MADE_AT, ME, digest_of
from tests.servers.dovecot import Dovecot, User, letter
from tests.servers.proxy import CUT, RESET, STALL, Proxy

DIGEST = digest_of(ADA)
MAIL = as_mail(DIGEST, ME, MADE_AT)
NOW = datetime(2024, 6, 1, 5, 30, tzinfo=UTC)


@pytest.fixture
def ada(dovecot: Dovecot) -> User:
    return dovecot.user()


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[Proxy]:
    with Proxy(dovecot.imap_port) as made:
        yield made


def way(
    user: User, *, port: int = 0, silence: float = 5.0, password: str = "", said: list[str] | None = None
) -> Append:
    options = Options.model_validate(
        {
            "kind": "imap",
            "address": ME,
            "user": user.name,
            "host": "127.0.0.1",
            "port": port or user.server.imap_port,
            "security": "none",
        }
    )
    credential = Credential(user.name, password or user.password)
    echo = said.append if said is not None else print
    return Append(options, lambda: credential, Session(time.monotonic, silence=silence), NOW, echo)


def inbox(user: User) -> list[dict[bytes, Any]]:
    with user.signed_in("INBOX") as client:
        client.normalise_times = False
        return list(client.fetch(client.search(), ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"]).values())


def test_it_lies_in_the_inbox_unread_and_arrived_now(ada: User) -> None:
    said: list[str] = []
    told: list[int] = []

    way(ada, said=said).deliver(DIGEST, MAIL, lambda: told.append(len(inbox(ada))))

    [mail] = inbox(ada)
    assert mail[b"BODY[]"] == MAIL
    assert b"\\Seen" not in mail[b"FLAGS"]
    assert mail[b"INTERNALDATE"] == NOW
    assert told == [0]
    assert said == [f"The digest is in the inbox of {ada.name}."]


def test_it_goes_in_TLS_as_the_account_does(ada: User, dovecot: Dovecot) -> None:
    options = Options(kind="imap", address=ME, user=ada.name, host=dovecot.host, port=dovecot.imaps_port)
    credential = Credential(ada.name, ada.password)
    session = Session(time.monotonic)
    Append(options, lambda: credential, session, NOW, print, dovecot.trusting()).deliver(DIGEST, MAIL)

    assert len(inbox(ada)) == 1
    with pytest.raises(NeedsUser, match="certificate cannot be trusted"):
        Append(options, lambda: credential, session, NOW, print).deliver(DIGEST, MAIL)


def test_whether_it_arrived_is_seen_by_its_message_id(ada: User) -> None:
    ada.append(letter("A word", message_id=f"x{DIGEST.message_id}"))
    ada.append(letter("Re: digest", in_reply_to=f"<{DIGEST.message_id}>"))
    assert way(ada).arrived(DIGEST.message_id) is False

    way(ada).deliver(DIGEST, MAIL)

    assert way(ada).arrived(DIGEST.message_id) is True


def test_F7_a_wrong_password_is_the_users_to_mend_and_nothing_is_handed_over(ada: User) -> None:
    told: list[bool] = []
    with pytest.raises(NeedsUser, match="does not let"):
        way(ada, password="wrong").deliver(DIGEST, MAIL, lambda: told.append(True))

    assert told == []


@pytest.mark.parametrize("fault", [CUT, STALL, RESET])
def test_F3_a_cut_before_it_was_handed_over_is_tried_later(ada: User, proxy: Proxy, fault: Any) -> None:
    proxy.at(rb"OK \[READ-ONLY\]", fault)
    told: list[bool] = []

    with pytest.raises(TryLater) as trouble:
        way(ada, port=proxy.port, silence=0.5).deliver(DIGEST, MAIL, lambda: told.append(True))

    assert not isinstance(trouble.value, Unsure)
    assert told == []


@pytest.mark.parametrize("fault", [CUT, STALL, RESET])
def test_F3_a_cut_after_it_was_handed_over_is_looked_up(ada: User, proxy: Proxy, fault: Any) -> None:
    proxy.at(rb"OK \[APPENDUID", fault)

    with pytest.raises(Unsure, match="did not say whether it keeps it"):
        way(ada, port=proxy.port, silence=0.5).deliver(DIGEST, MAIL)

    assert way(ada).arrived(DIGEST.message_id) is True


def test_a_full_mailbox_is_the_users_to_mend(ada: User, proxy: Proxy) -> None:
    def full(answer: bytes) -> bytes:
        return answer.partition(b" ")[0] + b" NO [OVERQUOTA] Quota exceeded\r\n"

    proxy.at(rb"OK \[APPENDUID", full)

    with pytest.raises(NeedsUser, match=r"Your mailbox at 127\.0\.0\.1 is full\."):
        way(ada, port=proxy.port).deliver(DIGEST, MAIL)


def test_another_no_is_tried_later(ada: User, proxy: Proxy) -> None:
    def no(answer: bytes) -> bytes:
        return answer.partition(b" ")[0] + b" NO [INUSE] Locked\r\n"

    proxy.at(rb"OK \[APPENDUID", no)

    with pytest.raises(TryLater, match="does not take the digest") as trouble:
        way(ada, port=proxy.port).deliver(DIGEST, MAIL)
    assert not isinstance(trouble.value, Unsure)


def test_no_connection_stays_open(ada: User, dovecot: Dovecot) -> None:
    for _ in range(3):
        way(ada).deliver(DIGEST, MAIL)
    end = time.monotonic() + 5
    while ada.name in (there := dovecot.doveadm("who")) and time.monotonic() < end:
        time.sleep(0.05)

    assert ada.name not in there
