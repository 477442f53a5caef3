"""Why not? Each boundary gives a reason to hold a proposal back, as a sentence to the user, or nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from agent.agenda import FULL
from agent.model import DAY, FORTNIGHT, Gift, Morning, Person, Pool, Shown, Standing, Statement
from agent.signals.logged import LOGGED
from agent.signals.rhythm import silence
from agent.signals.taste import Taste
from agent.words import local, number, on, while_
from nlp import asks, tone

WEEK = 7 * DAY
"""A person stands in a digest at most once a week (product.md, "The digest")."""

QUARTER = 91 * DAY
"""What was ignored twice rests for a quarter; so does "not now"."""

RECENT = 14
"""Days: who was in contact within these needs no proposal, an answer owed aside."""

SEEN = 0.7
"""The share of the fortnights of a silence in which the user's own mail must be there; one more may always lack."""

COLD = 365
"""Days of silence after which whoever asks for something asks out of the blue (004.5)."""

UNANSWERED = 2
"""After this many days of writing without an answer one stops, and says so (001.0c). It reopens when they write."""


PUT_OFF = 4
"""So many proposals of a kind put off in a row say that the kind is not wanted; fewer may be chance."""

FEW, SELDOM = 10, 20
"""Digests without any answer after which there is one person at most, and that on Mondays only: a fortnight and a month
of working days. Whoever does not read them is not to be sent more of them."""

PROFESSIONAL = frozenset({"introduce", "opportunity", "share"})
"""Kinds of proposals that hand work's matters on: to introduce, to pass something on, to share what is new."""

WISHED = 3
"""Days: as long as a wish may be proposed before its day."""

MONDAY = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What the user set and said, and what was shown to them before."""

    never: tuple[str, ...] = ()  # addresses, patterns and names, from the config
    statements: tuple[Statement, ...] = ()
    shown: tuple[Shown, ...] = ()
    wrote: Mapping[str, int] = field(default_factory=dict)  # address -> the user's last mail to it, of those shown
    unanswered: int = 0  # digests by mail since the user last answered one, or wrote to somebody in one
    taste: Taste = field(default_factory=Taste)  # whom and when the user likes to be told of, as they decided so far
    _named: frozenset[str] = field(init=False, repr=False, compare=False)
    """Of whom the user said something or was shown something: of most people neither."""
    unwanted: frozenset[str] = field(init=False, compare=False)
    """The kinds of proposals that the user always puts off."""

    def __post_init__(self) -> None:
        said = (address for statement in self.statements for address in statement.addresses)
        seen = (address for shown in self.shown for address in shown.addresses)
        object.__setattr__(self, "_named", frozenset((*said, *seen)))
        kinds = {shown.kind for shown in self.shown}
        object.__setattr__(self, "unwanted", frozenset(kind for kind in kinds if put_off(kind, self)))

    def said(self, person: Person, *verbs: str) -> list[Statement]:
        """What the user said of this person, newest first. A sentence hangs on addresses and follows them."""
        if self._named.isdisjoint(person.addresses):
            return []
        mine = set(person.addresses)
        said = [s for s in self.statements if s.verb in verbs and not mine.isdisjoint(s.addresses)]
        return sorted(said, key=lambda s: (s.at, s.id), reverse=True)

    def showings(self, person: Person) -> list[Shown]:
        """The digests in which this person stood, newest first."""
        if self._named.isdisjoint(person.addresses):
            return []
        mine = set(person.addresses)
        return sorted((s for s in self.shown if not mine.isdisjoint(s.addresses)), key=lambda s: s.at, reverse=True)


@dataclass(frozen=True, slots=True)
class Case:
    """One person who might be proposed, and the pool they would come from."""

    person: Person
    standing: Standing
    pool: Pool
    kind: str = ""  # the name of the proposal's module in agent.proposals


Boundary = Callable[[Case, Rules, Morning], str]


def matches(pattern: str, person: Person) -> bool:
    """Whether a line of `never` means this person: an address, a pattern of addresses, a bare domain, or the name."""
    wanted = pattern.strip().casefold()
    if "@" in wanted:
        return any(fnmatchcase(a, wanted) for a in person.addresses)
    if "." in wanted and " " not in wanted:
        return any(a.rpartition("@")[2] == wanted or a.endswith("." + wanted) for a in person.addresses)
    return wanted == person.name.casefold()


def is_the_user(case: Case, rules: Rules, morning: Morning) -> str:
    """Nobody needs to be told to write to themselves."""
    return "This is you." if not morning.own.isdisjoint(case.person.addresses) else ""


def is_no_person(case: Case, rules: Rules, morning: Morning) -> str:
    """Machines, lists and senders of mailings are not written to."""
    person = case.person
    return f"{person.name} is a {person.kind}, not a person: {person.because}" if person.kind != "person" else ""


def never(case: Case, rules: Rules, morning: Morning) -> str:
    """The user said: not this one."""
    for pattern in rules.never:
        if matches(pattern, case.person):
            return f"Your config says never: {pattern}"
    if said := rules.said(case.person, "never"):
        return f"You said never, on {on(said[0].at, morning.now, morning.zone)}."
    return ""


def personal(case: Case, rules: Rules, morning: Morning) -> str:
    """Whom the user called personal is left out of all that is work's (002.4); a word to them is open to all."""
    if case.person.sphere == "personal" and case.kind in PROFESSIONAL:
        return f"You called {case.person.name} personal, so that nothing of work is proposed."
    return ""


