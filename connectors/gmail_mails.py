"""What do these mails in Gmail say, and those of their threads?"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connectors.contract import Interaction, RemoteId
from connectors.gmail_changes import IDLE, NEVER, OUT, labels_of, strings
from connectors.gmail_listing import COST, listed
from connectors.gmail_order import Thread
from connectors.gmail_text import pairs, text
from connectors.google_api import Answers, Api, Ask
from connectors.headers import interaction
from connectors.headers_dates import Undated, settled
from connectors.headers_fields import EXPORTED, WANTED, fields_of

BY_THREAD: Final = 3
"""From so many mails on, a thread as a whole costs less than they do."""

USES: Final = {"SENT": "\\Sent", "INBOX": "\\Inbox"}

FIELDS: Final = sorted(name.title().replace("-Id", "-ID") for name in WANTED - EXPORTED)
"""The headers that are asked for, and no others."""

SHOWN: Final = "id,threadId,labelIds,internalDate,sizeEstimate,payload"
"""What is asked for of a mail: its first words are in an answer too, and are none of our business."""


@dataclass(frozen=True, slots=True)
class Got:
    """What became of the mails that were asked for."""

    found: tuple[Interaction, ...]
    texts: Mapping[RemoteId, str]
    out: tuple[RemoteId, ...]  # shown, and thrown away, unwanted or never sent
    missed: tuple[tuple[RemoteId, str], ...]


class Mails:
    """What is read of mails; with `texts`, their text too. Raises what an Api raises."""

    def __init__(self, api: Api, *, texts: bool) -> None:
        self._api, self._texts = api, texts
        self._names: dict[str, str] = {}

    def few(self, look: Mapping[RemoteId, str]) -> Got:
        """These mails, each with its thread."""
        threads: dict[str, list[str]] = {}
        for one, thread in look.items():
            threads.setdefault(thread, []).append(one)
        return self.threads([Thread(0, "", thread, tuple(ids)) for thread, ids in threads.items()])

    def threads(self, threads: Sequence[Thread]) -> Got:
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
        return self.got(_both(answers, self.alone(alone)), wanted)  # what a thread did not show of what is listed

    def whole(self, look: Mapping[RemoteId, str]) -> Got:
        """These mails and all that is in their threads; where a thread does not come, its mails one by one."""
        answers = self._api.batch({"thread " + one: self._thread_of(one) for one in dict.fromkeys(look.values())})
        lacking = {name.partition(" ")[2] for name in (*answers.missed, *answers.refused)}
        there = {one: thread for one, thread in listed(self._api).items() if thread in lacking} if lacking else {}
        _opened(answers)
        wanted = [one for one in {**look, **there} if one not in answers.found]
        return self.got(_both(answers, self.alone(wanted)), (*answers.found, *wanted))

    def alone(self, mails: Iterable[RemoteId]) -> Answers:
        """What Gmail answers to each of these by itself."""
        return self._api.batch({one: self._mail_of(one) for one in mails})

    def got(self, answers: Answers, wanted: Sequence[RemoteId]) -> Got:
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
                except Undated as why:
                    missed.append((one, f"All Mail: {why}"))
                    continue
                found.append(mail)
                if words:
                    texts[one] = words
        return Got(tuple(found), texts, tuple(out), tuple(missed))

    def _read(self, told: Mapping[str, Any], labels: Collection[str]) -> tuple[Interaction, str]:
        """A mail, and its text where texts are read. Raises Undated."""
        payload = told.get("payload")
        payload = payload if isinstance(payload, dict) else {}
        found = fields_of(pairs(payload))
        words, mark = text(payload) if self._texts else ("", b"")
        size = told.get("sizeEstimate")
        mail = interaction(
            found,
            id=told["id"],
            size=size if isinstance(size, int) else 0,
            internal=_internal(told.get("internalDate")),
            fingerprint=mark,
            labels=self._named(labels),
            thread=str(told.get("threadId", "")),
        )
        return settled(mail, found), words

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


def _both(one: Answers, more: Answers) -> Answers:
    return Answers(one.found | more.found, one.refused | more.refused, one.missed | more.missed)


def _opened(answers: Answers, wanted: frozenset[RemoteId] | None = None) -> None:
    """Put the mails of threads where those that came alone are, some or all of them."""
    for name in [name for name in answers.found if name.startswith("thread ")]:
        for mail in answers.found.pop(name)["messages"]:
            ours = strings(mail, "id") and isinstance(mail.get("payload"), dict)
            if ours and (wanted is None or mail["id"] in wanted):
                answers.found[mail["id"]] = mail


def _internal(said: Any) -> datetime | None:
    """To the second, as IMAP has it, so that a mail is the same through both."""
    try:
        return datetime.fromtimestamp(int(said) // 1_000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
