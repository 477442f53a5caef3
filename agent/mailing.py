"""How far is the digest of a day on its way to the user, and may it still be sent?

At most one goes out on a local day, whatever restarts, and wherever the user travels. A day is a date of the calendar,
as the user's own zone has it at that moment; the dates only go forward, so that whoever flies back over a date that had
its digest gets no second one.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

DAY = 86_400
"""Seconds; `agent.model` has it, too, and is more than the daemon and `status` want to load."""

State: TypeAlias = Literal["waiting", "sending", "sent", "silent", "given up", "unsure"]
"""Not handed over yet; handed over, perhaps; arrived; nothing worth a mail; not on this day; nobody can tell."""

OVER = ("sent", "silent", "given up", "unsure")

CERTAIN = ("append", "file")
"""Ways on which what is not found was not delivered. A mail by SMTP may be late, or sorted elsewhere by the provider:
there, none at all is better than two."""

MINUTE = 60

PATIENCE = 6 * 60 * MINUTE
"""So long after the first try a digest is still one of the morning."""

SHORTEST, LONGEST = 5 * MINUTE, 60 * MINUTE
"""Between two tries: a mail server that restarts is back in five minutes."""

REFUSED = 15 * MINUTE
"""Before the second try after a refusal. Servers refuse good passwords when they are ill, and lock an account whose
password is wrong too often (`sync.md`, 5.9): so there is a second try, and no third."""

KEYRING = 10 * MINUTE
"""Between two looks at a keyring that is locked: it is unlocked with the desktop, and costs no server anything."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """The latest digest that was to be sent as a mail. Moments are POSIX seconds."""

    day: date
    state: State
    at: int  # since when it is so
    via: str = ""
    message_id: str = ""
    first: int = 0  # when it was first tried
    tries: int = 0
    refused: int = 0
    next: int = 0  # not before then
    why: str = ""
    remedy: str = ""
    told: tuple[str, ...] = ()  # the sick accounts of which it tells

    def packed(self) -> bytes:
        """As JSON."""
        return json.dumps({**asdict(self), "day": self.day.isoformat()}).encode()


def unpacked(raw: bytes) -> Mailing:
    """What `packed` made."""
    data = json.loads(raw)
    return Mailing(**{**data, "day": date.fromisoformat(data["day"]), "told": tuple(data["told"])})


def over(last: Mailing | None, day: date, now: int) -> bool:
    """Whether no digest may be sent any more for `day`, which is today."""
    if last is None or last.day < day:
        return False
    if last.day == day:
        return last.state in OVER
    return last.at <= now + DAY  # a later date had its own already; else the clock was put back since


def waits(last: Mailing | None, day: date, now: int) -> bool:
    """Whether the digest of `day` is to be tried again, and not yet."""
    pending = last is not None and last.state in ("waiting", "sending") and last.day <= day
    return pending and last is not None and now < last.next <= now + DAY


def begun(last: Mailing | None, day: date, via: str, now: int) -> Mailing:
    """The mailing of `day`, as it goes on."""
    if last is not None and last.day == day and last.state == "waiting":
        return replace(last, via=via)
    return Mailing(day, "waiting", now, via, first=now)


def later(mailing: Mailing, now: int, why: str, until: int = 0) -> Mailing:
    """It did not work this time and may work later; where it is too late by then, it is given up for this day."""
    tries = mailing.tries + 1
    pause = min(LONGEST, SHORTEST * 2 ** min(mailing.tries, 8))
    tried = replace(mailing, tries=tries, next=max(now + pause, until), why=why, remedy="")
    return _in_time(tried, now)


def refused(mailing: Mailing, now: int, why: str, remedy: str) -> Mailing:
    """The server said no: once more, and then it is the user's turn."""
    if mailing.refused:
        return _ended(replace(mailing, why=why, remedy=remedy), now)
    tried = replace(mailing, tries=mailing.tries + 1, refused=1, next=now + REFUSED, why=why, remedy=remedy)
    return _in_time(tried, now)


def closed(mailing: Mailing, now: int, why: str, remedy: str) -> Mailing:
    """The keyring is locked: no server was asked, so that it may be looked at as often as one likes."""
    return _in_time(replace(mailing, next=now + KEYRING, why=why, remedy=remedy), now)


def _in_time(mailing: Mailing, now: int) -> Mailing:
    if mailing.next <= mailing.first + PATIENCE:
        return mailing
    return _ended(mailing, now)


def _ended(mailing: Mailing, now: int) -> Mailing:
    return replace(mailing, state="unsure" if mailing.state == "sending" else "given up", at=now)


def says(mailing: Mailing) -> str:
    """What there is to say of it in `auld status`, in one sentence or two; "" where all is well."""
    told = " ".join(filter(None, [mailing.why, mailing.remedy]))
    if mailing.state == "waiting" and mailing.why:
        return f"digest of {mailing.day.isoformat()}: not sent yet. {told}"
    if mailing.state == "given up":
        return f"digest of {mailing.day.isoformat()}: not sent. {told} `auld digest` sends it."
    if mailing.state in ("unsure", "sending"):
        unsure = "auld was stopped while it was sent, or got no answer; whether it arrived is not known."
        again = "It is not sent twice: `auld digest --dry-run` shows it." if mailing.state == "unsure" else ""
        return f"digest of {mailing.day.isoformat()}: {unsure} {again}".rstrip()
    return ""
