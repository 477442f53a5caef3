"""How are the accounts and the store, in lines? Standard library and platformdirs only: `auld status` says them."""

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.digest.plain import clean
from agent.store.glance import AccountGlance, Glance, glance
from config.locks import Held, held
from config.paths import paths, shared
from config.sections import switched, switched_on

if TYPE_CHECKING:
    from agent.quiet import Pause

LOCK = "daemon.lock"
"""What a daemon holds while it runs, in the folder of the state."""

ROOM = 1_000_000
"""Bytes that must be free: a page of mails writes about as many before they are copied into the file."""

ENOUGH = 0.05
"""Of a listing this much must be read before it is told how long the rest will take."""

LONGEST = 400
"""Characters of a line, as elsewhere."""


def tell() -> None:
    """Print the lines, as `auld status` without a flag does."""
    try:
        for line in overview():
            indent = line[: len(line) - len(line.lstrip(" "))]
            print(indent + clean(line, LONGEST))  # noqa: T201 - click costs more than all the rest
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def overview() -> list[str]:
    """What there is to say of this profile."""
    seen, enabled, problem = seen_now()
    named = switched(paths().config)
    off = None if named is None else [name for name, on in named.items() if not on]
    told = lines(seen, enabled, off, running=daemon_runs(), full=no_room())
    return [*filter(None, [problem, shared(paths().config)]), *told]


def no_room() -> bool:
    """Whether there is too little room where the store lies."""
    where = paths().store.parent
    if not hasattr(os, "statvfs") or not where.exists():
        return False
    found = os.statvfs(where)
    return found.f_bavail * found.f_frsize < ROOM


def daemon_runs() -> bool:
    """Whether a daemon runs for this profile."""
    where = paths().state / LOCK
    if not where.exists():
        return False
    try:
        with held(where, wait=False):
            return False
    except Held:
        return True


def seen_now() -> tuple[Glance, list[str], str]:
    """What the store shows of the accounts that are on; those; and what is wrong with the config file."""
    where = paths()
    enabled, problem = chosen(where.config)
    seen = glance(where.store)
    if problem and seen.config_problem:  # the daemon goes on with the config before
        enabled = [one.name for one in seen.accounts if one.enabled]
    return kept(seen, enabled), enabled, problem


def chosen(config: Path) -> tuple[list[str], str]:
    """The accounts that are on, and what is wrong with the file; only as far as one sees without its checks."""
    names = switched_on(config)
    return ([], f"{config} cannot be read: `auld config check` says why.") if names is None else (names, "")


def kept(seen: Glance, enabled: Collection[str]) -> Glance:
    """What may be shown: nothing of an account that is off, nor what was learned from it together with others."""
    mixed = not set(seen.learned_from) <= set(enabled)
    shown = replace(seen, accounts=tuple(one for one in seen.accounts if one.name in enabled))
    return replace(shown, people=0, others=0, own=(), notices=(), learned_at=0) if mixed else shown


def lines(
    seen: Glance, enabled: Sequence[str], off: Sequence[str] | None = (), *, running: bool = False, full: bool = False
) -> Iterator[str]:
    """What there is to say, most urgent first.

    `off`: the accounts that the config file switches off, None where it cannot be read; `running`: the daemon does;
    `full`: the disk is.
    """
    if seen.trouble:
        yield seen.trouble
        return
    if seen.behind:
        yield "An older auld wrote the store; `auld sync` brings it up to date."
        return
    if full and enabled:
        yield "The disk is full: nothing can be read until there is room. Nothing was lost."
    if seen.config_problem:
        yield "The config file as it is now does not hold; the one before does."
        yield from seen.config_problem.splitlines()
    yield from (account(one) for one in seen.accounts)
    leaving = {name: at for name, at in seen.off if name not in enabled}
    yield from (f"{name}: off since {moment(at)}, deleted a day later" for name, at in leaving.items())
    yield from (f"{name}: not read yet, `auld sync` does it" for name in unread(seen, enabled))
    if not enabled and off is not None:
        yield from none_is_on([name for name in off if name not in leaving], bool(off))
    if running or any(not one.archive for one in seen.accounts):
        yield "daemon: running" if running else "daemon: not running (`auld daemon`, or `auld service install`)"
    if not enabled or seen.missing or not seen.accounts:
        return
    if seen.learned_at:
        yield f"{seen.people:,} people, {seen.others:,} machines, lists and mailings"
    if seen.stale or not seen.learned_at:
        yield "there is something to learn: `auld digest` or `auld sync` does it"
    yield from digests(seen)
    for address, reason in seen.own:
        yield f"yours: {address} ({reason.rstrip('.')})"
    yield from seen.notices


