"""How far are the drafts of a day's digest? Standard library only: the daemon asks whether they are to be tried again.

A draft is put once for each proposal, and never again: the user may have sent it, or thrown it away.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date

from agent.mailing import DAY, LONGEST, PATIENCE, SHORTEST, Mailing


@dataclass(frozen=True, slots=True)
class Drafted:
    """The drafts of the latest digest. Moments are POSIX seconds; slots are the numbers in the digest."""

    day: date
    first: int = 0  # when they were first wanted
    put: tuple[int, ...] = ()
    going: int = 0  # the slot that was being put when somebody died, or the connection did
    tries: int = 0
    next: int = 0  # not before then
    over: bool = False
    why: str = ""
    remedy: str = ""

    def packed(self) -> bytes:
        """As JSON."""
        return json.dumps({**asdict(self), "day": self.day.isoformat()}).encode()

    @property
    def says(self) -> str:
        """What there is to say of them in `auld status`; "" where all is well."""
        if not self.why:
            return ""
        how = "not all are there" if self.over else "not all are there yet"
        return " ".join(filter(None, [f"drafts of {self.day.isoformat()}: {how}.", self.why, self.remedy]))


def unpacked(raw: bytes) -> Drafted:
    """What `packed` made."""
    data = json.loads(raw)
    return Drafted(**{**data, "day": date.fromisoformat(data["day"]), "put": tuple(data["put"])})


def due(drafts: Drafted | None, mailing: Mailing | None, day: date, now: int) -> bool:
    """Whether drafts are to be put now: those of today's digest, once it is there."""
    if drafts is None or mailing is None or drafts.over or not drafts.day == mailing.day == day:
        return False
    return mailing.state == "sent" and not now < drafts.next <= now + DAY


def later(drafts: Drafted, now: int, why: str, until: int = 0) -> Drafted:
    """It did not work this time; six hours after the first try nobody needs them any more."""
    pause = min(LONGEST, SHORTEST * 2 ** min(drafts.tries, 8))
    tried = replace(drafts, tries=drafts.tries + 1, next=max(now + pause, until), why=why, remedy="")
    return replace(tried, over=tried.next > tried.first + PATIENCE)
