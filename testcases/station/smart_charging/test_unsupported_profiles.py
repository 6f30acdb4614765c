"""Profiles for which a station lacks the feature: refused where it does so, taken where it has it (1.6 5.16, 2.x K01)."""

from typing import Any

from harness.ocpp.readings import outcome
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    StationUnderTest,
    equals,
    plain_limit,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W


@test_case(
    "TC_STATION_ProfileChecks_018",
    covers=("K01.FR.123", "K01.FR.124", "K01.FR.125", "K01.FR.121"),
    pics=_PIC & STATION.OCPP_21,
    detects=("station-boasts", "station-refuses-profiles"),
    lasts=5.0,
)
async def test_what_is_not_supported_is_refused_and_the_rest_taken(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes local time, delays, limits at a state of charge and kind Dynamic as far as it says that it has them.

    Given   a station that tells which of them it supports
    when    the CSMS sends a default with each
    then    it is Accepted where the station says so, and Rejected where it does not
    """
    quarter = await station.ready_for_limits()
    made, quarter_from = [plain_limit(quarter)], {"limitAtSoC": {"soc": 80, "limit": quarter}}
    features: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("SupportsUseLocalTime", "K01.FR.123", {"plan": {"useLocalTime": True}}),
        ("SupportsRandomizedDelay", "K01.FR.124", {"plan": {"randomizedDelay": 60}}),
        ("SupportsLimitAtSoC", "K01.FR.125", {"plan": quarter_from}),
        ("SupportsDynamicProfiles", "K01.FR.121", {"kind": "Dynamic"}),
    )
    for variable, requirement, choices in features:
        supported = await csms.get_variable("SmartChargingCtrlr", variable) == "true"
        sent = await csms.set_profile(0, "TxDefaultProfile", made, **choices)
        expected = equals("Accepted" if supported else "Rejected").because(f"{variable} is {supported}")
        check.that(sent.outcome, outcome, expected, requirement=requirement, advice="Do what the device model says.")


async def refused(
    csms: Csms, station: StationUnderTest, check: Check, variable: str, member: str = "true", **choices: Any
) -> None:
    """A default that the station has to refuse, unless a variable of SmartChargingCtrlr says that it supports it after all."""
    quarter = await station.ready_for_limits()
    told = await csms.get_variable("SmartChargingCtrlr", variable)
    if told is not None and member in told.split(","):
        raise Inconclusive(f"SmartChargingCtrlr.{variable} is {told}; claim in the PICS what is supported")
    purpose = choices.pop("purpose", "TxDefaultProfile")
    sent = await csms.set_profile(0, purpose, [plain_limit(choices.pop("limit", quarter))], **choices)
    check.that(sent.outcome, outcome, equals("Rejected"), advice=f"Do what {variable} says: it has no {member}.")


@test_case(
    "TC_STATION_ProfileChecks_019",
    covers=("K01.FR.26", "TC_K_12_CS"),
    pics=STATION.SMART_CHARGING & ~STATION.RATE_UNIT_A,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_unit_that_is_not_taken_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a limit in A where it takes W alone.

    Given   a station whose RateUnit has no A
    when    the CSMS sends a default in A
    then    the answer is Rejected
    """
    await refused(csms, station, check, "RateUnit", "A", unit="A", limit=16.0)


@test_case(
    "TC_STATION_ProfileChecks_020",
    covers=("K01.FR.120",),
    pics=_PIC & STATION.OCPP_21 & ~STATION.PRIORITY_CHARGING,
    detects=("station-accepts-profiles-blindly", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_priority_that_is_not_supported_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses PriorityCharging profiles where it has no priority charging.

    Given   a station without PriorityCharging in SupportedAdditionalPurposes
    when    the CSMS sends such a profile
    then    the answer is Rejected
    """
    await refused(csms, station, check, "SupportedAdditionalPurposes", "PriorityCharging", purpose="PriorityCharging")


@test_case(
    "TC_STATION_ProfileChecks_021",
    covers=("K01.FR.123",),
    pics=_PIC & STATION.OCPP_21 & ~STATION.LOCAL_TIME,
    detects=("station-accepts-profiles-blindly",),
    lasts=5.0,
)
async def test_local_time_that_is_not_supported_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses useLocalTime where it does not support that.

    Given   a station without SupportsUseLocalTime
    when    the CSMS sends a default with useLocalTime
    then    the answer is Rejected
    """
    await refused(csms, station, check, "SupportsUseLocalTime", plan={"useLocalTime": True})


@test_case(
    "TC_STATION_ProfileChecks_022",
    covers=("K01.FR.124",),
    pics=_PIC & STATION.OCPP_21 & ~STATION.RANDOMIZED_DELAY,
    detects=("station-accepts-profiles-blindly",),
    lasts=5.0,
)
async def test_random_delays_that_are_not_supported_are_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses randomizedDelay where it does not support that.

    Given   a station without SupportsRandomizedDelay
    when    the CSMS sends a default with randomizedDelay
    then    the answer is Rejected
    """
    await refused(csms, station, check, "SupportsRandomizedDelay", plan={"randomizedDelay": 60})


@test_case(
    "TC_STATION_ProfileChecks_023",
    covers=("K01.FR.125",),
    pics=_PIC & STATION.OCPP_21 & ~STATION.LIMIT_AT_SOC,
    detects=("station-accepts-profiles-blindly",),
    lasts=5.0,
)
async def test_a_limit_at_a_state_of_charge_that_is_not_supported_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses limitAtSoC where it does not support that.

    Given   a station without SupportsLimitAtSoC
    when    the CSMS sends a default with limitAtSoC
    then    the answer is Rejected
    """
    await refused(csms, station, check, "SupportsLimitAtSoC", plan={"limitAtSoC": {"soc": 80, "limit": 1000.0}})


@test_case(
    "TC_STATION_ProfileChecks_024",
    covers=("K01.FR.121",),
    pics=_PIC & STATION.OCPP_21 & ~STATION.DYNAMIC_PROFILES,
    detects=("station-accepts-profiles-blindly",),
    lasts=5.0,
)
async def test_dynamic_profiles_that_are_not_supported_are_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses kind Dynamic where it does not support that.

    Given   a station without SupportsDynamicProfiles
    when    the CSMS sends a default of kind Dynamic
    then    the answer is Rejected
    """
    await refused(csms, station, check, "SupportsDynamicProfiles", kind="Dynamic")
