"""What do the facts say? People, threads, ties and topics, computed anew and never counted up.

`study` is pure: the same facts give the same answer. `learn` keeps its answer in the store as a cache; for a morning of
the past, `study` is asked about the facts of that time and nothing is kept.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from agent.model import Contact, Fact, Person, Standing, Statement, Thread, Tie, Topic
from agent.moments import lessons, mailbox, stood
from agent.people import joining as humans
from agent.people.joining import Trace
from agent.ranking import WELCOME, tuned
from agent.signals.contacts import by_hand, contacts
from agent.signals.logged import logged, merged
from agent.signals.standing import standing
from connectors.contract import Card
from nlp import language, tidy, topics
from nlp import threads as threading

Counts = Mapping[str, tuple[int, int]]
"""Of one person: term -> in how many threads, and when last."""


SAID = "You said so."
"""The reason of an address that the user called their own."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What the facts said. Every part of it can be dropped and computed again."""

    own: Mapping[str, str]  # the user's addresses, each with the reason
    notices: tuple[str, ...]  # what the user should know about the mailbox, in sentences
    traces: Mapping[str, Trace]
    people: Sequence[Person]
    standings: Sequence[Standing]
    threads: Mapping[int, int]  # fact -> thread
    openers: Mapping[int, str]  # thread -> the address that opened it
    counts: Mapping[int, Counts] = field(default_factory=dict)  # person -> their terms
    weights: tuple[float, ...] = ()  # of the ranking, as the user's own past asks for them; () = as they are
    ties: Sequence[Tie] = ()  # those with a contact; without topics, which depend on everybody else's


def study(
    facts: Sequence[Fact],
    names: Mapping[str, Mapping[str, int]],
    *,
    given: Sequence[str],
    statements: Sequence[Statement],
    zone: tzinfo,
    until: int,
    before: Sequence[Person] = (),
    cards: Sequence[Card] = (),
) -> Learned:
    """Everything there is to learn from `facts` (ordered by time) before `until`, in POSIX seconds.

    `cards` are those of today: an address book has no past.
    """
    own = own_addresses(given, facts, names, statements)
    mine, verdicts = frozenset(own), said_of_own(statements)
    traces = humans.traces(facts, names, mine)
    people = humans.inherit(before, humans.group(traces, statements, mine, cards))
    threads, openers = threaded(facts, mine)
    ties = tied(people, facts, threads, openers, mine, until, logged(statements, people, until))
    seen = {a: trace.last for a, trace in traces.items()}
    standings = [
        replace(standing(tie, zone, mine), seen=max(seen.get(a, 0) for a in tie.person.addresses)) for tie in ties
    ]
    return Learned(
        own=own,
        notices=humans.owners(mine, {a: t for a, t in traces.items() if verdicts.get(a) != "not mine"}),
        traces=traces,
        people=people,
        standings=[s for s in standings if s.last],
        threads=threads,
        openers=openers,
        counts=counted(ties, facts, names),
        weights=tuned(WELCOME, lessons(mailbox(ties, stood(facts, people, mine)))),
        ties=ties,
    )


def said_of_own(statements: Iterable[Statement]) -> dict[str, str]:
    """Address -> "mine" or "not mine", as the user said last."""
    return {a: s.verb for s in statements if s.verb in ("mine", "not mine") for a in s.addresses}


def own_addresses(
    given: Sequence[str],
    facts: Iterable[Fact],
    names: Mapping[str, Mapping[str, int]],
    statements: Iterable[Statement],
) -> dict[str, str]:
    """The user's addresses, each with the reason: those given, those found, those said; without those denied."""
    said = said_of_own(statements)
    mine = {a: SAID for a, verb in said.items() if verb == "mine" and a not in given}
    found = humans.own_addresses([*given, *mine], facts, names) | mine
    return {a: why for a, why in found.items() if said.get(a) != "not mine"}


def threaded(facts: Iterable[Fact], own: frozenset[str]) -> tuple[dict[int, int], dict[int, str]]:
    """Fact -> thread, and thread -> who opened it. A thread is called by the number of its first mail."""
    thread_of: dict[int, int] = {}
    openers: dict[int, str] = {}
    for group in threading.assemble((f for f in facts if not f.meeting), own):
        thread = group[0].id
        openers[thread] = threading.opener(group, lambda mail: not by_hand(mail))
        for mail in group:
            thread_of[mail.id] = thread
    return thread_of, openers


def tied(
    people: Iterable[Person],
    facts: Iterable[Fact],
    thread_of: Mapping[int, int],
    openers: Mapping[int, str],
    own: frozenset[str],
    until: int,
    said: Mapping[int, Sequence[Contact]],
) -> list[Tie]:
    """The ties of all `people` with whom there was a contact before `until`, also by what the user `said`; topics come
    later.
    """
    whose = {a: person.id for person in people for a in person.addresses if a not in own}
    met: dict[int, list[Fact]] = defaultdict(list)
    members: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.id in thread_of:
            members[thread_of[fact.id]].append(fact)
        for number in {whose[a] for a in (fact.sender, *fact.recipients) if a in whose}:
            met[number].append(fact)
    ties = []
    for person in people:
        passed = contacts(person, met.get(person.id, ()), own, thread_of, until)
        passed = merged(passed, said.get(person.id, ()))
        if passed:
            ties.append(Tie(person, passed, threads_in(passed, members, openers)))
    return ties


