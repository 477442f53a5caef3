"""How are the accounts and the store, in lines? Standard library and platformdirs only: `auld status` says them."""

import os
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from agent.digest.plain import clean
from agent.store.glance import AccountGlance, Glance, glance
from config.paths import paths

LONGEST = 400
"""Characters of a line, as elsewhere."""


def tell() -> None:
    """Print the lines, as `auld status` without a flag does."""
    try:
        for line in overview():
            print(clean(line, LONGEST))  # noqa: T201 - click costs more than all the rest
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def overview() -> list[str]:
    """What there is to say of this profile."""
    seen, enabled, problem = seen_now()
    return ([problem] if problem else []) + list(lines(seen, enabled))


def seen_now() -> tuple[Glance, list[str], str]:
    """What the store shows of the accounts that are on; those; and what is wrong with the config file."""
    where = paths()
    enabled, problem = chosen(where.config)
    return kept(glance(where.store), enabled), enabled, problem


def chosen(config: Path) -> tuple[list[str], str]:
    """The accounts that are on, and what is wrong with the file; only as far as one sees without its checks."""
    if not config.exists():
        return [], ""
    try:
        accounts = tomllib.loads(config.read_text("utf-8-sig")).get("accounts", {})
        return [name for name, section in accounts.items() if section.get("enabled", True)], ""
    except (ValueError, AttributeError, OSError):
        return [], f"{config} cannot be read: `auld config check` says why."


def kept(seen: Glance, enabled: Collection[str]) -> Glance:
    """What may be shown: nothing of an account that is off, nor what was learned from it together with others."""
    mixed = not set(seen.learned_from) <= set(enabled)
    shown = replace(seen, accounts=tuple(one for one in seen.accounts if one.name in enabled))
    return replace(shown, people=0, others=0, own=(), notices=(), learned_at=0) if mixed else shown


def lines(seen: Glance, enabled: Sequence[str]) -> Iterator[str]:
    """What there is to say, most urgent first."""
    if seen.trouble:
        yield seen.trouble
        return
    if seen.behind:
        yield "An older auld wrote the store; `auld sync` brings it up to date."
        return
    if not enabled:
        yield "No account is opted in. `auld import FILE --me you@example.org` reads an archive; `auld demo` shows one."
        return
    yield from (account(one) for one in seen.accounts)
    yield from (f"{name}: not read yet, `auld sync` does it" for name in unread(seen, enabled))
    if seen.missing or not seen.accounts:
        return
    if seen.learned_at:
        yield f"{seen.people:,} people, {seen.others:,} machines, lists and mailings"
    if seen.stale or not seen.learned_at:
        yield "there is something to learn: `auld digest` or `auld sync` does it"
    yield f"last digest: {seen.last_digest.isoformat() if seen.last_digest else 'none yet'}"
    for address, reason in seen.own:
        yield f"yours: {address} ({reason.rstrip('.')})"
    yield from seen.notices


def unread(seen: Glance, enabled: Sequence[str]) -> list[str]:
    """The accounts that are on and that the store does not know yet."""
    read = {one.name for one in seen.accounts}
    return [name for name in enabled if name not in read]


def account(one: AccountGlance) -> str:
    """One account in a line."""
    reach = f"up to {day(one.newest)}" if one.newest else "nothing yet"
    when = f", read on {day(one.last_page)}" if one.last_page else ""
    missed = f", {one.missed:,} could not be read" if one.missed else ""
    return f"{one.name} ({one.kind}{', an archive' if one.archive else ''}): {one.items:,} items {reach}{when}{missed}"


def day(at: int) -> str:
    """The local day of a time in POSIX seconds, by the system's zone."""
    return datetime.fromtimestamp(at).astimezone().date().isoformat()
