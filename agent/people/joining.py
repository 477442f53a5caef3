"""Which addresses are one human, and who is behind them?

Two addresses are joined where the mailbox has one name for both and nothing speaks for two humans; every join has its
reason in a sentence, and what the user said goes before it. This room also hands on what its neighbours find: `Trace`
and `traces`, `own_addresses` and `owners`, `kind`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

from agent.model import Kind, Person, Sphere, Statement
from agent.people.kinds import kind
from agent.people.names import (
    FREEMAIL,
    Name,
    agree,
    best,
    clean,
    completed,
    fits,
    fold,
    local,
    middle_of,
    organisation,
    parsed,
    same_given,
    shown,
    spelled,
    spelled_after,
    words_of,
)
from agent.people.own import own_addresses, owners
from agent.people.traces import Beside, Trace, traces, usual_name
from connectors.contract import Card

__all__ = ["Beside", "Trace", "group", "inherit", "kind", "own_addresses", "owners", "traces"]

PIECE = 3
"""Letters of a family name by which the addresses spelled after it are looked up."""

SPHERES: Mapping[str, Sphere] = {"work": "work", "personal": "personal", "unknown": "unknown"}
"""What the user may say of a person; "unknown" takes an earlier word back."""

MOST_ON_A_CARD = 12
"""Addresses of one human, old ones included; a card with more is a list of people."""

_Pair = frozenset[str]


@dataclass(slots=True)
class _Cluster:
    """Addresses that are taken for one human so far."""

    addresses: list[str] = field(default_factory=list)
    names: set[Name] = field(default_factory=set)
    exact: bool = False  # an address is spelled after other words of the name, so only the very same name will do
    joined: list[str] = field(default_factory=list)


def group(
    traces: Mapping[str, Trace], statements: Sequence[Statement], own: Collection[str], cards: Sequence[Card] = ()
) -> list[Person]:
    """Everybody in the mailbox but the user, in the order of their addresses, with ids from 1.

    Addresses that the user called `same` are one person, those called `different` never are; of two statements about
    one pair the later holds. What the user's address book has on one of its `cards` is one person too, under the name
    that stands there.
    """
    verdicts = {address: kind(trace) for address, trace in traces.items()}
    grouping = _Grouping(traces, _pairs(statements) | _denied(statements, own))
    grouping.state(own)
    called = _called(cards, own)
    for addresses in _carded(cards, called):
        grouping.book([address for address in addresses if address in traces])
    for address in _in_order(traces, verdicts):
        grouping.place(address)
    grouping.place_rest(address for address, verdict in verdicts.items() if verdict[0] not in ("person", "broadcast"))
    spheres = _spheres(statements)
    mine = frozenset(own)
    people = [
        _person(cluster, traces, verdicts, spheres, called)
        for cluster in grouping.clusters
        if mine.isdisjoint(cluster.addresses)
    ]
    people.sort(key=lambda person: min(person.addresses))
    return [replace(person, id=number) for number, person in enumerate(people, 1)]


def inherit(old: Sequence[Person], new: Sequence[Person]) -> list[Person]:
    """`new` with the ids of `old`: each goes to the person that shares most addresses with it; the rest count on."""
    home = {address: person.id for person in old for address in person.addresses}
    shares = defaultdict[tuple[int, int], int](int)
    for index, person in enumerate(new):
        for address in person.addresses:
            if address in home:
                shares[home[address], index] += 1
    ids: dict[int, int] = {}
    taken: set[int] = set()
    for (former, index), _ in sorted(shares.items(), key=lambda item: (-item[1], item[0])):
        if former not in taken and index not in ids:
            ids[index] = former
            taken.add(former)
    following = max((person.id for person in old), default=0) + 1
    result = []
    for index, person in enumerate(new):
        if index not in ids:
            ids[index], following = following, following + 1
        result.append(replace(person, id=ids[index]))
    return result


def _pairs(statements: Sequence[Statement]) -> dict[_Pair, bool]:
    """What the user said of two addresses: one person or not."""
    found: dict[_Pair, bool] = {}
    for statement in sorted(statements, key=lambda s: (s.at, s.id)):
        if statement.verb == "same":
            found.update((frozenset(pair), True) for pair in combinations(statement.addresses, 2))
        if statement.verb == "different":  # the first was split off from the others, which stay together
            first, *others = statement.addresses
            found.update((frozenset((first, other)), False) for other in others)
    return found


def _denied(statements: Sequence[Statement], own: Collection[str]) -> dict[_Pair, bool]:
    """Addresses that the user called somebody else's are not the user's by their name either."""
    denied = {a for s in statements if s.verb == "not mine" for a in s.addresses} - set(own)
    return {frozenset((address, mine)): False for address in denied for mine in own}


def _spheres(statements: Sequence[Statement]) -> dict[str, tuple[tuple[int, int], Sphere]]:
    found: dict[str, tuple[tuple[int, int], Sphere]] = {}
    for statement in sorted(statements, key=lambda s: (s.at, s.id)):
        if sphere := SPHERES.get(statement.verb):
            found.update(dict.fromkeys(statement.addresses, ((statement.at, statement.id), sphere)))
    return found


def _called(cards: Iterable[Card], own: Collection[str]) -> dict[str, str]:
    """Address -> the name on its card. An address on the cards of two people is nobody's alone, and not in it."""
    called: dict[str, str] = {}
    shared: set[str] = set()
    for card in cards:
        name = clean(card.name)
        for address in card.addresses:
            if _two(called.setdefault(address, name), name):
                shared.add(address)
    return {address: name for address, name in called.items() if address not in shared and address not in own}


