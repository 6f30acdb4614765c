"""Certificates behind the reference CSMS: an operator's CA that signs and answers, and a provider for EV certificates."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from harness.ocpp.csms.authority import EvCertificate, Revocation
from harness.pki.operator import BadRequest, OperatorCa

Payload = Mapping[str, Any]
Provider = Callable[[Payload], EvCertificate]
OCSP_URL = "http://ocsp.v2x-harness.invalid"
"""Where V2G certificates say that they can be asked about; a station asks its CSMS instead, which knows."""
_ASK_AGAIN = timedelta(hours=12)


def no_provider(_request: Payload) -> EvCertificate:
    """Nobody to relay the request of an EV to."""
    return EvCertificate("Failed", "")


class OperatorAuthority:
    """Implements `harness.ocpp.csms.authority.Authority`. `provider` answers requests of EVs for contract certificates;
    `reasons` says why a request was not signed, by identity."""

    def __init__(self, ca: OperatorCa, provider: Provider = no_provider) -> None:
        self.ca, self.provider = ca, provider
        self.reasons: dict[str, str] = {}

    def sign(self, csr: str, kind: str, identity: str, now: datetime) -> str:
        """A charger's V2G certificate serves EVs, its own authenticates it at the CSMS."""
        try:
            if kind == "ChargingStationCertificate":
                return self.ca.sign(csr, now)
            return self.ca.sign(csr, now, server=True, ocsp_url=OCSP_URL)
        except BadRequest as refused:
            self.reasons[identity] = str(refused)
            return ""

    def contract_status(self, request: Payload, now: datetime) -> str:
        if "certificate" in request:
            return self.ca.verdict(request["certificate"], now)
        states = {self.ca.status(each) for each in request["iso15118CertificateHashData"]}
        if "Revoked" in states:
            return "CertificateRevoked"
        return "CertChainError" if "Unknown" in states else "Accepted"

    def ocsp_response(self, data: Payload, now: datetime) -> str:
        found = self.ca.ocsp_response(data, now)
        return "" if found is None else base64.b64encode(found).decode("ascii")

    def revocation(self, asked: Payload, now: datetime) -> Revocation:
        """Of what the CA answers for; of certificates of others it cannot tell, which is Failed (M07.FR.02)."""
        found = self.ca.status(asked["certificateHashData"])
        return Revocation("Failed" if found == "Unknown" else found, now + _ASK_AGAIN)

    def ev_certificate(self, request: Payload, now: datetime) -> EvCertificate:  # noqa: ARG002 - providers have no clock
        return self.provider(request)
