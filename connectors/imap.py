"""What mail is in this mailbox on a server? IMAP, read only: folders are EXAMINEd, and nothing is ever marked as read.

**Which folders.** Sent comes first, so that ties show early, then the inbox, then the others. Drafts, Junk and Trash
(by their flags, or by their names in many languages) are left out with all that is below them, and so are the folders
of other people. Gmail shows each mail in several folders and archived mail in "All Mail" alone: there Sent and All Mail
are read and nothing else. Other servers' "all" folders only repeat the rest and are left out.

**How a folder is read.** Windows of UIDs, newest first. The cursor holds what was said of the folder *before* anything
was listed (UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ), the UIDs that are still to be listed and those that are known. A round
asks one STATUS; where neither UIDNEXT nor the number of mails has changed, nothing else is asked. Flags are of no
interest here, so that a HIGHESTMODSEQ which is absent, nought or smaller than before never means anything.

**What is gone.** A known UID is gone when two listings lack it: one of the whole folder, and one that asks for exactly
this UID. Where the first shows as many mails as EXAMINE counted, to the mail, that count stands for the second. A mail
that is listed and for which no answer comes is missed, never gone.

**Whose text is read.** With `read = "headers"` nobody's, with one exception: a mail in Sent that answers one of our own
digests, which is to say `2 later` in its first line.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import zip_longest
from typing import Any, Final, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from config.settings import SignedIn, shown
from connectors import headers
from connectors import parts as parts_of
from connectors.contract import Credential, Cursor, CursorLost, Interaction, Page, RemoteId, Session, Stream, TryLater
from connectors.copies import fingerprint
from connectors.fetching import Seen
from connectors.imap_line import LONGEST_SET, Box, Door, Folder, Gone, Line
from connectors.uids import NONE, Uids

FIRST = 100
"""Mails on the first page of a folder: there within a second, even from a slow server."""

PAGE = 500
"""Mails to a page, and to a FETCH: more to a page makes no difference any more, even far away (`speed.md`, 3.2)."""

PAGE_OF_TEXTS = 200
"""As many texts of 64 KB still fit into memory."""

ANSWER = 900_000
"""Bytes of a SEARCH's answer: imaplib takes no line above 1,000,000."""

AUDITED = 50_000
"""UIDs to a SEARCH that lists a whole folder (`sync.md`, 5.7)."""

FIRST_WINDOW = 1_000
"""UIDs to the first SEARCH of a folder: the first page need not wait for a list of 50,000."""

LEFT_OUT = frozenset(("\\Drafts", "\\Junk", "\\Trash"))
"""Unsent, unwanted, thrown away."""

USES = ("\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\All", "\\Archive", "\\Flagged", "\\Important")
REPEATING = frozenset(("\\All", "\\Flagged", "\\Important"))
"""Folders that only show again what stands elsewhere."""

FIELDS: Final = " ".join(
    sorted(
        name.upper()
        for name in headers.WANTED
        if name != "received" and not name.startswith(("x-gm", "x-folder", "x-from", "x-to", "x-cc"))
    )
)
"""What is asked for of each header. Received lines are many and long: only where a date is in doubt. The last are those
of exported files."""

LOOPBACK = ("localhost", "localhost.localdomain", "ip6-localhost")


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
    return host in LOOPBACK or (_is_address(host) and ip_address(host).is_loopback)


