"""`auld later`, `never`, `done`, `note`, `undo`: what the user says. It stays on this machine and can be taken back."""

from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import say
from agent.model import DAY
from agent.signals.logged import LOGGED

if TYPE_CHECKING:
    from agent.model import Person, Statement
    from agent.store.store import Store

LATER = 14
"""Days that "later" puts a proposal off, unless told otherwise."""

QUARTER = 91
"""Days of "not now"."""

CANDIDATES = 8
"""So many are listed where a name fits several."""


RELEARN = ("same", "different", "work", "personal", "unknown", "mine", "not mine", *LOGGED)
"""Said of who is who, and of what passed: to take it back is to learn without it."""


def said(verb: str, who: str, text: str = "", days: int = 0) -> None:
    """Keep what the user said of the person `who` means, and say it back."""
    from agent.cli.home import known
    from agent.words import local, long_day

    with known() as (house, store, present):
        at = int(present.timestamp())
        person = meant(who, store, at)
        until = at + days * DAY if days else 0
        store.say(verb, person.addresses, text=text, until=until, at=at)
        when = f" until {long_day(local(until, house.zone))}" if until else ""
        say(f"{person.name}: {verb}{when}. `auld undo` takes it back.")


def meant(who: str, store: "Store", until: int) -> "Person":
    """The person of slot `2` of the last digest, or of a name or an address. Raises Ends."""
    if not who.isdecimal():
        return named(who, store)
    shown = {s.slot: s.addresses for s in store.last_shown(until)}
    if not shown:
        raise Ends(f"No digest with a number {who} was delivered: `auld digest` makes one. A name will do, too.", USAGE)
    if int(who) not in shown:
        slots = ", ".join(map(str, sorted(shown)))
        raise Ends(f"There is no number {who} in the last digest (it had {slots}). A name will do, too.", USAGE)
    return named(shown[int(who)][0], store)


def named(who: str, store: "Store") -> "Person":
    """The one person whose name or address this is, or begins. Raises Ends where there is none, or more."""
    wanted = " ".join(who.casefold().split())
    if "@" in wanted and (owner := store.person_of(wanted)):
        return owner
    people = list(store.people())
    words = wanted.split()
    exact = [p for p in people if wanted in (p.name.casefold(), *p.addresses)]
    whole = [p for p in people if words and set(words) <= set(names_of(p))]
    begun = [p for p in people if words and all(any(n.startswith(w) for n in names_of(p)) for w in words)]
    human = ([p for p in some if p.kind == "person"] for some in (exact, whole, begun))
    found = next((some for some in (*human, exact, whole, begun) if some), [])
    if not found and wanted in store.own():
        raise Ends(f"{wanted} is your own address.", USAGE)
    if not found:
        raise Ends(f"Nobody here is called {who!r}. `auld find {who}` searches more widely.", USAGE)
    if len(found) > 1:
        some = "\n".join(f"  {p.name} <{p.addresses[0]}>" for p in found[:CANDIDATES])
        more = f"\n  … and {len(found) - CANDIDATES} more" if len(found) > CANDIDATES else ""
        raise Ends(f"{len(found)} people could be {who!r}; give the address:\n{some}{more}", USAGE)
    return found[0]


def names_of(person: "Person") -> list[str]:
    """The words by which one may call this person."""
    return [*person.name.casefold().split(), *person.addresses, *(a.partition("@")[0] for a in person.addresses)]


WHO = click.argument("who", metavar="NUMBER|NAME")


@click.command("later")
@WHO
@click.option("--days", type=click.IntRange(1, 3650), default=LATER, metavar="N", help=f"For so many days ({LATER}).")
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
@click.argument("text", nargs=-1, required=True)
def note_(who: str, text: tuple[str, ...]) -> None:
    """Note what you know of a person: `auld find` finds it. A name of several words stands in quotes."""
    said("note", who, " ".join(text))


def words_of(said: "Statement") -> str:
    """The text of a statement, as one reads it."""
    if said.verb == "introduce":
        from agent.introducing import consents

        return consents.in_words(said)
    if said.verb in ("shelf", "unshelf"):
        from agent.sharing import shelf

        return shelf.in_words(said)
    if said.verb != "opportunity":
        return said.text
    from agent.gifts.opportunity import in_words

    return in_words(said)


@click.command("undo")
def undo_() -> None:
    """Take back the last thing that you said."""
    from agent.cli.home import known, learn

    with known() as (house, store, at):
        back = store.undo(int(at.timestamp()))
        if not back:
            say("There is nothing to take back.")
            return
        if back.verb in RELEARN:
            learn(house, store, at, anew=True)
        if back.verb == "opportunity":
            from agent.cli.opportunity import whole

            whole(back, store, int(at.timestamp()))
        about = f" ({words_of(back)})" if back.text else ""
        if not back.addresses:
            say(f"Taken back: {back.verb}{about}.")
            return
        person = store.person_of(back.addresses[0])
        say(f"Taken back: {back.verb}, said of {person.name if person else back.addresses[0]}{about}.")
