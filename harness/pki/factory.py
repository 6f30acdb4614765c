"""Makes certificates from profiles: keys are born here, at run time, and live in memory until somebody writes them.

    pki = make_pki(recipe, now)
    pki.chains["secc"].chain_pem, pki.chains["secc"].key_pem, pki.roots_pem("oem_root")

Time is an argument; randomness is the operating system's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from harness.errors import UsageError
from harness.pki.flaws import FLAWS, SOUND, Flaw
from harness.pki.profiles import AUTHORITIES, CHAINS, CURVES, CertificateProfile
from harness.pki.recipe import ChainRecipe, Recipe

PrivateKey = ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey

ATTRIBUTES = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME, "DC": NameOID.DOMAIN_COMPONENT}
EXTENDED_USAGES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "codeSigning": ExtendedKeyUsageOID.CODE_SIGNING,
}
KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
)
_BACKDATED = timedelta(days=1)
"""A device whose clock is some hours off must not fail for that."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def key_pem(self) -> bytes:
        """PKCS#8, not encrypted."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class Chain:
    """A leaf with its key, and what its owner presents: leaf first, never the root (`root` is its true one)."""

    name: str
    profile: str
    flaw: str
    leaf: Issued
    presented: tuple[x509.Certificate, ...]
    root: x509.Certificate

    @property
    def chain_pem(self) -> bytes:
        return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in self.presented)

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in self.presented)

    @property
    def key_pem(self) -> bytes:
        return self.leaf.key_pem


@dataclass(frozen=True, slots=True)
class Pki:
    """All chains of a recipe by name, and the roots that a sound peer may trust, by profile name."""

    chains: Mapping[str, Chain]
    roots: Mapping[str, x509.Certificate]

    def roots_pem(self, *names: str) -> bytes:
        """The named roots, by default all, as one PEM text."""
        chosen = names or tuple(self.roots)
        return b"".join(self.roots[name].public_bytes(Encoding.PEM) for name in chosen)

    def write(self, directory: Path) -> list[Path]:
        """Write chains, keys (readable by their owner alone) and roots; returns the paths. Never overwrites."""
        files = {f"roots/{name}.pem": root.public_bytes(Encoding.PEM) for name, root in self.roots.items()}
        for name, chain in self.chains.items():
            files |= {f"{name}/chain.pem": chain.chain_pem, f"{name}/key.pem": chain.key_pem}
        paths = [directory / name for name in files]
        if taken := [path for path in paths if path.exists()]:
            raise UsageError(f"{taken[0]} exists already; name another directory with --out, or remove it first")
        for path, octets in zip(paths, files.values(), strict=True):
            _write_private(path, octets)
        return paths


def make_pki(recipe: Recipe, now: datetime) -> Pki:
    """Fresh keys and certificates for every chain of a recipe, valid from a day before `now`."""
    sound, foreign = _Hierarchy(recipe, now), _Hierarchy(recipe, now)
    chains = {}
    for wanted in recipe.chains:
        flaw = FLAWS[wanted.flaw] if wanted.flaw else SOUND
        chains[wanted.name] = (foreign if flaw.foreign_root else sound).chain(wanted, flaw)
        sound.authority(CHAINS[wanted.profile].authorities, 0)  # the root that a sound peer trusts, used or not
    return Pki(chains, sound.roots)


class _Hierarchy:
    """Authorities under their roots, each made once, when first needed."""

    def __init__(self, recipe: Recipe, now: datetime) -> None:
        self._recipe, self._now = recipe, now
        self._made: dict[str, Issued] = {}

    @property
    def roots(self) -> dict[str, x509.Certificate]:
        return {name: made.certificate for name, made in self._made.items() if name.endswith("_root")}

    def authority(self, names: tuple[str, ...], level: int) -> Issued:
        name = names[level]
        if name not in self._made:
            issuer = self.authority(names, level - 1) if level else None
            self._made[name] = self._issue(AUTHORITIES[name], issuer, SOUND)
        return self._made[name]

    def chain(self, wanted: ChainRecipe, flaw: Flaw) -> Chain:
        profile = CHAINS[wanted.profile]
        authorities = [self.authority(profile.authorities, level) for level in range(len(profile.authorities))]
        leaf = self._issue(replace(profile.leaf, **flaw.leaf), authorities[-1], flaw)
        whole = [leaf.certificate, *(made.certificate for made in reversed(authorities[1:]))]
        presented = tuple(certificate for place, certificate in enumerate(whole) if place not in flaw.left_out)
        return Chain(wanted.name, wanted.profile, wanted.flaw, leaf, presented, authorities[0].certificate)

    def _issue(self, profile: CertificateProfile, issuer: Issued | None, flaw: Flaw) -> Issued:
        starts = self._now + flaw.starts if flaw.starts is not None else self._now - _BACKDATED
        ends = self._now + flaw.ends if flaw.ends is not None else starts + timedelta(days=profile.days)
        key = new_key(self._recipe.algorithm)
        builder = _described(profile, self._recipe, key, issuer)
        builder = builder.not_valid_before(starts).not_valid_after(ends)
        signer = issuer.key if issuer else key
        return Issued(builder.sign(signer, _hash_for(signer)), key)


def new_key(algorithm: str) -> PrivateKey:
    """A fresh private key of one of the `ALGORITHMS`."""
    return ed448.Ed448PrivateKey.generate() if algorithm == "Ed448" else ec.generate_private_key(CURVES[algorithm][0])


def _hash_for(key: PrivateKey) -> hashes.SHA256 | hashes.SHA512 | None:
    if isinstance(key, ed448.Ed448PrivateKey):
        return None
    return next(hashed for curve, hashed in CURVES.values() if curve.name == key.curve.name)


def _described(
    profile: CertificateProfile, recipe: Recipe, key: PrivateKey, issuer: Issued | None
) -> x509.CertificateBuilder:
    subject = _subject(profile, recipe.identities)
    above = issuer.certificate if issuer else None
    builder = x509.CertificateBuilder(
        issuer_name=above.subject if above else subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
    )
    path_length = profile.path_length if profile.ca else None
    builder = builder.add_extension(x509.BasicConstraints(profile.ca, path_length), critical=True)
    builder = builder.add_extension(_key_usage(profile.key_usage), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if profile.extended_usage:
        usages = x509.ExtendedKeyUsage(EXTENDED_USAGES[name] for name in profile.extended_usage)
        builder = builder.add_extension(usages, critical=False)
    return _linked(builder, issuer, recipe.ocsp_url)


def _linked(builder: x509.CertificateBuilder, issuer: Issued | None, ocsp_url: str) -> x509.CertificateBuilder:
    """What points to the issuer: its key, and where to ask whether the certificate was revoked. A root has neither."""
    if issuer is None:
        return builder
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if not ocsp_url:
        return builder
    responder = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url))
    return builder.add_extension(x509.AuthorityInformationAccess([responder]), critical=False)


def _subject(profile: CertificateProfile, identities: Mapping[str, str]) -> x509.Name:
    return x509.Name(
        x509.NameAttribute(ATTRIBUTES[attribute], template.format_map(identities))
        for attribute, template in profile.subject
    )


def _key_usage(names: frozenset[str]) -> x509.KeyUsage:
    granted = {name: name in names for name in KEY_USAGES}
    return x509.KeyUsage(**granted, encipher_only=False, decipher_only=False)


def _write_private(path: Path, octets: bytes) -> None:
    """Created with its final rights, so that no moment exists in which others can read a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o600 if path.name == "key.pem" else 0o644
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
