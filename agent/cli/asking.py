"""Is the user sure? Asked before anything that cannot be taken back."""

import click

from agent.cli.ends import ERROR, USAGE, Ends

YES = click.option("--yes", is_flag=True, help="Do not ask.")


def sure(question: str, yes: bool) -> None:
    """Ask, unless told not to. Raises Ends where the answer is no, or nobody is there to give one."""
    if yes:
        return
    try:
        if click.confirm(question, err=True):
            return
    except click.Abort:
        click.echo(err=True)
        raise Ends(
            "Nobody answered, so that nothing was changed. With --yes it is done without asking.", USAGE
        ) from None
    raise Ends("Nothing was changed.", ERROR)
