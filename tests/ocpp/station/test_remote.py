"""Remote control, availability, resets, triggers, reservations, display, certificates, transfers, monitors."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ocpp.station.bench import NOON, OTHER, TAG, Bench
from tests.ocpp.station.profiles import limit, profile

START = {"remoteStartId": 7, "evseId": 1, "idToken": {"idToken": "REMOTE", "type": "Central"}}


def test_a_remote_start_names_itself_and_brings_its_profile() -> None:
    bench = Bench()
    bench.plug_in()
    answer = bench.ask("RequestStartTransaction", {**START, "chargingProfile": profile(9, limit(3000))})
    assert answer["status"] == "Accepted" and answer["transactionId"]
    bench.run(2)
    remote = next(event for event in bench.events() if event["triggerReason"] == "RemoteStart")
    assert remote["transactionInfo"]["remoteStartId"] == 7
    assert bench.power() == 3000
    assert bench.ask("RequestStopTransaction", {"transactionId": answer["transactionId"]}) == {"status": "Accepted"}
    assert bench.events("Ended")[0]["transactionInfo"]["stoppedReason"] == "Remote"
    assert bench.ask("RequestStopTransaction", {"transactionId": "none"})["status"] == "Rejected"
    assert not bench.wrong


def test_a_remote_start_of_an_evse_that_is_not_there_or_taken_is_rejected() -> None:
    bench = Bench()
    assert bench.ask("RequestStartTransaction", {**START, "evseId": 5})["status"] == "Rejected"
    bench.charge()
    assert bench.ask("RequestStartTransaction", START)["status"] == "Rejected"


def test_an_evse_out_of_service_takes_nobody_and_says_so() -> None:
    bench = Bench()
    out = {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    assert bench.ask("ChangeAvailability", out) == {"status": "Accepted"}
    assert bench.said("NotifyEvent")[-1]["eventData"][0]["actualValue"] == "Unavailable"
    bench.plug_in()
    bench.present()
    bench.run(3)
    assert bench.power() == 0 and not bench.events()
    assert (
        bench.ask("ChangeAvailability", {"operationalStatus": "Operative", "evse": {"id": 1}})["status"] == "Accepted"
    )


def test_taking_an_evse_out_of_service_waits_for_its_transaction() -> None:
    bench = Bench()
    bench.charge()
    assert bench.ask("ChangeAvailability", {"operationalStatus": "Inoperative"})["status"] == "Scheduled"
    bench.run(3)
    assert bench.power() > 0
    bench.unplug()
    assert bench.said("NotifyEvent")[-1]["eventData"][0]["actualValue"] == "Unavailable"


def test_an_immediate_reset_ends_transactions_and_the_station_boots_again() -> None:
    bench = Bench()
    bench.charge()
    assert bench.ask("Reset", {"type": "Immediate"}) == {"status": "Accepted"}
    assert bench.events("Ended")[0]["triggerReason"] == "ResetCommand"
    assert bench.station.restart.due is not None
    reboot(bench)
    assert bench.said("BootNotification")[-1]["reason"] == "RemoteReset"


def test_a_reset_when_idle_waits() -> None:
    bench = Bench()
    bench.charge()
    assert bench.ask("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
    assert bench.station.restart.due is None
    bench.unplug()
    assert bench.station.restart.due is not None


def test_a_transaction_is_resumed_where_that_is_set() -> None:
    bench = Bench()
    assert bench.ask("Reset", {"type": "ImmediateAndResume"})["status"] == "Rejected"
    bench = Bench(variables={"TxCtrlr.ResumptionTimeout": "60"})
    transaction = bench.charge()
    assert bench.ask("Reset", {"type": "ImmediateAndResume"})["status"] == "Accepted"
    reboot(bench)
    bench.run(3)
    resumed = next(event for event in bench.events() if event["triggerReason"] == "TxResumed")
    assert resumed["transactionInfo"]["transactionId"] == transaction
    assert bench.power() > 0
    assert [event["seqNo"] for event in bench.events()] == list(range(len(bench.events())))


def reboot(bench: Bench) -> None:
    bench.run(1)
    bench.disconnect()
    bench.station.restart.down(bench.time)
    bench.now += 5
    bench.station.restart.up(bench.time)
    bench.connect()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Heartbeat", "Accepted"),
        ("MeterValues", "Accepted"),
        ("StatusNotification", "Accepted"),
        ("TransactionEvent", "Accepted"),
        ("FirmwareStatusNotification", "Accepted"),
        ("LogStatusNotification", "Accepted"),
        ("BootNotification", "Rejected"),
        ("PublishFirmwareStatusNotification", "NotImplemented"),
    ],
)
def test_a_triggered_message_comes(message: str, expected: str) -> None:
    bench = Bench()
    bench.charge()
    bench.forget()
    assert bench.ask("TriggerMessage", {"requestedMessage": message})["status"] == expected
    assert bool(bench.said(message)) == (expected == "Accepted")
    assert not bench.wrong


def test_a_reservation_keeps_others_out_and_lets_its_owner_in() -> None:
    bench = Bench()
    request = {"id": 4, "expiryDateTime": bench.at(600), "idToken": TAG, "evseId": 1}
    assert bench.ask("ReserveNow", request) == {"status": "Accepted"}
    assert bench.said("NotifyEvent")[-1]["eventData"][0]["actualValue"] == "Reserved"
    bench.present(OTHER)
    assert not bench.events()
    bench.present(TAG)
    assert bench.events("Started")[0]["reservationId"] == 4
    assert not bench.wrong


def test_a_reservation_ends_by_itself_and_by_request() -> None:
    bench = Bench()
    bench.ask("ReserveNow", {"id": 4, "expiryDateTime": bench.at(10), "idToken": TAG, "evseId": 1})
    bench.run(11)
    assert bench.said("ReservationStatusUpdate") == [{"reservationId": 4, "reservationUpdateStatus": "Expired"}]
    bench.ask("ReserveNow", {"id": 5, "expiryDateTime": bench.at(10), "idToken": TAG})
    assert bench.ask("CancelReservation", {"reservationId": 5}) == {"status": "Accepted"}
    assert bench.ask("CancelReservation", {"reservationId": 5}) == {"status": "Rejected"}


def test_display_messages_are_held_reported_and_cleared() -> None:
    bench = Bench()
    message = {"id": 3, "priority": "NormalCycle", "message": {"format": "UTF8", "content": "Hello"}}
    assert bench.ask("SetDisplayMessage", {"message": message}) == {"status": "Accepted"}
    assert bench.ask("GetDisplayMessages", {"requestId": 1}) == {"status": "Accepted"}
    assert bench.said("NotifyDisplayMessages")[0]["messageInfo"][0]["id"] == 3
    assert bench.ask("ClearDisplayMessage", {"id": 3}) == {"status": "Accepted"}
    assert bench.ask("GetDisplayMessages", {"requestId": 1}) == {"status": "Unknown"}
    picture = {**message, "message": {"format": "HTML", "content": "<b>"}}
    assert bench.ask("SetDisplayMessage", {"message": picture})["status"] == "NotSupportedMessageFormat"


def test_monitors_tell_when_a_threshold_is_passed_and_when_no_longer() -> None:
    bench = Bench()
    place = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "ActiveTransactionId"}}
    register = {
        "component": {"name": "FiscalMetering", "evse": {"id": 1}},
        "variable": {"name": "EnergyImportRegister"},
    }
    items = [
        {**place, "type": "Delta", "value": 1, "severity": 5},
        {**register, "type": "UpperThreshold", "value": 20, "severity": 3},
        {**place, "type": "UpperThreshold", "value": 1, "severity": 3},
        {"component": {"name": "None"}, "variable": {"name": "X"}, "type": "Delta", "value": 1, "severity": 5},
    ]
    results = bench.ask("SetVariableMonitoring", {"setMonitoringData": items})["setMonitoringResult"]
    assert [each["status"] for each in results] == [
        "Accepted",
        "Accepted",
        "UnsupportedMonitorType",
        "UnknownComponent",
    ]
    bench.charge()
    bench.run(20)
    events = [
        event for said in bench.said("NotifyEvent") for event in said["eventData"] if "variableMonitoringId" in event
    ]
    assert [event["variableMonitoringId"] for event in events] == [results[0]["id"], results[1]["id"]]
    assert bench.ask("GetMonitoringReport", {"requestId": 2}) == {"status": "Accepted"}
    assert len(bench.said("NotifyMonitoringReport")[0]["monitor"]) == 2
    cleared = bench.ask("ClearVariableMonitoring", {"id": [results[0]["id"], 99]})["clearMonitoringResult"]
    assert [each["status"] for each in cleared] == ["Accepted", "NotFound"]
    assert not bench.wrong


class Authority:
    """A small authority that signs what it is given."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])
        self.root = self.sign(self.name, self.key.public_key())

    def sign(self, subject: x509.Name, public: Any, days: int = 10) -> x509.Certificate:
        begin = datetime.fromtimestamp(NOON, UTC) - timedelta(days=1)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public)
        dated = builder.serial_number(x509.random_serial_number()).not_valid_before(begin)
        return dated.not_valid_after(begin + timedelta(days=days)).sign(self.key, hashes.SHA256())

    def answer(self, csr: str, days: int = 10) -> str:
        request = x509.load_pem_x509_csr(csr.encode())
        return pem(self.sign(request.subject, request.public_key(), days))


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_roots_are_installed_listed_and_deleted() -> None:
    bench, authority = Bench(), Authority()
    install = {"certificateType": "V2GRootCertificate", "certificate": pem(authority.root)}
    assert bench.ask("InstallCertificate", install) == {"status": "Accepted"}
    assert bench.ask("InstallCertificate", {**install, "certificate": "nonsense"})["status"] == "Rejected"
    listed = bench.ask("GetInstalledCertificateIds", {"certificateType": ["V2GRootCertificate"]})
    hashed = listed["certificateHashDataChain"][0]["certificateHashData"]
    other = {**hashed, "serialNumber": "ff"}
    assert bench.ask("DeleteCertificate", {"certificateHashData": other}) == {"status": "NotFound"}
    assert bench.ask("DeleteCertificate", {"certificateHashData": hashed}) == {"status": "Accepted"}
    assert bench.ask("GetInstalledCertificateIds") == {"status": "NotFound"}
    assert not bench.wrong


