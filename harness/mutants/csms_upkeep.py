"""The faulty reference central systems in looking after stations: certificates, firmware, logs, monitors, messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from harness.fault.fault import Direction, Fault, Mutant
from harness.fault.ocpp import Mute, Twice, answers, drop, is_frame, put, says, scale

_NONSENSE = "bm8gcmVzcG9uc2U="


@dataclass(frozen=True)
class SignsAnotherKey(Fault):
    """Sends stations a certificate for a key that they do not have, under their name."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "out" or not is_frame(message, "request", "CertificateSigned"):
            return (message,)
        leaf = x509.load_pem_x509_certificates(message.payload["certificateChain"].encode())[0]
        chain = _signed_for_nobody(leaf).public_bytes(Encoding.PEM).decode("ascii")
        return (replace(message, payload={**message.payload, "certificateChain": chain}),)


def _signed_for_nobody(like: x509.Certificate) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    begins: datetime = like.not_valid_before_utc
    made = x509.CertificateBuilder().subject_name(like.subject).issuer_name(like.subject).public_key(key.public_key())
    dated = made.serial_number(1).not_valid_before(begins).not_valid_after(begins + timedelta(days=365))
    return dated.sign(key, hashes.SHA256())


@dataclass(frozen=True)
class KeepsOne(Fault):
    """Answers for the first of several certificates only."""

    def on_message(self, message: Any, direction: Direction) -> Sequence[Any]:
        if direction != "out" or not is_frame(message, "response", "GetCertificateChainStatus"):
            return (message,)
        kept = message.payload["certificateStatus"][:1]
        return (replace(message, payload={**message.payload, "certificateStatus": kept}),)


def _mutant(name: str, what: str, *faults: Fault) -> Mutant:
    return Mutant(f"csms-{name}", "csms", what, faults)


_CERTIFICATES = (
    _mutant("signs-another-key", "sends certificates for keys that stations do not have", SignsAnotherKey()),
    _mutant("accepts-broken-requests", "accepts certificate requests that it cannot sign", answers("SignCertificate", put("status", "Accepted"))),
    _mutant("mute-ocsp", "does not answer for the OCSP state of a certificate", Mute("GetCertificateStatus")),
    _mutant("ocsp-nonsense", "gives something else for an OCSP response", answers("GetCertificateStatus", put("status", "Accepted"), put("ocspResult", _NONSENSE))),
    _mutant("ocsp-without-result", "accepts to tell the OCSP state, and does not", answers("GetCertificateStatus", put("status", "Accepted"), drop("ocspResult"))),
    _mutant("mute-chain-status", "does not answer for the states of a chain", Mute("GetCertificateChainStatus")),
    _mutant("forgets-a-certificate", "answers for one certificate of a chain only", KeepsOne()),
    _mutant("revokes-everything", "calls every certificate revoked", answers("GetCertificateChainStatus", put("certificateStatus.*.status", "Revoked"))),
    _mutant("installs-as-other-type", "installs every root as the manufacturer's", says("InstallCertificate", put("certificateType", "ManufacturerRootCertificate"))),
    _mutant("cuts-certificates", "installs roots without their end", says("InstallCertificate", put("certificate", "-----BEGIN CERTIFICATE-----"))),
    _mutant("lists-every-use", "asks for certificates of every use", says("GetInstalledCertificateIds", drop("certificateType"))),
    _mutant("deletes-by-other-hash", "deletes certificates by SHA256, whatever the station told", says("DeleteCertificate", put("certificateHashData.hashAlgorithm", "SHA256"))),
)  # fmt: skip

_FILES = (
    _mutant("mute-firmware", "does not take how a firmware update goes", Mute("FirmwareStatusNotification")),
    _mutant("unsigned-firmware", "leaves the signature of firmware out", says("UpdateFirmware", drop("firmware.signature"))),
    _mutant("installs-at-once", "leaves out when firmware is to be installed", says("UpdateFirmware", drop("firmware.installDateTime"))),
    _mutant("firmware-twice", "sends every firmware update two times", Twice("UpdateFirmware")),
    _mutant("one-request-id", "gives all its jobs the same requestId", says("UpdateFirmware", put("requestId", 1)), says("GetLog", put("requestId", 1))),
    _mutant("firmware-of-yesterday", "has firmware fetched at a time long past", says("UpdateFirmware", put("retrieveDate", "2019-01-01T00:00:00Z"))),
    _mutant("mute-publications", "does not take how a publication of firmware goes", Mute("PublishFirmwareStatusNotification")),
    _mutant("other-checksum", "names firmware by another checksum", says("PublishFirmware", put("checksum", "0" * 32)), says("UnpublishFirmware", put("checksum", "0" * 32))),
    _mutant("mute-diagnostics", "does not take how the upload of diagnostics goes", Mute("DiagnosticsStatusNotification")),
    _mutant("diagnostics-elsewhere", "has diagnostics brought to another place", says("GetDiagnostics", put("location", "ftp://elsewhere.invalid/"))),
    _mutant("mute-logs", "does not take how the upload of a log goes", Mute("LogStatusNotification")),
    _mutant("confuses-logs", "asks for the diagnostics log, whichever was meant", says("GetLog", put("logType", "DiagnosticsLog"))),
)  # fmt: skip

_MONITORING = (
    _mutant("mute-component-events", "does not take events of components", Mute("NotifyEvent")),
    _mutant("mute-monitor-reports", "does not take reports of monitors", Mute("NotifyMonitoringReport")),
    _mutant("clears-other-monitors", "clears another monitor than was meant", says("ClearVariableMonitoring", put("id", [4242]))),
    _mutant("mild-monitors", "sets every monitor with the lowest severity", says("SetVariableMonitoring", put("setMonitoringData.*.severity", 9))),
    _mutant("mute-customers", "does not take what stations know of customers", Mute("NotifyCustomerInformation")),
    _mutant("forgets-to-clear", "asks for data of customers and clears none", says("CustomerInformation", put("clear", False))),
)  # fmt: skip

_MESSAGES = (
    _mutant("mute-displays", "does not take which messages stations show", Mute("NotifyDisplayMessages")),
    _mutant("in-front", "shows every message in front of all others", says("SetDisplayMessage", put("message.priority", "AlwaysFront"))),
    _mutant("shows-for-ever", "leaves out when a message ends", says("SetDisplayMessage", drop("message.endDateTime"))),
    _mutant("shows-to-everybody", "leaves out whom a message is for", says("SetDisplayMessage", drop("message.transactionId"))),
    _mutant("clears-other-message", "clears another message than was meant", says("ClearDisplayMessage", put("id", 4242))),
)  # fmt: skip

_TARIFFS = (
    _mutant("tariff-in-cents", "tells prices in cents", says("SetDefaultTariff", scale("tariff.energy.prices.*.priceKwh", 100))),
    _mutant("tariff-for-evse-1", "sets every tariff for EVSE 1", says("SetDefaultTariff", put("evseId", 1))),
    _mutant("tariff-of-another", "changes the tariff of another transaction", says("ChangeTransactionTariff", put("transactionId", "another"))),
    _mutant("clears-every-tariff", "clears tariffs without saying which", says("ClearTariffs", drop("tariffIds"))),
)  # fmt: skip

CATALOGUE = (*_CERTIFICATES, *_FILES, *_MONITORING, *_MESSAGES, *_TARIFFS)
