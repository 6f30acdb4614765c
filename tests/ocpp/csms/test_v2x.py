"""What the CSMS makes of an EV's needs, in every operation mode."""

from __future__ import annotations

import pytest

from harness.ocpp.csms.periods import MODES, V2xPlan
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.profiles import objections
from harness.ocpp.csms.records import Token
from tests.ocpp.csms.desk import Desk


def desk_with(plan: V2xPlan, **more) -> Desk:
    desk = Desk(policy=CsmsPolicy(plan=plan, **more))
    desk.start()
    return desk


def ordered(desk: Desk):
    """The profile of the one order, its schedule, and its period."""
    (order,) = desk.orders
    assert order.action == "SetChargingProfile"
    content = order.payload["chargingProfile"]
    assert not list(objections(desk.station, order.payload["evseId"], content))
    (schedule,) = content["chargingSchedule"]
    (period,) = schedule["chargingSchedulePeriod"]
    return content, schedule, period


@pytest.mark.parametrize("mode", MODES)
def test_a_bidirectional_ev_gets_a_legal_profile_in_every_mode(mode) -> None:
    desk = desk_with(V2xPlan(mode, setpoint=-5000, signal_curve=((-100, -3000), (100, 3000))))
    assert desk.needs() == {"status": "Accepted"}
    content, schedule, period = ordered(desk)
    assert (content["transactionId"], period["operationMode"]) == ("t1", mode)
    assert content["chargingProfileKind"] == ("Dynamic" if mode == "CentralFrequency" else "Absolute")
    if mode == "CentralFrequency":
        assert schedule["duration"] > 0


def test_a_setpoint_keeps_within_what_the_ev_can_do() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint", setpoint=-5000))
    desk.needs(v2x={"maxChargePower": 11000, "maxDischargePower": 3000})
    assert ordered(desk)[2]["setpoint"] == -3000


def test_an_ev_below_its_v2x_window_is_not_discharged() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint", setpoint=-5000))
    desk.needs(v2x={"maxChargePower": 11000, "maxDischargePower": 3000, "evMinV2XEnergyRequest": 1500})
    assert ordered(desk)[2]["setpoint"] == 0


def test_a_one_way_ev_gets_plain_charging_without_setpoints() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint", setpoint=-5000))
    desk.needs("DC", v2x={"maxChargePower": 50000})
    assert ordered(desk)[2] == {"startPeriod": 0, "operationMode": "ChargingOnly", "limit": 50000}


def test_a_mode_that_the_station_does_not_know_is_not_sent() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint", setpoint=-5000))
    desk.tell_variable("V2XChargingCtrlr", "SupportedOperationModes", "ChargingOnly,Idle", evse=1)
    desk.needs()
    assert ordered(desk)[2]["operationMode"] == "ChargingOnly"


def test_a_station_that_takes_amperes_gets_them_per_phase() -> None:
    desk = desk_with(V2xPlan())
    desk.tell_variable("SmartChargingCtrlr", "RateUnit", "A")
    desk.needs("AC_three_phase", v2x={"maxChargePower": 11040})
    _content, schedule, period = ordered(desk)
    assert (schedule["chargingRateUnit"], period["limit"]) == ("A", 16.0)


def test_a_transfer_that_is_not_allowed_is_rejected_without_a_profile() -> None:
    desk = desk_with(V2xPlan(), allowed_energy_transfer=("DC",))
    assert desk.needs() == {"status": "Rejected"}
    assert desk.orders == ()
    desk.settle("NotifyAllowedEnergyTransfer", {"transactionId": "t1", "allowedEnergyTransfer": ["DC", "DC_BPT"]})
    assert desk.needs() == {"status": "Accepted"}


def test_the_token_decides_before_the_policy() -> None:
    token = Token("TAG", allowed_energy_transfer=("DC_BPT",))
    desk = desk_with(V2xPlan(), tokens=(token,), allowed_energy_transfer=None)
    assert desk.ask("Authorize", {"idToken": {"idToken": "TAG", "type": "ISO14443"}})["allowedEnergyTransfer"] == [
        "DC_BPT"
    ]
    assert desk.needs() == {"status": "Accepted"}


def test_an_unknown_list_is_left_out_and_means_charging_only() -> None:
    desk = desk_with(V2xPlan(), allowed_energy_transfer=None)
    assert "allowedEnergyTransfer" not in desk.ask("Authorize", {"idToken": {"idToken": "TAG", "type": "ISO14443"}})
    assert desk.needs() == {"status": "Rejected"}
    assert desk.needs("DC") == {"status": "Accepted"}


def test_needs_before_the_transaction_are_processed_and_paid_when_it_begins() -> None:
    desk = Desk(policy=CsmsPolicy(plan=V2xPlan("CentralSetpoint", setpoint=2000)))
    assert desk.needs() == {"status": "Processing"}
    assert desk.orders == ()
    desk.start()
    assert ordered(desk)[2]["setpoint"] == 2000
    desk.event("Updated", 1)
    assert desk.orders == ()


