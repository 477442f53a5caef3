"""The key lies in a real keyring, open, locked or absent, and in nothing else that calls itself one."""

import pytest

from config.keys import LENGTH, NoSecret, Sources, key_of
from tests.servers.keyring import Desktop, State, desktop

__all__ = ["desktop"]

TRY = """
from pathlib import Path
from config.secrets import NoSecret, Secrets, Sources
kept = Secrets(Path.home() / "auld.secrets", Sources(%s))
try:
    %s
except NoSecret as trouble:
    print(trouble.what, trouble.passes)
"""

KEEP = 'kept.keep("home", "hunter2"); print(kept.get("home"))'
GET = 'print(kept.get("home"))'


def code(what: str, sources: str = "") -> str:
    return TRY % (sources, what)


def test_an_open_keyring_keeps_the_key_and_the_next_sign_in_finds_it(desktop: Desktop) -> None:
    assert desktop.run(code("kept.reachable()")) == ""
    assert desktop.run(code(KEEP)) == "hunter2\n"
    assert desktop.run(code("kept.reachable()")) == ""
    assert desktop.run(code(GET)) == "hunter2\n"


def test_the_keyring_holds_one_short_key_and_not_the_secret(desktop: Desktop) -> None:
    found = desktop.run(code(KEEP) + "\nimport os; os.system('secret-tool search --all service auld 2>&1')")

    [line] = [line for line in found.splitlines() if line.startswith("secret = ")]
    assert len(key_of(line.removeprefix("secret = ").encode(), "the keyring")) == LENGTH
    assert "hunter2" not in line


def test_forgetting_the_last_secret_takes_the_key_out_of_the_keyring(desktop: Desktop) -> None:
    desktop.run(code(KEEP))

    found = desktop.run(code('kept.forget("home")') + "\nimport os; os.system('secret-tool search --all service auld')")

    assert found == ""
    assert not (desktop.home / "auld.secrets").exists()


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("locked", "Your keyring is locked. True\n"),
        ("never opened", "Your keyring is locked. True\n"),
        ("no bus", "There is no keyring here that could keep a secret. True\n"),
    ],
)
def test_F25_a_keyring_that_is_closed_or_absent_is_said(desktop: Desktop, state: State, says: str) -> None:
    assert desktop.run(code("kept.reachable()"), state) == says
    assert desktop.run(code(KEEP), state) == says
    assert not (desktop.home / "auld.secrets").exists()


def test_F25_what_was_kept_waits_behind_a_locked_keyring(desktop: Desktop) -> None:
    desktop.run(code(KEEP))

    assert desktop.run(code(GET), "locked") == "Your keyring is locked. True\n"
    assert desktop.run(code(GET)) == "hunter2\n"


def test_where_nothing_is_kept_no_keyring_is_asked(desktop: Desktop) -> None:
    assert desktop.run(code(GET), "locked") == "None\n"


@pytest.mark.parametrize("backend", ["null", "fail", "chainer"])
def test_no_setting_makes_the_key_go_elsewhere(desktop: Desktop, backend: str) -> None:
    chosen = {"PYTHON_KEYRING_BACKEND": f"keyring.backends.{backend}.Keyring"}

    assert desktop.run(code(KEEP), "no bus", **chosen).startswith("There is no keyring here")
    assert desktop.run(code(KEEP), "open", **chosen) == "hunter2\n"


def test_no_backend_in_plain_text_is_taken_even_where_it_is_the_only_one(desktop: Desktop) -> None:
    """Another package may bring one, and the library would choose it without a word."""
    package = desktop.home / "plain"
    (package / "plain_ring-1.dist-info").mkdir(parents=True)
    (package / "plain_ring-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plain_ring\n")
    (package / "plain_ring-1.dist-info" / "entry_points.txt").write_text("[keyring.backends]\nplain = plain_ring\n")
    (package / "plain_ring.py").write_text(
        "from pathlib import Path\n"
        "from keyring.backend import KeyringBackend\n"
        "class Plain(KeyringBackend):\n"
        "    priority = 9\n"
        "    def get_password(self, service, username): return None\n"
        "    def set_password(self, service, username, password): (Path.home() / 'plain.txt').write_text(password)\n"
        "    def delete_password(self, service, username): pass\n"
    )
    look = "import sys; sys.path.insert(0, str(__import__('pathlib').Path.home() / 'plain'))\n"

    chosen = desktop.run(look + "import keyring; print(type(keyring.get_keyring()).__name__)", "no bus")
    assert chosen == "Plain\n"  # what the library itself would do
    assert desktop.run(look + code(KEEP), "no bus").startswith("There is no keyring here")
    assert not (desktop.home / "plain.txt").exists()


def test_what_the_config_allows_is_a_file_where_there_is_no_keyring(desktop: Desktop) -> None:
    sources = "file=Path.home() / 'auld.key'"

    assert desktop.run(code(KEEP, sources), "no bus") == "hunter2\n"
    assert (desktop.home / "auld.key").stat().st_mode & 0o777 == 0o600
    assert desktop.run(code(GET, sources), "no bus") == "hunter2\n"
    assert desktop.run(code(GET, sources), "open") == "hunter2\n"
    assert desktop.run(code(GET), "no bus").startswith("There is no keyring here")


def test_a_platform_without_a_keyring_of_ours_has_none() -> None:
    with pytest.raises(NoSecret, match="There is no keyring here"):
        Sources(platform="plan9").made("k")
