# ruff: noqa: S608 - only this room's own names are put together into SQL; every value is bound
"""What was worked out from the facts, and for whom must it be worked out again?

All of it is a cache: `drop_learned` loses nothing but time. Results replace results; nothing is ever added to.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from agent.model import Person, Standing, Topic
from agent.store import tables
from agent.store.facts import Facts
from agent.store.words import spaced

WORDED = 50_000
"""Subjects that go into the full text in one transaction: others may write in between."""

_STANDING = [one.name for one in fields(Standing)]
_PACKED = ("warmth", "open")  # the last two, as lists
_OF_PEOPLE = ("person", "person_address", "standing", "topic")
OF_ALL = (*_OF_PEOPLE, "own", "notice", "thread", "thread_fact", "trace", "person_words")
"""The tables of what was learned, which may be dropped at any time."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What `learn` hands over: of everybody, or of those whom it learned anew."""

    people: Sequence[Person] = ()
    own: Mapping[str, str] = field(default_factory=dict)  # the user's own addresses, with the reason
    notices: Sequence[str] = ()  # what the user should know of this mailbox, in sentences
    standings: Sequence[Standing] = ()
    topics: Mapping[int, Sequence[Topic]] = field(default_factory=dict)  # by person, the strongest first
    threads: Mapping[int, int] = field(default_factory=dict)  # fact -> thread
    opened_by: Mapping[int, str] = field(default_factory=dict)  # thread -> address
    traces: Mapping[str, str] = field(default_factory=dict)  # address -> whatever `learn` wants to find again
    weights: Sequence[float] = ()  # of the ranking, as the user's own past asks for them


