"""All the other books: device model, monitors, local list, reservations, jobs, display, cost, certificates, streams."""

# ruff: noqa: ARG002 - a signer has the arguments of all signers
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.ocpp.csms import device_model, requests
from harness.ocpp.csms.authorisation import local_list
from harness.ocpp.csms.authority import EvCertificate, NoAuthority
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.records import Token
from tests.ocpp.csms.desk import NOON, TOKEN, Desk

AT = "2026-03-01T12:00:00Z"


# --- device model ---


def part(number: int, seq: int, name: str, value: str, more: bool):
    entry = {"component": {"name": "C"}, "variable": {"name": name}, "variableAttribute": [{"value": value}]}
    return {"requestId": number, "generatedAt": AT, "seqNo": seq, "tbc": more, "reportData": [entry]}


def test_a_report_is_complete_with_all_its_parts_in_any_order() -> None:
    desk = Desk()
    desk.settle("GetBaseReport", {"requestId": 4, "reportBase": "FullInventory"})
    for seq, more in ((2, False), (0, True)):
        desk.ask("NotifyReport", part(4, seq, f"V{seq}", "x", more))
        assert not device_model.report(desk.station, "NotifyReport", 4).complete
    desk.ask("NotifyReport", part(4, 1, "V1", "y", True))
    assert device_model.report(desk.station, "NotifyReport", 4).complete
    assert device_model.value_of(desk.station, "c", "v1") == "y"


def test_a_report_nobody_asked_for_is_known_as_such() -> None:
    desk = Desk()
    desk.ask("NotifyReport", part(77, 0, "V", "x", False))
    assert not device_model.report(desk.station, "NotifyReport", 77).asked


def test_only_variables_that_were_set_change() -> None:
    desk = Desk()
    entries = [{"component": "C", "variable": name, "value": 1} for name in ("A", "B", "D")]
    order = requests.settings("2.1", entries)
    states = {"A": "Accepted", "B": "Rejected", "D": "RebootRequired"}
    results = [
        {
            "attributeStatus": states[each["variable"]["name"]],
            "component": each["component"],
            "variable": each["variable"],
        }
        for each in order.payload["setVariableData"]
    ]
    desk.settle(order.action, order.payload, {"setVariableResult": results})
    assert [device_model.value_of(desk.station, "C", name) for name in "ABD"] == ["1", None, "1"]


def test_variables_that_were_read_are_known_and_that_of_the_evse_comes_first() -> None:
    desk = Desk()
    order = requests.readings(
        "2.1", [{"component": "C", "variable": "V", "evse": 1}, {"component": "C", "variable": "V"}]
    )
    values = iter(("one", "all"))
    results = [
        {**each, "attributeStatus": "Accepted", "attributeValue": next(values)}
        for each in order.payload["getVariableData"]
    ]
    desk.settle(order.action, order.payload, {"getVariableResult": results})
    assert device_model.value_of(desk.station, "C", "V", evse_id=1) == "one"
    assert device_model.value_of(desk.station, "C", "V", evse_id=2) == "all"


def test_1_6_keys_are_read_and_changed() -> None:
    desk = Desk("1.6")
    found = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "60"}]}
    desk.settle("GetConfiguration", {}, found)
    order = requests.configure("HeartbeatInterval", "30")
    desk.settle(order.action, order.payload, {"status": "NotSupported"})
    key = device_model.configuration_key("HeartbeatInterval")
    assert desk.station.variables[key].value == "60"
    desk.settle(order.action, order.payload)
    assert desk.station.variables[key].value == "30"


def test_monitors_are_set_reported_and_cleared() -> None:
    desk = Desk()
    asked = {"value": 5, "type": "UpperThreshold", "severity": 3, "component": {"name": "C"}, "variable": {"name": "V"}}
    named = {"component": asked["component"], "variable": asked["variable"], "type": "UpperThreshold", "severity": 3}
    result = [{**named, "status": "Accepted", "id": 8}]
    desk.settle("SetVariableMonitoring", {"setMonitoringData": [asked]}, {"setMonitoringResult": result})
    assert list(desk.station.monitors) == ["8"]
    monitoring = {"id": 9, "transaction": False, "value": 1, "type": "Delta", "severity": 1}
    monitoring["eventNotificationType"] = "CustomMonitor"
    told = {"component": {"name": "C"}, "variable": {"name": "V"}, "variableMonitoring": [monitoring]}
    desk.ask("NotifyMonitoringReport", {"requestId": 3, "seqNo": 0, "generatedAt": AT, "monitor": [told]})
    cleared = [{"id": 8, "status": "Accepted"}, {"id": 9, "status": "Rejected"}]
    desk.settle("ClearVariableMonitoring", {"id": [8, 9]}, {"clearMonitoringResult": cleared})
    assert list(desk.station.monitors) == ["9"]


