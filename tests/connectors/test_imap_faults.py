"""What may go wrong between a mailbox and its connector, and what becomes of it (`docs/faults.md`, column imap)."""

import json
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Credential, CursorLost, NeedsUser, Session, Stream, TryLater
from connectors.imap import Imap, Options
from tests.connectors.conftest import NOW
from tests.connectors.kept import Kept
from tests.servers.dovecot import Dovecot, User, letter
from tests.servers.endless import Endless
from tests.servers.proxy import CUT, DRIP, RESET, STALL, Proxy, Rewriting, leave_out, replaced

Opening = Callable[..., Imap]
NAMES = ("Five", "Four", "One", "Six", "Three", "Two")
HOUR = timedelta(hours=1)


def inbox(connector: Imap) -> Stream:
    return next(stream for stream in connector.streams() if stream.role == "\\Inbox")


def round_of(connector: Imap, kept: Kept | None = None) -> Kept:
    """One round over the inbox."""
    return (kept or Kept()).round(connector, inbox(connector))


def until_whole(opened: Opening, ada: User, **more: Any) -> Kept:
    """What a new reader finds who is not disturbed."""
    return round_of(opened(ada, **more))


def patient(seconds: float) -> Session:
    return Session(time.monotonic, silence=seconds)


@pytest.fixture
def six(ada: User) -> User:
    ada.fill(letter(name) for name in ("One", "Two", "Three", "Four", "Five", "Six"))
    return ada


# -------------------------------------------------------------------------------------------------- F3, F4: the network


@pytest.mark.parametrize(("read", "page"), [("headers", 2), ("text", 6)], ids=["headers", "text"])
def test_F3_imap_a_cut_at_any_answer_costs_a_page_at_most(
    six: User, opened: Opening, proxy: Proxy, read: str, page: int
) -> None:
    whole = round_of(opened(six, port=proxy.port, page=page, read=read))
    answers = proxy.answers
    assert answers > 15

    for at in range(1, answers + 1):
        proxy.heal()
        proxy.cut_at(at)
        connector, kept = opened(six, port=proxy.port, page=page, read=read), Kept()
        with pytest.raises(TryLater):
            round_of(connector, kept)
        proxy.heal()
        round_of(connector, kept)
        assert (kept.subjects, kept.texts, kept.gone) == (whole.subjects, whole.texts, []), f"cut at answer {at}"
        assert kept.ledger == {}


def test_F3_imap_a_reset_in_mid_answer_is_trouble_that_passes(six: User, opened: Opening, proxy: Proxy) -> None:
    proxy.at(rb"FETCH", RESET, after=3)
    kept = Kept()

    with pytest.raises(TryLater, match=r"127\.0\.0\.1"):
        round_of(opened(six, port=proxy.port, page=2), kept)
    proxy.heal()

    assert len(kept.subjects) == 2
    assert round_of(opened(six, port=proxy.port, page=2), kept).subjects == list(NAMES)


def test_F3_imap_the_same_connector_goes_on_after_a_cut(six: User, opened: Opening, proxy: Proxy) -> None:
    proxy.at(rb"FETCH", CUT, times=1)
    connector, kept = opened(six, port=proxy.port), Kept()

    with pytest.raises(TryLater):
        round_of(connector, kept)

    assert round_of(connector, kept).subjects == list(NAMES)


@pytest.mark.parametrize(
    "where",
    [rb"\* OK \[CAPABILITY", rb"Logged in", rb"\* LIST", rb"\* NAMESPACE", rb"UIDNEXT", rb"\* SEARCH", rb"FETCH \("],
    ids=["greeting", "login", "folders", "namespace", "folder", "listing", "mail"],
)
def test_F4_imap_a_silent_server_is_given_up(six: User, opened: Opening, proxy: Proxy, where: bytes) -> None:
    proxy.at(where, STALL)
    began = time.monotonic()

    with pytest.raises(TryLater, match="has not answered"):
        round_of(opened(six, port=proxy.port, session=patient(0.3)))

    assert time.monotonic() - began < 3


def test_F4_imap_a_dripping_server_ends_with_the_round(six: User, opened: Opening, proxy: Proxy) -> None:
    """A byte now and then keeps every timeout away; the round has an end all the same."""
    proxy.at(rb"FETCH", DRIP)
    began, kept = time.monotonic(), Kept()

    with pytest.raises(TryLater, match="took too long"):
        round_of(opened(six, port=proxy.port, session=Session(time.monotonic, began + 1.0)), kept)

    assert time.monotonic() - began < 4
    assert kept.items == {}


def test_F4_imap_nothing_is_asked_once_the_round_is_over(six: User, opened: Opening, proxy: Proxy) -> None:
    with pytest.raises(TryLater, match="took too long"):
        opened(six, port=proxy.port, session=Session(lambda: 100.0, ends=99.0)).streams()
    assert proxy.connections == 0