# ------------------------------------------------------------------------------------------------------ the connector


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
            yield from self._pull(stream, _Said.of(cursor))
        except Gone:
            return

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """Pages with each of `ids` found, gone or missed again. Nothing where there is no such folder."""
        try:
            box = self._box(stream)
            said = _Said.of(cursor)
            if said is not None and said.epoch != box.epoch:
                raise CursorLost(_renumbered(stream))
            wanted = Uids.of(uid for each in ids if (uid := _uid(each, box.epoch)))
            outdated = tuple(each for each in ids if not _uid(each, box.epoch))
            for some in _portions(sorted(wanted), self._page, self._page) or [[]]:
                yield self._asked_for(stream, box.epoch, cursor, Uids.of(some), outdated)
                outdated = ()
        except Gone:
            return

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every mail that the folder has now. Raises TryLater where there is no such folder."""
        try:
            box = self._box(stream)
            for _, there in self._listed(stream, box.epoch, Uids.between(1, box.next - 1), box.exists, AUDITED):
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

    def _line(self) -> Line:
        if self._kept is None or self._kept.ended:
            self._kept = Line(self._door, self._credential, self._session, self._at, quick=self._quick)
        return self._kept

    def _at(self) -> datetime:
        return self._now + timedelta(seconds=self._session.clock() - self._began)

    # ---------------------------------------------------------------------------------------------------- one pull

    def _pull(self, stream: Stream, said: "_Said | None") -> Iterator[Page]:
        if said is not None and self._rests(stream, said):
            yield Page((), said.cursor())
            return
        box = self._box(stream, least=said.next if said else 1)
        going = self._begun(stream, said, box)
        if self._few(stream, going):
            page, going = self._newcomers(stream, going)
            yield page
        first = 0 if going.known else FIRST_WINDOW
        for window, there in self._listed(stream, box.epoch, going.todo, box.exists, AUDITED, first):
            portions = _portions(there or [], self._page, self._page if going.known else self._first)
            for some, then in zip_longest(portions, portions[1:], fillvalue=()):
                page, going = self._read(stream, going, Uids.of(some), Uids.of(then), down_from=window.last)
                yield page
            going = replace(going, todo=going.todo - window)
        gone, late, sure = NONE, NONE, True
        if len(going.known) + going.drift != box.exists:
            gone, late, sure = self._compared(stream, going, box)
        for some in _portions(list(late), self._page, self._page):
            page, going = self._read(stream, going, Uids.of(some))
            yield page
        known = going.known - gone
        drift = box.exists - len(known) if sure else going.drift
        whole = going.listing and sure
        done = replace(going, known=known, drift=drift, listing=going.listing and not sure)
        names = tuple(f"{box.epoch}.{uid}" for uid in gone)
        yield Page((), done.cursor(), gone=names, complete=whole, progress=1.0 if whole else None)

    def _few(self, stream: Stream, going: "_Said") -> bool:
        """Whether so few UIDs are new that one question for the mails is cheaper than one for the UIDs before."""
        return 0 < len(going.todo) <= self._page and not going.listing and stream.role != "\\All"

    def _newcomers(self, stream: Stream, going: "_Said") -> tuple[Page, "_Said"]:
        """What has come, asked for without a listing; a UID that was not answered counts only where it is listed."""
        uids = going.todo
        got = self._mails(stream, going.epoch, uids)
        unread = Uids.of(_uid(each, going.epoch) for each, _ in got.missed)
        listed = self._search(stream, going.epoch, str(unread)) if unread else []
        there = uids if listed is None else uids - (unread - Uids.of(listed))
        missed = tuple(each for each in got.missed if _uid(each[0], going.epoch) in there)
        after = replace(going, todo=NONE, known=going.known | there)
        return Page(got.found, after.cursor(), got.texts, (), missed), after

    def _rests(self, stream: Stream, said: "_Said") -> bool:
        """Whether nothing has come and nothing has gone since. Raises CursorLost."""
        if said.todo or said.listing or (self._texts and not said.texts):
            return False
        box = self._line().status(stream.id)
        if box.epoch != said.epoch:
            raise CursorLost(_renumbered(stream))
        unmoved = box.next == said.next or (not box.next and 0 < box.modseq == said.modseq)
        return unmoved and box.exists == len(said.known) + said.drift

    def _box(self, stream: Stream, least: int = 1) -> Box:
        """The folder, opened. Without UIDNEXT the last mail is asked for, and one that was later may be deleted."""
        box = self._line().examine(stream.id)
        if box.next:
            return box
        last = max(self._line().search("UID *") or [0]) if box.exists else 0
        return replace(box, next=max(last + 1, least))

    def _begun(self, stream: Stream, said: "_Said | None", box: Box) -> "_Said":
        """What is to be done, with the anchor that holds while it is done. Raises CursorLost."""
        everything = Uids.between(1, box.next - 1)
        if said is None:
            return _Said(box.epoch, box.next, box.modseq, everything, listing=True, texts=self._texts)
        if box.epoch != said.epoch:
            raise CursorLost(_renumbered(stream))
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

    def _listed(
        self, stream: Stream, epoch: int, todo: Uids, exists: int, most: int, first: int = 0
    ) -> Iterator[tuple[Uids, list[int] | None]]:
        """(a window of `todo`, the UIDs in it, or None where no answer came, which says nothing), newest first.

        No answer has more than `most` UIDs, as no window is wider unless there are so few mails at all; the first one
        is `first` wide.
        """
        while todo:
            window = todo.newest(first or (most if exists > most else todo.last))
            [(low, high)], first = window.ranges, 0
            there = self._search(stream, epoch, str(window))
            yield window, there and [uid for uid in there if low <= uid <= high]
            todo -= window

    def _search(self, stream: Stream, epoch: int, uids: str) -> list[int] | None:
        self._ensure(stream, epoch)
        return self._line().search(f"UID {uids} UNDRAFT" if stream.role == "\\All" else f"UID {uids}")

    def _ensure(self, stream: Stream, epoch: int) -> None:
        """The folder is open, and still the one that it was. Raises CursorLost."""
        line = self._line()
        if line.selected != stream.id and line.examine(stream.id).epoch != epoch:
            raise CursorLost(_renumbered(stream))

    def _compared(self, stream: Stream, going: "_Said", box: Box) -> tuple[Uids, Uids, bool]:
        """(what two listings lack, what was not known and is there, whether every question was answered).

        A listing that has exactly what the server counted needs no second one: one mail that was moved among 96,000
        is to cost 2 % of a first sync's requests (`sync.md`, section 7), and that is four.
        """
        there, sure = NONE, True
        everything = Uids.between(1, box.next - 1)
        for _, listed in self._listed(stream, box.epoch, everything, box.exists, _most(box.next)):
            sure = sure and listed is not None
            there = there | Uids.of(listed or [])
        absent, gone = going.known - there, NONE
        if sure and len(there) == box.exists:
            return absent, there - going.known, sure
        for text in absent.texts(LONGEST_SET):
            still = self._search(stream, box.epoch, text)
            sure = sure and still is not None
            if still is not None:
                gone = gone | (Uids.read(text) - Uids.of(still))
        return gone, there - going.known, sure

    # --------------------------------------------------------------------------------------------------- one page

    def _read(
        self, stream: Stream, going: "_Said", uids: Uids, then: Uids = NONE, down_from: int = 0
    ) -> tuple[Page, "_Said"]:
        """A page of these mails, and what is known after it. All from the lowest up to `down_from` is then done.

        `then` is the next page.
        """
        got = self._mails(stream, going.epoch, uids, then)
        done = Uids.between(next(iter(uids)), down_from) if down_from else Uids()
        after = replace(going, todo=going.todo - done, known=going.known | uids)
        progress = 1 - len(after.todo) / max(going.next - 1, 1) if going.listing else None
        return Page(got.found, after.cursor(), got.texts, (), got.missed, progress=progress), after

    def _asked_for(
        self, stream: Stream, epoch: int, cursor: Cursor, uids: Uids, outdated: tuple[RemoteId, ...]
    ) -> Page:
        """What has become of these. Ids from before a renumbering name nothing any more."""
        got = self._mails(stream, epoch, uids)
        unread = Uids.of(uid for each, _ in got.missed if (uid := _uid(each, epoch)))
        absent: list[int] = []
        for text in unread.texts(LONGEST_SET):
            first = self._search(stream, epoch, text)
            second = self._search(stream, epoch, text) if first is not None else None
            if first is not None and second is not None:
                absent += Uids.read(text) - Uids.of([*first, *second])
        gone = {f"{epoch}.{uid}" for uid in absent}
        missed = tuple(each for each in got.missed if each[0] not in gone)
        return Page(got.found, cursor, got.texts, (*outdated, *sorted(gone)), missed)

    def _mails(self, stream: Stream, epoch: int, uids: Uids, then: Uids = NONE) -> "_Got":
        self._ensure(stream, epoch)
        line, wanted = self._line(), set(uids)
        answers = line.mails(uids, FIELDS, then)
        seen = {each.uid: each for each in answers if each.header is not None and each.uid in wanted}
        said = self._read_texts(line, Uids.of(seen)) if self._texts and seen else {}
        labels = (stream.name, stream.role) if stream.role else (stream.name,)
        found: dict[int, Interaction] = {}
        missed: list[tuple[RemoteId, str]] = []
        for uid in sorted(wanted, reverse=True):
            try:
                if (each := seen.get(uid)) is None:
                    raise headers.Undated("the server lists it and does not show it")
                found[uid] = _interaction(each, epoch, labels, said[uid].mark if uid in said else b"")
            except headers.Undated as why:
                missed.append((f"{epoch}.{uid}", f"{stream.name}: {why}"))
        self._settle_dates(line, found)
        if not self._texts and stream.role == "\\Sent":
            ours = Uids.of(uid for uid, mail in found.items() if headers.answers_ours(mail))
            said = self._read_texts(line, ours) if ours else {}
        texts = {mail.id: said[uid].words for uid, mail in found.items() if uid in said and said[uid].words}
        return _Got(tuple(found.values()), texts, tuple(missed))

    def _settle_dates(self, line: Line, found: dict[int, Interaction]) -> None:
        """Where Date and the server's date disagree, the last hop decides; without its word, the server."""
        doubted = Uids.of(uid for uid, mail in found.items() if headers.doubted(mail.sent, mail.received))
        hops = line.headers(doubted, "RECEIVED") if doubted else {}
        for uid in doubted:
            found[uid] = headers.settled(found[uid], headers.fields(hops.get(uid, b"")))

    def _read_texts(self, line: Line, uids: Uids) -> "dict[int, _Text]":
        """The text part of each mail that has one, and nothing else of it."""
        where: dict[str, dict[int, parts_of.Part]] = {}
        for uid, structure in line.structures(uids).items():
            if uid in uids and (part := parts_of.text_part(structure)) is not None:
                where.setdefault(part.number, {})[uid] = part
        found: dict[int, _Text] = {}
        for number, wanted in where.items():
            for uid, raw in line.parts(Uids.of(wanted), number, parts_of.LARGEST).items():
                if (part := wanted.get(uid)) is not None:
                    mark = fingerprint(raw) if part.alone else b""
                    found[uid] = _Text(parts_of.words(raw, part), mark)
        return found


