"""Who could help, and may one ask them now?

By what they know (their topics, the user's notes, their card), by who did what for whom, by how warm it is, and by how
often they were asked lately. After a year of silence something is given first: a favour out of the blue is asked of
nobody (004.5). Nothing is sent, and what was needed is not kept.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.boundaries import COLD, UNANSWERED, Case, Rules, held, is_no_person, is_the_user, never
from agent.gifts import first
from agent.gifts.cited import cite
from agent.model import DAY, Citation, Morning, Person, Standing, Thread, Tie, Topic
from agent.proposals.sentences import WITH_A_WORD, welcome_now
from agent.propose import Known
from agent.signals.balance import Balance, Deed, asked_lately, balance
from agent.signals.interests import subject_terms
from agent.signals.rhythm import silence
from agent.words import clipped, first_name, listed, number, on, while_
from nlp import match, tidy, topics
from nlp.words import listed as listed_words
from nlp.words import sensitive

ASKED = 3
"""Conversations that the user began before it is said how many of them were answered."""

LATELY = 60
"""Days in which whoever was asked for something is spared where another could help as well."""

CLEAR = 0.3
"""The margin (`nlp.match.margin`, among those who share a word) from which on somebody stands out: two who fit alike
have none, one who fits half as well again as the next has .4 or more."""

NEAR = 0.4
"""The share of the best fit that others must reach to be named beside it."""

READ = 12
"""Of so many, the best, all that passed is read: whoever fits less would not be named."""

GAVE, TOOK, EACH_TIME, PUSHED, BLUE = 1.25, 0.6, 0.7, 0.3, 0.5
"""What is made of a fit: of those whom the user helped more (001.9, "tap those you helped"), of those to whom the user
owes something, for each time that they were asked lately, where the last mails had no answer, and out of the blue.
Set by hand: nobody's mailbox tells whom one had better asked."""

PLEADING = listed_words(
    "know knows knowing help helper helping need needed advice advise expert expertise experience experienced idea "
    "question answer somebody someone anybody anyone person people friend contact thing something anything good best "
    "work working use using find finding looking look understand speak explain recommend recommendation"
)
"""The words around a need: whoever they speak of is not meant."""

KEEPERS = (is_the_user, is_no_person, never)
"""The boundaries of whom one asks; the others are about mornings."""


@dataclass(frozen=True, slots=True)
class Lore:
    """What is known of what people know, as far as it touches a need."""

    people: int  # of how many
    topics: Mapping[int, Sequence[Topic]]  # of those who share a term with it, all
    notes: Mapping[int, Sequence[str]]  # the user's notes of everybody
    cards: Mapping[int, Sequence[str]]  # organisations and notes of their cards


@dataclass(frozen=True, slots=True)
class Helper:
    """One who could help: why, and what to heed, in sentences that can be checked."""

    person: Person
    says: tuple[str, ...]
    cites: tuple[Citation, ...] = ()
    owes: bool = False  # the user owes them something
    cold: bool = False  # it would come out of the blue: give first
    worth: float = 0.0  # by which they are ordered
    terms: frozenset[str] = frozenset()  # of what the two wrote about it


@dataclass(frozen=True, slots=True)
class Help:
    """Whom one could ask, the best first; `unknown` are the words of the need that speak of nobody."""

    helpers: tuple[Helper, ...]
    clear: bool  # whether the first one stands out
    unknown: tuple[str, ...] = ()


def needed(need: str) -> tuple[str, ...]:
    """The terms of a need: its phrases and nouns; where it has none, its words."""
    [found] = topics.phrases([need])
    return tuple(term for term in found or topics.terms(need) if term not in PLEADING)


