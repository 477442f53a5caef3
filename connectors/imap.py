"""What mail is in this mailbox on a server? IMAP, read only: folders are EXAMINEd, and nothing is ever marked as read.

**How a folder is read.** Windows of UIDs, newest first. A round asks one STATUS; where neither UIDNEXT nor the number
of mails has changed, nothing else is asked. Flags are of no interest here, so that a HIGHESTMODSEQ which is absent,
nought or smaller than before never means anything.

**What is gone.** A known UID is gone when two listings lack it: one of the whole folder, and one that asks for exactly
this UID. Where the first shows as many mails as EXAMINE counted, to the mail, that count stands for the second. A mail
that is listed and for which no answer comes is missed, never gone.

**Whose text is read.** With `read = "headers"` nobody's, with one exception: a mail in Sent that answers one of our own
digests, which is to say `2 later` in its first line.
"""

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import zip_longest
from typing import Literal

from pydantic import Field, field_validator, model_validator

from config.settings import SignedIn, loopback, shown
from connectors.contract import Credential, Cursor, CursorLost, Page, RemoteId, Session, Stream, TryLater
from connectors.imap_folders import streams_of
from connectors.imap_line import LONGEST_SET, Box, Door, Line
from connectors.imap_mails import Opened
from connectors.imap_refusals import Gone
from connectors.imap_said import Said, renumbered, uid_of
from connectors.uids import NONE, Uids

FIRST = 100
"""Mails on the first page of a folder: there within a second, even from a slow server."""

PAGE = 500
"""Mails to a page, and to a FETCH: more to a page makes no difference any more, even far away (`speed.md`, 3.2)."""

PAGE_OF_TEXTS = 200
"""As many texts of 64 KB still fit into memory."""

AUDITED = 50_000
"""UIDs to a SEARCH that lists a whole folder (`sync.md`, 5.7)."""

FIRST_WINDOW = 1_000
"""UIDs to the first SEARCH of a folder: the first page need not wait for a list of 50,000."""

LOOPBACK = ("localhost.localdomain", "ip6-localhost")
"""Further names of this machine."""


class Options(SignedIn):
    """`[accounts.NAME]` with `kind = "imap"`."""

    kind: Literal["imap"]
    host: str
    port: int | None = Field(None, ge=1, le=65_535)
    """Left out: 993, or 143 with `security = "starttls"` or `"none"`."""
    security: Literal["tls", "starttls", "none"] = "tls"

    @field_validator("host")
    @classmethod
    def _a_name(cls, value: str) -> str:
        name = value.strip().lower()
        if not name or any(c in name for c in "/@ ") or (":" in name and not _is_address(name)):
            raise ValueError(f"{shown(value)} is not the name of a server. It looks like imap.example.org.")
        return name

    @model_validator(mode="after")
    def _never_in_the_clear(self) -> "Options":
        if self.security == "none" and not _on_this_machine(self.host):
            raise ValueError(
                'security = "none" would send the password unprotected; it is for a server on this machine. '
                'Leave it out for "tls".'
            )
        return self

    @property
    def door(self) -> int:
        """The port."""
        return self.port or (993 if self.security == "tls" else 143)


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _on_this_machine(host: str) -> bool:
    return host in LOOPBACK or loopback(host)


