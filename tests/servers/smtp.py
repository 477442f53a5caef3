"""A real mail server on loopback that one can give faults: aiosmtpd, with STARTTLS and AUTH."""

import asyncio
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.servers import free_port
from tests.servers.certificates import certify, serving


@dataclass(frozen=True)
class Received:
    """One mail as the server got it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    user: str

    @property
    def mail(self) -> Message:
        return BytesParser().parsebytes(self.content)


@dataclass
class Post:
    """A running server. `says` replaces its answer to MAIL, RCPT or DATA; "hang" is none at all, "cut" its end."""

    port: int
    ca: Path
    says: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    password: str = "hunter2 ü"
    hands_on: Callable[[Received], object] | None = None  # what becomes of a mail, before it is said that it is taken

    host = "localhost"

    def trusting(self) -> ssl.SSLContext:
        """A context that knows this server's authority."""
        return ssl.create_default_context(cafile=str(self.ca))

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from, envelope.mail_options = address, options
        return await self._answer("MAIL", server)

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", server)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        before = self.says.get("DATA", "250")
        if before.startswith(("250", "kept")):
            user = session.auth_data.login.decode() if session.authenticated else ""
            content = envelope.original_content or b""
            self.received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, user))
            if self.hands_on:
                await asyncio.to_thread(self.hands_on, self.received[-1])
        return await self._answer("DATA", server)

    async def _answer(self, command: str, server: SMTP) -> str:
        answer = self.says.get(command, "250 OK")
        if "hang" in answer:
            await asyncio.sleep(60)
        if "cut" in answer and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer

    def let_in(self, server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Whether this is the right password; without `handled=False` a wrong one gets no answer at all."""
        assert isinstance(data, LoginPassword)
        self.sign_ins.append(f"{mechanism} {data.login.decode()}")
        right = data.password == self.password.encode()
        return AuthResult(success=right, handled=False, auth_data=data)


class _Quiet(Controller):
    """Where TLS was there from the first byte, the library does not see it, and warns."""

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            made: SMTP = super().factory()  # type: ignore[no-untyped-call]
            return made


@contextmanager
def running(folder: Path, security: str = "starttls", **more: Any) -> Iterator[Post]:
    """A server for as long as it is entered: "starttls", "tls", or "none" (no TLS and no AUTH)."""
    ca, chain = certify(folder)
    post = Post(free_port(), ca)
    context = serving(chain)
    settings: dict[str, Any] = {"hostname": "127.0.0.1", "port": post.port, "server_hostname": "mx.test.example"}
    if security == "starttls":
        settings |= {"tls_context": context, "require_starttls": True, "auth_required": True}
    if security == "tls":
        settings |= {"ssl_context": context, "auth_required": True, "auth_require_tls": False}
    if security != "none":
        settings["authenticator"] = post.let_in
    controller = _Quiet(post, **{**settings, **more})
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
