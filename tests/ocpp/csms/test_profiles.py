"""The charging profiles a station should have, and those a CSMS must not send."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.errors import UsageError
from harness.ocpp.csms import requests
from harness.ocpp.csms.periods import (
    central_frequency,
    central_setpoint,
    charging_only,
    idle,
    local_frequency,
    plain_limit,
    profile,
    schedule,
)
from harness.ocpp.csms.policy import CsmsPolicy
from harness.ocpp.csms.profiles import objections, want
from harness.ocpp.times import moment
from tests.ocpp.csms.desk import NOON, Desk


def send(desk: Desk, number=1, evse=1, purpose="TxDefaultProfile", periods=None, status="Accepted", **more):
    made = periods or [plain_limit(6000)]
    order = requests.set_profile(desk.version, number, evse, purpose, made, now=desk.now, **more)
    desk.settle(order.action, order.payload, {"status": status})


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
def test_only_what_the_station_accepted_is_in_the_book(version) -> None:
    desk = Desk(version)
    send(desk, 1)
    send(desk, 2, evse=2, status="Rejected")
    assert [each.profile_id for each in desk.station.profiles.values()] == [1]


def test_a_profile_replaces_one_of_its_id_or_of_its_purpose_level_and_place() -> None:
    desk = Desk()
    send(desk, 1)
    send(desk, 2)
    send(desk, 3, stack_level=1)
    send(desk, 4, evse=2)
    send(desk, 3, stack_level=2)
    assert sorted(each.profile_id for each in desk.station.profiles.values()) == [2, 3, 4]
    assert desk.station.profiles["3"].content["stackLevel"] == 2


def test_clearing_by_stack_level_0_clears_that_level_alone() -> None:
    desk = Desk()
    send(desk, 1)
    send(desk, 2, stack_level=1)
    order = requests.clear_profile("2.1", stack_level=0)
    desk.settle(order.action, order.payload)
    assert list(desk.station.profiles) == ["2"]


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_clearing_by_id_and_by_purpose(version) -> None:
    desk = Desk(version)
    send(desk, 1)
    send(desk, 2, evse=0, purpose="ChargingStationMaxProfile")
    send(desk, 3, evse=2)
    order = requests.clear_profile(version, number=3)
    desk.settle(order.action, order.payload)
    order = requests.clear_profile(version, purpose="ChargingStationMaxProfile")
    desk.settle(order.action, order.payload)
    assert list(desk.station.profiles) == ["1"]


def test_a_clear_that_was_not_accepted_clears_nothing() -> None:
    desk = Desk()
    send(desk, 1)
    order = requests.clear_profile("2.1", number=1)
    desk.settle(order.action, order.payload, {"status": "Unknown"})
    assert list(desk.station.profiles) == ["1"]


def test_profiles_of_others_come_by_report_and_are_not_cleared() -> None:
    desk = Desk()
    content = {"id": -1, "stackLevel": 0, "chargingProfilePurpose": "ChargingStationExternalConstraints"}
    content |= {"chargingProfileKind": "Absolute"}
    content["chargingSchedule"] = [schedule([plain_limit(3000)], start=NOON)]
    report = {"requestId": 5, "chargingLimitSource": "EMS", "evseId": 0, "chargingProfile": [content]}
    desk.ask("ReportChargingProfiles", report)
    assert desk.station.profiles["-1"].source == "EMS"
    order = requests.clear_profile("2.1", evse_id=0)
    desk.settle(order.action, order.payload)
    assert list(desk.station.profiles) == ["-1"]


def test_a_rate_limit_is_remembered_with_its_time() -> None:
    desk = Desk()
    order = requests.set_profile("2.1", 1, 1, "TxDefaultProfile", [plain_limit(1)], now=desk.now)
    said = {"reasonCode": "RateLimitExceeded", "additionalInfo": "30 seconds before retry"}
    desk.settle(order.action, order.payload, {"status": "Rejected", "statusInfo": said})
    assert (desk.station.standing.retry_after - NOON).total_seconds() == 30


def test_dynamic_values_are_pushed_and_pulled() -> None:
    desk = Desk()
    desk.start()
    send(desk, 101, purpose="TxProfile", periods=[central_setpoint(-5000)], kind="Dynamic", transaction="t1")
    assert desk.ask("PullDynamicScheduleUpdate", {"chargingProfileId": 101})["scheduleUpdate"] == {"setpoint": -5000}
    order = requests.update_dynamic("2.1", 101, setpoint=3000)
    desk.later(9).settle(order.action, order.payload)
    known = desk.station.profiles["101"]
    assert (known.update["setpoint"], (known.updated_at - NOON).total_seconds()) == (3000, 9)
    want(desk.station, 101, {"setpoint": -1000})
    assert desk.ask("PullDynamicScheduleUpdate", {"chargingProfileId": 101})["scheduleUpdate"]["setpoint"] == -1000


@pytest.mark.parametrize("number", [7, 102])
def test_a_pull_for_an_unknown_or_static_profile_is_rejected(number) -> None:
    desk = Desk()
    send(desk, 102)
    assert desk.ask("PullDynamicScheduleUpdate", {"chargingProfileId": number})["status"] == "Rejected"


def test_limits_of_others_come_and_go() -> None:
    desk = Desk()
    limit = {"chargingLimitSource": "EMS", "isGridCritical": True}
    desk.ask("NotifyChargingLimit", {"evseId": 1, "chargingLimit": limit})
    (known,) = desk.station.limits.values()
    assert (known.source, known.grid_critical, known.evse_id) == ("EMS", True, 1)
    desk.ask("ClearedChargingLimit", {"evseId": 1, "chargingLimitSource": "EMS"})
    assert not desk.station.limits


# --- what must not be sent ---

TX = {"transaction": "t1"}


def made(purpose="TxProfile", periods=None, kind="Absolute", start=NOON, duration=None, unit="W", **more):
    one = schedule(periods or [charging_only(6000)], start=start, duration=duration, unit=unit)
    return profile(5, purpose, [one], kind=kind, **(more or TX))


@pytest.mark.parametrize(
    ("content", "evse", "requirement"),
    [
        (made("ChargingStationExternalConstraints"), 0, "K01.FR.22"),
        (made(), 0, "K01.FR.16"),
        (made(stack_level=0), 1, "K01.FR.03"),
        (made("ChargingStationMaxProfile", stack_level=0), 1, "K04.FR.03"),
        (made(start=None), 1, "K01.FR.40"),
        (made(kind="Relative"), 1, "K01.FR.41"),
        (made(kind="Dynamic", start=None, periods=[charging_only(1), charging_only(2, 60)]), 1, "K28.FR.01"),
        (made(dynUpdateInterval=5, **TX), 1, "K01.FR.122"),
        (made(periods=[charging_only(1, 10)]), 1, "K01.FR.31"),
        (made(periods=[charging_only(1), charging_only(1, 60), charging_only(1, 30)]), 1, "K01.FR.35"),
        (made("PriorityCharging", duration=60, stack_level=0), 0, "K01.FR.73"),
        (made("PriorityCharging", periods=[central_setpoint(1)], stack_level=0), 0, "K01.FR.111"),
        (made(periods=[charging_only(1, dischargeLimit=-1)]), 1, "Q02.FR.02"),
        (made(periods=[central_frequency(1) | {"limit": 1}]), 1, "Q07.FR.03"),
        (made(periods=[local_frequency(0, ((50, 0),))]), 1, "Q08.FR.02"),
        (made(periods=[local_frequency(0, ((49, -1), (50, 0)))], unit="A"), 1, "Q08.FR.05"),
        (made(periods=[idle() | {"limit": 0}]), 1, "Q10.FR.01"),
        (made("TxDefaultProfile", periods=[charging_only(1, limit_L2=1)], stack_level=0), 1, "K01.FR.143"),
        (made(periods=[central_setpoint(1) | {"limit_L2": 1}]), 1, "K01.FR.145"),
        (made(periods=[charging_only(1, phaseToUse=2)]), 1, "K01.FR.19"),
    ],
)
def test_a_profile_that_a_csms_must_not_send_is_objected_to(content, evse, requirement) -> None:
    assert any(requirement in each for each in objections(Desk().station, evse, content))


@pytest.mark.parametrize(
    "content",
    [
        made(),
        made(periods=[charging_only(0), central_setpoint(-4000, 60), idle(120, sleep=True)]),
        made(periods=[local_frequency(-1000, ((49.8, -6000), (50.2, 6000)))]),
        made(kind="Dynamic", start=None, periods=[central_frequency(-1)], duration=60),
        made("TxDefaultProfile", stack_level=0),
    ],
)
def test_a_right_profile_is_not(content) -> None:
    assert not list(objections(Desk().station, 1, content))


@pytest.mark.parametrize(
    ("component", "variable", "value", "content"),
    [
        ("SmartChargingCtrlr", "RateUnit", "A", made()),
        ("SmartChargingCtrlr", "ProfileStackLevel", "2", made(stack_level=3, **TX)),
        ("SmartChargingCtrlr", "PeriodsPerSchedule", "1", made(periods=[charging_only(1), charging_only(2, 9)])),
        ("SmartChargingCtrlr", "MaxExternalConstraintsId", "10", made()),
        ("V2XChargingCtrlr", "SupportedOperationModes", "ChargingOnly", made(periods=[central_setpoint(1)])),
    ],
)
def test_what_the_station_said_it_cannot_do_is_objected_to(component, variable, value, content) -> None:
    desk = Desk()
    assert not list(objections(desk.station, 1, content))
    desk.tell_variable(component, variable, value)
    assert list(objections(desk.station, 1, content))


def test_profile_ids_stay_above_those_of_the_station() -> None:
    desk = Desk()
    desk.tell_variable("SmartChargingCtrlr", "MaxExternalConstraintsId", "99")
    assert desk.system.new_profile_id(desk.station) == 100


def test_older_versions_get_no_modes_and_no_setpoints() -> None:
    order = requests.set_profile("1.6", 1, 1, "TxDefaultProfile", [charging_only(5)], now=NOON)
    (period,) = order.payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"]
    assert period == {"startPeriod": 0, "limit": 5}
    with pytest.raises(UsageError, match=r"2\.1"):
        requests.set_profile("2.0.1", 1, 1, "TxDefaultProfile", [central_setpoint(-5)], now=NOON)
    with pytest.raises(UsageError, match="AFRRSignal"):
        requests.afrr("2.0.1", 5, NOON)


def test_priority_charging_is_followed_from_both_sides() -> None:
    desk = Desk(policy=CsmsPolicy())
    desk.start()
    desk.settle("UsePriorityCharging", {"transactionId": "t1", "activate": True})
    assert desk.station.transactions["t1"].priority_charging
    desk.ask("NotifyPriorityCharging", {"transactionId": "t1", "activated": False})
    assert not desk.station.transactions["t1"].priority_charging


@pytest.mark.parametrize("version", ["1.6", "2.1"])
def test_a_new_profile_takes_the_id_of_the_one_in_its_place(version) -> None:
    desk = Desk(version)
    send(desk, 4, evse=0, purpose="ChargingStationMaxProfile")
    place = (desk.station, 0, "ChargingStationMaxProfile", 0)
    assert desk.system.profile_id_for(*place) == 4
    assert desk.system.profile_id_for(desk.station, 0, "ChargingStationMaxProfile", 1) != 4


def test_a_second_id_in_the_same_place_is_objected_to_unless_the_times_are_apart() -> None:
    desk = Desk()
    send(desk, 4, evse=1, validTo="2026-03-01T13:00:00Z")
    again = made("TxDefaultProfile", stack_level=0)
    assert any("K01.FR.06" in each for each in objections(desk.station, 1, again))
    assert not list(objections(desk.station, 1, {**again, "validFrom": "2026-03-01T13:00:00Z"}))
    assert not list(objections(desk.station, 1, {**again, "id": 4}))


def test_members_of_a_schedule_stand_over_what_is_made_or_are_left_out() -> None:
    more = {"validTo": NOON + timedelta(hours=1)}
    plan = {"startSchedule": NOON - timedelta(days=1), "minChargingRate": 1000.0}
    made = requests.profile("2.1", 7, "TxDefaultProfile", [plain_limit(5)], now=NOON, plan=plan, **more)
    (schedule,) = made["chargingSchedule"]
    assert schedule["minChargingRate"] == 1000.0
    assert moment(schedule["startSchedule"]) == NOON - timedelta(days=1)
    assert moment(made["validTo"]) == NOON + timedelta(hours=1)
    bare = requests.profile("1.6", 7, "TxDefaultProfile", [plain_limit(5)], now=NOON, plan={"startSchedule": None})
    assert "startSchedule" not in bare["chargingSchedule"]
