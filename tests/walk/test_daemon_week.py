"""A week with the daemon itself: a mailbox and a mail server, a phone, and a process that wakes each morning."""

import mailbox
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from agent import demo
from agent.mailing import OVER
from agent.store.glance import plan
from config import keys
from tests.profiles import MORNING, Profile
from tests.servers.dovecot import Dovecot, User
from tests.servers.smtp import Post, running
from tests.walk.daemons import NAMED, Running, daemon
from tests.walk.test_answers import ME, Phone, named, said
from tests.walk.test_delivery import login

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

PROGRAM = """
import sys
from datetime import datetime
from agent.cli.foreground import stay
sys.exit(stay(datetime.fromisoformat(sys.argv[1])))
"""


@pytest.fixture
def user(dovecot: Dovecot, tmp_path: Path) -> User:
    """Nora's mailbox, as the demo has it."""
    made = dovecot.user()
    (tmp_path / "demo.mbox").write_bytes(demo.mailbox(MORNING))
    with closing(mailbox.mbox(tmp_path / "demo.mbox")) as box:
        mails = list(box)
    for folder, label in (("INBOX", "Inbox"), ("Sent", "Sent")):
        made.fill((mail.as_bytes() for mail in mails if mail["X-Gmail-Labels"] == label), folder)
    return made


@pytest.fixture
def post(tmp_path: Path, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with running(tmp_path) as made:
        made.hands_on = lambda mail: user.append(mail.content)
        made.password = user.password
        monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")  # whoever runs this has a keyring of their own
        monkeypatch.setattr(keys, "ALLOWED", {})
        yield made


@pytest.fixture
def profile(tmp_path: Path, user: User, post: Post) -> Profile:
    made = Profile(tmp_path / "home")
    made.write(
        config_toml=f'[me]\naddresses = ["{ME}"]\ntimezone = "Europe/London"\n\n[digest]\nvia = "smtp"\n\n'
        f'[smtp]\nhost = "localhost"\nport = {post.port}\naccount = "{NAMED}"\n\n[secrets]\nfile = true\n\n'
        f'[accounts.{NAMED}]\nkind = "imap"\naddress = "{ME}"\nuser = "{user.name}"\nhost = "127.0.0.1"\n'
        f'port = {user.server.imap_port}\nsecurity = "none"\nread = "text"\n'
    )
    login(made, NAMED, password=user.password)
    return made


def wake(profile: Profile, at: datetime) -> None:
    """The daemon runs from that moment on, until there is nothing more to do on that morning."""
    profile.at = at
    with daemon(profile, PROGRAM, at.isoformat()) as process:
        if at.weekday() < 5:
            process.until(lambda: settled(process, at), 90)
        else:
            process.until(lambda: read(process, at), 60)
            time.sleep(1)  # time enough for a digest that is not to be
        assert process.stop() < 5
    profile.at = at + timedelta(minutes=5)


def settled(process: Running, at: datetime) -> bool:
    found = plan(process.store).mailing
    return found is not None and found.day == at.date() and found.state in OVER


def read(process: Running, at: datetime) -> bool:
    found = process.account()
    return found is not None and (found.complete_at or 0) >= at.timestamp()


def test_a_week_with_the_daemon_itself(profile: Profile, user: User, post: Post) -> None:
    phone = Phone(user)
    wake(profile, MORNING)
    later, never, written = named(phone)
    phone.press(f"Later: {later}", profile.at + HOUR)
    phone.press(f"Never: {never}", profile.at + 2 * HOUR)
    write = urlsplit(phone.links()[f"Write: {written}"])
    phone.send(unquote(write.path), parse_qs(write.query)["subject"][0], "Dear, ...", profile.at + 3 * HOUR)

    shown: list[list[str]] = []
    for passed in (1, 4, 6):  # Wednesday; a Saturday; Monday: on the other days the machine was off
        before = len(phone.digests())
        wake(profile, MORNING + passed * DAY)
        if len(phone.digests()) > before:
            shown.append(named(phone))

    assert said(profile) == [("later", later), ("never", never)]
    assert not {later, never, written} & {name for names in shown for name in names}
    assert "You were in contact" in profile.tell("why", written)
    days = [parsedate_to_datetime(str(mail["Date"])).date() for mail in phone.digests()]
    assert len(days) == len(set(days)) == len(post.received)
    assert all(day.weekday() < 5 for day in days)
    assert {MORNING.date(), MORNING.date() + 6 * DAY} <= set(days), "the first one, and Monday's"
    assert all(mail.recipients == (ME,) for mail in post.received)

    assert profile.tell("undo") == f"Taken back: never, said of {never}.\n"
    assert profile.tell("undo") == f"Taken back: later, said of {later}.\n"
    wake(profile, MORNING + 7 * DAY)
    assert said(profile) == [], "what was undone is not done again"
