"""Systems on site: setpoints and limits that they give, and the balance of a building (OCPP 2.1 Q05, Q06, Q09, K11, K13)."""

from harness.ocpp.readings import outcome, reading, reason_code
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    StationUnderTest,
    differs,
    equals,
    external_setpoint,
    local_load_balancing,
    test_case,
)

_BOUNDS = ("UpperThreshold", "LowerThreshold", "UpperOffset", "LowerOffset")


@test_case(
    "TC_STATION_LocalSystems_001",
    covers=("Q05.FR.01", "Q05.FR.05", "K29.FR.03"),
    pics=STATION.V2X_EXTERNAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise", "setpoint"),
    detects=("station-overdone", "station-never-discharges", "station-refuses-profiles"),
    lasts=60.0,
)
async def test_a_setpoint_of_the_site_goes_into_the_profile_that_waits_for_it(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station follows the setpoint of a local system where the CSMS leaves it to that, and keeps it in the profile.

    Given   a transaction under a dynamic TxProfile in mode ExternalSetpoint
    when    a system on site asks for a discharge
    then    meter values and bench meter show it, and the profile that the station reports has it as its setpoint
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(external_setpoint(), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="ExternalSetpoint needs no values of the CSMS.")
    await station.ask_for(watts)
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Hand the setpoint of the site to the EV.")
    answer = await csms.reported_profiles(chargingProfilePurpose="TxProfile")
    check.that(answer.outcome, outcome, equals("Accepted"), advice="Report the TxProfile.")
    setpoints = [
        period.get("setpoint")
        for each in csms.record.profiles.values()
        if each.purpose == "TxProfile"
        for period in each.content["chargingSchedule"][0]["chargingSchedulePeriod"]
    ]
    check.holds(
        setpoints == [watts],
        expected=f"a TxProfile whose setpoint is {watts:g} W",
        actual=f"setpoints {setpoints}",
        seen=answer.outcome,
        requirement="Q05.FR.05",
        advice="Store what the local system sets in the dynamic profile.",
    )


@test_case(
    "TC_STATION_LocalSystems_002",
    covers=("K11.FR.01", "K11.FR.02", "K11.FR.05", "K13.FR.02"),
    pics=STATION.EMS_CONTROL & STATION.OCPP_21,
    needs=("plug", "authorise", "limit", "release"),
    detects=("station-silent-limits", "station-silent-release", "station-overdone"),
    lasts=90.0,
)
async def test_a_limit_of_the_site_holds_and_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps a limit of a local system, tells the CSMS of it, and tells when it is gone.

    Given   a transaction that charges
    when    a system on site sets a limit of a quarter of the charge power, and later takes it back
    then    NotifyChargingLimit names a source other than CSO, the power keeps the limit, and ClearedChargingLimit ends it
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    held = await station.hold_below(watts)
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=held.number)
    source = reading("chargingLimit.chargingLimitSource")
    check.that(told, source, differs("CSO"), requirement="K11.FR.02", advice="Tell limits of others than the CSMS.")
    expected = station.expects.charge_at_most(watts)
    check.course(await station.course(expected), expected, advice="The lowest limit counts, whoever set it.")
    released = await station.release()
    told = await csms.expect("ClearedChargingLimit", within=station.pixit.answer_time, after=released.number)
    source = reading("chargingLimitSource")
    check.that(told, source, differs("CSO"), requirement="K13.FR.02", advice="Tell that the limit is gone.")


@test_case(
    "TC_STATION_LocalSystems_003",
    covers=("Q09.FR.03", "Q09.FR.04"),
    pics=STATION.V2X_LOCAL_LOAD_BALANCING,
    needs=("plug", "authorise", "building_load"),
    detects=("station-blind-to-building", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_the_ev_balances_the_building(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station discharges the EV where the building draws too much, and charges it where the building feeds.

    Given   thresholds of 5 kW and 0 W, offsets of -200 W and +100 W, and a transaction in mode LocalLoadBalancing
    when    the rest of the building draws 7.4 kW, and then feeds 0.9 kW
    then    the EV gives 2.6 kW, and then takes 1 kW
    """
    await station.ready()
    await station.report_every()
    await set_bounds(csms, 5000, 0, -200, 100)
    await station.building_load(2000)
    await station.charging()
    sent = await csms.dispatch(local_load_balancing())
    check.that(sent.outcome, outcome, equals("Accepted"), advice="All thresholds are set, the upper above the lower.")
    for load, watts in ((7400, -2600), (-900, 1000)):
        await station.building_load(load)
        expected = station.expects.power(watts)
        check.course(
            await station.course(expected), expected, advice="Bring the building to the threshold plus its offset."
        )


@test_case(
    "TC_STATION_LocalSystems_004",
    covers=("Q09.FR.02",),
    pics=STATION.V2X_LOCAL_LOAD_BALANCING,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_load_balancing_with_thresholds_upside_down_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses LocalLoadBalancing whose upper threshold is not above the lower.

    Given   an upper threshold of 0 W and a lower one of 5 kW, and a transaction
    when    the CSMS sends a TxProfile in mode LocalLoadBalancing
    then    it is Rejected with MissingDevModelInfo
    """
    await station.ready()
    await set_bounds(csms, 0, 5000, -200, 100)
    await station.charging()
    sent = await csms.dispatch(local_load_balancing())
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Compare the thresholds before taking the profile.")
    check.that(sent.outcome, reason_code, equals("MissingDevModelInfo"), advice="Give the reasonCode.")


async def set_bounds(csms: Csms, *watts: int) -> None:
    """Thresholds and offsets of load balancing; `Inconclusive` where the station does not answer."""
    for name, value in zip(_BOUNDS, watts, strict=True):
        set_to = await csms.set_variable("V2XChargingCtrlr", "LocalLoadBalancing", value, instance=name, evse=1)
        if set_to.response is None:
            raise Inconclusive(f"LocalLoadBalancing[{name}] could not be set: {set_to}")
