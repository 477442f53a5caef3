"""A stranger signs in at Microsoft or Google in a browser, and takes it back: real clients, vendors of ours."""

import io
import json
import mailbox
import os
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from agent import demo
from agent.cli.ends import ERROR, SIGN_IN
from agent.store.glance import glance
from connectors import google_api, graph
from tests.connectors.microsofts import endpoints
from tests.fakes.google import Google
from tests.fakes.google_consent import Hand, go_through
from tests.fakes.microsoft import Microsoft
from tests.fakes.plumbing import PAGE, Answer, Fault, Server
from tests.profiles import MORNING, Profile, Said
from tests.servers import chromium
from tests.servers.dovecot import Dovecot
from tests.walk.daemons import daemon

ME = demo.ME

SCOPES = {
    "google": ("https://www.googleapis.com/auth/gmail.metadata",),
    "microsoft": ("Mail.ReadBasic",),
}
TAKEN_BACK = {
    "google": "Google was told that the consent is over",
    "microsoft": "https://account.live.com/consent/Manage",
}


@dataclass
class Vendor:
    """One of the two, as the tests see it."""

    kind: str
    fake: Any
    server: Server  # what is asked for mail
    asked: tuple[str, ...]  # what `connectors add` is told
    withdraw: Callable[[], None]
    deliver: Callable[[bytes, bool, datetime], None]  # a mail; whether the user sent it
    refuse: Callable[[], None]  # at the next page the user says no
    visit: Callable[[str], bool]  # the user goes through the pages, without a browser
    secrets: Callable[[], Iterable[str]]  # that were given out


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    found = Profile(tmp_path / "home", MORNING)
    found.write(config_toml="[secrets]\nfile = true\n")
    monkeypatch.setattr("config.keys.ALLOWED", {})
    return found


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The pages that were opened, each in a Chromium that is shown them until the test ends."""
    opened: list[str] = []
    running: list[subprocess.Popen[bytes]] = []

    def browse(url: str, new: int = 0) -> bool:
        opened.append(url)
        folder = tmp_path / f"browser{len(opened)}"
        argv = chromium.command(folder, "--ignore-certificate-errors", "--remote-debugging-port=0", url)
        running.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return True

    chromium.command(tmp_path)  # skips here where there is none
    monkeypatch.setattr(webbrowser, "open", browse)
    yield opened
    for one in running:
        one.kill()
        one.wait()


@pytest.fixture
def quick(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user at the page without a browser."""
    monkeypatch.setattr(webbrowser, "open", lambda url, new=0: vendor.visit(url))


@pytest.fixture
def microsoft(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with Microsoft(lambda: MORNING.astimezone(UTC), tls=True) as fake:
        user = fake.user(ME, "Nora Lindqvist")
        fake.login.hand = "accept"
        monkeypatch.setattr(graph, "MICROSOFT", endpoints(fake))

        def deliver(mail: bytes, mine: bool, at: datetime) -> None:
            user.deliver(mail, folder="sentitems" if mine else "inbox", at=at)

        answer = ["accept"]

        def refuse() -> None:
            answer[:] = ["cancel"]

        def visit(url: str) -> bool:
            return fake.browser(user, *answer)(url)

        asked = ("--client-id", fake.client_id)
        yield Vendor("microsoft", fake, fake.graph, asked, user.withdraw, deliver, refuse, visit, lambda: fake.secrets)
        assert fake.breaches == []


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Vendor]:
    with Google(lambda: MORNING.timestamp()) as fake:
        user = fake.user(ME)
        fake.quota(None)
        fake.consents.hand = Hand(ME)
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the way to it is http, on loopback
        monkeypatch.setattr(google_api, "GOOGLE", google_api.Endpoints.at(fake.url))
        client = tmp_path / "client.json"
        client.write_text(json.dumps(fake.consents.client()))
        hand = [Hand(ME)]

        def deliver(mail: bytes, mine: bool, at: datetime) -> None:
            user.send(mail, at) if mine else user.deliver(mail, at=at)

        def refuse() -> None:
            hand[:] = [Hand(ME, deny=True)]

        def visit(url: str) -> bool:
            threading.Thread(target=go_through, args=(url, *hand), daemon=True).start()
            return True

        asked = ("--client", str(client))
        told = fake.consents
        yield Vendor(
            "google", fake, fake, asked, lambda: told.revoke(ME), deliver, refuse, visit,
            lambda: [*told.access, *(grant.refresh for grant in told.grants)],
        )  # fmt: skip
        assert fake.breaches == []


