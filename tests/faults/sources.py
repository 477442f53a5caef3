"""A mailbox on a server, calendars on a server, behind a link and in a file, a mail archive: the same contacts in each.

    imap = Mailbox(dovecot)
    imap.put(Contact("k1", OTTO, at))        # another mail program delivers it
    imap.harm("cut")                         # from now on; `heal` ends it
    connector = imap.connector(now, session)

What a source holds by now is `there`. Every harm is done to the real server, or on the way to it.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from connectors import caldav, ics, imap, mbox
from connectors.contract import Connector, Credential, Session
from tests.connectors.test_caldav import RESPONSE, rewrites, says
from tests.connectors.test_imap_faults import instead
from tests.servers import web
from tests.servers.dovecot import Dovecot, User
from tests.servers.proxy import CUT, DRIP, RESET, STALL, Proxy, leave_out, replaced
from tests.servers.radicale import Radicale
from tests.servers.web import Web

ME = "me@home.example"

WRITTEN = 1_700_000_000
"""When files were written last, long before they are read."""

Harm = Literal[
    "cut", "reset", "stall", "drip", "throttled", "broken", "refused", "lost", "omitted", "nonsense", "empty"
]


@dataclass(frozen=True)
class Contact:
    """One mail or one meeting between the user and somebody else."""

    key: str
    who: str  # "Otto Brand <otto@brand.example>"
    at: datetime
    mine: bool = False  # the user wrote it; of meetings: called it
    odd: bool = False  # it cannot be read
    bare: bool = False  # without Message-ID or UID

    @property
    def address(self) -> str:
        return self.who.partition("<")[2].rstrip(">")

    @property
    def subject(self) -> str:
        return f"Matter {self.key}"

    def mail(self) -> bytes:
        me = f"Me Myself <{ME}>"
        made = EmailMessage()
        made["From"], made["To"] = (me, self.who) if self.mine else (self.who, me)
        made["Subject"] = self.subject
        if not self.odd:
            made["Date"] = format_datetime(self.at)
        if not self.bare:
            made["Message-ID"] = f"<{self.key}@mail.example>"
        made.set_content(f"Some words on {self.key}.\n")
        return made.as_bytes()

    def event(self, *more: str) -> str:
        stamp = "soon" if self.odd else f"{self.at:%Y%m%dT%H%M%SZ}"
        organiser, other = (ME, self.address) if self.mine else (self.address, ME)
        name = self.who.partition("<")[0].strip()
        lines = [
            "BEGIN:VEVENT",
            *([] if self.bare else [f"UID:{self.key}@cal.example"]),
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{stamp}",
            f"SUMMARY:{self.subject}",
            f"ORGANIZER;CN={'Me Myself' if self.mine else name}:mailto:{organiser}",
            f"ATTENDEE;CN={name if self.mine else 'Me Myself'};PARTSTAT=ACCEPTED:mailto:{other}",
            *more,
            "END:VEVENT",
        ]
        return "\r\n".join(lines)


def calendar(events: Iterable[str]) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//", *events, "END:VCALENDAR", ""]).encode()


@dataclass
class Source:
    """What stands there by now, by key."""

    kind: ClassVar[str]
    archive: ClassVar[bool] = False
    secret: ClassVar[str] = "secret"  # what is kept for its account, where that is asked for
    where: ClassVar[Mapping[str, str]] = {}  # the environment in which a worker finds its vendor
    there: dict[str, Contact] = field(default_factory=dict)
    page: int = 4  # what the connector brings at a time

    def put(self, *contacts: Contact) -> None:
        """These have come."""
        self.there |= {one.key: one for one in contacts}
        self.changed()

    def drop(self, *keys: str) -> None:
        """These were deleted."""
        for key in keys:
            del self.there[key]
        self.changed()

    def changed(self) -> None:
        """Bring the source up to `there`."""

    def harm(self, what: Harm) -> None:
        raise NotImplementedError(what)

    def heal(self) -> None:
        """The fault is over."""

    def connector(self, now: datetime, session: Session) -> Connector:
        raise NotImplementedError

    def section(self) -> str:
        """The keys of its account in a config file."""
        raise NotImplementedError

    def straight(self) -> None:
        """From now on without a proxy on the way: that is faster."""

    def close(self) -> None:
        """End what was begun."""


class Mailbox(Source):
    """A user's mailbox on Dovecot, behind the proxy."""

    kind = "imap"
    HARMS: ClassVar = {
        "cut": (rb"FETCH \(", CUT),
        "reset": (rb"FETCH \(", RESET),
        "stall": (rb"FETCH \(", STALL),
        "drip": (rb"FETCH \(", DRIP),
        "throttled": (rb"(Examine|STATUS|Status|Select) completed", instead(b"NO [OVERQUOTA] Account exceeded limits")),
        "broken": (rb"(Examine|Status|Select) completed", instead(b"BYE Server is going down for maintenance")),
        "lost": (rb"UIDVALIDITY", replaced(rb"UIDVALIDITY \d+", b"UIDVALIDITY 77")),
        "nonsense": (rb"\* (OK|STATUS|LIST)", replaced(rb"\A\*.*", b"<html>502 Bad gateway</html>\r\n")),
    }

    def __init__(self, dovecot: Dovecot) -> None:
        super().__init__()
        self.user: User = dovecot.user()
        self.proxy = Proxy(dovecot.imap_port)
        self.port = self.proxy.port
        self.password = self.user.password
        self.folder = "INBOX"

    def changed(self) -> None:
        with self.user.signed_in(self.folder) as client:
            shown = {
                message[b"BODY[HEADER.FIELDS (SUBJECT)]"].decode().split()[-1]: uid
                for uid, message in client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"]).items()
            }
            if gone := [uid for key, uid in shown.items() if key not in self.there]:
                client.delete_messages(gone)
                client.uid_expunge(gone)
        fresh = [one for key, one in self.there.items() if key not in shown]
        with self.user.signed_in() as client:
            for one in fresh:
                client.append(self.folder, one.mail(), (), one.at)

    def harm(self, what: Harm) -> None:
        if what == "refused":
            self.password = "wrong"
        elif what == "omitted":
            self.proxy.at(rb"FETCH \(.*Matter", leave_out, times=1)
        elif what == "empty":
            for one in (replaced(rb"\* \d+ EXISTS", b"* 0 EXISTS"), replaced(rb"MESSAGES \d+", b"MESSAGES 0"),
                        replaced(rb"\* SEARCH.*\r\n", b"* SEARCH\r\n")):  # fmt: skip
                self.proxy.at(rb"EXISTS|STATUS|SEARCH", one)
        else:
            self.proxy.at(*self.HARMS[what])

    def heal(self) -> None:
        self.proxy.heal()
        self.password = self.user.password

    def connector(self, now: datetime, session: Session) -> Connector:
        options = imap.Options.model_validate(
            {"kind": "imap", "address": ME, "user": self.user.name, "host": "127.0.0.1", "port": self.port,
             "security": "none"}
        )  # fmt: skip
        signs = Credential(self.user.name, self.password)
        return imap.Imap(options, now=now, session=session, credential=signs, page=self.page)

    def section(self) -> str:
        return (
            f'kind = "imap"\naddress = "{ME}"\nuser = "{self.user.name}"\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f'port = {self.user.server.imap_port}\nsecret_command = ["/bin/echo", "{self.user.password}"]\n'
        )

    def straight(self) -> None:
        self.port = self.user.server.imap_port

    def close(self) -> None:
        self.proxy.__exit__()


