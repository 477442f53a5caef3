"""Which web addresses are asked at all, and to which does a sign-in go along?

https only (http to this machine itself, where the user allows it). Errors name the host and never the path: the path of
a calendar's private link is its password.
"""

from collections.abc import Mapping
from typing import Annotated, TypeAlias
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, ValidationInfo

from config.settings import loopback
from connectors.contract import NeedsUser

FAMILIES: Mapping[str, str] = {"caldav.icloud.com": ".icloud.com", "contacts.icloud.com": ".icloud.com"}
"""Hosts that keep each user's calendars on a host of its own (p12-caldav.icloud.com): the sign-in goes there too."""


def checked(url: str, *, private: bool = False) -> str:
    """The address as it is asked for: `webcal:` is https. Raises NeedsUser for what is none, or is not safe."""
    try:
        parts = urlsplit(url.strip())
        scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme, parts.scheme)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = scheme = ""
    if scheme not in ("https", "http") or not host:
        raise NeedsUser("That is no web address.", "Set `url` to one that begins with https://.")
    if parts.username or parts.password:
        raise NeedsUser(f"The address at {host} holds a user name.", "Leave it out of `url`, and set `user`.")
    if scheme == "http" and not (private and loopback(host.rstrip("."))):
        raise NeedsUser(f"{host} would be asked without encryption.", "Write https:// in `url`.")
    return parts._replace(scheme=scheme, fragment="").geturl()


def _address(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        try:
            return checked(value, private=bool(info.data.get("private")))
        except NeedsUser as no:
            raise ValueError(str(no)) from None
    return value


WebAddress: TypeAlias = Annotated[str, BeforeValidator(_address)]
"""An address in the config. A field `private` before it in the same section says whether this machine is allowed."""


def host_of(url: str) -> str:
    """The part of an address that may be shown."""
    try:
        return urlsplit(url).hostname or "the server"
    except ValueError:
        return "the server"


def same_house(one: SplitResult, other: SplitResult) -> bool:
    """Whether what signs in at `one` may be shown to `other`: same host, port and scheme, or a family that is known."""
    if (one.scheme, one.hostname, _port(one)) == (other.scheme, other.hostname, _port(other)):
        return True
    family = FAMILIES.get(one.hostname or "")
    return bool(family and other.scheme == "https" and _port(other) == 443 and (other.hostname or "").endswith(family))


def may_sign(home: str, url: str) -> bool:
    """Whether the sign-in at `home` also goes to `url`."""
    return same_house(urlsplit(home), urlsplit(url))


def _port(parts: SplitResult) -> int:
    return parts.port or {"https": 443, "http": 80}[parts.scheme]
