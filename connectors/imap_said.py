"""How far is this folder of a mail server read?

The cursor holds what was said of the folder *before* anything was listed (UIDVALIDITY, UIDNEXT, HIGHESTMODSEQ), the
UIDs that are still to be listed and those that are known.
"""

from dataclasses import dataclass
from typing import Any

from connectors.contract import Cursor, RemoteId, Stream
from connectors.uids import NONE, Uids


@dataclass(frozen=True, slots=True)
class Said:
    """What a cursor says. A folder's epoch is its UIDVALIDITY."""

    epoch: int
    next: int  # UIDNEXT before anything was listed: what is below it is known or to do
    modseq: int = 0  # HIGHESTMODSEQ of that moment
    todo: Uids = NONE  # not yet listed
    known: Uids = NONE  # listed, and found or missed
    drift: int = 0  # by so many the server's own number exceeds what it lists
    listing: bool = False  # the folder is being read for the first time
    texts: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> "Said | None":
        """None too for a cursor of another version."""
        if not cursor or cursor.get("v") != 1:
            return None
        return cls(
            cursor["epoch"],
            cursor["next"],
            cursor["modseq"],
            Uids.read(cursor["todo"]),
            Uids.read(cursor["known"]),
            cursor["drift"],
            cursor["listing"],
            cursor["texts"],
        )

    def cursor(self) -> Cursor:
        """As the store keeps it."""
        kept: dict[str, Any] = {
            "v": 1,
            "epoch": self.epoch,
            "next": self.next,
            "modseq": self.modseq,
            "todo": str(self.todo),
            "known": str(self.known),
            "drift": self.drift,
            "listing": self.listing,
            "texts": self.texts,
        }
        return kept


def uid_of(name: RemoteId, epoch: int) -> int:
    """The UID in a remote id; 0 where it is of another epoch."""
    before, _, uid = name.partition(".")
    return int(uid) if before == str(epoch) and uid.isdecimal() else 0


def renumbered(stream: Stream) -> str:
    """Why a cursor holds no longer."""
    return f"{stream.name}: the server counts its mails anew (UIDVALIDITY changed)."
