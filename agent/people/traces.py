"""What does the mailbox show of one address, summed over all its mails?

A trace depends only on the facts in which its address takes part (and on the user's own addresses), so it can be
computed again for the few addresses that a new page touched.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import chain, permutations
from statistics import median_low
from typing import Any

from agent.model import Fact
from agent.people.names import Name, family, parsed, spelled

FEW = 10
"""A mail to more people than this is no contact between two of them (design.md, "contact")."""

_ANSWER = re.compile(
    r"\s*(?:(?:re|aw|sv|vs|antw|odp|ynt|rv|ref|回复|答复)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*)+", re.IGNORECASE
)
_FORWARD = re.compile(r"\s*(?:fw|fwd|wg|tr|vb|vl|enc|转发)\s*[:：]", re.IGNORECASE)
_CHANGING = re.compile(
    r"[\d\W_]+|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"
)


@dataclass(frozen=True, slots=True)
class Beside:
    """How often another address with a like name stood in the same mails: signs of two humans, or of one."""

    together: int = 0  # mails that have both
    wrote: int = 0  # of these, the ones that this address sent to the other


@dataclass(frozen=True, slots=True)
class Trace:
    """What the mailbox shows of one address. Counts are mails; times are POSIX seconds, 0 = never."""

    address: str
    names: Mapping[str, int] = field(default_factory=dict)  # display name -> times
    sent: int = 0  # mails it sent
    to_user: int = 0  # of these, with the user among To or Cc and at most FEW recipients, off lists
    missing_user: int = 0  # of these, with no own address among the recipients: through a list, or blind
    wide: int = 0  # of these, with more than FEW recipients
    usual_recipients: int = 0  # median number of recipients of its mails
    replies: int = 0  # of its mails, those that say so in the subject or have parents
    forwards: int = 0
    answered_user: int = 0  # of its mails, those that answered one of the user's to it
    from_user: int = 0  # mails of the user's to it, in To or Cc, with at most FEW recipients
    answered_by_user: int = 0  # of these, those that answered one of its own
    from_user_wide: int = 0  # mails of the user's to it and many others
    received: int = 0  # mails that have it among the recipients, from whomever
    meetings: int = 0  # meetings with it and at most FEW others
    listed: int = 0  # mails that it sent, with evidence of a discussion list
    list_received: int = 0  # mails with such evidence that went to it
    automatic: int = 0
    bulk: int = 0
    worded: int = 0  # mails that say of themselves, in their text, that they went to many; known where texts are read
    templates: int = 0  # different subjects among its mails, dates and numbers left out
    in_sent: int = 0  # mails that it sent and that lie in a Sent store
    first: int = 0
    last: int = 0
    last_sent: int = 0
    beside: Mapping[str, Beside] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; what is 0 or empty is left out."""
        return {key: value for key, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Trace":
        """The trace that `as_json` gave. Raises TypeError for unknown keys."""
        beside = {address: Beside(**counts) for address, counts in data.get("beside", {}).items()}
        return cls(**{**data, "beside": beside})


class _Tally:
    """A trace while it is being summed."""

    __slots__ = (
        "answered_by_user",
        "answered_user",
        "asked",
        "automatic",
        "back",
        "beside",
        "bulk",
        "first",
        "forwards",
        "from_user",
        "from_user_wide",
        "in_sent",
        "last",
        "last_sent",
        "list_received",
        "listed",
        "meetings",
        "missing_user",
        "received",
        "replied",
        "replies",
        "sent",
        "subjects",
        "to_user",
        "told",
        "wide",
        "widths",
        "worded",
    )

    def __init__(self) -> None:
        self.sent = self.to_user = self.missing_user = self.wide = self.replies = self.forwards = self.answered_user = 0
        self.from_user = self.answered_by_user = self.from_user_wide = self.received = self.meetings = self.listed = 0
        self.list_received = self.automatic = self.bulk = self.worded = self.in_sent = self.last = self.last_sent = 0
        self.first = 1 << 62
        self.widths: list[int] = []
        self.subjects: set[str] = set()
        self.asked: list[tuple[str, ...]] = []  # keys of the user's mails to it
        self.told: list[tuple[str, ...]] = []  # keys of its mails to the user
        self.replied: list[tuple[str, ...]] = []  # what its answers to the user may answer
        self.back: list[tuple[str, ...]] = []  # what the user's answers to it may answer
        self.beside: dict[str, list[int]] = {}


def traces(
    facts: Iterable[Fact],
    names: Mapping[str, Mapping[str, int]],
    own: frozenset[str],
    only: Collection[str] | None = None,
) -> dict[str, Trace]:
    """The trace of every address in `facts`, the user's own included, or of those in `only`.

    `names` maps addresses to the display names seen with them and how often. With `only`, `facts` may be just those
    in which one of these addresses takes part.
    """
    wanted = None if only is None else frozenset(only)
    tallies: dict[str, _Tally] = _Tallies()
    families = _Families(names)
    for fact in facts:
        parties = fact.recipients
        if wanted is not None and fact.sender not in wanted and wanted.isdisjoint(parties):
            continue
        if fact.meeting:
            _add_meeting(tallies, fact, parties, wanted)
            continue
        keys, heard = _keys(fact) if len(parties) <= FEW else ((), ())
        receivers = parties if wanted is None else [address for address in parties if address in wanted]
        _add_receivers(tallies, fact, receivers, len(parties), own, keys, heard)
        if fact.sender and (wanted is None or fact.sender in wanted):
            _add_sender(tallies[fact.sender], fact, parties, own, keys, heard)
        called = [families[address] for address in parties]
        called.append(families[fact.sender])
        if len(set(called)) < len(called):
            _add_likes(tallies, fact.sender, parties, families, wanted)
    return {address: _trace(address, tally, names.get(address, {})) for address, tally in tallies.items()}


class _Tallies(dict[str, _Tally]):
    """A tally for whoever is asked for."""

    def __missing__(self, address: str) -> _Tally:
        tally = self[address] = _Tally()
        return tally


def _add_meeting(
    tallies: dict[str, _Tally], fact: Fact, parties: tuple[str, ...], wanted: frozenset[str] | None
) -> None:
    for address in dict.fromkeys((fact.sender, *parties)):
        if address and (wanted is None or address in wanted):
            tally = tallies[address]
            tally.first, tally.last = min(tally.first, fact.at), max(tally.last, fact.at)
            tally.meetings += len(parties) <= FEW


def _add_receivers(
    tallies: dict[str, _Tally],
    fact: Fact,
    receivers: Sequence[str],
    width: int,
    own: frozenset[str],
    keys: tuple[str, ...],
    heard: tuple[str, ...],
) -> None:
    at, listed = fact.at, "list" in fact.evidence
    mine, few = fact.sender in own, width <= FEW
    blind = frozenset(fact.bcc).difference(fact.to, fact.cc) if fact.bcc else ()
    for address in receivers:
        tally = tallies[address]
        if at < tally.first:
            tally.first = at
        if at > tally.last:
            tally.last = at
        tally.received += 1
        if listed:
            tally.list_received += 1
        if not mine or address in blind:
            continue
        if few:
            tally.from_user += 1
            tally.asked.append(keys)
            if heard:
                tally.back.append(heard)
        else:
            tally.from_user_wide += 1


def _add_sender(
    tally: _Tally,
    fact: Fact,
    parties: tuple[str, ...],
    own: frozenset[str],
    keys: tuple[str, ...],
    heard: tuple[str, ...],
) -> None:
    at = fact.at
    if at < tally.first:
        tally.first = at
    if at > tally.last:
        tally.last = at
    if at > tally.last_sent:
        tally.last_sent = at
    tally.sent += 1
    tally.widths.append(len(parties))
    tally.wide += len(parties) > FEW
    tally.in_sent += "\\Sent" in fact.labels
    for evidence in fact.evidence:
        if evidence == "list":
            tally.listed += 1
        elif evidence == "automatic":
            tally.automatic += 1
        elif evidence == "bulk":
            tally.bulk += 1
    tally.worded += fact.marks is not None and "mailing" in fact.marks.signs
    answers, forwards, _, template = _read(fact.subject)
    tally.replies += answers or bool(fact.parents)
    tally.forwards += forwards
    tally.subjects.add(template)
    if own.isdisjoint(parties):
        tally.missing_user += 1
    elif (
        len(parties) <= FEW
        and "list" not in fact.evidence
        and not (own.isdisjoint(fact.to) and own.isdisjoint(fact.cc))
    ):
        tally.to_user += 1
        tally.told.append(keys)
        if heard:
            tally.replied.append(heard)


def _keys(fact: Fact) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Under what a mail can be answered, and what it may itself answer: Message-IDs, and subjects without Re."""
    answers, _, topic, _ = _read(fact.subject)
    keys = (fact.message_id, topic) if fact.message_id and topic else (fact.message_id or topic,)
    heard = (*fact.parents[:1], topic) if answers or fact.parents else ()
    return keys if keys[0] else (), heard


@lru_cache(maxsize=65_536)
def _read(subject: str) -> tuple[bool, bool, str, str]:
    """Whether a subject answers, whether it forwards; what it says without Re; and without what changes each time."""
    answer = _ANSWER.match(subject)
    topic = " ".join((subject[answer.end() :] if answer else subject).lower().split())
    return bool(answer), bool(_FORWARD.match(subject)), topic, _CHANGING.sub(" ", subject.lower())


class _Families(dict[str, str]):
    """The family name of each address, asked once; without one, the address itself, which is nobody else's."""

    def __init__(self, names: Mapping[str, Mapping[str, int]]) -> None:
        super().__init__()
        self.names = names

    def __missing__(self, address: str) -> str:
        name = usual_name(self.names.get(address, {})) or spelled(address)
        found = self[address] = name.last if name else family(address) or address
        return found


def usual_name(names: Mapping[str, int]) -> Name | None:
    """The human name most often given with an address."""
    counts: dict[Name, int] = {}
    for display, times in names.items():
        name = parsed(display)
        if name is not None:
            counts[name] = counts.get(name, 0) + times
    return max(counts, key=lambda n: (counts[n], n.full, len(n.middle), n.first, n.last), default=None)


def _add_likes(
    tallies: dict[str, _Tally],
    sender: str,
    parties: tuple[str, ...],
    families: Mapping[str, str],
    wanted: frozenset[str] | None,
) -> None:
    """Note the pairs of like-named addresses in one mail; few mails have one."""
    alike: dict[str, list[str]] = {}
    for address in dict.fromkeys((sender, *parties)):
        if address:
            alike.setdefault(families[address], []).append(address)
    for one, other in (pair for group in alike.values() for pair in permutations(group, 2)):
        if wanted is None or one in wanted:
            counts = tallies[one].beside.setdefault(other, [0, 0])
            counts[0] += 1
            counts[1] += one == sender


def _answers(heard: Sequence[tuple[str, ...]], said: Sequence[tuple[str, ...]]) -> int:
    """How many of the mails answer one that was said."""
    known = set(chain.from_iterable(said)) if heard else frozenset()
    return sum(not known.isdisjoint(keys) for keys in heard)


def _trace(address: str, tally: _Tally, names: Mapping[str, int]) -> Trace:
    return Trace(
        address=address,
        names=dict(names),
        sent=tally.sent,
        to_user=tally.to_user,
        missing_user=tally.missing_user,
        wide=tally.wide,
        usual_recipients=median_low(tally.widths) if tally.widths else 0,
        replies=tally.replies,
        forwards=tally.forwards,
        answered_user=_answers(tally.replied, tally.asked),
        from_user=tally.from_user,
        answered_by_user=_answers(tally.back, tally.told),
        from_user_wide=tally.from_user_wide,
        received=tally.received,
        meetings=tally.meetings,
        listed=tally.listed,
        list_received=tally.list_received,
        automatic=tally.automatic,
        bulk=tally.bulk,
        worded=tally.worded,
        templates=len(tally.subjects),
        in_sent=tally.in_sent,
        first=tally.first,
        last=tally.last,
        last_sent=tally.last_sent,
        beside={other: Beside(*counts) for other, counts in tally.beside.items()},
    )
