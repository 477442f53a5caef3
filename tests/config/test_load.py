from importlib import import_module
from pathlib import Path

import pytest

import config
import connectors
from config.load import ConfigProblems, load, parse
from config.settings import Account
from tests.config.shapes import KINDS, Archive, Server

EXAMPLE = Path(config.__file__).with_name("example.toml")


def problems(text: str) -> list[str]:
    """The lines below the headline."""
    with pytest.raises(ConfigProblems) as error:
        parse(text, KINDS.get, KINDS)
    headline, *rest = str(error.value).split("\n  ")
    assert headline == f"config.toml has {len(rest)} problem{'s' if len(rest) > 1 else ''}:"
    return rest


def test_a_file_becomes_settings(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[accounts.home]\nkind = "server"\nhost = "imap.example.org"\n[digest]\npeople = 5\n')

    settings = load(path, KINDS.get)

    assert settings.accounts["home"] == Server(kind="server", host="imap.example.org")
    assert settings.digest.people == 5


def test_an_empty_file_is_a_good_one() -> None:
    assert parse("", KINDS.get).accounts == {}


def test_an_absent_file_is_told_from_a_bad_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "config.toml", KINDS.get)


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[digest]\r\npeople = 2\r\n")

    assert load(path, KINDS.get).digest.people == 2


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes('[boundaries]\nnever = ["Zoë"]\n'.encode("latin-1"))

    with pytest.raises(ConfigProblems, match=r"line 2: these are no UTF-8 letters\. Save the file as UTF-8"):
        load(path, KINDS.get)


def test_the_problems_read_like_this() -> None:
    text = """
[me]
addresses = ["ada@example.org"]

[accounts.work]
kind = "server"
host = "imap.example.org"
host_name = "imap.example.org"
port = "many"
"""
    with pytest.raises(ConfigProblems) as error:
        parse(text, KINDS.get)

    assert str(error.value) == (
        "config.toml has 2 problems:\n"
        "  line 8: accounts.work.host_name: unknown setting. Did you mean `host`?\n"
        '  line 9: accounts.work.port: "many" is not a number. Leave it out for 993.'
    )


def test_every_section_is_checked_in_one_go_and_told_in_the_order_of_the_lines() -> None:
    found = problems(
        """\
[digest]
people = 9
[boundries]
[accounts.a]
kind = "archive"
[me]
addresses = ["ada@example.org", "ada"]
"""
    )

    assert found == [
        "line 2: digest.people: 9 is too large. The most is 5. Leave it out for 3.",
        "line 3: boundries: unknown section. Did you mean `boundaries`?",
        "line 4: accounts.a: `path` is missing.",
        'line 7: me.addresses[2]: "ada" is not an e-mail address.',
    ]


def test_a_section_that_is_off_is_checked_too() -> None:
    assert problems('[accounts.a]\nkind = "server"\nenabled = false\nhots = "x"\n') == [
        "line 1: accounts.a: `host` is missing.",
        "line 4: accounts.a.hots: unknown setting. Did you mean `host`?",
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('kind = "sever"', '"sever" is not a kind of account. Did you mean `server`? There are: archive, server.'),
        ('kind = "server"\nread = "txt"', '"txt" is not one of headers, text. Did you mean `text`?'),
        ('kind = "server"\nport = true', "true is not a number. Leave it out for 993."),
        ('kind = "server"\nport = 9.5', "9.5 is not a number."),
        ('kind = "server"\nmail = "yes"', '"yes" is not true or false, without quotes.'),
        ('kind = "server"\nmail = 1', "1 is not true or false, without quotes."),
        ('kind = "server"\nhost = 4', "4 is not a text in quotes."),
        ('kind = "server"\nhost = ["a"]', "a list is not a text in quotes."),
        ('kind = "server"\nhost = { a = 1 }', "a section is not a text in quotes."),
        ('kind = "server"\naddress = "ada"', '"ada" is not an e-mail address.'),
        ('kind = "server"\nport_or_name = []', "a list is not a number."),
        ('kind = "archive"\npath = 3', "3 is not a path in quotes."),
        ('kind = "archive"\nothers = "x"', '"x" is not a list. Write ["..."].'),
        ('kind = "archive"\nothers = ["x", 2]', "2 is not a path in quotes."),
        ("kind = 3", "3 is not a text in quotes."),
        ('host = "x"', "`kind` is missing."),
        ('kind = "server"\nhost = "' + "x" * 99 + '"\nread = "' + "y" * 99 + '"', '"' + "y" * 40 + '…" is not one of'),
    ],
    ids=lambda value: value.split("\n")[-1][:30],
)
def test_what_does_not_fit_is_said_in_plain_words(line: str, says: str) -> None:
    assert any(says in problem for problem in problems(f"[accounts.a]\n{line}\n"))