def test_a_signed_certificate_is_taken_only_for_its_own_key_and_request() -> None:
    bench, authority = Bench(), Authority()
    bench.ask("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
    asked = bench.said("SignCertificate")[-1]
    wrong = {"certificateChain": authority.answer(asked["csr"]), "requestId": asked["requestId"] + 1}
    assert bench.ask("CertificateSigned", wrong)["status"] == "Rejected"
    foreign = {"certificateChain": pem(authority.root), "requestId": asked["requestId"]}
    assert bench.ask("CertificateSigned", foreign)["status"] == "Rejected"
    assert bench.said("SecurityEventNotification")[-1]["type"] == "InvalidChargingStationCertificate"
    bench.ask("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
    asked = bench.said("SignCertificate")[-1]
    right = {"certificateChain": authority.answer(asked["csr"]), "requestId": asked["requestId"]}
    assert bench.ask("CertificateSigned", right) == {"status": "Accepted"}
    assert not bench.wrong


def test_a_certificate_that_never_comes_is_asked_for_again_with_doubled_waits() -> None:
    bench = Bench(variables={"SecurityCtrlr.CertSigningWaitMinimum": "10", "SecurityCtrlr.CertSigningRepeatTimes": "2"})
    bench.ask("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
    bench.run(200)
    times = [at - NOON for at, action, _ in bench.sent if action == "SignCertificate"]
    assert times == pytest.approx([0, 10, 30], abs=1.1)


def test_firmware_is_fetched_verified_and_installed_step_by_step() -> None:
    bench, authority, image = Bench(), Authority(), b"image"
    trusted = {"certificateType": "ManufacturerRootCertificate", "certificate": pem(authority.root)}
    bench.ask("InstallCertificate", trusted)
    signature = base64.b64encode(authority.key.sign(image, ec.ECDSA(hashes.SHA256()))).decode()
    firmware = {
        "location": "https://files/image",
        "retrieveDateTime": bench.at(0),
        "signature": signature,
        "signingCertificate": pem(authority.root),
    }
    assert bench.ask("UpdateFirmware", {"requestId": 1, "firmware": firmware}) == {"status": "Accepted"}
    bench.run(1)
    job = bench.station.transfers.jobs.pop()
    bench.station.transfers.done(job.number, image, bench.time)
    bench.run(10)
    told = [each["status"] for each in bench.said("FirmwareStatusNotification")]
    assert told == ["Downloading", "Downloaded", "SignatureVerified", "Installing", "Installed"]
    unsigned = {name: value for name, value in firmware.items() if name != "signature"}
    assert bench.ask("UpdateFirmware", {"requestId": 2, "firmware": unsigned})["status"] == "InvalidCertificate"
    assert not bench.wrong


def test_firmware_with_a_bad_signature_is_not_installed() -> None:
    bench, authority = Bench(), Authority()
    trusted = {"certificateType": "ManufacturerRootCertificate", "certificate": pem(authority.root)}
    bench.ask("InstallCertificate", trusted)
    firmware = {
        "location": "https://files/image",
        "retrieveDateTime": bench.at(0),
        "signature": base64.b64encode(b"nonsense").decode(),
        "signingCertificate": pem(authority.root),
    }
    bench.ask("UpdateFirmware", {"requestId": 1, "firmware": firmware})
    bench.run(1)
    bench.station.transfers.done(bench.station.transfers.jobs.pop().number, b"image", bench.time)
    bench.run(5)
    assert bench.said("FirmwareStatusNotification")[-1]["status"] == "InvalidSignature"
    assert bench.said("SecurityEventNotification")[-1]["type"] == "InvalidFirmwareSignature"


def test_firmware_that_nobody_vouches_for_is_not_even_fetched() -> None:
    bench, authority = Bench(), Authority()
    firmware = {
        "location": "https://files/image",
        "retrieveDateTime": bench.at(0),
        "signature": base64.b64encode(b"nonsense").decode(),
        "signingCertificate": pem(authority.root),
    }
    assert bench.ask("UpdateFirmware", {"requestId": 1, "firmware": firmware})["status"] == "InvalidCertificate"
    bench.run(2)
    assert bench.station.transfers.jobs == []
    assert bench.said("SecurityEventNotification")[-1]["type"] == "InvalidFirmwareSigningCertificate"


def test_a_log_is_brought_as_often_as_the_csms_says() -> None:
    bench = Bench()
    place = {"remoteLocation": "https://files/"}
    request = {"logType": "SecurityLog", "requestId": 4, "retries": 1, "retryInterval": 10, "log": place}
    named = bench.ask("GetLog", request)["filename"]
    first = bench.station.transfers.jobs.pop()
    assert first.location == f"https://files/{named}"
    assert b"StartupOfTheDevice" in first.content
    bench.station.transfers.done(first.number, None, bench.time)
    bench.run(12)
    second = bench.station.transfers.jobs.pop()
    bench.station.transfers.done(second.number, b"", bench.time)
    bench.talk()
    told = [each["status"] for each in bench.said("LogStatusNotification")]
    assert told == ["Uploading", "Uploading", "Uploaded"]


def test_no_log_holds_a_password() -> None:
    bench = Bench()
    password = "not-for-anybodys-eyes"
    entry = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    bench.ask("SetVariables", {"setVariableData": [{**entry, "attributeValue": password}]})
    logs = [bench.station.logbook.text(kind, {}) for kind in ("SecurityLog", "DiagnosticsLog")]
    assert b"BasicAuthPassword" in logs[0]
    assert all(password.encode() not in log for log in logs)


def test_a_log_is_uploaded_and_its_end_told() -> None:
    bench = Bench()
    request = {"logType": "DiagnosticsLog", "requestId": 3, "log": {"remoteLocation": "https://files/"}}
    assert bench.ask("GetLog", request)["status"] == "Accepted"
    bench.station.transfers.done(bench.station.transfers.jobs.pop().number, None, bench.time)
    bench.talk()
    assert [each["status"] for each in bench.said("LogStatusNotification")] == ["Uploading", "UploadFailure"]


@pytest.mark.parametrize(
    ("slot", "data", "reason"),
    [
        (9, {}, "InvalidConfSlot"),
        (1, {}, "PriorityNetworkConf"),
        (2, {"securityProfile": 0}, "NoSecurityDowngrade"),
        (2, {"ocppCsmsUrl": "http://elsewhere"}, "InvalidNetworkConf"),
        (2, {}, ""),
    ],
)
def test_a_network_profile_is_taken_only_where_it_may_be(slot: int, data: dict[str, Any], reason: str) -> None:
    bench = Bench()
    connection = {
        "ocppInterface": "Wired0",
        "ocppTransport": "JSON",
        "messageTimeout": 30,
        "ocppCsmsUrl": "wss://elsewhere/ocpp",
        "securityProfile": 1,
        **data,
    }
    answer = bench.ask("SetNetworkProfile", {"configurationSlot": slot, "connectionData": connection})
    assert answer.get("statusInfo", {}).get("reasonCode", "") == reason
    assert answer["status"] == ("Rejected" if reason else "Accepted")
