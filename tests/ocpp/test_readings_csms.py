"""What is read out of the profiles and DER controls of a CSMS."""

import asyncio
from typing import Any

from harness.link.clock import Clock
from harness.link.observation import Observation
from harness.link.trace import Timeline
from harness.link.virtual import VirtualTimeLoop
from harness.ocpp import readings_csms as readings
from harness.ocpp.csms.periods import central_setpoint, charging_only, profile, schedule
from harness.ocppj.frame import Call


def seen(action: str, payload: dict[str, Any]) -> Observation:
    async def observe() -> Observation:
        return Timeline(Clock()).observe("ocpp", "csms", Call("1", action, payload))

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(observe())


def with_periods(*periods: dict[str, Any], **more: Any) -> Observation:
    content = profile(1, "TxProfile", [schedule(periods, **more)], transaction="T")
    return seen("SetChargingProfile", {"evseId": 1, "chargingProfile": content})


def test_values_of_a_profile_keep_their_signs() -> None:
    asked = with_periods(central_setpoint(-2000.0), charging_only(6000.0, 60))
    assert readings.setpoints_asked(asked) == [-2000.0]
    assert readings.highest_limit(asked) == 6000.0
    assert (readings.charge_asked(asked), readings.discharge_asked(asked)) == (6000.0, 2000.0)
    assert readings.operation_modes(asked) == ["CentralSetpoint", "ChargingOnly"]
    assert (readings.period_starts(asked), readings.durations(asked)) == ([0, 60], [None])


def test_a_discharge_limit_counts_as_discharge_that_is_asked_for() -> None:
    assert readings.discharge_asked(with_periods({"startPeriod": 0, "dischargeLimit": -700.0})) == 700.0


def test_a_profile_that_only_charges_asks_for_no_discharge() -> None:
    assert readings.discharge_asked(with_periods(charging_only(6000.0))) == 0.0


def test_values_per_phase_are_found_with_and_without_the_plain_one() -> None:
    asked = with_periods(central_setpoint(-900.0, setpoint_L2=-300.0, limit_L3=100.0))
    assert readings.phase_values(asked) == ["limit_L3", "setpoint_L2"]
    assert readings.lone_phase_values(asked) == ["limit_L3"]


def test_a_request_without_profile_says_nothing() -> None:
    other = seen("Reset", {"type": "OnIdle"})
    assert readings.schedule_count(other) is None
    assert readings.phase_values(other) is None
    assert readings.discharge_asked(other) is None
    assert readings.der_objects(other) is None


def test_a_profile_within_a_remote_start_is_read_too() -> None:
    content = profile(1, "TxProfile", [schedule([charging_only(5000.0)], unit="A")])
    start = seen("RequestStartTransaction", {"idToken": {}, "remoteStartId": 1, "chargingProfile": content})
    assert (readings.rate_units(start), readings.period_count(start)) == (["A"], 1)


def test_der_controls_show_their_objects_times_and_unit() -> None:
    curve = {"priority": 1, "yUnit": "PctMaxVar", "curveData": [], "startTime": "2026-01-01T00:00:00Z"}
    asked = seen("SetDERControl", {"isDefault": False, "controlId": "1", "controlType": "VoltVar", "curve": curve})
    assert readings.der_objects(asked) == ["curve"]
    assert readings.der_times(asked) == ["startTime"]
    assert readings.der_unit(asked) == "PctMaxVar"