def digests(seen: Glance) -> Iterator[str]:
    """When the last digest was, and why the next one does not come."""
    yield f"last digest: {seen.last_digest.isoformat() if seen.last_digest else 'none yet'}"
    if seen.pause and goes_on(seen.pause):
        yield seen.pause.says
    yield from filter(None, [seen.mailing, seen.drafts])


def goes_on(pause: "Pause") -> bool:
    """Whether a pause is not over."""
    from agent import wiring

    return pause.holds(int(wiring.now().timestamp()))


def none_is_on(off: Sequence[str], named: bool) -> Iterator[str]:
    """Where nothing is opted in: what is off, and the way in."""
    yield from (f"{name}: off" for name in off)
    if named:
        yield "No account is opted in. `auld connectors enable NAME` switches one on."
    else:
        yield "No account is opted in. `auld init you@example.org` opts a mailbox in."
        yield "`auld import FILE --me you@example.org` reads an archive; `auld demo` shows one."


def unread(seen: Glance, enabled: Sequence[str]) -> list[str]:
    """The accounts that are on and that the store does not know yet."""
    read = {one.name for one in seen.accounts}
    return [name for name in enabled if name not in read]


def account(one: AccountGlance) -> str:
    """One account in a line."""
    return archive(one) if one.archive or one.first_at is None else live(one)


def live(one: AccountGlance) -> str:
    """An account that is read in rounds, in a line: how it is, when that was complete, and when it goes on."""
    said = [state(one)]
    if one.degraded:
        said.append(f"degraded: some of it is only looked over ({one.degraded})")
    said.append(f"last complete round {moment(one.complete_at)}" if one.complete_at else "no complete round yet")
    said.append(f"{one.items:,} items")
    if waiting := one.missed - one.parked:
        said.append(f"{waiting:,} could not be read yet")
    if one.parked:
        said.append(f"{one.parked:,} parked")
    if one.held:
        said.append(f"{one.held:,} said to be gone, held until a second look")
    if one.next_at and one.state not in ("", "waiting") and one.begun_at and (one.ended_at or 0) >= one.begun_at:
        said.append(f"next try {moment(one.next_at)}")
    return f"{one.name} ({one.kind}): {' · '.join(said)}"


def state(one: AccountGlance) -> str:
    """How an account is, in the words of `sync.md`, 5.11."""
    if one.state == "sign in":
        return f"sign in: {one.why} {one.remedy}".rstrip()
    if one.state == "offline":
        return f"offline since {moment(one.since)}"
    if one.state == "waiting":
        until = f" until {moment(one.next_at)}" if one.next_at else ""
        return f"waiting{until} ({one.why})"
    if one.state == "resting":
        return f"resting ({one.why})"
    if one.progress is not None and one.state != "ok":
        return f"catching up {one.progress:.0%}{still(one)}".replace("%", " %")
    return one.state or "being read"


def still(one: AccountGlance) -> str:
    """How long a listing may still take, if it goes on as it did: " (about 25 min)", where that can be told."""
    if not one.progress or one.progress < ENOUGH or not one.first_at or not one.last_page:
        return ""
    minutes = round((one.last_page - one.first_at) / one.progress * (1 - one.progress) / 60)
    return f" (about {minutes} min)" if minutes else ""


def moment(at: int | None) -> str:
    """A time in POSIX seconds as the clock on the wall shows it."""
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}" if at else ""


def archive(one: AccountGlance) -> str:
    """An archive, or whatever was read without rounds, in a line."""
    begins = f"{one.name} ({one.kind}{', an archive' if one.archive else ''}): "
    if not one.streams and one.why:
        return f"{begins}not read yet: {one.why} {one.remedy}".rstrip()
    reach = f"up to {day(one.newest)}" if one.newest else "nothing yet"
    when = f", read on {day(one.last_page)}" if one.last_page else ""
    missed = f", {one.missed:,} could not be read" if one.missed else ""
    return f"{begins}{one.items:,} items {reach}{when}{missed}"


def day(at: int) -> str:
    """The local day of a time in POSIX seconds, by the system's zone."""
    return datetime.fromtimestamp(at).astimezone().date().isoformat()
