"""What is due at this moment? Values in, values out: the daemon hands in what it sees, the clock and the dice.

Moments are POSIX seconds. They are compared by the wall clock, so that a night's sleep of the machine counts; a moment
more than a day ahead was written by a clock that has been put back since, and counts as now.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal, TypeAlias
from zlib import crc32

from agent.drafted import Drafted
from agent.drafted import due as due_drafts
from agent.mailing import Mailing, over, waits
from agent.quiet import Pause
from config.quiet import Quiet

MINUTE, HOUR, DAY = 60, 3_600, 86_400

LOOK = 30
"""Seconds between two looks at the clock at most (`sync.md`, 5.8)."""

WATCH = 1
"""While a worker runs: an account that is opted out is left alone within five seconds (`sync.md`, F26)."""

INTERVALS = dict.fromkeys(("imap", "caldav", "google", "microsoft"), 15 * MINUTE)
"""Seconds from the beginning of a round to that of the next, by kind: mail of the morning is there in the morning."""

INTERVAL = HOUR
"""For what is fetched by its address (`sync.md`, F5), and for kinds that are not named above."""

ARCHIVE = DAY
"""An archive changes when the user exports it again."""

SLOTS, SICK = 2, 1
"""Rounds at once, and of them those whose last one failed or ran long: a sick account never keeps a healthy one
waiting (design.md, "The way of a message")."""

LONG = MINUTE
"""A round that took longer counts as one that hit a limit: it would keep the others waiting."""

SPREAD = MINUTE
"""After a start or a resume the rounds that are overdue begin over so many seconds."""

ROUND, STALLED = 30 * MINUTE, 10 * MINUTE
"""A worker is ended when it runs so long, or so long without a committed page (`sync.md`, 5.8)."""

SHORTEST, LONGEST = 30, 6 * HOUR
"""The bounds of the back-off (`sync.md`, 5.8)."""

AGAIN = 10 * MINUTE
"""After a first refused sign-in: servers refuse good passwords when they are ill (`sync.md`, 5.9)."""

CERTAIN = ("google", "microsoft")
"""Kinds whose vendor says by a code of its own that a consent is gone: once is enough (`sync.md`, 5.9)."""

TWICE_A_DAY = 12 * HOUR
"""How often a sign-in that needs the user is tried, lest the server lock the account."""

REST = 6 * HOUR
"""After a bug of ours."""

LEARN = HOUR
"""What came in is learned at most so often: the digest and every command that shows people learn by themselves.

Learning goes through all that is known, so that learning after each round of a long first reading would cost as the
square of it. Sooner it is learned only when the first page of a profile is there, when the first round of an account
ended, and when an account was read to its end for the first time: people show early, and are all there at last.
"""

SETTLE = 10 * MINUTE
"""So long the digest waits for the rounds that are due: after a night's sleep, who wrote meanwhile is seen first."""

OPTED_OUT = DAY
"""After so long an account that the user took out of the config by hand is deleted (`sync.md`, 5.12)."""

RETRY = 15 * MINUTE
"""After a task that is no round failed."""

State: TypeAlias = Literal["", "ok", "waiting", "offline", "sign in", "resting", "limited"]


@dataclass(frozen=True, slots=True)
class Lane:
    """One account, as the schedule sees it."""

    id: int
    name: str
    kind: str
    archive: bool = False
    enabled: bool = True
    lane: int = 1
    state: State = ""
    failures: int = 0
    limited: bool = False
    bound: bool = False
    off_at: int | None = None
    refused_at: int | None = None
    begun_at: int | None = None
    ended_at: int | None = None
    complete_at: int | None = None
    next_at: int | None = None
    asked_at: int | None = None

    @property
    def sick(self) -> bool:
        """Whether its last round failed or hit a limit."""
        return self.failures > 0 or self.limited


@dataclass(frozen=True, slots=True)
class Mornings:
    """When the digest comes, as the user chose: minutes after midnight, days of the week (Monday = 0)."""

    minutes: int
    days: frozenset[int]
    quiet: tuple[Quiet, ...] = ()  # days without one


