"""`auld import`, `auld sync`: bring what is new."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.ends import ERROR, PARTIAL, USAGE, Ends, code_of
from agent.cli.lines import say

if TYPE_CHECKING:
    from agent.pull import Pulled
    from agent.store.store import Store
    from agent.wiring import House
    from config.settings import Account

KINDS = {".ics": "ics", ".ical": "ics", ".icalendar": "ics", ".vcf": "vcard", ".vcard": "vcard"}
"""What is neither calendar nor address book by its name is taken for a mailbox; the connector says so if it is none."""

PACKED = (".xz", ".gz", ".bz2", ".zip")

TICK = 0.2
"""Seconds between two looks at what the daemon has done."""

WAYS_IN = "`auld init you@example.org` opts a mailbox in; `auld import FILE --me you@example.org` reads an archive."

WHOSE = "Whose mail is it? Give your own address: auld import FILE --me you@example.org"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--me", "addresses", multiple=True, metavar="ADDRESS", help="Your own address; others of yours are found."
)
@click.option("--read", type=click.Choice(["headers", "text"]), default=None, help="Read texts too (default: headers).")
def import_(files: tuple[Path, ...], addresses: tuple[str, ...], read: str | None) -> None:
    """Read mail archives (mbox, also packed or from Takeout), calendar files (.ics) and address books (.vcf).

    Writes a section for each file into the config, shows it, and reads the file. What cannot be read gets no section.
    """
    import connectors
    from agent import config_file
    from config import edit
    from config.paths import paths

    if gone := [file for file in files if not file.exists()]:
        raise Ends(f"{gone[0]}: there is no such file. Nothing was read.", USAGE)
    if odd := [file for file in files if not (file.is_file() or file.is_dir())]:
        raise Ends(f"{odd[0]}: neither a file nor a folder (a pipe, a device?). Save it as a file first.", USAGE)
    where = paths().make()
    known = config_file.chosen(where).accounts
    names = {file: known_as(file, known) for file in dict.fromkeys(files)}
    if read and (other := [name for name in names.values() if name and known[name].read != read]):
        raise Ends(f'[accounts.{other[0]}] reads that file already. Set read = "{read}" there.', USAGE)
    new = [file for file, name in names.items() if not name]

    def sections(text: str) -> str:
        text = edit.add_me(text, addresses) if addresses else text
        for file in new:
            names[file] = name_for(file, text)
            values = {"kind": kind_of(file), "path": str(file.resolve())} | ({"read": read} if read else {})
            text = edit.add_account(text, names[file], values)
        return text

    _, settings = edit.proposed(where.config, sections, config_file.options_of, connectors.KINDS)
    if not settings.me.addresses:
        raise Ends(WHOSE, USAGE)
    sick = {file: code for file in new if (code := trouble(settings.accounts[names[file]], file))}
    new = [file for file in new if file not in sick]
    change, _ = edit.proposed(where.config, sections, config_file.options_of, connectors.KINDS)
    if change.new != change.old and len(sick) < len(names):
        edit.replace(where.config, change)
        click.echo(f"{where.config} now says:\n")
        click.echo("\n".join(f"    {line}".rstrip() for line in added(change.old, change.new)))
        click.echo()
    bring([name for file, name in names.items() if file not in sick], list(sick.values()))
    click.echo("`auld digest` says whom to write to, `auld people` whom you know.")


def trouble(account: "Account", file: Path) -> int:
    """The exit code of a file that cannot be read, after the reason was said; 0 where it can be."""
    from agent import wiring
    from connectors.contract import Trouble

    try:
        connector = wiring.connect(account, wiring.now(), wiring.zone(""))
        streams = connector.streams()
        if account.kind != "mbox":  # a mailbox is looked into by now, the others are not
            next(iter(connector.audit(streams[0])), None)
    except Trouble as why:
        click.echo(f"{file.name}: {why}", err=True)
        return code_of(why) or ERROR
    return 0


def kind_of(file: Path) -> str:
    """The kind of account that reads this file, or this folder or zip of files."""
    names = inside(file) or [file.name]
    suffixes = [[s.lower() for s in Path(name).suffixes if s.lower() not in PACKED] for name in names]
    kinds = {KINDS.get(s[-1], "mbox") if s else "mbox" for s in suffixes}
    return kinds.pop() if len(kinds) == 1 else "mbox"


def inside(file: Path) -> list[str]:
    """The names of what lies in a folder or zip; none where it is a single file."""
    from zipfile import BadZipFile, ZipFile, is_zipfile

    if file.is_dir():
        return [p.name for p in file.rglob("*") if p.is_file() and not p.name.startswith(".")]
    if not is_zipfile(file):
        return []
    try:
        with ZipFile(file) as archive:
            return [name for name in archive.namelist() if not name.endswith("/")]
    except (BadZipFile, OSError):
        return []


def known_as(file: Path, accounts: object) -> str:
    """The name of the account that reads this file already."""
    path = file.resolve()
    found = [n for n, a in dict(accounts).items() if getattr(a, "path", None) == path]  # type: ignore[call-overload]
    return found[0] if found else ""


def name_for(file: Path, text: str) -> str:
    """A name for the account, after the file and not taken yet."""
    base = re.sub(r"[^a-z0-9_-]+", "-", file.name.split(".")[0].lower()).strip("-") or "archive"
    names = [base, *(f"{base}-{n}" for n in range(2, 1000))]
    return next(n for n in names if f"[accounts.{n}]" not in text)


def added(before: str, after: str) -> list[str]:
    """The lines that are new."""
    old = set(before.splitlines())
    return [line for line in after.splitlines() if line not in old]


@click.command("sync")
@click.argument("accounts", nargs=-1)
def sync_(accounts: tuple[str, ...]) -> None:
    """Bring what is new in all accounts that are opted in, or in those named, and learn from it.

    Where the daemon runs, it is asked to, and waited for.
    """
    from agent.cli.foreground import running
    from config.paths import paths

    if process := running(paths().state):
        have_brought(accounts, process)
    else:
        bring(accounts)


def have_brought(wanted: Sequence[str], process: int) -> None:
    """Ask the daemon to read these accounts (all, where none is named), and wait until it has."""
    from threading import Event

    from agent import config_file, wiring
    from agent.cli import overview
    from agent.cli.foreground import wake
    from agent.cli.home import learn, opened
    from agent.schedule import ROUND
    from agent.store.glance import glance, plan

    with opened() as (house, store):
        config_file.accept(house.paths, store, wiring.now())
        names = chosen(wanted, house)
        asked = wiring.now()
        store.ask(names, at=asked)
        wake(process)
        left, pause, tick = set(names), Event(), 0.0
        while left and tick < ROUND:
            for lane in plan(house.paths.store).lanes:
                began = lane.begun_at is not None and lane.begun_at >= int(asked.timestamp())
                bound = lane.bound and lane.next_at is not None and lane.next_at > asked.timestamp()
                if lane.name in left and (bound or (began and (lane.ended_at or 0) >= (lane.begun_at or 0))):
                    left.discard(lane.name)
            pause.wait(TICK)
            tick += TICK
        for one in glance(house.paths.store).accounts:
            if one.name in names:
                say(overview.account(one) + (" · still at it" if one.name in left else ""))
        for line in learn(house, store, wiring.now()):
            say(line)
        sick = [lane for lane in store.lanes() if lane.name in names and lane.state != "ok"]
    if sick or left:
        raise Ends("", PARTIAL)


def bring(wanted: Sequence[str], before: Sequence[int] = ()) -> None:
    """Pull these accounts (all, where none is named), then learn. One sick account never harms another.

    `before` are the exit codes of those that were found sick already.
    """
    from agent import config_file, leave, wiring
    from agent.cli.home import learn, opened

    with opened() as (house, store):
        config_file.accept(house.paths, store, wiring.now())
        leave.settle(house.paths, store, house.settings.enabled, wiring.now())
        names = list(wanted) if before and not wanted else chosen(wanted, house)
        codes = [*before, *(round_of(name, house, store) for name in names)]
        for line in learn(house, store, wiring.now()):
            say(line)
    if any(codes):
        raise Ends("", max(codes) if all(codes) else PARTIAL)


def chosen(wanted: Sequence[str], house: "House") -> list[str]:
    """The accounts that are meant: these, or all that are on. Raises Ends."""
    if unknown := [n for n in wanted if n not in house.settings.accounts]:
        raise Ends(f"There is no account {unknown[0]!r} in {house.paths.config}.{there(house)}", USAGE)
    if off := [n for n in wanted if n not in house.settings.enabled]:
        raise Ends(f"{off[0]} is off. Leave out `enabled = false` in [accounts.{off[0]}] to opt in.", USAGE)
    names = list(wanted) if wanted else list(house.settings.enabled)
    if not names:
        raise Ends(f"No account is opted in. {WAYS_IN}", USAGE)
    return names


def there(house: "House") -> str:
    """Which accounts there are, to choose from."""
    return f" There are: {', '.join(house.settings.accounts)}." if house.settings.accounts else ""


def round_of(name: str, house: "House", store: "Store") -> int:
    """One round over one account: what it brought is said; trouble is said too, and gives an exit code."""
    import random

    from agent import wiring
    from agent.pull import bug, tour

    with shown(name) as progress:
        done = tour(
            name,
            lambda: house.connect(name, wiring.now()),
            store,
            wiring.now,
            random.random(),  # noqa: S311 - jitter, no secret
            mark=house.mark(name),
            progress=progress,
            own=house.settings.me.addresses,
        )
    if error := done.error:
        code = code_of(error)
        click.echo(f"{name}: {error if code else f'{bug(error)}. The account rests until the next sync.'}", err=True)
        return code or ERROR
    say(f"{name}: {done.pulled.found:,} read, {done.pulled.new:,} new" + missed(name, store))
    return 0


def missed(name: str, store: "Store") -> str:
    """What could not be read, counted and named."""
    bad = store.ledger(name)
    if not bad:
        return ""
    first = "; ".join(entry.reason for entry in bad[:3])
    return f", {len(bad):,} could not be read ({first}{'; …' if len(bad) > 3 else ''})"


class shown:  # noqa: N801 - reads like a sentence where it stands
    """Progress on a terminal, silence in a pipe."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._bar: object = None

    def __enter__(self) -> "Callable[[Pulled, float | None], None]":
        import sys

        if not sys.stderr.isatty() or click.get_current_context().find_root().params.get("plain"):
            return lambda *_: None
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(), console=Console(stderr=True), transient=True,
        )  # fmt: skip
        task = bar.add_task(self.name, total=1.0)
        bar.start()
        self._bar = bar
        return lambda done, share: bar.update(task, completed=share or 0.0)

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()  # type: ignore[attr-defined]
