"""`auld digest`: whom to write to this morning."""

from typing import TYPE_CHECKING

import click

from agent.cli.lines import as_json, out

if TYPE_CHECKING:
    from agent.model import Proposal
    from agent.work import Made


@click.command("digest")
@click.option("--now", metavar="DAY", help="A past morning: 2001-08-14 or 2001-08-14T09:30. Nothing is delivered.")
@click.option("--dry-run", is_flag=True, help="Show it; deliver and remember nothing.")
@click.option("--via", type=click.Choice(["stdout", "file"]), help="Where it goes this time (default: as configured).")
@as_json
def digest_(now: str | None, dry_run: bool, via: str | None, json_: bool) -> None:
    """Say whom to write to this morning, why today, and what to give them."""
    from agent import wiring, work
    from agent.cli.home import moment, opened

    with opened() as (house, store):
        at = moment(now, house.zone, house.settings.digest.at) if now else wiring.now()
        if not now:
            work.learn(store, house.settings.me.addresses, house.zone, at)
        made = work.make(store, house.settings, at, house.zone, past=bool(now))
        if json_:
            out(described(made))
            return
        if now or dry_run:
            click.echo(made.digest.text.rstrip("\n"))
            return
        deliver = wiring.output(via or house.settings.digest.via)
        work.deliver(store, made, house.me, at, deliver, house.paths.digests, click.echo)


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
