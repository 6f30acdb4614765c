"""Readings of what a station shows of itself: its certificate in TLS, and the keys in its certificate requests."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from harness.actor.certificate_request import chain_of
from harness.link.observation import Connected, Observation
from harness.link.websocket import Upgraded
from harness.ocpp.readings import request
from harness.pki.operator import hash_data


def shown_chain(seen: Observation) -> list[x509.Certificate]:
    """What the peer of a connection presented, leaf first; empty where it presented nothing."""
    message = seen.message
    return (
        [x509.load_der_x509_certificate(each) for each in message.peer_chain] if isinstance(message, Connected) else []
    )


def shown_serial(seen: Observation) -> str | None:
    """The serial number of the certificate that was presented."""
    chain = shown_chain(seen)
    return f"{chain[0].serial_number:x}" if chain else None


def shown_name(seen: Observation) -> str | None:
    """The common name of the certificate that was presented."""
    chain = shown_chain(seen)
    names = chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME) if chain else []
    return str(names[0].value) if names else None


def shown_strength(seen: Observation) -> int | None:
    """Bits of security of the key of the certificate that was presented, after NIST SP 800-57."""
    chain = shown_chain(seen)
    if not chain:
        return None
    key = chain[0].public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.key_size // 2
    if isinstance(key, rsa.RSAPublicKey):
        return 112 if key.key_size >= 2048 else 80
    return 128


def shown_hash(seen: Observation) -> dict[str, str] | None:
    """CertificateHashDataType of the certificate that was presented; None without its issuer."""
    chain = shown_chain(seen)
    return hash_data(chain[0], chain[1]) if len(chain) > 1 else None


def tls_version(seen: Observation) -> str | None:
    """The version that a connection has, such as ``TLSv1.3``; empty without TLS."""
    return seen.message.security if isinstance(seen.message, Connected) else None


def upgrade_path(seen: Observation) -> str | None:
    """The path by which a station came in."""
    return seen.message.path if isinstance(seen.message, Upgraded) else None


def signed_serial(seen: Observation) -> str | None:
    """The serial number of the certificate in a CertificateSigned."""
    chain = chain_of(seen)
    return f"{chain[0].serial_number:x}" if chain else None


def requested_key(seen: Observation) -> str | None:
    """The public key of a SignCertificate whose signature holds, as hexadecimal."""
    try:
        made = x509.load_pem_x509_csr(str((request(seen, "SignCertificate") or {}).get("csr")).encode())
    except ValueError:
        return None
    if not made.is_signature_valid:
        return None
    return made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo).hex()
