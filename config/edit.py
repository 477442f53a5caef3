"""How does a command change what the user chose, so that comments stay and a slip never reaches the file?

The texts go in and out as strings; `replace` alone writes.
"""

import os
import tempfile
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Comment, Table, Whitespace

from config.load import OptionsOf, decoded, parse
from config.paths import folder
from config.settings import ACCOUNT_NAME, Settings, near

HEAD = """\
# What auld may read, and when it may speak. `auld config check` reads this file; all that is possible stands in
# config/example.toml. An account that has no section here is never touched.

[me]
addresses = []
"""
"""A config file begins like this."""

FIRST = (
    HEAD.replace("addresses = []", 'addresses = []  # yours: ["you@example.org"]')
    + """
# A mailbox on a server: take the # away, put yours in, and give the password with `auld login home`.

# [accounts.home]
# kind = "imap"
# address = "you@example.org"
# host = "imap.example.org"
# read = "text"  # left out: headers only, which finds fewer gifts

# [digest]
# at = "07:00"
# via = "append"  # into your own inbox
"""
)
"""Whoever begins the file in an editor finds this there."""


class CannotEdit(Exception):  # noqa: N818 - a state of the file, not an error of the program
    """The change makes no sense for this file. Its text is for the user."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file says now ("" where there is none), and what it would say."""

    old: str
    new: str


def add_account(text: str, name: str, values: Mapping[str, Any]) -> str:
    """The text with a new section at its end. Raises CannotEdit where there is one of that name."""
    if not ACCOUNT_NAME.fullmatch(name):
        raise CannotEdit(f'An account cannot be named "{name}". Letters from a to z, digits, - and _ will do.')
    document = tomlkit.parse(text)
    if name in document.get("accounts", {}):
        raise CannotEdit(f"There is an account `{name}` already. Choose another name.")
    section = tomlkit.table()
    for key, value in values.items():
        section.add(key, os.fspath(value) if isinstance(value, os.PathLike) else value)
    return _ended(text) + tomlkit.dumps({"accounts": tomlkit.table(is_super_table=True).add(name, section)})


def enable(text: str, name: str) -> str:
    """The text with this account opted in. Raises CannotEdit where there is no such account."""
    document, section = _account(text, name)
    if "enabled" in section:
        _put(section, "enabled", True)
    return tomlkit.dumps(document)


def disable(text: str, name: str) -> str:
    """The text with this account opted out; its section stays. Raises CannotEdit where there is no such account."""
    document, section = _account(text, name)
    _put(section, "enabled", False)
    return tomlkit.dumps(document)


def set_command(text: str, name: str, command: Sequence[str]) -> str:
    """The text with this command as what prints the password of an account, or of [smtp] where `name` is smtp.

    Raises CannotEdit where there is no such section.
    """
    document = tomlkit.parse(text)
    section = document.get("smtp") if name == "smtp" else None
    if not isinstance(section, MutableMapping):
        document, section = _account(text, name)
    _put(section, "secret_command", list(command))
    return tomlkit.dumps(document)


def set_digest(text: str, values: Mapping[str, Any]) -> str:
    """The text with these settings in [digest], which is made at its end where there is none."""
    document = tomlkit.parse(text)
    if "digest" not in document:
        return _ended(text) + tomlkit.dumps({"digest": dict(values)})
    section = document["digest"]
    if not isinstance(section, MutableMapping):
        raise CannotEdit("`digest` is not a section. Write [digest] on a line of its own.")
    for key, value in values.items():
        _put(section, key, value)
    return tomlkit.dumps(document)


def add_smtp(text: str, values: Mapping[str, Any]) -> str:
    """The text with a section [smtp] at its end. Raises CannotEdit where there is one."""
    if "smtp" in tomlkit.parse(text):
        raise CannotEdit("There is a section [smtp] already.")
    return _ended(text) + tomlkit.dumps({"smtp": dict(values)})


def keep_in_a_file(text: str) -> str:
    """The text with `file = true` in [secrets], which is made at its end where there is none."""
    document = tomlkit.parse(text)
    section = document.get("secrets")
    if not isinstance(section, MutableMapping):
        return _ended(text) + tomlkit.dumps({"secrets": {"file": True}})
    _put(section, "file", True)
    return tomlkit.dumps(document)


def add_me(text: str, addresses: Sequence[str]) -> str:
    """The text with further addresses of the user's own; those that stand there are not written twice."""
    document = tomlkit.parse(text)
    if "me" not in document:
        text = f"{_ended(text)}[me]\naddresses = []\n"
        document = tomlkit.parse(text)
    me = document["me"]
    if not isinstance(me, MutableMapping):
        raise CannotEdit("`me` is not a section. Write [me] on a line of its own.")
    if "addresses" not in me:
        _put(me, "addresses", [])
    known = {str(address).lower() for address in me["addresses"]}
    for address in dict.fromkeys(address.strip().lower() for address in addresses):
        if address not in known:
            me["addresses"].append(address)
    return tomlkit.dumps(document)


def proposed(
    path: Path, edit: Callable[[str], str], options_of: OptionsOf, kinds: Collection[str] = ()
) -> tuple[Change, Settings]:
    """What `edit` would make of the file, and what that means; nothing is written.

    Raises ConfigProblems where the file is wrong before or after it, CannotEdit, or OSError.
    """
    old = decoded(path) if path.exists() else ""
    here = path.absolute().parent
    parse(old, options_of, kinds, folder=here, name=path.name)
    new = edit(old or HEAD)
    return Change(old, new), parse(new, options_of, kinds, folder=here, name=path.name)


def replace(path: Path, change: Change) -> None:
    """Writes the new text at once and in whole, 0600; through a link, the file behind it.

    Raises CannotEdit where somebody else has changed the file meanwhile, or OSError.
    """
    path = path.resolve()
    if (decoded(path) if path.exists() else "") != change.old:
        raise CannotEdit(f"{path.name} was changed by somebody else just now. Nothing was written; try again.")
    folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made 0600
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(change.new)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _account(text: str, name: str) -> tuple[TOMLDocument, MutableMapping[str, Any]]:
    document = tomlkit.parse(text)
    accounts = document.get("accounts", {})
    section = accounts.get(name)
    if not isinstance(section, MutableMapping):
        there = f" There are: {', '.join(accounts)}." if accounts else ""
        raise CannotEdit(f"There is no account `{name}`.{near(name, tuple(accounts))}{there}")
    return document, section


def _put(section: MutableMapping[str, Any], key: str, value: object) -> None:
    """Sets a key; a new one goes behind the last, not behind the comment that introduces the next section."""
    rest = []
    body = section.value.body if isinstance(section, Table) and key not in section else []
    while body and isinstance(body[-1][1], Whitespace | Comment):
        rest.append(body.pop())
    section[key] = value
    body.extend(reversed(rest))


def _ended(text: str) -> str:
    """The text, ready for a new section: with a blank line at its end."""
    text = text.rstrip()
    return f"{text}\n\n" if text else ""


def _sync_folder(path: Path) -> None:
    """Makes the new name as durable as the new text; Windows neither needs nor offers it."""
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
