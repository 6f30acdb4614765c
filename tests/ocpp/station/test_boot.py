"""Boot, registration, heartbeat, variables and reports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ocpp.station.bench import Bench, default_reply


def boot_reply(status: str, interval: int = 10) -> Any:
    return lambda _payload: {"currentTime": "2026-03-01T12:00:00Z", "interval": interval, "status": status}


def variable(component: str, name: str, **more: Any) -> dict[str, Any]:
    evse = {"evse": {"id": more["evse"]}} if "evse" in more else {}
    instance = {"instance": more["instance"]} if "instance" in more else {}
    return {"component": {"name": component, **evse}, "variable": {"name": name, **instance}}


def test_a_station_boots_and_tells_its_connectors() -> None:
    bench = Bench(evses=2)
    assert [action for _, action, _ in bench.sent] == [
        "BootNotification",
        "SecurityEventNotification",
        "NotifyEvent",
        "NotifyEvent",
    ]
    assert bench.said("SecurityEventNotification")[0]["type"] == "StartupOfTheDevice"
    assert bench.said("BootNotification")[0]["reason"] == "PowerUp"
    assert not bench.wrong


@pytest.mark.parametrize("version", ["2.0.1", "1.6"])
def test_older_versions_tell_connectors_by_status_notification(version: str) -> None:
    bench = Bench(version)
    assert [action for _, action, _ in bench.sent] == [
        "BootNotification",
        "SecurityEventNotification",
        "StatusNotification",
    ]
    assert not bench.wrong


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_station_that_is_not_accepted_says_nothing_and_boots_again(status: str) -> None:
    bench = Bench(replies={"BootNotification": boot_reply(status)})
    bench.plug_in()
    bench.run(25)
    assert {action for _, action, _ in bench.sent} == {"BootNotification"}
    assert len(bench.said("BootNotification")) == 3


def test_a_pending_station_answers_reports_but_starts_nothing() -> None:
    bench = Bench(replies={"BootNotification": boot_reply("Pending", 100)})
    assert bench.ask("GetBaseReport", {"requestId": 5, "reportBase": "FullInventory"})["status"] == "Accepted"
    assert bench.said("NotifyReport")
    start = {"remoteStartId": 1, "evseId": 1, "idToken": {"idToken": "A", "type": "Central"}}
    assert bench.ask("RequestStartTransaction", start)["status"] == "Rejected"


def test_a_rejected_station_answers_with_a_security_error() -> None:
    bench = Bench(replies={"BootNotification": boot_reply("Rejected", 100)})
    assert bench.ask("GetBaseReport", {"requestId": 5, "reportBase": "FullInventory"}) == {"error": "SecurityError"}


def test_a_boot_that_is_refused_is_sent_again() -> None:
    bench = Bench(replies={"BootNotification": lambda _payload: "InternalError"})
    bench.run(65)
    assert len(bench.said("BootNotification")) >= 2


def test_heartbeats_follow_the_interval_of_the_csms() -> None:
    bench = Bench(replies={"BootNotification": boot_reply("Accepted", 20)})
    bench.run(101)
    assert len(bench.said("Heartbeat")) == 5


def test_the_clock_is_set_from_the_csms() -> None:
    later = "2026-03-01T13:00:00Z"
    bench = Bench(
        replies={"BootNotification": lambda _payload: {"currentTime": later, "interval": 300, "status": "Accepted"}}
    )
    bench.charge()
    assert bench.events()[0]["timestamp"].startswith("2026-03-01T13:00:0")


def test_variables_are_read_and_written_one_result_for_each_item() -> None:
    bench = Bench()
    items = [
        variable("TxCtrlr", "EVConnectionTimeOut"),
        variable("TxCtrlr", "Nothing"),
        variable("NoSuchCtrlr", "Enabled"),
        variable("SecurityCtrlr", "BasicAuthPassword"),
        {**variable("TxCtrlr", "EVConnectionTimeOut"), "attributeType": "Target"},
    ]
    results = bench.ask("GetVariables", {"getVariableData": items})["getVariableResult"]
    statuses = [each["attributeStatus"] for each in results]
    assert statuses == ["Accepted", "UnknownVariable", "UnknownComponent", "Rejected", "NotSupportedAttributeType"]
    assert results[0]["attributeValue"] == "60"
    assert not bench.wrong


@pytest.mark.parametrize(
    ("item", "value", "expected"),
    [
        (variable("TxCtrlr", "EVConnectionTimeOut"), "30", "Accepted"),
        (variable("TxCtrlr", "EVConnectionTimeOut"), "soon", "Rejected"),
        (variable("TxCtrlr", "EVConnectionTimeOut"), "-1", "Rejected"),
        (variable("SmartChargingCtrlr", "RateUnit"), "W", "Rejected"),
        (variable("OCPPCommCtrlr", "HeartbeatInterval"), "0", "Rejected"),
        (variable("TxCtrlr", "TxStopPoint"), "EVConnected,Nonsense", "Rejected"),
        (variable("SecurityCtrlr", "BasicAuthPassword"), "short", "Rejected"),
        (variable("SecurityCtrlr", "BasicAuthPassword"), "long enough for all", "Accepted"),
        (variable("SampledDataCtrlr", "TxUpdatedMeasurands"), "Nonsense", "Rejected"),
    ],
)
def test_a_value_is_written_only_where_it_fits(item: dict[str, Any], value: str, expected: str) -> None:
    bench = Bench()
    answer = bench.ask("SetVariables", {"setVariableData": [{**item, "attributeValue": value}]})
    assert answer["setVariableResult"][0]["attributeStatus"] == expected
    assert not bench.wrong


def test_the_full_inventory_holds_every_variable_once_and_no_secret() -> None:
    bench = Bench(evses=2)
    bench.ask("GetBaseReport", {"requestId": 9, "reportBase": "FullInventory"})
    reports = bench.said("NotifyReport")
    assert [report["seqNo"] for report in reports] == list(range(len(reports)))
    assert [report.get("tbc", False) for report in reports] == [True] * (len(reports) - 1) + [False]
    assert {report["requestId"] for report in reports} == {9}
    entries = [entry for report in reports for entry in report["reportData"]]
    names = [(str(entry["component"]), str(entry["variable"])) for entry in entries]
    assert len(names) == len(set(names)) == len(list(bench.station.variables.places()))
    secret = [entry for entry in entries if entry["variable"]["name"] == "BasicAuthPassword"]
    assert secret and not any("value" in entry["variableAttribute"][0] for entry in secret)
    assert not bench.wrong


def test_a_custom_report_holds_what_was_asked_for() -> None:
    bench = Bench(evses=2)
    asked = [{"component": {"name": "DCDERCtrlr", "evse": {"id": 2}}}]
    assert bench.ask("GetReport", {"requestId": 1, "componentVariable": asked})["status"] == "Accepted"
    entries = [entry for report in bench.said("NotifyReport") for entry in report["reportData"]]
    assert {entry["component"]["evse"]["id"] for entry in entries} == {2}
    nothing = [{"component": {"name": "DCDERCtrlr", "evse": {"id": 9}}}]
    assert bench.ask("GetReport", {"requestId": 2, "componentVariable": nothing})["status"] == "EmptyResultSet"


def test_an_unknown_action_and_a_broken_payload_change_nothing() -> None:
    bench = Bench()
    assert bench.ask("Nonsense") == {"error": "NotImplemented"}
    assert bench.ask("Reset", {"type": "Sometimes"}) == {"error": "PropertyConstraintViolation"}
    assert bench.ask("Reset", {}) == {"error": "OccurrenceConstraintViolation"}


def test_the_same_request_again_is_answered_the_same_and_done_once() -> None:
    from harness.ocppj.frame import Call

    bench = Bench()
    call = Call("same", "TriggerMessage", {"requestedMessage": "Heartbeat"})
    first, second = bench.station.heard(call, bench.now), bench.station.heard(call, bench.now)
    bench.talk()
    assert first == second
    assert len(bench.said("Heartbeat")) == 1


def test_the_default_csms_answers_are_sound() -> None:
    assert default_reply({}, "Heartbeat")["currentTime"].endswith("Z")
