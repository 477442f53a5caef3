"""What passed beside mail and calendar, as the user says: a call, a coffee, a letter?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from agent.model import Contact, Person, Side, Statement

LOGGED: Mapping[str, Side] = {"log": "other", "log mine": "me", "log theirs": "them"}
"""What the user says, and who of the two began. When it was stands in `until`: it may be said days later."""


FOUND = ("note", *LOGGED)
"""Whose words `auld find` finds."""


def logged(statements: Iterable[Statement], people: Iterable[Person], until: int) -> dict[int, Sequence[Contact]]:
    """By person the contacts up to `until` that the user logged, oldest first.

    Their `fact` is the statement's number below nought, so that it is no mail's. Each belongs to one person, whoever
    has the first of its addresses that is still somebody's: after a split it was one call, and not two.
    """
    said = [s for s in statements if s.verb in LOGGED and s.until <= until]
    if not said:
        return {}
    wanted = {address for one in said for address in one.addresses}
    whose = {a: person.id for person in people for a in person.addresses if a in wanted}
    found: defaultdict[int, list[Contact]] = defaultdict(list)
    for one in said:
        owner = next((whose[address] for address in one.addresses if address in whose), None)
        if owner is not None:
            found[owner].append(Contact(one.until, LOGGED[one.verb], -one.id, meeting=True))
    return {owner: sorted(some, key=_order) for owner, some in found.items()}


def merged(passed: Sequence[Contact], said: Sequence[Contact]) -> tuple[Contact, ...]:
    """All contacts with one person, oldest first."""
    return tuple(sorted((*passed, *said), key=_order)) if said else tuple(passed)


def _order(contact: Contact) -> tuple[int, int]:
    return contact.at, contact.fact
