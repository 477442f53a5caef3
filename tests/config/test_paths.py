import os
import stat
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest

from config.paths import Paths, folder, handed, on_screen, paths, private

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_profile_lies_below_its_home(tmp_path: Path) -> None:
    where = paths({"AULD_HOME": str(tmp_path)})

    assert where == Paths(
        config=tmp_path / "config.toml",
        store=tmp_path / "auld.db",
        digests=tmp_path / "digests",
        logs=tmp_path / "logs",
        state=tmp_path / "state",
    )


def test_secrets_lie_beside_the_store(tmp_path: Path) -> None:
    where = paths({"AULD_HOME": str(tmp_path)})

    assert [where.secrets.parent, where.key.parent] == [where.store.parent] * 2


@pytest.mark.parametrize(
    ("environ", "folder"),
    [({"CREDENTIALS_DIRECTORY": "/run/credentials/auld"}, Path("/run/credentials/auld")), ({}, None)],
    ids=["a service", "no service"],
)
def test_what_systemd_hands_over_is_found(environ: dict[str, str], folder: Path | None) -> None:
    assert handed(environ) == folder


@pytest.mark.parametrize("home", ["profile", "~/profile", "./a/../profile"], ids=["relative", "home", "roundabout"])
def test_a_profile_may_be_named_in_any_way(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    assert paths({"AULD_HOME": home}).store == tmp_path / "profile" / "auld.db"


@pytest.mark.parametrize("environ", [{}, {"AULD_HOME": ""}, {"AULD_HOME": " "}], ids=["unset", "empty", "blank"])
def test_without_a_profile_all_lies_where_the_system_wants_it(environ: dict[str, str]) -> None:
    where = astuple(paths(environ))

    assert all(path.is_absolute() and "auld" in str(path) for path in where)
    assert len(set(where)) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="XDG is Linux")
def test_the_folders_of_linux_are_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    where = paths({})

    assert where.config == tmp_path / "CONFIG" / "auld" / "config.toml"
    assert where.store == tmp_path / "DATA" / "auld" / "auld.db"
    assert where.state == tmp_path / "STATE" / "auld"
    assert where.logs.is_relative_to(where.state)


@posix
def test_folders_are_made_for_the_user_alone(tmp_path: Path) -> None:
    where = paths({"AULD_HOME": str(tmp_path / "a" / "b")}).make().make()

    for path in (tmp_path / "a", where.config.parent, where.digests, where.logs, where.state):
        assert mode(path) == 0o700
    assert not where.store.exists()


@posix
def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    assert mode(folder(tmp_path)) == 0o755


@posix
@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
def test_a_private_file_is_the_users_alone_and_keeps_its_text(there: bool, tmp_path: Path) -> None:
    path = tmp_path / "new" / "auld.db"
    if there:
        path.parent.mkdir()
        path.write_text("kept")
        path.chmod(0o644)

    assert private(path) == path

    assert mode(path) == 0o600
    assert path.read_text() == ("kept" if there else "")


@pytest.mark.parametrize(
    ("system", "environ", "seen"),
    [
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {}, False),
        ("linux", {"DISPLAY": "", "BROWSER": "w3m"}, False),
        ("linux", {"SSH_CONNECTION": "a", "DISPLAY": "localhost:10.0"}, True),
        ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "a"}, False),
        ("win32", {}, True),
    ],
    ids=["X", "Wayland", "a console", "a text browser", "X over SSH", "a Mac", "a Mac from afar", "Windows"],
)
def test_a_page_is_opened_only_where_it_is_seen(system: str, environ: dict[str, str], seen: bool) -> None:
    assert on_screen(environ, system) == seen


def test_finding_the_way_needs_nothing_heavy() -> None:
    code = "import config.paths, sys; config.paths.paths({}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "config.paths" in loaded
    assert not {"pydantic", "tomlkit", "sqlalchemy", "spacy"} & set(loaded)
