"""The book of DER controls, by what stations accept, report and notify."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.ocpp.csms import der, requests
from tests.ocpp.csms.desk import NOON, Desk

DROOP = {
    "priority": 1,
    "overFreq": 60.036,
    "underFreq": 59.964,
    "overDroop": 0.05,
    "underDroop": 0.05,
    "responseTime": 5,
}
CURVE = {"priority": 3, "yUnit": "PctMaxVar", "curveData": [{"x": 92, "y": 44}, {"x": 108, "y": -44}]}
TIMES = {"startTime": "2026-03-01T12:00:00Z", "duration": 900}


def set_control(desk: Desk, name: str, kind="VoltVar", content=None, default=False, response=None):
    order = requests.set_der("2.1", name, kind, content or {**CURVE, **TIMES}, default)
    desk.settle(order.action, order.payload, response)


def test_a_control_is_in_force_in_its_time_and_the_default_otherwise() -> None:
    desk = Desk()
    set_control(desk, "d", content=CURVE, default=True)
    set_control(desk, "s")
    assert der.active(desk.station, "VoltVar", NOON + timedelta(seconds=899)).control_id == "s"
    assert der.active(desk.station, "VoltVar", NOON + timedelta(seconds=900)).control_id == "d"
    assert der.active(desk.station, "WattVar", NOON) is None


def test_the_control_with_the_lowest_number_wins() -> None:
    desk = Desk()
    set_control(desk, "weak", content={**CURVE, **TIMES, "priority": 5})
    set_control(desk, "strong", content={**CURVE, **TIMES, "priority": 0})
    assert der.active(desk.station, "VoltVar", NOON).control_id == "strong"


def test_superseded_controls_are_known_also_when_it_is_the_new_one() -> None:
    desk = Desk()
    set_control(desk, "a")
    set_control(desk, "b", response={"status": "Accepted", "supersededIds": ["b"]})
    assert [each.state for each in desk.station.der_controls.values()] == ["accepted", "superseded"]
    assert der.active(desk.station, "VoltVar", NOON).control_id == "a"


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
def test_what_was_not_accepted_is_not_in_the_book(status) -> None:
    desk = Desk()
    set_control(desk, "a", response={"status": status})
    assert not desk.station.der_controls


def test_starts_and_stops_are_followed_and_unknown_ones_tolerated() -> None:
    desk = Desk()
    set_control(desk, "a")
    set_control(desk, "b")
    told = {"controlId": "b", "started": True, "timestamp": "2026-03-01T12:00:00Z", "supersededIds": ["a"]}
    assert desk.ask("NotifyDERStartStop", told) == {}
    assert [each.state for each in desk.station.der_controls.values()] == ["superseded", "started"]
    desk.ask("NotifyDERStartStop", {**told, "started": False})
    assert desk.station.der_controls["b"].state == "ended"
    assert desk.ask("NotifyDERStartStop", {**told, "controlId": "nobody"}) == {}


def test_clearing_follows_id_type_and_class() -> None:
    desk = Desk()
    for name in ("a", "b"):
        set_control(desk, name)
    set_control(desk, "w", "WattVar")
    set_control(desk, "d", content=CURVE, default=True)
    desk.settle("ClearDERControl", {"isDefault": False, "controlId": "a"})
    assert list(desk.station.der_controls) == ["b", "w", "d"]
    desk.settle("ClearDERControl", {"isDefault": False, "controlType": "VoltVar"})
    assert list(desk.station.der_controls) == ["w", "d"]
    desk.settle("ClearDERControl", {"isDefault": False})
    assert list(desk.station.der_controls) == ["d"]


def test_a_report_in_parts_is_assembled() -> None:
    desk = Desk()
    desk.settle("GetDERControl", {"requestId": 9})
    entry = {"id": "d-1", "isDefault": True, "isSuperseded": False, "freqDroop": DROOP}
    desk.ask("ReportDERControl", {"requestId": 9, "tbc": True, "freqDroop": [entry]})
    report = desk.station.reports["ReportDERControl/9"]
    assert not report.complete
    curve = {"id": "s-1", "curveType": "VoltVar", "isDefault": False, "isSuperseded": True, "curve": {**CURVE, **TIMES}}
    power = {"priority": 0, "displacement": 0.95, "excitation": False}
    fixed = {"id": "p-1", "isDefault": True, "isSuperseded": False, "fixedPF": power}
    desk.ask("ReportDERControl", {"requestId": 9, "curve": [curve], "fixedPFInject": [fixed]})
    assert desk.station.reports["ReportDERControl/9"].complete
    known = desk.station.der_controls
    assert (known["d-1"].control_type, known["d-1"].priority) == ("FreqDroop", 1)
    assert (known["s-1"].state, known["s-1"].duration) == ("superseded", 900)
    assert known["p-1"].control_type == "FixedPFInject"


def test_alarms_have_a_begin_and_an_end() -> None:
    desk = Desk()
    alarm = {"controlType": "HFMustTrip", "timestamp": "2026-03-01T12:00:00Z", "gridEventFault": "OverFrequency"}
    desk.ask("NotifyDERAlarm", alarm)
    (known,) = desk.station.der_alarms.values()
    assert known.ended_at is None
    desk.ask("NotifyDERAlarm", {**alarm, "alarmEnded": True, "timestamp": "2026-03-01T12:05:00Z"})
    (known,) = desk.station.der_alarms.values()
    assert (known.ended_at - known.at).total_seconds() == 300
    assert desk.ask("NotifyDERAlarm", {**alarm, "controlType": "LFMustTrip", "alarmEnded": True}) == {}


@pytest.mark.parametrize("kind", der.CONTROL_TYPES)
def test_every_type_has_its_object_and_no_other(kind) -> None:
    right = requests.set_der("2.1", "x", kind, {}, True).payload
    assert not list(der.objections(right))
    wrong = {**right, "curve" if der.object_of(kind) != "curve" else "gradient": {}}
    assert any("R04.FR.16" in each for each in der.objections(wrong))


@pytest.mark.parametrize(
    ("kind", "content", "default", "requirement"),
    [
        ("VoltVar", {**CURVE, **TIMES}, True, "R04.FR.12"),
        ("VoltVar", CURVE, False, "R04.FR.12"),
        ("EnterService", {}, False, "R04.FR.14"),
        ("Gradients", {}, False, "R04.FR.14"),
    ],
)
def test_what_a_csms_must_not_send_is_objected_to(kind, content, default, requirement) -> None:
    payload = requests.set_der("2.1", "x", kind, content, default).payload
    assert any(requirement in each for each in der.objections(payload))
