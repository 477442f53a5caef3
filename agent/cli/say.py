"""`auld later`, `never`, `done`, `note`, `undo`: what the user says. It stays on this machine and can be taken back."""

from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.model import DAY

if TYPE_CHECKING:
    from agent.model import Person
    from agent.store.store import Store

LATER = 14
"""Days that "later" puts a proposal off, unless told otherwise."""

QUARTER = 91
"""Days of "not now"."""


def said(verb: str, who: str, text: str = "", days: int = 0) -> None:
    """Keep what the user said of the person `who` means, and say it back."""
    from agent import wiring
    from agent.cli.home import opened
    from agent.words import local, long_day

    with opened() as (house, store):
        at = int(wiring.now().timestamp())
        person = meant(who, store, at)
        until = at + days * DAY if days else 0
        store.say(verb, person.addresses, text=text, until=until, at=at)
        when = f" until {long_day(local(until, house.zone))}" if until else ""
        click.echo(f"{person.name}: {verb}{when}. `auld undo` takes it back.")


def meant(who: str, store: "Store", until: int) -> "Person":
    """The person of slot `2` of the last digest, or of a name or an address. Raises Ends."""
    if who.isdigit():
        shown = {s.slot: s.addresses for s in store.last_shown(until)}
        if int(who) not in shown:
            slots = ", ".join(map(str, sorted(shown))) or "none"
            raise Ends(f"There is no number {who} in the last digest (it had {slots}). A name will do, too.", USAGE)
        person = store.person_of(shown[int(who)][0])
        if person:
            return person
    return named(who, store)


def named(who: str, store: "Store") -> "Person":
    """The one person whose name or address this is, or begins. Raises Ends where there is none, or more."""
    people = list(store.people())
    wanted = who.casefold()
    exact = [p for p in people if wanted in (p.name.casefold(), *p.addresses)]
    words = wanted.split()
    loose = [p for p in people if all(any(n.startswith(w) for n in names_of(p)) for w in words)]
    found = exact or [p for p in loose if p.kind == "person"] or loose
    if not found:
        raise Ends(f"Nobody here is called {who!r}. `auld find {who}` searches more widely.", USAGE)
    if len(found) > 1:
        some = "\n".join(f"  {p.name} <{p.addresses[0]}>" for p in found[:8])
        raise Ends(f"{len(found)} people could be {who!r}; give the address:\n{some}", USAGE)
    return found[0]


def names_of(person: "Person") -> list[str]:
    """The words by which one may call this person."""
    return [*person.name.casefold().split(), *person.addresses, *(a.partition("@")[0] for a in person.addresses)]


WHO = click.argument("who", metavar="NUMBER|NAME")


@click.command("later")
@WHO
@click.option("--days", type=click.IntRange(1, 3650), default=LATER, show_default=True, help="For so many days.")
@click.option("--not-now", is_flag=True, help="For a quarter.")
def later_(who: str, days: int, not_now: bool) -> None:
    """Put a proposal off: by its number in the last digest, or by name."""
    said("not now" if not_now else "later", who, days=QUARTER if not_now else days)


@click.command("never")
@WHO
@click.option("--because", default="", help="A reason, for yourself.")
def never_(who: str, because: str) -> None:
    """Never propose this person again."""
    said("never", who, because)


@click.command("done")
@WHO
def done_(who: str) -> None:
    """Say that you wrote, called or met: it counts as a contact."""
    said("done", who)


@click.command("note")
@WHO
@click.argument("text")
def note_(who: str, text: str) -> None:
    """Note what you know of a person: `auld find` finds it."""
    said("note", who, text)


@click.command("undo")
def undo_() -> None:
    """Take back the last thing that you said."""
    from agent import wiring
    from agent.cli.home import opened

    with opened() as (_, store):
        back = store.undo(int(wiring.now().timestamp()))
        click.echo(f"Taken back: {back.verb} {back.addresses[0]}" if back else "There is nothing to take back.")
