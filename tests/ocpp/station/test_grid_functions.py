"""What DER controls do to the power of the inverter: curves, trips, ways back, reactive power, alarms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ocpp.station.bench import Bench
from tests.ocpp.station.profiles import limit, profile, setpoint
from tests.ocpp.station.test_charging import install, running
from tests.ocpp.station.test_der import set_control

RATED, MOST_VAR = 22_000.0, 9_600.0
SERVICE = {"priority": 0, "highVoltage": 105, "lowVoltage": 92, "highFreq": 50.1, "lowFreq": 49.5}


def discharging(watts: float = -10_000.0) -> Bench:
    bench = running()
    install(bench, profile(1, setpoint(watts)))
    bench.run(2)
    assert bench.power() == watts
    return bench


def curve(*data: tuple[float, float], unit: str = "PctMaxW", **more: Any) -> dict[str, Any]:
    return {"priority": 0, "yUnit": unit, "curveData": [{"x": x, "y": y} for x, y in data], **more}


def trip(bench: Bench, kind: str, *data: tuple[float, float]) -> None:
    assert set_control(bench, kind, kind, "curve", curve(*data, unit="Not_Applicable"))["status"] == "Accepted"


def put(bench: Bench, kind: str, member: str, body: dict[str, Any]) -> None:
    assert set_control(bench, kind, kind, member, {"priority": 0, **body})["status"] == "Accepted"


def alarms(bench: Bench) -> list[tuple[str, str, bool]]:
    said = bench.said("NotifyDERAlarm")
    return [(each["controlType"], each.get("gridEventFault", ""), each.get("alarmEnded", False)) for each in said]


def reactive(bench: Bench) -> float:
    return bench.station.evses[1].control.reactive


# --- active power ---


def test_a_frequency_curve_caps_what_is_given_by_interpolation() -> None:
    bench = discharging()
    put(bench, "FreqWatt", "curve", curve((50.2, 100), (50.6, 0)))
    bench.mains["frequency"] = 50.5
    bench.run(2)
    assert bench.power() == pytest.approx(-0.25 * RATED)
    bench.mains["frequency"] = 51.0
    bench.run(2)
    assert bench.power() == 0
    assert alarms(bench) == [("FreqWatt", "OverFrequency", False)]


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_a_voltage_curve_is_understood_in_percent_and_per_unit(scale: float) -> None:
    bench = discharging()
    put(bench, "VoltWatt", "curve", curve((round(1.06 * scale, 3), 100), (round(1.1 * scale, 3), 20)))
    bench.mains["grid_voltage"] = 230 * 1.09
    bench.run(2)
    assert bench.power() == pytest.approx(-0.4 * RATED)
    assert alarms(bench) == [("VoltWatt", "OverVoltage", False)]


def test_a_share_of_what_is_available_is_one_of_the_ev_s_power() -> None:
    bench = discharging()
    put(bench, "VoltWatt", "curve", curve((106, 100), (110, 20), unit="PctWAvail"))
    bench.mains["grid_voltage"] = 230 * 1.10
    bench.run(2)
    assert bench.power() == pytest.approx(-0.2 * 10_000)


def test_a_curve_with_a_response_time_is_followed_that_slowly() -> None:
    bench = discharging()
    put(bench, "VoltWatt", "curve", curve((106, 100), (110, 0), responseTime=10))
    bench.mains["grid_voltage"] = 230 * 1.10
    bench.run(5)
    assert bench.power() < -5_000
    bench.run(6)
    assert bench.power() == pytest.approx(-0.1 * RATED, abs=300)


def test_a_curve_with_hysteresis_waits_before_power_returns() -> None:
    bench = discharging()
    back = {"hysteresisHigh": 50.1, "hysteresisLow": 49.9, "hysteresisDelay": 10, "hysteresisGradient": 5}
    put(bench, "FreqWatt", "curve", curve((50.2, 100), (50.6, 0), hysteresis=back))
    bench.mains["frequency"] = 50.6
    bench.run(2)
    assert bench.power() == 0
    bench.mains["frequency"] = 50.0
    bench.run(9)
    assert bench.power() == 0
    bench.run(5)
    assert -0.3 * RATED < bench.power() < -0.05 * RATED
    bench.run(10)
    assert bench.power() == -10_000


def test_a_droop_does_not_charge_where_nobody_is_authorised() -> None:
    bench = Bench()
    bench.plug_in()
    put(
        bench,
        "FreqDroop",
        "freqDroop",
        {"overFreq": 50.1, "underFreq": 49.9, "overDroop": 0.02, "underDroop": 0.02, "responseTime": 0},
    )
    bench.mains["frequency"] = 50.4
    bench.run(3)
    assert bench.power() == 0
    assert alarms(bench) == []


def test_a_droop_does_not_discharge_an_ev_whose_profile_only_charges() -> None:
    bench = running()
    install(bench, profile(1, limit(3000)))
    put(
        bench,
        "FreqDroop",
        "freqDroop",
        {"overFreq": 50.1, "underFreq": 49.9, "overDroop": 0.02, "underDroop": 0.02, "responseTime": 0},
    )
    bench.mains["frequency"] = 49.5
    bench.run(3)
    assert bench.power() == 0


def test_gradients_ramp_the_way_to_a_setpoint() -> None:
    bench = discharging(-2_000)
    put(bench, "Gradients", "gradient", {"gradient": 22, "softGradient": 0})
    install(bench, profile(1, setpoint(-8_000)))
    bench.run(4)
    assert -6_100 < bench.power() < -4_900
    bench.run(4)
    assert bench.power() == -8_000
    assert alarms(bench) == []


# --- letting go and coming back ---


@pytest.mark.parametrize(
    ("kind", "point", "sound", "bad", "fault"),
    [
        ("HFMustTrip", (51.5, 2), {"frequency": 51.4}, {"frequency": 51.6}, "OverFrequency"),
        ("LFMustTrip", (47.5, 2), {"frequency": 47.6}, {"frequency": 47.4}, "UnderFrequency"),
        ("HVMustTrip", (115, 2), {"grid_voltage": 262.0}, {"grid_voltage": 267.0}, "OverVoltage"),
        ("LVMustTrip", (0.8, 2), {"grid_voltage": 186.0}, {"grid_voltage": 182.0}, "UnderVoltage"),
    ],
)
def test_each_trip_looks_at_its_side_of_its_quantity(
    kind: str, point: tuple[float, float], sound: dict[str, float], bad: dict[str, float], fault: str
) -> None:
    bench = discharging()
    trip(bench, kind, point)
    bench.mains.update(sound)
    bench.run(5)
    assert bench.power() < 0
    bench.mains.update(bad)
    bench.run(2)
    assert bench.power() < 0
    bench.run(2)
    assert bench.power() == 0
    assert bench.station.evses[1].control.tripped
    assert alarms(bench) == [(kind, fault, False)]


def test_of_several_points_each_has_its_patience() -> None:
    bench = discharging()
    trip(bench, "HVMustTrip", (110, 30), (120, 1))
    bench.mains["grid_voltage"] = 230 * 1.15
    bench.run(20)
    assert bench.power() < 0
    bench.mains["grid_voltage"] = 230 * 1.21
    bench.run(3)
    assert bench.power() == 0


def test_after_a_trip_an_excursion_begins_the_delay_anew() -> None:
    bench = discharging()
    trip(bench, "HFMustTrip", (51.5, 0))
    put(bench, "EnterService", "enterService", {**SERVICE, "delay": 10})
    for hertz, seconds in ((52.0, 2), (50.0, 8), (50.3, 2), (50.0, 8)):
        bench.mains["frequency"] = hertz
        bench.run(seconds)
        assert bench.power() == 0
    bench.run(4)
    assert bench.power() < 0


def test_power_comes_back_with_the_ramp_of_enter_service() -> None:
    bench = discharging()
    trip(bench, "HFMustTrip", (51.5, 0))
    put(bench, "EnterService", "enterService", {**SERVICE, "delay": 5, "rampRate": 44})
    bench.mains["frequency"] = 52.0
    bench.run(2)
    bench.mains["frequency"] = 50.0
    bench.run(10)
    assert -3_100 < bench.power() < -900
    bench.run(20)
    assert bench.power() == -10_000


def test_a_random_delay_lengthens_the_delay_by_no_more_than_it_says() -> None:
    bench = discharging()
    trip(bench, "HFMustTrip", (51.5, 0))
    put(bench, "EnterService", "enterService", {**SERVICE, "delay": 5, "randomDelay": 20})
    bench.mains["frequency"] = 52.0
    bench.run(2)
    bench.mains["frequency"] = 50.0
    waited = 0
    while bench.power() == 0:
        bench.run(1)
        waited += 1
    assert 6 < waited <= 27


def test_momentary_cessation_ends_with_its_cause() -> None:
    bench = discharging()
    trip(bench, "HVMomCess", (110, 0))
    put(bench, "EnterService", "enterService", {**SERVICE, "delay": 100, "rampRate": 100})
    bench.mains["grid_voltage"] = 230 * 1.15
    bench.run(2)
    assert bench.power() == 0
    assert not bench.station.evses[1].control.tripped
    bench.mains["grid_voltage"] = 230.0
    bench.run(2)
    assert bench.power() == -10_000
    assert alarms(bench) == [("HVMomCess", "OverVoltage", False), ("HVMomCess", "OverVoltage", True)]


def test_an_alarm_that_takes_over_is_told_and_the_end_of_the_former_is_not() -> None:
    bench = discharging()
    put(bench, "VoltWatt", "curve", curve((106, 100), (110, 0)))
    trip(bench, "HVMustTrip", (115, 0))
    for volts in (230 * 1.10, 230 * 1.20, 230.0):
        bench.mains["grid_voltage"] = volts
        bench.run(3)
    assert alarms(bench) == [
        ("VoltWatt", "OverVoltage", False),
        ("HVMustTrip", "OverVoltage", False),
        ("HVMustTrip", "OverVoltage", True),
    ]


def test_an_alarm_ends_with_the_plug() -> None:
    bench = discharging()
    put(bench, "LimitMaxDischarge", "limitMaxDischarge", {"pctMaxDischargePower": 10})
    bench.run(2)
    bench.unplug()
    bench.run(2)
    assert alarms(bench) == [("LimitMaxDischarge", "", False), ("LimitMaxDischarge", "", True)]


# --- reactive power (+ = absorbed) ---


@pytest.mark.parametrize(
    ("kind", "member", "body", "expected"),
    [
        ("FixedVar", "fixedVar", {"setpoint": 50, "unit": "PctMaxVar"}, -0.5 * MOST_VAR),
        ("FixedVar", "fixedVar", {"setpoint": -50, "unit": "PctMaxVar"}, 0.5 * MOST_VAR),
        ("FixedPFInject", "fixedPFInject", {"displacement": 0.8, "excitation": True}, 7_500.0),
        ("FixedPFInject", "fixedPFInject", {"displacement": 0.8, "excitation": False}, -7_500.0),
        ("FixedPFAbsorb", "fixedPFAbsorb", {"displacement": 0.8, "excitation": True}, 0.0),
        ("WattVar", "curve", curve((0, 0), (50, -100), unit="PctMaxVar"), 10 / 11 * MOST_VAR),
        ("WattPF", "curve", curve((0, 0.8), (100, 0.8), unit="Not_Applicable"), 7_500.0),
        ("WattPF", "curve", curve((0, -0.8), (100, -0.8), unit="Not_Applicable"), -7_500.0),
        ("VoltVar", "curve", curve((90, 100), (98, 0), unit="PctVarAvail"), 0.0),
    ],
)
def test_each_control_of_reactive_power_has_its_sign(
    kind: str, member: str, body: dict[str, Any], expected: float
) -> None:
    bench = discharging()
    put(bench, kind, member, body)
    bench.run(2)
    assert reactive(bench) == pytest.approx(expected)
    assert bench.power() == -10_000
    assert alarms(bench) == []


def test_volt_var_follows_a_reference_voltage_of_its_own() -> None:
    bench = discharging()
    shifted = {"vRef": 105}
    put(
        bench,
        "VoltVar",
        "curve",
        curve((92, 100), (98, 0), (102, 0), (108, -100), unit="PctMaxVar", reactivePowerParams=shifted),
    )
    bench.mains["grid_voltage"] = 230 * 1.05
    bench.run(2)
    assert reactive(bench) == pytest.approx(0)
    bench.mains["grid_voltage"] = 230 * 0.95 * 1.05
    bench.run(2)
    assert reactive(bench) == pytest.approx(-0.5 * MOST_VAR)


def test_volt_var_gets_used_to_a_voltage_that_stays() -> None:
    bench = discharging()
    slowly = {"autonomousVRefEnable": True, "autonomousVRefTimeConstant": 10}
    put(
        bench,
        "VoltVar",
        "curve",
        curve((92, 100), (98, 0), (102, 0), (108, -100), unit="PctMaxVar", reactivePowerParams=slowly),
    )
    bench.mains["grid_voltage"] = 230 * 1.05
    bench.run(2)
    assert reactive(bench) > 0.2 * MOST_VAR
    bench.run(40)
    assert reactive(bench) == pytest.approx(0, abs=1)