def helpers(need: str, lore: Lore, known: Known, morning: Morning, rules: Rules, most: int) -> Help:
    """At most `most` people who could help with it."""
    terms = needed(need)
    people = {person.id: person for person in known.people()}
    standings = {standing.person: standing for standing in known.standings()}
    profiles, rarity = profiled(terms, lore)
    ranked = [
        (number, fit)
        for number, fit in match.ranking(dict.fromkeys(terms, 1.0), match.known(profiles, rarity))
        if number in people and allowed(people[number], standings, rules, morning)
    ]
    words = [term for term in terms if " " not in term] or list(terms)
    if not ranked:
        return Help((), clear=False, unknown=tuple(words))
    near = [(number, fit) for number, fit in ranked[:READ] if fit >= NEAR * ranked[0][1]]
    found = [
        helper(known.tie(number), standings.get(number, Standing(number)), fit / near[0][1], terms, lore, morning)
        for number, fit in near
    ]
    spoken = {term for number, _ in near for term in profiles[number]} | {term for one in found for term in one.terms}
    unknown = tuple(word for word in words if word not in spoken)
    clear = match.margin([fit for _, fit in ranked], len(ranked)) >= CLEAR and len(unknown) * 2 <= len(words)
    return Help(tuple(in_order(found)[:most]), clear, unknown)


def allowed(person: Person, standings: Mapping[int, Standing], rules: Rules, morning: Morning) -> bool:
    """Whether one may be asked at all: a human, not the user, and nobody of whom the user said never."""
    case = Case(person, standings.get(person.id, Standing(person.id)), "keeping up")
    return not held(case, rules, morning, KEEPERS)


def profiled(terms: Sequence[str], lore: Lore) -> tuple[dict[int, dict[str, float]], dict[str, float]]:
    """person -> the terms that speak of them, of all who share one with the need; and how rare each term is."""
    wanted = set(terms)
    profiles: dict[int, dict[str, float]] = {}
    rarity: dict[str, float] = {}
    for person, known in lore.topics.items():
        profiles[person] = {topic.term: float(topic.threads) for topic in known}
        for topic in known:  # who is needed for the alto knows of "alto parts"
            for word in wanted & {*topic.term.split()} - profiles[person].keys():
                profiles[person][word] = float(topic.threads)
        rarity |= {topic.term: topic.weight / max(topic.threads, 1) for topic in known}
    for texts in (lore.notes, lore.cards):
        for person, said in texts.items():
            told = {term for text in said for term in (*topics.terms(text), *subject_terms(text))}
            if person in profiles or not wanted.isdisjoint(told):
                profile = profiles.setdefault(person, {})
                for term in told:
                    profile[term] = profile.get(term, 0.0) + topics.FEWEST_THREADS
    spread = Counter(term for profile in profiles.values() for term in profile)
    rarity |= topics.idf({t: n for t, n in spread.items() if t in wanted or t not in rarity}, max(lore.people, 1))
    return {person: profile for person, profile in profiles.items() if not wanted.isdisjoint(profile)}, rarity


def in_order(found: Iterable[Helper]) -> list[Helper]:
    """The worthiest first, but nobody first to whom the user owes something, as long as there is somebody else."""
    ranked = sorted(found, key=lambda one: (-one.worth, one.person.id))
    free = next((one for one in ranked if not one.owes), None)
    return ranked if free is None else [free, *(one for one in ranked if one is not free)]


def helper(tie: Tie, standing: Standing, fit: float, terms: Sequence[str], lore: Lore, morning: Morning) -> Helper:
    """One person, with all that speaks for asking them now and against it."""
    done = balance(tie, morning.now, standing.gap)
    asked = asked_lately(tie, morning.own, morning.now - LATELY * DAY)
    cold = silence(standing, morning.now) >= COLD
    mute = standing.unanswered >= UNANSWERED
    worth = fit * (1.0 + welcome_now(standing, morning) if standing.last else 1.0)
    if standing.asked >= ASKED:
        worth *= (1.0 + standing.answered / standing.asked) / 2
    worth *= (GAVE if done.helped else TOOK if done.owes else 1.0) * EACH_TIME**asked
    worth *= (PUSHED if mute else 1.0) * (BLUE if cold else 1.0)
    shared, deed = about(tie, terms), telling(done)
    says = [*knows(tie, shared, terms, lore, morning), *stands(standing, morning)]
    if deed:
        says.append(owing(tie, done, deed, morning))
    if asked:
        says.append(f"You asked them for something {times(asked)} in the last two months: spare them if you can.")
    if mute:
        says.append("Your last mails had no answer.")
    if cold:
        says.append(give_first(tie, standing, morning))
    mails = {mail.id: mail for thread in tie.threads for mail in thread.mails}
    shown = [thread.mails[-1] for thread in shared[-1:]] + ([mails[deed.fact]] if deed else [])
    cites = tuple(dict.fromkeys(cite(mail, morning.own, tie) for mail in shown))
    spoken = frozenset(term for thread in shared for term in topics.terms(tidy.subject(thread.subject)))
    return Helper(tie.person, tuple(says), cites, done.owes, cold, worth, spoken)


