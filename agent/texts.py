"""What do the texts of a page say, once what their senders always say is left out?

A line is known to be a habit by the mails of its sender that came before, and by those that stand on the same page: on
the first one too, so that the newest mails, which come first, lose their signatures as the old ones do.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.store.keys import identity
from agent.store.store import Store
from connectors.contract import Interaction, Page, RemoteId
from nlp import repeated

NAMED = 6
"""Bytes that stand for a mail among the latest of one sender, of the hash that stands for it in the store."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What turns texts into marks; `wiring` makes it, since it loads word lists."""

    read: Callable[[str], Any]  # a text -> what of it is `new`, and all that `mark` wants of it
    mark: Callable[[Any, Interaction | None, str], Any]  # that, whose it is, and what is left of `new`


@dataclass(frozen=True, slots=True)
class Said:
    """What is kept of a page's texts: their marks, and how the latest mails of their senders end, by address."""

    marks: Mapping[RemoteId, Any] = field(default_factory=dict)
    habits: Mapping[str, repeated.Habit] = field(default_factory=dict)


def said(page: Page, mark: Mark | None, store: Store, account: str) -> Said:
    """The page's texts as marks; the texts themselves go no further."""
    if not mark or not page.texts:
        return Said()
    mails = {one.id: one for one in page.found if isinstance(one, Interaction)}
    texts = {key: mark.read(text) for key, text in page.texts.items()}
    senders = {key: sender for key in texts if key in mails and (sender := _sender(mails[key]))}
    more: defaultdict[str, dict[bytes, frozenset[int]]] = defaultdict(dict)
    for key, sender in senders.items():
        more[sender][_name(mails[key], store.key)] = repeated.lines_of(texts[key].new, store.key)
    known = store.habits(account, more)
    often = {sender: repeated.often(known.get(sender, {}), lines) for sender, lines in more.items()}
    marks = {}
    for key, text in texts.items():
        left = repeated.without(text.new, often.get(senders.get(key, ""), ()), store.key)
        marks[key] = mark.mark(text, mails.get(key), left)
    return Said(marks, {sender: repeated.learned(known.get(sender, {}), lines) for sender, lines in more.items()})


def _sender(mail: Interaction) -> str:
    """Whose lines these are, or "": the text of a meeting is its calendar's."""
    return mail.sender.address if mail.sender and mail.meeting is None else ""


def _name(mail: Interaction, secret: bytes) -> bytes:
    """What stands for a mail, the same for all its copies: the last of its keys, which has its text where it was
    seen.
    """
    return identity(mail, int(mail.sent.timestamp()), secret)[-1][-NAMED:]
