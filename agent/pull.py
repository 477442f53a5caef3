"""What is new at an account? Each page of it is safe before the next is asked for, and whatever goes wrong is said."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeAlias

from agent import decisions, texts
from agent.schedule import Ended, Lane, Next
from agent.store.leaving import HELD_FOR
from agent.store.rounds import AUDIT, BUDGET
from agent.store.store import LaneClosed, Recorded, Store, StoreTrouble, Watched
from agent.texts import Mark
from config.keys import NoSecret
from connectors.contract import (
    Connector,
    CursorLost,
    Exact,
    Interaction,
    NeedsUser,
    Page,
    RemoteId,
    Session,
    Stream,
    TryLater,
)

Clock: TypeAlias = Callable[[], datetime]

ASKED = 200
"""Single items that are asked for at once: a few seconds' worth, and one page to commit."""

SILENT = "it was asked for and not answered"
"""Why an item is in the ledger that the source said nothing of: that is no evidence of its end."""

LETTERS = timedelta(days=60)
"""So old a digest may be that is known by an answer to it: older than any that is obeyed, so that it can be said."""

NOTHING = "The server names no folder any more, where there were some."
"""Believed of no server: it would be the end of everything at once (`sync.md`, F13)."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a round over one account brought."""

    account: str
    found: int = 0
    new: int = 0
    missed: int = 0
    gone: int = 0
    held: int = 0  # said to be gone, too many at once to believe it
    repaired: int = 0  # what an audit found to differ


@dataclass(frozen=True, slots=True)
class Toured:
    """A round and how it ended; `error` is what ended it before its time."""

    pulled: Pulled
    ended: Ended
    follows: Next
    error: Exception | None = None


Progress: TypeAlias = Callable[[Pulled, float | None], None]


def tour(
    account: str,
    connect: Callable[[], Connector],
    store: Store,
    clock: Clock,
    dice: float,
    *,
    mark: Mark | None = None,
    progress: Progress = lambda *_: None,
    session: Session | None = None,
    own: Collection[str] = (),
) -> Toured:
    """A round over one account, from its beginning to its end: trouble of the account's own is kept, not raised.

    `own` are the user's addresses that the config gives. Raises LaneClosed, StoreTrouble.
    """
    lane = store.begin_round(account, at=clock(), dice=dice)
    going = _Going(lane, store, clock, mark, progress, frozenset(own))
    error: Exception | None = None
    try:
        with closed(connect()) as connector:
            going.pull(connector)
        ended = Ended("ok")
    except (LaneClosed, StoreTrouble):
        raise
    except Exception as caught:
        ended, error = told(caught, session, account), caught
    follows = store.end_round(lane, ended, complete=going.complete, at=clock(), dice=dice)
    return Toured(going.done, ended, follows, error)


@contextmanager
def closed(connector: Connector) -> Iterator[Connector]:
    """Say goodbye to a server that was talked to, where the connector knows how."""
    try:
        yield connector
    finally:
        close: Callable[[], None] = getattr(connector, "close", lambda: None)
        close()


def told(error: Exception, session: Session | None = None, account: str = "NAME") -> Ended:
    """How a round over `account` ended that ended so."""
    if isinstance(error, NeedsUser):
        cause = error.__cause__
        remedy = error.remedy.replace("`auld login`", f"`auld login {account}`")  # connectors do not know its name
        return Ended("sign in", error.what, remedy, unasked=isinstance(cause, NoSecret) and cause.passes)
    if isinstance(error, TryLater):
        if session is not None and not session.left():
            return Ended("limited", error.what)
        until = int(error.until.timestamp()) if error.until else None
        away = isinstance(error.__cause__ or error.__context__, OSError)
        return Ended("offline" if away and until is None else "waiting", error.what, until=until)
    return Ended("resting", bug(error))


def bug(error: BaseException) -> str:
    """A bug of ours, told by type, files and lines: messages and values may hold what stands in the mail."""
    where = ", ".join(f"{Path(f.filename).name}:{f.lineno}" for f in extract_tb(error.__traceback__)[-3:])
    return f"a bug of auld's own ({type(error).__name__} at {where})"


