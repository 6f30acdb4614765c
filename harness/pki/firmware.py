"""Firmware as a manufacturer signs it: an image, the signature over it, and the certificate of the signer (OCPP 2.x L01)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from harness.pki.operator import OperatorCa


@dataclass(frozen=True, slots=True)
class SignedFirmware:
    """`signature` is base64, `certificate` PEM, as FirmwareType carries them."""

    image: bytes
    signature: str
    certificate: str


def signed_firmware(ca: OperatorCa, image: bytes, now: datetime) -> SignedFirmware:
    """An image signed with ECDSA and SHA-256 by a key for which the root of `ca` vouches."""
    signer = ca.signer("Firmware Signing", now)
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    signature = signer.key.sign(image, ec.ECDSA(hashes.SHA256()))
    certificate = signer.certificate.public_bytes(Encoding.PEM).decode("ascii")
    return SignedFirmware(image, base64.b64encode(signature).decode("ascii"), certificate)
