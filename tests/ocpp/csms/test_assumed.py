"""What the CSMS assumes a station to do follows from the profiles it accepted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.ocpp.csms import requests
from harness.ocpp.csms.assumed import assumed_values
from harness.ocpp.csms.periods import central_setpoint, plain_limit
from tests.ocpp.csms.desk import NOON, Desk


def send(desk: Desk, number: int, purpose: str, period, **more) -> None:
    evse = 0 if purpose == "ChargingStationMaxProfile" else 1
    order = requests.set_profile(desk.version, number, evse, purpose, [period], now=desk.now, **more)
    desk.settle(order.action, order.payload)


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_the_lowest_limit_counts(version) -> None:
    desk = Desk(version)
    send(desk, 1, "TxDefaultProfile", plain_limit(9000))
    send(desk, 2, "ChargingStationMaxProfile", plain_limit(6000))
    assert assumed_values(desk.station, 1, NOON)["limit"] == 6000


def test_a_setpoint_is_that_of_the_last_update_while_it_is_valid() -> None:
    desk = Desk()
    desk.start()
    send(desk, 1, "TxDefaultProfile", plain_limit(3000))
    send(desk, 2, "TxProfile", central_setpoint(-5000), kind="Dynamic", transaction="t1", duration=60)
    order = requests.update_dynamic("2.1", 2, setpoint=2000)
    desk.later(30).settle(order.action, order.payload)
    assert assumed_values(desk.station, 1, NOON + timedelta(seconds=80))["setpoint"] == 2000
    stale = assumed_values(desk.station, 1, NOON + timedelta(seconds=100))
    assert "setpoint" not in stale and stale["limit"] == 3000


def test_the_profile_of_a_transaction_counts_no_more_when_it_has_ended() -> None:
    desk = Desk()
    desk.start()
    send(desk, 1, "TxDefaultProfile", plain_limit(3000))
    send(desk, 2, "TxProfile", central_setpoint(-5000), transaction="t1")
    assert assumed_values(desk.station, 1, NOON)["setpoint"] == -5000
    desk.event("Ended", 1)
    assert assumed_values(desk.station, 1, NOON)["limit"] == 3000
