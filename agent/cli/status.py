"""`auld status`: how are the accounts and the store? Standard library, click and platformdirs only."""

from dataclasses import asdict

import click

from agent.cli.lines import as_json, out, say
from agent.cli.overview import daemon_runs, overview, seen_now
from config.paths import paths, shared


@click.command("status")
@as_json
def status_(json_: bool) -> None:
    """Tell how the accounts and the store are."""
    if json_:
        seen, _, problem = seen_now()
        last = seen.last_digest.isoformat() if seen.last_digest else None
        out(
            asdict(seen)
            | {
                "last_digest": last,
                "own": [list(pair) for pair in seen.own],
                "config": problem,
                "config_shared": shared(paths().config),
                "daemon": daemon_runs(),
            }
        )
        return
    for line in overview():
        say(line)
