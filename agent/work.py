"""What happens in the morning, in order: propose, compose, deliver. Pulled and learned it is by now."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import partial
from heapq import merge

from agent import decisions, post, rest, review, tokens
from agent.almanac import almanac_of
from agent.boundaries import FEW, Rules, silent_since
from agent.digest.compose import as_mail, compose
from agent.fresh import learn, studied
from agent.habits import taste_of
from agent.introducing.circle import Acquaintances, Circle
from agent.introducing.pairs import introductions
from agent.introducing.questions import question
from agent.learn import Studied, noted, threads_in
from agent.mailing import Mailing
from agent.model import (
    DAY,
    Digest,
    Fact,
    Morning,
    Person,
    Shown,
    Standing,
    Statement,
    Tie,
    Topic,
)
from agent.morning import behind, ends, incomplete, morning_of, newest_of
from agent.outputs import Output
from agent.outputs.stdout import Stdout
from agent.propose import Known, Outcome, propose
from agent.pull import Pulled, tour
from agent.schedule import overdue
from agent.sharing.links import within as within_mails
from agent.signals.contacts import contacts
from agent.signals.logged import logged, merged
from agent.store.store import Store
from agent.words import local, number
from config.quiet import spans
from config.settings import INBOXES, Settings

__all__ = ["Made", "Pulled", "Remembered", "deliver", "learn", "make", "sample", "send", "studied", "tour"]

MONDAY = 0
"""On this day of the week a digest is sent even with nobody in it: so that one knows that auld still runs."""

TEST, TESTED = "Test", "This is a test of the way that the digest takes. It counts for nothing."

WORDS = {"imap": ("headers", "text"), "google": ("text",)}
"""Kind of account -> with which `read` an answer to a digest is understood in words. Over IMAP it is read though no
other text is; what Microsoft has in Sent often does not say which mail it answers."""

REMEMBERED = 400
"""Days for which shown digests can still hold something back: a quarter, and room to spare."""


@dataclass(frozen=True, slots=True)
class Made:
    """A morning: what was known, what was proposed, and the mail that says so."""

    known: Known
    morning: Morning
    rules: Rules
    outcome: Outcome
    digest: Digest
    lines: tuple[str, ...] = ()  # what the user should know of the accounts
    quiet: str = ""  # why no digest is sent today, in a sentence; on a screen it is shown all the same
    circle: Circle | None = None  # those who may be introduced to each other


class Remembered:
    """The present's knowledge, read from the store as it is asked for."""

    def __init__(self, store: Store, until: int) -> None:
        self.own = frozenset(store.own())
        self.notices = tuple(store.notices())
        self.weights = store.weights()
        self._store, self._until = store, until
        self._people = {person.id: person for person in store.people()}
        self._standings = store.standings()
        self._notes = store.stated(until)
        self._logged = logged(self._notes, self._people.values(), until)

    def people(self) -> Sequence[Person]:
        """Everybody who is known."""
        return list(self._people.values())

    def standings(self) -> Sequence[Standing]:
        """How everybody stands with whom there was a contact."""
        return self._standings

    def tie(self, person: int) -> Tie:
        """All that passed with one person, read from the facts."""
        store, whom = self._store, self._people[person]
        met = list(store.facts(until=self._until, addresses=whom.addresses))
        passed = contacts(whom, met, self.own, store.threads_of([f.id for f in met]), self._until)
        passed = merged(passed, self._logged.get(person, ()))
        within = store.facts_of({c.thread for c in passed if c.thread})
        among = [f for f in met if f.id in within]
        others = store.facts(until=self._until, ids=within.keys() - {f.id for f in among})
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in merge(among, others, key=lambda f: (f.at, f.id)):
            members[within[fact.id]].append(fact)
        threads = threads_in(passed, members, store.opened_by(members))
        return Tie(whom, passed, threads, store.topics(person), noted(whom, self._notes), within_mails(met))

    def caring(self, terms: Collection[str]) -> frozenset[int]:
        """The people among whose topics one of these terms is."""
        return self._store.caring(terms)

    def topics(self, person: int) -> tuple[Topic, ...]:
        """What one talks about with a person, without reading what passed."""
        return self._store.topics(person)

    def threads_of(self, facts: Collection[int]) -> Mapping[int, int]:
        """The thread of each of these facts that is in one."""
        return self._store.threads_of(facts)

    def open_talk(self, standing: Standing) -> Tie:
        """Of the tie that stands so only the threads that they ended: a few mails, where the whole may be thousands."""
        store, whom = self._store, self._people[standing.person]
        within = store.facts_of([thread for thread, _ in standing.open])
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in store.facts(until=self._until, ids=within):
            members[within[fact.id]].append(fact)
        passed = contacts(whom, [f for mails in members.values() for f in mails], self.own, within, self._until)
        return Tie(whom, passed, threads_in(passed, members, store.opened_by(members)))


