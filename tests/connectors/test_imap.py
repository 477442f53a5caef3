"""The mailbox on a server, against a real Dovecot."""

import gc
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from connectors.contract import Connector, Credential, Exact, Interaction, NeedsUser, Session, Stream
from connectors.copies import fingerprint
from connectors.imap import Imap, Options
from connectors.imap_folders import streams_of
from connectors.imap_line import Folder
from connectors.mbox_messages import split
from tests.connectors.conftest import NOW
from tests.connectors.contract import SENT, ConnectorContract
from tests.connectors.kept import Kept
from tests.servers.dovecot import Dovecot, User, letter
from tests.servers.proxy import Proxy, replaced

DAY = timedelta(days=1)

Opening = Callable[..., Imap]


def signed_in(user: User) -> dict[str, Any]:
    return {"now": NOW, "session": Session(time.monotonic), "credential": Credential(user.name, user.password)}


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


# ---------------------------------------------------------------------------------------------------------- folders


def test_sent_comes_first_then_the_inbox_then_the_others(ada: User, opened: Opening) -> None:
    for name in ("Zoo", "Familie Müller", "Archive"):
        ada.create(name)

    assert [(each.name, each.role) for each in opened(ada).streams()] == [
        ("Sent", "\\Sent"),
        ("INBOX", "\\Inbox"),
        ("Archive", ""),
        ("Familie Müller", ""),
        ("Zoo", ""),
    ]


def test_what_was_never_sent_or_is_unwanted_is_left_out_with_all_below_it(ada: User, opened: Opening) -> None:
    for name in ("Trash.old", "Papierkorb", "All Mail", "Entwürfe", "Trashy novels"):
        ada.create(name)

    assert [each.name for each in opened(ada).streams()] == ["Sent", "INBOX", "Trashy novels"]


def folder(name: str, *flags: str, parted_by: str = "/") -> Folder:
    return Folder(name, parted_by, frozenset(flag.lower() for flag in flags))


GMAIL = (
    folder("INBOX"),
    folder("Family"),
    folder("[Gmail]", "\\Noselect"),
    folder("[Gmail]/All Mail", "\\All"),
    folder("[Gmail]/Gesendet", "\\Sent"),
    folder("[Gmail]/Spam", "\\Junk"),
    folder("[Gmail]/Starred", "\\Flagged"),
    folder("[Gmail]/Important", "\\Important"),
)


@pytest.mark.parametrize(
    ("folders", "gmail", "read"),
    [
        (GMAIL, True, ["[Gmail]/Gesendet", "[Gmail]/All Mail"]),
        (GMAIL[:3] + GMAIL[4:], True, ["[Gmail]/Gesendet", "INBOX", "Family"]),
        (GMAIL, False, ["[Gmail]/Gesendet", "INBOX", "Family"]),
        ((folder("INBOX"), folder("inbox.x", parted_by=".")), False, ["INBOX", "inbox.x"]),
        ((folder("INBOX"), folder("Sent Items"), folder("Sent", "\\Sent")), False, ["Sent", "Sent Items", "INBOX"]),
        ((folder("INBOX"), folder("old", "\\NonExistent")), False, ["INBOX"]),
    ],
    ids=["Gmail", "Gmail that hides All Mail", "not Gmail", "another separator", "two of them", "a hole in the tree"],
)
def test_each_mail_is_read_from_one_folder_where_the_server_allows_it(
    folders: tuple[Folder, ...], gmail: bool, read: list[str]
) -> None:
    assert [each.name for each in streams_of(folders, gmail=gmail)] == read