def _two(one: str, other: str) -> bool:
    """Whether two cards name two people."""
    first, second = parsed(one), parsed(other)
    return agree(first, second) == "clash" if first and second else fold(one) != fold(other)


def _carded(cards: Iterable[Card], called: Mapping[str, str]) -> Iterator[list[str]]:
    """The addresses of each card that are one human's; a card with very many is a list."""
    for card in cards:
        addresses = [address for address in card.addresses if address in called]
        if 1 < len(addresses) <= MOST_ON_A_CARD:
            yield addresses


def _in_order(traces: Mapping[str, Trace], verdicts: Mapping[str, tuple[Kind, str]]) -> list[str]:
    """The addresses of humans: fullest names first, so that "Ada Lovelace" meets both "Ada B." and "Ada C."."""

    def fullness(address: str) -> tuple[int, int, str]:
        name = _name(traces[address])
        return (-len(name.middle) if name else 0, -traces[address].sent, address)

    return sorted((a for a, verdict in verdicts.items() if verdict[0] in ("person", "broadcast")), key=fullness)


def _name(trace: Trace) -> Name | None:
    """The human name of an address: the display name, unless the address clearly spells another one."""
    given, written = usual_name(trace.names), spelled(trace.address)
    if given is None:
        return written
    return None if _misnamed(given, trace.address) and not _within(given, written) else given


def _misnamed(name: Name, address: str) -> bool:
    written = spelled(address)
    return written is not None and written.full and fits(name, address) == "clash"


def _within(name: Name, written: Name | None) -> bool:
    """Whether an address takes other words of a long name than one expects: mary.ann@ for Mary Ann Evans."""
    if written is None or not name.middle:
        return False
    return {written.first, written.last} <= {name.first, *name.middle, name.last, name.generation}


