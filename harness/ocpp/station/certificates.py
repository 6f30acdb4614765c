"""Certificates that the station holds and asks for (OCPP 2.1 blocks A02, A03, M03 to M05). Nothing is written to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from harness.ocpp.station.model import DeviceModel
from harness.ocpp.station.wire import Agenda, Payload, status

_HASHES = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384, "SHA512": hashlib.sha512}
_OF_ROOT = {
    "V2GRootCertificate",
    "MORootCertificate",
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "OEMRootCertificate",
}
_OCSP_PERIOD = 7 * 86400.0
"""Seconds after which what is known of revocation is asked for again (M06.FR.10)."""
SIGNED = {
    "SignChargingStationCertificate": "ChargingStationCertificate",
    "SignV2GCertificate": "V2GCertificate",
    "SignV2G20Certificate": "V2G20Certificate",
}
"""What TriggerMessage asks for, and the certificateType of the request that follows."""


@dataclass(slots=True)
class Pending:
    """A certificate that was asked for. `again_at` is when it is asked for once more, `left` how often."""

    kind: str
    key: ec.EllipticCurvePrivateKey
    request_id: int
    wait: float
    left: int
    again_at: float


@dataclass(slots=True)
class Certificates:
    """Roots by use, and own certificates by certificateType. `on_event` gets the type of a security event."""

    variables: DeviceModel
    agenda: Agenda
    version: str
    serial: str
    roots: list[tuple[str, x509.Certificate]] = field(default_factory=list)
    own: dict[str, list[x509.Certificate]] = field(default_factory=dict)
    keys: dict[str, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    pending: Pending | None = None
    events: list[str] = field(default_factory=list)
    ocsp_due: float | None = None
    _requests: int = 0

    # --- the store -------------------------------------------------------------------------------------------------------

    def install(self, request: Payload, now: float) -> dict[str, Any]:
        """InstallCertificate (M05)."""
        found = parsed(request["certificate"])
        if len(found) != 1 or request["certificateType"] not in _OF_ROOT or not _sound(found[0], now):
            return status("Rejected", "InvalidCertificate")
        kept = [(kind, one) for kind, one in self.roots if (kind, one) != (request["certificateType"], found[0])]
        if len(kept) >= self.variables.room("SecurityCtrlr.CertificateEntries"):
            return status("Rejected", "OutOfStorage")
        self.roots = [*kept, (request["certificateType"], found[0])]
        return status("Accepted")

    def delete(self, request: Payload, _now: float) -> dict[str, Any]:
        """DeleteCertificate (M04); the station's own and the last CSMS root stay."""
        wanted = {
            name: str(value).lower() for name, value in request["certificateHashData"].items() if name != "customData"
        }
        if any(_hash(one, chain, wanted["hashAlgorithm"]) == wanted for chain in self.own.values() for one in chain):
            return status("Failed")
        for position, (kind, one) in enumerate(self.roots):
            if _hash(one, [one], wanted["hashAlgorithm"]) == wanted:
                if kind == "CSMSRootCertificate" and sum(other == kind for other, _ in self.roots) == 1:
                    return status("Failed")
                del self.roots[position]
                return status("Accepted")
        return status("NotFound")

    def installed(self, request: Payload, _now: float) -> dict[str, Any]:
        """GetInstalledCertificateIds (M03)."""
        wanted = request.get("certificateType", [])
        chains: list[dict[str, Any]] = [
            {"certificateType": kind, "certificateHashData": _hash_data(one, [one])}
            for kind, one in self.roots
            if not wanted or kind in wanted
        ]
        for kind, chain in self.own.items():
            if kind != "ChargingStationCertificate" and (not wanted or "V2GCertificateChain" in wanted):
                children = [_hash_data(one, chain) for one in chain[1:]]
                entry: dict[str, Any] = {
                    "certificateType": "V2GCertificateChain",
                    "certificateHashData": _hash_data(chain[0], chain),
                }
                chains.append(entry | ({"childCertificateHashData": children} if children else {}))
        if not chains:
            return status("NotFound")
        return status("Accepted") | {"certificateHashDataChain": chains}

    def trusts_signer(self, one: x509.Certificate, now: float) -> bool:
        """Whether one of the manufacturer's roots vouches for a certificate that signs firmware (L01.FR.02)."""
        roots = [root for kind, root in self.roots if kind == "ManufacturerRootCertificate"]
        return _sound(one, now) and any(_issued(one, root) for root in roots)

    # --- own certificates ----------------------------------------------------------------------------------------------------

    def ask(self, kind: str, now: float) -> None:
        """Make a key pair and ask for a certificate (A02.FR.02, .03)."""
        self._requests += 1
        wait = self.variables.number("SecurityCtrlr.CertSigningWaitMinimum", default=30)
        left = int(self.variables.number("SecurityCtrlr.CertSigningRepeatTimes"))
        self.pending = Pending(kind, ec.generate_private_key(ec.SECP256R1()), self._requests, wait, left, now + wait)
        self._send()

    def answered(self, answer: Payload) -> None:
        """The CSMS's answer to the request; a refusal ends it (A_15)."""
        if answer["status"] != "Accepted":
            self.pending = None

    def signed(self, request: Payload, now: float) -> dict[str, Any]:
        """CertificateSigned (A02.FR.06 to .08, .26)."""
        kind = request.get("certificateType", "ChargingStationCertificate")
        waiting = self.pending
        expected = waiting is not None and waiting.kind == kind
        if not expected or waiting is None or request.get("requestId", waiting.request_id) != waiting.request_id:
            return status("Rejected", "UnknownRequest")
        chain = parsed(request["certificateChain"])
        too_long = len(request["certificateChain"]) > self.variables.number("SecurityCtrlr.MaxCertificateChainSize")
        self.pending = None
        if too_long or not chain or not _sound(chain[0], now) or not _belongs(chain[0], waiting.key):
            self.events.append("InvalidChargingStationCertificate")
            return status("Rejected", "InvalidCertificate")
        self.own[kind], self.keys[kind] = chain, waiting.key
        if kind != "ChargingStationCertificate":
            self.ocsp_due = now
        return status("Accepted")

    def tick(self, now: float) -> None:
        """Ask again while nothing comes (A02.FR.17 to .19); ask about revocation when it is time (M06.FR.06, .07, .10)."""
        if self.ocsp_due is not None and now >= self.ocsp_due:
            self._ask_about_revocation()
            self.ocsp_due = now + _OCSP_PERIOD
        waiting = self.pending
        if waiting is None or now < waiting.again_at:
            return
        if waiting.left == 0:
            self.pending = None
            return
        waiting.left -= 1
        waiting.wait *= 2
        waiting.again_at = now + waiting.wait
        self._send()

    def next_due(self) -> Iterator[float]:
        """When a certificate, or its revocation, is asked for again."""
        if self.pending is not None:
            yield self.pending.again_at
        if self.ocsp_due is not None:
            yield self.ocsp_due

    def _ask_about_revocation(self) -> None:
        """GetCertificateStatus for every certificate of the V2G chains that says where it can be asked about."""
        for kind, chain in self.own.items():
            for one in chain if kind != "ChargingStationCertificate" else ():
                place = _responder(one)
                if place:
                    data = _hash(one, chain, "sha256") | {"hashAlgorithm": "SHA256", "responderURL": place}
                    self.agenda.put("GetCertificateStatus", {"ocspRequestData": data})

    def _send(self) -> None:
        assert self.pending is not None
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.variables.text("SecurityCtrlr.OrganizationName")),
                x509.NameAttribute(NameOID.COMMON_NAME, self.serial),
            ]
        )
        csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(self.pending.key, hashes.SHA256())
        request: dict[str, Any] = {
            "csr": csr.public_bytes(serialization.Encoding.PEM).decode(),
            "certificateType": self.pending.kind,
        }
        if self.version == "2.1":
            request["requestId"] = self.pending.request_id
        self.agenda.put("SignCertificate", request)


