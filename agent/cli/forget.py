"""`auld forget`: leave no trace of a person, of an account, or of everything."""

from typing import TYPE_CHECKING

import click

from agent.cli.asking import YES, sure
from agent.cli.ends import LOCKED, PARTIAL, USAGE, Ends
from agent.cli.lines import say

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from agent.store.store import Erased, Store, Whom
    from agent.wiring import House

MAILS = ("append", "smtp")
"""Ways on which a digest has left for the user's own mailbox."""


@click.command("forget")
@click.argument("who", metavar="[NUMBER|NAME]", required=False)
@click.option("--account", metavar="NAME", help="All that was read of this account, and its password.")
@click.option("--all", "all_", is_flag=True, help="Everything that auld keeps, but for the config file.")
@YES
def forget_(who: str | None, account: str | None, all_: bool, yes: bool) -> None:
    """Forget a person (by number, name or address), an account, or everything. This cannot be undone.

    What goes is counted first, and you are asked. Of a person nothing stays but keyed hashes of addresses and names, so
    that no later reading of your mailbox brings them back. The mailbox itself is never touched.
    """
    if sum((bool(who), bool(account), all_)) != 1:
        raise Ends("Forget whom? A name or an address; or --account NAME; or --all.", USAGE)
    if account:
        from agent.cli.connectors import opt_out

        opt_out(account, yes)
    elif all_:
        everything(yes)
    elif who:
        person(who, yes)


def person(who: str, yes: bool) -> None:
    """Forget whoever `who` means, once the user is sure."""
    from agent import leave
    from agent.cli.connectors import STILL_READ
    from agent.cli.home import known, learn
    from config.load import decoded
    from config.locks import held

    with known() as (house, store, at):
        name, whom = meant(who, house, store, at)
        tell(name, whom, house, store)
        sure(f"Forget {name}?", yes)
        with held(house.paths.state / "digest.lock", wait=False, what="Sending the digest"):
            leave.person(house.paths, store, whom)
            learn(house, store, at)
            clean = store.cleanse()
        say(f"{name} is forgotten.")
        config = house.paths.config
        if lines := leave.named_in(decoded(config), whom) if config.exists() else []:
            say(f"{config} still names them, {where(lines)}; so does the copy of it in the store. Take it out there.")
    if not clean:
        raise Ends(STILL_READ, PARTIAL)


def meant(who: str, house: "House", store: "Store", at: "datetime") -> tuple[str, "Whom"]:
    """What to call them, and all that they are known by. An address that is not known yet can be forgotten, too."""
    from agent.cli.say import meant as slot_or_name
    from agent.store.forgotten import ADDRESS
    from agent.store.store import Whom

    wanted = who.strip().lower()
    own = frozenset(store.own()) | frozenset(house.settings.me.addresses)
    if wanted in own:
        raise Ends(f"{wanted} is your own address. `auld forget --all` forgets everything.", USAGE)
    if ADDRESS.fullmatch(wanted) and not store.person_of(wanted):
        return wanted, Whom(frozenset({wanted}), store.known_as([wanted]), own)
    one = slot_or_name(who, store, int(at.timestamp()))
    addresses = frozenset(one.addresses) - own
    return one.name or one.addresses[0], Whom(addresses, store.known_as(addresses) | {one.name}, own)


def tell(name: str, whom: "Whom", house: "House", store: "Store") -> None:
    """Say what will go, and what will not."""
    from agent import leave
    from config.load import decoded

    say(f"{name} <{', '.join(sorted(whom.addresses))}>: all that auld keeps of them goes.")
    for line in counted(store.erasable(whom), leave.digests_with(house.paths, whom)):
        say(f"  {line}")
    say("What stays are keyed hashes of the addresses and the name, so that no later reading brings them back.")
    say("Your mailbox is not touched. This cannot be undone.")
    for folder in store.folders_named(whom):
        say(f"A folder of yours is called {folder}; its name stays until you rename it.")
    if house.settings.digest.via in MAILS:
        say("Digests that were sent lie in your own mailbox. auld deletes no mail: delete them there.")
    config = house.paths.config
    if lines := leave.named_in(decoded(config), whom) if config.exists() else []:
        say(f"{config} names them, {where(lines)}. That file is yours: take it out there first, or it stays.")


def counted(goes: "Erased", digests: "list[Path]") -> list[str]:
    """What goes, a line for each kind; never a subject."""
    lines = [
        (goes.mails, "mail that they wrote, or that only they got", "mails that they wrote, or that only they got"),
        (goes.meetings, "meeting with you alone", "meetings with you alone"),
        (goes.shared, "mail or meeting of several: their part", "mails and meetings of several: their part"),
        (goes.cards, "card of an address book", "cards of address books"),
        (goes.notes, "note of yours", "notes of yours"),
        (goes.said, "other thing that you said of them", "other things that you said of them"),
        (goes.shown, "proposal in a past digest", "proposals in past digests"),
        (len(digests), "digest in a file", "digests in files"),
    ]  # fmt: skip
    found = [f"{number:,} {one if number == 1 else many}" for number, one, many in lines if number]
    return found or ["nothing is known of them yet; what comes from now on is left out"]


def where(lines: list[int]) -> str:
    """On which lines."""
    return f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"


def everything(yes: bool) -> None:
    """Take away all that auld has written, once the user is sure."""
    from agent import leave
    from agent.cli.foreground import LOCK, running
    from config.locks import held
    from config.paths import paths

    found = paths()
    if process := running(found.state):
        raise Ends(f"The daemon runs (process {process}). End it first: `auld service uninstall`, or Ctrl-C.", LOCKED)
    say("All that auld has read, learned and been told goes, with its digests, the passwords and their key:")
    for path in sorted({path.parent for path in leave.written(found)}):
        say(f"  {path}")
    say(f"{found.config} stays: it is yours. Your mailbox is not touched. This cannot be undone.")
    sure("Forget everything?", yes)
    with held(found.state / LOCK, wait=False, what="The daemon's work"):
        leave.everything(found)
    say("Everything is forgotten.")
