"""How does a quarter read, looked back on?

For the user alone: shares with their base in words, nothing to beat, nobody to compare with (002.15). Where too few
cases say anything, that is said. What takes 90 days to show is told of the quarter before.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Literal, TypeAlias

from agent import retrospect
from agent.model import Fact, Shown, Statement, Tie
from agent.retrospect import Quarter
from agent.words import clipped, listed, number

About: TypeAlias = Literal[
    "reciprocated", "proposals answered", "replies before and after", "revivals that lived",
    "introductions that lived", "outside your employer",
]  # fmt: skip

FEWEST = 5
"""Of fewer cases than this no share is told, introductions aside: they are rare, and each is a matter of its own."""

ONE_EMPLOYER = 0.8
"""Where more than this share of those in touch are of one's own employer, much hangs on it (004.9)."""

SHARES: Sequence[tuple[float, str]] = ((0.9, "Nearly all"), (0.6, "Most"), (0.4, "About half"), (0.15, "Some"))
"""From which share on one says so."""

VERB = "review"

_KEPT = re.compile(r"(\d{4}-Q[1-4]):(?: satisfied ([1-5]))?,?(?: pressed (yes|no))?")


@dataclass(frozen=True, slots=True)
class Finding:
    """So many `of` so many; `says` says it in a sentence."""

    about: About
    so: int
    of: int
    says: str
    thin: str = ""  # where these are too few to tell: what there was too little of


@dataclass(frozen=True, slots=True)
class Own:
    """What the user says of a quarter themselves."""

    satisfied: int = 0  # 1 to 5; 0 = not said
    pressed: bool | None = None


def kept(quarter: Quarter, own: Own) -> str:
    """What the user says of a quarter, as it is kept."""
    parts = [f"satisfied {own.satisfied}"] if own.satisfied else []
    if own.pressed is not None:
        parts.append(f"pressed {'yes' if own.pressed else 'no'}")
    return f"{quarter}: {', '.join(parts)}"


def said_of(quarter: Quarter, statements: Iterable[Statement]) -> Own:
    """What the user said of a quarter, the latest word on each question."""
    own = Own()
    for one in statements:
        found = _KEPT.fullmatch(one.text) if one.verb == VERB else None
        if found and found[1] == str(quarter):
            satisfied = int(found[2]) if found[2] else own.satisfied
            own = Own(satisfied, found[3] == "yes" if found[3] else own.pressed)
    return own


def felt(own: Own, before: Own) -> list[str]:
    """What the user said, beside what they said of the quarter before; and what helps where they feel pressed."""
    lines = []
    if own.satisfied:
        earlier = f", after {before.satisfied} in the quarter before" if before.satisfied else ""
        lines.append(f"You were satisfied: {own.satisfied} of 5{earlier}.")
    if own.pressed:
        lines.append(
            "You felt pressed. `auld pause 2 weeks` gives you peace, `people = 1` under [digest] makes every digest "
            "short, and `auld never NAME` needs no reason."
        )
    elif own.pressed is False:
        lines.append("You did not feel pressed.")
    return lines


def findings(
    ties: Sequence[Tie],
    shown: Iterable[Shown],
    statements: Sequence[Statement],
    facts: Iterable[Fact],
    own: Collection[str],
    quarter: Quarter,
    zone: tzinfo,
    now: int,
) -> list[Finding]:
    """What can be told of a quarter; `ties` are those with people, with all their contacts up to `now`."""
    span, earlier = quarter.span(zone), quarter.before.span(zone)
    people = {address: tie.person for tie in ties for address in tie.person.addresses}
    passed = list(facts)
    yes = retrospect.agreed(statements, people)
    made = retrospect.written_to_both(yes, passed, people, own) | retrospect.introduced(statements, people)
    where = retrospect.employers(own, [tie.person for tie in ties])
    told = [
        mutual(*retrospect.reciprocated(ties, span, now)),
        answered(*retrospect.answered_proposals(ties, shown, span, now)),
        changed(*retrospect.before_and_after(ties, earlier, now)),
        revived(*retrospect.lived(ties, earlier, now)),
        introduced(*retrospect.introductions_lived(made, passed, people, earlier, now)),
    ]
    return [*told, outside(*retrospect.outside(ties, span, where), where)] if where else told


