"""A real IMAP server on loopback: Dovecot with a folder, ports and a certificate authority of its own.

Start it once for a session of tests (0.1 s); each test asks it for a user of its own:

    ada = dovecot.user()
    ada.append(letter("A word"), at=datetime(2024, 3, 1, tzinfo=UTC))
    ada.move([1], "INBOX", "Archive")

Whoever looks at the mailbox here is another mail program at work: an IMAP connection of its own for each act.
"""

import itertools
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from imapclient.imap_utf7 import encode as utf7

from tests.servers import free_ports, needs
from tests.servers.introspection import Introspection

PATIENCE = 10.0
"""Seconds within which a server on loopback is up, or never will be."""

MOST_USERS = 5_000
PASSWORD = "secret"
"""All users are there from the beginning: Dovecot looks at most once a second whether somebody was added."""

_CONF = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
ssl = yes
ssl_cert = <{base}/server.pem
ssl_key = <{base}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
auth_cache_size = 0
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN {base}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {base}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u allow_all_users=yes
}}
first_valid_uid = {uid}
first_valid_gid = 0
mail_location = maildir:~/Maildir
maildir_very_dirty_syncs = no
mail_fsync = never
mail_max_userip_connections = 1000
imap_capability = {capability}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox "All Mail" {{
    special_use = \\All
  }}
}}
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  {chroot}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
  {chroot}
}}
service stats {{
  {chroot}
}}
{ours}
"""

_OAUTH2 = """
introspection_mode = auth
introspection_url = http://127.0.0.1:{port}/i
username_attribute = email
active_attribute = active
active_value = true
"""


def letter(
    subject: str = "A word",
    *,
    sender: str = "Ada <ada@example.org>",
    to: str = "Bob <bob@example.com>",
    at: datetime | None = None,
    message_id: str | None = None,
    text: str = "Some words.\n",
    **more: str,
) -> bytes:
    """A mail; `more` are further headers, with `_` for `-`. Without a Message-ID it gets one from its subject."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(at or datetime(2024, 3, 1, 12, tzinfo=UTC))
    if message_id != "":
        mail["Message-ID"] = f"<{message_id or subject.encode().hex() + '@example.org'}>"
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes().replace(b"\n", b"\r\n")


