"""Schedules and values of a system on site: what kind of profile they become, and when they end."""

from __future__ import annotations

from typing import Any

from tests.ocpp.station.bench import Bench


def charging(**settings: Any) -> Bench:
    bench = Bench(**settings)
    bench.charge()
    return bench


def reported(bench: Bench) -> dict[str, Any]:
    bench.ask("GetChargingProfiles", {"requestId": 1, "chargingProfile": {"chargingLimitSource": ["EMS"]}})
    found: dict[str, Any] = bench.said("ReportChargingProfiles")[-1]["chargingProfile"][0]
    return found


def test_a_schedule_of_the_site_becomes_an_absolute_profile_and_is_followed() -> None:
    bench = charging()
    site = bench.station.charging.site
    assert site.plan(1, bench.time, [(0, {"limit": 4000.0}), (60, {"limit": 2000.0})])
    bench.talk()
    assert bench.power() == 4000
    one = reported(bench)
    assert (one["chargingProfileKind"], one["chargingProfilePurpose"]) == (
        "Absolute",
        "ChargingStationExternalConstraints",
    )
    assert [each["operationMode"] for each in one["chargingSchedule"][0]["chargingSchedulePeriod"]] == [
        "ExternalLimits"
    ] * 2
    assert bench.said("NotifyChargingLimit")[0]["chargingSchedule"] == one["chargingSchedule"]
    bench.run(65)
    assert bench.power() == 2000
    assert not bench.wrong


def test_a_single_value_takes_the_place_of_a_schedule_of_the_site() -> None:
    bench = charging()
    site = bench.station.charging.site
    site.plan(1, bench.time, [(0, {"setpoint": -4000.0}), (60, {"setpoint": 1000.0})])
    assert bench.power() == -4000
    site.demand(1, bench.time, setpoint=2000.0)
    assert bench.power() == 2000
    assert reported(bench)["chargingProfileKind"] == "Dynamic"


def test_a_value_of_the_site_ends_unless_a_new_one_comes_in_time() -> None:
    bench = charging()
    site = bench.station.charging.site
    site.demand(1, bench.time, setpoint=-4000.0, lasting=30)
    bench.run(20)
    assert bench.power() == -4000
    bench.run(20)
    assert bench.power() == 11_000
    site.demand(1, bench.time, setpoint=-3000.0)
    assert bench.power() == -3000
    bench.run(100)
    assert bench.power() == -3000


def test_a_schedule_of_the_site_is_not_heard_where_that_is_disallowed() -> None:
    bench = charging(variables={"SmartChargingCtrlr.ExternalConstraintsProfileDisallowed": "true"})
    assert not bench.station.charging.site.plan(1, bench.time, [(0, {"limit": 4000.0}), (60, {"limit": 2000.0})])
    assert bench.power() == 11_000