class Imap:
    """The mailbox at `options.host`. Raises NeedsUser, TryLater and CursorLost, and nothing else.

    `ssl_context` is for a server whose certificate this machine does not know; `quick=False` reads by IMAPClient.
    """

    def __init__(
        self,
        options: Options,
        *,
        now: datetime,
        session: Session,
        credential: Credential,
        ssl_context: ssl.SSLContext | None = None,
        page: int = 0,
        first: int = FIRST,
        quick: bool = True,
    ) -> None:
        self._door = Door(options.host, options.door, options.security, ssl_context)
        self._credential, self._session, self._quick = credential, session, quick
        self._now, self._began = now, session.clock()
        self._texts = options.read == "text"
        self._page = page or (PAGE_OF_TEXTS if self._texts else PAGE)
        self._first = min(first, self._page)
        self._kept: Line | None = None

    def streams(self) -> Sequence[Stream]:
        """The folders: Sent, the inbox, the others by name."""
        return streams_of(self._line().folders(), gmail=self._line().offers("X-GM-EXT-1"))

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new in the folder, newest first, and at the end what is gone. Without the folder: nothing."""
        try:
            yield from self._pull(stream, Said.of(cursor))
        except Gone:
            return

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """Pages with each of `ids` found, gone or missed again. Nothing where there is no such folder."""
        try:
            box = self._box(stream)
            said = Said.of(cursor)
            if said is not None and said.epoch != box.epoch:
                raise CursorLost(renumbered(stream))
            wanted = Uids.of(uid for each in ids if (uid := uid_of(each, box.epoch)))
            outdated = tuple(each for each in ids if not uid_of(each, box.epoch))
            folder = self._folder(stream, box.epoch)
            for some in _portions(sorted(wanted), self._page, self._page) or [[]]:
                yield _asked_for(folder, box.epoch, cursor, Uids.of(some), outdated)
                outdated = ()
        except Gone:
            return

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every mail that the folder has now. Raises TryLater where there is no such folder."""
        try:
            box = self._box(stream)
            everything = Uids.between(1, box.next - 1)
            for _, there in self._folder(stream, box.epoch).listed(everything, box.exists, AUDITED):
                if there is None:
                    raise TryLater(f"{stream.name}: the server does not say what is in it.")
                yield from (f"{box.epoch}.{uid}" for uid in there)
        except Gone as why:
            raise TryLater(f"{stream.name}: {why}") from None

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._kept is not None:
            self._kept.hang_up()
            self._kept = None

    def _folder(self, stream: Stream, epoch: int) -> Opened:
        return Opened(self._line, stream, epoch, texts=self._texts)

    def _line(self) -> Line:
        if self._kept is None or self._kept.ended:
            self._kept = Line(self._door, self._credential, self._session, self._at, quick=self._quick)
        return self._kept

    def _at(self) -> datetime:
        return self._now + timedelta(seconds=self._session.clock() - self._began)

    def _pull(self, stream: Stream, said: Said | None) -> Iterator[Page]:
        if said is not None and self._rests(stream, said):
            yield Page((), said.cursor())
            return
        box = self._box(stream, least=said.next if said else 1)
        going = self._begun(stream, said, box)
        folder = self._folder(stream, box.epoch)
        if self._few(stream, going):
            page, going = _newcomers(folder, going)
            yield page
        first = 0 if going.known else FIRST_WINDOW
        for window, there in folder.listed(going.todo, box.exists, AUDITED, first):
            portions = _portions(there or [], self._page, self._page if going.known else self._first)
            for some, then in zip_longest(portions, portions[1:], fillvalue=()):
                page, going = _read(folder, going, Uids.of(some), Uids.of(then), down_from=window.last)
                yield page
            going = replace(going, todo=going.todo - window)
        gone, late, sure = NONE, NONE, True
        if len(going.known) + going.drift != box.exists:
            gone, late, sure = folder.compared(going.known, box)
        for some in _portions(list(late), self._page, self._page):
            page, going = _read(folder, going, Uids.of(some))
            yield page
        known = going.known - gone
        drift = box.exists - len(known) if sure else going.drift
        whole = going.listing and sure
        done = replace(going, known=known, drift=drift, listing=going.listing and not sure)
        names = tuple(f"{box.epoch}.{uid}" for uid in gone)
        yield Page((), done.cursor(), gone=names, complete=whole, progress=1.0 if whole else None)

    def _few(self, stream: Stream, going: Said) -> bool:
        """Whether so few UIDs are new that one question for the mails is cheaper than one for the UIDs before."""
        return 0 < len(going.todo) <= self._page and not going.listing and stream.role != "\\All"

    def _rests(self, stream: Stream, said: Said) -> bool:
        """Whether nothing has come and nothing has gone since. Raises CursorLost."""
        if said.todo or said.listing or (self._texts and not said.texts):
            return False
        box = self._line().status(stream.id)
        if box.epoch != said.epoch:
            raise CursorLost(renumbered(stream))
        unmoved = box.next == said.next or (not box.next and 0 < box.modseq == said.modseq)
        return unmoved and box.exists == len(said.known) + said.drift

    def _box(self, stream: Stream, least: int = 1) -> Box:
        """The folder, opened. Without UIDNEXT the last mail is asked for, and one that was later may be deleted."""
        box = self._line().examine(stream.id)
        if box.next:
            return box
        last = max(self._line().search("UID *") or [0]) if box.exists else 0
        return replace(box, next=max(last + 1, least))

    def _begun(self, stream: Stream, said: Said | None, box: Box) -> Said:
        """What is to be done, with the anchor that holds while it is done. Raises CursorLost."""
        everything = Uids.between(1, box.next - 1)
        if said is None:
            return Said(box.epoch, box.next, box.modseq, everything, listing=True, texts=self._texts)
        if box.epoch != said.epoch:
            raise CursorLost(renumbered(stream))
        if box.next < said.next:
            raise CursorLost(f"{stream.name}: the server counts its mails anew (UIDNEXT fell).")
        again = self._texts and not said.texts
        return replace(
            said,
            next=box.next,
            modseq=box.modseq,
            todo=everything if again else said.todo | Uids.between(said.next, box.next - 1),
            listing=said.listing or again,
            texts=self._texts,
        )


