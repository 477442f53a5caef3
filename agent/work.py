"""What happens in the morning, in order: propose, compose, deliver. Pulled and learned it is by now."""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from heapq import merge

from agent import decisions, post, tokens
from agent.boundaries import FEW, Rules, silent_since
from agent.digest.compose import as_mail, compose
from agent.fresh import learn, studied
from agent.gifts.link import NEWS_AGE
from agent.learn import Studied, noted, threads_in
from agent.mailing import Mailing
from agent.model import (
    DAY,
    FORTNIGHT,
    Behind,
    Coverage,
    Digest,
    Fact,
    Morning,
    Person,
    Shown,
    Standing,
    Statement,
    Tie,
)
from agent.news import news
from agent.outputs import Output
from agent.outputs.stdout import Stdout
from agent.propose import Known, Outcome, propose
from agent.pull import Pulled, tour
from agent.schedule import Lane, overdue
from agent.signals.contacts import contacts, passed
from agent.signals.reciprocity import FLOW, flow
from agent.signals.rhythm import others_gap
from agent.store.store import Store
from agent.words import local, long_day, number, on
from config.settings import INBOXES, Settings

__all__ = ["Made", "Pulled", "Remembered", "deliver", "learn", "make", "sample", "send", "studied", "tour"]

SILENT = 3 * 365
"""Days for which it is looked up whether the user's own mail is there; longer silences are not proposed to end."""

MONDAY = 0
"""On this day of the week a digest is sent even with nobody in it: so that one knows that auld still runs."""

TEST, TESTED = "Test", "This is a test of the way that the digest takes. It counts for nothing."

LATE = 2 * DAY
"""Seconds without a complete round after which an account no longer tells who wrote (`sync.md`, 5.11)."""

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
        within = store.facts_of({c.thread for c in passed if c.thread})
        among = [f for f in met if f.id in within]
        others = store.facts(until=self._until, ids=within.keys() - {f.id for f in among})
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in merge(among, others, key=lambda f: (f.at, f.id)):
            members[within[fact.id]].append(fact)
        threads = threads_in(passed, members, store.opened_by(members))
        return Tie(whom, passed, threads, store.topics(person), noted(whom, self._notes))

    def open_talk(self, standing: Standing) -> Tie:
        """Of the tie that stands so only the threads that they ended: a few mails, where the whole may be thousands."""
        store, whom = self._store, self._people[standing.person]
        within = store.facts_of([thread for thread, _ in standing.open])
        members: dict[int, list[Fact]] = defaultdict(list)
        for fact in store.facts(until=self._until, ids=within):
            members[within[fact.id]].append(fact)
        passed = contacts(whom, [f for mails in members.values() for f in mails], self.own, within, self._until)
        return Tie(whom, passed, threads_in(passed, members, store.opened_by(members)))


def morning_of(
    known: Known, store: Store, at: int, zone: tzinfo, accounts: tuple[Behind, ...] = (), texts: bool = False
) -> Morning:
    """What holds for every tie on the morning of `at`, in POSIX seconds; `accounts` are those that are behind, and
    `texts` says whether the user lets texts be read.
    """
    people = {a: person for person in known.people() for a in person.addresses}
    recent = list(store.facts(until=at, since=at - NEWS_AGE * DAY, marked=True))
    written = store.written(known.own, at - SILENT * DAY, at, FORTNIGHT)
    gap = others_gap(known.standings())
    pieces = news(recent, people, known.own)
    came, went = passed(store.facts(until=at, since=at - FLOW * DAY), known.own)
    return Morning(
        now=at,
        zone=zone,
        own=known.own,
        usual=gap,
        news=pieces,
        behind=accounts,
        texts=texts or bool(recent),
        written=written,
        deleted=store.lately(people, at),
        flow=flow(came, went),
        weights=known.weights,
    )


