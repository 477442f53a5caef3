"""What mail is in this Gmail mailbox? All of it is one stream, as a mail there has one id whatever its labels are.

**The anchor** is the mailbox's history id, asked for before anything is listed, so that nothing falls between a listing
and the changes after it. An idle round is one question for the changes, of two quota units.

**The first listing** brings whole threads: those that the user wrote in, then those in the inbox, then the rest, each
newest first (by the ids, which only grow). Listing is cheap, 500 ids for a quarter of what one mail costs; so every
round of it lists everything anew and goes on below the last thread that was brought. The cursor needs no list of what
is still to do and no page token that may be refused later, and pages that are shuffled, repeated or refused cost
nothing. What changes meanwhile is read first in each round, and once more at the end: then its whole thread is brought,
so that a thread which moves from one part of the order to another is not missed (docs/decisions/gmail-by-threads.md).

**What is gone**: what the history says was deleted, thrown away or marked as spam, and what is not found when it is
asked for by its id once more. A mail that is listed and not shown is missed.
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from connectors import headers
from connectors.contract import Cursor, CursorLost, Interaction, Page, RemoteId, Stream, TryLater
from connectors.gmail_changes import IDLE, NEVER, OUT, Changes, labels_of, strings
from connectors.gmail_text import pairs, text
from connectors.google_answers import Refused
from connectors.google_api import Answers, Api, Ask

MAILBOX: Final = Stream("all", "All Mail", "\\All")

FIRST: Final = 5
"""Threads on the first page, which comes before everything is listed: they fit into what may be spent at once."""

PAGE: Final = 25
"""Mails to a page: five seconds' worth of the quota, one batch, and all that a crash may cost."""

LISTED: Final = 500
"""Ids to an answer: the most that Gmail gives."""

CHANGES: Final = 100
"""Records of the history to an answer: each may cost a mail, and they are one page."""

BY_THREAD: Final = 3
"""From so many mails on, a thread as a whole costs less than they do."""

COST: Final = {"list": 5, "history": 2, "mail": 20, "thread": 40, "label": 1, "labels": 1}
"""Quota units (`sync.md`, 4)."""

RESTARTS: Final = 3
"""How often a listing whose page token was refused is begun anew."""

USES: Final = {"SENT": "\\Sent", "INBOX": "\\Inbox"}

FIELDS: Final = sorted(name.title().replace("-Id", "-ID") for name in headers.WANTED - headers.EXPORTED)
"""The headers that are asked for, and no others."""

SHOWN: Final = "id,threadId,labelIds,internalDate,sizeEstimate,payload"
"""What is asked for of a mail: its first words are in an answer too, and are none of our business."""


