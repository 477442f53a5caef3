"""`auld login`: keep the password of an account."""

import sys
from typing import TYPE_CHECKING

import click

from agent.cli.consent import SHOWN_ONLY, browser, kept
from agent.cli.ends import USAGE, Ends
from connectors.contract import NeedsUser

if TYPE_CHECKING:
    from agent.wiring import House


@click.command("login", short_help="Keep the password of an account.")
@click.argument("name")
@click.option("--from-command", metavar="COMMAND", help="Ask this program instead, each time; nothing is kept.")
@click.option("--check", is_flag=True, help="Sign in once, to see whether it is the right one.")
@click.option("--forget", is_flag=True, help="Forget the password or consent that is kept.")
@SHOWN_ONLY
def login_(name: str, from_command: str | None, check: bool, forget: bool, no_browser: bool) -> None:
    """Ask for the password of an account, or of the server in [smtp] (`auld login smtp`), and keep it encrypted.

    It is not shown while you type; in a pipe it is the first line. Its key lies in your keyring. Nobody is called,
    except with --check. Google and Microsoft ask for your consent anew, on a page of theirs.
    """
    from agent import wiring

    house = wiring.house()
    known(house, name)
    if forget:
        there = house.secrets(ask=True).forget(name)
        what = "consent to" if consents(house, name) else "password of"
        click.echo(f"The {what} {name} is forgotten." if there else f"No {what.partition(' ')[0]} is kept for {name}.")
        return
    if consents(house, name):
        if from_command:
            raise Ends(f"{name} is opened by your consent, which no program can print.", USAGE)
        if not check:
            kept(house, name, browser(no_browser))
    elif from_command:
        house = command(house, name, from_command)
    elif not (check and asks_a_program(house, name)):
        keep(house, name, check)
    if check:
        if from_command or asks_a_program(house, name) or consents(house, name):
            sign_in(house, name)
        click.echo(f"{name}: signed in.")
    if name in house.settings.accounts:
        with house.store() as store:
            store.ask([name], at=wiring.now())  # it may have rested for want of a password


def known(house: "House", name: str) -> None:
    """Raises Ends where there is nothing of that name that one signs in to."""
    from agent.wiring import SMTP
    from config.settings import Consented, SignedIn, near

    able = [each for each, account in house.settings.accounts.items() if isinstance(account, SignedIn | Consented)]
    able += [SMTP] if house.settings.smtp else []
    if name not in able:
        there = f" There are: {', '.join(able)}." if able else f" Write its section into {house.paths.config} first."
        raise Ends(f"There is no account {name!r} that one signs in to.{near(name, tuple(able))}{there}", USAGE)
    smtp = house.settings.smtp
    if name == SMTP and smtp and smtp.account:
        raise Ends(f"[smtp] signs in as {smtp.account} does: `auld login {smtp.account}`.", USAGE)


def consents(house: "House", name: str) -> bool:
    """Whether the account is opened by a consent on its vendor's page."""
    from config.settings import Consented

    return isinstance(house.settings.accounts.get(name), Consented)


def asks_a_program(house: "House", name: str) -> bool:
    """Whether a `secret_command` tells the password."""
    account = house.settings.smtp if name == "smtp" and house.settings.smtp else house.settings.accounts[name]
    return bool(getattr(account, "secret_command", ()))


def keep(house: "House", name: str, check: bool) -> None:
    """Ask for the password, and keep it; where it is to be checked, only if it is the right one."""
    if asks_a_program(house, name):
        raise Ends(f"{name} asks its `secret_command` for the password. Take that out of the config first.", USAGE)
    secret = typed(name)
    if not secret:
        raise Ends("No password was given; nothing was kept.", USAGE)
    house.paths.make()
    secrets = house.secrets(ask=True)
    before = secrets.get(name)
    secrets.keep(name, secret)
    try:
        if check:
            sign_in(house, name)
    except NeedsUser:
        secrets.keep(name, before) if before else secrets.forget(name)
        click.echo(f"The password of {name} was not kept.", err=True)
        raise
    click.echo(f"The password of {name} is kept, encrypted.")


def typed(name: str) -> str:
    """What the user types, unseen, or pipes in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    secret: str = click.prompt(f"Password of {name}", hide_input=True, default="", show_default=False, err=True)
    return secret


def command(house: "House", name: str, words: str) -> "House":
    """Let a program tell the password from now on, once it was seen to tell one; what is kept is forgotten."""
    import shlex
    from functools import partial

    from agent import config_file, wiring
    from config import edit
    from config.secrets import printed

    try:
        argv = shlex.split(words)
    except ValueError as slip:
        raise Ends(f"--from-command: {slip}.", USAGE) from None
    if not argv:
        raise Ends("--from-command: no program is named.", USAGE)
    printed(argv)
    write = partial(edit.set_command, name=name, command=argv)
    change, _ = edit.proposed(house.paths.config, write, config_file.options_of, config_file.kinds())
    edit.replace(house.paths.config, change)
    house.secrets(ask=True).forget(name)
    click.echo(f"{house.paths.config}: {name} asks {argv[0]} for its password.")
    return wiring.house()


def sign_in(house: "House", name: str) -> None:
    """Sign in once. Raises NeedsUser or TryLater."""
    from agent import wiring

    if name in house.settings.accounts:
        house.connect(name, wiring.now()).streams()
        return
    from agent.outputs.smtp import Smtp

    output = house.output("smtp", wiring.now(), click.echo)
    if isinstance(output, Smtp):
        with output.signed_in():
            return