@dataclass
class User:
    """One mailbox, and another mail program that works in it."""

    server: "Dovecot"
    name: str
    password: str

    @contextmanager
    def signed_in(self, folder: str = "") -> Iterator[Any]:
        """A connection of the other mail program, in `folder` where one is named."""
        with IMAPClient("127.0.0.1", self.server.imap_port, ssl=False, timeout=20) as client:
            client.plain_login(self.name, self.password)
            if folder:
                client.select_folder(folder)
            yield client

    def append(
        self, mail: bytes, folder: str = "INBOX", *, at: datetime | None = None, flags: Sequence[str] = ()
    ) -> None:
        """Put a mail into a folder, which arrived there at `at` (else when its Date says)."""
        self.append_all([mail], folder, at=at, flags=flags)

    def append_all(
        self, mails: Iterable[bytes], folder: str = "INBOX", *, at: datetime | None = None, flags: Sequence[str] = ()
    ) -> None:
        with self.signed_in() as client:
            for mail in mails:
                client.append(folder, mail, flags, at or _date_of(mail))

    def fill(self, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Very many mails at once, by files; before the folder is opened for the first time. UIDs begin at 1."""
        maildir = self.home / "Maildir" if folder == "INBOX" else self.home / "Maildir" / f".{utf7(folder).decode()}"
        for part in ("cur", "new", "tmp"):
            (maildir / part).mkdir(parents=True, exist_ok=True)
        if folder != "INBOX":
            (maildir / "maildirfolder").touch()
        for number, mail in enumerate(mails):
            when = int(_date_of(mail).timestamp())
            file = maildir / "cur" / f"{when}.M{number:07}P1.host,S={len(mail)}:2,S"
            file.write_bytes(mail)
            os.utime(file, (when, when))
        self.server.own(self.home)

    def expunge(self, uids: Sequence[int], folder: str = "INBOX") -> None:
        with self.signed_in(folder) as client:
            client.delete_messages(uids)
            client.uid_expunge(uids)

    def move(self, uids: Sequence[int], folder: str, to: str) -> None:
        with self.signed_in(folder) as client:
            client.move(uids, to)

    def copy(self, uids: Sequence[int], folder: str, to: str) -> None:
        with self.signed_in(folder) as client:
            client.copy(uids, to)

    def flag(self, uids: Sequence[int], folder: str = "INBOX", *flags: str) -> None:
        with self.signed_in(folder) as client:
            client.add_flags(uids, flags or (r"\Flagged",))

    def create(self, folder: str) -> None:
        with self.signed_in() as client:
            client.create_folder(folder)

    def delete(self, folder: str) -> None:
        with self.signed_in() as client:
            client.delete_folder(folder)

    def rename(self, folder: str, to: str) -> None:
        with self.signed_in() as client:
            client.rename_folder(folder, to)

    def uids(self, folder: str = "INBOX") -> list[int]:
        with self.signed_in(folder) as client:
            return list(client.search())

    def uid_validity(self, folder: str = "INBOX") -> int:
        with self.signed_in() as client:
            return int(client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def set_uid_validity(self, value: int, folder: str = "INBOX") -> None:
        """A server that was moved or repaired: all UIDs mean something else."""
        self.server.doveadm("mailbox", "update", "--uid-validity", str(value), "-u", self.name, folder)

    def warm(self, folder: str = "INBOX") -> None:
        """Let the server index the folder."""
        self.server.doveadm("index", "-u", self.name, folder)

    def kick(self) -> None:
        """Let the server end the user's connections."""
        self.server.doveadm("kick", self.name)

    def change_password(self, password: str) -> None:
        """Takes up to a second: so often Dovecot looks at its file."""
        self.password = password
        self.server.set_password(self.name, password)

    @property
    def home(self) -> Path:
        return self.server.base / "mail" / self.name


@dataclass
class Dovecot:
    """A running server. TLS on `imaps_port`; `imap_port` speaks plainly and offers STARTTLS."""

    base: Path
    imap_port: int
    imaps_port: int
    tokens: Introspection
    program: str
    _passwords: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    host = "localhost"

    @property
    def ca(self) -> Path:
        """The certificate of the authority that signed the server's."""
        return self.base / "ca.pem"

    def trusting(self) -> ssl.SSLContext:
        """A context that knows this server's authority."""
        return ssl.create_default_context(cafile=str(self.ca))

    def user(self) -> User:
        """A new user with empty folders."""
        return User(self, f"user{next(self._numbers)}@example.org", PASSWORD)

    def set_password(self, user: str, password: str) -> None:
        self._passwords[user] = password
        self.write_passwords()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with IMAPClient("127.0.0.1", self.imap_port, ssl=False, timeout=PATIENCE) as client, suppress(LoginError):
                client.plain_login(user, password)
                return
            time.sleep(0.1)
        raise RuntimeError("Dovecot does not take the new password")

    def write_passwords(self) -> None:
        everybody = {f"user{number}@example.org": PASSWORD for number in range(1, MOST_USERS + 1)}
        lines = (f"{user}:{{PLAIN}}{secret}::::::\n" for user, secret in (everybody | self._passwords).items())
        fresh = self.base / "users.fresh"
        fresh.write_text("".join(lines))
        fresh.chmod(0o644)
        fresh.replace(self.base / "users")

    def doveadm(self, *args: str) -> str:
        done = subprocess.run(
            ["doveadm", "-c", str(self.base / "conf"), *args], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def own(self, folder: Path) -> None:
        """Give a folder and all in it to the user that Dovecot writes mail as."""
        if os.getuid() != 0:
            return
        nobody = pwd.getpwnam("nobody")
        for each in (folder, *folder.rglob("*")):
            os.chown(each, nobody.pw_uid, nobody.pw_gid)

    def log(self) -> str:
        return (self.base / "log").read_text() if (self.base / "log").exists() else ""


@contextmanager
def running(capability: str = "") -> Iterator[Dovecot]:
    """A Dovecot for as long as it is entered. `capability` replaces what it offers after login."""
    program = needs("dovecot", "dovecot-imapd")
    base = Path(tempfile.mkdtemp(prefix="auld-dovecot-"))  # short: paths of Unix sockets end at 108 bytes
    with Introspection() as tokens:
        try:
            plain, encrypted = free_ports(2)
            server = Dovecot(base, plain, encrypted, tokens, program)
            _write(server, capability)
            with (base / "out").open("wb") as out:
                process = subprocess.Popen([program, "-F", "-c", str(base / "conf")], stdout=out, stderr=out)
                try:
                    _wait(server, process)
                    yield server
                finally:
                    process.terminate()
                    process.wait(PATIENCE)
        finally:
            shutil.rmtree(base, ignore_errors=True)


def _write(server: Dovecot, capability: str) -> None:
    base, root = server.base, os.getuid() == 0
    base.chmod(0o755)
    owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.getuid())
    me = pwd.getpwuid(os.getuid()).pw_name
    ours = "" if root else f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {me}\n"
    (base / "mail").mkdir()
    server.own(base / "mail")
    server.write_passwords()
    (base / "oauth2.conf").write_text(_OAUTH2.format(port=server.tokens.port))
    _certify(base)
    conf = _CONF.format(
        base=base,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        imap=server.imap_port,
        imaps=server.imaps_port,
        capability=capability,
        chroot="" if root else "chroot =",
        ours=ours,
    )
    (base / "conf").write_text(conf)


def _certify(base: Path) -> None:
    """An authority, and a certificate of the server that it signed."""
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
    name = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    _openssl(base, *new, "/CN=auld test CA", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(base, *new, "/CN=localhost", *name, "-keyout", "server.key", "-out", "server.csr")
    signed = ["-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy"]
    _openssl(base, "x509", "-req", "-days", "2", *signed, "-out", "server.pem")


def _openssl(base: Path, *args: str) -> None:
    subprocess.run([needs("openssl", "openssl"), *args], cwd=base, capture_output=True, check=True)


def _wait(server: Dovecot, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            with IMAPClient("127.0.0.1", server.imap_port, ssl=False, timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"Dovecot did not come up:\n{(server.base / 'out').read_text()}\n{server.log()}")


def _date_of(mail: bytes) -> datetime:
    from email.parser import BytesHeaderParser
    from email.utils import parsedate_to_datetime

    date = BytesHeaderParser().parsebytes(mail)["Date"]
    return parsedate_to_datetime(date) if date else datetime(2024, 3, 1, 12, tzinfo=UTC)
