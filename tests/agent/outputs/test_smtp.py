"""The digest goes to the user's own address through their server, closed to others, and its trouble is said."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.digest.compose import as_mail
from agent.outputs import Unsure
from agent.outputs.smtp import Smtp
from config.settings import Smtp as Options
from connectors.contract import Credential, NeedsUser, Session, TryLater
from tests.agent.digest.samples import ADA, MADE_AT, ME, digest_of
from tests.servers.proxy import DRIP, Proxy
from tests.servers.smtp import Post, running

DIGEST = digest_of(ADA)
MAIL = as_mail(DIGEST, ME, MADE_AT)


@contextmanager
def served(folder: Path, security: str = "starttls", **more: Any) -> Iterator[Post]:
    with running(folder, security, **more) as post:
        yield post


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with running(tmp_path) as post:
        yield post


def way(
    post: Post,
    *,
    security: str = "starttls",
    password: str | None = None,
    own: tuple[str, ...] = (ME,),
    silence: float = 5.0,
    kind: str = "password",
    said: list[str] | None = None,
    **options: Any,
) -> Smtp:
    smtp = Options.model_validate({"host": post.host, "port": post.port, "security": security, **options})
    credential = Credential("ada", post.password if password is None else password, kind)  # type: ignore[arg-type]
    asked: Callable[[], Credential | None] = (lambda: None) if security == "none" else (lambda: credential)
    return Smtp(
        smtp,
        own,
        asked,
        Session(time.monotonic, silence=silence),
        (said if said is not None else []).append,
        tls=post.trusting(),
    )


def sent(smtp: Smtp) -> list[bool]:
    """Delivers; gives whether it said that it is about to."""
    told: list[bool] = []
    smtp.deliver(DIGEST, MAIL, lambda: told.append(True))
    return told


def test_it_reaches_the_own_address_and_nobody_else(post: Post) -> None:
    said: list[str] = []

    assert sent(way(post, said=said)) == [True]

    [mail] = post.received
    assert (mail.sender, mail.recipients, mail.user) == (ME, (ME,), "ada")
    assert mail.content.rstrip() == MAIL.rstrip()
    assert mail.mail["Message-ID"] == f"<{DIGEST.message_id}>"
    assert said == [f"The digest is on its way to {ME}."]


def test_another_address_that_is_not_the_users_gets_nothing(post: Post) -> None:
    with pytest.raises(NeedsUser, match="is not one of your addresses"):
        sent(way(post, address="eve@example.net"))

    assert (post.received, post.sign_ins) == ([], [])


def test_it_goes_in_TLS_from_the_first_byte_where_that_is_chosen(tmp_path: Path) -> None:
    with served(tmp_path, "tls") as post:
        sent(way(post, security="tls"))

        assert len(post.received) == 1


def test_on_this_machine_a_server_may_ask_for_no_name(tmp_path: Path) -> None:
    with served(tmp_path, "none") as post:
        sent(way(post, security="none"))

        assert [mail.user for mail in post.received] == [""]


def test_a_server_without_STARTTLS_gets_no_password_and_no_mail(tmp_path: Path) -> None:
    with served(tmp_path, "none") as post:
        with pytest.raises(NeedsUser, match="offers no STARTTLS") as told:
            sent(way(post))

        assert (post.received, post.sign_ins) == ([], [])
    assert 'security = "tls"' in told.value.remedy


def test_a_certificate_that_nobody_vouches_for_gets_no_password(post: Post, tmp_path: Path) -> None:
    smtp = Options(host=post.host, port=post.port)
    asked: list[bool] = []

    def credential() -> Credential:
        asked.append(True)
        return Credential("ada", "x")

    with pytest.raises(TryLater, match=r"shows a certificate that nobody vouches for.*SSL_CERT_FILE"):
        sent(Smtp(smtp, (ME,), credential, Session(time.monotonic), print))
    assert (asked, post.sign_ins) == ([], [])


def test_a_certificate_of_another_host_neither(tmp_path: Path) -> None:
    from tests.servers import smtp as servers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "certify", lambda folder: certified(folder, "smtp.example.org"))
        with running(tmp_path) as post, pytest.raises(TryLater, match=r"nobody vouches for .*localhost"):
            sent(way(post))


def certified(folder: Path, host: str) -> tuple[Path, Path]:
    from tests.servers.certificates import certify

    return certify(folder, host)


def test_F7_a_wrong_password_is_the_users_to_mend_and_not_shown(post: Post) -> None:
    with pytest.raises(NeedsUser, match=r"refused the sign-in of ada \(535") as told:
        sent(way(post, password="wrong-one"))

    assert "auld login smtp" in told.value.remedy
    assert "wrong-one" not in repr(told.value) + str(told.value)
    assert len(post.sign_ins) == 1


def test_a_server_that_knows_no_tokens_is_not_given_one_as_a_password(post: Post) -> None:
    with pytest.raises(NeedsUser, match="offers no way to sign in"):
        sent(way(post, kind="token"))

    assert post.sign_ins == []


def test_one_that_knows_only_LOGIN_is_signed_in_to_as_well(tmp_path: Path) -> None:
    with served(tmp_path, auth_exclude_mechanism=["PLAIN"]) as post:
        sent(way(post))

        assert post.sign_ins == ["LOGIN ada"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "trouble"),
    [("451 4.3.0 Come back later", TryLater), ("550 5.7.1 Not you", NeedsUser), ("552 5.2.2 Full", NeedsUser)],
    ids=["451", "550", "552"],
)
def test_a_refusal_is_told_by_its_code(post: Post, command: str, answer: str, trouble: type[Exception]) -> None:
    post.says[command] = answer

    with pytest.raises(trouble, match=f"localhost:{post.port} refused .*{answer}") as told:
        sent(way(post))

    assert not isinstance(told.value, Unsure)
    assert post.received == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize("fault", ["hang", "cut"])
def test_F4_silence_before_the_mail_was_handed_over_is_tried_later(post: Post, command: str, fault: str) -> None:
    post.says[command] = fault
    told: list[bool] = []

    with pytest.raises(TryLater, match="cannot be reached") as trouble:
        way(post, silence=0.5).deliver(DIGEST, MAIL, lambda: told.append(True))

    assert not isinstance(trouble.value, Unsure)
    assert told == []


@pytest.mark.parametrize("fault", ["kept and hang", "kept and cut", "hang"])
def test_F3_silence_after_it_was_handed_over_means_that_nobody_can_tell(post: Post, fault: str) -> None:
    post.says["DATA"] = fault
    told: list[bool] = []

    with pytest.raises(Unsure, match="did not say whether it keeps it"):
        way(post, silence=0.5).deliver(DIGEST, MAIL, lambda: told.append(True))

    assert told == [True]
    assert len(post.received) == ("kept" in fault)


@pytest.mark.parametrize("answer", [b"220", b"250-SIZE"], ids=["from the greeting on", "in mid-talk"])
def test_F4_a_server_that_drips_is_given_up_with_the_round(post: Post, answer: bytes) -> None:
    with Proxy(post.port) as proxy:
        proxy.at(answer, DRIP)
        smtp = Options(host=post.host, port=proxy.port)
        begun = time.monotonic()
        session = Session(time.monotonic, ends=begun + 1.0)

        with pytest.raises(TryLater):
            sent(Smtp(smtp, (ME,), lambda: Credential("ada", post.password), session, print, tls=post.trusting()))

    assert time.monotonic() - begun < 4
    assert post.received == []


def test_a_server_that_is_not_there_is_tried_later(post: Post) -> None:
    nowhere = Options(host="127.0.0.1", port=1)
    with pytest.raises(TryLater, match=r"127\.0\.0\.1:1 cannot be reached \(Connection refused\)"):
        sent(Smtp(nowhere, (ME,), lambda: None, Session(time.monotonic), print))


@pytest.mark.looks_up("no.such.host.invalid", "a..b")
@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b"])
def test_so_is_one_whose_name_nobody_knows(host: str) -> None:
    with pytest.raises(TryLater, match="cannot be reached"):
        sent(Smtp(Options(host=host), (ME,), lambda: None, Session(time.monotonic), print))


def test_a_round_that_is_over_calls_nobody(post: Post) -> None:
    smtp = Options(host=post.host, port=post.port)
    with pytest.raises(TryLater, match="took too long"):
        sent(Smtp(smtp, (ME,), lambda: None, Session(lambda: 10.0, ends=10.0), print))


def test_lines_that_begin_with_a_dot_arrive_as_they_are(post: Post) -> None:
    mail = MAIL + b"\r\n.\r\n..two\r\n.end"
    way(post).deliver(DIGEST, mail)

    assert post.received[0].content.rstrip() == mail


def test_whether_it_arrived_is_seen_in_the_inbox_alone(post: Post) -> None:
    assert way(post).arrived("x@auld.invalid") is None


def test_it_does_not_tell_the_name_of_this_machine(tmp_path: Path) -> None:
    seen: list[str] = []

    class Listening(Post):
        async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
            seen.append(hostname)
            session.host_name = hostname
            return responses

    from tests.servers import smtp as servers

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "Post", Listening)
        with running(tmp_path) as post:
            sent(way(post))

    assert set(seen) == {"[127.0.0.1]"}