class Calendars(Source):
    """A user's calendar on Radicale, behind the proxy."""

    kind = "caldav"

    def __init__(self, radicale: Radicale) -> None:
        super().__init__()
        self.user = radicale.user()
        self.collection = "work"
        self.user.make("work", "Work")
        self.proxy = Proxy(radicale.port)
        self.port = self.proxy.port
        self.password = self.user.password
        self.more: dict[str, tuple[str, ...]] = {}  # lines of an event, by key
        self.server = radicale
        self.heal()

    def changed(self) -> None:
        folder = self.user.folder(self.collection)
        shown = {path.stem for path in folder.glob("*.ics")}
        for key in shown - self.there.keys():
            self.user.delete(self.collection, f"{key}.ics")
        fresh = [one for key, one in self.there.items() if key not in shown]
        self.user.fill(
            self.collection,
            ((f"{one.key}.ics", calendar([one.event(*self.more.get(one.key, ()))])) for one in fresh),
        )

    def harm(self, what: Harm) -> None:
        network = {"cut": CUT, "reset": RESET, "stall": STALL, "drip": DRIP}
        if what in network:
            self.proxy.at(rb"SUMMARY:Matter|sync-token", network[what])
        elif what == "refused":
            self.password = "wrong"
        elif what == "throttled":
            self.server.lie = says("sync-collection", 429, Retry_After="7200")
        elif what == "broken":
            self.server.lie = says("sync-collection", 503)
        elif what == "lost":
            self.user.forget_tokens(self.collection)
            self.server.lie = says("sync-collection", 403)
        elif what == "omitted":
            self.server.lie = rewrites("calendar-multiget", RESPONSE % rb"\.ics", b"")
        elif what == "nonsense":
            self.server.lie = lambda environ, truth: (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>")
        else:
            raise NotImplementedError(what)

    def heal(self) -> None:
        self.proxy.heal()
        self.server.heal()
        self.server.lie = lambda *_: None  # so that answers come unpacked, and the proxy sees their lines
        self.password = self.user.password

    def connector(self, now: datetime, session: Session) -> Connector:
        options = caldav.Options.model_validate(
            {"kind": "caldav", "address": ME, "user": self.user.name, "private": True,
             "url": f"http://127.0.0.1:{self.port}/{self.user.name}/"}
        )  # fmt: skip
        signs = Credential(self.user.name, self.password)
        return caldav.CalDav(options, now=now, session=session, credential=signs, page=self.page)

    def section(self) -> str:
        return (
            f'kind = "caldav"\naddress = "{ME}"\nuser = "{self.user.name}"\nprivate = true\n'
            f'url = "http://127.0.0.1:{self.server.port}/{self.user.name}/"\n'
            f'secret_command = ["/bin/echo", "{self.user.password}"]\n'
        )

    def straight(self) -> None:
        self.port = self.server.port

    def close(self) -> None:
        self.proxy.__exit__()
        self.server.heal()


class Link(Source):
    """A calendar behind a private link."""

    kind = "ics_url"
    PATH = "/private-0123/basic.ics"
    ACTS: ClassVar[dict[str, web.Act]] = {"cut": web.CUT, "reset": web.RESET, "stall": web.STALL, "drip": web.DRIP}

    def __init__(self) -> None:
        super().__init__()
        self.web = Web().__enter__()
        self.served = 0
        self.more: dict[str, tuple[str, ...]] = {}
        self.etag = True

    def body(self) -> bytes:
        return calendar(one.event(*self.more.get(one.key, ())) for one in self.there.values())

    def changed(self) -> None:
        self.served += 1
        self.web.serve(self.PATH, self.body(), 200, **({"ETag": f'"{self.served}"'} if self.etag else {}))

    def harm(self, what: Harm) -> None:
        bodies = {"nonsense": b"<html>Sign in</html>", "empty": calendar([])}
        if what in self.ACTS:
            self.changed()  # an answer without a body cannot be cut
            self.web.act = self.ACTS[what]
        elif what in bodies:
            self.web.serve(self.PATH, bodies[what])
        else:
            status = {"throttled": 429, "broken": 503, "refused": 404}[what]
            self.web.serve(self.PATH, b"", status, **({"Retry_After": "7200"} if what == "throttled" else {}))

    def heal(self) -> None:
        self.web.act = ""
        self.changed()

    def section(self) -> str:
        return f'kind = "ics"\nprivate = true\nurl = "{self.web.url(self.PATH)}"\n'

    def connector(self, now: datetime, session: Session) -> Connector:
        options = ics.Options.model_validate({"kind": "ics", "url": self.web.url(self.PATH), "private": True})
        return ics.Ics(options, now=now, session=session, page=self.page)

    def close(self) -> None:
        self.web.__exit__()


class File(Source):
    """A file on the disk, written as a whole."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def content(self) -> bytes:
        raise NotImplementedError

    def changed(self) -> None:
        self.write(self.content())

    def write(self, content: bytes) -> None:
        self.path.write_bytes(content)
        os.utime(self.path, (WRITTEN, WRITTEN))

    def section(self) -> str:
        return f'kind = "{self.kind}"\npath = "{self.path}"\n'

    def heal(self) -> None:
        self.path.chmod(0o600) if self.path.exists() else None
        self.changed()


class Calendar(File):
    """A calendar in a file."""

    kind = "ics"
    archive = True

    def __init__(self, path: Path) -> None:
        super().__init__(path / "mine.ics")
        self.more: dict[str, tuple[str, ...]] = {}

    def content(self) -> bytes:
        return calendar(one.event(*self.more.get(one.key, ())) for one in self.there.values())

    def connector(self, now: datetime, session: Session) -> Connector:
        return ics.Ics(
            ics.Options.model_validate({"kind": "ics", "path": self.path}), now=now, session=session, page=self.page
        )


class Archive(File):
    """A mail archive."""

    kind = "mbox"
    archive = True

    def __init__(self, path: Path) -> None:
        super().__init__(path / "mine.mbox")

    def content(self) -> bytes:
        return b"\n".join(letter(one) for one in self.there.values())

    def connector(self, now: datetime, session: Session) -> Connector:
        return mbox.Mbox(mbox.Options.model_validate({"kind": "mbox", "path": self.path}), now=now, page=self.page)


def letter(one: Contact) -> bytes:
    """A mail as it stands in an mbox."""
    line = "From -\n" if one.odd else f"From auld {one.at:%a %b %d %H:%M:%S %Y}\n"
    return line.encode() + re.sub(rb"(?m)^(>*From )", rb">\1", one.mail()) + b"\n"


def given(source: Source, kind: type[Any]) -> Any:
    """That source, which is of that kind."""
    assert isinstance(source, kind)
    return source
