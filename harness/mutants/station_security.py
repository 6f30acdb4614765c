"""Faulty reference stations for security: certificates, credentials, network profiles, firmware."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from harness.fault.fault import Fault, Mutant
from harness.fault.ocpp import Pretends, Repeats, Withholds, answers, drop, hears, put, says
from harness.mutants.station import Configured


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
    _mutant("never-asks-for-ocsp", "never asks about its certificates", Withholds("GetCertificateStatus")),
    _mutant("silent-security", "tells no security events", Withholds("SecurityEventNotification")),
)

_NETWORK = (
    _mutant("ignores-network-profiles", "accepts SetNetworkProfile and does nothing", Pretends(("SetNetworkProfile",))),
    _mutant(
        "one-network-profile",
        "never leaves the first of its network profiles, reachable or not",
        Configured("OCPPCommCtrlr.NetworkProfileConnectionAttempts", "1000000"),
    ),
    _mutant(
        "takes-any-network-profile",
        "says Accepted to network profiles that it refused",
        answers("SetNetworkProfile", put("status", "Accepted"), drop("statusInfo")),
    ),
)

_FIRMWARE = (
    _mutant("silent-firmware", "does not tell how an update goes", Withholds("FirmwareStatusNotification")),
    _mutant(
        "verifies-everything",
        "calls every signature of firmware verified",
        says(
            "FirmwareStatusNotification",
            put("status", "SignatureVerified"),
            only=("status", "InvalidSignature"),
        ),
    ),
    _mutant(
        "fetches-at-once",
        "fetches firmware at once, whenever it is told to",
        hears("UpdateFirmware", put("firmware.retrieveDateTime", "2020-01-01T00:00:00Z")),
    ),
    _mutant(
        "installs-at-once",
        "installs firmware at once, whenever it is told to",
        hears("UpdateFirmware", drop("firmware.installDateTime")),
    ),
    _mutant(
        "takes-any-firmware",
        "says Accepted to firmware that it refused",
        answers("UpdateFirmware", put("status", "Accepted"), drop("statusInfo")),
    ),
    _mutant("never-retries-downloads", "tries to fetch firmware once only", hears("UpdateFirmware", put("retries", 0))),
)


@dataclass(frozen=True)
class SetUp(Fault):
    """The station is set up otherwise than it must be."""

    field: str
    value: Any

    def on_settings(self, settings: Any) -> Any:
        return replace(settings, **{self.field: self.value})


_TLS = (
    _mutant(
        "trusts-anybody",
        "goes along with every certificate of a CSMS",
        SetUp("verifies", frozenset()),
    ),
    _mutant(
        "ignores-names", "does not look whom a certificate of its CSMS is for", SetUp("verifies", frozenset({"chain"}))
    ),
    _mutant("old-tls", "goes along with TLS 1.1", SetUp("old_tls", True)),
    _mutant(
        "other-serial",
        "gives another serial number than its certificate has",
        says("BootNotification", put("chargingStation.serialNumber", "OTHER-1")),
    ),
    _mutant("reuses-keys", "asks for every certificate with the same key", Repeats("SignCertificate", "csr")),
)

CATALOGUE: tuple[Mutant, ...] = (*_CERTIFICATES, *_NETWORK, *_FIRMWARE, *_TLS)
