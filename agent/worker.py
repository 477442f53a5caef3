"""What does a worker process do? One task, said as JSON lines while it goes on; then it gives its memory back.

`python -m agent.worker round NAME | learn | digest | check | remove NAME [--now TIME]`. A line says `page` (what was
read so far), `done`, or `trouble` (with a sentence for the user, which is not for any log).
"""

import gc
import json
import random
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from agent import config_file, leave, wiring
from agent.pull import Clock, Pulled, bug, tour
from agent.schedule import MINUTE, ROUND
from agent.store.store import LaneClosed, Store, StoreTrouble
from agent.wiring import House
from config.locks import held
from config.paths import paths

ROOM = 2 * MINUTE
"""Seconds before the daemon ends a round by force, in which it ends by itself and says so."""

AT_ONCE = 100_000
"""Values that are made before circles are looked for among them, as the commands do (`agent.cli.AT_ONCE`): it costs a
round a twelfth of its time."""

OK, FAILED, CLOSED = 0, 1, 3
"""How it ends: as it should (trouble of an account is kept in the store); not at all; the account is no longer on."""

Say = Callable[..., None]


def main(argv: Sequence[str] | None = None) -> int:
    """Do the task that the arguments name; gives the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    start = None
    if "--now" in words:
        at = words.index("--now")
        start = datetime.fromisoformat(words[at + 1])
        del words[at : at + 2]
    what, name = words[0], words[1] if len(words) > 1 else ""
    try:
        return TASKS[what](name, wiring.clock(start), say)
    except LaneClosed:
        say(closed=True)
        return CLOSED
    except StoreTrouble as trouble:
        say(trouble=f"{trouble.what} {trouble.remedy}")
    except Exception as error:
        known = type(error).__name__ in ("ConfigProblems", "NeedsUser", "TryLater", "NoSecret", "Held")
        say(trouble=str(error)) if known else say(bug=bug(error))
    return FAILED


def say(**what: Any) -> None:
    """One line of progress."""
    try:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the daemon was killed: the next one begins anew, and the account is not to blame
        raise SystemExit(FAILED) from None


def opened() -> tuple[House, Store]:
    """The profile as the config that was accepted last has it, and its store; accounts that are off are not seen."""
    where = paths().make()
    store = Store.open(where.store)
    try:
        settings = config_file.accepted(where, store)
    except BaseException:
        store.close()
        raise
    store.visible = frozenset(settings.enabled)
    return House(where, settings, wiring.zone(settings.me.timezone)), store


def pull(name: str, clock: Clock, say: Say) -> int:
    """A round over one account."""
    house, store = opened()
    with store:
        if name not in house.settings.enabled:
            raise LaneClosed(name)
        session = wiring.allowed(ROUND - ROOM)

        def progress(done: Pulled, share: float | None) -> None:
            say(page=done.found, new=done.new, missed=done.missed, share=share)

        done = tour(
            name,
            lambda: house.connect(name, clock(), session),
            store,
            clock,
            random.random(),  # noqa: S311 - jitter, no secret
            mark=house.mark(name),
            progress=progress,
            session=session,
            own=house.settings.me.addresses,
        )
    counts = done.pulled
    say(
        done=done.follows.state,
        found=counts.found,
        new=counts.new,
        missed=counts.missed,
        gone=counts.gone,
        held=counts.held,
        repaired=counts.repaired,
        bug=done.ended.why if done.ended.state == "resting" else "",
    )
    return OK


def learn(_: str, clock: Clock, say: Say) -> int:
    """Learn what is new."""
    from agent import fresh

    house, store = opened()
    with store:
        fresh.learn(store, house.settings.me.addresses, house.zone, clock())
        if store.unclean():
            store.cleanse()
        say(done="learned")
    return OK


def digest(_: str, clock: Clock, say: Say) -> int:
    """Make the morning's digest, and send it once where it has something to say; the store knows how far it is."""
    from agent import drafting, fresh, mailing, work

    house, store = opened()
    with store, held(house.paths.state / "digest.lock", wait=False, what="Sending the digest"):
        at, via = clock(), house.settings.digest.via
        session = wiring.allowed(ROUND - ROOM)

        shown: list[work.Made] = []

        def made() -> work.Made:
            fresh.learn(store, house.settings.me.addresses, house.zone, at)
            shown.append(work.make(store, house.settings, at, house.zone, past=False))
            return shown[-1]

        output = house.output(via, at, lambda text: say(said=len(text)), session)
        now, today = int(at.timestamp()), at.astimezone(house.zone).date()
        done = drafting.around(
            lambda: work.send(store, made, house.sender(via), at, house.zone, via, output),
            store,
            house.drafts(at, session),
            today,
            lambda: (shown[-1] if shown else made()).digest,
            at,
        )
        settled = mailing.over(done, today, now) or mailing.waits(done, today, now)
    say(done="digest", state=done.state)
    return OK if settled else FAILED


def check(_: str, clock: Clock, say: Say) -> int:
    """See whether the config file is good; if not, the one before holds."""
    from config.load import ConfigProblems

    where = paths().make()
    with Store.open(where.store) as store:
        try:
            settings = config_file.accept(where, store, clock())
        except ConfigProblems as problems:
            say(refused=len(problems.problems), lines=sorted({problem.line for problem in problems.problems}))
            return OK
    say(done="accepted", accounts=len(settings.enabled))
    return OK


def remove(name: str, clock: Clock, say: Say) -> int:
    """Delete an account that was taken out of the config a day ago."""
    house, store = opened()
    with store:
        lane = store.lane(name)
        if lane is None or lane.enabled:
            raise LaneClosed(name)
        leave.account(house.paths, store, name)
        store.cleanse()
        say(done="removed")
    return OK


TASKS: dict[str, Callable[[str, Clock, Say], int]] = {
    "round": pull,
    "learn": learn,
    "digest": digest,
    "check": check,
    "remove": remove,
}

if __name__ == "__main__":
    gc.set_threshold(AT_ONCE, 20, 20)
    sys.exit(main())
