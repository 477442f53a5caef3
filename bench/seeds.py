"""How is something invented put into the store of a real mailbox? As mails that would have come by a morning."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent import wiring
from agent.store.store import Store
from agent.texts import said
from bench.mornings import Mode
from connectors.contract import Interaction, Page, Party, Stream

STREAM = Stream("planted", "planted")


@dataclass(frozen=True, slots=True)
class Seed:
    """One invented mail: how many days before the morning, from whom to whom, and what stands in it."""

    ago: float
    sender: Party
    to: Party
    subject: str
    text: str = "As we said."
    bulk: bool = False  # whether its headers say that it went to many


def sown(store: Store, seeds: Sequence[Seed], now: datetime, mode: Mode, own: Sequence[str]) -> None:
    """Put the mails into the store, as they would have come by `now`."""
    found = [mail(number, seed, now - timedelta(days=seed.ago)) for number, seed in enumerate(seeds)]
    texts = {one.id: seed.text for one, seed in zip(found, seeds, strict=True)} if mode == "text" else {}
    page = Page(tuple(found), {"v": 1}, texts=texts)
    store.account("planted", "mbox", archive=True)
    store.record("planted", STREAM, page, said(page, wiring.marker(own), store, "planted").marks, at=now)


def mail(number: int, seed: Seed, at: datetime) -> Interaction:
    """The mail as a connector gives it."""
    own = seed.to.address.endswith(".example")
    return Interaction(
        id=f"{seed.subject} {number}",
        sent=at,
        dated_by="date",
        sender=seed.sender,
        to=(seed.to,),
        subject=seed.subject,
        message_id=f"{len(seed.subject)}.{number}.{at.timestamp():.0f}@planted.example",
        labels=("\\Sent",) if own else ("\\Inbox",),
        evidence=("bulk",) if seed.bulk else (),
    )
