"""Headers: what they say, whatever they hold. The standard library is the oracle of the quick ways."""

import email.header
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Evidence, Interaction, Party
from connectors.headers import interaction
from connectors.headers_dates import EARLIEST, LATEST, Undated, moment, moment_by_library
from connectors.headers_fields import JOINED, WANTED, fields, fields_by_library, fields_of
from connectors.headers_people import parties, parties_by_library
from connectors.headers_words import decoded

DATE = "Date: Tue, 2 Jan 2024 10:00:00 +0000\n"
HOP = "Received: from x; by y; Tue, 2 Jan 2024 10:00:00 +0000\n"


def read(text: str | bytes, **more: Any) -> Interaction:
    header = text.encode() if isinstance(text, str) else text
    return interaction(fields(header), **more)


def who(*people: Party) -> list[tuple[str, str]]:
    return [(party.name, party.address) for party in people]


# ---------------------------------------------------------------------------------------------------------- the whole


def test_an_ordinary_mail_is_read_whole() -> None:
    mail = read(
        "Received: from a by b; Tue, 02 Jan 2024 10:00:05 +0000\n"
        "Message-ID: <one@bob.example>\nIn-Reply-To: <zero@ada.example>\n"
        "References: <first@ada.example>\n <zero@ada.example>\n"
        "From: Bob Example <Bob@Bob.example>\nTo: Ada <ada@ada.example>,\n\tcarol@carol.example\nCc: d@d.example\n"
        "Bcc: e@e.example\nSubject: A\n long subject\nX-GM-THRID: 123\n" + DATE,
        size=77,
        fingerprint=b"0123456789abcdef",
        labels=("Work",),
    )

    assert mail.sender == Party("bob@bob.example", "Bob Example")
    assert who(*mail.to) == [("Ada", "ada@ada.example"), ("", "carol@carol.example")]
    assert (who(*mail.cc), who(*mail.bcc)) == ([("", "d@d.example")], [("", "e@e.example")])
    assert (mail.subject, mail.thread, mail.size, mail.labels) == ("A long subject", "123", 77, ("Work",))
    assert (mail.message_id, mail.in_reply_to) == ("one@bob.example", "zero@ada.example")
    assert mail.references == ("first@ada.example", "zero@ada.example")
    assert (mail.sent, mail.dated_by) == (datetime(2024, 1, 2, 10, tzinfo=UTC), "date")
    assert mail.received == datetime(2024, 1, 2, 10, 0, 5, tzinfo=UTC)
    assert (mail.evidence, mail.fingerprint) == ((), b"0123456789abcdef")


def test_names_and_values_of_an_api_say_the_same() -> None:
    text = DATE + "From: Zoë <z@z.example>\nTo: a@a.example\nto: b@b.example\nX-Other: no\nSubject: Grüße\n"
    pairs = [(name, value) for name, _, value in (line.partition(": ") for line in text.splitlines())]

    assert interaction(fields_of(pairs)) == read(text)


def test_a_live_mail_is_not_believed_where_it_says_in_which_folder_it_lies() -> None:
    pairs = [("Date", "Tue, 12 May 2026 07:00:00 +0000"), ("From", "eve@evil.example"), ("X-Folder", "Sent")]
    pairs += [("X-Gmail-Labels", "Sent"), ("X-From", "Nora <nora@example.org>"), ("X-GM-THRID", "7")]
    seen = interaction(fields_of(pairs), labels=("Inbox",))

    assert (seen.labels, seen.thread, seen.sender and seen.sender.name) == (("Inbox",), "", "")


