"""A store on the disk, as the user has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as opened:
        yield opened
