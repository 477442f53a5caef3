"""How do a mailbox and its calendars stand behind one sign-in? As one account, with the streams of both.

A stream is called after the part that reads it ("mail:SENT", "calendar:primary"), and the part never sees that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.contract import Connector, Cursor, Exact, Page, RemoteId, Stream


class Joined:
    """Several connectors as one. A part that cannot be asked for single items leaves them unanswered."""

    def __init__(self, parts: Mapping[str, Connector]) -> None:
        self._parts = parts

    def streams(self) -> Sequence[Stream]:
        """The streams of all parts, in the order of the parts."""
        return tuple(
            replace(stream, id=f"{name}:{stream.id}") for name, part in self._parts.items() for stream in part.streams()
        )

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """What is new there."""
        part, own = self._part(stream)
        yield from part.pull(own, cursor)

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        """What the part says exists there."""
        part, own = self._part(stream)
        yield from part.audit(own)

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        """Pages with each of `ids`."""
        part, own = self._part(stream)
        if isinstance(part, Exact):
            yield from part.fetch(own, cursor, ids)

    def _part(self, stream: Stream) -> tuple[Connector, Stream]:
        name, _, own = stream.id.partition(":")
        return self._parts[name], replace(stream, id=own)
