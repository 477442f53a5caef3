"""The digest, sent to the user's own address through their own mail server."""

import base64
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from agent.model import Digest
from agent.outputs import Output, Unsure, called, nothing
from connectors.contract import Credential, NeedsUser, Session, TryLater, own_authority

if TYPE_CHECKING:
    from config.settings import Smtp as Options

OURSELVES = "[127.0.0.1]"
"""What we call ourselves: the library would look our name up, and tell it (RFC 5321, 4.1.3 allows an address)."""

CLIPPED = 160
"""Characters of what a server says that are shown."""

PASSING = range(400, 500)
"""Answers that mean: not now (RFC 5321, 4.2.1)."""


class Smtp:
    """One server, and one of the user's own addresses."""

    def __init__(
        self,
        smtp: "Options",
        own: Collection[str],
        credential: Callable[[], Credential | None],
        session: Session,
        echo: Callable[[str], None],
        inbox: Output | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._smtp, self._session, self._echo, self._inbox = smtp, session, echo, inbox
        self._credential, self._tls = credential, tls
        self._address = smtp.address or next(iter(own), "")
        self._own = frozenset(own)
        self._server = f"{smtp.host}:{smtp.door}"

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Send the mail. It goes to the user's own address or to nobody."""
        if self._address not in self._own:
            raise NeedsUser(f"{self._address or 'nobody'} is not one of your addresses.", "Write it into [me].")
        with self.signed_in() as server:
            self._address_it(server, mail)
            self._in_time(server)
            about_to()
            try:
                code, text = server.data(mail)
            except smtplib.SMTPDataError as no:
                raise self._refused("the digest", no.smtp_code, no.smtp_error) from None
            except (OSError, smtplib.SMTPServerDisconnected) as cut:
                what = f"{self._server} took the digest and did not say whether it keeps it ({_kind(cut)})."
                raise Unsure(what) from None
            if code != 250:
                raise self._refused("the digest", code, text)
        self._echo(f"{called(digest)} is on its way to {self._address}.")

    def arrived(self, message_id: str) -> bool | None:
        """Whether it is in the user's inbox, where one is known to auld."""
        return self._inbox.arrived(message_id) if self._inbox else None

    @contextmanager
    def signed_in(self) -> Iterator[smtplib.SMTP]:
        """A connection that may send; left alone, it has sent nothing."""
        server = self._connected()
        dog = self._watchdog(server)
        try:
            with self._told():
                if self._smtp.security == "starttls":
                    self._close(server)
                server.ehlo_or_helo_if_needed()
                credential = self._credential()
                if credential:
                    self._sign_in(server, credential)
            yield server
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            dog.cancel()
            server.close()

    def _watchdog(self, server: smtplib.SMTP) -> threading.Timer:
        """Ends the connection with the round: against a server that drips, no timeout of a socket helps."""
        dog = threading.Timer(min(self._session.left(), threading.TIMEOUT_MAX), _end, (server,))
        dog.daemon = True
        dog.start()
        return dog

    def _connected(self) -> smtplib.SMTP:
        smtp, wait = self._smtp, self._session.wait()
        with self._told():
            if smtp.security == "tls":
                return smtplib.SMTP_SSL(smtp.host, smtp.door, OURSELVES, timeout=wait, context=self._context())
            return smtplib.SMTP(smtp.host, smtp.door, OURSELVES, timeout=wait)

    def _in_time(self, server: smtplib.SMTP) -> None:
        """The next answers may take as long as the round has left."""
        if server.sock:
            server.sock.settimeout(self._session.wait())

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    def _close(self, server: smtplib.SMTP) -> None:
        """Go on in TLS, or not at all."""
        server.ehlo_or_helo_if_needed()
        if not server.has_extn("starttls"):
            what = (
                f"{self._server} offers no STARTTLS, so that everybody on the way could read along. Nothing was sent."
            )
            raise NeedsUser(what, 'Write security = "tls" into [smtp] if your provider names port 465.')
        code, text = server.starttls(context=self._context())
        if code != 220:
            raise self._refused("STARTTLS", code, text)

    def _sign_in(self, server: smtplib.SMTP, credential: Credential) -> None:
        """AUTH by the first way that both know. The library's own takes no password outside ASCII."""
        self._in_time(server)
        offered = server.esmtp_features.get("auth", "").upper().split()
        user, secret = credential.user, credential.secret
        if credential.kind == "token" and "XOAUTH2" in offered:
            code, text = server.docmd("AUTH", "XOAUTH2 " + _coded(f"user={user}\1auth=Bearer {secret}\1\1"))
            if code == 334:  # it says why in a challenge, and then that it was no good
                code, text = server.docmd("")
        elif credential.kind == "password" and "PLAIN" in offered:
            code, text = server.docmd("AUTH", "PLAIN " + _coded(f"\0{user}\0{secret}"))
        elif credential.kind == "password" and "LOGIN" in offered:
            code, text = server.docmd("AUTH", "LOGIN " + _coded(user))
            if code == 334:
                code, text = server.docmd(_coded(secret))
        else:
            raise NeedsUser(f"{self._server} offers no way to sign in that auld knows.", "Look at [smtp].")
        if code in PASSING:
            raise self._refused("the sign-in", code, text)
        if code not in (235, 503):  # 503: it knows us already
            raise NeedsUser(f"{self._server} refused the sign-in of {user} ({code}).", "`auld login smtp` asks anew.")

    def _address_it(self, server: smtplib.SMTP, mail: bytes) -> None:
        plain = mail.isascii() and self._address.isascii()
        if not plain and not server.has_extn("smtputf8"):
            raise NeedsUser(f"{self._server} does not take {self._address}.", "Choose another address in [smtp].")
        with self._told():
            code, text = server.mail(self._address, [] if plain else ["SMTPUTF8", "BODY=8BITMIME"])
            if code != 250:
                raise self._refused("you as the sender", code, text)
            code, text = server.rcpt(self._address)
            if code not in (250, 251):
                raise self._refused("you as the recipient", code, text)

    def _refused(self, what: str, code: int, text: bytes | str) -> TryLater | NeedsUser:
        said = f"{self._server} refused {what}: {code} {shown(text)}".rstrip(" :") + "."
        return TryLater(said) if code in PASSING else NeedsUser(said, "Look at [smtp], or ask your provider.")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Trouble with the connection, before anything was handed over, in words."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            what = f"{self._server} shows a certificate that nobody vouches for ({error.verify_message})."
            raise TryLater(f"{what} Nothing was sent. {own_authority(error.verify_code)}".rstrip()) from None
        except smtplib.SMTPResponseException as no:
            raise self._refused("us", no.smtp_code, no.smtp_error) from None
        except (OSError, UnicodeError, smtplib.SMTPException) as error:  # refused, too slow, cut, no such name
            raise TryLater(f"{self._server} cannot be reached ({_kind(error)}).") from None


def _end(server: smtplib.SMTP) -> None:
    """From another thread, where closing would wait for the one that reads; past TLS, which would wait, too."""
    if server.sock:
        with suppress(OSError):
            socket.socket.shutdown(server.sock, socket.SHUT_RDWR)


def shown(text: bytes | str) -> str:
    """What a server said, in one line that is safe to show."""
    line = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    return re.sub(r"[^ -~]+", " ", line).strip(" .")[:CLIPPED]


def _kind(error: BaseException) -> str:
    """What went wrong with a connection: the system's words, or that there was none in time."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return shown(getattr(error, "strerror", None) or "the connection ended")


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
