"""How does one ask two people whether they want to meet, without a word to either that tells who the other is?

What is written is made of sentences that are the same for everybody and of what the one who reads it wrote about;
whatever of the latter holds a word of the other's is left out.
"""

import re
from collections.abc import Collection, Iterable

from agent.model import Gift, Introduction, Morning, Person, Standing, Tie
from agent.people.names import fold, same_given
from agent.words import clipped, first_name, month, on
from nlp.language import stop_words

ASKED, MADE = "An introduction?", "An introduction"
"""What the mails are called."""

SUBSTRING = 4
"""Letters from which a word of the other's is looked for inside longer ones, too."""

GIVEN = 3
"""Letters from which a word may be a short form of a given name."""

LONGEST = 44
"""Characters of a matter, a topic or a name: two of each have to fit one sentence."""

JOINING = frozenset({"the", "of", "and", "for"})
"""Words of a firm's name that tell of none."""

FREE = "A no is fine, too."

APART = "The two never stood in one mail or meeting of yours."

_WORD = re.compile(r"[^\W_]+")


def introduction(tie: Tie, standing: Standing, morning: Morning) -> Gift | None:
    """The next step of the introduction that this person stands in, if it is theirs."""
    found = next((one for one in morning.introductions if one.to.id == tie.person.id), None)
    return gift_of(found, morning) if found else None


def answered_by(gift: Gift, person: Person, morning: Morning) -> bool:
    """Whether what this gift would answer is the very need for which somebody is to be introduced to them."""
    mails = {cite.fact for cite in gift.cites}
    asking = (one for one in morning.introductions if one.to.id == person.id and one.need == "theirs")
    return any(one.step == "ask" and any(cite.fact in mails for cite in one.cites) for one in asking)


def gift_of(found: Introduction, morning: Morning) -> Gift:
    """The next step as something to give."""
    made = found.step == "introduce"
    return Gift(
        kind="introduction",
        says=says(found, morning),
        opener=draft(found, morning),
        cites=found.cites,
        subject=MADE if made else ASKED,
        also=found.other.addresses[:1] if made else (),
    )


def says(found: Introduction, morning: Morning) -> str:
    """What to do, in a sentence to the user, who may hear of both."""
    to, other = called(found.to), called(found.other)
    first = first_name(to)
    if found.step == "introduce":
        return f"{to} and {other} have both agreed: introduce them to each other."
    if found.step == "remind":
        day = on(found.asked, morning.now, morning.zone)
        return f"You asked {first} on {day} about an introduction to {other}, and no answer is here. Ask once more."
    if found.agreed:
        day = on(found.agreed, morning.now, morning.zone)
        return f"{other} agreed on {day} to be introduced to {first}. Ask {first}, too, without saying to whom."
    return f"{suits(found, morning)} Ask {first} whether an introduction is welcome, without saying to whom."


def suits(found: Introduction, morning: Morning) -> str:
    """Why the two suit each other, in a sentence to the user."""
    to, other = called(found.to), called(found.other)
    if found.need:
        asker, helper = (to, other) if found.need == "theirs" else (other, to)
        need, skill = (found.about, found.others) if found.need == "theirs" else (found.others, found.about)
        when = f" in {month(found.at, morning.now, morning.zone)}" if found.at else ""
        asked = (
            f"{asker} asked about “{clipped(need, LONGEST)}”{when}" if need else f"{asker} asked for something{when}"
        )
        knows = f"; you and {helper} wrote about {clipped(skill, LONGEST)}" if skill else ""
        return f"{asked}{knows}. {APART}"
    if found.about:
        return f"You write about {clipped(found.about, LONGEST)} with {to} and with {other}. {APART}"
    return APART


def draft(found: Introduction, morning: Morning) -> str:
    """What is written to `to`; before both agreed it holds nothing of the other."""
    if found.step == "introduce":
        return introducing(found)
    hidden = found.unsaid
    name = first_name(called(found.to))
    greeting = "Hello," if reveals(name, hidden) else f"Hi {name},"
    about = clipped(found.about, LONGEST)
    about = "" if reveals(about, hidden) else about
    if found.step == "remind":
        day = on(found.asked, morning.now, morning.zone)
        when = "lately" if reveals(day, hidden) else f"on {day}"  # somebody may be called April
        return f"{greeting}\n\nI asked you {when} whether you would like an introduction. No hurry. {FREE}"
    return f"{greeting}\n\n{reason(found, about)} Would you like me to introduce you two? {FREE}"


def reason(found: Introduction, about: str) -> str:
    """Why one asks, from what `to` wrote alone."""
    if found.need == "theirs":
        asked = f"you asked me about “{about}”." if about else "you asked me something lately."
        return f"{asked} I know somebody who may be able to help."
    if found.need:
        matter = f" about {about}" if about else ""
        return f"I know somebody with a question{matter} that you may be able to answer."
    if about:
        return f"you and I wrote about {about}. I know somebody else who does, too."
    return "I know somebody whom you might like to meet."


def introducing(found: Introduction) -> str:
    """The mail to both, with no more of either than the other was told, but for the names."""
    one, two = called(found.to), called(found.other)
    lines = [f"Hi {first_name(one)}, hi {first_name(two)},", "you both said that I may introduce you to each other."]
    about, others = clipped(found.about, LONGEST), clipped(found.others, LONGEST)
    if found.need:  # the skill alone is named: the subject of the need may name somebody else
        asker, helper = (one, two) if found.need == "theirs" else (two, one)
        skill = others if found.need == "theirs" else about
        matter = f"about {skill}, of which {helper} and I wrote" if skill else f"that {helper} may be able to help with"
        lines += [f"{asker} asked me something {matter}."]
    elif about and others:
        lines += [f"{one} and I wrote about {about}; {two} and I wrote about {others}."]
    return "\n\n".join([*lines, "I leave the rest to you."])


def called(person: Person) -> str:
    """The name of somebody as it is said here."""
    return clipped(" ".join(person.name.split()), LONGEST)


def telling(person: Person, companies: Iterable[str] = ()) -> frozenset[str]:
    """The folded words that tell who somebody is: of the name, the addresses and their domains, and of `companies`,
    the names of those they work for. The last label of a domain tells nothing, nor does an initial.
    """
    found = {word for name in companies for word in _words(name)} - JOINING
    found |= {*_words(person.name), *("".join(_words(name)) for name in (person.name, *companies))}
    for address in person.addresses:
        user, _, host = address.partition("@")
        found |= {*_words(user), *(word for label in host.split(".")[:-1] for word in _words(label))}
    return frozenset(word for word in found if len(word) > 1 or not word.isascii())


def reveals(text: str, unsaid: Collection[str]) -> bool:
    """Whether a text holds one of the words, alone or inside another, or a short form of one."""
    words = _words(text)
    run = "".join(words)
    if any(word in unsaid for word in words):
        return True
    if any((len(word) >= SUBSTRING or not word.isascii()) and word in run for word in unsaid):
        return True
    names = [word for word in unsaid if len(word) >= GIVEN]
    said = [word for word in words if len(word) >= GIVEN and word not in _common()]
    return any(same_given(word, name) for word in said for name in names)


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _common() -> frozenset[str]:
    """Words of which every text is made: none is a short form of a name."""
    return stop_words("en")
