"""Whatever way a mailbox comes in again, each mail counts once, and none is lost."""

import gzip
import io
import lzma
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.model import Fact
from agent.store.glance import glance
from tests.profiles import Profile
from tests.walk.mailboxes import ME, START, Letter, calendar, event, letters, mbox

MAILS = letters(60)
EVER = 1 << 40


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile into which MAILS were imported."""
    profile = Profile(tmp_path_factory.mktemp("imported") / "home")
    profile.write(old_mbox=mbox(MAILS))
    assert "old: 60 read, 60 new\n" in profile.tell("import", profile.home / "old.mbox", "--me", ME)
    return profile


@pytest.fixture
def profile(imported: Profile, tmp_path: Path) -> Profile:
    """The same, to do with as one likes."""
    copy = imported.copy(tmp_path / "home")
    copy.config.write_text(copy.config.read_text("utf-8").replace(str(imported.home), str(copy.home)), "utf-8")
    return copy


def facts(profile: Profile) -> list[Fact]:
    """Everything that the store holds."""
    with profile.opened() as (_, store):
        return list(store.facts(until=EVER))


def told(profile: Profile) -> Counter[Any]:
    """What the facts say, without their numbers."""
    return Counter((f.at, f.sender, f.to, f.cc, f.bcc, f.subject, f.message_id, f.meeting) for f in facts(profile))


def zipped(content: bytes) -> bytes:
    """A zip with one mailbox in a folder."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("Takeout/Mail/All mail.mbox", content)
    return file.getvalue()


def shuffled() -> list[Letter]:
    """The mails in another order."""
    return Random(7).sample(MAILS, len(MAILS))


AGAIN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "under another name": ("other_mbox", lambda: mbox(MAILS)),
    "as .gz": ("old_mbox.gz", lambda: gzip.compress(mbox(MAILS))),
    "as .xz": ("old_mbox.xz", lambda: lzma.compress(mbox(MAILS))),
    "as .zip": ("old_zip", lambda: zipped(mbox(MAILS))),
    "in another order": ("shuffled_mbox", lambda: mbox(shuffled())),
    "with other line ends": ("windows_mbox", lambda: mbox(MAILS).replace(b"\n", b"\r\n")),
}


@pytest.mark.parametrize(("name", "content"), AGAIN.values(), ids=AGAIN)
def test_a_mailbox_that_comes_again_brings_nothing_new(
    name: str, content: Callable[[], bytes], profile: Profile
) -> None:
    before = told(profile)
    profile.write(**{name: content()})
    path = profile.home / ".".join(name.rsplit("_", 1))

    said = profile.tell("import", path)

    assert "60 read, 0 new" in said
    assert told(profile) == before


def test_the_same_file_again_is_not_even_read(profile: Profile) -> None:
    assert "old: 0 read, 0 new" in profile.tell("import", profile.home / "old.mbox")
    assert profile.config.read_text("utf-8").count("[accounts.") == 1


def test_a_file_that_was_packed_in_its_place_brings_nothing_new(profile: Profile) -> None:
    (profile.home / "old.mbox").write_bytes(gzip.compress(mbox(MAILS)))

    assert "0 new" in profile.tell("sync")
    assert len(facts(profile)) == 60


def test_a_file_that_has_grown_brings_only_what_is_new(profile: Profile) -> None:
    (profile.home / "old.mbox").write_bytes(mbox(letters(75)))

    assert "15 new" in profile.tell("sync")
    assert sorted(f.message_id for f in facts(profile)) == sorted(one.id for one in letters(75))


def test_a_file_that_was_reordered_and_has_grown_brings_only_what_is_new(profile: Profile) -> None:
    (profile.home / "old.mbox").write_bytes(mbox(Random(3).sample(letters(75), 75)))

    assert "75 read, 15 new" in profile.tell("sync")
    assert len(facts(profile)) == 75


def test_what_is_no_longer_in_a_file_stays(profile: Profile) -> None:
    (profile.home / "old.mbox").write_bytes(mbox(MAILS[:20]))
    profile.tell("sync")

    assert len(facts(profile)) == 60


def test_copies_in_two_archives_count_once(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    profile.write(a_mbox=mbox(MAILS[:40]), b_mbox=mbox(MAILS[25:]))

    said = profile.tell("import", profile.home / "a.mbox", profile.home / "b.mbox", "--me", ME)

    assert "a: 40 read, 40 new\nb: 35 read, 20 new\n" in said
    assert Counter(f.message_id for f in facts(profile)) == Counter(one.id for one in MAILS)


def test_recipients_of_a_blind_copy_stand_only_on_the_sent_copy_and_count(tmp_path: Path) -> None:
    sent = Letter("x@y.example", START, f"Me <{ME}>", "Ann <ann@a.example>", "Plans")
    blind = replace(sent, headers=(("Bcc", "Bob <bob@b.example>"),))
    profile = Profile(tmp_path / "home")
    profile.write(inbox_mbox=mbox([sent]), sent_mbox=mbox([blind]))
    profile.tell("import", profile.home / "inbox.mbox", profile.home / "sent.mbox", "--me", ME)

    [fact] = facts(profile)

    assert fact.recipients == ("ann@a.example", "bob@b.example")


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "Something else"},
        {"at": START + timedelta(days=3)},
        {"sender": "Zoe <zoe@z.example>"},
    ],
    ids=["another subject", "another day", "another sender"],
)
def test_two_different_messages_with_one_message_id_stay_two(changed: dict[str, Any], tmp_path: Path) -> None:
    one = Letter("same@id.example", START, "Ann <ann@a.example>", f"Me <{ME}>", "Plans")
    profile = Profile(tmp_path / "home")
    profile.write(a_mbox=mbox([one, replace(one, **changed)]), b_mbox=mbox([replace(one, **changed), one]))
    profile.tell("import", profile.home / "a.mbox", profile.home / "b.mbox", "--me", ME)

    assert len(facts(profile)) == 2


