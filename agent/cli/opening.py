"""How is an account opened that is opted in nowhere yet? What signs in is in hand alone until the user agrees."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from agent.cli.asking import agreed
from agent.cli.consent import browser
from agent.cli.ends import USAGE, Ends
from agent.cli.finding import Given
from agent.cli.lines import say

if TYPE_CHECKING:
    from agent.wiring import House
    from connectors.contract import Connector, Session

CHECKING = 30.0
"""Seconds for a sign-in."""

TRIES = 3
"""Passwords that may be typed: one slip of the finger, and one old password."""


def keyring(given: Given, values: dict[str, Any], house: "House") -> Given:
    """Whether a secret can be kept, seen before one is asked for; a file only where the user wants one.

    Raises NoSecret.
    """
    from agent import wiring
    from config.secrets import NoSecret

    if "secret_command" in values:
        return given
    try:
        allowed = house.settings.secrets.file or given.key_file
        wiring.secrets_of(house.paths, file=allowed, ask=True).reachable()
    except NoSecret as trouble:
        if given.yes or allowed:
            raise
        say(trouble.what)
        if not agreed("Keep the key to the password in a file that only you can read?", yes=False, default=False):
            raise
        return replace(given, key_file=True)
    return given


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that was signed in to: how it is opened, and what is to be kept for it; "": nothing."""

    connect: "Callable[[Session], Connector]"
    secret: Callable[[], str]


@dataclass
class InHand:
    """A `connectors.consent.Kept` that is not kept yet."""

    value: str

    def get(self) -> str:
        return self.value

    def keep(self, value: str) -> None:
        self.value = value

    @contextmanager
    def locked(self) -> Iterator[None]:
        yield


def sign_in(house: "House", name: str, given: Given) -> Opened:
    """Sign in, live, with what the user gives; a slip may be mended. Raises NeedsUser, TryLater, NoSecret, Ends."""
    from config.settings import Consented
    from connectors.contract import NeedsUser

    if isinstance(house.settings.accounts[name], Consented):
        return checked(consent(house, name, given))
    for left in range(TRIES, 0, -1):
        try:
            return checked(password(house, name, given))
        except NeedsUser as refused:
            if given.yes or given.password_command or left == 1 or "certificate" in refused.what:
                raise
            click.echo(str(refused), err=True)
    raise AssertionError("the last try returns or raises")


def checked(opened: Opened) -> Opened:
    """The same, after it was seen to open the account."""
    from agent import wiring
    from agent.pull import closed

    with closed(opened.connect(wiring.allowed(CHECKING))) as connector:
        connector.streams()
    return opened


def password(house: "House", name: str, given: Given) -> Opened:
    """The password that the user types, or that their program prints."""
    from agent import wiring
    from agent.cli.login import typed
    from config.secrets import printed
    from config.settings import SignedIn
    from connectors.contract import Credential

    account = house.settings.accounts[name]
    assert isinstance(account, SignedIn)
    secret = printed(account.secret_command) if account.secret_command else typed(name)
    if not secret:
        raise Ends("No password was given; nothing was written.", USAGE)
    known = Credential(account.login, secret, account.auth)

    def connect(session: "Session") -> "Connector":
        return wiring.connect(account, wiring.now(), house.zone, session, lambda: known)

    return Opened(connect, lambda: "" if account.secret_command else secret)


def consent(house: "House", name: str, given: Given) -> Opened:
    """The consent that the user gives on the vendor's page."""
    from agent import wiring
    from agent.cli.consent import asked_for

    account = house.settings.accounts[name]
    hand = InHand(asked_for(house, name, browser(given.no_browser)).kept)

    def connect(session: "Session") -> "Connector":
        return wiring.connect(account, wiring.now(), house.zone, session, None, hand)

    return Opened(connect, hand.get)