def threads_in(
    passed: Iterable[Contact], members: Mapping[int, Sequence[Fact]], openers: Mapping[int, str]
) -> tuple[Thread, ...]:
    """The threads of these contacts, whole, ordered by their first mail."""
    wanted = {c.thread for c in passed if c.thread in members}
    found = [Thread(t, tuple(members[t]), openers.get(t, "")) for t in wanted]
    return tuple(sorted(found, key=lambda t: (t.mails[0].at, t.id)))


def counted(ties: Sequence[Tie], facts: Iterable[Fact], names: Mapping[str, Mapping[str, int]]) -> dict[int, Counts]:
    """For each person of `ties` the terms of their threads and meetings: in how many, and when last."""
    titles = {f.id: f.subject for f in facts if f.meeting}
    talks = {tie.person.id: talks_of(tie, titles) for tie in ties}
    langs = {person: language.spoken(subject for subject, _ in said) for person, said in talks.items()}
    written = {(langs[person], subject) for person, said in talks.items() for subject, _ in said}
    terms = terms_of(written, name_words(names))
    counts: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for person, subject, at in ((person, *talk) for person, said in talks.items() for talk in said):
        mine = counts[person]
        for term in set(terms[langs[person], subject]):
            threads, last = mine.get(term, (0, 0))
            mine[term] = (threads + 1, max(last, at))
    return dict(counts)


def terms_of(written: Iterable[tuple[str, str]], names: frozenset[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(language, subject) -> the terms of it; a language is asked for all its subjects at once."""
    by_lang: dict[str, list[str]] = defaultdict(list)
    for lang, subject in written:
        by_lang[lang].append(subject)
    return {
        (lang, subject): found
        for lang, subjects in by_lang.items()
        for subject, found in zip(subjects, topics.phrases(subjects, names, lang), strict=True)
    }


def talks_of(tie: Tie, titles: Mapping[int, str]) -> list[tuple[str, int]]:
    """What the two talked about: (tidy subject, POSIX seconds), one for a thread and one for a meeting's title."""
    said = [(tidy.subject(t.subject), t.mails[-1].at) for t in tie.threads]
    met = {titles[c.fact]: c.at for c in tie.contacts if c.meeting and c.fact in titles}
    return said + [(tidy.subject(title), at) for title, at in met.items()]


def name_words(names: Mapping[str, Mapping[str, int]]) -> frozenset[str]:
    """The words of everybody's names: they are no topics."""
    return frozenset(w.strip(".,'\"()").casefold() for known in names.values() for name in known for w in name.split())


def weighed(counts: Mapping[int, Counts], person: int, spread: Mapping[str, int], people: int) -> tuple[Topic, ...]:
    """The topics of one person, strongest first: what sets them apart among `people`, of whom `spread` know a term."""
    mine = counts.get(person, {})
    found = topics.distinctive({person: mine}, spread, people).get(person, [])
    return tuple(Topic(*topic) for topic in found)


def spread_of(counts: Mapping[int, Counts]) -> dict[str, int]:
    """In how many people's threads each term occurs."""
    spread: dict[str, int] = defaultdict(int)
    for mine in counts.values():
        for term in mine:
            spread[term] += 1
    return dict(spread)


class Studied:
    """A past morning's knowledge, held in memory."""

    def __init__(self, learned: Learned, notes: Collection[Statement] = ()) -> None:
        self.own = frozenset(learned.own)
        self.notices = learned.notices
        self.weights = learned.weights
        self._learned, self._notes = learned, notes
        self._spread = spread_of(learned.counts)
        self._people = {person.id: person for person in learned.people}
        self._ties = {tie.person.id: tie for tie in learned.ties}

    def people(self) -> Sequence[Person]:
        """Everybody who was known."""
        return self._learned.people

    def standings(self) -> Sequence[Standing]:
        """How everybody stood with whom there had been a contact."""
        return self._learned.standings

    def tie(self, person: int) -> Tie:
        """All that had passed with one person."""
        bare = self._ties.get(person) or Tie(self._people[person], ())
        return Tie(bare.person, bare.contacts, bare.threads, self.topics(person), noted(bare.person, self._notes))

    def topics(self, person: int) -> tuple[Topic, ...]:
        """What one had talked about with a person."""
        return weighed(self._learned.counts, person, self._spread, len(self._learned.counts))

    def threads_of(self, facts: Collection[int]) -> Mapping[int, int]:
        """The thread of each of these facts that was in one."""
        return {fact: self._learned.threads[fact] for fact in facts if fact in self._learned.threads}

    def caring(self, terms: Collection[str]) -> frozenset[int]:
        """The people with whom one talked about one of these terms."""
        wanted = frozenset(terms)
        return frozenset(n for n, counts in self._learned.counts.items() if not wanted.isdisjoint(counts))

    def open_talk(self, standing: Standing) -> Tie:
        """The tie with the threads that they ended; all of it is at hand."""
        return self._ties[standing.person]


def noted(person: Person, statements: Iterable[Statement]) -> tuple[str, ...]:
    """What the user noted of a person."""
    return tuple(s.text for s in statements if s.verb == "note" and not set(person.addresses).isdisjoint(s.addresses))