class _Got(NamedTuple):
    found: tuple[Interaction, ...]
    texts: Mapping[RemoteId, str]
    missed: tuple[tuple[RemoteId, str], ...]


class _Text(NamedTuple):
    words: str
    mark: bytes


def _interaction(seen: Seen, epoch: int, labels: tuple[str, ...], mark: bytes) -> Interaction:
    """Raises headers.Undated."""
    fields = headers.fields(seen.header or b"")
    return headers.interaction(
        fields, id=f"{epoch}.{seen.uid}", size=seen.size, internal=seen.internal, fingerprint=mark, labels=labels
    )


def _most(following: int) -> int:
    """How many UIDs below `following` fit into one answer."""
    return ANSWER // (len(str(following)) + 1)


def _portions(uids: Sequence[int], size: int, first: int) -> list[Sequence[int]]:
    """From the newest down, each in order; the first one may be smaller."""
    found: list[Sequence[int]] = []
    end, size_now = len(uids), first
    while end > 0:
        found.append(uids[max(end - size_now, 0) : end])
        end, size_now = end - size_now, size
    return found


def _uid(name: RemoteId, epoch: int) -> int:
    """The UID in a remote id; 0 where it is of another epoch."""
    before, _, uid = name.partition(".")
    return int(uid) if before == str(epoch) and uid.isdecimal() else 0