def mutual(so: int, of: int) -> Finding:
    """Whether it went both ways."""
    says = f"{share(so, of)} wrote back: of {number(of)} people you wrote to, {some(so, of)} wrote to you."
    return told("reciprocated", so, of, says, "people you wrote to")


def answered(so: int, of: int) -> Finding:
    """Whether proposals were worth writing on."""
    says = f"{share(so, of)} were answered: of {number(of)} proposals that you wrote on, {some(so, of)} within a month."
    return told("proposals answered", so, of, says, "proposals that you wrote on")


def changed(before: int, after: int, of: int) -> Finding:
    """Whether a word of the user's brought others back."""
    more = "More people wrote" if after > before else "No more people wrote"
    says = (
        f"{more} after a word of yours than before it: of {number(of)} to whom you wrote in the quarter before, after "
        f"a month of silence, {some(before, of)} had written in the 90 days before, and {some(after, of)} did in the "
        "90 days after."
    )
    return told("replies before and after", after, of, says, "silences that you ended in the quarter before")


def revived(so: int, of: int) -> Finding:
    """Whether what was revived stayed alive."""
    says = (
        f"{share(so, of)} of the contacts that you revived lived on: of {number(of)} in the quarter before, "
        f"{some(so, of)} went to and fro for the next 90 days."
    )
    return told("revivals that lived", so, of, says, "contacts that you revived in the quarter before")


def introduced(so: int, of: int) -> Finding:
    """Whether those introduced stayed in touch, as far as the user can know."""
    base = "introduction" if of == 1 else "introductions"
    says = (
        f"{share(so, of)} of your introductions lived on, as far as you were in copy: of {number(of)} {base} in the "
        f"quarter before, in {some(so, of)} the two still stood in one mail more than 90 days later."
    )
    return told("introductions that lived", so, of, says, "introductions that you made in the quarter before", fewest=1)


def outside(so: int, of: int, where: Collection[str]) -> Finding:
    """How much hangs on one employer."""
    at = clipped(listed(sorted(where)), 60)
    says = f"{share(so, of)} are outside {at}: of {number(of)} people you were in touch with, {some(so, of)}."
    if of - so > ONE_EMPLOYER * of:
        says += " Much hangs on one employer; a word to somebody outside it spreads that."
    return told("outside your employer", so, of, says, "people you were in touch with")


def told(about: About, so: int, of: int, says: str, base: str, fewest: int = FEWEST) -> Finding:
    """The sentence, or, where the base of it is thin, that it is."""
    if of >= fewest:
        return Finding(about, so, of, says)
    thin = f"{base} ({some(of)})"
    return Finding(about, so, of, f"Too little to tell of {thin}.", thin)


def in_lines(found: Sequence[Finding]) -> list[str]:
    """The findings as one reads them; what is too little to tell of, in one sentence at the end."""
    lines = [one.says for one in found if not one.thin]
    thin = [one.thin for one in found if one.thin]
    return [*lines, f"Too little to tell of {listed(thin)}."] if thin else lines


def share(so: int, of: int) -> str:
    """A share in a word: 'Most'."""
    if so in (0, of):
        return "All" if so else "None"
    return next((word for least, word in SHARES if so >= least * of), "Few")


def some(n: int, of: int = 0) -> str:
    """A number of people or things among others: 'none', 'three', 'all'."""
    return "none" if not n else "all" if n == of > 1 else number(n)


def due(day: date, delivered: Iterable[date]) -> str:
    """One line in the first digest of a new quarter, for whoever had one before; else "" (002.19)."""
    now, before = Quarter.of(day), {Quarter.of(one) for one in delivered if one < day}
    if not before or now in before:
        return ""
    return f"A new quarter: `auld review` looks back on {now.before}."
