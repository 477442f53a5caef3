"""To which machine may a connection go?

The name is resolved once, every address behind it is looked at, and the connection goes to the address that was looked
at, so that no second look at the name can send it elsewhere. Of the environment only SSL_CERT_FILE counts, by which
OpenSSL knows an authority of the user's own.
"""

import socket
import ssl
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from connectors.contract import NeedsUser, TryLater

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

Address: TypeAlias = IPv4Address | IPv6Address

_NAT64 = int(IPv6Address("64:ff9b::"))


class Door:
    """Opens connections to addresses that were looked at, and can shut all that are open."""

    def __init__(self, private: bool) -> None:
        self.private = private
        self._twins: set[socket.socket] = set()

    def open(self, host: str, port: int, wait: float | None, plain: bool) -> tuple[socket.socket, socket.socket]:
        """A connection, and its twin by which it can be shut from outside, whatever TLS makes of the first."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TryLater(f"{host} cannot be found; perhaps this machine is offline.") from None
        for *_, where in found:
            self._look(host, ip_address(str(where[0]).partition("%")[0]), plain)
        for family, kind, protocol, _, where in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(wait)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.connect(where)
            except OSError:
                sock.close()
                continue
            twin = sock.dup()
            self._twins.add(twin)
            return sock, twin
        raise TryLater(f"{host} cannot be reached.")

    def shut(self) -> None:
        """End everything that is open: whoever reads gets an end, at once."""
        for twin in list(self._twins):
            try:
                twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def forget(self, twin: socket.socket) -> None:
        """The connection was closed."""
        self._twins.discard(twin)
        twin.close()

    def _look(self, host: str, address: Address, plain: bool) -> None:
        """Raises NeedsUser for an address that is not the user's to reach without saying so."""
        for one in _embedded(address):
            own = one.is_loopback or (one.is_private and not one.is_link_local and not one.is_unspecified)
            if plain and not one.is_loopback:
                raise NeedsUser(f"{host} would be asked without encryption.", "Write https:// in `url`.")
            if one.is_global and not one.is_multicast and not one.is_reserved:
                continue
            if not own:
                raise NeedsUser(f"{host} is at {one}, which is no server's address.", "Correct `url`.")
            if not self.private:
                raise NeedsUser(
                    f"{host} is at {one}, within your own network.", "If that is meant, set `private = true` there."
                )


def _embedded(address: Address) -> Iterator[Address]:
    """The address and those that it carries inside: an IPv6 address may stand for an IPv4 one."""
    yield address
    if isinstance(address, IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if int(address) >> 32 == _NAT64 >> 32:
            inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
        yield from (one for one in inner if one is not None)


def adapter_of(door: Door, trusted: Path | None) -> "HTTPAdapter":
    """An adapter of requests whose connections all go through `door`."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Checked(HTTPConnection):
        """A connection that goes where its door lets it."""

        plain = True
        twin: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            wait = self.timeout if isinstance(self.timeout, int | float) else None
            sock, self.twin = door.open(self._dns_host, self.port or 443, wait, self.plain)
            return sock

        def close(self) -> None:
            super().close()
            if self.twin is not None:
                door.forget(self.twin)
                self.twin = None

    class Encrypted(Checked, HTTPSConnection):
        plain = False

    class Pool(HTTPConnectionPool):
        ConnectionCls = Checked

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

        def __init__(self, *told: Any, **more: Any) -> None:
            super().__init__(*told, **{**more, "ssl_context": ssl.create_default_context(cafile=trusted)})

    class Believing(HTTPAdapter):
        """Who is believed stands in the context: requests would add every authority of its own list."""

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
            conn.cert_reqs = "CERT_REQUIRED"

    adapter = Believing()
    adapter.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": EncryptedPool}
    return adapter
