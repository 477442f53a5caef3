"""How does an account, a person, or everything leave the whole profile: store, secrets, digests?

Undoing it is impossible. What lies in the user's own mailbox is never touched.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING
from urllib.parse import unquote

from agent import config_file, wiring
from agent.schedule import OPTED_OUT
from agent.store.forgotten import full_names, worded

if TYPE_CHECKING:
    from agent.store.store import Erased, Store, Whom
    from config.paths import Paths

LOOKS = "first-look-*"
"""Folders of the state in which `auld init` reads; one that is still there was left by a kill."""

PAGE = "acquaintances.html"
"""The page of `auld open`, in the folder of the state."""

WRAPPED = re.compile(r"\s+")
"""A name may stand at the end of one line and the beginning of the next."""


def account(found: "Paths", store: "Store", name: str) -> str:
    """All that was read of one account, what was shown of people whom nobody else knows, and its password, at once.

    A consent is given back to its vendor; what is to be said of that is the answer. What the user said of people stays.
    Raises StoreTrouble, config.secrets.NoSecret, OSError.
    """
    before = store.everybody()
    lane = store.lane(name)
    told = wiring.withdraw(found, lane.kind, name) if lane else ""
    wiring.forget_secret(found, name)
    found.secrets.with_name(f"{found.secrets.name}.{name}.lock").unlink(missing_ok=True)
    store.remove_account(name)
    store.hide_removed()
    gone = before - store.everybody()
    _remove([*digests(found.digests, lambda text: any(address in text for address in gone)), *pages(found)])
    return told


def person(found: "Paths", store: "Store", whom: "Whom") -> "Erased":
    """One person, in all that auld has written. Raises StoreTrouble, OSError."""
    counted = store.erase(whom)
    _remove([*digests_with(found, whom), *pages(found)])
    return counted


def digests_with(found: "Paths", whom: "Whom") -> list[Path]:
    """The digests in files that name this person."""
    told = (*whom.addresses, *full_names(whom.names))
    return digests(found.digests, lambda text: any(each in text or each in worded(text) for each in told))


def settle(found: "Paths", store: "Store", enabled: Collection[str], at: datetime) -> None:
    """What a daemon does by itself, where none runs: an account that the user took out of the config file is noted to
    be off, and deleted a day later; and what could not be cleansed before is."""
    moment = int(at.timestamp())
    if not store.agrees(enabled):
        config_file.accept(found, store, at)
    for name in store.off_since(moment - OPTED_OUT):
        account(found, store, name)
    if store.unclean():
        store.cleanse()


def everything(found: "Paths") -> None:
    """All that auld has written, the config file aside; a folder goes where nothing else lies in it. Raises OSError."""
    from agent.store.glance import glance
    from config.secrets import NoSecret

    for one in glance(found.store).accounts:
        wiring.withdraw(found, one.kind, one.name)
    with suppress(NoSecret):  # a file that is damaged holds nothing that could be read; it goes all the same
        secrets = wiring.secrets_of(found, file=True, ask=True)
        for name in secrets.names():
            secrets.forget(name)
    _remove(written(found))
    sweep(found.state)
    for folder in (found.digests, found.logs, found.state, found.store.parent):
        with suppress(OSError):  # it is not ours alone
            folder.rmdir()


def sweep(state: Path) -> None:
    """Take away what a first look has left that was killed."""
    for folder in state.glob(LOOKS):
        rmtree(folder, ignore_errors=True)


def written(found: "Paths") -> Iterator[Path]:
    """The files that auld writes, by their names; others that lie beside them are not ours."""
    beside = [f"{found.store.name}{end}" for end in ("", "-wal", "-shm", "-journal")]
    locked = [f"{found.secrets.name}{end}" for end in ("", ".lock", ".*.lock")]
    patterns: tuple[tuple[Path, Sequence[str]], ...] = (
        (found.store.parent, (*beside, *locked, found.key.name, f".{found.secrets.name}.*", f".{found.key.name}.*")),
        (found.digests, ("*.eml", ".*.eml")),
        (found.logs, ("*.log",)),
        (found.state, ("*.lock", "*.pid", PAGE, f".{PAGE}.*")),
    )  # fmt: skip
    for folder, names in patterns:
        for name in names:
            yield from folder.glob(name)


def pages(found: "Paths") -> list[Path]:
    """The page that `auld open` wrote, and what a kill left of one: it names everybody, and is soon made anew."""
    return [path for pattern in (PAGE, f".{PAGE}.*") for path in found.state.glob(pattern)]


def digests(folder: Path, names_them: Callable[[str], bool]) -> list[Path]:
    """The mails in the folder of digests whose text, read as a mail program reads it, says so."""
    found = [path for pattern in ("*.eml", ".*.eml") for path in folder.glob(pattern)]
    return [path for path in found if names_them(text_of(path.read_bytes()))]


def text_of(mail: bytes) -> str:
    """All words of a mail, headers and links included, in lower case and on one line."""
    message = message_from_bytes(mail)
    said = [str(make_header(decode_header(value))) for value in message.values()]
    said += [_decoded(part) for part in message.walk() if part.get_content_maintype() == "text"]
    return WRAPPED.sub(" ", unquote(" ".join(said))).casefold()


def named_in(config: str, whom: "Whom") -> list[int]:
    """The lines of the config file on which this person is named."""
    told = (*whom.addresses, *full_names(whom.names))
    return [
        number
        for number, line in enumerate(config.splitlines(), 1)
        if any(each in line.casefold() or each in worded(line) for each in told)
    ]


def _decoded(part: "Message") -> str:
    raw = part.get_payload(decode=True)
    return raw.decode(part.get_content_charset("utf-8"), "replace") if isinstance(raw, bytes) else ""


def _remove(files: Iterable[Path]) -> None:
    for path in [*files]:
        path.unlink(missing_ok=True)
