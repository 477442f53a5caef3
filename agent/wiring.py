"""Where are the real things made? Here and nowhere else; tests call the rooms below with others.

Everything is imported inside its function, so that a command pays only for what it uses.
"""

import inspect
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import connectors
from agent import outputs
from config.paths import Paths, paths

if TYPE_CHECKING:
    from agent.pull import Mark
    from agent.store.store import Store
    from config.settings import Account, Settings
    from connectors.contract import Connector, Party, Session

LOCALTIME = Path("/etc/localtime")
"""Where Unix keeps the rules of the system's time zone."""

LATER = ("append", "smtp")
"""Ways of delivery that the config already knows, and that this version cannot go yet."""


class NotYet(Exception):  # noqa: N818 - an answer to the user, not an error of the program
    """The user asked for something that this version does not do; the text says what to do instead."""


def now() -> datetime:
    """The present, aware, in UTC: the only place where the clock is read."""
    return datetime.now(UTC)  # noqa: TID251 - here and nowhere else


@dataclass(frozen=True, slots=True)
class House:
    """One profile: where it lies, what the user chose, and in which zone their day begins."""

    paths: Paths
    settings: "Settings"
    zone: tzinfo

    def store(self) -> "Store":
        """The store of this profile, made or brought up to date where needed."""
        from agent.store.store import Store

        self.paths.make()
        return Store.open(self.paths.store)

    @property
    def me(self) -> str:
        """The address that the digest goes to; "" while none is known."""
        return next(iter(self.settings.me.addresses), "")


def house(environ: Mapping[str, str] | None = None) -> House:
    """The profile of whoever runs us. Raises config.load.ConfigProblems."""
    found = paths(environ)
    settings = chosen(found)
    return House(found, settings, zone(settings.me.timezone))


def chosen(found: Paths) -> "Settings":
    """What the user chose; without a config file, nothing is opted in."""
    from config.load import load
    from config.settings import Settings

    return load(found.config, options_of, connectors.KINDS) if found.config.exists() else Settings()


def zone(name: str) -> tzinfo:
    """The time zone of that name; the system's where none is given."""
    if name:
        return ZoneInfo(name)
    try:
        with LOCALTIME.open("rb") as rules:
            return ZoneInfo.from_file(rules)
    except (OSError, ValueError):
        from dateutil.tz import tzlocal

        return tzlocal()


def options_of(kind: str) -> "type[Account] | None":
    """What an account of this kind may set; None for a kind that there is not."""
    target = connectors.KINDS.get(kind)
    options: type[Account] | None = import_module(target.partition(":")[0]).Options if target else None
    return options


def connect(account: "Account", at: datetime, local: tzinfo, session: "Session | None" = None) -> "Connector":
    """The connector of an account that the user opted in; its library is imported now, and no other's.

    It is handed what its constructor asks for by name, and nothing else.
    """
    from connectors.contract import Session

    module, _, name = connectors.KINDS[account.kind].partition(":")
    make: Callable[..., Connector] = getattr(import_module(module), name)
    asked = inspect.signature(make).parameters
    offered: dict[str, Callable[[], Any]] = {
        "now": lambda: at,
        "zone": lambda: local,
        "session": lambda: session or Session(time.monotonic),
    }
    return make(account, **{key: give() for key, give in offered.items() if key in asked})


def output(via: str) -> Callable[..., None]:
    """The way that the digest goes. Raises NotYet."""
    if via in LATER:
        raise NotYet(f'via = "{via}" comes with a later version. Choose "file" or "stdout" in [digest].')
    module, _, name = outputs.KINDS[via].partition(":")
    deliver: Callable[..., None] = getattr(import_module(module), name)
    return deliver


def marker(own: Iterable[str] = ()) -> "Mark":
    """What turns a text into marks, for the user with these addresses; it loads the word lists.

    The names by which the user goes are those that the mail is addressed with, and those that an address like
    first.last@ spells; where there are none, nobody can tell whether a greeting means somebody else.
    """
    from agent.names import fold, same_given
    from nlp.marks import mark

    mine = frozenset(address.lower() for address in own)
    spelled = {word for address in mine for word in names_in(fold(address.partition("@")[0]))}

    def made(text: str, addressed: "Iterable[Party]" = ()) -> Any:
        called = {w for p in addressed if p.address in mine for w in re.split(r"[^\w]+", fold(p.name)) if len(w) > 2}
        known = spelled | called

        def goes_by(name: str) -> bool:
            return any(same_given(fold(name), word) or same_given(word, fold(name)) for word in known)

        return mark(text, is_me=goes_by if known else None)

    return made


def names_in(local: str) -> list[str]:
    """The words of the part before an @, where it is spelled from a name: a word alone may mean anything."""
    words = [word for word in re.split(r"[^a-z]+", local) if word]
    return [word for word in words if len(word) > 2] if len(words) > 1 else []


def kinds() -> Collection[str]:
    """The kinds of account that there are."""
    return connectors.KINDS
