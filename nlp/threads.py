"""Which mails belong together, and who began?"""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from nlp import tidy

DAY = 86_400
"""Seconds in a day."""

APART = 30 * DAY
"""Mails of one subject further apart than this are two threads: measured on lists with true references, pairs P "
".84, R .92."""

OPEN_AT_ONCE = 16
"""Threads of one subject that are compared with a new mail: it keeps a subject with thousands of mails linear."""

_BARE = (
    "hello|hi|hey|hallo|hola|salut|bonjour|ciao|question|a question|quick question|frage|info|fyi|update|thanks|"
    "thank you|danke|merci|test|no subject|none|kein betreff|sans objet|sin asunto|meeting|call|lunch|today|"
    "tomorrow|tonight|help|request|hello there|hi there|good morning|happy birthday|news|note|message|document|"
    "documents|attached|attachment|photos"
)
BARE = frozenset(_BARE.split("|"))
"""Subjects that say nothing: only an answer to one joins a thread by it."""


_LETTER = re.compile(r"\s*[A-Z]\s*:")


class Mail(Protocol):
    """What this module needs to know of a mail; it never needs more."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> int: ...
    @property
    def sender(self) -> str: ...
    @property
    def recipients(self) -> tuple[str, ...]: ...
    @property
    def subject(self) -> str: ...
    @property
    def message_id(self) -> str: ...
    @property
    def parents(self) -> tuple[str, ...]: ...
    @property
    def thread(self) -> str: ...


M = TypeVar("M", bound=Mail)


@dataclass(slots=True)
class _Open:
    """A thread that a later mail of the same subject may still join."""

    first: int  # the row of its first mail
    last: int  # POSIX seconds
    people: set[str] | None  # None: those of its first mail, not looked at yet; most threads are never compared
    linked: bool  # whether headers link its mails: then answers carry them, and a mail without is a beginning


def assemble(mails: Iterable[M], own: frozenset[str] = frozenset()) -> list[tuple[M, ...]]:
    """The mails by thread, oldest thread first, each oldest mail first.

    Linked by References, In-Reply-To or the provider's id; else by the same bare subject, a shared participant who is
    not one of `own` (the user's addresses, lower-cased), and at most 30 days since the thread's previous mail. What the
    user passes on to somebody new stays in its thread: something was done about it.
    """
    rows = sorted(mails, key=lambda mail: (mail.at, mail.id))
    union = _by_headers(rows)
    _by_subject(rows, union, own)
    groups: dict[int, list[M]] = {}
    for row, mail in enumerate(rows):
        groups.setdefault(_root(union, row), []).append(mail)
    return [tuple(group) for group in groups.values()]


def opener(group: Sequence[M], automatic: Callable[[M], bool] = lambda mail: False) -> str:
    """The address that began a thread (as `assemble` gives it), or "" where that cannot be known.

    Forwards, and mails for which `automatic` holds, are set aside; the first of the rest began the thread, unless it
    answers a mail that is not there.
    """
    known = {mail.message_id for mail in group if mail.message_id}
    named = {parent for mail in group for parent in mail.parents}
    roots = [mail for mail in group if _begins(mail, named)]
    if len(roots) == 1:
        [root] = roots
        return "" if automatic(root) or tidy.is_forward(root.subject) else root.sender
    for mail in group:
        reply = tidy.is_reply(mail.subject)
        if automatic(mail) or (tidy.is_forward(mail.subject) and not reply):
            continue
        if any(parent in known for parent in mail.parents):
            continue  # a clock that is wrong put the answer before the mail that it answers
        return "" if reply or mail.parents else mail.sender
    return ""


def _begins(mail: Mail, answered: Container[str]) -> bool:
    """Whether the headers say that a mail began a thread: it answers none, and is answered.

    "Re:" in its subject speaks against it, since some programs forget the header; one letter does not: "R: loom" may be
    about R.
    """
    says_answer = tidy.is_reply(mail.subject) and not _LETTER.match(mail.subject)
    return mail.message_id in answered and not mail.parents and not says_answer


def _root(union: list[int], row: int) -> int:
    while union[row] != row:
        union[row] = union[union[row]]
        row = union[row]
    return row


def _join(union: list[int], one: int, other: int) -> None:
    """The earlier row stands for both, so that a thread is found under its first mail."""
    one, other = _root(union, one), _root(union, other)
    if one < other:
        union[other] = one
    else:
        union[one] = other


def _by_headers(rows: Sequence[Mail]) -> list[int]:
    """Each row's link towards the first mail of its thread, from the headers alone."""
    union = list(range(len(rows)))
    known: dict[str, int] = {}
    for row, mail in enumerate(rows):
        keys = (mail.message_id, *mail.parents) if mail.parents else (mail.message_id,)
        for key in keys:
            if key and (other := known.setdefault(key, row)) != row:
                _join(union, row, other)
        if mail.thread and (other := known.setdefault(f"thread {mail.thread}", row)) != row:
            _join(union, row, other)
    return union


def _by_subject(rows: Sequence[Mail], union: list[int], own: frozenset[str]) -> None:
    """Join what no header links, in order of time."""
    answered = {parent for mail in rows for parent in mail.parents}
    by_key: dict[str, list[_Open]] = {}
    open_of: dict[int, _Open] = {}
    for row, mail in enumerate(rows):
        key = tidy.thread_key(mail.subject)
        linked = bool(mail.parents or mail.thread)
        found = open_of.get(_root(union, row))
        if found is None and not mail.thread and key and not _begins(mail, answered):
            found = _fitting(by_key.get(key, ()), mail, key, rows, own)
            if found is not None:
                _join(union, row, found.first)
        if found is None:
            found = _Open(row, mail.at, None, linked)
            _remember(by_key.setdefault(key, []), found)
        else:
            found.last, found.linked = mail.at, found.linked or linked
            found.people = _people(found, rows, own) | _sides(mail, own)
        open_of[_root(union, row)] = found


def _sides(mail: Mail, own: frozenset[str]) -> set[str]:
    return {mail.sender, *mail.recipients} - own


def _people(thread: _Open, rows: Sequence[Mail], own: frozenset[str]) -> set[str]:
    if thread.people is None:
        thread.people = _sides(rows[thread.first], own)
    return thread.people


def _fitting(threads: Sequence[_Open], mail: Mail, key: str, rows: Sequence[Mail], own: frozenset[str]) -> _Open | None:
    """The newest thread of this subject that the mail may belong to."""
    answers = bool(mail.parents) or tidy.is_reply(mail.subject)
    if not answers and key in BARE:
        return None
    sides = _sides(mail, own) if threads else set()
    for thread in reversed(threads):
        if mail.at - thread.last > APART or (thread.linked and not answers):
            continue
        people = _people(thread, rows, own)
        if not people.isdisjoint(sides) or not (people or sides):
            return thread
    return None


def _remember(threads: list[_Open], new: _Open) -> None:
    threads.append(new)
    if len(threads) > OPEN_AT_ONCE:
        del threads[0]
