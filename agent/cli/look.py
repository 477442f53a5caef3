"""`auld people`, `person`, `why`, `find`: look at what is known."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say, table
from agent.cli.say import meant, named
from agent.signals.logged import FOUND

if TYPE_CHECKING:
    from datetime import tzinfo

    from agent.model import Person, Standing, Tie
    from agent.signals.initiative import Trend
    from agent.store.store import Hit, Store
    from agent.wiring import House

MANNERS = {
    "both": "",
    "too few to tell": "",
    "always me": ": it is mostly you",
    "answers but never begins": ": they answer, but never begin",
    "does not answer": ": they do not answer",
}
"""What is said behind the two numbers of who begins."""

SURE = 0.8
"""Below it, what is said of who begins only seems so."""


@click.command("people")
@click.option(
    "--kind",
    type=click.Choice(["person", "machine", "list", "broadcast"]),
    default="person",
    metavar="KIND",
    help="person, machine, list or broadcast.",
)
@click.option("--most", type=click.IntRange(1), default=40, metavar="N", help="So many at the most (40).")
@as_json
def people_(kind: str, most: int, json_: bool) -> None:
    """List the people you know, the latest contact first."""
    from agent.cli.home import known
    from agent.model import Standing
    from agent.words import local

    with known() as (house, store, _):
        standings = {s.person: s for s in store.standings()}
        found = [(p, standings.get(p.id, Standing(p.id))) for p in store.people() if p.kind == kind]
        found.sort(key=lambda pair: (-pair[1].last, pair[0].name, pair[0].id))
        if json_:
            out({"people": [described(p, s) for p, s in found[:most]], "all": len(found)})
            return
        if not found:
            say("Nobody yet. `auld init you@example.org` opts a mailbox in; `auld import FILE` reads an archive.")
            return
        days = [local(s.last, house.zone).isoformat() if s.last else "-" for _, s in found[:most]]
        rows = [(d, f"{s.mine}/{s.theirs}", p.name, p.addresses[0]) for d, (p, s) in zip(days, found, strict=False)]
        table(rows, ("last contact", "yours/theirs", "name", "address"))
        if len(found) > most:
            say(f"… and {len(found) - most:,} more (--most {len(found)} shows all)")


def described(person: "Person", standing: "Standing") -> dict[str, object]:
    """A person as plain data; times are POSIX seconds, UTC, 0 = never."""
    return {
        "name": person.name,
        "addresses": list(person.addresses),
        "kind": person.kind,
        "sphere": person.sphere,
        "first": standing.first,
        "last": standing.last,
        "mine": standing.mine,
        "theirs": standing.theirs,
        "meetings": standing.meetings,
        "usual_gap_days": standing.gap,
    }


@click.command("person")
@click.argument("who", metavar="NAME")
@click.argument(
    "deed",
    type=click.Choice(["merge", "split", "work", "personal", "unknown", "mine", "not-mine"]),
    metavar="[DEED]",
    required=False,
)
@click.argument("other", metavar="[OTHER]", required=False)
@as_json
def person_(who: str, deed: str | None, other: str | None, json_: bool) -> None:
    """Tell all about one person. NAME may be an address, too.

    \b
    auld person Ada merge ada.l@example.org   they are one person
    auld person Ada split ada@other.example   that address is somebody else's
    auld person Ada work                      or personal, or unknown
    auld person me@example.org mine           an address of your own
    auld person me@example.org not-mine       ... is none of yours
    """
    from agent import work
    from agent.cli.home import known

    with known() as (house, store, at):
        if deed:
            say(did(who, deed, other or "", house, store, at))
            return
        person = named(who, store)
        remembered = work.Remembered(store, int(at.timestamp()))
        tie = remembered.tie(person.id)
        standing = next((s for s in remembered.standings() if s.person == person.id), None)
        if json_:
            from agent.model import Standing

            more = {"joined": list(person.joined), "because": person.because, "notes": list(tie.notes)}
            topics = [t.term for t in tie.topics if t.threads >= 2]
            stands = standing or Standing(person.id)
            began = began_of(tie, stands, int(at.timestamp()))
            out(described(person, stands) | more | {"topics": topics, "began": began})
            return
        for line in (*portrait(tie, standing, int(at.timestamp()), house.zone), *logs(tie, store, at, house.zone)):
            say(line)


def did(who: str, deed: str, other: str, house: "House", store: "Store", at: datetime) -> str:
    """Keeps what the user says of who is who, learns with it, and gives what became of it. Raises Ends."""
    from agent.cli.home import learn

    addresses: tuple[str, ...]
    if deed in ("mine", "not-mine"):
        addresses, verb = (owned(who, deed, house, store),), deed.replace("-", " ")
    else:
        addresses, verb = stated(named(who, store), deed, other, store)
    store.say(verb, addresses, at=int(at.timestamp()))
    learn(house, store, at, anew=True)
    return f"{became(addresses[0], deed, store)} `auld undo` takes it back."


def owned(who: str, deed: str, house: "House", store: "Store") -> str:
    """The address that is, or is not, the user's own. Raises Ends."""
    address, own = who.strip().lower(), store.own()
    if "@" not in address:
        raise Ends(f"Which address? auld person you@example.org {deed}", USAGE)
    if deed == "not-mine" and address in house.settings.me.addresses:
        raise Ends(f"{address} stands in [me] of {house.paths.config}: take it out there.", USAGE)
    if deed == "not-mine" and address not in own:
        raise Ends(f"{address} is not taken for yours. Yours are: {', '.join(own)}", USAGE)
    if deed == "mine" and address in own:
        raise Ends(f"{address} is known to be yours: {own[address]}", USAGE)
    return address


