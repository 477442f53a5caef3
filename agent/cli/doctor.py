"""`auld doctor`: is all well, and what mends what is not?"""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agent.cli.ends import ERROR, Ends
from agent.cli.lines import LONGEST, as_json, out

if TYPE_CHECKING:
    from agent.cli.checks import Check


@click.command("doctor")
@click.option("--online", is_flag=True, help="Sign in at each account's server, too. Else nothing is connected to.")
@as_json
def doctor_(online: bool, json_: bool) -> None:
    """Look whether all is well: config, store, clock, keyring, accounts, daemon, digest.

    What is not well stands there with the command that mends it, and the exit code is 1. No person is named.
    """
    from agent import wiring
    from agent.cli.checks import Patient, checks
    from agent.store.glance import glance
    from config.load import ConfigProblems
    from config.paths import paths

    where, house, problem = paths(), None, ""
    try:
        house = wiring.house()
    except ConfigProblems as wrong:
        problem = str(wrong)
    found = []
    for check in checks(Patient(where, glance(where.store), wiring.now(), house, problem), online=online):
        found.append(check)
        if not json_:
            click.echo(line(check))
    wrong_ones = [check for check in found if not check.ok]
    if json_:
        out({"checks": [asdict(check) for check in found], "wrong": len(wrong_ones)})
    if wrong_ones:
        raise Ends("", ERROR)


def line(check: "Check") -> str:
    """A check as it is printed: how it came out, what was seen, and what mends it."""
    from agent.digest.plain import clean

    said = clean(f"{check.name}: {check.says}", LONGEST)
    return f"ok    {said}" if check.ok else f"look  {said} `{check.do}`"
