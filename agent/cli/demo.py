"""`auld demo`: the true way over a made-up mailbox, offline: one person for each rule."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from agent.demo import Rule
    from agent.store.store import Store
    from agent.wiring import House
    from agent.work import Made


@click.command("demo")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the profile in this folder.")
def demo_(keep: Path | None) -> None:
    """Show a digest from a made-up mailbox, and why everybody else is not in it. Nothing of yours is read."""
    from tempfile import TemporaryDirectory

    from agent import wiring

    at = wiring.now()
    if keep:
        shown(keep.resolve(), at)
        click.echo(f"\nLook around: AULD_HOME={keep} auld people · why Ada · person Ada · find loom · status · open")
        return
    with TemporaryDirectory(prefix="auld-demo-") as folder:
        shown(Path(folder), at)
        click.echo("\nNow yours: auld import archive.mbox --me you@example.org, then auld digest")


def shown(folder: Path, at: "datetime") -> None:
    """Make the profile in `folder`, and say what it gives."""
    from textwrap import fill

    from agent import demo
    from agent.cli.home import opened

    prepare(folder, at)
    with opened({"AULD_HOME": str(folder)}) as (house, store):
        made = morning(house, store, at)
        click.echo(made.digest.text.rstrip("\n"))
        click.echo("\nEverybody else in this mailbox, and why:\n")
        for rule in demo.RULES:
            click.echo(fill(f"{rule.name}: {reason(rule, made)}", 78, initial_indent="- ", subsequent_indent="  "))


def prepare(folder: Path, at: "datetime") -> None:
    """Write the demo's mailbox, calendar and config."""
    from agent import demo

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "demo.mbox").write_bytes(demo.mailbox(at))
    (folder / "demo.ics").write_bytes(demo.calendar(at))
    (folder / "config.toml").write_text(demo.CONFIG, "utf-8")


def morning(house: "House", store: "Store", at: "datetime") -> "Made":
    """Pull both accounts, learn, and make this morning's digest."""
    from functools import partial

    from agent import wiring, work

    for name, account in house.settings.enabled.items():
        store.account(name, account.kind, archive=True)
        connect = partial(wiring.connect, account, at, house.zone)
        done = work.tour(name, connect, store, lambda: at, 0.0, mark=house.mark(name))
        if done.error:
            raise done.error
    work.learn(store, house.settings.me.addresses, house.zone, at)
    return work.make(store, house.settings, at, house.zone, past=False)


def reason(rule: "Rule", made: "Made") -> str:
    """What auld says of the person of a rule, in a line."""
    from agent.propose import why

    if rule.person in made.known.own:
        return f"{rule.person} is yours"
    person = next((p for p in made.known.people() if rule.person in p.addresses), None)
    if person is None:
        return f"{rule.person} is nobody one writes to"
    if person.kind != "person":
        return f"{person.name}: a {person.kind}. {person.because}"
    if rule.expect == "joined" and person.joined:
        return f"{person.name}: {person.joined[0]}"
    if rule.expect == "apart":
        return f"{person.name} <{person.addresses[0]}>: another human than {rule.other}"
    said = why(person, made.known, made.morning, made.rules, made.outcome.proposals)
    return f"{person.name}: {said[0]}"
