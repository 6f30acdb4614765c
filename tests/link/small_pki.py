"""A root and three leaves for WebSocket over TLS: a CSMS with an ECDSA and an RSA certificate, and a station."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Leaf:
    chain: bytes
    key: bytes


@dataclass(frozen=True)
class SmallPki:
    root: bytes
    csms: Leaf
    csms_rsa: Leaf
    station: Leaf

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _load(context, self.csms)
        return context

    def client_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.root.decode())
        _load(context, self.station)
        return context


def small_pki() -> SmallPki:
    root_key = ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Test Root")
    root = _certificate(root_name, root_key, root_name, root_key, ())
    return SmallPki(
        root=root.public_bytes(Encoding.PEM),
        csms=_leaf("csms.test", ec.generate_private_key(ec.SECP256R1()), root_name, root_key),
        csms_rsa=_leaf("csms.test", rsa.generate_private_key(65537, 2048), root_name, root_key),
        station=_leaf("SERIAL-1", ec.generate_private_key(ec.SECP256R1()), root_name, root_key),
    )


def _load(context: ssl.SSLContext, leaf: Leaf) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leaf.pem"
        path.write_bytes(leaf.chain + leaf.key)
        context.load_cert_chain(path)


def _leaf(name: str, key: Key, root_name: x509.Name, root_key: ec.EllipticCurvePrivateKey) -> Leaf:
    uses = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
    certificate = _certificate(_name(name), key, root_name, root_key, uses)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Leaf(certificate.public_bytes(Encoding.PEM), private)


def _certificate(
    name: x509.Name,
    key: Key,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    uses: tuple[x509.ObjectIdentifier, ...],
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=not uses, path_length=None), critical=True)
    )
    if uses:
        common = str(name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(common)]), critical=False)
    return builder.sign(issuer_key, SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
