"""The digest is answered from a phone: by mails to oneself, over a real server, and by nothing else."""

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.utils import format_datetime, parsedate_to_datetime
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from agent import config_file, demo, schedule, wiring
from agent.model import Statement
from agent.schedule import Moment
from agent.store.glance import plan
from agent.worker import main as work_of
from config import keys
from config.paths import paths
from tests.profiles import HEADERS, TEXT, ZONE, Profile
from tests.servers.dovecot import Dovecot, User
from tests.servers.smtp import Post, running
from tests.walk.test_delivery import account, add, inbox, login, put, worker

ME = demo.ME
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Links(HTMLParser):
    """What a thumb can press: label -> link."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.found[str(given["aria-label"])] = str(given["href"])


@dataclass
class Phone:
    """A mail program that knows nothing of auld: it shows the inbox, and keeps what it sends in Sent."""

    user: User
    me: str = ME
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def digests(self) -> list[Message]:
        """Oldest first."""
        return [mail for mail in inbox(self.user) if "List-Id" in mail and "auld" in str(mail["List-Id"])]

    def links(self) -> dict[str, str]:
        """Those of the newest digest."""
        [html] = [part for part in self.digests()[-1].walk() if part.get_content_type() == "text/html"]
        return Links(bytes(html.get_payload(decode=True)).decode()).found

    def press(self, label: str, at: datetime, text: str = "") -> EmailMessage:
        """Press a link, and send what it opens."""
        link = urlsplit(self.links()[label])
        said = {name: values[0] for name, values in parse_qs(link.query).items()}
        return self.send(unquote(link.path), said["subject"], said.get("body", "") + text, at)

    def reply(self, text: str, at: datetime) -> EmailMessage:
        """Answer the newest digest, above its quote."""
        digest = self.digests()[-1]
        quoted = f"{text}\n\nOn 12 May 2026, at 07:00, auld <{self.me}> wrote:\n\n> 1. Somebody\n> 3 never\n"
        return self.send(self.me, f"Re: {digest['Subject']}", quoted, at, answers=digest["Message-ID"])

    def send(self, to: str, subject: str, text: str, at: datetime, answers: str = "") -> EmailMessage:
        """A copy goes to Sent; what is sent to oneself comes in, too."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Date"] = f"Nora <{self.me}>", to, subject, format_datetime(at)
        mail["Message-ID"] = f"<{next(self.numbers)}.{at.timestamp():.0f}@phone.example>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(text)
        for folder in ("Sent", "INBOX") if to == self.me else ("Sent",):
            self.user.append(mail.as_bytes(), folder)
        return mail


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ALLOWED", {})


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.user()


@pytest.fixture
def phone(user: User) -> Phone:
    return Phone(user)


@pytest.fixture
def nora_s(nora: Profile, user: User) -> Profile:
    """Nora's profile, whose digest goes into her mailbox on a server, of which headers are read."""
    put(nora, via="append")
    add(nora, account(user, user.server.imap_port))
    login(nora, "home")
    return nora


def morning(profile: Profile) -> None:
    """What the daemon does until the digest is out."""
    for words in (("round", "home"), ("learn",), ("digest",)):
        code, said = worker(profile, *words)
        assert code == 0, said


def live(profile: Profile, until: datetime) -> None:
    """Let the daemon's schedule go on until then, looking every three hours, by its own workers."""
    woke = int(profile.at.timestamp())
    while profile.at < until:
        with profile.entered():
            found, now = paths(), int(profile.at.timestamp())
            for _ in range(6):  # one thing leads to another: a round to learning, both to a digest
                moment = Moment(now, ZONE, woke, config_file.looked_at(found.config), frozenset(), {})
                tasks = list(schedule.due(plan(found.store), moment))
                for task in tasks:
                    with redirect_stdout(io.StringIO()) as out:
                        assert work_of(wiring.worker_argv(task, profile.at)[3:]) == 0, out.getvalue()
                if not tasks:
                    break
        profile.at += 3 * HOUR


def named(phone: Phone) -> list[str]:
    """Whom the newest digest proposes, by number."""
    return [label.removeprefix("Later: ") for label in phone.links() if label.startswith("Later: ")]