# ----------------------------------------------------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("Ada@Example.org", [("", "ada@example.org")]),
        ("Ada Lovelace <ada@example.org>", [("Ada Lovelace", "ada@example.org")]),
        ('"Byron, Ada" <a@a.example>, Bob <b@b.example>', [("Byron, Ada", "a@a.example"), ("Bob", "b@b.example")]),
        ("'Ada' <ada@example.org>", [("Ada", "ada@example.org")]),
        ("\"'Ada'\" <'ada@example.org'>", [("Ada", "ada@example.org")]),
        ('"ada@example.org" <ada@example.org>', [("", "ada@example.org")]),
        ("ada@example.org (Ada)", [("Ada", "ada@example.org")]),
        ("Friends: ada@example.org, Bob <b@b.example>;", [("", "ada@example.org"), ("Bob", "b@b.example")]),
        ("undisclosed-recipients:;", []),
        ("<>", []),
        ("", []),
        (", ,ada@example.org,,", [("", "ada@example.org")]),
        ("Ada, Bob", []),
        ("a@a.example, A <a@a.example>", [("", "a@a.example")]),
        ("=?utf-8?Q?Z=C3=B6e?= <z@z.example>", [("Zöe", "z@z.example")]),
        ('"=?utf-8?B?WsO2ZQ==?=" <z@z.example>', [("Zöe", "z@z.example")]),
        ("=?iso-8859-1?Q?Z=F6e,_?= =?iso-8859-1?Q?B?= <z@z.example>", [("Zöe, B", "z@z.example")]),
        ("=?iso-2022-jp?B?GyRCRWw1fhsoQg==?= <t@t.example>", [("東京", "t@t.example")]),
        ('"Zo\\"e" <z@z.example>', [('Zo"e', "z@z.example")]),
        ("Broken <z@z.example", [("Broken", "z@z.example")]),
        ("Big Bug b@b.example", [("Big Bug", "b@b.example")]),
    ],
    ids=[
        "bare",
        "named",
        "a comma in quotes",
        "single quotes",
        "quotes in quotes",
        "its own name",
        "a comment",
        "a group",
        "nobody",
        "empty brackets",
        "empty",
        "stray commas",
        "names only",
        "twice",
        "an encoded name",
        "encoded in quotes",
        "two encoded words",
        "Japanese",
        "an escaped quote",
        "no closing bracket",
        "no brackets",
    ],
)
def test_an_address_list_is_read(value: str, people: list[tuple[str, str]]) -> None:
    found = [who(*parties(value)), who(*parties_by_library(value))]
    if "Z=F6e,_" in value:  # the library takes a raw comma in an encoded word for the end of an entry, as it must
        assert found[0] == found[1]
        assert found[0][-1][1] == "z@z.example"
    else:
        assert found == [people, people]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"From: Z\xc3\xb6e <z@z.example>\n", "Zöe"),
        (b"From: Z\xf6e <z@z.example>\n", "Zöe"),
        (b'From: "Z\xf6e \x00\x07" <z@z.example>\n', "Zöe"),
        (b"From: =?utf-8?Q?Z=C3?= =?utf-8?Q?=B6e?= <z@z.example>\n", "Zöe"),
        (b"From: =?nonsense?Q?Z=F6e?= <z@z.example>\n", "Zöe"),
        (b"From: =?utf-8?B?!!!?= <z@z.example>\n", ""),
    ],
    ids=["UTF-8", "Windows", "control characters", "a letter cut in two", "an unknown charset", "broken base64"],
)
def test_a_name_in_any_writing_comes_out(raw: bytes, name: str) -> None:
    assert read(raw + DATE.encode()).sender == Party("z@z.example", name)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Sender: s@s.example\n", "s@s.example"),
        ("From: \nSender: s@s.example\n", "s@s.example"),
        ("Resent-From: r@r.example\n", "r@r.example"),
        ("From: root (Cron Daemon)\n", "root"),
        ("From: a@a.example, b@b.example\nSender: b@b.example\n", "a@a.example"),
        ("To: a@a.example\n", None),
    ],
    ids=["Sender", "an empty From", "resent", "a local user", "two authors", "nobody"],
)
def test_the_sender_is_the_first_author_or_who_sent_it(text: str, address: str | None) -> None:
    found = read(text + DATE).sender

    assert (found.address if found else None) == address