def make(store: Store, settings: Settings, now: datetime, zone: tzinfo, *, past: bool) -> Made:
    """The digest of a morning. Of a past one, everything is studied anew from what was there by then."""
    at = int(now.timestamp())
    known: Acquaintances
    if past:
        known = Studied(studied(store, settings.me.addresses, zone, at), store.stated(at))
    else:
        known = Remembered(store, at)
    lanes = [] if past else [lane for lane in store.lanes() if not lane.archive and lane.enabled]
    texts = any(account.read == "text" for account in settings.enabled.values())
    shown = tuple(s for s in store.shown(at - REMEMBERED * DAY, at) if s.day != local(at, zone))
    late = behind(store, lanes, at, zone)
    morning = morning_of(known, store, at, zone, late, texts, shown=shown, bounds=settings.boundaries)
    today = rest.Today() if past else rest.today(store, settings, known.people(), store.stated(at), at, zone)
    almanac = almanac_of(known, store, at, zone, partial(wanted, settings), texts=morning.texts, past=past)
    morning = replace(morning, taken=today.taken, almanac=almanac)
    lines = tuple(incomplete(lane, store.said_of(lane.name), at, zone) for lane in overdue(lanes, at))
    day = local(at, zone)
    unheard = [] if past else list(filter(None, [decisions.told(store.unheard(day, at))]))
    rules = rules_of(
        settings, known, store.stated(at), shown, {one.day for one in store.letters(date.min) if one.people}
    )
    rules = replace(rules, taste=taste_of(known, store, shown, rules.statements, at, day))
    circle = Circle(known, store, morning, rules)
    morning = replace(morning, introductions=introductions(circle))
    asked = question(circle, [s for s in store.shown(at - REMEMBERED * DAY, at, questions=True) if s.day != day])
    says = [asked.says] if asked and not known.notices else []
    season = [*filter(None, [review.due(day, store.delivered_days(at))])]
    newest = newest_of(store, at) if past else at
    coverage = [replace(c, end=min(c.end, newest)) for c in store.coverage() if c.start <= at]
    unread = nothing_read(settings, past=past) if not known.people() else ""
    outcome = Outcome((), (), unread) if unread else propose(known, morning, rules, settings.digest.people, coverage)
    digest = compose(
        outcome.proposals,
        day=day,
        me=next(iter(settings.me.addresses), "") if answers_are_heard(settings) else "",
        zone=zone,
        key=store.key,
        lines=(*known.notices, *lines, *unheard, *quieter(rules, outcome, today.taken, day.weekday()), *says, *season),
        silent_because=outcome.silent_because,
        archive_ends=ends(coverage, morning),
        replies=replies_are_read(settings),
    )
    return Made(
        known, morning, rules, outcome, replace(digest, question=asked if says else None), lines, today.quiet, circle
    )


def wanted(settings: Settings, day: date) -> bool:
    """Whether there is a digest on this day, as the config has it."""
    return settings.digest.on(day) and not any(one.falls_on(day) for one in spans(settings.boundaries.quiet))


def answers_are_heard(settings: Settings) -> bool:
    """Whether there is a Sent store in which an answer by mail would be found."""
    return any(one.kind in INBOXES and getattr(one, "mail", True) for one in settings.enabled.values())