def statements(profile: Profile) -> list[Statement]:
    with profile.opened() as (_, store):
        return store.stated(int(profile.at.timestamp()))


def said(profile: Profile) -> list[tuple[str, str]]:
    """(what was answered, of whom), oldest first."""
    with profile.opened() as (_, store):
        people = [(one.verb, store.person_of(one.addresses[0])) for one in statements(profile)]
        return [(verb, person.name if person else "") for verb, person in people]


@pytest.fixture
def post(tmp_path: Path, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """The mail server of Nora's provider: what it takes for her comes into her inbox."""
    with running(tmp_path) as made:
        made.hands_on = lambda mail: user.append(mail.content)
        monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))
        yield made


def through(profile: Profile, post: Post) -> None:
    """From now on the digest goes through the mail server."""
    put(profile, via="smtp")
    add(profile, f'\n[smtp]\nhost = "localhost"\nport = {post.port}\nuser = "nora"\n')
    login(profile, "smtp", password=post.password)


def drafts(user: User) -> list[bytes]:
    """What lies among the user's drafts, oldest first."""
    with user.signed_in("Drafts") as client:
        return [mail[b"BODY[]"] for _, mail in sorted(client.fetch(client.search(), ["BODY.PEEK[]"]).items())]


@pytest.mark.parametrize("way", ["append", "smtp", "smtp and drafts"])
def test_a_week_of_mornings(nora_s: Profile, phone: Phone, user: User, post: Post, way: str) -> None:
    profile = nora_s
    if way != "append":
        through(profile, post)
    if way == "smtp and drafts":
        profile.config.write_text(profile.config.read_text().replace('via = "smtp"', 'via = "smtp"\ndrafts = true'))
    live(profile, profile.at + HOUR)
    profile.at -= 3 * HOUR
    later, never, written = named(phone)

    phone.press(f"Later: {later}", profile.at + HOUR)
    phone.press(f"Never: {never}", profile.at + 2 * HOUR)
    write = urlsplit(phone.links()[f"Write: {written}"])
    if way == "smtp and drafts":
        begun = message_from_bytes(drafts(user)[2])
        assert unquote(write.path) in str(begun["To"])
        begun.replace_header("Date", format_datetime(profile.at + 3 * HOUR))
        user.append(begun.as_bytes(), "Sent")
        user.expunge(user.uids("Drafts")[2:], "Drafts")
    else:
        phone.send(unquote(write.path), parse_qs(write.query)["subject"][0], "Dear, ...", profile.at + 3 * HOUR)

    shown: list[set[str]] = []
    for passed in range(7):
        before = len(phone.digests())
        worth = passed and profile.at.weekday() < 5 and (profile.names() or profile.at.weekday() == 0)
        live(profile, profile.at + DAY)
        assert len(phone.digests()) == before + bool(worth), profile.at
        if len(phone.digests()) > before:
            shown.append(set(named(phone)))

    assert said(profile) == [("later", later), ("never", never)]
    assert shown, "somebody else was proposed"
    assert not any({later, never, written} & each for each in shown)
    assert "You said later: not before 26 May." in profile.tell("why", later)
    assert "You said never, on 12 May." in profile.tell("why", never)
    assert "You were in contact" in profile.tell("why", written)
    days = [parsedate_to_datetime(str(mail["Date"])).date() for mail in phone.digests()]
    assert len(days) == len(set(days))
    assert {profile.at.date() - 7 * DAY, profile.at.date() - DAY} <= set(days), "the first one, and Monday's"
    assert all(day.weekday() < 5 for day in days)
    assert len(post.received) == (len(days) if way != "append" else 0)
    assert all(mail.recipients == (ME,) for mail in post.received)
    wanted = 2 + sum(map(len, shown)) if way == "smtp and drafts" else 0
    assert len(drafts(user)) == wanted, "one for each proposal, less the one that was sent"

    assert profile.tell("undo") == f"Taken back: never, said of {never}.\n"
    user.set_uid_validity(77, "Sent")
    profile.at += DAY
    morning(profile)
    assert said(profile) == [("later", later)], "what was undone is not done again by reading it again"
    assert profile.tell("undo") == f"Taken back: later, said of {later}.\n"
    morning(profile)
    assert said(profile) == []
    assert "not obeyed" not in profile.tell("digest", "--dry-run")


