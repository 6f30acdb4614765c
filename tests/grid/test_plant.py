"""Charger, cable and battery obey physics: energy is conserved, losses cost, limits and ramps hold at any step size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.grid.battery import Battery
from harness.grid.cable import DcCable
from harness.grid.power_stage import IsolationTest, PowerStage, Ratings


def joined(soc=0.5, **ratings):
    cable = DcCable(PowerStage(Ratings(**ratings)), Battery(soc=soc, contactor_closed=True))
    cable.stage.energise(450)
    cable.step(0.0)
    return cable


commands = st.lists(
    st.tuples(st.floats(-120, 120), st.floats(0.001, 30)).map(lambda pair: (round(pair[0], 2), round(pair[1], 3))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(commands)
def test_energy_is_conserved_and_every_conversion_costs(course):
    cable, now = joined(), 0.0
    stored, heat, outlet = cable.battery.energy, 0.0, 0.0
    for amperes, lasting in course:
        cable.stage.target_current = amperes
        for _ in range(math.ceil(lasting / 0.02)):
            before = cable.current
            now += 0.02
            cable.step(now)
            mean_square = (before**2 + before * cable.current + cable.current**2) / 3
            heat += cable.battery.resistance * mean_square * 0.02 / 3600
            outlet += (before + cable.current) / 2 * cable.battery.open_circuit_voltage * 0.02 / 3600
    gained = cable.battery.energy - stored
    imported, exported = cable.stage.energy_import, cable.stage.energy_export

    assert gained == pytest.approx(outlet, abs=0.01 + 1e-3 * abs(outlet))
    assert imported - exported >= gained + heat - 0.01
    assert imported >= 0 and exported >= 0


@settings(max_examples=20, deadline=None)
@given(commands, st.floats(0.05, 3))
def test_the_size_of_the_steps_changes_nothing(course, size):
    fine, coarse, end = joined(), joined(), 0.0
    for amperes, lasting in course:
        fine.stage.target_current = coarse.stage.target_current = amperes
        start, end = end, end + lasting
        coarse.step(end)
        for number in range(1, int(lasting / size) + 1):
            fine.step(start + number * size)
        fine.step(end)

    for name in ("current", "energy_import", "energy_export"):
        assert getattr(fine.stage, name) == pytest.approx(getattr(coarse.stage, name), abs=1e-4, rel=1e-4)
    assert fine.battery.soc == pytest.approx(coarse.battery.soc, abs=1e-7)


@settings(max_examples=20, deadline=None)
@given(commands, st.floats(0.05, 0.98))
def test_ramp_and_ratings_hold_whatever_is_commanded(course, soc):
    cable, now = joined(soc), 0.0
    r = cable.stage.ratings
    for amperes, lasting in course:
        cable.stage.target_current = amperes
        for _ in range(20):
            before, now = cable.current, now + lasting / 20
            cable.step(now)
            assert abs(cable.current - before) <= r.current_ramp * lasting / 20 + 1e-6
            assert -r.max_discharge_current - 1e-6 <= cable.current <= r.max_charge_current + 1e-6
            assert -r.max_discharge_power - 1 <= cable.power <= r.max_charge_power + 1
            assert cable.voltage <= r.max_voltage


def test_an_hour_in_one_step_equals_the_integral_of_its_power():
    cable = joined(current_ramp=1e9)
    cable.stage.target_current = 10.0
    cable.step(1.0)
    before = cable.stage.energy_import
    cable.step(3601.0)
    mean = 10.0 * (cable.voltage + 355.0 + 0.6) / 2 / 0.95

    assert cable.stage.energy_import - before == pytest.approx(mean, rel=2e-3)


def test_losses_add_to_import_and_take_from_export():
    cable = joined()
    for amperes, sign in ((20.0, 1), (-20.0, -1)):
        cable.stage.target_current = amperes
        cable.step(10.0 if sign > 0 else 20.0)
        assert sign * cable.power > 0
        ratio = cable.grid_power / cable.power
        assert ratio > 1 if sign > 0 else ratio < 1


def test_the_voltage_ceiling_holds_while_charging():
    cable = joined(soc=0.9)
    cable.stage.target_voltage, cable.stage.target_current = 392.0, 50.0
    cable.step(10.0)

    assert cable.voltage == pytest.approx(392.0, abs=0.01)
    assert 0 < cable.current < 50


def test_power_bounds_the_current_in_both_directions():
    cable = joined(max_charge_power=5000.0, max_discharge_power=3000.0)
    cable.stage.target_current = 60.0
    cable.step(10.0)
    assert cable.power == pytest.approx(5000.0, abs=0.5)
    cable.stage.target_current = -60.0
    cable.step(20.0)
    assert cable.power == pytest.approx(-3000.0, abs=0.5)


def test_the_isolation_test_puts_voltage_on_the_outlet_and_takes_it_away():
    cable = DcCable(PowerStage(), Battery())
    cable.step(0.0)
    cable.stage.start_isolation_test(500.0)
    cable.step(2.0)
    assert cable.voltage == pytest.approx(500.0) and cable.stage.isolation is IsolationTest.RUNNING
    cable.step(2.3)
    assert cable.stage.isolation is IsolationTest.PASSED
    assert not cable.stage.contactors_closed
    cable.step(6.0)
    assert cable.voltage < 1.0


def test_poor_insulation_fails_the_isolation_test():
    cable = DcCable(PowerStage(insulation=20_000.0), Battery())
    cable.step(0.0)
    cable.stage.start_isolation_test(500.0)
    cable.step(60.0)

    assert cable.stage.isolation is IsolationTest.FAILED


def test_precharge_ramps_the_outlet_to_the_target():
    cable = DcCable(PowerStage(), Battery())
    cable.step(0.0)
    cable.stage.energise(355.0)
    cable.step(0.5)
    assert cable.voltage == pytest.approx(200.0)
    cable.step(1.0)
    assert cable.voltage == pytest.approx(355.0)


def test_a_stop_ramps_down_before_the_contactors_open():
    cable = joined()
    cable.stage.target_current = 40.0
    cable.step(5.0)
    cable.stage.stop()
    cable.step(5.1)
    assert cable.current == pytest.approx(20.0) and cable.stage.contactors_closed
    cable.step(5.3)
    assert cable.current == 0.0 and not cable.stage.contactors_closed and not cable.stage.enabled


def test_a_trip_interrupts_at_once():
    cable = joined()
    cable.stage.target_current = 40.0
    cable.step(5.0)
    cable.stage.trip()

    assert cable.current == 0.0 and not cable.stage.contactors_closed


def test_a_closed_inlet_keeps_the_battery_voltage_on_the_outlet_after_the_stop():
    cable = joined()
    cable.stage.stop()
    cable.step(10.0)
    assert cable.voltage == pytest.approx(355.0)
    cable.battery.contactor_closed = False
    cable.step(11.0)
    assert 20 < cable.voltage < 40
    cable.step(15.0)
    assert cable.voltage < 1


def test_without_a_battery_the_ev_is_what_it_reports():
    cable = DcCable(PowerStage())
    cable.step(0.0)
    cable.stage.energise(400.0)
    cable.report_ev(380.0, connected=True)
    cable.stage.target_current = 20.0
    cable.step(2.0)

    assert cable.voltage == 380.0 and cable.current == 20.0


def test_without_a_stage_the_charger_is_what_it_reports():
    cable = DcCable(battery=Battery(contactor_closed=True))
    cable.step(0.0)
    cable.report_evse(360.0, -10.0)
    cable.step(3600.0)

    assert cable.current == -10.0
    assert cable.battery.energy == pytest.approx(30_000 - 3500, abs=60)


def test_time_that_is_past_changes_nothing():
    cable = joined()
    cable.stage.target_current = 10.0
    cable.step(10.0)
    counted = cable.stage.energy_import
    cable.step(4.0)

    assert cable.stage.energy_import == counted