class Gmail:
    """One mailbox. Raises NeedsUser, TryLater and CursorLost, and nothing else."""

    def __init__(self, api: Api, *, texts: bool = False, page: int = PAGE, first: int = FIRST) -> None:
        self._api, self._texts, self._page, self._first = api, texts, page, min(first, page)
        self._names: dict[str, str] = {}

    def streams(self) -> Sequence[Stream]:
        """The one; nothing is asked."""
        return (MAILBOX,)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new, and what is gone; from None, everything."""
        said = _Said.of(cursor)
        if said is None:
            profile = self._api.profile()
            said = _Said(int(profile.history), profile.history, listing=True, texts=self._texts)
            said = yield from self._begin(said, profile.mails)
            yield from self._list_all(said)
            return
        if self._texts and not said.texts:
            said = replace(said, listing=True, texts=True, phase=0, below="", early=())
        said = yield from self._news(said, whole=said.listing)
        if said.listing:
            yield from self._list_all(said)

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """Pages with each of `ids` found, gone or missed again."""
        for at in range(0, len(ids), self._page):
            some = ids[at : at + self._page]
            answers = self._alone(some)
            absent = tuple(one for one in some if one in answers.refused)
            got = self._got(answers, [one for one in some if one not in answers.refused])
            yield Page(got.found, cursor, got.texts, (*got.out, *absent), got.missed)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every mail that there is: 5 units for 500."""
        drafts = {one for label in sorted(NEVER) for one in self._listed(label)}
        yield from (one for one in self._listed() if one not in drafts)

    # ----------------------------------------------------------------------------------------------- the first listing

    def _begin(self, said: "_Said", mails: int) -> Generator[Page, None, "_Said"]:
        """The newest threads that the user wrote in, at once; gives how far it is."""
        request = self._api.messages.list(userId="me", labelIds=["SENT"], maxResults=LISTED, fields=_LIST)
        told = self._api.ask(Ask(request, COST["list"], _LIST_HAS))
        rows = _rows(told)
        early = tuple(dict.fromkeys(rows.values()))[: self._first]
        if early:
            got = self._whole({one: thread for one, thread in rows.items() if thread in early})
            said = replace(said, early=early)
            share = min(len(got.found) / mails, 1.0) if mails else None
            yield Page(got.found, said.cursor(), got.texts, got.out, got.missed, progress=share)
        return said

    def _list_all(self, said: "_Said") -> Iterator[Page]:
        """The threads that are not yet brought, and at last what changed meanwhile."""
        plan = self._plan()
        done = plan.done(said)
        for some in plan.portions(said, self._page):
            got = self._threads(some)
            last, done = some[-1], done + sum(len(one.ids) for one in some)
            said = replace(said, phase=last.phase, below=last.key, early=said.early if last.phase == 0 else ())
            yield Page(got.found, said.cursor(), got.texts, got.out, got.missed, progress=done / plan.count)
        said = yield from self._news(said, whole=True)
        said = replace(said, listing=False, phase=0, below="", early=())
        yield Page((), said.cursor(), complete=True, progress=1.0)

    def _plan(self) -> "_Plan":
        """All threads, and where they stand in the order."""
        sent, inbox, every = self._listed("SENT"), self._listed("INBOX"), self._listed()
        drafts = {one for label in sorted(NEVER) for one in self._listed(label)}
        if not every and not sent and not inbox:
            self._believe_nothing()
        mails: dict[str, list[str]] = {}
        for one, thread in {**inbox, **sent, **every}.items():
            if one not in drafts:
                mails.setdefault(thread, []).append(one)
        wrote, came = set(sent.values()), set(inbox.values())
        return _Plan(
            [
                _Thread(0 if thread in wrote else 1 if thread in came else 2, max(ids, key=_order), thread, tuple(ids))
                for thread, ids in mails.items()
            ]
        )

    def _believe_nothing(self) -> None:
        """Nothing is listed; raises TryLater where the labels count something."""
        for label in USES:
            request = self._api.users.labels().get(userId="me", id=label, fields="id,messagesTotal")
            told = self._api.ask(Ask(request, COST["label"], {"id": str}))
            if told.get("messagesTotal"):
                raise TryLater("Gmail lists no mail at all, where there is some.")

    def _listed(self, label: str = "") -> dict[RemoteId, str]:
        """The ids with that label, and of which thread they are."""
        for _ in range(RESTARTS):
            found: dict[RemoteId, str] = {}
            token, seen = None, set[str]()
            try:
                while True:
                    request = self._api.messages.list(
                        userId="me",
                        labelIds=[label] if label else None,
                        maxResults=LISTED,
                        pageToken=token,
                        fields=_LIST,
                    )
                    told = self._api.ask(Ask(request, COST["list"], _LIST_HAS), (400,) if token else ())
                    found |= _rows(told)
                    token = _token(told, seen)
                    if token is None:
                        return found
            except Refused:
                continue
        raise TryLater("Gmail refuses the pages that it offers itself.")

    # ---------------------------------------------------------------------------------------------------- what changed

    def _news(self, said: "_Said", *, whole: bool) -> Generator[Page, None, "_Said"]:
        """What changed since the anchor, which moves when all of it is read; gives how far it is then.

        `whole`: a change brings its thread. Without any change there is one empty page, but while all is listed none.
        """
        refused, seen, known = 0, set[str](), set[str]()
        while True:
            try:
                told = self._history(said)
            except Refused:
                refused += 1
                if not said.token or refused > RESTARTS:
                    raise TryLater("Gmail does not say what has changed.") from None
                said = replace(said, token="")
                seen.clear()  # from the beginning, the same pages may be offered again
                continue
            changes = Changes.of(told, known)
            token = _token(told, seen)
            said = replace(said, token=token or "", anchor=said.anchor if token else told["historyId"])
            got = self._whole(changes.look) if whole else self._few(changes.look)
            page = Page(got.found, said.cursor(), got.texts, (*changes.gone, *got.out), got.missed)
            if not whole or page.found or page.gone or page.missed:
                yield page
            if token is None:
                return said

    def _history(self, said: "_Said") -> dict[str, Any]:
        """Raises CursorLost; Refused where it is the page that is not known any more."""
        request = self._api.users.history().list(
            userId="me",
            startHistoryId=said.anchor,
            historyTypes=["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"],
            maxResults=CHANGES,
            pageToken=said.token or None,
        )
        try:
            return self._api.ask(Ask(request, COST["history"], {"historyId": str}), (400, 404))
        except Refused as no:
            if no.status == 404 or not said.token:
                raise CursorLost("Gmail no longer knows what has changed since the last round.") from None
            raise

    # --------------------------------------------------------------------------------------------------- reading mails

    def _few(self, look: Mapping[RemoteId, str]) -> "_Got":
        """These mails, each with its thread."""
        threads: dict[str, list[str]] = {}
        for one, thread in look.items():
            threads.setdefault(thread, []).append(one)
        return self._threads([_Thread(0, "", thread, tuple(ids)) for thread, ids in threads.items()])

    def _threads(self, threads: Sequence["_Thread"]) -> "_Got":
        """The mails of these threads: as a thread where that is cheaper, else one by one."""
        asks: dict[str, Ask] = {}
        for one in threads:
            if len(one.ids) >= BY_THREAD:
                asks["thread " + one.id] = self._thread_of(one.id)
            else:
                asks |= {mail: self._mail_of(mail) for mail in one.ids}
        answers = self._api.batch(asks)
        wanted = [mail for one in threads for mail in one.ids]
        _opened(answers, frozenset(wanted))
        alone = [mail for mail in wanted if mail not in answers.found and mail not in asks]
        return self._got(_both(answers, self._alone(alone)), wanted)  # what a thread did not show of what is listed

    def _whole(self, look: Mapping[RemoteId, str]) -> "_Got":
        """These mails and all that is in their threads; where a thread does not come, its mails one by one."""
        answers = self._api.batch({"thread " + one: self._thread_of(one) for one in dict.fromkeys(look.values())})
        lacking = {name.partition(" ")[2] for name in (*answers.missed, *answers.refused)}
        listed = {one: thread for one, thread in self._listed().items() if thread in lacking} if lacking else {}
        _opened(answers)
        wanted = [one for one in {**look, **listed} if one not in answers.found]
        return self._got(_both(answers, self._alone(wanted)), (*answers.found, *wanted))

    def _alone(self, mails: Iterable[RemoteId]) -> Answers:
        return self._api.batch({one: self._mail_of(one) for one in mails})

    def _got(self, answers: Answers, wanted: Sequence[RemoteId]) -> "_Got":
        """What the answers say of these mails."""
        found: list[Interaction] = []
        texts: dict[RemoteId, str] = {}
        out: list[RemoteId] = []
        missed: list[tuple[RemoteId, str]] = []
        for one in wanted:
            told = answers.found.get(one)
            labels = labels_of(told) if told else frozenset[str]()
            if told is None:
                missed.append((one, f"All Mail: {answers.missed.get(one, 'it is listed and not shown')}"))
            elif told["id"] != one:
                missed.append((one, "All Mail: another mail came in its place"))
            elif labels & (OUT | NEVER):
                out.append(one)
            else:
                try:
                    mail, words = self._read(told, labels)
                except headers.Undated as why:
                    missed.append((one, f"All Mail: {why}"))
                    continue
                found.append(mail)
                if words:
                    texts[one] = words
        return _Got(tuple(found), texts, tuple(out), tuple(missed))

    def _read(self, told: Mapping[str, Any], labels: Collection[str]) -> tuple[Interaction, str]:
        """A mail, and its text where texts are read. Raises headers.Undated."""
        payload = told.get("payload")
        payload = payload if isinstance(payload, dict) else {}
        found = headers.fields_of(pairs(payload))
        words, mark = text(payload) if self._texts else ("", b"")
        size = told.get("sizeEstimate")
        mail = headers.interaction(
            found,
            id=told["id"],
            size=size if isinstance(size, int) else 0,
            internal=_internal(told.get("internalDate")),
            fingerprint=mark,
            labels=self._named(labels),
            thread=str(told.get("threadId", "")),
        )
        return headers.settled(mail, found), words

    def _named(self, labels: Collection[str]) -> list[str]:
        """Labels as the user calls them, or by their special use."""
        own = [one for one in labels if one not in USES and not one.startswith(IDLE)]
        if any(one not in self._names for one in own):
            request = self._api.users.labels().list(userId="me", fields="labels(id,name)")
            told = self._api.ask(Ask(request, COST["labels"], {"labels": list}))
            self._names = {one["id"]: one["name"] for one in told["labels"] if strings(one, "id", "name")}
            self._names |= {one: one for one in own if one not in self._names}
        return sorted([USES[one] for one in labels if one in USES] + [self._names[one] for one in own])

    def _mail_of(self, id_: RemoteId) -> Ask:
        request = self._api.messages.get(userId="me", id=id_, fields=SHOWN, **self._form)
        return Ask(request, COST["mail"], {"id": str, "payload": dict})

    def _thread_of(self, id_: str) -> Ask:
        request = self._api.threads.get(userId="me", id=id_, fields=f"id,messages({SHOWN})", **self._form)
        return Ask(request, COST["thread"], {"id": str, "messages": list})

    @property
    def _form(self) -> dict[str, Any]:
        if self._texts:
            return {"format": "full"}
        return {"format": "metadata", "metadataHeaders": FIELDS}