def test_connector_states_come_by_either_message_and_old_ones_do_not_count() -> None:
    desk = Desk()
    status = {"timestamp": AT, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
    desk.ask("StatusNotification", status)
    desk.ask("StatusNotification", {**status, "timestamp": "2026-03-01T11:00:00Z", "connectorStatus": "Available"})
    assert desk.station.connectors["1/1"].status == "Occupied"
    event = {"eventId": 1, "timestamp": "2026-03-01T12:01:00Z", "trigger": "Delta", "actualValue": "Faulted"}
    event |= {"eventNotificationType": "HardWiredNotification", "variable": {"name": "AvailabilityState"}}
    event["component"] = {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}
    desk.ask("NotifyEvent", {"generatedAt": AT, "seqNo": 0, "eventData": [event]})
    assert desk.station.connectors["1/1"].status == "Faulted"


# --- authorisation ---


def test_tokens_are_known_whatever_their_case_and_expire() -> None:
    past = datetime(2026, 1, 1, tzinfo=UTC)
    desk = Desk(policy=CsmsPolicy(tokens=(Token("Tag", group="G"), Token("OLD", expires=past))))
    info = desk.ask("Authorize", {"idToken": {"idToken": "tAG", "type": "ISO14443"}})["idTokenInfo"]
    assert info == {"status": "Accepted", "groupIdToken": {"idToken": "G", "type": "Central"}}
    info = desk.ask("Authorize", {"idToken": {"idToken": "OLD", "type": "ISO14443"}})["idTokenInfo"]
    assert info["status"] == "Expired"
    free = desk.ask("Authorize", {"idToken": {"idToken": "", "type": "NoAuthorization"}})["idTokenInfo"]
    assert free["status"] == "Accepted"


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_local_list_is_sent_in_the_form_of_the_version_and_its_number_kept_when_accepted(version) -> None:
    desk = Desk(version)
    payload = local_list(version, (Token("A"), Token("B", status="Blocked")), 3, "Differential", (Token("C"),))
    assert len(payload["localAuthorizationList"]) == 3
    desk.settle("SendLocalList", payload, {"status": "Failed"})
    assert desk.station.standing.local_list_version == 0
    desk.settle("SendLocalList", payload)
    assert desk.station.standing.local_list_version == 3


# --- reservations, jobs, display, cost ---


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_a_reservation_is_kept_used_and_cancelled(version) -> None:
    desk = Desk(version)
    for number in (5, 6):
        order = requests.reserve(version, number, "TAG", "ISO14443", NOON, 1)
        desk.settle(order.action, order.payload)
    desk.settle("CancelReservation", {"reservationId": 6})
    if version == "1.6":
        start = {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": AT, "reservationId": 5}
        desk.ask("StartTransaction", start)
    else:
        desk.start(reservationId=5)
    assert {each.reservation_id: each.state for each in desk.station.reservations.values()} == {
        5: "used",
        6: "cancelled",
    }


def test_a_reservation_that_ends_by_itself_is_known() -> None:
    desk = Desk()
    order = requests.reserve("2.1", 5, "TAG", "ISO14443", NOON)
    desk.settle(order.action, order.payload)
    desk.ask("ReservationStatusUpdate", {"reservationId": 5, "reservationUpdateStatus": "Expired"})
    assert desk.station.reservations["5"].state == "Expired"


def test_the_progress_of_firmware_and_logs_is_followed() -> None:
    desk = Desk()
    order = requests.update_firmware("2.1", 12, "https://x/fw", NOON)
    desk.settle(order.action, order.payload)
    for status in ("Downloading", "Downloaded", "Installed"):
        desk.ask("FirmwareStatusNotification", {"status": status, "requestId": 12})
    assert desk.station.jobs["Firmware/12"].statuses == ("Accepted", "Downloading", "Downloaded", "Installed")
    order = requests.get_log("2.1", 13, "https://x/log")
    desk.settle(order.action, order.payload, {"status": "Accepted", "filename": "l.txt"})
    desk.ask("LogStatusNotification", {"status": "Uploaded", "requestId": 13})
    assert (desk.station.jobs["Log/13"].status, desk.station.jobs["Log/13"].data) == ("Uploaded", "l.txt")
    assert desk.ask("LogStatusNotification", {"status": "Idle", "requestId": 999}) == {}


def test_customer_information_is_put_together() -> None:
    desk = Desk()
    desk.settle("CustomerInformation", {"requestId": 2, "report": True, "clear": False, "customerIdentifier": "X"})
    for seq, text in enumerate(("one ", "two")):
        told = {"data": text, "seqNo": seq, "generatedAt": AT, "requestId": 2, "tbc": seq == 0}
        desk.ask("NotifyCustomerInformation", told)
    assert desk.station.jobs["CustomerInformation/2"].data == "one two"
    assert device_model.report(desk.station, "NotifyCustomerInformation", 2).complete


def test_messages_on_the_display_are_known() -> None:
    desk = Desk()
    order = requests.show("2.1", 3, "Hello")
    desk.settle(order.action, order.payload)
    other = {**order.payload["message"], "id": 4}
    desk.ask("NotifyDisplayMessages", {"requestId": 1, "messageInfo": [other]})
    desk.settle("ClearDisplayMessage", {"id": 3})
    assert list(desk.station.displays) == ["4"]


def test_tariffs_are_set_changed_reported_and_cleared() -> None:
    desk = Desk()
    tariff = {"tariffId": "T1", "currency": "EUR"}
    desk.settle("SetDefaultTariff", {"evseId": 1, "tariff": tariff})
    desk.start()
    desk.settle("ChangeTransactionTariff", {"transactionId": "t1", "tariff": {**tariff, "tariffId": "T2"}})
    assert {each.tariff_id for each in desk.station.tariffs.values()} == {"T1", "T2"}
    desk.event("Ended", 1)
    found = [{"tariffId": "T3", "tariffKind": "DefaultTariff", "evseIds": [2]}]
    desk.settle("GetTariffs", {"evseId": 0}, {"status": "Accepted", "tariffAssignments": found})
    assert {each.tariff_id for each in desk.station.tariffs.values()} == {"T1", "T3"}
    cleared = {"clearTariffsResult": [{"tariffId": "T1", "status": "Accepted"}]}
    desk.settle("ClearTariffs", {"tariffIds": ["T1"]}, cleared)
    assert {each.tariff_id for each in desk.station.tariffs.values()} == {"T3"}


def test_vat_numbers_are_looked_up() -> None:
    company = {"name": "ACME", "address1": "Road 1", "city": "Town", "country": "NL"}
    desk = Desk(policy=CsmsPolicy(vat_companies={"NL1": company}))
    assert desk.ask("VatNumberValidation", {"vatNumber": "NL1"})["status"] == "Accepted"
    assert desk.ask("VatNumberValidation", {"vatNumber": "NL2"})["status"] == "Rejected"


# --- certificates ---


class Signer(NoAuthority):
    def sign(self, csr, kind, identity, now):
        return f"chain for {identity}" if csr == "good" else ""

    def contract_status(self, request, now):
        return request.get("certificate", "")

    def ocsp_response(self, data, now):
        return "AAAA"

    def ev_certificate(self, request, now):
        return EvCertificate("Accepted", "BBBB", 2)


def test_a_signed_certificate_follows_with_type_and_request_id() -> None:
    desk = Desk(authority=Signer())
    asked = {"csr": "good", "certificateType": "V2GCertificate", "requestId": 5}
    assert desk.ask("SignCertificate", asked) == {"status": "Accepted"}
    (order,) = desk.orders
    assert order.payload == {"certificateChain": "chain for CS1", "certificateType": "V2GCertificate", "requestId": 5}
    desk.settle(order.action, order.payload, {"status": "Rejected"})
    assert desk.station.signings["V2GCertificate/5"].status == "Rejected"
    assert desk.ask("SignCertificate", {"csr": "bad", "requestId": 6}) == {"status": "Rejected"}
    desk.policy = CsmsPolicy(sign_requests=False)
    assert desk.ask("SignCertificate", asked) == {"status": "Rejected"}


def test_1_6_gets_its_chain_alone() -> None:
    desk = Desk("1.6", authority=Signer())
    assert desk.ask("SignCertificate", {"csr": "good"}) == {"status": "Accepted"}
    assert desk.orders[0].payload == {"certificateChain": "chain for CS1"}


@pytest.mark.parametrize(
    ("chain", "token", "certificate"),
    [
        ("Accepted", "Accepted", "Accepted"),
        ("CertificateExpired", "Expired", "CertificateExpired"),
        ("CertificateRevoked", "Invalid", "CertificateRevoked"),
        ("CertChainError", "Invalid", "CertChainError"),
    ],
)
def test_a_contract_certificate_decides_beside_the_token(chain, token, certificate) -> None:
    answer = Desk(authority=Signer()).ask("Authorize", {"idToken": TOKEN, "certificate": chain})
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == (token, certificate)


def test_a_sound_contract_of_a_blocked_token_is_cancelled() -> None:
    desk = Desk(policy=CsmsPolicy(tokens=(Token("TAG", status="Blocked"),)), authority=Signer())
    answer = desk.ask("Authorize", {"idToken": TOKEN, "certificate": "Accepted"})
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == ("Blocked", "ContractCancelled")


def test_revocation_and_ev_certificates_are_passed_on() -> None:
    hashed = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "c"}
    asked = {"ocspRequestData": {**hashed, "responderURL": "http://x"}}
    asked_ev = {
        "iso15118SchemaVersion": "urn:iso:std:iso:15118:-20:CommonMessages",
        "action": "Install",
        "exiRequest": "x",
    }
    desk = Desk(authority=Signer())
    assert desk.ask("GetCertificateStatus", asked) == {"status": "Accepted", "ocspResult": "AAAA"}
    answer = desk.ask("Get15118EVCertificate", asked_ev)
    assert answer == {"status": "Accepted", "exiResponse": "BBBB", "remainingContracts": 2}
    alone = Desk()
    assert alone.ask("GetCertificateStatus", asked) == {"status": "Failed"}
    chain = {"certificateStatusRequests": [{"source": "OCSP", "urls": ["http://x"], "certificateHashData": hashed}]}
    assert alone.ask("GetCertificateChainStatus", chain)["certificateStatus"][0]["status"] == "Failed"


def test_installed_certificates_are_known_and_deleted() -> None:
    desk = Desk()
    hashed = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "C"}
    chain = [{"certificateType": "CSMSRootCertificate", "certificateHashData": hashed}]
    found = {"status": "Accepted", "certificateHashDataChain": chain}
    desk.settle("GetInstalledCertificateIds", {}, found)
    assert [each.use for each in desk.station.certificates.values()] == ["CSMSRootCertificate"]
    desk.settle("DeleteCertificate", {"certificateHashData": {**hashed, "serialNumber": "c"}})
    assert not desk.station.certificates


