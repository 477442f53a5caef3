"""What does it mean that an IMAP server fails, or says no?

One of the kinds of trouble, or `Gone` where a single folder is not there.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import UNVOUCHED, Credential, NeedsUser, TryLater, own_authority

REST: Final = timedelta(hours=1)
LONGEST_REST: Final = timedelta(hours=24)
"""A server that says "too many" is left alone for an hour, or for as long as it asks, up to a day (`sync.md`, F5)."""

LONGEST_SAID: Final = 160
"""Of what a server says, so much is shown to the user."""

TOO_MUCH = re.compile(
    r"\[(?:OVERQUOTA|LIMIT|THROTTLED)\]|too many|throttl|bandwidth|exceeded|maximum number of", re.IGNORECASE
)
"""How servers say that they were asked too much."""

_BACK_OFF = re.compile(r"backoff time: (\d{1,9}) milliseconds", re.IGNORECASE)  # Exchange Online
_FOR_THE_USER = re.compile(r"\[(?:AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED|WEBALERT)", re.I)
_PASSES = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN)\]|not connected|tempora|unavailable|internal|server error"
    r"|time[d-]? ?out|maintenance|busy|later",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(
    r"\[(?:NONEXISTENT|TRYCREATE|NOPERM|CANNOT)\]|(?:does not|doesn't|not) exist|no such (?:mailbox|folder)"
    r"|unknown (?:mailbox|folder)|(?:mailbox|folder) not found|invalid mailbox",
    re.IGNORECASE,
)
GARBLED = (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, MemoryError)
"""What imaplib and IMAPClient raise on an answer that is no IMAP."""

_UNTRUSTED: Final = UNVOUCHED | {62, 64}
"""OpenSSL's codes for an unknown issuer or another host's certificate; an outdated one may be our clock."""


class Gone(Exception):  # noqa: N818 - a state of a folder
    """There is no such folder, or it may not be read."""


@dataclass(frozen=True, slots=True)
class Troubles:
    """Those with one server. `silence` is how many seconds were waited for an answer, `at` tells the time."""

    host: str
    port: int
    silence: float
    at: Callable[[], datetime]

    def meant(self, error: Exception, farewell: Callable[[], str], signing_in: Credential | None) -> Exception:
        """Gone, or one of the kinds of trouble; `farewell` tells what the server said when it hung up."""
        host = self.host
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._certificate(error)
        if isinstance(error, TimeoutError):
            return TryLater(f"{host} has not answered for {self.silence:.0f} seconds.")
        if isinstance(error, socket.gaierror):
            return TryLater(f"{host} cannot be found: no network, or the name is wrong.")
        if isinstance(error, ssl.SSLError):
            return TryLater(f"{host} does not speak TLS on port {self.port} ({error.reason or 'unknown'}).")
        if isinstance(error, OSError):
            return TryLater(f"{host} cannot be reached on port {self.port} ({type(error).__name__}).")
        if signing_in and isinstance(error, UnicodeEncodeError):
            return self._not_let_in(signing_in, "it takes ASCII passwords only")
        if isinstance(error, GARBLED):
            return TryLater(f"{host} answers what is no IMAP ({type(error).__name__}).")
        return self._refused(error, farewell(), signing_in)

    def _refused(self, error: Exception, farewell: str, signing_in: Credential | None) -> Exception:
        host, said = self.host, _said(error, farewell)
        if TOO_MUCH.search(said):
            return self.too_much(said)
        broken = isinstance(error.__context__ or error, imaplib.IMAP4.abort)
        if signing_in and not broken and _for_the_user(said):
            return self._not_let_in(signing_in, said)
        if not broken and not signing_in and _NOT_THERE.search(said):
            return Gone(said)
        return TryLater(f"{host} broke off: {said}" if broken else f"{host} cannot answer now: {said}")

    def _not_let_in(self, who: Credential, said: str) -> NeedsUser:
        remedy = (
            "Sign in again: its access has ended or was withdrawn."
            if who.kind == "token"
            else "Check the password; many providers want an app password here."
        )
        return NeedsUser(f"{self.host} does not let {who.user} in: {said}", remedy)

    def too_much(self, said: str) -> TryLater:
        """A server that says "too many" is left alone."""
        asked = _BACK_OFF.search(said)
        rest = timedelta(milliseconds=int(asked[1])) if asked else REST
        until = self.at() + min(max(rest, REST), LONGEST_REST)
        return TryLater(f"{self.host} asks for a rest: {said}", until)

    def _certificate(self, error: ssl.SSLCertVerificationError) -> Exception:
        what = f"{self.host}: its certificate cannot be trusted ({error.verify_message})."
        if error.verify_code not in _UNTRUSTED:
            return TryLater(what)
        return NeedsUser(what, f"Check `host`. {own_authority(error.verify_code)}".rstrip())


def _for_the_user(said: str) -> bool:
    """Whether a refusal to sign in is final; what passes by itself must never send the user to a password."""
    if "tempora" in said.lower() or "command error" in said:  # a BAD is about the command
        return False
    return bool(_FOR_THE_USER.search(said)) or not _PASSES.search(said)


def _said(error: Exception, farewell: str) -> str:
    """The server's words, on one line, without what imaplib puts around them."""
    text = farewell or str(error)
    if found := re.search(r"""b(['"])(.*)\1""", text):
        text = text.replace(found[0], found[2])
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text[:LONGEST_SAID].rstrip(".") + "."
