"""What stands in a mailbox of Microsoft's, and how is it shown? Folders, messages, and what changed since.

    ada = fake.user("ada@example.org")
    mail = ada.mail.deliver(raw, at=yesterday)
    ada.mail.move(mail, ada.mail.folder("Projects"))
    ada.mail.forget_sync_state("inbox")                # the next delta gets 410

The lies that are documented or reported are words in `lies` (see `LIES`).
"""

import base64
import binascii
import hashlib
import random
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property
from typing import Any, Final

from tests.fakes.graph_schema import (
    FOLDER,
    MESSAGE,
    USUAL,
    Ask,
    Query,
    Refused,
    Said,
    Test,
    bad,
    denied,
    gone,
    shown,
    utc,
)

WELL_KNOWN: Final = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "junkemail": "Junk Email",
    "archive": "Archive",
    "outbox": "Outbox",
}
"""The folders that every mailbox has, as they are shown in English."""

RARE: Final = frozenset(
    {
        *("clutter", "conflicts", "conversationhistory", "localfailures", "recoverableitemsdeletions", "scheduled"),
        *("searchfolders", "serverfailures", "syncissues"),
    }
)
"""Names that are well known too, of folders that are there only when something is in them."""

LIES: Final = {
    "shuffled": "the pages of a delta come in any order",
    "repeated": "each page of a delta says again the last item of the one before",
    "ends early": "the first page of a delta has a deltaLink though more is there ($top=2: docs-contrib#7946)",
    "empty": "listings and deltas of messages show nothing at all",
    "no folders": "there seems to be no folder",
    "partial": "a delta gives of what changed only the properties that did",
    "moves are deletions": "a delta says that what was moved was deleted",
    "no headers in delta": "a delta leaves internetMessageHeaders out",
    "no headers": "internetMessageHeaders is nowhere, as of what Outlook itself sent",
    "no headers in sent": "internetMessageHeaders is not there in Sent Items",
    "nulls": "whatever may be null is null",
    "foreign links": "the links lead to another host",
    "loops": "a nextLink leads to the page that it stands in",
    "basic refused": "a delta refuses Mail.ReadBasic, as the permissions of 2021 said",
}

CAPACITY: Final = 50
"""With so many initial deltas of one folder on a day the mailbox is full of sync state (docs#5730)."""

BASIC: Final = ("Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite")
FULL: Final = ("Mail.Read", "Mail.ReadWrite")
SECRET: Final = ("body", "bodyPreview", "uniqueBody")
"""What Mail.ReadBasic never shows, beside attachments and extensions."""

LISTED: Final = ("$select", "$top", "$skip", "$filter", "$orderby", "$count", "$search", "$expand")
DELTA: Final = ("$select", "$top", "$filter", "$orderby", "$expand", "changeType", "$skiptoken", "$deltatoken")
FOLDERS: Final = ("$select", "$top", "$skip", "$filter", "includeHiddenFolders")


def made(prefix: str, *of: object) -> str:
    """An id as Exchange makes them: long, of letters, digits, `-`, `_` and `=`."""
    digest = hashlib.sha256("\0".join(map(str, of)).encode()).digest()
    return prefix + base64.urlsafe_b64encode(digest + digest[:20]).decode()[:70] + "AAA="


