"""Does what is said of two people's manners hold the next time? Over the open mailboxes of AULD_DATA.

Every quarter each tie is looked at as it stood then: who begins, and do they answer? What came next says whether that
was so. `python bench/initiative.py`
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.learn import study
from agent.model import DAY, Contact, Side, Standing, Tie
from agent.signals.initiative import Manner, beginnings, manners, trend
from agent.signals.standing import standing
from bench.people import Box, boxes_of

QUARTER, FORTNIGHT = 91 * DAY, 14 * DAY
ONE_SIDED = ("always me", "answers but never begins")


@dataclass(frozen=True, slots=True)
class Seen:
    """A tie as it stood on a day, and what came next."""

    owner: str
    standing: Standing
    manner: Manner
    sure: float
    began: tuple[tuple[int, Side], ...]  # so far: when, and who
    cut: int
    next: Side | None  # who began next
    heard: bool | None  # whether they wrote within a fortnight of what the user began next


def seen(boxes: dict[str, Box]) -> Iterator[Seen]:
    """Every tie of every mailbox, every quarter."""
    for owner, each in boxes.items():
        facts = sorted(each.facts, key=lambda fact: fact.at)
        end = facts[-1].at + 1
        found = study(facts, each.names, given=sorted(each.own), statements=(), zone=UTC, until=end)
        kinds = {person.id: person.kind for person in found.people}
        for tie in found.ties:
            if kinds[tie.person.id] == "person" and len(tie.contacts) > 2:
                yield from _quarters(owner, tie, frozenset(found.own), end)


def _quarters(owner: str, tie: Tie, own: frozenset[str], end: int) -> Iterator[Seen]:
    whole = standing(tie, UTC, own)
    begun = [one for one in beginnings(tie.contacts, tie.threads, whole.gap) if one.by != "other"]
    for cut in range(whole.first + QUARTER, end, QUARTER):
        then = _until(tie, cut)
        now = standing(then, UTC, own)
        found = manners(now)
        later = next((one.by for one in begun if one.at >= cut), None)
        heard = next((_heard(tie, one.at) for one in begun if one.at >= cut and one.by == "me"), None)
        before = tuple(
            (one.at, one.by) for one in beginnings(then.contacts, then.threads, now.gap) if one.by != "other"
        )
        yield Seen(owner, now, found.manner, found.sure, before, cut, later, heard)


def _heard(tie: Tie, at: int) -> bool:
    return any(one.by == "them" and at < one.at <= at + FORTNIGHT for one in tie.contacts)


def _until(tie: Tie, cut: int) -> Tie:
    """The tie as it was known on that day."""
    threads = [
        replace(thread, mails=mails)
        for thread in tie.threads
        if (mails := tuple(mail for mail in thread.mails if mail.at < cut))
    ]
    return replace(tie, contacts=tuple(one for one in tie.contacts if one.at < cut), threads=tuple(threads))


@dataclass(frozen=True, slots=True)
class Held:
    """What came next, in shares, and how often it was looked at."""

    times: int
    mine: float  # the user began next
    heard: float  # they wrote within a fortnight of what the user began next


def held(rows: Sequence[Seen]) -> dict[str, Held]:
    """By manner; those in which it is one-sided under "one-sided", all of them under ""."""
    groups: dict[str, list[Seen]] = defaultdict(list)
    for row in rows:
        for name in ("", row.manner, *(["one-sided"] if row.manner in ONE_SIDED else [])):
            groups[name].append(row)
    return {name: _held(found) for name, found in groups.items()}


def _held(rows: Sequence[Seen]) -> Held:
    began = [row.next == "me" for row in rows if row.next]
    heard = [row.heard for row in rows if row.heard is not None]
    return Held(len(began), sum(began) / len(began), sum(heard) / len(heard))


def turned(rows: Sequence[Seen]) -> tuple[int, float, float]:
    """How often a change was named; how often who begins mostly of late began next; how often who did so over all."""
    times = right = before = 0
    for row in rows:
        found = trend((Contact(at, side, 0) for at, side in row.began), row.cut)
        if found and row.next:
            mine = sum(side == "me" for _, side in row.began)
            times += 1
            right += row.next == found.mostly
            before += row.next == ("me" if 2 * mine > len(row.began) else "them")
    return times, right / times, before / times


def main() -> None:
    """Print both."""
    rows = list(seen(boxes_of("open")))
    for name, found in sorted(held(rows).items()):
        print(f"{name or 'all':24} {found.times:5} next begun by the user {found.mine:.3f}, heard {found.heard:.3f}")
    print("changed: {} times, right {:.3f}, by all of the past {:.3f}".format(*turned(rows)))


if __name__ == "__main__":
    main()
