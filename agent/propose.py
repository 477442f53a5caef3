"""Whom, this morning, and why not the others?"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, takewhile, zip_longest
from typing import Protocol

from agent.boundaries import Case, Rules, cold_favour, fewer, held
from agent.gifts.answer import owed
from agent.model import DAY, Coverage, Held, Morning, Person, Pool, Proposal, Standing, Tie
from agent.proposals import KINDS
from agent.proposals.reconnect import EXCHANGES
from agent.proposals.sentences import welcome_now
from agent.sharing.discretion import unwelcome
from agent.signals.rhythm import leaning, silence
from agent.signals.taste import Taste, traits
from agent.words import count, every, local, long_day, while_

POOLS: Sequence[Pool] = ("owed", "keeping up", "reviving")
"""In this order they take turns: an answer that somebody waits for comes first."""

WITH_A_WORD = frozenset({"reconnect", "revive", "share"})
"""Kinds that bring a word to somebody who went quiet; the others have a day or a matter of their own."""

OWED = frozenset({"answer", "promise", "occasion"})
"""Gifts that are given whatever they are about."""

ONCE = frozenset({"question", "link"})
"""Gifts of which one stands in a digest: a question is the weakest, and of links only great ones are given (001.5)."""

AWAITED = frozenset({"promise", "opportunity", "introduce"})
"""Kinds that bring what they wait for, or go on with what they began; who is warm enough to be introduced was settled
before.
"""

TRIES = 30
"""So many ties are read for each pool at the most; whoever stands lower would not be welcome either."""

MORE = 10
"""So many further ones are read whom the news touch: a link is found by its topic, wherever somebody stands."""

WELCOME = 0.2
"""Below this chance of an answer, silence is the kinder digest."""

ARCHIVE_FRESH = 14
"""Days after an archive's end in which its silences still mean something; later, who knows who wrote since?"""


class Known(Protocol):
    """What a morning asks of what was learned, be it read from the store or studied just now."""

    own: frozenset[str]
    notices: tuple[str, ...]
    weights: tuple[float, ...]

    def people(self) -> Sequence[Person]: ...
    def standings(self) -> Sequence[Standing]: ...
    def tie(self, person: int) -> Tie: ...
    def caring(self, terms: Collection[str]) -> frozenset[int]: ...
    def open_talk(self, standing: Standing) -> Tie: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The proposals, those held back with their reasons, and a sentence where there is no proposal."""

    proposals: tuple[Proposal, ...]
    held: tuple[Held, ...]
    silent_because: str = ""


SHARED = (
    "Somebody else writes from this mailbox too, so nobody can tell which acquaintances are yours. "
    "Say it with `auld person ADDRESS mine` or `auld person ADDRESS not-mine`; until then there is no proposal."
)
"""A wrong proposal would be worse than none."""


SELDOM = (
    "The last digests had no answer, so that there is one on Mondays only. Any answer, or a mail to somebody in one, "
    "brings the others back."
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whom a kind of proposal fits, and how welcome a word would be."""

    kind: str
    case: Case
    welcome: float


def propose(known: Known, morning: Morning, rules: Rules, most: int, coverage: Sequence[Coverage] = ()) -> Outcome:
    """At most `most` proposals, from three pools in turn."""
    if ended := stale_archives(coverage, morning):
        return Outcome((), (), ended)
    if known.notices:
        return Outcome((), (), SHARED)
    found, back = candidates(known, morning, rules)
    wanted = fewer(most, rules, morning)
    chosen = choose(found, known, morning, wanted, rules.unwanted, patient=rules.taste.dislikes_questions)
    silent = "" if chosen else SELDOM if not wanted else why_nothing(found, back)
    return Outcome(chosen, tuple(back), silent)


def candidates(known: Known, morning: Morning, rules: Rules) -> tuple[list[Candidate], list[Held]]:
    """Who fits a kind of proposal: the most welcome first, and those whom a boundary holds back."""
    people = {person.id: person for person in known.people()}
    found, back = [], []
    for standing in known.standings():
        person = people[standing.person]
        for name, kind in KINDS.items():
            if not kind.fits(standing, morning):
                continue
            case = Case(person, standing, kind.POOL, name)
            if reason := held(case, rules, morning):
                back.append(Held(person, name, reason))
            else:
                found.append(Candidate(name, case, welcome_now(standing, morning)))
    return sorted(found, key=lambda c: (-priority(c, morning, rules.taste), c.case.person.id)), back