# --- streams, notes ---


def test_streams_are_opened_counted_adjusted_and_closed() -> None:
    desk = Desk()
    stream = {"id": 4, "variableMonitoringId": 1, "params": {"interval": 1}}
    assert desk.ask("OpenPeriodicEventStream", {"constantStreamData": stream}) == {"status": "Accepted"}
    samples = {"id": 4, "pending": 0, "basetime": AT, "data": [{"t": 0, "v": "1"}, {"t": 1, "v": "2"}]}
    desk.give("NotifyPeriodicEventStream", samples)
    desk.give("NotifyPeriodicEventStream", {**samples, "id": 5})
    assert desk.station.streams["4"].samples == 2
    desk.settle("AdjustPeriodicEventStream", {"id": 4, "params": {"interval": 9}})
    assert desk.station.streams["4"].content["params"] == {"interval": 9}
    desk.ask("ClosePeriodicEventStream", {"id": 4})
    assert not desk.station.streams
    desk.policy = CsmsPolicy(streams=False)
    assert desk.ask("OpenPeriodicEventStream", {"constantStreamData": stream}) == {"status": "Rejected"}


def test_vendor_messages_are_known_or_not() -> None:
    desk = Desk(policy=CsmsPolicy(vendors=("org.x",)))
    assert desk.ask("DataTransfer", {"vendorId": "org.x"}) == {"status": "Accepted"}
    assert desk.ask("DataTransfer", {"vendorId": "org.y"}) == {"status": "UnknownVendorId"}


def test_security_events_are_kept() -> None:
    desk = Desk()
    desk.ask("SecurityEventNotification", {"type": "StartupOfTheDevice", "timestamp": AT})
    (note,) = desk.station.notes.values()
    assert (note.action, note.content["type"]) == ("SecurityEventNotification", "StartupOfTheDevice")


# --- every message ---


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_every_request_of_a_station_has_an_answer(version) -> None:
    from harness.ocpp.csms.answers import ANSWERS
    from harness.ocpp.csms.answers_16 import ANSWERS_16
    from harness.ocppj.actions import actions

    known = ANSWERS_16 if version == "1.6" else ANSWERS
    assert {name for name, each in actions(version).items() if "station" in each.starters} <= set(known)
