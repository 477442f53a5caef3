"""Who are colleagues? Those whose addresses are of one organisation."""

from collections.abc import Iterable

PUBLIC = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "ymail.com",
        "hotmail.com",
        "outlook.com",
        "live.com",
        "msn.com",
        "aol.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "t-online.de",
        "proton.me",
        "protonmail.com",
        "mail.com",
        "fastmail.com",
        "zoho.com",
        "orange.fr",
        "free.fr",
        "wanadoo.fr",
        "laposte.net",
        "libero.it",
        "mail.ru",
        "yandex.ru",
        "qq.com",
        "163.com",
    ]
)
"""Where anybody has an address: two of these are no colleagues."""


def companies(addresses: Iterable[str]) -> frozenset[str]:
    """The domains of these addresses that belong to an organisation."""
    return frozenset(domain(a) for a in addresses) - PUBLIC


def domain(address: str) -> str:
    """The part behind the @, without its subdomains' first label where there are three or more."""
    host = address.rpartition("@")[2]
    labels = host.split(".")
    return ".".join(labels[-2:]) if len(labels) > 2 and len(labels[-2]) > 3 else host
