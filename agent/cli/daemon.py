"""`auld daemon`: run by itself."""

from datetime import datetime

import click

from agent.cli.ends import USAGE, Ends


@click.command("daemon")
@click.option("--now", hidden=True, help="Begin at another moment, for a rehearsal: 2026-05-12T07:00:00+00:00.")
def daemon_(now: str | None) -> int:
    """Keep all accounts read, and send the digest each morning, until it is told to stop.

    Stays in the foreground and says what it does; `auld service install` has the system run it.
    """
    from agent.cli.foreground import stay

    return stay(begun(now) if now else None)


def begun(text: str) -> datetime:
    """The moment of a rehearsal. Raises Ends."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Ends(f"--now {text}: not a moment with its zone. Write 2026-05-12T07:00:00+00:00.", USAGE)
    return found