def replies_are_read(settings: Settings) -> bool:
    """Whether a digest may be answered in words: not either where Microsoft may give it another Message-ID."""
    inbox = settings.accounts.get(settings.inbox) if settings.digest.via == "append" else None
    if inbox is not None and inbox.kind == "microsoft":
        return False
    return any(account.read in WORDS.get(account.kind, ()) for account in settings.enabled.values())


def rules_of(
    settings: Settings, known: Known, stated: Sequence[Statement], shown: Sequence[Shown], mailed: Collection[date]
) -> Rules:
    """What the user set and said, and what became of what they were shown; `mailed` are the days of digests by mail."""
    people = {person.id: person for person in known.people()}
    named = {address for s in shown for address in s.addresses}
    wrote = {a: s.last_mine for s in known.standings() for a in people[s.person].addresses if a in named}
    unanswered = silent_since((s for s in shown if s.day in mailed), stated, wrote)
    return Rules(settings.boundaries.people, tuple(stated), tuple(shown), wrote, unanswered)


def quieter(rules: Rules, outcome: Outcome, taken: float = 0.0, weekday: int = 0) -> list[str]:
    """Why there is one person at most, where the user never answers, never on this day (said once), or is in meetings
    all week.
    """
    if not outcome.proposals:
        return []
    if rules.unanswered < FEW:
        return [*filter(None, [rules.taste.says_of_day(weekday)]), *rest.says(taken)]
    return [f"One person at most for now, as {number(FEW)} digests had no answer. Any answer brings the others back."]


def nothing_read(settings: Settings, *, past: bool) -> str:
    """Why nobody is known at all, and what to do."""
    if past:
        return "Nothing that was read is as old as that morning."
    if settings.enabled:
        return "Nothing has been read yet. `auld sync` reads your accounts, `auld status` tells how they are."
    return (
        "No account is opted in, so nothing has been read. `auld init you@example.org` opts a mailbox in,"
        " `auld import FILE --me you@example.org` reads an archive."
    )


def deliver(store: Store, made: Made, me: str, now: datetime, output: Output) -> None:
    """Show the digest on the screen or in a file, as often as one likes; its numbers are then those that one means."""
    digest, at = made.digest, int(now.timestamp())
    mailed = not isinstance(output, Stdout)
    store.mark_shown(digest.day, post.shown(digest, at), digest.message_id, at=at, mailed=mailed)
    output.deliver(digest, as_mail(digest, me, now))
    store.mark_delivered(digest.day, at=at)


def send(
    store: Store,
    make: Callable[[], Made],
    me: str,
    now: datetime,
    zone: tzinfo,
    via: str,
    output: Output,
    *,
    at_once: bool = False,
) -> Mailing:
    """Send the digest of today as a mail, once, where it has something to say (`agent.post.send`)."""

    def letter(last: Mailing | None) -> post.Letter:
        made = make()
        known = last.told if last else ()
        if made.quiet:  # what there is to say of the accounts is said on the day after
            return post.Letter(made.digest, b"", known)
        told = tuple(line.partition(" ")[0] for line in made.lines)
        worth = made.outcome.proposals or made.digest.day.weekday() == MONDAY or set(told) - set(known)
        return post.Letter(made.digest, as_mail(made.digest, me, now) if worth else b"", told)

    return post.send(store, local(int(now.timestamp()), zone), via, output, letter, now, at_once=at_once)


def sample(made: Made, key: bytes, me: str, now: datetime) -> tuple[Digest, bytes]:
    """The digest as a test of its way: marked so, and with a Message-ID of its own."""
    digest = made.digest
    head, _, body = digest.html.partition("<h1")
    tried = replace(
        digest,
        subject=f"{TEST} - {digest.subject}",
        text=f"{TESTED}\n\n{digest.text}",
        mailed=f"{TESTED}\n\n{_tried(digest.mailed)}",
        html=_tried(f"{head}<p>{TESTED}</p>\n<h1{body}" if body else digest.html),
        message_id=tokens.message_id(key, digest.day, f"test {now.isoformat()}"),
        test=True,
    )
    return tried, as_mail(tried, me, now)


def _tried(text: str) -> str:
    """The text with links to answer by that decide nothing: its numbers may be others' than the digest's."""
    return text.replace("subject=auld%20", "subject=auld%20test%20")