def test_drafts_among_all_the_mail_are_left_out(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.create("All Mail")
    ada.append_all([letter("One"), letter("Two")], "All Mail")
    ada.append(letter("Never sent"), "All Mail", flags=[r"\Draft"])
    proxy.at(rb"CAPABILITY", replaced(rb"IMAP4rev1 ", rb"IMAP4rev1 X-GM-EXT-1 "))
    connector = opened(ada, port=proxy.port)

    sent, everything = connector.streams()
    kept = Kept().round(connector, everything)

    assert (sent.role, everything.role) == ("\\Sent", "\\All")
    assert kept.subjects == ["One", "Two"]
    assert len(list(connector.audit(everything))) == 2
    assert kept.round(connector, everything).pages == 3, "a second round is idle"


def test_other_peoples_folders_are_left_out(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.create("user.bob.Friends")
    proxy.at(rb"\* NAMESPACE", lambda _: b'* NAMESPACE (("" ".")) (("user." ".")) NIL\r\n')

    assert [each.name for each in opened(ada, port=proxy.port).streams()] == ["Sent", "INBOX"]


@pytest.mark.parametrize("name", ["Ünïcode & more", "日本語", 'with "quotes"', "2024", "back\\slash", "a*b%c", "(x)"])
def test_any_name_of_a_folder_will_do(ada: User, opened: Opening, name: str) -> None:
    ada.create(name)
    ada.append(letter("A word"), name)
    connector = opened(ada)
    [stream] = [each for each in connector.streams() if not each.role]

    assert stream.name == name
    assert Kept().round(connector, stream).subjects == ["A word"]


# --------------------------------------------------------------------------------------------------------- what is read


def inbox(connector: Imap) -> Stream:
    return next(stream for stream in connector.streams() if stream.role == "\\Inbox")


def test_nothing_is_marked_as_read(ada: User, opened: Opening) -> None:
    ada.append(letter("A word"))
    connector = opened(ada, read="text")
    Kept().round(connector, inbox(connector))

    with ada.signed_in("INBOX") as other:
        assert other.search("UNSEEN") == [1]


def test_the_first_page_is_small_and_the_newest_come_first(ada: User, opened: Opening) -> None:
    ada.fill(letter(f"Number {number:03}") for number in range(1, 31))
    connector = opened(ada, page=10, first=4)

    pages = list(connector.pull(inbox(connector), None))

    assert [len(page.found) for page in pages] == [4, 10, 10, 6, 0]
    assert [each.subject for each in pages[0].found if isinstance(each, Interaction)] == [
        "Number 030",
        "Number 029",
        "Number 028",
        "Number 027",
    ]


def test_the_next_page_is_asked_for_before_this_one_is_given(ada: User, opened: Opening, proxy: Proxy) -> None:
    """The server looks for it while this one is stored."""
    for number in range(6):
        ada.append(b"Date: Mon, 5 Jan 2026 10:00:00 +0000\r\nSubject: %d\r\n\r\n" % number)
    connector = opened(ada, port=proxy.port, page=2)
    pages = connector.pull(inbox(connector), None)
    next(pages)
    given_up = time.monotonic() + 10

    while len(proxy.asked(b"UID FETCH")) < 2:  # it is on its way
        assert time.monotonic() < given_up
        time.sleep(0.01)

    assert len(list(pages)) == 3
    assert len(proxy.asked(b"UID FETCH")) == 3


@pytest.mark.parametrize("read", ["headers", "text"])
def test_what_was_asked_for_ahead_is_not_lost_to_another_question(ada: User, opened: Opening, read: str) -> None:
    for number in range(6):
        ada.append(b"Date: Mon, 5 Jan 2026 10:00:00 +0000\r\nSubject: %d\r\n\r\nHello" % number)
    connector = opened(ada, page=2, read=read)
    stream, found = inbox(connector), []
    for page in connector.pull(stream, None):
        found += [one.subject for one in page.found if isinstance(one, Interaction)]
        assert len(list(connector.audit(stream))) == 6

    assert sorted(found) == ["0", "1", "2", "3", "4", "5"]


def test_a_mail_says_all_that_its_headers_say(ada: User, opened: Opening) -> None:
    at = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
    ada.append(
        letter(
            "Réunion",
            sender="Bob Example <Bob@Example.COM>",
            at=at,
            message_id="two@example.com",
            Cc="Eve <eve@example.net>",
            In_Reply_To="<one@example.org>",
            References="<zero@example.org> <one@example.org>",
            List_Unsubscribe="<mailto:off@example.com>",
        ),
        at=at + timedelta(minutes=1),
    )
    connector = opened(ada)
    [mail] = Kept().round(connector, inbox(connector)).items.values()

    assert (mail.subject, mail.message_id, mail.in_reply_to) == ("Réunion", "two@example.com", "one@example.org")
    assert mail.references == ("zero@example.org", "one@example.org")
    assert mail.sender is not None
    assert (mail.sender.address, mail.sender.name) == ("bob@example.com", "Bob Example")
    assert [party.address for party in mail.to + mail.cc] == ["bob@example.com", "eve@example.net"]
    assert (mail.sent, mail.received, mail.dated_by) == (at, at + timedelta(minutes=1), "date")
    assert mail.evidence == ("bulk",)
    assert "\\Inbox" in mail.labels
    assert mail.size > 100


def test_its_id_holds_the_uidvalidity(ada: User, opened: Opening) -> None:
    ada.append(letter())
    connector = opened(ada)

    assert list(Kept().round(connector, inbox(connector)).items) == [f"{ada.uid_validity()}.1"]


def test_the_slow_way_reads_the_same_as_the_quick_one(ada: User, opened: Opening) -> None:
    ada.append_all(
        [
            letter("One"),
            letter("Zwei äöü"),
            letter("Three", message_id="", Cc=", ".join(f"x{n}@example.com" for n in range(9))),
        ]
    )
    ada.append(b"\r\nno header at all\r\n", at=datetime(2024, 3, 1, tzinfo=UTC))
    quick, slow = opened(ada), opened(ada, quick=False)

    assert Kept().round(quick, inbox(quick)) == Kept().round(slow, inbox(slow))
    assert len(Kept().round(slow, inbox(slow)).items) == 4


# ------------------------------------------------------------------------------------------------------------ its text


def built(*, plain: str = "", html: str = "", attached: str = "", charset: str = "utf-8", cte: str = "8bit") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@example.org", "bob@example.com", "A word"
    mail["Date"], mail["Message-ID"] = "Fri, 01 Mar 2024 12:00:00 +0000", "<a@example.org>"
    if plain:
        mail.set_content(plain, charset=charset, cte=cte)
    if html:
        (mail.add_alternative if plain else mail.set_content)(html, subtype="html")
    if attached:
        mail.add_attachment(attached, filename="notes.txt")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (built(plain="Grüße, Ada\n"), "Grüße, Ada"),
        (built(plain="Grüße, Ada\n", cte="base64"), "Grüße, Ada"),
        (built(plain="Grüße, Ada\n", cte="quoted-printable"), "Grüße, Ada"),
        (built(plain="Grüße, Ada\n", charset="iso-8859-15"), "Grüße, Ada"),
        (built(plain="Some words\n", html="<p>Some words</p>"), "Some words"),
        (built(html="<p>Only so</p>"), "<p>Only so</p>"),
        (built(plain="Some words\n", attached="Not to be read\n"), "Some words"),
        (built(plain="Some words\n", html="<p>Some words</p>", attached="Not to be read\n"), "Some words"),
        (built(plain="日本語 " * 20_000, cte="base64"), ("日本語 " * 20_000)[:10_000]),
    ],
    ids=["8 bit", "base64", "quoted", "latin", "alternative", "html", "attachment", "mixed", "long"],
)
def test_only_the_text_part_of_a_mail_is_read(ada: User, opened: Opening, proxy: Proxy, mail: bytes, text: str) -> None:
    ada.append(mail)
    passed: list[bytes] = []
    proxy.at(rb"FETCH", lambda answer: passed.append(answer) or answer)  # type: ignore[func-returns-value]
    connector = opened(ada, port=proxy.port, read="text")

    [said] = Kept().round(connector, inbox(connector)).texts.values()

    assert said.strip().startswith(text.strip())
    assert len(said) <= 64 << 10
    assert not any(b"Not to be read" in answer for answer in passed)


