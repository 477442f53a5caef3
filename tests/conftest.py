"""Profiles that are made once for all tests; each test gets its own copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.profiles import Profile, demo_profile
from tests.servers.dovecot import Dovecot, running


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
