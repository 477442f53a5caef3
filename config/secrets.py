"""What signs auld in: how is it kept, found and forgotten, so that it stands nowhere in the clear?

One key in the keyring (`config.keys`), and one file beside the store with everything else, each secret encrypted under
that key. The account's name and the number of the write are sealed with it: what is kept for one account opens for no
other, and no part of an older file can be put back alone.
"""

import base64
import hmac
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from config.keys import NoSecret, Sources, own, put
from config.locks import held

__all__ = ["NoSecret", "Secrets", "Sources", "printed"]

VERSION = 1

NONCE = 12
"""Bytes, new for each write (NIST SP 800-38D, 8.2.2); a profile will never write the 2^32 that would be too many."""

LONGEST = 64 * 1024
"""Bytes that a `secret_command` may print; no password or token is as long."""

TIMEOUT = 60.0
"""Seconds for a `secret_command`: a password manager may wait for a finger on a key."""

ANEW = "Move it away, and sign in anew with `auld login NAME` for each account."


@dataclass(frozen=True, slots=True)
class Sealed:
    """One secret as it stands in the file."""

    write: int
    nonce: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """The whole file: the name of its key, something that only the right key opens, and the secrets."""

    key: str
    check: bytes
    writes: int = 0
    secrets: Mapping[str, Sealed] = field(default_factory=dict)


class Secrets:
    """The passwords and tokens of one profile, by account name. All of it raises NoSecret, or OSError."""

    def __init__(self, path: Path, sources: Sources) -> None:
        self._path, self._sources = path, sources

    def get(self, name: str) -> str | None:
        """What is kept under that name, None where nothing is; the keyring is asked only where something is."""
        kept = self._read()
        if kept is None or name not in kept.secrets:
            return None
        return self._opened(kept, self._key(kept), name)

    def keep(self, name: str, value: str) -> None:
        """Keep a secret under that name; it is on the disk when this returns, so that no token is used before."""
        with held(self._lock("")):
            kept, key = self._begun()
            number = kept.writes + 1
            sealed = _sealed(key, kept.key, name, number, value)
            self._write(replace(kept, writes=number, secrets={**kept.secrets, name: sealed}))

    def forget(self, name: str) -> bool:
        """Forget what is kept under that name, with the last one the key, too; whether there was something."""
        with held(self._lock("")):
            kept = self._read()
            if kept is None or name not in kept.secrets:
                return False
            rest = {other: sealed for other, sealed in kept.secrets.items() if other != name}
            if rest:
                self._write(replace(kept, secrets=rest))
            else:
                self._path.unlink()
                self._sources.forget(kept.key)
            return True

    def names(self) -> Sequence[str]:
        """Under which names something is kept."""
        kept = self._read()
        return list(kept.secrets) if kept else []

    def reachable(self) -> None:
        """Raises NoSecret where what is kept could not be opened now, or nothing could be kept."""
        kept = self._read()
        if kept is not None:
            self._key(kept)
        else:
            self._sources.willing()

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Be the only process that renews this account's token, from reading the old to keeping the new one."""
        with held(self._lock(f".{name}")):
            yield

    def _lock(self, what: str) -> Path:
        return self._path.with_name(f"{self._path.name}{what}.lock")

    def _begun(self) -> tuple[Kept, bytes]:
        """The file as it is and its key; both new where there is none."""
        kept = self._read()
        if kept is not None:
            return kept, self._key(kept)
        name = secrets.token_hex(8)
        key = self._sources.made(name)
        return Kept(name, _check(key, name)), key

    def _key(self, kept: Kept) -> bytes:
        """The key that opens the file, from the first source that has it."""
        sick: list[NoSecret] = []
        for source in self._sources.keys(kept.key):
            try:
                key = source()
            except NoSecret as trouble:
                sick.append(trouble)
                continue
            if key is not None and hmac.compare_digest(_check(key, kept.key), kept.check):
                return key
            if key is not None:
                sick.append(NoSecret(f"The key that was found does not open {self._path}.", ANEW))
        raise (
            sick[-1] if sick else NoSecret(f"The key to {self._path} is gone.", ANEW)
        )  # the last was chosen on purpose

    def _opened(self, kept: Kept, key: bytes, name: str) -> str:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        sealed = kept.secrets[name]
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(sealed.nonce, sealed.text, _bound(kept.key, name, sealed.write)).decode()
        raise self._damaged()

    def _read(self) -> Kept | None:
        try:
            raw = own(self._path)
        except FileNotFoundError:
            return None
        try:
            return _unpacked(json.loads(raw))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self._damaged() from None

    def _write(self, kept: Kept) -> None:
        put(self._path, json.dumps(_packed(kept), indent=1).encode())

    def _damaged(self) -> NoSecret:
        return NoSecret(f"{self._path} is damaged.", ANEW)


def printed(command: Sequence[str], timeout: float = TIMEOUT) -> str:
    """The first line that a `secret_command` prints. No shell; it can ask nobody and see none of our secrets.

    Raises NoSecret: it names the program and how it ended, never what it said, which may be half a password.
    """
    program = Path(command[0]).name
    try:
        running = subprocess.Popen(  # noqa: S603 - the user's own command, an argv without a shell
            [Path(command[0]).expanduser(), *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NoSecret(f"secret_command: {program} cannot be run ({error.strerror}).", "Look at the path.") from None
    with running:
        try:
            out, _ = running.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(running)
            what = f"secret_command: {program} printed nothing in {timeout:.0f} seconds."
            raise NoSecret(what, "Try it in a terminal.", passes=True) from None
    if running.returncode:
        what = f"secret_command: {program} ended with code {running.returncode}."
        raise NoSecret(what, "Try it in a terminal.", passes=True)
    with suppress(UnicodeDecodeError):
        line = out[:LONGEST].decode().partition("\n")[0].removesuffix("\r")
        if line:
            return line
    raise NoSecret(f"secret_command: {program} printed no password.", "Its first line has to be the password alone.")


def _end(running: "subprocess.Popen[bytes]") -> None:
    """End the command with all that it started."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
    running.kill()


def _sealed(key: bytes, file: str, name: str, number: int, value: str) -> Sealed:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE)
    return Sealed(number, nonce, AESGCM(key).encrypt(nonce, value.encode(), _bound(file, name, number)))


def _bound(file: str, name: str, number: int) -> bytes:
    """What is sealed with a secret without being secret."""
    return json.dumps(["auld", VERSION, file, name, number]).encode()


def _check(key: bytes, file: str) -> bytes:
    """Tells the right key from another, and nothing about it."""
    return hmac.new(key, f"auld key {file}".encode(), "sha256").digest()[:16]


def _packed(kept: Kept) -> dict[str, Any]:
    sealed = {
        name: {"write": one.write, "nonce": _text(one.nonce), "text": _text(one.text)}
        for name, one in kept.secrets.items()
    }
    return {"v": VERSION, "key": kept.key, "check": _text(kept.check), "writes": kept.writes, "secrets": sealed}


def _unpacked(data: Any) -> Kept:
    if data["v"] != VERSION:
        raise ValueError
    sealed = {
        name: Sealed(int(one["write"]), _raw(one["nonce"]), _raw(one["text"])) for name, one in data["secrets"].items()
    }
    return Kept(str(data["key"]), _raw(data["check"]), int(data["writes"]), sealed)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
