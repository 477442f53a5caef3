"""An mbox archive: where its messages begin, what is left out, how it goes on, and what is said of a bad one."""

import bz2
import gzip
import lzma
import os
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import mbox_messages
from connectors.contract import Connector, Interaction, NeedsUser, Page
from connectors.mbox import Mbox, Options
from connectors.mbox_reading import PAGE
from connectors.mbox_text import LONGEST_TEXT
from tests.connectors.contract import SENT, ConnectorContract

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def mail(number: int, subject: str, body: str = "Hello,\n\nall is well.\n", extra: str = "") -> bytes:
    """One invented message, as it stands in an mbox."""
    return (
        f"From bob@bob.example Mon Jan {number + 1:2} 10:00:00 2024\n"
        f"Message-ID: <{number}@bob.example>\nDate: Mon, {number + 1} Jan 2024 10:00:00 +0000\n"
        f"From: Bob <Bob@bob.example>\nTo: ada@ada.example\nSubject: {subject}\n{extra}\n{body}\n"
    ).encode()


FIVE = b"".join(mail(number, subject) for number, subject in enumerate(SENT))


def archive(path: Path, *, read: str = "headers", page: int = PAGE, now: datetime = NOW) -> Mbox:
    return Mbox(Options.model_validate({"kind": "mbox", "path": path, "read": read}), now=now, page=page)


def pages(connector: Mbox) -> list[Page]:
    return [page for stream in connector.streams() for page in connector.pull(stream, None)]


def mails(found: Iterable[Page]) -> list[Interaction]:
    return [each for page in found for each in page.found if isinstance(each, Interaction)]


