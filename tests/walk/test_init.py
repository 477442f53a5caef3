"""A stranger's first five minutes: an address, a password, and there are people; then a digest each morning."""

import io
import mailbox
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent import demo
from agent.cli import firstlook
from agent.cli.ends import ERROR, INTERRUPTED, SIGN_IN, USAGE
from connectors import autoconfig, srv
from tests.connectors.test_srv import NameServer, name, record, reply
from tests.profiles import MORNING, Profile, Said
from tests.servers.dovecot import Dovecot, User
from tests.servers.smtp import Post, running
from tests.servers.web import Reply, Request, Web

ME = demo.ME
DOMAIN = ME.partition("@")[2]

ANSWER = """\
<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="x"><domain>x</domain>
<incomingServer type="pop3"><hostname>pop.x</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>{host}</hostname><port>{port}</port><socketType>SSL</socketType>
<username>{user}</username></incomingServer>
</emailProvider></clientConfig>
"""


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A machine without a keyring, and with a folder of its own for what is temporary."""
    monkeypatch.setattr("config.keys.ALLOWED", {})
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return Profile(tmp_path / "home", MORNING)


@pytest.fixture
def nora(dovecot: Dovecot, tmp_path: Path) -> User:
    """The demo's mailbox on a real server."""
    user = dovecot.user()
    (tmp_path / "demo.mbox").write_bytes(demo.mailbox(MORNING))
    with closing(mailbox.mbox(tmp_path / "demo.mbox")) as box:
        mails = list(box)
    for folder, label in (("INBOX", "Inbox"), ("Sent", "Sent")):
        user.fill((mail.as_bytes() for mail in mails if mail["X-Gmail-Labels"] == label), folder)
    return user


