"""A stranger's first night: the example config, edited; a mailbox on a real server; the digest in it next morning."""

import io
import json
import mailbox
import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from agent import demo
from agent.store.glance import glance
from tests.profiles import ZONE, Profile
from tests.servers.dovecot import Dovecot, User
from tests.walk.daemons import HOUSE, NAMED, Running, env
from tests.walk.test_delivery import inbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

EVENING = datetime(2026, 5, 10, 22, tzinfo=ZONE)
"""A Sunday: there is no digest on that day."""
NIGHT = 9 * 3_600 + 60

PROGRAM = """
import pathlib, sys, time
from datetime import datetime, timedelta
from agent import wiring
from agent.cli.foreground import stay
start, moved, began = datetime.fromisoformat(sys.argv[1]), pathlib.Path(sys.argv[2]), time.monotonic()
later = lambda: timedelta(seconds=time.monotonic() - began + (moved.stat().st_size and int(moved.read_text())))
wiring.clock = lambda _: lambda: start + later()
sys.exit(stay(start=start))
"""


def edited(user: User) -> str:
    """config/example.toml as somebody leaves it who has one mailbox and wants the digest there."""
    example = (HOUSE / "config" / "example.toml").read_text()
    sections = dict(re.findall(r"^\[([\w.-]+)\]\n(.*?)(?=^\[|\Z)", example, re.DOTALL | re.MULTILINE))
    me, home, digest = sections["me"], sections["accounts.home"], sections["digest"]
    changes = {
        "address": f'"{demo.ME}"', "host": '"127.0.0.1"', "port": str(user.server.imap_port), "security": '"none"',
        "user": f'"{user.name}"', "secret_command": None, "enabled": "true",
        "read": '"text"',
    }  # fmt: skip
    for key, value in changes.items():
        home = re.sub(rf"^{key} = .*\n", f"{key} = {value}\n" if value else "", home, flags=re.MULTILINE)
    me = re.sub(r"^addresses = .*", f'addresses = ["{demo.ME}"]', me, flags=re.MULTILINE)
    digest = re.sub(r'^via = "stdout"', 'via = "append"', digest, flags=re.MULTILINE)
    return f"[me]\n{me}[accounts.{NAMED}]\n{home}[digest]\n{digest}[secrets]\nfile = true\n"


def test_the_example_edited_and_a_night_bring_the_digest(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, profile, moved = dovecot.user(), Profile(tmp_path / "home", EVENING), tmp_path / "moved"
    (tmp_path / "demo.mbox").write_bytes(demo.mailbox(EVENING))
    with closing(mailbox.mbox(tmp_path / "demo.mbox")) as box:
        mails = list(box)
    for folder, label in (("INBOX", "Inbox"), ("Sent", "Sent")):
        user.fill((mail.as_bytes() for mail in mails if mail["X-Gmail-Labels"] == label), folder)
    profile.write(config_toml=edited(user))
    moved.write_text("0")
    monkeypatch.setattr("config.keys.ALLOWED", {})
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{user.password}\n"))
    assert "signed in" in profile.tell("login", NAMED, "--check")

    argv = [sys.executable, "-c", PROGRAM, EVENING.isoformat(), str(moved)]
    with (profile.home / "said.txt").open("w") as said:
        process = subprocess.Popen(argv, env=env(profile), stderr=said, text=True)
    one = Running(profile, process)
    try:
        one.until(lambda: one.items() == len(mails), 60)
        one.until(lambda: not one.workers(), 60)
        assert len(inbox(user)) == len([mail for mail in mails if mail["X-Gmail-Labels"] == "Inbox"])
        moved.write_text(json.dumps(NIGHT))
        os.kill(process.pid, signal.SIGUSR1)
        one.until(lambda: glance(one.store).last_digest, 60)
        one.until(lambda: not one.workers(), 60)
        one.stop()
    finally:
        process.kill()
        process.wait()

    [mail] = [mail for mail in inbox(user) if "auld" in str(mail["From"])]
    assert mail["Subject"] == "Three people to write to - Monday, 11 May 2026"
    assert "Ada Weber" in mail.as_string()
