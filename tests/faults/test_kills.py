"""A worker that is killed by SIGKILL loses nothing and doubles nothing. `make soak` does it a thousand times."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.faults.google_sources import GmailBox, GoogleDiary
from tests.faults.microsoft_sources import OutlookBox, ReadableDiary
from tests.faults.sources import Archive, Calendar, Calendars, Link, Mailbox, Source
from tests.servers.dovecot import Dovecot
from tests.servers.radicale import Radicale
from tests.soak.kills import killing

KILLS = int(os.environ.get("AULD_SOAK_KILLS", "3"))
"""Here a few; that a death is no more than an exception, `test_crash_points.py` tries at every point."""


def killed(make: Callable[[], Source], home: Path) -> None:
    with killing(make, home / "home", seed=1) as one:
        while one.kills < KILLS:
            one.cycle()


def test_F1_imap_a_killed_worker_loses_nothing(dovecot: Dovecot, tmp_path: Path) -> None:
    killed(lambda: Mailbox(dovecot), tmp_path)


def test_F1_caldav_a_killed_worker_loses_nothing(radicale: Radicale, tmp_path: Path) -> None:
    killed(lambda: Calendars(radicale), tmp_path)


def test_F1_ics_url_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    killed(Link, tmp_path)


def test_F1_ics_a_killed_worker_loses_nothing(files: Path, tmp_path: Path) -> None:
    killed(lambda: Calendar(files), tmp_path)


def test_F1_gmail_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    killed(GmailBox, tmp_path)


def test_F1_google_calendar_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    killed(GoogleDiary, tmp_path)


def test_F1_graph_a_killed_worker_loses_no_mail(tmp_path: Path) -> None:
    killed(OutlookBox, tmp_path)


def test_F1_graph_a_killed_worker_loses_no_meeting(tmp_path: Path) -> None:
    killed(ReadableDiary, tmp_path)


def test_F1_mbox_a_killed_worker_loses_nothing(files: Path, tmp_path: Path) -> None:
    killed(lambda: Archive(files), tmp_path)
