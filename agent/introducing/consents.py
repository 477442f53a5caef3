"""How far is it with two who are to be introduced, as the user said?

Each step is a statement with the verb `introduce`, which hangs on both people's addresses; its text is JSON.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from agent.model import Person, Statement

VERB = "introduce"
"""Of the statements."""

Step: TypeAlias = Literal["asked", "yes", "no", "made"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is with two people, as the user said: when each was asked, agreed or declined (0 = not), by number."""

    asked: Mapping[int, int] = field(default_factory=dict)
    agreed: Mapping[int, int] = field(default_factory=dict)
    declined: Mapping[int, int] = field(default_factory=dict)
    made: int = 0
    about: Mapping[int, str] = field(default_factory=dict)  # with which words each was asked
    need: int = 0  # whose need it is; 0 = nobody's


def statement(step: Step, who: str, words: Mapping[str, str] | None = None, need: str = "") -> str:
    """A step as it is kept: who it is of (an address), with which words each is asked, and whose need it is."""
    said = {"step": step, "who": who, "words": {**words} if words else {}, "need": need}
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)


def in_words(said: Statement) -> str:
    """A step as one reads it."""
    kept = _kept(said.text)
    who = kept.get("who", "")
    told = {"asked": f"{who} was asked", "yes": f"{who} agreed", "no": f"{who} would rather not"}
    told["made"] = "they were introduced"
    return told.get(str(kept.get("step")), said.text)


def progress(one: Person, other: Person, statements: Iterable[Statement]) -> Progress:
    """How far it is with these two: of what was said of each the newest counts."""
    theirs = {one.id: set(one.addresses), other.id: set(other.addresses)}
    said: dict[int, tuple[Step, int]] = {}
    asked: dict[int, int] = {}
    about: dict[int, str] = {}
    made = need = 0
    whose = {address: number for number, of in theirs.items() for address in of}
    for at, step, kept in _steps(theirs, statements):
        who = whose.get(str(kept.get("who", "")), 0)
        made = at if step == "made" else made
        need = whose.get(str(kept.get("need", "")), need)
        about |= {whose[a]: text for a, text in kept.get("words", {}).items() if a in whose}
        if who and step != "made":
            said[who] = (step, at)
            asked[who] = at if step == "asked" else asked.get(who, at)
    agreed, declined = ({who: at for who, (s, at) in said.items() if s == step} for step in ("yes", "no"))
    return Progress(asked, agreed, declined, made, about, need)


def _steps(theirs: Mapping[int, set[str]], said: Iterable[Statement]) -> Iterator[tuple[int, Step, Mapping[str, Any]]]:
    """The steps that were said of both, oldest first: (when, step, the rest)."""
    for one in sorted(said, key=lambda s: (s.at, s.id)):
        if one.verb != VERB or any(addresses.isdisjoint(one.addresses) for addresses in theirs.values()):
            continue
        kept = _kept(one.text)
        if "step" in kept and isinstance(kept.get("words", {}), dict):
            yield one.at, kept["step"], kept


def _kept(text: str) -> Mapping[str, Any]:
    """What a statement holds; nothing where it is not by this hand."""
    try:
        kept = json.loads(text)
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def begun(people: Iterable[Person], statements: Iterable[Statement]) -> list[tuple[Person, Person]]:
    """The pairs of which the user said something, each once, in the order of their first word."""
    whose = {address: person for person in people for address in person.addresses}
    found: dict[frozenset[int], tuple[Person, Person]] = {}
    for said in statements:
        pair = list({whose[a].id: whose[a] for a in said.addresses if a in whose}.values())
        if said.verb == VERB and len(pair) == 2:
            found.setdefault(frozenset(p.id for p in pair), (pair[0], pair[1]))
    return list(found.values())


def whose_turn(first: Person, second: Person, so_far: Progress) -> Person | None:
    """Who is to be asked next; None where both agreed, or one declined, or it is done."""
    if so_far.made or so_far.declined:
        return None
    open_ones = [one for one in (first, second) if one.id not in so_far.agreed]
    waiting = [one for one in open_ones if one.id in so_far.asked]
    return next(iter((*waiting, *open_ones)), None)
