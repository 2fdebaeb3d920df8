"""A certificate for a table on this machine, and a bundle that trusts it beside all the usual.

On Lambda the way to DynamoDB is HTTPS, and a process's first request pays for that: the bundle
of authorities is read, a handshake is made.
"""

import datetime
import ipaddress
from pathlib import Path
from typing import NamedTuple

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.server import LOOPBACK


class Trust(NamedTuple):
    """Where the server's certificate with its key is, and the bundle that clients go by."""

    server: Path
    bundle: Path

    def settings(self) -> dict[str, str]:
        """Return what makes botocore, and Python's own ssl, go by the bundle."""
        return {"AWS_CA_BUNDLE": str(self.bundle), "SSL_CERT_FILE": str(self.bundle)}


def make(folder: Path) -> Trust:
    """Make a certificate that lives a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorded table")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    trust = Trust(folder / "server.pem", folder / "bundle.pem")
    trust.server.write_bytes(public + private)
    usual = Path(botocore.__file__).with_name("cacert.pem").read_bytes()
    trust.bundle.write_bytes(usual + public)
    return trust
