"""Certificates and keys as people keep them: PEM or DER, a key perhaps behind a password."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from harness.errors import DescriptionError


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Every certificate of a file; raises `DescriptionError` where it cannot be read or holds none."""
    octets = _octets(path)
    try:
        if b"-----BEGIN" in octets:
            return x509.load_pem_x509_certificates(octets)
        return [x509.load_der_x509_certificate(octets)]
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise DescriptionError(
            f"{path} holds no certificate", remedy="name a PEM or DER file with the certificate chain, leaf first"
        ) from wrong


def read_key(path: Path, password: str | None) -> PrivateKeyTypes:
    """The private key of a file; raises `DescriptionError` where it cannot be read, or the password does not fit."""
    octets, secret = _octets(path), password.encode() if password else None
    try:
        return (load_pem_private_key if b"-----BEGIN" in octets else load_der_private_key)(octets, secret)
    except TypeError as wrong:
        wanted = "needs a password" if secret is None else "needs no password"
        raise DescriptionError(f"{path} {wanted}", remedy="add, or remove, `password:` below certificates") from wrong
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise DescriptionError(
            f"{path} holds no private key, or the password is wrong", remedy="name the key of the leaf certificate"
        ) from wrong


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as refused:
        raise DescriptionError(f"{path} cannot be read: {refused.strerror}", remedy="check its rights") from refused