def test_who_stands_open_in_cc_is_not_hidden_in_bcc() -> None:
    assert who(*read(DATE + "Cc: c@c.example\nBcc: c@c.example, d@d.example\n").bcc) == [("", "d@d.example")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("From: ada.b@x.example\nX-From: Byron, Ada </O=ORG/OU=NA/CN=RECIPIENTS/CN=ABYRON>\n", ["Byron, Ada"]),
        ("From: ada.b@x.example\nX-From: Ada Byron <Ada Byron/LON/Loom@LOOM>\n", ["Ada Byron"]),
        ("From: ada.b@x.example\nX-From: Ada Byron@LOOM\n", ["Ada Byron"]),
        ('From: ada.b@x.example\nX-From: "Ada Byron" <ada.b@x.example>@LOOM\n', ["Ada Byron"]),
        ("From: ada.b@x.example\nX-From: ada.b@x.example\n", [""]),
        ("From: Ada <ada.b@x.example>\nX-From: Somebody Else\n", ["Ada"]),
        (
            "From: a@x.example\nX-From: A\nTo: bob.dyer@x.example, carol.f@x.example\nX-To: Dyer, Bob </O=X/CN=B>, "
            "Fuller, Carol </O=X/CN=C>\n",
            ["A", "Dyer, Bob", "Fuller, Carol"],
        ),
        (
            "From: a@x.example\nX-From: A\nTo: bob.dyer@x.example, carol.f@x.example\nX-To: Bob Dyer, Carol Fuller\n",
            ["A", "Bob Dyer", "Carol Fuller"],
        ),
        (
            "From: a@x.example\nX-From: A\nTo: bob.dyer@x.example, carol.f@x.example\nX-To: Carol Fuller, Bob Dyer\n",
            ["A", "", ""],
        ),
        (
            "From: a@x.example\nX-From: A\nTo: bob.dyer@x.example, carol.f@x.example\nX-To: Bob Dyer\n",
            ["A", "", ""],
        ),
        ("From: a@x.example\nX-From: A\nTo: b@x.example\nX-To: Bob <other@y.example>\n", ["A", ""]),
    ],
    ids=[
        "Exchange",
        "Notes",
        "Notes, short",
        "Internet",
        "only an address",
        "From knows better",
        "two of Exchange",
        "two",
        "another order",
        "too few",
        "another address",
    ],
)
def test_names_that_an_export_kept_aside_are_used_where_they_fit(text: str, names: list[str]) -> None:
    mail = read(text + DATE)

    assert [who.name for who in ((mail.sender,) if mail.sender else ()) + mail.to] == names


# ------------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("text", "sent", "by"),
    [
        ("Date: Tue, 2 Jan 2024 10:00:00 +0530\n", "2024-01-02T04:30", "date"),
        ("Date: 2 Jan 2024 10:00:00 -0000\n", "2024-01-02T10:00", "date"),
        ("Date: Tue, 2 Jan 2024 10:00:00 GMT (summer)\n", "2024-01-02T10:00", "date"),
        ("Date: Tue, 2 Jan 2024 10:00 EST\n", "2024-01-02T15:00", "date"),
        ("Date: Tue, 2 Jan 98 10:00:00 +0000\n", "1998-01-02T10:00", "date"),
        ("Date: Tue Jan  2 10:00:00 2024\n", "2024-01-02T10:00", "date"),
        ("Date: Sat, 31 Dec 2016 23:59:60 +0000\n", "2016-12-31T23:59", "date"),
        ("Date: Thu, 1 Jan 1970 00:00:00 +0000\n" + HOP, "2024-01-02T10:00", "received"),
        ("Date: Fri, 2 Feb 2024 10:00:00 +0000\n" + HOP, "2024-01-02T10:00", "received"),
        ("Date: Thu, 4 Jan 2024 10:00:00 +0000\n" + HOP, "2024-01-04T10:00", "date"),
        ("Date: Mon, 2 Jan 2012 10:00:00 +0000\n" + HOP, "2012-01-02T10:00", "date"),
        (HOP + "Received: z; Mon, 1 Jan 2024 10:00:00 +0000\n", "2024-01-02T10:00", "received"),
        ("Date: yesterday\n", "2024-01-05T09:00", "from_line"),
        ("Subject: none\n", "2024-01-05T09:00", "from_line"),
        ("Date: Mon, 99 Jan 2024 10:00:00 +0000\n", "2024-01-05T09:00", "from_line"),
    ],
    ids=[
        "a zone",
        "an unknown zone",
        "GMT and a comment",
        "EST without seconds",
        "two digits",
        "asctime",
        "a leap second",
        "1970",
        "far after its arrival",
        "a little after its arrival",
        "long before its arrival",
        "only Received",
        "no date at all",
        "no Date",
        "no such day",
    ],
)
def test_a_mail_is_dated_by_what_can_be_believed(text: str, sent: str, by: str) -> None:
    mail = read(text, from_line=b"From a@a.example Fri Jan  5 09:00:00 2024")

    assert (mail.sent.isoformat()[:16], mail.dated_by) == (sent, by)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        (b"From a@a.example Fri Jan  5 09:00:00 2024", "2024-01-05T09:00"),
        (b"From 123@xxx Fri Jan 05 09:00:00 +0200 2024\r\n", "2024-01-05T07:00"),
        (b"From - Fri Jan 05 09:00 2024", "2024-01-05T09:00"),
        (b"From a@a.example Fri, 5 Jan 2024 09:00:00 -0100", "2024-01-05T10:00"),
    ],
    ids=["usual", "Takeout", "Thunderbird", "RFC 5322"],
)
def test_a_from_line_dates_a_mail_where_nothing_else_does(line: bytes, when: str) -> None:
    mail = read("Subject: hm\n", from_line=line)

    assert (mail.sent.isoformat()[:16], mail.dated_by) == (when, "from_line")