class _Grouping:
    """Clusters in the making. Names decide; the user's statements go first."""

    def __init__(self, traces: Mapping[str, Trace], pairs: Mapping[_Pair, bool]) -> None:
        self.traces = traces
        self.apart: dict[str, set[str]] = defaultdict(set)
        self.clusters: list[_Cluster] = []
        self.of: dict[str, _Cluster] = {}
        self.by_last: dict[str, list[_Cluster]] = defaultdict(list)
        self.by_piece: dict[tuple[str, str], list[_Cluster]] = defaultdict(list)
        self.nameless: list[str] = []
        for pair, same in pairs.items():
            if not same:
                one, other = pair
                self.apart[one].add(other)
                self.apart[other].add(one)
        for pair, same in pairs.items():
            if same:
                self._unite(*sorted(pair))

    def state(self, own: Collection[str]) -> None:
        """The user is one human, whatever the addresses are called."""
        present = sorted(address for address in own if address in self.traces)
        for one, other in pairwise(present):
            self._unite(one, other)
        for address in present:
            self._open(address)

    def book(self, addresses: Sequence[str]) -> None:
        """One card has these: one human, unless they spell two."""
        for one, other in combinations(addresses, 2):
            if not self._two_given(one, other):
                self._unite(one, other, f"{other} stands beside {one} in your address book.")

    def _two_given(self, one: str, other: str) -> bool:
        """Whether the two have full names with two given ones: a couple on one card. Family names change."""
        first, second = _name(self.traces[one]), _name(self.traces[other])
        if not (first and second and first.full and second.full):
            return False
        return not (
            same_given(first.first, second.first) or {first.first, second.first} & {*first.middle, *second.middle}
        )

    def place(self, address: str) -> None:
        """Put one human's address where it belongs, or on its own; those without a full name wait."""
        name = _name(self.traces[address])
        if address in self.of:
            return
        if name is None or not name.full:
            self.nameless.append(address)
            return
        fitting = [c for c in self.by_last[name.last] if self._one_name(c, address, name)]
        if len(fitting) == 1:
            other = next(a for a in fitting[0].addresses)
            self._add(fitting[0], address, f"{address} and {other} have one name, {_shown(self.traces[address])}.")
        else:
            self._open(address)

    def place_rest(self, others: Iterable[str]) -> None:
        """Put the addresses without a full name to the only person at their organisation whom they fit; of machines and
        lists, those that turn the same words round are one.
        """
        waiting = [(address, self._only_one(address)) for address in self.nameless]
        for address, cluster in waiting:
            if cluster is None:
                self._open(address)
            else:
                called = _shown(self.traces[cluster.addresses[0]])
                where = organisation(address)
                self._add(
                    cluster, address, f"{address} is spelled after {called}, the only one at {where} whom it fits."
                )
        turned: dict[tuple[str, frozenset[str]], str] = {}
        for address in others:
            words = frozenset(words_of(address))
            first = turned.setdefault((organisation(address), words), address) if len(words) > 1 else address
            if first == address or self._apart(first, address):
                self._open(address)
            else:
                self._unite(first, address, f"{address} and {first} are the same words.")

    def _apart(self, one: str, other: str) -> bool:
        return one in self.of and self._forbidden(self.of[one], other)

    def _only_one(self, address: str) -> _Cluster | None:
        """The person of its organisation who has this address by its spelling; None where it may be another's."""
        fitting = self._spelled_after(address)
        initial = middle_of(address)
        if len(fitting) > 1 and initial:
            fitting = [c for c in fitting if any(own.middle and own.middle[0][0] == initial for own in c.names)]
        return fitting[0] if len(fitting) == 1 else None

    def _one_name(self, cluster: _Cluster, address: str, name: Name) -> bool:
        if self._forbidden(cluster, address):
            return False
        if cluster.exact or (_misnamed(name, address) and not _within(name, spelled(address))):
            return cluster.names == {name}
        if not all(name.first == other.first and agree(name, other) == "same" for other in cluster.names):
            return False
        return not any(self._write(address, other) for other in cluster.addresses)

    def _write(self, one: str, other: str) -> bool:
        """Whether the two write to one another, as two humans do, and not as one between work and home."""
        if (organisation(one) in FREEMAIL) != (organisation(other) in FREEMAIL):
            return False
        forth = self.traces[one].beside.get(other)
        back = self.traces[other].beside.get(one) if other in self.traces else None
        return bool(forth and back and forth.wrote and back.wrote)

    def _spelled_after(self, address: str) -> list[_Cluster]:
        """The people of its organisation who may have this address by its spelling."""
        where = organisation(address)
        if where in FREEMAIL:
            return []
        name, text = _name(self.traces[address]), local(address)
        pieces = {text[start : start + PIECE] for start in range(len(text) - PIECE + 1)}
        near = {id(c): c for piece in sorted(pieces) for c in self.by_piece.get((where, piece), ())}
        return [c for c in near.values() if self._may_have(c, address, name)]

    def _may_have(self, cluster: _Cluster, address: str, name: Name | None) -> bool:
        if self._forbidden(cluster, address):
            return False
        if name is not None and any(agree(own, name) == "clash" for own in cluster.names):
            return False
        return any(spelled_after(own, address) for own in cluster.names) and not self._together(cluster, address)

    def _together(self, cluster: _Cluster, address: str) -> bool:
        """Whether somebody wrote to both at once: hardly anybody does so to two addresses of one human."""
        beside = self.traces[address].beside
        return any(beside[other].together for other in cluster.addresses if other in beside)

    def _forbidden(self, cluster: _Cluster, address: str) -> bool:
        return not self.apart[address].isdisjoint(cluster.addresses) if address in self.apart else False

    def _open(self, address: str) -> _Cluster:
        cluster = self.of.get(address)
        if cluster is None:
            cluster = _Cluster()
            self.clusters.append(cluster)
            self._add(cluster, address)
        return cluster

    def _add(self, cluster: _Cluster, address: str, why: str = "") -> None:
        cluster.addresses.append(address)
        self.of[address] = cluster
        if why:
            cluster.joined.append(why)
        name = _name(self.traces[address]) if address in self.traces else None
        if name is None or not name.full:
            return
        cluster.names.add(name)
        cluster.exact |= _misnamed(name, address) and not _within(name, spelled(address))
        for near in (self.by_last[name.last], self.by_piece[organisation(address), name.last[:PIECE]]):
            if cluster not in near:
                near.append(cluster)

    def _unite(self, one: str, other: str, why: str = "") -> None:
        why = why or f"You said that {one} and {other} are one person."
        into, cluster = self._open(one), self.of.get(other)
        if cluster is into:
            return
        if cluster is None:
            if not self._forbidden(into, other):
                self._add(into, other, why)
        elif not any(self._forbidden(into, address) for address in cluster.addresses):
            self.clusters.remove(cluster)
            into.joined.extend([*cluster.joined, why])
            for address in cluster.addresses:
                self._add(into, address)


