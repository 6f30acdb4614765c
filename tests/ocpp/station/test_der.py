"""DER controls: what is stored, superseded, told, and done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ocpp.station.bench import Bench
from tests.ocpp.station.profiles import profile, setpoint
from tests.ocpp.station.test_charging import install, running

DROOP = {"overFreq": 50.036, "underFreq": 49.964, "overDroop": 0.05, "underDroop": 0.05, "responseTime": 5}
PLAIN = {"priority": 0, "yUnit": "Not_Applicable"}
VOLT_VAR = [{"x": 92, "y": 44}, {"x": 98, "y": 0}, {"x": 102, "y": 0}, {"x": 108, "y": -44}]


def set_control(
    bench: Bench, identifier: str, kind: str, member: str, body: dict[str, Any], default: bool = True
) -> dict[str, Any]:
    return bench.ask(
        "SetDERControl", {"isDefault": default, "controlId": identifier, "controlType": kind, member: body}
    )


def droop(
    bench: Bench, identifier: str, priority: int, start: float | None = None, duration: int = 60
) -> dict[str, Any]:
    timed = {} if start is None else {"startTime": bench.at(start), "duration": duration}
    return set_control(
        bench, identifier, "FreqDroop", "freqDroop", {**DROOP, "priority": priority, **timed}, start is None
    )


def reported(bench: Bench, **wanted: Any) -> dict[str, bool]:
    """Ids and isSuperseded of what GetDERControl reports."""
    bench.forget()
    if bench.ask("GetDERControl", {"requestId": 3, **wanted})["status"] != "Accepted":
        return {}
    reports = bench.said("ReportDERControl")
    assert {report["requestId"] for report in reports} == {3}
    assert [report.get("tbc", False) for report in reports] == [True] * (len(reports) - 1) + [False]
    found = [one for report in reports for value in report.values() if isinstance(value, list) for one in value]
    return {one["id"]: one.get("isSuperseded", False) for one in found}


def starts(bench: Bench) -> list[tuple[str, bool, list[str]]]:
    return [
        (each["controlId"], each["started"], each.get("supersededIds", [])) for each in bench.said("NotifyDERStartStop")
    ]


@pytest.mark.parametrize(
    ("kind", "member", "body", "default", "expected"),
    [
        ("FreqDroop", "freqDroop", {**DROOP, "priority": 0}, True, "Accepted"),
        ("FreqDroop", "freqDroop", {**DROOP, "priority": 0, "duration": 5}, True, "Rejected"),
        ("FreqDroop", "freqDroop", {**DROOP, "priority": 0}, False, "Rejected"),
        ("FreqDroop", "fixedVar", {"priority": 0, "setpoint": 5, "unit": "PctMaxVar"}, True, "Rejected"),
        ("VoltVar", "curve", {"priority": 0, "yUnit": "PctMaxVar", "curveData": VOLT_VAR}, True, "Accepted"),
        ("VoltVar", "curve", {"priority": 0, "yUnit": "PctMaxW", "curveData": VOLT_VAR}, True, "Rejected"),
        ("PowerMonitoringMustTrip", "curve", {**PLAIN, "curveData": VOLT_VAR}, True, "NotSupported"),
        ("Gradients", "gradient", {"priority": 0, "gradient": 5, "softGradient": 5}, True, "Accepted"),
        ("Gradients", "gradient", {"priority": 0, "gradient": 5, "softGradient": 5}, False, "Rejected"),
    ],
)
def test_a_control_is_taken_only_in_its_right_form(
    kind: str, member: str, body: dict[str, Any], default: bool, expected: str
) -> None:
    bench = Bench()
    assert set_control(bench, "c", kind, member, body, default)["status"] == expected
    assert not bench.wrong


def test_of_two_defaults_the_lower_number_wins() -> None:
    bench = Bench()
    assert droop(bench, "weak", 5) == {"status": "Accepted"}
    assert droop(bench, "strong", 2) == {"status": "Accepted", "supersededIds": ["weak"]}
    assert droop(bench, "late", 7) == {"status": "Accepted", "supersededIds": ["late"]}
    assert reported(bench) == {"weak": True, "strong": False, "late": True}
    assert not bench.wrong


def test_a_stronger_control_supersedes_one_that_waits_at_once() -> None:
    bench = Bench()
    droop(bench, "a", 5, 100)
    assert droop(bench, "b", 3, 400) == {"status": "Accepted", "supersededIds": ["a"]}
    bench.run(250)
    assert starts(bench) == []


def test_a_stronger_control_ousts_one_that_runs_when_it_begins() -> None:
    bench = Bench()
    droop(bench, "a", 5, 0, 300)
    bench.run(1)
    assert droop(bench, "b", 3, 60, 60) == {"status": "Accepted"}
    bench.run(200)
    assert starts(bench) == [("a", True, []), ("b", True, ["a"]), ("b", False, [])]
    assert reported(bench) == {"a": True}


def test_a_weaker_control_is_superseded_by_the_one_that_runs() -> None:
    bench = Bench()
    droop(bench, "a", 3, 0, 300)
    assert droop(bench, "b", 5, 60) == {"status": "Accepted", "supersededIds": ["b"]}
    bench.run(310)
    assert starts(bench) == [("a", True, []), ("a", False, [])]
    assert reported(bench) == {}


def test_controls_are_found_and_cleared_by_id_type_and_class() -> None:
    bench = Bench()
    droop(bench, "d", 1)
    droop(bench, "s", 1, 100)
    set_control(bench, "v", "FixedVar", "fixedVar", {"priority": 1, "setpoint": 10, "unit": "PctMaxVar"})
    assert set(reported(bench, isDefault=True)) == {"d", "v"}
    assert set(reported(bench, controlType="FreqDroop")) == {"d", "s"}
    assert (
        bench.ask("GetDERControl", {"requestId": 1, "controlType": "PowerMonitoringMustTrip"})["status"]
        == "NotSupported"
    )
    assert bench.ask("GetDERControl", {"requestId": 1, "controlId": "s", "isDefault": True})["status"] == "NotFound"
    assert bench.ask("ClearDERControl", {"isDefault": True, "controlId": "s"})["status"] == "NotFound"
    assert bench.ask("ClearDERControl", {"isDefault": True, "controlType": "FreqDroop"})["status"] == "Accepted"
    assert bench.ask("ClearDERControl", {"isDefault": True, "controlType": "FreqDroop"})["status"] == "NotFound"
    assert set(reported(bench)) == {"s", "v"}
    assert bench.ask("ClearDERControl", {"isDefault": True})["status"] == "Accepted"
    assert set(reported(bench)) == {"s"}
    assert not bench.wrong


def test_many_controls_are_reported_in_parts() -> None:
    bench = Bench()
    for number in range(25):
        droop(bench, f"d{number}", number)
    assert len(reported(bench)) == 25


def test_the_same_id_again_is_an_update() -> None:
    bench = Bench()
    droop(bench, "d", 1)
    assert droop(bench, "d", 4) == {"status": "Accepted"}
    assert reported(bench) == {"d": False}


def test_notices_of_an_outage_come_afterwards() -> None:
    bench = Bench()
    droop(bench, "a", 1, 10, 20)
    bench.disconnect()
    bench.run(60)
    bench.connect()
    assert starts(bench) == [("a", True, []), ("a", False, [])]


def test_a_droop_turns_the_power_and_raises_an_alarm_that_ends() -> None:
    bench = running()
    install(bench, profile(1, setpoint(-5000)))
    droop(bench, "d", 1)
    bench.mains["frequency"] = 50.086
    bench.run(6)
    assert bench.power() == pytest.approx(-5000 + 0.9 * 22_000 * 0.05 / (50 * 0.05), abs=50)
    bench.run(20)
    assert bench.power() == pytest.approx(-5000 + 22_000 * 0.05 / (50 * 0.05), abs=1)
    bench.mains["frequency"] = 50.0
    bench.run(20)
    assert bench.power() == pytest.approx(-5000, abs=1)
    alarms = [
        (each["controlType"], each.get("gridEventFault"), each.get("alarmEnded", False))
        for each in bench.said("NotifyDERAlarm")
    ]
    assert alarms == [("FreqDroop", "OverFrequency", False), ("FreqDroop", "OverFrequency", True)]
    assert bench.station.transactions.of_evse
    assert not bench.wrong


def test_a_cap_on_discharge_goes_before_the_profile_and_leaves_the_setpoint_visible() -> None:
    bench = running()
    install(bench, profile(1, setpoint(-10_000)))
    set_control(bench, "l", "LimitMaxDischarge", "limitMaxDischarge", {"priority": 0, "pctMaxDischargePower": 20})
    bench.run(2)
    assert bench.power() == pytest.approx(-4400)
    assert bench.station.evses[1].control.setpoint == -10_000


def test_a_voltage_curve_moves_reactive_power_without_an_alarm() -> None:
    bench = running()
    set_control(bench, "v", "VoltVar", "curve", {"priority": 0, "yUnit": "PctMaxVar", "curveData": VOLT_VAR})
    bench.mains["grid_voltage"] = 230 * 1.08
    bench.run(2)
    assert bench.station.evses[1].control.reactive == pytest.approx(0.44 * 9600)
    assert not bench.said("NotifyDERAlarm")


def test_a_fixed_share_of_reactive_power_is_given_to_the_grid_when_positive() -> None:
    bench = running()
    set_control(bench, "v", "FixedVar", "fixedVar", {"priority": 0, "setpoint": 50, "unit": "PctMaxVar"})
    bench.run(1)
    assert bench.station.evses[1].control.reactive == pytest.approx(-4800)


def test_beyond_a_trip_limit_everything_stops_until_the_mains_are_well_again() -> None:
    bench = running()
    trip = {"priority": 0, "yUnit": "Not_Applicable", "curveData": [{"x": 51.5, "y": 2}]}
    set_control(bench, "t", "HFMustTrip", "curve", trip)
    enter = {"priority": 0, "highVoltage": 105, "lowVoltage": 92, "highFreq": 50.1, "lowFreq": 49.5, "delay": 10}
    set_control(bench, "e", "EnterService", "enterService", enter)
    bench.mains["frequency"] = 52.0
    bench.run(2)
    assert bench.power() > 0
    bench.run(3)
    assert bench.power() == 0
    bench.mains["frequency"] = 50.0
    bench.run(8)
    assert bench.power() == 0
    bench.run(5)
    assert bench.power() > 0
    assert [each.get("alarmEnded", False) for each in bench.said("NotifyDERAlarm")] == [False, True]


def test_controls_survive_a_reboot() -> None:
    bench = Bench()
    droop(bench, "d", 1)
    bench.disconnect()
    bench.station.restart.down(bench.time)
    bench.station.restart.up(bench.time)
    bench.connect()
    assert set(reported(bench)) == {"d"}
