"""How is an IMAP server called, and what is it asked?

One connection of one round. Every wait is bounded by the session.
"""

import imaplib
import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import lt
from typing import Any, Final

from connectors import fetching
from connectors.contract import Credential, NeedsUser, Session, TryLater
from connectors.imap_refusals import GARBLED, TOO_MUCH, Gone, Troubles
from connectors.uids import NONE, Uids

LONGEST_SET: Final = 7_000
"""Characters of a command: RFC 7162 advises 8,192 at most, and the names of the wanted headers take their share."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server is, and how it is spoken to."""

    host: str
    port: int
    security: str  # "tls", "starttls" or "none"
    context: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as LIST names it: its name in the server's spelling, what parts it, and its flags."""

    name: str
    parted_by: str
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Box:
    """What a server says of a folder as a whole; 0 where it does not say."""

    epoch: int  # UIDVALIDITY
    next: int  # UIDNEXT
    exists: int
    modseq: int  # HIGHESTMODSEQ


class Line:
    """A signed-in connection. Raises NeedsUser and TryLater, at once and from everything that it does."""

    def __init__(
        self, door: Door, credential: Credential, session: Session, at: Callable[[], datetime], *, quick: bool = True
    ) -> None:
        self._door, self._session, self._quick = door, session, quick
        self._troubles = Troubles(door.host, door.port, session.silence, at)
        self.selected = ""
        self.ended = False
        self._enabled = False
        self._client: Any = None
        self._ahead: tuple[str, str, bytes] | None = None  # what was asked in advance: UIDs, fields; its tag
        self._brought: tuple[str, str, list[fetching.Seen], str] | None = None  # and what came of it
        with self._asking():
            self._client = self._called()
        self._hang_up = weakref.finalize(self, _shut, self._client, self._watchdog())
        try:
            self._sign_in(credential)
        except BaseException:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        """End the connection; the server needs no farewell."""
        self.ended = True
        self._hang_up()

    def offers(self, capability: str) -> bool:
        """Whether the server has this extension."""
        return bool(self._client.has_capability(capability))

    # --------------------------------------------------------------------------------------------------- questions

    def folders(self) -> list[Folder]:
        """Every folder that is the user's own."""
        with self._asking():
            found = [_folder(*each) for each in self._client.list_folders()]
            others = self._namespaces()
        return [each for each in found if not (others and each.name.startswith(others))]

    def _namespaces(self) -> tuple[str, ...]:
        """How the names of other people's folders begin."""
        if not self.offers("NAMESPACE"):
            return ()
        try:
            mine, *others = self._client.namespace()
        except GARBLED:
            return ()
        own = {_text(prefix) for prefix, _ in mine or ()}
        return tuple(name for each in others for prefix, _ in each or () if (name := _text(prefix)) and name not in own)

    def status(self, name: str) -> Box:
        """A folder from outside. Of the one that is open, servers may tell old news: it is closed first."""
        asked = ["UIDNEXT", "UIDVALIDITY", "MESSAGES"]
        if self.offers("CONDSTORE"):
            asked.append("HIGHESTMODSEQ")
        with self._asking():
            if self.selected == name:
                self._client.unselect_folder() if self.offers("UNSELECT") else self._client.close_folder()
                self.selected = ""
            said = self._client.folder_status(name, asked)
            self._enabled = self._enabled or "HIGHESTMODSEQ" in asked  # to ask for it is to enable it (RFC 7162, 3.1)
        return _box(said, b"MESSAGES")

    def examine(self, name: str) -> Box:
        """Open a folder for reading. CONDSTORE is enabled before the first one: afterwards is too late."""
        with self._asking():
            if not self._enabled and self.offers("CONDSTORE") and self.offers("ENABLE") and not self.selected:
                self._client.enable("CONDSTORE")
                self._enabled = True
            self.selected = ""
            said = self._client.select_folder(name, readonly=True)
            self.selected = name
        return _box(said, b"EXISTS")

    def search(self, criteria: str) -> list[int] | None:
        """The UIDs in the open folder that are meant, in order; None where the server gives no answer to that."""
        with self._asking():
            lines = self._client._raw_command_untagged(b"SEARCH", [criteria.encode()])
        said = [line for line in lines if line is not None]
        if not said:
            return None
        found = [int(number) for line in said for number in line.partition(b"(")[0].split() if number.isdigit()]
        return found if _ascending(found) else sorted(set(found))

    def mails(self, uids: Uids, fields: str, then: Uids = NONE) -> list[fetching.Seen]:
        """The headers of these mails in the open folder: of those for which there was an answer.

        Those of `then` are wanted next: the server looks for them while these are worked on.
        """
        found: list[fetching.Seen] = []
        for text in uids.texts(LONGEST_SET):
            with self._asking():
                some, no = self._in_advance(text, fields) or fetching.mails(
                    self._client, text, fields, quick=self._quick
                )
            found += some
            if no and TOO_MUCH.search(no):
                raise self._troubles.too_much(no)
            if no and not some:
                found += self._in_halves(Uids.read(text), fields)
        if self._quick and len(texts := list(then.texts(LONGEST_SET))) == 1:
            with suppress(OSError):  # what has come has come; the next question finds it out
                tag = fetching.asked(self._client, texts[0], fields)
                self._ahead = (texts[0], fields, tag) if tag else None
        return found

    def _in_advance(self, text: str, fields: str) -> tuple[list[fetching.Seen], str] | None:
        """What was asked in advance, where it was just this."""
        brought, self._brought = self._brought, None
        return brought[2:] if brought and brought[:2] == (text, fields) else None

    def _settle(self) -> None:
        """Read the answer to what was asked in advance: it stands before that to any other question."""
        if self._ahead:
            (text, fields, tag), self._ahead = self._ahead, None
            self._brought = (text, fields, *fetching.answered(self._client, tag))

    def _in_halves(self, uids: Uids, fields: str) -> list[fetching.Seen]:
        """One mail that the server stumbles over must not cost the others."""
        numbers = list(uids)
        if len(numbers) == 1:
            return []
        half = len(numbers) // 2
        return self.mails(Uids.of(numbers[:half]), fields) + self.mails(Uids.of(numbers[half:]), fields)

    def headers(self, uids: Uids, fields: str) -> dict[int, bytes]:
        """Single headers of these mails."""
        return self._each(uids, lambda text: fetching.fields_of(self._client, text, fields))

    def structures(self, uids: Uids) -> dict[int, Any]:
        """How these mails are built."""
        return self._each(uids, lambda text: fetching.structures(self._client, text))

    def parts(self, uids: Uids, number: str, size: int) -> dict[int, bytes]:
        """The beginning of one part of these mails."""
        return self._each(uids, lambda text: fetching.parts(self._client, text, number, size))

    def _each(self, uids: Uids, ask: Callable[[str], dict[int, Any]]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for text in uids.texts(LONGEST_SET):
            with self._asking():
                found |= ask(text)
        return found

    # ---------------------------------------------------------------------------------------------------- beginning

    def _called(self) -> Any:
        from imapclient import IMAPClient

        wait = self._session.wait()
        security, context = self._door.security, self._door.context
        if security != "none" and context is None:  # to read all authorities of the system takes a tenth of a second
            context = ssl.create_default_context()
        client = IMAPClient(self._door.host, self._door.port, ssl=security == "tls", ssl_context=context, timeout=wait)
        client.normalise_times = False  # else INTERNALDATE comes back without its zone
        client.folder_encode = False  # names stay as the server spells them, whatever they hold
        client._normalise_folder = _quoted
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # it sends a command in two pieces
        client._imap.debug = 0  # it would format every line for a log that nobody reads
        try:
            if security == "starttls":
                self._secure(client, context)
        except BaseException:
            _shut(client, None)
            raise
        return client

    def _secure(self, client: Any, context: ssl.SSLContext | None) -> None:
        if client._imap.state != "NONAUTH" or not client.has_capability("STARTTLS"):
            raise NeedsUser(
                f"{self._door.host} offers no encryption on port {self._door.port}.",
                'Set security = "tls" (port 993) if the provider says so.',
            )
        client.starttls(context)

    def _watchdog(self) -> threading.Timer | None:
        """Ends the connection with the round: against a server that drips, no timeout of a socket helps."""
        left = self._session.left()
        if left > threading.TIMEOUT_MAX:
            return None
        timer = threading.Timer(left, _end, (self._client,))
        timer.daemon = True
        timer.start()
        return timer

    def _sign_in(self, credential: Credential) -> None:
        client, user, secret = self._client, credential.user, credential.secret
        if client._imap.state == "AUTH":  # PREAUTH
            return
        with self._asking(signing_in=credential):
            if credential.kind == "token":
                # A refusal comes as a challenge, which wants an empty answer.
                replies = iter([f"user={user}\1auth=Bearer {secret}\1\1"])
                client.sasl_login("XOAUTH2", lambda _: next(replies, ""))
            elif client.has_capability("AUTH=PLAIN"):
                client.plain_login(user, secret)
            else:
                client.login(user, secret)
            client._cached_capabilities = None
            client.capabilities()

    # ----------------------------------------------------------------------------------------------------- troubles

    @contextmanager
    def _asking(self, signing_in: Credential | None = None) -> Iterator[None]:
        """Within: one question. Its trouble is made ours, and a connection that is of no more use is ended."""
        if self.ended:
            raise TryLater(f"The connection to {self._door.host} has ended.")
        if self._client is not None:
            _bounded(self._client, self._session.wait())
        try:
            self._settle()
            yield
        except (OSError, imaplib.IMAP4.error, *GARBLED) as error:
            trouble = self._troubles.meant(error, self._farewell, signing_in)
            if not isinstance(trouble, Gone):
                self._drop()
                if not self._session.left():
                    self._session.wait()
            raise trouble from None

    def _drop(self) -> None:
        if self._client is not None and hasattr(self, "_hang_up"):
            self.hang_up()

    def _farewell(self) -> str:
        """What the server said when it hung up; imaplib then only tells that the connection ended."""
        said = self._client._imap.untagged_responses.get("BYE") if self._client is not None else None
        return said[-1].decode("utf-8", "replace") if said else ""


def _shut(client: Any, timer: threading.Timer | None) -> None:
    if timer is not None:
        timer.cancel()
    with suppress(OSError, ValueError):  # it has ended already
        client.shutdown()


def _end(client: Any) -> None:
    """From another thread, where closing would wait for the one that reads."""
    with suppress(OSError):  # it has ended already
        socket.socket.shutdown(client.socket(), socket.SHUT_RDWR)


def _bounded(client: Any, seconds: float) -> None:
    client.socket().settimeout(seconds)


def _quoted(name: str | bytes) -> bytes:
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _text(name: object) -> str:
    return name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else "NIL" if name is None else str(name)


def _ascending(numbers: Sequence[int]) -> bool:
    return all(map(lt, numbers, islice(numbers, 1, None)))


def _folder(flags: Sequence[bytes], parted_by: object, name: object) -> Folder:
    return Folder(_text(name), _text(parted_by or b""), frozenset(_text(flag).lower() for flag in flags))


def _box(said: dict[bytes, Any], exists: bytes) -> Box:
    def number(key: bytes) -> int:
        value = said.get(key)
        return value if isinstance(value, int) and value > 0 else 0

    return Box(number(b"UIDVALIDITY"), number(b"UIDNEXT"), number(exists), number(b"HIGHESTMODSEQ"))
