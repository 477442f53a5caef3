"""`auld connectors`: what may auld read? Shown, and switched on and off in the very file that the user edits."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.asking import YES, sure
from agent.cli.consent import add
from agent.cli.ends import PARTIAL, Ends
from agent.cli.lines import as_json, out, say, table

if TYPE_CHECKING:
    from agent.store.glance import AccountGlance, Glance
    from config.edit import Change

AROUND = 2
"""Lines that are shown around a change."""

STILL_READ = (
    "Another program still reads the store, so that deleted bytes may be left in it until it ends. The next `auld sync`"
    " takes them away."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One account, as `list` shows it."""

    name: str
    kind: str
    enabled: bool
    state: str
    items: int
    scopes: tuple[str, ...] = ()  # what its vendor is asked to open


@click.group("connectors")
def connectors_() -> None:
    """List what auld may read; switch an account on or off."""


@connectors_.command("list")
@as_json
def list_(json_: bool) -> None:
    """List the accounts: those of the config file, and those that are left in the store."""
    from agent.store.glance import glance
    from config.paths import paths

    where = paths()
    seen = glance(where.store)
    entries = [replace(one, scopes=scopes(one)) for one in entries_of(sections(where.config), seen)]
    if json_:
        told = [
            {
                "name": e.name,
                "kind": e.kind,
                "enabled": e.enabled,
                "state": e.state,
                "items": e.items,
                "scopes": list(e.scopes),
            }
            for e in entries
        ]
        out({"path": str(where.config), "accounts": told})
        return
    if seen.trouble:
        say(seen.trouble)
    if not entries:
        say("No account is named in the config. `auld init you@example.org` opts a mailbox in.")
        say("`auld import FILE --me you@example.org` reads an archive; `auld connectors add` writes any other section.")
        return
    table([(e.name, e.kind, "on" if e.enabled else "off", e.state) for e in entries], ("account", "kind", "", "state"))
    for e in entries:
        if e.scopes:
            say(f"{e.name} may, by its consent: {', '.join(e.scopes)}")


connectors_.add_command(add)


@connectors_.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Opt an account in: auld reads it from now on."""
    from agent import config_file, wiring
    from agent.cli.foreground import running, wake
    from config import edit
    from config.paths import paths

    where = paths()
    change, settings = edit.proposed(
        where.config, partial(edit.enable, name=name), config_file.options_of, config_file.kinds()
    )
    if change.new == change.old:
        say(f"{name} is on already.")
        return
    show(change, where.config)
    edit.replace(where.config, change)
    with wiring.house().store() as store:
        store.visible = frozenset(settings.enabled)
        config_file.accept(where, store, wiring.now())
    wake(process) if (process := running(where.state)) else None
    say(f"{name} is on. {'The daemon' if process else '`auld sync`'} reads it.")


@connectors_.command("disable")
@click.argument("name")
@YES
def disable(name: str, yes: bool) -> None:
    """Opt an account out, and delete at once what was read of it, with its password."""
    opt_out(name, yes)


def opt_out(name: str, yes: bool) -> None:
    """Switch an account off in the config file, if it stands there, and delete all of it. Raises Ends."""
    from agent import config_file, leave, wiring
    from agent.cli.foreground import running, wake
    from agent.cli.home import learn, opened
    from agent.store.glance import glance
    from config import edit
    from config.paths import paths

    where = paths()
    seen = {one.name: one for one in glance(where.store).accounts}
    change = None
    if name not in seen or name in sections(where.config):
        write = partial(edit.disable, name=name)
        change, _ = edit.proposed(where.config, write, config_file.options_of, config_file.kinds())
        show(change, where.config)
    items = f"{seen[name].items:,} items" if name in seen else "nothing"
    say(f"All that was read of {name} ({items}) is deleted at once, and its password if one is kept.")
    say("This cannot be undone. What you said of people stays, and so does all that lies in the account itself.")
    sure("Delete it?", yes)
    if change and change.new != change.old:
        edit.replace(where.config, change)
    with opened() as (house, store):
        config_file.accept(where, store, wiring.now())
        if process := running(where.state):
            wake(process)  # it ends a round that goes on
        told = leave.account(where, store, name)
        learn(house, store, wiring.now())
        clean = store.cleanse()
    say(f"{name} is {'off, and ' if change else ''}deleted.")
    if told:
        say(told)
    if not clean:
        raise Ends(STILL_READ, PARTIAL)


def show(change: "Change", config: Path) -> None:
    """The lines that change, with a few around them."""
    lines = list(unified_diff(change.old.splitlines(), change.new.splitlines(), n=AROUND, lineterm=""))
    if lines:
        click.echo(f"{config}:")
        click.echo("\n".join(f"    {line}".rstrip() for line in lines[2:]))  # the first two name the files


def sections(config: Path) -> Mapping[str, Mapping[str, Any]]:
    """The accounts in the config file, as far as one sees without its checks. Raises Ends."""
    if not config.exists():
        return {}
    try:
        accounts = tomllib.loads(config.read_text("utf-8-sig")).get("accounts", {})
        return {name: section for name, section in accounts.items() if isinstance(section, dict)}
    except (ValueError, AttributeError):
        raise Ends(f"{config} cannot be read: `auld config check` says why.") from None


def entries_of(named: Mapping[str, Mapping[str, Any]], seen: "Glance") -> list[Entry]:
    """Those of the config in its order, then what is left of others."""
    known = {one.name: one for one in seen.accounts}
    off = dict(seen.off)
    entries = []
    for name, section in named.items():
        on = section.get("enabled", True) is not False
        kind = str(section.get("kind", "?"))
        entries.append(Entry(name, kind, on, told(known.get(name), off.get(name), on), items_of(known.get(name))))
    left = [one for name, one in known.items() if name not in named and one.streams]
    return entries + [
        Entry(one.name, one.kind, False, f"no section; {told(one, off.get(one.name), False)}", one.items)
        for one in left
    ]


def scopes(entry: Entry) -> tuple[str, ...]:
    """What the vendor of an account is asked to open, where the config is good; nothing where it is off."""
    import connectors

    if entry.kind not in connectors.SIGN_INS or not entry.enabled:
        return ()
    from agent import wiring
    from config.load import ConfigProblems

    try:
        house = wiring.house()
    except ConfigProblems:
        return ()
    return wiring.scopes(house.settings.accounts[entry.name], digest=house.fills(entry.name))


def told(one: "AccountGlance | None", off_at: int | None, on: bool) -> str:
    """How an account stands, in words."""
    from agent.cli import overview

    if on:
        if one is None or (not one.streams and not one.begun_at):
            return "not read yet"
        return overview.account(one).partition(": ")[2]
    if one is None or not one.streams:
        return "nothing is kept"
    since = f"since {overview.moment(off_at)}, deleted a day later" if off_at else "hidden, and deleted after a day"
    return f"{one.items:,} items, {since}"


def items_of(one: "AccountGlance | None") -> int:
    """How much of an account is kept."""
    return one.items if one else 0