def subjects(connector: Mbox) -> list[str]:
    return [each.subject for each in mails(pages(connector))]


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class TestMbox(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        return archive(written(tmp_path / "all.mbox", FIVE), page=2)


class TestMboxWithTexts(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        return archive(written(tmp_path / "all.mbox", FIVE), read="text", page=2)


class TestPackedMbox(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        return archive(written(tmp_path / "all.mbox.xz", lzma.compress(FIVE)), page=2)


class TestZippedMbox(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("Takeout/Mail/All mail.mbox", FIVE)
        return archive(tmp_path / "all.zip", page=2)


# ---------------------------------------------------------------------------------------------- where a message begins

FORWARDED = "Look:\n\nFrom carol@carol.example Mon Jan  1 10:00:00 2024\nshe wrote this to me.\n"


@pytest.mark.parametrize(
    "body",
    [
        "From the beginning, it was clear.\n",
        "It ends here.\n\nFrom the beginning, it was clear.\nAnd so on: yes.\n",
        "Quoted:\n\nFrom: carol@carol.example\nTo: me\n",
        FORWARDED,
        "Escaped:\n\n>From carol@carol.example Mon Jan  1 10:00:00 2024\nSubject: no\n",
        "Twice:\n\n>>From carol Mon Jan  1 10:00:00 2024\nSubject: no\n",
        "Open 9:00\n\nFrom Monday Jan 1 on we are open\n9:00 : no\n",
        "From \n",
        "x" * 600_000 + "\n\nFrom here\n",
    ],
    ids=[
        "prose", "prose after an empty line", "a From header", "a forwarded separator with prose", "mboxrd",
        "mboxrd twice", "a weekday", "a bare From", "a line longer than what is kept",
    ],
)  # fmt: skip
def test_what_looks_like_a_separator_stays_text(tmp_path: Path, body: str) -> None:
    path = written(tmp_path / "a.mbox", mail(1, "One", body) + mail(2, "Two"))

    assert subjects(archive(path)) == ["One", "Two"]


@pytest.mark.parametrize(
    "line",
    [
        "From bob@bob.example Mon Jan  1 10:00:00 2024",
        "From 1234567890123456789@xxx Mon Jan 01 10:00:00 +0000 2024",
        "From - Mon Jan 01 10:00:00 2024",
        "From MAILER-DAEMON Mon Jan  1 10:00 2024",
        'From "Bob B." Mon Jan  1 10:00:00 2024',
        "From bob at bob.example  Mon Jan  1 10:00:00 2024",
        "From bob@bob.example Mon, 1 Jan 2024 10:00:00 +0100",
        "From bob@bob.example 2024-01-01 10:00:00",
        "From bob@bob.example Mon Jan  1 10:00:00 2024\n>From carol@carol.example Mon Jan  1 09:00:00 2024",
        "From ",
        "From bob@bob.example",
    ],
    ids=[
        "usual",
        "Takeout",
        "Thunderbird",
        "no seconds",
        "a name",
        "a list archive",
        "RFC 5322",
        "ISO",
        "two",
        "bare",
        "an address",
    ],
)
def test_every_usual_separator_is_one(tmp_path: Path, line: str) -> None:
    second = mail(2, "Two").partition(b"\n")[2]
    path = written(tmp_path / "a.mbox", mail(1, "One") + line.encode() + b"\n" + second + mail(3, "Three"))

    assert subjects(archive(path)) == ["One", "Two", "Three"]


def test_an_empty_line_may_be_missing_before_a_separator(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", mail(1, "One").rstrip(b"\n") + b"\n" + mail(2, "Two"))

    assert subjects(archive(path)) == ["One", "Two"]


def test_line_ends_may_be_those_of_windows(tmp_path: Path) -> None:
    plain = mails(pages(archive(written(tmp_path / "a.mbox", FIVE))))
    windows = mails(pages(archive(written(tmp_path / "b.mbox", FIVE.replace(b"\n", b"\r\n")))))

    assert [each.id for each in windows] == [each.id for each in plain]
    assert [each.fingerprint for each in windows] == [each.fingerprint for each in plain]


def test_a_content_length_is_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", mail(1, "One", extra="Content-Length: 999999\n") + mail(2, "Two"))

    assert subjects(archive(path)) == ["One", "Two"]


@pytest.mark.parametrize("chunk", [1_024, 5_000, 70_000], ids=["tiny", "small", "uneven"])
def test_a_message_may_lie_across_any_number_of_reads(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = (0, 3, 900, 4_096, 70_000, 300_000, 12)
    whole = b"".join(mail(n + 1, f"Size {size}", "y" * size + "\n") for n, size in enumerate(sizes))
    monkeypatch.setattr(mbox_messages, "CHUNK", chunk)
    found = mails(pages(archive(written(tmp_path / "a.mbox", whole))))

    assert [each.subject for each in found] == [f"Size {size}" for size in sizes]
    assert sum(each.size for each in found) == len(whole)


# --------------------------------------------------------------------------------------------------- going on, again


def test_a_grown_file_adds_only_what_is_new(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", FIVE)
    [stream] = archive(path).streams()
    *_, last = archive(path).pull(stream, None)
    path.write_bytes(FIVE + mail(20, "New"))

    assert [each.subject for each in mails(archive(path).pull(stream, last.cursor))] == ["New"]


def reordered(content: bytes) -> bytes:
    return b"".join(mail(number, subject) for number, subject in reversed(list(enumerate(SENT))))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("b.mbox", bytes),
        ("a.mbox", reordered),
        ("a.mbox", lambda content: mail(20, "New") + content),
        ("a.mbox.gz", gzip.compress),
        ("a.mbox.bz2", bz2.compress),
    ],
    ids=["renamed", "reordered", "grown in front", "packed", "packed otherwise"],
)
def test_a_changed_file_is_read_again_under_the_same_ids(
    tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    before = archive(written(tmp_path / "a.mbox", FIVE))
    [stream] = before.streams()
    first = list(before.pull(stream, None))
    after = archive(written(tmp_path / name, change(FIVE)))
    [again] = after.streams()
    new = {each.id for each in mails(after.pull(again, first[-1].cursor))}
    known = {each.id for each in mails(first)}

    assert again.id == stream.id
    assert known <= {each.id for each in mails(after.pull(again, None))}
    assert len(new - known) == (1 if "New" in subjects(after) else 0)


def test_a_file_that_lost_a_message_before_the_cursor_is_read_again(tmp_path: Path) -> None:
    long = b"".join(mail(number % 28, f"Mail {number}", "z" * 4_000 + "\n") for number in range(40))
    path = written(tmp_path / "a.mbox", long)
    [stream] = archive(path).streams()
    *_, last = archive(path).pull(stream, None)
    at = long.index(b"Subject: Mail 30")
    begin, end = long.rindex(b"From bob", 0, at), long.index(b"From bob", at)
    path.write_bytes(long[:begin] + long[end:] + mail(1, "New") * 3)

    assert "New" in [each.subject for each in mails(archive(path).pull(stream, last.cursor))]


def test_a_message_that_was_cut_short_is_read_again_when_it_is_whole(tmp_path: Path) -> None:
    cut = FIVE.rindex(b"well.")
    path = written(tmp_path / "a.mbox", FIVE[:cut] + b"\n")
    [stream] = archive(path).streams()
    *_, last = archive(path).pull(stream, None)
    path.write_bytes(FIVE[:cut] + b"\n" + FIVE[cut:] + mail(9, "New"))

    assert [each.subject for each in mails(archive(path).pull(stream, last.cursor))] == [SENT[-1], "New"]


def test_a_last_message_that_is_being_written_waits_for_the_next_pull(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", FIVE + mail(9, "Half").rstrip(b"\n")[:-3])
    os.utime(path, (NOW.timestamp() - 1, NOW.timestamp() - 1))
    [stream] = archive(path).streams()
    *_, last = archive(path).pull(stream, None)
    os.utime(path, (NOW.timestamp() - 9, NOW.timestamp() - 9))

    assert subjects(archive(path))[-1] == "Half"
    assert [each.subject for each in mails(archive(path).pull(stream, last.cursor))] == ["Half"]


def test_a_last_message_waits_when_the_file_grows_while_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", FIVE)
    connector = archive(path, page=2)
    [stream] = connector.streams()
    found: list[str] = []
    for page in connector.pull(stream, None):
        found += [each.subject for each in mails([page])]
        cursor = page.cursor
        with path.open("ab") as file:
            file.write(b"more text\n")

    assert found == list(SENT[:-1])
    assert [each.subject for each in mails(archive(path).pull(stream, cursor))] == [SENT[-1]]


def test_a_page_is_as_large_as_asked(tmp_path: Path) -> None:
    found = pages(archive(written(tmp_path / "a.mbox", FIVE), page=2))

    assert [len(page.found) for page in found] == [2, 2, 1]
    assert all(page.progress is not None and 0 < page.progress <= 1 for page in found)


# ------------------------------------------------------------------------------------------------- what is left aside


def test_a_message_without_a_date_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    bad = b"From nobody\n" + b"Message-ID: <x@x.example>\nSubject: When?\nFrom: a@a.example\nTo: b@b.example\n\nhm\n\n"
    old = mail(5, "Old").replace(b"2024", b"1970")
    path = written(tmp_path / "a.mbox", mail(1, "One") + old + mail(2, "Two"))
    [page] = pages(archive(path))
    [(name, reason)] = page.missed

    assert [each.subject for each in mails([page])] == ["One", "Two"]
    assert f"byte {len(mail(1, 'One'))}" in reason
    assert "1970" in reason
    assert [name] == [missed for missed, _ in pages(archive(written(tmp_path / "b.mbox", old)))[0].missed]
    assert "When?" not in str(pages(archive(written(tmp_path / "c.mbox", mail(1, "One") + bad)))[0].missed)


@pytest.mark.parametrize(
    ("label", "stays"),
    [("Inbox", True), ("Sent", True), ("Drafts", False), ("Spam", False), ("Trash", True), ("Entwürfe", False)],
)
def test_drafts_and_junk_are_left_out_and_deleted_mail_is_not(tmp_path: Path, label: str, stays: bool) -> None:
    path = written(tmp_path / "a.mbox", mail(1, "One", extra=f"X-Gmail-Labels: {label}\n"))

    assert subjects(archive(path)) == (["One"] if stays else [])


# -------------------------------------------------------------------------------------------------- files and folders


def test_a_folder_brings_each_of_its_mailboxes(tmp_path: Path) -> None:
    written(tmp_path / "Sent.mbox" / "mbox", mail(1, "Sent one"))
    written(tmp_path / "Inbox", mail(2, "Got one"))
    written(tmp_path / "Inbox.msf", b"// <!-- <mdb:mork:z v='1.4'/> -->")
    written(tmp_path / "Work.sbd" / "Loom.mbox.gz", gzip.compress(mail(3, "Packed one")))
    written(tmp_path / "Junk", mail(4, "Spam"))
    written(tmp_path / "Drafts", mail(5, "Draft"))
    connector = archive(tmp_path)

    assert [(s.id, s.role) for s in connector.streams()] == [
        ("Inbox", "\\Inbox"),
        ("Sent", "\\Sent"),
        ("Work.sbd/Loom", ""),
    ]
    assert [each.labels for each in mails(pages(connector))] == [("\\Inbox",), ("\\Sent",), ()]
    assert connector.ignored == ("Inbox.msf",)


def test_a_folder_of_apple_mail_is_one_mailbox(tmp_path: Path) -> None:
    written(tmp_path / "Sent Messages.mbox" / "mbox", mail(1, "One"))
    written(tmp_path / "Sent Messages.mbox" / "table_of_contents", b"\0\1\2")
    [stream] = archive(tmp_path / "Sent Messages.mbox").streams()

    assert (stream.name, stream.role) == ("Sent Messages", "\\Sent")


def test_a_takeout_zip_brings_its_mail_and_says_what_else_was_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("Takeout/archive_browser.html", "<html></html>")
        file.writestr("Takeout/Mail/All mail.mbox", FIVE)
        file.writestr("Takeout/Mail/Sent.mbox", mail(9, "Mine"))
    connector = archive(tmp_path / "takeout.zip")

    assert subjects(connector) == [*SENT, "Mine"]
    assert connector.ignored == ("Takeout/archive_browser.html",)


def test_one_single_message_is_an_archive_of_one(tmp_path: Path) -> None:
    assert subjects(archive(written(tmp_path / "a.eml", mail(1, "One").partition(b"\n")[2]))) == ["One"]


def test_an_empty_file_is_an_archive_of_none(tmp_path: Path) -> None:
    [page] = pages(archive(written(tmp_path / "a.mbox", b"")))

    assert (page.found, page.complete) == ((), True)


def test_packed_mail_that_breaks_off_brings_what_is_whole(tmp_path: Path) -> None:
    many = b"".join(mail(n % 28, f"Mail {n}", os.urandom(3_000).hex() + "\n") for n in range(200))
    packed = lzma.compress(many)
    found = pages(archive(written(tmp_path / "a.mbox.xz", packed[: len(packed) // 2])))

    assert 50 < len(mails(found)) < 150
    assert "breaks off" in found[-1].missed[-1][1]
    assert found[-1].cursor["offset"] == sum(each.size for each in mails(found))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"PK\x03\x04 broken", "cannot be unpacked"),
        (b"\xfd7zXZ\x00broken", "cannot be unpacked"),
        (b"%PDF-1.4 hello", "no mail was found"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "no mail was found"),
        (b"From the beginning, this is a novel.\n\nIt goes on.\n", "no mail was found"),
    ],
    ids=["missing", "a broken zip", "a broken xz", "a PDF", "a calendar", "a novel"],
)
def test_what_is_no_archive_is_for_the_user_to_mend(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "thing"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(NeedsUser) as told:
        archive(path).streams()
    assert says in told.value.what
    assert str(path) in told.value.what
    assert told.value.remedy


def test_a_file_that_may_not_be_read_is_for_the_user_to_mend(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", FIVE)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("whoever runs this may read everything")

    with pytest.raises(NeedsUser, match="may not be read"):
        archive(path).streams()


def test_an_archive_that_vanishes_is_for_the_user_to_mend(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", FIVE)
    connector = archive(path)
    [stream] = connector.streams()
    path.unlink()

    with pytest.raises(NeedsUser, match="it is gone"):
        list(connector.pull(stream, None))


# -------------------------------------------------------------------------------------------------------------- text

PARTS = """--cut
Content-Type: text/html; charset=utf-8

<p>Hello</p>
--cut
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
>From me
--cut--
"""


@pytest.mark.parametrize(
    ("extra", "body", "text"),
    [
        ("", "Hello\n\n>From here on\n", "Hello\n\nFrom here on\n\n"),
        ("Content-Type: multipart/alternative; boundary=cut\n", PARTS, "Grüße\nFrom me"),
        ("Content-Type: text/html\n", "<b>Hi</b>\n", "<b>Hi</b>\n\n"),
        ("Content-Type: text/plain; charset=nonsense\n", "café\n", "café\n\n"),
        ("Content-Type: image/png\nContent-Transfer-Encoding: base64\n", "AAAA\n", None),
        ("Content-Transfer-Encoding: base64\n", "SGVsbG8=\n", "Hello"),
    ],
    ids=["plain", "the plain one of two", "only HTML", "an unknown charset", "a picture", "base64"],
)
def test_a_text_comes_along_where_it_is_asked_for(tmp_path: Path, extra: str, body: str, text: str | None) -> None:
    [page] = pages(archive(written(tmp_path / "a.mbox", mail(1, "One", body, extra)), read="text"))
    [found] = page.found

    assert page.texts.get(found.id) == text
    assert pages(archive(tmp_path / "a.mbox"))[0].texts == {}


def test_a_text_is_cut_where_it_is_very_long(tmp_path: Path) -> None:
    [page] = pages(archive(written(tmp_path / "a.mbox", mail(1, "One", "word " * 100_000)), read="text"))

    assert [len(text) for text in page.texts.values()] == [LONGEST_TEXT]


def test_two_mails_with_one_message_id_stay_two(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mbox", mail(1, "One", "Yes\n") + mail(1, "One", "No\n") + mail(1, "One", "Yes\n"))

    assert len({each.id for each in mails(pages(archive(path)))}) == 2
