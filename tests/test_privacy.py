"""Nothing leaves the machine, and nothing lies on it that should not: seen from outside, on the whole program."""

import gzip
import json
import os
import re
import stat
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from agent import demo, wiring
from agent.model import Ask, Sign
from agent.store.store import Store
from connectors.mbox import Mbox, Options

NOW = datetime(2024, 3, 5, 7, tzinfo=UTC)

OWN_FILE, OWN_FOLDER = 0o600, 0o700

WATCHED = """\
import json, os, sys

opened, reached = [], []

def watch(event, args):
    if event.startswith(("socket.", "ftplib.", "http.", "smtplib.", "urllib.")):
        reached.append(f"{event}{args[1:]!r}")
        raise OSError("no network here")
    if event == "open" and isinstance(args[0], (str, bytes)):
        opened.append(os.fsdecode(args[0]))

sys.addaudithook(watch)
os.umask(0)
from agent.cli import main

said, codes = json.loads(sys.argv[1]), []
for words in said:
    sys.argv = ["auld", *words]
    try:
        main()
    except SystemExit as end:
        codes.append(end.code)
sys.stdout.flush()
print("\\n" + json.dumps({"opened": opened, "reached": reached, "codes": codes}))
"""
"""Runs commands of auld, each told as words, under a umask that closes nothing and an audit hook that no library can
go around: connections are refused and noted, opened files are noted."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What some commands printed, how they ended, which files they opened, and what they tried to reach."""

    printed: str
    codes: Sequence[int]
    opened: Sequence[str]
    reached: Sequence[str]