@dataclass(frozen=True, slots=True)
class Plan:
    """What the store says there is to do."""

    lanes: tuple[Lane, ...] = ()
    mornings: Mornings | None = None  # None: nobody wants one
    mailing: Mailing | None = None  # how far the latest digest is
    drafted: Drafted | None = None  # and its drafts
    pause: Pause | None = None  # until when the user wants none
    timezone: str = ""
    stale: bool = False  # something waits to be learned
    learned_at: int = 0
    arrived_at: int = 0  # when an account's first round ended last, or its first complete one
    config: tuple[int, int] | None = None  # the config file that was looked at last: its time of change and size
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done by a worker."""

    what: Literal["round", "learn", "digest", "check", "remove"]
    name: str = ""  # of an account


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is, for the schedule."""

    now: int
    zone: tzinfo
    woke: int  # when the daemon started, or the machine resumed
    config: tuple[int, int] | None = None  # of the config file as it is now
    running: frozenset[Task] = frozenset()
    failed: dict[Task, int] = field(default_factory=dict)  # what failed, and is not tried before then


def due(plan: Plan, moment: Moment) -> list[Task]:
    """What to start now, the most urgent first."""
    running, now = moment.running, moment.now
    if plan.trouble:
        return []
    free = [task for task in _wanted(plan, moment) if task not in running and _in_order(moment.failed.get(task), now)]
    if plan.config != moment.config and Task("check") not in moment.failed:
        return free  # whoever was just opted out is left alone
    return [*free, *rounds(plan.lanes, moment)]


def _wanted(plan: Plan, moment: Moment) -> Iterator[Task]:
    """Everything but rounds; at most one of them runs at a time."""
    if any(task.what != "round" for task in moment.running):
        return
    if plan.config != moment.config:
        yield Task("check")
        return
    for lane in plan.lanes:
        if lane.off_at is not None and moment.now >= lane.off_at + OPTED_OUT:
            yield Task("remove", lane.name)
            return
    if digest_due(plan, moment):
        yield Task("digest")
    elif plan.stale and (arrived(plan, moment.now) or not plan.learned_at > moment.now - LEARN):
        yield Task("learn")


def arrived(plan: Plan, now: int) -> bool:
    """Whether an account's first reading came to an end, or to the end of its first round, and was not learned."""
    return plan.learned_at <= plan.arrived_at <= now


def _in_order(until: int | None, now: int) -> bool:
    return until is None or not now < until <= now + DAY


def rounds(lanes: Sequence[Lane], moment: Moment) -> list[Task]:
    """The rounds to start now: those that were asked for, the healthy ones by how long they wait, the sick ones."""
    busy = {task.name for task in moment.running if task.what == "round"}
    sick = sum(failed(lane, moment) > 0 or lane.limited for lane in lanes if lane.name in busy)
    waiting = sorted(
        (lane for lane in lanes if _may_start(lane, moment) and lane.name not in busy),
        key=lambda lane: (lane.asked_at is None, lane.sick, starts(lane, moment.now, moment.woke), lane.id),
    )
    chosen: list[Task] = []
    for lane in waiting:
        if len(busy) + len(chosen) < SLOTS and not (lane.sick and sick >= SICK):
            chosen.append(Task("round", lane.name))
            sick += lane.sick
    return chosen


def _may_start(lane: Lane, moment: Moment) -> bool:
    ready = starts(lane, moment.now, moment.woke) <= moment.now
    return lane.enabled and ready and _in_order(moment.failed.get(Task("round", lane.name)), moment.now)


def interval(lane: Lane) -> int:
    """Seconds from one round of this account to the next."""
    return ARCHIVE if lane.archive else INTERVALS.get(lane.kind, INTERVAL)


def starts(lane: Lane, now: int, woke: int = 0) -> int:
    """When the next round of this account may begin."""
    if lane.asked_at is not None and not (lane.bound and lane.next_at and lane.next_at > now):
        return min(lane.asked_at, now)
    if lane.next_at is not None:
        at = lane.next_at
    elif lane.begun_at is None:
        at = 0
    elif lane.limited and lane.state == "limited":
        at = lane.ended_at or 0
    else:
        at = lane.begun_at + interval(lane)
    if at > now + DAY:
        at = now
    spread = woke + crc32(lane.name.encode()) % SPREAD
    return max(at, spread) if at <= woke + SPREAD else at


def digest_due(plan: Plan, moment: Moment) -> bool:
    """Whether a digest is to be made: once a local day, and after the rounds that are due, if they do not dawdle."""
    mornings = plan.mornings
    if mornings is None:
        return False
    local = datetime.fromtimestamp(moment.now, moment.zone)
    late = local.hour * MINUTE + local.minute - mornings.minutes
    if late < 0 or local.weekday() not in mornings.days:
        return False
    if (plan.pause and plan.pause.holds(moment.now)) or any(one.falls_on(local.date()) for one in mornings.quiet):
        return False  # holidays are asked for where the calendar is read
    if due_drafts(plan.drafted, plan.mailing, local.date(), moment.now):
        return True
    if over(plan.mailing, local.date(), moment.now) or waits(plan.mailing, local.date(), moment.now):
        return False
    if any(first_reading(lane, moment) for lane in plan.lanes):
        return False
    waited = min(late * MINUTE + local.second, moment.now - moment.woke)
    return waited >= SETTLE or not unsettled(plan.lanes, moment)


