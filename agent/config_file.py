"""What did the user choose, and which config holds: the file as it is, or the last one that was good?

Everything is imported inside its function, so that a command pays only for what it uses.
"""

from collections.abc import Collection
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import connectors
from config.paths import Paths

if TYPE_CHECKING:
    from agent.store.store import Store
    from config.settings import Account, Settings


def chosen(found: Paths) -> "Settings":
    """What the user chose; without a config file, nothing is opted in."""
    from config.load import load
    from config.settings import Settings

    return load(found.config, options_of, connectors.KINDS) if found.config.exists() else Settings()


def looked_at(config: Path) -> tuple[int, int]:
    """By what a config file is known to have changed: its time of change and its size; zeros where there is none."""
    try:
        found = config.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def accept(found: Paths, store: "Store", at: datetime) -> "Settings":
    """Read the config file and keep what it says as that which holds, by rounds and daemon too.

    Raises config.load.ConfigProblems, after it was kept that this file is not good.
    """
    from agent.store.store import Chosen
    from config.load import ConfigProblems, decoded
    from config.sections import switched_on
    from config.settings import WEEK

    seen = looked_at(found.config)
    try:
        text = decoded(found.config) if seen != (0, 0) else ""
        settings = read(found, text)
    except ConfigProblems as problems:
        store.refuse(str(problems), seen, switched_on(found.config), at=at)
        raise
    digest = settings.digest
    morning = {
        "at_minute": digest.at.hour * 60 + digest.at.minute,
        "days": [number for number, day in enumerate(WEEK) if day in digest.days],
        "quiet": list(settings.boundaries.quiet),
    }
    wanted = morning if digest.via != "stdout" and settings.me.addresses else {}  # a daemon has nobody to print to
    accounts = [Chosen(name, one.kind, archive(one), one.enabled) for name, one in settings.accounts.items()]
    store.accept(accounts, {"file": list(seen), "timezone": settings.me.timezone, **wanted}, text, at=at)
    return settings


def accepted(found: Paths, store: "Store") -> "Settings":
    """The config that holds: the last one that was good, less what was opted out since in one that is not. Without
    any, the file as it is. Raises ConfigProblems.
    """
    text = store.accepted()
    if text is None:
        return chosen(found)
    settings = read(found, text)
    off = {lane.name for lane in store.lanes() if not lane.enabled}
    kept = {n: a.model_copy(update={"enabled": a.enabled and n not in off}) for n, a in settings.accounts.items()}
    return settings.model_copy(update={"accounts": kept})


def read(found: Paths, text: str) -> "Settings":
    """What a text says that stood in the config file. Raises ConfigProblems."""
    from config.load import parse

    return parse(text, options_of, connectors.KINDS, folder=found.config.absolute().parent, name=found.config.name)


def archive(account: "Account") -> bool:
    """Whether this is a file or folder, which has a coverage instead of rounds."""
    return isinstance(getattr(account, "path", None), Path)


def options_of(kind: str) -> "type[Account] | None":
    """What an account of this kind may set; None for a kind that there is not."""
    target = connectors.KINDS.get(kind)
    options: type[Account] | None = import_module(target.partition(":")[0]).Options if target else None
    return options


def kinds() -> Collection[str]:
    """The kinds of account that there are."""
    return connectors.KINDS
