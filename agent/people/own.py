"""Which addresses are the user's own, and does somebody else write from this mailbox?

An address is taken for the user's only with two signs at once: its name agrees with that of an address that the user
gave, and the mailbox treats it as the owner's: its mails lie in the Sent store, or mails went to it that reached this
mailbox through no other address of the user's. An assistant fails the first, a namesake the second.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from agent.model import Fact
from agent.people.names import FREEMAIL, Agreement, Name, agree, best, fits, letters, local, organisation, spelled
from agent.people.traces import Trace, usual_name

SENT_ENOUGH = 3
"""Single mails of others lie in Sent stores, moved there by hand; measured on 18 mailboxes: at most 3 of a colleague of
another name, so a namesake with 3 is one in a million."""

HINT_ENOUGH = 30
"""The same where the given address has no name, and only one of its letters' words agrees."""

ORPHANS = 0.5
"""Of the mails to an address of the user's own, most name no other one of them."""

ORPHANS_ENOUGH = 10
"""Below this a second address of the user's is worth little, and mistyped and guessed ones are most."""

NUMBERED_ENOUGH = 50
"""A number (alovelace2@) says that there were namesakes: more is asked for."""

STRAY = 0.02
"""Of the mails of an address that only receives, hardly any are sent by it; a namesake writes."""


_Mail: TypeAlias = tuple[str, frozenset[str], bool]
"""The look-alikes of the user in a mail: its sender (or ""), its recipients; and whether it lies in a Sent store."""

_BY_WEIGHT: tuple[Agreement, ...] = ("clash", "same", "initials")


@dataclass(frozen=True, slots=True)
class _Self:
    """What the user is called, as far as the given addresses tell."""

    names: tuple[Name, ...]
    locals: frozenset[str]
    organisations: frozenset[str]

    def agreement(self, address: str, name: Name | None) -> Agreement:
        """How well the names and the spelling of `address` agree with the user's; `open` is too little."""
        written = spelled(address)
        if self.names and name is not None and written and all(fits(own, address) == "clash" for own in self.names):
            return "clash"
        if name is not None:
            found = [_agreement(own, name, address) for own in self.names]
            found += [fits(name, own) for own in self.locals if not self.names]
        else:
            found = [fits(own, address) for own in self.names if self._near(address)]
            if local(address) in {local(own) for own in self.locals} and self._near(address):
                found.append("same")
        return next((grade for grade in _BY_WEIGHT if grade in found), "open")

    def hints_at(self, address: str, name: Name | None) -> bool:
        """Without a name for the given ones: whether an address there may be that of somebody at this one."""
        name = name or spelled(address)
        if self.names or name is None or not self._near(address):
            return False
        return any(letters(own) in {name.first, name.last, name.first + name.last} for own in self.locals)

    def _near(self, address: str) -> bool:
        return organisation(address).split(".")[0] in self.organisations


GIVEN = "You gave it."
"""The reason of an address that stands in the config."""


def _agreement(own: Name, name: Name, address: str) -> Agreement:
    """The display name counts; the spelling of the address only helps where the display name is short of a word."""
    found = agree(own, name)
    return "same" if found == "initials" and fits(own, address) == "same" else found


def own_addresses(
    given: Sequence[str], facts: Iterable[Fact], names: Mapping[str, Mapping[str, int]]
) -> dict[str, str]:
    """The user's own addresses, each with the reason in a sentence; the given ones come first. Reads `facts` once."""
    own = {address.lower(): GIVEN for address in given}
    look = _Look(names, _self(own, names))
    mails = Counter[_Mail]()
    for fact in facts:
        if not fact.meeting:
            _collect(mails, fact, look, own)
    while found := _next(mails, own, look):
        own.update(found)
        if not look.me.names:
            look = _Look(names, _self(own, names))
    return own


class _Look(dict[str, Agreement]):
    """How far each address agrees with the user's names, asked once."""

    def __init__(self, names: Mapping[str, Mapping[str, int]], me: "_Self") -> None:
        super().__init__()
        self.names, self.me = names, me
        self._likes: dict[str, bool] = {}

    def __missing__(self, address: str) -> Agreement:
        name = usual_name(self.names.get(address, {})) if address else None
        grade = self[address] = self.me.agreement(address, name) if address else "open"
        return grade

    def like(self, address: str) -> bool:
        """Whether the mails of an address are worth counting."""
        found = self._likes.get(address)
        if found is None:
            found = self._likes[address] = self._is_like(address)
        return found

    def _is_like(self, address: str) -> bool:
        if self[address] == "open" and not self.me.names:
            return self.me.hints_at(address, usual_name(self.names.get(address, {})))
        return self[address] in ("same", "initials")


