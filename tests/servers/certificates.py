"""A certificate for loopback, and the authority that signed it, as a server and its visitors need them."""

import ssl
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certify(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """(the file of the authority, the file of the server's chain and key)."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "auld test authority")])
    names = [x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.1"))]
    begun = datetime(2020, 1, 1)  # noqa: DTZ001 - the library wants UTC without saying so

    def signed(subject: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType) -> bytes:
        made = (
            x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
            .not_valid_before(begun)
            .not_valid_after(begun + timedelta(days=365 * 30))
            .add_extension(extension, critical=False)
            .sign(authority, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    ca, chain = folder / "authority.pem", folder / "server.pem"
    root = x509.BasicConstraints(ca=True, path_length=None)
    ca.write_bytes(signed(issuer, authority.public_key(), root))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    key = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(signed(subject, server.public_key(), x509.SubjectAlternativeName(names)) + key)
    return ca, chain


def serving(chain: Path) -> ssl.SSLContext:
    """What a server with that certificate speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context
