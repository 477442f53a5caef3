"""What has changed in a Gmail mailbox, by its history?"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.contract import RemoteId, TryLater

OUT: Final = frozenset(("TRASH", "SPAM"))
"""Thrown away, unwanted: for us such a mail is gone."""

NEVER: Final = frozenset(("DRAFT", "CHAT"))
"""No mail that was sent."""

IDLE: Final = ("UNREAD", "STARRED", "IMPORTANT", "CATEGORY_")
"""Labels that come and go while mail is read, and say nothing of who writes to whom."""


@dataclass(slots=True)
class Changes:
    """What a page of the history comes to: whom to look at, with their threads, and what is gone."""

    look: dict[RemoteId, str] = field(default_factory=dict)
    gone: dict[RemoteId, None] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any], known: set[str]) -> "Changes":
        """Without the records that are `known`, which pages that are repeated bring again. Raises TryLater."""
        records = told.get("history", [])
        if not isinstance(records, list) or not all(strings(one, "id") for one in records):
            raise TryLater("Gmail answers with something that is no history.")
        changes = cls()
        for record in records:
            if record["id"] not in known:
                known.add(record["id"])
                changes.take(record)
        return changes

    def take(self, record: Mapping[str, Any]) -> None:
        """One record, in the order in which its parts make sense."""
        for mail, _ in _parts(record, "messagesAdded"):
            if not labels_of(mail) & (OUT | NEVER):
                self._see(mail, back=True)
        for mail, labels in _parts(record, "labelsRemoved"):
            self._see(mail, back=bool(labels & OUT), matters=_matters(labels))
        for mail, labels in _parts(record, "labelsAdded"):
            if labels & OUT:
                self._lose(mail)
            else:
                self._see(mail, matters=_matters(labels))
        for mail, _ in _parts(record, "messagesDeleted"):
            self._lose(mail)

    def _see(self, mail: Mapping[str, Any], *, back: bool = False, matters: bool = True) -> None:
        if back:
            self.gone.pop(mail["id"], None)
        if matters and mail["id"] not in self.gone:
            self.look[mail["id"]] = mail["threadId"]

    def _lose(self, mail: Mapping[str, Any]) -> None:
        self.look.pop(mail["id"], None)
        self.gone[mail["id"]] = None


def _parts(record: Mapping[str, Any], name: str) -> Iterator[tuple[Mapping[str, Any], frozenset[str]]]:
    """(the mail, the labels that it got or lost) of each change of that kind. Raises TryLater."""
    several = record.get(name, [])
    for one in several if isinstance(several, list) else ():
        mail = one.get("message") if isinstance(one, dict) else None
        if not isinstance(mail, dict) or not strings(mail, "id", "threadId"):
            raise TryLater("Gmail answers with something that is no history.")
        yield mail, labels_of(one)


def _matters(labels: Collection[str]) -> bool:
    return any(not one.startswith(IDLE) for one in labels)


def labels_of(told: Mapping[str, Any]) -> frozenset[str]:
    said = told.get("labelIds")
    return frozenset(one for one in said if isinstance(one, str)) if isinstance(said, list) else frozenset()


def strings(told: Any, *names: str) -> bool:
    return isinstance(told, dict) and all(isinstance(told.get(name), str) and told[name] for name in names)
