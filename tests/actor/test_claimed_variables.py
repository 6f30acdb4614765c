"""An embedded reference station supports what its description claims, and nothing else."""

from __future__ import annotations

import pytest

from harness.actor.claimed_variables import claimed_variables
from harness.actor.station import device_model
from harness.device.description import load_description
from harness.ocpp.station.model import DeviceModel
from harness.resources import resource


def claims(name: str) -> frozenset[str]:
    return load_description(resource("fixtures", "devices", f"{name}.yaml")).claims


def test_the_whole_reference_station_is_what_its_device_model_says() -> None:
    plain = DeviceModel(device_model(), "2.1")
    for name, value in claimed_variables(claims("reference-station-virtual")).items():
        assert set(plain.text(name, 1 if name.startswith("V2X") else 0).split(",")) == set(value.split(",")), name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("V2XChargingCtrlr.SupportedOperationModes", "ChargingOnly,CentralSetpoint,CentralFrequency,Idle"),
        ("SmartChargingCtrlr.RateUnit", "W"),
        ("SmartChargingCtrlr.SupportedAdditionalPurposes", ""),
        ("SmartChargingCtrlr.SupportsEvseSleep", "false"),
        ("ISO15118Ctrlr.ServiceRenegotiationSupport", "false"),
    ],
)
def test_the_lean_one_lacks_what_it_does_not_claim(name: str, value: str) -> None:
    lean = claimed_variables(claims("reference-station-lean-virtual"))
    assert lean[name] == value
    DeviceModel(device_model(), "2.1", settings={name: value})  # raises for a name that there is not
