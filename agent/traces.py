"""What does the mailbox show of one address, summed over all its mails?

A trace depends only on the facts in which its address takes part (and on the user's own addresses), so it can be
computed again for the few addresses that a new page touched.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median_low
from typing import Any

from agent.model import Fact
from agent.names import Name, fold, local, parsed, spelled

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
    )

    def __init__(self) -> None:
        self.sent = self.to_user = self.missing_user = self.wide = self.replies = self.forwards = self.answered_user = 0
        self.from_user = self.answered_by_user = self.from_user_wide = self.received = self.meetings = self.listed = 0
        self.list_received = self.automatic = self.bulk = self.in_sent = self.last = self.last_sent = 0
        self.first = 1 << 62
        self.widths: list[int] = []
        self.subjects: set[str] = set()
        self.asked: set[str] = set()  # keys of the user's mails to it
        self.told: set[str] = set()  # keys of its mails to the user
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
    tallies: dict[str, _Tally] = {}
    likeness = _Likeness(names)
    for fact in facts:
        parties = fact.recipients
        if wanted is not None and fact.sender not in wanted and wanted.isdisjoint(parties):
            continue
        _add(tallies, fact, parties, own, wanted)
        _add_likes(tallies, fact.sender, parties, likeness, wanted)
    return {address: _trace(address, tally, names.get(address, {})) for address, tally in tallies.items()}


def _add(
    tallies: dict[str, _Tally], fact: Fact, parties: tuple[str, ...], own: frozenset[str], wanted: frozenset[str] | None
) -> None:
    at, mine, few = fact.at, fact.sender in own, len(parties) <= FEW
    listed = "list" in fact.evidence
    keys = heard = ()  # type: tuple[str, ...]
    if few and not fact.meeting and (mine or not own.isdisjoint(parties)):
        keys, heard = _keys(fact)
    visible = () if not mine else fact.to + fact.cc if fact.bcc else parties
    for address in parties:
        if wanted is not None and address not in wanted:
            continue
        tally = tallies.get(address)
        if tally is None:
            tally = tallies[address] = _Tally()
        if at < tally.first:
            tally.first = at
        if at > tally.last:
            tally.last = at
        if fact.meeting:
            tally.meetings += few
            continue
        tally.received += 1
        tally.list_received += listed
        if mine and address in visible:
            if few:
                tally.from_user += 1
                tally.asked.update(keys)
                if heard:
                    tally.back.append(heard)
            else:
                tally.from_user_wide += 1
    if fact.sender and (wanted is None or fact.sender in wanted):
        _add_sender(tallies.setdefault(fact.sender, _Tally()), fact, parties, own, keys, heard)


def _add_sender(
    tally: _Tally,
    fact: Fact,
    parties: tuple[str, ...],
    own: frozenset[str],
    keys: tuple[str, ...],
    heard: tuple[str, ...],
) -> None:
    tally.first, tally.last = min(tally.first, fact.at), max(tally.last, fact.at)
    if fact.meeting:
        tally.meetings += len(parties) <= FEW
        return
    tally.last_sent = max(tally.last_sent, fact.at)
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
    answer = _ANSWER.match(fact.subject)
    tally.replies += bool(answer or fact.parents)
    tally.forwards += bool(_FORWARD.match(fact.subject))
    tally.subjects.add(_CHANGING.sub(" ", fact.subject.lower()))
    if own.isdisjoint(parties):
        tally.missing_user += 1
    elif (
        len(parties) <= FEW
        and "list" not in fact.evidence
        and not (own.isdisjoint(fact.to) and own.isdisjoint(fact.cc))
    ):
        tally.to_user += 1
        tally.told.update(keys)
        if heard:
            tally.replied.append(heard)


def _keys(fact: Fact) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Under what a mail can be answered, and what it may itself answer: Message-IDs, and subjects without Re."""
    answer = _ANSWER.match(fact.subject)
    bare = fact.subject[answer.end() :] if answer else fact.subject
    topic = " ".join(bare.lower().split())
    keys = tuple(key for key in (fact.message_id, topic) if key)
    heard = (*fact.parents[:1], topic) if answer or fact.parents else ()
    return keys, heard


class _Likeness:
    """Which addresses could be of one human, by family name and first initial: asked once for each address."""

    def __init__(self, names: Mapping[str, Mapping[str, int]]) -> None:
        self.names = names
        self.known: dict[str, str] = {}

    def __call__(self, address: str) -> str:
        found = self.known.get(address)
        if found is None:
            name = usual_name(self.names.get(address, {})) or spelled(address)
            found = self.known[address] = name.last if name else ""
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
    likeness: _Likeness,
    wanted: frozenset[str] | None,
) -> None:
    """Note the pairs of like-named addresses in one mail; hardly any mail has one."""
    alike: dict[str, list[str]] = {}
    for address in (sender, *parties) if sender not in parties else parties:
        last = likeness(address)
        if last:
            alike.setdefault(last, []).append(address)
    if len(alike) > len(parties):
        return
    for group in alike.values():
        for one in group if len(group) > 1 else ():
            if wanted is None or one in wanted:
                for other in group:
                    if other != one:
                        counts = tallies[one].beside.setdefault(other, [0, 0])
                        counts[0] += 1
                        counts[1] += one == sender


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
        answered_user=sum(not tally.asked.isdisjoint(heard) for heard in tally.replied),
        from_user=tally.from_user,
        answered_by_user=sum(not tally.told.isdisjoint(heard) for heard in tally.back),
        from_user_wide=tally.from_user_wide,
        received=tally.received,
        meetings=tally.meetings,
        listed=tally.listed,
        list_received=tally.list_received,
        automatic=tally.automatic,
        bulk=tally.bulk,
        templates=len(tally.subjects),
        in_sent=tally.in_sent,
        first=tally.first,
        last=tally.last,
        last_sent=tally.last_sent,
        beside={other: Beside(*counts) for other, counts in tally.beside.items()},
    )


def role(address: str) -> str:
    """The part of an address that may name a function: what stands before the @, folded."""
    return fold(local(address))
