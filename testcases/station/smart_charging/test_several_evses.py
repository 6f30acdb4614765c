"""Profiles at a station with several EVSEs: whom they concern, and how the station's maximum is shared (1.6 5.16, 2.x K01, K04)."""

from harness.ocpp.readings import outcome
from harness.vocabulary import (
    STATION,
    Axis,
    Check,
    Csms,
    Inconclusive,
    StationUnderTest,
    equals,
    plain_limit,
    test_case,
)

_PIC = STATION.SMART_CHARGING & STATION.RATE_UNIT_W & STATION.SEVERAL_EVSES


@test_case(
    "TC_STATION_SeveralEvses_001",
    covers=("K01.FR.15", "K04.FR.01"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-profiles-for-all", "station-defaults-for-all"),
    lasts=60.0,
)
async def test_the_default_of_one_evse_leaves_the_others_alone(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station keeps the default of an EVSE at that EVSE alone.

    Given   a default of a quarter of the charge power for EVSE 2
    when    a transaction begins on EVSE 1
    then    its power rises above half
    """
    quarter = await station.ready_for_limits()
    sent = await csms.limit(quarter, evse_id=2)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the default profile is refused.")
    await station.charging()
    free = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(free), free, advice="Look for profiles of the EVSE, and of EVSE 0.")


@test_case(
    "TC_STATION_SeveralEvses_002",
    covers=("K01.FR.09", "K01.FR.33"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-profiles-for-all", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_transaction_profile_for_the_wrong_evse_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses a TxProfile that names an EVSE where its transaction does not run.

    Given   a transaction on EVSE 1
    when    the CSMS sends a TxProfile of that transaction for EVSE 2
    then    the answer is Rejected
    """
    quarter = await station.ready_for_limits()
    running = await station.charging()
    sent = await csms.set_profile(2, "TxProfile", [plain_limit(quarter)], transaction=running.transaction_id)
    check.that(sent.outcome, outcome, equals("Rejected"), advice="EVSE and transactionId have to belong together.")


@test_case(
    "TC_STATION_SeveralEvses_003",
    covers=("K04.FR.05", "K04.FR.01"),
    pics=_PIC,
    needs=("plug", "authorise", "present"),
    detects=("station-maximum-for-each", "station-ignored-limit"),
    lasts=120.0,
)
async def test_the_maximum_of_the_station_is_shared(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps the sum of its EVSEs within its maximum.

    Given   a maximum of the charge power of one EVSE
    when    transactions run on EVSE 1 and EVSE 2
    then    the powers that the station reports of both come to no more than the maximum, and both charge
    """
    most = 4 * await station.ready_for_limits()
    sent = await csms.limit(most, purpose="ChargingStationMaxProfile")
    check.that(sent.outcome, outcome, equals("Accepted"), advice="A maximum for EVSE 0 is sound.")
    first = await station.charging()
    plugged = await station.plug_in(evse=2)
    await station.present(station.token, evse=2)
    second = await csms.transaction(2, within=station.pixit.start_time, after=plugged.number)
    await station.watch(station.pixit.start_time)
    begun = csms.clock.now()
    await station.watch(2 * station.pixit.meter_interval + 1.0)
    told = [csms.meter_values("Power.Active.Import", since=begun, transaction=each) for each in (first, second)]
    if not all(told):
        raise Inconclusive("meter values of both transactions are needed to judge their sum")
    last = [max(values, key=lambda each: each.at).value for values in told]
    check.holds(
        sum(last) <= most + station.pixit.setpoint_tolerance.at(most) + station.pixit.meter_accuracy.at(most),
        expected=f"at most {most:g} W for both together",
        actual=" and ".join(f"{watts:.0f} W" for watts in last),
        advice="Share the maximum of the station among the EVSEs that charge.",
    )
    check.holds(
        min(last) > 0.05 * most,
        expected="a share for each",
        actual=" and ".join(f"{watts:.0f} W" for watts in last),
        requirement="K04.FR.01",
        advice="Give each EVSE a part of the maximum.",
        axis=Axis.FIELD,
    )
