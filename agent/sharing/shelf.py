"""What did the user lay on the shelf, to be given to whom it fits?

Each is a statement without addresses whose text is JSON; what is taken off again is another one. Nothing is fetched.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from agent.model import Statement
from agent.sharing.links import same

ADD, REMOVE = "shelf", "unshelf"
"""The verbs of its statements."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """Something worth sharing, under the number by which the user calls it."""

    number: int
    at: int  # POSIX seconds
    url: str
    title: str = ""  # "" where the user gave none
    note: str = ""


def packed(one: Shelved) -> str:
    """The text of a statement; letters stay as they are, so that whoever is forgotten can be cut out of it."""
    said = {"number": one.number, "url": one.url, "title": one.title, "note": one.note}
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)


def unpacked(statement: Statement) -> Shelved | None:
    """What a statement is about; None where that is no link any more, as somebody was cut out of it."""
    try:
        said = json.loads(statement.text)
    except ValueError:
        return None
    url = said.get("url", "") if isinstance(said, dict) else ""
    if "…" in url or not same(url):
        return None
    return Shelved(said.get("number", 0), statement.at, url, said.get("title", ""), said.get("note", ""))


def on_shelf(statements: Iterable[Statement]) -> tuple[Shelved, ...]:
    """What lies there by these statements, oldest first; what is laid there again lies there once."""
    lies: dict[str, Shelved] = {}
    for said in statements:
        found = unpacked(said) if said.verb in (ADD, REMOVE) else None
        if found:
            lies.pop(same(found.url), None)
            if said.verb == ADD:
                lies[same(found.url)] = found
    return tuple(lies.values())


def taken_off(statements: Iterable[Statement]) -> dict[str, int]:
    """Which links were taken off and not laid there again, and when: what came by mail or feed goes with them."""
    off: dict[str, int] = {}
    for said in statements:
        found = unpacked(said) if said.verb in (ADD, REMOVE) else None
        if found and said.verb == REMOVE:
            off[same(found.url)] = said.at
        elif found:
            off.pop(same(found.url), None)
    return off


def next_number(statements: Iterable[Statement]) -> int:
    """By which what is laid there next is called: no number comes twice, whatever was taken off."""
    found = (unpacked(said) for said in statements if said.verb == ADD)
    return max((one.number for one in found if one), default=0) + 1


def in_words(statement: Statement) -> str:
    """The text of such a statement, as one reads it."""
    found = unpacked(statement)
    return (found.title or found.url) if found else ""