@pytest.fixture(params=["google", "microsoft"])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.getfixturevalue(request.param)
    return found


def test_signed_in_read_withdrawn_and_signed_in_again(
    vendor: Vendor, profile: Profile, browser: list[str], tmp_path: Path
) -> None:
    (tmp_path / "demo.mbox").write_bytes(demo.mailbox(MORNING))
    with closing(mailbox.mbox(tmp_path / "demo.mbox")) as box:
        mails = list(box)
    for mail in mails:
        mine = mail["X-Gmail-Labels"] == "Sent"
        vendor.deliver(mail.as_bytes(), mine, parsedate_to_datetime(mail["Date"]))

    said = profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked, "--read", "text")
    assert f"Signed in as {ME}" in said
    assert f"{vendor.kind} is on." in said
    assert len(browser) == 1
    if vendor.kind == "google":
        profile.config.write_text(profile.config.read_text() + "units = 1000000\n")
    profile.tell("sync")
    assert "Ada Weber" in profile.names()

    vendor.withdraw()
    later = Profile(profile.home, MORNING + timedelta(hours=2))
    assert later.run("sync").code == SIGN_IN
    assert f"`auld login {vendor.kind}`" in later.json("status")["accounts"][0]["remedy"]
    assert later.json("status")["accounts"][0]["items"] == len(mails)

    vendor.deliver(letter(MORNING), False, MORNING)
    later.tell("login", vendor.kind)
    assert len(browser) == 2
    later.tell("sync")
    assert later.json("status")["accounts"][0]["items"] == len(mails) + 1
    assert "sign in" not in later.tell("status")


def test_nothing_that_is_written_holds_a_token(vendor: Vendor, profile: Profile, quick: None) -> None:
    vendor.deliver(letter(MORNING), False, MORNING)
    said = profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked) + profile.tell("sync")
    said += profile.tell("status", "--json") + profile.tell("connectors", "list", "--json")

    kept = b"".join(path.read_bytes() for path in profile.home.rglob("*") if path.is_file()) + said.encode()
    given = set(vendor.secrets())
    assert given
    assert [one for one in given if one.encode() in kept] == []


def test_what_is_asked_for_is_listed(vendor: Vendor, profile: Profile, quick: None) -> None:
    profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked)

    [one] = profile.json("connectors", "list")["accounts"]
    assert one["scopes"] == list(SCOPES[vendor.kind])
    assert ", ".join(SCOPES[vendor.kind]) in profile.tell("connectors", "list")


def test_whoever_opts_out_is_told_where_the_consent_went(vendor: Vendor, profile: Profile, quick: None) -> None:
    profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked)
    profile.tell("sync")

    assert TAKEN_BACK[vendor.kind] in profile.tell("connectors", "disable", vendor.kind, "--yes")
    assert not (profile.home / "auld.secrets").exists()
    if vendor.kind == "google":
        assert all(grant.dead for grant in vendor.fake.consents.grants)


def test_without_a_consent_nothing_is_written(vendor: Vendor, profile: Profile, quick: None) -> None:
    vendor.refuse()
    before = profile.config.read_text()

    assert profile.run("connectors", "add", vendor.kind, ME, *vendor.asked).code == SIGN_IN
    assert profile.config.read_text() == before
    assert not (profile.home / "auld.secrets").exists()


