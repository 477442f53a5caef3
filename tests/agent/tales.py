"""Small ties for tests: who wrote what, in a line each."""

from collections.abc import Sequence
from datetime import UTC, datetime

from agent.model import DAY, Contact, Fact, Marks, Morning, Person, Standing, Thread, Tie, Topic
from agent.signals.standing import standing

NOW = int(datetime(2024, 3, 5, 7, tzinfo=UTC).timestamp())
ME, ADA = "me@home.example", "ada@loom.example"
OWN = frozenset({ME})
PERSON = Person(7, "Ada Weber", (ADA,))
MORNING = Morning(NOW, UTC, OWN)


def mail(
    id: int,  # noqa: A002 - as the fact calls it
    ago: float,
    by: str = "them",
    subject: str = "The loom",
    *,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    marks: Marks | None = None,
) -> Fact:
    """A mail between the two, so many days before NOW."""
    sender = ME if by == "me" else ADA
    return Fact(
        id=id,
        at=NOW - int(ago * DAY),
        sender=sender,
        to=tuple(to) or ((ADA,) if by == "me" else (ME,)),
        cc=tuple(cc),
        subject=subject,
        message_id=f"{id}@mail.example",
        marks=marks,
    )


def talk(*mails: Fact, opened_by: str | None = None) -> Thread:
    """A thread of these mails, oldest first."""
    return Thread(mails[0].id, mails, mails[0].sender if opened_by is None else opened_by)


def tie(*threads: Thread, topics: Sequence[str] = (), person: Person = PERSON) -> Tie:
    """The tie of these threads; each topic stands in three of them."""
    contacts = sorted(
        (
            Contact(m.at, "me" if m.sender == ME else "them", m.id, t.id)
            for t in threads
            for m in t.mails
            if m.sender in (ME, ADA)
        ),
        key=lambda c: c.at,
    )
    known = tuple(Topic(term, 9.0, 3, NOW) for term in topics)
    return Tie(person, tuple(contacts), tuple(threads), known)


def stands(of: Tie) -> Standing:
    """How that tie stands."""
    return standing(of, UTC, OWN)
