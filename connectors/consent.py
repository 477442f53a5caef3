"""What opens an account behind a vendor's sign-in page: a consent that the user gave, and can take back there.

Nothing of any vendor is known here. The connectors are handed a `Kept`, in which the refresh token of one account lies
encrypted; what they make of it, access tokens, lives for an hour and is never written down.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.contract import TryLater


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a request shows to the vendor."""

    secret: str = field(repr=False)
    expires: datetime  # aware, UTC
    scopes: frozenset[str] = frozenset()  # what it opens, where the vendor says so


class Tokens(Protocol):
    """Where access tokens come from."""

    def access(self, *, refused: bool = False) -> AccessToken:
        """A token that is good for some minutes; a new one where the one before was `refused`.

        Raises NeedsUser where the consent is gone, TryLater for everything else.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fresh:
    """The one token of a sign-in that is under way."""

    token: AccessToken
    vendor: str

    def access(self, *, refused: bool = False) -> AccessToken:
        """The token. Raises TryLater where it is refused: there is no other one."""
        if refused:
            raise TryLater(f"{self.vendor} does not take the token that it gave a moment ago.")
        return self.token


class Kept(Protocol):
    """What is kept, encrypted, for one account. What is kept is on the disk before `keep` returns."""

    def get(self) -> str:
        """What is kept. Raises NeedsUser where nothing is, or the keyring is locked."""
        ...

    def keep(self, value: str) -> None:
        """Keep this from now on."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Be the only process that renews this account's token: `get`, renew, `keep`."""
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """What a sign-in in the browser brought."""

    address: str  # of the account that signed in, lower-cased; "" where the vendor does not say
    kept: str = field(repr=False)  # what is to be kept, for the connector to open
    scopes: tuple[str, ...] = ()  # what was granted, which may be less than what was asked for
    notes: tuple[str, ...] = ()  # sentences that the user should read now