# ---------------------------------------------------------------------------------------------------- F5, F6: refusals

THROTTLED = [
    (rb"Logged in", rb"NO [OVERQUOTA] Account exceeded command or bandwidth limits.", HOUR),
    (rb"Logged in", rb"NO [LIMIT] Too many sessions", HOUR),
    (rb"Logged in", rb"NO [ALERT] Too many simultaneous connections. (Failure)", HOUR),
    (rb"Logged in", rb"BYE [ALERT] Maximum number of connections from user+IP exceeded", HOUR),
    (rb"Logged in", rb"NO [AUTHENTICATIONFAILED] Too many login failures", HOUR),
    (rb"List completed", rb"NO [THROTTLED] Slow down", HOUR),
    (rb"Fetch completed", rb"NO [OVERQUOTA] Account exceeded bandwidth limits", HOUR),
    (rb"Search completed", rb"BAD Request is throttled. Suggested Backoff Time: 7200000 milliseconds", 2 * HOUR),
    (rb"Search completed", rb"BAD Request is throttled. Suggested Backoff Time: 10 milliseconds", HOUR),
    (rb"Search completed", rb"BAD Request is throttled. Suggested Backoff Time: 999999999 milliseconds", 24 * HOUR),
]


@pytest.mark.parametrize(("where", "said", "rest"), THROTTLED, ids=[row[1].decode()[:40] for row in THROTTLED])
def test_F5_imap_a_server_that_has_enough_is_left_alone_for_an_hour(
    six: User, opened: Opening, proxy: Proxy, where: bytes, said: bytes, rest: timedelta
) -> None:
    proxy.at(where, instead(said))

    with pytest.raises(TryLater) as trouble:
        round_of(opened(six, port=proxy.port))

    assert trouble.value.until is not None
    assert rest <= trouble.value.until - NOW < rest + timedelta(minutes=1)
    assert proxy.connections == 1


def instead(said: bytes) -> Rewriting:
    """A tagged answer with other words; a BYE has no tag."""

    def rewritten(answer: bytes) -> bytes:
        tag = b"*" if said.startswith(b"BYE") else answer.split(b" ", 1)[0]
        return tag + b" " + said + b"\r\n"

    return rewritten


PASSING = [
    (rb"Logged in", rb"NO [UNAVAILABLE] Temporary authentication failure."),
    (rb"Logged in", rb"NO [AUTHENTICATIONFAILED] Temporary authentication failure, try again"),
    (rb"Logged in", rb"NO [INUSE] Mailbox is locked"),
    (rb"Logged in", rb"NO [SERVERBUG] Internal error occurred."),
    (rb"Logged in", rb"NO Server Unavailable. 15"),
    (rb"Logged in", rb"NO LOGIN failed: the backend timed out"),
    (rb"Logged in", rb"BAD Command Argument Error. 11"),
    (rb"Logged in", rb"BYE Server shutting down."),
    (rb"List completed", rb"BAD User is authenticated but not connected."),
    (rb"List completed", rb"NO User is authenticated but not connected."),
    (rb"Examine completed", rb"NO [SERVERBUG] Internal error occurred."),
    (rb"Search completed", rb"NO [UNAVAILABLE] Not now"),
    (rb"Search completed", rb"BYE Disconnected for maintenance"),
    (rb"Fetch completed", rb"BAD Could not parse command"),
    (rb"Fetch completed", rb"BYE Server shutting down."),
]


@pytest.mark.parametrize(("where", "said"), PASSING, ids=[row[1].decode()[:50] for row in PASSING])
def test_F6_imap_a_server_in_trouble_is_tried_later(
    six: User, opened: Opening, proxy: Proxy, where: bytes, said: bytes
) -> None:
    proxy.at(where, instead(said))
    kept = Kept()

    with pytest.raises(TryLater) as trouble:
        round_of(opened(six, port=proxy.port), kept)
    proxy.heal()

    assert trouble.value.until is None
    assert round_of(opened(six, port=proxy.port), kept).subjects == list(NAMES)
    assert kept.gone == []


def test_F6_imap_a_server_that_hangs_up_in_mid_round_is_tried_later(six: User, opened: Opening) -> None:
    connector, kept = opened(six, page=2), Kept()
    pages = connector.pull(inbox(connector), None)
    kept.take([next(pages)])
    six.kick()

    with pytest.raises(TryLater):
        kept.take(pages)
    assert round_of(connector, kept).subjects == list(NAMES)


@pytest.mark.looks_up("nowhere.invalid")
@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1", "cannot be reached on port"), ("nowhere.invalid", "cannot be found")],
    ids=["refused", "unknown name"],
)
def test_F6_imap_a_server_that_is_not_there_is_tried_later(host: str, said: str) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        options = Options(kind="imap", address="ada@example.org", host=host, port=taken.getsockname()[1])
        with pytest.raises(TryLater, match=said):
            Imap(options, now=NOW, session=patient(2), credential=Credential("ada", "secret")).streams()


