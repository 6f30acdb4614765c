"""Certificate profiles of ISO 15118-20 as data: who issues whom, under which name, for which use, for how long.

The general rules (keys, signatures, size) are those of the standard; key usages and lifetimes are those on which public
test PKIs agree, since the standard's own table leaves room. What is not certain is not demanded by `harness.pki.check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

LARGEST_CERTIFICATE = 1600
"""Octets of DER that one certificate may take."""
MOST_SUB_AUTHORITIES = 3

DEFAULT_ALGORITHM = "P-521"
CURVES: Mapping[str, tuple[ec.EllipticCurve, hashes.SHA256 | hashes.SHA512]] = {
    "P-521": (ec.SECP521R1(), hashes.SHA512()),
    "P-256": (ec.SECP256R1(), hashes.SHA256()),
}
"""Elliptic curves with their hash. P-521 is the standard's; P-256 is what many chargers really carry."""
ALGORITHMS = (*CURVES, "Ed448")
"""All key types a recipe may name. Ed448 is the standard's second one; it brings its own hash."""
STANDARD_ALGORITHMS = ("P-521", "Ed448")


@dataclass(frozen=True, slots=True)
class CertificateProfile:
    """What one certificate says. `subject` holds attribute and template, filled from the recipe's identities.

    `days` is the lifetime. An empty `extended_usage` leaves the extension out. `path_length` is for authorities.
    """

    subject: tuple[tuple[str, str], ...]
    days: int
    key_usage: frozenset[str]
    extended_usage: tuple[str, ...] = ()
    ca: bool = False
    path_length: int | None = None


@dataclass(frozen=True, slots=True)
class ChainProfile:
    """A leaf and the authorities above it, root first. `use` is its side in TLS: server, client, or none."""

    leaf: CertificateProfile
    authorities: tuple[str, ...]
    use: str = ""


_SIGNS_CERTIFICATES = frozenset({"key_cert_sign", "crl_sign"})


def _authority(common_name: str, component: str, days: int, path_length: int | None = None) -> CertificateProfile:
    subject = (("CN", common_name), ("O", "{organization}"), ("DC", component))
    return CertificateProfile(subject, days, _SIGNS_CERTIFICATES, ca=True, path_length=path_length)


AUTHORITIES: Mapping[str, CertificateProfile] = {
    "v2g_root": _authority("V2G Root CA", "V2G", 3650),
    "cpo_sub1": _authority("CPO Sub-CA 1", "CPO", 1460, 1),
    "cpo_sub2": _authority("CPO Sub-CA 2", "CPO", 365, 0),
    "cps_sub1": _authority("CPS Sub-CA 1", "CPS", 1460, 1),
    "cps_sub2": _authority("CPS Sub-CA 2", "CPS", 365, 0),
    "oem_root": _authority("OEM Root CA", "OEM", 3650),
    "oem_sub1": _authority("OEM Sub-CA 1", "OEM", 1460, 1),
    "oem_sub2": _authority("OEM Sub-CA 2", "OEM", 1460, 0),
    "mo_root": _authority("MO Root CA", "MO", 3650),
    "mo_sub1": _authority("MO Sub-CA 1", "MO", 1460, 1),
    "mo_sub2": _authority("MO Sub-CA 2", "MO", 1460, 0),
}

CHAINS: Mapping[str, ChainProfile] = {
    "secc": ChainProfile(
        CertificateProfile(
            subject=(("CN", "{secc}"), ("O", "{organization}"), ("DC", "CPO")),
            days=60,
            key_usage=frozenset({"digital_signature", "key_agreement"}),
            extended_usage=("serverAuth",),
        ),
        ("v2g_root", "cpo_sub1", "cpo_sub2"),
        use="server",
    ),
    "vehicle": ChainProfile(
        CertificateProfile(
            subject=(("CN", "{evccid}"), ("O", "{organization}")),  # [V2G20-2598]: no other parts
            days=1460,
            key_usage=frozenset({"digital_signature", "key_agreement"}),
            extended_usage=("clientAuth",),
        ),
        ("oem_root", "oem_sub1", "oem_sub2"),
        use="client",
    ),
    "oem_provisioning": ChainProfile(
        CertificateProfile(
            subject=(("CN", "{pcid}"), ("O", "{organization}"), ("DC", "OEM")),
            days=1460,
            key_usage=frozenset({"digital_signature", "key_agreement"}),
        ),
        ("oem_root", "oem_sub1", "oem_sub2"),
    ),
    "contract": ChainProfile(
        CertificateProfile(
            subject=(("CN", "{emaid}"), ("O", "{organization}"), ("DC", "MO")),
            days=730,
            key_usage=frozenset({"digital_signature", "content_commitment", "key_encipherment", "key_agreement"}),
        ),
        ("mo_root", "mo_sub1", "mo_sub2"),
    ),
    "cps": ChainProfile(
        CertificateProfile(
            subject=(("CN", "{cps}"), ("O", "{organization}"), ("DC", "CPS")),
            days=90,
            key_usage=frozenset({"digital_signature"}),
        ),
        ("v2g_root", "cps_sub1", "cps_sub2"),
    ),
}

IDENTITIES: Mapping[str, str] = {
    "organization": "v2x-harness",
    "secc": "DE*V2X*E0001",
    "evccid": "WMIV1234567890ABCDEX",
    "pcid": "WMIV1234567890PCID",
    "emaid": "DEV2XC00000001",
    "cps": "Certificate Provisioning Service",
}
"""What the subject templates are filled with, where a recipe says nothing else."""