def watched(home: Path, *commands: Sequence[str | Path]) -> Seen:
    """Runs the commands in the profile `home`, and watches."""
    words = json.dumps([[str(word) for word in command] for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, words],
        env={**os.environ, "AULD_HOME": str(home), "TZ": "UTC"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    printed, _, last = done.stdout.rstrip("\n").rpartition("\n")
    return Seen(printed + done.stderr, **json.loads(last))


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile after a first morning, and what was seen while it was made."""

    home: Path
    seen: Seen


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Everything that one does on a first morning, over mail of today."""
    folder = tmp_path_factory.mktemp("privacy")
    now = wiring.now()
    (folder / "archive.mbox").write_bytes(demo.mailbox(now))
    (folder / "calendar.ics").write_bytes(demo.calendar(now))
    home = folder / "new" / "home"
    files = folder / "archive.mbox", folder / "calendar.ics"
    seen = watched(
        home,
        ["import", *files, "--me", demo.ME, "--read", "text"],
        ["digest", "--via", "file"],
        ["digest", "--now", (now - timedelta(days=100)).date().isoformat()],
        ["why", "Mia"],
        ["find", "loom"],
        ["later", "1"],
        ["sync"],
        ["status"],
        ["backtest"],
        ["demo"],
    )
    assert set(seen.codes) == {0}, seen.printed
    assert "1. Ada Weber" in seen.printed
    return Profile(home, seen)


def everything(below: Path) -> Iterator[Path]:
    """All files and folders, from `below` itself on."""
    yield below
    yield from below.rglob("*")


class TestOnTheMachine:
    def test_nothing_is_reached_and_no_name_is_looked_up(self, profile: Profile) -> None:
        assert profile.seen.reached == []

    def test_the_watch_sees_what_it_should(self, tmp_path: Path) -> None:
        asks = "import socket; main = lambda: socket.getaddrinfo('localhost', 1)"
        code = WATCHED.replace("from agent.cli import main", asks)
        done = subprocess.run([sys.executable, "-c", code, '[["status"]]'], capture_output=True, text=True)

        assert "no network here" in done.stderr

    def test_whatever_the_umask_everything_is_the_users_alone(self, profile: Profile) -> None:
        found = list(everything(profile.home))

        assert {path.name for path in found} >= {"config.toml", "auld.db", "digests"}
        assert list(profile.home.glob("digests/*.eml"))
        for path in found:
            assert stat.S_IMODE(path.stat().st_mode) == (OWN_FOLDER if path.is_dir() else OWN_FILE), path
        assert stat.S_IMODE(profile.home.parent.stat().st_mode) == OWN_FOLDER, "the folder above, which it made"

    def test_nothing_is_written_elsewhere_than_the_profile_and_what_python_makes(self, profile: Profile) -> None:
        beside = {path.name for path in profile.home.parent.parent.iterdir()}

        assert beside == {"archive.mbox", "calendar.ics", "new"}

    def test_no_log_names_anybody(self, profile: Profile) -> None:
        assert list((profile.home / "logs").iterdir()) == []


class TestOptedOut:
    def test_an_account_that_is_off_is_not_opened_and_not_seen(self, profile: Profile, tmp_path: Path) -> None:
        home = copied(profile.home, tmp_path / "home")
        config = home / "config.toml"
        before = config.read_text("utf-8")
        config.write_text(before.replace('kind = "mbox"\n', 'kind = "mbox"\nenabled = false\n'), "utf-8")

        seen = watched(home, ["sync"], ["people"], ["find", "loom"], ["digest", "--dry-run"], ["sync", "archive"])

        assert seen.codes == [0, 0, 0, 0, 2]
        assert not [path for path in seen.opened if path.endswith("archive.mbox")]
        assert [path for path in seen.opened if path.endswith("calendar.ics")]
        assert "Ada Weber" not in seen.printed
        assert "ada.weber" not in seen.printed
        assert "loom" not in seen.printed.lower()

    def test_one_without_a_section_is_not_opened_either(self, profile: Profile, tmp_path: Path) -> None:
        home = copied(profile.home, tmp_path / "home")
        config = home / "config.toml"
        head, _, _ = config.read_text("utf-8").partition("[accounts.archive]")
        config.write_text(head, "utf-8")

        seen = watched(home, ["people"], ["find", "loom"], ["digest", "--dry-run"])

        assert not [path for path in seen.opened if path.endswith(("archive.mbox", "calendar.ics"))]
        assert "ada weber" not in seen.printed.lower()


def copied(home: Path, to: Path) -> Path:
    """A copy of a profile, with the modes of its files."""
    from shutil import copytree

    return copytree(home, to)


# ------------------------------------------------------------------------------------------------ what stays of a text

SENTENCES = (
    "The zorvath lantern flickered beside our quillmere harbour throughout that endless night",
    "Could you perhaps tell me when the brindlewick archive opens its northern doors again",
    "I promise that the velloran manuscript reaches your aunt before the thaw begins",
    "Between ourselves the treskovar contract will never be signed by either of them",
)
"""Canaries: words that nobody has, in sentences that nobody wrote."""

DROPPED = "My chemotherapy at the ostervane clinic begins tomorrow and nobody else knows about it"
"""A line on health, of which not a word may stay."""

LINKED = "The old tellurion catalogue at last: https://tellurion.example/catalogue/1911"


def archive(path: Path, *, html: bool = False, senders: int = 6) -> Path:
    """Mails that hold the canaries, as text or as HTML; their headers know nothing of them."""
    kind = "html" if html else "plain"
    mails = []
    for number in range(6):
        at = format_datetime(NOW - timedelta(days=40 - number))
        body = "\n".join(f"<p>{line}.</p>" if html else f"{line}.\n" for line in (*SENTENCES, DROPPED, LINKED))
        mails.append(
            "From ada@guild.example Mon Jan  1 00:00:00 2024\n"
            f"From: Ada <ada{number % senders}@guild.example>\nTo: you@example.org\n"
            f"Date: {at}\nSubject: Shelves {number}\nMessage-ID: <{number}@guild.example>\n"
            f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\nHello,\n\n{body}\n\n"
        )
    path.write_text("\n".join(mails), "utf-8")
    return path


def kept(home: Path, mail: Path, read: str) -> bytes:
    """Every byte below `home` after the mail was imported, while a second reader keeps the store's log from going."""
    home.mkdir(mode=OWN_FOLDER)
    with Store.open(home / "auld.db") as store:
        seen = watched(home, ["import", mail, "--me", "you@example.org", "--read", read], ["digest", "--via", "file"])
        assert seen.codes == [0, 0], seen.printed
        assert store.one("SELECT count(*) FROM item") == 6
        return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
def test_of_a_text_no_sentence_stays_on_the_disk(tmp_path: Path, html: bool) -> None:
    home = tmp_path / "home"
    disk = kept(home, archive(tmp_path / "mail.mbox", html=html), "text").lower()

    assert b"shelves 3" in disk, "subjects are kept; so this look at the disk would find the rest"
    for sentence in SENTENCES:
        words = sentence.lower().split()
        for one, two in pairwise(pairwise(words)):
            assert " ".join((*one, two[1])).encode() not in disk


def test_only_words_counts_links_and_flags_stay_where_texts_are_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    kept(home, archive(tmp_path / "mail.mbox"), "text")

    with Store.open(home / "auld.db") as store:
        [packed] = {raw for (raw,) in store.rows("SELECT DISTINCT marks FROM item")}
    said = json.loads(packed)
    assert {"asks", "links", "terms"} <= set(said) <= {"asks", "signs", "links", "terms", "dates"}
    assert set(said["asks"]) <= set(get_args(Ask))
    assert set(said["signs"]) <= set(get_args(Sign))
    assert said["links"] == [["https://tellurion.example/catalogue/1911", "The old tellurion catalogue at last"]]
    assert "zorvath" in said["terms"], "single words stay, and whoever reads the store can read them"
    assert list(said["terms"]) == sorted(said["terms"]), "not in the order of the text"
    assert len(said["terms"]) <= 40
    assert all(" " not in word and type(times) is int for word, times in said["terms"].items())


def test_of_lines_that_somebody_always_writes_not_a_word_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    disk = kept(home, archive(tmp_path / "mail.mbox", senders=1), "text").lower()

    with Store.open(home / "auld.db") as store:
        assert store.one("SELECT count(*) FROM habit") == 1
    for canary in (b"zorvath", b"quillmere", b"brindlewick", b"velloran", b"treskovar", b"tellurion"):
        assert canary not in disk


def test_of_a_line_on_health_not_a_word_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    disk = kept(home, archive(tmp_path / "mail.mbox"), "text").lower()

    assert b"chemotherapy" not in disk
    assert b"ostervane" not in disk


def test_where_headers_are_read_not_a_word_of_a_text_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    disk = kept(home, archive(tmp_path / "mail.mbox"), "headers").lower()

    for canary in (b"zorvath", b"quillmere", b"brindlewick", b"velloran", b"treskovar", b"ostervane", b"tellurion"):
        assert canary not in disk


# --------------------------------------------------------------------------------------------------- time and weight


def replaced(mbox: bytes, since: datetime) -> bytes:
    """The archive with every mail from `since` on by others, to others and about something else, at the same times."""
    mails = (b"\n" + mbox).split(b"\nFrom ")[1:]
    kept_, changed = [], []
    for mail in mails:
        sent = parsedate_to_datetime(re.search(rb"^Date: (.+)$", mail, re.MULTILINE)[1].decode())  # type: ignore[index]
        if sent < since:
            kept_.append(mail)
        else:
            other = re.sub(rb"[\w.]+@[\w.]+", lambda found: b"x" + found[0][::-1].replace(b"@", b"@x."), mail)
            changed.append(
                re.sub(rb"^Subject: .*$", b"Subject: Something else, please answer?", other, flags=re.MULTILINE)
            )
    assert kept_
    assert changed
    return b"".join(b"From " + mail + b"\n" for mail in (*kept_, *changed))


def test_a_past_morning_does_not_change_with_its_future(tmp_path: Path) -> None:
    past = NOW - timedelta(days=120)
    printed = []
    for name, mbox in (("as it was", demo.mailbox(NOW)), ("replaced", replaced(demo.mailbox(NOW), past))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "archive.mbox").write_bytes(mbox)
        reading: list[str | Path] = ["import", folder / "archive.mbox", "--me", demo.ME, "--read", "text"]
        assert watched(folder / "home", reading).codes == [0]
        day = past.date().isoformat()
        seen = watched(folder / "home", ["digest", "--now", day], ["why", "Ruth", "--now", day])
        assert seen.codes == [0, 0]
        printed.append(seen.printed)

    assert "1. " in printed[0]
    assert printed[0] == printed[1]


def test_a_packed_bomb_does_not_fill_the_memory(tmp_path: Path) -> None:
    mail = tmp_path / "bomb.mbox.gz"
    begun = b"From a@b.example Mon Jan  1 00:00:00 2024\nFrom: a@b.example\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\n"
    with gzip.open(mail, "wb", compresslevel=1) as packed:
        packed.write(begun)
        for _ in range(300):
            packed.write(bytes(1 << 20))
    account = Options.model_validate({"kind": "mbox", "path": mail})
    tracemalloc.start()
    try:
        connector = Mbox(account, now=NOW)
        [stream] = connector.streams()
        found = [one for page in connector.pull(stream, None) for one in page.found]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(found) == 1
    assert mail.stat().st_size < 2 << 20
    assert most < 16 << 20, "of 300 MB unpacked"


def test_a_member_of_a_zip_is_read_where_it_lies_and_never_unpacked(tmp_path: Path) -> None:
    mail = tmp_path / "takeout.zip"
    with zipfile.ZipFile(mail, "w") as archive_:
        archive_.writestr("../../escaped.mbox", demo.mailbox(NOW)[:20_000])
    before = set(tmp_path.rglob("*"))
    connector = Mbox(Options.model_validate({"kind": "mbox", "path": mail}), now=NOW)
    [stream] = connector.streams()

    assert [one for page in connector.pull(stream, None) for one in page.found]
    assert set(tmp_path.rglob("*")) == before
    assert not (tmp_path.parent.parent / "escaped.mbox").exists()
