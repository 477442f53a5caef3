"""`auld introduce`: two people who do not know each other, each asked first."""

from typing import TYPE_CHECKING, Any

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say
from agent.cli.say import meant, named, names_of

if TYPE_CHECKING:
    from agent.introducing.circle import Circle
    from agent.introducing.consents import Step
    from agent.introducing.pairs import State
    from agent.model import Introduction, Person
    from agent.store.store import Store

NOBODY = (
    "There is nobody to introduce. Only people whom you called work take part, two at least: "
    "`auld person NAME work` lets one in."
)

NOBODY_FITS = "Of those who may take part nobody suits another at present. `auld introduce A B` begins all the same."


@click.command("introduce")
@click.argument("one", metavar="[A", required=False)
@click.argument("other", metavar="B]", required=False)
@click.option("--asked", is_flag=True, help="You asked the one whose turn it is.")
@click.option("--yes", metavar="NAME", help="This one of the two agreed.")
@click.option("--no", metavar="NAME", help="This one would rather not: it rests for good.")
@click.option("--made", is_flag=True, help="You introduced them, after both agreed.")
@as_json
def introduce_(
    one: str | None, other: str | None, asked: bool, yes: str | None, no: str | None, made: bool, json_: bool
) -> None:
    """Introduce two people to each other, after both agreed.

    Shows how far it is with A and B, and what to write next; without names, everybody who might be introduced. Until
    both agreed, nothing that you are to write to one tells of the other.

    \b
    auld introduce Ada Bruno             what to write, and to whom
    auld introduce Ada Bruno --asked     you asked the first
    auld introduce Ada Bruno --yes Ada   Ada agreed: now ask Bruno
    """
    from agent import work
    from agent.cli.home import known

    if sum((asked, yes is not None, no is not None, made)) > 1:
        raise Ends("One thing at a time: --asked, --yes NAME, --no NAME or --made.", USAGE)
    with known() as (house, store, present):
        at = int(present.timestamp())

        def circle() -> "Circle":
            found = work.make(store, house.settings, present, house.zone, past=False).circle
            assert found
            return found

        if not one or not other:
            if one or asked or made or (yes, no) != (None, None):
                raise Ends("Whom with whom? auld introduce ADA BRUNO", USAGE)
            everybody(circle(), json_=json_)
            return
        pair = two(one, other, store, at)
        found = fit(circle(), *pair)
        if step := said(found, asked=asked, yes=yes, no=no, made=made, store=store):
            keep(found, *step, store=store, at=at)
            found = fit(circle(), *pair)
        if json_:
            out({"introduction": described(*found)})
            return
        for line in portrait(*found):
            say(line) if line else click.echo()


Found = tuple["Circle", "State"]


def two(one: str, other: str, store: "Store", at: int) -> tuple["Person", "Person"]:
    """The two people, by name or by their number in the last digest. Raises Ends where both are one."""
    first, second = meant(one, store, at), meant(other, store, at)
    if first.id == second.id:
        raise Ends(f"{one} and {other} are one person, {first.name}.", USAGE)
    return first, second


def fit(circle: "Circle", one: "Person", other: "Person") -> Found:
    """How far it is with the two. Raises Ends where they may not be introduced, and says why."""
    from agent.introducing.pairs import state
    from agent.introducing.questions import handle
    from agent.introducing.suiting import allowed
    from agent.words import on

    people = circle.everybody()
    for person in (one, other):
        if person.kind != "person":
            raise Ends(f"{person.name} is a {person.kind}, not a person: {person.because}", USAGE)
        if not allowed([person]):
            typed = handle(person, people) or "NAME"
            raise Ends(
                f"{person.name} counts as private, and takes no part: `auld person {typed} work` changes that.", USAGE
            )
        if why := circle.rests(person):
            raise Ends(f"{person.name}: {why}", USAGE)
    match = next((m for m in circle.matches() if m.pair == {one.id, other.id}), None)
    found = state(circle, one, other, match)
    if found.met and not found.made:
        from nlp import tidy

        day = on(found.met.at, circle.morning.now, circle.morning.zone)
        subject = tidy.subject(found.met.subject)
        raise Ends(f"They know each other: both stood in “{subject}”, on {day}.", USAGE)
    return circle, found


def said(
    found: Found, *, asked: bool, yes: str | None, no: str | None, made: bool, store: "Store"
) -> tuple["Step", "Person | None"] | None:
    """The step that the user tells of, and of whom it is. Raises Ends where it cannot be."""
    _, state = found
    if not (asked or made) and yes is None and no is None:
        return None
    if state.made:
        raise Ends("They were introduced already.", USAGE)
    if made:
        if not state.agreed:
            raise Ends("Both have to agree first: --yes NAME keeps that they did.", USAGE)
        return "made", None
    if asked:
        if state.turn is None:
            raise Ends("There is nobody left to ask." if state.agreed else "It rests: one of them said no.", USAGE)
        return "asked", state.turn
    whom = of_the_two(yes or no or "", state, store)
    return ("no" if yes is None else "yes"), whom


def of_the_two(who: str, state: "State", store: "Store") -> "Person":
    """The one of the two who is meant. Raises Ends where it is neither."""
    words = set(who.casefold().split())
    meant = [person for person in (state.first, state.second) if words and words <= set(names_of(person))]
    if len(meant) == 1:
        return meant[0]
    person = named(who, store)
    if person.id not in state.pair:
        raise Ends(f"{person.name} is neither of the two.", USAGE)
    return person


