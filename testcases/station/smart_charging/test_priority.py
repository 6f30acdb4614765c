"""Priority charging: what it replaces, what still holds, who can ask for it (2.1 K21, K22). The meters judge."""

from harness.ocpp.readings import outcome, reading
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    StationUnderTest,
    Transaction,
    charging_only,
    equals,
    test_case,
)

_PIC = STATION.PRIORITY_CHARGING & STATION.RATE_UNIT_W


async def held_low(csms: Csms, station: StationUnderTest, quarter: float) -> Transaction:
    """A transaction under a TxProfile of a quarter of the charge power, with a PriorityCharging profile of three quarters."""
    installed = await csms.limit(3 * quarter, purpose="PriorityCharging")
    if not installed.accepted:
        raise Inconclusive(f"the PriorityCharging profile was not taken: {installed}")
    running = await station.charging()
    sent = await csms.dispatch(charging_only(quarter))
    if not sent.accepted:
        raise Inconclusive(f"the TxProfile was not taken: {sent}")
    return running


@test_case(
    "TC_STATION_Priority_001",
    covers=("K21.FR.04", "K21.FR.07", "K21.FR.08"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=(
        "station-ignores-priority-charging",
        "station-starves-priority",
        "station-silent-priority",
        "station-rubber-stamp",
    ),
    lasts=120.0,
)
async def test_priority_takes_the_place_of_the_transaction_profile(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station charges by the PriorityCharging profile while priority is on, and by the TxProfile again afterwards.

    Given   a transaction under a TxProfile of a quarter of the charge power, and a PriorityCharging profile of three quarters
    when    the CSMS switches priority on, and off again
    then    the power rises above half within the priority profile, and falls below the quarter again, each being told
    """
    quarter = await station.ready_for_limits()
    running = await held_low(csms, station, quarter)
    lower = station.expects.charge_at_most(quarter)
    await station.settle(lower)
    await csms.prioritise(running)
    higher = station.expects.charge_at_least(2 * quarter)
    seen = await station.course(higher)
    check.course(seen, higher, advice="The PriorityCharging profile replaces the TxProfile; it is no second limit.")
    check.course(seen, station.expects.charge_at_most(3 * quarter), advice="Keep the PriorityCharging profile.")
    off = await csms.prioritise(running, activate=False)
    check.that(off.outcome, outcome, equals("Accepted"), requirement="K21.FR.06", advice="Priority can be left.")
    told = await csms.expect("NotifyPriorityCharging", within=station.pixit.answer_time, activated=False)
    check.that(told, reading("activated"), equals(False), requirement="K21.FR.08", advice="Tell that it is over.")
    advice = "Go back to the TxProfile."
    check.course(await station.course(lower), lower, requirement="K21.FR.07", advice=advice)


@test_case(
    "TC_STATION_Priority_002",
    covers=("K21.FR.04", "SC.01"),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-ceilings-as-defaults", "station-ignored-limit", "station-rubber-stamp"),
    lasts=90.0,
)
async def test_the_maximum_holds_under_priority(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station keeps its maximum also while priority is on.

    Given   a maximum of half the charge power, a TxProfile of a quarter, and a PriorityCharging profile of three quarters
    when    the CSMS switches priority on
    then    the power stays within the maximum
    """
    quarter = await station.ready_for_limits()
    await csms.limit(2 * quarter, purpose="ChargingStationMaxProfile")
    running = await held_low(csms, station, quarter)
    await csms.prioritise(running)
    await station.watch(station.settling)
    expected = station.expects.charge_at_most(2 * quarter)
    check.course(await station.course(expected), expected, advice="Priority overrides no maximum.")


@test_case(
    "TC_STATION_Priority_003",
    covers=("K21.FR.06",),
    pics=_PIC,
    needs=("plug", "authorise"),
    detects=("station-refuses-needless-ends",),
    lasts=40.0,
)
async def test_priority_that_is_off_can_be_switched_off(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station accepts that priority is switched off although it is not on.

    Given   a transaction without priority
    when    the CSMS switches priority off
    then    the answer is Accepted
    """
    await station.ready_for_limits()
    running = await station.charging()
    sent = await csms.prioritise(running, activate=False)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="What is wanted is the case already.")


@test_case(
    "TC_STATION_Priority_004",
    covers=("K22.FR.02", "K22.FR.03", "K22.FR.04", "K22.FR.05"),
    pics=_PIC,
    needs=("plug", "authorise", "priority"),
    detects=(
        "station-silent-priority",
        "station-priority-upside-down",
        "station-starves-priority",
        "station-rubber-stamp",
    ),
    lasts=120.0,
)
async def test_a_driver_can_ask_for_priority(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station gives a driver priority who asks for it, tells so, and ends it when the driver does.

    Given   a transaction under a TxProfile of a quarter of the charge power, and a PriorityCharging profile of three quarters
    when    the driver asks for priority at the station, and leaves it again
    then    NotifyPriorityCharging tells both, the power rises above half, and falls below the quarter again
    """
    quarter = await station.ready_for_limits()
    await held_low(csms, station, quarter)
    lower = station.expects.charge_at_most(quarter)
    await station.settle(lower)
    asked = await station.ask_priority()
    told = await csms.expect("NotifyPriorityCharging", within=station.pixit.answer_time, after=asked.number)
    check.that(told, reading("activated"), equals(True), requirement="K22.FR.03", advice="Tell what the driver did.")
    higher = station.expects.charge_at_least(2 * quarter)
    check.course(await station.course(higher), higher, advice="The PriorityCharging profile replaces the TxProfile.")
    left = await station.ask_priority(False)
    told = await csms.expect("NotifyPriorityCharging", within=station.pixit.answer_time, after=left.number)
    check.that(told, reading("activated"), equals(False), requirement="K22.FR.05", advice="Tell what the driver did.")
    advice = "Go back to the TxProfile."
    check.course(await station.course(lower), lower, requirement="K22.FR.04", advice=advice)
