"""`auld init ADDRESS`: the first five minutes, from an address to a digest each morning.

Until the user agrees, all of it is in hand alone: password, consent, and what was read. Whoever stops leaves nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.asking import YES, agreed, answer
from agent.cli.consent import SHOWN_ONLY, browser
from agent.cli.ends import ERROR, INTERRUPTED, USAGE, Ends
from agent.cli.finding import Given, section, sending
from agent.cli.lines import say

if TYPE_CHECKING:
    from agent.cli.opening import Opened
    from agent.wiring import House
    from config.edit import Change
    from config.settings import Settings
    from connectors.autoconfig import Server

REST = ("append", "file", "stdout")
"""Where the digest of somebody goes who signs in on a vendor's page."""

CHECKING = 30.0
"""Seconds for a sign-in."""

STOPPED = "Stopped. Nothing was written, and nothing is kept."


@click.command("init")
@click.argument("address")
@YES
@click.option("--kind", type=click.Choice(["imap", "google", "microsoft"]), help="The way in (default: the best).")
@click.option("--name", default="", help="What to call the account (default: after its domain).")
@click.option("--host", default="", help="The server of the mailbox.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Its port (default: 993, or 143 without tls).")
@click.option("--security", type=click.Choice(["tls", "starttls", "none"]), help="none: on this machine alone.")
@click.option("--user", default="", help="What the server calls you (default: the address).")
@click.option("--password-command", default="", metavar="COMMAND", help="A program that prints the password.")
@click.option("--key-file", is_flag=True, help="Without a keyring: keep the key in a file that only you can read.")
@click.option("--lookup/--no-lookup", default=None, help="Ask the address's domain where the mailbox is, or do not.")
@click.option("--ispdb", is_flag=True, help="Ask Mozilla's list, too (autoconfig.thunderbird.net).")
@click.option("--read", type=click.Choice(["headers", "text"]), default="headers", help="Read texts too.")
@click.option("--calendar/--no-calendar", default=False, help="google, microsoft: read the calendars, too.")
@click.option("--client", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="google: its JSON.")
@click.option("--client-id", default="", help="microsoft: the application (client) id.")
@click.option("--tenant", default="", help="microsoft: the tenant.")
@click.option("--device", is_flag=True, help="microsoft: sign in with a code, on another device.")
@SHOWN_ONLY
@click.option("--via", type=click.Choice(["append", "smtp", "file", "stdout"]), help="Where the digest goes.")
@click.option("--smtp-host", default="", help="smtp: the server that takes your mail.")
@click.option("--smtp-port", type=click.IntRange(1, 65_535), help="Its port (default: 587, or 465 with tls).")
@click.option("--smtp-security", type=click.Choice(["tls", "starttls", "none"]), help="none: on this machine alone.")
@click.option("--at", metavar="HH:MM", default="", help="When it comes (default: 07:00).")
def init_(address: str, **options: Any) -> None:
    """Opt a mailbox in: find its server, sign in, see who is there, and say when the digest comes.

    What is asked can be answered by flags; with --yes the rest is as proposed. The password is asked for, and in a pipe
    it is the first line. Nothing is written before you agree. Called again with another address, it adds that one.
    """
    given = Given(**{key: value for key, value in options.items() if value is not None})
    try:
        first_steps(address.strip().lower(), given)
    except (click.Abort, KeyboardInterrupt):
        raise Ends(STOPPED, INTERRUPTED) from None


def first_steps(address: str, given: Given) -> None:
    """All of it, in order. Raises Ends, NeedsUser, TryLater, NoSecret, ConfigProblems."""
    from agent import config_file, wiring
    from agent.cli.connectors import show
    from agent.cli.firstlook import first_look
    from agent.cli.opening import keyring, sign_in
    from config import edit
    from config.paths import paths

    where = paths()
    before = config_file.chosen(where)
    unless_there(address, before)
    name = given.name or name_for(address, before)
    values, sends = section(address, given)
    given = with_digest(given, before)
    by_mail = mail_server(name, address, values, sends, given, before) if given.via == "smtp" else {}
    given = keyring(given, values, wiring.House(where, before, wiring.zone(before.me.timezone)))

    def written(text: str) -> str:
        text = edit.add_account(edit.add_me(text, [address]), name, values)
        text = edit.set_digest(text, morning(given, name, before)) if morning(given, name, before) else text
        text = edit.add_smtp(text, by_mail) if by_mail else text
        return edit.keep_in_a_file(text) if given.key_file and not before.secrets.file else text

    change, settings = edit.proposed(where.config, written, config_file.options_of, config_file.kinds())
    house = wiring.House(where, settings, wiring.zone(settings.me.timezone))
    opened = sign_in(house, name, given)
    say(f"Signed in. Looking at the last months of {name}, and at headers alone; this takes a minute at most.")
    for line in first_look(house, name, opened.connect).lines():
        say(line)
    show(change, where.config)
    kept = ", and keep what signs in, encrypted" if opened.secret() else ""
    if not agreed(f"Write this{kept}?", given.yes):
        raise Ends(STOPPED, ERROR)
    keep(house, name, opened, change)
    digest(house, name, address, sends, given)
    goodbye(name)


