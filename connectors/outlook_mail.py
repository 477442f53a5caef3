"""What mail is in this mailbox at Microsoft? Each folder is a stream, read by Graph's delta, headers and no bodies.

**Which folders.** Sent comes first, so that ties show early, then the inbox, then the others. Drafts, Junk, Deleted
Items, the Outbox, chats, search folders and what the synchronisation keeps are left out with all that is below them.

**How a folder is read.** The first delta lists it, newest first; the cursor is the link that Graph gives with each
page, and the last one says next time what has changed. A round in which nothing has changed asks one question, and
keeps its link for a day, so that nothing need be written. Ids are immutable: they survive a move.

**What delta leaves out.** List-Id, Auto-Submitted, References and In-Reply-To stand in `internetMessageHeaders` alone,
and of a mail that was merely read or flagged since, delta tells little more than its id. What lacks any of it is asked
for by its id, twenty at a time. What was sent from here often has no such headers: where the mails of Sent turn out to
have none, the rest of the round does without, and Graph's own fields say who, to whom, when and what about.

**What is gone.** What delta calls removed, and what is not there, or not in this folder, when asked for by its id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from connectors.contract import Cursor, CursorLost, Interaction, Page, RemoteId, Stream, TryLater
from connectors.graph import Api, Body, Refused, Said, rows, segment, text_of
from connectors.headers_dates import Undated
from connectors.outlook_mails import content, mail_of

PAGE: Final = 100
"""Mails to a page: with their headers, a megabyte or two."""

PAGE_OF_TEXTS: Final = 50
"""As many texts fit into memory, whatever is quoted in them."""

AUDITED: Final = 1_000
"""Ids to a page of an audit: the most that Graph gives."""

KEPT_FOR: Final = timedelta(days=1)
"""A link that brings nothing new is kept so long. Graph forgets old ones when it runs out of room for them."""

READER: Final = 1
"""To be raised when mails are read differently: a pull then lists everything again."""

_FIELDS: Final = (
    "parentFolderId,internetMessageId,conversationId,subject,from,sender,toRecipients,ccRecipients,bccRecipients,"
    "receivedDateTime,sentDateTime,isDraft,internetMessageHeaders"
)
_FOLDER: Final = "$select=id,displayName,childFolderCount,totalItemCount,isHidden&$top=100"

_ROLES: Final = {"sentitems": "\\Sent", "inbox": "\\Inbox", "archive": "\\Archive"}
_LEFT_OUT: Final = (
    "drafts", "junkemail", "deleteditems", "outbox", "conversationhistory", "syncissues", "searchfolders", "scheduled",
)  # fmt: skip
"""By the names that Graph gives them in every language: unsent, unwanted, thrown away, chats, and no mail at all."""

_SEARCH: Final = "#microsoft.graph.mailSearchFolder"


class OutlookMail:
    """The mailbox behind `api`. With `texts`, bodies are read too, in memory. Raises the three kinds of trouble."""

    def __init__(
        self, api: Api, *, now: datetime, texts: bool = False, right: str = "Mail.ReadBasic", page: int = 0
    ) -> None:
        self._api, self._now, self._texts, self._right = api, now, texts, right
        self._select = _FIELDS + (",body" if texts else "")
        page = page or (PAGE_OF_TEXTS if texts else PAGE)
        plain = ('outlook.body-content-type="text"',) if texts else ()
        self._prefer: tuple[str, ...] = plain
        self._paged = (f"odata.maxpagesize={page}", *plain)
        self._totals: dict[str, int] = {}
        self._headless = False  # whether the mails of Sent have no internetMessageHeaders

    # ------------------------------------------------------------------------------------------------- the folders

    def streams(self) -> Sequence[Stream]:
        """The folders: Sent, the inbox, the others by name."""
        roles, left_out, level = self._top()
        found: list[Stream] = []
        while level:
            parents: list[tuple[str, str]] = []
            for above, folder in level:
                remote, name = folder["id"], f"{above}{text_of(folder, 'displayName')}"
                if remote in left_out or folder.get("isHidden") is True or folder.get("@odata.type") == _SEARCH:
                    continue
                found.append(Stream(remote, name, roles.get(remote, "")))
                self._totals[remote] = _number(folder, "totalItemCount")
                if _number(folder, "childFolderCount"):
                    parents.append((remote, f"{name}/"))
            level = self._below(parents)
        return sorted(
            {one.id: one for one in found}.values(),
            key=lambda one: (one.role != "\\Sent", one.role != "\\Inbox", one.name.casefold(), one.id),
        )

    def _top(self) -> tuple[dict[str, str], frozenset[str], list[tuple[str, Body]]]:
        """(role of a folder, those that are left out, the uppermost ones), by one request."""
        named = (*_ROLES, *_LEFT_OUT)
        paths = [f"/me/mailFolders/{name}?$select=id" for name in named]
        *known, top = self._api.batch([*paths, f"/me/mailFolders?{_FOLDER}"], right=self._right)
        ids = {}
        for name, said in zip(named, known, strict=True):
            if said is None:
                raise TryLater(f"{self._api.host} does not say which folders there are.")
            if said.status == 200 and said.body and isinstance(said.body.get("id"), str):
                ids[name] = said.body["id"]
        roles = {ids[name]: role for name, role in _ROLES.items() if name in ids}
        left_out = frozenset(ids[name] for name in _LEFT_OUT if name in ids)
        return roles, left_out, [("", folder) for folder in self._listed(top)]

    def _below(self, parents: Sequence[tuple[str, str]]) -> list[tuple[str, Body]]:
        paths = [f"/me/mailFolders/{segment(remote)}/childFolders?{_FOLDER}" for remote, _ in parents]
        said = self._api.batch(paths, right=self._right) if paths else []
        return [
            (above, folder)
            for (_, above), one in zip(parents, said, strict=True)
            if one is None or one.status != 404  # it went since a moment ago, and all below it
            for folder in self._listed(one)
        ]

    def _listed(self, said: Said | None) -> Iterator[Body]:
        """All folders of a list that a batch began. Without a whole answer, none is believed to be gone."""
        if said is None or said.status != 200 or said.body is None:
            raise TryLater(f"{self._api.host} does not say which folders there are.")
        yield from rows(said.body)
        if link := self._api.link(said.body, "@odata.nextLink"):
            yield from self._api.all(link, right=self._right)

    # ----------------------------------------------------------------------------------------------------- a pull

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new in the folder, and what is gone from it. Without the folder: nothing."""
        said = _Said.of(cursor, self._reader)
        try:
            yield from self._pull(stream, said)
        except Refused as no:
            if no.status == 404:  # the folder is gone; the round that no longer names it says so
                return
            if no.status == 400 and said.link:
                raise CursorLost(f"{stream.name}: Microsoft no longer knows how far it was read.") from None
            raise TryLater(f"{self._api.host} does not show {stream.name} ({no}).") from None

    def _pull(self, stream: Stream, said: "_Said") -> Iterator[Page]:
        ask = said.link or (
            f"/me/mailFolders/{segment(stream.id)}/messages/delta?$select={self._select}&$orderby=receivedDateTime+desc"
        )
        first = True
        while True:
            body = self._api.get(ask, right=self._right, prefer=self._paged)
            listed = rows(body)
            following, last = self._api.link(body, "@odata.nextLink"), self._api.link(body, "@odata.deltaLink")
            if following == ask or not (following or last):
                raise TryLater(f"{self._api.host} does not say how {stream.name} goes on.")
            if first and said.ended and not listed and not following and said.fresh(self._now):
                yield Page((), said.cursor())
                return
            got = self._read(stream, listed)
            whole = said.listing and not following
            said = said.after(following or last, len(got.found), self._now, ended=not following)
            yield Page(
                got.found, said.cursor(), got.texts, got.gone, got.missed, whole, self._progress(stream, said, whole)
            )
            if not following:
                return
            ask, first = following, False

    def _progress(self, stream: Stream, said: "_Said", whole: bool) -> float | None:
        if whole:
            return 1.0
        total = self._totals.get(stream.id, 0)
        return min(said.seen / total, 0.99) if said.listing and total else None

    @property
    def _reader(self) -> str:
        return f"{READER} {self._texts}"

    # ----------------------------------------------------------------------------------------------- single mails

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """Pages with each of `ids` found, gone or missed again."""
        for start in range(0, len(ids), PAGE_OF_TEXTS):
            got = _Got()
            for remote, row in self._exactly(ids[start : start + PAGE_OF_TEXTS]).items():
                self._keep(stream, remote, row, got)
            yield Page(tuple(got.mails.values()), cursor, got.texts, tuple(got.away), tuple(got.lost.items()))

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """Every mail that the folder has now. Raises TryLater where there is no such folder."""
        path = f"/me/mailFolders/{segment(stream.id)}/messages?$select=id,isDraft&$top={AUDITED}"
        try:
            for row in self._api.all(path, right=self._right):
                if row.get("isDraft") is not True:
                    yield row["id"]
        except Refused as no:
            raise TryLater(f"{self._api.host} does not list {stream.name} ({no}).") from None

    def _exactly(self, ids: Sequence[RemoteId]) -> dict[RemoteId, "Body | Literal['gone'] | None"]:
        """Each of these mails, "gone", or None where no answer came."""
        paths = [f"/me/messages/{segment(remote)}?$select={self._select}" for remote in ids]
        found: dict[RemoteId, Body | Literal["gone"] | None] = {}
        for remote, said in zip(ids, self._api.batch(paths, right=self._right, prefer=self._prefer), strict=True):
            if said is None:
                found[remote] = None
            elif said.status in (404, 410):
                found[remote] = "gone"
            else:
                found[remote] = said.body if said.status == 200 and said.body and said.body.get("id") else None
        return found

    # --------------------------------------------------------------------------------------------------- one page

    def _read(self, stream: Stream, listed: Iterable[Body]) -> "_Page":
        """What a page of delta says. Of what stands there twice, the last word holds."""
        latest = {row["id"]: row for row in listed}
        got = _Got()
        thin = [
            remote
            for remote, row in latest.items()
            if "@removed" not in row and row.get("isDraft") is not True and self._thin(stream, row)
        ]
        whole = self._filled(stream, latest, thin)
        for remote, row in latest.items():
            if "@removed" in row:
                got.away[remote] = None
            else:
                self._keep(stream, remote, whole.get(remote, row), got)
        return _Page(tuple(got.mails.values()), got.texts, tuple(got.away), tuple(got.lost.items()))

    def _thin(self, stream: Stream, row: Body) -> bool:
        if "receivedDateTime" not in row or "from" not in row:
            return True
        return row.get("internetMessageHeaders") is None and not (self._headless and stream.role == "\\Sent")

    def _filled(
        self, stream: Stream, latest: Mapping[RemoteId, Body], thin: Sequence[RemoteId]
    ) -> dict[RemoteId, "Body | Literal['gone'] | None"]:
        """Those mails by their ids. Where even so no mail of Sent has headers, no more are asked for."""
        found: dict[RemoteId, Body | Literal["gone"] | None] = {}
        for start in range(0, len(thin), 20):
            some = [each for each in thin[start : start + 20] if self._thin(stream, latest[each])]
            asked = self._exactly(some) if some else {}
            found |= {  # delta's own row will do where only the headers stayed out
                remote: row
                for remote, row in asked.items()
                if row is not None or "receivedDateTime" not in latest[remote]
            }
            answers = [row for row in asked.values() if isinstance(row, Mapping)]
            if answers and stream.role == "\\Sent":
                self._headless = not any(row.get("internetMessageHeaders") for row in answers)
        return found

    def _keep(self, stream: Stream, remote: RemoteId, row: "Body | Literal['gone'] | None", got: "_Got") -> None:
        if row is None:
            got.lost[remote] = f"{stream.name}: Microsoft lists it and does not show it"
        elif row == "gone" or row.get("isDraft") is True or row.get("parentFolderId", stream.id) != stream.id:
            got.away[remote] = None
        else:
            try:
                got.mails[remote] = mail_of(row, remote, stream)
            except Undated as why:
                got.lost[remote] = f"{stream.name}: {why}"
                return
            if self._texts and (text := content(row)):
                got.texts[remote] = text


