"""A store that reads one sick source beside a healthy archive, and a digest that must never be wrong for it.

The archive holds a year of mail with everybody. What came in the last fortnight stands in the sick source alone: so
whoever loses it, takes it for deleted or never reads it would propose somebody who wrote three days ago. `House.round`
makes the digest of that moment after every round, and looks.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent import fresh, work
from agent.pull import Toured, tour
from agent.store.store import Chosen, Store
from config.settings import Settings
from connectors.contract import Attendee, Interaction, Meeting, Page, Party, Session, Stream
from tests.agent.dumps import Told, canonical
from tests.faults.sources import ME, Contact, Source

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RECENT = timedelta(days=14)
LATE = timedelta(hours=48)

NINA = "Nina Falk <nina@falk.example>"
OTTO = "Otto Brand <otto@brand.example>"
ROLF = "Rolf Auer <rolf@auer.example>"
PIA = "Pia Kern <pia@kern.example>"

SETTINGS = Settings.model_validate({"me": {"addresses": [ME], "timezone": "UTC"}, "digest": {"people": 5}})

EVER = 1 << 40


TOPICS = {OTTO: "kiln shelves", ROLF: "tide gauges", NINA: "linen looms"}
"""What each of them cares about, and a fair in the calendar is of."""


def history() -> Iterator[tuple[Contact, str]]:
    """A year of mail, with subjects: to Pia every few days until yesterday, with the others until half a year ago."""
    for n in range(14):
        for who, topic in TOPICS.items():
            began = NOW - timedelta(days=430 - 20 * n)
            yield Contact(f"{who[:4]}{n}a", who, began, mine=n % 2 == 0), f"The {topic} of place {n}"
            yield Contact(f"{who[:4]}{n}b", who, began + DAY, mine=n % 2 == 1), f"Re: The {topic} of place {n}"
    for n in range(0, 440, 5):
        yield Contact(f"pia{n}", PIA, NOW - timedelta(days=1 + n), mine=True), f"Lunch {n}"


def kept(path: Path) -> Path:
    """A store with that archive, and with something to give to everybody."""

    def party(shown: str) -> Party:
        name, _, address = shown.partition(" <")
        return Party(address.rstrip(">"), name)

    me = Party(ME, "Me Myself")
    mails = [
        Interaction(
            id=one.key, sent=one.at.astimezone(UTC), dated_by="date",
            sender=me if one.mine else party(one.who), to=(party(one.who) if one.mine else me,),
            subject=subject, message_id=f"{one.key}@archive.example",
        )
        for one, subject in history()
    ]  # fmt: skip
    fair = NOW + 25 * DAY
    fairs = [
        Interaction(
            id=topic, sent=fair.astimezone(UTC), dated_by="start", sender=me, subject=f"The great {topic} fair",
            meeting=Meeting(topic, fair, fair + 6 * HOUR, None, me, (Attendee(me, "accepted"),)),
        )
        for topic in TOPICS.values()
    ]  # fmt: skip
    with Store.open(path, key=b"k" * 32) as store:
        store.accept([Chosen("post", "mbox", archive=True)], {"file": [1, 1]}, "", at=NOW)
        page = Page((*mails, *fairs), {"v": 1, "epoch": 1}, complete=True)
        store.record("post", Stream("mail", "Mail"), page, at=NOW)
    return path


BEGINNING = (
    *(Contact(f"old{n}", who, NOW - timedelta(days=300 - 3 * n)) for n, who in enumerate((OTTO, ROLF, NINA) * 2)),
    Contact("otto", OTTO, NOW - 3 * DAY),
    Contact("mine", PIA, NOW - 4 * DAY, mine=True),
)
"""What stands in the sick source from the beginning: all three long ago, Otto three days ago."""


@dataclass
class House:
    """A store, the sick source, and the time."""

    store: Store
    source: Source
    at: datetime = NOW
    silence: float = 5.0
    lasts: float = 20.0
    shown: dict[str, Contact] = field(default_factory=dict)  # what stood there when it was last read to its end
    read_at: datetime | None = None
    unread: set[str] = field(default_factory=set)  # what nobody can know of, as the source does not show it
    named: tuple[str, ...] = ()  # whom the last digest named

    def __post_init__(self) -> None:
        self.opt_in()

    def opt_in(self, on: bool = True) -> None:
        kind = "ics" if self.source.kind == "ics_url" else self.source.kind
        accounts = [Chosen("post", "mbox", archive=True), Chosen("sick", kind, self.source.archive, on)]
        self.store.accept(accounts, {"file": [1, 1]}, "", at=self.at)
        self.store.visible = frozenset(("post", "sick") if on else ("post",))

    def tour(self) -> Toured:
        """A round, and nothing else."""
        session = Session(time.monotonic, ends=time.monotonic() + self.lasts, silence=self.silence)
        return tour(
            "sick", lambda: self.source.connector(self.at, session), self.store, lambda: self.at, 0.5, session=session
        )

    def round(self, later: timedelta = timedelta()) -> Toured:
        """A round after so much time, and the digest of that moment."""
        self.at += later
        there = {key: one for key, one in self.source.there.items() if key not in self.unread}
        done = self.tour()
        lane = self.store.lane("sick")
        if done.ended.state == "ok" and lane and lane.complete_at == int(self.at.timestamp()):
            self.shown, self.read_at = there, self.at
        self.digest()
        return done

    def digest(self) -> tuple[str, ...]:
        """Whom this morning's digest names; fails where one of them was in contact within a fortnight."""
        fresh.learn(self.store, SETTINGS.me.addresses, UTC, self.at)
        made = work.make(self.store, SETTINGS, self.at, UTC, past=False)
        for proposal in made.outcome.proposals:
            for one in self.contacts():
                owed = proposal.pool == "owed" and not one.mine
                recent = self.at - RECENT < one.at <= self.at
                assert owed or not recent or one.address not in proposal.person.addresses, (proposal.why, one)
        self.named = tuple(proposal.person.name for proposal in made.outcome.proposals)
        return self.named

    def contacts(self) -> list[Contact]:
        """What auld should know of: what was there when it was last read to its end.

        Two days after that, all that is there: by then it should know that it does not know.
        """
        late = self.read_at is None or self.at - self.read_at > LATE
        return list((self.source.there if late and not self.source.archive else self.shown).values())

    def kept(self) -> list[str]:
        """What the store has of the sick source: doubles show."""
        return sorted(
            fact.subject.split()[-1] for fact in self.store.facts(until=EVER) if fact.subject.startswith("Matter")
        )

    def whole(self) -> None:
        """Fails where the store does not have what the source has, once."""
        assert self.kept() == sorted(key for key, one in self.source.there.items() if not one.odd)

    def dump(self) -> Told:
        return canonical(self.store)


def opened(template: Path, path: Path, source: Source) -> House:
    """A house with a fresh store."""
    shutil.copy(template, path)
    source.put(*BEGINNING)
    return House(Store.open(path, key=b"k" * 32), source)
