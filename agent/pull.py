"""What is new at an account? Each page of it is safe before the next is asked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from agent.store.store import Store
from connectors.contract import Connector, Interaction, Page, Party, RemoteId

Mark: TypeAlias = Callable[[str, Iterable[Party]], Any]
"""What turns a text, and whom it was addressed to, into marks."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a round over one account brought."""

    account: str
    found: int = 0
    new: int = 0
    missed: int = 0


def pull(
    account: str,
    connector: Connector,
    store: Store,
    at: datetime,
    mark: Mark | None = None,
    progress: Callable[[Pulled, float | None], None] = lambda *_: None,
) -> Pulled:
    """Bring what is new; each page is safe before the next is asked for. Raises connectors.contract.Trouble."""
    done = Pulled(account)
    for stream in connector.streams():
        for page in connector.pull(stream, store.cursor(account, stream.id)):
            kept = store.record(account, stream, page, marks_of(page, mark), at=at)
            done = Pulled(account, done.found + kept.found, done.new + kept.new, done.missed + kept.missed)
            progress(done, page.progress)
    return done


def marks_of(page: Page, mark: Mark | None) -> Mapping[RemoteId, Any]:
    """The page's texts as marks; the texts themselves go no further."""
    if not mark or not page.texts:
        return {}
    named = {one.id: one.to + one.cc for one in page.found if isinstance(one, Interaction)}
    return {key: mark(text, named.get(key, ())) for key, text in page.texts.items()}