@pytest.mark.parametrize("word", ["pydantic", "Input should", "type=", "validation", "Value error", "literal"])
def test_no_message_shows_the_machinery(word: str) -> None:
    text = """
me = 3
digest = []
accounts = 4
[boundaries]
never = [1, { a = 2 }, ""]
"""
    assert word not in "\n".join(problems(text))
    assert len(problems(text)) == 6


def test_two_names_that_differ_in_capitals_only_are_one_too_many() -> None:
    found = problems('[accounts.Home]\nkind = "server"\nhost = "a"\n[accounts.home]\nkind = "server"\nhost = "b"\n')

    assert found == ["line 4: accounts.home: is too like `Home`: the two differ only in capital letters."]


@pytest.mark.parametrize("name", ['"a b"', '"a/b"', '""', '"ä"', '"a.b"'])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    found = problems(f'[accounts.{name}]\nkind = "server"\nhost = "a"\n')

    assert found == [
        f"line 1: accounts.{name}: this name does not do. It may have letters from a to z, digits, - and _."
    ]


def test_an_account_without_a_section_of_its_own_is_refused() -> None:
    [found] = problems('[accounts]\nhome = "imap.example.org"\n')

    assert found == "line 2: accounts.home: is not a section. Write one section to an account: [accounts.home]."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[digest]\nvia = file\n", "line 2: the value cannot be read. A text stands in quotes."),
        ('[digest]\nvia = "file\npeople = 3\n', "line 2: a quote is not closed."),
        ("[digest]\nvia\n", "line 2: a `=` is missing after the name."),
        ("[digest]\npeople = 3\npeople = 4\n", "line 3: this setting stands there twice."),
        ("[digest]\n[digest]\n", "line 2: this section stands there twice."),
        ('[me]\naddresses = ["a@b.c"\n[digest]\n', "line 3: a list is not closed: a comma or a ] is missing."),
        ("[digest\npeople = 3\n", "line 1: the ] of a section is missing."),
        ('[digest]\nvia = "C:\\Users"\n', r"line 2: a \ is written as \\, or the text stands in single quotes."),
        (
            '[digest]\nvia = "file" "x"\n',
            "line 2: something follows the value. A text stands in quotes, a list in [ ].",
        ),
        ("; note\n", "line 1: this is no setting, section or comment. A comment begins with #."),
        ('a = """\nb\n', "line 2: a quote is not closed."),
        ("a = 2026-02-31\n", "line 1: this is not TOML: invalid date or datetime."),
    ],
    ids=lambda value: value[:24],
)
def test_a_slip_in_the_writing_is_told_with_its_line(text: str, says: str) -> None:
    assert problems(text) == [says]


def test_behind_a_slip_the_rest_is_still_checked() -> None:
    found = problems('[accounts.a]\nkind = server\nhost = x\nreed = "text"\n[digest]\npeople = 8\nfoo\n')

    assert found == [
        "line 2: the value cannot be read. A text stands in quotes.",
        "line 3: the value cannot be read. A text stands in quotes.",
        "line 6: digest.people: 8 is too large. The most is 5. Leave it out for 3.",
        "line 7: a `=` is missing after the name.",
    ]


def test_a_file_that_is_no_toml_at_all_is_told_in_one_screen() -> None:
    assert len(problems("From ada Mon Mar  2 07:00:00 2026\n" * 500)) == 20


def test_a_relative_path_is_meant_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    path = tmp_path / "config.toml"
    path.write_text('[accounts.a]\nkind = "archive"\npath = "mail/a.mbox"\nothers = ["~/b", "/c"]\n')

    archive = load(path, KINDS.get).accounts["a"]

    assert isinstance(archive, Archive)
    assert archive.path == tmp_path / "mail/a.mbox"
    assert archive.others == (tmp_path / "home/b", Path("/c"))


def test_the_example_is_whole_and_good() -> None:
    """Every key that there is, of every kind of account that there is, stands in it."""
    settings = load(EXAMPLE, options_of)
    text = EXAMPLE.read_text(encoding="utf-8")

    assert {account.kind for account in settings.accounts.values()} >= {"mbox", "ics"}
    assert not settings.enabled, "nothing is opted in by copying a file"
    parts = (settings.me, settings.digest, settings.smtp, settings.secrets, settings.boundaries)
    for section in (*parts, *settings.accounts.values()):
        assert [key for key in type(section).model_fields if f"\n{key} = " not in text] == []


def options_of(kind: str) -> type[Account] | None:
    """The keys of the true connectors, found as the wiring finds them."""
    if kind not in connectors.KINDS:
        return None
    options: type[Account] = import_module(connectors.KINDS[kind].split(":")[0]).Options
    assert issubclass(options, Account)
    return options