def priority(candidate: Candidate, morning: Morning, taste: Taste) -> float:
    """In which order a pool is gone through: welcome first, as far as any day will do, swayed by the user's taste."""
    case = candidate.case
    sways = taste.factor(traits(candidate.kind, case.person, silence(case.standing, morning.now)))
    return candidate.welcome * KINDS[candidate.kind].weight(case.standing, morning) * sways


def choose(
    found: Iterable[Candidate],
    known: Known,
    morning: Morning,
    most: int,
    once: Collection[str] = (),
    *,
    patient: bool = False,
) -> tuple[Proposal, ...]:
    """The best of each pool in turn, as long as they do not read the same and hold one question at the most; of the
    kinds in `once`, one. `patient`: a mere question comes after all that brings something.
    """
    chosen: list[Proposal] = []
    if not most:
        return ()

    def asked_out() -> bool:
        """Whether nothing but questions is left to give, and one is asked: then no further tie need be read."""
        if morning.interested or morning.almanac.events:
            return False
        return any(proposal.gift.kind == "question" for proposal in chosen)

    by_pool: dict[Pool, Iterator[Proposal]] = {
        pool: takewhile(
            lambda one, pool=pool: pool == "owed" or one.kind not in WITH_A_WORD or not asked_out(),  # type: ignore[misc]
            questions_last(proposals([c for c in found if c.case.pool == pool], known, morning), patient=patient),
        )
        for pool in POOLS
    }
    for turn in zip_longest(*by_pool.values()):
        for proposal in turn:
            again = proposal and proposal.kind in once and any(proposal.kind == other.kind for other in chosen)
            if proposal and not again and len(chosen) < most and stands_beside(proposal, chosen):
                chosen.append(proposal)
        if len(chosen) >= most:
            break
    return tuple(chosen)


def proposals(found: Sequence[Candidate], known: Known, morning: Morning) -> Iterator[Proposal]:
    """The proposals of one pool, in the order of their candidates; a tie is read only when its turn comes."""
    for candidate in in_turn(found, morning):
        if worth_reading(candidate, known, morning):
            tie = known.tie(candidate.case.person.id)
            proposal = KINDS[candidate.kind].propose(tie, candidate.case.standing, morning)
            if proposal and not forbidden(proposal, candidate.case.standing, morning):
                yield proposal


def in_turn(found: Sequence[Candidate], morning: Morning) -> Iterator[Candidate]:
    """Those of a pool whose turn comes: the most welcome to whom anything may be given, and some whom news touch."""
    some = [c for c in found if welcomed(c.kind, c.welcome) and promising(c, morning)]
    touched = (c for c in some[TRIES:] if c.case.standing.person in morning.interested)
    return chain(some[:TRIES], islice(touched, MORE))


def promising(candidate: Candidate, morning: Morning) -> bool:
    """Whether something may be given at all, before anything is read: where news may fit or the last word was the
    user's (of theirs, headers do not tell what it left open).
    """
    standing = candidate.case.standing
    if candidate.kind not in WITH_A_WORD or standing.person in morning.interested or morning.almanac.events:
        return True
    return morning.texts or standing.last_mine >= standing.last_theirs


def forbidden(proposal: Proposal, standing: Standing, morning: Morning) -> str:
    """Why what there would be to give is not given, in a sentence."""
    if topic := brings_up(proposal, morning):
        return f"Your config says never: topic: {topic}."
    return cold_favour(proposal.gift, standing, morning)


def brings_up(proposal: Proposal, morning: Morning) -> str:
    """The topic that the user does not want to bring up, and that this would; what is owed is owed whatever it is."""
    return "" if proposal.gift.kind in OWED else unwelcome(proposal.gift, morning.unwelcome)


def questions_last(found: Iterator[Proposal], *, patient: bool) -> Iterator[Proposal]:
    """The same, or with the first question behind all that brings something; there is one at the most anyway."""
    asked: list[Proposal] = []
    for proposal in found:
        if patient and proposal.gift.kind == "question":
            asked.append(proposal)
        else:
            yield proposal
    yield from asked[:1]


def welcomed(kind: str, welcome: float) -> bool:
    """Whether a word would be welcome: what was promised or offered is, however seldom they answer."""
    return kind in AWAITED or welcome >= WELCOME


def worth_reading(candidate: Candidate, known: Known, morning: Morning) -> bool:
    """Whether all of a tie need be read: of those who asked only where their open threads hold a question."""
    if candidate.kind != "reply":
        return True
    standing = candidate.case.standing
    return owed(known.open_talk(standing), standing, morning) is not None


