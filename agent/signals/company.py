"""Who are colleagues? Those whose addresses are of one organisation."""

from collections.abc import Iterable

from agent.people.names import FREEMAIL, organisation


def companies(addresses: Iterable[str]) -> frozenset[str]:
    """The organisations of these addresses; where anybody has an address, two are no colleagues."""
    return frozenset(map(organisation, addresses)) - FREEMAIL
