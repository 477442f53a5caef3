"""Where is the mailbox of this address? What everybody knows of the great providers; else what its own domain says.

Nobody is asked before `look_up` is called, and then only the places that `places` names, which whoever calls has shown
to the user first. What a domain says comes from outside: it is read with a limit, over https, without following it to
another host, and nothing in it is believed that is no name of a server. Format and places: Mozilla's autoconfiguration
(`draft-ietf-mailmaint-autoconfig`, 4 and 5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import quote, urljoin

from connectors.contract import NeedsUser, TryLater
from connectors.web import Web
from connectors.web_addresses import host_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Kind: TypeAlias = Literal["imap", "google", "microsoft"]

LARGEST = 100_000
"""Bytes of an answer: a real one has two thousand."""

MOVES = 2
"""Redirects within one host that are followed: a slash at the end, a way that was moved."""

LONGEST_NAME = 253
"""Characters of the name of a host (RFC 1035, 2.3.4)."""

_MOVED = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mailbox is. `user` is what the server calls the user; "" is the address."""

    host: str
    port: int = 993
    security: Literal["tls", "starttls"] = "tls"
    user: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of the mailboxes of a domain: the ways into them, the best first, and what to know before.

    Without a way, `note` says why.
    """

    ways: tuple[Kind, ...] = ("imap",)
    server: Server | None = None
    note: str = ""
    source: str = ""  # who said so, where it was not known
    vouched: bool = True  # whether who said so was known by a certificate
    sends: Server | None = None  # the server that takes mail of the user's own, where it is known


@dataclass(frozen=True, slots=True)
class Places:
    """Who is asked; `{domain}` and `{address}` stand for those of the user."""

    own: tuple[str, ...] = (
        "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
        "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )
    list: str = "https://autoconfig.thunderbird.net/v1.1/{domain}"
    private: bool = False  # whether they may lie within the user's own network


PLACES = Places()

APP = "It wants an app password instead of your own: make one at {}."

_GOOGLE = Place(("imap", "google"), Server("imap.gmail.com"), APP.format("https://myaccount.google.com/apppasswords"))
_MICROSOFT = Place(("microsoft",), note="Microsoft opens these mailboxes to its own sign-in alone, not to a password.")
_YAHOO = Place(server=Server("imap.mail.yahoo.com"), note=APP.format("https://login.yahoo.com/account/security"))
_AOL = Place(server=Server("imap.aol.com"), note=APP.format("https://login.aol.com/account/security"))
_FASTMAIL = Place(server=Server("imap.fastmail.com"), note=APP.format("https://app.fastmail.com/settings/security"))
_APPLE = Place(server=Server("imap.mail.me.com", user="{local}"), note=APP.format("https://account.apple.com"))
_ALLOW = "Reading by other programs (IMAP) has to be allowed first, in the settings of its web page."
_GMX, _GMX_COM = Place(server=Server("imap.gmx.net"), note=_ALLOW), Place(server=Server("imap.gmx.com"), note=_ALLOW)
_POSTEO, _MAILBOX = Place(server=Server("posteo.de")), Place(server=Server("imap.mailbox.org"))
_PROTON = Place((), note="Proton opens its mailboxes to its own Bridge alone, a program of theirs on this machine.")
_TUTA = Place((), note="Tuta opens its mailboxes to its own programs alone.")

KNOWN: Mapping[str, Place] = {
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GOOGLE),
    **dict.fromkeys(("outlook.com", "hotmail.com", "live.com", "msn.com", "hotmail.co.uk", "live.co.uk"), _MICROSOFT),
    **dict.fromkeys(("outlook.de", "hotmail.de", "live.de", "hotmail.fr", "live.fr", "outlook.fr"), _MICROSOFT),
    **dict.fromkeys(("yahoo.com", "ymail.com", "rocketmail.com", "yahoo.co.uk", "yahoo.de", "yahoo.fr"), _YAHOO),
    "aol.com": _AOL,
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), _FASTMAIL),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _APPLE),
    **dict.fromkeys(("gmx.de", "gmx.net", "gmx.at", "gmx.ch"), _GMX),
    "gmx.com": _GMX_COM,
    "web.de": Place(server=Server("imap.web.de"), note=_ALLOW),
    **dict.fromkeys(("posteo.de", "posteo.net"), _POSTEO),
    "mailbox.org": _MAILBOX,
    **dict.fromkeys(("proton.me", "protonmail.com", "pm.me"), _PROTON),
    **dict.fromkeys(("tuta.com", "tutanota.com", "tutanota.de", "tuta.io"), _TUTA),
}
"""Domain -> what everybody knows of it. A line in doubt is better taken out: a domain can speak for itself."""

BEHIND: Mapping[str, Place] = {
    "imap.gmail.com": _GOOGLE,
    "imap.googlemail.com": _GOOGLE,
    "outlook.office365.com": _MICROSOFT,
    "imap-mail.outlook.com": _MICROSOFT,
}
"""Servers by which a domain of one's own is seen to be at a provider that wants something of its own."""


