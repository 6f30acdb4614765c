"""The operator's CA: signs sound requests, answers for what it signed, judges chains."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from harness.pki.check import issued_by
from harness.pki.operator import BadRequest, hash_data, operator_ca

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def request_for(name: str, organisation: str = "O") -> str:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    parts += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(parts))
    signed = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode("ascii")


def test_a_request_becomes_a_chain_up_to_the_issuing_authority() -> None:
    ca = operator_ca(NOW)
    leaf, issuing = x509.load_pem_x509_certificates(ca.sign(request_for("CS1"), NOW).encode())
    assert issued_by(leaf, issuing)
    assert issued_by(issuing, ca.root.certificate)
    assert leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "CS1"


@pytest.mark.parametrize(
    ("request_text", "said"),
    [("nothing", "cannot be read"), (request_for(""), "common name"), (request_for("CS1", ""), "organisation")],
)
def test_a_request_that_lacks_something_is_refused_with_the_reason(request_text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        operator_ca(NOW).sign(request_text, NOW)


def test_a_request_with_a_broken_signature_is_refused() -> None:
    der = bytearray(x509.load_pem_x509_csr(request_for("CS1").encode()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    broken = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode("ascii")
    with pytest.raises(BadRequest, match=r"signature|cannot be read"):
        operator_ca(NOW).sign(broken, NOW)


def test_the_ca_answers_for_its_own_certificates_alone() -> None:
    ca, other = operator_ca(NOW), operator_ca(NOW)
    leaf, issuing = x509.load_pem_x509_certificates(ca.sign(request_for("CS1"), NOW).encode())
    data = hash_data(leaf, issuing)
    assert (ca.status(data), other.status(data)) == ("Good", "Unknown")
    assert other.ocsp_response(data, NOW) is None
    assert ca.status({**data, "serialNumber": "no number"}) == "Unknown"
    ca.revoked[leaf.serial_number] = NOW
    assert ca.status(data) == "Revoked"
    response = ocsp.load_der_ocsp_response(ca.ocsp_response(data, NOW) or b"")
    assert response.certificate_status is ocsp.OCSPCertStatus.REVOKED


def test_a_chain_is_judged_in_the_words_of_authorize() -> None:
    ca = operator_ca(NOW)
    chain = ca.sign(request_for("CS1"), NOW)
    assert ca.verdict(chain, NOW) == "Accepted"
    assert ca.verdict(chain, NOW + timedelta(days=400)) == "CertificateExpired"
    assert operator_ca(NOW).verdict(chain, NOW) == "CertChainError"
    assert ca.verdict("nothing", NOW) == "CertChainError"
    ca.revoked[x509.load_pem_x509_certificates(chain.encode())[0].serial_number] = NOW
    assert ca.verdict(chain, NOW) == "CertificateRevoked"
