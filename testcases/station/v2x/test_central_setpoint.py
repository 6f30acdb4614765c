"""Central setpoints: what the CSMS asks for is what flows, in either direction (OCPP 2.1 block Q, Q03 and Q04)."""

from harness.ocpp.readings import outcome, reason_code, reported_residual, reported_setpoint
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, central_setpoint, equals, near, test_case


@test_case(
    "TC_STATION_CentralSetpoint_001",
    covers=("V2X.02",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-reversed-setpoint", "station-power-reversed", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_negative_setpoint_discharges_the_ev(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station discharges the EV with the power of a negative setpoint.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends a TxProfile with a setpoint of half the station's discharge power
    then    it is accepted, and after the settling time meter values and bench meter show that power, as export
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Compare the sign of setpoint, inverter and meter.")


@test_case(
    "TC_STATION_CentralSetpoint_002",
    covers=("V2X.02", "K01.FR.07"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-halved-setpoint",
        "station-weak",
        "station-ignores-charging-profiles",
        "station-meter-reversed",
        "station-rubber-stamp",
    ),
    lasts=60.0,
)
async def test_a_positive_setpoint_is_a_target_and_no_mere_ceiling(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station charges the EV with the power of a positive setpoint.

    Given   a transaction of a bidirectional EV that charges
    when    the CSMS sends a TxProfile with a setpoint of half the station's charge power
    then    it is accepted, and meter values and bench meter show that power, neither more nor less
    """
    watts = station.pixit.maximum_charge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="A setpoint is tracked from both sides.")


@test_case(
    "TC_STATION_CentralSetpoint_003",
    covers=("K01.FR.12", "V2X.01"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-hasty-schedules", "station-sluggish", "station-never-discharges", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_schedule_of_setpoints_turns_the_power_at_its_times(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station turns from charging to discharging when the schedule says so, and not before.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends a schedule that charges for 60 s and then discharges
    then    shortly before the change the power is the first setpoint, and once settled after it the second
    """
    charge, discharge = station.pixit.maximum_charge_power / 2, -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    transaction = await station.charging()
    sent = await csms.set_profile(
        1,
        "TxProfile",
        [central_setpoint(charge), central_setpoint(discharge, start=60)],
        transaction=transaction.transaction_id,
    )
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    begun = sent.at
    await station.watch(65.0)
    first = station.expects.power(charge)
    early = station.seen.between(begun + station.settling, begun + 58.0)
    check.course(early, first, advice="The period lasts until the next one starts.")
    second = station.expects.power(discharge)
    check.course(await station.course(second), second, advice="Compare startPeriod with the instant of the change.")


@test_case(
    "TC_STATION_CentralSetpoint_004",
    covers=("V2X.03", "SC.01"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-ignored-limit", "station-rubber-stamp", "station-overdone"),
    lasts=60.0,
)
async def test_a_maximum_of_the_station_caps_a_higher_setpoint(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station caps a setpoint at the limit that other profiles leave.

    Given   a transaction of a bidirectional EV and a ChargingStationMaxProfile of a quarter of the charge power
    when    the CSMS sends a setpoint of half
    then    meter values and bench meter show the limit
    """
    quarter = station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.limit(quarter, purpose="ChargingStationMaxProfile")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    sent = await csms.dispatch(central_setpoint(2 * quarter))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Capping happens in the merged schedule.")
    expected = station.expects.power(quarter)
    check.course(await station.course(expected), expected, advice="Merge all purposes before a setpoint is used.")


@test_case(
    "TC_STATION_CentralSetpoint_005",
    covers=("V2X.04", "Q06.FR.05"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.EMS_CONTROL,
    needs=("plug", "authorise", "limit"),
    detects=("station-reversed-setpoint", "station-rubber-stamp", "station-overdone"),
    lasts=60.0,
)
async def test_a_limit_of_the_site_caps_a_setpoint_that_discharges(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station discharges no more than a local system lets it, whatever the CSMS asks for.

    Given   a transaction that follows a setpoint of half of the discharge power
    when    a system on site allows one quarter in either direction
    then    meter values and bench meter show a discharge of one quarter
    """
    quarter = station.pixit.maximum_discharge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(-2 * quarter))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(-2 * quarter))
    await station.hold_below(quarter)
    expected = station.expects.power(-quarter)
    check.course(await station.course(expected), expected, advice="The discharge limit nearest to zero counts.")


@test_case(
    "TC_STATION_CentralSetpoint_006",
    covers=("V2X.04",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-ignored-discharge-limit", "station-ignores-dynamic-updates"),
    lasts=60.0,
)
async def test_an_updated_discharge_limit_caps_the_setpoint_that_stays(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps dischargeLimit, also where an update brings it below the magnitude of the setpoint.

    Given   a dynamic profile whose setpoint discharges with half of the discharge power
    when    the CSMS updates dischargeLimit alone, to one quarter
    then    meter values and bench meter show no more discharge than that, if the station took the update
    """
    quarter = station.pixit.maximum_discharge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(-2 * quarter, dischargeLimit=-3 * quarter), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(-2 * quarter))
    await csms.push(csms.tx_profile_id, dischargeLimit=-quarter)
    expected = station.expects.discharge_at_most(quarter)
    check.course(await station.course(expected), expected, advice="A setpoint never goes below dischargeLimit.")


@test_case(
    "TC_STATION_CentralSetpoint_007",
    covers=("V2X.05",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_setpoint_beyond_its_own_limits_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a period whose setpoint lies outside its own limits.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends a setpoint above the limit of the same period, then one below its dischargeLimit
    then    each is Rejected with InvalidSchedule
    """
    await station.ready()
    await station.charging()
    for period in (central_setpoint(5000, limit=3000), central_setpoint(-5000, dischargeLimit=-3000)):
        sent = await csms.dispatch(period)
        check.that(sent.outcome, outcome, equals("Rejected"), advice="Compare setpoint, limit and dischargeLimit.")
        check.that(sent.outcome, reason_code, equals("InvalidSchedule"), advice="Give the reasonCode with the refusal.")


@test_case(
    "TC_STATION_CentralSetpoint_008",
    covers=("K01.FR.17", "V2X.01"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-flat-stack", "station-endless-schedules", "station-discharges-on", "station-rubber-stamp"),
    lasts=120.0,
)
async def test_a_discharge_on_a_higher_stack_level_ends_with_its_schedule(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station follows the setpoint of the highest stack level, and the one below as soon as that has run out.

    Given   a transaction under a TxProfile that discharges for 60 s, above one that charges, which came last
    when    the 60 s are over
    then    the power was the discharge until then, and is the charge after it
    """
    discharge, charge = -station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    above = await csms.dispatch(central_setpoint(discharge), stack_level=1, lasting=60)
    check.that(above.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    below = await csms.dispatch(central_setpoint(charge))
    check.that(below.outcome, outcome, equals("Accepted"), advice="Each stack level has its own profile.")
    await station.watch(max(0.0, above.at + 62.0 - csms.clock.now()))
    first, second = station.expects.power(discharge), station.expects.power(charge)
    early = station.seen.between(below.at + station.settling, above.at + 58.0)
    check.course(early, first, advice="The highest stack level counts, whichever profile came last.")
    check.course(await station.course(second), second, advice="A schedule ends with its duration.")


@test_case(
    "TC_STATION_CentralSetpoint_009",
    covers=("V2X.02",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-negative-export", "station-halved-setpoint", "station-reversed-setpoint"),
    lasts=90.0,
)
async def test_the_station_tells_what_it_aims_at_and_what_it_misses(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station reports the setpoint that it follows with its sign, and how far it is from it.

    Given   a transaction under a dynamic TxProfile, with setpoint and residual among the measurands of CentralSetpoint
    when    the CSMS pushes a setpoint that charges, one of 0 W, and one that discharges
    then    the values tell each setpoint, and once settled a residual within the tolerance of the setpoint
    """
    listed = "Power.Active.Setpoint,Power.Active.Residual"
    await station.ready()
    await csms.prepare("V2XChargingCtrlr", "TxUpdatedMeasurands", listed, instance="CentralSetpoint", evse=1)
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(1000), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    for watts in (station.pixit.maximum_charge_power / 2, 0.0, -station.pixit.maximum_discharge_power / 2):
        await csms.push(csms.tx_profile_id, setpoint=watts)
        seen = await station.course(station.expects.power(watts))
        check.every(
            seen, reported_setpoint, near(watts, "W", tolerance=1.0), advice="Setpoints are told with their sign."
        )
        slack = station.pixit.setpoint_tolerance.at(watts) + station.pixit.meter_accuracy.at(watts)
        advice = "The residual is what is measured beyond the setpoint."
        check.every(seen, reported_residual, near(0.0, "W", tolerance=slack), advice=advice)


@test_case(
    "TC_STATION_CentralSetpoint_010",
    covers=("V2X.02", "K28.FR.06"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-refuses-profiles", "station-ignores-dynamic-updates", "station-weak", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_setpoint_beyond_what_can_be_done_is_followed_as_far_as_it_can(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station takes setpoints beyond its power, and does what it can.

    Given   a transaction under a dynamic TxProfile
    when    the CSMS pushes a setpoint of twice the charge power, and then of twice the discharge power
    then    each is accepted, and the power is the most that can be done in its direction
    """
    most = (station.pixit.maximum_charge_power, -station.pixit.maximum_discharge_power)
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(0), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    for watts in most:
        pushed = await csms.push(csms.tx_profile_id, setpoint=2 * watts)
        check.that(pushed.outcome, outcome, equals("Accepted"), advice="A setpoint is a target, no demand.")
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, advice="Come as near to the setpoint as you can.")


@test_case(
    "TC_STATION_CentralSetpoint_011",
    covers=("V2X.02", "K28.FR.06"),
    pics=STATION.V2X_REACTIVE_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=(
        "station-der-vars-reversed",
        "station-der-no-vars",
        "station-deaf-to-reactive-setpoints",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_a_reactive_setpoint_is_followed_beside_the_active_one(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station follows a setpoint of reactive power in both directions, and that of active power beside it.

    Given   a transaction under a dynamic TxProfile that discharges with half the power, and tells reactive power
    when    the CSMS pushes a reactive setpoint of a quarter of the power that is absorbed, and then one that is injected
    then    meter values and bench meter show it, and the active power stays where it was
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every(also=("Power.Reactive.Import", "Power.Reactive.Export"))
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts, setpointReactive=0), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses setpointReactive.")
    active = station.expects.power(watts)
    await station.settle(active)
    for var in (-watts / 2, watts / 2):
        pushed = await csms.push(csms.tx_profile_id, setpoint=watts, setpointReactive=var)
        check.that(
            pushed.outcome, outcome, equals("Accepted"), advice="The profile is of kind Dynamic; take the update."
        )
        expected = station.expects.reactive(var, var, 2 * abs(watts))
        seen = await station.course(expected)
        check.course(seen, expected, advice="setpointReactive is + for what is absorbed (inductive).")
        check.course(seen, active, advice="Active and reactive power are steered apart.")