def _renumbered(stream: Stream) -> str:
    return f"{stream.name}: the server counts its mails anew (UIDVALIDITY changed)."


# -------------------------------------------------------------------------------------------------------- the cursor


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says. A folder's epoch is its UIDVALIDITY."""

    epoch: int
    next: int  # UIDNEXT before anything was listed: what is below it is known or to do
    modseq: int = 0  # HIGHESTMODSEQ of that moment
    todo: Uids = NONE  # not yet listed
    known: Uids = NONE  # listed, and found or missed
    drift: int = 0  # by so many the server's own number exceeds what it lists
    listing: bool = False  # the folder is being read for the first time
    texts: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> "_Said | None":
        """None too for a cursor of another version."""
        if not cursor or cursor.get("v") != 1:
            return None
        return cls(
            cursor["epoch"],
            cursor["next"],
            cursor["modseq"],
            Uids.read(cursor["todo"]),
            Uids.read(cursor["known"]),
            cursor["drift"],
            cursor["listing"],
            cursor["texts"],
        )

    def cursor(self) -> Cursor:
        """As the store keeps it."""
        kept: dict[str, Any] = {
            "v": 1,
            "epoch": self.epoch,
            "next": self.next,
            "modseq": self.modseq,
            "todo": str(self.todo),
            "known": str(self.known),
            "drift": self.drift,
            "listing": self.listing,
            "texts": self.texts,
        }
        return kept