def _self(own: Iterable[str], names: Mapping[str, Mapping[str, int]]) -> _Self:
    addresses = tuple(own)
    called = [usual_name(names.get(address, {})) or spelled(address) for address in addresses]
    hosts = {organisation(address) for address in addresses} - FREEMAIL
    return _Self(
        tuple(dict.fromkeys(name for name in called if name)),
        frozenset(addresses),
        frozenset(host.split(".")[0] for host in hosts),
    )


def _collect(mails: Counter[_Mail], fact: Fact, look: _Look, own: Mapping[str, str]) -> None:
    sender = fact.sender if fact.sender in own or look.like(fact.sender) else ""
    sides = fact.to, fact.cc, fact.bcc
    receivers = frozenset([address for side in sides for address in side if address in own or look.like(address)])
    if sender or receivers:
        mails[sender, receivers, "\\Sent" in fact.labels] += 1


def _next(mails: Mapping[_Mail, int], own: Mapping[str, str], look: _Look) -> dict[str, str]:
    """The addresses that are found to be the user's, given those that are known to be."""
    counts = _counts(mails, own)
    candidates = sorted(((counts.sent | counts.received).keys()) - own.keys())
    for rule in (_filed, _reached):  # what was sent from here settles which mails came in
        found = {address: rule(address, look[address], counts) for address in candidates}
        if any(found.values()):
            return {address: _called(address, look.names) + why for address, why in found.items() if why}
    return {}


@dataclass(slots=True)
class _Counts:
    """Mails by address: sent, of these in the Sent store; received, of these with no known own address."""

    sent: Counter[str]
    filed: Counter[str]
    received: Counter[str]
    orphans: Counter[str]


def _counts(mails: Mapping[_Mail, int], own: Mapping[str, str]) -> _Counts:
    found = _Counts(Counter(), Counter(), Counter(), Counter())
    for (sender, receivers, in_sent), times in mails.items():
        if sender:
            found.sent[sender] += times
            found.filed[sender] += times * in_sent
        arrived = not sender and not in_sent and receivers.isdisjoint(own)
        for address in receivers:
            found.received[address] += times
            found.orphans[address] += times * arrived
    return found


def _called(address: str, names: Mapping[str, Mapping[str, int]]) -> str:
    name = best(names.get(address, {}))
    return f"Its name is yours ({name}), and " if name else "It spells your name, and "


def _filed(address: str, grade: Agreement, counts: _Counts) -> str:
    """It writes from this mailbox."""
    filed = counts.filed[address]
    enough = filed >= {"same": SENT_ENOUGH, "initials": 2 * SENT_ENOUGH}.get(grade, HINT_ENOUGH)
    return f"{filed} of its mails lie in your Sent folder." if enough else ""


def _reached(address: str, grade: Agreement, counts: _Counts) -> str:
    """Mails reach this mailbox through it, and it does not write elsewhere."""
    if grade not in ("same", "initials"):
        return ""
    orphans, received = counts.orphans[address], counts.received[address]
    enough = NUMBERED_ENOUGH if local(address)[-1:].isdigit() else ORPHANS_ENOUGH
    written = counts.sent[address] - counts.filed[address]
    if orphans < enough or orphans < ORPHANS * received or written > STRAY * received:
        return ""
    return f"{orphans} mails reached you through it and through no other address of yours."


WRITES_HERE = 10
"""Mails of somebody else in the Sent store: fewer are strays that were filed by hand."""

SHARE_HERE = 0.125
"""... and at least this share of the Sent store; assistants who stand in now and then stay below (measured: 6 and 10 %,
against 15 % and more where somebody else really lives in the mailbox)."""


def owners(own: Collection[str], traces: Mapping[str, Trace]) -> tuple[str, ...]:
    """A sentence for everybody else whose mails are sent from this mailbox: a second owner, an assistant."""
    filed = sum(trace.in_sent for trace in traces.values())
    found = []
    for trace in sorted(traces.values(), key=lambda t: (-t.in_sent, t.address)):
        if trace.address in own or trace.in_sent < max(WRITES_HERE, SHARE_HERE * filed):
            continue
        name = best(trace.names)
        called = f"{name} ({trace.address})" if name else trace.address
        found.append(f"Mail of somebody else is sent from this mailbox too: {trace.in_sent} mails by {called}.")
    return tuple(found)