ANN, BOB, CAT = "ann@a.example", "bob@b.example", "cat@c.example"
CROWD = tuple(f"guest{n}@crowd.example" for n in range(8))
DAY = timedelta(days=1)
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=4", f"EXDATE:{START + 10 * DAY:%Y%m%dT%H%M%SZ}")

EVENTS = (
    event("one", START, [ANN]),
    event("two", START + 2 * DAY, [ANN, BOB]),
    event("series", START + 3 * DAY, [ANN], more=WEEKLY),
    event("declined", START + 4 * DAY, [f"ATTENDEE;PARTSTAT=DECLINED:mailto:{ANN}", BOB]),
    event("cancelled", START + 5 * DAY, [ANN, BOB], more=["STATUS:CANCELLED"]),
    event("crowd", START + 6 * DAY, [ANN, *CROWD]),
    event("to come", START + 4000 * DAY, [ANN, CAT]),
)

MEETINGS = {ANN: 1 + 1 + 3, BOB: 1 + 1, CAT: 0}
"""By hand. Ann: one, two, and three of the series; Bob: two, and the one that Ann declined."""


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A profile with two mails each way with each of three friends, and a calendar."""
    profile = Profile(tmp_path_factory.mktemp("calendar") / "home")
    mails = [
        Letter(f"{n}.{who}", START - (50 - n) * DAY, *pair, f"Plans {n}")
        for who in MEETINGS
        for n in range(4)
        for pair in [(f"Me <{ME}>", f"<{who}>") if n % 2 else (f"<{who}>", f"Me <{ME}>")]
    ]
    profile.write(mail_mbox=mbox(mails), meetings_ics=calendar(EVENTS))
    profile.tell("import", profile.home / "mail.mbox", profile.home / "meetings.ics", "--me", ME)
    return profile


class TestACalendarBesideIt:
    @pytest.mark.parametrize("who", MEETINGS)
    def test_the_meetings_of_a_tie_are_those_that_took_place(self, who: str, planned: Profile) -> None:
        person = planned.json("person", who)

        assert person["meetings"] == MEETINGS[who]
        assert (person["mine"], person["theirs"]) == (2, 2)

    def test_importing_it_again_adds_no_meeting(self, planned: Profile, tmp_path: Path) -> None:
        copy = tmp_path / "copy.ics"
        copy.write_bytes((planned.home / "meetings.ics").read_bytes())
        before = told(planned)

        planned.tell("import", copy)

        assert told(planned) == before


class TestAKillInTheMiddle:
    MANY = 9_000

    def test_nothing_is_lost_or_doubled(self, tmp_path: Path) -> None:
        profile = Profile(tmp_path / "home")
        mails = letters(self.MANY, people=20)
        profile.write(big_mbox=mbox(mails))
        command = [sys.executable, "-c", "from agent.cli import main; main()", "import", str(profile.home / "big.mbox")]
        with profile.entered():
            started = subprocess.Popen([*command, "--me", ME], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        killed_at = self.kill_when_some_is_read(started, profile)

        said = profile.tell("sync")

        assert 0 < killed_at < self.MANY
        assert f"{self.MANY - killed_at:,} new" in said
        assert Counter(f.message_id for f in facts(profile)) == Counter(one.id for one in mails)

    def kill_when_some_is_read(self, started: "subprocess.Popen[bytes]", profile: Profile) -> int:
        """Kills it as soon as the store holds some mail; gives how much it held."""
        for _ in range(6_000):
            seen = glance(profile.home / "auld.db")
            if any(account.items for account in seen.accounts) or started.poll() is not None:
                break
            time.sleep(0.005)
        started.send_signal(signal.SIGKILL)
        started.wait(30)
        return sum(account.items for account in glance(profile.home / "auld.db").accounts)


def test_who_opts_in_to_texts_later_has_the_archive_read_again(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    profile.write(mail_mbox=mbox(letters(20)))
    profile.tell("import", profile.home / "mail.mbox", "--me", ME)
    before = marked(profile)
    text = profile.config.read_text("utf-8").replace('kind = "mbox"', 'kind = "mbox"\nread = "text"')
    profile.config.write_text(text, "utf-8")

    profile.tell("sync")

    assert before == 0
    assert marked(profile) == 20


def marked(profile: Profile) -> int:
    """How many mails have marks."""
    with profile.opened() as (_, store):
        return sum(fact.marks is not None for fact in store.facts(until=1 << 40))
