"""How does Google hand out a long list? In pages, each with an opaque token for the next; and with its known lies."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, Any]
"""What rows are ordered by, and what is shown of one."""


class BadTokenError(Exception):
    """That page token was never given, or is no longer good, or was given for another question."""


@dataclass(frozen=True)
class _Place:
    question: str
    after: Any  # the key of the last row that was shown; None before the first
    empty: int = 0  # empty pages still to come
    repeated: bool = False


class Pager:
    """Gives out tokens and knows what they stand for. A row that goes meanwhile is not shown, one that comes may be."""

    def __init__(self) -> None:
        self.empty = 0  # so many pages without anything come first, each with a token for the next
        self.repeats = False  # every page is served twice
        self._places: dict[str, _Place] = {}

    def forget(self) -> None:
        """All tokens that were given are refused from now on."""
        self._places.clear()

    def page(self, question: str, token: str | None, rows: Sequence[Row], most: int) -> tuple[list[Any], str | None]:
        """What is shown, and the token of the next page; raises BadTokenError."""
        place = _Place(question, None, empty=self.empty) if token is None else self._places.get(token)
        if place is None or place.question != question:
            raise BadTokenError
        rest = sorted((row for row in rows if place.after is None or row[0] > place.after), key=lambda row: row[0])
        if place.empty and rest:
            return [], self._give(_Place(question, place.after, place.empty - 1))
        shown, more = rest[:most], len(rest) > most
        if not more:
            return [row[1] for row in shown], None
        if self.repeats and not place.repeated:
            return [row[1] for row in shown], self._give(_Place(question, place.after, repeated=True))
        return [row[1] for row in shown], self._give(_Place(question, shown[-1][0]))

    def _give(self, place: _Place) -> str:
        token = hashlib.sha256(repr(place).encode()).hexdigest()[:20]  # the same at the same place
        self._places[token] = place
        return token
