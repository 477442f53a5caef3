"""Where does the one key lie that opens the kept secrets, and where may it never lie?

In the keyring of the system; or in the folder that systemd hands to a service; or, only where the config allows it, in
a file of the user's own. Backends of the library `keyring` are named here one by one: whatever else is installed, or
chosen by its environment, may keep a key in plain text, or lose it.
"""

import base64
import binascii
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeVar

from config.paths import OWN_FILE, folder

Found = TypeVar("Found")

LENGTH = 32
"""Bytes of a key: AES-256. A Windows credential holds 1,280 characters, so that a key fits where tokens do not."""

SERVICE = "auld"
"""Under which name the keyring keeps our keys."""

HANDED = "auld-key"
"""The name of the key in systemd's credentials directory (`LoadCredentialEncrypted=auld-key:...`)."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "darwin": ("keyring.backends.macOS:Keyring",),
    "win32": ("keyring.backends.Windows:WinVaultKeyring",),
    "linux": ("keyring.backends.SecretService:Keyring", "keyring.backends.kwallet:DBusKeyring"),
}
"""What keeps a secret encrypted, under the user's sign-in. Never plaintext, null, fail, a file, or a chain of them."""

PATIENCE = 20.0
"""Seconds for a keyring that asks nobody anything; it takes 0.06 s where it is well (`speed.md`, 1.5)."""

ASKING = 120.0
"""Seconds in which somebody can type the password of a keyring."""


class NoSecret(Exception):  # noqa: N818 - a state of the machine, not an error of the program
    """There is no password, or no key to it. Its text is for the user: what, and what to do.

    `passes` says that it may be mended without a word to auld: a keyring is unlocked with the desktop.
    """

    def __init__(self, what: str, remedy: str, *, passes: bool = False) -> None:
        super().__init__(f"{what} {remedy}")
        self.what, self.remedy, self.passes = what, remedy, passes


class Keyring(Protocol):
    """What we use of a backend of the library `keyring`."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def locked_keyring() -> NoSecret:
    """The keyring is there and closed."""
    return NoSecret(
        "Your keyring is locked.", "Unlock it, by signing in to your desktop or in its own program.", passes=True
    )


def no_keyring(why: str = "") -> NoSecret:
    """There is no keyring, or none that may be trusted with a key."""
    return NoSecret(
        f"There is no keyring here that could keep a secret{f' ({why})' if why else ''}.",
        "Start one (GNOME Keyring or KWallet); or give the account a `secret_command` that prints its password; or "
        "write a section [secrets] with file = true, which keeps the key in a file that only you can read.",
        passes=True,
    )


def silent_keyring() -> NoSecret:
    """The keyring is there and does not answer."""
    return NoSecret(
        "Your keyring does not answer.", "Look whether it waits for its password, or sign in anew.", passes=True
    )


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a key may lie, in the order in which they are asked. `ask`: somebody is there to type a password."""

    handed: Path | None = None  # systemd's credentials directory
    file: Path | None = None  # None: the config does not allow it
    ask: bool = False
    platform: str = sys.platform

    def keys(self, name: str) -> Sequence[Callable[[], bytes | None]]:
        """One question for each source: the key of that name, None where it has none. They raise NoSecret."""
        return (lambda: self._of_keyring(name), self._of_systemd, self._of_file)

    def made(self, name: str) -> bytes:
        """A key of that name from the first source that has one or takes one. Raises NoSecret."""
        sick: list[NoSecret] = []
        for source in (lambda: self._into_keyring(name), self._of_systemd, self._into_file):
            try:
                if key := source():
                    return key
            except NoSecret as trouble:
                sick.append(trouble)
        raise sick[-1] if sick else no_keyring()  # the last was chosen on purpose

    def willing(self) -> None:
        """Raises NoSecret where no source has a key or would take one; none is made."""
        if self.file or (self.handed and (self.handed / HANDED).exists()):
            return
        ring = self._keyring()
        self._asked(lambda: ring.get_password(SERVICE, "auld"))

    def forget(self, name: str) -> None:
        """Take the key of that name out of the keyring, or its file away; a source that is closed keeps it."""
        if self.file:
            self.file.unlink(missing_ok=True)
        try:
            ring = self._keyring()
            if self._asked(lambda: ring.get_password(SERVICE, name)) is not None:
                self._asked(lambda: ring.delete_password(SERVICE, name))
        except NoSecret:
            return

    def _of_keyring(self, name: str) -> bytes | None:
        ring = self._keyring()
        kept = self._asked(lambda: ring.get_password(SERVICE, name))
        return key_of(kept.encode(), "The keyring") if kept is not None else None

    def _into_keyring(self, name: str) -> bytes:
        if there := self._of_keyring(name):
            return there
        ring, key = self._keyring(), secrets.token_bytes(LENGTH)
        written = base64.b64encode(key).decode()
        self._asked(lambda: ring.set_password(SERVICE, name, written))
        if self._asked(lambda: ring.get_password(SERVICE, name)) != written:  # the null backend "succeeds", too
            raise no_keyring("what was put into it was not there afterwards")
        return key

    def _of_systemd(self) -> bytes | None:
        path = self.handed / HANDED if self.handed else None
        if path is None or not path.exists():
            return None
        try:
            return key_of(path.read_bytes(), str(path))
        except OSError as error:
            raise NoSecret(f"{path}: {error.strerror}.", "Look at the service's LoadCredential=.") from None

    def _of_file(self) -> bytes | None:
        return key_of(own(self.file), str(self.file)) if self.file and self.file.exists() else None

    def _into_file(self) -> bytes | None:
        if self.file is None or self.file.exists():
            return self._of_file()
        key = secrets.token_bytes(LENGTH)
        put(self.file, base64.b64encode(key) + b"\n")
        return key

    def _keyring(self) -> Keyring:
        """The keyring of this system, open. Raises NoSecret."""
        for named in ALLOWED.get(self.platform, ()):
            module, _, kind = named.partition(":")
            made: Callable[[], Any] = getattr(import_module(module), kind)
            if self._asked(partial(_viable, made)):
                if named.startswith("keyring.backends.SecretService") and not self.ask:
                    self._asked(_unlocked)
                ring: Keyring = self._asked(made)
                return ring
        raise no_keyring()

    def _asked(self, question: Callable[[], Found]) -> Found:
        """What a keyring answers, in time: some wait for a password that nobody types. Raises NoSecret."""
        answers: list[Found] = []
        troubles: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(question())
            except Exception as error:
                troubles.append(error)

        asking = Thread(target=ask, daemon=True, name="keyring")  # one that hangs does not keep the process
        asking.start()
        asking.join(ASKING if self.ask else PATIENCE)
        if answers:
            return answers[0]
        raise _in_words(troubles[0]) if troubles else silent_keyring()


