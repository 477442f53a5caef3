"""One capped fetch: whole, in time, from where it was meant, against a server that misbehaves byte by byte."""

import gzip
import os
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Credential, NeedsUser, Session, TryLater
from connectors.web import LONGEST_WAIT, REDIRECTS, Web
from tests.servers.web import CUT, DRIP, DRIP_HEADERS, HANG_UP, RESET, STALL, Act, Reply, Request
from tests.servers.web import Web as Server

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ADA = Credential("ada", "hunter2")


def web(*, silence: float = 5.0, lasts: float = 30.0, private: bool = True, **more: Any) -> Web:
    clock = time.monotonic
    return Web(Session(clock, ends=clock() + lasts, silence=silence), now=NOW, private=private, **more)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        found.serve("/a", b"the page", ETag='"1"', Last_Modified="Sun, 01 Mar 2026 07:00:00 GMT")
        yield found


@pytest.fixture(scope="module")
def secure() -> Iterator[Server]:
    with Server(tls=True) as found:
        found.serve("/a", b"the page")
        yield found


def test_a_page_comes_with_its_validators(server: Server) -> None:
    fetched = web().fetch(server.url("/a"))

    assert fetched is not None
    assert (fetched.body, fetched.etag) == (b"the page", '"1"')
    assert fetched.modified == "Sun, 01 Mar 2026 07:00:00 GMT"
    assert b"the page".decode() not in repr(fetched)


def test_what_has_not_changed_is_not_sent_again(server: Server) -> None:
    assert web().fetch(server.url("/a"), etag='"1"') is None
    assert web().fetch(server.url("/a"), etag='"0"') is not None


def test_one_connection_serves_many_requests_and_may_be_closed_between_them(server: Server) -> None:
    door = web()
    door.fetch(server.url("/a"))
    for each in list(server._open):
        each.shutdown(socket.SHUT_RDWR)

    assert door.fetch(server.url("/a")) is not None


# ---- where it goes


INSIDE = (
    "127.0.0.1 10.1.2.3 192.168.1.5 172.16.0.1 169.254.169.254 0.0.0.0 100.64.0.1 224.0.0.1 240.0.0.1"
    " ::1 fd00::1 fe80::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:0a00:0001::"
)


