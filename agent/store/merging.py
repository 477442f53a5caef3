"""What becomes of an item when a further sighting of it comes, or when two items turn out to be one? No SQL here."""

from dataclasses import dataclass, field
from typing import Any

from agent.store.keys import SIZE
from agent.store.sighted import MARKS, MESSAGE_ID, PARENTS, SENDER, THREAD, Own, Sighting


@dataclass(slots=True)
class Kept:
    """An item as it is kept, with everything that shows it; `placements` maps (stream, remote id) to (own, listing)."""

    own: Own
    keys: bytes
    content: tuple[Any, ...]
    mixed: int = 0
    placements: dict[tuple[int, str], tuple[Own, int]] = field(default_factory=dict)

    def state(self) -> "State":
        """All of it, to see later whether it changed."""
        return self.own, self.content, self.keys, dict(self.placements)


State = tuple[Own, tuple[Any, ...], bytes, dict[tuple[int, str], tuple[Own, int]]]


def identify(sightings: list[Sighting], owners: dict[bytes, int], first_new: int) -> dict[int, int]:
    """Give every sighting its item; what shares a key is one. Returns which items became part of which others."""
    into: dict[int, int] = {}

    def last(item: int) -> int:
        while item in into:
            item = into[item]
        return item

    next_new = first_new
    for sighting in sightings:
        found = {last(owners[key]) for key in sighting.keys if key in owners}
        if found:
            sighting.item = min(found)
            into.update((item, sighting.item) for item in found if item != sighting.item)
        else:
            sighting.item, next_new = next_new, next_new + 1
        for key in sighting.keys:
            owners[key] = sighting.item
    if into:
        for sighting in sightings:
            sighting.item = last(sighting.item)
    return {item: last(item) for item in into}


def see(one: Kept, place: tuple[int, str], sighting: Sighting, listing: int, *, follow: bool = False) -> None:
    """A further sighting of an item. Mails do not change; of a meeting the latest word counts.

    `follow`: mails are swept here, so that it is noted in which listing each was seen last.
    """
    stood = one.placements.get(place)
    meeting = sighting.content[0]
    one.placements[place] = (sighting.own, stood[1] if stood and not meeting and not follow else listing)
    one.keys = _joined_keys(one.keys, b"".join(sighting.keys))
    if meeting:
        marks = sighting.content[MARKS] or one.content[MARKS]
        one.content = (*sighting.content[:MARKS], marks, *sighting.content[MARKS + 1 :])
    else:
        one.content = _same_mail(one.content, sighting.content)


def absorb(winner: Kept, loser: Kept) -> None:
    """Two items turn out to be one."""
    winner.placements |= loser.placements
    winner.keys = _joined_keys(winner.keys, loser.keys)
    winner.content = _same_mail(winner.content, loser.content)


def _same_mail(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """What two copies know of a mail, whichever came first."""
    if one == other:
        return one
    both = list(one)
    for column in (MESSAGE_ID, THREAD):
        both[column] = min(filter(None, (one[column], other[column])), default="")
    both[PARENTS] = max(one[PARENTS], other[PARENTS], key=lambda text: (len(text), text))
    both[MARKS] = one[MARKS] or other[MARKS]
    return tuple(both)


def _joined_keys(one: bytes, other: bytes) -> bytes:
    if one == other:
        return one
    both = one + other
    return b"".join(sorted({both[i : i + SIZE] for i in range(0, len(both), SIZE)}))


def everybody(recipients: str, content: tuple[Any, ...]) -> set[int]:
    """The parties of an item: its sender and its recipients."""
    parties = set(map(int, recipients.replace(";", " ").split()))
    if content[SENDER]:
        parties.add(content[SENDER])
    return parties
