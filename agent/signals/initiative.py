"""Who begins?

A beginning is a thread's first mail, the first word after a pause, or a meeting that somebody asked for; each mail or
meeting counts once, also where it is two of these.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, lgamma, log
from typing import Literal, TypeAlias

from agent.model import DAY, Contact, Side, Standing, Thread
from agent.signals.contacts import beginning
from agent.signals.rhythm import LONG, PAUSE

Manner: TypeAlias = Literal["always me", "answers but never begins", "does not answer", "both", "too few to tell"]

ONE_SIDED = 0.8
"""Who begins four times in five begins always, as one feels it."""

SERIES = 30 * DAY
"""Meetings that follow one another within 30 days at the same side's asking are one series, begun once."""

LIKELIER_THAN_NOT = 0.5
"""A manner is named only where it is likelier than not."""

FEWEST_BEGINNINGS = 3
"""With fewer beginnings than this nobody can tell who begins."""


@dataclass(frozen=True, slots=True)
class Initiative:
    """How often each of the two began; `unknown` where the first mail of a thread is not ours to see."""

    mine: int = 0
    theirs: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Manners:
    """How the two go about it, and how sure that is: the probability (0 to 1) that it is so."""

    manner: Manner
    sure: float


def initiative(contacts: Sequence[Contact], threads: Iterable[Thread], usual: float | None) -> Initiative:
    """Who began, over all `contacts` and `threads` (both oldest first) of one tie; `usual` is its usual gap in days."""
    by = {contact.fact: contact.by for contact in contacts}
    begun: dict[int, Side] = {}
    unknown = 0
    for thread in threads:
        first = beginning(thread)
        if first is None or first.id not in by:
            continue
        if thread.opened_by:
            begun[first.id] = by[first.id]
        else:
            unknown += 1
    for contact in (*after_pauses(contacts, usual), *asked_to_meet(contacts)):
        begun[contact.fact] = contact.by
    sides = list(begun.values())
    return Initiative(sides.count("me"), sides.count("them"), unknown)


def after_pauses(contacts: Sequence[Contact], usual: float | None) -> list[Contact]:
    """The contacts that ended a silence of 30 days and three usual gaps."""
    pause = max(LONG, PAUSE * (usual or 0.0)) * DAY
    return [later for earlier, later in pairwise(contacts) if later.at - earlier.at >= pause]


def asked_to_meet(contacts: Iterable[Contact]) -> list[Contact]:
    """The meetings that began something: of a series only the first."""
    last: dict[Side, int] = {}
    asked = []
    for contact in contacts:
        if contact.meeting:
            if contact.at - last.get(contact.by, -SERIES) >= SERIES:
                asked.append(contact)
            last[contact.by] = contact.at
    return asked


def manners(standing: Standing) -> Manners:
    """Is it always the user who begins, and do they at least answer?"""
    asked, answered = standing.asked, standing.answered
    if not standing.theirs:
        asked, answered = max(asked, standing.unanswered), 0
    mute = 1.0 - surely_above(1 - ONE_SIDED, answered, asked - answered)
    alone = surely_above(ONE_SIDED, standing.began_mine, standing.began_theirs)
    if asked >= FEWEST_BEGINNINGS and mute >= LIKELIER_THAN_NOT:
        return Manners("does not answer", mute)
    if standing.began_mine + standing.began_theirs < FEWEST_BEGINNINGS:
        return Manners("too few to tell", 1.0)
    if alone < LIKELIER_THAN_NOT:
        return Manners("both", 1.0 - alone)
    never = not standing.began_theirs and standing.theirs
    return Manners("answers but never begins" if never else "always me", alone)


def surely_above(share: float, yes: int, no: int) -> float:
    """The probability that something happens in more than `share` of the cases, after `yes` and `no` were seen.

    Before anything is seen every share is as likely as any other (a Beta distribution, its tail as a binomial sum).
    """
    n = yes + no + 1
    ways = (lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) for k in range(yes + 1))  # as logarithms: n has no bound
    return min(sum(exp(way + k * log(share) + (n - k) * log(1 - share)) for k, way in enumerate(ways)), 1.0)
