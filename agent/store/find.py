# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""Who or what was that? Words of the user's, looked up in people, notes and subjects."""

from dataclasses import dataclass
from typing import Literal

from agent.store.heard import Heard
from agent.store.sighted import EVIDENCE
from agent.store.words import question

OURS = 1 << EVIDENCE.index("ours")
"""Digests, and answers to them, are not what somebody looks for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where the words were found: `id` is a person's, a statement's or a fact's."""

    kind: Literal["person", "note", "subject"]
    id: int
    text: str
    at: int  # POSIX seconds; of a person, the last contact


class Finding(Heard):
    """The store's door for `auld find`."""

    def find(self, words: str, until: int, limit: int = 50) -> list[Hit]:
        """People, then notes, then subjects that have all the words; of each at most `limit`, the newest first."""
        asked = question(words)
        if not asked:
            return []
        return [
            *self._people_found(asked, until, limit),
            *self._notes(asked, until, limit),
            *self._subjects(asked, until, limit),
        ]

    def _people_found(self, asked: str, until: int, limit: int) -> list[Hit]:
        """Those first met after `until` are not known yet."""
        return [
            Hit("person", *row)
            for row in self.rows(
                "SELECT person.id, person.name, coalesce(last, 0) FROM person_words"
                " JOIN person ON person.id = person_words.rowid LEFT JOIN standing ON standing.person = person.id"
                " WHERE person_words MATCH ? AND coalesce(first, 0) <= ?"
                " ORDER BY coalesce(last, 0) DESC, person.id LIMIT ?",
                (asked, until, limit),
            )
        ]

    def _notes(self, asked: str, until: int, limit: int) -> list[Hit]:
        return [
            Hit("note", *row)
            for row in self.rows(
                "SELECT statement.id, text, at FROM note_words JOIN statement ON statement.id = note_words.rowid"
                " WHERE note_words MATCH ? AND at <= ? AND (undone_at IS NULL OR undone_at > ?)"
                " ORDER BY at DESC, statement.id DESC LIMIT ?",
                (asked, until, until, limit),
            )
        ]

    def _subjects(self, asked: str, until: int, limit: int) -> list[Hit]:
        only, accounts = self.only_visible("item.id")
        found = self.rows(
            "SELECT item.id, subject, at FROM subject_words JOIN item ON item.id = subject_words.rowid"
            f" WHERE subject_words MATCH ? AND at <= ? AND evidence & ? = 0{only}"
            " ORDER BY at DESC, item.id DESC LIMIT ?",
            (asked, until, OURS, *accounts, limit),
        )
        return [Hit("subject", *row) for row in found]
