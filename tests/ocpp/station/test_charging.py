"""Smart charging and V2X: what profiles, modes, updates, outages and the site make the station do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ocpp.station.bench import EV, Bench
from tests.ocpp.station.profiles import FREQUENCY, dynamic, limit, mode, profile, setpoint


def install(bench: Bench, one: dict[str, Any], evse: int = 1) -> dict[str, Any]:
    """SetChargingProfile; a TxProfile gets the transaction that runs."""
    running = bench.station.transactions.of_evse.get(evse)
    if one["chargingProfilePurpose"] == "TxProfile" and running is not None:
        one = {"transactionId": running.id, **one}
    return bench.ask("SetChargingProfile", {"evseId": evse, "chargingProfile": one})


def reason(answer: dict[str, Any]) -> str:
    return str(answer.get("statusInfo", {}).get("reasonCode", ""))


def running(**settings: Any) -> Bench:
    bench = Bench(**settings)
    bench.charge()
    return bench


def modes(bench: Bench) -> list[str]:
    changed = [event for event in bench.events() if event["triggerReason"] == "OperationModeChanged"]
    return [event["transactionInfo"]["operationMode"] for event in changed]


# --- profiles ---------------------------------------------------------------------------------------------------------


def test_without_a_profile_the_ev_charges_at_what_it_can() -> None:
    assert running().power() == 11_000


def test_the_higher_stack_level_shows_until_it_ends() -> None:
    bench = running()
    install(bench, profile(1, limit(3000), purpose="TxDefaultProfile"), 0)
    install(bench, profile(2, setpoint(-5000), level=2, schedule={"duration": 60}))
    began = bench.station.transactions.of_evse[1].closed_at
    assert began is not None
    bench.run(3)
    assert bench.power() == -5000
    bench.run(began + 59 - bench.now)
    assert bench.power() == -5000
    bench.run(2)
    assert bench.power() == 3000
    assert modes(bench) == ["CentralSetpoint", "ChargingOnly"]
    assert not bench.wrong


def test_the_station_maximum_caps_a_transaction_profile() -> None:
    bench = running()
    install(
        bench,
        profile(
            1,
            limit(2000),
            purpose="ChargingStationMaxProfile",
            kind="Absolute",
            schedule={"startSchedule": bench.at(-5)},
        ),
        0,
    )
    install(bench, profile(2, setpoint(8000)))
    bench.run(2)
    assert bench.power() == 2000


def test_the_station_maximum_is_shared_by_the_evses_that_charge() -> None:
    bench = Bench(evses=2)
    one = profile(
        1, limit(8000), purpose="ChargingStationMaxProfile", kind="Absolute", schedule={"startSchedule": bench.at(0)}
    )
    install(bench, one, 0)
    bench.charge(evse=1)
    assert bench.power(1) == 8000
    bench.charge(evse=2)
    assert (bench.power(1), bench.power(2)) == (4000, 4000)
    bench.unplug(2)
    bench.run(2)
    assert bench.power(1) == 8000


def test_a_limit_in_amperes_is_followed_in_watts() -> None:
    bench = running()
    install(bench, profile(1, limit(10), unit="A"))
    assert bench.power() == pytest.approx(10 * 230 * 3)


def test_a_profile_ends_with_its_transaction() -> None:
    bench = running()
    install(bench, profile(1, limit(3000)))
    bench.unplug()
    bench.charge()
    assert bench.power() == 11_000


def test_profiles_are_cleared_and_reported_by_criteria() -> None:
    bench = running()
    for number, level in ((1, 0), (2, 1), (3, 2)):
        install(bench, profile(number, limit(1000 * number), purpose="TxDefaultProfile", level=level), 1)
    assert bench.power() == 3000
    wanted = {"requestId": 5, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}}
    assert bench.ask("GetChargingProfiles", wanted) == {"status": "Accepted"}
    report = bench.said("ReportChargingProfiles")[0]
    assert (report["requestId"], [each["id"] for each in report["chargingProfile"]]) == (5, [2])
    assert bench.ask("ClearChargingProfile", {"chargingProfileId": 3}) == {"status": "Accepted"}
    assert bench.power() == 2000
    criteria = {"chargingProfileCriteria": {"stackLevel": 0}}
    assert bench.ask("ClearChargingProfile", criteria) == {"status": "Accepted"}
    assert bench.ask("ClearChargingProfile", criteria) == {"status": "Unknown"}
    assert bench.ask("GetChargingProfiles", {"requestId": 6, "chargingProfile": {"chargingProfileId": [3]}}) == {
        "status": "NoProfiles"
    }
    assert not bench.wrong


def test_default_profiles_survive_a_reboot_and_others_do_not() -> None:
    bench = Bench()
    install(bench, profile(1, limit(3000), purpose="TxDefaultProfile"))
    install(
        bench,
        profile(2, limit(2000), purpose="LocalGeneration", kind="Absolute", schedule={"startSchedule": bench.at(0)}),
    )
    bench.station.profiles.reboot(frozenset())
    assert set(bench.station.profiles.held) == {1}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (profile(1, limit(1), purpose="ChargingStationExternalConstraints"), "InvalidProfile"),
        (profile(1, limit(1), transactionId="other"), "TxNotFound"),
        (profile(1, limit(1), level=10), "InvalidStackLevel"),
        (profile(0, limit(1)), "InvalidProfileId"),
        (profile(1, limit(1), kind="Absolute"), "InvalidSchedule"),
        (profile(1, limit(1), schedule={"startSchedule": "2026-03-01T12:00:00Z"}), "InvalidSchedule"),
        (profile(1, limit(1, 5)), "InvalidSchedule"),
        (profile(1, limit(1), limit(2, 60), limit(3, 30)), "InvalidSchedule"),
        (profile(1, {"startPeriod": 0, "limit": 1, "numberPhases": 3}), "NoPhaseForDC"),
        (profile(1, {"startPeriod": 0, "limit": 1, "limit_L2": 1}), "PhaseConflict"),
        (profile(1, limit(1), dynUpdateInterval=10), "InvalidProfile"),
        (profile(1, limit(1), limit(2, 60), kind="Dynamic"), "InvalidSchedule"),
        (profile(1, setpoint(5000, limit=4000)), "InvalidSchedule"),
        (profile(1, setpoint(-5000, dischargeLimit=-4000)), "InvalidSchedule"),
        (profile(1, {"startPeriod": 0}), "InvalidSchedule"),
        (profile(1, {"startPeriod": 0, "limit": -5}), "InvalidSchedule"),
        (profile(1, mode("Idle", limit=0)), "InvalidSchedule"),
        (profile(1, mode("ChargingOnly", limit=1, evseSleep=True)), "InvalidSchedule"),
        (profile(1, mode("LocalFrequency", v2xBaseline=0)), "NoFreqWattCurve"),
        (profile(1, {**FREQUENCY, "limit": 1}), "InvalidSchedule"),
        (profile(1, FREQUENCY, unit="A"), "UnsupportedRateUnit"),
        (profile(1, setpoint(1), purpose="PriorityCharging"), "InvalidOperationMode"),
        (profile(1, limit(1), purpose="PriorityCharging", schedule={"duration": 5}), "InvalidSchedule"),
        (profile(1, limit(1), purpose="PriorityCharging", schedule={"randomizedDelay": 5}), "InvalidSchedule"),
    ],
)
def test_a_profile_that_breaks_a_rule_is_rejected_with_its_reason(one: dict[str, Any], expected: str) -> None:
    bench = running()
    assert reason(install(bench, one)) == expected
    assert not bench.station.profiles.held
    assert not bench.wrong


@pytest.mark.parametrize(
    ("variables", "one", "expected"),
    [
        ({"V2XChargingCtrlr.SupportedOperationModes": "ChargingOnly"}, profile(1, setpoint(1)), "InvalidOperationMode"),
        ({"V2XChargingCtrlr.Enabled": "false"}, profile(1, setpoint(1)), "InvalidOperationMode"),
        (
            {"V2XChargingCtrlr.LocalLoadBalancing[UpperThreshold]": "-1"},
            profile(1, mode("LocalLoadBalancing")),
            "MissingDevModelInfo",
        ),
        ({"SmartChargingCtrlr.SupportsDynamicProfiles": "false"}, dynamic(1, setpoint(1)), "UnsupportedKind"),
        (
            {"SmartChargingCtrlr.SupportsLimitAtSoC": "false"},
            profile(1, limit(1), schedule={"limitAtSoC": {"soc": 80, "limit": 1}}),
            "InvalidSchedule",
        ),
        (
            {"SmartChargingCtrlr.SupportedAdditionalPurposes": ""},
            profile(1, limit(1), purpose="PriorityCharging"),
            "UnsupportedPurpose",
        ),
        ({"SmartChargingCtrlr.RateUnit": "A"}, profile(1, limit(1)), "UnsupportedRateUnit"),
    ],
)
def test_what_is_not_supported_is_rejected(variables: dict[str, str], one: dict[str, Any], expected: str) -> None:
    assert reason(install(running(variables=variables), one)) == expected


def test_default_profiles_of_station_and_evse_do_not_share_a_level() -> None:
    bench = Bench()
    assert install(bench, profile(1, limit(1000), purpose="TxDefaultProfile"), 0)["status"] == "Accepted"
    assert reason(install(bench, profile(2, limit(1000), purpose="TxDefaultProfile"), 1)) == "DuplicateProfile"


def test_profiles_of_one_place_stand_side_by_side_where_they_never_hold_together() -> None:
    bench = Bench()
    for identifier, begin, end in ((1, 0, 60), (2, 60, 120), (3, 90, 150)):
        validity = {"validFrom": bench.at(begin), "validTo": bench.at(end)}
        one = profile(identifier, limit(1000), purpose="TxDefaultProfile", **validity)
        assert install(bench, one, 0)["status"] == "Accepted"
    assert set(bench.station.profiles.held) == {1, 3}


def test_smart_charging_that_is_off_is_not_supported() -> None:
    bench = Bench(variables={"SmartChargingCtrlr.Enabled": "false"})
    assert install(bench, profile(1, limit(1), purpose="TxDefaultProfile")) == {"error": "NotSupported"}


def test_the_composite_schedule_shows_what_stacks_up() -> None:
    bench = Bench()
    low = profile(
        1, limit(6), limit(8, 100), limit(10, 200), purpose="TxDefaultProfile", unit="A", schedule={"duration": 400}
    )
    high = profile(
        2, limit(7), limit(9, 100), purpose="TxDefaultProfile", level=1, unit="A", schedule={"duration": 150}
    )
    for one in (low, high):
        assert install(bench, one)["status"] == "Accepted"
    answer = bench.ask("GetCompositeSchedule", {"evseId": 1, "duration": 350, "chargingRateUnit": "A"})
    periods = [(period["startPeriod"], period["limit"]) for period in answer["schedule"]["chargingSchedulePeriod"]]
    assert periods == [(0, 7), (100, 9), (150, 8), (200, 10)]
    assert bench.ask("GetCompositeSchedule", {"evseId": 4, "duration": 5})["status"] == "Rejected"
    assert not bench.wrong


# --- dynamic profiles -------------------------------------------------------------------------------------------------


def test_a_pushed_setpoint_is_followed_within_its_bounds() -> None:
    bench = running()
    install(bench, dynamic(5, setpoint(0, limit=6000, dischargeLimit=-5000)))
    for asked, done in ((5000, 5000), (0, 0), (-4000, -4000), (-9000, -5000), (9000, 6000)):
        update = {"chargingProfileId": 5, "scheduleUpdate": {"setpoint": asked}}
        assert bench.ask("UpdateDynamicSchedule", update) == {"status": "Accepted"}
        assert bench.power() == done
    assert bench.ask("UpdateDynamicSchedule", {"chargingProfileId": 6, "scheduleUpdate": {}})["status"] == "Rejected"
    assert not bench.wrong


def test_only_dynamic_profiles_are_updated() -> None:
    bench = running()
    install(bench, profile(5, setpoint(1000)))
    update = {"chargingProfileId": 5, "scheduleUpdate": {"setpoint": 2000}}
    assert reason(bench.ask("UpdateDynamicSchedule", update)) == "InvalidProfile"


def test_a_setpoint_without_update_becomes_stale_and_an_update_revives_it() -> None:
    bench = running()
    install(bench, profile(1, limit(3000), purpose="TxDefaultProfile"), 0)
    install(bench, dynamic(5, setpoint(-5000), level=2, schedule={"duration": 30}))
    bench.run(29)
    assert bench.power() == -5000
    bench.run(4)
    assert bench.power() == 3000
    bench.run(15)
    bench.ask("UpdateDynamicSchedule", {"chargingProfileId": 5, "scheduleUpdate": {"setpoint": -4000}})
    assert bench.power() == -4000


def test_values_are_pulled_every_interval_and_a_refusal_keeps_the_old_ones() -> None:
    replies = iter([{"status": "Accepted", "scheduleUpdate": {"setpoint": -2000}}, {"status": "Rejected"}])
    bench = running(replies={"PullDynamicScheduleUpdate": lambda _payload: next(replies)})
    install(bench, dynamic(5, setpoint(-5000), dynUpdateInterval=10))
    bench.run(11)
    assert bench.power() == -2000
    bench.run(10)
    assert bench.power() == -2000
    pulled = [at for at, action, _ in bench.sent if action == "PullDynamicScheduleUpdate"]
    assert pulled[1] - pulled[0] == pytest.approx(10, abs=1)


# --- operation modes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hertz", "watts"), [(49.89, -4000), (50.0, -1000), (50.11, 2000), (49.5, -7000)])
def test_local_frequency_follows_baseline_and_curve(hertz: float, watts: float) -> None:
    bench = running()
    bench.mains["frequency"] = hertz
    install(bench, profile(1, FREQUENCY))
    bench.run(2)
    assert bench.power() == pytest.approx(watts)


def test_a_frequency_change_below_the_threshold_moves_nothing() -> None:
    bench = running(variables={"V2XChargingCtrlr.LocalFrequencyUpdateThreshold": "50"})
    install(bench, profile(1, FREQUENCY))
    bench.mains["frequency"] = 49.96
    bench.run(2)
    assert bench.power() == pytest.approx(-1000)
    bench.mains["frequency"] = 49.94
    bench.run(2)
    assert bench.power() < -1500


def test_an_afrr_signal_adds_from_its_time_on() -> None:
    bench = running()
    assert reason(bench.ask("AFRRSignal", {"timestamp": bench.at(0), "signal": 50})) == "NoSignalWattCurve"
    install(bench, profile(1, FREQUENCY))
    assert bench.ask("AFRRSignal", {"timestamp": bench.at(10), "signal": 50}) == {"status": "Accepted"}
    bench.run(5)
    assert bench.power() == pytest.approx(-1000)
    bench.run(6)
    assert bench.power() == pytest.approx(500)


def test_load_balancing_holds_the_building_at_its_threshold() -> None:
    bench = running(load=7400.0)
    install(bench, profile(1, mode("LocalLoadBalancing")))
    bench.run(5)
    assert bench.power() == pytest.approx(-2600)
    bench.load = -900.0
    bench.run(5)
    assert bench.power() == pytest.approx(1000)


def test_idle_moves_nothing_and_sleeps_where_told() -> None:
    bench = running()
    install(bench, profile(1, mode("Idle", evseSleep=True)))
    bench.run(3)
    assert bench.power() == 0
    assert bench.events()[-1]["evseSleep"] is True
    install(bench, profile(1, limit(0)))
    bench.run(3)
    assert "evseSleep" not in bench.events()[-1]
    assert not bench.wrong


def test_the_site_fills_in_an_external_setpoint() -> None:
    bench = running()
    install(bench, dynamic(5, mode("ExternalSetpoint", limit=6000, dischargeLimit=-6000)))
    bench.run(2)
    assert bench.power() == 0
    bench.station.charging.site.demand(1, bench.time, setpoint=-3000)
    assert bench.power() == -3000
    bench.station.charging.site.demand(1, bench.time, setpoint=-9000)
    assert bench.power() == -6000


def test_measurands_of_a_mode_come_only_in_that_mode() -> None:
    bench = running(variables={"SampledDataCtrlr.TxUpdatedInterval": "10"})
    bench.run(11)
    install(bench, profile(1, setpoint(-3000)))
    bench.run(10)
    periodic = [event for event in bench.events() if event["triggerReason"] == "MeterValuePeriodic"]
    named = [{each["measurand"] for each in event["meterValue"][0]["sampledValue"]} for event in periodic]
    assert "Power.Active.Setpoint" not in named[0] and "Power.Active.Setpoint" in named[-1]
    values = {each["measurand"]: each["value"] for each in periodic[-1]["meterValue"][0]["sampledValue"]}
    assert (values["Power.Active.Setpoint"], values["Power.Active.Export"], values["Power.Active.Residual"]) == (
        -3000,
        3000,
        0,
    )


# --- services of the EV -----------------------------------------------------------------------------------------------


def test_without_a_list_of_the_csms_the_ev_only_charges() -> None:
    bench = Bench(replies={"Authorize": lambda _payload: {"idTokenInfo": {"status": "Accepted"}}})
    transaction = bench.charge()
    assert bench.said("NotifyEVChargingNeeds")[0]["chargingNeeds"]["requestedEnergyTransfer"] == "DC"
    install(bench, profile(1, setpoint(-5000)))
    assert bench.power() == 0
    allowed = {"transactionId": transaction, "allowedEnergyTransfer": ["DC", "DC_BPT"]}
    assert bench.ask("NotifyAllowedEnergyTransfer", allowed) == {"status": "Accepted"}
    assert bench.said("NotifyEVChargingNeeds")[1]["chargingNeeds"]["requestedEnergyTransfer"] == "DC_BPT"
    assert bench.power() == -5000
    allowed["allowedEnergyTransfer"] = ["DC"]
    bench.ask("NotifyAllowedEnergyTransfer", allowed)
    assert bench.power() == 0
    assert bench.ask("NotifyAllowedEnergyTransfer", {**allowed, "transactionId": "none"})["status"] == "Rejected"
    assert not bench.wrong


def test_refused_needs_are_renegotiated_and_then_end_the_transaction() -> None:
    bench = Bench(replies={"NotifyEVChargingNeeds": lambda _payload: {"status": "Rejected"}})
    bench.plug_in()
    bench.present()
    asked = [each["chargingNeeds"]["requestedEnergyTransfer"] for each in bench.said("NotifyEVChargingNeeds")]
    assert asked == ["DC_BPT", "DC"]
    assert bench.events("Ended")[0]["transactionInfo"]["stoppedReason"] == "ReqEnergyTransferRejected"


def test_refused_needs_end_the_transaction_at_once_without_renegotiation() -> None:
    variables = {"ISO15118Ctrlr.ServiceRenegotiationSupport": "false"}
    bench = Bench(variables=variables, replies={"NotifyEVChargingNeeds": lambda _payload: {"status": "Rejected"}})
    bench.plug_in()
    bench.present()
    assert len(bench.said("NotifyEVChargingNeeds")) == 1
    assert bench.events("Ended")


def test_the_limits_of_the_ev_are_kept() -> None:
    bench = running()
    install(bench, profile(1, setpoint(-20_000)))
    assert bench.power() == -EV.max_discharge_power


# --- outages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("void", "after"), [(False, -5000), (True, 2000)])
def test_a_profile_ends_with_its_offline_time_and_comes_back_only_where_allowed(void: bool, after: float) -> None:
    bench = running()
    install(bench, profile(1, limit(2000), purpose="TxDefaultProfile"), 0)
    install(bench, profile(2, setpoint(-5000), level=1, maxOfflineDuration=60, invalidAfterOfflineDuration=void))
    bench.disconnect()
    bench.run(58)
    assert bench.power() == -5000
    bench.run(5)
    assert bench.power() == 2000
    bench.connect()
    bench.run(2)
    assert bench.power() == after
    told = [event["transactionInfo"]["operationMode"] for event in bench.events() if event.get("offline")]
    assert told[-1] == "ChargingOnly"


# --- the site and priority --------------------------------------------------------------------------------------------


def test_a_limit_of_the_site_is_kept_told_and_released() -> None:
    bench = running()
    site = bench.station.charging.site
    site.demand(0, bench.time, limit=4000.0, critical=True)
    bench.talk()
    assert bench.power() == 4000
    told = bench.said("NotifyChargingLimit")[0]
    assert told["chargingLimit"] == {"chargingLimitSource": "EMS", "isGridCritical": True, "isLocalGeneration": False}
    assert "ChargingRateChanged" in [event["triggerReason"] for event in bench.events()]
    assert bench.ask("ClearChargingProfile", {}) == {"status": "Unknown"}
    assert (
        bench.ask("GetChargingProfiles", {"requestId": 1, "chargingProfile": {"chargingLimitSource": ["EMS"]}})[
            "status"
        ]
        == "Accepted"
    )
    reported = bench.said("ReportChargingProfiles")[0]["chargingProfile"][0]
    assert reported["id"] <= 0 and reported["chargingProfilePurpose"] == "ChargingStationExternalConstraints"
    site.demand(0, bench.time, limit=4010.0)
    bench.talk()
    assert len(bench.said("NotifyChargingLimit")) == 1
    site.release(0, bench.time)
    bench.talk()
    assert bench.said("ClearedChargingLimit") == [{"chargingLimitSource": "EMS"}]
    assert bench.power() == 11_000
    assert not bench.wrong


def test_a_limit_of_zero_never_becomes_full_charge_nor_discharge() -> None:
    bench = running()
    bench.station.charging.site.demand(0, bench.time, limit=0.0)
    assert bench.power() == 0
    install(bench, profile(1, setpoint(-5000)))
    assert bench.power() == -5000


def test_the_site_is_not_heard_where_that_is_disallowed() -> None:
    bench = running(variables={"SmartChargingCtrlr.ExternalConstraintsProfileDisallowed": "true"})
    assert not bench.station.charging.site.demand(0, bench.time, limit=4000.0)
    assert bench.power() == 11_000


def test_local_generation_is_added() -> None:
    bench = running()
    install(bench, profile(1, limit(5000), purpose="TxDefaultProfile"), 0)
    bench.station.charging.site.demand(0, bench.time, limit=2000.0, generation=True)
    bench.talk()
    assert bench.power() == 7000
    assert bench.said("NotifyChargingLimit")[0]["chargingLimit"]["isLocalGeneration"] is True


def test_priority_charging_takes_the_place_of_the_transaction_profile() -> None:
    bench = running()
    transaction = bench.station.transactions.of_evse[1].id
    assert bench.ask("UsePriorityCharging", {"transactionId": transaction, "activate": True})["status"] == "NoProfile"
    assert bench.ask("UsePriorityCharging", {"transactionId": "none", "activate": True})["status"] == "Rejected"
    start = {"startSchedule": bench.at(-5)}
    install(bench, profile(1, limit(9000), purpose="PriorityCharging", kind="Absolute", schedule=start))
    install(bench, profile(2, limit(3000)))
    for active, watts in ((True, 9000), (False, 3000)):
        assert (
            bench.ask("UsePriorityCharging", {"transactionId": transaction, "activate": active})["status"] == "Accepted"
        )
        assert bench.power() == watts
        assert bench.said("NotifyPriorityCharging")[-1] == {"transactionId": transaction, "activated": active}
    assert not bench.wrong


def test_random_delays_are_drawn_once_for_a_transaction() -> None:
    bench = running()
    install(bench, profile(1, limit(1000), limit(2000, 100), limit(3000, 200), schedule={"randomizedDelay": 50}))
    first = bench.station.profiles.held[1].delays
    assert len(first) == 2 and all(0 <= delay <= 50 for delay in first)
    bench.run(20)
    assert bench.station.profiles.held[1].delays == first


def test_above_a_state_of_charge_the_limit_is_lower() -> None:
    bench = running()
    install(bench, profile(1, limit(8000), schedule={"limitAtSoC": {"soc": 80, "limit": 3000}}))
    assert bench.power() == 8000
    bench.soc = 81
    bench.run(1)
    assert bench.power() == 3000


def test_nothing_that_is_past_is_due() -> None:
    bench = running()
    install(bench, dynamic(5, setpoint(-5000), schedule={"duration": 10}, maxOfflineDuration=20))
    bench.disconnect()
    for _ in range(30):
        bench.run(1)
        assert bench.station.deadline is None or bench.station.deadline > bench.now