def keep(found: Found, step: "Step", whom: "Person | None", *, store: "Store", at: int) -> None:
    """Keep the step, with the words with which each is asked: they stay, whatever the mail shows later."""
    from agent.introducing.consents import VERB, statement
    from agent.introducing.pairs import reasons

    circle, state = found
    words, need, _ = reasons(circle, state)
    asker = next((p.addresses[0] for p in (state.first, state.second) if p.id == need), "")
    about = {p.addresses[0]: words[p.id] for p in (state.first, state.second) if words.get(p.id)}
    text = statement(step, whom.addresses[0] if whom else "", about, asker)
    store.say(VERB, (*state.first.addresses, *state.second.addresses), text=text, at=at)


def everybody(circle: "Circle", *, json_: bool) -> None:
    """Says who might be introduced to whom, and how far it is."""
    from agent.introducing.pairs import states

    found = [one for one in states(circle) if one.begun or not one.met]
    if json_:
        out({"allowed": len(circle.people), "introductions": [described(circle, one) for one in found]})
        return
    if not found:
        say(NOBODY if len(circle.people) < 2 else NOBODY_FITS)
    for one in found:
        say(f"{one.first.name} and {one.second.name}: {so_far(circle, one)}")


def so_far(circle: "Circle", one: "State") -> str:
    """How far it is with two people, in a sentence."""
    from agent.words import on

    kept, (now, zone) = one.progress, (circle.morning.now, circle.morning.zone)
    names = {p.id: p.name for p in (one.first, one.second)}
    if one.made:
        return f"introduced on {on(one.made, now, zone)}."
    if kept.declined:
        who, at = next(iter(kept.declined.items()))
        return f"{names[who]} would rather not, as you said on {on(at, now, zone)}. It rests."
    if one.met:
        return "they know each other by now."
    if one.turn is None:
        return "both agreed; introduce them."
    if one.turn.id in kept.asked:
        verb = "asked" if one.shows else "wrote to"
        asked = f"you {verb} {one.turn.name} on {on(kept.asked[one.turn.id], now, zone)}"
        wrote = f", and they wrote on {on(one.answered, now, zone)}" if one.answered else ""
        return f"{asked}{wrote}. --yes or --no keeps what they said."
    agreed = [names[who] for who in kept.agreed]
    return f"{agreed[0]} agreed; ask {one.turn.name}, too." if agreed else f"ask {one.turn.name} first."


def portrait(circle: "Circle", one: "State") -> list[str]:
    """How far it is, and what to write next, in lines."""
    from agent.gifts.introduction import gift_of, suits
    from agent.introducing.pairs import step
    from agent.introducing.questions import handle

    found = step(circle, one)
    lines = [f"{one.first.name} and {one.second.name}: {so_far(circle, one)}"]
    if not found:
        return lines
    gift = gift_of(found, circle.morning)
    names = [handle(p, circle.everybody()) or p.addresses[0] for p in (one.first, one.second)]
    begins = f"auld introduce {' '.join(names)}"
    lines += [f"  {suits(found, circle.morning)}", ""]
    if not early(circle, one):
        lines += [f"  To: {', '.join(sent_to(found))}", f"  Subject: {gift.subject}", ""]
        lines += [line for part in gift.opener.split("\n\n") for line in (f"  {part}", "")]
    turn = handle(found.to, circle.everybody()) or found.to.addresses[0]
    if found.step == "remind":
        return [*lines, f"  A yes: `{begins} --yes {turn}`", f"  A no: `{begins} --no {turn}`"]
    made = found.step == "introduce"
    return [*lines, f"  Sent: `{begins} --made`" if made else f"  Asked: `{begins} --asked`"]


def early(circle: "Circle", one: "State") -> bool:
    """Whether there is nothing to write: somebody was asked lately, or has answered."""
    from agent.model import FORTNIGHT

    asked = one.progress.asked.get(one.turn.id, 0) if one.turn and one.shows else 0
    return bool(asked) and (bool(one.answered) or circle.morning.now - asked < FORTNIGHT)


def sent_to(found: "Introduction") -> list[str]:
    """The addresses that the next mail goes to."""
    return [who.addresses[0] for who in ((found.to, found.other) if found.step == "introduce" else (found.to,))]


def described(circle: "Circle", one: "State") -> dict[str, Any]:
    """How far it is as plain data; times are POSIX seconds, UTC, 0 = never."""
    from agent.gifts.introduction import gift_of
    from agent.introducing.pairs import step

    kept, found = one.progress, step(circle, one) if not one.met and not early(circle, one) else None
    gift = gift_of(found, circle.morning) if found else None
    return {
        "people": [
            {
                "name": p.name,
                "addresses": list(p.addresses),
                "asked": kept.asked.get(p.id, 0),
                "agreed": kept.agreed.get(p.id, 0),
                "declined": kept.declined.get(p.id, 0),
            }
            for p in (one.first, one.second)
        ],
        "state": so_far(circle, one),
        "made": one.made,
        "turn": one.turn.name if one.turn else "",
        "draft": {"to": sent_to(found), "subject": gift.subject, "text": gift.opener} if found and gift else None,
    }
