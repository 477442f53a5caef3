"""Who begins?

A beginning is a thread's first mail, the first word after a pause, or a meeting that somebody asked for; each mail or
meeting counts once, also where it is two of these.
"""

from collections.abc import Collection, Iterable, Sequence
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

TWICE_AS_LIKELY = 0.65
"""And nobody is said to begin always who did so three times of three: the next time it is they as often as anybody
(.52 against .57 over all ties; .62 from here on, `bench/initiative.py`)."""

FEWEST_BEGINNINGS = 3
"""With fewer beginnings than this nobody can tell who begins."""

QUIET = 0.25
"""Whoever writes more than a quarter as often as the user may leave threads of the user's without an answer, and does
answer: within a fortnight of what the user begins next 36 % of them write, of those who write less 16 %
(`bench/initiative.py`)."""

LATELY = 365 * DAY
"""What is so of late is held against all that was before this year."""

CHANGED, MOSTLY = 0.95, 2 / 3
"""A change is named where it is so sure, and where one of the two begins two times in three by now: then the same one
begins the next time in .79 of the cases, where all that was before foretells .58 (`bench/initiative.py`)."""


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


@dataclass(frozen=True, slots=True)
class Trend:
    """Somebody begins mostly of late who did not before: (times the user began, times in all) in the last year, and
    before it.
    """

    mostly: Side
    lately: tuple[int, int]
    before: tuple[int, int]


def initiative(contacts: Sequence[Contact], threads: Iterable[Thread], usual: float | None) -> Initiative:
    """Who began, over all `contacts` and `threads` (both oldest first) of one tie; `usual` is its usual gap in days."""
    begun, unknown = _begun(contacts, threads, usual)
    sides = [contact.by for contact in begun]
    return Initiative(sides.count("me"), sides.count("them"), unknown)


def beginnings(contacts: Sequence[Contact], threads: Iterable[Thread], usual: float | None) -> list[Contact]:
    """The contacts that began something, oldest first."""
    return sorted(_begun(contacts, threads, usual)[0], key=lambda contact: (contact.at, contact.fact))


def _begun(
    contacts: Sequence[Contact], threads: Iterable[Thread], usual: float | None
) -> tuple[Collection[Contact], int]:
    """The contacts that began something, and how many threads were begun by nobody knows whom."""
    of = {contact.fact: contact for contact in contacts}
    begun: dict[int, Contact] = {}
    unknown = 0
    for thread in threads:
        first = beginning(thread)
        if first is None or first.id not in of:
            continue
        if thread.opened_by:
            begun[first.id] = of[first.id]
        else:
            unknown += 1
    begun |= {contact.fact: contact for contact in (*after_pauses(contacts, usual), *asked_to_meet(contacts))}
    return begun.values(), unknown


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
    quiet = standing.theirs <= QUIET * standing.mine
    if asked >= FEWEST_BEGINNINGS and mute >= LIKELIER_THAN_NOT and quiet:
        return Manners("does not answer", mute)
    if standing.began_mine + standing.began_theirs < FEWEST_BEGINNINGS:
        return Manners("too few to tell", 1.0)
    if alone < LIKELIER_THAN_NOT:
        return Manners("both", 1.0 - alone)
    if alone < TWICE_AS_LIKELY:
        return Manners("too few to tell", 1.0)
    never = not standing.began_theirs and standing.theirs
    return Manners("answers but never begins" if never else "always me", alone)


def trend(begun: Iterable[Contact], now: int) -> Trend | None:
    """What changed in who begins, in the year up to `now` (POSIX seconds); None where nothing surely did."""
    recent, old = [0, 0], [0, 0]  # the user, they
    for one in begun:
        if one.by != "other" and one.at < now:
            (recent if one.at >= now - LATELY else old)[one.by == "them"] += 1
    if min(sum(recent), sum(old)) < FEWEST_BEGINNINGS:
        return None
    more = surely_more((old[0], old[1]), (recent[0], recent[1]))
    lately, before = (recent[0], sum(recent)), (old[0], sum(old))
    if more >= CHANGED and recent[0] >= MOSTLY * sum(recent):
        return Trend("me", lately, before)
    if 1 - more >= CHANGED and recent[1] >= MOSTLY * sum(recent):
        return Trend("them", lately, before)
    return None


def surely_more(one: tuple[int, int], other: tuple[int, int]) -> float:
    """The probability that something happens in a greater share of the `other` cases than of the `one`, after (yes, no)
    were seen of each; before anything is seen every share is as likely as any other.
    """
    (a, b), (c, d) = ((yes + 1, no + 1) for yes, no in (one, other))
    terms = (_log_beta(a + k, b + d) - log(d + k) - _log_beta(1 + k, d) - _log_beta(a, b) for k in range(c))
    return min(sum(map(exp, terms)), 1.0)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def surely_above(share: float, yes: int, no: int) -> float:
    """The probability that something happens in more than `share` of the cases, after `yes` and `no` were seen.

    Before anything is seen every share is as likely as any other (a Beta distribution, its tail as a binomial sum).
    """
    n = yes + no + 1
    ways = (lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) for k in range(yes + 1))  # as logarithms: n has no bound
    return min(sum(exp(way + k * log(share) + (n - k) * log(1 - share)) for k, way in enumerate(ways)), 1.0)