def make(store: Store, settings: Settings, now: datetime, zone: tzinfo, *, past: bool) -> Made:
    """The digest of a morning. Of a past one, everything is studied anew from what was there by then."""
    at = int(now.timestamp())
    known: Known
    if past:
        known = Studied(studied(store, settings.me.addresses, zone, at), store.stated(at))
    else:
        known = Remembered(store, at)
    lanes = [] if past else [lane for lane in store.lanes() if not lane.archive and lane.enabled]
    texts = any(account.read == "text" for account in settings.enabled.values())
    morning = morning_of(known, store, at, zone, behind(store, lanes, at, zone), texts)
    lines = tuple(incomplete(lane, store.said_of(lane.name), at, zone) for lane in overdue(lanes, at))
    day = local(at, zone)
    unheard = [] if past else list(filter(None, [decisions.told(store.unheard(day, at))]))
    shown = tuple(s for s in store.shown(at - REMEMBERED * DAY, at) if s.day != day)
    rules = rules_of(
        settings, known, store.stated(at), shown, {one.day for one in store.letters(date.min) if one.people}
    )
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
        lines=(*known.notices, *lines, *unheard, *quieter(rules, outcome)),
        silent_because=outcome.silent_because,
        archive_ends=ends(coverage, morning),
        replies=replies_are_read(settings),
    )
    return Made(known, morning, rules, outcome, digest, lines)


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
    return Rules(settings.boundaries.never, tuple(stated), tuple(shown), wrote, unanswered)


def quieter(rules: Rules, outcome: Outcome) -> list[str]:
    """Why there is one person at most, where the user never answers."""
    if rules.unanswered < FEW or not outcome.proposals:
        return []
    return [f"One person at most for now, as {number(FEW)} digests had no answer. Any answer brings the others back."]


def nothing_read(settings: Settings, *, past: bool) -> str:
    """Why nobody is known at all, and what to do."""
    if past:
        return "Nothing that was read is as old as that morning."
    if settings.enabled:
        return "Nothing has been read yet. `auld sync` reads your accounts, `auld status` tells how they are."
    return (
        "No account is opted in, so nothing has been read. `auld import FILE --me you@example.org` reads an archive,"
        " `auld config edit` opts a mailbox in."
    )


def behind(store: Store, lanes: Sequence[Lane], at: int, zone: tzinfo) -> tuple[Behind, ...]:
    """The live accounts of which something recent may be missing: long without a complete round, or still coming in."""
    late = [lane for lane in lanes if lane.complete_at is None or at - lane.complete_at > LATE]
    unlisted = store.unlisted()
    coming = {lane.name for lane in lanes if lane.state != "ok" and 0 <= at - unlisted.get(lane.name, 0) <= LATE}
    unseen = {lane.name for lane in late if lane.complete_at is None and lane.begun_at and lane.name not in unlisted}
    says = {**dict.fromkeys(unseen, "could not be read yet."), **dict.fromkeys(coming, "is still being read.")}
    seen = store.parties_of({lane.name for lane in late} - says.keys())
    return (
        *(Behind(lane.name, f"{lane.name} {says[lane.name]}", frozenset(), everybody=True) for lane in lanes
          if lane.name in says),
        *(Behind(lane.name, since(lane, at, zone), seen[lane.name]) for lane in late if lane.name not in says),
    )  # fmt: skip


def since(lane: Lane, at: int, zone: tzinfo) -> str:
    """How long an account is behind, in a sentence."""
    if lane.complete_at is None:
        return f"{lane.name} was never read to its end."
    return f"{lane.name} was last read to its end on {on(lane.complete_at, at, zone)}."


def incomplete(lane: Lane, why: str, at: int, zone: tzinfo) -> str:
    """One line on an account that had no complete round for a day."""
    return " ".join(filter(None, (since(lane, at, zone), why)))


def newest_of(store: Store, until: int) -> int:
    """When the last thing passed before `until`: that more came later is not known on that morning."""
    for since in (until - NEWS_AGE * DAY, 0):  # nearly always it was lately
        if last := deque(store.facts(until=until, since=since), maxlen=1):
            return last[0].at
    return 0


def ends(coverage: Sequence[Coverage], morning: Morning) -> str:
    """How far the archives reach, where that is not up to now: what came after, nobody saw."""
    if not coverage or not all(c.archive for c in coverage):
        return ""
    end = max(c.end for c in coverage)
    if morning.now - end < DAY:
        return ""
    return f"Your archive ends on {long_day(local(end, morning.zone))}; what came after it is not seen."


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
        told = tuple(line.partition(" ")[0] for line in made.lines)
        known = last.told if last else ()
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
