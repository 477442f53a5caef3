"""What holds for every tie alike this morning?"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import tzinfo

from agent.gifts.link import noted_for
from agent.model import DAY, FORTNIGHT, Behind, Coverage, Fact, Morning, News, Shown
from agent.propose import Known
from agent.schedule import Lane
from agent.sharing.news import NEWS_AGE, SHELF_AGE, gathered
from agent.signals.contacts import passed
from agent.signals.meanwhile import meanwhile
from agent.signals.reciprocity import FLOW, flow
from agent.signals.rhythm import others_gap
from agent.store.store import Store
from agent.words import first_name, local, long_day, on
from config.settings import Boundaries

WITHOUT_CONTACT = frozenset({"carddav", "feeds"})
"""Kinds of accounts in which nobody writes to anybody: that one of them is not read says nothing of a silence."""

UNBOUND = Boundaries()
"""Where the config sets no bounds."""

SILENT = 3 * 365
"""Days for which it is looked up whether the user's own mail is there; longer silences are not proposed to end."""

LATE = 2 * DAY
"""Seconds without a complete round after which an account no longer tells who wrote (`sync.md`, 5.11)."""


def morning_of(
    known: Known,
    store: Store,
    at: int,
    zone: tzinfo,
    accounts: tuple[Behind, ...] = (),
    texts: bool = False,
    *,
    shown: Iterable[Shown] = (),
    bounds: Boundaries = UNBOUND,
) -> Morning:
    """What holds for every tie on the morning of `at`, in POSIX seconds; `accounts` are those that are behind, and
    `texts` says whether the user lets texts be read. `shown` was proposed before; `bounds` are what the user set.
    """
    people = {a: person for person in known.people() for a in person.addresses}
    lately = list(store.facts(until=at, since=at - max(NEWS_AGE, FLOW) * DAY))
    recent = [fact for fact in lately if fact.marks is not None and fact.at >= at - NEWS_AGE * DAY]
    written = store.written(known.own, at - SILENT * DAY, at, FORTNIGHT)
    gap = others_gap(known.standings())
    pieces = pieces_of(known, store, recent, at, bounds)
    passing = [fact for fact in lately if fact.at >= at - FLOW * DAY]
    came, went = passed(passing, known.own)
    return Morning(
        now=at,
        zone=zone,
        own=known.own,
        usual=gap,
        news=pieces,
        behind=accounts,
        texts=texts or bool(recent),
        written=written,
        deleted=store.lately(people, at),
        flow=flow(came, went),
        weights=known.weights,
        meanwhile=meanwhile(passing, known.own),
        interested=interested(known, pieces),
        offered=offered(shown),
        unwelcome=bounds.topics,
    )


def pieces_of(known: Known, store: Store, recent: Sequence[Fact], at: int, bounds: Boundaries) -> tuple[News, ...]:
    """All that could be passed on: of the `recent` mails whose text was read, of feeds and of the shelf."""
    people = {a: person for person in known.people() for a in person.addresses}
    older = store.facts(
        until=at - NEWS_AGE * DAY - 1, since=at - SHELF_AGE * DAY, marked=True, by=known.own
    )  # what one mailed to oneself waits as long as what lies on the shelf
    return gathered(
        [*older, *recent],
        people,
        known.own,
        store.shelf(at - NEWS_AGE * DAY, at),
        store.stated(at),
        now=at,
        confidential=bounds.confidential,
        unwelcome=bounds.topics,
    )


def interested(known: Known, pieces: Sequence[News]) -> frozenset[int]:
    """Those whom a piece may concern, at a cheap look: it touches their topics, or a note on the shelf names them."""
    if not pieces:
        return frozenset()
    notes = [piece for piece in pieces if piece.note]
    words = {word for piece in notes for word in re.findall(r"\w+", piece.note)}
    called = (p for p in known.people() if notes and first_name(p.name).partition("-")[0] in words)
    named = {person.id for person in called if any(noted_for(piece, person.name) for piece in notes)}
    return known.caring({term for piece in pieces for term in piece.terms}) | named


def offered(shown: Iterable[Shown]) -> dict[str, tuple[str, ...]]:
    """The gifts of earlier digests, by the addresses of whom they were for."""
    found: dict[str, list[str]] = {}
    for one in shown:
        for address in one.addresses:
            found.setdefault(address, []).append(one.gift)
    return {address: tuple(gifts) for address, gifts in found.items()}


def behind(store: Store, lanes: Sequence[Lane], at: int, zone: tzinfo) -> tuple[Behind, ...]:
    """The live accounts of which something recent may be missing: long without a complete round, or still coming in."""
    lanes = [lane for lane in lanes if lane.kind not in WITHOUT_CONTACT]
    late = [lane for lane in lanes if lane.complete_at is None or at - lane.complete_at > LATE]
    unlisted = store.unlisted()
    coming = {lane.name for lane in lanes if lane.state != "ok" and 0 <= at - unlisted.get(lane.name, 0) <= LATE}
    unseen = {lane.name for lane in late if lane.complete_at is None and lane.begun_at and lane.name not in unlisted}
    says = {**dict.fromkeys(unseen, "could not be read yet."), **dict.fromkeys(coming, "is still being read.")}
    seen = store.parties_of({lane.name for lane in late} - says.keys())
    return (
        *(Behind(lane.name, f"{lane.name} {says[lane.name]}", frozenset(), everybody=True) for lane in lanes
          if lane.name in says),
        *(Behind(lane.name, since(lane, at, zone), seen[lane.name]) for lane in late if lane.name not in says),
    )  # fmt: skip


def since(lane: Lane, at: int, zone: tzinfo) -> str:
    """How long an account is behind, in a sentence."""
    if lane.complete_at is None:
        return f"{lane.name} was never read to its end."
    return f"{lane.name} was last read to its end on {on(lane.complete_at, at, zone)}."


def incomplete(lane: Lane, why: str, at: int, zone: tzinfo) -> str:
    """One line on an account that had no complete round for a day."""
    return " ".join(filter(None, (since(lane, at, zone), why)))


def newest_of(store: Store, until: int) -> int:
    """When the last thing passed before `until`: that more came later is not known on that morning."""
    for since in (until - NEWS_AGE * DAY, 0):  # nearly always it was lately
        if last := deque(store.facts(until=until, since=since), maxlen=1):
            return last[0].at
    return 0


def ends(coverage: Sequence[Coverage], morning: Morning) -> str:
    """How far the archives reach, where that is not up to now: what came after, nobody saw."""
    if not coverage or not all(c.archive for c in coverage):
        return ""
    end = max(c.end for c in coverage)
    if morning.now - end < DAY:
        return ""
    return f"Your archive ends on {long_day(local(end, morning.zone))}; what came after it is not seen."
