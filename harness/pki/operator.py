"""The certificate authority of a charging station operator: signs certificate requests and answers for what it has signed.

Keys are born here and live in memory. Times are arguments. What a request must hold is A02 of OCPP 2.x: a valid signature,
a common name and an organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from harness.pki.check import issued_by
from harness.pki.factory import Issued

_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
CA_DAYS = 3650
"""How long the certificates of an authority are valid."""
_LEAF_DAYS, _STATUS_HOURS = 365, 12
_BACKDATED = timedelta(days=1)


class BadRequest(ValueError):
    """A certificate request that is not signed; the message says why."""


@dataclass
class OperatorCa:
    """A root and the issuing authority below it. `revoked` are serial numbers; `issued` all leaves, by serial number."""

    root: Issued
    issuing: Issued
    issued: dict[int, x509.Certificate] = field(default_factory=dict)
    revoked: dict[int, datetime] = field(default_factory=dict)

    @property
    def root_pem(self) -> bytes:
        """What stations have to trust to be trusted by."""
        return self.root.certificate.public_bytes(Encoding.PEM)

    @property
    def root_hash(self) -> dict[str, str]:
        """CertificateHashDataType of the root."""
        return hash_data(self.root.certificate, self.root.certificate)

    def sign(self, request: str, now: datetime, *, server: bool = False, host: str = "", ocsp_url: str = "") -> str:
        """The chain (PEM, leaf first, without the root) for a request; raises `BadRequest`. `host` is a name or an address for
        which a server's certificate is to hold besides its common name, as clients of today want it; `ocsp_url` is where its
        revocation can be asked for."""
        read = _sound(request)
        usage = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            _dated(now, _LEAF_DAYS)
            .subject_name(read.subject)
            .issuer_name(self.issuing.certificate.subject)
            .public_key(read.public_key())
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_usage(digital_signature=True, key_agreement=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(read.public_key()), critical=False)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
        if ocsp_url:
            place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url))
            builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
        leaf = _signed(builder, self.issuing)
        self.issued[leaf.serial_number] = leaf
        chain = (leaf, self.issuing.certificate)
        return "".join(each.public_bytes(Encoding.PEM).decode("ascii") for each in chain)

    def own_chain(self, name: str, organisation: str, now: datetime, *, server: bool = True) -> tuple[bytes, bytes]:
        """A chain and key (PEM) for a side of the connection, such as the CSMS itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name, organisation)
        request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        host = name if server else ""
        chain = self.sign(request.public_bytes(Encoding.PEM).decode("ascii"), now, server=server, host=host)
        return chain.encode("ascii"), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def signer(self, name: str, now: datetime) -> Issued:
        """A certificate directly under the root, for signing files."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _dated(now, _LEAF_DAYS)
            .subject_name(_name(name, "v2x-harness"))
            .issuer_name(self.root.certificate.subject)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        )
        return Issued(_signed(builder, self.root), key)

    def status(self, data: Mapping[str, Any]) -> str:
        """Good, Revoked or Unknown, by the hash data of a certificate."""
        serial = _serial(data)
        if not any(_is_issuer(each.certificate, data) for each in (self.root, self.issuing)):
            return "Unknown"
        if serial in self.revoked:
            return "Revoked"
        return "Good" if serial in self.issued or serial == self.issuing.certificate.serial_number else "Unknown"

    def ocsp_response(self, data: Mapping[str, Any], now: datetime) -> bytes | None:
        """The signed OCSP response (DER) about a certificate; None for one of somebody else."""
        serial = _serial(data)
        known = {**self.issued, self.issuing.certificate.serial_number: self.issuing.certificate}
        if self.status(data) == "Unknown" or serial not in known:
            return None
        issuer = self.root if known[serial].issuer == self.root.certificate.subject else self.issuing
        gone = self.revoked.get(serial)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=known[serial],
            issuer=issuer.certificate,
            algorithm=_HASHES[data["hashAlgorithm"]](),
            cert_status=ocsp.OCSPCertStatus.GOOD if gone is None else ocsp.OCSPCertStatus.REVOKED,
            this_update=now,
            next_update=now + timedelta(hours=_STATUS_HOURS),
            revocation_time=gone,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def verdict(self, chain: str, now: datetime) -> str:
        """What is wrong with a presented chain (PEM, leaf first), in the words of Authorize; Accepted when nothing is."""
        try:
            presented = x509.load_pem_x509_certificates(chain.encode())
        except ValueError:
            return "CertChainError"
        above = [*presented[1:], *(each.certificate for each in (self.issuing, self.root))]
        if not any(issued_by(presented[0], each) for each in above) or not _anchored(presented, self):
            return "CertChainError"
        if any(not each.not_valid_before_utc <= now <= each.not_valid_after_utc for each in presented):
            return "CertificateExpired"
        return "CertificateRevoked" if any(each.serial_number in self.revoked for each in presented) else "Accepted"


def operator_ca(now: datetime, organisation: str = "v2x-harness") -> OperatorCa:
    """A fresh authority on P-256, as stations carry it."""
    root = _authority("CSMS Root CA", organisation, None, now, 1)
    return OperatorCa(root, _authority("CSMS Sub-CA", organisation, root, now, 0))


def hash_data(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str = "SHA256") -> dict[str, str]:
    """CertificateHashDataType of a certificate."""
    name, key = _issuer_hashes(issuer, algorithm)
    serial = f"{certificate.serial_number:x}"
    return {"hashAlgorithm": algorithm, "issuerNameHash": name, "issuerKeyHash": key, "serialNumber": serial}


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _sound(request: str) -> x509.CertificateSigningRequest:
    try:
        read = x509.load_pem_x509_csr(request.encode())
        signed = read.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise BadRequest(f"the certificate request cannot be read: {error}") from error
    if not signed:
        raise BadRequest("the signature of the certificate request is not valid")
    for oid, what in ((NameOID.COMMON_NAME, "common name"), (NameOID.ORGANIZATION_NAME, "organisation")):
        if not read.subject.get_attributes_for_oid(oid):
            raise BadRequest(f"the certificate request names no {what}")
    return read


def _authority(name: str, organisation: str, issuer: Issued | None, now: datetime, length: int) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name, organisation)
    builder = (
        _dated(now, CA_DAYS)
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(True, length), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True, digital_signature=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Issued(_signed(builder, issuer) if issuer else builder.sign(key, hashes.SHA256()), key)


def _signed(builder: x509.CertificateBuilder, issuer: Issued) -> x509.Certificate:
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    return builder.add_extension(above, critical=False).sign(issuer.key, hashes.SHA256())


def _dated(now: datetime, days: int) -> x509.CertificateBuilder:
    begins = now - _BACKDATED
    made = x509.CertificateBuilder().serial_number(x509.random_serial_number())
    return made.not_valid_before(begins).not_valid_after(begins + timedelta(days=days))


def _name(common_name: str, organisation: str) -> x509.Name:
    parts = ((NameOID.COMMON_NAME, common_name), (NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _usage(**granted: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    every = dict.fromkeys((*names, "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(**{**every, **granted})


def _anchored(presented: list[x509.Certificate], ca: OperatorCa) -> bool:
    trusted = (ca.issuing.certificate, ca.root.certificate)
    return presented[-1] in trusted or any(issued_by(presented[-1], each) for each in trusted)


def _is_issuer(certificate: x509.Certificate, data: Mapping[str, Any]) -> bool:
    name, key = _issuer_hashes(certificate, data["hashAlgorithm"])
    return (data["issuerNameHash"].lower(), data["issuerKeyHash"].lower()) == (name, key)


def _serial(data: Mapping[str, Any]) -> int:
    """The serial number, written in hexadecimal; -1, which nobody has, for what is none."""
    try:
        return int(data["serialNumber"], 16)
    except ValueError:
        return -1


def _issuer_hashes(issuer: x509.Certificate, algorithm: str) -> tuple[str, str]:
    """Of the name as DER, and of the bare public key (RFC 6960 4.1.1)."""
    key = issuer.public_key()
    kind = PublicFormat.UncompressedPoint if isinstance(key, ec.EllipticCurvePublicKey) else PublicFormat.PKCS1
    encoding = Encoding.X962 if kind is PublicFormat.UncompressedPoint else Encoding.DER
    return _hash(issuer.subject.public_bytes(), algorithm), _hash(key.public_bytes(encoding, kind), algorithm)


def _hash(octets: bytes, algorithm: str) -> str:
    digest = hashes.Hash(_HASHES[algorithm]())
    digest.update(octets)
    return digest.finalize().hex()