def not_yet(case: Case, rules: Rules, morning: Morning) -> str:
    """The user said: later, or not now."""
    for said in rules.said(case.person, "later", "not now"):
        if said.until > morning.now:
            return f"You said {said.verb}: not before {on(said.until, morning.now, morning.zone)}."
    return ""


def waiting(case: Case, morning: Morning) -> list[int]:
    """Since when what is owed to this person waits, in POSIX seconds: each thing that may be meant."""
    person, today = case.person.id, morning.almanac
    if case.kind == "promise":
        return [today.promises[person].at] if person in today.promises else []
    if case.kind == "opportunity":
        return [today.errands[person].about.at] if person in today.errands else []
    return [at for _, at in case.standing.open]


def under_way(case: Case, rules: Rules, morning: Morning) -> str:
    """Whoever was written to after an opportunity was proposed was probably asked, told or thanked."""
    errand = morning.almanac.errands.get(case.person.id)
    if case.kind != "opportunity" or not errand:
        return ""
    shown = [s.at for s in rules.showings(case.person) if s.kind == case.kind and s.at >= errand.about.at]
    if not shown or case.standing.last_mine <= min(shown):
        return ""
    return f"You wrote to them since; `auld opportunity {errand.about.number}` and how it went goes on from there."


def done(case: Case, rules: Rules, morning: Morning) -> str:
    """The user said: done. It counts as a contact of that day."""
    if case.kind == "introduce":  # how far that is, is known there (`agent.introducing.pairs`)
        return ""
    waits = waiting(case, morning) if case.pool == "owed" else []
    for said in rules.said(case.person, "done"):
        if waits and all(at <= said.at for at in waits):
            return f"You said done, on {on(said.at, morning.now, morning.zone)}."
        if not waits and morning.now - said.at < (WISHED if case.kind == "occasion" else 30) * DAY:
            return f"You said done, on {on(said.at, morning.now, morning.zone)}."
    return ""


def just_in_contact(case: Case, rules: Rules, morning: Morning) -> str:
    """There is no need to hurry on a conversation that goes on by itself."""
    if case.kind == "introduce":  # whoever is in touch is not in touch about that
        return ""
    deleted = max((morning.deleted.get(address, 0) for address in case.person.addresses), default=0)
    if case.pool == "owed":  # that mail, or that word, may have been the answer
        waits = waiting(case, morning)
        since = deleted if case.kind == "opportunity" else max(deleted, spoke(case.person, rules))
        return "You were in contact since." if since and waits and all(at < since for at in waits) else ""
    if case.kind == "occasion":  # a day of theirs is worth a word whatever passed last week, a word of today aside
        wrote = morning.now - max(case.standing.last_mine, deleted, spoke(case.person, rules)) < DAY
        return "You were in contact within a day." if wrote else ""
    days = (morning.now - max(case.standing.last, deleted)) / DAY
    if days < RECENT:
        return f"You were in contact {while_(days)} ago."
    return ""


def spoke(person: Person, rules: Rules) -> int:
    """When the user last logged a word with this person, in POSIX seconds; 0 = never."""
    return max((said.until for said in rules.said(person, *LOGGED)), default=0)


def once_a_week(case: Case, rules: Rules, morning: Morning) -> str:
    """The same person is not proposed again within a week."""
    for shown in rules.showings(case.person):
        if 0 <= morning.now - shown.at < WEEK:
            return f"Proposed on {on(shown.at, morning.now, morning.zone)}; once a week is enough."
    return ""


def ignored_twice(case: Case, rules: Rules, morning: Morning) -> str:
    """What was left alone twice rests for a quarter."""
    shown = [s for s in rules.showings(case.person) if s.at > max(case.standing.last_mine, spoke(case.person, rules))]
    if len(shown) >= 2 and morning.now - shown[0].at < QUARTER:
        return f"Proposed twice and left alone; it rests until {on(shown[0].at + QUARTER, morning.now, morning.zone)}."
    return ""


