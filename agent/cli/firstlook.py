"""`auld init`: whom would auld name? The first minute of a mailbox, read into a store that is thrown away."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from agent import leave
from agent.cli.accounts import shown
from config.paths import folder as private_folder
from connectors.contract import Connector, Cursor, Interaction, Page, RemoteId, Session, Stream, TryLater

if TYPE_CHECKING:
    from agent.store.store import Store
    from agent.wiring import House

MINUTE = 60.0
"""Seconds that the look may take: as long as one waits without doing something else."""

RESERVE = 10.0
"""Of these, what is left for learning, and for a last page that is slow."""

LATELY, LONG = timedelta(days=90), timedelta(days=3 * 365)
"""First the last quarter of all folders, so that something is true of all of them; then as far as silences matter."""

TRIES = 30
"""Ties that are read through to find these."""

FEW = 3
"""People who are shown."""

Connect = Callable[[Session], Connector]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: people to write to, and those with whom most passed, each as (name, line); whether it was all."""

    proposed: tuple[tuple[str, str], ...] = ()
    busy: tuple[tuple[str, str], ...] = ()
    mails: int = 0
    whole: bool = True

    def lines(self) -> Iterator[str]:
        """Three people, a line each: those to write to first."""
        if self.proposed:
            yield f"To {'these' if len(self.proposed) > 1 else 'this one'} you might write, and why:"
            yield from (f"    {name}: {why}" for name, why in self.proposed)
        else:
            yield "Nobody seems to wait for a word from you."
        named = {name for name, _ in self.proposed}
        others = [(name, told) for name, told in self.busy if name not in named][: FEW - len(named)]
        if others:
            yield "Most went to and fro in the last 90 days with:"
            yield from (f"    {name}: {told}" for name, told in others)
        elif not named:
            yield "In the last 90 days, no mail went to and fro with anybody."
        if not self.whole:
            yield f"{self.mails:,} mails were read for this. There is more to say when all of them were."


@dataclass
class Lately:
    """A connector that stops in each stream where it becomes too old, or where the time is up."""

    connector: Connector
    since: datetime
    session: Session
    short: bool = field(default=False)

    def streams(self) -> Sequence[Stream]:
        return self.connector.streams()

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        for page in self.connector.pull(stream, cursor):
            yield page
            times = [one.sent for one in page.found if isinstance(one, Interaction)]
            if self.session.left() < RESERVE:
                self.short = True
                return
            if times and max(times) < self.since:
                return

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        return self.connector.audit(stream)

    def close(self) -> None:
        """Say goodbye to the server."""
        end: Callable[[], None] = getattr(self.connector, "close", lambda: None)
        end()


def first_look(house: "House", name: str, connect: Connect, seconds: float = MINUTE) -> Look:
    """The people of an account that is opted in nowhere yet. Nothing of it stays. Raises NeedsUser."""
    from dataclasses import replace

    from agent import wiring
    from config.paths import paths

    account = house.settings.accounts[name].model_copy(update={"read": "headers"})
    settings = house.settings.model_copy(update={"accounts": {name: account}})
    with aside(house.paths.state) as folder:
        trial = replace(house, paths=paths({"AULD_HOME": str(folder)}), settings=settings)
        session = wiring.allowed(seconds)
        with trial.store() as store:
            store.account(name, account.kind)
            store.visible = frozenset([name])
            return seen(trial, store, name, connect, session)


@contextmanager
def aside(state: Path) -> Iterator[Path]:
    """A folder of the profile's that goes again, with those above it that were not there before. What a look that was
    killed has left goes, too.
    """
    made = [path for path in (state, *state.parents) if not path.exists()]
    leave.sweep(state)
    try:
        with TemporaryDirectory(prefix=leave.LOOKS[:-1], dir=private_folder(state)) as folder:
            yield Path(folder)
    finally:
        for path in made:
            with suppress(OSError):  # another auld has put something there meanwhile
                path.rmdir()


def seen(trial: "House", store: "Store", name: str, connect: Connect, session: Session) -> Look:
    """Read, and say who is there.

    Folders are read back to one day, and then to another; what lies before the first is known of some of them only. So
    nobody is said to be silent before the second was reached: until then only answers are owed.
    """
    from agent import wiring

    at = wiring.now()
    whole, mails = brought(trial, store, name, connect, session, at - LATELY)
    look = Look(mails=mails, whole=whole, busy=tuple(busiest(trial, store, at)))
    if not whole:
        return look
    near = tuple(proposals(trial, store, at, pools=("owed",)))
    whole, more = brought(trial, store, name, connect, session, at - LONG)
    far = tuple(proposals(trial, store, at)) if whole else near
    return Look(far, look.busy, mails + more, whole)


def brought(
    trial: "House", store: "Store", name: str, connect: Connect, session: Session, since: datetime
) -> tuple[bool, int]:
    """Read all folders back to `since`; whether the time was enough, and how many mails were new."""
    from agent import wiring
    from agent.pull import tour

    made: list[Lately] = []

    def opened() -> Connector:
        made.append(Lately(connect(session), since, session))
        return made[-1]

    with shown(name) as progress:
        done = tour(name, opened, store, wiring.now, 0.0, progress=progress, own=trial.settings.me.addresses)
    if done.error and not isinstance(done.error, TryLater):
        raise done.error
    return done.error is None and not any(one.short for one in made), done.pulled.new


def proposals(trial: "House", store: "Store", at: datetime, pools: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Each of those who would be proposed; where pools are named, only of these."""
    from agent import fresh, work

    fresh.learn(store, trial.settings.me.addresses, trial.zone, at)
    made = work.make(store, trial.settings, at, trial.zone, past=False)
    wanted = [one for one in made.outcome.proposals if not pools or one.pool in pools]
    yield from ((one.person.name, one.why) for one in wanted[:FEW])


def busiest(trial: "House", store: "Store", at: datetime) -> Iterator[tuple[str, str]]:
    """Those with whom most went to and fro in the last quarter."""
    from agent import fresh, work
    from agent.words import count, on

    fresh.learn(store, trial.settings.me.addresses, trial.zone, at)
    now, since = int(at.timestamp()), int((at - LATELY).timestamp())
    known = work.Remembered(store, now)
    people = {person.id: person for person in known.people() if person.kind == "person"}
    both = [s for s in known.standings() if s.person in people and min(s.mine, s.theirs) and s.last >= since]
    found = []
    for one in sorted(both, key=lambda s: (-min(s.mine, s.theirs), s.person))[:TRIES]:
        sides = Counter(contact.by for contact in known.tie(one.person).contacts if contact.at >= since)
        found.append((min(sides["me"], sides["them"]), one.last, people[one.person].name, sides))
    for least, last, name, sides in sorted(found, key=lambda each: (-each[0], -each[1], each[2]))[:FEW]:
        if least:
            mine, theirs = count(sides["me"], "mail"), count(sides["them"], "mail")
            yield name, f"{mine} from you, {theirs} from them, the last on {on(last, now, trial.zone)}."
