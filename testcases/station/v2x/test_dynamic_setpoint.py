"""Dynamic profiles: values that the CSMS pushes or the station pulls, and their end (OCPP 2.1 K28, Q04)."""

from harness.ocpp.readings import outcome, reading, reported_periods, reported_update
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, central_setpoint, equals, near, test_case


@test_case(
    "TC_STATION_DynamicSetpoint_001",
    covers=("K28.FR.06",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-ignores-dynamic-updates", "station-reversed-setpoint", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_pushed_setpoint_is_followed_at_once(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station follows each setpoint that UpdateDynamicSchedule brings.

    Given   a dynamic TxProfile with a setpoint of 0 W
    when    the CSMS pushes a setpoint that discharges, then one that charges
    then    each is accepted, and meter values and bench meter show it after the settling time
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(0), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    for watts in (-station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 2):
        pushed = await csms.push(csms.tx_profile_id, setpoint=watts)
        check.that(
            pushed.outcome, outcome, equals("Accepted"), advice="The profile is of kind Dynamic; take the update."
        )
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, advice="Apply an update when it comes.")


@test_case(
    "TC_STATION_DynamicSetpoint_002",
    covers=("K28.FR.08", "K28.FR.10"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-never-pulls", "station-rejects-updates-silently", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_a_pulled_setpoint_is_followed(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station asks for new values every dynUpdateInterval, and follows what it gets.

    Given   a dynamic TxProfile with dynUpdateInterval 10 s and a setpoint of 0 W
    when    the CSMS holds a setpoint ready that discharges
    then    the station sends PullDynamicScheduleUpdate for the profile within two intervals, and the power follows
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(0), dynamic=True, dynUpdateInterval=10)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    csms.offer(csms.tx_profile_id, setpoint=watts)
    pulled = await csms.expect("PullDynamicScheduleUpdate", within=20.0, chargingProfileId=csms.tx_profile_id)
    check.that(
        pulled,
        reading("chargingProfileId"),
        equals(csms.tx_profile_id),
        requirement="K28.FR.10",
        advice="Ask at dynUpdateTime + dynUpdateInterval.",
    )
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Use scheduleUpdate of the answer at once.")


@test_case(
    "TC_STATION_DynamicSetpoint_003",
    covers=("K28.FR.13", "K28.FR.14", "K28.FR.15"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=(
        "station-endless-schedules",
        "station-ignores-dynamic-updates",
        "station-discharges-on",
        "station-rubber-stamp",
    ),
    lasts=120.0,
)
async def test_a_setpoint_without_updates_ends_and_an_update_revives_it(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station leaves a dynamic profile that is not updated in time, and takes it up again with the next update.

    Given   a dynamic TxProfile with a duration of 30 s whose setpoint discharges, above a TxDefaultProfile
    when    no update comes for 30 s, and then one does
    then    after the 30 s nothing is discharged any more, and after the update the power follows it
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    await csms.limit(station.pixit.maximum_charge_power / 4)
    sent = await csms.dispatch(central_setpoint(watts), dynamic=True, lasting=30)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.power(watts)
    begun = await station.settle(expected)
    check.course(station.seen.between(begun, sent.at + 28.0), expected, advice="Follow the setpoint while it is fresh.")
    await station.watch(max(0.0, sent.at + 31.0 - csms.clock.now()))
    stale = station.expects.discharge_at_most(0)
    check.course(await station.course(stale), stale, advice="Compare dynUpdateTime + duration with the clock.")
    await csms.push(csms.tx_profile_id, setpoint=watts)
    check.course(
        await station.course(expected),
        expected,
        requirement="K28.FR.14",
        advice="Keep a stale profile; it is valid again from the next update on.",
    )


@test_case(
    "TC_STATION_DynamicSetpoint_004",
    covers=("K28.FR.11",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-ignores-dynamic-updates", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_an_update_of_a_profile_that_is_not_dynamic_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses UpdateDynamicSchedule for a profile of another kind.

    Given   a transaction under a TxProfile of kind Absolute
    when    the CSMS sends UpdateDynamicSchedule for that profile
    then    it is Rejected
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(0))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    pushed = await csms.push(csms.tx_profile_id, setpoint=-1000)
    check.that(pushed.outcome, outcome, equals("Rejected"), advice="Only kind Dynamic takes updates.")


@test_case(
    "TC_STATION_DynamicSetpoint_005",
    covers=("K28.FR.03", "K28.FR.04", "K01.FR.122"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_malformed_dynamic_profile_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a dynamic profile of two periods, and dynUpdateInterval in another kind.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends a dynamic TxProfile with two periods, then an absolute one with dynUpdateInterval
    then    each is Rejected
    """
    await station.ready()
    transaction = (await station.charging()).transaction_id
    two = [central_setpoint(0), central_setpoint(1000, start=60)]
    sent = await csms.set_profile(1, "TxProfile", two, kind="Dynamic", transaction=transaction)
    advice = "A dynamic profile has one schedule with one period."
    check.that(sent.outcome, outcome, equals("Rejected"), requirement="K28.FR.03", advice=advice)
    sent = await csms.dispatch(central_setpoint(0), dynUpdateInterval=10)
    advice = "dynUpdateInterval belongs to kind Dynamic alone."
    check.that(sent.outcome, outcome, equals("Rejected"), requirement="K28.FR.04", advice=advice)


@test_case(
    "TC_STATION_DynamicSetpoint_006",
    covers=("K28.FR.08", "K28.FR.10"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-pulls-blindly", "station-never-pulls", "station-never-discharges", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_a_refused_pull_changes_nothing(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its values where the CSMS refuses new ones, and asks again.

    Given   a dynamic TxProfile with dynUpdateInterval 10 s whose setpoint discharges, and a CSMS that has no new values
    when    the station asks for new values
    then    the power stays with the setpoint, and the station asks again after another interval
    """
    watts = -station.pixit.maximum_discharge_power / 2
    csms.policy = csms.policy.answering("PullDynamicScheduleUpdate", status="Rejected", scheduleUpdate=None)
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts), dynamic=True, dynUpdateInterval=10)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    asked = await csms.expect("PullDynamicScheduleUpdate", within=20.0)
    number = reading("chargingProfileId")
    check.that(asked, number, equals(csms.tx_profile_id), requirement="K28.FR.10", advice="Ask for new values.")
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="A refusal has no values to take.")
    again = await csms.expect("PullDynamicScheduleUpdate", within=20.0, after=asked.number)
    check.that(again, number, equals(csms.tx_profile_id), requirement="K28.FR.10", advice="Go on asking.")


@test_case(
    "TC_STATION_DynamicSetpoint_007",
    covers=("K28.FR.06", "K28.FR.09"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=(
        "station-undated-updates",
        "station-ignores-dynamic-updates",
        "station-reversed-setpoint",
        "station-rubber-stamp",
    ),
    lasts=40.0,
)
async def test_a_pushed_setpoint_is_stored_with_its_time(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station reports a dynamic profile with its latest setpoint, and when that came.

    Given   a dynamic TxProfile with a setpoint of 0 W
    when    the CSMS pushes another setpoint a quarter of a minute later
    then    the profile is reported with it, and with the time of the push as dynUpdateTime
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(0), dynamic=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.watch(15.0)
    pushed = await csms.push(csms.tx_profile_id, setpoint=-1000)
    check.that(pushed.outcome, outcome, equals("Accepted"), advice="The profile is of kind Dynamic; take the update.")
    seen = await csms.reported("TxProfile", within=station.pixit.answer_time)
    check.that(seen, reported_periods("setpoint"), equals([-1000]), advice="Store what an update brings.")
    dated = near(csms.clock.wall(pushed.at).timestamp(), "s", tolerance=10.0)
    check.that(seen, reported_update, dated, requirement="K28.FR.09", advice="Set dynUpdateTime to now.")