def stands_beside(proposal: Proposal, chosen: Iterable[Proposal]) -> bool:
    """One person once, one question and one link at the most, and no gift twice; two may have a birthday on one day."""
    for other in chosen:
        same = (other.gift.kind, other.gift.subject) == (proposal.gift.kind, proposal.gift.subject)
        if other.person.id == proposal.person.id or (same and proposal.gift.kind != "occasion"):
            return False
        if not {c.fact for c in other.gift.cites}.isdisjoint(c.fact for c in proposal.gift.cites):
            return False
        if other.gift.kind == proposal.gift.kind and proposal.gift.kind in ONCE:
            return False
    return True


def stale_archives(coverage: Sequence[Coverage], morning: Morning) -> str:
    """Why nothing can be said: all that is known are archives that ended long ago."""
    if not coverage or not all(c.archive for c in coverage):
        return ""
    end = max(c.end for c in coverage)
    if morning.now - end <= ARCHIVE_FRESH * DAY:
        return ""
    day = local(end, morning.zone)
    return (
        f"Your archive ends on {long_day(day)}; nobody can tell who wrote since. "
        f"`auld digest --now {day.isoformat()}` shows that morning."
    )


def why_nothing(found: Sequence[Candidate], back: Sequence[Held]) -> str:
    """Why there is no proposal, in a sentence."""
    if found:
        return (
            f"{len(found)} people might be written to, but there is nothing to give them today: no gift, no proposal."
        )
    if back:
        return f"{len(back)} people might be written to; each was held back for a reason (`auld why NAME` tells it)."
    return "Nobody has gone quiet whom you would want to hear from: nothing to do."


def why(person: Person, known: Known, morning: Morning, rules: Rules, chosen: Iterable[Proposal]) -> list[str]:
    """Why this person is proposed, or is not, from the same numbers that decided: the first sentence weighs most."""
    standing = next((s for s in known.standings() if s.person == person.id), Standing(person.id))
    for proposal in chosen:
        if proposal.person.id == person.id:
            return [
                f"Proposed today: {proposal.why} {proposal.gift.says}",
                *swayed([proposal.kind], person, standing, morning, rules),
            ]
    upkeep = held(Case(person, standing, "keeping up"), rules, morning)
    if not standing.last:
        return [upkeep or "There was no contact between you two that could be kept up."]
    fitting = [name for name, kind in KINDS.items() if kind.fits(standing, morning)]
    said = [reason_of(name, person, standing, known, morning, rules) for name in reversed(fitting)]
    lines = [sentence for _, sentence in sorted(said, key=lambda pair: pair[0])]
    if not any(rank < EMPTY for rank, _ in said) and WITH_A_WORD.isdisjoint(fitting):
        lines.insert(0, upkeep or unfit(standing, morning))
    return list(dict.fromkeys([*lines, *swayed(fitting, person, standing, morning, rules)]))


def swayed(kinds: Iterable[str], person: Person, standing: Standing, morning: Morning, rules: Rules) -> Iterator[str]:
    """What was learned of the user's taste, where it moved this person among those who may be proposed."""
    for kind in kinds:
        if held(Case(person, standing, KINDS[kind].POOL, kind), rules, morning):
            continue
        if says := rules.taste.says(traits(kind, person, silence(standing, morning.now))):
            yield says
            return


OUTRANKED, HELD, COOL, EMPTY = range(4)
"""How much a reason tells: what was nearly proposed first, what lacks a gift last."""


def reason_of(
    name: str, person: Person, standing: Standing, known: Known, morning: Morning, rules: Rules
) -> tuple[int, str]:
    """Why one fitting kind of proposal was not made for this person, and how much that tells."""
    kind = KINDS[name]
    if reason := held(Case(person, standing, kind.POOL, name), rules, morning):
        return HELD, reason
    proposal = kind.propose(known.tie(person.id), standing, morning)
    if not proposal:
        return EMPTY, kind.NEEDS
    if reason := forbidden(proposal, standing, morning):
        return HELD, reason
    if not welcomed(name, welcome_now(standing, morning)):
        return COOL, "Too little came back from them so far: a word would hardly be welcome."
    return OUTRANKED, "There would be something to give, but others come first today."


def unfit(standing: Standing, morning: Morning) -> str:
    """Why a tie fits no kind of proposal."""
    mine, theirs = count(standing.mine, "mail"), count(standing.theirs, "mail")
    if min(standing.mine, standing.theirs) < EXCHANGES:
        return f"Too little passed between you two for a proposal: {mine} from you, {theirs} from them."
    silent = while_(silence(standing, morning.now))
    usual = leaning(standing, morning.usual)
    return f"You were in contact {silent} ago, and {every(usual)} is usual for you two: there is no hurry."
