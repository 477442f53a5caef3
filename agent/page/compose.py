"""What does the page say? Whom to write to this morning, and how it stands with everybody.

The same people, morning and zone give the same bytes. Everything that a stranger may have written passes `clean` on its
way in, and the template escapes what is left; nothing on the page runs, and nothing in it is fetched.
"""

import unicodedata
from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING

from agent.digest.compose import Entry
from agent.digest.plain import clean
from agent.digest.templates import templates
from agent.model import Morning, Person, Standing
from agent.page import drawn
from agent.page.months import Month, sums
from agent.signals.initiative import Manner, manners
from agent.signals.rhythm import silence
from agent.words import count, every, listed, local, long_day, number, on, while_

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

NAME, ADDRESS, TOPIC, NOTE, SENTENCE = 60, 254, 60, 600, 300
"""Characters of each; what is longer was not written by a person."""

ADDRESSES, TOPICS, NOTES = 5, 10, 20
"""How many of each are shown of one person."""

MANY = 40
"""People beyond which they stand below letters, with a way back to the top behind each."""

MANNERS: dict[Manner, str] = {
    "both": "",
    "too few to tell": "",
    "always me": "It is mostly you who begins.",
    "answers but never begins": "They answer, but never begin.",
    "does not answer": "They do not answer.",
}
"""What is said behind the two numbers of who begins."""

POLICY = (
    "default-src 'none'; style-src 'sha256-{}'; img-src 'none'; script-src 'none'; base-uri 'none'; form-action 'none'"
)
"""Nothing is fetched and nothing runs; of styles only the one in the page, known by its hash."""

RECENT = ((31, "Within the last month"), (92, "Within three months"), (366, "Within a year"), (10**9, "Longer ago"))
"""Days since the last contact, and what they are called."""

OTHERS = "Others"
"""Those whose names hold no letter at all."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One person, and all that the page tells of them."""

    person: Person
    standing: Standing
    months: tuple[Month, ...]  # oldest first
    topics: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    today: str = ""  # why they are not proposed, in a sentence; "" = nothing was decided