def test_the_providers_own_date_goes_before_a_date_far_after_it() -> None:
    internal = datetime(2023, 5, 1, tzinfo=UTC)

    assert read(DATE, internal=internal).dated_by == "internal"
    assert read(DATE, internal=internal + timedelta(days=245)).dated_by == "date"


@pytest.mark.parametrize("text", ["Subject: x\n", "Date: never\n", "Date: Thu, 1 Jan 1970 00:00:00 +0000\n", ""])
def test_a_mail_without_any_usable_date_says_why(text: str) -> None:
    with pytest.raises(Undated, match="Date"):
        read(text)


# ---------------------------------------------------------------------------------------------------- threads, labels


@pytest.mark.parametrize(
    ("text", "parent", "references"),
    [
        ("In-Reply-To: <a@x>\n", "a@x", ()),
        ("In-Reply-To: Your message of today <bob@bob.example> <a@x>\n", "a@x", ()),
        ("In-Reply-To: your letter\n", "", ()),
        ("References: <a@x><b@x>\n\t<c@x>\n", "", ("a@x", "b@x", "c@x")),
        ("References: a@x b@x\n", "", ("a@x", "b@x")),
        ("References: <a@x> <a@x> <>\n", "", ("a@x",)),
    ],
    ids=["usual", "prose", "only prose", "folded", "no brackets", "twice and empty"],
)
def test_what_it_answers_is_found(text: str, parent: str, references: tuple[str, ...]) -> None:
    mail = read(text + DATE)

    assert (mail.in_reply_to, mail.references) == (parent, references)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("X-Gmail-Labels: Inbox,Important\n", ("Inbox", "\\Inbox", "Important")),
        ('X-Gmail-Labels: "Looms, old",Sent\n', ("Looms, old", "Sent", "\\Sent")),
        ("X-Gmail-Labels: =?UTF-8?Q?Entw=C3=BCrfe,Ge=C3=B6ffnet?=\n", ("Entwürfe", "\\Drafts", "Geöffnet")),
        ("X-Gmail-Labels: =?UTF-8?B?5Y+X5L+h44OI44Os44Kk?=\n", ("受信トレイ", "\\Inbox")),
        ("X-Gmail-Labels: Gesendet\n", ("Gesendet", "\\Sent")),
        ("X-Folder: \\Ada_Jan2001\\Notes Folders\\'sent mail\n", ("'sent mail", "\\Sent")),
        ("X-Folder: \\Ada_Jan2001\\Notes Folders\\_sent_mail\n", ("_sent_mail", "\\Sent")),
        ("X-Folder: \\Ada (Non-Privileged)\\Deleted Items\n", ("Deleted Items", "\\Trash")),
        ("X-Folder: Ada/Éléments envoyés\n", ("Éléments envoyés", "\\Sent")),
        ("X-Folder: \\Ada\\Looms/Warps\n", ("Looms/Warps",)),
        ("X-Folder: \n", ()),
    ],
    ids=[
        "Gmail",
        "quoted",
        "German",
        "Japanese",
        "sent in German",
        "Notes",
        "Notes with underlines",
        "Exchange",
        "French",
        "a slash in a name",
        "empty",
    ],
)
def test_labels_are_kept_and_their_special_use_is_said(text: str, labels: tuple[str, ...]) -> None:
    assert read(text + DATE).labels == labels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ()),
        ("List-Post: <mailto:l@l.example>\nList-Unsubscribe: <x>\n", ("list",)),
        ("List-Id: <l.example>\n", ("list",)),
        ("Mailing-List: contact x\n", ("list",)),
        ("Precedence: list\n", ("list",)),
        ("Precedence: Bulk\n", ("bulk",)),
        ("List-Unsubscribe: <mailto:x>\n", ("bulk",)),
        ("Feedback-ID: 1:2:3\n", ("bulk",)),
        ("Auto-Submitted: auto-replied; owner=x\n", ("automatic",)),
        ("Auto-Submitted: no\n", ()),
        ("Precedence: auto_reply\n", ("automatic",)),
        ("X-Autoreply: yes\n", ("automatic",)),
        ("Return-Path: <>\n", ("automatic",)),
        ("Return-Path: <bob@bob.example>\n", ()),
        ("Content-Type: multipart/report; report-type=delivery-status\n", ("automatic",)),
        ("Content-Type: text/plain\n", ()),
        ("List-Id: <digest.auld.invalid>\nAuto-Submitted: auto-generated\n", ("list", "automatic", "ours")),
        ("Sensitivity: Company-Confidential\n", ("confidential",)),
        ("Sensitivity: private\n", ("confidential",)),
        ("Sensitivity: Normal\n", ()),
    ],
    ids=[
        "a letter",
        "a list to post to",
        "List-Id",
        "an old list",
        "precedence list",
        "bulk",
        "unsubscribe",
        "feedback",
        "answered by machine",
        "not by machine",
        "auto_reply",
        "autoreply",
        "null return path",
        "a return path",
        "a bounce",
        "plain text",
        "our own digest",
        "confidential",
        "private",
        "as any",
    ],
)
def test_the_sort_of_mail_is_told_by_its_headers(text: str, said: tuple[Evidence, ...]) -> None:
    assert read(text + DATE).evidence == said