def failed(lane: Lane, moment: Moment) -> int:
    """How many rounds failed in a row; one that goes on stands as failed until it ends, and is none."""
    return lane.failures - (Task("round", lane.name) in moment.running)


def first_reading(lane: Lane, moment: Moment) -> bool:
    """Whether a mailbox is being read for the first time: until then nobody can be named, and nothing can be said."""
    return lane.enabled and not lane.archive and lane.complete_at is None and failed(lane, moment) <= 0


def unsettled(lanes: Sequence[Lane], moment: Moment) -> bool:
    """Whether rounds go on, or are due, or will be in a moment; those of the sick are not waited for."""
    soon = max(moment.now, moment.woke + SPREAD)
    return any(
        Task("round", lane.name) in moment.running or starts(lane, moment.now, moment.woke) <= soon
        for lane in lanes
        if lane.enabled and failed(lane, moment) <= 0
    )


def look_in(plan: Plan, moment: Moment) -> float:
    """Seconds until it is worth looking again."""
    if moment.running:
        return WATCH
    soon = [starts(lane, moment.now, moment.woke) - moment.now for lane in plan.lanes if lane.enabled]
    return min([LOOK, *(max(seconds, WATCH) for seconds in soon)])


def ended_for(begun: float, paged: float, now: float) -> str:
    """Why a worker is to be ended; "" where it may go on. Monotonic seconds: its beginning, its last page, now."""
    if now - begun >= ROUND:
        return "it ran for 30 minutes"
    return "it brought no page for 10 minutes" if now - paged >= STALLED else ""


# How a round ended, and when the next one is


@dataclass(frozen=True, slots=True)
class Ended:
    """How a round ended. `until`: not before then, where the source said so."""

    state: State
    why: str = ""
    remedy: str = ""
    until: int | None = None
    unasked: bool = False  # no server was asked: the keyring is locked, or there is no password yet


@dataclass(frozen=True, slots=True)
class Next:
    """What follows from that."""

    state: State
    failures: int = 0
    limited: bool = False
    bound: bool = False
    refused_at: int | None = None
    next_at: int | None = None


def after(lane: Lane, how: Ended, now: int, dice: float) -> Next:
    """When the account is tried again, and what is said of it until then. `dice` is a number from 0 to 1.

    `lane` is the account as it was when the round began.
    """
    failures = lane.failures + 1
    if how.state == "ok":
        return Next("ok", limited=lane.begun_at is not None and now - lane.begun_at > LONG)
    if how.state == "limited":
        return Next("limited", limited=True)
    if how.state == "sign in" and how.unasked:
        return Next("sign in", failures, refused_at=lane.refused_at, next_at=now + AGAIN)
    if how.state == "sign in":
        first = lane.refused_at if lane.refused_at is not None and lane.refused_at <= now else now
        if lane.archive or lane.kind in CERTAIN or now - first >= AGAIN:
            return Next("sign in", failures, refused_at=first, next_at=now + TWICE_A_DAY)
        return Next("waiting", failures, refused_at=first, next_at=first + AGAIN)
    if how.state == "resting":
        return Next("resting", failures, refused_at=lane.refused_at, next_at=now + REST)
    if how.until is not None:
        until = min(max(how.until, now), now + DAY)
        return Next(how.state, failures, bound=True, refused_at=lane.refused_at, next_at=until)
    return Next(how.state, failures, refused_at=lane.refused_at, next_at=now + backoff(failures, dice))


def backoff(failures: int, dice: float) -> int:
    """Seconds to wait after so many failures in a row: full jitter, so that nobody knocks in step with others."""
    most = min(LONGEST, SHORTEST * 2 ** min(failures, 20))
    return max(SHORTEST, int(dice * most))


def woken(wall: float, before: float, steady: float) -> bool:
    """Whether the machine slept, or its clock was put: the wall clock moved by more than a minute against `steady`,
    the seconds that passed by the clock that stands still in sleep."""
    return abs((wall - before) - steady) > MINUTE


def overdue(lanes: Collection[Lane], now: int) -> list[Lane]:
    """The live accounts that are on and had no complete round for a day: the digest says so."""
    return [
        lane
        for lane in lanes
        if lane.enabled and not lane.archive and (lane.complete_at is None or now - lane.complete_at > DAY)
    ]
