"""Why is this one not proposed today, as far as it can be told without reading all that passed?"""

from collections.abc import Collection

from agent.boundaries import Case, Rules, held
from agent.model import Morning, Person, Standing
from agent.proposals import KINDS
from agent.proposals.sentences import welcome_now
from agent.propose import WELCOME, unfit

PROPOSED = "Proposed today."

COOL = "Too little came back from them so far: a word would hardly be welcome."

OPEN = "There was nothing to give them today, or others came first: `auld why NAME` tells which."


def today(person: Person, standing: Standing, morning: Morning, rules: Rules, proposed: Collection[int]) -> str:
    """The boundary that holds this one back, or what else speaks against it, in a sentence; `proposed` are ids."""
    if person.id in proposed:
        return PROPOSED
    fitting = [name for name, kind in KINDS.items() if kind.fits(standing, morning)]
    for name in fitting:
        if reason := held(Case(person, standing, KINDS[name].POOL, name), rules, morning):
            return reason
    if not fitting:
        return held(Case(person, standing, "keeping up"), rules, morning) or unfit(standing, morning)
    return COOL if welcome_now(standing, morning) < WELCOME else OPEN