def key_of(raw: bytes, where: str) -> bytes:
    """The key in these bytes: as they are, or in base64. Raises NoSecret."""
    if len(raw) == LENGTH:
        return raw
    try:
        key = base64.b64decode(raw.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != LENGTH:
        raise NoSecret(f"{where} holds no key of {LENGTH} bytes.", "`openssl rand -base64 32` makes one.")
    return key


def own(path: Path) -> bytes:
    """The bytes of a file that only its user can read. Raises NoSecret where others can, or OSError."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        if os.name == "posix":
            seen = os.fstat(handle)
            if seen.st_uid != os.geteuid():
                raise NoSecret(f"{path} belongs to somebody else.", "Move it away and sign in anew with `auld login`.")
            if seen.st_mode & 0o077:
                remedy = f"Close it (chmod 600 {path}), and change the passwords if somebody may have."
                raise NoSecret(f"Others can read {path}.", remedy)
        return file.read()


def put(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, for its user's eyes only, and as durable as the disk is. Raises OSError."""
    folder(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), OWN_FILE)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if os.name == "posix":
        above = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(above)
        finally:
            os.close(above)


def _viable(kind: Any) -> bool:
    """Whether a backend could work here; its `priority` raises where it could not."""
    try:
        return bool(kind.priority)
    except RuntimeError:
        return False


def _unlocked() -> None:
    """Raises LockedException where the Secret Service would have to ask for a password: at night, nobody answers."""
    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        secretstorage.Collection(bus).ensure_not_locked()


LOCKED = ("KeyringLocked", "LockedException", "PromptDismissedException", "ItemNotFoundException")
"""How the libraries call a keyring that is closed, or whose first password was never chosen."""


def _in_words(error: Exception) -> NoSecret:
    """What a keyring's trouble means; its own text may hold what one asked for, so that only its kind is told."""
    chain = [error, error.__cause__, error.__context__]
    if {type(one).__name__ for one in chain} & set(LOCKED):
        return locked_keyring()
    return no_keyring(type(error).__name__)
