"""Which mail does a sentence rest on?"""

from agent.model import Citation, Fact, Side, Tie
from nlp import tidy


def side(fact: Fact, own: frozenset[str], tie: Tie) -> Side:
    """Who wrote it: the user, this person, or a third."""
    if fact.sender in own:
        return "me"
    return "them" if fact.sender in tie.person.addresses else "other"


def cite(fact: Fact, own: frozenset[str], tie: Tie) -> Citation:
    """The fact as something that the user can look up."""
    return Citation(fact.id, fact.at, side(fact, own, tie), tidy.subject(fact.subject) or fact.subject)