def test_without_the_users_word_no_text_is_asked_for(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.append(letter(text="Some words.\n"))
    connector = opened(ada, port=proxy.port)
    Kept().round(connector, inbox(connector))

    assert not [line for line in proxy.commands if b"BODYSTRUCTURE" in line or b"TEXT" in line or b"PEEK[1" in line]


def test_with_headers_only_the_answers_to_our_digests_are_read_and_nothing_else(
    ada: User, opened: Opening, proxy: Proxy
) -> None:
    ours = f"<{'ab' * 16}@auld.invalid>"
    for folder in ("Sent", "INBOX"):
        ada.append(letter("Re: Two people to write to", text="2 later\n", In_Reply_To=ours), folder)
        ada.append(letter("Re: Looms", text="A secret.\n", In_Reply_To="<7@guild.example>"), folder)
    passed: list[bytes] = []
    proxy.at(rb"FETCH", lambda answer: passed.append(answer) or answer)  # type: ignore[func-returns-value]
    connector = opened(ada, port=proxy.port)
    pages = {stream.role: list(connector.pull(stream, None)) for stream in connector.streams()}

    read = {role: [text for page in some for text in page.texts.values()] for role, some in pages.items()}
    assert [text.strip() for text in read["\\Sent"]] == ["2 later"]
    assert read["\\Inbox"] == []
    assert not any(b"A secret" in answer for answer in passed)


def test_who_opts_in_to_texts_later_has_them_all_read(ada: User, opened: Opening) -> None:
    ada.append_all([letter("One"), letter("Two")])
    before, after = opened(ada), opened(ada, read="text")
    kept = Kept().round(before, inbox(before)).round(after, inbox(after))

    assert len(kept.texts) == 2
    assert kept.subjects == ["One", "Two"]
    assert kept.completed == 2


def test_a_mail_without_an_id_is_known_again_in_an_archive_by_its_text(ada: User, opened: Opening) -> None:
    mail = letter(message_id="", text="Some words, and\nFrom here on some more.\n" * 40)
    ada.append(mail)
    connector = opened(ada, read="text")
    [live] = Kept().round(connector, inbox(connector)).items.values()

    head = b"From ada@example.org Fri Mar  1 12:00:00 2024\n" + mail.replace(b"\r\n", b"\n").replace(
        b"\nFrom here", b"\n>From here"
    )
    _, _, at = split(head)

    assert live.fingerprint == fingerprint(head, at)


# -------------------------------------------------------------------------------------------------------- what it costs


def test_an_idle_round_asks_once_a_folder_and_at_most_six_times_more(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.create("Friends")
    for name in ("INBOX", "Sent", "Friends"):
        ada.append(letter(f"In {name}"), name)
    first = opened(ada)
    kept = {stream.id: Kept().round(first, stream) for stream in first.streams()}
    cursors = {name: each.cursor for name, each in kept.items()}

    second = opened(ada, port=proxy.port)
    for stream in second.streams():
        kept[stream.id].round(second, stream)

    assert len(proxy.asked(b"STATUS")) == 3
    assert len(proxy.commands) <= 3 + 6
    assert {name: each.cursor for name, each in kept.items()} == cursors, "there is nothing to be written"


def test_a_changed_flag_costs_nothing(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.append(letter())
    connector = opened(ada)
    kept = Kept().round(connector, inbox(connector))
    ada.flag([1])

    again = opened(ada, port=proxy.port)
    kept.round(again, inbox(again))

    assert len(proxy.asked(b"STATUS")) == 1
    assert not proxy.asked(b"EXAMINE")


def test_the_anchor_holds_the_modseq_where_there_is_one(ada: User, opened: Opening, proxy: Proxy) -> None:
    """CONDSTORE is enabled before a folder is opened, by ENABLE or by asking STATUS for it."""
    ada.append(letter())
    connector = opened(ada, port=proxy.port)
    kept = Kept().round(connector, inbox(connector))
    assert kept.cursor is not None
    first = kept.cursor["modseq"]
    assert len(proxy.asked(b"ENABLE CONDSTORE")) == 1

    proxy.commands.clear()
    ada.append(letter("Two"))
    again = opened(ada, port=proxy.port)
    kept.round(again, inbox(again))

    assert kept.cursor["modseq"] > first > 0
    assert not proxy.asked(b"ENABLE")
    assert not any(b"QRESYNC" in line or b"IDLE" in line for line in proxy.commands)


def test_one_mail_moved_costs_a_few_questions(ada: User, opened: Opening, proxy: Proxy) -> None:
    ada.create("Friends")
    ada.fill(letter(f"Number {number}") for number in range(300))
    first = opened(ada)
    streams = {stream.id: stream for stream in first.streams()}
    kept = {name: Kept().round(first, stream) for name, stream in streams.items()}
    ada.move([150], "INBOX", "Friends")

    second = opened(ada, port=proxy.port)
    for name, stream in streams.items():
        kept[name].round(second, stream)

    assert kept["INBOX"].gone == [f"{ada.uid_validity()}.150"]
    assert kept["Friends"].subjects == ["Number 149"]
    assert len(proxy.asked(b"UID FETCH")) == 1
    assert len(proxy.commands) <= len(streams) + 6 + 5


# ----------------------------------------------------------------------------------------------------------- signing in


def test_tls_is_the_rule(ada: User, dovecot: Dovecot) -> None:
    ada.append(letter())
    options = Options(kind="imap", address="ada@example.org", host="localhost", port=dovecot.imaps_port)
    connector = Imap(options, **signed_in(ada), ssl_context=dovecot.trusting())

    assert Kept().round(connector, inbox(connector)).subjects == ["A word"]
    connector.close()


def test_starttls_comes_before_the_password(ada: User, dovecot: Dovecot, proxy: Proxy) -> None:
    options = Options(kind="imap", address="a@example.org", host="localhost", port=proxy.port, security="starttls")
    connector = Imap(options, **signed_in(ada), ssl_context=dovecot.trusting())
    connector.streams()
    connector.close()

    assert proxy.asked(b"STARTTLS")
    assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in proxy.commands)


def test_no_password_is_sent_where_starttls_was_taken_away(ada: User, dovecot: Dovecot, proxy: Proxy) -> None:
    proxy.at(rb"CAPABILITY", replaced(rb" STARTTLS", b""))
    options = Options(kind="imap", address="a@example.org", host="localhost", port=proxy.port, security="starttls")

    with pytest.raises(NeedsUser, match="offers no encryption"):
        Imap(options, **signed_in(ada), ssl_context=dovecot.trusting()).streams()
    assert not any(b"AUTHENTICATE" in line or b"LOGIN" in line for line in proxy.commands)


def test_a_token_signs_in(ada: User, dovecot: Dovecot, opened: Opening) -> None:
    dovecot.tokens.tokens["t0ken"] = ada.name

    assert opened(ada, credential=Credential(ada.name, "t0ken", "token")).streams()


def test_a_password_may_have_any_letters(ada: User, opened: Opening) -> None:
    ada.change_password('pä"ss\\wörd €')

    assert opened(ada).streams()


def test_a_connection_ends_with_its_connector(ada: User, opened: Opening, proxy: Proxy) -> None:
    before = threading.active_count()
    connector = opened(ada, port=proxy.port, session=Session(time.monotonic, time.monotonic() + 600))
    connector.streams()
    connector.close()

    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before


def test_a_connection_ends_with_a_connector_that_nobody_closed(ada: User, opened: Opening, proxy: Proxy) -> None:
    options = Options(kind="imap", address="a@example.org", host="127.0.0.1", port=proxy.port, security="none")
    connector = Imap(options, **signed_in(ada))
    connector.streams()
    assert proxy.wires == 1
    del connector
    gc.collect()

    deadline = time.monotonic() + 5
    while proxy.wires and time.monotonic() < deadline:
        time.sleep(0.01)
    assert proxy.wires == 0


# ------------------------------------------------------------------------------------------------------------ options


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "host"),
        ({"host": "https://imap.example.org/"}, "is not the name of a server"),
        ({"host": "imap.example.org:993"}, "is not the name of a server"),
        ({"host": "imap.example.org", "port": 0}, "port"),
        ({"host": "imap.example.org", "security": "none"}, "would send the password unprotected"),
        ({"host": "imap.example.org", "security": "ssl"}, "security"),
    ],
    ids=["no host", "a link", "a port in the host", "no port", "in the clear", "unknown security"],
)
def test_a_wrong_option_is_named(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Options.model_validate({"kind": "imap", "address": "ada@example.org", **keys})


@pytest.mark.parametrize(
    ("keys", "port"),
    [
        ({"host": "IMAP.example.org"}, 993),
        ({"host": "imap.example.org", "security": "starttls"}, 143),
        ({"host": "localhost", "security": "none"}, 143),
        ({"host": "::1", "security": "none", "port": 1143}, 1143),
    ],
    ids=["tls", "starttls", "this machine", "named"],
)
def test_the_port_follows_from_the_security(keys: dict[str, object], port: int) -> None:
    options = Options.model_validate({"kind": "imap", "address": "Ada@example.org", **keys})

    assert options.door == port
    assert options.login == "ada@example.org"
