"""Setpoints while the CSMS cannot be reached: how long they hold, and whether they come back (OCPP 2.1 Q11, Q12, K01)."""

from harness.v2g.readings import metered_power
from harness.vocabulary import STATION, Check, Csms, StationUnderTest, at_least, central_setpoint, test_case

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
    await csms.dispatch(central_setpoint(watts), maxOfflineDuration=60)
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
    await csms.dispatch(central_setpoint(watts), maxOfflineDuration=60, invalidAfterOfflineDuration=True)
    await station.settle(station.expects.power(watts))
    await csms.stop()
    await station.watch(120.0)
    await csms.start()
    await csms.connected(station.pixit.reconnect_time)
    expected = station.expects.discharge_at_most(0)
    check.course(await station.course(expected), expected, advice="The profile is invalid from the outage on.")
