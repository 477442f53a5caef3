"""What does whoever stores pages know after a round? The smallest store there can be: for tests of connectors alone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from connectors.contract import Connector, Cursor, CursorLost, Exact, Interaction, Page, RemoteId, Stream


@dataclass
class Kept:
    """One stream as it is known; a lost cursor begins it anew, as the engine does."""

    cursor: Cursor | None = None
    items: dict[RemoteId, Interaction] = field(default_factory=dict)
    texts: dict[RemoteId, str] = field(default_factory=dict)
    ledger: dict[RemoteId, str] = field(default_factory=dict)
    gone: list[RemoteId] = field(default_factory=list)
    pages: int = 0
    resets: int = 0
    completed: int = 0

    def round(self, connector: Connector, stream: Stream) -> "Kept":
        """Pull once, whatever becomes of it: each page that came is kept."""
        try:
            self.take(connector.pull(stream, self.cursor))
        except CursorLost:
            self.resets += 1
            self.cursor = None
            self.items.clear()
            self.take(connector.pull(stream, None))
        return self

    def retry(self, connector: Exact, stream: Stream) -> "Kept":
        """Ask again for what was missed."""
        assert self.cursor is not None
        self.take(connector.fetch(stream, self.cursor, list(self.ledger)))
        return self

    def take(self, pages: Iterable[Page]) -> None:
        for page in pages:
            self.pages += 1
            self.completed += page.complete
            self.cursor = json.loads(json.dumps(page.cursor))
            for each in page.found:
                assert isinstance(each, Interaction)
                self.items[each.id] = each
                self.ledger.pop(each.id, None)
            self.texts |= page.texts
            for name in page.gone:
                self.gone.append(name)
                self.items.pop(name, None)
                self.ledger.pop(name, None)
            self.ledger |= dict(page.missed)

    @property
    def subjects(self) -> list[str]:
        """Of all that is there, in order of the alphabet: doubles show."""
        return sorted(each.subject for each in self.items.values())
