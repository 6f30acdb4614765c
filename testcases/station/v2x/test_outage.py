"""Setpoints while the CSMS cannot be reached: how long they hold, and whether they come back (OCPP 2.1 Q11, Q12, K01)."""

from harness.ocpp.readings import outcome
from harness.v2g.readings import metered_power
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    GridControl,
    StationUnderTest,
    at_least,
    central_frequency,
    central_setpoint,
    equals,
    local_frequency,
    test_case,
)

_DISCHARGING = -500.0


@test_case(
    "TC_STATION_Outage_001",
    covers=("K01.FR.101", "K01.FR.102"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.MAX_OFFLINE_DURATION,
    needs=("plug", "authorise", "meter"),
    detects=("station-unlimited-offline", "station-rubber-stamp"),
    lasts=240.0,
)
async def test_a_setpoint_ends_with_its_longest_outage_and_comes_back(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station leaves a profile whose maxOfflineDuration is over, and takes it up again once it is back online.

    Given   a transaction that discharges by a TxProfile with maxOfflineDuration 60 s
    when    the CSMS cannot be reached for two minutes, and then is back
    then    at the end of the outage the bench meter shows no discharge any more, and after it the setpoint again
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts), maxOfflineDuration=60)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(watts))
    await csms.stop()
    await station.watch(110.0)
    late = await station.watch(10.0)
    check.every(
        late,
        metered_power,
        at_least(_DISCHARGING, "W"),
        requirement="K01.FR.101",
        advice="Count the time since the connection was lost against maxOfflineDuration.",
    )
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    expected = station.expects.power(watts)
    check.course(
        await station.course(expected),
        expected,
        requirement="K01.FR.102",
        advice="Without invalidAfterOfflineDuration the profile is valid again.",
    )


@test_case(
    "TC_STATION_Outage_002",
    covers=("K01.FR.102",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.MAX_OFFLINE_DURATION,
    needs=("plug", "authorise"),
    detects=("station-forgiving-offline", "station-unlimited-offline"),
    lasts=240.0,
)
async def test_a_setpoint_that_an_outage_made_invalid_stays_so(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station does not take a profile up again that an outage made invalid for good.

    Given   a transaction that discharges by a TxProfile with maxOfflineDuration 60 s and invalidAfterOfflineDuration
    when    the CSMS cannot be reached for two minutes, and then is back
    then    meter values and bench meter show no discharge
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts), maxOfflineDuration=60, invalidAfterOfflineDuration=True)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(watts))
    await csms.stop()
    await station.watch(120.0)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    expected = station.expects.discharge_at_most(0)
    check.course(await station.course(expected), expected, advice="The profile is invalid from the outage on.")


@test_case(
    "TC_STATION_Outage_003",
    covers=("K01.FR.101", "K01.FR.103"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "meter"),
    detects=("station-hasty-offline", "station-never-discharges", "station-rubber-stamp"),
    lasts=150.0,
)
async def test_a_setpoint_without_longest_outage_outlives_one(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station goes on with a profile that has no maxOfflineDuration while the CSMS cannot be reached.

    Given   a transaction that discharges by a TxProfile without maxOfflineDuration
    when    the CSMS cannot be reached for a minute
    then    the bench meter shows the setpoint all the time
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    expected = station.expects.power(watts)
    await station.settle(expected)
    await csms.stop()
    seen = await station.watch(60.0)
    check.every(seen, metered_power, expected[metered_power], advice="Being offline does not end a profile by itself.")
    await csms.start()


@test_case(
    "TC_STATION_Outage_004",
    covers=("K01.FR.101",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.MAX_OFFLINE_DURATION,
    needs=("plug", "authorise", "meter"),
    detects=("station-unlimited-offline", "station-hasty-offline", "station-discharges-on", "station-rubber-stamp"),
    lasts=240.0,
)
async def test_an_outage_uncovers_the_stack_level_below(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station follows the profile below as soon as an outage has ended the one above, and not before.

    Given   a transaction that discharges by a TxProfile with maxOfflineDuration 60 s, above one that charges
    when    the CSMS cannot be reached for two minutes
    then    after half a minute the bench meter still shows the discharge, and at the end the charge
    """
    discharge, charge = -station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 4
    await station.ready()
    await station.report_every()
    await station.charging()
    for sent in (
        await csms.dispatch(central_setpoint(charge)),
        await csms.dispatch(central_setpoint(discharge), stack_level=1, maxOfflineDuration=60),
    ):
        check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    above, below = station.expects.power(discharge), station.expects.power(charge)
    await station.settle(above)
    await csms.stop()
    early = await station.watch(40.0)
    check.every(early, metered_power, above[metered_power], advice="The profile holds for maxOfflineDuration.")
    await station.watch(70.0)
    late = await station.watch(10.0)
    check.every(late, metered_power, below[metered_power], advice="Then the next stack level counts.")
    await csms.start()


@test_case(
    "TC_STATION_Outage_005",
    covers=("K01.FR.101",),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.MAX_OFFLINE_DURATION,
    needs=("plug", "authorise", "meter"),
    detects=("station-unlimited-offline", "station-discharges-on"),
    lasts=120.0,
)
async def test_a_setpoint_for_online_alone_ends_with_the_connection(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station leaves a profile with maxOfflineDuration 0 as soon as it sees that it is offline.

    Given   a transaction that discharges by a TxProfile with maxOfflineDuration 0, the only profile
    when    the CSMS cannot be reached for a minute
    then    at the end of it the bench meter shows no discharge any more
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts), maxOfflineDuration=0)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="0 is a duration like any other.")
    await station.settle(station.expects.power(watts))
    await csms.stop()
    await station.watch(50.0)
    late = await station.watch(10.0)
    check.every(late, metered_power, at_least(_DISCHARGING, "W"), advice="0 s offline are too many.")
    await csms.start()


@test_case(
    "TC_STATION_Outage_006",
    covers=("K01.FR.101", "Q08.FR.06"),
    pics=STATION.V2X_CENTRAL_FREQUENCY & STATION.V2X_LOCAL_FREQUENCY & STATION.MAX_OFFLINE_DURATION,
    needs=("plug", "authorise", "meter", "grid"),
    detects=("station-unlimited-offline", "station-blind-to-frequency", "station-flat-stack", "station-rubber-stamp"),
    lasts=180.0,
)
async def test_frequency_support_goes_on_locally_without_the_csms(
    csms: Csms, station: StationUnderTest, grid: GridControl, check: Check
) -> None:
    """Station supports the frequency by its own curve as soon as an outage has ended the support by the CSMS.

    Given   a transaction under CentralFrequency with maxOfflineDuration 30 s, above a profile in mode LocalFrequency
    when    the CSMS cannot be reached for a minute and a half, and the frequency is low
    then    at the end the bench meter shows what the curve says
    """
    most = min(station.pixit.maximum_charge_power, station.pixit.maximum_discharge_power)
    curve = ((49.8, -most / 2), (49.98, 0.0), (50.02, 0.0), (50.2, most / 2))
    await station.ready()
    await station.report_every()
    await station.charging()
    for sent in (
        await csms.dispatch(local_frequency(0.0, curve)),
        await csms.dispatch(central_frequency(most / 4), dynamic=True, stack_level=1, maxOfflineDuration=30),
    ):
        check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(most / 4))
    await csms.stop()
    await grid.set(hertz=49.89)
    await station.watch(80.0)
    late = await station.watch(10.0)
    expected = station.expects.power(-most / 4)[metered_power]
    check.every(
        late, metered_power, expected, advice="The stack level below counts once the outage has lasted too long."
    )
    await csms.start()