def unless_there(address: str, before: "Settings") -> None:
    """Raises Ends where that is no address, or its mailbox is opted in already."""
    from config.settings import ADDRESS, Consented, SignedIn, shown

    if not ADDRESS.fullmatch(address):
        raise Ends(f"{shown(address)} is not an e-mail address.", USAGE)
    kinds = ("imap", "google", "microsoft")
    for name, one in before.accounts.items():
        if isinstance(one, SignedIn | Consented) and one.kind in kinds and one.address == address:
            how = f"`auld login {name}` signs in anew" if one.enabled else f"`auld connectors enable {name}` opts it in"
            raise Ends(f"[accounts.{name}] is that mailbox already. {how}.", USAGE)


def name_for(address: str, before: "Settings") -> str:
    """A name for the account, after its domain and not taken yet."""
    import re

    base = re.sub(r"[^a-z0-9_-]+", "-", address.rpartition("@")[2].split(".")[0]).strip("-") or "home"
    base = "mail" if base == "smtp" else base
    taken = {name.lower() for name in before.accounts}
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, 1000))) if name not in taken)


def with_digest(given: Given, before: "Settings") -> Given:
    """With --yes the digest goes into the inbox, where none was wished for before."""
    if given.yes and not given.via and not wished(before):
        return replace(given, via="append")
    return given


def wished(before: "Settings") -> bool:
    """Whether the config says already where the digest goes."""
    return "digest" in before.model_fields_set and "via" in before.digest.model_fields_set


def morning(given: Given, name: str, before: "Settings") -> dict[str, Any]:
    """What the flags say of the digest; and into which inbox it goes, before a second one makes that unclear."""
    from config.settings import INBOXES

    said = {key: value for key, value in (("via", given.via), ("at", given.at)) if value}
    there = [other for other, one in before.enabled.items() if one.kind in INBOXES and other != name]
    if given.via == "append":
        return said | ({"account": name} if there else {})
    if not given.via and before.digest.via == "append" and not before.digest.account and there:
        return said | {"account": before.inbox}
    return said


def mail_server(
    name: str, address: str, values: Mapping[str, Any], sends: "Server | None", given: Given, before: "Settings"
) -> dict[str, Any]:
    """The section [smtp] that is to be written; nothing where there is one. Raises Ends where none can be."""
    if before.smtp is not None:
        return {}
    if values["kind"] != "imap":
        what = f"{values['kind']} is signed in to on a page, and a mail server wants a password."
        raise Ends(f"{what} --via append puts the digest into the inbox.", USAGE)
    return sending(name, address, sends, given)


def try_out(house: "House", via: str) -> None:
    """Whether the server that takes mail lets one in; nothing is sent, and what is written stays."""
    from agent import wiring
    from agent.outputs.smtp import Smtp
    from connectors.contract import Trouble

    if via != "smtp":
        return
    try:
        output = house.output(via, wiring.now(), say, wiring.allowed(CHECKING))
        if isinstance(output, Smtp):
            with output.signed_in():
                say("Signed in at the server that takes your mail, too. `auld digest --test` sends a test.")
    except Trouble as trouble:
        say(f"{trouble} `auld config edit` mends [smtp], `auld digest --test` tries it.")


def keep(house: "House", name: str, opened: "Opened", change: "Change") -> None:
    """Keep what signs in, then write the section; without the one there is not the other."""
    from agent import config_file, wiring
    from agent.cli.foreground import running, wake
    from config import edit

    house.paths.make()
    if secret := opened.secret():
        house.secrets(ask=True).keep(name, secret)
    try:
        edit.replace(house.paths.config, change)
    except BaseException:
        if secret:
            house.secrets(ask=True).forget(name)
        raise
    with house.store() as store:
        config_file.accept(house.paths, store, wiring.now())
    wake(process) if (process := running(house.paths.state)) else None


def digest(house: "House", name: str, address: str, sends: "Server | None", given: Given) -> None:
    """Ask where the digest goes and when, where nobody has said so yet."""
    from agent import config_file, wiring
    from agent.cli import consent as consenting
    from agent.cli.connectors import show
    from config import edit
    from config.settings import Consented

    if given.yes or wished(house.settings):
        try_out(house, given.via)
        return
    kind = house.settings.accounts[name].kind
    sent, ways = (" smtp sends it to you,", ("append", "smtp", "file", "stdout")) if kind == "imap" else ("", REST)
    say(f"The digest: append puts it into the inbox of {name},{sent}")
    say("file into a folder here, stdout shows it when you ask.")
    via = answer("Where shall it go?", "append", yes=False, among=ways)
    by_mail = mail_server(name, address, {"kind": kind}, sends, given, house.settings) if via == "smtp" else {}
    values = {"via": via} | ({} if given.at else {"at": answer("At what time?", "07:00", yes=False)})
    values |= morning(replace(given, via=via), name, house.settings)

    def written(text: str) -> str:
        text = edit.set_digest(text, values)
        return edit.add_smtp(text, by_mail) if by_mail else text

    change, settings = edit.proposed(house.paths.config, written, config_file.options_of, config_file.kinds())
    there = replace(house, settings=settings)
    if via == "append" and isinstance(settings.accounts[name], Consented):
        say("For that one more right is needed, and the page opens once more.")
        consenting.kept(there, name, browser(given.no_browser))
    show(change, house.paths.config)
    edit.replace(house.paths.config, change)
    with there.store() as store:
        config_file.accept(house.paths, store, wiring.now())
    try_out(there, via)


def goodbye(name: str) -> None:
    """What comes next."""
    from agent.cli.foreground import running
    from config.paths import paths

    if running(paths().state):
        say(f"{name} is on; the daemon reads it.")
        return
    say(f"{name} is on. `auld sync` reads it, `auld digest` says whom to write to.")
    say("`auld service install` has that done each morning; `auld doctor` looks whether all is well.")
