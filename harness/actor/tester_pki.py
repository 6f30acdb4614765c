"""What the tester presents and trusts in TLS: the files of the description, or a PKI made for the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from ssl import TLSVersion

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.actor.ocpp_pki import OcppPki
from harness.device.certificates import V2gCertificates
from harness.device.description import DeviceDescription
from harness.errors import DescriptionError, Inconclusive
from harness.link.tls import TlsProfile
from harness.pki.factory import Pki, make_pki
from harness.pki.files import read_certificates, read_key
from harness.pki.recipe import ChainRecipe, Recipe, read_recipe
from harness.resources import resource

STANDARD, LAB = "iso15118-20", "lab"
_EMBEDDED_RECIPE = "flawed"
"""The embedded device's PKI also holds the chains that a sound SECC must refuse."""


class TesterPki:
    """`now` is the wall time at which generated certificates begin to be valid."""

    def __init__(self, description: DeviceDescription, now: datetime) -> None:
        self._written = description.certificates.v2g
        self._embedded = description.bench.embedded
        self._now = now
        self.ocpp = OcppPki(description, now)

    def evcc_profile(self, kind: str, chain: str = "vehicle") -> TlsProfile:
        """How the tester behaves as EV. `chain` may name a flawed one, of the generated PKI or of one whose files lie beside the
        chain of the description, as `v2x-harness certs make flawed` leaves them.

        Raises `DescriptionError` where the description gives nothing that can be presented, `Inconclusive` for a flawed chain
        that is not there, for only the CA that the device trusts could issue it.
        """
        lab = kind == LAB
        if self._generated:
            if chain not in self._pki.chains:
                raise Inconclusive(f"the generated PKI holds no chain {chain}; use the recipe {_EMBEDDED_RECIPE}")
            presented = self._pki.chains[chain]
            return TlsProfile(presented.chain_pem, presented.key_pem, self._pki.roots_pem(), lab=lab)
        if chain.endswith("_wrong_root"):
            foreign = make_pki(Recipe((ChainRecipe("vehicle", "vehicle"),)), self._now).chains["vehicle"]
            return TlsProfile(foreign.chain_pem, foreign.key_pem, self._roots(), lab=lab)
        if chain != "vehicle":
            return self._from_files(self._beside(chain), lab)
        return self._from_files(self._written, lab)

    def without_certificate(self, kind: str) -> TlsProfile:
        """An EV that presents nothing."""
        roots = self._pki.roots_pem() if self._generated else self._roots()
        return TlsProfile(roots=roots, lab=kind == LAB, accept_any_chain=not roots)

    def tls12_profile(self, kind: str) -> TlsProfile:
        """An EV of ISO 15118-2 times: TLS 1.2 at most."""
        return replace(self.evcc_profile(kind), minimum=TLSVersion.TLSv1_2, maximum=TLSVersion.TLSv1_2)

    def secc_profile(self, kind: str) -> TlsProfile:
        """How the embedded reference SECC behaves."""
        own = self._pki.chains["secc"]
        return TlsProfile(own.chain_pem, own.key_pem, self._pki.roots_pem(), lab=kind == LAB)

    @property
    def _generated(self) -> bool:
        return self._embedded or self._written.recipe is not None

    @cached_property
    def _pki(self) -> Pki:
        name = self._written.recipe
        default = _EMBEDDED_RECIPE if self._embedded else "standard"
        recipe = read_recipe(resource("certs", f"{default if name in (None, 'default') else name}.yaml"))
        return make_pki(recipe, self._now)

    def _beside(self, chain: str) -> V2gCertificates:
        """The named chain of the same PKI, where its files lie in a folder of that name beside that of the sound chain."""
        sound = self._written.chain
        found = sound.parent.with_name(chain) if sound is not None else None
        if found is None or not (found / "chain.pem").is_file():
            raise Inconclusive(
                f"a chain that is {chain.partition('_')[2]} needs the CA that the device trusts; let it trust the root of a"
                " PKI made by `v2x-harness certs make flawed`, and name the chain of its folder vehicle"
            )
        return self._written.model_copy(
            update={"chain": found / "chain.pem", "key": found / "key.pem", "password": None}
        )

    def _from_files(self, written: V2gCertificates, lab: bool) -> TlsProfile:
        if written.chain is None or written.key is None:
            raise DescriptionError(
                "the description says TLS, but certificates.v2g names nothing to present",
                remedy="add chain, key and roots, or `generated: true` and give its roots to the device",
            )
        key = read_key(written.key, written.password).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return TlsProfile(_pem(written.chain), key, self._roots(), lab=lab)

    def _roots(self) -> bytes:
        return b"".join(_pem(path) for path in self._written.roots)


def _pem(path: Path) -> bytes:
    """The certificates of a file as PEM, whatever form they are in."""
    return b"".join(each.public_bytes(Encoding.PEM) for each in read_certificates(path))
