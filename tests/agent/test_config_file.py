"""Which config holds: the file, or the last one that was good."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import config_file
from agent.store.store import Store
from config.load import ConfigProblems
from config.paths import paths


def test_whatever_else_is_wrong_an_account_that_is_off_is_left_alone(tmp_path: Path) -> None:
    found = paths({"AULD_HOME": str(tmp_path)}).make()
    good = '[me]\naddresses = ["nora@mill.example"]\n[accounts.old]\nkind = "mbox"\npath = "old.mbox"\n'
    at = datetime(2026, 5, 12, 7, tzinfo=UTC)
    with Store.open(found.store) as store:
        found.config.write_text(good)
        config_file.accept(found, store, at)
        lane = store.lane("old")
        found.config.write_text(good + "enabled = false\n[digest]\npeople = 99\n")
        with pytest.raises(ConfigProblems):
            config_file.accept(found, store, at)

        off = store.lane("old")
        assert lane is not None
        assert off is not None
        assert (lane.enabled, off.enabled, off.off_at, off.lane) == (True, False, int(at.timestamp()), lane.lane + 1)
        assert not config_file.accepted(found, store).enabled
        assert config_file.accepted(found, store).me.addresses == ("nora@mill.example",)


def test_without_a_file_nothing_is_opted_in_and_nothing_was_looked_at(tmp_path: Path) -> None:
    found = paths({"AULD_HOME": str(tmp_path)}).make()

    assert not config_file.chosen(found).accounts
    assert config_file.looked_at(found.config) == (0, 0)


def test_a_kind_that_there_is_not_has_no_options() -> None:
    assert config_file.options_of("telepathy") is None
    assert all(config_file.options_of(kind) for kind in config_file.kinds())