def token_of(owner: str, state: object) -> str:
    """What stands for a state in a link: the same for the same, so that whoever asks twice can be compared."""
    digest = hashlib.sha512(f"{owner} {state!r}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _text(value: object) -> str:
    """A header, decoded as Exchange does."""
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", str(value))
    try:
        return str(make_header(decode_header(unfolded))).encode("utf-8", "replace").decode()
    except (LookupError, ValueError):
        return unfolded.encode("utf-8", "replace").decode()


def recipients(message: Message, name: str) -> list[dict[str, Any]]:
    """Whoever has no name is shown by the address."""
    fields = [re.sub(r"\r?\n(?=[ \t])", "", str(one)) for one in message.get_all(name, [])]
    return [
        {"emailAddress": {"name": _text(shown) or address, "address": address}}
        for shown, address in getaddresses(fields)
        if address
    ]


@dataclass
class Folder:
    """A folder, and what happened in it."""

    id: str
    name: str
    parent: "Folder | None" = None
    known: str = ""  # its well-known name
    hidden: bool = False
    search: str = ""  # of a search folder, what it looks for
    log: list[tuple[int, str, str, str]] = field(default_factory=list, repr=False)  # when, which, what, its old id
    generation: int = 0  # of its sync state


@dataclass
class Mail:
    """A message."""

    key: str  # its immutable id
    raw: bytes = field(repr=False)
    folder: Folder
    at: datetime
    created: datetime
    modified: datetime
    read: bool = False
    draft: bool = False
    moves: int = 0
    version: int = 1
    nulls: bool = False  # of this one whatever may be null is null

    @cached_property
    def message(self) -> Message:
        return message_from_bytes(self.raw)

    @property
    def id(self) -> str:
        """The one that changes when it is moved."""
        return made("AAMkAD", self.key, self.folder.id, self.moves)

    @property
    def message_id(self) -> str:
        return _text(self.message.get("Message-ID", "")).strip()

    @property
    def subject(self) -> str:
        return _text(self.message.get("Subject", ""))

    @property
    def sent(self) -> datetime:
        try:
            date = parsedate_to_datetime(str(self.message.get("Date", "")))
        except (TypeError, ValueError):
            return self.at
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)

    @cached_property
    def text(self) -> str:
        """Its text, for those who may read it."""
        for part in self.message.walk():
            if part.get_content_type() == "text/plain":
                content = part.get_payload(decode=True)
                return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        return ""

    @cached_property
    def invites(self) -> bool:
        """Whether it is an invitation to a meeting."""
        return any(part.get_content_type() == "text/calendar" for part in self.message.walk())

    def conversation(self) -> str:
        """Of whatever answers whatever."""
        references = str(self.message.get("References", "")).split()
        first = references[0] if references else str(self.message.get("In-Reply-To", "")).strip() or self.message_id
        return made("AAQkAD", first or self.key)

    def headers(self) -> list[dict[str, str]]:
        return [
            {"name": name, "value": re.sub(r"\r?\n(?=[ \t])", "", str(value)).encode("utf-8", "replace").decode()}
            for name, value in self.message.items()
        ]

    @cached_property
    def lasting(self) -> dict[str, Any]:
        """What Graph has of it that never changes."""
        senders = recipients(self.message, "From")
        body = {"contentType": "text", "content": self.text}
        conversation = self.conversation()
        return {
            "categories": [],
            "createdDateTime": utc(self.created),
            "receivedDateTime": utc(self.at),
            "sentDateTime": utc(self.sent),
            "hasAttachments": any(part.get_filename() for part in self.message.walk()),
            "internetMessageId": self.message_id or None,
            "internetMessageHeaders": self.headers(),
            "subject": self.subject,
            "body": body,
            "bodyPreview": self.text[:255],
            "uniqueBody": body,
            "importance": "normal",
            "sender": (recipients(self.message, "Sender") or senders or [None])[0],
            "from": (senders or [None])[0],
            "toRecipients": recipients(self.message, "To"),
            "ccRecipients": recipients(self.message, "Cc"),
            "bccRecipients": recipients(self.message, "Bcc"),
            "replyTo": recipients(self.message, "Reply-To"),
            "conversationId": conversation,
            "conversationIndex": base64.b64encode(conversation[6:22].encode()).decode(),
            "isDeliveryReceiptRequested": False,
            "isReadReceiptRequested": "Disposition-Notification-To" in self.message,
            "inferenceClassification": "focused",
            "flag": {"flagStatus": "notFlagged"},
        }

    def whole(self, immutable: bool) -> dict[str, Any]:
        """All that Graph has of it."""
        told: dict[str, Any] = {
            "@odata.etag": f'W/"CQAAABYAAAA{self.version:08d}"',
            "id": self.key if immutable else self.id,
            "changeKey": f"CQAAABYAAAA{self.version:08d}",
            "lastModifiedDateTime": utc(self.modified),
            "parentFolderId": self.folder.id,
            "isRead": self.read,
            "isDraft": self.draft,
            "webLink": f"https://outlook.office365.com/owa/?ItemID={self.id}&exvsurl=1&viewmodel=ReadMessageItem",
            **self.lasting,
        }
        if self.nulls:
            keep = ("id", "parentFolderId")
            told = {
                name: value if name in keep or isinstance(value, list) or name[0] == "@" else None
                for name, value in told.items()
            }
        return told


CHANGING: Final = ("isRead", "isDraft", "categories", "flag", "parentFolderId", "changeKey", "lastModifiedDateTime")
"""What of a message may change while it stays where it is."""


@dataclass(frozen=True)
class State:
    """What a token of a delta stands for."""

    folder: str
    select: tuple[str, ...]
    top: int | None
    tests: tuple[Test, ...]
    change: str
    since: int | None  # None: the initial round
    upto: int
    generation: int
    pending: tuple[tuple[str, str, str], ...] | None  # which, what, its old id; None in a deltaLink
    page: int = 1
    empty: int = 0  # pages with nothing in them that come first


class Mailbox:
    """Folders and messages of one user. Whoever calls these methods is another mail program at work."""

    def __init__(self, owner: str, clock: Callable[[], datetime]) -> None:
        self.owner, self.clock = owner, clock
        self.lies: set[str] = set()
        self.left_out: set[str] = set()  # keys of what listings and deltas do not show, though it is there
        self.empty_pages = 0  # pages with nothing in them, at the beginning of each round of a delta
        self.initial: Counter[tuple[str, str]] = Counter()  # initial deltas, by folder and day
        self.capacity = CAPACITY
        self.mails: dict[str, Mail] = {}
        self.folders: dict[str, Folder] = {}
        self._states: dict[str, State] = {}
        self._forget_at: dict[str, tuple[int, str]] = {}  # by folder: on which page of a round
        self._code: dict[str, str] = {}  # with which words the state of a folder is gone
        self._tick = 0
        self._dice = random.Random(owner)
        self.root = self._folder("Top of Information Store", None)
        for known, name in WELL_KNOWN.items():
            self._folder(name, self.root, known)

    # ------------------------------------------------------------------------------------------- what others do in it

    def folder(self, name: str) -> Folder:
        """By its well-known name, its name, or its id. Raises LookupError."""
        for one in self.folders.values():
            if name in (one.known, one.name, one.id):
                return one
        raise LookupError(name)

    def make_folder(self, name: str, parent: str = "", *, hidden: bool = False, search: str = "") -> Folder:
        """A new one; with `search`, one that shows what stands elsewhere."""
        new = self._folder(name, self.folder(parent) if parent else self.root, hidden=hidden)
        new.search = search
        return new

    def rename_folder(self, folder: str, name: str) -> None:
        self.folder(folder).name = name

    def delete_folder(self, folder: str) -> None:
        """It and its messages are gone: from now on 404."""
        old = self.folder(folder)
        for mail in [one for one in self.mails.values() if one.folder is old]:
            self.delete(mail)
        del self.folders[old.id]

    def deliver(
        self,
        raw: bytes | EmailMessage,
        folder: str = "inbox",
        at: datetime | None = None,
        *,
        read: bool = False,
        draft: bool = False,
    ) -> Mail:
        """A message has come, or was put there."""
        now = self.clock()
        content = raw.as_bytes() if isinstance(raw, EmailMessage) else raw
        key = made("AAkALgAAAAAAHYQDEapmEc2byACq", self.owner, len(self.mails), self._tick, secrets.token_hex(8))
        mail = Mail(key, content, self.folder(folder), at or now, now, now, read, draft)
        self.mails[key] = mail
        self._note(mail, "added")
        return mail

    def move(self, mail: Mail, folder: str) -> None:
        """To another folder: its id changes, its immutable id does not."""
        self._note(mail, "moved")
        mail.folder = self.folder(folder)
        mail.moves += 1
        self._note(mail, "added")

    def copy(self, mail: Mail, folder: str) -> Mail:
        return self.deliver(mail.raw, folder, mail.at, read=mail.read)

    def bin(self, mail: Mail) -> None:
        """As with the delete key: to Deleted Items."""
        self.move(mail, "deleteditems")

    def delete(self, mail: Mail) -> None:
        """For good."""
        self._note(mail, "deleted")
        del self.mails[mail.key]

    def mark(self, mail: Mail, *, read: bool = True) -> None:
        mail.read = read
        mail.version += 1
        mail.modified = self.clock()
        self._note(mail, "changed")

    def within(self, folder: str) -> list[Mail]:
        """What stands in a folder, as it came."""
        where = self.folder(folder)
        return [one for one in self.mails.values() if one.folder is where]

    def leave_out(self, *mails: Mail) -> None:
        """Listings and deltas do not show these, though they are there; asked for by their ids they are."""
        self.left_out |= {one.key for one in mails}

    def forget_sync_state(
        self, folder: str | None = None, *, on_page: int | None = None, code: str = "SyncStateNotFound"
    ) -> None:
        """Every link given out so far, of that folder or of all, leads to 410; or the link to that page of a round
        does, once."""
        for one in [self.folder(folder)] if folder else list(self.folders.values()):
            if on_page:
                self._forget_at[one.id] = (on_page, code)
            else:
                one.generation += 1
                self._code[one.id] = code

    def _folder(self, name: str, parent: Folder | None, known: str = "", *, hidden: bool = False) -> Folder:
        new = Folder(made("AQMkAD", self.owner, name, len(self.folders), secrets.token_hex(4)), name, parent, known)
        new.hidden = hidden
        self.folders[new.id] = new
        return new

    def _note(self, mail: Mail, what: str) -> None:
        self._tick += 1
        mail.folder.log.append((self._tick, mail.key, what, mail.id))

    # ------------------------------------------------------------------------------------------------ what Graph says

    def find_folder(self, named: str) -> Folder:
        for one in self.folders.values():
            if named == one.id or (one.known and named.lower() == one.known):
                return one
        if named.lower() == "msgfolderroot":
            return self.root
        if len(named) < 30 and named.lower() not in RARE | WELL_KNOWN.keys():
            raise bad("ErrorInvalidIdMalformed", "Id is malformed.")
        raise gone()

    def find(self, named: str) -> Mail:
        if named in self.mails:
            return self.mails[named]
        for one in self.mails.values():
            if one.id == named:
                return one
        if len(named) < 30:
            raise bad("ErrorInvalidIdMalformed", "Id is malformed.")
        raise gone()

    def shown_folder(self, one: Folder) -> dict[str, Any]:
        mails = [mail for mail in self.mails.values() if mail.folder is one]
        searches = {
            "@odata.type": "#microsoft.graph.mailSearchFolder",
            "isSupported": True,
            "includeNestedFolders": True,
            "sourceFolderIds": [self.root.id],
            "filterQuery": one.search,
        }
        return {
            **(searches if one.search else {}),
            "id": one.id,
            "displayName": one.name,
            "parentFolderId": (one.parent or one).id,
            "childFolderCount": sum(each.parent is one for each in self.folders.values()),
            "unreadItemCount": sum(not mail.read for mail in mails),
            "totalItemCount": len(mails),
            "isHidden": one.hidden,
            "sizeInBytes": sum(len(mail.raw) for mail in mails),
        }

    def get_folders(self, ask: Ask) -> Said:
        """The folders below the root, or below another."""
        above = self.find_folder(ask.named["folder"]) if "folder" in ask.named else self.root
        hidden = ask.query.more.get("includehiddenfolders", "false").lower() == "true"
        below = [one for one in self.folders.values() if one.parent is above and (hidden or not one.hidden)]
        found = [self.shown_folder(one) for one in below]
        for test in ask.query.tests:
            found = [one for one in found if _passes(test, one)]
        if "no folders" in self.lies:
            found = []
        path = f"me/mailFolders('{above.id}')/childFolders" if "folder" in ask.named else "me/mailFolders"
        return listed(ask, found, path, FOLDER)

    def get_folder(self, ask: Ask) -> Said:
        return Said(
            shown(FOLDER, self.shown_folder(self.find_folder(ask.named["folder"])), ask.query.select), of=FOLDER
        )

    def given(self, mail: Mail, ask: Ask, select: Iterable[str], *, delta: bool = False) -> dict[str, Any]:
        """A message as this request may see it."""
        if "nulls" in self.lies:
            mail = replace(mail, nulls=True)
        wanted = list(select)
        whole = mail.whole(ask.prefer.immutable)
        never: set[str] = set() if ask.may(*FULL) else set(SECRET)
        sent = "no headers in sent" in self.lies and mail.folder.known == "sentitems"
        if sent or "no headers" in self.lies or mail.draft or (delta and "no headers in delta" in self.lies):
            never.add("internetMessageHeaders")
        if ask.prefer.text is False and "body" in whole and whole["body"]:
            page = f"<html><body><pre>{mail.text}</pre></body></html>"
            whole |= {name: {"contentType": "html", "content": page} for name in ("body", "uniqueBody")}
        told = shown(MESSAGE, whole, wanted, never)
        kind = "#microsoft.graph.eventMessageRequest" if mail.invites else "#microsoft.graph.message"
        return {"@odata.type": kind, **told} if delta or mail.invites else told

    def get_message(self, ask: Ask) -> Said:
        self._permit(ask)
        mail = self.find(ask.named["message"])
        if "folder" in ask.named and mail.folder is not self.find_folder(ask.named["folder"]):
            raise gone()
        return Said(self.given(mail, ask, ask.query.select), of=MESSAGE)

    def get_messages(self, ask: Ask) -> Said:
        """A listing, newest first where nothing else is asked for."""
        self._permit(ask)
        folder = self.find_folder(ask.named["folder"]) if "folder" in ask.named else None
        found = [one for one in self.mails.values() if folder in (None, one.folder) and one.key not in self.left_out]
        _efficient(ask.query)
        whole = [(one, one.whole(ask.prefer.immutable)) for one in found]
        for test in ask.query.tests:
            whole = [(one, told) for one, told in whole if _passes(test, told)]
        for name, down in reversed(ask.query.order or (("receivedDateTime", True),)):
            whole.sort(key=lambda pair: str(pair[1].get(name)), reverse=down)
        if "empty" in self.lies:
            whole = []
        told = [self.given(one, ask, ask.query.select) for one, _ in whole]
        path = f"me/mailFolders('{folder.id}')/messages" if folder else "me/messages"
        return listed(ask, told, path, MESSAGE, cut=False)

    def delta(self, ask: Ask) -> Said:
        """A page of what changed in a folder since the token, or of all that is in it."""
        folder = self.find_folder(ask.named["folder"])
        if "basic refused" in self.lies and not ask.may(*FULL):
            raise denied()
        told = {name: value for name, value in ask.query.more.items() if name.endswith("token")}
        if not told:
            self._permit(ask)
            return self._page(ask, folder, self._begun(ask, folder))
        if len(told) > 1 or ask.query.select or ask.query.top or ask.query.tests or ask.query.order:
            raise bad("ErrorInvalidUrlQuery", "A link of a delta is to be used as it was given.")
        [token] = told.values()
        if token not in self._states:
            raise bad("BadRequest", "Badly formed token.")
        state = self._states[token]
        if state.folder != folder.id:
            raise bad("BadRequest", "The token is of another folder.")
        self._still_known(ask, folder, state)
        if state.pending is None:
            state = self._resumed(folder, state)
        return self._page(ask, folder, state)

    def _permit(self, ask: Ask) -> None:
        """Some options need more than Mail.ReadBasic."""
        if ("$search" in ask.query.more or "$expand" in ask.query.more) and not ask.may(*FULL):
            raise denied()
        if set(ask.query.select) & set(SECRET) and not ask.may(*FULL):
            raise denied()

    def _begun(self, ask: Ask, folder: Folder) -> State:
        day = (folder.id, f"{ask.now:%Y-%m-%d}")
        self.initial[day] += 1
        if self.initial[day] > self.capacity:
            raise Refused(403, "ErrorQuotaExceeded", "The mailbox is full.")
        for test in ask.query.tests:
            if test.name != "receivedDateTime" or test.how not in ("ge", "gt"):
                raise bad("ErrorInvalidUrlQuery", "Only receivedDateTime ge and gt are supported in a delta.")
        if ask.query.order not in ((), (("receivedDateTime", True),)):
            raise bad("ErrorInvalidUrlQuery", "Only receivedDateTime desc is supported in a delta.")
        there = [one for one in self.mails.values() if one.folder is folder]
        for test in ask.query.tests:
            there = [one for one in there if _passes(test, one.whole(immutable=True))][:5_000]
        if ask.query.order:
            there.sort(key=lambda one: one.at, reverse=True)
        elif "shuffled" in self.lies:
            self._dice.shuffle(there)
        pending = tuple((one.key, "added", one.id) for one in there)
        change = ask.query.more.get("changetype", "")
        return State(
            folder.id, ask.query.select, ask.query.top, ask.query.tests, change, None, self._tick, folder.generation,
            pending, empty=self.empty_pages,
        )  # fmt: skip

    def _resumed(self, folder: Folder, state: State) -> State:
        """A new round: what happened in the folder since."""
        since = state.upto
        latest: dict[str, tuple[str, str]] = {}
        for tick, key, what, old in folder.log:
            if tick <= since:
                continue
            if what == "changed" and latest.get(key, ("",))[0] == "added":
                what = "added"
            latest.pop(key, None)
            latest[key] = (what, old)
        changes = [(key, what, old) for key, (what, old) in latest.items()]
        if "shuffled" in self.lies:
            self._dice.shuffle(changes)
        return replace(state, since=since, upto=self._tick, pending=tuple(changes), page=1, empty=self.empty_pages)

    def _still_known(self, ask: Ask, folder: Folder, state: State) -> None:
        at, code = self._forget_at.get(folder.id, (0, ""))
        if at == state.page:
            del self._forget_at[folder.id]
            folder.generation += 1
            self._code[folder.id] = code
        if state.generation != folder.generation:
            code = self._code.get(folder.id, "SyncStateNotFound")
            where = f"{ask.base}/me/mailFolders('{folder.id}')/messages/delta"
            said = (
                f"The sync state generation is not found; generation={state.generation};[highest={folder.generation}]."
            )
            raise Refused(410, code, said, headers=(("Location", where),))

    def _page(self, ask: Ask, folder: Folder, state: State) -> Said:
        assert state.pending is not None
        size = state.top or ask.prefer.page or USUAL
        if "empty" in self.lies and state.since is None:
            state = replace(state, pending=())
        if state.empty:
            return self._linked(ask, [], replace(state, empty=state.empty - 1, page=state.page + 1))
        here, rest = state.pending[:size], state.pending[size:]
        if "repeated" in self.lies and rest and size > 1:
            rest = (here[-1], *rest)
        if "ends early" in self.lies and state.since is None:
            rest = ()
        items = [told for one in here if (told := self._item(ask, folder, state, *one)) is not None]
        if "loops" in self.lies and rest:
            return self._linked(ask, items, state)
        if not rest:
            return self._linked(ask, items, replace(state, pending=None, since=None, page=1))
        return self._linked(ask, items, replace(state, pending=rest, page=state.page + 1))

    def _item(self, ask: Ask, folder: Folder, state: State, key: str, what: str, old: str) -> dict[str, Any] | None:
        mail = self.mails.get(key)
        if mail and mail.folder is folder:
            kind = "created" if what == "added" else "updated"
            if key in self.left_out or (state.since is not None and state.change not in ("", kind)):
                return None
            select = state.select
            if "partial" in self.lies and what == "changed" and state.since is not None:
                select = tuple(name for name in (select or CHANGING) if name in CHANGING) or ("id",)
            if any(not _passes(test, mail.whole(immutable=True)) for test in state.tests):
                return None
            return self.given(mail, ask, select, delta=True)
        if state.since is None or state.change not in ("", "deleted"):
            return None  # it went while the first round was on its way: the next one tells
        moved = mail is not None and "moves are deletions" not in self.lies
        return {
            "@odata.type": "#microsoft.graph.message",
            "id": key if ask.prefer.immutable else old,
            "@removed": {"reason": "changed" if moved else "deleted"},
        }

    def _linked(self, ask: Ask, items: list[dict[str, Any]], state: State) -> Said:
        name = "deltatoken" if state.pending is None else "skiptoken"
        token = token_of(self.owner, state)
        self._states[token] = state
        base = "https://elsewhere.example/v1.0" if "foreign links" in self.lies else ask.base
        link = f"{base}/me/mailFolders('{state.folder}')/messages/delta?${name}={token}"
        note = "@odata.nextLink" if name == "skiptoken" else "@odata.deltaLink"
        context = f"{ask.base}/$metadata#Collection(message)"
        return Said({"@odata.context": context, note: link, "value": items}, of=MESSAGE, many=True)

    # ------------------------------------------------------------------------------------------------------- sending

    def post_message(self, ask: Ask) -> Said:
        """A draft, in whatever folder."""
        folder = self.find_folder(ask.named.get("folder", "drafts"))
        mail = self.deliver(mime(ask), folder.id, ask.now, draft=True, read=True)
        return Said(self.given(mail, ask, ()), 201, MESSAGE)

    def send(self, ask: Ask) -> Said:
        """Into Sent Items, and to oneself into the inbox where one is among those it is sent to."""
        content = mime(ask)
        self.deliver(content, "sentitems", ask.now, read=True)
        to = [
            one["emailAddress"]["address"].lower()
            for name in ("To", "Cc", "Bcc")
            for one in recipients(message_from_bytes(content), name)
        ]
        if not to:
            raise bad("ErrorInvalidRecipients", "At least one recipient isn't valid.")
        if self.owner.lower() in to:
            self.deliver(content, "inbox", ask.now)
        return Said(None, 202)


def mime(ask: Ask) -> bytes:
    """The message of a body in MIME. Raises Refused."""
    if ask.content.partition(";")[0].strip().lower() != "text/plain":
        raise bad("ErrorInvalidRequest", "This fake takes messages in MIME only: text/plain, in base64.")
    try:
        content = base64.b64decode(re.sub(rb"\s", b"", ask.body), validate=True)
    except binascii.Error as wrong:
        raise bad("ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.") from wrong
    if not message_from_bytes(content).keys():
        raise bad("ErrorMimeContentInvalid", "The MIME content is invalid.")
    return content


def listed(ask: Ask, found: list[dict[str, Any]], path: str, of: Any, *, cut: bool = True) -> Said:
    """A page of a listing; `cut` where $select was not yet applied."""
    size = ask.query.top or ask.prefer.page or USUAL
    here = found[ask.query.skip : ask.query.skip + size]
    value: dict[str, Any] = {"@odata.context": f"{ask.base}/$metadata#{path}"}
    if ask.query.more.get("$count", "").lower() == "true":
        value["@odata.count"] = len(found)
    if ask.query.skip + size < len(found):
        options = [f"${name}={text}" for name, text in _again(ask.query).items()]
        options += [f"{name}={text}" for name, text in ask.query.more.items() if name != "$count"]
        value["@odata.nextLink"] = f"{ask.base}/{path}?" + "&".join([*options, f"$skip={ask.query.skip + size}"])
    value["value"] = [shown(of, one, ask.query.select) for one in here] if cut else here
    return Said(value, of=of, many=True)


def _again(query: Query) -> Mapping[str, str]:
    """The options of a request, for the link to the next page."""
    told: dict[str, str] = {}
    if query.select:
        told["select"] = ",".join(query.select)
    if query.top:
        told["top"] = str(query.top)
    if query.order:
        told["orderby"] = ",".join(f"{name}{'%20desc' if down else ''}" for name, down in query.order)
    if query.tests:
        told["filter"] = "%20and%20".join(f"{one.name}%20{one.how}%20{_literal(one)}" for one in query.tests)
    return told


def _literal(test: Test) -> str:
    if isinstance(test.value, datetime):
        return utc(test.value)
    if isinstance(test.value, bool):
        return str(test.value).lower()
    return "'" + test.value.replace("'", "''").replace("<", "%3C").replace(">", "%3E") + "'"


def _efficient(query: Query) -> None:
    """What is sorted by must be filtered by first, and in the same order, where anything is filtered."""
    if query.tests and query.order:
        names = [test.name for test in query.tests]
        for at, (name, _) in enumerate(query.order):
            if at >= len(names) or names[at] != name:
                raise bad("InefficientFilter", "The restriction or sort order is too complex for this operation.")


def _passes(test: Test, told: Mapping[str, Any]) -> bool:
    mine = told.get(test.name)
    theirs = utc(test.value) if isinstance(test.value, datetime) else test.value
    if mine is None:
        return False
    return {
        "eq": mine == theirs,
        "ge": mine >= theirs,
        "gt": mine > theirs,
        "le": mine <= theirs,
        "lt": mine < theirs,
    }[test.how]


ROUTES: Final[tuple[tuple[Any, ...], ...]] = (
    ("GET", "me/mailFolders", Mailbox.get_folders, FOLDER, FOLDERS, BASIC),
    ("GET", "me/mailFolders/{folder}", Mailbox.get_folder, FOLDER, ("$select",), BASIC),
    ("GET", "me/mailFolders/{folder}/childFolders", Mailbox.get_folders, FOLDER, FOLDERS, BASIC),
    ("GET", "me/mailFolders/{folder}/messages/delta", Mailbox.delta, MESSAGE, DELTA, BASIC),
    ("GET", "me/mailFolders/{folder}/messages", Mailbox.get_messages, MESSAGE, LISTED, BASIC),
    ("GET", "me/mailFolders/{folder}/messages/{message}", Mailbox.get_message, MESSAGE, ("$select", "$expand"), BASIC),
    ("GET", "me/messages", Mailbox.get_messages, MESSAGE, LISTED, BASIC),
    ("GET", "me/messages/{message}", Mailbox.get_message, MESSAGE, ("$select", "$expand"), BASIC),
    ("POST", "me/messages", Mailbox.post_message, MESSAGE, (), ("Mail.ReadWrite",)),
    ("POST", "me/mailFolders/{folder}/messages", Mailbox.post_message, MESSAGE, (), ("Mail.ReadWrite",)),
    ("POST", "me/sendMail", Mailbox.send, MESSAGE, (), ("Mail.Send",)),
)
"""How it is asked for, what answers, of which resource, with which options, with which rights (any of them)."""
