"""Compares a chain, as a device presents it, with its certificate profile, and says in plain words what deviates.

Signatures are checked link by link. Revocation is not: it needs a network. What the sources are not sure of is not
demanded (the DC part of subjects, policies); a chain on P-256 deviates, however common it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from harness.pki.factory import EXTENDED_USAGES, KEY_USAGES
from harness.pki.profiles import (
    CHAINS,
    CURVES,
    LARGEST_CERTIFICATE,
    MOST_SUB_AUTHORITIES,
    STANDARD_ALGORITHMS,
    CertificateProfile,
)

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

_PROFILES = "ISO 15118-20:2022, certificate profiles"
_USAGES = {"vehicle": "ISO 15118-20:2022 Annex B.8"}
_ANCHORS = {"secc": "[V2G20-1007]", "vehicle": "[V2G20-2330]"}
_SIGNATURES = {SignatureAlgorithmOID.ECDSA_WITH_SHA512: "ECDSA with SHA-512", SignatureAlgorithmOID.ED448: "Ed448"}


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not as the profile has it. `certificate` counts from 1, the leaf; 0 is the chain as a whole."""

    certificate: int
    what: str
    expected: str
    actual: str
    source: str

    def __str__(self) -> str:
        where = f"certificate {self.certificate}" if self.certificate else "chain"
        return f"{where}: {self.what}: expected {self.expected}, actual {self.actual} ({self.source})"


def guess_profile(leaf: x509.Certificate) -> str | None:
    """The TLS profile that the leaf's extended usage or subject speaks for; None where nothing does."""
    granted = set(_extended_usages(leaf))
    for name, chain in CHAINS.items():
        if chain.use and set(chain.leaf.extended_usage) <= granted:
            return name
    components = {str(attribute.value) for attribute in leaf.subject.get_attributes_for_oid(NameOID.DOMAIN_COMPONENT)}
    return {"CPO": "secc", "CPS": "cps", "MO": "contract"}.get(next(iter(components), ""))


def check_chain(
    presented: Sequence[x509.Certificate], profile: str, now: datetime, roots: Sequence[x509.Certificate] = ()
) -> list[Deviation]:
    """All deviations of a chain (leaf first) from one of the profiles in `CHAINS`.

    Without `roots` it is not known whether the chain reaches a trusted one; that it could is checked all the same.
    """
    found = list(_check_leaf(presented[0], profile))
    for number, certificate in enumerate(presented, start=1):
        found += _check_every(certificate, number, now)
        if number > 1:
            found += _check_authority(certificate, number, below=number - 2)
    found += _check_links(presented)
    found += _check_completeness(presented)
    if roots:
        found += _check_anchor(presented[-1], len(presented), roots, _ANCHORS.get(profile, _PROFILES))
    return found


def _check_every(certificate: x509.Certificate, number: int, now: datetime) -> Iterator[Deviation]:
    size = len(certificate.public_bytes(Encoding.DER))
    if size > LARGEST_CERTIFICATE:
        expected = f"at most {LARGEST_CERTIFICATE} octets of DER"
        yield Deviation(number, "size", expected, f"{size} octets", _PROFILES)
    if (key := key_type(certificate)) not in STANDARD_ALGORITHMS:
        yield Deviation(number, "public key", " or ".join(STANDARD_ALGORITHMS), key, "[V2G20-2674], [V2G20-2319]")
    if certificate.signature_algorithm_oid not in _SIGNATURES:
        actual = certificate.signature_algorithm_oid._name
        yield Deviation(number, "signature", " or ".join(_SIGNATURES.values()), actual, "[V2G20-2674], [V2G20-2319]")
    yield from _check_validity(certificate, number, now)


def _check_validity(certificate: x509.Certificate, number: int, now: datetime) -> Iterator[Deviation]:
    starts, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < starts:
        yield Deviation(
            number, "validity", f"begun by {now:%Y-%m-%d}", f"begins on {starts:%Y-%m-%d}", "RFC 5280 4.1.2.5"
        )
    if now > ends:
        yield Deviation(
            number, "validity", f"lasting beyond {now:%Y-%m-%d}", f"ended on {ends:%Y-%m-%d}", "RFC 5280 4.1.2.5"
        )


def _check_leaf(leaf: x509.Certificate, profile: str) -> Iterator[Deviation]:
    expected = CHAINS[profile].leaf
    basic = _extension(leaf, x509.BasicConstraints)
    if basic is not None and basic.ca:
        yield Deviation(1, "basic constraints", "an end entity (CA: false)", "an authority (CA: true)", _PROFILES)
    yield from _check_key_usage(leaf, expected)
    yield from _check_extended_usage(leaf, profile)
    yield from _check_subject(leaf, profile)