def _newcomers(folder: Opened, going: Said) -> tuple[Page, Said]:
    """What has come, asked for without a listing; a UID that was not answered counts only where it is listed."""
    uids = going.todo
    got = folder.mails(uids)
    unread = Uids.of(uid_of(each, going.epoch) for each, _ in got.missed)
    listed = folder.search(str(unread)) if unread else []
    there = uids if listed is None else uids - (unread - Uids.of(listed))
    missed = tuple(each for each in got.missed if uid_of(each[0], going.epoch) in there)
    after = replace(going, todo=NONE, known=going.known | there)
    return Page(got.found, after.cursor(), got.texts, (), missed), after


def _read(folder: Opened, going: Said, uids: Uids, then: Uids = NONE, down_from: int = 0) -> tuple[Page, Said]:
    """A page of these mails, and what is known after it. All from the lowest up to `down_from` is then done.

    `then` is the next page.
    """
    got = folder.mails(uids, then)
    done = Uids.between(next(iter(uids)), down_from) if down_from else Uids()
    after = replace(going, todo=going.todo - done, known=going.known | uids)
    progress = 1 - len(after.todo) / max(going.next - 1, 1) if going.listing else None
    return Page(got.found, after.cursor(), got.texts, (), got.missed, progress=progress), after


def _asked_for(folder: Opened, epoch: int, cursor: Cursor, uids: Uids, outdated: tuple[RemoteId, ...]) -> Page:
    """What has become of these. Ids from before a renumbering name nothing any more."""
    got = folder.mails(uids)
    unread = Uids.of(uid for each, _ in got.missed if (uid := uid_of(each, epoch)))
    absent: list[int] = []
    for text in unread.texts(LONGEST_SET):
        first = folder.search(text)
        second = folder.search(text) if first is not None else None
        if first is not None and second is not None:
            absent += Uids.read(text) - Uids.of([*first, *second])
    gone = {f"{epoch}.{uid}" for uid in absent}
    missed = tuple(each for each in got.missed if each[0] not in gone)
    return Page(got.found, cursor, got.texts, (*outdated, *sorted(gone)), missed)


def _portions(uids: Sequence[int], size: int, first: int) -> list[Sequence[int]]:
    """From the newest down, each in order; the first one may be smaller."""
    found: list[Sequence[int]] = []
    end, size_now = len(uids), first
    while end > 0:
        found.append(uids[max(end - size_now, 0) : end])
        end, size_now = end - size_now, size
    return found
