import os
import stat
from pathlib import Path

import pytest

from config.edit import (
    HEAD,
    CannotEdit,
    Change,
    add_account,
    add_me,
    disable,
    enable,
    keep_in_a_file,
    proposed,
    replace,
    set_command,
    set_digest,
)
from config.load import ConfigProblems, parse
from tests.config.shapes import KINDS

FILE = """\
# mine
[me]  # who
addresses = [
  "ada@example.org",  # at home
]

# the server
[accounts.work]
kind = "server"  # of the firm
host = "imap.example.org"

# quiet, please
[digest]
people = 2
"""


def test_an_account_is_opted_out_and_all_comments_stay_where_they_were() -> None:
    assert disable(FILE, "work") == FILE.replace('example.org"\n\n# quiet', 'example.org"\nenabled = false\n\n# quiet')


def test_an_account_that_is_opted_in_again_is_on() -> None:
    text = enable(disable(FILE, "work"), "work")

    assert parse(text, KINDS.get).enabled.keys() == {"work"}
    assert "enabled = true" in text


def test_opting_in_what_is_in_changes_nothing() -> None:
    assert enable(FILE, "work") == FILE


def test_opting_out_twice_is_opting_out_once() -> None:
    assert disable(disable(FILE, "work"), "work") == disable(FILE, "work")


@pytest.mark.parametrize("change", [enable, disable])
def test_an_account_that_is_not_there_is_named_with_its_neighbour(change: object) -> None:
    with pytest.raises(CannotEdit, match=r"There is no account `wrok`\. Did you mean `work`\? There are: work\."):
        change(FILE, "wrok")  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        '[accounts]\nhome = { kind = "server", host = "x" }\n',
        '[accounts]\nhome.kind = "server"\nhome.host = "x"\n',
        'accounts.home = { kind = "server", host = "x" } # x\n',
        '[accounts.home]\nkind = "server"\nhost = "x"',
        '[accounts.home]\n[digest]\n[accounts.work]\nkind = "server"\nhost = "x"\n',
    ],
    ids=["inline", "dotted", "inline and dotted", "no line end", "two apart"],
)
def test_however_a_section_is_written_it_can_be_opted_out(text: str) -> None:
    name = "work" if "work" in text else "home"

    changed = disable(text.replace("[accounts.home]\n[", '[accounts.home]\nkind = "archive"\npath = "p"\n['), name)

    assert parse(changed, KINDS.get).accounts[name].enabled is False


def test_a_new_account_stands_at_the_end_and_nothing_else_moves() -> None:
    text = add_account(FILE, "old", {"kind": "archive", "path": Path('/m/a "b".mbox')})

    assert text == FILE + '\n[accounts.old]\nkind = "archive"\npath = "/m/a \\"b\\".mbox"\n'
    assert set(parse(text, KINDS.get).accounts) == {"work", "old"}


def test_two_accounts_of_one_name_cannot_be() -> None:
    with pytest.raises(CannotEdit, match="There is an account `work` already"):
        add_account(FILE, "work", {"kind": "archive"})


def test_a_name_that_is_no_file_name_is_refused() -> None:
    with pytest.raises(CannotEdit, match="cannot be named"):
        add_account(FILE, "a b", {"kind": "archive"})


def test_an_address_of_mine_is_added_once_and_comments_stay() -> None:
    text = add_me(FILE, ["Ada@example.ORG", "A@x.example", "a@X.example"])

    assert parse(text, KINDS.get).me.addresses == ("ada@example.org", "a@x.example")
    assert "# at home" in text
    assert add_me(text, ["a@x.example"]) == text


@pytest.mark.parametrize(
    "text",
    ["", "# only this\n", "[digest]\npeople = 2\n", '[me]\ntimezone = "UTC"\n\n# d\n[digest]\n', "me = {}\n", HEAD],
    ids=["nothing", "a comment", "no section", "no list", "inline", "the head"],
)
def test_an_address_of_mine_finds_its_place_in_any_file(text: str) -> None:
    assert parse(add_me(text, ["a@x.example"]), KINDS.get).me.addresses == ("a@x.example",)