# ----------------------------------------------------------------------------------------------------------- identity


def test_an_id_comes_from_the_content_and_not_from_its_writing() -> None:
    one = read("Message-ID: <a@x>\nFrom: Bob <b@x>\nSubject: Hi\n" + DATE)
    folded = read(DATE + "From: =?utf-8?Q?Bob?= <B@x>\nsubject:\n Hi\nMESSAGE-ID: <a@x>\n")

    assert one.id == folded.id
    assert len({one.id, *(read(text + DATE).id for text in ("", "From: b@x\n", "Subject: Hi\n"))}) == 4
    assert read(DATE, id="given").id == "given"


def test_the_copy_that_knows_the_hidden_recipients_is_another() -> None:
    assert read(DATE).id != read(DATE + "Bcc: c@x\n").id != read(DATE + "X-Folder: \\A\\Sent\n").id


# ------------------------------------------------------------------------- whatever comes, and the same as the library

PIECES = st.sampled_from(
    [
        "=?utf-8?Q?",
        "=?utf-8?B?",
        "=?iso-2022-jp?b?GyRC",
        "=?unicode_escape?Q?=5Cud800?=",
        "=?utf-7?Q?+2AA-?=",
        "=?hex?q?a?=",
        "=?\0?Q?a?=",
        "?=",
        "=E9",
        "=",
        "<",
        ">",
        "<>",
        "@",
        "a@b.example",
        "Ada <ada@b.example>",
        '"',
        '"Lovelace, Ada" ',
        "\\",
        "(",
        ")",
        ":",
        ";",
        ",",
        ", ",
        ".",
        "[",
        "]",
        "\0",
        "\x1c",
        "\x85",
        "é",
        "東京",
        " ",
        "\t",
        "\n ",
        "\r\n\t",
        "\r",
        "Tue, 2 Jan 2024 10:00:00 +0000",
        "Tue, 99 Foo 2024 25:61:61 +9999",
        "Mon, 1 Jan 0000 00:00:00 -9999",
        "+0000",
        "1e9",
        "</O=ORG/CN=X>",
        "/O=",
        "'",
        "From ",
        "x" * 300,
    ]
)
VALUES = st.one_of(
    st.lists(PIECES, max_size=14).map("".join).map(str.encode),
    st.binary(max_size=80),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
HEADERS = st.lists(st.tuples(st.sampled_from([*sorted(WANTED), "x-other"]), VALUES), max_size=12).map(
    lambda lines: b"".join(name.encode() + b": " + value + b"\n" for name, value in lines)
)


@given(st.one_of(HEADERS, st.binary(max_size=400)), VALUES)
def test_no_header_raises_and_all_that_comes_out_is_clean(header: bytes, line: bytes) -> None:
    try:
        mail = interaction(fields(header), from_line=b"From " + line, size=1)
    except Undated:
        return
    people = (*mail.to, *mail.cc, *mail.bcc, *((mail.sender,) if mail.sender else ()))
    words = [mail.subject, mail.message_id, mail.in_reply_to, mail.thread, *mail.references, *mail.labels]
    words += [word for party in people for word in (party.address, party.name)]

    assert EARLIEST <= mail.sent < LATEST
    assert all(party.address for party in people)
    assert all(word.isprintable() and word.encode() is not None for word in words)


@given(VALUES)
def test_the_quick_way_with_addresses_equals_the_library(value: bytes) -> None:
    text = value.decode("ascii", "surrogateescape")

    assert parties(text) == parties_by_library(text)


@given(VALUES)
def test_the_quick_way_with_dates_equals_the_library(value: bytes) -> None:
    text = value.decode("ascii", "surrogateescape")

    assert moment(text) == moment_by_library(text)


@given(st.datetimes(datetime(1985, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_every_date_that_a_program_writes_is_read_as_the_library_reads_it(when: datetime, zone: int) -> None:
    sign, size = "-" if zone < 0 else "+", abs(zone)
    text = f"{when:%a, %d %b %Y %H:%M:%S} {sign}{size // 60:02}{size % 60:02}"

    assert moment(text) == moment_by_library(text)
    assert moment(text) == (when - timedelta(minutes=zone)).replace(microsecond=0, tzinfo=UTC)


@given(HEADERS)
def test_the_quick_way_with_fields_finds_what_the_library_finds(header: bytes) -> None:
    """It finds more: the library ends a header at the first line that is none."""
    quick, slow = fields(header), fields_by_library(header)

    assert slow.keys() <= quick.keys()
    for name, value in slow.items():
        ours, theirs = "".join(quick[name].split()), "".join(value.split())
        assert ours.startswith(theirs) if name in JOINED else ours == theirs


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=12), st.sampled_from(["utf-8", "utf-16", "shift_jis"])), min_size=1)
)
def test_encoded_words_are_read_as_the_library_reads_them(words: list[tuple[str, str]]) -> None:
    header = email.header.Header()
    for word, charset in words:
        try:
            header.append(word.encode(charset), charset)
        except (UnicodeError, LookupError):
            continue
    text = header.encode()
    expected = "".join(
        raw.decode(charset or "ascii", "replace") if isinstance(raw, bytes) else raw
        for raw, charset in email.header.decode_header(text)
    )

    assert decoded(text).replace(" ", "") == decoded(expected).replace(" ", "")