def test_a_profile_may_come_late_or_never_and_the_status_says_so() -> None:
    late = desk_with(V2xPlan(), profile_delay=45.0)
    assert late.needs() == {"status": "Processing"}
    assert late.orders[0].delay == 45.0
    never = desk_with(V2xPlan(), profile_delay=None)
    assert never.needs() == {"status": "Processing"}
    assert never.orders == ()
    none = desk_with(V2xPlan(), needs_status="NoChargingProfile")
    assert none.needs() == {"status": "NoChargingProfile"}
    assert none.orders == ()


def test_a_dynamic_plan_has_a_lifetime_and_a_pull_interval() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint", setpoint=-1000, dynamic=True, valid=60, pull_every=15, max_offline=120))
    desk.needs()
    content, schedule, _period = ordered(desk)
    assert (content["dynUpdateInterval"], content["maxOfflineDuration"], schedule["duration"]) == (15, 120, 60)
    assert "startSchedule" not in schedule


def test_2_0_1_gets_a_profile_without_operation_mode() -> None:
    desk = Desk("2.0.1")
    desk.start()
    needed = {"requestedEnergyTransfer": "DC", "dcChargingParameters": {"evMaxCurrent": 100, "evMaxVoltage": 400}}
    assert desk.ask("NotifyEVChargingNeeds", {"evseId": 1, "chargingNeeds": needed}) == {"status": "Accepted"}
    assert desk.orders[0].payload["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 40000.0}
    ]


def test_the_schedule_an_ev_chose_is_accepted_within_the_offer_and_rejected_beyond() -> None:
    desk = desk_with(V2xPlan())
    desk.needs()
    desk.carry_out()
    for limit, status in ((11000, "Accepted"), (12000, "Rejected")):
        chosen = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
        told = {"timeBase": "2026-03-01T12:00:00Z", "evseId": 1, "chargingSchedule": chosen}
        assert desk.ask("NotifyEVChargingSchedule", told) == {"status": status}


def test_a_schedule_beyond_the_offer_brings_the_offer_again_under_its_id() -> None:
    desk = desk_with(V2xPlan())
    desk.needs()
    first, *_ = ordered(desk)
    desk.carry_out()
    chosen = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 12000}]}
    told = {"timeBase": "2026-03-01T12:00:00Z", "evseId": 1, "chargingSchedule": chosen}
    assert desk.ask("NotifyEVChargingSchedule", told) == {"status": "Rejected"}
    again, *_ = ordered(desk)
    assert again["id"] == first["id"]


def test_a_schedule_of_an_ev_that_told_no_needs_brings_no_offer() -> None:
    desk = desk_with(V2xPlan(), ev_schedule_status="Rejected")
    chosen = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1}]}
    told = {"timeBase": "2026-03-01T12:00:00Z", "evseId": 1, "chargingSchedule": chosen}
    assert desk.ask("NotifyEVChargingSchedule", told) == {"status": "Rejected"}
    assert desk.orders == ()


def test_an_afrr_signal_concerns_stations_with_a_signal_curve_alone() -> None:
    desk = desk_with(V2xPlan("LocalFrequency", signal_curve=((-100, -3000), (100, 3000))))
    assert not list(desk.system.afrr_stations())
    desk.needs()
    desk.carry_out()
    assert list(desk.system.afrr_stations()) == [desk.station]
    desk.event("Ended", 1)
    assert not list(desk.system.afrr_stations())


def test_an_ev_that_could_do_more_than_it_asks_for_is_told_what_it_may_use() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint", setpoint=-5000))
    desk.needs("DC", availableEnergyTransfer=["DC", "DC_BPT"], v2x={"maxChargePower": 9000, "maxDischargePower": 9000})
    assert [order.action for order in desk.orders] == ["SetChargingProfile", "NotifyAllowedEnergyTransfer"]
    assert "DC_BPT" in desk.orders[1].payload["allowedEnergyTransfer"]
    desk.carry_out()
    desk.needs()
    (order,) = desk.orders
    assert order.payload["chargingProfile"]["id"] == 1  # K01.FR.39: it takes the place of the first


def test_an_ev_that_can_only_charge_or_may_only_charge_is_told_nothing() -> None:
    desk = desk_with(V2xPlan("CentralSetpoint"), allowed_energy_transfer=("DC",))
    desk.needs("DC", availableEnergyTransfer=["DC", "DC_BPT"])
    assert [order.action for order in desk.orders] == ["SetChargingProfile"]
    plain = desk_with(V2xPlan())
    plain.needs("DC", availableEnergyTransfer=["DC", "DC_BPT"])
    assert [order.action for order in plain.orders] == ["SetChargingProfile"]
