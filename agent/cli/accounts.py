"""`auld import`, `auld sync`: bring what is new."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.ends import PARTIAL, USAGE, Ends, code_of

if TYPE_CHECKING:
    from agent.store.store import Store
    from agent.wiring import House
    from agent.work import Pulled

SUFFIXES = {".ics": "ics", ".ical": "ics", ".icalendar": "ics"}
"""What is not a calendar by its name is taken for a mailbox; the connector says so if it is none."""

PACKED = (".xz", ".gz", ".bz2", ".zip")


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--me", "addresses", multiple=True, metavar="ADDRESS", help="Your own address; others of yours are found."
)
@click.option("--read", type=click.Choice(["headers", "text"]), default=None, help="Read texts too (default: headers).")
def import_(files: tuple[Path, ...], addresses: tuple[str, ...], read: str | None) -> None:
    """Read mail archives (mbox, also packed or from Takeout) and calendar files (.ics).

    Writes a section for each file into the config, shows it, and reads the file.
    """
    import connectors
    from agent import wiring
    from config import edit
    from config.paths import paths

    where = paths().make()
    for file in files:
        if not file.exists():
            raise Ends(f"{file}: there is no such file.", USAGE)
    known = wiring.chosen(where).accounts
    names = {file: known_as(file, known) for file in files}

    def sections(text: str) -> str:
        text = edit.add_me(text, addresses) if addresses else text
        for file in files:
            if not names[file]:
                names[file] = name_for(file, text)
                values = {"kind": kind_of(file), "path": str(file.resolve())} | ({"read": read} if read else {})
                text = edit.add_account(text, names[file], values)
        return text

    change, settings = edit.proposed(where.config, sections, wiring.options_of, connectors.KINDS)
    if not settings.me.addresses:
        raise Ends("Whose mail is it? Give your own address: auld import FILE --me you@example.org", USAGE)
    if change.new != change.old:
        edit.replace(where.config, change)
        click.echo(f"{where.config} now says:\n")
        click.echo("\n".join(f"    {line}".rstrip() for line in added(change.old, change.new)))
        click.echo()
    bring(list(names.values()))


def kind_of(file: Path) -> str:
    """The kind of account that reads this file."""
    suffixes = [s.lower() for s in file.suffixes if s.lower() not in PACKED]
    return SUFFIXES.get(suffixes[-1] if suffixes else "", "mbox")


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
    """Bring what is new in all accounts that are opted in, or in those named, and learn from it."""
    bring(accounts)


def bring(wanted: Sequence[str]) -> None:
    """Pull these accounts (all, where none is named), then learn. One sick account never harms another."""
    from agent.cli.home import opened

    with opened() as (house, store):
        if unknown := [n for n in wanted if n not in house.settings.accounts]:
            raise Ends(f"There is no account {unknown[0]!r} in {house.paths.config}.", USAGE)
        if off := [n for n in wanted if n not in house.settings.enabled]:
            raise Ends(f"{off[0]} is off: set enabled = true in [accounts.{off[0]}] to opt in.", USAGE)
        names = wanted or list(house.settings.enabled)
        if not names:
            raise Ends("No account is opted in. `auld import FILE --me you@example.org` reads an archive.", USAGE)
        codes = [round_of(name, house, store) for name in names]
        learn(house, store)
    if any(codes):
        raise Ends("", max(codes) if len([c for c in codes if c]) == len(codes) else PARTIAL)


def round_of(name: str, house: "House", store: "Store") -> int:
    """One round over one account: what it brought is said; trouble is said too, and gives an exit code."""
    from agent import wiring, work

    account = house.settings.accounts[name]
    at = wiring.now()
    mark = wiring.marker() if account.read == "text" else None
    store.account(name, account.kind, archive=account.kind in ("mbox", "ics"))
    try:
        with shown(name) as progress:
            done = work.pull(name, wiring.connect(account, at, house.zone), store, at, mark, progress)
    except Exception as trouble:
        code = code_of(trouble)
        if code is None:
            raise
        click.echo(f"{name}: {trouble}", err=True)
        return code
    click.echo(f"{name}: {done.found:,} read, {done.new:,} new" + missed(name, store))
    return 0


def missed(name: str, store: "Store") -> str:
    """What could not be read, counted and named."""
    bad = store.ledger(name)
    if not bad:
        return ""
    first = "; ".join(f"{entry.remote_id}: {entry.reason}" for entry in bad[:3])
    return f", {len(bad):,} could not be read ({first}{'; …' if len(bad) > 3 else ''})"


class shown:  # noqa: N801 - reads like a sentence where it stands
    """Progress on a terminal, silence in a pipe."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._bar: object = None

    def __enter__(self) -> "Callable[[Pulled, float | None], None]":
        import sys

        if not sys.stderr.isatty():
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


def learn(house: "House", store: "Store") -> None:
    """Learn what is new, and say what one should know."""
    from agent import wiring, work

    notices = work.learn(store, house.settings.me.addresses, house.zone, wiring.now())
    for line in notices:
        click.echo(line)
