"""What the tester presents and trusts in OCPP's security profiles 2 and 3: the files of the description, or its own CA."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.device.description import DeviceDescription
from harness.errors import Inconclusive
from harness.pki.files import read_certificates, read_key
from harness.pki.operator import CA_DAYS, operator_ca
from harness.pki.operator import OperatorCa as OperatorCa  # for the vocabulary, which knows actors alone

Flaw = Literal["expired", "wrong_name", "unknown_root"]

_ORGANISATION = "v2x-harness"
_LONG_AGO = timedelta(days=400)
"""Before which a server's certificate was issued that is over now."""


class OcppPki:
    """`now` is the wall time at which generated certificates begin to be valid. All that is returned is PEM."""

    def __init__(self, description: DeviceDescription, now: datetime) -> None:
        self._written = description.certificates.ocpp
        self._generated = description.bench.embedded or self._written.recipe is not None
        self._now = now

    @cached_property
    def ca(self) -> OperatorCa:
        """The operator's CA of this run; it signs what stations ask for, whoever made the tester's own chain."""
        return operator_ca(self._now, _ORGANISATION)

    def another_ca(self, name: str, *, expired: bool = False) -> OperatorCa:
        """A fresh CA that nobody trusts yet, or whose own certificates ended a day ago."""
        return operator_ca(self._now - timedelta(days=CA_DAYS + 2) if expired else self._now, name)

    @property
    def lasting_ca(self) -> OperatorCa:
        """The CA for certificates by which the station connects; `Inconclusive` where it ends with the run, and a station with
        a certificate of it could not come back in the next."""
        if not self._generated:
            raise Inconclusive("the CA that the station's certificates come from is not ours; its key is not described")
        return self.ca

    @property
    def roots(self) -> bytes:
        """What the tester trusts the SUT's chain to end in."""
        written = [each for path in self._written.roots for each in read_certificates(path)]
        return self.ca.root_pem + b"".join(each.public_bytes(Encoding.PEM) for each in written)

    def server(self, host: str) -> tuple[bytes, bytes]:
        """Chain and key with which the tester is a CSMS at `host`; raises `DescriptionError` for unusable files."""
        return self._presented(host, server=True)

    def client(self, name: str) -> tuple[bytes, bytes]:
        """Chain and key with which the tester is the station of that serial number (security profile 3)."""
        return self._presented(name, server=False)

    def foreign_client(self, name: str) -> tuple[bytes, bytes]:
        """Chain and key for the same station, by a CA that nobody knows."""
        return self.another_ca("Somebody else").own_chain(name, _ORGANISATION, self._now, server=False)

    def outdated(self, request: str) -> str:
        """The chain (PEM) for a certificate request, in a certificate whose time is over."""
        return self.ca.sign(request, self._now - _LONG_AGO)

    def flawed_server(self, host: str, flaw: Flaw) -> tuple[bytes, bytes]:
        """Chain and key that a station must refuse; `Inconclusive` where only the CA that it trusts could issue them."""
        if flaw == "unknown_root":
            return self.another_ca("Somebody else").own_chain(host, _ORGANISATION, self._now)
        if not self._generated:
            raise Inconclusive(
                f"a chain that is {flaw} needs the CA that the station trusts, whose key is not described"
            )
        if flaw == "expired":
            return self.ca.own_chain(host, _ORGANISATION, self._now - _LONG_AGO)
        return self.ca.own_chain("csms.elsewhere.example", _ORGANISATION, self._now)

    def issued(self, name: str, *, server: bool) -> tuple[bytes, bytes]:
        """Chain and key of the tester's CA for somebody: the embedded device."""
        return self.ca.own_chain(name, _ORGANISATION, self._now, server=server)

    def _presented(self, name: str, *, server: bool) -> tuple[bytes, bytes]:
        written = self._written
        if self._generated or written.chain is None or written.key is None:
            return self.issued(name, server=server)
        key = read_key(written.key, written.password).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return b"".join(each.public_bytes(Encoding.PEM) for each in read_certificates(written.chain)), key
