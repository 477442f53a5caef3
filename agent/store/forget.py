# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""How does an account leave without a trace?"""

from agent.store.find import Finding
from agent.store.items import Round
from agent.store.learned import OF_ALL
from agent.store.leaving import BATCH
from agent.store.words import spaced

_OF_ACCOUNT = "SELECT id FROM stream WHERE account = ?"


class Forgetting(Finding):
    """The store's door for what is to be no more."""

    def close_lane(self, name: str) -> None:
        """Whoever reads this account just now may not write any more."""
        with self.writing() as connection:
            connection.exec_driver_sql("UPDATE account SET lane = lane + 1 WHERE name = ?", (name,))

    def remove_account(self, name: str) -> bool:
        """Take an account away with all that only it showed, in one transaction; False where it is not known.

        What was learned is dropped too, as all of it may rest on that account; the next `learn` works it out again.
        A round that still goes on cannot write any more.
        """
        with self.writing() as connection:
            write = connection.exec_driver_sql
            owner = self.one("SELECT id FROM account WHERE name = ?", (name,))
            write("DELETE FROM request WHERE account = ?", (name,))
            if owner is None:
                return False
            touched = self._remove_alone(owner)
            for (stream,) in self.rows(_OF_ACCOUNT, (owner,)).fetchall():
                going = Round(stream, 0, None, ends=False, counts=False)
                self._take_all(going)
                touched |= going.parties
                self.drop_stream(stream)
            self.forget_lately(account=owner)
            self.forget_habits(owner)
            write("DELETE FROM account WHERE id = ?", (owner,))
            write("DELETE FROM link WHERE item NOT IN (SELECT id FROM item)")
            self.forget_parties()
            known = {party for (party,) in self.rows("SELECT id FROM party")}
            write("DELETE FROM stale WHERE party NOT IN (SELECT id FROM party)")
            for table in OF_ALL:
                write(f"DELETE FROM {table}")
            for index in ("subject_words", "person_words"):  # else what was deleted stays in it until it is merged
                write(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
            self.set_number("learned_at", 0)
            self.mark_stale(touched & known)
        return True

    def forget_parties(self) -> None:
        """Addresses and names that no mail shows any more; every process numbers the parties anew after that."""
        self.connection.exec_driver_sql("DELETE FROM party WHERE id NOT IN (SELECT party FROM posting)")
        self.set_number("parties", self.number("parties") + 1)

    def _remove_alone(self, owner: int) -> set[int]:
        """The items that no other account shows, all at once; gives the parties they touched."""
        write = self.connection.exec_driver_sql
        write("CREATE TEMP TABLE IF NOT EXISTS leaves (item INTEGER PRIMARY KEY)")
        write("DELETE FROM leaves")
        write(
            f"INSERT INTO leaves SELECT DISTINCT item FROM placement WHERE stream IN ({_OF_ACCOUNT}) AND NOT EXISTS"
            " (SELECT 1 FROM placement AS other WHERE other.item = placement.item"
            f" AND other.stream NOT IN ({_OF_ACCOUNT}))",
            (owner, owner),
        )
        touched = {
            party
            for (party,) in self.rows("SELECT DISTINCT party FROM posting WHERE item IN (SELECT item FROM leaves)")
        }
        worded = self.number("worded")
        words = self.rows("SELECT id, subject FROM item JOIN leaves ON item = id WHERE id <= ?", (worded,))
        while some := words.fetchmany(BATCH):
            self.write_many(
                "INSERT INTO subject_words (subject_words, rowid, words) VALUES ('delete', ?, ?)",
                [(item, spaced(subject)) for item, subject in some if subject],
            )
        for table, column in (("placement", "item"), ("posting", "item"), ("identity", "item"), ("item", "id")):
            write(f"DELETE FROM {table} WHERE {column} IN (SELECT item FROM leaves)")
        write("DELETE FROM leaves")
        return touched

    def _take_all(self, going: Round) -> None:
        """What is left of a stream: the placements of items that other accounts show too."""
        while placed := {
            remote: (item, listing)
            for remote, item, listing in self.rows(
                "SELECT remote, item, listing FROM placement WHERE stream = ? LIMIT ?", (going.stream, BATCH)
            )
        }:
            self.remove(going, placed)
