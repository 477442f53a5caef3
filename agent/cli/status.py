"""`auld status`: how are the accounts and the store? Standard library, click and platformdirs only."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

import click

from agent.cli.lines import as_json, out
from agent.store.glance import AccountGlance, Glance, glance
from config.paths import paths


@click.command("status")
@as_json
def status_(json_: bool) -> None:
    """Tell how the accounts and the store are."""
    where = paths()
    seen = glance(where.store)
    if json_:
        out(asdict(seen) | {"last_digest": seen.last_digest.isoformat() if seen.last_digest else None})
        return
    for line in lines(seen):
        click.echo(line)


def lines(seen: Glance) -> Iterator[str]:
    """What there is to say, most urgent first."""
    if seen.trouble:
        yield seen.trouble
        return
    if seen.missing or not seen.accounts:
        yield "Nothing is read yet. `auld import FILE --me you@example.org` reads an archive; `auld demo` shows one."
        return
    if seen.behind:
        yield "An older auld wrote the store; `auld sync` brings it up to date."
        return
    yield from (account(one) for one in seen.accounts)
    yield f"{seen.people:,} people, {seen.others:,} machines, lists and mailings"
    yield f"last digest: {seen.last_digest.isoformat() if seen.last_digest else 'none yet'}"
    if seen.stale or not seen.learned_at:
        yield "there is something to learn: `auld digest` or `auld sync` does it"
    for address, reason in seen.own:
        yield f"yours: {address} ({reason.rstrip('.')})"
    yield from seen.notices


def account(one: AccountGlance) -> str:
    """One account in a line."""
    reach = f"up to {day(one.newest)}" if one.newest else "nothing yet"
    when = f", read on {day(one.last_page)}" if one.last_page else ""
    missed = f", {one.missed:,} could not be read" if one.missed else ""
    return f"{one.name} ({one.kind}{', an archive' if one.archive else ''}): {one.items:,} items {reach}{when}{missed}"


def day(at: int) -> str:
    """The local day of a time in POSIX seconds, by the system's zone."""
    return datetime.fromtimestamp(at).astimezone().date().isoformat()