@dataclass(frozen=True, slots=True)
class Glance:
    """What the page is made from, beside the portraits."""

    morning: Morning
    entries: tuple[Entry, ...]  # this morning's proposals
    silent_because: str = ""
    known: tuple[str, ...] = ()  # how far the mail is known, in sentences
    left_out: int = 0  # people for whom there was no room


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with the sentence that says the same."""

    says: str
    picture: "Markup"


@dataclass(frozen=True, slots=True)
class Figure:
    """One person as the template shows them: every string clean."""

    number: int
    name: str
    apart: str  # an address, where others have the same name
    spark: "Markup"
    last: str
    ago: int  # days since the last contact
    facts: tuple[tuple[str, str], ...]  # (word, sentence)
    addresses: tuple[str, ...]
    more: int  # addresses that are not shown
    passed: Chart | None
    months: tuple[Month, ...]  # those with something in them
    began: Chart | None
    manner: str
    paces: Chart | None
    rhythm: str
    topics: str
    notes: tuple[str, ...]
    today: str


def compose(portraits: Iterable[Portrait], glance: Glance) -> str:
    """The page, as HTML."""
    morning = glance.morning
    ordered = sorted(portraits, key=lambda one: (_order(_name(one.person)), one.person.id))
    names = Counter(_name(one.person) for one in ordered)
    namesakes = {name for name, times in names.items() if times > 1}
    people = [_shown(place, one, morning, namesakes) for place, one in enumerate(ordered, 1)]
    many = len(people) > MANY
    style = _style()
    shown = {
        "policy": POLICY.format(b64encode(sha256(style.encode()).digest()).decode()),
        "style": style,
        "day": long_day(local(morning.now, morning.zone)),
        "entries": glance.entries,
        "silent": "" if glance.entries else clean(glance.silent_because, SENTENCE),
        "known": [clean(line, SENTENCE) for line in glance.known],
        "people": len(people),
        "many": many,
        "left_out": _so_many(glance.left_out) if glance.left_out else "",
        "letters": _by_letter(people) if many else [("by-name", "By name", people)],
        "recent": _by_last_contact(people),
    }
    return _templates().get_template("page.html.j2").render(shown)


def _shown(place: int, portrait: Portrait, morning: Morning, namesakes: Collection[str]) -> Figure:
    person, standing = portrait.person, portrait.standing
    quiet = silence(standing, morning.now)
    name = _name(person)
    told = [clean(a, ADDRESS) for a in person.addresses]
    return Figure(
        number=place,
        name=name,
        apart=clean(told[0], NAME) if name in namesakes and told else "",
        spark=drawn.sparkline(portrait.months),
        last=on(standing.last, morning.now, morning.zone),
        ago=int(quiet),
        facts=tuple(_facts(standing, morning, person)),
        addresses=tuple(told[:ADDRESSES]),
        more=max(len(told) - ADDRESSES, 0),
        passed=_passed(portrait.months),
        months=tuple(m for m in portrait.months if m.mine or m.theirs or m.met),
        began=_began(standing),
        manner=MANNERS[manners(standing).manner],
        paces=_paces(standing, quiet),
        rhythm="" if standing.gap else "So far there are too few days of contact to speak of a usual gap.",
        topics=listed([f"“{term}”" for term in _cleaned(portrait.topics[:TOPICS], TOPIC)]),
        notes=tuple(_cleaned(portrait.notes[-NOTES:], NOTE)),
        today=clean(portrait.today, SENTENCE),
    )


def _cleaned(said: Iterable[str], most: int) -> list[str]:
    return [kept for one in said if (kept := clean(one, most))]


def _facts(standing: Standing, morning: Morning, person: Person) -> Iterable[tuple[str, str]]:
    """What is said in words alone."""
    who = {standing.last_mine: "you wrote", standing.last_theirs: "they wrote"}.get(standing.last, "you met or talked")
    yield "Last contact", f"{on(standing.last, morning.now, morning.zone)} ({who})"
    yield "First contact", on(standing.first, morning.now, morning.zone)
    if person.sphere != "unknown":
        yield "You said", person.sphere


def _passed(months: Sequence[Month]) -> Chart | None:
    """What passed in the last two years; None where it was nothing."""
    mine, theirs, met = sums(months)
    if not (mine or theirs or met):
        return None
    mails = (
        f"{count(mine, 'mail')} from you and {number(theirs) if theirs else 'none'} from them" if mine or theirs else ""
    )
    talks = f"you met or talked {_times(met)}" if met else ""
    says = f"In {len(months)} months: {'; '.join(filter(None, (mails, talks)))}."
    return Chart(says, drawn.by_month(months, says))


def _began(standing: Standing) -> Chart | None:
    mine, theirs = standing.began_mine, standing.began_theirs
    if not (mine or theirs):
        return None
    yours, others = _times(mine), _times(theirs)
    if mine and theirs:
        says = f"You began {yours}, they {others}."
    else:
        says = f"You began {yours}, they never." if mine else f"They began {others}, you never."
    return Chart(says, drawn.began(standing, says))


def _so_many(n: int) -> str:
    return "one more is" if n == 1 else f"{n:,} more are"


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, count(n, "time"))


def _paces(standing: Standing, quiet: float) -> Chart | None:
    if standing.gap is None:
        return None
    says = f"In touch {every(standing.gap)}; the last contact was {while_(max(quiet, 1.0))} ago."
    return Chart(says, drawn.paces(standing.gap, quiet, says))


def _by_letter(people: Sequence[Figure]) -> list[tuple[str, str, list[Figure]]]:
    """(its place, the letter, who stands below it)."""
    groups = groupby(people, lambda one: _initial(one.name))
    return [(f"letter-{place}", word, list(group)) for place, (word, group) in enumerate(groups, 1)]


def _by_last_contact(people: Sequence[Figure]) -> list[tuple[str, list[Figure]]]:
    """The same people once more, the latest contact first, in a few groups."""
    ordered = sorted(people, key=lambda one: (one.ago, one.number))
    groups = groupby(ordered, lambda one: next(word for days, word in RECENT if one.ago < days))
    return [(word, list(group)) for word, group in groups]


def _name(person: Person) -> str:
    return clean(person.name, NAME) or clean(next(iter(person.addresses), ""), NAME) or "Somebody without a name"


def _order(name: str) -> tuple[bool, str, str]:
    """Where a name stands: É beside E, and what begins with no letter of ours at the end."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    initial = _initial(name)
    return len(initial) > 1, initial, bare


def _initial(name: str) -> str:
    """Under which letter somebody is looked for: 'E', or the name of the script where it is not Latin."""
    for letter in unicodedata.normalize("NFKD", name):
        if letter.isalpha():
            said = unicodedata.name(letter, "").split(
                " "
            )  # "LATIN SMALL LETTER O WITH STROKE", "GREEK SMALL LETTER PI"
            if said[0] == "LATIN":
                return letter.upper() if letter.isascii() else said[min(3, len(said) - 1)][0]
            return said[0] if said[0] == "CJK" else said[0].title() or OTHERS
    return OTHERS


def _style() -> str:
    return _templates().get_template("page.css.j2").render()


@cache
def _templates() -> "Environment":
    return templates("agent.page", last_newline=False)
