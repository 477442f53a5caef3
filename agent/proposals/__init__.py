"""The kinds of proposal, each in a module of its own: whom it fits, and what it says."""

from collections.abc import Mapping
from typing import Protocol

from agent.model import Morning, Pool, Proposal, Standing, Tie
from agent.proposals import introduce, occasion, opportunity, promise, reconnect, reply, revive, share


class KindOfProposal(Protocol):
    """What a module of this room has."""

    POOL: Pool
    NEEDS: str  # what is missing when there is nothing to give, as a sentence

    def fits(self, standing: Standing, morning: Morning) -> bool:
        """Whether a tie that stands so could be proposed: a cheap look, before anything is read."""
        ...

    def weight(self, standing: Standing, morning: Morning) -> float:
        """How much it matters that it is today, beside how welcome a word is: 1 for any day."""
        ...

    def propose(self, tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
        """The proposal; None when there is nothing to give."""
        ...


KINDS: Mapping[str, KindOfProposal] = {
    "reply": reply,
    "promise": promise,
    "opportunity": opportunity,
    "introduce": introduce,
    "occasion": occasion,
    "reconnect": reconnect,
    "revive": revive,
    "share": share,
}
