"""What systems on site set of their own accord: what kind of profile it becomes, how it is told, and when it ends (OCPP 2.1 Q06)."""

from harness.ocpp.readings import reading, reported_periods, reported_profile, reported_update
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    central_setpoint,
    equals,
    satisfies,
    test_case,
)

_PURPOSE = "ChargingStationExternalConstraints"
_LIMITS = STATION.EMS_CONTROL & STATION.OCPP_21
_SETPOINTS = STATION.EMS_CONTROL & STATION.V2X_EXTERNAL_SETPOINT
_NEEDS = ("plug", "authorise", "site", "release")
kind = reported_profile("chargingProfileKind")
modes = reported_periods("operationMode")
source = reading("chargingLimit.chargingLimitSource")
told_schedules = reading("chargingSchedule")


@test_case(
    "TC_STATION_SiteProfiles_001",
    covers=("Q06.FR.02", "Q06.FR.11", "K29.FR.04"),
    pics=_LIMITS,
    needs=_NEEDS,
    detects=(
        "station-site-kind-lost",
        "station-claims-limits-of-others",
        "station-limits-without-schedules",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_a_single_limit_of_the_site_is_a_dynamic_profile(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station holds a single limit of a system on site as a dynamic profile, and tells it.

    Given   a transaction that charges
    when    a system on site sets a limit of a quarter of the charge power
    then    NotifyChargingLimit comes from the EMS with the schedule, and the profile is Dynamic with one ExternalLimits period
    """
    await station.ready()
    await csms.prepare("SmartChargingCtrlr", "NotifyChargingLimitWithSchedules", True)
    await station.charging()
    held = await station.site_limits((0, station.pixit.maximum_charge_power / 4))
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=held.number)
    check.that(told, source, equals("EMS"), requirement="Q06.FR.11", advice="Tell limits of others than the CSMS.")
    one = satisfies("one schedule", lambda found: len(found) == 1)
    check.that(told, told_schedules, one, requirement="Q06.FR.11", advice="Send the schedule along.")
    seen = await csms.reported(_PURPOSE, within=station.pixit.answer_time)
    check.that(seen, kind, equals("Dynamic"), advice="A single value is a dynamic profile.")
    check.that(seen, modes, equals(["ExternalLimits"]), advice="It has one period, in mode ExternalLimits.")


@test_case(
    "TC_STATION_SiteProfiles_002",
    covers=("Q06.FR.04", "Q06.FR.06", "Q06.FR.11"),
    pics=_SETPOINTS,
    needs=_NEEDS,
    detects=(
        "station-deaf-to-site",
        "station-refuses-site-profiles",
        "station-never-discharges",
        "station-site-kind-lost",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_single_setpoint_of_the_site_is_followed_as_it_moves(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station follows the setpoint of a system on site in both directions, and holds it as a dynamic profile.

    Given   a transaction of a bidirectional EV, and no setpoint of the CSMS
    when    a system on site asks for a discharge, and then for a charge
    then    the power follows, and the profile is Dynamic with one ExternalSetpoint period
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    for watts in (-station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 4):
        await station.site_setpoints((0, watts))
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, requirement="Q06.FR.06", advice="Follow the site.")
    seen = await csms.reported(_PURPOSE, within=station.pixit.answer_time)
    check.that(seen, kind, equals("Dynamic"), advice="A single value is a dynamic profile.")
    check.that(seen, modes, equals(["ExternalSetpoint"]), advice="It has one period, in mode ExternalSetpoint.")


@test_case(
    "TC_STATION_SiteProfiles_003",
    covers=("Q06.FR.07", "K29.FR.05", "K29.FR.06"),
    pics=_LIMITS,
    needs=_NEEDS,
    detects=("station-undated-updates", "station-deaf-to-site", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_an_update_of_the_site_is_dated(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the latest value of a system on site, with the time at which it came.

    Given   a transaction under a limit of a system on site
    when    the system halves the limit a quarter of a minute later
    then    the reported profile has the new limit, and a dynUpdateTime that is that of the change
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.charging()
    await station.site_limits((0, watts))
    await station.watch(15.0)
    changed = await station.site_limits((0, watts / 2))
    seen = await csms.reported(_PURPOSE, within=station.pixit.answer_time)
    check.that(seen, reported_periods("limit"), equals([watts / 2]), requirement="K29.FR.05", advice="Store it.")
    at = csms.clock.wall(changed.at).timestamp()
    fresh = satisfies("the time of the change, give or take 10 s", lambda stamped: abs(stamped - at) <= 10.0)
    check.that(seen, reported_update, fresh, advice="Set dynUpdateTime whenever a value of the site changes.")


@test_case(
    "TC_STATION_SiteProfiles_004",
    covers=("Q06.FR.08", "K11.FR.07"),
    pics=_LIMITS,
    needs=_NEEDS,
    detects=("station-ignores-variables", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_limit_of_the_site_is_refused_where_that_is_disallowed(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station lets no system on site make profiles where ExternalConstraintsProfileDisallowed is set.

    Given   ExternalConstraintsProfileDisallowed true, and a transaction that charges
    when    a system on site sets a limit of a quarter of the charge power
    then    no NotifyChargingLimit comes, and the power does not fall to it
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await csms.prepare("SmartChargingCtrlr", "ExternalConstraintsProfileDisallowed", True)
    await station.charging()
    await station.settle(station.expects.charge_at_least(2 * watts))
    held = await station.site_limits((0, watts))
    expected = station.expects.charge_at_least(2 * watts)
    check.course(await station.course(expected), expected, advice="The value of the site must not count.")
    told = station.seen.after(held.number).where(lambda seen: source(seen) is not None)
    check.holds(
        len(told) == 0,
        expected="no NotifyChargingLimit",
        actual=f"{len(told)}",
        seen=told.last,
        advice="There is no profile of the site to tell.",
    )


@test_case(
    "TC_STATION_SiteProfiles_005",
    covers=("Q06.FR.01", "Q06.FR.10"),
    pics=_LIMITS,
    needs=_NEEDS,
    detects=("station-site-kind-lost", "station-silent-limits", "station-overdone", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_schedule_of_limits_of_the_site_is_an_absolute_profile(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station holds a schedule of limits of a system on site as an absolute profile, tells it, and keeps it.

    Given   a transaction that charges
    when    a system on site sets a limit of half the charge power, and of a quarter after 60 s
    then    NotifyChargingLimit comes from the EMS, the profile is Absolute with ExternalLimits, and the power keeps each limit
    """
    half = station.pixit.maximum_charge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    held = await station.site_limits((0, half), (60, half / 2))
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=held.number)
    check.that(told, source, equals("EMS"), requirement="Q06.FR.10", advice="Tell limits of others than the CSMS.")
    seen = await csms.reported(_PURPOSE, within=station.pixit.answer_time)
    check.that(seen, kind, equals("Absolute"), advice="A schedule of the site is an absolute profile.")
    check.that(seen, modes, equals(["ExternalLimits"] * 2), advice="Its periods are in mode ExternalLimits.")
    first, second = station.expects.charge_at_most(half), station.expects.charge_at_most(half / 2)
    await station.watch(62.0)
    early = station.seen.between(held.at + station.settling, held.at + 58.0)
    check.course(early, first, advice="The limit of the site holds from its start.")
    check.course(await station.course(second), second, advice="Go on to the next period of the site's schedule.")


@test_case(
    "TC_STATION_SiteProfiles_006",
    covers=("Q06.FR.03", "Q06.FR.10"),
    pics=_SETPOINTS,
    needs=_NEEDS,
    detects=("station-site-kind-lost", "station-power-reversed", "station-discharges-on", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_schedule_of_setpoints_of_the_site_is_an_absolute_profile(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station holds a schedule of setpoints of a system on site as an absolute profile, and follows it.

    Given   a transaction of a bidirectional EV
    when    a system on site sets a schedule that discharges for 60 s, and then charges
    then    the profile is Absolute with ExternalSetpoint periods, and the power turns at its time
    """
    discharge, charge = -station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    held = await station.site_setpoints((0, discharge), (60, charge))
    told = await csms.expect("NotifyChargingLimit", within=station.pixit.answer_time, after=held.number)
    check.that(told, source, equals("EMS"), requirement="Q06.FR.10", advice="Tell setpoints of others than the CSMS.")
    seen = await csms.reported(_PURPOSE, within=station.pixit.answer_time)
    check.that(seen, kind, equals("Absolute"), advice="A schedule of the site is an absolute profile.")
    check.that(seen, modes, equals(["ExternalSetpoint"] * 2), advice="Its periods are in mode ExternalSetpoint.")
    first, second = station.expects.power(discharge), station.expects.power(charge)
    await station.watch(62.0)
    early = station.seen.between(held.at + station.settling, held.at + 58.0)
    check.course(early, first, advice="The setpoint of the site holds from its start.")
    check.course(await station.course(second), second, advice="Go on to the next period of the site's schedule.")


@test_case(
    "TC_STATION_SiteProfiles_007",
    covers=("Q06.FR.20", "Q06.FR.21"),
    pics=_SETPOINTS & STATION.V2X_CENTRAL_SETPOINT,
    needs=_NEEDS,
    detects=("station-csms-setpoint-first", "station-deaf-to-site", "station-never-discharges"),
    lasts=60.0,
)
async def test_the_setpoint_of_the_site_comes_first(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station prefers the setpoint of a system on site where SetpointPriority is ExternalSystem.

    Given   SetpointPriority ExternalSystem, and a transaction under a setpoint of the CSMS that charges
    when    a system on site asks for a discharge
    then    meter values and bench meter show the discharge
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await csms.prepare("SmartChargingCtrlr", "SetpointPriority", "ExternalSystem")
    await station.charging()
    await csms.dispatch(central_setpoint(station.pixit.maximum_charge_power / 4))
    await station.site_setpoints((0, watts))
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="SetpointPriority says whose setpoint counts.")


@test_case(
    "TC_STATION_SiteProfiles_008",
    covers=("Q06.FR.20", "Q06.FR.22"),
    pics=_SETPOINTS & STATION.V2X_CENTRAL_SETPOINT,
    needs=_NEEDS,
    detects=("station-ignores-variables", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_the_setpoint_of_the_csms_comes_first(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station prefers the setpoint of the CSMS where SetpointPriority is CSMS.

    Given   SetpointPriority CSMS, and a transaction under a setpoint of the CSMS that charges
    when    a system on site asks for a discharge
    then    meter values and bench meter show the setpoint of the CSMS
    """
    watts = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await csms.prepare("SmartChargingCtrlr", "SetpointPriority", "CSMS")
    await station.charging()
    await csms.dispatch(central_setpoint(watts))
    await station.site_setpoints((0, -station.pixit.maximum_discharge_power / 2))
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="SetpointPriority says whose setpoint counts.")


@test_case(
    "TC_STATION_SiteProfiles_009",
    covers=("Q06.FR.30", "Q06.FR.05"),
    pics=_LIMITS & STATION.V2X_CENTRAL_SETPOINT,
    needs=_NEEDS,
    detects=("station-deaf-to-site", "station-refuses-site-profiles", "station-overdone"),
    lasts=60.0,
)
async def test_a_limit_for_the_whole_station_holds_in_both_directions(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps a limit that a system on site sets for all its EVSEs, whichever way the power flows.

    Given   a transaction under a setpoint of half the discharge power, the only one of the station
    when    a system on site allows the station a quarter, and then the CSMS turns the setpoint round
    then    no more than the quarter is discharged, and then charged
    """
    quarter = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power) / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.dispatch(central_setpoint(-2 * quarter))
    await station.settle(station.expects.power(-2 * quarter))
    await station.site_limits((0, quarter), evse=0)
    expected = station.expects.discharge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="dischargeLimit of EVSE 0 is for the station.")
    await csms.dispatch(central_setpoint(2 * quarter))
    expected = station.expects.charge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="limit of EVSE 0 is for the station.")


@test_case(
    "TC_STATION_SiteProfiles_010",
    covers=("Q06.FR.31",),
    pics=_SETPOINTS,
    needs=_NEEDS,
    detects=("station-deaf-to-site", "station-never-discharges", "station-weak"),
    lasts=40.0,
)
async def test_a_setpoint_for_the_whole_station_is_followed(station: StationUnderTest, check: Check) -> None:
    """Station follows a setpoint that a system on site sets for all its EVSEs.

    Given   one transaction of a bidirectional EV, the only one of the station
    when    a system on site asks the station for a discharge
    then    meter values and bench meter show it
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    await station.site_setpoints((0, watts), evse=0)
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Share the setpoint out among the EVSEs in use.")


@test_case(
    "TC_STATION_SiteProfiles_011",
    covers=("Q06.FR.40", "Q06.FR.41", "K29.FR.07", "K29.FR.08"),
    pics=_SETPOINTS,
    needs=_NEEDS,
    detects=("station-discharges-on", "station-deaf-to-site"),
    lasts=90.0,
)
async def test_a_setpoint_of_the_site_ends_with_its_duration_and_comes_back(
    station: StationUnderTest, check: Check
) -> None:
    """Station leaves a setpoint of the site that is not renewed in time, and takes it up again with the next value.

    Given   a transaction of a bidirectional EV, and a system on site that asks for a discharge for 30 s
    when    no new value comes for 30 s, and then one does
    then    nothing is discharged any more, and then it is again
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    asked = await station.site_setpoints((0, watts), lasting=30)
    expected = station.expects.power(watts)
    check.course(await station.course(expected, reports=1), expected, advice="Follow the site.")
    await station.watch(max(0.0, asked.at + 31.0 - station.csms.clock.now()))
    over = station.expects.discharge_at_most(0)
    check.course(await station.course(over), over, advice="Compare dynUpdateTime + duration with the clock.")
    await station.site_setpoints((0, watts))
    advice = "A new value of the site makes its profile valid again."
    check.course(await station.course(expected), expected, requirement="Q06.FR.41", advice=advice)
