"""`auld init`: where is the mailbox? What everybody knows; what its domain says, where it may be asked; or the user."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from agent.cli.asking import agreed, answer
from agent.cli.consent import section as consented
from agent.cli.ends import USAGE, Ends
from agent.cli.lines import say

if TYPE_CHECKING:
    from connectors.autoconfig import Place, Server

LOOKING = 20.0
"""Seconds for all places that are asked; most that are there answer in one."""

PORTS = {"tls": 993, "starttls": 143, "none": 143}
DOORS = {"tls": 465, "starttls": 587, "none": 587}
"""What needs not be written down: of mailboxes, and of servers that take mail."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered beforehand, by flags; "", 0 and None: not yet."""

    yes: bool = False
    kind: str = ""
    name: str = ""
    host: str = ""
    port: int = 0
    security: Literal["", "tls", "starttls", "none"] = ""
    user: str = ""
    password_command: str = ""
    key_file: bool = False
    lookup: bool | None = None
    ispdb: bool = False
    read: str = "headers"
    calendar: bool = False
    client: Path | None = None
    client_id: str = ""
    tenant: str = ""
    device: bool = False
    no_browser: bool = False
    via: str = ""
    at: str = ""
    smtp_host: str = ""
    smtp_port: int = 0
    smtp_security: Literal["", "tls", "starttls", "none"] = ""


def section(address: str, given: Given) -> tuple[dict[str, Any], "Server | None"]:
    """The keys of the account's section, asked for where no flag gave them, and the server that takes mail, where that
    is known. Raises Ends.
    """
    from connectors import autoconfig

    place = found(address, given)
    kind = way(place, given)
    if place.note and kind != "google":  # what is said of an app password is not for those who consent on a page
        say(place.note)
    if kind == "imap":
        server = chosen(place, address, given)
        sends = place.sends if place.server and place.server.host == server.host else None
        return mailbox(address, server, given), sends or autoconfig.SENDS.get(server.host)
    return consented(kind, address, {**vendor(kind, address, given), "mail": True, "read": given.read}), None


def sending(name: str, address: str, sends: "Server | None", given: Given) -> dict[str, Any]:
    """The keys of [smtp], which signs in as the account of that name does. Raises Ends where no server is known."""
    from connectors import autoconfig

    host = given.smtp_host or (sends.host if sends else "")
    if not host and given.yes:
        raise Ends("Nobody knows yet which server takes your mail. Say it: --smtp-host smtp.example.org", USAGE)
    if not host:
        host = answer("Which server takes your mail?", f"smtp.{autoconfig.domain_of(address)}", yes=False)
    known = sends if sends and sends.host == host else None
    security = given.smtp_security or (known.security if known else "starttls")
    port = given.smtp_port or (known.port if known and known.security == security else DOORS[security])
    if sends and not autoconfig.within(host, address) and host not in {one.host for one in autoconfig.SENDS.values()}:
        say(f"{host} is not within {autoconfig.domain_of(address)}: go on only if it is the provider that you know.")
    say(f"The digest is sent by {host}, port {port}, {security}: from your address to your address alone.")
    values: dict[str, Any] = {"host": host}
    if port != DOORS[security]:
        values["port"] = port
    if security != "starttls":
        values["security"] = security
    return values | {"account": name}


def found(address: str, given: Given) -> "Place":
    """What is known of this mailbox. Raises Ends where it can be read by nobody but its provider's own programs."""
    from connectors import autoconfig

    if given.host:
        server = autoconfig.Server(given.host)
        return autoconfig.behind(server) or autoconfig.Place(server=server)
    if given.kind in ("google", "microsoft"):
        return autoconfig.Place(("google",) if given.kind == "google" else ("microsoft",))
    place = autoconfig.known(address) or looked_up(address, given) or autoconfig.Place()
    if not place.ways:
        raise Ends(
            f"{place.note} `auld import FILE --me {address}` reads an archive; with --host a server is taken all the"
            " same."
        )
    return place


def looked_up(address: str, given: Given) -> "Place | None":
    """What the address's own domain says, or else Mozilla's list, where the user lets them be asked."""
    from connectors import autoconfig
    from connectors.web_addresses import host_of

    hosts = [host_of(url) for url in autoconfig.asked(address)]
    learned = f"{' and '.join(hosts)} (the first is told your address), and the name server of this machine"
    what = f"Its domain can say where the mailbox is. Ask it? That would be: {learned}."
    if not allowed(what, given.lookup, given.yes):
        return None
    if place := ask(address, public=False) or by_name(address):
        return place
    [public] = autoconfig.asked(address, public=True)
    what = f"Nothing was found. Ask Mozilla's list at {host_of(public)}? It is told the domain alone."
    if given.ispdb or (given.lookup is None and agreed(what, yes=False, default=False)):
        return ask(address, public=True)
    return None