class TestTheFirstFiveMinutes:
    @pytest.fixture(autouse=True)
    def lately(self, vendor: Vendor) -> None:
        """Some mails to and fro in the last weeks."""
        for n in range(6):
            at = MORNING - timedelta(days=2 + n)
            vendor.deliver(letter(at, f"Matter {n}", mine=n % 2 == 0), n % 2 == 0, at)

    @staticmethod
    def run(vendor: Vendor, profile: Profile, monkeypatch: pytest.MonkeyPatch, *typed: str, yes: bool = False) -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        more = ("--yes",) if yes else ()
        return profile.run("init", ME, "--kind", vendor.kind, *vendor.asked, *more)

    def test_people_are_shown_before_anything_is_kept(
        self, vendor: Vendor, profile: Profile, quick: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = profile.config.read_text()
        said = self.run(vendor, profile, monkeypatch, "n")

        assert said.code == ERROR
        assert "three mails from you, three mails from them" in said.out
        assert (profile.config.read_text(), [one.name for one in profile.home.iterdir()]) == (before, ["config.toml"])

    def test_the_digest_in_the_inbox_is_a_second_consent(
        self, vendor: Vendor, profile: Profile, quick: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = self.run(vendor, profile, monkeypatch, "y", "append", "07:00")

        assert said.code == 0, said
        assert "one more right is needed" in said.out
        assert DIGESTS[vendor.kind] not in said.out.partition("Write this")[0].partition("[accounts.")[0]
        assert DIGESTS[vendor.kind] in profile.json("connectors", "list")["accounts"][0]["scopes"]
        assert "6 read, 6 new" in profile.tell("sync")

    def test_whoever_agrees_to_all_consents_once(
        self, vendor: Vendor, profile: Profile, quick: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = self.run(vendor, profile, monkeypatch, yes=True)

        assert said.code == 0, said
        assert said.out.count("will be asked for:") == 1
        assert DIGESTS[vendor.kind] in said.out
        assert profile.json("config", "show")["settings"]["digest"]["via"] == "append"


DIGESTS = {"google": "https://www.googleapis.com/auth/gmail.insert", "microsoft": "Mail.Send"}

SYNC = """
import json, sys
from datetime import datetime
import config.keys
from agent import wiring
from connectors import {module}

config.keys.ALLOWED = {{}}
wiring.now = lambda: datetime.fromisoformat({now!r})
{module}.{where} = {module}.Endpoints(**json.loads(sys.argv.pop()))
from agent.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
print()
print(json.dumps([code, sorted(sys.modules)]))
"""
"""A sync in a process of its own, at the vendor's fake; and what was imported for it."""

OTHERS = {
    "google": ("msal", "connectors.graph", "connectors.microsoft", "connectors.outlook", "connectors.google_calendar"),
    "microsoft": ("google", "googleapiclient", "connectors.google", "connectors.gmail", "connectors.outlook_calendar"),
}


def test_nothing_of_the_other_vendor_or_of_a_part_that_is_off_is_imported(
    vendor: Vendor, profile: Profile, quick: None
) -> None:
    vendor.deliver(letter(MORNING), False, MORNING)
    profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked)
    module, where = ("google_api", "GOOGLE") if vendor.kind == "google" else ("graph", "MICROSOFT")
    ends = asdict(getattr(google_api if vendor.kind == "google" else graph, where))
    program = SYNC.format(module=module, where=where, now=MORNING.isoformat())
    done = subprocess.run(
        [sys.executable, "-c", program, "sync", json.dumps(ends, default=str)],
        env={**os.environ, "AULD_HOME": str(profile.home)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.stderr == ""
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    assert "1 read, 1 new" in done.stdout
    assert [one for one in modules if one.startswith(OTHERS[vendor.kind])] == []


DAEMON = """
import json, sys
import config.keys
from agent import wiring
from agent.cli.foreground import stay
argv = lambda task, at: [sys.executable, "-c", {worker!r}, sys.argv[1], *wiring.worker_argv(task, at)[3:]]
sys.exit(stay(argv=argv))
"""
WORKER = """
import json, sys
import config.keys
from agent import worker
from connectors import {module}
config.keys.ALLOWED = {{}}
{module}.{where} = {module}.Endpoints(**json.loads(sys.argv[1]))
sys.exit(worker.main(sys.argv[2:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_log_tells_what_stands_in_the_mailbox(vendor: Vendor, profile: Profile, quick: None) -> None:
    subjects = [f"Secret matter {n}" for n in range(3)]
    for subject in subjects[:2]:
        vendor.deliver(letter(MORNING, subject), False, MORNING)
    profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked)
    module, where = ("google_api", "GOOGLE") if vendor.kind == "google" else ("graph", "MICROSOFT")
    ends = asdict(getattr(google_api if vendor.kind == "google" else graph, where))
    worker = WORKER.format(module=module, where=where)
    profile.at = datetime.now(UTC)
    with daemon(profile, DAEMON.format(worker=worker), json.dumps(ends, default=str)) as one:
        one.until(lambda: glance(one.store).accounts, 60)
        profile.run("sync", vendor.kind)
        one.until(lambda: one.items(vendor.kind) == 2, 60)
        one.until(lambda: not one.workers(), 60)
        vendor.deliver(letter(MORNING, subjects[2]), False, MORNING)
        with profile.opened() as (_, store):
            ids = [remote for (remote,) in store.rows("SELECT remote FROM placement")]
        vendor.server.at(".*", Fault(instead=Answer.html(PAGE.format(" ".join([*subjects, *ids, ME])), 500)))
        profile.run("sync", vendor.kind)
        said = one.until(lambda: "waiting" in one.log() and one.log(), 60)
    kept = {path.name: path.read_bytes() for path in profile.home.rglob("*") if path.is_file()}
    logged = said.encode() + b"".join(text for name, text in kept.items() if not name.startswith("auld."))

    for secret in [*subjects, *ids, "bob@bob.example", *vendor.secrets()]:
        assert secret.encode() not in logged


@pytest.mark.parametrize("read", ["headers", "text"])
def test_what_two_connectors_bring_counts_once(
    vendor: Vendor, profile: Profile, quick: None, dovecot: Dovecot, read: str
) -> None:
    user = dovecot.user()
    mails = [letter(MORNING - timedelta(days=n), f"Matter {n}", mine=n % 3 == 0) for n in range(9)]
    for n, mail in enumerate(mails):
        at = MORNING - timedelta(days=n)
        vendor.deliver(mail, n % 3 == 0, at)
        user.append(mail, "Sent" if n % 3 == 0 else "INBOX", at=at)
    imap = f'kind = "imap"\naddress = "{user.name}"\nhost = "127.0.0.1"\nport = {user.server.imap_port}\n'
    more = f'security = "none"\nsecret_command = ["echo", "{user.password}"]\nread = "{read}"\n'
    profile.config.write_text(f'{profile.config.read_text()}[me]\naddresses = ["{ME}"]\n[accounts.home]\n{imap}{more}')
    profile.tell("sync")
    alone = profile.json("people")
    profile.tell("connectors", "add", vendor.kind, ME, *vendor.asked, "--read", read)
    profile.tell("sync")

    assert [one["items"] for one in profile.json("status")["accounts"]] == [9, 9]
    assert profile.json("people") == alone
    with profile.opened() as (_, store):
        assert store.one("SELECT count(*) FROM item") == 9


def letter(at: datetime, subject: str = "A word", *, mine: bool = False) -> bytes:
    mail = EmailMessage()
    bob, me = "Bob <bob@bob.example>", f"Nora Lindqvist <{ME}>"
    mail["From"], mail["To"] = (me, bob) if mine else (bob, me)
    mail["Subject"], mail["Date"], mail["Message-ID"] = subject, at, f"<{subject.replace(' ', '.')}@bob.example>"
    mail.set_content("Hello")
    return mail.as_bytes()