def stated(person: "Person", deed: str, other: str, store: "Store") -> tuple[tuple[str, ...], str]:
    """The addresses that a deed hangs on, and the verb that is kept. Raises Ends."""
    if deed == "merge":
        if not other:
            raise Ends("Merge with whom? auld person ADA merge ada.l@example.org", USAGE)
        with_ = named(other, store)
        if with_.id == person.id:
            raise Ends(f"{person.name} is one person already, with: {', '.join(person.addresses)}", USAGE)
        return (*person.addresses, *with_.addresses), "same"
    if deed == "split":
        address = other.strip().lower()
        rest = tuple(a for a in person.addresses if a != address)
        if len(person.addresses) == 1:
            raise Ends(f"{person.name} has one address only: there is nothing to split.", USAGE)
        if address not in person.addresses:
            raise Ends(f"Split which address off? {person.name} has: {', '.join(person.addresses)}", USAGE)
        return (address, *rest), "different"
    return person.addresses, deed


def became(address: str, deed: str, store: "Store") -> str:
    """Who this address is now, in a sentence."""
    if deed in ("mine", "not-mine"):
        return f"{address} is {'yours' if deed == 'mine' else 'not yours'} from now on."
    person = store.person_of(address)
    if person is None:  # taken for a machine's since
        return f"{address}: {deed}."
    if deed == "merge":
        return f"{person.name} is one person: {', '.join(person.addresses)}."
    if deed == "split":
        return f"{address} is {person.name}, another person."
    return f"{person.name}: {deed}."


def portrait(tie: "Tie", standing: "Standing | None", now: int, zone: "tzinfo") -> list[str]:
    """The person in a few lines, each of which can be checked."""
    from agent.signals.initiative import beginnings, manners, trend
    from agent.words import count, every, on

    person = tie.person
    lines = [f"{person.name} <{person.addresses[0]}>", f"  {person.kind}: {person.because}".rstrip(": ")]
    lines += [f"  {person.sphere}, as you said"] if person.sphere != "unknown" else []
    lines += [f"  also {a}" for a in person.addresses[1:]] + [f"  joined: {why}" for why in person.joined]
    if standing and tie.contacts:
        last = {"me": "you wrote", "them": "they wrote", "other": "you met"}[tie.contacts[-1].by]
        last = "you met" if tie.contacts[-1].meeting else last
        last = "you logged it" if tie.contacts[-1].fact < 0 else last
        lines.append(
            f"  known since {on(standing.first, now, zone)}; last contact {on(standing.last, now, zone)} ({last})"
        )
        met = standing.meetings - sum(contact.fact < 0 for contact in tie.contacts)  # what was logged stands below
        lines.append(
            f"  {count(standing.mine, 'mail')} from you, {count(standing.theirs, 'mail')} from them, "
            f"{count(met, 'meeting')}" + (f"; in touch {every(standing.gap)}" if standing.gap else "")
        )
        mine, theirs = (count(n, "time") if n else "never" for n in (standing.began_mine, standing.began_theirs))
        found = manners(standing)
        seems = ", as it seems" if MANNERS[found.manner] and found.sure < SURE else ""
        lines.append(f"  who began: you {mine}, they {theirs}{MANNERS[found.manner]}{seems}")
        lines += lately(trend(beginnings(tie.contacts, tie.threads, standing.gap), now))
    if shown := [t.term for t in tie.topics if t.threads >= 2][:10]:
        lines.append(f"  topics: {', '.join(shown)}")
    return lines + [f"  note: {note}" for note in tie.notes]