@pytest.mark.parametrize("address", INSIDE.split())
def test_no_address_inside_is_asked_unless_the_user_says_so(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve(monkeypatch, {"cal.example": ["93.184.215.14", address]})

    with pytest.raises(NeedsUser, match=r"cal\.example is at"):
        web(private=False).fetch("https://cal.example/secret")


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1"])
def test_some_addresses_are_never_a_servers(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve(monkeypatch, {"cal.example": [address]})

    with pytest.raises(NeedsUser, match="no server's address"):
        web(private=True).fetch("https://cal.example/secret")


def test_the_connection_goes_to_the_address_that_was_looked_at(secure: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at the second look (DNS rebinding) is looked up once."""
    looks = _resolve(monkeypatch, {"localhost": ["127.0.0.1"]})

    assert web(trusted=secure.ca).fetch(secure.url("/a")) is not None
    assert looks == ["localhost"]


def test_a_redirect_into_the_own_network_is_not_followed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer = lambda _: Reply(302, headers={"Location": "https://cal.example/"})
    _resolve(monkeypatch, {"localhost": ["127.0.0.1"], "cal.example": ["169.254.169.254"]})

    with pytest.raises(NeedsUser, match=r"cal\.example is at 169"):
        web().fetch(server.url("/a"))


def test_http_to_a_name_that_only_looks_like_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _resolve(monkeypatch, {"localhost": ["10.0.0.1"]})

    with pytest.raises(NeedsUser, match="without encryption"):
        web(private=True).fetch("http://localhost/x")


# ---- redirects


def test_redirects_are_followed_and_not_in_circles(server: Server) -> None:
    def answer(request: Request) -> Reply:
        steps = int(request.path[1:])
        return Reply(302, headers={"Location": f"/{steps - 1}"}) if steps else Reply(body=b"there")

    server.answer = answer
    fetched = web().fetch(server.url(f"/{REDIRECTS}"))

    assert fetched is not None
    assert fetched.body == b"there"
    with pytest.raises(TryLater, match="circle"):
        web().fetch(server.url(f"/{REDIRECTS + 1}"))


def test_the_body_of_a_redirect_is_read_no_further_than_any_other(server: Server) -> None:
    server.answer = lambda _: Reply(
        302, gzip.compress(b"0" * 30_000_000), {"Location": "/b", "Content-Encoding": "gzip"}
    )

    with pytest.raises(TryLater, match="more than 1 MB"):
        web().fetch(server.url("/a"), limit=2**20)


def test_a_sign_in_never_goes_to_another_host_or_port(server: Server) -> None:
    with Server() as other:
        for there in (other.url("/b"), server.url("/b", host="127.0.0.1")):
            server.asked.clear()
            other.asked.clear()
            server.serve("/a", b"", 307, Location=there)
            server.serve("/b", b"")
            web().ask("PROPFIND", server.url("/a"), credential=ADA, body=b"<x/>")

            first, second = [*server.asked, *other.asked]
            assert first.headers["authorization"] == "Basic YWRhOmh1bnRlcjI="
            assert "authorization" not in second.headers
            assert (second.method, second.body) == ("PROPFIND", b"<x/>")


def test_a_sign_in_goes_along_within_one_host(server: Server) -> None:
    server.serve("/a", b"", 301, Location="/b")
    server.serve("/b", b"")
    web().ask("GET", server.url("/a"), credential=Credential("ada", "t0ken", "token"))

    assert [request.headers["authorization"] for request in server.asked] == ["Bearer t0ken"] * 2


def test_neither_the_environment_nor_cookies_have_a_say(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as proxy:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.devnull)
        server.serve("/a", b"the page", Set_Cookie="me=1; Path=/")
        door = web()
        for _ in range(2):
            assert door.fetch(server.url("/a")) is not None

        assert proxy.asked == []
        assert not any("cookie" in request.headers for request in server.asked)


# ---- TLS


def test_nobody_is_believed_but_who_was_named(secure: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests has a list of authorities of its own: it is not read, and so cannot add to the system's."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(secure.ca))

    with pytest.raises(TryLater, match="does not hold"):
        web().fetch(secure.url("/a"))


def test_a_certificate_that_is_trusted_for_that_name_is_enough(secure: Server) -> None:
    assert web(trusted=secure.ca).fetch(secure.url("/a")) is not None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_that_is_unknown_or_of_another_name_is_not(secure: Server, host: str) -> None:
    trusted = None if host == "localhost" else secure.ca

    with pytest.raises(TryLater, match=f"{host} cannot be trusted: its certificate does not hold") as told:
        web(trusted=trusted).fetch(secure.url("/a", host=host))
    assert ("SSL_CERT_FILE" in str(told.value)) is (host == "localhost")


def test_a_server_that_speaks_no_tls_is_said_so() -> None:
    with Server(greeting=b"* OK IMAP4 ready\r\n") as plain, pytest.raises(TryLater, match="does not speak TLS"):
        web().fetch(f"https://localhost:{plain.port}/")


# ---- how much, how long


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_no_more_is_read_than_the_limit(server: Server, packed: bool) -> None:
    page = b"0" * 20_000_000
    if packed:
        server.serve("/big", gzip.compress(page), Content_Encoding="gzip")
    else:
        server.serve("/big", page)

    with pytest.raises(TryLater, match="more than 1 MB"):
        web().fetch(server.url("/big"), limit=1_000_000)
    fetched = web().fetch(server.url("/big"))
    assert fetched is not None
    assert fetched.body == page


@pytest.mark.parametrize("length", [True, False], ids=["of a known length", "of unknown length"])
def test_an_endless_body_ends_at_the_limit(server: Server, length: bool) -> None:
    server.answer = lambda _: Reply(body=b"0" * 3_000_000, length=length)

    with pytest.raises(TryLater, match="more than 2 MB"):
        web().fetch(server.url("/"), limit=2 * 2**20)


@pytest.mark.parametrize(
    ("act", "match"),
    [(CUT, "broke off"), (RESET, "broke off"), (HANG_UP, "broke off"), (STALL, "silent")],
)
def test_a_half_answer_is_none(server: Server, act: Act, match: str) -> None:
    server.act = act

    began = time.monotonic()
    with pytest.raises(TryLater, match=match):
        web(silence=0.3).fetch(server.url("/a"))
    assert time.monotonic() - began < 3


def test_a_packed_body_that_was_cut_is_none(server: Server) -> None:
    whole = gzip.compress(os.urandom(5_000))
    server.answer = lambda _: Reply(body=whole[:2_000], headers={"Content-Encoding": "gzip"})

    with pytest.raises(TryLater, match="broke off"):
        web().fetch(server.url("/"))


@pytest.mark.parametrize("act", [DRIP, DRIP_HEADERS])
def test_a_server_that_drips_is_ended_with_the_round(server: Server, act: Act) -> None:
    """A timeout for each read never fires on a byte every 20 ms."""
    server.serve("/a", b"0" * 100_000)
    server.act = act

    began, before = time.monotonic(), threading.active_count()
    with pytest.raises(TryLater):
        web(silence=10, lasts=0.6).fetch(server.url("/a"))
    assert time.monotonic() - began < 2
    assert threading.active_count() <= before + 3  # those of the server that still drips


def test_a_round_that_is_over_asks_nothing(server: Server) -> None:
    with pytest.raises(TryLater, match="took too long"):
        web(lasts=0).fetch(server.url("/a"))
    assert server.asked == []


def test_who_cannot_be_found_or_reached_is_asked_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(TryLater, match="localhost cannot be reached"):
        web().fetch(f"http://localhost:{port}/")
    _resolve(monkeypatch, {})
    with pytest.raises(TryLater, match=r"cal\.example cannot be found"):
        web().fetch("https://cal.example/")


# ---- what it answers


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 599])
def test_what_passes_is_asked_again_later(server: Server, status: int) -> None:
    server.serve("/a", b"<html>", status)

    with pytest.raises(TryLater) as caught:
        web().fetch(server.url("/a"))
    assert caught.value.until is None


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ("0", 0),
        ("2.128", 2.128),
        ("120", 120),
        ("Sun, 01 Mar 2026 08:10:00 GMT", 600),
        ("Sun, 01 Mar 2026 08:10:00 -0000", 600),
        ("Sun, 01 Mar 2020 08:10:00 GMT", 0),
        ("99999999999", LONGEST_WAIT.total_seconds()),
        ("1e400", LONGEST_WAIT.total_seconds()),
        ("Sun, 01 Mar 2099 08:10:00 GMT", LONGEST_WAIT.total_seconds()),
        ("-5", 0),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_a_server_asks_us_to_wait(after: str, seconds: float | None) -> None:
    now = [100.0]
    door = Web(Session(lambda: now[0]), now=NOW)
    now[0] += 7  # the round is seven seconds old

    until = door.until(after)

    expected = None if seconds is None else NOW + timedelta(seconds=seconds + (7 if after[:1] in "0123456789-" else 0))
    if after.startswith("Sun") and seconds in (0, LONGEST_WAIT.total_seconds()):
        expected = NOW + timedelta(seconds=seconds + 7)
    assert until == expected


def _resolve(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """A resolver that knows these names; gives the list of those that it was asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        six = socket.AF_INET6, socket.AF_INET
        return [(six[":" not in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in names[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked
