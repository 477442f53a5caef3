"""What does a Gmail mailbox hold, and what does the Gmail API say of it?

`Mailbox` is the model: mails with labels, threads as Gmail forms them, history ids that only grow. `Gmail` answers the
methods of the API from it.
"""

import base64
import binascii
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import formataddr, getaddresses, parsedate_to_datetime
from typing import Any

from tests.fakes import google_errors as say
from tests.fakes.google_errors import ProblemError
from tests.fakes.google_pages import BadTokenError, Pager
from tests.fakes.plumbing import Asked

SYSTEM = (
    "INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "UNREAD", "STARRED", "IMPORTANT", "CHAT", "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS",
)  # fmt: skip
HIDDEN = frozenset({"SPAM", "TRASH"})
"""Left out of a listing unless they are asked for."""

METADATA = "https://www.googleapis.com/auth/gmail.metadata"
PAGE = 500
"""The most of a page; documented."""

PEOPLE = frozenset({"from", "to", "cc", "bcc", "sender", "reply-to"})

Kind = str  # "messageAdded", "messageDeleted", "labelAdded", "labelRemoved"


@dataclass
class Mail:
    """One message; the same id in all its labels."""

    id: str
    thread: str
    raw: bytes = field(repr=False)
    labels: list[str]
    at: int  # internalDate: milliseconds
    history: int

    def parsed(self) -> Message:
        return BytesParser(policy=compat32).parsebytes(self.raw)

    @property
    def message_id(self) -> str:
        return str(self.parsed().get("Message-ID", "")).strip()


@dataclass(frozen=True)
class Change:
    """One record of the history."""

    id: int
    kind: Kind
    mail: str
    thread: str
    labels: tuple[str, ...]  # that were added or taken; of a mail that came or went: that it has or had
    has: frozenset[str]  # it had then, before or after
    at: float


class Mailbox:
    """One user's mail."""

    def __init__(self, clock: Callable[[], float], seed: int = 0) -> None:
        self.mails: dict[str, Mail] = {}
        self.names: dict[str, str] = {one: one for one in SYSTEM}
        self.changes: list[Change] = []
        self.history_kept: float | None = None  # seconds; None is for ever
        self.unfetchable: set[str] = set()  # listed, and 404 when they are asked for
        self.unlisted: set[str] = set()  # fetchable, and not listed
        self.unthreaded: set[str] = set()  # listed and fetchable, and left out of its thread
        self._clock = clock
        self._dice = random.Random(seed)
        self._last = 0x18C0_0000_0000_0000 + self._dice.randrange(1 << 40)
        self.history = self._dice.randrange(10_000, 90_000)
        self._forgotten = 0

    # what happens to it

    def deliver(
        self,
        mail: bytes | EmailMessage,
        labels: Iterable[str] = ("INBOX", "UNREAD", "CATEGORY_PERSONAL"),
        at: datetime | None = None,
        thread: str | None = None,
    ) -> Mail:
        """A mail comes, or is sent, or is inserted."""
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        when = at.timestamp() if at else self._clock()
        self._last += self._dice.randrange(1, 1 << 24)
        id_ = f"{self._last:016x}"
        made = Mail(id_, thread or self._thread(raw) or id_, raw, self._known(labels), int(when * 1000), 0)
        self.mails[id_] = made
        self._note(made, "messageAdded", made.labels)
        return made

    def label(self, id_: str, *labels: str) -> None:
        mail = self.mails[id_]
        if new := [one for one in self._known(labels) if one not in mail.labels]:
            mail.labels += new
            self._note(mail, "labelAdded", new)

    def unlabel(self, id_: str, *labels: str) -> None:
        mail = self.mails[id_]
        if old := [one for one in labels if one in mail.labels]:
            had = frozenset(mail.labels)
            mail.labels = [one for one in mail.labels if one not in old]
            self._note(mail, "labelRemoved", old, had)

    def move(self, id_: str, to: str, since: str = "INBOX") -> None:
        self.label(id_, to)
        self.unlabel(id_, since)

    def trash(self, id_: str) -> None:
        self.move(id_, "TRASH")

    def delete(self, id_: str) -> None:
        """For ever."""
        self._note(self.mails[id_], "messageDeleted", self.mails[id_].labels)
        del self.mails[id_]

    def add_label(self, name: str) -> str:
        """A label of the user's own; gives its id."""
        id_ = f"Label_{1 + sum(one.startswith('Label_') for one in self.names)}"
        self.names[id_] = name
        return id_

    def rename_label(self, id_: str, name: str) -> None:
        self.names[id_] = name

    def delete_label(self, id_: str) -> None:
        for mail in list(self.mails.values()):
            self.unlabel(mail.id, id_)
        del self.names[id_]

    def forget_history(self) -> None:
        """Every history id that was given out is too old from now on."""
        self.history += self._dice.randrange(1, 90)
        self._forgotten = self.history

    # what it is asked

    def horizon(self) -> int:
        """The history before this id is forgotten."""
        if self.history_kept is not None:
            oldest = self._clock() - self.history_kept
            self._forgotten = max([self._forgotten, *(one.id for one in self.changes if one.at < oldest)])
        return self._forgotten

    def having(self, labels: Iterable[str], hidden: bool) -> Iterator[Mail]:
        """The mails with all these labels."""
        wanted = set(labels)
        for mail in self.mails.values():
            has = set(mail.labels)
            if wanted <= has and (hidden or not (HIDDEN & has - wanted)):
                yield mail

    def threads(self) -> dict[str, list[Mail]]:
        """The mails of each thread, oldest first."""
        found: dict[str, list[Mail]] = defaultdict(list)
        for mail in sorted(self.mails.values(), key=lambda one: (one.at, one.id)):
            found[mail.thread].append(mail)
        return found

    def _known(self, labels: Iterable[str]) -> list[str]:
        wanted = list(dict.fromkeys(labels))
        if unknown := [one for one in wanted if one not in self.names]:
            raise ValueError(f"no such label: {unknown}")
        return wanted

    def _note(self, mail: Mail, kind: Kind, labels: Iterable[str], had: frozenset[str] = frozenset()) -> None:
        self.history += self._dice.randrange(1, 90)  # ids have gaps
        mail.history = self.history
        has = frozenset(mail.labels) | had
        self.changes.append(Change(self.history, kind, mail.id, mail.thread, tuple(labels), has, self._clock()))

    def _thread(self, raw: bytes) -> str | None:
        """The thread of a mail that it answers, where they are of one matter."""
        head = BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
        named = re.findall(r"<[^<>\s]+>", f"{head.get('References', '')} {head.get('In-Reply-To', '')}")
        if not named:
            return None
        by_id = {mail.message_id: mail for mail in self.mails.values()}
        for one in reversed(named):
            if (found := by_id.get(one)) and matter(found.parsed()) == matter(head):
                return found.thread
        return None


def matter(head: Message) -> str:
    """A subject without its Re: and Fwd:."""
    return re.sub(r"(?i)^\s*((re|aw|fwd?|wg)\s*:\s*)*", "", plain(str(head.get("Subject", "")))).strip().lower()


def plain(value: str) -> str:
    """An unfolded header's value, its encoded words decoded."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError, binascii.Error):
        return value


def shown(name: str, raw: str, decoded: bool) -> str:
    """A header's value as the API shows it."""
    text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = re.sub(r"\r?\n(?=[ \t])", "", text).strip()
    if not decoded or "=?" not in text:
        return text
    if name.lower() not in PEOPLE:
        return plain(text)
    pairs = [(plain(one), address) for one, address in getaddresses([text])]
    return ", ".join(formataddr((one, address)) if one.isascii() else _named(one, address) for one, address in pairs)


def _named(name: str, address: str) -> str:
    return f'"{name}" <{address}>' if re.search(r'[(),.:;<>@\[\]\\"]', name) else f"{name} <{address}>"


@dataclass(frozen=True)
class Call:
    """A request that was looked at: a method, its parameters, who asks."""

    method: str
    values: dict[str, list[str]]
    path: dict[str, str]
    scopes: frozenset[str]
    asked: Asked
    upload: str = ""

    def one(self, name: str, default: str = "") -> str:
        return self.values.get(name, [default])[0]

    def yes(self, name: str) -> bool:
        return self.one(name, "false") == "true"

    @property
    def question(self) -> str:
        """What a page token belongs to: everything but the page."""
        rest = sorted((name, values) for name, values in self.values.items() if name not in ("pageToken", "maxResults"))
        return f"{self.method} {self.path} {rest}"


class Gmail:
    """The answers of the Gmail API for one mailbox."""

    def __init__(self, mailbox: Mailbox, address: str, breach: Callable[[str], None]) -> None:
        self.box, self.address, self.breach = mailbox, address, breach
        self.pager = Pager()
        self.shuffled = False  # messages and threads are not listed newest first
        self.hollow = False  # everything is empty at once
        self.fat_history = False  # records carry the labels of a message too
        self.decoded = True  # headers' encoded words are decoded
        self.answers: dict[str, Callable[[Call], Any]] = {
            "gmail.users.getProfile": self.profile,
            "gmail.users.labels.list": self.labels,
            "gmail.users.labels.get": self.label,
            "gmail.users.messages.list": self.messages,
            "gmail.users.messages.get": self.message,
            "gmail.users.messages.insert": self.insert,
            "gmail.users.threads.list": self.threads,
            "gmail.users.threads.get": self.thread,
            "gmail.users.history.list": self.history,
        }

    def answer(self, call: Call) -> Any:
        """What is said to a call; raises ProblemError."""
        who = call.path.get("userId", "me")
        if who not in ("me", self.address):
            raise ProblemError(say.forbidden(f"Delegation denied for {self.address}"))
        if call.method not in self.answers:
            self.breach(f"{call.method}: the fake does not have it")
            raise ProblemError(say.not_found())
        return self.answers[call.method](call)

    def profile(self, call: Call) -> Any:
        mails = {} if self.hollow else self.box.mails
        return {
            "emailAddress": self.address,
            "messagesTotal": len(mails),
            "threadsTotal": len({mail.thread for mail in mails.values()}),
            "historyId": str(self.box.history),
        }

    def labels(self, call: Call) -> Any:
        return {"labels": [self._label(id_, name) for id_, name in self.box.names.items()]}

    def label(self, call: Call) -> Any:
        id_ = call.path["id"]
        if id_ not in self.box.names:
            raise ProblemError(say.not_found())
        mails = [] if self.hollow else [mail for mail in self.box.mails.values() if id_ in mail.labels]
        unread = [mail for mail in mails if "UNREAD" in mail.labels]
        return self._label(id_, self.box.names[id_]) | {
            "messagesTotal": len(mails),
            "messagesUnread": len(unread),
            "threadsTotal": len({mail.thread for mail in mails}),
            "threadsUnread": len({mail.thread for mail in unread}),
        }

    def _label(self, id_: str, name: str) -> dict[str, Any]:
        return {"id": id_, "name": name, "type": "system" if id_ in SYSTEM else "user"}

    def messages(self, call: Call) -> Any:
        """Newest first; an empty list has no `messages`."""
        rows = [
            (self._place(mail.at, mail.id), {"id": mail.id, "threadId": mail.thread})
            for mail in self._listed(call)
            if mail.id not in self.box.unlisted
        ]
        return self._page(call, "messages", rows) | {"resultSizeEstimate": len(rows)}

    def threads(self, call: Call) -> Any:
        newest: dict[str, Mail] = {}
        for mail in sorted(self._listed(call), key=lambda one: one.at):
            newest[mail.thread] = mail
        rows = [
            (
                self._place(mail.at, id_),
                {"id": id_, "snippet": self._snippet(mail, call), "historyId": str(mail.history)},
            )
            for id_, mail in newest.items()
        ]
        return self._page(call, "threads", rows) | {"resultSizeEstimate": len(rows)}

    def _listed(self, call: Call) -> list[Mail]:
        self._no_search(call)
        labels = call.values.get("labelIds", [])
        for one in labels:
            if one not in self.box.names:
                raise ProblemError(say.invalid(f"Invalid label: {one}"))
        found = list(self.box.having(labels, call.yes("includeSpamTrash")))
        wanted = call.one("q").removeprefix("rfc822msgid:").strip("<> ")
        if call.one("q"):
            if not call.one("q").startswith("rfc822msgid:"):
                self.breach(f"q={call.one('q')}: the fake does not search for that")
            found = [mail for mail in found if mail.message_id.strip("<>") == wanted]
        return [] if self.hollow else found

    def _place(self, at: int, id_: str) -> Any:
        return (random.Random(id_).random(), id_) if self.shuffled else (-at, id_)

    def _no_search(self, call: Call) -> None:
        """Under gmail.metadata there is no `q`, not even an empty one, and whatever else the token opens."""
        if METADATA in call.scopes and "q" in call.values:
            self.breach(f"{call.method}: q under gmail.metadata")
            raise ProblemError(say.forbidden("Metadata scope does not support 'q' parameter"))

    def _page(self, call: Call, name: str, rows: list[tuple[Any, Any]]) -> dict[str, Any]:
        asked = int(call.one("maxResults", "100"))
        if not 0 < asked <= PAGE:
            self.breach(f"{call.method}: maxResults={asked}")
        try:
            items, token = self.pager.page(call.question, call.one("pageToken") or None, rows, min(asked, PAGE) or 100)
        except BadTokenError:
            raise ProblemError(say.invalid("Invalid pageToken")) from None
        made: dict[str, Any] = {name: items} if items else {}
        return made | ({"nextPageToken": token} if token else {})

    def message(self, call: Call) -> Any:
        return self._shown(self._found(call.path["id"]), self._form(call), call)

    def thread(self, call: Call) -> Any:
        mails = self.box.threads().get(call.path["id"], [])
        mails = [mail for mail in mails if mail.id not in self.box.unfetchable | self.box.unthreaded]
        if not mails:
            raise ProblemError(say.not_found())
        form = self._form(call)
        history = max(mail.history for mail in mails)
        return {
            "id": call.path["id"],
            "historyId": str(history),
            "messages": [self._shown(mail, form, call) for mail in mails],
        }

    def _found(self, id_: str) -> Mail:
        if not re.fullmatch(r"[0-9a-f]{1,16}", id_):
            self.breach("an id that was never given")
            raise ProblemError(say.invalid("Invalid id value"))
        if id_ in self.box.unfetchable or id_ not in self.box.mails:
            raise ProblemError(say.not_found())
        return self.box.mails[id_]

    def _form(self, call: Call) -> str:
        form = call.one("format", "full")
        if METADATA in call.scopes and form in ("full", "raw"):
            self.breach(f"{call.method}: format {form} under gmail.metadata")
            raise ProblemError(say.forbidden(f"Metadata scope doesn't allow format {form.upper()}"))
        return form

    def _shown(self, mail: Mail, form: str, call: Call) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": mail.id,
            "threadId": mail.thread,
            "labelIds": list(mail.labels),
            "snippet": self._snippet(mail, call),
            "sizeEstimate": len(mail.raw),
            "historyId": str(mail.history),
            "internalDate": str(mail.at),
        }
        if form == "raw":
            return made | {"raw": base64.urlsafe_b64encode(mail.raw).decode()}
        if form == "full":
            return made | {"payload": self._part(mail.parsed(), "")}
        if form == "metadata":
            named = {one.lower() for one in call.values.get("metadataHeaders", [])}
            parsed = mail.parsed()
            headers = [one for one in self._headers(parsed) if not named or one["name"].lower() in named]
            return made | {"payload": {"mimeType": parsed.get_content_type(), "headers": headers}}
        return made

    def _headers(self, part: Message) -> list[dict[str, str]]:
        return [{"name": name, "value": shown(name, str(value), self.decoded)} for name, value in part.raw_items()]

    def _snippet(self, mail: Mail, call: Call) -> str:
        """The first words of the text; nothing of it under gmail.metadata."""
        if METADATA in call.scopes:
            return ""
        for part in mail.parsed().walk():
            if part.get_content_type() == "text/plain":
                return " ".join(_content(part).decode("utf-8", "replace").split())[:100]
        return ""

    def _part(self, part: Message, number: str) -> dict[str, Any]:
        made = {
            "partId": number,
            "mimeType": part.get_content_type(),
            "filename": part.get_filename() or "",
            "headers": self._headers(part),
        }
        if part.is_multipart():
            inner = [one for one in part.get_payload() if isinstance(one, Message)]
            numbered = [self._part(one, f"{number}.{n}".strip(".")) for n, one in enumerate(inner)]
            return made | {"body": {"size": 0}, "parts": numbered}
        content = _content(part)
        if made["filename"]:
            return made | {"body": {"attachmentId": f"ANGjdJ{number}", "size": len(content)}}
        return made | {"body": {"size": len(content), "data": base64.urlsafe_b64encode(content).decode()}}

    def history(self, call: Call) -> Any:
        """What happened after that id; 404 where that is no longer known."""
        start = call.one("startHistoryId")
        if not start:
            self.breach("history.list without startHistoryId")
            raise ProblemError(say.invalid("Missing/invalid parameter: startHistoryId"))
        if not self.box.horizon() <= int(start) <= self.box.history:
            raise ProblemError(say.not_found())
        kinds, label = call.values.get("historyTypes", []), call.one("labelId")
        rows = [
            (change.id, self._record(change))
            for change in self.box.changes
            if change.id > int(start)
            and (not kinds or change.kind in kinds)
            and (not label or label in change.has or label in change.labels)
        ]
        return self._page(call, "history", [] if self.hollow else rows) | {"historyId": str(self.box.history)}

    def _record(self, change: Change) -> dict[str, Any]:
        message: dict[str, Any] = {"id": change.mail, "threadId": change.thread}
        full = message | ({"labelIds": sorted(change.has)} if self.fat_history else {})
        names = {
            "messageAdded": "messagesAdded",
            "messageDeleted": "messagesDeleted",
            "labelAdded": "labelsAdded",
            "labelRemoved": "labelsRemoved",
        }
        part: dict[str, Any] = {"message": full}
        if change.kind in ("labelAdded", "labelRemoved"):
            part["labelIds"] = list(change.labels)
        return {"id": str(change.id), "messages": [message], names[change.kind]: [part]}

    def insert(self, call: Call) -> Any:
        told, raw = inserted(call.asked, call.upload)
        if raw is None:
            self.breach("messages.insert without a mail")
            raise ProblemError(
                say.invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
            )
        try:
            labels = self.box._known(told.get("labelIds", []))
        except ValueError:
            raise ProblemError(say.invalid("Invalid label")) from None
        thread = told.get("threadId")
        if thread and thread not in self.box.threads():
            raise ProblemError(say.not_found())
        at = None
        if call.one("internalDateSource") == "dateHeader":
            at = _dated(raw)
        made = self.box.deliver(raw, labels, at, thread)
        return {"id": made.id, "threadId": made.thread, "labelIds": list(made.labels)}


def inserted(asked: Asked, upload: str) -> tuple[dict[str, Any], bytes | None]:
    """What was given with a mail, and the mail."""
    kind = asked.headers.get("content-type", "").partition(";")[0].strip()
    if not upload:
        told = json.loads(asked.body or b"{}")
        raw = told.get("raw")
        return told, base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)) if raw else None
    if kind != "multipart/related":
        return {}, asked.body or None
    boundary = re.search(r'boundary="?([^";]+)"?', asked.headers["content-type"])
    if not boundary:
        return {}, None
    pieces = [one.lstrip(b"\r\n") for one in asked.body.split(b"--" + boundary[1].encode())[1:-1]]
    bodies = [re.split(rb"\r?\n\r?\n", one, maxsplit=1)[-1].removesuffix(b"\n").removesuffix(b"\r") for one in pieces]
    return json.loads(bodies[0] or b"{}"), bodies[1]


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _dated(raw: bytes) -> datetime | None:
    head = BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
    try:
        at = parsedate_to_datetime(str(head.get("Date", "")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
