"""Operation modes: which there are, what they make of the power, and how a change is told (OCPP 2.1 K01, Q01, Q07, Q10)."""

from harness.ocpp.readings import operation_mode, outcome, reading, reason_code, trigger_reason
from harness.vocabulary import (
    STATION,
    Check,
    Csms,
    Inconclusive,
    StationUnderTest,
    central_frequency,
    central_setpoint,
    equals,
    idle,
    satisfies,
    test_case,
)


@test_case(
    "TC_STATION_OperationModes_001",
    covers=("Q01.FR.30", "Q01.FR.31", "Q01.FR.32", "Q07.FR.01"),
    pics=STATION.V2X,
    detects=("station-modes-missing",),
    lasts=5.0,
)
async def test_the_least_operation_modes_are_listed(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station lists the operation modes that each bidirectional station has.

    Given   a connected station
    when    the CSMS reads SupportedOperationModes and SupportedEnergyTransferModes of EVSE 1
    then    the one has ChargingOnly, CentralSetpoint and CentralFrequency, the other is not empty
    """
    await station.ready()
    modes = await csms.get_variable("V2XChargingCtrlr", "SupportedOperationModes", evse=1)
    listed = {each.strip() for each in (modes or "").split(",")}
    check.holds(
        {"ChargingOnly", "CentralSetpoint", "CentralFrequency"} <= listed,
        expected="ChargingOnly, CentralSetpoint and CentralFrequency among SupportedOperationModes",
        actual=modes or "no value",
        requirement="Q01.FR.31",
        advice="List these modes in V2XChargingCtrlr of each EVSE.",
    )
    services = await csms.get_variable("V2XChargingCtrlr", "SupportedEnergyTransferModes", evse=1)
    check.holds(
        bool(services),
        expected="energy transfer modes in V2XChargingCtrlr.SupportedEnergyTransferModes",
        actual=services or "no value",
        requirement="Q01.FR.32",
        advice="List what the EVSE offers to an EV.",
    )


@test_case(
    "TC_STATION_OperationModes_002",
    covers=("K01.FR.110",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=(
        "station-no-operation-mode",
        "station-wrong-operation-mode",
        "station-wrong-trigger",
        "station-ignores-charging-profiles",
    ),
    lasts=40.0,
)
async def test_a_new_operation_mode_is_told(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells the CSMS that a period with another operation mode has begun.

    Given   a transaction in mode ChargingOnly
    when    a profile puts it into CentralSetpoint
    then    a TransactionEvent with triggerReason OperationModeChanged and that operationMode comes
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(-1000))
    await station.watch(station.pixit.reaction_time + station.pixit.answer_time)
    told = station.seen.since(sent.at)
    changed = told.where(lambda seen: trigger_reason(seen) == "OperationModeChanged")
    check.that(
        changed[0] if len(changed) else None,
        operation_mode,
        equals("CentralSetpoint"),
        advice="Send TransactionEvent with OperationModeChanged and the new operationMode.",
    )


@test_case(
    "TC_STATION_OperationModes_003",
    covers=("K01.FR.07",),
    pics=STATION.V2X_IDLE & STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-ignores-charging-profiles", "station-rubber-stamp"),
    lasts=60.0,
)
async def test_nothing_flows_in_mode_idle(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station transfers no energy while a period in mode Idle is active, and goes on after it.

    Given   a transaction that charges
    when    the CSMS sends a TxProfile with a period in mode Idle, and then a setpoint
    then    meter values and bench meter show no power, and then the setpoint
    """
    watts = -station.pixit.maximum_discharge_power / 2
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(idle())
    check.that(sent.outcome, outcome, equals("Accepted"), advice="Idle needs no values.")
    resting = station.expects.rest()
    check.course(await station.course(resting), resting, advice="Idle lets no energy flow in either direction.")
    await csms.dispatch(central_setpoint(watts))
    expected = station.expects.power(watts)
    check.course(await station.course(expected), expected, advice="Another mode ends Idle at once.")


@test_case(
    "TC_STATION_OperationModes_004",
    covers=("Q10.FR.02",),
    pics=STATION.V2X_IDLE,
    needs=("plug", "authorise"),
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-ignores-charging-profiles"),
    lasts=40.0,
)
async def test_idle_with_values_is_refused(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station refuses a period in mode Idle that carries a limit or a setpoint.

    Given   a transaction of a bidirectional EV
    when    the CSMS sends Idle with a limit, then Idle with a setpoint
    then    each is Rejected with InvalidSchedule
    """
    await station.ready()
    await station.charging()
    for value in ("limit", "setpoint"):
        sent = await csms.dispatch(idle() | {value: 1000})
        check.that(sent.outcome, outcome, equals("Rejected"), advice=f"Idle has no {value}.")
        check.that(sent.outcome, reason_code, equals("InvalidSchedule"), advice="Give the reasonCode with the refusal.")


@test_case(
    "TC_STATION_OperationModes_005",
    covers=("Q10.FR.03", "Q10.FR.04"),
    pics=STATION.V2X_IDLE & STATION.EVSE_SLEEP,
    needs=("plug", "authorise"),
    detects=("station-sleepless", "station-rubber-stamp"),
    lasts=40.0,
)
async def test_a_sleeping_evse_says_so(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station tells in its events that the EVSE sleeps.

    Given   a transaction that charges
    when    the CSMS sends a period in mode Idle with evseSleep, and asks for a TransactionEvent
    then    that event says evseSleep
    """
    await station.ready()
    await station.charging()
    sent = await csms.dispatch(idle(sleep=True))
    check.that(sent.outcome, outcome, equals("Accepted"), advice="SupportsEvseSleep is claimed; take evseSleep.")
    await station.watch(station.settling)
    await csms.trigger("TransactionEvent", 1)
    seen = await csms.expect("TransactionEvent", within=station.pixit.answer_time)
    check.that(seen, reading("evseSleep"), equals(True), advice="Say evseSleep in each event while the EVSE sleeps.")


@test_case(
    "TC_STATION_OperationModes_006",
    covers=("K01.FR.114",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    detects=("station-accepts-profiles-blindly", "station-no-reasons", "station-rubber-stamp"),
    lasts=5.0,
)
async def test_a_mode_that_the_purpose_does_not_have_is_refused(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station refuses operation modes that do not belong to a purpose.

    Given   a connected station
    when    the CSMS sends a ChargingStationMaxProfile in mode CentralSetpoint
    then    it is Rejected with InvalidOperationMode
    """
    await station.ready()
    sent = await csms.set_profile(0, "ChargingStationMaxProfile", [central_setpoint(1000, limit=2000)])
    check.that(sent.outcome, outcome, equals("Rejected"), advice="A maximum is ChargingOnly.")
    check.that(sent.outcome, reason_code, equals("InvalidOperationMode"), advice="Give the reasonCode.")


@test_case(
    "TC_STATION_OperationModes_007",
    covers=("K28.FR.06", "V2X.02"),
    pics=STATION.V2X_CENTRAL_FREQUENCY & STATION.DYNAMIC_PROFILES,
    needs=("plug", "authorise"),
    detects=("station-halved-setpoint", "station-ignores-dynamic-updates", "station-never-discharges"),
    lasts=90.0,
)
async def test_the_csms_supports_the_frequency_by_setpoints(
    csms: Csms, station: StationUnderTest, check: Check
) -> None:
    """Station follows the setpoints of mode CentralFrequency in both directions.

    Given   a transaction under a dynamic TxProfile in mode CentralFrequency, which the station takes
    when    the CSMS pushes a setpoint that discharges, then one that charges
    then    meter values and bench meter show each after the settling time
    """
    await station.ready()
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_frequency(0), dynamic=True, lasting=600)
    check.that(sent.outcome, outcome, equals("Accepted"), advice="CentralFrequency is one of the least modes.")
    for watts in (-station.pixit.maximum_discharge_power / 2, station.pixit.maximum_charge_power / 2):
        await csms.push(csms.tx_profile_id, setpoint=watts)
        expected = station.expects.power(watts)
        check.course(await station.course(expected), expected, advice="Apply an update when it comes.")


@test_case(
    "TC_STATION_OperationModes_008",
    covers=("Q01.FR.35",),
    pics=STATION.V2X_CENTRAL_SETPOINT,
    needs=("plug", "authorise"),
    detects=("station-no-meter-values", "station-ignores-charging-profiles"),
    lasts=60.0,
)
async def test_a_mode_adds_its_measurands(csms: Csms, station: StationUnderTest, check: Check) -> None:
    """Station adds the measurands of an operation mode to those of its ordinary updates.

    Given   a transaction whose station lists TxUpdatedMeasurands for CentralSetpoint
    when    a setpoint puts it into that mode
    then    its periodic values carry each measurand of that list
    """
    await station.ready()
    extra = await csms.get_variable("V2XChargingCtrlr", "TxUpdatedMeasurands", instance="CentralSetpoint", evse=1)
    wanted = measurands(extra)
    await station.report_every()
    await station.charging()
    sent = await csms.dispatch(central_setpoint(-1000))
    await station.watch(station.settling + 3 * station.pixit.meter_interval)
    told = {each.measurand for name in wanted for each in csms.meter_values(name, since=sent.at)}
    check.that(
        sent.outcome,
        lambda _seen: told,
        satisfies(f"values of {', '.join(sorted(wanted))}", lambda names: wanted <= names),
        advice="Add V2XChargingCtrlr.TxUpdatedMeasurands of the active mode to SampledDataCtrlr.TxUpdatedMeasurands.",
    )


def measurands(listed: str | None) -> set[str]:
    """Those of a member list; `Inconclusive` where the station adds none, which it may."""
    found = {each.strip() for each in (listed or "").split(",")} - {""}
    if not found:
        raise Inconclusive("V2XChargingCtrlr.TxUpdatedMeasurands lists nothing for CentralSetpoint")
    return found