def began_of(tie: "Tie", standing: "Standing", now: int) -> dict[str, object]:
    """Who begins, as plain data: `sure` is a probability, `lately` who mostly begins of late and did not before."""
    from agent.signals.initiative import beginnings, manners, trend

    found = manners(standing)
    changed = trend(beginnings(tie.contacts, tie.threads, standing.gap), now)
    return {
        "mine": standing.began_mine,
        "theirs": standing.began_theirs,
        "manner": found.manner,
        "sure": round(found.sure, 2),
        "lately": changed.mostly if changed else None,
    }


def lately(changed: "Trend | None") -> list[str]:
    """What changed in who begins, with the numbers that say so."""
    if changed is None:
        return []
    who = "you who begin" if changed.mostly == "me" else "they who begin"
    (mine, recent), (once, earlier) = changed.lately, changed.before
    return [
        f"  lately it is mostly {who}: you began {mine} of {recent} times in the last year, {once} of {earlier} before"
    ]


def logs(tie: "Tie", store: "Store", at: datetime, zone: "tzinfo") -> list[str]:
    """What the user logged of a person: the day, and what it was."""
    from agent.words import on

    now = int(at.timestamp())
    days = {-contact.fact: on(contact.at, now, zone) for contact in tie.contacts if contact.fact < 0}
    texts = {said.id: said.text for said in store.stated(now) if said.id in days} if days else {}
    return [f"  logged: {days[n]}{f', {texts[n]}' if texts[n] else ''}" for n in days]


@click.command("why")
@click.argument("who", metavar="NUMBER|NAME")
@click.option("--now", metavar="DAY", help="For a past morning.")
@as_json
def why_(who: str, now: str | None, json_: bool) -> None:
    """Tell why somebody is proposed, or is not, from the same numbers that decided."""
    from agent import work
    from agent.cli.home import known, moment
    from agent.propose import why

    with known() as (house, store, present):
        at = moment(now, house.zone, house.settings.digest.at) if now else present
        person = meant(who, store, int(at.timestamp()))
        made = work.make(store, house.settings, at, house.zone, past=bool(now))
        then = next((p for p in made.known.people() if set(p.addresses) & set(person.addresses)), None)
        if then:
            reasons = why(then, made.known, made.morning, made.rules, made.outcome.proposals)
        else:
            reasons = ["You did not know each other yet."]
        if json_:
            out({"name": (then or person).name, "addresses": list((then or person).addresses), "reasons": reasons})
            return
        say((then or person).name)
        for reason in reasons:
            say(f"  {reason}")


@click.command("find")
@click.argument("words", nargs=-1, required=True)
@click.option("--most", type=click.IntRange(1), default=20, metavar="N", help="So many of each sort at the most (20).")
@as_json
def find_(words: tuple[str, ...], most: int, json_: bool) -> None:
    """Search notes, people and subjects for all of the words. A note comes with the person whom it is about."""
    from agent.cli.home import known
    from agent.words import local

    with known() as (house, store, at):
        now = int(at.timestamp())
        found = list(store.find(" ".join(words), now, most))
        found.sort(key=lambda hit: hit.kind != "note")  # what the user noted says more than an address (001.2)
        about = noted(found, store, now)
        if json_:
            out({"hits": [as_data(hit, about) for hit in found]})
            return
        if not found:
            say("Nothing found.")
            return
        days = [local(h.at, house.zone).isoformat() if h.at else "" for h in found]
        texts = [f"{about[h.id].name}: {h.text}" if h.kind == "note" and h.id in about else h.text for h in found]
        table(list(zip([h.kind for h in found], days, texts, strict=True)), ("what", "when", ""))


def noted(found: "list[Hit]", store: "Store", now: int) -> "dict[int, Person]":
    """Whom each note that was found is about."""
    if not any(hit.kind == "note" for hit in found):
        return {}
    about = {said.id: store.person_of(said.addresses[0]) for said in store.stated(now) if said.verb in FOUND}
    return {number: person for number, person in about.items() if person}


def as_data(hit: "Hit", about: "Mapping[int, Person]") -> dict[str, Any]:
    """A hit as plain data; of a note, with its person."""
    data: dict[str, Any] = {"kind": hit.kind, "text": hit.text, "at": hit.at}
    if hit.kind == "note" and hit.id in about:
        data |= {"name": about[hit.id].name, "addresses": list(about[hit.id].addresses)}
    return data
