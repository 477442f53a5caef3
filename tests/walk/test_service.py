"""The file of each system's service is what that system takes."""

import plistlib
import shutil
import subprocess
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

import pytest

from agent.cli.services import Service, service
from tests.profiles import Profile

PROGRAM = ["/opt/au ld/bin/auld"]
GOLDEN = Path(__file__).parent / "golden"


def given(profile: str) -> dict[str, str]:
    """What such a profile hands to its service."""
    return {"AULD_HOME": profile, "SSL_CERT_FILE": "/home/ada/our own.pem"} if profile else {}


def made(platform: str, profile: str = "") -> Service:
    home = Path("/home/ada")
    return service(platform, home, PROGRAM, home / "logs", given(profile))


@pytest.mark.parametrize("profile", ["", "/home/ada/my 100% $profile"], ids=["the usual profile", "one of its own"])
def test_systemd_takes_the_unit(tmp_path: Path, profile: str) -> None:
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not installed")
    program = tmp_path / "au ld"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    found = service("linux", tmp_path, [str(program)], tmp_path, given(profile))
    unit = tmp_path / found.file.name
    unit.write_text(found.text)
    said = subprocess.run(
        [verify, "verify", "--user", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True, text=True, timeout=60, env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip

    assert (said.returncode, [line for line in said.stderr.splitlines() if found.file.name in line]) == (0, [])


@pytest.mark.parametrize(
    ("platform", "golden"),
    [("linux", "auld.service"), ("darwin", "org.auld.daemon.plist"), ("win32", "auld-task.xml")],
    ids=["systemd", "launchd", "the Task Scheduler"],
)
def test_the_file_is_as_it_was_agreed(platform: str, golden: str) -> None:
    found = made(platform, "/home/ada/profile")

    assert found.text == (GOLDEN / golden).read_text("utf-8")
    assert found.file.name == golden


def test_the_property_list_says_what_it_should() -> None:
    said = plistlib.loads(made("darwin", "/home/ada/a & b").text.encode())

    assert said["ProgramArguments"] == [*PROGRAM, "daemon"]
    assert said["EnvironmentVariables"] == given("/home/ada/a & b")
    assert PurePosixPath(said["StandardErrorPath"]).name == "daemon.log"


def test_the_task_is_well_formed() -> None:
    task = ElementTree.fromstring(made("win32", "C:\\a & b").text.encode("utf-16"))

    assert {each.tag.rpartition("}")[2] for each in task} == {"RegistrationInfo", "Triggers", "Settings", "Actions"}


class TestTheCommands:
    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
        """A machine whose systemctl notes what it was told."""
        control = tmp_path / "bin" / "systemctl"
        control.parent.mkdir()
        control.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/told\n')
        control.chmod(0o755)
        monkeypatch.setenv("PATH", str(control.parent), prepend=":")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setattr("sys.platform", "linux")
        return Profile(tmp_path / "home")

    def test_install_and_uninstall(self, home: Profile, tmp_path: Path) -> None:
        unit = tmp_path / ".config/systemd/user/auld.service"
        said = home.tell("service", "install")
        assert f"Environment=AULD_HOME={home.home}" in unit.read_text()
        assert "loginctl enable-linger" in said
        assert "service: installed" in home.tell("service", "status")
        assert "daemon: not running" in home.tell("service", "status")

        assert "is gone" in home.tell("service", "uninstall")
        assert not unit.exists()
        assert (tmp_path / "told").read_text().splitlines() == [
            "--user daemon-reload",
            "--user enable --now auld.service",
            "--user disable --now auld.service",
        ]
        assert "No service was installed" in home.tell("service", "uninstall")

    def test_an_authority_of_ones_own_reaches_the_service(
        self, home: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ours.pem"))
        home.tell("service", "install")

        unit = (tmp_path / ".config/systemd/user/auld.service").read_text()
        assert f"Environment=SSL_CERT_FILE={tmp_path}/ours.pem\n" in unit

    def test_on_windows_it_says_that_it_cannot(self, home: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.platform", "win32")

        for command in (("service", "install"), ("daemon",)):
            said = home.run(*command)
            assert said.code == 1
            assert "cannot run by itself on Windows yet" in said.err

    def test_what_the_system_says_against_it_is_shown(self, home: Profile, tmp_path: Path) -> None:
        (tmp_path / "bin" / "systemctl").write_text("#!/bin/sh\necho no bus >&2\nexit 1\n")
        said = home.run("service", "install")

        assert said.code == 1
        assert "no bus" in said.err
