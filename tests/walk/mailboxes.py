"""Invented mails, as they stand in an mbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

ME = "me@home.example"
START = datetime(2024, 3, 4, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Letter:
    """One mail."""

    id: str
    at: datetime
    sender: str
    to: str
    subject: str
    text: str = "All is well here."
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        lines = {
            "From": self.sender,
            "To": self.to,
            "Date": format_datetime(self.at),
            "Subject": self.subject,
            "Message-ID": f"<{self.id}>",
            "X-Gmail-Labels": "Sent" if ME in self.sender else "Inbox",
            **dict(self.headers),
        }
        header = "".join(f"{name}: {value}\n" for name, value in lines.items())
        return f"From auld {self.at:%a %b %d %H:%M:%S %Y}\n{header}\n{self.text}\n"


def mbox(letters: Iterable[Letter]) -> bytes:
    """The mails as one file, in this order."""
    return "\n".join(map(str, letters)).encode()


def letters(number: int, people: int = 12, start: datetime = START, seed: int = 1) -> list[Letter]:
    """So many mails, oldest first, between the user and so many people; no two at one moment."""
    dice = Random(seed)
    found = []
    for n in range(number):
        who = dice.randrange(people)
        them = f"Friend {chr(65 + who % 26)}{who // 26 or ''} Miller <friend{who}@host{who}.example>"
        sender, to = (them, f"Me Myself <{ME}>") if dice.random() < 0.5 else (f"Me Myself <{ME}>", them)
        at = start + timedelta(hours=7 * n, minutes=dice.randrange(60))
        found.append(Letter(f"{seed}.{n}@mail.example", at, sender, to, f"Matter {who} of {n % 5} parts"))
    return found


def event(uid: str, start: datetime, asked: Sequence[str], *, more: Sequence[str] = ()) -> list[str]:
    """The lines of a meeting of an hour that the user called."""
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:Meeting {uid}",
        f"ORGANIZER:mailto:{ME}",
        *(one if one.startswith("ATTENDEE") else f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{one}" for one in asked),
        *more,
        "END:VEVENT",
    ]


def calendar(events: Iterable[Sequence[str]]) -> bytes:
    """The meetings as an .ics file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//auld//tests//EN"]
    lines += [line for one in events for line in one]
    return "".join(f"{line}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()