def test_a_file_that_is_not_there_begins_with_the_head(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"

    change, settings = proposed(path, lambda text: add_me(text, ["a@x.example"]), KINDS.get)
    assert not path.exists()
    replace(path, change)

    assert settings.me.addresses == ("a@x.example",)
    assert change.old == ""
    assert path.read_text() == change.new == HEAD.replace("[]", '["a@x.example"]')


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_written_file_is_the_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "profile" / "config.toml"

    replace(path, Change("", "# x\n"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_change_that_the_config_does_not_allow_never_reaches_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE)

    with pytest.raises(ConfigProblems, match="`path` is missing"):
        proposed(path, lambda text: add_account(text, "old", {"kind": "archive"}), KINDS.get)

    assert path.read_text() == FILE


def test_a_bad_file_is_said_to_be_bad_rather_than_changed(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE + "peeple = 3\n")

    with pytest.raises(ConfigProblems, match="Did you mean `people`"):
        proposed(path, lambda text: disable(text, "work"), KINDS.get)


def test_what_somebody_else_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    change, _ = proposed(path, lambda text: disable(text, "work"), KINDS.get)
    path.write_text(FILE + "# mine\n")

    with pytest.raises(CannotEdit, match="changed by somebody else"):
        replace(path, change)

    assert path.read_text() == FILE + "# mine\n"


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE)

    with pytest.raises(UnicodeEncodeError):
        replace(path, Change(FILE, "\udc80"))

    assert [found.name for found in tmp_path.iterdir()] == ["config.toml"]
    assert path.read_text() == FILE


@pytest.mark.skipif(os.name != "posix", reason="links want rights on Windows")
def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, path = tmp_path / "dotfiles" / "auld.toml", tmp_path / "config.toml"
    real.write_text(FILE)
    path.symlink_to(real)

    replace(path, Change(FILE, FILE + "# more\n"))

    assert path.is_symlink()
    assert real.read_text() == FILE + "# more\n"


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(FILE.replace("\n", "\r\n").encode())

    change, _ = proposed(path, lambda text: disable(text, "work"), KINDS.get)
    replace(path, change)

    assert path.read_bytes().count(b"\r\n") >= FILE.count("\n")


def test_a_command_that_prints_a_password_is_written_into_its_section() -> None:
    changed = set_command(FILE, "work", ["pass", "mail/work"])

    assert changed == FILE.replace('org"\n\n# quiet', 'org"\nsecret_command = ["pass", "mail/work"]\n\n# quiet')
    assert set_command(changed, "work", ["pass", "mail/work"]) == changed


def test_the_server_that_sends_the_digest_has_one_too() -> None:
    text = '[smtp]\nhost = "localhost"  # here\n'

    assert set_command(text, "smtp", ["pass"]) == text + 'secret_command = ["pass"]\n'
    with pytest.raises(CannotEdit, match="There is no account `smtp`"):
        set_command(FILE, "smtp", ["pass"])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", '[digest]\nvia = "append"\n'),
        ("[me]\naddresses = []\n", '[me]\naddresses = []\n\n[digest]\nvia = "append"\n'),
        ('[digest]  # mine\nat = "06:00"\n\n# end\n', '[digest]  # mine\nat = "06:00"\nvia = "append"\n\n# end\n'),
        ('[digest]\nvia = "file"\n', '[digest]\nvia = "append"\n'),
    ],
    ids=["no file", "no section", "a section with comments", "another way"],
)
def test_where_the_digest_goes_is_written_and_all_else_stays(text: str, after: str) -> None:
    assert set_digest(text, {"via": "append"}) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "[secrets]\nfile = true\n"),
        ("[secrets]\nfile = false  # no\n", "[secrets]\nfile = true  # no\n"),
    ],
    ids=["no section", "it was off"],
)
def test_that_the_key_may_lie_in_a_file_is_written(text: str, after: str) -> None:
    assert keep_in_a_file(text) == after