def _shown(trace: Trace) -> str:
    return best(trace.names) or shown(trace.address)


def _person(
    cluster: _Cluster,
    traces: Mapping[str, Trace],
    verdicts: Mapping[str, tuple[Kind, str]],
    spheres: Mapping[str, tuple[tuple[int, int], Sphere]],
    called: Mapping[str, str],
) -> Person:
    known = [address for address in cluster.addresses if address in traces]
    ordered = sorted(known, key=lambda a: (-traces[a].last_sent, -traces[a].from_user, -traces[a].received, a))
    ordered += [address for address in cluster.addresses if address not in traces]
    names: dict[str, int] = defaultdict(int)
    for address in known:
        for name, times in traces[address].names.items():
            names[clean(name)] += times
    said = max((spheres[address] for address in cluster.addresses if address in spheres), default=None)
    verdict = _verdict([verdicts[address] for address in ordered if address in verdicts])
    return Person(
        id=0,
        name=next((called[a] for a in ordered if called.get(a)), "")
        or completed(best(names), ordered[0])
        or shown(ordered[0]),
        addresses=tuple(ordered),
        kind=verdict[0],
        sphere=said[1] if said else "unknown",
        joined=tuple(cluster.joined),
        because=verdict[1],
    )


def _verdict(found: Sequence[tuple[Kind, str]]) -> tuple[Kind, str]:
    """One human address makes a human."""
    rank: dict[Kind, int] = {"person": 0, "broadcast": 1, "list": 2, "machine": 3}
    return min(found, key=lambda verdict: rank[verdict[0]], default=("person", "You named them."))
