"""What a domain says of its mailboxes is believed only where it makes sense."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors import autoconfig
from connectors.autoconfig import KNOWN, SENDS, Place, Places, Server, asked, behind, known, look_up, servers
from connectors.contract import Session
from connectors.web import Web
from tests.servers import web as served

ME = "nora@fernhill.example"


def said(*incoming: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{head}<clientConfig version="1.1"><emailProvider id="x">'
        f"{''.join(incoming)}</emailProvider></clientConfig>"
    ).encode()


def incoming(
    host: str = "mail.fernhill.example",
    port: str = "993",
    socket: str = "SSL",
    user: str = "%EMAILADDRESS%",
    kind: str = "imap",
) -> str:
    return (
        f'<incomingServer type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{socket}</socketType><username>{user}</username></incomingServer>"
    )


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (said(incoming()), [Server("mail.fernhill.example")]),
        (said(incoming(user="%EMAILLOCALPART%")), [Server("mail.fernhill.example", user="nora")]),
        (said(incoming(host="imap.%EMAILDOMAIN%")), [Server("imap.fernhill.example")]),
        (said(incoming(host="IMAP.Fernhill.Example.")), [Server("imap.fernhill.example")]),
        (
            said(incoming(port="143", socket="STARTTLS"), incoming(host="b.example")),
            [Server("b.example"), Server("mail.fernhill.example", 143, "starttls")],
        ),
        (said(incoming(kind="pop3")), []),
        (said(incoming(socket="plain")), []),
        (said(incoming(port="many")), []),
        (said(incoming(port="70000")), []),
        (said(incoming(host="192.0.2.1")), []),
        (said(incoming(host="https://a.example/b")), []),
        (said(incoming(host="a b.example")), []),
        (said(incoming(host="")), []),
        (said(incoming(user="a&#10;b")), []),
        (said('<incomingServer type="imap"/>'), []),
        (said(), []),
        (b"<html><body>Not here</body>", []),
        (b"\xff\xfe\x00", []),
        (b"", []),
        (said(incoming("&a;"), head='<!DOCTYPE c [<!ENTITY a "mail.fernhill.example">]>'), []),
        (said(incoming("&a;"), head='<!DOCTYPE c [<!ENTITY a SYSTEM "file:///etc/hostname">]>'), []),
    ],
    ids=[
        "by the address", "by its first part", "the domain in the name", "capitals and a dot", "tls before starttls",
        "pop", "unprotected", "a port in words", "a port too high", "a number", "a web address", "a blank", "no host",
        "a line break in the name", "empty", "no server", "a page for people", "bytes", "nothing", "an entity",
        "a file of this machine",
    ],
)  # fmt: skip
def test_a_document_is_read(told: bytes, found: list[Server]) -> None:
    assert list(servers(told, ME)) == found


@pytest.mark.parametrize(
    ("address", "ways", "host", "user"),
    [
        ("nora@gmail.com", ("imap", "google"), "imap.gmail.com", ""),
        ("nora@hotmail.com", ("microsoft",), "", ""),
        ("nora@icloud.com", ("imap",), "imap.mail.me.com", "nora"),
        ("nora@Fastmail.com", ("imap",), "imap.fastmail.com", ""),
        ("nora@posteo.de", ("imap",), "posteo.de", ""),
        ("nora@proton.me", (), "", ""),
    ],
)
def test_the_great_providers_are_known(address: str, ways: tuple[str, ...], host: str, user: str) -> None:
    place = known(address)

    assert place
    assert place.ways == ways
    assert ((place.server.host, place.server.user) if place.server else ("", "")) == (host, user)


def test_what_is_known_makes_sense() -> None:
    assert all(place.server or "imap" not in place.ways for place in KNOWN.values())
    assert all(place.note for place in KNOWN.values() if not place.ways)
    assert known(ME) is None
    assert behind(Server("outlook.office365.com")) == KNOWN["outlook.com"]


def test_who_would_be_asked_can_be_shown_first() -> None:
    assert asked("nora@grün.example") == [
        "https://autoconfig.xn--grn-ioa.example/mail/config-v1.1.xml?emailaddress=nora%40gr%C3%BCn.example",
        "https://xn--grn-ioa.example/.well-known/autoconfig/mail/config-v1.1.xml",
    ]
    assert asked(ME, public=True) == ["https://autoconfig.thunderbird.net/v1.1/fernhill.example"]


@pytest.mark.parametrize("domain", ["a/../b", "a?b", "a#b", "a:1", "[::1]"])
def test_a_domain_is_a_part_of_no_other_address(domain: str) -> None:
    """What is odd in it is quoted: it can lead to no other host than the one that is shown."""
    assert all(url.count("/") <= 6 and " " not in url for url in asked(f"nora@{domain}"))


class TestAsking:
    @pytest.fixture
    def web(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[served.Web]:
        with served.Web(tls=True) as found:
            monkeypatch.setenv("SSL_CERT_FILE", str(found.ca))
            yield found

    @staticmethod
    def ask(web: served.Web, *, private: bool = True, silence: float = 5) -> Place | None:
        session = Session(time.monotonic, time.monotonic() + 20, silence=silence)
        door = Web(session, now=datetime(2026, 5, 12, tzinfo=UTC), private=private)
        places = Places((web.url("/first"), web.url("/second")))
        return look_up(ME, door, asked(ME, places=places))

    def test_the_first_that_knows_is_believed(self, web: served.Web) -> None:
        web.serve("/second", said(incoming()))

        assert self.ask(web) == Place(server=Server("mail.fernhill.example"), source="localhost")
        assert [one.path for one in web.asked] == ["/first", "/second"]

    def test_nobody_who_knows_is_no_trouble(self, web: served.Web) -> None:
        assert self.ask(web) is None

    @pytest.mark.parametrize("act", [served.CUT, served.RESET, served.HANG_UP, served.STALL])
    def test_whatever_goes_wrong_the_next_is_asked(self, act: served.Act, web: served.Web) -> None:
        web.serve("/first", said(incoming(host="a.example")))
        web.serve("/second", said(incoming()))
        web.act, web.acts = act, 1

        place = self.ask(web, silence=0.5)
        assert place
        assert place.server in (Server("mail.fernhill.example"), Server("a.example"))

    def test_an_answer_without_end_is_no_answer(self, web: served.Web) -> None:
        web.serve("/first", b"<a>" + b" " * autoconfig.LARGEST)
        web.serve("/second", said(incoming()))

        assert self.ask(web)

    def test_a_certificate_that_does_not_hold_is_no_answer(
        self, web: served.Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        web.serve("/first", said(incoming()))
        monkeypatch.delenv("SSL_CERT_FILE")

        assert self.ask(web) is None
        assert web.asked == []

    def test_the_users_own_network_is_not_asked(self, web: served.Web) -> None:
        web.serve("/first", said(incoming()))

        assert self.ask(web, private=False) is None
        assert web.asked == []

    def test_a_circle_ends(self, web: served.Web) -> None:
        web.answer = lambda _: served.Reply(302, b"", {"Location": "/first"})

        assert self.ask(web) is None
        assert len(web.asked) == 2 * (autoconfig.MOVES + 1)

    def test_a_domain_at_a_great_provider_is_offered_its_ways(self, web: served.Web) -> None:
        web.serve("/first", said(incoming(host="outlook.office365.com")))

        place = self.ask(web)
        assert place
        assert place.ways == ("microsoft",)


def test_what_takes_mail_stands_beside_the_mailbox() -> None:
    outgoing = incoming(host="smtp.fernhill.example", port="587", socket="STARTTLS", kind="smtp")
    told = said(incoming(), outgoing.replace("incomingServer", "outgoingServer"), outgoing)

    assert list(servers(told, ME, "smtp")) == [Server("smtp.fernhill.example", 587, "starttls")]
    assert list(servers(told, ME)) == [Server("mail.fernhill.example")]


def test_each_provider_that_is_known_has_a_server_that_takes_mail() -> None:
    hosts = {place.server.host for place in KNOWN.values() if place.server}

    assert SENDS.keys() == hosts