def parsed(text: str) -> list[x509.Certificate]:
    """The certificates of a PEM text, empty when it holds none that can be read."""
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return []


def _sound(one: x509.Certificate, now: float) -> bool:
    at = datetime.fromtimestamp(now, UTC)
    return one.not_valid_before_utc <= at <= one.not_valid_after_utc


def _responder(one: x509.Certificate) -> str:
    """Where a certificate says that its revocation can be asked for; empty where it does not."""
    try:
        found = one.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return ""
    places = [each.access_location for each in found if each.access_method == AuthorityInformationAccessOID.OCSP]
    return str(places[0].value) if places else ""


def _issued(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _belongs(one: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bool:
    public = one.public_key()
    return (
        isinstance(public, ec.EllipticCurvePublicKey) and public.public_numbers() == key.public_key().public_numbers()
    )


def _hash_data(one: x509.Certificate, chain: list[x509.Certificate]) -> dict[str, Any]:
    return _hash(one, chain, "sha256") | {"hashAlgorithm": "SHA256"}


def _hash(one: x509.Certificate, chain: list[x509.Certificate], algorithm: str) -> dict[str, str]:
    """CertificateHashDataType in lower case; the issuer's key where the chain has the issuer, else its own (self-signed)."""
    digest = _HASHES[algorithm.upper()]
    issuer = next((other for other in chain if other.subject == one.issuer), one)
    key = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "hashAlgorithm": algorithm.lower(),
        "issuerNameHash": digest(one.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": digest(_bit_string(key)).hexdigest(),
        "serialNumber": f"{one.serial_number:x}",
    }


def _bit_string(info: bytes) -> bytes:
    """The key itself out of a SubjectPublicKeyInfo, as OCSP hashes it: what follows the algorithm, without its header."""
    body = _content(info)
    after_algorithm = body[_length(body) :]
    return _content(after_algorithm)[1:]


def _header(der: bytes) -> tuple[int, int]:
    """Octets of the header, and of the content."""
    first = der[1]
    if first < 0x80:
        return 2, first
    count = first & 0x7F
    return 2 + count, int.from_bytes(der[2 : 2 + count], "big")


def _length(der: bytes) -> int:
    header, content = _header(der)
    return header + content


def _content(der: bytes) -> bytes:
    header, content = _header(der)
    return der[header : header + content]
