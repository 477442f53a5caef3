"""A mailbox in a store: many neighbours, each with matters of their own, and whoever else a test wants among them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from agent import work
from agent.model import Marks
from agent.outputs.stdout import Stdout
from agent.store.store import Store
from agent.work import Made
from config.settings import Digest, Me, Settings
from connectors.contract import Card, Interaction, Page, Party, Stream

START = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""A Tuesday."""

ME = Party("nora@loomworks.example", "Nora Lind")
ADA, BRUNO = Party("ada@guild.example", "Ada Weber"), Party("bruno@kellerpaper.example", "Bruno Keller")
SETTINGS = Settings(me=Me(addresses=(ME.address,)), digest=Digest(people=5))
INBOX, BOOK = Stream("inbox", "Inbox", "\\Inbox"), Stream("book", "Contacts")
MATTERS = "lantern kettle harbour barley anchor saddle violin compass ledger candle meadow ferry".split()  # noqa: SIM905
ASKS = Marks(asks=("request",), terms={"vellum": 2, "repair": 2, "charter": 1})


@dataclass
class Village:
    """The store, and what the user says and does in it as the days go by."""

    store: Store
    at: datetime = START
    mails: list[Interaction] = field(default_factory=list)
    kept: int = 0
    marks: dict[str, Marks] = field(default_factory=dict)

    def mail(
        self, ago: float, sender: Party, *to: Party, subject: str, marks: Marks | None = None, answers: str = ""
    ) -> Interaction:
        """A mail so many days before now."""
        number = len(self.mails)
        found = Interaction(
            id=f"m{number}",
            sent=self.at - timedelta(days=ago, seconds=number),
            dated_by="date",
            sender=sender,
            to=to,
            subject=subject,
            message_id=f"{number}@post.example",
            in_reply_to=answers,
            labels=("\\Sent",) if sender == ME else ("\\Inbox",),
        )
        self.mails.append(found)
        if marks:
            self.marks[found.id] = marks
        return found

    def talk(self, who: Party, ago: float, subject: str) -> None:
        """A mail each way."""
        first = self.mail(ago, ME, who, subject=subject)
        self.mail(ago - 0.1, who, ME, subject=f"Re: {subject}", answers=first.message_id)

    def neighbours(self, number: int = 22) -> None:
        """Others, in touch until last week."""
        for n in range(number):
            who = Party(f"n{n}@host{n}.example", f"{chr(65 + n)}na Neighbour{chr(97 + n)}")
            for ago in (300 + n, 200 + n, 5 + n % 4):
                self.talk(who, ago, f"{MATTERS[n % len(MATTERS)].capitalize()} {chr(97 + n) * 3}")

    def plant(self, asks: Party = ADA, knows: Party = BRUNO, matter: str = "Vellum repair") -> None:
        """One who asks for what the other writes about."""
        for ago in (300, 120, 60):
            self.talk(asks, ago, "Weaving course")
        self.mail(9, asks, ME, subject=f"{matter} for the charter", marks=ASKS)
        for n, ago in enumerate((280, 150, 20)):
            self.talk(knows, ago, f"{matter}, part {'abc'[n]}")

    def call(self, verb: str, *people: Party) -> None:
        """What the user says of them."""
        for who in people:
            self.store.say(verb, (who.address,), at=int(self.at.timestamp()))
        self.learn(anew=True)

    def learn(self, *, anew: bool = False) -> None:
        """A round, and all that it brings."""
        page = Page(tuple(self.mails[self.kept :]), {"v": 1, "at": len(self.mails)})
        self.kept = len(self.mails)
        self.store.account("mail", "mbox", archive=True)
        self.store.record(
            "mail", INBOX, page, {m.id: self.marks[m.id] for m in page.found if m.id in self.marks}, at=self.at
        )
        work.learn(self.store, [ME.address], UTC, self.at, anew=anew)

    def cards(self, *cards: Card) -> None:
        """What the address book says."""
        self.store.account("book", "vcard", archive=True)
        self.store.record("book", BOOK, Page(cards, {"v": 1}), at=self.at)

    def later(self, days: float) -> None:
        """So many days go by, in which everybody else is in touch."""
        self.at += timedelta(days=days)
        self.talk(Party("n0@host0.example", "Ana Neighboura"), 0.2, f"Lantern of {self.at:%d %B}")

    def made(self, *, past: bool = False) -> Made:
        """The morning."""
        self.learn()
        return work.make(self.store, SETTINGS, self.at, UTC, past=past)

    def digest(self) -> Made:
        """The morning, and its digest is delivered."""
        made = self.made()
        work.deliver(self.store, made, ME.address, self.at, Stdout(lambda text: None))
        return made


@contextmanager
def village(neighbours: int = 22) -> Iterator[Village]:
    """A village in a folder of its own."""
    with TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
        found = Village(store)
        found.neighbours(neighbours)
        yield found


def introduced(made: Made) -> Sequence[str]:
    """Who is proposed to be written to about an introduction."""
    return [p.person.name for p in made.outcome.proposals if p.kind == "introduce"]
