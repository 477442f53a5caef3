"""`auld people`, `person`, `why`, `find`: look at what is known."""

from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, table
from agent.cli.say import meant, named

if TYPE_CHECKING:
    from datetime import tzinfo

    from agent.model import Person, Standing, Tie


@click.command("people")
@click.option("--kind", type=click.Choice(["person", "machine", "list", "broadcast"]), default="person")
@click.option("--most", type=click.IntRange(1), default=40, show_default=True, help="So many at the most.")
@as_json
def people_(kind: str, most: int, json_: bool) -> None:
    """List the people you know, the latest contact first."""
    from agent.cli.home import opened
    from agent.model import Standing
    from agent.words import local

    with opened() as (house, store):
        standings = {s.person: s for s in store.standings()}
        known = [(p, standings.get(p.id, Standing(p.id))) for p in store.people() if p.kind == kind]
        known.sort(key=lambda pair: (-pair[1].last, pair[0].name))
        if json_:
            out({"people": [described(p, s) for p, s in known[:most]], "all": len(known)})
            return
        days = [local(s.last, house.zone).isoformat() if s.last else "-" for _, s in known[:most]]
        rows = [(d, f"{s.mine}/{s.theirs}", p.name, p.addresses[0]) for d, (p, s) in zip(days, known, strict=False)]
        table(rows, ("last contact", "yours/theirs", "name", "address"))
        if len(known) > most:
            click.echo(f"… and {len(known) - most:,} more (--most)")


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
@click.argument("deed", type=click.Choice(["merge", "split", "work", "personal", "unknown"]), required=False)
@click.argument("other", metavar="[NAME|ADDRESS]", required=False)
@as_json
def person_(who: str, deed: str | None, other: str | None, json_: bool) -> None:
    """Tell all about one person. With a deed: merge with another, split an address off, say work or personal."""
    from agent import wiring, work
    from agent.cli.home import opened

    with opened() as (house, store):
        at = wiring.now()
        person = named(who, store)
        if deed:
            addresses, verb = stated(person, deed, named(other, store) if deed == "merge" and other else None, other)
            store.say(verb, addresses, at=int(at.timestamp()))
            click.echo(f"{person.name}: {deed}{f' {other}' if other else ''}. `auld undo` takes it back.")
            work.learn(store, house.settings.me.addresses, house.zone, at, anew=True)
            return
        known = work.Remembered(store, int(at.timestamp()))
        tie = known.tie(person.id)
        standing = next((s for s in known.standings() if s.person == person.id), None)
        if json_:
            from agent.model import Standing

            more = {"joined": list(person.joined), "because": person.because, "notes": list(tie.notes)}
            topics = [t.term for t in tie.topics if t.threads >= 2]
            out(described(person, standing or Standing(person.id)) | more | {"topics": topics})
            return
        for line in portrait(tie, standing, int(at.timestamp()), house.zone):
            click.echo(line)


def stated(person: "Person", deed: str, with_: "Person | None", other: str | None) -> tuple[tuple[str, ...], str]:
    """The addresses that a deed hangs on, and the verb that is kept. Raises Ends."""
    if deed == "merge":
        if not with_:
            raise Ends("Merge with whom? auld person ADA merge ada.l@example.org", USAGE)
        return (person.addresses[0], with_.addresses[0]), "same"
    if deed == "split":
        if other not in person.addresses:
            raise Ends(f"Which address? {person.name} has: {', '.join(person.addresses)}", USAGE)
        return (other, *(a for a in person.addresses if a != other)), "different"
    return person.addresses, deed


def portrait(tie: "Tie", standing: "Standing | None", now: int, zone: "tzinfo") -> list[str]:
    """The person in a few lines, each of which can be checked."""
    from agent.signals.initiative import manners
    from agent.words import count, every, on

    person = tie.person
    lines = [f"{person.name} <{person.addresses[0]}>", f"  {person.kind}: {person.because}".rstrip(": ")]
    lines += [f"  also {a}" for a in person.addresses[1:]] + [f"  joined: {why}" for why in person.joined]
    if standing:
        last = {"me": "you wrote", "them": "they wrote", "other": "you met"}[tie.contacts[-1].by]
        lines.append(
            f"  known since {on(standing.first, now, zone)}; last contact {on(standing.last, now, zone)} ({last})"
        )
        lines.append(
            f"  {count(standing.mine, 'mail')} from you, {count(standing.theirs, 'mail')} from them, "
            f"{count(standing.meetings, 'meeting')}" + (f"; in touch {every(standing.gap)}" if standing.gap else "")
        )
        lines.append(
            f"  who begins: you {standing.began_mine}, they {standing.began_theirs}: {manners(standing).manner}"
        )
    if shown := [t.term for t in tie.topics if t.threads >= 2][:10]:
        lines.append(f"  topics: {', '.join(shown)}")
    return lines + [f"  note: {note}" for note in tie.notes]


@click.command("why")
@click.argument("who", metavar="NUMBER|NAME")
@click.option("--now", metavar="DAY", help="For a past morning.")
@as_json
def why_(who: str, now: str | None, json_: bool) -> None:
    """Tell why somebody is proposed, or is not, from the same numbers that decided."""
    from agent import wiring, work
    from agent.cli.home import moment, opened
    from agent.propose import why

    with opened() as (house, store):
        at = moment(now, house.zone, house.settings.digest.at) if now else wiring.now()
        person = meant(who, store, int(at.timestamp()))
        made = work.make(store, house.settings, at, house.zone, past=bool(now))
        same = next((p for p in made.known.people() if set(p.addresses) & set(person.addresses)), person)
        reasons = why(same, made.known, made.morning, made.rules, made.outcome.proposals)
        if json_:
            out({"name": same.name, "addresses": list(same.addresses), "reasons": reasons})
            return
        click.echo(same.name)
        for reason in reasons:
            click.echo(f"  {reason}")


@click.command("find")
@click.argument("words", nargs=-1, required=True)
@click.option("--most", type=click.IntRange(1), default=20, show_default=True)
@as_json
def find_(words: tuple[str, ...], most: int, json_: bool) -> None:
    """Search people, notes and subjects."""
    from agent import wiring
    from agent.cli.home import opened
    from agent.words import local

    with opened() as (house, store):
        hits = store.find(" ".join(words), int(wiring.now().timestamp()), most)
        if json_:
            out({"hits": [{"kind": h.kind, "text": h.text, "at": h.at} for h in hits]})
            return
        rows = [(h.kind, local(h.at, house.zone).isoformat() if h.at else "", h.text) for h in hits]
        table(rows, ("what", "when", "")) if rows else click.echo("Nothing found.")
