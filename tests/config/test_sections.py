from pathlib import Path

from config.sections import switched_on


def test_what_is_on_is_seen_whatever_else_is_wrong(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    assert switched_on(config) == []
    config.write_text("[accounts.a]\nkind = 3\n[accounts.b]\nenabled = false\n[digest]\npeople = 99\n")

    assert switched_on(config) == ["a"]


def test_in_the_middle_of_an_edit_nobody_is_opted_out(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[accounts.old]\nkind = "mb')

    assert switched_on(tmp_path / "config.toml") is None