def _check_authority(certificate: x509.Certificate, number: int, below: int) -> Iterator[Deviation]:
    """An authority with `below` other authorities between it and the leaf."""
    basic = _extension(certificate, x509.BasicConstraints)
    if basic is None or not basic.ca:
        yield Deviation(number, "basic constraints", "an authority (CA: true)", "an end entity", "RFC 5280 4.2.1.9")
    elif basic.path_length is not None and basic.path_length < below:
        expected = f"path length of at least {below}"
        yield Deviation(number, "basic constraints", expected, str(basic.path_length), "RFC 5280 4.2.1.9")
    granted = _extension(certificate, x509.KeyUsage)
    if granted is None or not granted.key_cert_sign:
        yield Deviation(number, "key usage", "key_cert_sign", _names(granted), "RFC 5280 4.2.1.3")


def _check_key_usage(leaf: x509.Certificate, expected: CertificateProfile) -> Iterator[Deviation]:
    """Agreement beside the signature is what most have, but a vehicle or SECC may do without: TLS 1.3 only signs."""
    granted = _extension(leaf, x509.KeyUsage)
    if granted is None or not granted.digital_signature:
        yield Deviation(1, "key usage", ", ".join(sorted(expected.key_usage)), _names(granted), _PROFILES)
    elif granted.key_cert_sign:
        yield Deviation(1, "key usage", "no key_cert_sign in a leaf", _names(granted), "RFC 5280 4.2.1.3")


def _check_extended_usage(leaf: x509.Certificate, profile: str) -> Iterator[Deviation]:
    """A vehicle states clientAuth (Annex B.8); a SECC that states any usage must include serverAuth."""
    granted, wanted = _extended_usages(leaf), CHAINS[profile].leaf.extended_usage
    if not wanted or set(wanted) <= set(granted) or (not granted and wanted == ("serverAuth",)):
        return
    source = _USAGES.get(profile, _PROFILES)
    yield Deviation(1, "extended key usage", ", ".join(wanted), ", ".join(granted) or "none", source)


def _check_subject(leaf: x509.Certificate, profile: str) -> Iterator[Deviation]:
    parts = [attribute.rfc4514_attribute_name for attribute in leaf.subject]
    if "CN" not in parts:
        yield Deviation(1, "subject", "a common name (CN)", leaf.subject.rfc4514_string() or "nothing", _PROFILES)
    elif profile == "vehicle" and sorted(parts) != ["CN", "O"]:
        expected = "CN (the EVCCID) and O (the maker), nothing else"
        yield Deviation(1, "subject", expected, leaf.subject.rfc4514_string(), "[V2G20-2598]")


def _check_links(presented: Sequence[x509.Certificate]) -> Iterator[Deviation]:
    for number, certificate in enumerate(presented[:-1], start=1):
        above = presented[number]
        if not issued_by(certificate, above):
            expected = f"issued and signed by certificate {number + 1} ({above.subject.rfc4514_string()})"
            yield Deviation(number, "issuer", expected, certificate.issuer.rfc4514_string(), "RFC 8446 4.4.2")


def _check_completeness(presented: Sequence[x509.Certificate]) -> Iterator[Deviation]:
    last = presented[-1]
    with_root = len(presented) > 1 and last.subject == last.issuer
    if with_root:
        actual = f"the root {last.subject.rfc4514_string()}"
        yield Deviation(len(presented), "order", "no root, for the peer holds its own", actual, _PROFILES)
    authorities = len(presented) - 1 - with_root
    if not 1 <= authorities <= MOST_SUB_AUTHORITIES:
        expected = f"1 to {MOST_SUB_AUTHORITIES} sub-CAs above the leaf"
        yield Deviation(0, "completeness", expected, str(authorities), _PROFILES)


def _check_anchor(
    last: x509.Certificate, number: int, roots: Sequence[x509.Certificate], source: str
) -> Iterator[Deviation]:
    if last in roots or any(issued_by(last, root) for root in roots):
        return
    expected = "issued by " + " or ".join(root.subject.rfc4514_string() for root in roots)
    named = any(last.issuer == root.subject for root in roots)
    actual = "the right name, but a signature by another key" if named else last.issuer.rfc4514_string()
    yield Deviation(number, "trust anchor", expected, actual, source)


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether name and signature lead from one certificate to the other."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def is_authority(certificate: bytes) -> bool:
    """Whether a certificate (DER) may sign others, so that it is no end entity's."""
    constraints = _extension(x509.load_der_x509_certificate(certificate), x509.BasicConstraints)
    return constraints is not None and constraints.ca


def key_type(certificate: x509.Certificate) -> str:
    """``P-521``, ``P-256``, ``Ed448``, else the library's name of the key."""
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as unknown:
        return f"unreadable ({unknown})"
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448"
    if isinstance(key, ec.EllipticCurvePublicKey):
        known = {curve.name: name for name, (curve, _hash) in CURVES.items()}
        return known.get(key.curve.name, key.curve.name)
    return type(key).__name__.removesuffix("PublicKey").removeprefix("_")


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _extended_usages(certificate: x509.Certificate) -> list[str]:
    usages = _extension(certificate, x509.ExtendedKeyUsage)
    names = {oid: name for name, oid in EXTENDED_USAGES.items()}
    return [names.get(oid, oid.dotted_string) for oid in usages or ()]


def _names(usage: x509.KeyUsage | None) -> str:
    granted = [name for name in KEY_USAGES if usage is not None and getattr(usage, name)]
    return ", ".join(granted) or "none"
