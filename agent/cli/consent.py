"""`auld connectors add`, and `auld login` of such an account: the user consents on the vendor's own page."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.ends import USAGE, Ends

if TYPE_CHECKING:
    from agent.wiring import House
    from connectors.consent import Consent

SHOWN_ONLY = click.option("--no-browser", is_flag=True, help="Only print the address of the page.")


@click.command("add")
@click.argument("kind", type=click.Choice(["google", "microsoft"]))
@click.argument("address")
@click.option("--name", default="", help="What to call the account (default: google or microsoft).")
@click.option("--mail/--no-mail", default=True, help="Read the mailbox (default: yes).")
@click.option("--calendar/--no-calendar", default=False, help="Read the calendars (default: no).")
@click.option("--read", type=click.Choice(["headers", "text"]), default="headers", help="Read texts too.")
@click.option(
    "--client", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="google: the client's JSON."
)
@click.option("--client-id", default="", help="microsoft: the application (client) id.")
@click.option("--tenant", default="", help="microsoft: the tenant, where it is not any (common).")
@click.option("--device", is_flag=True, help="microsoft: sign in with a code, on another device.")
@SHOWN_ONLY
def add(kind: str, address: str, name: str, no_browser: bool, **chosen: Any) -> None:
    """Sign in at Google or Microsoft, and write the account's section into the config.

    A page of theirs opens in your browser and asks for your consent: to read, and to nothing else. docs/google.md and
    docs/microsoft.md tell how to get the client that it needs.
    """
    from agent import config_file, wiring
    from agent.cli.connectors import show
    from agent.cli.foreground import running, wake
    from config import edit
    from config.paths import paths

    name = name or kind
    values = section(kind, address, chosen)
    where = paths().make()
    known = config_file.chosen(where).me.addresses

    def written(text: str) -> str:
        return edit.add_account(text if known else edit.add_me(text, [address]), name, values)

    change, settings = edit.proposed(where.config, written, config_file.options_of, config_file.kinds())
    kept(replace(wiring.house(), settings=settings), name, browser(no_browser))
    show(change, where.config)
    edit.replace(where.config, change)
    with wiring.house().store() as store:
        config_file.accept(where, store, wiring.now())
    wake(process) if (process := running(where.state)) else None
    click.echo(f"{name} is on. {'The daemon' if process else '`auld sync`'} reads it.")


def section(kind: str, address: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that the options of the command stand for. Raises Ends where one is for the other vendor, or lacks."""
    theirs = {"google": ("client",), "microsoft": ("client_id", "tenant", "device")}
    for vendor, keys in theirs.items():
        if vendor != kind and (wrong := [key for key in keys if chosen[key]]):
            raise Ends(f"--{wrong[0].replace('_', '-')} is for {vendor}.", USAGE)
    needed = theirs[kind][0]
    if not chosen[needed]:
        raise Ends(f"--{needed.replace('_', '-')} is needed: docs/{kind}.md tells where to get it.", USAGE)
    values: dict[str, Any] = {"kind": kind, "address": address, "mail": chosen["mail"], "calendar": chosen["calendar"]}
    if chosen["read"] == "text":
        values["read"] = "text"
    if kind == "google":
        return values | {"client": str(chosen["client"].resolve())}
    values["client_id"] = chosen["client_id"]
    if chosen["tenant"]:
        values["tenant"] = chosen["tenant"]
    return values | ({"sign_in": "device"} if chosen["device"] else {})


def browser(no_browser: bool) -> Callable[[str], bool]:
    """How the page is opened."""
    import webbrowser

    return (lambda _: False) if no_browser else partial(webbrowser.open, new=1)


def kept(house: "House", name: str, browse: Callable[[str], bool]) -> None:
    """Have the user consent, and keep what came of it, encrypted. Raises Ends, NeedsUser, TryLater."""
    consent = asked_for(house, name, browse)
    house.paths.make()
    house.secrets(ask=True).keep(name, consent.kept)
    click.echo(f"Signed in{f' as {consent.address}' if consent.address else ''}; what it needs is kept, encrypted.")


def asked_for(house: "House", name: str, browse: Callable[[str], bool]) -> "Consent":
    """Have the user consent; nothing is kept. Raises NeedsUser, TryLater."""
    from agent import wiring

    account = house.settings.accounts[name]
    click.echo(f"{name} will be asked for:")
    for scope in wiring.scopes(account, digest=house.fills(name)):
        click.echo(f"    {scope}")
    consent = house.sign_in(name, click.echo, browse)
    for note in consent.notes:
        click.echo(note)
    return consent