_LIST: Final = "messages(id,threadId),nextPageToken,resultSizeEstimate"
_LIST_HAS: Final = {"resultSizeEstimate": int}


@dataclass(frozen=True, slots=True)
class _Got:
    found: tuple[Interaction, ...]
    texts: Mapping[RemoteId, str]
    out: tuple[RemoteId, ...]  # shown, and thrown away, unwanted or never sent
    missed: tuple[tuple[RemoteId, str], ...]


def _both(one: Answers, more: Answers) -> Answers:
    return Answers(one.found | more.found, one.refused | more.refused, one.missed | more.missed)


def _opened(answers: Answers, wanted: frozenset[RemoteId] | None = None) -> None:
    """Put the mails of threads where those that came alone are, some or all of them."""
    for name in [name for name in answers.found if name.startswith("thread ")]:
        for mail in answers.found.pop(name)["messages"]:
            ours = strings(mail, "id") and isinstance(mail.get("payload"), dict)
            if ours and (wanted is None or mail["id"] in wanted):
                answers.found[mail["id"]] = mail


def _rows(told: Mapping[str, Any]) -> dict[RemoteId, str]:
    """The ids of a listing with their threads. Raises TryLater where it is none."""
    rows = told.get("messages", [])
    if not isinstance(rows, list) or not all(strings(one, "id", "threadId") for one in rows):
        raise TryLater("Gmail answers with something that is no list of mails.")
    return {
        (id_ := one["id"]): id_ if one["threadId"] == id_ else one["threadId"] for one in rows
    }  # one string for both