class _Going:
    """A round that goes on."""

    def __init__(
        self, lane: Lane, store: Store, clock: Clock, mark: Mark | None, progress: Progress, given: frozenset[str]
    ) -> None:
        self.lane, self.store, self.clock, self.mark, self.progress = lane, store, clock, mark, progress
        self.given = given
        self.done = Pulled(lane.name)
        self.unread = False  # a stream could not even be looked over
        self.complete = False  # every stream was read to its end

    def pull(self, connector: Connector) -> None:
        """Bring what is new in every stream, then look again at what is doubted. Raises connectors.contract.Trouble."""
        streams = connector.streams()
        if not streams and self.lane.complete_at is not None:
            raise TryLater(NOTHING)
        self.store.see_streams(self.lane, streams, at=self.clock())
        followed = [stream for stream in streams if self._follow(connector, stream)]
        self.complete = not self.unread
        for stream in followed:
            if isinstance(connector, Exact):
                with suppress(CursorLost):  # since a moment ago: the next pull sees it too
                    self._look_again(connector, stream)
        if self.complete:  # else what is gone here may have been moved to where nobody could look
            ended = self.store.end_streams(self.lane, at=self.clock())
            gone, held = self.store.let_leave(self.lane, streams, at=self.clock())
            self.done = replace(self.done, gone=self.done.gone + ended + gone, held=self.done.held + held)

    def _follow(self, connector: Connector, stream: Stream) -> bool:
        """Bring what is new in a stream; False where it can only be looked over."""
        watched = self.store.watched(self.lane.name, stream.id)
        if watched and watched.degraded and _within(watched.reset_at, self._now(), BUDGET):
            self._look_over(connector, stream)
            return False
        try:
            self._pages(connector, stream, connector.pull(stream, self.store.cursor(self.lane.name, stream.id)))
            if watched and watched.degraded:
                self.store.follow(self.lane, stream.id)
        except CursorLost as lost:
            if not self._anew(connector, stream, lost.reason):
                self._look_over(connector, stream)
                return False
        return True

    def _anew(self, connector: Connector, stream: Stream, reason: str) -> bool:
        """List a stream from the beginning, as its cursor is lost; False where that was so a short while ago."""
        while self.store.reset(self.lane, stream, reason, at=self.clock()):
            try:
                self._pages(connector, stream, connector.pull(stream, None))
            except CursorLost as lost:
                reason = lost.reason
            else:
                return True
        return False

    def _pages(self, connector: Connector, stream: Stream, pages: Iterable[Page]) -> None:
        for page in pages:
            if not self._idle(connector, stream, page):
                self._keep(stream, page)
            self.progress(self.done, page.progress)

    def _idle(self, connector: Connector, stream: Stream, page: Page) -> bool:
        """Whether a page of a live account says that nothing happened, so that there is nothing to write.

        Where a listing is held that is no second look at it, if the source can be looked over: then the audit is.
        """
        if self.lane.archive or page.found or page.gone or page.missed or page.complete:
            return False
        watched = self.store.watched(self.lane.name, stream.id)
        held = watched is None or (watched.held_at is not None and not isinstance(connector, Exact))
        return not held and self.store.cursor(self.lane.name, stream.id) == page.cursor

    def _keep(self, stream: Stream, page: Page, *, exact: bool = False, sure: bool = False) -> None:
        page = self._answered(stream, page)
        found = texts.said(page, self.mark, self.store, self.lane.name)
        kept = self.store.record(
            self.lane.name,
            stream,
            page,
            found.marks,
            habits=found.habits,
            at=self.clock(),
            lane=self.lane.lane,
            exact=exact,
            sure=sure,
        )
        self.done = _more(self.done, kept)

    # The user's answers to digests

    def _answered(self, stream: Stream, page: Page) -> Page:
        """The page, with the answers on it obeyed, and marked as ours: they are no contact, and say no word to learn.

        Before the page is kept: whoever dies in between obeys them again, which changes nothing.
        """
        answers = {one.id: one for one in page.found if isinstance(one, Interaction) and decisions.looks_like_one(one)}
        if not answers:
            return page
        desk = self._desk()
        in_order = sorted(answers.values(), key=lambda one: one.sent)  # `undo` takes the last one back
        for one in in_order if not self.lane.archive else ():
            self._obey(one, page.texts.get(one.id), desk, sent=among_sent(one, stream))
        ours = {key for key, one in answers.items() if decisions.is_own(one, desk.own)}
        found = tuple(_ours(one) if isinstance(one, Interaction) and one.id in ours else one for one in page.found)
        return replace(page, found=found, texts={key: text for key, text in page.texts.items() if key not in ours})

    def _desk(self) -> decisions.Desk:
        since = (self.clock() - LETTERS).date()
        return decisions.Desk(self.store.key, self.given | self.store.own().keys(), self.store.letters(since))

    def _obey(self, mail: Interaction, text: str | None, desk: decisions.Desk, *, sent: bool) -> None:
        answer = decisions.read(mail, text, desk, sent=sent, now=self.clock())
        if answer and (answer.decisions or answer.why):
            self.store.hear(
                decisions.identity(mail),
                answer.decisions,
                answer.day,
                answer.why,
                at=self._now(),
                account=self.lane.name,
                lane=self.lane.lane,
            )

    # What is looked at again

    def _look_again(self, connector: Exact, stream: Stream) -> None:
        """The ledger, what was held, and from time to time everything."""
        name, at = self.lane.name, self.clock()
        watched = self.store.watched(name, stream.id)
        if watched and watched.listed_at is not None and _audit_due(watched, self._now()):
            self._audit(connector, stream)
            return
        self._ask(connector, stream, self.store.due_again(name, stream.id, at=at))
        self._ask(connector, stream, self.store.suspects(name, stream.id, at=at), sure=self.complete)

    def _look_over(self, connector: Connector, stream: Stream) -> None:
        """All that is done for a stream whose cursor is lost again and again."""
        if not isinstance(connector, Exact) or self.store.cursor(self.lane.name, stream.id) is None:
            self.unread = True
            return
        try:
            self._audit(connector, stream)
        except CursorLost:
            self.unread = True

    def _audit(self, connector: Any, stream: Stream) -> None:
        """Compare all that there is with all that we have, and repair what differs."""
        name, at = self.lane.name, self.clock()
        there = set(connector.audit(stream))
        ours = self.store.known_ids(name, stream.id)
        again = self.store.due_again(name, stream.id, at=at, parked=True)
        self._ask(connector, stream, self.store.suspects(name, stream.id, at=at), sure=self.complete)
        unknown, absent = sorted(there - ours), sorted(ours - there)
        self._ask(connector, stream, sorted({*unknown, *again}))
        self._ask(connector, stream, sorted(set(absent) - set(again)))
        after = self.store.known_ids(name, stream.id)
        repaired = len(after - ours) + len(ours - after)
        gone = self.store.audited(self.lane, stream.id, repaired, at=self.clock())
        self.done = replace(self.done, repaired=self.done.repaired + repaired, gone=self.done.gone + gone)

    def _ask(self, connector: Exact, stream: Stream, ids: Sequence[RemoteId], *, sure: bool = False) -> None:
        """Ask for single items; what is not answered goes into the ledger."""
        cursor = self.store.cursor(self.lane.name, stream.id)
        wanted = iter(ids)
        while cursor is not None and (some := list(islice(wanted, ASKED))):
            silent = dict.fromkeys(some)
            for page in connector.fetch(stream, cursor, some):
                self._keep(stream, page, exact=True, sure=sure)
                for answered in (*(one.id for one in page.found), *page.gone, *(remote for remote, _ in page.missed)):
                    silent.pop(answered, None)
            if silent:
                missed = tuple((remote, SILENT) for remote in silent)
                self._keep(stream, Page((), cursor, missed=missed), exact=True)
            self.progress(self.done, None)

    def _now(self) -> int:
        return int(self.clock().timestamp())


def among_sent(mail: Interaction, stream: Stream) -> bool:
    """Whether a mail lies in the Sent store. Where one stream holds the whole mailbox, its labels say so."""
    return stream.role == "\\Sent" or (stream.role == "\\All" and "\\Sent" in mail.labels)


def _ours(mail: Interaction) -> Interaction:
    return mail if "ours" in mail.evidence else replace(mail, evidence=(*mail.evidence, "ours"))


def _within(since: int | None, now: int, span: int) -> bool:
    return since is not None and 0 <= now - since < span


def _audit_due(watched: Watched, now: int) -> bool:
    """Once a week, and an hour after a listing lacked too much to be believed."""
    if watched.held_at is not None and now >= watched.held_at + HELD_FOR:
        return True
    return not _within(watched.audited_at or watched.listed_at, now, AUDIT)


def _more(done: Pulled, kept: Recorded) -> Pulled:
    return replace(
        done,
        found=done.found + kept.found,
        new=done.new + kept.new,
        missed=done.missed + kept.missed,
        gone=done.gone + kept.gone,
        held=done.held + kept.held,
    )