# --------------------------------------------------------------------------------------------------------- F7: sign in


def test_F7_imap_a_wrong_password_is_for_the_user(ada: User, opened: Opening) -> None:
    with pytest.raises(NeedsUser) as trouble:
        opened(ada, credential=Credential(ada.name, "changed")).streams()

    assert "does not let" in trouble.value.what
    assert "app password" in trouble.value.remedy
    assert "changed" not in str(trouble.value)


def test_F7_imap_an_ended_token_is_for_the_user(ada: User, opened: Opening) -> None:
    with pytest.raises(NeedsUser, match="Sign in again"):
        opened(ada, credential=Credential(ada.name, "expired", "token")).streams()


def test_F7_imap_a_token_that_nobody_could_check_is_not(ada: User, dovecot: Dovecot, opened: Opening) -> None:
    dovecot.tokens.broken = True
    try:
        with pytest.raises(TryLater, match="UNAVAILABLE"):
            opened(ada, credential=Credential(ada.name, "t0ken", "token")).streams()
    finally:
        dovecot.tokens.broken = False


@pytest.mark.parametrize(
    "said",
    [
        rb"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        rb"NO [ALERT] Application-specific password required",
        rb"NO [WEBALERT https://example.org/] Web login required.",
        rb"NO LOGIN failed.",
        rb"NO [EXPIRED] That password has expired",
        rb"NO [AUTHORIZATIONFAILED] No such authorization",
    ],
    ids=["wrong", "app password", "web", "no code", "expired", "not allowed"],
)
def test_F7_imap_what_only_the_user_can_mend_is_said(ada: User, opened: Opening, proxy: Proxy, said: bytes) -> None:
    proxy.at(rb"Logged in", instead(said))

    with pytest.raises(NeedsUser):
        opened(ada, port=proxy.port).streams()


def test_F7_imap_an_unknown_certificate_is_for_the_user(ada: User, dovecot: Dovecot) -> None:
    options = Options(kind="imap", address="ada@example.org", host="localhost", port=dovecot.imaps_port)

    with pytest.raises(NeedsUser, match="localhost: its certificate cannot be trusted"):
        Imap(options, now=NOW, session=patient(5), credential=Credential(ada.name, ada.password)).streams()


