"""What a central system asks of those who know about certificates: a protocol, and the one that has nobody to ask.

The books stay pure; who signs, fetches or relays is put in from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvCertificate:
    """The answer of a provider to an EV's certificate request: base64 EXI, and how many more it holds."""

    status: str
    exi: str
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """Good, Revoked, Unknown or Failed, and when to ask again."""

    status: str
    next_update: datetime


class Authority(Protocol):
    """Answers at once; an empty text or None means that it cannot."""

    def sign(self, csr: str, kind: str, identity: str, now: datetime) -> str:
        """The chain (PEM, leaf first) for a certificate request of a station."""
        ...

    def contract_status(self, request: Payload, now: datetime) -> str:
        """The certificateStatus for an Authorize with a contract chain or its hash data."""
        ...

    def ocsp_response(self, data: Payload, now: datetime) -> str:
        """The OCSP response (DER, base64) about a certificate."""
        ...

    def revocation(self, asked: Payload, now: datetime) -> Revocation:
        """The state of one certificate of a GetCertificateChainStatus."""
        ...

    def ev_certificate(self, request: Payload, now: datetime) -> EvCertificate:
        """The answer to a Get15118EVCertificate, as the provider gave it."""
        ...


class NoAuthority:
    """Nobody to ask: nothing is signed, nothing is known."""

    def sign(self, csr: str, kind: str, identity: str, now: datetime) -> str:  # noqa: ARG002
        return ""

    def contract_status(self, request: Payload, now: datetime) -> str:  # noqa: ARG002
        return ""

    def ocsp_response(self, data: Payload, now: datetime) -> str:  # noqa: ARG002
        return ""

    def revocation(self, asked: Payload, now: datetime) -> Revocation:  # noqa: ARG002
        return Revocation("Failed", now)

    def ev_certificate(self, request: Payload, now: datetime) -> EvCertificate:  # noqa: ARG002
        return EvCertificate("Failed", "")
