"""With whom did a mail pass lately that is not there any more? Whoever deletes a mail of yesterday has had it.

Nothing of such a mail is kept but a keyed hash of whoever it was exchanged with, and when, for a fortnight from then.
"""

import json
from collections.abc import Collection, Iterable

from agent.model import FORTNIGHT
from agent.store.file import StoreFile
from agent.store.keys import hidden


class Lately(StoreFile):
    """The part of the store's door that remembers for a fortnight what was deleted."""

    def note_lately(self, stream: int, deleted: Iterable[tuple[int, str, int]], now: int) -> None:
        """These mails of a stream vanish: (sender, recipients, when), packed as items are."""
        recent = [one for one in deleted if now - FORTNIGHT < one[2] <= now]
        if not recent:
            return
        kept, account = self._lately(now), self.one("SELECT account FROM stream WHERE id = ?", (stream,))
        own = {address for (address,) in self.rows("SELECT address FROM own")}
        for sender, recipients, at in recent:
            mine = self.address(sender) in own
            for party in map(int, recipients.replace(";", " ").split()) if mine else (sender,):
                told = f"{account} {hidden(self.address(party), self.key).hex()}"
                kept[told] = max(kept.get(told, 0), at)
        self._keep_lately(kept)

    def lately(self, addresses: Iterable[str], now: int) -> dict[str, int]:
        """When the last mail passed with these addresses that accounts which may be seen showed, and show no more."""
        kept, known = self._lately(now), self.rows("SELECT id, name FROM account").fetchall()
        seen = [number for number, name in known if self.visible is None or name in self.visible]
        told = {address: hidden(address, self.key).hex() for address in addresses} if kept else {}
        found = {address: max(kept.get(f"{number} {one}", 0) for number in (0, *seen)) for address, one in told.items()}
        return {address: at for address, at in found.items() if at}

    def forget_lately(self, now: int = 0, *, account: int = 0, addresses: Collection[str] = ()) -> None:
        """Drop what is older than a fortnight, what an account showed, and what tells of these addresses."""
        gone = {str(account), *(hidden(address, self.key).hex() for address in addresses)}
        kept = self._lately(now)
        self._keep_lately({told: at for told, at in kept.items() if gone.isdisjoint(told.split())})

    def _lately(self, now: int) -> dict[str, int]:
        kept = json.loads(self.one("SELECT value FROM meta WHERE name = 'lately'") or "{}")
        return {told: at for told, at in kept.items() if not now or now - FORTNIGHT < at <= now}

    def _keep_lately(self, kept: dict[str, int]) -> None:
        self.connection.exec_driver_sql("DELETE FROM meta WHERE name = 'lately'")
        if kept:
            packed = json.dumps(kept, sort_keys=True).encode()
            self.connection.exec_driver_sql("INSERT INTO meta VALUES ('lately', ?)", (packed,))
