"""Systems on site: setpoints and limits that they give, and the balance of a building (OCPP 2.1 Q05, Q06, Q09, K11, K13)."""

from harness.ocpp.readings import outcome, reading, reason_code, reported_periods, reported_update
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    central_setpoint,
    differs,
    equals,
    external_limits,
    external_setpoint,
    local_load_balancing,
    near,
    one_of,
    test_case,
)

_BOUNDS = ("UpperThreshold", "LowerThreshold", "UpperOffset", "LowerOffset")


@test_case(
    "TC_STATION_LocalSystems_001",
    covers=("Q05.FR.01", "Q05.FR.05", "K29.FR.03"),
    pics=STATION.V2X_EXTERNAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise", "setpoint"),
    detects=("station-overdone", "station-never-discharges", "station-refuses-profiles", "station-rubber-stamp"),
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
    seen = await csms.reported("TxProfile", within=station.pixit.answer_time)
    advice = "Store what the local system sets in the dynamic profile."
    check.that(seen, reported_periods("setpoint"), equals([watts]), requirement="Q05.FR.05", advice=advice)


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


@test_case(
    "TC_STATION_LocalSystems_005",
    covers=("Q05.FR.02", "Q05.FR.06", "K29.FR.03", "K29.FR.06"),
    pics=STATION.V2X_EXTERNAL_LIMITS & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise", "site", "release"),
    detects=("station-undated-updates", "station-deaf-to-site", "station-refuses-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_limits_of_the_site_go_into_the_profile_that_waits_for_them(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps the limit of a local system where the CSMS leaves it to that, and stores it with its time.

    Given   a transaction under a dynamic TxProfile in mode ExternalLimits
    when    a system on site sets a limit of a quarter of the charge power
    then    the power keeps it, and the TxProfile has it as its limit, with the time of the change as dynUpdateTime
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(external_limits(), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="ExternalLimits needs no values of the CSMS.")
    await station.watch(15.0)
    held = await station.site_limits((0, watts))
    expected = station.expects.charge_at_most(watts)
    check.course(await station.course(expected), expected, advice="Hand the limit of the site to the EV.")
    seen = await csms.reported("TxProfile", within=station.pixit.answer_time)
    advice = "Store what the local system sets in the dynamic profile."
    check.that(seen, reported_periods("limit"), equals([watts]), requirement="Q05.FR.06", advice=advice)
    dated = near(csms.clock.wall(held.at).timestamp(), "s", tolerance=10.0)
    check.that(seen, reported_update, dated, requirement="Q05.FR.06", advice="Set dynUpdateTime to now.")


@test_case(
    "TC_STATION_LocalSystems_006",
    covers=("Q05.FR.05",),
    pics=STATION.V2X_EXTERNAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise", "site", "release"),
    detects=("station-undated-updates", "station-deaf-to-site", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_setpoint_of_the_site_is_stored_with_its_time(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station stores each setpoint of a local system in the profile that waits for it, with its time.

    Given   a transaction under a dynamic TxProfile in mode ExternalSetpoint
    when    a system on site asks for a discharge, and a quarter of a minute later for a charge
    then    the profile has the second setpoint, and its time as dynUpdateTime
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(external_setpoint(), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="ExternalSetpoint needs no values of the CSMS.")
    await station.site_setpoints((0, -watts))
    await station.watch(15.0)
    asked = await station.site_setpoints((0, watts))
    seen = await csms.reported("TxProfile", within=station.pixit.answer_time)
    check.that(seen, reported_periods("setpoint"), equals([watts]), advice="Store each value of the local system.")
    dated = near(csms.clock.wall(asked.at).timestamp(), "s", tolerance=10.0)
    check.that(seen, reported_update, dated, advice="Set dynUpdateTime to now.")


@test_case(
    "TC_STATION_LocalSystems_007",
    covers=("Q05.FR.07", "Q05.FR.08", "K29.FR.07", "K29.FR.08"),
    pics=STATION.V2X_EXTERNAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise", "site", "release"),
    detects=("station-endless-schedules", "station-discharges-on", "station-deaf-to-site", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_silent_local_system_ends_the_profile_that_waits_for_it(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station leaves the profile of a local system that says nothing in time, and takes it up with its next value.

    Given   a dynamic TxProfile in mode ExternalSetpoint with a duration of 30 s, and a system on site that asks for a discharge
    when    the system says nothing for 30 s, and then asks again
    then    nothing is discharged any more, and then it is again
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(external_setpoint(), dynamic=True, lasting=30)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    asked = await station.site_setpoints((0, watts))
    expected = station.expects.power(watts)
    check.course(
        await station.course(expected, reports=1), expected, requirement="Q05.FR.01", advice="Follow the site."
    )
    await station.watch(max(0.0, asked.at + 31.0 - csms.clock.now()))
    over = station.expects.discharge_at_most(0)
    check.course(await station.course(over), over, advice="Compare dynUpdateTime + duration with the clock.")
    await station.site_setpoints((0, watts))
    advice = "The next value of the site makes the profile valid again."
    check.course(await station.course(expected), expected, requirement="Q05.FR.08", advice=advice)


@test_case(
    "TC_STATION_LocalSystems_008",
    covers=("Q09.FR.05",),
    pics=STATION.V2X_LOCAL_LOAD_BALANCING,
    needs=("plug", "authorise", "building_load"),
    detects=(
        "station-ignored-discharge-limit",
        "station-overdone",
        "station-blind-to-building",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_limits_clip_what_balances_the_building(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station balances the building as far as the limits of the period let it.

    Given   thresholds of 5 kW and 0 W, and a period in mode LocalLoadBalancing within 1 kW and -1 kW, which the station takes
    when    the rest of the building draws 7.4 kW, and then feeds 2.9 kW
    then    the EV gives 1 kW, and then takes 1 kW
    """
    await station.ready()
    await station.report_every()
    await set_bounds(csms, 5000, 0, -200, 100)
    await station.building_load(2000)
    await station.charging()
    (await csms.dispatch(local_load_balancing() | {"limit": 1000, "dischargeLimit": -1000})).needed()
    for load, watts in ((7400, -1000), (-2900, 1000)):
        await station.building_load(load)
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, advice="Clip the setpoint that comes out.")


@test_case(
    "TC_STATION_LocalSystems_009",
    covers=("Q09.FR.01", "K01.FR.115"),
    pics=STATION.V2X_CENTRAL_SETPOINT & ~STATION.V2X_LOCAL_LOAD_BALANCING,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_load_balancing_that_is_not_supported_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses LocalLoadBalancing where it does not have that mode.

    Given   a transaction at a station without LocalLoadBalancing
    when    the CSMS sends a TxProfile in that mode
    then    it is Rejected with UnsupportedParam or InvalidOperationMode
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(local_load_balancing())
    check.that(sent.outcome, outcome, equals("Rejected"), advice="Compare with SupportedOperationModes.")
    codes = one_of(["UnsupportedParam", "InvalidOperationMode"])
    check.that(sent.outcome, reason_code, codes, advice="Give the reasonCode with the refusal.")


@test_case(
    "TC_STATION_LocalSystems_010",
    covers=("Q09.FR.04",),
    pics=STATION.V2X_LOCAL_LOAD_BALANCING,
    needs=("plug", "authorise", "building_load"),
    detects=("station-blind-to-building", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_building_between_its_thresholds_is_left_alone(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps what balances the building as long as the building stays between its thresholds.

    Given   an EV that gives 2.6 kW to a building that draws 7.4 kW, by thresholds of 5 kW and 0 W
    when    the rest of the building draws 6.4 kW, so that with the EV it stays below the threshold
    then    the EV goes on to give 2.6 kW
    """
    await station.ready()
    await station.report_every()
    await set_bounds(csms, 5000, 0, -200, 100)
    await station.building_load(7400)
    await station.charging()
    sent = await csms.dispatch(local_load_balancing())
    check.that(sent.outcome, outcome, equals("Accepted"), advice="All thresholds are set, the upper above the lower.")
    expected = station.expects.power(-2600)
    await station.settle(expected)
    await station.building_load(6400)
    check.course(await station.course(expected), expected, advice="Between the thresholds the delta is 0.")


@test_case(
    "TC_STATION_LocalSystems_011",
    covers=("Q06.FR.05", "K13.FR.01"),
    pics=STATION.EMS_CONTROL & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "limit", "release"),
    detects=("station-deaf-to-site", "station-discharges-on", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_limit_of_nothing_stops_a_discharge_until_it_is_taken_back(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station transfers nothing while a local system allows nothing, and goes on as before after that.

    Given   a transaction that discharges by a setpoint
    when    a system on site allows 0 W in either direction, and then takes that back
    then    no power flows, and then the setpoint again
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(watts))
    expected = station.expects.power(watts)
    await station.settle(expected)
    await station.hold_below(0.0)
    resting = station.expects.rest()
    check.course(await station.course(resting), resting, advice="dischargeLimit 0 ends a discharge.")
    await station.release()
    advice = "Without the limit of the site the profile counts as before."
    check.course(await station.course(expected), expected, requirement="K13.FR.01", advice=advice)


async def set_bounds(csms: Csms, *watts: int) -> None:
    """Thresholds and offsets of load balancing; `Inconclusive` where the station does not take them."""
    for name, value in zip(_BOUNDS, watts, strict=True):
        await csms.prepare("V2XChargingCtrlr", "LocalLoadBalancing", value, instance=name, evse=1)
