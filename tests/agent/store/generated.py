"""Invented mails and meetings for the store's tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from agent.store.store import Store
from connectors.contract import Attendee, Interaction, Meeting, Page, Party, Stream

NOW = datetime(2025, 6, 2, 7, tzinfo=UTC)
EVER = 1 << 40
INBOX = Stream("inbox", "Inbox")

ADA = Party("ada@example.org", "Ada")
BOB = Party("bob@example.net", "Bob Example")
EVE = Party("eve@example.com")


def mail(number: int, **changed: Any) -> Interaction:
    """The mail of this number: always the same, from Bob to Ada, one each day."""
    told: dict[str, Any] = {
        "id": f"m{number}",
        "sent": NOW - timedelta(days=400 - number),
        "dated_by": "date",
        "sender": BOB,
        "to": (ADA,),
        "subject": f"Looms {number}",
        "message_id": f"{number}@mail.example.net",
        "labels": ("INBOX",),
    }
    return Interaction(**(told | changed))


def meeting(number: int, **changed: Any) -> Interaction:
    """The meeting of this number, asked for by Bob."""
    of_meeting: dict[str, Any] = {
        name: changed.pop(name) for name in ("cancelled", "attendees", "uid", "original_start") if name in changed
    }
    start = changed.pop("sent", NOW - timedelta(days=100 - number))
    about: dict[str, Any] = {"uid": f"u{number}", "attendees": (Attendee(ADA), Attendee(EVE))} | of_meeting
    return Interaction(
        id=changed.pop("id", f"e{number}"),
        sent=start,
        dated_by="start",
        sender=BOB,
        subject=changed.pop("subject", f"Fitting {number}"),
        meeting=Meeting(start=start, end=start + timedelta(hours=1), organiser=BOB, **about),
        **changed,
    )


def page(*found: Any, cursor: int = 1, **more: Any) -> Page:
    """A page with these on it."""
    return Page(tuple(found), {"v": 1, "at": cursor}, **more)


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """The whole database, table by table."""
    tables = [name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        name: sorted(store.rows(f"SELECT * FROM {name}").fetchall(), key=repr)
        for name in tables
        if not name.endswith("_words")
    }


def subjects(store: Store, **asked: Any) -> Sequence[str]:
    """The subjects of the facts, oldest first."""
    return [fact.subject for fact in store.facts(until=EVER, **asked)]
