"""Are the certificates of a description readable, valid, complete, and does each key fit its certificate?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness.cli.symptom import Symptom, broken, fine, note
from harness.device.certificates import Certificates, LinkCertificates
from harness.errors import DescriptionError
from harness.pki.check import check_chain, guess_profile
from harness.pki.files import read_certificates, read_key

_SOON = timedelta(days=14)
_MADE_ANEW = "make a new one: v2x-harness certs make"


def certificates(described: Certificates, now: datetime, *, embedded: bool) -> Iterator[Symptom]:
    """Every file that the description names; the embedded reference device knows what is made for the run."""
    for link in ("v2g", "ocpp", "openadr"):
        if not (embedded and link == "v2g"):
            yield from _of_link(link, getattr(described, link), now)
    for name in ("contract", "provisioning"):
        credentials = getattr(described.v2g, name)
        if credentials is not None:
            yield from pair(f"v2g.{name}", credentials.chain, credentials.key, credentials.password, now)


def _of_link(link: str, described: LinkCertificates, now: datetime) -> Iterator[Symptom]:
    if described.recipe is not None:
        yield note(
            f"certificates.{link}: made for each run from the recipe {described.recipe}",
            "a device that checks them must know the root beforehand; then make them once with v2x-harness certs make",
        )
    roots: list[x509.Certificate] = []
    for path in described.roots:
        loaded = load_chain(path)
        if isinstance(loaded, Symptom):
            yield loaded
        else:
            roots += loaded
            yield validity(f"root {path.name}", loaded[0], now)
    if described.chain is not None and described.key is not None:
        yield from pair(link, described.chain, described.key, described.password, now)


def pair(name: str, chain: Path, key: Path, password: str | None, now: datetime) -> Iterator[Symptom]:
    """One chain with its key."""
    loaded = load_chain(chain)
    if isinstance(loaded, Symptom):
        yield loaded
    else:
        for number, certificate in enumerate(loaded, start=1):
            yield validity(f"certificates.{name}: {chain.name}, certificate {number}", certificate, now)
        yield from profile(name, loaded, now)
    private = load_key(key, password)
    if isinstance(private, Symptom):
        yield private
    elif not isinstance(loaded, Symptom):
        yield _fits(name, loaded[0], private, chain, key)


def load_chain(path: Path) -> list[x509.Certificate] | Symptom:
    """The certificates of a PEM or DER file, or why it holds none."""
    try:
        return read_certificates(path)
    except DescriptionError as wrong:
        return broken(wrong.message, wrong.remedy)


def load_key(path: Path, password: str | None) -> PrivateKeyTypes | Symptom:
    """The private key of a PEM or DER file, or why it holds none."""
    try:
        return read_key(path, password)
    except DescriptionError as wrong:
        return broken(wrong.message, wrong.remedy)


def validity(name: str, certificate: x509.Certificate, now: datetime) -> Symptom:
    """Whether a certificate is valid now, and for how long."""
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        return broken(f"{name} is valid from {begins:%Y-%m-%d %H:%M} UTC only", "check the clock of this machine")
    if now > ends:
        return broken(f"{name} expired on {ends:%Y-%m-%d}", _MADE_ANEW)
    if now + _SOON > ends:
        return note(f"{name} expires on {ends:%Y-%m-%d}", _MADE_ANEW)
    return fine(f"{name} is valid until {ends:%Y-%m-%d}")


def profile(name: str, chain: list[x509.Certificate], now: datetime) -> Iterator[Symptom]:
    """What deviates from the profile of ISO 15118-20; a laboratory may want exactly that, so it is only noted."""
    guessed = guess_profile(chain[0]) if name.startswith("v2g") else None
    if guessed is None:
        return
    for deviation in check_chain(chain, guessed, now):
        if deviation.what != "validity":
            yield note(f"certificates.{name}: {deviation}")


def _fits(name: str, leaf: x509.Certificate, private: PrivateKeyTypes, chain: Path, key: Path) -> Symptom:
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) == leaf.public_key().public_bytes(*form):
        return fine(f"certificates.{name}: the key fits the certificate")
    remedy = "name the key that belongs to the first certificate of the chain"
    return broken(f"certificates.{name}: {key.name} is not the key of the first certificate in {chain.name}", remedy)
