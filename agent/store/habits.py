"""Which lines did a sender write in their latest mails? Keyed hashes of them, of accounts whose texts are read.

It is a memory that fills again by itself, so that all of it goes whenever somebody is forgotten: in whose lines their
name stood, no hash can tell.
"""

import json
from collections.abc import Iterable, Mapping

from agent.store.file import StoreFile
from agent.store.keys import hidden
from nlp.repeated import Habit, packed, unpacked

MOST = 20_000
"""Senders that are remembered; each takes a kilobyte at most. Of whom nothing came for longest goes first."""


class Habits(StoreFile):
    """The part of the store's door that remembers how mails end."""

    def habits(self, account: str, senders: Iterable[str]) -> dict[str, dict[bytes, frozenset[int]]]:
        """What is remembered of those of these addresses that are known in this account."""
        asked = {self._sender(address): address for address in senders}
        found = self.rows(
            "SELECT sender, mails FROM habit JOIN account ON account.id = habit.account"
            " WHERE account.name = ? AND sender IN (SELECT value FROM json_each(?))",
            (account, json.dumps(list(asked))),
        )
        return {asked[sender]: unpacked(mails) for sender, mails in found}

    def keep_habits(self, account: int, habits: Mapping[str, Habit], at: int) -> None:
        """Put these in the place of what was remembered; inside a write transaction."""
        self.write_many(
            "INSERT OR REPLACE INTO habit VALUES (?, ?, ?, ?)",
            [(account, self._sender(address), packed(habit), at) for address, habit in sorted(habits.items())],
        )
        if habits and (excess := self.one("SELECT count(*) FROM habit") - MOST) > 0:
            self.connection.exec_driver_sql(
                "DELETE FROM habit WHERE (account, sender) IN"
                " (SELECT account, sender FROM habit ORDER BY at, account, sender LIMIT ?)",
                (excess,),
            )

    def forget_habits(self, account: int | None = None) -> None:
        """Nobody's lines are remembered any more, in this account or anywhere; inside a write transaction."""
        self.connection.exec_driver_sql("DELETE FROM habit WHERE account = coalesce(?, account)", (account,))

    def _sender(self, address: str) -> str:
        return hidden(address, self.key).hex()