@pytest.mark.parametrize(
    "header",
    [
        b"To: " + b"a@b.example, " * 60_000,
        b"To: " + b"(" * 200_000,
        b"To: " + b'"' * 199_999,
        b"To: " + b"<" * 200_000,
        b"To: " + b"a" * 200_000,
        b"To: x\n" * 60_000,
        b"To: x\n" + b" y\n" * 80_000,
        b"Subject: " + b"=?utf-8?Q?a?= " * 15_000,
        b"Subject: " + b"=?" * 100_000,
        b"References: " + b"<" * 200_000,
        b"References: " + b"<a@b> " * 40_000,
        b"X-From: x\nTo: a@b.example\nX-To: " + b"a b, " * 40_000,
        b"X-From: x\nTo: a@b.example\nX-To: " + b"a, b " * 40_000 + b"</O=",
        b"X-Gmail-Labels: " + b'"a' * 100_000,
        b"Date: " + b"1 " * 100_000,
        b"Received: " + b";" * 200_000,
    ],
    ids=[
        "many addresses",
        "comments in comments",
        "quotes",
        "brackets",
        "one long word",
        "many lines",
        "many folds",
        "words",
        "half words",
        "half ids",
        "many ids",
        "many kept names",
        "kept names without end",
        "labels",
        "numbers",
        "hops",
    ],
)
def test_a_monstrous_header_takes_no_monstrous_time(header: bytes) -> None:
    """A quarter of a megabyte, which is all that is looked at. The limit is generous: quadratic ways take minutes."""
    began = time.process_time()
    read(DATE.encode() + header)

    assert time.process_time() - began < 5