class LearnedKept(Facts):
    """The store's door for `learn` and for who reads what it found."""

    _numbering: int | None = None  # how often something was forgotten when the facts were read

    def generation(self) -> int:
        """How far the facts are: ask before reading them, and hand it to `save_learned` with what they gave."""
        self._numbering = self.number("parties")
        return self.number("generation")

    def stale(self) -> set[str]:
        """The addresses of which something new is known since it was last learned."""
        return {
            address
            for (address,) in self.rows("SELECT DISTINCT address FROM stale JOIN party ON party.id = stale.party")
        }

    def learned_anything(self) -> bool:
        """Whether something was learned, and from the same accounts: one that comes or goes changes all of it."""
        kept = self.one("SELECT value FROM meta WHERE name = 'learned_from'")
        if kept is None or not self.learned_at():
            return False
        then, now = json.loads(kept), json.loads(self._sight())
        return not set(then["seen"]) & set(now["hidden"]) and not set(then["hidden"]) & set(now["seen"])

    def learned_at(self) -> int:
        """When it was last learned, in POSIX seconds; 0 = never."""
        return self.number("learned_at")

    def save_learned(
        self,
        learned: Learned,
        *,
        upto: int,
        at: int,
        only: Collection[int] | None = None,
        replaced: Collection[int] = (),
    ) -> bool:
        """Keep what was learned, and clear the stale marks up to the generation that it was learned from.

        Without `only` everything learned before is replaced. With it, only these people (ids, old and new) are; then
        the threads of the facts in `replaced` are forgotten, and threads and traces given are added. Own addresses
        and notices are always replaced. Afterwards the full text is brought up to date. False where something was
        forgotten since `generation`: what was learned with it is not kept.
        """
        with self.writing() as connection:
            if self._numbering not in (None, self.number("parties")):
                return False
            write = connection.exec_driver_sql
            if only is None:
                for table in OF_ALL:
                    write(f"DELETE FROM {table}")
            else:
                self._forget_people(only)
                self.write_many("DELETE FROM thread_fact WHERE fact = ?", [(fact,) for fact in replaced])
                write("DELETE FROM own")
                write("DELETE FROM notice")
            self._write_people(learned)
            self._write_threads(learned)
            self.write_many("INSERT INTO own VALUES (?, ?)", list(learned.own.items()))
            self.write_many("INSERT INTO notice (says) VALUES (?)", [(says,) for says in learned.notices])
            self.write_many(
                "INSERT OR REPLACE INTO trace VALUES (?, ?)",
                [(address, text.encode()) for address, text in learned.traces.items()],
            )
            write("DELETE FROM stale WHERE generation <= ?", (upto,))
            self.set_number("learned_at", at)
            write("INSERT OR REPLACE INTO meta VALUES ('weights', ?)", (json.dumps(list(learned.weights)).encode(),))
            write("INSERT OR REPLACE INTO meta VALUES ('learned_from', ?)", (self._sight().encode(),))
        self.index()
        return True

    def drop_learned(self) -> None:
        """Forget all that was learned; the next `learn` works it out again from the facts."""
        with self.writing() as connection:
            for table in OF_ALL:
                connection.exec_driver_sql(f"DELETE FROM {table}")
            self.set_number("learned_at", 0)

    def index(self) -> None:
        """Bring the full text of the subjects up to date, in steps that let others write in between."""
        while True:
            done = self.number("worded")
            rows = self.rows("SELECT id, subject FROM item WHERE id > ? ORDER BY id LIMIT ?", (done, WORDED)).fetchall()
            if not rows:
                return
            with self.writing():
                if self.number("worded") != done:
                    continue
                self.write_many(
                    "INSERT INTO subject_words (rowid, words) VALUES (?, ?)",
                    [(item, spaced(subject)) for item, subject in rows if subject],
                )
                self.set_number("worded", rows[-1][0])

    def people(self) -> list[Person]:
        """Everybody, by id."""
        return self._people("SELECT id FROM person")

    def person_of(self, address: str) -> Person | None:
        """Who is behind an address."""
        found = self._people("SELECT person FROM person_address WHERE address = ?", address)
        return found[0] if found else None

    def person(self, number: int) -> Person | None:
        """The person with this id."""
        found = self._people("SELECT id FROM person WHERE id = ?", number)
        return found[0] if found else None

    def standings(self, people: Collection[int] | None = None) -> list[Standing]:
        """How each tie stands, by person's id; of all, or of some."""
        columns = ", ".join(_STANDING)
        only, values = ("", ()) if people is None else (_AMONG.format("person"), (json.dumps(list(people)),))
        rows = self.rows(f"SELECT {columns} FROM standing{only} ORDER BY person", values).fetchall()
        warmth, last = (_lists(row[place] for row in rows) for place in map(_STANDING.index, _PACKED))
        found = []
        for row, warm, ended in zip(rows, warmth, last, strict=True):
            whole = (*row[: -len(_PACKED)], tuple(warm), tuple((thread, at) for thread, at in ended))
            found.append(Standing(*whole))
        return found

    def threads_of(self, facts: Collection[int]) -> dict[int, int]:
        """The thread of each of these facts that is in one."""
        return dict(
            self.rows(f"SELECT fact, thread FROM thread_fact{_AMONG.format('fact')}", (json.dumps(list(facts)),))
        )

    def facts_of(self, threads: Collection[int]) -> dict[int, int]:
        """All facts of these threads, each with its thread."""
        return dict(
            self.rows(f"SELECT fact, thread FROM thread_fact{_AMONG.format('thread')}", (json.dumps(list(threads)),))
        )

    def opened_by(self, threads: Collection[int]) -> dict[int, str]:
        """Who wrote the first mail of each of these threads; "" where we do not have it."""
        return dict(self.rows(f"SELECT id, opened_by FROM thread{_AMONG.format('id')}", (json.dumps(list(threads)),)))

    def topics(self, person: int) -> tuple[Topic, ...]:
        """What one talks about with a person, the strongest first."""
        return tuple(
            Topic(*row)
            for row in self.rows(
                "SELECT term, weight, threads, last FROM topic WHERE person = ? ORDER BY rank", (person,)
            )
        )

    def knowing(self, terms: Collection[str]) -> tuple[int, dict[int, tuple[Topic, ...]]]:
        """How many people have topics; and of those who have one of these terms, alone or in a phrase, all topics, the
        strongest first.
        """
        found: dict[int, list[Topic]] = {}
        for person, *topic in self.rows(
            "SELECT person, term, weight, threads, last FROM topic WHERE person IN"
            " (SELECT person FROM topic, json_each(?) WHERE instr(' ' || term || ' ', ' ' || value || ' '))"
            " ORDER BY person, rank",
            (json.dumps(list(terms)),),
        ):
            found.setdefault(person, []).append(Topic(*topic))
        return self.one("SELECT count(DISTINCT person) FROM topic"), {n: tuple(some) for n, some in found.items()}

    def caring(self, terms: Collection[str]) -> frozenset[int]:
        """The people among whose topics one of these terms is."""
        found = self.rows(
            "SELECT DISTINCT person FROM topic WHERE term IN (SELECT value FROM json_each(?))", (json.dumps([*terms]),)
        )
        return frozenset(person for (person,) in found)

    def own(self) -> dict[str, str]:
        """The user's own addresses that were found, with the reason."""
        return dict(self.rows("SELECT address, reason FROM own ORDER BY rowid"))

    def notices(self) -> tuple[str, ...]:
        """What the user should know of this mailbox, in sentences."""
        return tuple(says for (says,) in self.rows("SELECT says FROM notice ORDER BY id"))

    def weights(self) -> tuple[float, ...]:
        """The ranking's weights as the user's own past asks for them; () = as they are in the code."""
        kept = self.one("SELECT value FROM meta WHERE name = 'weights'")
        return tuple(json.loads(kept)) if kept else ()

    def traces(self, addresses: Collection[str] | None = None) -> dict[str, str]:
        """What `learn` wanted to find again, by address."""
        only, values = ("", ()) if addresses is None else (_AMONG.format("address"), (json.dumps(list(addresses)),))
        return {address: blob.decode() for address, blob in self.rows(f"SELECT address, blob FROM trace{only}", values)}

    def _people(self, which: str, *values: str | int) -> list[Person]:
        addresses: dict[int, list[str]] = {}
        for person, address in self.rows(
            f"SELECT person, address FROM person_address WHERE person IN ({which}) ORDER BY person, rank", values
        ):
            addresses.setdefault(person, []).append(address)
        return [
            Person(number, name, tuple(addresses.get(number, ())), kind, sphere, tuple(_list(joined)), because)
            for number, name, kind, sphere, joined, because in self.rows(
                f"SELECT id, name, kind, sphere, joined, because FROM person WHERE id IN ({which}) ORDER BY id", values
            )
        ]

    def _write_people(self, learned: Learned) -> None:
        people = learned.people
        self.write_many(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)",
            [(p.id, p.name, p.kind, p.sphere, json.dumps(p.joined), p.because) for p in people],
        )
        self.write_many(
            "INSERT OR REPLACE INTO person_address VALUES (?, ?, ?)",
            [(address, p.id, rank) for p in people for rank, address in enumerate(p.addresses)],
        )
        self.write_many(
            "INSERT INTO person_words (rowid, words) VALUES (?, ?)",
            [(p.id, spaced("\n".join((p.name, *p.addresses)))) for p in people],
        )
        self.write_many(
            f"INSERT OR REPLACE INTO standing ({', '.join(_STANDING)}) VALUES ({', '.join('?' * len(_STANDING))})",
            [
                tuple(json.dumps(getattr(s, name)) if name in _PACKED else getattr(s, name) for name in _STANDING)
                for s in learned.standings
            ],
        )
        self.write_many(
            "INSERT OR REPLACE INTO topic VALUES (?, ?, ?, ?, ?, ?)",
            [
                (person, rank, topic.term, topic.weight, topic.threads, topic.last)
                for person, topics in learned.topics.items()
                for rank, topic in enumerate(topics)
            ],
        )

    def _write_threads(self, learned: Learned) -> None:
        self.write_many("INSERT OR REPLACE INTO thread_fact VALUES (?, ?)", sorted(learned.threads.items()))
        self.write_many("INSERT OR REPLACE INTO thread VALUES (?, ?)", sorted(learned.opened_by.items()))

    def _forget_people(self, people: Collection[int]) -> None:
        for table in _OF_PEOPLE:
            column = "id" if table == "person" else "person"
            self.write_many(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number in people])
        self.write_many("DELETE FROM person_words WHERE rowid = ?", [(number,) for number in people])

    def _sight(self) -> str:
        """The accounts that can be seen, and those that cannot."""
        known = {name for (name,) in self.rows("SELECT name FROM account")}
        seen = known if self.visible is None else known & self.visible
        return json.dumps({"seen": sorted(seen), "hidden": sorted(known - seen)})


def _list(packed: str) -> list[Any]:
    """A list that is mostly empty."""
    return [] if packed == "[]" else json.loads(packed)


def _lists(packed: Iterable[str]) -> list[list[Any]]:
    """Many lists: unpacked at once, for most of the time of one goes into beginning."""
    found: list[list[Any]] = json.loads(f"[{','.join(packed)}]")
    return found


_AMONG = " WHERE {} IN (SELECT value FROM json_each(?))"

if missing := set(_STANDING) - set(tables.standing.c.keys()):
    raise TypeError(f"standing has no column for {sorted(missing)}")
