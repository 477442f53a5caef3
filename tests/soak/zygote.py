"""Workers on demand, each a process of its own that may be killed: what they need is imported once, before they fork.

Reads "NAME MOMENT" from its standard input; says the new process's number when it begins, and its exit code when it
has ended. What that process runs is `agent.worker`, as the daemon starts it.
"""

import os
import sys
from pathlib import Path

import google_auth_httplib2
import googleapiclient.discovery
import icalendar
import imapclient
import msal
import requests
import sqlalchemy

from agent import wiring, worker
from agent.store.store import Store
from connectors import (
    caldav,
    gmail,
    google_api,
    google_calendar,
    graph,
    ics,
    imap,
    mbox,
    outlook_calendar,
    outlook_mail,
)

LOADED = (
    google_auth_httplib2, googleapiclient.discovery, icalendar, imapclient, msal, requests, sqlalchemy, wiring, Store,
)  # fmt: skip

SMALL = {
    imap.Imap: {"page": 6, "first": 3},
    caldav.CalDav: {"page": 6},
    ics.Ics: {"page": 6},
    mbox.Mbox: {"page": 6},
    gmail.Gmail: {"page": 6, "first": 3},
    google_calendar.GoogleCalendar: {"page": 6},
    outlook_mail.OutlookMail: {"page": 6},
    outlook_calendar.OutlookCalendar: {"page": 6},
}
"""Pages so small that a round over thirty mails has several."""


def main() -> None:
    """Go on until the input ends."""
    for connector, pages in SMALL.items():
        defaults: dict[str, int] = connector.__init__.__kwdefaults__  # type: ignore[misc]
        defaults.update(pages)
    if "AULD_TESTS_GOOGLE" in os.environ:
        google_api.GOOGLE = google_api.Endpoints.at(os.environ["AULD_TESTS_GOOGLE"])
    if "AULD_TESTS_MICROSOFT" in os.environ:
        at, login, trusted = os.environ["AULD_TESTS_MICROSOFT"].split()
        graph.MICROSOFT = graph.Endpoints(at, login, Path(trusted))
    for line in sys.stdin:
        name, moment = line.split()
        said = os.dup(1)
        if (process := os.fork()) == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os._exit(worker.main(["round", name, "--now", moment]))
        os.write(said, f"{process}\n".encode())
        os.close(said)
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