@pytest.fixture
def web(dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The web of the domain, on loopback; its authority and the mailbox's are believed."""
    with Web(tls=True) as found:
        own = (found.url("/first?{address}"), found.url("/second"))
        places = autoconfig.Places(own, found.url("/list/{domain}"), private=True)
        monkeypatch.setattr(autoconfig, "PLACES", places)
        both = tmp_path / "both.pem"
        both.write_bytes(found.ca.read_bytes() + dovecot.ca.read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(both))
        monkeypatch.setattr(srv, "RESOLV", tmp_path / "resolv.conf")  # there is none: no name server
        yield found


def answer(user: User, host: str = "localhost") -> bytes:
    return ANSWER.format(host=host, port=user.server.imaps_port, user=user.name).encode()


def typing(profile: Profile, monkeypatch: pytest.MonkeyPatch, *lines: str, flags: tuple[object, ...] = ()) -> Said:
    """`auld init` by somebody who types these lines."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    return profile.run("init", ME, *flags)


def flags_of(user: User) -> tuple[object, ...]:
    return ("--host", "127.0.0.1", "--port", user.server.imap_port, "--security", "none", "--user", user.name)


def left(profile: Profile) -> list[Path]:
    """What is on the disk of it."""
    temporary = profile.home.parent / "tmp"
    return [*profile.home.rglob("*"), *(one for one in temporary.iterdir() if not one.name.startswith("auld-web-"))]


def test_from_an_address_to_a_digest_each_morning(
    profile: Profile, nora: User, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.serve("/second", answer(nora))
    began = time.monotonic()
    said = typing(profile, monkeypatch, "y", "y", "y", nora.password, "y", "append", "06:30")

    assert (said.code, time.monotonic() - began < 110) == (0, True), said
    assert f"localhost, port {nora.server.imaps_port}" in said.out
    people, section = said.out.index("Clara Jensen: You wrote last"), said.out.index("[accounts.fernhill]")
    assert people < section < said.out.index('via = "append"')
    assert [one.path for one in web.asked] == [f"/first?{ME.replace('@', '%40')}", "/second"]
    assert left(profile) == list(profile.home.rglob("*"))
    profile.tell("sync")
    assert "Clara Jensen" in profile.names()
    assert profile.json("config", "show")["settings"]["digest"]["at"] == "06:30:00"


def test_flags_answer_all_but_the_password(profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ("--yes", "--key-file", "--name", "home", "--read", "text", "--at", "08:15", *flags_of(nora))
    said = typing(profile, monkeypatch, nora.password, flags=flags)

    assert (said.code, said.err) == (0, ""), said
    assert profile.config.read_text().endswith(
        f"""\
[accounts.home]
kind = "imap"
address = "{ME}"
host = "127.0.0.1"
port = {nora.server.imap_port}
security = "none"
user = "{nora.name}"
read = "text"

[digest]
via = "append"
at = "08:15"

[secrets]
file = true
"""
    )
    assert "1 on, 0 off" in profile.tell("config", "check")


def test_three_people_are_shown_before_anything_else_is_asked(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typing(profile, monkeypatch, "y", nora.password, flags=flags_of(nora))

    assert said.code == USAGE
    assert "Nobody answered, so that nothing was changed." in said.err
    people = [line for line in said.out.splitlines() if line.startswith("    ") and ": " in line and "+" not in line]
    assert len(people) == 3
    assert left(profile) == []


def test_where_the_time_is_up_nobody_is_said_to_be_silent(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firstlook, "RESERVE", 1e9)  # after the first page of each folder
    said = typing(profile, monkeypatch, nora.password, "n", flags=("--key-file", *flags_of(nora)))

    assert "Nobody seems to wait for a word from you." in said.out
    assert "Most went to and fro in the last 90 days with:" in said.out
    assert "mails were read for this. There is more to say when all of them were." in said.out


def test_a_mailbox_without_anybody_is_said_to_be_one(
    profile: Profile, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = dovecot.user()
    said = typing(profile, monkeypatch, user.password, flags=("--yes", "--key-file", *flags_of(user)))

    assert said.code == 0, said
    assert "In the last 90 days, no mail went to and fro with anybody." in said.out


def test_whoever_says_no_at_the_end_leaves_nothing(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typing(profile, monkeypatch, "y", nora.password, "n", flags=flags_of(nora))

    assert (said.code, left(profile)) == (ERROR, [])
    assert said.err.endswith("Stopped. Nothing was written, and nothing is kept.\n")


def test_an_interrupt_while_it_reads_leaves_nothing(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("connectors.imap.Imap.pull", lambda *_: interrupted(_))
    said = typing(profile, monkeypatch, nora.password, flags=("--key-file", *flags_of(nora)))

    assert (said.code, left(profile)) == (INTERRUPTED, [])


def test_what_a_killed_look_has_left_goes_with_the_next(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = profile.home / "state" / "first-look-x"
    rest.mkdir(parents=True)
    (rest / "auld.db").write_text("somebody")
    typing(profile, monkeypatch, nora.password, "n", flags=("--key-file", *flags_of(nora)))

    assert left(profile) == [profile.home / "state"]
    rest.mkdir(parents=True)
    profile.tell("forget", "--all", "--yes")
    assert not rest.exists()


def test_a_wrong_password_may_be_mended_and_one_that_stays_wrong_leaves_nothing(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = ("--key-file", *flags_of(nora))
    said = typing(profile, monkeypatch, "wrong", nora.password, flags=flags)
    assert "does not accept" in said.err or "refuse" in said.err or "sign" in said.err
    assert "Signed in." in said.out

    said = typing(profile, monkeypatch, "wrong", "wrong", "wrong", nora.password, flags=flags)
    assert (said.code, left(profile)) == (SIGN_IN, [])
    said = typing(profile, monkeypatch, "wrong", flags=("--yes", *flags))
    assert (said.code, left(profile)) == (SIGN_IN, [])


def test_without_a_keyring_nothing_is_kept_in_a_file_unasked(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typing(profile, monkeypatch, nora.password, flags=("--yes", *flags_of(nora)))

    assert (said.code, left(profile)) == (SIGN_IN, [])
    assert "There is no keyring here" in said.err


def test_a_program_tells_the_password_and_nothing_is_kept(
    profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = f"echo {nora.password}"
    said = typing(profile, monkeypatch, flags=("--yes", "--password-command", command, *flags_of(nora)))

    assert said.code == 0, said
    assert not (profile.home / "auld.secrets").exists()
    assert f'secret_command = ["echo", "{nora.password}"]' in profile.config.read_text()


def test_a_second_address_is_a_second_account_and_the_digest_stays_where_it_is(
    profile: Profile, nora: User, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(profile, monkeypatch, nora.password, flags=("--yes", "--key-file", *flags_of(nora)))
    other = dovecot.user()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{other.password}\ny\n"))
    said = profile.run("init", "nora@lindqvist.example", *flags_of(other))

    assert said.code == 0, said
    settings = profile.json("config", "show")["settings"]
    assert list(settings["accounts"]) == ["fernhill", "lindqvist"]
    assert settings["me"]["addresses"] == [ME, "nora@lindqvist.example"]
    assert (settings["digest"]["via"], settings["digest"]["account"]) == ("append", "fernhill")
    profile.tell("sync")

    again = profile.run("init", "nora@lindqvist.example", "--yes")
    assert (again.code, again.err.partition(".")[0]) == (USAGE, "[accounts")


class TestBySmtp:
    @pytest.fixture
    def post(self, tmp_path: Path, nora: User, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
        (tmp_path / "post").mkdir()
        with running(tmp_path / "post") as made:
            made.password = nora.password
            both = tmp_path / "all.pem"
            both.write_bytes(made.ca.read_bytes() + dovecot.ca.read_bytes())
            monkeypatch.setenv("SSL_CERT_FILE", str(both))
            yield made

    def test_flags_say_all_of_it_and_the_digest_is_sent(
        self, profile: Profile, nora: User, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flags = ("--yes", "--key-file", "--via", "smtp", "--smtp-host", "localhost", "--smtp-port", post.port)
        said = typing(profile, monkeypatch, nora.password, flags=(*flags, *flags_of(nora)))

        assert (said.code, said.err) == (0, ""), said
        assert f'[smtp]\nhost = "localhost"\nport = {post.port}\naccount = "fernhill"\n' in profile.config.read_text()
        assert "Signed in at the server that takes your mail, too." in said.out
        assert post.received == []
        profile.tell("sync")
        profile.tell("digest")
        [mail] = post.received
        assert (mail.sender, mail.recipients, mail.user) == (ME, (ME,), nora.name)

    def test_its_domain_names_the_server_and_the_user_chooses_it(
        self, profile: Profile, nora: User, post: Post, web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        sends = (
            f"<outgoingServer type='smtp'><hostname>localhost</hostname><port>{post.port}</port>"
            f"<socketType>STARTTLS</socketType></outgoingServer></emailProvider>"
        )
        three = tmp_path / "three.pem"
        three.write_bytes((tmp_path / "both.pem").read_bytes() + post.ca.read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(three))
        web.answer = lambda _: Reply(200, answer(nora).replace(b"</emailProvider>", sends.encode()))
        said = typing(profile, monkeypatch, "y", "y", "y", nora.password, "y", "smtp", "")

        assert said.code == 0, said
        assert f"The digest is sent by localhost, port {post.port}, starttls" in said.out
        assert profile.json("config", "show")["settings"]["digest"]["via"] == "smtp"

    def test_a_server_that_refuses_is_told_and_what_is_written_stays(
        self, profile: Profile, nora: User, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        post.password = "another"
        flags = ("--yes", "--key-file", "--via", "smtp", "--smtp-host", "localhost", "--smtp-port", post.port)
        said = typing(profile, monkeypatch, nora.password, flags=(*flags, *flags_of(nora)))

        assert said.code == 0
        assert "refused the sign-in" in said.out
        assert "`auld config edit` mends [smtp]" in said.out
        assert "1 on, 0 off" in profile.tell("config", "check")

    def test_where_no_server_is_known_a_flag_has_to_say_it(
        self, profile: Profile, nora: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flags = ("--yes", "--key-file", "--via", "smtp", *flags_of(nora))
        said = typing(profile, monkeypatch, nora.password, flags=flags)

        assert (said.code, left(profile)) == (USAGE, [])
        assert said.err.endswith("Say it: --smtp-host smtp.example.org\n")

    def test_a_sign_in_on_a_page_sends_no_mail(self, profile: Profile, tmp_path: Path) -> None:
        (tmp_path / "client.json").write_text("{}")
        said = profile.run("init", "n@gmail.com", "--yes", "--client", tmp_path / "client.json", "--via", "smtp")

        assert (said.code, left(profile)) == (USAGE, [])
        assert "--via append puts the digest into the inbox." in said.err


class TestTheLookUp:
    @pytest.mark.parametrize("typed", ["n", ""], ids=["no", "nobody there"])
    def test_nobody_is_asked_without_a_yes(
        self, typed: str, profile: Profile, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        typing(profile, monkeypatch, *filter(None, [typed]))

        assert (web.asked, left(profile)) == ([], [])

    @pytest.mark.parametrize("flags", [("--yes",), ("--yes", "--no-lookup"), ("--no-lookup",)], ids=" ".join)
    def test_nor_by_flags_that_do_not_say_so(
        self, flags: tuple[str, ...], profile: Profile, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said = typing(profile, monkeypatch, flags=flags)

        assert (said.code, web.asked, left(profile)) == (USAGE, [], [])

    def test_the_question_names_who_would_be_asked(self, profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
        said = typing(profile, monkeypatch, "n", "n")

        assert f"autoconfig.{DOMAIN} and {DOMAIN}" in said.out + said.err

    def test_the_flag_is_a_yes_and_the_public_list_has_one_of_its_own(
        self, profile: Profile, web: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        typing(profile, monkeypatch, flags=("--yes", "--lookup"))
        assert len(web.asked) == 2

        typing(profile, monkeypatch, flags=("--yes", "--lookup", "--ispdb"))
        assert [one.path for one in web.asked[4:]] == [f"/list/{DOMAIN}"]

    def test_the_name_server_is_asked_where_the_web_knows_nothing(
        self, profile: Profile, web: Web, nora: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """What it says is unsigned: somebody has to look at it."""
        with NameServer() as names:
            names.believed(monkeypatch, tmp_path)
            port = nora.server.imaps_port
            names.answers = lambda asked: [reply(asked, record(name("localhost"), port))]
            said = typing(profile, monkeypatch, nora.password, flags=("--yes", "--key-file", "--lookup"))
            assert (said.code, left(profile)) == (USAGE, [])
            assert said.err == "Nobody vouches for that. If it is the one that you know, say so: --host localhost\n"

            flags = ("--key-file", "--user", nora.name)
            said = typing(profile, monkeypatch, "y", "y", nora.password, "y", "stdout", "", flags=flags)

        assert said.code == 0, said
        assert f"The DNS of {DOMAIN} says: localhost, port {port}, tls." in said.out

    def test_a_redirect_to_another_host_is_not_followed(
        self, profile: Profile, web: Web, nora: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Web(tls=True) as other:
            web.answer = lambda _: Reply(302, b"", {"Location": other.url("/x", "127.0.0.1")})
            typing(profile, monkeypatch, flags=("--yes", "--lookup"))

            assert (len(web.asked), other.asked) == (2, [])

    def test_one_within_the_host_is(
        self, profile: Profile, web: Web, nora: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def moved(request: Request) -> Reply:
            return Reply(200, answer(nora)) if request.path == "/moved" else Reply(301, b"", {"Location": "/moved"})

        web.answer = moved
        said = typing(profile, monkeypatch, "wrong", flags=("--yes", "--key-file", "--lookup"))

        assert said.code == SIGN_IN
        assert f"port {nora.server.imaps_port}" in said.out


def test_a_provider_that_opens_to_nobody_is_said_to(profile: Profile) -> None:
    said = profile.run("init", "nora@proton.me")

    assert said.code == ERROR
    assert "Bridge" in said.err


def test_microsoft_wants_its_own_page_and_says_what_for(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    said = profile.run("init", "nora@outlook.com")

    assert said.code == USAGE
    assert "docs/microsoft.md" in said.out + said.err


def test_what_is_no_address_is_said(profile: Profile) -> None:
    said = profile.run("init", "nora")

    assert (said.code, said.err) == (USAGE, '"nora" is not an e-mail address.\n')
