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

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from connectors.contract import Cursor, CursorLost, Page, RemoteId, Stream, TryLater
from connectors.gmail_changes import Changes
from connectors.gmail_listing import COST, RESTARTS, listed, newest, token_of, unsent
from connectors.gmail_mails import USES, Mails
from connectors.gmail_order import Plan, Said, Thread, order
from connectors.google_answers import Refused
from connectors.google_api import Api, Ask

MAILBOX: Final = Stream("all", "All Mail", "\\All")

FIRST: Final = 5
"""Threads on the first page, which comes before everything is listed: they fit into what may be spent at once."""

PAGE: Final = 25
"""Mails to a page: five seconds' worth of the quota, one batch, and all that a crash may cost."""

CHANGES: Final = 100
"""Records of the history to an answer: each may cost a mail, and they are one page."""


class Gmail:
    """One mailbox. Raises NeedsUser, TryLater and CursorLost, and nothing else."""

    def __init__(self, api: Api, *, texts: bool = False, page: int = PAGE, first: int = FIRST) -> None:
        self._api, self._texts, self._page, self._first = api, texts, page, min(first, page)
        self._mails = Mails(api, texts=texts)

    def streams(self) -> Sequence[Stream]:
        """The one; nothing is asked."""
        return (MAILBOX,)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new, and what is gone; from None, everything."""
        said = Said.of(cursor)
        if said is None:
            profile = self._api.profile()
            said = Said(int(profile.history), profile.history, listing=True, texts=self._texts)
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
            answers = self._mails.alone(some)
            absent = tuple(one for one in some if one in answers.refused)
            got = self._mails.got(answers, [one for one in some if one not in answers.refused])
            yield Page(got.found, cursor, got.texts, (*got.out, *absent), got.missed)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every mail that there is: 5 units for 500."""
        drafts = unsent(self._api)
        yield from (one for one in listed(self._api) if one not in drafts)

    # ----------------------------------------------------------------------------------------------- the first listing

    def _begin(self, said: Said, mails: int) -> Generator[Page, None, Said]:
        """The newest threads that the user wrote in, at once; gives how far it is."""
        found = newest(self._api, "SENT")
        early = tuple(dict.fromkeys(found.values()))[: self._first]
        if early:
            got = self._mails.whole({one: thread for one, thread in found.items() if thread in early})
            said = replace(said, early=early)
            share = min(len(got.found) / mails, 1.0) if mails else None
            yield Page(got.found, said.cursor(), got.texts, got.out, got.missed, progress=share)
        return said

    def _list_all(self, said: Said) -> Iterator[Page]:
        """The threads that are not yet brought, and at last what changed meanwhile."""
        plan = self._plan()
        done = plan.done(said)
        for some in plan.portions(said, self._page):
            got = self._mails.threads(some)
            last, done = some[-1], done + sum(len(one.ids) for one in some)
            said = replace(said, phase=last.phase, below=last.key, early=said.early if last.phase == 0 else ())
            yield Page(got.found, said.cursor(), got.texts, got.out, got.missed, progress=done / plan.count)
        said = yield from self._news(said, whole=True)
        said = replace(said, listing=False, phase=0, below="", early=())
        yield Page((), said.cursor(), complete=True, progress=1.0)

    def _plan(self) -> Plan:
        """All threads, and where they stand in the order."""
        sent, inbox, every = listed(self._api, "SENT"), listed(self._api, "INBOX"), listed(self._api)
        drafts = unsent(self._api)
        if not every and not sent and not inbox:
            self._believe_nothing()
        mails: dict[str, list[str]] = {}
        for one, thread in {**inbox, **sent, **every}.items():
            if one not in drafts:
                mails.setdefault(thread, []).append(one)
        wrote, came = set(sent.values()), set(inbox.values())
        return Plan(
            [
                Thread(0 if thread in wrote else 1 if thread in came else 2, max(ids, key=order), thread, tuple(ids))
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

    # ---------------------------------------------------------------------------------------------------- what changed

    def _news(self, said: Said, *, whole: bool) -> Generator[Page, None, Said]:
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
            token = token_of(told, seen)
            said = replace(said, token=token or "", anchor=said.anchor if token else told["historyId"])
            got = self._mails.whole(changes.look) if whole else self._mails.few(changes.look)
            page = Page(got.found, said.cursor(), got.texts, (*changes.gone, *got.out), got.missed)
            if not whole or page.found or page.gone or page.missed:
                yield page
            if token is None:
                return said

    def _history(self, said: Said) -> dict[str, Any]:
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
