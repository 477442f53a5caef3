"""The way that the digest goes makes sense as a whole, or the config says what does not, with its line."""

from typing import Any

import pytest

from config.load import ConfigProblems, parse
from config.settings import Account, Settings, SignedIn, Smtp
from tests.config.shapes import KINDS


class Imap(SignedIn):
    host: str = "imap.example.org"


ALL: dict[str, type[Account]] = {**KINDS, "imap": Imap}

ME = '[me]\naddresses = ["ada@example.org"]\n'


def imap(name: str, more: str = "") -> str:
    return f'[accounts.{name}]\nkind = "imap"\naddress = "ada@example.org"\n{more}'


def read(text: str) -> Settings:
    return parse(text, ALL.get, ALL)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigProblems) as error:
        read(text)
    return str(error.value).split("\n  ")[1:]


APPEND = '[digest]\nvia = "append"\n'


@pytest.mark.parametrize(
    ("text", "inbox"),
    [
        (APPEND + imap("home"), "home"),
        (APPEND + 'account = "work"\n' + imap("home") + imap("work"), "work"),
        (APPEND + imap("home") + imap("work", "enabled = false\n"), "home"),
        (APPEND + imap("home", "enabled = false\n"), ""),
        (APPEND + 'account = "home"\n' + imap("home", "enabled = false\n") + imap("work"), "home"),
        (imap("home") + imap("work"), ""),
        ("", ""),
    ],
    ids=[
        "the only one",
        "the one that is named",
        "the only one that is on",
        "opted out",
        "named and opted out",
        "nobody asked",
        "none",
    ],
)
def test_it_is_clear_into_which_inbox_a_digest_goes(text: str, inbox: str) -> None:
    assert read(text).inbox == inbox


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            APPEND,
            'line 2: digest.via: "append" needs an account with an inbox: kind = "imap"',
        ),
        (
            APPEND + imap("a") + imap("b"),
            'line 2: digest.via: "append" could go into a or b. Say which: account = "a".',
        ),
        (APPEND + 'account = "homer"\n' + imap("home"), 'line 3: digest.account: "homer" is no account'),
        (APPEND + 'account = "homer"\n' + imap("home"), "Did you mean `home`?"),
        ('[digest]\naccount = "files"\n[accounts.files]\nkind = "archive"\npath = "a"\n', "line 2: digest.account"),
    ],
    ids=["no account", "two", "a slip", "the near name", "no inbox"],
)
def test_where_it_is_not_clear_the_line_is_told(text: str, says: str) -> None:
    [told] = problems(text)

    assert says in told


SMTP = ME + '[digest]\nvia = "smtp"\n[smtp]\nhost = "smtp.example.org"\n'


@pytest.mark.parametrize(
    ("more", "door"),
    [("", 587), ('security = "tls"\n', 465), ("port = 2525\n", 2525), ('security = "tls"\nport = 2465\n', 2465)],
    ids=["STARTTLS", "TLS", "its own", "its own in TLS"],
)
def test_the_port_follows_from_the_security(more: str, door: int) -> None:
    smtp = read(SMTP + more).smtp

    assert smtp
    assert smtp.door == door


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[digest]\nvia = "smtp"\n', 'line 2: digest.via: "smtp" needs a section [smtp] that names the `host`'),
        (SMTP + 'address = "eve@example.net"\n', 'smtp.address: "eve@example.net" is not one of yours'),
        (SMTP + 'security = "none"\n', 'line 7: smtp.security: "none" is for a server on this machine alone.'),
        (SMTP + 'account = "hime"\n' + imap("home"), 'smtp.account: "hime" is no account that is on'),
        (SMTP + 'account = "home"\nuser = "ada"\n' + imap("home"), "`account` already says how to sign in"),
        (SMTP.replace("smtp.example.org", "https://smtp.example.org/"), "is not the name of a server"),
        (SMTP + "port = 0\n", "0 is too small. The least is 1."),
        (SMTP + "port = 70000\n", "70000 is too large. The most is 65535."),
        (SMTP + 'adress = "ada@example.org"\n', "smtp.adress: unknown setting. Did you mean `address`?"),
        (SMTP + imap("smtp"), "accounts.smtp: this name is taken by the section [smtp]"),
        ('[secrets]\nfile = "yes"\n', 'line 2: secrets.file: "yes" is not true or false'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_way_is_told(text: str, says: str) -> None:
    [told] = problems(text)

    assert says in told


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "127.8.9.1"])
def test_on_this_machine_nothing_has_to_be_closed(host: str) -> None:
    assert Smtp(host=host, security="none").door == 587


@pytest.mark.parametrize("host", ["localhost.example.org", "10.0.0.1", "127.0.0.1.example.org", "0.0.0.0"])
def test_elsewhere_it_has_to_be(host: str) -> None:
    with pytest.raises(ValueError, match="this machine alone"):
        Smtp(host=host, security="none")


@pytest.mark.parametrize("accounts", ["3", "[1]", '"home"'])
def test_what_is_no_section_of_accounts_is_told_alone(accounts: Any) -> None:
    assert len(problems(f"accounts = {accounts}\n{APPEND}")) == 1
