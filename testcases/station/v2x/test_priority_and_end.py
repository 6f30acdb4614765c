"""What ends a discharge that the CSMS steers: priority charging, and the end of the transaction (OCPP 2.1 K21, K22, K02)."""

from harness.ocpp.readings import event_type, export_register, outcome, reading
from harness.v2g.readings import metered_discharge_power, metered_power
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    StationUnderTest,
    at_least,
    central_setpoint,
    equals,
    plain_limit,
    test_case,
)


@test_case(
    "TC_STATION_TransferEnd_001",
    covers=("K21.FR.04", "K21.FR.07", "K21.FR.08"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.PRIORITY_CHARGING,
    needs=("plug", "authorise"),
    detects=(
        "station-ignores-priority-charging",
        "station-discharges-on",
        "station-priority-for-ever",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_priority_charging_takes_the_place_of_a_discharge_and_gives_it_back(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station charges by the PriorityCharging profile instead of discharging, until priority ends.

    Given   a transaction that discharges by a TxProfile, and a PriorityCharging profile
    when    the CSMS sends UsePriorityCharging, and later takes it back
    then    nothing is discharged, then the setpoint is followed again, and NotifyPriorityCharging tells of the end
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    transaction = await station.charging()
    await csms.set_profile(0, "PriorityCharging", [plain_limit(station.pixit.maximum_charge_power)])
    await csms.dispatch(central_setpoint(watts))
    expected = station.expects.power(watts)
    await station.settle(expected)
    sent = await csms.prioritise(transaction)
    check.that(sent.outcome, outcome, equals("Accepted"), requirement="K21.FR.04", advice="A profile is installed.")
    none = station.expects.discharge_at_most(0)
    advice = "A PriorityCharging profile takes the place of the TxProfile."
    check.course(await station.course(none), none, requirement="K21.FR.04", advice=advice)
    ended = await csms.prioritise(transaction, activate=False)
    check.that(ended.outcome, outcome, equals("Accepted"), requirement="K21.FR.06", advice="Priority may end any time.")
    told = await csms.expect("NotifyPriorityCharging", within=station.pixit.answer_time)
    check.that(told, reading("activated"), equals(False), requirement="K21.FR.08", advice="Tell the end of priority.")
    advice = "Go back to the TxProfile."
    check.course(await station.course(expected), expected, requirement="K21.FR.07", advice=advice)


@test_case(
    "TC_STATION_TransferEnd_002",
    covers=("K02.FR.05", "V2X.01"),
    pics=STATION.V2X_CENTRAL_SETPOINT & STATION.REMOTE_START,
    needs=("plug", "authorise", "meter"),
    detects=(
        "station-ignores-remote-stops",
        "station-discharges-on",
        "station-registers-stuck",
        "station-rubber-stamp",
    ),
    lasts=90.0,
)
async def test_the_end_of_a_transaction_ends_its_discharge(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station stops to discharge when the transaction is stopped, forgets its profile, and tells what was given.

    Given   a transaction that discharges by a TxProfile for half a minute
    when    the CSMS stops it
    then    the last event has an export register that counted, the bench meter shows no power, and no TxProfile is left
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    transaction = await station.charging()
    await csms.dispatch(central_setpoint(watts))
    await station.settle(station.expects.power(watts))
    await station.watch(30.0)
    told = [found for seen in station.seen if (found := export_register(seen)) is not None]
    ended = await csms.stop_transaction(transaction)
    check.that(ended, event_type, equals("Ended"), advice="Stop the transaction that is named.")
    resting = station.expects.rest()
    seen = await station.course(resting, reports=1)
    check.every(seen, metered_power, resting[metered_power], advice="Without a transaction nothing flows.")
    least = at_least(min(told, default=0.0) - watts * 25 / 3600, "Wh")
    check.every(station.seen.after(ended.number - 1), export_register, least, advice="Count what the EV gives.")
    left = await csms.reported("TxProfile", within=station.pixit.answer_time)
    check.that(left, outcome, equals("NoProfiles"), advice="Delete the TxProfile with its transaction.")


@test_case(
    "TC_STATION_TransferEnd_003",
    covers=("K01.FR.12", "V2X.01"),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise", "power_cycle", "meter"),
    detects=("station-discharges-on",),
    lasts=240.0,
)
async def test_a_discharge_does_not_outlive_its_schedule_over_a_power_failure(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station does not go on to discharge an EV after a power failure, once the schedule for it is over.

    Given   a transaction that discharges by a TxProfile for a minute
    when    the supply of the station fails in that minute, it boots again, and the minute is over
    then    the bench meter shows no discharge, whether the profile outlived the failure or not
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(watts), lasting=60)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="See why the station refuses the profile.")
    await station.settle(station.expects.power(watts))
    await station.power_cycle()
    await csms.connected(station.pixit.boot_time)
    await station.watch(max(0.0, sent.at + 60.0 + station.settling - csms.clock.now()))
    none = station.expects.discharge_at_most(0)[metered_discharge_power]
    seen = await station.watch(20.0)
    check.every(seen, metered_discharge_power, none, advice="A schedule ends with its duration, reboot or not.")
