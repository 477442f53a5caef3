"""Is the user sure, and what do they choose? Asked before anything that cannot be taken back."""

from collections.abc import Sequence

import click

from agent.cli.ends import ERROR, USAGE, Ends

YES = click.option("--yes", is_flag=True, help="Do not ask.")

NOBODY = "Nobody answered, so that nothing was changed. With --yes it is done without asking."


def sure(question: str, yes: bool) -> None:
    """Ask, unless told not to. Raises Ends where the answer is no, or nobody is there to give one."""
    if not agreed(question, yes, default=False):
        raise Ends("Nothing was changed.", ERROR)


def agreed(question: str, yes: bool, *, default: bool = True) -> bool:
    """Whether the user says yes, or said so beforehand. Raises Ends where nobody is there to answer."""
    if yes:
        return True
    try:
        return click.confirm(question, default=default, err=True)
    except click.Abort:
        click.echo(err=True)
        raise Ends(NOBODY, USAGE) from None


def answer(question: str, default: str, yes: bool, among: Sequence[str] = ()) -> str:
    """What the user says; the default where they just agree, or did beforehand. Raises Ends where nobody answers."""
    if yes:
        return default
    kind = click.Choice(list(among)) if among else None
    try:
        said: str = click.prompt(question, default=default or None, type=kind, err=True)
    except click.Abort:
        click.echo(err=True)
        raise Ends(NOBODY, USAGE) from None
    return said.strip()