def about(tie: Tie, terms: Collection[str]) -> list[Thread]:
    """The threads of the two whose subject names what is needed, by their last mail."""
    found = [t for t in tie.threads if touches(t.subject, terms) and not sensitive(t.subject)]
    return sorted(found, key=lambda thread: thread.mails[-1].at)


def touches(text: str, terms: Collection[str]) -> bool:
    """Whether a text names one of the terms."""
    return not subject_terms(text).isdisjoint(terms) or not topics.terms(text).keys().isdisjoint(terms)


def knows(tie: Tie, shared: Sequence[Thread], terms: Sequence[str], lore: Lore, morning: Morning) -> Iterator[str]:
    """What makes them the one to ask."""
    if shared:
        subject = clipped(tidy.subject(shared[-1].subject), 60)
        day = on(shared[-1].mails[-1].at, morning.now, morning.zone)
        if len(shared) > 1:
            yield f"You two wrote about it in {number(len(shared))} conversations, last on {day}: “{subject}”."
        else:
            yield f"You two wrote about it, last on {day}: “{subject}”."
    elif met := [topic.term for topic in tie.topics if topic.term in terms]:
        yield f"You two spoke of {listed(met[:2])}."
    for says, texts in (("You noted", lore.notes), ("Their card says", lore.cards)):
        said = next((text for text in texts.get(tie.person.id, ()) if touches(text, terms)), "")
        if said:
            yield f"{says}: “{clipped(' '.join(said.split()), 80)}”."


def stands(standing: Standing, morning: Morning) -> Iterator[str]:
    """How warm it is, as far as one can tell."""
    if not standing.last:
        yield "You two were not in contact yet, as far as your mail and calendar tell."
        return
    day, quiet = on(standing.last, morning.now, morning.zone), while_(silence(standing, morning.now))
    yield f"You were last in contact on {day}, {quiet} ago."
    if standing.asked >= ASKED:
        answered = (
            "all" if standing.answered == standing.asked else number(standing.answered) if standing.answered else "none"
        )
        yield f"Of {number(standing.asked)} conversations that you began with them they answered {answered}."


def telling(done: Balance) -> Deed | None:
    """The deed that shows who did more, where one of the two did."""
    if done.owes:
        return done.last("them")
    return done.last("me") if done.helped else None


def owing(tie: Tie, done: Balance, deed: Deed, morning: Morning) -> str:
    """Who did more for the other lately, with the newest mail that shows it."""
    name, day = first_name(tie.person.name), on(deed.at, morning.now, morning.zone)
    matter = f" about “{clipped(deed.subject, 60)}”" if deed.subject and not sensitive(deed.subject) else ""
    did = {
        ("answered", "them"): f"{name} answered what you asked{matter}, on {day}",
        ("thanked", "them"): f"you had reason to thank {name}{matter}, on {day}",
        ("offered", "them"): f"{name} offered you something{matter}, on {day}",
        ("answered", "me"): f"you answered what {name} asked{matter}, on {day}",
        ("thanked", "me"): f"{name} thanked you{matter}, on {day}",
        ("offered", "me"): f"you offered {name} something{matter}, on {day}",
    }[deed.way, deed.by]
    if done.owes:
        return f"They did more for you than you for them (last: {did}): give something back first, or ask another."
    return f"You did more for them than they for you (last: {did}): they may be glad to return it."


def give_first(tie: Tie, standing: Standing, morning: Morning) -> str:
    """After years of silence: what to give before anything is asked."""
    quiet = while_(silence(standing, morning.now)) if standing.last else ""
    lead = f"After {quiet} of silence" if quiet else "Before any word between you two"
    gift = first(tie, standing, morning, WITH_A_WORD)
    gives = f"Give something first: {gift.says}" if gift else "Send a word without any request first, and ask later."
    return f"{lead} it would be a favour out of the blue. {gives}"


def times(n: int) -> str:
    """'once', 'twice', 'three times'."""
    return {1: "once", 2: "twice"}.get(n, f"{number(n)} times")