class _Got:
    """What a page has come to."""

    def __init__(self) -> None:
        self.mails: dict[RemoteId, Interaction] = {}
        self.texts: dict[RemoteId, str] = {}
        self.away: dict[RemoteId, None] = {}
        self.lost: dict[RemoteId, str] = {}


class _Page(NamedTuple):
    found: tuple[Interaction, ...]
    texts: Mapping[RemoteId, str]
    gone: tuple[RemoteId, ...]
    missed: tuple[tuple[RemoteId, str], ...]


def _number(row: Body, name: str) -> int:
    value = row.get(name)
    return value if type(value) is int and value > 0 else 0


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cursor says: the link to go on with, whether the first listing goes on, how much it has brought."""

    reader: str
    link: str = ""
    listing: bool = True
    ended: bool = False  # the link is for the next round
    seen: int = 0
    day: str = ""  # when the link was given

    @classmethod
    def of(cls, cursor: Cursor | None, reader: str) -> "_Said":
        """Nothing where the folder is to be listed from the beginning."""
        if not cursor or cursor.get("v") != 1 or cursor.get("reader") != reader:
            return cls(reader)
        return cls(reader, cursor["link"], cursor["listing"], cursor["ended"], cursor["seen"], cursor["day"])

    def fresh(self, now: datetime) -> bool:
        """Whether the link may be kept for another round."""
        return bool(self.day) and timedelta() <= now - datetime.fromisoformat(self.day) < KEPT_FOR

    def after(self, link: str, brought: int, now: datetime, *, ended: bool) -> "_Said":
        """The same after a page."""
        listing = self.listing and not ended
        return _Said(
            self.reader, link, listing, ended, self.seen + brought if listing else 0, now.isoformat(timespec="hours")
        )

    def cursor(self) -> Cursor:
        """As the store keeps it."""
        kept: dict[str, Any] = {
            "v": 1,
            "epoch": 1,  # ids mean the same for ever
            "reader": self.reader,
            "link": self.link,
            "listing": self.listing,
            "ended": self.ended,
            "seen": self.seen,
            "day": self.day,
        }
        return kept
