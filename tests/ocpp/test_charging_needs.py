"""The needs that a station tells are what the schemas want, and what the CSMS reads out of them."""

import pytest

from harness.ocpp.charging_needs import ac_needs, dc_needs, v2x_needs
from harness.ocpp.csms.v2x import bounds_of
from harness.ocppj.payload import check_payload
from harness.ocppj.versions import Version


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
def test_needs_of_iso_15118_2_are_sound_in_either_version(version: Version) -> None:
    for needs in (ac_needs(16), dc_needs(9000)):
        request = {"evseId": 1, "maxScheduleTuples": 3, "chargingNeeds": needs}
        assert check_payload(version, "NotifyEVChargingNeeds", "request", request) == ()


@pytest.mark.parametrize("requested", ["DC", "DC_BPT", "AC_BPT", "WPT"])
def test_needs_with_v2x_parameters_are_sound(requested: str) -> None:
    needs = v2x_needs(requested, available=(requested,), control="ScheduledControl", maxDischargePower_L2=1000.0)
    request = {"evseId": 1, "maxScheduleTuples": 3, "chargingNeeds": needs}
    assert check_payload("2.1", "NotifyEVChargingNeeds", "request", request) == ()


def test_named_parameters_stand_over_the_ordinary_ones() -> None:
    bounds = bounds_of(v2x_needs(maxDischargePower=3000.0))
    assert (bounds.charge, bounds.discharge, bounds.may_discharge) == (11_000.0, 3000.0, True)


def test_an_ev_below_its_window_may_not_discharge() -> None:
    assert not bounds_of(v2x_needs(evMinV2XEnergyRequest=1.0)).may_discharge


def test_currents_of_three_phases_make_a_power() -> None:
    assert bounds_of(ac_needs(16)).charge == 16 * 230 * 3
    assert bounds_of(dc_needs(9000)).charge == 9000