def allowed(question: str, flag: bool | None, yes: bool) -> bool:
    """Whether others may be asked: by the flag, else by the user; --yes alone allows nothing."""
    if flag is not None:
        return flag
    return not yes and agreed(question, yes=False)


def ask(address: str, *, public: bool) -> "Place | None":
    """Ask the places on the web for this mailbox, over https."""
    from agent import wiring
    from connectors import autoconfig
    from connectors.web import Web

    web = Web(wiring.allowed(LOOKING), now=wiring.now(), private=autoconfig.PLACES.private)
    return autoconfig.look_up(address, web, autoconfig.asked(address, public=public))


def by_name(address: str) -> "Place | None":
    """Ask the name server of this machine, as RFC 6186 has it."""
    from connectors import autoconfig, srv

    source = f"The DNS of {autoconfig.domain_of(address)}"
    for service, security in (("_imaps", "tls"), ("_imap", "starttls")):
        for host, port in srv.mailboxes(autoconfig.domain_of(address), service):
            found = autoconfig.named_by(address, host, port, security, source)  # type: ignore[arg-type]
            if found:
                return found
    return None


def way(place: "Place", given: Given) -> str:
    """The way in that is taken: the one that was asked for, or the best."""
    if given.kind:
        return given.kind
    if given.client and "google" in place.ways:
        return "google"
    if len(place.ways) == 1:
        return place.ways[0]
    say("imap: with an app password. google: with Google's own page, for which docs/google.md has to be followed once.")
    return answer("Which way?", place.ways[0], given.yes, place.ways)


def chosen(place: "Place", address: str, given: Given) -> "Server":
    """The server, as it was found or as the user says; the flags win."""
    from connectors import autoconfig

    server = place.server
    if server is None:
        server = autoconfig.Server(typed(address, given))
    elif place.source:
        say(f"{place.source} says: {server.host}, port {server.port}, {server.security}.")
        if not autoconfig.within(server.host, address):
            say(f"That is not within {autoconfig.domain_of(address)}: go on only if it is the provider that you know.")
        if given.yes and not place.vouched:
            raise Ends(f"Nobody vouches for that. If it is the one that you know, say so: --host {server.host}", USAGE)
        if not agreed("Is it the right one?", given.yes):
            server = autoconfig.Server(typed(address, given))
    if given.security:
        server = replace(server, security=given.security, port=PORTS[given.security])  # type: ignore[arg-type]
    server = replace(server, port=given.port or server.port, user=given.user or server.user)
    say(f"The mailbox is at {server.host}, port {server.port}.")
    return server


def typed(address: str, given: Given) -> str:
    """The server as the user names it. Raises Ends where nobody does."""
    from connectors import autoconfig

    if given.yes:
        raise Ends("Nobody knows yet which server holds this mailbox. Say it: --host imap.example.org", USAGE)
    return answer("Which server holds the mailbox?", f"imap.{autoconfig.domain_of(address)}", yes=False)


def mailbox(address: str, server: "Server", given: Given) -> dict[str, Any]:
    """The section of a mailbox on a server; what goes without saying is not written."""
    import shlex

    values: dict[str, Any] = {"kind": "imap", "address": address, "host": server.host}
    if server.port != PORTS[server.security]:
        values["port"] = server.port
    if server.security != "tls":
        values["security"] = server.security
    if server.user and server.user != address:
        values["user"] = server.user
    if given.read == "text":
        values["read"] = "text"
    if given.password_command:
        try:
            values["secret_command"] = shlex.split(given.password_command)
        except ValueError as slip:
            raise Ends(f"--password-command: {slip}.", USAGE) from None
    return values


def vendor(kind: str, address: str, given: Given) -> Mapping[str, Any]:
    """What a vendor's own page needs to know: the app registration of the user's own. Raises Ends."""
    from connectors import autoconfig

    chosen = {name: getattr(given, name) for name in ("calendar", "client", "client_id", "tenant", "device")}
    needed = {"google": "client", "microsoft": "client_id"}[kind]
    if not chosen[needed] and not given.yes:
        say(f"It needs an app registration of your own, once: docs/{kind}.md tells how to make it, in ten minutes.")
        what = {"google": "The JSON file of the client", "microsoft": "The application (client) ID"}[kind]
        told = click.prompt(what, default="", show_default=False, err=True).strip()
        if kind == "google" and told and not Path(told).expanduser().is_file():
            raise Ends(f"{told}: there is no such file. Nothing was changed.", USAGE)
        chosen[needed] = (Path(told).expanduser() if kind == "google" else told) if told else None
    if kind == "microsoft" and not chosen["tenant"] and autoconfig.known(address):
        chosen["tenant"] = "consumers"
    return chosen
