"""Profiles that are made once for all tests; each test gets its own copy."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import sockets
from tests.profiles import Profile, demo_profile
from tests.servers.dovecot import Dovecot, running
from tests.sockets.sitecustomize import LOOKED_UP


def pytest_configure(config: pytest.Config) -> None:
    """The whole suite runs under an audit hook that refuses every way off this machine."""
    config.addinivalue_line("markers", "looks_up(host, ...): this test looks up hosts that must not be found")
    sockets.watch()
    settings.register_profile("house", deadline=None)  # a loaded machine is slow, and not wrong
    settings.register_profile("gate", settings.get_profile("house"), derandomize=True)  # one change, one verdict
    settings.load_profile("gate" if os.environ.get("CI") else "house")


def pytest_unconfigure() -> None:
    sockets.unwatch()


@pytest.fixture(autouse=True)
def nothing_is_reached(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that tried to leave this machine fails, whatever became of the error."""
    hosts = [str(host) for mark in request.node.iter_markers("looks_up") for host in mark.args]
    if hosts:
        monkeypatch.setenv(LOOKED_UP, " ".join(hosts))
    yield
    if tried := sockets.reached():
        pytest.fail("it tried to reach:\n" + "\n".join(tried))


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """The demo's profile: for looking only."""
    return demo_profile(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture
def nora(demo_home: Profile, tmp_path: Path) -> Profile:
    """The demo's profile, to do with as one likes."""
    return demo_home.copy(tmp_path / "home")


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server; each test asks it for a user of its own."""
    with running() as server:
        yield server
