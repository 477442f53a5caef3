"""`auld digest`: whom to write to this morning."""

from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out

if TYPE_CHECKING:
    from datetime import datetime

    from agent.model import Proposal
    from agent.store.store import Store
    from agent.wiring import House
    from agent.work import Made


@click.command("digest")
@click.option("--now", metavar="DAY", help="A past morning: 2001-08-14 or 2001-08-14T09:30. A dry run.")
@click.option("--dry-run", is_flag=True, help="Show it; deliver and remember nothing.")
@click.option("--via", type=click.Choice(["stdout", "file"]), help="Where it goes this time (default: as configured).")
@as_json
def digest_(now: str | None, dry_run: bool, via: str | None, json_: bool) -> None:
    """Say whom to write to this morning, why today, and what to give them.

    With --json nothing is delivered or remembered either.
    """
    from agent import wiring, work
    from agent.cli.home import known, moment, opened
    from config.paths import paths

    def make(house: "House", store: "Store", at: "datetime") -> "Made":
        if not house.me:
            raise Ends(f'Whose mail is it? Write addresses = ["you@example.org"] into [me] of {paths().config}', USAGE)
        return work.make(store, house.settings, at, house.zone, past=bool(now))

    if now:
        with opened() as (house, store):
            show(make(house, store, moment(now, house.zone, house.settings.digest.at)), json_)
        return
    with known() as (house, store, at):
        made = make(house, store, at)
        if json_ or dry_run:
            show(made, json_)
            return
        deliver = wiring.output(via or house.settings.digest.via)
        work.deliver(store, made, house.me, at, deliver, house.paths.digests, click.echo)


def show(made: "Made", json_: bool) -> None:
    """Says the digest; nothing is delivered or remembered."""
    if json_:
        out(described(made))
    else:
        click.echo(made.digest.text.rstrip("\n"))


def described(made: "Made") -> dict[str, object]:
    """The digest as plain data."""
    return {
        "day": made.digest.day.isoformat(),
        "subject": made.digest.subject,
        "silent_because": made.outcome.silent_because,
        "proposals": [proposed(slot, one) for slot, one in enumerate(made.outcome.proposals, 1)],
        "held": [{"name": h.person.name, "kind": h.kind, "reason": h.reason} for h in made.outcome.held],
        "notices": list(made.known.notices),
    }


def proposed(slot: int, one: "Proposal") -> dict[str, object]:
    """One proposal as plain data; times are POSIX seconds, UTC."""
    return {
        "slot": slot,
        "kind": one.kind,
        "pool": one.pool,
        "name": one.person.name,
        "addresses": list(one.person.addresses),
        "context": one.context,
        "why": one.why,
        "gift": {"kind": one.gift.kind, "says": one.gift.says, "opener": one.gift.opener, "url": one.gift.url},
        "evidence": [{"at": c.at, "by": c.by, "subject": c.subject} for c in one.cites],
        "rest": one.rest,
    }
