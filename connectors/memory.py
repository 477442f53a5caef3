"""A connector with nothing behind it: what it is given is what there is. Other rooms' tests trust it."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.contract import Card, Cursor, CursorLost, Interaction, Item, Page, RemoteId, Stream


class Memory:
    """Serves `content`, in order, `page` of it at a time; `texts` go with the pages that hold their ids."""

    def __init__(
        self,
        content: Mapping[Stream, Sequence[Interaction | Card | Item]],
        *,
        page: int = 2,
        texts: Mapping[RemoteId, str] | None = None,
    ) -> None:
        self._content = {stream: list(found) for stream, found in content.items()}
        self._gone: dict[Stream, list[RemoteId]] = {stream: [] for stream in content}
        self._texts = dict(texts or {})
        self._page, self._epoch = page, 1

    def add(self, stream: Stream, *found: Interaction | Card | Item) -> None:
        """More has arrived since."""
        self._content.setdefault(stream, []).extend(found)
        self._gone.setdefault(stream, [])

    def remove(self, stream: Stream, id: RemoteId) -> None:  # noqa: A002 - the contract's word
        """It was deleted at its source; the next pull says so."""
        self._gone[stream].append(id)

    def reset(self) -> None:
        """The source forgets every cursor, as servers do: the next pull from one raises CursorLost."""
        self._epoch += 1

    def streams(self) -> Sequence[Stream]:
        return tuple(self._content)

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        if cursor is not None and cursor["epoch"] != self._epoch:
            raise CursorLost(f"{stream.name}: the cursor is of epoch {cursor['epoch']}")
        at, gone = (cursor["at"], cursor["gone"]) if cursor else (0, 0)
        content = self._content[stream]
        while True:
            found = tuple(content[at : at + self._page])
            at += len(found)
            last = at >= len(content)
            yield Page(
                found=tuple(each for each in found if each.id not in self._gone[stream]),
                cursor={"v": 1, "epoch": self._epoch, "at": at, "gone": len(self._gone[stream]) if last else gone},
                texts={each.id: self._texts[each.id] for each in found if each.id in self._texts},
                gone=tuple(self._gone[stream][gone:]) if last else (),
                complete=last,
                progress=at / len(content) if content else 1.0,
            )
            if last:
                return

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        return (each.id for each in self._content[stream] if each.id not in self._gone[stream])
