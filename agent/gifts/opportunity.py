"""What was offered that would suit somebody else, and who has to be asked, told or thanked next?

The user notes it (`auld opportunity`), and says how it goes on: whoever offered it is asked before anybody hears of it
(001.4). What the user says is kept as statements whose text is JSON; those to whom it went stand in one of their own.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.gifts.cited import cite
from agent.model import Citation, Errand, Gift, Morning, Opportunity, Person, Standing, Statement, Tie, Topic
from agent.signals.interests import subject_terms, terms_within
from agent.words import clipped, first_name
from nlp import match

VERB = "opportunity"

NEXT: Mapping[str, tuple[str, ...]] = {
    "offered": ("asked", "yes", "no"),
    "asked": ("yes", "no"),
    "yes": ("passed", "no"),
    "no": ("yes",),
    "passed": ("passed", "thanked"),
    "thanked": (),
}
"""State -> what it can become: nothing is passed on before its giver said yes."""

FIT = 0.25
"""Cosine of its words with what somebody cares about (as for news); below it, silence."""

TELLING = 2
"""Single words that it shares with somebody; fewer are chance, unless it is a phrase."""

OFTEN = 2
"""Threads that make a topic: once is chance."""

RECEIVERS = 3
"""Whom it suits best; more would be a mailing."""

EXCHANGES, UNANSWERED = 2, 2
"""Mails each way that make an acquaintance; and whoever left as many mails unanswered is left in peace."""

SHOWN = 120
"""Characters of its words in a sentence."""


def opportunities(statements: Iterable[Statement]) -> list[Opportunity]:
    """All that were noted, oldest first, each as far as it has come."""
    found: dict[int, Opportunity] = {}
    to: dict[int, tuple[str, ...]] = {}  # named, and then said to be passed on
    for said in statements:
        told = _told(said)
        number, state = told.get("id"), told.get("state")
        if not isinstance(number, int):
            continue
        one = found.get(number)
        if state == "offered":
            says = " ".join(str(told.get("says", "")).split())
            found[number] = Opportunity(number, said.addresses, says, said.at, "offered", said.at)
        elif state == "to":
            to[number] = said.addresses
        elif one and state in NEXT[one.state]:
            whom = (to.pop(number),) if state == "passed" and number in to else ()
            found[number] = replace(one, state=state, at=said.at, receivers=(*one.receivers, *whom))
    return list(found.values())


def next_number(statements: Iterable[Statement]) -> int:
    """The number of the next one; none is given twice while anything is said of it."""
    return 1 + max((n for said in statements if isinstance(n := _told(said).get("id"), int)), default=0)


def noted(number: int, state: str, says: str = "") -> str:
    """The text of a statement."""
    return json.dumps({"id": number, "state": state} | ({"says": says} if says else {}), ensure_ascii=False)


def in_words(said: Statement) -> str:
    """A statement as one reads it: "1: passed", "1: offered, A stall at the fair"."""
    told = _told(said)
    return ", ".join(filter(None, (f"{told.get('id', '')}: {told.get('state', '')}", str(told.get("says", "")))))


def _told(said: Statement) -> Mapping[str, Any]:
    if said.verb != VERB:
        return {}
    try:
        told = json.loads(said.text)
    except ValueError:  # a name in it was forgotten
        return {}
    return told if isinstance(told, dict) else {}


def errands(
    noted: Iterable[Opportunity],
    people: Iterable[Person],
    standings: Iterable[Standing],
    topics: Callable[[int], Sequence[Topic]],
) -> dict[int, Errand]:
    """For each person (by number) what is to be done next, the oldest first; `topics` tells a person's."""
    known = list(people)
    owners = {address: person for person in known for address in person.addresses}
    found: dict[int, Errand] = {}
    waiting = [one for one in noted if one.state in ("offered", "yes", "passed")]
    stands = {standing.person: standing for standing in standings} if waiting else {}
    for one in waiting:
        giver = next((owners[a] for a in one.giver if a in owners), None)
        if giver is None:
            continue
        if one.state != "yes":
            found.setdefault(giver.id, Errand("ask" if one.state == "offered" else "thank", one))
            continue
        some = [person for person in known if receives(person, giver, stands.get(person.id))]
        for number, fit in suited(one.says, {person.id: topics(person.id) for person in some}):
            found.setdefault(number, Errand("pass on", one, fit))
    return found


def receives(person: Person, giver: Person, standing: Standing | None) -> bool:
    """Whether the user may be told to pass something on to this person: an acquaintance, not one called personal, who
    answers.
    """
    if person.kind != "person" or person.id == giver.id or person.sphere == "personal" or standing is None:
        return False
    return min(standing.mine, standing.theirs) >= EXCHANGES and standing.unanswered < UNANSWERED


def suited(says: str, topics: Mapping[int, Sequence[Topic]]) -> list[tuple[int, float]]:
    """Whom these words suit best, by number, with how well: 0 to 1. Words that are nobody's topic say nothing."""
    terms = dict.fromkeys(terms_within(says), 1.0)
    profiles = {n: {t.term: float(t.threads) for t in some if t.threads >= OFTEN} for n, some in topics.items()}
    telling = {n for n, profile in profiles.items() if tells(terms.keys() & profile.keys())}
    rarity = {t.term: t.weight / t.threads for some in topics.values() for t in some if t.threads}
    found = match.ranking(terms, match.known(profiles, rarity))
    best = [(n, score / match.CENTROID_SHARE) for n, score in found if n in telling]
    return [(n, fit) for n, fit in best if fit >= FIT][:RECEIVERS]


def tells(common: Collection[str]) -> bool:
    """Whether these terms are more than chance: a phrase, or two words."""
    return any(" " in term for term in common) or len(common) >= TELLING


def opportunity(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """What is next with this person: the question to the giver, the offer itself, or the thanks. The drafts name no
    third person.
    """
    errand = morning.almanac.errands.get(tie.person.id)
    if not errand:
        return None
    name, says = clipped(first_name(tie.person.name), 40), clipped(errand.about.says, SHOWN)
    number = errand.about.number
    if errand.step == "ask":
        gives = f"Ask whether you may pass it on; then `auld opportunity {number} asked`."
        draft = f"you told me of this: “{says}”. May I pass it on, if I find somebody whom it suits? "
    elif errand.step == "pass on":
        gives = f"Pass it on, if you think so, too; then `auld opportunity {number} passed` and the name."
        draft = f"this came my way, and I thought of you: “{says}”. Is it something for you? "
    else:
        gives = f"A word of thanks to {name}; then `auld opportunity {number} thanked`."
        draft = f"thank you for this: “{says}”. I have passed it on. "
    return Gift(
        kind="opportunity",
        says=gives,
        opener=f"Hi {name},\n\n{draft}",
        cites=shared(errand, tie, morning) if errand.step == "pass on" else (),
        subject=clipped(errand.about.says, 60),
    )


def shared(errand: Errand, tie: Tie, morning: Morning) -> tuple[Citation, ...]:
    """The newest mail of the two about what was offered."""
    terms = terms_within(errand.about.says)
    about = [t.mails[-1] for t in tie.threads if not terms.isdisjoint(subject_terms(t.subject))]
    return (cite(max(about, key=lambda mail: (mail.at, mail.id)), morning.own, tie),) if about else ()