def _token(told: Mapping[str, Any], seen: set[str]) -> str | None:
    """What the next page is asked for by; None where there is none. Raises TryLater where it is an old one."""
    token = told.get("nextPageToken")
    if not isinstance(token, str) or not token:
        return None
    if token in seen:
        raise TryLater("Gmail shows the same page again and again.")
    seen.add(token)
    return token


def _internal(said: Any) -> datetime | None:
    """To the second, as IMAP has it, so that a mail is the same through both."""
    try:
        return datetime.fromtimestamp(int(said) // 1_000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


# -------------------------------------------------------------------------------------------------------- in what order


@dataclass(frozen=True, slots=True)
class _Thread:
    phase: int  # 0: the user wrote in it; 1: it is in the inbox; 2: neither
    key: str  # its newest mail
    id: str
    ids: tuple[RemoteId, ...]

    @property
    def place(self) -> tuple[int, int, str]:
        """What comes first is smaller but for `key`, which is compared the other way round."""
        return (self.phase, *_order(self.key))


def _order(id_: RemoteId) -> tuple[int, str]:
    """Ids are hexadecimal numbers that grow."""
    return len(id_), id_


class _Plan:
    """All threads in the order in which they are brought."""

    def __init__(self, threads: list[_Thread]) -> None:
        by_age = sorted(threads, key=lambda one: _order(one.key), reverse=True)
        self._threads = sorted(by_age, key=lambda one: one.phase)  # stable: the newest first in each
        self.count = sum(len(one.ids) for one in threads)

    def portions(self, said: "_Said", size: int) -> Iterator[list[_Thread]]:
        """What is still to be brought, about so many mails at a time."""
        some: list[_Thread] = []
        mails = 0
        for one in self._threads:
            if said.has(one):
                continue
            if some and mails + len(one.ids) > size:
                yield some
                some, mails = [], 0
            some.append(one)
            mails += len(one.ids)
        if some:
            yield some

    def done(self, said: "_Said") -> int:
        """How many mails have been brought."""
        return sum(len(one.ids) for one in self._threads if said.has(one))


# ---------------------------------------------------------------------------------------------------------- the cursor


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says. Its epoch is the history id with which a listing began."""

    epoch: int
    anchor: str  # what happened up to there is known, but for what is still to be listed
    token: str = ""  # the page of the history that comes next, where one was read
    listing: bool = False
    phase: int = 0  # of the thread that was brought last
    below: str = ""  # and its newest mail: what is older is still to do
    early: tuple[str, ...] = ()  # threads that were brought before everything was listed
    texts: bool = False

    def has(self, one: _Thread) -> bool:
        """Whether a thread was brought already."""
        if one.phase != self.phase:
            return one.phase < self.phase or one.id in self.early
        return (bool(self.below) and _order(one.key) >= _order(self.below)) or one.id in self.early

    @classmethod
    def of(cls, cursor: Cursor | None) -> "_Said | None":
        """None too for a cursor of another version."""
        if not cursor or cursor.get("v") != 1:
            return None
        told = dict(cursor)
        return cls(
            told["epoch"],
            told["anchor"],
            told.get("token", ""),
            told["listing"],
            told.get("phase", 0),
            told.get("below", ""),
            tuple(told.get("early", ())),
            told["texts"],
        )

    def cursor(self) -> Cursor:
        """As the store keeps it."""
        kept: dict[str, Any] = {
            "v": 1, "epoch": self.epoch, "anchor": self.anchor, "listing": self.listing, "texts": self.texts
        }  # fmt: skip
        if self.token:
            kept["token"] = self.token
        if self.listing:
            kept |= {"phase": self.phase, "below": self.below, "early": list(self.early)}
        return kept
