"""The floors hold: a deliberate trespass of each kind fails the check that `make check` runs."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
ROOMS = ("agent", "connectors", "nlp", "config")
BIN = Path(sys.executable).parent

TRESPASSES = {
    "config knows a connector": ("config/paths.py", "connectors.contract"),
    "a connector knows the agent": ("connectors/contract.py", "agent.model"),
    "a connector knows nlp": ("connectors/contract.py", "nlp.threads"),
    "nlp knows a connector": ("nlp/threads.py", "connectors.contract"),
    "nlp knows the config": ("nlp/threads.py", "config.settings"),
    "one connector knows another": ("connectors/mbox.py", "connectors.ics"),
    "what connectors share knows one of them": ("connectors/headers.py", "connectors.mbox"),
    "the model knows a connector": ("agent/model.py", "connectors.mbox"),
    "the model knows the config": ("agent/model.py", "config.settings"),
    "a signal knows the ranking": ("agent/signals/rhythm.py", "agent.ranking"),
    "the ranking knows the gifts": ("agent/ranking.py", "agent.gifts"),
    "a proposal knows the boundaries": ("agent/proposals/reply.py", "agent.boundaries"),
    "the digest knows the store": ("agent/digest/compose.py", "agent.store.store"),
    "learning knows proposing": ("agent/learn.py", "agent.propose"),
    "the work knows the wiring": ("agent/work.py", "agent.wiring"),
    "the wiring knows the commands": ("agent/wiring.py", "agent.cli.ends"),
    "SQL outside the store": ("agent/learn.py", "sqlalchemy"),
    "the standard library's SQL outside the store": ("connectors/ical.py", "sqlite3"),
    "migrations outside the store": ("agent/work.py", "alembic"),
    "the keyring outside the config": ("connectors/ics.py", "keyring"),
    "the network in a signal": ("agent/signals/rhythm.py", "socket"),
    "the network in nlp": ("nlp/threads.py", "requests"),
    "a process in the digest": ("agent/digest/compose.py", "subprocess"),
    "the network in the page": ("agent/page/drawn.py", "socket"),
    "a mail server in the boundaries": ("agent/boundaries.py", "smtplib"),
}

BANNED = {
    "the clock": "from datetime import UTC, datetime\n\nx = datetime.now(UTC)\n",
    "the clock by its day": "import datetime\n\nx = datetime.date.today()\n",
    "the clock in seconds": "import time\n\nx = time.time()\n",
    "sleep": "from time import sleep\n\nsleep(1)\n",
    "the environment": "import os\n\nx = os.environ\n",
    "one variable of the environment": "from os import getenv\n\nx = getenv('HOME')\n",
    "the parser that raises": "from email.policy import default\n\nx = default\n",
    "the mailbox that is held in memory": "import mailbox\n\nx = mailbox.mbox('a')\n",
    "the fetch without a cap": "from urllib.request import urlopen\n\nx = urlopen\n",
}


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    """Runs import-linter over the rooms in `house`, as `make check` does."""
    return subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=house, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


def ruff(code: str, path: str) -> subprocess.CompletedProcess[str]:
    """What ruff, with our settings, says of this code if it stood at `path`."""
    return subprocess.run(
        [BIN / "ruff", "check", "--no-cache", "--stdin-filename", path, "-"],
        cwd=HOUSE,
        input=code,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def trespassed(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The findings in a copy of the house into which all trespasses were planted: one run tells them all."""
    house = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(HOUSE / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", house)
    for path, module in TRESPASSES.values():
        (house / path).write_text((house / path).read_text(encoding="utf-8") + f"\nimport {module}\n", encoding="utf-8")
    return lint(house)


def test_the_house_stands_as_planned() -> None:
    found = lint(HOUSE)

    assert found.returncode == 0, found.stdout[-2000:]


@pytest.mark.parametrize(("path", "module"), TRESPASSES.values(), ids=TRESPASSES)
def test_a_trespass_is_found(path: str, module: str, trespassed: subprocess.CompletedProcess[str]) -> None:
    importer = path.removesuffix(".py").replace("/", ".")

    assert trespassed.returncode == 1
    assert f" {importer} -> {module} (l." in " ".join(trespassed.stdout.split())


@pytest.mark.parametrize("code", BANNED.values(), ids=BANNED)
@pytest.mark.parametrize("path", ["agent/ranking.py", "agent/wiring.py", "connectors/mbox.py", "config/load.py"])
def test_what_is_banned_is_found(code: str, path: str) -> None:
    assert "TID251" in ruff(code, path).stdout


def test_one_line_reads_the_clock_one_waits_and_one_reads_the_environment() -> None:
    allowed = [
        (path.relative_to(HOUSE).as_posix(), found[0])
        for room in ROOMS
        for path in sorted((HOUSE / room).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "noqa: TID251" in line and (found := re.search(r"datetime\.now|time\.sleep|os\.environ|$", line))
    ]

    assert sorted((path, found) for path, found in allowed) == [
        ("agent/wiring.py", "datetime.now"),
        ("agent/wiring.py", "time.sleep"),
        ("config/paths.py", "os.environ"),
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_the_names_of_the_rooms_are_ours_alone(room: str) -> None:
    assert set(packages_distributions().get(room, ["auld"])) == {"auld"}


def test_the_project_says_which_rooms_it_has() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))

    assert tuple(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == ROOMS


@pytest.mark.parametrize("name", ["urllib3-future", "niquests", "caldav"])
def test_nothing_stands_in_for_urllib3(name: str) -> None:
    """urllib3-future overwrites `urllib3` below everything else that uses it."""
    with pytest.raises(PackageNotFoundError):
        distribution(name)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_installed_is_pinned_by_its_hash_and_from_nowhere_in_particular(name: str) -> None:
    lines = (HOUSE / name).read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]

    assert all(line.endswith(" \\") and "==" in line for line in pinned)
    assert sum(line.strip().startswith("--hash=sha256:") for line in lines) >= len(pinned)
    assert not [line for line in lines if "://" in line or "index" in line or "find-links" in line or "/opt" in line]


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = (HOUSE / "requirements.txt").read_text(encoding="utf-8")
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]

    assert not [each for each in wanted if f"\n{each.split('>=')[0].lower()}==" not in f"\n{pinned}"]