# -------------------------------------------------------------------------------------------------------- the folders


def streams_of(folders: Sequence[Folder], *, gmail: bool = False) -> list[Stream]:
    """The folders that are read, in the order in which they are."""
    used = [(each, use_of(each)) for each in folders if not each.flags & {"\\noselect", "\\nonexistent"}]
    out = [each for each in folders if use_of(each) in LEFT_OUT]
    if gmail and any(use == "\\All" for _, use in used):
        read = [(each, use) for each, use in used if use in ("\\Sent", "\\All")]
    else:
        read = [(each, use) for each, use in used if use not in LEFT_OUT | REPEATING and not _below(each, out)]
    found = {each.name: Stream(each.name, _shown(each.name), use) for each, use in read}
    return sorted(
        found.values(), key=lambda one: (one.role != "\\Sent", one.role != "\\Inbox", one.name.casefold(), one.id)
    )


def use_of(folder: Folder) -> str:
    """RFC 6154, by the flags, else by the name; the inbox is the one that IMAP calls so."""
    if folder.name.upper() == "INBOX":
        return "\\Inbox"
    for use in USES:
        if use.lower() in folder.flags:
            return use
    name = _shown(folder.name)
    last = name.rpartition(folder.parted_by)[2] if folder.parted_by else name
    named = headers.special_use(last)
    return "" if named == "\\Inbox" else named


def _below(folder: Folder, others: Sequence[Folder]) -> bool:
    return any(other.parted_by and folder.name.startswith(other.name + other.parted_by) for other in others)


def _shown(name: str) -> str:
    """A folder's name in letters: servers spell it in modified UTF-7."""
    from imapclient.imap_utf7 import decode

    try:
        return str(decode(name.encode("ascii"))) if name.isascii() else name.encode("utf-8", "replace").decode()
    except (ValueError, UnicodeError):
        return name