@pytest.mark.parametrize("read", [HEADERS, TEXT], ids=["headers", "text"])
def test_a_reply_in_words_is_read_and_no_other_text_where_headers_are(
    nora_s: Profile, phone: Phone, dovecot: Dovecot, read: str
) -> None:
    add(nora_s, "")
    config = nora_s.config.read_text()
    nora_s.config.write_text(config.replace('kind = "imap"\n', f'kind = "imap"\n{read}\n'))
    morning(nora_s)
    first, second, _ = named(phone)

    phone.send("ada@guild.example", "A secret", "xylophone", nora_s.at + HOUR)
    phone.reply("1 later, 2 not now", nora_s.at + 2 * HOUR)
    nora_s.at += DAY
    morning(nora_s)

    assert said(nora_s) == [("later", first), ("not now", second)]
    kept = b"".join(file.read_bytes() for file in nora_s.home.glob("auld.db*"))
    assert (b"xylophone" in kept) is (read == TEXT)


def test_what_was_not_sent_by_the_user_is_told_of_and_not_obeyed(nora_s: Profile, phone: Phone, user: User) -> None:
    morning(nora_s)
    first, *_ = named(phone)
    phone.press(f"Never: {first}", nora_s.at + HOUR)
    user.expunge(user.uids("Sent"), "Sent")
    nora_s.at += 3 * HOUR
    morning(nora_s)
    nora_s.at += DAY - 3 * HOUR
    phone.reply("2 later, 7 never", nora_s.at - HOUR)
    morning(nora_s)

    assert said(nora_s) == []
    text = " ".join(nora_s.tell("digest", "--dry-run").split())
    told = "An answer to the digest of Tuesday, 12 May 2026 was not obeyed: it is not among your sent mails."
    assert text.count(told) == 1
    nora_s.at += DAY
    morning(nora_s)
    text = " ".join(nora_s.tell("digest", "--dry-run").split())
    assert told not in text
    assert "was not obeyed: nobody stands under number 7 of it." in text


def test_an_answer_is_no_contact_and_is_not_found(nora_s: Profile, phone: Phone) -> None:
    morning(nora_s)
    first, *_ = named(phone)
    phone.press(f"Later: {first}", nora_s.at + HOUR)
    phone.reply("2 later", nora_s.at + HOUR)
    nora_s.at += DAY
    morning(nora_s)

    assert nora_s.json("find", "auld later")["hits"] == []
    assert nora_s.json("find", "people to write to")["hits"] == []
    with nora_s.opened() as (_, store):
        found = [fact for fact in store.facts(until=int(nora_s.at.timestamp())) if "auld later" in fact.subject]
        assert found
        assert all(fact.evidence == ("ours",) for fact in found)


def test_a_digest_on_the_screen_does_not_change_whom_the_mail_means(nora_s: Profile, phone: Phone) -> None:
    morning(nora_s)
    first, *_ = named(phone)
    config = nora_s.config.read_text()
    nora_s.config.write_text(config.replace("never = [", f'never = ["{first}", '))
    nora_s.tell("digest", "--via", "stdout")
    nora_s.config.write_text(config)

    phone.press(f"Later: {first}", nora_s.at + HOUR)
    nora_s.at += DAY
    morning(nora_s)

    assert said(nora_s) == [("later", first)]


def test_a_test_of_the_way_decides_nothing(nora_s: Profile, phone: Phone) -> None:
    nora_s.tell("digest", "--test")
    first, *_ = named(phone)
    phone.press(f"Never: {first}", nora_s.at + HOUR)
    morning(nora_s)
    nora_s.at += DAY
    morning(nora_s)

    assert said(nora_s) == []
    assert "not obeyed" not in nora_s.tell("digest", "--dry-run")


def test_the_mail_is_small_and_has_no_link_of_ours_but_mails(nora_s: Profile, phone: Phone) -> None:
    morning(nora_s)
    [digest] = phone.digests()

    assert len(digest.as_bytes()) < 20_000
    for label, link in phone.links().items():
        assert len(link.encode()) <= 1_800
        assert urlsplit(link).scheme == "mailto" or label.startswith("Read: ")
    assert message_from_bytes(digest.as_bytes())["Auto-Submitted"] == "auto-generated"