def put_off(kind: str, rules: Rules) -> bool:
    """Whether the user put off the last few proposals of a kind that they answered at all."""
    answered: list[bool] = []
    for shown in sorted(rules.shown, key=lambda s: s.at, reverse=True):
        if shown.kind == kind and len(answered) < PUT_OFF:
            wrote = any(rules.wrote.get(address, 0) > shown.at for address in shown.addresses)
            if wrote or _followed(shown, rules, "done", *LOGGED):
                return False
            if _followed(shown, rules, "later", "not now"):
                answered.append(True)
    return len(answered) == PUT_OFF


def _followed(shown: Shown, rules: Rules, *verbs: str) -> bool:
    """Whether the user said one of these of somebody within the fortnight after they were shown."""
    return any(
        said.verb in verbs
        and 0 <= said.at - shown.at <= FORTNIGHT
        and not set(said.addresses).isdisjoint(shown.addresses)
        for said in rules.statements
    )


def unwanted_kind(case: Case, rules: Rules, morning: Morning) -> str:
    """What the user always puts off comes once a week and no oftener: it is not known whether they want it at all."""
    if case.kind not in rules.unwanted:
        return ""
    if any(s.kind == case.kind and 0 <= morning.now - s.at < WEEK for s in rules.shown):
        return (
            f"You put off the last {number(PUT_OFF)} proposals of this kind, so that one a week is enough. "
            "Writing to one of them brings the others back."
        )
    return ""


def silent_since(shown: Iterable[Shown], statements: Iterable[Statement], wrote: Mapping[str, int]) -> int:
    """How many of these digests came after the user last said anything, or wrote to somebody in one."""
    seen = list(shown)
    lives = [said.at for said in statements]
    lives += [wrote.get(address, 0) for s in seen for address in s.addresses if wrote.get(address, 0) > s.at]
    last = max(lives, default=0)
    return len({s.day for s in seen if s.at > last})


def fewer(most: int, rules: Rules, morning: Morning) -> int:
    """How many people at most, as the user answers digests or does not, on this day of the week, and as their week
    is full or not (002.13).
    """
    if rules.unanswered >= SELDOM and local(morning.now, morning.zone).weekday() != MONDAY:
        return 0
    idle = local(morning.now, morning.zone).weekday() in rules.taste.idle
    return min(most, 1) if rules.unanswered >= FEW or morning.taken >= FULL or idle else most


def stop_pushing(case: Case, rules: Rules, morning: Morning) -> str:
    """Whoever does not answer is left in peace until they write."""
    owes = case.pool == "owed" and case.kind not in PROFESSIONAL  # what is owed is no pushing
    if not owes and case.standing.unanswered >= UNANSWERED:
        return "Your last mails had no answer. It reopens when they write."
    return ""


def unseen(case: Case, rules: Rules, morning: Morning) -> str:
    """A silence is one only where the user's own mail of that time is there: a gap in the archive is none."""
    if case.kind == "introduce":
        return ""
    if case.pool == "owed" or case.kind == "occasion" or morning.written is None:  # no silence is claimed
        return ""
    passed = range(case.standing.last // FORTNIGHT, morning.now // FORTNIGHT + 1)
    if sum(n in morning.written for n in passed) + 1 < SEEN * len(passed):
        return "Much of your own mail since then is not here, so nobody can tell whether you two were silent."
    return ""


def unread(case: Case, rules: Rules, morning: Morning) -> str:
    """Where an account is not read up to now, somebody may have written there yesterday."""
    for account in morning.behind:
        if account.everybody or not account.people.isdisjoint(case.person.addresses):
            return f"{account.says} Nobody can tell whether you two were in contact since."
    return ""


def nameless(case: Case, rules: Rules, morning: Morning) -> str:
    """Behind a mere handle may be anybody."""
    name = case.person.name
    return f"Nobody says who {name} is." if " " not in name and any(c.isdigit() for c in name) else ""


def cold_favour(gift: Gift, standing: Standing, morning: Morning) -> str:
    """After years of silence nothing is asked of anybody: what there is to give must give."""
    quiet = silence(standing, morning.now)
    if quiet < COLD or not (tone.asks_favour(gift.opener) or asks.asks_a_favour(gift.subject)):
        return ""
    return f"After {while_(quiet)} of silence it would ask a favour out of the blue."


BOUNDARIES: Sequence[Boundary] = (
    is_the_user,
    is_no_person,
    never,
    personal,
    not_yet,
    done,
    just_in_contact,
    under_way,
    once_a_week,
    ignored_twice,
    stop_pushing,
    unread,
    unseen,
    nameless,
    unwanted_kind,
)


def held(case: Case, rules: Rules, morning: Morning, boundaries: Iterable[Boundary] = BOUNDARIES) -> str:
    """The first reason to hold this one back; empty when there is none."""
    return next((reason for boundary in boundaries if (reason := boundary(case, rules, morning))), "")