SENDS: Mapping[str, Server] = {
    "imap.gmail.com": Server("smtp.gmail.com", 465),
    "imap.mail.yahoo.com": Server("smtp.mail.yahoo.com", 465),
    "imap.aol.com": Server("smtp.aol.com", 465),
    "imap.fastmail.com": Server("smtp.fastmail.com", 465),
    "imap.mail.me.com": Server("smtp.mail.me.com", 587, "starttls"),
    "imap.gmx.net": Server("mail.gmx.net", 587, "starttls"),
    "imap.gmx.com": Server("mail.gmx.com", 587, "starttls"),
    "imap.web.de": Server("smtp.web.de", 587, "starttls"),
    "posteo.de": Server("posteo.de", 465),
    "imap.mailbox.org": Server("smtp.mailbox.org", 465),
}
"""The server of a mailbox -> that which takes mail, of the providers above. They know the user by the same name."""


def domain_of(address: str) -> str:
    """The domain of an address, as it is asked for: lower-cased, and in ASCII."""
    domain = address.rpartition("@")[2].strip().lower().rstrip(".")
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def known(address: str) -> Place | None:
    """What everybody knows of the provider of this address."""
    found = KNOWN.get(domain_of(address))
    return _for(found, address) if found else None


def behind(server: Server) -> Place | None:
    """The great provider whose server this is."""
    return BEHIND.get(server.host)


def asked(address: str, *, public: bool = False, places: Places | None = None) -> Sequence[str]:
    """The addresses on the web that `look_up` asks; `public`: Mozilla's list, which learns the domain, instead."""
    found = places or PLACES
    shapes = (found.list,) if public else found.own
    named = {"domain": quote(domain_of(address), safe=""), "address": quote(address, safe="")}
    return [shape.format(**named) for shape in shapes]


def named_by(address: str, host: str, port: int, security: Literal["tls", "starttls"], source: str) -> Place | None:
    """The place that the DNS names, where the name makes sense."""
    host = host.lower().rstrip(".")
    if not _is_name(host) or not 0 < port < 65_536:
        return None
    server = Server(host, port, security)
    return behind(server) or Place(server=server, source=source, vouched=within(host, address))


def within(host: str, address: str) -> bool:
    """Whether a server is in the domain of the address."""
    return f".{host}".endswith(f".{domain_of(address)}")


def look_up(address: str, web: Web, urls: Sequence[str]) -> Place | None:
    """What the first of these says that says something; None where none does. It raises nothing."""
    for url in urls:
        try:
            told = _told(web, url)
        except (NeedsUser, TryLater):  # not there, out of order, refused: the next one is asked
            continue
        for server in servers(told, address) if told else ():
            found = behind(server)
            sends = next(servers(told, address, "smtp"), None)
            return found or Place(server=server, source=host_of(url), sends=sends)
    return None


def _told(web: Web, url: str) -> bytes:
    """The document there; nothing where there is none. A redirect to another host is not followed."""
    host = host_of(url)
    for _ in range(MOVES + 1):
        answer = web.ask("GET", url, limit=LARGEST, follow=False)
        if answer.status == 200:
            return answer.body
        url = urljoin(url, answer.headers.get("location", ""))
        if answer.status not in _MOVED or host_of(url) != host:
            return b""
    return b""


def servers(told: bytes, address: str, kind: Literal["imap", "smtp"] = "imap") -> Iterator[Server]:
    """The servers of mailboxes (or those that take mail) over TLS that a document names, in its order; those that
    speak TLS from the first byte first.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(told, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return
    way = {"imap": "incomingServer", "smtp": "outgoingServer"}[kind]
    found = [one for each in root.iterfind(f"./emailProvider/{way}") if (one := _server(each, address, kind))]
    yield from sorted(found, key=lambda one: one.security != "tls")


def _server(said: "Element", address: str, kind: str) -> Server | None:
    """One server of a document; None where it is none that we could speak to, or makes no sense."""
    if said.get("type") != kind:
        return None
    security = {"SSL": "tls", "STARTTLS": "starttls"}.get((said.findtext("socketType") or "").strip())
    host = _filled(said.findtext("hostname"), address).lower().rstrip(".")
    port = (said.findtext("port") or "").strip()
    if security is None or not _is_name(host) or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        return None
    user = _filled(said.findtext("username"), address)
    if any(not c.isprintable() for c in user) or len(user) > LONGEST_NAME:
        return None
    return Server(host, int(port), "tls" if security == "tls" else "starttls", "" if user == address else user)


def _filled(text: str | None, address: str) -> str:
    local, _, domain = address.rpartition("@")
    for shape, value in (("%EMAILADDRESS%", address), ("%EMAILLOCALPART%", local), ("%EMAILDOMAIN%", domain)):
        text = (text or "").replace(shape, value)
    return (text or "").strip()


def _is_name(host: str) -> bool:
    """Whether that is the name of a server, and no number: letters, digits and hyphens, between dots."""
    parts = host.split(".")
    shaped = all(part and len(part) < 64 and part.replace("-", "").isalnum() and part.isascii() for part in parts)
    return shaped and len(host) <= LONGEST_NAME and not parts[-1].isdigit()


def _for(place: Place, address: str) -> Place:
    """The same, with the user's own name where a server wants a part of the address."""
    server = place.server
    if server is None or not server.user:
        return place
    user = server.user.format(local=address.rpartition("@")[0])
    return Place(place.ways, Server(server.host, server.port, server.security, user), place.note, place.source)
