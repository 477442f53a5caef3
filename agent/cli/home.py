"""Which profile, which store, which moment? What every command begins with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, tzinfo

from agent import fresh, leave, wiring
from agent.cli.ends import USAGE, Ends
from agent.store.store import Store
from agent.wiring import House


@contextmanager
def opened(environ: Mapping[str, str] | None = None) -> Iterator[tuple[House, Store]]:
    """A profile (the user's own, where no environment is given) and its store; only accounts that are on are seen."""
    house = wiring.house(environ)
    with house.store() as store:
        store.visible = frozenset(house.settings.enabled)
        yield house, store


@contextmanager
def known(environ: Mapping[str, str] | None = None) -> Iterator[tuple[House, Store, datetime]]:
    """As `opened`, with the present, and with everything learned that there is to learn.

    So an account that was just opted out is gone from what is shown, and one that was read by a dead process is there.
    """
    with opened(environ) as (house, store):
        at = wiring.now()
        leave.settle(house.paths, store, house.settings.enabled, at)
        learn(house, store, at)
        yield house, store, at


def learn(house: House, store: Store, at: datetime, *, anew: bool = False) -> tuple[str, ...]:
    """Learn what is new, or all of it `anew`; gives what one should know about the mailbox."""
    return fresh.learn(store, house.settings.me.addresses, house.zone, at, anew=anew)


def moment(text: str, zone: tzinfo, at: time) -> datetime:
    """`2001-08-14` (at the hour of the digest) or `2001-08-14T09:30`, as an aware time. Raises Ends."""
    try:
        if len(text) == len("2001-08-14"):
            return datetime.combine(date.fromisoformat(text), at, zone)
        found = datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        found.timestamp()
    except (ValueError, OverflowError, OSError):
        raise Ends(f"--now {text}: not a day or time. Write 2001-08-14 or 2001-08-14T09:30.", USAGE) from None
    return found
