"""Where do things lie? `AULD_HOME` puts all of them below one folder, for a profile that can be carried about.

The one place that reads the environment. Nothing here is heavy: `auld status` and the daemon start with it.
"""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

OWN_FOLDER, OWN_FILE = 0o700, 0o600
"""Who wrote to whom is the user's own affair: no other account of the machine may read it."""


AUTHORITY = "SSL_CERT_FILE"
"""The variable by which OpenSSL knows an authority of the user's own."""

READ_BY_OTHERS, PASSED_BY_OTHERS = 0o044, 0o011
"""The bits by which a group or everybody may read a file, or go through a folder."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Where things lie; nothing is made until it is asked for. All paths are absolute."""

    config: Path  # config.toml
    store: Path  # auld.db
    digests: Path  # folder of the .eml files
    logs: Path  # folder
    state: Path  # folder of locks and of what may be lost

    @property
    def secrets(self) -> Path:
        """The file of passwords and tokens, encrypted."""
        return self.store.with_name("auld.secrets")

    @property
    def key(self) -> Path:
        """The file of their key, where the config allows one."""
        return self.store.with_name("auld.key")

    def make(self) -> "Paths":
        """Makes the folders that are missing, for the user's eyes only. Raises OSError where that cannot be."""
        for path in (self.config.parent, self.store.parent, self.digests, self.logs, self.state):
            folder(path)
        return self


def paths(environ: Mapping[str, str] | None = None) -> Paths:
    """Where things lie for whoever runs us; `environ` is the process's own where none is given."""
    environ = _environment(environ)
    if home := chosen_home(environ):
        return _below(home)
    dirs = PlatformDirs("auld", appauthor=False, roaming=False)
    data = dirs.user_data_path
    return Paths(
        config=dirs.user_config_path / "config.toml",
        store=data / "auld.db",
        digests=data / "digests",
        logs=dirs.user_log_path,
        state=dirs.user_state_path,
    )


def chosen_home(environ: Mapping[str, str] | None = None) -> Path | None:
    """The folder that `AULD_HOME` names; None where it names none."""
    home = _environment(environ).get("AULD_HOME", "").strip()
    return Path(os.path.abspath(Path(home).expanduser())) if home else None


def to_a_service(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a service is to find in its environment as we find it in ours: it does not begin in the user's shell."""
    home, authority = chosen_home(environ), _environment(environ).get(AUTHORITY, "").strip()
    found = {"AULD_HOME": str(home)} if home else {}
    return found | ({AUTHORITY: os.path.abspath(authority)} if authority else {})


def handed(environ: Mapping[str, str] | None = None) -> Path | None:
    """The folder of what systemd hands to a service in confidence (systemd.exec, CREDENTIALS); None elsewhere."""
    folder = _environment(environ).get("CREDENTIALS_DIRECTORY", "").strip()
    return Path(folder) if folder else None


def supervisor(environ: Mapping[str, str] | None = None) -> str:
    """The socket on which systemd listens to a service (sd_notify); "" elsewhere. A leading @ means no file."""
    return _environment(environ).get("NOTIFY_SOCKET", "")


def on_screen(environ: Mapping[str, str] | None = None, system: str = sys.platform) -> bool:
    """Whether a page that is opened here is seen by whoever types: on this machine's own screen, not by SSH."""
    environ = _environment(environ)
    if system in ("darwin", "win32"):
        return not environ.get("SSH_CONNECTION")
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _environment(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ  # noqa: TID251 - the one place


def _below(home: Path) -> Paths:
    return Paths(
        config=home / "config.toml",
        store=home / "auld.db",
        digests=home / "digests",
        logs=home / "logs",
        state=home / "state",
    )


def shared(path: Path) -> str:
    """What to say of a file that other users of this machine can read, with the remedy; "" where they cannot.

    They cannot where a folder on the way is closed to them, whatever the mode of the file. Windows knows no such modes.
    """
    if os.name != "posix":
        return ""
    try:
        path = path.resolve(strict=True)
        reached = path.stat().st_mode & READ_BY_OTHERS
        passed = all(each.stat().st_mode & PASSED_BY_OTHERS for each in path.parents)
    except OSError:
        return ""
    if not (reached and passed):
        return ""
    return f"{path} can be read by other users of this machine. Close it: chmod 600 {shlex.quote(str(path))}"


def folder(path: Path) -> Path:
    """Makes the folder with those above it, 0700; one that exists keeps its mode, it may have other uses."""
    missing = [path, *path.parents]
    missing = missing[: next((i for i, each in enumerate(missing) if each.is_dir()), len(missing))]
    for each in reversed(missing):
        each.mkdir(mode=OWN_FOLDER, exist_ok=True)
    return path


def private(path: Path) -> Path:
    """Makes the file where it is missing, with its folder, and closes it to all but the user (0600)."""
    folder(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWN_FILE))
    path.chmod(OWN_FILE)
    return path
