"""What became of a question elsewhere? Somebody else answered it, or the user passed it on."""

from collections.abc import Iterable

from agent.model import Fact, Meanwhile
from agent.people.names import organisation
from agent.signals.contacts import MOST_RECIPIENTS, by_hand
from nlp import tidy

PASSED_ON = 3 * 86_400
"""Seconds within which a mail that is passed on was dealt with by that; later it is looked up for another reason."""


def settled(asked: Fact, since: Meanwhile) -> bool:
    """Whether the user passed a question on to somebody, or another of those who were asked wrote back."""
    if any(0 <= at - asked.at <= PASSED_ON for at in since.passed_on.get(_named(asked.subject), ())):
        return True
    others = set(asked.recipients)
    return any(at > asked.at and by in others for at, by in since.answered.get(asked.sender, ()))


def meanwhile(facts: Iterable[Fact], own: frozenset[str]) -> Meanwhile:
    """What these facts say of it; `own` are the user's addresses."""
    names = {word for address in own for word in _words_of(address)}
    passed_on: dict[str, list[int]] = {}
    answered: dict[str, list[tuple[int, str]]] = {}
    for fact in facts:
        if fact.meeting or len(fact.recipients) > MOST_RECIPIENTS or not by_hand(fact):
            continue
        if fact.sender in own:
            others = [a for a in fact.recipients if a not in own and not (_at_home(a, own) and names & _words_of(a))]
            if others and not answers(fact.subject):  # some programs forward under the very subject
                passed_on.setdefault(_named(fact.subject), []).append(fact.at)
        elif not own.isdisjoint(fact.recipients):
            for address in fact.to:
                if address not in own:
                    answered.setdefault(address, []).append((fact.at, fact.sender))
    return Meanwhile(
        {subject: tuple(at) for subject, at in passed_on.items()},
        {address: tuple(said) for address, said in answered.items()},
    )


def answers(subject: str) -> bool:
    """Whether a mail answers one, rather than passes it on."""
    return tidy.is_reply(subject) and not tidy.is_forward(subject)


def _at_home(address: str, own: frozenset[str]) -> bool:
    """Whether an address lies elsewhere than the user's known ones: a colleague may share a name with the user."""
    return organisation(address) not in {organisation(a) for a in own}


def _named(subject: str) -> str:
    return tidy.subject(subject).casefold()


def _words_of(address: str) -> set[str]:
    """The longer words of an address before its @: whoever shares one with the user is the user at home, or family."""
    local = address.partition("@")[0]
    words = "".join(letter if letter.isalpha() else " " for letter in local).split()
    return {word for word in words if len(word) > 3}
