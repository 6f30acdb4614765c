"""A key pair of the tester's station, the request for a certificate for it, and readings of what a CSMS makes of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from harness.link.observation import Observation
from harness.ocpp.readings import payload, request, value_at
from harness.pki.check import issued_by
from harness.pki.operator import hash_data


class CertificateRequest:
    """For a station of that serial number and organisation, on P-256."""

    def __init__(self, serial: str, organisation: str) -> None:
        self.serial = serial
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, serial),
            ]
        )
        self._made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> str:
        """The request, as SignCertificate carries it."""
        return self._made.public_bytes(Encoding.PEM).decode("ascii")

    @property
    def broken_pem(self) -> str:
        """The same request with a signature that does not fit."""
        der = bytearray(self._made.public_bytes(Encoding.DER))
        der[-1] ^= 0x01
        body = base64.encodebytes(bytes(der)).decode("ascii").replace("\n", "")
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return "\n".join(("-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""))

    # --- readings of CertificateSigned ---

    def key_of_the_leaf(self, seen: Observation) -> str | None:
        """Whose key the first certificate of the chain holds: "ours" or "another"."""
        chain = chain_of(seen)
        if not chain:
            return None
        held = chain[0].public_key()
        mine = self._key.public_key().public_numbers()
        return "ours" if isinstance(held, ec.EllipticCurvePublicKey) and held.public_numbers() == mine else "another"

    def name_of_the_leaf(self, seen: Observation) -> str | None:
        """The common name of the first certificate of the chain."""
        chain = chain_of(seen)
        names = chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME) if chain else []
        return str(names[0].value) if names else None


def chain_of(seen: Observation) -> list[x509.Certificate]:
    """The certificates of a CertificateSigned, as they stand in it; empty where none can be read."""
    told = value_at(request(seen, "CertificateSigned"), "certificateChain")
    try:
        return x509.load_pem_x509_certificates(str(told).encode())
    except ValueError:
        return []


def broken_links(seen: Observation) -> int | None:
    """How many certificates of a CertificateSigned are not issued by the next one in it; None without a chain."""
    chain = chain_of(seen)
    return sum(not issued_by(one, above) for one, above in pairwise(chain)) if chain else None


def days_left(now: datetime) -> Callable[[Observation], float | None]:
    """A reading: for how many days from `now` on the first certificate of a CertificateSigned is valid."""

    def left(seen: Observation) -> float | None:
        chain = chain_of(seen)
        if not chain:
            return None
        return (
            (chain[0].not_valid_after_utc - now).total_seconds() / 86_400
            if chain[0].not_valid_before_utc <= now
            else 0.0
        )

    left.__name__ = "days of validity"
    return left


def ocsp_question(chain: Sequence[x509.Certificate]) -> dict[str, str]:
    """OCSPRequestDataType for the first of two certificates, of which the second issued it."""
    return {**hash_data(chain[0], chain[1]), "responderURL": _responder(chain[0])}


def _responder(certificate: x509.Certificate) -> str:
    """Where the certificate says that its state is told; a place that nobody has where it does not say."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return "http://ocsp.invalid/"
    places = [each.access_location.value for each in access if each.access_method == AuthorityInformationAccessOID.OCSP]
    return str(places[0]) if places else "http://ocsp.invalid/"


def ocsp_answer(seen: Observation) -> str | None:
    """What the ocspResult of an answer is: "successful for <serial number>", "unsuccessful", or "no OCSP response";
    None where the answer carries none."""
    told = value_at(payload(seen), "ocspResult")
    if told is None:
        return None
    try:
        read = ocsp.load_der_ocsp_response(base64.b64decode(told, validate=True))
    except (ValueError, TypeError, binascii.Error):
        return "no OCSP response"
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return "unsuccessful"
    return f"successful for {read.serial_number:x}"