def test_F7_imap_the_certificate_of_another_host_is_for_the_user(ada: User, dovecot: Dovecot) -> None:
    class Elsewhere(ssl.SSLContext):
        def wrap_socket(self, *args: Any, **more: Any) -> ssl.SSLSocket:
            return super().wrap_socket(*args, **{**more, "server_hostname": "imap.example.org"})

    context = Elsewhere(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(dovecot.ca)
    options = Options(kind="imap", address="ada@example.org", host="localhost", port=dovecot.imaps_port)

    with pytest.raises(NeedsUser, match="Check `host`"):
        Imap(
            options,
            now=NOW,
            session=patient(5),
            credential=Credential(ada.name, ada.password),
            ssl_context=context,
        ).streams()


# ------------------------------------------------------------------------------------------------------- F8: the cursor


@pytest.mark.parametrize("step", [-1000, 1000], ids=["smaller", "larger"])
@pytest.mark.parametrize("when", ["idle", "in mid-listing"])
def test_F8_imap_another_uidvalidity_begins_the_folder_anew(six: User, opened: Opening, step: int, when: str) -> None:
    connector, kept = opened(six, page=2), Kept()
    pages = connector.pull(inbox(connector), None)
    kept.take([next(pages)] if when == "in mid-listing" else pages)
    six.set_uid_validity(six.uid_validity() + step)
    six.append(letter("Seven"))

    with pytest.raises(CursorLost, match="INBOX"):
        list(opened(six).pull(inbox(opened(six)), kept.cursor))
    round_of(opened(six), kept)

    assert kept.subjects == sorted([*NAMES, "Seven"])
    assert kept.resets == 1
    assert round_of(opened(six), kept).resets == 1, "once is enough"


def test_F8_imap_a_uidnext_that_falls_begins_the_folder_anew(six: User, opened: Opening, proxy: Proxy) -> None:
    kept = round_of(opened(six))
    proxy.at(rb"UIDNEXT", replaced(rb"UIDNEXT \d+", b"UIDNEXT 4"))

    with pytest.raises(CursorLost, match="UIDNEXT fell"):
        list(opened(six, port=proxy.port).pull(Stream("INBOX", "INBOX"), kept.cursor))


def test_F8_imap_an_item_from_before_is_gone_when_it_is_asked_for(six: User, opened: Opening) -> None:
    kept = round_of(opened(six))
    assert kept.cursor is not None
    [page] = opened(six).fetch(Stream("INBOX", "INBOX"), kept.cursor, ["7.1"])

    assert page.gone == ("7.1",)


@pytest.mark.parametrize(
    "act",
    [
        replaced(rb" \[?HIGHESTMODSEQ \d+\]?", b""),
        replaced(rb"HIGHESTMODSEQ \d+", b"HIGHESTMODSEQ 0"),
        replaced(rb"HIGHESTMODSEQ \d+", b"HIGHESTMODSEQ 1"),
        replaced(rb"\[HIGHESTMODSEQ \d+\]", b"[NOMODSEQ]"),
        replaced(rb" (?:CONDSTORE|ENABLE)\b", b""),
        replaced(rb" CONDSTORE\b", b" CONDSTORE XLYING"),
    ],
    ids=["absent", "nought", "falling", "NOMODSEQ", "no CONDSTORE", "CONDSTORE"],
)
def test_F8_imap_a_modseq_means_nothing_here(six: User, opened: Opening, proxy: Proxy, act: Rewriting) -> None:
    """Faults 18 and 19 of the list: servers that offer none, nought, or fewer each time."""
    proxy.at(rb"HIGHESTMODSEQ|CAPABILITY|Logged in", act)
    kept = round_of(opened(six, port=proxy.port))
    proxy.commands.clear()
    round_of(opened(six, port=proxy.port), kept)
    idle = [line for line in proxy.commands if b" FETCH " in line or b"SEARCH" in line]
    six.append(letter("Seven"))
    six.expunge([1])
    round_of(opened(six, port=proxy.port), kept)

    assert idle == []
    assert kept.subjects == sorted({*NAMES, "Seven"} - {"One"})
    assert kept.resets == 0


def test_F8_imap_a_server_without_uidnext_is_read_all_the_same(six: User, opened: Opening, proxy: Proxy) -> None:
    proxy.at(rb"\[UIDNEXT", leave_out)
    proxy.at(rb"\* STATUS", replaced(rb" ?UIDNEXT \d+", b""))
    kept = round_of(opened(six, port=proxy.port))
    six.expunge([6])
    round_of(opened(six, port=proxy.port), kept)
    assert kept.subjects == sorted({*NAMES} - {"Six"})
    six.append_all([letter("Seven"), letter("Eight")])
    round_of(opened(six, port=proxy.port), kept)
    six.expunge(six.uids())
    round_of(opened(six, port=proxy.port), kept)

    assert (kept.subjects, kept.resets, len(kept.gone)) == ([], 0, 8)


def test_F9_imap_a_server_that_renumbers_each_time_is_read_anew_each_time(six: User, opened: Opening) -> None:
    """How often this is allowed is the engine's to say; here nothing is lost by it."""
    kept = Kept()
    for number in range(3):
        six.set_uid_validity(1_000 + number)
        round_of(opened(six), kept)
        assert kept.subjects == list(NAMES)
    assert kept.resets == 2


# ------------------------------------------------------------------------------------------ F10, F11, F12: odd answers


def test_F10_imap_an_omitted_mail_is_missed_and_never_gone(six: User, opened: Opening, proxy: Proxy) -> None:
    proxy.at(rb"\(UID 3 ", leave_out)
    kept = round_of(opened(six, port=proxy.port))
    name = f"{six.uid_validity()}.3"

    assert list(kept.ledger) == [name]
    for _ in range(2):
        round_of(opened(six, port=proxy.port), kept)
        kept.retry(opened(six, port=proxy.port), Stream("INBOX", "INBOX"))
        assert (list(kept.ledger), kept.gone) == ([name], [])
    proxy.heal()

    kept.retry(opened(six, port=proxy.port), Stream("INBOX", "INBOX"))
    assert (kept.subjects, kept.ledger, kept.gone) == (list(NAMES), {}, [])


def test_F10_imap_a_listing_that_omits_a_mail_is_no_evidence(six: User, opened: Opening, proxy: Proxy) -> None:
    kept = round_of(opened(six))
    six.expunge([1])
    proxy.at(rb"\* SEARCH", replaced(rb" 4\b", b""), times=1)
    round_of(opened(six, port=proxy.port), kept)

    assert kept.gone == [f"{six.uid_validity()}.1"]
    assert "Four" in kept.subjects


def test_F10_imap_a_count_that_agrees_is_a_second_listing(six: User, opened: Opening, proxy: Proxy) -> None:
    kept = round_of(opened(six))
    six.expunge([1])
    round_of(opened(six, port=proxy.port), kept)

    assert kept.gone == [f"{six.uid_validity()}.1"]
    assert len(proxy.asked(b"UID SEARCH")) == 1


def test_F10_imap_a_search_without_an_answer_is_no_evidence(six: User, opened: Opening, proxy: Proxy) -> None:
    kept = round_of(opened(six))
    six.expunge([1])
    proxy.at(rb"\* SEARCH", leave_out)
    round_of(opened(six, port=proxy.port), kept)
    assert kept.gone == []

    proxy.heal()
    round_of(opened(six, port=proxy.port), kept)
    assert kept.gone == [f"{six.uid_validity()}.1"]


def test_F10_imap_a_mail_that_the_listing_omits_comes_as_soon_as_it_is_listed(
    six: User, opened: Opening, proxy: Proxy
) -> None:
    proxy.at(rb"\* SEARCH", replaced(rb" 4\b", b""))
    kept = round_of(opened(six, port=proxy.port))
    assert "Four" not in kept.subjects
    assert f"{six.uid_validity()}.4" in list(opened(six).audit(Stream("INBOX", "INBOX")))

    proxy.heal()
    six.expunge([1])
    assert "Four" in round_of(opened(six, port=proxy.port), kept).subjects


def test_F10_imap_what_is_asked_for_and_was_deleted_is_gone(six: User, opened: Opening) -> None:
    kept = round_of(opened(six))
    six.expunge([2])
    assert kept.cursor is not None
    names = [f"{six.uid_validity()}.{uid}" for uid in (1, 2, 99)]
    [page] = opened(six).fetch(Stream("INBOX", "INBOX"), kept.cursor, names)

    assert [each.id for each in page.found] == names[:1]
    assert sorted(page.gone) == sorted(names[1:])
    assert (page.missed, page.cursor) == ((), kept.cursor)


@pytest.mark.parametrize(
    "harm",
    [
        replaced(rb"\(UID 3 ", b"("),
        replaced(rb"\(UID 3 ", b"(UID x "),
        replaced(rb"(?s)\(UID 3 .*", b"(UID 3 RFC822.SIZE 5)\r\n"),
        replaced(rb"(?s)\(UID 3 .*", b'(UID 3 BODY[HEADER.FIELDS (X)] "unclosed)\r\n'),
    ],
    ids=["no UID", "UID is no number", "no header", "no end"],
)
@pytest.mark.parametrize("quick", [True, False], ids=["quick", "library"])
def test_F11_imap_one_answer_that_makes_no_sense_costs_one_mail(
    six: User, opened: Opening, proxy: Proxy, harm: Rewriting, quick: bool
) -> None:
    proxy.at(rb"FETCH \(UID 3 ", harm)
    kept = round_of(opened(six, port=proxy.port, quick=quick))

    assert kept.subjects == sorted(set(NAMES) - {"Three"})
    assert list(kept.ledger) == [f"{six.uid_validity()}.3"]


def test_F11_imap_a_fetch_that_one_mail_makes_fail_costs_one_mail(six: User, opened: Opening, proxy: Proxy) -> None:
    """Some servers refuse the whole FETCH for one mail that they cannot parse."""
    refused: list[bytes] = []

    def poisoned(answer: bytes) -> bytes:
        asked = proxy.asked(b"UID FETCH")[-1].split()[3].decode()
        from connectors.uids import Uids

        if 3 not in Uids.read(asked):
            return answer
        refused.append(answer)
        return (
            answer.split(b" ", 1)[0] + b" NO Some messages could not be parsed\r\n" if b"completed" in answer else b""
        )

    proxy.at(rb"FETCH \(|Fetch completed", poisoned)
    kept = round_of(opened(six, port=proxy.port))

    assert refused
    assert kept.subjects == sorted(set(NAMES) - {"Three"})
    assert list(kept.ledger) == [f"{six.uid_validity()}.3"]


MALFORMED = [
    b'From: <<>>@@,;:\r\nTo: "unclosed <x@y\r\nSubject: =?utf-8?B?!!!?=\r\n',
    b"From: \xff\xfe\xfa <a@example.org>\r\nSubject: \x00\x80\r\n",
    b"Subject without a colon\r\n\tFrom: nobody\r\n",
    b"From: a@example.org\r\nReferences: " + b"<x@y> " * 5_000 + b"\r\n",
    b"From: " + b"(" * 2_000 + b"\r\nDate: Thu, 99 Foo 20244 99:99:99 +9999\r\n",
    b"",
]


@pytest.mark.parametrize("header", MALFORMED, ids=["addresses", "bytes", "colons", "long", "deep", "none"])
def test_F11_imap_a_malformed_header_costs_nobody_anything(ada: User, opened: Opening, header: bytes) -> None:
    ada.append_all([letter("One"), letter("Two")])
    ada.append(header + b"\r\nSome words.\r\n", at=NOW)
    ada.append(letter("Three"))
    kept = round_of(opened(ada))

    assert len(kept.items) == 4
    assert kept.ledger == {}
    assert {"One", "Two", "Three"} <= set(kept.subjects)


def test_F11_imap_a_malformed_structure_costs_a_text(six: User, opened: Opening, proxy: Proxy) -> None:
    proxy.at(rb"\(UID 3 BODYSTRUCTURE", replaced(rb"(?s)BODYSTRUCTURE .*", b'BODYSTRUCTURE (("x" NIL ("))\r\n'))
    kept = round_of(opened(six, port=proxy.port, read="text"))

    assert kept.subjects == list(NAMES)
    assert len(kept.texts) == 5


def test_F12_imap_a_folder_that_shrinks_while_it_is_listed_is_read_to_its_end(six: User, opened: Opening) -> None:
    """Numbers of place would move; UIDs do not."""
    connector, kept = opened(six, page=2), Kept()
    pages = connector.pull(inbox(connector), None)
    kept.take([next(pages)])
    six.expunge([5, 1])
    kept.take(pages)
    round_of(opened(six), kept)

    assert kept.subjects == ["Four", "Six", "Three", "Two"]


def test_F12_imap_a_mail_that_vanishes_before_it_is_shown_is_gone_a_round_later(
    six: User, opened: Opening, proxy: Proxy
) -> None:
    def expunged(answer: bytes) -> bytes:
        six.expunge([3])
        return answer

    proxy.at(rb"\* SEARCH", expunged, times=1)
    kept = round_of(opened(six, port=proxy.port))
    round_of(opened(six, port=proxy.port), kept)

    assert kept.subjects == sorted(set(NAMES) - {"Three"})
    assert kept.ledger == {}


@pytest.mark.parametrize("kind", ["first", "later"])
@pytest.mark.parametrize(
    "when",
    [rb"\* STATUS", rb"\[UIDNEXT", rb"Examine completed", rb"\* SEARCH", rb"FETCH \(UID", rb"Fetch completed"],
    ids=["status", "uidnext", "examined", "listed", "shown", "fetched"],
)
def test_F12_imap_a_mail_that_comes_at_any_moment_is_not_skipped(
    six: User, opened: Opening, proxy: Proxy, when: bytes, kind: str
) -> None:
    """Fault 14 of the list: a cursor that moved past a UID that was never read."""
    kept, names = Kept(), {*NAMES}
    if kind == "later":
        round_of(opened(six), kept)
        six.append(letter("Seven"))
        six.expunge([1])
        names = {*NAMES, "Seven"} - {"One"}

    def arrives(answer: bytes) -> bytes:
        six.append(letter("Late"))
        names.add("Late")
        return answer

    proxy.at(when, arrives, times=1)
    round_of(opened(six, port=proxy.port), kept)
    proxy.heal()
    round_of(opened(six, port=proxy.port), kept)

    assert ("Late" in names) == (kind == "later" or when != rb"\* STATUS")
    assert kept.subjects == sorted(names)


# --------------------------------------------------------------------------------------------- F14 to F18: what mail is


def test_F14_imap_a_moved_mail_is_gone_there_and_new_here(six: User, opened: Opening) -> None:
    six.create("Friends")
    connector = opened(six)
    streams = {stream.id: stream for stream in connector.streams()}
    kept = {name: Kept().round(connector, streams[name]) for name in ("INBOX", "Friends")}
    before = kept["INBOX"].items[f"{six.uid_validity()}.3"]
    six.move([3], "INBOX", "Friends")
    for name, each in kept.items():
        each.round(opened(six), streams[name])

    [after] = kept["Friends"].items.values()
    assert kept["INBOX"].gone == [before.id]
    assert (after.message_id, after.sent, after.sender, after.subject) == (
        before.message_id,
        before.sent,
        before.sender,
        before.subject,
    )


def test_F15_imap_a_deleted_mail_is_gone(six: User, opened: Opening) -> None:
    kept = round_of(opened(six))
    six.expunge([2, 3, 6])
    round_of(opened(six), kept)

    assert kept.subjects == ["Five", "Four", "One"]
    assert kept.gone == [f"{six.uid_validity()}.{uid}" for uid in (2, 3, 6)]


def test_F15_imap_one_deleted_for_one_that_came_does_not_hide_it(six: User, opened: Opening) -> None:
    kept = round_of(opened(six))
    six.expunge([2])
    six.append(letter("Seven"))

    assert round_of(opened(six), kept).subjects == sorted({*NAMES, "Seven"} - {"Two"})


def test_F15_imap_what_is_only_marked_as_deleted_is_still_there(six: User, opened: Opening) -> None:
    kept = round_of(opened(six))
    six.flag([2], "INBOX", r"\Deleted")

    assert round_of(opened(six), kept).subjects == list(NAMES)


def test_F16_imap_a_copy_is_a_place_more_for_the_same_mail(six: User, opened: Opening) -> None:
    six.copy([1], "INBOX", "Sent")
    connector = opened(six)
    sent, other = connector.streams()
    [copy] = Kept().round(connector, sent).items.values()
    original = Kept().round(connector, other).items[f"{six.uid_validity()}.1"]

    assert (copy.message_id, copy.sent, copy.sender, copy.subject) == (
        original.message_id,
        original.sent,
        original.sender,
        original.subject,
    )
    assert "\\Sent" in copy.labels
    assert "\\Sent" not in original.labels


def test_F17_imap_mails_without_an_id_and_with_one_id_are_told_apart(ada: User, opened: Opening) -> None:
    ada.append_all([letter("One", message_id=""), letter("Two", message_id="")])
    ada.append_all([letter("Three", message_id="same@example.org"), letter("Four", message_id="same@example.org")])
    kept = round_of(opened(ada))

    assert kept.subjects == ["Four", "One", "Three", "Two"]
    assert len({each.id for each in kept.items.values()}) == 4


AT = datetime(2024, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def handed_over(at: datetime) -> str:
    return f"from a by b; {at:%d %b %Y %H:%M:%S +0000}"


@pytest.mark.parametrize(
    ("date", "received", "sent", "by"),
    [
        (AT - timedelta(hours=23), None, AT - timedelta(hours=23), "date"),
        (AT + timedelta(hours=23), None, AT + timedelta(hours=23), "date"),
        (AT - 3 * DAY, None, AT, "internal"),
        (AT + 3 * DAY, None, AT, "internal"),
        (datetime(1999, 1, 1, tzinfo=UTC), handed_over(AT), AT, "internal"),
        (AT - 900 * DAY, handed_over(AT - 900 * DAY), AT - 900 * DAY, "date"),
    ],
    ids=["slow", "fast clock", "days before", "days ahead", "clock that stopped", "moved to a new server"],
)
def test_F18_imap_a_date_is_believed_within_a_day_of_its_arrival(
    ada: User, opened: Opening, date: datetime, received: str | None, sent: datetime, by: str
) -> None:
    more = {"Received": received} if received else {}
    ada.append(letter(at=date, **more), at=AT)
    [mail] = round_of(opened(ada)).items.values()

    assert (mail.sent, mail.dated_by) == (sent, by)


@pytest.mark.parametrize("zone", ["+0530", "-0330", "+1400", "-0000"])
def test_F18_imap_arrival_is_in_utc_whatever_zone_the_server_tells(
    ada: User, opened: Opening, proxy: Proxy, zone: str
) -> None:
    ada.append(b"From: a@example.org\r\nDate: never\r\n\r\nx\r\n", at=AT)
    proxy.at(
        rb"INTERNALDATE", replaced(rb'INTERNALDATE "[^"]*"', b'INTERNALDATE " 1-Mar-2024 12:00:00 %b"' % zone.encode())
    )
    [mail] = round_of(opened(ada, port=proxy.port)).items.values()

    local = datetime.strptime(f"2024-03-01 12:00 {zone}", "%Y-%m-%d %H:%M %z")
    assert (mail.sent, mail.dated_by) == (local.astimezone(UTC), "internal")


def test_F18_imap_a_mail_without_any_date_is_missed(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.append_all([letter("One"), b"From: a@example.org\r\n\r\nx\r\n"])
    proxy.at(rb"INTERNALDATE", replaced(rb'INTERNALDATE "[^"]*"', b"INTERNALDATE NIL"))
    kept = round_of(opened(ada, port=proxy.port))

    assert kept.subjects == ["One"]
    assert "it has no Date" in kept.ledger[f"{ada.uid_validity()}.2"]


# ----------------------------------------------------------------------------------------------- F20 to F22: the folder


def test_F20_imap_a_renamed_folder_is_another_stream_with_the_same_mails(ada: User, opened: Opening) -> None:
    ada.create("Friends")
    ada.append(letter("A word"), "Friends")
    connector = opened(ada)
    kept = Kept().round(connector, connector.streams()[-1])
    ada.rename("Friends", "Good friends")
    connector = opened(ada)
    stream = connector.streams()[-1]

    assert stream.name == "Good friends"
    assert Kept().round(connector, stream).items.keys() == kept.items.keys()
    assert list(connector.pull(Stream("Friends", "Friends"), kept.cursor)) == []


@pytest.mark.parametrize("half", [True, False], ids=["half of it new", "all of it new"])
def test_F20_imap_a_folder_made_anew_converges_in_one_round(ada: User, opened: Opening, half: bool) -> None:
    ada.create("Friends")
    ada.append_all((letter(f"Old {number}") for number in range(6)), "Friends")
    stream = Stream("Friends", "Friends")
    kept = Kept().round(opened(ada), stream)
    ada.delete("Friends")
    ada.create("Friends")
    fresh = [f"Old {number}" for number in range(3 if half else 0)] + [f"New {number}" for number in range(3)]
    ada.append_all(map(letter, fresh), "Friends")

    kept.round(opened(ada), stream)
    assert kept.subjects == sorted(fresh)
    assert kept.resets == 1


def test_F20_imap_a_folder_that_is_deleted_in_mid_round_does_not_end_the_round(ada: User, opened: Opening) -> None:
    ada.create("Friends")
    ada.append_all((letter(f"Number {number}") for number in range(4)), "Friends")
    connector = opened(ada, page=2)
    friends = connector.streams()[-1]
    kept = Kept().round(connector, friends)
    ada.delete("Friends")
    ada.append(letter("A word"))

    assert list(connector.pull(friends, None)) == []
    assert list(connector.pull(friends, kept.cursor)) == []
    assert kept.cursor is not None
    assert list(connector.fetch(friends, kept.cursor, list(kept.items))) == []
    assert round_of(connector).subjects == ["A word"]
    assert "Friends" not in [stream.name for stream in connector.streams()]
    with pytest.raises(TryLater):
        list(connector.audit(friends))


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n<html>",
        b"220 mail.example.org ESMTP\r\n",
        b"* BYE too busy\r\n",
        b"* BYE [UNAVAILABLE] later\r\n",
        b"\x16\x03\x01\x00\x00",
        b"\x00" * 100 + b"\r\n",
        b"",
    ],
    ids=["HTTP", "SMTP", "BYE", "BYE with a code", "TLS", "bytes", "nothing"],
)
def test_F22_imap_what_is_no_imap_is_tried_later(ada: User, opened: Opening, proxy: Proxy, greeting: bytes) -> None:
    proxy.greeting = greeting or b"\r\n"

    with pytest.raises(TryLater, match=r"127\.0\.0\.1"):
        opened(ada, port=proxy.port, session=patient(2)).streams()


def test_F22_imap_a_server_without_tls_is_tried_later(ada: User, dovecot: Dovecot) -> None:
    options = Options(kind="imap", address="ada@example.org", host="localhost", port=dovecot.imap_port)

    with pytest.raises(TryLater, match="does not speak TLS"):
        Imap(options, now=NOW, session=patient(3), credential=Credential(ada.name, ada.password)).streams()


@pytest.mark.parametrize(
    ("where", "rubbish"),
    [
        (rb"\* LIST", b"* LIST what?\r\n"),
        (rb"\* CAPABILITY", b"* CAPABILITY\r\n"),
        (rb"\[UIDVALIDITY", b"* OK [UIDVALIDITY soon] x\r\n"),
        (rb"\* SEARCH", b"<html>\r\n"),
        (rb"FETCH \(", b"<html>\r\n"),
        (rb"FETCH \(", b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"),
    ],
    ids=["list", "capability", "folder", "listing", "mail", "endless mail"],
)
@pytest.mark.parametrize("quick", [True, False], ids=["quick", "library"])
def test_F22_imap_rubbish_in_mid_round_sweeps_nothing(
    six: User, opened: Opening, proxy: Proxy, where: bytes, rubbish: bytes, quick: bool
) -> None:
    kept = round_of(opened(six))
    six.expunge([2])
    six.append(letter("Seven"))
    proxy.at(where, lambda _: rubbish)

    with pytest.raises((TryLater, CursorLost)):
        round_once(opened(six, port=proxy.port, session=patient(1), quick=quick), kept)
    assert kept.gone == []
    proxy.heal()
    assert round_of(opened(six), kept).subjects == sorted({*NAMES, "Seven"} - {"Two"})


def round_once(connector: Imap, kept: Kept) -> None:
    """A round that does not begin anew where the cursor is lost."""
    kept.take(connector.pull(inbox(connector), kept.cursor))


def test_F24_imap_a_connection_that_slept_is_given_up_and_made_anew(six: User, opened: Opening, proxy: Proxy) -> None:
    """Fault 21 of the list: behind a black hole, an idle connection looks like a mailbox without mail."""
    connector = opened(six, port=proxy.port, session=patient(0.4))
    kept = round_of(connector)
    six.append(letter("Seven"))
    proxy.at(rb"", STALL)
    with pytest.raises(TryLater):
        round_of(connector, kept)
    proxy.heal()

    assert "Seven" in round_of(connector, kept).subjects


# ------------------------------------------------------------------------------------------------ F21: very many mails


def endless_options(port: int) -> Options:
    return Options(kind="imap", address="ada@example.org", host="127.0.0.1", port=port, security="none")


def test_F21_imap_very_many_mails_are_listed_in_windows() -> None:
    """No answer is longer than imaplib takes, a page is there at once, and the cursor stays small."""
    with Endless(400_000, hole=50) as server:
        connector = Imap(
            endless_options(server.port), now=NOW, session=patient(20), credential=Credential("ada", "secret")
        )
        [stream] = connector.streams()
        pages = connector.pull(stream, None)
        first = next(pages)
        searched = sum(line.startswith(b"UID SEARCH") for line in server.asked)
        second = next(pages)
        listed = list(connector.audit(stream))
        third = next(pages)
        connector.close()

    assert [len(page.found) for page in (first, second, third)] == [100, 500, 380]
    assert not {each.id for each in second.found} & {each.id for each in first.found + third.found}
    assert searched == 1
    assert len(listed) == len(set(listed)) == len(server) == 392_000
    assert server.longest < 1_000_000
    assert len(json.dumps(second.cursor)) < 2_000
