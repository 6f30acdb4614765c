"""Faulty reference stations for security: certificates, credentials, network profiles, firmware."""

from __future__ import annotations

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import Pretends, Withholds, answers, drop, hears, put


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"station-{name}", "station", what, faults)


_CERTIFICATES = (
    _mutant(
        "lists-all-certificates",
        "lists every certificate whatever is asked for",
        hears("GetInstalledCertificateIds", drop("certificateType")),
    ),
    _mutant(
        "deletes-blindly",
        "says Accepted to deletions that it did not make",
        answers("DeleteCertificate", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant(
        "signed-for-anybody",
        "says Accepted to certificates that it refused",
        answers("CertificateSigned", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant("silent-security", "tells no security events", Withholds("SecurityEventNotification")),
)

_NETWORK = (
    _mutant("ignores-network-profiles", "accepts SetNetworkProfile and does nothing", Pretends(("SetNetworkProfile",))),
    _mutant(
        "takes-any-network-profile",
        "says Accepted to network profiles that it refused",
        answers("SetNetworkProfile", put("status", "Accepted"), drop("statusInfo")),
    ),
)

CATALOGUE: tuple[Mutant, ...] = (*_CERTIFICATES, *_NETWORK)
